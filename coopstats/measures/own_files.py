"""A reader's own table as text: CSV of any usual separator and encoding, a sheet, a DataFrame.

The header is the first row that has every column that was asked for, so titles may stand above
it. Rows are known by their line in the file, blank lines counted.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from coopstats.core.errors import UnknownName, UnreadableSource, Verb, can, did_you_mean
from coopstats.core.phrases import number_of

SEPARATORS = (",", ";", "\t", "|")
HEADER_WITHIN = 50  # records from the top
SHOWN = 5  # problems named in one message
KINDS = {b"PK": "a workbook", b"\xd0\xcf\x11\xe0": "a workbook", b"%PDF": "a PDF",
         b"<!": "a web page", b"<h": "a web page", b"<?": "a web page or XML"}  # fmt: skip
SAVE = "Save it as CSV (UTF-8), one row a council and year"

Records = Iterator[tuple[int, list[str]]]


def text_of(
    source: str | Path | pd.DataFrame, columns: Sequence[str], sheet: str | None
) -> pd.DataFrame:
    """The columns, every cell as text; the index is the line of the file (or row of the frame).

    Raises UnreadableSource for what is no table, UnknownName for a column that is not there.
    """
    if isinstance(source, pd.DataFrame):
        _refuse_sheet(sheet, "a DataFrame")
        return _of_frame(source, columns)
    if not isinstance(source, str | Path):
        raise UnreadableSource(f"{type(source).__name__} is no table: give a path or a DataFrame.")
    path = Path(source)
    content = _content(path)
    is_workbook = content.startswith((b"PK", b"\xd0\xcf\x11\xe0"))
    if is_workbook and sheet is not None:
        return _below_header(list(_of_workbook(path, content, sheet)), columns, path)
    if not is_workbook:
        _refuse_sheet(sheet, f"{path.name}, which is no workbook")
    return _below_header(_records(path, _decoded(path, content), columns), columns, path)


def _refuse_sheet(sheet: str | None, what: str) -> None:
    if sheet is not None:
        raise UnreadableSource(f"There is no sheet {sheet!r} in {what}. Leave `sheet` out.")


def _of_frame(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    if isinstance(table.columns, pd.MultiIndex):
        raise UnreadableSource(
            "The DataFrame has several rows of headings, and needs one.",
            could=[can(Verb.ONE_HEADING)],
        )
    names = [str(name) for name in table.columns]
    at = _places(names, columns, "The DataFrame")
    if table.empty:
        raise UnreadableSource("The DataFrame has no rows. It needs one row a council and year.")
    cells = {name: [_text(cell) for cell in table.iloc[:, i]] for name, i in at.items()}
    return pd.DataFrame(cells, index=range(1, len(table) + 1), dtype=object)


def _text(cell: Any) -> str:
    """A cell as text; a whole number without ".0", and what is missing as nothing."""
    if cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell)):
        return ""
    return str(cell).strip().removesuffix(".0") if isinstance(cell, float) else str(cell).strip()


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise UnreadableSource(f"{path} cannot be read: {why}. Is the path right?") from problem
    if not content.strip():
        raise UnreadableSource(f"{path} is empty. It needs one row a council and year.")
    return content


def _decoded(path: Path, content: bytes) -> str:
    """As UTF-8 or UTF-16, with or without a mark at its start, or as old spreadsheets write."""
    for start, kind in KINDS.items():
        if content.lstrip()[:4].startswith(start):
            sheets = ", or name its `sheet`" if kind == "a workbook" else ""
            raise UnreadableSource(f"{path} is {kind} and no CSV. {SAVE}{sheets}.")
    encodings = ("utf-8-sig", "cp1252")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16", "utf-16")
    elif b"\0" in content[:200]:
        encodings = ("utf-16-le", "utf-16-be") if content[1:2] == b"\0" else ("utf-16-be",) * 2
    for encoding in encodings:
        try:
            words = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in words:
            return words
    raise UnreadableSource(f"{path} cannot be read as text. {SAVE}.")


def _records(path: Path, words: str, columns: Sequence[str]) -> list[tuple[int, list[str]]]:
    """The records under the separator that gives the header, or else the most columns."""
    best, most = ",", 0
    for separator in SEPARATORS:
        top = _top(words, separator)
        if _header(top, columns) is not None:
            best = separator
            break
        if (width := max((len(cells) for _, cells in top), default=0)) > most:
            best, most = separator, width
    try:
        return list(_parsed(words, best))
    except csv.Error as problem:
        raise UnreadableSource(f"{path} cannot be read as CSV: {problem}. {SAVE}.") from problem


def _top(words: str, separator: str) -> list[tuple[int, list[str]]]:
    """The first records, as far as they can be read."""
    top = []
    with contextlib.suppress(csv.Error):
        for record in islice(_parsed(words, separator), HEADER_WITHIN):
            top.append(record)
    return top


def _parsed(words: str, separator: str) -> Records:
    """Each record that is not blank, with the line on which it begins."""
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield line, stripped
            line = reader.line_num + 1
    except csv.Error as problem:
        raise csv.Error(f"{problem}, in the record that begins on line {line}") from problem


def _of_workbook(path: Path, content: bytes, sheet: str) -> Records:
    """Each row of a sheet that is not blank, with its number."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        grid = None
        if sheet in names:
            grid = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError) as problem:
        raise UnreadableSource(f"{path} is not a whole workbook: {problem}. {SAVE}.") from problem
    if grid is None:
        raise UnknownName(
            f"{path} has no sheet {sheet!r}. Its sheets are: {', '.join(names)}."
            + did_you_mean(str(sheet), names)
        )
    rows = ((row, [_text(cell) for cell in cells]) for row, cells in enumerate(grid, start=1))
    yield from ((row, cells) for row, cells in rows if any(cells))


