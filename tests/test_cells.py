"""No text from a table is run by a spreadsheet."""

import pytest

from coopstats.cells import safe


@pytest.mark.parametrize("text", ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_would_run_has_an_apostrophe_before_it(text):
    assert safe(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Lambeth", "a=1", "'=1", " =1", "2010-11"])
def test_other_text_is_left_alone(text):
    assert safe(text) == text
