"""reserves: what each council had put by on 1 April and on 31 March, by kind of reserve.

From the Revenue Outturn Summary. To 2014-15 the two dates stand on different sheets, told apart
only by the banner above the headings; a reserve without a printed date is not read. Opening
levels need not equal the closing levels of the year before: councils restate them.
Unit: whole pounds, nominal.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from coopstats.clean.contracts.contract import (
    category,
    contract,
    figure_or_reason,
    identity,
    number,
    provenance,
    rule,
    year,
)
from coopstats.clean.contracts.corrections import corrected
from coopstats.clean.contracts.doubts import LARGE
from coopstats.clean.contracts.misprints import doubt_of_unit, undoubted, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked, with_identity
from coopstats.clean.sheets.accounts import Accounts, Column, figures, in_pounds
from coopstats.clean.sheets.codes import Part
from coopstats.clean.sheets.headings import date_of
from coopstats.clean.tables.revenue_outturn import accounts

KEY = ["ecode", "year", "date", "service"]
DATES = ("1 April", "31 March")


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    table = in_pounds(corrected(stacked(printed_figures()), "number"))
    table = with_identity(undoubted(table), list(columns()), KEY)
    return with_doubts_of_unit(table, "reserves", KEY, "gbp", LARGE)


def printed_figures() -> Iterator[Part]:
    """Every dated reserve as printed, in thousands of pounds; the first sheet with a date wins."""
    seen: set[tuple[int, str, str]] = set()
    for read in accounts():
        source = read.sheet.source
        for date, chosen in _dated(read).items():
            fresh = [c for c in chosen if (source.year, date, c.line.service) not in seen]
            seen |= {(source.year, date, c.line.service) for c in fresh}
            if fresh:
                yield figures(read, fresh, date=date)


def _dated(read: Accounts) -> dict[str, list[Column]]:
    """The reserve columns of a sheet by the date that their heading or banner prints."""
    by_date: dict[str, list[Column]] = {}
    for column in read.columns:
        date = date_of(column.heading) or date_of(column.banner)
        if column.line.kind == "reserve" and date:
            by_date.setdefault(date, []).append(column)
    return by_date


def columns() -> dict:
    """The columns of the contract."""
    known = rule("Reserves are dated 1 April or 31 March.", lambda d: d.isin(DATES))
    return {
        **identity(),
        "year": year(),
        "service": category(
            "the kind of reserve: schools, public_health, other_earmarked, unallocated, "
            "housing_revenue_account …; names beginning earmarked_ are parts of other_earmarked"
        ),
        "date": category(
            "the day of the level: 1 April begins the financial year, 31 March ends it",
            checks=[known],
        ),
        "gbp": number("whole pounds, nominal; printed in £ thousand", "Int64"),
        **provenance(),
        "doubt": doubt_of_unit(),
    }


def promised():
    """The contract."""
    return contract(
        "reserves",
        "Reserves by council, year, date and kind",
        "What each council had put by at the start and the end of each financial year, from the "
        "Revenue Outturn Summary.",
        columns(),
        KEY,
        [figure_or_reason("gbp")],
        unit="pounds, nominal",
        value="gbp",
        tier="shared",
    )
