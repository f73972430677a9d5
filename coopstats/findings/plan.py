"""The plan, carried out: each row of register/plan.csv as a comparison, or why there is none.

The plan was committed before any comparison was run. Here its words become a measure, treated
councils and windows, and nothing is chosen: what the plan leaves open is in `ITEMS`, and what
departs from it is in register/deviations.csv.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from coopstats.comparisons import panel as panels
from coopstats.comparisons.comparison import Comparison, compare
from coopstats.comparisons.peers import RULES, STRICT
from coopstats.comparisons.treated import Treated, known_pilots
from coopstats.core.errors import NotComparable, UnknownName, Verb, can, did_you_mean
from coopstats.datasets.kept import kept
from coopstats.measures.measure import Measure
from coopstats.measures.of_table import measure
from coopstats.register.councils import council
from coopstats.register.members import members
from coopstats.register.pilots import pilot as pilot_of
from coopstats.register.reader import parts, rows_of

Years = tuple[int, int]
OURS = "did_all_pre"
NETWORK = "co-operative-councils-network"
# The item meant where the plan or the register names a table alone.
ITEMS = {
    "teenage_conceptions": "conception_rate",
    "preventable_mortality": "cancer_rate",
    "council_housing_stock": "council_dwellings",
    "labour_market": "median_weekly_pay",
    "co_operatives": "births",
    "young_people": "entrant_rate_london",
    "libraries": "branches_open",
}
# Words by which a row of the plan promises another comparison beside it, and what that changes.
PROMISED: dict[str, tuple[str, dict[str, Any]]] = {
    "a stricter set of donors, never seen as a member": (
        "Beside donors that were never seen as a member", {"rules": (*RULES, STRICT)}),
    "2020-21 is the year of the pandemic: shown with and without it": (
        "Without 2020-21, the year of the pandemic,", {"without": (2020,)}),
}  # fmt: skip
WHOLE = {"co_operatives": {"sector": "all", "ownership": "all"}}


@dataclass(frozen=True)
class Planned:
    """One row of the plan. `before` and `after` are first and last years, None where none is."""

    pilot: str
    order: str
    group: str
    line: str
    measure: str
    unit: str
    before: Years | None
    after: Years | None
    left_out: tuple[int, ...]
    baseline: str
    beside: str
    estimator: str
    form: str
    reason: str

    @property
    def measured(self) -> Measure:
        """The line it is about."""
        return line_of(self.line)

    @property
    def treated(self) -> tuple[Treated, ...]:
        """The pilot, or the members, with the plan's years."""
        if self.pilot == NETWORK:
            return members_as_treated(self)
        own = known_pilots().pilot(self.pilot)
        first, part = self.start()
        return (replace(own, first_full_year=first, part_years=part),)

    def start(self) -> tuple[int, tuple[int, ...]]:
        """The first full year, and the years of part running before it."""
        if self.before is None or self.after is None:
            raise NotComparable(f"The plan gives {self.pilot} no years before and after.")
        return self.after[0], tuple(range(self.before[1] + 1, self.after[0]))

    def windows(self) -> dict[str, Any]:
        """Its years, as `compare` takes them."""
        return {"before": self.before, "after": self.after, "without": self.left_out}


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of a row: a comparison, and where none could be made the reason.

    `doubtful` are years inside the plan's windows in which a general rule finds the treated
    council's printed figure odd; the comparison leaves them out, and `with_doubtful` has them.
    """

    planned: Planned
    comparison: Comparison | None = None
    refused: str = ""
    doubtful: tuple[int, ...] = ()
    with_doubtful: Comparison | None = None

    @property
    def compared(self) -> bool:
        """Whether there is a comparison with enough years after to be one."""
        return self.comparison is not None and not self.comparison.description

    def promised(self) -> tuple[tuple[str, Comparison], ...]:
        """The other comparisons that the row's reason promises: in words, and made."""
        if self.comparison is None or self.planned.order == "placebo":
            return ()
        return tuple(
            (told, self.comparison.with_choices(**self._beside(changes)))
            for words, (told, changes) in PROMISED.items()
            if words in self.planned.reason
        )

    def _beside(self, changes: dict[str, Any]) -> dict[str, Any]:
        assert self.comparison is not None  # for mypy: asked of comparisons alone
        left = (*self.comparison.choices.without, *changes.get("without", ()))
        return {**changes, "without": left}


# ── the rows ─────────────────────────────────────────────────────────────────────────────────────


@functools.cache
def rows() -> tuple[Planned, ...]:
    """Every row of the plan."""
    return tuple(map(_planned, rows_of("plan")))


def row(pilot: str, line: str = "") -> Planned:
    """The first row of a pilot, or the one of this line. Raises UnknownName with the nearest."""
    found = [one for one in rows() if one.pilot == pilot and line in ("", one.line)]
    if found:
        return found[0]
    known = sorted({one.pilot for one in rows()})
    raise UnknownName(
        f"The plan has no row of {pilot!r} {line}. It has: {', '.join(known)}."
        + did_you_mean(pilot, known)
    )


