"""The chart in words: the text form that CI compares, and the alt text for who cannot see it."""

from __future__ import annotations

import functools
import textwrap
from typing import TYPE_CHECKING, Any

from coopstats.charts.caveats import breaks_noted, doubts_noted
from coopstats.charts.numbers import NO_FIGURE, write
from coopstats.charts.spec import Spec
from coopstats.core.phrases import listed, number_of, sentence

if TYPE_CHECKING:
    import pandas as pd

PICTURE = {
    "line": "Line chart",
    "bar": "Bar chart",
    "dot": "Dot chart",
    "scatter": "Scatter chart",
    "hex": "Hexagon map",
    "timeline": "Timeline",
}
ALL_NAMED = 8


def plus_on_gains(chart: Spec) -> bool:
    """Whether gains get a +: only where a percentage stands beside losses."""
    return chart.number == "per_cent" and bool((chart.frame["y"] < 0).any())


def y_words(chart: Spec, value: float, finer: int = 0) -> str:
    """A number as drawn on the chart, or with `finer` more decimals; a kind by its name."""
    if chart.bin_names and value == value:
        return chart.bin_names[int(value)]
    whole = chart.number == "count" and float(value).is_integer()
    return write(value, chart.number, chart.places + (0 if whole else finer), plus_on_gains(chart))


def x_words(chart: Spec, value: float) -> str:
    """An x as printed."""
    return write(value, chart.x_number)


def source_line(chart: Spec) -> str:
    """'Source: …' or 'Sources: …; …'; empty when none is given."""
    if not chart.sources:
        return ""
    word = "Source" if len(chart.sources) == 1 else "Sources"
    return sentence(f"{word}: " + "; ".join(s.rstrip(". ") for s in chart.sources))


def note_line(chart: Spec, more: tuple[str, ...] = ()) -> str:
    """'Note: …' from the steps taken and what the drawing itself has to say."""
    told = [sentence(note) for note in (*chart.notes, *own(chart), *more)]
    return "Note: " + " ".join(told) if told else ""


@functools.lru_cache(maxsize=4)
def own(chart: Spec) -> tuple[str, ...]:
    """What the numbers themselves have to say: missing ones, those in doubt, changes of meaning."""
    return (*missing(chart), *doubts_noted(chart), *breaks_noted(chart))


def missing(chart: Spec) -> tuple[str, ...]:
    """A sentence that counts what has no figure."""
    if not chart.frame["y"].isna().any():
        return ()
    gone = chart.frame[chart.frame["y"].isna()]
    if len(gone) > 3:
        return (f"No figure for {len(gone):,} of {len(chart.frame):,} {things(chart)}.",)
    told = [_where(chart, row) for row in gone.itertuples()]
    return (f"No figure for {listed(told)}.",)


def things(chart: Spec) -> str:
    """What one number is of, in the plural."""
    own = chart.names.get("series", "series")
    one_each = chart.kind != "line" and "panel" not in chart.frame
    return (
        {"council": "councils", "service": "services"}.get(own, "values") if one_each else "values"
    )


def _where(chart: Spec, row: Any) -> str:
    told = str(row.series)
    if chart.kind == "line":
        told += f" in {x_words(chart, row.x)}"
    return told + (f" ({row.panel})" if "panel" in chart.frame else "")


def text_form(chart: Spec) -> str:
    """Title, subtitle, every number one decimal finer than drawn, source and note."""
    paragraphs = [
        f"{PICTURE[chart.kind]} {chart.slug}",
        chart.title,
        chart.subtitle,
        f"Unit: {chart.unit}",
        *(line for panel in chart.panels for line in _numbers(chart, panel)),
        *(f"Marked at {x_words(chart, x)}: {words}" for x, words in chart.marks.items()),
        source_line(chart),
        note_line(chart),
    ]
    return "\n".join(_filled(text) for text in paragraphs if text)


