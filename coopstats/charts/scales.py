"""From numbers to places on the page, and round numbers to write beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """`low` is at place `start`, `high` at `end`; straight between and beyond."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a number."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def step(span: float, about: int) -> float:
    """A round step (1, 2, 2.5 or 5 times a power of ten) that divides `span` into about so many."""
    rough = span / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough * 0.999)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from at or below `low` to at or above `high`."""
    if high <= low:
        high = low + (abs(low) or 1.0)
    by = step(high - low, about)
    first, last = math.floor(low / by + 1e-9), math.ceil(high / by - 1e-9)
    return [round(i * by, 10) for i in range(first, last + 1)]


def whole_ticks(low: float, high: float, at_most: int) -> list[float]:
    """Years from the first, evenly, no more than so many; to the last if that can be."""
    span = int(high - low)
    least = next(n for n in range(1, span + 2) if span // n + 1 <= max(at_most, 2))
    by = next((n for n in range(least, 2 * least) if span % n == 0), least)
    return [float(v) for v in range(int(low), int(high) + 1, by)]


def spread(places: list[float], heights: list[float], low: float, high: float) -> list[float]:
    """Centres moved as little as may be so that blocks of these heights do not overlap.

    Blocks keep their order; each run of touching blocks sits at the mean of where its members
    wanted to be, held between `low` and `high`.
    """
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    runs: list[tuple[list[int], float, float]] = []
    for index in order:
        runs.append(_run([index], places, heights, low, high))
        while len(runs) > 1 and runs[-2][1] + runs[-2][2] > runs[-1][1] + 1e-9:
            members = runs[-2][0] + runs[-1][0]
            runs[-2:] = [_run(members, places, heights, low, high)]
    moved = [0.0] * len(places)
    for members, top, _ in runs:
        for index in members:
            moved[index] = top + heights[index] / 2
            top += heights[index]
    return moved


def _run(
    members: list[int], places: list[float], heights: list[float], low: float, high: float
) -> tuple[list[int], float, float]:
    """A run of blocks, the top it wants and its height."""
    above, wishes = 0.0, []
    for index in members:
        wishes.append(places[index] - above - heights[index] / 2)
        above += heights[index]
    top = sum(wishes) / len(wishes)
    return members, max(low, min(top, high - above)), above