def _header(records: Sequence[tuple[int, list[str]]], columns: Sequence[str]) -> int | None:
    """Which record has every column that is wanted."""
    wanted = {column.strip() for column in columns}
    for place, (_, cells) in enumerate(records[:HEADER_WITHIN]):
        if wanted <= set(cells):
            return place
    return None


def _below_header(
    records: list[tuple[int, list[str]]], columns: Sequence[str], path: Path
) -> pd.DataFrame:
    """The wanted columns below the header. Raises for rows that are longer or shorter than it."""
    place = _header(records, columns)
    if place is None:
        place = 0
    names = records[place][1] if records else []
    at = _places(names, columns, str(path))
    rows = records[place + 1 :]
    if not rows:
        raise UnreadableSource(f"{path} has no rows. It needs one row a council and year.")
    _check_widths(rows, len(names), path)
    cells = {name: [row[i] for _, row in rows] for name, i in at.items()}
    return pd.DataFrame(cells, index=[line for line, _ in rows], dtype=object)


def _places(names: list[str], columns: Sequence[str], where: str) -> dict[str, int]:
    """Where each wanted column is. Raises UnknownName for all that are absent or there twice."""
    told = [
        f"There is no column {column!r}.{did_you_mean(column, names)}"
        for column in columns
        if column.strip() not in names
    ]
    if told:
        told.append(f"The columns are: {', '.join(filter(None, names))}.")
    twice = [c for c in dict.fromkeys(columns) if names.count(c.strip()) > 1]
    told += [f"Several columns are called {column!r}: rename one." for column in twice]
    if told:
        raise UnknownName(f"{where}: {' '.join(told)}")
    return {column: names.index(column.strip()) for column in columns}


def _check_widths(rows: list[tuple[int, list[str]]], width: int, path: Path) -> None:
    """UnreadableSource where a row is longer or shorter than the header, blank ends aside."""
    wrong = [
        f"row {line} has {number_of(len(cells), 'field')}, the header {width}"
        for line, cells in rows
        if len(cells) < width or any(cells[width:])
    ]
    if wrong:
        more = f" … and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        raise UnreadableSource(
            f"{path}: {'; '.join(wrong[:SHOWN])}{more}. A number with a comma in it needs quotes "
            'around it ("1,234"); notes below the table need a row of their own fields, or go.'
        )
