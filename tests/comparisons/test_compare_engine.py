"""What must hold of the engine for any figures: hypothesis looks for figures where it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from coopstats.comparisons import permutation, simplex
from coopstats.comparisons.estimate import estimate
from coopstats.comparisons.fits import fit
from coopstats.comparisons.panel import Panel
from coopstats.comparisons.placebo_sets import set_gaps
from coopstats.comparisons.question import Case, Question
from coopstats.core.errors import NotComparable

quick = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 2**32 - 1)
shapes = st.tuples(st.integers(6, 40), st.integers(3, 12))


def walks(seed, councils, years):
    """Lines that wander, each around its own level."""
    rng = np.random.default_rng(seed)
    return 100 + 10 * rng.normal(size=(councils, 1)) + rng.normal(size=(councils, years)).cumsum(1)


def question(values, treated=1, before=None, baseline="equal", **more):
    """The first `treated` rows are treated, the rest their donors; five years after.

    Likeness, for `nearest`, is drawn once; `stacked` gets a second service.
    """
    codes = tuple(f"C{place:03}" for place in range(values.shape[-2]))
    lines = values if values.ndim == 3 else values[None]
    if baseline == "stacked" and len(lines) == 1:
        lines = np.stack([lines[0], lines[0, ::-1] * 3])
    years = tuple(range(2000, 2000 + lines.shape[2]))
    before = lines.shape[2] - 5 if before is None else before
    panels = tuple(Panel(f"line {n}", "", codes, years, line) for n, line in enumerate(lines))
    cases = tuple(
        Case(code, code, years[:before], years[before:], codes[treated:], years[before])
        for code in codes[:treated]
    )
    if baseline == "nearest":
        apart = np.random.default_rng(len(codes)).random((len(codes), len(codes)))
        more = {"codes": codes, "distance": apart + apart.T, **more}
    return Question(panels, cases, baseline, **{"draws": 199, **more})


# ── the solver ───────────────────────────────────────────────────────────────────────────────────


@quick
@given(seeds, shapes, st.sampled_from([0.0, 0.1, 3.0]))
def test_weights_are_a_mixture_and_the_compiled_ones_are_equal(seed, shape, ridge):
    rows = walks(seed, *shape)
    everyone = np.ones((shape[0], shape[0]), dtype=bool)
    plain = simplex.weights_of_all(rows, range(shape[0]), everyone, ridge, compiled=False)
    compiled = simplex.weights_of_all(rows, range(shape[0]), everyone, ridge, compiled=True)
    assert (plain >= 0).all()
    assert np.allclose(plain.sum(axis=1), 1, atol=1e-12)
    assert (np.diag(plain) == 0).all()
    assert np.abs(plain - compiled).max() < 1e-8


@quick
@given(seeds, shapes)
def test_no_mixture_of_scipy_s_is_nearer(seed, shape):
    """An independent solver: least squares with a heavy row that makes the weights sum to 1."""
    rows = walks(seed, *shape) - 100
    donors, target = rows[1:], rows[0]
    heavy = 1e4
    system = np.vstack([donors.T, np.full(len(donors), heavy)])
    theirs, _ = nnls(system, np.append(target, heavy))
    theirs = theirs / theirs.sum()
    ours = simplex.weights(donors, target)
    apart = [np.linalg.norm(target - weight @ donors) for weight in (ours, theirs)]
    assert apart[0] <= apart[1] + 1e-6


def test_a_target_that_is_a_donor_gets_that_donor():
    rows = walks(1, 8, 5)
    assert simplex.weights(rows, rows[3]) == pytest.approx(np.eye(8)[3], abs=1e-9)


def test_donors_that_are_all_the_target_are_weighted_alike():
    assert simplex.weights(np.ones((4, 3)), np.ones(3)).tolist() == [0.25] * 4
    both = simplex.weights_of_all(np.ones((5, 3)), [0], np.ones((1, 5)), compiled=True)
    assert both[0].tolist() == [0, 0.25, 0.25, 0.25, 0.25]


def test_a_ridge_too_small_to_tell_is_none():
    rows = walks(2, 12, 6)
    plain = simplex.weights(rows[1:], rows[0])
    assert simplex.weights(rows[1:], rows[0], ridge=1e-9).tolist() == plain.tolist()


# ── gaps ─────────────────────────────────────────────────────────────────────────────────────────

ALL = ["equal", "nearest", "matched", "synthetic", "synthetic_demeaned", "stacked"]
DEMEANED = ["equal", "nearest", "matched", "synthetic_demeaned"]


@quick
@given(seeds, st.sampled_from(ALL))
def test_a_common_shock_leaves_gaps_unchanged(seed, baseline):
    values = walks(seed, 14, 13)
    shock = np.random.default_rng(seed).normal(size=13) * 50
    one, other = (estimate(question(v, baseline=baseline)) for v in (values, values + shock))
    assert one.gap == pytest.approx(other.gap, abs=1e-6)


@quick
@given(seeds, st.sampled_from(["equal", "nearest", "synthetic_demeaned"]), st.integers(0, 13))
def test_a_council_s_constant_shift_leaves_demeaned_gaps_unchanged(seed, baseline, who):
    values = walks(seed, 14, 13)
    moved = values.copy()
    moved[who] += 1000
    one, other = (estimate(question(v, baseline=baseline)) for v in (values, moved))
    assert one.gap == pytest.approx(other.gap, abs=1e-6)
    assert permutation.p_values(one.null) == permutation.p_values(other.null)


@quick
@given(seeds, st.sampled_from(ALL), st.randoms(use_true_random=False))
def test_the_order_of_councils_does_not_matter(seed, baseline, shuffler):
    asked = question(walks(seed, 14, 13), baseline=baseline)
    order = list(range(14))
    shuffler.shuffle(order)
    mixed = tuple(
        replace(panel, codes=tuple(panel.codes[i] for i in order), values=panel.values[order])
        for panel in asked.panels
    )
    one, other = estimate(asked), estimate(replace(asked, panels=mixed))
    assert one.gap.tolist() == other.gap.tolist()
    assert one.null.drawn.tolist() == other.null.drawn.tolist()


@quick
@given(seeds, st.integers(1, 3))
def test_a_council_inside_the_hull_is_fitted_exactly_and_said_to_be(seed, treated):
    values = walks(seed, 12, 13)
    mixture = np.random.default_rng(seed).dirichlet(np.ones(12 - treated), size=treated)
    values[:treated] = mixture @ values[treated:]
    found = estimate(question(values, treated, baseline="synthetic"))
    assert all(one.exact[0, 0] and one.square[0, 0] == 0 for one in found.fits)
    assert np.isinf(found.null.observed[0]) or found.gap[0] == 0


def test_the_start_year_is_counted_once():
    """A jump in the first year after alone is a fifth of the mean gap, and none of the fit."""
    values = np.zeros((9, 12))
    values[0, 7] = 5.0
    found = estimate(question(values))
    assert found.gap[0] == pytest.approx(1.0)
    assert found.fits[0].square[0, 0] == 0


def test_gaps_can_be_measured_from_one_year():
    values = np.zeros((9, 12))
    values[0] = [3, 0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2]
    asked = question(values)
    last = replace(asked, cases=(replace(asked.cases[0], base=(2006,)),))
    assert estimate(last).gap[0] == pytest.approx(1.0)
    assert estimate(asked).gap[0] == pytest.approx(2 - 4 / 7)


def test_a_year_that_a_weighted_donor_lacks_has_no_gap():
    values = walks(4, 9, 13)
    values[5, 12] = np.nan
    asked = question(values, before=7)
    case = replace(asked.cases[0], after=asked.cases[0].after[:5])
    one = fit(asked, case)
    assert np.isnan(one.gap[0, 0, 12])
    assert np.isfinite(one.gap[0, 0, :12]).all()


# ── chance ───────────────────────────────────────────────────────────────────────────────────────


@quick
@given(seeds, st.integers(1, 4), st.integers(1, 60))
def test_p_is_never_below_one_in_draws_and_one(seed, treated, draws):
    found = estimate(question(walks(seed, 20, 11), treated, draws=draws))
    p = permutation.p_values(found.null)
    assert (p >= 1 / (found.null.draws + 1)).all()
    assert found.null.draws == (draws if treated > 1 else 19)


@quick
@given(seeds, st.integers(1, 5))
def test_a_treated_council_is_never_a_donor_nor_a_placebo(seed, treated):
    found = estimate(question(walks(seed, 16, 11), treated))
    everyone = sorted({code for case in found.question.cases for code in case.donors})
    drawn = {everyone[place] for place in np.unique(found.sets)}
    own = {case.ecode for case in found.question.cases}
    assert not drawn & own
    for one in found.fits:
        heavy = {c for c, w in zip(one.councils, one.weights[0].sum(axis=0), strict=True) if w > 0}
        assert not heavy & own


@quick
@given(seeds, st.integers(2, 4), st.integers(1, 2), st.sampled_from(["equal", "synthetic"]))
def test_a_placebo_set_is_measured_as_if_it_had_been_treated(seed, treated, services, baseline):
    """Asked as the treated, with the rest of the donors, a set shows what the draw said of it."""
    values = np.stack([walks(seed + service, 16, 11) for service in range(services)])
    asked = question(values, treated, baseline=baseline, draws=5)
    found = estimate(asked)
    everyone = sorted({code for case in asked.cases for code in case.donors})
    for draw, chosen in enumerate(found.sets):
        codes = [everyone[place] for place in chosen]
        rest = tuple(code for code in everyone if code not in codes)
        cases = [
            replace(case, ecode=code, donors=rest)
            for case, code in zip(asked.cases, codes, strict=True)
        ]
        as_treated = estimate(replace(asked, cases=tuple(cases)))
        assert as_treated.null.observed == pytest.approx(found.null.drawn[draw], rel=1e-9)
        assert as_treated.null.spread == pytest.approx(found.misfit[draw], rel=1e-9)


@quick
@given(seeds, st.sampled_from(DEMEANED))
def test_no_council_of_a_placebo_set_is_a_donor_of_another(seed, baseline):
    """Their weight goes to the others in proportion; one whose donors are all drawn keeps them."""
    found = estimate(question(walks(seed, 12, 12), 3, baseline=baseline, draws=9))
    everyone = sorted({code for case in found.question.cases for code in case.donors})
    for place, one in enumerate(found.fits):
        gaps = set_gaps(found.question, found.fits, place, found.sets, lambda values: values)
        for draw, chosen in enumerate(found.sets):
            own = one.councils.index(everyone[chosen[place]])
            gone = [one.councils.index(everyone[c]) for c in chosen if c != chosen[place]]
            weight = one.weights[0, own].copy()
            if weight[gone].sum() < 1 - 1e-6:
                weight[gone] = 0
            by_hand = one.line[own, 0] - (weight / weight.sum()) @ one.line[:, 0]
            assert gaps[draw, 0] == pytest.approx(by_hand, abs=1e-8)


@quick
@given(seeds, st.integers(2, 4), st.integers(0, 5))
def test_no_council_stands_twice_in_a_placebo_set(seed, treated, fewer):
    """Whatever donors each case may have, and on which side of a band's edge that puts it."""
    asked = question(walks(seed, 34, 11), treated)
    rng = np.random.default_rng(seed)
    cases = [
        replace(case, donors=tuple(sorted(rng.permutation(case.donors)[fewer:])))
        for case in asked.cases
    ]
    sizes = dict(zip(asked.panels[0].codes, rng.random(34), strict=True))
    found = estimate(replace(asked, cases=tuple(cases), sizes=sizes))
    everyone = sorted({code for case in cases for code in case.donors})
    assert all(len(set(row)) == treated for row in found.sets.tolist())
    for place, case in enumerate(cases):
        assert {everyone[one] for one in found.sets[:, place]} <= set(case.donors)


