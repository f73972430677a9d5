"""Originals to data/raw: every figure and marker of every data sheet, as printed, cell by cell.

One Parquet file a publication, one row a filled cell:

| column  | meaning |
|---------|---------|
| sheet   | the sheet's name as printed; the file's own name for a CSV |
| row     | 1-based row of the sheet (record of a CSV, observation of a Stata or Parquet file) |
| column  | 1-based column |
| heading | what the header row prints above the cell; null at and above the header row |
|         | (where a file has no header row, the heading that SOURCES.toml gives the column) |
| number  | the stored value of a numeric cell, at full precision |
| text    | the content of any other cell: names, codes, markers, headings, notes |

A file of organisations has no postcodes here but the codes of their councils: see
`coopstats.publications.postcodes`. Nothing else is interpreted: that is what `coopstats.clean` and
the register are for.
"""

from __future__ import annotations

import csv
import io
import json
import struct
import tempfile
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from coopstats.core import files
from coopstats.core.errors import SourceChanged, UnreadableSource, did_you_mean
from coopstats.core.sources import Source, checked_bytes
from coopstats.publications import postcodes

Grid = Sequence[Sequence[Any]]

CELLS = pa.schema(
    [
        ("sheet", pa.dictionary(pa.int16(), pa.string())),
        ("row", pa.int32()),
        ("column", pa.int16()),
        ("heading", pa.dictionary(pa.int16(), pa.string())),
        ("number", pa.float64()),
        ("text", pa.dictionary(pa.int32(), pa.string())),
    ]
)


def transcribe(source: Source, folder: Path) -> None:
    """Write data/raw for one publication; the same original always gives the same bytes."""
    files.replace(source.raw_file, transcribed_bytes(source, folder))


def check(source: Source, folder: Path) -> None:
    """Raise unless data/raw holds exactly what the original gives now."""
    fresh = transcribed_bytes(source, folder)
    if not source.raw_file.exists() or source.raw_file.read_bytes() != fresh:
        raise SourceChanged(
            f"data/raw/{source.table}/{source.period}.parquet is not what {source.file} gives. "
            f"Run `coopstats transcribe --from DIR {source.table}` and look at what changed."
        )


def transcribed_bytes(source: Source, folder: Path) -> bytes:
    """The Parquet file of one publication, in memory."""
    sheets = READERS[source.reader](source, checked_bytes(source, folder))
    cells = pa.concat_tables([_cells(name, grid, source) for name, grid in sheets])
    cells = cells.unify_dictionaries().combine_chunks()
    written = io.BytesIO()
    with pq.ParquetWriter(
        written,
        cells.schema,
        compression="zstd",
        compression_level=6,
        use_dictionary=["sheet", "heading", "text", "column"],
        column_encoding={"row": "DELTA_BINARY_PACKED", "number": "BYTE_STREAM_SPLIT"},
        write_statistics=False,
        store_schema=False,
    ) as writer:
        writer.write_table(cells)
        # Said here because without store_schema the schema's own metadata is not kept.
        writer.add_key_value_metadata({"source": source.id, "sha256": source.sha256})
    return written.getvalue()


def _cells(sheet: str, grid: Grid, source: Source) -> pa.Table:
    """The filled cells of one sheet, column by column."""
    header = NO_HEADER if source.headings else header_row(grid, source, sheet)
    height, width = len(grid), max(map(len, grid), default=0)
    headings: list[str | None] = [*source.headings] or [_as_text(v) for v in grid[header]]
    by_column = chain.from_iterable(zip(*grid, strict=True))
    number, text = _told_apart(np.fromiter(by_column, dtype=object, count=height * width))
    is_text = np.not_equal(text, None)  # type: ignore[call-overload]  # the stubs know no None
    at = np.flatnonzero(~np.isnan(number) | is_text)
    at = at[~_private(at, height, header, headings, source)]
    row, column = at % height, at // height
    return pa.table(
        [
            _constant(sheet, len(at)),
            pa.array(row + 1, pa.int32()),
            pa.array(column + 1, pa.int16()),
            _headings(headings, row > header, column, width),
            pa.array(number[at], pa.float64(), mask=np.isnan(number[at])),
            pa.array(text[at], pa.string()).dictionary_encode(),
        ],
        schema=CELLS,
    )


