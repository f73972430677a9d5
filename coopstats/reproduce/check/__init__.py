"""Is what was built still what was printed, and still what was accepted?

Each check lists what does not hold, with the place and the recorded reason. Nothing is mended
here: that is a row of the register or a rule of `clean/contracts/`.
"""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from coopstats.clean.build import fingerprint
from coopstats.clean.contracts import tie_out
from coopstats.clean.sheets.headings import service_lines
from coopstats.clean.tables.budget_against_outturn import outlier_of
from coopstats.clean.tables.lines import PUBLICATIONS, all_accounts
from coopstats.core.doors import door, maybe, word
from coopstats.core.errors import UnknownName
from coopstats.core.years import read_year
from coopstats.datasets.load import load
from coopstats.datasets.table import about, some_built
from coopstats.register.breaks import breaks_of, crossed
from coopstats.register.councils import council as find_council

SIDE_BY_SIDE = "budget_against_outturn"  # its doubts are those of two tables that are judged
TOLERANCE = 1_000  # pounds: a total printed in whole £ thousand may differ by its rounding
ROUNDED_PARTS = 8_000  # pounds: fifteen parts each rounded to £ thousand


def tied_out() -> pd.DataFrame:
    """The columns that do not add up to the printed ENGLAND row, each with its recorded reason.

    In the publication's unit. Raises TieOutFailed when the sheets and the record disagree.
    """
    return tie_out.check(all_accounts())


def differences() -> pd.DataFrame:
    """The same, without raising: a difference that is not on record has no reason."""
    reasons = tie_out.recorded(PUBLICATIONS)[["source", "sheet", "cell", "reason"]]
    found = tie_out.differences(all_accounts())
    return found.merge(reasons, on=["source", "sheet", "cell"], how="left")


def columns_compared() -> int:
    """How many printed ENGLAND figures the authorities were added up against."""
    return sum(tie_out.compared(read) for read in all_accounts())


def service_totals() -> pd.DataFrame:
    """Councils whose service lines do not add up to their printed total service expenditure.

    In pounds: `printed`, `added`, `difference`; `rounding` says whether the rounding of the parts
    can explain it.
    """
    lines = [*service_lines("revenue_outturn"), "total_service_expenditure"]
    rows = load("revenue_outturn", service=lines)
    rows = rows[~((rows["service"] == "social_care") & (rows["flag"] == "derived"))]
    wide = rows.assign(gbp=rows["gbp"].astype("float64")).pivot(
        index=["year", "ecode", "council"], columns="service", values="gbp"
    )
    printed = wide.pop("total_service_expenditure").dropna()
    added = wide.sum(axis=1).reindex(printed.index)
    off = pd.DataFrame({"printed": printed, "added": added, "difference": printed - added})
    off = off[off["difference"].abs() > TOLERANCE].reset_index()
    return off.assign(rounding=off["difference"].abs() <= ROUNDED_PARTS)


@door(table=maybe(word), council=maybe(word), year=maybe(read_year))
def doubts(
    table: str | None = None, council: str | None = None, year: int | None = None
) -> pd.DataFrame:
    """Every figure that a general rule finds odd, beside the mean of the years around it.

    In pounds or, in a table of counts, in what is counted: `figure` as printed, `around` the mean
    of the year before and after, `difference` what the figure adds to that. Both are empty where
    one of the two years has no printed figure, or lies beyond a severing break: the rules do not
    hold such years against each other either. `which` is the basis, the date or whatever else a
    table tells figures of one line apart by. No figure is changed by a doubt.
    """
    judged = _judged(table)
    if year is not None:
        _refuse_absent(year, judged)
    listed = pd.concat([_doubts_of(name) for name in judged], ignore_index=True)
    if council is not None:
        listed = listed[listed["ecode"] == find_council(council, year).ecode]
    return listed if year is None else listed[listed["year"] == year]


