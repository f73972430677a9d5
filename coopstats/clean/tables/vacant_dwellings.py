"""vacant_dwellings: dwellings that stand empty, by owner, by council and year, 2004 to 2015.

From live table 615, a sheet an item. All and long-term vacants come from the council tax base of
October and include those of councils and housing associations; these are also counted by their
owners, on 1 April or 31 March. Councils' own go on to 2021 in the Local Authority Housing
Statistics (LAHS), as an item of its own: in the years they share, the two print the same figure
for every council.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import CALENDAR_YEAR, rule
from coopstats.clean.contracts.misprints import doubt_of_unit, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked
from coopstats.clean.families.outcomes import (
    DIFFERS,
    KEY,
    Item,
    all_but,
    differing,
    figures_of_column,
    finished,
    of_existing,
    sheet_of,
    side_by_side,
    without_empty_twins,
)
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets.accounts import body_of
from coopstats.clean.sheets.plain import bodies_of, cells, read_digits
from coopstats.clean.sheets.sheet import Sheet
from coopstats.clean.tables import council_housing_stock as stock
from coopstats.core.errors import UnknownCouncil, UnreadableSource
from coopstats.register import lookups

TABLE = "vacant_dwellings"
SOURCE = "vacant_dwellings/2004-2015"


def _dwellings(meaning: str) -> Item:
    return Item("dwellings", meaning, adds_up=True)


ITEMS = {
    "vacant": _dwellings("all that stand empty, whoever owns them, in October (2004: 1 November)"),
    "long_term_vacant": _dwellings("of those, empty and unfurnished for over six months"),
    "council_vacant": _dwellings(
        "councils' own, in the area, on 1 April (table 615, 2004 to 2015)"
    ),
    "council_vacant_returned": _dwellings("councils' own, in the area (LAHS e1a, 2012 to 2021)"),
    "housing_association_vacant": _dwellings(
        "general needs dwellings of larger private registered providers, on 31 March"
    ),
    "housing_association_long_term_vacant": _dwellings(
        "of those, not available for letting at once (2005 to 2015)"
    ),
    "other_public_vacant": _dwellings("other public bodies', on 1 April"),
}
SHEETS = {
    "All vacants": "vacant",
    "All long-term vacants": "long_term_vacant",
    "LA-owned vacants": "council_vacant",
    "PRP gen needs vacants": "housing_association_vacant",
    "PRP gen needs long-term vacants": "housing_association_long_term_vacant",
    "Other public sector vacants": "other_public_vacant",
}
IN_OCTOBER = ("vacant", "long_term_vacant")
OLD_CODE, NEW_CODE, NAME = ("Old ONS code", "ONS code"), "New ONS code", "Local Authority Name"
RETURNED = "e1a"  # the question of LAHS
ENGLAND = "ENGLAND"
ROUNDING = 0.5  # counts are whole; an imputed one has a fraction, and so have its totals


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    sheets = {item: sheet_of(SOURCE, name) for name, item in SHEETS.items()}
    check_totals(sheets)
    printed = [figures(sheet, item) for item, sheet in sheets.items()]
    table = finished([*printed, returned(stock.lahs())], ITEMS, list(columns()), KEY)
    return with_doubts_of_unit(table, TABLE, KEY)


def figures(sheet: Sheet, item: str) -> pd.DataFrame:
    """The figures of one sheet, without the councils that did not exist when it was counted."""
    bodies = councils(sheet)
    back = 0 if item in IN_OCTOBER else 1
    parts = stacked(
        figures_of_column(sheet, bodies, column, item, year)
        for column, year in years_of(sheet, bodies)
    )
    return without_empty_twins(of_existing(sheet, parts, back))


def councils(sheet: Sheet) -> dict[int, str]:
    """The 0-based rows of councils: their old and new ONS code and their name are one body's."""
    old, new, name = (sheet.column_of_text(*OLD_CODE), *map(sheet.column_of_text, (NEW_CODE, NAME)))
    rows = [row for row in range(sheet.header + 1, len(name)) if old[row]]
    bodies = {row: body_of(sheet, row, old[row], name[row]) for row in rows}
    for row, ecode in bodies.items():
        if ecode not in lookups.ecodes_of_code().get(new[row], ()):
            raise UnknownCouncil(
                f"{sheet.where(row, sheet.column(NEW_CODE))}: {new[row]!r} is no code of "
                f"{name[row]!r} ({old[row]}), which is {ecode} in coopstats/register. Compare the "
                "original, or add the code to codes.csv."
            )
    return bodies


