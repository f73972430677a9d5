"""P-values and intervals by randomisation: what gaps do councils show where nothing began?

A draw takes a placebo council for every treated one, from its stratum (class and size) and with
its dates; whole councils move with all their services, so services can be tested together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MOST_BANDS, LEAST_IN_BAND = 3, 12


@dataclass(frozen=True, eq=False)
class Null:
    """Studentised gaps of the treated (a number a service) and of each draw (draws × services)."""

    observed: np.ndarray
    drawn: np.ndarray
    spread: np.ndarray  # the treated councils' pre-period RMSPE, by service
    gap: np.ndarray

    @property
    def draws(self) -> int:
        """How many placebo sets there are."""
        return len(self.drawn)


def size_bands(sizes: np.ndarray) -> np.ndarray:
    """Band 0, 1, 2 … of each council by size: up to three, none with fewer than twelve councils."""
    bands = max(1, min(MOST_BANDS, len(sizes) // LEAST_IN_BAND))
    order = np.argsort(np.argsort(sizes, kind="stable"), kind="stable")
    return order * bands // len(sizes)


def draw_sets(
    strata: Sequence[np.ndarray], together: Sequence[int], draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Placebo councils: draws × treated, no council twice in a draw of one stratum.

    `strata` lists the candidates of each treated council; `together` says which treated councils
    share a stratum. A single treated council is set against each candidate once, not drawn.
    """
    if len(strata) == 1:
        return strata[0][:, None]
    chosen = np.empty((draws, len(strata)), dtype=np.int64)
    for stratum in sorted(set(together)):
        members = [place for place, own in enumerate(together) if own == stratum]
        candidates = strata[members[0]]
        order = np.argsort(rng.random((draws, len(candidates))), axis=1, kind="stable")
        chosen[:, members] = candidates[order[:, : len(members)]]
    return chosen


def studentised(gaps: np.ndarray, squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean gap over treated councils / root mean square of their gaps before; and that root.

    Treated councils are the last axis. No spread at all (a perfect fit) gives infinity, which
    counts as large.
    """
    spread = np.sqrt(squares.mean(axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = gaps.mean(axis=-1) / spread
    return np.where(np.isnan(ratio), np.inf, ratio), spread


def measured(null: Null) -> np.ndarray:
    """By service: is there a misfit before to measure the gap in? Without one nothing is ranked."""
    return null.spread > 0


def p_values(null: Null) -> np.ndarray:
    """Two-sided, by service: (1 + draws at least as large) / (draws + 1), never below 1/(B+1).

    NaN where the treated are fitted perfectly.
    """
    return ranks(null) / (null.draws + 1)


def ranks(null: Null) -> np.ndarray:
    """1 for the largest of the treated and all its placebos, by service; NaN at a perfect fit."""
    larger = np.abs(null.drawn) >= np.abs(null.observed)[None, :]
    return np.where(measured(null), 1.0 + larger.sum(axis=0), np.nan)


def standard_error(p: float, draws: int) -> float:
    """How far a share of so many random draws lies from the share of all of them, usually."""
    return math.sqrt(p * (1 - p) / draws)


def critical(null: Null, alpha: float = 0.05) -> np.ndarray:
    """The largest studentised gap, by service, that the test does not reject."""
    rank = int(np.floor(alpha * (null.draws + 1) - 1 + 1e-9)) + 1
    if rank < 1:
        return np.full(len(null.observed), np.inf)
    return -np.sort(-np.abs(null.drawn), axis=0)[rank - 1]


def intervals(null: Null, alpha: float = 0.05) -> np.ndarray:
    """Every constant gap that the test does not reject, by service: low, high (inversion).

    Without bound where there are too few placebos, or no misfit to measure a gap in.
    """
    reach = _in_units(critical(null, alpha), null)
    return np.stack([null.gap - reach, null.gap + reach], axis=1)


def detectable(null: Null, alpha: float = 0.05, power: float = 0.8) -> np.ndarray:
    """The smallest constant gap that the test would find four times in five, by service."""
    both = np.concatenate([null.drawn, -null.drawn])
    needed = critical(null, alpha) + np.quantile(both, power, axis=0, method="higher")
    return _in_units(needed, null)


def _in_units(studentised: np.ndarray, null: Null) -> np.ndarray:
    """Times the treated councils' misfit, by service; no bound where their fit is perfect."""
    with np.errstate(invalid="ignore"):
        return np.where(null.spread > 0, studentised * null.spread, np.inf)


def westfall_young(null: Null) -> np.ndarray:
    """P over several services at once, step down by the largest in each draw (max-T).

    Services whose fit is perfect take no part, and have NaN.
    """
    part = measured(null)
    adjusted = np.full(len(part), np.nan)
    adjusted[part] = _stepped_down(null.observed[part], null.drawn[:, part])
    return adjusted


def _stepped_down(one: np.ndarray, of: np.ndarray) -> np.ndarray:
    order = np.argsort(-np.abs(one), kind="stable")
    drawn, observed = np.abs(of)[:, order], np.abs(one)[order]
    most = np.maximum.accumulate(drawn[:, ::-1], axis=1)[:, ::-1]
    stepped = (1 + (most >= observed[None, :]).sum(axis=0)) / (len(of) + 1)
    adjusted = np.empty(len(order))
    adjusted[order] = np.maximum.accumulate(stepped)
    return adjusted


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjustment of p-values: no assumption on how services move together.

    NaN is no test: it stays NaN and counts for none of the others.
    """
    known = ~np.isnan(p)
    found = np.full(len(p), np.nan)
    found[known] = _holm(p[known])
    return found


def _holm(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
