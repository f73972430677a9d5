"""child_weight: the share of measured children who have excess weight, by council and school year.

From Public Health England's Fingertips, an extract: children of 4 and 5 in Reception and of 10
and 11 in Year 6, from the National Child Measurement Programme, 2006-07 to 2017-18. Shares only;
the councils of 2018 in every year, and no counties.
"""

from __future__ import annotations

import pandas as pd

from coopstats.clean.families import fingertips
from coopstats.clean.families.fingertips import Extract
from coopstats.clean.families.outcomes import KEY, Item, combined, finished
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.register import lookups

TABLE = "child_weight"
EXTRACTS = (
    Extract(
        "child_weight/2006-2017-reception",
        "excess_weight_reception",
        "Children aged 4-5 years who have excess weight",
        "Percentage",
        "2.06i - Excess weight in 4-5 and 10-11 year olds - 4-5 year olds",
    ),
    Extract(
        "child_weight/2006-2017-year6",
        "excess_weight_year6",
        "Children aged 10-11 years who have excess weight",
        "Percentage",
        "2.06ii - Excess weight in 4-5 and 10-11 year olds - 10-11 year olds",
    ),
)
ITEMS = {
    "excess_weight_reception": Item(
        "per cent", "measured children aged 4 and 5 who are overweight or obese", high=100
    ),
    "excess_weight_year6": Item(
        "per cent", "measured children aged 10 and 11 who are overweight or obese", high=100
    ),
}
SCHOOL_YEAR = "the year in whose September the school year starts: 2010 is 2010-11"


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    table = fingertips.all_checked(EXTRACTS)
    # "Counts for City of London have been included in the Hackney total and counts for Isles of
    # Scilly have been included in the Cornwall Unitary Authority total" (Public Health Outcomes
    # Framework, November 2015, Indicator Metadata, disclosure control of 2.06i).
    table = combined(table, lookups.combined_areas().values())
    return finished([table], ITEMS, list(columns()), KEY)


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(ITEMS, SCHOOL_YEAR, mark=fingertips.mark_column())


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Child weight: children with excess weight, by council and school year",
        "Shares of the children who were measured in state schools of the council, on the councils "
        "of 2018; counties have none. Hackney's are with the City of London and Cornwall's with "
        "the Isles of Scilly. What is missing may be too few children, doubtful measurement or no "
        "return: the extract does not say. Neither counts nor denominators are held.",
        ITEMS,
        columns(),
        tier="lower",
    )
