"""Who was a member in a year: between sights surely, beyond them possibly, before and after not."""

from dataclasses import replace
from datetime import date

import pytest

import coopstats as cs
from coopstats.core.errors import UnknownCouncil
from coopstats.register.members import POSSIBLY, SURELY, SURELY_NOT, Membership

SEEN = Membership("x", "E1", "", "X", "England", "no", date(2012, 5, 1), date(2014, 7, 31),
                  date(2019, 3, 19), date(2021, 12, 31), "high", "")  # fmt: skip


@pytest.mark.parametrize(
    ("year", "word"),
    [
        (2011, SURELY_NOT),  # ends a month before it can have begun
        (2012, POSSIBLY),
        (2013, POSSIBLY),
        (2014, SURELY),
        (2018, SURELY),
        (2019, POSSIBLY),
        (2021, POSSIBLY),  # seen absent within the year
        (2022, SURELY_NOT),
    ],
)
def test_a_year_is_judged_by_the_sights(year, word):
    assert SEEN.in_year(year) == word


def test_without_a_sight_of_absence_it_stays_possible():
    assert replace(SEEN, absent_from=None).in_year(2024) == POSSIBLY


def test_members_of_2012():
    found = cs.members(2012)
    for name in ("Lambeth", "Oldham", "Rochdale", "Stevenage", "Sunderland"):
        assert name in found.surely
    assert {"Lewisham", "Kirklees", "Greenwich", "Plymouth"} <= set(found.possibly)
    assert {"Bristol", "Milton Keynes"} <= set(found.surely_not)
    assert "Edinburgh" not in {*found.surely, *found.possibly, *found.surely_not}


def test_two_founders_have_no_name_and_nobody_was_put_there():
    founders = [m for m in cs.memberships() if m.founder != "no"]
    assert len(founders) == 13
    assert [m.council for m in founders if m.founder == "claimed"] == ["", ""]
    assert cs.members(2011).unknown == 2
    assert "2 founders" in repr(cs.members(2011))


def test_before_the_launch_nobody_is_sure():
    found = cs.members(2009)
    assert found.surely == found.possibly == ()
    assert found.unknown == 0


def test_a_conflict_leaves_the_earlier_year_possible():
    assert "Sunderland" in cs.members(2011).possibly


def test_two_intervals_of_one_council_are_one_answer():
    assert "Kirklees" in cs.members(2020).surely
    assert "Kirklees" not in {*cs.members(2020).possibly, *cs.members(2020).surely_not}
    assert len(cs.memberships("Kirklees")) == 2


def test_the_frame_and_the_page_agree():
    found = cs.members(2012)
    assert len(found.frame) == len(found.surely) + len(found.possibly) + len(found.surely_not)
    assert "Lambeth" in found._repr_html_()
    with pytest.raises(UnknownCouncil, match="Did you mean 'Kirklees'"):
        cs.memberships("Kirkless")
