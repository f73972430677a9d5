"""adult_care_quality: what users, carers and records say of adult social care, 2015-16 on.

From Oflog's extract of the Adult Social Care Outcomes Framework and other returns: councils with
social services, no England, no counts. Surveys of carers are of every second or third year. Direct
payments are not in it.
"""

from __future__ import annotations

import pandas as pd

from coopstats.clean.contracts.contract import FINANCIAL_YEAR, category, rule
from coopstats.clean.families.outcomes import (
    KEY,
    Item,
    april_of,
    figures_of_column,
    finished,
    sheet_of,
    unsteady,
)
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets.plain import bodies_of, read_digits
from coopstats.clean.sheets.sheet import Sheet
from coopstats.core.errors import UnreadableSource

TABLE = "adult_care_quality"
SOURCE = "adult_care_quality/2015-2022"
MEASURES = {
    "ASC1": "carer_quality_of_life",
    "ASC2": "quality_of_life",
    "ASC3": "users_finding_information",
    "ASC4": "carers_finding_information",
    "ASC5": "short_term_success",
    "ASC6": "requests_met",
    "ASC7": "workforce_turnover",
}
ITEMS = {
    "carer_quality_of_life": Item("score", "quality of life of carers, of 12 at most", high=12),
    "quality_of_life": Item(
        "score", "quality of life of users, as the council's care alone improves it", high=1
    ),
    "users_finding_information": Item(
        "per cent", "users who found information about services easily", high=100
    ),
    "carers_finding_information": Item(
        "per cent", "carers who found information about support easily", high=100
    ),
    "short_term_success": Item(
        "per cent", "short-term support after which less or no support was needed", high=100
    ),
    "requests_met": Item(
        "per 100,000 people",
        "requests for support that led to a service; that they are per 100,000 is inferred: the "
        "file prints no unit",
    ),
    "workforce_turnover": Item("per cent", "staff in adult care who left in the year", high=100),
}
SCORES = ("carer_quality_of_life", "quality_of_life")
JUMP = 2.5
NOUGHT = "nought"


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    sheet = sheet_of(SOURCE)
    bodies = bodies_of(sheet, "Local authority code", "Local authority name")
    column = sheet.column("Value")
    printed = figures_of_column(
        read_digits(sheet, column),
        bodies,
        column,
        lambda row: item_of(sheet, row),
        april_of(sheet, "Financial year"),
    )
    return finished([printed.assign(doubt=doubts(printed))], ITEMS, list(columns()), KEY)


def item_of(sheet: Sheet, row: int) -> str:
    """The item of a row, by the measure's code."""
    column = sheet.column("Code")
    code = (sheet.text[row, column] or "").strip()
    if code not in MEASURES:
        raise UnreadableSource(
            f"{sheet.where(row, column)} holds {code!r}, which is no measure known here: "
            f"{', '.join(MEASURES)}. Give it an item in "
            "coopstats/clean/tables/adult_care_quality.py."
        )
    return MEASURES[code]


def doubts(printed: pd.DataFrame) -> pd.Categorical:
    """`nought` on a score of 0, which is left as printed.

    Five councils print a quality of life of 0 in 2019-20, where the lowest other score of any
    year is 0.28; four of them have no other figure of that survey either.
    """
    void = printed["item"].isin(SCORES) & (printed["number"] == 0)
    return pd.Categorical(void.map({True: NOUGHT}), categories=[NOUGHT])


def jumps(table: pd.DataFrame) -> pd.Series:
    """By how much requests met moved, where by JUMP or more in a year; by ecode, earlier year."""
    rows = table[table["item"] == "requests_met"].sort_values(["ecode", "year"])
    figure = rows.set_index(["ecode", "year"])["value"]
    figure.index = figure.index.set_levels(figure.index.levels[0].astype(object), level=0)
    return unsteady(figure, figure, JUMP)


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(
        ITEMS,
        FINANCIAL_YEAR,
        doubt=category(
            "nought: a score of 0, where no other council has one so low; null elsewhere", True
        ),
    )


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Adult social care: surveys and outcomes, by council and year",
        "Seven measures of adult social care from 2015-16 on, of councils with social services: "
        "no year before the cuts. The measures have different years, and 2020-21 had no surveys.",
        ITEMS,
        columns(),
        [rule("A score of quality of life that is 0 is in doubt.", _doubted_at_0)],
        tier="upper",
    )


def _doubted_at_0(table: pd.DataFrame) -> pd.Series:
    nought = table["item"].isin(SCORES) & (table["value"] == 0)
    return nought == table["doubt"].notna()
