"""labour_market and household_income, which are laid out alike."""

import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest

from coopstats import load
from coopstats.clean import household_income, labour_market, local_statistics, register
from coopstats.clean.contract import keep
from coopstats.clean.outcomes import sheet_of
from coopstats.errors import ContractBroken, TieOutFailed, UnknownCouncil, UnreadableSource

PAY, INCOME = "labour_market/2008-2025", household_income.SOURCE
CLAIMANTS, WORK = "labour_market/2001-2025", "labour_market/2004-2023"
INDICATORS = {**labour_market.INDICATORS, INCOME: household_income.INDICATORS}


@functools.cache
def table(module):
    return keep(module.promised(), module.clean())


def row_of(module, council, year, item):
    rows = table(module).set_index(["council", "year", "item"])
    return rows.loc[(council, year, item)]


# Read by hand in the four CSV files: the line is the cell's row.
@pytest.mark.parametrize(
    ("module", "council", "year", "item", "value", "source", "cell"),
    [
        (labour_market, "Lambeth", 2001, "claimant_rate", 5.3, CLAIMANTS, "F5416"),
        (labour_market, "Lambeth", 2010, "claimant_rate", 5.1, CLAIMANTS, "F5424"),
        (labour_market, "Stevenage", 2010, "claimant_rate", 3.9, CLAIMANTS, "F4775"),
        (labour_market, "Lambeth", 2010, "employment_rate", 72.7, WORK, "F4341"),
        (labour_market, "Lambeth", 2010, "inactivity_rate", 20.0, WORK, "F12381"),
        (labour_market, "Lambeth", 2010, "median_weekly_pay", 574.9, PAY, "F3696"),
        (labour_market, "Stevenage", 2008, "median_weekly_pay", 416.9, PAY, "F3224"),
        (household_income, "Lambeth", 2001, "disposable_income", 13793, INCOME, "F5556"),
        (household_income, "Oldham", 2010, "disposable_income", 12085, INCOME, "F798"),
        (household_income, "Lancashire", 2010, "disposable_income", 14473, INCOME, "F987"),
        (household_income, "City of London", 2020, "disposable_income", 170777, INCOME, "F5382"),
    ],
)
def test_figures_are_as_printed(module, council, year, item, value, source, cell):
    found = row_of(module, council, year, item)
    assert (found["value"], found["source"], found["cell"]) == (value, source, cell)


def test_intervals_are_as_printed():
    found = row_of(labour_market, "Lambeth", 2010, "employment_rate")
    assert (found["low"], found["high"]) == (68.8, 76.60000000000001)
    found = row_of(labour_market, "Stevenage", 2010, "median_weekly_pay")
    assert (found["low"], found["high"]) == (369.2784, 486.7216)
    claimants = table(labour_market)[table(labour_market)["item"] == "claimant_rate"]
    assert claimants[["low", "high"]].isna().all().all()  # a count of records, no survey


@pytest.mark.parametrize(
    ("module", "item", "first", "last"),
    [
        (labour_market, "claimant_rate", 2001, 2025),
        (labour_market, "employment_rate", 2004, 2023),
        (labour_market, "inactivity_rate", 2004, 2023),
        (labour_market, "median_weekly_pay", 2008, 2025),
        (household_income, "disposable_income", 1997, 2023),
    ],
)
def test_the_councils_of_2023_are_there_in_every_year(module, item, first, last):
    rows = table(module)[table(module)["item"] == item]
    assert rows.groupby("year")["ecode"].nunique().to_dict() == dict.fromkeys(
        range(first, last + 1), 317
    )
    listed = register.councils()
    there = listed[(listed["kind"] == "principal") & (listed["last_year"] == "2023")]
    assert set(rows["ecode"]) == set(there["ecode"])
    assert (rows["council_class"] == "SC").sum() == 21 * (last + 1 - first)


def test_a_figure_that_is_not_there_says_why():
    blank = table(labour_market)[table(labour_market)["value"].isna()]
    assert blank["flag"].value_counts().loc[["missing", "suppressed"]].to_dict() == {
        "missing": 154,
        "suppressed": 34,
    }
    assert row_of(labour_market, "City of London", 2020, "employment_rate")["flag"] == "suppressed"
    assert row_of(labour_market, "Cumberland", 2010, "median_weekly_pay")["flag"] == "missing"


def test_estimates_of_few_people_are_marked():
    marked = table(labour_market)[table(labour_market)["mark"] == "low_reliability"]
    assert len(marked) == 51
    assert marked["low"].isna().all()
    assert row_of(labour_market, "City of London", 2018, "employment_rate")["mark"] == (
        "low_reliability"
    )


@pytest.mark.parametrize(
    ("source", "compared"), [(CLAIMANTS, 550), (WORK, 880), (PAY, 396), (INCOME, 594)]
)
def test_counties_and_england_lie_between_their_councils_and_a_changed_one_fails(source, compared):
    printed, england = parts(source)
    assert local_statistics.check_wholes(printed, england) == compared
    for low_or_high in (0.01, 1e6):
        wrong = england.assign(number=england["number"].mask(england["year"] == 2010, low_or_high))
        with pytest.raises(TieOutFailed, match=r"E92000001 \w+ 2010 is"):
            local_statistics.check_wholes(printed, wrong)
    lancashire = (printed["ecode"] == "E2321") & (printed["year"] == 2015)
    with pytest.raises(TieOutFailed, match=r"E2321 \w+ 2015 is"):
        local_statistics.check_wholes(
            printed.assign(number=printed["number"].mask(lancashire, 0.01)), england
        )


