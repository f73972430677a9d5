"""The one reader of the register's files: as rows, or as a DataFrame; every cell is text."""

from __future__ import annotations

import csv
from functools import cache

import pandas as pd

from coopstats.core.errors import UnreadableSource
from coopstats.core.paths import register_dir


@cache
def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a file of the register, all text (csv: pandas costs four times as long here)."""
    with open(register_dir() / f"{name}.csv", encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def table_of(name: str) -> pd.DataFrame:
    """A file of the register as a DataFrame, "" where empty; read once, so do not change it.

    Raises UnreadableSource where a row has more cells than the first.
    """
    try:
        return pd.read_csv(register_dir() / f"{name}.csv", dtype=str, keep_default_na=False)
    except pd.errors.ParserError as problem:
        raise UnreadableSource(
            f"coopstats/register/{name}.csv cannot be read ({str(problem).strip()}). A row has no "
            "more cells than the first: put a cell that holds a comma between double quotes."
        ) from problem


def parts(cell: str) -> list[str]:
    """The items of a cell that lists several: "a; b"."""
    return [part.strip() for part in cell.split(";") if part.strip()]
