"""Rows by number: keys, cells and fingerprints, each held against the slow way of finding them."""

import itertools

import numpy as np
import pandas as pd
import pytest

from coopstats.clean.build import fingerprint
from coopstats.clean.contracts.contract import category, contract, keep, number, one_row_each, rule
from coopstats.clean.sheets import keys, sheet
from coopstats.clean.sheets.accounts import rounded
from coopstats.clean.sheets.codes import coded, joined
from coopstats.clean.sheets.sheet import NOWHERE, cell_name, cell_names, places
from coopstats.core.errors import ContractBroken, UnreadableSource

ROWS = pd.DataFrame(
    {
        "ecode": pd.Categorical(["b", "a", None, "b", "a"], categories=["b", "a"]),
        "year": np.array([2011, 2010, 2010, 2009, 2010], dtype="int16"),
        "name": ["y", "x", "y", "x", "z"],
    }
)


@pytest.mark.parametrize("columns", [*itertools.permutations(ROWS.columns)])
def test_numbers_sort_as_pandas_does(columns):
    order = np.argsort(keys.numbered(ROWS, *columns), kind="stable")
    assert list(order) == list(ROWS.sort_values(list(columns), kind="stable").index)


@pytest.mark.parametrize("columns", [["ecode"], ["year"], ["ecode", "year"], ["name", "year"]])
def test_numbers_are_alike_where_keys_are(columns):
    found = pd.Series(keys.numbered(ROWS, *columns)).duplicated(keep=False)
    assert list(found) == list(ROWS.duplicated(columns, keep=False))


def test_a_key_with_more_values_than_numbers_is_numbered_all_the_same(monkeypatch):
    before = np.argsort(keys.numbered(ROWS, *ROWS), kind="stable")
    monkeypatch.setattr(keys, "MOST", 20)
    assert keys.numbered(ROWS, *ROWS).max() < 20
    assert list(np.argsort(keys.numbered(ROWS, *ROWS), kind="stable")) == list(before)


def test_no_rows_have_no_numbers():
    assert len(keys.numbered(ROWS.head(0), *ROWS)) == 0


def test_the_first_of_each_combination_is_found():
    first, which = keys.distinct(np.array(["b", "a", "b", "a"]), np.array([1, 1, 1, 2]))
    assert first.tolist() == [0, 1, 3]
    assert which.tolist() == [0, 1, 0, 2]


def test_combinations_with_a_null_are_distinct_too():
    """In numbers, a null of the one must not make up for the word before it of the other."""
    rows = pd.DataFrame({"one": ["a", "b", None, "b", None], "other": ["x", None, "x", "x", None]})
    first, which = keys.distinct(*(rows[name].to_numpy(dtype=object) for name in rows))
    assert first.tolist() == which.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("swapped", [False, True])
def test_one_row_each_holds_in_any_order_of_rows(swapped):
    """Sorted rows are seen to be unlike at once; others are looked up."""
    schema = contract(
        "made", "", "", {"ecode": category(""), "gbp": number("")}, ["ecode"], rules=[]
    )
    table = pd.DataFrame({"ecode": pd.Categorical(["a", "b", "c"]), "gbp": [1.0, 2.0, 3.0]})
    table = table.iloc[::-1].reset_index(drop=True) if swapped else table
    assert len(keep(schema, table)) == 3
    twice = pd.concat([table, table.iloc[[1]]], ignore_index=True)
    with pytest.raises(ContractBroken, match=r"one row for each ecode\. Broken 2 times"):
        keep(schema, twice)


def test_a_rule_of_a_column_is_asked_of_nulls():
    above = rule("A figure is above zero.", lambda v: v > 0)
    schema = contract("made", "", "", {"gbp": number("", checks=[above])}, ["gbp"])
    assert one_row_each(["gbp"]).error == "There is one row for each gbp."
    with pytest.raises(ContractBroken, match=r"A figure is above zero\. Broken 1 times"):
        keep(schema, pd.DataFrame({"gbp": [1.0, None]}))


