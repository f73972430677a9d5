"""What a chart says of its own numbers: hollow marks, upright lines, and the words for both."""

from __future__ import annotations

import pandas as pd
import pytest

from coopstats import charts
from coopstats.charts import caveats
from coopstats.charts.save import csv_text
from coopstats.charts.text import note_line

WORDS = {"slug": "x", "title": "x", "subtitle": "x", "unit": "pounds", "sources": "x"}
ROWS = pd.DataFrame(
    {"council": ["A", "B", "C"], "value": [3.0, 2.0, 1.0], "year": 2010, "x": [1.0, 2.0, 3.0],
     "q": [0, 1, 2], "r": 0, "doubt": ["", "sudden jump", ""]}
)  # fmt: skip
MAKERS = {
    "line": charts.line,
    "bar": charts.bar,
    "dot": charts.dot,
    "scatter": lambda rows, **words: charts.scatter(rows, x="x", x_title="x", **words),
    "hex": charts.hex_map,
}


def hollow(chart):
    return chart.svg().count('fill="#FFFFFF" stroke=')


@pytest.mark.parametrize("kind", MAKERS)
def test_a_figure_in_doubt_is_hollow_in_every_kind_of_chart(kind):
    odd, sound = (MAKERS[kind](rows, **WORDS) for rows in (ROWS, ROWS.assign(doubt="")))
    assert hollow(odd) == hollow(sound) + 1
    assert "A hollow mark is a figure in doubt (B" in note_line(odd)
    assert "in doubt" in odd.alt
    assert "sudden jump" in csv_text(odd)
    assert "in doubt" not in note_line(sound) + sound.alt
    assert odd.png() != sound.png()


def changing(*said, years=(2012, 2013, 2014, 2015)):
    return pd.DataFrame(
        {"council": "A", "year": years, "value": [1.0, 2.0, 3.0, 4.0], "break": said}
    )


@pytest.mark.parametrize(
    ("said", "turns"),
    [
        (("", "It moved.", "", ""), [2013]),  # against the year before
        (("", "It moved.", "It moved.", "It moved. More came."), [2013, 2015]),  # one base before
        (("It moved.", "It moved.", "", ""), [2014]),  # one base year after
        (("", "", "", ""), []),
    ],
)
def test_an_upright_line_stands_where_what_is_counted_changes(said, turns):
    one = charts.line(changing(*said), **WORDS)
    assert list(caveats.breaks_at(one.frame)) == turns
    assert ("pright line" in note_line(one)) is bool(turns)
    assert one.svg().count("It moved.") == (1 if turns else 0)


def test_bars_that_cross_a_change_of_meaning_fail_the_lint_until_their_head_says_so():
    rows = pd.DataFrame({"council": ["A", "B"], "value": [1.0, 2.0], "break": "It moved."})
    assert any("change of meaning" in said for said in charts.lint(charts.bar(rows, **WORDS)))
    told = charts.bar(rows, **{**WORDS, "subtitle": "not like for like"})
    assert not any("change of meaning" in said for said in charts.lint(told))