def test_bands_are_one_for_a_class_whatever_donors_each_case_has():
    """22 donors alone would make one band and 23 two; together they are in the same two."""
    asked = question(walks(3, 26, 11), 2)
    one, other = asked.cases
    cases = (replace(one, donors=one.donors[1:]), replace(other, donors=other.donors[2:]))
    sizes = {code: float(place) for place, code in enumerate(asked.panels[0].codes)}
    sizes["C001"] = 100.0
    found = estimate(replace(asked, cases=cases, sizes=sizes))
    assert found.banded
    assert found.sets[:, 0].max() < found.sets[:, 1].min()


def test_too_few_donors_for_placebo_sets_are_refused():
    asked = question(walks(1, 14, 11), 4)
    few = [replace(case, donors=case.donors[:7], stratum="L") for case in asked.cases]
    with pytest.raises(NotComparable, match="4 treated councils of class L share 7 donors"):
        estimate(replace(asked, cases=tuple(few)))
    enough = [replace(case, donors=case.donors[:8]) for case in asked.cases]
    assert not estimate(replace(asked, cases=tuple(enough))).banded


@quick
@given(seeds, st.floats(-30, 30))
def test_an_injected_gap_is_in_its_interval_as_nothing_was_before(seed, injected):
    """The interval moves with the gap: inversion of a test for a constant gap."""
    values = walks(seed, 30, 12)
    moved = values.copy()
    moved[:4, 7:] += injected
    still, found = (estimate(question(v, 4)).null for v in (values, moved))
    low, high = permutation.intervals(found)[0]
    before = permutation.intervals(still)[0]
    assert (low - injected, high - injected) == pytest.approx(tuple(before), abs=1e-8)


