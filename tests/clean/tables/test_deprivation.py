import functools

import numpy as np
import pandas as pd
import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.sheets.sheet import Sheet, sheets_of
from coopstats.clean.tables import deprivation
from coopstats.core.errors import (
    ContractBroken,
    StaleCorrection,
    UnknownCouncil,
    UnknownHeading,
    UnreadableSource,
)
from coopstats.core.sources import read_sources
from coopstats.register import lookups


@functools.cache
def table():
    return keep(deprivation.promised(), deprivation.clean())


LIVERPOOL, REDBRIDGE, LAMBETH, MIDDLESBROUGH = "E4302", "E5046", "E5017", "E0702"
SHEET_2010 = "LA Summaries ID 2010"


@pytest.mark.parametrize(
    ("ecode", "year", "domain", "item", "value", "sheet", "cell"),
    [
        (LIVERPOOL, 2010, "overall", "average_score", 43.44652, SHEET_2010, "K46"),
        (LIVERPOOL, 2010, "overall", "rank_of_average_score", 1, SHEET_2010, "L46"),
        (LIVERPOOL, 2010, "income", "scale", 119443, SHEET_2010, "G46"),
        (LIVERPOOL, 2010, "employment", "scale", 54352, SHEET_2010, "I46"),
        (REDBRIDGE, 2010, "overall", "average_score", 20.36912, SHEET_2010, "K27"),
        (REDBRIDGE, 2010, "overall", "rank_of_average_score", 134, SHEET_2010, "L27"),
        (LAMBETH, 2010, "overall", "average_score", 31.23906, SHEET_2010, "K23"),
        (LAMBETH, 2015, "overall", "average_score", 28.913, "IMD", "E115"),
        (LIVERPOOL, 2015, "overall", "rank_of_average_score", 4, "IMD", "F69"),
        (LIVERPOOL, 2019, "overall", "average_score", 42.412, "IMD", "E261"),
        (REDBRIDGE, 2019, "overall", "rank_of_average_score", 173, "IMD", "F311"),
        (MIDDLESBROUGH, 2015, "education", "rank_of_average_score", 2, "Education", "F3"),
        (MIDDLESBROUGH, 2019, "idaci", "proportion_most_deprived_tenth", 0.4767, "IDACI", "G3"),
        (MIDDLESBROUGH, 2019, "income", "rank_of_scale", 59, "Income", "J3"),
    ],
)
def test_figures_are_as_printed(ecode, year, domain, item, value, sheet, cell):
    key = ["ecode", "year", "domain", "item"]
    found = table().set_index(key).sort_index().loc[(ecode, year, domain, item)]
    assert found["value"] == value
    assert (found["source"], found["sheet"], found["cell"]) == (f"deprivation/{year}", sheet, cell)
    assert found["tier"] == ("upper" if year == 2015 else "district")


def test_every_council_of_each_edition_is_there():
    printed = table()[table()["flag"] != "derived"]
    assert printed.groupby("year")["ecode"].nunique().to_dict() == {2010: 326, 2015: 152, 2019: 317}


def test_every_cell_under_a_heading_is_read_once():
    editions = [read_sources()[f"deprivation/{y}"] for y in deprivation.EDITIONS]
    filled = sum(
        int((~np.isnan(sheet.number[sheet.header + 1 :])).sum())
        for source in editions
        for sheet in sheets_of(source)
    )
    assert (table()["flag"] != "derived").sum() == filled == 35804


def test_an_old_code_and_a_new_one_are_the_same_council():
    # 2010 prints 00AA for the City of London, 2019 E09000001
    city = table()[table()["council"] == "City of London"]
    assert set(city["year"]) == {2010, 2015, 2019}
    assert city["ecode"].nunique() == 1


def test_the_score_of_east_sussex_by_hand():
    # Eastbourne, Hastings, Lewes, Rother, Wealden: score of 2010 and people of mid-2010
    score = [24.77507, 34.49287, 15.81459, 19.78675, 11.80705]
    people = [98_510, 89_623, 97_079, 90_578, 147_861]
    weighted = sum(s * p for s, p in zip(score, people, strict=True)) / sum(people)
    found = table()[(table()["council"] == "East Sussex") & (table()["year"] == 2010)]
    assert len(found) == 1
    row = found.iloc[0]
    assert row["value"] == pytest.approx(weighted)
    assert (row["flag"], row["tier"], row["item"]) == ("derived", "upper", "average_score")
    assert pd.isna(row["cell"])


def test_counties_with_a_district_that_has_no_people_of_its_own_get_no_score():
    known = lookups.council_table()
    last = known["last_year"].astype(int)
    counties = set(known.loc[(known["council_class"] == "SC") & (last >= 2010), "council"])
    derived = set(table().loc[table()["flag"] == "derived", "council"])
    assert counties - derived == {
        "Buckinghamshire", "Dorset", "Northamptonshire", "Somerset", "Suffolk",
    }  # fmt: skip


def test_derived_counties_stand_as_the_next_edition_prints_them():
    # 2015 prints counties; deprivation moves slowly, so the derived order should nearly hold
    scores = table()[(table()["domain"] == "overall") & (table()["item"] == "average_score")]
    wide = scores.pivot(index="ecode", columns="year", values="value")
    derived = scores.loc[scores["flag"] == "derived", "ecode"]
    both = wide.loc[derived, [2010, 2015]]
    assert len(both) == 22
    assert both.rank().corr().iloc[0, 1] > 0.95
    assert (both[2015] - both[2010]).abs().max() < 3