def years_of(sheet: Sheet, bodies: dict[int, str]) -> Iterator[tuple[int, int]]:
    """The columns in which England or a council has a figure, and their years."""
    england = next(iter(_totals(sheet)))
    for column, heading in enumerate(sheet.headings):
        if heading is None or not heading[:2].isdigit():
            continue
        if not (len(heading) == 4 and heading.isdigit()):
            raise UnreadableSource(
                f"{sheet.where(sheet.header, column)} holds {heading!r} where a year belongs. "
                "Compare the original."
            )
        if not np.isnan(sheet.number[[england, *bodies], column]).all():
            yield column, int(heading)


def returned(sheet: Sheet) -> pd.DataFrame:
    """What councils returned to LAHS, whose year ends where the next April begins."""
    years = sheet.column_of_text("Year")
    bodies = bodies_of(sheet, "LA_CODE", "LA_NAME")
    ends = {row: stock.lahs_year(sheet, row, years[row]) + 1 for row in bodies}
    sheet = read_digits(sheet, sheet.column(RETURNED))
    return stock.lahs_question(sheet, bodies, RETURNED, "council_vacant_returned", ends)


# ── totals ───────────────────────────────────────────────────────────────────────────────────────


def check_totals(sheets: dict[str, Sheet]) -> pd.DataFrame:
    """Councils make their county, class and England, or the difference is on record."""
    found = [_differences(sheet, item) for item, sheet in sheets.items()]
    return tie_out.settled(pd.concat(found), [TABLE], DIFFERS)


def _differences(sheet: Sheet, item: str) -> pd.DataFrame:
    bodies, totals = councils(sheet), _totals(sheet)
    columns = [column for column, _ in years_of(sheet, bodies)]
    below = [[row for row in rows if row in bodies] for rows in totals.values()]
    added = [np.nansum(sheet.number[np.ix_(rows, columns)], axis=0) for rows in below]
    printed = cells(sheet, list(totals), columns).assign(
        item=item, added=np.array(added).ravel(order="F")
    )
    return differing(printed[printed["number"].notna()], ROUNDING)


def _totals(sheet: Sheet) -> dict[int, range]:
    """The 0-based rows of printed totals, England first, and the rows that each is the sum of.

    England has every row below it, a class those to the next class, a county those to a gap.
    """
    old, new = sheet.column_of_text(*OLD_CODE), sheet.column_of_text(NEW_CODE)
    label, end = _first_column(sheet), len(old)
    england = _england(sheet, label)
    below = range(england + 1, end)
    classes = [row for row in below if label[row] and _filled(sheet, row)]
    counties = [row for row in below if new[row] and not old[row]]
    gaps = [row for row in below if not old[row]]
    return {
        england: below,
        **{row: range(row + 1, _next(classes, row, end)) for row in classes},
        **{row: range(row + 1, _next(gaps, row, end)) for row in counties},
    }


def _england(sheet: Sheet, label: list[str]) -> int:
    for row, words in enumerate(label):
        if words.rstrip("0123456789") == ENGLAND:
            return row
    raise UnreadableSource(
        f"{sheet.source.file}, sheet {sheet.name!r}: no row ENGLAND. Without it nothing ties out; "
        "check that the file is whole."
    )


def _next(rows: list[int], after: int, end: int) -> int:
    """The first of these rows below another one; `end` where there is none."""
    return next((row for row in rows if row > after), end)


def _first_column(sheet: Sheet) -> list[str]:
    return ["" if word is None else word.strip() for word in sheet.text[:, 0]]


def _filled(sheet: Sheet, row: int) -> bool:
    return bool((~np.isnan(sheet.number[row])).any())


# ── the contract ─────────────────────────────────────────────────────────────────────────────────


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(ITEMS, CALENDAR_YEAR, doubt=doubt_of_unit())


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Vacant dwellings: empty homes by owner, by council and year",
        "Dwellings that stand empty, on the day of the year that each item names. Those of "
        "councils, housing associations and other public bodies are in the first two items as "
        "well, so items are not added up. From 2012 figures that were not returned are estimated "
        "by the publisher and not told apart here.",
        ITEMS,
        columns(),
        [
            rule("What table 615 prints of councils is what they returned.", _is_returned),
            rule("Long-term vacants are no more than all vacants of their kind.", _is_part),
        ],
        tier="lower",
    )


def _is_returned(table: pd.DataFrame) -> pd.Series:
    wide = side_by_side(table, ITEMS)
    off = (wide["council_vacant"] - wide["council_vacant_returned"]).abs() > 0
    return all_but(table, "council_vacant", off)


def _is_part(table: pd.DataFrame) -> pd.Series:
    wide, holds = side_by_side(table, ITEMS), np.ones(len(table), dtype=bool)
    for whole in ("vacant", "housing_association_vacant"):
        part = whole.replace("vacant", "long_term_vacant")
        holds &= all_but(table, part, wide[part] > wide[whole])
    return holds
