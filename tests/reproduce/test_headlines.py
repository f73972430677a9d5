"""A published number that moves is noticed, and is recorded only with its reason."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from click.testing import CliRunner

from coopstats.cli.main import main
from coopstats.core import changelog as changes
from coopstats.core.display import Sentences
from coopstats.core.errors import NumbersMoved
from coopstats.findings import questions
from coopstats.reproduce import headlines

ROOT = Path(__file__).resolve().parents[2]
FELL = "Spending fell by 24.8% from 2009-10 to 2017-18, £1,077m in all; rank 5 of 13 for Q19."


@pytest.fixture(scope="module")
def printed(built_once):
    """What the answers print of the real tables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COOPSTATS_HOME", str(built_once))
        return headlines.printed()


@pytest.fixture
def record(monkeypatch, tmp_path):
    """A home with one question that prints what it is told to, and a changelog."""
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    question = ModuleType("coopstats.findings.answers.made_up")
    monkeypatch.setattr(questions, "QUESTIONS", (question,))

    def prints(*sentences, changelog=""):
        question.answer = lambda: Sentences(sentences)
        (tmp_path / "CHANGELOG.md").write_text(
            f"# Changelog\n\n## 0.2.0\n\n### {changes.HEADING}\n\n{changelog}\n\n### Code\n\n- x\n"
            f"\n## 0.1.0\n\n### {changes.HEADING}\n\n- `made_up.1.2` 9.9 → 7.7: old\n",
            "utf-8",
        )
        return headlines.printed()

    return prints


def test_no_headline_differs_from_the_recorded_one(printed, monkeypatch):
    """If this fails: `coopstats headlines` says which moved, CONTRIBUTING.md what to do."""
    monkeypatch.setenv("COOPSTATS_HOME", str(ROOT))
    assert [moved.what for moved in headlines.moved(printed)] == []


def test_a_changed_number_in_the_real_record_is_found(printed, monkeypatch):
    """The test above bites: one digit, in any of the numbers, and it fails."""
    monkeypatch.setenv("COOPSTATS_HOME", str(ROOT))
    for place in range(len(printed)):
        other = printed.copy()
        other.loc[place, "value"] += "1"
        (moved,) = headlines.moved(other)
        assert moved.words[0] == f"`{printed['name'][place]}`"


def test_every_question_has_headlines_with_unit_definition_and_place(printed):
    parts = [f"{q.__name__}.{p}" for q in questions.QUESTIONS for p in ("answer", "headlines")
             if hasattr(q, p)]  # fmt: skip
    assert list(printed["where"].unique()) == parts
    assert printed["name"].is_unique
    assert (printed != "").all(axis=None)


def test_every_number_of_a_sentence_is_a_headline(record):
    rows = record(FELL)
    assert list(zip(rows["name"], rows["value"], rows["unit"], strict=True)) == [
        ("made_up.1.1", "24.8", "per cent"),
        ("made_up.1.2", "2009-10", "year"),
        ("made_up.1.3", "2017-18", "year"),
        ("made_up.1.4", "£1,077", "£m"),
        ("made_up.1.5", "5", "number"),
        ("made_up.1.6", "13", "number"),
    ]
    assert (
        rows["definition"][0] == "Spending fell by [ ] from … to …, … in all; rank … of … for Q19."
    )


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("Under-18 conceptions moved by −38.7.", ["18", "−38.7"]),
        ("It was +£3,874, then 0.0.", ["+£3,874", "0.0"]),
        ("No number, and Q3.", []),
    ],
)
def test_signs_pounds_and_names(record, sentence, values):
    assert list(record(sentence)["value"]) == values


def test_a_question_may_give_numbers_by_name(record, monkeypatch):
    rows = record(FELL)
    (question,) = questions.QUESTIONS
    question.headlines = lambda: {"gap of 2.5": 1 / 3, "pilots": 39}
    rows = headlines.printed()
    assert rows[["name", "value", "definition"]].tail(2).to_numpy().tolist() == [
        ["made_up: gap of 2.5", "0.3333", "gap of 2.5"],
        ["made_up: pilots", "39", "pilots"],
    ]
    headlines.accept(rows)
    question.headlines = lambda: {"gap of 2.5": 0.5}
    number, went = headlines.moved(headlines.printed())
    assert number.words == ("`made_up: gap of 2.5`", "0.3333 → 0.5")
    assert went.words == ("`made_up: pilots`", "withdrawn")


