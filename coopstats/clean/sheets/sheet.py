"""The only reader of data/raw: a transcribed sheet, laid out again as it was printed."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from coopstats.core import paths
from coopstats.core.errors import NotBuilt, UnreadableSource
from coopstats.core.sources import Source

Mask = np.ndarray
COLUMNS = ("sheet", "row", "column", "heading", "number", "text")  # of a transcribed file


@dataclass(frozen=True)
class Sheet:
    """One printed sheet: its numbers, its other cells, and the headings above them.

    `number` is NaN and `text` is None where the cell holds none; index both by 0-based row and
    column. `header` is the 0-based header row, -1 where none is printed; `headings` is what stands
    above each column.
    """

    source: Source
    name: str
    header: int
    headings: list[str | None]
    number: np.ndarray
    text: np.ndarray

    def column(self, *headings: str) -> int:
        """The first column under one of these headings."""
        found = [self._columns[heading] for heading in headings if heading in self._columns]
        if found:
            return min(found)
        raise UnreadableSource(
            f"{self.source.file}, sheet {self.name!r}, row {self.header + 1}: none of the headings "
            f"{', '.join(headings)} is there; it has {', '.join(h for h in self.headings if h)}."
        )

    @functools.cached_property
    def _columns(self) -> dict[str, int]:
        """The first column under each heading."""
        printed = [*enumerate(self.headings)]
        return {heading.strip(): at for at, heading in reversed(printed) if heading is not None}

    def column_of_text(self, *headings: str) -> np.ndarray:
        """The other cells under a heading, blanks stripped, "" where there is none."""
        return self.words(slice(None), *headings)

    def words(self, rows: np.ndarray | list[int] | slice, *headings: str) -> np.ndarray:
        """The same of these 0-based rows alone."""
        cells = self.text[rows, self.column(*headings)].tolist()
        return np.array(["" if c is None else c.strip() for c in cells], dtype=object)

    @functools.cached_property
    def title(self) -> str:
        """What stands above the header row, in the first column."""
        return " ".join(c for c in self.text[: self.header, 0] if c is not None)

    def where(self, row: int, column: int) -> str:
        """File, sheet and cell, for a message."""
        return f"{self.source.file}, sheet {self.name!r}, cell {cell_name(row, column)}"


def sheets_of(source: Source) -> Iterator[Sheet]:
    """The transcribed sheets of one publication, in the order in which they were printed."""
    cells = _read(source)
    if not len(cells):
        raise UnreadableSource(f"{source.file} has no cells. Check that the original is whole.")
    names = cells["sheet"].combine_chunks()
    which = names.indices.to_numpy()
    starts = np.flatnonzero(np.append(True, which[1:] != which[:-1]))
    for start, stop in zip(starts, [*starts[1:], len(names)], strict=True):
        part = cells.slice(start, stop - start)
        yield _laid_out(source, names[int(start)].as_py(), _without_overrun(part))


def sheet_where(source: Source, heading: str, words: Collection[str]) -> Sheet:
    """The one sheet of a long file, filled only in rows with one of these words under a heading.

    A file of many measures has millions of cells, and a table is made of a few measures.
    """
    cells = _read(source, ["row", "heading", "text"])
    mine = pa.array(np.flatnonzero(_holds_one_of(cells["text"], words)))
    mine = mine.filter(pa.array(_holds_one_of(cells["heading"].take(mine), [heading])))
    absent = set(words) - set(cells["text"].take(mine).unique().to_pylist())
    if absent:
        raise UnreadableSource(
            f"{source.file} has no {', '.join(sorted(absent))} under {heading!r}. If the publisher "
            "renamed it, correct its row in coopstats/register/lines.csv."
        )
    above_header = ~cells["heading"].is_valid().to_numpy()
    row = cells["row"].to_numpy()
    wanted = np.zeros(row.max(initial=0) + 1, dtype=bool)
    wanted[row[mine]] = True
    kept = pa.array(wanted[row] | above_header)
    cells = cells.filter(kept)
    for name in ("sheet", "column", "number"):  # one after the other: they are millions
        cells = cells.append_column(name, _read(source, [name]).filter(kept)[name])
    return _laid_out(source, cells["sheet"][0].as_py(), cells)


def _holds_one_of(column: pa.ChunkedArray, wanted: Collection[str]) -> Mask:
    """Where an encoded column holds one of these words.

    Chunk by chunk: a whole of millions of cells would be a copy.
    """
    found = [np.empty(0, dtype=bool)]  # a file without cells has no chunks
    for words in column.chunks:
        known = pc.is_in(words.dictionary, pa.array(list(wanted), words.dictionary.type))
        of_code = np.append(known.to_numpy(zero_copy_only=False), False)  # the last is null's
        found.append(of_code[words.indices.fill_null(len(known)).to_numpy()])
    return np.concatenate(found)


def _read(source: Source, columns: Sequence[str] = COLUMNS) -> pa.Table:
    words = ["sheet", "heading", "text"]
    try:
        file = pq.ParquetFile(source.raw_file, read_dictionary=words)
        cells = file.read(list(columns))  # pq.read_table looks for a folder of files first
    except (FileNotFoundError, pa.ArrowInvalid, OSError) as problem:
        raise _damaged(source, problem) from problem
    except KeyError as absent:  # one of `words`
        raise _damaged(source, f"it has no column {absent.args[0].decode()!r}") from absent
    for name in columns:
        if name not in cells.column_names:
            raise _damaged(source, f"it has no column {name!r}")
    return cells


def _damaged(source: Source, problem: object) -> NotBuilt:
    return NotBuilt(
        f"{source.raw_file.relative_to(paths.home())} is missing or damaged ({problem}). "
        "Restore it with `git checkout data/raw`, or transcribe the original again."
    )


def _without_overrun(cells: pa.Table) -> pa.Table:
    """The cells without markers to the right of every heading and every number.

    RA 2020-21 fills one row with "…" to the last column that a spreadsheet has, 16,384.
    """
    column = cells["column"].to_numpy()
    headed, numeric = (cells[name].combine_chunks().is_valid() for name in ("heading", "number"))
    meant = headed.to_numpy(zero_copy_only=False) | numeric.to_numpy(zero_copy_only=False)
    last = column[meant].max(initial=0)
    overrun = column > last
    return cells.filter(~overrun) if last and overrun.sum() > _OVERRUN else cells


_OVERRUN = 1_000  # cells: notes beside a table are fewer


def _laid_out(source: Source, name: str, cells: pa.Table) -> Sheet:
    row = cells["row"].to_numpy() - 1
    column = cells["column"].to_numpy() - 1
    number = np.full((row.max() + 1, column.max() + 1), np.nan)
    number[row, column] = cells["number"].to_numpy(zero_copy_only=False)
    text = np.empty(number.shape, dtype=object)  # numpy fills it with None
    words = cells["text"].combine_chunks()
    filled = np.flatnonzero(words.is_valid().to_numpy(zero_copy_only=False))
    spelt = np.array(words.dictionary.to_pylist(), dtype=object)
    text[row[filled], column[filled]] = spelt[words.indices.take(pa.array(filled)).to_numpy()]
    header = _header(cells, row, f"{source.file}, sheet {name!r}")
    if header < 0:
        return Sheet(source, name, header, _given(source, len(text.T)), number, text)
    headings = [
        t if t is not None else (None if np.isnan(n) else f"{n:.15g}")
        for t, n in zip(text[header], number[header], strict=True)
    ]
    return Sheet(source, name, header, headings, number, text)


def _given(source: Source, width: int) -> list[str | None]:
    """The headings that SOURCES.toml gives a file that prints none."""
    return [*source.headings, *[None] * width][:width]


def _header(cells: pa.Table, row: np.ndarray, where: str) -> int:
    """The row above the first one that has headings."""
    headed = cells["heading"].combine_chunks().is_valid().to_numpy(zero_copy_only=False)
    if not headed.any():
        raise UnreadableSource(
            f"{where} holds nothing below its headings. Check that the original is whole."
        )
    above = row[~headed]
    return int(above[above < row[headed].min()].max(initial=-1))


@functools.cache
def _letters(column: int) -> str:
    """The spreadsheet letters of a 0-based column: 0 is A, 26 is AA."""
    before, last = divmod(column, 26)
    return (_letters(before - 1) if before else "") + chr(ord("A") + last)


def cell_name(row: int, column: int) -> str:
    """A1 name of a cell from its 0-based row and column."""
    return f"{_letters(column)}{row + 1}"


_ROWS = 1 << 20  # as many as a sheet can have

NOWHERE = -1  # the place of a figure that was not printed


def places(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The cells rows × columns, column by column, each as one number, until a table is finished.

    A million names are slow to spell, and most cells stand under the same name on other sheets.
    """
    return (np.asarray(columns, dtype="int64")[:, np.newaxis] * _ROWS + rows).ravel()


