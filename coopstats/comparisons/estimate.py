"""The engine: gaps of treated councils and of every placebo, beside one baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coopstats.comparisons import permutation
from coopstats.comparisons.fits import Fit, fit
from coopstats.comparisons.placebo_sets import drawn
from coopstats.comparisons.question import Question
from coopstats.comparisons.strata import strata


@dataclass(frozen=True, eq=False)
class Estimate:
    """The fits of all cases and what placebo sets showed.

    `sets` is draws × cases, places among all cases' donors in order; `misfit` is each set's root
    mean square of its gaps before (draws × services).
    """

    question: Question
    fits: tuple[Fit, ...]
    sets: np.ndarray
    null: permutation.Null
    misfit: np.ndarray
    banded: bool

    @property
    def gap(self) -> np.ndarray:
        """Mean gap by service."""
        return self.null.gap

    @property
    def exact_share(self) -> float:
        """Share of placebo fits, over cases and services, that are perfect."""
        return float(np.mean(np.concatenate([fit.exact[1:].ravel() for fit in self.fits])))


def estimate(question: Question) -> Estimate:
    """Fit every case and its placebos, draw the placebo sets, and count."""
    fits = tuple(fit(question, case) for case in question.cases)
    pools = strata(question)
    rng = np.random.default_rng(question.seed)
    sets = permutation.draw_sets(pools.candidates, pools.together, question.draws, rng)
    null, misfit = _null(question, fits, sets)
    return Estimate(question, fits, sets, null, misfit, pools.banded)


def _null(
    question: Question, fits: Sequence[Fit], sets: np.ndarray
) -> tuple[permutation.Null, np.ndarray]:
    parts = [drawn(question, fits, place, sets) for place in range(len(fits))]
    gaps, squares = (np.stack(part, axis=-1) for part in zip(*parts, strict=True))
    ratio, misfit = permutation.studentised(gaps, squares)
    mean = np.stack([one.mean[0] for one in fits], axis=1)
    square = np.stack([one.square[0] for one in fits], axis=1)
    observed, spread = permutation.studentised(mean, square)
    return permutation.Null(observed, ratio.T, spread, mean.mean(axis=1)), misfit.T