def test_an_injected_gap_is_recovered_19_times_in_20():
    inside = 0
    for seed in range(200):
        values = walks(seed, 40, 12)
        values[:4, 7:] += 7.0
        low, high = permutation.intervals(estimate(question(values, 4)).null)[0]
        inside += low <= 7.0 <= high
    assert 180 <= inside <= 199


@quick
@given(seeds)
def test_the_interval_holds_just_what_the_test_does_not_reject(seed):
    found = estimate(question(walks(seed, 24, 12), 3)).null
    low, high = permutation.intervals(found)[0]
    for gap, rejected in ((low + 1e-9, False), (high - 1e-9, False), (low - 1e-9, True)):
        shifted = replace(found, observed=(found.gap - gap) / found.spread)
        assert (permutation.p_values(shifted)[0] <= 0.05) is np.bool_(rejected)


@quick
@given(seeds, st.integers(2, 8))
def test_tests_of_several_services_are_ordered(seed, services):
    rng = np.random.default_rng(seed)
    lines = np.stack([walks(int(s), 20, 11) for s in rng.integers(0, 2**31, services)])
    null = estimate(question(lines, 3)).null
    p = permutation.p_values(null)
    adjusted, holm = permutation.westfall_young(null), permutation.holm(p)
    assert (adjusted >= p).all()
    assert (holm >= p).all()
    assert holm.max() <= 1


