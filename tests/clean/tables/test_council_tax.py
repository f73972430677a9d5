"""Council tax: requirement, support and Band D bills, checked by hand against the cells."""

import functools

import pandas as pd
import pytest

from coopstats.datasets.load import load

LAMBETH, OLDHAM, GLA = "E5017", "E4204", "E5100"
S13, S20 = "RS LA Data 2013-14 (1)", "RS_LA_Data_2020-21"


@functools.cache
def table():
    return load("council_tax", ecode=[LAMBETH, OLDHAM, GLA])


@pytest.mark.parametrize(
    ("ecode", "year", "service", "gbp", "sheet", "cell"),
    [
        (LAMBETH, 2013, "council_tax_requirement", 81_447_000, S13, "BP335"),
        (LAMBETH, 2020, "council_tax_requirement", 130_430_000, S20, "CA321"),
        (LAMBETH, 2013, "council_tax_support_pensioners", 8_769_000, S13, "CO335"),
        (LAMBETH, 2020, "council_tax_support_working_age", 15_990_000, S20, "DF321"),
        (LAMBETH, 2020, "council_tax_support_total", 24_588_000, S20, "DG321"),
        (LAMBETH, 1993, "band_d", 465.75, "inc PPs", "H260"),
        (LAMBETH, 2010, "band_d", 925.29, "inc PPs", "Y260"),
        (LAMBETH, 2020, "band_d", 1169.57, "inc PPs", "AI260"),
        (OLDHAM, 2010, "band_d", 1350.16, "inc PPs", "Y349"),
        (GLA, 2021, "band_d", 363.66, "inc PPs", "AJ196"),
        (OLDHAM, 2013, "band_d_excluding_parishes", 1392.95, "exc PPs", "Y349"),
        (LAMBETH, 2020, "area_band_d", 1501.64, "Area CT", "AI193"),
        (OLDHAM, 1993, "area_band_d", 623.25, "Area CT", "H256"),
    ],
)
def test_a_figure_is_the_printed_one(built, ecode, year, service, gbp, sheet, cell):
    here = (table()["ecode"] == ecode) & (table()["year"] == year)
    (row,) = table()[here & (table()["service"] == service)].to_dict("records")
    assert row["gbp"] == pytest.approx(gbp, abs=1e-6)
    assert (row["sheet"], row["cell"], row["flag"]) == (sheet, cell, "reported")


def test_a_body_that_set_no_tax_in_a_year_is_flagged(built):
    """The Greater London Authority began in 2000; the sheet prints "-" before."""
    bills = load("council_tax", ecode=GLA, service="band_d").set_index("year")
    assert bills["flag"].loc[1993] == "not_applicable"
    assert pd.isna(bills["gbp"].loc[1993])
    assert bills["flag"].loc[2000:].eq("reported").all()


def test_bills_run_from_1993_to_2022(built):
    years = load("council_tax", ecode=LAMBETH, service="band_d")["year"]
    assert list(years) == list(range(1993, 2023))


def test_the_area_bill_of_a_borough_is_its_own_and_the_gla_s(built):
    bills = load("council_tax", year=2020, service=["band_d", "area_band_d"])
    bills = bills.set_index(["ecode", "service"])["gbp"]
    parts = bills[LAMBETH, "band_d"] + bills[GLA, "band_d"]
    assert bills[LAMBETH, "area_band_d"] == pytest.approx(parts)


def test_the_parts_of_support_add_up(built):
    support = load("council_tax", ecode=LAMBETH, year=2013).set_index("service")["gbp"]
    parts = support[["council_tax_support_pensioners", "council_tax_support_working_age"]].sum()
    assert parts == support["council_tax_support_total"] == 25_304_000


def test_requirement_is_in_every_year_of_the_accounts(built):
    years = load("council_tax", ecode=LAMBETH, service="council_tax_requirement")["year"]
    assert list(years) == list(range(2007, 2024))
