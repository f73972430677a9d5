"""What a comparison must know of the pilots: who, when, what they should move, who to leave out.

The engine takes these as plain values; `known_pilots()` is the one place that takes them from the
register, by the rules of coopstats.register.pilots and coopstats.register.members.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from coopstats.core.doors import (
    Reader,
    any_of,
    door,
    flag,
    maybe,
    refuse_unknown,
    word,
    word_or_empty,
)
from coopstats.core.errors import NotComparable, UnknownName, did_you_mean
from coopstats.core.years import financial_year, read_year
from coopstats.register.councils import bodies, council
from coopstats.register.dates import last_full_year, year_of
from coopstats.register.members import SURELY, memberships
from coopstats.register.pilots import Pilot, pilots
from coopstats.register.reader import rows_of

YEARS_AFTER = 5  # full years after a start, the first counted, unless others are asked for


@dataclass(frozen=True)
class Treated:
    """A council in which something began. Years are financial years by their April.

    `moves` are the lines it should move, each "table:line". `part_years` are years in which it
    ran for a part only: they are shown and left out. `last_year` is its last full year.
    """

    name: str
    ecode: str
    first_full_year: int
    moves: frozenset[str] = frozenset()
    last_year: int | None = None
    structural: bool = True
    part_years: tuple[int, ...] = ()
    id: str = ""

    def __post_init__(self) -> None:
        for name, read in _READERS.items():
            try:
                object.__setattr__(self, name, read(getattr(self, name)))
            except UnknownName as problem:
                raise UnknownName(f"{name}: {problem.what}", could=problem.could) from None


def _body(code: Any) -> str:
    refuse_unknown([word(code)], bodies(), "council with the E-code")
    return code


_READERS: dict[str, Reader] = {
    "name": word, "ecode": _body, "first_full_year": read_year,
    "moves": lambda given: frozenset(any_of(word)(given)), "last_year": maybe(read_year),
    "structural": flag, "part_years": any_of(read_year), "id": word_or_empty,
}  # fmt: skip


class Exclusion(NamedTuple):
    """A council that is left out beside one pilot, by its id, and why."""

    pilot: str
    treated: str
    left_out: str
    reason: str


@dataclass(frozen=True)
class KnownPilots:
    """Pilots; members of the network by year; whom to leave out beside whom, and why."""

    pilots: tuple[Treated, ...] = ()
    members: dict[int, frozenset[str]] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()

    def pilot(self, word: str) -> Treated:
        """The pilot with this id. Raises UnknownName with the nearest, or why it has no year."""
        for one in self.pilots:
            if word == one.id:
                return one
        known = [one.id for one in self.pilots]
        listed = f" There are: {', '.join(known)}." if known else " The register holds none."
        raise UnknownName(
            f"No pilot with a first full year is called {word!r}.{listed}"
            + did_you_mean(word, known)
        )

    def treated(self, line: str) -> dict[str, Treated]:
        """Councils with a structural pilot that should move this line, whenever it began.

        A pilot that names a table alone moves all of its lines.
        """
        named = {line, line.partition(":")[0]}
        return {one.ecode: one for one in self.pilots if one.structural and named & one.moves}

    def left_out(self, pilot: Treated | str) -> dict[str, str]:
        """Councils left out beside a pilot; beside a council, those of all of its pilots."""
        named = pilot.id if isinstance(pilot, Treated) else ""
        ecode = pilot.ecode if isinstance(pilot, Treated) else pilot
        return {
            one.left_out: one.reason
            for one in self.exclusions
            if (one.pilot == named if named else one.treated == ecode)
        }

    def members_in(self, years: Iterable[int]) -> frozenset[str]:
        """Councils that were surely members in any of these years."""
        return frozenset().union(*(self.members.get(year, frozenset()) for year in years))


def chosen(
    asked: Treated | str | Iterable[Treated | str], known: KnownPilots
) -> tuple[Treated, ...]:
    """The pilots meant, by themselves or by id, in order of E-code; one a council."""
    listed = [asked] if isinstance(asked, Treated | str) else list(asked)
    pilots = [known.pilot(one) if isinstance(one, str) else one for one in listed]
    codes = [one.ecode for one in pilots]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice or not pilots:
        raise NotComparable(
            f"One pilot a council can be compared at a time: {', '.join(twice)} has several."
            if twice
            else "No pilot was named: give an id of the register."
        )
    return tuple(sorted(pilots, key=lambda one: one.ecode))


@door(name=word, first_full_year=read_year, last_year=maybe(read_year))
def supposed(name: str, first_full_year: int, last_year: int | None = None) -> Treated:
    """A council as if a pilot had begun there: for placebos and for questions of one's own."""
    if last_year is not None and last_year < first_full_year:
        raise UnknownName(
            f"The last year, {financial_year(last_year)}, is before the first, "
            f"{financial_year(first_full_year)}."
        )
    body = council(name, (first_full_year, last_year or first_full_year))
    return Treated(body.name, body.ecode, first_full_year, last_year=last_year, structural=False)


# ── from the register ────────────────────────────────────────────────────────────────────────────


@functools.cache
def known_pilots() -> KnownPilots:
    """The register's pilots that have a first full year, its members and its exclusions."""
    begun = [p for p in pilots() if p.ecode and p.first_full_year is not None]
    where = {pilot.slug: pilot.ecode for pilot in pilots()}
    exclusions = tuple(
        Exclusion(
            row["pilot"], where[row["pilot"]], row["ecode"], f"{row['relation']}: {row['reason']}"
        )
        for row in rows_of("exclusions")
    )
    return KnownPilots(tuple(map(_treated, begun)), _members(), exclusions)


def _treated(pilot: Pilot) -> Treated:
    """A pilot of the register as a comparison needs it; one that goes on has no last year."""
    first = pilot.first_full_year
    assert first is not None  # for mypy: `known_pilots` takes no other
    began = year_of(pilot.start.first) if pilot.start.first else first
    return Treated(
        name=pilot.name,
        ecode=pilot.ecode,
        first_full_year=first,
        moves=frozenset((*pilot.spending, *pilot.outcomes)),
        last_year=last_full_year(pilot.end),
        structural=pilot.level == "structural",
        part_years=tuple(range(began, first)),
        id=pilot.slug,
    )


def _members() -> dict[int, frozenset[str]]:
    """Surely members in each financial year in which any council was."""
    listed = [one for one in memberships() if one.ecode]
    years = {y for one in listed for y in range(one.first_seen.year - 1, one.last_seen.year + 1)}
    sure = {y: frozenset(m.ecode for m in listed if m.in_year(y) == SURELY) for y in sorted(years)}
    return {year: codes for year, codes in sure.items() if codes}
