"""Reserves: each date from the right sheet, checked by hand against the printed cells."""

import pytest

from coopstats.datasets.load import load

LAMBETH, GLA = "E5017", "E5100"
FIRST_07, LAST_07 = "Net current expenditure (col 1)", "Net total cost (col 3)"
FIRST_14, LAST_14 = "RS LA Data 2014-15 (1)", "RS LA Data 2014-15 (2)"
S16, S21 = "RS LA Data 2016-17", "RS_LA_Data_2021-22"


@pytest.mark.parametrize(
    ("ecode", "year", "date", "service", "gbp", "sheet", "cell"),
    [
        (LAMBETH, 2007, "1 April", "schools", 12_499_000, FIRST_07, "BL370"),
        (LAMBETH, 2007, "31 March", "schools", 16_488_000, LAST_07, "BL370"),
        (LAMBETH, 2007, "1 April", "unallocated", 9_175_000, FIRST_07, "BN370"),
        (LAMBETH, 2007, "31 March", "unallocated", 17_033_000, LAST_07, "BN370"),
        (LAMBETH, 2008, "1 April", "other_earmarked", 31_423_000, FIRST_07, "BQ370"),
        (LAMBETH, 2008, "31 March", "other_earmarked", 54_748_000, LAST_07, "BQ370"),
        (LAMBETH, 2010, "31 March", "unallocated", 28_888_000, "RS LA Data 2010-11 (2)", "BQ335"),
        (LAMBETH, 2014, "1 April", "schools", 18_644_000, FIRST_14, "BR335"),
        (LAMBETH, 2014, "31 March", "schools", 20_864_000, LAST_14, "BR335"),
        (LAMBETH, 2014, "1 April", "other_earmarked", 67_329_000, FIRST_14, "BT335"),
        (LAMBETH, 2014, "31 March", "other_earmarked", 62_954_000, LAST_14, "BT335"),
        (LAMBETH, 2014, "1 April", "housing_revenue_account", 31_079_000, FIRST_14, "CL335"),
        (LAMBETH, 2014, "31 March", "housing_revenue_account", 36_549_000, LAST_14, "CL335"),
        (LAMBETH, 2016, "1 April", "unallocated", 24_793_000, S16, "BU335"),
        (LAMBETH, 2016, "31 March", "other_earmarked", 50_239_000, S16, "BX335"),
        (LAMBETH, 2016, "31 March", "housing_revenue_account", 72_249_245, S16, "CU335"),
        (GLA, 2021, "1 April", "other_earmarked", 3_324_285_000, S21, "CS155"),
        (GLA, 2021, "31 March", "other_earmarked", 3_140_955_000, S21, "DF155"),
        (GLA, 2021, "31 March", "other_earmarked_adjusted", 2_267_095_000, S21, "DG155"),
        (GLA, 2021, "31 March", "unallocated", 584_073_000, S21, "DQ155"),
    ],
)
def test_a_reserve_is_the_printed_one(built, ecode, year, date, service, gbp, sheet, cell):
    only = {"ecode": ecode, "year": year, "date": date, "service": service}
    (row,) = load("reserves", **only).to_dict("records")
    assert (row["gbp"], row["sheet"], row["cell"]) == (gbp, sheet, cell)


def test_both_dates_are_there_in_every_year(built):
    table = load("reserves", ecode=LAMBETH, service=["schools", "unallocated", "other_earmarked"])
    counted = table.groupby(["year", "date"], observed=True).size().unstack()
    assert list(counted.index) == list(range(2007, 2024))
    assert counted.eq(3).all(axis=None)


def test_each_date_has_one_sheet_a_year(built):
    table = load("reserves")
    main = table[~table["service"].astype(str).str.startswith("housing")]
    sheets = main.groupby(["year", "date"], observed=True)["sheet"].nunique()
    assert sheets.eq(1).all()


def test_lambeth_went_from_opening_to_closing_by_what_it_put_by(built):
    """2016-17, £ thousand, as printed: other earmarked 65,711 − 15,472 = 50,239."""
    levels = load("reserves", ecode=LAMBETH, year=2016, service="other_earmarked")
    levels = levels.set_index("date")["gbp"]
    put_by = load(
        "revenue_outturn", ecode=LAMBETH, year=2016, service="to_other_earmarked_reserves"
    )["gbp"].item()
    assert put_by == -15_472_000
    assert levels["1 April"] + put_by == levels["31 March"]


def test_opening_levels_are_mostly_the_closing_ones_of_the_year_before(built):
    """Not all: councils restate. Reading a date from the wrong sheet would break nearly all."""
    table = load("reserves", service="unallocated").dropna(subset="gbp")
    wide = table.pivot(index=["ecode", "year"], columns="date", values="gbp").reset_index()
    before = wide.assign(year=wide["year"] + 1)[["ecode", "year", "31 March"]]
    both = wide[["ecode", "year", "1 April"]].merge(before, on=["ecode", "year"])
    alike = both["1 April"] == both["31 March"]
    assert alike.groupby(both["year"]).mean().min() > 0.5
