"""Budget against outturn: both cells checked by hand, the rule for outliers, every rule broken."""

import functools
import re

import pandas as pd
import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.tables import budget_against_outturn as against
from coopstats.core.errors import ContractBroken, UnreadableSource
from coopstats.datasets.load import load
from coopstats.datasets.trace import trace

REDBRIDGE, LAMBETH, LIVERPOOL, OLDHAM, GREENWICH = "E5046", "E5017", "E4302", "E4204", "E5012"


@functools.cache
def table():
    return keep(against.promised(), against.clean())


@functools.cache
def few():
    asked = [REDBRIDGE, LAMBETH, LIVERPOOL, OLDHAM, GREENWICH]
    return table()[table()["ecode"].isin(asked)].reset_index(drop=True)


def one(ecode, year, service):
    key = ["ecode", "year", "service"]
    return few().astype(dict.fromkeys(key, object)).set_index(key).sort_index().loc[
        (ecode, year, service)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ecode", "year", "service", "budget", "budget_cell", "outturn", "cell"),
    [
        (REDBRIDGE, 2010, "area_based_grant", -16_842_000, "ES359", -15_346_000, "BB357"),
        (LAMBETH, 2010, "cultural", 22_041_000, "BB337", 22_218_000, "J335"),
        (LAMBETH, 2016, "cultural", 10_083_000, "CQ335", 13_553_058, "L335"),
        (LAMBETH, 2010, "total_service_expenditure", 600_278_000, "DG337", 609_070_000, "Q335"),
        (OLDHAM, 2010, "education", 231_924_000, "J297", None, None),
        (LIVERPOOL, 2016, "cultural", None, None, 34_437_000, "L303"),
    ],
)
def test_both_sides_are_the_printed_ones(ecode, year, service, budget, budget_cell, outturn, cell):
    row = one(ecode, year, service)
    if budget is not None:
        assert (row["budget"], row["budget_cell"]) == (budget, budget_cell)
    if outturn is not None:
        assert (row["outturn"], row["cell"]) == (outturn, cell)
    assert row["difference"] == row["outturn"] - row["budget"]
    period = f"{year}-{(year + 1) % 100:02d}"
    assert row["budget_source"] == f"revenue_budget/{period}"
    assert row["source"] == f"revenue_outturn/{period}"


def test_redbridge_kept_a_million_and_a_half_less_area_based_grant_than_it_planned():
    row = one(REDBRIDGE, 2010, "area_based_grant")
    assert row["difference"] == 1_496_000
    assert row["ratio"] == pytest.approx(15_346 / 16_842)


def test_a_side_without_a_return_leaves_no_difference():
    row = one(GREENWICH, 2020, "cultural")
    assert pd.isna(row["budget"])
    assert pd.isna(row["difference"])
    assert row["flag"] == "not_returned"
    assert row["outturn"] > 0


def test_core_is_derived_on_both_sides():
    row = one(LAMBETH, 2010, "core")
    assert pd.isna(row["cell"])
    assert pd.isna(row["budget_cell"])
    assert row["budget"] == 292_540_000
    assert row["outturn"] == (609_070 - 299_247) * 1000


def test_only_lines_that_both_print_are_compared():
    shared = against.shared_lines()
    assert {"cultural", "highways", "total_service_expenditure", "area_based_grant"} <= {*shared}
    assert not {"libraries", "youth", "schools_reserves", "hra_income"} & {*shared}


@pytest.mark.parametrize(
    ("budget", "outturn", "outlier"),
    [
        (10e6, 11e6, None),  # £1m apart, a tenth
        (10e6, 20e6, "far_apart"),  # half of the larger
        (10e6, 19.9e6, None),  # a little less than half of the larger
        (0.5e6, 1.4e6, None),  # under £1m
        (0.0, 1e6, "far_apart"),
        (0.6e6, -0.4e6, "other_sign"),
        (0.5e6, -0.4e6, None),
        (-10e6, -20e6, "far_apart"),
        (None, 5e6, None),
    ],
)
def test_the_rule_for_outliers(budget, outturn, outlier):
    sides = {"budget": [budget], "outturn": [outturn]}
    found = against.outlier_of(pd.DataFrame(sides, dtype="Float64"))[0]
    assert (found if isinstance(found, str) else None) == outlier


def side(ecodes):
    """One side of a few rows: a figure of `cultural` in 2010-11 each."""
    words = {"ecode": ecodes, "service": ["cultural"] * len(ecodes)}
    rows = {name: pd.Categorical(each) for name, each in words.items()}
    return pd.DataFrame({**rows, "year": 2010, "number": range(len(ecodes))})


