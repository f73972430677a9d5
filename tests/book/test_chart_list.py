"""The list of charts: read without drawing, written whole, and a chart made alone from it."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

import coopstats as cs
from coopstats.book import chart_list, councils, question_pages, site, topics
from coopstats.book.chart_list import Row
from coopstats.charts.chart import Chart
from coopstats.cli import main
from coopstats.core.errors import ContractBroken, CoopstatsError, NotBuilt, UnknownName
from coopstats.findings.questions import QUESTIONS
from coopstats.reproduce import chain

PLAIN = Row("a-core", "A: core", "pounds", "0123456789ab", "councils/a.html", "")
OTHER = Row("why", "Why", "per cent", "ba9876543210", "questions/how-deep.html", "how_deep 0")


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A home without any list."""
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    (tmp_path / "data" / "processed").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def nothing_drawn(monkeypatch):
    """A chart that is made is a fault."""

    def made(self):
        raise AssertionError(f"{self.slug} was made")

    monkeypatch.setattr(Chart, "__post_init__", made)


# ── the file ─────────────────────────────────────────────────────────────────────────────────────


def test_the_committed_list_has_every_question_and_every_council(built):
    rows = chart_list.read()
    assert len(rows) > 4000
    assert chart_list.file().stat().st_size < 2_000_000
    by_question = {row.made_by.split(" ")[0] for row in rows.values() if row.made_by}
    assert by_question == {question_pages.module_name(q) for q in QUESTIONS if q.CHARTS}
    made = [row.made_by for row in rows.values() if row.made_by]
    assert sorted(made) == sorted(
        f"{question_pages.module_name(q)} {n}" for q in QUESTIONS for n in range(len(q.CHARTS))
    )
    pages = {row.page for row in rows.values() if row.page.startswith("councils/")}
    assert pages == {f"councils/{councils.page_of(b.ecode)}.html" for b in councils.councils()}
    assert list(rows) == sorted(rows)
    assert chart_list.file().read_text(encoding="utf-8").startswith(",".join(Row._fields))


def test_what_is_written_is_read_and_the_same_is_not_written_again(empty):
    told = chart_list.accept([OTHER, PLAIN])
    assert told[0] == "Charts that are new: a-core, why."
    assert told[-1].startswith("data/processed/CHARTS.csv says so now: commit it")
    assert chart_list.read() == {"a-core": PLAIN, "why": OTHER}
    before = chart_list.file().stat()
    assert chart_list.accept([PLAIN, OTHER]) == []
    assert chart_list.file().stat() == before


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ([PLAIN], "Charts that are gone: why."),
        ([PLAIN, OTHER, OTHER._replace(slug="new")], "Charts that are new: new."),
        ([PLAIN._replace(digest="x"), OTHER], "Charts that differ in their digest: a-core."),
        ([PLAIN._replace(title="x"), OTHER], "Charts that differ in their title: a-core."),
        ([PLAIN, OTHER._replace(page="x")], "Charts that differ in their page: why."),
        ([PLAIN, OTHER._replace(made_by="x")], "Charts that differ in their made by: why."),
    ],
)
def test_what_moved_is_said(empty, now, said):
    chart_list.accept([PLAIN, OTHER])
    assert said in chart_list.accept(now)
    assert list(chart_list.read().values()) == sorted(now)


def test_of_many_that_moved_the_first_are_named(empty):
    chart_list.accept([PLAIN._replace(slug=f"c-{n:02}") for n in range(30)])
    told = chart_list.accept([PLAIN._replace(slug=f"c-{n:02}", unit="£") for n in range(30)])
    assert told[0].endswith("c-06, c-07 and 22 more.")


def test_a_list_that_cannot_be_written_leaves_the_old_one(empty, monkeypatch):
    chart_list.accept([PLAIN])

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(CoopstatsError):
        chart_list.accept([OTHER])
    assert chart_list.read() == {"a-core": PLAIN}
    assert [p.name for p in chart_list.file().parent.iterdir()] == ["CHARTS.csv"]


