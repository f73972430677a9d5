"""The command line: rows on stdout, everything else on stderr, no traceback for anyone."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner

from coopstats.clean.build import fingerprint
from coopstats.cli.main import main
from coopstats.datasets.load import load

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = "get revenue_outturn --council E5017 --year 2010 --service cultural --format csv".split()
CORE = ["get", "revenue_outturn", "-s", "core", "-c"]
READING = {"get", "trace", "councils", "check"}


def run(*words):
    """The result of a command; a traceback is a failure of the test."""
    result = CliRunner().invoke(main, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def rows(result):
    assert result.exit_code == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout)))


def process(*words, home, **more):
    """The same in a process of its own, as a person would run it."""
    return subprocess.run(
        [sys.executable, "-m", "coopstats.cli.main", *words],
        env={**os.environ, "COOPSTATS_HOME": str(home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        **more,
    )


# ── get ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("built")
def test_the_example_prints_a_header_and_one_row():
    result = run(*EXAMPLE)
    (row,) = rows(result)
    assert row["gbp"] == "22218000"
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr == ""


@pytest.mark.usefixtures("built")
def test_csv_and_json_give_the_same_rows():
    words = ["get", "revenue_outturn", "-c", "Lambeth", "-s", "core", "--years", "2010:2012"]
    from_csv = pd.read_csv(io.StringIO(run(*words, "--format", "csv").stdout))
    from_json = pd.DataFrame(json.loads(run(*words, "--format", "json").stdout))
    assert list(from_csv["gbp"]) == list(from_json["gbp"])
    assert list(from_csv.columns) == list(from_json.columns)
    assert len(from_csv) == 3


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("span", ["2010:2016", "2010-11:2016-17", " 2010 : 2016 "])
def test_a_span_of_years(span):
    found = rows(run("get", "revenue_outturn", "-c", "Lambeth", "-s", "core", "--years", span,
                     "--format", "csv"))  # fmt: skip
    assert [row["year"] for row in found] == [str(y) for y in range(2010, 2017)]


@pytest.mark.usefixtures("built")
def test_a_year_as_printed_is_its_april():
    words = [w if w != "2010" else "2010-11" for w in EXAMPLE]
    assert rows(run(*words)) == rows(run(*EXAMPLE))


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--year", "2010-12"], "not one after the first"),
        (["--year", "ten"], "no year"),
        (["--years", "2010-12:2016"], "no financial year"),
        (["--years", "2016:2010"], "runs backwards: write 2010:2016"),
        (["--year", "2010", "--years", "2010:2012"], "not both"),
        (["--where", "basis"], "write COLUMN=VALUE"),
        (["--real", "yesterday"], "no year"),
        (["--format", "xml"], "'xml' is not one of"),
    ],
)
def test_what_cannot_be_read_is_refused(option, said):
    result = run("get", "revenue_outturn", "-c", "Lambeth", "-s", "core", *option)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


@pytest.mark.usefixtures("built")
def test_real_and_per_head_with_unit_and_notes():
    result = run("get", "revenue_outturn", "-c", "Lambeth", "-c", "Redbridge", "-s", "core",
                 "-s", "cultural", "--years", "2010:2012", "--real", 2019, "--per-head",
                 "--format", "csv")  # fmt: skip
    found = rows(result)
    assert len(found) == 2 * 2 * 3
    assert {row["unit"] for row in found} == {
        "pounds per person, net current expenditure, 2019-20 prices"
    }
    assert "note: Put into 2019-20 prices with the GDP deflator." in result.stderr
    assert "note:" not in result.stdout


@pytest.mark.usefixtures("built")
def test_a_year_beyond_the_price_index_is_refused_with_the_option_that_helps():
    words = ["get", "children_spending", "-c", "Redbridge", "-s", "youth", "--real", 2019]
    result = run(*words, "--year", 2024)
    assert result.exit_code == 1
    assert "Choose years with --years 1955:2023" in result.stderr
    assert "--two-tier" not in result.stderr
    assert rows(run(*words, "--year", 2023, "--format", "csv"))


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("more", [[], ["--real", "2019"]])
def test_where_there_are_no_rows_the_years_of_the_line_are_said(more):
    words = ["get", "revenue_budget", "-c", "Redbridge", "-s", "youth", *more]
    result = run(*words, "--year", 2010)
    assert result.stdout == "No rows.\n"
    assert "for the other words from 2011-12 to 2021-22: choose from these" in result.stderr


@pytest.mark.usefixtures("built")
def test_words_that_never_meet_are_said_to_have_no_row():
    late = "share_of_covid_additional_business_rate_relief_grant"
    result = run("get", "revenue_outturn", "-c", "Taunton Deane", "-s", late)  # ended in 2019
    assert "has no row that fits all of these words" in result.stderr


@pytest.mark.usefixtures("built")
def test_any_column_can_be_named():
    found = rows(run("get", "revenue_outturn", "-c", "Oldham", "-y", 2012, "-s", "education",
                     "--where", "basis=capital_charges", "--format", "csv"))  # fmt: skip
    assert [row["basis"] for row in found] == ["capital_charges"]


# ── one message ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gett"], "Did you mean 'get'"),
        (["get", "revenue_outtrn"], "Did you mean 'revenue_outturn'"),
        (["get", "revenue_outturn", "-c", "Lambth"], "Did you mean 'Lambeth'"),
        (["get", "revenue_outturn", "-c", "Newcastle"], "Newcastle upon Tyne (E4502"),
        (["get", "revenue_outturn", "-c", "Newcastle"], "Newcastle-under-Lyme (E3434"),
        (["get", "revenue_outturn", "-s", "cultrual"], "Did you mean 'cultural'"),
        (["get", "revenue_outturn", "-y", "1990"], "no year 1990"),
        (["get", "revenue_outturn", "--where", "yaer=1"], "Did you mean 'year'"),
        (["get", "revenue_outturn", "--where", "year=abc"], "'abc' is no year"),
        ([*CORE, "Lambeth", "--real", "1900"], "not for 1900"),
        ([*CORE, "Taunton Deane", "--per-head"], "--on 2021"),
        (["get", "deflator", "--real", "2019"], "is not by council"),
        (["fetch", "reserves", "--to", "x"], "reserves is made of revenue_outturn: name that"),
        (["fetch", "printed_totals", "--to", "x"], "is made of revenue_outturn: name that"),
        (["fetch", "budget_against_outturn", "--to", "x"], "of revenue_budget, revenue_outturn:"),
        (["fetch", "council_tax", "--to", "x"], "made of councils, revenue_outturn: name that"),
        (["fetch", "lines", "--to", "x"], "lines is made of children_spending, lait, revenue"),
        (["fetch", "nope", "--to", "x"], "No publication is recorded for 'nope'"),
        (["get", "councils", "--per-head"], "no figures"),
        (["trace", "revenue_outturn", "-c", "Lambeth", "-y", "2010"], "say which you mean"),
        (["trace", "revenue_outturn", "-c", "Lambeth", "-y", "2010", "-s", "core2"], "core"),
        (["councils", "Lambth"], "Did you mean 'Lambeth'"),
        (["build", "revenue"], "There is no table 'revenue'"),
        (["transcribe", "--from", "nowhere"], "nowhere is not a folder"),
        (["notebooks", "nothing"], "No notebook 'nothing'"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_message_and_a_failing_exit_code(words, said):
    result = run(*words)
    assert result.exit_code != 0
    assert said in result.stderr
    assert result.stdout == ""
    if result.exit_code == 1:
        assert result.stderr.startswith("coopstats: ")
        assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [EXAMPLE, ["trace", "deflator", "-y", "2010"]])
def test_before_the_first_build_the_message_says_how(words, home):
    (home.folder / "data" / "raw").mkdir(parents=True)
    result = run(*words)
    assert result.exit_code == 1
    assert "Run `coopstats build`" in result.stderr


# ── trace, councils, check ───────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("built")
def test_trace_prints_the_cell_or_its_row():
    words = ["trace", "revenue_outturn", "-c", "E5017", "-y", "2010-11", "-s", "cultural"]
    told = run(*words).stdout
    assert "22,218,000" in told
    assert "J335" in told
    (row,) = rows(run(*words, "--format", "csv"))
    assert (row["sheet"], row["cell"]) == ("RS LA Data 2010-11 (1)", "J335")


@pytest.mark.usefixtures("built")
def test_councils_are_found_by_name_year_and_class():
    names = {r["council"] for r in rows(run("councils", "Newcastle", "--format", "csv"))}
    assert names >= {"Newcastle-under-Lyme", "Newcastle upon Tyne"}
    assert len(rows(run("councils", "--year", 2010, "--class", "L", "--format", "csv"))) == 33


@pytest.mark.usefixtures("built")
def test_the_crosswalk_stands_alone():
    found = rows(run("councils", "--crosswalk", "--format", "csv"))
    assert {"code", "system", "ecode", "council", "first_year", "successors", "spellings"} <= set(
        found[0]
    )
    assert {r["council"] for r in found if r["code"] == "E06000020"} == {"Telford and Wrekin"}


@pytest.fixture
def accepted(built, tmp_path, monkeypatch):
    """A home whose fingerprint is that of its tables; data/raw is the built one's."""
    shutil.copytree(built / "data" / "processed", tmp_path / "data" / "processed")
    (tmp_path / "data" / "raw").symlink_to(built / "data" / "raw")
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    fingerprint.accept()
    return fingerprint.file()


