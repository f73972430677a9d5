"""Lists and plurals in a sentence: the one way in which the project writes them."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 6  # names in a sentence before the rest are counted


def number_of(how_many: int, thing: str, things: str | None = None) -> str:
    """'1 council', '12 councils'; 'things' where its plural is no plain one."""
    return f"{how_many:,} {thing if how_many == 1 else things or plural(thing)}"


def plural(thing: str) -> str:
    """'councils', 'authorities'."""
    return f"{thing[:-1]}ies" if thing.endswith("y") else f"{thing}s"


def listed(names: Sequence[str], last: str = "and") -> str:
    """'a', 'a and b', 'a, b and c'; nothing of none."""
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def some(names: Sequence[str], most: int = MOST, things: str = "more") -> str:
    """All names where they are few, else the first with a count of the rest: 'a, b and 3 more'."""
    more = f" and {len(names) - most:,} {things}" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def sentence(text: str) -> str:
    """The text with a full stop if it has no closing mark."""
    stripped = text.strip()
    return stripped if not stripped or stripped[-1] in ".!?" else stripped + "."