def made(codes, names, headings, numbers, sheet="IMD"):
    """A small sheet in the layout of 2019."""
    source = read_sources()["deprivation/2019"]
    headings = ["Local Authority District code (2019)", "Name", *headings]
    text = np.full((len(codes) + 1, len(headings)), None, dtype=object)
    text[0], text[1:, 0], text[1:, 1] = headings, codes, names
    number = np.full(text.shape, np.nan)
    number[1:, 2:] = numbers
    return Sheet(source, sheet, 0, headings, number, text)


TWO = (["E09000022", "E09000033"], ["Lambeth", "Westminster"])


def test_a_small_sheet_reads_as_it_should():
    sheet = made(*TWO, ["IMD 2019 - Extent ", "IMD 2019 - Rank of extent "], [[0.5, 1], [0.4, 2]])
    read = deprivation.printed_figures(sheet).set_index(["ecode", "item"])["number"]
    assert read.to_dict() == {
        ("E5017", "extent"): 0.5,
        ("E5022", "extent"): 0.4,
        ("E5017", "rank_of_extent"): 1,
        ("E5022", "rank_of_extent"): 2,
    }


@pytest.mark.parametrize(
    ("heading", "sheet", "meaning"),
    [
        ("Rank of Income Scale", SHEET_2010, ("income", "rank_of_scale")),
        ("Employment - Rank of scale", "Employment", ("employment", "rank_of_scale")),
        ("Average Rank", SHEET_2010, ("overall", "average_rank")),
        ("IMD - Rank of average rank ", "IMD", ("overall", "rank_of_average_rank")),
        (
            "Living Environment - Rank of proportion of LSOAs in most deprived 10% nationally ",
            "Living",
            ("living", "rank_of_proportion_most_deprived_tenth"),
        ),
    ],
)
def test_headings_of_all_editions_have_one_name(heading, sheet, meaning):
    assert deprivation.named(made(*TWO, [heading], [[1], [2]], sheet), 2) == meaning


def test_a_renamed_heading_is_refused():
    with pytest.raises(UnknownHeading, match="sheet 'IMD', cell C1: 'IMD - Mean score'"):
        deprivation.printed_figures(made(*TWO, ["IMD - Mean score"], [[1], [2]]))


def test_an_unknown_sheet_is_refused():
    with pytest.raises(UnknownHeading, match="Sheet9"):
        deprivation.printed_figures(made(*TWO, ["IMD - Average score"], [[1], [2]], "Sheet9"))


def test_a_code_of_another_council_is_refused():
    codes = ["E09000022", "E09000032"]
    with pytest.raises(UnknownCouncil, match="row 3: E09000032 'Westminster'"):
        deprivation.printed_figures(made(codes, TWO[1], ["IMD - Average score"], [[1], [2]]))


def test_a_council_in_two_rows_is_refused():
    codes, names = ["E09000022"] * 2, ["Lambeth"] * 2
    with pytest.raises(UnreadableSource, match="E5017 stands in rows 2 and 3"):
        deprivation.printed_figures(made(codes, names, ["IMD - Average score"], [[1], [2]]))


def test_a_figure_turned_into_text_is_refused():
    sheet = made(*TWO, ["IMD - Average score"], [[np.nan], [2]])
    sheet.text[1, 2] = "28,913 "
    with pytest.raises(UnreadableSource, match="cell C2 holds '28,913 '"):
        deprivation.printed_figures(sheet)


def test_a_correction_of_what_is_no_longer_printed_stops_the_build(one_correction):
    one_correction("deprivation/2019", "IMD", "C2", "-1", "1")
    with pytest.raises(StaleCorrection, match="deprivation/2019"):
        deprivation.clean()


def first(frame, **words):
    """The index of the first row that has all these words."""
    chosen = np.logical_and.reduce([(frame[c] == w).to_numpy() for c, w in words.items()])
    return frame.index[chosen][0]


def with_value(value, **words):
    def spoil(frame):
        frame.loc[first(frame, **words), "value"] = value
        return frame

    return spoil


def with_first(column, value):
    def spoil(frame):
        frame[column] = frame[column].astype(object)
        frame.loc[0, column] = value
        return frame

    return spoil


@pytest.mark.parametrize(
    ("sentence", "spoil"),
    [
        ("A rank is its figure's place", with_value(5, ecode=LIVERPOOL, item="rank_of_extent")),
        ("Shares and extents lie", with_value(1.5, item="extent")),
        ("Overall scores lie", with_value(-1, item="average_score", domain="overall")),
        ("Every council that an edition lists", lambda f: f.drop(index=3).reset_index(drop=True)),
        ("`value` is empty exactly", with_first("value", np.nan)),
        ("Every printed figure names its sheet and cell", with_first("cell", None)),
        ("Every item is one of those", with_first("item", "mean")),
        ("Every domain is one of those", with_first("domain", "sunshine")),
        ("Tiers are district and upper", with_first("tier", "parish")),
        ("Editions are 2010, 2015 and 2019", with_first("year", 2012)),
        ("There is one row for each", lambda f: pd.concat([f, f[:1]], ignore_index=True)),
        ("Every flag is one of those", with_first("flag", "guessed")),
    ],
)
def test_each_rule_of_the_contract_can_be_broken(sentence, spoil):
    spoilt = spoil(table().copy())
    kinds = {c: d for c, d in table().dtypes.items() if spoilt[c].dtype != d}
    spoilt = spoilt.astype({c: "category" if d == "category" else d for c, d in kinds.items()})
    with pytest.raises(ContractBroken, match=sentence):
        keep(deprivation.promised(), spoilt)
