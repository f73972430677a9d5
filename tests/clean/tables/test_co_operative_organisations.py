"""Co-operatives of England in two editions: days, offices, and what is on the register."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.tables import co_operative_organisations as organisations
from coopstats.core.errors import ContractBroken, UnknownCouncil, UnreadableSource


@functools.cache
def table():
    return keep(organisations.promised(), organisations.clean())


@functools.cache
def sheet(year=2017):
    return sheet_of(f"co_operatives/{year}")


# Read in the two CSV files: record, ID, incorporated, dissolved (day first), sector.
@pytest.mark.parametrize(
    ("edition", "organisation", "born", "died", "sector", "council", "cell"),
    [
        (2017, "R000001", "1863-08-11", None, "Retail", "Manchester", "A2"),  # 11/8/1863
        (2016, "R000003", "1925-06-23", None, "Retail", "Lichfield", "A3"),  # 23/06/1925
        (2017, "R002919", "1928-09-20", None, "Retail", "Westminster", "A1030"),  # 20/9/1928
        (2017, "R001766", "2003-01-17", None, "Education", "Wiltshire", "A500"),  # 17/1/2003
        (2017, "R013429", "1913-11-05", None, "Sports and Recreation", "Hertsmere", "A6617"),
        (2016, "R001785", "1979-10-16", "2012-08-28", "Digital, Media and Communication",
         "Islington", "A500"),
        (2017, "R006301", "2010-03-23", None,
         "Membership associations, social clubs and trade unions", "Barnsley", "A2961"),
    ],
)  # fmt: skip
def test_a_record_is_as_printed(edition, organisation, born, died, sector, council, cell):
    rows = table()
    (found,) = rows[(rows["edition"] == edition) & (rows["organisation"] == organisation)].to_dict(
        "records"
    )
    assert (found["born"], found["sector"], found["council"]) == (born, sector, council)
    assert found["died"] == died or (died is None and pd.isna(found["died"]))
    assert (found["sheet"], found["cell"]) == (f"organisations_{edition}.csv", cell)


def changed(row, heading, word, year=2017):
    text = sheet(year).text.copy()
    text[row, sheet(year).column(heading)] = word
    return dataclasses.replace(sheet(year), text=text)


def day(word):
    return organisations.days(changed(1, "Incorporation Date", word), "Incorporation Date", [1])


def test_dates_are_day_first():
    assert day("11/8/1863") == ["1863-08-11"]
    assert day("03/04/2012") == ["2012-04-03"]
    assert day("29/2/2012") == ["2012-02-29"]
    assert day(None) == [None]


@pytest.mark.parametrize("word", ["8/23/1925", "2012-04-03", "29/2/2011", "soon", "1/1/12"])
def test_a_date_that_is_not_day_first_stops_with_its_cell(word):
    with pytest.raises(UnreadableSource, match=r"organisations_2017\.csv.*cell Y2 .*day first"):
        day(word)


def test_every_dissolution_is_after_january_2011():
    assert table()["died"].dropna().astype(str).min() == "2011-02-01"


def test_each_is_once_in_an_edition_also_the_eighteen_that_are_printed_twice():
    printed = sheet(2016).column_of_text(organisations.ID)[1:]
    assert len(printed) - len(set(printed)) == 18
    assert len(organisations.records(sheet(2016))) == len(set(printed)) == 8019
    assert len(organisations.records(sheet(2017))) == 8371


def test_offices_in_england_are_all_told_and_99_in_100_have_a_council():
    latest = table()[table()["edition"] == 2017]
    assert latest["office"].value_counts().to_dict() == {
        "council": 6775,
        "unknown": 58,
        "none": 4,
        "abroad": 2,
    }
    english = latest[latest["nation"] == "England"]
    assert len(english) == 6838
    placed = english["office"].isin(["council", "abroad"])
    assert round(100 * placed.mean(), 1) == 99.1


def test_one_without_a_council_has_no_identity():
    lost = table()[table()["office"] != "council"]
    assert lost[["gss", "ecode", "council", "council_class", "region"]].isna().all(axis=None)


def test_councils_are_those_since_2023():
    names = set(table()["council"].dropna())
    assert {"Cumberland", "North Yorkshire", "Somerset", "Dorset"} <= names
    assert not {"Allerdale", "Craven", "Mendip", "Purbeck", "Cumbria"} & names


def test_an_unknown_code_stops_with_its_row():
    with pytest.raises(UnknownCouncil, match=r"organisations_2017\.csv.*row 2: E09000099"):
        organisations.councils_of(changed(1, organisations.COUNCIL, "E09000099"))


def test_a_missing_heading_stops_with_what_is_there():
    renamed = dataclasses.replace(sheet(), headings=["Number", *sheet().headings[1:]])
    with pytest.raises(UnreadableSource, match=r"none of the headings CUK Organisation ID"):
        organisations.records(renamed)


def broken(**columns):
    return keep(organisations.promised(), table().assign(**columns))


def test_one_dissolved_before_it_began_breaks_the_contract():
    died = np.where(table()["died"].notna(), "1800-01-01", None)
    with pytest.raises(ContractBroken, match="Nothing is dissolved before it is incorporated"):
        broken(died=pd.Categorical(died))


def test_one_dissolved_and_live_breaks_the_contract():
    with pytest.raises(ContractBroken, match="What has been dissolved is Dead"):
        broken(status=pd.Categorical(["Live"] * len(table())))


def test_an_office_without_its_council_breaks_the_contract():
    with pytest.raises(ContractBroken, match="A council is named exactly where"):
        broken(office=pd.Categorical(["council"] * len(table())))


def test_one_twice_in_an_edition_breaks_the_contract():
    with pytest.raises(ContractBroken, match="one row for each organisation, edition"):
        keep(organisations.promised(), pd.concat([table(), table().head(1)], ignore_index=True))
