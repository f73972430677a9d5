"""What need not be done again: a step that ended well, and of which nothing has changed since.

A note of each such step lies in data/processed/.done: what it was done from (the code, the tables,
the committed pages and notebooks), what it wrote, and what it said. Where all of it is as it was,
the step is not taken. The notes can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from coopstats.core import files, paths
from coopstats.datasets import kept

FOLDER = ".done"
READ = ("*.md", "docs/**/*", "notebooks/*.ipynb", "data/processed/*.csv", "data/raw/*.toml")


def as_before(step: str, wrote: Path | None) -> str:
    """What the step said when it ended well; nothing if anything has changed since."""
    try:
        noted = json.loads(_note(step).read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    return str(noted["told"]) if noted["state"] == _state(wrote) else ""


def keep(step: str, wrote: Path | None, told: str) -> None:
    """Note that a step ended well."""
    text = json.dumps({"state": _state(wrote), "told": told}, ensure_ascii=False, indent=1)
    files.replace(_note(step), text.encode())


def _note(step: str) -> Path:
    return paths.processed_dir() / FOLDER / f"{step}.json"


def _state(wrote: Path | None) -> str:
    """A digest of all that a step depends on, and of the names, sizes and times of its files."""
    told = [kept.made_from()]
    for path in sorted(path for pattern in READ for path in paths.home().glob(pattern)):
        if path.is_file():
            told += [str(path), hashlib.sha256(path.read_bytes()).hexdigest()]
    for path in sorted(wrote.rglob("*")) if wrote else ():
        if path.is_file():
            told.append(f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
