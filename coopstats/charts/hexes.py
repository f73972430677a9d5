"""Hexagon maps: every council the same area, near its place, coloured by bin.

Cells come as columns and rows in the 'odd-r' layout (Open Innovations' HexJSON): odd rows stand
half a hexagon to the right, and r grows northwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import cos, pi, sin, sqrt
from typing import NamedTuple

from coopstats.charts import fonts
from coopstats.charts.bins import bin_of, bins, legend, shades
from coopstats.charts.colours import GREY_TEXT, INK, NOTHING, WHITE
from coopstats.charts.numbers import NO_FIGURE
from coopstats.charts.plot import LABEL, TICK, Plot
from coopstats.charts.scales import spread
from coopstats.charts.scene import Box, Dot, Line, Shape, Text, rectangle
from coopstats.charts.spec import Spec, odd
from coopstats.charts.text import y_words

RADIUS = 1 / sqrt(3)
ROW = sqrt(3) / 2
SWATCH, LARGEST = 15.0, 44.0
LINE = LABEL * fonts.LEADING
Point = tuple[float, float]


class Cell(NamedTuple):
    """One council's hexagon: its middle on the page and how it is filled."""

    name: str
    x: float
    y: float
    value: float
    fill: str
    region: str
    doubtful: bool = False


class Name(NamedTuple):
    """A highlighted council's name, and the thread to its hexagon."""

    thread: Line
    texts: list[Text]


class Layout(NamedTuple):
    """One way of putting the map on the page."""

    cells: list[Cell]
    wide: float
    names: list[Name]
    legend: Box


def centre(q: float, r: float) -> Point:
    """Middle of a cell, in widths of a hexagon, x eastwards and y southwards."""
    return q + 0.5 * (int(r) % 2), -r * ROW


def corners(x: float, y: float, wide: float = 1.0) -> tuple[Point, ...]:
    """The six corners of a hexagon `wide` units across the flats, standing on a corner."""
    turns = [pi / 6 + side * pi / 3 for side in range(6)]
    return tuple((x + wide * RADIUS * cos(t), y + wide * RADIUS * sin(t)) for t in turns)


def notes(chart: Spec) -> tuple[str, ...]:
    """What the drawing adds to the note."""
    return ("Each council is one hexagon of the same size, near its place.",)


def height(chart: Spec, wide: float) -> float:
    """The height of a map that nearly fills the width, or of its legend if that is more."""
    left, top, right, bottom = _extent(chart)
    tall = (bottom - top) * min(0.86 * wide / (right - left), LARGEST)
    return max(tall, len(legend(chart)) * (SWATCH + 3) + 6)


