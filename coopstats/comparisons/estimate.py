"""The engine: gaps of treated councils and of every placebo, beside one baseline.

Nothing here reads a table or the register: a Question holds all that is asked, and can be sent to
another process. The answer depends on the question alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from coopstats.comparisons import baselines, permutation
from coopstats.comparisons.baselines import Pool
from coopstats.comparisons.panel import Panel
from coopstats.core.errors import NotComparable

EVEN = 1e-15  # weights that differ by less are the same
EXACT = 1e-6  # of the spread of the line before: a smaller miss is a perfect fit


@dataclass(frozen=True)
class Case:
    """One treated council: its years before and after, its donors (E-codes in order).

    `base` are the years before whose mean a demeaned gap is measured from; all unless given.
    """

    ecode: str
    name: str
    before: tuple[int, ...]
    after: tuple[int, ...]
    donors: tuple[str, ...]
    start: int
    stratum: str = ""
    base: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Question:
    """All that one comparison needs. `sizes` and `distance` are by E-code and by `codes`."""

    panels: tuple[Panel, ...]
    cases: tuple[Case, ...]
    baseline: str
    sizes: dict[str, float] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    distance: np.ndarray | None = None
    draws: int = 4999
    seed: int = 0
    compiled: bool | None = None


@dataclass(frozen=True, eq=False)
class Fit:
    """One case: councils (the treated one first) × services × years, and the weights.

    `line` is from its mean before where the baseline is demeaned. `gap` is a council's line less
    its baseline, `mean` its mean over the years after, `square` its mean square over the years
    before, `spread` the standard deviation of all lines before by service, `exact` whether a
    council was fitted perfectly.
    """

    case: Case
    councils: tuple[str, ...]
    weights: np.ndarray
    line: np.ndarray
    gap: np.ndarray
    mean: np.ndarray
    square: np.ndarray
    spread: np.ndarray
    exact: np.ndarray


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
    strata, together, banded = _strata(question)
    rng = np.random.default_rng(question.seed)
    sets = permutation.draw_sets(strata, together, question.draws, rng)
    null, misfit = _null(question, fits, sets)
    return Estimate(question, fits, sets, null, misfit, banded)


def fit(question: Question, case: Case, placebos: bool = True) -> Fit:
    """The gaps of one case; without placebos only those of the treated council."""
    panel = question.panels[0]
    councils = (case.ecode, *case.donors)
    targets = np.arange(len(councils) if placebos else 1)
    weights = _weights(question, case, councils, targets, _allowed(targets, len(councils)))
    lines = _lines(question, councils)
    before, after = _places(panel, case.before), _places(panel, case.after)
    spread = lines[:, :, before].std(axis=(0, 2))
    if baselines.baseline_of(question.baseline).demeaned:
        base = _places(panel, case.base or case.before)
        lines = lines - lines[:, :, base].mean(axis=2, keepdims=True)
    gap = gaps_beside(lines, weights, targets)
    square = _unless_exact(np.square(gap[:, :, before]).mean(axis=2), spread)
    mean = gap[:, :, after].mean(axis=2)
    return Fit(case, councils, weights, lines, gap, mean, square, spread, square == 0)


def _lines(question: Question, councils: Sequence[str]) -> np.ndarray:
    """Councils × services × years, as measured."""
    return np.stack([panel.values[panel.rows(councils)] for panel in question.panels], axis=1)


def _places(panel: Panel, years: Sequence[int]) -> np.ndarray:
    return np.array([panel.years.index(year) for year in years], dtype=np.int64)


def _unless_exact(square: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Mean squares before (councils or sets × services), 0 where rounding alone is left of them."""
    exact = np.sqrt(square) <= EXACT * np.where(spread > 0, spread, 1.0)
    return np.where(exact, 0.0, square)


def _allowed(targets: np.ndarray, councils: int) -> np.ndarray:
    """Targets × councils: who may be a donor; never the treated council, nor a target its own."""
    allowed = np.ones((len(targets), councils), dtype=bool)
    allowed[:, 0] = False
    allowed[np.arange(len(targets)), targets] = False
    return allowed


