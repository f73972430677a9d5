"""Folders for tests: a small home with made-up workbooks, and one built from the real data."""

from __future__ import annotations

import shutil
from pathlib import Path

import filelock
import pandas as pd
import pytest
from workbooks import Home

from coopstats.clean.build import build as building
from coopstats.clean.families import section_251
from coopstats.clean.tables import (
    children_spending,
    revenue_budget,
    revenue_outturn,
    social_care_spending,
)
from coopstats.core import sources, waiting
from coopstats.datasets import kept
from coopstats.register import reader

ROOT = Path(__file__).resolve().parent.parent


waiting.SECONDS = 3600.0  # what a test finds on stderr must not hang on how busy the machine is
kept.keeping = False  # a test that puts something in place of ours must leave no trace on disk


def _forget() -> None:
    """What the process remembers of one home must not be used in another."""
    sources.read_sources.cache_clear()
    revenue_outturn.accounts.cache_clear()
    revenue_budget.accounts.cache_clear()
    social_care_spending.accounts.cache_clear()
    section_251.sheets.cache_clear()
    children_spending._tool.cache_clear()
    children_spending.tool_figures.cache_clear()
    revenue_outturn._alive.cache_clear()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home, in which `Home.publish` puts workbooks."""
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    _forget()
    yield Home(tmp_path)
    _forget()


@pytest.fixture(scope="session")
def built_once(tmp_path_factory):
    """The tables of the real data/raw, for all tests and for all workers of xdist.

    Those that stand in the project are taken over; `build` makes anew what is not current.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if base.name.startswith("popen-") else base) / "built"
    with filelock.FileLock(f"{shared}.lock"):
        if not (shared / "data" / "raw").exists():
            shutil.copytree(ROOT / "data" / "raw", shared / "data" / "raw")
            (shared / "data" / "processed").mkdir()
            made = ROOT / "data" / "processed"
            for path in [made / "CHARTS.csv", *made.glob("*.parquet")]:
                shutil.copy2(path, shared / "data" / "processed")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COOPSTATS_HOME", str(shared))
            building.build()
    return shared


@pytest.fixture
def built(built_once, monkeypatch):
    """A home with all tables, for tests that only read them."""
    monkeypatch.setenv("COOPSTATS_HOME", str(built_once))
    return built_once


@pytest.fixture
def one_correction(monkeypatch):
    """Makes one record the whole of corrections.csv: source, sheet, cell, was, now."""
    read = reader.table_of

    def record(*words):
        columns = ["source", "sheet", "cell", "was", "now", "reason", "evidence"]
        listed = pd.DataFrame([[*words, "a test", "none"]], columns=columns)
        monkeypatch.setattr(reader, "table_of", lambda n: listed if n == "corrections" else read(n))

    return record
