"""social_care_spending: what each council spent on social care and public health, and took in.

From the social care form of the Revenue Outturn (RO3), 2008-09 to 2020-21, by service, with gross
spending and income beside net. Unit: whole pounds, nominal.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import (
    category,
    contract,
    figure_or_reason,
    identity,
    number,
    placed,
    provenance,
    year,
    zero_is_nothing,
)
from coopstats.clean.contracts.corrections import corrected
from coopstats.clean.contracts.doubts import LARGE, doubt, with_doubts
from coopstats.clean.contracts.misprints import with_doubts_of_kinds, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked, with_identity
from coopstats.clean.sheets.accounts import (
    Accounts,
    Column,
    figures,
    in_pounds,
    once_each,
    read_accounts,
)
from coopstats.clean.sheets.blocks import basis_of, columns_of_blocks
from coopstats.clean.sheets.codes import Part
from coopstats.clean.sheets.headings import service_lines
from coopstats.clean.sheets.keys import numbered
from coopstats.clean.sheets.sheet import sheets_of
from coopstats.clean.tables.revenue_outturn import SOCIAL_CARE, derived_rows
from coopstats.core.errors import UnknownHeading
from coopstats.core.sources import sources_of

PUBLICATION = "social_care_spending"
MAIN_BASIS = "net_current_expenditure"
KEY = ["ecode", "year", "basis", "service"]
# What one line is spent on, and what comes in from where: two of a group can be exchanged.
KINDS = (("employees", "running_expenses"), ("sales_fees_and_charges", "other_income"))

# The last year in which the total of children's and adult social care is printed.
LAST_PRINTED_TOTAL = 2012


@functools.cache
def accounts() -> tuple[Accounts, ...]:
    """Every transcribed RO3 sheet, read once a process."""
    return tuple(
        _checked(read_accounts(sheet, columns_of_blocks))
        for source in sources_of(PUBLICATION)
        for sheet in sheets_of(source)
    )


def _checked(read: Accounts) -> Accounts:
    """The accounts, unless a body has figures in a column that no heading stands above."""
    sheet = read.sheet
    headed = [c.index for c in read.columns]
    filled = ~np.isnan(sheet.number[read.rows]).all(axis=0)
    filled[[*range(sheet.column("Class") + 1), *headed]] = False
    if filled.any():
        at = int(np.flatnonzero(filled)[0])
        raise UnknownHeading(
            f"{sheet.where(sheet.header, at)}: no heading stands above the figures of this column. "
            "Compare the original, and name its line and basis in coopstats/register."
        )
    return read


def printed_figures() -> Iterator[Part]:
    """Every figure as printed, in thousands of pounds, sheet by sheet and basis by basis."""
    for read in accounts():
        by_basis: dict[str, list[Column]] = {}
        for column in read.columns:
            if column.line.kind != "identity":
                by_basis.setdefault(basis_of(column, PUBLICATION), []).append(column)
        for basis, columns in by_basis.items():
            yield figures(read, once_each(read, columns), basis=basis)


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    everything = in_pounds(_in_thousands())
    judged = with_doubts(everything, PUBLICATION, service_lines(PUBLICATION), MAIN_BASIS)
    table = with_identity(judged, list(columns()), KEY)
    table = with_doubts_of_unit(table, PUBLICATION, KEY, "gbp", LARGE)
    return with_doubts_of_kinds(table, PUBLICATION, KINDS)


def _in_thousands() -> pd.DataFrame:
    """Every figure, printed and derived, in thousands of pounds."""
    printed = corrected(stacked(printed_figures()), "number")
    return stacked([printed, _social_care(printed)])


def _social_care(printed: pd.DataFrame) -> pd.DataFrame:
    """Children's and adult social care together, from 2013-14: to 2012-13 it is printed."""
    later = printed["year"] > LAST_PRINTED_TOTAL
    children, adults = (printed[later & (printed["service"] == name)] for name in SOCIAL_CARE.parts)
    at = numbered(pd.concat([children, adults]), "year", "ecode", "basis")
    number = np.full(at.max(initial=-1) + 1, np.nan)
    number[at[len(children) :]] = adults["number"]
    both = children["number"].to_numpy() + number[at[: len(children)]]
    return derived_rows("social_care", both, children)


def columns() -> dict:
    """The columns of the contract."""
    return {
        **identity(),
        "year": year(),
        "service": category("the line's stable name, see coopstats/register/lines.csv"),
        "basis": category(
            "gross_expenditure is employees and running_expenses; income is "
            "sales_fees_and_charges and other_income; net_current_expenditure, the one unless "
            "asked for another, is gross_expenditure less income; net_total_cost adds "
            "capital_charges (to 2013-14)"
        ),
        "gbp": number("whole pounds, nominal; printed in £ thousand", "Int64"),
        **provenance(),
        "doubt": doubt(kinds=True),
    }


def promised():
    """The contract."""
    return contract(
        "social_care_spending",
        "Social care and public health: spending and income by council, year and line",
        "What each council spent on children's and adult social care and, from 2013-14, public "
        "health, gross and net, from the Revenue Outturn form RO3. Adults are told apart by client "
        "group to 2013-14 and by primary support reason after. `social_care` is derived from "
        "2013-14.",
        columns(),
        KEY,
        [
            figure_or_reason("gbp"),
            zero_is_nothing("gbp"),
            placed(),
        ],
        unit="pounds, nominal",
        value="gbp",
        tier="shared",
        main_basis=MAIN_BASIS,
        derivations={"social_care": SOCIAL_CARE},
    )
