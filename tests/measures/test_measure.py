"""Every verb of a measure: what it computes, what it says, what it refuses."""

from __future__ import annotations

import dataclasses
import functools

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coopstats import PRINCIPAL, council, load, measure
from coopstats.core.errors import CannotSplit, NotComparable, UnknownName
from coopstats.register.councils import bodies

pytestmark = pytest.mark.usefixtures("built")

COLUMNS = ["gss", "ecode", "council", "council_class", "region", "year", "value"]
TAUNTON = ["Taunton Deane", "West Somerset", "Somerset West and Taunton"]


@functools.cache
def spending(service="core", first=2009, last=2019):
    every = measure("revenue_outturn", service).where(council_class=PRINCIPAL)
    return every.between(first, last)


def value(taken, year=None, name=None):
    rows = taken.frame
    rows = rows if year is None else rows[rows["year"] == year]
    rows = rows if name is None else rows[rows["council"] == name]
    assert len(rows) == 1
    return rows["value"].iloc[0]


def printed(name, year, service):
    rows = load("revenue_outturn", ecode=council(name, year).ecode, year=year, service=service)
    return float(rows["gbp"].iloc[0])


def people(name, year, vintage):
    code = council(name).ecode
    rows = load("population", ecode=code, year=year, age="all", vintage=vintage)
    return int(rows["people"].iloc[0])


# ── what it is ───────────────────────────────────────────────────────────────────────────────────


def test_the_frame_has_the_same_columns_after_every_verb():
    lambeth = spending().where(council="Lambeth")
    for taken in (
        lambeth,
        lambeth.real(2019),
        lambeth.per_head(),
        lambeth.index(2010),
        lambeth.change(2010, 2016),
        lambeth.on(2021),
        lambeth.by("region"),
    ):
        assert list(taken.frame.columns) == [*COLUMNS, "break"]


def test_the_frame_is_a_copy():
    taken = spending().where(council="Lambeth")
    rows = taken.frame
    rows["value"] = 0.0
    assert value(taken, 2010) == printed("Lambeth", 2010, "core")


def test_a_line_with_several_figures_a_year_asks_which():
    with pytest.raises(UnknownName, match="date: 1 April, 31 March"):
        measure("reserves", "unallocated")
    assert measure("reserves", "unallocated", date="31 March").years[0] == 2007


@pytest.mark.parametrize(
    ("table", "said"), [("councils", "holds no figures"), ("deflator", "is not by council")]
)
def test_a_table_without_figures_of_councils_is_no_measure(table, said):
    with pytest.raises(UnknownName, match=said):
        measure(table)


def test_only_the_publications_of_the_years_used_are_cited():
    cited = spending().between(2010, 2012).sources
    assert len(cited) == 1
    assert cited[0].endswith("2010-11 to 2012-13")
    after = spending().two_tier().change(2010, 2012).sources
    assert after == cited


def test_a_single_edition_is_cited_with_its_vintage():
    (cited,) = spending().between(2010, 2010).sources
    assert "2010-11 (27 November 2012" in cited


def test_printing_says_unit_coverage_gaps_steps_and_sources():
    told = repr(spending().two_tier().real(2019).per_head())
    assert "unit     pounds per person, net current expenditure, 2019-20 prices" in told
    assert "coverage 150 places, 2009-10 to 2019-20" in told
    assert "gaps     1 of 1650 figures missing; 0 places left out" in told  # Scilly 2016-17
    assert told.count("  step  ") >= 6
    assert "source   HM Treasury" in told


def test_one_place_is_one_and_classes_are_several():
    london = spending().where(council_class=["L", "SC"])
    assert "Only London boroughs, shire counties." in london.steps
    told = london.without("City of London", "few residents")
    assert "; 1 place left out" in repr(told)
    assert "; 1 place left out" in told._repr_html_()
    assert "Only unitary authorities." in spending().where(council_class="UA").steps


def test_html_is_escaped():
    odd = dataclasses.replace(spending(), steps_given=("<b>a & b</b>",))
    assert "&lt;b&gt;a &amp; b&lt;/b&gt;" in odd._repr_html_()
    assert "<b>a" not in odd._repr_html_()


# ── choosing ─────────────────────────────────────────────────────────────────────────────────────


