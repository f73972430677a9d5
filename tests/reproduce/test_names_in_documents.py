"""What documents, docstrings and comments call by name is there: a file, a folder, a module's part.

The changelog is history, and may name what has gone.
"""

from __future__ import annotations

import ast
import functools
import importlib
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "coopstats"
FILE = re.compile(r"(?<![\w/.<>*{-])((?:[\w.-]+/)*\w+\.py)\b")
LISTED = re.compile(
    r"(?<![\w/.<>*{-])((?:tests|coopstats|docs|benchmarks|notebooks)/[\w/.-]*\w\.\w+)"
)
FOLDER = re.compile(r"`((?:[\w-]+/)+)`")
DOTTED = re.compile(r"\bcoopstats(?:\.[a-zA-Z_]\w*)+")
PART = re.compile(r"`([a-z]\w*)\.([a-zA-Z_]\w*)[`(.]")
ARCHIVES = {"coopstats.sqlite", "coopstats.xlsx"}  # files that an archive has, no modules
OF_THE_READER = ["how_deep.regions_chart"]  # what CONTRIBUTING has a reader write
ENDINGS = {"py", "csv", "md", "toml", "parquet", "ini", "json"}  # of a file, no part of a module
PYTHON = sorted(PACKAGE.rglob("*.py"))
SAID = [
    *sorted(p for p in ROOT.glob("*.md") if p.name != "CHANGELOG.md"),
    *sorted((ROOT / "docs").glob("*.md")),
    *PYTHON,
    *sorted(PACKAGE.rglob("*.csv")),
    *sorted(p for p in (ROOT / "tests").rglob("*.py") if p != Path(__file__)),
    *sorted((ROOT / "benchmarks").glob("*.py")),
    ROOT / "run.py",
    ROOT / ".importlinter",
]


@functools.cache
def kept():
    """Every file and folder of the project's own, folders with a slash at their end."""
    own = [p for top in ROOT.iterdir() if top.name not in (".venv", ".git") for p in (
        [top, *top.rglob("*")] if top.is_dir() else [top])]  # fmt: skip
    return {f"/{p.relative_to(ROOT).as_posix()}{'/' if p.is_dir() else ''}" for p in own}


@functools.cache
def there(name):
    return any(path.endswith(f"/{name}") for path in kept())


@functools.cache
def modules():
    """Last part of its name → the modules of that name."""
    found = {}
    for path in PYTHON:
        parts = path.relative_to(ROOT).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        found.setdefault(parts[-1], []).append(".".join(parts))
    return found


@functools.cache
def known(dotted):
    """Is a dotted name a module, or something in one?"""
    before, _, last = dotted.rpartition(".")
    try:
        importlib.import_module(dotted)
    except ImportError:
        return bool(before) and known(before) and hasattr(_value(before), last)
    return True


def _value(dotted):
    try:
        return importlib.import_module(dotted)
    except ImportError:
        before, _, last = dotted.rpartition(".")
        return getattr(_value(before), last)


def missing(text):
    """Names in a text of files, folders and parts of modules that are not there."""
    named = {*FILE.findall(text), *LISTED.findall(text), *FOLDER.findall(text)}
    yield from (name for name in sorted(named) if not there(name))
    for name in sorted({*DOTTED.findall(text)} - ARCHIVES):
        if not known(name):
            yield name
    for stem, part in sorted(set(PART.findall(text))):
        of_ours = [] if stem == "coopstats" or part in ENDINGS else modules().get(stem, [])
        if of_ours and not any(known(f"{module}.{part}") for module in of_ours):
            yield f"{stem}.{part}"


def words_of(path):
    """What a file says to people: all of a document; the docstrings and comments of code."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        return text
    documented = ast.Module | ast.FunctionDef | ast.ClassDef
    said = [ast.get_docstring(n) for n in ast.walk(ast.parse(text)) if isinstance(n, documented)]
    said += [t.string for t in tokenize.generate_tokens(io.StringIO(text).readline)
             if t.type == tokenize.COMMENT]  # fmt: skip
    return "\n".join(filter(None, said))


def test_what_is_called_by_name_is_there():
    gone = {path.relative_to(ROOT).as_posix(): list(missing(words_of(path))) for path in SAID}
    assert {path: names for path, names in gone.items() if names} == {
        "CONTRIBUTING.md": OF_THE_READER
    }


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("see coopstats/clean/registrar.py and coopstats/clean/build/build.py",
         ["coopstats/clean/registrar.py"]),
        ("its test is tests/test_libraries.py", ["tests/test_libraries.py"]),
        ("`tests/clean/tables/test_libraries.py` and `test_libraries.py`", []),
        ("coopstats/register/runes.csv", ["coopstats/register/runes.csv"]),
        ("layout.py and papyrus.py", ["papyrus.py"]),
        ("what `register/` has, not `registrar/`", ["registrar/"]),
        ("coopstats.measures.measure.Measure.per_head, coopstats.measure",  []),
        ("coopstats.replies.how_deep", ["coopstats.replies.how_deep"]),
        ("coopstats.measures.measure.Measures", ["coopstats.measures.measure.Measures"]),
        ("`how_deep.regional` and `how_deep.answer()`", ["how_deep.regional"]),
        ("`answers.RIDDLES`, `questions.QUESTIONS`, `measure.py`", ["answers.RIDDLES"]),
    ],
)  # fmt: skip
def test_a_name_that_is_gone_is_found(text, gone):
    assert list(missing(text)) == gone


def test_comments_and_docstrings_are_read(tmp_path):
    code = tmp_path / "one.py"
    code.write_text('"""See gone.py."""\nx = "lost.py"  # as in old.py\n', encoding="utf-8")
    assert list(missing(words_of(code))) == ["gone.py", "old.py"]


def test_contributing_has_every_file_of_the_register():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    files = sorted(path.name for path in (PACKAGE / "register").glob("*.csv"))
    assert [name for name in files if f"\n| `{name}` |" not in text] == []
