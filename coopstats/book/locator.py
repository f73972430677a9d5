"""Where a council is: every council as a hexagon in one grey shape, its own in colour."""

from __future__ import annotations

import functools
import math

from markupsafe import Markup

from coopstats.datasets.load import load
from coopstats.register.councils import bodies

INK, GROUND = "#0B5A6B", "#D5D5D5"
HALF = math.sqrt(3) / 2


@functools.cache
def _places() -> dict[str, tuple[float, float]]:
    """E-code → centre of its hexagon of 2021, in units of a hexagon's side."""
    rows = load("councils").dropna(subset="hex_2021_q")
    return {
        str(code): (2 * HALF * (q + 0.5 * (r % 2)), -1.5 * r)
        for code, q, r in zip(rows["ecode"], rows["hex_2021_q"], rows["hex_2021_r"], strict=True)
    }


def _path(x: float, y: float) -> str:
    corners = [(0, -1), (HALF, -0.5), (HALF, 0.5), (0, 1), (-HALF, 0.5), (-HALF, -0.5)]
    points = "L".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f"M{points}Z"


@functools.cache
def _ground() -> tuple[str, str]:
    """The view box, and every hexagon as one path."""
    xs, ys = zip(*_places().values(), strict=True)
    box = f"{min(xs) - 1:.1f} {min(ys) - 1:.1f} {max(xs) - min(xs) + 2:.1f} "
    return box + f"{max(ys) - min(ys) + 2:.1f}", "".join(_path(*at) for at in _places().values())


def of(ecode: str) -> Markup | str:
    """A small map with the council, or the districts of a county; nothing where none is drawn."""
    own = [code for code in _places() if code == ecode or bodies()[code].county == ecode]
    if not own:
        return ""
    box, ground = _ground()
    shown = "".join(_path(*_places()[code]) for code in own)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="{}" role="img" '
        'aria-label="{} on a map of England with a hexagon for each council">'
        '<path d="{}" fill="{}"/><path d="{}" fill="{}"/></svg>'
    ).format(box, bodies()[ecode].name, ground, GROUND, shown, INK)
