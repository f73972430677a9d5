import functools

import numpy as np
import pandas as pd
import pytest

from coopstats.clean.contracts import corrections
from coopstats.clean.contracts.contract import keep
from coopstats.clean.sheets.sheet import Sheet, sheets_of
from coopstats.clean.tables import population
from coopstats.core.errors import (
    ContractBroken,
    StaleCorrection,
    TieOutFailed,
    UnknownCouncil,
    UnreadableSource,
)
from coopstats.core.sources import read_sources
from coopstats.register import lookups


@functools.cache
def table():
    return keep(population.promised(), population.clean())


def row(ecode, year, vintage, age="all"):
    key = ["ecode", "year", "vintage", "age"]
    return table().set_index(key).sort_index().loc[(ecode, year, vintage, age)]


WESTMINSTER, LAMBETH, OLDHAM, CUMBRIA, SOMERSET = "E5022", "E5017", "E4204", "E0920", "E3320"


@pytest.mark.parametrize(
    ("ecode", "year", "vintage", "age", "people", "cell"),
    [
        (WESTMINSTER, 2016, "mid_2020", "all", 241_974, "M236"),
        (WESTMINSTER, 2016, "census_2021", "all", 213_193, "D2372"),
        (WESTMINSTER, 2010, "mid_2020", "all", 217_187, "Y236"),
        (LAMBETH, 2010, "mid_2020", "all", 297_650, "Y230"),
        (LAMBETH, 2016, "mid_2020", "all", 323_063, "M230"),
        (LAMBETH, 2016, "census_2021", "all", 326_613, "D2361"),
        (CUMBRIA, 2020, "mid_2020", "all", 499_781, "E34"),
        (LAMBETH, 2016, "mid_2024", "0-17", 60_048, "L1452"),
    ],
)
def test_people_are_as_printed(ecode, year, vintage, age, people, cell):
    found = row(ecode, year, vintage, age)
    assert (found["people"], found["cell"], found["flag"]) == (people, cell, "reported")


def test_the_councils_of_mye5_add_up_to_england_to_the_person():
    mine = table()[(table()["vintage"] == "mid_2020") & (table()["council_class"] != "SC")]
    england = mine.groupby("year")["people"].sum()
    assert england[2010] == 52_642_452
    assert england[2019] == 56_286_961
    assert england[2020] == 56_550_138
    assert list(england.index) == list(range(2001, 2021))
    assert mine.groupby("year").size().eq(309).all()


def test_the_rebased_districts_are_the_296_of_2023_every_year():
    mine = table()[(table()["vintage"] == "census_2021") & (table()["council_class"] != "SC")]
    assert mine.groupby("year").size().to_dict() == dict.fromkeys(range(2010, 2024), 296)
    assert mine.groupby("year")["people"].sum()[2023] == 57_690_323


def test_the_vintages_part_after_2011():
    totals = table()[table()["age"] == "all"].pivot(
        index=["ecode", "year"], columns="vintage", values="people"
    )
    both = totals.dropna().reset_index("year")
    parted = (both["mid_2020"] != both["census_2021"]).groupby(both["year"]).mean()
    assert parted[[2010, 2011]].eq(0).all()
    assert parted[list(range(2012, 2021))].gt(0.99).all()


def test_a_code_followed_by_a_no_break_space_is_read():
    sheet = population.sheet_of(population.MID_2020)
    spaced = [r for r, cell in enumerate(sheet.text[:, 0]) if cell and "\xa0" in cell]
    assert [sheet.text[r, 1].strip() for r in spaced] == [
        "North Northamptonshire",
        "West Northamptonshire",
    ]
    assert row("E2801", 2010, "mid_2020")["cell"] == f"Y{spaced[0] + 1}"


def test_regions_and_england_are_no_rows():
    # E12000007, London, is printed elsewhere as the code of the Greater London Authority
    assert not table()["council_class"].eq("O").any()
    assert not table()["gss"].astype(str).str.startswith(("E92", "E12", "E11", "W", "S", "N")).any()


def test_printed_counties_are_the_sum_of_their_districts():
    # what the derivation of the re-based counties rests on
    printed = table()[(table()["vintage"] == "mid_2020") & (table()["flag"] == "reported")]
    wide = printed.pivot(index="year", columns="ecode", values="people")
    counties = [e for e in wide if lookups.council_table()["council_class"][e] == "SC"]
    assert len(counties) == 24
    for county in counties:
        districts = population.covering(county, frozenset(wide.columns))
        assert (wide[sorted(districts)].sum(axis=1) == wide[county]).all()