def test_both_sides_stand_in_the_order_of_the_budget():
    sides = side([LAMBETH, REDBRIDGE, OLDHAM]), side([OLDHAM, LIVERPOOL, LAMBETH])
    budget, outturn = against._matched(*against._in_same_words([*sides]))
    assert list(budget["ecode"]) == list(outturn["ecode"]) == [LAMBETH, OLDHAM]
    assert list(budget["number"]) == [0, 2]
    assert list(outturn["number"]) == [2, 0]


@pytest.mark.parametrize(
    ("budget", "outturn", "named"),
    [
        ([OLDHAM, LAMBETH, LAMBETH], [LAMBETH], "The budget of Lambeth (E5017) for 2010-11"),
        ([LAMBETH], [OLDHAM, LAMBETH, OLDHAM], "The outturn of Oldham (E4204) for 2010-11"),
    ],
)
def test_a_line_that_stands_twice_on_a_side_is_refused(budget, outturn, named):
    with pytest.raises(UnreadableSource, match=re.escape(f"{named} has the line 'cultural' twice")):
        against._matched(*against._in_same_words([side(budget), side(outturn)]))


def test_of_two_reasons_the_budget_s_comes_first():
    flags = against._flag(
        *(
            pd.Series(pd.Categorical(words))
            for words in (
                ["reported", "missing", "reported", "missing", "zero"],
                ["reported", "reported", "not_returned", "not_returned", "derived"],
            )
        )
    )
    assert list(flags) == ["derived", "missing", "not_returned", "missing", "derived"]
    assert list(flags.categories) == ["derived", "missing", "not_returned"]


def test_england_adds_up_to_within_a_tenth_but_for_covid():
    # budgets and outturns of the same councils, all core services together
    both = table()[(table()["service"] == "core") & table()["difference"].notna()]
    sums = both.groupby("year")[["budget", "outturn"]].sum().astype("float64")
    ratio = (sums["outturn"] / sums["budget"]).drop([2020, 2021])
    assert ratio.between(0.9, 1.1).all()


def test_trace_shows_both_cells(built):
    found = trace("budget_against_outturn", "Redbridge", 2010, "area_based_grant")
    assert list(found.frame["cell"]) == ["ES359", "BB357"]
    assert list(found.frame["value"]) == [-16_842_000, -15_346_000]
    assert found.frame["file"].str.startswith(("revenue-budget/", "revenue-outturn/")).all()


# --- the contract ----------------------------------------------------------------------------


def spoil(column, value, where=0):
    spoilt = few().copy()
    kinds = spoilt.dtypes[column]
    if isinstance(kinds, pd.CategoricalDtype):
        spoilt[column] = spoilt[column].astype(object)
    spoilt.loc[where, column] = value
    if isinstance(kinds, pd.CategoricalDtype):
        words = [*kinds.categories, *({value} - {*kinds.categories, None})]
        spoilt[column] = pd.Categorical(spoilt[column], words)
    return spoilt


def first(**words):
    rows = few()
    for column, word in words.items():
        rows = rows[rows[column] == word]
    return rows.index[0]


@pytest.mark.parametrize(
    ("spoilt", "sentence"),
    [
        (lambda: pd.concat([few(), few()[:1]], ignore_index=True), "There is one row for each"),
        (lambda: spoil("difference", pd.NA, first(flag="derived")), "`difference` is empty"),
        (lambda: spoil("difference", 7, first(flag="derived")), "Outturn less budget is the"),
        (lambda: spoil("outlier", "far_apart", first(service="police")), "Every outlier is one"),
        (lambda: spoil("outlier", None, first(outlier="far_apart")), "Every outlier is one by"),
        (lambda: spoil("ratio", -0.5), "A ratio is never below zero"),
        (lambda: spoil("ratio", 1.0, first(service="police", budget=0)), "none is of a budget of"),
        (lambda: spoil("flag", "reported"), "Every flag is derived or says why"),
        (lambda: spoil("year", 1910), "Years lie between"),
        (lambda: spoil("service", "cultural", first(service="core")), "A printed side names its"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_named(spoilt, sentence):
    keep(against.promised(), few())
    with pytest.raises(ContractBroken, match=sentence):
        keep(against.promised(), spoilt())


def test_a_side_is_in_doubt_where_its_own_table_says_so(built):
    """The unit of a figure, judged over all the years of its line."""
    both = load("budget_against_outturn").astype({"ecode": str, "service": str})
    places = set(both[against.KEY].itertuples(index=False, name=None))
    for side, name in zip(against.SIDES, ("revenue_budget", "revenue_outturn"), strict=True):
        own = load(name).astype({"ecode": str, "service": str})
        own = own[own["doubt"].astype(str).str.contains(r"\bunit\b")]
        marked = both[both["doubt"].astype(str).str.contains(rf"unit \({side}\)")]
        expected = set(own[against.KEY].itertuples(index=False, name=None)) & places
        assert set(marked[against.KEY].itertuples(index=False, name=None)) == expected
        assert len(expected) > 50
