"""What the documents and the help say, works: every command and every block of code runs here.

What cannot run is in `NOT_RUN`, each with its reason; its options are still read, and an entry that
no document has any longer fails.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import os
import re
import shlex
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner

import coopstats as cs
from coopstats.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "METHOD.md", "GLOSSARY.md",
                               "DATA-LICENCES.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]  # fmt: skip
PROGRAM = r"(?:python run\.py|coopstats)"
FENCED = re.compile(r"^ *(python run\.py\b[^\n]*|coopstats [a-z][^\n]*)$", re.MULTILINE)
INLINE = re.compile(rf"`({PROGRAM} [^`\n]+)`")
BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
# What a document writes for the reader's own word, and a word of that kind.
OWN_WORDS = {
    "NAME": "Lambeth", "YEAR": "2010", "LINE": "cultural", "TABLE": "deflator",
    "<table>": "deflator", "WORDS": "lambeth",
}  # fmt: skip
# By how a command begins: why it is not run. The longest beginning that fits is the reason.
NOT_RUN = {
    "build": "makes all tables; test_build does",
    "book": "makes 400 pages; test_book does",
    "charts": "draws every chart",
    "chart list": "measures all that the book draws",
    "chart export": "measures all that the book draws; test_book exports",
    "check": "compares every table with its record; test_check does",
    "check --doubts --table": "",  # runs
    "check --register": "looks up every line of the register; test_register_promises does",
    "check --tie-out": "adds up every sheet; test_tie_out does",
    "check --doubted-core": "measures core twice; test_cli does",
    "claims --check --articles": "the articles are not part of the project",
    "docs": "writes documents; test_docs does",
    "export": "330 MB; test_export does",
    "fetch": "needs the network; test_fetch does with a server of its own",
    "headlines": "answers every question; test_headlines does",
    "notebooks": "executes notebooks; nbval does",
    "reproduce": "makes everything; test_reproduce does",
    "transcribe": "needs the originals; test_transcribe does",
}
DOOR = {
    "": "the main job",
    "test": "would run these tests in themselves",
    "lab": "opens JupyterLab",
    "setup": "installs packages",
    "pin": "asks a package index",
}
BLOCKS_NOT_RUN = {
    "from dask.distributed import Client": "needs a cluster",
    'file = "coopstats/register/councils.csv"': "writes into the register",
}


def blocks(text, language):
    """The code blocks of one language, without the indent of a list."""
    for indent, name, code in BLOCK.findall(text):
        if name == language:
            yield re.sub(rf"^{indent}", "", code, flags=re.MULTILINE)


def commands_of(text):
    """Every command of a document: its blocks without a language, and its inline code."""
    for block in blocks(text, ""):
        yield from FENCED.findall(block)
    yield from INLINE.findall(BLOCK.sub("", text))


def plain(command):
    """A command without the words that explain it, what it is piped into, and brackets."""
    command = re.split(r" {3,}| > ", command.strip())[0]
    return re.sub(r"\[([^\]]*)\]", r"\1", command).rstrip(".")


def commands():
    """Each command of documents and help once, as the words after the program."""
    found = {}
    for path in DOCUMENTS:
        for command in commands_of(path.read_text(encoding="utf-8")):
            found.setdefault(re.sub(rf"^{PROGRAM} ?", "", plain(command)), path.name)
    for name, command in every_command(main):
        for example in FENCED.findall(command.help or ""):
            found.setdefault(re.sub(rf"^{PROGRAM} ?", "", plain(example)), f"{name} --help")
        for example in re.findall(r"`coopstats ([^`]+)`", command.help or ""):
            found.setdefault(" ".join(example.split()), f"{name} --help")
    return found


def every_command(group, before=""):
    """All commands of the command line, those of groups too."""
    yield before or "coopstats", group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = {words: where for words, where in commands().items() if "…" not in words}


def reason_of(words):
    """Which entry of NOT_RUN keeps a command from being run."""
    fits = [key for key in NOT_RUN if f"{words} ".startswith(f"{key} ")]
    key = max(fits, key=len, default="")
    return key if NOT_RUN.get(key) else None


def is_door(words):
    """Whether run.py does this itself."""
    return words.partition(" ")[0] in DOOR


def split(words, folder):
    """The words of a command, a folder of the test in the place of the reader's."""
    given = shlex.split(words)
    given = given[1:] if given[0] == "--" else given  # run.py's own sign for the words after it
    own = {**OWN_WORDS, "DIR": str(folder)}
    own |= {"NAME": "explore-york"} if given[0] == "pilots" else {}
    return [own.get(word, word) for word in given]


