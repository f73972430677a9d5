"""children_spending: what each council spent on children's services, youth services among them.

From section 251 outturn, Table A1, 2008-09 to 2018-19, line by line, gross, income and net, by who
provided; from 2019-20 the nine lines that DfE's Local Authority Interactive Tool (LAIT) goes on
with, gross only. The two agree in 2016-17 to 2018-19, council by council, to the pound, but for
what coopstats/register/tie_out_differences.csv records. Unit: whole pounds, nominal.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import (
    category,
    contract,
    figure_or_reason,
    identity,
    number,
    placed,
    provenance,
    rule,
    year,
    zero_is_nothing,
)
from coopstats.clean.contracts.corrections import corrected
from coopstats.clean.contracts.doubts import LARGE, doubt, with_doubts
from coopstats.clean.contracts.misprints import with_doubts_of_kinds, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked, with_identity
from coopstats.clean.families import lait
from coopstats.clean.families.section_251 import PUBLICATION, returns
from coopstats.clean.sheets.accounts import rounded
from coopstats.clean.sheets.keys import numbered
from coopstats.clean.sheets.plain import constant
from coopstats.clean.sheets.sheet import cell_names
from coopstats.core.errors import UnreadableSource
from coopstats.register import reader

MAIN_BASIS = "gross_expenditure"
KEY = ["ecode", "year", "basis", "service"]
# Who provides a service, and how its grants count: two of a group can be exchanged.
KINDS = (
    (
        "own_provision", "private_provision", "other_public_provision", "public_provision",
        "voluntary_provision",
    ),
    ("grants_inside_aef", "grants_outside_aef"),
)  # fmt: skip

LAST_OF_SECTION_251 = 2018
DIFFER = (
    "figures are not the sum of their parts, or not what section 251 printed, as recorded (£, "
    "printed less added)"
)
EXACT = 0.51  # pounds: what rounding one figure to whole pounds can do

# The lines that make up total children and young people's services from 2012-13; the rules that
# find doubtful figures judge them, because LAIT prints nothing below.
CHIEF_LINES = (
    "youth",
    "youth_justice",
    "sure_start",
    "looked_after_children",
    "safeguarding",
    "family_support",
    "other_children_families",
)


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    printed, tool = returns(), corrected(tool_figures(), "number")
    later = tool[tool["year"] > LAST_OF_SECTION_251]
    table = stacked([printed, later[list(printed.columns)]])
    check(table, printed, tool)
    table["gbp"] = rounded(table.pop("number"))
    judged = with_doubts(table, PUBLICATION, list(CHIEF_LINES), MAIN_BASIS)
    table = with_identity(judged, list(columns()), KEY)
    table = with_doubts_of_unit(table, PUBLICATION, KEY, "gbp", LARGE)
    return with_doubts_of_kinds(table, PUBLICATION, KINDS)


# ── LAIT: nine of these lines, gross ─────────────────────────────────────────────────────────────


@functools.cache
def tool_lines() -> dict[str, str]:
    """LAIT's names of measures, as printed, and the lines that they are."""
    listed = reader.table_of("lines")
    mine = listed[listed["table"] == lait.PUBLICATION]
    return dict(zip(mine["printed_line"], mine["service"], strict=True))


@functools.cache
def _tool() -> lait.Long:
    return lait.read_measures(tuple(tool_lines()))


@functools.cache
def tool_figures() -> pd.DataFrame:
    """Every council's figure of LAIT's nine lines, the overlapping years too."""
    printed = lait.council_figures(_tool())
    _check_pairs(printed)
    return _withheld(_as_lines(printed))


def _check_pairs(printed: pd.DataFrame) -> None:
    twice = printed.duplicated(["ecode", "measure", "year"], keep=False)
    if twice.any():
        first = printed[twice].iloc[0]
        raise UnreadableSource(
            f"{_tool().sheet.source.file}: {first['measure']} of {first['year']} stands twice for "
            f"{first['ecode']}. A body may be counted once: compare the original."
        )


def _as_lines(printed: pd.DataFrame) -> pd.DataFrame:
    service = pd.Categorical(printed.pop("measure").astype(str).map(tool_lines()))
    return printed.assign(service=service, basis=constant(MAIN_BASIS, printed))


def _withheld(printed: pd.DataFrame) -> pd.DataFrame:
    """The figures, with the recorded reason where the publisher says why one is not given."""
    flag = printed["flag"].astype(str)
    listed = reader.table_of("withheld")
    for record in listed[listed["source"].isin(printed["source"].cat.categories)].itertuples():
        here = (printed["ecode"] == record.ecode) & (printed["year"] == int(record.year))
        here &= printed["number"].isna()
        flag = flag.mask(here, record.flag)
    return printed.assign(flag=flag.astype("category"))


