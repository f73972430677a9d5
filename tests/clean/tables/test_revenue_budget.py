"""Revenue account budgets: figures checked by hand against the printed cells, and what holds."""

import dataclasses
import functools

import pandas as pd
import pytest

from coopstats.clean.contracts import line_totals, tie_out
from coopstats.clean.contracts.contract import keep
from coopstats.clean.sheets.bases import basis_of, basis_of_sheet
from coopstats.clean.sheets.headings import service_lines
from coopstats.clean.sheets.sheet import sheets_of
from coopstats.clean.tables import revenue_budget as budget
from coopstats.core.errors import ContractBroken, TieOutFailed, UnknownHeading
from coopstats.core.sources import read_sources
from coopstats.register import lookups
from coopstats.register.breaks import crossed

REDBRIDGE, LAMBETH, LIVERPOOL, SUNDERLAND = "E5046", "E5017", "E4302", "E4505"
OLDHAM, HACKNEY, GREENWICH, MEDWAY, DEVON_POLICE = "E4204", "E5013", "E5012", "E2201", "E7051"
SHEETS = {
    **{2010 + i: f"RA LA Data {2010 + i}-{11 + i} (1)" for i in range(6)},
    **{2016 + i: f"RA LA Data {2016 + i}-{17 + i}" for i in range(5)},
    2021: "RA_LA_Data_2021-22",
}
TOTAL = "total_service_expenditure"
MAIN = "net_current_expenditure"


@functools.cache
def table():
    return keep(budget.promised(), budget.clean())


@functools.cache
def few():
    """Every row of a few bodies."""
    asked = [REDBRIDGE, LAMBETH, LIVERPOOL, SUNDERLAND, OLDHAM, HACKNEY, GREENWICH, MEDWAY,
             DEVON_POLICE]  # fmt: skip
    return table()[table()["ecode"].isin(asked)].reset_index(drop=True)


@functools.cache
def keyed():
    key = ["ecode", "year", "service", "basis"]
    return few().astype(dict.fromkeys(key, object)).set_index(key, drop=False).sort_index()


def one(ecode, year, service, basis=MAIN):
    return keyed().loc[(ecode, year, service, basis)]


# --- figures read in the originals by hand ---------------------------------------------------


@pytest.mark.parametrize(
    ("ecode", "year", "service", "gbp", "cell"),
    [
        (REDBRIDGE, 2010, "area_based_grant", -16_842_000, "ES359"),
        (REDBRIDGE, 2010, "education", 286_846_000, "J359"),
        (REDBRIDGE, 2010, TOTAL, 463_119_000, "DG359"),
        (REDBRIDGE, 2011, "youth", 5_819_000, "I359"),
        (REDBRIDGE, 2013, "youth", 5_262_000, "I359"),
        (REDBRIDGE, 2021, "community_safety_cctv", 331_000, "DL337"),
        (LAMBETH, 2013, "mental_health_adults", 11_268_000, "AR337"),
        (LAMBETH, 2014, "mental_health_adults", 6_425_000, "AS336"),
        (LAMBETH, 2014, "mental_health_older_people", 10_504_000, "AT336"),
        (LAMBETH, 2016, "street_cleansing", 8_194_000, "DM335"),
        (LAMBETH, 2017, "public_conveniences", -2_825_000, "DC335"),
        (LIVERPOOL, 2016, "open_spaces", 5_000, "CN303"),
        (SUNDERLAND, 2016, "youth", -169_000, "AI315"),
        (OLDHAM, 2012, "hra_income", 27_867_000, "GR297"),
        (HACKNEY, 2020, "libraries", 5_916_000, "CV317"),
        (REDBRIDGE, 2021, TOTAL, 534_897_000, "EX337"),
    ],
)
def test_a_budget_is_the_printed_one(ecode, year, service, gbp, cell):
    row = one(ecode, year, service)
    assert (row["gbp"], row["sheet"], row["cell"]) == (gbp, SHEETS[year], cell)
    assert row["flag"] == "reported"
    assert row["source"] == f"revenue_budget/{year}-{(year + 1) % 100:02d}"


