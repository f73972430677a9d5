"""The tour of outcomes: medians by hand, severed councils left out, words that follow numbers."""

import pandas as pd
import pytest

from coopstats import load
from coopstats.findings.answers import what_services_did as services
from coopstats.register.councils import council


@pytest.fixture(autouse=True)
def from_built(built):
    for cached in (services.article_councils, services.series):
        cached.cache_clear()


def rows_of(slug, name, who):
    rows = services.tour(slug)
    return rows[(rows["council"] == name) & (rows["who"] == who)].set_index("year")["value"]


def test_the_fifteen_are_councils_of_the_register():
    listed = services.article_councils()
    assert len(listed) == 15
    assert [council(name).ecode for name in listed["council"]] == list(listed["ecode"])


def test_a_council_is_drawn_as_printed_and_beside_the_median_of_its_class():
    assert rows_of("conceptions", "Lambeth", services.OWN)[2010] == 49.3
    printed = load("teenage_conceptions", item="conception_rate", year=2010, council_class="MD")
    assert len(printed) == 36
    middle = rows_of("conceptions", "Oldham", services.OF_CLASS)[2010]
    assert middle == printed["value"].median()


def test_in_london_the_region_is_not_drawn_a_second_time():
    assert rows_of("conceptions", "Lambeth", services.OF_REGION).empty
    assert not rows_of("conceptions", "Oldham", services.OF_REGION).empty


def test_changes_are_from_the_first_to_the_last_year_by_hand():
    moved = services.changes("conceptions").loc["Lambeth"]
    assert (moved["first"], moved["last"]) == (1998, 2017)
    assert moved[services.OWN] == pytest.approx(24.0 - 85.3)


def test_councils_that_counted_another_way_are_not_compared():
    cut = services.severed("fly-tipping")
    assert {"Redbridge", "Lewisham"} <= {council(code).name for code in cut}
    assert not {"Redbridge", "Lewisham"} & set(services.changes("fly-tipping").index)
    assert "Lewisham" in " ".join(services.tour_chart("fly-tipping").notes)


def test_a_title_turns_with_its_numbers(monkeypatch):
    moved = pd.DataFrame({services.OWN: [-2.0, -1.0, 3.0], services.OF_CLASS: [-1.0, -1.0, 1.0]})
    monkeypatch.setattr(services, "changes", lambda slug: moved)
    assert services._finding("care").endswith("lower in 2 of 3 councils, 1 beyond their class")
    monkeypatch.setattr(services, "changes", lambda slug: -moved)
    assert services._finding("care").endswith("higher in 2 of 3 councils, 1 beyond their class")


def test_a_service_of_the_county_is_said_to_be():
    (told,) = [note for note in services._absent("care") if "Stevenage" in note]
    assert told == (
        "Stevenage has no figure of its own: its county, Hertfordshire, has the service."
    )


@pytest.mark.parametrize("shown", services.OUTCOMES, ids=lambda shown: shown.slug)
def test_each_chart_is_fit_to_print_and_says_what_it_can_bear(shown):
    chart = services.tour_chart(shown.slug)
    chart.check()
    assert services.use_of(shown.slug) in chart.notes
    assert chart.sources


def test_what_is_not_held_names_tables_that_are():
    from coopstats.clean.build.build import TABLES

    assert set(services.not_held()["expected_in"]) <= set(TABLES)


def test_the_table_of_changes_has_every_council_and_a_dash_where_there_is_nothing():
    table = services.table_of_changes()
    assert list(table.index) == list(services.article_councils()["council"])
    assert table.loc["Oldham", "Recorded crime in London"] == "–"
    assert table.loc["Lambeth", "Under-18 conceptions"].startswith("−61.3 (")
