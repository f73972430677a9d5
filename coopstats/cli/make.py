"""Everything that is made again: build, docs, headlines, notebooks, export, reproduce."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from coopstats.cli.options import command, format_option
from coopstats.cli.printing import progress, say, show
from coopstats.core.phrases import some


@command()
@click.argument("tables", nargs=-1)
@click.option("--accept", is_flag=True, help="Record the built numbers in FINGERPRINT.csv.")
def build(tables: Sequence[str], accept: bool) -> None:
    """Build TABLES (all unless named) from data/raw and the register; all of them or none."""
    from coopstats.clean.build import build as making

    changed = making.build(tables, show_progress=sys.stderr.isatty())
    say(f"built {', '.join(changed)}" if changed else "nothing has changed")
    _report_moved(accept)


def _report_moved(accept: bool) -> None:
    from coopstats.clean.build import fingerprint

    moved, absent = fingerprint.moved(), fingerprint.not_built()
    if absent:
        say(f"not built, so not compared: {some(absent, things='more tables')}")
    if accept:
        fingerprint.accept()
        kept = ", where the numbers of tables that are not built stay as they were"
        say(
            f"accepted {len(moved)} changed table-years in data/processed/FINGERPRINT.csv"
            + (kept if absent else "")
        )
    elif len(moved):
        say(
            f"{len(moved)} table-years differ from data/processed/FINGERPRINT.csv; `coopstats "
            "check` lists them, `coopstats build --accept` records them."
        )


@command()
@click.option("--check", "only_check", is_flag=True, help="Fail if the generated pages are old.")
def docs(only_check: bool) -> None:
    """Write the generated pages and numbers: the data dictionary, README, METHOD, errata."""
    from coopstats.reproduce import documents as writing

    old = writing.stale() if only_check else writing.write()
    if only_check and old:
        say(f"out of date: {', '.join(old)}. Run `coopstats docs` and commit.")
        raise SystemExit(1)
    say("the generated pages are current" if not old else f"written: {', '.join(old)}")


@command()
@click.option("--accept", is_flag=True, help="Record them; CHANGELOG.md must say why one moved.")
@format_option
def headlines(accept: bool, layout: str) -> None:
    """Every number that the answers print, and which are not the recorded ones (exit code 1)."""
    from coopstats.reproduce import headlines as printed

    now = printed.printed()
    moved = printed.moved(now)
    if accept:
        printed.accept(now)
        say(f"recorded {len(now)} numbers in {printed.file()}; {len(moved)} differences")
        return
    show(now, layout)
    for one in moved:
        say(one.what)
    say(f"{len(now)} numbers; {len(moved)} differences from the record")
    if moved:
        raise SystemExit(1)


@command()
@click.argument("names", nargs=-1)
def notebooks(names: Sequence[str]) -> None:
    """Execute the notebooks (all unless named) and keep their outputs."""
    from coopstats.findings import notebooks as running

    for name in progress(running.chosen(names), "notebooks"):
        running.execute(name)
    say(f"executed {', '.join(p.name for p in running.chosen(names))}")


@command()
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for the archive; made if it is not there.",
)
@click.option("--table", "-t", "tables", multiple=True, help="Only this table; may be repeated.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    help="parquet, csv, workbook, stata or sqlite; may be repeated; all unless named.",
)
def export(folder: Path, tables: Sequence[str], formats: Sequence[str]) -> None:
    """Write all tables as one archive, with licences, a citation and datapackage.json.

    \b
    coopstats export --out DIR
    coopstats export --out DIR --table revenue_outturn --format csv --format stata
    """  # noqa: D301 (click reads \b)
    from coopstats import export as exporting

    written = exporting.export(folder, tables, formats, lambda i, what: progress(i, what, "step"))
    say(f"{written} ({written.stat().st_size / 1e6:,.1f} MB)")


@command()
@click.option(
    "--from",
    "originals",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The folder with the originals: is data/raw what they give?",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where charts and book go; the project's folder unless given.",
)
def reproduce(originals: Path | None, out: Path | None) -> None:
    """Make everything again, and say which published number moved; exit code 1 if one did.

    Originals (when given), tables, checks, documents, headlines, notebooks, charts, book.
    Of what git keeps, only the list of charts is written, where a chart moved. A number may move
    when CHANGELOG.md says why.
    """
    from coopstats.core import paths
    from coopstats.reproduce import chain as again

    job = again.Job(out or paths.home(), originals, lambda i, what: progress(i, what, "step"), say)
    outcomes = again.reproduce(job, again.STEPS)
    say(again.report(outcomes, again.STEPS))
    again.settle(outcomes)
    say("reproduced")
