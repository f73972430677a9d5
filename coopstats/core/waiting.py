"""Progress: what a command is doing, said once it has taken two seconds."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

SECONDS = 2.0


@contextlib.contextmanager
def explained(what: str, say: Callable[[str], None]) -> Iterator[None]:
    """Say what is being done if the body is not over within `SECONDS`."""
    timer = threading.Timer(SECONDS, say, [what])
    timer.daemon = True  # it keeps no program from ending
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
