"""The steps of a piece of work, done by two processes, with the outcome of one.

The second process is asked for one step after the other over a pipe. It ends when that pipe is
closed, whatever ended the first process, and it writes nothing itself. On Linux it is a fork of the
first, which need not import anything again; elsewhere it is another Python.
"""

from __future__ import annotations

import collections
import contextlib
import ctypes
import gc
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from coopstats.core.errors import CoopstatsError

Step = tuple[str, ...]
Outcome = tuple[Any, Exception | None]
Do = Callable[..., Any]

# Ctrl-C reaches both processes; the first one then ends the second.
SECOND = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.path[:] = {path!r}
from coopstats.core import workers
from {module} import {name}
workers.serve({name})
"""


class Work:
    """Steps that wait, and what came of the others.

    `steps` stand in the order in which one process alone would do them: of several failures the
    first in that order is raised, so that the outcome does not depend on who was quicker.
    """

    def __init__(self, steps: Sequence[Step], waiting: Sequence[Step]):
        self.place = {step: at for at, step in enumerate(steps)}
        self.waiting = collections.deque(waiting)
        self.failed_at = len(self.place)
        self.found: dict[Step, Outcome] = {}

    def steps(self, from_the_end: bool) -> Iterator[Step]:
        """The steps that are still to do, until none is left before the first failure."""
        take = self.waiting.pop if from_the_end else self.waiting.popleft
        with contextlib.suppress(IndexError):  # the other process took the last one
            while True:
                step = take()
                if self.place[step] < self.failed_at:
                    yield step

    def note(self, step: Step, outcome: Outcome) -> None:
        """Keep what came of a step."""
        self.found[step] = outcome
        if outcome[1] is not None:
            self.failed_at = min(self.failed_at, self.place[step])

    def results(self) -> dict[Step, Any]:
        """What each step gave, in their order; raises the first failure."""
        for step in self.place:
            if step in self.found and (problem := self.found[step][1]) is not None:
                raise problem
        return {step: self.found[step][0] for step in self.place}


def alone(steps: Sequence[Step], do: Do, noted: Callable[[Step], None]) -> dict[Step, Any]:
    """What `do` gives for each step, all of them done here."""
    work = Work(steps, steps)
    _first(work, do, noted)
    return work.results()


def together(
    steps: Sequence[Step], waiting: Sequence[Step], do: Do, noted: Callable[[Step], None]
) -> dict[Step, Any]:
    """As `alone`, with a second process, which begins at the end of `waiting`.

    `do` is a function of a module. What it gives, and what it raises, must go through a pipe.
    """
    work = Work(steps, waiting)
    with _second_process(do) as second:
        asking = threading.Thread(target=_second, args=(work, second, noted), daemon=True)
        asking.start()
        _first(work, do, noted)
        asking.join()
    return work.results()


def _first(work: Work, do: Do, noted: Callable[[Step], None]) -> None:
    for step in work.steps(from_the_end=False):
        work.note(step, _outcome(do, step))
        noted(step)


def _outcome(do: Do, step: Step) -> Outcome:
    try:
        return do(*step), None
    except Exception as problem:  # raised by `results` when its turn comes
        return None, problem


@dataclass(frozen=True)
class Second:
    """The second process: the pipes to and from it, and how it is told to end.

    `ended` gives its exit code, None while it runs; `wait` waits for that.
    """

    ask: IO[bytes]
    answers: IO[bytes]
    ended: Callable[[], int | None]
    wait: Callable[[], int | None]
    kill: Callable[[], None]


@contextlib.contextmanager
def _second_process(do: Do) -> Iterator[Second]:
    gc.freeze()  # what is there now stays there: no collection looks at it, or copies it in a fork
    second = _forked(do) if _may_fork() else _spawned(do)
    try:
        yield second
    finally:
        gc.unfreeze()
        second.kill()
        for pipe in (second.ask, second.answers):
            with contextlib.suppress(BrokenPipeError):  # a step that it died before reading
                pipe.close()
        second.wait()


def _may_fork() -> bool:
    """Is a fork safe here? Another thread may hold a lock that nobody would open in the fork."""
    return sys.platform == "linux" and threading.active_count() == 1


def _forked(do: Do) -> Second:
    asked, ask = os.pipe()
    answered, answer = os.pipe()
    fork = multiprocessing.get_context("fork")
    second = fork.Process(target=_serve_forked, args=(do, asked, answer), daemon=True)
    with warnings.catch_warnings():
        # Python warns of threads that are not its own; those of BLAS and Arrow allow for forks
        warnings.simplefilter("ignore", DeprecationWarning)
        second.start()
    os.close(asked)
    os.close(answer)

    def wait() -> int | None:
        second.join()
        return second.exitcode

    pipes = os.fdopen(ask, "wb"), os.fdopen(answered, "rb")
    return Second(*pipes, lambda: second.exitcode, wait, second.kill)


def _serve_forked(do: Do, asked: int, answer: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C: the first process then ends this one
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in {int(name) for name in os.listdir("/proc/self/fd")} - {0, 1, 2, asked, answer}:
        with contextlib.suppress(OSError):  # the listing's own; the lock stays the first's alone
            os.close(other)
    sys.stdout = sys.stderr = os.fdopen(2, "w", closefd=False)  # the first's may be closed now
    _give_back_large_arrays()
    _serve(do, os.fdopen(asked, "rb"), os.fdopen(answer, "wb"))


def _give_back_large_arrays() -> None:
    """Ask glibc to give back at once what an array of 16 MB or more had taken.

    Of what smaller ones had taken it may keep 32 MB. Told of the one alone, it would forget its own
    measure of the other, and give back and ask for the same pages again and again.
    """
    with contextlib.suppress(AttributeError):  # a C library without mallopt
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, 16_000_000)
        libc.mallopt(_M_TRIM_THRESHOLD, 32_000_000)


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h


def _spawned(do: Do) -> Second:
    program = SECOND.format(path=sys.path, module=do.__module__, name=do.__name__)
    # glibc alone heeds this: it gives back at once what an array of a megabyte or more had taken
    shell = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "1000000"}
    second = subprocess.Popen(
        [sys.executable, "-c", program], env=shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert second.stdin is not None  # for mypy: both are pipes
    assert second.stdout is not None
    return Second(second.stdin, second.stdout, second.poll, second.wait, second.kill)


def _second(work: Work, second: Second, noted: Callable[[Step], None]) -> None:
    """Give the second process its steps, from the end, and keep what it answers."""
    for step in work.steps(from_the_end=True):
        work.note(step, _asked(second, step))
        noted(step)
        if second.ended() is not None:  # it died at this step: the rest is for the first
            return


def _asked(second: Second, step: Step) -> Outcome:
    try:
        pickle.dump(step, second.ask)
        second.ask.flush()
        return pickle.load(second.answers)
    except (OSError, EOFError, ValueError, pickle.UnpicklingError):  # ValueError: after Ctrl-C
        return None, CoopstatsError(
            f"The second process ended (code {second.wait()}) while it was at "
            f"{' '.join(step)}, as one does that gets no more memory. Nothing was written; close "
            "other programs, then run again."
        )


def serve(do: Do) -> None:
    """Do what the first process asks for, until it closes the pipe."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anything prints is no answer
    _serve(do, sys.stdin.buffer, answers)


def _serve(do: Do, asked: IO[bytes], answers: IO[bytes]) -> None:
    with contextlib.suppress(EOFError, BrokenPipeError):  # the first process is gone
        while True:
            step = pickle.load(asked)
            _answer(answers, _outcome(do, step))


def _answer(answers: IO[bytes], outcome: Outcome) -> None:
    problem = outcome[1]
    if problem is not None and not isinstance(problem, CoopstatsError):
        problem.add_note("".join(traceback.format_exception(problem)))  # no pipe carries it
    pickle.dump(outcome, answers)
    answers.flush()
