"""Numbers and markers out of words: the one grammar of a number that people and files write.

A number is a sign (+, - or −), £, digits, a decimal point with digits, a power of ten as
spreadsheets write it (1.00E+05), and %: "1,234.5", "-£3", "45%" (which is 45), ".5". Commas part
thousands in groups of three and nothing else. After it a mark in brackets may say what the figure
is: "12.3 [p]" is provisional. Brackets around a number are not read as a minus, because some
releases mean small counts by them. What only a programming language would read (1_000, inf, 0x10,
the digits of other scripts) is no number.

Cells of the project's own publications hold a stricter part of it: digits, a point, a minus and a
power, as programs print them. In such a cell £, % or a comma means that its column is not what it
was taken for, and a minus sign of print that somebody wrote it by hand.

A marker stands where there is no number; register/markers.csv says what each means. Those of
source "brought" are for the files of readers, beside those of all publications.
"""

from __future__ import annotations

import math
import re
from functools import cache

from coopstats.core.errors import UnknownName
from coopstats.register.reader import rows_of

BROUGHT = "brought"
PLAIN = frozenset("0123456789.-E")  # all that a number may hold as programs print it
_NUMBER = re.compile(
    r"(?P<sign>[-+−]?)(?P<pound>£ ?)?(?P<after>[-+−]?)"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)?(?P<part>\.[0-9]+)?"
    r"(?P<power>[eE][-+]?[0-9]{1,3})?(?P<percent> ?%)?"
)
_MARKED = re.compile(r"(.*[0-9%])((?: ?\[(?:[befpru]|note [0-9]+)\])+)", re.IGNORECASE)


def read_number(written: str) -> float:
    """The number that a word means. Raises UnknownName with what to write instead."""
    word = written.strip()
    found = _NUMBER.fullmatch(word)
    if not found or not _sound(found):
        raise UnknownName(f"{written!r} is no number{_advice(word)}.")
    sign = "-" if (found["sign"] or found["after"]) in ("-", "−") else ""
    whole = (found["whole"] or "0").replace(",", "")
    number = float(f"{sign}{whole}{found['part'] or ''}{found['power'] or ''}")
    if not math.isfinite(number):
        raise UnknownName(f"{written!r} is too large a number.")
    return number


def is_number(written: str) -> bool:
    """Does the grammar read it?"""
    try:
        read_number(written)
    except UnknownName:
        return False
    return True


def is_plain(written: str) -> bool:
    """Is it a number as programs print it: no sign but a minus, no £, %, comma or words beside?"""
    word = written.strip(" ")
    return (
        word[-1:].isdigit()
        and word.lstrip("-")[:1].isdigit()
        and (set(word) <= PLAIN and is_number(word))
    )


def parted(written: str) -> tuple[str, str]:
    """A cell's number and the marks after it: "12.3 [p]" → "12.3", "[p]"."""
    found = _MARKED.fullmatch(written.strip())
    return (found[1].strip(), found[2].strip().casefold()) if found else (written.strip(), "")


@cache
def brought_markers() -> dict[str, str]:
    """The markers of readers' files, in lower case, and the flag that each means."""
    rows = [row for row in rows_of("markers") if row["source"] in ("", BROUGHT)]
    return {row["marker"].casefold(): row["flag"] for row in rows}


def _sound(found: re.Match[str]) -> bool:
    """Something to read, one sign, and not pounds and per cent in one."""
    signed = bool(found["sign"]) + bool(found["after"])
    both = bool(found["pound"]) and bool(found["percent"])
    bare = bool(found["after"]) and not found["pound"]
    return bool(found["whole"] or found["part"]) and signed < 2 and not both and not bare


def _advice(word: str) -> str:
    if re.fullmatch(r"[-+−£]*[0-9.]*,[0-9.,]*%?", word):
        return ": commas part thousands, as in 1,234, and a decimal point is a point, as in 12.5"
    if re.fullmatch(r"\(.*[0-9].*\)", word):
        return ": write a minus before it if it is below nought"
    return ""