def test_a_comparison_that_knows_no_answer_counts_as_kept():
    above = rule("A figure is above zero.", lambda v: v > 0)
    schema = contract("made", "", "", {"gbp": number("", "Int64", checks=[above])}, ["gbp"])
    assert len(keep(schema, pd.DataFrame({"gbp": pd.array([1, None], "Int64")}))) == 2
    with pytest.raises(ContractBroken, match=r"A figure is above zero\. Broken 1 times"):
        keep(schema, pd.DataFrame({"gbp": pd.array([0, None], "Int64")}))


@pytest.mark.parametrize("rows", [[0, 7, 452], [1 << 19], []])
def test_places_are_named_as_cells(rows):
    at = places(np.array(rows, dtype=int), np.array([30, 0, 26]))
    at = np.append(np.append(at, NOWHERE), at)
    named = [None if a == NOWHERE else cell_name(a % (1 << 20), a // (1 << 20)) for a in at]
    assert list(cell_names(at).astype(object)) == [n if n is not None else np.nan for n in named]
    assert len(cell_names(at).categories) == 3 * len(rows)


@pytest.mark.parametrize("nowhere", [True, False])
def test_places_far_apart_are_looked_up_and_named_as_others_are(monkeypatch, nowhere):
    at = places(np.array([9, 0, 452]), np.array([30, 0, 26]))
    at = np.concatenate([at, np.full(int(nowhere), NOWHERE), at])
    expected = cell_names(at)
    monkeypatch.setattr(sheet, "_MOST_CELLS", 0)
    pd.testing.assert_extension_array_equal(cell_names(at), expected)


def test_a_few_cells_on_a_sheet_as_large_as_can_be_need_no_memory_for_all_of_it():
    at = np.append(places(np.array([(1 << 20) - 1]), np.array([16_383, 0])), NOWHERE)
    assert list(cell_names(at).astype(object)) == ["XFD1048576", "A1048576", np.nan]


@pytest.mark.parametrize("figure", [np.inf, -np.inf, 1e19, -(2.0**63)])
def test_a_figure_that_no_whole_number_can_be_is_refused(figure):
    with pytest.raises(UnreadableSource, match="too large for a table"):
        rounded(pd.Series([1.0, figure, np.nan]))
    with pytest.raises(UnreadableSource, match=f"A figure of {figure / 1000:g}".replace("+", ".")):
        rounded(pd.Series([1.0, figure / 1000]), 1000)


def test_whole_numbers_are_rounded_as_pandas_does():
    printed = pd.Series([1.0005, 2.5, -0.0004, np.nan, 1e12 + 0.3])
    for times in (1, 1000):
        expected = (printed * times).round().astype("Int64")
        pd.testing.assert_extension_array_equal(rounded(printed, times), expected.array)


def test_lists_of_words_are_joined_in_order_of_appearance():
    pieces = [coded(np.array([1, -1, 0]), ["b", "a"]), coded(np.array([0, 1, -1]), ["c", "b"])]
    both = joined([*pieces, pieces[0]])
    assert list(both.categories) == ["b", "a", "c"]
    assert list(both.codes) == [1, -1, 0, 2, 0, -1, 1, -1, 0]


def test_a_fingerprint_is_that_of_all_rows_at_once(monkeypatch):
    table = ROWS.assign(gbp=pd.array([5, None, 0, -3, 1], dtype="Int64"))
    monkeypatch.setattr(fingerprint, "_STRETCH", 2)
    hashed = pd.util.hash_pandas_object(table, index=False)
    for entry in fingerprint.of("made", table, "gbp"):
        mine = table["year"] == int(entry["year"])
        assert entry["rows"] == mine.sum()
        assert entry["total"] == f"{table['gbp'][mine].sum():.2f}"
        assert entry["digest"] == f"{int(hashed[mine].to_numpy().sum()):016x}"
    assert len(fingerprint.of("made", table, "gbp")) == 3
    assert fingerprint.of("made", table.head(0), "gbp") == []
