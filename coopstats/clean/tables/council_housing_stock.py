"""council_housing_stock: dwellings by owner and what changed councils' stock, by council and year.

Two publications, kept apart. Dwelling stock by tenure, 1 April 2010 to 2016: all dwellings in a
council's area by owner. Local Authority Housing Statistics (LAHS), 1 April 2012 to 2021: councils'
own returns. Council dwellings are in both: the first prints them in tens from 2012 on, from the
second. Stocks are of the 1 April of the year, changes of the financial year that begins then, in
dwellings.

LAHS names its columns by the code of the form's question. Which code is which: the form "LAHS
guidance notes, bulk upload 2017-18", sheet A Stock.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import numpy as np
import pandas as pd

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import FINANCIAL_YEAR, rule
from coopstats.clean.contracts.misprints import doubt_of_unit, with_doubts_of_unit
from coopstats.clean.families import slices
from coopstats.clean.families.outcomes import (
    DIFFERS,
    KEY,
    Item,
    all_but,
    differing,
    figures_of_column,
    finished,
    sheet_of,
    side_by_side,
)
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets.plain import bodies_of, read_digits
from coopstats.clean.sheets.sheet import Sheet
from coopstats.core.errors import UnreadableSource
from coopstats.register import lookups

TABLE = "council_housing_stock"
BY_TENURE, LAHS = "council_housing_stock/2010-2016", "council_housing_stock/2011-2020"


def _dwellings(meaning: str) -> Item:
    return Item("dwellings", meaning, adds_up=True)


ITEMS = {
    "council_dwellings": _dwellings(
        "dwellings of councils, this one or another, in the council's area (by tenure, 2010 to "
        "2016; in tens from 2012)"
    ),
    "housing_association_dwellings": _dwellings(
        "dwellings of private registered providers in the area (by tenure, 2010 to 2016)"
    ),
    "other_public_dwellings": _dwellings(
        "dwellings of other public bodies in the area (by tenure, 2010 to 2016; in tens from 2012)"
    ),
    "private_dwellings": _dwellings(
        "owned by their occupiers or let privately, what the others leave of all dwellings (by "
        "tenure, 2010 to 2016)"
    ),
    "all_dwellings": _dwellings("dwellings in the area (by tenure, 2010 to 2016)"),
    "council_dwellings_returned": _dwellings(
        "dwellings of councils, this one or another, in the area (LAHS a1a, 2012 to 2021)"
    ),
    "other_public_dwellings_returned": _dwellings(
        "dwellings of other public bodies in the area (LAHS a1b, 2012 to 2021)"
    ),
    "dwellings_owned": _dwellings(
        "dwellings that this council owns, wherever they stand (LAHS a2ia, 2012 to 2021)"
    ),
    "demolitions": _dwellings("council dwellings pulled down in the financial year (LAHS a4a)"),
    "new_builds": _dwellings("dwellings built for the council in the financial year (LAHS a4c)"),
    "acquisitions": _dwellings("dwellings that the council acquired in the year (LAHS a4d)"),
}
TENURE = "DCLG Dwelling Stock Tenure"
TENURES = {
    "Local-Authority (incl. owned by other LAs)": "council_dwellings",
    "Private Registered Provider": "housing_association_dwellings",
    "Other Public Sector": "other_public_dwellings",
    "Private Sector": "private_dwellings",
    "All tenure types": "all_dwellings",
}
STOCKS = {
    "a1a": "council_dwellings_returned",
    "a1b": "other_public_dwellings_returned",
    "a2ia": "dwellings_owned",
}
CHANGES = {"a4a": "demolitions", "a4c": "new_builds", "a4d": "acquisitions"}
ENGLAND = "E92000001"
HALF_A_THOUSAND = 500  # England is printed in thousands
FORMER = {"E11000007": "E11000004"}  # Tyne and Wear: its code before Gateshead's boundary moved
ROUNDED_APART = 5  # a figure printed in tens and the same one in full


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    by_tenure = slices.figures(slices.slice_of(BY_TENURE), TENURE, TENURES)
    check_totals(by_tenure)
    table = finished([by_tenure, *returned(lahs())], ITEMS, list(columns()), KEY)
    return with_doubts_of_unit(table, TABLE, KEY)


@functools.cache
def lahs() -> Sheet:
    """The one sheet of LAHS, read once a process for the three tables that it is in."""
    return sheet_of(LAHS)


def returned(sheet: Sheet) -> list[pd.DataFrame]:
    """The figures of LAHS: its year ends where the next April's stocks are counted."""
    years = sheet.column_of_text("Year")
    bodies = bodies_of(sheet, "LA_CODE", "LA_NAME")
    begins = {row: lahs_year(sheet, row, years[row]) for row in bodies}
    ends = {row: year + 1 for row, year in begins.items()}
    sheet = read_digits(sheet, *map(sheet.column, (*STOCKS, *CHANGES)))
    return [
        lahs_question(sheet, bodies, code, item, year_of)
        for questions, year_of in ((STOCKS, ends), (CHANGES, begins))
        for code, item in questions.items()
    ]


