"""Sentences that say lowest, reached or never: none crosses a change of meaning alone.

A line that something joined looks less cut than it was, so a threshold that it never reached as
printed may have been reached like for like. Whatever says so goes through `level_claim`: where a
noted break with a printed size lies between the years, the like-for-like figure stands beside the
printed one, and a break whose size nobody printed is said. Anything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from coopstats.core.errors import NotComparable
from coopstats.core.years import financial_year
from coopstats.register.breaks import Break, crossed

LEVEL_WORDS = re.compile(
    r"\b(never|lowest|highest|deepest|reached|at no time|in any year|in no year|back at its"
    r"|returned to|lost \d+% or more|fell in \d+ of)\b",
    re.IGNORECASE,
)
LIKE_FOR_LIKE = "like for like"


class LevelClaim(str):
    """A sentence that `level_claim` let through, and the noted breaks that its years cross."""

    __slots__ = ("crossed",)
    crossed: tuple[Break, ...]


def level_claim(
    said: str,
    table: str,
    service: str,
    years: tuple[int, int],
    stepped_over: Collection[int] = (),
) -> LevelClaim:
    """The sentence, with what changed its meaning on the way and has no size.

    `years` are the first and last year that it compares, `stepped_over` the first years of the
    breaks that its like-for-like figure leaves out. Raises NotComparable where a break of known
    size lies between them and no such figure stands in the sentence.
    """
    noted = crossed(table, service, *years, "noted")
    alone = [b for b in noted if b.size and not _twinned(b, said, stepped_over)]
    if alone:
        raise NotComparable(
            f"“{said}” crosses a change of meaning: {alone[0].said} Give the {LIKE_FOR_LIKE} "
            "figure in the same sentence, or compare years on one side of it."
        )
    claim = LevelClaim(f"{said}{_unsized([b for b in noted if not b.size])}")
    claim.crossed = tuple(noted)
    return claim


def _twinned(one: Break, said: str, stepped_over: Collection[int]) -> bool:
    return one.first_year in stepped_over and LIKE_FOR_LIKE in said.casefold()


def _unsized(noted: list[Break]) -> str:
    """What changed by an amount that nobody printed."""
    when = " and ".join(dict.fromkeys(financial_year(b.first_year) for b in noted))
    return f" A further change of meaning in {when} has no printed size." if when else ""
