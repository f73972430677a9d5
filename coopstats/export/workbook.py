"""An accessible workbook: notes first, then the contents, the columns, and one sheet a table.

After the Analysis Function's "Making spreadsheets accessible: a brief checklist of the basics":
tables are marked up and named, with one header row; no merged cell, no blank row or column, no
hidden sheet, no filter; the title of a sheet is in A1, and nothing is said by colour. The header
row is frozen, which the checklist would rather leave out: these tables are long.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from coopstats.core import files
from coopstats.core.safe_text import for_spreadsheet, rows_for_spreadsheet
from coopstats.datasets import release
from coopstats.datasets.table import about, open_table
from coopstats.export import csv
from coopstats.export.sqlite import rows
from coopstats.register import breaks

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet
    from openpyxl.worksheet.table import Table

MOST = 50_000  # rows of a sheet; more would be slow to open and to be read aloud
WRITTEN = datetime.datetime(1980, 1, 1)  # not the moment, so that the same tables are the same file
HEADER = 3  # the row of the header: the title and one line of explanation are above it
WIDE, NARROW = 60, 18  # characters


class Write:
    """The workbook coopstats.xlsx."""

    def __init__(self, folder: Path, tables: Sequence[str]) -> None:
        import openpyxl

        self.path, self.book = folder / "coopstats.xlsx", openpyxl.Workbook(write_only=True)
        self.book.properties.title = release.TITLE
        self.book.properties.creator = release.AUTHORS
        self.book.properties.created = WRITTEN
        self._notes(tables)
        self._contents(tables)
        self._columns(tables)
        self._breaks(tables)

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Write the sheet of one table, unless it is too long for one."""
        if len(frame) > MOST:
            return
        told = f"One table, {len(frame):,} rows; unit: {_unit(table)}. The sheet Columns says more."
        title = about(table)["title"]
        self._sheet(table, title, told, list(frame), cells(frame), len(frame))

    def close(self) -> None:
        """Write the file, its bytes depending on nothing but the tables."""
        with files.replacing(self.path) as part:
            self.book.save(part)
            _settle(part)

    def _sheet(
        self,
        name: str,
        title: str,
        told: str,
        heads: list[str],
        found: Iterable[Sequence],
        many: int,
        wrap: bool = False,
    ) -> None:
        """A sheet with a title, a line of explanation and one marked table of so many rows."""
        from openpyxl.utils import get_column_letter

        sheet = self.book.create_sheet(name)
        sheet.freeze_panes = f"A{HEADER + 1}"
        for i, head in enumerate(heads, 1):
            wide = head in ("meaning", "note", "title", "citation")
            sheet.column_dimensions[get_column_letter(i)].width = WIDE if wide else NARROW
        sheet.append([_bold(sheet, title, 14)])
        sheet.append([told])
        sheet.append([_bold(sheet, head) for head in heads])
        for row in found:
            sheet.append([_wrapped(sheet, cell) for cell in row] if wrap else row)
        where = f"A{HEADER}:{get_column_letter(len(heads))}{HEADER + many}"
        sheet.tables.add(_marked(name, heads, where))

    def _words(self, name: str, title: str, told: str, heads: list[str], found: list) -> None:
        """A sheet of words, wrapped so that all of them can be seen."""
        self._sheet(name, title, told, heads, found, len(found), wrap=True)

    def _notes(self, tables: Sequence[str]) -> None:
        told = "One table: read this first."
        self._words("Notes", release.TITLE, told, ["number", "note"], notes(tables))

    def _contents(self, tables: Sequence[str]) -> None:
        told = "One table: every table of the archive, and where it is."
        heads = ["table", "where", "title", "rows", "unit"]
        self._words("Contents", "Contents", told, heads, [_contents_row(table) for table in tables])

    def _columns(self, tables: Sequence[str]) -> None:
        found = [
            (t, c, for_spreadsheet(about(t)["columns"][c]))
            for t in tables
            for c in open_table(t).schema
        ]
        told = "One table: what every column of every table means."
        self._words("Columns", "Columns", told, ["table", "column", "meaning"], found)

    def _breaks(self, tables: Sequence[str]) -> None:
        found = [
            (table, *(for_spreadsheet(w) if isinstance(w, str) else w for w in row))
            for table in tables
            for row in breaks.rows_of_breaks(table)
        ]
        told = "One table: where a line changes its meaning, and whether it can be made alike."
        self._words("Breaks", "Breaks", told, ["table", *breaks.FIELDS], found)


