import dataclasses
import functools

import pandas as pd
import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.families import lait, public_health
from coopstats.clean.sheets import rates
from coopstats.clean.sheets.sheet import sheets_of
from coopstats.clean.tables import young_people as young
from coopstats.core.errors import ContractBroken, TieOutFailed, UnknownCouncil, UnreadableSource
from coopstats.core.sources import read_sources
from coopstats.register import lookups

LONDON, LAIT = "public_health_london/2015", "lait/2016-2025"
BOROUGHS, LONG = "County & UA", "LAIT_bds_long.parquet"


@functools.cache
def table():
    return keep(young.promised(), young.clean())


@functools.cache
def tool():
    return young.of_tool()


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "source", "cell"),
    [
        ("Lambeth", 2010, "entrant_rate_london", 1408.8902371807, LONDON, "G947"),
        ("Lambeth", 2014, "entrant_rate_london", 706.596572776457, LONDON, "G1079"),
        ("Lambeth", 2010, "entrants_london", 318.535993724184, LONDON, "J947"),
        ("Lewisham", 2014, "people_10_17_london", 24238, LONDON, "K1080"),
        ("Hackney", 2014, "neet_share_london", 3.0, LONDON, "G1201"),
        ("Lewisham", 2014, "neet_london", 320, LONDON, "J1212"),
        ("Lambeth", 2017, "entrant_rate", 693, LAIT, "E77763"),
        ("Oldham", 2016, "entrant_rate", 356, LAIT, "E77621"),
        ("Telford and Wrekin", 2016, "entrant_rate", 480, LAIT, "E77658"),
        ("Oldham", 2018, "neet_share", 3.6, LAIT, "E513501"),  # the label is 2019
        ("Lambeth", 2017, "not_known_share", 8.7358126056508087, LAIT, "E514663"),
        ("Rochdale", 2024, "neet_or_not_known_share", 6.1, LAIT, "E46521"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, source, cell):
    rows = table()
    found = rows[(rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)]
    assert list(found["value"]) == pytest.approx([value], rel=1e-12)
    assert (found["source"].iloc[0], found["cell"].iloc[0]) == (source, cell)
    assert found["sheet"].iloc[0] == (BOROUGHS if source == LONDON else LONG)


def test_years_of_each_item_and_no_year_in_both_sources():
    years = table()[table()["value"].notna()].groupby("item", observed=True)["year"]
    found = {item: (low, high) for item, low, high in years.agg(["min", "max"]).itertuples()}
    assert found["entrant_rate_london"] == (2010, 2014)
    assert found["neet_share_london"] == (2011, 2014)
    assert found["entrant_rate"] == (2016, 2024)
    assert found["neet_share"] == found["not_known_share"] == (2017, 2024)
    assert found["neet_or_not_known_share"] == (2018, 2024)


def test_councils_with_a_rate_by_year():
    rates_ = table()[(table()["item"] == "entrant_rate") & table()["value"].notna()]
    counted = rates_.groupby("year")["ecode"].nunique().to_dict()
    assert counted == {
        2016: 148, 2017: 148, 2018: 148, 2019: 147, 2020: 146, 2021: 145, 2022: 148, 2023: 147,
        2024: 148,
    }  # fmt: skip


def test_what_is_withheld_for_few_cases_is_suppressed_not_zero():
    city = table()[(table()["council"] == "City of London") & (table()["year"] == 2014)]
    flags = city.set_index("item")["flag"]
    assert flags["entrant_rate_london"] == flags["entrants_london"] == "suppressed"
    assert flags["neet_share_london"] == "zero"
    assert pd.isna(city.set_index("item")["mark"]["entrant_rate_london"])


def test_a_note_on_quality_is_carried():
    marked = table()[(table()["mark"] == "data_quality") & (table()["item"] == "neet_share_london")]
    assert set(marked["year"]) == {2014}
    assert len(marked) == 12
    assert "Lambeth" in set(marked["council"])


# ── which year is meant ──────────────────────────────────────────────────────────────────────────


def test_the_dictionary_says_that_entrants_are_by_calendar_year():
    (dictionary,) = sheets_of(read_sources()["lait_dictionary/2025"])
    at = list(dictionary.column_of_text("Measure_short")).index("FirstYJS")
    assert dictionary.column_of_text("Year_Type")[at] == "Calendar Year"
    assert "Year Ending December" in dictionary.column_of_text("Description")[at]


def test_a_county_that_ended_in_april_has_a_quarter_of_its_rate_in_that_calendar_year():
    rate = table()[table()["item"] == "entrant_rate"].set_index(["council", "year"])
    for county, last in (("Northamptonshire", 2021), ("Cumbria", 2023)):
        assert rate["mark"][county, last] == "part_year"
        assert rate["value"][county, last] < 0.3 * rate["value"][county, last - 1]
        assert (county, last + 1) not in rate.index


def test_a_winter_read_by_the_year_of_its_end_would_outlive_its_council():
    by_label = lait.read_measures(tuple(young.BY_WINTER), lait.single_year)
    with pytest.raises(UnreadableSource, match=r"gives .* a figure for \d+, when .* not exist"):
        lait.council_figures(by_label)


def test_dorset_is_left_out_under_the_name_of_a_county_that_had_ended():
    dorset = table()[table()["council"].eq("Dorset") & (table()["item"] == "entrant_rate")]
    assert dorset["value"].isna().all()
    assert set(dorset["year"]) >= {2020, 2024}
    assert len(lookups.rows_left_out(LAIT, LONG)) == 6


# ── totals and rates ─────────────────────────────────────────────────────────────────────────────


def test_boroughs_add_up_to_london_but_for_the_city_and_a_changed_count_fails():
    london = young.of_london()
    differ = young.check_london(london)
    assert differ["service"].value_counts().to_dict() == {
        "people_10_17_london": 5, "entrants_london": 4, "known_16_18_london": 1,
    }  # fmt: skip
    first = (london["item"] == "entrants_london") & (london["year"] == 2013)
    changed = london.assign(number=london["number"] + (first & (london["ecode"] == "E5017")))
    with pytest.raises(TieOutFailed, match=r"J33 entrants_london: -1\.000, recorded none"):
        young.check_london(changed)


def test_england_is_the_sum_of_its_regions_in_every_year_and_so_a_doubt():
    areas = young._areas(young._long(False), young.BY_CALENDAR_YEAR)
    england = areas[areas["whole"] == "england"].set_index("year")["number"]
    summed = areas[areas["whole"] != "england"].groupby("year")["number"].sum()
    assert (england - summed).abs().max() <= 2
    assert (england[2016], areas[areas["whole"] == "london"]["number"].iloc[0]) == (3071, 412)
    doubts = young.check_rates(tool())
    assert doubts[["item", "whole"]].drop_duplicates().values.tolist() == [
        ["entrant_rate", "england"]
    ]
    assert sorted(doubts["year"]) == list(range(2016, 2025))


def test_a_council_beyond_its_region_or_a_record_no_longer_so_stops():
    wild = tool().copy()
    one = (wild["item"] == "neet_share") & (wild["year"] == 2020)
    wild["number"] = wild["number"].mask(one, 0.1)
    with pytest.raises(TieOutFailed, match=r"neet_share london 2020: 1\.8, its parts 0\.1 to 0\.1"):
        young.check_rates(wild)
    mended = young._areas(young._long(False), young.BY_CALENDAR_YEAR)
    mended["number"] = 200
    parts = pd.DataFrame(
        {"whole": "england", "item": "entrant_rate", "year": range(2016, 2025), "number": 200}
    )
    with pytest.raises(TieOutFailed, match="E77680: on record, but not so"):
        rates.check(mended, parts, LAIT)


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def changed(monkeypatch):
    """Gives the boroughs' sheet with another word in one cell."""

    def change(row, column, word):
        sheet = public_health._sheet(BOROUGHS)
        text = sheet.text.copy()
        text[row - 1, column] = word
        spoilt = dataclasses.replace(sheet, text=text)
        monkeypatch.setattr(public_health, "_sheet", lambda name: spoilt)

    return change


def boroughs():
    return public_health.borough_figures(young.ENTRANTS, young.OF_LONDON[young.ENTRANTS])


def test_an_unknown_name_stops(changed):
    changed(947, 5, "Lambath")
    with pytest.raises(UnknownCouncil, match=r"row 947: E09000022 'Lambath'.*'Lambeth'"):
        boroughs()


def test_an_unknown_note_stops(changed):
    changed(947, 13, "Rounded")
    with pytest.raises(UnreadableSource, match=r"cell N947 holds the note 'Rounded'"):
        boroughs()


def test_a_period_that_is_no_year_stops(changed):
    changed(947, 1, "2010/12")
    with pytest.raises(UnreadableSource, match=r"cell B947 holds '2010/12' where a period belongs"):
        boroughs()


def test_an_indicator_that_is_gone_stops():
    with pytest.raises(UnreadableSource, match=r"has no indicator '9.99 - Nothing'"):
        public_health.borough_figures("9.99 - Nothing", {})


def test_a_label_of_lait_that_is_no_single_year_stops():
    with pytest.raises(UnreadableSource, match=r"holds '20\d\d-\d\d.*' where a year belongs"):
        lait.read_measures(["YoungPeopleFinance"], lait.single_year)


@pytest.mark.parametrize(
    ("sentence", "item", "value"),
    [
        ("Every figure lies within the bounds of its item", "neet_share", 101),
        ("Every figure lies within the bounds of its item", "entrants_london", -1),
        ("A rate is its count over its denominator", "entrant_rate_london", 700),
        ("A rate is its count over its denominator", "neet_share_london", 9),
        ("NEET and not known make the share of both", "neet_or_not_known_share", 40),
    ],
)
def test_each_rule_of_its_own_can_be_broken(sentence, item, value):
    first = table().index[(table()["item"] == item) & table()["value"].gt(0)][-1]
    wrong = table().assign(value=table()["value"].mask(table().index == first, value))
    with pytest.raises(ContractBroken, match=sentence):
        keep(young.promised(), wrong)
