import dataclasses
import functools

import pytest

from coopstats import measure
from coopstats.clean.contracts.contract import keep
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.tables import adult_care_quality as care
from coopstats.core.errors import ContractBroken, NotComparable, UnknownCouncil, UnreadableSource
from coopstats.datasets import overview
from coopstats.register import breaks, lookups


@functools.cache
def sheet():
    return sheet_of(care.SOURCE)


@functools.cache
def table():
    return keep(care.promised(), care.clean())


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "cell"),
    [
        ("Rochdale", 2016, "carer_quality_of_life", 8, "I69"),
        ("Lambeth", 2016, "users_finding_information", 66.5, "I1553"),
        ("Oldham", 2022, "short_term_success", 99.1, "I4057"),
        ("Lambeth", 2022, "requests_met", 1040.954334776993, "I5168"),
        ("Rochdale", 2022, "workforce_turnover", 42.6631652, "I6256"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, cell):
    rows = table()
    found = rows[(rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)]
    assert list(found["value"]) == [value]
    assert found["cell"].iloc[0] == cell


def test_each_measure_has_its_own_years():
    years = table().groupby("item", observed=True)["year"].unique().map(sorted).to_dict()
    assert years == {
        "carer_quality_of_life": [2016, 2018, 2021],
        "quality_of_life": [2016, 2017, 2018, 2019, 2021, 2022],
        "users_finding_information": [2015, 2016, 2017, 2018, 2019, 2021, 2022],
        "carers_finding_information": [2016, 2018, 2021],
        "short_term_success": list(range(2015, 2023)),
        "requests_met": list(range(2015, 2023)),
        "workforce_turnover": list(range(2016, 2023)),
    }
    counts = table()[table()["item"] == "requests_met"].groupby("year")["ecode"].nunique()
    assert set(counts) == {151, 152}
    assert set(table()["council_class"]) == {"L", "MD", "UA", "SC"}


def test_a_blank_is_missing_and_a_score_of_0_stays_as_printed_in_doubt():
    rows = table().set_index(["council", "year", "item"])
    assert rows.loc[("Hackney", 2021, "requests_met"), "flag"] == "missing"
    void = table()[table()["cell"].isin(["I938", "I961", "I962", "I992", "I1014"])]
    assert set(void["council"]) == {
        "Wokingham", "City of London", "Kent", "Isles of Scilly", "Trafford",
    }  # fmt: skip
    assert set(void["flag"]) == {"zero"}
    assert (void["value"] == 0).all()
    assert set(table()[table()["doubt"].notna()]["cell"]) == set(void["cell"])
    assert rows.loc[("Isles of Scilly", 2016, "short_term_success"), "flag"] == "zero"
    assert (table()["flag"] == "missing").sum() == 298


def test_all_councils_doubled_at_once_and_the_break_says_by_how_much():
    middle = table()[table()["item"] == "requests_met"].groupby("year")["value"].median()
    (found,) = [b for b in breaks.breaks_of(care.TABLE, "requests_met") if b.grade == "severing"]
    assert found.first_year == 2016
    for year in (2015, 2016):
        assert f"{middle[year]:,.0f} in" in found.size
    assert middle.loc[2017:].between(0.9 * middle[2016], 1.1 * middle[2016]).all()


def test_every_other_jump_is_noted_with_its_two_figures():
    jumped = {(e, y + 1) for e, y in care.jumps(table()).index if y > 2015}
    listed = breaks.breaks_of(care.TABLE, "requests_met", set(lookups.council_table().index))
    assert {(b.ecode, b.first_year) for b in listed} == jumped
    rows = table()[table()["item"] == "requests_met"].set_index(["ecode", "year"])["value"]
    for b in listed:
        for year in (b.first_year - 1, b.first_year):
            assert f"{rows[b.ecode, year]:,.0f} in" in b.sentence


@pytest.mark.usefixtures("built")
def test_it_is_post_period_only_and_its_break_is_refused():
    assert overview.years_before(care.TABLE) == 0
    taken = measure(care.TABLE, item="requests_met").where(council="Lambeth")
    with pytest.raises(NotComparable, match="post period only"):
        taken.before_and_after(2011)
    with pytest.raises(NotComparable, match="twice as many in 2016-17"):
        taken.change(2015, 2022)
    assert len(taken.change(2016, 2022).frame) == 1


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def printed_otherwise(monkeypatch):
    """Puts another word into one cell of the file."""

    def change(row, column, word):
        text = sheet().text.copy()
        text[row, column] = word
        other = dataclasses.replace(sheet(), text=text)
        monkeypatch.setattr(care, "sheet_of", lambda _: other)

    return change


@pytest.mark.parametrize(
    ("column", "word", "problem", "said"),
    [
        (0, "2016", UnreadableSource, "A69 holds '2016' where a financial year belongs"),
        (2, "Rochester", UnknownCouncil, "row 69: E08000005 'Rochester'"),
        (7, "ASC9", UnreadableSource, "H69 holds 'ASC9', which is no measure known here"),
        (8, "n.a.", UnreadableSource, "I69 holds 'n.a.' where a figure belongs"),
    ],
)
def test_what_is_not_known_stops(printed_otherwise, column, word, problem, said):
    printed_otherwise(68, column, word)
    with pytest.raises(problem, match=said):
        care.clean()


@pytest.mark.parametrize(
    ("item", "value", "sentence"),
    [
        ("short_term_success", 101, "Every figure lies within the bounds of its item"),
        ("quality_of_life", 0, "A score of quality of life that is 0 is in doubt"),
    ],
)
def test_a_broken_rule_is_told(item, value, sentence):
    wrong = table().copy()
    wrong.loc[wrong.index[(wrong["item"] == item) & wrong["value"].notna()][0], "value"] = value
    with pytest.raises(ContractBroken, match=sentence):
        keep(care.promised(), wrong)
