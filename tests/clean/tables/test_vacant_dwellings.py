import dataclasses
import functools

import numpy as np
import pandas as pd
import pytest
from workbooks import with_text

from coopstats.clean.contracts.contract import keep
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.tables import vacant_dwellings as vacant
from coopstats.core.errors import ContractBroken, TieOutFailed, UnknownCouncil, UnreadableSource

NAMES = {item: name for name, item in vacant.SHEETS.items()}


@functools.cache
def table():
    return keep(vacant.promised(), vacant.clean())


def sheet(item="vacant"):
    return sheet_of(vacant.SOURCE, NAMES[item])


def one(council, year, item):
    rows = table()
    found = rows[(rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)]
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "cell"),
    [
        ("Lambeth", 2010, "vacant", 4290, "M451"),
        ("Lambeth", 2004, "long_term_vacant", 1958, "G451"),
        ("Oldham", 2010, "council_vacant", 638, "M384"),
        ("Oldham", 2011, "council_vacant", 313, "N384"),
        ("Rochdale", 2012, "council_vacant", 0, "O385"),
        ("Telford and Wrekin", 2015, "housing_association_vacant", 360, "R59"),
        ("Telford and Wrekin", 2012, "other_public_vacant", 26, "O59"),
        ("Stevenage", 2008, "vacant", 685, "K200"),
        # its new ONS code is the county's as well, which its old one settles
        ("Durham City", 2009, "council_vacant", 102, "L145"),
        # one council in two rows
        ("Isles of Scilly", 2008, "vacant", 6, "K104"),
        ("Isles of Scilly", 2009, "vacant", 9, "L32"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, cell):
    row = one(council, year, item)
    assert (row["value"], row["sheet"], row["cell"]) == (value, NAMES[item], cell)


def test_which_councils_are_there_in_which_year():
    counts = table().groupby(["item", "year"], observed=True)["ecode"].nunique()
    districts, unitaries = 354, 326
    october = {y: districts if y < 2009 else unitaries for y in range(2004, 2016)}
    april = {y: districts if y < 2010 else unitaries for y in range(2004, 2016)}
    assert counts["vacant"].to_dict() == october
    assert counts["council_vacant"].to_dict() == april
    long_term = {y: n for y, n in april.items() if y > 2004}  # not counted in 2004
    assert counts["housing_association_long_term_vacant"].to_dict() == long_term


def test_what_was_not_reported_is_not_nought():
    lewisham = one("Lewisham", 2010, "council_vacant")
    assert lewisham["flag"] == "not_returned"
    assert np.isnan(lewisham["value"])
    assert one("Isle of Wight", 2009, "other_public_vacant")["flag"] == "missing"
    assert one("Isle of Wight", 2008, "council_vacant")["flag"] == "zero"


def test_councils_own_are_the_same_in_both_publications():
    both = vacant.side_by_side(table(), vacant.ITEMS)[
        ["council_vacant", "council_vacant_returned"]
    ].dropna()
    assert len(both) == 326 * 4
    assert (both.iloc[:, 0] == both.iloc[:, 1]).all()


def test_every_printed_total_is_tied_out_and_a_changed_figure_fails():
    sheets = {item: sheet(item) for item in NAMES}
    totals = sum(
        (~np.isnan(one.number[[*vacant._totals(one)], 6:])).sum() for one in sheets.values()
    )
    assert totals == 2973  # England, four classes, 34 counties, six metropolitan counties
    assert len(vacant.check_totals(sheets)) == 4
    number = sheet().number.copy()
    number[450, 12] += 1  # M451, Lambeth 2010
    sheets["vacant"] = dataclasses.replace(sheet(), number=number)
    with pytest.raises(TieOutFailed, match=r"M428 vacant: -1|M8 vacant: -1"):
        vacant.check_totals(sheets)


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed_text(row, column, word):
    return with_text(sheet(), row, column, word)


def test_a_name_that_is_not_its_codes_stops():
    with pytest.raises(UnknownCouncil, match=r"row 451: 00AY 'Lambert'.*Lambeth"):
        vacant.councils(changed_text(450, 5, "Lambert"))


def test_a_new_code_of_another_council_stops():
    with pytest.raises(UnknownCouncil, match=r"cell D451: 'E09000023' is no code of 'Lambeth'"):
        vacant.councils(changed_text(450, 3, "E09000023"))


def test_a_heading_that_is_no_year_stops():
    headings = ["2010-11" if h == "2010" else h for h in sheet().headings]
    renamed = dataclasses.replace(sheet(), headings=headings)
    with pytest.raises(UnreadableSource, match="M6 holds '2010-11' where a year belongs"):
        vacant.figures(renamed, "vacant")


def test_a_sheet_without_england_stops():
    with pytest.raises(UnreadableSource, match="'All vacants': no row ENGLAND"):
        vacant._totals(changed_text(7, 0, "Britain"))


def test_a_figure_of_a_council_that_did_not_exist_stops():
    number = sheet().number.copy()
    number[12, 6] = 5.0  # Bedford, a unitary authority since 2009, in 2004
    with pytest.raises(UnknownCouncil, match=r"prints 5 for E0202 in 2004.*did not exist"):
        vacant.figures(dataclasses.replace(sheet(), number=number), "vacant")


@pytest.mark.parametrize(
    ("item", "value", "rule"),
    [
        ("council_vacant", 1.0, "What table 615 prints of councils is what they returned"),
        ("long_term_vacant", 99999.0, "Long-term vacants are no more than all vacants"),
        ("vacant", -1.0, "Every figure lies within the bounds of its item"),
    ],
)
def test_each_rule_of_the_contract_bites(item, value, rule):
    row = (table()["item"] == item) & (table()["ecode"] == "E5017") & (table()["year"] == 2012)
    wrong = table().assign(value=table()["value"].mask(row, value))
    with pytest.raises(ContractBroken, match=rule):
        keep(vacant.promised(), wrong)


def test_two_rows_of_a_council_and_year_break_the_contract():
    twice = pd.concat([table(), table().iloc[:1]], ignore_index=True)
    with pytest.raises(ContractBroken, match="There is one row for each ecode, item, year"):
        keep(vacant.promised(), twice.astype(table().dtypes.to_dict()))
