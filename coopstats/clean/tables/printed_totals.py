"""printed_totals: the totals that the publisher printed, for England and for classes of council.

They are what our rows must add up to (see `coopstats.clean.contracts.tie_out`), and the only
true England figure of the years in which returns were missing and the publisher estimated them.
Unit: whole pounds, nominal.
"""

from __future__ import annotations

from collections.abc import Iterator

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
from coopstats.clean.contracts.doubts import LARGE
from coopstats.clean.contracts.misprints import doubt_of_unit, undoubted, with_doubts_of_unit
from coopstats.clean.contracts.stack import finished, stacked
from coopstats.clean.sheets.accounts import Accounts, Column, in_pounds, once_each
from coopstats.clean.sheets.bases import MAIN_BASIS, basis_of
from coopstats.clean.sheets.codes import categorical, coded, repeated
from coopstats.clean.sheets.sheet import NOWHERE, Sheet, places
from coopstats.clean.tables.revenue_outturn import (
    CORE,
    CORE_LEAVES_OUT,
    PUBLICATION,
    SOCIAL_CARE,
    accounts,
)
from coopstats.register import lookups

KEY = ["table", "whole", "year", "service"]
WHOLES = ("England", "L", "MD", "UA", "SC", "SD", "O")
KINDS = ("service", "total", "financing")


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    printed = stacked(_of_sheet(read) for read in accounts() if _chosen(read))
    everything = stacked([printed, *_derived(printed)])
    everything = in_pounds(everything)
    table = finished(undoubted(everything), list(columns()), KEY)
    return with_doubts_of_unit(table, "printed_totals", KEY, "gbp", LARGE)


def _chosen(read: Accounts) -> list[Column]:
    return once_each(
        read,
        [c for c in read.columns if c.line.kind in KINDS and basis_of(c, read) == MAIN_BASIS],
    )


def _of_sheet(read: Accounts) -> pd.DataFrame:
    """ENGLAND and the class rows of one sheet, in thousands of pounds."""
    sheet, wholes = read.sheet, {read.england: "England", **read.classes}
    columns, rows = _chosen(read), np.array([*wholes])
    index = np.array([column.index for column in columns])
    service = categorical([column.line.service for column in columns])
    number = sheet.number[np.ix_(rows, index)].ravel(order="F")
    return pd.DataFrame(
        {
            "table": repeated(PUBLICATION, len(number)),
            "whole": coded(
                np.tile([WHOLES.index(whole) for whole in wholes.values()], len(columns)), WHOLES
            ),
            "service": coded(np.repeat(service.codes, len(rows)), service.categories),
            "year": np.full(len(number), sheet.source.year, dtype="int16"),
            "number": number,
            "flag": _flags(sheet, number, sheet.text[np.ix_(rows, index)].ravel(order="F")),
            "place": places(rows, index),
            "source": repeated(sheet.source.id, len(number)),
            "sheet": repeated(sheet.name, len(number)),
        }
    )


def _flags(sheet: Sheet, number: np.ndarray, text: np.ndarray) -> pd.Categorical:
    """reported, zero, or what a cell's marker means; any other word there is a note."""
    meaning = lookups.markers(sheet.source.id)
    flags = np.where(number == 0, "zero", "reported").astype(object)
    none = np.isnan(number)
    flags[none] = [meaning.get((marker or "").strip(), "missing") for marker in text[none]]
    return categorical(flags.tolist())


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
    return rows.assign(
        flag=flag.astype("category"),
        service=pd.Categorical([service] * len(rows)),
        place=NOWHERE,
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
        "doubt": doubt_of_unit(),
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
        derivations={"core": CORE, "social_care": SOCIAL_CARE},
    )
