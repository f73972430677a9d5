"""Sentences that are results: shown as a list, compared word by word when CI runs a notebook."""

from __future__ import annotations

import html

from coopstats.core.doors import count, door
from coopstats.core.printable import plain


class Sentences(tuple):
    """Plain English sentences; prints one a line and shows as a list in a notebook."""

    __slots__ = ()

    @door(how_many=count(1))
    def first(self, how_many: int = 3) -> Sentences:
        """The first few."""
        return Sentences(self[:how_many])

    def __repr__(self) -> str:
        return plain("\n".join(self))

    def _repr_html_(self) -> str:
        return "<ul>" + "".join(f"<li>{html.escape(s)}</li>" for s in self) + "</ul>"
