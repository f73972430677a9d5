"""How rare a gap is, in words: the same for every seed, no finer than the draws know."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import coopstats as cs
from coopstats.comparisons import chance, permutation, tabular, wording
from coopstats.comparisons.estimate import estimate
from coopstats.findings.answers import did_pilots_hold_up as results

OPPOSITE = {chance.RARER, chance.USUAL}


def test_a_p_is_printed_to_the_place_of_its_standard_error():
    assert chance.printed(0.0430, 4999) == "0.04"  # standard error 0.003
    assert chance.printed(0.5560, 4999) == "0.56"
    assert chance.printed(0.5560, 499) == "0.6"
    assert chance.printed(0.0042, 4999) == "0.004"
    assert chance.printed(0.0002, 4999) == "under 0.001"
    assert chance.printed(1.0, 4999) == "1.00"
    assert chance.p_in_words(0.0002, 4999) == "p under 0.001"
    assert "exact" in chance.p_in_words(float("nan"), 4999)


def test_close_to_one_in_twenty_is_about_that_and_nothing_else():
    near = chance.ERRORS * np.sqrt(0.05 * 0.95 / 4999)
    assert chance.rarity(0.043, 4999) == chance.rarity(0.055, 4999) == chance.ABOUT
    assert chance.rarity(0.05 - 1.01 * near, 4999) == chance.RARER
    assert chance.rarity(0.05 + 1.01 * near, 4999) == chance.USUAL
    assert chance.rarity(0.043, 499) == chance.ABOUT
    assert chance.rarity(float("nan"), 4999) == ""


def test_a_counted_rank_has_no_margin():
    assert chance.rarity(1 / 20) == chance.RARER
    assert chance.rarity(2 / 26) == chance.USUAL
    assert not chance.clearly_rare(float("nan"))


@pytest.mark.parametrize("true", [0.02, 0.041, 0.048, 0.05, 0.052, 0.059, 0.09])
def test_no_seed_turns_rarer_into_no_rarer(true):
    """A thousand seeds each: the p that 4,999 draws give where the share of all sets is this."""
    drawn = np.random.default_rng(1).binomial(4999, true, 1000)
    told = {chance.rarity((1 + larger) / 5000, 4999) for larger in drawn}
    assert not told >= OPPOSITE


def test_the_members_gap_has_one_word_whatever_the_seed(built):
    question = results.members().estimate.question
    told = set()
    for seed in range(4):
        null = estimate(dataclasses.replace(question, seed=seed)).null
        told.add(chance.rarity(float(permutation.p_values(null)[0]), null.draws))
    assert not told >= OPPOSITE
    assert told == {chance.ABOUT}


# ── an exact fit ─────────────────────────────────────────────────────────────────────────────────


def own_table(start, base=10.0):
    """Every London borough alike but Lambeth from the start on: fitted exactly before."""
    who = [c for c in cs.councils(2015, council_class="L").council if "City" not in c]
    rows = [(c, y, base + start * (c == "Lambeth" and y >= 2015)) for c in who
            for y in range(2008, 2020)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["council", "year", "v"])
    return cs.bring(frame, value="v", unit="x")


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize(("start", "base"), [(5.0, 10.0), (0.0, 0.0)])
def test_an_exact_fit_has_no_rank_no_p_and_the_reason(built, start, base, several):
    who = [cs.supposed("Lambeth", 2015), *([cs.supposed("Barnet", 2015)] * several)]
    found = cs.compare(own_table(start, base), who, draws=99)
    row = found.summary.iloc[0]
    assert row[["rank", "p", "p_holm", "p_westfall_young"]].isna().all()
    assert row["no_rank"] == chance.NO_RANK
    told = repr(found) + found._repr_html_()
    assert "no rank can be given" in told
    assert "ranks" not in told
    assert "p =" not in told
    assert not [w for w in ("nan", "NaN", "inf", "<NA>") if w in told.split()]
    assert "% of its level" not in told or base
    (shown,) = tabular.tree(found)["summary"]
    assert (shown["rank"], shown["p"], shown["no_rank"]) == (None, None, chance.NO_RANK)
    assert found.checks[["rank", "p"]].isna().all().all()
    assert not np.isnan(found.chart().frame["y"]).any()


def test_what_fits_exactly_takes_no_part_in_the_test_of_several_lines():
    null = permutation.Null(
        np.array([np.inf, 2.0]), np.array([[1.0, 1.0], [9.0, 3.0], [0.0, 0.5]]),
        np.array([0.0, 1.0]), np.array([5.0, 2.0]),
    )  # fmt: skip
    assert permutation.westfall_young(null)[1] == permutation.p_values(null)[1] == 0.5
    assert np.isnan(permutation.westfall_young(null)[0])
    assert permutation.holm(permutation.p_values(null))[1] == 0.5


def test_there_is_no_per_cent_of_nought():
    assert wording.of_level(1.0, 0.0) == wording.of_level(float("inf"), 2.0) == ""
    assert wording.of_level(-0.5, 10.0) == "5.0% of its level"


# ── the donors of several ────────────────────────────────────────────────────────────────────────


def test_of_several_councils_the_donors_of_each_and_of_all_are_said(built):
    who = [cs.supposed("Oldham", 2014), cs.supposed("Lambeth", 2014)]
    found = cs.compare(cs.measure("revenue_outturn", "cultural"), who, draws=99, doubtful=True)
    counts = sorted(len(case.donors) for case in found.cases)
    union = {code for case in found.cases for code in case.donors}
    assert counts[0] < counts[1]
    assert (
        f"{counts[0]} to {counts[1]} donors a council, {len(union)} councils in all"
        in (found.sentences()[1])
    )
