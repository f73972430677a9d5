"""revenue_budget: what each council planned to spend, line by line, before the year began.

From the Revenue Account budget (RA), 2010-11 to 2021-22. A budget is a plan and never spending;
the outturn of the same services is `revenue_outturn`. RA alone prints the small lines: libraries,
street cleansing, youth, mental health. Unit: whole pounds, nominal.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from coopstats.clean.contracts import line_totals
from coopstats.clean.contracts.contract import (
    Derivation,
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
from coopstats.clean.contracts.doubts import LARGE, doubt, with_doubts
from coopstats.clean.contracts.misprints import with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked, with_identity
from coopstats.clean.sheets.accounts import (
    Accounts,
    Column,
    figures,
    in_pounds,
    once_each,
    read_accounts,
)
from coopstats.clean.sheets.bases import MAIN_BASIS, basis_of
from coopstats.clean.sheets.codes import Part
from coopstats.clean.sheets.headings import Line, date_of, service_lines
from coopstats.clean.sheets.sheet import sheets_of
from coopstats.clean.tables.revenue_outturn import (
    CORE,
    SOCIAL_CARE,
    among,
    derived,
    derived_rows,
    figures_of_lines,
)
from coopstats.core.flags import NO_FIGURE
from coopstats.core.sources import sources_of

PUBLICATION = "revenue_budget"
KEY = ["ecode", "year", "basis", "service"]
COMMUNITY_SAFETY = (
    "community_safety_crime_reduction",
    "community_safety_services",
    "community_safety_cctv",
)
SOCIAL_CARE_SPLIT = 2012  # the first year with a line each for children and adults
WITHOUT_PARTS = ("police", "fire", "other")  # services that RA prints in one line
FIRST_WITHOUT_CAPITAL = 2015  # from then on only net current expenditure is printed
DATES = {"1 April": "1_april", "31 March": "31_march"}


@functools.cache
def accounts() -> tuple[Accounts, ...]:
    """Every transcribed RA sheet, read once a process."""
    return tuple(
        read_accounts(sheet) for source in sources_of(PUBLICATION) for sheet in sheets_of(source)
    )


def _wanted(column: Column, basis: str) -> bool:
    """Which columns are budgets on this basis; sheets (2) and (3) repeat all but services."""
    if basis == "none" or column.line.kind in ("identity", "not_money", "reserve"):
        return False
    if basis in ("capital_charges", "net_total_cost"):
        in_service = column.line.kind in ("part", "service")
        return in_service or column.line.service == "total_service_expenditure"
    return True


def printed_figures(
    only: str | None = None, lines: Collection[str] | None = None
) -> Iterator[Part]:
    """Every wanted figure as printed, in thousands of pounds, sheet by sheet and basis by basis.

    `only` names the one basis that is wanted, `lines` the only lines.
    """
    seen: set[tuple[int, str]] = set()
    for read in accounts():
        by_basis: dict[str, list[Column]] = {}
        for column in read.columns:
            basis = basis_of(column, read)
            if _wanted(column, basis):
                by_basis.setdefault(basis, []).append(column)
        if reserves := _reserves(read, seen):
            by_basis[MAIN_BASIS] = [*by_basis.get(MAIN_BASIS, []), *reserves]
        for basis, columns in by_basis.items():
            if only in (None, basis):
                yield figures(read, among(once_each(read, columns), lines), basis=basis)


def _reserves(read: Accounts, seen: set[tuple[int, str]]) -> list[Column]:
    """The reserves whose date a sheet prints; later sheets of a year repeat one without news."""
    dated = [_dated(c) for c in read.columns if c.line.kind == "reserve"]
    year = read.sheet.source.year
    fresh = [c for c in dated if c and (year, c.line.service) not in seen]
    seen |= {(year, c.line.service) for c in fresh}
    return fresh


def _dated(column: Column) -> Column | None:
    """A reserve with its day in its name, from its heading or banner; None where none is printed.

    Where the day is misprinted ("31 Marchl"), lines.csv gives the whole name.
    """
    date = date_of(column.heading) or date_of(column.banner)
    if column.line.service.endswith(tuple(DATES.values())):
        return column
    name = f"{column.line.service}_{DATES[date]}" if date else ""
    return replace(column, line=Line(name, column.line.kind)) if name else None


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract; TieOutFailed where parts do not make a total."""
    line_totals.check(accounts())
    everything = in_pounds(_in_thousands())
    lines = [*service_lines(PUBLICATION, "part"), *WITHOUT_PARTS]
    judged = with_doubts(everything, PUBLICATION, lines, MAIN_BASIS)
    table = with_identity(judged, list(columns()), KEY)
    return with_doubts_of_unit(table, PUBLICATION, KEY, "gbp", LARGE)


