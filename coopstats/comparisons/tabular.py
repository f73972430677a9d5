"""A comparison for programs: all that its print holds, as one tree and as one long table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from coopstats.comparisons.comparison import Comparison
from coopstats.register.councils import bodies

COLUMNS = ["part", "line", "name", "year", "what", "value", "words"]
ASKED = ("baseline", "draws", "seed", "description")
NAMED_BY: dict[str, tuple[str, ...]] = {
    "councils": ("council",), "summary": (), "path": ("period",), "weights": ("council", "donor"),
    "choices": ("choice",), "without_one": ("ecode",), "left_out": ("beside", "ecode"),
}  # fmt: skip


def tree(found: Comparison) -> dict[str, Any]:
    """Everything by name: what was asked, the summary, path, weights, choices, words, sources."""
    return {
        "lines": list(found.lines),
        "baseline": found.choices.baseline,
        "draws": found.choices.draws,
        "seed": found.choices.seed,
        "description": found.description,
        "councils": [_case(case) for case in found.cases],
        "summary": _plain(found.summary),
        "path": _plain(found.frame),
        "weights": _plain(found.weights),
        "choices": _plain(found.checks),
        "without_one": _plain(found.leave_one_out()),
        "left_out": _plain(_left_out(found)),
        "sentences": list(found.sentences()),
        "warnings": list(found.design.warnings),
        "steps": list(found.design.steps),
        "sources": list(_sources(found)),
    }


def _case(case: Any) -> dict[str, Any]:
    kind = bodies()[case.ecode].council_class
    return {
        "ecode": case.ecode, "council": case.name, "class": kind, "start": case.start,
        "before": list(case.before), "after": list(case.after), "donors": list(case.donors),
    }  # fmt: skip


def _left_out(found: Comparison) -> pd.DataFrame:
    parts = [peers.left_out.assign(beside=code) for code, peers in found.peers.items()]
    return pd.concat(parts, ignore_index=True)


def _sources(found: Comparison) -> dict[str, None]:
    panels = found.estimate.question.panels
    return dict.fromkeys(source for panel in panels for source in panel.sources)


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of plain values; what is missing or without bound is None."""
    clean = frame.astype(object).where(frame.notna(), None)
    rows = clean.to_dict("records")
    return [{str(k): _value(v) for k, v in row.items()} for row in rows]


def _value(cell: Any) -> Any:
    if isinstance(cell, bool) or cell is None or isinstance(cell, str):
        return cell
    number = cell.item() if hasattr(cell, "item") else cell
    return None if number in (float("inf"), float("-inf")) else number


def table(found: Comparison) -> pd.DataFrame:
    """The same as rows of part, line, name, year, what, value, words."""
    return pd.DataFrame(_cells(tree(found)), columns=COLUMNS)


def _cells(told: dict[str, Any]) -> Iterator[tuple]:
    yield from _of_row("asked", {what: told[what] for what in ASKED}, ())
    for part, naming in NAMED_BY.items():
        for row in told[part]:
            yield from _of_row(part, row, naming)
    for part in ("sentences", "warnings", "steps", "sources"):
        for place, words in enumerate(told[part], 1):
            yield part, "", str(place), None, "", None, words


def _of_row(part: str, row: dict[str, Any], naming: tuple[str, ...]) -> Iterator[tuple]:
    name = ", ".join(str(row[one]) for one in naming)
    if part == "path" and row.get("year") is None:
        name = f"{name}, year {row['event_year']}"
    for what, cell in row.items():
        if what in ("line", "year", *naming) or cell is None:
            continue
        if isinstance(cell, list):
            cell = "; ".join(map(str, cell))
        number = cell if isinstance(cell, int | float) and not isinstance(cell, bool) else None
        words = "" if number is not None else str(cell)
        yield part, row.get("line", ""), name, row.get("year"), what, number, words
