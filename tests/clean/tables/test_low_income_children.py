import functools

import numpy as np
import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.families import public_health
from coopstats.clean.tables import low_income_children as low_income
from coopstats.core.errors import ContractBroken, TieOutFailed
from coopstats.register.breaks import crossed

SHARE, COUNT, CHILDREN = "low_income_share", "low_income_london", "children_under_16_london"
FILE, FRAMEWORK = "low_income_children/2006-2016", "public_health_london/2015"


@functools.cache
def table():
    return keep(low_income.promised(), low_income.clean())


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "source", "cell"),
    [
        ("Stevenage", 2006, SHARE, 19.8, FILE, "D268"),
        ("Tower Hamlets", 2006, SHARE, 60.5, FILE, "D336"),
        ("Telford and Wrekin", 2008, SHARE, 25.2, FILE, "D687"),
        ("Lambeth", 2010, SHARE, 32.7, FILE, "D1636"),
        ("Oldham", 2014, SHARE, 29.1, FILE, "D2888"),
        ("Rochdale", 2016, SHARE, 21.2, FILE, "D3543"),
        ("Lambeth", 2010, COUNT, 17855, FRAMEWORK, "J386"),
        ("Lambeth", 2010, CHILDREN, 54665, FRAMEWORK, "K386"),
        ("Redbridge", 2012, COUNT, 11810, FRAMEWORK, "J456"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, source, cell):
    rows = table()
    (found,) = rows[
        (rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)
    ].itertuples()
    assert (found.value, found.source, found.cell) == (value, source, cell)


def test_years_and_councils_of_each_item():
    found = table().groupby("item", observed=True).agg({"year": ["min", "max"], "ecode": "nunique"})
    assert found.loc[SHARE].tolist() == [2006, 2016, 326]
    assert found.loc[COUNT].tolist() == found.loc[CHILDREN].tolist() == [2006, 2012, 33]


def test_nothing_shown_is_not_zero_and_zero_is_as_printed():
    scilly = table()[table()["council"] == "Isles of Scilly"].set_index("year")["flag"]
    assert (scilly[2012], scilly[2013], scilly[2014]) == ("zero", "missing", "reported")


def test_every_share_of_london_is_what_count_and_denominator_make():
    wide = table().pivot(index=["ecode", "year"], columns="item", values="value")
    made = (100 * wide[COUNT] / wide[CHILDREN]).dropna()
    assert len(made) == 33 * 7
    assert (made - wide[SHARE].reindex(made.index)).abs().max() <= 0.05 + 1e-9


def test_boroughs_add_up_to_london_but_for_fives_and_a_changed_count_fails():
    london = public_health.borough_figures(low_income.UNDER_16, low_income.OF_LONDON)
    assert len(low_income.check_london(london)) == 0
    one = (london["ecode"] == "E5017") & (london["item"] == COUNT) & (london["year"] == 2010)
    changed = london.assign(number=london["number"] - 100 * one)
    with pytest.raises(TieOutFailed, match=rf"{COUNT}: 110\.000, recorded none"):
        low_income.check_london(changed)


def test_the_jumps_of_2014_and_2015_are_noted_breaks():
    assert len(crossed("low_income_children", SHARE, 2010, 2016, "noted")) == 2
    assert crossed("low_income_children", SHARE, 2006, 2013, "noted") == []


def test_a_share_that_its_parts_do_not_make_breaks_the_contract():
    rows = table()
    one = (rows["council"] == "Lambeth") & (rows["year"] == 2010) & (rows["item"] == SHARE)
    wrong = rows.assign(value=np.where(one, 32.8, rows["value"]))
    with pytest.raises(ContractBroken, match="In London a share is its count over its denominator"):
        keep(low_income.promised(), wrong)


def test_a_share_above_one_hundred_breaks_the_contract():
    wrong = table().assign(value=table()["value"].mask(table()["item"] == SHARE, 101))
    with pytest.raises(ContractBroken, match="Every figure lies within the bounds of its item"):
        keep(low_income.promised(), wrong)
