"""From a number to the cell it was printed in: looked up again in the transcription itself."""

from __future__ import annotations

import dataclasses
import functools
import math
import re
import sys

import pandas as pd
import pytest

from coopstats import council, load, trace
from coopstats.clean.sheets.sheet import place_of
from coopstats.core import paths
from coopstats.core.errors import UnknownCouncil, UnknownName
from coopstats.datasets.table import about
from coopstats.register.councils import fold

pytestmark = pytest.mark.usefixtures("built")

VARIED = [
    ("revenue_outturn", "Lambeth", 2010, "cultural", {}, 1000),
    ("revenue_outturn", "Birmingham", 2007, "education", {}, 1000),
    ("revenue_outturn", "E1221", 2018, "adult_social_care", {}, 1000),
    ("revenue_outturn", "Stevenage", 2015, "housing", {}, 1000),
    ("revenue_outturn", "Oldham", 2012, "education", {"basis": "capital_charges"}, 1000),
    ("revenue_outturn", "York", 2023, "total_service_expenditure", {}, 1000),
    ("reserves", "Newham", 2008, "unallocated", {"date": "1 April"}, 1000),
    ("reserves", "Newham", 2008, "unallocated", {"date": "31 March"}, 1000),
    ("reserves", "Kirklees", 2021, "unallocated", {"date": "31 March"}, 1000),
    ("council_tax", "Rochdale", 2009, "band_d", {}, 1),
    ("council_tax", "Redbridge", 2016, "council_tax_requirement", {}, 1000),
    ("population", "Leeds", 2005, None, {"vintage": "mid_2020", "age": "all"}, 1),
    ("population", "Leeds", 2019, None, {"vintage": "census_2021", "age": "all"}, 1),
    ("deprivation", "Liverpool", 2010, None, {"domain": "overall", "item": "average_score"}, 1),
]


@functools.cache
def transcribed(source, sheet):
    """The cells of one printed sheet, from data/raw."""
    table, period = source.split("/")
    cells = pd.read_parquet(
        paths.raw_dir() / table / f"{period}.parquet", filters=[("sheet", "==", sheet)]
    )
    return cells.set_index(["row", "column"])


def cell(source, sheet, name):
    """Number of a cell, and all words of its row."""
    column, row = divmod(place_of(name), 1 << 20)
    cells = transcribed(source, sheet)
    words = cells.xs(row + 1, level="row")["text"].dropna()
    found = cells.loc[(row + 1, column + 1)]
    number = float(found["text"]) if pd.isna(found["number"]) else found["number"]
    return number, {fold(str(w)) for w in words}


@pytest.mark.parametrize(("table", "name", "year", "service", "only", "scale"), VARIED)
def test_the_cell_holds_the_number_in_a_row_of_that_council(
    table, name, year, service, only, scale
):
    (step,) = trace(table, name, year, service, **only).steps
    body = council(name, year)
    source = next(s for s, c in about(table)["sources"].items() if c == step.source)
    number, words = cell(source, step.sheet, step.cell)
    assert step.value == pytest.approx(number * scale, abs=0.5)
    known = {fold(w) for w in (*body.spellings, *body.codes, body.name)}
    assert words & known


def test_one_cell_known_by_sight():
    told = repr(trace("revenue_outturn", "Lambeth", 2010, "cultural"))
    assert "22,218,000 pounds" in told
    assert "'RS LA Data 2010-11 (1)', J335" in told
    assert "OGL" in told
    assert "sha256 345f760190fc8b9a" in told


def test_opening_and_closing_reserves_come_from_different_cells():
    ends = [
        trace("reserves", "Newham", 2008, "unallocated", date=d) for d in ("1 April", "31 March")
    ]
    one, other = (t.steps[0] for t in ends)
    assert (one.sheet, one.cell) != (other.sheet, other.cell)


@pytest.mark.parametrize("table", ["revenue_outturn", "reserves", "council_tax", "population"])
def test_any_number_is_in_its_cell(table):
    """Two hundred at random from each table; £ thousand on a sheet are pounds in the table."""
    rows = load(table, basis=None).dropna(subset="cell")
    value, units = about(table)["value"], about(table)["sources"]
    chosen = rows[rows["flag"] == "reported"].sample(200, random_state=7)
    for row in chosen.to_dict("records"):
        number, _ = cell(row["source"], row["sheet"], row["cell"])
        scale = 1000 if "thousand" in units[row["source"]]["unit"] else 1
        assert row[value] == pytest.approx(number * scale, abs=0.5), row


def test_core_is_what_its_cells_say():
    found = trace("revenue_outturn", "Redbridge", 2016, "core")
    whole, *less = [step.value for step in found.steps]
    row = load("revenue_outturn", ecode=council("Redbridge").ecode, year=2016, service="core")
    assert whole - sum(less) == row["gbp"].iloc[0]
    assert len(less) == 4
    assert found.how.startswith("Derived: total service expenditure less education")


def test_social_care_is_the_sum_of_its_cells():
    found = trace("revenue_outturn", "Redbridge", 2016, "social_care")
    row = load(
        "revenue_outturn", ecode=council("Redbridge").ecode, year=2016, service="social_care"
    )
    assert sum(step.value for step in found.steps) == row["gbp"].iloc[0]
    assert [step.what for step in found.steps] == ["childrens_social_care", "adult_social_care"]


