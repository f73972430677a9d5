"""Options of the command line: every one is classified, and one without effect is refused."""

from __future__ import annotations

import csv
import io
import itertools
import os
import shutil
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner

from coopstats.clean.build import build as building
from coopstats.clean.build import fingerprint
from coopstats.cli.main import main
from coopstats.cli.options import FREE, OPTIONS, PARTS
from coopstats.core.safe_text import for_terminal

CORE = ["get", "revenue_outturn", "-c", "Lambeth", "-s", "core", "--format", "csv"]


def run(*words):
    """The result; a traceback is a failure of the test."""
    result = CliRunner().invoke(main, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def rows(*words):
    result = run(*words)
    assert result.exit_code == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout)))


def refused(code, *words):
    """What is said where nothing is printed."""
    result = run(*words)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    return result.stderr


def commands(group=main, before=()):
    for name, command in group.commands.items():
        path = (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, path)
        else:
            yield " ".join(path), command


COMMANDS = dict(commands())


# ── the table of options ─────────────────────────────────────────────────────────────────────────


def test_every_option_of_every_command_is_classified():
    there = {name: {p.name for p in command.params} for name, command in COMMANDS.items()}
    assert there == {name: set(needs) for name, needs in OPTIONS.items()}


@pytest.mark.parametrize("name", OPTIONS)
def test_what_an_option_needs_is_an_option_too(name):
    for need in OPTIONS[name].values():
        assert {*need.one_of, *need.without} <= set(OPTIONS[name])


def word_for(command, name):
    """The words that give one option or argument some value."""
    param = next(p for p in command.params if p.name == name)
    value = {"year": "2010", "years": "2010:2012", "real": "2019", "on_year": "2012",
             "after": "2012:2014", "workers": "1"}.get(name, "x")  # fmt: skip
    if isinstance(param.type, click.Choice):
        value = param.type.choices[0]
    if isinstance(param, click.Argument):
        return [value]
    longest = max(param.opts, key=len)
    return [longest] if param.is_flag else [longest, value]


def required(command):
    return [w for p in command.params if p.required for w in word_for(command, p.name)]


IDLE = [
    (name, option, need)
    for name, needs in OPTIONS.items()
    for option, need in needs.items()
    if need != FREE
]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("name", "option", "need"), IDLE)
def test_an_option_without_effect_is_refused_before_anything_is_read(name, option, need):
    command = COMMANDS[name]
    words = [*name.split(), *required(command), *word_for(command, option)]
    if need.one_of:
        assert " needs --" in refused(2, *words)
    for other in need.without:
        needed = OPTIONS[name][other].one_of[:1]
        more = [w for one in needed if one != option for w in word_for(command, one)]
        assert "not both" in refused(2, *words, *word_for(command, other), *more)


SINGLE = [
    (name, param.name)
    for name, command in COMMANDS.items()
    for param in command.params
    if isinstance(param, click.Option) and not (param.is_flag or param.multiple)
]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("name", "option"), SINGLE)
def test_of_two_words_for_one_option_none_is_dropped_in_silence(name, option):
    words = word_for(COMMANDS[name], option)
    assert f"{words[0]} is given twice" in refused(2, *name.split(), *words, *words)


