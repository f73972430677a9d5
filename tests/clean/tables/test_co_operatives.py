"""Co-operatives by council and year: counted, summed, labelled, and traced to organisations."""

from __future__ import annotations

import functools

import pandas as pd
import pytest

from coopstats import load, measure
from coopstats.clean.contracts.contract import keep
from coopstats.clean.tables import co_operatives
from coopstats.core.errors import ContractBroken, NotComparable, UnknownName
from coopstats.datasets.organisations import behind

ALL = {"sector": "all", "ownership": "all"}


@functools.cache
def table():
    return keep(co_operatives.promised(), co_operatives.clean())


@functools.cache
def of_all():
    rows = table()
    return rows[(rows["sector"] == "all") & (rows["ownership"] == "all")]


def england(item):
    rows = of_all()[of_all()["item"] == item]
    return rows.groupby("year")["value"].sum()


# ── counts ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("item", "year", "value"),
    [
        ("births", 2005, 118),
        ("births", 2009, 205),
        ("births", 2011, 306),
        ("births", 2015, 192),
        ("deaths", 2011, 222),
        ("deaths", 2016, 256),
    ],
)
def test_england_s_counts_are_those_of_offices_in_a_council(item, year, value):
    assert england(item)[year] == value


def test_with_the_offices_that_no_council_has_deaths_are_those_printed_in_england(built):
    rows = load("co_operative_organisations", edition=2017, nation="England")
    died = rows["died"].astype(object).str[:4].value_counts()
    assert (died["2011"], died["2016"]) == (236, 258)


# Read in the CSV of 2017: the records whose postcode lies there, and their days.
@pytest.mark.parametrize(
    ("council", "year", "item", "value"),
    [
        ("Lambeth", 2012, "births", 4),  # records 3468, 3508, 3530, 4224
        ("Stevenage", 2012, "births", 0),
        ("Oldham", 2012, "births", 0),
        ("Rochdale", 2011, "births", 5),
        ("Telford and Wrekin", 2012, "births", 3),
    ],
)
def test_a_council_s_count_is_right_and_none_is_a_true_nought(council, year, item, value):
    rows = of_all().set_index(["council", "year", "item"])
    found = rows.loc[(council, year, item)]
    assert (found["value"], found["flag"]) == (value, "derived")
    assert pd.isna(found["cell"])


def test_every_council_since_2023_is_there_in_every_year_the_source_sees():
    spans = {"births": (1995, 2015), "deaths": (2011, 2016), "stock": (2010, 2016)}
    for item, (first, last) in spans.items():
        rows = of_all()[of_all()["item"] == item]
        counted = rows.groupby("year")["ecode"].nunique()
        assert counted.to_dict() == dict.fromkeys(range(first, last + 1), 296)
        assert rows["value"].notna().all()


def test_the_stock_moves_by_births_and_deaths_but_for_one_born_on_no_known_day(built):
    wide = of_all().pivot(index=["ecode", "year"], columns="item", values="value")
    moved = wide["stock"].groupby("ecode").diff()
    gap = (moved - wide["births"] + wide["deaths"]).loc[pd.IndexSlice[:, 2011:2015]]
    assert len(gap) == 296 * 5
    rows = load("co_operative_organisations", edition=2017)
    undated = rows["born"].isna() & rows["died"].notna() & rows["ecode"].notna()
    assert gap.sum() == (gap != 0).sum() == undated.sum() == 1


def test_what_the_source_cannot_see_is_labelled():
    seen = of_all().groupby(["item", "year"], observed=True)["seen"].unique().str[0]
    assert set(seen["births"].loc[:2010]) == {"survivors"}
    assert set(seen["births"].loc[2011:2013]) == {"whole"}
    assert set(seen["births"].loc[2014:]) == {"late"}
    assert list(seen["deaths"]) == ["from_february"] + ["whole"] * 5
    assert set(seen["turnover"]) == {"last_accounts"}


def test_a_co_operative_without_a_day_of_incorporation_is_in_no_stock():
    rows = pd.DataFrame(
        {
            "status": ["Live", "Live", "Dead", "Dead"],
            "born": ["2001-01-01", None, "2001-01-01", "2001-01-01"],
            "died": [None, None, None, "2012-12-31"],
        }
    )
    found = co_operatives.stock(rows).groupby("year").size()
    assert found.to_dict() == {y: 2 if y < 2012 else 1 for y in range(2010, 2017)}


