"""The councils of one year: each by its successor, those divided refused or left out."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from coopstats.core.errors import CannotSplit, NotComparable, Verb, can
from coopstats.core.years import financial_year
from coopstats.measures.wholes import Members, Places, identity, unseen
from coopstats.register.councils import bodies


def on(
    members: Members, amounts: pd.DataFrame, year: int, leave_out: bool
) -> tuple[Places, pd.DataFrame]:
    """Each council's successor in `year`, and those lost because something was divided.

    Councils of these years that have no row here lose nothing, and are missed where they belong.
    """
    heirs = {code: _heirs(code, year) for code in _concerned(members, amounts)}
    divided = {code: found for code, found in heirs.items() if len(found) > 1}
    lost = _without_one_heir(heirs, divided)
    seen = [code for code in lost if code in set(amounts["ecode"])]
    if seen and not leave_out:
        _refuse_to_lose(seen, heirs, divided, year)
    new = {code: next(iter(found)) for code, found in heirs.items() if code not in lost}
    return Places(new, {code: identity(code) for code in set(new.values())}), _lost(seen, year)


def that_became(codes: Iterable[str], members: Members, year: int) -> list[str]:
    """The members whose successors in `year` are those of some councils: all that a sum needs."""
    wanted = frozenset().union(*(_heirs(code, year) for code in codes))
    return [code for code in members if code in bodies() and _heirs(code, year) & wanted]


def _concerned(members: Members, amounts: pd.DataFrame) -> list[str]:
    """The members that have a row or lived in these years, and councils that have no row at all."""
    years, present = amounts["year"].unique(), set(amounts["ecode"])
    lived = [c for c in members if c in present or any(bodies()[c].alive(y) for y in years)]
    return [*lived, *unseen(members, years)]


def _without_one_heir(
    heirs: dict[str, frozenset[str]], divided: dict[str, frozenset[str]]
) -> list[str]:
    """The councils that were divided, that share an heir with such a one, or that have no heir."""
    touched = frozenset().union(*divided.values())
    return [c for c, found in heirs.items() if c in divided or found & touched or not found]


def _refuse_to_lose(
    lost: list[str], heirs: dict[str, frozenset[str]], split: dict[str, frozenset[str]], year: int
) -> None:
    reached = frozenset().union(*(heirs[code] for code in lost))
    guilty = {code: found for code, found in split.items() if found & reached}
    if guilty:
        raise CannotSplit(_cannot_split(guilty), could=[can(Verb.TWO_TIER), can(Verb.LEAVE_OUT)])
    raise NotComparable(
        f"{', '.join(bodies()[code].name for code in lost)} began after {financial_year(year)}.",
        could=[can(Verb.LATER), can(Verb.LEAVE_OUT)],
    )


def _heirs(code: str, year: int) -> frozenset[str]:
    """Who carries on a council's work in `year`: itself, its successors, or nobody yet."""
    if bodies()[code].alive(year):
        return frozenset([code])
    if bodies()[code].first_year > year:
        return frozenset()
    found = frozenset().union(*(_heirs(h, year) for h in bodies()[code].successors))
    return found or frozenset([code])


def _cannot_split(split: dict[str, frozenset[str]]) -> str:
    parts = [
        f"{bodies()[code].name} into {' and '.join(sorted(bodies()[h].name for h in heirs))}"
        for code, heirs in split.items()
    ]
    return (
        f"Divided with no published share: {'; '.join(parts)}. To leave them out is to leave out "
        "their successors too."
    )


def _lost(lost: list[str], year: int) -> pd.DataFrame:
    reasons = [
        "divided, or joined by part of a divided one, with no published share"
        if bodies()[code].first_year <= year
        else f"began after {financial_year(year)}"
        for code in lost
    ]
    names = [bodies()[code].name for code in lost]
    return pd.DataFrame({"ecode": lost, "council": names, "reason": reasons}, dtype=object)
