"""Budgets beside outturn, and how far spending power is known."""

from __future__ import annotations

import pandas as pd

from coopstats.clean.tables.budget_against_outturn import LARGE, OUTLIER, SHARE
from coopstats.datasets.load import load
from coopstats.measures.choosing import PRINCIPAL
from coopstats.reproduce.method.printed import by_year, sign


def budgets() -> pd.DataFrame:
    """Core of all councils as planned and as spent, and the lines far apart, by year."""
    rows = load("budget_against_outturn")
    both = rows[rows["difference"].notna()]
    core = both[(both["service"] == "core") & both["council_class"].isin(PRINCIPAL)]
    sums = core.groupby("year")[["budget", "outturn"]].sum().astype(float) / 1e6
    table = pd.DataFrame(
        {
            "core, budget": sums["budget"].map("{:,.0f}".format),
            "core, outturn": sums["outturn"].map("{:,.0f}".format),
            "outturn above budget": (sums["outturn"] / sums["budget"] - 1).mul(100).map(sign),
            "lines set side by side": both.groupby("year").size(),
        }
    )
    for name in OUTLIER:
        table[name.replace("_", " ")] = (both["outlier"] == name).groupby(both["year"]).sum()
    return by_year(table)


def youth() -> pd.DataFrame:
    """Youth as councils budgeted it (RA) and as they returned it, net (section 251)."""
    returned = load("children_spending", service="youth", basis="net_expenditure")
    both = returned.merge(
        load("revenue_budget", service="youth"), on=["ecode", "year"], suffixes=("_net", "_ra")
    )
    both = both.dropna(subset=["gbp_net", "gbp_ra"]).astype({"gbp_net": float, "gbp_ra": float})
    apart = (both["gbp_net"] - both["gbp_ra"]).abs()
    far = (apart >= LARGE) & (apart >= SHARE * both[["gbp_net", "gbp_ra"]].abs().max(axis=1))
    sums = both.groupby("year")[["gbp_ra", "gbp_net"]].sum() / 1e6
    return by_year(
        pd.DataFrame(
            {
                "councils": both.groupby("year").size(),
                "budget (RA)": sums["gbp_ra"].map("{:,.0f}".format),
                "spent, net (section 251)": sums["gbp_net"].map("{:,.0f}".format),
                "councils far apart": far.groupby(both["year"]).sum(),
            }
        )
    )


def rounding() -> pd.DataFrame:
    """How far the chained index of spending power is known, in points either way, by year."""
    rows = load("spending_power", item="index")
    rows = rows[rows["year"] > rows["year"].min()]
    half = ((rows["high"] - rows["low"]) / 2).groupby(rows["year"])
    shown = {"least": half.min(), "median": half.median(), "most": half.max()}
    table = pd.DataFrame(shown).map("{:.1f}".format)
    return by_year(table.assign(councils=half.size()))
