"""All tables or none, one build at a time, and nothing rebuilt that has not changed.

What the build must survive is played on two small made-up tables; the real ones are built once.
"""

import contextlib
import errno
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pyarrow.parquet as pq
import pytest

from coopstats.clean.build import build as building
from coopstats.clean.build import fingerprint
from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import contract, number, rule, year
from coopstats.clean.tables import lines, social_care_spending
from coopstats.clean.tables.revenue_outturn import accounts
from coopstats.core import paths, sources, workers
from coopstats.core.errors import (
    BuildRunning,
    ContractBroken,
    CoopstatsError,
    NotBuilt,
    NumbersMoved,
    StaleCorrection,
    TieOutFailed,
    UnknownHeading,
    UnknownName,
)
from coopstats.datasets.load import load
from coopstats.datasets.table import about

ROOT = Path(__file__).resolve().parents[3]


def changed_home(home):
    """Change what every table is made of, without changing a figure."""
    toml = home / "data" / "raw" / "SOURCES.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('publisher = "', 'publisher = "The ') + "# changed\n", "utf-8")


@pytest.fixture
def copied(built_once, tmp_path, monkeypatch):
    """A built home of one's own, to break."""
    shutil.copytree(built_once, tmp_path / "home")
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path / "home"))
    sources.read_sources.cache_clear()
    yield tmp_path / "home"
    sources.read_sources.cache_clear()


def contents(home):
    """Every file of data/processed but the lock, with its bytes."""
    folder = home / "data" / "processed"
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != ".lock"}


class Table:
    """A cleaning module of a made-up table whose one figure can be set."""

    def __init__(self, name, figure=1.0):
        self.name, self.figure = name, figure

    def clean(self):
        made = pd.DataFrame({"year": [2010, 2011], "gbp": [self.figure, 2.0]})
        return made.astype({"year": "int16"})

    def promised(self):
        positive = rule("Figures are above zero.", lambda f: f > 0)
        columns = {"year": year(), "gbp": number("pounds", checks=positive)}
        return contract(
            self.name, "Made up", "Test figures.", columns, ["year"], value="gbp", publications=[]
        )


@pytest.fixture
def tables(home, monkeypatch):
    """Two made-up tables instead of the real ones, in a home without originals."""
    made = SimpleNamespace(one=Table("one"), two=Table("two"))
    raw = home.folder / "data" / "raw"
    raw.mkdir(parents=True)
    (raw / "SOURCES.toml").write_text("source = []\n")
    monkeypatch.setattr(building, "TABLES", ("one", "two"))
    monkeypatch.setattr(building, "module", made.__dict__.get)
    monkeypatch.setattr(building, "CHECKS", ())
    of_toml = {"publications": lambda table: (), "digests": digests}
    monkeypatch.setattr(building, "inputs", SimpleNamespace(**of_toml))
    monkeypatch.setattr(building, "_check_corrections_applied", lambda _: None)
    building.build()
    return made


def digests(tables):
    """Made-up tables depend on SOURCES.toml alone."""
    return dict.fromkeys(tables, (paths.raw_dir() / "SOURCES.toml").read_text(encoding="utf-8"))


def touch(home):
    changed_home(home.folder)
    sources.read_sources.cache_clear()


# --- all or none -----------------------------------------------------------------------------


def test_what_is_stale_is_built_and_what_is_current_is_left(home, tables):
    before = contents(home.folder)
    assert building.build() == []
    assert contents(home.folder) == before
    touch(home)
    assert building.build(["two"]) == ["two"]
    assert building.build() == ["one"]