def test_between_keeps_both_ends():
    assert spending().between(2010, 2012).years == [2010, 2011, 2012]


def test_where_keeps_classes_regions_and_councils():
    london = spending().where(region="London", council_class="L")
    assert london.frame["ecode"].nunique() == 33
    pair = spending().where(council=["Lambeth", "E5035"]).frame
    assert set(pair["council"]) == {"Lambeth", council("E5035").name}


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"region": "Londn"}, "Did you mean 'London'"),
        ({"council_class": "XX"}, "There are: L, MD, SC, SD, UA"),
        ({"council": "Kingston"}, "Kingston"),
    ],
)
def test_where_refuses_what_is_not_there(chosen, said):
    with pytest.raises(Exception, match=said):
        spending().where(**chosen)


def test_a_council_that_has_no_row_is_refused_not_passed_over():
    with pytest.raises(UnknownName, match="no row for Cumberland"):
        spending().where(council=["Lambeth", "Cumberland"])
    with pytest.raises(UnknownName, match="no row for Cumberland"):
        spending().without("Cumberland", "a reason")


def test_without_says_who_and_why():
    fewer = spending().without("City of London", "hardly anyone lives there")
    assert fewer.steps[2] == "Left out, hardly anyone lives there: City of London."
    assert list(fewer.left_out["council"]) == ["City of London"]


def test_years_that_are_not_held_are_refused():
    with pytest.raises(UnknownName, match="no row for 1999-00 to 2001-02"):
        spending().between(1999, 2001)


def test_nothing_left_is_an_error_not_an_empty_table():
    with pytest.raises(NotComparable, match="nothing would be left"):
        spending().where(council="Lambeth").without("Lambeth", "a test")


# ── real, per head ───────────────────────────────────────────────────────────────────────────────


def test_real_multiplies_by_the_ratio_of_the_deflators():
    level = load("deflator", index="gdp").set_index("year")["value"]
    taken = spending("cultural").where(council="Lambeth").real(2019)
    assert value(taken, 2010) == pytest.approx(22_218_000 * level[2019] / level[2010])
    assert taken.unit == "pounds, net current expenditure, 2019-20 prices"


def test_real_by_cpih_is_another_number():
    level = load("deflator", index="cpih").set_index("year")["value"]
    taken = spending("cultural").where(council="Lambeth").real(2019, index="cpih")
    assert value(taken, 2010) == pytest.approx(22_218_000 * level[2019] / level[2010])
    assert taken.steps[-1] == "Put into 2019-20 prices with CPIH."


def test_per_head_divides_by_the_people_of_that_year():
    taken = spending("cultural").where(council="Lambeth").per_head()
    assert value(taken, 2010) == pytest.approx(22_218_000 / people("Lambeth", 2010, "mid_2020"))
    later = printed("Lambeth", 2016, "cultural") / people("Lambeth", 2016, "census_2021")
    assert value(taken, 2016) == pytest.approx(later)
    assert taken.unit == "pounds per person, net current expenditure, nominal"


def test_per_head_names_the_vintages():
    taken = spending().where(council="Lambeth")
    assert "(re-based to Census 2021 from 2011)" in taken.per_head().steps[-3]
    assert "(vintage mid_2020)" in taken.per_head(vintage="mid_2020").steps[-3]
    assert "mid-2020 series" in taken.between(2009, 2010).per_head().steps[-1]
    with pytest.raises(UnknownName, match="census_2021, mid_2020"):
        taken.per_head(vintage="mid_2021")


def test_real_and_per_head_may_come_in_either_order():
    taken = spending().two_tier()
    one, other = taken.real(2019).per_head().frame, taken.per_head().real(2019).frame
    pd.testing.assert_frame_equal(one, other)


def test_no_population_for_a_body_that_was_abolished():
    with pytest.raises(NotComparable, match=r"Taunton Deane.*`\.on\(2021\)`"):
        spending().where(council="Taunton Deane").per_head()


def test_left_out_for_want_of_a_population_is_named():
    taken = spending().where(region="East of England").per_head(leave_out=True)
    assert "Forest Heath" in set(taken.left_out["council"])
    assert "Forest Heath" not in set(taken.frame["council"])


