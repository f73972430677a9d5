"""How deep were the cuts: charts fit to print, and titles and sentences that are computed."""

from __future__ import annotations

import dataclasses
import functools
import re

import pandas as pd
import pytest

from coopstats import council, councils, load, measure
from coopstats.charts.layout import SIZES
from coopstats.charts.numbers import MINUS
from coopstats.core.years import financial_year
from coopstats.findings.answers import how_deep
from coopstats.measures.choosing import PRINCIPAL

pytestmark = pytest.mark.usefixtures("built")

CHARTS = how_deep.CHARTS
CACHED = [f for f in vars(how_deep).values() if hasattr(f, "cache_clear")]


def named(make):
    return make.__name__


def forget():
    for function in CACHED:
        function.cache_clear()


@functools.cache
def title(make):
    return make().title


# ── charts ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("make", CHARTS, ids=named)
def test_a_chart_is_fit_to_print_at_every_size(make):
    chart = make()
    assert chart.check(tuple(SIZES)) is chart
    assert chart.title == title(make)
    assert len(chart.title.split()) <= 15
    assert re.search(r"\d", chart.title), "the title states the finding"
    assert chart.sources
    assert chart.notes


def test_each_chart_has_a_slug_of_its_own():
    slugs = [make().slug for make in CHARTS]
    assert len(slugs) == len(set(slugs)) >= 11


@pytest.mark.parametrize("make", [how_deep.england_chart, how_deep.fifths_chart], ids=named)
def test_the_same_chart_twice_has_the_same_numbers(make):
    once = make()
    forget()
    assert make().identity == once.identity


# ── what they show, computed again ───────────────────────────────────────────────────────────────


def lowest(chart, series):
    rows = chart.frame[chart.frame["series"] == series].set_index("x")["y"]
    return rows.loc[:2019].idxmin(), rows.loc[:2019].min()


def test_the_england_chart_is_the_printed_england_deflated_and_divided():
    year, level = lowest(how_deep.england_chart(), "per person")
    printed = load("printed_totals", table="revenue_outturn", whole="England", service="core")
    gbp = printed.set_index("year")["gbp"].astype("float64")
    price = load("deflator", index="gdp").set_index("year")["value"]
    held = load("population", age="all")
    held = held[held["council_class"] != "SC"]
    people = {
        2009: held[(held["year"] == 2009) & (held["vintage"] == "mid_2020")]["people"].sum(),
        year: held[(held["year"] == year) & (held["vintage"] == "census_2021")]["people"].sum(),
    }
    each = {y: gbp[y] / price[y] / people[y] for y in people}
    assert level == pytest.approx(100 * each[year] / each[2009])
    assert how_deep.england_chart().title.endswith(f"as printed it fell {100 - level:.1f}%")


def test_the_england_chart_leads_with_the_fall_like_for_like():
    chart = how_deep.england_chart()
    year, level = lowest(chart, how_deep.LIKE)
    like = how_deep.like_for_like(how_deep.england().per_head())
    assert level == pytest.approx(100 + like.min())
    assert chart.title.startswith(
        f"Like for like, spending per person fell {-like.min():.1f}% by {financial_year(year)}"
    )


def test_the_service_chart_names_the_deepest_cut_and_social_care():
    chart = how_deep.services_chart()
    rows = chart.frame.set_index("series")["y"]
    assert rows.idxmin() == "Planning and development"
    assert f"fell {-rows.min():.0f}%" in chart.title
    assert f"{abs(rows['Social care']):.0f}%" in chart.title
    assert set(chart.highlight) == {rows.idxmin(), "Social care"}


def test_each_service_is_a_line_of_the_table():
    assert set(how_deep.SERVICES) <= set(load("revenue_outturn", year=2015)["service"])


def test_the_map_shows_every_council_of_2021_once():
    chart = how_deep.map_chart()
    alive = councils(2021)
    alive = alive[alive["council_class"].isin(["L", "MD", "UA", "SD"])]
    assert sorted(chart.frame["series"]) == sorted(alive["council"])
    assert not chart.frame.duplicated(["q", "r"]).any()
    assert set(chart.frame.loc[chart.frame["y"].isna(), "series"]) <= set(how_deep.TINY)


def test_districts_of_a_county_have_their_area_s_colour():
    shown = how_deep.map_chart().frame.set_index("series")["y"]
    places = how_deep.places().change(how_deep.BASE, how_deep.END).frame.set_index("council")
    assert shown["Stevenage"] == shown["Watford"] == places.loc["Hertfordshire area", "value"]
    assert shown["Redbridge"] == places.loc["Redbridge", "value"]


