"""The register of breaks: which comparisons cross one, and whether its sentence still holds."""

from __future__ import annotations

import csv
import functools
import re

import pandas as pd
import pytest

from coopstats import load
from coopstats.core import paths
from coopstats.register import breaks
from coopstats.register.breaks import Break, breaks_of, crossed, severed_years

LISTED = pd.read_csv(paths.register_dir() / "breaks.csv", dtype=str, keep_default_na=False)


@pytest.mark.parametrize(
    ("before", "after", "crosses"),
    [
        (2012, 2013, True),
        (2013, 2012, True),
        (2010, 2016, True),
        (2013, 2014, False),
        (2011, 2012, False),
        (2013, 2013, False),
    ],
)
def test_a_break_lies_between_the_year_before_it_and_its_own(before, after, crosses):
    once = Break("core", 2013, 2013, "noted", "A sentence.", "")
    assert once.lies_between(before, after) is crosses


@pytest.mark.parametrize(
    ("before", "after", "crosses"),
    [
        (2007, 2009, False),
        (2009, 2010, True),
        (2012, 2013, True),
        (2022, 2023, True),
        (2015, 2015, False),
        (2023, 2024, False),
    ],
)
def test_a_lasting_break_severs_every_two_years_within_it(before, after, crosses):
    lasting = Break("education", 2010, 2023, "severing", "A sentence.", "")
    assert (lasting.lies_between(before, after) and before != after) is crosses


def test_a_star_means_every_line_of_the_table():
    for service in ("core", "cultural", "planning"):
        assert any("FRS17" in b.in_full for b in breaks_of("revenue_outturn", service))
    assert breaks_of("deflator", None) == ()


def on_record(monkeypatch, *rows):
    """Makes these rows the register of breaks: service, first year, grade, council."""
    columns = ["service", "first_year", "grade", "ecode"]
    listed = pd.DataFrame(rows, columns=columns).assign(
        table="t", last_year=lambda t: t["first_year"], sentence="Changed.", size="",
        like_for_like="", why_not="",
    )  # fmt: skip
    monkeypatch.setattr(breaks, "table_of", lambda _: listed)
    for cached in ("_recorded", "_on_record"):
        fresh = functools.cache(getattr(breaks, cached).__wrapped__)
        monkeypatch.setattr(breaks, cached, fresh)


def test_a_council_s_own_break_is_only_that_council_s(monkeypatch):
    on_record(monkeypatch, ["a", "2013", "noted", ""], ["a", "2015", "severing", "E5017"])
    assert [b.first_year for b in breaks_of("t", "a")] == [2013]
    assert [b.first_year for b in breaks_of("t", "a", {"E5017"})] == [2015]
    assert breaks_of("t", "a", {"E5018"}) == ()
    assert severed_years("t", "a", 2010, 2020) == []
    assert len(crossed("t", "a", 2014, 2015, "severing", {"E5017", "E5018"})) == 1


def test_a_star_after_a_beginning_means_the_lines_that_begin_so(monkeypatch):
    on_record(monkeypatch, ["incidents*", "2013", "noted", ""])
    for service, count in (("incidents", 1), ("incidents_green", 1), ("actions", 0), (None, 0)):
        assert len(breaks_of("t", service)) == count


def test_a_break_is_of_all_councils_or_of_one_in_the_register():
    with open(paths.register_dir() / "breaks.csv", newline="", encoding="utf-8") as printed:
        assert {len(row) for row in csv.reader(printed)} <= {
            8,
            9,
            10,
            11,
        }  # the last may be left off
    known = pd.read_csv(paths.register_dir() / "councils.csv", dtype=str)["ecode"]
    assert set(LISTED["ecode"].dropna()) - {""} <= set(known)


def test_a_printed_total_has_the_breaks_of_its_line():
    for service in ("core", "social_care", "net_current_expenditure"):
        assert breaks_of("printed_totals", service) == breaks_of("revenue_outturn", service) != ()


def test_core_crosses_noted_breaks_only():
    assert crossed("revenue_outturn", "core", 2007, 2023, "severing") == []
    assert len(crossed("revenue_outturn", "core", 2007, 2023, "noted")) == 3


def test_every_break_has_a_grade_a_sentence_and_its_evidence():
    assert set(LISTED["grade"]) == {"severing", "noted"}
    assert LISTED["sentence"].str.fullmatch(r".{20,}\.").all()
    assert LISTED["evidence"].str.len().gt(5).all()
    ended = LISTED[LISTED["last_year"] != ""]  # blank: for good
    assert (ended["first_year"].astype(int) <= ended["last_year"].astype(int)).all()


def core(basis, year):
    """England's core on one basis of the second block of 2007-08 and 2008-09, in pounds."""
    parts = ["highways", "social_care", "housing", "cultural", "environmental", "planning",
             "courts", "central_excluding_retirement_benefits", "retirement_benefits",
             "other"]  # fmt: skip
    rows = load("revenue_outturn", basis=basis, year=year, service=parts)
    assert set(rows["service"]) == set(parts)
    return rows["gbp"].sum()


@pytest.mark.usefixtures("built")
def test_the_size_of_what_moved_into_core_is_what_the_sentence_says():
    (found,) = [b for b in breaks_of("revenue_outturn", "core") if b.first_year == 2014]
    moved = load("social_care_spending", service=["youth", "sure_start"], year=2014)["gbp"].sum()
    core = load("printed_totals", whole="England", service="core", year=2014)["gbp"].item()
    assert f"£{moved / 1e6:,.0f}m" in found.size
    assert f"{100 * moved / core:.1f}% of core" in found.size


@pytest.mark.usefixtures("built")
def test_the_printed_size_of_frs17_is_what_the_sentence_says():
    (found,) = [b for b in breaks_of("revenue_outturn", "core") if "FRS17" in b.sentence]
    told = re.findall(r"([\d.]+)% (lower|higher) in (20\d\d)", found.size)
    assert len(told) == 2
    for size, way, year in told:
        without, main = (core(f"memorandum_{b}", int(year)) for b in ("without_frs17", "main"))
        change = 100 * (without / main - 1)
        assert abs(change) == pytest.approx(float(size), abs=0.05)
        assert (change > 0) == (way == "higher")
