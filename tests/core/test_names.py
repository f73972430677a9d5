"""Names of files: each safe on every system, and no two that share one where case is not told."""

from __future__ import annotations

import pandas as pd
import pytest

import coopstats as cs
from coopstats import charts
from coopstats.book import chart_list, councils, question_pages, topics
from coopstats.charts.layout import EVERY_SIZE
from coopstats.charts.spec import OF_SIZES
from coopstats.clean.build import build
from coopstats.core import files
from coopstats.core.errors import CoopstatsError
from coopstats.core.sources import read_sources
from coopstats.findings.questions import QUESTIONS


def alone(names):
    """Every name safe, and none like another but for case."""
    names = list(names)
    assert [name for name in names if not files.is_safe(name)] == []
    folded = [name.casefold() for name in names]
    assert sorted({n for n in folded if folded.count(n) > 1}) == []


def test_pages_of_councils():
    alone(f"{councils.page_of(body.ecode)}.html" for body in councils.councils())


def test_pages_of_pilots_claims_and_questions():
    alone(f"{pilot.slug}.html" for pilot in cs.pilots())
    alone(f"{claim.claim.lower()}.html" for claim in cs.claims())
    alone(f"{question_pages.page_name(question)}.html" for question in QUESTIONS)


@pytest.mark.usefixtures("built")
def test_charts():
    every = [*topics.topics(), topics.core_total().slug, councils.SERVICES_TOPIC]
    pages = [councils.page_of(body.ecode) for body in councils.councils()]
    slugs = {*chart_list.read(), *(f"{page}-{topic}" for page in pages for topic in every)}
    alone(slugs)
    assert [slug for slug in slugs if slug.endswith(OF_SIZES)] == []


def test_tables_and_publications():
    alone(build.TABLES)
    originals = {(source.file, source.sha256) for source in read_sources().values()}
    names = [name.casefold() for name, _ in originals]
    assert len(names) == len(set(names))  # several publications may be read from one file
    raw = [str(source.raw_file).casefold() for source in read_sources().values()]
    assert len(raw) == len(set(raw))


@pytest.mark.parametrize(
    "name",
    [
        "con",
        "NUL.csv",
        "com1",
        "lpt9.txt",
        "a b",
        "a/b",
        "a\\b",
        "..",
        ".x",
        "é",
        "",
        "a\nb",
        "x:y",
    ],
)
def test_what_is_not_safe(name):
    assert not files.is_safe(name)


@pytest.mark.parametrize("slug", ["con", "nul", "lambeth-print", "lambeth-square"])
def test_a_chart_refuses_a_name_that_is_another_s(slug):
    frame = pd.DataFrame({"council": ["a"], "value": [1.0]})
    with pytest.raises(CoopstatsError, match="another file has that name"):
        charts.bar(frame, slug=slug, title="A title", subtitle="", unit="things")


def test_every_size_has_its_ending():
    assert set(OF_SIZES) == {f"-{size}" for size in EVERY_SIZE}


@pytest.mark.usefixtures("built")
def test_charts_of_two_comparisons_have_two_names():
    """Two bodies are called Dorset, and one's own measure may be called anything."""
    core = cs.measure("revenue_outturn", "core").where(council_class="L").between(2008, 2016)
    frame = core.frame
    names = ["mine ours", "mine: ours", "ours"]
    made = [cs.bring(frame, value="value", unit="things", name=name) for name in names]
    who = cs.supposed("Lambeth", 2012)
    slugs = [cs.compare(one, who, draws=20).chart().slug for one in [core, *made]]
    assert slugs[0] == "gap-lambeth-revenue-outturn-core"
    alone(slugs)
