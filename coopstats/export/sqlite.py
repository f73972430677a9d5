"""One SQLite database: a view a table, with its words, and five tables that say what they are.

Words repeat a million times, so each is kept once, in the table `words`. `revenue_outturn` is a
view in which they stand; `revenue_outturn_rows` holds the numbers of the words. The numbers are in
the order of the words, and a word that is not there is number 0.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from coopstats.datasets import release
from coopstats.datasets.table import about, open_table
from coopstats.register import breaks

NO_WORD = 0
TYPES = {"category": "TEXT", "int16": "INTEGER", "Int16": "INTEGER", "Int64": "INTEGER"}
CONTENTS = {
    "contents": ("name", "title", "description", "unit", "key", "rows"),
    "fields": ("name", "field", "type", "meaning"),
    "publications": ("name", "source", "citation", "licence", "page", "sha256"),
    "breaks": ("name", *breaks.FIELDS),
    "citation": ("citation",),
}


class Write:
    """The database coopstats.sqlite; the rows of every table lie in the order of its key."""

    def __init__(self, folder: Path, tables: Sequence[str]) -> None:
        self.base = sqlite3.connect(folder / "coopstats.sqlite", isolation_level=None)
        self.base.execute("PRAGMA journal_mode = OFF")  # the whole file is new, or not kept
        self.base.execute("PRAGMA synchronous = OFF")
        for name, columns in CONTENTS.items():
            self.base.execute(f"CREATE TABLE {identifier(name)} ({identifiers(columns)})")
        self._insert("citation", [(release.citation(tables),)])
        self.number = self._words(tables)

    def _words(self, tables: Sequence[str]) -> dict[str, int]:
        """Every word of these tables, numbered from 1 in the order of the words."""
        every = sorted(set().union(*(open_table(table).words() for table in tables)))
        number = {word: place for place, word in enumerate(every, NO_WORD + 1)}
        self.base.execute("CREATE TABLE words (number INTEGER PRIMARY KEY, word TEXT UNIQUE)")
        self.base.execute("BEGIN")
        self._insert("words", [(NO_WORD, None), *((n, word) for word, n in number.items())])
        self.base.execute("COMMIT")
        return number

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Write one table's rows and view, its indices, and its entries in the contents."""
        self.base.execute("BEGIN")
        self.base.execute(_created(table, frame))
        self._insert(_rows_of(table), self._numbered(frame))
        self.base.execute(_indexed(table))
        self.base.execute(_viewed(table, frame))
        self._describe(table, frame)
        self.base.execute("COMMIT")

    def _numbered(self, frame: pd.DataFrame) -> Iterator[tuple]:
        """The rows, a number for each word."""
        columns = []
        for name in frame:
            if _type(frame[name]) == "TEXT":
                words = frame[name].cat.categories
                number = np.array([*(self.number[word] for word in words), NO_WORD])
                columns.append(number[frame[name].cat.codes.to_numpy()].tolist())
            else:
                columns.append(frame[name].astype(object).where(frame[name].notna(), None).tolist())
        return zip(*columns, strict=True)

    def close(self) -> None:
        """Close the database."""
        self.base.close()

    def _insert(self, table: str, found: Sequence[tuple] | Iterator[tuple]) -> None:
        found = iter(found)
        first = next(found, None)
        if first is not None:
            marks = ", ".join("?" * len(first))
            into = f"INSERT INTO {identifier(table)} VALUES ({marks})"
            self.base.execute(into, first)
            self.base.executemany(into, found)

    def _describe(self, table: str, frame: pd.DataFrame) -> None:
        said = about(table)
        told = (table, said["title"], said["description"], said.get("unit"))
        self._insert("contents", [(*told, ", ".join(said["key"]), len(frame))])
        self._insert("fields", [(table, c, _type(frame[c]), said["columns"][c]) for c in frame])
        self._insert("breaks", [(table, *row) for row in breaks.rows_of_breaks(table)])
        kept = ("citation", "licence", "page", "sha256")
        cited = [(table, i, *(s[k] for k in kept)) for i, s in said["sources"].items()]
        self._insert("publications", cited)


def _rows_of(table: str) -> str:
    return f"{table}_rows"


def _created(table: str, frame: pd.DataFrame) -> str:
    kinds = {c: _type(frame[c]).replace("TEXT", "INTEGER NOT NULL") for c in frame}
    columns = [f"{identifier(name)} {kind}" for name, kind in kinds.items()]
    key = identifiers(about(table)["key"])
    rows = identifier(_rows_of(table))
    return f"CREATE TABLE {rows} ({', '.join(columns)}, PRIMARY KEY ({key})) WITHOUT ROWID"


def _viewed(table: str, frame: pd.DataFrame) -> str:
    """The table as a reader asks for it: each word joined to its number."""
    wordy = [c for c in frame if _type(frame[c]) == "TEXT"]
    shown = [
        f"{identifier(f'the_{c}')}.word" if c in wordy else f"r.{identifier(c)}" for c in frame
    ]
    columns = ", ".join(f"{what} AS {identifier(c)}" for what, c in zip(shown, frame, strict=True))
    joins = [
        f"JOIN words AS {words} ON {words}.number = r.{identifier(c)}"
        for c, words in zip(wordy, (identifier(f"the_{c}") for c in wordy), strict=True)
    ]
    rows = identifier(_rows_of(table))
    return f"CREATE VIEW {identifier(table)} AS SELECT {columns} FROM {rows} AS r {' '.join(joins)}"


def _indexed(table: str) -> str:
    """An index for questions of one line and year over all places, or of a year, or by name."""
    columns = about(table)["columns"]
    asked = [c for c in (open_table(table).line_column, "year", "council") if c in columns][:2]
    name = identifier(f"{table}_by_{'_'.join(asked)}")
    return f"CREATE INDEX {name} ON {identifier(_rows_of(table))} ({identifiers(asked)})"


def _type(column: pd.Series) -> str:
    return TYPES.get(str(column.dtype), "REAL")


def identifier(name: str) -> str:
    """A name as SQL writes one."""
    return '"' + name.replace('"', '""') + '"'


def identifiers(names: Sequence[str]) -> str:
    """Names as SQL lists them."""
    return ", ".join(map(identifier, names))


def rows(frame: pd.DataFrame) -> Iterator[tuple]:
    """The rows as Python's own numbers and words, None where nothing is."""
    columns = [
        frame[c].astype(object).where(frame[c].notna(), None).to_list() for c in frame.columns
    ]
    return zip(*columns, strict=True)
