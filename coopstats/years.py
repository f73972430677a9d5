"""Years, in words and out of words: the one grammar of a year that people and files write.

A financial year is the integer of the April in which it starts: 2010 is 2010-11.
"""

from __future__ import annotations

import operator
import re
from typing import Any

from coopstats.errors import UnknownName
from coopstats.terminal import shown

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip
FIRST, LAST = 1900, 2100  # outside these a number is no year
GRAMMAR = "write 2014, or 2014-15 for the financial year (2014/15 and 201415 are read too)"
_ONE = re.compile(r"([0-9]{4})(?:\.0)?")
_TWO = re.compile(r"([0-9]{4})(?: ?[-/–‑] ?| to )?([0-9]{4}|[0-9]{2})", re.IGNORECASE)


def financial_year(start: Any) -> str:
    """2010 as it is printed: "2010-11". Raises UnknownName for what is no year."""
    start = read_year(start)
    return f"{start}-{(start + 1) % 100:02d}"


def read_year(written: Any) -> int:
    """The year that a number or a word means: 2014, "2014", "2014-15", "2014/15", "201415" → 2014.

    Two years must follow one another. Raises UnknownName for anything else, a truth value too.
    """
    year = _of_number(written) if not isinstance(written, str) else _of_words(written.strip())
    if not FIRST <= year <= LAST:
        raise UnknownName(f"{shown(written)} is no year: years are from {FIRST} to {LAST}.")
    return year


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
        raise UnknownName(f"{shown(written)} is no year: {GRAMMAR}.") from None


def _of_words(word: str) -> int:
    if found := _ONE.fullmatch(word):
        return int(found[1])
    found = _TWO.fullmatch(word)
    if not found:
        raise UnknownName(f"{word!r} is no year: {GRAMMAR}.")
    first, second = int(found[1]), found[2]
    if second != str(first + 1)[-len(second) :]:
        raise UnknownName(f"{word!r} is no financial year: the second is not one after the first.")
    return first