def _in_thousands() -> pd.DataFrame:
    """Every figure, printed and derived, in thousands of pounds."""
    printed = corrected(stacked(printed_figures()), "number")
    return stacked([printed, *derived(printed, SOCIAL_CARE_SPLIT), _community_safety(printed)])


def _community_safety(printed: pd.DataFrame) -> pd.DataFrame:
    """The three lines of community safety as one."""
    rows, number = figures_of_lines(printed, COMMUNITY_SAFETY)
    return derived_rows("community_safety", np.sum([*number.values()], axis=0), rows)


BASES = ("net_current_expenditure", "capital_charges", "net_total_cost")


def _bases_add_up(table: pd.DataFrame) -> pd.Series:
    """True but where the three bases of a line differ by more than their rounding."""
    early = (table["year"] < FIRST_WITHOUT_CAPITAL).to_numpy()
    rows = table.loc[early, ["ecode", "year", "service", "basis", "gbp"]]
    ecode, service = rows["ecode"].cat, rows["service"].cat
    before = FIRST_WITHOUT_CAPITAL - 1 - rows["year"].to_numpy("int64")
    lines = before * len(service.categories) + service.codes.to_numpy()
    row = lines * len(ecode.categories) + ecode.codes.to_numpy()
    gbp = rows["gbp"].to_numpy("float64", na_value=np.nan)
    of_basis = [(rows["basis"] == name).to_numpy() for name in BASES]
    wide = np.full((len(BASES), row.max(initial=-1) + 1), np.nan)
    for at, mine in enumerate(of_basis):
        wide[at, row[mine]] = gbp[mine]
    off = np.abs(wide[2] - wide[0] - wide[1]) > 1_500
    holds = np.ones(len(table), dtype=bool)
    holds[early] = ~(of_basis[2] & off[row])
    return pd.Series(holds, index=table.index)


def columns() -> dict:
    """The columns of the contract."""
    return {
        **identity(),
        "year": year(),
        "service": category(
            "the line's stable name, see coopstats/register/lines.csv; reserves end in the day "
            "of their level, _1_april or _31_march"
        ),
        "basis": category(
            "the accounting basis, see coopstats/register/bases.csv; net_current_expenditure "
            "unless asked for another"
        ),
        "gbp": number("the budget in whole pounds, nominal; printed in £ thousand", "Int64"),
        **provenance(),
        "doubt": doubt(),
    }


def promised():
    """The contract."""
    return contract(
        PUBLICATION,
        "Revenue account budget: planned spending and financing by council, year and line",
        "What each council budgeted before the year began, by line, from the Revenue Account "
        "budget: plans, never spending. `core` is total service expenditure less education, "
        "police, fire and public health, as in revenue_outturn; it, `community_safety` and, from "
        "2012-13, `social_care` are derived.",
        columns(),
        KEY,
        [
            figure_or_reason("gbp"),
            rule(
                "A budget flagged zero is 0.",
                lambda t: ~(t["flag"] == "zero") | (t["gbp"] == 0).fillna(False),
            ),
            rule(
                "Every printed budget names its sheet and cell.",
                lambda t: (
                    (t["sheet"].notna() & t["cell"].notna())
                    | t["flag"].isin(["derived", *NO_FIGURE])
                ),
            ),
            rule("Net total cost is net current expenditure plus capital charges.", _bases_add_up),
        ],
        unit="pounds of budget, nominal",
        value="gbp",
        tier="shared",
        main_basis=MAIN_BASIS,
        derivations={
            "core": CORE,
            "social_care": SOCIAL_CARE,
            "community_safety": Derivation(
                COMMUNITY_SAFETY, "crime reduction, safety services and CCTV together"
            ),
        },
    )
