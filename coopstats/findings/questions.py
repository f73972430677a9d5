"""The ten questions, in the order of the notebooks, and every chart of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coopstats.findings import what_became_of_the_claims
from coopstats.findings.answers import (
    co_operatives,
    could_it_be_chance,
    described_pilots,
    did_co_operation_grow,
    did_pilots_hold_up,
    feared_lines,
    how_deep,
    what_services_did,
    who_were_the_pilots,
)

if TYPE_CHECKING:
    from coopstats.charts import Chart

QUESTIONS = (
    how_deep,
    feared_lines,
    what_services_did,
    co_operatives,
    who_were_the_pilots,
    did_pilots_hold_up,
    described_pilots,
    could_it_be_chance,
    did_co_operation_grow,
    what_became_of_the_claims,
)


def charts() -> list[Chart]:
    """Every chart of every question, in the order of the notebooks."""
    return [make() for question in QUESTIONS for make in question.CHARTS]
