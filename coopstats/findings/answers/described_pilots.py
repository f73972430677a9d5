"""Pilots that can be told and not compared: the line, beside the middle council of the class.

One transfer of homes, one year before, a line that breaks: there is no baseline for these, and so
no gap and no rank. Each is drawn with the median of its class, which was not chosen for being like
it. The comparisons are in did_pilots_hold_up.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from coopstats import charts
from coopstats.charts import caveats
from coopstats.charts.numbers import places_for, write
from coopstats.core.display import Sentences
from coopstats.core.phrases import listed, plural
from coopstats.datasets.load import load
from coopstats.findings.plan import line_of
from coopstats.measures.measure import Measure
from coopstats.register.councils import CLASSES, council
from coopstats.register.pilots import pilot as pilot_of
from coopstats.register.pilots import pilots

PRICES = 2019
NO_BASELINE = "The median of a class is no baseline: it was not chosen for being cut alike."


@dataclass(frozen=True)
class Line:
    """One line of one pilot: `years` are those within which it can be read without a break."""

    pilot: str
    line: str
    title: str
    years: tuple[int, int]
    number: str = "gbp_per_head"
    also: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """Its chart's address."""
        return f"{self.pilot}-{self.line.split(':')[1].replace('_', '-')}-{self.years[0]}"

    @property
    def councils(self) -> tuple[str, ...]:
        """The pilot's council, and those drawn with it."""
        return (pilot_of(self.pilot).council, *self.also)


HOMES, LIBRARIES = "rochdale-boroughwide-housing", "lewisham-community-libraries"
YOUNG_LAMBETH, CARE = "young-lambeth-co-operative", "lambeth-micro-mutuals"
LINES = (
    Line(YOUNG_LAMBETH, "young_people:entrant_rate_london", "First entrants to youth justice",
         (2010, 2014), "count"),
    Line(YOUNG_LAMBETH, "young_people:entrant_rate", "First entrants to youth justice",
         (2016, 2024), "count"),
    Line(LIBRARIES, "revenue_budget:libraries", "Library budget", (2010, 2019)),
    Line(HOMES, "council_housing_stock:council_dwellings", "Council homes", (2010, 2016), "count",
         ("Oldham",)),
    Line(HOMES, "vacant_dwellings:council_vacant", "Empty council homes", (2004, 2015), "count",
         ("Oldham",)),
    Line(HOMES, "housing_waiting_lists:households", "Housing waiting list", (2000, 2012), "count",
         ("Oldham",)),
    Line("lambeth-cooperative-parks", "revenue_budget:open_spaces", "Open spaces budget",
         (2010, 2019)),
    Line("lambeth-living-well", "social_care_spending:mental_health_adults",
         "Spending on mental health of adults", (2008, 2013)),
    Line(CARE, "adult_care_quality:users_finding_information",
         "Care users who find information easily", (2015, 2022), "decimal"),
    Line(CARE, "adult_care_quality:quality_of_life", "Care users' quality of life", (2016, 2022),
         "decimal"),
    Line("liverpool-environment", "revenue_budget:street_cleansing", "Street cleansing budget",
         (2010, 2019)),
    Line("oldham-dividend-fund", "revenue_budget:community_development",
         "Community development budget", (2010, 2019)),
    Line("preston-wealth-building", "labour_market:median_weekly_pay", "Median weekly pay",
         (2008, 2023)),
)  # fmt: skip


@functools.cache
def measured(one: Line) -> Measure:
    """The line in its years, money in 2019-20 prices and, where it adds up, per person."""
    taken = line_of(one.line).between(*one.years)
    if taken.prices == "nominal":
        taken = taken.real(PRICES)
        taken = taken.per_head(leave_out=True) if taken.adds_up else taken
    return taken


@functools.cache
def rows(one: Line) -> pd.DataFrame:
    """The councils and the median of the first one's class: series, year, value, what is noted."""
    frame = measured(one).frame
    own = frame[frame["council"].isin(one.councils)]
    kind = council(one.councils[0]).council_class
    others = frame[(frame["council_class"] == kind) & ~frame["council"].isin(one.councils)]
    middle = others.groupby("year", as_index=False)["value"].median()
    named = own.rename(columns={"council": "series"})
    kept = [c for c in ("series", "year", "value", "doubt", "break") if c in named]
    parts = [named[kept], middle.assign(series=f"Median of other {plural(CLASSES[kind])}")]
    return pd.concat(parts, ignore_index=True).astype({"series": str})


def _spans(one: Line) -> str:
    """The years, and when what is counted changed between them."""
    taken, (first, last) = measured(one), one.years
    apart = taken.where(council=one.councils[0]).unlike(first, last)
    return f"{taken.named(first)} to {taken.named(last)}{apart}"


def _ends(one: Line, name: str) -> tuple[float, float]:
    """The first and the last figure of a council that are not in doubt."""
    own = _sound(one, name)["value"]
    return float(own.iloc[0]), float(own.iloc[-1])


def _sound(one: Line, name: str) -> pd.DataFrame:
    """A council's figures in order of years, without those in doubt."""
    every = rows(one)
    own = every[every["series"] == name].dropna(subset="value").sort_values("year")
    return caveats.sound(own)


