"""Revenue outturn: figures checked by hand against the printed cells, and what holds of all."""

import functools

import pandas as pd
import pytest

from coopstats.clean.sheets.headings import service_lines
from coopstats.clean.tables.revenue_outturn import MAIN_BASIS, accounts
from coopstats.datasets.load import load
from coopstats.register.councils import councils

LAMBETH, OLDHAM, LIVERPOOL, GLA, BIRMINGHAM = "E5017", "E4204", "E4302", "E5100", "E4601"
S07, S08, S09 = (f"{words} (col {i})" for i, words in enumerate(
    ["Net current expenditure", "Capital charges", "Net total cost"], 1
))  # fmt: skip
S10, S16, S19, S21 = (
    "RS LA Data 2010-11 (1)", "RS LA Data 2016-17", "RS_LA_Data_2019-20", "RS_LA_Data_2021-22",
)  # fmt: skip
TOTAL = "total_service_expenditure"


@functools.cache
def bodies():
    """Every row of the bodies that are asked about below."""
    ecodes = [LAMBETH, OLDHAM, LIVERPOOL, GLA, BIRMINGHAM, "E4001", "E1037", "E2535", "E0102",
              "E2338", "E3831"]  # fmt: skip
    key = ["ecode", "year", "service", "basis"]
    rows = load("revenue_outturn", basis=None, ecode=ecodes)
    return rows.astype(dict.fromkeys(key, object)).set_index(key, drop=False).sort_index()


def one(ecode, year, service, basis=MAIN_BASIS):
    """The row of one figure."""
    return bodies().loc[(ecode, year, service, basis)]


# --- figures read in the originals by hand ---------------------------------------------------


@pytest.mark.parametrize(
    ("ecode", "year", "service", "gbp", "sheet", "cell"),
    [
        (LAMBETH, 2007, TOTAL, 514_908_000, S07, "Q370"),
        (LAMBETH, 2007, "cultural", 20_314_000, S07, "I370"),
        (LAMBETH, 2007, "highways", 12_221_000, S07, "F370"),
        (LAMBETH, 2010, TOTAL, 609_070_000, S10, "Q335"),
        (LAMBETH, 2010, "cultural", 22_218_000, S10, "J335"),
        (OLDHAM, 2010, TOTAL, 410_244_000, S10, "Q295"),
        (OLDHAM, 2010, "cultural", 13_172_000, S10, "J295"),
        (LAMBETH, 2014, "cultural", 17_561_000, "RS LA Data 2014-15 (1)", "M335"),
        (LAMBETH, 2016, TOTAL, 586_844_608, S16, "S335"),
        (LAMBETH, 2016, "cultural", 13_553_058, S16, "L335"),
        (LIVERPOOL, 2016, TOTAL, 809_063_483, S16, "S303"),
        (LIVERPOOL, 2016, "cultural", 34_437_000, S16, "L303"),
        (LAMBETH, 2019, TOTAL, 577_179_000, S19, "S325"),
        (LAMBETH, 2019, "cultural", 15_139_000, S19, "L325"),
        (GLA, 2021, TOTAL, 7_004_229_000, S21, "T155"),
        (GLA, 2021, "cultural", 26_513_000, S21, "M155"),
    ],
)
def test_a_figure_is_the_printed_one(built, ecode, year, service, gbp, sheet, cell):
    row = one(ecode=ecode, year=year, service=service)
    assert (row["gbp"], row["sheet"], row["cell"]) == (gbp, sheet, cell)
    assert row["flag"] == "reported"
    assert row["basis"] == MAIN_BASIS
    assert row["source"] == f"revenue_outturn/{year}-{(year + 1) % 100:02d}"


@pytest.mark.parametrize(
    ("year", "service", "basis", "gbp", "sheet", "cell"),
    [
        (2007, "cultural", "capital_charges", 5_596_000, S08, "I370"),
        (2007, "highways", "capital_charges", 6_639_000, S08, "F370"),
        (2007, "cultural", "net_total_cost", 25_910_000, S09, "I370"),
        (2007, "cultural", "memorandum_without_frs17", 20_685_000, S08, "CB370"),
        (2007, "cultural", "memorandum_main", 20_314_000, S07, "CB370"),
        (2010, TOTAL, "capital_charges", 78_787_000, "RS LA Data 2010-11 (2)", "Q335"),
        (2010, "cultural", "memorandum_with_frs17", 40_760_000, "RS LA Data 2010-11 (2)", "CH335"),
    ],
)
def test_another_basis_is_kept_apart(built, year, service, basis, gbp, sheet, cell):
    row = one(ecode=LAMBETH, year=year, service=service, basis=basis)
    assert (row["gbp"], row["sheet"], row["cell"]) == (gbp, sheet, cell)


