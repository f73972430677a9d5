"""A figure of a table and the steps to it: what `trace` gives and `cite` cites."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from coopstats.core.years import named_year
from coopstats.datasets.table import open_table


@dataclass(frozen=True)
class Step:
    """One figure on the way: what it is, what was printed where, any correction and any doubt."""

    what: str
    value: Any
    flag: str
    source: dict[str, str]
    sheet: str
    cell: str
    correction: str
    doubt: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure of a table: its value, unit and flag, and the words that choose it."""

    table: str
    place: str
    year: int
    service: str
    others: tuple[str, ...]
    value: Any
    unit: str
    flag: str
    basis: str
    doubt: str = ""

    @property
    def when(self) -> str:
        """The year as people write it: 2014-15 where it is a financial one."""
        return year_as_printed(self.table, self.year)

    @property
    def words(self) -> str:
        """What it is of: place, year and line."""
        return ", ".join(filter(None, [self.place, self.when, self.service, *self.others]))

    @property
    def amount(self) -> str:
        """The value with its unit."""
        return f"{value_in_words(self.value)} {self.unit}"


def value_in_words(value: Any) -> str:
    """A value as people write it: 17,561,000; "no figure" where there is none."""
    return "no figure" if pd.isna(value) else f"{value:,.15g}"


def year_as_printed(table: str, year: int) -> str:
    """2014-15 in a table by financial year, else 2014."""
    return named_year(year, open_table(table).calendar)
