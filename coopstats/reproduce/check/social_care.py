"""Does the social care outturn add up, along a row, down to its totals, and with the summary?

A council's return prints the same money more than once: total expenditure is employees and running
expenses, the total of adult social care is the sum of its services, and both are printed again in
the Revenue Outturn Summary. Where they differ by more than rounding, the difference is on record
with its reason in coopstats/register/social_care_differences.csv.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from coopstats.clean.tables.social_care_spending import PUBLICATION, accounts
from coopstats.core.errors import TieOutFailed
from coopstats.datasets.load import load
from coopstats.register import reader

ROUNDING = 500  # pounds, of each printed figure
KEY = ["year", "ecode", "basis", "service"]

# What a basis is made of: the signs of its parts.
MADE_OF = {
    "gross_expenditure": {"employees": 1, "running_expenses": 1},
    "income": {"sales_fees_and_charges": 1, "other_income": 1},
    "net_current_expenditure": {"gross_expenditure": 1, "income": -1},
    "net_total_cost": {"net_current_expenditure": 1, "capital_charges": 1},
}
IN_BOTH = ["social_care", "childrens_social_care", "adult_social_care", "public_health"]


def totals_of(year: int) -> dict[str, list[str]]:
    """Each printed total of a year with the services that add up to it.

    They are printed before it and after the total before; a total that follows a total adds up
    the totals.
    """
    since: list[str] = []
    found: dict[str, list[str]] = {}
    for column in (c for a in accounts() if a.sheet.source.year == year for c in a.columns):
        name, kind = column.line.service, column.line.kind
        if kind == "total" and name not in found:
            found[name], since = list(dict.fromkeys(since or found)), []
        elif kind == "service":
            since.append(name)
    return found


def differences() -> pd.DataFrame:
    """Every figure that differs by more than rounding from what else it is printed as.

    In pounds: `printed`, `beside` that it was set against (parts, lines or revenue_outturn), what
    `other` comes to there, and the `difference`, printed less other.
    """
    rows = _printed()
    return pd.concat(
        [_off(beside(rows), name) for name, beside in BESIDE.items()], ignore_index=True
    )


def compared() -> dict[str, int]:
    """How many figures were set beside each kind of other."""
    rows = _printed()
    return {name: sum(map(len, beside(rows))) for name, beside in BESIDE.items()}


def _printed() -> pd.DataFrame:
    """Every printed figure of the table, in pounds."""
    rows = load(PUBLICATION, basis=None)
    printed = rows["gbp"].notna() & (rows["flag"] != "derived")
    return rows[printed].astype({"gbp": "float64"})


def _beside_parts(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Each figure of a basis that has parts, beside their sum."""
    by = ["year", "ecode", "service"]
    of_basis = {b: part.set_index(by)["gbp"] for b, part in rows.groupby("basis", observed=True)}
    for basis, parts in MADE_OF.items():
        whole = rows[rows["basis"] == basis].set_index(by)
        added = sum(sign * of_basis[part].reindex(whole.index) for part, sign in parts.items())
        yield _set_beside(whole, added, len(parts))


def _beside_lines(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Each printed total beside the sum of its services."""
    by = ["year", "ecode", "basis"]
    for year, mine in rows.groupby("year"):
        for total, services in totals_of(year).items():
            lines = mine[mine["service"].isin(services)]
            added = lines.groupby(by, observed=True)["gbp"].sum()
            yield _set_beside(mine[mine["service"] == total].set_index(by), added, len(services))


def _beside_summary(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Each total beside the same one in the Revenue Outturn Summary."""
    summary = load("revenue_outturn", service=IN_BOTH, basis=None)
    other = summary.set_index(KEY)["gbp"].astype("float64")
    yield _set_beside(rows[rows["service"].isin(IN_BOTH)].set_index(KEY), other, 1)


def _set_beside(printed: pd.DataFrame, other: pd.Series, parts: int) -> pd.DataFrame:
    printed = printed.assign(other=other.reindex(printed.index), parts=parts).reset_index()
    return printed[printed["other"].notna()]


BESIDE = {"parts": _beside_parts, "lines": _beside_lines, "revenue_outturn": _beside_summary}


def _off(besides: Iterator[pd.DataFrame], beside: str) -> pd.DataFrame:
    """The rows that differ by more than the rounding of the figure and its parts."""
    rows = pd.concat(list(besides), ignore_index=True).rename(columns={"gbp": "printed"})
    rows["difference"] = rows["printed"] - rows["other"]
    rows = rows[rows["difference"].abs() > ROUNDING * (rows["parts"] + 1) + 1]
    names = ["source", "sheet", "cell", *KEY, "council", "printed", "other", "difference"]
    return rows[names].assign(beside=beside)


def check() -> pd.DataFrame:
    """The differences with their recorded reasons; TieOutFailed when they are not the record."""
    key = ["source", "sheet", "cell", "beside"]
    recorded = reader.table_of("social_care_differences").astype({"difference": "float64"})
    both = differences().merge(
        recorded[[*key, "difference", "reason"]],
        on=key,
        how="outer",
        suffixes=("", "_recorded"),
    )
    moved = ~np.isclose(both["difference"], both["difference_recorded"], rtol=0, atol=ROUNDING)
    if moved.any():
        first = both[moved].iloc[0]
        raise TieOutFailed(
            f"{moved.sum()} figures of the social care outturn differ otherwise than recorded, "
            f"first {first['source']}, {first['sheet']}, {first['cell']} beside its "
            f"{first['beside']}: {first['difference']:,.0f} pounds, recorded "
            f"{first['difference_recorded']:,.0f}. Compare the original, and record what the "
            "publisher prints with its reason in coopstats/register/social_care_differences.csv."
        )
    return both.drop(columns="difference_recorded")
