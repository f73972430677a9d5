"""The whole chain: a number that moves is said and fails, unless CHANGELOG.md says why."""

from __future__ import annotations

import json
import os
import re
import shutil

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner

from coopstats.clean.build import fingerprint
from coopstats.cli.main import main
from coopstats.core import changelog as changes
from coopstats.core import paths
from coopstats.core.changelog import Moved
from coopstats.core.errors import CoopstatsError, NumbersMoved
from coopstats.datasets import kept as keeping
from coopstats.findings import notebooks
from coopstats.reproduce import chain
from coopstats.reproduce.chain import Done, Job, Step

MOVED = Moved("how_deep.1.2 was 24.8 and is 24.9", ("`how_deep.1.2`", "24.8 → 24.9"))
NEW = Moved("how_deep.9 is new", ())


@pytest.fixture
def changelog(tmp_path, monkeypatch):
    """A home with a changelog of these entries."""
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))

    def write(*entries):
        text = "\n".join(f"- {entry}" for entry in entries)
        (tmp_path / "CHANGELOG.md").write_text(
            f"# Changelog\n\n## 0.2.0\n\n### {changes.HEADING}\n\n{text}\n", "utf-8"
        )

    write()
    return write


def fine(_):
    return Done("all well")


def moves(_):
    return Done("looked", [MOVED, NEW])


def breaks(_):
    raise CoopstatsError("the sheet has no such cell")


def taken(*acts, needed=()):
    """The outcomes of these acts as steps, and the steps."""
    steps = [Step(act.__name__, act, needed=act in needed) for act in acts]
    return chain.reproduce(Job(None), steps), steps


# ── the chain ────────────────────────────────────────────────────────────────────────────────────


def test_a_chain_in_which_nothing_moved_is_reproduced(changelog):
    outcomes, steps = taken(fine, fine)
    told = chain.report(outcomes, steps)
    assert "fine: all well" in told
    assert told.endswith("── 0 published numbers moved")
    assert chain.settle(outcomes) is None


def test_a_number_that_moved_is_said_with_the_entry_that_is_missing(changelog):
    outcomes, steps = taken(moves, fine)
    told = chain.report(outcomes, steps)
    assert "── 1 published numbers moved\nNO ENTRY  how_deep.1.2 was 24.8 and is 24.9" in told
    assert told.endswith("- `how_deep.1.2`, 24.8 → 24.9: WHY")
    with pytest.raises(NumbersMoved, match="1 published numbers moved without an entry"):
        chain.settle(outcomes)


def test_with_its_entry_a_number_may_move(changelog):
    changelog("`how_deep.1.2`, 24.8 → 24.9: the deflator was revised")
    outcomes, steps = taken(moves)
    assert "explained  how_deep.1.2" in chain.report(outcomes, steps)
    assert chain.settle(outcomes) is None


def test_what_is_new_moved_nothing(changelog):
    outcomes, _ = taken(lambda _: Done("looked", [NEW]))
    assert chain.moved_in(outcomes) == []
    assert chain.settle(outcomes) is None


def test_a_step_that_fails_is_said_and_the_others_are_taken(changelog):
    outcomes, steps = taken(breaks, moves)
    told = chain.report(outcomes, steps)
    assert "breaks: FAILED: the sheet has no such cell" in told
    assert "moves: looked; 1 moved" in told
    with pytest.raises(CoopstatsError, match="breaks failed"):
        chain.settle(outcomes)


def test_after_a_needed_step_that_fails_nothing_is_tried(changelog):
    outcomes, steps = taken(breaks, fine, needed=[breaks])
    assert len(outcomes) == 1
    assert "not run  fine" in chain.report(outcomes, steps)


def test_a_full_disk_is_a_sentence(changelog):
    def full(_):
        raise OSError(28, "No space left on device", "charts")

    outcomes, _ = taken(full)
    assert "No space left on device" in outcomes[0].problem


def test_every_step_has_a_name_of_its_own_and_says_what_it_shows():
    names = [step.name for step in chain.STEPS]
    assert len(set(names)) == len(names)
    assert names[:2] == ["originals", "build"]
    assert all(step.act.__doc__ for step in chain.STEPS)


def away(_):
    return Done(str(os.getpid()))


