"""Lists, plurals and spans of years in a sentence: the one way in which the project writes them."""

from __future__ import annotations

from collections.abc import Sequence

from coopstats.core.years import financial_year

MOST = 6  # names in a sentence before the rest are counted


def number_of(how_many: int, thing: str, things: str | None = None) -> str:
    """'1 council', '12 councils'; 'things' where its plural is no plain one."""
    return f"{how_many:,} {thing if how_many == 1 else things or plural(thing)}"


def plural(thing: str) -> str:
    """'councils', 'authorities'."""
    return f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"


def listed(names: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def some(names: Sequence[str], most: int = MOST, things: str = "more") -> str:
    """All names where they are few, else the first with a count of the rest: 'a, b and 3 more'."""
    more = f" and {len(names) - most} {things}" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def named_year(year: int, calendar: bool = False) -> str:
    """A year as printed: 2010-11, or 2010 by calendar year."""
    return str(int(year)) if calendar else financial_year(year)


def years_span(years: Sequence[int], calendar: bool = False) -> str:
    """The first and last of some years as printed: '2010-11 to 2015-16'; nothing of none."""
    if not len(years):
        return ""
    return " to ".join(dict.fromkeys(named_year(y, calendar) for y in (years[0], years[-1])))


def sentence(text: str) -> str:
    """The text with a full stop if it has no closing mark."""
    stripped = text.strip()
    return stripped if not stripped or stripped[-1] in ".!?" else stripped + "."
