"""What a measure holds: rows of numbers, the words that say which, and their sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import pandas as pd

from coopstats.core.doors import door
from coopstats.core.phrases import number_of
from coopstats.core.years import named_year, read_year, years_span
from coopstats.measures import which, wholes
from coopstats.register import breaks


@dataclass(frozen=True)
class Figures:
    """What a measure holds: one number per council per year, and where it comes from.

    `amounts` has a row a place and year: PLACE columns, year, amount (pounds or the table's own
    unit), people (NaN until `per_head`). `nested` says that a county's figure is of its whole
    area, while its districts have theirs too (None: nobody said); `covers` that it was so, and
    one may stand for the other; `scope` is the bodies that are to have a row in each of their
    years: all that the table has, or for a brought one all councils of its kinds; `calendar`
    that years are calendar years. `layers` is the layer of each body where authorities report
    the same thing twice, and `apart` the layers that may be added up together. `own` is a table
    that a reader brought: it has no contract.
    `odd` has the rules that find a printed figure odd, by code and year.
    `members` names the bodies whose rows were added up to make each place. `which` is every other
    word that says which number it is, such as its basis; `mended` what was taken away or added to
    make it like for like; `apart_in` when its meaning changed between the years it compares;
    `counted` the age and vintage of its people, and `uncounted` who has none. Read `.frame`,
    `.unit`, `.steps`, `.sources`, `.left_out`.
    """

    table: str
    service: str | None
    amounts: pd.DataFrame
    quantity: str
    prices: str = "nominal"
    per: str = ""
    steps_given: tuple[str, ...] = ()
    cited: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    drawn: dict[int, frozenset[str]] = field(default_factory=dict, repr=False)
    left_out: pd.DataFrame = field(default_factory=lambda: _nobody(), repr=False)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    ground: wholes.Ground = field(default_factory=dict, repr=False)
    relative: str = ""
    compared: tuple[int, ...] = ()
    adds_up: bool = True
    nested: bool | None = False
    covers: bool = False
    scope: frozenset[str] = field(default=frozenset(), repr=False)
    calendar: bool = False
    layers: dict[str, str] = field(default_factory=dict, repr=False)
    apart: tuple[tuple[str, ...], ...] = ()
    own: bool = False
    doubts: dict[tuple[str, int], str] = field(default_factory=dict, repr=False)
    which: which.Which = field(default_factory=dict)
    mended: tuple[breaks.Move, ...] = ()
    apart_in: str = ""
    counted: tuple[str, str | None] = ("all", None)
    uncounted: tuple[str, ...] = ()

    @property
    def years(self) -> list[int]:
        """The years with a row, in order."""
        return sorted(int(y) for y in self.amounts["year"].unique())

    @door(year=read_year)
    def named(self, year: int) -> str:
        """A year as it is printed: 2010-11, or 2010 where a table is by calendar year."""
        return named_year(year, self.calendar)

    @property
    def narrowed(self) -> dict[str, str]:
        """The columns that say which number it is, such as basis, with their words."""
        return {column: " and ".join(words) for column, words in self.which.items()}

    @property
    def title(self) -> str:
        """Table, line and which number of it: "revenue_outturn core, net current expenditure"."""
        line = f"{self.table} {self.service or ''}".strip()
        mended = ["like for like"] if self.mended else []
        return ", ".join([line, *which.in_words(self.which), *mended]) + self.apart_in

    @property
    def unit(self) -> str:
        """What one of the numbers is: "pounds per person, 2019-20 prices"."""
        if self.relative:
            return self.relative
        words = [f"{self.quantity} {self.per}".strip(), *which.in_words(self.which)]
        words += ["like for like"] if self.mended else []
        return ", ".join(words if self.prices == "none" else [*words, self.prices])

    @property
    def coverage(self) -> str:
        """Places and years in words."""
        places = number_of(self.amounts["ecode"].nunique(), "place")
        return f"{places}, {years_span(self.years, self.calendar) or 'no year'}"

    @property
    def sources(self) -> tuple[str, ...]:
        """The citations of every publication used, editions of one series in one line."""
        yearly = frozenset().union(*self.drawn.values())
        used = frozenset().union(*(self.drawn.get(y, frozenset()) for y in self._years_used()))
        kept = [c for code, c in self.cited.items() if code in used or code not in yearly]
        return tuple(_editions(kept))

    def _years_used(self) -> set[int]:
        return set(self.years) | set(self.compared)

    def _parts(self, places: Iterable[str]) -> set[str]:
        """The bodies of which places are made."""
        return {part for place in places for part in self.members.get(place, (place,))}

    def _homes(self) -> dict[str, str]:
        """The place of this measure in which each body is."""
        here = self.amounts["ecode"].unique()
        return {part: place for place in here for part in self.members.get(place, (place,))}

    def _next(self, sentence: str, **changes: Any) -> Self:
        return replace(self, steps_given=(*self.steps_given, sentence), **changes)


def _nobody() -> pd.DataFrame:
    return pd.DataFrame(columns=["ecode", "council", "reason"], dtype=object)


def _editions(cited: list[dict[str, str]]) -> list[str]:
    """One citation a series; several editions of one are its first and last period."""
    series: dict[tuple[str, str], list[dict[str, str]]] = {}
    for publication in cited:
        series.setdefault((publication["publisher"], publication["title"]), []).append(publication)
    return [
        same[0]["citation"]
        if len(same) == 1
        else f"{publisher}, {title}, {same[0]['period']} to {same[-1]['period']}"
        for (publisher, title), same in series.items()
    ]