def test_a_broken_contract_of_one_table_leaves_both_old(home, tables):
    before = contents(home.folder)
    touch(home)
    tables.one.figure, tables.two.figure = 5.0, -1.0
    with pytest.raises(ContractBroken) as broken:
        building.build()
    assert "two breaks its contract:" in str(broken.value)
    assert "Figures are above zero. Broken 1 times" in str(broken.value)
    assert list(broken.value.breaches["rule"]) == ["Figures are above zero."]
    assert contents(home.folder) == before
    assert load("one")["gbp"].to_list() == [1, 2]


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_full_disk_leaves_both_old_and_no_litter(home, tables, monkeypatch, step):
    before = contents(home.folder)
    touch(home)
    tables.one.figure = tables.two.figure = 5.0
    done = []

    def write(path, content, write=Path.write_bytes):
        done.append(path)
        if len(done) == step:
            write(path, content[:10])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", write)
    if step > 2:
        assert building.build() == ["one", "two"]
        return
    with pytest.raises(CoopstatsError, match="No space left on device"):
        building.build()
    assert contents(home.folder) == before


def test_a_tie_out_that_fails_leaves_all_old(copied, monkeypatch):
    before = contents(copied)
    changed_home(copied)
    sources.read_sources.cache_clear()
    recorded, alone = tie_out.recorded, workers.alone
    monkeypatch.setattr(tie_out, "recorded", lambda tables: recorded(tables).iloc[1:])
    # Another process would not see the record without its first row.
    monkeypatch.setattr(workers, "together", lambda steps, do, noted, _: alone(steps, do, noted))
    with pytest.raises(TieOutFailed, match="1 columns do not tie out"):
        building.build()
    assert contents(copied) == before


def test_a_name_that_is_no_table_is_refused_and_the_nearest_named(home, tables):
    with pytest.raises(UnknownName, match="Did you mean 'two'"):
        building.build(["twoo"])


# --- kills and neighbours --------------------------------------------------------------------

KILLED_AT_RENAME = """
import os, signal, sys
from coopstats import build
rename, done = os.replace, []
def replace(*names):
    done.append(names)
    if len(done) > int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
    rename(*names)
os.replace = replace
build.build(["councils", "deflator", "deprivation"])
"""


