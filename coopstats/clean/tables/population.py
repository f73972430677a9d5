"""population: how many people lived in each council's area in the middle of each year.

From the ONS mid-year estimates, in three vintages that must not be mixed in one series, because
each census moved them: `mid_2020` (mid-2001 to mid-2020, before the 2021 Census, on the councils
of 2021), `census_2021` (mid-2010 to mid-2023, re-based to the 2021 Census, on the councils of
2023) and `mid_2024` (children only, re-based too, 2012 to 2024). A vintage gives an area's people
in all its years, also those in which another council served the area. Unit: people.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

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
)
from coopstats.clean.contracts.corrections import corrected
from coopstats.clean.contracts.misprints import doubt_of_unit, undoubted, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked, with_identity
from coopstats.clean.sheets.accounts import check_twice, rounded
from coopstats.clean.sheets.plain import bodies_of, cells, constant, read_digits
from coopstats.clean.sheets.sheet import NOWHERE, Sheet, sheets_of
from coopstats.core.errors import TieOutFailed, UnreadableSource
from coopstats.core.sources import read_sources
from coopstats.register import lookups

MID_2020 = "population/2001-2020"
MYE5 = "MYE 5"  # the sheet with every year; the others are of mid-2020, or of ages
CENSUS_2021 = "population/2010-2023"
CHILDREN = "population/2012-2024"
KEY = ["ecode", "vintage", "age", "year"]
ALL, CHILD = "all", "0-17"
ENGLAND = "E92000001"
FIRST_YEAR_OF_DERIVED = 2010  # counties that ended before get no people: .on() joins their areas
_MID_YEAR = re.compile(r"estimated population\s+mid-(\d{4})", re.IGNORECASE)


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    total, district, child = (sheet_of(i) for i in (MID_2020, CENSUS_2021, CHILDREN))
    parts = [printed_total(total), printed_districts(district), printed_children(child)]
    printed = corrected(stacked(parts), "number")
    tie_out(printed, pd.concat([england_total(total), england_children(child)]))
    table = stacked([printed, *(derived_counties(v) for _, v in _by_vintage(printed))])
    table["people"] = rounded(table.pop("number"))
    table = with_identity(undoubted(table), list(columns()), KEY)
    return with_doubts_of_unit(table, "population", KEY, "people")


def sheet_of(source: str) -> Sheet:
    """The sheet of a publication that this table is read from."""
    sheets = list(sheets_of(read_sources()[source]))
    return next((s for s in sheets if s.name == MYE5), sheets[0])


def _year_columns(sheet: Sheet) -> dict[int, int]:
    """The columns "Estimated population mid-YYYY", by year."""
    found = {c: _MID_YEAR.fullmatch((h or "").strip()) for c, h in enumerate(sheet.headings)}
    years = {int(match[1]): column for column, match in found.items() if match}
    if len(years) < 2:
        raise UnreadableSource(
            f"{sheet.source.file}, sheet {sheet.name!r}, row {sheet.header + 1}: no headings "
            "'Estimated population mid-YYYY'. If ONS renamed them, correct _MID_YEAR in "
            "coopstats/clean/tables/population.py."
        )
    return years


def printed_total(sheet: Sheet) -> pd.DataFrame:
    """MYE 5: every council of 2021, counties among them, mid-2001 to mid-2020."""
    bodies, of_year = bodies_of(sheet, "Code", "Name"), _year_columns(sheet)
    check_twice(sheet, bodies)
    table = cells(sheet, list(bodies), list(of_year.values()))
    years = np.repeat(np.array(list(of_year), dtype="int16"), len(bodies))
    ecodes = pd.Categorical(list(bodies.values()) * len(of_year))
    return _described(table, "mid_2020", ALL).assign(ecode=ecodes, year=years)


def printed_districts(sheet: Sheet) -> pd.DataFrame:
    """The re-based series: every district and unitary of 2023, one row a council and year."""
    bodies = bodies_of(sheet, "onscode", "localauthoritydistrictunit")
    table = cells(sheet, list(bodies), [sheet.column("population")])
    years = sheet.number[list(bodies), sheet.column("year")].astype("int16")
    ecodes = pd.Categorical(list(bodies.values()))
    return _described(table, "census_2021", ALL).assign(ecode=ecodes, year=years)


def printed_children(sheet: Sheet) -> pd.DataFrame:
    """Children aged 0 to 17: every council with children's services, one row a year."""
    index = sheet.column("population_estimate")
    _check_ages(sheet)
    bodies = bodies_of(sheet, "new_la_code", "la_name")
    table = cells(read_digits(sheet, index), list(bodies), [index])
    years = sheet.column_of_text("time_period")[list(bodies)].astype("int16")
    ecodes = pd.Categorical(list(bodies.values()))
    return _described(table, "mid_2024", CHILD).assign(ecode=ecodes, year=years)


