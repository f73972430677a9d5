"""A cache on disk: long work is kept until code, register, tables or packages change.

`@kept` stands where `functools.cache` would: the second process finds what the first worked out.
What is kept lies in data/processed/.kept, one folder a state of the project; it can be deleted at
any time. Tests keep nothing, since they put other parts in place of ours.
"""

from __future__ import annotations

import functools
import hashlib
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from coopstats.core import paths
from coopstats.datasets.table import built_tables, open_table

FOLDER = ".kept"
PACKAGES = ("numpy", "pandas", "pyarrow", "matplotlib")
Function = TypeVar("Function", bound=Callable[..., Any])
CODE = (".py", ".html", ".css", ".js", ".csv")
keeping = True


def kept(function: Function) -> Function:
    """The function with its answers kept, in memory and on disk; its arguments must be hashable."""

    @functools.cache
    @functools.wraps(function)
    def asked(*words: Any) -> Any:
        if not keeping:
            return function(*words)
        return _memory(_folder()).cache(function, verbose=0)(*words)

    return asked  # type: ignore[return-value]


@functools.cache
def _memory(folder: Path) -> Any:
    from joblib import Memory

    for other in folder.parent.glob("*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    return Memory(folder, verbose=0)


def _folder() -> Path:
    return paths.processed_dir() / FOLDER / made_from()


@functools.cache
def code() -> str:
    """A digest of the code, the templates and the register, which lies in it."""
    found = [p for p in sorted(paths.PACKAGE.rglob("*")) if p.suffix in CODE]
    digest = hashlib.sha256()
    for path in found:
        digest.update(path.relative_to(paths.PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@functools.cache
def _digest(table: str, _edition: tuple[str, int]) -> str:
    """Of the whole file: the fingerprint leaves out doubts, and comparisons read them."""
    return hashlib.sha256(open_table(table).content()).hexdigest()


def made_from() -> str:
    """A digest of all that a result depends on: code, register, built tables, packages, Python."""
    packages = [f"{name} {version(name)}" for name in PACKAGES]
    tables = [f"{table} {_digest(table, open_table(table).edition)}" for table in built_tables()]
    told = [code(), *tables, sys.version, *packages]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:20]
