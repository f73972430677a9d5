import dataclasses
import functools

import pandas as pd
import pytest
from workbooks import with_text

from coopstats.clean.contracts.contract import keep
from coopstats.clean.families import slices
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.tables import council_housing_stock as stock
from coopstats.clean.tables import housing_waiting_lists as waiting
from coopstats.core.errors import ContractBroken, TieOutFailed, UnknownCouncil, UnreadableSource
from coopstats.register.breaks import severed_years


@functools.cache
def table():
    return keep(waiting.promised(), waiting.clean())


@functools.cache
def printed():
    return waiting.register_of(slices.slice_of(waiting.SOURCE))


@functools.cache
def again():
    return waiting.returned(sheet_of(stock.LAHS))


def one(council, year, item="households"):
    rows = table()
    found = rows[(rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)]
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "cell"),
    [
        ("Lambeth", 2012, "households", 27534, "E2077"),
        ("Lambeth", 2013, "households", 15070, "E2087"),
        ("Oldham", 2010, "households", 6414, "E4558"),
        ("Stevenage", 2014, "households", 3411, "E5368"),
        ("Telford and Wrekin", 2014, "households", 14758, "E5548"),
        ("Durham City", 2009, "households", 2558, "E6092"),
        # one council under two codes, with nought under the one that is not in use
        ("Isles of Scilly", 2005, "households", 70, "E6043"),
        ("Isles of Scilly", 2011, "households", 79, "E5628"),
        ("Lambeth", 2021, "households_returned", 30864, "CC3135"),
        ("Wyre", 2013, "households_returned", 10, "CC488"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, cell):
    row = one(council, year, item)
    assert (row["value"], row["cell"]) == (value, cell)


def test_which_councils_are_there_in_which_year():
    counts = table().groupby(["item", "year"], observed=True)["ecode"].nunique()
    before = dict.fromkeys(range(2000, 2010), 353) | {2003: 350, 2004: 352, 2005: 352}
    after = {2010: 325, 2011: 320} | dict.fromkeys(range(2012, 2018), 326)
    assert counts["households"].to_dict() == before | after
    assert counts["households_returned"].to_dict() == {
        **dict.fromkeys(range(2012, 2020), 326),
        2020: 317,
        2021: 314,
    }


def test_nought_for_a_council_that_did_not_exist_is_no_figure():
    zeros = table()[(table()["flag"] == "zero") & (table()["item"] == "households")]
    assert set(zeros["council"]) == {"Milton Keynes", "Allerdale", "Wyre", "Telford and Wrekin"}
    assert not ((table()["council"] == "Chester") & (table()["year"] > 2009)).any()


def test_a_figure_of_a_council_that_did_not_exist_stops():
    sheet = slices.slice_of(waiting.SOURCE)
    number = sheet.number.copy()
    number[4729, sheet.column(slices.VALUE)] = 12  # E4730, Bedford in 2005
    with pytest.raises(UnknownCouncil, match="prints 12 for E0202 in 2005"):
        waiting.register_of(dataclasses.replace(sheet, number=number))


def test_what_lahs_was_told_of_new_rules_stands_beside_both_figures():
    assert one("Oldham", 2012)["criteria"] == "unchanged"
    assert one("Lambeth", 2021, "households_returned")["criteria"] == "unchanged"
    assert pd.isna(one("Wyre", 2013)["criteria"])
    assert pd.isna(one("Lambeth", 2010)["criteria"])
    told = table()[table()["item"] == "households_returned"].groupby("year")["criteria"]
    changed = told.apply(lambda said: (said == "changed").sum())
    assert [changed[year] for year in (2012, 2013, 2014, 2015, 2016)] == [26, 150, 192, 146, 94]


def test_the_rules_of_2012_sever_the_years_in_which_most_councils_redrew_them():
    assert severed_years("housing_waiting_lists", "households", 2000, 2017) == [2013, 2014, 2015]


def test_a_return_that_repeats_the_last_one_and_a_jump_are_doubted():
    assert one("Telford and Wrekin", 2014)["doubt"] == "unchanged"
    assert "jump" in one("Telford and Wrekin", 2015)["doubt"]
    assert "jump" in one("Sunderland", 2003)["doubt"]
    assert pd.isna(one("Lambeth", 2013)["doubt"])  # the break explains it


def test_england_and_the_returns_are_tied_out_and_a_changed_figure_fails():
    found = waiting.check(printed(), again())
    assert len(found) == 11 + 4
    with pytest.raises(TieOutFailed, match=r"1 figures.*\n.*E33 households: -7"):
        waiting.check(more_in_lambeth(2010), again())
    with pytest.raises(TieOutFailed, match=r"E2077 households: 10"):
        waiting.check(more_in_lambeth(2012), again())


def more_in_lambeth(year):
    here = (printed()["ecode"] == "E5017") & (printed()["year"] == year)
    return printed().assign(number=printed()["number"] + 10 * here)


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed_text(source, row, heading, word):
    sheet = sheet_of(source)
    return with_text(sheet, row, sheet.column(heading), word)


def test_an_answer_that_is_neither_yes_nor_no_stops():
    with pytest.raises(UnreadableSource, match="cell CI2 holds 'perhaps' where Y or N belongs"):
        waiting.criteria(changed_text(stock.LAHS, 1, waiting.CRITERIA, "perhaps"))


def test_an_unknown_code_and_an_unknown_kind_stop():
    with pytest.raises(UnknownCouncil, match="row 2: E06000999"):
        waiting.register_of(changed_text(waiting.SOURCE, 1, slices.AREA, "E06000999"))
    with pytest.raises(
        UnreadableSource, match=r"cell F2 holds 'Total Household'.*Total Households"
    ):
        waiting.register_of(changed_text(waiting.SOURCE, 1, waiting.KIND, "Total Household"))


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("value", -1.0, "Every figure lies within the bounds of its item"),
        ("value", float("nan"), "`value` is empty exactly where `flag` says"),
        ("cell", None, "Every printed figure names its sheet and cell"),
    ],
)
def test_each_rule_of_the_contract_bites(column, value, rule):
    row = (table()["ecode"] == "E5017") & (table()["year"] == 2012)
    wrong = table().assign(**{column: table()[column].mask(row, value)})
    with pytest.raises(ContractBroken, match=rule):
        keep(waiting.promised(), wrong)
