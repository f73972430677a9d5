"""A built table: its file on disk, what it says of itself, and its rows. Read once an edition."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from coopstats.core import paths
from coopstats.core.errors import NotBuilt, UnknownName, did_you_mean

_NAME = re.compile(r"[a-z0-9_]+")  # of a table: never a path, nor a word for another file


@dataclass(frozen=True)
class Table:
    """One edition of a built table: a file that was written at one time.

    What it says of itself is read when it is first asked for, and kept. Raises NotBuilt where the
    file is damaged.
    """

    file: str
    written: int

    @property
    def name(self) -> str:
        """The table's name."""
        return Path(self.file).stem

    @property
    def edition(self) -> tuple[str, int]:
        """The file and when it was written: what a cache of anything read from it is kept by."""
        return self.file, self.written

    @functools.cached_property
    def about(self) -> dict[str, Any]:
        """What it says of itself: title, unit, key, columns, sources, fingerprint."""
        return self._read(
            lambda pq, file: json.loads(pq.read_metadata(file).metadata[b"coopstats"])
        )

    @property
    def columns(self) -> dict[str, str]:
        """Its columns, each with what it means."""
        return self.about["columns"]

    @property
    def line_column(self) -> str:
        """The column that names its lines: `service` in accounts, `item` in the others."""
        return "item" if "item" in self.columns else "service"

    @property
    def calendar(self) -> bool:
        """Is it by calendar year, or by none?"""
        return "financial" not in self.columns.get("year", "")

    @functools.cached_property
    def schema(self) -> dict[str, str]:
        """Its columns with their types, in Arrow's words."""
        fields = self._read(lambda pq, file: pq.read_schema(file))
        return {field.name: str(field.type) for field in fields}

    def of_words(self, column: str) -> bool:
        """Does a column hold words? The others hold numbers."""
        return self.schema[column].startswith("dictionary")

    @functools.cached_property
    def row_count(self) -> int:
        """How many rows it has."""
        return self._read(lambda pq, file: pq.read_metadata(file).num_rows)

    @functools.cached_property
    def years(self) -> tuple[int, ...]:
        """The years that it has rows of, in order. Raises UnknownName where it has no years."""
        if "year" not in self.columns:
            raise UnknownName(f"{self.name} is not by year: leave the years out.")
        return tuple(sorted(int(year) for year in self.values_of("year") if year is not None))

    @functools.cached_property
    def bodies(self) -> dict[int | None, frozenset[str]]:
        """Year → the E-codes that it has rows of; None for a table without years."""
        columns = [name for name in ("ecode", "year") if name in self.columns]
        rows = self._read(lambda pq, file: pq.read_table(file, columns=columns)).to_pandas()
        rows = rows.drop_duplicates().dropna()
        years = rows["year"].tolist() if "year" in rows else [None] * len(rows)
        bodies: dict[int | None, set[str]] = {}
        for year, code in zip(years, rows["ecode"].astype(str), strict=True):
            bodies.setdefault(year, set()).add(code)
        return {year: frozenset(codes) for year, codes in bodies.items()}

    def values_of(self, column: str) -> list[Any]:
        """Every different value of a column, None where one is missing."""
        return (
            self._read(lambda pq, file: pq.read_table(file, columns=[column]))[column]
            .unique()
            .to_pylist()
        )

    def rows(self, **only: Iterable[Any]) -> pd.DataFrame:
        """The rows in which each named column has one of these values; all rows without words."""
        filters = [(name, "in", list(values)) for name, values in only.items()] or None
        return self._read(
            lambda pq, file: pq.read_table(file, filters=filters, page_checksum_verification=True)
            .to_pandas()
        )  # fmt: skip

    def words(self) -> set[str]:
        """Every word in its columns of words."""
        read = self._read(lambda pq, file: pq.read_table(file))
        wordy = [column for column in read.columns if hasattr(column.type, "value_type")]
        lists = [part.dictionary for column in wordy for part in column.chunks]
        return {word for words in lists for word in words.to_pylist()}

    def content(self) -> bytes:
        """The file, byte for byte."""
        return Path(self.file).read_bytes()

    def _read(self, read: Callable[[Any, str], Any]) -> Any:
        """What `read` gives for the file, with pyarrow's module; NotBuilt when it is damaged."""
        import pyarrow.parquet as pq

        try:
            return read(pq, self.file)
        except (OSError, ValueError, KeyError, TypeError) as problem:
            path = Path(self.file)
            raise NotBuilt(
                f"{path.parent.parent.name}/{path.parent.name}/{path.name} is damaged ({problem}). "
                "Delete it and run `coopstats build`; nothing else is lost."
            ) from problem


def built_tables() -> list[str]:
    """The names of the tables on disk."""
    return sorted(p.stem for p in paths.tables_dir().glob("*.parquet"))


def some_built() -> list[str]:
    """The same; NotBuilt where there is none."""
    names = built_tables()
    if not names:
        paths.refuse_without_tables()
    return names


def open_table(name: str) -> Table:
    """The table as it is on disk now. Raises NotBuilt or UnknownName with the nearest."""
    path = paths.tables_dir() / f"{name}.parquet"
    if not _NAME.fullmatch(name) or not path.exists():
        names = some_built()
        if _NAME.fullmatch(name) and paths.makes(name):
            paths.refuse_without_tables(name)
        raise UnknownName(
            f"There is no table {name!r}. Tables: {', '.join(names)}." + did_you_mean(name, names)
        )
    return _opened(str(path), path.stat().st_mtime_ns)


_opened = functools.lru_cache(maxsize=128)(Table)


def about(name: str) -> dict[str, Any]:
    """What a table says of itself: title, unit, key, columns, sources, fingerprint."""
    return open_table(name).about
