"""Line charts: a line for each series, its name and last number at its end, grey for context."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, NamedTuple

from coopstats.charts import fonts
from coopstats.charts.caveats import breaks_at
from coopstats.charts.colours import AXIS, CONTEXT, GREY_TEXT, WHITE
from coopstats.charts.plot import (
    LABEL,
    TICK,
    Plot,
    axis_note,
    colour_of,
    coloured,
    x_labels,
    y_axis,
)
from coopstats.charts.scales import Scale, spread, ticks, whole_ticks
from coopstats.charts.scene import Box, Dot, Line, Shape, Text
from coopstats.charts.spec import Spec, odd
from coopstats.charts.text import x_words, y_words
from coopstats.core.phrases import number_of

if TYPE_CHECKING:
    import pandas as pd

FEW = 8
MARK_ROOM = 20.0
LINE = LABEL * fonts.LEADING


class Point(NamedTuple):
    """One number of a series; `y` is NaN where there is none. No line joins two pieces."""

    x: float
    y: float
    low: float
    high: float
    doubtful: bool = False
    piece: int = 1

    @property
    def there(self) -> bool:
        """Whether there is a number."""
        return self.y == self.y


class End(NamedTuple):
    """Where a line stops and what is written there."""

    x: float
    y: float
    lines: list[str]
    colour: str


def notes(chart: Spec) -> tuple[str, ...]:
    """What the drawing adds to the note."""
    return axis_note(chart)


def labelled(chart: Spec) -> list[str]:
    """The series named at their line's end: all if few, else those in colour."""
    everyone = list(chart.frame["series"].unique())
    return [] if len(chart.panels) > 1 else everyone if len(everyone) <= FEW else coloured(chart)


def key(chart: Spec) -> list[tuple[str, str]]:
    """Coloured words for what no label at a line's end says."""
    colours, named = colour_of(chart), labelled(chart)
    entries = [(name, colours[name]) for name in coloured(chart) if name not in named]
    others = [n for n in colours if n not in named and n not in coloured(chart)]
    if others:
        entries.append((f"Grey: {chart.context or number_of(len(others), 'other')}", GREY_TEXT))
    return entries


def points_by_series(rows: pd.DataFrame) -> dict[str, list[Point]]:
    """The points of each series in order of x."""
    nothing = [float("nan")] * len(rows)
    lows = rows.get("low", nothing)
    highs = rows.get("high", nothing)
    piece = rows.get("piece", [1] * len(rows))
    points = zip(rows["series"], rows["x"], rows["y"], lows, highs, odd(rows), piece, strict=True)
    found: dict[str, list[Point]] = {}
    for name, *point in points:
        found.setdefault(name, []).append(Point(*point))
    return {name: sorted(points) for name, points in found.items()}


def draw(plot: Plot) -> None:
    """One panel: axes with room for the labels, marks, lines with context first, labels."""
    series, colours = points_by_series(plot.rows), colour_of(plot.chart)
    labels = _labels(plot, series)
    box, up = _upright(plot, labels)
    across = _across(plot, box)
    for x, words in breaks_at(plot.rows).items():
        plot.page.add(Line(((across(x), box.top), (across(x), box.bottom)), AXIS, 1, name=words))
    _marks(plot, box, across)
    for name in sorted(series, key=lambda name: colours[name] != CONTEXT):
        _series(plot, name, series[name], colours[name], across, up)
    ends = [
        End(across(point.x), up(point.y), lines, colours[name])
        for name, lines in labels.items()
        for point in _last(series[name])
    ]
    _ends(plot, box, ends)


def _labels(plot: Plot, series: dict[str, list[Point]]) -> dict[str, list[str]]:
    """What is written at the end of each line that has a label.

    In small multiples the key says who is who, so only the first highlighted line says where it
    ends, if its panel has the room.
    """
    if not plot.small:
        return {n: _label(plot, n, series[n]) for n in labelled(plot.chart) if n in series}
    first = [name for name in plot.chart.highlight[:1] if name in series]
    labels = {n: [y_words(plot.chart, point.y) for point in _last(series[n])] for n in first}
    return {n: lines for n, lines in labels.items() if _widest([lines]) < plot.box.width / 4}


