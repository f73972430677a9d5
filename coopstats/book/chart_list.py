"""The list of charts, data/processed/CHARTS.csv: a row for every chart of the book, by its slug.

Whoever makes the whole book writes it, and it is kept in git beside HEADLINES.csv: so what is
committed was accepted, the charts can be listed without drawing one, and one chart is made alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from coopstats.core import files, paths
from coopstats.core.doors import door, word
from coopstats.core.errors import CoopstatsError, NotBuilt, UnknownName, did_you_mean
from coopstats.core.phrases import some

if TYPE_CHECKING:
    from types import ModuleType

    from coopstats.charts import Chart

FILE = "CHARTS.csv"
NAMED = 8  # so many charts are named in a message
AGAIN = "`coopstats book --no-pictures` makes the list again."


class Row(NamedTuple):
    """One chart: what it shows, the digest of its numbers, the page it is on, and who makes it.

    `made_by` is a question's module and the chart's place among its CHARTS, counted from 0; it is
    empty for a council's chart, whose slug is the council's page and the topic.
    """

    slug: str
    title: str
    unit: str
    digest: str
    page: str
    made_by: str


def rows_of(charts: Iterable[Chart], page: str, question: ModuleType | None = None) -> list[Row]:
    """The rows of the charts on a page; those of a question are all its charts, in order."""
    from coopstats.book.question_pages import module_name

    name = module_name(question) if question else ""
    return [
        Row(one.slug, one.title, one.unit, one.identity, page, f"{name} {place}" if name else "")
        for place, one in enumerate(charts)
    ]


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def file() -> Path:
    """Where the list is kept: beside the tables, which an installed package may carry."""
    return paths.tables_dir() / FILE


def read() -> dict[str, Row]:
    """Every chart by its slug, as last written. Raises NotBuilt where there is no list."""
    try:
        with file().open(encoding="utf-8", newline="") as lines:
            rows = [Row(**row) for row in csv.DictReader(lines)]
    except (OSError, ValueError, TypeError) as problem:
        raise NotBuilt(f"{file()} cannot be read ({problem}). {AGAIN}") from problem
    return {row.slug: row for row in rows}


def accept(rows: Iterable[Row]) -> list[str]:
    """Write the list of a whole book, in one step; a sentence for each way in which it moved."""
    now = {row.slug: row for row in sorted(rows)}
    try:
        before = read()
    except NotBuilt:
        before = {}
    if now == before:
        return []
    paper = io.StringIO()
    out = csv.writer(paper, lineterminator="\n")
    out.writerows([Row._fields, *now.values()])
    files.replace(paths.processed_dir() / FILE, paper.getvalue().encode())
    told = f"data/processed/{FILE} says so now: commit it to accept the charts as they are."
    return [*moved(before, now), told]


def moved(before: dict[str, Row], now: dict[str, Row]) -> list[str]:
    """What differs between two lists, a sentence each: new charts, gone ones, and what changed."""
    both = [slug for slug in now if slug in before]
    changed = {
        f"differ in their {name.replace('_', ' ')}": [
            slug for slug in both if getattr(now[slug], name) != getattr(before[slug], name)
        ]
        for name in Row._fields[1:]
    }
    found = {
        "are new": [slug for slug in now if slug not in before],
        "are gone": [slug for slug in before if slug not in now],
        **changed,
    }
    return [f"Charts that {how}: {some(slugs, NAMED)}." for how, slugs in found.items() if slugs]


# ── asked for ────────────────────────────────────────────────────────────────────────────────────


def chart_list() -> pd.DataFrame:
    """Every chart of the book: slug, title, unit, digest of its numbers, page. Draws nothing.

    `chart(slug)` makes one of them.
    """
    return pd.DataFrame(read().values(), columns=Row._fields).drop(columns="made_by")


@door(slug=word)
def chart(slug: str) -> Chart:
    """One chart of the book by its slug, made alone.

    Raises UnknownName with the nearest slugs, or with the reason why a council lacks the chart.
    """
    from coopstats.book import councils

    ecode, topic = councils.parts_of(slug)
    if ecode:
        return councils.chart_of(ecode, topic)
    rows = read()
    if slug not in rows:
        near = did_you_mean(slug, rows)
        raise UnknownName(f"There is no chart {slug!r}.{near} `coopstats chart list` lists them.")
    return _of_question(rows[slug])


def _of_question(row: Row) -> Chart:
    from coopstats.book import question_pages

    module, _, place = row.made_by.partition(" ")
    try:
        made = question_pages.chart_at(module, int(place))
    except (LookupError, ValueError):
        made = None
    if made is None or made.slug != row.slug:
        raise CoopstatsError(f"The list of charts is older than chart {row.slug!r}. {AGAIN}")
    return made
