"""The rules find what they should, in figures small enough to see, and in the accounts."""

import statistics

import numpy as np
import pandas as pd
import pytest

import coopstats as cs
from coopstats.clean.build import build
from coopstats.clean.contracts.doubts import (
    COUNT_RULES,
    RULES,
    Series,
    moved_to_neighbour,
    with_doubts,
    with_doubts_of_counts,
)
from coopstats.clean.contracts.misprints import (
    in_wrong_unit,
    swapped_costs,
    undoubted,
    with_doubts_of_kinds,
    with_doubts_of_unit,
)
from coopstats.core.errors import UnknownName
from coopstats.datasets import doubt_words
from coopstats.datasets.load import load
from coopstats.datasets.table import about
from coopstats.reproduce import check
from coopstats.reproduce.method import doubts as method_doubts

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
    said = method_doubts.spread()
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
        "housing_waiting_lists", "adult_care_quality", "reserves", "council_tax", "fly_tipping",
        "household_waste", "council_housing_stock", "printed_totals", "co_operative_accounts",
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
    with pytest.raises(UnknownName, match=r"judge no figure of deprivation\. Choose from"):
        check.doubts("deprivation")


def test_doubts_of_every_basis_are_listed_and_named(built):
    listed = check.doubts("social_care_spending", "Oldham", 2020)
    care = listed[listed["service"] == "adult_social_care"].set_index("which")
    assert care.loc["employees", "doubt"] == "exchanged (running_expenses)"
    assert care.loc["employees", "figure"] == 79_304_000
    reserves = check.doubts("reserves", "Redbridge")
    assert set(reserves["which"]) == {"1 April", "31 March"}


# ── the unit ─────────────────────────────────────────────────────────────────────────────────────

USUAL = [5_000, 5_200, 4_900, 5_100, 5_000, 5_300]
UNITS = [
    (USUAL, []),
    ([*USUAL[:3], 5_100_000, *USUAL[4:]], [3]),
    ([5_000_000, *USUAL[1:]], [0]),
    ([*USUAL[:5], 5_300_000], [5]),
    ([*USUAL[:3], 5_100_000, 5_000_000, 5_300], [3, 4]),  # two years running, as Mid Sussex
    ([*USUAL[:3], 5.1, *USUAL[4:]], [3]),
    ([*USUAL[:3], -5_100_000, *USUAL[4:]], [3]),
    ([*USUAL[:3], 510_000, *USUAL[4:]], []),  # a hundredfold is no unit
    ([*USUAL[:3], 51_000_000, *USUAL[4:]], []),  # nor is ten thousandfold
    ([5_000, 0, 5_000_000, 0, 5_100, 4_900], [2]),  # zero is no level
    ([5_000, 400_000, 5_000_000, 5_200, 5_100, 4_900], []),  # on the way up: no neighbour agrees
    ([5_000, 5_000_000], []),  # nobody can say which is usual
]


@pytest.mark.parametrize(("figures", "odd"), UNITS)
def test_a_figure_a_thousand_times_the_usual_level_is_found(figures, odd):
    rows = table(parks=[1_000 * f for f in figures] + [0] * (6 - len(figures)))
    rows = undoubted(rows.assign(item=pd.Categorical(rows["service"])).drop(columns="service"))
    found = with_doubts_of_unit(rows, "no_such_table", ["ecode", "item", "year"], "gbp", 1e6)
    assert np.flatnonzero(found["doubt"].notna()).tolist() == odd
    assert set(found["doubt"].dropna()) <= {"unit"}
    pd.testing.assert_frame_equal(found.drop(columns="doubt"), rows.drop(columns="doubt"))


def test_small_figures_and_figures_beyond_a_break_are_no_misprints():
    line = np.array([[5.0, 5.2, 5_100.0, 4.9]])
    together, apart = np.zeros((1, 3), dtype=bool), np.ones((1, 3), dtype=bool)
    assert in_wrong_unit(line, together, 1_000).tolist() == [[False, False, True, False]]
    assert not in_wrong_unit(line, together, 10_000).any()
    assert not in_wrong_unit(line, apart, 1_000).any()


