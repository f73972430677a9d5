"""co_operatives: born, died, there, and their members, turnover and employees, by council and year.

Counted from co_operative_organisations (edition of 2017) and summed from co_operative_accounts.
A co-operative is where its registered office is, on the councils since 2023. Counts are by
calendar year; a council without any is a true nought. Sums are by economic year, and those of
large organisations, whose headquarters the council has, stand apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import category, number, rule
from coopstats.clean.contracts.misprints import doubt_of_unit, with_doubts_of_unit
from coopstats.clean.families.outcomes import KEY, Item, finished
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets.plain import constant
from coopstats.clean.sheets.sheet import NOWHERE
from coopstats.clean.tables import co_operative_accounts as accounts
from coopstats.clean.tables.co_operative_organisations import edition
from coopstats.register import lookups

TABLE = "co_operatives"
EDITION = 2017
ALL = "all"
CUTS = ("sector", "ownership")
BIRTHS, DEATHS, STOCK = range(1995, 2016), range(2011, 2017), range(2010, 2017)
FIRST_DEATH, LATE = 2011, 2014
HEADQUARTERS = "headquarters_"
ITEMS = {
    "births": Item("co-operatives", "co-operatives incorporated in the year", adds_up=True),
    "deaths": Item("co-operatives", "co-operatives dissolved in the year", adds_up=True),
    "stock": Item("co-operatives", "co-operatives there on 31 December", adds_up=True),
    "turnover": Item("pounds, nominal", "turnover", adds_up=True, low=accounts.ANYTHING),
    "members": Item("memberships", "memberships; one person may have several", adds_up=True),
    "employees": Item("employees", "people employed, printed for few", adds_up=True),
    "headquarters_turnover": Item("pounds, nominal", "turnover of large ones", adds_up=True),
    "headquarters_members": Item("memberships", "memberships in large ones", adds_up=True),
    "headquarters_employees": Item("employees", "employees of large ones", adds_up=True),
}
SEEN = {
    "whole": "all that the edition of 2017 has",
    "survivors": "only those that lived to February 2011: no earlier dissolution is in the source",
    "from_february": "January 2011 is not in the source",
    "late": "entered late: the edition of 2017 misses some that a later one would have",
    "last_accounts": "the last accounts known by that economic year, which may be older",
}
YEAR = "the calendar year; of turnover, members and employees the economic year"


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    organisations = edition(EDITION)
    placed = organisations[organisations["ecode"].notna()]
    counted = [counts(placed, item, cut) for item in EVENTS for cut in ("", *CUTS)]
    summed = sums(accounts.clean())
    table = finished([*counted, *summed], ITEMS, list(columns()), KEY + list(CUTS))
    return with_doubts_of_unit(table, TABLE, KEY + list(CUTS))


# ── counts ───────────────────────────────────────────────────────────────────────────────────────


def births(organisations: pd.DataFrame) -> pd.DataFrame:
    """Each organisation in the year in which it was incorporated."""
    return _in_year_of(organisations, "born", BIRTHS)


def deaths(organisations: pd.DataFrame) -> pd.DataFrame:
    """Each organisation in the year in which it was dissolved."""
    return _in_year_of(organisations, "died", DEATHS)


def stock(organisations: pd.DataFrame) -> pd.DataFrame:
    """Each organisation in every year on whose 31 December it was there.

    One without a day of incorporation, or dead without a day of dissolution, is in none: when it
    was there is not known.
    """
    known = organisations["born"].notna()
    known &= (organisations["status"] == "Live") | organisations["died"].notna()
    dated = organisations[known]
    born, died = (_year_of(dated[day]) for day in ("born", "died"))
    return pd.concat(
        dated[(born <= year) & ~(died <= year)].assign(year=np.int16(year)) for year in STOCK
    )


EVENTS = {"births": (births, BIRTHS), "deaths": (deaths, DEATHS), "stock": (stock, STOCK)}


def _year_of(days: pd.Series) -> pd.Series:
    return days.astype(object).str[:4].astype("float64")


def _in_year_of(organisations: pd.DataFrame, day: str, years: range) -> pd.DataFrame:
    year = _year_of(organisations[day])
    within = year.isin(list(years))
    return organisations[within].assign(year=year[within].astype("int16"))


def counts(organisations: pd.DataFrame, item: str, cut: str) -> pd.DataFrame:
    """How many of an item every council had in every year the source sees, 0 where none.

    By the words of `cut`, "sector" or "ownership"; of all where it is "".
    """
    events, years = EVENTS[item]
    found = events(organisations)
    words = sorted(organisations[cut].unique()) if cut else [ALL]
    kind = found[cut].astype(object) if cut else pd.Series(ALL, index=found.index)
    index = pd.MultiIndex.from_product([councils_now(), list(years), words])
    size = found.groupby([found["ecode"].astype(object), found["year"], kind]).size()
    return _laid_out(size.reindex(index, fill_value=0), item, cut)


def councils_now() -> list[str]:
    """The E-codes of every council of the lower tier, as councils are since 2023."""
    listed = lookups.council_table()
    alive = listed["last_year"].astype(int) == listed["last_year"].astype(int).max()
    return list(listed.index[alive & listed["council_class"].isin(["L", "MD", "UA", "SD"])])


def _laid_out(size: pd.Series, item: str, cut: str) -> pd.DataFrame:
    """Counts by council, year and word as rows of the table."""
    ecode, year, word = (size.index.get_level_values(level) for level in range(3))
    value = size.to_numpy("float64")
    table = pd.DataFrame({"number": value, "organisations": value})
    words = {name: pd.Categorical(word) if name == cut else constant(ALL, table) for name in CUTS}
    return _in_order(
        table.assign(
            ecode=pd.Categorical(ecode),
            year=year.to_numpy("int16"),
            item=constant(item, table),
            seen=pd.Categorical(year.map({y: seen(item, y) for y in year.unique()})),
            flag=constant("derived", table),
            source=constant(f"co_operatives/{EDITION}", table),
            sheet=constant(f"organisations_{EDITION}.csv", table),
            repeated=np.nan,
            without_figure=np.nan,
            **words,
        )
    )


def seen(item: str, year: int) -> str:
    """What the source can see of a count in a year: a word of SEEN."""
    if item == "births" and year < FIRST_DEATH:
        return "survivors"
    if item == "deaths":
        return "from_february" if year == FIRST_DEATH else "whole"
    return "late" if year >= LATE else "whole"


_ORDER = (
    "ecode", "year", "item", "number", "sector", "ownership", "organisations", "repeated",
    "without_figure", "seen", "flag", "source", "sheet", "place",
)  # fmt: skip


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(place=NOWHERE)[list(_ORDER)]


# ── sums ─────────────────────────────────────────────────────────────────────────────────────────


def sums(printed: pd.DataFrame) -> Iterable[pd.DataFrame]:
    """The accounts of each council's co-operatives added up: the large ones, and the others.

    A council whose co-operatives have no figure has none either: it is missing, not 0.
    """
    placed = printed[printed["ecode"].notna()]
    for large, prefix in (("no", ""), ("yes", HEADQUARTERS)):
        mine = placed[placed["headquarters"] == large]
        added = _added_up(mine, councils_now() if large == "no" else None)
        yield _summed(added, prefix)


def _added_up(printed: pd.DataFrame, places: list[str] | None) -> pd.DataFrame:
    """Sum, figures, repeated figures and blanks by council, item and year, of `places` or all."""
    there = printed["value"].notna()
    rows = printed.assign(
        ecode=printed["ecode"].astype(object),
        item=printed["item"].astype(object),
        repeated=(printed["repeated"] == "yes") & there,
        there=there,
        blank=~there,
    )
    by = rows.groupby(["ecode", "item", "year"])
    added = by[["value", "there", "repeated", "blank"]].sum()
    every = added.index.levels[0] if places is None else places
    index = itertools.product(every, accounts.ITEMS, added.index.levels[2])
    return added.reindex(pd.MultiIndex.from_tuples(index, names=added.index.names), fill_value=0)


def _summed(added: pd.DataFrame, prefix: str) -> pd.DataFrame:
    rows = added.reset_index()
    none = rows["there"] == 0
    return _in_order(
        rows.assign(
            ecode=pd.Categorical(rows["ecode"]),
            item=pd.Categorical(prefix + rows["item"]),
            year=rows["year"].astype("int16"),
            number=rows["value"].mask(none),
            organisations=rows["there"].astype("float64"),
            repeated=rows["repeated"].astype("float64"),
            without_figure=rows["blank"].astype("float64"),
            seen=constant("last_accounts", rows),
            flag=pd.Categorical(np.where(none, "missing", "derived")),
            source=constant(accounts.SOURCE, rows),
            sheet=constant("economy_2011-2016.csv", rows),
            **{name: constant(ALL, rows) for name in CUTS},
        )
    )


# ── the contract ─────────────────────────────────────────────────────────────────────────────────


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(
        ITEMS,
        YEAR,
        sector=category(f"the sector as printed, {ALL!r} where all are counted"),
        ownership=category(f"who owns them, as printed, {ALL!r} where all are counted"),
        organisations=number("how many organisations the figure is made of", nullable=False),
        repeated=number("of them, how many whose accounts an earlier economic year has too"),
        without_figure=number("how many more the economic year lists without a figure"),
        seen=category("; ".join(f"{name}: {meaning}" for name, meaning in SEEN.items())),
        doubt=doubt_of_unit(),
    )


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Co-operatives: born, died and there, and their accounts, by council and year",
        "By registered office, on the councils since 2023 in every year: nothing is held for those "
        "that were merged by then. Births before 2011 are survivors to 2011. Those whose "
        "postcode gives no council are in co_operative_organisations alone. Sector and ownership "
        "are each given for all words of the other. headquarters_ marks the sums of organisations "
        "with a hundredth or more of England's turnover, members or employees; the items without "
        "it leave them out.",
        ITEMS,
        columns(),
        [
            rule("Sectors and ownerships each add up to all.", _adds_up),
            rule(
                "A count is the number of its organisations.",
                lambda t: ~t["item"].isin(list(EVENTS)) | (t["value"] == t["organisations"]),
            ),
            rule(
                "No more accounts are repeated than there are.",
                lambda t: ~(t["repeated"] > t["organisations"]),
            ),
        ],
        KEY + list(CUTS),
        tier="lower",
    )


def _adds_up(table: pd.DataFrame) -> pd.Series:
    """True but for the rows of all whose sectors or ownerships make another sum."""
    whole = (table["sector"] == ALL) & (table["ownership"] == ALL)
    counted = table[table["item"].isin(list(EVENTS))]
    good = pd.Series(True, index=table.index)
    key = pd.MultiIndex.from_frame(table.loc[whole, KEY].astype({"ecode": object, "item": object}))
    for cut in CUTS:
        parts = counted[counted[cut] != ALL].astype({"ecode": object, "item": object})
        made = parts.groupby(KEY)["value"].sum().reindex(key).to_numpy()
        good.loc[whole] &= np.isnan(made) | (made == table.loc[whole, "value"].to_numpy())
    return good
