"""Which coopstats, which tables: what a citation and an archive say of themselves."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterable

from coopstats.datasets.table import about

TITLE = "coopstats: cuts and co-operatives in English councils"
AUTHORS = "The coopstats contributors"
SHOWN = 8  # characters of a digest; enough to tell any two builds apart


def version() -> str:
    """The version of the program, as in CITATION.cff."""
    return importlib.metadata.version("coopstats")


def digest(tables: Iterable[str]) -> str:
    """Eight characters that change when a row of any of these built tables does."""
    told = [
        (entry["table"], entry["year"], entry["rows"], entry["digest"])
        for table in sorted(tables)
        for entry in about(table)["fingerprint"]
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:SHOWN]


def citation(tables: Iterable[str]) -> str:
    """A line to cite these tables by."""
    return f"{AUTHORS}, {TITLE}, version {version()}, tables {digest(tables)}."
