"""Anybody's text on its way to a program that would obey some of it: a terminal, a spreadsheet."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# Control characters but for the end of a line and the tabulator, marks that turn the direction of
# writing, line ends of other kinds, and halves of characters, which no terminal can print.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def for_terminal(text: str) -> str:
    r"""The text with what a terminal would obey spelt out: \x1b for an escape."""
    return _OBEYED.sub(lambda found: ascii(found[0])[1:-1], text)


def quoted(value: Any) -> str:
    """A value as one would write it, cut short; what cannot be shown by its kind."""
    try:
        written = repr(value)
    except Exception:
        return f"a {type(value).__name__}"
    written = " ".join(written.split())
    return written if len(written) <= 60 else f"{written[:59]}…"


def for_spreadsheet(value: Any) -> Any:
    """Text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value


def rows_for_spreadsheet(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows, all text in them safe in a spreadsheet, its column names too."""
    words = frame.select_dtypes(["category", "object", "string"])
    made = {name: words[name].map(for_spreadsheet, na_action="ignore") for name in words}
    return frame.assign(**made).rename(columns=for_spreadsheet)
