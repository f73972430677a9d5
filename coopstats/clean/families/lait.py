"""How DfE's Local Authority Interactive Tool (LAIT) is laid out: a row a measure, year and area.

One long file of 434 measures. A row is a council's, a region's or England's; `Short Desc` names
the measure, `Values` is text, and every council of any year stands in every year, with "-" where
it has no figure or did not exist.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from coopstats.clean.sheets.bodies import body_in, lived_in
from coopstats.clean.sheets.plain import cells, turn_into_digits
from coopstats.clean.sheets.sheet import Sheet, sheet_where
from coopstats.core.errors import UnreadableSource
from coopstats.core.sources import sources_of
from coopstats.register import lookups

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


def year_printed(sheet: Sheet, row: int) -> int:
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
    measures: Collection[str],
    year_of: Callable[[Sheet, int], int] = year_printed,
    among: Collection[str] = (),
) -> Long:
    """The rows of measures whose years are labelled in one way, figures read from their text.

    `among` are all measures that a table will ask for, which are read from the long file at once.
    """
    sheet, rows, measure = _read(tuple(among or measures))
    mine = np.isin(measure, list(measures))
    rows = rows[mine]
    sheet = _down_to(sheet, int(rows[-1]))
    return Long(
        sheet,
        rows,
        measure[mine],
        _years(sheet, rows, year_of),
        sheet.words(rows, "LA and Regions"),
        sheet.words(rows, "Region") != AREA,
    )


def _years(sheet: Sheet, rows: np.ndarray, year_of: Callable[[Sheet, int], int]) -> np.ndarray:
    """The year of each row; the same label is read once."""
    labels = sheet.words(rows, "Years").tolist()
    first = dict(zip(reversed(labels), reversed(rows.tolist()), strict=True))
    read = {label: year_of(sheet, row) for label, row in first.items()}
    return np.array([read[label] for label in labels], dtype="int16")


def _down_to(sheet: Sheet, row: int) -> Sheet:
    """The sheet without what stands below a row: measures stand together in a long file."""
    return replace(sheet, number=sheet.number[: row + 1], text=sheet.text[: row + 1])


@functools.lru_cache(maxsize=1)
def _read(measures: tuple[str, ...]) -> tuple[Sheet, np.ndarray, np.ndarray]:
    """The sheet with these measures' rows alone, these 0-based rows, and the measure of each."""
    (source,) = sources_of(PUBLICATION)
    sheet = sheet_where(source, MEASURE, measures)
    filled = np.flatnonzero(sheet.text[:, sheet.column(MEASURE)] != None)  # noqa: E711 - each
    rows = filled[filled > sheet.header]
    turn_into_digits(sheet, sheet.column(VALUE))
    return sheet, rows, sheet.words(rows, MEASURE)


def council_figures(long: Long, lived: Callable[[str, int], bool] = lived_in) -> pd.DataFrame:
    """One row a council, measure and year: number, flag, place, source, sheet, ecode.

    `lived` says whether a council existed in a year as the measures count years. Rows on record
    in coopstats/register/rows_left_out.csv are left out.
    """
    nobody = lookups.rows_left_out(long.sheet.source.id, long.sheet.name)
    councils = np.flatnonzero(long.is_council & ~np.isin(long.rows, list(nobody)))
    ecodes = _ecodes(long, councils, lived)
    kept = [i for i, ecode in enumerate(ecodes) if ecode]
    at = councils[kept]
    table = cells(long.sheet, list(long.rows[at]), [long.sheet.column(VALUE)])
    return table.assign(
        ecode=pd.Categorical([ecodes[i] for i in kept]),
        measure=pd.Categorical(long.measure[at]),
        year=long.year[at],
    )


def _ecodes(
    long: Long, councils: np.ndarray, lived: Callable[[str, int], bool]
) -> list[str | None]:
    """The council of each row; None for one that did not exist in the row's year."""
    sheet, rows = long.sheet, long.rows[councils]
    numbers = sheet.number[rows, sheet.column("LA Number")].tolist()
    values = sheet.number[rows, sheet.column(VALUE)].tolist()
    names, years = long.name[councils].tolist(), long.year[councils].tolist()
    known: dict[tuple, str] = {}
    found: list[str | None] = []
    for row, number, name, year, value in zip(rows, numbers, names, years, values, strict=True):
        at = number, name, year
        if at not in known:
            known[at] = body_in(sheet, row, f"{number:.0f}", name, year)
        alive = lived(known[at], year)
        if not alive and value == value:
            raise UnreadableSource(
                f"{sheet.where(row, sheet.column(VALUE))} gives {name} a figure for {year}, "
                "when coopstats/register/councils.csv says that it did not exist. Compare both."
            )
        found.append(known[at] if alive else None)
    return found


def england(long: Long) -> pd.DataFrame:
    """What is printed for England: measure, year, number, place."""
    printed = areas(long)
    return printed[printed.pop("area") == ENGLAND].reset_index(drop=True)


def areas(long: Long) -> pd.DataFrame:
    """What is printed for England and its regions: area, measure, year, number, place."""
    at = np.flatnonzero(~long.is_council)
    printed = cells(long.sheet, list(long.rows[at]), [long.sheet.column(VALUE)])
    return printed.assign(measure=long.measure[at], year=long.year[at], area=long.name[at])
