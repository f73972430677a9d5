"""How many people lived in a place: mid-year estimates, one vintage a series.

Estimates re-based to Census 2021 begin in 2010 and are on the councils of 2023; the earlier
series ends in 2020 and is on those of 2021. They are equal in 2010 and 2011, so the default reads
the earlier one to 2010 and the re-based one after, and that is one series.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import pandas as pd

from coopstats.core.errors import UnknownName, did_you_mean
from coopstats.datasets.load import load
from coopstats.datasets.table import about, open_table
from coopstats.register.councils import bodies

REBASED, EARLIER = "census_2021", "mid_2020"
LAST_OF_EARLIER = 2010
PRINTED_ENGLAND = ("England",)  # the members of a measure of the publisher's own England row


def of(
    amounts: pd.DataFrame,
    members: dict[str, tuple[str, ...]],
    age: str,
    vintage: str | None,
) -> tuple[pd.Series, dict[str, dict[str, str]]]:
    """People of each row's place and year (NaN where none are held), and the publications."""
    held = _held(open_table("population").edition, age)
    if vintage is not None:
        _check_vintage(vintage, held)
    chosen = {int(y): vintage or _default(y, age, held) for y in amounts["year"].unique()}
    frames = {v: _counted_for(members, held[v].codes) for v in set(chosen.values())}
    counted = [
        _count(held[chosen[year]].people, members[place], frames[chosen[year]][place], year)
        for place, year in zip(amounts["ecode"], amounts["year"].astype(int), strict=True)
    ]
    used = dict.fromkeys(s for v in dict.fromkeys(chosen.values()) for s in held[v].sources)
    cited = about("population")["sources"]
    return pd.Series(counted, index=amounts.index, dtype="float64"), {s: cited[s] for s in used}


@dataclass(frozen=True, eq=False)
class Vintage:
    """One series of estimates: people by (E-code, year), and the publications it is from."""

    people: dict[tuple[str, int], float]
    codes: frozenset[str]
    sources: tuple[str, ...]


@functools.lru_cache(maxsize=4)
def _held(_edition: tuple[str, int], age: str) -> dict[str, Vintage]:
    """Every vintage by name, read once for each edition of the table."""
    rows = load("population", age=age)
    return {str(name): _vintage(part) for name, part in rows.groupby("vintage", observed=True)}


def _vintage(rows: pd.DataFrame) -> Vintage:
    codes, people = rows["ecode"].astype(str), rows["people"].astype("float64")
    keys = zip(codes, rows["year"].astype(int), strict=True)
    return Vintage(
        dict(zip(keys, people, strict=True)), frozenset(codes), tuple(rows["source"].unique())
    )


def sentence(age: str, vintage: str | None, years: list[int]) -> str:
    """The step that says which people were counted."""
    who = "all ages" if age == "all" else f"aged {age}"
    which = f"vintage {vintage}" if vintage else _usual(age, years)
    return f"Divided by the mid-year population of the year, {who} ({which})."


def _usual(age: str, years: list[int]) -> str:
    if age != "all":
        return "as published"
    rebased = years[-1] > LAST_OF_EARLIER
    return f"re-based to Census 2021 from {LAST_OF_EARLIER + 1}" if rebased else "mid-2020 series"


def _default(year: int, age: str, held: dict[str, Vintage]) -> str:
    if age != "all":
        return next(iter(held))
    return EARLIER if year <= LAST_OF_EARLIER else REBASED


def _check_vintage(vintage: str, held: dict[str, Vintage]) -> None:
    known = sorted(held)
    if vintage not in known:
        raise UnknownName(
            f"population has no vintage {vintage!r}. There are: {', '.join(known)}."
            + did_you_mean(vintage, known)
        )


def _count(
    people: dict[tuple[str, int], float],
    parts: tuple[str, ...],
    counted: tuple[str, ...],
    year: int,
) -> float:
    """The sum over those counted; NaN where one has no figure, or they are not the same ground."""
    if not counted or not _same_ground(parts, counted, year):
        return float("nan")
    return sum(people.get((code, year), float("nan")) for code in counted)


@functools.cache
def _same_ground(parts: tuple[str, ...], counted: tuple[str, ...], year: int) -> bool:
    """Do the bodies counted cover what the parts covered in that year, no more and no less?

    A group that gained a county when it became a unitary authority had fewer people before.
    """
    if parts in (PRINTED_ENGLAND, counted):
        return True
    living = [p for p in parts if bodies()[p].council_class != "O" and bodies()[p].alive(year)]
    missed = set().union(*(_heirs(p, frozenset(counted)) for p in living)) - set(counted)
    beyond = set().union(*(_forebears(c, year) for c in counted)) - set(parts)
    return not missed and not beyond


def _heirs(code: str, counted: frozenset[str]) -> set[str]:
    """Which of those counted have a body's people; itself when none has."""
    found = {code, bodies()[code].county} & counted
    return found or set().union(*(_heirs(h, counted) for h in bodies()[code].successors)) or {code}


def _forebears(code: str, year: int) -> set[str]:
    """Who did a body's work in a year before it began."""
    if bodies()[code].first_year <= year or bodies()[code].alive(year):
        return {code}
    return set().union(*(_forebears(p, year) for p in bodies()[code].predecessors)) or {code}


def _counted_for(
    members: dict[str, tuple[str, ...]], held: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """The bodies whose people together are each place's, counted once.

    A predecessor is covered by its successor, a district by its county, when those are held.
    """
    return {
        place: tuple(_all_of_england(held) if parts == PRINTED_ENGLAND else _uncovered(parts, held))
        for place, parts in members.items()
    }


def _uncovered(place: tuple[str, ...], held: frozenset[str]) -> list[str]:
    present = {b for b in place if b in held}
    current = {b for b in present if not present & set(bodies()[b].successors)}
    return [b for b in place if b in current and bodies()[b].county not in current]


def _all_of_england(held: frozenset[str]) -> list[str]:
    """Every body of the lowest tier, so that nobody is counted twice."""
    return sorted(b for b in held if bodies()[b].council_class != "SC")
