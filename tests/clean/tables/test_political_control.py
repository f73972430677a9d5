import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.tables import political_control as control
from coopstats.core.errors import ContractBroken, TieOutFailed, UnknownCouncil, UnreadableSource
from coopstats.core.sources import read_sources
from coopstats.register import lookups, reader

EARLIER, LATER = control.SOURCES


@functools.cache
def table():
    return keep(control.promised(), control.clean())


def rows_of(council, year):
    return table()[(table()["council"] == council) & (table()["year"] == year)]


# Read by hand in the two CSV files: the line is the cell's row.
@pytest.mark.parametrize(
    ("council", "year", "item", "value", "source", "cell"),
    [
        ("Lambeth", 2010, "seats_labour", 44, EARLIER, "F2366"),
        ("Lambeth", 2014, "seats_labour", 59, EARLIER, "F746"),
        ("Lambeth", 2014, "seats_other", 1, EARLIER, "H746"),
        ("Oldham", 2010, "seats_liberal_democrat", 27, EARLIER, "G2313"),
        ("Rochdale", 2010, "seats", 60, EARLIER, "D2314"),
        ("Stevenage", 2010, "seats_labour", 27, EARLIER, "F2159"),
        ("Thanet", 2016, "seats_ukip", 30, LATER, "J354"),
        ("Lambeth", 2026, "seats_green", 29, LATER, "I4062"),
        ("Stevenage", 2026, "seats_reform_uk", 10, LATER, "K4191"),
    ],
)
def test_seats_are_as_printed(council, year, item, value, source, cell):
    found = rows_of(council, year).set_index("item").loc[item]
    assert (found["value"], found["source"], found["cell"]) == (value, source, cell)


@pytest.mark.parametrize(
    ("council", "year", "who", "largest"),
    [
        ("Lambeth", 2010, "labour", "labour"),
        ("Oldham", 2010, "none", "tied"),  # 27 and 27 of 60; printed "Lab plurality"
        ("Rochdale", 2010, "none", "liberal_democrat"),
        ("Rochdale", 2011, "none", "labour"),
        ("Herefordshire", 2014, "none", "conservative"),  # 29 of 58; printed Con
        ("Thanet", 2016, "ukip", "ukip"),  # printed Other
        ("Lambeth", 2026, "none", "green"),
    ],
)
def test_control_is_recomputed_from_the_seats(council, year, who, largest):
    found = rows_of(council, year)
    assert set(found["control"]) == {who}
    assert set(found["largest_party"]) == {largest}


def test_a_year_is_the_council_after_the_elections_of_its_may():
    # Labour took Lambeth on 6 May 2010, Oldham on 5 May 2011; Cheshire East was first elected on
    # 1 May 2008 and took over in April 2009
    assert set(rows_of("Lambeth", 2009)["control"]) == {"labour"}
    assert set(rows_of("Oldham", 2011)["control"]) == {"labour"}
    assert rows_of("Cheshire East", 2007).empty
    assert len(rows_of("Cheshire East", 2008)) == 5


def test_every_council_of_the_register_is_there_but_for_those_that_are_known_not_to_be():
    listed = lookups.council_table()
    principal = listed[listed["kind"] == "principal"]
    first, last = principal["first_year"].astype(int), principal["last_year"].astype(int)
    absent = {}
    for year in range(2007, 2024):
        there = set(table().loc[table()["year"] == year, "ecode"])
        missing = principal["council"][(first <= year) & (last >= year)].drop(
            there, errors="ignore"
        )
        absent[year] = set(missing)
    two = {"City of London", "Isles of Scilly"}
    assert all(absent[year] == two for year in (2007, *range(2009, 2016)))
    assert absent[2008] == two | {
        "Cheshire", "Chester", "Congleton", "Crewe and Nantwich", "Ellesmere Port and Neston",
        "Macclesfield", "Vale Royal",
    }  # fmt: skip
    assert absent[2020] == {"Buckinghamshire"}  # its first election was put off to 2021
    assert len(absent[2022]) == 18  # Cumbria's, North Yorkshire's and Somerset's
    assert {y for y in range(2016, 2024) if absent[y]} == {2020, 2022}


def test_years_before_the_register_are_there_too():
    per_year = table().groupby("year")["ecode"].nunique()
    assert (per_year.index.min(), per_year.index.max()) == (1973, 2026)
    assert (per_year[1973], per_year[1998], per_year[2010], per_year[2016]) == (375, 386, 351, 353)