@pytest.mark.parametrize("content", [None, b"slug,title\na,b\n", b"\xff\xfe", b"a,b\n1,2,3\n"])
def test_without_a_list_it_is_said_how_to_make_it(empty, content):
    if content is not None:
        chart_list.file().write_bytes(content)
    with pytest.raises(NotBuilt, match="coopstats book --no-pictures"):
        cs.chart_list()


def by_command(_):
    return CliRunner().invoke(main.main, ["book"])


def by_main_job(home):
    return chain.book(chain.Job(home))


@pytest.mark.parametrize("make", [by_command, by_main_job])
def test_whoever_makes_the_whole_book_writes_the_list_and_says_what_moved(empty, monkeypatch, make):
    monkeypatch.setattr(site, "make", lambda *_, **__: site.Made(1, 1, 1, (PLAIN,)))
    done = make(empty)
    assert "Charts that are new: a-core." in getattr(done, "told", "") + getattr(done, "output", "")
    assert chart_list.read() == {"a-core": PLAIN}


def test_a_book_that_fails_leaves_the_list(empty, monkeypatch):
    def fails(*_, **__):
        raise ContractBroken("1 problem in the book")

    monkeypatch.setattr(site, "make", fails)
    assert CliRunner().invoke(main.main, ["book"]).exit_code == 1
    with pytest.raises(ContractBroken):
        chain.book(chain.Job(empty))
    assert not chart_list.file().exists()


# ── asked for ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("built", "nothing_drawn")
def test_listing_and_a_mistyped_slug_draw_nothing():
    every = cs.chart_list()
    assert list(every) == ["slug", "title", "unit", "digest", "page"]
    assert every["slug"].is_unique
    words = ["chart", "list", "lambeth", "core", "--format", "csv"]
    listed = CliRunner().invoke(main.main, words).stdout
    assert "lambeth-core" in listed
    assert "oldham-core" not in listed
    for slug, near in (("lambeth-cor", "'lambeth-core'"), ("feared-lines-rankin", "Did you mean")):
        with pytest.raises(UnknownName, match=near):
            cs.chart(slug)


@pytest.mark.usefixtures("built")
def test_a_chart_of_a_question_is_made_alone(monkeypatch):
    row = next(r for r in chart_list.read().values() if r.made_by == "who_were_the_pilots 0")
    question = next(q for q in QUESTIONS if q.__name__.endswith("who_were_the_pilots"))
    made = []
    first, *others = question.CHARTS
    every = (first, *(lambda: made.append(1) for _ in others))
    monkeypatch.setattr(question, "CHARTS", every)
    one = cs.chart(row.slug)
    assert (one.slug, one.title, one.unit, one.identity) == row[:4]
    assert made == []


@pytest.mark.usefixtures("built")
def test_a_list_that_is_older_than_the_answers_is_not_believed(monkeypatch):
    row = next(r for r in chart_list.read().values() if r.made_by == "who_were_the_pilots 0")
    question = next(q for q in QUESTIONS if q.__name__.endswith("who_were_the_pilots"))
    for every in ((), question.CHARTS[1:2]):
        monkeypatch.setattr(question, "CHARTS", every)
        with pytest.raises(CoopstatsError, match="older than chart"):
            cs.chart(row.slug)


@pytest.mark.usefixtures("built")
def test_one_council_s_chart_measures_its_own_topic_alone(monkeypatch):
    measured = []
    numbers = topics.numbers
    for module in (topics, councils):
        monkeypatch.setattr(module, "numbers", lambda t: measured.append(t) or numbers(t))
    cs.chart("lambeth-conceptions")
    with pytest.raises(UnknownName, match=r"Stevenage has no chart 'youth': not a service of a"):
        cs.chart("stevenage-youth")
    assert set(measured) == {"conceptions", "youth"}


def test_a_council_s_chart_needs_no_list(built, monkeypatch):
    monkeypatch.setattr(chart_list, "file", lambda: built / "none.csv")
    assert cs.chart("lambeth-conceptions").slug == "lambeth-conceptions"
    with pytest.raises(NotBuilt):
        cs.chart("lambet-conceptions")


def test_charts_is_the_package_that_draws():
    code = (
        "import types, coopstats as cs, coopstats.charts;"
        "assert type(cs.charts) is types.ModuleType and cs.charts is coopstats.charts;"
        "cs.charts.line, cs.charts.Chart"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