# ── years ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("span", "years"),
    [
        ("2020:", range(2020, 2024)),
        (":2009", range(2007, 2010)),
        ("2010", [2010]),
        ("2010-11:2012/13", range(2010, 2013)),
    ],
)
def test_a_span_may_have_an_open_end(span, years):
    assert [int(row["year"]) for row in rows(*CORE, "--years", span)] == list(years)


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("option", "code", "said"),
    [
        (["--years", "1:100000000000000"], 2, "is no year"),
        (["--years", ":"], 2, "no span of years"),
        (["--years", "1950:"], 1, "years from 2007-08 to 2023-24"),
        (["--years", "2010:2090"], 1, "years from 2007-08 to 2023-24"),
        (["--real", "0"], 2, "0' is no year"),
        (["--on", "0"], 2, "0' is no year"),
        (["--real", "²"], 2, "no year"),
        (["--index", "cpih"], 2, "--index needs --real"),
        (["--index", "gdp"], 2, "--index needs --real"),
        (["--leave-out"], 2, "--leave-out needs --on or --per-head"),
        (["--where", "year=²"], 1, "'²' is no year"),
        (["--where", "cell=²"], 1, "has no cell '²'"),
        (["--where", "gbp=²"], 1, "holds numbers, and '²' is not one"),
        (["--where", "=2"], 2, "write COLUMN=VALUE"),
        (["--where", "service=cultural"], 2, "stands beside the option"),
        (["--where", "year=2010", "--year", "2012"], 2, "stands beside the option"),
        (["-c", ""], 1, "is empty"),
        (["-s", " "], 1, "is empty"),
    ],
)
def test_what_get_cannot_mean_is_refused(option, code, said):
    assert said in refused(code, *CORE, *option)


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["check", "--doubts", "--year", "1066"], 2, "1066' is no year"),
        (["check", "--doubts", "--year", "1950"], 1, "years are from"),
        (["check", "--table", "revenue_outturn"], 2, "--table needs --doubts"),
        (["check", "--moved", "--totals"], 2, "not both"),
        (["check", "--format", "csv"], 2, "--format needs"),
        (["claims", "--articles", "x"], 2, "--articles needs --check"),
        (["claims", "Q1", "-c", "Lambeth"], 2, "not both"),
        (["claims", "--check", "--articles", "nowhere"], 1, "nowhere has no"),
        (["pilots", "young-lambeth-co-operative", "--level", "adopted"], 2, "not both"),
        (["pilots", "--kind", "mutal"], 1, "Did you mean 'mutual'"),
        (["councils", "Lambeth", "--crosswalk"], 2, "not both"),
        (["councils", "--year", "1950"], 1, "2007-08 to 2023-24"),
        (["members", "--year", "2012", "-c", "Oldham"], 2, "not both"),
        (["compare", "--table", "revenue_outturn"], 2, "Give a PILOT"),
        (["compare", "-c", "Lambeth", "--table", "x"], 2, "--council needs --after"),
        (["compare", "-c", "Lambeth", "--table", "x", "--after", ":2012"], 2, "needs --after"),
        (["chart", "export", "lambeth-core", "--format", "csv", "--size", "print"], 2, "no size"),
        (["trace", "revenue_outturn", "--where", "flag=a", "--where", "flag=b"], 2, "2 values"),
        (["trace", "revenue_outturn", "-s", "core", "--where", "service=x"], 2, "beside"),
        (["trace", "deflator", "--where", "year=²"], 1, "no year"),
        (["headlines", "--accept", "--format", "csv"], 2, "not both"),
        (["export", "--out", "x", "--table", ""], 1, "is empty"),
        (["get", "../x"], 1, "There is no table"),
        (["get", "REVENUE_OUTTURN"], 1, "Did you mean 'revenue_outturn'"),
        (["chart", "shwo", "x"], 2, "Did you mean 'show'"),
    ],
)
def test_a_mistake_is_refused_with_what_to_do(words, code, said):
    assert said in refused(code, *words)


# ── once ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("more", [[], ["--real", "2019"], ["--per-head"]])
def test_a_word_given_twice_counts_once(more):
    span = ["--years", "2010:2012", *more]
    once = rows(*CORE, *span)
    assert len(once) == 3
    twice = ["-s", "core", "-c", "Lambeth", "-c", "E5017", "-c", "E09000022"]
    assert rows(*CORE, *twice, *span) == once
    other = ["--where", "basis=net_current", "--where", "basis=net_current"]
    named = rows(*CORE, *other[:2], *span) if _has_basis("net_current") else once
    assert (rows(*CORE, *other, *span) if _has_basis("net_current") else once) == named


def _has_basis(name):
    from coopstats.datasets.load import load

    return name in set(load("revenue_outturn", service="core", basis=None)["basis"].astype(str))


# ── not built ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def fresh(built, tmp_path, monkeypatch):
    """As a fresh clone: data/raw and the accepted numbers, and one table built."""
    (tmp_path / "data" / "processed").mkdir(parents=True)
    (tmp_path / "data" / "raw").symlink_to(built / "data" / "raw")
    root = Path(__file__).resolve().parents[2]
    shutil.copy(root / "data" / "processed" / "FINGERPRINT.csv", tmp_path / "data" / "processed")
    shutil.copy(building.path("deflator"), tmp_path / "data" / "processed")
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("fresh")
def test_a_table_that_is_not_built_does_not_differ():
    before = fingerprint.file().read_bytes()
    said = run("build", "deflator").stderr
    assert "table-years differ" not in said
    assert "not built, so not compared: adult_care_quality" in said
    assert fingerprint.moved().empty
    assert len(fingerprint.not_built()) == len(building.TABLES) - 1
    accepted = run("build", "deflator", "--accept").stderr
    assert "accepted 0 changed table-years" in accepted
    assert "stay as they were" in accepted
    assert fingerprint.file().read_bytes() == before


@pytest.mark.usefixtures("fresh")
def test_a_table_that_the_project_no_longer_has_is_gone():
    listed = fingerprint.accepted()
    gone = listed[listed["table"] == "deflator"].assign(table="deflators")
    pd.concat([listed, gone]).to_csv(fingerprint.file(), index=False)
    assert set(fingerprint.moved()["table"]) == {"deflators"}


