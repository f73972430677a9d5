"""The public doors: whatever is given to any argument, an answer or one plain message comes out."""

from __future__ import annotations

import inspect
import itertools

import numpy as np
import pandas as pd
import pytest

import coopstats as cs
from coopstats import export
from coopstats.book import files as forms
from coopstats.charts import save
from coopstats.core import doors
from coopstats.core.errors import CoopstatsError, UnknownCouncil, UnknownName
from coopstats.measures.measure import Measure

ODD = [None, 5, -1, 0, "", " ", "²", b"x", [], {}, slice(None), np.nan, np.int64(2010), "2010-11",
       object(), True, "\x1b[31m", "../x", "a\0b", "\ud800", 10**30, float("inf"), ("a", "b", "c"),
       (2010, None), pd.Series([1, 2])]  # fmt: skip


def own_frame():
    return pd.DataFrame({"council": ["Lambeth"], "year": [2010], "value": [1.0]})


def own_table(**columns):
    """One row by council and year, as `join` takes it."""
    return pd.DataFrame({"ecode": ["E5017"], "year": [2010], **columns})


@pytest.fixture(scope="module")
def things(built_once):
    """One of each public thing that has methods."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COOPSTATS_HOME", str(built_once))
        core = cs.measure("revenue_outturn", "core").where(council_class=["L", "MD"])
        core = core.between(2008, 2016)
        whole = cs.supposed("Lambeth", 2012)
        found = cs.compare(core.where(council_class="L"), whole, draws=20)
        yield {
            "core": core, "pilot": whole, "comparison": found, "lambeth": cs.council("Lambeth"),
            "peers": cs.peers("Lambeth"), "members": cs.memberships()[0],
            "chart": found.chart(), "sentences": found.sentences(),
            "trace": cs.trace("revenue_outturn", "Lambeth", 2010, "cultural"),
        }  # fmt: skip


WRONG = [-1, "", b"x", {}, slice(None), np.nan, object(), "\ud800", 10**30]
# By function, or thing and method: arguments with which it works.
FUNCTIONS = {
    "bring": {"source": own_frame(), "value": "value", "unit": "things", "council": "council",
              "year": "year", "name": "mine", "adds_up": False, "calendar": False, "nested": None,
              "year_is": "start", "only": None, "sheet": None, "leave_out": False},
    "chart": {"slug": "cuts"},
    "chart_list": {},
    "claim": {"name": "Q1"},
    "claims": {"council": "Lambeth"},
    "compare": {"measures": "core", "pilots": "pilot", "baseline": "equal", "before": (2008, 2011),
                "after": (2012, 2015), "without": (), "rules": None, "donors": None, "draws": 20,
                "seed": 0, "doubtful": False, "known": None, "compiled": None},
    "council": {"query": "Lambeth", "year": 2010, "ever": False},
    "councils": {"year": 2010, "council_class": "L", "query": "a"},
    "crosswalk": {},
    "example": {"name": "under_18_conceptions"},
    "financial_year": {"start": 2010},
    "join": {"left": own_table(one=1.0), "right": own_table(other=2.0)},
    "load": {"table": "deflator", "basis": None, "year": 2010, "index": "gdp"},
    "measure": {"table": "reserves", "service": "unallocated", "date": "31 March"},
    "members": {"year": 2012, "nation": "England"},
    "memberships": {"council": "Lambeth"},
    "peers": {"pilot": "Lambeth", "line": "revenue_outturn:core", "years": (2010,),
              "rules": ("type",), "known": None, "complete": None},
    "pilot": {"query": "young-lambeth-co-operative"},
    "pilots": {"council": "Lambeth", "level": "structural", "kind": "mutual"},
    "supposed": {"name": "Lambeth", "first_full_year": 2012, "last_year": 2014},
    "tables": {},
    "trace": {"table": "teenage_conceptions", "council": "Lambeth", "year": 2010,
              "service": "conception_rate", "flag": "as printed"},
    "Treated": {"name": "x", "ecode": "E5017", "first_full_year": 2012, "moves": frozenset(),
                "last_year": None, "structural": True, "part_years": (), "id": ""},
}  # fmt: skip
METHODS = {
    ("core", "named"): {"year": 2010},
    ("core", "between"): {"first": 2010, "last": 2012},
    ("core", "where"): {"council_class": "L", "region": "London", "council": "Lambeth"},
    ("core", "without"): {"council": "Lambeth", "reason": "a test"},
    ("core", "real"): {"year": 2010, "index": "gdp"},
    ("core", "like_for_like"): {},
    ("core", "per_head"): {"age": "all", "vintage": None, "leave_out": True},
    ("core", "index"): {"year": 2010, "leave_out": True},
    ("core", "change"): {"before": 2010, "after": 2012, "leave_out": True},
    ("core", "on"): {"year": 2012, "leave_out": True},
    ("core", "two_tier"): {},
    ("core", "over_districts"): {"leave_out": True},
    ("core", "before_and_after"): {"start": 2012, "leave_out": True},
    ("core", "by"): {"group": "region", "leave_out": True},
    ("core", "pieces"): {},
    ("core", "unlike"): {"before": 2010, "after": 2012},
    ("comparison", "place"): {"line": None},
    ("comparison", "years_in_words"): {"years": [2010]},
    ("comparison", "work_out"): {"workers": 1, "progress": iter},
    ("comparison", "curve"): {"workers": 1, "progress": iter},
    ("comparison", "leave_one_out"): {},
    ("comparison", "second_opinion"): {"name": "poisson", "line": None},
    ("comparison", "sentences"): {},
    ("comparison", "chart"): {"line": None},
    ("comparison", "levels"): {"line": None},
    ("comparison", "weights_chart"): {"line": None},
    ("comparison", "with_choices"): {"baseline": "equal", "before": None, "donut": False,
                                     "index": "gdp", "base_back": 0, "by_size": True},
    ("comparison", "under"): {"baseline": "equal", "rules": ("type",)},
    ("lambeth", "alive"): {"year": 2010, "last": None},
    ("lambeth", "facts"): {},
    ("peers", "nearest"): {"count": 3},
    ("members", "in_year"): {"year": 2012},
    ("members", "row"): {},
    ("chart", "panel"): {"name": ""},
    ("chart", "svg"): {"size": "web"},
    ("chart", "png"): {"size": "web"},
    ("chart", "save"): {"folder": "", "sizes": ()},
    ("chart", "check"): {"sizes": ("web",)},
    ("sentences", "first"): {"how_many": 2},
    ("trace", "cite"): {},
}  # fmt: skip
# What takes long with an argument that is right, and is tried with wrong ones alone.
LONG = {("comparison", "work_out"), ("comparison", "curve"), ("chart", "png"), ("chart", "check"),
        ("chart", "save"), ("comparison", "second_opinion")}  # fmt: skip


def public(thing):
    return {
        name
        for name, member in inspect.getmembers(type(thing))
        if not name.startswith("_") and inspect.isfunction(member)
    }


def test_every_public_name_is_tried(things):
    classes = {
        "Comparison",
        "Council",
        "Joined",
        "Measure",
        "Peers",
        "Trace",
    }  # made by functions alone
    constants, modules = {"PRINCIPAL"}, {"charts"}
    assert set(cs.__all__) == set(FUNCTIONS) | classes | constants | modules
    for name in ("core", "comparison", "lambeth", "peers", "members", "chart", "trace"):
        assert public(things[name]) == {method for thing, method in METHODS if thing == name}


def test_every_argument_is_tried():
    """But those that go on to another: their columns, and the classes' own fields."""
    for name, arguments in FUNCTIONS.items():
        listed = inspect.signature(getattr(cs, name)).parameters
        wanted = {p.name for p in listed.values() if p.kind != p.VAR_KEYWORD}
        assert wanted <= set(arguments), name


