"""From measures and pilots to a Question: panels, cases, and the refusals with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from coopstats.comparisons import panel as panels
from coopstats.comparisons.baselines import LEAST_BEFORE, baseline_of, least_before
from coopstats.comparisons.cautions import Doubts, cautions
from coopstats.comparisons.choices import Choices
from coopstats.comparisons.panel import Panel
from coopstats.comparisons.peers import Peers, distances, sizes
from coopstats.comparisons.pools import donor_pool
from coopstats.comparisons.question import Case, Question
from coopstats.comparisons.treated import KnownPilots, Treated
from coopstats.comparisons.windows import (
    base_years,
    refuse_without_before,
    whole_span,
    windows,
    years_after,
)
from coopstats.core.errors import NotComparable, Verb, can
from coopstats.register.councils import CLASSES, bodies, council

if TYPE_CHECKING:
    from coopstats.measures.measure import Measure

# By price index, classes and years: the panels, and by line the councils and years in doubt.
Kept = dict[tuple[str, tuple[str, ...], tuple[int, int]], tuple[list[Panel], Doubts]]
LEAST_DONORS = 5


@dataclass(frozen=True, eq=False)
class Design:
    """A question, and what was decided on the way to it."""

    question: Question
    peers: dict[str, Peers]
    steps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    kept: Kept = field(default_factory=dict)


def make_design(
    measures: Sequence[Measure],
    pilots: Sequence[Treated],
    known: KnownPilots,
    choices: Choices,
    kept: Kept | None = None,
) -> Design:
    """The question that measures, pilots and choices make. Raises NotComparable with the reason.

    `kept` holds the panels of an earlier question of the same measures, pilots and years.
    """
    for one in measures:
        refuse_without_before(one, pilots)
    calendar = all(one.calendar for one in measures)
    after = {pilot.ecode: years_after(pilot, choices, calendar) for pilot in pilots}
    kept = {} if kept is None else kept
    classes, span = _classes(pilots, choices), whole_span(pilots, after)
    ready, doubts = _panels_of(measures, classes, span, choices.index, kept)
    pools: dict[str, Peers] = {}
    cases = []
    for pilot in pilots:
        case, pools[pilot.ecode] = _case(pilot, pilots, ready, after[pilot.ecode], known, choices)
        cases.append(case)
    cases = _within_class(cases)
    _refuse_thin(cases, ready, choices)
    _refuse_doubtful(cases, ready, doubts, choices)
    return Design(
        _question(ready, cases, choices),
        pools,
        tuple(dict.fromkeys(step for one in ready for step in one.steps)),
        tuple(cautions(cases, ready, doubts, choices.before, choices.after, choices.without)),
        kept,
    )


# ── panels ───────────────────────────────────────────────────────────────────────────────────────


def _classes(pilots: Sequence[Treated], choices: Choices) -> list[str]:
    """The classes of council that can be needed: of the pilots, and of donors that were named."""
    if "type" not in choices.rules:
        return list(CLASSES)
    year = pilots[0].first_full_year
    named = [council(word, year, ever=True).council_class for word in choices.donors or ()]
    return sorted({bodies()[pilot.ecode].council_class for pilot in pilots} | set(named))


def _panels_of(
    measures: Sequence[Measure], kinds: list[str], span: tuple[int, int], index: str, kept: Kept
) -> tuple[list[Panel], Doubts]:
    """The panels of measures, and their figures in doubt; variants of a comparison keep them."""
    key = (index, tuple(kinds), span)
    if key not in kept:
        whole = [panels.of_classes(panels.unbroken(one, *span), kinds) for one in measures]
        ready = [panels.from_measure(panels.comparable(one, index)) for one in whole]
        kept[key] = _aligned(ready), {panels.line_of(m): panels.doubtful(m) for m in measures}
    return kept[key]


def _aligned(ready: list[Panel]) -> list[Panel]:
    """Every panel on the councils and years that all of them hold."""
    if len(ready) == 1:
        return ready
    codes = tuple(sorted(set.intersection(*(set(one.codes) for one in ready))))
    years = tuple(sorted(set.intersection(*(set(one.years) for one in ready))))
    return [
        replace(one, codes=codes, years=years, values=one.at(years)[one.rows(codes)])
        for one in ready
    ]


# ── cases ────────────────────────────────────────────────────────────────────────────────────────


def _case(
    pilot: Treated,
    pilots: Sequence[Treated],
    ready: list[Panel],
    after: tuple[int, int],
    known: KnownPilots,
    choices: Choices,
) -> tuple[Case, Peers]:
    """One treated council with its windows and donors, and everyone left out with the reasons."""
    first, last = windows(pilot, ready[0].years, after, choices)
    window = [*first, *last]
    complete = _complete(ready, window)
    _refuse_gap(pilot, complete, ready, window)
    pool = donor_pool(pilot, pilots, ready, window, known, choices, complete)
    treated = {one.ecode for one in pilots}
    body = bodies()[pilot.ecode]
    case = Case(
        pilot.ecode,
        body.name,
        first,
        last,
        tuple(code for code in pool.donors if code not in treated),
        pilot.first_full_year,
        body.council_class,
        base_years(pilot, first, choices),
    )
    return case, pool


def _complete(ready: list[Panel], window: Sequence[int]) -> list[str]:
    """The councils with a figure of every line in each of these years."""
    whole = np.logical_and.reduce([one.complete(window) for one in ready])
    return [code for code, held in zip(ready[0].codes, whole, strict=True) if held]


def _within_class(cases: list[Case]) -> list[Case]:
    """Placebos are drawn within a class where all donors are of their council's own."""
    kinds = bodies()
    alike = all(kinds[code].council_class == case.stratum for case in cases for code in case.donors)
    return cases if alike else [replace(case, stratum="") for case in cases]


