"""alcohol_admissions: hospital admissions and deaths related to alcohol, by council and year.

From Public Health England's Fingertips, two extracts: admissions by the narrow measure, by
financial year 2008-09 to 2017-18, and deaths, by calendar year 2008 to 2017. Both are rates per
100,000 people, standardised for age; what they are made of is not held. Councils of 2018 in every
year, and no counties.
"""

from __future__ import annotations

import pandas as pd

from coopstats.clean.families import fingertips
from coopstats.clean.families.fingertips import Extract
from coopstats.clean.families.outcomes import KEY, Item, finished
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised

TABLE = "alcohol_admissions"
EXTRACTS = (
    Extract(
        "alcohol_admissions/2008-2017",
        "alcohol_admission_rate",
        "Alcohol related admissions (narrow measure)",
        "Standardised rate per 100,000",
        "2.18 - Admission episodes for alcohol-related conditions - narrow definition",
        half_step=0.51,
    ),
    Extract(
        "alcohol_mortality/2008-2017",
        "alcohol_mortality_rate",
        "Alcohol related mortality",
        "Age standardised rate per 100,000",
    ),
)
PER_100_000 = "per 100,000, standardised for age"
ITEMS = {
    "alcohol_admission_rate": Item(
        PER_100_000,
        "admissions to hospital whose main diagnosis, or a secondary one of an external cause, is "
        "related to alcohol; admissions, not people",
        high=100_000,
    ),
    "alcohol_mortality_rate": Item(PER_100_000, "deaths related to alcohol", high=100_000),
}
YEAR = (
    "for admissions the April in which the financial year starts, 2010 is 2010-11; for deaths the "
    "calendar year"
)


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    return finished([fingertips.all_checked(EXTRACTS)], ITEMS, list(columns()), KEY)


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(ITEMS, YEAR, mark=fingertips.mark_column())


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Alcohol: admissions to hospital and deaths, by council and year",
        "Rates standardised for age, by place of residence, on the councils of 2018; counties have "
        "none, and the City of London and the Isles of Scilly no figure. An edition of November "
        "2015 has another rate of admissions for England in every year, so editions cannot be "
        "mixed. Neither counts nor populations are held.",
        ITEMS,
        columns(),
        tier="lower",
    )
