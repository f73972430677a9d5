"""Counts beside counts: a Poisson model with council and year effects, and inference by placebos.

For rare events (births of co-operatives) a gap in units is mostly noise of small numbers. The
model says: expected count = people × council effect × year effect of the class × a ratio in the
treated councils' years after. The ratio is the only thing of interest; its chance comes from
placebo sets of the same class and size, as everywhere here, and not from the model's own error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from coopstats.comparisons import permutation

ROUNDS, CLOSE = 200, 1e-7
CHUNK = 50  # placebo sets fitted at once: bounds memory


@dataclass(frozen=True, eq=False)
class Counts:
    """Counts and people of councils (rows) in years (columns), the treated and who else may be.

    `kinds` is each council's class as a number, `size` its people before; `before` and `after`
    are places of years. `treated` are places of councils.
    """

    codes: tuple[str, ...]
    years: tuple[int, ...]
    counts: np.ndarray
    people: np.ndarray
    kinds: np.ndarray
    size: np.ndarray
    treated: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]

    def without(self, code: str) -> Counts:
        """The same with one treated council in neither group."""
        place = self.codes.index(code)
        kept = [row for row in range(len(self.codes)) if row != place]
        names = [self.codes[row] for row in self.treated if row != place]
        codes = tuple(self.codes[row] for row in kept)
        return replace(
            self, codes=codes, counts=self.counts[kept], people=self.people[kept],
            kinds=self.kinds[kept], size=self.size[kept],
            treated=tuple(codes.index(name) for name in names),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Ratio:
    """What the model finds: the ratio of counts after to what was expected, and its chance.

    `low` and `high` are every ratio that the placebo sets do not reject at 5 per cent;
    `detectable` the smallest ratio above 1 that they would find four times in five. `by_year` has
    a row a year (year, ratio, low, high), expected from the years before.
    """

    ratio: float
    low: float
    high: float
    p: float
    draws: int
    detectable: float
    observed: float
    expected: float
    by_year: np.ndarray


def ratio(held: Counts, draws: int = 4999, seed: int = 0) -> Ratio:
    """The treated councils' ratio, among placebo sets of the same classes and sizes."""
    rng = np.random.default_rng(seed)
    sets = np.vstack([np.array(held.treated)[None], _sets(held, draws, rng)])
    logs, spreads, years = _fit(held, sets)
    z = logs / spreads
    null = permutation.Null(z[:1], z[1:, None], spreads[:1], logs[:1])
    reach = float(permutation.critical(null)[0] * spreads[0])
    expected = float(_after(held, sets[:1])[0] / np.exp(logs[0]))
    return Ratio(
        ratio=float(np.exp(logs[0])),
        low=float(np.exp(logs[0] - reach)),
        high=float(np.exp(logs[0] + reach)),
        p=float(permutation.p_values(null)[0]),
        draws=draws,
        detectable=float(np.exp(permutation.detectable(null)[0])),
        observed=float(_after(held, sets[:1])[0]),
        expected=expected,
        by_year=_by_year(held, years),
    )


def log_ratio(held: Counts) -> float:
    """The logarithm of the ratio alone, without placebos: what leave-one-out needs."""
    return float(_fit(held, np.array(held.treated)[None])[0][0])


