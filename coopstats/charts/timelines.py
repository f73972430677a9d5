"""Timelines: a bar for each name from its sure start to its sure end, thin where it is possible."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

from coopstats.charts import fonts
from coopstats.charts.colours import FAINT, GREY_TEXT, INK
from coopstats.charts.numbers import write
from coopstats.charts.plot import LABEL, TICK, Plot, colour_of
from coopstats.charts.scales import Scale, whole_ticks
from coopstats.charts.scene import Box, Dot, Line, Shape, Text, rectangle
from coopstats.charts.spec import Spec
from coopstats.charts.text import from_to

ROW, GAP, AXIS_ROOM, MARK_ROOM = 19.0, 8.0, 22.0, 18.0
SURE, POSSIBLE, POINT = 0.30, 0.09, 3.6


def height(chart: Spec, wide: float) -> float:
    """The height its rows need."""
    room = wide * 0.36
    lines = [fonts.wrap(name, LABEL, room, True) for name in chart.frame["series"].unique()]
    return sum(map(_tall, lines)) + AXIS_ROOM + (MARK_ROOM if chart.marks else 0.0)


def _tall(lines: list[str]) -> float:
    return max(ROW, len(lines) * LABEL * 1.1 + 5)


def notes(chart: Spec) -> tuple[str, ...]:
    """What the drawing adds to the note."""
    return ("A thick bar is sure and a thin one possible; a dot is a single day that is known.",)


def draw(plot: Plot) -> None:
    """One panel: names at the left, years below, the marks above."""
    names = list(dict.fromkeys(plot.rows["series"]))
    lines = [fonts.wrap(name, LABEL, plot.box.width * 0.36, True) for name in names]
    widest = max(fonts.width(line, LABEL, True) for each in lines for line in each)
    head = MARK_ROOM if plot.chart.marks else 0.0
    box = Box(plot.box.left + widest + GAP, plot.box.top + head, plot.box.right - GAP,
              plot.box.bottom - AXIS_ROOM)  # fmt: skip
    across = _across(plot, box)
    heights = [_tall(words) for words in lines]
    shrunk, top, named_to = min(box.height / sum(heights), 1.0), box.top, box.top - ROW
    for name, words, height in zip(names, lines, heights, strict=True):
        middle, tall = top + height * shrunk / 2, height * shrunk
        top += tall
        half = len(words) * LABEL * 1.1 / 2
        if middle - half >= named_to:
            _name(plot, name, words, box.left - GAP, middle)
            named_to = middle + half
        for row in plot.rows[plot.rows["series"] == name].itertuples():
            _bar(plot, row, across, middle, min(tall, ROW))


def extent(chart: Spec) -> tuple[float, float]:
    """The first and the last year drawn, whole."""
    drawn = chart.frame[[c for c in ("y", "until", "low", "high") if c in chart.frame]]
    return floor(float(drawn.min().min())), ceil(float(drawn.max().max()))


def _across(plot: Plot, box: Box) -> Scale:
    low, high = extent(plot.chart)
    across = Scale(low, max(high, low + 1), box.left, box.right)
    for year in whole_ticks(low, high, int(box.width // 60)):
        x, words = across(year), write(year, "calendar")
        plot.page.add(Line(((x, box.top), (x, box.bottom)), FAINT))
        half = fonts.width(words, TICK) / 2
        centre = min(x, plot.box.right - half)
        plot.page.add(Text(centre, box.bottom + 15, words, TICK, GREY_TEXT, anchor="middle"))
    for value, words in plot.chart.marks.items():
        x, half = across(value), fonts.width(words, TICK) / 2
        plot.page.add(Line(((x, box.top - 4), (x, box.bottom)), GREY_TEXT, 1, dashed=True))
        centre = min(max(x, plot.box.left + half), plot.box.right - half)
        plot.page.add(Text(centre, box.top - 8, words, TICK, GREY_TEXT, anchor="middle"))
    return across


def _name(plot: Plot, name: str, lines: list[str], x: float, middle: float) -> None:
    chosen = name in plot.chart.highlight
    colour = colour_of(plot.chart)[name] if chosen else INK
    top = middle - len(lines) * LABEL * 1.1 / 2
    for place, words in enumerate(lines):
        y = top + place * LABEL * 1.1 + LABEL * 0.9
        plot.page.add(Text(x, y, words, LABEL, colour, chosen, "end"))


def _bar(plot: Plot, row: Any, across: Scale, middle: float, tall: float) -> None:
    colour = colour_of(plot.chart)[row.series]
    read_out = f"{row.series}: {from_to(plot.chart, row)}"
    low, high = getattr(row, "low", row.y), getattr(row, "high", row.until)
    if (low, high) != (row.y, row.until):
        _block(plot, across(low), across(high), middle, tall * POSSIBLE, colour, read_out)
    _block(plot, across(row.y), across(row.until), middle, tall * SURE, colour, read_out)
    if across(row.until) - across(row.y) < POINT:
        plot.page.add(Dot(across(row.y), middle, POINT, colour, name=read_out))


def _block(
    plot: Plot, left: float, right: float, middle: float, half: float, colour: str, read_out: str
) -> None:
    if right > left:
        box = Box(left, middle - half, right, middle + half)
        plot.page.add(Shape(rectangle(box), colour, name=read_out))
