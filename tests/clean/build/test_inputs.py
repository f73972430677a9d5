"""A table is rebuilt when anything it is made of has changed, and else it is left alone."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from coopstats.clean.build import build as building
from coopstats.clean.build import inputs
from coopstats.core import paths, sources

ROOT = Path(__file__).resolve().parents[3]

OPENED = """
import functools, json, os, sys
from coopstats.clean.build import build
from coopstats.clean.contracts import contract
from coopstats.clean.sheets import sheet as sheets
from coopstats.register import reader as registry

opened = {"raw": set(), "register": set()}

def noting(kind, name_of, read):
    @functools.wraps(read)
    def noted(what, *rest):
        opened[kind].add(name_of(what))
        return read(what, *rest)
    return noted

def alone(name):
    "What a process opens that makes this table and nothing else."
    module = build.module(name)
    promised = module.promised()
    sheets._read = noting("raw", lambda source: source.table, sheets._read)
    table_of = noting("register", str, registry.table_of)
    for other in [m for n, m in sys.modules.items() if n.startswith("coopstats.")]:
        if hasattr(other, "table_of"):
            other.table_of = table_of
    if name in build.CHECKS:
        build._check(name)
    contract.keep(promised, module.clean())
    print(json.dumps([name, sorted(opened["raw"]), sorted(opened["register"])]), flush=True)

for name in build.TABLES:
    if not (child := os.fork()):
        alone(name)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, name
"""


@pytest.fixture(scope="module")
def opened():
    """What each table opens when a process of its own makes it, so that nothing is remembered."""
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    words = [sys.executable, "-c", OPENED]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name: rest for name, *rest in map(json.loads, said.stdout.splitlines())}


def test_no_table_opens_what_it_is_not_said_to_be_made_of(opened):
    missed = {
        name: (set(raw) - set(inputs.publications(name)), set(register) & inputs.NOT_IN_TABLES)
        for name, (raw, register) in opened.items()
    }
    assert missed == dict.fromkeys(building.TABLES, (set(), set()))
    raw, register = opened["children_spending"]  # that it was noted at all
    assert raw == ["children_spending", "lait"]
    assert {"councils", "lines", "markers", "breaks", "line_totals"} <= set(register)


def test_no_table_is_said_to_be_made_of_what_is_not_there():
    folders = {p.name for p in paths.raw_dir().iterdir() if p.is_dir()}
    assert {n for table in building.TABLES for n in inputs.publications(table)} <= folders
    assert {f"{n}.csv" for n in inputs.NOT_IN_TABLES} <= {
        p.name for p in paths.register_dir().glob("*.csv")
    }
    assert set(inputs.PUBLICATIONS) <= set(building.TABLES)


@pytest.fixture
def copied(built_once, tmp_path, monkeypatch):
    """A built home of one's own, to change."""
    shutil.copytree(built_once, tmp_path / "home")
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path / "home"))
    sources.read_sources.cache_clear()
    yield tmp_path / "home"
    sources.read_sources.cache_clear()


def rewritten(file):
    """Write a raw file anew with other bytes and the same figures."""
    table = pq.read_table(file)
    pq.write_table(table, file, compression="gzip")


def test_a_changed_raw_file_rebuilds_the_tables_made_of_it_and_no_other(copied):
    (file,) = (copied / "data" / "raw" / "household_income").glob("*.parquet")
    before = {p.name: p.read_bytes() for p in (copied / "data" / "processed").glob("*.parquet")}
    rewritten(file)
    assert building.build() == ["household_income"]
    after = {p.name: p.read_bytes() for p in (copied / "data" / "processed").glob("*.parquet")}
    assert [name for name in before if before[name] != after[name]] == ["household_income.parquet"]
    assert building.build() == []


def test_a_table_of_another_s_publication_is_rebuilt_with_it(copied):
    for file in (copied / "data" / "raw" / "deprivation").glob("*.parquet"):
        rewritten(file)
    assert building.build(["councils", "deprivation", "population"]) == ["deprivation"]
    for file in (copied / "data" / "raw" / "population").glob("*.parquet"):
        rewritten(file)
    assert building.build(["councils", "deprivation", "population"]) == [
        "deprivation",
        "population",
    ]


def stale_after(change):
    """The tables whose digest another content of the register or the sources changes."""
    before = inputs.digests(building.TABLES)
    change()
    after = inputs.digests(building.TABLES)
    return {name for name in before if before[name] != after[name]}


@pytest.fixture
def register(tmp_path, monkeypatch):
    """A copy of the register to change."""
    folder = tmp_path / "register"
    shutil.copytree(paths.register_dir(), folder)
    monkeypatch.setattr(paths, "register_dir", lambda: folder)
    return folder


@pytest.mark.parametrize(
    ("file", "stale"),
    [
        ("councils", set(building.TABLES)),
        ("corrections", set(building.TABLES)),
        ("colours", set()),
        ("pilots", set()),
    ],
)
def test_a_changed_file_of_the_register_makes_stale_what_reads_it(register, file, stale):
    def change():
        with (register / f"{file}.csv").open("a", encoding="utf-8") as csv:
            csv.write("\n")

    assert stale_after(change) == stale


def test_a_changed_entry_of_a_publication_makes_stale_what_cites_it(copied):
    def change():
        toml = copied / "data" / "raw" / "SOURCES.toml"
        head, entry, rest = toml.read_text(encoding="utf-8").partition('id = "london_crime/')
        changed = rest.replace('publisher = "', 'publisher = "The ', 1)
        toml.write_text(head + entry + changed, encoding="utf-8")
        sources.read_sources.cache_clear()

    assert stale_after(change) == {"london_crime"}


@pytest.mark.parametrize("module", ["core/years", "register/lookups", "clean/sheets/plain"])
def test_a_changed_module_makes_every_table_stale(register, tmp_path, monkeypatch, module):
    """Also one that only helps: which tables it helps is not guessed."""
    package = tmp_path / "package"
    for folder in inputs.CODE:
        shutil.copytree(paths.PACKAGE / folder, package / folder)
    monkeypatch.setattr(paths, "PACKAGE", package)

    def change():
        with (package / f"{module}.py").open("a", encoding="utf-8") as code:
            code.write("# other code\n")

    assert stale_after(change) == set(building.TABLES)
    assert stale_after((package / "core" / "note.txt").touch) == set()


def test_a_publication_is_checked_before_any_table_that_may_be_made_of_it():
    assert building._to_check(["reserves"]) == [
        "corrections", "revenue_outturn", "revenue_budget",
    ]  # fmt: skip
    assert building._to_check(["london_crime"]) == ["corrections"]
    assert building._to_check(building.TABLES) == list(building.CHECKS)
