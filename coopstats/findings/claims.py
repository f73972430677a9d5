"""Claims: every sentence of the five articles that can be checked, where it stands, what tests it.

The articles themselves are not part of the project. `check` holds the quotes against a folder
that has them, by their sha256, offset and words; without one it checks the form alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from coopstats.core.doors import door, maybe, word
from coopstats.core.doors import folder as a_folder
from coopstats.core.errors import UnknownName, did_you_mean
from coopstats.core.listings import Listing, page_html, page_text
from coopstats.register.councils import bodies
from coopstats.register.councils import council as find_council
from coopstats.register.dates import span
from coopstats.register.reader import parts, rows_of

NOT_TESTABLE = "not testable with public data"
VERDICTS = {
    "supported": "what is held says the same",
    "contradicted": "what is held says the opposite",
    "overstated": "the direction is right and the size is not",
    "neither supported nor contradicted": "what is held bears on it and does not decide it",
    "too early to say then": "nobody could have known when it was written",
    NOT_TESTABLE: "no table here holds what would test it; the claim says who holds it",
    "opinion": "a judgement, not a statement that can be right or wrong",
}
COMPUTED = "computed"  # in the register: by a rule of coopstats.findings.verdicts
BETWEEN = " … "


@dataclass(frozen=True)
class Quote:
    """One exact stretch of one article: its words, and where they begin and end in it."""

    claim: str
    article: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, repr=False)
class Claim:
    """One checkable claim; `quote` joins its stretches with an ellipsis."""

    claim: str
    article: str
    quote: str
    councils: tuple[str, ...]
    asserts: str
    tables: tuple[str, ...]
    comparison: str
    decided: str
    missing: str
    note: str

    @property
    def verdict(self) -> str:
        """The word, from VERDICTS: computed by its rule, or decided in the register."""
        from coopstats.findings.verdicts import verdict

        return verdict(self.claim).word

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """The exact stretches."""
        return tuple(q for q in every_quote() if q.claim == self.claim)

    @property
    def written(self) -> str:
        """When its article was written, as printed."""
        article = articles()[self.article]
        same = article["first_day"] == article["last_day"]
        return str(span(article["first_day"], article["last_day"], "day" if same else "unknown"))

    def row(self) -> dict[str, object]:
        """What a table says of it."""
        names = ", ".join(bodies()[e].name for e in self.councils)
        return {
            "claim": self.claim, "quote": self.quote, "council": names, "article": self.article,
            "written": self.written, "date_evidence": articles()[self.article]["date_evidence"],
            "asserts": self.asserts, "tables": "; ".join(self.tables),
            "comparison": self.comparison, "verdict": self.verdict, "note": self.note,
        }  # fmt: skip

    def facts(self) -> list[tuple[str, str]]:
        """Its page, in reading order: the claim, then the verdict and what it rests on."""
        from coopstats.findings.verdicts import verdict

        row = self.row()
        facts = [(name, str(row[name])) for name in row if name != "claim"]
        told = [(what.replace("_", " "), words) for what, words in facts if words]
        return [*told, *verdict(self.claim).facts()]

    def __repr__(self) -> str:
        return f"<Claim {self.claim}: {self.verdict}>"

    def __str__(self) -> str:
        return page_text(self.claim, self.facts())

    def _repr_html_(self) -> str:
        return page_html(self.claim, self.facts())


class Claims(Listing):
    """Claims, one a row; an element prints its page."""

    __slots__ = ()
    shown = ("claim", "quote", "council", "tables", "verdict")


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


@cache
def _every() -> tuple[Claim, ...]:
    return tuple(
        Claim(
            row["claim"], row["article"], row["quote"], tuple(parts(row["councils"])),
            row["asserts"], tuple(parts(row["tables"])), row["comparison"], row["verdict"],
            row["missing"], row["note"],
        )
        for row in rows_of("claims")
    )  # fmt: skip


@door(council=maybe(word))
def claims(council: str | None = None) -> Claims:
    """The claims of the articles, those on one council where given.

    Raises UnknownCouncil with the nearest.
    """
    ecode = find_council(council).ecode if council is not None else None
    return Claims(c for c in _every() if ecode is None or ecode in c.councils)


@door(name=word)
def claim(name: str) -> Claim:
    """One claim by its number, "Q10". Raises UnknownName with the nearest."""
    by_name = {c.claim: c for c in _every()}
    if name.upper() in by_name:
        return by_name[name.upper()]
    raise UnknownName(
        f"There is no claim {name!r}.{did_you_mean(name, by_name)} "
        f"They are {_every()[0].claim} to {_every()[-1].claim}."
    )


@door(folder=maybe(a_folder))
def check(folder: Path | None = None) -> list[str]:
    """What is wrong with the quotes, one sentence each; the texts are read where a folder is given.

    Raises UnknownName where the folder has no such article.
    """
    wrong = [*_form(every_quote()), *_joined(_every())]
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


def _joined(every: tuple[Claim, ...]) -> list[str]:
    return [
        f"{c.claim}: its quote is not its stretches joined by an ellipsis."
        for c in every
        if c.quote != BETWEEN.join(q.text for q in c.quotes)
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
