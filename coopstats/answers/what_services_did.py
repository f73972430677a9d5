"""What the services did: outcomes in the fifteen councils of the articles, and their like.

A tour, not a comparison: each council is drawn beside the middle one of its class and of its
region, which were not chosen for being cut alike. What followed from a pilot is a question for a
baseline of peers; what cannot be known from what is held is said here, table by table.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import pandas as pd

from coopstats import bearing, charts, paths
from coopstats.charts.words import listed, write
from coopstats.council import bodies
from coopstats.measure import Measure, measure
from coopstats.sentences import Sentences

OWN, OF_CLASS, OF_REGION = "The council", "Middle one of its class", "Middle one of its region"


@dataclass(frozen=True)
class Outcome:
    """One series of the tour: which item of which table, and how it is called and printed."""

    slug: str
    table: str
    item: str
    title: str
    number: str = "decimal"
    per_head: bool = False
    where: dict = field(default_factory=dict)
    years: tuple[int, int] | None = None


OUTCOMES = (
    Outcome(
        "conceptions", "teenage_conceptions", "conception_rate", "Under-18 conceptions",
    ),
)  # fmt: skip


@functools.cache
def article_councils() -> pd.DataFrame:
    """The fifteen councils that the articles name: council, ecode, articles, role."""
    return pd.read_csv(paths.register_dir() / "article_councils.csv", dtype=str)


def not_held() -> pd.DataFrame:
    """What a reader would look for here and not find: subject, what, expected_in, why."""
    return pd.read_csv(paths.register_dir() / "not_held.csv", dtype=str)


@functools.cache
def series(slug: str) -> Measure:
    """One outcome in every council, in the years that are shown."""
    shown = next(o for o in OUTCOMES if o.slug == slug)
    taken = measure(shown.table, shown.item, **shown.where)
    taken = taken.between(*shown.years) if shown.years else taken
    return taken.per_head(leave_out=True) if shown.per_head else taken


def tour(slug: str) -> pd.DataFrame:
    """The fifteen councils beside the median of their class and region: council, who, year, value.

    A council whose service is its county's, and has no figure of its own, is not in the rows. In
    London class and region are the same boroughs, so only the class is there.
    """
    rows = series(slug).frame.dropna(subset="value")
    mine = rows[rows["ecode"].isin(article_councils()["ecode"])]
    parts = [mine.assign(who=OWN)]
    for who, column in ((OF_CLASS, "council_class"), (OF_REGION, "region")):
        places = mine[(column == "council_class") | (mine["region"] != "London")]
        middle = rows.groupby([column, "year"], as_index=False)["value"].median()
        here = places[["ecode", "council", column, "year"]]
        parts.append(here.merge(middle, on=[column, "year"]).assign(who=who))
    kept = ["ecode", "council", "who", "year", "value"]
    return pd.concat([part[kept] for part in parts], ignore_index=True)


def changes(slug: str) -> pd.DataFrame:
    """How far each moved from the first to the last year that it and its class both have.

    One row a council: first and last year, and by how much the council and the medians moved.
    """
    wide = tour(slug).pivot(index=["council", "year"], columns="who", values="value")
    wide = wide.dropna(subset=[OWN, OF_CLASS])
    years = wide.reset_index().groupby("council")["year"].agg(["first", "last"])
    ends = [
        wide.loc[list(zip(years.index, years[end], strict=True))].droplevel("year")
        for end in ("first", "last")
    ]
    return years.join(ends[1] - ends[0])


def tour_chart(slug: str) -> charts.Chart:
    """One outcome in each of the fifteen councils that have it, small multiples."""
    shown = next(o for o in OUTCOMES if o.slug == slug)
    taken, rows = series(slug), tour(slug)
    order = [c for c in article_councils()["council"] if c in set(rows["council"])]
    rows = rows.sort_values("council", key=lambda c: c.map(order.index), kind="stable")
    return charts.line(
        rows,
        series="who",
        panel="council",
        slug=f"services-{slug}",
        title=_finding(slug),
        subtitle=f"{shown.title}, {taken.unit}, in the councils that the articles name, "
        f"{_span(taken)}",
        unit=taken.unit,
        number=shown.number,
        x_number="calendar" if taken.calendar else "year",
        highlight=[OWN, OF_CLASS, OF_REGION],
        sources=taken.sources,
        notes=(*_absent(slug), bearing_of(slug), *taken.steps),
    )


def _span(taken: Measure) -> str:
    return taken.coverage.split(", ", 1)[1]


def _finding(slug: str) -> str:
    """The title: in how many of them it fell, and in how many further than the class's median."""
    shown, moved = next(o for o in OUTCOMES if o.slug == slug), changes(slug)
    fell, further = moved[OWN] < 0, moved[OWN] < moved[OF_CLASS]
    return (
        f"{shown.title}: lower in {fell.sum()} of {len(moved)} councils, "
        f"{(fell & further).sum()} beyond their class"
    )


def bearing_of(slug: str) -> str:
    """What the series can bear, as a sentence."""
    shown = next(o for o in OUTCOMES if o.slug == slug)
    before = bearing.years_before(shown.table, shown.item)
    return f"{shown.title}: {bearing.said(before)}."


def _absent(slug: str) -> tuple[str, ...]:
    """Which of the fifteen have no figure, and why."""
    have = set(tour(slug)["ecode"])
    gone = article_councils()[~article_councils()["ecode"].isin(have)]
    county = [c for c in gone["ecode"] if bodies()[c].county]
    told = [
        f"{bodies()[c].name} has no figure of its own: its county, "
        f"{bodies()[bodies()[c].county].name}, has the service."
        for c in county
    ]
    others = [bodies()[c].name for c in gone["ecode"] if c not in county]
    return (*told, *([f"No figure is held for {listed(others)}."] if others else []))


def answer() -> Sentences:
    """The notebook's question answered: what moved, beside whom, and what it cannot say."""
    return Sentences(sentence for outcome in OUTCOMES for sentence in (_moved(outcome),))


def _moved(outcome: Outcome) -> str:
    """One outcome in a sentence."""
    moved, taken = changes(outcome.slug), series(outcome.slug)
    middle, of_class = moved[OWN].median(), moved[OF_CLASS].median()
    told, beside = (write(v, outcome.number, plus=True) for v in (middle, of_class))
    return (
        f"{outcome.title} ({taken.unit}), {_span(taken)}: the middle one of {len(moved)} councils "
        f"moved by {told}, the middle one of their classes by {beside}."
    )


def table_of_changes() -> pd.DataFrame:
    """Every outcome's change in each of the fifteen, and whether it is beyond the class's median.

    In the outcome's own unit; "–" where the council has no figure in a first and last year.
    """
    columns = {outcome.title: _shown(outcome) for outcome in OUTCOMES}
    return pd.DataFrame(columns).reindex(article_councils()["council"]).fillna("–")


def _shown(outcome: Outcome) -> pd.Series:
    moved = changes(outcome.slug)
    return moved.apply(
        lambda row: (
            f"{write(row[OWN], outcome.number, plus=True)} "
            f"({write(row[OF_CLASS], outcome.number, plus=True)})"
        ),
        axis=1,
    )


CHARTS = tuple(functools.partial(tour_chart, outcome.slug) for outcome in OUTCOMES)
