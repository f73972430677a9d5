"""An error carries what can be done as data; Python and the command line each say it their way."""

from __future__ import annotations

import ast
import pickle
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from coopstats import measure
from coopstats.cli import main, messages
from coopstats.core.errors import IN_PYTHON, CoopstatsError, NotComparable, Verb, advice, can

PACKAGE = Path(__file__).resolve().parents[2] / "coopstats"
# How Python spells what can be done: a method, an argument, a call.
PYTHON = re.compile(
    r"(?<![\w`-])`\.\w|\.\w+\(|\b[a-z_]+=(?:True|False|None|\.|,| |$)|\bload\(|\bcs\.|=\[|\)`"
)
CORE = ["get", "revenue_outturn", "-s", "core"]
MISTAKES = [
    [*CORE, "-c", "Taunton Deane", "--per-head"],
    [*CORE, "--per-head"],
    [*CORE, "--on", "2012"],
    [*CORE, "--on", "2023"],
    [*CORE, "--on", "2021", "--real", "1900"],
    ["get", "children_spending", "-s", "youth", "--real", "2019"],
    ["get", "children_spending", "-s", "youth", "--on", "2021"],
    ["get", "deflator", "--real", "2019"],
    ["get", "councils", "--per-head"],
    ["get", "fly_tipping", "-s", "incidents", "--real", "2019"],
    ["get", "household_waste", "-s", "collected", "--two-tier"],
    ["get", "teenage_conceptions", "-s", "conception_rate", "--on", "2021"],
    ["get", "teenage_conceptions", "-s", "conceptions", "--on", "2012"],
    ["get", "teenage_conceptions", "--per-head"],
    ["get", "deprivation", "-s", "average_score", "--two-tier"],
    ["get", "revenue_outturn", "--real", "2019"],
    ["get", "revenue_outturn", "--year", "1066"],
    ["get", "revenue_outturn", "-c", "Suffolk", "--where", "basis=x"],
    ["trace", "councils", "-c", "Lambeth"],
    ["trace", "deflator"],
    ["cite", "revenue_outturn", "-c", "Lambeth", "-y", "2010"],
    ["compare", "lambeth-white-paper"],
    ["compare", "lambeth-living-well"],
    ["compare", "no-such-pilot"],
    ["compare", "young-lambeth-co-operative", "--service", "youth"],
    ["compare", "young-lambeth-co-operative", "--table", "revenue_outturn", "-s", "cultural"],
    ["compare", "young-lambeth-co-operative", "--table", "revenue_outturn"],
    ["compare", "young-lambeth-co-operative", "--baseline", "synthetic"],
    ["compare", "young-lambeth-co-operative", "--baseline", "equl"],
    ["compare", "young-lambeth-co-operative", "--after", "2030:2031"],
    ["compare", "--council", "Lambeth", "--after", "2012:2016"],
    ["compare", "--council", "Lambeth", "--table", "deflator", "--after", "2012:2016"],
    ["compare", "--council", "Adur", "--table", "children_spending", "-s", "youth", "--after",
     "2012:2016"],
    ["export", "--out", "x", "--format", "xml"],
]  # fmt: skip


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("words", MISTAKES, ids=" ".join)
def test_no_message_of_the_command_line_speaks_python(words):
    result = CliRunner().invoke(main.main, words)
    assert result.exit_code in (1, 2), result.output
    assert PYTHON.findall(result.stderr) == []


@pytest.mark.usefixtures("built")
def test_python_and_the_command_line_name_the_same_remedies_in_their_own_words():
    with pytest.raises(NotComparable) as refused:
        measure("revenue_outturn", "core").where(council="Taunton Deane").per_head()
    verbs = [one.verb for one in refused.value.could]
    assert verbs == [Verb.ON, Verb.TWO_TIER, Verb.WHERE, Verb.YEARS, Verb.LEAVE_OUT]
    for said in (".on(2021)", ".two_tier()", "leave_out=True"):
        assert said in str(refused.value)
    told = CliRunner().invoke(main.main, [*CORE, "-c", "Taunton Deane", "--per-head"]).stderr
    assert refused.value.what in told
    for said in ("--on 2021", "--two-tier", "--leave-out"):
        assert said in told


@pytest.mark.parametrize("verb", Verb)
def test_every_remedy_has_words_in_python_and_is_placed_on_the_command_line(verb):
    # Of verbs and arguments that the command line has not; it gives them in an order that works.
    only_python = {Verb.BEFORE_BY, Verb.SHOWN_BY, Verb.PLACE, Verb.PLACES, Verb.FIRST,
                   Verb.DIVIDE_LAST, Verb.NESTED, Verb.CALENDAR, Verb.FINANCIAL, Verb.YEAR_IS,
                   Verb.ROWS, Verb.ONE_HEADING}  # fmt: skip
    assert (verb in messages.IN_OPTIONS | messages.IN_COMMANDS) != (verb in only_python)
    assert IN_PYTHON[verb]


@pytest.mark.parametrize("verb", messages.IN_OPTIONS)
def test_the_option_that_is_offered_is_one_of_a_command(verb):
    known = {o for c in main.main.commands.values() for p in c.params for o in p.opts}
    assert messages.option_of(messages.IN_OPTIONS[verb]) in known


def test_an_option_is_offered_only_where_the_command_has_it():
    problem = NotComparable("It is so.", could=[can(Verb.TWO_TIER), can(Verb.WINDOW)])
    assert messages.message_of(problem, main.main.commands["get"]).endswith("whole.")
    assert messages.message_of(problem, main.main.commands["compare"]).endswith(
        "--before and --after."
    )
    assert messages.message_of(problem, main.main.commands["build"]) == "It is so."


def test_advice_is_one_sentence():
    could = [can(Verb.TWO_TIER), can(Verb.ON, 2021), can(Verb.LEAVE_OUT)]
    said = advice(could, IN_PYTHON)
    assert said.startswith(" Take `.two_tier()`, which keeps such areas whole, take `.on(2021)`")
    assert said.endswith("or pass leave_out=True to go on without them.")
    assert advice([], IN_PYTHON) == ""


def test_an_error_keeps_its_remedies_on_the_way_from_another_process():
    problem = pickle.loads(pickle.dumps(NotComparable("So.", could=[can(Verb.ON, 2021)])))
    assert (problem.what, problem.could) == ("So.", (can(Verb.ON, 2021),))


def _first_words(path):
    """The message of each error that a module raises."""
    names = {c.__name__ for c in [CoopstatsError, *_all_under(CoopstatsError)]}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        call = node.exc if isinstance(node, ast.Raise) else None
        if isinstance(call, ast.Call) and call.args and getattr(call.func, "id", "") in names:
            yield " ".join(
                str(part.value)
                for part in ast.walk(call.args[0])
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def _all_under(kind):
    return {k for c in kind.__subclasses__() for k in (c, *_all_under(c))}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_no_message_holds_advice_in_python(path):
    """It belongs into `could`. What only Python can be refused may name a column or a method."""
    told = [words for words in _first_words(path) if PYTHON.search(words)]
    assert [words for words in told if not any(one in words for one in ONLY_IN_PYTHON)] == []


ONLY_IN_PYTHON = ("before `.index` or `.change`", "then use `.by`", "draws=")
