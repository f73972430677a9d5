"""The count model is the Poisson model that a library fits, and its chance is that of placebos."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pyfixest
import pytest

from coopstats.comparisons import counts
from coopstats.findings.answers import did_co_operation_grow as grow
from coopstats.findings.answers.co_operatives import organisations


@pytest.fixture(scope="module")
def made():
    """Forty councils of two classes, fifteen years, four treated in the last four."""
    rng = np.random.default_rng(7)
    people = rng.uniform(1e5, 4e5, size=(40, 1)) * np.linspace(1, 1.2, 15)
    rate = rng.uniform(0.5, 3, size=(40, 1)) * rng.uniform(0.5, 1.5, size=(1, 15)) / 1e5
    return counts.Counts(
        tuple(f"E{i:02d}" for i in range(40)), tuple(range(2001, 2016)),
        rng.poisson(people * rate).astype(float), people, np.repeat([0, 1], 20), people[:, 9],
        (0, 1, 20, 21), tuple(range(10)), tuple(range(11, 15)),
    )  # fmt: skip


def lifted(data, factor):
    """The treated councils' counts after, times a factor."""
    raised = data.counts.copy()
    raised[np.ix_(list(data.treated), list(data.after))] *= factor
    return replace(data, counts=raised)


def test_the_log_ratio_is_the_librarys(made):
    used = [*made.before, *made.after]
    rows = pd.DataFrame(
        [
            (code, f"{made.kinds[i]} {made.years[t]}", made.counts[i, t],
             np.log(made.people[i, t]), float(i in made.treated and t in made.after))
            for i, code in enumerate(made.codes)
            for t in used
        ],
        columns=["unit", "period", "value", "exposed", "treated"],
    )  # fmt: skip
    with warnings.catch_warnings():  # the library's own, of what pandas will change
        warnings.simplefilter("ignore")
        fitted = pyfixest.fepois("value ~ treated | unit + period", rows, offset="exposed")
    assert counts.log_ratio(made) == pytest.approx(fitted.coef()["treated"], abs=1e-5)


def test_a_factor_is_found_again_and_lies_in_its_interval(made):
    one, two = counts.ratio(made, 499), counts.ratio(lifted(made, 3), 499)
    assert two.ratio == pytest.approx(3 * one.ratio, rel=0.05)
    assert two.low <= 3 * one.ratio <= two.high
    assert two.p < one.p
    assert min(one.p, two.p) >= 1 / 500


def test_what_all_councils_of_a_class_do_in_a_year_changes_nothing(made):
    shock = np.where((np.arange(15) == 12) & (made.kinds[:, None] == 1), 4, 1)
    even = replace(made, counts=made.people * 1e-5 * shock)
    assert counts.log_ratio(even) == pytest.approx(0, abs=1e-6)


def test_a_council_with_more_births_in_every_year_changes_nothing(made):
    even = replace(made, counts=made.people * 1e-5 * np.where(np.arange(40) < 2, 5, 1)[:, None])
    assert counts.log_ratio(even) == pytest.approx(0, abs=1e-6)


def test_no_treated_council_is_a_placebo_and_none_is_taken_twice(made):
    sets = counts.placebo_sets(made, 200)
    assert sets[0].tolist() == list(made.treated)
    assert not np.isin(sets[1:], made.treated).any()
    assert all(len(set(row)) == len(row) for row in sets[1:])
    assert (made.kinds[sets] == made.kinds[list(made.treated)]).all()


def test_the_same_seed_gives_the_same_answer(made):
    assert counts.ratio(made, 300, seed=3).p == counts.ratio(made, 300, seed=3).p


def test_no_births_at_all_give_no_infinity(made):
    empty = made.counts.copy()
    empty[list(made.treated)] = 0
    one = counts.ratio(replace(made, counts=empty), 99)
    assert np.isfinite([one.ratio, one.low, one.high]).all()


# ── the answer ───────────────────────────────────────────────────────────────────────────────────


def test_births_counted_one_by_one_are_the_tables():
    every = grow._of(pd.Series(True, index=organisations().index))
    assert (every.counts == grow.counted().counts).all()


def test_without_shared_addresses_there_are_fewer_births_in_the_same_councils():
    fewer = grow._of(organisations()["sharing"] < 5)
    assert fewer.codes == grow.counted().codes
    assert (fewer.counts <= grow.counted().counts).all()
    assert fewer.counts.sum() < grow.counted().counts.sum()


def test_the_method_of_the_other_comparisons_refuses_the_question():
    assert "the line is broken" in grow.refused()


def test_survival_that_is_not_shown_alike_makes_a_description(monkeypatch):
    row = grow.survival().iloc[0]
    assert grow.alike() == (row["low"] >= 0.8 and row["high"] <= 1.25)
    assert ("description" in grow.answer()[1]) != grow.alike()
    monkeypatch.setattr(
        grow, "survival", lambda: pd.DataFrame([{**row, "low": 0.95, "high": 1.05}])
    )
    assert grow.alike()
    assert "shown alike" in grow.answer()[1]
    assert "description" not in grow.answer()[1]


def test_the_members_are_the_plans():
    assert len(grow.counted().treated) == 9
    assert (
        grow.found().observed == grow.counted().counts[list(grow.counted().treated)][:, 11:].sum()
    )
