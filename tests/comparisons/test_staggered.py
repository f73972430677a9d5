"""Second opinions: the published answers of mpdta, and the known faults of libraries avoided."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coopstats.comparisons import staggered
from coopstats.comparisons.comparison import compare
from coopstats.comparisons.staggered import long_frame, second_opinion
from coopstats.comparisons.treated import supposed
from coopstats.core.errors import NotComparable, UnknownName
from coopstats.measures.of_table import measure

ROOT = Path(__file__).resolve().parents[2]
FIGURES = Path(__file__).parents[1] / "figures"

# Callaway and Sant'Anna (2021), by R's did: first treated, year, gap, never-treated controls.
PUBLISHED = [
    (2004, 2004, -0.0105032), (2004, 2005, -0.0704232), (2004, 2006, -0.1372587),
    (2004, 2007, -0.1008114), (2006, 2004, 0.0065201), (2006, 2005, -0.0027508),
    (2006, 2006, -0.0045946), (2006, 2007, -0.0412245), (2007, 2004, 0.0305067),
    (2007, 2005, -0.0027259), (2007, 2006, -0.0310871), (2007, 2007, -0.0260544),
]  # fmt: skip


@pytest.fixture(scope="module")
def employment():
    wide = pd.read_csv(FIGURES / "mpdta.csv").rename(
        columns={"county": "unit", "first_treat": "first_year"}
    )
    long = wide.melt(["unit", "first_year"], var_name="year", value_name="value")
    return long.astype({"year": int})


@pytest.fixture(scope="module")
def opinion(employment):
    return second_opinion(employment)


def test_callaway_and_sant_anna_s_answer(opinion):
    assert opinion.gap == pytest.approx(-0.0399512752, abs=1e-9)
    assert opinion.error == pytest.approx(0.0120340128, abs=1e-9)


def test_by_group_and_by_event_year(opinion):
    sizes = {2004: 20, 2006: 40, 2007: 131}
    by_group = dict(zip(opinion.by_group["label"], opinion.by_group["att"], strict=True))
    group = sum(by_group[year] * size for year, size in sizes.items()) / sum(sizes.values())
    assert group == pytest.approx(-0.0310182822, abs=1e-9)
    after = opinion.by_event[opinion.by_event["event_year"] >= 0]
    assert after["gap"].mean() == pytest.approx(-0.0772398215, abs=1e-9)


@pytest.mark.parametrize(("first", "year", "gap"), PUBLISHED)
def test_every_group_and_year(employment, opinion, first, year, gap):
    """Of the library, and by hand: mean change since the last year before, less the controls'."""
    wide = employment.pivot(index=["unit", "first_year"], columns="year", values="value")
    base = first - 1 if year >= first else year - 1
    change = (wide[year] - wide[base]).groupby("first_year").mean()
    assert change[first] - change[0] == pytest.approx(gap, abs=1e-7)
    by = opinion.by_group_and_year.set_index(["first_year", "year"])["gap"]
    assert by[first, year] == pytest.approx(gap, abs=1e-7)
    assert len(by) == len(PUBLISHED)


def test_not_yet_treated_controls(employment):
    found = second_opinion(employment, controls="not_yet_treated")
    assert found.gap == pytest.approx(-0.0397636256, abs=1e-9)


def test_sun_and_abraham_agree_on_the_whole(employment):
    assert second_opinion(employment, "sun_abraham").gap == pytest.approx(-0.0399512752, abs=1e-9)


def test_imputation_is_what_is_left_of_the_treated_when_two_way_effects_are_taken_off(employment):
    """By hand: effects of units and years from untreated rows alone."""
    rows = employment.assign(
        treated=(employment["first_year"] > 0) & (employment["year"] >= employment["first_year"])
    )
    free = rows[~rows["treated"]]
    dummies = pd.get_dummies(free[["unit", "year"]].astype(str), dtype=float)
    effects = np.linalg.lstsq(dummies.to_numpy(), free["value"].to_numpy(), rcond=None)[0]
    named = dict(zip(dummies.columns, effects, strict=True))
    left = [
        row.value - named[f"unit_{row.unit}"] - named[f"year_{row.year}"]
        for row in rows[rows["treated"]].itertuples()
    ]
    assert second_opinion(employment, "imputation").gap == pytest.approx(np.mean(left), abs=1e-8)


