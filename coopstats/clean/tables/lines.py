"""lines: the crosswalk of lines through time, which printed heading is which line in which year.

One row a table, line, year and printed heading, from the sheets themselves, with what the
register's breaks.csv says where a line moves, splits or changes its meaning in that year.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import category, contract, rule, year
from coopstats.clean.families import section_251
from coopstats.clean.sheets.accounts import Accounts, Column
from coopstats.clean.sheets.sheet import Sheet, cell_name
from coopstats.clean.tables import (
    children_spending,
    revenue_budget,
    revenue_outturn,
    social_care_spending,
)
from coopstats.register.breaks import breaks_of

KEY = ["table", "service", "year", "heading"]
NAMED_ABOVE = ("social_care_spending",)  # a banner names the line, the heading its cost
GRADES = ("severing", "noted")
_NO_LINE = ("identity", "not_money")
# Their sheets print ENGLAND below a row a body, and so can be tied out.
PUBLICATIONS = {
    "revenue_outturn": revenue_outturn,
    "revenue_budget": revenue_budget,
    "social_care_spending": social_care_spending,
}
LISTED = (*PUBLICATIONS, section_251.PUBLICATION)

# Table, line, its kind, year, the heading, source, sheet and cell.
Heading = tuple[str, str, str, int, str, str, str, str | None]


def all_accounts() -> list[Accounts]:
    """Every sheet that can be tied out to its ENGLAND row."""
    return [read for module in PUBLICATIONS.values() for read in module.accounts()]


def clean(found: Iterable[Heading] | None = None) -> pd.DataFrame:
    """The table, ready to keep its contract; `found` is what is `listed` of all publications."""
    if found is None:
        found = [heading for name in LISTED for heading in headings_of(name)]
    names = ["table", "service", "kind", "year", "heading", "source", "sheet", "cell"]
    table = pd.DataFrame(found, columns=names).drop_duplicates(KEY)
    table = table.assign(year=table["year"].astype("int16"), **_changes(table))
    words = [c for c in columns() if c not in ("year",)]
    return table.astype(dict.fromkeys(words, "category"))[list(columns())].sort_values(
        KEY, kind="stable", ignore_index=True
    )


def headings_of(publication: str) -> list[Heading]:
    """The headings of one publication of LISTED, where they stand and which line each is."""
    if publication == section_251.PUBLICATION:
        return [*_of_returns(), *_of_tool()]
    return [*_of_accounts(publication)]


def _of_accounts(name: str) -> Iterator[Heading]:
    """The headings of accounts whose sheets have a column a line."""
    for read in PUBLICATIONS[name].accounts():
        source, header = read.sheet.source, read.sheet.header
        for column in read.columns:
            if column.line.kind not in _NO_LINE:
                yield (
                    name, column.line.service, column.line.kind, source.year,
                    _said(name, column), source.id, read.sheet.name,
                    cell_name(header, column.index),
                )  # fmt: skip


def _said(table: str, column: Column) -> str:
    return (column.banner if table in NAMED_ABOVE and column.banner else column.heading).strip()


def _of_returns() -> Iterator[Heading]:
    """The descriptions of section 251, which has a row a line."""
    for sheet in section_251.sheets():
        yield from _of_rows(sheet)


def _of_rows(sheet: Sheet) -> Iterator[Heading]:
    rows, at = section_251.rows_of(sheet), sheet.column(*section_251.LINE_HEADINGS)
    printed = sheet.words(rows, *section_251.LINE_HEADINGS).tolist()
    first = dict(zip(reversed(printed), reversed(rows.tolist()), strict=True))
    rows = np.array(sorted(first.values()))
    for row, line in zip(rows, section_251.lines_of(sheet, rows), strict=True):
        yield (
            section_251.PUBLICATION, line.service, line.kind, sheet.source.year,
            sheet.words([row], *section_251.LINE_HEADINGS)[0], sheet.source.id, sheet.name,
            cell_name(row, at),
        )  # fmt: skip


def _of_tool() -> Iterator[Heading]:
    """LAIT's names of measures, in the years that come from it."""
    names = {service: name for name, service in children_spending.tool_lines().items()}
    figures = children_spending.tool_figures()
    later = figures[figures["year"] > children_spending.LAST_OF_SECTION_251]
    for (service, when), _ in later.groupby(["service", "year"], observed=True):
        source = later["source"].iloc[0]
        yield (
            section_251.PUBLICATION, service, "service", when, names[service], source,
            later["sheet"].iloc[0], None,
        )  # fmt: skip


def _changes(table: pd.DataFrame) -> dict[str, list]:
    """The grade and the sentence of the break that begins in each row's year, if one does."""
    pairs = [
        next((b for b in breaks_of(name, service) if b.first_year == when), None)
        for name, service, when in zip(table["table"], table["service"], table["year"], strict=True)
    ]
    return {
        "grade": [b.grade if b else np.nan for b in pairs],
        "change": [b.in_full if b else np.nan for b in pairs],
    }


def columns() -> dict:
    """The columns of the contract."""
    known = rule("A break is severing or noted.", lambda g: g.isin(GRADES) | g.isna())
    return {
        "table": category("the built table the line is in"),
        "service": category("the line's stable name"),
        "kind": category("service, part, total, financing, reserve, memorandum"),
        "year": year(),
        "heading": category("the heading, or the description of a row, as printed"),
        "grade": category(
            "severing or noted where the line changes its meaning in that year, else null",
            nullable=True,
            checks=[known],
        ),
        "change": category("what changes, in a sentence", nullable=True),
        "source": category("the publication's id in data/raw/SOURCES.toml"),
        "sheet": category("the sheet as printed"),
        "cell": category("the cell of the heading; null in LAIT, a long file", nullable=True),
    }


def promised():
    """The contract."""
    return contract(
        "lines",
        "Lines through time: which printed heading is which line in which year",
        "The crosswalk of every stable line name to the headings printed for it, year by year, "
        "with the breaks on record.",
        columns(),
        KEY,
        [
            rule(
                "A change and its grade stand together.",
                lambda t: t["grade"].isna() == t["change"].isna(),
            )
        ],
    )
