"""The questions of the book: the name of a question's page, its words and its charts."""

from __future__ import annotations

import functools
from types import ModuleType

from coopstats.charts import Chart
from coopstats.findings.questions import QUESTIONS


def answered() -> tuple[ModuleType, ...]:
    """The questions that have an answer."""
    return tuple(question for question in QUESTIONS if hasattr(question, "answer"))


def title_of(question: ModuleType) -> str:
    """The question that a module answers: the first sentence of its docstring."""
    return (question.__doc__ or "").split("\n")[0].split("? ")[0].rstrip(".?") + "?"


def module_name(question: ModuleType) -> str:
    """A question's module without its package."""
    return question.__name__.rsplit(".", 1)[1]


def page_name(question: ModuleType) -> str:
    """A question's page: its module's name with hyphens."""
    return module_name(question).replace("_", "-")


@functools.cache
def charts_of(question: ModuleType) -> tuple[Chart, ...]:
    """The charts of one question's module, made once."""
    return tuple(make() for make in question.CHARTS)


def chart_at(module: str, place: int) -> Chart:
    """The chart at one place among a question's, made alone. LookupError if there is none."""
    found = {module_name(question): question for question in QUESTIONS}
    chart: Chart = found[module].CHARTS[place]()
    return chart