def _extent(chart: Spec) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of all cells, in widths of a hexagon."""
    middles = [centre(q, r) for q, r in zip(chart.frame["q"], chart.frame["r"], strict=True)]
    across, down = [x for x, _ in middles], [y for _, y in middles]
    return min(across) - 0.5, min(down) - RADIUS, max(across) + 0.5, max(down) + RADIUS


def draw(plot: Plot) -> None:
    """One map, as large as leaves room for the legend in a corner and names at the sides."""
    laid = _best(plot)
    for cell in laid.cells:
        _hexagon(plot, cell, laid.wide)
    _borders(plot, laid.cells, laid.wide)
    for cell in [cell for cell in laid.cells if cell.name in plot.chart.highlight]:
        around = corners(cell.x, cell.y, laid.wide)
        plot.page.add(Line((*around, around[0]), INK, 2.4))
    for name in laid.names:
        plot.page.add(name.thread, *name.texts)
    _legend(plot, laid.legend)


def _best(plot: Plot) -> Layout:
    """The first layout without a fault, else the one with fewest (which the lint will name)."""
    least: tuple[int, Layout] | None = None
    for laid in _layouts(plot):
        faults = _faults(laid, plot.box)
        if least is None or faults < least[0]:
            least = faults, laid
        if not faults:
            break
    assert least is not None
    return least[1]


def _cells(plot: Plot) -> tuple[list[Cell], float]:
    """Every hexagon, as large as the box allows, and their common width."""
    left, top, right, bottom = _extent(plot.chart)
    wide = min(LARGEST, plot.box.width / (right - left), plot.box.height / (bottom - top))
    found, ramp = bins(plot.chart), shades(plot.chart)
    rows = plot.rows
    regions = rows["region"] if "region" in rows else [""] * len(rows)
    cells = []
    for name, value, q, r, region, hollow in zip(
        rows["series"], rows["y"], rows["q"], rows["r"], regions, odd(rows), strict=True
    ):
        x, y = centre(q, r)
        fill = ramp[bin_of(value, found)] if value == value else NOTHING
        place = plot.box.left + (x - left) * wide, plot.box.top + (y - top) * wide
        cells.append(Cell(name, *place, value, fill, str(region), hollow))
    return cells, wide


def _layouts(plot: Plot) -> Iterator[Layout]:
    """The map ever smaller; at each size in ten places, the legend in each corner."""
    cells, largest = _cells(plot)
    legends = _corner_boxes(plot)
    for share in (0.97**times for times in range(18)):
        wide = largest * share
        right = max(plot.box.left + (c.x - plot.box.left) * share for c in cells) + wide / 2
        below = max(plot.box.top + (c.y - plot.box.top) * share for c in cells) + wide * RADIUS
        for down, aside in product((0.0, 1.0), (0.5, 0.75, 0.25, 1.0, 0.0)):
            x0 = plot.box.left + (plot.box.right - right) * aside
            y0 = plot.box.top + (plot.box.bottom - below) * down
            moved = [_moved(cell, plot.box, x0, y0, share) for cell in cells]
            names = _names(plot, moved, wide)
            for corner in legends:
                yield Layout(moved, wide, names, corner)


def _moved(cell: Cell, box: Box, x0: float, y0: float, share: float) -> Cell:
    x, y = x0 + (cell.x - box.left) * share, y0 + (cell.y - box.top) * share
    return cell._replace(x=x, y=y)


def _corner_boxes(plot: Plot) -> list[Box]:
    """Where the legend may stand: north-west first, which in England is sea."""
    box, first = plot.box, _legend_box(plot)
    return [
        Box(x, y, x + first.width, y + first.height)
        for y in (box.top, box.bottom - first.height)
        for x in (box.left, box.right - first.width)
    ]


def _faults(laid: Layout, box: Box) -> int:
    """How many names leave the box or touch the legend, and whether hexagons touch it."""
    legend, half, tall = laid.legend, laid.wide / 2, laid.wide * RADIUS
    around = Box(legend.left - 6, legend.top - 6, legend.right + 6, legend.bottom + 6)
    texts = [text.box for name in laid.names for text in name.texts]
    names = sum(not text.within(box, 6) or text.overlaps(around) for text in texts)
    return names or any(
        Box(c.x - half, c.y - tall, c.x + half, c.y + tall).overlaps(around) for c in laid.cells
    )


def _hexagon(plot: Plot, cell: Cell, wide: float) -> None:
    read_out = f"{cell.name}: {y_words(plot.chart, cell.value)}"
    shape = corners(cell.x, cell.y, wide)
    plot.page.add(Shape(shape, cell.fill, edge=WHITE, width=1.0, name=read_out))
    if cell.value != cell.value:
        plot.page.add(Line((shape[5], shape[2]), GREY_TEXT, 0.8))
    elif cell.doubtful:
        plot.page.add(Dot(cell.x, cell.y, wide * 0.22, WHITE, INK, read_out))


def _borders(plot: Plot, cells: list[Cell], wide: float) -> None:
    """A line where two regions meet."""
    sides: dict[tuple[int, int], tuple[str, Point, Point]] = {}
    for cell in cells:
        around = corners(cell.x, cell.y, wide)
        for start, end in zip(around, (*around[1:], around[0]), strict=True):
            key = round((start[0] + end[0]) / wide * 5), round((start[1] + end[1]) / wide * 5)
            other = sides.setdefault(key, (cell.region, start, end))
            if other[0] != cell.region:
                plot.page.add(Line((start, end), INK, 1.1))


def _names(plot: Plot, cells: list[Cell], wide: float) -> list[Name]:
    """Names of the highlighted, beside the map on the side each is nearer to."""
    chosen = [cell for cell in cells if cell.name in plot.chart.highlight]
    middle = (min(c.x for c in cells) + max(c.x for c in cells)) / 2
    found = []
    for left in (True, False):
        side = [cell for cell in chosen if (cell.x < middle) == left]
        words = [_label(plot, cell) for cell in side]
        heights = [len(lines) * LINE + 3 for lines in words]
        places = spread([cell.y for cell in side], heights, plot.box.top, plot.box.bottom)
        for cell, lines, y, tall in zip(side, words, places, heights, strict=True):
            found.append(_name(cell, lines, y, tall, _edge(cells, wide, y, tall, left), wide))
    return found


def _label(plot: Plot, cell: Cell) -> list[str]:
    """The name and the number; of a kind the colour says which, so only the name."""
    number = "" if plot.chart.bin_names else f" {y_words(plot.chart, cell.value)}"
    words = f"{cell.name}{number}".replace(" upon ", " upon\u00a0")
    return fonts.balanced(words, LABEL, 110, True)


def _edge(cells: list[Cell], wide: float, y: float, tall: float, left: bool) -> float:
    """The coast beside a label: the outermost hexagon of the rows that it spans."""
    near = [c.x for c in cells if abs(c.y - y) < tall / 2 + wide * RADIUS]
    return min(near) - wide / 2 - 12 if left else max(near) + wide / 2 + 12


def _name(cell: Cell, lines: list[str], y: float, tall: float, x: float, wide: float) -> Name:
    out = -1 if x < cell.x else 1
    thread = Line(((cell.x + out * wide / 2, cell.y), (x, y)), INK, 1.0)
    texts = [
        Text(
            x + out * 4,
            y - tall / 2 + place * LINE + LABEL * 1.05,
            words,
            LABEL,
            INK,
            True,
            "end" if out < 0 else "start",
        )
        for place, words in enumerate(lines)
    ]
    return Name(thread, texts)


def _legend_box(plot: Plot) -> Box:
    entries = legend(plot.chart)
    wide = max(fonts.width(f"{words} ({count})", TICK) for _, words, count in entries) + SWATCH + 8
    tall = len(entries) * (SWATCH + 3)
    return Box(plot.box.left, plot.box.top, plot.box.left + wide, plot.box.top + tall)


def _legend(plot: Plot, box: Box) -> None:
    """Swatch, bin and count, top to bottom; in the north-west, which in England is sea."""
    for place, (shade, words, count) in enumerate(legend(plot.chart)):
        top = box.top + place * (SWATCH + 3)
        swatch = Box(box.left, top, box.left + SWATCH, top + SWATCH)
        plot.page.add(Shape(rectangle(swatch), shade))
        if words == NO_FIGURE:
            ends = (swatch.left, swatch.bottom), (swatch.right, swatch.top)
            plot.page.add(Line(ends, GREY_TEXT, 0.8))
        entry, baseline = f"{words} ({count:,})", top + SWATCH / 2 + TICK * 0.36
        plot.page.add(Text(box.left + SWATCH + 7, baseline, entry, TICK, INK))
