"""From a chart and a size to a scene: words above and below, the picture between, panels in a grid.

No renderer is asked: texts are measured by fonts.py, so the same chart is the same scene anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from coopstats.charts import bars, fonts, hexes, lines, points, timelines
from coopstats.charts.colours import GREY_TEXT, INK
from coopstats.charts.plot import LABEL, Plot
from coopstats.charts.scene import Box, Scene, Text
from coopstats.charts.spec import Spec
from coopstats.charts.text import note_line, own, source_line
from coopstats.core.errors import UnknownName
from coopstats.core.phrases import sentence

TITLE, SUBTITLE, FOOTER = 21.0, 14.0, 11.0
MARGIN, GUTTER, ROW_GAP, PANEL_HEAD = 20.0, 26.0, 18.0, 22.0
LEAST = 0.56


@dataclass(frozen=True)
class Size:
    """Units across and down (None: as tall as the chart needs) and pixels to the unit."""

    width: float
    height: float | None
    scale: float


SIZES = {
    "web": Size(720, None, 1200 / 720),
    "square": Size(540, 540, 2.0),
    "print": Size(720, 1748 / 2480 * 720, 2480 / 720),
}
# For a phone's column, beside the web's: not every chart fits it (see book.pages).
EVERY_SIZE = {**SIZES, "narrow": Size(380, None, 2.0)}
DRAW: dict[str, Callable[[Plot], None]] = {
    "line": lines.draw,
    "bar": bars.draw,
    "dot": bars.draw,
    "scatter": points.draw,
    "hex": hexes.draw,
    "timeline": timelines.draw,
}
HEIGHT: dict[str, Callable[[Spec, float], float]] = {
    "line": lambda chart, wide: 300.0 if len(chart.panels) == 1 else 186.0,
    "bar": bars.height,
    "dot": bars.height,
    "scatter": lambda chart, wide: 380.0 if len(chart.panels) == 1 else 240.0,
    "hex": hexes.height,
    "timeline": timelines.height,
}
NOTES: dict[str, Callable[[Spec], tuple[str, ...]]] = {
    "line": lines.notes,
    "dot": bars.notes,
    "hex": hexes.notes,
    "timeline": timelines.notes,
}
KEY: dict[str, Callable[[Spec], list[tuple[str, str]]]] = {
    "line": lines.key,
    "scatter": points.key,
}


def scene(chart: Spec, size: str = "web") -> Scene:
    """The chart laid out at a size; `web` grows downwards with what it has to hold."""
    if size not in EVERY_SIZE:
        raise UnknownName(f"There is no chart size {size!r}; there are {', '.join(SIZES)}.")
    wide, scale = EVERY_SIZE[size].width, EVERY_SIZE[size].scale
    top = _header(Scene(wide, 0), chart)
    rows, columns = _grid(chart, wide)
    each = HEIGHT[chart.kind](chart, (wide - 2 * MARGIN - GUTTER * (columns - 1)) / columns)
    needed = rows * (each + PANEL_HEAD * (len(chart.panels) > 1)) + ROW_GAP * (rows - 1)
    height = EVERY_SIZE[size].height
    room = None if height is None else height * (1 - LEAST) - top
    foot = _foot(chart, wide, room, 0 if height is None else height - top - needed - 2 * MARGIN)
    page = Scene(wide, height or ceil(top + needed + _height(foot) + MARGIN), scale)
    _header(page, chart)
    _footer(page, foot)
    box = Box(MARGIN, top, wide - MARGIN, page.height - _height(foot) - MARGIN)
    _panels(page, chart, box, rows, columns)
    return page


def _header(page: Scene, chart: Spec) -> float:
    """Title, subtitle and key; the height they take."""
    room, y = page.width - 2 * MARGIN, MARGIN - 4
    for words, size, bold, colour in (
        (chart.title, TITLE, True, INK),
        (chart.subtitle, SUBTITLE, False, GREY_TEXT),
    ):
        for line in fonts.balanced(words, size, room, bold):
            y += size * fonts.LEADING
            page.add(Text(MARGIN, y - size * 0.24, line, size, colour, bold))
        y += 3
    return _key(page, KEY.get(chart.kind, lambda _: [])(chart), y) + 12


def _key(page: Scene, entries: list[tuple[str, str]], y: float) -> float:
    x, right = MARGIN, page.width - MARGIN
    y += (LABEL + 8) * bool(entries)
    for words, colour in entries:
        wide = fonts.width(words, LABEL, True)
        if x > MARGIN and x + wide > right:
            x, y = MARGIN, y + LABEL * fonts.LEADING
        page.add(Text(x, y, words, LABEL, colour, colour != GREY_TEXT))
        x += wide + 18
    return y


def _foot(chart: Spec, wide: float, room: float | None, spare: float) -> list[str]:
    """Source and note, wrapped; a page too small for all notes keeps the first that fit.

    `spare` is the height that the picture leaves over: a note cut short takes no more.
    """
    drawn = drawn_notes(chart)
    source, note = source_line(chart), note_line(chart, drawn)
    whole = _wrapped([source, note], wide)
    if room is None or _height(whole) <= room:
        return whole
    elsewhere = (*own(chart), *drawn, f"How it was made: see {chart.slug}.txt.")
    for kept in range(len(chart.notes) - 1, -1, -1):
        short = " ".join(map(sentence, (*chart.notes[:kept], *elsewhere)))
        foot = _wrapped([source, f"Note: {short}"], wide)
        if _height(foot) <= min(room, spare):
            return foot
    return _wrapped([source, f"Note: {' '.join(elsewhere)}"], wide)


def drawn_notes(chart: Spec) -> tuple[str, ...]:
    """What the drawing itself has to say in the note: an axis without zero, what a hexagon is."""
    return NOTES.get(chart.kind, lambda _: ())(chart)


def _wrapped(paragraphs: list[str], wide: float) -> list[str]:
    room = wide - 2 * MARGIN
    return [line for text in paragraphs if text for line in fonts.wrap(text, FOOTER, room)]


def _height(foot: list[str]) -> float:
    return len(foot) * FOOTER * fonts.LEADING + (12 if foot else 0)


def _footer(page: Scene, foot: list[str]) -> None:
    y = page.height - MARGIN + FOOTER * 0.5 - (len(foot) - 1) * FOOTER * fonts.LEADING
    for line in foot:
        page.add(Text(MARGIN, y, line, FOOTER, GREY_TEXT))
        y += FOOTER * fonts.LEADING


def _grid(chart: Spec, wide: float) -> tuple[int, int]:
    """Rows and columns of small multiples."""
    how_many = len(chart.panels)
    best = {1: 1, 2: 2, 3: 3, 4: 2, 5: 3, 6: 3}.get(how_many, 4)
    columns = max(1, min(best, int(wide // (170 if chart.kind == "line" else 230))))
    return ceil(how_many / columns), columns


def _panels(page: Scene, chart: Spec, box: Box, rows: int, columns: int) -> None:
    small = len(chart.panels) > 1
    wide = (box.width - GUTTER * (columns - 1)) / columns
    tall = (box.height - ROW_GAP * (rows - 1)) / rows
    for place, name in enumerate(chart.panels):
        left = box.left + (place % columns) * (wide + GUTTER)
        top = box.top + (place // columns) * (tall + ROW_GAP)
        if small:
            page.add(Text(left, top + LABEL, name, LABEL, INK, True))
        cell = Box(left, top + PANEL_HEAD * small, left + wide, top + tall)
        DRAW[chart.kind](Plot(page, chart, chart.panel(name), cell, small))
