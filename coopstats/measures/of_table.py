"""The measure of one line of a built table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coopstats.core.doors import door, maybe, word
from coopstats.core.errors import UnknownName, Verb, can
from coopstats.datasets.load import load
from coopstats.datasets.table import open_table
from coopstats.measures import doubts, which, wholes
from coopstats.measures.measure import Measure
from coopstats.measures.wholes import PLACE
from coopstats.register.councils import bodies

NOMINAL = ", nominal"


@door(table=word, service=maybe(word))
def measure(table: str, /, service: str | None = None, **only: Any) -> Measure:
    """The measure of one line of one built table.

    `service` is the line's name, an item in tables of outcomes: `measure("teenage_conceptions",
    "conception_rate")`. `only` narrows further, as in `load`:
    `measure("reserves", "unallocated", date="31 March")`. Raises UnknownName when the words leave
    more than one figure a council and year.
    """
    one = open_table(table)
    chosen = {**({one.line_column: service} if service else {}), **only}
    rows, said = load(table, **chosen), one.about
    if not said.get("value"):
        raise UnknownName(f"{table} holds no figures to measure.", could=[can(Verb.LOAD, table)])
    if not {"ecode", "whole"} & set(rows):
        raise UnknownName(
            f"{table} is not by council: there is no measure.", could=[can(Verb.LOAD, table)]
        )
    amounts, drawn = _amounts(table, rows, said), _drawn(rows)
    line, unit = service or _only_word(rows, "item"), _only_word(rows, "unit") or said["unit"]
    members: wholes.Members = {code: (code,) for code in amounts["ecode"].unique()}
    return Measure(
        table=table,
        service=line,
        amounts=amounts,
        quantity=unit.removesuffix(NOMINAL),
        prices="nominal" if unit.endswith(NOMINAL) else "none",
        cited={s: c for s, c in said["sources"].items() if s in set().union(*drawn.values())},
        drawn=drawn,
        members=members,
        adds_up="adds_up" not in said or line in said["adds_up"],
        nested=said.get("tier") == "nested",
        covers=said.get("tier") == "nested",
        scope=frozenset() if "apart" in said else frozenset(members) & frozenset(bodies()),
        calendar=one.calendar,
        layers=_layers(rows, said),
        apart=tuple(map(tuple, said.get("apart", ()))),
        doubts=doubts.of_rows(rows),
        which=which.narrowed(rows, said["key"], one.line_column, only),
    )


def _layers(rows: pd.DataFrame, said: dict[str, Any]) -> dict[str, str]:
    """The role of each body, in a table whose contract says which roles lie apart."""
    if "apart" not in said:
        return {}
    plain = rows[["ecode", "role"]].drop_duplicates("ecode").astype(str)
    return dict(zip(plain["ecode"], plain["role"], strict=True))


def _drawn(rows: pd.DataFrame) -> dict[int, frozenset[str]]:
    """The publications of each year, from every column that names one."""
    named = [c for c in rows if c == "source" or c.endswith("_source")]
    return {
        int(year): frozenset(part[named].astype(object).stack().unique())
        for year, part in rows.groupby("year")
    }


def _only_word(rows: pd.DataFrame, column: str) -> str | None:
    """The word that all rows have in a column; None when there is no such column or word."""
    words = rows[column].unique() if column in rows else []
    return str(words[0]) if len(words) == 1 else None


def _amounts(table: str, rows: pd.DataFrame, said: dict[str, Any]) -> pd.DataFrame:
    """One row a place and year, plain strings, the figure as `amount`."""
    if "whole" in rows:
        rows = rows.rename(columns={"whole": "ecode"}).assign(
            gss=None, council=rows["whole"], council_class="printed total", region=None
        )
    twice = rows.duplicated(["ecode", "year"])
    if twice.any():
        differ = [c for c in said["key"] if c not in ("ecode", "year") and rows[c].nunique() > 1]
        choices = "; ".join(f"{c}: {', '.join(map(str, rows[c].unique()))}" for c in differ)
        raise UnknownName(f"{table}: say which you mean. {choices}.")
    plain = rows[PLACE].astype(object)
    plain = plain.where(plain.notna(), None)
    return plain.assign(
        year=rows["year"].astype(int), amount=rows[said["value"]].astype("float64"), people=np.nan
    ).sort_values(["ecode", "year"], ignore_index=True)
