"""Where a line changes meaning: the register's breaks, and what crosses them.

A *severing* break makes years on its two sides incomparable; a *noted* one is computed and said.
A break that lasts (schools becoming academies) severs every year from every other within it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import pandas as pd

from coopstats import paths

FOR_GOOD = 9999  # the last year of a break that has not ended
LINES_OF = {"printed_totals": "revenue_outturn"}  # a table that totals the lines of another


@dataclass(frozen=True)
class Break:
    """One change of meaning, from the year before `first_year` until `last_year`."""

    service: str
    first_year: int
    last_year: int
    grade: str
    sentence: str
    size: str

    def lies_between(self, before: int, after: int) -> bool:
        """Does a comparison of these two years cross it?"""
        return min(before, after) < self.last_year and max(before, after) >= self.first_year

    @property
    def said(self) -> str:
        """The sentence, with the size where a source prints it."""
        return f"{self.sentence} {self.size}".strip()


@functools.cache
def breaks_of(table: str, service: str | None) -> tuple[Break, ...]:
    """The breaks on record for one line; `*` in the register means every line of the table."""
    of_these = LINES_OF.get(table, table)
    return tuple(b for name, b in _recorded() if name == of_these and b.service in (service, "*"))


@functools.cache
def _recorded() -> list[tuple[str, Break]]:
    """Every break on record with its table, in the order of the register."""
    listed = pd.read_csv(paths.register_dir() / "breaks.csv", dtype=str, keep_default_na=False)
    return [
        (
            r.table,
            Break(r.service, int(r.first_year), _last(r.last_year), r.grade, r.sentence, r.size),
        )
        for r in listed.itertuples()
    ]


def severed_years(table: str, service: str | None, first: int, last: int) -> list[int]:
    """The first years of the pieces after the first, between two years: where to cut a series."""
    years = range(first + 1, last + 1)
    return [y for y in years if crossed(table, service, y - 1, y, "severing")]


def _last(year: str) -> int:
    return int(year) if year else FOR_GOOD


def crossed(table: str, service: str | None, before: int, after: int, grade: str) -> list[Break]:
    """The breaks of one grade between two years."""
    return [
        b for b in breaks_of(table, service) if b.grade == grade and b.lies_between(before, after)
    ]
