"""The house's laws: which floor may import which, who may open what, what a notebook may hold."""

from __future__ import annotations

import ast
import importlib
import json
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from coopstats.clean.build import build
from coopstats.datasets.table import built_tables

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "coopstats"
MODULES = sorted(PACKAGE.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ABOVE_THE_WALL = ("coopstats.clean", "coopstats.publications")
HEAVY = (
    "matplotlib", "pandera", "python_calamine", "tqdm", "nbclient", "nbformat",
    "joblib", "numba", "scipy", "diff_diff", "pyfixest", "dask", "distributed", "openpyxl",
)  # fmt: skip
KERNEL = PACKAGE / "comparisons" / "kernel.py"  # is numba's; opened only where numba is wanted


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(nodes):
    """Every module that these nodes import, and every name they import from one."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def above(name):
    return name.startswith(tuple(f"{a}." for a in ABOVE_THE_WALL)) or name in ABOVE_THE_WALL


def ids(path):
    return name_of(path) if path.suffix == ".py" else path.stem


# ── floors ───────────────────────────────────────────────────────────────────────────────────────


def test_nothing_lies_flat_and_the_rooms_are_few():
    rooms = [p.name for p in PACKAGE.iterdir() if p.is_dir() and p.name[0] != "_"]
    assert len(rooms) <= 14
    assert [p.name for p in PACKAGE.glob("*.py")] == ["__init__.py"]


@pytest.fixture
def copied(tmp_path):
    """The package's modules and the contracts on them, to be broken."""
    for path in MODULES:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def lint_imports(folder):
    """The contracts that are broken, by name; the command is what `run.py test` runs."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert "Contracts:" in done.stdout, done.stderr
    return done.returncode, done.stdout


def test_imports_run_one_way_and_in_no_circle():
    code, told = lint_imports(ROOT)
    assert code == 0, told


IN_A_FUNCTION = "\n\ndef _up():\n    import {0}\n\n    return {0}\n"
FOR_TYPES = "\nimport typing\n\nif typing.TYPE_CHECKING:\n    import {0}\n"


@pytest.mark.parametrize(
    ("module", "line", "other", "broken"),
    [
        ("core/years.py", IN_A_FUNCTION, "coopstats.cli.main", "journey"),
        ("register/breaks.py", FOR_TYPES, "coopstats.measures.measure", "journey"),
        ("clean/sheets/keys.py", FOR_TYPES, "coopstats.clean.build.build", "one way"),
        ("charts/spec.py", FOR_TYPES, "coopstats.charts.layout", "need each other"),
        ("comparisons/result.py", IN_A_FUNCTION, "coopstats.comparisons.plots", "need each other"),
    ],
)
def test_an_import_that_runs_up_or_in_a_circle_is_found(copied, module, line, other, broken):
    path = copied / "coopstats" / module
    path.write_text(path.read_text(encoding="utf-8") + line.format(other), encoding="utf-8")
    code, told = lint_imports(copied)
    names = " ".join(told.split())
    assert code == 1
    assert f"{broken}" in names[names.index("Broken contracts") :]


def test_importing_the_library_loads_nothing_heavy_and_nothing_above():
    """Each costs a user of `import coopstats` time; each is imported where it is needed."""
    code = "import sys, coopstats, coopstats.findings.questions; print('\\n'.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "coopstats.measures.measure" in loaded
    assert [name for name in loaded if name.split(".")[0] in HEAVY or above(name)] == []


@pytest.mark.parametrize("path", [p for p in MODULES if p != KERNEL], ids=ids)
def test_the_command_line_and_all_others_import_the_heavy_ones_where_they_need_them(path):
    at_once = set(imported(tree(path).body))
    assert [n for n in at_once if n.split(".")[0] in HEAVY] == []


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_nothing_imports_pyplot(path):
    names = list(imported(ast.walk(tree(path))))
    assert not any("pyplot" in name for name in names)


# ── who opens what ───────────────────────────────────────────────────────────────────────────────


def users_of(*words):
    """The modules whose code uses one of these names (not in a comment or a docstring)."""
    return {
        name_of(path).removeprefix("coopstats.")
        for path in MODULES
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Attribute) and node.attr in words)
        or (isinstance(node, ast.Name) and node.id in words)
        or (isinstance(node, ast.FunctionDef) and node.name in words)
    }


def test_only_the_reader_of_data_raw_opens_it():
    """Besides: transcribe writes it, inputs takes its digests, sources reads SOURCES.toml."""
    assert users_of("raw_dir", "raw_file") == {
        "core.paths", "core.sources", "publications.transcribe", "clean.build.inputs",
        "clean.sheets.sheet",
    }  # fmt: skip


def test_only_build_writes_data_processed():
    """Besides: FINGERPRINT, HEADLINES and CHARTS.csv, which were accepted, lie there.

    And what can be deleted at any time: what `kept`, `notebooks` and `unchanged` need not work out
    again.
    """
    assert users_of("processed_dir") == {
        "core.paths", "clean.build.build", "clean.build.fingerprint",
        "reproduce.headlines", "datasets.kept", "findings.notebooks", "book.chart_list",
        "reproduce.unchanged",
    }  # fmt: skip


def test_only_load_reads_the_tables():
    assert users_of("tables_dir") == {"core.paths", "datasets.table", "book.chart_list"}


def test_files_are_written_whole_or_not_at_all():
    """Besides: book.site fills a folder that is put in its place whole.

    What writes Parquet writes it into memory, and gives `files` the bytes.
    """
    whole = {"core.files", "publications.transcribe", "charts.save", "book.site"}
    assert users_of("write_bytes", "write_text") <= whole
    writers = users_of("to_parquet", "write_table")
    assert writers <= {"core.parquet", "publications.transcribe"}


# ── four places ──────────────────────────────────────────────────────────────────────────────────


def promising():
    """The modules of clean/ that make a contract of their own."""
    return {
        path.stem
        for path in (PACKAGE / "clean").rglob("*.py")
        if any(
            isinstance(n, ast.FunctionDef) and n.name == "promised" and not n.args.args
            for n in tree(path).body
        )
    }


def test_one_name_in_four_places(built):
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests").rglob("test_*.py")}
    tested |= {name.removesuffix("_table") for name in tested}
    assert promising() == set(build.TABLES)
    assert set(built_tables()) == set(build.TABLES)
    assert set(build.TABLES) <= tested


@pytest.mark.parametrize("table", build.TABLES)
def test_every_contract_bears_its_table_s_name(table):
    made = importlib.import_module(f"coopstats.clean.tables.{table}").promised()
    assert made.name == table
    assert made.title
    assert made.description


# ── functions ────────────────────────────────────────────────────────────────────────────────────

FUNCTIONS = [
    (f"{name_of(path)}.{node.name}", node)
    for path in MODULES
    for node in ast.walk(tree(path))
    if isinstance(node, ast.FunctionDef)
]


def length(node):
    """Lines of the body, its docstring among them."""
    return node.end_lineno - node.body[0].lineno + 1


def test_functions_are_small():
    assert [name for name, node in FUNCTIONS if node.end_lineno - node.lineno + 1 > 40] == []
    lengths = [length(node) for _, node in FUNCTIONS]
    assert statistics.median(lengths) <= 7
    assert statistics.quantiles(lengths, n=10)[8] <= 25


def public(path):
    """Functions and classes of a module that a reader may call, and the public methods of those."""
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            inner = node.body if isinstance(node, ast.ClassDef) else []
            yield from (
                n for n in inner if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")
            )


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_what_is_public_says_what_it_means(path):
    assert ast.get_docstring(tree(path))
    assert [node.name for node in public(path) if not ast.get_docstring(node)] == []


VAGUE = {"df", "data", "utils", "helpers", "process", "tmp", "foo"}


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_names_say_what_they_hold(path):
    assert path.stem not in VAGUE
    named = {n.name for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef)}
    named |= {n.id for n in ast.walk(tree(path)) if isinstance(n, ast.Name)}
    named |= {n.arg for n in ast.walk(tree(path)) if isinstance(n, ast.arg)}
    assert named & VAGUE == set()


# ── nothing of this machine ──────────────────────────────────────────────────────────────────────

OF_A_MACHINE = re.compile(
    r"(?<![\w.])/(?:work|home|Users|root|tmp|mnt|private)/\w|[A-Z]:\\\\?Users"
    r"|pypi\.org|pythonhosted|/simple/|file://|localhost:\d"
)
TEXT = {".py", ".md", ".toml", ".txt", ".csv", ".ini", ".cff", ".ipynb", ".yml", ".yaml", ".cfg"}
NAMES_THEM = {"test_architecture.py", "test_transcribe.py"}  # to say that they must not be there


def tracked():
    """The text files that git holds; all of the tree where there is no git."""
    git = shutil.which("git")
    listed = git and subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True
    )  # fmt: skip
    if not listed or listed.returncode:
        return [p for p in ROOT.rglob("*") if p.suffix in TEXT and ".venv" not in p.parts]
    named = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [p for p in named if p.suffix in TEXT or p.parent.name == ".ci"]


def test_no_file_names_a_path_of_a_machine_or_a_package_index():
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.name not in NAMES_THEM and path.exists()
        for match in OF_A_MACHINE.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see /home/ann/x", True),
        ("C:\\\\Users\\\\ann", True),
        ("--index-url https://pypi.org/simple", True),
        ("children/home/work", False),
        ("https://www.gov.uk/home/x", False),
    ],
)
def test_the_pattern_for_such_paths_finds_them(text, found):
    assert bool(OF_A_MACHINE.search(text)) is found


# ── the notebook law ─────────────────────────────────────────────────────────────────────────────

MOST_LINES = 25
ALLOWED = [
    r"`[^`]*`",  # code
    r"\]\([^)]*\)",  # where a link goes
    r"\"[^\"]*\"|“[^”]*”",  # quoted words
    r"\b(?:19|20)\d\d(?:-\d\d)?\b",  # years
    r"\bQ\d+\b",  # a claim by its number
    r"\b[Ss]ection \d+\b",  # a section of an Act
]


def cells(notebook, kind):
    content = json.loads(notebook.read_text(encoding="utf-8"))
    return [c for c in content["cells"] if c["cell_type"] == kind]


def source(cell):
    return "".join(cell["source"])


def digits_in(prose):
    """Figures typed into prose, apart from quotes, years, code and the names of claims."""
    for pattern in ALLOWED:
        prose = re.sub(pattern, " ", prose)
    return re.findall(r"\S*\d\S*", prose)


def breaches(code):
    """What a code cell may not hold."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            yield "a definition"
        if isinstance(node, ast.For | ast.While):
            yield "a loop"
        words = node.value if isinstance(node, ast.Constant) else None
        if isinstance(words, str) and re.search(r"[/\\]|\.(csv|parquet|xlsx?|json)$", words):
            yield f"a path: {words}"


def test_there_are_notebooks_and_their_names_are_questions():
    assert NOTEBOOKS
    assert all(re.match(r"\d+_[a-z_]+$", path.stem) for path in NOTEBOOKS)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=ids)
