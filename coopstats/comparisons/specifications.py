"""The specification curve: one comparison under every combination of reasonable choices.

Baseline × price index × donors × years before × years after. `checks` changes one choice at a
time; here they are crossed, so that a reader sees whether any finding hangs on one of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from coopstats.comparisons import permutation
from coopstats.comparisons.baselines import least_before
from coopstats.comparisons.estimate import estimate
from coopstats.comparisons.peers import RULES, STRICT
from coopstats.comparisons.question import Question
from coopstats.comparisons.result import Result
from coopstats.core.errors import CoopstatsError

BASELINES = ("equal", "nearest", "matched", "synthetic_demeaned")
SHORT = 3
Choice = tuple[str, dict[str, Any]]


def specifications(
    result: Result,
    line: str | None = None,
    workers: int = 1,
    progress: Callable[[list], Iterable] = iter,
    more: Mapping[str, list[Choice]] | None = None,
) -> pd.DataFrame:
    """One row a combination that can be made: its choices, gap, low, high, fit, rank, of, p.

    `p` is rank / of for one council; both are NaN at a perfect fit. What the data refuse (too few
    years or donors) is left out and counted in `.attrs["refused"]`; `planned` marks the
    comparison's own choices. The numbers are the same for any number of workers. `more` are kinds
    of choice beside these: a name, and its options in words with what each changes, the
    comparison's own first.
    """
    from joblib import Parallel, delayed

    place = result.place(line)
    asked = list(_asked(result, more or {}))
    made = [(choices, question) for choices, question in asked if question is not None]
    work = Parallel(n_jobs=workers)
    found = work(delayed(_row)(question, place) for _, question in progress(made))
    rows = [{**choices, **row} for (choices, _), row in zip(made, found, strict=True)]
    frame = _by_gap(pd.DataFrame(rows))
    frame.attrs["refused"] = len(asked) - len(made)
    return frame


def _by_gap(frame: pd.DataFrame) -> pd.DataFrame:
    """From the least gap to the largest; gaps alike to the tenth digit keep the choices' order.

    The digits after those depend on the processor, and the order must not.
    """
    gap = frame["gap"].to_numpy("float64")
    digits = 9 - np.floor(np.log10(max(np.abs(gap).max(initial=0), 1e-300)))
    order = np.argsort(np.round(gap * 10.0**digits), kind="stable")
    return frame.iloc[order].reset_index(drop=True)


def _asked(
    result: Result, more: Mapping[str, list[Choice]]
) -> Iterator[tuple[dict[str, Any], Question | None]]:
    """Every combination: its names, and a question or None. Baselines share all but their name."""
    own, options = result.choices.baseline, {**_options(result), **more}
    for chosen in itertools.product(*options.values()):
        names = dict(zip(options, (name for name, _ in chosen), strict=True))
        changes = {key: value for _, change in chosen for key, value in change.items()}
        question = _question(result, changes)
        for name in dict.fromkeys((own, *BASELINES)):
            planned = name == own and not changes
            yield {"baseline": name, **names, "planned": planned}, _with(question, name)


def _question(result: Result, changes: dict[str, Any]) -> Question | None:
    """With the distances that `nearest` needs; the other baselines do without."""
    try:
        return result.under(baseline="nearest", **changes).question
    except CoopstatsError:
        return None


def _with(question: Question | None, name: str) -> Question | None:
    """The question with this baseline; None where it needs more years before."""
    if question is None:
        return None
    fewest = min(len(case.before) for case in question.cases)
    return replace(question, baseline=name) if fewest >= least_before(name) else None


def _options(result: Result) -> dict[str, list[Choice]]:
    """Each kind of choice with its options; the comparison's own comes first, as no change."""
    return {
        "prices": _prices(result),
        "donors": _donors(result.choices.rules),
        "before": [
            ("all years", {}),
            ("without the last", {"donut": True}),
            ("the last year alone", {"base_back": 1}),
        ],
        "after": _after(result),
    }


def _prices(result: Result) -> list[Choice]:
    money = any(one.prices == "nominal" and one.adds_up for one in result.measures)
    return [("GDP deflator", {}), ("CPIH", {"index": "cpih"})] if money else [("none", {})]


def _donors(rules: tuple[str, ...]) -> list[Choice]:
    """By the rules; never a member; members allowed; listed neighbours allowed."""
    fewer = {left: tuple(rule for rule in rules if rule != left) for left in RULES}
    return [
        ("by the rules", {}),
        ("never a member", {"rules": (*rules, STRICT)}),
        ("members too", {"rules": fewer["member"]}),
        ("listed ones too", {"rules": fewer["listed"]}),
    ]


def _after(result: Result) -> list[Choice]:
    starts = {case.start for case in result.cases}
    longest = max(len(case.after) for case in result.cases)
    if len(starts) > 1 or longest <= SHORT:
        return [("all years", {})]
    years = sorted({year for case in result.cases for year in case.after})[:SHORT]
    return [("all years", {}), (f"first {SHORT} years", {"after": (years[0], years[-1])})]


def _row(question: Question, place: int) -> dict[str, Any]:
    null = estimate(question).null
    rank, of = float(permutation.ranks(null)[place]), null.draws + 1
    low, high = permutation.intervals(null)[place]
    return {
        "gap": float(null.gap[place]), "low": float(low), "high": float(high),
        "fit": float(null.spread[place]), "rank": rank, "of": of, "p": rank / of,
    }  # fmt: skip
