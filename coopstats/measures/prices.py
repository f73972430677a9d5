"""Price indices by financial year, for putting amounts into the prices of one year."""

from __future__ import annotations

from collections.abc import Iterable

from coopstats.core.errors import NotComparable, UnknownName, Verb, can, did_you_mean
from coopstats.datasets.load import load
from coopstats.datasets.table import about

NAMES = {"gdp": "the GDP deflator", "cpih": "CPIH"}


def last_year(index: str = "gdp") -> int:
    """The last financial year for which the index is held."""
    return int(load("deflator", index=index).dropna(subset="value")["year"].max())


def factors(
    index: str, year: int, years: Iterable[int]
) -> tuple[dict[int, float], dict[str, dict[str, str]]]:
    """What to multiply each year's amount by, and the publication of the index."""
    if index not in NAMES:
        raise UnknownName(
            f"No price index {index!r}. There are: {', '.join(NAMES)}." + did_you_mean(index, NAMES)
        )
    rows = load("deflator", index=index)
    level = rows.dropna(subset="value").set_index("year")["value"]
    absent = sorted({year, *years} - set(level.index))
    if absent:
        first, last = int(level.index.min()), int(level.index.max())
        within = can(Verb.REAL if year in absent else Verb.BETWEEN, first, last)
        raise NotComparable(
            f"{NAMES[index]} is held for {first} to {last}, not for {', '.join(map(str, absent))}.",
            could=[within, can(Verb.INDEX)],
        )
    cited = about("deflator")["sources"]
    used = {s: cited[s] for s in rows["source"].unique()}
    return {y: level[year] / level[y] for y in years}, used
