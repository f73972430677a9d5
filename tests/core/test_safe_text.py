"""No text from a table is run by a spreadsheet."""

import pandas as pd
import pytest

from coopstats.cli.printing import show
from coopstats.core.safe_text import for_spreadsheet, rows_for_spreadsheet


@pytest.mark.parametrize("text", ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_would_run_has_an_apostrophe_before_it(text):
    assert for_spreadsheet(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Lambeth", "a=1", "'=1", " =1", "2010-11"])
def test_other_text_is_left_alone(text):
    assert for_spreadsheet(text) == text


def test_numbers_and_nothing_are_left_alone():
    assert for_spreadsheet(-2.5) == -2.5
    assert for_spreadsheet(None) is None


@pytest.mark.parametrize("kind", ["category", "object", "str"])
def test_every_kind_of_text_column_is_made_safe_and_no_other(kind):
    words = pd.Series(["=1", None, "'=1", "Bury"]).astype(kind)
    made = rows_for_spreadsheet(pd.DataFrame({"=name": words, "n": [-1, 0, 1, 2]}))
    assert made["'=name"].astype(object).where(made["'=name"].notna(), None).to_list() == [
        "'=1", None, "'=1", "Bury",
    ]  # fmt: skip
    assert made["n"].to_list() == [-1, 0, 1, 2]


def test_the_command_line_s_csv_is_safe(capsys):
    show(pd.DataFrame({"name": ["=1+1", "Bury"], "n": [-1, 2]}), "csv")
    assert capsys.readouterr().out == "name,n\n'=1+1,-1\nBury,2\n"