def _upright(plot: Plot, labels: dict[str, list[str]]) -> tuple[Box, Scale]:
    """The vertical axis: the box that the lines may use, and its scale."""
    head = MARK_ROOM if plot.chart.marks else 0.0
    room = Box(plot.box.left, plot.box.top + head, plot.box.right, plot.box.bottom)
    ticks_that_fit = max(2, min(6, int(room.height // 48)))
    widest = _widest(labels.values())
    return y_axis(replace(plot, box=room), ticks_that_fit, widest + 14 if widest else 8.0)


def _widest(texts: Iterable[list[str]]) -> float:
    """The width of the widest line of some labels."""
    return max((fonts.width(line, LABEL, True) for lines in texts for line in lines), default=0.0)


def _last(points: list[Point]) -> list[Point]:
    """The last point that has a number, if any has."""
    return [point for point in points if point.there][-1:]


def _across(plot: Plot, box: Box) -> Scale:
    chart = plot.chart
    shown = plot.rows if _apart_in_x(chart) else chart.frame
    low, high = float(shown["x"].min()), float(shown["x"].max())
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    across = Scale(low, high, box.left + 4, box.right - 4)
    wide = fonts.width(x_words(chart, high), TICK)
    fit = int(box.width // (wide + 16)) + 1
    years = chart.x_number in ("year", "calendar")
    values = whole_ticks(low, high, fit) if years else ticks(low, high, fit - 1)
    if (chart.frame["x"] % 1 == 0).all():  # nothing stands between two whole numbers
        values = [value for value in values if value % 1 == 0]
    inside = _apart([value for value in values if low <= value <= high], across, wide + 8)
    x_labels(plot, box, [(across(v), x_words(chart, v)) for v in inside])
    return across


def _apart_in_x(chart: Spec) -> bool:
    """Whether no two panels have an x in common: each then has an axis of its own."""
    if len(chart.panels) == 1:
        return False
    spans = sorted((rows["x"].min(), rows["x"].max()) for rows in map(chart.panel, chart.panels))
    return all(last < first for (_, last), (first, _) in pairwise(spans))


def _apart(values: list[float], across: Scale, room: float) -> list[float]:
    """Every value, or every second, third …, so that each has room for its label."""
    for step in range(1, len(values)):
        kept = values[::step]
        if all(across(b) - across(a) >= room for a, b in pairwise(kept)):
            return kept
    return values[:1]


def _marks(plot: Plot, box: Box, across: Scale) -> None:
    for value, words in plot.chart.marks.items():
        x, half = across(value), fonts.width(words, TICK) / 2
        centre = min(max(x, plot.box.left + half), plot.box.right - half)
        plot.page.add(Line(((x, box.top - 6), (x, box.bottom)), GREY_TEXT, 1, dashed=True))
        plot.page.add(Text(centre, box.top - 11, words, TICK, GREY_TEXT, anchor="middle"))


def _series(
    plot: Plot, name: str, points: list[Point], colour: str, across: Scale, up: Scale
) -> None:
    """Bands, then lines; neither is drawn over a gap, or from one piece to the next."""
    banded = groupby(points, key=lambda p: (p.low == p.low and p.high == p.high, p.piece))
    for (there, _), run in banded:
        around = list(run) if there else []
        lows = tuple((across(p.x), up(p.low)) for p in around)
        highs = tuple((across(p.x), up(p.high)) for p in reversed(around))
        if len(around) > 1:
            plot.page.add(Shape(lows + highs, colour, opacity=0.18))
    for (there, _), run in groupby(points, key=lambda point: (point.there, point.piece)):
        places = tuple((across(p.x), up(p.y)) for p in run)
        if there and len(places) == 1:
            plot.page.add(Dot(*places[0], 2.5, colour, name=name))
        elif there:
            plot.page.add(Line(places, colour, 1.1 if colour == CONTEXT else 2.6, name=name))
    for point in points:
        if point.there and point.doubtful:
            plot.page.add(Dot(across(point.x), up(point.y), 4.5, WHITE, edge=colour))


def _label(plot: Plot, name: str, points: list[Point]) -> list[str]:
    """The name and the last number, which stays on one line with the name's last word."""
    words = [f"{name}\N{NO-BREAK SPACE}{y_words(plot.chart, p.y)}" for p in _last(points)]
    return fonts.balanced(" ".join(words), LABEL, max(plot.box.width * 0.26, 96), True)


def _ends(plot: Plot, box: Box, ends: list[End]) -> None:
    """Names beside the ends of lines, moved apart, with a thread back where one moved far."""
    heights = [len(end.lines) * LINE for end in ends]
    middles = spread([end.y for end in ends], heights, box.top - 8, box.bottom + 8)
    for end, middle, tall in zip(ends, middles, heights, strict=True):
        grey, left = end.colour == CONTEXT, box.right + 8
        plot.page.add(Dot(end.x, end.y, 2.0 if grey else 3.2, end.colour))
        if abs(middle - end.y) > LINE * 0.8 or end.x < box.right - 8:
            plot.page.add(Line(((end.x + 4, end.y), (left - 2, middle)), end.colour, 0.8))
        written = GREY_TEXT if grey else end.colour
        for place, words in enumerate(end.lines):
            baseline = middle - tall / 2 + place * LINE + LABEL * 0.98
            plot.page.add(Text(left, baseline, words, LABEL, written, not grey))
