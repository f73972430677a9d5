"""deflator: what a pound of each financial year is worth, by two price indices.

`gdp` is HM Treasury's GDP deflator at market prices, the one for public spending. It falls from
88.7 in 2020-21 to 88.2 in 2021-22, which deflates those two years oddly: kept as published. `cpih`
is the ONS index of consumer prices with owner occupiers' housing costs, its quarters averaged to
financial years. Unit: index, 100 in its base year.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import (
    category,
    contract,
    figure_or_reason,
    number,
    provenance,
    rule,
    year,
)
from coopstats.clean.contracts.corrections import corrected
from coopstats.clean.contracts.stack import finished, stacked
from coopstats.clean.sheets.plain import cells, constant, read_digits
from coopstats.clean.sheets.sheet import NOWHERE, Sheet, sheets_of
from coopstats.core.errors import UnreadableSource
from coopstats.core.sources import Source, read_sources

GDP = "deflator/1955-2029"
CPIH = "deflator/1988-2022"
KEY = ["index", "year"]
_QUARTER = re.compile(r"(\d{4}) Q([1-4])")


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    gdp, cpih = (next(sheets_of(read_sources()[source])) for source in (GDP, CPIH))
    by_year = corrected(printed_years(gdp), "number")
    by_quarter = corrected(printed_quarters(cpih), "number")
    table = stacked([by_year, financial_years(by_quarter)]).rename(columns={"number": "value"})
    return finished(table, list(columns()), KEY)


def printed_years(sheet: Sheet) -> pd.DataFrame:
    """The GDP deflator as printed, one row a financial year.

    The file labels its rows 1955 to 2029 and HM Treasury's table runs from 1955-56, base
    2023-24: the label is the April in which the year starts.
    """
    rows = list(range(sheet.header + 1, len(sheet.number)))
    index = sheet.column("gdpdeflator")
    table = cells(read_digits(sheet, index), rows, [index])
    years = sheet.number[rows, sheet.column("year")].astype("int16")
    return _described(table, "gdp", sheet.source).assign(year=years)


def printed_quarters(sheet: Sheet) -> pd.DataFrame:
    """CPIH as printed, one row a quarter, with the financial year that the quarter is in."""
    found = {r: _QUARTER.fullmatch(c or "") for r, c in enumerate(sheet.text[:, 0])}
    quarters = {row: (int(m[1]), int(m[2])) for row, m in found.items() if m}
    if not quarters:
        raise UnreadableSource(
            f"{sheet.source.file}: no row is labelled as a quarter, as '2015 Q1' is. Fetch the "
            f"series again from {sheet.source.page}."
        )
    table = cells(read_digits(sheet, 1), list(quarters), [1])
    years = [calendar - (quarter == 1) for calendar, quarter in quarters.values()]
    return _described(table, "cpih", sheet.source).assign(year=np.array(years, dtype="int16"))


def _described(table: pd.DataFrame, index: str, source: Source) -> pd.DataFrame:
    return table.assign(index=constant(index, table), base=constant(base_of(source), table))


def base_of(source: Source) -> str:
    """The base as the unit in SOURCES.toml says it: "2023-24 = 100"."""
    found = re.search(r"[\d-]+ ?= ?100", source.unit)
    if found is None:
        raise UnreadableSource(
            f"SOURCES.toml gives {source.id} the unit {source.unit!r}, which names no base year. "
            "Write it as in 'index, 2023-24 = 100'."
        )
    return found[0]


def financial_years(quarters: pd.DataFrame) -> pd.DataFrame:
    """The mean of a financial year's four quarters; missing when one of them is."""
    by_year = quarters.groupby("year")["number"]
    whole = by_year.count() == 4
    mean = by_year.mean().where(whole).rename("number").reset_index()
    flag = pd.Categorical(np.where(whole, "derived", "missing"))
    words = {name: constant(quarters[name].iloc[0], mean) for name in _REPEATED}
    return mean.assign(flag=flag, place=NOWHERE, **words)[list(quarters.columns)]


_REPEATED = ("index", "base", "source", "sheet")


def columns() -> dict:
    """The columns of the contract."""
    known = rule("The index is gdp or cpih.", lambda i: i.isin(["gdp", "cpih"]))
    positive = rule("A price index is above zero.", lambda v: ~(v <= 0))
    return {
        "index": category(
            "gdp: GDP deflator at market prices; cpih: consumer prices with owner occupiers' "
            "housing costs, the mean of the financial year's four quarters",
            checks=[known],
        ),
        "year": year(),
        "value": number("the index, 100 in its base year", checks=[positive]),
        "base": category("the period in which the index is 100, as published"),
        **provenance(),
    }


def promised():
    """The contract."""
    return contract(
        "deflator",
        "Prices: GDP deflator and CPIH by financial year",
        "Price indices by financial year. The GDP deflator falls from 2020-21 to 2021-22: kept as "
        "published, and the years beyond the last known are missing, not forecast.",
        columns(),
        KEY,
        [
            figure_or_reason("value"),
            rule("Each index has every year from its first to its last.", _no_gaps),
            rule("The GDP deflator is 100 in the financial year of its base.", _based),
        ],
        unit="index",
        value="value",
    )


def _no_gaps(table: pd.DataFrame) -> pd.Series:
    """True for a row that follows on the row above it, within one index."""
    step = table.sort_values(KEY).groupby("index", observed=True)["year"].diff()
    return step.reindex(table.index).fillna(1) == 1


def _based(table: pd.DataFrame) -> pd.Series:
    """True but for a GDP deflator that is not 100 in the year that its base names."""
    in_base = table["base"].astype(str).str[:4] == table["year"].astype(str)
    return ~(in_base & (table["index"] == "gdp")) | np.isclose(table["value"], 100)
