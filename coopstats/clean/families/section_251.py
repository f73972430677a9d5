"""Section 251 outturn, Table A1: a row a council and line, a column an accounting basis.

Unit: pounds and pence, as returned.
"""

from __future__ import annotations

import functools
import re

import numpy as np
import pandas as pd

from coopstats.clean.contracts import swapped_columns
from coopstats.clean.contracts.corrections import corrected
from coopstats.clean.contracts.stack import stacked
from coopstats.clean.sheets.accounts import check_twice
from coopstats.clean.sheets.bodies import body_in
from coopstats.clean.sheets.codes import categorical, coded, tiled
from coopstats.clean.sheets.headings import Line, fold, line_of
from coopstats.clean.sheets.keys import distinct
from coopstats.clean.sheets.plain import cells
from coopstats.clean.sheets.sheet import Sheet, sheets_of
from coopstats.core.errors import UnknownHeading, UnreadableSource, nearest
from coopstats.core.sources import sources_of
from coopstats.register import reader

PUBLICATION = "children_spending"
_CODE = ("LA", "LEA", "LEA Number:")
_NAME = ("LA Name", "LEA Name", "LA Name:")
LINE_HEADINGS = (
    "CYPServiceDescription",
    "Description",
    "S52 Line Reference",
    "S52 Line Reference:",
)
_GROUP = "ReportGroup"
_LETTER = r"([A-Za-z](?![A-Za-z]))?"
_NUMBERED = re.compile(rf"^\s*\d+{_LETTER}(\.\d+)*{_LETTER}\.?\s*")  # "3.1.2a ", "11", "1. "


@functools.cache
def sheets() -> tuple[Sheet, ...]:
    """Every transcribed sheet, read once a process for all tables that need it."""
    return tuple(sheet for source in sources_of(PUBLICATION) for sheet in sheets_of(source))


def returns() -> pd.DataFrame:
    """Every figure of every year's returns, each still in its own column and row."""
    printed = corrected(stacked(map(printed_figures, sheets())), "number")
    swapped_columns.check(swapped_columns.in_table(printed), pounds=1)
    return printed


def printed_figures(sheet: Sheet) -> pd.DataFrame:
    """Every figure of one year's returns, basis by basis, in pounds and pence.

    A basis of a line that no council filled in was not asked for, and gives no rows.
    """
    bases, rows = bases_of(sheet), rows_of(sheet)
    ecode, service = _ecodes(sheet, rows), _services(sheet, rows)
    _check_once(sheet, rows, ecode, service)
    basis = categorical([*bases.values()])
    table = cells(
        sheet,
        list(rows),
        list(bases),
        ecode=tiled(ecode, len(bases)),
        year=np.full(len(rows) * len(bases), sheet.source.year, dtype="int16"),
        service=tiled(service, len(bases)),
        basis=coded(np.repeat(basis.codes, len(rows)), basis.dtype),
    )
    return _asked_for(table)


def bases_of(sheet: Sheet) -> dict[int, str]:
    """The columns of money, by 0-based index, and the accounting basis of each."""
    known, found = _known_bases(), {}
    for index, heading in enumerate(sheet.headings):
        folded = fold(heading or "")
        if folded in known:
            found[index] = known[folded]
        elif folded and folded not in _identity_headings():
            raise _unknown_basis(sheet, index, sorted(known))
    return found


@functools.cache
def _known_bases() -> dict[str, str]:
    listed = reader.table_of("bases")
    mine = listed[(listed["table"] == PUBLICATION) & (listed["place"] == "heading")]
    return dict(zip(mine["printed"], mine["basis"], strict=True))


@functools.cache
def _identity_headings() -> frozenset[str]:
    """The headings that say whose row it is, and of which line."""
    listed = reader.table_of("lines")
    mine = (listed["table"] == PUBLICATION) & (listed["kind"] == "identity")
    return frozenset(listed.loc[mine, "heading"])


def _unknown_basis(sheet: Sheet, index: int, known: list[str]) -> UnknownHeading:
    heading = sheet.headings[index] or ""
    near = nearest(fold(heading), known, 1)
    hint = f" Nearest known: {near[0]!r}." if near else ""
    return UnknownHeading(
        f"{sheet.where(sheet.header, index)}: the heading {heading!r} names no accounting basis "
        f"that is in coopstats/register/bases.csv.{hint} Add it there."
    )


def rows_of(sheet: Sheet) -> np.ndarray:
    """The 0-based rows below the header; each must have the number of a council."""
    coded = ~np.isnan(sheet.number[:, sheet.column(*_CODE)])
    filled = ~np.isnan(sheet.number).all(axis=1)
    below = np.arange(len(coded)) > sheet.header
    stray = np.flatnonzero(below & filled & ~coded)
    if len(stray):
        raise UnreadableSource(
            f"{sheet.source.file}, sheet {sheet.name!r}, row {stray[0] + 1} holds figures but no "
            "number of a council. If it is a total, say so in section_251.py, and tie out "
            "to it."
        )
    return np.flatnonzero(below & coded)


def _ecodes(sheet: Sheet, rows: np.ndarray) -> pd.Categorical:
    codes, names = sheet.number[rows, sheet.column(*_CODE)], sheet.words(rows, *_NAME)
    first, which = distinct(codes, names)
    said = zip(rows[first].tolist(), codes[first].tolist(), names[first].tolist(), strict=True)
    year = sheet.source.year
    known = categorical(
        [body_in(sheet, row, f"{code:.0f}", name, year) for row, code, name in said]
    )
    return coded(known.codes[which], known.categories)


def _services(sheet: Sheet, rows: np.ndarray) -> pd.Categorical:
    """The line of each row by its stable name."""
    first, which = distinct(*_descriptions(sheet, rows))
    known = categorical([line.service for line in lines_of(sheet, rows[first])])
    return coded(known.codes[which], known.categories)


def lines_of(sheet: Sheet, rows: np.ndarray) -> list[Line]:
    """The line of each row, whatever number the form of that year gave it."""
    at, said = sheet.column(*LINE_HEADINGS), zip(*_descriptions(sheet, rows), strict=True)
    return [
        line_of(PUBLICATION, _NUMBERED.sub("", heading), group, sheet.where(row, at))
        for row, (heading, group) in zip(rows.tolist(), said, strict=True)
    ]


def _descriptions(sheet: Sheet, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The heading of each row, and the group it is in where the form has groups."""
    has_groups = _GROUP in [h and h.strip() for h in sheet.headings]
    groups = sheet.words(rows, _GROUP) if has_groups else np.full(len(rows), "", dtype=object)
    return sheet.words(rows, *LINE_HEADINGS), groups


def _check_once(
    sheet: Sheet, rows: np.ndarray, ecode: pd.Categorical, service: pd.Categorical
) -> None:
    """Each council has each line once."""
    if len(distinct(ecode.codes, service.codes)[0]) < len(rows):
        for line in pd.unique(service.codes):
            mine = service.codes == line
            check_twice(sheet, dict(zip(rows[mine].tolist(), ecode[mine], strict=True)))


def _asked_for(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of lines and bases for which some council gave a figure."""
    service, basis = table["service"].cat, table["basis"].cat
    pair = service.codes.to_numpy("int64") * len(basis.categories) + basis.codes.to_numpy()
    given = np.zeros(len(service.categories) * len(basis.categories), dtype=bool)
    given[pair[table["number"].notna()]] = True
    return table[given[pair]].reset_index(drop=True)