def headline(pilot: str) -> tuple[Planned, ...]:
    """The rows that the plan puts first for a pilot.

    Raises UnknownName for no pilot, NotComparable with the lines it could be tried on.
    """
    found = tuple(one for one in rows() if one.pilot == pilot and one.order == "primary")
    if found:
        return found
    own = pilot_of(pilot)
    lines = [full_line(*line.split(":", 1)) for line in (*own.spending, *own.outcomes)]
    could = f"It could be tried on {', '.join(lines)}." if lines else "No line is named for it."
    raise NotComparable(
        f"The plan has no comparison of {own.slug}. {could}", could=[can(Verb.LINE)]
    )


def _planned(words: dict[str, str]) -> Planned:
    return Planned(
        pilot=words["pilot"],
        order=words["order"],
        group=words["group"],
        line=full_line(words["table"], words["service"]),
        measure=words["measure"],
        unit=words["unit"],
        before=_years(words["before_first"], words["before_last"]),
        after=_years(words["after_first"], words["after_last"]),
        left_out=tuple(int(year) for year in parts(words["left_out"])),
        baseline=words["baseline"],
        beside=words["beside"],
        estimator=words["estimator"],
        form=words["form"],
        reason=words["reason"],
    )


def _years(first: str, last: str) -> Years | None:
    return (int(first), int(last)) if first and last else None


def full_line(table: str, service: str = "") -> str:
    """The whole name of a line, with the item that is meant where a table alone is named."""
    service = service or ITEMS.get(table, "")
    return f"{table}:{service}" if service else table


@functools.cache
def line_of(line: str) -> Measure:
    """The measure of "table:line"; a table alone means its item in `ITEMS`."""
    table, _, service = line.partition(":")
    return measure(table, service or ITEMS.get(table), **WHOLE.get(table, {}))


def members_as_treated(planned: Planned) -> tuple[Treated, ...]:
    """Sure members in the plan's first full year, as if something began there in that year.

    A member that left later stays in: joining is what is looked at.
    """
    first, part = planned.start()
    moves = frozenset((*pilot_of(NETWORK).spending, *pilot_of(NETWORK).outcomes))
    return tuple(
        Treated(name, council(name).ecode, first, moves, None, False, part, NETWORK)
        for name in members(first).surely
    )


# ── carrying it out ──────────────────────────────────────────────────────────────────────────────


@kept
def outcome(planned: Planned) -> Outcome:
    """One row compared as planned, but for the treated council's figures that are in doubt."""
    if planned.form != "comparison":
        return Outcome(planned, refused=f"Planned as a description: {planned.reason}.")
    if planned.estimator != OURS:
        return Outcome(planned, refused=f"Planned with the estimator {planned.estimator}.")
    try:
        return _compared(planned)
    except NotComparable as problem:
        return Outcome(planned, refused=problem.what)


def _compared(planned: Planned) -> Outcome:
    measured, treated = planned.measured, _held(planned)
    odd = _doubtful(measured, treated, planned)
    windows = planned.windows()
    # A year that the plan leaves out is one that a line which should not move may lack.
    windows["without"] = tuple(y for y in planned.left_out if y in measured.years)
    marked = compare(measured, treated, baseline=planned.baseline, doubtful=bool(odd), **windows)
    if not odd:
        return Outcome(planned, marked)
    windows["without"] = (*windows["without"], *odd)
    try:
        sure = compare(measured, treated, baseline=planned.baseline, **windows)
    except NotComparable as problem:
        return Outcome(planned, None, problem.what, odd, marked)
    return Outcome(planned, sure, "", odd, marked)


def _held(planned: Planned) -> tuple[Treated, ...]:
    """The treated that have a figure of this line at all; districts have none of some tables."""
    held = set(planned.measured.frame["ecode"].astype(str))
    return tuple(one for one in planned.treated if one.ecode in held)


def _doubtful(measured: Measure, treated: Sequence[Treated], planned: Planned) -> tuple[int, ...]:
    codes = {one.ecode for one in treated}
    marked = {year for code, year in panels.doubtful(measured) if code in codes}
    return tuple(sorted(marked & set(_window(planned))))


def _window(planned: Planned) -> Iterable[int]:
    spans = [range(span[0], span[1] + 1) for span in (planned.before, planned.after) if span]
    return [year for span in spans for year in span if year not in planned.left_out]


def outcomes() -> tuple[Outcome, ...]:
    """Every row of the plan, in its order."""
    return tuple(map(outcome, rows()))


# ── several pilots, placebo lines ────────────────────────────────────────────────────────────────


def pooled(group: str) -> Comparison:
    """The comparable pilots of a group as one comparison, each with its own start.

    Raises NotComparable with the reason.
    """
    listed = [one for one in rows() if one.group == group and one.form == "comparison"]
    lines = {one.line for one in listed}
    if len(lines) != 1:
        raise NotComparable(f"The plan has {len(lines)} lines for {group!r}; pool one at a time.")
    treated = [t for one in listed for t in one.treated]
    return compare(listed[0].measured, treated, baseline=listed[0].baseline)


@kept
def placebo_lines(pilot: str) -> tuple[Outcome, ...]:
    """The lines that a pilot should not move, in the years of its primary row."""
    first, own = row(pilot), pilot_of(pilot)
    named = (*own.placebo_spending, *own.placebo_outcomes)
    listed = [full_line(*line.split(":", 1)) for line in named]
    return tuple(outcome(replace(first, order="placebo", line=line)) for line in listed)