def _check_ages(sheet: Sheet) -> None:
    ages = set(sheet.column_of_text("age_group")[sheet.header + 1 :])
    if ages != {"Children aged 0 to 17 years"}:
        raise UnreadableSource(
            f"{sheet.source.file}: the ages are {', '.join(sorted(ages))}, where only 'Children "
            "aged 0 to 17 years' was printed before. Give the others a name in population.py."
        )


def _described(table: pd.DataFrame, vintage: str, age: str) -> pd.DataFrame:
    return table.assign(vintage=constant(vintage, table), age=constant(age, table))


def england_total(sheet: Sheet) -> pd.DataFrame:
    """What MYE 5 prints for England: vintage, age, year, england."""
    of_year = _year_columns(sheet)
    row = int(np.flatnonzero(sheet.column_of_text("Code") == ENGLAND)[0])
    printed = pd.DataFrame(
        {"year": list(of_year), "england": sheet.number[row, [*of_year.values()]]}
    )
    return printed.assign(vintage="mid_2020", age=ALL)


def england_children(sheet: Sheet) -> pd.DataFrame:
    """What the children's file prints for England: vintage, age, year, england."""
    index = sheet.column("population_estimate")
    rows = np.flatnonzero(sheet.column_of_text("geographic_level") == "National")
    years = sheet.column_of_text("time_period")[rows].astype(int)
    people = read_digits(sheet, index).number[rows, index]
    return pd.DataFrame({"year": years, "england": people, "vintage": "mid_2024", "age": CHILD})


def tie_out(printed: pd.DataFrame, england: pd.DataFrame) -> None:
    """Councils that share no people add up to England, to the person, in every year printed.

    A year in which a council's figure is withheld may fall short of England, never exceed it.
    """
    parts = printed[~printed["ecode"].isin(_counties()) | (printed["age"] == CHILD)]
    by = ["vintage", "age", "year"]
    added = parts.groupby(by, observed=True)["number"].agg(["sum", "count", "size"]).reset_index()
    both = england.merge(added, on=by, how="left")
    short = both["england"] - both["sum"]
    withheld = both["count"] < both["size"]
    off = both[~((short == 0) | (withheld & (short > 0)))]
    if len(off):
        raise TieOutFailed(_not_england(off.iloc[0], len(off)))


def _not_england(first: pd.Series, how_many: int) -> str:
    return (
        f"population, vintage {first['vintage']}, age {first['age']}: in {how_many} years the "
        f"councils do not add up to England. First mid-{first['year']}: {first['sum']:,.0f} added, "
        f"{first['england']:,.0f} printed. Compare the rows of that year with the original."
    )


def _by_vintage(printed: pd.DataFrame) -> Iterable:
    """Each vintage that has people of all ages, with its rows."""
    return printed[printed["age"] == ALL].groupby("vintage", observed=True)


def derived_counties(printed: pd.DataFrame) -> pd.DataFrame:
    """Counties that a vintage does not print, as the sum of the councils that cover them whole.

    Where it does print a county, the same sum must be the printed figure.
    """
    wide = printed.pivot(index="year", columns="ecode", values="number")
    sums = {
        county: wide[sorted(parts)].sum(axis=1, skipna=False)
        for county in sorted(_counties(since=FIRST_YEAR_OF_DERIVED))
        if (parts := covering(county, frozenset(wide.columns)))
    }
    for county in sums.keys() & set(wide.columns):
        _check_county(county, wide[county], sums.pop(county))
    return _as_rows(pd.DataFrame(sums), printed)


@functools.cache
def _counties(since: int = 0) -> frozenset[str]:
    """The shire counties that still were in the financial year `since`, or that ever were."""
    known = lookups.council_table()
    still = known["last_year"].astype(int) >= since
    return frozenset(known.index[(known["council_class"] == "SC") & still])


def covering(county: str, frame: frozenset[str]) -> frozenset[str]:
    """The councils in `frame` whose areas together are the county's; none if there are no such.

    They are its districts, or what these became where nothing else became it: Dorset county has
    no cover once Christchurch is part of a council that took in Bournemouth and Poole.
    """
    members = _districts(county)
    parts = [_in_frame(member, frame) for member in members]
    cover = frozenset[str]().union(*parts)
    whole = all(parts) and all(_made_of(part) <= members for part in cover)
    return cover if whole else frozenset()


