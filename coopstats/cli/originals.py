"""The publications: fetch them, and write data/raw from them: transcribe."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coopstats.cli.options import command, format_option
from coopstats.cli.printing import progress, say, show
from coopstats.core.errors import UnknownName

if TYPE_CHECKING:
    from coopstats.core.sources import Source


@command()
@click.option(
    "--from",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    help="The folder that holds the originals.",
)
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Write nothing; fail unless data/raw is what the originals give.",
)
@click.argument("tables", nargs=-1)
def transcribe(folder: Path, only_check: bool, tables: Sequence[str]) -> None:
    """Write data/raw from the original publications, cell by cell.

    TABLES are names of raw tables or ids of single publications, as in data/raw/SOURCES.toml.
    """
    from coopstats.publications import transcribe as reading

    if not folder.is_dir():
        raise UnknownName(f"{folder} is not a folder. Give the folder that holds the originals.")
    chosen = _publications(tables)
    act = reading.check if only_check else reading.transcribe
    for source in progress(chosen, "check" if only_check else "transcribe"):
        act(source, folder)
    verb = "agree byte for byte with" if only_check else "transcribed from"
    say(f"{len(chosen)} publications {verb} {folder}")


@command()
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for the originals; made if it is not there.",
)
@click.argument("tables", nargs=-1)
@format_option
def fetch(folder: Path, tables: Sequence[str], layout: str) -> None:
    """Bring the original publications from their publishers.

    TABLES are names of raw tables or ids of single publications, as in data/raw/SOURCES.toml; all
    unless named. What DIR holds already is not fetched again, a file that broke off is taken up
    where it did, and no file is written over: what is not the recorded edition is kept beside it
    under its date and hash. What cannot be had is listed with its page, and the exit code is 1.

    \b
    coopstats fetch revenue_outturn --to originals
    coopstats transcribe revenue_outturn --from originals --check
    """  # noqa: D301 (click reads \b)
    from coopstats.publications import fetch as fetching

    brought = fetching.fetch(_publications(tables), folder, show_progress=sys.stderr.isatty())
    show(fetching.as_frame(brought, folder), layout)
    for line in fetching.report(brought):
        say(line)
    if any(outcome.what == fetching.NOT_BROUGHT for outcome in brought):
        raise SystemExit(1)


def _publications(named: Sequence[str]) -> list[Source]:
    """The publications of raw tables, or single ones by their ids; all of them unless named."""
    from coopstats.core.sources import read_sources

    every = read_sources()
    chosen = [s for t in named for s in ([every[t]] if t in every else _publications_of(t))]
    return list(dict.fromkeys(chosen)) if named else list(every.values())


def _publications_of(table: str) -> list[Source]:
    """The publications of one raw table; of a table made of others' the names of those are said."""
    from coopstats.clean.build.build import TABLES
    from coopstats.core.sources import read_sources, sources_of
    from coopstats.datasets.table import about

    if table in TABLES and table not in {s.table for s in read_sources().values()}:
        behind = sorted({source.partition("/")[0] for source in about(table)["sources"]})
        raise UnknownName(f"{table} is made of {', '.join(behind)}: name that instead.")
    return sources_of(table)
