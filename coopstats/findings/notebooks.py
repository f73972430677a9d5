"""Executing the notebooks in place, so that what is committed is what the code gives."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from coopstats.core import files, paths
from coopstats.core.errors import CoopstatsError, UnknownName, did_you_mean
from coopstats.datasets import kept

if TYPE_CHECKING:
    from nbformat import NotebookNode

SHOWN = 120  # characters of a line that differs
SECONDS = 600
EXECUTED = ".executed"  # a note a notebook, beside the tables
_QUIET = "--IPKernelApp.log_level=40"  # no warning that the local kernel speaks over TCP


def chosen(names: Iterable[str] = ()) -> list[Path]:
    """The notebooks named (by file or by the start of its name), or all in order."""
    every = sorted((paths.home() / "notebooks").glob("*.ipynb"), key=_number)
    if not names and not every:
        raise UnknownName(f"There is no notebook in {paths.home() / 'notebooks'}.")
    if not names:
        return every
    return [_find(name, every) for name in names]


def _number(notebook: Path) -> tuple[int, str]:
    head = notebook.name.split("_")[0]
    return (int(head) if head.isdigit() else 99, notebook.name)


def _find(name: str, every: list[Path]) -> Path:
    for notebook in every:
        if notebook.name.startswith(Path(name).name):
            return notebook
    known = [n.stem for n in every]
    raise UnknownName(
        f"No notebook {name!r}. There are: {', '.join(known)}." + did_you_mean(name, known)
    )


def execute(notebook: Path) -> None:
    """Run every cell in order and keep the outputs; nothing is written if a cell fails."""
    import nbformat

    files.replace(notebook, nbformat.writes(executed(notebook)).encode())


def moved(notebook: Path) -> dict[int, str]:
    """The code cells, counted from 1, that put out other text than is kept, and what differs first.

    Pictures are not compared: a chart's text has its numbers. A notebook of which nothing moved is
    not executed again until it, the code or the tables change.
    """
    if _as_found(notebook):
        return {}
    found = _differing(notebook)
    if not found:
        files.replace(_note(notebook), _state(notebook).encode())
    return found


def _as_found(notebook: Path) -> bool:
    """Whether nothing that it depends on changed since nothing of it moved."""
    note = _note(notebook)
    return note.is_file() and note.read_text("utf-8") == _state(notebook)


def _note(notebook: Path) -> Path:
    return paths.processed_dir() / EXECUTED / f"{notebook.stem}.txt"


def _state(notebook: Path) -> str:
    return f"{hashlib.sha256(notebook.read_bytes()).hexdigest()} {kept.made_from()}"


def _differing(notebook: Path) -> dict[int, str]:
    """What `moved` finds when the notebook is executed."""
    import nbformat

    before, now = (_lines(n) for n in (nbformat.read(notebook, as_version=4), executed(notebook)))
    both = enumerate(zip(before, now, strict=True), 1)
    return {cell: _first(was, told) for cell, (was, told) in both if was != told}


def _lines(content: NotebookNode) -> list[list[str]]:
    """The lines that each code cell puts out: streams, then plain text, then HTML."""
    return [
        [line for output in cell.outputs for text in _texts(output) for line in text.split("\n")]
        for cell in content.cells
        if cell.cell_type == "code"
    ]


def _texts(output: NotebookNode) -> list[str]:
    shown = [
        words
        for kind, words in sorted(output.get("data", {}).items(), reverse=True)
        if "text" in kind
    ]
    return [output.get("text", ""), *shown]


def _first(was: list[str], told: list[str]) -> str:
    """The first line that differs, as it is kept and as it is now."""
    pairs = itertools.zip_longest(was, told, fillvalue="nothing")
    before, after = next((a.strip(), b.strip()) for a, b in pairs if a != b)
    return f"kept {before[:SHOWN]!r}, now {after[:SHOWN]!r}"


def executed(notebook: Path) -> NotebookNode:
    """The notebook with every cell run in order."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    content = nbformat.read(notebook, as_version=4)
    client = NotebookClient(content, timeout=SECONDS, extra_arguments=[_QUIET])
    try:
        client.execute(cwd=str(notebook.parent))
    except CellExecutionError as failed:
        raise CoopstatsError(
            f"{notebook.name} stopped: {failed.ename}: {failed.evalue}. The file is untouched; "
            "open it in JupyterLab (`python run.py lab`) to see the cell."
        ) from failed
    for cell in content.cells:
        cell.metadata.pop("execution", None)
    content.metadata.pop("widgets", None)
    content.metadata["language_info"] = {"name": "python"}
    return content
