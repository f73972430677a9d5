import dataclasses
import functools

import pandas as pd
import pytest

from coopstats import load
from coopstats.clean.contracts.contract import keep
from coopstats.clean.families import local_statistics
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.tables import household_income
from coopstats.core.errors import ContractBroken, TieOutFailed, UnknownCouncil, UnreadableSource
from coopstats.register import lookups

SOURCE = household_income.SOURCE


@functools.cache
def table():
    return keep(household_income.promised(), household_income.clean())


# Read by hand in the CSV file: the line is the cell's row.
@pytest.mark.parametrize(
    ("council", "year", "value", "cell"),
    [
        ("Lambeth", 2001, 13793, "F5556"),
        ("Lambeth", 2010, 19868, "F5550"),
        ("Oldham", 2010, 12085, "F798"),
        ("Stevenage", 2008, 13573, "F4849"),
        ("Lancashire", 2010, 14473, "F987"),
        ("City of London", 2020, 170777, "F5382"),
    ],
)
def test_figures_are_as_printed(council, year, value, cell):
    found = table()[(table()["council"] == council) & (table()["year"] == year)]
    assert list(found["value"]) == [value]
    assert list(found["cell"]) == [cell]
    assert list(found["source"]) == [SOURCE]


def test_the_councils_of_2023_are_there_in_every_year():
    assert table().groupby("year")["ecode"].nunique().to_dict() == dict.fromkeys(
        range(1997, 2024), 317
    )
    assert set(table()["flag"]) == {"reported"}


def test_a_county_has_the_mean_of_its_districts_by_the_people_of_the_day(built):
    incomes = load("household_income").astype({"ecode": object})
    people = load("population", age="all", vintage="census_2021").astype({"ecode": object})
    both = incomes.merge(people[["ecode", "year", "people"]], on=["ecode", "year"])
    both["county"] = both["ecode"].map(lookups.council_table()["county"])
    both = both[both["county"] != ""].assign(total=both["value"] * both["people"])
    sums = both.groupby(["county", "year"])[["total", "people"]].sum()
    mean = (sums["total"] / sums["people"]).rename_axis(["ecode", "year"])
    printed = incomes.set_index(["ecode", "year"])["value"].reindex(mean.index)
    assert len(mean) == 21 * 14  # 2010 to 2023
    assert ((mean / printed - 1).abs() < 0.0001).all()


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed(row, heading, word):
    sheet = sheet_of(SOURCE)
    text = sheet.text.copy()
    text[row, sheet.column(heading)] = word
    return dataclasses.replace(sheet, text=text)


def test_an_england_outside_its_councils_stops():
    codes = sheet_of(SOURCE).column_of_text("areacd")
    row = list(codes).index("E92000001")
    with pytest.raises(TieOutFailed, match="E92000001 disposable_income"):
        local_statistics.figures(changed(row, "observation", "1"), household_income.INDICATORS)


def test_an_unknown_name_stops_with_row_and_nearest():
    with pytest.raises(UnknownCouncil, match=r"row 5556: E09000022 'Lambheth'.*Lambeth"):
        local_statistics.figures(changed(5555, "areanm", "Lambheth"), household_income.INDICATORS)


def test_a_figure_with_a_comma_stops():
    with pytest.raises(UnreadableSource, match=r"cell F5556 holds '13,793' where a figure belongs"):
        local_statistics.figures(
            changed(5555, "observation", "13,793"), household_income.INDICATORS
        )


def test_an_income_of_nothing_breaks_the_contract():
    with pytest.raises(ContractBroken, match="Every figure lies within the bounds of its item"):
        keep(household_income.promised(), table().assign(value=0.0))


def test_a_council_twice_in_a_year_breaks_the_contract():
    twice = pd.concat([table(), table().iloc[:1]], ignore_index=True)
    with pytest.raises(ContractBroken, match="There is one row for each ecode, item, year"):
        keep(household_income.promised(), twice)
