"""Who was in the co-operative councils' network in a year: surely, possibly, surely not.

network.csv holds the days on which a council was first and last seen as a member, the day before
which it cannot have been one, and the day on which it was first seen absent. Between sightings it
is a member; beyond them it is possibly one. Two founders are claimed and cannot be named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from coopstats.core.display import FactSheet, Listing
from coopstats.core.doors import door, maybe, one_of, word
from coopstats.core.years import financial_year, read_year
from coopstats.register.councils import EVER, bodies_in
from coopstats.register.dates import bounds, day
from coopstats.register.evidence import best_grade, evidence
from coopstats.register.reader import rows_of

SURELY, POSSIBLY, SURELY_NOT = "surely", "possibly", "surely not"
CERTAINTIES = ("high", "medium", "low", "unknown")
NATIONS = ("England", "Scotland", "Wales", "Northern Ireland")


@dataclass(frozen=True)
class Membership:
    """One interval of one council in the network."""

    member: str
    ecode: str
    gss: str
    council: str
    nation: str
    founder: str
    first_possible: date
    first_seen: date
    last_seen: date
    absent_from: date | None
    certainty: str
    note: str

    @door(year=read_year)
    def in_year(self, year: int) -> str:
        """Surely, possibly or surely not a member at some time of that financial year."""
        first, last = bounds(year)
        if self.first_seen <= last and self.last_seen >= first:
            return SURELY
        ended = self.absent_from is not None and self.absent_from <= first
        return SURELY_NOT if self.first_possible > last or ended else POSSIBLY

    def row(self) -> dict[str, object]:
        """What a table says of it."""
        absent = day(self.absent_from) if self.absent_from else ""
        grade = best_grade(evidence("member", self.member))
        return {
            "council": self.council or "not known", "nation": self.nation,
            "founder": self.founder, "first_possible": day(self.first_possible),
            "first_seen": day(self.first_seen), "last_seen": day(self.last_seen),
            "absent_from": absent, "certainty": self.certainty, "grade": grade,
            "note": self.note,
        }  # fmt: skip


class Memberships(Listing):
    """Intervals of membership, one a row."""

    __slots__ = ()
    shown = ("council", "founder", "first_seen", "last_seen", "absent_from", "certainty", "grade")


@dataclass(frozen=True, repr=False)
class Members(FactSheet):
    """The network in one financial year: names of English councils, and how many are unknown.

    A council in none of the three was never seen as a member. With founders that nobody names,
    that is not proof that it never was one.
    """

    year: int
    surely: tuple[str, ...]
    possibly: tuple[str, ...]
    surely_not: tuple[str, ...]
    unknown: int

    @property
    def frame(self) -> pd.DataFrame:
        """One row a council."""
        groups = ((SURELY, self.surely), (POSSIBLY, self.possibly), (SURELY_NOT, self.surely_not))
        rows = [(name, word) for word, names in groups for name in names]
        return pd.DataFrame(rows, columns=["council", "member"])

    def facts(self) -> list[tuple[str, str]]:
        """The three groups and the unknown."""
        facts = [(SURELY, self.surely), (POSSIBLY, self.possibly), (SURELY_NOT, self.surely_not)]
        said = [(word, ", ".join(names) or "none") for word, names in facts]
        if self.unknown:
            said.append(("claimed and not named", f"{self.unknown} founders"))
        return said

    @property
    def heading(self) -> str:
        """The year it is of."""
        return f"Members of the co-operative councils' network, {financial_year(self.year)}"

    __repr__ = FactSheet.__str__


@door(council=maybe(word))
def memberships(council: str | None = None) -> Memberships:
    """Every interval of membership, of one council where given.

    Raises UnknownCouncil with the nearest.
    """
    codes = None if council is None else {body.ecode for body in bodies_in(council, EVER)}
    every = (_membership(row) for row in rows_of("network"))
    return Memberships(m for m in every if codes is None or m.ecode in codes)


def _membership(row: dict[str, str]) -> Membership:
    first, seen, last = (
        date.fromisoformat(row[name]) for name in ("first_possible", "first_seen", "last_seen")
    )
    absent = date.fromisoformat(row["absent_from"]) if row["absent_from"] else None
    return Membership(
        row["member"], row["ecode"], row["gss"], row["council"], row["nation"], row["founder"],
        first, seen, last, absent, row["certainty"], row["note"],
    )  # fmt: skip


@door(year=read_year, nation=one_of(NATIONS))
def members(year: int, *, nation: str = "England") -> Members:
    """Who was a member at some time of the financial year that starts in April of `year`."""
    found: dict[str, str] = {}
    for one in memberships():
        if one.council and one.nation == nation:
            found[one.council] = _surer(found.get(one.council, SURELY_NOT), one.in_year(year))
    groups = [tuple(sorted(n for n, word in found.items() if word == group))
              for group in (SURELY, POSSIBLY, SURELY_NOT)]  # fmt: skip
    nameless = [m for m in memberships() if not m.council]
    unknown = sum(m.in_year(year) != SURELY_NOT for m in nameless)
    return Members(year, groups[0], groups[1], groups[2], unknown)


def _surer(one: str, other: str) -> str:
    return min(one, other, key=(SURELY, POSSIBLY, SURELY_NOT).index)
