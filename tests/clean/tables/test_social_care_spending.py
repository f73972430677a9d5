"""Social care outturn: figures read by hand in every layout, and what must stop a build."""

import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import keep
from coopstats.clean.sheets.accounts import read_accounts
from coopstats.clean.sheets.blocks import columns_of_blocks
from coopstats.clean.sheets.sheet import cell_name
from coopstats.clean.tables import social_care_spending as care
from coopstats.core.errors import (
    ContractBroken,
    StaleCorrection,
    TieOutFailed,
    UnknownCouncil,
    UnknownHeading,
    UnreadableSource,
)
from coopstats.datasets.load import load
from coopstats.register import reader
from coopstats.register.breaks import crossed
from coopstats.reproduce.check import social_care as checking

LAMBETH, BATH, BRISTOL, SUTTON, READING = "E5017", "E0101", "E0102", "E5048", "E0303"
NET = "net_current_expenditure"
YEARS = range(2008, 2021)


@functools.cache
def bodies():
    """Every row of the bodies that are asked about below."""
    key = ["ecode", "year", "service", "basis"]
    rows = load("social_care_spending", basis=None, ecode=[LAMBETH, BATH, BRISTOL, SUTTON, READING])
    return rows.astype(dict.fromkeys(key, object)).set_index(key, drop=False).sort_index()


def one(ecode, year, service, basis=NET):
    """The row of one figure."""
    return bodies().loc[(ecode, year, service, basis)]


# --- figures read in the originals by hand, under the service printed above them --------------


@pytest.mark.parametrize(
    ("ecode", "year", "service", "basis", "gbp", "sheet", "cell"),
    [
        # headings over five rows, the service on every cell
        (LAMBETH, 2008, "mental_health_adults", NET, 18_361_000, "RO3 LA Data 2008-09", "BV373"),
        (LAMBETH, 2008, "social_care", "net_total_cost", 150_735_000, "RO3 LA Data 2008-09",
         "DH373"),
        # the service on the first cell of its block
        (LAMBETH, 2009, "older_people", "gross_expenditure", 55_355_000, "RO3 LA Data 2009-10",
         "AV339"),
        (LAMBETH, 2010, "mental_health_adults", NET, 14_694_000, "RO3 LA Data 2010-11", "CD339"),
        (BATH, 2011, "childrens_strategy", "gross_expenditure", 7_184_000, "RO3 LA Data 2011-12",
         "H12"),
        # two blocks headed alike, the second being the total
        (LAMBETH, 2011, "adult_social_care_other", NET, 2_506_000, "RO3 LA Data 2011-12", "EV339"),
        (LAMBETH, 2011, "adult_social_care", NET, 99_839_000, "RO3 LA Data 2011-12", "FF339"),
        (LAMBETH, 2012, "looked_after_children", "income", -1_000, "RO3 LA Data 2012-13", "AE339"),
        # the costs on three sheets
        (LAMBETH, 2013, "mental_health_adults", "gross_expenditure", 15_276_000,
         "RO3 LA Data 2013-14 (1)", "BH342"),
        (LAMBETH, 2013, "mental_health_adults", "income", 2_728_000, "RO3 LA Data 2013-14 (2)",
         "BH342"),
        (LAMBETH, 2013, "mental_health_adults", NET, 12_548_000, "RO3 LA Data 2013-14 (3)",
         "BF342"),
        # the services on three sheets
        (LAMBETH, 2014, "youth", "employees", 1_229_000, "RO3 LA Data 2014-15 (1)", "BK339"),
        (LAMBETH, 2014, "mental_health_adults", NET, 2_269_000, "RO3 LA Data 2014-15 (2)",
         "BY339"),
        # the service in the header row, the cost below it
        (LAMBETH, 2014, "general_practice_services", NET, 887_000, "RO3 LA Data 2014-15 (3)",
         "FD339"),
        # fractions of £ thousand
        (BATH, 2015, "looked_after_children", "employees", 1_741_300, "RO3 LA Data 2015-16", "M8"),
        (LAMBETH, 2016, "sure_start", NET, 24_624_000, "RO3 LA Data 2016-17", "L335"),
        (BRISTOL, 2017, "sure_start", "running_expenses", -2_049_000, "RO3 LA Data 2017-18", "G7"),
        (LAMBETH, 2018, "youth", NET, -6_000, "RO3 LA Data 2018-19", "BI335"),
        # OpenDocument
        (SUTTON, 2019, "mental_health_older_people", NET, 2_158_000, "RO3_LA_Data_2019-20",
         "EH349"),
        (LAMBETH, 2020, "adult_commissioning_18_64", "other_income", 2_081_000,
         "RO3_LA_Data_2020-21", "IU321"),
    ],
)  # fmt: skip
def test_a_figure_is_the_printed_one(built, ecode, year, service, basis, gbp, sheet, cell):
    row = one(ecode, year, service, basis)
    assert (row["gbp"], row["sheet"], row["cell"]) == (gbp, sheet, cell)
    assert row["flag"] == "reported"
    assert row["source"] == f"social_care_spending/{year}-{(year + 1) % 100:02d}"


