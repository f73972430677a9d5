"""revenue_outturn: what each council spent, by service, and how it was paid for.

From the Revenue Outturn Summary (RS), 2007-08 to 2023-24. Unit: whole pounds, nominal.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import (
    Derivation,
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
from coopstats.clean.sheets.codes import Part, coded, repeated
from coopstats.clean.sheets.headings import service_lines
from coopstats.clean.sheets.keys import numbered
from coopstats.clean.sheets.sheet import NOWHERE, sheets_of
from coopstats.core.errors import UnknownCouncil, UnknownHeading, UnreadableSource
from coopstats.core.flags import NO_FIGURE
from coopstats.core.sources import sources_of
from coopstats.core.years import financial_year
from coopstats.register import lookups

PUBLICATION = "revenue_outturn"
KEY = ["ecode", "year", "basis", "service"]

# What `core` leaves out of total service expenditure, so that it means the same in every year:
# academies drain education, police and fire moved bodies, public health arrived in 2013-14.
CORE_LEAVES_OUT = ("education", "police", "fire", "public_health")
CORE = Derivation(
    ("total_service_expenditure", *CORE_LEAVES_OUT),
    "total service expenditure less education, police, fire and public health",
)
SOCIAL_CARE = Derivation(
    ("childrens_social_care", "adult_social_care"),
    "children's social care plus adult social care",
)
SOCIAL_CARE_SPLIT = 2011  # the first year with a line each for children and adults
DERIVED_FROM = (*CORE.parts, *SOCIAL_CARE.parts)


@functools.cache
def accounts() -> tuple[Accounts, ...]:
    """Every transcribed RS sheet, read once a process for all tables that need it."""
    return tuple(
        read_accounts(sheet) for source in sources_of(PUBLICATION) for sheet in sheets_of(source)
    )


def check_years() -> None:
    """Raise UnknownCouncil unless each sheet prints the bodies the register has for its year."""
    for read in accounts():
        _check_years(read)


def _check_years(read: Accounts) -> None:
    sheet, listed = read.sheet, lookups.council_table()
    odd = sorted(_alive(sheet.source.year) ^ set(read.bodies.values()))
    if odd:
        names = ", ".join(f"{listed['council'][code]} ({code})" for code in odd[:6])
        raise UnknownCouncil(
            f"{sheet.source.file}, sheet {sheet.name!r}: {len(odd)} bodies are printed in a year "
            f"outside their years in coopstats/register/councils.csv, or not printed within them: "
            f"{names}{' …' if len(odd) > 6 else ''}. Correct first_year and last_year there."
        )


@functools.cache
def _alive(year: int) -> frozenset[str]:
    """The bodies that the register has for a year."""
    listed = lookups.council_table()
    first, last = listed["first_year"].astype(int), listed["last_year"].astype(int)
    return frozenset(listed.index[(first <= year) & (last >= year)])


def _wanted(column: Column, basis: str) -> bool:
    """Which columns are spending or financing on this basis; the other sheets repeat services."""
    if basis == "none" or column.line.kind in ("identity", "not_money", "reserve"):
        return False
    if basis in ("capital_charges", "net_total_cost"):
        is_service = column.line.kind == "service"
        return is_service or column.line.service == "total_service_expenditure"
    return True


def printed_figures(
    only: str | None = None, lines: Collection[str] | None = None
) -> Iterator[Part]:
    """Every wanted figure as printed, in thousands of pounds, sheet by sheet and basis by basis.

    `only` names the one basis that is wanted, `lines` the only lines.
    """
    for read in accounts():
        by_basis: dict[str, list[Column]] = {}
        for column in read.columns:
            by_basis.setdefault(basis_of(column, read), []).append(column)
        for basis, columns in by_basis.items():
            chosen = once_each(read, [c for c in columns if _wanted(c, basis)])
            if chosen and only in (None, basis):
                yield figures(read, among(chosen, lines), basis=basis)


def among(columns: list[Column], lines: Collection[str] | None) -> list[Column]:
    """The columns of some lines; all of them where none are named."""
    return [c for c in columns if lines is None or c.line.service in lines]


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    everything = in_pounds(_in_thousands())
    judged = with_doubts(everything, PUBLICATION, service_lines(PUBLICATION), MAIN_BASIS)
    table = with_identity(judged, list(columns()), KEY)
    return with_doubts_of_unit(table, PUBLICATION, KEY, "gbp", LARGE)


def _in_thousands() -> pd.DataFrame:
    """Every figure, printed and derived, in thousands of pounds."""
    printed = corrected(stacked(printed_figures()), "number")
    return stacked([printed, *derived(printed, SOCIAL_CARE_SPLIT)])


def derived(printed: pd.DataFrame, first_split: int) -> Iterator[pd.DataFrame]:
    """`core` in every year, `social_care` from the year when it was printed in two lines."""
    total, number = figures_of_lines(printed, DERIVED_FROM)
    year = total["year"].to_numpy()
    yield derived_rows("core", core_of(number, year), total)
    both = number["childrens_social_care"] + number["adult_social_care"]
    split = year >= first_split
    yield derived_rows("social_care", both[split], total[split])


def figures_of_lines(
    printed: pd.DataFrame, services: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Some lines on the main basis, by year and council: rows of the first, figures of each.

    Raises UnknownHeading where a line has no rows, and UnreadableSource where a council has one of
    the others in a year and not the first.
    """
    main = (printed["basis"] == MAIN_BASIS).to_numpy()
    rows = [np.flatnonzero(main & (printed["service"] == name)) for name in services]
    for name, of_line in zip(services, rows, strict=True):
        if not len(of_line):
            raise _no_rows(printed, name)
    which = np.repeat(np.arange(len(rows)), [len(of_line) for of_line in rows])
    some = printed[["year", "ecode", "number"]].take(np.concatenate(rows))
    at = numbered(some, "year", "ecode")
    keys = np.unique(at)
    first, number = np.full(at.max() + 1, -1), np.full((len(rows), at.max() + 1), np.nan)
    first[at[which == 0]] = rows[0]
    number[which, at] = some["number"]
    without = np.flatnonzero(first[at] < 0)
    if len(without):
        raise _no_first(some.iloc[without[0]], services[which[without[0]]], services[0])
    return printed.take(first[keys]), dict(zip(services, number[:, keys], strict=True))


