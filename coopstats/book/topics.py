"""The topics that the book shows of councils, each measured once for all councils."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from coopstats.findings.answers import what_services_did
from coopstats.measures.choosing import PRINCIPAL
from coopstats.measures.measure import Measure
from coopstats.measures.of_table import measure
from coopstats.measures.prices import last_year
from coopstats.register import breaks

PRICES, BASE, SINCE = 2019, 2009, 2010
UPPER = ("L", "MD", "UA", "SC")
LOWER = ("L", "MD", "UA", "SD")
SERVICES = {
    "highways": "Highways",
    "cultural": "Culture",
    "environmental": "Environment",
    "planning": "Planning",
    "housing": "Housing",
}
OUTCOMES = ("conceptions", "low-income", "claimants", "income", "libraries", "recycling",
            "fly-tipping", "council-homes")  # fmt: skip


@dataclass(frozen=True)
class Topic:
    """One chart of a council: `title` in a few words, how numbers print, which classes have it."""

    slug: str
    title: str
    number: str
    make: Callable[[], Measure]
    classes: tuple[str, ...] = PRINCIPAL
    scale: float = 1.0


def _money(table: str, line: str, first: int = 2007, **only: str) -> Measure:
    """A line in 2019-20 prices per person, in the years that can be set side by side."""
    taken = _real(table, line, first, **only)
    return taken.per_head(leave_out=True) if taken.adds_up else taken


def _real(table: str, line: str, first: int = 2007, **only: str) -> Measure:
    taken = measure(table, line, **only)
    kinds = sorted({*PRINCIPAL} & set(taken.amounts["council_class"]))
    held_years = max(first, taken.years[0]), min(taken.years[-1], last_year())
    return taken.where(council_class=kinds).between(*held_years).real(PRICES)


def _outcome(slug: str) -> Topic:
    shown = what_services_did.outcome(slug)
    return Topic(slug, shown.title, shown.number, functools.partial(what_services_did.series, slug),
                 scale=100.0 if shown.share else 1.0)  # fmt: skip


@functools.cache
def topics() -> dict[str, Topic]:
    """Every topic by name, in the order of a page."""
    listed = [
        Topic("core", "Core spending", "gbp_per_head",
              lambda: _money("revenue_outturn", "core")),
        Topic("social-care", "Social care", "gbp_per_head",
              lambda: _money("revenue_outturn", "social_care"), UPPER),
        Topic("reserves", "Unallocated reserves", "gbp_per_head",
              lambda: _money("reserves", "unallocated", date="31 March")),
        Topic("council-tax", "Band D council tax", "gbp_per_head",
              lambda: _money("council_tax", "band_d_excluding_parishes"), LOWER),
        Topic("youth", "Youth spending", "gbp_per_head",
              lambda: _money("children_spending", "youth", 2011), UPPER),
        Topic("library-budget", "Library budget", "gbp_per_head",
              lambda: _money("revenue_budget", "libraries"), UPPER),
        *map(_outcome, OUTCOMES),
    ]  # fmt: skip
    return {topic.slug: topic for topic in listed}


# ── one topic, all councils ──────────────────────────────────────────────────────────────────────


MEDIAN = ["year", "value", "break"]


@dataclass(frozen=True, eq=False)
class Numbers:
    """One topic of all councils: rows by E-code (year, value, doubt, break), medians by class.

    `line` is its table and line, as the register of breaks names them.
    """

    line: tuple[str, str | None]
    rows: dict[str, pd.DataFrame]
    medians: dict[str, pd.DataFrame]
    unit: str
    calendar: bool
    sources: tuple[str, ...]
    steps: tuple[str, ...]

    def not_like(self, ecode: str, first: int, last: int) -> list[breaks.Break]:
        """The noted breaks of a council's line between two years."""
        return breaks.crossed(*self.line, first, last, "noted", {breaks.EVERY_COUNCIL, ecode})


@functools.cache
def numbers(topic: str) -> Numbers:
    """A topic's numbers, measured once."""
    one = topics()[topic]
    return _by_council(one.make(), one.scale)


def _by_council(taken: Measure, scale: float = 1.0) -> Numbers:
    frame = taken.frame.dropna(subset="value")
    frame["value"] *= scale
    frame = frame.assign(**{name: "" for name in ("break", "doubt") if name not in frame})
    middle = frame.groupby(["council_class", "year"], as_index=False)["value"].median()
    began = {year: breaks.change_in(taken.table, taken.service, year) for year in taken.years[1:]}
    middle = middle.assign(**{"break": middle["year"].map(began).astype(object).fillna("")})
    kept = ["year", "value", "doubt", "break"]
    return Numbers(
        (taken.table, taken.service),
        {str(code): part for code, part in frame.groupby("ecode")[kept]},
        {str(kind): part for kind, part in middle.groupby("council_class")[MEDIAN]},
        "per cent" if scale == 100 else taken.unit,
        taken.calendar,
        taken.sources,
        taken.steps,
    )


def core_total() -> Topic:
    """Core spending in pounds, for councils whose people are not available in all years."""
    return Topic("core-total", "Core spending", "gbp", lambda: _real("revenue_outturn", "core"))


@functools.cache
def totals() -> Numbers:
    """The numbers of `core_total`."""
    return _by_council(core_total().make())


@functools.cache
def services() -> dict[str, Numbers]:
    """The services of the summary accounts, each as a topic."""
    return {line: _by_council(_money("revenue_outturn", line)) for line in SERVICES}


ALIKE = {"core": "core", "social_care": "social-care"}  # lines with a like-for-like figure: topics


@functools.cache
def alike(line: str) -> Numbers:
    """A line like for like in the years of the table of changes, without what moved into it."""
    taken = measure("revenue_outturn", line)
    kinds = sorted({*PRINCIPAL} & set(taken.amounts["council_class"]))
    chosen = taken.where(council_class=kinds).between(SINCE, PRICES).like_for_like()
    return _by_council(chosen.real(PRICES).per_head(leave_out=True))