@pytest.mark.parametrize(
    ("county", "parts"),
    [
        ("E2721", {"North Yorkshire"}),
        (SOMERSET, {"Somerset"}),
        (CUMBRIA, {"Cumberland", "Westmorland and Furness"}),
        ("E2820", {"North Northamptonshire", "West Northamptonshire"}),
        ("E0421", {"Buckinghamshire"}),
        ("E0521", {"Cambridge", "East Cambridgeshire", "Fenland", "Huntingdonshire",
                   "South Cambridgeshire"}),
    ],
)  # fmt: skip
def test_a_county_is_covered_by_its_districts_or_what_they_became(county, parts):
    mine = table()[table()["vintage"] == "census_2021"]
    frame = frozenset(mine.loc[mine["flag"] == "reported", "ecode"])
    cover = population.covering(county, frame)
    assert {lookups.council_table()["council"][e] for e in cover} == parts
    added = mine[mine["ecode"].isin(cover)].groupby("year")["people"].sum()
    derived = mine[mine["ecode"] == county].set_index("year")
    assert (derived["people"] == added).all()
    assert derived["flag"].eq("derived").all()
    assert derived["cell"].isna().all()


def test_derived_counties_to_the_person():
    assert row("E2721", 2010, "census_2021")["people"] == 599_028
    assert row(SOMERSET, 2016, "census_2021")["people"] == 554_806
    assert row("E2820", 2007, "mid_2020")["flag"] == "derived"


@pytest.mark.parametrize("name", ["Dorset", "Bedfordshire", "Cheshire", "Cornwall", "Durham"])
def test_no_people_for_a_county_that_was_divided_or_ended_in_2009(name):
    # Christchurch, one of Dorset's districts, went to a council with Bournemouth and Poole
    counties = table()[(table()["council_class"] == "SC") & (table()["age"] == "all")]
    assert name not in set(counties["council"])


def test_bodies_that_no_frame_holds_get_no_rows():
    for name in ("Bournemouth", "Christchurch", "Aylesbury Vale", "Kettering", "Alnwick"):
        assert not ((table()["council"] == name) & (table()["age"] == "all")).any()


def test_children_add_up_to_england_but_for_three_councils_without_a_figure():
    mine = table()[table()["vintage"] == "mid_2024"]
    withheld = mine[mine["flag"] == "suppressed"]
    assert set(withheld["council"]) == {"Bournemouth", "Poole", "Dorset"}
    assert set(withheld["year"]) == set(range(2012, 2019))
    assert withheld["people"].isna().all()
    england = mine.groupby("year")["people"].sum()
    assert england[2024] == 12_183_016
    assert england[2012] == 11_403_970 - 138_664


def test_children_are_a_plausible_share_of_the_people():
    mine = table().pivot(index=["ecode", "year"], columns="vintage", values="people").dropna()
    share = (mine["mid_2024"] / mine["census_2021"]).astype(float)
    small = share.index.get_level_values("ecode").isin(["E5010", "E4001"])
    assert share[~small].between(0.13, 0.33).all()


def made(codes, names, numbers, headings=None, kinds=None):
    """A small sheet in the layout of MYE 5, two years."""
    source = read_sources()[population.MID_2020]
    headings = headings or ["Code", "Name", "Geography", "Estimated population mid-2020", "per km",
                            "Estimated Population  mid-2019"]  # fmt: skip
    text = np.full((len(codes) + 1, len(headings)), None, dtype=object)
    text[0], text[1:, 0], text[1:, 1] = headings, codes, names
    number = np.full(text.shape, np.nan)
    number[1:, 3:] = numbers
    return Sheet(source, "MYE 5", 0, headings, number, text)


ROWS = (
    ["E92000001", "E12000007", "E09000022\xa0", "E09000033", "W06000001"],
    ["ENGLAND", "LONDON", "Lambeth", "Westminster", "Isle of Anglesey"],
    [[30, 1.0, 28], [30, 1.0, 28], [10, 1.0, 9], [20, 1.0, 19], [7, 1.0, 7]],
)


def tied(sheet):
    population.tie_out(population.printed_total(sheet), population.england_total(sheet))


def test_a_small_sheet_reads_as_it_should():
    printed = population.printed_total(made(*ROWS)).set_index(["ecode", "year"])["number"]
    assert printed.to_dict() == {
        (LAMBETH, 2020): 10, (WESTMINSTER, 2020): 20, (LAMBETH, 2019): 9, (WESTMINSTER, 2019): 19,
    }  # fmt: skip
    tied(made(*ROWS))


def test_a_sheet_that_misses_england_by_one_person_is_refused():
    codes, names, numbers = ROWS
    spoilt = [*numbers[:3], [20, 1.0, 18], numbers[4]]
    with pytest.raises(TieOutFailed, match="mid-2019: 27 added, 28 printed"):
        tied(made(codes, names, spoilt))


