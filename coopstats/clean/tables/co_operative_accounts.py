"""co_operative_accounts: turnover, members and employees of each co-operative of England.

From the economy file of Co-operatives UK, economic years 2011 to 2016. An economic year takes
each co-operative's last accounts known then, so one year end can stand in several of them: that
is marked. An organisation is where its registered office was in the edition of 2017 or, if that
lacks it, of 2016.
"""

from __future__ import annotations

import datetime
import functools

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import category, identity, rule
from coopstats.clean.contracts.misprints import doubt_of_unit, with_doubts_of_unit
from coopstats.clean.families.outcomes import Item, figures_of_columns, finished, sheet_of
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets.plain import read_digits
from coopstats.clean.sheets.sheet import Sheet
from coopstats.clean.tables.co_operative_organisations import EDITIONS, ID
from coopstats.clean.tables.co_operative_organisations import edition as organisations_of
from coopstats.core.errors import UnreadableSource

TABLE = "co_operative_accounts"
SOURCE = "co_operatives/2011-2016"
KEY = ["organisation", "item", "year"]
ANYTHING = float("-inf")
ITEMS = {
    "turnover": Item("pounds, nominal", "turnover of the accounts", adds_up=True, low=ANYTHING),
    "members": Item("memberships", "memberships; one person may have several", adds_up=True),
    "employees": Item("employees", "people employed, printed for few", adds_up=True),
}
HEADINGS = {"turnover": "Turnover", "members": "Memberships", "employees": "Employees"}
YEAR, YEAR_END = "Economic Year", "Year End Date"
ECONOMIC_YEAR = "the economic year, which takes the last accounts known by then"
NO_ID = "N/a"
LARGE = 0.01  # of England's sum in some economic year, in one of the three items


@functools.cache
def clean() -> pd.DataFrame:
    """The table, ready to keep its contract; made once, because co_operatives sums it."""
    sheet = _in_numbers(sheet_of(SOURCE))
    where = _offices()
    ids = sheet.column_of_text(ID)
    bodies = {row: where[ids[row]] for row in _records(sheet) if ids[row] in where}
    year_of = years(sheet, list(bodies))
    printed = figures_of_columns(
        sheet,
        bodies,
        {sheet.column(HEADINGS[item]): item for item in ITEMS},
        year_of.__getitem__,
        organisation=pd.Categorical(ids[list(bodies)]),
        year_end=pd.Categorical(year_ends(sheet, list(bodies))),
    )
    table = finished([marked(printed)], ITEMS, list(columns()), KEY)
    return with_doubts_of_unit(table, TABLE, KEY)


def marked(table: pd.DataFrame) -> pd.DataFrame:
    """The table with what repeats earlier accounts, and what is too large for its council."""
    large = large_organisations(table)
    return table.assign(
        repeated=_yes_or_no(repeats(table)),
        headquarters=_yes_or_no(table["organisation"].isin(large)),
    )


def repeats(table: pd.DataFrame) -> pd.Series:
    """Whether an earlier economic year has the same organisation's same year end."""
    ordered = table.sort_values("year", kind="stable")
    again = ordered.duplicated(["organisation", "item", "year_end"])
    return (again & ordered["year_end"].notna()).reindex(table.index)


def large_organisations(table: pd.DataFrame) -> list[str]:
    """The IDs of those with a hundredth or more of England's sum of an item in some year.

    Their registered office is the headquarters of work done in many councils.
    """
    england = table.groupby(["item", "year"], observed=True)["number"].transform("sum")
    return sorted(table.loc[table["number"] >= LARGE * england, "organisation"].unique())


def _yes_or_no(holds: pd.Series) -> pd.Categorical:
    return pd.Categorical(np.where(holds, "yes", "no"))


def _offices() -> dict[str, str | None]:
    """The council of each organisation of England; None where its postcode gives none."""
    found: dict[str, str | None] = {}
    for year in EDITIONS:
        table = organisations_of(year)
        codes = table["ecode"].astype(object)
        found |= dict(zip(table["organisation"], codes.where(codes.notna(), None), strict=True))
    return found


def _records(sheet: Sheet) -> list[int]:
    """The 0-based rows of single organisations: 28 more are the publisher's own totals."""
    ids = sheet.column_of_text(ID)
    return [row for row in range(sheet.header + 1, len(ids)) if ids[row] not in ("", NO_ID)]


def _in_numbers(sheet: Sheet) -> Sheet:
    return read_digits(sheet, *map(sheet.column, HEADINGS.values()))


def years(sheet: Sheet, rows: list[int]) -> dict[int, int]:
    """The economic year of each of these rows."""
    column = sheet.column(YEAR)
    return {row: _year(sheet, row, column) for row in rows}


def _year(sheet: Sheet, row: int, column: int) -> int:
    printed = sheet.text[row, column] or ""
    if not printed.isdigit() or not 2011 <= int(printed) <= 2016:
        raise UnreadableSource(
            f"{sheet.where(row, column)} holds {printed!r} where an economic year from 2011 to "
            "2016 belongs. Compare the original."
        )
    return int(printed)


def year_ends(sheet: Sheet, rows: list[int]) -> list[str | None]:
    """The last day of the accounts of each of these rows; None where it is not printed."""
    column = sheet.column(YEAR_END)
    return [_year_end(sheet, row, column) for row in rows]


def _year_end(sheet: Sheet, row: int, column: int) -> str | None:
    printed = sheet.text[row, column]
    try:
        return printed and datetime.datetime.fromisoformat(printed).date().isoformat()
    except ValueError:
        raise UnreadableSource(
            f"{sheet.where(row, column)} holds {printed!r} where a date such as 2013-12-31 "
            "belongs. Compare the original."
        ) from None


def columns() -> dict:
    """The columns of the contract."""
    made = outcome_columns(
        ITEMS,
        ECONOMIC_YEAR,
        organisation=category("the organisation's ID in the publications of Co-operatives UK"),
        year_end=category("the last day of the accounts; null where it is not printed", True),
        repeated=category("yes where an earlier economic year has the same accounts"),
        headquarters=category(
            "yes where the organisation has a hundredth or more of England's turnover, members or "
            "employees in some economic year: its work is not in its council alone"
        ),
        doubt=doubt_of_unit(),
    )
    return made | identity(lambda meaning, nullable: category(meaning, nullable=True))


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Turnover, members and employees of co-operatives, by economic year",
        "As printed by organisation. An economic year takes the last accounts known by then, and "
        "most of those of 2015 and 2016 had stood in an earlier one. The publisher's own totals "
        "of credit unions and unregistered co-operatives, which have no ID, are left out.",
        ITEMS,
        columns(),
        [
            rule(
                "What is repeated has a year end, and is not of the first economic year.",
                lambda t: (t["repeated"] == "no") | (t["year_end"].notna() & (t["year"] > 2011)),
            )
        ],
        KEY,
        tier="lower",
    )
