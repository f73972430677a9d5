"""What the tests of `workers` let other processes do: they must be able to import it."""

import os
import time
from pathlib import Path

from coopstats.core.errors import ContractBroken

done = []


def named(kind, number):
    """A step that takes long enough for the other process to take one too."""
    time.sleep(0.3)
    return f"{kind} {number}", os.getpid()


def remembered(kind, number):
    """What this process has done by now."""
    done.append(number)
    return tuple(done)


def broken(kind, number):
    """Every step but the first is broken, and the later ones sooner."""
    time.sleep(0.1 * (6 - int(number)))
    if number != "0":
        raise ContractBroken(f"{number} is broken", [number])
    return number


def dies(kind, number):
    """The last step ends its process."""
    if number == "5":
        os._exit(9)
    time.sleep(0.2)


def fails(kind, number):
    """A mistake of ours in the last step."""
    return {}[number] if number == "5" else number


def tells(kind, folder):
    """Writes who did it, then takes its time."""
    Path(folder, str(os.getpid())).touch()
    time.sleep(2)