# ── index and change ─────────────────────────────────────────────────────────────────────────────


def test_index_is_100_in_its_year():
    taken = spending("cultural").where(council="Lambeth").index(2010)
    assert value(taken, 2010) == 100
    expected = 100 * printed("Lambeth", 2016, "cultural") / 22_218_000
    assert value(taken, 2016) == pytest.approx(expected)


def test_change_in_per_cent_one_row_at_the_later_year():
    taken = spending("cultural").where(council="Lambeth").change(2010, 2016)
    expected = 100 * (printed("Lambeth", 2016, "cultural") / 22_218_000 - 1)
    assert value(taken, 2016) == pytest.approx(expected)
    assert taken.unit == (
        "per cent change, 2010-11 to 2016-17, of pounds, net current expenditure, nominal"
    )


@pytest.mark.parametrize("span", [(2009, 2011), (2011, 2009)])
def test_change_from_the_mean_of_a_span(span):
    taken = spending("cultural").where(council="Lambeth").change(span, 2016)
    base = sum(printed("Lambeth", y, "cultural") for y in (2009, 2010, 2011)) / 3
    expected = 100 * (printed("Lambeth", 2016, "cultural") / base - 1)
    assert value(taken) == pytest.approx(expected)
    assert "mean of 2009-10 to 2011-12" in taken.unit


@pytest.mark.parametrize(("before", "after"), [(2005, 2016), (2010, 2025), ((2007, 2010), 2016)])
def test_a_year_that_is_not_held_is_refused(before, after):
    with pytest.raises(UnknownName, match="covers 358 places, 2009-10 to 2019-20"):
        spending().change(before, after, leave_out=True)


@pytest.mark.parametrize("service", ["education", "total_service_expenditure"])
def test_a_severing_break_is_refused_and_says_why(service):
    taken = spending(service)
    for refused in (lambda: taken.change(2010, 2016), lambda: taken.index(2010)):
        with pytest.raises(NotComparable, match="academies"):
            refused()


def test_a_line_across_a_severing_break_comes_in_pieces_and_says_so():
    care = measure("social_care_spending", "mental_health_adults").where(council="Lambeth")
    said = next(step for step in care.real(2019).per_head().steps if "Not one series" in step)
    assert "2008-09 to 2013-14 and 2014-15 to 2020-21 cannot be compared" in said
    assert "primary support reasons" in said
    piece = care.frame.groupby("piece")["year"].agg(["min", "max"])
    assert piece.to_numpy().tolist() == [[2008, 2013], [2014, 2020]]
    for part in care.pieces():
        assert "piece" not in part.frame
        assert not any("Not one series" in step for step in part.steps)
    assert "Not one series" in repr(care)


def test_each_year_of_schools_is_a_piece_of_its_own():
    education = measure("revenue_outturn", "education").where(council="Lambeth")
    assert education.frame["piece"].tolist() == [1, 1, 1, *range(2, 16)]
    assert "2007-08 to 2009-10, 2010-11" in education.steps[-2]


def test_a_break_of_single_councils_is_said_where_they_are():
    tipped = measure("fly_tipping", "incidents")
    assert any(
        "Not one series in all councils" in step for step in tipped.where(council="Lewisham").steps
    )
    assert "piece" not in measure("revenue_outturn", "core").frame


def test_years_before_the_severing_break_are_compared():
    taken = measure("revenue_outturn", "education").where(council="Lambeth")
    assert len(taken.change(2007, 2009).frame) == 1


def test_a_noted_break_is_computed_and_said():
    lambeth = spending().where(council="Lambeth")
    told = lambeth.change(2010, 2016).steps
    assert any("council tax support" in step for step in told)
    assert any("services to young people" in step for step in told)
    assert not any("council tax support" in s for s in lambeth.change(2014, 2016).steps)


def test_the_size_of_a_break_is_given_where_it_is_printed():
    taken = measure("revenue_outturn", "core").where(council="Lambeth").index(2008)
    assert any("0.7% higher in 2008-09" in step for step in taken.steps)


def test_a_negative_base_is_refused():
    oxford = spending("planning").where(council="Oxford")
    assert value(oxford, 2009) == -3_813_000
    with pytest.raises(NotComparable, match="its 2009-10 is negative or near zero"):
        oxford.change(2009, 2016)


