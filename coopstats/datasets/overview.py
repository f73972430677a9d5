"""The list of tables, and what each can be used for: its years before co-operative councils.

The network of co-operative councils began in July 2011, so 2011 (the financial year 2011-12, or
the calendar year) is the first year that anything of theirs can be in. A table that begins then
or later can describe councils beside each other, and never compare before with after.
"""

from __future__ import annotations

import pandas as pd

from coopstats.core.errors import NotComparable, Verb, can
from coopstats.core.phrases import number_of
from coopstats.core.years import years_span
from coopstats.datasets.table import about, open_table, some_built

FIRST_YEAR = 2011  # of anything co-operative councils did
TIERS = {
    "shared": "counties and districts have a part each",
    "nested": "counties, and their districts within them",
    "upper": "counties and single-tier councils",
    "lower": "districts and single-tier councils",
}
TREND, SYNTHETIC = 4, 7  # years before: a weighting of peers; one fitted to the series (METHOD.md)


def years_before(table: str, line: str | None = None, start: int = FIRST_YEAR) -> int:
    """How many years with a figure a line has before `start`; the most of any line unless named."""
    covers = about(table)["covers"]
    spans = [covers[line]] if line in covers else list(covers.values())
    return max((sum(year < start for year in years) for years in spans), default=0)


def usable_for(before: int) -> str:
    """What that many years before can be used for, in words."""
    if before == 0:
        return "post period only: councils beside each other, never before and after"
    years = f"{number_of(before, 'year')} before {FIRST_YEAR}"
    if before < TREND:
        return f"{years}: a base to change from, too few for a trend"
    fitted = ", weighted alike or fitted" if before >= SYNTHETIC else " weighted alike"
    return f"{years}: enough for a baseline of peers{fitted}"


def refuse_post_period(table: str, line: str | None, start: int = FIRST_YEAR) -> None:
    """NotComparable for a comparison of before and after where the line has no before."""
    if years_before(table, line, start):
        return
    span = about(table)["covers"].get(line) or sorted(_all_years(table))
    raise NotComparable(
        f"{table}{f' {line}' if line else ''} begins in {span[0]}, so it has no year before "
        f"{start}: it is post period only. It can show councils beside each other in a year, "
        "and not what changed when something began.",
        could=[can(Verb.BETWEEN, span[0], span[-1])],
    )


def _all_years(table: str) -> set[int]:
    return {year for years in about(table)["covers"].values() for year in years}


def tables() -> pd.DataFrame:
    """Every table: what it holds, years, places, unit, publishers, and what it can be used for.

    One row a table. `bears` counts the years of its longest line before 2011; single lines may
    have fewer: `coopstats.datasets.overview.years_before(table, line)`.
    """
    return pd.DataFrame([_row(name) for name in some_built()])


def _row(name: str) -> dict[str, object]:
    told = about(name)
    publishers = dict.fromkeys(source["publisher"] for source in told["sources"].values())
    licences = dict.fromkeys(source["licence"] for source in told["sources"].values())
    return {
        "table": name,
        "years": years_span(sorted(_all_years(name)), open_table(name).calendar),
        "places": told["places"],
        "tier": TIERS.get(told.get("tier", ""), ""),
        "unit": told.get("unit") or "",
        "bears": _usable_for(name, told),
        "publisher": "; ".join(publishers),
        "licence": "; ".join(licences),
        "title": told["title"],
    }


def _usable_for(name: str, told: dict) -> str:
    """The contract's own words where it has some, else the years before in words."""
    if told.get("bears") or not (told.get("value") and told["places"]):
        return told.get("bears", "")
    return usable_for(years_before(name))
