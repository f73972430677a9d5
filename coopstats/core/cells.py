"""Text for the cells of a spreadsheet program, which would run some of it as a formula."""

from __future__ import annotations

from typing import Any

import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(value: Any) -> Any:
    """Text with an apostrophe before it where a spreadsheet would take it for a formula."""
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA) else value


def safe_words(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows, all text in them safe in a spreadsheet, its column names too."""
    words = frame.select_dtypes(["category", "object", "string"])
    made = frame.assign(**{name: words[name].map(safe, na_action="ignore") for name in words})
    return made.rename(columns=safe)
