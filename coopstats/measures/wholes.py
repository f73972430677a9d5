"""Places, and whether all that a whole is made of has a row: a hole must not look like a cut."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from coopstats.register.councils import bodies

PLACE = ["gss", "ecode", "council", "council_class", "region"]
PRINCIPAL = frozenset(["L", "MD", "UA", "SC", "SD"])
Members = dict[str, tuple[str, ...]]  # by place, the bodies whose rows were added up to make it
Ground = dict[str, dict[int, frozenset[str]]]  # by place and year, the areas that it covers


@dataclass(frozen=True)
class Places:
    """A regrouping: which new place each old one belongs to, and who each new place is."""

    new: dict[str, str]
    identity: dict[str, dict[str, str | None]]


def identity(code: str) -> dict[str, str | None]:
    """Who a body is: the columns by which every table names it."""
    body = bodies()[code]
    return {
        "gss": body.gss or None,
        "ecode": code,
        "council": body.name,
        "council_class": body.council_class,
        "region": body.region or None,
    }


def expected(codes: Iterable[str]) -> frozenset[str]:
    """Every body of the kinds that these are: those whose rows make a whole.

    Counties and districts count only where one of these is a county or a district; without a
    county the ground is that of districts. Other authorities count by their kind.
    """
    mine = [bodies()[code] for code in codes if code in bodies()]
    classes = {body.council_class for body in mine} & PRINCIPAL
    kinds = {body.kind for body in mine if body.council_class not in PRINCIPAL}
    if classes:
        lower = {"SD"} if "SC" not in classes else set()
        classes |= {"L", "MD", "UA"} | lower
    return frozenset(
        code
        for code, body in bodies().items()
        if body.council_class in classes
        or (body.council_class not in PRINCIPAL and body.kind in kinds)
    )


def absent(
    scope: frozenset[str], amounts: pd.DataFrame, members: Members, covers: bool
) -> dict[str, list[int]]:
    """The bodies of a scope that were there in a year of these rows and have no row, and when."""
    gone: dict[str, list[int]] = {}
    for year, rows in amounts.groupby("year"):
        there = {part for place in rows["ecode"] for part in members.get(place, (place,))}
        for code in scope - there:
            if bodies()[code].alive(int(year)) and not _stood_for(code, there, int(year), covers):
                gone.setdefault(code, []).append(int(year))
    return gone


def _stood_for(code: str, there: set[str], year: int, covers: bool) -> bool:
    """Is its ground in the rows of others: its successors', or its county's or districts'?

    The latter only where a county's figure `covers` its whole area.
    """
    body = bodies()[code]
    if body.successors and all(h in there or _stood_for(h, there, year, False) for h in
                               body.successors):  # fmt: skip
        return True
    if not covers:
        return False
    return body.county in there or _by_districts(code, there, year)


def _by_districts(county: str, there: set[str], year: int) -> bool:
    mine = [c for c, body in bodies().items() if body.county == county and body.alive(year)]
    return bool(mine) and set(mine) <= there


def unseen(members: Members, years: Iterable[int]) -> list[str]:
    """The bodies that were expected in these years and are in no member at all."""
    seen = {part for parts in members.values() for part in parts} | set(members)
    spans = list(years)
    among = expected(seen) - seen
    return sorted(c for c in among if any(bodies()[c].alive(int(y)) for y in spans))


def total(values: pd.Series) -> float:
    """A sum that is missing when a part is: a hole must not look like a cut."""
    return values.sum(skipna=False)


def added_up(
    amounts: pd.DataFrame, members: Members, places: Places, covers: bool = False
) -> tuple[pd.DataFrame, Members]:
    """The rows of the new places, and the bodies each is made of.

    A year in which a body of the place existed but has no row here is missing, not smaller.
    """
    parts: dict[str, list[str]] = {}
    for old, new in places.new.items():
        parts.setdefault(new, []).extend(members.get(old, (old,)))
    known = {places.new[old] for old in members if old in places.new}
    made = {
        new: tuple(dict.fromkeys([*codes, new])) for new, codes in parts.items() if new in known
    }
    moved = amounts.assign(old=amounts["ecode"], ecode=amounts["ecode"].map(places.new))
    grouped = moved.groupby(["ecode", "year"], sort=True)
    rows = grouped.agg(amount=("amount", total), people=("people", total), old=("old", list))
    rows = rows.reset_index()
    whole = [
        _is_whole(made[row.ecode], {c for old in row.old for c in members[old]}, row.year, covers)
        for row in rows.itertuples()
    ]
    rows["amount"] = rows["amount"].where(whole)
    who = pd.DataFrame(places.identity.values()).set_index("ecode")
    return rows.join(who, on="ecode")[[*PLACE, "year", "amount", "people"]], made


def _is_whole(parts: tuple[str, ...], there: set[str], year: int, covers: bool) -> bool:
    """Has every body of a place that existed in the year a row, or one that stands for it?"""
    return all(
        c in there or not bodies()[c].alive(year) or _stood_for(c, there, year, covers)
        for c in parts
        if c in bodies()
    )