@pytest.mark.parametrize(
    ("year", "service", "basis", "gbp", "sheet", "cell"),
    [
        (2010, "libraries", "capital_charges", 548_000, "RA LA Data 2010-11 (2)", "BA359"),
        (2010, "libraries", "net_total_cost", 6_745_000, "RA LA Data 2010-11 (3)", "BA359"),
        (2011, "cultural", "memorandum_with_frs17", 11_218_000, "RA LA Data 2011-12 (2)", "GB359"),
        (2010, "cultural", "memorandum_pfi_on_balance_sheet", 13_831_000,
         "RA LA Data 2010-11 (3)", "FU359"),
    ],
)  # fmt: skip
def test_another_basis_is_kept_apart(year, service, basis, gbp, sheet, cell):
    row = one(REDBRIDGE, year, service, basis)
    assert (row["gbp"], row["sheet"], row["cell"]) == (gbp, sheet, cell)


@pytest.mark.parametrize(
    ("year", "sheet", "cell", "gbp"),
    [
        (2013, "RA LA Data 2013-14 (2)", "GT359", 15_700_000),  # its banner says "31 Marchl 2014"
        (2015, "RA LA Data 2015-16 (2)", "GR358", 16_839_000),  # a sheet of nothing but reserves
    ],
)
def test_reserves_stand_under_the_day_of_their_banner(year, sheet, cell, gbp):
    row = one(REDBRIDGE, year, "unallocated_reserves_31_march")
    assert (row["gbp"], row["sheet"], row["cell"]) == (gbp, sheet, cell)


@pytest.mark.parametrize(
    ("ecode", "year", "flag"),
    [
        (DEVON_POLICE, 2017, "not_returned"),
        (GREENWICH, 2020, "not_returned"),
        (MEDWAY, 2021, "not_returned"),
        (MEDWAY, 2019, "reported"),
    ],
)
def test_a_body_without_a_return_has_no_figure(ecode, year, flag):
    for service in (TOTAL, "core"):
        expected = "derived" if (service, flag) == ("core", "reported") else flag
        assert one(ecode, year, service)["flag"] == expected
    assert pd.isna(one(ecode, year, TOTAL)["gbp"]) == (flag == "not_returned")


def test_as_many_bodies_made_no_return_as_the_publisher_says():
    totals = table()[(table()["service"] == TOTAL) & (table()["basis"] == MAIN)]
    none = totals[totals["flag"] == "not_returned"].groupby("year").size()
    assert none[none > 0].to_dict() == {2017: 1, 2020: 29, 2021: 6}


# --- what is derived -------------------------------------------------------------------------


def test_core_is_the_total_less_education_police_fire_and_public_health():
    row = one(REDBRIDGE, 2010, "core")
    assert row["gbp"] == (463_119 - 286_846) * 1000  # DG359 − J359; CN359 and CP359 are 0
    assert row["flag"] == "derived"


def test_community_safety_is_its_three_lines():
    parts_of = [one(REDBRIDGE, 2021, s)["gbp"] for s in budget.COMMUNITY_SAFETY]
    assert one(REDBRIDGE, 2021, "community_safety")["gbp"] == sum(parts_of)


def test_social_care_is_printed_to_2011_and_derived_after():
    flags = keyed().xs((REDBRIDGE, "social_care", MAIN), level=["ecode", "service", "basis"])[
        "flag"
    ]
    assert list(flags) == ["reported"] * 2 + ["derived"] * 10


# --- what holds of every sheet ---------------------------------------------------------------

COLUMNS_OFF = {2014: 6, 2017: 25, 2020: 219, 2021: 203}


@pytest.mark.parametrize("year", range(2010, 2022))
def test_the_bodies_add_up_to_england_but_for_the_recorded(year):
    sheets = [a for a in budget.accounts() if a.sheet.source.year == year]
    assert len(tie_out.differences(sheets)) == COLUMNS_OFF.get(year, 0)


def test_every_difference_is_on_record_with_a_reason():
    listed = tie_out.check(budget.accounts())
    assert len(listed) == sum(COLUMNS_OFF.values())
    assert listed["reason"].str.len().gt(20).all()


def test_every_service_line_of_every_body_adds_up_to_its_total():
    assert line_totals.differences(budget.accounts()).empty
    totals = {
        whole.line.service for read in budget.accounts() for whole, _ in line_totals.wholes(read)
    }
    with_parts = set(service_lines("revenue_budget")) - {*budget.WITHOUT_PARTS}
    memorandum_only = {"central_excluding_retirement_benefits"}
    assert totals == with_parts - memorandum_only | {TOTAL, *line_totals.HRA_TOTALS}


def spoilt_sheet(service, change):
    """The first sheet with one figure of its tenth body changed by so much, in £ thousand."""
    read = budget.accounts()[0]
    number = read.sheet.number.copy()
    column = next(c.index for c in read.columns if c.line.service == service)
    number[read.rows[9], column] += change
    return dataclasses.replace(read, sheet=dataclasses.replace(read.sheet, number=number))


