"""household_income: gross disposable household income per person, by council, 1997 to 2023.

From ONS's Explore Local Statistics (regional accounts): what households have to spend or save
after taxes and benefits, in pounds per resident, nominal. An estimate, and a mean: a few very high
incomes raise it.
"""

from __future__ import annotations

import pandas as pd

from coopstats.clean.contracts.misprints import doubt_of_unit, with_doubts_of_unit
from coopstats.clean.families import local_statistics
from coopstats.clean.families.outcomes import KEY, Item, finished, sheet_of
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised

TABLE = "household_income"
SOURCE = "household_income/1997-2023"
ITEMS = {
    "disposable_income": Item(
        "pounds per person, nominal",
        "gross disposable household income per person of any age",
        low=1,
    )
}
INDICATORS = {"Gross disposable household income": "disposable_income"}


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    printed = local_statistics.figures(sheet_of(SOURCE), INDICATORS)
    table = finished([printed], ITEMS, list(columns()), KEY)
    return with_doubts_of_unit(table, TABLE, KEY)


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(ITEMS, doubt=doubt_of_unit())


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Household income: gross disposable household income per person, by council and year",
        f"{local_statistics.COUNCILS_OF} Regional accounts, in prices of the year; the latest "
        "year is provisional.",
        ITEMS,
        columns(),
        tier="nested",
    )