def tool_england() -> pd.DataFrame:
    """What LAIT prints for England: service, year, number, place, source, sheet."""
    return _as_lines(lait.england(_tool()))


# ── what must agree ──────────────────────────────────────────────────────────────────────────────


def parts() -> pd.DataFrame:
    """Which lines are counted in which total, year by year: total, part, first_year, last_year."""
    listed = reader.table_of("line_totals")
    mine = listed[listed["table"] == PUBLICATION]
    return mine.astype({"first_year": int, "last_year": int})


# What the bases of a line are made of, where all of them are printed: the signs of the parts.
MADE_OF = {
    "gross_expenditure": {
        "own_provision": 1,
        "private_provision": 1,
        "other_public_provision": 1,
        "voluntary_provision": 1,
    },
    "net_expenditure": {"gross_expenditure": 1, "income": -1},
    "net_revenue_expenditure": {
        "net_expenditure": 1,
        "grants_inside_aef": -1,
        "grants_outside_aef": -1,
    },
}


def bases_off(printed: pd.DataFrame) -> pd.DataFrame:
    """Figures of a line that are not made of the same line's figures on other bases."""
    number, at = printed["number"].to_numpy(), numbered(printed, "year", "ecode", "service")
    of_basis = printed.groupby("basis", observed=True).indices
    size = len(of_basis), at.max(initial=-1) + 1
    wide = dict(zip(of_basis, np.full(size, np.nan), strict=True))
    for basis, rows in of_basis.items():
        wide[basis][at[rows]] = number[rows]
    added = np.full(len(printed), np.nan)
    for basis, parts in MADE_OF.items():
        if {basis, *parts} <= {*wide}:
            rows = of_basis[basis]
            added[rows] = sum(sign * wide[part][at[rows]] for part, sign in parts.items())
    off = np.flatnonzero(np.abs(number - added) > 2 * EXACT)
    return _beside(printed, off, added[off])


def totals_off(table: pd.DataFrame) -> pd.DataFrame:
    """Printed totals that are not the sum of their lines, on each basis.

    Each line and the total may have been rounded to whole pounds.
    """
    number, year = table["number"].to_numpy(), table["year"].to_numpy()
    at = numbered(table, "year", "ecode", "basis")
    size = at.max(initial=-1) + 1
    of_line, none = table.groupby("service", observed=True).indices, np.empty(0, dtype=int)
    found = []
    for total, parts_of in parts().groupby("total"):
        lines = np.concatenate(
            [_counted(of_line.get(p.part, none), year, p) for p in parts_of.itertuples()]
        )
        lines = lines[~np.isnan(number[lines])]
        added = np.bincount(at[lines], number[lines], minlength=size)
        count = np.bincount(at[lines], minlength=size)
        rows = of_line.get(total, none)
        off = np.abs(number[rows] - added[at[rows]]) > EXACT * (1 + count[at[rows]])
        rows = rows[off & (count[at[rows]] > 0)]
        found.append((rows, added[at[rows]]))
    return _beside(table, *map(np.concatenate, zip(*found, strict=True)))


def _counted(line: np.ndarray, year: np.ndarray, part: Any) -> np.ndarray:
    """The rows of a line in the years in which it is counted in its total."""
    return line[(year[line] >= part.first_year) & (year[line] <= part.last_year)]


def _beside(table: pd.DataFrame, rows: np.ndarray, added: np.ndarray) -> pd.DataFrame:
    """Some figures as `printed`, beside what was added up to be the same."""
    printed = table.iloc[rows].rename(columns={"number": "printed"})
    return printed.assign(added=added).reset_index(drop=True)


def check(table: pd.DataFrame, returns: pd.DataFrame, tool: pd.DataFrame) -> pd.DataFrame:
    """The differences with their recorded reasons; TieOutFailed when they are not the record."""
    found = pd.concat(
        [
            bases_off(returns),
            totals_off(table),
            _join_off(returns, tool),
            _england_off(tool, tool_england()),
        ],
        ignore_index=True,
    )
    return tie_out.settled(in_words(found), [PUBLICATION, lait.PUBLICATION], DIFFER)


