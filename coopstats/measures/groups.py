"""Places added up: England, classes, regions, fifths by deprivation."""

from __future__ import annotations

import pandas as pd

from coopstats.core.errors import NotComparable, UnknownName, did_you_mean
from coopstats.core.phrases import number_of
from coopstats.datasets.load import load
from coopstats.datasets.table import about
from coopstats.measures.wholes import Members
from coopstats.register.councils import CLASSES, bodies

EDITIONS = {"deprivation_fifth": 2010, "deprivation_fifth_2015": 2015}
GROUPS = ("england", "council_class", "region", "subregion", *EDITIONS)
FIFTHS = ("least deprived fifth", "second fifth", "middle fifth", "fourth fifth",
          "most deprived fifth")  # fmt: skip


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
    told = f"{group} {number_of(first, 'place')}"
    return told + (f", {last} at the end" if row.nunique() > 1 else "")


def members_by(labels: pd.Series, amounts: pd.DataFrame, members: Members) -> Members:
    """The bodies of each group."""
    made: dict[str, list[str]] = {}
    for label, code in zip(labels, amounts["ecode"], strict=True):
        made.setdefault(str(label), []).extend(members[code])
    return {label: tuple(dict.fromkeys(codes)) for label, codes in made.items()}
