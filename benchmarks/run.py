"""How fast coopstats is, in multiples of a yardstick timed in the same run.

python benchmarks/run.py [QUESTION…] [--originals DIR] [--pairs N]

Run it with the Python that has coopstats installed. README.md beside this file says what each
ratio means and what was last measured. Nothing of the project is written to: every run has a
home of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Run:
    """What one run took: seconds by the clock and of processors, and the most memory in MB.

    Of a run with further processes memory is the first one's, and as much as the largest of the
    others took for each of them; 0 where the system does not tell it.
    """

    seconds: float
    memory: float = 0.0
    processor: float = 0.0


@dataclass(frozen=True)
class Question:
    """What is timed against what, how large their ratio and our memory in MB may be."""

    name: str
    ours: Callable[[], Run]
    yardstick: Callable[[], Run]
    bound: float
    said: str
    memory: float = 0.0


# ── timing ───────────────────────────────────────────────────────────────────────────────────────


def whole(*words: str, home: Path = ROOT) -> Run:
    """What `python WORDS…` takes as a process, from start to exit."""
    start = time.perf_counter()
    _python(words, home)
    return Run(time.perf_counter() - start)


INSIDE = """
{prepare}
from os import times
from time import perf_counter
start, before = perf_counter(), sum(times()[:4])
{timed}
print(perf_counter() - start, sum(times()[:4]) - before, end=" ")
try:
    from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
    print(getrusage(RUSAGE_SELF).ru_maxrss + {others} * getrusage(RUSAGE_CHILDREN).ru_maxrss)
except ImportError:  # Windows
    print(0)
"""
PER_MB = 1e6 if sys.platform == "darwin" else 1e3  # macOS tells bytes, Linux kilobytes


def inside(prepare: str, timed: str, home: Path = ROOT, others: int = 0) -> Run:
    """What the statements `timed` take in a fresh process, with `others`, after `prepare`."""
    program = INSIDE.format(prepare=prepare, timed=timed, others=others)
    seconds, processor, memory = map(float, _python(("-c", program), home).split())
    return Run(seconds, memory / PER_MB, processor)


def _python(words: tuple[str, ...], home: Path) -> str:
    """The output of a Python that may keep its bytecode and whose home is `home`."""
    shell = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join(filter(None, [str(ROOT), shell.get("PYTHONPATH")]))
    shell |= {"COOPSTATS_HOME": str(home), "PYTHONPATH": path}
    done = subprocess.run([sys.executable, *words], env=shell, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"python {' '.join(words)} failed:\n{done.stderr}")
    return done.stdout


def answer(question: Question, pairs: int) -> str:
    """The median ratio of several pairs, ours and the yardstick by turns, after one to warm up."""
    question.yardstick(), question.ours()
    timed = [(question.yardstick(), question.ours()) for _ in range(pairs)]
    ratios = sorted(ours.seconds / yardstick.seconds for yardstick, ours in timed)
    ratio = statistics.median(ratios)
    yardstick, ours = zip(*timed, strict=True)
    return (
        f"{question.name:18} {ratio:5.2f} x  (bound {question.bound}: "
        f"{_met(ratio, question.bound)}; {ratios[0]:.2f} to {ratios[-1]:.2f} "
        f"in {pairs} pairs)  {_seconds(ours):.3f} s / {_seconds(yardstick):.3f} s"
        f"{_processor(ours, yardstick)}{_memory(question, ours, yardstick)}: {question.said}"
    )


def _met(found: float, bound: float) -> str:
    return "met" if found <= bound else "NOT MET"


def _seconds(runs: Sequence[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def _processor(ours: Sequence[Run], yardstick: Sequence[Run]) -> str:
    """Processors' time beside that of the clock: it is what a busy machine leaves as it is."""
    told = [statistics.median(run.processor for run in runs) for runs in (ours, yardstick)]
    return f", of processors {told[0]:.1f} s / {told[1]:.1f} s" if all(told) else ""


def _memory(question: Question, ours: Sequence[Run], yardstick: Sequence[Run]) -> str:
    """The most memory that any run took, beside the yardstick's, where there is a bound to it."""
    most, theirs = (max(run.memory for run in runs) for runs in (ours, yardstick))
    if not question.memory or not most:
        return ""
    met = _met(most, question.memory)
    return f", {most:.0f} MB (bound {question.memory:.0f}: {met}) / {theirs:.0f} MB"


