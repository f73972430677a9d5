"""housing_waiting_lists: households on a council's housing register on 1 April, 2000 to 2021.

Two publications, an item each. Households on the housing register, 2000 to 2017; and what
councils returned to the Local Authority Housing Statistics (LAHS), 2012 to 2021. In the years
they share they are equal, but for four figures on record in the register.

Lists are not need. Each council says how often its list is cleared and, from June 2012 (Localism
Act 2011), who may be on it: what LAHS was told of that stands beside each figure.
"""

from __future__ import annotations

import pandas as pd

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import CALENDAR_YEAR, category
from coopstats.clean.contracts.doubts import doubt_of_counts, with_doubts_of_counts
from coopstats.clean.contracts.misprints import with_doubts_of_unit
from coopstats.clean.families import slices
from coopstats.clean.families.outcomes import (
    KEY,
    Item,
    differing,
    finished,
    of_existing,
    tie_out_differences,
    without_empty_twins,
)
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets.plain import bodies_of, read_digits
from coopstats.clean.sheets.sheet import Sheet
from coopstats.clean.tables import council_housing_stock as stock
from coopstats.core.errors import UnreadableSource

TABLE = "housing_waiting_lists"
SOURCE = "housing_waiting_lists/2000-2017"
ITEMS = {
    "households": Item("households", "on the housing register on 1 April, 2000 to 2017", True),
    "households_returned": Item(
        "households", "the same as councils returned it (LAHS cc1a), 2012 to 2021", True
    ),
}
KIND, KINDS = "Households", {"Total Households": "households"}
# The questions of LAHS: the length of the list, and "Have you changed your waiting list criteria
# since last year in light of the changes in the Localism Act 2011?"
RETURNED, CRITERIA = "cc1a", "cc2a"
ANSWERS = {"y": "changed", "n": "unchanged", "no": "unchanged", "unknown": None, "": None}
HALF_A_TEN = 5  # England is printed in tens
DIFFERS = (
    "figures are not the sum or the return that they should be, as recorded (printed less added, "
    "or less returned)"
)


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    lahs = stock.lahs()
    printed, again = register_of(slices.slice_of(SOURCE)), returned(lahs)
    check(printed, again)
    made = finished([printed, again], ITEMS, _made(), KEY)
    told = criteria(lahs)
    answers = told.reindex(pd.MultiIndex.from_frame(made[["ecode", "year"]])).to_numpy()
    beside = made.assign(criteria=pd.Categorical(answers, categories=["changed", "unchanged"]))
    judged = with_doubts_of_counts(beside, TABLE)[list(columns())]
    return with_doubts_of_unit(judged, TABLE, KEY)


def register_of(sheet: Sheet) -> pd.DataFrame:
    """The first publication, without the noughts that it prints for codes that were not in use."""
    printed = slices.figures(sheet, KIND, KINDS)
    return without_empty_twins(of_existing(sheet, printed, back=1))


def returned(sheet: Sheet) -> pd.DataFrame:
    """The lengths of lists in LAHS, whose year ends where the next April begins."""
    ends = _ends(sheet)
    bodies = bodies_of(sheet, "LA_CODE", "LA_NAME")
    sheet = read_digits(sheet, sheet.column(RETURNED))
    return stock.lahs_question(sheet, bodies, RETURNED, "households_returned", ends)


def _ends(sheet: Sheet) -> dict[int, int]:
    years = sheet.column_of_text("Year")
    rows = range(sheet.header + 1, len(years))
    return {row: stock.lahs_year(sheet, row, years[row]) + 1 for row in rows}


def criteria(sheet: Sheet) -> pd.Series:
    """What councils answered to CRITERIA, by ecode and year; no row where they said nothing."""
    ends, said = _ends(sheet), sheet.column_of_text(CRITERIA)
    bodies = bodies_of(sheet, "LA_CODE", "LA_NAME")
    told = {(e, ends[row]): _answer(sheet, row, said[row]) for row, e in bodies.items()}
    known = {key: answer for key, answer in told.items() if answer is not None}
    return pd.Series(known.values(), index=pd.MultiIndex.from_tuples(known))


def _answer(sheet: Sheet, row: int, said: str) -> str | None:
    if said.lower() not in ANSWERS:
        raise UnreadableSource(
            f"{sheet.where(row, sheet.column(CRITERIA))} holds {said!r} where Y or N belongs. Give "
            "it a meaning in coopstats/clean/tables/housing_waiting_lists.py."
        )
    return ANSWERS[said.lower()]


def check(printed: pd.DataFrame, again: pd.DataFrame) -> pd.DataFrame:
    """Councils make ENGLAND and are what they returned, or the difference is on record."""
    totals = slices.totals(slices.slice_of(SOURCE), KIND, KINDS)
    off = [tie_out_differences(printed, totals, HALF_A_TEN), not_as_returned(printed, again)]
    return tie_out.settled(pd.concat(off), [TABLE], DIFFERS)


def not_as_returned(printed: pd.DataFrame, again: pd.DataFrame) -> pd.DataFrame:
    """The figures that both publications print, each another."""
    same = again.astype({"ecode": object}).set_index(["ecode", "year"])["number"]
    key = pd.MultiIndex.from_frame(printed[["ecode", "year"]].astype({"ecode": object}))
    beside = printed.assign(added=same.reindex(key).to_numpy())
    return differing(beside[beside["added"].notna()], 0)


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(
        ITEMS,
        CALENDAR_YEAR,
        criteria=category(
            "whether the council changed who may be on its list in the year to 31 March, in light "
            "of the Localism Act 2011, as it told LAHS (cc2a, from 2012); null if it did not say",
            nullable=True,
        ),
        doubt=doubt_of_counts(),
    )


def _made() -> list[str]:
    return [name for name in columns() if name not in ("criteria", "doubt")]


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Housing waiting lists: households on the register, by council and year",
        "Households on a council's housing register on 1 April. Councils clear their lists when "
        "they like and, from 2012, say who may be on them, so a change of length is first a "
        "change of the list. Returns that were not made are often the last one's, or nought.",
        ITEMS,
        columns(),
        tier="lower",
        bears="years to 2012, and councils beside each other: the rules of 2012 sever before from "
        "after",
    )
