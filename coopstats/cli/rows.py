"""Which rows of a table: the words of a command as column → values, each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click

from coopstats.core.errors import UnknownName

Span = tuple[int | None, int | None]


def chosen_rows(
    table: str,
    names: Sequence[str],
    year: int | None,
    years: Span | None,
    services: Sequence[str],
    others: Sequence[str],
    ever: bool = False,
) -> dict[str, Any]:
    """The words of the command as column → values, each once."""
    from coopstats.datasets.table import open_table

    span = (year, year) if year is not None else years
    chosen = _places(table, names, span, ever or year is None)
    if year is not None or years is not None:
        chosen["year"] = [year] if years is None else _years_held(table, years)
    if services:
        chosen[open_table(table).line_column] = list(dict.fromkeys(services))
    more = _pairs(others)
    refuse_twice(more, chosen)
    return chosen | more


def _years_held(table: str, span: Span) -> list[int]:
    """The table's years from the first to the last of a span, an open end at the table's own."""
    from coopstats.core.years import years_span
    from coopstats.datasets.table import open_table

    one = open_table(table)
    held = one.years
    first, last = held[0] if span[0] is None else span[0], held[-1] if span[1] is None else span[1]
    found = [year for year in held if first <= year <= last]
    if not found or first < held[0] or last > held[-1]:
        ends = years_span(held, one.calendar)
        raise UnknownName(f"{table} has years from {ends}: choose from these.")
    return found


def refuse_twice(more: Iterable[str], chosen: Iterable[str]) -> None:
    """UsageError for a column that --where names beside the option for it."""
    for column in more:
        if column in chosen:
            raise click.UsageError(
                f"--where {column}=… stands beside the option that chooses {column}: give one."
            )


def _pairs(others: Sequence[str]) -> dict[str, list]:
    """COLUMN=VALUE as column → values."""
    chosen: dict[str, list] = {}
    for pair in others:
        column, _, value = (part.strip() for part in pair.partition("="))
        if not (column and value):
            raise click.BadParameter(f"{pair!r}: write COLUMN=VALUE.", param_hint="--where")
        chosen.setdefault(column, []).append(value)
    return {column: list(dict.fromkeys(values)) for column, values in chosen.items()}


def one_each(others: Sequence[str]) -> dict[str, str]:
    """COLUMN=VALUE as column → its one value."""
    chosen = _pairs(others)
    for column, values in chosen.items():
        if len(values) > 1:
            raise click.BadParameter(
                f"{column} is given {len(values)} values, and one number has one.",
                param_hint="--where",
            )
    return {column: values[0] for column, values in chosen.items()}


def _places(table: str, names: Sequence[str], years: Span | None, ever: bool) -> dict[str, list]:
    """Names or codes of places as column → values: the councils of these years, or wholes."""
    from coopstats.core.years import FIRST, LAST
    from coopstats.datasets.places import words_of_place

    first, last = years or (None, None)
    span = (first or FIRST, last or LAST)
    chosen: dict[str, list] = {}
    for name in names:
        for column, words in words_of_place(table, name, span, ever=ever)[1].items():
            chosen.setdefault(column, []).extend([words] if isinstance(words, str) else words)
    return {column: list(dict.fromkeys(found)) for column, found in chosen.items()}