def test_steps_beside_are_done_by_another_process_and_said_in_order(changelog):
    steps = [Step("moves", moves, beside=True), Step("breaks", breaks, beside=True),
             Step("away", away, beside=True), Step("here", away), Step("fine", fine)]  # fmt: skip
    said = []
    outcomes = chain.reproduce(Job(None, say=said.append), steps)
    assert [o.step for o in outcomes] == ["moves", "breaks", "away", "here", "fine"]
    assert outcomes[0].done.moved == [MOVED, NEW]
    assert outcomes[1].problem == "the sheet has no such cell"
    assert outcomes[2].done.told != outcomes[3].done.told == str(os.getpid())
    assert said[0] == "── moves, breaks, away, here"


@pytest.fixture
def counted(changelog, tmp_path):
    """A step that is taken once, its job, and how often it was taken."""
    times = []

    def act(job):
        times.append(1)
        (job.out / "charts").mkdir(exist_ok=True)
        (job.out / "charts" / "one.svg").write_text("a line", "utf-8")
        return Done("one chart")

    return Step("charts", act, once=True, writes="charts"), Job(tmp_path), times


def test_a_step_that_ended_well_is_not_taken_again(counted):
    step, job, times = counted
    first, second = (chain.reproduce(job, [step])[0] for _ in range(2))
    assert first.done.told == "one chart"
    assert second.done.told == "one chart (nothing has changed since)"
    assert len(times) == 1


def beside_tables(name):
    """A file of the home, in its folder."""
    path = paths.home() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@pytest.mark.parametrize(
    "name",
    ["README.md", "docs/errata.md", "notebooks/1.ipynb", "data/processed/HEADLINES.csv",
     "data/raw/SOURCES.toml", "charts/one.svg", "charts/two.svg"],
)  # fmt: skip
def test_a_step_is_taken_again_when_what_it_reads_or_wrote_changes(counted, name):
    step, job, times = counted
    chain.reproduce(job, [step])
    beside_tables(name).write_text("other words", "utf-8")
    assert "since" not in chain.reproduce(job, [step])[0].done.told
    assert len(times) == 2


def test_a_step_is_taken_again_when_the_code_or_a_table_changes(counted, monkeypatch):
    step, job, times = counted
    chain.reproduce(job, [step])
    monkeypatch.setattr(keeping, "made_from", lambda: "another state")
    chain.reproduce(job, [step])
    assert len(times) == 2


def test_a_step_that_failed_or_found_a_number_moved_is_taken_again(changelog):
    for act in (breaks, moves):
        step = Step(act.__name__, act, once=True)
        first, second = (chain.reproduce(Job(None), [step])[0] for _ in range(2))
        assert (first.done, first.problem) == (second.done, second.problem)


@pytest.mark.parametrize(
    ("act", "code", "said"),
    [(fine, 0, "reproduced"), (moves, 1, "NO ENTRY"), (breaks, 1, "FAILED")],
)
def test_the_command_s_exit_code(changelog, monkeypatch, act, code, said):
    monkeypatch.setattr(chain, "STEPS", (Step("only", act),))
    result = CliRunner().invoke(main, ["reproduce"])
    assert result.exit_code == code
    assert said in result.stderr


# ── the steps ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def kept(built, tmp_path, monkeypatch):
    """A home whose fingerprint is that of its tables; data/raw is the built one's."""
    shutil.copytree(built / "data" / "processed", tmp_path / "data" / "processed")
    (tmp_path / "data" / "raw").symlink_to(built / "data" / "raw")
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    fingerprint.accept()
    return tmp_path


def test_a_table_year_that_moved_is_named_with_both_totals(kept):
    assert chain.build(Job(kept)).moved == []
    listed = pd.read_csv(fingerprint.file(), dtype=str)
    one = (listed["table"] == "deflator") & (listed["year"] == "2010")
    now = listed.loc[one, "total"].item()
    listed.loc[one, ["total", "digest"]] = ["1.00", "0" * 16]
    listed.to_csv(fingerprint.file(), index=False)
    (moved,) = chain.build(Job(kept)).moved
    assert moved.words == ("`deflator`", f"2010: 1.00 → {now}")


def test_a_new_year_needs_no_entry_and_one_that_went_does(kept):
    listed = pd.read_csv(fingerprint.file(), dtype=str)
    one = (listed["table"] == "deflator") & (listed["year"] == "2010")
    listed.loc[one, "year"] = "1900"
    listed.to_csv(fingerprint.file(), index=False)
    went, new = chain.build(Job(kept)).moved
    assert went.words == ("`deflator`", "1900: withdrawn")
    assert new.words == ()


