"""Councils: one legal body through time, found by any code it had or any spelling seen of it.

A body is known by its MHCLG E-code, the only key that every finance file prints. The register
(coopstats/register/councils.csv, codes.csv, spellings.csv, successions.csv) holds every English
body with a row in the Revenue Outturn Summaries of 2007-08 to 2023-24.
"""

from __future__ import annotations

import difflib
import html
import itertools
import operator
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from coopstats.core.doors import door, flag, maybe, one_of, word
from coopstats.core.errors import UnknownCouncil, UnknownName, Verb, can
from coopstats.core.printable import shown
from coopstats.core.years import read_year
from coopstats.register.reader import rows_of
from coopstats.register.spelling import (
    Reading,
    fold,
    kind_words,
    readings,
    without_marks,
    written_out,
)

CLASSES = {
    "L": "London borough",
    "MD": "metropolitan district",
    "UA": "unitary authority",
    "SC": "shire county",
    "SD": "shire district",
    "O": "other authority",
}

MOST_HINTS = 6  # bodies named in a refusal
LONGEST = 200  # characters of a name
Span = tuple[int, int]  # the first and the last year meant


@dataclass(frozen=True, repr=False)
class Council:
    """One legal body. Years are financial years by their April, 2007 to 2023 as far as held.

    `gss` is the last ONS code it had (blank if none), `codes` every code of any system, and
    `first_year` 2007 or `last_year` 2023 mean "or earlier", "or later": the files end there.
    """

    ecode: str
    gss: str
    name: str
    council_class: str
    kind: str
    region: str
    subregion: str
    county: str
    first_year: int
    last_year: int
    codes: tuple[str, ...]
    spellings: tuple[str, ...]
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]

    def alive(self, year: int, last: int | None = None) -> bool:
        """Whether it existed in that financial year, or in any from it to `last`.

        The first and last held years extend.
        """
        start, end = _held()
        first = read_year(year)  # no door: this is asked of every council in every year
        until = first if last is None else read_year(last)
        begins, ends = (min(max(y, start), end) for y in (first, until))
        return self.first_year <= ends and begins <= self.last_year

    @property
    def label(self) -> str:
        """Name with what tells it from namesakes: code, class, years."""
        return (
            f"{self.name} ({self.ecode}, {CLASSES[self.council_class]}, "
            f"{_print_year(self.first_year)} to {_print_year(self.last_year)})"
        )

    def facts(self) -> list[tuple[str, str]]:
        """What a reader wants to know, in reading order."""
        area = self.subregion or self.region
        county = f", in {bodies()[self.county].name}" if self.county else ""
        became = ", ".join(bodies()[e].label for e in self.successors)
        before = ", ".join(bodies()[e].label for e in self.predecessors)
        facts = [
            ("E-code", self.ecode),
            ("ONS code", self.gss or "never had one"),
            ("class", CLASSES[self.council_class] + county),
            ("region", area),
            ("accounts held", f"{_print_year(self.first_year)} to {_print_year(self.last_year)}"),
            ("came from", before),
            ("became", became),
        ]
        return [(what, value) for what, value in facts if value]

    def __repr__(self) -> str:
        return f"<Council {self.label}>"

    def __str__(self) -> str:
        return "\n".join([self.name, *(f"  {what}: {value}" for what, value in self.facts())])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(what)}</th>"
            f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
            for what, value in self.facts()
        )
        return f"<table><caption>{html.escape(self.name)}</caption>{rows}</table>"


def _year_of_bodies(written: Any) -> int:
    """A year of which bodies are held; what is no year may be meant as a name."""
    try:
        year = read_year(written)
    except UnknownName as problem:
        raise UnknownName(problem.what, could=[can(Verb.COUNCILS, shown(written))]) from None
    first, last = _held()
    if not first <= year <= last:
        raise UnknownName(
            f"No councils are listed for {_print_year(year)}: give a year from "
            f"{_print_year(first)} to {_print_year(last)}."
        )
    return year


@door(ever=flag)
def council(query: str | int, year: int | Span | None = None, *, ever: bool = False) -> Council:
    """The one council that `query`, a code or a name, means.

    `year` is the year, or the first and last year, of which you speak: of bodies that share a name
    or code, only those count that existed in it, or in any part of it. With `ever`, a body that
    ended before or began later is found too where none of that name existed then.
    Raises UnknownCouncil, which names the candidates, rather than guess.
    """
    word, span = _asked(query), _span_of(year)
    found = _found(word, span)
    if not found and span and ever:
        found = _found(word, None)
    if len(found) == 1:
        return found[0]
    raise UnknownCouncil(refusal(word, span, found))


def council_each_year(
    query: str | int, first: int, last: int, *, ever: bool = False
) -> tuple[Council, ...]:
    """The bodies that `query` means in these years, in order: the one of each year.

    "Cornwall" is a county to 2008-09 and a unitary authority from 2009-10: two bodies, never in
    one year. `ever` is as for `council`. Raises UnknownCouncil where it is several in a year, or
    none in all of them.
    """
    word, known = _asked(query), _held()
    years = range(min(max(first, known[0]), known[1]), max(min(last, known[1]), known[0]) + 1)
    each = [_found(word, (year, year)) for year in years]
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


