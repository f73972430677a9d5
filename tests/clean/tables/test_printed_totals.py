"""The publisher's own totals: England and the classes, checked by hand against the cells."""

import pytest

from coopstats.datasets.load import load

S07, S16 = "Net current expenditure (col 1)", "RS LA Data 2016-17"
S20, S23 = "RS_LA_Data_2020-21", "RS_LA_Data_2023-24"
TOTAL = "total_service_expenditure"


@pytest.mark.parametrize(
    ("whole", "year", "service", "gbp", "sheet", "cell"),
    [
        ("England", 2007, TOTAL, 94_297_367_000, S07, "Q488"),
        ("England", 2007, "cultural", 3_187_769_000, S07, "I488"),
        ("L", 2007, "cultural", 504_686_000, S07, "I502"),
        ("SD", 2007, TOTAL, 3_837_875_000, S07, "Q506"),
        ("England", 2016, TOTAL, 90_443_502_709, S16, "S456"),
        ("MD", 2016, "cultural", 552_540_628, S16, "L460"),
        ("England", 2020, TOTAL, 106_321_281_000, S20, "T442"),
        ("O", 2020, "council_tax_requirement", 5_227_141_000, S20, "CA450"),
        ("England", 2023, TOTAL, 123_753_650_820, S23, "U425"),
        ("UA", 2023, "cultural", 692_957_798, S23, "N427"),
    ],
)
def test_a_total_is_the_printed_one(built, whole, year, service, gbp, sheet, cell):
    only = {"whole": whole, "year": year, "service": service}
    (row,) = load("printed_totals", **only).to_dict("records")
    assert (row["gbp"], row["sheet"], row["cell"]) == (gbp, sheet, cell)
    assert row["flag"] == "reported"


def test_every_year_has_england_and_the_classes_it_prints(built):
    wholes = load("printed_totals", service=TOTAL).groupby("year")["whole"].agg(set)
    five = {"England", "L", "MD", "UA", "SC", "SD"}
    for year, found in wholes.items():
        assert found == (five if year >= 2021 else five | {"O"}), year


def test_the_classes_add_up_to_england_where_all_are_printed(built):
    table = load("printed_totals", service=[TOTAL, "cultural"], year=list(range(2007, 2021)))
    wide = table.pivot(index=["year", "service"], columns="whole", values="gbp").astype("float64")
    assert (wide.pop("England") - wide.sum(axis=1)).abs().max() <= 3_000


def test_the_bodies_add_up_to_england_but_where_returns_are_missing(built):
    bodies = load("revenue_outturn", service="core").groupby("year")["gbp"].sum()
    england = load("printed_totals", service="core", whole="England").set_index("year")["gbp"]
    off = ((england - bodies) / 1_000_000).astype("float64").round()
    missing = off[[2016, 2022, 2023]]
    assert off.drop(missing.index).abs().max() <= 1
    assert (missing > 0).all()


@pytest.mark.parametrize(("service", "first"), [("core", 2007), ("social_care", 2011)])
def test_what_is_derived_has_no_cell(built, service, first):
    rows = load("printed_totals", service=service, whole="England").set_index("year").loc[first:]
    assert set(rows["flag"]) == {"derived"}
    assert rows["cell"].isna().all()
    assert len(rows) == 2024 - first