def test_check_passes_then_fails_when_a_number_moved(accepted):
    good = run("check")
    assert good.exit_code == 0, good.stderr
    assert good.stdout == ""
    listed = pd.read_csv(accepted, dtype=str)
    listed.loc[listed["year"] == "2010", "digest"] = "0" * 16
    listed.to_csv(accepted, index=False)
    bad = run("check")
    assert bad.exit_code == 1
    assert "differ from the accepted FINGERPRINT.csv (--moved)" in bad.stderr
    moved = rows(run("check", "--moved", "--format", "csv"))
    assert {row["year"] for row in moved} == {"2010"}


# ── help ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", [None, *main.commands])
def test_every_command_has_help_and_says_what_it_does(name):
    result = run(*([name] if name else []), "--help")
    assert result.exit_code == 0
    command = main.commands[name] if name else main
    assert len(command.help or "") > 20


@pytest.mark.parametrize("name", main.commands)
def test_every_option_has_a_sentence(name):
    command = main.commands[name]
    silent = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
    assert silent == []


@pytest.mark.parametrize("name", ["get", "trace"])
def test_the_first_commands_show_an_example(name):
    assert f"coopstats {name} revenue_outturn --council" in main.commands[name].help


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("name", ["get", "trace"])
def test_the_examples_in_help_work(name):
    examples = [line.strip() for line in main.commands[name].help.splitlines()
                if line.strip().startswith("coopstats ")]  # fmt: skip
    assert examples
    for example in examples:
        assert run(*example.split()[1:]).exit_code == 0


