"""Why a name or code is no one council, and which bodies may be meant."""

from __future__ import annotations

import difflib
from functools import cache

from coopstats.core.years import years_span
from coopstats.register.bodies import Council, bodies
from coopstats.register.kinds import kinds_of
from coopstats.register.name_index import Span, bodies_meant, misprints, named, named_bare
from coopstats.register.spelling import Reading, fold, readings, without_marks, written_out

MOST_HINTS = 6  # bodies named in a refusal


def refusal(query: str, span: Span | None, found: list[Council]) -> str:
    """Why there is no answer, and what to ask instead."""
    if found:
        return _several(query, span, found)
    if query.upper() in misprints():
        body = bodies()[misprints()[query.upper()]]
        return f"{query!r} is printed for {body.label} by mistake: use {body.gss or body.ecode}."
    if span is not None and (ever := bodies_meant(query, None)):
        return f"{query!r} was no council in {years_span(span)}: " + "; ".join(map(_lived, ever))
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
    when = "" if span is None else f" in {years_span(span)}"
    return f"{query!r} is more than one council{when}: {names}; {ask}."


def _of_another_kind(query: str) -> str:
    """That a word of kind does not fit the body of the name, and what may be meant; "" if none."""
    folded = fold(without_marks(query))
    for reading in (r for name in (folded, *written_out(folded)) for r in readings(name)):
        others = [bodies()[e] for e in named().get(reading.core, ()) if reading.kinds]
        if others:
            wrong = sorted(set().union(*(reading.kinds - kinds_of(b.ecode) for b in others)))
            said = " or ".join(body.label for body in others)
            near = _alike(reading)
            fit = f"{' and '.join(map(repr, wrong))} {'does' if len(wrong) == 1 else 'do'} not fit"
            return f"No council is called {query!r}: {fit} {said}.{near}"
    return ""


def _alike(reading: Reading) -> str:
    """The names of bodies of the kind that hold this name, or are nearest to it, as a question."""
    shown = _names_of_kind(reading.kinds)
    near = [name for name in shown if _word_in(reading.core, name)][:MOST_HINTS]
    near = near or difflib.get_close_matches(reading.core, shown, cutoff=0.7)
    return _question([shown[name] for name in near])


def _longer(folded: str) -> list[Council]:
    """The bodies of which this is a part of the name, or the name without what they are."""
    bare = [bodies()[e] for e in named_bare().get(folded, ())]
    parts = [bodies()[e] for e, name in _folded().items() if folded and _word_in(folded, name)]
    return list(dict.fromkeys([*bare, *parts]))


@cache
def _folded() -> dict[str, str]:
    """The folded name of every body by its E-code."""
    return {e: fold(body.name) for e, body in bodies().items()}


def _nearest(query: str) -> str:
    """The nearest names, compared without case and words of kind, as a question."""
    shortest = [reading.core for reading in readings(fold(query))][-1:]
    shown = _names_of_kind(frozenset())
    near = [n for core in shortest for n in difflib.get_close_matches(core, shown, cutoff=0.7)]
    return _question([shown[name] for name in near])


@cache
def _names_of_kind(kinds: frozenset[str]) -> dict[str, str]:
    """Folded name → name, of all bodies that may be called by these words of kind."""
    return {n: bodies()[e].name for e, n in _folded().items() if kinds <= kinds_of(e)}


def _question(names: list[str]) -> str:
    return f" Did you mean {' or '.join(map(repr, names))}?" if names else ""


def _word_in(part: str, whole: str) -> bool:
    return f" {part} " in f" {whole} "


def _lived(body: Council) -> str:
    became = " and ".join(bodies()[e].label for e in body.successors)
    return body.label + (f", then {became}" if became else "") + "."
