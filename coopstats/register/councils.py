"""Councils as a reader asks for them: by any code a body had or any spelling seen of it.

This is the door of the register's names: nothing else resolves a council. What a body is stands in
`bodies`, which names are whose in `name_index`, why a name is refused in `refusals`.
"""

from __future__ import annotations

import operator
from typing import Any

import pandas as pd

from coopstats.core.doors import door, flag, maybe, one_of, word
from coopstats.core.errors import UnknownCouncil, UnknownName, Verb, can
from coopstats.core.safe_text import quoted
from coopstats.core.years import FIRST, LAST, financial_year, read_year
from coopstats.register.bodies import CLASSES, Council, bodies, years_held
from coopstats.register.name_index import Span, bodies_meant
from coopstats.register.reader import rows_of
from coopstats.register.refusals import refusal
from coopstats.register.spelling import fold

__all__ = [
    "CLASSES", "EVER", "Council", "Span", "bodies", "bodies_ever", "bodies_in", "council",
    "council_each_year", "councils", "crosswalk", "successions",
]  # fmt: skip

LONGEST = 200  # characters of a name
EVER = (FIRST, LAST)  # the span of a question that names no year


def _year_of_bodies(written: Any) -> int:
    """A year of which bodies are held; what is no year may be meant as a name."""
    try:
        year = read_year(written)
    except UnknownName as problem:
        raise UnknownName(problem.what, could=[can(Verb.COUNCILS, quoted(written))]) from None
    first, last = years_held()
    if not first <= year <= last:
        raise UnknownName(
            f"No councils are listed for {financial_year(year)}: give a year from "
            f"{financial_year(first)} to {financial_year(last)}."
        )
    return year


@door(ever=flag)
def council(query: str | int, year: int | Span | None = None, *, ever: bool = False) -> Council:
    """The one council that `query`, a code or a name, means.

    `year` is the year, or the first and last year, of which you speak: of bodies that share a name
    or code, only those count that existed in it, or in any part of it. With `ever`, a body that
    ended before or began later is found too where none of that name existed then.
    Raises UnknownCouncil, which names the candidates, rather than guess. So "Cornwall County
    Council" needs a year: the county council of before 2009 became the unitary one, whose figures
    are of more services, and Durham's is called a county council to this day; the words cannot
    tell which is meant, and the wrong one would be off by the districts' share.
    """
    word, span = _as_text(query), _span_of(year)
    found = bodies_meant(word, span)
    if not found and span and ever:
        found = bodies_meant(word, None)
    if len(found) == 1:
        return found[0]
    raise UnknownCouncil(lambda: refusal(word, span, found))


def bodies_in(
    query: str | int, year: int | Span | None = None, *, ever: bool = False
) -> tuple[Council, ...]:
    """The bodies that `query` means in a year or, of the first and last of several, in each.

    What is read from a table by name is read so. Raises UnknownCouncil as `council` does.
    """
    if isinstance(year, tuple):
        return council_each_year(query, *year, ever=ever)
    return (council(query, year, ever=ever),)


def bodies_ever(query: str | int) -> tuple[Council, ...]:
    """All bodies that a name was ever of, or the one that has this code now; or none."""
    return tuple(bodies_meant(_as_text(query), None))


def council_each_year(
    query: str | int, first: int, last: int, *, ever: bool = False
) -> tuple[Council, ...]:
    """The bodies that `query` means in these years, in order: the one of each year.

    "Cornwall" is a county to 2008-09 and a unitary authority from 2009-10: two bodies, never in
    one year. `ever` is as for `council`. Raises UnknownCouncil where it is several in a year, or
    none in all of them.
    """
    word, known = _as_text(query), years_held()
    years = range(min(max(first, known[0]), known[1]), max(min(last, known[1]), known[0]) + 1)
    each = [bodies_meant(word, (year, year)) for year in years]
    for year, found in zip(years, each, strict=True):
        if len(found) > 1:
            raise UnknownCouncil(refusal(word, (year, year), found))
    bodies_of = tuple(dict.fromkeys(body for found in each for body in found))
    return bodies_of or (council(query, (first, last), ever=ever),)


@door(year=maybe(_year_of_bodies), council_class=maybe(one_of(CLASSES)), query=maybe(word))
def councils(
    year: int | None = None, *, council_class: str | None = None, query: str | None = None
) -> pd.DataFrame:
    """One row a body: those of a year, of a class, with `query` in a name, spelling or code."""
    chosen = [
        body
        for body in bodies().values()
        if (year is None or body.first_year <= year <= body.last_year)
        and (council_class is None or body.council_class == council_class)
        and (query is None or _mentions(body, query))
    ]
    return pd.DataFrame([_row(body) for body in chosen], columns=_COLUMNS)


def crosswalk() -> pd.DataFrame:
    """Every code of every body with its names, dates and successors: a table that stands alone."""
    known = councils().drop(columns=["gss"])
    named = {e: "; ".join(body.spellings) for e, body in bodies().items()}
    became = {e: "; ".join(body.successors) for e, body in bodies().items()}
    codes = pd.DataFrame(rows_of("codes"))
    table = codes.merge(known, on="ecode", validate="many_to_one")
    return table.assign(successors=table["ecode"].map(became), spellings=table["ecode"].map(named))


def successions() -> pd.DataFrame:
    """Who became whom: year, predecessor, successor, share (blank: divided, none published)."""
    table = pd.DataFrame(rows_of("successions"))
    return table.assign(year=table["year"].astype(int), share=pd.to_numeric(table["share"]))


_COLUMNS = ["ecode", "gss", "council", "council_class", "kind", "region", "subregion", "county",
            "first_year", "last_year", "became"]  # fmt: skip


def _row(body: Council) -> tuple:
    became = "; ".join(bodies()[e].name for e in body.successors)
    return (body.ecode, body.gss, body.name, body.council_class, body.kind, body.region,
            body.subregion, body.county, body.first_year, body.last_year, became)  # fmt: skip


def _mentions(body: Council, query: str) -> bool:
    wanted = fold(query)
    return any(wanted in fold(text) for text in (body.name, *body.spellings, *body.codes))


def _as_text(query: str | int) -> str:
    """The query as text; a whole number is a code: spreadsheets make numbers of DfE's."""
    if isinstance(query, str):
        if len(query) > LONGEST:
            raise UnknownCouncil(f"{query[:20]!r}… has {len(query)} characters: it is no name.")
        if not query.strip():
            raise UnknownCouncil(f"{query!r} is empty: give a name or code of a council.")
        return query.strip()
    try:
        return str(operator.index(query))
    except TypeError:
        raise UnknownCouncil(
            f"{quoted(query)} is no name or code of a council: give text."
        ) from None


def _span_of(year: int | Span | None) -> Span | None:
    if year is None:
        return None
    ends = year if isinstance(year, tuple | list) else (year, year)
    if len(ends) != 2:
        raise UnknownName(f"{quoted(year)} is no span of years: give the first and the last.")
    first, last = map(read_year, ends)
    if last < first:
        raise UnknownName(f"The years {first} to {last} run backwards.")
    return first, last