def test_a_notebook_defines_nothing_loops_over_nothing_and_names_no_path(notebook):
    assert [b for cell in cells(notebook, "code") for b in breaches(source(cell))] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=ids)
def test_no_figure_is_typed_into_prose(notebook):
    assert [d for cell in cells(notebook, "markdown") for d in digits_in(source(cell))] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=ids)
def test_a_cell_is_at_most_a_screen(notebook):
    every = cells(notebook, "code") + cells(notebook, "markdown")
    assert [source(c) for c in every if len(source(c).splitlines()) > MOST_LINES] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=ids)
def test_every_cell_was_executed_in_order_without_a_warning(notebook):
    code = cells(notebook, "code")
    assert [c["execution_count"] for c in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell["outputs"]]
    assert [o for o in outputs if o["output_type"] in ("stream", "error")] == []
    assert all(cell["outputs"] for cell in code[1:])


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=ids)
def test_a_chart_in_a_notebook_carries_its_numbers_as_text(notebook):
    shown = [o["data"] for c in cells(notebook, "code") for o in c["outputs"] if "data" in o]
    pictures = ["".join(data["text/plain"]) for data in shown if "image/png" in data]
    assert pictures
    for text in pictures:
        drawn = text.partition("\nUnit: ")[2].partition("\nSource")[0]
        assert len(re.findall(r"\d[\d,.]*", drawn)) >= 3, text


@pytest.mark.parametrize(
    ("prose", "found"),
    [
        ("It fell by 23% in 2010-11.", ["23%"]),
        ('He said "20-25%" in 2010.', []),
        ("Claim Q3, see `load(2010)` and [the table](a/b3.md).", []),
        ("There were 46 councils.", ["46"]),
    ],
)
def test_the_law_on_prose_finds_a_typed_figure(prose, found):
    assert digits_in(prose) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def f(): pass", 1),
        ("for x in y: x", 1),
        ("open('raw/x.csv')", 1),
        ("f = lambda: 1", 1),
        ("how_deep.answer()", 0),
        ("[x for x in y]", 0),
    ],
)
def test_the_law_on_code_finds_a_breach(code, found):
    assert len(list(breaches(code))) == found


def test_no_file_holds_the_marks_of_a_merge_that_was_left_undone():
    marks = re.compile(r"^(?:<{7}|>{7}|={7})(?: |$)", re.MULTILINE)
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *MODULES]
    assert [p for p in documents if marks.search(p.read_text(encoding="utf-8"))] == []
