"""young_people: first-time entrants to the youth justice system, and young people in nothing.

Two publishers, never joined: London's boroughs from Public Health England's outcomes framework of
November 2015 (items that end in _london), and every upper-tier council from DfE's Local Authority
Interactive Tool (LAIT). Entrants are per 100,000 people aged 10 to 17 and calendar year. NEET
(not in education, employment or training) is counted in winter, a year here being the one in
which that winter begins: LAIT's label is the year in which it ends.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

import pandas as pd

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import category, rule
from coopstats.clean.contracts.misprints import doubt_of_unit, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked
from coopstats.clean.families import lait, public_health
from coopstats.clean.families.outcomes import (
    DIFFERS,
    KEY,
    Item,
    all_but,
    finished,
    side_by_side,
    tie_out_differences,
)
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets import rates
from coopstats.clean.sheets.bodies import lived_in
from coopstats.clean.sheets.sheet import Sheet
from coopstats.register import lookups

TABLE = "young_people"
PER_100_000 = "per 100,000 aged 10 to 17"
ITEMS = {
    "entrants_london": Item(
        "people",
        "people aged 10 to 17 who received a first caution or conviction, estimated by PHE with "
        "fractions; London only",
        adds_up=True,
    ),
    "people_10_17_london": Item(
        "people", "people aged 10 to 17 in the middle of the year before, as PHE used", adds_up=True
    ),
    "entrant_rate_london": Item(PER_100_000, "the first over the second", high=100_000),
    "neet_london": Item(
        "people",
        "people aged 16 to 18 not in education, employment or training (NEET), to the nearest ten, "
        "adjusted for those not known; London only",
        adds_up=True,
    ),
    "known_16_18_london": Item(
        "people", "people aged 16 to 18 whose activity is known", adds_up=True
    ),
    "neet_share_london": Item("per cent", "the first over the second, NEET of 16 to 18", high=100),
    "entrant_rate": Item(
        PER_100_000, "first-time entrants aged 10 to 17, as LAIT gives them", high=100_000
    ),
    "neet_share": Item("per cent", "people aged 16 and 17 who are NEET (LAIT)", high=100),
    "not_known_share": Item("per cent", "people aged 16 and 17 of unknown activity", high=100),
    "neet_or_not_known_share": Item("per cent", "the two together", high=100),
}
ENTRANTS = "1.04 - First time entrants to the youth justice system"
NEET = "1.05 - 16-18 year olds not in education employment or training"
OF_LONDON = {
    ENTRANTS: {
        "Count": "entrants_london",
        "Denominator": "people_10_17_london",
        "Value": "entrant_rate_london",
    },
    NEET: {
        "Count": "neet_london",
        "Denominator": "known_16_18_london",
        "Value": "neet_share_london",
    },
}
BY_CALENDAR_YEAR = {"FirstYJS": "entrant_rate"}
BY_WINTER = {
    "16-17 NEET": "neet_share",
    "16-17_not known": "not_known_share",
    "16-17_not known_NEET": "neet_or_not_known_share",
}
YEAR = (
    "the calendar year; for shares and numbers of NEET, the one in which the winter of the count "
    "begins"
)
# Half the step to which a count of NEET is rounded, and half that of a printed share.
TENS, TENTHS = 5, 0.05


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    london, tool = of_london(), of_tool()
    check_london(london)
    check_rates(tool)
    table = finished([london, tool], ITEMS, list(columns()), KEY)
    return with_doubts_of_unit(table, TABLE, KEY)


# ── London's boroughs, from Public Health England ────────────────────────────────────────────────


def of_london() -> pd.DataFrame:
    """Both indicators of the boroughs, each with the count and the denominator behind it."""
    return stacked(
        public_health.borough_figures(indicator, items) for indicator, items in OF_LONDON.items()
    )


def check_london(london: pd.DataFrame) -> pd.DataFrame:
    """The boroughs add up to the printed London, or the difference is on record."""
    printed = stacked(
        public_health.printed_totals(public_health.LONDON, indicator, items)
        for indicator, items in OF_LONDON.items()
    )
    wholes = printed[printed["item"].map({n: i.adds_up for n, i in ITEMS.items()}).astype(bool)]
    found = tie_out_differences(london, wholes, ROUNDING)
    rounded = (found["service"] == "neet_london") & (found["difference"].abs() <= TENS_OF_ALL)
    return tie_out.settled(found[~rounded], [public_health.TABLE], DIFFERS, ITEMS)


TENS_OF_ALL = TENS * 34  # 33 boroughs and London itself, each to the nearest ten
ROUNDING = 0.5


# ── every upper-tier council, from LAIT ──────────────────────────────────────────────────────────


def winter(sheet: Sheet, row: int) -> int:
    """The year in which the winter begins that LAIT labels with the year of its end."""
    return lait.single_year(sheet, row) - 1


@functools.cache
def _long(by_winter: bool, /) -> lait.Long:
    all_four = (*BY_CALENDAR_YEAR, *BY_WINTER)
    if by_winter:
        return lait.read_measures(tuple(BY_WINTER), winter, all_four)
    return lait.read_measures(tuple(BY_CALENDAR_YEAR), lait.single_year, all_four)


def of_tool() -> pd.DataFrame:
    """The four measures, every council that existed in a part of the year."""
    entrants = lait.council_figures(_long(False), lived_in_part)
    shares = lait.council_figures(_long(True))
    return stacked(
        [
            _as_items(entrants.assign(mark=_part_years(entrants)), BY_CALENDAR_YEAR),
            _as_items(shares.assign(mark=pd.Categorical([None] * len(shares))), BY_WINTER),
        ]
    )


def _as_items(printed: pd.DataFrame, items: Mapping[str, str]) -> pd.DataFrame:
    item = pd.Categorical(printed["measure"].astype(object).map(items))
    table = printed.assign(item=item).drop(columns="measure")
    return table[["number", "flag", "place", "source", "sheet", "ecode", "item", "year", "mark"]]


def lived_in_part(ecode: str, year: int) -> bool:
    """Did the council exist in a part of the calendar year? Councils begin and end in April."""
    return lived_in(ecode, year) or lived_in(ecode, year - 1)


def _part_years(printed: pd.DataFrame) -> pd.Categorical:
    """part_year where a council began or ended in April of the year."""
    return pd.Categorical(
        [
            None if lived_in(ecode, year) and lived_in(ecode, year - 1) else "part_year"
            for ecode, year in zip(printed["ecode"], printed["year"], strict=True)
        ]
    )


def check_rates(tool: pd.DataFrame) -> pd.DataFrame:
    """A region's rate lies between its councils', England's between its regions'."""
    areas = stacked(
        _areas(_long(winter_), items)
        for winter_, items in ((False, BY_CALENDAR_YEAR), (True, BY_WINTER))
    )
    england = areas["whole"] == lait.ENGLAND.casefold()
    regions = areas[~england].assign(whole=lait.ENGLAND.casefold())
    region = tool["ecode"].map(lookups.council_table()["region"]).astype(object).str.casefold()
    parts = pd.concat([p[[*rates.KEY, "number"]] for p in (regions, tool.assign(whole=region))])
    return rates.check(areas, parts, _long(False).sheet.source.id)


def _areas(long: lait.Long, items: Mapping[str, str]) -> pd.DataFrame:
    printed = lait.areas(long)
    item = pd.Categorical(printed["measure"].map(items))
    whole = printed["area"].str.casefold()
    return printed.assign(item=item, whole=whole).drop(columns=["measure", "area"])


# ── what is promised ─────────────────────────────────────────────────────────────────────────────


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(
        ITEMS,
        YEAR,
        mark=category(
            "data_quality where PHE notes an issue with the quality of the share; part_year where "
            "the council began or ended in April of the year, so that the figure can be of a part "
            "of it; null elsewhere",
            nullable=True,
        ),
        doubt=doubt_of_unit(),
    )


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Young people: first-time entrants to youth justice, and NEET",
        "London's boroughs 2010 to 2014 from Public Health England; every upper-tier council from "
        "DfE's LAIT, entrants 2016 to 2024 and NEET of 16 and 17 from the winter of 2017-18. They "
        "differ in ages, populations and adjustments and are never one series; 2015 is not held. "
        "That LAIT labels a winter by its end is inferred from the year in which its councils end.",
        ITEMS,
        columns(),
        [
            rule("A rate is its count over its denominator, within their rounding.", _makes_rate),
            rule("NEET and not known make the share of both, but for rounding.", _makes_both),
        ],
        tier="upper",
    )


def _makes_rate(table: pd.DataFrame) -> pd.Series:
    wide = side_by_side(table, ITEMS)
    entrants = 1e5 * wide["entrants_london"] / wide["people_10_17_london"]
    neet = 100 * wide["neet_london"] / wide["known_16_18_london"]
    off = (entrants - wide["entrant_rate_london"]).abs() > 1e-6
    room = 100 * TENS / wide["known_16_18_london"] + TENTHS
    loose = (neet - wide["neet_share_london"]).abs() > room
    return all_but(table, "entrant_rate_london", off) & all_but(table, "neet_share_london", loose)


def _makes_both(table: pd.DataFrame) -> pd.Series:
    wide = side_by_side(table, ITEMS)
    apart = wide["neet_share"] + wide["not_known_share"] - wide["neet_or_not_known_share"]
    return all_but(table, "neet_or_not_known_share", apart.abs() > 3 * TENTHS + 1e-9)
