import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest
from workbooks import with_text

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import keep
from coopstats.clean.families.outcomes import sheet_of, unsteady
from coopstats.clean.tables import household_waste as waste
from coopstats.core.errors import ContractBroken, TieOutFailed, UnknownCouncil, UnreadableSource
from coopstats.register import lookups
from coopstats.register.breaks import breaks_of


@functools.cache
def sheets():
    return {name: sheet_of(waste.SOURCE, name) for name in waste.NAMES}


@functools.cache
def table():
    return keep(waste.promised(), waste.clean())


@functools.cache
def wide():
    figures = table().pivot(index=["ecode", "year"], columns="item", values="value")
    figures.index = pd.MultiIndex.from_frame(figures.index.to_frame().astype({"ecode": object}))
    return figures


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "sheet", "cell"),
    [
        ("Lambeth", 2022, "household_waste", 68224, "Table_1", "H2860"),
        ("Oldham", 2014, "household_recycled", 27043, "Table_1", "I143"),
        ("Stevenage", 2022, "household_green", 5458, "Table_1", "K2929"),
        ("Derby", 2022, "landfilled", 18729, "Table_2", "H995"),
        ("Lambeth", 2010, "residual_per_household", 457.5, "Table_3", "G113"),
        ("Rochdale", 2010, "recycling_rate", 0.303, "Table_3", "H157"),
        ("Telford and Wrekin", 2022, "landfill_rate", 0.007, "Table_3", "I4575"),
        ("Stevenage", 2010, "household_waste_per_person", 382.7, "Table_3", "J192"),
        ("Lambeth", 2003, "recycling_rate_london", 12, "london_recycling.csv", "D23"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, sheet, cell):
    rows = table()
    found = rows[(rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)]
    assert list(found["value"]) == [value]
    assert (found["sheet"].iloc[0], found["cell"].iloc[0]) == (sheet, cell)


def test_every_table_has_its_years():
    years = table().groupby("item", observed=True)["year"].agg(["min", "max"])
    for item, first in {
        "recycling_rate": 2010,
        "household_waste": 2014,
        "landfilled": 2014,
        "recycling_rate_london": 2003,
        "households": 2014,
    }.items():
        assert tuple(years.loc[item]) == (first, 2022)
    counts = table()[table()["item"] == "recycling_rate"].groupby("year")["ecode"].nunique()
    assert counts[[2010, 2011, 2022]].to_dict() == {2010: 358, 2011: 352, 2022: 331}
    london = table()[table()["item"] == "recycling_rate_london"].groupby("year")["ecode"].nunique()
    assert london.to_dict() == dict.fromkeys(range(2003, 2023), 33)


def test_roles_are_as_printed():
    roles = table()[table()["item"] == "recycling_rate"].set_index(["council", "year"])["role"]
    assert roles["Lambeth", 2022] == "collection"
    assert roles["Western Riverside Waste Authority", 2022] == "disposal"
    assert roles["Rochdale", 2010] == "collection"
    assert roles["Telford and Wrekin", 2010] == "unitary"


def test_who_decides_nothing_about_landfill_has_no_figure():
    landfill = table()[table()["item"] == "landfill_rate"]
    assert set(landfill.loc[landfill["role"] == "collection", "flag"]) == {"not_applicable"}
    assert landfill.loc[landfill["role"] != "collection", "value"].notna().all()


# ── joint services and codes that outlived their body ────────────────────────────────────────────


def test_a_council_that_reports_for_another_too_is_flagged_from_that_year():
    joint = table()[table()["flag"] == "combined"]
    assert set(joint["council"]) == {"Wycombe", "Mid Suffolk"}
    assert joint.groupby("council", observed=True)["year"].min().to_dict() == {
        "Wycombe": 2015,
        "Mid Suffolk": 2010,
    }
    assert not ((table()["council"] == "Chiltern") & (table()["year"] >= 2015)).any()


@pytest.mark.parametrize(
    ("council", "last"),
    [("Cambridge", 2015), ("South Cambridgeshire", 2015), ("Kettering", 2018), ("Somerset", 2016)],
)
def test_a_joint_service_is_no_one_council_s(council, last):
    assert table().loc[table()["council"] == council, "year"].max() == last


def test_every_joint_service_on_record_is_printed():
    printed = {name for s in sheets().values() for name in s.column_of_text(waste.NAMES[s.name][1])}
    assert set(waste.joint_services(sheets()["Table_1"])) <= printed


def test_a_code_that_outlived_its_body_is_its_successor_s():
    rows = table()[table()["item"] == "household_waste"].set_index(["council_class", "council"])
    assert set(rows.loc[("UA", "Buckinghamshire"), "year"]) == {2020, 2021, 2022}
    assert rows.loc[("SC", "Buckinghamshire"), "year"].max() == 2019
    gmca = rows.loc[("O", "Greater Manchester Combined Authority"), "year"]
    assert set(gmca) == set(range(2018, 2023))


def test_a_row_after_a_body_that_was_divided_stops():
    with pytest.raises(
        UnknownCouncil, match="row 5: Dorset ended with 2018 and has a row for 2020"
    ):
        waste.living(sheets()["Table_1"], 4, "E1221", 2020)


# ── tie-out, and what can be recomputed ──────────────────────────────────────────────────────────


def test_england_is_tied_out_and_a_changed_figure_fails():
    assert len(waste.check_england(sheets())) == 2
    assert len(tie_out.recorded([waste.TABLE])) == 2
    one = sheets()["Table_2"]
    number = one.number.copy()
    number[4, one.column("Landfilled")] += 20
    wrong = sheets() | {"Table_2": dataclasses.replace(one, number=number)}
    with pytest.raises(TieOutFailed, match=r"landfilled: -20"):
        waste.check_england(wrong)


def test_what_table_3b_is_compared_with_is_all_of_table_1():
    collected = waste.everybody(sheets()["Table_1"])
    change = collected["number"].mask(
        (collected["item"] == "household_waste") & (collected["year"] == 2020), 0
    )
    assert change.sum() < collected["number"].sum()
    off = waste.tie_out_differences(
        collected.assign(number=change), waste.england_in_tonnes(), waste.THOUSANDS
    )
    assert len(off) == 3
    assert len(waste.england_in_tonnes()) == 36


def test_rates_recomputed_from_tonnes_are_the_published_ones_but_for_two():
    rate = wide()["household_recycled"] / wide()["household_waste"]
    tonne = 0.5 / wide()["household_waste"]
    off = (rate - wide()["recycling_rate"]).abs() > 0.0005 + tonne * (1 + rate)
    names = lookups.council_table()["council"]
    assert {(names[ecode], year) for ecode, year in off[off].index} == {
        ("Bromley", 2016),
        ("Oxfordshire", 2017),
    }
    assert rate.notna().sum() == 3073


def test_london_s_whole_per_cents_are_the_same_rates_but_for_one():
    printed = 100 * wide()["recycling_rate"]
    apart = (wide()["recycling_rate_london"] - printed).dropna()
    off = apart[apart.abs() > 0.5 + 1e-6]
    assert len(apart) == 429
    assert list(off.index) == [("E5034", 2016)]  # Bromley: 48.6 in ENV18, whose tonnes give 46.9
    assert wide().loc[("E5034", 2016), "recycling_rate_london"] == 47


def test_implied_households_move_slowly_but_for_wycombe_s_joint_return():
    found = steady("household_not_recycled", "residual_per_household")
    assert found == {("Wycombe", 2014): 1.56}


def test_implied_people_jump_where_they_were_re_based():
    found = steady("household_waste", "household_waste_per_person")
    assert {name for name, year in found if year == 2020} == {
        "Camden",
        "City of London",
        "Coventry",
        "Islington",
        "Westminster",
    }
    (noted,) = breaks_of(waste.TABLE, "household_waste_per_person")
    camden = wide()["people"]["E5011"]
    assert f"{camden[2020]:,.0f} people" in noted.size
    assert f"{camden[2021]:,.0f} in" in noted.size


KG = 0.05  # kilograms are printed to one decimal


def steady(count, rate, most=1.1):
    tonnes, kg = 1_000 * wide()[count], wide()[rate]
    low, high = (tonnes - 500) / (kg + KG), (tonnes + 500) / (kg - KG)
    names = lookups.council_table()["council"]
    return {(names[e], y): round(by, 2) for (e, y), by in unsteady(low, high, most).items()}


def test_an_implied_number_is_computed_by_hand_and_labelled():
    rows = table().set_index(["council", "year", "item"])
    households = rows.loc[("Lambeth", 2022, "households")]
    parts = ("household_not_recycled", "residual_per_household")
    tonnes, kg = (rows.loc[("Lambeth", 2022, item), "value"] for item in parts)
    assert households["value"] == pytest.approx(1000 * tonnes / kg)
    assert households["flag"] == "implied"
    assert pd.isna(households["cell"])


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed_text(name, row, column, word):
    sheet = sheets()[name]
    return with_text(sheet, row, column, word)


def test_an_unknown_name_stops():
    with pytest.raises(UnknownCouncil, match=r"row 5: E07000223 'Adder.*Adur District Council"):
        waste.read(changed_text("Table_3", 4, 4, "Adder District Council"))


def test_an_unknown_role_stops():
    with pytest.raises(UnreadableSource, match=r"row 5: 'Hoarding' is no type of waste authority"):
        waste.read(changed_text("Table_3", 4, 5, "Hoarding"))


def test_a_marker_that_is_not_known_stops():
    with pytest.raises(UnreadableSource, match=r"G5 holds 'unknown' where a figure belongs"):
        waste.read(changed_text("Table_3", 4, 6, "unknown"))


def test_a_new_heading_stops():
    sheet = sheets()["Table_3"]
    renamed = dataclasses.replace(sheet, headings=[*sheet.headings[:9], "Heaps"])
    with pytest.raises(UnreadableSource, match=r"J4: the heading 'Heaps' is not known"):
        waste.printed_columns(renamed)


@pytest.mark.parametrize(
    ("item", "value", "sentence"),
    [
        ("recycling_rate", 1.2, "Every figure lies within the bounds of its item"),
        ("household_waste", 1.0, "Recycled and not recycled make household waste"),
    ],
)
def test_a_broken_rule_is_told(item, value, sentence):
    at = table().index[table()["item"] == item][0]
    wrong = table().copy()
    wrong.loc[at, "value"] = value
    with pytest.raises(ContractBroken, match=sentence):
        keep(waste.promised(), wrong)


def test_no_figure_is_infinite():
    assert np.isfinite(table()["value"].dropna()).all()
