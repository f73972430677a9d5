"""What the services did: outcomes in the fifteen councils of the articles, and their like.

A tour, not a comparison: each council is drawn beside the middle one of its class and of its
region, which were not chosen for being cut alike. What followed from a pilot is a question for a
baseline of peers; what cannot be known from what is held is said here, table by table.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import pandas as pd

from coopstats import charts
from coopstats.charts.numbers import write
from coopstats.core.display import Sentences
from coopstats.core.phrases import listed
from coopstats.core.years import years_span
from coopstats.datasets import overview
from coopstats.datasets.table import about
from coopstats.measures import prices
from coopstats.measures.measure import Measure
from coopstats.measures.of_table import measure
from coopstats.register import breaks
from coopstats.register.councils import bodies
from coopstats.register.reader import table_of

NOTED = ("doubt", "break")  # what the frame of a measure says of a number
OWN, OF_CLASS, OF_REGION = "The council", "Middle one of its class", "Middle one of its region"


PRICES = 2019


@dataclass(frozen=True)
class Outcome:
    """One series of the tour: which item of which table, and how it is called and printed.

    `base` puts each council's own year at 100, for counts that differ with a council's size;
    `share` shows a printed fraction in per cent.
    """

    slug: str
    table: str
    item: str
    title: str
    number: str = "decimal"
    years: tuple[int, int] | None = None
    base: int | None = None
    real: bool = False
    share: bool = False


OUTCOMES = (
    Outcome("conceptions", "teenage_conceptions", "conception_rate", "Under-18 conceptions"),
    Outcome("entrants", "young_people", "entrant_rate", "First entrants to youth justice", "count"),
    Outcome("low-income", "low_income_children", "low_income_share", "Low-income children"),
    Outcome("child-weight", "child_weight", "excess_weight_year6", "Excess weight at age 10"),
    Outcome(
        "alcohol", "alcohol_admissions", "alcohol_admission_rate", "Alcohol admissions", "count"
    ),
    Outcome("cancer", "preventable_mortality", "cancer_rate", "Preventable cancer deaths"),
    Outcome("claimants", "labour_market", "claimant_rate", "Unemployment claimants"),
    Outcome(
        "income", "household_income", "disposable_income", "Household income", "gbp_per_head",
        real=True,
    ),
    Outcome("council-homes", "council_housing_stock", "council_dwellings", "Council homes",
            "count"),
    Outcome("empty-homes", "vacant_dwellings", "long_term_vacant", "Long-term empty homes",
            "index", base=2010),
    Outcome("waiting-lists", "housing_waiting_lists", "households", "Housing waiting lists",
            "index", years=(2000, 2012), base=2010),
    Outcome("libraries", "libraries", "branches_open", "Library branches", "index",
            years=(2010, 2016), base=2010),
    Outcome("recycling", "household_waste", "recycling_rate", "Household recycling", share=True),
    Outcome("fly-tipping", "fly_tipping", "incidents_per_thousand", "Fly-tipping"),
    Outcome("care", "adult_care_quality", "quality_of_life", "Care users' quality of life"),
    Outcome("crime", "london_crime", "offence_rate", "Recorded crime in London"),
)  # fmt: skip


@functools.cache
def article_councils() -> pd.DataFrame:
    """The fifteen councils that the articles name: council, ecode, articles, role."""
    return table_of("article_councils")


def not_held() -> pd.DataFrame:
    """What a reader would look for here and not find: subject, what, expected_in, why."""
    return table_of("not_held")


@functools.cache
def outcome(slug: str) -> Outcome:
    """The outcome of a name."""
    return next(one for one in OUTCOMES if one.slug == slug)


@functools.cache
def series(slug: str) -> Measure:
    """One outcome in every council, in the years and the unit that are shown."""
    shown = outcome(slug)
    taken = measure(shown.table, shown.item)
    held = about(shown.table)["covers"][shown.item]
    first, last = shown.years or (held[0], held[-1])
    taken = taken.between(first, min(last, prices.last_year()) if shown.real else last)
    taken = taken.real(PRICES) if shown.real else taken
    return taken.index(shown.base, leave_out=True) if shown.base else taken


def severed(slug: str) -> dict[str, str]:
    """Councils whose own figures changed their meaning in the years shown, and how, by E-code."""
    shown, years = outcome(slug), series(slug).years
    found: dict[str, str] = {}
    for code in article_councils()["ecode"]:
        cut = breaks.crossed(shown.table, shown.item, years[0], years[-1], "severing", (code,))
        if cut:
            found[code] = cut[0].in_full
    return found


def tour(slug: str) -> pd.DataFrame:
    """The fifteen councils beside the median of their class and region: council, who, year, value.

    A council whose service is its county's, and has no figure of its own, is not in the rows. In
    London class and region are the same boroughs, so only the class is there.
    """
    rows = series(slug).frame.dropna(subset="value")
    rows["value"] *= 100 if outcome(slug).share else 1
    mine = rows[rows["ecode"].isin(article_councils()["ecode"])]
    parts = [mine.assign(who=OWN)]
    for who, column in ((OF_CLASS, "council_class"), (OF_REGION, "region")):
        places = mine[(column == "council_class") | (mine["region"] != "London")]
        middle = rows.groupby([column, "year"], as_index=False)["value"].median()
        here = places[["ecode", "council", column, "year"]]
        parts.append(here.merge(middle, on=[column, "year"]).assign(who=who))
    kept = ["ecode", "council", "who", "year", "value", *NOTED]
    return pd.concat([part.reindex(columns=kept) for part in parts], ignore_index=True)


def changes(slug: str) -> pd.DataFrame:
    """How far each moved from the first to the last year that it and its class both have.

    One row a council: first and last year, and by how much the council and the medians moved.
    Councils whose own figures were severed on the way are not in it.
    """
    rows = tour(slug)
    rows = rows[~rows["ecode"].isin(severed(slug))]
    wide = rows.pivot(index=["council", "year"], columns="who", values="value")
    wide = wide.dropna(subset=[OWN, OF_CLASS])
    years = wide.reset_index().groupby("council")["year"].agg(["first", "last"])
    ends = [
        wide.loc[list(zip(years.index, years[end], strict=True))].droplevel("year")
        for end in ("first", "last")
    ]
    return years.join(ends[1] - ends[0])


def tour_chart(slug: str) -> charts.Chart:
    """One outcome in each of the fifteen councils that have it, small multiples."""
    shown = outcome(slug)
    taken, rows = series(slug), tour(slug)
    order = [c for c in article_councils()["council"] if c in set(rows["council"])]
    rows = rows.sort_values("council", key=lambda c: c.map(order.index), kind="stable")
    return charts.line(
        rows,
        series="who",
        panel="council",
        slug=f"services-{slug}",
        title=_finding(slug),
        subtitle=f"{shown.title}, {unit(slug)}, in the councils that the articles name, "
        f"{years_span(taken.years, taken.calendar)}",
        unit=unit(slug),
        number=shown.number,
        x_number="calendar" if taken.calendar else "year",
        highlight=list(dict.fromkeys(rows["who"])),
        sources=taken.sources,
        notes=(*_absent(slug), *_cut(slug), _years_of(slug), use_of(slug), *taken.steps),
    )


def _years_of(slug: str) -> str:
    """What a year is in this table."""
    return f"A year is {about(outcome(slug).table)['columns']['year']}."


def _cut(slug: str) -> tuple[str, ...]:
    """Whose figures cannot be compared along the line."""
    names = [bodies()[code].name for code in severed(slug)]
    if not names:
        return ()
    return (f"Counted another way in some years, so not compared: {listed(names)}.",)


def unit(slug: str) -> str:
    """What one of the numbers is."""
    return "per cent" if outcome(slug).share else series(slug).unit


def _finding(slug: str) -> str:
    """The title: in how many of them it fell (or rose), and in how many further than their class.

    "Beyond" is beyond the middle one of the council's class.
    """
    moved = changes(slug)
    fell = (moved[OWN] < 0).sum() * 2 >= len(moved)
    own, of_class = ((-1 if fell else 1) * moved[who] for who in (OWN, OF_CLASS))
    beyond = ((own > 0) & (own > of_class)).sum()
    return (
        f"{outcome(slug).title}: {'lower' if fell else 'higher'} in {(own > 0).sum()} of "
        f"{len(moved)} councils, {beyond} beyond their class"
    )


def use_of(slug: str) -> str:
    """What the series can be used for, as a sentence."""
    shown = outcome(slug)
    before = overview.years_before(shown.table, shown.item)
    return f"{shown.title}: {overview.usable_for(before)}."


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
    """The three sentences that open the notebook."""
    middles = {o.title: changes(o.slug)[[OWN, OF_CLASS]].median() for o in OUTCOMES}
    alike = [t for t, m in middles.items() if (m[OWN] > 0) == (m[OF_CLASS] > 0)]
    apart = [t[:1].lower() + t[1:] for t in middles if t not in alike]
    return Sentences(
        [
            f"In {len(alike)} of {len(middles)} outcomes the middle one of the councils that the "
            "articles name moved the same way as the middle one of their classes"
            f"{'; not in ' + listed(apart) if apart else ''}.",
            _moved(OUTCOMES[0]),
            f"{len(not_held())} things that a reader would look for are not held, and nothing here "
            "says what followed from a cut or from a pilot.",
        ]
    )


def moved() -> Sentences:
    """Each outcome in a sentence: what moved, and beside whom."""
    return Sentences(map(_moved, OUTCOMES))


def _moved(shown: Outcome) -> str:
    """One outcome in a sentence."""
    moved, taken = changes(shown.slug), series(shown.slug)
    middle, of_class = moved[OWN].median(), moved[OF_CLASS].median()
    told, beside = (write(v, shown.number, plus=True) for v in (middle, of_class))
    return (
        f"{shown.title} ({unit(shown.slug)}), {years_span(taken.years, taken.calendar)}: "
        f"the middle one of {len(moved)} councils moved by {told}, the middle one of "
        f"their classes by {beside}."
    )


def table_of_changes() -> pd.DataFrame:
    """Every outcome's change in each of the fifteen, and whether it is beyond the class's median.

    In the outcome's own unit; "–" where the council has no figure in a first and last year.
    """
    columns = {shown.title: _shown(shown) for shown in OUTCOMES}
    return pd.DataFrame(columns).reindex(article_councils()["council"]).fillna("–")


def _shown(shown: Outcome) -> pd.Series:
    """The council's change and, in brackets, that of the middle one of its class."""
    moved = changes(shown.slug)
    own, of_class = (moved[who].map(lambda v: write(v, shown.number, plus=True))
                     for who in (OWN, OF_CLASS))  # fmt: skip
    return own + " (" + of_class + ")"


CHARTS = tuple(functools.partial(tour_chart, shown.slug) for shown in OUTCOMES)
