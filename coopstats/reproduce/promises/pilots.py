"""What pilots.csv, evidence.csv and network.csv promise."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from coopstats.clean.contracts.contract import contract, rule
from coopstats.register.dates import PRECISIONS, first_full_year, span
from coopstats.register.evidence import GRADES, STATUSES, UNVERIFIED
from coopstats.register.members import CERTAINTIES
from coopstats.register.pilots import KINDS, LEVELS, SCOPES, TESTABLE
from coopstats.register.reader import rows_of
from coopstats.reproduce.promises.rules import (
    a_council,
    each,
    filled,
    is_day,
    one_of,
    ordered,
    tables_exist,
    whole,
    words,
)

if TYPE_CHECKING:
    import pandera.pandas as pa

NAMED = {f"P{n}" for n in range(1, 23)}
FOUNDERS, NAMELESS = 13, 2


def _fits(first: str, last: str, precision: str) -> bool:
    """Do two days agree with how fine they are said to be?"""
    if precision == "continues":
        return last == ""
    kept = {"day": 10, "month": 7, "year": 4}.get(precision)
    return kept is None or (first != "" and first[:kept] == last[:kept])


def _first_full(row: pd.Series) -> str:
    try:
        year = first_full_year(span(row["start_from"], row["start_to"], row["start_precision"]))
    except ValueError:
        return "no day"
    return "" if year is None else str(year)


def _structural(row: pd.Series) -> bool:
    dated = row["start_precision"] in ("day", "month", "year")
    return row["level"] != "structural" or (dated and row["body"] != "" and row["ecode"] != "")


@cache
def evidence_on(of: str) -> dict[str, frozenset[str]]:
    """What the register has evidence on, taken and not set aside, by pilot or member."""
    taken: dict[str, set[str]] = {}
    for row in rows_of("evidence"):
        if row["of"] == of:
            sides = {row["about"]} if row["status"] == "taken" else set()
            taken.setdefault(row["subject"], set()).update(sides)
    return {subject: frozenset(about) for subject, about in taken.items()}


def _dates_said(row: pd.Series) -> bool:
    """Is there a sentence for a start and for an end that are given?"""
    said = evidence_on("pilot").get(row["pilot"], frozenset())
    given = {end: row[f"{end}_from"] or row[f"{end}_to"] for end in ("start", "end")}
    return all(name in said for name, first in given.items() if first)


def promised_pilots() -> pa.DataFrameSchema:
    """pilots.csv."""
    return contract(
        "pilots", "Pilots", "One row a programme.",
        words("pilot named_as name scope ecode council service kind level body start_from "
               "start_to start_precision end_from end_to end_precision first_full_year came_to "
               "moves_spending moves_outcomes placebo_spending placebo_outcomes testable why "
               "confounders note"),
        key=["pilot"],
        rules=[
            filled("pilot", "name", "service", "came_to", "why"), a_council(),
            one_of("scope", SCOPES), one_of("kind", KINDS), one_of("level", LEVELS),
            one_of("testable", TESTABLE), one_of("start_precision", PRECISIONS[:-1]),
            one_of("end_precision", PRECISIONS),
            each("A pilot of the scope council has one, and no other has.",
                  lambda r: (r["scope"] == "council") == (r["ecode"] != "")),
            each("Its days are days, in their order.",
                  lambda r: ordered(r, "start_from", "start_to", "end_from", "end_to")),
            each("The days of a start and an end are as fine as they are said to be.",
                  lambda r: all(_fits(r[f"{e}_from"], r[f"{e}_to"], r[f"{e}_precision"])
                                for e in ("start", "end"))),
            each("What is structural has a council, a date and a named body.", _structural),
            each("`first_full_year` is what its start gives.",
                  lambda r: r["first_full_year"] == _first_full(r)),
            tables_exist("moves_spending", "moves_outcomes", "placebo_spending",
                         "placebo_outcomes"),
            each("Every pilot has evidence.", lambda r: r["pilot"] in evidence_on("pilot")),
            each("A start and an end that are given have a sentence that says so.", _dates_said),
            each("A pilot is in plan.csv where it can be compared or described, and only there.",
                  lambda r: (r["testable"] != "no") == (r["pilot"] in _planned())),
            whole("P1 to P22 are all there.", lambda t: set(t["named_as"]) - {""} == NAMED),
        ],
    )  # fmt: skip


@cache
def _planned() -> frozenset[str]:
    return frozenset(row["pilot"] for row in rows_of("plan"))


def _subject_exists(row: pd.Series) -> bool:
    file, key = {"pilot": ("pilots", "pilot"), "member": ("network", "member")}[row["of"]]
    return any(row["subject"] == other[key] for other in rows_of(file))


def _beside(t: pd.DataFrame) -> pd.Series:
    """Is there, for a sentence set aside, one on the same thing that is taken?"""
    key = ["of", "subject", "about"]
    taken = set(map(tuple, t.loc[t["status"] == "taken", key].to_numpy()))
    return pd.Series(
        [s != "set aside" or tuple(k) in taken
         for s, k in zip(t["status"], t[key].to_numpy(), strict=True)], index=t.index,
    )  # fmt: skip


def promised_evidence() -> pa.DataFrameSchema:
    """evidence.csv."""
    return contract(
        "evidence", "Evidence", "One row a sentence of a source.",
        words("of subject about citation address date_read quote grade status reason"),
        key=["of", "subject", "about", "citation", "address", "quote"],
        rules=[
            filled("subject", "about", "citation"), one_of("of", ("pilot", "member")),
            one_of("grade", GRADES), one_of("status", STATUSES),
            each("It is on a pilot or a member that exists.", _subject_exists),
            each("A grade above unverified has an address, a day on which it was read, and a "
                  "quoted sentence.",
                  lambda r: (r["grade"] == UNVERIFIED)
                  != bool(r["address"] and is_day(r["date_read"]) and r["quote"])),
            each("What is set aside says why.",
                  lambda r: r["status"] != "set aside" or r["reason"] != ""),
            rule("What is set aside stands beside what is taken on the same thing.", _beside),
        ],
    )  # fmt: skip


def promised_network() -> pa.DataFrameSchema:
    """network.csv."""
    return contract(
        "network", "Members of the network", "One row an interval of membership.",
        words("member ecode gss council nation founder first_possible first_seen last_seen "
               "absent_from certainty note"),
        key=["member"],
        rules=[
            filled("member", "nation", "first_possible", "first_seen", "last_seen"), a_council(),
            one_of("nation", ("England", "Scotland", "Wales")),
            one_of("founder", ("named", "claimed", "no")), one_of("certainty", CERTAINTIES),
            each("Its days are days, in their order.",
                  lambda r: ordered(r, "first_possible", "first_seen", "last_seen",
                                     "absent_from")),
            each("A council of England has its E-code; a founder that nobody names has none.",
                  lambda r: (r["ecode"] != "")
                  == (r["nation"] == "England" and r["founder"] != "claimed")),
            each("Every member has evidence.", lambda r: r["member"] in evidence_on("member")),
            whole("Thirteen founders are claimed, of whom two are not named.",
                   lambda t: ((t["founder"] != "no").sum(), (t["founder"] == "claimed").sum())
                   == (FOUNDERS, NAMELESS)),
        ],
    )  # fmt: skip
