"""Baselines: each a weighting of peers, weights of at least 0 that sum to 1.

One signature for all: the years before the start of every council of the pool, and a row of
allowed donors for each target, give a row of weights for each target.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coopstats.comparisons import simplex
from coopstats.core.errors import UnknownName, did_you_mean

NEAREST, MATCHED = 10, 5
LEAST_BEFORE = 2  # one year cannot show a fit


@dataclass(frozen=True, eq=False)
class Pool:
    """Councils (rows) and what is known of them before the start.

    `before` is councils × years; `distance` councils × councils on what was known before 2010,
    or None; `years_after` how many years are averaged afterwards.
    """

    before: np.ndarray
    years_after: int = 1
    distance: np.ndarray | None = None
    compiled: bool | None = None


Weigh = Callable[[Pool, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Baseline:
    """A named weighting. `demeaned`: gaps are against each council's own mean before the start.

    `stacked` fits all services at once, so `least_before` counts figures and not years.
    """

    name: str
    words: str
    demeaned: bool
    weigh: Weigh
    least_before: int = LEAST_BEFORE
    stacked: bool = False


def equal(pool: Pool, targets: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Every donor alike."""
    return allowed / allowed.sum(axis=1, keepdims=True)


def nearest(pool: Pool, targets: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """The ten most alike in what was known before 2010, alike."""
    if pool.distance is None:
        raise UnknownName("The baseline 'nearest' needs distances between councils: use matched.")
    return _closest(pool.distance[targets], allowed, NEAREST)


def matched(pool: Pool, targets: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """The five whose own line ran closest before the start, alike."""
    apart = pool.before[targets][:, None, :] - pool.before[None, :, :]
    return _closest((apart**2).sum(axis=2), allowed, MATCHED)


def synthetic(pool: Pool, targets: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """The mixture of donors whose line ran closest before the start."""
    return simplex.weights_of_all(pool.before, targets, allowed, 0.0, pool.compiled)


def synthetic_demeaned(pool: Pool, targets: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """As synthetic, of movements around each council's own mean, held towards equal weights."""
    moved = pool.before - pool.before.mean(axis=1, keepdims=True)
    # Without what all donors do in a year, or a common shock would change the ridge.
    strength = [
        ridge_of(pool.before[mask] - pool.before[mask].mean(axis=0), pool.years_after)
        for mask in allowed
    ]
    return simplex.weights_of_all(moved, targets, allowed, np.array(strength), pool.compiled)


def ridge_of(donors: np.ndarray, years_after: int, treated: int = 1) -> float:
    """How firmly: √(treated × years after) × the variance of yearly changes × years before.

    D. Arkhangelsky and others, Synthetic difference-in-differences, American Economic Review 111
    (2021), the square of their ζ times the years before.
    """
    changes = np.diff(donors, axis=1)
    return float(np.sqrt(treated * years_after) * changes.var(ddof=1) * donors.shape[1])


def _closest(distance: np.ndarray, allowed: np.ndarray, count: int) -> np.ndarray:
    """Equal weights on the `count` nearest allowed; of equally near ones the first by E-code."""
    apart = np.where(allowed, distance, np.inf)
    order = np.argsort(apart, axis=1, kind="stable")[:, :count]
    taken = np.zeros(apart.shape)
    np.put_along_axis(taken, order, 1.0, axis=1)
    taken = taken * allowed
    return taken / taken.sum(axis=1, keepdims=True)


BASELINES = {
    b.name: b
    for b in (
        Baseline("equal", "all donors alike", True, equal),
        Baseline("nearest", "the ten councils most alike before 2010", True, nearest),
        Baseline("matched", "the five councils whose line ran closest before", True, matched, 3),
        Baseline("synthetic", "a mixture fitted to the years before", False, synthetic, 7),
        Baseline(
            "synthetic_demeaned",
            "a mixture fitted to movements before, held towards equal weights",
            True,
            synthetic_demeaned,
            3,
        ),
        Baseline(
            "stacked",
            "one mixture fitted to several services at once",
            False,
            synthetic,
            7,
            stacked=True,
        ),
    )
}


def baseline_of(name: str) -> Baseline:
    """The baseline of this name. Raises UnknownName with the nearest."""
    if name not in BASELINES:
        raise UnknownName(
            f"No baseline {name!r}. There are: {', '.join(BASELINES)}."
            + did_you_mean(name, BASELINES)
        )
    return BASELINES[name]


def least_before(name: str, services: int = 1) -> int:
    """The fewest years before that a baseline needs, of so many services."""
    rule = baseline_of(name)
    each = math.ceil(rule.least_before / services) if rule.stacked else rule.least_before
    return max(LEAST_BEFORE, each)


def effective(weights: np.ndarray) -> float:
    """How many equally weighted donors would spread the weight as much: 1 / Σw²."""
    return float(1 / np.square(weights).sum())
