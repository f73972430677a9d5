"""Bins: round edges for the numbers of a map, a shade for each, and what the legend says."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING

from coopstats.charts.colours import FALLS, NOTHING, RISES, SINGLE
from coopstats.charts.numbers import NO_FIGURE, write
from coopstats.charts.scales import ticks
from coopstats.charts.spec import Spec
from coopstats.charts.text import plus_on_gains
from coopstats.core.errors import ContractBroken

if TYPE_CHECKING:
    import pandas as pd

INFINITY = float("inf")
Bin = tuple[float, float]


def edges(chart: Spec) -> list[float]:
    """The edges of the bins: as given, or round numbers over the middle 96 % of the values."""
    values = chart.frame["y"].dropna()
    if chart.bins:
        return list(chart.bins)
    low, high = float(values.quantile(0.02)), float(values.quantile(0.98))
    tried = [ticks(low, high, about) for about in (6, 5, 4, 3, 2, 1)]
    return next((found for found in tried if _fits(_opened(found, values))), tried[-1])


def bins(chart: Spec) -> list[Bin]:
    """The bins, each from its low edge up to but not its high; open where values lie beyond."""
    return _opened(edges(chart), chart.frame["y"].dropna())


def _opened(found: list[float], values: pd.Series) -> list[Bin]:
    below = [(-INFINITY, found[0])] if (values < found[0]).any() else []
    above = [(found[-1], INFINITY)] if (values > found[-1]).any() else []
    return below + list(pairwise(found)) + above


def _sides(found: list[Bin]) -> tuple[int, int]:
    """How many bins below and above zero if they part there, else none and all."""
    falls, rises = sum(high <= 0 for _, high in found), sum(low >= 0 for low, _ in found)
    parted = falls and rises and falls + rises == len(found)
    return (falls, rises) if parted else (0, len(found))


def _fits(found: list[Bin]) -> bool:
    falls, rises = _sides(found)
    return max(falls, rises) <= len(RISES) if falls else rises <= len(SINGLE)


def shades(chart: Spec) -> list[str]:
    """A colour for each bin: two hues parting at zero if zero is an edge, else one that deepens."""
    found = bins(chart)
    falls, rises = _sides(found)
    if falls:
        return _shades(FALLS, falls, chart)[::-1] + _shades(RISES, rises, chart)
    single = _shades(SINGLE, rises, chart)
    return single[::-1] if found[-1][1] <= 0 else single


def _shades(ramp: tuple[str, ...], how_many: int, chart: Spec) -> list[str]:
    if how_many > len(ramp):
        raise ContractBroken(
            f"Chart {chart.slug!r}: {how_many} bins on one side are more than the {len(ramp)} "
            "shades an eye can tell apart; give fewer edges in `bins`."
        )
    if how_many == 1:
        return [ramp[len(ramp) // 2]]
    return [ramp[round(i * (len(ramp) - 1) / (how_many - 1))] for i in range(how_many)]


def bin_of(value: float, found: list[Bin]) -> int:
    """Which bin holds the value; the last closed bin holds its upper edge too."""
    place = bisect_right([low for low, _ in found], value) - 1
    return min(max(place, 0), len(found) - 1)


def legend(chart: Spec) -> list[tuple[str, str, int]]:
    """For each bin its colour, its words and how many councils are in it; last those without."""
    found, ramp, values = bins(chart), shades(chart), chart.frame["y"]
    places = [bin_of(value, found) for value in values.dropna()]
    words = _bin_words(chart, found)
    entries = [
        (shade, label, places.count(i))
        for i, (shade, label) in enumerate(zip(ramp, words, strict=True))
    ]
    gone = int(values.isna().sum())
    return entries + ([(NOTHING, NO_FIGURE, gone)] if gone else [])


def _bin_words(chart: Spec, found: list[Bin]) -> list[str]:
    if chart.bin_names:
        return list(chart.bin_names)
    plus = plus_on_gains(chart)
    ends = {e for pair in found for e in pair if abs(e) != INFINITY}
    places = (
        0 if all(e == round(e) for e in ends) else 1 if all(round(e, 1) == e for e in ends) else 2
    )

    def words_of(edge: float) -> str:
        return write(edge, chart.number, places, plus)

    return [
        f"below {words_of(high)}" if low == -INFINITY
        else f"{words_of(low)} or more" if high == INFINITY
        else f"{words_of(low)} to {words_of(high)}"
        for low, high in found
    ]  # fmt: skip
