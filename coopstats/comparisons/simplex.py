"""The weights of a baseline: which mixture of points lies nearest to a target.

Minimises |x − w·D|² + ridge·|w|² over weights w ≥ 0 that sum to 1, by Wolfe's algorithm for the
point of a polytope that is nearest to the origin (P. Wolfe, Mathematical Programming 11, 1976),
on the donors' rows less the target's. It ends after finitely many steps at the exact answer, up to
rounding. kernel.py is the same algorithm compiled; it is used where numba is installed, and tests
hold the two to 1e-8 of each other.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Sequence

import numpy as np

from coopstats.comparisons.tolerances import LEAST_RIDGE, LEAST_WEIGHT, TOLERANCE

MANY = 100  # fits in one call, from which the compiled kernel is worth its start


def weights(donors: np.ndarray, target: np.ndarray, ridge: float = 0.0) -> np.ndarray:
    """Weights of `donors` (a row each) whose mixture is nearest to `target`; numpy alone."""
    points = np.asarray(donors, dtype=float) - np.asarray(target, dtype=float)
    scale = float(np.abs(points).max(initial=0.0))
    if scale == 0.0:
        return np.full(len(points), 1 / len(points))
    strength = ridge / scale**2
    return _nearest_to_origin(points / scale, strength if strength > LEAST_RIDGE else 0.0)


def weights_of_all(
    rows: np.ndarray,
    targets: Sequence[int] | np.ndarray,
    allowed: np.ndarray,
    ridge: np.ndarray | float = 0.0,
    compiled: bool | None = None,
) -> np.ndarray:
    """A row of weights over all `rows` for each target: the rows `allowed` it, never itself.

    `allowed` is one row of booleans a target. `compiled` is None for "if
    numba is there and the fits are many", for the kernel takes seconds to compile the first time.
    """
    chosen = np.asarray(targets, dtype=np.int64)
    open_to = np.array(allowed, dtype=bool)
    open_to[np.arange(len(chosen)), chosen] = False
    ridges = np.broadcast_to(np.asarray(ridge, dtype=float), (len(chosen),)).copy()
    if compiled is None:
        compiled = has_kernel() and len(chosen) >= MANY
    if compiled:
        from coopstats.comparisons import kernel

        return kernel.weights_of_all(np.ascontiguousarray(rows, float), chosen, open_to, ridges)
    found = np.zeros((len(chosen), len(rows)))
    for place, (target, mask) in enumerate(zip(chosen, open_to, strict=True)):
        found[place, mask] = weights(rows[mask], rows[target], ridges[place])
    return found


@functools.cache
def has_kernel() -> bool:
    """Whether numba, the extra `fast`, is installed."""
    return importlib.util.find_spec("numba") is not None


def _nearest_to_origin(points: np.ndarray, ridge: float) -> np.ndarray:
    columns = np.column_stack([np.ones(len(points)), points])
    squares = (points * points).sum(axis=1) + ridge
    slack = TOLERANCE * float(squares.max())
    weight, held = _start(columns, squares, ridge)
    for _ in range(20 * len(points) + 100):
        now = weight[held]
        here = now @ points[held]
        towards = points @ here
        length = float(here @ here)
        if ridge:
            towards += ridge * weight
            length += ridge * float(now @ now)
        best = int(towards.argmin())
        if length - towards[best] <= slack or weight[best] > 0:
            break
        weight, held = _settled(columns, weight, np.concatenate((held, (best,))), ridge)
    return weight / weight.sum()


def _start(columns: np.ndarray, squares: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """The nearest single point; with a ridge, what is left of all points when negatives go."""
    if ridge == 0.0:
        held = np.array([int(squares.argmin())])
        return _spread(held, np.ones(1), len(columns)), held
    held = np.arange(len(columns))
    while True:
        found = _affine(columns[held], ridge)
        if found.min() > LEAST_WEIGHT:
            return _spread(held, found, len(columns)), held
        held = held[found > LEAST_WEIGHT]


def _settled(
    columns: np.ndarray, weight: np.ndarray, held: np.ndarray, ridge: float
) -> tuple[np.ndarray, np.ndarray]:
    """The best weights on the held points, dropping those that would turn negative."""
    while True:
        wanted = _affine(columns[held], ridge)
        if wanted.min() > LEAST_WEIGHT:
            return _spread(held, wanted, len(weight)), held
        now, falling = weight[held], wanted <= LEAST_WEIGHT
        steps = now[falling] / np.maximum(now[falling] - wanted[falling], 1e-300)
        now = now + min(1.0, float(steps.min())) * (wanted - now)
        now[np.flatnonzero(falling)[int(steps.argmin())]] = 0.0
        kept = now > LEAST_WEIGHT
        held = held[kept]
        weight = _spread(held, now[kept], len(weight))


def _affine(columns: np.ndarray, ridge: float) -> np.ndarray:
    """Weights that sum to 1, of either sign, of the mixture nearest to the origin.

    `columns` is a column of ones and the points. With a ridge the inverse of many points is had
    from a system of as many rows as years (Woodbury), so a hundred donors cost no more than ten.
    """
    if ridge == 0.0:
        found = np.linalg.solve(columns @ columns.T, np.ones(len(columns)))
    else:
        inner = columns.T @ columns
        inner.flat[:: len(inner) + 1] += ridge
        found = (1 - columns @ np.linalg.solve(inner, columns.sum(axis=0))) / ridge
    return found / found.sum()


def _spread(held: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    weight = np.zeros(size)
    weight[held] = values
    return weight
