"""Places made of councils: successors, county areas, classes, regions, fifths by deprivation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from coopstats.core.errors import CannotSplit, NotComparable, UnknownName, Verb, can, did_you_mean
from coopstats.core.years import financial_year
from coopstats.datasets.load import about, load
from coopstats.measures import population
from coopstats.register.councils import CLASSES, bodies, successions

EDITIONS = {"deprivation_fifth": 2010, "deprivation_fifth_2015": 2015}
GROUPS = ("england", "council_class", "region", "subregion", *EDITIONS)

Members = dict[str, tuple[str, ...]]
Ground = dict[str, dict[int, frozenset[str]]]


@dataclass(frozen=True)
class Places:
    """A regrouping: which new place each old one belongs to, and who each new place is."""

    new: dict[str, str]
    identity: dict[str, dict[str, str | None]]


# ── what a whole is made of ──────────────────────────────────────────────────────────────────────

PRINCIPAL = frozenset(["L", "MD", "UA", "SC", "SD"])


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


def _unseen(members: Members, years: Iterable[int]) -> list[str]:
    """The bodies that were expected in these years and are in no member at all."""
    seen = {part for parts in members.values() for part in parts} | set(members)
    spans = list(years)
    among = expected(seen) - seen
    return sorted(c for c in among if any(bodies()[c].alive(int(y)) for y in spans))


# ── the councils of one year ─────────────────────────────────────────────────────────────────────


def on(
    members: Members, amounts: pd.DataFrame, year: int, leave_out: bool
) -> tuple[Places, pd.DataFrame]:
    """Each council's successor in `year`, and those lost because something was divided.

    Councils of these years that have no row here lose nothing, and are missed where they belong.
    """
    years = amounts["year"].unique()
    present = set(amounts["ecode"])
    living = [c for c in members if c in present or any(bodies()[c].alive(y) for y in years)]
    living += _unseen(members, years)
    heirs = {code: _heirs(code, year) for code in living}
    split = {code: h for code, h in heirs.items() if len(h) > 1}
    touched = {heir for found in split.values() for heir in found}
    lost = [c for c, h in heirs.items() if c in split or h & touched or not h]
    new = {code: next(iter(h)) for code, h in heirs.items() if code not in lost}
    lost = [code for code in lost if code in present]
    if lost and not leave_out:
        _refuse_to_lose(lost, heirs, split, year)
    places = Places(new, {code: _identity(code) for code in set(new.values())})
    return places, _lost(lost, year)


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


# ── areas in which a county and its districts share the work ─────────────────────────────────────


def two_tier(members: Members, years: list[int]) -> Places:
    """The smallest areas whose outer boundary did not move between the first and last year.

    Councils that belong to an area and have no row here are parts of it all the same.
    """
    codes = [*members, *_unseen(members, years)]
    leader = _joined(codes, _ties(set(codes), years))
    together: dict[str, list[str]] = {}
    for code, first in leader.items():
        together.setdefault(first, []).append(code)
    mine = {leader[code] for code in members}
    named = {first: _head(together[first]) for first in mine}
    areas = {named[first]: _area(together[first], years[0]) for first in mine}
    return Places({code: named[first] for code, first in leader.items() if first in mine}, areas)


def _ties(codes: set[str], years: list[int]) -> list[tuple[str, str]]:
    """Pairs that must stay in one area: district and county, predecessor and successor."""
    county = [(c, bodies()[c].county) for c in codes if c in bodies() and bodies()[c].county]
    moved = successions()
    moved = moved[(moved["year"] > years[0]) & (moved["year"] <= years[-1])]
    heirs = list(zip(moved["predecessor"], moved["successor"], strict=True))
    return [(a, b) for a, b in [*county, *heirs] if a in codes and b in codes]


def _joined(codes: Iterable[str], ties: list[tuple[str, str]]) -> dict[str, str]:
    """Each code's group, by its smallest member: union of all that are tied."""
    leader = {code: code for code in codes}

    def first(code: str) -> str:
        while leader[code] != code:
            code = leader[code]
        return code

    for a, b in ties:
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
        return _identity(head)
    tied = [c for c in codes if c != head and bodies()[c].council_class not in ("SC", "SD")]
    others = sorted(bodies()[c].name for c in tied if bodies()[c].alive(first))
    name = " + ".join(dict.fromkeys([bodies()[head].name, *others]))
    is_county = bodies()[head].council_class == "SC"
    return {
        **_identity(head),
        "council": f"{name} area" if is_county or others else name,
        "council_class": "two-tier area" if is_county else bodies()[head].council_class,
    }


def _identity(code: str) -> dict[str, str | None]:
    body = bodies()[code]
    return {
        "gss": body.gss or None,
        "ecode": code,
        "council": body.name,
        "council_class": body.council_class,
        "region": body.region or None,
    }


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


