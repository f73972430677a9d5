"""What is on the page, in units of one seven-hundred-and-twentieth of a web chart's width.

A scene is plain shapes and words in painting order; y grows downwards, as in SVG. Whatever can
paint these four things can draw every chart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from coopstats.charts import fonts
from coopstats.charts.colours import INK, WHITE

HALO = 3.0


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Top to bottom."""
        return self.bottom - self.top

    def overlaps(self, other: Box, slack: float = 0.0) -> bool:
        """Whether they share more than `slack` in both directions."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > slack and down > slack

    def within(self, other: Box, slack: float = 0.5) -> bool:
        """Whether it lies inside the other."""
        return (
            self.left >= other.left - slack
            and self.top >= other.top - slack
            and self.right <= other.right + slack
            and self.bottom <= other.bottom + slack
        )


@dataclass(frozen=True)
class Text:
    """One line of words; (x, y) is the baseline's start, middle or end.

    `halo` keeps words readable over lines by an edge of the colour they stand `on`.
    """

    x: float
    y: float
    words: str
    size: float
    colour: str = INK
    bold: bool = False
    anchor: str = "start"
    on: str = WHITE
    halo: bool = False

    @property
    def box(self) -> Box:
        """Where the letters are."""
        wide = fonts.width(self.words, self.size, self.bold)
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        top, bottom = self.y - fonts.ASCENT * self.size, self.y + fonts.DESCENT * self.size
        return Box(left, top, left + wide, bottom)


@dataclass(frozen=True)
class Line:
    """A stroke through points."""

    points: tuple[tuple[float, float], ...]
    colour: str
    width: float = 1.0
    dashed: bool = False
    name: str = ""


@dataclass(frozen=True)
class Shape:
    """A filled polygon: a bar, a hexagon, a band; `name` is read out and shown on hovering."""

    points: tuple[tuple[float, float], ...]
    fill: str
    opacity: float = 1.0
    edge: str = ""
    width: float = 0.0
    name: str = ""


@dataclass(frozen=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float
    fill: str
    edge: str = ""
    name: str = ""


Item = Text | Line | Shape | Dot


@dataclass
class Scene:
    """A page of `width` by `height` units, `scale` pixels to the unit when it becomes a PNG."""

    width: float
    height: float
    scale: float = 1.0
    items: list[Item] = field(default_factory=list)

    def add(self, *items: Item) -> None:
        """Paint these on top of what is there."""
        self.items.extend(items)

    @property
    def page(self) -> Box:
        """The whole page."""
        return Box(0, 0, self.width, self.height)

    @property
    def texts(self) -> list[Text]:
        """All words on the page."""
        return [item for item in self.items if isinstance(item, Text)]


def rectangle(box: Box) -> tuple[tuple[float, float], ...]:
    """The box's corners."""
    return (
        (box.left, box.top),
        (box.right, box.top),
        (box.right, box.bottom),
        (box.left, box.bottom),
    )
