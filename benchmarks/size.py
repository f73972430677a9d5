"""How often does each procedure find a gap where nothing happened, and how often one that is there?

python benchmarks/size.py [--runs N] [--draws N] [--workers N] [--seed S] [--only …] [--power]

A made-up England: 300 councils of four classes, 17 years, twelve of them treated in four years of
start, no true gap. Prints shares rejected at 5 %, by scenario and procedure, as a table for
METHOD.md. With --power a constant gap is put in, in units of a council's yearly noise.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm

from coopstats.comparisons import baselines, permutation, staggered
from coopstats.comparisons.estimate import Estimate, estimate
from coopstats.comparisons.panel import Panel
from coopstats.comparisons.question import Case, Question

CLASSES = {"L": 33, "MD": 36, "UA": 55, "SD": 176}
TREATED = {"L": 4, "MD": 4, "UA": 2, "SD": 2}
YEARS = tuple(range(2007, 2024))
STARTS = (2012, 2013, 2014, 2016)
AFTER = 5
ALPHA = 0.05
SEVEN = baselines.baseline_of("synthetic").least_before


@dataclass(frozen=True)
class Scenario:
    """How the treated differ: their noise as a multiple, and how bad the year before is."""

    name: str
    noise: float = 1.0
    bad_year: bool = False


SCENARIOS = (
    Scenario("ordinary"),
    Scenario("quiet treated councils", noise=0.5),
    Scenario("noisy treated councils", noise=2.0),
    Scenario("start after a bad year", bad_year=True),
)


# ── a made-up England ────────────────────────────────────────────────────────────────────────────


def world(scenario: Scenario, gap: float, rng: np.random.Generator) -> Question:
    """Councils whose lines wander round class trends; some are treated from their start on."""
    classes = np.repeat(list(CLASSES), list(CLASSES.values()))
    people = np.exp(rng.normal(12, 0.5, len(classes)))
    noise = np.exp(rng.normal(0, 0.4, len(classes))) * (people / people.mean()) ** -0.25
    treated, starts = _treated(classes, rng)
    noise[treated] *= scenario.noise
    shocks = _shocks(len(classes), rng) * noise[:, None]
    if scenario.bad_year:
        starts = _after_bad_year(shocks, treated)
    trends = {name: rng.normal(0, 1, len(YEARS)).cumsum() for name in CLASSES}
    lines = 100 + 5 * rng.normal(size=(len(classes), 1)) + shocks
    lines = lines + np.array([trends[name] for name in classes])
    for council, start in zip(treated, starts, strict=True):
        lines[council, start - YEARS[0] :] += gap * noise[council]
    return _question(lines, classes, people, treated, starts)


def _shocks(councils: int, rng: np.random.Generator, carried: float = 0.6) -> np.ndarray:
    """Noise of which six tenths are carried into the next year."""
    fresh = rng.normal(size=(councils, len(YEARS)))
    shocks = np.empty_like(fresh)
    shocks[:, 0] = fresh[:, 0] / np.sqrt(1 - carried**2)
    for year in range(1, len(YEARS)):
        shocks[:, year] = carried * shocks[:, year - 1] + fresh[:, year]
    return shocks


def _treated(classes: np.ndarray, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    chosen: list[int] = []
    for name, count in TREATED.items():
        chosen += sorted(rng.choice(np.flatnonzero(classes == name), count, replace=False))
    return chosen, [STARTS[place % len(STARTS)] for place in range(len(chosen))]


def _after_bad_year(shocks: np.ndarray, treated: list[int]) -> list[int]:
    """Each starts in the year after the worst of the years before the possible starts."""
    before = [start - 1 - YEARS[0] for start in STARTS]
    return [STARTS[int(np.argmin(shocks[council, before]))] for council in treated]


def _question(lines, classes, people, treated, starts) -> Question:
    codes = tuple(f"{name}{place:03}" for place, name in enumerate(classes))
    out = {codes[council] for council in treated}
    cases = []
    for council, start in zip(treated, starts, strict=True):
        kind = classes[council]
        donors = sorted(
            c for c, k in zip(codes, classes, strict=True) if k == kind and c not in out
        )
        before = tuple(year for year in YEARS if year < start)
        after = tuple(range(start, start + AFTER))
        cases.append(
            Case(codes[council], codes[council], before, after, tuple(donors), start, kind)
        )
    order = np.argsort(codes)
    panel = Panel("line", "", tuple(np.array(codes)[order]), YEARS, lines[order])
    sizes = dict(zip(codes, people, strict=True))
    return Question((panel,), tuple(sorted(cases, key=lambda c: c.ecode)), "equal", sizes)


# ── procedures: each gives a p ───────────────────────────────────────────────────────────────────


def headline(question: Question) -> float:
    """All years before, equal weights, studentised, placebo sets within class and size."""
    return float(permutation.p_values(estimate(question).null)[0])


def ridge(question: Question) -> float:
    """The same with the demeaned synthetic baseline."""
    return headline(replace(question, baseline="synthetic_demeaned"))


def levels(question: Question) -> float:
    """The synthetic baseline of levels, of those that have the seven years before it needs."""
    cases = tuple(case for case in question.cases if len(case.before) >= SEVEN)
    return headline(replace(question, baseline="synthetic", cases=cases))


def year_before(question: Question) -> float:
    """The year before the start alone as base."""
    cases = tuple(replace(case, base=(case.start - 1,)) for case in question.cases)
    return headline(replace(question, cases=cases))


def donut(question: Question) -> float:
    """The headline without the last year before."""
    cases = tuple(replace(case, before=case.before[:-1]) for case in question.cases)
    return headline(replace(question, cases=cases))


def raw(question: Question) -> float:
    """The mean gap itself, not studentised, placebos from the whole class."""
    found = estimate(replace(question, sizes={}))
    return _p_of(found, lambda fit: fit.mean[:, 0], np.mean)


def ratio(question: Question) -> float:
    """Mean ratio of misfit after to misfit before."""
    return _p_of(estimate(question), _ratio, np.mean)


def _ratio(fit) -> np.ndarray:
    places = [YEARS.index(year) for year in fit.case.after]
    return np.sqrt(np.square(fit.gap[:, 0, places]).mean(axis=1) / fit.square[:, 0])


def own_ratio(question: Question) -> float:
    """The mean of each council's own studentised gap."""
    return _p_of(
        estimate(question), lambda fit: fit.mean[:, 0] / np.sqrt(fit.square[:, 0]), np.mean
    )


