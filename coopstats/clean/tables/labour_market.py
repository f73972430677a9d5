"""labour_market: claimants, employment, inactivity and pay by council, from 2001, 2004 and 2008.

From ONS's Explore Local Statistics. Rates are per cent of residents aged 16 to 64; pay is the
median of employees who live there, in pounds a week, nominal. Employment and pay are survey
estimates with a 95% confidence interval. No counts are printed, so no rate can be recomputed.
"""

from __future__ import annotations

import pandas as pd

from coopstats.clean.contracts.contract import CALENDAR_YEAR
from coopstats.clean.contracts.misprints import doubt_of_unit, with_doubts_of_unit
from coopstats.clean.families import local_statistics
from coopstats.clean.families.outcomes import KEY, Item, finished, sheet_of
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised

TABLE = "labour_market"
RATE = "per cent of residents aged 16 to 64"
ITEMS = {
    "claimant_rate": Item(
        RATE,
        "claimants of unemployment benefits who are to seek work",
        high=100,
    ),
    "employment_rate": Item(RATE, "residents in employment", high=100),
    "inactivity_rate": Item(RATE, "residents neither in employment nor seeking work", high=100),
    "median_weekly_pay": Item(
        "pounds a week, nominal", "median gross weekly pay of employees who live there"
    ),
}
INDICATORS = {
    "labour_market/2001-2025": {"Claimant Count": "claimant_rate"},
    "labour_market/2004-2023": {
        "Employment rate": "employment_rate",
        "Economically inactive": "inactivity_rate",
    },
    "labour_market/2008-2025": {"Gross median weekly pay": "median_weekly_pay"},
}


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    parts = [
        local_statistics.figures(sheet_of(source), items) for source, items in INDICATORS.items()
    ]
    table = finished(parts, ITEMS, list(columns()), KEY)
    return with_doubts_of_unit(table, TABLE, KEY)


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(
        ITEMS,
        f"{CALENDAR_YEAR}; of pay, the year of the April that the pay period lies in",
        **local_statistics.more_columns(),
        doubt=doubt_of_unit(),
    )


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Labour market: claimants, employment, inactivity and pay, by council and year",
        f"{local_statistics.COUNCILS_OF} ONS calls claimants and employment official statistics "
        "in development, and warns of estimates of change.",
        ITEMS,
        columns(),
        [local_statistics.within_interval()],
        tier="nested",
    )
