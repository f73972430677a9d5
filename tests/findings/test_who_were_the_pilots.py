"""Who were the pilots: counts follow the register, ranks follow the tables."""

import pandas as pd
import pytest

import coopstats as cs
from coopstats.datasets.load import load
from coopstats.findings.answers import who_were_the_pilots as who


@pytest.fixture(autouse=True)
def from_built(built):
    who.before.cache_clear()


@pytest.mark.parametrize("make", who.CHARTS, ids=lambda make: make.__name__)
def test_each_chart_is_fit_to_print(make):
    chart = make()
    chart.check(("web", "square", "print"))


def test_the_timeline_has_every_structural_pilot():
    rows = who.timeline()
    assert len(rows) == len(cs.pilots(level="structural"))
    ylc = rows.set_index("pilot").loc["Young Lambeth Co-operative"]
    assert (round(ylc["low"], 2), round(ylc["high"], 2)) == (2015.25, 2019.74)
    assert (rows["low"] <= rows["start"]).all()
    assert (rows["until"] <= rows["high"]).all()


def test_grants_are_what_council_tax_did_not_meet():
    rows = load("revenue_outturn", council="Lambeth", year=2009).set_index("service")["gbp"]
    share = 100 * (1 - rows["council_tax_requirement"] / rows["budget_requirement"])
    assert who.before().loc["E5017", "grants"] == pytest.approx(share)


def test_a_rank_is_the_share_of_the_class_that_is_lower():
    rows = who.before()
    mets = rows[rows["council_class"] == "MD"]
    lower = (mets["deprivation"] < mets.loc["E4204", "deprivation"]).sum()
    expected = 100 * lower / (mets["deprivation"].notna().sum() - 1)
    assert rows.loc["E4204", "deprivation_above"] == pytest.approx(expected)
    assert mets["deprivation_above"].max() == 100


def test_the_map_puts_each_council_in_one_kind():
    rows = who.map_chart().frame.set_index("series")["y"]
    kinds = {
        name: who.KINDS[int(rows[name])] for name in ("Lambeth", "York", "Stevenage", "Exeter")
    }
    assert kinds == {
        "Lambeth": "a structural pilot and surely a member",
        "York": "a structural pilot",
        "Stevenage": "surely a member",
        "Exeter": "a structural pilot",  # Devon's
    }


def test_the_counts_in_the_sentences_are_those_of_the_register():
    said = " ".join(who.sentences())
    assert f"The register holds {len(cs.pilots())} programmes" in said
    assert "11 can be named" in said
    assert f"{len(cs.members(2012).surely)} English councils were surely members" in said


def test_party_control_is_what_the_seats_give():
    held = who.held_by(["E4204", "E4502", "E1937"])
    assert list(held.loc["Oldham"]) == ["none", "none", "labour"]
    assert list(held.loc["Newcastle upon Tyne"]) == [
        "liberal democrat",
        "liberal democrat",
        "labour",
    ]
    assert list(held.loc["Stevenage"]) == ["labour"] * 3
    said = " ".join(who.control())
    assert "Newcastle upon Tyne, Oldham and Telford and Wrekin came under Labour control" in said
    assert "11 named founders" in said


def test_tables_show_their_words_whole():
    shown = who.testable()
    longest = max(shown.frame["reason"], key=len)
    assert longest in repr(shown)
    assert longest.split(",")[0] in shown._repr_html_()
    assert len(who.conflicts().frame) == sum(e.status == "set aside" for e in who.every())
    assert len(who.left_out("explore-york").frame) == 5
    assert list(who.planned().frame["pilot"])
    assert isinstance(who.searches().frame, pd.DataFrame)