def test_a_base_near_zero_is_refused_and_can_be_left_out():
    highways = spending("highways", last=2018).where(council_class="SD")
    with pytest.raises(NotComparable, match="negative or near zero"):
        highways.index(2009)
    kept = highways.change(2009, 2018, leave_out=True)
    weak = kept.left_out[kept.left_out["reason"].str.contains("near zero")]
    assert "Chiltern" in set(weak["council"])
    assert not set(weak["council"]) & set(kept.frame["council"])


def test_a_base_under_a_tenth_of_the_usual_is_near_zero():
    roads = measure("revenue_outturn", "highways")
    under, over = roads.where(council="Wandsworth"), roads.where(council="Manchester")
    share = {
        taken.frame["council"].iloc[0]: value(taken, year) / taken.frame["value"].abs().median()
        for taken, year in ((under, 2008), (over, 2021))
    }
    assert 0 < share["Wandsworth"] < 0.1 < share["Manchester"] < 0.12
    with pytest.raises(NotComparable, match="its 2008-09 is negative or near zero"):
        under.index(2008)
    assert value(over.index(2021), 2021) == 100


def test_a_missing_return_is_refused_then_left_out_by_name():
    cities = measure("revenue_outturn", "core").where(council_class="MD")
    with pytest.raises(NotComparable, match="Birmingham: no figure for 2022-23"):
        cities.change(2010, 2022)
    kept = cities.change(2010, 2022, leave_out=True)
    assert list(kept.left_out["council"]) == ["Birmingham"]
    assert len(kept.frame) == 35


@pytest.mark.parametrize(
    "verb",
    [
        lambda m: m.real(2019),
        lambda m: m.per_head(),
        lambda m: m.on(2021),
        lambda m: m.two_tier(),
        lambda m: m.by("region"),
    ],
)
def test_nothing_is_done_to_what_is_already_relative(verb):
    lambeth = spending().where(council="Lambeth")
    for relative in (lambeth.index(2010), lambeth.change(2010, 2016)):
        with pytest.raises(NotComparable, match="already relative"):
            verb(relative)


def test_what_is_not_nominal_is_not_deflated():
    with pytest.raises(NotComparable, match="in 2019-20 prices"):
        spending().real(2019).real(2010)
    with pytest.raises(NotComparable, match="not money but people"):
        measure("population", age="all", vintage="mid_2020").real(2019)


# ── places ───────────────────────────────────────────────────────────────────────────────────────


def test_merged_councils_are_added_up_in_their_successor():
    taken = spending().where(council=TAUNTON).on(2021)
    assert set(taken.frame["council"]) == {"Somerset West and Taunton"}
    both = sum(printed(name, 2010, "core") for name in TAUNTON[:2])
    assert value(taken, 2010) == both
    assert value(taken, 2019) == printed("Somerset West and Taunton", 2019, "core")


def test_a_merged_council_with_a_part_missing_is_missing_not_smaller():
    taken = spending().where(council=[TAUNTON[0], TAUNTON[2]]).on(2021)
    assert taken.frame.set_index("year")["value"].isna().sum() == 10


@pytest.mark.parametrize(
    ("name", "heirs"),
    [
        ("Northamptonshire", "North Northamptonshire and West Northamptonshire"),
        ("E1221", "Bournemouth, Christchurch and Poole and Dorset"),
    ],
)
def test_a_divided_council_is_refused(name, heirs):
    with pytest.raises(CannotSplit, match=heirs):
        spending().where(council=name).on(2021)


def test_what_lay_beside_a_divided_council_is_left_out_with_it():
    taken = spending().on(2021, leave_out=True)
    lost = set(taken.left_out["ecode"])
    assert {"E2820", "E2832", "E1221", "E1202"} <= lost  # the county, Daventry; Dorset, Poole
    assert len(taken.frame["ecode"].unique()) == 329


def test_a_council_that_nothing_happened_to_stands_on_any_year():
    lambeth = spending().where(council="Lambeth")
    pd.testing.assert_frame_equal(lambeth.on(2021).frame, lambeth.frame, check_dtype=False)
    assert lambeth.on(2021).left_out.empty