def _weights(
    question: Question,
    case: Case,
    councils: tuple[str, ...],
    targets: np.ndarray,
    allowed: np.ndarray,
) -> np.ndarray:
    """Services × targets × councils; a stacked baseline has one set of weights for all services."""
    rule, services = baselines.baseline_of(question.baseline), len(question.panels)
    before = _lines(question, councils)[:, :, _places(question.panels[0], case.before)]
    distance = _distance(question, councils)
    rows = [before[:, service] for service in range(services)]
    if rule.stacked:
        rows = [np.concatenate([_standard(row) for row in rows], axis=1)]
    found = [
        rule.weigh(Pool(row, len(case.after), distance, question.compiled), targets, allowed)
        for row in rows
    ]
    return np.stack(found * (services if rule.stacked else 1))


def _standard(rows: np.ndarray) -> np.ndarray:
    """A service in units of its own spread among councils."""
    spread = rows.std()
    return (rows - rows.mean()) / (spread if spread > 0 else 1.0)


def _distance(question: Question, councils: tuple[str, ...]) -> np.ndarray | None:
    if question.distance is None:
        return None
    places = [question.codes.index(code) for code in councils]
    return question.distance[np.ix_(places, places)]


def gaps_beside(lines: np.ndarray, weights: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Targets × services × years: own line less the weighted donors', NaN where one is missing."""
    gaps = np.empty((len(targets), *lines.shape[1:]))
    for service, weight in enumerate(weights):
        line = lines[:, service]
        missing = np.isnan(line).astype(float)
        gap = line[targets] - weight @ np.nan_to_num(line)
        gaps[:, service] = np.where(weight @ missing > 0, np.nan, gap)
    return gaps


# ── placebo sets ─────────────────────────────────────────────────────────────────────────────────

Stratum = tuple[str, int]  # class and band of size
Bands = dict[str, dict[str, int]]  # by class, the band of each of its councils


def _strata(question: Question) -> tuple[list[np.ndarray], list[int], bool]:
    """For each case its candidates (places in `everyone`), which cases share them, banded or not.

    Candidates are the councils of the stratum that are donors of every case of it. A council is of
    one class and one band, so none is twice in a set. Raises NotComparable where they are too few.
    """
    cases, everyone = question.cases, _everyone(question.cases)
    bands = _bands(question) if len(cases) > 1 and question.sizes else {}
    if not _wide_enough(cases, bands):
        bands = {}
        _refuse_few(cases)
    own = [_stratum(case, case.ecode, bands) for case in cases]
    pools = _candidates(cases, bands)
    places = {code: place for place, code in enumerate(everyone)}
    rows = {label: np.array([places[c] for c in pool], np.int64) for label, pool in pools.items()}
    numbers = {label: number for number, label in enumerate(sorted(pools))}
    return [rows[label] for label in own], [numbers[label] for label in own], bool(bands)


def _everyone(cases: Sequence[Case]) -> tuple[str, ...]:
    return tuple(sorted({code for case in cases for code in case.donors}))


def _bands(question: Question) -> Bands:
    """Bands of size of each class, among all its councils that are treated or donors."""
    found: Bands = {}
    for kind in {case.stratum for case in question.cases}:
        shared = [case for case in question.cases if case.stratum == kind]
        codes = sorted({code for case in shared for code in (case.ecode, *case.donors)})
        sizes = np.array([question.sizes.get(code, 0.0) for code in codes])
        bands = permutation.size_bands(sizes)
        found[kind] = {code: int(band) for code, band in zip(codes, bands, strict=True)}
    return found


def _stratum(case: Case, code: str, bands: Bands) -> Stratum:
    """The class of a case with the band of one of its councils; one band where there are none."""
    return case.stratum, bands[case.stratum][code] if bands else 0


def _candidates(cases: Sequence[Case], bands: Bands) -> dict[Stratum, list[str]]:
    """By stratum: the donors that all its cases share and that are of its band."""
    common: dict[Stratum, set[str]] = {}
    for case in cases:
        own = _stratum(case, case.ecode, bands)
        donors = {code for code in case.donors if _stratum(case, code, bands) == own}
        common[own] = common.get(own, donors) & donors
    return {label: sorted(codes) for label, codes in common.items()}


def _wide_enough(cases: Sequence[Case], bands: Bands) -> bool:
    """Whether every stratum has at least twice as many candidates as treated councils."""
    own = [_stratum(case, case.ecode, bands) for case in cases]
    pools = _candidates(cases, bands)
    return all(len(pool) >= 2 * own.count(label) for label, pool in pools.items())


def _refuse_few(cases: Sequence[Case]) -> None:
    if not _wide_enough(cases, {}):
        pools = _candidates(cases, {})
        told = [
            f"{sum(case.stratum == kind for case in cases)} treated councils"
            f"{f' of class {kind}' if kind else ''} share {len(pool)} donors"
            for (kind, _), pool in sorted(pools.items())
        ]
        raise NotComparable(
            f"{'; '.join(told)}: placebo sets need at least twice as many donors that are shared "
            "as there are treated councils. Compare fewer at once, or allow more donors."
        )


def _null(
    question: Question, fits: Sequence[Fit], sets: np.ndarray
) -> tuple[permutation.Null, np.ndarray]:
    drawn = [_drawn(question, fits, place, sets) for place in range(len(fits))]
    gaps, squares = (np.stack(part, axis=-1) for part in zip(*drawn, strict=True))
    ratio, misfit = permutation.studentised(gaps, squares)
    mean = np.stack([one.mean[0] for one in fits], axis=1)
    square = np.stack([one.square[0] for one in fits], axis=1)
    observed, spread = permutation.studentised(mean, square)
    return permutation.Null(observed, ratio.T, spread, mean.mean(axis=1)), misfit.T


def _drawn(
    question: Question, fits: Sequence[Fit], place: int, sets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of one case's placebo in each set: mean gap after, mean square before; services × sets."""
    one = fits[place]
    before, after = (_places(question.panels[0], y) for y in (one.case.before, one.case.after))

    def years_wanted(values: np.ndarray) -> np.ndarray:
        mean = values[:, :, after].mean(axis=2, keepdims=True)
        return np.concatenate([values[:, :, before], mean], axis=2)

    gap = set_gaps(question, fits, place, sets, years_wanted)
    square = _unless_exact(np.square(gap[:, :, :-1]).mean(axis=2), one.spread)
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
    one, rows = fits[place], _rows(fits[place], fits)
    own = rows[sets[:, place]]
    others = [rows[sets[:, other]] for other in range(sets.shape[1]) if other != place]
    others = [theirs for theirs in others if (theirs >= 0).any()]
    if others and not baselines.baseline_of(question.baseline).demeaned:
        return _refitted(question, one, own, others, of)
    line = np.nan_to_num(of(one.line))
    weight, taken = _taken(one.weights, own, others, line)
    left = np.where(weight < 1 - EXACT, 1 - weight, 1.0)[:, :, None]
    taken[weight >= 1 - EXACT] = 0.0
    mine = line[own]
    taken += of(one.gap)[own]
    taken -= mine  # so far less what is left of the baseline
    taken /= left
    taken += mine
    return taken


def _taken(
    weights: np.ndarray, own: np.ndarray, others: Sequence[np.ndarray], line: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What the other councils of each set weigh in a placebo's baseline, and weight × line.

    Sets × services, and × years. A council that is no donor (row −1) weighs nothing.
    """
    shape = len(own), len(weights), line.shape[2]
    donors = weights.shape[2] - 1
    used = weights[:, 1:][weights[:, 1:] > 0]  # without the treated council's own
    everyone = len(used) == len(weights) * donors * (donors - 1)
    padded = np.concatenate([line, np.zeros_like(line[:1])])  # its last row is that of −1
    weight, taken = np.zeros(shape[:2]), np.zeros(shape)
    if everyone and used.max() - used.min() < EVEN:  # all donors alike
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
    allowed = _allowed(own, len(one.councils))
    for theirs in others:
        donor = theirs >= 0
        allowed[np.flatnonzero(donor), theirs[donor]] = False
    weights = _weights(question, one.case, one.councils, own, allowed)
    return of(gaps_beside(one.line, weights, own))


def _rows(one: Fit, fits: Sequence[Fit]) -> np.ndarray:
    """Where each donor of any case stands among this case's councils, −1 where it is none."""
    own = {code: row for row, code in enumerate(one.councils)}
    everyone = _everyone([fit.case for fit in fits])
    return np.array([own.get(code, -1) for code in everyone], dtype=np.int64)


def treated_only(question: Question) -> np.ndarray:
    """Mean gap by service without any placebo: what leave-one-out needs."""
    return np.mean([fit(question, case, placebos=False).mean[0] for case in question.cases], axis=0)


def with_cases(question: Question, cases: Sequence[Case]) -> Question:
    """The same question of other cases."""
    return replace(question, cases=tuple(cases))
