"""libraries: branch libraries by council and date, open and closed, and who ran them.

Counted from `library_branches`. 2010 and 2016 are from the Libraries Taskforce's list, 2019 and
2021 to 2023 from Arts Council England's, which has lost branches that closed soon after 2010. The
two are never joined: years on either side of 2019 are cut by a severing break.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import CALENDAR_YEAR, rule
from coopstats.clean.contracts.stack import stacked
from coopstats.clean.families.outcomes import KEY, Item, finished
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets.plain import constant
from coopstats.clean.sheets.sheet import NOWHERE
from coopstats.clean.tables.library_branches import ARTS_COUNCIL, CLOSED, OPEN, TASKFORCE, branches

TABLE = "libraries"
YEARS = {TASKFORCE: (2010, 2016), ARTS_COUNCIL: (2019, 2021, 2022, 2023)}
WITH_OPERATORS = (2016, 2019, 2021, 2022, 2023)


def _branches(meaning: str) -> Item:
    return Item("branches", meaning, adds_up=True)


ITEMS = {
    "branches_open": _branches(
        "branches open, or closed for a time; in 2010 those of the statutory service, as no list "
        "says more of that year"
    ),
    "statutory_branches": _branches("branches that are part of what the council must provide"),
    "temporarily_closed": _branches("of the branches open, those closed for a time"),
    "council_run": _branches("of the branches open, those run by the council's staff"),
    "council_unstaffed": _branches("the council's without staff: book drops, collections of books"),
    "commissioned": _branches("those run by an organisation that the council commissions"),
    "community_run": _branches("those run by a community group with support from the council"),
    "independent": _branches("those handed over to a body outside the council's network"),
    "operator_not_known": _branches("those of which the list does not say who runs them"),
    "not_known": _branches("branches, counted nowhere else, of which the list knows no more"),
    "closed_since_2010": _branches("of the statutory branches of 2010, those closed for good"),
    "replaced_since_2010": _branches("of those closed, the ones that another library replaced"),
    "closed_since_2016": _branches(
        "of the branches open in 2016 in the list of 2023, those closed for good"
    ),
    "community_share": Item(
        "per cent", "community-run and independent, of the open with a known operator", high=100
    ),
    "commissioned_share": Item(
        "per cent", "commissioned, of the open with a known operator", high=100
    ),
}
OPERATORS = {
    "council_run": "council",
    "council_unstaffed": "council_unstaffed",
    "commissioned": "commissioned",
    "community_run": "community",
    "independent": "independent",
}


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    listed = branches()
    return finished(
        [counted(listed[listed["source"] == source]) for source in YEARS],
        ITEMS,
        list(columns()),
        KEY,
    )


def counted(listed: pd.DataFrame) -> pd.DataFrame:
    """Every item of one list, in the years that are taken from it."""
    source = str(listed["source"].iloc[0])
    then = was_open(listed)
    parts = [
        _sums(listed, item, holds(listed), years)
        for item, (holds, years) in {**COUNTS, **_closures(then)}.items()
        if set(years) & set(YEARS[source])
    ]
    counts = stacked(parts)
    return _as_derived(stacked([counts, *_shares(counts)]), listed)


def was_open(listed: pd.DataFrame) -> dict[int, pd.Series]:
    """Whether the branch of each row was open in 2010 and in 2016, by the same list."""
    row = listed["row"]
    return {when: row.isin(row[(listed["year"] == when) & _open(listed)]) for when in (2010, 2016)}


def _open(listed: pd.DataFrame) -> pd.Series:
    return listed["standing"].isin(OPEN)


def _run_by(operator: str) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda listed: _open(listed) & (listed["operator"] == operator)


EVERY_YEAR = (2010, *WITH_OPERATORS)
COUNTS: dict[str, tuple[Callable[[pd.DataFrame], pd.Series], tuple[int, ...]]] = {
    "branches_open": (_open, EVERY_YEAR),
    "statutory_branches": (lambda t: t["statutory"] == "yes", EVERY_YEAR),
    "temporarily_closed": (lambda t: t["standing"] == "temporarily_closed", WITH_OPERATORS),
    **{item: (_run_by(operator), WITH_OPERATORS) for item, operator in OPERATORS.items()},
    "operator_not_known": (lambda t: _open(t) & t["operator"].isna(), WITH_OPERATORS),
    "not_known": (lambda t: t["standing"] == "not_known", WITH_OPERATORS),
}


def _closures(then: dict[int, pd.Series]) -> dict:
    """Closures among the branches that were open before, by the same list."""
    return {
        "closed_since_2010": (lambda t: t["standing"].isin(CLOSED) & then[2010], (2016,)),
        "replaced_since_2010": (lambda t: (t["standing"] == "replaced") & then[2010], (2016,)),
        "closed_since_2016": (
            lambda t: t["standing"].isin(CLOSED) & then[2016],
            YEARS[ARTS_COUNCIL],
        ),
    }


def _sums(
    listed: pd.DataFrame, item: str, holds: pd.Series, years: tuple[int, ...]
) -> pd.DataFrame:
    """How many branches of each council hold in each of the years that are taken from the list."""
    taken = sorted(set(years) & set(YEARS[str(listed["source"].iloc[0])]))
    part = listed.assign(number=holds.astype(float))[listed["year"].isin(taken)]
    sums = part.groupby(["ecode", "year"], observed=True)["number"].sum().reset_index()
    return sums.assign(item=constant(item, sums))


def _shares(counts: pd.DataFrame) -> list[pd.DataFrame]:
    """The two shares, in per cent of the branches open whose operator is known."""
    wide = counts[counts["year"].isin(WITH_OPERATORS)].pivot(
        index=["ecode", "year"], columns="item", values="number"
    )
    known = wide["branches_open"] - wide["operator_not_known"]
    shares = {
        "community_share": wide["community_run"] + wide["independent"],
        "commissioned_share": wide["commissioned"],
    }
    parts = [(100 * of / known).rename("number").reset_index() for of in shares.values()]
    return [
        part.assign(item=constant(item, part))[list(counts.columns)]
        for part, item in zip(parts, shares, strict=True)
    ]


def _as_derived(counts: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    return counts.assign(
        ecode=pd.Categorical(counts["ecode"]),
        year=counts["year"].astype("int16"),
        flag=constant("derived", counts),
        place=np.full(len(counts), NOWHERE),
        source=constant(str(listed["source"].iloc[0]), counts),
        sheet=constant(str(listed["sheet"].iloc[0]), counts),
    )


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(
        ITEMS, f"{CALENDAR_YEAR} of the date: 1 April 2010, 1 July 2016, then 31 December"
    )


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Libraries: branches open and closed, and who runs them, by council and date",
        "Counted from the branches of two lists, which `library_branches` holds; mobile and prison "
        "libraries and archives are left out. Who ran a branch is not known for 2010. In 2010 and "
        "2016 the councils are those of 2016, after that those of 2023.",
        ITEMS,
        columns(),
        [rule("The branches open are the sum of their operators.", _adds_up)],
        tier="upper",
    )


def _adds_up(table: pd.DataFrame) -> pd.Series:
    """True but for a number of branches open that its operators do not make."""
    wide = table.pivot(index=["ecode", "year"], columns="item", values="value")
    parts = wide[[*OPERATORS, "operator_not_known"]].sum(axis=1, min_count=1)
    off = parts.notna() & (parts != wide["branches_open"])
    key = pd.MultiIndex.from_frame(table[["ecode", "year"]])
    return ~(off.reindex(key).to_numpy() & (table["item"] == "branches_open"))