@pytest.mark.parametrize("name", main.commands)
def test_whatever_prints_rows_prints_them_in_three_ways(name):
    ways = [p for p in main.commands[name].params if p.name == "layout"]
    if name in READING:
        (way,) = ways
        assert list(way.type.choices) == ["table", "csv", "json"]


# ── as a process ─────────────────────────────────────────────────────────────────────────────────


def test_the_example_as_a_process(built):
    done = process(*EXAMPLE, home=built)
    assert done.returncode == 0
    assert done.stdout.splitlines()[1].split(",")[8] == "22218000"
    busy = "coopstats get: reading rows …"  # where the machine takes two seconds
    assert done.stderr.replace(busy, "").strip() == ""


def test_an_unknown_council_as_a_process(built):
    done = process("get", "revenue_outturn", "--council", "Newcastle", home=built)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "Newcastle upon Tyne" in done.stderr


def test_a_damaged_table_as_a_process(tmp_path):
    folder = tmp_path / "data" / "processed"
    folder.mkdir(parents=True)
    (folder / "revenue_outturn.parquet").write_bytes(b"PAR1 and no more")
    done = process(*EXAMPLE, home=tmp_path)
    assert done.returncode == 1
    assert "is damaged" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="no pipes of this kind there")
def test_a_reader_that_goes_away_causes_no_traceback(built):
    """As `coopstats get … | head -1` does."""
    words = [sys.executable, "-m", "coopstats.cli.main", "get", "revenue_outturn", "--year", "2010"]
    env = {**os.environ, "COOPSTATS_HOME": str(built), "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [*words, "--format", "csv"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout.readline().startswith(b"gss,ecode")
        running.stdout.close()
        said = running.stderr.read().decode()
        running.wait(timeout=60)
    assert "Traceback" not in said
    assert "BrokenPipe" not in said


@pytest.mark.usefixtures("built")
def test_get_says_where_a_line_is_not_one_series():
    words = ["children_spending", "-c", "Lambeth", "-s", "youth", "--years", "2010:2018"]
    got = run("get", *words, "--real", "2019", "--format", "csv")
    assert "note: Not one series: 2010-11 and 2011-12 to 2018-19 cannot be compared" in got.stderr
    assert [row["piece"] for row in rows(got)] == ["1", *["2"] * 8]


@pytest.mark.usefixtures("built")
def test_get_says_how_many_of_its_figures_are_in_doubt():
    words = ["revenue_budget", "-c", "Lambeth", "-s", "street_cleansing", "--real", "2019"]
    odd = load("revenue_budget", service="street_cleansing", ecode="E5017")["doubt"].notna().sum()
    assert odd > 1
    said = run("get", *words).stderr
    assert f"note: {odd} figures are in doubt (" in said
    assert "probably booked under another heading" in said
    assert said.endswith("): coopstats check --doubts --table revenue_budget.\n")
    assert "in doubt" not in run("get", *words, "--years", "2010:2011").stderr


@pytest.mark.usefixtures("built")
def test_get_prints_the_doubt_of_a_row_as_printed_and_says_what_it_means():
    words = ["reserves", "-c", "Rother", "-s", "unallocated", "--where", "date=31 March"]
    got = run("get", *words, "-y", "2023", "--format", "csv")
    assert [row["doubt"] for row in rows(got)] == ["unit"]
    assert "note: one figure is in doubt (about a thousand times the usual level" in got.stderr
    assert "in doubt" not in run("get", *words, "-y", "2021").stderr


@pytest.mark.usefixtures("built")
def test_what_doubts_change_is_listed_council_by_council():
    listed = rows(run("check", "--doubted-core", "--format", "csv"))
    assert listed[0]["council"] == "Stevenage"
    for row in listed:
        apart = abs(float(row["printed"]) - float(row["replaced"]))
        assert float(row["moved"]) == pytest.approx(apart)
    assert sum(float(row["moved"]) > 1 for row in listed) == 159


@pytest.mark.usefixtures("built")
def test_what_cannot_be_deflated_is_told_without_words_that_do_not_help():
    refused = run("get", "fly_tipping", "-c", "Lewisham", "-s", "incidents", "--real", "2019")
    assert "it is not money but incidents." in refused.stderr
    assert "--two-tier" not in refused.stderr


@pytest.mark.usefixtures("built")
def test_england_is_asked_for_in_the_same_way_by_get_and_trace():
    words = ["printed_totals", "--council", "England", "--year", "2010", "--service", "core"]
    (row,) = rows(run("get", *words, "--format", "csv"))
    assert f"{int(row['gbp']):,}" in run("trace", *words).stdout


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["trace", "councils", "--council", "Lambeth"], "councils holds no figures to trace"),
        (["get", "deflator", "--council", "Lambeth"], "deflator is not by council"),
        (["trace", "deflator"], "deflator: say which you mean"),
    ],
)
def test_a_table_without_figures_or_councils_says_so(words, told):
    result = run(*words)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"coopstats: {told}")