def test_the_parts_of_goodman_and_bacon_make_the_two_way_estimate(employment):
    found = second_opinion(employment, "goodman_bacon")
    weights, parts = found.by_group["weight"], found.by_group["estimate"]
    assert weights.sum() == pytest.approx(1, abs=1e-9)
    assert (weights * parts).sum() == pytest.approx(found.gap, abs=1e-9)


def test_a_poisson_event_study_finds_a_ratio_that_was_put_in():
    rng = np.random.default_rng(3)
    rows = pd.MultiIndex.from_product([range(120), range(2005, 2016)], names=["unit", "year"])
    frame = rows.to_frame(index=False)
    frame["first_year"] = np.where(frame["unit"] < 30, 2010, 0)
    frame["people"] = 50_000 + 1000 * frame["unit"]
    treated = (frame["first_year"] > 0) & (frame["year"] >= 2010)
    expected = frame["people"] / 100 * np.where(treated, 1.2, 1.0)
    frame["value"] = rng.poisson(expected).astype(float)
    found = second_opinion(frame, "poisson")
    assert found.gap == pytest.approx(np.log(1.2), abs=0.03)
    before = found.by_event[found.by_event["event_year"] < 0]
    assert list(before["event_year"]) == [-5, -4, -3, -2]
    assert np.abs(before["gap"]).max() < 0.08


# ── beside a comparison ──────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def york():
    """A pilot that ran for a part of 2014-15, on a line that is none of its own."""
    return compare(measure("revenue_outturn", "highways"), "explore-york")


@pytest.mark.parametrize("name", ["imputation", "goodman_bacon"])
def test_a_second_opinion_is_of_the_years_compared(york, name):
    """For one start both are the gap beside equal weights, on the same years before and after."""
    assert 2014 not in (*york.cases[0].before, *york.cases[0].after)
    assert york.estimate.gap[0] == pytest.approx(13.83, abs=0.005)  # as METHOD.md says
    assert york.second_opinion(name).gap == pytest.approx(york.estimate.gap[0], abs=1e-8)


@pytest.mark.parametrize("name", ["callaway_santanna", "sun_abraham"])
def test_estimators_of_the_year_before_leave_out_the_part_year_too(york, name):
    gap = york.with_choices(base_back=1).estimate.gap[0]
    found = york.second_opinion(name)
    assert gap == pytest.approx(20.34, abs=0.005)  # as METHOD.md says
    assert found.gap == pytest.approx(gap, abs=1e-8)
    after = found.by_event[found.by_event["event_year"] >= 0]
    assert len(after) == len(york.cases[0].after)


def test_years_left_out_are_left_out_and_the_others_keep_their_names(york):
    fewer = york.with_choices(without=(2016,), before=(2009, 2013))
    found = fewer.second_opinion()
    assert found.gap == pytest.approx(fewer.with_choices(base_back=1).estimate.gap[0], abs=1e-8)
    assert set(found.by_group_and_year["first_year"]) == {2015}
    assert list(found.by_group_and_year["year"])[-4:] == [2015, 2017, 2018, 2019]
    assert fewer.second_opinion("imputation").gap == pytest.approx(fewer.estimate.gap[0], abs=1e-8)


def test_a_year_in_which_any_pilot_ran_for_a_part_is_nobody_s():
    """Also where it is a whole year before or after for another council."""
    early = replace(supposed("Oldham", 2012), part_years=(2011,))
    late = replace(supposed("Bury", 2014), part_years=(2013,))
    both = compare(measure("revenue_outturn", "cultural"), [early, late], doubtful=True)
    assert 2013 in both.cases[1].after
    assert 2011 in both.cases[0].before
    years = set(long_frame(both)["year"])
    assert years == {*range(2007, 2019)} - {2011, 2013}


def test_years_after_the_end_of_a_pilot_are_nobody_s(york):
    ended, later = supposed("Leeds", 2012, last_year=2014), supposed("Bradford", 2013)
    both = compare(measure("revenue_outturn", "highways"), [ended, later])
    with pytest.raises(NotComparable, match=r"Leeds ended in 2014-15.*to 2017-18"):
        both.second_opinion()


def test_each_council_of_a_group_is_set_beside_its_own_donors():
    """One start, two classes: imputation is the mean of what each would be alone."""
    measured, names = measure("revenue_outturn", "cultural"), ("Oldham", "Preston", "Lambeth")
    group = compare(measured, [supposed(name, 2014) for name in names], doubtful=True)
    assert len({case.stratum for case in group.cases}) == 3
    assert group.second_opinion("imputation").gap == pytest.approx(group.estimate.gap[0], abs=1e-8)