NO_HEADER = -1  # the header row of a file that prints none


def _private(
    at: np.ndarray, height: int, header: int, headings: list[str | None], source: Source
) -> np.ndarray:
    """Which cells stand below a heading that SOURCES.toml says to leave out."""
    absent = [name for name in source.leave_out if name not in headings]
    if absent:
        raise UnreadableSource(
            f"{source.file} has no column {absent[0]!r}, which {source.id} is to leave out because "
            f"of what it holds.{did_you_mean(absent[0], [h for h in headings if h])} Look where "
            "those words stand now, and correct `leave_out` in data/raw/SOURCES.toml."
        )
    columns = [i for i, heading in enumerate(headings) if heading in source.leave_out]
    return np.isin(at // height, columns) & (at % height > header)


_NUMERIC = frozenset({float, int})


def _told_apart(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The numbers, NaN where there is none, and the texts, None where there is none."""
    numeric = np.fromiter(map(_NUMERIC.__contains__, map(type, values)), bool, len(values))
    number, text = np.full(len(values), np.nan), np.full(len(values), None)
    number[numeric] = values[numeric]
    other = np.flatnonzero(~numeric)
    other = other[values[other] != ""]
    text[other] = [_as_text(value) for value in values[other]]
    return number, text


def _as_text(value: Any) -> str | None:
    """A cell that is not a number, as text; None when it is empty."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else _printed(value)


def _printed(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _constant(value: str, length: int) -> pa.DictionaryArray:
    codes = pa.array(np.zeros(length, dtype="int16"))
    return pa.DictionaryArray.from_arrays(codes, pa.array([value]))


def _headings(
    printed: list[str | None], below: np.ndarray, column: np.ndarray, width: int
) -> pa.DictionaryArray:
    """The heading above each cell, null for cells at or above the header row."""
    distinct = list(dict.fromkeys(h for h in printed if h is not None))
    code = {heading: i for i, heading in enumerate(distinct)}
    known = [-1 if h is None else code[h] for h in printed]
    of_column = np.array(known + [-1] * (width - len(printed)), dtype="int16")
    codes = np.where(below, of_column[column], -1)
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype("int16"), mask=codes < 0), pa.array(distinct, pa.string())
    )


def header_row(grid: Grid, source: Source, sheet: str) -> int:
    """The 0-based index of the row that holds every heading in `source.anchor`."""
    wanted = set(source.anchor)
    for index, row in enumerate(grid):
        if wanted <= {v.strip() for v in row if isinstance(v, str)}:
            return index
    seen = {v.strip() for row in grid[:40] for v in row if isinstance(v, str)}
    absent = sorted(wanted - seen) or sorted(wanted)
    raise UnreadableSource(
        f"{source.file}, sheet {sheet!r}: no row holds the headings {', '.join(source.anchor)}; "
        f"missing {', '.join(absent)}.{did_you_mean(absent[0], seen)} If the publisher renamed "
        f"it, correct `anchor` of {source.id} in data/raw/SOURCES.toml."
    )


def _read_workbook(source: Source, content: bytes) -> Iterable[tuple[str, Grid]]:
    """The data sheets of an Excel or OpenDocument workbook."""
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [(name, _sheet(workbook, name, source)) for name in source.sheets]
    except (python_calamine.CalamineError, OSError, ValueError) as problem:
        raise _not_a_workbook(source, content, problem) from problem


def _not_a_workbook(source: Source, content: bytes, problem: Exception) -> UnreadableSource:
    import python_calamine

    start, again = content[:512].lstrip().lower(), source.page or "its publisher"
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml")):
        what = "is a web page saved under a workbook's name. Fetch"
    elif isinstance(reason := _why(source, content) or problem, python_calamine.PasswordError):
        what = "is protected by a password. Save a copy without one, or fetch"
    else:
        what = f"is not a whole workbook ({reason}). Fetch"
    return UnreadableSource(f"{source.file} {what} it again from {again}.")


def _why(source: Source, content: bytes) -> Exception | None:
    """What is wrong with a workbook: calamine says so only of a file with the right ending."""
    import python_calamine

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / Path(source.file).name
        copy.write_bytes(content)
        try:
            python_calamine.CalamineWorkbook.from_path(copy).close()
        except (python_calamine.CalamineError, OSError, ValueError) as reason:
            return reason
    return None


def _sheet(workbook: Any, name: str, source: Source) -> Grid:
    if name not in workbook.sheet_names:
        raise UnreadableSource(
            f"{source.file} has no sheet {name!r}; it has {', '.join(workbook.sheet_names)}."
            + did_you_mean(name, workbook.sheet_names)
            + f" If it was renamed, correct `sheets` of {source.id} in data/raw/SOURCES.toml."
        )
    grid = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    if not grid:
        raise UnreadableSource(f"{source.file}, sheet {name!r} is empty.")
    return grid


def _read_csv(source: Source, content: bytes) -> Iterable[tuple[str, Grid]]:
    """The lines of a CSV or TSV, all as text, because as text they were printed."""
    try:
        printed = content.decode(source.encoding)
    except UnicodeDecodeError as problem:
        raise UnreadableSource(
            f"{source.file} is not {source.encoding} at byte {problem.start}. Correct `encoding` "
            f"of {source.id} in data/raw/SOURCES.toml, or fetch the file again."
        ) from problem
    delimiter = "\t" if source.file.endswith(".tsv") else ","
    grid = list(csv.reader(io.StringIO(printed, newline=""), delimiter=delimiter))
    return [(Path(source.file).name, _rectangle(grid))]


def _read_organisations(source: Source, content: bytes) -> Iterable[tuple[str, Grid]]:
    """The lines of a CSV with a council's code in place of each postcode."""
    return [(name, postcodes.taken_out(g, source)) for name, g in _read_csv(source, content)]


def _read_stata(source: Source, content: bytes) -> Iterable[tuple[str, Grid]]:
    """The observations of a Stata file under the names of its variables."""
    import pandas as pd

    try:
        table = pd.read_stata(io.BytesIO(content), convert_categoricals=False)
    except (ValueError, OSError, EOFError, struct.error) as problem:
        raise UnreadableSource(f"{source.file} is not a whole Stata file ({problem}).") from problem
    return [(Path(source.file).name, [list(table.columns), *table.astype(object).values.tolist()])]


def _read_parquet(source: Source, content: bytes) -> Iterable[tuple[str, Grid]]:
    """The rows of a Parquet file under the names of its columns."""
    try:
        table = pq.read_table(io.BytesIO(content))
    except (pa.ArrowInvalid, OSError) as problem:
        reason = str(problem).splitlines()[0]
        raise UnreadableSource(
            f"{source.file} is not a whole Parquet file ({reason})."
        ) from problem
    columns = [_words_once(column.combine_chunks()) for column in table.columns]
    return [(Path(source.file).name, [table.column_names, *zip(*columns, strict=True)])]


def _words_once(column: pa.Array) -> list[Any]:
    """A column's values; a word that stands in many rows is one object, so that memory holds it."""
    encoded = column.dictionary_encode()
    words = np.array([*encoded.dictionary.to_pylist(), None], dtype=object)
    return words[encoded.indices.fill_null(len(words) - 1).to_numpy()].tolist()


def _read_hexjson(source: Source, content: bytes) -> Iterable[tuple[str, Grid]]:
    """The hexagons of a hexJSON file: code, name, place in the layout, region."""
    try:
        hexes = json.loads(content)["hexes"]
    except (ValueError, KeyError, TypeError) as problem:
        raise UnreadableSource(f"{source.file} is not hexJSON ({problem!r}).") from problem
    keys = ["n", "q", "r", "region"]
    rows = [[code, *(one.get(k, "") for k in keys)] for code, one in hexes.items()]
    return [(Path(source.file).name, [["code", *keys], *rows])]


def _rectangle(grid: list[list[str]]) -> Grid:
    width = max(map(len, grid), default=0)
    return [row + [""] * (width - len(row)) for row in grid]


READERS: dict[str, Callable[[Source, bytes], Iterable[tuple[str, Grid]]]] = {
    "workbook": _read_workbook,
    "csv": _read_csv,
    "organisations": _read_organisations,
    "stata": _read_stata,
    "parquet": _read_parquet,
    "hexjson": _read_hexjson,
}
