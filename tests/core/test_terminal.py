"""A terminal of 80 columns: no line is longer, no word is broken, numbers are rounded."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from click.testing import CliRunner

from coopstats.cli.main import main
from coopstats.core import terminal

WIDE = 80
LISTINGS = [
    ["tables"],
    ["councils", "Newcastle"],
    ["councils", "--year", "2010", "--class", "L"],
    ["councils", "--crosswalk"],
    ["pilots"],
    ["pilots", "-c", "Lambeth"],
    ["pilots", "young-lambeth-co-operative"],
    ["members"],
    ["members", "--year", "2012"],
    ["claims"],
    ["claims", "Q10"],
    ["check", "--doubts", "--table", "revenue_outturn", "-c", "Oldham"],
    ["get", "lines", "--where", "service=cultural"],
    ["get", "council_tax", "-c", "Lambeth"],
    ["get", "deflator"],
    ["get", "library_branches", "-c", "Lambeth"],
    ["get", "teenage_conceptions", "-c", "Lambeth", "-c", "Oldham"],
    ["get", "revenue_outturn", "-c", "Lambeth", "-c", "Oldham", "-s", "core"],
    ["get", "revenue_outturn", "-c", "Lambeth", "-s", "core", "--real", "2019", "--per-head"],
    ["trace", "revenue_outturn", "-c", "Lambeth", "-y", "2010", "-s", "cultural"],
    ["cite", "revenue_outturn", "-c", "Lambeth", "-y", "2014", "-s", "core"],
]


def printed(*words):
    """What a command prints to stdout."""
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == 0, result.stderr
    return result.stdout


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("words", LISTINGS, ids=" ".join)
def test_no_line_is_longer_than_the_terminal_and_no_word_is_broken(words, monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")
    whole = set(re.findall(r"\S+", printed(*words)))
    whole |= set(re.findall(r"\S+", printed(*words, *_raw(words))))
    monkeypatch.setenv("COLUMNS", str(WIDE))
    text = printed(*words)
    long = [line for line in text.splitlines() if len(line) > WIDE and " " in line.strip()]
    assert long == []
    whole |= {word.rstrip("…") for word in whole}
    told = set(re.findall(r"\S+", text.replace("…", " ")))
    assert [word for word in told - whole if not _is_whole(word, whole)] == []


def _raw(words):
    return [] if words[0] in ("cite",) else ["--format", "json"]


def _is_whole(word, whole):
    """Whether it is a word of the raw output but for marks around it, or one of our own."""
    bare = word.strip("\"',.;:()[]{}“”‘’")
    own = "Not shown here but with --format csv Empty in all rows None rows the same".split()
    return bare in own or any(bare == one.strip("\"',.;:()[]{}“”‘’") for one in whole) or any(
        bare in re.split(r'[",:;\s{}\[\]]+', one) for one in whole
    )  # fmt: skip


def test_what_every_row_has_is_said_once_above():
    rows = pd.DataFrame({"council": ["Lambeth"] * 2, "year": [2010, 2011], "gbp": [1.5e6, 2e6],
                         "doubt": [None, None]})  # fmt: skip
    text = terminal.table(rows, wide=WIDE)
    assert text.count("Lambeth") == 1
    assert text.splitlines()[-2:] == ["2010  1,500,000", "2011  2,000,000"]
    assert "Empty in all rows: doubt." in text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (22218000.4, "pounds, nominal", "22,218,000"),
        (12.345, "pounds per person, 2019-20 prices", "12.35"),
        (1278.0, "pounds per person, nominal", "1,278.00"),
        (12.345, "per cent", "12.3"),
        (-0.04, "per cent", "-0.040"),
        (0.0004, "pounds, nominal", "0.00040"),
        (float("nan"), "pounds", ""),
        (3.14159, "", "3.14"),
        (0, "per cent", "0.0"),
    ],
)
def test_a_number_is_rounded_by_its_unit_and_never_to_nought(value, unit, text):
    assert terminal.number(value, unit) == text


@pytest.mark.usefixtures("built")
def test_csv_and_json_are_not_rounded():
    words = ["get", "revenue_outturn", "-c", "Lambeth", "-s", "core", "--per-head"]
    assert re.search(r"\d\.\d{6}", printed(*words, "--format", "csv"))
    assert re.search(r"\d\.\d{6}", printed(*words, "--format", "json"))
    assert not re.search(r"\d\.\d{3}", printed(*words))


def test_what_does_not_fit_is_named_and_numbers_and_names_stay():
    rows = pd.DataFrame({f"long_name_of_column_{n}": ["a b", "c d"] for n in range(6)})
    rows = rows.assign(council=["Lambeth", "Oldham"], value=[1.0, 2.0])
    text = terminal.table(rows, wide=WIDE)
    head = next(line for line in text.splitlines() if line.startswith("long_name"))
    assert {"council", "value"} <= set(head.split())
    gone = text.partition("Not shown here, but with --format csv: ")[2].replace("\n", " ")
    assert set(head.split()) | set(re.findall(r"\w+", gone)) == set(rows)


def test_a_number_is_not_left_out_for_a_long_name_in_one_word():
    name = "housing_benefit_transitional_hra_transfers_and_contributions_to_it"
    rows = pd.DataFrame({"year": [2010, 2011], "service": [name, "core"], "date": ["1 April"] * 2,
                         "gbp": [7_614_924_000, 5_000_000]})  # fmt: skip
    lines = terminal.table(rows, wide=60).splitlines()
    assert max(map(len, lines)) <= 60
    assert "7,614,924,000" in "".join(lines)
    head = next(at for at, line in enumerate(lines) if line.startswith("year"))
    below = [line[lines[head].index("service") :].split()[0] for line in lines[head + 1 : head + 3]]
    assert below[0].endswith("_")
    assert "".join(below) == name


def test_a_cell_wraps_between_words_and_ends_in_an_ellipsis():
    words = "counties and single-tier councils that are one and the same and go on and on"
    lines = ["counties and", "single-tier councils", "that are one and …"]
    assert terminal._cell(words, 20) == lines


def test_a_cell_cannot_command_the_terminal():
    text = terminal.table(pd.DataFrame({"name": ["a\x1b[31mb", "c\u202ed"]}), wide=WIDE)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_long_list_is_paged_on_a_terminal_alone(monkeypatch):
    paged = []
    monkeypatch.setattr("click.echo_via_pager", paged.append)
    printed("members")
    assert paged == []
    monkeypatch.setattr("sys.stdout", _Screen())
    main.commands["members"].callback(year=None, name=None, layout="table")
    assert len(paged) == 1


class _Screen:
    """Stdout as a terminal has it."""

    def isatty(self):
        return True

    def write(self, text):
        return len(text)

    def flush(self):
        pass
