"""A verdict follows from its numbers by its rule: another number gives another word."""

import math
import os
import re
import subprocess
import sys

import numpy as np
import pytest

import coopstats as cs
from coopstats.findings.answers import who_were_the_pilots as who
from coopstats.findings.claims import claims
from coopstats.findings.verdicts import facts, verdict, verdicts
from coopstats.findings.verdicts.rules import BY_CLAIM, READINGS, RULES, SURE
from coopstats.findings.verdicts.scale import COMPUTED, NOT_TESTABLE, VERDICTS

SAID = re.compile(r"\b(supported|contradicted|overstated|neither)\b", re.IGNORECASE)
NEITHER = "neither supported nor contradicted"
RARE_GAP = {"rank": 1, "of": 30}
# Of each rule: numbers, changed from today's, for which its sentence gives the word; every word
# that the sentence names is reached.
CASES = {
    "Q1": [({"fell": 4}, "supported"), ({"fell": 3.9}, NEITHER)],
    "Q2": [
        ({"followed": 6, "fell": 4}, "supported"),
        ({"followed": 6, "fell": 2}, "contradicted"),
        ({"followed": 6, "fell": 3}, NEITHER),
    ],
    "Q3": [
        (dict.fromkeys(READINGS, 20), "supported"),
        (dict.fromkeys(READINGS, 25), "supported"),
        (dict.fromkeys(READINGS, 19.9), "overstated"),
        (dict.fromkeys(READINGS, 25.1), "contradicted"),
        ({**dict.fromkeys(READINGS, 25.1), "in total": 19.9}, "contradicted"),
        ({**dict.fromkeys(READINGS, 25.1), "spending power": 24.9}, NEITHER),
        ({**dict.fromkeys(READINGS, 19.9), "in total": 20}, NEITHER),
    ],
    "Q4": [
        ({"p": 0.039}, "supported"),  # of 9,999 shuffles, whatever the seed
        ({"p": 0.05}, NEITHER),
        ({"rank correlation": 0.3, "p": 0.01}, NEITHER),
        ({"most deprived fifth": -5, "p": 0.01}, NEITHER),
        ({"most deprived fifth": -5, "rank correlation": 0.3, "p": 0.01}, "contradicted"),
    ],
    "Q5": [({"years back": 0}, "supported"), ({"years back": 1}, "contradicted")],
    "Q8": [
        ({"named": 13, "labour": 13}, "supported"),
        ({"named": 12, "labour": 12}, NEITHER),
        ({"named": 13, "labour": 12}, NEITHER),
    ],
    "Q9": [
        ({"deepest after": -0.1, "least before": 4}, "supported"),
        ({"deepest after": 0.1, "least before": 4}, "contradicted"),
        ({"deepest after": -2, "least before": -3}, "contradicted"),
    ],
    "Q10": [
        ({"before": 10_000, "after": 100}, "supported"),
        ({"before": 10_000, "after": 101}, "overstated"),
        ({"before": 10_000, "after": 9_000}, "contradicted"),
    ],
    "Q11": [
        ({"to a body": 1, "of members": 1}, "overstated"),
        ({"to a body": 1, "of members": 0}, "contradicted"),
        ({"to a body": 0}, NEITHER),
    ],
    "Q16": [
        ({"begun": 1, "with discounts": 1}, "supported"),
        ({"begun": 1, "with discounts": 0}, NEITHER),
        ({"begun": 0, "with discounts": 1}, NEITHER),
    ],
    "Q18": [
        ({"begun": 1, "sources": 0}, "supported"),
        ({"begun": 0, "sources": 1}, "supported"),
        ({"begun": 0, "sources": 0}, NEITHER),
    ],
    "Q19": [
        ({"rank": 3, "of": 12}, "contradicted"),
        ({"rank": 4, "of": 12}, NEITHER),
        ({"rank": 9, "of": 12}, NEITHER),
        ({"rank": 10, "of": 12}, "supported"),
    ],
    "Q20": [
        ({"claimants rank together": 1, "claimants gap": -1}, "supported"),
        ({"employment rank together": 1, "employment gap": 1}, "supported"),
        ({"employment rank together": 1, "employment gap": -1}, "contradicted"),
        ({"claimants rank together": 1, "claimants gap": 1}, "contradicted"),
        ({"claimants rank together": 3, "employment rank together": 2}, NEITHER),
        (
            {"claimants rank together": 1, "claimants gap": 1, "employment rank together": 1,
             "employment gap": 1},
            NEITHER,
        ),
    ],
    "Q21": [
        ({"followed": 1}, "contradicted"),
        ({**RARE_GAP, "gap": 3}, "contradicted"),
        ({**RARE_GAP, "gap": -3}, "supported"),
        ({**RARE_GAP, "rank": 2}, NEITHER),
    ],
    "Q22": [
        ({"members": 4, "p": 0.039}, "supported"),
        ({"members": 40, "p": 0.039}, "contradicted"),
        ({"members": 40, "p": 0.05}, NEITHER),
        ({"members": 12, "others": 10, "expected": 3, "p": 0.01}, "supported"),
        ({"members": 40, "p": 0.06}, NEITHER),
    ],
    "Q24": [
        ({"gap": 2, "p": 0.034}, "supported"),  # of 4,999 sets
        ({"gap": -2, "p": 0.034}, "contradicted"),
        ({"gap": 2, "p": 0.05}, NEITHER),
    ],
    "Q25": [
        ({"founders": 51, "all": 22}, "supported"),
        ({"founders": 50, "all": 22}, "contradicted"),
        ({"founders": 51, "all": 51}, "contradicted"),
    ],
}  # fmt: skip


