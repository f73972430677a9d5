"""Two processes do a list of steps, and nobody can tell from what comes out."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from coopstats.core.errors import ContractBroken, CoopstatsError

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "core")])
STEPS = [("do", str(number)) for number in range(6)]
sys.path.insert(0, str(ROOT / "tests" / "core"))  # where the other processes find what they do
from in_steps import broken, dies, fails, named, remembered  # noqa: E402

from coopstats.core import workers  # noqa: E402


def together(steps, do, noted=lambda _: None, **more):
    return workers.together(steps, do, noted, **more)


def test_two_processes_give_what_one_gives_in_the_same_order():
    seen = []
    two, one = together(STEPS, named, seen.append), workers.alone(STEPS, named, lambda _: None)
    assert [(step, said) for step, (said, _) in two.items()] == [
        (step, said) for step, (said, _) in one.items()
    ]
    assert {who for _, who in one.values()} == {os.getpid()}
    assert os.getpid() not in {who for _, who in two.values()}
    assert sorted(seen) == STEPS


def test_steps_that_are_kin_are_done_by_one_process_in_their_order():
    done = together(STEPS, remembered, kin=lambda step: int(step[1]) % 2)
    for step, own in zip(STEPS[-2:], (["0", "2", "4"], ["1", "3", "5"]), strict=True):
        assert [number for number in done[step] if number in own] == own


def test_a_later_piece_of_work_finds_nothing_remembered():
    """Else a build in the same session would not see that the register had changed."""
    for _ in range(2):
        assert list(together(STEPS[:1], remembered).values()) == [("0",)]


@pytest.mark.parametrize("steps", [STEPS[1:], STEPS[:2]])
@pytest.mark.parametrize("kin", [lambda step: step, lambda step: int(step[1]) % 2])
def test_of_several_failures_the_first_in_order_is_raised_with_all_it_says(steps, kin):
    first = next(number for _, number in steps if number != "0")
    for do_all in (lambda: together(steps, broken, kin=kin),
                   lambda: workers.alone(steps, broken, lambda _: None)):  # fmt: skip
        with pytest.raises(ContractBroken, match=f"^{first} is broken$") as raised:
            do_all()
        assert raised.value.breaches == [first]


def test_a_process_that_dies_is_told_and_what_to_do():
    with pytest.raises(CoopstatsError, match=r"process ended .*no more memory.*run again"):
        together(STEPS, dies)


def test_a_mistake_of_ours_in_another_process_says_in_which_line():
    with pytest.raises(KeyError) as raised:
        together(STEPS[3:], fails)
    assert "return {}[number]" in raised.value.__notes__[0]


ENDED = """
import sys
import in_steps
from coopstats.core import workers
if __name__ == "__main__":
    workers.together([("one", sys.argv[1]), ("two", sys.argv[1])], in_steps.tells, print)
"""


def running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 here")
@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT", "SIGTERM"])
def test_the_other_processes_end_when_the_first_is_ended(tmp_path, how):
    environment = {**os.environ, "PYTHONPATH": FOLDERS}
    words = [sys.executable, "-c", ENDED, str(tmp_path)]
    first = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    both = {int(told.name) for told in tmp_path.iterdir()}
    assert len(both) == 2
    first.send_signal(getattr(signal, how))
    first.wait()
    while any(map(running, both)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(running, both))
