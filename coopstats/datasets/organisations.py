"""The organisations behind a number of the table co_operatives, each with its cell."""

from __future__ import annotations

import pandas as pd

from coopstats.core.errors import UnknownName, did_you_mean
from coopstats.datasets.load import load
from coopstats.register.councils import council as find_council

ALL = "all"
EDITION = 2017
COUNTS, SUMS, LARGE = ("births", "deaths", "stock"), ("turnover", "members", "employees"), "yes"
HEADQUARTERS = "headquarters_"


def behind(
    council: str, year: int, item: str, sector: str = ALL, ownership: str = ALL
) -> pd.DataFrame:
    """One row an organisation: those a count counts, or those whose figures a sum adds up.

    Each has its source, sheet and cell; the row of the cell is the record of the CSV. As many
    rows as the table's column `organisations` says. Raises UnknownCouncil or UnknownName.
    """
    ecode = find_council(council, year, ever=True).ecode
    if item in COUNTS:
        return _counted(ecode, year, item, sector, ownership)
    if item.removeprefix(HEADQUARTERS) in SUMS:
        return _summed(ecode, year, item)
    known = [*COUNTS, *SUMS, *(HEADQUARTERS + name for name in SUMS)]
    raise UnknownName(
        f"co_operatives has no item {item!r}. It has: {', '.join(known)}."
        + did_you_mean(item, known)
    )


def _counted(ecode: str, year: int, item: str, sector: str, ownership: str) -> pd.DataFrame:
    rows = load("co_operative_organisations", edition=EDITION)
    mine = rows["ecode"] == ecode
    for column, word in (("sector", sector), ("ownership", ownership)):
        mine &= (rows[column] == word) | (word == ALL)
    return rows[mine & _there(rows, year, item)].reset_index(drop=True)


def _there(rows: pd.DataFrame, year: int, item: str) -> pd.Series:
    """Which organisations were born or died in the year, or were there at its end."""
    born, died = (year_of(rows[day]) for day in ("born", "died"))
    if item == "births":
        return born == year
    if item == "deaths":
        return died == year
    known = (rows["status"] == "Live") | died.notna()
    return known & (born <= year) & ~(died <= year)


def year_of(days: pd.Series) -> pd.Series:
    """The years of days such as 2012-07-27; NaN where there is none."""
    return days.astype(object).str[:4].astype("float64")


def _summed(ecode: str, year: int, item: str) -> pd.DataFrame:
    rows = load("co_operative_accounts", item=item.removeprefix(HEADQUARTERS), year=year)
    large = (rows["headquarters"] == LARGE) == item.startswith(HEADQUARTERS)
    return rows[(rows["ecode"] == ecode) & large & rows["value"].notna()].reset_index(drop=True)
