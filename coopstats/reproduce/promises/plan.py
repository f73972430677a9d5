"""What plan.csv, exclusions.csv, neighbours.csv and searches.csv promise."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from coopstats.clean.contracts.contract import contract, rule
from coopstats.datasets.load import load
from coopstats.register.breaks import severed_years
from coopstats.register.councils import bodies
from coopstats.register.members import memberships
from coopstats.register.pilots import pilots
from coopstats.register.reader import parts, rows_of
from coopstats.reproduce.promises.rules import (
    a_council,
    each,
    exists,
    filled,
    is_day,
    one_of,
    planned_line,
    whole,
    words,
)

if TYPE_CHECKING:
    import pandera.pandas as pa

RELATIONS = ("neighbour", "shared service", "rival transformation")
ESTIMATORS = ("did_all_pre", "poisson", "description")
BASELINES = ("equal", "nearest", "matched", "synthetic", "synthetic_demeaned", "")
FORMS = ("comparison", "description")
FEWEST_YEARS, FEWEST_FOR_SYNTHETIC = 3, 7


def _of_pilot(row: pd.Series) -> bool:
    return any(p.slug == row["pilot"] for p in pilots())


def _treated(row: pd.Series) -> bool:
    """Is it a pilot whose council was treated, and another council that is left out?"""
    found = [p for p in pilots() if p.slug == row["pilot"]]
    return bool(found) and found[0].level == "structural" and found[0].ecode != row["ecode"]


def promised_exclusions() -> pa.DataFrameSchema:
    """exclusions.csv."""
    return contract(
        "exclusions", "Councils left out", "One row a council left out beside a pilot.",
        words("pilot ecode council relation reason citation address date_read quote"),
        key=["pilot", "ecode"],
        rules=[
            a_council(), one_of("relation", RELATIONS),
            filled("pilot", "ecode", "reason", "citation", "address", "date_read", "quote"),
            each("It is beside a structural pilot of another council.", _treated),
        ],
    )  # fmt: skip


def window(row: pd.Series, side: str) -> list[int]:
    """The years of a row of the plan before or after the start, without those left out."""
    first, last = row[f"{side}_first"], row[f"{side}_last"]
    if not (first and last):
        return []
    left_out = {int(year) for year in parts(row["left_out"])}
    return [y for y in range(int(first), int(last) + 1) if y not in left_out]


def _after_is_the_pilot_s(row: pd.Series) -> bool:
    """Is the window within the first five full years, from the first of them?"""
    after = window(row, "after")
    found = [p for p in pilots() if p.slug == row["pilot"]]
    if not found or not found[0].years:
        return bool(found)
    years = list(found[0].years)
    return bool(after) and after[0] == years[0] and set(after) <= set(years)


def _comparable(row: pd.Series) -> bool:
    """Enough years, and for a synthetic control more, unless it is a description."""
    if row["form"] == "description":
        return row["estimator"] == "description"
    fewest = FEWEST_FOR_SYNTHETIC if "synthetic" in row["baseline"] else 1
    enough = len(window(row, "after")) >= FEWEST_YEARS and len(window(row, "before")) >= fewest
    return enough and row["estimator"] != "description" and row["baseline"] != ""


def _unbroken(row: pd.Series) -> bool:
    before, after = window(row, "before"), window(row, "after")
    if not before or not after:
        return True
    return severed_years(row["table"], row["service"] or None, before[0], after[-1]) == []


def _held(row: pd.Series) -> bool:
    """Does the table hold the years that a comparison needs?"""
    if not exists(planned_line(dict(row))) or row["form"] == "description":
        return True
    return set(window(row, "before") + window(row, "after")) <= _years(row["table"], row["service"])


@cache
def _years(table: str, service: str) -> frozenset[int]:
    rows = load(table, service=service) if service else load(table)
    return frozenset(rows["year"].astype(int))


def promised_plan() -> pa.DataFrameSchema:
    """plan.csv."""
    return contract(
        "plan", "The plan", "One row an outcome of a pilot, fixed before results were seen.",
        words("pilot order group table service measure unit before_first before_last "
               "after_first after_last left_out donors baseline beside estimator inference form "
               "reason"),
        key=["pilot", "table", "service", "measure"],
        rules=[
            filled("pilot", "table", "measure", "unit", "reason"),
            one_of("order", ("primary", "secondary")), one_of("form", FORMS),
            one_of("baseline", BASELINES), one_of("estimator", ESTIMATORS),
            each("It is of a pilot of pilots.csv.", _of_pilot),
            each("Every table named is built, and every service named is in it.",
                  lambda r: exists(planned_line(dict(r)))),
            each("The years after are of the pilot's first five full years, from the first.",
                  _after_is_the_pilot_s),
            each("A comparison has three years after, one before, seven for a synthetic control; "
                  "else it is a description.", _comparable),
            each("No severing break lies in its years.", _unbroken),
            each("The table holds the years that a comparison needs.", _held),
            rule("A pilot has one primary outcome.",
                 lambda t: t["pilot"].map(t[t["order"] == "primary"]["pilot"].value_counts()) == 1),
        ],
    )  # fmt: skip


def promised_searches() -> pa.DataFrameSchema:
    """searches.csv."""
    return contract(
        "searches", "Searches", "One row a thing that was looked for and not found, or not all.",
        words("sought about date where words found"),
        key=["sought"],
        rules=[
            filled("sought", "about", "where", "words", "found"),
            each("It has a day.", lambda r: is_day(r["date"])),
            each("It is about the network or a pilot of pilots.csv.",
                  lambda r: r["about"] == "network"
                  or any(r["about"] == p["pilot"] for p in rows_of("pilots"))),
        ],
    )  # fmt: skip


def _own_list(row: pd.Series) -> bool:
    near = parts(row["neighbours"])
    known = all(code in bodies() for code in near)
    return known and len(near) == len(set(near)) and row["ecode"] not in near


def promised_neighbours() -> pa.DataFrameSchema:
    """neighbours.csv."""
    return contract(
        "neighbours", "Published nearest neighbours", "One row a pilot's or member's council.",
        words("ecode council neighbours citation note"),
        key=["ecode"],
        rules=[
            a_council(), filled("neighbours", "citation", "note"),
            each("Its neighbours are other councils of councils.csv, each once.", _own_list),
            whole("Every council of a pilot or a member has a list.",
                   lambda t: {p.ecode for p in pilots() if p.ecode}
                   | {m.ecode for m in memberships() if m.ecode} <= set(t["ecode"])),
        ],
    )  # fmt: skip
