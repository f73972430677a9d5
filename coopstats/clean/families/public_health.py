"""How the Public Health Outcomes Framework is laid out: a row an indicator, period, area and sex.

Sheets "County & UA" (here London's boroughs), "Region" (London) and "England" have the same
columns: a value, the count and the denominator it is made of, and a note where there is a reason.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from coopstats.clean.contracts.stack import stacked
from coopstats.clean.families.outcomes import figures_of_columns, sheet_of
from coopstats.clean.sheets.periods import first_year
from coopstats.clean.sheets.plain import bodies_among, cells
from coopstats.clean.sheets.sheet import Sheet
from coopstats.core.errors import UnreadableSource

TABLE = "public_health_london"
SOURCE = f"{TABLE}/2015"
BOROUGHS, LONDON, ENGLAND = "County & UA", "Region", "England"
NOTES = {
    "Value cannot be calculated as number of cases is too small": "suppressed",
    "There is a data quality issue with this value": "data_quality",
}


@functools.cache
def _sheet(name: str) -> Sheet:
    return sheet_of(SOURCE, name)


def borough_figures(indicator: str, items: Mapping[str, str]) -> pd.DataFrame:
    """One row a borough, year and item; `items` are the columns read and what each of them is.

    `mark` is what the row's note means. A figure withheld because there are too few cases is
    flagged as suppressed.
    """
    sheet = _sheet(BOROUGHS)
    bodies = _boroughs(sheet, indicator)
    marks = pd.Categorical([_mark(sheet, row) for row in bodies])
    printed = {sheet.column(heading): item for heading, item in items.items()}
    return _with_suppressed(
        figures_of_columns(sheet, bodies, printed, functools.partial(year_of, sheet), mark=marks)
    )


def _rows(sheet: Sheet, indicator: str) -> np.ndarray:
    """Where a sheet has an indicator, for both sexes together."""
    named = sheet.column_of_text("Indicator") == indicator
    return named & (sheet.column_of_text("Sex") == "Persons")


def _boroughs(sheet: Sheet, indicator: str) -> dict[int, str]:
    mine = _rows(sheet, indicator)
    if not mine.any():
        raise UnreadableSource(
            f"{sheet.source.file}, sheet {sheet.name!r} has no indicator {indicator!r}. Compare "
            "the original."
        )
    codes = np.where(mine, sheet.column_of_text("Area Code"), "")
    return bodies_among(sheet, codes, sheet.column_of_text("Area Name"))


def year_of(sheet: Sheet, row: int) -> int:
    """The first year of a row's period."""
    return first_year(sheet, row, sheet.column("Time Period"))


def _mark(sheet: Sheet, row: int) -> str | None:
    column = sheet.column("Note")
    note = (sheet.text[row, column] or "").strip()
    if note and note not in NOTES:
        raise UnreadableSource(
            f"{sheet.where(row, column)} holds the note {note!r}, which is not known. Say what it "
            "means in coopstats/clean/families/public_health.py."
        )
    return NOTES.get(note)


def _with_suppressed(figures: pd.DataFrame) -> pd.DataFrame:
    withheld = (figures["mark"] == "suppressed") & figures["number"].isna()
    flag = figures["flag"].astype(object).mask(withheld, "suppressed")
    mark = figures["mark"].astype(object).mask(withheld, None)
    return figures.assign(flag=pd.Categorical(flag), mark=pd.Categorical(mark))


def printed_totals(name: str, indicator: str, items: Mapping[str, str]) -> pd.DataFrame:
    """What sheet `name` prints for London or for England: number, place, item and year."""
    sheet = _sheet(name)
    rows = np.flatnonzero(_rows(sheet, indicator)).tolist()
    years = np.array([year_of(sheet, row) for row in rows], dtype="int16")
    return stacked(
        cells(sheet, rows, [sheet.column(column)]).assign(item=pd.Categorical([item] * len(rows)))
        for column, item in items.items()
    ).assign(year=np.tile(years, len(items)))
