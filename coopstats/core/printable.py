"""Text on its way to a terminal, which would obey some of it: colours, erasures, other titles."""

from __future__ import annotations

import re
from typing import Any

# Control characters but for the end of a line and the tabulator, marks that turn the direction of
# writing, line ends of other kinds, and halves of characters, which no terminal can print.
_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: str) -> str:
    r"""The text with what a terminal would obey spelt out: \x1b for an escape."""
    return _OBEYED.sub(lambda found: ascii(found[0])[1:-1], text)


def shown(value: Any) -> str:
    """A value as one would write it, cut short; what cannot be shown by its kind."""
    try:
        told = repr(value)
    except Exception:
        return f"a {type(value).__name__}"
    told = " ".join(told.split())
    return told if len(told) <= 60 else f"{told[:59]}…"
