"""Pilots and their evidence: dates, years, pages, and nearest names for the mistyped."""

import pytest

import coopstats as cs
from coopstats.core.errors import UnknownCouncil, UnknownName
from coopstats.register.dates import first_full_year, last_full_year, span
from coopstats.register.evidence import GRADES, UNVERIFIED, Evidence, best_grade
from coopstats.register.pilots import plan


def test_every_programme_of_the_articles_has_a_row():
    assert {p.named_as for p in cs.pilots()} - {""} == {f"P{n}" for n in range(1, 23)}


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("2014-05-01", "2014-05-01", "day"), "1 May 2014"),
        (("2015-04-01", "2015-04-30", "month"), "April 2015"),
        (("2014-01-01", "2014-12-31", "year"), "2014"),
        (("2011-01-17", "2011-02-09", "year"), "between 17 January 2011 and 9 February 2011"),
        (("2011-10-31", "", "unknown"), "not before 31 October 2011"),
        (("", "2011-07-15", "unknown"), "by 15 July 2011"),
        (("", "", "unknown"), "not known"),
        (("2023-03-31", "", "continues"), "still going on 31 March 2023"),
    ],
)
def test_a_span_says_what_is_known_and_no_more(cells, said):
    assert str(span(*cells)) == said


@pytest.mark.parametrize(
    ("cells", "year"),
    [
        (("2016-04-01", "2016-04-01", "day"), 2016),
        (("2014-05-01", "2014-05-01", "day"), 2015),  # eleven months are a part year
        (("2016-04-02", "2016-04-02", "day"), 2017),
        (("2015-04-01", "2015-04-30", "month"), 2015),
        (("2012-03-26", "2012-03-26", "day"), 2012),
        (("2014-01-01", "2014-12-31", "year"), 2015),
        (("2011-10-31", "", "unknown"), None),
        (("", "2011-07-15", "unknown"), None),
    ],
)
def test_the_first_full_year_began_when_it_was_running(cells, year):
    assert first_full_year(span(*cells)) == year


@pytest.mark.parametrize(
    ("cells", "year"),
    [
        (("2019-09-30", "2019-09-30", "day"), 2018),
        (("2025-03-31", "2025-03-31", "day"), 2024),
        (("2025-03-30", "2025-03-30", "day"), 2023),
        (("2023-03-31", "", "continues"), None),
    ],
)
def test_the_last_full_year_ended_when_it_was_running(cells, year):
    assert last_full_year(span(*cells)) == year


def test_the_years_are_five_and_end_with_the_pilot():
    assert list(cs.pilot("young-lambeth-co-operative").years) == [2015, 2016, 2017, 2018]
    assert list(cs.pilot("suffolk-libraries").years) == [2013, 2014, 2015, 2016, 2017]
    assert list(cs.pilot("lambeth-micro-mutuals").years) == []


def test_a_pilot_is_found_by_slug_or_number():
    assert cs.pilot("P10") is cs.pilot("rochdale-boroughwide-housing")
    with pytest.raises(UnknownName, match="names 3 pilots: islington"):
        cs.pilot("P18")
    with pytest.raises(UnknownName, match="Did you mean 'young-lambeth-co-operative'"):
        cs.pilot("young-lambeth-cooperative")


def test_pilots_are_chosen_by_council_level_and_kind():
    assert {p.council for p in cs.pilots("Oldham")} == {"Oldham"}
    assert {p.level for p in cs.pilots(level="structural")} == {"structural"}
    assert {p.kind for p in cs.pilots(kind="mutual", level="structural")} == {"mutual"}
    with pytest.raises(UnknownName, match="Did you mean 'structural'"):
        cs.pilots(level="structral")
    with pytest.raises(UnknownCouncil, match="more than one council"):
        cs.pilots("Newcastle")


def test_a_page_carries_dates_evidence_and_what_was_set_aside():
    page = " ".join(str(cs.pilot("young-lambeth-co-operative")).split())
    for words in ("30 September 2019", "2015-16 to 2018-19", "“Since April 2015", "SET ASIDE",
                  "children_spending:youth", "Kensington and Chelsea (rival"):  # fmt: skip
        assert words in page
    html = cs.pilot("young-lambeth-co-operative")._repr_html_()
    assert "Children &amp; Young People Now" in html


def test_a_list_shows_as_a_table_and_has_a_frame():
    listed = cs.pilots("Lambeth")
    assert repr(listed).splitlines()[0].split() == list(listed.shown)
    assert len(listed.frame) == len(listed) == repr(listed).count("\n")
    assert "<script>" not in listed._repr_html_()
    assert len(repr(listed.pages())) > len(repr(listed))
    assert repr(cs.pilots("Redbridge")) == "None."


def one(grade, status="taken"):
    return Evidence("pilot", "x", "start", "c", "a", "d", "q", grade, status, "")


def test_the_grade_is_of_what_the_register_follows():
    assert best_grade((one("press"), one("public record", "set aside"))) == "press"
    assert best_grade((one(UNVERIFIED), one("own account"))) == "own account"
    assert best_grade(()) == "none"
    assert list(GRADES)[-1] == UNVERIFIED


def test_the_council_owned_companies_are_not_called_mutuals():
    for slug in ("sunderland-care-and-support", "oldham-care-and-support"):
        assert cs.pilot(slug).kind == "council-owned company"
        assert "NOT a mutual" in cs.pilot(slug).note


def test_the_plan_holds_what_can_be_tested():
    testable = {p.slug for p in cs.pilots() if p.testable != "no"}
    assert set(plan()["pilot"]) == testable
