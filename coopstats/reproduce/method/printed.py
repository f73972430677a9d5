"""How METHOD prints a change, a year and a price: shared by its tables."""

from __future__ import annotations

import functools

import pandas as pd

from coopstats.core.years import financial_year
from coopstats.measures.prices import factors

FIRST, LAST = 2009, 2019  # the years between which the first answers measure


def sign(per_cent: float) -> str:
    """A change in per cent with its sign: "−24.8%"."""
    return f"{per_cent:+.1f}%".replace("-", "−")


def by_year(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows by year with the years as printed."""
    shown = rows.rename(index=lambda y: financial_year(int(y)))
    return shown.rename_axis("year").reset_index()


@functools.cache
def to_2019_prices() -> pd.Series:
    """What turns pounds of a year into pounds of 2019-20, by the GDP deflator."""
    return pd.Series(factors("gdp", 2019, list(range(2009, 2022)))[0])
