"""Areas in which a county and its districts share the work, and a county's figure over them."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from coopstats.measures import population
from coopstats.measures.wholes import PLACE, Ground, Members, Places, identity, total, unseen
from coopstats.register.councils import bodies, successions


def two_tier(members: Members, years: list[int]) -> Places:
    """The smallest areas whose outer boundary did not move between the first and last year.

    Councils that belong to an area and have no row here are parts of it all the same.
    """
    codes = [*members, *unseen(members, years)]
    leader = joined(codes, ties(set(codes), years))
    together: dict[str, list[str]] = {}
    for code, first in leader.items():
        together.setdefault(first, []).append(code)
    mine = {leader[code] for code in members}
    named = {first: _head(together[first]) for first in mine}
    areas = {named[first]: _area(together[first], years[0]) for first in mine}
    return Places({code: named[first] for code, first in leader.items() if first in mine}, areas)


def ties(codes: set[str], years: list[int]) -> list[tuple[str, str]]:
    """Pairs that must stay in one area: district and county, predecessor and successor."""
    known = [code for code in codes if code in bodies()]
    counties = [(code, bodies()[code].county) for code in known if bodies()[code].county]
    moved = successions()
    within = moved[(moved["year"] > years[0]) & (moved["year"] <= years[-1])]
    heirs = list(zip(within["predecessor"], within["successor"], strict=True))
    return [pair for pair in [*counties, *heirs] if codes.issuperset(pair)]


def joined(codes: Iterable[str], pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Each code's group, by its smallest member: union of all that are tied."""
    leader = {code: code for code in codes}

    def first(code: str) -> str:
        while leader[code] != code:
            code = leader[code]
        return code

    for a, b in pairs:
        low, high = sorted((first(a), first(b)))
        leader[high] = low
    return {code: first(code) for code in leader}


def _head(codes: list[str]) -> str:
    """The council that an area is known by: its only one, its county, or the one that lasts."""
    counties = [c for c in codes if bodies()[c].council_class == "SC"]
    return (counties or sorted(codes, key=lambda c: (-bodies()[c].last_year, bodies()[c].name)))[0]


def _area(codes: list[str], first: int) -> dict[str, str | None]:
    """Who an area is: its head, named with the unitaries tied to it in the first year."""
    head = _head(codes)
    if len(codes) == 1:
        return identity(head)
    tied = [c for c in codes if c != head and bodies()[c].council_class not in ("SC", "SD")]
    others = sorted(bodies()[c].name for c in tied if bodies()[c].alive(first))
    name = " + ".join(dict.fromkeys([bodies()[head].name, *others]))
    is_county = bodies()[head].council_class == "SC"
    return {
        **identity(head),
        "council": f"{name} area" if is_county or others else name,
        "council_class": "two-tier area" if is_county else bodies()[head].council_class,
    }


def lineage(codes: set[str], among: set[str], years: list[int]) -> set[str]:
    """Those among some councils that a reorganisation within the years ties to `codes`."""
    leader = joined(among, [t for t in ties(among, years) if bodies()[t[0]].county != t[1]])
    touched = {leader[code] for code in codes if code in leader}
    return {code for code, first in leader.items() if first in touched} - codes


def ground(labels: pd.Series, amounts: pd.DataFrame, years: list[int]) -> Ground:
    """The areas that each group covers in each year, whichever councils they then had."""
    codes = {code for code in amounts["ecode"].unique() if code in bodies()}
    leader = joined(codes, ties(codes, years))
    area = amounts["ecode"].map(leader).fillna(amounts["ecode"])
    covered = area.groupby([labels.to_numpy(), amounts["year"].to_numpy()]).agg(frozenset)
    return {str(group): covered[group].to_dict() for group in covered.index.levels[0]}


def covered(amounts: pd.DataFrame) -> pd.Series:
    """Rows whose people another row of the year has too: its county's, or its successor's."""
    there = set(zip(amounts["ecode"], amounts["year"], strict=True))
    return pd.Series(
        [
            any((other, year) in there for other in _containing(code))
            for code, year in zip(amounts["ecode"], amounts["year"], strict=True)
        ],
        index=amounts.index,
    )


def doubled(amounts: pd.DataFrame) -> pd.Series:
    """Rows of which the whole ground is in the row of a successor in the same year too."""
    there = set(zip(amounts["ecode"], amounts["year"], strict=True))
    return pd.Series(
        [
            any((h, year) in there for h in bodies()[code].successors)
            if code in bodies()
            else False
            for code, year in zip(amounts["ecode"], amounts["year"], strict=True)
        ],
        index=amounts.index,
        dtype=bool,
    )


def _containing(code: str) -> list[str]:
    body = bodies().get(code)
    return [c for c in (body.county, *body.successors) if c] if body else []


def districts_of(amounts: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, dict[str, str]]]:
    """The districts of each county and year: county, ecode, year, share of the county's people.

    The share is NaN in all districts of a county where one has no people held for the year.
    """
    counties = amounts.loc[amounts["council_class"] == "SC", ["ecode", "year"]]
    pairs = [
        (county, code, year)
        for county, year in counties.itertuples(index=False)
        for code, body in bodies().items()
        if body.county == county and body.alive(year)
    ]
    rows = pd.DataFrame(pairs, columns=["county", "ecode", "year"])
    counted, cited = population.of(rows, {c: (c,) for c in rows["ecode"].unique()}, "all", None)
    whole = counted.groupby([rows["county"], rows["year"]]).transform(total)
    return rows.assign(share=counted / whole), cited


def shared_doubts(
    odd: dict[tuple[str, int], str], districts: pd.DataFrame
) -> dict[tuple[str, int], str]:
    """A county's figures in doubt are in doubt in each of the districts that have a part of it."""
    of_county = districts.drop_duplicates(["ecode", "county"]).groupby("county")["ecode"].agg(list)
    return {(d, y): rule for (c, y), rule in odd.items() for d in of_county.get(c, ())}


def spread(amounts: pd.DataFrame, districts: pd.DataFrame) -> pd.DataFrame:
    """Rows of districts and single-tier councils: their own amount and their share of a county's.

    `districts` are those of `districts_of`.
    """
    county = amounts.set_index(["ecode", "year"])["amount"]
    above = pd.MultiIndex.from_frame(districts[["county", "year"]])
    parts = districts.assign(amount=county.reindex(above).to_numpy() * districts["share"])
    parts = parts[above.isin(county.index)]
    own = amounts[amounts["council_class"] != "SC"]
    both = pd.concat([own[["ecode", "year", "amount"]], parts[["ecode", "year", "amount"]]])
    rows = both.groupby(["ecode", "year"])["amount"].agg(total).reset_index()
    rows["amount"] = rows["amount"].where(_on_both_tiers(rows, own, parts))
    who = pd.DataFrame([identity(code) for code in rows["ecode"].unique()]).set_index("ecode")
    return rows.assign(people=float("nan")).join(who, on="ecode")[
        [*PLACE, "year", "amount", "people"]
    ]


def _on_both_tiers(rows: pd.DataFrame, own: pd.DataFrame, parts: pd.DataFrame) -> list[bool]:
    """Has each district a share of its county's, and its own figure where districts have one?"""
    keyed = [set(zip(t["ecode"], t["year"], strict=True)) for t in (own, parts)]
    districts = {code for code in own["ecode"].unique() if bodies()[code].council_class == "SD"}
    return [
        not bodies()[code].county
        or ((code, year) in keyed[1] and (not districts or (code, year) in keyed[0]))
        for code, year in zip(rows["ecode"], rows["year"], strict=True)
    ]
