"""How the finance publications are laid out: a row a body, a column a line, ENGLAND below.

Shared by every table that is read from such sheets. It finds the rows that are bodies, checks
that each is who it says, and turns chosen columns into one row a figure.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from coopstats.clean.sheets.codes import Part, coded, repeated, stretched, tiled
from coopstats.clean.sheets.headings import Line, fold, line_of
from coopstats.clean.sheets.sheet import Sheet, places
from coopstats.core.errors import UnknownCouncil, UnknownHeading, UnreadableSource, nearest
from coopstats.register import lookups

CODE = re.compile(r"E\d{4}")
_WORD = re.compile(r"[A-Za-z]{4}")


@dataclass(frozen=True)
class Column:
    """One printed column: where it is, the banner above it, and the line it stands for."""

    index: int
    heading: str
    banner: str
    line: Line


@dataclass(frozen=True)
class Accounts:
    """A sheet whose rows are known: bodies (0-based row to E-code), ENGLAND, and class totals."""

    sheet: Sheet
    bodies: dict[int, str]
    england: int
    classes: dict[int, str]
    columns: list[Column]

    @property
    def rows(self) -> np.ndarray:
        """The 0-based rows of the bodies."""
        return np.fromiter(self.bodies, dtype=int)


CLASS_TOTALS = {
    "london boroughs": "L",
    "metropolitan districts": "MD",
    "metropolitan distrcits": "MD",  # as printed in RS 2021-22
    "unitary authorities": "UA",
    "shire counties": "SC",
    "shire districts": "SD",
    "other authorities": "O",
}


def read_accounts(
    sheet: Sheet, columns_of: Callable[[Sheet], list[Column]] | None = None
) -> Accounts:
    """The rows and columns of one sheet, every body checked against the register.

    `columns_of` names the columns where a sheet's headings are not those of one row.
    """
    columns_of = columns_of or _columns
    code = sheet.column_of_text("E-code")
    name = sheet.column_of_text("Local authority")
    england = _england(sheet, name)
    coded = [r for r in range(sheet.header + 1, england) if CODE.fullmatch(code[r])]
    bodies = {row: body_of(sheet, row, code[row], name[row]) for row in coded}
    check_twice(sheet, bodies)
    _check_strays(sheet, bodies, england, code, name)
    return Accounts(sheet, bodies, england, _class_rows(england, name), columns_of(sheet))


def _england(sheet: Sheet, name: np.ndarray) -> int:
    found = [r for r in range(sheet.header + 1, len(name)) if name[r].upper() == "ENGLAND"]
    if not found:
        raise UnreadableSource(
            f"{sheet.source.file}, sheet {sheet.name!r}: no row ENGLAND below row "
            f"{sheet.header + 1}. Without it nothing ties out; check that the file is whole."
        )
    return found[0]


def body_of(sheet: Sheet, row: int, code: str, name: str) -> str:
    """The register's E-code for a row, whose code and spelling must be the same body's."""
    both = bodies_called(code, name)
    if len(both) != 1:
        raise _stranger(sheet, row, code, name)
    return both[0]


@functools.cache
def bodies_called(code: str, name: str) -> tuple[str, ...]:
    """The E-codes of the bodies that ever had both this code and this spelling."""
    coded, spelt = lookups.ecodes_of_code(), lookups.ecodes_of_spelling()
    return tuple(sorted(coded.get(code, frozenset()) & spelt.get(name, frozenset())))


def check_twice(sheet: Sheet, bodies: dict[int, str]) -> None:
    """Raise if a body stands in two rows of a sheet that has one row a body."""
    twice = [ecode for ecode, count in Counter(bodies.values()).items() if count > 1]
    if twice:
        rows = [row + 1 for row, ecode in bodies.items() if ecode == twice[0]]
        raise UnreadableSource(
            f"{sheet.source.file}, sheet {sheet.name!r}: {twice[0]} stands in rows "
            f"{' and '.join(map(str, rows))}. A body may be counted once: compare the original."
        )


def _stranger(sheet: Sheet, row: int, code: str, name: str) -> UnknownCouncil:
    spelt, coded = lookups.ecodes_of_spelling(), lookups.ecodes_of_code().get(code, ())
    names = [lookups.council_table()["council"][ecode] for ecode in sorted(coded)]
    near = nearest(name, spelt, 1)
    known = f" {code} is {' or '.join(names)}." if names else ""
    hint = f" Nearest spelling: {near[0]!r} ({', '.join(sorted(spelt[near[0]]))})." if near else ""
    return UnknownCouncil(
        f"{sheet.source.file}, sheet {sheet.name!r}, row {row + 1}: {code} {name!r} is not in "
        f"coopstats/register.{known}{hint} Add a spelling to spellings.csv, or a new body to "
        "councils.csv."
    )


def _check_strays(
    sheet: Sheet, bodies: dict[int, str], england: int, code: np.ndarray, name: np.ndarray
) -> None:
    """No row of figures above ENGLAND may be passed over in silence."""
    filled = (~np.isnan(sheet.number)).sum(axis=1) > 2
    allowed = lookups.rows_left_out(sheet.source.id, sheet.name)
    for row in np.flatnonzero(filled[: england + 1]):
        if sheet.header < row < england and row not in bodies and row not in allowed:
            raise UnknownCouncil(
                f"{sheet.source.file}, sheet {sheet.name!r}, row {row + 1} holds figures for "
                f"{code[row]!r} {name[row]!r}, which is no E-code. If it is nobody's row, record "
                "it in coopstats/register/rows_left_out.csv with the reason."
            )


def _class_rows(england: int, name: np.ndarray) -> dict[int, str]:
    """Rows below ENGLAND that print the total of a class."""
    folded = {row: fold(name[row]) for row in range(england + 1, len(name))}
    return {row: CLASS_TOTALS[said] for row, said in folded.items() if said in CLASS_TOTALS}


def _columns(sheet: Sheet) -> list[Column]:
    """Every headed column with the banner that reigns above it."""
    banners, found = _banners(sheet), []
    for index, heading in enumerate(sheet.headings):
        if heading is not None and heading.strip():
            where = sheet.where(sheet.header, index)
            line = line_of(sheet.source.table, heading, banners[index], where)
            found.append(Column(index, heading, banners[index], line))
    return found


def _banners(sheet: Sheet) -> list[str]:
    """The banner above each column: the last filled cell to its left in the banner row."""
    row = _banner_row(sheet)
    reigning, banners = "", []
    for cell in sheet.text[row] if row is not None else sheet.text[0] * 0:
        reigning = cell if cell is not None and _WORD.search(cell) else reigning
        banners.append(reigning)
    return banners or [""] * sheet.text.shape[1]


def _banner_row(sheet: Sheet) -> int | None:
    """The lowest of the four rows above the header that has words to the right of the names."""
    class_column = sheet.column("Class")
    for row in range(sheet.header - 1, max(sheet.header - 5, -1), -1):
        right = [c for c in sheet.text[row, class_column + 1 :] if c is not None]
        if any(_WORD.search(c) and " " in c.strip() for c in right):
            return row
    return None


def once_each(accounts: Accounts, columns: list[Column]) -> list[Column]:
    """The first column of each line; a later one of the same line must hold nothing but zeros."""
    first: dict[str, Column] = {}
    for column in columns:
        if first.setdefault(column.line.service, column) is not column:
            _check_empty(accounts, column, first[column.line.service])
    return list(first.values())


def _check_empty(accounts: Accounts, again: Column, first: Column) -> None:
    if np.nansum(np.abs(accounts.sheet.number[accounts.rows, again.index])) > 0:
        sheet = accounts.sheet
        raise UnknownHeading(
            f"{sheet.where(sheet.header, again.index)}: {again.heading!r} repeats the line in "
            f"{sheet.where(sheet.header, first.index)} on the same basis, with other figures. "
            "Tell them apart by `banner` in coopstats/register/lines.csv."
        )


def figures(accounts: Accounts, columns: Iterable[Column], **constants: str) -> Part:
    """One row a body and column: the printed number, its flag, its place; to be stacked.

    `number` is in the publication's own unit, `year` the publication's. `constants` become columns
    of one word, as do source and sheet.
    """
    constants = {**constants, "source": accounts.sheet.source.id, "sheet": accounts.sheet.name}
    columns, rows = list(columns), accounts.rows
    index = np.array([c.index for c in columns], dtype=int)
    number = accounts.sheet.number[np.ix_(rows, index)].ravel(order="F")
    services = [c.line.service for c in columns]
    return {
        "ecode": tiled(stretched(list(accounts.bodies.values()), 1), len(columns)),
        "service": stretched(services, len(rows)),
        "number": number,
        "flag": flags_of(accounts.sheet, rows, index, number),
        "place": places(rows, index),
        **{name: repeated(word, len(number)) for name, word in constants.items()},
        "year": np.full(len(number), accounts.sheet.source.year, dtype="int16"),
    }


def flags_of(
    sheet: Sheet, rows: np.ndarray, index: np.ndarray, number: np.ndarray
) -> pd.Categorical:
    """reported, zero, or what the marker in the cell means; blank is missing."""
    names = list(dict.fromkeys(["reported", "zero", "missing", *lookups.flags_of_markers()]))
    codes = np.where(np.isnan(number), names.index("missing"), (number == 0)).astype("int8")
    meaning = lookups.markers(sheet.source.id)
    empty = np.flatnonzero(np.isnan(number))
    row, column = rows[empty % len(rows)], index[empty // len(rows)]
    text = sheet.text[row, column]
    for at in np.flatnonzero(text != np.array(None)):
        marker = text[at].strip()
        if marker and marker not in meaning:
            raise UnreadableSource(
                f"{sheet.where(row[at], column[at])} holds {text[at]!r} where a figure belongs. If "
                "it is a marker, add it to coopstats/register/markers.csv; if it is a figure "
                "typed as text, compare the original."
            )
        codes[empty[at]] = names.index(meaning.get(marker, "missing"))
    return coded(codes, names)


def in_pounds(table: pd.DataFrame) -> pd.DataFrame:
    """The table with `gbp`, whole pounds, in the place of `number`, thousands of pounds."""
    return table.drop(columns="number").assign(gbp=rounded(table["number"], 1000))


def rounded(number: pd.Series, times: int = 1) -> pd.arrays.IntegerArray:
    """The numbers, so many times as large, to the nearest whole number; null where none is.

    As pandas' `round().astype("Int64")`, which takes four times as long.
    """
    figures = np.rint(number.to_numpy() * times)
    large = np.flatnonzero(np.abs(figures) >= _TOO_LARGE)
    if len(large):
        raise UnreadableSource(
            f"A figure of {number.iloc[large[0]]:g} is printed, which is too large for a table. "
            "Look for it in data/raw and compare the original."
        )
    missing = np.isnan(figures)
    return pd.arrays.IntegerArray(np.where(missing, 0.0, figures).astype("int64"), missing)


_TOO_LARGE = 2.0**63  # an Int64 has no room for it
