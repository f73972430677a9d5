"""What shows itself: text at a prompt, HTML in a notebook, every word of it escaped."""

import pandas as pd

from coopstats.core.display import FactSheet, FactSheets, FullRows, Listing, Sentences

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


class Body(FactSheet):
    heading = "Bury & <Sons>"

    def facts(self):
        return [("class", "metropolitan <district>")]


class Bodies(Listing):
    __slots__ = ()
    shown = ("name",)


def test_a_page_is_text_and_html_of_the_same_words():
    assert str(Body()) == "Bury & <Sons>\n  class: metropolitan <district>"
    assert "<caption>Bury &amp; &lt;Sons&gt;</caption>" in Body()._repr_html_()
    assert "metropolitan &lt;district&gt;</td>" in Body()._repr_html_()


def test_pages_stand_one_under_the_other():
    assert repr(FactSheets([Body(), Body()])) == f"{Body()}\n\n{Body()}"
    assert FactSheets([Body()])._repr_html_() == Body()._repr_html_()


def test_rows_are_whole_and_escaped():
    rows = FullRows(pd.DataFrame({"<a>": ["long " * 30 + "<b>"]}))
    assert repr(rows).endswith("long <b>")
    assert "&lt;a&gt;" in rows._repr_html_()
    assert "<b>" not in rows._repr_html_()


def test_a_list_without_things_says_so_in_both_forms():
    assert repr(Bodies()) == Bodies()._repr_html_() == "None."
