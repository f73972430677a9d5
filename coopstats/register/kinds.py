"""What kind of council a name says: which words of kind fit which body.

A word fits a body where its class has it, where a publication prints the body's name with it
(spellings.csv), or where kind_words.csv lists it with its source. The rest of a name is never
enough for a body that is no council: the same file says what such a name must say.
"""

from __future__ import annotations

from functools import cache

from coopstats.register.bodies import Council, bodies
from coopstats.register.reader import rows_of
from coopstats.register.spelling import fold, readings

MAY, MUST = "may", "must"
_NONE: frozenset[str] = frozenset()


@cache
def kinds_of(ecode: str) -> frozenset[str]:
    """The words of kind by which a body may be called: "borough" and "royal" of Greenwich."""
    body = bodies()[ecode]
    listed = _words_of(MAY)
    return listed.get(body.council_class, _NONE) | listed.get(ecode, _NONE) | printed_kinds(body)


def says_its_kind(ecode: str, folded: str) -> bool:
    """Whether a name is a council's, or says what other body it is: fire, police, a park."""
    body = bodies()[ecode]
    return body.council_class != "O" or not needed_by(body).isdisjoint(folded.split())


def needed_by(body: Council) -> frozenset[str]:
    """The words of which the name of a body that is no council must have one."""
    return _words_of(MUST).get(body.kind, _NONE) | _words_of(MUST).get(body.ecode, _NONE)


@cache
def _words_of(rule: str) -> dict[str, frozenset[str]]:
    """Class, kind or E-code → the words that kind_words.csv lists for it under a rule."""
    fitting: dict[str, set[str]] = {}
    for row in rows_of("kind_words"):
        if row["rule"] == rule:
            fitting.setdefault(row["of"], set()).add(row["word"])
    return {of: frozenset(words) for of, words in fitting.items()}


def printed_kinds(body: Council) -> frozenset[str]:
    """The words of kind that come off a name as printed and leave another name of the body."""
    if body.council_class == "O":
        return _NONE
    names = {fold(name) for name in (body.name, *body.spellings)}
    off = [r.kinds for name in names for r in readings(name) if r.core in names]
    return _NONE.union(*off)
