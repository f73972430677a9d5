"""data/processed/HEADLINES.csv: every number that the answers print, as last recorded.

A question's `answer()` is the sentences that open its notebook. Each number in them is a headline,
named by question, sentence and place (`how_deep.1.2`); its definition is the sentence itself, the
number's place marked and the others left out. What else a question wants on record it gives by name
in `headlines()`. It needs nothing but its place in `coopstats.findings.questions.QUESTIONS`.

Kept beside FINGERPRINT.csv, which says the same of the tables: what is committed was accepted.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from types import ModuleType

import pandas as pd

from coopstats.core import files, paths
from coopstats.core.changelog import Moved, require

COLUMNS = ["name", "value", "unit", "definition", "where"]
NUMBER = re.compile(
    r"(?<![\w.])(?P<value>[-−+]?£?\d(?:[\d,]*\d)?(?:\.\d+)?(?:-\d\d(?!\d))?)(?P<unit>%|k\b|m\b|bn\b)?"
)
DIGITS = 4  # of a number given by name; more would differ from one processor to the next
HERE, OTHER = "[ ]", "…"
Row = dict[str, str]


def printed() -> pd.DataFrame:
    """The headlines as the answers print them now: name, value, unit, definition, where from."""
    from coopstats.findings.questions import QUESTIONS

    return pd.DataFrame(_of(QUESTIONS), columns=COLUMNS)


def _of(questions: Iterable[ModuleType]) -> Iterator[Row]:
    for question in questions:
        if hasattr(question, "answer"):
            yield from _in_sentences(question)
        if hasattr(question, "headlines"):
            yield from _named(question)


def _in_sentences(question: ModuleType) -> Iterator[Row]:
    """The numbers that the answer prints, as it prints them."""
    for place, sentence in enumerate(question.answer(), 1):
        for row in _numbers(sentence):
            name = f"{_short(question)}.{place}.{row['name']}"
            yield {**row, "name": name, "where": f"{question.__name__}.answer"}


def _named(question: ModuleType) -> Iterator[Row]:
    """The numbers that the question gives by name, which is their definition."""
    for name, value in question.headlines().items():
        yield {
            "name": f"{_short(question)}: {name}",
            "value": f"{value:.{DIGITS}g}",
            "unit": "number",
            "definition": name,
            "where": f"{question.__name__}.headlines",
        }


def _short(question: ModuleType) -> str:
    return question.__name__.rpartition(".")[2]


def _numbers(sentence: str) -> Iterator[Row]:
    """Every number of a sentence, in order, with the sentence around it."""
    found = list(NUMBER.finditer(sentence))
    for place, number in enumerate(found, 1):
        yield {
            "name": str(place),
            "value": number["value"],
            "unit": _unit(number["value"], number["unit"] or ""),
            "definition": _around(sentence, number),
        }


def _around(sentence: str, number: re.Match) -> str:
    """The sentence with this number's place marked, and the other numbers left out."""
    before, after = sentence[: number.start()], sentence[number.end() :]
    return f"{NUMBER.sub(OTHER, before)}{HERE}{NUMBER.sub(OTHER, after)}"


def _unit(value: str, mark: str) -> str:
    if mark == "%":
        return "per cent"
    if "£" in value:
        return f"£{mark}"
    return "year" if re.fullmatch(r"(?:19|20)\d\d(?:-\d\d)?", value) else "number"


# ── against the record ───────────────────────────────────────────────────────────────────────────


def file() -> paths.Path:
    """Where the recorded headlines are kept."""
    return paths.processed_dir() / "HEADLINES.csv"


def recorded() -> pd.DataFrame:
    """The headlines as last recorded; empty before the first are."""
    if not file().exists():
        return pd.DataFrame(columns=COLUMNS, dtype=str)
    return pd.read_csv(file(), dtype=str, keep_default_na=False)


def moved(now: pd.DataFrame) -> list[Moved]:
    """What differs from the record: numbers that moved, sentences that went or are new.

    A sentence is the same one wherever it stands, as long as its question and words are the same.
    """
    was, told = _sentences(recorded()), _sentences(now)
    found = [
        _number(before, after)
        for key in was.keys() & told.keys()
        for before, after in zip(was[key], told[key], strict=True)
        if (before["value"], before["unit"]) != (after["value"], after["unit"])
    ]
    went = [_went(was[key][0]) for key in was.keys() - told.keys()]
    new = [_new(told[key][0]) for key in told.keys() - was.keys()]
    return [*sorted(found, key=str), *sorted(went, key=str), *sorted(new, key=str)]


def _sentences(rows: pd.DataFrame) -> dict[tuple[str, str], list[Row]]:
    """Question and words → the numbers of that sentence."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows.to_dict("records"):
        words = row["definition"].replace(HERE, OTHER)
        question = re.split(r"[.:]", row["name"])[0]  # and not its module, which may be moved
        found.setdefault((question, words), []).append(row)
    return found


def _number(before: Row, after: Row) -> Moved:
    name, was, now = after["name"], before["value"], after["value"]
    return Moved(
        f"{name} was {was} and is {now} ({after['unit']}): {after['definition']}",
        (f"`{name}`", f"{was} → {now}"),
    )


def _went(row: Row) -> Moved:
    return Moved(
        f"{_sentence(row)} is printed no more: {_words(row)}", (f"`{_sentence(row)}`", "withdrawn")
    )


def _new(row: Row) -> Moved:
    return Moved(f"{_sentence(row)} is new: {_words(row)}", ())


def _sentence(row: Row) -> str:
    """The name of a number's sentence; a number given by name is its own."""
    return row["name"].rpartition(".")[0] if row["where"].endswith(".answer") else row["name"]


def _words(row: Row) -> str:
    return row["definition"].replace(HERE, OTHER)


def accept(now: pd.DataFrame) -> None:
    """Record what is printed now. Raises NumbersMoved for a number that no entry explains."""
    require(moved(now))
    text = io.StringIO()
    now.to_csv(text, index=False, lineterminator="\n")
    files.replace(file(), text.getvalue().encode())
