"""A built table as an object: read once for each edition of its file."""

from __future__ import annotations

import os
import shutil

import pyarrow.parquet as pq
import pytest

from coopstats.core.errors import NotBuilt, UnknownName
from coopstats.datasets.load import load
from coopstats.datasets.table import about, open_table


@pytest.fixture
def copied(built, tmp_path, monkeypatch):
    """A home with a copy of one table, to be written again."""
    target = tmp_path / "data" / "processed"
    target.mkdir(parents=True)
    shutil.copy(built / "data" / "processed" / "deflator.parquet", target)
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    return target / "deflator.parquet"


def test_what_a_table_says_of_itself_is_read_once(copied, monkeypatch):
    read, real = [], pq.read_metadata
    monkeypatch.setattr(pq, "read_metadata", lambda file: read.append(file) or real(file))
    for _ in range(5):
        about("deflator")
        load("deflator")
    assert read == [str(copied)]


def test_a_file_written_again_is_another_table(copied):
    before = open_table("deflator")
    assert open_table("deflator") is before
    rows = pq.read_table(copied).slice(0, before.row_count - 1)
    pq.write_table(rows, copied)
    os.utime(copied, ns=(before.written + 1, before.written + 1))
    assert open_table("deflator").row_count == before.row_count - 1
    assert open_table("deflator").edition != before.edition


@pytest.mark.usefixtures("built")
def test_a_table_knows_its_lines_years_and_types():
    outturn, outcomes = open_table("revenue_outturn"), open_table("teenage_conceptions")
    assert (outturn.line_column, outcomes.line_column) == ("service", "item")
    assert (outturn.calendar, outcomes.calendar) == (False, True)
    assert outturn.years == tuple(sorted(set(load("revenue_outturn", basis=None)["year"])))
    assert outturn.row_count == len(load("revenue_outturn", basis=None))
    assert outturn.of_words("service")
    assert not outturn.of_words("gbp")
    assert "E5017" in outturn.bodies[2010]
    assert outturn.rows(year=[2010], ecode=["E5017"])["council"].unique().tolist() == ["Lambeth"]


@pytest.mark.usefixtures("built")
def test_years_of_a_table_without_years_are_refused():
    with pytest.raises(UnknownName, match="is not by year"):
        _ = open_table("councils").years


def test_a_damaged_file_is_refused_each_time_and_heals(copied):
    whole = copied.read_bytes()
    copied.write_bytes(whole[:100])
    for _ in range(2):
        with pytest.raises(NotBuilt, match="damaged"):
            about("deflator")
    copied.write_bytes(whole)
    assert about("deflator")["title"]
