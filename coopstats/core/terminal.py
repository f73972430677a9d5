"""Rows and words for a person at a terminal: within its width, no word broken but after a "_".

What is the same in every row is said once above the table. Numbers are rounded by their unit, cells
wrap between words, and what does not fit is named below. CSV and JSON have everything as it is.
"""

from __future__ import annotations

import math
import re
import shutil
import textwrap
from collections.abc import Iterable
from typing import Any

import pandas as pd

from coopstats.core.safe_text import for_terminal

WIDTH = 80  # where there is no terminal to ask
GAP = "  "
NARROWEST = 18  # a column of words is not squeezed below this, or below its longest word
LONGEST = 30  # of a line's name_in_one_word: what is longer goes on in the next line after a "_"
MOST_LINES = 3  # of a cell; the rest is an ellipsis
# What is found a place first, besides years: what a row is of.
FIRST = ("council", "service", "item", "table", "claim", "pilot", "slug")
# What is found a place last: codes, and what `coopstats trace` says of a number.
LAST = ("council_class", "region", "gss", "cell", "source", "sheet", "publication", "subregion",
        "county", "file", "page", "licence", "sha256")  # fmt: skip


def width() -> int:
    """The columns of the terminal; 80 where that is unknown."""
    return shutil.get_terminal_size((WIDTH, 24)).columns


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────


def number(value: float, unit: str = "", whole: bool = False) -> str:
    """A number as a person reads it: pounds whole, per person to the penny, per cent to a tenth.

    `whole` says that all numbers beside it are whole.
    """
    if pd.isna(value):
        return ""
    size = abs(float(value))
    places = 0 if whole else _places(unit)
    if 0 < size < 0.5 * 10**-places:  # it would print as nought
        places = min(6, 1 - math.floor(math.log10(size)))
    return f"{value:,.{places}f}"


def _places(unit: str) -> int:
    """Decimal places in a unit."""
    if unit.startswith(("per cent", "percentage")):
        return 1
    return 0 if unit.startswith("pounds") and " per " not in unit else 2


def _whole(cells: Iterable[Any]) -> bool:
    return all(float(cell).is_integer() for cell in cells if not pd.isna(cell))


def _is_year(name: str) -> bool:
    return name == "year" or name.endswith("_year")


def _unit(name: str, units: dict[str, str]) -> str:
    """The unit of a column: what the caller says, or what its name does."""
    return units.get(name, "pounds" if name == "gbp" else "")


def _column(rows: pd.DataFrame, name: str, units: dict[str, str]) -> list[str]:
    """The cells of one column as text; a `value` is in the `unit` of its own row."""
    cells = rows[name]
    if not pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_bool_dtype(cells):
        return [_plain(cell) for cell in cells]
    if _is_year(name):
        return ["" if pd.isna(cell) else str(int(cell)) for cell in cells]
    unit = _unit(name, units)
    if name == "value" and "unit" in rows and not unit:
        whole = cells.groupby(rows["unit"].astype(str)).transform(_whole)
        told = zip(cells, rows["unit"].astype(str), whole, strict=True)
        return [number(*one) for one in told]
    whole_column = _whole(cells)
    return [number(cell, unit, whole_column) for cell in cells]


def _plain(cell: Any) -> str:
    """Text on one line, what a terminal would obey spelt out; empty where nothing is there."""
    absent = cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell))
    return "" if absent else for_terminal(" ".join(str(cell).split()))


# ── tables ───────────────────────────────────────────────────────────────────────────────────────


def table(rows: pd.DataFrame, units: dict[str, str] | None = None, wide: int | None = None) -> str:
    """Rows as text for a terminal `wide` columns across; `units` says what a column is in."""
    if rows.empty:
        return "No rows.\n"
    wide = wide or width()
    cells = {str(name): _column(rows, name, units or {}) for name in rows}
    same = {name: words[0] for name, words in cells.items() if len(set(words)) == 1}
    above = _above_the_table(same, wide)
    vary = {name: words for name, words in cells.items() if name not in same}
    if not vary:
        alike = [f"{len(rows):,} rows, all the same."] if len(rows) > 1 else []
        return "\n".join([*alike, *above]) + "\n"
    numeric = {str(n) for n in rows if pd.api.types.is_numeric_dtype(rows[n]) and not _is_year(n)}
    shown, gone = _fitting(vary, numeric, wide)
    below = ["", *filled(f"Not shown here, but with --format csv: {', '.join(gone)}.", wide)]
    body = _body({name: vary[name] for name in shown}, numeric, wide)
    return "\n".join([*above, *([""] if above else []), *body, *(below if gone else [])]) + "\n"


