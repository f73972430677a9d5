"""What each table is made of, so that only those are rebuilt of which something has changed.

Nothing is listed by hand. A table is made of the module that cleans it and of all that this one
imports; of each file of the register, and each publication in data/raw, whose name stands between
quotes in any of these modules. That is rather too much than too little; a test builds each table
by itself and holds what was opened against it.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from coopstats.core import paths
from coopstats.core.sources import read_sources

# They make no figure.
NO_MATTER = ("core.errors", "core.paths")

# What holds the accounts of a publication to its printed totals, and is not in its own module.
CHECKED_BY = tuple(
    f"clean.contracts.{name}"
    for name in ("corrections", "swapped_columns", "line_totals", "tie_out")
)

_IMPORT = re.compile(r"^\s*from coopstats([\w.]*) import (\([^)]*\)|.+)$", re.MULTILINE)
_QUOTED = re.compile(r"[\"']([a-z0-9_]+)[\"'/]")  # "lait", or "lait/2019" of one edition


@dataclass(frozen=True)
class MadeOf:
    """The modules, the files of the register and the folders of data/raw behind a table."""

    modules: frozenset[str]
    register: frozenset[str]
    raw: frozenset[str]


def made_of(tables: Iterable[str], checked: Collection[str]) -> dict[str, MadeOf]:
    """What each table is made of; those `checked` depend on what checks them too."""
    return {
        name: _behind(_closure([f"clean.tables.{name}", *(CHECKED_BY if name in checked else ())]))
        for name in tables
    }


def _behind(modules: Collection[str]) -> MadeOf:
    named = frozenset().union(*map(_quoted, modules))
    register = {file.stem for file in paths.register_dir().glob("*.csv")}
    raw = {source.table for source in read_sources().values()}
    return MadeOf(frozenset(modules), named & register, named & raw)


def _closure(modules: list[str]) -> set[str]:
    """These modules and all that they import of ours, at whatever place."""
    found: set[str] = set()
    while modules:
        name = modules.pop()
        if name not in found:
            found.add(name)
            modules += imported(name)
    return found


@functools.cache
def imported(module: str) -> frozenset[str]:
    """The modules of ours that one imports: "clean.lait", "years"."""
    named = []
    for package, names in _IMPORT.findall(_code(module).read_text(encoding="utf-8")):
        within, names = package.removeprefix("."), re.sub(r" as \w+", "", names)
        named += [within, *(f"{within}.{n}".removeprefix(".") for n in re.findall(r"\w+", names))]
    return frozenset(n for n in named if n not in NO_MATTER and _code(n).is_file())


@functools.cache
def _quoted(module: str) -> frozenset[str]:
    return frozenset(_QUOTED.findall(_code(module).read_text(encoding="utf-8")))


@functools.cache
def _code(module: str) -> Path:
    return paths.PACKAGE / f"{module.replace('.', '/')}.py"


def digests(tables: dict[str, MadeOf]) -> dict[str, str]:
    """A digest of all that each table is made of.

    Taken before it is read: what changes during a build makes its tables stale.
    """
    of_file = functools.cache(lambda path: hashlib.sha256(path.read_bytes()).hexdigest())
    return {name: _digest(made, of_file) for name, made in tables.items()}


def _digest(made: MadeOf, of_file: Callable[[Path], str]) -> str:
    digest = hashlib.sha256(f"{pd.__version__} {pa.__version__}".encode())
    for source in read_sources().values():
        if source.table in made.raw:
            digest.update(repr(source).encode())
    for file in _files(made):
        digest.update(f"{file.parent.name}/{file.name} {of_file(file)}".encode())
    return digest.hexdigest()


def _files(made: MadeOf) -> list[Path]:
    raw = (file for name in made.raw for file in (paths.raw_dir() / name).rglob("*.parquet"))
    register = (paths.register_dir() / f"{name}.csv" for name in made.register)
    return sorted([*raw, *register, *map(_code, made.modules)])