def _no_rows(printed: pd.DataFrame, service: str) -> UnknownHeading:
    """What is said of a line that no sheet prints, though others are derived from it."""
    table = str(printed["source"].iloc[0]).partition("/")[0]
    return UnknownHeading(
        f"{table}: no sheet prints the line {service!r} as {MAIN_BASIS}, though other lines are "
        "derived from it. If it was renamed in coopstats/register/lines.csv, rename it in "
        f"coopstats/clean/{table}.py and revenue_outturn.py too."
    )


def _no_first(row: pd.Series, service: str, first: str) -> UnreadableSource:
    """What is said of a council that has a line in a year, and not the one that it belongs to."""
    name, year = lookups.council_table()["council"][row["ecode"]], financial_year(int(row["year"]))
    return UnreadableSource(
        f"{name} ({row['ecode']}) has the line {service!r} in {year}, but not {first!r}, which is "
        "needed to derive other lines. Compare the sheets of that year with the original."
    )


def core_of(number: dict[str, np.ndarray], year: np.ndarray) -> np.ndarray:
    """Total service expenditure less what `core` leaves out; none where one of those is missing.

    A line that no body has a figure for in a year did not exist then and counts as nothing.
    """
    left_out = np.array([number[name] for name in CORE_LEAVES_OUT])
    none = np.isnan(left_out)
    existed = [np.isin(year, year[~missing]) for missing in none]
    core = number["total_service_expenditure"] - np.nansum(left_out, axis=0)
    return np.where((existed & none).any(axis=0), np.nan, core)


def derived_rows(service: str, number: np.ndarray, rows: pd.DataFrame) -> pd.DataFrame:
    """Derived figures as rows; one without a figure keeps its row's reason, or is missing."""
    flag = rows["flag"].cat
    flags = [*flag.categories, "derived"]
    reason = np.array([flags.index(f if f in NO_FIGURE else "missing") for f in flags])
    codes = np.where(np.isnan(number), reason[flag.codes], flags.index("derived"))
    return rows.assign(
        number=number,
        flag=coded(codes, flags),
        service=repeated(service, len(rows)),
        place=NOWHERE,
    )


def columns() -> dict:
    """The columns of the contract."""
    return {
        **identity(),
        "year": year(),
        "service": category("the line's stable name, see coopstats/register/lines.csv"),
        "basis": category(
            "the accounting basis, see coopstats/register/bases.csv; net_current_expenditure "
            "unless asked for another"
        ),
        "gbp": number("whole pounds, nominal; printed in £ thousand", "Int64"),
        **provenance(),
        "doubt": doubt(),
    }


def promised():
    """The contract."""
    return contract(
        "revenue_outturn",
        "Revenue outturn: spending and financing by council, year and line",
        "What each council spent, by service, and how it was paid for, from the Revenue Outturn "
        "Summary. `core` is total service expenditure less education, police, fire and public "
        "health; it and, from 2011-12, `social_care` are derived.",
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
        derivations={"core": CORE, "social_care": SOCIAL_CARE},
    )
