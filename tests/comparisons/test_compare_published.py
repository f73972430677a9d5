"""Published answers: California's Proposition 99, at the tolerances of those who published them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from coopstats.comparisons import baselines, permutation, simplex
from coopstats.comparisons.estimate import estimate
from coopstats.comparisons.panel import Panel
from coopstats.comparisons.question import Case, Question

FIGURES = Path(__file__).parents[1] / "figures"
BEFORE, AFTER = tuple(range(1970, 1989)), tuple(range(1989, 2001))
IN_2000 = 2000 - 1970


@pytest.fixture(scope="module")
def packs():
    return pd.read_csv(FIGURES / "prop99.csv", index_col="State").rename(columns=int)


def asked(packs, baseline, **more):
    panel = Panel("packs", "packs", tuple(packs.index), tuple(packs.columns), packs.to_numpy())
    others = tuple(state for state in packs.index if state != "California")
    case = Case("California", "California", BEFORE, AFTER, others, 1989)
    return Question((panel,), (case,), baseline, **more)


@pytest.fixture(scope="module", params=[False, True], ids=["numpy", "compiled"])
def synthetic(packs, request):
    return estimate(asked(packs, "synthetic", compiled=request.param))


def test_the_synthetic_control_of_california(synthetic):
    (fit,) = synthetic.fits
    assert fit.mean[0, 0] == pytest.approx(-19.51363, abs=1e-5)
    assert fit.gap[0, 0, IN_2000] == pytest.approx(-26.59664, abs=1e-5)
    assert fit.square[0, 0] == pytest.approx(2.743662, abs=1e-6)


def test_its_weights(synthetic):
    (fit,) = synthetic.fits
    found = dict(zip(fit.councils, fit.weights[0, 0], strict=True))
    published = {
        "Utah": 0.3939,
        "Montana": 0.2318,
        "Nevada": 0.2049,
        "Connecticut": 0.1091,
        "New Hampshire": 0.0454,
        "Colorado": 0.0148,
    }
    assert {s for s, w in found.items() if w > 1e-9} == set(published)
    for state, weight in published.items():
        assert found[state] == pytest.approx(weight, abs=5e-4)


def test_california_ranks_third_of_39_by_the_ratio_of_misfits(synthetic):
    """Abadie, Diamond and Hainmueller's statistic: RMSPE after over RMSPE before."""
    (fit,) = synthetic.fits
    after = np.sqrt(np.square(fit.gap[:, 0, len(BEFORE) :]).mean(axis=1))
    ratios = after / np.sqrt(fit.square[:, 0])
    assert ratios[0] == pytest.approx(12.43997, abs=1e-4)
    assert (ratios >= ratios[0]).sum() == 3


def test_the_weights_of_the_authors_give_their_answer(packs):
    theirs = {
        "Utah": 0.334,
        "Nevada": 0.234,
        "Montana": 0.199,
        "Colorado": 0.164,
        "Connecticut": 0.069,
    }
    gap = packs.loc["California"] - sum(w * packs.loc[state] for state, w in theirs.items())
    assert gap[list(AFTER)].mean() == pytest.approx(-18.97035, abs=1e-5)
    assert gap[2000] == pytest.approx(-25.72570, abs=1e-5)


def test_difference_in_differences(packs):
    assert estimate(asked(packs, "equal")).gap[0] == pytest.approx(-27.349111, abs=1e-6)


@pytest.mark.parametrize("compiled", [False, True])
def test_the_demeaned_synthetic_control_without_its_ridge(packs, monkeypatch, compiled):
    monkeypatch.setattr(baselines, "ridge_of", lambda *_: 0.0)
    found = estimate(asked(packs, "synthetic_demeaned", compiled=compiled))
    assert found.gap[0] == pytest.approx(-11.10904, abs=1e-5)


@pytest.mark.parametrize("compiled", [False, True])
def test_synthetic_difference_in_differences(packs, compiled):
    """Our ridge and solver for the states, and the solver again for the years."""
    ordered = pd.concat([packs.loc[["California"]], packs.drop("California")])
    before, after = ordered[list(BEFORE)].to_numpy(), ordered[list(AFTER)].to_numpy()
    moved = before - before.mean(axis=1, keepdims=True)
    ridge = baselines.ridge_of(before[1:], len(AFTER))
    (states,) = simplex.weights_of_all(moved, [0], np.ones((1, 39), bool), ridge, compiled)
    target = after[1:].mean(axis=1) - after[1:].mean()
    years = simplex.weights((before[1:] - before[1:].mean(axis=0)).T, target)
    gap_before, gap_after = before[0] - states @ before, after[0] - states @ after
    effect = gap_after.mean() - years @ gap_before
    assert effect == pytest.approx(-15.6054, abs=1e-4)
    assert effect == pytest.approx(-15.604, abs=0.005)


def test_a_single_unit_is_set_against_each_placebo_once(synthetic):
    assert synthetic.null.draws == 38
    assert permutation.p_values(synthetic.null)[0] >= 1 / 39