def place_of(name: str) -> int:
    """The place of a cell by its A1 name; NOWHERE if that is no cell's name."""
    named = re.fullmatch(r"([A-Z]{1,3})([1-9]\d*)", name)
    if named is None:
        return NOWHERE
    column = functools.reduce(lambda left, c: left * 26 + ord(c) - ord("A") + 1, named[1], 0)
    return (column - 1) * _ROWS + int(named[2]) - 1


def cell_names(at: np.ndarray) -> pd.Categorical:
    """A1 names of places, null for NOWHERE, listed column by column."""
    codes, column, row = _distinct(at)
    letters = pa.array([_letters(c) for c in range(column.max(initial=0) + 1)])
    names = pc.binary_join_element_wise(
        letters.take(pa.array(column)), pa.array(row + 1).cast(pa.string()), ""
    )
    return pd.Categorical.from_codes(codes, pd.Index(names, dtype="str"))


def _distinct(at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which distinct place each one is, -1 for NOWHERE, and the columns and rows of these.

    The places are ticked off on one sheet as wide as the widest and as long as the longest, which
    has five million cells at most in what is held; to look each place up takes three times as long,
    and is done where that sheet would have more than _MOST_CELLS.
    """
    nowhere, column = at < 0, at // _ROWS
    row = np.where(nowhere, 0, at - column * _ROWS)
    height, width = int(row.max(initial=0)) + 1, int(column.max(initial=0)) + 1
    if height * width > _MOST_CELLS:
        known, codes = np.unique(at, return_inverse=True)
        nothing = int(np.searchsorted(known, 0))  # NOWHERE sorts first, if it is there
        return codes - nothing, *np.divmod(known[nothing:], _ROWS)
    cell = np.where(nowhere, -1, column * height + row)
    seen = np.zeros(width * height + 1, dtype=bool)
    seen[cell] = True
    seen[-1] = False
    codes = np.cumsum(seen, dtype="int32") - 1
    codes[-1] = -1
    return codes[cell], *np.divmod(np.flatnonzero(seen), height)


_MOST_CELLS = 16_000_000


def number_at(sheet: Sheet, place: int) -> float:
    """The number in a place of a sheet, typed as text or not; NaN where there is none."""
    column, row = divmod(place, _ROWS)
    height, width = sheet.number.shape
    if not (0 <= row < height and 0 <= column < width):
        return float("nan")
    text = sheet.text[row, column]
    if text is not None and re.fullmatch(r"-?[\d,]+(\.\d+)?", text.strip()):
        return float(text.strip().replace(",", ""))
    return float(sheet.number[row, column])
