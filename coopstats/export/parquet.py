"""The tables as they were built, packed smaller: Parquet, with what they say of themselves."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from coopstats.core import files
from coopstats.core.parquet import packed
from coopstats.datasets.table import open_table


class Write:
    """One file a table: what `coopstats build` wrote, a quarter smaller by zstd than by lz4."""

    def __init__(self, folder: Path, tables: Sequence[str]) -> None:
        self.folder = folder / "parquet"

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Write one table."""
        rows = pq.read_table(io.BytesIO(open_table(table).content()))
        files.replace(self.folder / f"{table}.parquet", packed(rows, "zstd"))

    def close(self) -> None:
        """Nothing is left."""