def test_the_title_of_the_map_counts_places_not_hexagons():
    places = how_deep.places().change(how_deep.BASE, how_deep.END).frame["value"]
    deep = int((places <= -30).sum())
    assert how_deep.map_chart().title.startswith(f"{deep} of {len(places)} places")


def test_the_deepest_and_the_shallowest_are_those_of_all():
    chart = how_deep.deepest_chart()
    wide = how_deep.base_years()["2009-10"]
    for end in (wide.idxmin(), wide.idxmax()):
        assert end in chart.title
        assert f"{abs(wide[end]):.0f}%" in chart.title
    assert "-" not in chart.title.replace(wide.idxmin(), "").replace(wide.idxmax(), "")
    assert MINUS in chart.title
    assert "Redbridge" in set(chart.frame["series"])


def test_every_council_of_the_articles_is_shown_even_within_a_county():
    chart = how_deep.articles_chart()
    assert len(chart.frame) == len(how_deep.ARTICLES)
    assert "Stevenage (Hertfordshire area)" in set(chart.frame["series"])


def test_a_range_over_three_bases_holds_the_value():
    for make in (how_deep.deepest_chart, how_deep.articles_chart):
        rows = make().frame
        assert (rows["low"] <= rows["y"]).all()
        assert (rows["y"] <= rows["high"]).all()


def test_the_fifths_are_in_order_of_deprivation():
    shown = list(how_deep.fifths_chart().frame["series"])
    assert shown[0] == "most deprived fifth"
    assert shown[-1] == "least deprived fifth"
    assert len(shown) == 5


# ── base years ───────────────────────────────────────────────────────────────────────────────────


def test_ranks_run_from_the_deepest_and_miss_nobody():
    wide = how_deep.base_years()
    for name in how_deep.BASES:
        ranks = wide[f"rank, {name}"]
        assert sorted(ranks) == list(range(1, len(wide) + 1))
        assert wide[name].idxmin() == ranks.idxmin()


def test_the_mean_of_three_years_is_their_mean():
    spend = how_deep.places(first=2008)
    rows = spend.frame[spend.frame["council"] == "Redbridge"].set_index("year")["value"]
    expected = 100 * (rows[2019] / rows[[2008, 2009, 2010]].mean() - 1)
    name = next(n for n, base in how_deep.BASES.items() if isinstance(base, tuple))
    assert how_deep.base_years().loc["Redbridge", name] == pytest.approx(expected)


# ── sentences ────────────────────────────────────────────────────────────────────────────────────


def test_every_sentence_ends_and_has_a_figure():
    for said in how_deep.sentences():
        assert re.fullmatch(r"(?=.*\d)[A-Z0-9].*\.", said), said
        assert "nan" not in said
        assert "  " not in said


def test_the_opening_sentences_are_among_all():
    assert set(how_deep.answer()) <= set(how_deep.sentences())


def test_a_fall_is_said_to_fall_and_a_rise_to_rise():
    assert how_deep._moved(-3.04) == "fell by 3.0%"
    assert how_deep._moved(3.04) == "rose by 3.0%"


@pytest.mark.parametrize(
    ("change", "after", "told"),
    [(-57.2, None, "fell 57%"), (7.4, -57.2, "rose 7%"), (-13.3, -30.7, "13%"), (2, 3, "2%")],
)
def test_a_title_says_which_way_it_went_once(change, after, told):
    assert how_deep._went(change, after=after) == told


def test_above_is_never_called_below():
    assert how_deep._stood(-0.06) == "0.1% below"
    assert how_deep._stood(2.04) == "2.0% above"


def test_without_what_moved_in_the_fall_is_deeper_from_that_year_on_only():
    each = how_deep.england().per_head()
    change, alike = how_deep.since(each).loc[:2019], how_deep.like_for_like(each)
    assert list(alike.loc[:2013]) == pytest.approx(list(change.loc[:2013]))
    moved = load("social_care_spending", service=["youth", "sure_start"], year=2014)["gbp"].sum()
    core = load("printed_totals", whole="England", service="core", year=2014)["gbp"].item()
    assert moved == pytest.approx(1_077e6, abs=1e6)
    assert (100 + alike[2014]) / (100 + change[2014]) == pytest.approx(1 - moved / core)
    assert how_deep._first_below(alike, -25) == "2016-17"


