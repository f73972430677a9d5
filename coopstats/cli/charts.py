"""Charts and the book of them: charts, book, and chart for a single one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from coopstats.cli.messages import Commands
from coopstats.cli.options import command, format_option, workers_option
from coopstats.cli.printing import progress, read, say, show


@command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    help="Where to write; the folder charts/ of the project unless given.",
)
def charts(out: Path | None) -> None:
    """Write every chart: SVG, PNG, its numbers as CSV, its words as text and JSON."""
    from coopstats.core import paths
    from coopstats.findings import questions

    folder = out or paths.home() / "charts"
    folder.mkdir(parents=True, exist_ok=True)  # what is in the way is found before the drawing
    made = questions.charts()
    for chart in progress(made, "charts"):
        chart.save(folder)
    say(f"{len(made)} charts in {folder}")


@command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The folder of the book; book/ of the project unless given. An older book is replaced.",
)
@click.option("--base-url", default="", help="Where it will stand: embeds then have an address.")
@click.option("--no-pictures", is_flag=True, help="Without PNG, PDF and zip, which take minutes.")
@workers_option(2)
def book(out: Path | None, base_url: str, no_pictures: bool, workers: int) -> None:
    """Write the chart book: static pages for every council, question, pilot and claim.

    Opens from disk or from any web server. What has not changed is taken over from the old book.

    \b
    coopstats book --out DIR
    coopstats book --out DIR --base-url https://example.org/coopstats
    """  # noqa: D301 (click reads \b)
    from coopstats.book import chart_list, pages, site
    from coopstats.core import paths

    folder = out or paths.home() / "book"
    making = pages.Making(base_url, not no_pictures)
    made = site.make(folder, making, workers, progress)
    say(f"{made.pages} pages with {made.charts:,} charts in {folder}; {made.anew} pages made anew")
    for sentence in chart_list.accept(made.rows):
        say(sentence)


@click.group(cls=Commands)
def chart() -> None:
    """One chart of the book: list them, show one in words, export it in any form."""


@chart.command(name="list")
@click.argument("words", nargs=-1)
@format_option
def list_charts(words: Sequence[str], layout: str) -> None:
    """List the charts, those whose slug or title holds all WORDS where given.

    \b
    coopstats chart list lambeth
    """  # noqa: D301 (click reads \b)
    from coopstats.book.chart_list import chart_list

    rows = chart_list()[["slug", "title", "page"]]
    named = (rows["slug"] + " " + rows["title"]).str.casefold()
    kept = [all(word.casefold() in one for word in words) for one in named]
    show(rows[kept], layout)


@chart.command(name="show")
@click.argument("slug")
def show_chart(slug: str) -> None:
    """Show a chart in words: every number, its source and notes, how to cite it."""
    from coopstats.book.chart_list import chart

    found = chart(slug)
    read(f"{found!r}\nCite as: {found.citation}\nLicence: {found.licence}")


@chart.command(name="export")
@click.argument("slug")
@click.option(
    "--format",
    "layout",
    default="svg",
    show_default=True,
    help="svg, png, pdf, csv, json, html (to embed) or zip (all of them).",
)
@click.option("--size", default="web", show_default=True, help="web, square or print.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder to write to; this one unless given.",
)
def export_chart(slug: str, layout: str, size: str, out: Path) -> None:
    """Write one chart to a file.

    \b
    coopstats chart export lambeth-core --size print --format png
    """  # noqa: D301 (click reads \b)
    from coopstats.book import files as forms
    from coopstats.book.chart_list import chart
    from coopstats.core import files

    if layout in forms.SIZELESS and size != "web":
        raise click.UsageError(f"A {layout} file has no size: leave --size out.")
    name, content = forms.export(chart(slug), layout, size)
    files.replace(out / name, content)
    say(f"{out / name}")