def _above_the_table(same: dict[str, str], wide: int) -> list[str]:
    """What every row has, a line each; the columns without a cell in one line."""
    told = {name: words for name, words in same.items() if words}
    longest = max(map(len, told), default=0)
    lines = []
    for name, words in told.items():
        start = f"{name.ljust(longest)}{GAP}"
        lines += filled(words, wide, start, " " * len(start))
    empty = [name for name in same if name not in told]
    return lines + (filled(f"Empty in all rows: {', '.join(empty)}.", wide) if empty else [])


def _fitting(
    cells: dict[str, list[str]], numeric: set[str], wide: int
) -> tuple[list[str], list[str]]:
    """The columns that fit side by side, and those that do not."""
    least = {name: _least(name, words, name in numeric) for name, words in cells.items()}
    shown: set[str] = set()
    left = wide + len(GAP)
    for name in sorted(cells, key=lambda one: _turn(one, one in numeric)):
        if least[name] + len(GAP) <= left or not shown:
            shown.add(name)
            left -= least[name] + len(GAP)
    return [n for n in cells if n in shown], [n for n in cells if n not in shown]


def _turn(name: str, numeric: bool) -> int:
    """When a column is found a place: names and years, numbers, other words, codes."""
    if name in LAST:
        return 3 + LAST.index(name)
    return 0 if name in FIRST or _is_year(name) else 1 if numeric else 2


def _least(name: str, words: list[str], numeric: bool) -> int:
    """The narrowest that a column may be: no number or word of it broken."""
    longest = max(map(len, words))
    if numeric:
        return max(len(name), longest)
    whole = {part for cell in set(words) for part in cell.split()}
    parts = [p for one in whole for p in (_pieces(one, LONGEST) if name in FIRST else [one])]
    word = max(map(len, parts), default=0)
    return max(len(name), word, min(longest, NARROWEST))


def _body(cells: dict[str, list[str]], numeric: set[str], wide: int) -> list[str]:
    """Headings and rows, a row taking as many lines as its longest cell, at most three."""
    room = _room(cells, numeric, wide)
    lines = [_line([(name, room[name], name in numeric) for name in cells])]
    for row in zip(*cells.values(), strict=True):
        parts = [_cell(words, room[name]) for name, words in zip(cells, row, strict=True)]
        for at in range(max(map(len, parts))):
            line = [part[at] if at < len(part) else "" for part in parts]
            told = zip(line, cells, strict=True)
            lines.append(_line([(words, room[name], name in numeric) for words, name in told]))
    return lines


def _room(cells: dict[str, list[str]], numeric: set[str], wide: int) -> dict[str, int]:
    """How wide each column is: what it needs at least, and a share of the rest as it has words."""
    room = {name: _least(name, words, name in numeric) for name, words in cells.items()}
    wanted = {name: max(len(name), *map(len, words)) for name, words in cells.items()}
    left = wide - sum(room.values()) - len(GAP) * (len(room) - 1)
    for name in sorted(room, key=lambda one: wanted[one] - room[one]):
        more = [other for other in room if wanted[other] > room[other]]
        given = min(wanted[name] - room[name], left // max(1, len(more)))
        room[name] += max(0, given)
        left -= max(0, given)
    return room


def _cell(words: str, room: int) -> list[str]:
    """A cell's lines, broken between words; more than three end in an ellipsis."""
    if len(words) <= room:
        return [words]
    words = " ".join(piece for word in words.split() for piece in _pieces(word, room))
    lines = textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False)
    if len(lines) <= MOST_LINES:
        return lines
    last = textwrap.shorten(
        " ".join(lines[MOST_LINES - 1 :]), room, placeholder=" …", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
    return [*lines[: MOST_LINES - 1], last.strip()]


def _pieces(word: str, room: int) -> list[str]:
    """A name_in_one_word in pieces of at most `room` letters, each but the last ending in "_"."""
    pieces = [""]
    for part in re.findall(r"[^_]*_|[^_]+", word):
        if pieces[-1] and len(pieces[-1] + part) > room:
            pieces.append("")
        pieces[-1] += part
    return pieces


def _line(parts: Iterable[tuple[str, int, bool]]) -> str:
    """One line of a table: numbers flush right, words flush left."""
    told = [words.rjust(room) if right else words.ljust(room) for words, room, right in parts]
    return GAP.join(told).rstrip()


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def filled(words: str, wide: int, first: str = "", after: str = "") -> list[str]:
    """Words in lines of at most this width, none broken."""
    return textwrap.wrap(
        words, wide, initial_indent=first, subsequent_indent=after, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def wrapped(text: str, wide: int | None = None) -> str:
    """Text whose long lines are broken between words and go on a little further in."""
    wide = wide or width()
    lines: list[str] = []
    for line in text.splitlines():
        start = line[: len(line) - len(line.lstrip())]
        long = len(line) > wide
        lines += filled(line.strip(), wide, start, f"{start}    ") if long else [line]
    return "\n".join(lines)


def is_long(text: str) -> bool:
    """Whether the text has more lines than the terminal."""
    return text.count("\n") >= shutil.get_terminal_size((WIDTH, 24)).lines