def parts(source):
    sheet = local_statistics._with_figures(sheet_of(source))
    codes = local_statistics._codes(sheet)
    england = local_statistics.known_codes(sheet, codes, (local_statistics.ENGLAND,))
    bodies = local_statistics._bodies(sheet)
    return (local_statistics._rows(sheet, rows, INDICATORS[source]) for rows in (bodies, england))


def test_employment_and_inactivity_leave_room_for_the_unemployed():
    rows = table(labour_market)
    wide = rows.pivot(index=["ecode", "year"], columns="item", values="value")
    seeking = 100 - wide["employment_rate"] - wide["inactivity_rate"]
    assert len(seeking.dropna()) == 6304
    assert seeking.min() > -0.001
    assert seeking.median() == pytest.approx(3.7)


def test_a_county_has_the_mean_of_its_districts_by_the_people_of_the_day(built):
    incomes = load("household_income").astype({"ecode": object})
    people = load("population", age="all", vintage="census_2021").astype({"ecode": object})
    both = incomes.merge(people[["ecode", "year", "people"]], on=["ecode", "year"])
    both["county"] = both["ecode"].map(register.councils()["county"])
    both = both[both["county"] != ""].assign(total=both["value"] * both["people"])
    sums = both.groupby(["county", "year"])[["total", "people"]].sum()
    mean = (sums["total"] / sums["people"]).rename_axis(["ecode", "year"])
    printed = incomes.set_index(["ecode", "year"])["value"].reindex(mean.index)
    assert len(mean) == 21 * 14  # 2010 to 2023
    assert ((mean / printed - 1).abs() < 0.0001).all()


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed(source, row, heading, word):
    sheet = sheet_of(source)
    text = sheet.text.copy()
    text[row, sheet.column(heading)] = word
    return dataclasses.replace(sheet, text=text)


@pytest.mark.parametrize("source", [CLAIMANTS, INCOME])
def test_an_unknown_name_stops_with_row_and_nearest(source):
    row = {CLAIMANTS: 5415, INCOME: 5555}[source]
    with pytest.raises(UnknownCouncil, match=rf"row {row + 1}: E09000022 'Lambheth'.*Lambeth"):
        local_statistics.figures(changed(source, row, "areanm", "Lambheth"), INDICATORS[source])


@pytest.mark.parametrize(
    ("heading", "word", "says"),
    [
        ("indicator", "Employment rates", r"cell D4341: the indicator 'Employment rates'.*mean"),
        ("period", "2010", r"cell E4341 holds '2010' where a year"),
        ("period", "2010-10-01", r"cell E4341 holds '2010-10-01'"),
        ("observation", "72.7%", r"cell F4341 holds '72.7%' where a figure belongs"),
    ],
)
def test_what_is_not_known_stops_with_its_cell(heading, word, says):
    with pytest.raises(UnreadableSource, match=says):
        local_statistics.figures(changed(WORK, 4340, heading, word), INDICATORS[WORK])


def test_a_new_status_beside_a_blank_stops():
    row = 4210  # the City of London, 2020
    with pytest.raises(UnreadableSource, match=r"cell F4211 holds 'z' where a figure belongs"):
        local_statistics.figures(changed(WORK, row, "status", "z"), INDICATORS[WORK])


def test_a_renamed_heading_stops():
    sheet = sheet_of(PAY)
    headings = ["value" if h == "observation" else h for h in sheet.headings]
    with pytest.raises(UnreadableSource, match="none of the headings observation is there"):
        local_statistics.figures(dataclasses.replace(sheet, headings=headings), INDICATORS[PAY])


def test_a_figure_outside_its_interval_breaks_the_contract():
    wrong = table(labour_market)
    wrong = wrong.assign(value=wrong["value"].mask(wrong["cell"] == "F3696", 100.0))
    with pytest.raises(ContractBroken, match="A figure lies within its confidence interval"):
        keep(labour_market.promised(), wrong)


@pytest.mark.parametrize(
    ("module", "item", "value"),
    [(labour_market, "claimant_rate", 101), (household_income, "disposable_income", 0)],
)
def test_a_figure_outside_its_bounds_breaks_the_contract(module, item, value):
    rows = table(module)
    wrong = rows.assign(value=np.where(rows["item"] == item, value, rows["value"]))
    with pytest.raises(ContractBroken, match="Every figure lies within the bounds of its item"):
        keep(module.promised(), wrong)


def test_a_council_twice_in_a_year_breaks_the_contract():
    rows = table(household_income)
    with pytest.raises(ContractBroken, match="There is one row for each ecode, item, year"):
        keep(household_income.promised(), pd.concat([rows, rows.iloc[:1]], ignore_index=True))