def _question(ready: list[Panel], cases: list[Case], choices: Choices) -> Question:
    codes: tuple[str, ...] = tuple(
        sorted({code for case in cases for code in (case.ecode, *case.donors)})
    )
    near = choices.baseline == "nearest"
    return Question(
        panels=tuple(ready),
        cases=tuple(cases),
        baseline=choices.baseline,
        sizes=sizes() if len(cases) > 1 and choices.by_size else {},
        codes=codes if near else (),
        distance=distances(codes) if near else None,
        draws=choices.draws,
        seed=choices.seed,
        compiled=choices.compiled,
    )


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────


def _refuse_gap(
    pilot: Treated, complete: list[str], ready: list[Panel], window: Sequence[int]
) -> None:
    if pilot.ecode in complete or not window:
        return
    name = bodies()[pilot.ecode].name
    for one in ready:
        if pilot.ecode not in one.codes:
            raise NotComparable(f"{one.line} has no figures for {name} in comparable form.")
        absent = [y for y in window if not one.complete([y])[one.row(pilot.ecode)]]
        if absent:
            raise NotComparable(
                f"{one.line} has no figure for {name} in {one.named(absent)}.",
                could=[can(Verb.WINDOW)],
            )


def _refuse_thin(cases: list[Case], ready: list[Panel], choices: Choices) -> None:
    if baseline_of(choices.baseline).stacked and len(ready) < 2:
        raise NotComparable(
            f"The baseline {choices.baseline!r} fits one mixture to several services: give two or "
            "more."
        )
    least = least_before(choices.baseline, len(ready))
    for case in cases:
        years = len(case.before)
        if years < least:
            raise NotComparable(
                f"{case.name}: {years} years before {ready[0].named([case.start])}; the baseline "
                f"{choices.baseline!r} needs {least}. "
                + ("A mixture fitted to fewer is often perfect by chance: use 'equal' or "
                   "'nearest'." if years >= LEAST_BEFORE else "There is no fit to show.")
            )  # fmt: skip
        if not case.after:
            raise NotComparable(f"{case.name}: no year after its start is held.")
        if len(case.donors) < LEAST_DONORS:
            raise NotComparable(
                f"{case.name}: {len(case.donors)} donors are left by the rules, and "
                f"{LEAST_DONORS} are needed.",
                could=[can(Verb.SHOWN_BY, "`cs.peers`, which lists who is left out and why")],
            )


def _refuse_doubtful(
    cases: list[Case],
    ready: list[Panel],
    doubts: Doubts,
    choices: Choices,
) -> None:
    if choices.doubtful:
        return
    for panel in ready:
        for case in cases:
            window, marked = (*case.before, *case.after), doubts[panel.line]
            years = [year for year in window if (case.ecode, year) in marked]
            if years:
                raise NotComparable(
                    f"{panel.line}: {case.name}'s figure of {panel.named(years)} is in doubt "
                    "(`coopstats check --doubts`).",
                    could=[can(Verb.WINDOW), can(Verb.DOUBTFUL)],
                )
