"""What is said beside a comparison: figures in doubt, years few, many or not those asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from coopstats.comparisons.panel import Panel
from coopstats.comparisons.peers import FEWEST_PEOPLE, sizes
from coopstats.comparisons.question import Case
from coopstats.comparisons.treated import YEARS_AFTER
from coopstats.core.phrases import number_of

LEAST_AFTER = 3  # fewer years after are description, not comparison
FEW_BEFORE = 3  # with fewer years the fit is one difference, and that is said
Doubts = dict[str, frozenset[tuple[str, int]]]  # by line, the councils and years in doubt


def cautions(
    cases: Sequence[Case],
    ready: Sequence[Panel],
    odd: Doubts,
    before: tuple[int, int] | None = None,
    after: tuple[int, int] | None = None,
    without: Iterable[int] = (),
) -> Iterator[str]:
    """Each as a sentence. `before`, `after` and `without` are the years that were asked for."""
    for panel in ready:
        yield from _doubtful(cases, panel.line, odd[panel.line])
        if panel.counted:
            yield (
                f"{panel.line} counts things, whatever the size of a council: "
                ".per_head() of the measure makes councils alike."
            )
    yield from _few_years(cases)
    yield from _small(cases)
    for period, span in (("before", before), ("after", after)):
        wanted = set(range(span[0], span[1] + 1)) - {*without} if span else set()
        yield from _not_used(cases, ready[0], period, wanted)
    long = [case.name for case in cases if len(case.after) > YEARS_AFTER]
    if long:
        yield (
            f"More than {YEARS_AFTER} years after the start are averaged for {', '.join(long)}: "
            "what else changed weighs more with every year."
        )


def _doubtful(
    cases: Sequence[Case], line: str, marked: frozenset[tuple[str, int]]
) -> Iterator[str]:
    touched = {
        code
        for case in cases
        for code in case.donors
        if any((code, year) in marked for year in (*case.before, *case.after))
    }
    if touched:
        have = number_of(len(touched), "donor has", "donors have")
        yield (
            f"{have} a figure of {line} in doubt in these years. Such donors are "
            "kept: leaving out the odd ones would make chance look smaller than it is."
        )


def _few_years(cases: Sequence[Case]) -> Iterator[str]:
    thin = [case.name for case in cases if len(case.before) < FEW_BEFORE]
    short = [case.name for case in cases if len(case.after) < LEAST_AFTER]
    if thin:
        little = "" if short else ", and a rank against it can show little"
        yield (
            f"Only two years before are held for {', '.join(thin)}: the fit is one "
            f"difference{little}."
        )
    if short:
        yield (
            f"Fewer than three years after the start are held for {', '.join(short)}: this is "
            "description, not comparison."
        )


def _small(cases: Sequence[Case]) -> Iterator[str]:
    for case in cases:
        people = sizes().get(case.ecode, FEWEST_PEOPLE)
        if people < FEWEST_PEOPLE:
            yield f"{case.name} has {people:,.0f} residents: figures per person mean little."


def _not_used(cases: Sequence[Case], panel: Panel, period: str, wanted: set[int]) -> Iterator[str]:
    """Years that were asked for as before or after, and are so for nobody."""
    windows = [case.before if period == "before" else case.after for case in cases]
    spared = sorted(wanted - {year for window in windows for year in window})
    if spared:
        yield (
            f"Years asked for as {period} that are not used, because no figure is held, a pilot "
            f"ran for a part of them, or its start or end lies between: {panel.named(spared)}."
        )
