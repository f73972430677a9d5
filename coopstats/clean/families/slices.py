"""How the slices of Open Data Communities are laid out: a row a figure, its area, year and kind.

A CSV of everything as text: the code of a council, county or country, without its name; the year;
the figure; and what the figure is of. An area without a figure for a year has no row.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from coopstats.clean.families.outcomes import figures_of_column, known_codes, sheet_of
from coopstats.clean.sheets.plain import bodies_among, read_digits
from coopstats.clean.sheets.sheet import Sheet
from coopstats.core.errors import UnreadableSource, did_you_mean

AREA, YEAR, VALUE = "FeatureCode", "DateCode", "Value"


def slice_of(source: str) -> Sheet:
    """The one sheet of such a file, its figures read from their text."""
    sheet = sheet_of(source)
    return read_digits(sheet, sheet.column(VALUE))


def figures(sheet: Sheet, kind: str, items: Mapping[str, str]) -> pd.DataFrame:
    """The figures of councils; `items` names the item for each word under the heading `kind`."""
    codes = sheet.column_of_text(AREA)
    councils = np.where([c.startswith(TOTALS) for c in codes], "", codes)
    return _figures(sheet, bodies_among(sheet, councils, councils), kind, items)


def totals(sheet: Sheet, kind: str, items: Mapping[str, str]) -> pd.DataFrame:
    """The figures of England and of counties, which are sums of councils: `ecode` is their code."""
    areas = known_codes(sheet, sheet.column_of_text(AREA), TOTALS)
    return _figures(sheet, areas, kind, items)


TOTALS = ("E92", "E10", "E11")  # England; counties; metropolitan counties


def _figures(
    sheet: Sheet, rows: dict[int, str], kind: str, items: Mapping[str, str]
) -> pd.DataFrame:
    words, years = sheet.column_of_text(kind), sheet.column_of_text(YEAR)
    return figures_of_column(
        sheet,
        rows,
        sheet.column(VALUE),
        lambda row: _item(sheet, row, kind, words[row], items),
        lambda row: _year(sheet, row, years[row]),
    )


def _item(sheet: Sheet, row: int, kind: str, word: str, items: Mapping[str, str]) -> str:
    if word not in items:
        raise UnreadableSource(
            f"{sheet.where(row, sheet.column(kind))} holds {word!r} under {kind!r}, which is not "
            f"known.{did_you_mean(word, items)} Give it an item in the table's module."
        )
    return items[word]


def _year(sheet: Sheet, row: int, printed: str) -> int:
    if not (len(printed) == 4 and printed.isdigit()):
        raise UnreadableSource(
            f"{sheet.where(row, sheet.column(YEAR))} holds {printed!r} where a year belongs. "
            "Compare the original."
        )
    return int(printed)