def _asked(query: str | int) -> str:
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
            f"{shown(query)} is no name or code of a council: give text."
        ) from None


def _span_of(year: int | Span | None) -> Span | None:
    if year is None:
        return None
    ends = year if isinstance(year, tuple | list) else (year, year)
    if len(ends) != 2:
        raise UnknownName(f"{shown(year)} is no span of years: give the first and the last.")
    first, last = map(read_year, ends)
    if last < first:
        raise UnknownName(f"The years {first} to {last} run backwards.")
    return first, last


@cache
def _found(word: str, span: Span | None) -> list[Council]:
    word = without_marks(word)
    return _by_code(word, span) or _by_name(word, span)


def _by_code(query: str, span: Span | None) -> list[Council]:
    """The bodies that held this code, narrowed by the years where the code was reused."""
    code = query.upper().removesuffix(".0")
    holders = _codes().get(code, {})
    if span is None:
        return [bodies()[code]] if code in holders else [bodies()[e] for e in holders]
    first, last = span
    dated = [e for e, spans in holders.items() if any(a <= last and first <= b for a, b in spans)]
    living = [e for e in holders if e in dated or bodies()[e].alive(first, last)]
    if len(living) > 1 and dated:
        living = dated
    return [bodies()[e] for e in living]


def _by_name(query: str, span: Span | None) -> list[Council]:
    """The bodies with this name, altered as little as finds one; those of the years if given."""
    folded = fold(query)
    return _read_as([folded], span) or _read_as(written_out(folded), span)


def _read_as(names: list[str], span: Span | None) -> list[Council]:
    """The bodies that one of these names means, with as few words taken off as finds one."""
    every = sorted((r for name in names for r in readings(name)), key=lambda r: r.taken)
    for _, alike in itertools.groupby(every, key=lambda r: r.taken):
        named = {e: r for r in alike for e in _names().get(r.core, ()) if _fits(e, r.kinds)}
        found = [bodies()[e] for e in named if span is None or bodies()[e].alive(*span)]
        if found:
            return found
    return []


def _fits(ecode: str, kinds: frozenset[str]) -> bool:
    """Whether a body may be called by these words of kind, as kind_words.csv says."""
    return kinds <= _kinds_of(ecode)


@cache
def _kinds_of(ecode: str) -> frozenset[str]:
    of_class = kind_words().get(bodies()[ecode].council_class, frozenset())
    return of_class | kind_words().get(ecode, frozenset())


def refusal(query: str, span: Span | None, found: list[Council]) -> str:
    """Why there is no answer, and what to ask instead."""
    if found:
        return _several(query, span, found)
    if query.upper() in _misprints():
        body = bodies()[_misprints()[query.upper()]]
        return f"{query!r} is printed for {body.label} by mistake: use {body.gss or body.ecode}."
    if span is not None and (ever := _found(query, None)):
        return f"{query!r} was no council in {_print_span(span)}: " + "; ".join(map(_life, ever))
    if hint := _of_another_kind(query):
        return hint
    parts = _longer(fold(without_marks(query)))
    if 0 < len(parts) <= MOST_HINTS:
        return f"No council is called {query!r}. Is it " + " or ".join(b.label for b in parts) + "?"
    return f"No council is called {query!r}.{_nearest(query)} `councils` lists them all."


def _several(query: str, span: Span | None, found: list[Council]) -> str:
    """That a name is of more than one body, and what would tell them apart."""
    names = " and ".join(body.label for body in found)
    apart = len({(body.first_year, body.last_year) for body in found}) > 1
    long = span is None or span[0] < span[1]
    ask = "give a code, or a year" if apart and long else "give the full name or a code"
    when = "" if span is None else f" in {_print_span(span)}"
    return f"{query!r} is more than one council{when}: {names}; {ask}."


def _of_another_kind(query: str) -> str:
    """That a word of kind does not fit the body of the name, and what may be meant; "" if none."""
    folded = fold(without_marks(query))
    for reading in (r for name in (folded, *written_out(folded)) for r in readings(name)):
        others = [bodies()[e] for e in _names().get(reading.core, ()) if reading.kinds]
        if others:
            wrong = sorted(set().union(*(reading.kinds - _kinds_of(b.ecode) for b in others)))
            said = " or ".join(body.label for body in others)
            near = _alike(reading)
            fit = f"{' and '.join(map(repr, wrong))} {'does' if len(wrong) == 1 else 'do'} not fit"
            return f"No council is called {query!r}: {fit} {said}.{near}"
    return ""


