"""Two processes do a list of steps, and nobody can tell from what comes out."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coopstats import processes
from coopstats.errors import ContractBroken, CoopstatsError

ROOT = Path(__file__).resolve().parent.parent
STEPS = [("do", str(number)) for number in range(6)]


def named(kind, number):
    """A step that takes long enough for the other process to take one too."""
    time.sleep(0.3)
    print("what a step prints is no answer")
    return f"{kind} {number}", os.getpid()


def broken(kind, number):
    """Every step but the first is broken."""
    time.sleep(0.2)
    if number != "0":
        raise ContractBroken(f"{number} is broken", [number])
    return number


def dies(kind, number):
    """The last step ends its process."""
    if number == "5":
        os._exit(9)
    time.sleep(0.2)


def fails(kind, number):
    """A mistake of ours in the second process."""
    time.sleep(1)
    return {}[number] if number == "5" else number


def tells(kind, folder):
    """Writes who did it, then takes its time."""
    Path(folder, str(os.getpid())).touch()
    time.sleep(2)


def together(steps, do, noted=lambda _: None):
    return processes.together(steps, steps, do, noted)


def test_two_processes_give_what_one_gives_in_the_same_order():
    seen = []
    two, one = together(STEPS, named, seen.append), processes.alone(STEPS, named, lambda _: None)
    assert [(step, said) for step, (said, _) in two.items()] == [
        (step, said) for step, (said, _) in one.items()
    ]
    assert len({who for _, who in one.values()}) == 1
    assert len({who for _, who in two.values()}) == 2
    assert sorted(seen) == STEPS


@pytest.mark.parametrize("steps", [STEPS[1:], STEPS[:2], STEPS[1:3]])
def test_of_several_failures_the_first_in_order_is_raised_with_all_it_says(steps):
    first = next(number for _, number in steps if number != "0")
    for do_all in (together, lambda s, do: processes.alone(s, do, lambda _: None)):
        with pytest.raises(ContractBroken, match=f"^{first} is broken$") as raised:
            do_all(steps, broken)
        assert raised.value.breaches == [first]


def test_after_a_failure_nothing_later_is_begun():
    work = processes.Work(STEPS, STEPS)
    begun = []
    for step in work.steps(from_the_end=False):
        begun.append(step)
        work.note(step, (None, ValueError() if step == STEPS[2] else None))
    assert begun == STEPS[:3]
    assert list(work.steps(from_the_end=True)) == []


def test_what_comes_before_a_failure_is_still_done():
    """Else the failure that is raised would depend on which process was quicker."""
    work = processes.Work(STEPS, STEPS)
    later = work.steps(from_the_end=True)
    work.note(next(later), (None, ValueError("the last step")))
    for step in work.steps(from_the_end=False):
        work.note(step, (None, ValueError(step[1])))
    with pytest.raises(ValueError, match=r"^0$"):
        work.results()


def test_a_second_process_that_dies_is_told_with_its_step():
    with pytest.raises(CoopstatsError, match=r"ended \(code 9\) while it was at do 5"):
        together(STEPS, dies)


def test_a_mistake_of_ours_in_the_second_process_says_in_which_line():
    with pytest.raises(KeyError) as raised:
        together(STEPS[3:], fails)
    assert "return {}[number]" in raised.value.__notes__[0]


ENDED = """
import sys
import test_processes
steps = [("one", sys.argv[1]), ("two", sys.argv[1])]
test_processes.together(steps, test_processes.tells)
"""


def running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 here")
@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_the_second_process_ends_when_the_first_is_ended(tmp_path, how):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    first = subprocess.Popen(
        [sys.executable, "-c", ENDED, str(tmp_path)], env=environment, stderr=subprocess.PIPE
    )
    with first:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        both = {int(told.name) for told in tmp_path.iterdir()}
        assert len(both) == 2
        first.send_signal(getattr(signal, how))
        first.wait()
    (second,) = both - {first.pid}
    while running(second) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(second)
