"""A Question: all that one comparison needs, as plain values.

Nothing here reads a table or the register, so a question can be sent to another process, and the
answer depends on it alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from coopstats.comparisons.panel import Panel


@dataclass(frozen=True)
class Case:
    """One treated council: its years before and after, its donors (E-codes in order).

    `base` are the years before whose mean a demeaned gap is measured from; all unless given.
    """

    ecode: str
    name: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    donors: tuple[str, ...]
    start: int
    stratum: str = ""
    base: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Question:
    """All that one comparison needs. `sizes` and `distance` are by E-code and by `codes`."""

    panels: tuple[Panel, ...]
    cases: tuple[Case, ...]
    baseline: str
    sizes: dict[str, float] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    distance: np.ndarray | None = None
    draws: int = 4999
    seed: int = 0
    compiled: bool | None = None


def with_cases(question: Question, cases: Sequence[Case]) -> Question:
    """The same question of other cases."""
    return replace(question, cases=tuple(cases))


def everyone(cases: Sequence[Case]) -> tuple[str, ...]:
    """The donors of any case, in order."""
    return tuple(sorted({code for case in cases for code in case.donors}))
