"""A scene as PNG, by matplotlib without pyplot: no window, no global state, imported only here."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from coopstats.charts.fonts import FAMILY
from coopstats.charts.scene import HALO, Dot, Line, Scene, Shape, Text

ALIGN = {"start": "left", "middle": "center", "end": "right"}
POINTS = 72
# Hinting would make words some 4 % narrower than fonts.py says, and by size.
SETTINGS: Any = {"text.hinting": "none", "path.simplify": False}


def png(scene: Scene) -> bytes:
    """The scene in pixels; the same bytes for the same scene and version of matplotlib."""
    import matplotlib

    with matplotlib.rc_context(SETTINGS):
        _, canvas = drawn(scene)
        canvas.draw()
    return _packed(canvas.buffer_rgba())


def _packed(pixels: Any) -> bytes:
    """As PNG with a palette of 256: a third of the size, which counts in a committed notebook."""
    import numpy as np
    from PIL import Image

    few = Image.fromarray(np.asarray(pixels)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    paper = BytesIO()
    few.save(paper, "png", optimize=True)
    return paper.getvalue()


def drawn(scene: Scene) -> tuple[Any, Any]:
    """A matplotlib figure with the scene on it, one unit to the point, and its canvas."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.transforms import Affine2D

    size = scene.width / POINTS, scene.height / POINTS
    figure = Figure(figsize=size, dpi=POINTS * scene.scale, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    upright = Affine2D().scale(1 / POINTS, -1 / POINTS).translate(0, scene.height / POINTS)
    place = upright + figure.dpi_scale_trans
    for depth, item in enumerate(scene.items):
        figure.add_artist(_artist(item, place)).set_zorder(depth)
    return figure, canvas


def _artist(item: object, place: Any) -> Any:
    from matplotlib import lines, patches, patheffects, text

    if isinstance(item, Text):
        words = text.Text(
            item.x, item.y, item.words, fontsize=item.size, color=item.colour, transform=place,
            fontfamily=FAMILY, fontweight="bold" if item.bold else "normal",
            ha=ALIGN[item.anchor], va="baseline", parse_math=False, usetex=False,
        )  # fmt: skip
        if item.halo:
            words.set_path_effects([patheffects.withStroke(linewidth=HALO, foreground=item.on)])
        return words
    if isinstance(item, Line):
        across, down = zip(*item.points, strict=True)
        dashes: Any = (0, (4 / item.width, 3 / item.width)) if item.dashed else "solid"
        return lines.Line2D(
            across, down, color=item.colour, linewidth=item.width, linestyle=dashes,
            solid_joinstyle="round", solid_capstyle="butt", transform=place,
        )  # fmt: skip
    edge: dict[str, Any] = {"edgecolor": getattr(item, "edge", "") or "none", "transform": place}
    if isinstance(item, Shape):
        fill = {"facecolor": item.fill, "alpha": item.opacity if item.opacity < 1 else None}
        return patches.Polygon(item.points, closed=True, linewidth=item.width, **fill, **edge)
    if isinstance(item, Dot):
        return patches.Circle(
            (item.x, item.y), item.radius, facecolor=item.fill, linewidth=1, **edge
        )
    raise TypeError(f"no picture for {item!r}")
