"""What is printed: rows and words to stdout, everything else to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from coopstats.core.safe_text import for_terminal

if TYPE_CHECKING:
    import pandas as pd


def show(rows: pd.DataFrame, layout: str, units: dict[str, str] | None = None) -> None:
    """Print rows to stdout as a table for people, or as they are in CSV or JSON.

    `units` says what a column is in where neither its name nor a column `unit` does.
    """
    from coopstats.core import terminal
    from coopstats.core.safe_text import rows_for_spreadsheet

    if layout == "csv":
        put(rows_for_spreadsheet(rows).to_csv(index=False, lineterminator="\n"))
    elif layout == "json":
        put(rows.to_json(orient="records", force_ascii=False, indent=1) + "\n")
    else:
        page(terminal.table(rows, units))


def put(text: str) -> None:
    """Print what is for programs, as it is."""
    click.echo(text, nl=False)


def page(text: str) -> None:
    """Print what is for people; more than a screen of it a screen at a time, on a terminal."""
    from coopstats.core import terminal

    safe = for_terminal(text)
    if sys.stdout.isatty() and terminal.is_long(safe):
        click.echo_via_pager(safe)
    else:
        click.echo(safe, nl=False)


def read(text: str) -> None:
    """Print words for people: lines within the width of the terminal."""
    from coopstats.core import terminal

    page(terminal.wrapped(text) + "\n")


def say(message: str) -> None:
    """A word to the person, on stderr; a log gets it on one line, a terminal unbroken words."""
    from coopstats.core import terminal

    safe = for_terminal(message)
    click.echo(terminal.wrapped(safe) if sys.stderr.isatty() else safe, err=True)


def progress(items: Iterable, desc: str, unit: str = "file", total: int | None = None) -> Iterable:
    """The same items, counted on a terminal as they are taken."""
    from tqdm import tqdm

    return tqdm(items, desc=desc, unit=unit, total=total, leave=False, disable=None)


def show_listing(listing: Any, layout: str) -> None:
    """A list of the register: the chosen columns for people, every column for programs."""
    frame = listing.frame
    show(frame[list(listing.shown)] if layout == "table" and len(listing) else frame, layout)


def show_page(thing: Any, layout: str) -> None:
    """One thing of the register: its page, or what is on it as rows."""
    import pandas as pd

    from coopstats.core import terminal
    from coopstats.core.display import page_text

    if layout != "table":
        show(pd.DataFrame(thing.facts(), columns=["what", "words"]), layout)
        return
    title = str(thing).partition("\n")[0]
    page(page_text(title, thing.facts(), terminal.width()) + "\n")
