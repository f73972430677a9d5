"""A chart as files, all of them or none: picture, numbers, words and particulars."""

from __future__ import annotations

import csv
import functools
import json
import os
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import pandas as pd

from coopstats.charts.layout import drawn_notes, scene
from coopstats.charts.png import png
from coopstats.charts.spec import Spec
from coopstats.charts.svg import svg
from coopstats.charts.text import note_line, source_line
from coopstats.core.safe_text import for_spreadsheet


def picture(chart: Spec, size: str = "web") -> str:
    """The chart as SVG text that stands by itself."""
    return svg(scene(chart, size), name=chart.slug, title=chart.title, alt=chart.alt)


def save(chart: Spec, folder: Path, sizes: tuple[str, ...] = ()) -> dict[str, Path]:
    """Write <slug>.svg, .png, .csv, .txt and .json, and <slug>-<size>.png for each further size."""
    contents = {
        "svg": picture(chart).encode(),
        "png": png(scene(chart)),
        "csv": csv_text(chart).encode(),
        "txt": words_text(chart).encode(),
        "json": json_text(chart).encode(),
    }
    paths = {ending: folder / f"{chart.slug}.{ending}" for ending in contents}
    for size in sizes:
        contents[size] = png(scene(chart, size))
        paths[size] = folder / f"{chart.slug}-{size}.png"
    write_all({paths[name]: content for name, content in contents.items()})
    return paths


def write_all(contents: Mapping[Path, bytes]) -> None:
    """Write every file beside its place first, and move them there only when all are whole."""
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}.part") for path in contents}
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside[path].write_bytes(content)
        for path, part in beside.items():
            os.replace(part, path)
    finally:
        for part in beside.values():
            part.unlink(missing_ok=True)


@functools.lru_cache(maxsize=1)
def csv_text(chart: Spec) -> str:
    """The numbers as CSV under the columns' own names; text a spreadsheet would run is quoted."""
    paper = StringIO()
    out = csv.writer(paper, lineterminator="\n")
    out.writerow([_cell(chart.names.get(name, name)) for name in chart.frame])
    for row in chart.frame.itertuples(index=False):
        out.writerow([_cell(cell) for cell in row])
    return paper.getvalue()


def _cell(cell: object) -> str:
    if isinstance(cell, str):
        return for_spreadsheet(cell)
    if pd.isna(cell):
        return ""
    return f"{cell:.12g}" if isinstance(cell, (int, float)) else str(cell)


def words_text(chart: Spec) -> str:
    """Everything a page needs beside the picture, in plain text."""
    parts = [
        chart.title,
        chart.subtitle,
        f"Alt text: {chart.alt}",
        source_line(chart),
        note_line(chart, drawn_notes(chart)),
        f"Licence: {chart.licence}",
        f"Cite as: {chart.citation}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def json_text(chart: Spec) -> str:
    """The chart's particulars for programs."""
    particulars = {
        "slug": chart.slug,
        "identity": chart.identity,
        "kind": chart.kind,
        "title": chart.title,
        "subtitle": chart.subtitle,
        "unit": chart.unit,
        "number": chart.number,
        "alt": chart.alt,
        "sources": chart.sources,
        "notes": chart.notes,
        "highlight": chart.highlight,
        "columns": {name: chart.names.get(name, name) for name in chart.frame},
        "rows": len(chart.frame),
        "licence": chart.licence,
        "citation": chart.citation,
    }
    return json.dumps(particulars, ensure_ascii=False, indent=1) + "\n"
