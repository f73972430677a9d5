"""How the extracts of Public Health England's Fingertips are laid out: a row an area and period.

Rates and shares only, on the councils of 2018; no county, no count, no denominator. England and
Greater Manchester stand among the councils. "NA" does not say why there is no figure.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import category
from coopstats.clean.contracts.stack import stacked
from coopstats.clean.families import public_health
from coopstats.clean.families.outcomes import figures_of_column, known_codes, sheet_of
from coopstats.clean.sheets import rates
from coopstats.clean.sheets.periods import first_year
from coopstats.clean.sheets.plain import bodies_of, cells, read_digits
from coopstats.clean.sheets.sheet import Sheet, cell_names
from coopstats.core.errors import UnreadableSource

ENGLAND = "E92000001"
GREATER_MANCHESTER = "E47000001"
ITS_DISTRICTS = tuple(f"E42{number:02d}" for number in range(1, 11))
ROUNDING = 0.051  # half of the last printed digit, and what binary fractions add


@dataclass(frozen=True)
class Extract:
    """One file: the item it gives, and what its columns `indicator` and `measure` must say.

    `framework` is the same indicator of the Public Health Outcomes Framework of November 2015,
    with whose figures for England it is compared; `half_step` is half of the last printed digit.
    """

    source: str
    item: str
    indicator: str
    measure: str
    framework: str = ""
    half_step: float = ROUNDING


@functools.cache
def sheet_in(extract: Extract) -> Sheet:
    """The sheet, its figures read from text, once it says what it should of every row."""
    sheet = sheet_of(extract.source)
    for heading, meant in (("indicator", extract.indicator), ("measure", extract.measure)):
        printed = sheet.column_of_text(heading)
        for row in range(sheet.header + 1, len(printed)):
            if printed[row] != meant:
                raise UnreadableSource(
                    f"{sheet.where(row, sheet.column(heading))} holds {printed[row]!r}, not "
                    f"{meant!r}. It is of another indicator: compare the original."
                )
    return read_digits(sheet, sheet.column("value"))


def figures(extract: Extract) -> pd.DataFrame:
    """One row a council and period."""
    sheet = sheet_in(extract)
    bodies = bodies_of(sheet, "area_code", "area_name")
    return figures_of_column(
        sheet, bodies, sheet.column("value"), extract.item, lambda r: _year(sheet, r)
    )


def _year(sheet: Sheet, row: int) -> int:
    return first_year(sheet, row, sheet.column("period"))


def wholes(extract: Extract) -> pd.DataFrame:
    """What is printed for England and for Greater Manchester: whole is the code."""
    sheet = sheet_in(extract)
    codes = known_codes(sheet, sheet.column_of_text("area_code"), (ENGLAND, GREATER_MANCHESTER))
    printed = cells(sheet, list(codes), [sheet.column("value")])
    years = np.array([_year(sheet, row) for row in codes], dtype="int16")
    return printed.assign(item=extract.item, year=years, whole=list(codes.values()))


def all_checked(extracts: tuple[Extract, ...]) -> pd.DataFrame:
    """The figures of several extracts, each marked and compared with what else is printed."""
    return stacked(_checked(extract) for extract in extracts)


def _checked(extract: Extract) -> pd.DataFrame:
    table, printed = figures(extract), wholes(extract)
    check_between(table, printed, extract.source)
    check_editions(extract, printed)
    return with_spikes(table)


def check_between(table: pd.DataFrame, printed: pd.DataFrame, source: str) -> pd.DataFrame:
    """England's rate is between its councils', Greater Manchester's between its ten districts'."""
    ten = table[table["ecode"].isin(ITS_DISTRICTS)].assign(whole=GREATER_MANCHESTER)
    parts = pd.concat([part[[*rates.KEY, "number"]] for part in (table.assign(whole=ENGLAND), ten)])
    return rates.check(printed, parts, source)


def check_editions(extract: Extract, printed: pd.DataFrame) -> pd.DataFrame:
    """England is as the framework of November 2015 prints it, or the difference is on record."""
    if not extract.framework:
        return pd.DataFrame()
    earlier = public_health.printed_totals(
        public_health.ENGLAND, extract.framework, {"Value": extract.item}
    ).set_index("year")["number"]
    both = printed[(printed["whole"] == ENGLAND) & printed["year"].isin(earlier.index)]
    both = both.assign(
        service=extract.item,
        cell=cell_names(both["place"].to_numpy()).astype(object),
        printed=both["number"],
        added=both["year"].map(earlier),
    )
    both["difference"] = (both["printed"] - both["added"]).round(3)
    off = both[both["difference"].abs() > extract.half_step]
    named = ["source", "sheet", "cell", "service", "printed", "added", "difference"]
    off = off[named].astype({"source": object, "sheet": object})
    return tie_out.settled(off, [extract.source.split("/")[0]], DIFFERS, [extract.item])


DIFFERS = (
    "figures for England are not those of the Public Health Outcomes Framework of November 2015 as "
    "recorded (printed less the framework's)"
)
SPIKE = 1.4  # a rate so many times below or above both its neighbours in time


def with_spikes(table: pd.DataFrame) -> pd.DataFrame:
    """The table with `mark` spike where a rate falls or rises so much and at once comes back."""
    wide = table.pivot(index="ecode", columns="year", values="number")
    before, after = wide.shift(1, axis=1), wide.shift(-1, axis=1)
    low = (wide * SPIKE < before) & (wide * SPIKE < after)
    high = (wide > before * SPIKE) & (wide > after * SPIKE)
    marked = (low | high).stack()
    key = pd.MultiIndex.from_frame(table[["ecode", "year"]])
    mark = pd.Series("spike", table.index).where(marked.reindex(key).to_numpy(), None)
    return table.assign(mark=pd.Categorical(mark))


def mark_column():
    """The column `mark` of the contracts."""
    return category(
        f"spike where a figure is {SPIKE} times lower or higher than those of the year before and "
        "the year after; it is as printed, and a place to look; null elsewhere",
        nullable=True,
    )