def _p_of(found: Estimate, statistic: Callable, together: Callable) -> float:
    everyone = sorted({code for case in found.question.cases for code in case.donors})
    observed, drawn = [], []
    for place, fit in enumerate(found.fits):
        values = statistic(fit)
        at = {code: row for row, code in enumerate(fit.councils)}
        rows = np.array([at.get(code, 0) for code in everyone])
        observed.append(values[0])
        drawn.append(values[rows[found.sets[:, place]]])
    larger = np.abs(together(drawn, axis=0)) >= abs(together(observed))
    return (1 + int(larger.sum())) / (1 + len(larger))


def normal_theory(question: Question) -> float:
    """Callaway and Sant'Anna's estimate with its own error (library)."""
    panel, starts = question.panels[0], {case.ecode: case.start for case in question.cases}
    frame = pd.DataFrame(panel.values, index=panel.codes, columns=panel.years)
    frame = frame.rename_axis("unit").reset_index().melt("unit", var_name="year")
    frame = frame.astype({"year": int}).assign(first_year=frame["unit"].map(starts))
    frame = frame.fillna({"first_year": 0}).astype({"first_year": int})
    found = staggered.second_opinion(frame)
    return 0.0 if abs(found.gap) > 1.959964 * found.error else 1.0


PROCEDURES = {
    "headline": headline,
    "headline, donut": donut,
    "demeaned synthetic": ridge,
    "synthetic": levels,
    "mean of own ratios": own_ratio,
    "year before alone": year_before,
    "raw gap, whole class": raw,
    "RMSPE ratio": ratio,
    "normal theory (Callaway–Sant'Anna)": normal_theory,
}


# ── runs ─────────────────────────────────────────────────────────────────────────────────────────


def one(scenario: Scenario, gap: float, names: list[str], draws: int, seed) -> list[bool]:
    """Whether each procedure rejects in one made-up England."""
    made = world(scenario, gap, np.random.default_rng(seed))
    question = replace(made, draws=draws, seed=int(seed.generate_state(1)[0]))
    return [PROCEDURES[name](question) <= ALPHA for name in names]


def shares(scenario: Scenario, gap: float, names: list[str], asked) -> pd.Series:
    """The share of runs in which each procedure rejects."""
    seeds = np.random.SeedSequence([asked.seed, *scenario.name.encode()]).spawn(asked.runs)
    work = Parallel(n_jobs=asked.workers)
    runs = work(
        delayed(one)(scenario, gap, names, asked.draws, seed)
        for seed in tqdm(seeds, desc=f"{scenario.name}, gap {gap}", leave=False, disable=None)
    )
    return pd.Series(np.mean(runs, axis=0), index=names)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=499)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--power", action="store_true", help="power instead of size")
    parser.add_argument("--only", nargs="*", default=list(PROCEDURES), choices=list(PROCEDURES))
    asked = parser.parse_args()
    if asked.power:
        names = ["headline", "demeaned synthetic"]
        rows = {f"gap {g}": shares(SCENARIOS[0], g, names, asked) for g in (0.25, 0.5, 0.75, 1.0)}
    else:
        rows = {s.name: shares(s, 0.0, asked.only, asked) for s in SCENARIOS}
    table = (100 * pd.DataFrame(rows)).round(1)
    print(table.to_csv(sep="|", lineterminator="\n"))
    print(f"per cent of {asked.runs} runs, {asked.draws} draws each")


if __name__ == "__main__":
    main()
