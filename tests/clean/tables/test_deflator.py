import functools

import numpy as np
import pandas as pd
import pytest

from coopstats.clean.contracts import corrections
from coopstats.clean.contracts.contract import keep
from coopstats.clean.sheets.sheet import sheets_of
from coopstats.clean.tables import deflator
from coopstats.core.errors import ContractBroken, StaleCorrection, UnreadableSource
from coopstats.core.sources import read_sources


@functools.cache
def table():
    return keep(deflator.promised(), deflator.clean())


def row(index, year):
    return table().set_index(["index", "year"]).loc[(index, year)]


@pytest.mark.parametrize(
    ("year", "value", "cell"),
    [
        (1955, 3.3121, "A2"),
        (2007, 67.3302, "A54"),
        (2010, 72.0427, "A57"),
        (2019, 84.227, "A66"),
        (2020, 88.7463, "A67"),
        (2021, 88.2278, "A68"),
        (2023, 100, "A70"),
    ],
)
def test_gdp_deflator_is_as_printed(year, value, cell):
    found = row("gdp", year)
    assert found["value"] == pytest.approx(value, abs=5e-9)
    assert (found["source"], found["sheet"], found["cell"], found["flag"], found["base"]) == (
        "deflator/1955-2029",
        "gdp_deflator.dta",
        cell,
        "reported",
        "2023-24 = 100",
    )


def test_the_fall_of_2021_is_kept_as_published():
    assert row("gdp", 2021)["value"] < row("gdp", 2020)["value"]


def test_years_not_yet_known_are_missing():
    after = table()[(table()["index"] == "gdp") & (table()["year"] > 2023)]
    assert list(after["year"]) == [2024, 2025, 2026, 2027, 2028, 2029]
    assert (after["flag"] == "missing").all()
    assert after["value"].isna().all()


@pytest.mark.parametrize(
    ("year", "quarters"),
    [
        (2010, {"2010 Q2": 90.0, "2010 Q3": 90.3, "2010 Q4": 91.1, "2011 Q1": 92.2}),
        (2021, {"2021 Q2": 110.9, "2021 Q3": 112.0, "2021 Q4": 114.1, "2022 Q1": 115.5}),
    ],
)
def test_cpih_of_a_financial_year_is_the_mean_of_its_four_quarters(year, quarters):
    sheet = next(sheets_of(read_sources()[deflator.CPIH]))
    printed = dict(zip(sheet.text[:, 0], sheet.text[:, 1], strict=True))
    assert {quarter: float(printed[quarter]) for quarter in quarters} == quarters
    found = row("cpih", year)
    assert found["value"] == pytest.approx(sum(quarters.values()) / 4)
    assert (found["flag"], found["base"]) == ("derived", "2015 = 100")
    assert pd.isna(found["cell"])


def test_a_financial_year_with_a_quarter_not_printed_is_missing():
    # the series was released in March 2023 and begins with 1988 Q1
    assert row("cpih", 2022)["flag"] == "missing"
    assert row("cpih", 1987)["flag"] == "missing"
    cpih = table()[table()["index"] == "cpih"]
    assert list(cpih[cpih["value"].isna()]["year"]) == [1987, 2022]


def test_the_two_indices_tell_the_same_decade():
    grown = [row(index, 2019)["value"] / row(index, 2010)["value"] for index in ("gdp", "cpih")]
    assert grown[0] == pytest.approx(1.169, abs=0.001)
    assert grown[1] == pytest.approx(grown[0], abs=0.04)


def test_a_correction_of_what_is_no_longer_printed_stops_the_build(one_correction):
    one_correction("deflator/1988-2022", "CPIH_L522.csv", "C2", "-1", "1")
    with pytest.raises(StaleCorrection, match="deflator/1988-2022"):
        corrections.check()


@pytest.mark.parametrize(
    ("sentence", "spoil"),
    [
        ("`value` is empty exactly", lambda t: t.assign(flag="missing")),
        (
            "Each index has every year",
            lambda t: t[~((t["index"] == "gdp") & (t["year"] == 1990))].reset_index(drop=True),
        ),
        ("The GDP deflator is 100", lambda t: t.assign(value=t["value"] * 1.01)),
        ("A price index is above zero", lambda t: t.assign(value=-t["value"])),
        ("The index is gdp or cpih", lambda t: t.assign(index="rpi")),
        ("There is one row for each index, year", lambda t: pd.concat([t, t[:1]])),
        ("Every flag is one of those", lambda t: t.assign(flag="guessed")),
        ("Years lie between", lambda t: t.assign(year=(t["year"] + 50).astype("int16"))),
    ],
)
def test_each_rule_of_the_contract_can_be_broken(sentence, spoil):
    spoilt = spoil(table().copy()).reset_index(drop=True)
    words = spoilt.select_dtypes(["object", "str"]).columns
    spoilt = spoilt.astype(dict.fromkeys(words, "category"))
    with pytest.raises(ContractBroken, match=sentence):
        keep(deflator.promised(), spoilt)


def of_gdp(cell):
    sheet = next(sheets_of(read_sources()[deflator.GDP]))
    sheet.text[57 - 1, 0] = cell
    return sheet


def test_a_figure_spoilt_into_words_is_refused_with_its_cell():
    with pytest.raises(UnreadableSource, match=r"gdp_deflator\.dta.*cell A57 holds '72,04'"):
        deflator.printed_years(of_gdp("72,04"))


def test_a_blank_year_is_missing_not_zero():
    years = deflator.printed_years(of_gdp(None)).set_index("year")
    assert np.isnan(years.loc[2010, "number"])
    assert years.loc[2010, "flag"] == "missing"


def test_a_cpih_file_without_quarters_is_refused():
    sheet = next(sheets_of(read_sources()[deflator.CPIH]))
    sheet.text[:, 0] = "2015 JAN"
    with pytest.raises(UnreadableSource, match="no row is labelled as a quarter"):
        deflator.printed_quarters(sheet)
