"""What an editor would send back: clipped or colliding words, a missing part, a truncated bar.

Texts are measured by fonts.py (a test holds it to matplotlib's own boxes), so a whole book can be
gone through without drawing a pixel.
"""

from __future__ import annotations

from coopstats.charts import caveats, colours
from coopstats.charts.layout import scene
from coopstats.charts.scene import Scene
from coopstats.charts.spec import Spec
from coopstats.core.errors import ContractBroken

LONGEST_TITLE = 15
LEAST_CONTRAST = 4.5
SLACK = 1.0


def lint(chart: Spec, sizes: tuple[str, ...] = ("web",)) -> list[str]:
    """Every problem, one sentence each; an empty list is a chart fit to print."""
    problems = [*words(chart)]
    for size in sizes:
        page = scene(chart, size)
        problems += [f"{size}: {problem}" for problem in look(page)]
    return problems


def words(chart: Spec) -> list[str]:
    """Problems that can be read in the chart itself, before it is drawn."""
    return [*_parts(chart), *_title(chart), *_axis(chart), *_colours(chart), *_base(chart),
            *_unlike(chart)]  # fmt: skip


def check(chart: Spec, sizes: tuple[str, ...] = ("web",)) -> None:
    """Raise ContractBroken, with each problem a row of `.breaches`, if there is any."""
    import pandas as pd

    problems = lint(chart, sizes)
    if problems:
        breaches = pd.DataFrame({"chart": chart.slug, "problem": problems})
        raise ContractBroken(
            f"Chart {chart.slug!r} is not fit to print: {' '.join(problems)}", breaches
        )


def look(page: Scene) -> list[str]:
    """Problems that can be seen: words off the page or over each other, or too faint."""
    return [*_clipped(page), *_colliding(page), *_faint(page)]


def _parts(chart: Spec) -> list[str]:
    parts = {
        "subtitle": chart.subtitle,
        "unit": chart.unit,
        "source": " ".join(chart.sources),
        "alt text": chart.alt,
        "licence": chart.licence,
    }
    return [f"It has no {name}." for name, words in parts.items() if not words.strip()]


def _title(chart: Spec) -> list[str]:
    how_many = len(chart.title.split())
    return (
        [f"Its title has {how_many} words, over {LONGEST_TITLE}."]
        if how_many > LONGEST_TITLE
        else []
    )


def _axis(chart: Spec) -> list[str]:
    if chart.kind != "bar" or not chart.y_range:
        return []
    low, high = chart.y_range
    return [] if low <= 0 <= high else [f"Its bars start at {low:g}, not at zero."]


def _colours(chart: Spec) -> list[str]:
    used = len(chart.highlight)
    if chart.kind == "hex" or used <= colours.AT_MOST:
        return []
    return [f"It highlights {used} series; more than {colours.AT_MOST} colours and grey confuse."]


def _base(chart: Spec) -> list[str]:
    """A change in per cent on a figure in doubt says more of the booking than of the change."""
    if chart.kind not in ("bar", "dot") or chart.number != "per_cent":
        return []
    return [
        f"A percentage on a figure in doubt: {row.series} ({row.doubt})."
        for row in chart.doubtful.itertuples()
        if row.y == row.y
    ]


def _unlike(chart: Spec) -> list[str]:
    """Bars, dots and maps have no place for a change of meaning but their title and subtitle."""
    said = f"It crosses a change of meaning, and its head does not say {caveats.LIKE_FOR_LIKE!r}."
    return [said] if caveats.crosses_a_break(chart) else []


def _clipped(page: Scene) -> list[str]:
    return [f"“{t.words}” runs off the page." for t in page.texts if not t.box.within(page.page)]


def _colliding(page: Scene) -> list[str]:
    """Pairs of texts that overlap, found by sweeping down the page."""
    texts = sorted(page.texts, key=lambda text: text.box.top)
    problems = []
    for place, text in enumerate(texts):
        for other in texts[place + 1 :]:
            if other.box.top >= text.box.bottom:
                break
            if text.box.overlaps(other.box, SLACK):
                problems.append(f"“{text.words}” and “{other.words}” collide.")
    return problems


def _faint(page: Scene) -> list[str]:
    return [
        f"“{text.words}” has a contrast of {ratio:.1f} to 1, under {LEAST_CONTRAST}."
        for text in page.texts
        if (ratio := colours.contrast(text.colour, text.on)) < LEAST_CONTRAST
    ]