def answers(call, positional, arguments):
    """Whether there was an answer; a plain refusal is one too, and anything else is raised."""
    try:
        call(*positional, **arguments)
    except CoopstatsError as problem:
        said = str(problem)
    else:
        return True
    assert said.isprintable(), said
    return False


def calls(call, given, quick):
    """Every argument in turn as something odd."""
    first = next((p for p in inspect.signature(call).parameters.values()), None)
    leading = [first.name] if first is not None and first.kind == first.POSITIONAL_ONLY else []
    if quick:
        yield [given[name] for name in leading], without(given, leading)
    for name, odd in itertools.product(given, ODD):
        changed = {**given, name: odd}
        yield [changed[name] for name in leading], without(changed, leading)


def without(given, names):
    return {name: value for name, value in given.items() if name not in names}


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_answers_or_says_what_is_wrong(things, name):
    given = {n: things.get(v, v) if isinstance(v, str) and n in ("measures", "pilots") else v
             for n, v in FUNCTIONS[name].items()}  # fmt: skip
    for positional, arguments in calls(getattr(cs, name), given, quick=name != "chart"):
        answers(getattr(cs, name), positional, arguments)


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(("thing", "name"), METHODS)
def test_a_method_answers_or_says_what_is_wrong(things, thing, name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    method, given = getattr(things[thing], name), METHODS[thing, name]
    monkeypatch.setattr(save, "save", lambda *_: {})
    if (thing, name) in LONG:
        for argument, odd in itertools.product(given, WRONG):
            answers(method, (), {**given, argument: odd})
    else:
        for positional, arguments in calls(method, given, quick=bool(given)):
            answers(method, positional, arguments)


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("odd", ODD)
def test_an_export_answers_or_says_what_is_wrong(things, odd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("tables", "formats"):
        if not isinstance(odd, list | tuple) or odd:
            assert not answers(export.export, (tmp_path,), {name: odd})
    for name in ("layout", "size"):
        arguments = {"layout": "csv", "size": "web", name: odd}
        assert not answers(forms.export, (things["chart"],), arguments)


# ── what each kind says ──────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda m: m.between(2012, 2010), "runs backwards"),
        (lambda m: m.where("Lambeth"), r"\.where\(council='Lambeth'\)"),
        (lambda m: m.where("London"), r"\.where\(region='London'\)"),
        (lambda m: m.where("L"), r"\.where\(council_class='L'\)"),
        (lambda m: m.where(), "Nothing is chosen"),
        (lambda m: m.by("deprivation_decile"), "Did you mean 'deprivation_fifth'"),
        (lambda m: m.real(0), "year: 0 is no year"),
        (lambda m: m.change((2010, None), 2012), "open end"),
        (lambda m: cs.measure(None), "table: None is no word"),
        (lambda m: cs.measure("no"), "There is no table 'no'"),
        (lambda m: cs.councils("Lambeth"), r"councils\(query='Lambeth'\)"),
        (lambda m: cs.council("Lambeth", ever="yes"), "ever: 'yes' is neither True nor False"),
        (lambda m: cs.council("Lambeth").alive("ten"), "'ten' is no year"),
        (lambda m: cs.join(m, "mine.csv"), "right: 'mine.csv' is not what is needed"),
        (lambda m: cs.bring(own_frame(), value="value", unit="x", only=["a"]), "chooses no rows"),
        (lambda m: cs.bring(own_frame(), value="value", unit="x", year_is="ned"), "start, end"),
        (lambda m: cs.councils(1950), "2007-08 to 2023-24"),
        (lambda m: cs.load("deflator", year=slice(2010, 2012)), "neither a word nor a number"),
        (lambda m: cs.load("deflator", year="ten"), "'ten' is no year"),
        (lambda m: cs.members(2012, nation="Narnia"), "There is no 'Narnia'"),
        (lambda m: cs.peers("Lambeth", "revenue_outturn:coer"), "Did you mean 'core'"),
        (lambda m: cs.supposed("Lambeth", 2014, 2012), "before the first"),
        (lambda m: cs.compare(m, cs.supposed("Lambeth", 2012), baseline="eqal"), "'equal'"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_what_can(things, call, said):
    with pytest.raises(UnknownName, match=said):
        call(things["core"])


@pytest.mark.usefixtures("built")
def test_an_empty_name_is_not_everything():
    for listed in (cs.pilots, cs.claims, cs.memberships):
        with pytest.raises(UnknownName, match="is empty"):
            listed("")
    with pytest.raises(UnknownName, match="is empty"):
        cs.measure("revenue_outturn", "")


@pytest.mark.usefixtures("built")
def test_one_year_in_every_way_of_writing_it(things):
    core = things["core"]
    for first, last in ((2010, 2012), ("2010-11", "2012"), (np.int64(2010), "2012/13")):
        assert core.between(first, last).years == [2010, 2011, 2012]
        lambeth = core.where(council="Lambeth").change(first, last)
        assert list(lambeth.frame["year"]) == [2012]
    assert cs.load("deflator", year="2010-11").equals(cs.load("deflator", year=[np.int16(2010)]))
    assert core.on("2012", leave_out=True).years == core.years
    mean = core.where(council="Lambeth").change("2008:2010", 2012)
    assert mean.compared == (2008, 2009, 2010)


@pytest.mark.usefixtures("built")
def test_an_open_span_ends_where_the_measure_does(things):
    pilot, core = things["pilot"], things["core"]
    for after in ((2012, None), "2012:", ["2012-13", None]):
        found = cs.compare(core, pilot, after=after, draws=20)
        assert found.cases[0].after == (2012, 2013, 2014, 2015, 2016)
        assert found.with_choices(before=(None, 2010)).cases[0].before == (2008, 2009, 2010)


def test_only_leave_out_and_the_like_are_named():
    """Years, a group, a place and a reason may stand by themselves; nothing else of a measure."""
    natural = {"self", "year", "first", "last", "before", "after", "start", "group", "council",
               "reason", "index", "unnamed"}  # fmt: skip
    for name, method in inspect.getmembers(Measure, inspect.isfunction):
        if not name.startswith("_"):
            kinds = inspect.signature(method).parameters.values()
            assert {p.name for p in kinds if p.kind != p.KEYWORD_ONLY} <= natural, name


def test_python_says_itself_what_is_missing():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'query'"):
        cs.council()
    with pytest.raises(TypeError, match="unexpected keyword argument 'yaer'"):
        cs.council("Lambeth", yaer=2010)


def test_a_reader_for_no_argument_is_a_mistake_of_ours():
    with pytest.raises(AssertionError, match="a reader for nothing"):
        doors.door(yaer=doors.word)(lambda year: year)


def test_what_a_message_quotes_reaches_no_terminal_raw():
    with pytest.raises(UnknownCouncil) as refused:
        cs.council("Lam\x1b[31mbeth\u202e")
    assert "\x1b" not in str(refused.value)
    assert str(UnknownName("a \x1b[2J b\u202e \x9b")) == r"a \x1b[2J b\u202e \x9b"
    mine = cs.bring(own_frame(), value="value", unit="things", name="\x1b[31mred")
    assert "\x1b" not in repr(mine)
