"""Every chart by its slug: those of the notebooks and those of each council.

`chart("lambeth-core")` makes that chart alone. The same objects stand in the notebooks, in the
book and in what `coopstats chart export` writes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pandas as pd

from coopstats.book import councils
from coopstats.charts import Chart
from coopstats.core.errors import UnknownName, did_you_mean
from coopstats.findings import questions


def charts() -> pd.DataFrame:
    """Every chart that can be had: slug, what it is of, where it stands."""
    own = [(one.slug, one.title, _question(one.slug)) for one in _notebooks().values()]
    rest = [(slug, title, name) for slug, title, name in _of_councils()]
    return pd.DataFrame([*own, *rest], columns=["slug", "title", "of"])


def chart(slug: str) -> Chart:
    """One chart. Raises UnknownName with the nearest slugs, or why a council lacks it."""
    body, topic = _parted(slug)
    if body:
        return _of_council(body, topic, slug)
    if slug in _notebooks():
        return _notebooks()[slug]
    known = [*_notebooks(), *(row[0] for row in _of_councils())]
    raise UnknownName(
        f"There is no chart {slug!r}.{did_you_mean(slug, known)} `coopstats chart list` lists them."
    )


@functools.cache
def _notebooks() -> dict[str, Chart]:
    return {one.slug: one for question in questions.QUESTIONS for one in of_question(question)}


@functools.cache
def of_question(question: object) -> tuple[Chart, ...]:
    """The charts of one question's module, made once."""
    return tuple(make() for make in question.CHARTS)  # type: ignore[attr-defined]


@functools.cache
def _homes() -> dict[str, str]:
    return {
        one.slug: question.__name__.rsplit(".", 1)[1]
        for question in questions.QUESTIONS
        for one in of_question(question)
    }


def _question(slug: str) -> str:
    return _homes()[slug].replace("_", " ")


TOPICS = ("core-total", "services")


def _parted(slug: str) -> tuple[str, str]:
    """A council's E-code and the topic; nothing where the slug is of no council."""
    for topic in sorted({*councils.topics(), *TOPICS}, key=len, reverse=True):
        page = slug.removesuffix(f"-{topic}")
        if page != slug and page in councils.by_slug():
            return councils.by_slug()[page].ecode, topic
    return "", ""


def _of_council(ecode: str, topic: str, slug: str) -> Chart:
    if topic == "services":
        made = councils.services_chart(ecode)
    elif topic == "core-total":
        made = councils.total_chart(ecode)
    else:
        made = councils.chart(ecode, topic)
    if made is None:
        why = " ".join(councils.missing(ecode)) or "No two figures of it are held."
        raise UnknownName(f"{slug!r} cannot be drawn. {why}")
    return made


def _of_councils() -> Iterator[tuple[str, str, str]]:
    """Slug, topic and council of every council's charts, without making them."""
    for body in councils.councils():
        page = councils.page_of(body.ecode)
        yield f"{page}-services", f"{body.name}: services", body.name
        for topic in councils.topics().values():
            if body.council_class in topic.classes:
                yield f"{page}-{topic.slug}", f"{body.name}: {topic.title}", body.name