def test_a_council_that_had_not_begun_is_refused():
    with pytest.raises(NotComparable, match="East Suffolk began after 2018-19"):
        spending().where(council="East Suffolk").on(2018)


def test_a_county_and_its_districts_are_one_area():
    area = spending().two_tier()
    county = [b for b in bodies().values() if "E1920" in (b.ecode, b.county)]
    expected = sum(printed(b.ecode, 2010, "core") for b in county)
    assert len(county) == 11
    assert value(area, 2010, "Hertfordshire area") == expected


def test_dorset_goes_with_bournemouth_and_poole_only_when_they_were_joined():
    assert "Dorset + Bournemouth + Poole area" in set(spending().two_tier().frame["council"])
    before = set(spending(last=2018).two_tier().frame["council"])
    assert {"Dorset area", "Bournemouth", "Poole"} <= before


@pytest.mark.parametrize(("first", "last"), [(2007, 2023), (2009, 2019), (2010, 2016)])
def test_two_tier_loses_nothing(first, last):
    taken = spending(first=first, last=last)
    apart = taken.amounts.groupby("year")["amount"].sum()
    areas = taken.two_tier()
    together = areas.amounts.groupby("year")["amount"].sum()
    missing = areas.amounts[areas.amounts["amount"].isna()]
    for year in apart.index:
        if year not in set(missing["year"]):
            assert together[year] == apart[year]
    parts = [code for codes in areas.members.values() for code in codes]
    assert len(parts) == len(set(parts))
    assert set(taken.amounts["ecode"]) <= set(parts)


def test_places_that_are_no_councils_are_not_regrouped():
    england = measure("printed_totals", "core", whole="England", table="revenue_outturn")
    for refused in (lambda: england.on(2021), lambda: england.two_tier()):
        with pytest.raises(NotComparable, match="England: no council"):
            refused()


# ── groups ───────────────────────────────────────────────────────────────────────────────────────


def test_england_is_the_sum_of_all_councils():
    taken = spending(last=2015).by("england")
    apart = spending(last=2015).frame.groupby("year")["value"].sum()
    assert list(taken.frame["value"]) == list(apart)
    assert taken.steps[2] == "Added up by country: England 353 places."


def test_groups_add_up_to_the_whole():
    areas = spending().two_tier().without("Isles of Scilly", "no return in 2016-17")
    whole = areas.by("england").frame["value"]
    for group in ("council_class", "region"):
        parts = areas.by(group).frame.groupby("year")["value"].sum()
        assert list(parts) == list(whole)


def test_each_kind_of_grouping_names_its_groups():
    areas = spending().two_tier()
    found = {
        group: set(areas.by(group, leave_out=True).frame["council"])
        for group in ("council_class", "region", "subregion", "deprivation_fifth_2015")
    }
    assert found["council_class"] >= {"London borough", "two-tier area"}
    assert len(found["region"]) == 9
    assert found["subregion"] == {"inner London", "outer London"}
    assert "most deprived fifth" in found["deprivation_fifth_2015"]
    assert len(found["deprivation_fifth_2015"]) == 5


def test_a_fifth_is_a_fifth_of_the_places_and_cites_the_index():
    taken = spending().two_tier().by("deprivation_fifth", leave_out=True)
    (told,) = [s for s in taken.steps if s.startswith("Added up")]
    sizes = [int(word) for word in told.replace(";", " ").split() if word.isdigit()]
    assert max(sizes) - min(sizes) <= 1
    assert any("Indices of Deprivation" in cited for cited in taken.sources)


def test_hackney_is_among_the_most_deprived_and_wokingham_among_the_least():
    taken = spending().two_tier().by("deprivation_fifth", leave_out=True)
    assert council("Hackney").ecode in taken.members["most deprived fifth"]
    assert council("Wokingham").ecode in taken.members["least deprived fifth"]


def test_too_few_places_make_no_fifths():
    with pytest.raises(NotComparable, match="at least 5 places"):
        spending().where(council="Lambeth").by("deprivation_fifth")


def test_a_missing_figure_would_look_like_a_cut():
    cities = measure("revenue_outturn", "core").where(council_class="MD")
    with pytest.raises(NotComparable, match="Birmingham: no figure"):
        cities.by("england")
    assert "Birmingham" in set(cities.by("england", leave_out=True).left_out["council"])


