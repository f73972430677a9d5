"""How wide a text is, from the advance widths of DejaVu Sans, so that layout needs no renderer.

font_widths.csv holds, for each character, its width in 1/2048 of the size, regular and bold; a
test compares it with the font that matplotlib ships.
"""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

FAMILY = "DejaVu Sans"
FALLBACKS = "'DejaVu Sans', Verdana, Geneva, sans-serif"
ASCENT, DESCENT, LEADING = 0.76, 0.24, 1.28
UNITS = 2048
WIDEST = 2048


@lru_cache(maxsize=1)
def _widths() -> dict[str, tuple[int, int]]:
    path = Path(__file__).with_name("font_widths.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        return {
            chr(int(row["codepoint"], 16)): (int(row["regular"]), int(row["bold"]))
            for row in csv.DictReader(lines)
        }


@lru_cache(maxsize=50_000)
def width(text: str, size: float, bold: bool = False) -> float:
    """Width in the units of `size`; a character not in the table counts as the widest."""
    table, unknown = _widths(), (WIDEST, WIDEST)
    return sum(table.get(letter, unknown)[bold] for letter in text) * size / UNITS


def wrap(text: str, size: float, room: float, bold: bool = False) -> list[str]:
    """Lines no wider than `room`, broken at spaces; a word too long by itself is left to the lint.

    A no-break space holds its two words together.
    """
    lines: list[str] = []
    for word in [part for part in text.replace("\n", " ").split(" ") if part]:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, bold) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def balanced(text: str, size: float, room: float, bold: bool = False) -> list[str]:
    """As `wrap`, with lines of about one length instead of a last word alone."""
    lines = wrap(text, size, room, bold)
    narrow = room
    while len(lines) > 1 and narrow > room / 2:
        narrow -= size / 2
        tighter = wrap(text, size, narrow, bold)
        if len(tighter) > len(lines) or max(width(t, size, bold) for t in tighter) > narrow:
            break
        lines = tighter
    return lines
