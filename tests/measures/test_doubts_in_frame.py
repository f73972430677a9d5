"""A measure's frame says which of its numbers rest on a printed figure that is in doubt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coopstats import measure

pytestmark = pytest.mark.usefixtures("built")


@pytest.fixture(scope="module")
def highways():
    return measure("revenue_outturn", "highways")


def odd_of(taken, name):
    """One council whose figure of one year is in doubt: its rows, and that year."""
    one = taken.where(council=name)
    (code,) = one.amounts["ecode"].unique()
    return one, sorted(year for c, year in taken.doubts if c == code and year in one.years)


def test_a_printed_figure_in_doubt_is_marked_in_its_year_alone(highways):
    one, years = odd_of(highways, "Islington")
    rows = one.real(2019).per_head().frame if one.years[-1] < 2024 else one.frame
    assert years
    assert list(rows.loc[rows["doubt"] != "", "year"]) == [y for y in years if y in one.years]
    assert "doubt" not in one.between(2009, 2009).frame or 2009 in years
    assert list(one.table_rows["doubt"]) == list(one.frame["doubt"])


def test_a_change_rests_on_both_its_years(highways):
    one, years = odd_of(highways, "Redbridge")
    sound = [y for y in one.years if y not in years]
    for before, after in ((sound[0], years[0]), (years[0], sound[-1])):
        assert one.named(years[0]) in one.change(before, after).frame["doubt"].item()
    assert "doubt" not in one.change(sound[0], sound[1]).frame


def test_an_index_rests_on_its_base_year(highways):
    one, years = odd_of(highways, "Redbridge")
    based = one.index(years[0]).frame
    assert (based["doubt"] != "").all()
    beside = one.index(next(y for y in one.years if y not in years)).frame
    assert set(beside.loc[beside["doubt"] != "", "year"]) == set(years)


def test_an_area_names_the_council_whose_figure_is_in_doubt(highways):
    areas = highways.where(council_class=["SC", "SD"]).between(2012, 2012).two_tier()
    rows = areas.frame
    odd = {code for code, year in highways.doubts if year == 2012}
    parts = {place for place, codes in areas.members.items() if odd & set(codes)}
    assert parts
    assert set(rows.loc[rows["doubt"] != "", "ecode"]) == parts & set(rows["ecode"])
    assert all("," in said for said in rows["doubt"] if said)


def test_a_group_counts_its_doubts_in_a_step(highways):
    group = highways.where(council_class="L").between(2012, 2015).by("region", leave_out=True)
    london = highways.where(council_class="L").amounts["ecode"].unique()
    many = sum(code in london and 2012 <= year <= 2015 for code, year in highways.doubts)
    assert "doubt" not in group.frame
    assert f"{many} figures are in doubt and added up as printed" in group.steps[-1]


def test_a_county_s_doubt_is_in_each_district_that_has_a_part_of_it(highways):
    county, year = "E2620", 2015  # Norfolk, whose figure is sound: a doubt is planted
    own = highways.where(council="Norfolk").between(2014, 2016)
    spread = replace(own, doubts={(county, year): "jump"}).over_districts()
    rows = spread.frame[spread.frame["year"] == year]
    assert len(rows) > 3
    assert (rows["doubt"] != "").all()


def test_what_moved_brings_its_doubts_into_the_figure_like_for_like():
    core = measure("revenue_outturn", "core").between(2013, 2019)
    assert "doubt" not in core.frame
    rows = core.like_for_like().frame
    moved = [measure("social_care_spending", line) for line in ("youth", "sure_start")]
    odd = {key for one in moved for key in one.doubts if 2014 <= key[1] <= 2019}
    here = {(r.ecode, r.year) for r in rows[rows["doubt"] != ""].itertuples()}
    assert here == odd & {(r.ecode, r.year) for r in rows.itertuples()}