def test_services_that_are_one_need_no_adjustment_by_westfall_and_young():
    one = walks(3, 20, 11)
    null = estimate(question(np.stack([one] * 4), 3)).null
    assert permutation.westfall_young(null) == pytest.approx(permutation.p_values(null))
    assert permutation.holm(permutation.p_values(null))[0] == pytest.approx(
        min(1, 4 * permutation.p_values(null)[0])
    )


def test_holm_by_hand():
    assert permutation.holm(np.array([0.01, 0.04, 0.03])).tolist() == [0.03, 0.06, 0.06]


def test_too_few_placebos_for_an_interval_have_none():
    null = estimate(question(walks(5, 15, 11))).null
    assert null.draws == 14
    assert permutation.intervals(null)[0].tolist() == [-np.inf, np.inf]
    assert permutation.detectable(null)[0] == np.inf


def test_the_detectable_gap_is_found_four_times_in_five():
    null = estimate(question(walks(6, 40, 12), 3, draws=1999)).null
    size = permutation.detectable(null)[0] / null.spread[0]
    assert (np.abs(null.drawn[:, 0] + size) >= permutation.critical(null)[0]).mean() >= 0.78


@pytest.mark.parametrize("councils", [5, 11, 12, 24, 36, 200])
def test_bands_of_size_hold_twelve_councils_or_there_is_one(councils):
    bands = permutation.size_bands(np.random.default_rng(0).permutation(councils))
    assert len(set(bands)) == max(1, min(3, councils // 12))
    assert np.bincount(bands).min() >= min(12, councils)


def test_placebos_are_drawn_within_class_and_size():
    values = walks(7, 40, 11)
    asked = question(values, 2)
    sizes = {code: float(place) for place, code in enumerate(asked.panels[0].codes)}
    sizes["C001"] = 100.0
    found = estimate(replace(asked, sizes=sizes))
    assert found.banded
    assert found.sets[:, 0].max() < found.sets[:, 1].min()


# ── the same for any machine ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("baseline", ALL)
def test_the_compiled_kernel_changes_nothing(baseline):
    asked = question(walks(8, 30, 13), 3, baseline=baseline)
    plain, compiled = (estimate(replace(asked, compiled=c)).null for c in (False, True))
    assert np.abs(plain.drawn - compiled.drawn).max() < 1e-8
    assert permutation.p_values(plain).tolist() == permutation.p_values(compiled).tolist()


def test_a_seed_gives_the_same_sets_and_another_gives_others():
    asked = question(walks(9, 30, 13), 3)
    one, same, other = (estimate(replace(asked, seed=s)).sets for s in (5, 5, 6))
    assert one.tolist() == same.tolist()
    assert one.tolist() != other.tolist()


def test_one_mixture_for_several_services():
    lines = np.stack([walks(10, 12, 9), 1000 * walks(11, 12, 9)])
    (one,) = estimate(question(lines, baseline="stacked")).fits
    assert (one.weights[0] == one.weights[1]).all()
    scaled = np.stack([lines[0], lines[1] / 1000])
    (other,) = estimate(question(scaled, baseline="stacked")).fits
    assert one.weights == pytest.approx(other.weights, abs=1e-9)
