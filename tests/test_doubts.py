"""The rules find what they should, in figures small enough to see, and in the accounts."""

import statistics

import numpy as np
import pandas as pd
import pytest

from coopstats import check, check_method
from coopstats.clean.doubts import (
    COUNT_RULES,
    RULES,
    Series,
    moved_to_neighbour,
    with_doubts,
    with_doubts_of_counts,
)
from coopstats.errors import UnknownName
from coopstats.load import load

YEARS = range(2010, 2016)


def table(**lines):
    """One council's lines, a figure in £ thousand a year."""
    rows = [
        {"ecode": "E5017", "service": service, "year": year, "gbp": 1000 * figure}
        for service, figures in lines.items()
        for year, figure in zip(YEARS, figures, strict=True)
    ]
    return pd.DataFrame(rows).assign(flag="reported")


def doubts(lines, name="no_such_table"):
    found = with_doubts(lines, name, sorted(set(lines["service"])))
    listed = found.dropna(subset="doubt")
    return {(row.service, row.year): row.doubt for row in listed.itertuples()}


EVEN = [5000, 5100, 5000, 4900, 5000, 5100]


@pytest.mark.parametrize(
    ("rule", "figures", "year"),
    [
        ("sign_change", [400, 410, -120, 400, 390, 400], 2012),
        ("nought", [5000, 5100, 200, 190, 5000, 5100], 2012),
        ("jump", [5000, 5100, 1600, 2000, 4800, 5000], 2012),
        ("spike", [5000, 5100, 8000, 5000, 4900, 5000], 2012),
    ],
)
def test_each_rule_finds_its_kind(rule, figures, year):
    assert rule in doubts(table(parks=figures)).get(("parks", year), "")


def test_an_even_line_raises_no_doubt():
    assert doubts(table(parks=EVEN)) == {}


def test_a_line_moved_to_a_neighbour_names_it():
    parks = [5000, 5100, 2900, 2950, 5000, 5100]
    streets = [7000, 7000, 9200, 9150, 7100, 7000]
    found = doubts(table(parks=parks, streets=streets))
    assert found["parks", 2012] == "moved_to_neighbour (streets)"
    assert found["streets", 2012] == "moved_to_neighbour (parks)"


def test_lines_of_different_councils_in_different_years_are_not_paired():
    figures = {
        "E0": [100, 101, 102],
        "E1": [50_000_000, 50_000_007, 90_000_000],
        "E2": [102, 101, 100],
        "E3": [90_000_000, 50_000_007, 50_000_003],
    }
    rows = [
        {"ecode": ecode, "service": "a", "year": 2010 + at, "gbp": gbp}
        for ecode, line in figures.items()
        for at, gbp in enumerate(line)
    ]
    assert doubts(pd.DataFrame(rows).assign(flag="reported")) == {}


def random_series(seed):
    """Lines of some of many councils, often changed by as much, with gaps and severed years."""
    random = np.random.default_rng(seed)
    councils, services, years = 5, 6, int(random.integers(3, 9))
    kept = np.flatnonzero(random.random(councils * services) < 0.8)
    council, service = np.divmod(kept, services)
    value = np.cumsum(random.integers(-4, 5, (len(kept), years)), axis=1) * 1e6
    value += random.integers(-50_000, 50_000, value.shape)
    value[random.random(value.shape) < 0.1] = np.nan
    severed = random.random((len(kept), years - 1)) < 0.1
    return Series(value, 9 * council, service, severed, [f"line {at}" for at in range(services)])


def neighbour_of(series, row, year):
    """The service that a change moved to, 1 and its number, or 0: asked of one change alone."""
    before = series.value[row, year]
    change, found = series.value[row, year + 1] - before, []
    if not is_large(series, row, year):
        return 0
    for other in range(len(series.value)):
        if other != row and series.council[other] == series.council[row]:
            their = series.value[other, year + 1] - series.value[other, year]
            left = abs(change + their)
            if is_large(series, other, year) and left <= 0.05 * abs(change):
                found.append((left, series.service[other] + 1))
    return min(found)[1] if found else 0


def is_large(series, row, year):
    before, after = series.value[row, year : year + 2]
    known = not (np.isnan(before) or np.isnan(after) or series.severed[row, year])
    return known and abs(after - before) >= max(1e6, 0.3 * abs(before))


@pytest.mark.parametrize("seed", range(12))
def test_moves_are_those_that_are_found_one_by_one(seed):
    series = random_series(seed)
    found = moved_to_neighbour(series)
    lines, years = series.value.shape
    expected = [
        [0, *(neighbour_of(series, row, year) for year in range(years - 1))] for row in range(lines)
    ]
    assert found.tolist() == expected
    assert (found > 0).sum() >= 4


@pytest.mark.parametrize("seed", range(12))
def test_the_usual_level_is_the_median_of_what_is_known(seed):
    series = random_series(seed)
    for line, usual in zip(series.value, series.usual[:, 0], strict=True):
        known = [figure for figure in line.tolist() if figure == figure]
        assert usual == pytest.approx(statistics.median(known)) if known else np.isnan(usual)


def test_of_two_lines_that_make_a_change_the_other_way_the_nearer_is_named():
    parks = [5000, 5100, 2900, 2950, 2900, 2950]
    streets = [7000, 7000, 9290, 9290, 9290, 9290]  # 2,290 more
    roads = [6000, 6000, 8210, 8210, 8210, 8210]  # 2,210 more
    for lines in ({"roads": roads, "streets": streets}, {"astreets": streets, "roads": roads}):
        assert doubts(table(parks=parks, **lines))["parks", 2012] == "moved_to_neighbour (roads)"


