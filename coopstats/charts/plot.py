"""What every kind of picture shares: its box, its colours, its axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coopstats.charts import fonts
from coopstats.charts.colours import AXIS, CONTEXT, FAINT, GREY_TEXT, assign
from coopstats.charts.numbers import write
from coopstats.charts.scales import Scale, ticks
from coopstats.charts.scene import Box, Line, Scene, Text
from coopstats.charts.spec import Spec
from coopstats.charts.text import plus_on_gains

if TYPE_CHECKING:
    import pandas as pd

LABEL, TICK = 12.5, 12.0
MAIN = "#5B8DB0"


@dataclass(frozen=True)
class Plot:
    """One panel to be drawn: where, of what, and whether it is one of many."""

    page: Scene
    chart: Spec
    rows: pd.DataFrame
    box: Box
    small: bool = False


def coloured(chart: Spec) -> list[str]:
    """The series in colour: those asked for, or all lines if there are four or fewer."""
    everyone = list(dict.fromkeys(chart.frame["series"]))
    if chart.highlight or chart.kind != "line" or len(everyone) > 4:
        return list(chart.highlight)
    return everyone


def colour_of(chart: Spec) -> dict[str, str]:
    """Colour of each series of the chart, grey for context."""
    colours = assign(coloured(chart))
    rest = CONTEXT if chart.highlight or chart.kind == "line" else MAIN
    return {name: colours.get(name, rest) for name in chart.frame["series"].unique()}


def extent(chart: Spec, column: str = "y") -> tuple[float, float]:
    """Least and greatest number drawn, uncertainty included."""
    if column == "y":
        return chart.extent
    return float(chart.frame[column].min()), float(chart.frame[column].max())


def y_ticks(chart: Spec, about: int = 5) -> list[float]:
    """Round numbers that hold all numbers; zero among them if it is near. `y_range` overrides."""
    return ticks(*y_span(chart), about)


def y_span(chart: Spec) -> tuple[float, float]:
    """From least to greatest number, with zero if it is near; or the chart's own `y_range`."""
    low, high = chart.y_range or extent(chart)
    if not chart.y_range:
        low = 0.0 if 0 < low <= 0.5 * high else low
        high = 0.0 if 0.5 * low <= high < 0 else high
    return low, high


def y_domain(chart: Spec, about: int = 5) -> tuple[list[float], float, float]:
    """Ticks, and the ends of the axis: a tick far beyond the numbers is left out."""
    values, (low, high) = y_ticks(chart, about), y_span(chart)
    margin = 0.02 * (high - low)
    by = values[1] - values[0]
    if len(values) > 3 and values[-1] - high > 0.55 * by:
        values, high = values[:-1], high + margin
    if len(values) > 3 and low - values[0] > 0.55 * by:
        values, low = values[1:], low - margin
    return values, min(values[0], low), max(values[-1], high)


def tick_words(chart: Spec, values: list[float]) -> list[str]:
    """The tick numbers, with just the decimals that tell neighbours apart."""
    plus = plus_on_gains(chart)
    for places in range(3):
        words = [write(value, chart.number, places, plus) for value in values]
        exact = all(abs(round(v, places) - v) < 1e-9 for v in values)
        if len(set(words)) == len(words) and (exact or chart.number == "gbp"):
            return words
    return words


def y_axis(plot: Plot, about: int = 5, right: float = 0.0) -> tuple[Box, Scale]:
    """Grid, numbers at the left, the zero line; the box that is left and its scale."""
    values, low, high = y_domain(plot.chart, about)
    words = tick_words(plot.chart, values)
    wide = max(fonts.width(text, TICK) for text in words) + 8
    box = Box(plot.box.left + wide, plot.box.top + 8, plot.box.right - right, plot.box.bottom - 22)
    scale = Scale(low, high, box.bottom, box.top)
    for value, text in zip(values, words, strict=True):
        y = scale(value)
        zero = value == 0
        plot.page.add(
            Line(((box.left, y), (box.right, y)), AXIS if zero else FAINT, 1.2 if zero else 1)
        )
        plot.page.add(Text(box.left - 8, y + TICK * 0.35, text, TICK, GREY_TEXT, anchor="end"))
    return box, scale


def x_labels(plot: Plot, box: Box, places: list[tuple[float, str]]) -> None:
    """Numbers under the picture, the first and last kept inside the panel."""
    for x, words in places:
        half = fonts.width(words, TICK) / 2
        centre = min(max(x, plot.box.left + half), plot.box.right - half)
        plot.page.add(Line(((x, box.bottom), (x, box.bottom + 4)), AXIS))
        plot.page.add(Text(centre, box.bottom + 17, words, TICK, GREY_TEXT, anchor="middle"))


def axis_note(chart: Spec, which: str = "vertical axis") -> tuple[str, ...]:
    """Says so when an axis leaves zero out."""
    low, high = y_span(chart)
    return () if low <= 0 <= high else (f"The {which} does not start at zero.",)