def test_withheld_figures_may_leave_england_short_but_never_over():
    printed = population.printed_total(made(*ROWS))
    england = population.england_total(made(*ROWS))
    printed.loc[0, ["number", "flag"]] = [np.nan, "missing"]
    population.tie_out(printed, england)
    printed.loc[1, "number"] = 31
    with pytest.raises(TieOutFailed, match="mid-2020: 31 added, 30 printed"):
        population.tie_out(printed, england)


def test_a_code_that_is_not_the_named_council_is_refused():
    codes, names, numbers = ROWS
    with pytest.raises(UnknownCouncil, match="row 4: E09000022 'Lewisham'"):
        population.printed_total(made(codes, [*names[:2], "Lewisham", *names[3:]], numbers))


def test_a_council_in_two_rows_is_refused():
    codes, names, numbers = ROWS
    twice = made([*codes[:3], *codes[2:]], [*names[:3], *names[2:]], [*numbers[:3], *numbers[2:]])
    with pytest.raises(UnreadableSource, match="E5017 stands in rows 4 and 5"):
        population.printed_total(twice)


def test_an_unknown_english_code_is_refused_not_dropped():
    codes, names, numbers = ROWS
    with pytest.raises(UnknownCouncil, match="E06000099"):
        population.printed_total(made([*codes[:4], "E06000099"], names, numbers))


def test_renamed_headings_are_refused():
    headings = [
        "Code",
        "Name",
        "Geography",
        "Usual residents 2020",
        "per km",
        "Usual residents 2019",
    ]
    with pytest.raises(UnreadableSource, match="no headings 'Estimated population mid-YYYY'"):
        population.printed_total(made(*ROWS, headings=headings))


def test_another_age_among_the_children_is_refused():
    sheet = next(sheets_of(read_sources()[population.CHILDREN]))
    sheet.text[5, sheet.column("age_group")] = "Children aged 0 to 4 years"
    with pytest.raises(UnreadableSource, match="Children aged 0 to 4 years"):
        population.printed_children(sheet)


def test_a_printed_county_that_is_not_its_districts_is_refused():
    printed = population.printed_total(population.sheet_of(population.MID_2020))
    here = (printed["ecode"] == CUMBRIA) & (printed["year"] == 2010)
    printed.loc[here, "number"] += 1
    with pytest.raises(TieOutFailed, match=r"Cumbria \(E0920\) is printed as .* in mid-2010"):
        population.derived_counties(printed)


def test_a_correction_of_what_is_no_longer_printed_stops_the_build(one_correction):
    one_correction("population/2001-2020", "MYE 5", "C2", "-1", "1")
    with pytest.raises(StaleCorrection, match="population/2001-2020"):
        corrections.check()


def test_the_build_stops_where_england_is_not_the_sum(monkeypatch):
    england_total = population.england_total

    def one_more(sheet):
        printed = england_total(sheet)
        return printed.assign(england=printed["england"] + (printed["year"] == 2014))

    monkeypatch.setattr(population, "england_total", one_more)
    with pytest.raises(TieOutFailed, match="mid-2014: 54,316,618 added, 54,316,619 printed"):
        population.clean()


def with_first(column, value):
    def spoil(frame):
        frame[column] = frame[column].astype(object)
        frame.loc[0, column] = value
        return frame

    return spoil


def unequal_in_2011(frame):
    here = (frame["ecode"] == LAMBETH) & (frame["year"] == 2011) & (frame["vintage"] == "mid_2020")
    return frame.assign(people=frame["people"] + here.astype(int))


@pytest.mark.parametrize(
    ("sentence", "spoil"),
    [
        ("In 2010 and 2011 mid_2020 and census_2021 agree", unequal_in_2011),
        ("`people` is empty exactly", with_first("people", pd.NA)),
        ("Every printed figure names its sheet and cell", with_first("cell", None)),
        ("Ages are all or 0-17", with_first("age", "5-17")),
        ("Every vintage is one of those", with_first("vintage", "mid_2031")),
        ("People are counted, never below zero", with_first("people", -1)),
        ("There is one row for each ecode", lambda f: pd.concat([f, f[:1]], ignore_index=True)),
        ("Each council has every year", lambda f: f.drop(index=5).reset_index(drop=True)),
        ("Every flag is one of those", with_first("flag", "guessed")),
        ("Years lie between", with_first("year", 2050)),
    ],
)
def test_each_rule_of_the_contract_can_be_broken(sentence, spoil):
    spoilt = spoil(table().copy())
    kinds = {c: d for c, d in table().dtypes.items() if spoilt[c].dtype != d}
    spoilt = spoilt.astype({c: "category" if d == "category" else d for c, d in kinds.items()})
    with pytest.raises(ContractBroken, match=sentence):
        keep(population.promised(), spoilt)
