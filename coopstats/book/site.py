"""The book as a folder: made beside the old one by several processes, and put in its place whole.

What has not changed is linked from the old book and not made again: each page has a key of all
that it depends on. A kill leaves the old book as it was; two makers at once, the second is told.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from coopstats.book import councils, pages, question_pages, topics
from coopstats.book.chart_list import Row
from coopstats.book.pages import Making, Page
from coopstats.book.question_pages import page_name
from coopstats.core import paths
from coopstats.core.errors import BuildRunning, ContractBroken, CoopstatsError
from coopstats.datasets import kept
from coopstats.datasets.table import built_tables, open_table
from coopstats.findings.claims import claims
from coopstats.register.pilots import pilots

STATE = "book.json"
BATCH = 12  # councils in one task


class Task(NamedTuple):
    """What one worker does at a time: a kind of page and their names."""

    kind: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """What came of a book: its pages and charts, pages made anew, and rows for the chart list."""

    pages: int
    charts: int
    anew: int
    rows: tuple[Row, ...]


def make(
    out: Path,
    making: Making,
    workers: int = 2,
    progress: Callable[..., Iterable] = lambda items, **_: items,
) -> Made:
    """Write the whole book to `out`. Raises ContractBroken with all that the lint finds.

    Raises BuildRunning where another is at it, CoopstatsError where `out` is something else.
    """
    _refuse_other(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        beside = out.with_name(f".{out.name}.new")
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir()
        try:
            state = _write(out, beside, making, workers, progress)
            _put_in_place(beside, out)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    problems = tuple(p for page in state.values() for p in page["problems"])
    if problems:
        raise ContractBroken(f"{len(problems)} problems in the book: {' '.join(problems[:5])}")
    drawn = {name for page in state.values() for name in page["files"] if name.endswith(".svg")}
    anew = sum(page["anew"] for page in state.values())
    rows = tuple(Row(*row) for page in state.values() for row in page["rows"])
    return Made(len(state), len(drawn), anew, rows)


def _refuse_other(out: Path) -> None:
    """Nothing that is not a book of ours is replaced."""
    if out.exists() and any(out.iterdir()) and not (out / STATE).is_file():
        raise CoopstatsError(
            f"{out} is not empty and not a book of this project. Give another folder with --out."
        )


@contextlib.contextmanager
def _alone(out: Path) -> Iterator[None]:
    """A lock that the system lets go of when a process dies; it lies where no litter is seen."""
    import filelock

    name = hashlib.sha256(str(out.resolve()).encode()).hexdigest()[:16]
    lock = filelock.FileLock(Path(tempfile.gettempdir()) / f"coopstats-{name}.lock", blocking=False)
    try:
        lock.acquire()
    except filelock.Timeout as busy:
        raise BuildRunning(
            f"Another process is making the book in {out}. Wait for it, or give another folder."
        ) from busy
    with lock:
        yield


def _put_in_place(beside: Path, out: Path) -> None:
    old = out.with_name(f".{out.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        os.replace(out, old)
    os.replace(beside, out)
    shutil.rmtree(old, ignore_errors=True)


# ── making ───────────────────────────────────────────────────────────────────────────────────────


def _write(
    out: Path, beside: Path, making: Making, workers: int, progress: Callable[..., Iterable]
) -> dict[str, dict]:
    from joblib import Parallel, delayed

    old = _old(out)
    listed = tasks()
    theirs = [task for task in listed if task.kind == "councils"]
    work = Parallel(n_jobs=workers, return_as="generator_unordered")
    running = work(delayed(do)(task, out, beside, making, old) for task in theirs)
    # Answers are worked out here, where they may be known already, while the others are at work.
    here = (do(task, out, beside, making, old) for task in listed if task.kind != "councils")
    state: dict[str, dict] = {}
    every = itertools.chain(here, running)
    for found in progress(every, total=len(listed), desc="book", unit="part"):
        state |= found
    parts = [
        state[f"questions/{page_name(one)}.html"]["section"] for one in question_pages.answered()
    ]
    for page in [pages.front_page(parts), *pages.lists()]:
        state |= _keep(page, beside, "")
    for name in ("style.css", "find.js"):
        shutil.copyfile(paths.PACKAGE / "book" / "templates" / name, beside / name)
    (beside / STATE).write_text(json.dumps(state, indent=0, sort_keys=True), encoding="utf-8")
    return state


def _old(out: Path) -> dict[str, dict]:
    try:
        return dict(json.loads((out / STATE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def tasks() -> list[Task]:
    """The long ones first: each question, pilots and claims, then councils by the dozen."""
    codes = [body.ecode for body in councils.councils()]
    parts = [tuple(codes[at : at + BATCH]) for at in range(0, len(codes), BATCH)]
    asked = [Task("question", (page_name(one),)) for one in reversed(question_pages.answered())]
    return [*asked, Task("pilots", ()), Task("claims", ()),
            *(Task("councils", part) for part in parts)]  # fmt: skip


def do(
    task: Task, out: Path, beside: Path, making: Making, old: dict[str, dict]
) -> dict[str, dict]:
    """One task: the pages' states, their files written.

    Text is held as Python's own, not Arrow's, which takes twice as long over frames of forty rows.
    """
    with pd.option_context("mode.string_storage", "python"):
        return _done(task, out, beside, making, old)


def _done(
    task: Task, out: Path, beside: Path, making: Making, old: dict[str, dict]
) -> dict[str, dict]:
    state: dict[str, dict] = {}
    for path, key, make_page in _pages_of(task, making):
        if old.get(path, {}).get("key") == key and _linked(path, old[path], out, beside):
            state[path] = {**old[path], "anew": 0}
        else:
            state |= _keep(make_page(), beside, key)
    return state


def _pages_of(task: Task, making: Making) -> Iterator[tuple[str, str, Callable[[], Page]]]:
    """Path, key and maker of each page of a task."""
    if task.kind == "councils":
        for code in task.names:
            path = f"councils/{councils.page_of(code)}.html"
            yield (
                path,
                _key(making, _numbers_shown(code)),
                functools.partial(pages.council_page, code, making),
            )
        return
    key = _key(making, *(str(open_table(t).edition) for t in sorted(built_tables())))
    if task.kind == "question":
        question = next(q for q in question_pages.answered() if page_name(q) in task.names)
        path = f"questions/{page_name(question)}.html"
        yield path, key, functools.partial(pages.question_page, question, making)
    for pilot in pilots() if task.kind == "pilots" else ():
        yield f"pilots/{pilot.slug}.html", key, functools.partial(pages.pilot_page, pilot, making)
    for claim in claims() if task.kind == "claims" else ():
        yield f"claims/{claim.claim.lower()}.html", key, functools.partial(pages.claim_page, claim)


def _keep(page: Page, beside: Path, key: str) -> dict[str, dict]:
    contents = {page.path: page.html.encode(), **page.files}
    for name, content in contents.items():
        path = beside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return {
        page.path: {"key": key, "files": sorted(contents), "problems": list(page.problems),
                    "anew": 1, "section": page.section, "rows": page.rows}
    }  # fmt: skip


def _linked(path: str, known: dict, out: Path, beside: Path) -> bool:
    """Whether all files of a page could be taken over from the old book."""
    try:
        for name in known["files"]:
            target = beside / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                _link(out / name, target)
    except OSError:
        return False
    return True


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk, or one that has no links
        shutil.copyfile(source, target)


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────


def _key(making: Making, *parts: str) -> str:
    text = "\n".join([kept.code(), repr(making), *parts])
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _numbers_shown(ecode: str) -> str:
    """All numbers on a council's page, as text."""
    kind = councils.bodies()[ecode].council_class
    every = [*map(topics.numbers, topics.topics()), *topics.services().values(), topics.totals()]
    shown = [
        (one.rows[ecode].to_csv() if ecode in one.rows else "",
         one.medians[kind].to_csv() if kind in one.medians else "", *one.steps, *one.sources)
        for one in every
    ]  # fmt: skip
    return repr(shown)
