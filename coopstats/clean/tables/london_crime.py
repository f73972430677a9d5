"""london_crime: recorded offences by London borough, 1999-00 to 2016-17.

From the Greater London Authority's table of the Metropolitan Police's figures, as a third party
reshaped it: 32 boroughs, without the City of London, which has its own police. The year is printed
as a 31 December: the reshaping script writes 1999-12-31 for the GLA's column "1999-00".
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import FINANCIAL_YEAR, Derivation
from coopstats.clean.contracts.misprints import doubt_of_unit, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked
from coopstats.clean.families.outcomes import (
    DIFFERS,
    KEY,
    Item,
    figures_of_column,
    finished,
    implied,
    sheet_of,
    tie_out_differences,
)
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets.plain import bodies_among, read_digits
from coopstats.clean.sheets.sheet import Sheet
from coopstats.core.errors import UnreadableSource

TABLE = "london_crime"
SOURCES = {"offences": "london_crime/1999-2016", "offence_rate": "london_crime/1999-2016-rates"}
ITEMS = {
    "offences": Item("offences", "recorded notifiable offences", adds_up=True),
    "offence_rate": Item("per 1,000 people", "those offences per 1,000 people"),
    "people": Item("people", "people that offences and their rate imply", adds_up=True, low=1),
}
HEATHROW = "Heathrow"  # no borough: its offences are counted apart
NO_BOROUGH = (HEATHROW, "Inner London", "Outer London", "Met Police Area", "England and Wales")
_YEAR = re.compile(r"((?:19|20)\d\d)-12-31")
ROUNDING = 0.5  # counts are whole: any difference is one


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    sheets = {item: sheet_of(source) for item, source in SOURCES.items()}
    check_london(sheets["offences"])
    printed = stacked(boroughs(sheet, item) for item, sheet in sheets.items())
    people = implied(printed, "offences", "offence_rate", "people", 1_000)
    table = finished([printed, people], ITEMS, list(columns()), KEY)
    return with_doubts_of_unit(table, TABLE, KEY)


def boroughs(sheet: Sheet, item: str) -> pd.DataFrame:
    """The figures of the boroughs in one of the two files."""
    codes, names = sheet.column_of_text("Code"), sheet.column_of_text("Borough")
    coded = np.where(np.isin(names, NO_BOROUGH), "", codes)
    return _read(sheet, bodies_among(sheet, coded, names), item)


def _read(sheet: Sheet, rows: dict[int, str], item: str) -> pd.DataFrame:
    column = sheet.column("Value")
    return figures_of_column(
        read_digits(sheet, column), rows, column, item, lambda row: april(sheet, row)
    )


def april(sheet: Sheet, row: int) -> int:
    """1999 for 1999-12-31, the financial year 1999-00."""
    column = sheet.column("Year")
    found = _YEAR.fullmatch((sheet.text[row, column] or "").strip())
    if found is None:
        raise UnreadableSource(
            f"{sheet.where(row, column)} holds {sheet.text[row, column]!r} where a 31 December "
            "belongs. Compare the original."
        )
    return int(found[1])


def check_london(sheet: Sheet) -> pd.DataFrame:
    """Boroughs add up to Inner and Outer London, with Heathrow to all, or it is on record."""
    names = sheet.column_of_text("Borough")
    inner, outer, everywhere, heathrow = (
        _read(sheet, {row: "" for row, said in enumerate(names) if said == name}, "offences")
        for name in ("Inner London", "Outer London", "Met Police Area", HEATHROW)
    )
    both = inner.assign(number=inner["number"].to_numpy() + outer["number"].to_numpy())
    added = boroughs(sheet, "offences")
    found = [
        tie_out_differences(added, both, ROUNDING),
        tie_out_differences(stacked([added, heathrow]), everywhere, ROUNDING),
    ]
    return tie_out.settled(pd.concat(found), [TABLE], DIFFERS)


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(ITEMS, FINANCIAL_YEAR, doubt=doubt_of_unit())


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Recorded crime in London: offences by borough and year",
        "All notifiable offences that the Metropolitan Police recorded in 32 boroughs, with their "
        "rate. Without the City of London; Heathrow is counted apart and left out.",
        ITEMS,
        columns(),
        derivations={
            "people": Derivation(
                ("offences", "offence_rate"),
                "the offences × 1,000 over their rate, which is printed in full: whole people",
            )
        },
    )