def test_a_line_that_does_not_add_up_stops_the_build():
    with pytest.raises(TieOutFailed) as stopped:
        line_totals.check([spoilt_sheet("libraries", 50)])
    assert "BB" in str(stopped.value)
    assert "cultural of" in str(stopped.value)


@pytest.mark.parametrize("year", range(2010, 2022))
def test_every_body_is_in_the_register(year):
    bodies = {
        e for a in budget.accounts() if a.sheet.source.year == year for e in a.bodies.values()
    }
    assert bodies <= set(lookups.council_table().index)
    assert len(bodies) == {2010: 443, 2016: 443, 2017: 446, 2018: 443, 2019: 435, 2020: 431,
                           2021: 425}.get(year, 444)  # fmt: skip


def test_the_budgets_of_2012_13_name_37_police_authorities_that_had_ended():
    gone = table()[(table()["year"] == 2012) & (table()["service"] == TOTAL)]
    assert gone["council"].str.endswith("Police Authority").sum() == 37 * 3  # three bases


def test_columns_beyond_the_last_heading_are_not_laid_out():
    sheet = next(sheets_of(read_sources()["revenue_budget/2020-21"]))
    assert sheet.number.shape[1] == 255


def test_a_sheet_that_names_no_basis_is_refused(monkeypatch):
    read = budget.accounts()[0]
    text = read.sheet.text.copy()
    text[2, 0] = "Cash (£ million)"
    cash = dataclasses.replace(read, sheet=dataclasses.replace(read.sheet, text=text))
    with pytest.raises(UnknownHeading, match=r"bases\.csv"):
        basis_of_sheet(cash)


def test_a_second_block_on_an_unknown_basis_is_refused():
    read = budget.accounts()[0]
    column = next(c for c in read.columns if c.banner.startswith("Net Current"))
    other = dataclasses.replace(column, banner="Net current expenditure on a cash basis")
    assert basis_of(column, read) == "memorandum_main"
    with pytest.raises(UnknownHeading, match="cash basis"):
        basis_of(other, read)


def test_what_was_redrawn_in_2014_cannot_be_compared_across_it():
    for service in ("youth", "mental_health_adults", "learning_disability_adults"):
        assert crossed("revenue_budget", service, 2013, 2014, "severing")
        assert not crossed("revenue_budget", service, 2014, 2021, "severing")
    assert not crossed("revenue_budget", "street_cleansing", 2010, 2021, "severing")


# --- the contract ----------------------------------------------------------------------------


def test_the_table_calls_itself_a_budget():
    promised = budget.promised()
    words = [promised.title, promised.description, promised.columns["gbp"].description,
             promised.metadata["unit"]]  # fmt: skip
    assert all("budget" in w for w in words)


def spoil(column, value, where=0):
    spoilt = few().copy()
    if isinstance(spoilt[column].dtype, pd.CategoricalDtype) and value is not None:
        spoilt[column] = spoilt[column].cat.add_categories(
            [value] if value not in spoilt[column].cat.categories else []
        )
    spoilt.loc[where, column] = value
    return spoilt


def first(**words):
    rows = few()
    for column, word in words.items():
        rows = rows[rows[column] == word]
    return rows.index[0]


@pytest.mark.parametrize(
    ("spoilt", "sentence"),
    [
        (lambda: pd.concat([few(), few().iloc[[5]]], ignore_index=True), "There is one row for"),
        (lambda: spoil("gbp", pd.NA, first(flag="reported")), "`gbp` is empty exactly where"),
        (lambda: spoil("gbp", 5, first(flag="not_returned")), "`gbp` is empty exactly where"),
        (lambda: spoil("gbp", 1, first(flag="zero", year=2019)), "A budget flagged zero is 0"),
        (lambda: spoil("cell", None, first(flag="reported")), "Every printed budget names its"),
        (lambda: spoil("sheet", None, first(flag="zero")), "Every printed budget names its"),
        (lambda: spoil("flag", "guessed", first(flag="reported")), "Every flag is one of those"),
        (lambda: spoil("year", 1910, first(year=2019)), "Years lie between 1950 and 2030"),
        (
            lambda: spoil("gbp", 548_000_000, first(basis="capital_charges", service="libraries")),
            "Net total cost is net current expenditure plus capital charges",
        ),
    ],
)  # fmt: skip
def test_a_broken_rule_is_named(spoilt, sentence):
    keep(budget.promised(), few())
    with pytest.raises(ContractBroken, match=sentence):
        keep(budget.promised(), spoilt())
