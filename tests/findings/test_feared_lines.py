"""The lines that Redbridge feared for: each is a line of a table, in pieces where it changed."""

import pandas as pd
import pytest

from coopstats.datasets.load import load
from coopstats.findings.answers import feared_lines as feared


@pytest.fixture(autouse=True)
def from_built(built):
    for cached in (feared.lines, feared.boroughs, feared._inner):
        cached.cache_clear()


def test_every_line_of_the_register_is_a_line_of_its_table():
    for line in feared.lines().itertuples():
        assert len(load(line.table, basis=line.basis, service=line.service)) > 0


def test_the_area_based_grant_is_read_from_budget_and_outturn():
    (said,) = feared.in_year()
    for words in ("£16,842k", "£15,346k", "£1.5m less"):
        assert words in said


def test_mental_health_comes_in_two_pieces_that_are_not_joined():
    spans = [(p.years[0], p.years[-1]) for p in feared.pieces("Mental health of adults")]
    assert spans == [(2008, 2013), (2014, 2020)]


def test_a_line_below_nothing_gets_no_percentage():
    parking = feared.changes("Parking").set_index("council")["value"]
    assert pd.isna(parking["Redbridge"])


def test_a_change_is_the_last_year_over_the_first():
    (piece,) = feared.pieces("Street cleansing")
    own = piece.where(council="Redbridge").frame.set_index("year")["value"]
    said = feared.changes("Street cleansing").set_index("council")["value"]
    assert said["Redbridge"] == pytest.approx(100 * (own.iloc[-1] / own.iloc[0] - 1))


def test_a_doubtful_end_is_marked_and_a_sound_one_is_not():
    table = feared.table_of_changes().loc["Street cleansing"].iloc[0]
    assert feared.DOUBTFUL in table["Lambeth"]  # and ‡ after it, where a break lies on the way
    assert feared.DOUBTFUL not in table["Redbridge"]


@pytest.mark.parametrize("make", feared.CHARTS, ids=lambda make: make.__name__)
def test_each_chart_is_fit_to_print(make):
    chart = make()
    chart.check(("web", "square", "print"))
    assert len(chart.title.split()) <= 15


def test_budgets_are_not_called_spending():
    for title, line in feared.lines().iterrows():
        chart = feared.line_chart(title)
        said = " ".join([chart.title, chart.subtitle, chart.unit, chart.notes[0]]).lower()
        planned = line["table"] == "revenue_budget"
        assert ("budget" in said, "spending" in said) == (planned, not planned)
    assert "budgets" in feared.enforcement()[0]


def test_two_readings_of_enforcement_are_added_up():
    each = [
        load(
            "revenue_budget",
            basis="net_current_expenditure",
            ecode="E5046",
            year=2021,
            service=name,
        )
        for name in ("community_safety", "environmental_protection")
    ]
    assert [int(rows["gbp"].iloc[0]) for rows in each] == [1_245_000, 2_572_000]
    (said,) = feared.enforcement()
    assert "community safety −61.3% and environmental protection +346.7%" in said
    assert "together £11.68 and £11.75" in said


def test_what_is_held_beyond_the_price_index_is_said():
    (said,) = feared.last_held()
    assert "2024-25 is held too: £1,694k in Redbridge, £1,522k the year before" in said
