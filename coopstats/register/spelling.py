"""How a council's name is written, and taken apart: footnote marks, abbreviations, words of kind.

"Lancaster City Council" is *Lancaster* with the word of kind *city*. A word of kind is never
thrown away: `kinds` says which bodies it fits, and `council` asks.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from coopstats.register.reader import rows_of

# Any council may be called so; they do not tell what kind it is.
PLAIN = {"council", "authority", "local", "the"}
KINDS = frozenset(
    ("borough", "city", "county", "district", "london", "metropolitan", "royal", "unitary")
)
COME_OFF = KINDS | PLAIN
MOST_READINGS = 64  # of a name with several abbreviations: more is no name

_BRACKETED = re.compile(
    r"\s*[\[(]\s*(?:[a-z]|\d{1,2}|(?:see )?(?:foot)?notes? ?[\w, ]*)\s*[\])]$", re.IGNORECASE
)
_RAISED = re.compile(r"[¹²³⁰⁴-⁹ª†‡§*#^~]+")
_NUMBER = re.compile(r"(?<=[a-z])\d{1,2}$", re.IGNORECASE)  # a raised number that lost its place


class Reading(NamedTuple):
    """One way to read a name: what is left, its words of kind, how many words were taken off."""

    core: str
    kinds: frozenset[str]
    taken: int


@cache
def fold(text: str) -> str:
    """A name without case, punctuation, '&' for 'and', or double blanks."""
    text = text.casefold().replace("&", " and ").replace("'", "").replace("’", "")
    return " ".join(re.sub(r"[^\w]+", " ", text).split())


def without_marks(text: str) -> str:
    """A name without footnote marks: "(d)", "*", "[note 3]", a raised number; nor unseen signs."""
    text = "".join(c if unicodedata.category(c) != "Cf" else "" for c in text)
    text, before = _RAISED.sub(" ", text).strip(), None
    while text != before:
        before, text = text, _BRACKETED.sub("", text)
    return _NUMBER.sub("", text)


@cache
def readings(folded: str) -> tuple[Reading, ...]:
    """How a folded name may be read, as written and with its words of kind off; the least first."""
    queue = [Reading(folded, frozenset(), 0)]
    found: set[Reading] = set()
    while queue:
        reading = queue.pop(0)
        if reading.core and reading not in found:
            found.add(reading)
            queue += _shorter(reading)
    return tuple(sorted(found, key=lambda r: (r.taken, r.core)))


def written_out(folded: str) -> list[str]:
    """The name with its abbreviations in full, in every way in which they can be; itself not."""
    choices = [(*_long_forms().get(word, ()), word) for word in folded.split()]
    every = (" ".join(words) for words in itertools.product(*choices))
    return [name for name in itertools.islice(every, MOST_READINGS) if name != folded]


def _shorter(reading: Reading) -> Iterator[Reading]:
    """The reading with one more word of kind off its end, or those before an "of" off either."""
    words = reading.core.split()
    if len(words) > 1 and words[-1] in COME_OFF:
        yield _less(reading, words[:-1], words[-1:])
    if words[0] == "the":
        yield _less(reading, words[1:], words[:1])
    if "of" in words[1:]:
        first = words.index("of", 1)
        if all(word in COME_OFF | {"and"} for word in words[:first]):
            yield _less(reading, words[first + 1 :], words[: first + 1])
    if words[-1] == "of":
        start = len(words) - 1
        while start and words[start - 1] in COME_OFF | {"and"}:
            start -= 1
        yield _less(reading, words[:start], words[start:])
    if words[-1] == "and" and reading.taken:
        yield _less(reading, words[:-1], ["and"])


def _less(reading: Reading, left: list[str], off: list[str]) -> Reading:
    kinds = reading.kinds | set(off) - PLAIN - {"of", "and"}
    return Reading(" ".join(left), frozenset(kinds), reading.taken + len(off))


@cache
def _long_forms() -> dict[str, tuple[str, ...]]:
    """An abbreviation → what it may stand for."""
    forms: dict[str, tuple[str, ...]] = {}
    for row in rows_of("abbreviations"):
        forms[row["short"]] = (*forms.get(row["short"], ()), row["long"])
    return forms
