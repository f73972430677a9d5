"""Accounts of co-operatives: as printed, repeated, and too large for their council."""

from __future__ import annotations

import dataclasses
import functools

import pandas as pd
import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.tables import co_operative_accounts as accounts
from coopstats.core.errors import ContractBroken, UnreadableSource


@functools.cache
def table():
    return keep(accounts.promised(), accounts.clean())


@functools.cache
def sheet():
    return sheet_of(accounts.SOURCE)


# Read in the CSV file: record, ID, turnover, memberships, employees, economic year.
@pytest.mark.parametrize(
    ("organisation", "year", "item", "value", "cell"),
    [
        ("R000001", 2011, "turnover", 12_886_100_000, "C8040"),
        ("R000001", 2011, "members", 6_439_000, "F8040"),
        ("R000178", 2013, "employees", 4_802, "G9845"),
        ("R000178", 2016, "turnover", 163_357_973, "C9842"),
        ("R009564", 2016, "members", 989, "F20148"),
        ("R004442", 2016, "members", 53, "F500"),
    ],
)
def test_a_figure_is_as_printed(organisation, year, item, value, cell):
    rows = table()
    (found,) = rows[
        (rows["organisation"] == organisation) & (rows["year"] == year) & (rows["item"] == item)
    ].to_dict("records")
    assert (found["value"], found["cell"], found["flag"]) == (value, cell, "reported")
    assert found["sheet"] == "economy_2011-2016.csv"


def test_a_blank_is_missing_and_not_nought():
    row = table()[(table()["organisation"] == "R004442") & (table()["item"] == "employees")]
    assert row["value"].isna().all()
    assert set(row["flag"]) == {"missing"}


def test_the_same_accounts_in_a_later_economic_year_are_repeated():
    # Greenwich Leisure's year ends: 2014-12-31 in economic years 2015 and 2016
    rows = table()[(table()["organisation"] == "R000178") & (table()["item"] == "turnover")]
    assert rows.set_index("year")["repeated"].to_dict() == {
        2011: "no", 2012: "no", 2013: "no", 2014: "no", 2015: "no", 2016: "yes",
    }  # fmt: skip


def test_how_much_is_repeated_is_what_the_register_of_breaks_says():
    printed = table()[table()["value"].notna() & (table()["headquarters"] == "no")]
    again = printed["repeated"].eq("yes").groupby([printed["item"], printed["year"]], observed=True)
    part = (100 * again.mean()).round()
    assert [part["turnover"][y] for y in (2015, 2016)] == [89, 98]
    assert [part["members"][y] for y in (2015, 2016)] == [91, 99]
    assert [part["employees"][y] for y in (2015, 2016)] == [59, 83]


def test_employees_are_printed_for_about_one_in_seventeen():
    there = table().loc[table()["item"] == "employees", "value"].notna()
    assert 1 / there.mean() == pytest.approx(17, abs=0.5)


def test_the_large_are_found_by_a_hundredth_of_england():
    rows = pd.DataFrame(
        {
            "organisation": list("abcab"),
            "item": ["turnover"] * 5,
            "year": [2011, 2011, 2011, 2012, 2012],
            "number": [98.5, 1.0, 0.5, 1.0, 199.0],
        }
    )
    assert accounts.large_organisations(rows) == ["a", "b"]
    large = table().loc[table()["headquarters"] == "yes", "organisation"].unique()
    assert len(large) == 17
    assert {"R000001", "R002919"} <= set(large)


def test_the_publisher_s_own_totals_are_left_out():
    ids = sheet().column_of_text(accounts.ID)
    assert (ids == accounts.NO_ID).sum() == 28
    assert accounts.NO_ID not in set(table()["organisation"])


def changed(heading, word):
    text = sheet().text.copy()
    text[1, sheet().column(heading)] = word
    return dataclasses.replace(sheet(), text=text)


@pytest.mark.parametrize("word", ["2010", "2014-15", "", None])
def test_an_economic_year_that_is_none_stops_with_its_cell(word):
    with pytest.raises(UnreadableSource, match=r"cell J2 holds .* where an economic year"):
        accounts.years(changed(accounts.YEAR, word), [1])


def test_a_year_end_that_is_no_date_stops_with_its_cell():
    with pytest.raises(UnreadableSource, match=r"cell I2 holds '31/12/2013' where a date"):
        accounts.year_ends(changed(accounts.YEAR_END, "31/12/2013"), [1])


def test_repeated_accounts_of_the_first_year_break_the_contract():
    wrong = table().assign(repeated=pd.Categorical(["yes"] * len(table())))
    with pytest.raises(ContractBroken, match="What is repeated has a year end"):
        keep(accounts.promised(), wrong)


def test_a_negative_number_of_members_breaks_the_contract_and_a_negative_turnover_does_not():
    members = table()["item"] == "members"
    with pytest.raises(ContractBroken, match="within the bounds of its item"):
        keep(accounts.promised(), table().assign(value=table()["value"].mask(members, -1)))
    assert table().loc[table()["item"] == "turnover", "value"].min() < 0