def test_an_old_page_fails(kept, monkeypatch):
    monkeypatch.setattr("coopstats.reproduce.documents.stale", lambda: ["docs/errata.md"])
    with pytest.raises(CoopstatsError, match=r"Out of date: docs/errata\.md"):
        chain.docs(Job(kept))


def test_everything_ties_out(kept):
    told = chain.check(Job(kept)).told
    assert re.fullmatch(r"[\d,]+ printed figures compared, \d+ differ, all on record", told)


def notebook(folder, *sources):
    """A notebook of one's own, executed."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s) for s in sources])
    (folder / "notebooks").mkdir()
    path = folder / "notebooks" / "1_one_question.ipynb"
    nbformat.write(made, path)
    notebooks.execute(path)
    return path


@pytest.mark.parametrize(
    ("printed", "changed", "cell", "said"),
    [
        (r'"3\n"', r'"4\n"', 2, "kept '4', now '3'"),
        ('"text/plain": ["7"]', '"text/plain": ["8"]', 3, "kept '8', now '7'"),
        ("<b>9</b>", "<b>10</b>", 4, "kept '<b>10</b>', now '<b>9</b>'"),
        (r'"3\n"', r'"3\n", "4\n"', 2, "kept '4', now ''"),
    ],
)
def test_a_cell_that_puts_out_something_else_is_named(
    changelog, tmp_path, printed, changed, cell, said
):
    html = "from IPython.display import HTML; HTML('<b>%d</b>' % 9)"
    path = notebook(tmp_path, "1 + 1", "print(3)", "7", html)
    assert chain.notebooks(Job(tmp_path)).moved == []
    path.write_text(_replaced(path.read_text("utf-8"), printed, changed), "utf-8")
    written = path.read_bytes()
    (moved,) = chain.notebooks(Job(tmp_path)).moved
    assert moved.words == ("`1_one_question`", f"cell {cell}")
    assert moved.what == f"1_one_question.ipynb, cell {cell}: {said}"
    assert path.read_bytes() == written, "what is kept is compared, and not written over"


def _replaced(text, printed, changed):
    """The notebook with one output changed, however its JSON is broken into lines."""
    content = json.dumps(json.loads(text), indent=None)
    assert content.count(printed) == 1
    return content.replace(printed, changed)


def test_originals_that_are_not_given_are_said_not_to_be(kept):
    assert chain.originals(Job(kept)).told.startswith("not given")
    with pytest.raises(CoopstatsError, match="holds none of the"):
        chain.originals(Job(kept, kept))


def test_an_original_that_gives_something_else_is_named_and_the_rest_are_checked(kept, monkeypatch):
    seen = []

    def check(source, _):
        seen.append(source)
        if len(seen) == 1:
            raise CoopstatsError("another cell")

    monkeypatch.setattr("coopstats.publications.transcribe.check", check)
    for name in ("revenue-outturn/RS_2014-15.xls", "deflator/gdp_deflator.dta"):
        (kept / name).parent.mkdir(exist_ok=True)
        (kept / name).touch()
    with pytest.raises(CoopstatsError, match=r"^another cell$"):
        chain.originals(Job(kept, kept))
    assert len(seen) > 1


def test_charts_are_written_where_asked(kept, monkeypatch):
    class Chart:
        def save(self, folder):
            folder.mkdir(parents=True)

    monkeypatch.setattr("coopstats.findings.questions.charts", lambda: [Chart()])
    assert chain.charts(Job(kept / "out")).told.startswith("1 in ")
    assert (kept / "out" / "charts").is_dir()


@pytest.mark.parametrize(
    ("entry", "missing"),
    [
        ("`deflator`, 2010: 1.00 → 2.00: a revised edition", 0),
        ("`deflator`, 2009: 3.00 → 4.00, 2010: 1.00 → 2.00: a revised edition", 0),
        ("`population`, 2010: 1.00 → 2.00: another table", 1),
        ("`deflator`, 2011: 1.00 → 2.00: another year", 1),
        ("`deflator`, 2010: 1.00 → 2.001: another number", 1),
    ],
)
def test_the_years_of_a_table_may_share_an_entry(changelog, entry, missing):
    moved = fingerprint._change(
        {
            "table": "deflator",
            "year": "2010",
            "rows_accepted": "2",
            "rows_built": "2",
            "total_accepted": "1.00",
            "total_built": "2.00",
        }
    )
    changelog(entry)
    assert len(changes.unexplained([moved])) == missing