def test_two_lines_that_fall_together_have_not_changed_places():
    fell = [5000, 5100, 2900, 2950, 2900, 2950]
    assert not any("moved" in d for d in doubts(table(parks=fell, streets=fell)).values())


def test_small_lines_are_let_be():
    assert doubts(table(parks=[50, 400, 5, 90, 60, 0])) == {}


def test_a_severing_break_is_no_jump():
    fell = [9000, 9000, 9000, 9000, 2000, 2000]
    lines = table(mental_health_adults=fell)
    assert ("mental_health_adults", 2014) in doubts(lines)
    assert doubts(lines, "social_care_spending") == {}


def test_a_doubt_changes_no_figure_and_no_order():
    lines = table(parks=[5000, 5100, 200, 190, 5000, 5100])
    found = with_doubts(lines, "no_such_table", ["parks"])
    pd.testing.assert_frame_equal(found.drop(columns="doubt"), lines)


def test_derived_figures_and_other_lines_are_not_judged():
    lines = table(parks=[5000, 5100, 0, 190, 5000, 5100]).assign(flag="derived")
    assert found_nothing(with_doubts(lines, "no_such_table", ["parks"]))
    assert found_nothing(with_doubts(lines.assign(flag="reported"), "no_such_table", []))


def found_nothing(table):
    return table["doubt"].isna().all()


NAMED = [  # the booking artefacts that reviewers of the accounts have named
    ("revenue_budget", "Lambeth", "street_cleansing", 2017),
    ("revenue_budget", "Lambeth", "street_cleansing", 2019),
    ("revenue_budget", "Lambeth", "public_conveniences", 2017),
    ("children_spending", "Lambeth", "youth", 2017),
    ("revenue_budget", "Liverpool", "open_spaces", 2016),
    ("revenue_budget", "Sunderland", "youth", 2016),
    ("revenue_outturn", "Manchester", "highways", 2010),
    ("revenue_outturn", "Manchester", "highways", 2018),
    ("revenue_outturn", "Oldham", "housing", 2009),  # its other lines: the next test
    ("revenue_outturn", "Oldham", "other", 2009),
]


@pytest.mark.parametrize(("name", "council", "service", "year"), NAMED)
def test_general_rules_find_what_was_named(built, name, council, service, year):
    rows = load(name, service=service, year=year)
    (doubt,) = rows.loc[rows["council"] == council, "doubt"]
    assert isinstance(doubt, str)


def test_what_is_spread_over_many_lines_is_not_found_and_the_method_says_so(built):
    """Oldham in 2009-10: the rules find £2.4m of the £24.1m that its core is above its neighbours.

    RS_2008-09, 2009-10 and 2010-11 print, in £ thousand, social care 94,101, 103,102, 88,670.
    """
    said = check_method.spread()
    assert "Its core is £24.1m above the mean" in said
    assert "Marked are housing +4.8, other −2.4 (£ million)." in said
    assert "Not marked are social care +11.7, central +6.2, cultural +3.8, environm" in said
    assert "£21.7m together" in said


def test_a_reviewer_can_list_them_with_what_they_add(built):
    listed = check.doubts()
    words = listed["doubt"].astype(str).str.replace(r" \(.*?\)", "", regex=True).str.split("; ")
    assert set(words.explode()) == {*RULES, *COUNT_RULES}
    gap = listed["figure"] - listed["around"]
    assert np.allclose(gap.dropna(), listed["difference"].dropna())
    assert set(listed["table"]) == {
        "revenue_outturn", "revenue_budget", "children_spending", "social_care_spending",
        "housing_waiting_lists", "adult_care_quality",
    }  # fmt: skip


def test_counts_are_judged_by_their_own_size_and_a_repeated_figure_is_doubted():
    years = range(2001, 2008)
    table = pd.DataFrame(
        {
            "ecode": pd.Categorical(["E5017"] * 7 + ["E4204"] * 7),
            "item": pd.Categorical(["households"] * 14),
            "year": [*years, *years],
            "value": [2000, 2100, 2100, 600, 2050, 2000, 10, 99, 99, 20, 99, 98, 97, 500],
        }
    )
    found = with_doubts_of_counts(table, "no_such_table").set_index(["ecode", "year"])["doubt"]
    marked = {key: words for key, words in found.items() if isinstance(words, str)}
    assert marked == {
        ("E5017", 2003): "unchanged",
        ("E5017", 2004): "jump; spike",
        ("E5017", 2007): "nought; jump",
    }


def test_years_beyond_a_severing_break_are_not_around(built):
    """Half of the client groups left Lambeth's line in 2014-15: £10.75m would be around it."""
    listed = check.doubts("social_care_spending", "Lambeth", 2014)
    (row,) = listed[listed["service"] == "mental_health_adults"].to_dict("records")
    assert row["figure"] == 2_269_000
    assert np.isnan(row["around"])
    assert np.isnan(row["difference"])


def test_doubts_of_one_table_council_and_year(built):
    every, some = check.doubts(), check.doubts("revenue_outturn", "Oldham", 2009)
    kept = (every["table"] == "revenue_outturn") & (every["council"] == "Oldham")
    assert some.to_csv(index=False) == every[kept & (every["year"] == 2009)].to_csv(index=False)
    with pytest.raises(UnknownName, match=r"judge no figure of council_tax\. Choose from"):
        check.doubts("council_tax")
