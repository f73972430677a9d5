"""What shows itself, as text at a prompt and as HTML in a notebook: pages, rows, sentences.

A page is a heading with facts under it, rows are a frame with every word to be read, sentences are
results in words. HTML is made here alone, so that every word in it is escaped.
"""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable
from typing import Any

import pandas as pd

from coopstats.core.doors import count, door
from coopstats.core.safe_text import for_terminal

SHORT, LONG = 44, 400  # letters of a cell before it is cut
NOTHING = "None."  # of a list without things

Facts = list[tuple[str, str]]


class FactSheet:
    """A heading, and what there is to know under it: one fact a paragraph or row."""

    @property
    def heading(self) -> str:
        """What the page is of."""
        raise NotImplementedError

    def facts(self) -> Facts:
        """What is known, each with its name, in reading order."""
        raise NotImplementedError

    def __str__(self) -> str:
        return page_text(self.heading, self.facts())

    def _repr_html_(self) -> str:
        return page_html(self.heading, self.facts())


class FactSheets(tuple):
    """Several pages, one under the other."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n\n".join(map(str, self))

    def _repr_html_(self) -> str:
        return "".join(page._repr_html_() for page in self)


class FullRows:
    """A frame of words with every cell whole: pandas would cut a long one in a notebook."""

    def __init__(self, frame: pd.DataFrame):
        self.frame = frame

    def __repr__(self) -> str:
        return rows_text(self.frame, LONG)

    def _repr_html_(self) -> str:
        return rows_html(self.frame)


class Listing(tuple):
    """Things of one kind, one a row; `.frame` is the DataFrame, with every column."""

    __slots__ = ()
    shown: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """One row a thing."""
        return pd.DataFrame([thing.row() for thing in self])

    def __repr__(self) -> str:
        return rows_text(self.frame[list(self.shown)]) if self else NOTHING

    def _repr_html_(self) -> str:
        return rows_html(self.frame[list(self.shown)]) if self else NOTHING


class Sentences(tuple):
    """Sentences that are results: one a line, and compared word by word when CI runs a notebook."""

    __slots__ = ()

    @door(how_many=count(1))
    def first(self, how_many: int = 3) -> Sentences:
        """The first few."""
        return Sentences(self[:how_many])

    def __repr__(self) -> str:
        return for_terminal("\n".join(self))

    def _repr_html_(self) -> str:
        return list_html(self)


# ── as text ──────────────────────────────────────────────────────────────────────────────────────


def rows_text(rows: pd.DataFrame, widest: int = SHORT) -> str:
    """Rows as a table for a terminal, columns flush left, cells beyond `widest` cut short."""
    cells = rows.astype(str).map(lambda words: _short(words, widest))
    wide = {name: max(len(name), *cells[name].str.len()) for name in cells}
    lines = [list(cells.columns), *cells.to_numpy().tolist()]
    return "\n".join(
        "  ".join(word.ljust(wide[name]) for name, word in zip(cells, line, strict=True)).rstrip()
        for line in lines
    )


def _short(words: str, widest: int) -> str:
    return textwrap.shorten(words, widest, placeholder=" …") if len(words) > widest else words


def page_text(heading: str, facts: Facts, wide: int = 100) -> str:
    """A heading and what is to be said of it, one fact a paragraph, in lines of this width."""
    lines = [heading]
    for what, words in facts:
        lines.append(textwrap.fill(f"{what}: {words}", wide, initial_indent="  ",
                                   subsequent_indent="    ", break_long_words=False,
                                   break_on_hyphens=False))  # fmt: skip
    return "\n".join(lines)


# ── as HTML ──────────────────────────────────────────────────────────────────────────────────────


def rows_html(rows: pd.DataFrame) -> str:
    """Rows as an HTML table."""
    head = "".join(f"<th style='text-align:left'>{escaped(name)}</th>" for name in rows)
    body = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{escaped(v)}</td>" for v in row) + "</tr>"
        for row in (dict(row).values() for _, row in rows.iterrows())
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def page_html(heading: str, facts: Facts) -> str:
    """A heading and the facts under it as an HTML table."""
    rows = "".join(
        f"<tr><th style='text-align:left;vertical-align:top'>{escaped(what)}</th>"
        f"<td style='text-align:left'>{escaped(words)}</td></tr>"
        for what, words in facts
    )
    return f"<table><caption>{escaped(heading)}</caption>{rows}</table>"


def list_html(sentences: Iterable[str], numbered: bool = False) -> str:
    """Sentences as an HTML list."""
    tag = "ol" if numbered else "ul"
    return f"<{tag}>{''.join(f'<li>{escaped(s)}</li>' for s in sentences)}</{tag}>"


def escaped(value: Any) -> str:
    """A value as HTML that shows it and nothing else; nothing of None."""
    return html.escape("" if value is None else str(value))