def test_durham_is_two_councils_until_2008():
    seats = table()[table()["item"] == "seats"].set_index(["ecode", "year"])["value"]
    assert (seats["E1321", 2007], seats["E1334", 2007]) == (63, 50)
    assert (seats["E1321", 2008], seats["E1334", 2008]) == (126, 50)
    assert seats["E1302", 2009] == 126
    assert len(seats["E1334"]) == len(seats["E1321"]) == 36


def test_the_files_meet_in_2016_without_a_jump():
    wide = table()[table()["item"] == "seats"].pivot(index="ecode", columns="year", values="value")
    both = wide[[2015, 2016]].dropna()
    assert (len(both), (both[2015] == both[2016]).sum()) == (351, 341)


def test_every_difference_from_the_printed_control_is_on_record():
    found = control.check_printed(table())
    assert len(found) == 89
    assert found["reason"].str.len().min() > 20
    assert found["reason"].str.startswith("not explained").sum() == 30
    agree = table()[table()["item"] == "seats"]["printed"].astype(object).map(control.meant)
    assert agree.notna().sum() - 89 > 19_500


def test_a_changed_seat_is_a_difference_that_fails():
    changed = table().assign(
        control=table()["control"].mask(
            (table()["council"] == "Lambeth") & (table()["year"] == 2014), "none"
        )
    )
    with pytest.raises(TieOutFailed, match=r"J746: Lambeth 2014 prints 'Lab'"):
        control.check_printed(changed)


def test_the_licence_goes_with_the_table():
    assert control.promised().metadata["licence"] == "CC-BY-SA-4.0"
    assert "CC BY-SA 4.0" in control.promised().description
    assert {read_sources()[s].licence for s in control.SOURCES} == {"CC-BY-SA-4.0"}


@pytest.mark.parametrize(
    ("printed", "claims"),
    [
        ("Con", "conservative"), ("LAB", "labour"), ("NOC", "none"), ("Lab plurality", "none"),
        ("REF min", "none"), ("LD/GRN", "none"), ("Ind", "other"), ("LAB Mayor", None),
    ],
)  # fmt: skip
def test_what_a_printed_word_claims(printed, claims):
    assert control.meant(printed) == claims


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed_sheet(row, heading, text=None, number=None):
    sheet = control.digits_of(EARLIER)
    words, numbers = sheet.text.copy(), sheet.number.copy()
    column = sheet.column(heading)
    if text is not None:
        words[row, column] = text
    if number is not None:
        numbers[row, column] = number
    return dataclasses.replace(sheet, text=words, number=numbers)


def test_an_unknown_name_stops_with_row_and_nearest():
    with pytest.raises(UnknownCouncil, match=r"row 746: 'Lambheth'.*'Lambeth' \(E5017\)"):
        control.councils_of(changed_sheet(745, "authority", text="Lambheth"))


def test_a_name_of_two_councils_stops():
    # any other row above the district of Durham, and it would be taken for the county
    sheet = changed_sheet(2917, "authority", text="Derwent Side")
    with pytest.raises(UnknownCouncil, match="row 2918: 'Derwent Side'"):
        control.councils_of(sheet)


def test_a_year_that_is_no_number_stops():
    with pytest.raises(UnreadableSource, match="cell C746 holds no year"):
        control.councils_of(changed_sheet(745, "year", number=np.nan))


def test_seats_of_a_party_that_is_left_out_stop():
    sheet = changed_sheet(745, "nat", number=1)
    with pytest.raises(UnreadableSource, match="cell I746 gives an English council seats of 'nat'"):
        control.seats_of(sheet)


def test_seats_that_do_not_add_up_break_the_contract():
    cell = (table()["cell"] == "F746") & (table()["source"] == EARLIER)
    wrong = table().assign(value=table()["value"].mask(cell, 58))
    with pytest.raises(ContractBroken, match="The seats of the parties make all seats"):
        keep(control.promised(), wrong)


def test_control_without_a_majority_breaks_the_contract():
    here = (table()["council"] == "Oldham") & (table()["year"] == 2010)
    words = table()["control"].astype(object).mask(here, "labour")
    with pytest.raises(ContractBroken, match="Only a party with more than half"):
        keep(control.promised(), table().assign(control=pd.Categorical(words)))


def test_an_area_that_is_no_council_is_left_out_by_name_and_for_a_reason():
    listed = reader.table_of("areas_left_out")
    assert not listed.duplicated(["table", "area"]).any()
    assert listed["reason"].str.len().min() > 5
    named = {n for s in control.SOURCES for n in control.digits_of(s).column_of_text("authority")}
    assert set(listed.loc[listed["table"] == "political_control", "area"]) <= named
