"""Sentences that are results: one a line, a list in a notebook, escaped."""

from coopstats.core.sentences import Sentences

TWO = Sentences(["Spending fell by 3%.", "It was <£1m & falling>."])


def test_each_stands_on_its_own_line():
    assert repr(TWO).splitlines() == list(TWO)


def test_in_a_notebook_they_are_a_list_with_nothing_to_run():
    shown = TWO._repr_html_()
    assert shown.count("<li>") == 2
    assert "&lt;£1m &amp; falling&gt;" in shown


def test_they_are_a_plain_tuple_for_the_rest():
    assert TWO[0] == "Spending fell by 3%."
    assert tuple(TWO) == TWO
