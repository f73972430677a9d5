"""councils: every body of the accounts, what it was, what it became, where it stands on the map.

One row a body, from coopstats/register, with its hexagon in two layouts by Open Innovations. In a
layout each council is one hexagon of the same size, near its place: q counts columns from west to
east, r rows from south to north, and every odd row stands half a hexagon to the right ("odd-r").
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import category, contract, identity, number, rule, year
from coopstats.clean.sheets.accounts import check_twice
from coopstats.clean.sheets.plain import bodies_of
from coopstats.clean.sheets.sheet import Sheet, sheets_of
from coopstats.core.sources import read_sources
from coopstats.register import lookups, reader

KEY = ["ecode"]
LAYOUTS = {2021: "councils/2021", 2023: "councils/2023"}
FIRST, LAST = 2007, 2023  # the accounts that are held: a body may be older, and live on
KINDS = (
    "principal",
    "police",
    "fire",
    "waste",
    "transport",
    "park",
    "combined authority",
    "greater london authority",
)


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    listed = lookups.council_table().copy()
    table = listed.assign(
        former_gss=former_codes(),
        became=became(),
        first_year=listed["first_year"].astype("int16"),
        last_year=listed["last_year"].astype("int16"),
    )
    for layout, source in LAYOUTS.items():
        table = table.join(hexagons(next(sheets_of(read_sources()[source])), layout))
    words = table.select_dtypes(["object", "str"]).columns
    table = table.assign(**{c: pd.Categorical(table[c].replace({"": None})) for c in words})
    return table.reset_index(drop=True)[list(columns())].sort_values(KEY, ignore_index=True)


def became() -> pd.Series:
    """The names of what each body that ended became, by E-code: "Cumberland; Westmorland …"."""
    names = lookups.council_table()["council"]
    said = {
        ecode: "; ".join(sorted(names[e] for e in successors))
        for ecode, successors in lookups.successors().items()
    }
    return pd.Series(said, dtype="str")


def former_codes() -> pd.Series:
    """The ONS codes that a body had before its last one, by E-code."""
    codes = reader.table_of("codes")
    last = codes["ecode"].map(lookups.council_table()["gss"])
    former = codes[(codes["system"] == "gss") & (codes["code"] != last)]
    return former.sort_values("code").groupby("ecode")["code"].agg("; ".join)


def hexagons(sheet: Sheet, layout: int) -> pd.DataFrame:
    """Where each English council stands in a layout, by E-code."""
    bodies = bodies_of(sheet, "code", "n")
    check_twice(sheet, bodies)
    rows = np.array(list(bodies))
    place = {f"hex_{layout}_{axis}": sheet.number[rows, sheet.column(axis)] for axis in "qr"}
    return pd.DataFrame(place, index=list(bodies.values())).astype("Int16")


def columns() -> dict:
    """The columns of the contract."""
    kinds = rule("Every kind is one of those in the dictionary.", lambda k: k.isin(KINDS))
    return {
        **identity(),
        "kind": category("; ".join(KINDS), checks=[kinds]),
        "subregion": category("inner or outer London; null elsewhere", nullable=True),
        "county": category("the E-code of a shire district's county", nullable=True),
        "first_year": year(f"the first financial year with accounts; {FIRST} means or earlier"),
        "last_year": year(f"the last financial year with accounts; {LAST} means or later"),
        "former_gss": category("ONS codes it had before the last, '; ' between", nullable=True),
        "became": category("names of the bodies it became, '; ' between", nullable=True),
        **{
            f"hex_{layout}_{axis}": number(
                f"{way} of its hexagon in the layout of {layout} (Open Innovations, MIT licence); "
                "null where it has none",
                "Int16",
            )
            for layout in LAYOUTS
            for axis, way in (("q", "column, from the west"), ("r", "row, from the south"))
        },
    }


def promised():
    """The contract."""
    return contract(
        "councils",
        "Councils: every body of the accounts, its codes, years, successors and place on the map",
        "One row a body that has a row in the Revenue Outturn Summaries. The hexagons are "
        "Open Innovations' cartograms of UK local authority districts, 2021 and 2023.",
        columns(),
        KEY,
        [
            rule("No body ends before it begins or outside the accounts held.", _held),
            rule("A body that ended names what it became, and no other body does.", _ended),
            rule("Shire districts name a shire county, and nobody else does.", _in_county),
            rule(
                "Every council has an ONS code; bodies of other kinds may never have had one.",
                lambda t: t["gss"].notna() | (t["kind"] != "principal"),
            ),
            rule("No two councils share a hexagon.", _own_hexagon),
            *(_mapped(layout) for layout in LAYOUTS),
        ],
        publications=list(LAYOUTS.values()),
    )


def _held(table: pd.DataFrame) -> pd.Series:
    first, last = table["first_year"], table["last_year"]
    return (first >= FIRST) & (first <= last) & (last <= LAST)


def _ended(table: pd.DataFrame) -> pd.Series:
    return table["became"].notna() == (table["last_year"] < LAST)


def _in_county(table: pd.DataFrame) -> pd.Series:
    counties = table.loc[table["council_class"] == "SC", "ecode"]
    return (
        table["county"].isin(counties).where(table["council_class"] == "SD", table["county"].isna())
    )


def _own_hexagon(table: pd.DataFrame) -> pd.Series:
    shared = pd.Series(False, index=table.index)
    for layout in LAYOUTS:
        place = table[[f"hex_{layout}_q", f"hex_{layout}_r"]]
        shared |= place.notna().all(axis=1) & place.duplicated(keep=False)
    return ~shared


def _mapped(layout: int) -> Any:
    """The rule that a layout maps the lower-tier councils of its year, and no others."""

    def holds(table: pd.DataFrame) -> pd.Series:
        there = (table["first_year"] <= layout) & (table["last_year"] >= layout)
        lower = (table["kind"] == "principal") & (table["council_class"] != "SC")
        place = table[[f"hex_{layout}_q", f"hex_{layout}_r"]].notna()
        return place.eq(there & lower, axis=0).all(axis=1)

    return rule(
        f"Every district and single-tier council of {layout} has a hexagon in the layout of "
        f"{layout}, and no other body has.",
        holds,
    )
