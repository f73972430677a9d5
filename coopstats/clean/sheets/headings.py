"""Printed headings to stable names, by the register's lines.csv."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from coopstats.core.errors import UnknownHeading, nearest
from coopstats.register.reader import table_of

_NOT_MEANING = re.compile(
    r"\[note \d+\]|\(\d\)"  # footnote marks
    r"|\(?total ?of ?lines? ?[\d\w ]+?(to|\+) ?(lines )?\d+( to \d+)?\)?"  # "(total of lines …)"
    r"|\b(at )?\(?(1 april|31 march)\b|\b20\d\d([-–]\d\d)?\b"  # dates: kept apart, see `date_of`
)


@functools.cache
def fold(printed: str) -> str:
    """A heading without what changes from year to year: case, punctuation, notes, dates."""
    bare = _NOT_MEANING.sub(" ", " ".join(printed.casefold().split()))
    return " ".join(re.findall(r"[a-z0-9]+", bare))


@functools.cache
def date_of(printed: str) -> str | None:
    """The day that a heading or banner names, "1 April" or "31 March", else None."""
    found = re.search(r"\b(1 april|31 march)\b", " ".join(printed.casefold().split()))
    return {"1 april": "1 April", "31 march": "31 March", None: None}[found and found.group(1)]


@dataclass(frozen=True)
class Line:
    """One line of the accounts: its stable name and what kind of line it is.

    `kind` is service, part (of a service), total, financing, memorandum, reserve, identity or
    not_money.
    """

    service: str
    kind: str


@functools.cache
def _lines(table: str) -> dict[tuple[str, str], Line]:
    """(folded heading, folded banner or "") to line, for one raw table."""
    listed = table_of("lines")
    mine = listed[listed["table"] == table]
    return {(row.heading, row.banner): Line(row.service, row.kind) for row in mine.itertuples()}


def line_of(table: str, heading: str, banner: str, where: str) -> Line:
    """The line that a printed heading stands for; `where` names file and cell for the error."""
    lines = _lines(table)
    folded = fold(heading)
    found = lines.get((folded, fold(banner))) or lines.get((folded, ""))
    if found is None:
        near = nearest(folded, sorted({h for h, _ in lines}), 1)
        hint = f" Nearest known: {near[0]!r}." if near else ""
        raise UnknownHeading(
            f"{where}: the heading {heading!r} is not in coopstats/register/lines.csv.{hint} "
            "If it is a new spelling of a known line, add a row with that line's service; if it "
            "is a new line, give it a name (CONTRIBUTING.md, 'Add a year')."
        )
    return found


def known_headings(table: str) -> frozenset[str]:
    """The folded headings on record for a raw table."""
    return frozenset(heading for heading, _ in _lines(table))


def service_lines(table: str, kind: str = "service") -> list[str]:
    """The stable names of the lines that add up to total service expenditure, or of one kind."""
    return sorted({line.service for line in _lines(table).values() if line.kind == kind})
