"""The steps of a piece of work, done here or by two processes of joblib, with the same outcome."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from coopstats.core.errors import CoopstatsError

Step = tuple[str, ...]
Outcome = tuple[Any, Exception | None]
Do = Callable[..., Any]
PROCESSES = 2  # more would hold more publications at once than a laptop has memory for
IDLE = 10  # seconds after which a process without work ends, if the first one was killed


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
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    chains: dict[Hashable, list[Step]] = {}
    for step in steps:
        chains.setdefault(kin(step), []).append(step)
    work = Parallel(
        PROCESSES, "loky", return_as="generator_unordered", batch_size=1, idle_worker_timeout=IDLE
    )
    found: dict[Step, Outcome] = {}
    try:
        for outcomes in work(delayed(_outcomes)(do, chain) for chain in chains.values()):
            found |= outcomes
            for step in outcomes:
                noted(step)
    except TerminatedWorkerError as ended:
        raise CoopstatsError(
            "A process ended before its work was done, as one does that gets no more memory. "
            "Nothing was written; close other programs, then run again."
        ) from ended
    finally:
        get_reusable_executor().shutdown(wait=True)  # no later work may find what these remember
    return {step: _given(found[step]) for step in steps}


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