def test_an_unknown_grouping_is_met_with_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'region'"):
        spending(last=2015).by("regions")


def test_where_places_begin_or_end_the_step_says_how_many():
    told = spending().where(region="East of England").by("region").steps
    assert any("East of England 52 places, 50 at the end" in step for step in told)


def test_a_group_is_divided_by_its_own_people():
    london = spending().where(council_class="L").by("england").per_head()
    held = load("population", year=2015, age="all", vintage="census_2021", council_class="L")
    counted = london.amounts.set_index("year")["people"]
    assert counted[2015] == held["people"].sum()


def test_a_group_whose_ground_changed_is_not_divided_by_people_it_did_not_have():
    unitary = measure("revenue_outturn", "core").where(council_class="UA")
    unitary = unitary.without(["Isles of Scilly", "Westmorland and Furness"], "no return")
    unitary = unitary.by("england")
    with pytest.raises(NotComparable, match=r"before `\.by`"):
        unitary.between(2008, 2012).per_head()
    assert len(unitary.between(2009, 2018).frame) == 10


# ── laws ─────────────────────────────────────────────────────────────────────────────────────────

VERBS = {
    "between": lambda m: m.between(2010, 2016),
    "where": lambda m: m.where(council_class=["L", "MD", "UA"]),
    "real": lambda m: m.real(2015),
    "per_head": lambda m: m.per_head(leave_out=True),
    "index": lambda m: m.index(2010, leave_out=True),
    "change": lambda m: m.change(2010, 2016, leave_out=True),
    "on": lambda m: m.on(2021, leave_out=True),
    "two_tier": lambda m: m.two_tier(),
    "england": lambda m: m.by("england", leave_out=True),
    "council_class": lambda m: m.by("council_class", leave_out=True),
    "region": lambda m: m.by("region", leave_out=True),
    "subregion": lambda m: m.by("subregion", leave_out=True),
    "deprivation_fifth": lambda m: m.by("deprivation_fifth", leave_out=True),
}
LOSING = sorted(set(VERBS) - {"between", "where", "real"})
CODES = sorted(b.ecode for b in bodies().values() if b.council_class in PRINCIPAL)
SERVICES = ("core", "planning", "highways")
quick = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def some_councils(draw):
    """A measure of some councils, in random order of rows."""
    taken = spending(draw(st.sampled_from(SERVICES)))
    codes = draw(st.lists(st.sampled_from(CODES), min_size=8, max_size=40, unique=True))
    rows = taken.amounts[taken.amounts["ecode"].isin([*codes, "E5017"])]
    rows = rows.sample(frac=1, random_state=draw(st.integers(0, 99)))
    members = {c: taken.members[c] for c in rows["ecode"].unique()}
    return dataclasses.replace(taken, amounts=rows.reset_index(drop=True), members=members)


def tidy(taken):
    return taken.frame.sort_values(["ecode", "year"], ignore_index=True)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_says_one_thing_and_may_name_whom_it_left_out(verb):
    taken = spending()
    done = VERBS[verb](taken)
    more = [s for s in done.steps_given if s not in taken.steps_given]
    own = [s for s in more if not s.startswith("Left out") and "2013-14 council" not in s]
    own = [s for s in own if not s.startswith("In 2014-15 services")]
    assert len(own) == 1
    assert done.steps_given[: len(taken.steps_given)] == taken.steps_given


@pytest.mark.parametrize("verb", LOSING)
@quick
@given(taken=some_councils())
def test_no_council_is_dropped_in_silence(verb, taken):
    try:
        done = VERBS[verb](taken)
    except NotComparable:  # said aloud
        return
    named = set(done.left_out["ecode"])
    kept = {code for place in done.amounts["ecode"] for code in done.members[place]}
    given_in = set(taken.amounts["ecode"])
    assert given_in <= kept | named
    if verb in ("per_head", "index", "change"):
        assert not set(done.amounts["ecode"]) & named
    assert all(name in " ".join(done.steps_given) or "more." in " ".join(done.steps_given)
               for name in done.left_out["council"])  # fmt: skip