# ── a county's figure over its districts ─────────────────────────────────────────────────────────


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
    who = pd.DataFrame([_identity(code) for code in rows["ecode"].unique()]).set_index("ecode")
    return rows.assign(people=float("nan")).join(who, on="ecode")[
        [*_PLACE, "year", "amount", "people"]
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


# ── adding up ────────────────────────────────────────────────────────────────────────────────────


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
    return rows.join(who, on="ecode")[[*_PLACE, "year", "amount", "people"]], made


def _is_whole(parts: tuple[str, ...], there: set[str], year: int, covers: bool) -> bool:
    """Has every body of a place that existed in the year a row, or one that stands for it?"""
    return all(
        c in there or not bodies()[c].alive(year) or _stood_for(c, there, year, covers)
        for c in parts
        if c in bodies()
    )


_PLACE = ["gss", "ecode", "council", "council_class", "region"]


# ── groups ───────────────────────────────────────────────────────────────────────────────────────


def groups(
    group: str, amounts: pd.DataFrame, members: Members
) -> tuple[pd.Series, dict[str, dict[str, str]]]:
    """Each row's group, None where there is none, and the publication that says so if one does."""
    if group not in GROUPS:
        raise UnknownName(
            f"No grouping {group!r}. There are: {', '.join(GROUPS)}." + did_you_mean(group, GROUPS)
        )
    if group in EDITIONS:
        return _fifths(amounts, members, EDITIONS[group])
    if group == "england":
        return pd.Series(_nation(amounts), index=amounts.index), {}
    if group == "subregion":
        return amounts["ecode"].map(_subregion), {}
    if group == "council_class":
        return amounts[group].map(lambda c: CLASSES.get(c, c)), {}
    return amounts[group], {}


def _nation(amounts: pd.DataFrame) -> str:
    """England, or in brackets the part of it that these rows lie in: not every table has all."""
    here = set(amounts["region"].dropna()) - {""}
    every = {body.region for body in bodies().values() if body.region}
    if not here or here == every:
        return "England"
    return (
        f"England ({here.pop()} alone)"
        if len(here) == 1
        else (f"England ({len(here)} of {len(every)} regions)")
    )


def _subregion(code: str) -> str | None:
    return (bodies()[code].subregion or None) if code in bodies() else None


FIFTHS = ("least deprived fifth", "second fifth", "middle fifth", "fourth fifth",
          "most deprived fifth")  # fmt: skip


def _fifths(
    amounts: pd.DataFrame, members: Members, edition: int
) -> tuple[pd.Series, dict[str, dict[str, str]]]:
    """Fifths of the places, equal in number, by the average score of the index of deprivation."""
    score, cited = deprivation(members, edition)
    mine = score.reindex(amounts["ecode"].unique()).dropna()
    if len(mine) < len(FIFTHS):
        raise NotComparable(
            f"Fifths need at least {len(FIFTHS)} places with a score in the {edition} index of "
            f"deprivation; {len(mine)} of these have one."
        )
    fifth = pd.qcut(mine.rank(method="first"), len(FIFTHS), labels=list(FIFTHS)).astype(object)
    return amounts["ecode"].map(fifth).astype(object), cited


def deprivation(members: Members, edition: int) -> tuple[pd.Series, dict[str, dict[str, str]]]:
    """The average score of each place in one edition of the English Indices of Deprivation.

    Higher is more deprived. A place of several councils has a score only through its county.
    """
    rows = load("deprivation", year=edition, domain="overall", item="average_score")
    printed = dict(zip(rows["ecode"].astype(str), rows["value"], strict=True))
    score = {place: _score(parts, printed) for place, parts in members.items()}
    cited = about("deprivation")["sources"]
    return pd.Series(score, dtype="float64"), {s: cited[s] for s in rows["source"].unique()}


def _score(parts: tuple[str, ...], printed: dict[str, float]) -> float:
    scored = [c for c in parts if c in printed]
    heads = [c for c in scored if bodies()[c].county not in parts]
    lone_county = [c for c in parts if c in bodies() and bodies()[c].council_class == "SC"]
    if len(heads) != 1 or (lone_county and heads != lone_county):
        return float("nan")
    return printed[heads[0]]


def counted(amounts: pd.DataFrame, labels: pd.Series) -> str:
    """How many places each group holds, first to last year where that changes."""
    size = amounts.groupby([labels.to_numpy(), "year"])["ecode"].nunique().unstack()
    size = size.reindex(FIFTHS) if set(size.index) == set(FIFTHS) else size
    return "; ".join(_size(str(group), row.dropna()) for group, row in size.iterrows())


def _size(group: str, row: pd.Series) -> str:
    first, last = int(row.iloc[0]), int(row.iloc[-1])
    told = f"{group} {first} {'place' if first == 1 else 'places'}"
    return told + (f", {last} at the end" if row.nunique() > 1 else "")


def lineage(codes: set[str], among: set[str], years: list[int]) -> set[str]:
    """Those among some councils that a reorganisation within the years ties to `codes`."""
    leader = _joined(among, [t for t in _ties(among, years) if bodies()[t[0]].county != t[1]])
    touched = {leader[code] for code in codes if code in leader}
    return {code for code, first in leader.items() if first in touched} - codes


def ground(labels: pd.Series, amounts: pd.DataFrame, years: list[int]) -> Ground:
    """The areas that each group covers in each year, whichever councils they then had."""
    codes = {code for code in amounts["ecode"].unique() if code in bodies()}
    leader = _joined(codes, _ties(codes, years))
    area = amounts["ecode"].map(leader).fillna(amounts["ecode"])
    covered = area.groupby([labels.to_numpy(), amounts["year"].to_numpy()]).agg(frozenset)
    return {str(group): covered[group].to_dict() for group in covered.index.levels[0]}


def members_by(labels: pd.Series, amounts: pd.DataFrame, members: Members) -> Members:
    """The bodies of each group."""
    made: dict[str, list[str]] = {}
    for label, code in zip(labels, amounts["ecode"], strict=True):
        made.setdefault(str(label), []).extend(members[code])
    return {label: tuple(dict.fromkeys(codes)) for label, codes in made.items()}
