"""From measures and pilots to a Question: windows, donors, and the refusals with their reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from coopstats.comparisons import panel as panels
from coopstats.comparisons.baselines import LEAST_BEFORE, baseline_of, least_before
from coopstats.comparisons.doubted import Odd, notices
from coopstats.comparisons.estimate import Case, Question
from coopstats.comparisons.panel import Panel
from coopstats.comparisons.peers import RULES, Peers, distances, peers, sizes
from coopstats.comparisons.prose import spell
from coopstats.comparisons.treated import YEARS_AFTER, Register, Treated
from coopstats.core.errors import NotComparable, Verb, can
from coopstats.register.councils import CLASSES, bodies, council

if TYPE_CHECKING:
    from coopstats.measures.measure import Measure

# By price index, classes and years: the panels, and by line the councils and years in doubt.
Kept = dict[
    tuple[str, tuple[str, ...], tuple[int, int]],
    tuple[list[Panel], Odd],
]
LEAST_DONORS = 5


@dataclass(frozen=True, eq=False)
class Wanted:
    """What the caller chose; everything that a variant of the comparison may change."""

    baseline: str = "equal"
    before: tuple[int, int] | None = None
    after: tuple[int, int] | None = None
    without: tuple[int, ...] = ()  # years left out for everybody, before or after
    rules: tuple[str, ...] = RULES
    donors: tuple[str, ...] | None = None
    draws: int = 4999
    seed: int = 0
    index: str = "gdp"
    doubtful: bool = False
    donut: bool = False
    base_back: int = 0  # measure gaps from this many years before the start alone
    by_size: bool = True  # whether placebo sets are of like size as well as class
    compiled: bool | None = None


@dataclass(frozen=True, eq=False)
class Asked:
    """A question, and what was decided on the way to it."""

    question: Question
    peers: dict[str, Peers]
    steps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    kept: Kept = field(default_factory=dict)


def asked(
    measures: Sequence[Measure],
    pilots: Sequence[Treated],
    known: Register,
    wanted: Wanted,
    kept: Kept | None = None,
) -> Asked:
    """The question that measures, pilots and choices make. Raises NotComparable with the reason.

    `kept` holds the panels of an earlier question of the same measures, pilots and years.
    """
    calendar = all(one.calendar for one in measures)
    spans = {pilot.ecode: _span(pilot, wanted, calendar) for pilot in pilots}
    for one in measures:
        _refuse_without_before(one, pilots)
    kept = {} if kept is None else kept
    kinds = _classes(pilots, wanted)
    ready, odd = _ready(measures, kinds, _outer(pilots, spans), wanted.index, kept)
    cases, stood = _cases(ready, pilots, spans, known, wanted)
    _refuse_thin(cases, ready, wanted)
    _refuse_doubtful(cases, ready, odd, wanted)
    return Asked(
        _question(ready, cases, wanted),
        stood,
        tuple(dict.fromkeys(step for one in ready for step in one.steps)),
        tuple(notices(cases, ready, odd, wanted.before, wanted.after, wanted.without)),
        kept,
    )


def closed(wanted: Wanted, measures: Sequence[Measure]) -> Wanted:
    """The choices with spans closed where an end was left open: at the years of the measures."""
    years = sorted({year for one in measures for year in one.years})
    before, after = (_closed(span, years) for span in (wanted.before, wanted.after))
    return replace(wanted, before=before, after=after)


def _closed(span: tuple[int | None, int | None] | None, years: list[int]) -> tuple[int, int] | None:
    if span is None:
        return None
    first, last = span
    return years[0] if first is None else first, years[-1] if last is None else last


def _classes(pilots: Sequence[Treated], wanted: Wanted) -> list[str]:
    """The classes of council that can be needed: of the pilots, and of donors that were named."""
    if "type" not in wanted.rules:
        return list(CLASSES)
    year = pilots[0].first_full_year
    named = [council(word, year, ever=True).council_class for word in wanted.donors or ()]
    return sorted({bodies()[pilot.ecode].council_class for pilot in pilots} | set(named))


def _ready(
    measures: Sequence[Measure], kinds: list[str], span: tuple[int, int], index: str, kept: Kept
) -> tuple[list[Panel], Odd]:
    """The panels of measures, and their figures in doubt; variants of a comparison keep them."""
    key = (index, tuple(kinds), span)
    if key not in kept:
        whole = [panels.of_classes(panels.unbroken(one, *span), kinds) for one in measures]
        ready = [panels.from_measure(panels.comparable(one, index)) for one in whole]
        kept[key] = _aligned(ready), {panels.line_of(m): panels.doubtful(m) for m in measures}
    return kept[key]


def _question(ready: list[Panel], cases: list[Case], wanted: Wanted) -> Question:
    codes: tuple[str, ...] = tuple(
        sorted({code for case in cases for code in (case.ecode, *case.donors)})
    )
    near = wanted.baseline == "nearest"
    return Question(
        panels=tuple(ready),
        cases=tuple(cases),
        baseline=wanted.baseline,
        sizes=sizes() if len(cases) > 1 and wanted.by_size else {},
        codes=codes if near else (),
        distance=distances(codes) if near else None,
        draws=wanted.draws,
        seed=wanted.seed,
        compiled=wanted.compiled,
    )


# ── years ────────────────────────────────────────────────────────────────────────────────────────


def _span(pilot: Treated, wanted: Wanted, calendar: bool) -> tuple[int, int]:
    """First and last year after: five full years, or those asked for, cut at the pilot's end."""
    first, last = pilot.first_full_year, pilot.first_full_year + YEARS_AFTER - 1
    if wanted.after:
        first, last = max(first, wanted.after[0]), wanted.after[1]
    if pilot.last_year is not None:
        last = min(last, pilot.last_year)
    if last < first:
        ended = pilot.last_year is not None and pilot.last_year < first
        raise NotComparable(
            f"{pilot.name} has no full year after its start to compare: its first was "
            f"{spell([pilot.first_full_year], calendar)}, and "
            f"{'its last' if ended else 'the last asked for'} {spell([last], calendar)}.",
            could=[] if ended else [can(Verb.WINDOW)],
        )
    return first, last