def _filled(text: str) -> str:
    return textwrap.fill(
        text, 100, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _numbers(chart: Spec, panel: str) -> list[str]:
    rows = chart.panel(panel)
    head = [f"[{panel}]"] if panel else []
    if chart.bin_names:
        return head + _kinds(chart, rows)
    if chart.kind != "line":
        return [*head, " · ".join(_point(chart, row) for row in rows.itertuples())]
    lines = []
    for series, points in rows.groupby("series", sort=False):
        told = ", ".join(_point(chart, row, series=False) for row in points.itertuples())
        lines.append(f"{series}: {told}")
    return head + lines


def _kinds(chart: Spec, rows: pd.DataFrame) -> list[str]:
    """Each kind with its count and who is of it; of the first, which is the rest, the count."""
    said = []
    for place, kind in enumerate(chart.bin_names):
        names = list(rows.loc[rows["y"] == place, "series"])
        who = f": {', '.join(names)}" if place and names else ""
        said.append(f"{kind}, {len(names)}{who}")
    return said


def _point(chart: Spec, row: Any, series: bool = True) -> str:
    parts = [row.series] if series else []
    if chart.kind in ("line", "scatter"):
        parts.append(x_words(chart, row.x))
    if chart.kind == "timeline":
        return " ".join([*parts, from_to(chart, row)])
    parts.append(y_words(chart, row.y, finer=1))
    nothing = float("nan")
    low, high = getattr(row, "low", nothing), getattr(row, "high", nothing)
    if low == low and high == high:
        parts.append(f"({y_words(chart, low, finer=1)} to {y_words(chart, high, finer=1)})")
    return " ".join(parts)


def from_to(chart: Spec, row: Any) -> str:
    """From when to when something surely was, and possibly."""
    sure = f"{y_words(chart, row.y)} to {y_words(chart, row.until)}"
    low, high = getattr(row, "low", row.y), getattr(row, "high", row.until)
    possible = f"{y_words(chart, low)} to {y_words(chart, high)}"
    return sure if possible == sure else f"{sure} (possibly {possible})"


def alt_text(chart: Spec) -> str:
    """What the picture shows, with the numbers a listener needs."""
    told = {"line": _alt_line, "scatter": _alt_scatter, "timeline": _alt_timeline}.get(
        chart.kind, _alt_ranking
    )
    parts = [
        f"{PICTURE[chart.kind]}: {chart.title.rstrip('.')}.",
        sentence(chart.unit[:1].upper() + chart.unit[1:]),
    ]
    for panel in chart.panels:
        parts.append((f"{panel}: " if panel else "") + told(chart, chart.panel(panel)))
    return " ".join(part for part in parts + list(own(chart)) if part)


def _alt_timeline(chart: Spec, rows: pd.DataFrame) -> str:
    told = [f"{row.series} {from_to(chart, row)}" for row in rows.itertuples()]
    return "; ".join(told) + "."


def _alt_line(chart: Spec, rows: pd.DataFrame) -> str:
    rows = rows.dropna(subset=["y"])
    everyone = list(dict.fromkeys(rows["series"]))
    named = [s for s in everyone if s in chart.highlight or len(everyone) <= 4]
    points = sorted(zip(rows["x"], rows["y"], rows["series"], strict=True))
    told = [_journey(chart, own, [(x, y) for x, y, name in points if name == own]) for own in named]
    if len(named) < len(everyone):
        others = rows[~rows["series"].isin(named)]
        last = others[others["x"] == others["x"].max()]
        of_whom = number_of(last["series"].nunique(), "other")
        of_whom += f" ({chart.context})" if chart.context else ""
        told.append(f"{of_whom} in {x_words(chart, last['x'].max())}: {_spread(chart, last)}.")
    return " ".join(told)


def _journey(chart: Spec, series: str, points: list[tuple[float, float]]) -> str:
    (x, y), (last_x, last_y) = points[0], points[-1]
    started = f"{y_words(chart, y)} in {x_words(chart, x)}"
    if len(points) == 1:
        return f"{series} {started}."
    return f"{series} from {started} to {y_words(chart, last_y)} in {x_words(chart, last_x)}."


def _spread(chart: Spec, rows: pd.DataFrame) -> str:
    low, high = y_words(chart, rows["y"].min()), y_words(chart, rows["y"].max())
    return low if low == high else f"from {low} to {high}"


def _alt_ranking(chart: Spec, rows: pd.DataFrame) -> str:
    if chart.bin_names:
        return f"{'; '.join(_kinds(chart, rows))}."
    rows = rows.dropna(subset=["y"])
    if len(rows) <= ALL_NAMED:
        return _named(chart, rows) + "."
    ordered = rows.sort_values("y", kind="stable")
    chosen = rows[rows["series"].isin(chart.highlight)]
    ends = f"{number_of(len(rows), 'value')}, from {_named(chart, ordered.head(1))} "
    ends += f"to {_named(chart, ordered.tail(1))}; median {y_words(chart, rows['y'].median())}."
    return ends + (f" {_named(chart, chosen)}." if len(chosen) else "")


def _named(chart: Spec, rows: pd.DataFrame) -> str:
    return ", ".join(f"{r.series} {y_words(chart, r.y)}" for r in rows.itertuples()) or NO_FIGURE


def _alt_scatter(chart: Spec, rows: pd.DataFrame) -> str:
    rows = rows.dropna(subset=["y"])
    across = f"{x_words(chart, rows['x'].min())} to {x_words(chart, rows['x'].max())}"
    told = f"{number_of(len(rows), 'point')}; {chart.x_title or 'across'} {across}, "
    told += f"upwards {_spread(chart, rows)}."
    chosen = rows[rows["series"].isin(chart.highlight)]
    named = ", ".join(
        f"{r.series} {y_words(chart, r.y)} at {x_words(chart, r.x)}" for r in chosen.itertuples()
    )
    return told + (f" {named}." if named else "")