# ── a home that is none ──────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("home")  # which forgets what was read of another
@pytest.mark.parametrize("kind", ["nowhere", "a file", "empty"])
@pytest.mark.parametrize("words", [CORE, ["build"], ["check"], ["tables"], ["transcribe"]])
def test_a_home_that_is_none_is_one_message(kind, words, tmp_path, monkeypatch):
    home = tmp_path / "home"
    if kind == "a file":
        home.write_text("")
    if kind == "empty":
        home.mkdir()
    monkeypatch.setenv("COOPSTATS_HOME", str(home))
    more = ["--from", str(tmp_path)] if words == ["transcribe"] else []
    said = refused(1, *words, *more)
    assert len(said.splitlines()) == 1
    assert f"COOPSTATS_HOME is '{home}'" in said
    assert ("no data/raw" if kind == "empty" else "no folder") in said
    assert list(tmp_path.rglob("processed")) == []


# ── the terminal ─────────────────────────────────────────────────────────────────────────────────

RAW = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202e"


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "words",
    [
        [RAW],
        [f"--{RAW}"],
        ["get", RAW],
        ["get", "deflator", f"--{RAW}"],
        ["get", "deflator", "--year", RAW],
        ["get", "deflator", "--format", RAW],
        ["get", "deflator", "--where", f"{RAW}=1"],
        ["get", "revenue_outturn", "-c", RAW],
        ["trace", "revenue_outturn", "-s", RAW],
        ["pilots", RAW],
        ["claims", RAW],
        ["chart", RAW],
        ["transcribe", "--from", RAW],
        ["export", "--out", RAW, "-t", RAW],
        ["build", RAW],
        ["notebooks", RAW],
        ["councils", RAW],
    ],
)
def test_no_message_carries_what_a_terminal_would_obey(words):
    result = run(*words)
    assert result.exit_code in (1, 2)
    assert result.output == for_terminal(result.output)


def test_no_table_carries_what_a_terminal_would_obey(capsys):
    from coopstats.cli.printing import show

    odd = pd.DataFrame({"council": [RAW], "value": [1]})
    show(odd, "table")
    assert "\x1b" not in (printed := capsys.readouterr().out)
    assert r"\x1b]0;owned\x07" in printed
    show(odd, "csv")  # to a program: as it is printed
    assert "\x9b2J\u202e" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["Café, £1,204 – “so”\n\t−3%", ""])
def test_plain_words_stay_as_they_are(text):
    assert for_terminal(text) == text


def test_only_three_places_print():
    folder = Path(main.callback.__code__.co_filename).parent
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py")))
    assert source.count("click.echo(") == 3  # for programs, for people, and to stderr
    assert (
        source.count(" = for_terminal(") == 3
    )  # and a mistake of usage; but programs get what is there as it is
    assert "print(" not in source.replace("_print", "")


# ── whatever is typed ────────────────────────────────────────────────────────────────────────────

ODD = ["", " ", "²", "-1", "0", "1e9", "../x", "x" * 300, RAW, "a=b", "\udcff", "2010:", "E5017"]
READING = ["get", "trace", "cite", "councils", "pilots", "members", "claims", "check", "chart list"]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("name", READING)
def test_whatever_is_typed_there_is_no_traceback(name):
    command = COMMANDS[name]
    base = {"get": ["deflator"], "trace": ["deflator"], "cite": ["deflator"]}.get(name, [])
    base = [*base, "--doubts"] if name == "check" else base
    for param, odd in itertools.product(command.params, ODD):
        if isinstance(param, click.Option) and param.is_flag:
            continue
        words = [odd] if isinstance(param, click.Argument) else [*base, param.opts[0], odd]
        result = run(*name.split(), *words)
        assert result.exit_code in (0, 1, 2)
        assert result.output == for_terminal(result.output)
        assert result.exit_code == 0 or result.stderr


@pytest.mark.usefixtures("built")
@pytest.mark.skipif(os.name == "nt", reason="symbolic links and devices are others there")
@pytest.mark.parametrize(
    "words", [["export", "-t", "deflator"], ["chart", "export", "lambeth-core", "--format", "csv"]]
)
def test_a_file_in_the_way_of_a_folder_is_one_message(words, tmp_path):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    assert run(*words, "--out", str(in_the_way)).exit_code == 2
    assert str(in_the_way) in refused(1, *words, "--out", str(in_the_way / "below"))


def test_the_parts_of_check_are_its_flags():
    flags = {p.name for p in COMMANDS["check"].params if isinstance(p, click.Option) and p.is_flag}
    assert flags == set(PARTS)