def named_alone(words):
    """Whether a sentence only names a command, without the words that it needs."""
    command = main.commands.get(words)
    return command is not None and any(p.required for p in command.params)


RUN = sorted(
    words
    for words in COMMANDS
    if not is_door(words) and not named_alone(words) and reason_of(words) is None
)


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("words", RUN)
def test_what_is_said_to_work_does(words, tmp_path):
    result = CliRunner().invoke(main, split(words, tmp_path))
    assert result.exit_code == 0, f"{COMMANDS[words]}: {words}: {result.stderr}"
    assert result.output.strip()


@pytest.mark.parametrize("words", sorted(w for w in COMMANDS if reason_of(w)))
def test_the_options_of_what_is_not_run_are_there(words, tmp_path):
    command, rest = main, split(words, tmp_path)
    while isinstance(command, click.Group):
        command, rest = command.commands[rest[0]], rest[1:]
    if not named_alone(words):
        command.make_context(words, rest)


def test_what_run_py_does_itself_is_known_to_it():
    spec = importlib.util.spec_from_file_location("run_py", ROOT / "run.py")
    door = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(door)
    for words in filter(is_door, COMMANDS):
        action, _ = door.route(words.split())
        assert action != door.run_coopstats, words


def test_no_reason_is_left_of_what_no_document_says():
    used = {reason_of(words) for words in COMMANDS if not is_door(words)}
    assert {key for key, reason in NOT_RUN.items() if reason} - used == set()
    assert {words.partition(" ")[0] for words in COMMANDS if is_door(words)} == set(DOOR)
    told = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    assert [start for start in BLOCKS_NOT_RUN if start not in told] == []


# ── Python ───────────────────────────────────────────────────────────────────────────────────────


def python_blocks():
    """Each block of Python of documents and docstrings, with where it stands."""
    for path in DOCUMENTS:
        for code in blocks(path.read_text(encoding="utf-8"), "python"):
            yield pytest.param(code, id=f"{path.name}: {code.splitlines()[0][:40]}")
    for path in sorted((ROOT / "coopstats").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        kinds = ast.Module | ast.FunctionDef | ast.ClassDef
        for node in (n for n in ast.walk(tree) if isinstance(n, kinds)):
            for code in blocks(ast.get_docstring(node) or "", "python"):
                yield pytest.param(code, id=f"{path.stem}: {code.splitlines()[0][:40]}")


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("code", list(python_blocks()))
def test_a_block_of_python_runs(code, tmp_path, monkeypatch):
    names = {"__name__": "a_reader"}
    if code.startswith("def "):  # a function to put into the module of a question
        names = dict(vars(importlib.import_module("coopstats.findings.answers.how_deep")))
    tree = ast.parse(code)
    if any(start in code for start in BLOCKS_NOT_RUN):
        imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
        own = [n for n in imports if "dask" not in ast.unparse(n)]
        exec(compile(ast.Module(own, []), "<document>", "exec"), names)
        return
    monkeypatch.chdir(tmp_path)
    if "cs.bring(" in code:
        _bring_along(code, tmp_path)
    if "import coopstats as cs" not in code and "cs." in code:
        exec("import coopstats as cs", names)
    exec(compile(tree, "<document>", "exec"), names)
    for defined in (n.name for n in tree.body if isinstance(n, ast.FunctionDef)):
        assert names[defined]() is not None


def _bring_along(code, folder):
    """The file of their own that a reader brings, with the columns that the block names."""
    file = re.search(r"cs\.bring\(\"([^\"]+)\"", code).group(1)
    named = dict(re.findall(r"(council|year|value)=\"([^\"]+)\"", code))
    head = ",".join(named.get(name, name) for name in ("council", "year", "value"))
    boroughs = enumerate(cs.councils(2010, council_class="L")["council"])
    rows = [f"{name},{year},{100 + n + year * (n % 7)}"
            for n, name in boroughs for year in range(2008, 2020)]  # fmt: skip
    (folder / file).write_text("\n".join([head, *rows]), encoding="utf-8")


def test_the_lines_of_python_in_a_sentence_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "coopstats.reproduce.check.social_care.differences", pd.DataFrame
    )  # else 5 s
    told = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    lines = re.findall(r"`\.venv/bin/python -c \"([^`]+)\"`", told)
    assert lines
    for line in lines:
        exec(compile(line, "<document>", "exec"), {})
    assert os.listdir(tmp_path) == ["differences.csv"]