def test_rows_in_any_order_give_the_same_doubts():
    rows = table(parks=[5e3, 5e3, 5e6, 5e3, 5e3, 5e3], roads=[9e3, 9e3, 9e3, 9e3, 9e0, 9e3])
    rows = undoubted(rows.assign(service=pd.Categorical(rows["service"])))
    key = ["ecode", "service", "year"]
    judged = with_doubts_of_unit(rows, "no_such_table", key, "gbp", 1e6)
    mixed = rows.sample(frac=1, random_state=5)
    again = with_doubts_of_unit(mixed.reset_index(drop=True), "no_such_table", key, "gbp", 1e6)
    assert judged["doubt"].notna().sum() == 2
    words = judged["doubt"].astype(object).loc[mixed.index]
    assert again["doubt"].astype(object).isna().tolist() == words.isna().tolist()


NAMED_UNITS = [
    ("revenue_budget", "Shropshire", "housing_revenue_account_reserves_1_april", 2017),
    ("revenue_budget", "Derbyshire Police and Crime Commissioner", "depreciation", 2015),
    ("revenue_budget", "Mid Sussex", "council_tax_support_total", 2021),
    ("revenue_outturn", "Coventry", "investment_properties_net_income", 2021),
    ("council_tax", "Sevenoaks", "council_tax_support_total", 2022),
]


@pytest.mark.parametrize(("name", "council", "service", "year"), NAMED_UNITS)
def test_figures_in_the_wrong_unit_that_were_named(built, name, council, service, year):
    rows = load(name, service=service, year=year)
    (doubt,) = rows.loc[rows["council"] == council, "doubt"]
    assert "unit" in doubt.split("; ")


def large_of(name):
    """Figures of £1bn or more over 300 times the body's own median, all years and without zeros."""
    rows = load(name, basis=None)
    rows["size"] = rows["gbp"].astype(float).abs()
    line = ["ecode", "service", "basis"]
    of_all = rows.groupby(line, observed=True)["size"].transform("median")
    of_some = rows[rows["size"] > 0].groupby(line, observed=True)["size"].transform("median")
    large = rows["size"] >= 1e9
    return rows[large & (of_all > 0) & (rows["size"] > 300 * of_all)], rows[
        large & (rows["size"] > 300 * of_some.reindex(rows.index))
    ]


def test_no_thousand_million_over_300_times_the_own_median_is_undoubted(built):
    """As issue 16 counts them: 21 in the budgets, £76bn together."""
    planned, planned_in_years_with_any = large_of("revenue_budget")
    assert (len(planned), round(planned["size"].sum() / 1e9)) == (21, 76)
    _, spent = large_of("revenue_outturn")
    assert len(spent) >= 10
    for rows in (planned, planned_in_years_with_any, spent):
        assert rows.loc[rows["doubt"].isna(), ["council", "year", "service"]].values.tolist() == []


def test_every_table_is_judged_or_says_why_not(built):
    judged = {name for name in build.TABLES if "doubt" in about(name)["columns"]}
    without = set(method_doubts.UNJUDGED)
    assert judged - {"adult_care_quality"} == set(build.TABLES) - without
    for name in judged - {"adult_care_quality"}:
        assert "unit: 200 to 5,000 times" in about(name)["columns"]["doubt"], name
    listed = method_doubts.doubted_everywhere()
    assert len(listed) == len(build.TABLES)
    said = listed["not judged, because"].astype(bool)
    assert (listed["figures"] == "–").tolist() == said.tolist()


# ── kinds of cost ────────────────────────────────────────────────────────────────────────────────

EMPLOYEES, RUNNING = [9, 9.4, 79, 9.8, 10], [88, 90, 36, 92, 97]
KINDS = [
    (EMPLOYEES, RUNNING, [2]),
    ([9, 9.4, 9.8, 10, 79], [88, 90, 92, 97, 36], [4]),  # the last year: two before are around
    ([79, 9, 9.4, 9.8, 10], [36, 88, 90, 92, 97], [0]),
    ([9, 9.4, 79, 9.8, 10], [88, 90, 91, 92, 97], []),  # only one of the two changed
    ([9, 9.4, 40, 9.8, 10], [88, 90, 36, 92, 97], []),  # nearer to its own than to the other's
    ([9, 9.4, 79, 80, 81], [88, 90, 36, 30, 31], []),  # for good: reorganised
    ([1, 1, 50, 12, 12], [100, 100, 2, 10, 10], []),  # the larger one afterwards too
    ([0.09, 0.1, 0.8, 0.1, 0.1], [0.9, 0.9, 0.1, 0.9, 0.9], []),  # under £1m
]