def _alike(reading: Reading) -> str:
    """The names of bodies of the kind that hold this name, or are nearest to it, as a question."""
    kind = [body for body in bodies().values() if _fits(body.ecode, reading.kinds)]
    shown = {fold(body.name): body.name for body in kind}
    near = [name for name in shown if _word_in(reading.core, name)][:MOST_HINTS]
    near = near or difflib.get_close_matches(reading.core, shown, cutoff=0.7)
    return _question([shown[name] for name in near])


def _longer(folded: str) -> list[Council]:
    """The bodies of which this is a part of the name, or the name without what they are."""
    bare = [bodies()[e] for e in _bare_names().get(folded, ())]
    parts = [b for b in bodies().values() if folded and _word_in(folded, fold(b.name))]
    return list(dict.fromkeys([*bare, *parts]))


def _nearest(query: str) -> str:
    """The nearest names, compared without case and words of kind, as a question."""
    shortest = [reading.core for reading in readings(fold(query))][-1:]
    shown = {fold(body.name): body.name for body in bodies().values()}
    near = difflib.get_close_matches(shortest[0] if shortest else "", shown, n=3, cutoff=0.7)
    return _question([shown[n] for n in near])


def _question(names: list[str]) -> str:
    return f" Did you mean {' or '.join(map(repr, names))}?" if names else ""


def _word_in(part: str, whole: str) -> bool:
    return f" {part} " in f" {whole} "


def _life(body: Council) -> str:
    became = " and ".join(bodies()[e].label for e in body.successors)
    return body.label + (f", then {became}" if became else "") + "."


def _print_span(span: Span) -> str:
    return " to ".join(_print_year(year) for year in dict.fromkeys(span))


def _print_year(year: int) -> str:
    return f"{year}-{(year + 1) % 100:02d}"


def _gather(table: str, key: str, value: str, rows: Iterable[dict] | None = None) -> dict:
    """Key -> every value that stands beside it, in the file's order."""
    gathered: dict[str, list[str]] = {}
    for row in rows_of(table) if rows is None else rows:
        gathered.setdefault(row[key], []).append(row[value])
    return {k: tuple(values) for k, values in gathered.items()}


@cache
def bodies() -> dict[str, Council]:
    """Every body by its E-code."""
    codes = _gather("codes", "ecode", "code", _true_codes())
    spelt = _gather("spellings", "ecode", "spelling")
    before = _gather("successions", "successor", "predecessor")
    after = _gather("successions", "predecessor", "successor")
    return {
        (e := row["ecode"]): Council(
            e, row["gss"], row["council"], row["class"], row["kind"], row["region"],
            row["subregion"], row["county"], int(row["first_year"]), int(row["last_year"]),
            codes[e], spelt[e], before.get(e, ()), after.get(e, ()),
        )
        for row in rows_of("councils")
    }  # fmt: skip


@cache
def _held() -> tuple[int, int]:
    """The first and the last year of which accounts are held."""
    rows = rows_of("councils")
    return min(int(r["first_year"]) for r in rows), max(int(r["last_year"]) for r in rows)


@cache
def _true_codes() -> tuple[dict[str, str], ...]:
    return tuple(row for row in rows_of("codes") if row["system"] != "misprint")


@cache
def _codes() -> dict[str, dict[str, list[tuple[int, int]]]]:
    """Code -> the bodies that held it -> the years in which finance files print it."""
    holders: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for row in _true_codes():
        spans = holders.setdefault(row["code"], {}).setdefault(row["ecode"], [])
        if row["first_seen"]:
            spans.append((int(row["first_seen"]), int(row["last_seen"])))
    return holders


@cache
def _misprints() -> dict[str, str]:
    """Codes that a publisher printed for a body by mistake, where no other body has them."""
    wrong = {row["code"]: row["ecode"] for row in rows_of("codes") if row["system"] == "misprint"}
    return {code: ecode for code, ecode in wrong.items() if code not in _codes()}


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Folded spelling -> the bodies that bear it; of what is no council, only what says so."""
    return _by_spelling(says_its_kind=True)


@cache
def _bare_names() -> dict[str, tuple[str, ...]]:
    """Folded spelling -> the bodies, no councils, that are printed so without what they are."""
    return _by_spelling(says_its_kind=False)


def _by_spelling(says_its_kind: bool) -> dict[str, tuple[str, ...]]:
    names: dict[str, dict[str, None]] = {}
    for table, column in (("councils", "council"), ("spellings", "spelling")):
        for row in rows_of(table):
            folded = fold(row[column])
            if _says_its_kind(row["ecode"], folded) is says_its_kind:
                names.setdefault(folded, {})[row["ecode"]] = None
    return {name: tuple(bodies) for name, bodies in names.items()}


def _says_its_kind(ecode: str, folded: str) -> bool:
    """Whether a name is a council's, or says what other body it is: fire, police, a park."""
    body = bodies()[ecode]
    must = kind_words("must")
    needed = must.get(body.kind, frozenset()) | must.get(ecode, frozenset())
    return body.council_class != "O" or not needed.isdisjoint(folded.split())
