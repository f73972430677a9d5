"""teenage_conceptions: conceptions of women under 18, by council, 1998 to 2017.

From ONS's Conception Statistics 2017, Table 6. Every year is on the councils of 2017; counties
are printed beside their districts. Rates are per 1,000 women aged 15 to 17, whose number is not
printed: it is implied by a count and its rate, between bounds that the rounding of rates leaves.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import Derivation, category, rule
from coopstats.clean.contracts.misprints import doubt_of_unit, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked
from coopstats.clean.families.outcomes import (
    KEY,
    Item,
    combined,
    figures_of_column,
    finished,
    implied,
    known_codes,
    sheet_of,
    tie_out_to,
)
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets.codes import coded
from coopstats.clean.sheets.plain import bodies_among, cells
from coopstats.clean.sheets.sheet import Sheet
from coopstats.core.errors import UnreadableSource
from coopstats.register import lookups

TABLE = "teenage_conceptions"
SOURCE = "teenage_conceptions/1998-2017"
PER_THOUSAND = "per 1,000 women aged 15 to 17"
ITEMS = {
    "conceptions": Item("conceptions", "conceptions of women under 18", adds_up=True),
    "conception_rate": Item(PER_THOUSAND, "those conceptions per 1,000 women aged 15 to 17"),
    "maternity_rate": Item(PER_THOUSAND, "those that led to a birth"),
    "abortion_rate": Item(PER_THOUSAND, "those that led to a legal abortion"),
    "abortion_share": Item("per cent", "the share that led to a legal abortion", high=100),
    "women_15_17": Item(
        "women", "women aged 15 to 17 that the count and the rate imply", adds_up=True, low=1
    ),
}
HEADINGS = {
    "Number of Conceptions": "conceptions",
    "Conception rate per 1,000 women in age group": "conception_rate",
    "Maternity rate per 1,000 women in age group": "maternity_rate",
    "Abortion rate per 1,000 women in age group": "abortion_rate",
    "Percentage of conceptions leading to abortion": "abortion_share",
}
HALF_A_DIGIT = 0.05  # rates are printed to one decimal
LOW_RELIABILITY = "u"
_YEAR = re.compile(r"((?:19|20)\d\d)(\d?)")  # a year, and perhaps the number of a footnote
_ONS_CODE = re.compile(r"[EWK]\d{8}(, E\d{8})?")
ENGLAND = "E92000001"
ROUNDING = 0.5  # counts are whole: any difference is one


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    sheet = sheet_of(SOURCE)
    codes, names = _areas(sheet)
    bodies = bodies_among(sheet, codes, names)
    printed = stacked(
        figures_of_column(sheet, bodies, column, item, year).assign(
            mark=_marks(sheet, bodies, column)
        )
        for column, item, year in printed_columns(sheet)
    )
    check_england(sheet, codes, printed)
    printed = combined(printed, lookups.combined_areas().values())
    women = implied(printed, "conceptions", "conception_rate", "women_15_17", 1_000)
    table = finished([printed, women], ITEMS, list(columns()), KEY)
    return with_doubts_of_unit(table, TABLE, KEY)


def _areas(sheet: Sheet) -> tuple[np.ndarray, np.ndarray]:
    """The codes and names of the first two columns, which have no heading; notes have no code."""
    codes, names = (_words(sheet, column) for column in (0, 1))
    return np.where([bool(_ONS_CODE.fullmatch(c)) for c in codes], codes, ""), names


def _words(sheet: Sheet, column: int) -> np.ndarray:
    cells_below = sheet.text[:, column]
    return np.array(["" if c is None else c.strip() for c in cells_below], dtype=object)


def printed_columns(sheet: Sheet) -> list[tuple[int, str, int]]:
    """Every column of figures: its index, its item, its year from the banner above."""
    year, found = 0, []
    for column, heading in enumerate(sheet.headings):
        year = _year_above(sheet, column) or year
        if heading is not None and heading.strip():
            found.append((column, _item(sheet, column, heading.strip()), year))
    return found


def _year_above(sheet: Sheet, column: int) -> int | None:
    """2017 from "20175": a year and the number of a footnote; None where the banner is empty."""
    row = sheet.header - 1
    stored, text = sheet.number[row, column], sheet.text[row, column]
    printed = f"{stored:.0f}" if not np.isnan(stored) else (text or "").strip()
    found = _YEAR.fullmatch(printed)
    if printed and column > 1 and found is None:
        raise UnreadableSource(
            f"{sheet.where(row, column)} holds {printed!r} where a year belongs. Compare the "
            "original."
        )
    return int(found[1]) if found else None


def _item(sheet: Sheet, column: int, heading: str) -> str:
    if heading not in HEADINGS:
        raise UnreadableSource(
            f"{sheet.where(sheet.header, column)}: the heading {heading!r} is not known. Give it "
            "an item in coopstats/clean/tables/teenage_conceptions.py."
        )
    return HEADINGS[heading]


def _marks(sheet: Sheet, bodies: dict[int, str], column: int) -> pd.Categorical:
    """low_reliability where the column to the right of a figure says u."""
    right = sheet.text[list(bodies), min(column + 1, sheet.text.shape[1] - 1)].tolist()
    said = [(words or "").strip() == LOW_RELIABILITY for words in right]
    return coded(np.where(said, 0, -1), ["low_reliability"])


def check_england(sheet: Sheet, codes: np.ndarray, printed: pd.DataFrame) -> pd.DataFrame:
    """Counts add up to the printed ENGLAND, or the difference is on record."""
    row = next(iter(known_codes(sheet, codes, (ENGLAND,))))
    totals = stacked(
        cells(sheet, [row], [column]).assign(
            item=pd.Categorical([item]), year=np.array([year], dtype="int16")
        )
        for column, item, year in printed_columns(sheet)
        if ITEMS[item].adds_up
    )
    tier = printed["ecode"].map(lookups.council_table()["council_class"]).astype(object)
    return tie_out_to(printed[tier != "SC"], totals, TABLE, ROUNDING)


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(
        ITEMS,
        mark=category(
            "low_reliability where ONS marks the rate as of 3 to 19 events; null elsewhere",
            nullable=True,
        ),
        doubt=doubt_of_unit(),
    )


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Teenage conceptions: under 18, by council and year",
        "Conceptions of women under 18, on the councils of 2017 in every year; counties beside "
        "their districts. Hackney is printed with the City of London and Cornwall with the Isles "
        "of Scilly. Births and legal abortions only: miscarriages are not known.",
        ITEMS,
        columns(),
        [rule("Births and abortions make the conception rate, but for rounding.", _makes_up)],
        tier="nested",
        derivations={
            "women_15_17": Derivation(
                ("conceptions", "conception_rate"),
                "the conceptions × 1,000 over their rate, which is rounded to one decimal",
            )
        },
    )


def _makes_up(table: pd.DataFrame) -> pd.Series:
    """True but for a conception rate that its two parts do not make."""
    wide = table.pivot(index=["ecode", "year"], columns="item", values="value")
    apart = wide["maternity_rate"] + wide["abortion_rate"] - wide["conception_rate"]
    off = apart.abs() > 3 * HALF_A_DIGIT + 1e-9
    key = pd.MultiIndex.from_frame(table[["ecode", "year"]])
    return ~(off.reindex(key).to_numpy() & (table["item"] == "conception_rate"))
