"""preventable_mortality: deaths under 75 considered preventable, by council, over three years.

From cancer: Public Health England's Fingertips, an extract, 2001-03 to 2015-17, on the councils of
2018, no counties. From cardiovascular disease: ONS's Explore Local Statistics, 2001-03 to 2022-24,
on the councils of 2023, with counties beside their districts. Rates per 100,000 people,
standardised for age. A year is the first of three; neighbours in time share two of their years.
"""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from coopstats.clean.families import fingertips
from coopstats.clean.families.fingertips import Extract
from coopstats.clean.families.outcomes import (
    KEY,
    Item,
    combined,
    figures_of_column,
    finished,
    known_codes,
    sheet_of,
)
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets import rates
from coopstats.clean.sheets.periods import first_of_three
from coopstats.clean.sheets.plain import AREAS, bodies_of, cells, read_digits
from coopstats.clean.sheets.sheet import Sheet
from coopstats.register import lookups

TABLE = "preventable_mortality"
CANCER = Extract(
    "cancer_mortality/2001-2017",
    "cancer_rate",
    "Under 75 mortality rate from cancer considered preventable",
    "Age standardised rate per 100,000",
    "4.05ii - Under 75 mortality rate from cancer considered preventable",
)
CARDIOVASCULAR = "cardiovascular_mortality/2001-2024"
PER_100_000 = "per 100,000 under 75, standardised for age"
ITEMS = {
    "cancer_rate": Item(
        PER_100_000, "deaths from cancer considered preventable, over three years", high=100_000
    ),
    "cardiovascular_rate": Item(
        PER_100_000,
        "deaths from cardiovascular disease considered preventable, over three years",
        high=100_000,
    ),
}
YEAR = "the first of three calendar years: 2010 is 2010 to 2012"
ENGLAND, REGIONS = "E92", "E12"


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    sheet = cardiovascular_sheet()
    cardiovascular = cardiovascular_figures(sheet)
    check_between(sheet, cardiovascular)
    joint = lookups.combined_areas().values()
    parts = [
        fingertips.all_checked((CANCER,)),
        fingertips.with_spikes(combined(cardiovascular, joint)),
    ]
    return finished(parts, ITEMS, list(columns()), KEY)


@functools.cache
def cardiovascular_sheet() -> Sheet:
    """The sheet of cardiovascular disease, its figures read from text."""
    sheet = sheet_of(CARDIOVASCULAR)
    return read_digits(sheet, sheet.column("observation"))


def cardiovascular_figures(sheet: Sheet) -> pd.DataFrame:
    """One row a council and three years; two pairs of councils are printed together."""
    bodies = bodies_of(sheet, "areacd", "areanm")
    return figures_of_column(
        sheet,
        bodies,
        sheet.column("observation"),
        "cardiovascular_rate",
        lambda row: _year(sheet, row),
    )


def _year(sheet: Sheet, row: int) -> int:
    return first_of_three(sheet, row, sheet.column("period"))


def check_between(sheet: Sheet, table: pd.DataFrame) -> pd.DataFrame:
    """England's rate is between its regions', a region's or a county's between its councils'."""
    regions = printed_wholes(sheet)
    england = regions["whole"].str.startswith(ENGLAND)
    counties = table[table["ecode"].map(lookups.council_table()["council_class"]) == "SC"]
    counties = counties.assign(whole=counties["ecode"].astype(object))
    printed = pd.concat([part.astype({"item": object}) for part in (regions, counties)])
    of_england = regions[~england].assign(whole=regions.loc[england, "whole"].iloc[0])
    known = lookups.council_table()
    parts = [
        of_england,
        table.assign(whole=table["ecode"].map(known["region"]).map(region_codes(sheet))),
        table.assign(whole=table["ecode"].map(known["county"])),
    ]
    return rates.check(
        printed, pd.concat([p[[*rates.KEY, "number"]] for p in parts]), CARDIOVASCULAR
    )


def printed_wholes(sheet: Sheet) -> pd.DataFrame:
    """What is printed for England and its regions: whole is the code."""
    codes = known_codes(sheet, sheet.column_of_text("areacd"), AREAS)
    printed = cells(sheet, list(codes), [sheet.column("observation")])
    years = np.array([_year(sheet, row) for row in codes], dtype="int16")
    return printed.assign(item="cardiovascular_rate", year=years, whole=list(codes.values()))


def region_codes(sheet: Sheet) -> dict[str, str]:
    """The codes of regions by name, as printed."""
    codes = known_codes(sheet, sheet.column_of_text("areacd"), (REGIONS,))
    names = sheet.column_of_text("areanm")
    return {names[row]: code for row, code in codes.items()}


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(ITEMS, YEAR, mark=fingertips.mark_column())


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Mortality under 75 considered preventable, by council and three years",
        "Deaths that public health could mainly avoid, from cancer (councils of 2018, no counties) "
        "and from cardiovascular disease (councils of 2023, counties beside districts). Cancer "
        "is as the framework of November 2015 defines preventable; cardiovascular disease is by "
        "another definition (England 2001-03: 60.8, where that framework has 98.6), so the two are "
        "never added. A period shares two years with the next: a change from 2010 to 2011 compares "
        "2010 with 2013.",
        ITEMS,
        columns(),
        tier="nested",
    )