@pytest.mark.usefixtures("built")
def test_a_folder_that_is_none_is_one_message_before_anything_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr("coopstats.findings.questions.charts", lambda: pytest.fail("it drew"))
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    result = run("charts", "--out", in_the_way / "charts")
    assert result.exit_code == 1
    assert result.stderr.strip().splitlines()[-1].startswith(f"coopstats: {in_the_way}")


def test_a_home_that_holds_nothing_is_one_message(tmp_path, monkeypatch):
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    for words in (["build"], ["notebooks"], ["check"], ["get", "revenue_outturn"]):
        result = run(*words)
        assert result.exit_code == 1
        assert result.stderr.startswith("coopstats: ")


# ── pilots, members, claims ──────────────────────────────────────────────────────────────────────


def test_pilots_members_and_claims_print_rows_and_pages():
    assert "end: 30 September 2019" in run("pilots", "young-lambeth-co-operative").stdout
    assert {r["council"] for r in rows(run("pilots", "-c", "York", "--format", "csv"))} == {"York"}
    assert "surely: Lambeth" in run("members", "--year", "2012-13").stdout
    assert len(rows(run("members", "-c", "Kirklees", "--format", "csv"))) == 2
    assert "mutualising their entire" in run("claims", "Q10").stdout
    assert (
        json.loads(run("claims", "-c", "Hackney", "--format", "json").stdout)[0]["claim"] == "Q19"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pilots", "explore-yrok"], "Did you mean 'explore-york'"),
        (["pilots", "-c", "Lambth"], "Did you mean 'Lambeth'"),
        (["pilots", "--kind", "mutul"], "Did you mean 'mutual'"),
        (["compare", "explore-yrok"], "Did you mean 'explore-york'"),
        (["compare", "explore-yrok", "-s", "youth"], "Did you mean 'explore-york'"),
        (["compare", "explore-yrok", "--table", "no", "-s", "no"], "Did you mean 'explore-york'"),
        (["members", "-c", "Newcastle"], "more than one council"),
        (["members", "-c", "York", "-y", "2012"], "not both"),
        (["claims", "Q99"], "Did you mean"),
        (["claims", "--check", "--articles", "no-such-folder"], "has no 000_"),
    ],
)
def test_a_mistyped_pilot_council_or_claim_gets_the_nearest(words, said):
    result = run(*words)
    assert result.exit_code != 0
    assert said in " ".join(result.stderr.split())


