"""What a comparison must know of the pilots: who, when, what they should move, who to leave out.

The engine takes these as plain values; `register()` is the one place that reads them from the
register (pilots.csv, network.csv, exclusions.csv), and is empty where the register has none yet.
"""

from __future__ import annotations

import csv
import datetime
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field

from coopstats.council import council
from coopstats.errors import NotComparable, UnknownName, did_you_mean
from coopstats.paths import register_dir


@dataclass(frozen=True)
class Pilot:
    """A programme of one council. Years are financial years by their April.

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


@dataclass(frozen=True)
class Register:
    """Pilots; members of the network by year; whom to leave out beside whom, and why."""

    pilots: tuple[Pilot, ...] = ()
    members: dict[int, frozenset[str]] = field(default_factory=dict)
    exclusions: tuple[tuple[str, str, str], ...] = ()  # treated council, left out, reason

    def pilot(self, word: str) -> Pilot:
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

    def treated(self, line: str) -> dict[str, Pilot]:
        """Councils with a structural pilot that should move this line, whenever it began."""
        return {one.ecode: one for one in self.pilots if one.structural and line in one.moves}

    def members_in(self, years: Iterable[int]) -> frozenset[str]:
        """Councils that were surely members in any of these years."""
        return frozenset().union(*(self.members.get(year, frozenset()) for year in years))


def chosen(wanted: Pilot | str | Iterable[Pilot | str], known: Register) -> tuple[Pilot, ...]:
    """The pilots meant, by themselves or by id, in order of E-code; one a council."""
    listed = [wanted] if isinstance(wanted, Pilot | str) else list(wanted)
    pilots = [known.pilot(one) if isinstance(one, str) else one for one in listed]
    codes = [one.ecode for one in pilots]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice or not pilots:
        raise NotComparable(
            f"One pilot a council can be compared at a time: {', '.join(twice)} has several."
            if twice
            else "No pilot was named: give an id of the register, or a Pilot."
        )
    return tuple(sorted(pilots, key=lambda one: one.ecode))


def supposed(name: str, first_full_year: int, last_year: int | None = None) -> Pilot:
    """A council as if a pilot had begun there: for placebos and for questions of one's own."""
    body = council(name)
    return Pilot(body.name, body.ecode, first_full_year, last_year=last_year, structural=False)


# ── from the register ────────────────────────────────────────────────────────────────────────────


@functools.cache
def register() -> Register:
    """The register's pilots that have a first full year, its members and its exclusions."""
    pilots = tuple(_pilot(row) for row in _rows("pilots") if row["ecode"] and _begun(row))
    where = {row["pilot"]: row["ecode"] for row in _rows("pilots")}
    exclusions = tuple(
        (where[row["pilot"]], row["ecode"], f"{row['relation']}: {row['reason']}")
        for row in _rows("exclusions")
    )
    return Register(pilots, _members(_rows("network")), exclusions)


def _rows(name: str) -> list[dict[str, str]]:
    path = register_dir() / f"{name}.csv"
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _begun(row: dict[str, str]) -> bool:
    return bool(row["first_full_year"])


def _pilot(row: dict[str, str]) -> Pilot:
    first = int(row["first_full_year"])
    began = _financial(row["start_from"], first)
    ended = row["end_from"]
    lines = f"{row['moves_spending']};{row['moves_outcomes']}".split(";")
    return Pilot(
        name=row["name"],
        ecode=row["ecode"],
        first_full_year=first,
        moves=frozenset(line.strip() for line in lines if line.strip()),
        last_year=_last_full(ended) if ended else None,
        structural=row["level"] == "structural",
        part_years=tuple(range(began, first)),
        id=row["pilot"],
    )


def _financial(day: str, otherwise: int) -> int:
    """The financial year in which a day lies."""
    if not day:
        return otherwise
    date = datetime.date.fromisoformat(day)
    return date.year - (date < datetime.date(date.year, 4, 1))


def _last_full(ended: str) -> int:
    """The last financial year that had ended on that day."""
    day = datetime.date.fromisoformat(ended) + datetime.timedelta(days=1)
    return _financial(day.isoformat(), 0) - 1


def _members(rows: list[dict[str, str]]) -> dict[int, frozenset[str]]:
    """Surely members in a financial year: seen before its end, and seen after its start."""
    spans = {
        row["ecode"]: (_financial(row["first_seen"], 0), _financial(row["last_seen"], 0))
        for row in rows
        if row["ecode"] and row["first_seen"] and row["last_seen"]
    }
    years = {year for first, last in spans.values() for year in range(first, last + 1)}
    return {
        year: frozenset(code for code, (first, last) in spans.items() if first <= year <= last)
        for year in sorted(years)
    }