def test_a_treated_council_is_never_dropped_in_silence():
    measured = measure("revenue_outturn", "cultural")
    rows = measured.amounts.copy()
    rows.loc[(rows["ecode"] == "E4204") & (rows["year"] == 2019), "amount"] = np.nan
    holed = replace(measured, amounts=rows)
    both = compare(holed, [supposed("Oldham", 2012), supposed("Bury", 2015)])
    with pytest.raises(NotComparable, match="no figure for Oldham in 2019-20, which a second"):
        both.second_opinion()


def test_a_poisson_event_study_through_a_comparison():
    counted = measure("teenage_conceptions", "conceptions")
    three = [supposed(name, 2012) for name in ("Oldham", "Rochdale", "Sunderland")]
    found = compare(counted, three, before=(2005, 2011)).second_opinion("poisson")
    assert list(found.by_event["event_year"]) == [*range(-7, -1), *range(5)]
    assert -1 < found.gap < 1
    assert found.by_event["error"].isna().all()
    with pytest.raises(NotComparable, match=r"from 1998 to 2016.*before="):
        compare(counted, three).second_opinion("poisson")


def test_a_poisson_event_study_of_no_count_is_refused(york):
    with pytest.raises(NotComparable, match="is no count of things"):
        york.second_opinion("poisson")


# ── the known faults ─────────────────────────────────────────────────────────────────────────────


def few(employment, count):
    treated = employment.loc[employment["first_year"] > 0, "unit"].unique()[:count]
    return employment[(employment["first_year"] == 0) | employment["unit"].isin(treated)]


@pytest.mark.parametrize(("count", "shown"), [(1, False), (4, False), (5, True)])
@pytest.mark.parametrize("name", ["callaway_santanna", "sun_abraham", "imputation"])
def test_no_error_is_shown_for_fewer_than_five_treated(employment, name, count, shown):
    found = second_opinion(few(employment, count), name)
    assert np.isfinite(found.gap)
    assert np.isfinite(found.error) is np.bool_(shown)
    assert shown or found.by_event["error"].isna().all()


def test_it_says_that_it_is_not_the_headline(opinion):
    assert "not the headline" in opinion.sentence
    assert "error 0.01203" in opinion.sentence
    assert "no error shown for so few" in replace(opinion, error=np.nan, treated=4).sentence
    assert "no error of the whole" in replace(opinion, error=np.nan, treated=9).sentence
    assert "diff-diff 3." in opinion.sentence


def used():
    """Every name that code of ours takes from the libraries of second opinions."""
    for path in (ROOT / "coopstats").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                yield node.attr
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from (alias.name for alias in node.names)


def test_no_faulty_part_of_a_library_is_used():
    """Too narrow sensitivity sets, wrong errors for one unit, made-up figures, a failing did2s."""
    names = set(used())
    assert {"CallawaySantAnna", "ImputationDiD", "fepois"} <= names
    assert not names & {"HonestDiD", "LWDiD", "did2s", "SyntheticDiD", "SyntheticControl"}
    assert not [name for name in names if name.startswith(("load_mpdta", "load_prop"))]


def test_packages_that_were_tried_and_found_wanting_are_not_installed():
    listed = (ROOT / "requirements" / "test.txt").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9_.-]+)==", listed, flags=re.MULTILINE))
    assert {"diff-diff", "pyfixest", "numba"} <= pinned
    assert not pinned & {
        "pysyncon", "csdid", "differences", "scpi-pkg", "honestdid", "sdid", "twine",
    }  # fmt: skip


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────


def test_refusals_say_why(employment):
    with pytest.raises(NotComparable, match="No unit is never treated"):
        second_opinion(employment[employment["first_year"] > 0])
    with pytest.raises(NotComparable, match="No unit is treated"):
        second_opinion(employment[employment["first_year"] == 0])
    with pytest.raises(NotComparable, match="lack years"):
        second_opinion(employment.iloc[1:])
    with pytest.raises(NotComparable, match="two rows"):
        second_opinion(pd.concat([employment, employment.head(1)]))
    with pytest.raises(UnknownName, match="Did you mean 'imputation'"):
        second_opinion(employment, "imputations")


def test_a_library_that_is_not_installed_is_named(employment, monkeypatch):
    monkeypatch.setattr(staggered.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UnknownName, match=r"diff-diff.*coopstats\[staggered\]"):
        second_opinion(employment)