def chart(one: Line) -> charts.Chart:
    """The pilot's council, and the median of its class."""
    name, taken = one.councils[0], measured(one)
    first, last = (_written(one, name, value) for value in _ends(one, name))
    began = pilot_of(one.pilot).first_full_year
    marks = {float(began): "first full year"} if began and _inside(began, one) else {}
    return charts.line(
        rows(one),
        series="series",
        slug=one.slug,
        title=f"{one.title}, {name}: {first}, then {last}",
        subtitle=f"{one.title}: {taken.unit}, {_spans(one)}",
        unit=taken.unit,
        number=one.number,
        x_number="calendar" if taken.calendar else "year",
        highlight=one.councils,
        marks=marks,
        sources=taken.sources,
        notes=(*taken.steps, NO_BASELINE),
    )


def _inside(year: int, one: Line) -> bool:
    return one.years[0] < year <= one.years[1]


def of(pilot: str) -> tuple[Line, ...]:
    """The lines that describe one pilot."""
    return tuple(one for one in LINES if one.pilot == pilot)


def sentences_on(pilot: str) -> Sentences:
    """First and last figure of each line beside the median of the class; a sentence to quote."""
    return Sentences([*map(_sentence, of(pilot)), *_changed(pilot), quotable(pilot), NO_BASELINE])


def quotable(pilot: str) -> str:
    """One sentence that a journalist may quote: of the first line, and that it shows no effect."""
    one = of(pilot)[0]
    taken, name = measured(one), one.councils[0]
    middle = rows(one)["series"].iloc[-1]
    own, other = (
        " to ".join(_written(one, series, value) for value in _ends(one, series))
        for series in (name, middle)
    )
    return (
        f"For quotation: “{one.title} in {name} went from {own} ({taken.unit}) between "
        f"{taken.named(taken.years[0])} and {taken.named(taken.years[-1])}"
        f"{taken.where(council=name).unlike(*one.years)}, and the {middle[:1].lower()}{middle[1:]} "
        f"from {other}; {_and_what_of_it(pilot)}.”"
    )


def _and_what_of_it(pilot: str) -> str:
    if pilot == HOMES:
        return (f"they passed to {pilot_of(pilot).body}, and nothing here tells a mutual from "
                "another association")  # fmt: skip
    return "what the programme did to it, these figures cannot say"


def _sentence(one: Line) -> str:
    taken = measured(one)
    parts = []
    for name in dict.fromkeys(rows(one)["series"]):
        first, last = (_written(one, name, value) for value in _ends(one, name))
        parts.append(f"{name} {first} to {last}")
    return f"{one.title} ({taken.unit}), {_spans(one)}: {'; '.join(parts)}."


def _written(one: Line, name: str, value: float) -> str:
    """With as many decimals as the smaller of a council's two figures needs."""
    least = min(abs(end) for end in _ends(one, name))
    return write(value, one.number, places_for(one.number, [least]))


def _changed(pilot: str) -> list[str]:
    said = pilot_of(pilot).confounders
    return [f"What else changed there: {said}."] if said else []


def branches() -> pd.DataFrame:
    """Lewisham's library branches by who runs them, year by year."""
    items = ["branches_open", "council_run", "community_run", "commissioned", "community_share"]
    held = load("libraries", council=pilot_of(LIBRARIES).council, item=items)
    wide = held.pivot(index="year", columns="item", values="value")[items]
    return wide.rename(columns=lambda name: name.replace("_", " ")).round(0).astype("Int64")


def mutual_branches() -> pd.DataFrame:
    """Branches open in the councils whose libraries went to a mutual, and who runs them."""
    names = [p.council for p in pilots(level="structural") if p.service.startswith("libraries")]
    items = ["branches_open", "commissioned", "community_run", "council_run"]
    held = load("libraries", council=list(dict.fromkeys(names)), item=items)
    wide = held.pivot(index=["council", "year"], columns="item", values="value")[items]
    return wide.rename(columns=lambda name: name.replace("_", " ")).astype("Int64")


def homes() -> Sentences:
    """Rochdale's transfer to a mutual beside Oldham's to an ordinary association."""
    said = [_sentence(one) for one in of(HOMES)]
    names = listed([pilot_of(HOMES).council, *of(HOMES)[0].also])
    return Sentences(
        [*said, f"{names} have one transfer each: nothing here tells a mutual from another "
         "association.", *_changed(HOMES), quotable(HOMES)]
    )  # fmt: skip


def not_compared() -> pd.DataFrame:
    """Programmes that can be neither compared nor told, and why: pilot, council, why."""
    told_here = {one.pilot for one in LINES}
    listed_now = [(p.name.split(":")[0], p.council or p.scope, p.why) for p in pilots()
                  if p.testable == "no" and p.slug not in told_here]  # fmt: skip
    return pd.DataFrame(listed_now, columns=["pilot", "council", "why"])


def _charts() -> tuple[Callable[[], charts.Chart], ...]:
    return tuple(functools.partial(chart, one) for one in LINES)


CHARTS = _charts()
