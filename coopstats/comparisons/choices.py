"""What a caller chooses of a comparison: everything that a variant of it may change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coopstats.comparisons.peers import RULES

if TYPE_CHECKING:
    from coopstats.measures.measure import Measure


@dataclass(frozen=True, eq=False)
class Choices:
    """The choices of `compare`, and those that only its checks make (from `index` on)."""

    baseline: str = "equal"
    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None
    without: tuple[int, ...] = ()  # years left out for everybody, before or after
    rules: tuple[str, ...] = RULES
    donors: tuple[str, ...] | None = None
    draws: int = 4999
    seed: int = 0
    doubtful: bool = False
    compiled: bool | None = None
    index: str = "gdp"
    donut: bool = False  # leave out the last year before
    base_back: int = 0  # measure gaps from this many years before the start alone
    by_size: bool = True  # whether placebo sets are of like size as well as class


def close_spans(choices: Choices, measures: Sequence[Measure]) -> Choices:
    """The choices with open ends of spans closed at the first and last years of the measures."""
    years = sorted({year for one in measures for year in one.years})
    before, after = (_close(span, years) for span in (choices.before, choices.after))
    return replace(choices, before=before, after=after)


def _close(span: tuple[int | None, int | None] | None, years: list[int]) -> tuple[int, int] | None:
    if span is None:
        return None
    first, last = span
    return years[0] if first is None else first, years[-1] if last is None else last