# ── homes ────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def home(raw: str) -> Iterator[Path]:
    """A home to throw away, whose data/raw has the files of ours that match `raw`."""
    with tempfile.TemporaryDirectory() as folder:
        for file in (ROOT / "data" / "raw").rglob(raw):
            copy = Path(folder) / file.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            if file.is_file():
                shutil.copy(file, copy)
        yield Path(folder)


# ── questions ────────────────────────────────────────────────────────────────────────────────────

CALAMINE = """
from pathlib import Path
from python_calamine import CalamineWorkbook
from coopstats.core.sources import read_sources
read = [s for s in read_sources().values() if s.reader == "workbook" and {chosen}]
"""
TO_PYTHON = """
for source in read:
    workbook = CalamineWorkbook.from_path(str(Path({folder!r}) / source.file))
    for name in source.sheets:
        workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
"""
# Every finance publication that is a workbook: 53 of them, some 6 million filled cells.
FINANCE = ("revenue_outturn", "revenue_budget", "social_care_spending", "children_spending")


def calamine(originals: Path, chosen: str) -> Run:
    """The yardstick of reading: calamine alone, on the sheets that data/raw transcribes."""
    return inside(CALAMINE.format(chosen=chosen), TO_PYTHON.format(folder=str(originals)))


@contextmanager
def transcribe(originals: Path) -> Iterator[Question]:
    """data/raw of every RS workbook, hashes checked, written to disk."""
    with _transcribed("transcribe", FINANCE[:1], originals) as question:
        yield question


@contextmanager
def transcribe_finance(originals: Path) -> Iterator[Question]:
    """data/raw of every workbook of RS, RA, RO3 and section 251."""
    with _transcribed("transcribe-finance", FINANCE, originals) as question:
        yield question


@contextmanager
def _transcribed(name: str, tables: tuple[str, ...], originals: Path) -> Iterator[Question]:
    prepare = (
        "from pathlib import Path\nimport pandas, python_calamine\n"
        "from coopstats.core import sources\nfrom coopstats.publications import transcribe\n"
        f"read = [s for table in {tables} for s in sources.sources_of(table)]"
    )
    timed = f"for source in read: transcribe.transcribe(source, Path({str(originals)!r}))"
    with home("SOURCES.toml") as folder:
        yield Question(
            name,
            lambda: inside(prepare, timed, folder),
            lambda: calamine(originals, f"s.table in {tables}"),
            2.5,
            f"transcribe the workbooks of {', '.join(tables)} / calamine's to_python of them",
            memory=1000,
        )


READERS = """
import json, pandas
from pathlib import Path
from python_calamine import CalamineWorkbook
from coopstats.core.sources import read_sources
read = [s for s in read_sources().values() if s.id in {chosen}]
def opened(source, path):
    if source.reader == "workbook":
        workbook = CalamineWorkbook.from_path(str(path))
        for name in source.sheets:
            workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    elif source.reader == "stata":
        pandas.read_stata(path)
    elif source.reader == "parquet":
        pandas.read_parquet(path)
    elif source.reader == "hexjson":
        json.loads(path.read_bytes())
    else:
        separator = chr(9) if path.suffix == ".tsv" else ","
        pandas.read_csv(path, encoding=source.encoding, sep=separator)
"""
# Every table that is made of finance publications alone.
FINANCE_TABLES = (
    "revenue_outturn", "revenue_budget", "budget_against_outturn", "social_care_spending",
    "children_spending", "printed_totals", "reserves", "council_tax", "spending_power", "lines",
)  # fmt: skip


def readers(originals: Path, chosen: str) -> Run:
    """The yardstick of all originals: calamine and pandas, which only read them."""
    timed = f"for source in read: opened(source, Path({str(originals)!r}) / source.file)"
    return inside(READERS.format(chosen=chosen), timed)


@contextmanager
def build_finance(originals: Path) -> Iterator[Question]:
    """The tables of finance publications from data/raw, none of them there before."""
    with built() as folder:
        yield Question(
            "build-finance",
            lambda: _build(folder, FINANCE_TABLES),
            lambda: calamine(originals, f"s.table in {FINANCE}"),
            1.33,
            "build every finance table / calamine's to_python of every finance workbook",
            memory=1333,
        )


@contextmanager
def build(originals: Path) -> Iterator[Question]:
    """Every table from data/raw, none of them there before."""
    with built() as folder:
        chosen = publications(folder)
        yield Question(
            "build",
            lambda: _build(folder),
            lambda: readers(originals, chosen),
            2.0,
            "build every table / calamine and pandas only reading every original behind them",
            memory=1333,
        )


