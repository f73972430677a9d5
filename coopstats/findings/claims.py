"""Claims: every sentence of the five articles that can be checked, and the verdict on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from coopstats.core.display import FactSheet, Listing
from coopstats.core.doors import door, maybe, word
from coopstats.core.errors import UnknownName, did_you_mean
from coopstats.findings.verdicts import verdict
from coopstats.register.articles import Quote, articles, quotes_of
from coopstats.register.councils import EVER, bodies, bodies_in
from coopstats.register.dates import span
from coopstats.register.reader import parts, rows_of


@dataclass(frozen=True, repr=False)
class Claim(FactSheet):
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
        return verdict(self.claim).word

    @property
    def quotes(self) -> tuple[Quote, ...]:
        """The exact stretches."""
        return quotes_of(self.claim)

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
        row = self.row()
        facts = [(name, str(row[name])) for name in row if name != "claim"]
        told = [(what.replace("_", " "), words) for what, words in facts if words]
        return [*told, *verdict(self.claim).facts()]

    def __repr__(self) -> str:
        return f"<Claim {self.claim}: {self.verdict}>"

    @property
    def heading(self) -> str:
        """Its number."""
        return self.claim


class Claims(Listing):
    """Claims, one a row; an element prints its page."""

    __slots__ = ()
    shown = ("claim", "quote", "council", "tables", "verdict")


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
    codes = None if council is None else {body.ecode for body in bodies_in(council, EVER)}
    return Claims(c for c in _every() if codes is None or codes.intersection(c.councils))


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
