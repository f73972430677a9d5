"""How ONS's Explore Local Statistics are laid out: a row an area and period, with an interval.

One long CSV an indicator. A status beside a blank says why there is no figure; it is taken as the
marker of the cell (register/markers.csv).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import category, number, rule
from coopstats.clean.families.outcomes import figures_of_column, known_codes
from coopstats.clean.sheets.plain import bodies_among, read_digits
from coopstats.clean.sheets.sheet import Sheet
from coopstats.core.errors import TieOutFailed, UnreadableSource, did_you_mean
from coopstats.register import lookups

COUNCILS_OF = (
    "Councils are those of 2023 in every year; counties are printed beside their districts."
)
ENGLAND = "E92000001"
UNRELIABLE = "Estimate and confidence interval unreliable"
_PERIOD = re.compile(r"((?:19|20)\d\d)-(?:01-01/P1Y|04-\d\d)")
FIGURES = ("observation", "lci_95", "uci_95")


def figures(sheet: Sheet, items: Mapping[str, str]) -> pd.DataFrame:
    """Every figure of an English council, with the bounds of its interval and ONS's mark.

    `items` has the item of each word under `indicator`. Raises UnreadableSource for another word
    or a period that is no year, TieOutFailed where a county or England lies outside its councils.
    """
    sheet = _with_figures(sheet)
    printed = _rows(sheet, _bodies(sheet), items)
    check_wholes(printed, _rows(sheet, known_codes(sheet, _codes(sheet), (ENGLAND,)), items))
    return printed


def _with_figures(sheet: Sheet) -> Sheet:
    """The sheet with its figures read, and the status in the cell of a figure that is not there."""
    sheet = read_digits(sheet, *map(sheet.column, FIGURES))
    column, text = sheet.column("observation"), sheet.text.copy()
    below = np.arange(len(text)) > sheet.header
    blank = below & np.isnan(sheet.number[:, column]) & (text[:, column] == np.array(None))
    text[blank, column] = sheet.text[blank, sheet.column("status")]
    return replace(sheet, text=text)


def _codes(sheet: Sheet) -> np.ndarray:
    """The codes, "" for the statistical regions (ITL), which are no councils."""
    level = sheet.column_of_text("geography")
    itl = np.array([word.startswith("ITL") for word in level])
    return np.where(itl, "", sheet.column_of_text("areacd"))


def _bodies(sheet: Sheet) -> dict[int, str]:
    return bodies_among(sheet, _codes(sheet), sheet.column_of_text("areanm"))


def _rows(sheet: Sheet, bodies: Mapping[int, str], items: Mapping[str, str]) -> pd.DataFrame:
    """The figures of some rows, with the E-code or code of each."""
    rows = list(bodies)
    item = {row: _item(sheet, row, items) for row in rows}
    year = {row: _year(sheet, row) for row in rows}
    table = figures_of_column(
        sheet, bodies, sheet.column("observation"), item.__getitem__, year.__getitem__
    )
    low, high = (sheet.number[rows, sheet.column(bound)] for bound in FIGURES[1:])
    noted = [note.startswith(UNRELIABLE) for note in sheet.column_of_text("notes")[rows]]
    mark = pd.Categorical(["low_reliability" if few else None for few in noted])
    return table.assign(low=low, high=high, mark=mark)


def _item(sheet: Sheet, row: int, items: Mapping[str, str]) -> str:
    column = sheet.column("indicator")
    word = (sheet.text[row, column] or "").strip()
    if word not in items:
        raise UnreadableSource(
            f"{sheet.where(row, column)}: the indicator {word!r} is not known."
            f"{did_you_mean(word, items)} Give it an item in the module of its table."
        )
    return items[word]


def _year(sheet: Sheet, row: int) -> int:
    column = sheet.column("period")
    printed = sheet.text[row, column] or ""
    found = _PERIOD.fullmatch(printed)
    if found is None:
        raise UnreadableSource(
            f"{sheet.where(row, column)} holds {printed!r} where a year or a day in April belongs. "
            "Compare the original."
        )
    return int(found[1])


def check_wholes(printed: pd.DataFrame, england: pd.DataFrame) -> int:
    """How many figures of counties and England were held against the lowest and highest below.

    A rate, a median or a mean of a whole lies between those of its parts. TieOutFailed if not.
    """
    councils = lookups.council_table()
    tier = printed["ecode"].map(councils["council_class"]).astype(object)
    lower = printed[tier != "SC"]
    of_county = lower.assign(whole=lower["ecode"].astype(object).map(councils["county"]))
    parts = pd.concat([of_county[of_county["whole"] != ""], lower.assign(whole=ENGLAND)])
    wholes = pd.concat([printed[tier == "SC"], england]).astype({"ecode": object})
    wholes = wholes.rename(columns={"ecode": "whole"})
    key = ["whole", "item", "year"]
    between = parts.groupby(key, observed=True)["number"].agg(["min", "max"])
    both = wholes.merge(between, left_on=key, right_index=True)
    off = both[(both["number"] < both["min"]) | (both["number"] > both["max"])]
    if len(off):
        first = off.iloc[0]
        raise TieOutFailed(
            f"{len(off)} figures of wholes lie outside those of their councils, first "
            f"{first['source']}: {first['whole']} {first['item']} {first['year']} is "
            f"{first['number']:g}, its councils {first['min']:g} to {first['max']:g}. Look at "
            "those rows in the original."
        )
    return len(both)


def more_columns() -> dict:
    """What stands beside a figure: its interval and ONS's mark."""
    return {
        "low": number("the lower bound of ONS's 95% confidence interval; null where none is given"),
        "high": number("the upper bound of it"),
        "mark": category(
            "low_reliability where ONS notes that few were asked; null elsewhere", nullable=True
        ),
    }


def within_interval():
    """The rule that a figure lies within its interval."""
    return rule(
        "A figure lies within its confidence interval.",
        lambda t: (
            t["low"].isna() | t["value"].isna()
            | ((t["low"] <= t["value"]) & (t["value"] <= t["high"]))
        ),
    )  # fmt: skip
