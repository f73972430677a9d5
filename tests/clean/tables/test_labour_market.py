import dataclasses
import functools

import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.families import local_statistics
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.tables import labour_market
from coopstats.core.errors import ContractBroken, TieOutFailed, UnknownCouncil, UnreadableSource
from coopstats.register import lookups

PAY = "labour_market/2008-2025"
CLAIMANTS, WORK = "labour_market/2001-2025", "labour_market/2004-2023"
INDICATORS = labour_market.INDICATORS


@functools.cache
def table():
    return keep(labour_market.promised(), labour_market.clean())


def row_of(council, year, item):
    rows = table().set_index(["council", "year", "item"])
    return rows.loc[(council, year, item)]


# Read by hand in the four CSV files: the line is the cell's row.
@pytest.mark.parametrize(
    ("council", "year", "item", "value", "source", "cell"),
    [
        ("Lambeth", 2001, "claimant_rate", 5.3, CLAIMANTS, "F5416"),
        ("Lambeth", 2010, "claimant_rate", 5.1, CLAIMANTS, "F5424"),
        ("Stevenage", 2010, "claimant_rate", 3.9, CLAIMANTS, "F4775"),
        ("Lambeth", 2010, "employment_rate", 72.7, WORK, "F4341"),
        ("Lambeth", 2010, "inactivity_rate", 20.0, WORK, "F12381"),
        ("Lambeth", 2010, "median_weekly_pay", 574.9, PAY, "F3696"),
        ("Stevenage", 2008, "median_weekly_pay", 416.9, PAY, "F3224"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, source, cell):
    found = row_of(council, year, item)
    assert (found["value"], found["source"], found["cell"]) == (value, source, cell)


def test_intervals_are_as_printed():
    found = row_of("Lambeth", 2010, "employment_rate")
    assert (found["low"], found["high"]) == (68.8, 76.60000000000001)
    found = row_of("Stevenage", 2010, "median_weekly_pay")
    assert (found["low"], found["high"]) == (369.2784, 486.7216)
    claimants = table()[table()["item"] == "claimant_rate"]
    assert claimants[["low", "high"]].isna().all().all()  # a count of records, no survey


@pytest.mark.parametrize(
    ("item", "first", "last"),
    [
        ("claimant_rate", 2001, 2025),
        ("employment_rate", 2004, 2023),
        ("inactivity_rate", 2004, 2023),
        ("median_weekly_pay", 2008, 2025),
    ],
)
def test_the_councils_of_2023_are_there_in_every_year(item, first, last):
    rows = table()[table()["item"] == item]
    assert rows.groupby("year")["ecode"].nunique().to_dict() == dict.fromkeys(
        range(first, last + 1), 317
    )
    listed = lookups.council_table()
    there = listed[(listed["kind"] == "principal") & (listed["last_year"] == "2023")]
    assert set(rows["ecode"]) == set(there["ecode"])
    assert (rows["council_class"] == "SC").sum() == 21 * (last + 1 - first)


def test_a_figure_that_is_not_there_says_why():
    blank = table()[table()["value"].isna()]
    assert blank["flag"].value_counts().loc[["missing", "suppressed"]].to_dict() == {
        "missing": 154,
        "suppressed": 34,
    }
    assert row_of("City of London", 2020, "employment_rate")["flag"] == "suppressed"
    assert row_of("Cumberland", 2010, "median_weekly_pay")["flag"] == "missing"


def test_estimates_of_few_people_are_marked():
    marked = table()[table()["mark"] == "low_reliability"]
    assert len(marked) == 51
    assert marked["low"].isna().all()
    assert row_of("City of London", 2018, "employment_rate")["mark"] == ("low_reliability")


@pytest.mark.parametrize(("source", "compared"), [(CLAIMANTS, 550), (WORK, 880), (PAY, 396)])
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
    rows = table()
    wide = rows.pivot(index=["ecode", "year"], columns="item", values="value")
    seeking = 100 - wide["employment_rate"] - wide["inactivity_rate"]
    assert len(seeking.dropna()) == 6304
    assert seeking.min() > -0.001
    assert seeking.median() == pytest.approx(3.7)


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed(source, row, heading, word):
    sheet = sheet_of(source)
    text = sheet.text.copy()
    text[row, sheet.column(heading)] = word
    return dataclasses.replace(sheet, text=text)


def test_an_unknown_name_stops_with_row_and_nearest():
    with pytest.raises(UnknownCouncil, match=r"row 5416: E09000022 'Lambheth'.*Lambeth"):
        local_statistics.figures(
            changed(CLAIMANTS, 5415, "areanm", "Lambheth"), INDICATORS[CLAIMANTS]
        )


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
    wrong = table()
    wrong = wrong.assign(value=wrong["value"].mask(wrong["cell"] == "F3696", 100.0))
    with pytest.raises(ContractBroken, match="A figure lies within its confidence interval"):
        keep(labour_market.promised(), wrong)


def test_a_rate_over_a_hundred_breaks_the_contract():
    wrong = table().assign(value=table()["value"].mask(table()["item"] == "claimant_rate", 101))
    with pytest.raises(ContractBroken, match="Every figure lies within the bounds of its item"):
        keep(labour_market.promised(), wrong)
