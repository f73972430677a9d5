"""The register's files as rows of words, for everything below the tables."""

from __future__ import annotations

import csv
from functools import cache

from coopstats.paths import register_dir


@cache
def rows_of(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a file of the register, all text (csv: pandas costs four times as long here)."""
    with open(register_dir() / f"{name}.csv", encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def parts(cell: str) -> list[str]:
    """The items of a cell that lists several: "a; b"."""
    return [part.strip() for part in cell.split(";") if part.strip()]
