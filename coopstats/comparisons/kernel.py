"""The algorithm of simplex.py, compiled by numba: the extra `fast`. Same steps, same answers."""

from __future__ import annotations

import numba
import numpy as np

from coopstats.comparisons.tolerances import LEAST_RIDGE, LEAST_WEIGHT, TOLERANCE

LEAST_PIVOT = 1e-30

compiled = numba.njit(cache=True, nogil=True, fastmath=False)


@compiled
def _solve(system, right):
    """Cholesky, in place (the system is symmetric and positive); the answer is left in `right`."""
    _factor(system)
    size = len(right)
    for row in range(size):
        for column in range(row):
            right[row] -= system[row, column] * right[column]
        right[row] /= system[row, row]
    for row in range(size - 1, -1, -1):
        for column in range(row + 1, size):
            right[row] -= system[column, row] * right[column]
        right[row] /= system[row, row]


@compiled
def _factor(system):
    for row in range(len(system)):
        for column in range(row + 1):
            total = system[row, column]
            for before in range(column):
                total -= system[row, before] * system[column, before]
            if column < row:
                system[row, column] = total / system[column, column]
            else:
                system[row, row] = np.sqrt(max(total, LEAST_PIVOT))


@compiled
def _affine(points, held, count, ridge, wanted):
    """As simplex._affine: the sum of `wanted` is 1."""
    if ridge == 0.0:
        _affine_small(points, held, count, wanted)
    else:
        _affine_ridge(points, held, count, ridge, wanted)
    total = wanted[:count].sum()
    for place in range(count):
        wanted[place] /= total


@compiled
def _affine_small(points, held, count, wanted):
    system = np.empty((count, count))
    for a in range(count):
        wanted[a] = 1.0
        for b in range(a + 1):
            product = 1.0
            for year in range(points.shape[1]):
                product += points[held[a], year] * points[held[b], year]
            system[a, b] = product
            system[b, a] = product
    _solve(system, wanted[:count])


@compiled
def _affine_ridge(points, held, count, ridge, wanted):
    years = points.shape[1]
    inner = np.zeros((years + 1, years + 1))
    sums = np.zeros(years + 1)
    for place in range(count):
        row = points[held[place]]
        inner[0, 0] += 1.0
        for a in range(years):
            inner[a + 1, 0] += row[a]
            for b in range(a + 1):
                inner[a + 1, b + 1] += row[a] * row[b]
    for a in range(years + 1):
        sums[a] = inner[a, 0]
        for b in range(a):
            inner[b, a] = inner[a, b]
        inner[a, a] += ridge
    _solve(inner, sums)
    for place in range(count):
        product = sums[0]
        for year in range(years):
            product += points[held[place], year] * sums[year + 1]
        wanted[place] = (1.0 - product) / ridge


@compiled
def _settle(points, weight, held, count, ridge, wanted):
    """As simplex._settled; how many points are held afterwards."""
    while True:
        _affine(points, held, count, ridge, wanted)
        least, step = -1, np.inf
        for place in range(count):
            if wanted[place] <= LEAST_WEIGHT:
                now = weight[held[place]]
                fraction = now / max(now - wanted[place], 1e-300)
                if fraction < step:
                    least, step = place, fraction
        if least < 0:
            for place in range(count):
                weight[held[place]] = wanted[place]
            return count
        count = _shrink(weight, held, count, wanted, least, min(1.0, step))


@compiled
def _shrink(weight, held, count, wanted, least, step):
    """Go as far as the first weight falls to zero; let go of it and of those that did as well."""
    left = 0
    for place in range(count):
        point = held[place]
        weight[point] += step * (wanted[place] - weight[point])
        if place == least or weight[point] <= LEAST_WEIGHT:
            weight[point] = 0.0
        else:
            held[left] = point
            left += 1
    return left


@compiled
def _trim(points, weight, held, ridge, wanted):
    """As simplex._start with a ridge; how many points are held."""
    count = len(weight)
    for point in range(count):
        held[point] = point
    while True:
        _affine(points, held, count, ridge, wanted)
        left = 0
        for place in range(count):
            if wanted[place] > LEAST_WEIGHT:
                held[left] = held[place]
                left += 1
        if left == count:
            for place in range(count):
                weight[held[place]] = wanted[place]
            return count
        count = left


@compiled
def _closest(points, ridge):
    """The nearest single point, and the largest square among all."""
    best, least, most = 0, np.inf, 0.0
    for point in range(points.shape[0]):
        square = ridge
        for year in range(points.shape[1]):
            square += points[point, year] ** 2
        most = max(most, square)
        if square < least:
            best, least = point, square
    return best, most


@compiled
def _mixed(points, weight, held, count, ridge, here):
    """Where the mixture lies (left in `here`), and its squared distance with the ridge's part."""
    here[:] = 0.0
    length = 0.0
    for place in range(count):
        length += ridge * weight[held[place]] ** 2
        for year in range(points.shape[1]):
            here[year] += weight[held[place]] * points[held[place], year]
    for year in range(points.shape[1]):
        length += here[year] ** 2
    return length


@compiled
def _steepest(across, weight, ridge, here, towards):
    """The point that lies furthest towards the origin, and how far.

    `across` has the points as columns: along a year all of them are reckoned at once.
    """
    for point in range(across.shape[1]):
        towards[point] = ridge * weight[point]
    for year in range(across.shape[0]):
        for point in range(across.shape[1]):
            towards[point] += across[year, point] * here[year]
    best = towards.argmin()
    return best, towards[best]


@compiled
def _nearest_to_origin(points, ridge, weight, held, wanted, here):
    across, towards = points.T.copy(), np.empty(len(points))
    best, most = _closest(points, ridge)
    if ridge == 0.0:
        held[0], weight[best], count = best, 1.0, 1
    else:
        count = _trim(points, weight, held, ridge, wanted)
    for _ in range(20 * len(points) + 100):
        length = _mixed(points, weight, held, count, ridge, here)
        best, least = _steepest(across, weight, ridge, here, towards)
        if length - least <= TOLERANCE * most or _among(held, count, best):
            break
        held[count] = best
        count = _settle(points, weight, held, count + 1, ridge, wanted)
    weight /= weight.sum()


@compiled
def _among(held, count, point):
    return np.any(held[:count] == point)


@compiled
def _scaled(rows, target, donors, points):
    """The donors' rows less the target's, in units of the largest difference, which is given."""
    scale = 0.0
    for place, donor in enumerate(donors):
        for year in range(rows.shape[1]):
            points[place, year] = rows[donor, year] - rows[target, year]
            scale = max(scale, abs(points[place, year]))
    if scale > 0.0:
        points[: len(donors)] /= scale
    return scale


@compiled
def weights_of_all(rows, targets, allowed, ridges):
    """As simplex.weights_of_all."""
    size, years = rows.shape
    found = np.zeros((len(targets), size))
    points, here = np.empty((size, years)), np.empty(years)
    held, wanted = np.empty(size + 1, np.int64), np.empty(size + 1)
    for place in range(len(targets)):
        donors = np.flatnonzero(allowed[place])
        scale = _scaled(rows, targets[place], donors, points)
        weight = np.zeros(len(donors))
        if scale == 0.0:
            weight[:] = 1.0 / len(donors)
        else:
            ridge = ridges[place] / scale**2
            ridge = ridge if ridge > LEAST_RIDGE else 0.0
            _nearest_to_origin(points[: len(donors)], ridge, weight, held, wanted, here)
        for position, donor in enumerate(donors):
            found[place, donor] = weight[position]
    return found
