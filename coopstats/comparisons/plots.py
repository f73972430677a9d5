"""Pictures of a comparison: the gap by year among placebos, and the weights."""

from __future__ import annotations

import hashlib
import re

import numpy as np
import pandas as pd

from coopstats.charts import Chart, bar, line
from coopstats.comparisons.result import Result
from coopstats.comparisons.wording import name_of, number_style, title
from coopstats.core.errors import NotComparable, Verb, can
from coopstats.register.councils import bodies


def gap_chart(result: Result, wanted: str) -> Chart:
    """The gap of each year; for one council among the gaps of its placebos, all in grey."""
    rows = result.shared[result.shared["line"] == wanted]
    own = result.who
    x = "year" if result.single else "event_year"
    frame = pd.DataFrame(
        {"series": own, x: rows[x].astype(float), "value": rows["gap"],
         "low": rows["low"], "high": rows["high"]}
    )  # fmt: skip
    if result.single:
        noted = _noted(result, wanted).reindex(rows["year"])
        frame = frame.assign(**{name: noted[name].to_numpy() for name in noted})
    others = _placebo_lines(result, wanted) if result.single else frame.head(0)
    if len(others):
        frame = pd.concat([frame, others], ignore_index=True)
    start = float(result.cases[0].start) if result.single else 0.0
    return line(
        frame,
        x=x,
        series="series",
        low="low",
        high="high",
        slug=_slug(f"gap-{own}-{wanted}", result, wanted),
        title=f"{own} and {'its' if result.single else 'their'} baseline: {title(wanted)}",
        subtitle=_subtitle(result, wanted),
        unit=_unit(result, wanted),
        number=number_style(_unit(result, wanted)),
        highlight=(own,),
        context="the same for councils where no pilot began" if len(others) else "",
        marks={start: "first full year"},
        x_number=_years_as(result),
        sources=_sources(result, wanted),
        notes=(_note(result, rows),),
    )  # fmt: skip


def _note(result: Result, rows: pd.DataFrame) -> str:
    band = "The band holds 95 in 100 placebo gaps of a year, scaled to the misfit before. "
    return f"{band if rows['low'].notna().any() else ''}A gap is not what the pilot did."


def _years_as(result: Result) -> str:
    """How a year prints: by calendar where all lines are; the years since a start as numbers."""
    if not result.single:
        return "count"
    return "calendar" if all(one.calendar for one in result.measures) else "year"


def levels(result: Result, wanted: str) -> pd.DataFrame:
    """The own line and the baseline of one council, year by year."""
    if not result.single:
        raise NotComparable(
            "Levels are of one council; several have a gap by year.",
            could=[can(Verb.SHOWN_BY, "`.frame`")],
        )
    panel = result.estimate.question.panels[result.lines.index(wanted)]
    rows = result.frame[result.frame["line"] == wanted].astype({"year": int})
    noted = _noted(result, wanted).reindex(rows["year"])
    own = panel.at(list(rows["year"]))[panel.row(result.cases[0].ecode)]
    baseline = own - rows["gap"]
    return pd.DataFrame(
        {"year": rows["year"], "own": own, "baseline": baseline,
         "low": baseline + rows["low"], "high": baseline + rows["high"],
         **{name: noted[name].to_numpy() for name in noted}}
    )  # fmt: skip


def _noted(result: Result, wanted: str) -> pd.DataFrame:
    """What the treated council's measure says of its figures, by year: `doubt` and `break`."""
    taken = result.measures[result.lines.index(wanted)]
    rows = taken.frame[taken.frame["ecode"] == result.cases[0].ecode]
    kept = rows.set_index("year").reindex(columns=["doubt", "break"])
    return kept.astype(object).fillna("").loc[~kept.index.duplicated()]


def _unlike(result: Result, wanted: str) -> str:
    """When what is counted changed in the years drawn, where several starts share a picture."""
    taken = result.measures[result.lines.index(wanted)]
    years = [year for case in result.cases for year in (*case.before, *case.after)]
    return taken.unlike(min(years), max(years))


def _placebo_lines(result: Result, wanted: str) -> pd.DataFrame:
    """Each placebo's gap by year, in the treated council's own unit of misfit where it has one."""
    fit, service = result.estimate.fits[0], result.lines.index(wanted)
    years = result.estimate.question.panels[0].years
    spread = np.sqrt(fit.square[:, service])
    parts = [pd.DataFrame({"series": [], "year": [], "value": []})]  # all may be fitted exactly
    for row in range(1, len(fit.councils)):
        if spread[row] > 0:
            scaled = fit.gap[row, service] * (spread[0] / spread[row] if spread[0] > 0 else 1.0)
            name = name_of(fit.councils[row])
            parts.append(pd.DataFrame({"series": name, "year": years, "value": scaled}))
    rows = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    return rows.dropna(subset="value").astype({"year": float})


def weights_chart(result: Result, wanted: str, most: int = 15) -> Chart:
    """The heaviest donors of the first treated council."""
    rows = result.weights[result.weights["line"] == wanted]
    rows = rows[rows["council"] == result.cases[0].name].head(most)
    frame = pd.DataFrame({"series": rows["donor_name"], "value": 100 * rows["weight"]})
    return bar(
        frame,
        series="series",
        slug=_slug(f"weights-{result.cases[0].name}-{wanted}", result, wanted),
        title=f"What the baseline of {result.cases[0].name} is made of",
        subtitle=f"{title(wanted)}: weights of the {len(rows)} heaviest donors",
        unit="per cent of the baseline",
        sources=_sources(result, wanted),
    )


def _subtitle(result: Result, wanted: str) -> str:
    row = result.summary.set_index("line").loc[wanted]
    case = result.cases[0]
    before = result.years_in_words(case.before) if result.single else "the years before each start"
    unit = _unit(result, wanted)
    if result.single:
        return f"Gap to {int(row.donors)} donors, {unit}; fit over {before}"
    return (
        f"Gap to {int(row.donors)} donors or more each, {unit}, by years since the first full "
        f"year of each; fit over {before}{_unlike(result, wanted)}"
    )


def _unit(result: Result, wanted: str) -> str:
    return result.summary.set_index("line").loc[wanted, "unit"]


def _sources(result: Result, wanted: str) -> tuple[str, ...]:
    return result.estimate.question.panels[result.lines.index(wanted)].sources


def _slug(text: str, result: Result, wanted: str) -> str:
    """Words as a file's name; with a mark of what they stand for where others could share it."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
    codes = [case.ecode for case in result.cases]
    names = [body.name for body in bodies().values()]
    shared = any(names.count(bodies()[code].name) > 1 for code in codes)
    own = any(one.own for one in result.measures)
    if len(plain) <= 80 and not shared and not own:
        return plain
    mark = hashlib.sha256(repr((text, codes, wanted)).encode()).hexdigest()[:8]
    return f"{plain[:70].strip('-')}-{mark}"
