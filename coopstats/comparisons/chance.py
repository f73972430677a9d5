"""How rare a gap is, in words: never finer than the draws know, and the same for every seed.

A p from random draws has an error of its own. A p close to one in twenty is called "about one in
twenty": five standard errors on each side are that close, so no seed turns "rarer" into "no
rarer". A rank among all placebos is counted, not drawn, and needs no margin.
"""

from __future__ import annotations

import math

from coopstats.comparisons.permutation import standard_error

SMALL = 0.05
ERRORS = 5  # standard errors of a p of one in twenty that count as "about"
RARER, ABOUT, USUAL = (
    "rarer than one in twenty",
    "about one in twenty",
    "no rarer than one in twenty",
)
COUNTED = 0  # draws of a rank, which is no random draw
NO_RANK = "The fit before is exact, so no rank can be given"


def margin(draws: int) -> float:
    """How far from one in twenty a p of so many draws is still about that."""
    return ERRORS * standard_error(SMALL, draws) if draws else 0.0


def rarity(p: float, draws: int = COUNTED) -> str:
    """RARER, ABOUT or USUAL; nothing where there is no p. Counted shares are RARER or USUAL."""
    if math.isnan(p):
        return ""
    near = margin(draws)
    if near and abs(p - SMALL) <= near:
        return ABOUT
    return RARER if p <= SMALL else USUAL


def clearly_rare(p: float, draws: int = COUNTED) -> bool:
    """Whether a gap is rarer than one in twenty, whatever the seed."""
    return rarity(p, draws) == RARER


def printed(p: float, draws: int) -> str:
    """A p with the digits that its draws support: "0.04", "under 0.001"."""
    error = standard_error(p, draws)
    places = max(1, math.floor(-math.log10(error))) if error > 0 else 2
    return f"{p:.{places}f}" if round(p, places) > 0 else f"under {10**-places:.{places}f}"


def p_in_words(p: float, draws: int) -> str:
    """The p as a sentence has it: "p = 0.04", "p under 0.001", nothing where there is none."""
    if math.isnan(p):
        return "no p, because the fit before is exact"
    told = printed(p, draws)
    return f"p {told}" if told.startswith("under") else f"p = {told}"


def in_a_hundred(p: float) -> str:
    """A p as so many in a hundred sets: "4 in 100", "fewer than 1 in 100"."""
    return f"{100 * p:.0f} in 100" if p >= 0.005 else "fewer than 1 in 100"
