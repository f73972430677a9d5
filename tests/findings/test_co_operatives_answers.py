"""Did co-operatives grow: rates, two editions, offices, and charts fit to print."""

from __future__ import annotations

import dataclasses
import re

import pandas as pd
import pytest

from coopstats import load
from coopstats.charts.layout import SIZES
from coopstats.findings.answers import co_operatives as asked

pytestmark = pytest.mark.usefixtures("built")

CACHED = [f for f in vars(asked).values() if hasattr(f, "cache_clear")]


def forget():
    for function in CACHED:
        function.cache_clear()


@pytest.fixture(scope="module", autouse=True)
def nothing_from_elsewhere():
    forget()
    yield
    forget()


def test_the_founders_are_eleven_councils():
    assert len(set(asked.founders())) == 11


def test_a_rate_is_the_count_over_the_people_of_those_years():
    rows = asked.rates("births", 2011, 2015).set_index("council")
    people = load("population", age="all", vintage="census_2021", year=list(range(2011, 2016)))
    mine = people[people["council"] == "Lambeth"]["people"].sum()
    assert rows.loc["Lambeth", "count"] == 15
    assert rows.loc["Lambeth", "value"] == pytest.approx(100_000 * 15 / mine)


def test_survivors_are_per_people_of_2010():
    rows = asked.rates("births", 1995, 2010).set_index("council")
    people = load("population", age="all", vintage="census_2021", year=2010)
    mine = people.loc[people["council"] == "Lambeth", "people"].item()
    assert rows.loc["Lambeth", "people"] == mine


def test_byar_s_interval_is_that_of_the_book():
    # Exact limits of a Poisson count of 10 are 4.80 and 18.39; of 0, 0 and 3.69.
    low, high = asked.interval(pd.Series([10.0, 0.0]))
    assert low.tolist() == pytest.approx([4.80, 0], abs=0.03)
    assert high.tolist() == pytest.approx([18.39, 3.69], abs=0.05)


def test_groups_hold_every_council_once():
    rows = asked.rates("births", 2011, 2015)
    table = asked.groups(rows).set_index("council")["count"]
    assert table[asked.FOUNDERS] + table[asked.REST] == rows["count"].sum() == 1170
    classes = [name for name in table.index if name not in (asked.FOUNDERS, asked.REST)]
    assert table[classes].sum() == table[asked.REST]


@pytest.mark.parametrize("day", ["birth", "death"])
def test_the_difference_between_two_editions_is_explained_to_the_last_one(day):
    table = asked.by_edition(day)
    why = table[["entered", "gone", "dated", "placed"]].sum(axis=1)
    assert (table["edition_2016"] + why == table["edition_2017"]).all()
    assert (table["entered"] >= 0).all()
    assert (table["gone"] <= 0).all()


def test_editions_are_compared_as_an_independent_count_has_it():
    births = asked.by_edition("birth").set_index("year")
    assert births.loc[2014, ["edition_2016", "edition_2017"]].tolist() == [156, 186]
    assert births.loc[2012, ["edition_2016", "edition_2017"]].tolist() == [258, 264]
    said = asked.editions().set_index("what")["organisations"]
    assert said["dead in 2017, live in 2016"] == 208
    assert said["only in 2017"] == said.filter(like="only in 2017, ").sum()


def test_what_no_council_has_is_counted_and_said():
    table = asked.unplaced()
    assert table.loc["without a council", "all"] == 64
    assert (
        table.loc["in England", "died 2011 to 2016"]
        - table.loc["without a council", "died 2011 to 2016"]
        == asked.rates("deaths", 2011, 2016)["count"].sum()
    )
    assert any("64 (0.9%)" in said for said in asked.nation())


def test_shared_addresses_are_a_part_of_all_births():
    table = asked.births_by_office()
    assert table["all"].sum() == 1170
    assert (table["shared"] <= table["all"]).all()
    assert 0 < table["shared"].sum() < 117


@pytest.mark.parametrize("make", asked.CHARTS, ids=lambda make: make.__name__)
def test_a_chart_is_fit_to_print_at_every_size(make):
    chart = make()
    assert chart.check(tuple(SIZES)) is chart
    assert len(chart.title.split()) <= 15
    assert re.search(r"\d", chart.title)
    assert chart.sources
    assert chart.notes
    assert "Open Data Commons" in chart.licence


def test_the_line_of_survivors_and_the_line_of_births_are_two():
    rows = asked.england_chart().frame
    spans = rows.groupby("series")["x"].agg(["min", "max"])
    assert spans.loc["born, lived to 2011"].tolist() == [1995, 2010]
    assert spans.loc["born"].tolist() == [2011, 2015]
    assert spans.loc["died"].tolist() == [2011, 2016]


def test_the_map_has_every_council_of_2023_once():
    rows = asked.map_chart().frame
    assert len(rows) == 296
    assert not rows.duplicated(["q", "r"]).any()
    assert set(rows.loc[rows["y"].isna(), "series"]) == set(asked.TINY)


def test_births_and_deaths_of_england_are_of_the_same_years_and_leave_nobody_out():
    rows = load("co_operative_organisations", edition=2017)
    born, died = (rows[day].astype("string").str[:4].astype("Float64") for day in ("born", "died"))
    said = asked.nation()[0]
    assert f"{born.between(2011, 2015).sum():,} co-operatives were incorporated" in said
    assert f"{died.between(2011, 2015).sum():,} dissolved in the same years" in said
    assert asked.in_england("birth", 2011, 2015) == (1178, 8)
    assert asked.in_england("death", 2011, 2016) == (1235, 40)


def test_every_sentence_ends_and_has_a_figure():
    for said in asked.sentences():
        assert re.fullmatch(r"(?=.*\d)[A-Z0-9].*\.", said), said
        assert "nan" not in said
        assert "  " not in said
    assert set(asked.answer()) <= set(asked.sentences())


def test_other_births_other_words(monkeypatch):
    before = {make: make().title for make in (asked.england_chart, asked.born_chart)}
    said, counted = asked.beside(), asked.counted

    def more(item, first, last):
        taken = counted(item, first, last)
        rows = taken.amounts
        amount = rows["amount"].where(rows["ecode"] != "E5017", rows["amount"] + 40)
        return dataclasses.replace(taken, amounts=rows.assign(amount=amount))

    monkeypatch.setattr(asked, "counted", more)
    assert all(make().title != title for make, title in before.items())
    assert not set(asked.beside()[:4]) & set(said)