def test_core_before_public_health_came_has_no_cell_for_it():
    found = trace("revenue_outturn", "Redbridge", 2010, "core")
    assert "public_health" not in {step.what for step in found.steps}
    whole, *less = [step.value for step in found.steps]
    row = load("revenue_outturn", ecode=council("Redbridge").ecode, year=2010, service="core")
    assert whole - sum(less) == row["gbp"].iloc[0]


def test_an_index_of_spending_power_is_chained_from_the_printed_changes_to_its_year():
    found = trace("spending_power", "Redbridge", 2020, "index")
    assert found.how == (
        "Derived: 100 in 2010-11, then the annual and two-year changes chained; "
        "2019-20 alone has none."
    )
    assert [step.cell for step in found.steps] == [f"{column}66" for column in "EFGHIJKLM"]
    assert [step.value for step in found.steps] == [-3, -3, 0, -3, -2, -3, 2, 2, 11]
    assert found.steps[0].what == "annual_change 2011-12"
    assert found.steps[-1].what == "two_year_change 2020-21"
    chained = math.prod(1 + step.value / 100 for step in found.steps)
    assert found.figure.value == pytest.approx(100 * chained)


def test_an_index_of_an_earlier_year_has_no_later_change_and_the_base_year_has_none():
    assert len(trace("spending_power", "Redbridge", 2014, "index").steps) == 4
    base = trace("spending_power", "Redbridge", 2010, "index")
    assert [(step.value, step.cell) for step in base.steps] == [(100, "")]
    assert base.how.startswith("Derived: 100 in 2010-11")


@pytest.mark.parametrize(
    ("service", "parts"),
    [
        ("core", ("total_service_expenditure", "education", "police", "fire", "public_health")),
        ("social_care", ("childrens_social_care", "adult_social_care")),
    ],
)
def test_a_derived_line_of_budget_against_outturn_is_traced_to_the_parts_of_both_sides(
    service, parts
):
    found = trace("budget_against_outturn", "Redbridge", 2014, service)
    sides = ("budget", "outturn")
    assert [step.what for step in found.steps] == [f"{s}, {part}" for s in sides for part in parts]
    assert all(step.cell for step in found.steps)
    sign = [1, 1] if service == "social_care" else [1, -1, -1, -1, -1]
    planned, spent = (
        sum(n * step.value for n, step in zip(sign, found.steps[at:], strict=False))
        for at in (0, len(parts))
    )
    assert found.figure.value == spent - planned
    assert found.how.startswith(f"Outturn less budget, {spent:,} less {planned:,}; {service} is ")


def test_a_printed_line_of_budget_against_outturn_is_its_two_cells():
    found = trace("budget_against_outturn", "Redbridge", 2014, "education")
    assert found.how == "Outturn less budget."
    assert [(step.what, step.cell) for step in found.steps] == [
        ("budget", "K358"),
        ("outturn", "G357"),
    ]


def test_a_missing_return_is_said_to_be_no_figure():
    told = repr(trace("revenue_outturn", "Birmingham", 2022, "cultural"))
    assert "no figure (not_returned)" in told


def test_england_is_traced_to_the_printed_row():
    (step,) = trace("printed_totals", "England", 2010, "cultural", table="revenue_outturn").steps
    number, words = cell("revenue_outturn/2010-11", step.sheet, step.cell)
    assert step.value == number * 1000
    assert "england" in words


def test_a_correction_is_shown_with_what_was_printed(monkeypatch):
    found = trace("revenue_outturn", "Lambeth", 2010, "cultural").steps[0]
    record = {("revenue_outturn/2010-11", found.sheet, found.cell): "printed 1, now 22218: a test"}
    monkeypatch.setattr(sys.modules["coopstats.datasets.trace"], "_corrections", lambda: record)
    corrected = trace("revenue_outturn", "Lambeth", 2010, "cultural")
    assert "correction   printed 1, now 22218: a test" in repr(corrected)
    assert list(corrected.frame["correction"]) == ["printed 1, now 22218: a test"]


def test_each_row_of_the_frame_is_a_cell_with_its_licence():
    rows = trace("revenue_outturn", "Redbridge", 2010, "core").frame
    assert rows["licence"].str.startswith("OGL").all()
    assert rows["cell"].map(lambda c: bool(re.fullmatch(r"[A-Z]{1,3}\d+", c))).all()
    assert rows["sha256"].str.len().eq(64).all()


def test_html_is_escaped(monkeypatch):
    found = trace("revenue_outturn", "Redbridge", 2010, "core")
    figure = dataclasses.replace(found.figure, place="<script>")
    odd = dataclasses.replace(found, figure=figure, how="a & b")
    assert "&lt;script&gt;" in odd._repr_html_()
    assert "<script>" not in odd._repr_html_()


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        (("revenue_outturn", "Newcastle", 2010, "core"), UnknownCouncil, "Newcastle-under-Lyme"),
        (("revenue_outturn", "Lambeth", 1990, "core"), UnknownName, "no year 1990"),
        (("revenue_outturn", "Lambeth", 2010), UnknownName, "say which you mean. service: "),
        (("revenue_budget", "Lambeth", 2015), UnknownName, r", … \(\d{3} in all\)\.$"),
        (("revenue_outturn", "Lambeth", 2010, "cultrual"), UnknownName, "'cultural'"),
        (("population", "Lambeth", 2010), UnknownName, "vintage: mid_2020, census_2021"),
        (("revenue_outturn", "Lambeth", 2010, "public_health"), UnknownName, "no row for Lambeth"),
    ],
)
def test_what_cannot_be_traced_says_why(asked, error, said):
    with pytest.raises(error, match=said):
        trace(*asked)