def test_every_claim_has_a_verdict_from_the_list():
    found = verdicts()
    assert [v.claim for v in found] == [f"Q{n}" for n in range(1, 27)]
    assert {v.word for v in found} <= set(VERDICTS)
    assert all(v.evidence and v.rule and v.confidence for v in found)


def test_what_is_computed_has_a_rule_and_nothing_else_has_one():
    assert {c.claim for c in claims() if c.decided == COMPUTED} == set(BY_CLAIM) == set(CASES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.claim)
def test_every_word_of_a_rule_is_reached_by_numbers(rule):
    found = rule.gather()
    assert all(math.isfinite(value) for value in found.values()), found
    for changed, word in CASES[rule.claim]:
        assert set(changed) <= set(found)
        assert rule.decide({**found, **changed}) == word, changed
    reached = {word for _, word in CASES[rule.claim]}
    assert len(reached) > 1
    assert {word.split()[0] for word in reached} == {w.lower() for w in SAID.findall(rule.says)}
    assert rule.decide(found) in reached


def another(name, value):
    """A value that the name could also have: a year stays a year, and a p one of nought to one."""
    if name == "its year":
        return value - 1
    if value in (0, 1):
        return 1 - value
    return value / 3 if name == "p" else 3 * value


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.claim)
def test_the_evidence_prints_every_number_that_is_gathered(rule):
    found = rule.gather()
    for name in found:
        moved = {**found, name: another(name, found[name])}
        assert rule.tell(moved) != rule.tell(found), name


def test_a_result_that_moves_moves_the_verdict_and_its_page(monkeypatch):
    """From the number to the page, nothing is remembered that should be computed."""
    verdict.cache_clear()
    before = cs.claim("Q5").facts()
    back = {"years back": 3, "last": 2, "years": 14, "like for like": -1, "its year": 2019}
    monkeypatch.setattr(facts, "permanence", lambda: back)
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
    homes = facts.homes()
    assert (homes["before"], homes["after"]) == (13709, 10)


def test_what_is_not_testable_says_what_is_missing_and_who_holds_it():
    for one in claims():
        assert bool(one.missing) == (one.decided == NOT_TESTABLE), one.claim
        assert "held by" in one.missing or not one.missing, one.claim


HOW_SURE = {
    "high": "Q25",
    "medium": "Q2 Q3 Q4 Q5 Q8 Q9 Q10 Q11 Q16 Q18 Q19 Q22",
    "low": "Q1 Q20 Q21 Q24",
}


def test_how_sure_a_verdict_is_is_looked_at_claim_by_claim():
    """Whoever moves a claim to another level moves it here too, and thinks twice."""
    for level, listed in HOW_SURE.items():
        for claim in listed.split():
            assert verdict(claim).confidence.startswith(f"{level}: "), claim
    assert {c for listed in HOW_SURE.values() for c in listed.split()} == set(BY_CLAIM)
    for one in claims():
        if one.decided != COMPUTED:
            assert verdict(one.claim).confidence == ": ".join(SURE[one.decided])


def test_what_the_register_says_of_control_is_what_the_seats_say():
    """ "Labour won the council in May YYYY" of a pilot's place: not held the year before."""
    held = cs.load("political_control").drop_duplicates(["ecode", "year"])
    control = held.set_index(["ecode", "year"])["control"].astype(str)
    told = [
        (one.ecode, int(year))
        for one in cs.pilots()
        for year in re.findall(r"Labour won the council in May (\d{4})", one.confounders)
    ]
    assert len(told) >= 4
    for code, year in told:
        assert control[code, year] == "labour" != control[code, year - 1], (code, year)


def test_three_named_founders_passed_to_labour_in_may_2011():
    words = cs.pilot("co-operative-councils-network").confounders
    assert "three named founders passed to Labour in May 2011" in words
    before, after = who.founders_held()[2010], who.founders_held()[2011]
    assert ((before != "labour") & (after == "labour")).sum() == 3


def test_both_lines_of_newham_are_tried_together():
    """One borough's largest ratio is above Newham's, on the other line: second of 29, not first."""
    found = facts.newham()
    assert (found["employment rank"], found["employment of"]) == (1, 29)
    assert found["employment rank together"] == 2
    assert found["claimants rank together"] >= found["claimants rank"]


def test_membership_is_dealt_out_within_classes_alone():
    mine = np.array([True, False, False, True, False])
    places = {"L": np.array([0, 1, 2]), "MD": np.array([3, 4])}
    rng = np.random.default_rng(1)
    dealt = np.array([facts._shuffled(mine, places, rng) for _ in range(200)])
    assert (dealt[:, :3].sum(axis=1) == 1).all()
    assert (dealt[:, 3:].sum(axis=1) == 1).all()
    assert dealt.any(axis=0).all()


def test_spending_power_in_real_terms_against_the_table():
    """The middle of the councils' chained changes over the deflator, anew."""
    rows = cs.load("spending_power", item="index", year=2014)
    prices = cs.load("deflator", index="gdp").set_index("year")["value"]
    by_hand = rows["value"].median() * prices[2010] / prices[2014] - 100
    assert facts.spending_power()[2014] == pytest.approx(by_hand)
    assert facts.spending_power()[2010] == 0


def test_the_command_lists_claims_with_their_verdicts(built_once):
    words = [sys.executable, "-m", "coopstats.cli.main", "claims", "Q10"]
    here = {**os.environ, "COOPSTATS_HOME": str(built_once)}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=here)
    assert done.returncode == 0, done.stderr
    assert "13,709, then 10" in done.stdout
