import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest
from workbooks import with_text

from coopstats import measure
from coopstats.clean.contracts.contract import keep
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.tables import fly_tipping as tipping
from coopstats.core.errors import (
    ContractBroken,
    NotComparable,
    StaleCorrection,
    TieOutFailed,
    UnknownCouncil,
    UnreadableSource,
)
from coopstats.register import breaks, lookups

LAMBETH, LEWISHAM, KIRKLEES, REDBRIDGE = "E5017", "E5018", "E4703", "E5046"


@functools.cache
def sheets():
    return [sheet_of(tipping.SOURCE, name) for name in ("LA_incidents", "LA_actions")]


@functools.cache
def parts():
    return [tipping.read(sheet) for sheet in sheets()]


@functools.cache
def table():
    return keep(tipping.promised(), tipping.clean())


def figures(item):
    return table()[table()["item"] == item].set_index(["ecode", "year"])["value"]


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "sheet", "cell"),
    [
        ("Kirklees", 2015, "incidents", 354, "LA_incidents", "E1166"),
        ("Kirklees", 2016, "incidents", 3318, "LA_incidents", "E1502"),
        ("Lewisham", 2020, "incidents", 4294, "LA_incidents", "E2844"),
        ("Lewisham", 2021, "incidents", 29515, "LA_incidents", "E3164"),
        ("Redbridge", 2020, "incidents", 26053, "LA_incidents", "E2894"),
        ("Redbridge", 2021, "incidents", 6035, "LA_incidents", "E3214"),
        ("York", 2022, "incidents_council_land", 617, "LA_incidents", "J3645"),
        ("York", 2022, "people", 204551, "LA_incidents", "AT3645"),
        ("York", 2022, "investigations", 2154, "LA_actions", "F3644"),
        ("Cheshire East", 2020, "actions", 541, "LA_actions", "E2746"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, sheet, cell):
    rows = table()
    found = rows[(rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)]
    assert list(found["value"]) == [value]
    assert (found["sheet"].iloc[0], found["cell"].iloc[0]) == (sheet, cell)


def test_every_lower_tier_council_is_there_in_every_year():
    counts = table()[table()["item"] == "incidents"].groupby("year")["ecode"].nunique()
    assert counts.to_dict() == {
        **dict.fromkeys(range(2012, 2019), 326),
        2019: 317,
        2020: 314,
        2021: 309,
        2022: 309,
    }
    assert set(table()["council_class"]) == {"L", "MD", "UA", "SD"}


def test_what_is_not_available_is_missing_and_nought_is_nought():
    rows = table().set_index(["council", "year", "item"])["flag"]
    assert rows["Nottingham", 2014, "incidents_highway"] == "missing"
    assert rows["York", 2022, "stops"] == "reported"
    assert rows["York", 2022, "vehicles_seized"] == "zero"
    assert rows["Lambeth", 2012, "fly_tipping_penalties"] == "missing"


def test_totals_are_tied_out_and_a_changed_figure_fails():
    found = tipping.check_totals(sheets(), parts())
    assert len(found) == 295
    assert sum(len(tipping.printed_totals(sheet)) for sheet in sheets()) == 5883
    incidents, actions = parts()
    one = np.flatnonzero((incidents["item"] == "incidents") & (incidents["ecode"] == LAMBETH))[0]
    number = incidents["number"].copy()
    number.iloc[one] += 7
    with pytest.raises(TieOutFailed, match=r"E4 incidents: 8,391.*recorded 8,398"):
        tipping.check_totals(sheets(), [incidents.assign(number=number), actions])


def test_the_two_regions_whose_people_are_exchanged_are_told_by_their_sums():
    incidents, regions = parts()[0], sheets()[0].column_of_text("Region")
    assert list(regions[[2684, 2685]]) == ["East Midlands", "East"]
    people = incidents[(incidents["item"] == "people") & (incidents["year"] == 2020)]
    added = people.groupby("within")["number"].sum()
    printed = sheets()[0].number[[2684, 2685], sheets()[0].column("Mid population estimates")]
    assert list(printed) == [added["East"], added["East Midlands"]]


def test_the_rate_is_recomputed_from_what_is_printed_beside_it():
    rate, count, people = (figures(i) for i in (tipping.RATE, "incidents", "people"))
    assert rate.notna().sum() == 1248
    assert (1000 * count / people - rate).abs().max() < 1e-9


# ── jumps and reporting bases ────────────────────────────────────────────────────────────────────


def own_breaks():
    listed = breaks.breaks_of(tipping.TABLE, "incidents", set(lookups.council_table().index))
    return {(b.ecode, b.first_year): b for b in listed}


def test_the_jumps_that_were_known_are_found_by_the_rule():
    marked = table()[table()["mark"] == "jump"].set_index(["ecode", "year"])["value"]
    known = {(KIRKLEES, 2016): 3318, (LEWISHAM, 2021): 29515, (REDBRIDGE, 2021): 6035}
    assert known.items() <= marked.to_dict().items()
    assert len(marked) == 25
    assert set(table().loc[table()["mark"] == "jump", "item"]) == {"incidents"}


def test_a_figure_put_right_is_no_jump():
    rows = parts()[0]
    here = (rows["item"] == "incidents") & (rows["ecode"] == LEWISHAM) & (rows["year"] == 2020)
    smooth = rows.assign(number=rows["number"].mask(here.to_numpy(), 29_000))
    assert (LEWISHAM, 2020) not in tipping.jumps(smooth).index
    assert (LEWISHAM, 2019) in tipping.jumps(smooth).index  # 3,842 to 29,000


def basis_changes(table):
    """Where a council says in a year that it counts otherwise than the year before.

    ecode, year (the later), before, after; a year in which it changed is on neither side alike.
    """
    rows = table[table["item"] == "incidents"].sort_values(["ecode", "year"])
    after = rows["reporting_basis"].astype(object)
    before = after.groupby(rows["ecode"], observed=True).shift(1)
    moved = before.notna() & after.notna() & (before != after)
    found = rows[moved][["ecode", "year"]].assign(before=before[moved], after=after[moved])
    return found.reset_index(drop=True)


def test_every_change_of_basis_that_is_printed_is_a_severing_break_on_record():
    changes = basis_changes(table())
    printed = set(zip(changes["ecode"], changes["year"], strict=True))
    severing = {at for at, b in own_breaks().items() if b.grade == "severing"}
    assert len(printed) == 49
    assert severing - printed == {("E5037", 2017)}  # Enfield: told by the sheet Notes
    assert printed <= severing


def test_every_jump_that_no_change_of_basis_explains_is_noted():
    jumped = {(ecode, year + 1) for ecode, year in tipping.jumps(parts()[0]).index}
    noted = {at for at, b in own_breaks().items() if b.grade == "noted"}
    severing = {at for at, b in own_breaks().items() if b.grade == "severing"}
    assert noted == jumped - severing


def test_breaks_name_their_council_and_its_two_figures():
    counts = figures("incidents")
    for (ecode, year), found in own_breaks().items():
        assert lookups.council_table()["council"][ecode] in found.sentence
        for when in (year - 1, year):
            assert f"{counts[ecode, when]:,.0f}" in found.in_full


def test_actions_do_not_break_where_incidents_do():
    assert not breaks.breaks_of(tipping.TABLE, "prosecutions", {LEWISHAM})
    assert breaks.breaks_of(tipping.TABLE, "incidents_highway", {LEWISHAM})


@pytest.mark.usefixtures("built")
def test_a_measure_refuses_the_council_that_changed_its_basis_and_no_other():
    taken = measure(tipping.TABLE, item="incidents")
    with pytest.raises(NotComparable, match=r"Lewisham: Lewisham counted only .* 29,515"):
        taken.where(council="Lewisham").change(2019, 2022)
    both = taken.where(council=["Lewisham", "Southwark"]).change(2019, 2022, leave_out=True)
    assert list(both.frame["council"]) == ["Southwark"]
    assert list(both.left_out["council"]) == ["Lewisham"]
    with pytest.raises(NotComparable, match="Lewisham"):
        taken.where(council=["Lewisham", "Southwark"]).index(2022)
    assert len(taken.where(council="Lewisham").change(2021, 2022).frame) == 1


@pytest.mark.usefixtures("built")
def test_a_measure_says_a_jump_that_is_not_explained():
    steps = measure(tipping.TABLE, item="incidents").where(council="Lambeth").steps
    assert any("Lambeth's incidents rose from 1,206" in step for step in steps)
    all_places = measure(tipping.TABLE, item="incidents").steps
    assert any("breaks of single councils lie in these years" in step for step in all_places)


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed_text(row, column, word, number=0):
    sheet = sheets()[number]
    return with_text(sheet, row, column, word)


def test_an_unknown_name_stops():
    with pytest.raises(UnknownCouncil, match=r"row 3645: E06000014 'Yorke'.*York"):
        tipping.read(changed_text(3644, 2, "Yorke"))


def test_a_misprint_that_was_mended_stops():
    with pytest.raises(StaleCorrection, match="C2746 prints 'Cheshire'; it prints 'Cheshire East'"):
        tipping.read(changed_text(2745, 2, "Cheshire East", number=1))


@pytest.mark.parametrize("word", ["2012", "2012-14", "twelve", None])
def test_what_is_no_financial_year_stops(word):
    with pytest.raises(UnreadableSource, match=r"cell A3645 holds .* where a financial year"):
        tipping.read(changed_text(3644, 0, word))


def test_an_unknown_basis_stops():
    with pytest.raises(UnreadableSource, match=r"AV3645 holds 'Guesses' where a reporting basis"):
        tipping.read(changed_text(3644, 47, "Guesses"))


def test_a_figure_typed_as_text_stops():
    with pytest.raises(UnreadableSource, match=r"E3645 holds '1,837' where a figure belongs"):
        tipping.read(changed_text(3644, 4, "1,837"))


def test_a_new_heading_stops():
    sheet = sheets()[1]
    renamed = dataclasses.replace(
        sheet, headings=[*sheet.headings[:4], "Acts", *sheet.headings[5:]]
    )
    with pytest.raises(UnreadableSource, match=r"E3: the heading 'Acts' is not known"):
        tipping.printed_columns(renamed)


@pytest.mark.parametrize(
    ("item", "column", "value", "sentence"),
    [
        ("incidents", "value", -1, "Every figure lies within the bounds of its item"),
        ("incidents_per_thousand", "value", 1e6, "The rate is incidents per 1,000 of the people"),
        ("prosecutions", "reporting_basis", "all", "Only figures of incidents have a reporting"),
    ],
)
def test_a_broken_rule_is_told(item, column, value, sentence):
    at = table().index[(table()["item"] == item) & (table()["value"] > 0)][-1]
    wrong = table().copy()
    wrong.loc[at, column] = value
    with pytest.raises(ContractBroken, match=sentence):
        keep(tipping.promised(), wrong)


def test_years_are_the_printed_ones():
    assert pd.api.types.is_integer_dtype(table()["year"])
    assert (table()["year"].min(), table()["year"].max()) == (2012, 2022)
