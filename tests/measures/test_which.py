"""Two numbers never share title and unit; the order of adding up and dividing never matters."""

from __future__ import annotations

import functools

import pytest

from coopstats import load, measure
from coopstats.core.errors import CoopstatsError, NotComparable
from coopstats.datasets.table import about, built_tables, open_table
from coopstats.measures import which
from coopstats.measures.choosing import PRINCIPAL

pytestmark = pytest.mark.usefixtures("built")
BESIDE = {"ecode", "year", "whole", "organisation"}


def measured(table, line, /, **only):
    """The measure, or None where a table has none for these words."""
    try:
        return measure(table, line, **only)
    except CoopstatsError:
        return None


def combinations(table):
    """A few lines of a table with every word of the columns that narrow them."""
    rows, line = (
        load(table, basis=None) if _has_basis(table) else load(table),
        open_table(table).line_column,
    )
    columns = [c for c in (*about(table)["key"], "role") if c in rows and c not in BESIDE]
    found = rows[list(dict.fromkeys(columns))].drop_duplicates().dropna()
    first = found[line].unique()[:3] if line in found else [None]
    found = found[found[line].isin(first)] if line in found else found
    for words in found.head(24).astype(str).to_dict("records"):
        yield words.pop(line, None), words


def _has_basis(table):
    return "basis" in about(table)["columns"]


WITH_FIGURES = [t for t in built_tables() if about(t).get("value") and t != "deflator"]


@pytest.mark.parametrize("table", WITH_FIGURES)
def test_measures_that_differ_in_a_word_differ_in_title_or_unit(table):
    named = {}
    for line, words in combinations(table):
        taken = measured(table, line, **words)
        if taken is not None:
            named.setdefault((taken.title, taken.unit), []).append((line, words))
    assert [same for same in named.values() if len(same) > 1] == []


def test_gross_and_net_are_told_apart_everywhere():
    gross, net = measure("children_spending", "youth"), measure(
        "children_spending", "youth", basis="net_expenditure")  # fmt: skip
    for said in ("title", "unit", "__repr__", "_repr_html_"):
        told = [v() if callable(v := getattr(taken, said)) else v for taken in (gross, net)]
        assert "gross expenditure" in told[0]
        assert "net expenditure" in told[1]
    assert gross.frame.attrs["basis"] == "gross_expenditure"
    assert set(net.table_rows["basis"]) == {"net_expenditure"}


def test_the_default_basis_the_date_and_the_people_are_in_the_unit():
    core = measure("revenue_outturn", "core").where(council="Lambeth").between(2012, 2016)
    assert core.unit == "pounds, net current expenditure, nominal"
    assert "on 31 March" in measure("reserves", "unallocated", date="31 March").unit
    units = [core.per_head(vintage=v).unit for v in (None, "mid_2020", "census_2021")]
    units += [core.per_head(age="0-17").unit, core.real(2019).unit, core.real(2019, "cpih").unit]
    assert len(set(units)) == len(units)


@pytest.mark.parametrize("table", [t for t in built_tables() if _has_basis(t)])
def test_no_two_bases_are_the_same_in_plain_words(table):
    bases = list(load(table, basis=None)["basis"].unique())
    assert len({which.plain("basis", b) for b in bases}) == len(bases)


@functools.cache
def whole_areas(line, year):
    every = measure("revenue_outturn", line).where(council_class=PRINCIPAL)
    return every.between(year, year).two_tier()


ORDERS = [
    (line, year, group)
    for line in ("core", "cultural")
    for year in (2012, 2019)
    for group in ("england", "council_class", "region", "subregion", "deprivation_fifth")
]


def values(taken):
    return taken.frame.set_index(["ecode", "year"])["value"].to_dict()


@pytest.mark.parametrize(("line", "year", "group"), ORDERS)
def test_adding_up_and_dividing_give_the_same_in_either_order(line, year, group):
    areas = whole_areas(line, year)
    areas = areas.where(region="London") if group == "subregion" else areas  # none elsewhere
    first = areas.by(group, leave_out=True)
    try:
        after = first.per_head()
    except NotComparable:  # Dorset in 2012: its people are not held by area
        with pytest.raises(NotComparable, match=r"is without|no population"):
            areas.per_head(leave_out=True).by(group, leave_out=True)
        return
    assert values(areas.per_head().by(group, leave_out=True)) == pytest.approx(values(after))


def test_a_county_s_people_are_not_counted_again_with_its_districts():
    """Divided first and added up then, East Midlands had £393 a person, and £665 in the other."""
    parts = measure("revenue_outturn", "core").where(council_class=PRINCIPAL).between(2012, 2012)
    codes = [c for c in parts.amounts["ecode"] if str(c).startswith("E10")]
    two = parts.where(council=[*codes])
    assert values(two.per_head().by("region")) == pytest.approx(values(two.by("region").per_head()))
    assert values(two.per_head().two_tier()) == pytest.approx(values(two.two_tier().per_head()))


def test_what_per_head_left_out_is_not_missed_from_a_sum_in_silence():
    every = measure("revenue_outturn", "core").between(2012, 2012).per_head(leave_out=True)
    with pytest.raises(NotComparable, match="Add up first"):
        every.by("region", leave_out=True)
