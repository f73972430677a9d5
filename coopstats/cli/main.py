"""The command line: `coopstats --help`. A module a group of commands; this one has them all."""

from __future__ import annotations

import sys

import click

from coopstats.cli import charts, checks, compare, lists, make, numbers, originals
from coopstats.cli.messages import Commands

COMMANDS = (
    numbers.get, numbers.trace, numbers.cite,
    lists.councils, lists.tables, lists.pilots, lists.members, lists.claims,
    compare.compare, charts.chart, charts.charts, charts.book,
    make.build, make.docs, make.headlines, make.notebooks, make.export, make.reproduce,
    checks.check, originals.fetch, originals.transcribe,
)  # fmt: skip


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="coopstats")
def main() -> None:
    """How deep were the cuts in English councils, and what happened where co-operative ways ran.

    Start with `coopstats get revenue_outturn --council Lambeth --service core --real 2019`, and
    `coopstats trace` for the cell that a number was printed in.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what it has no letter for is spelt out
            stream.reconfigure(errors="backslashreplace")


for each in COMMANDS:
    main.add_command(each)


if __name__ == "__main__":
    main()
