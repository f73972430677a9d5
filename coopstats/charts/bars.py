"""Bars from zero, and dots on a line: one row for each name, its number written beside it."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from coopstats.charts import fonts
from coopstats.charts.colours import AXIS, FAINT, GREY_TEXT, INK, WHITE
from coopstats.charts.numbers import NO_FIGURE
from coopstats.charts.plot import (
    LABEL,
    TICK,
    Plot,
    axis_note,
    colour_of,
    extent,
    tick_words,
    y_ticks,
)
from coopstats.charts.scales import Scale
from coopstats.charts.scene import Box, Dot, Line, Shape, Text, rectangle
from coopstats.charts.spec import Spec, odd
from coopstats.charts.text import y_words

ROW, LEAST_ROW, AXIS_ROOM, GAP = 21.0, 16.0, 24.0, 8.0


class Row(NamedTuple):
    """One name and its number, as drawn; hollow where it is in doubt."""

    @property
    def ink(self) -> tuple[str, str]:
        """What its mark is filled and edged with."""
        return (WHITE, self.colour) if self.doubtful else (self.colour, "")

    name: str
    y: float
    low: float
    high: float
    words: str
    colour: str
    doubtful: bool = False


def height(chart: Spec, wide: float) -> float:
    """The height the rows need in a panel so wide, of the panel that has most of them."""
    most = max(len(chart.panel(name)) for name in chart.panels)
    room, bold = _name_room(chart, wide), bool(chart.highlight)
    lines = max(len(fonts.wrap(name, LABEL, room, bold)) for name in chart.frame["series"].unique())
    tall = max(ROW if most > 6 else ROW + 7, lines * LABEL * 1.1 + 5)
    return most * tall + (AXIS_ROOM if chart.kind == "dot" else 6.0)


def _name_room(chart: Spec, wide: float) -> float:
    return wide * (0.42 if len(chart.panels) > 1 else 0.34)


def notes(chart: Spec) -> tuple[str, ...]:
    """What the drawing adds to the note."""
    return axis_note(chart, "axis")


def draw(plot: Plot) -> None:
    """One panel of bars or dots."""
    rows = _rows(plot)
    names = _names(plot, rows)
    widest = max(fonts.width(line, LABEL, True) for lines in names for line in lines)
    foot = AXIS_ROOM if plot.chart.kind == "dot" else 0.0
    box = Box(plot.box.left + widest + GAP, plot.box.top, plot.box.right, plot.box.bottom - foot)
    scale = _scale(plot.chart, rows, box)
    tall = min(box.height / len(rows), 44.0)
    if plot.chart.kind == "dot":
        _dot_axis(plot, scale, box, tall * len(rows))
    kept = rows_with_words(plot.chart, rows, tall, max(len(lines) for lines in names))
    for place, (row, lines) in enumerate(zip(rows, names, strict=True)):
        middle = box.top + (place + 0.5) * tall
        shown = row if place in kept else row._replace(words="")
        _name(plot, row, lines if place in kept else [], box.left - GAP, middle)
        (_dot if plot.chart.kind == "dot" else _bar)(plot, shown, scale, middle, tall, box)
    if plot.chart.kind == "bar" and scale.low <= 0 <= scale.high:
        ends = (scale(0), box.top), (scale(0), box.top + tall * len(rows))
        plot.page.add(Line(ends, AXIS, 1.2))


def _rows(plot: Plot) -> list[Row]:
    colours = colour_of(plot.chart)
    found = []
    for row, hollow in zip(plot.rows.itertuples(), odd(plot.rows), strict=True):
        low, high = getattr(row, "low", row.y), getattr(row, "high", row.y)
        low, high = (row.y if low != low else low), (row.y if high != high else high)
        words = y_words(plot.chart, row.y)
        found.append(Row(row.series, row.y, low, high, words, colours[row.series], hollow))
    return found


def rows_with_words(chart: Spec, rows: list[Row], tall: float, lines: int = 1) -> set[int]:
    """Which rows get words: all if there is room, else the highlighted, the ends, then others.

    `lines` is how many the longest name takes.
    """
    least = max(LEAST_ROW, lines * LABEL * 1.1)
    kept = {i for i, row in enumerate(rows) if row.name in chart.highlight}
    with_figure = [i for i, row in enumerate(rows) if row.y == row.y] or [0]
    for place in [with_figure[0], with_figure[-1], *with_figure, *range(len(rows))]:
        if all(abs(place - other) * tall >= least for other in kept - {place}):
            kept.add(place)
    return kept


def _names(plot: Plot, rows: list[Row]) -> list[list[str]]:
    room = _name_room(plot.chart, plot.box.width)
    return [fonts.wrap(row.name, LABEL, room, row.name in plot.chart.highlight) for row in rows]


def _scale(chart: Spec, rows: list[Row], box: Box) -> Scale:
    """Numbers to places, with room at the side of each sign for the words beside the marks."""
    low, high = chart.y_range or extent(chart)
    if chart.kind == "dot":
        low, high = y_ticks(chart)[0], y_ticks(chart)[-1]
    elif not chart.y_range:
        low, high = min(low, 0.0), max(high, 0.0)
    beside = [r for r in rows if chart.kind == "bar" or r.y == r.y]
    wide = {
        sign: [fonts.width(r.words, LABEL, True) for r in beside if _left(chart, r) == sign]
        for sign in (True, False)
    }
    before, after = (max(wide[sign], default=-GAP) + GAP for sign in (True, False))
    high = high if high > low else low + 1.0
    return Scale(low, high, box.left + before, box.right - after)


def _left(chart: Spec, row: Row) -> bool:
    """Whether the words stand at the left of the mark."""
    missing_among_falls = row.y != row.y and bool((chart.frame["y"].dropna() < 0).all())
    return chart.kind == "bar" and (row.y < 0 or missing_among_falls)


def _dot_axis(plot: Plot, scale: Scale, box: Box, tall: float) -> None:
    values, bottom = y_ticks(plot.chart), box.top + tall
    labels = tick_words(plot.chart, values)
    apart = (scale(values[-1]) - scale(values[0])) / (len(values) - 1)
    least = ceil((max(fonts.width(words, TICK) for words in labels) + 10) / apart)
    steps = len(values) - 1
    every = next((n for n in range(least, steps + 1) if steps % n == 0), least)
    for value, words in list(zip(values, labels, strict=True))[::every]:
        x = scale(value)
        plot.page.add(Line(((x, box.top), (x, bottom)), AXIS if value == 0 else FAINT))
        plot.page.add(Text(x, bottom + 15, words, TICK, GREY_TEXT, anchor="middle"))


def _name(plot: Plot, row: Row, lines: list[str], x: float, middle: float) -> None:
    chosen = row.name in plot.chart.highlight
    top = middle - len(lines) * LABEL * 1.1 / 2
    for place, words in enumerate(lines):
        y = top + place * LABEL * 1.1 + LABEL * 0.9
        plot.page.add(Text(x, y, words, LABEL, row.colour if chosen else INK, chosen, "end"))


def _number(plot: Plot, row: Row, x: float, middle: float, anchor: str) -> None:
    if not row.words:
        return
    chosen = row.name in plot.chart.highlight
    colour = row.colour if chosen else INK if row.words != NO_FIGURE else GREY_TEXT
    plot.page.add(
        Text(x, middle + LABEL * 0.36, row.words, LABEL, colour, chosen, anchor, halo=True)
    )


def _bar(plot: Plot, row: Row, scale: Scale, middle: float, tall: float, box: Box) -> None:
    zero = scale(min(max(0.0, scale.low), scale.high))
    if row.y != row.y:
        side = -1 if _left(plot.chart, row) else 1
        return _number(plot, row, zero + side * GAP / 2, middle, "end" if side < 0 else "start")
    ends, half = sorted((zero, scale(row.y))), tall * 0.36
    bar = Box(ends[0], middle - half, ends[1], middle + half)
    read_out = f"{row.name}: {y_words(plot.chart, row.y)}"
    fill, edge = row.ink
    plot.page.add(Shape(rectangle(bar), fill, edge=edge, width=1.6, name=read_out))
    _whisker(plot, row, scale, middle, INK)
    if row.y < 0:
        return _number(plot, row, scale(min(row.low, row.y)) - GAP / 2, middle, "end")
    return _number(plot, row, scale(max(row.high, row.y)) + GAP / 2, middle, "start")


def _whisker(plot: Plot, row: Row, scale: Scale, middle: float, colour: str) -> None:
    if row.high > row.low:
        ends = (scale(row.low), middle), (scale(row.high), middle)
        plot.page.add(Line(ends, colour, 1.6))
        for x, y in ends:
            plot.page.add(Line(((x, y - 3.5), (x, y + 3.5)), colour, 1.6))


def _dot(plot: Plot, row: Row, scale: Scale, middle: float, tall: float, box: Box) -> None:
    if row.y != row.y:
        return _number(plot, row, box.left + GAP / 2, middle, "start")
    plot.page.add(Line(((box.left, middle), (scale(scale.high), middle)), FAINT, 0.8))
    _whisker(plot, row, scale, middle, row.colour)
    read_out = f"{row.name}: {y_words(plot.chart, row.y)}"
    plot.page.add(Dot(scale(row.y), middle, min(5.5, tall * 0.3), *row.ink, read_out))
    return _number(plot, row, scale(max(row.high, row.y)) + GAP, middle, "start")
