"""Which colour a series gets: the same council the same colour everywhere, grey for context.

The five hues stay apart under the three kinds of colour blindness and are dark enough for text on
white (4.5 : 1); tests hold them to both. The council's own colour is register/colours.csv.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import lru_cache

from coopstats.core.paths import register_dir

WHITE = "#FFFFFF"
INK = "#222222"
GREY_TEXT = "#5A5A5A"
CONTEXT = "#B5B5B5"
FAINT = "#E4E4E4"
AXIS = "#444444"
PALETTE = ("#007A78", "#CC3D00", "#1F2A7A", "#9C4FD0", "#6E0F1F")
AT_MOST = 4

NOTHING = "#EDEDED"
FALLS = ("#F8DCC4", "#EDAE7A", "#D47A30", "#A4500E", "#5E2A05")
RISES = ("#CFE2F0", "#8DBBDC", "#4A8FC4", "#1F6199", "#0B3C66")
SINGLE = ("#E3EEF6", "#BFD9EC", "#8DBBDC", "#5596C6", "#2A6FA8", "#0F4A7C", "#08294A")


@lru_cache(maxsize=1)
def own_colours() -> dict[str, str]:
    """Colour by council name in lower case and by ONS code, in the register's order."""
    with (register_dir() / "colours.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {key: row["colour"] for row in rows for key in (row["council"].casefold(), row["gss"])}


def assign(highlight: Iterable[str]) -> dict[str, str]:
    """A colour for each highlighted series.

    A council of the register has its own. Where two in one chart share one, the earlier in the
    register keeps it and the other takes the first hue nobody in the chart has: so the answer
    depends on who is in the chart, never on the order in which they were named.
    """
    names, own = list(highlight), own_colours()
    order = list(own)
    known = sorted(
        (n for n in names if n.casefold() in own), key=lambda n: order.index(n.casefold())
    )
    colours: dict[str, str] = {}
    for name in known:
        if own[name.casefold()] not in colours.values():
            colours[name] = own[name.casefold()]
    for name in [n for n in known if n not in colours] + [n for n in names if n not in known]:
        colours[name] = _free(colours)
    return {name: colours[name] for name in names}


def _free(taken: dict[str, str]) -> str:
    used = list(taken.values())
    return min(PALETTE, key=lambda hue: (used.count(hue), PALETTE.index(hue)))


def channels(colour: str) -> tuple[float, float, float]:
    """Red, green and blue of '#RRGGBB', each 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, WCAG 2.2: 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