@pytest.mark.parametrize(("one", "other", "odd"), KINDS)
def test_two_kinds_of_cost_in_each_others_place_are_found(one, other, odd):
    one, other = (np.array([v]) * 1e6 for v in (one, other))
    together = np.zeros((1, one.shape[1] - 1), dtype=bool)
    assert np.flatnonzero(swapped_costs(one, other, together)[0]).tolist() == odd
    assert not swapped_costs(one, other, ~together).any()


def test_both_exchanged_figures_are_marked_and_each_names_the_other():
    rows = pd.concat(
        table(care=[1_000 * f for f in [*figures, figures[0]]]).assign(basis=kind)
        for kind, figures in {"employees": EMPLOYEES, "running": RUNNING, "income": RUNNING}.items()
    )
    words = {name: pd.Categorical(rows[name]) for name in ("ecode", "service", "basis")}
    rows = undoubted(rows.reset_index(drop=True).assign(**words))
    found = with_doubts_of_kinds(rows, "no_such_table", [("employees", "running"), ("income",)])
    marked = found.dropna(subset="doubt")
    assert list(marked[["basis", "year", "doubt"]].itertuples(index=False, name=None)) == [
        ("employees", 2012, "exchanged (running)"),
        ("running", 2012, "exchanged (employees)"),
    ]


def test_exchanged_costs_that_were_named(built):
    line = {"service": "adult_social_care", "year": 2020, "ecode": "E4204"}
    doubts = {
        kind: load("social_care_spending", basis=kind, **line)["doubt"].iloc[0]
        for kind in ("employees", "running_expenses")
    }
    assert doubts == {
        "employees": "exchanged (running_expenses)",
        "running_expenses": "exchanged (employees)",
    }


# ── what people read ─────────────────────────────────────────────────────────────────────────────


def test_every_rule_has_a_plain_sentence():
    assert set(doubt_words.SENTENCES) == {*RULES, *COUNT_RULES}
    for code in ("nought", "spike", "moved_to_neighbour"):
        assert code not in " ".join(doubt_words.SENTENCES.values())
    both = "jump; moved_to_neighbour (open_spaces)"
    assert doubt_words.rules_in_words(both) == (
        "sudden jump from one year to the next; probably booked under another heading (open spaces)"
    )
    assert doubt_words.rules_in_words(None) == doubt_words.rules_in_words(float("nan")) == ""


SHROPSHIRE = ("revenue_budget", "Shropshire", 2017, "housing_revenue_account_reserves_1_april")
WORDS = "In doubt, and left as printed: about a thousand times the usual level"


def test_trace_and_cite_say_that_a_figure_is_in_doubt(built):
    traced = cs.trace(*SHROPSHIRE)
    assert traced.figure.value == 7_614_924_000
    assert WORDS in repr(traced)
    assert WORDS in traced._repr_html_()
    assert traced.frame["doubt"].str.startswith("about a thousand times").all()
    cited = traced.cite()
    assert WORDS in repr(cited)
    assert "in doubt: about a thousand times" in cited.csl()[0]["note"]
    sound = cs.trace("revenue_budget", "Shropshire", 2016, SHROPSHIRE[3])
    assert "doubt" not in repr(sound) + repr(sound.cite()) + sound.cite().json()


def test_trace_says_the_doubts_of_both_sides_of_budget_against_outturn(built):
    traced = cs.trace("budget_against_outturn", "Manchester", 2018, "highways")
    doubts = {step.what: step.doubt for step in traced.steps}
    assert "sudden jump" in doubts["outturn"]
    assert doubts["budget"] == ""
    (said,) = traced.doubts
    assert said.startswith("In doubt, and left as printed: outturn: below zero")


def test_a_measure_has_the_doubts_of_its_own_basis(built):
    care = cs.measure("social_care_spending", "adult_social_care", basis="employees")
    assert care.doubts["E4204", 2020] == "exchanged (running_expenses)"
    net = cs.measure("social_care_spending", "adult_social_care")
    assert ("E4204", 2020) not in net.doubts
    assert care.real(2019).between(2018, 2020).doubts == care.doubts