def lahs_question(
    sheet: Sheet, bodies: dict[int, str], code: str, item: str, year_of: Mapping[int, int]
) -> pd.DataFrame:
    """The answers to one question of the form, read as numbers; `year_of` each row."""
    return figures_of_column(sheet, bodies, sheet.column(code), item, year_of.__getitem__)


def lahs_year(sheet: Sheet, row: int, printed: str) -> int:
    """2011 from "2011-12"."""
    first, _, second = printed.partition("-")
    if not (first.isdigit() and second == f"{(int(first) + 1) % 100:02}"):
        raise UnreadableSource(
            f"{sheet.where(row, sheet.column('Year'))} holds {printed!r} where a financial year "
            "such as 2011-12 belongs. Compare the original."
        )
    return int(first)


def check_totals(by_tenure: pd.DataFrame) -> pd.DataFrame:
    """Councils make their county and England, but for rounding and the differences on record."""
    printed, areas = slices.totals(slices.slice_of(BY_TENURE), TENURE, TENURES), areas_of()
    parts = by_tenure.astype({"ecode": object, "item": object}).merge(
        areas, left_on="ecode", right_index=True
    )
    added = parts.groupby(["area", "item", "year"])["number"].sum()
    key = pd.MultiIndex.from_frame(
        printed[["ecode", "item", "year"]].astype({"ecode": object, "item": object})
    )
    rounding = ROUNDED_APART * (printed["ecode"].astype(object).map(areas.value_counts()) + 1)
    tolerance = np.where(printed["ecode"] == ENGLAND, HALF_A_THOUSAND, rounding)
    found = differing(printed.assign(added=added.reindex(key).to_numpy()), tolerance)
    return tie_out.settled(found, [TABLE], DIFFERS)


def areas_of() -> pd.Series:
    """The code of England, and of the county or metropolitan county, that a council is part of."""
    known = lookups.council_table()
    county = known["county"].map(known["gss"]).dropna()
    districts = {e: code for code, parts in metropolitan_counties().items() for e in parts}
    england = pd.Series(ENGLAND, index=known.index)
    return pd.concat([england, county, pd.Series(districts)]).rename("area")


def metropolitan_counties() -> dict[str, list[str]]:
    """The districts of each metropolitan county, by its code, as LAHS prints them."""
    sheet = lahs()
    codes = sheet.column_of_text("MCTY20CD")
    rows = pd.Series(bodies_of(sheet, "LA_CODE", "LA_NAME"))
    within = rows.groupby(codes[rows.index]).unique()
    return {FORMER.get(code, code): list(e) for code, e in within.items() if code}


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(ITEMS, FINANCIAL_YEAR, doubt=doubt_of_unit())


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Council housing stock: dwellings by owner, by council and year",
        "Dwellings on 1 April of the year by owner, and what was built, acquired and pulled down "
        "in the financial year that begins then. A council that transferred its stock has next to "
        "none after it. Returns that councils did not make are missing, or were filled by the "
        "publisher with those of the year before, and not marked.",
        ITEMS,
        columns(),
        [
            rule("The four kinds of owner make all dwellings, but for rounding.", _makes_up),
            rule(
                "What is printed by tenure from 2012 on is what councils returned, in tens.",
                _is_returned,
            ),
        ],
        tier="lower",
    )


def _makes_up(table: pd.DataFrame) -> pd.Series:
    wide = side_by_side(table, ITEMS)
    owners = wide[[item for item in TENURES.values() if item != "all_dwellings"]]
    apart = (owners.sum(axis=1, min_count=len(owners.columns)) - wide["all_dwellings"]).abs()
    return all_but(table, "all_dwellings", apart > ROUNDED_APART * (len(TENURES) + 1))


def _is_returned(table: pd.DataFrame) -> pd.Series:
    wide, holds = side_by_side(table, ITEMS), np.ones(len(table), dtype=bool)
    for item in ("council_dwellings", "other_public_dwellings"):
        apart = (wide[item] - wide[f"{item}_returned"]).abs()
        holds &= all_but(table, item, apart > ROUNDED_APART)
    return holds