@pytest.mark.parametrize("verb", [v for v in VERBS if v != "where"])
@quick
@given(taken=some_councils())
def test_the_order_of_the_councils_does_not_matter(verb, taken):
    ordered = taken.amounts.sort_values(["ecode", "year"], ignore_index=True)
    try:
        one = tidy(VERBS[verb](taken))
    except NotComparable as refused:
        with pytest.raises(type(refused)):
            VERBS[verb](dataclasses.replace(taken, amounts=ordered))
        return
    other = tidy(VERBS[verb](dataclasses.replace(taken, amounts=ordered)))
    pd.testing.assert_frame_equal(one, other)


@quick
@given(year=st.integers(1990, 2022), index=st.sampled_from(["gdp", "cpih"]))
def test_real_and_back_again_is_the_same(year, index):
    year = min(year, 2021)
    level = load("deflator", index=index).set_index("year")["value"]
    taken = spending().where(council="Lambeth")
    back = taken.real(year, index).frame.set_index("year")["value"]
    there = taken.frame.set_index("year")["value"]
    assert (back * level.reindex(back.index) / level[year]).to_numpy() == pytest.approx(
        there.to_numpy()
    )


@quick
@given(taken=some_councils())
def test_per_head_times_people_is_the_amount(taken):
    done = taken.per_head(leave_out=True)
    product = done.frame["value"].to_numpy() * done.amounts["people"].to_numpy()
    assert product == pytest.approx(done.amounts["amount"].to_numpy(), nan_ok=True)


@quick
@given(taken=some_councils())
def test_two_tier_preserves_totals_or_says_that_a_part_is_missing(taken):
    areas = taken.two_tier()
    kept = areas.amounts.dropna(subset="amount")
    for place, year, amount in kept[["ecode", "year", "amount"]].itertuples(index=False):
        of_place = taken.amounts["ecode"].isin(areas.members[place])
        parts = taken.amounts[of_place & (taken.amounts["year"] == year)]
        assert amount == parts["amount"].sum()


def test_a_group_without_one_figure_is_without_what_that_place_was_before(built):
    """Westmorland and Furness made no return for 2023-24: nor may Cumbria count before."""
    core = measure("revenue_outturn", "core").where(council_class=PRINCIPAL).between(2021, 2023)
    whole = core.by("region", leave_out=True)
    gone = set(whole.left_out["council"])
    assert {"Westmorland and Furness", "Cumbria", "Eden", "Cumberland", "Carlisle"} <= gone
    with pytest.raises(NotComparable, match="no figure in one of the years"):
        core.by("region")


def test_a_class_that_gained_a_county_is_not_compared_with_itself_before(built):
    classes = measure("revenue_outturn", "core").where(council_class=PRINCIPAL).between(2007, 2010)
    by_class = classes.by("council_class")
    with pytest.raises(NotComparable, match="not the same areas"):
        by_class.change(2007, 2010)
    kept = by_class.change(2007, 2010, leave_out=True)
    assert set(kept.frame["council"]) == {"London borough", "metropolitan district"}
    regions = classes.by("region").change(2007, 2010)
    assert len(regions.frame) == 9


def test_both_publications_of_a_comparison_are_cited(built):
    beside = measure("budget_against_outturn", "cultural")
    assert {"Revenue Account budget", "Revenue Outturn Summary"} <= {
        source.split(", ")[1].split(" (")[0] for source in beside.sources
    }


# ── counties and their districts ─────────────────────────────────────────────────────────────────


def conceptions(item="conceptions"):
    return measure("teenage_conceptions", item=item)


def test_a_county_and_its_districts_are_never_added_up_together():
    for verb in (lambda m: m.by("region"), lambda m: m.on(2021)):
        with pytest.raises(NotComparable, match="count twice"):
            verb(conceptions())
    whole = conceptions().two_tier()
    assert "SD" not in set(whole.frame["council_class"])
    england = whole.by("england")
    districts = conceptions().where(council_class=["L", "MD", "UA", "SD"]).by("england")
    assert value(england, 2010) == value(districts, 2010)


def test_people_of_a_county_and_its_districts_are_counted_once():
    counted = measure("population", age="all", vintage="mid_2020")
    with pytest.raises(NotComparable, match="count twice"):
        counted.by("england")
    england = counted.two_tier().by("england")
    assert value(england, 2010) == 52_642_452  # ENGLAND, MYE 5