def _sets(held: Counts, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Placebo councils for every treated one, of its class and size band, never a treated one."""
    labels = _labels(held)
    free = np.setdiff1d(np.arange(len(held.codes)), held.treated)
    strata = [free[labels[free] == labels[row]] for row in held.treated]
    if any(len(pool) < 2 * len(held.treated) for pool in strata):
        strata = [free[held.kinds[free] == held.kinds[row]] for row in held.treated]
        return permutation.draw_sets(strata, [int(held.kinds[r]) for r in held.treated], draws, rng)
    return permutation.draw_sets(strata, [int(labels[r]) for r in held.treated], draws, rng)


def _labels(held: Counts) -> np.ndarray:
    """Class and size band as one number."""
    bands = np.zeros(len(held.codes), dtype=int)
    for kind in np.unique(held.kinds):
        rows = held.kinds == kind
        bands[rows] = permutation.size_bands(held.size[rows])
    return held.kinds * permutation.MOST_BANDS + bands


def _fit(held: Counts, sets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """By set: log ratio, its spread, and the log ratio of every year to what was expected."""
    parts = [_fit_some(held, sets[at : at + CHUNK]) for at in range(0, len(sets), CHUNK)]
    logs, spreads, years = (np.concatenate(part) for part in zip(*parts, strict=True))
    return logs, spreads, years


def _fit_some(held: Counts, sets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Council, year and ratio are fitted by turns until none moves; a half count avoids log 0."""
    used = np.array([*held.before, *held.after])
    counts, people = held.counts[:, used], held.people[:, used]
    late = np.arange(len(used)) >= len(held.before)
    chosen = np.zeros((len(sets), len(held.codes)), dtype=bool)
    np.put_along_axis(chosen, sets, True, axis=1)
    flag = chosen[:, :, None] & late
    shift, year = np.zeros(len(sets)), np.ones((len(sets), int(held.kinds.max()) + 1, len(used)))
    per_council, per_year = counts.sum(axis=1), _by_kind(counts[None], held.kinds)
    observed = np.log(_halved((counts * flag).sum(axis=(1, 2))))
    for _ in range(ROUNDS):
        before, of_year = shift, people * year[:, held.kinds]
        lifted = np.where(flag, np.exp(shift)[:, None, None], 1.0)
        council = _share(per_council, (of_year * lifted).sum(axis=2))
        mean = _by_kind(people * council[:, :, None] * lifted, held.kinds)
        year = _share(per_year, mean)
        plain = np.where(flag, people * year[:, held.kinds], 0.0).sum(axis=2) * council
        shift = observed - np.log(_halved(plain.sum(axis=1)))
        if np.abs(shift - before).max() < CLOSE:
            break
    return shift, _spread(counts, flag, chosen), _years(held, council, chosen)


def _by_kind(values: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Sets × councils × years added up over the councils of each class: sets × classes × years."""
    out = np.zeros((len(values), int(kinds.max()) + 1, values.shape[2]))
    for kind in range(out.shape[1]):
        out[:, kind] = values[:, kinds == kind].sum(axis=1)
    return out


def _share(observed: np.ndarray, expected: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, observed / expected, 0.0)


def _halved(total: np.ndarray) -> np.ndarray:
    return np.maximum(total, 0.5)


def _spread(counts: np.ndarray, flag: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The log ratio's error if counts were Poisson: only a scale to hold sets of few against."""
    after = (counts * flag).sum(axis=(1, 2))
    every = chosen @ counts.sum(axis=1)
    return np.sqrt(1 / _halved(after) + 1 / _halved(every - after))


def _years(held: Counts, council: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Log ratio of each year's count in the chosen to what councils of their class would give."""
    others = np.where(chosen, 0.0, council)[:, :, None]
    beside = _by_kind(np.where(chosen[:, :, None], 0.0, held.counts), held.kinds)
    year = _share(beside, _by_kind(held.people * others, held.kinds))
    expected = held.people * council[:, :, None] * year[:, held.kinds]
    summed = np.where(chosen[:, :, None], expected, 0.0).sum(axis=1)
    return np.log(_halved(chosen.astype(float) @ held.counts)) - np.log(_halved(summed))


def _by_year(held: Counts, years: np.ndarray) -> np.ndarray:
    """Own ratio, and the band that holds 95 in 100 placebo sets' ratios of that year."""
    low, high = np.quantile(years[1:], (0.025, 0.975), axis=0)
    return np.column_stack([held.years, np.exp(years[0]), np.exp(low), np.exp(high)])


def _after(held: Counts, sets: np.ndarray) -> np.ndarray:
    """Counts of each set's councils in the years after."""
    total = held.counts[:, list(held.after)].sum(axis=1)
    return total[sets].sum(axis=1)


def two_shares(died: np.ndarray, there: np.ndarray, sets: np.ndarray) -> np.ndarray:
    """By set of councils: the share that died among those there, all councils of a set added."""
    return died[sets].sum(axis=1) / there[sets].sum(axis=1)


def placebo_sets(held: Counts, draws: int = 4999, seed: int = 0) -> np.ndarray:
    """The treated councils' places in the first row, then placebo sets."""
    rng = np.random.default_rng(seed)
    return np.vstack([np.array(held.treated)[None], _sets(held, draws, rng)])
