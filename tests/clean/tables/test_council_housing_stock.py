import dataclasses
import functools

import pytest
from workbooks import with_text

from coopstats.clean.contracts.contract import keep
from coopstats.clean.families import slices
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.tables import council_housing_stock as stock
from coopstats.core.errors import ContractBroken, TieOutFailed, UnknownCouncil, UnreadableSource

BY_TENURE, LAHS = stock.BY_TENURE, stock.LAHS


@functools.cache
def table():
    return keep(stock.promised(), stock.clean())


def one(council, year, item):
    rows = table()
    found = rows[(rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)]
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "source", "cell"),
    [
        # the two transfers that the articles tell of
        ("Oldham", 2010, "council_dwellings", 13799, BY_TENURE, "E9560"),
        ("Oldham", 2011, "council_dwellings", 1782, BY_TENURE, "E9566"),
        ("Rochdale", 2011, "council_dwellings", 13709, BY_TENURE, "E3927"),
        ("Rochdale", 2012, "council_dwellings", 10, BY_TENURE, "E3914"),
        ("Rochdale", 2012, "council_dwellings_returned", 5, LAHS, "M263"),
        ("Oldham", 2021, "council_dwellings_returned", 2098, LAHS, "M2959"),
        # one council under two codes
        ("Stevenage", 2010, "council_dwellings", 8303, BY_TENURE, "E12113"),
        ("Stevenage", 2014, "council_dwellings", 8130, BY_TENURE, "E11133"),
        ("Stevenage", 2012, "dwellings_owned", 8271, LAHS, "O135"),
        # changes are of the financial year that LAHS prints
        ("Stevenage", 2019, "new_builds", 30, LAHS, "W2789"),
        ("Birmingham", 2012, "demolitions", 216, LAHS, "T609"),
        ("Lambeth", 2016, "all_dwellings", 137610, BY_TENURE, "E4441"),
        ("Telford and Wrekin", 2010, "housing_association_dwellings", 13531, BY_TENURE, "E11464"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, source, cell):
    row = one(council, year, item)
    assert (row["value"], row["source"], row["cell"]) == (value, source, cell)


def test_which_councils_are_there_in_which_year():
    counts = table().groupby(["item", "year"], observed=True)["ecode"].nunique()
    assert counts["all_dwellings"].to_dict() == dict.fromkeys(range(2010, 2017), 326)
    assert counts["council_dwellings"].to_dict() == {
        2010: 325,
        2011: 320,
        **dict.fromkeys(range(2012, 2017), 326),
    }
    returned = {**dict.fromkeys(range(2012, 2020), 326), 2020: 317, 2021: 314}
    assert counts["council_dwellings_returned"].to_dict() == returned
    changes = {year - 1: councils for year, councils in returned.items()}
    assert counts["demolitions"].to_dict() == changes


def test_what_a_council_did_not_return_is_missing_and_not_nought():
    rochdale = one("Rochdale", 2019, "demolitions")
    assert (rochdale["flag"], str(rochdale["value"])) == ("missing", "nan")
    assert one("Rochdale", 2016, "demolitions")["flag"] == "zero"


def test_the_two_publications_agree_in_every_council_and_year_they_share():
    wide = stock.side_by_side(table(), stock.ITEMS)
    both = wide[["council_dwellings", "council_dwellings_returned"]].loc[:, 2012:2016, :].dropna()
    apart = (both.iloc[:, 0] - both.iloc[:, 1]).abs()
    assert len(both) == 326 * 5
    assert apart.max() == stock.ROUNDED_APART


def by_tenure():
    return slices.figures(slices.slice_of(BY_TENURE), stock.TENURE, stock.TENURES)


def test_the_printed_totals_are_tied_out_and_a_changed_figure_fails():
    printed = slices.totals(slices.slice_of(BY_TENURE), stock.TENURE, stock.TENURES)
    assert len(printed) == 860  # England, 27 counties, 6 metropolitan counties
    assert len(stock.check_totals(by_tenure())) == 6
    changed = by_tenure()
    row = (changed["ecode"] == "E4204") & (changed["year"] == 2012)
    row &= changed["item"] == "council_dwellings"
    changed.loc[row, "number"] += 600
    with pytest.raises(TieOutFailed, match=r"council_dwellings: -"):
        stock.check_totals(changed)


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed_text(source, row, heading, word):
    sheet = sheet_of(source)
    return with_text(sheet, row, sheet.column(heading), word)


def test_a_tenure_that_is_not_known_stops_with_the_nearest():
    strange = changed_text(BY_TENURE, 1, stock.TENURE, "Other Public Sectors")
    with pytest.raises(UnreadableSource, match=r"cell F2 holds.*Other Public Sector\b"):
        slices.figures(strange, stock.TENURE, stock.TENURES)


def test_a_year_that_is_none_stops():
    strange = changed_text(BY_TENURE, 1, slices.YEAR, "2013-14")
    with pytest.raises(UnreadableSource, match="cell B2 holds '2013-14' where a year belongs"):
        slices.figures(strange, stock.TENURE, stock.TENURES)
    with pytest.raises(UnreadableSource, match="cell L2 holds '2011' where a financial year"):
        stock.returned(changed_text(LAHS, 1, "Year", "2011"))


def test_an_unknown_code_or_name_stops():
    strange = changed_text(BY_TENURE, 1, slices.AREA, "E06000999")
    with pytest.raises(UnknownCouncil, match=r"row 2: E06000999"):
        slices.figures(strange, stock.TENURE, stock.TENURES)
    with pytest.raises(UnknownCouncil, match=r"row 2: E06000001 'Hartlepol'.*Hartlepool"):
        stock.returned(changed_text(LAHS, 1, "LA_NAME", "Hartlepol"))


def test_a_question_that_is_gone_stops():
    sheet = sheet_of(LAHS)
    renamed = [f"{h}_new" if h == "a1a" else h for h in sheet.headings]
    with pytest.raises(UnreadableSource, match="none of the headings a1a is there"):
        stock.returned(dataclasses.replace(sheet, headings=renamed))


@pytest.mark.parametrize(
    ("item", "by", "rule"),
    [
        ("all_dwellings", 100, "The four kinds of owner make all dwellings"),
        ("council_dwellings", 10, "What is printed by tenure from 2012 on is what councils"),
        ("demolitions", -99999, "Every figure lies within the bounds of its item"),
    ],
)
def test_each_rule_of_the_contract_bites(item, by, rule):
    wrong = table().copy()
    row = (wrong["item"] == item) & (wrong["ecode"] == "E5017") & (wrong["year"] == 2012)
    wrong.loc[row, "value"] += by
    with pytest.raises(ContractBroken, match=rule):
        keep(stock.promised(), wrong)
