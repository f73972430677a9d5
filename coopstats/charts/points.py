"""Scatter charts: a dot for each series at (x, y), the highlighted ones named beside their dot."""

from __future__ import annotations

from typing import Any

from coopstats.charts import fonts
from coopstats.charts.colours import AXIS, FAINT, GREY_TEXT, WHITE
from coopstats.charts.numbers import write
from coopstats.charts.plot import LABEL, TICK, Plot, colour_of, extent, x_labels, y_axis
from coopstats.charts.scales import Scale, ticks
from coopstats.charts.scene import Box, Dot, Line, Text
from coopstats.charts.spec import Spec, odd
from coopstats.charts.text import x_words, y_words
from coopstats.core.phrases import number_of

SMALL_DOT, BIG_DOT = 3.2, 5.5
WORDS = 20.0


def key(chart: Spec) -> list[tuple[str, str]]:
    """What the grey dots are; in small multiples also who is in colour."""
    colours = colour_of(chart)
    lit = [(n, colours[n]) for n in chart.highlight] if len(chart.panels) > 1 else []
    others = [name for name in colours if name not in chart.highlight]
    what = chart.context or number_of(len(others), "other")
    return lit + ([(f"Grey: {what}", GREY_TEXT)] if chart.highlight and others else [])


def draw(plot: Plot) -> None:
    """One panel of dots."""
    up_words = fonts.wrap(f"↑ {plot.chart.unit}", TICK, plot.box.width)
    for place, words in enumerate(up_words):
        y = plot.box.top + TICK + place * TICK * fonts.LEADING
        plot.page.add(Text(plot.box.left, y, words, TICK, GREY_TEXT))
    top = plot.box.top + len(up_words) * TICK * fonts.LEADING + 6
    room = Box(plot.box.left, top, plot.box.right, plot.box.bottom - WORDS)
    box, up = y_axis(Plot(plot.page, plot.chart, plot.rows, room, plot.small), 6)
    across = _across(plot, box)
    if up.low <= 0 <= up.high:
        plot.page.add(Line(((box.left, up(0)), (box.right, up(0))), AXIS, 1.2))
    right = f"{plot.chart.x_title} →"
    plot.page.add(Text(plot.box.right, plot.box.bottom - 4, right, TICK, GREY_TEXT, anchor="end"))
    _dots(plot, box, across, up)


def _across(plot: Plot, box: Box) -> Scale:
    values = ticks(*extent(plot.chart, "x"), max(2, int(box.width // 90)))
    across = Scale(values[0], values[-1], box.left, box.right)
    places = [(across(v), _x_words(plot.chart, v)) for v in values]
    for x, _ in places:
        plot.page.add(Line(((x, box.top), (x, box.bottom)), FAINT))
    x_labels(plot, box, places)
    return across


def _x_words(chart: Spec, value: float) -> str:
    places = 0 if value == round(value) else 1
    return write(value, chart.x_number, places)


def _dots(plot: Plot, box: Box, across: Scale, up: Scale) -> None:
    colours, chosen = colour_of(plot.chart), []
    rows = plot.rows.dropna(subset=["y"])
    for row, hollow in zip(rows.itertuples(), odd(rows), strict=True):
        own = colours[row.series]
        ink = (WHITE, own) if hollow else (own, WHITE)
        dot = Dot(across(row.x), up(row.y), SMALL_DOT, *ink, _read_out(plot, row))
        if row.series in plot.chart.highlight:
            chosen.append((row, dot))
        else:
            plot.page.add(dot)
    for row, dot in chosen:
        low, high = getattr(row, "low", row.y), getattr(row, "high", row.y)
        if high > low:
            plot.page.add(Line(((dot.x, up(low)), (dot.x, up(high))), colours[row.series], 1.6))
        plot.page.add(Dot(dot.x, dot.y, BIG_DOT, dot.fill, dot.edge, dot.name))
    if not plot.small:
        _labels(plot, box, [(row.series, dot) for row, dot in chosen])


def _read_out(plot: Plot, row: Any) -> str:
    x, y = row.x, row.y
    across, upwards = x_words(plot.chart, x), y_words(plot.chart, y)
    return f"{row.series}: {across}, {upwards}"


def _labels(plot: Plot, box: Box, chosen: list[tuple[str, Dot]]) -> None:
    """Each name at the side of its dot where it covers least."""
    dots = [item for item in plot.page.items if isinstance(item, Dot)]
    placed: list[Text] = []
    for name, dot in chosen:
        choices = _choices(name, dot)
        costs = [_cost(choice, placed, dots, box) for choice in choices]
        placed.append(choices[costs.index(min(costs))])
    plot.page.add(*placed)


def _choices(name: str, dot: Dot) -> list[Text]:
    reach, middle = BIG_DOT + 4, LABEL * 0.36
    ink = dot.edge if dot.fill == WHITE else dot.fill
    places = (
        (dot.x + reach, dot.y + middle, "start"),
        (dot.x - reach, dot.y + middle, "end"),
        (dot.x, dot.y - reach - 2, "middle"),
        (dot.x, dot.y + reach + LABEL * 0.8, "middle"),
        (dot.x + reach, dot.y - reach, "start"),
        (dot.x + reach, dot.y + reach + middle, "start"),
        (dot.x - reach, dot.y - reach, "end"),
        (dot.x - reach, dot.y + reach + middle, "end"),
    )
    return [Text(x, y, name, LABEL, ink, True, anchor, halo=True) for x, y, anchor in places]


def _cost(text: Text, placed: list[Text], dots: list[Dot], box: Box) -> float:
    seen = text.box
    around = Box(seen.left - SMALL_DOT, seen.top - SMALL_DOT, seen.right + SMALL_DOT, seen.bottom)
    inside = [d for d in dots if around.overlaps(Box(d.x, d.y, d.x + 0.1, d.y + 0.1))]
    cost = sum(10.0 if dot.radius == BIG_DOT else 1.0 for dot in inside)
    cost += 100 * sum(seen.overlaps(other.box) for other in placed)
    return cost + 100 * (not seen.within(Box(box.left, box.top - 6, box.right + 6, box.bottom)))