def killed(home, script, *arguments):
    environment = {**os.environ, "COOPSTATS_HOME": str(home), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", script, *arguments], env=environment)
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 here")
@pytest.mark.parametrize("renamed", [0, 1])
def test_a_kill_leaves_every_table_whole_and_the_next_build_ends_the_work(copied, renamed):
    before = contents(copied)
    changed_home(copied)
    killed(copied, KILLED_AT_RENAME, str(renamed))
    after = contents(copied)
    assert sum(after[name] != before[name] for name in before) == renamed
    assert all(len(load(name, basis=None)) for name in building.TABLES)
    names = ["councils", "deflator", "deprivation"]
    assert building.build(names) == names[renamed:]
    assert building.build(names) == []
    assert set(contents(copied)) == set(before), "what the killed build left behind is gone"


HOLDS_THE_LOCK = """
import sys, time
from coopstats import build
with build._only_build():
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_builds_at_once_are_one_build_and_a_refusal(home, tables):
    touch(home)
    before = contents(home.folder)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDS_THE_LOCK], env=environment, stdout=subprocess.PIPE
    )
    with other:
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(BuildRunning, match="Wait until it has ended"):
            building.build()
        assert contents(home.folder) == before
        other.kill()
    assert building.build() == ["one", "two"]


def test_the_lock_is_let_go_of_when_a_build_fails(home, tables):
    touch(home)
    tables.one.figure = -1.0
    with pytest.raises(ContractBroken):
        building.build()
    tables.one.figure = 1.0
    assert building.build() == ["one", "two"]


# --- damage ----------------------------------------------------------------------------------


@pytest.mark.parametrize("left", [0, 100, -100])
def test_a_truncated_table_is_told_and_rebuilt(home, tables, left):
    file = building.path("two")
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(NotBuilt, match=r"two\.parquet is damaged.*coopstats build"):
        load("two")
    assert building.build() == ["two"]
    assert len(load("two")) == 2


def test_a_flipped_bit_among_the_figures_is_told_and_not_read(copied):
    file = building.path("revenue_outturn")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(NotBuilt, match="Delete it and run `coopstats build`"):
        load("revenue_outturn", basis=None)


def test_a_parquet_file_from_elsewhere_is_no_table(home, tables):
    pd.DataFrame({"gbp": [1.0]}).to_parquet(building.path("two"))
    with pytest.raises(NotBuilt, match=r"two\.parquet is damaged"):
        load("two")
    assert building.build() == ["two"]


def test_with_nothing_built_load_says_what_to_do(home):
    (home.folder / "data" / "raw").mkdir(parents=True)
    with pytest.raises(NotBuilt, match="Run `coopstats build`"):
        load("revenue_outturn")


# --- the real tables -------------------------------------------------------------------------


def test_every_table_is_built_and_a_second_build_does_nothing(built):
    before = contents(built)
    assert set(before) == {f"{name}.parquet" for name in building.TABLES}
    assert building.build() == []
    assert contents(built) == before


def test_a_rebuild_gives_the_same_bytes(copied):
    """One process makes here what two had made."""
    before = contents(copied)
    rebuilt = ["councils", "social_care_spending", "deflator", "deprivation"]
    for name in rebuilt:
        building.path(name).unlink()
    accounts.cache_clear()
    assert building.build() == rebuilt
    assert contents(copied) == before


def test_the_steps_of_all_tables_are_shared_by_what_they_read():
    steps = building._steps(dict.fromkeys(building.TABLES, ""))
    assert {s[1] for s in steps if s[0] == "make"} == set(building.TABLES) - {"lines"}
    assert {s[1] for s in steps if s[0] == "list"} == set(lines.LISTED)
    assert [s[1] for s in steps if s[0] == "check"] == list(building.CHECKS)
    for steps_of_kin in ("revenue_outturn", "council_tax"):
        assert "revenue_budget" in building._kin(("make", steps_of_kin))
    assert building._kin(("make", "deflator")) == ("deflator",)


def test_a_failure_in_another_process_leaves_all_old(copied):
    """Its own exception comes through the pipe, and nothing is written."""
    before = contents(copied)
    changed_home(copied)
    sources.read_sources.cache_clear()
    social_care_spending.accounts.cache_clear()
    file = copied / "data" / "raw" / "social_care_spending" / "2012-13.parquet"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(NotBuilt, match=r"2012-13\.parquet is missing or damaged"):
        building.build(["social_care_spending", "children_spending"])
    assert contents(copied) == before


def test_a_list_of_headings_that_fails_leaves_all_old_and_says_why(copied, monkeypatch):
    before = contents(copied)
    changed_home(copied)
    sources.read_sources.cache_clear()
    listed = lines.headings_of

    def failing(publication):
        if publication == "social_care_spending":
            raise UnknownHeading("The heading 'Odd' is no line.")
        return listed(publication)

    monkeypatch.setattr(lines, "headings_of", failing)
    with pytest.raises(UnknownHeading, match=r"^The heading 'Odd' is no line\.$"):
        building.build(["councils", "lines"])
    assert contents(copied) == before


def test_corrections_that_were_not_applied_are_told_before_the_crosswalk_is_made(monkeypatch):
    """And the crosswalk is a step of the bar, as every other table."""
    steps, done, shown = [("list", "revenue_outturn"), ("make", "councils", "")], [], []

    @contextlib.contextmanager
    def bar(many, show):
        shown.append(many)
        yield lambda step: done.append(step[:2])

    def unapplied(used):
        raise StaleCorrection("One was not applied.")

    monkeypatch.setattr(building, "_steps", lambda *_: steps)
    monkeypatch.setattr(building, "step", lambda kind, name, *_: ([name], set()))
    monkeypatch.setattr(building, "_built", lambda name, digest, found: found)
    monkeypatch.setattr(building, "_progress", bar)
    monkeypatch.setattr(building, "_check_corrections_applied", list)
    monkeypatch.setattr(building, "TABLES", ("councils", "lines"))
    stale = {"councils": "", "lines": ""}
    made = building._made(stale, False)
    assert made == {"councils": ["councils"], "lines": ["revenue_outturn"]}
    assert shown == [3]
    assert done == [*(step[:2] for step in steps), ("make", "lines")]
    monkeypatch.setattr(building, "_check_corrections_applied", unapplied)
    done.clear()
    with pytest.raises(StaleCorrection, match="One was not applied"):
        building._made(stale, False)
    assert ("make", "lines") not in done


def test_headings_are_listed_only_for_a_stale_crosswalk():
    steps = {names: building._steps(dict.fromkeys(names, "")) for names in (
        ("councils",), ("councils", "lines"),
    )}  # fmt: skip
    kinds = [[step[1] for step in each if step[0] == "list"] for each in steps.values()]
    assert kinds == [[], list(lines.LISTED)]


@pytest.mark.parametrize("table", building.TABLES)
def test_a_table_says_what_it_is_and_where_it_comes_from(built, table):
    said = about(table)
    columns = pq.read_schema(building.path(table)).names
    assert set(said["columns"]) == set(columns)
    assert all(said["columns"].values())
    assert said["key"]
    assert said["sources"]
    for source in said["sources"].values():
        assert source["licence"]
        assert source["page"].startswith(("https://", "http://opencouncildata.co.uk/"))


def test_every_source_named_in_a_row_is_described(built):
    for table in building.TABLES:
        if "source" in about(table)["columns"]:
            used = set(load(table, basis=None)["source"].dropna().unique())
            assert used <= set(about(table)["sources"])


# --- the fingerprint -------------------------------------------------------------------------


def test_a_moved_number_is_reported_with_both_totals(home, tables):
    fingerprint.accept()
    assert fingerprint.moved().empty
    touch(home)
    tables.two.figure = 1.5
    building.build()
    (moved,) = fingerprint.moved().to_dict("records")
    assert (moved["table"], moved["year"]) == ("two", "2010")
    assert (moved["total_accepted"], moved["total_built"]) == ("1.00", "1.50")


def test_a_moved_number_is_accepted_only_with_its_entry_in_the_changelog(home, tables):
    fingerprint.accept()
    touch(home)
    tables.two.figure = 1.5
    building.build()
    with pytest.raises(NumbersMoved, match=re.escape("- `two`, 2010: 1.00 → 1.50: WHY")):
        fingerprint.accept()
    assert len(fingerprint.moved()) == 1
    (paths.home() / "CHANGELOG.md").write_text(
        "## 0.2.0\n\n### Numbers that changed\n\n- `two`, 2010: 1.00 → 1.50: a test\n", "utf-8"
    )
    fingerprint.accept()
    assert fingerprint.moved().empty


def test_figures_that_change_places_are_reported(home, tables):
    """The total of a year stays; the rows do not."""
    fingerprint.accept()
    touch(home)
    tables.two.clean = lambda: Table("two").clean().assign(gbp=[2.0, 1.0])
    building.build()
    assert list(fingerprint.moved()["year"]) == ["2010", "2011"]


def test_a_year_that_came_or_went_is_reported(home, tables):
    fingerprint.accept()
    touch(home)
    tables.two.clean = lambda: (
        Table("two").clean().assign(year=[2010, 2012]).astype({"year": "int16"})
    )
    building.build()
    assert list(fingerprint.moved()["year"]) == ["2011", "2012"]


def test_a_table_that_went_is_reported(home, tables):
    fingerprint.accept()
    building.path("two").unlink()
    assert set(fingerprint.moved()["table"]) == {"two"}


def test_no_published_number_has_moved_unaccepted(copied):
    shutil.copy(ROOT / "data" / "processed" / "FINGERPRINT.csv", fingerprint.file())
    assert fingerprint.moved().to_dict("records") == []
