"""The periods that public-health publications print, as the first year of each."""

from __future__ import annotations

import re

from coopstats.clean.sheets.sheet import Sheet
from coopstats.core.errors import UnreadableSource

_PERIOD = re.compile(r"(\d{4})(?: ?(/|-) ?(\d\d))?")
_THREE_YEARS = re.compile(r"(\d{4})-01-01/P3Y")
LASTS = {"/": 1, "-": 2}  # years from the first to the last: 2006/07, 2001-03


def first_year(sheet: Sheet, row: int, column: int) -> int:
    """2006 from "2006", "2006/07" (a financial or school year) or "2006-08" (three years)."""
    printed = (sheet.text[row, column] or "").strip()
    found = _PERIOD.fullmatch(printed)
    if found is None or not _is_whole(found):
        raise UnreadableSource(
            f"{sheet.where(row, column)} holds {printed!r} where a period belongs: '2006', "
            "'2006/07' or '2006-08'. Compare the original."
        )
    return int(found[1])


def _is_whole(found: re.Match) -> bool:
    return found[2] is None or (int(found[1]) + LASTS[found[2]]) % 100 == int(found[3])


def first_of_three(sheet: Sheet, row: int, column: int) -> int:
    """2001 from "2001-01-01/P3Y", three years from January 2001."""
    printed = (sheet.text[row, column] or "").strip()
    found = _THREE_YEARS.fullmatch(printed)
    if found is None:
        raise UnreadableSource(
            f"{sheet.where(row, column)} holds {printed!r} where three years belong, "
            "'2001-01-01/P3Y'. Compare the original."
        )
    return int(found[1])
