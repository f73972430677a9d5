"""CSV in UTF-8, one file a table; what a spreadsheet would run has an apostrophe before it."""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from coopstats.core import files
from coopstats.core.safe_text import rows_for_spreadsheet

LARGE = 50_000  # rows; more are packed with gzip, which R, Stata and pandas open as they are


class Write:
    """One file a table: `table.csv`, or `table.csv.gz` where it is large."""

    def __init__(self, folder: Path, tables: Sequence[str]) -> None:
        self.folder = folder / "csv"

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Write one table; an empty cell is no figure, and `flag` says why."""
        path = self.folder / file_of(table, len(frame))
        with files.replacing(path) as part, part.open("wb") as raw:
            if path.suffix == ".gz":
                with gzip.GzipFile("", "wb", 6, raw, mtime=0) as into:
                    _write(frame, into)
            else:
                _write(frame, raw)

    def close(self) -> None:
        """Nothing is left."""


def file_of(table: str, rows: int) -> str:
    """The name of the file of a table of so many rows."""
    return f"{table}.csv.gz" if rows > LARGE else f"{table}.csv"


def _write(frame: pd.DataFrame, into: io.BufferedIOBase | gzip.GzipFile) -> None:
    import pyarrow as pa
    import pyarrow.csv

    plain = pa.Table.from_pandas(rows_for_spreadsheet(frame), preserve_index=False)
    words = [i for i, f in enumerate(plain.schema) if pa.types.is_dictionary(f.type)]
    for i in words:
        name = plain.schema.field(i).name
        plain = plain.set_column(i, name, plain.column(i).cast(pa.string()))
    pyarrow.csv.write_csv(plain, into, pyarrow.csv.WriteOptions(quoting_style="needed"))
