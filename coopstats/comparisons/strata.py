"""Strata: which councils may stand for which treated one when placebo sets are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coopstats.comparisons import permutation
from coopstats.comparisons.question import Case, Question, everyone
from coopstats.core.errors import NotComparable

Stratum = tuple[str, int]  # class and band of size
Bands = dict[str, dict[str, int]]  # by class, the band of each of its councils


@dataclass(frozen=True, eq=False)
class Strata:
    """Where placebo sets are drawn from.

    `candidates` are places among all cases' donors, for each case; cases with the same number in
    `together` share theirs. `banded` says whether candidates are of like size too.
    """

    candidates: list[np.ndarray]
    together: list[int]
    banded: bool


def strata(question: Question) -> Strata:
    """The strata of all cases: by class and band of size, by class alone where those are too few.

    Candidates are the councils of the stratum that are donors of every case of it. A council is of
    one class and one band, so none is twice in a set. Raises NotComparable where they are too few.
    """
    cases = question.cases
    bands = _bands(question) if len(cases) > 1 and question.sizes else {}
    if not _wide_enough(cases, bands):
        bands = {}
        _refuse_few(cases)
    pools, own = _candidates(cases, bands), [_stratum(case, case.ecode, bands) for case in cases]
    places = {code: place for place, code in enumerate(everyone(cases))}
    numbers = {label: number for number, label in enumerate(sorted(pools))}
    return Strata(
        candidates=[np.array([places[code] for code in pools[label]], np.int64) for label in own],
        together=[numbers[label] for label in own],
        banded=bool(bands),
    )


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
