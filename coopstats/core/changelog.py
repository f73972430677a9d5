"""CHANGELOG.md as a record: which published numbers changed, and what explains one that moved.

A change stands under "### Numbers that changed" of a version, one bullet each. An entry explains a
number that moved when it has the number's name, its old value and its new one in one bullet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from coopstats.core import paths
from coopstats.core.errors import NumbersMoved

HEADING = "Numbers that changed"


@dataclass(frozen=True)
class Moved:
    """A published number that is no longer the recorded one, and the words that would explain it.

    `what` is a sentence for people; an entry of CHANGELOG.md must have all of `words`. What is
    new moved nothing: it has no words, and needs no entry.
    """

    what: str
    words: tuple[str, ...]

    @property
    def entry(self) -> str:
        """The entry that is missing, but for its reason."""
        return f"- {', '.join(self.words)}: WHY"


@dataclass(frozen=True)
class Version:
    """One version of CHANGELOG.md and the changes of numbers that it records."""

    name: str
    entries: tuple[str, ...]


def versions() -> list[Version]:
    """Every version, the newest first."""
    file = paths.home() / "CHANGELOG.md"
    return list(_versions(file.read_text(encoding="utf-8"))) if file.exists() else []


def _versions(text: str) -> Iterator[Version]:
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        name, *sections = re.split(r"^### ", part, flags=re.MULTILINE)
        told = [s.partition("\n")[2] for s in sections if s.partition("\n")[0] == HEADING]
        bullets = re.findall(r"^- (.*)$", "\n".join(told), flags=re.MULTILINE)
        yield Version(name.partition("\n")[0].strip(), tuple(bullets))


def unexplained(moved: Iterable[Moved]) -> list[Moved]:
    """Those that no entry of the newest version explains; what is new needs none."""
    newest = versions()[:1]
    entries = newest[0].entries if newest else ()
    return [m for m in moved if m.words and not any(_explains(entry, m) for entry in entries)]


def require(moved: Iterable[Moved]) -> None:
    """Raise NumbersMoved, with the entries that are missing, unless every number is explained."""
    missing = unexplained(moved)
    if missing:
        raise NumbersMoved(
            f"{len(missing)} published numbers moved and CHANGELOG.md does not say why. Under "
            f"“### {HEADING}” of the newest version write, each with its reason:\n"
            + "\n".join(m.entry for m in missing)
        )


def _explains(entry: str, moved: Moved) -> bool:
    return all(re.search(_whole(words), entry) for words in moved.words)


def _whole(words: str) -> str:
    """A pattern for these words and not for a part of a longer number."""
    return rf"(?<![\w.,]){re.escape(words)}(?!\w|[.,]\d)"
