"""council_tax: what each council required from council tax, support given, and Band D bills.

From the Revenue Outturn Summary (requirement and support, whole pounds) and the Band D live
table (pounds and pence for a Band D dwelling, 1993-94 to 2022-23).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
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
from coopstats.clean.contracts.misprints import doubt_of_unit, undoubted, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked, with_identity
from coopstats.clean.sheets.accounts import figures
from coopstats.clean.sheets.bases import MAIN_BASIS, basis_of
from coopstats.clean.sheets.codes import Part, categorical, repeated, tiled
from coopstats.clean.sheets.sheet import Sheet, places, sheets_of
from coopstats.clean.tables.revenue_outturn import accounts
from coopstats.core.errors import UnreadableSource
from coopstats.core.sources import read_sources
from coopstats.register import lookups, reader

KEY = ["ecode", "year", "service"]
BAND_D = "councils/1993-2022"
BAND_D_SHEETS = {
    "inc PPs": "band_d",
    "exc PPs": "band_d_excluding_parishes",
    "Area CT": "area_band_d",
}
FROM_ACCOUNTS = ("council_tax_requirement", "council_tax_support_")


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    required = corrected(stacked(_required()), "number")
    required["gbp"] = (required.pop("number") * 1000).round()
    bills = corrected(stacked(_bills()), "gbp")
    both = stacked([required[list(bills.columns)], bills])
    table = with_identity(undoubted(both), list(columns()), KEY)
    return with_doubts_of_unit(table, "council_tax", KEY, "gbp")


def _required() -> Iterator[Part]:
    """Requirement and support from the RS sheets, in thousands of pounds."""
    for read in accounts():
        chosen = [
            c
            for c in read.columns
            if c.line.service.startswith(FROM_ACCOUNTS) and basis_of(c, read) == MAIN_BASIS
        ]
        if chosen:
            yield figures(read, chosen)


def _bills() -> Iterator[pd.DataFrame]:
    """Band D bills as printed, in pounds."""
    for sheet in sheets_of(read_sources()[BAND_D]):
        if sheet.name in BAND_D_SHEETS:
            yield _bills_of(sheet, BAND_D_SHEETS[sheet.name])


def _bills_of(sheet: Sheet, service: str) -> pd.DataFrame:
    """One row a body and year of a Band D sheet; totals and bodies gone by 2007 are left out."""
    known, code = {*lookups.council_table().index}, sheet.column_of_text("Code", "E code")
    rows = np.array([r for r in range(sheet.header + 1, len(code)) if code[r] in known])
    years = {
        i: int(h[:4])
        for i, h in enumerate(sheet.headings)
        if h and re.fullmatch(r"\d{4}-\d{2,4}", h)
    }
    _check_filled(sheet, rows, years)
    columns = np.array([*years])
    printed = sheet.number[np.ix_(rows, columns)].ravel(order="F")
    return pd.DataFrame(
        {
            "ecode": tiled(categorical(code[rows].tolist()), len(years)),
            "service": repeated(service, len(printed)),
            "flag": _flags(printed),
            "place": places(rows, columns),
            "source": repeated(sheet.source.id, len(printed)),
            "sheet": repeated(sheet.name, len(printed)),
            "year": np.repeat(np.array([*years.values()], dtype="int16"), len(rows)),
            "gbp": printed,
        }
    )


def _check_filled(sheet: Sheet, rows: np.ndarray, years: dict[int, int]) -> None:
    """Raise if a sheet has no known body or no year, and with it no bills."""
    wanted = (rows, "row has the E-code of a known body"), (years, "heading is a year")
    for found, what in wanted:
        if not len(found):
            raise UnreadableSource(
                f"{sheet.source.file}, sheet {sheet.name!r}: no {what}. Check that the original "
                "is whole."
            )


def _flags(printed: np.ndarray) -> pd.Categorical:
    """The live table prints "-" where a body set no tax."""
    flags = np.select([np.isnan(printed), printed == 0], ["not_applicable", "zero"], "reported")
    return categorical(flags.tolist())


def sums() -> list[str]:
    """The services that may be added up over councils: pounds in all, no dwelling's bill."""
    services = reader.table_of("lines").query("table == 'revenue_outturn'")["service"]
    return sorted({s for s in services if s.startswith(FROM_ACCOUNTS)})


def columns() -> dict:
    """The columns of the contract."""
    return {
        **identity(),
        "year": year(),
        "service": category(
            "council_tax_requirement and council_tax_support_… are sums for the council; "
            "band_d, band_d_excluding_parishes and area_band_d are the yearly bill of one "
            "Band D dwelling (area_band_d: of all authorities of the area together)"
        ),
        "gbp": number("pounds, nominal"),
        **provenance(),
        "doubt": doubt_of_unit(),
    }


def promised():
    """The contract."""
    return contract(
        "council_tax",
        "Council tax by council and year: requirement, support, Band D",
        "What each council required from council tax and the support it gave, from the Revenue "
        "Outturn Summary, and Band D bills from the live table.",
        columns(),
        KEY,
        [
            figure_or_reason("gbp"),
            rule(
                "A Band D bill lies between -£250 (rebates of the 1990s) and £5,000.",
                lambda t: (
                    ~t["service"].str.contains("band_d")
                    | t["gbp"].isna()
                    | t["gbp"].between(-250, 5000)
                ),
            ),
        ],
        unit="pounds, nominal",
        value="gbp",
        tier="shared",
        adds_up=sums(),
    )
