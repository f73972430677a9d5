import functools

import pandas as pd
import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.tables import child_weight
from coopstats.core.errors import ContractBroken
from coopstats.register.breaks import crossed

RECEPTION, YEAR_6 = "excess_weight_reception", "excess_weight_year6"


@functools.cache
def table():
    return keep(child_weight.promised(), child_weight.clean())


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "cell"),
    [
        ("Oldham", 2006, RECEPTION, 20.7, "D273"),
        ("Lambeth", 2010, RECEPTION, 25.4, "D1637"),
        ("Telford and Wrekin", 2010, RECEPTION, 25, "D1342"),
        ("Stevenage", 2017, RECEPTION, 19.5, "D3866"),
        ("Rochdale", 2010, YEAR_6, 36.7, "D1582"),
        ("Stevenage", 2010, YEAR_6, 33.5, "D1577"),
        ("Lambeth", 2017, YEAR_6, 39.5, "D3926"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, cell):
    rows = table()
    (found,) = rows[
        (rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)
    ].itertuples()
    assert (found.value, found.cell) == (value, cell)
    name = item.removeprefix("excess_weight_")
    assert found.source == f"child_weight/2006-2017-{name}"
    assert found.sheet == f"excess_weight_{name}.csv"


def test_every_council_of_2018_stands_in_every_year_with_a_figure_or_without():
    stand = table().groupby(["item", "year"], observed=True)["ecode"].nunique()
    assert set(stand) == {326}
    shown = table()[table()["value"].notna() & (table()["item"] == RECEPTION)]
    assert shown.groupby("year")["ecode"].nunique().to_dict() == {
        2006: 155, 2007: 305, 2008: 323, 2009: 323, 2010: 324, 2011: 324, 2012: 324, 2013: 322,
        2014: 324, 2015: 324, 2016: 324, 2017: 322,
    }  # fmt: skip
    assert not table()["council_class"].eq("SC").any()


def test_what_the_extract_does_not_show_is_missing_and_no_zero():
    city = table()[table()["council"].isin(["City of London", "Isles of Scilly"])]
    assert set(city["flag"]) == {"missing"}
    assert not table()["flag"].eq("zero").any()


def test_hackney_and_cornwall_are_flagged_with_the_neighbour_counted_in_them():
    assert set(table()[table()["flag"] == "combined"]["council"]) == {"Hackney", "Cornwall"}


def test_figures_far_from_both_neighbours_are_marked():
    marked = table()[table()["mark"] == "spike"].set_index(["council", "item", "year"])["value"]
    assert len(marked) == 7
    assert marked["West Oxfordshire", RECEPTION, 2008] == 33.0


def test_fewer_children_measured_at_first_is_a_noted_break_of_year_6_alone():
    assert len(crossed("child_weight", YEAR_6, 2006, 2010, "noted")) == 2
    assert crossed("child_weight", YEAR_6, 2008, 2017, "noted") == []
    assert crossed("child_weight", RECEPTION, 2006, 2017, "noted") == []


@pytest.mark.parametrize(
    ("sentence", "column", "value"),
    [
        ("Every figure lies within the bounds of its item", "value", 100.1),
        ("`value` is empty exactly where", "value", None),
        ("A figure flagged zero is 0", "flag", "zero"),
        ("Every printed figure names its sheet and cell", "cell", None),
        ("Every flag is one of those", "flag", "guessed"),
        ("Every item is one of those", "item", "weight"),
    ],
)
def test_each_rule_of_the_contract_can_be_broken(sentence, column, value):
    wrong = table()[table()["value"].notna()].head(50).copy()
    kind = wrong[column].dtype
    wrong[column] = wrong[column].astype(object)
    wrong.loc[wrong.index[0], column] = value
    wrong[column] = wrong[column].astype("category" if str(kind) == "category" else kind)
    with pytest.raises(ContractBroken, match=sentence):
        keep(child_weight.promised(), wrong)


def test_one_row_for_each_council_item_and_year():
    twice = pd.concat([table().head(3), table().head(1)], ignore_index=True)
    with pytest.raises(ContractBroken, match="There is one row for each ecode, item, year"):
        keep(child_weight.promised(), twice)
