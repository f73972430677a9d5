"""The fit of one case and of every placebo beside it: weights, lines and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coopstats.comparisons.baselines import Pool, baseline_of
from coopstats.comparisons.panel import Panel
from coopstats.comparisons.question import Case, Question

EXACT = 1e-6  # of the spread of the line before: a smaller miss is a perfect fit


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


def fit(question: Question, case: Case, placebos: bool = True) -> Fit:
    """The gaps of one case; without placebos only those of the treated council."""
    panel = question.panels[0]
    councils = (case.ecode, *case.donors)
    targets = np.arange(len(councils) if placebos else 1)
    weights = weights_of(question, case, councils, targets, allowed_donors(targets, len(councils)))
    lines = lines_of(question, councils)
    before, after = places_of(panel, case.before), places_of(panel, case.after)
    spread = lines[:, :, before].std(axis=(0, 2))
    if baseline_of(question.baseline).demeaned:
        base = places_of(panel, case.base or case.before)
        lines = lines - lines[:, :, base].mean(axis=2, keepdims=True)
    gap = gaps_beside(lines, weights, targets)
    square = unless_exact(np.square(gap[:, :, before]).mean(axis=2), spread)
    mean = gap[:, :, after].mean(axis=2)
    return Fit(case, councils, weights, lines, gap, mean, square, spread, square == 0)


def lines_of(question: Question, councils: Sequence[str]) -> np.ndarray:
    """Councils × services × years, as measured."""
    return np.stack([panel.values[panel.rows(councils)] for panel in question.panels], axis=1)


def places_of(panel: Panel, years: Sequence[int]) -> np.ndarray:
    """The columns of these years."""
    return np.array([panel.years.index(year) for year in years], dtype=np.int64)


def unless_exact(square: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Mean squares before (councils or sets × services), 0 where rounding alone is left of them."""
    exact = np.sqrt(square) <= EXACT * np.where(spread > 0, spread, 1.0)
    return np.where(exact, 0.0, square)


def allowed_donors(targets: np.ndarray, councils: int) -> np.ndarray:
    """Targets × councils: who may be a donor; never the treated council, nor a target its own."""
    allowed = np.ones((len(targets), councils), dtype=bool)
    allowed[:, 0] = False
    allowed[np.arange(len(targets)), targets] = False
    return allowed


def weights_of(
    question: Question,
    case: Case,
    councils: tuple[str, ...],
    targets: np.ndarray,
    allowed: np.ndarray,
) -> np.ndarray:
    """Services × targets × councils; a stacked baseline has one set of weights for all services."""
    rule, services = baseline_of(question.baseline), len(question.panels)
    before = lines_of(question, councils)[:, :, places_of(question.panels[0], case.before)]
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


def treated_only(question: Question) -> np.ndarray:
    """Mean gap by service without any placebo: what leave-one-out needs."""
    return np.mean([fit(question, case, placebos=False).mean[0] for case in question.cases], axis=0)
