"""What the documents and the help say, works: every command and every block of code runs here.

What would take minutes runs on a little (`SMALL`), or in `python run.py test --all` (`SLOW`). What
cannot run is in `NOT_RUN`, each with its reason; its options are still read. An entry that no
document has any longer fails.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import hashlib
import http.server
import importlib
import importlib.util
import os
import re
import shlex
import shutil
import threading
from pathlib import Path

import click
import nbformat
import pandas as pd
import pytest
import spreadsheets
from books import only
from click.testing import CliRunner

import coopstats as cs
from coopstats.book import councils, pages, question_pages, site, topics
from coopstats.cli.main import main
from coopstats.core import sources
from coopstats.findings import questions
from coopstats.findings.answers import how_deep
from coopstats.register.councils import bodies

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
    "claims --check --articles": "the articles are not part of the project",
    "reproduce": "is the main job, which CI runs first; test_reproduce takes its steps",
    "transcribe": "needs the originals; test_transcribe does",
}
# By how a command begins: the fixture that leaves it little to do, so that it ends in seconds.
SMALL = {
    "book": "one_council", "charts": "one_chart", "export": "one_table", "fetch": "publisher",
    "notebooks": "small_notebooks",
}  # fmt: skip
# What takes longer than that even so: `python run.py test --all` runs it.
SLOW = (
    "book --out", "check", "check --moved", "check --totals", "check --tie-out",
    "check --doubted-core", "check --register", "docs", "headlines",
)  # fmt: skip
MORE_WORDS = {"book": ["--workers", "1"]}  # other processes would make the whole book
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
    return max(begins(words, NOT_RUN), key=len, default=None)


def begins(words, starts):
    """The beginnings that fit a command."""
    return [start for start in starts if f"{words} ".startswith(f"{start} ")]


def is_door(words):
    """Whether run.py does this itself."""
    return words.partition(" ")[0] in DOOR


def split(words, folder):
    """The words of a command, a folder of the test in the place of the reader's."""
    given = shlex.split(words)
    given = given[1:] if given[0] == "--" else given  # run.py's own sign for the words after it
    own = {**OWN_WORDS, "DIR": str(folder)}
    own |= {"NAME": "explore-york"} if given[0] == "pilots" else {}
    own |= {"revenue_outturn": "deflator"} if given[0] == "export" else {}
    return [own.get(word, word) for word in given] + MORE_WORDS.get(given[0], [])


def named_alone(words):
    """Whether a sentence only names a command, without the words that it needs."""
    command = main.commands.get(words)
    return command is not None and any(p.required for p in command.params)


RUN = sorted(
    words
    for words in COMMANDS
    if not is_door(words) and not named_alone(words) and reason_of(words) is None
)


# ── little to do ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def clone(built_once, tmp_path_factory):
    """A clone with all tables, in which commands may write."""
    folder = tmp_path_factory.mktemp("clone")
    shutil.copytree(built_once / "data", folder / "data", copy_function=os.link)
    for name in ("FINGERPRINT.csv", "HEADLINES.csv"):
        shutil.copy(ROOT / "data" / "processed" / name, folder / "data" / "processed")
    for document in DOCUMENTS:
        there = folder / document.relative_to(ROOT)
        there.parent.mkdir(exist_ok=True)
        shutil.copy(document, there)
    shutil.copy(ROOT / "CHANGELOG.md", folder)
    return folder


@pytest.fixture
def one_council(clone, monkeypatch):
    """A book of one council with two topics; the list of charts stays that of the whole book."""
    listed = {path: path.read_bytes() for path in (clone / "data/processed").glob("CHARTS.csv")}
    tasks, two = site.tasks, {t: topics.topics()[t] for t in ("core", "social-care")}
    monkeypatch.setattr(site, "tasks", lambda: [t for t in tasks() if t.kind == "councils"])
    for module in (councils, topics):
        monkeypatch.setattr(module, "topics", lambda: two)
    monkeypatch.setattr(question_pages, "asked", tuple)
    monkeypatch.setattr(pages, "lists", lambda: [pages._councils()])
    with only([bodies()[cs.council("Stevenage").ecode]]):
        yield
    for path, content in listed.items():
        path.write_bytes(content)


@pytest.fixture
def one_chart(monkeypatch):
    made = [how_deep.CHARTS[0]()]
    monkeypatch.setattr(questions, "charts", lambda: made)


@pytest.fixture
def one_table(monkeypatch):
    monkeypatch.setattr("coopstats.export.some_built", lambda: ["deflator"])


@pytest.fixture
def small_notebooks(clone):
    folder = clone / "notebooks"
    folder.mkdir(exist_ok=True)
    cell = nbformat.v4.new_code_cell("import coopstats as cs\ncs.financial_year(2010)")
    for name in ("5_who_were_the_pilots", "9_the_claims"):
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / f"{name}.ipynb")


@pytest.fixture
def publisher(tmp_path, monkeypatch):
    """A server of our own on this machine, and a record of what it gives."""
    content = spreadsheets.xlsx({"A": [["TEST FIGURES", 1]]})
    (tmp_path / "book.xlsx").write_bytes(content)
    folder = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), folder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/book.xlsx"
        real = sources.read_sources()
        told = {"address": address, "page": "", "sha256": hashlib.sha256(content).hexdigest()}
        of = ("revenue_budget/2021-22", "revenue_outturn/2010-11")
        made = {one: dataclasses.replace(real[one], file=f"{one}.xlsx", **told) for one in of}
        monkeypatch.setattr(sources, "read_sources", lambda: made)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield
        server.shutdown()


def marked(words):
    """A command as a parameter, marked where it is slow."""
    slow = begins(words, SLOW) and not begins(words, ["check --doubts --table"])
    return pytest.param(words, marks=pytest.mark.slow if slow else ())


@pytest.mark.parametrize("words", list(map(marked, RUN)))
def test_what_is_said_to_work_does(words, clone, tmp_path, request, monkeypatch):
    monkeypatch.setenv("COOPSTATS_HOME", str(clone))
    monkeypatch.chdir(tmp_path)
    for start in begins(words, SMALL):
        request.getfixturevalue(SMALL[start])
    result = CliRunner().invoke(main, split(words, tmp_path / "reader"))
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
    assert set(NOT_RUN) - used == set()
    assert [start for start in (*SMALL, *SLOW) if not any(begins(w, [start]) for w in RUN)] == []
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
