"""Which bodies a code or a name means, in a span of years: none, one or several."""

from __future__ import annotations

import itertools
from functools import cache

from coopstats.register.bodies import Council, bodies, codes_held
from coopstats.register.kinds import kinds_of, says_its_kind
from coopstats.register.reader import rows_of
from coopstats.register.spelling import fold, readings, without_marks, written_out

Span = tuple[int, int]  # the first and the last year meant


@cache
def bodies_meant(word: str, span: Span | None) -> list[Council]:
    """The bodies that had this code or name in these years; in any year where there is none."""
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
        fitting = {e: r for r in alike for e in named().get(r.core, ()) if _fits(e, r.kinds)}
        found = [bodies()[e] for e in fitting if span is None or bodies()[e].alive(*span)]
        if found:
            return found
    return []


def _fits(ecode: str, kinds: frozenset[str]) -> bool:
    """Whether a body may be called by these words of kind."""
    return kinds <= kinds_of(ecode)


@cache
def _codes() -> dict[str, dict[str, list[tuple[int, int]]]]:
    """Code -> the bodies that held it -> the years in which finance files print it."""
    holders: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for row in codes_held():
        spans = holders.setdefault(row["code"], {}).setdefault(row["ecode"], [])
        if row["first_seen"]:
            spans.append((int(row["first_seen"]), int(row["last_seen"])))
    return holders


@cache
def misprints() -> dict[str, str]:
    """Codes that a publisher printed for a body by mistake, where no other body has them."""
    wrong = {row["code"]: row["ecode"] for row in rows_of("codes") if row["system"] == "misprint"}
    return {code: ecode for code, ecode in wrong.items() if code not in _codes()}


@cache
def named() -> dict[str, tuple[str, ...]]:
    """Folded spelling -> the bodies that bear it; of what is no council, only what says so."""
    return _by_spelling(saying=True)


@cache
def named_bare() -> dict[str, tuple[str, ...]]:
    """Folded spelling -> the bodies, no councils, that are printed so without what they are."""
    return _by_spelling(saying=False)


def _by_spelling(saying: bool) -> dict[str, tuple[str, ...]]:
    names: dict[str, dict[str, None]] = {}
    for table, column in (("councils", "council"), ("spellings", "spelling")):
        for row in rows_of(table):
            folded = fold(row[column])
            if says_its_kind(row["ecode"], folded) is saying:
                names.setdefault(folded, {})[row["ecode"]] = None
    return {name: tuple(bodies) for name, bodies in names.items()}
