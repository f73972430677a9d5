"""The tables as they were built: Parquet, with what they say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from coopstats import files
from coopstats.load import table_bytes


class Write:
    """One file a table, byte for byte what `coopstats build` wrote."""

    def __init__(self, folder: Path, tables: Sequence[str]) -> None:
        self.folder = folder / "parquet"

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Write one table."""
        files.replace(self.folder / f"{table}.parquet", table_bytes(table))

    def close(self) -> None:
        """Nothing is left."""
