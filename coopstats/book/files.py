"""One chart as files: vector and pixels, numbers, particulars, and what to paste into a page."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable

from markupsafe import Markup

from coopstats.charts import Chart
from coopstats.charts.layout import SIZES, scene
from coopstats.charts.lint import look, words
from coopstats.charts.save import csv_text, json_text, words_text
from coopstats.charts.svg import svg
from coopstats.charts.text import source_line
from coopstats.core.doors import a, door, word
from coopstats.core.errors import UnknownName, did_you_mean

PICTURES = ("web", "square", "print")
EPOCH = (1980, 1, 1, 0, 0, 0)  # a zip's earliest day: the same bytes for the same chart


def drawn(chart: Chart) -> tuple[str, list[str]]:
    """The SVG and every problem that the lint finds in it: laid out once for both."""
    page = scene(chart, "web")
    picture = svg(page, name=chart.slug, title=chart.title, alt=chart.alt)
    return picture, [*words(chart), *look(page)]


def embed(chart: Chart, picture: str, base_url: str = "") -> str:
    """A `<figure>` to paste: with the picture in it, or with its address under `base_url`."""
    inside = Markup(picture)  # our own SVG, escaped where it was written
    if base_url:
        address = f"{base_url.rstrip('/')}/charts/{chart.slug}.svg"
        inside = Markup('<img src="{}" alt="{}" style="width:100%;height:auto">').format(
            address, chart.alt
        )
    caption = Markup("{} {} {}").format(source_line(chart), chart.citation, chart.licence)
    return Markup(
        '<figure style="margin:0;max-width:720px">{}'
        '<figcaption style="font:12px sans-serif;color:#555">{}</figcaption></figure>\n'
    ).format(inside, caption)


def light(chart: Chart, picture: str, base_url: str = "") -> dict[str, bytes]:
    """The files that every chart of the book has, by their endings."""
    return {
        "svg": picture.encode(),
        "csv": csv_text(chart).encode(),
        "json": json_text(chart).encode(),
        "embed.html": embed(chart, picture, base_url).encode(),
    }


def heavy(chart: Chart, picture: str, base_url: str = "") -> dict[str, bytes]:
    """Pixels, PDF and everything in one zip, by their endings."""
    made = {f"{size}.png": chart.png(size) for size in PICTURES}
    made["pdf"] = pdf(chart)
    made["zip"] = zipped(chart, {**light(chart, picture, base_url), **made})
    return made


def pdf(chart: Chart, size: str = "web") -> bytes:
    """The picture as a page of PDF, with words that can be searched."""
    import matplotlib

    from coopstats.charts.png import SETTINGS
    from coopstats.charts.png import drawn as on_paper

    paper = io.BytesIO()
    with matplotlib.rc_context({**SETTINGS, "pdf.fonttype": 42}):
        figure, _ = on_paper(scene(chart, size))
        figure.savefig(paper, format="pdf", metadata={"CreationDate": None, "Title": chart.title})
    return paper.getvalue()


def zipped(chart: Chart, contents: dict[str, bytes]) -> bytes:
    """Everything in one file, with a README that says what is what."""
    paper = io.BytesIO()
    listed = {f"{chart.slug}.{ending}": content for ending, content in contents.items()}
    with zipfile.ZipFile(paper, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, content in {"README.txt": readme(chart, listed).encode(), **listed}.items():
            pack.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    return paper.getvalue()


def readme(chart: Chart, names: dict[str, bytes]) -> str:
    """What is in the zip, and all that must be said with it."""
    listed = "\n".join(f"  {name}" for name in sorted(names))
    return f"{words_text(chart)}\nFiles:\n{listed}\n"


def rows_of(chart: Chart) -> list[list[str]]:
    """The table behind a chart: a head, then every row, as in its CSV."""
    return list(csv.reader(io.StringIO(csv_text(chart))))


# ── one at a time ────────────────────────────────────────────────────────────────────────────────

SIZELESS = ("csv", "json", "zip")  # numbers have no size, and a zip has all of them
FORMATS: dict[str, Callable[[Chart, str], bytes]] = {
    "svg": lambda chart, size: chart.svg(size).encode(),
    "png": lambda chart, size: chart.png(size),
    "pdf": pdf,
    "csv": lambda chart, size: csv_text(chart).encode(),
    "json": lambda chart, size: json_text(chart).encode(),
    "html": lambda chart, size: embed(chart, chart.svg(size)).encode(),
    "zip": lambda chart, size: heavy(chart, chart.svg())["zip"],
}


@door(chart=a(Chart, "cs.chart(slug) makes a chart"), layout=word, size=word)
def export(chart: Chart, layout: str, size: str = "web") -> tuple[str, bytes]:
    """A file's name and its content. Raises UnknownName for a format or size with the nearest."""
    for name, known in ((layout, FORMATS), (size, SIZES)):
        if name not in known:
            raise UnknownName(
                f"There is no {name!r}. There are: {', '.join(known)}."
                + did_you_mean(name, list(known))
            )
    if size != "web" and layout in SIZELESS:
        raise UnknownName(f"A {layout} file has no size: leave {size!r} out.")
    middle = "" if size == "web" or layout in SIZELESS else f"-{size}"
    return f"{chart.slug}{middle}.{layout}", FORMATS[layout](chart, size)
