"""The years of a comparison: which are before a start and which after, for each council."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from coopstats.comparisons.choices import Choices
from coopstats.comparisons.panel import Panel
from coopstats.comparisons.treated import YEARS_AFTER, Treated
from coopstats.core.errors import NotComparable, UnknownName, Verb, can
from coopstats.core.years import named_year
from coopstats.register.councils import bodies

if TYPE_CHECKING:
    from coopstats.measures.measure import Measure

Years = tuple[int, ...]


def years_after(pilot: Treated, choices: Choices, calendar: bool) -> tuple[int, int]:
    """First and last year after: five full years, or those asked for, cut at the pilot's end."""
    first, last = pilot.first_full_year, pilot.first_full_year + YEARS_AFTER - 1
    if choices.after:
        first, last = max(first, choices.after[0]), choices.after[1]
    if pilot.last_year is not None:
        last = min(last, pilot.last_year)
    if last < first:
        ended = pilot.last_year is not None and pilot.last_year < first
        raise NotComparable(
            f"{pilot.name} has no full year after its start to compare: its first was "
            f"{named_year(pilot.first_full_year, calendar)}, and "
            f"{'its last' if ended else 'the last asked for'} {named_year(last, calendar)}.",
            could=[] if ended else [can(Verb.WINDOW)],
        )
    return first, last


def whole_span(pilots: Sequence[Treated], after: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """From the last year before the first start to the last year after."""
    return min(map(_start, pilots)) - 1, max(last for _, last in after.values())


def _start(pilot: Treated) -> int:
    """The first year in which it ran, if only for a part."""
    return min((pilot.first_full_year, *pilot.part_years))


def windows(
    pilot: Treated, years: Sequence[int], after: tuple[int, int], choices: Choices
) -> tuple[Years, Years]:
    """The years before and after that are used; years of part running are in neither."""
    years = [year for year in years if year not in choices.without]
    before = [year for year in years if year < _start(pilot)]
    if choices.before:
        before = [year for year in before if choices.before[0] <= year <= choices.before[1]]
    if choices.donut:
        before = before[:-1]
    return tuple(sorted(before)), tuple(year for year in years if after[0] <= year <= after[1])


def refuse_idle(pilots: Sequence[Treated], panel: Panel, choices: Choices) -> None:
    """Raise UnknownName for a year to leave out that the comparison would not use anyway.

    A year in which a pilot ran for a part may be named: it is left out anyway, and that says so.
    For choices as somebody writes them: a check may shorten the years and leave out the same ones.
    """
    every, used = replace(choices, without=()), set[int]()
    for pilot in pilots:
        after = years_after(pilot, choices, panel.calendar)
        used |= {year for side in windows(pilot, panel.years, after, every) for year in side}
    partly = {year for pilot in pilots for year in pilot.part_years}
    idle = [year for year in choices.without if year not in used | partly]
    if idle:
        names = " and ".join(bodies()[pilot.ecode].name for pilot in pilots)
        raise UnknownName(
            f"without: {panel.named(idle)} is left out to no effect: {names} would be compared in "
            f"{panel.named(sorted(used))}."
        )


def base_years(pilot: Treated, before: Years, choices: Choices) -> Years:
    """The one year that gaps are measured from, where the choices name it; else none."""
    if choices.base_back > len(before):
        raise NotComparable(f"{pilot.name}: there are {len(before)} years before its start.")
    return (before[-choices.base_back],) if choices.base_back else ()


def refuse_without_before(measured: Measure, pilots: Sequence[Treated]) -> None:
    """Raises NotComparable where a measure begins after a pilot did."""
    late = [pilot for pilot in pilots if measured.years[0] >= pilot.first_full_year]
    if late:
        raise NotComparable(
            f"{measured.title} holds only years after the start: it begins in "
            f"{measured.named(measured.years[0])}, and {late[0].name} in "
            f"{measured.named(late[0].first_full_year)}. Without years before there is nothing to "
            "compare a change with."
        )
