"""What is printed twice: how many figures were set beside each other, and how many differ."""

from __future__ import annotations

import importlib

import pandas as pd

from coopstats.clean.contracts import tie_out
from coopstats.clean.families import section_251
from coopstats.clean.tables import children_spending
from coopstats.reproduce.check import social_care as social_care_checks
from coopstats.reproduce.method.printed import by_year


def tied_out(publication: str) -> pd.DataFrame:
    """Printed ENGLAND figures of a publication: how many were compared and differ, by year."""
    accounts = importlib.import_module(f"coopstats.clean.tables.{publication}").accounts()
    compared = pd.Series(
        [tie_out.compared(read) for read in accounts],
        index=[read.sheet.source.period for read in accounts],
    )
    differ = tie_out.check(accounts)
    year = differ["source"].str.rpartition("/")[2]
    not_explained = differ["reason"].str.contains("not explained")
    rows = pd.DataFrame(
        {
            "compared": compared.groupby(level=0).sum(),
            "differ": year.value_counts(),
            "not, or not wholly, explained": year[not_explained].value_counts(),
        }
    )
    rows.loc["all years"] = rows.sum()
    return rows.fillna(0).astype(int).rename_axis("year").reset_index()


def tied_out_beside() -> pd.DataFrame:
    """Budgets (RA) and the social care outturn (RO3), side by side."""
    sides = {"RA": "revenue_budget", "RO3": "social_care_spending"}
    wide = pd.concat({s: tied_out(p).set_index("year") for s, p in sides.items()}, axis=1)
    wide = wide.astype("Int64").astype(object).where(wide.notna(), "–")
    wide.columns = [f"{side}: {what}" for side, what in wide.columns]
    order = [*sorted(y for y in wide.index if y != "all years"), "all years"]
    return wide.loc[order].rename_axis("year").reset_index()


def social_care() -> pd.DataFrame:
    """How often RO3 prints the same money twice, and how often the two differ, by reason."""
    said = {
        "parts": "a figure beside its parts along the row (gross is employees and running costs)",
        "lines": "a total beside the sum of its lines",
        "revenue_outturn": "a total beside the same one in the Revenue Outturn Summary",
    }
    differ = social_care_checks.check()
    open_ones = differ[differ["reason"].str.startswith("not explained")]
    compared = social_care_checks.compared()
    return pd.DataFrame(
        {
            "set beside each other": list(said.values()),
            "compared": [f"{compared[beside]:,}" for beside in said],
            "differ by more than rounding": [(differ["beside"] == b).sum() for b in said],
            "not explained": [(open_ones["beside"] == b).sum() for b in said],
        }
    )


def overlap() -> pd.DataFrame:
    """Figures that section 251 and LAIT both print, and those that differ by more than rounding."""
    sheets = [sheet for sheet in section_251.sheets() if sheet.source.year > 2015]
    returns = children_spending.stacked(map(section_251.printed_figures, sheets))
    both = children_spending.overlap(returns, children_spending.tool_figures())
    off = (both["printed"] - both["added"]).abs() > children_spending.EXACT
    england = children_spending.tool_england()
    youth = england[england["service"] == "youth"].set_index("year")["number"]
    rows = both.assign(off=off).groupby("year").agg(
        councils=("ecode", "nunique"), lines=("service", "nunique"), compared=("off", "size"),
        differ=("off", "sum"),
    )  # fmt: skip
    rows["England's services for young people, gross, as LAIT prints it"] = youth.map(
        "£{:,.0f}".format
    )
    return by_year(rows)
