"""What is kept on disk is given again only while all that it was made from is the same."""

import shutil

import pytest

from coopstats.datasets import kept

asked = []


def doubled(number):
    asked.append(number)
    return 2 * number


@pytest.fixture
def own_home(built_once, tmp_path, monkeypatch):
    folder = tmp_path / "data" / "processed"
    folder.mkdir(parents=True)
    shutil.copy(built_once / "data" / "processed" / "deflator.parquet", folder)
    (tmp_path / "data" / "raw").mkdir()
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    monkeypatch.setattr(kept, "keeping", True)
    asked.clear()
    return folder


def test_a_second_process_finds_what_the_first_worked_out(own_home):
    assert [kept.kept(doubled)(3), kept.kept(doubled)(3)] == [6, 6]
    assert asked == [3]


def test_a_table_with_the_same_figures_and_other_bytes_is_another_state(own_home):
    """A doubt is in no fingerprint, and a comparison hangs on it."""
    before = kept.made_from()
    kept.kept(doubled)(3)
    table = own_home / "deflator.parquet"
    table.write_bytes(table.read_bytes() + b" ")
    assert kept.made_from() != before
    kept.kept(doubled)(3)
    assert asked == [3, 3]


def test_tests_themselves_keep_nothing(own_home, monkeypatch):
    monkeypatch.setattr(kept, "keeping", False)
    kept.kept(doubled)(3)
    assert not (own_home / kept.FOLDER).exists()
