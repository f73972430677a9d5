"""Rates do not add up, but a whole's rate lies between the lowest and the highest of its parts.

A printed rate that does not is on record in coopstats/register/doubtful_rates.csv, with its
reason; one that is not on record, or no longer so, stops the build.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from coopstats.clean.sheets.sheet import cell_names
from coopstats.core.errors import TieOutFailed
from coopstats.register import reader

KEY = ["whole", "item", "year"]


def outside(printed: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    """The printed rates of wholes that are not between those of their parts.

    Both have whole, item, year and number; `printed` has source, sheet and place besides.
    A whole whose parts have no figure is passed over.
    """
    plain = {"item": object, "whole": object}
    ranges = parts.astype(plain).groupby(KEY)["number"].agg(["min", "max"]).dropna()
    both = printed.astype(plain).merge(ranges, left_on=KEY, right_index=True)
    off = both[(both["number"] < both["min"]) | (both["number"] > both["max"])]
    off = off.assign(cell=cell_names(off["place"].to_numpy()).astype(object))
    return off.astype({"source": object, "sheet": object})[
        ["source", "sheet", "cell", *KEY, "number", "min", "max"]
    ]


def compared(printed: pd.DataFrame, parts: pd.DataFrame) -> int:
    """How many printed rates have parts with a figure."""
    plain = {"item": object, "whole": object}
    has = parts[parts["number"].notna()].astype(plain)[KEY].drop_duplicates()
    return len(printed[printed["number"].notna()].astype(plain).merge(has, on=KEY))


def check(printed: pd.DataFrame, parts: pd.DataFrame, source: str) -> pd.DataFrame:
    """Those rates with their recorded reasons; TieOutFailed where record and sheet differ."""
    key = ["source", "sheet", "cell"]
    records = reader.table_of("doubtful_rates")
    mine = records[(records["source"] == source) & records["item"].isin(set(printed["item"]))]
    both = outside(printed, parts).merge(
        mine[[*key, "reason"]], on=key, how="outer", indicator=True
    )
    strange = both[both["_merge"] != "both"]
    if len(strange):
        raise TieOutFailed("\n".join([_HEAD, *map(_line, strange.head(8).itertuples()), _ADVICE]))
    return both.drop(columns="_merge")


_HEAD = "Rates of a whole that are not between those of its parts are not those on record:"
_ADVICE = (
    "Compare the original. If the publisher printed it so, record it, with the reason, in "
    "coopstats/register/doubtful_rates.csv; remove a record that no longer holds."
)


def _line(row: Any) -> str:
    if pd.isna(row.number):
        return f"  {row.source}, {row.sheet}, {row.cell}: on record, but not so"
    return (
        f"  {row.source}, {row.sheet}, {row.cell} {row.item} {row.whole} {row.year:.0f}: "
        f"{row.number:g}, its parts {row.min:g} to {row.max:g}"
    )
