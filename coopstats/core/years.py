"""Years, in words and out of words: the one grammar of a year that people and files write.

A financial year is the integer of the April in which it starts: 2010 is 2010-11.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Sequence
from typing import Any

from coopstats.core.errors import UnknownName
from coopstats.core.safe_text import quoted

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip
FIRST, LAST = 1900, 2100  # outside these a number is no year
GRAMMAR = "write 2014, or 2014-15 for the financial year (2014/15 and 201415 are read too)"
LONE, SPANNING, CALENDAR = "lone", "spanning", "calendar"  # how a year was written
_ONE = re.compile(r"([0-9]{4})(?:\.0)?")
_TWO = re.compile(r"(?:FY ?)?([0-9]{4})(?: ?[-/–‑] ?| to )?([0-9]{4}|[0-9]{2})", re.IGNORECASE)
_ENDING = re.compile(
    r"(?:(?:financial )?year|12 months) (?:ending|ended|to)(?: in)?(?: [0-9]{1,2})? "
    r"([A-Z]{3,9}) ([0-9]{4})",
    re.IGNORECASE,
)
_APRIL_TO_MARCH = re.compile(
    r"Apr(?:il)? ([0-9]{4}) ?(?:[-–]|to) ?Mar(?:ch)? ([0-9]{4})", re.IGNORECASE
)
_DATED = re.compile(r"([0-9]{4})-(01|04|08|09)-01(?:T00:00:00)?/P1Y")  # as the ONS writes it


def financial_year(start: Any) -> str:
    """2010 as it is printed: "2010-11". Raises UnknownName for what is no year."""
    start = read_year(start)
    return f"{start}-{(start + 1) % 100:02d}"


def named_year(year: float, calendar: bool = False) -> str:
    """A year as printed: 2010-11, or 2010 by calendar year."""
    return str(int(year)) if calendar else financial_year(int(year))


def years_span(years: Sequence[float], calendar: bool = False) -> str:
    """The first and last of some years as printed: '2010-11 to 2015-16'; nothing of none."""
    if not len(years):
        return ""
    return " to ".join(dict.fromkeys(named_year(y, calendar) for y in (years[0], years[-1])))


def years_one_by_one(years: Iterable[float], calendar: bool = False) -> str:
    """Each year as printed: '2010-11, 2012-13'."""
    return ", ".join(named_year(year, calendar) for year in years)


def years_in_words(years: Sequence[int], calendar: bool = False) -> str:
    """'2012-13 to 2016-17' of years in a row, one by one where some between are left out."""
    in_a_row = list(years) == list(range(years[0], years[-1] + 1))
    return (years_span if in_a_row else years_one_by_one)(years, calendar)


def read_year(written: Any) -> int:
    """The year that a number or a word means: 2014, "2014", "2014-15", "2014/15", "201415" → 2014.

    Two years must follow one another. Raises UnknownName for anything else, a truth value too.
    """
    return read_period(written)[0]


def read_period(written: Any) -> tuple[int, str]:
    """The year, and how it was written: LONE (2014), SPANNING two (2014-15), or CALENDAR.

    Besides what `read_year` names: "FY 2014-15", "April 2014 to March 2015", "Year ending March
    2015" and "2014-04-01/P1Y", all 2014. "FY2015" could begin or end in 2015, and a date or a
    quarter is no year: refused.
    """
    year, how = (
        _of_words(written.strip()) if isinstance(written, str) else (_of_number(written), LONE)
    )
    if not FIRST <= year <= LAST:
        raise UnknownName(f"{quoted(written)} is no year: years are from {FIRST} to {LAST}.")
    return year, how


def read_span(written: str) -> tuple[int | None, int | None]:
    """The first and last year of "2010:2016"; an end left open is None, and "2010" is one year.

    Raises UnknownName for what is no span, or one that runs backwards.
    """
    first, colon, last = (part.strip() for part in written.partition(":"))
    if not (first or last):
        raise UnknownName(f"{written!r} is no span of years: write 2010:2016 (2010 is 2010-11).")
    start = read_year(first) if first else None
    if not colon:
        return start, start
    end = read_year(last) if last else None
    if start is not None and end is not None and end < start:
        raise UnknownName(f"{written!r} runs backwards: write {last}:{first}.")
    return start, end


def _of_number(written: Any) -> int:
    whole = written
    if isinstance(written, float) and written.is_integer():
        whole = int(written)
    try:
        if isinstance(whole, bool):
            raise TypeError
        return operator.index(whole)  # numpy's whole numbers too
    except TypeError:
        raise UnknownName(f"{quoted(written)} is no year: {GRAMMAR}.") from None


def _of_words(word: str) -> tuple[int, str]:
    if found := _ONE.fullmatch(word):
        return int(found[1]), LONE
    if found := _DATED.fullmatch(word):
        return int(found[1]), CALENDAR if found[2] == "01" else SPANNING
    if found := _ENDING.fullmatch(word):
        return _ended(word, found[1].casefold(), int(found[2]))
    found = _APRIL_TO_MARCH.fullmatch(word) or _TWO.fullmatch(word)
    if not found:
        raise UnknownName(f"{word!r} is no year: {GRAMMAR}.")
    first, second = int(found[1]), found[2]
    if second != str(first + 1)[-len(second) :]:
        raise UnknownName(f"{word!r} is no financial year: the second is not one after the first.")
    return first, SPANNING


def _ended(word: str, month: str, year: int) -> tuple[int, str]:
    """A year by the month in which it ended: March, or December, of which the whole is one year."""
    if month in ("march", "mar"):
        return year - 1, SPANNING
    if month in ("december", "dec"):
        return year, CALENDAR
    raise UnknownName(f"{word!r} is neither a financial year, to March, nor a calendar year.")
