"""The printed rows that a counted number counts: one row each, with its cell."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from coopstats.datasets import organisations
from coopstats.datasets.load import load


def rows_behind(table: str, row: pd.Series) -> pd.DataFrame | None:
    """What, value, flag, source, sheet and cell of each row behind a figure of a counted table.

    None for a table whose figures are not counted from another's rows.
    """
    return COUNTED[table](row) if table in COUNTED else None


def _branches(row: pd.Series) -> pd.DataFrame:
    """Every branch of the council in the list and year that the figure is counted from."""
    rows = load("library_branches", ecode=row["ecode"], year=int(row["year"]))
    rows = rows[rows["source"] == row["source"]]
    words = rows[["standing", "operator", "statutory"]].astype(object)
    said = words.apply(lambda each: ", ".join(word for word in each if isinstance(word, str)), 1)
    return rows.assign(what=rows["branch"].astype(object), value=float("nan"), flag=said)


def _organisations(row: pd.Series) -> pd.DataFrame:
    """The organisations that are counted, or whose figures are added up."""
    rows = organisations.behind(
        row["ecode"], int(row["year"]), row["item"], row["sector"], row["ownership"]
    )
    rows = rows.assign(what="organisation " + rows["organisation"].astype(object))
    if "value" in rows:
        return rows
    lived = (
        rows["born"].astype(object).fillna("?") + " to " + rows["died"].astype(object).fillna("")
    )
    return rows.assign(value=1.0, flag=lived)


COUNTED: dict[str, Callable[[pd.Series], pd.DataFrame]] = {
    "libraries": _branches,
    "co_operatives": _organisations,
}
