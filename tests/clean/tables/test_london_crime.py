import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest
from workbooks import with_text

from coopstats import load
from coopstats.clean.contracts.contract import keep
from coopstats.clean.families.outcomes import sheet_of, unsteady
from coopstats.clean.tables import london_crime as crime
from coopstats.core.errors import ContractBroken, TieOutFailed, UnknownCouncil, UnreadableSource


@functools.cache
def sheet():
    return sheet_of(crime.SOURCES["offences"])


@functools.cache
def table():
    return keep(crime.promised(), crime.clean())


def figures(item):
    return table()[table()["item"] == item].set_index(["ecode", "year"])["value"]


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "cell"),
    [
        ("Lambeth", 1999, "offences", 52212, "D362"),
        ("Lambeth", 2016, "offences", 29787, "D379"),
        ("Barking and Dagenham", 1999, "offences", 19567, "D2"),
        ("Barking and Dagenham", 2000, "offences", 20253, "D3"),
        ("Barking and Dagenham", 1999, "offence_rate", 120.4538179311024, "D2"),
        ("Barking and Dagenham", 2000, "offence_rate", 123.57452728304442, "D3"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, cell):
    rows = table()
    found = rows[(rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)]
    assert list(found["value"]) == [value]
    assert (found["source"].iloc[0], found["cell"].iloc[0]) == (crime.SOURCES[item], cell)


def test_32_boroughs_are_there_in_every_year_and_the_city_in_none():
    counts = table()[table()["item"] == "offences"].groupby("year")["ecode"].nunique()
    assert counts.to_dict() == dict.fromkeys(range(1999, 2017), 32)
    assert "City of London" not in set(table()["council"])


def test_london_is_tied_out_and_a_changed_figure_fails():
    assert crime.check_london(sheet())["difference"].tolist() == [627, 847, 864, 3]
    text = sheet().text.copy()
    text[361, 3] = "52213"
    with pytest.raises(TieOutFailed, match=r"offences: -1"):
        crime.check_london(dataclasses.replace(sheet(), text=text))


def test_the_implied_people_are_whole_and_move_slowly():
    people = figures("people")
    assert (people - people.round()).abs().max() < 1e-3
    people.index = people.index.set_levels(people.index.levels[0].astype(object), level=0)
    assert len(unsteady(people, people, 1.05)) == 0
    assert len(unsteady(people, people, 1.045)) > 0
    assert set(table().loc[table()["item"] == "people", "flag"]) == {"implied"}


@pytest.mark.usefixtures("built")
def test_the_rates_are_by_the_people_of_the_year_s_first_summer_to_2011():
    """Which is also the evidence that 1999-12-31 stands for the year that begins in 1999."""
    held = load("population", vintage="mid_2020", age="all").set_index(["ecode", "year"])["people"]
    both = pd.DataFrame({"implied": figures("people"), "held": held.astype(float)}).dropna()
    apart = (both["implied"] / both["held"] - 1).abs().groupby("year").max()
    assert list(apart.index) == list(range(2001, 2017))
    assert (apart.loc[:2011] < 1e-6).all()
    assert apart.loc[2012:].between(0.01, 0.025).all()
    year_later = both["implied"] / both["held"].groupby("ecode").shift(-1) - 1
    assert year_later.abs().groupby("year").max().loc[2001:2010].min() > 0.01


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed_text(row, column, word):
    return with_text(sheet(), row, column, word)


def test_an_unknown_name_stops():
    with pytest.raises(UnknownCouncil, match=r"row 362: E09000022 'Lambton'.*Lambeth"):
        crime.boroughs(changed_text(361, 1, "Lambton"), "offences")


@pytest.mark.parametrize("word", ["1999-00", "1999-03-31", "31/12/1999", None])
def test_what_is_no_31_december_stops(word):
    with pytest.raises(UnreadableSource, match=r"C362 holds .* where a 31 December belongs"):
        crime.boroughs(changed_text(361, 2, word), "offences")


def test_an_unknown_marker_stops():
    with pytest.raises(UnreadableSource, match=r"D362 holds 'many' where a figure belongs"):
        crime.boroughs(changed_text(361, 3, "many"), "offences")


def test_a_missing_column_stops():
    lost = dataclasses.replace(sheet(), headings=["Code", "Borough", "Date", "Value"])
    with pytest.raises(UnreadableSource, match="none of the headings Year is there"):
        crime.boroughs(lost, "offences")


@pytest.mark.parametrize(
    ("item", "value", "sentence"),
    [
        ("offences", -1, "Every figure lies within the bounds of its item"),
        ("offence_rate", np.nan, "`value` is empty exactly where `flag` says"),
    ],
)
def test_a_broken_rule_is_told(item, value, sentence):
    wrong = table().copy()
    wrong.loc[wrong.index[wrong["item"] == item][0], "value"] = value
    with pytest.raises(ContractBroken, match=sentence):
        keep(crime.promised(), wrong)
