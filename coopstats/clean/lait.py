"""How DfE's Local Authority Interactive Tool (LAIT) is laid out: a row a measure, year and area.

One long file of 434 measures. A row is a council's, a region's or England's; `Short Desc` names
the measure, `Values` is text, and every council of any year stands in every year, with "-" where
it has no figure or did not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from coopstats.clean import register
from coopstats.clean.bodies import body_in, lived_in
from coopstats.clean.plain import cells, read_digits
from coopstats.clean.sheets import Sheet, sheet_where
from coopstats.errors import UnreadableSource
from coopstats.sources import sources_of

PUBLICATION = "lait"
MEASURE, VALUE = "Short Desc", "Values"
AREA = "NA"  # what `Region` prints for a region and for England
ENGLAND = "England"
_FINANCIAL_YEAR = re.compile(r"(\d{4})-(\d\d)( \(OT\))?")
_SINGLE_YEAR = re.compile(r"(19|20)\d\d")


@dataclass(frozen=True)
class Long:
    """The rows of some measures: 0-based rows of the sheet, and what each is of."""

    sheet: Sheet
    rows: np.ndarray
    measure: np.ndarray
    year: np.ndarray
    name: np.ndarray
    is_council: np.ndarray


def financial_year(sheet: Sheet, row: int) -> int:
    """2016 from "2016-17" or "2016-17 (OT)"."""
    printed, where = _label(sheet, row)
    found = _FINANCIAL_YEAR.fullmatch(printed)
    if found is None or int(found[2]) != (int(found[1]) + 1) % 100:
        raise UnreadableSource(
            f"{where} holds {printed!r} where a financial year belongs, "
            "'2016-17' or '2016-17 (OT)'. Compare the original."
        )
    return int(found[1])


def single_year(sheet: Sheet, row: int) -> int:
    """2016 from "2016"; which year is meant differs by measure."""
    printed, where = _label(sheet, row)
    if _SINGLE_YEAR.fullmatch(printed) is None:
        raise UnreadableSource(
            f"{where} holds {printed!r} where a year belongs, '2016'. Compare the original."
        )
    return int(printed)


def _label(sheet: Sheet, row: int) -> tuple[str, str]:
    index = sheet.column("Years")
    return (sheet.text[row, index] or "").strip(), sheet.where(row, index)


def read_measures(
    measures: Collection[str], year_of: Callable[[Sheet, int], int] = financial_year
) -> Long:
    """The rows of measures whose years are labelled in one way, figures read from their text."""
    (source,) = sources_of(PUBLICATION)
    sheet = sheet_where(source, MEASURE, measures)
    said = sheet.column_of_text(MEASURE)
    rows = np.array([r for r in range(sheet.header + 1, len(said)) if said[r]], dtype=int)
    column = sheet.column_of_text
    return Long(
        read_digits(sheet, sheet.column(VALUE)),
        rows,
        said[rows],
        np.array([year_of(sheet, row) for row in rows], dtype="int16"),
        column("LA and Regions")[rows],
        column("Region")[rows] != AREA,
    )


def council_figures(long: Long, lived: Callable[[str, int], bool] = lived_in) -> pd.DataFrame:
    """One row a council, measure and year: number, flag, place, source, sheet, ecode.

    `lived` says whether a council existed in a year as the measures count years. Rows on record
    in coopstats/register/rows_left_out.csv are left out.
    """
    nobody = register.rows_left_out(long.sheet.source.id, long.sheet.name)
    councils = np.flatnonzero(long.is_council & ~np.isin(long.rows, list(nobody)))
    ecodes = [_ecode(long, int(at), lived) for at in councils]
    kept = [i for i, ecode in enumerate(ecodes) if ecode]
    at = councils[kept]
    table = cells(long.sheet, list(long.rows[at]), [long.sheet.column(VALUE)])
    return table.assign(
        ecode=pd.Categorical([ecodes[i] for i in kept]),
        measure=pd.Categorical(long.measure[at]),
        year=long.year[at],
    )


def _ecode(long: Long, at: int, lived: Callable[[str, int], bool]) -> str | None:
    """The council of a row; None for one that did not exist in the row's year."""
    sheet, row, year = long.sheet, long.rows[at], int(long.year[at])
    code = f"{sheet.number[row, sheet.column('LA Number')]:.0f}"
    ecode = body_in(sheet, row, code, long.name[at], year)
    if lived(ecode, year):
        return ecode
    if not np.isnan(sheet.number[row, sheet.column(VALUE)]):
        raise UnreadableSource(
            f"{sheet.where(row, sheet.column(VALUE))} gives {long.name[at]} a figure for {year}, "
            "when coopstats/register/councils.csv says that it did not exist. Compare both."
        )
    return None


def england(long: Long) -> pd.DataFrame:
    """What is printed for England: measure, year, number, place."""
    printed = areas(long)
    return printed[printed.pop("area") == ENGLAND].reset_index(drop=True)


def areas(long: Long) -> pd.DataFrame:
    """What is printed for England and its regions: area, measure, year, number, place."""
    at = np.flatnonzero(~long.is_council)
    printed = cells(long.sheet, list(long.rows[at]), [long.sheet.column(VALUE)])
    return printed.assign(measure=long.measure[at], year=long.year[at], area=long.name[at])
