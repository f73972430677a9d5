"""Beside every result: the same comparison under other choices, and without single councils."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from coopstats.comparisons import permutation
from coopstats.comparisons.baselines import BASELINES, least_before
from coopstats.comparisons.cautions import LEAST_AFTER
from coopstats.comparisons.estimate import estimate
from coopstats.comparisons.fits import treated_only
from coopstats.comparisons.peers import NEIGHBOURS, STRICT
from coopstats.comparisons.question import Case, Question, with_cases
from coopstats.comparisons.result import CHANCE, Result, without_chance
from coopstats.core.errors import CoopstatsError


@dataclass(frozen=True)
class Variant:
    """One other choice: its name, and either a question or why there is none."""

    name: str
    question: Question | None
    refused: str = ""


def curve(
    result: Result, workers: int = 1, progress: Callable[[list], Iterable] = iter
) -> pd.DataFrame:
    """Every variant: choice, line, gap, fit, rank, of, p, low, high, donors, refused."""
    from joblib import Parallel, delayed

    listed = [_seeded(one, place) for place, one in enumerate(variants(result))]
    lines = result.lines
    work = Parallel(n_jobs=workers)
    found = work(delayed(_rows)(one, lines) for one in progress(listed))
    frame = pd.DataFrame([row for rows in found for row in rows])
    frame = frame.astype({"rank": "Int64", "of": "Int64", "donors": "Int64"})
    if result.description:
        return without_chance(frame)
    return frame.assign(p=np.nan) if result.single else frame


def _seeded(variant: Variant, place: int) -> Variant:
    """A seed of its own for each task, from the comparison's; the headline keeps that one."""
    if variant.question is None or place == 0:
        return variant
    state = np.random.SeedSequence([variant.question.seed, place]).generate_state(1)
    return replace(variant, question=replace(variant.question, seed=int(state[0])))


def _rows(variant: Variant, lines: tuple[str, ...]) -> list[dict[str, Any]]:
    if variant.question is None:
        return [
            {"choice": variant.name, "line": line, "refused": variant.refused} for line in lines
        ]
    found = estimate(variant.question)
    null = found.null
    interval = permutation.intervals(null)
    rows = [
        {
            "choice": variant.name,
            "line": line,
            "gap": null.gap[place],
            "fit": null.spread[place],
            "rank": permutation.ranks(null)[place],
            "of": null.draws + 1,
            "p": permutation.p_values(null)[place],
            "low": interval[place, 0],
            "high": interval[place, 1],
            "donors": min(len(case.donors) for case in variant.question.cases),
            "exact_share": found.exact_share,
            "refused": "",
        }
        for place, line in enumerate(lines)
    ]
    short = any(len(case.after) < LEAST_AFTER for case in variant.question.cases)
    blank = CHANCE if short else ()
    return [{what: None if what in blank else cell for what, cell in row.items()} for row in rows]


def variants(result: Result) -> Iterator[Variant]:
    """The headline, then one other choice at a time."""
    yield Variant("as asked", result.estimate.question)
    for name, changes in _choices(result):
        try:
            yield Variant(name, result.under(**changes).question)
        except CoopstatsError as problem:
            yield Variant(name, None, problem.what)
    if result.choices.donors is None:
        yield _neighbours(result)
    yield from _in_time(result)


def _choices(result: Result) -> Iterator[tuple[str, dict[str, Any]]]:
    own, several = result.choices, len(result.measures) > 1
    for name, rule in BASELINES.items():
        if name != own.baseline and (several or not rule.stacked):
            yield f"baseline: {name}", {"baseline": name}
    shortest = min(len(case.before) for case in result.cases)
    yield "donut: without the last year before", {"donut": True}
    if BASELINES[own.baseline].demeaned:
        for back in range(1, shortest + 1):
            yield f"base year: {back} before the start alone", {"base_back": back}
    if any(one.prices == "nominal" and one.adds_up for one in result.measures):
        yield "deflator: CPIH", {"index": "cpih"}
    if own.donors is None:
        yield from _other_rules(own.rules)
    if result.estimate.banded:
        yield "placebo sets: of the class alone, whatever their size", {"by_size": False}


def _other_rules(rules: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "donors: never seen as a member", {"rules": (*rules, STRICT)}
    for switched in ("member", "listed"):
        if switched in rules:
            kept = tuple(one for one in rules if one != switched)
            yield f"donors: without the rule {switched!r}", {"rules": kept}


def _neighbours(result: Result) -> Variant:
    """Beside the published list of each council, of any class: it was drawn up after the event."""
    name = "donors: nearest neighbours as published about 2023, chosen after the event"
    if not result.single:
        return Variant(name, None, "Each council has a list of its own: sets cannot be drawn.")
    rules = tuple(rule for rule in result.choices.rules if rule != "type")
    try:
        return Variant(name, result.under(rules=(*rules, NEIGHBOURS)).question)
    except CoopstatsError as problem:
        return Variant(name, None, problem.what)


def _in_time(result: Result) -> Iterator[Variant]:
    """The start moved back to where no pilot was: half of the years before stand for after."""
    name = "placebo in time: half of the years before stand for after"
    question = with_cases(result.estimate.question, [_earlier(case) for case in result.cases])
    fewest = min(len(case.before) for case in question.cases)
    least = least_before(question.baseline, len(question.panels))
    if fewest < least:
        yield Variant(name, None, f"Fewer than {least} years would be left before.")
        return
    yield Variant(name, question)


def _earlier(case: Case) -> Case:
    half = len(case.before) // 2
    kept, moved = case.before[:-half] if half else case.before, case.before[-half:]
    return replace(case, before=kept, after=moved, start=moved[0], base=())


def leave_one_out(result: Result) -> pd.DataFrame:
    """One row a line and council left out: role, name, and the gap without it."""
    question = result.estimate.question
    rows = []
    for role, code, cases in _smaller(result):
        gaps = treated_only(with_cases(question, cases))
        rows += [
            {"line": line, "role": role, "ecode": code, "gap": gap}
            for line, gap in zip(result.lines, gaps, strict=True)
        ]
    return pd.DataFrame(rows, columns=["line", "role", "ecode", "gap"])


def _smaller(result: Result) -> Iterator[tuple[str, str, list[Case]]]:
    """Role and code of each council left out, and the cases that are left."""
    for code in _weighted_donors(result):
        yield "donor", code, [_without_donor(case, code) for case in result.cases]
    if not result.single:
        for case in result.cases:
            yield "treated", case.ecode, [other for other in result.cases if other is not case]


def _weighted_donors(result: Result) -> list[str]:
    """The donors with a weight in any line, in order."""
    return sorted(set(result.weights["donor"]))


def _without_donor(case: Case, code: str) -> Case:
    return replace(case, donors=tuple(donor for donor in case.donors if donor != code))
