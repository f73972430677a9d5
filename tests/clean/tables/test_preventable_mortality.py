import dataclasses
import functools

import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.families import public_health
from coopstats.clean.sheets import rates
from coopstats.clean.tables import preventable_mortality as mortality
from coopstats.core.errors import ContractBroken, TieOutFailed, UnknownCouncil, UnreadableSource

CANCER, HEART = "cancer_rate", "cardiovascular_rate"
FILES = {
    CANCER: ("cancer_mortality/2001-2017", "preventable_mortality_from_cancer.csv"),
    HEART: (
        "cardiovascular_mortality/2001-2024",
        "preventable-cardiovascular-mortality-england.csv",
    ),
}


@functools.cache
def table():
    return keep(mortality.promised(), mortality.clean())


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "cell"),
    [
        ("Telford and Wrekin", 2001, CANCER, 102.6, "D37"),
        ("Stevenage", 2010, CANCER, 92.1, "D3215"),
        ("Lambeth", 2010, CANCER, 96.6, "D3275"),
        ("Rochdale", 2015, CANCER, 100.1, "D4855"),
        ("Oldham", 2022, HEART, 40.5191179542497, "F575"),
        ("Lancashire", 2010, HEART, 39.07542, "F740"),
        ("Telford and Wrekin", 2010, HEART, 41.87879, "F2455"),
        ("Stevenage", 2001, HEART, 55.22462, "F3841"),
        ("Hackney", 2010, HEART, 48.83657, "F4281"),
        ("Lambeth", 2010, HEART, 36.19746, "F4393"),
        ("Buckinghamshire", 2001, HEART, 46.22288, "F5039"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, cell):
    rows = table()
    (found,) = rows[
        (rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)
    ].itertuples()
    assert found.value == pytest.approx(value, rel=1e-12)
    assert (found.source, found.sheet, found.cell) == (*FILES[item], cell)


def test_periods_and_councils_of_each_cause():
    stand = table().groupby(["item", "year"], observed=True)["ecode"].nunique()
    assert set(stand[CANCER].index) == set(range(2001, 2016))
    assert set(stand[HEART].index) == set(range(2001, 2023))
    assert (set(stand[CANCER]), set(stand[HEART])) == ({326}, {315})
    classes = table().drop_duplicates(["item", "ecode"]).groupby("item", observed=True)
    counted = classes["council_class"].value_counts()
    assert (counted[HEART, "SC"], counted[HEART, "SD"]) == (21, 164)
    assert ("SC" not in counted[CANCER].index) or counted[CANCER, "SC"] == 0


def test_two_printed_together_are_flagged_where_they_are_and_only_there():
    joint = table()[table()["flag"] == "combined"]
    assert set(joint["council"]) == {"Hackney", "Cornwall"}
    assert set(joint["item"]) == {HEART}
    heart = table()[table()["item"] == HEART]
    assert not heart["council"].isin(["City of London", "Isles of Scilly"]).any()


def test_wholes_lie_between_their_parts_and_one_that_does_not_stops():
    sheet = mortality.cardiovascular_sheet()
    figures = mortality.cardiovascular_figures(sheet)
    assert len(mortality.check_between(sheet, figures)) == 0
    lancashire = (figures["ecode"] == "E2321") & (figures["year"] == 2010)
    high = figures.assign(number=figures["number"].mask(lancashire, 90))
    with pytest.raises(TieOutFailed, match="F740 cardiovascular_rate E2321 2010: 90, its parts"):
        mortality.check_between(sheet, high)
    low = figures.assign(number=figures["number"].mask(figures["year"] == 2005, 10))
    with pytest.raises(TieOutFailed, match=r"E12000007 2005: 45\.9342, its parts 10 to 10"):
        mortality.check_between(sheet, low)


def test_every_region_and_county_has_parts_to_be_compared_with():
    assert set(mortality.region_codes(mortality.cardiovascular_sheet())) == set(
        table()["region"].dropna()
    )
    wholes = mortality.printed_wholes(mortality.cardiovascular_sheet())
    parts = wholes[wholes["whole"].str.startswith("E12")].assign(whole="E92000001")
    assert rates.compared(wholes, parts) == 22


def test_the_two_causes_are_by_two_definitions():
    heart = mortality.printed_wholes(mortality.cardiovascular_sheet())
    england = heart[heart["whole"] == "E92000001"].set_index("year")["number"]
    name = "4.04ii - Under 75 mortality rate from cardiovascular diseases considered preventable"
    framework = public_health.printed_totals(public_health.ENGLAND, name, {"Value": HEART})
    before = framework.set_index("year")["number"]
    assert (round(england[2001], 1), round(before[2001], 1)) == (60.8, 98.6)


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed(row, column, word):
    sheet = mortality.cardiovascular_sheet()
    text = sheet.text.copy()
    text[row - 1, column] = word
    return dataclasses.replace(sheet, text=text)


def test_an_unknown_name_stops():
    with pytest.raises(UnknownCouncil, match=r"row 4393: E09000022 'Lambath'.*'Lambeth'"):
        mortality.cardiovascular_figures(changed(4393, 1, "Lambath"))


@pytest.mark.parametrize("word", ["2010", "2010-01-01/P1Y", "2010-04-01/P3Y", ""])
def test_a_period_that_is_not_three_calendar_years_stops(word):
    with pytest.raises(UnreadableSource, match=r"cell E4393 holds .* where three years belong"):
        mortality.cardiovascular_figures(changed(4393, 4, word))


def test_a_negative_rate_breaks_the_contract():
    wrong = table().assign(value=-table()["value"])
    with pytest.raises(ContractBroken, match="Every figure lies within the bounds of its item"):
        keep(mortality.promised(), wrong)
