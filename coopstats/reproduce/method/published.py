"""Figures that others published beside ours: none is tuned, and a gap is called one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coopstats.datasets.load import load
from coopstats.measures.of_table import measure
from coopstats.measures.prices import factors
from coopstats.reproduce.method.printed import FIRST, sign, to_2019_prices


def published() -> pd.DataFrame:
    """Published figures that the tables of part 2 bear on, and what we get; none is tuned."""
    gross, budgeted = _youth_of_england, _core_then_budget
    rows = [
        ("F1", "YMCA 2020", "youth services, England and Wales, 2010-11 to 2018-19, real",
         "−70%, £1.4bn to under £429m", gross(2018), "not reproducible"),
        ("F3", "YMCA 2022", "youth services a head aged 5 to 17, 2010-11 to 2020-21, real",
         "£158 to £37 (−76.6%)", gross(2020), "not reproducible"),
        ("F4", "YMCA 2023", "youth services, England, 2010-11 to 2021-22, real",
         "£1.46bn to £392m (−73%)", gross(2021), "not reproducible"),
        ("B6", "IFS BN166, 2015", "service spending, 2009-10 to budgets of 2014-15, real",
         "−20.4%", budgeted(2014), "known gap"),
        ("B7", "IFS BN166, 2015", "the same per person",
         "−23.4%", budgeted(2014, True), "known gap"),
        ("B8", "IFS BN166, 2015", "Westminster per person, to budgets of 2014-15",
         "−46.3%", budgeted(2014, True, "Westminster"), "known gap"),
        ("B13", "IFS Green Budget 2012", "budgets less education, police and fire, 2009-10 to "
         "2011-12, real", "−10.4%", budgeted(2011), "not reproducible"),
        ("I2", "CLG, December 2010", "spending power, 2011-12: the four councils at the limit",
         "−8.9%", _limit(), "as near as whole per cents allow"),
        ("I2", "CLG, December 2010", "spending power, 2011-12, average council",
         "−4.4%", _average(), "known gap"),
        ("I3", "London Councils 2010", "Area Based Grant of the London boroughs, cut within "
         "2010-11, cash", "£74.3m", _in_year_cut(), "known gap"),
        ("A8", "NAO 2018", "spending power, 2010-11 to 2017-18, real",
         "−28.6%", _chained(2017), "known gap"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["id", "published", "what", "theirs", "ours", "verdict"])


def _youth_of_england(last: int) -> str:
    """Gross spending on youth, the sum of England's councils, pounds of the last year."""
    rows = load("children_spending", service="youth", year=[2010, last])
    nominal = rows.groupby("year")["gbp"].sum().astype(float) / 1e6
    to = pd.Series(factors("gdp", last, [2010, last])[0])
    real = nominal * to.reindex(nominal.index)
    change = 100 * (real[last] / real[2010] - 1)
    return f"£{real[2010]:,.0f}m to £{real[last]:,.0f}m gross ({sign(change)})"


def _core_then_budget(last: int, each: bool = False, council: str | None = None) -> str:
    """Core from the outturn of 2009-10 to the budget of a later year, in real terms."""
    sums = {
        FIRST: _sum_of_core("revenue_outturn", FIRST, council),
        last: _sum_of_core("revenue_budget", last, council),
    }
    if each:
        return _beside_vintages(sums, last, council or "England")
    return sign(_between(sums, last))


def _sum_of_core(table: str, year: int, council: str | None) -> float:
    rows = load(table, service="core", year=year)
    rows = rows if council is None else rows[rows["council"] == council]
    return float(rows["gbp"].sum())


def _between(nominal: dict[int, float], last: int) -> float:
    to = to_2019_prices()
    return 100 * (nominal[last] * to[last] / (nominal[FIRST] * to[FIRST]) - 1)


def _beside_vintages(nominal: dict[int, float], last: int, place: str) -> str:
    """The change per person by today's population, and by that of the day where it differs."""
    shown = []
    for vintage in (None, "mid_2020"):
        people = _people(place, last, vintage)
        shown.append(sign(_between({y: nominal[y] / people[y] for y in nominal}, last)))
    now, then = shown
    return now if now == then else f"{now}, with the earlier population {then}"


def _people(place: str, last: int, vintage: str | None) -> pd.Series:
    if place == "England":
        core = measure("printed_totals", "core", whole=place, table="revenue_outturn")
    else:
        core = measure("revenue_outturn", "core").where(council=place)
    taken = core.between(FIRST, last).per_head(vintage=vintage)
    return taken.amounts.set_index("year")["people"].astype(float)


def _spending_power() -> pd.DataFrame:
    rows = load("spending_power")
    return rows.pivot(index="council", columns=["item", "year"], values="value")


def _limit() -> str:
    """The change to 2011-12 of the four councils named, and the deepest of all."""
    change = _spending_power()["annual_change", 2011]
    named = change[["Hackney", "Newham", "Rochdale", "Liverpool"]]
    lower = (change < named.min()).sum()
    shown = " and ".join(f"{c:.0f}%" for c in sorted(set(named))).replace("-", "−")
    return f"{shown} in all four, lower in {lower or 'no'} other"


def _average() -> str:
    """The mean change to 2011-12, weighted by spending power of 2010-11, and unweighted."""
    wide = _spending_power()
    change, level = wide["annual_change", 2011], wide["level", 2011]
    weighted = np.average(change, weights=level / (1 + change / 100))
    return f"{sign(float(weighted))} by weight of spending power, {sign(change.mean())} unweighted"


def _in_year_cut() -> str:
    """The Area Based Grant of the London boroughs in 2010-11, budget less outturn."""
    planned, had = (
        -float(load(table, service="area_based_grant", year=2010, council_class="L")["gbp"].sum())
        for table in ("revenue_budget", "revenue_outturn")
    )
    return f"£{(planned - had) / 1e6:.1f}m (£{planned / 1e6:.0f}m to £{had / 1e6:.0f}m)"


def _chained(last: int) -> str:
    """All councils held, from 2010-11, by the chain of changes and the GDP deflator."""
    wide, to = _spending_power(), to_2019_prices()
    base = wide["level", 2011] / (1 + wide["annual_change", 2011] / 100)
    nominal = (base * wide["index", last]).sum() / base.sum() / 100
    return sign(100 * (nominal * to[last] / to[2010] - 1))
