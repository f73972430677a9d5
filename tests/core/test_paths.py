"""Where data lies: one rule, and nothing is ever written into an installed package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import coopstats as cs
from coopstats.core import paths
from coopstats.core.errors import NotBuilt, UnknownName

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def installed(tmp_path):
    """The package as an installer would lay it down, and a user with a home of their own."""
    package = tmp_path / "site-packages" / "coopstats"
    shutil.copytree(ROOT / "coopstats", package, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "user").mkdir()
    return package


def run(code, package, **more):
    """What a program of the user's prints, in their own folder, with the installed package."""
    user = package.parents[1] / "user"
    own = {"HOME": str(user), "XDG_DATA_HOME": str(user / "share"), "LOCALAPPDATA": str(user)}
    kept = {name: value for name, value in os.environ.items() if name != paths.VARIABLE}
    environ = {**kept, **own, "PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", f"import coopstats as cs; {code}"],
        cwd=user, env={**environ, **more}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def carry(package, built):
    """Let the package carry two tables, and let nobody write in it."""
    (package / paths.CARRIED).mkdir()
    for table in ("deflator", "councils"):
        shutil.copy(built / "data" / "processed" / f"{table}.parquet", package / paths.CARRIED)
    for path in [*package.rglob("*"), package, package.parent]:
        path.chmod(path.stat().st_mode & ~0o222)


def state(package):
    """Every file of the package with when it was written."""
    return {path: path.stat().st_mtime_ns for path in [package, *package.rglob("*")]}


def give_back(package):
    for path in [package.parent, package, *package.rglob("*")]:
        path.chmod(path.stat().st_mode | 0o200)


def test_an_installed_package_reads_the_tables_that_it_carries_and_writes_nothing(installed, built):
    carry(installed, built)
    before = state(installed)
    try:
        done = run(
            "from coopstats.datasets import kept; from coopstats.core import paths\n"
            "@kept.kept\ndef one(): return 1\n"
            "print(*cs.tables()['table'], len(cs.load('deflator')) > 50, one(), paths.home())",
            installed,
        )
        assert state(installed) == before
    finally:
        give_back(installed)
    assert done.returncode == 0, done.stderr
    tables, home = done.stdout.split()[:4], Path(done.stdout.split()[-1])
    assert tables == ["councils", "deflator", "True", "1"]
    assert home.is_relative_to(installed.parents[1] / "user")
    assert list((home / "data" / "processed" / ".kept").rglob("*"))


def test_a_home_that_is_named_goes_before_what_the_package_carries(installed, built, tmp_path):
    carry(installed, built)
    give_back(installed)
    (tmp_path / "named" / "data" / "raw").mkdir(parents=True)
    done = run("cs.tables()", installed, COOPSTATS_HOME=str(tmp_path / "named"))
    assert "No table has been built yet. Run `coopstats build`" in done.stderr


def test_an_installed_package_without_tables_says_where_it_looks(installed):
    for code in ("cs.tables()", "cs.load('deflator')", "cs.measure('revenue_outturn', 'core')"):
        done = run(code, installed)
        assert "NotBuilt: the project is looked for in" in done.stderr
        assert str(installed.parents[1] / "user") in done.stderr
        assert "Set COOPSTATS_HOME to a clone" in done.stderr
    assert list((installed.parents[1] / "user").rglob("data")) == []


def test_a_clone_is_its_own_home(monkeypatch):
    monkeypatch.delenv(paths.VARIABLE, raising=False)
    assert paths.home() == ROOT
    assert paths.tables_dir() == ROOT / "data" / "processed"


ASKED = [
    cs.tables,
    lambda: cs.load("deflator"),
    lambda: cs.measure("revenue_outturn", "core"),
    lambda: cs.trace("revenue_outturn", council="Lambeth", year=2010, service="core"),
]


@pytest.mark.parametrize("ask", ASKED)
def test_one_message_where_no_table_is_built(home, ask):
    (home.folder / "data" / "raw").mkdir(parents=True)
    with pytest.raises(NotBuilt, match=r"^No table has been built yet\. Run `coopstats build`"):
        ask()


def test_a_table_that_is_not_built_is_another_thing_than_one_that_is_none(built, home):
    folder = home.folder / "data" / "processed"
    folder.mkdir(parents=True)
    (home.folder / "data" / "raw").mkdir()
    shutil.copy(built / "data" / "processed" / "deflator.parquet", folder)
    with pytest.raises(NotBuilt, match="Run `coopstats build revenue_outturn`"):
        cs.load("revenue_outturn")
    with pytest.raises(UnknownName, match="There is no table 'revenue_outtrn'"):
        cs.load("revenue_outtrn")
