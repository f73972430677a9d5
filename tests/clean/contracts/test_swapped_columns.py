"""Columns and rows that changed places, on the publications as committed."""

import functools
import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coopstats.clean.contracts import swapped_columns
from coopstats.clean.tables import (
    children_spending,
    revenue_budget,
    revenue_outturn,
    social_care_spending,
)
from coopstats.core.errors import UnknownHeading

ACCOUNTS = {
    "revenue_outturn": revenue_outturn,
    "revenue_budget": revenue_budget,
    "social_care_spending": social_care_spending,
}


@functools.cache
def years(table):
    if table == "children_spending":
        return list(swapped_columns.in_table(children_spending.returns()))
    return list(swapped_columns.in_sheets(ACCOUNTS[table].accounts()))


def pounds(table):
    return 1 if table == "children_spending" else 1000


FAMILIES = (*ACCOUNTS, "children_spending")


@pytest.mark.parametrize("table", FAMILIES)
def test_nothing_held_looks_exchanged(table):
    swapped_columns.check(years(table), pounds(table))


def pair(table, least=20_000_000):
    """The two newest years, the columns of both with over £20m in all."""
    before, this = (
        pd.DataFrame(y.number, y.councils, pd.Index([*y.where], tupleize_cols=False))
        for y in years(table)[-2:]
    )
    councils = this.index.intersection(before.index, sort=False)
    names = this.columns.intersection(before.columns)
    sides = [np.nan_to_num(side.loc[councils, names].to_numpy()) for side in (before, this)]
    large = np.all([np.abs(s).sum(axis=0) * pounds(table) > least for s in sides], axis=0)
    return swapped_columns.Pair(
        *(s[:, large] for s in sides), swapped_columns.SMALL / pounds(table)
    )


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("revenue_outturn", 0.78),
        ("revenue_budget", 0.93),
        ("social_care_spending", 0.81),
        ("children_spending", 0.88),
    ],
)
def test_of_exchanged_columns_most_are_found(table, found):
    """Not all: some lines are nearly alike, or too unsteady, to be told apart."""
    whole = pair(table)
    every = list(itertools.combinations(range(whole.now.shape[1]), 2))
    some = [every[i] for i in np.linspace(0, len(every) - 1, 1500, dtype=int)]
    seen = 0
    for both in map(list, some):
        swapped = swapped_columns.Pair(whole.before[:, both], whole.now[:, both[::-1]], whole.small)
        seen += any(swapped_columns.swapped(swapped))  # a pair (0, 1) is true
    assert seen / len(some) >= found


def swapped(table, one, other):
    """The newest year with two columns exchanged, after the year before."""
    before, this = years(table)[-2:]
    number = this.number.copy()
    number[:, [one, other]] = this.number[:, [other, one]]
    return [before, replace(this, number=number)]


def column(table, *words):
    (found,) = [at for at, n in enumerate(years(table)[-1].where) if n[: len(words)] == words]
    return found


def test_the_message_names_both_cells_lines_and_the_year_before():
    table = "revenue_outturn"
    both = column(table, "cultural"), column(table, "environmental")
    with pytest.raises(UnknownHeading) as stopped:
        swapped_columns.check(swapped(table, *both))
    message = str(stopped.value)
    assert "sheet 'RS_LA_Data_2023-24', cell N14 and " in message
    assert "cell O14: " in message
    assert (
        "under cultural and environmental, is nearer to each other's figures in 2022-23" in message
    )
    assert "lines.csv" in message


def test_one_large_council_is_not_enough():
    before, now = np.zeros((9, 2)), np.zeros((9, 2))
    before[4], now[4] = (5_000, 90_000), (90_000, 5_000)
    assert not [*swapped_columns.swapped(swapped_columns.Pair(before, now, 1_000))]
    before[:3], now[:3] = (5_000, 90_000), (90_000, 5_000)
    assert [*swapped_columns.swapped(swapped_columns.Pair(before, now, 1_000))] == [(0, 1)]


@pytest.mark.parametrize("by", [-1, 1])
def test_a_column_that_slipped_is_named(by):
    before, this = years("revenue_outturn")[-2:]
    number, line = this.number.copy(), column("revenue_outturn", "housing")
    number[:, line] = np.roll(number[:, line], by)
    slipped = replace(this, number=number)
    with pytest.raises(UnknownHeading, match="under housing, is nearer to the figures of the rows"):
        swapped_columns.check([before, slipped])


def test_small_differences_tell_nothing():
    before = pd.DataFrame({"a": [1.0] * 5, "b": [2.0] * 5}).to_numpy()
    assert not [*swapped_columns.swapped(swapped_columns.Pair(before, before[:, ::-1], 1_000))]


@pytest.mark.parametrize("table", FAMILIES)
def test_the_pass_over_groups_changes_nothing_that_is_found(table, monkeypatch):
    """Columns are exchanged in pairs, next to each other, so that there is much to find."""
    whole = pair(table)
    places = np.arange(whole.now.shape[1] // 2 * 2).reshape(-1, 2)[:, ::-1].ravel()
    swapped = swapped_columns.Pair(
        whole.before[:, : len(places)], whole.now[:, places], whole.small
    )
    found = [*swapped_columns.swapped(swapped)]
    assert len(found) >= len(places) // 4
    monkeypatch.setattr(swapped_columns, "GROUPS", 10**9)
    assert [*swapped_columns.swapped(swapped)] == found


def test_sums_of_groups_rule_out_no_pair_that_a_comparison_in_full_finds():
    whole = pair("revenue_outturn")
    for both in map(list, itertools.combinations(range(whole.now.shape[1]), 2)):
        swapped = swapped_columns.Pair(whole.before[:, both], whole.now[:, both[::-1]], whole.small)
        groups, all_councils = (
            np.abs(each.now - each.before).sum() for each in (swapped.in_groups, swapped)
        )
        assert groups <= all_councils