def in_words(found: pd.DataFrame) -> pd.DataFrame:
    """Differences in the columns of `coopstats.clean.contracts.tie_out.differences`, in pounds.

    `printed` is the total's cell, or LAIT's; `added` the sum of the lines or of the bases, or what
    section 251 printed for the council, or for LAIT's England the sum of its councils.
    """
    found = found.assign(cell=cell_names(found["place"].to_numpy()).astype(object))
    found["difference"] = (found["printed"] - found["added"]).round(2)
    return found[["source", "sheet", "cell", "service", "printed", "added", "difference"]]


def _join_off(returns: pd.DataFrame, tool: pd.DataFrame) -> pd.DataFrame:
    """Councils' figures that section 251 and LAIT print for the same line and year otherwise."""
    ours = returns[returns["basis"] == MAIN_BASIS]
    both = _overlap(ours, tool)
    off = (both["printed"] - both["added"]).abs() > EXACT
    return both[off | (both["printed"].isna() != both["added"].isna())]


def _overlap(ours: pd.DataFrame, tool: pd.DataFrame) -> pd.DataFrame:
    key = ["year", "ecode", "service"]
    theirs = tool.rename(columns={"number": "printed"})
    theirs = theirs[theirs["year"] <= LAST_OF_SECTION_251].astype(dict.fromkeys(key, object))
    added = ours.astype(dict.fromkeys(key, object)).rename(columns={"number": "added"})
    return theirs.merge(added[[*key, "added"]], on=key, how="left")


def overlap(returns: pd.DataFrame, tool: pd.DataFrame) -> pd.DataFrame:
    """Every line that both print: year, ecode, service, LAIT's figure, section 251's."""
    both = _overlap(returns[returns["basis"] == MAIN_BASIS], tool)
    return both[["year", "ecode", "service", "printed", "added"]]


def _england_off(tool: pd.DataFrame, england: pd.DataFrame) -> pd.DataFrame:
    """LAIT's England beside the sum of its councils, each of them rounded to whole pounds."""
    by = [tool["year"], tool["service"]]
    grouped = tool["number"].groupby(by, observed=True)
    key = pd.MultiIndex.from_frame(england[["year", "service"]])
    both = england.rename(columns={"number": "printed"})
    both = both.assign(added=grouped.sum().reindex(key).to_numpy())
    rounding = EXACT * (1 + grouped.count().reindex(key).to_numpy())
    return both[(both["printed"] - both["added"]).abs() > rounding]


# ── the contract ─────────────────────────────────────────────────────────────────────────────────

BASES = {
    "gross_expenditure": "all that was spent; the main basis, the only one that LAIT goes on with",
    "income": "what came in for the line from others than central government, charges among it",
    "net_expenditure": "gross less income",
    "own_provision": "gross, provided by the council itself (from 2009-10)",
    "private_provision": "gross, bought from private providers",
    "other_public_provision": "gross, provided by other public bodies (from 2009-10)",
    "voluntary_provision": "gross, provided by voluntary bodies",
    "public_provision": "gross, provided by the council and other public bodies (2008-09)",
    "grants_inside_aef": "government grants inside aggregate external finance (from 2009-10)",
    "grants_outside_aef": "government grants outside aggregate external finance (from 2009-10)",
    "net_revenue_expenditure": "net expenditure less those grants (from 2009-10)",
}


def columns() -> dict:
    """The columns of the contract."""
    known = rule("Every basis is one of those in the dictionary.", lambda b: b.isin(BASES))
    return {
        **identity(),
        "year": year(),
        "service": category(
            "the line's stable name, see coopstats/register/lines.csv; totals stand beside their "
            "parts, see coopstats/register/line_totals.csv"
        ),
        "basis": category("; ".join(f"{b}: {m}" for b, m in BASES.items()), checks=[known]),
        "gbp": number("whole pounds, nominal; printed in pounds", "Int64"),
        **provenance(),
        "doubt": doubt(kinds=True),
    }


def promised():
    """The contract."""
    return contract(
        PUBLICATION,
        "Children's services: spending by council, year and line",
        "What councils with children's services spent on youth services, children's centres, "
        "looked-after children, safeguarding and the rest: section 251 outturn to 2018-19, then "
        "nine of its lines from DfE's Local Authority Interactive Tool, gross only. Totals stand "
        "beside their parts: never add them up together. Youth services begin in 2010-11.",
        columns(),
        KEY,
        [
            figure_or_reason("gbp"),
            zero_is_nothing("gbp"),
            placed(),
            rule(
                "From 2019-20 every figure is gross expenditure.",
                lambda t: (t["year"] <= LAST_OF_SECTION_251) | (t["basis"] == MAIN_BASIS),
            ),
        ],
        unit="pounds, nominal",
        value="gbp",
        tier="upper",
        main_basis=MAIN_BASIS,
    )