def test_social_care_is_printed_to_2012_and_derived_after(built):
    found = load("social_care_spending", service="social_care", ecode=LAMBETH).set_index("year")
    assert found["flag"].to_dict() == {y: "reported" if y < 2013 else "derived" for y in YEARS}
    assert found["gbp"][2014] == (85_071 + 90_611) * 1000  # sheet (1) BY339 + sheet (2) EU339
    assert one(LAMBETH, 2014, "childrens_social_care")["gbp"] == 85_071_000


def test_a_body_that_made_no_return_has_reasons_and_no_figures(built):
    mine = bodies().loc[(READING, 2020)]
    assert mine["flag"].eq("not_returned").all()
    assert mine["gbp"].isna().all()


def test_missing_returns_are_those_that_the_publisher_marks(built):
    rows = load("social_care_spending", service="adult_social_care")
    missing = rows[rows["flag"] == "not_returned"].groupby("year").size()
    assert missing[missing > 0].to_dict() == {2016: 2, 2020: 11}
    assert set(rows["flag"].unique()) == {"reported", "zero", "not_returned"}


# --- layout ----------------------------------------------------------------------------------

BLOCKS = {2008: 13, 2009: 12, 2010: 12, 2011: 19, 2012: 20, 2013: 42, 2014: 52,
          2015: 55, 2016: 59, 2017: 59, 2018: 59, 2019: 69, 2020: 75}  # fmt: skip


@pytest.mark.parametrize("year", YEARS)
def test_every_block_is_a_service_of_its_own(year):
    mine = [a for a in care.accounts() if a.sheet.source.year == year]
    services = {c.line.service for a in mine for c in a.columns if c.line.kind != "identity"}
    assert len(services) == BLOCKS[year]


@pytest.mark.parametrize("year", [2008, 2009, 2013, 2018])
def test_the_bases_of_a_year_are_those_that_it_prints(year):
    mine = [a for a in care.accounts() if a.sheet.source.year == year]
    found = {care.basis_of(c, "social_care_spending") for a in mine for c in a.columns
             if c.line.kind != "identity"}  # fmt: skip
    current = {"employees", "running_expenses", "gross_expenditure", "sales_fees_and_charges",
               "other_income", "income", NET}  # fmt: skip
    assert found == current | ({"capital_charges", "net_total_cost"} if year < 2014 else set())


def sheet_of(year, number=0):
    return [a.sheet for a in care.accounts() if a.sheet.source.year == year][number]


def reworded(sheet, cell, words):
    """The sheet with other words in one cell above the figures."""
    text = sheet.text.copy()
    at = {cell_name(r, c): (r, c) for r in range(sheet.header + 2) for c in range(text.shape[1])}
    text[at[cell]] = words
    headings = list(text[sheet.header])
    return dataclasses.replace(sheet, text=text, headings=headings)


@pytest.mark.parametrize(
    ("year", "cell", "words", "said"),
    [
        (2010, "P8", "Families' services - asylum seekers", "cell P8: the heading"),
        (2018, "CS5", "Support with memory - adults (18–64)", "memory and cognition adults 18 64"),
        (2010, "P10", "Staff (C1)", "names no basis"),
        (2018, "CS7", "Staff\n (C1)", "names no basis"),
        (2008, "E5", "Staff", "names no basis"),
        (2008, "E4", "Social work strategy - children", "'social care strategy children'"),
    ],
)
def test_a_reworded_heading_is_refused_with_its_cell(year, cell, words, said):
    with pytest.raises(UnknownHeading) as stopped:
        columns_of_blocks(reworded(sheet_of(year), cell, words))
    assert said in str(stopped.value)
    assert f"RO3_{year}-" in str(stopped.value)
    assert words.replace("\n", "\\n") in str(stopped.value)


