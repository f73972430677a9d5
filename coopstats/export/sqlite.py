"""One SQLite database: a table each, and five more that say what they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from coopstats import breaks, release
from coopstats.load import about, line_column

TYPES = {"category": "TEXT", "int16": "INTEGER", "Int16": "INTEGER", "Int64": "INTEGER"}
CONTENTS = {
    "contents": ("name", "title", "description", "unit", "key", "rows"),
    "fields": ("name", "field", "type", "meaning"),
    "publications": ("name", "source", "citation", "licence", "page", "sha256"),
    "breaks": ("name", *breaks.FIELDS),
    "citation": ("citation",),
}


class Write:
    """The database coopstats.sqlite; every table lies in the order of its key."""

    def __init__(self, folder: Path, tables: Sequence[str]) -> None:
        self.base = sqlite3.connect(folder / "coopstats.sqlite", isolation_level=None)
        self.base.execute("PRAGMA journal_mode = OFF")  # the whole file is new, or not kept
        self.base.execute("PRAGMA synchronous = OFF")
        for name, columns in CONTENTS.items():
            self.base.execute(f"CREATE TABLE {quoted(name)} ({listed(columns)})")
        self._insert("citation", [(release.citation(tables),)])

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Write one table, its indices, and its entries in the tables of contents."""
        self.base.execute("BEGIN")
        self.base.execute(_created(table, frame))
        self._insert(table, rows(frame))
        self.base.execute(_indexed(table))
        self._describe(table, frame)
        self.base.execute("COMMIT")

    def close(self) -> None:
        """Close the database."""
        self.base.close()

    def _insert(self, table: str, found: Sequence[tuple] | Iterator[tuple]) -> None:
        found = iter(found)
        first = next(found, None)
        if first is not None:
            marks = ", ".join("?" * len(first))
            into = f"INSERT INTO {quoted(table)} VALUES ({marks})"
            self.base.execute(into, first)
            self.base.executemany(into, found)

    def _describe(self, table: str, frame: pd.DataFrame) -> None:
        said = about(table)
        told = (table, said["title"], said["description"], said.get("unit"))
        self._insert("contents", [(*told, ", ".join(said["key"]), len(frame))])
        self._insert("fields", [(table, c, _type(frame[c]), said["columns"][c]) for c in frame])
        self._insert("breaks", [(table, *row) for row in breaks.listed(table)])
        kept = ("citation", "licence", "page", "sha256")
        cited = [(table, i, *(s[k] for k in kept)) for i, s in said["sources"].items()]
        self._insert("publications", cited)


def _created(table: str, frame: pd.DataFrame) -> str:
    columns = [f"{quoted(c)} {_type(frame[c])}" for c in frame]
    key = listed(about(table)["key"])
    return f"CREATE TABLE {quoted(table)} ({', '.join(columns)}, PRIMARY KEY ({key})) WITHOUT ROWID"


def _indexed(table: str) -> str:
    """An index for questions of one line and year over all places, or of a year, or by name."""
    columns = about(table)["columns"]
    asked = [c for c in (line_column(table), "year", "council") if c in columns][:2]
    name = quoted(f"{table}_by_{'_'.join(asked)}")
    return f"CREATE INDEX {name} ON {quoted(table)} ({listed(asked)})"


def _type(column: pd.Series) -> str:
    return TYPES.get(str(column.dtype), "REAL")


def quoted(name: str) -> str:
    """A name as SQL writes one."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: Sequence[str]) -> str:
    """Names as SQL lists them."""
    return ", ".join(map(quoted, names))


def rows(frame: pd.DataFrame) -> Iterator[tuple]:
    """The rows as Python's own numbers and words, None where nothing is."""
    columns = [
        frame[c].astype(object).where(frame[c].notna(), None).to_list() for c in frame.columns
    ]
    return zip(*columns, strict=True)
