"""What can go wrong, said so that a person knows what was read, where, and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from coopstats.terminal import plain

if TYPE_CHECKING:
    import pandas as pd


class CoopstatsError(Exception):
    """Base of every error a user can cause or mend; the command line prints no traceback.

    What it quotes may be anybody's: it is said so that no terminal obeys it.
    """

    def __str__(self) -> str:
        return plain(super().__str__())


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

    def __init__(self, message: str, breaches: pd.DataFrame | None = None):
        super().__init__(message)
        self.breaches = breaches


class TieOutFailed(CoopstatsError):
    """Rows that do not add up to a printed total, where no recorded difference explains it."""


class StaleCorrection(CoopstatsError):
    """A recorded correction whose `was` is no longer what the publication prints."""


class CannotSplit(CoopstatsError):
    """A body divided among successors with no published share."""


class NotComparable(CoopstatsError):
    """Two numbers that must not be set against each other."""


class PricesNotHeld(NotComparable):
    """Amounts of years for which a price index is not held; it is from `.first` to `.last`."""

    def __init__(self, message: str, first: int, last: int):
        super().__init__(message)
        self.first, self.last = first, last


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