def test_a_sheet_without_a_row_of_services_is_refused():
    sheet = sheet_of(2010)
    text = sheet.text.copy()
    text[: sheet.header, 4:] = None
    with pytest.raises(UnknownHeading, match="names a service of"):
        columns_of_blocks(dataclasses.replace(sheet, text=text))


def test_a_block_that_lost_its_service_is_refused():
    sheet = reworded(sheet_of(2018), "CS5", None)  # memory and cognition, 18 to 64
    read = read_accounts(sheet, columns_of_blocks)
    with pytest.raises(UnknownHeading, match="repeats the line"):
        care.once_each(read, [c for c in read.columns if "C7" in c.heading])


def test_a_misprint_that_was_mended_is_refused():
    sheet = reworded(sheet_of(2011), "EZ8", "TOTAL ADULT SOCIAL CARE")
    with pytest.raises(StaleCorrection, match="prints 'TOTAL ADULT SOCIAL CARE'"):
        columns_of_blocks(sheet)


def test_figures_without_a_heading_are_refused():
    sheet = reworded(sheet_of(2018), "CS7", None)
    with pytest.raises(UnknownHeading, match="cell CS7: no heading stands above"):
        care._checked(read_accounts(sheet, columns_of_blocks))


def with_cell(sheet, row, column, words):
    text, number = sheet.text.copy(), sheet.number.copy()
    text[row, column], number[row, column] = words, np.nan
    return dataclasses.replace(sheet, text=text, number=number)


def test_a_body_whose_name_is_another_is_refused():
    sheet = with_cell(sheet_of(2018), 7, 2, "Lambeth")  # row 8 is Bath's
    with pytest.raises(UnknownCouncil, match="row 8: E0101 'Lambeth'"):
        read_accounts(sheet, columns_of_blocks)


def test_a_figure_typed_as_text_is_refused():
    sheet = with_cell(sheet_of(2018), 7, 12, "1,234")
    read = read_accounts(sheet, columns_of_blocks)
    with pytest.raises(UnreadableSource, match="cell M8 holds '1,234'"):
        care.figures(read, [c for c in read.columns if c.index == 12], basis="employees")


# --- tie-out ---------------------------------------------------------------------------------

COMPARED = {2008: 117, 2009: 108, 2010: 108, 2011: 171, 2012: 180, 2013: 378, 2014: 340,
            2015: 361, 2016: 389, 2017: 389, 2018: 389, 2019: 389, 2020: 476}  # fmt: skip
OFF = {2016: 72, 2017: 90, 2020: 370}
# The age groups of 2019-20, and protective equipment and the providers' lines of 2020-21.
NOT_PRINTED_FOR_ENGLAND = {2019: 70, 2020: 25}


def of_year(year):
    return [a for a in care.accounts() if a.sheet.source.year == year]


@pytest.mark.parametrize("year", YEARS)
def test_the_authorities_add_up_to_england_in_every_column(year):
    assert sum(map(tie_out.compared, of_year(year))) == COMPARED[year]
    assert len(tie_out.differences(of_year(year))) == OFF.get(year, 0)


@pytest.mark.parametrize("year", YEARS)
def test_what_england_prints_no_figure_for_is_known(year):
    blank = sum(
        int(np.isnan(a.sheet.number[a.england, c.index]))
        for a in of_year(year)
        for c in a.columns
        if c.line.kind != "identity"
    )
    assert blank == NOT_PRINTED_FOR_ENGLAND.get(year, 0)


def test_every_difference_is_on_record_with_a_reason():
    listed = tie_out.check(care.accounts())
    assert len(listed) == sum(OFF.values())
    assert listed["reason"].str.len().gt(20).all()


def test_a_changed_figure_stops_the_build():
    first, *others = care.accounts()
    number = first.sheet.number.copy()
    number[first.rows[9], 20] += 2
    sheet = dataclasses.replace(first.sheet, number=number)
    with pytest.raises(TieOutFailed, match=r"social_care_spending/2008-09.*recorded none"):
        tie_out.check([dataclasses.replace(first, sheet=sheet), *others])


# --- along the row, down to the totals, and beside the summary --------------------------------


def test_figures_printed_twice_agree_but_for_those_on_record(built):
    found = checking.check()
    assert found.groupby("beside").size().to_dict() == {
        "lines": 4, "parts": 485, "revenue_outturn": 4,
    }  # fmt: skip
    assert found["reason"].str.len().gt(10).all()


def test_hundreds_of_thousands_of_figures_are_set_beside_another(built):
    assert checking.compared() == {"parts": 682_306, "lines": 101_268, "revenue_outturn": 20_388}


