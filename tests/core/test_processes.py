"""Two processes do a list of steps, and nobody can tell from what comes out."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from coopstats.core import workers
from coopstats.core.errors import ContractBroken, CoopstatsError

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "core")])
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


@pytest.fixture(params=["forked", "spawned"])
def either(request, monkeypatch):
    """The second process as it is begun on Linux, and as it is elsewhere."""
    if request.param == "forked" and sys.platform != "linux":
        pytest.skip("no fork here")
    monkeypatch.setattr(workers, "_may_fork", lambda: request.param == "forked")


def together(steps, do, noted=lambda _: None):
    return workers.together(steps, steps, do, noted)


def test_two_processes_give_what_one_gives_in_the_same_order(either):
    seen = []
    two, one = together(STEPS, named, seen.append), workers.alone(STEPS, named, lambda _: None)
    assert [(step, said) for step, (said, _) in two.items()] == [
        (step, said) for step, (said, _) in one.items()
    ]
    assert len({who for _, who in one.values()}) == 1
    assert len({who for _, who in two.values()}) == 2
    assert sorted(seen) == STEPS


@pytest.mark.parametrize("steps", [STEPS[1:], STEPS[:2], STEPS[1:3]])
def test_of_several_failures_the_first_in_order_is_raised_with_all_it_says(steps, either):
    first = next(number for _, number in steps if number != "0")
    for do_all in (together, lambda s, do: workers.alone(s, do, lambda _: None)):
        with pytest.raises(ContractBroken, match=f"^{first} is broken$") as raised:
            do_all(steps, broken)
        assert raised.value.breaches == [first]


def test_after_a_failure_nothing_later_is_begun():
    work = workers.Work(STEPS, STEPS)
    begun = []
    for step in work.steps(from_the_end=False):
        begun.append(step)
        work.note(step, (None, ValueError() if step == STEPS[2] else None))
    assert begun == STEPS[:3]
    assert list(work.steps(from_the_end=True)) == []


def test_what_comes_before_a_failure_is_still_done():
    """Else the failure that is raised would depend on which process was quicker."""
    work = workers.Work(STEPS, STEPS)
    later = work.steps(from_the_end=True)
    work.note(next(later), (None, ValueError("the last step")))
    for step in work.steps(from_the_end=False):
        work.note(step, (None, ValueError(step[1])))
    with pytest.raises(ValueError, match=r"^0$"):
        work.results()


def test_a_second_process_that_dies_is_told_with_its_step(either):
    with pytest.raises(CoopstatsError, match=r"ended \(code 9\) while it was at do 5"):
        together(STEPS, dies)


def test_a_mistake_of_ours_in_the_second_process_says_in_which_line(either):
    with pytest.raises(KeyError) as raised:
        together(STEPS[3:], fails)
    assert "return {}[number]" in raised.value.__notes__[0]


ENDED = """
import sys
import test_processes
test_processes.workers._may_fork = lambda: sys.argv[2] == "forked"
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
@pytest.mark.parametrize("begun", ["forked", "spawned"])
@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_the_second_process_ends_when_the_first_is_ended(tmp_path, how, begun):
    if begun == "forked" and sys.platform != "linux":
        pytest.skip("no fork here")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "core")]),
    }
    first = subprocess.Popen(
        [sys.executable, "-c", ENDED, str(tmp_path), begun], env=environment, stderr=subprocess.PIPE
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


@pytest.mark.skipif(sys.platform != "linux", reason="no fork here")
def test_no_process_is_forked_while_another_thread_runs():
    assert workers._may_fork() == (threading.active_count() == 1)
    go_on = threading.Event()
    other = threading.Thread(target=go_on.wait)
    other.start()
    assert not workers._may_fork()
    go_on.set()
    other.join()


LOCKED = """
import os, sys
import filelock
import test_processes
lock = filelock.FileLock(sys.argv[1]).acquire()
held = os.stat(sys.argv[1]).st_ino
test_processes.workers._may_fork = lambda: True
with test_processes.workers._second_process(test_processes.opened) as second:
    print(test_processes.workers._asked(second, ("do", str(held)))[0])
"""


def opened(kind, inode):
    """Has this process the file of this number open?"""
    links = [os.path.join("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]
    return any(os.path.exists(link) and os.stat(link).st_ino == int(inode) for link in links)


@pytest.mark.skipif(sys.platform != "linux", reason="no fork here")
def test_a_fork_does_not_keep_the_lock_of_a_first_process_that_died(tmp_path):
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests" / "core")]),
    }
    words = [sys.executable, "-c", LOCKED, str(tmp_path / "lock")]
    said = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
