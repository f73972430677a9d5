"""Pictures that know their numbers.

`spec` (what a chart says) → `text` → a module a kind → `layout` → `svg`, `png`, `save`, `lint` →
`chart`. `line`, `bar`, `dot`, `scatter`, `hex_map` and `timeline` each take a tidy frame, the names
of its columns, and the words of a Chart as keywords. The Chart shows itself in a notebook,
`.save(folder)` writes it, and `.check()` finds what an editor would send back. No chart loads a
table or works out a figure: it draws the frame that it is given.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from coopstats.charts.chart import Chart
from coopstats.charts.lint import lint
from coopstats.core.errors import ContractBroken, did_you_mean

__all__ = ["Chart", "bar", "dot", "hex_map", "line", "lint", "scatter", "timeline"]
KEPT = ("gss", "region", "doubt", "piece", "break")


def line(
    frame: pd.DataFrame, *, x: str = "year", y: str = "value", series: str = "council", **words: Any
) -> Chart:
    """A line for each series over years; `low=`, `high=` and `panel=` name further columns."""
    return _chart("line", frame, {"series": series, "x": x, "y": y}, words)


def bar(frame: pd.DataFrame, *, y: str = "value", series: str = "council", **words: Any) -> Chart:
    """A bar from zero for each series, greatest first unless `sort=False`."""
    return _ranking("bar", frame, {"series": series, "y": y}, words)


def dot(frame: pd.DataFrame, *, y: str = "value", series: str = "council", **words: Any) -> Chart:
    """A dot for each series on a common scale, `low=` to `high=` drawn as its uncertainty."""
    return _ranking("dot", frame, {"series": series, "y": y}, words)


def scatter(
    frame: pd.DataFrame, *, x: str, y: str = "value", series: str = "council", **words: Any
) -> Chart:
    """A dot for each series at (x, y); say what x is in `x_title` and how it prints, `x_number`."""
    return _chart(
        "scatter", frame, {"series": series, "x": x, "y": y}, {"x_number": "count", **words}
    )


def hex_map(
    frame: pd.DataFrame,
    *,
    y: str = "value",
    series: str = "council",
    q: str = "q",
    r: str = "r",
    **words: Any,
) -> Chart:
    """A hexagon for each council at column `q`, row `r` (odd-r); `bins` are edges, else chosen."""
    return _chart("hex", frame, {"series": series, "y": y, "q": q, "r": r}, words)


def timeline(
    frame: pd.DataFrame,
    *,
    y: str = "start",
    until: str = "until",
    series: str = "council",
    **words: Any,
) -> Chart:
    """A bar for each series from `y` to `until`; thin from `low=` to `high=`, where it is possible.

    In years and parts of years: 2015.25 is the start of April 2015.
    """
    columns = {"series": series, "y": y, "until": until}
    return _chart("timeline", frame, columns, {"number": "month", "x_number": "month", **words})


def _ranking(
    kind: str, frame: pd.DataFrame, columns: dict[str, str], words: dict[str, Any]
) -> Chart:
    if words.pop("sort", True) and columns["y"] in frame:
        frame = frame.sort_values(columns["y"], ascending=False, kind="stable")
    return _chart(kind, frame, columns, words)


def _chart(kind: str, frame: pd.DataFrame, columns: dict[str, str], words: dict[str, Any]) -> Chart:
    columns |= {name: words.pop(name) for name in ("low", "high", "panel") if words.get(name)}
    for name in columns.values():
        if name not in frame:
            raise ContractBroken(
                f"Chart {words.get('slug', '')!r}: the frame has no column {name!r}, only "
                f"{', '.join(map(str, frame.columns))}."
                + did_you_mean(name, map(str, frame.columns))
            )
    kept = {name: name for name in KEPT if name in frame and name not in columns.values()}
    tidy = pd.DataFrame({name: frame[own] for name, own in {**columns, **kept}.items()})
    return Chart(kind=kind, frame=tidy, names=columns, **words)
