"""printed_totals: the totals that the publisher printed, for England and for classes of council.

They are what our rows must add up to (see `coopstats.clean.tie_out`), and the only true England
figure of the years in which returns were missing and the publisher estimated them.
Unit: whole pounds, nominal.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from coopstats.clean import register
from coopstats.clean.accounts import Accounts, Column, once_each
from coopstats.clean.contract import (
    category,
    contract,
    figure_or_reason,
    number,
    provenance,
    rule,
    year,
)
from coopstats.clean.revenue_outturn import CORE_LEAVES_OUT, MAIN_BASIS, accounts, basis_of
from coopstats.clean.sheets import cell_name
from coopstats.clean.stack import stacked

KEY = ["table", "whole", "year", "service"]
WHOLES = ("England", "L", "MD", "UA", "SC", "SD", "O")
KINDS = ("service", "total", "financing")


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    printed = stacked(_of_sheet(read) for read in accounts() if _chosen(read))
    everything = stacked([printed, *_derived(printed)])
    everything["gbp"] = (everything.pop("number") * 1000).round().astype("Int64")
    return everything[list(columns())].sort_values(KEY, kind="stable", ignore_index=True)


def _chosen(read: Accounts) -> list[Column]:
    return once_each(
        read,
        [c for c in read.columns if c.line.kind in KINDS and basis_of(c, read) == MAIN_BASIS],
    )


def _of_sheet(read: Accounts) -> pd.DataFrame:
    """ENGLAND and the class rows of one sheet, in thousands of pounds."""
    sheet, wholes = read.sheet, {read.england: "England", **read.classes}
    at = [(row, column) for row in wholes for column in _chosen(read)]
    printed = np.array([sheet.number[row, column.index] for row, column in at])
    table = pd.DataFrame(
        {
            "whole": pd.Categorical([wholes[row] for row, _ in at], WHOLES),
            "service": pd.Categorical([column.line.service for _, column in at]),
            "number": printed,
            "flag": pd.Categorical(_flags(read, at, printed)),
            "cell": pd.Categorical([cell_name(row, c.index) for row, c in at]),
            "year": np.full(len(at), sheet.source.year, dtype="int16"),
        }
    )
    for name, word in {
        "table": "revenue_outturn",
        "source": sheet.source.id,
        "sheet": sheet.name,
    }.items():
        table[name] = pd.Categorical.from_codes(np.zeros(len(table), dtype="int8"), [word])
    return table


def _flags(read: Accounts, at: list[tuple[int, Column]], printed: np.ndarray) -> list[str]:
    meaning = register.markers(read.sheet.source.id)
    flags = []
    for (row, column), figure in zip(at, printed, strict=True):
        marker = read.sheet.text[row, column.index]
        blank = meaning.get((marker or "").strip(), "missing")
        flags.append(blank if np.isnan(figure) else "zero" if figure == 0 else "reported")
    return flags


def _derived(printed: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """`core` and, from 2011-12, `social_care` of every whole, as in revenue_outturn."""
    key = ["table", "whole", "year"]
    wide = printed.pivot(index=key, columns="service", values="number")
    totals = printed[printed["service"] == "total_service_expenditure"].set_index(key)
    core = wide["total_service_expenditure"] - wide[list(CORE_LEAVES_OUT)].sum(axis=1)
    yield _as_rows("core", core, totals, list(printed.columns))
    both = (wide["childrens_social_care"] + wide["adult_social_care"]).dropna()
    yield _as_rows("social_care", both, totals, list(printed.columns))


def _as_rows(
    service: str, number: pd.Series, totals: pd.DataFrame, columns: list[str]
) -> pd.DataFrame:
    rows = totals.reindex(number.index).assign(number=number).reset_index()
    flag = rows["flag"].astype(str).where(rows["number"].isna(), "derived")
    nowhere = np.full(len(rows), -1)
    return rows.assign(
        flag=flag.astype("category"),
        service=pd.Categorical([service] * len(rows)),
        cell=pd.Categorical.from_codes(nowhere, rows["cell"].cat.categories),
        table=rows["table"].astype("category"),
        whole=pd.Categorical(rows["whole"], WHOLES),
        year=rows["year"].astype("int16"),
    )[columns]


def columns() -> dict:
    """The columns of the contract."""
    known = rule("A whole is England or a class of council.", lambda w: w.isin(WHOLES))
    return {
        "table": category("the table whose rows these totals are of"),
        "whole": category("England, or the class of council", checks=[known]),
        "year": year(),
        "service": category("the line's stable name"),
        "gbp": number("whole pounds, nominal; printed in £ thousand", "Int64"),
        **provenance(),
    }


def promised():
    """The contract."""
    return contract(
        "printed_totals",
        "Totals as printed: England and classes of council",
        "The publisher's own totals. In 2016-17 and from 2021-22 they include estimates for "
        "bodies whose returns were missing, so the councils' rows do not add up to them.",
        columns(),
        KEY,
        [figure_or_reason("gbp")],
        unit="pounds, nominal",
        value="gbp",
    )
