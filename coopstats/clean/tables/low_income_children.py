"""low_income_children: the share of children under 16 in low-income families, by council and year.

HMRC's local measure on 31 August, 2006 to 2016: children in families that receive out-of-work
benefits, or tax credits with an income below 60 per cent of the median. The share is from Public
Health England's Fingertips, an extract on the councils of 2018; for London 2006 to 2012 the count
and the denominator are from its outcomes framework of November 2015, and make the same share.
"""

from __future__ import annotations

import pandas as pd

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import CALENDAR_YEAR, rule
from coopstats.clean.contracts.misprints import doubt_of_unit, with_doubts_of_unit
from coopstats.clean.families import fingertips, public_health
from coopstats.clean.families.fingertips import Extract
from coopstats.clean.families.outcomes import (
    DIFFERS,
    KEY,
    Item,
    all_but,
    finished,
    side_by_side,
    tie_out_differences,
)
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised

TABLE = "low_income_children"
UNDER_16 = "1.01ii - Children in poverty (under 16s)"
EXTRACTS = (
    Extract(
        "low_income_children/2006-2016",
        "low_income_share",
        "Children in low income families",
        "Percentage",
        UNDER_16,
    ),
)
OF_LONDON = {"Count": "low_income_london", "Denominator": "children_under_16_london"}
ITEMS = {
    "low_income_share": Item(
        "per cent", "children under 16 who live in a low-income family", high=100
    ),
    "low_income_london": Item(
        "children", "those children, to the nearest five; London only, to 2012", adds_up=True
    ),
    "children_under_16_london": Item(
        "children",
        "children under 16 for whom Child Benefit was received, to the nearest five; London only, "
        "to 2012",
        adds_up=True,
    ),
}
FIVES = 2.5 * 34  # half of five for each of 33 boroughs and for London itself


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    london = public_health.borough_figures(UNDER_16, OF_LONDON)
    check_london(london)
    shares = fingertips.all_checked(EXTRACTS)
    table = finished([shares, london], ITEMS, list(columns()), KEY)
    return with_doubts_of_unit(table, TABLE, KEY)


def check_london(london: pd.DataFrame) -> pd.DataFrame:
    """The boroughs add up to the printed London, but for rounding to fives."""
    printed = public_health.printed_totals(public_health.LONDON, UNDER_16, OF_LONDON)
    found = tie_out_differences(london, printed, FIVES)
    return tie_out.settled(found, [public_health.TABLE], DIFFERS, ITEMS)


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(
        ITEMS,
        f"{CALENDAR_YEAR}; the count is of 31 August",
        mark=fingertips.mark_column(),
        doubt=doubt_of_unit(),
    )


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Children in low-income families, by council and year",
        "HMRC's local measure for children under 16, on the councils of 2018; counties have none. "
        "It counts by benefits and tax credits, so that it moves with their rules as well as with "
        "incomes. The share is printed; counts and denominators are held for London to 2012 only.",
        ITEMS,
        columns(),
        [rule("In London a share is its count over its denominator, but for rounding.", _made)],
        tier="lower",
    )


def _made(table: pd.DataFrame) -> pd.Series:
    """True but for a share that count and denominator, of another publication, do not make."""
    wide = side_by_side(table, ITEMS)
    made = 100 * wide["low_income_london"] / wide["children_under_16_london"]
    off = (made - wide["low_income_share"]).abs() > fingertips.ROUNDING
    return all_but(table, "low_income_share", off)
