"""Where a line changes meaning: the register's breaks, and what crosses them.

A *severing* break makes years on its two sides incomparable; a *noted* one is computed and said.
A break that lasts (schools becoming academies) severs every year from every other within it.
A break may be one council's own: it counts only for a measure in which that council is.

Where the lines that moved are printed, the register says which to take away or to add: that makes a
figure like for like. Where they are not, it says why not.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from coopstats.core.phrases import listed
from coopstats.core.years import financial_year
from coopstats.register.reader import parts, table_of

EVERY_COUNCIL = ""
FOR_GOOD = 9999  # the last year of a break that has not ended
SAME = "same"  # in the register: what is counted stayed the same
_MOVE = re.compile(r"(less|plus) (\w+): ([\w; ]+), (from|before) (\d{4})")


@dataclass(frozen=True)
class Move:
    """What makes a line like for like: lines to take away or add, from a year on or before it."""

    adds: bool
    table: str
    lines: tuple[str, ...]
    before: bool
    year: int

    @classmethod
    def read(cls, words: str) -> Move:
        """From the register: "less social_care_spending: youth; sure_start, from 2014"."""
        sign, table, lines, side, year = _MOVE.fullmatch(words).groups()  # type: ignore[union-attr]
        return cls(sign == "plus", table, tuple(parts(lines)), side == "before", int(year))

    def reaches(self, year: int) -> bool:
        """Is the line of this year another one for it?"""
        return (year < self.year) == self.before


@dataclass(frozen=True)
class Break:
    """One change of meaning, from the year before `first_year` until `last_year`.

    `ecode` is the council whose figures alone it breaks, EVERY_COUNCIL where it breaks all.
    """

    service: str
    first_year: int
    last_year: int
    grade: str
    sentence: str
    size: str
    ecode: str = EVERY_COUNCIL
    like_for_like: str = ""
    why_not: str = ""

    @property
    def moves(self) -> tuple[Move, ...]:
        """What to take away or add so that its two sides compare; nothing where it is not held."""
        named = self.like_for_like not in ("", SAME)
        return (Move.read(self.like_for_like),) if named else ()

    @property
    def same(self) -> bool:
        """Is the same counted on both sides, as far as is known?"""
        return self.like_for_like == SAME

    def lies_between(self, before: int, after: int) -> bool:
        """Does a comparison of these two years cross it?"""
        return min(before, after) < self.last_year and max(before, after) >= self.first_year

    @property
    def in_full(self) -> str:
        """The sentence, with the size where a source prints it."""
        return f"{self.sentence} {self.size}".strip()


def breaks_of(
    table: str, service: str | None, councils: Collection[str] = (EVERY_COUNCIL,)
) -> tuple[Break, ...]:
    """The breaks on record for one line: those of every council, or of these alone.

    `*` in the register stands for any letters: `*` is every line of the table, `incidents*` every
    line whose name begins so.
    """
    return tuple(b for b in _on_record(table, service) if b.ecode in councils)


@functools.cache
def _owners() -> dict[str, str]:
    owners = table_of("line_owners")
    return dict(zip(owners["table"], owners["lines_of"], strict=True))


def _owner(table: str) -> str:
    """The table whose lines these are: another's, where a table has totals of that one's lines."""
    return _owners().get(table, table)


@functools.cache
def _on_record(table: str, service: str | None) -> tuple[Break, ...]:
    of_these, line = _owner(table), service or ""
    return tuple(b for name, b in _recorded() if name == of_these and fnmatchcase(line, b.service))


@functools.cache
def _recorded() -> list[tuple[str, Break]]:
    """Every break on record with its table, in the order of the register."""
    rows = table_of("breaks").fillna(EVERY_COUNCIL).itertuples()
    return [(str(r.table), _recorded_as(r)) for r in rows]


def _recorded_as(row: Any) -> Break:
    first, last = int(row.first_year), _last(row.last_year)
    return Break(
        row.service, first, last, row.grade, row.sentence, row.size, row.ecode,
        row.like_for_like, row.why_not,
    )  # fmt: skip


def severed_years(table: str, service: str | None, first: int, last: int) -> list[int]:
    """The first years of the pieces after the first, between two years: where to cut a series."""
    years = range(first + 1, last + 1)
    return [y for y in years if crossed(table, service, y - 1, y, "severing")]


def _last(year: str) -> int:
    return int(year) if year else FOR_GOOD


def crossed(
    table: str,
    service: str | None,
    before: int,
    after: int,
    grade: str,
    councils: Collection[str] = (EVERY_COUNCIL,),
) -> list[Break]:
    """The breaks of one grade between two years, as `breaks_of` gives them."""
    of_line = breaks_of(table, service, councils)
    return [b for b in of_line if b.grade == grade and b.lies_between(before, after)]


def not_like(found: Collection[Break], named: Callable[[int], str] = financial_year) -> str:
    """When what is counted changed, in words: "in 2013-14 and 2014-15"; "" where it did not."""
    years = [named(y) for y in sorted({b.first_year for b in found if not b.same})]
    return f"in {listed(years)}" if years else ""


FIELDS = ("line", "first_year", "last_year", "grade", "what", "like_for_like", "why_not", "ecode")


def rows_of_breaks(table: str) -> list[tuple[str, int, int, str, str, str, str, str]]:
    """Every break of a table, one row each under FIELDS, as it goes out with the table."""
    of_these = _owner(table)
    return [
        (
            b.service,
            b.first_year,
            b.last_year,
            b.grade,
            b.in_full,
            b.like_for_like,
            b.why_not,
            b.ecode,
        )
        for name, b in _recorded()
        if name == of_these
    ]


@functools.lru_cache(maxsize=4096)
def change_in(table: str, service: str | None, year: int, ecode: str = EVERY_COUNCIL) -> str:
    """What changes in the meaning of a figure from the year before to this one; "" if nothing."""
    of_line = breaks_of(table, service, {EVERY_COUNCIL, ecode})
    return " ".join(dict.fromkeys(b.in_full for b in of_line if b.lies_between(year - 1, year)))