def _judged(table: str | None) -> list[str]:
    """The tables whose figures the rules judge, or the one that is asked for."""
    if table is not None:
        about(table)  # raises where there is no such table
    judged = [
        name for name in some_built() if "doubt" in about(name)["columns"] and name != SIDE_BY_SIDE
    ]
    if table is not None and table not in judged:
        raise UnknownName(f"The rules judge no figure of {table}. Choose from {', '.join(judged)}.")
    return judged if table is None else [table]


def _refuse_absent(year: int, judged: list[str]) -> None:
    """UnknownName for a year of which no figure is judged, with those there are."""
    held = sorted({y for name in judged for years in about(name)["covers"].values() for y in years})
    if year not in held:
        of = judged[0] if len(judged) == 1 else "the tables that are judged"
        raise UnknownName(f"There is no {year} in {of}: years are from {held[0]} to {held[-1]}.")


SHOWN = ("ecode", "council", "council_class", "year", "service", "which", "figure", "doubt")


def _doubts_of(table: str) -> pd.DataFrame:
    said = about(table)
    every = {"basis": None} if "basis" in said["columns"] else {}
    rows = load(table, **every).rename(columns={said["value"]: "figure", **LINES})
    rows["figure"] = rows["figure"].astype("float64")
    listed = rows[rows["doubt"].notna()]
    of_line = [LINES.get(name, name) for name in said["key"] if name != "year"]
    near = rows.merge(listed[of_line].drop_duplicates(), on=of_line)
    printed = near[near["flag"] != "derived"].set_index([*of_line, "year"])["figure"]
    around = sum(_beside(table, of_line, listed, printed, step) for step in (-1, 1)) / 2
    which = listed[[name for name in of_line if name not in SHOWN]].astype(str)
    shown = listed.assign(which=[", ".join(words) for words in which.itertuples(index=False)])
    shown = shown.reindex(columns=list(SHOWN))
    shown = shown.assign(around=around, difference=listed["figure"] - around)
    shown.insert(0, "table", table)
    return shown


LINES = {"item": "service", "age": "service"}  # columns that name a line, besides `service`


def _beside(
    table: str, of_line: list[str], listed: pd.DataFrame, printed: pd.Series, step: int
) -> np.ndarray:
    """The printed figure `step` years from each of those listed, NaN beyond a severing break."""
    lines, years = listed["service"].astype(str), listed["year"].astype(int)
    beside = printed.reindex(
        pd.MultiIndex.from_arrays([*(listed[name] for name in of_line), years + step])
    ).to_numpy()
    severed = functools.cache(lambda line, y: crossed(table, line, y, y + step, "severing"))
    kept = [not severed(line, y) for line, y in zip(lines, years, strict=True)]
    return np.where(kept, beside, np.nan)


def youth() -> pd.DataFrame:
    """What each council budgeted for services to young people beside what it then spent on them.

    In pounds: `budget` from the Revenue Account budget, `gross` and `net` of income from section
    251, `difference` net less budget, since a budget is net; `outlier` by the rule of
    budget_against_outturn. From 2014-15, when the budget's line became one of children's social
    care; from 2019-20 net spending is not held, so nothing is set against the budget.
    """
    key = ["ecode", "year"]
    planned = load("revenue_budget", service="youth")
    planned = planned[planned["year"] >= _latest_break("revenue_budget", "youth")]
    names = [*key, "council", "budget"]
    sides = planned.rename(columns={"gbp": "budget"})[names]
    for side in ("gross", "net"):
        spent = load("children_spending", service="youth", basis=f"{side}_expenditure")
        spent = spent.rename(columns={"gbp": side})[[*key, side]]
        sides = sides.merge(spent, on=key, how="inner" if side == "gross" else "left")
    both = sides.assign(difference=sides["net"] - sides["budget"])
    return both.assign(outlier=outlier_of(both.rename(columns={"net": "outturn"})))


def _latest_break(table: str, service: str) -> int:
    """The first year of a line as it is now."""
    return max(b.first_year for b in breaks_of(table, service) if b.grade == "severing")


def moved() -> pd.DataFrame:
    """Table-years whose numbers differ from data/processed/FINGERPRINT.csv."""
    return fingerprint.moved()
