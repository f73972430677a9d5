"""The steps of a piece of work, done here or by two processes, with the same outcome."""

from __future__ import annotations

import multiprocessing
import os
import threading
import traceback
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Any

from coopstats.core.errors import CoopstatsError

Step = tuple[str, ...]
Outcome = tuple[Any, Exception | None]
Do = Callable[..., Any]
PROCESSES = 2  # more would hold more publications at once than a laptop has memory for


def alone(steps: Sequence[Step], do: Do, noted: Callable[[Step], None]) -> dict[Step, Any]:
    """What `do` gives for each step, all of them done here."""
    found = {}
    for step in steps:
        found[step] = do(*step)
        noted(step)
    return found


def together(
    steps: Sequence[Step],
    do: Do,
    noted: Callable[[Step], None],
    kin: Callable[[Step], Hashable] = lambda step: step,
) -> dict[Step, Any]:
    """As `alone`, by two processes; steps that are kin are done by one of them, in their order.

    `do` is a function of a module. Of several failures the first in the order of `steps` is raised,
    so that the outcome does not depend on who was quicker.
    """
    chains: dict[Hashable, list[Step]] = {}
    for step in steps:
        chains.setdefault(kin(step), []).append(step)
    # Spawned and not forked: a fork of a process that has run Arrow's threads may hang. loky ends
    # a process that has grown, and with it goes what its chain has read.
    pool = ProcessPoolExecutor(
        PROCESSES, multiprocessing.get_context("spawn"), initializer=_end_with_the_first
    )
    found: dict[Step, Outcome] = {}
    try:
        work = [pool.submit(_outcomes, do, chain) for chain in chains.values()]
        for done in as_completed(work):
            found |= done.result()
            for step in done.result():
                noted(step)
    except KeyboardInterrupt:
        for child in multiprocessing.active_children():
            child.terminate()  # else the end would wait for what they are at
        raise
    except BrokenProcessPool as ended:
        raise CoopstatsError(
            "A process ended before its work was done, as one does that gets no more memory. "
            "Nothing was written; close other programs, then run again."
        ) from ended
    finally:
        pool.shutdown(cancel_futures=True)
    return {step: _given(found[step]) for step in steps}


def _end_with_the_first() -> None:
    """End this process as soon as the one that started it is gone, however it went."""
    first = multiprocessing.parent_process()
    assert first is not None  # for mypy: a worker has one

    def end() -> None:
        wait([first.sentinel])
        os._exit(1)

    threading.Thread(target=end, daemon=True).start()


def _outcomes(do: Do, chain: Sequence[Step]) -> dict[Step, Outcome]:
    """What came of each step, to the first that failed."""
    found: dict[Step, Outcome] = {}
    for step in chain:
        try:
            found[step] = do(*step), None
        except Exception as problem:  # raised by the first process, when its turn comes
            if not isinstance(problem, CoopstatsError):
                problem.add_note("".join(traceback.format_exception(problem)))  # else it is lost
            return {**found, step: (None, problem)}
    return found


def _given(outcome: Outcome) -> Any:
    given, problem = outcome
    if problem is not None:
        raise problem
    return given
