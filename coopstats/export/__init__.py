"""All tables as one archive, in five formats.

One module a format. The same tables give the same bytes, so that two people can compare what they
have. No figure is worked out or changed here.
"""

from __future__ import annotations

import importlib
import sqlite3
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from coopstats.core import files, paths, workers
from coopstats.core.doors import any_of, door, function, word
from coopstats.core.doors import folder as a_folder
from coopstats.core.errors import CoopstatsError, UnknownName, did_you_mean
from coopstats.datasets import release
from coopstats.datasets.load import load
from coopstats.datasets.table import about, open_table, some_built

FORMATS = ("parquet", "csv", "workbook", "stata", "sqlite")
BESIDE = (
    "CITATION.cff",
    "DATA-LICENCES.md",
    "LICENSE",
    "GLOSSARY.md",
    "METHOD.md",
    "docs/data_dictionary.md",
    "docs/errata.md",
)
README = """{citation}

Cite that, and the publication that the column `source` of your figure names: datapackage.json has
each with its address and licence, and DATA-LICENCES.md the attributions that the licences ask for.

{formats}
schemas/            the columns of each table; docs/data_dictionary.md has the same for people
breaks.csv          where a line changes its meaning, and whether it can be made like for like
METHOD.md           how each number was made, and what it cannot tell you

A figure that is not there is empty, never 0, and the column `flag` says why. Where the column
`doubt` has a word, a general rule finds the figure odd; it is left as printed. In CSV and workbook
a text that begins with =, +, - or @ has an apostrophe before it. docs/errata.md says how to report
a wrong number, and which have changed.
"""
TOLD = {
    "parquet": "parquet/            for pandas, R's arrow, DuckDB",
    "csv": "csv/                opens anywhere; packed (.csv.gz) where a table is long",
    "workbook": "coopstats.xlsx      all but the longest tables: begin with its notes",
    "stata": "stata/              Stata 14 and later, variables and values labelled",
    "sqlite": "coopstats.sqlite    all tables, to be queried: begin with its table `contents`",
}

WHOLE = ("workbook", "sqlite")  # one file for all tables
MANY = 1_000_000  # rows; more are written by two processes
PACKED = {".gz", ".parquet", ".xlsx"}  # packed already: put into the archive as they are
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can name


class Writer(Protocol):
    """One format: takes the tables one by one, and leaves its files in the folder."""

    def __init__(self, folder: Path, tables: Sequence[str]) -> None:
        """Begin in `folder`; `tables` are those that will come, in order."""

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Write one table."""

    def close(self) -> None:
        """Write what is left."""


@door(folder=a_folder, tables=any_of(word), formats=any_of(word), progress=function)
def export(
    folder: Path,
    tables: Iterable[str] = (),
    formats: Iterable[str] = (),
    progress: Callable[[list, str], Iterable] = lambda items, _: items,
) -> Path:
    """Write the archive of these tables (all unless named) in these formats, and give its path.

    Its name has the version and a digest of the tables. `progress` wraps a list and what is done.
    Raises UnknownName, NotBuilt, and CoopstatsError where the folder or the disk gives no room.
    """
    chosen, kinds = _known(tables), _formats(formats)
    target = folder / f"{_name(chosen, kinds)}.zip"
    with (
        files.replacing(target) as part,
        tempfile.TemporaryDirectory(dir=folder, prefix=".coopstats-") as room,
    ):
        work = Path(room)
        _write(work, chosen, kinds, progress)
        _pack(work, part, target.stem, progress)
    return target


def _known(tables: Iterable[str]) -> list[str]:
    built = some_built()
    for name in tables:
        about(name)  # raises UnknownName with the nearest
    return [name for name in built if not tables or name in tables]


def _formats(formats: Iterable[str]) -> list[str]:
    for name in formats:
        if name not in FORMATS:
            raise UnknownName(
                f"There is no format {name!r}. Formats: {', '.join(FORMATS)}."
                + did_you_mean(name, FORMATS)
            )
    return [name for name in FORMATS if not formats or name in formats]


def _name(tables: list[str], formats: list[str]) -> str:
    """The archive's name; one with fewer formats says which it has."""
    name = f"coopstats-{release.version()}-{release.digest(tables)}"
    return name if len(formats) == len(FORMATS) else "-".join([name, *formats])


def writer(kind: str) -> type[Writer]:
    """The class that writes a format."""
    module: Any = importlib.import_module(f"coopstats.export.{kind}")
    return module.Write


def _write(
    work: Path,
    tables: list[str],
    formats: list[str],
    progress: Callable[[list, str], Iterable],
) -> None:
    """Every file of the archive, in the folder `work`."""
    from coopstats.export import package

    steps = list(_steps(work, tables, formats))
    noted = _noting(progress(steps, "export"))
    if len(formats) > 1 and sum(open_table(t).row_count for t in tables) > MANY:
        workers.together(steps, step, noted)
    else:
        workers.alone(steps, step, noted)
    _beside(work, tables, formats)
    package.describe(work, tables)


def _steps(work: Path, tables: list[str], formats: list[str]) -> Iterator[workers.Step]:
    """A step a table where it has a file of its own; last what takes longest."""
    for kind in formats:
        if kind in WHOLE:
            yield (kind, str(work), *tables)
        else:
            yield from ((kind, str(work), table) for table in tables)


def step(kind: str, folder: str, *tables: str) -> None:
    """Write these tables in one format."""
    try:
        each = writer(kind)(Path(folder), tables)
        for table in tables:
            each.add(table, load(table, basis=None))
        each.close()
    except sqlite3.Error as problem:  # a full disk is an error of its own there
        raise OSError(f"SQLite: {problem}") from problem


def _noting(bar: Iterable) -> Callable[[workers.Step], None]:
    """Moves a progress bar on by one, for either process."""
    moving, one_at_a_time = iter(bar), threading.Lock()

    def noted(_: workers.Step) -> None:
        with one_at_a_time:
            next(moving, None)

    return noted


def _beside(work: Path, tables: list[str], formats: list[str]) -> None:
    """What goes with the tables: what is where, citation, licences, method."""
    told = "\n".join(TOLD[kind] for kind in formats)
    readme = README.format(citation=release.citation(tables), formats=told)
    files.replace(work / "README.txt", readme.encode())
    for name in BESIDE:
        source = paths.PACKAGE.parent / name
        if not source.exists():
            raise CoopstatsError(
                f"{source} is missing, and no table goes out without its licences. Export from a "
                "checkout of the project."
            )
        files.replace(work / name, source.read_bytes())


def _pack(work: Path, target: Path, top: str, progress: Callable[[list, str], Iterable]) -> None:
    """All files of a folder as a zip whose bytes depend on nothing else."""
    members = sorted(path for path in work.rglob("*") if path.is_file())
    with zipfile.ZipFile(target, "w") as archive:
        for path in progress(members, "pack"):
            member = zipfile.ZipInfo(f"{top}/{path.relative_to(work).as_posix()}", EPOCH)
            packed = path.suffix in PACKED
            member.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            member.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(member, "w") as into:
                while chunk := source.read(1 << 20):
                    into.write(chunk)
