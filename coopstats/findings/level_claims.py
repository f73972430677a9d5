"""Sentences that say lowest, reached or never: none crosses a change of meaning alone.

A line that something joined looks less cut than it was, so a threshold that it never reached as
printed may have been reached like for like. Whatever says so goes through `level_claim`: where a
noted break with a printed size lies between the years, the sentence brings its twin, the figure
like for like and what that figure leaves out, and the twin stands in it; a break whose size nobody
printed is said. Anything else is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coopstats.core.display import Sentences
from coopstats.core.errors import NotComparable
from coopstats.core.years import financial_year
from coopstats.measures.measure import Measure
from coopstats.register.breaks import Break, crossed

LIKE_FOR_LIKE = "like for like"


@dataclass(frozen=True)
class Twin:
    """The figures like for like of a sentence, as they stand in it, and their measure."""

    alike: Measure
    figures: tuple[str, ...]

    def of(self, one: Break, said: str) -> bool:
        """Is the break mended in the measure, and does the sentence give every figure of it?"""
        mended = bool(one.moves) and set(one.moves) <= set(self.alike.mended)
        return mended and bool(self.figures) and all(figure in said for figure in self.figures)


class LevelClaim(str):
    """A sentence that `level_claim` let through, and the noted breaks that its years cross.

    `bare` is the sentence without `further`, which says what changed by an unknown amount.
    """

    __slots__ = ("bare", "crossed", "further")
    bare: str
    further: str
    crossed: tuple[Break, ...]


def level_claim(
    said: str, table: str, service: str, years: tuple[int, int], twin: Twin | None = None
) -> LevelClaim:
    """The sentence, with what changed its meaning on the way and has no size.

    `years` are the first and last year that it compares, `twin` what it says like for like. Raises
    NotComparable where a break of known size lies between them that the twin does not leave out.
    """
    noted = crossed(table, service, *years, "noted")
    alone = [b for b in noted if b.size and not (twin and twin.of(b, said))]
    if alone:
        raise NotComparable(
            f"“{said}” crosses a change of meaning: {alone[0].in_full} Give the {LIKE_FOR_LIKE} "
            "figure in the same sentence, or compare years on one side of it."
        )
    return _claim(said, _unsized([b for b in noted if not b.size]), tuple(noted))


def _claim(said: str, further: str, noted: tuple[Break, ...]) -> LevelClaim:
    claim = LevelClaim(f"{said}{further}")
    claim.bare, claim.further, claim.crossed = said, further, noted
    return claim


def _unsized(noted: list[Break]) -> str:
    """What changed by an amount that nobody printed."""
    when = " and ".join(dict.fromkeys(financial_year(b.first_year) for b in noted))
    return f" A further change of meaning in {when} has no printed size." if when else ""


def each_once(sentences: Iterable[str]) -> Sentences:
    """The sentences one after another: a further change of meaning is said at its first only."""
    told: set[str] = set()
    kept: list[str] = []
    for one in sentences:
        again = isinstance(one, LevelClaim) and one.further in told
        kept.append(_claim(one.bare, "", one.crossed) if again else one)  # type: ignore[attr-defined]
        told |= {one.further} if isinstance(one, LevelClaim) else set()
    return Sentences(kept)
