"""What placebo sets show: the gaps of their councils, none of which is a donor of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from coopstats.comparisons.baselines import baseline_of
from coopstats.comparisons.fits import (
    EXACT,
    Fit,
    allowed_donors,
    gaps_beside,
    places_of,
    unless_exact,
    weights_of,
)
from coopstats.comparisons.question import Question, everyone

EVEN = 1e-15  # weights that differ by less are the same


def drawn(
    question: Question, fits: Sequence[Fit], place: int, sets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of one case's placebo in each set: mean gap after, mean square before; services × sets."""
    one = fits[place]
    before, after = (places_of(question.panels[0], y) for y in (one.case.before, one.case.after))

    def years_wanted(values: np.ndarray) -> np.ndarray:
        mean = values[:, :, after].mean(axis=2, keepdims=True)
        return np.concatenate([values[:, :, before], mean], axis=2)

    gap = set_gaps(question, fits, place, sets, years_wanted)
    square = unless_exact(np.square(gap[:, :, :-1]).mean(axis=2), one.spread)
    return gap[:, :, -1].T, square.T


def set_gaps(
    question: Question,
    fits: Sequence[Fit],
    place: int,
    sets: np.ndarray,
    of: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Gaps of one case's placebo in each set, with none of the set among its donors.

    The treated councils are no donors of each other, so a placebo set's may not be either.
    Without this a set's gaps, which are measured from a mean that holds them, are closer together
    than those of the treated, and too few sets look as large. Sets × services × what `of` takes of
    the years (years, or means of years: its argument is councils × services × years).

    Of a demeaned baseline what they weigh goes to the other donors in proportion, and a placebo
    whose donors are all in its set keeps them. A mixture of levels is fitted to the other donors
    anew: stripped of some that it was fitted with it would miss by more before than the treated
    council's does, and p would be too small.
    """
    one = fits[place]
    rows = _rows(one, fits)
    own = rows[sets[:, place]]
    others = [rows[sets[:, other]] for other in range(sets.shape[1]) if other != place]
    others = [theirs for theirs in others if (theirs >= 0).any()]
    if others and not baseline_of(question.baseline).demeaned:
        return _refitted(question, one, own, others, of)
    return _stripped(one, own, others, of)


def _stripped(
    one: Fit,
    own: np.ndarray,
    others: Sequence[np.ndarray],
    of: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """As `set_gaps`: the baseline less what the set's other councils weigh in it, made whole."""
    line = np.nan_to_num(of(one.line))
    weight, taken = _taken(one.weights, own, others, line)
    all_of_it = weight >= 1 - EXACT
    taken[all_of_it] = 0.0
    left = np.where(all_of_it, 1.0, 1 - weight)[:, :, None]
    mine = line[own]
    rest_of_baseline = mine - (taken + of(one.gap)[own])
    return mine - rest_of_baseline / left


def _taken(
    weights: np.ndarray, own: np.ndarray, others: Sequence[np.ndarray], line: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What the other councils of each set weigh in a placebo's baseline, and weight × line.

    Sets × services, and × years. A council that is no donor (row −1) weighs nothing.
    """
    shape = len(own), len(weights), line.shape[2]
    donors = weights.shape[2] - 1
    used = weights[:, 1:][weights[:, 1:] > 0]  # without the treated council's own
    all_weighed = len(used) == len(weights) * donors * (donors - 1)
    padded = np.concatenate([line, np.zeros_like(line[:1])])  # its last row is that of −1
    weight, taken = np.zeros(shape[:2]), np.zeros(shape)
    if all_weighed and used.max() - used.min() < EVEN:  # all donors alike
        for theirs in others:
            weight += (theirs >= 0)[:, None]
            taken += padded[theirs]
        weight *= used[0]
        taken *= used[0]
        return weight, taken
    for theirs in others:
        share = np.where(theirs >= 0, weights[:, own, theirs], 0.0).T
        weight += share
        taken += share[:, :, None] * padded[theirs]
    return weight, taken


def _refitted(
    question: Question,
    one: Fit,
    own: np.ndarray,
    others: Sequence[np.ndarray],
    of: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """As `set_gaps`: each set's placebo fitted to the donors that are not in the set."""
    allowed = allowed_donors(own, len(one.councils))
    for theirs in others:
        donor = theirs >= 0
        allowed[np.flatnonzero(donor), theirs[donor]] = False
    weights = weights_of(question, one.case, one.councils, own, allowed)
    return of(gaps_beside(one.line, weights, own))


def _rows(one: Fit, fits: Sequence[Fit]) -> np.ndarray:
    """Where each donor of any case stands among this case's councils, −1 where it is none."""
    own = {code: row for row, code in enumerate(one.councils)}
    donors = everyone([fit.case for fit in fits])
    return np.array([own.get(code, -1) for code in donors], dtype=np.int64)
