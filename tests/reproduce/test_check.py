"""`check`: totals that do not add up, numbers that moved, differences on record."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from coopstats import load
from coopstats.clean.build import fingerprint
from coopstats.clean.sheets.headings import service_lines
from coopstats.reproduce import check


@pytest.fixture
def copied(built, tmp_path, monkeypatch):
    """A home with the built tables and the fingerprint they were built with."""
    shutil.copytree(built / "data" / "processed", tmp_path / "data" / "processed")
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    fingerprint.accept()
    return fingerprint.file()


@pytest.mark.usefixtures("built")
def test_service_lines_add_up_but_for_rounding():
    off = check.service_totals()
    assert off["rounding"].all()
    assert off["difference"].abs().max() <= check.ROUNDED_PARTS
    assert (off["printed"] - off["added"] == off["difference"]).all()
    assert set(off["year"]) <= set(range(2007, 2024))


@pytest.mark.usefixtures("built")
def test_a_line_that_is_wrong_is_found(monkeypatch):
    def wrong(table, **only):
        rows = load(table, **only)
        mine = (rows["ecode"] == "E5017") & (rows["year"] == 2010) & (rows["service"] == "cultural")
        assert mine.sum() == 1
        return rows.assign(gbp=rows["gbp"].where(~mine, rows["gbp"] + 1_000_000))

    before = len(check.service_totals())
    monkeypatch.setattr(check, "load", wrong)
    off = check.service_totals()
    assert len(off) == before + 1
    (found,) = off[~off["rounding"]].to_dict("records")
    assert (found["council"], found["year"], found["difference"]) == ("Lambeth", 2010, -1_000_000)


@pytest.mark.usefixtures("built")
def test_the_sum_is_of_every_service_line():
    """Nothing is compared by leaving a line out: England's parts are its total in each year."""
    lines = service_lines("revenue_outturn")
    rows = load("revenue_outturn", service=[*lines, "total_service_expenditure"])
    rows = rows[~((rows["service"] == "social_care") & (rows["flag"] == "derived"))]
    sums = rows.assign(gbp=rows["gbp"].astype("float64")).pivot_table(
        index="year", columns="service", values="gbp", aggfunc="sum", observed=True
    )
    whole = sums.pop("total_service_expenditure")
    assert (sums.sum(axis=1) / whole).between(0.9999, 1.0001).all()


@pytest.mark.usefixtures("built")
def test_differences_from_the_printed_england_are_on_record():
    off = check.tied_out()
    assert 300 < len(off) < check.columns_compared()
    assert off["reason"].str.len().gt(0).all()


def test_nothing_has_moved_from_what_was_just_accepted(copied):
    assert check.moved().empty


def test_a_number_that_moved_is_listed_with_both_totals(copied):
    rows = pd.read_csv(copied, dtype=str)
    mine = (rows["table"] == "revenue_outturn") & (rows["year"] == "2010")
    rows.loc[mine, ["total", "digest"]] = ["1.00", "0" * 16]
    rows.to_csv(copied, index=False)
    (found,) = check.moved().to_dict("records")
    assert (found["table"], found["year"], found["total_accepted"]) == (
        "revenue_outturn", "2010", "1.00",
    )  # fmt: skip
    assert float(found["total_built"]) > 1e9


def test_a_year_that_vanished_or_came_is_listed(copied):
    rows = pd.read_csv(copied, dtype=str)
    rows[rows["year"] != "2010"].to_csv(copied, index=False)
    assert set(check.moved()["year"]) == {"2010"}


@pytest.fixture
def youth(built):
    return check.youth().set_index(["ecode", "year"]).sort_index()


def test_youth_budgets_stand_beside_what_section_251_says_was_spent(youth):
    # RA_2014-15.xls AI358, s251_2014-15.xlsx K5047 and M5047, RA_2018-19.xlsx AJ357,
    # s251_2018-19.xlsx L5199 and N5199
    redbridge = youth.loc["E5046"]
    assert redbridge.loc[2014, ["budget", "gross", "net"]].tolist() == [
        28_000,
        3_188_594,
        3_041_571,
    ]
    assert redbridge.loc[2018, ["budget", "gross", "net"]].tolist() == [
        1_080_000,
        1_098_640,
        848_529,
    ]
    assert redbridge.loc[2014, "difference"] == 3_041_571 - 28_000
    assert redbridge["outlier"].notna().to_dict() == {
        year: year in (2014, 2015, 2016) for year in range(2014, 2022)
    }


def test_youth_begins_where_the_budget_line_did_and_is_not_compared_without_net(youth):
    years = youth.index.get_level_values("year")
    assert (years.min(), years.max()) == (2014, 2021)
    assert youth.loc[years > 2018, ["net", "difference"]].isna().all(axis=None)
    assert youth.loc[years > 2018, "outlier"].isna().all()
    assert len(youth) == 1214
    assert not youth.index.has_duplicates


def test_england_budgeted_more_for_youth_than_was_spent_net_in_every_year(youth):
    both = youth[youth["difference"].notna()].groupby("year")[["budget", "net"]].sum()
    ratio = (both["net"] / both["budget"]).astype(float)
    assert ratio.round(3).to_dict() == {
        2014: 0.934, 2015: 0.899, 2016: 0.88, 2017: 0.888, 2018: 0.928,
    }  # fmt: skip
    assert youth["outlier"].notna().sum() == 183


def test_a_youth_figure_that_moved_is_an_outlier(built, monkeypatch):
    def wrong(table, **only):
        rows = load(table, **only)
        mine = (rows["ecode"] == "E5046") & (rows["year"] == 2018) & (table == "revenue_budget")
        return rows.assign(gbp=rows["gbp"].mask(mine, 9_000_000))

    monkeypatch.setattr(check, "load", wrong)
    found = check.youth().set_index(["ecode", "year"])
    assert found.loc[("E5046", 2018), "outlier"] == "far_apart"
    assert found["outlier"].notna().sum() == 184
