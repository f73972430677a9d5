"""The rules that promises are made of: what a cell, a row or a whole file may hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from coopstats.clean.build import build
from coopstats.clean.contracts.contract import rule
from coopstats.datasets.table import about, built_tables
from coopstats.register.councils import bodies
from coopstats.register.reader import parts

if TYPE_CHECKING:
    import pandera.pandas as pa


def words(columns: str) -> dict[str, pa.Column]:
    """Columns of words, by their names with spaces between."""
    import pandera.pandas as pa

    return {name: pa.Column(str, description=name) for name in columns.split()}


def one_of(column: str, words: object) -> pa.Check:
    """The rule that a column holds one of these words."""
    known = list(words)  # type: ignore[call-overload]
    return rule(
        f"`{column}` is one of: {', '.join(w or 'nothing' for w in known)}.",
        lambda t: t[column].isin(known),
    )


def filled(*columns: str) -> pa.Check:
    """The rule that no cell of these columns is empty."""
    return rule(
        f"Every row says its {', '.join(columns)}.",
        lambda t: (t[list(columns)] != "").all(axis=1),
    )


def each(sentence: str, holds: Callable[[pd.Series], bool]) -> pa.Check:
    """A rule that looks at one row at a time."""
    return rule(sentence, lambda t: t.apply(holds, axis=1).astype(bool))


def whole(sentence: str, holds: Callable[[pd.DataFrame], bool]) -> pa.Check:
    """A rule on all rows together."""
    return rule(sentence, lambda t: bool(holds(t)))


def _council(ecode: str, name: str) -> bool:
    return ecode == "" or (ecode in bodies() and bodies()[ecode].name == name)


def a_council() -> pa.Check:
    """The rule that a council is one, under its own name."""
    return each(
        "Every council is a body of councils.csv, under its E-code and its name there.",
        lambda r: _council(r["ecode"], r["council"]),
    )


def exists(named: str) -> bool:
    """Is "table" or "table:service" a built table, with that service in it?"""
    table, _, service = named.partition(":")
    known = table in build.TABLES and table in built_tables()
    return known and (not service or service in _services(table))


@cache
def _services(table: str) -> frozenset[str]:
    """The services or items of a table, from its file without its figures."""
    import pyarrow.parquet as pq

    column = next((c for c in ("service", "item") if c in about(table)["columns"]), None)
    if column is None:
        return frozenset()
    return frozenset(
        pq.read_table(build.path(table), columns=[column])[column].unique().to_pylist()
    )


def planned_line(row: Mapping[str, str]) -> str:
    """The line that a row of plan.csv is about: "table:service", or the table alone."""
    return f"{row['table']}:{row['service']}" if row["service"] else row["table"]


def tables_exist(*columns: str) -> pa.Check:
    """The rule that everything named as a line or outcome is in the tables."""
    return each(
        "Every table named is built, and every service named is in it.",
        lambda r: all(exists(named) for c in columns for named in parts(r[c])),
    )


def ordered(row: pd.Series, *names: str) -> bool:
    """Are these cells days, in their order? Empty ones are passed over."""
    days = [row[name] for name in names if row[name]]
    return days == sorted(days) and all(is_day(day) for day in days)


def is_day(cell: str) -> bool:
    """Is it a day as ISO 8601 writes it?"""
    try:
        return date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False
