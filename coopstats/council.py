"""Councils: one legal body through time, found by any code it had or any spelling seen of it.

A body is known by its MHCLG E-code, the only key that every finance file prints. The register
(coopstats/register/councils.csv, codes.csv, spellings.csv, successions.csv) holds every English
body with a row in the Revenue Outturn Summaries of 2007-08 to 2023-24.
"""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from coopstats.doors import a, door, maybe, one_of, word
from coopstats.errors import UnknownCouncil, UnknownName
from coopstats.registry import rows_of
from coopstats.terminal import shown
from coopstats.years import read_year

CLASSES = {
    "L": "London borough",
    "MD": "metropolitan district",
    "UA": "unitary authority",
    "SC": "shire county",
    "SD": "shire district",
    "O": "other authority",
}

# What people and publishers wrap around a council's name; taken off one word at a time.
ENDINGS = {
    "ua", "council", "authority", "borough", "city", "county", "district", "metropolitan",
    "london", "royal", "lb", "mbc", "mdc", "cc", "dc", "bc",
}  # fmt: skip
OPENINGS = ("the", "london borough of", "royal borough of", "metropolitan borough of",
            "borough of", "city of", "city and county of", "county of", "lb")  # fmt: skip


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

    @door(year=read_year)
    def alive(self, year: int) -> bool:
        """Whether it existed in that financial year; the first and last held years extend."""
        first, last = _span()
        return self.first_year <= min(max(year, first), last) <= self.last_year

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
        raise UnknownName(f"{problem} For a name: councils(query={shown(written)}).") from None
    first, last = _span()
    if not first <= year <= last:
        raise UnknownName(
            f"No councils are listed for {_print_year(year)}: give a year from "
            f"{_print_year(first)} to {_print_year(last)}."
        )
    return year


@door(query=a(str, "write the name or code in quotes"), year=maybe(read_year))
def council(query: str, year: int | None = None) -> Council:
    """The one council that `query`, a code or a name, means; in `year` where the name was shared.

    Raises UnknownCouncil, which names the candidates, rather than guess.
    """
    found = _by_code(query, year) or _by_name(query, year)
    if len(found) == 1:
        return found[0]
    raise UnknownCouncil(_refusal(query, year, found))


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


@cache
def fold(text: str) -> str:
    """A name without case, punctuation, '&' for 'and', or double blanks."""
    text = text.casefold().replace("&", " and ").replace("'", "").replace("’", "")
    return " ".join(re.sub(r"[^\w]+", " ", text).split())


def _shorter(name: str) -> Iterable[str]:
    """The folded name, then with its wrappings taken off, the least altered first."""
    queue, seen = [name], set()
    while queue:
        text = queue.pop(0)
        if not text or text in seen:
            continue
        seen.add(text)
        yield text
        words = text.split()
        if words[-1] in ENDINGS:
            queue.append(" ".join(words[:-1]))
        queue += [text[len(o) + 1 :] for o in OPENINGS if text.startswith(o + " ")]


def _by_code(query: str, year: int | None) -> list[Council]:
    """The bodies that held this code, narrowed by year where the code was reused."""
    code = query.strip().upper()
    holders = _codes().get(code, {})
    if year is None:
        return [bodies()[code]] if code in holders else [bodies()[e] for e in holders]
    dated = [e for e, spans in holders.items() if any(a <= year <= b for a, b in spans)]
    living = [e for e in holders if e in dated or bodies()[e].alive(year)]
    if len(living) > 1 and dated:
        living = dated
    return [bodies()[e] for e in living]


def _by_name(query: str, year: int | None) -> list[Council]:
    """The bodies with this name, altered as little as finds one; those of the year if given."""
    for name in _shorter(fold(query)):
        named = [bodies()[e] for e in _names().get(name, ())]
        if year is not None:
            named = [body for body in named if body.alive(year)]
        if named:
            return named
    return []


def _refusal(query: str, year: int | None, found: list[Council]) -> str:
    """Why there is no answer, and what to ask instead."""
    if found:
        names = " and ".join(body.label for body in found)
        apart = len({(body.first_year, body.last_year) for body in found}) > 1
        ask = "give a code, or a year" if apart and year is None else "give the full name or a code"
        return f"{query!r} is more than one council: {names}; {ask}."
    if query.strip().upper() in _misprints():
        body = bodies()[_misprints()[query.strip().upper()]]
        return f"{query!r} is printed for {body.label} by mistake: use {body.gss or body.ecode}."
    if year is not None and (ever := _by_code(query, None) or _by_name(query, None)):
        return f"{query!r} was no council in {_print_year(year)}: " + "; ".join(map(_life, ever))
    parts = [b for b in bodies().values() if fold(query) and _word_in(fold(query), fold(b.name))]
    if 0 < len(parts) <= 6:
        return f"No council is called {query!r}. Is it " + " or ".join(b.label for b in parts) + "?"
    return f"No council is called {query!r}.{_nearest(query)} `councils` lists them all."


def _nearest(query: str) -> str:
    """The nearest names, compared without case and wrappings, as a question."""
    shown = {fold(body.name): body.name for body in bodies().values()}
    shortest = list(_shorter(fold(query)))[-1:]
    near = difflib.get_close_matches(shortest[0] if shortest else "", shown, n=3, cutoff=0.7)
    return f" Did you mean {' or '.join(repr(shown[n]) for n in near)}?" if near else ""


def _word_in(part: str, whole: str) -> bool:
    return f" {part} " in f" {whole} "


def _life(body: Council) -> str:
    became = " and ".join(bodies()[e].label for e in body.successors)
    return body.label + (f", then {became}" if became else "") + "."


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
def _span() -> tuple[int, int]:
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
    """Folded spelling -> the bodies that bear it."""
    names: dict[str, dict[str, None]] = {}
    for table, column in (("councils", "council"), ("spellings", "spelling")):
        for row in rows_of(table):
            names.setdefault(fold(row[column]), {})[row["ecode"]] = None
    return {name: tuple(bodies) for name, bodies in names.items()}
