"""What gaps look like where nothing happened: every eligible council as if a pilot had begun there.

Published in docs/placebos, so that a reader sees what chance alone gives before any pilot is looked
at; a test holds the published tables to what the figures give.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coopstats.charts import Chart, scatter
from coopstats.comparisons import panel as panels
from coopstats.comparisons import permutation
from coopstats.comparisons.baselines import Pool, baseline_of
from coopstats.comparisons.fits import EXACT, gaps_beside
from coopstats.comparisons.panel import Panel
from coopstats.comparisons.peers import FEWEST_PEOPLE, sizes
from coopstats.comparisons.wording import name_of, title
from coopstats.register.councils import CLASSES, bodies

if TYPE_CHECKING:
    from coopstats.measures.measure import Measure

# Line, first year after: the years before are all that can be compared, five are after.
LOOKED_AT = (
    ("revenue_outturn", "core", 2014),
    ("revenue_outturn", "cultural", 2014),
    ("children_spending", "youth", 2015),
    ("teenage_conceptions", "conception_rate", 2013),
)
AFTER = 5
PRINCIPAL = ("L", "MD", "UA", "SC", "SD")
FEWEST = 12
YEARS_BEFORE = (4, 5, 6, 7)


def placebo_gaps(measured: Measure, start: int, baseline: str = "equal") -> pd.DataFrame:
    """One row a council: class, gap, fit (RMSPE before) and studentised gap, as if it were treated.

    Only classes with at least twelve councils that have a figure in every year.
    """
    panel = _prepared(measured, start)
    before = [year for year in panel.years if year < start]
    after = list(range(start, start + AFTER))
    parts = [
        _of_class(panel, codes, before, after, baseline).assign(council_class=name)
        for name, codes in _classes(panel, [*before, *after])
    ]
    return pd.concat(parts, ignore_index=True).assign(line=panel.line)


def exact_shares(measured: Measure, start: int) -> pd.DataFrame:
    """One row a class and number of years before: the share a synthetic control fits exactly."""
    panel = _prepared(measured, start)
    rows = []
    for count in YEARS_BEFORE:
        before = list(range(start - count, start))
        if before[0] < panel.years[0]:
            continue
        for name, codes in _classes(panel, [*before, *range(start, start + AFTER)]):
            found = _of_class(panel, codes, before, [start], "synthetic")
            rows.append((panel.line, name, len(codes), count, float(found["exact"].mean())))
    columns = ["line", "council_class", "councils", "years_before", "exact_share"]
    return pd.DataFrame(rows, columns=columns)


def summary(gaps: pd.DataFrame) -> pd.DataFrame:
    """One row a line and class: councils, and where 5, 50 and 95 in 100 placebo gaps lie."""
    rows = []
    for (line, name), part in gaps.groupby(["line", "council_class"], sort=False):
        low, middle, high = np.quantile(part["gap"], [0.05, 0.5, 0.95])
        large = float(np.quantile(part["studentised"].abs(), 0.95))
        rows.append((line, name, len(part), low, middle, high, part["fit"].median(), large))
    columns = ["line", "council_class", "councils", "gap_5", "gap_50", "gap_95", "fit", "large"]
    return pd.DataFrame(rows, columns=columns)


def published() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The placebo gaps and the shares fitted exactly, of every line looked at."""
    from coopstats.measures.of_table import measure

    lines = [(measure(table, service), start) for table, service, start in LOOKED_AT]
    gaps = pd.concat([placebo_gaps(*one) for one in lines], ignore_index=True)
    return gaps, pd.concat([exact_shares(*one) for one in lines], ignore_index=True)


def chart(gaps: pd.DataFrame, line: str) -> Chart:
    """Each council's gap against its fit, a panel a class: larger misfits go with larger gaps."""
    from coopstats.measures.of_table import measure

    rows, measured = gaps[gaps["line"] == line], measure(*line.split(":"))
    start = next(first for table, service, first in LOOKED_AT if line == f"{table}:{service}")
    return scatter(
        pd.DataFrame(
            {"council": rows["ecode"].map(name_of), "x": rows["fit"], "value": rows["gap"],
             "panel": rows["council_class"].map(CLASSES)}
        ),
        x="x",
        panel="panel",
        slug=f"placebos-{line.replace(':', '-').replace('_', '-')}",
        title=f"Gaps where nothing happened: {title(line)}",
        subtitle="Every council as if a pilot had begun there, beside all others of its class",
        unit=f"gap, {_prepared(measured, start).unit}",
        x_title="misfit before",
        sources=measured.sources,
        notes=("Misfit is the root mean square of the gaps of the years before, in the same unit. "
               "No pilot is shown: this is what chance and councils' own paths give.",),
    )  # fmt: skip


def _prepared(measured: Measure, start: int) -> Panel:
    kept = panels.unbroken(measured, start - 1, start + AFTER - 1)
    return panels.from_measure(panels.comparable(panels.of_classes(kept, PRINCIPAL)))


def _classes(panel: Panel, years: list[int]) -> Iterator[tuple[str, list[str]]]:
    """Each class with enough councils that are whole in these years, not reorganised, not tiny."""
    whole = [code for code, ok in zip(panel.codes, panel.complete(years), strict=True) if ok]
    people = sizes()
    whole = [code for code in whole if people.get(code, FEWEST_PEOPLE) >= FEWEST_PEOPLE]
    for name in CLASSES:
        codes = [code for code in whole if bodies()[code].council_class == name]
        if len(codes) >= FEWEST:
            yield name, codes


def _of_class(
    panel: Panel, codes: list[str], before: list[int], after: list[int], baseline: str
) -> pd.DataFrame:
    rule, everyone = baseline_of(baseline), np.arange(len(codes))
    values = panel.at([*before, *after])[panel.rows(codes)]
    first = np.arange(len(before))
    others = ~np.eye(len(codes), dtype=bool)
    weights = rule.weigh(Pool(values[:, first], len(after)), everyone, others)
    lines = values - values[:, first].mean(axis=1, keepdims=True) if rule.demeaned else values
    gaps = gaps_beside(lines[:, None, :], weights[None], everyone)[:, 0]
    fit = np.sqrt(np.square(gaps[:, first]).mean(axis=1))
    gap = gaps[:, len(before) :].mean(axis=1)
    studentised, _ = permutation.studentised(gap[:, None], np.square(fit)[:, None])
    return pd.DataFrame(
        {"ecode": codes, "gap": gap, "fit": fit, "studentised": studentised,
         "exact": fit <= EXACT * values[:, first].std()}
    )  # fmt: skip