def test_social_care_and_its_summary_part_in_three_councils_of_2020(built):
    found = checking.differences()
    apart = found[found["beside"] == "revenue_outturn"].astype({"council": str, "service": str})
    listed = {(r.year, r.council, r.service): r.difference for r in apart.itertuples()}
    assert listed == {
        (2020, "Tower Hamlets", "adult_social_care"): -2_551_000,
        (2020, "Enfield", "adult_social_care"): -2_685_000,
        (2020, "North Tyneside", "public_health"): -5_953_000,
        (2020, "Tower Hamlets", "public_health"): 3_362_000,
    }


@pytest.mark.parametrize("change", ["drop", "move"])
def test_a_difference_that_is_not_the_recorded_one_is_told(built, monkeypatch, change):
    recorded = reader.table_of("social_care_differences").copy()
    if change == "drop":
        recorded = recorded.iloc[:-1]
    else:
        recorded.loc[0, "difference"] = "1"
    read = reader.table_of
    monkeypatch.setattr(
        reader, "table_of", lambda n: recorded if n == "social_care_differences" else read(n)
    )
    with pytest.raises(TieOutFailed, match=r"^1 figures of the social care outturn differ"):
        checking.check()


def test_the_total_of_adults_is_its_services(built):
    assert checking.totals_of(2011)["social_care"] == [
        "childrens_social_care", "adult_social_care",
    ]  # fmt: skip
    assert "mental_health_older_people" in checking.totals_of(2014)["adult_social_care"]
    assert "carer_support_18_64" not in checking.totals_of(2019)["adult_social_care"]


# --- breaks ----------------------------------------------------------------------------------


def test_what_was_redrawn_in_2014_cannot_be_compared_across_it():
    for service in ("mental_health_adults", "learning_disability_adults", "looked_after_children"):
        assert crossed("social_care_spending", service, 2013, 2014, "severing")
        assert not crossed("social_care_spending", service, 2014, 2020, "severing")
    assert not crossed("social_care_spending", "adult_social_care", 2011, 2020, "severing")


def test_the_sizes_of_breaks_are_the_printed_england():
    england = {}
    for read in care.accounts():
        for column in read.columns:
            if column.line.kind != "identity" and care.basis_of(column, care.PUBLICATION) == NET:
                key = column.line.service, read.sheet.source.year
                england[key] = np.round(read.sheet.number[read.england, column.index] / 1000)
    assert england["mental_health_adults", 2013] == 1052
    assert england["mental_health_adults", 2014] == 632
    assert england["mental_health_older_people", 2014] == 368
    assert england["childrens_strategy", 2010] == 157
    assert england["childrens_strategy", 2011] == 1290
    assert england["youth", 2014] + england["sure_start", 2014] == 1077


# --- the contract ----------------------------------------------------------------------------


@pytest.fixture
def few(built):
    """Rows of a few kinds, whole enough to keep the contract."""
    rows = load("social_care_spending", basis=None, ecode=[LAMBETH, READING], year=[2013, 2020])
    return rows.reset_index(drop=True)


def first(rows, **words):
    for column, word in words.items():
        rows = rows[rows[column] == word]
    return rows.index[0]


def put(column, value, **where):
    def spoilt(rows):
        if isinstance(rows[column].dtype, pd.CategoricalDtype) and value is not None:
            rows[column] = rows[column].cat.add_categories([value])
        rows.loc[first(rows, **where), column] = value
        return rows

    return spoilt


@pytest.mark.parametrize(
    ("spoilt", "sentence"),
    [
        (lambda rows: pd.concat([rows, rows.iloc[[5]]], ignore_index=True), "There is one row"),
        (put("gbp", pd.NA, flag="reported"), "`gbp` is empty exactly where"),
        (put("gbp", 5, flag="not_returned"), "`gbp` is empty exactly where"),
        (put("gbp", 1, flag="zero"), "A figure flagged zero is 0"),
        (put("cell", None, flag="reported"), "Every printed figure names its sheet and cell"),
        (put("sheet", None, flag="zero"), "Every printed figure names its sheet and cell"),
        (put("flag", "guessed", flag="reported"), "Every flag is one of those"),
        (put("year", 1910, year=2020), "Years lie between 1950 and 2030"),
    ],
)
def test_a_broken_rule_is_named(few, spoilt, sentence):
    keep(care.promised(), few.copy())
    with pytest.raises(ContractBroken, match=sentence):
        keep(care.promised(), spoilt(few.copy()))