@functools.cache
def _districts(county: str) -> frozenset[str]:
    """Every district that the county ever had."""
    known = lookups.council_table()
    return frozenset(known.index[known["county"] == county])


def _in_frame(ecode: str, frame: frozenset[str]) -> frozenset[str]:
    """The body itself if the frame has it, else what it became there."""
    if ecode in frame:
        return frozenset([ecode])
    became = lookups.successors().get(ecode, frozenset())
    return frozenset[str]().union(*(_in_frame(successor, frame) for successor in became))


@functools.cache
def _made_of(ecode: str) -> frozenset[str]:
    """The districts and unitaries that a body's area was made of; itself if of none."""
    before = lookups.predecessors().get(ecode, frozenset())
    lower = [e for e in before if e not in _counties()]
    return frozenset[str]().union(*map(_made_of, lower)) if lower else frozenset([ecode])


def _check_county(county: str, printed: pd.Series, added: pd.Series) -> None:
    off = printed[(printed != added).fillna(False)]
    if len(off):
        raise TieOutFailed(
            f"population: {lookups.council_table()['council'][county]} ({county}) is printed as "
            f"{off.iloc[0]:,.0f} in mid-{off.index[0]}, its districts add up to "
            f"{added[off.index[0]]:,.0f}. Compare their rows with the original."
        )


def _as_rows(sums: pd.DataFrame, printed: pd.DataFrame) -> pd.DataFrame:
    """Derived people as rows of the table they were derived from."""
    rows = (
        sums.rename_axis("year")
        .melt(var_name="ecode", value_name="number", ignore_index=False)
        .reset_index()
    )
    rows["ecode"] = pd.Categorical(rows["ecode"])
    rows["flag"] = constant("derived", rows)
    rows["place"] = NOWHERE
    for name in ("vintage", "age", "source", "sheet"):
        rows[name] = constant(printed[name].iloc[0], rows)
    return rows[list(printed.columns)]


VINTAGES = {
    "mid_2020": "mid-2001 to mid-2020 as published in 2021, not re-based; councils of 2021",
    "census_2021": "mid-2010 to mid-2023 re-based to the 2021 Census; councils of 2023",
    "mid_2024": "children, mid-2012 to mid-2024 re-based to the 2021 Census; councils of each year",
}


def columns() -> dict:
    """The columns of the contract."""
    known = rule("Every vintage is one of those in the dictionary.", lambda v: v.isin(VINTAGES))
    ages = rule("Ages are all or 0-17.", lambda a: a.isin([ALL, CHILD]))
    some = rule("People are counted, never below zero.", lambda p: ~(p < 0))
    return {
        **identity(),
        "year": year(
            "the calendar year of the mid-year estimate: 2010, mid-2010, goes with 2010-11"
        ),
        "age": category("all, or 0-17: people of those ages", checks=[ages]),
        "vintage": category("; ".join(f"{v}: {m}" for v, m in VINTAGES.items()), checks=[known]),
        "people": number("people living in the council's area", "Int64", checks=[some]),
        **provenance(),
        "doubt": doubt_of_unit(),
    }


def promised():
    """The contract."""
    return contract(
        "population",
        "Population: people by council, mid-year, age and vintage",
        "Mid-year estimates of the people living in each council's area. Vintages differ by up to "
        "a quarter for one council and must not be mixed in one series. Counties that a vintage "
        "does not print are the sum of the councils that cover them whole.",
        columns(),
        KEY,
        [
            figure_or_reason("people"),
            placed(),
            rule("In 2010 and 2011 mid_2020 and census_2021 agree to the person.", _agree),
            rule("Each council has every year of its vintage that its area has.", _no_gaps),
        ],
        unit="people",
        value="people",
        tier="nested",
    )


def _agree(table: pd.DataFrame) -> pd.Series:
    """True but where a council's two vintages differ in a year before they part."""
    early = table["year"].isin([2010, 2011]) & (table["age"] == ALL)
    people = table[early].groupby(["ecode", "year"], observed=True)["people"]
    same = people.transform("min") == people.transform("max")
    return ~early | same.reindex(table.index).fillna(True).astype(bool)


def _no_gaps(table: pd.DataFrame) -> pd.Series:
    """True for a row that follows on the row of the year before, or is the first."""
    ordered = table.sort_values(KEY)
    step = ordered.groupby(["ecode", "vintage", "age"], observed=True)["year"].diff()
    return step.reindex(table.index).fillna(1) == 1
