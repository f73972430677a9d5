"""Cite this number: figure, definition, unit, publication and cell, licence, and whose program."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from coopstats.core.flags import FLAGS
from coopstats.core.phrases import some
from coopstats.datasets import release
from coopstats.datasets.figures import Figure, Step
from coopstats.datasets.load import load
from coopstats.datasets.table import about, open_table

MOST = 12  # cells that a citation lists; `coopstats trace` lists them all
SHORT = 16  # characters of a sha256


@dataclass(frozen=True)
class Citation:
    """One number as one cites it: prints as text; `csl()` is for reference managers."""

    figure: Figure
    how: str
    steps: tuple[Step, ...]
    doubts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        figure = self.figure
        lines = [
            f"{figure.words}: {figure.amount} ({figure.flag}: {FLAGS[figure.flag]}).",
            f"Definition: {definition(figure)}.",
            *([f"How: {self.how}"] if self.how else []),
            *(f"Source: {_source(steps)}" for steps in self._by_sheet().values()),
            *(f"Correction: {words}." for words in self._corrections()),
            *self.doubts,
            f"By: {release.citation([figure.table])}",
        ]
        return "\n".join(lines)

    def csl(self) -> list[dict[str, Any]]:
        """The publications and this program as CSL-JSON, which Zotero and pandoc read."""
        figure = self.figure
        cited = [_item(figure, steps) for steps in self._by_sheet().values()]
        return [*cited, _program(figure)]

    def json(self) -> str:
        """The same as text."""
        return json.dumps(self.csl(), ensure_ascii=False, indent=1)

    def _by_sheet(self) -> dict[tuple[str, str], list[Step]]:
        """The printed figures, those of one sheet together."""
        found: dict[tuple[str, str], list[Step]] = {}
        for step in self.steps:
            found.setdefault((step.source["sha256"], step.sheet), []).append(step)
        return found

    def _corrections(self) -> list[str]:
        return [step.correction for step in self.steps if step.correction]


def definition(figure: Figure) -> str:
    """What the number is of: the table, its column and basis, and what the line's name means."""
    said = about(figure.table)
    told = [f"table {figure.table} ({said['title']})"]
    item = _in_dictionary(figure)
    if item is None:
        told.append(said["columns"][said["value"]])
    if figure.basis:
        told.append(f"basis {figure.basis}")
    if figure.service:
        told.append(f"{figure.service}: {item or _as_printed(figure)}")
    return "; ".join(told)


def _in_dictionary(figure: Figure) -> str | None:
    """What the dictionary says of an item, or of how a derived line is made."""
    said = about(figure.table)
    derived = said.get("derivations", {}).get(figure.service)
    if derived:
        return derived[1]
    described = said["columns"].get(open_table(figure.table).line_column, "")
    found = re.search(rf"(?:^|; ){re.escape(figure.service)}: (.*?)(?=; \w+: |$)", described)
    return found[1] if figure.service and found else None


def _as_printed(figure: Figure) -> str:
    """The headings that the line was printed under in that year."""
    rows = load("lines", year=figure.year)
    rows = rows[(rows["table"] == figure.table) & (rows["service"] == figure.service)]
    headings = list(dict.fromkeys(rows["heading"].dropna()))
    if headings:
        return "printed as " + " or ".join(f"“{heading}”" for heading in headings)
    table = open_table(figure.table)
    return table.columns[table.line_column]


def _source(steps: list[Step]) -> str:
    source = steps[0].source
    carrier = f", our copy via {source['carrier']}" if source["carrier"] else ""
    return (
        f"{source['citation']}, {_place(steps)}; {source['licence']}; "
        f"{source['address'] or source['page']}{carrier}; sha256 {source['sha256'][:SHORT]}."
    )


def _place(steps: list[Step]) -> str:
    """Sheet and cells."""
    cells = list(dict.fromkeys(step.cell for step in steps if step.cell))
    return f"{steps[0].sheet!r}, {some(cells, MOST) or 'no cell of its own'}"


def _item(figure: Figure, steps: list[Step]) -> dict[str, Any]:
    """One publication as an item of CSL-JSON."""
    source = steps[0].source
    return {
        "id": f"{source['sha256'][:SHORT]}-{steps[0].cell}",
        "type": "dataset",
        "title": source["title"],
        "publisher": source["publisher"],
        "version": source["vintage"],
        "URL": source["address"] or source["page"],
        "license": source["licence"],
        "note": "; ".join(
            filter(
                None,
                [
                    source["period"],
                    _place(steps),
                    figure.words,
                    figure.doubt and f"in doubt: {figure.doubt}",
                    f"sha256 {source['sha256']}",
                ],
            )
        ),
    }


def _program(figure: Figure) -> dict[str, Any]:
    return {
        "id": f"coopstats-{release.version()}-{release.digest([figure.table])}",
        "type": "software",
        "title": release.TITLE,
        "author": [{"literal": release.AUTHORS}],
        "version": f"{release.version()}, table {figure.table} {release.digest([figure.table])}",
        "note": f"{figure.words}: {figure.amount}. {definition(figure)}",
    }
