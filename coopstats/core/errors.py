"""What can go wrong, said so that a person knows what was read, where, and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from coopstats.core.phrases import listed
from coopstats.core.safe_text import for_terminal

if TYPE_CHECKING:
    import pandas as pd


class Verb(Enum):
    """What a user can do about an error. Its value says it in Python, `{}` the words that it needs.

    The command line has its own words for each (`cli.messages.IN_OPTIONS`).
    """

    TWO_TIER = "take `.two_tier()`, which keeps such areas whole"
    ON = "take `.on({})`, which joins what was divided or merged"
    BEFORE_BY = "take `.two_tier()` or `.on(2021)` before `.by`"
    LEAVE_OUT = "pass leave_out=True to go on without them"
    LATER = "choose a later year"
    WHERE = "choose other councils with `.where`"
    ONLY = "choose them in `measure`, as in {0}={1!r}"
    BETWEEN = "choose other years with `.between({}, {})`"
    YEARS = "choose other years with `.between`"
    REAL = "put it into prices of {} to {}"
    INDEX = "take another index"
    WINDOW = "choose other years with before= and after="
    DOUBTFUL = "pass doubtful=True to go on with it"
    LINE = "compare it with a measure of that line"
    LOAD = "read its rows with load({!r})"
    SHOWN_BY = "see {}"
    COUNCILS = "look a name up with councils(query={})"
    PLACE = "take `.where({}={!r})`"
    PLACES = "choose with `.where`: council=, region= or council_class="
    FIRST = "do so first, before `.real`, `.per_head` and whatever adds up places"
    DIVIDE_LAST = "add up first, then take `.per_head`"
    NESTED = (
        "pass `bring` nested=True if a county's figure is of its whole area, its districts' "
        "people too, or nested=False if each has only what it does itself"
    )
    CALENDAR = "pass calendar=True"
    FINANCIAL = "leave out calendar=True"
    YEAR_IS = "leave out year_is="
    ROWS = 'choose rows first, as in only={{"sex": "Persons"}}, or add them up'
    ONE_HEADING = 'join them: frame.columns = [" ".join(map(str, c)) for c in frame.columns]'


@dataclass(frozen=True)
class Remedy:
    """One thing that can be done about an error: a verb and the words that it needs."""

    verb: Verb
    words: tuple[Any, ...] = ()

    def in_words(self, phrases: Mapping[Verb, str]) -> str:
        """It in somebody's own words; empty where they have none for it."""
        return phrases.get(self.verb, "").format(*self.words)


IN_PYTHON = {verb: verb.value for verb in Verb}


def can(verb: Verb, *words: Any) -> Remedy:
    """The remedy that this verb is, with its words."""
    return Remedy(verb, words)


def advice(could: Iterable[Remedy], phrases: Mapping[Verb, str]) -> str:
    """A sentence of what can be done, a blank before it; empty where nothing can."""
    said = [words for one in could if (words := one.in_words(phrases))]
    if not said:
        return ""
    ways = listed(said, "or")
    return f" {ways[0].upper()}{ways[1:]}."


class CoopstatsError(Exception):
    """Base of every error a user can cause or mend; the command line prints no traceback.

    `what` says what was read and why it cannot be used; `could` is what can be done about it, for
    whoever shows it to say in their own words. As a string it says both, in Python's. What it
    quotes may be anybody's: it is said so that no terminal obeys it. A function is asked for its
    words when somebody reads them: to look for the nearest of many names costs more than to find
    that there is none.
    """

    def __init__(self, what: str | Callable[[], str] = "", *, could: Iterable[Remedy] = ()):
        super().__init__(what)
        self.could = tuple(could)

    @cached_property
    def what(self) -> str:
        """What was read, and why it cannot be used."""
        (words,) = self.args
        return for_terminal(words() if callable(words) else words)

    def __reduce__(self) -> tuple[Any, ...]:
        """As it goes to another process: with its words, not the function."""
        return type(self), (self.what,), vars(self)

    def __str__(self) -> str:
        return self.what + for_terminal(advice(self.could, IN_PYTHON))


class UnknownCouncil(CoopstatsError):
    """A name or code that is no council here, or that is more than one."""


class UnknownName(CoopstatsError):
    """A table, service, year, basis or class that does not exist; the message names the nearest."""


class UnknownHeading(CoopstatsError):
    """A printed heading, or a body's row, that the register does not know."""


class UnreadableSource(CoopstatsError):
    """An original that cannot be read: truncated, protected, of another kind, a sheet missing."""


class SourceChanged(CoopstatsError):
    """An original whose sha256 is not the recorded one."""


class NotFetched(CoopstatsError):
    """A publication that its publisher's server does not give, or gives as something else."""


class ContractBroken(CoopstatsError):
    """A table that breaks its contract; `.breaches` lists every breach as a frame."""

    def __init__(self, what: str, breaches: pd.DataFrame | None = None):
        super().__init__(what)
        self.breaches = breaches


class TieOutFailed(CoopstatsError):
    """Rows that do not add up to a printed total, where no recorded difference explains it."""


class StaleCorrection(CoopstatsError):
    """A recorded correction whose `was` is no longer what the publication prints."""


class CannotSplit(CoopstatsError):
    """A body divided among successors with no published share."""


class NotComparable(CoopstatsError):
    """Two numbers that must not be set against each other."""


class NotBuilt(CoopstatsError):
    """A table that has not been built yet, or is damaged."""


class NumbersMoved(CoopstatsError):
    """Published numbers that are not the recorded ones, and no entry of CHANGELOG.md says why."""


class BuildRunning(CoopstatsError):
    """Another process is building the same thing: the tables, or a book in the same folder."""


def nearest(word: str, known: Iterable[str], how_many: int = 3) -> list[str]:
    """The known words closest in spelling to `word`, best first."""
    by_folded: dict[str, str] = {}
    for name in known:
        by_folded.setdefault(name.casefold(), name)
    close = difflib.get_close_matches(word.casefold(), by_folded, n=how_many, cutoff=0.6)
    return [by_folded[c] for c in close]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that suggests, or an empty string when nothing is near."""
    close = nearest(word, known)
    return f" Did you mean {' or '.join(repr(c) for c in close)}?" if close else ""
