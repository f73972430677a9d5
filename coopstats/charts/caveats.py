"""What a chart says of its own numbers: which are in doubt, and where what is counted changes.

Both come with the numbers, in the columns `doubt` and `break` of their frame, so that no chart has
to be told. A figure in doubt is drawn hollow; on lines a change of meaning is an upright line. The
words are here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from coopstats.charts.numbers import write
from coopstats.charts.spec import Spec, odd
from coopstats.core.phrases import listed

if TYPE_CHECKING:
    import pandas as pd

NAMED = 3
LIKE_FOR_LIKE = "like for like"
ODD = "a general rule finds them odd, though they may be a way of booking"
ODD_ONE = "a general rule finds it odd, though it may be a way of booking"
_SENTENCES = re.compile(r"(?<=\.) ")


def sound(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows whose figure is not in doubt, for a title's ends; all where only one is not."""
    kept = rows[[not hollow for hollow in odd(rows)]]
    return kept if len(kept) > 1 else rows


def doubts_noted(chart: Spec) -> tuple[str, ...]:
    """Which figures are drawn hollow, and why: one sentence, or none."""
    if not any(odd(chart.frame)):
        return ()
    rows = chart.doubtful.dropna(subset=["y"])
    if rows.empty:
        return ()
    if len(rows) > NAMED:
        return (f"The {len(rows)} hollow marks are figures in doubt: {ODD}.",)
    told = [_where(chart, row) for row in rows.to_dict("records")]
    mark = "A hollow mark is a figure" if len(rows) == 1 else "Hollow marks are figures"
    why = ODD if len(rows) > 1 else ODD_ONE
    return (f"{mark} in doubt ({listed(told)}): {why}.",)


def _where(chart: Spec, row: dict) -> str:
    place = f"{row['series']} ({row['panel']})" if "panel" in row else str(row["series"])
    return f"{place} in {write(row['x'], chart.x_number)}" if chart.kind == "line" else place


def breaks_at(rows: pd.DataFrame) -> dict[float, str]:
    """The x at which what is counted changes from the x before, in any series, and what changes.

    Numbers set against the year before say a change once; those set against one base year say it
    in every year beyond it, which before the base year are the years until the change.
    """
    if "break" not in rows:
        return {}
    found: dict[float, dict[str, None]] = defaultdict(dict)
    for own in _by_series(rows):
        said = [dict.fromkeys(filter(None, _SENTENCES.split(words))) for _, words in own]
        from_first = set(said[0])
        for (x, _), before, now in zip(own[1:], said, said[1:], strict=False):
            new = [s for s in now if s not in before]
            new += [s for s in before if s in from_first and s not in now]
            from_first &= set(now)
            found[float(x)].update(dict.fromkeys(new))
    return {x: " ".join(words) for x, words in sorted(found.items()) if words}


def _by_series(rows: pd.DataFrame) -> Iterable[list[tuple[float, str]]]:
    """Each series' x and words of a change, in order of x."""
    found: dict[str, list[tuple[float, str]]] = {}
    for x, series, words in sorted(zip(rows["x"], rows["series"], rows["break"], strict=True)):
        found.setdefault(series, []).append((x, words))
    return found.values()


def breaks_noted(chart: Spec) -> tuple[str, ...]:
    """Where what is counted changes along the lines: one sentence, or none."""
    if chart.kind != "line":
        return ()
    years = sorted({x for panel in chart.panels for x in breaks_at(chart.panel(panel))})
    if not years:
        return ()
    told = listed([write(x, chart.x_number) for x in years])
    line, marks = ("An upright line", "marks") if len(years) == 1 else ("Upright lines", "mark")
    return (f"{line} {marks} a change in what is counted or how it is printed: {told}.",)


def crosses_a_break(chart: Spec) -> bool:
    """Does it set figures side by side across a change of meaning that its head does not say?"""
    if chart.kind == "line" or "break" not in chart.frame or not (chart.frame["break"] != "").any():
        return False
    return LIKE_FOR_LIKE not in f"{chart.title} {chart.subtitle}".casefold()