def test_councils_alone_are_set_beside_what_councils_alone_print():
    """What joined, off councils' own sums: not off England's, which holds other bodies too."""
    alike = how_deep.like_for_like(how_deep.councils().per_head(), of=PRINCIPAL)
    joined = load("social_care_spending", service=["youth", "sure_start"], year=2017)
    joined = joined[joined["council_class"].isin(PRINCIPAL)]["gbp"].sum()
    core = how_deep.councils().amounts.set_index("year")["amount"]
    cash = load("revenue_outturn", service="core", year=2017)
    cash = cash[cash["council_class"].isin(PRINCIPAL)]["gbp"].sum()
    printed = how_deep.since(how_deep.councils().per_head())
    assert (100 + alike[2017]) / (100 + printed[2017]) == pytest.approx(1 - joined / cash, abs=1e-5)
    assert core.notna().all()
    assert f"{-alike[2017]:.1f}% below" in how_deep.sentences()[4]


def test_places_together_fall_like_for_like_as_england_s_councils_do():
    whole = how_deep.places(alike=True).by("england", leave_out=True).change(2009, 2019)
    together = whole.frame["value"].item()
    alone = how_deep.like_for_like(how_deep.councils().per_head(), of=PRINCIPAL)[2019]
    assert together == pytest.approx(alone, abs=0.1)  # two tiny places apart


def test_spending_in_cash_fell_in_a_year_more_than_printed():
    printed = how_deep.yearly(last=2019).set_index("year")["cash"].loc[2010:]
    alike = how_deep.cash_like_for_like().loc[2010:2019]
    assert set(alike.index[alike < 0]) - set(printed.index[printed < 0]) == {how_deep.MOVE}
    said = " ".join(how_deep.out_of_the_ordinary())
    fell, more = (int((one < 0).sum()) for one in (printed, alike))
    assert f"in {fell} of the next 10 years as printed and in {more} like for like" in said


def test_a_chart_of_several_services_says_the_breaks_of_each():
    assert "children's centres moved here" in " ".join(how_deep.services_chart().notes)
    assert "FRS17" in " ".join(how_deep.deepest_chart().notes)  # its widest base holds 2008-09


def test_the_first_year_below_a_level_is_found_or_there_is_none():
    series = pd.Series({2010: -5.0, 2011: -21.0, 2012: -19.0, 2013: -24.0, 2021: -40.0})
    assert how_deep._first_below(series, -20) == "2011-12"
    assert how_deep._first_below(series, -25) == ""  # after the last year asked about


def test_a_council_is_found_in_its_place():
    spend = how_deep.places()
    assert how_deep.place_of("Stevenage", spend) == "Hertfordshire area"
    assert how_deep.place_of("Lambeth", spend) == "Lambeth"
    assert council("Stevenage").county == council("Hertfordshire").ecode


def test_an_assumption_changed_is_an_answer_changed():
    gdp = how_deep.england(last=2019).change(2009, 2017).frame["value"].iloc[0]
    cpih = how_deep.england(index="cpih", last=2019).change(2009, 2017).frame["value"].iloc[0]
    assert cpih < gdp < 0
    assert how_deep.services_chart(base=2010).title != how_deep.services_chart().title


# ── other accounts, other answers (last: it empties what was remembered) ─────────────────────────


@pytest.fixture
def other_accounts(monkeypatch):
    """As if half the bodies had spent half, the others half as much again, but in two years.

    Those are 2009 and 2010, so that what is said of the years before 2009 moves as well.
    """

    def changed(table, /, service=None, **only):
        taken = measure(table, service, **only)
        rows = taken.amounts
        factor = rows["ecode"].str[-1].isin(list("13579d")).map({True: 0.5, False: 1.5})
        amount = rows["amount"] * factor.where(~rows["year"].isin([2009, 2010]), 1)
        return dataclasses.replace(taken, amounts=rows.assign(amount=amount))

    forget()
    monkeypatch.setattr(how_deep, "measure", changed)
    yield
    forget()


@pytest.fixture(scope="module")
def said_of_the_true_accounts(built_once):
    """Titles and sentences before anything is changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COOPSTATS_HOME", str(built_once))
        return {named(make): title(make) for make in CHARTS}, set(how_deep.sentences())


def test_titles_and_sentences_are_computed(said_of_the_true_accounts, other_accounts):
    titles, sentences = said_of_the_true_accounts
    assert [name for make in CHARTS if titles[name := named(make)] == make().title] == []
    assert sentences & set(how_deep.sentences()) == set()