def test_claims_are_checked_for_form_alone_without_the_articles():
    result = run("claims", "--check")
    assert result.exit_code == 0
    assert "form only" in result.stderr


def test_a_quote_that_does_not_stand_makes_the_check_fail(monkeypatch):
    monkeypatch.setattr(
        sys.modules["coopstats.register.articles"], "check", lambda folder: ["Q1: wrong."]
    )
    result = run("claims", "--check")
    assert result.exit_code == 1
    assert "Q1: wrong." in result.stderr


def test_doubts_are_chosen_by_table_council_and_year_and_counted(built):
    words = ["check", "--doubts", "--table", "revenue_outturn", "-c", "Oldham", "-y", "2009-10"]
    result = run(*words, "--format", "csv")
    assert [row["service"] for row in rows(result)] == ["housing", "other"]
    assert "2 doubtful figures, 2 with `around`" in result.stderr
    alone = run("check", "--council", "Oldham")
    assert alone.exit_code == 2
    assert "--council needs --doubts" in alone.stderr


def test_check_register_lists_what_is_not_kept(built):
    from coopstats.reproduce import promises

    found = rows(run("check", "--register", "--format", "csv"))
    assert len(found) == len(promises.breaches())


def test_a_council_asked_for_is_not_refused_for_one_that_was_divided_elsewhere(built):
    """Dorset was divided; Cornwall's own predecessors are all that its sum needs."""
    words = ["revenue_outturn", "-c", "Cornwall", "--on", "2021", "-s", "core", "--format", "csv"]
    found = rows(run("get", *words, "--years", "2008:2010"))
    assert [row["year"] for row in found] == ["2008", "2009", "2010"]
    assert {row["ecode"] for row in found} == {"E0801"}
    parts = rows(run("get", "revenue_outturn", "-s", "core", "-y", "2008", "--format", "csv"))
    mine = [
        "Cornwall", "Caradon", "Carrick", "Kerrier", "North Cornwall", "Penwith", "Restormel"
    ]  # fmt: skip
    whole = sum(
        int(r["gbp"]) for r in parts if r["council"] in mine and r["region"] == "South West"
    )
    assert float(found[0]["value"]) == whole
    divided = run("get", "revenue_outturn", "-c", "Dorset", "--on", "2021", "-s", "core")
    assert divided.exit_code != 0
    assert "Divided with no published share" in divided.stderr