def test_sectors_and_ownerships_each_add_up_or_the_contract_breaks():
    one = table()["sector"].eq("Retail") & table()["item"].eq("births") & table()["year"].eq(2012)
    wrong = table()["value"] + (one & (table()["council"] == "Lambeth"))
    with pytest.raises(ContractBroken, match="Sectors and ownerships each add up to all"):
        keep(co_operatives.promised(), table().assign(value=wrong, organisations=wrong))


def test_a_count_that_is_not_of_its_organisations_breaks_the_contract():
    one = table().index == 0
    with pytest.raises(ContractBroken, match="A count is the number of its organisations"):
        keep(co_operatives.promised(), table().assign(organisations=table()["organisations"] + one))


# ── sums ─────────────────────────────────────────────────────────────────────────────────────────


def test_large_organisations_stand_apart(built):
    rows = of_all().set_index(["council", "year", "item"])["value"]
    # The Co-operative Group's 12,886,100,000 pounds and 6,439,000 members stand in Manchester.
    assert rows["Manchester", 2011, "headquarters_turnover"] == 12_886_100_000
    assert rows["Manchester", 2011, "headquarters_members"] == 6_439_000
    assert rows["Manchester", 2011, "turnover"] < 1e9


def test_no_figure_of_any_co_operative_is_missing_and_not_nought():
    none = of_all()[(of_all()["item"] == "employees") & (of_all()["organisations"] == 0)]
    assert len(none) > 500
    assert none["value"].isna().all()
    assert set(none["flag"]) == {"missing"}


def test_every_figure_with_a_council_is_in_one_sum(built):
    printed = load("co_operative_accounts", item="turnover", year=2014)
    placed = printed.loc[printed["ecode"].notna(), "value"].sum()
    made = sum(england(item)[2014] for item in ("turnover", "headquarters_turnover"))
    assert made == pytest.approx(placed, abs=1)


# ── behind a number ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("council", ["Lambeth", "Stevenage", "Manchester", "Cumberland"])
def test_as_many_organisations_stand_behind_a_number_as_it_says(council, built):
    rows = of_all()[(of_all()["council"] == council) & (of_all()["year"].isin([2009, 2012, 2016]))]
    assert len(rows) >= 12
    for row in rows.itertuples():
        found = behind(council, row.year, row.item)
        assert len(found) == row.organisations
        assert found["cell"].notna().all()
        if row.item not in co_operatives.EVENTS:
            assert found["value"].sum() == pytest.approx(0 if pd.isna(row.value) else row.value)


def test_by_sector_and_ownership_too(built):
    rows = table()[(table()["council"] == "Lambeth") & (table()["year"] == 2013)]
    cut = rows[(rows["sector"] != "all") | (rows["ownership"] != "all")]
    assert (cut["value"] > 0).any()
    for row in cut.itertuples():
        found = behind("Lambeth", 2013, row.item, sector=row.sector, ownership=row.ownership)
        assert len(found) == row.value


def test_the_records_behind_lambeth_s_four_births(built):
    found = behind("Lambeth", 2012, "births")
    assert set(found["cell"]) == {"A3468", "A3508", "A3530", "A4224"}


def test_an_item_that_is_none_is_refused(built):
    with pytest.raises(UnknownName, match=r"no item 'birth'.*Did you mean 'births'"):
        behind("Lambeth", 2012, "birth")


# ── measures ─────────────────────────────────────────────────────────────────────────────────────


def test_births_of_survivors_are_not_compared(built):
    births = measure("co_operatives", item="births", **ALL)
    for before, after in ((2000, 2005), (2009, 2010), (2010, 2013)):
        with pytest.raises(NotComparable, match="lived to February 2011"):
            births.by("england").change(before, after)
    change = births.by("england").change(2011, 2015).frame["value"].item()
    assert change == pytest.approx(100 * (192 / 306 - 1))


def test_repeated_accounts_are_not_compared(built):
    turnover = measure("co_operatives", item="turnover", **ALL)
    with pytest.raises(NotComparable, match="are those of an earlier economic year again"):
        turnover.where(council="Lambeth").change(2014, 2016)
    assert turnover.where(council="Lambeth").change(2011, 2014).frame["value"].notna().all()


def test_a_council_merged_by_2023_has_no_row_and_its_heir_no_past(built):
    births = measure("co_operatives", item="births", **ALL)
    with pytest.raises(UnknownName, match="has no row for Allerdale"):
        births.where(council="Allerdale")
    with pytest.raises(NotComparable, match=r"Cumberland.*began after 2021"):
        births.on(2021)
    assert births.on(2023).frame["value"].sum() == births.frame["value"].sum()


def test_sector_and_ownership_have_to_be_said(built):
    with pytest.raises(UnknownName, match="say which you mean"):
        measure("co_operatives", item="births")