def test_a_number_that_moves_is_not_recorded_without_its_reason(record):
    headlines.accept(record(FELL))
    now = record(FELL.replace("24.8", "24.9"))
    with pytest.raises(NumbersMoved, match=re.escape("`made_up.1.1`, 24.8 → 24.9: WHY")):
        headlines.accept(now)
    assert headlines.recorded()["value"][0] == "24.8"


@pytest.mark.parametrize(
    "entry",
    [
        "- `made_up.1.1` moved",
        "- `made_up.1.1` 24.8 → 25.0: the wrong number",
        "- `made_up.1.2` 24.8 → 24.9: another name",
        "- `made_up.1.1` 24.8 →\n- 24.9: two entries",
        "`made_up.1.1` 24.8 → 24.9: no bullet",
        "- `made_up.1.1` 24.8 → 24.95: a longer number",
        "- `made_up.1.1` 124.8 → 24.9: a longer number",
    ],
)
def test_an_entry_must_have_the_name_the_old_value_and_the_new(record, entry):
    headlines.accept(record(FELL))
    with pytest.raises(NumbersMoved):
        headlines.accept(record(FELL.replace("24.8", "24.9"), changelog=entry))


def test_with_an_entry_it_is_recorded(record):
    headlines.accept(record(FELL))
    told = record(FELL.replace("24.8", "24.9"), changelog="- `made_up.1.1` 24.8 → 24.9: a reason")
    headlines.accept(told)
    assert headlines.recorded()["value"][0] == "24.9"
    assert headlines.moved(told) == []


def test_an_entry_of_an_older_version_explains_nothing(record):
    headlines.accept(record("It was 1, then 9.9."))
    with pytest.raises(NumbersMoved):
        headlines.accept(record("It was 1, then 7.7."))


def test_a_sentence_that_goes_is_named_and_one_that_comes_is_only_recorded(record):
    headlines.accept(record(FELL))
    headlines.accept(record(FELL, "A second of 2."))
    other = record("A second of 2.")
    with pytest.raises(NumbersMoved, match=re.escape("`made_up.1`, withdrawn: WHY")):
        headlines.accept(other)
    headlines.accept(record("A second of 2.", changelog="- `made_up.1` withdrawn: a reason"))


def test_a_sentence_that_only_moves_down_moved_no_number(record):
    headlines.accept(record(FELL))
    (moved,) = headlines.moved(record("A first of 2.", FELL))
    assert moved.what.startswith("made_up.1 is new")


def test_a_sign_or_a_word_that_turns_is_found(record):
    headlines.accept(record("It fell by 2%."))
    assert len(headlines.moved(record("It rose by 2%."))) == 2
    assert len(headlines.moved(record("It fell by £2m."))) == 1


def test_the_command_lists_them_and_fails_when_one_moved(record):
    headlines.accept(record(FELL))
    sound = CliRunner().invoke(main, ["headlines", "--format", "csv"])
    assert sound.exit_code == 0
    assert sound.stdout.splitlines()[0] == "name,value,unit,definition,where"
    record(FELL.replace("24.8", "24.9"))
    failed = CliRunner().invoke(main, ["headlines"])
    assert failed.exit_code == 1
    assert "made_up.1.1 was 24.8 and is 24.9 (per cent)" in failed.stderr
    refused = CliRunner().invoke(main, ["headlines", "--accept"])
    assert refused.exit_code == 1
    assert "`made_up.1.1`, 24.8 → 24.9: WHY" in refused.stderr


def test_the_record_is_read_as_it_was_written(record):
    now = record(FELL)
    headlines.accept(now)
    pd.testing.assert_frame_equal(headlines.recorded(), now, check_dtype=False)


def test_every_question_is_answered_in_three_sentences(built):
    from coopstats.book.question_pages import answered

    assert {q.__name__: len(q.answer()) for q in answered() if len(q.answer()) != 3} == {}
