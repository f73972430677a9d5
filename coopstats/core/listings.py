"""Lists of the register: each prints as a table, shows as one in a notebook, and has a frame."""

from __future__ import annotations

import html
import textwrap
from typing import Any

import pandas as pd

WIDEST, WHOLE = 44, 400


class Listing(tuple):
    """Things of one kind; `.frame` is the DataFrame, with every column."""

    __slots__ = ()
    shown: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """One row a thing."""
        return pd.DataFrame([thing.row() for thing in self])

    def __repr__(self) -> str:
        if not self:
            return "None."
        return table_text(self.frame[list(self.shown)])

    def _repr_html_(self) -> str:
        return table_html([dict(row) for _, row in self.frame[list(self.shown)].iterrows()])


class Table:
    """A frame of words that shows them whole: pandas would cut a long cell in a notebook."""

    def __init__(self, frame: pd.DataFrame):
        self.frame = frame

    def __repr__(self) -> str:
        return table_text(self.frame, WHOLE)

    def _repr_html_(self) -> str:
        return table_html([dict(row) for _, row in self.frame.iterrows()])


def table_text(rows: pd.DataFrame, widest: int = WIDEST) -> str:
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


def table_html(rows: list[dict[str, Any]]) -> str:
    """Rows as an HTML table, every word escaped."""
    head = "".join(f"<th style='text-align:left'>{_safe(name)}</th>" for name in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{_safe(v)}</td>" for v in row.values())
        + "</tr>"
        for row in rows
    )  # fmt: skip
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _safe(value: Any) -> str:
    return html.escape("" if value is None else str(value))


def page_text(title: str, facts: list[tuple[str, str]], wide: int = 100) -> str:
    """A title and what is to be said of it, one fact a paragraph, in lines of this width."""
    lines = [title]
    for what, words in facts:
        lines.append(textwrap.fill(f"{what}: {words}", wide, initial_indent="  ",
                                   subsequent_indent="    ", break_long_words=False,
                                   break_on_hyphens=False))  # fmt: skip
    return "\n".join(lines)


def page_html(title: str, facts: list[tuple[str, str]]) -> str:
    """The same as a table for a notebook."""
    rows = "".join(
        f"<tr><th style='text-align:left;vertical-align:top'>{_safe(what)}</th>"
        f"<td style='text-align:left'>{_safe(words)}</td></tr>"
        for what, words in facts
    )
    return f"<table><caption>{_safe(title)}</caption>{rows}</table>"
