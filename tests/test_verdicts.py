"""A verdict follows from its numbers by its rule: another number gives another word."""

import math
import os
import subprocess
import sys

import pytest

import coopstats as cs
from coopstats.claims import COMPUTED, NOT_TESTABLE, VERDICTS, claims
from coopstats.verdicts import facts, verdict, verdicts
from coopstats.verdicts.rules import BY_CLAIM, RULES, SURE

# Of each rule: numbers that the rule's sentence gives another word for than today's.
OTHER = {
    "Q1": {"fell": 4.2},
    "Q2": {"fell": 1},
    "Q3": {"in total": 21, "like for like, per person": 24},
    "Q4": {"most deprived fifth": -5, "p": 0.01},
    "Q5": {"years back": 1},
    "Q8": {"named": 13},
    "Q9": {"deepest after": 0.5},
    "Q10": {"after": 9000},
    "Q11": {"to a body": 0},
    "Q15": {"rank": 1},
    "Q16": {"begun": 1},
    "Q18": {"begun": 1},
    "Q19": {"change": -20},
    "Q20": {"rank": 1},
    "Q21": {"followed": 1},
    "Q22": {"members": 40},
    "Q24": {"p": 0.01},
    "Q25": {"founders": 20},
}


def test_every_claim_has_a_verdict_from_the_list():
    found = verdicts()
    assert [v.claim for v in found] == [f"Q{n}" for n in range(1, 27)]
    assert {v.word for v in found} <= set(VERDICTS)
    assert all(v.evidence and v.rule and v.confidence for v in found)


def test_what_is_computed_has_a_rule_and_nothing_else_has_one():
    assert {c.claim for c in claims() if c.decided == COMPUTED} == set(BY_CLAIM) == set(OTHER)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.claim)
def test_another_number_gives_another_verdict(rule):
    found = rule.gather()
    assert all(math.isfinite(value) for value in found.values()), found
    assert set(OTHER[rule.claim]) <= set(found)
    assert rule.decide({**found, **OTHER[rule.claim]}) != rule.decide(found)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.claim)
def test_the_evidence_prints_the_numbers_and_moves_with_them(rule):
    found = rule.gather()
    assert rule.tell(found)
    name = next(iter(OTHER[rule.claim]))
    if name != "p":
        assert rule.tell({**found, **OTHER[rule.claim]}) != rule.tell(found)


def test_a_result_that_moves_moves_the_verdict_and_its_page(monkeypatch):
    """From the number to the page, nothing is remembered that should be computed."""
    verdict.cache_clear()
    before = cs.claim("Q5").facts()
    monkeypatch.setattr(facts, "permanence", lambda: {"years back": 3, "last": 2, "years": 14})
    rule = BY_CLAIM["Q5"]
    moved = type(rule)(**{**vars(rule), "gather": facts.permanence})
    monkeypatch.setitem(BY_CLAIM, "Q5", moved)
    verdict.cache_clear()
    assert verdict("Q5").word == "contradicted"
    assert cs.claim("Q5").verdict == "contradicted"
    assert cs.claim("Q5").facts() != before
    verdict.cache_clear()


def test_the_numbers_the_issue_names():
    found = facts.in_year_cut()
    assert (round(found["budgeted"], 3), round(found["received"], 3)) == (16.842, 15.346)
    assert verdict("Q1").word == "neither supported nor contradicted"
    assert facts.homes() == {"before": 13709, "after": 10}


def test_what_is_not_testable_says_what_is_missing_and_who_holds_it():
    for one in claims():
        assert bool(one.missing) == (one.decided == NOT_TESTABLE), one.claim
        assert ": held by" in one.missing or "not held" in one.missing or not one.missing


def test_how_sure_follows_from_what_it_rests_on():
    for rule in RULES:
        level, why = SURE[rule.rests]
        assert verdict(rule.claim).confidence == f"{level}: {why}"
    assert {level for level, _ in SURE.values()} == {"high", "medium", "low"}


@pytest.mark.parametrize(
    "first", ["coopstats.verdicts", "coopstats.answers", "coopstats.book.pages", "coopstats.docs"]
)
def test_verdicts_and_answers_can_be_imported_in_any_order(first):
    """Answers rest on verdicts and verdicts on answers: whichever a process needs first."""
    code = f"import {first}; from coopstats.verdicts import verdict; verdict"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_command_lists_claims_with_their_verdicts(built_once):
    words = [sys.executable, "-m", "coopstats.cli", "claims", "Q10"]
    here = {**os.environ, "COOPSTATS_HOME": str(built_once)}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=here)
    assert done.returncode == 0, done.stderr
    assert "13,709, then 10" in done.stdout