def test_calendar_years_are_named_as_such():
    changed = conceptions("conception_rate").where(council="Lambeth").change(1998, 2017)
    assert changed.unit == ("per cent change, 1998 to 2017, of per 1,000 women aged 15 to 17")
    assert conceptions().coverage == "351 places, 1998 to 2017"


def test_a_county_s_figure_is_spread_by_population_only_when_asked_and_says_so():
    youth = measure("children_spending", "youth", basis="gross_expenditure").between(2015, 2015)
    spread = youth.over_districts(leave_out=True)
    assert any("spread over its districts" in step for step in spread.steps)
    assert any("Office for National Statistics" in cited for cited in spread.sources)
    kent = value(youth, 2015, "Kent")
    districts = [c for c, body in bodies().items() if body.county == council("Kent").ecode]
    shares = spread.frame[spread.frame["ecode"].isin(districts)]
    assert shares["value"].sum() == pytest.approx(kent)
    ashford, all_of_kent = (
        sum(people(bodies()[c].name, 2015, "census_2021") for c in codes)
        for codes in ([council("Ashford").ecode], districts)
    )
    assert value(spread, 2015, "Ashford") == pytest.approx(kent * ashford / all_of_kent)
    assert value(spread, 2015, "Lambeth") == value(youth, 2015, "Lambeth")


def test_what_cannot_be_spread_is_refused_or_left_out_by_name():
    youth = measure("children_spending", "youth", basis="gross_expenditure").between(2015, 2015)
    with pytest.raises(NotComparable, match="no population of each of its districts"):
        youth.over_districts()
    assert "Dorset" in set(youth.over_districts(leave_out=True).left_out["council"])
    with pytest.raises(NotComparable, match="districts have figures of their own"):
        conceptions().over_districts()
    with pytest.raises(NotComparable, match="to spread over districts would mean nothing"):
        conceptions("conception_rate").over_districts()


# ── before and after ─────────────────────────────────────────────────────────────────────────────


def test_before_and_after_is_a_difference_of_means():
    rate = conceptions("conception_rate").where(council="Lambeth")
    rows = rate.frame.set_index("year")["value"]
    moved = rate.before_and_after(2011)
    assert value(moved) == pytest.approx(rows.loc[2011:].mean() - rows.loc[:2010].mean())
    assert moved.unit.endswith("mean of 2011 to 2017 less mean of 1998 to 2010")
    later = rate.between(2009, 2012).before_and_after(2011)
    assert value(later) == pytest.approx(rows.loc[2011:2012].mean() - rows.loc[2009:2010].mean())


def test_before_and_after_refuses_a_severed_line_and_a_missing_year():
    budget = measure("revenue_budget", "youth").where(council="Lambeth")
    with pytest.raises(NotComparable, match="cannot be compared"):
        budget.between(2012, 2016).before_and_after(2014)
    with pytest.raises(UnknownName, match="has no 2010"):
        conceptions().between(2011, 2017).before_and_after(2011)


# ── authorities that report the same thing twice ─────────────────────────────────────────────────


def waste(**only):
    return measure("household_waste", "household_waste", **only).between(2018, 2018)


def test_waste_of_a_joint_authority_and_its_boroughs_is_never_added_up_together():
    for verb in (lambda m: m.by("england"), lambda m: m.two_tier().by("england")):
        with pytest.raises(NotComparable, match="report the same twice") as said:
            verb(waste())
        assert "as in role=['unitary', 'disposal']." in str(said.value)
    england = value(waste(role=["unitary", "disposal"]).by("england"))
    rows = load("household_waste", item="household_waste", year=2018)
    assert england == rows[rows["role"].isin(["unitary", "disposal"])]["value"].sum()
    assert england == 22_755_921  # tonnes: Table 1, unitary and disposal


def test_waste_of_the_boroughs_alone_may_be_added_up_and_a_rate_needs_no_choice():
    boroughs = waste().where(council_class="L").by("region")
    assert value(boroughs) == waste().where(council_class="L").frame["value"].sum()
    rate = measure("household_waste", "recycling_rate").between(2018, 2018)
    assert "O" in set(rate.two_tier().frame["council_class"])