@pytest.mark.parametrize(
    ("ecode", "year", "service", "flag"),
    [
        (BIRMINGHAM, 2023, "cultural", "not_returned"),
        (BIRMINGHAM, 2023, "core", "not_returned"),
        ("E4001", 2016, "highways", "not_returned"),
        ("E1037", 2022, "education", "not_returned"),
        ("E2535", 2021, "council_tax_support_pensioners", "missing"),
        ("E0102", 2013, "council_tax_support_to_parishes", "not_applicable"),
        ("E2338", 2022, "council_tax_support_pensioners", "not_returned"),
        ("E3831", 2021, "education", "zero"),
    ],
)
def test_why_there_is_no_figure_is_kept_apart(built, ecode, year, service, flag):
    row = one(ecode=ecode, year=year, service=service)
    assert row["flag"] == flag
    assert pd.isna(row["gbp"]) == (flag != "zero")


def test_a_line_that_did_not_exist_has_no_rows(built):
    years = load("revenue_outturn", service="public_health", ecode=LAMBETH)["year"]
    assert list(years) == list(range(2013, 2024))


# --- what holds of every year ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "printed"),
    [
        (2010, 609_070 - 299_247 - 0 - 0),  # Q335 − F335 − M335 − N335
        (2019, 577_179 - 227_356 - 0 - 0 - 30_580),  # S325 − F325 − O325 − P325 − J325
    ],
)
def test_core_is_the_total_less_education_police_fire_and_public_health(built, year, printed):
    row = one(LAMBETH, year, "core")
    assert row["gbp"] == printed * 1000
    assert row["flag"] == "derived"
    assert pd.isna(row["cell"])


def test_social_care_is_one_series_printed_then_derived(built):
    found = load("revenue_outturn", service="social_care", ecode=LAMBETH).set_index("year")
    assert list(found.index) == list(range(2007, 2024))
    assert list(found["flag"]) == ["reported"] * 4 + ["derived"] * 13
    assert found["cell"].isna().to_list() == [False] * 4 + [True] * 13


@pytest.mark.parametrize("year", range(2007, 2024))
def test_the_register_has_as_many_bodies_as_the_sheet_has_rows(year):
    sheets = [a for a in accounts() if a.sheet.source.year == year]
    known = councils(year=year)
    for sheet in sheets:
        assert set(sheet.bodies.values()) == set(known["ecode"])


def test_the_table_has_every_body_of_every_sheet(built):
    counted = load("revenue_outturn", service=TOTAL).groupby("year").size()
    bodies = {a.sheet.source.year: len(a.bodies) for a in accounts()}
    assert counted.to_dict() == bodies
    assert (bodies[2007], bodies[2009], bodies[2016], bodies[2023]) == (478, 443, 446, 411)


@pytest.mark.parametrize("year", [2021, 2022, 2023])
def test_the_gla_is_printed_twice_and_counted_once(built, year):
    (sheet,) = (a.sheet for a in accounts() if a.sheet.source.year == year)
    assert list(sheet.column_of_text("E-code")).count(GLA) == 2
    assert len(load("revenue_outturn", service=TOTAL, ecode=GLA, year=year)) == 1


def test_the_missing_returns_are_those_that_the_publisher_names(built):
    totals = load("revenue_outturn", service=TOTAL)
    missing = totals[totals["flag"] == "not_returned"].groupby("year").size()
    assert missing[missing > 0].to_dict() == {2016: 2, 2022: 4, 2023: 14}
    assert set(totals["flag"].unique()) == {"reported", "zero", "not_returned"}


def test_no_figure_is_suppressed_and_no_word_but_the_known_is_a_flag(built):
    flags = load("revenue_outturn", basis=None)["flag"].astype(str).unique()
    assert set(flags) == {
        "reported", "zero", "derived", "missing", "not_applicable", "not_returned",
    }  # fmt: skip


def test_service_lines_add_up_to_the_printed_total_of_each_council(built):
    """Within the rounding of up to fifteen parts to £ thousand; all of 2007-08 to 2023-24."""
    lines = load("revenue_outturn", service=[*service_lines("revenue_outturn"), TOTAL])
    parts = lines[(lines["flag"] != "derived")].astype({"gbp": "float64", "ecode": str})
    wide = parts.pivot(index=["year", "ecode"], columns="service", values="gbp")
    printed = wide.pop(TOTAL).dropna()
    off = (printed - wide.sum(axis=1).reindex(printed.index)).abs()
    assert off.max() <= 8_000
