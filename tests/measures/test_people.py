"""People: nobody counted twice, nobody forgotten, one vintage a series."""

from __future__ import annotations

import pytest

from coopstats import PRINCIPAL, council, load, measure
from coopstats.core.errors import NotComparable, UnknownName
from coopstats.measures import population
from coopstats.register.councils import bodies

NORTHAMPTONSHIRE = tuple(c for c, b in bodies().items() if "E2820" in (c, b.county))

pytestmark = pytest.mark.usefixtures("built")


def spending(first, last):
    return measure("revenue_outturn", "core").where(council_class=PRINCIPAL).between(first, last)


def england(year):
    """The sum of the lowest tier, from the table itself."""
    vintage = "mid_2020" if year <= population.LAST_OF_EARLIER else "census_2021"
    rows = load("population", year=year, age="all", vintage=vintage)
    return rows.loc[rows["council_class"] != "SC", "people"].sum()


@pytest.mark.parametrize("year", [2009, 2010, 2011, 2015, 2020, 2021, 2023])
def test_nobody_in_england_is_counted_twice_or_forgotten(year):
    taken = spending(year, year).two_tier()
    counted, _ = population.of(taken.amounts, taken.members, "all", None)
    held = counted.dropna()
    apart = {2009, 2010, 2011, 2015}  # Dorset's are held only with Bournemouth's and Poole's
    missing = set(taken.amounts.loc[counted.isna(), "council"])
    assert missing == ({"Dorset area", "Bournemouth", "Poole"} if year in apart else set())
    if not missing:
        assert held.sum() == england(year)


@pytest.mark.parametrize("year", [2009, 2011, 2019])
def test_over_a_decade_every_place_has_its_people(year):
    taken = spending(2009, 2019).two_tier().per_head().amounts
    assert taken.loc[taken["year"] == year, "people"].sum() == england(year)


def test_the_people_of_a_county_are_those_of_its_districts():
    for county in ("E1920", "E2221", "E3620"):
        parts = [c for c, b in bodies().items() if b.county == county and b.alive(2015)]
        rows = load("population", year=2015, age="all", vintage="census_2021")
        held = rows.assign(ecode=rows["ecode"].astype(str)).set_index("ecode")["people"]
        assert held[county] == held[parts].sum()


def test_the_printed_england_is_divided_by_all_of_england():
    whole = measure("printed_totals", "core", whole="England", table="revenue_outturn")
    counted = whole.per_head().amounts.set_index("year")["people"]
    for year in (2009, 2015, 2023):
        assert counted[year] == england(year)


def test_a_county_that_gave_way_in_the_years_counts_once():
    taken = spending(2018, 2023).two_tier().per_head().amounts.set_index(["council", "year"])
    for year in (2018, 2020, 2021, 2023):
        rows = load("population", year=year, age="all", vintage="census_2021")
        held = rows.assign(ecode=rows["ecode"].astype(str)).set_index("ecode")["people"]
        expected = held["E2801"] + held["E2802"]
        assert taken.loc[("Northamptonshire area", year), "people"] == expected


def test_the_two_vintages_meet_in_2010():
    rows = load("population", year=population.LAST_OF_EARLIER, age="all")
    wide = rows.pivot(index="ecode", columns="vintage", values="people").dropna()
    assert len(wide) > 300
    assert (wide["census_2021"] == wide["mid_2020"]).all()


def test_a_vintage_is_not_stretched_beyond_its_years():
    lambeth = spending(2009, 2019).where(council="Lambeth")
    with pytest.raises(NotComparable, match="no population of that area is held for all"):
        lambeth.per_head(vintage="census_2021")  # begins in 2010


def test_children_have_a_vintage_of_their_own():
    taken = spending(2012, 2019).where(council="Lambeth").per_head(age="0-17")
    row = load("population", ecode=council("Lambeth").ecode, year=2015, age="0-17")
    counted = taken.amounts.set_index("year")["people"]
    assert counted[2015] == row["people"].iloc[0]
    assert taken.unit == "pounds per person aged 0-17, net current expenditure, nominal"
    with pytest.raises(UnknownName, match="'0-17'"):
        spending(2012, 2019).per_head(age="0-18")


def test_the_sentence_says_whom_and_which():
    assert population.sentence("all", None, [2009, 2012]).endswith(
        "all ages (re-based to Census 2021 from 2011)."
    )
    assert "mid-2020 series" in population.sentence("all", None, [2009, 2010])
    assert "vintage mid_2020" in population.sentence("all", "mid_2020", [2015])
    assert "aged 0-17" in population.sentence("0-17", None, [2015])


@pytest.mark.parametrize(
    ("parts", "counted", "year", "same"),
    [
        (("E2820", "E2832"), ("E2820",), 2015, True),  # Daventry within its county
        (("E2832",), ("E2820",), 2015, False),  # the whole county is too much
        ((*NORTHAMPTONSHIRE, "E2801", "E2802"), ("E2801", "E2802"), 2015, True),
        ((*NORTHAMPTONSHIRE, "E2801", "E2802"), ("E2801",), 2015, False),  # half is too little
        (("E2820", "E2801", "E2802"), ("E2801", "E2802"), 2015, False),  # no district's money
    ],
)
def test_the_people_counted_live_where_the_money_was_spent(parts, counted, year, same):
    assert population._same_ground(parts, counted, year) is same
