import functools

import pandas as pd
import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.families import fingertips
from coopstats.clean.tables import alcohol_admissions as alcohol
from coopstats.core.errors import ContractBroken, TieOutFailed

ADMISSIONS, DEATHS = "alcohol_admission_rate", "alcohol_mortality_rate"


@functools.cache
def table():
    return keep(alcohol.promised(), alcohol.clean())


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "cell"),
    [
        ("Stevenage", 2008, ADMISSIONS, 316, "D267"),
        ("Stevenage", 2009, ADMISSIONS, 477, "D594"),
        ("Oldham", 2010, ADMISSIONS, 701, "D925"),
        ("Lambeth", 2010, ADMISSIONS, 591, "D981"),
        ("Carlisle", 2012, ADMISSIONS, 665, "D1386"),
        ("Telford and Wrekin", 2008, DEATHS, 53.7, "D32"),
        ("Lambeth", 2010, DEATHS, 41, "D981"),
        ("Rochdale", 2017, DEATHS, 53.2, "D3215"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, cell):
    rows = table()
    (found,) = rows[
        (rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)
    ].itertuples()
    assert (found.value, found.cell) == (value, cell)
    kind = {ADMISSIONS: "admissions", DEATHS: "mortality"}[item]
    assert (found.source, found.sheet) == (
        f"alcohol_{kind}/2008-2017",
        f"alcohol_related_{kind}.csv",
    )


def test_every_council_of_2018_stands_in_every_year():
    stand = table().groupby(["item", "year"], observed=True)["ecode"].nunique()
    assert list(stand.index.get_level_values("year")) == [*range(2008, 2018)] * 2
    assert set(stand) == {326}


def test_no_figure_is_missing_but_of_the_two_smallest_and_one_year_of_nottinghamshire():
    missing = table()[table()["value"].isna()]
    tiny = missing["council"].isin(["City of London", "Isles of Scilly"])
    assert tiny.sum() == 2 * 10 * 2
    others = missing[~tiny]
    assert set(zip(others["year"], others["item"], strict=True)) == {(2016, ADMISSIONS)}
    assert set(others["council"]) == {
        "Ashfield", "Broxtowe", "Erewash", "Gedling", "Newark and Sherwood", "Nottingham",
        "Rushcliffe",
    }  # fmt: skip
    assert set(missing["flag"]) == {"missing"}


def test_england_differs_from_the_edition_of_2015_in_the_six_years_on_record_and_no_other_way():
    extract = alcohol.EXTRACTS[0]
    printed = fingertips.wholes(extract)
    differ = fingertips.check_editions(extract, printed)
    assert sorted(differ["difference"]) == [-9.07, -8.92, -8.63, -7.81, -6.85, -5.13]
    moved = printed.assign(number=printed["number"].where(printed["year"] != 2010, 644))
    with pytest.raises(TieOutFailed, match=r"alcohol_admission_rate: -7\.920, recorded -8\.920"):
        fingertips.check_editions(extract, moved)


@pytest.mark.parametrize(
    ("sentence", "column", "value"),
    [
        ("Every figure lies within the bounds of its item", "value", -1),
        ("`value` is empty exactly where", "value", None),
        ("Every item is one of those", "item", "alcohol"),
        ("Every flag is one of those", "flag", "guessed"),
    ],
)
def test_each_rule_of_the_contract_can_be_broken(sentence, column, value):
    wrong = table()[table()["value"].notna()].head(50).copy()
    kind = wrong[column].dtype
    wrong[column] = wrong[column].astype(object)
    wrong.loc[wrong.index[0], column] = value
    wrong[column] = wrong[column].astype("category" if str(kind) == "category" else kind)
    with pytest.raises(ContractBroken, match=sentence):
        keep(alcohol.promised(), wrong)
    assert isinstance(keep(alcohol.promised(), table().head(50)), pd.DataFrame)
