"""Which years and places a measure keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn, Self

import pandas as pd

from coopstats.core.doors import door, maybe, word
from coopstats.core.doors import words as several_words
from coopstats.core.errors import UnknownName, Verb, can, did_you_mean
from coopstats.core.phrases import plural, some
from coopstats.core.safe_text import quoted
from coopstats.core.years import read_year
from coopstats.measures.leaving_out import LeavingOut
from coopstats.register.councils import CLASSES, bodies, council

PRINCIPAL = ("L", "MD", "UA", "SC", "SD")


class Choosing(LeavingOut):
    """The verbs that choose rows and change no number."""

    @door(first=read_year, last=read_year)
    def between(self, first: int, last: int) -> Self:
        """Only these years, both ends included: 2010, or "2010-11"."""
        if last < first:
            raise UnknownName(f"{first} to {last} runs backwards: write {last}, {first}.")
        span = f"{self.named(first)} to {self.named(last)}"
        return self._chosen(self.amounts["year"].between(first, last), span)

    @door(council_class=maybe(several_words), region=maybe(several_words),
          council=maybe(several_words))  # fmt: skip
    def where(
        self,
        *unnamed: str,
        council_class: str | Sequence[str] | None = None,
        region: str | Sequence[str] | None = None,
        council: str | Sequence[str] | None = None,
    ) -> Self:
        """Only councils of these classes or regions, or these councils by name or code.

        Each is named: `.where(council="Lambeth")`. A council that was added up with others means
        the place it is in.
        """
        if unnamed or (council_class, region, council) == (None, None, None):
            self._ask_what(unnamed)
        chosen = self
        for column, wanted in (("council_class", council_class), ("region", region)):
            if wanted is not None:
                words = list(wanted)
                _check_words(words, chosen.amounts[column], column.replace("_", " "))
                scope = chosen._scope_like(column, words)
                chosen = chosen._chosen(chosen.amounts[column].isin(words), _kinds(words), scope)
        if council is not None:
            codes = list(dict.fromkeys(map(chosen._place, council)))
            names = some([bodies()[c].name if c in bodies() else c for c in codes])
            scope = chosen.scope & chosen._parts(codes)
            chosen = chosen._chosen(chosen.amounts["ecode"].isin(codes), names, scope)
        return chosen

    def _scope_like(self, column: str, words: list[str]) -> frozenset[str]:
        """The parts of the places of these classes or regions, and such bodies without a row."""
        here = self.amounts[["ecode", column]].drop_duplicates()
        chosen = self._parts(here.loc[here[column].isin(words), "ecode"])
        unseen = self.scope - self._parts(here["ecode"])
        like = {code for code in unseen if getattr(bodies()[code], column) in words}
        return self.scope & (chosen | like)

    def _ask_what(self, unnamed: Sequence[Any]) -> NoReturn:
        """UnknownName with the argument of `.where` that the words seem to be meant for."""
        if not unnamed:
            raise UnknownName("Nothing is chosen.", could=[can(Verb.PLACES)])
        if len(unnamed) == 1 and isinstance(unnamed[0], str):
            kinds = ("council_class", "region")
            held = {name: set(self.amounts[name].dropna()) for name in kinds}
            meant = next((name for name in kinds if unnamed[0] in held[name]), "council")
            raise UnknownName(
                f"It is not said what {unnamed[0]!r} is.",
                could=[can(Verb.PLACE, meant, unnamed[0])],
            )
        told = ", ".join(map(quoted, unnamed))
        raise UnknownName(f"It is not said what {told} are.", could=[can(Verb.PLACES)])

    @door(council=several_words, reason=word)
    def without(self, council: str | Sequence[str], reason: str) -> Self:
        """Without these councils or places, for a reason that is said."""
        codes = {self._place(name) for name in council}
        return self._without_places(codes, reason, leave_out=True)

    def _place(self, word: str) -> str:
        """The code of one of this measure's places, from a word for it; never one it lacks."""
        code = _ecode(word, self.amounts)
        homes = [place for place, parts in self.members.items() if code in parts]
        code = homes[0] if len(homes) == 1 else code
        if code not in set(self.amounts["ecode"]):
            raise UnknownName(f"{self.title} has no row for {word}. It covers {self.coverage}.")
        return code

    def _chosen(self, rows: pd.Series, what: str, scope: frozenset[str] | None = None) -> Self:
        if not rows.any():
            raise UnknownName(f"{self.title} has no row for {what}. It covers {self.coverage}.")
        return self._next(
            f"Only {what}.",
            amounts=self.amounts[rows].reset_index(drop=True),
            scope=self.scope if scope is None else scope,
        )

    def pieces(self) -> tuple[Self, ...]:
        """The measure cut where its line changed meaning: within a piece, years can be compared.

        One piece, itself, where no severing break lies in its years.
        """
        if not self._cuts():
            return (self,)
        said = [b.in_full for b in self._severing()]
        parts = [self.between(first, last) for first, last in self._spans()]
        return tuple(replace(piece, steps_given=(*piece.steps_given, *said)) for piece in parts)


def _check_words(words: list[str], present: pd.Series, what: str) -> None:
    known = sorted(present.dropna().unique())
    for name in words:
        if name not in known:
            raise UnknownName(
                f"No {what} {name!r} here. There are: {', '.join(known)}."
                + did_you_mean(name, known)
            )


def _kinds(words: list[str]) -> str:
    """Classes or regions in words a reader knows."""
    if set(words) == set(PRINCIPAL):
        return "councils: without police, fire, transport, park, waste and combined authorities"
    return ", ".join(plural(CLASSES[word]) if word in CLASSES else word for word in words)


def _ecode(word: str, amounts: pd.DataFrame) -> str:
    """The place a word means: one of this measure's own, or a council by name or code."""
    own = amounts.loc[(amounts["council"] == word) | (amounts["ecode"] == word), "ecode"].unique()
    if len(own) == 1:
        return own[0]
    span = (int(amounts["year"].min()), int(amounts["year"].max())) if len(amounts) else None
    return council(word, span, ever=True).ecode
