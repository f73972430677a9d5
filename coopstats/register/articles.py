"""The five articles and the exact stretches of them that the claims quote.

The articles themselves are not part of the project. `check` holds the quotes against a folder
that has them, by their sha256, offset and words; without one it checks the form alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from coopstats.core.doors import door, maybe
from coopstats.core.doors import folder as a_folder
from coopstats.core.errors import UnknownName
from coopstats.register.reader import rows_of

BETWEEN = " … "


@dataclass(frozen=True)
class Quote:
    """One exact stretch of one article: its words, and where they begin and end in it."""

    claim: str
    article: str
    start: int
    end: int
    text: str


@cache
def articles() -> dict[str, dict[str, str]]:
    """The five articles by name: title, publisher, days, evidence of date, sha256."""
    return {row["article"]: row for row in rows_of("articles")}


@cache
def every_quote() -> tuple[Quote, ...]:
    """Every exact stretch, in the order of the claims."""
    return tuple(
        Quote(row["claim"], row["article"], int(row["start"]), int(row["end"]), row["text"])
        for row in rows_of("claim_spans")
    )


def quotes_of(claim: str) -> tuple[Quote, ...]:
    """The exact stretches that one claim is made of."""
    return tuple(quote for quote in every_quote() if quote.claim == claim)


@door(folder=maybe(a_folder))
def check(folder: Path | None = None) -> list[str]:
    """What is wrong with the quotes, one sentence each; the texts are read where a folder is given.

    Raises UnknownName where the folder has no such article.
    """
    wrong = [*_form(every_quote()), *_joined()]
    if folder is not None:
        texts = {name: _text(folder, name) for name in articles()}
        wrong += [p for name, text in texts.items() for p in _same_article(name, text)]
        wrong += [p for q in every_quote() for p in _stands(q, texts[q.article].decode("utf-8"))]
    return wrong


def _form(quotes: tuple[Quote, ...]) -> list[str]:
    return [
        f"{q.claim}: {q.start} to {q.end} is {q.end - q.start} characters, and the quote has "
        f"{len(q.text)}: “{q.text}”."
        for q in quotes
        if q.end - q.start != len(q.text)
    ]


def _joined() -> list[str]:
    return [
        f"{row['claim']}: its quote is not its stretches joined by an ellipsis."
        for row in rows_of("claims")
        if row["quote"] != BETWEEN.join(q.text for q in quotes_of(row["claim"]))
    ]


def _text(folder: Path, name: str) -> bytes:
    path = folder / f"{name}.txt"
    if not path.is_file():
        raise UnknownName(
            f"{folder} has no {name}.txt. Give the folder with the five articles as text files."
        )
    return path.read_bytes()


def _same_article(name: str, text: bytes) -> list[str]:
    found = hashlib.sha256(text).hexdigest()
    if found == articles()[name]["sha256"]:
        return []
    return [f"{name}.txt has the sha256 {found}, not the recorded {articles()[name]['sha256']}."]


def _stands(quote: Quote, text: str) -> list[str]:
    there = text[quote.start : quote.end]
    if there == quote.text:
        return []
    return [f"{quote.claim}: at {quote.start} of {quote.article} stands “{there}”, not "
            f"“{quote.text}”."]  # fmt: skip