def _outer(pilots: Sequence[Treated], spans: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """From the last year before the first start to the last year after."""
    first = min(min((pilot.first_full_year, *pilot.part_years)) for pilot in pilots) - 1
    return first, max(last for _, last in spans.values())


def _refuse_without_before(measured: Measure, pilots: Sequence[Treated]) -> None:
    late = [pilot for pilot in pilots if measured.years[0] >= pilot.first_full_year]
    if late:
        raise NotComparable(
            f"{measured.title} holds only years after the start: it begins in "
            f"{measured.named(measured.years[0])}, and {late[0].name} in "
            f"{measured.named(late[0].first_full_year)}. Without years before there is nothing to "
            "compare a change with."
        )


def _windows(
    pilot: Treated, years: Sequence[int], span: tuple[int, int], wanted: Wanted
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The years before and after that are used; years of part running are in neither."""
    start = min((pilot.first_full_year, *pilot.part_years))
    years = [year for year in years if year not in wanted.without]
    before = [year for year in years if year < start]
    if wanted.before:
        before = [year for year in before if wanted.before[0] <= year <= wanted.before[1]]
    if wanted.donut:
        before = before[:-1]
    return tuple(sorted(before)), tuple(year for year in years if span[0] <= year <= span[1])


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


# ── donors ───────────────────────────────────────────────────────────────────────────────────────


def _cases(
    ready: list[Panel],
    pilots: Sequence[Treated],
    spans: dict[str, tuple[int, int]],
    known: Register,
    wanted: Wanted,
) -> tuple[list[Case], dict[str, Peers]]:
    cases, stood = [], {}
    for pilot in pilots:
        before, after = _windows(pilot, ready[0].years, spans[pilot.ecode], wanted)
        window = [*before, *after]
        whole = np.logical_and.reduce([one.complete(window) for one in ready])
        complete = [code for code, held in zip(ready[0].codes, whole, strict=True) if held]
        _refuse_gap(pilot, complete, ready, window)
        found = _peers(pilot, ready, window, known, wanted, complete)
        found = found if wanted.donors is None else _named(pilot, found, pilots, wanted.donors)
        treated = {one.ecode for one in pilots}
        donors = tuple(code for code in found.donors if code not in treated)
        stood[pilot.ecode] = found
        kind = bodies()[pilot.ecode].council_class
        if wanted.base_back > len(before):
            raise NotComparable(f"{pilot.name}: there are {len(before)} years before its start.")
        base = (before[-wanted.base_back],) if wanted.base_back else ()
        cases.append(
            Case(pilot.ecode, bodies()[pilot.ecode].name, before, after, donors,
                 pilot.first_full_year, kind, base)
        )  # fmt: skip
    return _within_class(cases), stood


def _within_class(cases: list[Case]) -> list[Case]:
    """Placebos are drawn within a class where all donors are of their council's own."""
    kinds = bodies()
    alike = all(kinds[code].council_class == case.stratum for case in cases for code in case.donors)
    return cases if alike else [replace(case, stratum="") for case in cases]


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
                f"{one.line} has no figure for {name} in {one.listed(absent)}.",
                could=[can(Verb.WINDOW)],
            )


def _peers(
    pilot: Treated,
    ready: list[Panel],
    window: Sequence[int],
    known: Register,
    wanted: Wanted,
    complete: Iterable[str],
) -> Peers:
    """Donors for all the lines compared: a pilot that moves any of them rules a council out."""
    found = peers(
        pilot,
        ready[0].line,
        years=window or (pilot.first_full_year,),
        rules=wanted.rules,
        known=known,
        complete=complete,
    )
    frame = found.frame
    for one in ready[1:]:
        for code, other in known.treated(one.line).items():
            at = frame["ecode"] == code
            frame = frame.assign(donor=frame["donor"] & ~at, never=frame["never"] | at)
            said = f"has a structural pilot of this service: {other.name}"
            frame.loc[at & (frame["rule"] == ""), ["rule", "reason"]] = ["treated", said]
    return replace(found, frame=frame)


def _named(pilot: Treated, found: Peers, pilots: Sequence[Treated], donors: Sequence[str]) -> Peers:
    """The donors the caller named, whatever the rules say but for the firm ones."""
    treated = {one.ecode for one in pilots}
    year = pilot.first_full_year
    named = {council(word, year, ever=True).ecode for word in donors} - {pilot.ecode}
    by_code = found.frame.set_index("ecode")
    for code in sorted(named):
        if code in treated or by_code.loc[code, "never"]:
            why = "it is one of those compared" if code in treated else by_code.loc[code, "reason"]
            raise NotComparable(f"{bodies()[code].name} cannot be a donor: {why}.")
    chosen = found.frame["ecode"].isin(named)
    passed = ~chosen & (found.frame["rule"] == "")
    frame = found.frame.assign(donor=chosen)
    frame.loc[chosen, ["rule", "reason"]] = ""
    frame.loc[passed, "rule"], frame.loc[passed, "reason"] = "named", "not one of the donors named"
    return replace(found, frame=frame)


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────


def _refuse_thin(cases: list[Case], ready: list[Panel], wanted: Wanted) -> None:
    if baseline_of(wanted.baseline).stacked and len(ready) < 2:
        raise NotComparable(
            f"The baseline {wanted.baseline!r} fits one mixture to several services: give two or "
            "more."
        )
    least = least_before(wanted.baseline, len(ready))
    for case in cases:
        years = len(case.before)
        if years < least:
            raise NotComparable(
                f"{case.name}: {years} years before {ready[0].listed([case.start])}; the baseline "
                f"{wanted.baseline!r} needs {least}. "
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
    odd: Odd,
    wanted: Wanted,
) -> None:
    if wanted.doubtful:
        return
    for panel in ready:
        for case in cases:
            window, marked = (*case.before, *case.after), odd[panel.line]
            years = [year for year in window if (case.ecode, year) in marked]
            if years:
                raise NotComparable(
                    f"{panel.line}: {case.name}'s figure of {panel.listed(years)} is in doubt "
                    "(`coopstats check --doubts`).",
                    could=[can(Verb.WINDOW), can(Verb.DOUBTFUL)],
                )