@contextmanager
def processes() -> Iterator[Question]:
    """Every table by two processes, as it is, against one."""
    alone = "workers.together = lambda steps, do, noted, kin: workers.alone(steps, do, noted)\n"
    with built() as folder:
        yield Question(
            "processes",
            lambda: _build(folder),
            lambda: _build(folder, before=alone, others=0),
            0.8,
            "build every table by two processes / by one",
            memory=1333,
        )


def _build(folder: Path, tables: tuple[str, ...] = (), before: str = "", others: int = 2) -> Run:
    """Build these tables, or all, in a home where none is there."""
    prepare = (
        "import filelock, joblib, pandas, pandera.pandas\n"
        "from coopstats.clean.build import build\nfrom coopstats.core import paths, workers\n"
        "for name in build.TABLES: build.module(name).promised()\n"
        "pandera.pandas.DataFrameSchema().validate(pandas.DataFrame())  # imports the rest of it\n"
        "for table in paths.processed_dir().glob('*.parquet'): table.unlink()\n"
        f"{before}wanted = {tables} or build.TABLES"
    )
    return inside(prepare, "assert set(build.build(wanted)) == set(wanted)", folder, others)


def publications(folder: Path) -> str:
    """The ids of what the built tables are made of, as Python writes a list."""
    asked = (
        "from coopstats.datasets.table import about, built_tables\n"
        "print(sorted({i for table in built_tables() for i in about(table)['sources']}))"
    )
    return _python(("-c", asked), folder).strip()


@contextmanager
def imports() -> Iterator[Question]:
    """What a notebook waits for before its first line."""
    yield Question(
        "import",
        lambda: whole("-c", "import coopstats"),
        lambda: whole("-c", "import pandas"),
        1.3,
        "import coopstats / import pandas, whole processes",
    )


@contextmanager
def get() -> Iterator[Question]:
    """One number from the command line."""
    words = "get revenue_outturn --council E5017 --year 2010 --service cultural --format csv"
    with built() as folder:
        table = folder / "data" / "processed" / "revenue_outturn.parquet"
        yield Question(
            "get",
            lambda: whole("-m", "coopstats.cli.main", *words.split(), home=folder),
            lambda: whole("-c", f"import pandas; pandas.read_parquet({str(table)!r})"),
            1.5,
            "coopstats get, one row / import pandas and read that file, whole processes",
        )


@contextmanager
def rebuild() -> Iterator[Question]:
    """A build that finds nothing to do."""
    with built() as folder:
        yield Question(
            "rebuild",
            lambda: whole("-m", "coopstats.cli.main", "build", home=folder),
            lambda: whole("-c", "import pandas"),
            2,
            "coopstats build with nothing changed / import pandas, whole processes",
        )


@contextmanager
def built() -> Iterator[Path]:
    """A home whose tables are built."""
    with home("*") as folder:
        whole("-m", "coopstats.cli.main", "build", "--accept", home=folder)
        yield folder


NEED_ORIGINALS = {
    "transcribe": transcribe,
    "transcribe-finance": transcribe_finance,
    "build-finance": build_finance,
    "build": build,
}
QUESTIONS = {"import": imports, "get": get, "rebuild": rebuild, "processes": processes}


def main() -> None:
    """Ask the questions that were named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    known = [*NEED_ORIGINALS, *QUESTIONS]
    parser.add_argument("questions", nargs="*", metavar="QUESTION", help=", ".join(known))
    parser.add_argument("--originals", type=Path, help="the folder that holds the originals")
    parser.add_argument("--pairs", type=int, default=7, help="how often each is timed (7)")
    asked = parser.parse_args()
    if unknown := set(asked.questions) - set(known):
        parser.error(f"no question {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for name in asked.questions or known:
        _ask(name, asked.originals, asked.pairs)


def _ask(name: str, originals: Path | None, pairs: int) -> None:
    if name in NEED_ORIGINALS and originals is None:
        print(f"{name:18} skipped: its yardstick reads the originals, give --originals DIR")
        return
    asking = NEED_ORIGINALS[name](originals) if name in NEED_ORIGINALS else QUESTIONS[name]()
    with asking as question:
        print(answer(question, pairs), flush=True)


if __name__ == "__main__":
    main()
