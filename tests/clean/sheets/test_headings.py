"""Printed headings to stable names: what folding forgets, and what it must not."""

import functools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopstats.clean.sheets.headings import Line, date_of, fold, line_of, service_lines
from coopstats.core import paths
from coopstats.core.errors import UnknownHeading

WORDS = ["Education", "services", "level", "HRA", "of", "which", "Parish", "precepts", "2", "17b"]
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6)
FORGOTTEN = [
    "at 1 April", "at 31 March", "1 April 2007", "31 March 2008", "2015", "2007-08", "(1)",
    "[note 7]", "(total of lines 190 to 698)", "(TOTAL OF LINE 699 + LINES 711 TO 748)",
    "(total of lines 749 to 783)", "Total of lines 961 to 987",
]  # fmt: skip


@functools.cache
def lines():
    return pd.read_csv(paths.register_dir() / "lines.csv", dtype=str, keep_default_na=False)


@given(words, st.sampled_from(["", "  ", ":", " -", ",", "…", "\n", "(", "*"]))
def test_case_blanks_and_punctuation_do_not_matter(spelt, between):
    plain = fold(" ".join(spelt))
    assert fold(f"{between} ".join(spelt)) == plain
    assert fold(" ".join(spelt).upper()) == plain


@given(words, st.sampled_from(FORGOTTEN), st.sampled_from([str, str.upper, str.lower]))
def test_dates_notes_and_line_numbers_do_not_matter(spelt, mark, spell):
    heading = " ".join(spelt)
    assert fold(f"{heading} {spell(mark)}") == fold(heading)


@given(st.text())
def test_folding_is_done_at_once(text):
    once = fold(text)
    assert once == once.strip()
    assert once == once.lower()
    assert all(c.isascii() and (c.isalnum() or c == " ") for c in once)


@given(words, words)
def test_other_words_stay_apart(one, other):
    alike = [w.lower() for w in one] == [w.lower() for w in other]
    assert (fold(" ".join(one)) == fold(" ".join(other))) == alike


@pytest.mark.parametrize(
    ("printed", "date"),
    [
        ("Financial reserves levels at 1 April 2007", "1 April"),
        ("Estimated schools reserves level at 31 March", "31 March"),
        ("RESERVES AT 31 MARCH 2016", "31 March"),
        ("Reserves (continued)", None),
        ("11 April", None),
        ("1 Aprils", None),
        ("", None),
    ],
)
def test_a_date_is_read_or_there_is_none(printed, date):
    assert date_of(printed) == date


def test_the_register_lists_each_heading_folded_and_once():
    listed = lines()
    assert list(listed["heading"].map(fold)) == list(listed["heading"])
    assert list(listed["banner"].map(fold)) == list(listed["banner"])
    assert not listed.duplicated(["table", "heading", "banner"]).any()


def test_the_register_uses_known_kinds_and_plain_names():
    kinds = {"service", "part", "total", "financing", "memorandum", "reserve", "identity"}
    assert set(lines()["kind"]) == {*kinds, "not_money"}
    assert lines()["service"].str.fullmatch(r"[a-z0-9_]+").all()


def test_a_name_is_of_one_kind_but_where_a_form_changed():
    """Public health is a service and a reserve; section 251 prints some sums without their parts,
    and some lines within others, in some years only."""
    of = lines().groupby(["table", "service"])["kind"].agg(frozenset)
    twofold = of[of.map(len) > 1]
    assert set(twofold.drop("children_spending")) == {frozenset({"reserve", "service"})}
    returns = {frozenset({"total", "service"}), frozenset({"memorandum", "service"})}
    assert set(twofold.loc["children_spending"]) == returns


@pytest.mark.parametrize(
    ("heading", "service"),
    [
        ("Highways roads and transport services", "highways"),
        ("Highways and transport services", "highways"),
        ("Cultural and related services", "cultural"),
        ("Environmental and regulatory services", "environmental"),
        ("Environmental services", "environmental"),
        ("Social care", "social_care"),
        ("Children Social Care", "childrens_social_care"),
    ],
)
def test_spellings_of_a_service_are_one_line(heading, service):
    found = line_of("revenue_outturn", heading, "Service Expenditure", "here")
    assert found == Line(service, "service")


def test_the_same_words_under_another_banner_can_be_another_line():
    assert {h for h, n in lines().groupby("heading")["banner"].nunique().items() if n > 1}


def test_an_unknown_heading_names_place_nearest_and_remedy():
    with pytest.raises(UnknownHeading) as refusal:
        line_of("revenue_outturn", "Cultural & related", "", "RS_2030-31.xlsx, cell K7")
    message = str(refusal.value)
    assert message.startswith("RS_2030-31.xlsx, cell K7: the heading 'Cultural & related'")
    assert "Nearest known: 'cultural and related services'" in message
    assert "lines.csv" in message


def test_the_services_are_those_of_the_accounts():
    assert service_lines("revenue_outturn") == [
        "adult_social_care", "central", "central_excluding_retirement_benefits",
        "childrens_social_care", "courts", "cultural", "education", "environmental", "fire",
        "highways", "housing", "other", "planning", "police", "public_health",
        "retirement_benefits", "social_care",
    ]  # fmt: skip