def cells(frame: pd.DataFrame) -> Iterator[tuple]:
    """The rows as cells: nothing where nothing is, and no text that a spreadsheet would run."""
    return rows(rows_for_spreadsheet(frame))


def notes(tables: Sequence[str]) -> list[tuple[int, str]]:
    """What a reader must know before any number, each with its own."""
    long = [table for table in tables if open_table(table).row_count > MOST]
    licences = dict.fromkeys(s["licence"] for t in tables for s in about(t)["sources"].values())
    told = [
        f"Cite as: {release.citation(tables)}",
        "Please also cite the publication that the column `source` of a figure names; its title "
        "and address are in datapackage.json beside this workbook.",
        f"Licences of the figures: {', '.join(sorted(licences))}. DATA-LICENCES.md in the archive "
        "has the attributions that they ask for.",
        "A cell without a figure is empty, and never 0; the column `flag` of its row says why "
        "there is none. Other empty cells mean that there is nothing to say; the sheet Columns "
        "says what.",
        "A text that begins with =, +, - or @ has an apostrophe before it, so that no program "
        "takes it for a formula.",
    ]
    if long:
        told.append(
            f"Not in this workbook, because they have more than {MOST:,} rows: {', '.join(long)}. "
            f"The other formats have them: as CSV, for instance, {_csv(long[0])}."
        )
    return list(enumerate(told, 1))


def _contents_row(table: str) -> tuple:
    said, many = about(table), open_table(table).row_count
    where = _csv(table) if many > MOST else f"sheet {table}"
    return table, where, for_spreadsheet(said["title"]), many, _unit(table)


def _csv(table: str) -> str:
    return f"csv/{csv.file_of(table, open_table(table).row_count)}"


def _unit(table: str) -> str:
    return about(table).get("unit") or "no figures"


def _bold(sheet: WriteOnlyWorksheet, words: str, size: int = 11) -> WriteOnlyCell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, words)
    cell.font = Font(bold=True, size=size)
    return cell


def _wrapped(sheet: WriteOnlyWorksheet, value: object) -> WriteOnlyCell:
    """A cell that shows all its words; `sheet NAME` leads there."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment
    from openpyxl.worksheet.hyperlink import Hyperlink

    cell = WriteOnlyCell(sheet, value)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    before, sheet, name = str(value).partition("sheet ")
    if sheet and not before:
        cell.hyperlink = Hyperlink(ref="A1", location=f"'{name}'!A1")
        cell.value = value
    return cell


def _marked(name: str, heads: list[str], where: str) -> Table:
    """The markup that tells a screen reader where a table is and which row is its header."""
    from openpyxl.worksheet.table import Table, TableColumn

    columns = [TableColumn(id=i, name=head) for i, head in enumerate(heads, 1)]
    return Table(displayName=f"table_{name.lower()}", ref=where, tableColumns=columns)


def _settle(path: Path) -> None:
    """Take the moment of writing out of a workbook: out of its properties and of its parts."""
    with zipfile.ZipFile(path) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    core, stamp = "docProps/core.xml", f"{WRITTEN:%Y-%m-%dT%H:%M:%SZ}".encode()
    parts[core] = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", stamp, parts[core])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as settled:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name, WRITTEN.timetuple()[:6])
            member.compress_type = zipfile.ZIP_DEFLATED
            settled.writestr(member, content)
