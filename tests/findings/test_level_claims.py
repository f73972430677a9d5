"""Nothing that says lowest, reached or never crosses a change of meaning alone."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from coopstats.core.errors import NotComparable
from coopstats.findings import questions, verdicts
from coopstats.findings.answers import how_deep
from coopstats.findings.level_claims import (
    LIKE_FOR_LIKE,
    LevelClaim,
    Twin,
    each_once,
    level_claim,
)
from coopstats.register.breaks import crossed

CORE = "revenue_outturn", "core"
ELSEWHERE = {  # said of nothing that is compared through years
    "started": "started too late", "a start that never was": "no line crosses it",
    "never seen as a member": "councils, not years", "never joined": "councils, not years",
    "could be reached": "pages", "where 1 is the deepest cut": "what a rank means",
    "are among the ten deepest": "places ranked, each by one rule",
    "never differenced": "no claim",
}  # fmt: skip


SAID = "It never fell by 25% as printed; like for like it reached it in 2016-17."


def test_a_threshold_across_a_change_of_meaning_is_refused_alone(alike):
    with pytest.raises(NotComparable, match="£1,077m"):
        level_claim("Spending never fell by 25%.", *CORE, (2009, 2019))
    with pytest.raises(NotComparable, match="crosses a change of meaning"):
        level_claim("Like for like it was lowest in 2017-18.", *CORE, (2009, 2019))


def test_words_alone_are_no_twin(alike):
    """A twin is a measure that leaves out what moved, and figures that stand in the sentence."""
    printed = replace(alike, mended=())
    for twin in (Twin(printed, ("in 2016-17",)), Twin(alike, ()), Twin(alike, ("in 2015-16",))):
        with pytest.raises(NotComparable, match="crosses a change of meaning"):
            level_claim(SAID, *CORE, (2009, 2019), twin)


def test_with_its_twin_it_stands_and_says_what_has_no_size(alike):
    claim = level_claim(SAID, *CORE, (2009, 2019), Twin(alike, ("in 2016-17",)))
    assert claim.startswith(SAID)
    assert claim.endswith(" A further change of meaning in 2013-14 has no printed size.")
    assert [b.first_year for b in claim.crossed] == [2013, 2014]


def test_a_further_change_is_said_at_the_first_sentence_only(alike):
    claim = level_claim(SAID, *CORE, (2009, 2019), Twin(alike, ("in 2016-17",)))
    first, between, second = each_once([claim, "Between.", claim])
    assert (first, between, second) == (claim, "Between.", SAID)
    assert second.crossed == claim.crossed


def test_within_one_meaning_nothing_is_added():
    assert level_claim("It was lowest in 2011-12.", *CORE, (2009, 2012)) == (
        "It was lowest in 2011-12."
    )
    assert level_claim("It never rose.", *CORE, (2014, 2019)).crossed == ()


@pytest.fixture
def alike(built_once, monkeypatch):
    monkeypatch.setenv("COOPSTATS_HOME", str(built_once))
    return how_deep.core_alike()


@pytest.mark.parametrize("name", ["answer", "forecast", "sentences"])
def test_no_list_of_sentences_says_a_further_change_twice(name, alike):
    said = " ".join(getattr(how_deep, name)())
    assert said.count("A further change of meaning in 2013-14") == 1


# ── every sentence that is printed ───────────────────────────────────────────────────────────────


def printed():
    for question in questions.QUESTIONS:
        for maker in ("answer", "sentences"):
            for said in getattr(question, maker, tuple)():
                yield question.__name__.rpartition(".")[2], said


LEVEL_WORDS = re.compile(
    r"\b(never|lowest|highest|deepest|reached|at no time|in any year|in no year|back at its"
    r"|returned to|lost \d+% or more|fell in \d+ of)\b",
    re.IGNORECASE,
)


def unguarded(said):
    """The sentences of a text that make a claim of a level, but for what is said elsewhere."""
    for words in ELSEWHERE:
        said = said.replace(words, "")
    return LEVEL_WORDS.search(said)


@pytest.fixture(scope="module")
def sentences(built_once):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COOPSTATS_HOME", str(built_once))
        return list(printed())


def test_no_sentence_says_never_lowest_or_reached_without_the_guard(sentences):
    open_ones = [s for _, s in sentences if unguarded(s) and not isinstance(s, LevelClaim)]
    assert open_ones == []


def test_every_claim_across_a_sized_break_has_its_twin(sentences):
    claims = [s for _, s in sentences if isinstance(s, LevelClaim)]
    assert len(claims) >= 5
    for claim in claims:
        if any(b.size for b in claim.crossed):
            assert LIKE_FOR_LIKE in claim.casefold(), claim


def test_a_verdict_that_names_a_deepest_or_a_never_has_its_twin(built_once, monkeypatch):
    monkeypatch.setenv("COOPSTATS_HOME", str(built_once))
    assert crossed(*CORE, 2009, 2019, "noted")
    for name in ("Q3", "Q5", "Q9"):
        told = verdicts.verdict(name).evidence
        assert "as printed" in told, name
        assert LIKE_FOR_LIKE in told.casefold(), name


NO_NUMBER = re.compile(r"(?<![\w’'-])(nan|None|inf|NaN|NaT|<NA>|-0\.0%)(?![\w’'-])")


ONE_OF_MANY = re.compile(
    r"(?<![\w,.-])1 (years|councils|donors|lines|places|pilots|claims|comparisons|founders)\b"
)


def test_no_sentence_has_a_hole_in_it(sentences, built_once, monkeypatch):
    monkeypatch.setenv("COOPSTATS_HOME", str(built_once))
    told = [s for _, s in sentences] + [v.evidence for v in verdicts.verdicts()]
    assert [s for s in told if NO_NUMBER.search(s)] == []
    assert [s for s in told if ONE_OF_MANY.search(s)] == []
