"""A comparison in plain English: the fit first, then the gap, then what chance alone would show."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coopstats.comparisons import chance
from coopstats.comparisons.baselines import baseline_of
from coopstats.core.sentences import Sentences
from coopstats.core.years import financial_year
from coopstats.register.councils import CLASSES, bodies

if TYPE_CHECKING:
    from coopstats.comparisons.comparison import Comparison

NOTHING = 1e-9  # a level that is nothing: no per cent of it
FEWEST_FOR_INTERVAL = 20  # placebos and treated: with fewer none can be rarer than one in twenty


def name_of(code: str) -> str:
    """A council's name, or the code itself where it is no council."""
    return bodies()[code].name if code in bodies() else code


def amount(value: float, unit: str) -> str:
    """A number in its unit: "£12.40", "3.1"."""
    if not np.isfinite(value):
        return "no bound"
    sign = "−" if value < 0 else ""
    if unit.startswith("pounds"):
        places = 0 if abs(value) >= 1000 else 2
        return f"{sign}£{abs(value):,.{places}f}"
    size = abs(value)
    return f"{sign}{size:,.{0 if size >= 100 else 1 if size >= 10 else 2}f}"


def of_level(value: float, level: float, places: int = 1) -> str:
    """A value as a share of a level: "3.1% of its level"; nothing where the level is nought."""
    if not (np.isfinite(value) and abs(level) > NOTHING):
        return ""
    return f"{abs(100 * value / level):.{places}f}% of its level"


def number_style(unit: str) -> str:
    """How a chart prints a number in this unit: a name of coopstats.charts.numbers.NUMBERS."""
    return "gbp_per_head" if unit.startswith("pounds") else "decimal"


def spell(years: Sequence[int], calendar: bool = False) -> str:
    """Years as printed: 2012-13 to 2016-17, one alone, a list where some between are left out."""
    named = str if calendar else financial_year
    if list(years) != list(range(years[0], years[-1] + 1)):
        return ", ".join(named(year) for year in years)
    return " to ".join(dict.fromkeys((named(years[0]), named(years[-1]))))


def who(comparison: Comparison) -> str:
    """The treated in words: a name, or how many."""
    cases = comparison.cases
    return cases[0].name if len(cases) == 1 else f"{len(cases)} councils"


def title(line: str) -> str:
    """A line in words: "cultural (revenue_outturn)"."""
    table, _, service = line.partition(":")
    return f"{service.replace('_', ' ')} ({table})" if service else table


def sentences(comparison: Comparison) -> Sentences:
    """All that is said of a comparison, line by line, then of all lines together."""
    said = [s for row in comparison.summary.itertuples() for s in _of_line(comparison, row)]
    return Sentences([*said, *_of_all(comparison)])


def _of_line(comparison: Comparison, row: Any) -> Iterator[str]:
    yield _fit(comparison, row)
    yield _gap(comparison, row)
    if not comparison.description:
        yield _chance(comparison, row)
        yield _missed(row)


def _fit(comparison: Comparison, row: Any) -> str:
    years = [case.before for case in comparison.cases]
    span = comparison.spell(years[0]) if len(set(years)) == 1 else "the years before each start"
    notes = [part for part in (of_level(row.fit, row.level), "root mean square") if part]
    said = (
        f"Fit: in {span}, {who(comparison)} ran {amount(row.fit, row.unit)} from the baseline of "
        f"{title(row.line)} in a typical year before ({'; '.join(notes)})."
    )
    if row.exact:
        said += " A perfect fit is a warning: with few years before it comes by chance."
    return said


def _gap(comparison: Comparison, row: Any) -> str:
    case = comparison.cases[0]
    rule = baseline_of(comparison.wanted.baseline)
    over = f"over {comparison.spell(case.after)}" if comparison.single else _spans(comparison)
    return (
        f"Gap: {over} it was {_apart(row)} on average ({rule.words}; {_donors(comparison, row)})."
    )


def _apart(row: Any) -> str:
    if abs(row.gap) <= NOTHING:
        return "the same as the baseline"
    return f"{amount(abs(row.gap), row.unit)} {'above' if row.gap > 0 else 'below'} the baseline"


def _donors(comparison: Comparison, row: Any) -> str:
    """How many donors, and what their weights are worth; of several councils those of each."""
    worth = f"worth {row.effective:.1f} equally weighted ones"
    if comparison.single:
        return f"{row.donors} donors, {worth}"
    each = f"{row.donors}"
    if row.donors_most > row.donors:
        each += f" to {row.donors_most}"
    return f"{each} donors a council, {row.donors_in_all} councils in all, {worth} at the least"


def _spans(comparison: Comparison) -> str:
    counts = [len(case.after) for case in comparison.cases]
    few = f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
    first = all(case.after == _first_years(case) for case in comparison.cases)
    return (
        f"over the first {few} full years of each"
        if first
        else f"over {few} years after each start"
    )


def _first_years(case: Any) -> tuple[int, ...]:
    return tuple(range(case.start, case.start + len(case.after)))


def _chance(comparison: Comparison, row: Any) -> str:
    if row.no_rank:
        return f"Chance: {row.no_rank[0].lower()}{row.no_rank[1:]}."
    start = "Chance: against its own misfit before, the gap"
    if comparison.single:
        kind = CLASSES[comparison.cases[0].stratum] if comparison.cases[0].stratum else "council"
        return (
            f"{start} ranks {row.rank} of {row.of} (1 is the largest) beside {row.of - 1} placebo "
            f"councils, each a {kind} without a structural pilot of this service; one council "
            "alone proves nothing."
        )
    draws = row.of - 1
    said = (
        f"{start} is {chance.rarity(row.p, draws)} of {draws:,} placebo sets{_alike(comparison)} "
        f"would show ({chance.said(row.p, draws)})"
    )
    if not np.isfinite(row.low):
        return f"{said}."
    low, high = amount(row.low, row.unit), amount(row.high, row.unit)
    return f"{said}; gaps from {low} to {high} are in the 95% interval."


def _alike(comparison: Comparison) -> str:
    """What a placebo set has in common with the treated."""
    classes = all(case.stratum for case in comparison.cases)
    shared = [*(["class"] if classes else []), *(["size"] if comparison.estimate.banded else [])]
    return f" of the same {' and '.join(shared)}" if shared else ""


def _missed(row: Any) -> str:
    if not np.isfinite(row.detectable):
        return f"{_unbounded(row)}, so there is no interval at 95% and no smallest detectable gap."
    return (
        f"Power: a gap under {amount(row.detectable, row.unit)} would be missed more than one "
        "time in five, so a small gap is not the same as none."
    )


def _unbounded(row: Any) -> str:
    """Why nothing bounds a gap."""
    if row.exact:
        return "The fit before is perfect, and leaves no misfit to measure a gap in"
    if row.of < FEWEST_FOR_INTERVAL:
        return "There are too few placebos"
    return "More than one in twenty placebos are fitted perfectly before"


def _of_all(comparison: Comparison) -> Iterator[str]:
    rows = comparison.summary
    known = rows["p_westfall_young"].notna().any()
    if len(rows) > 1 and known and not comparison.single and not comparison.description:
        draws = comparison.estimate.null.draws
        least = rows.loc[rows["p_westfall_young"].idxmin()]
        yield (
            f"Of {len(rows)} lines looked at together the least p is "
            f"{chance.printed(least.p_westfall_young, draws)} ({title(least.line)}; "
            f"Westfall–Young; Holm {chance.printed(rows['p_holm'].min(), draws)})."
        )
    if comparison.estimate.exact_share > 0 and not comparison.description:
        yield f"{100 * comparison.estimate.exact_share:.0f}% of placebo fits are perfect by chance."
    yield from comparison.asked.warnings
    yield "A gap is not what the pilot did: pilots chose themselves, and much else changed."


def result(comparison: Comparison) -> Sentences:
    """The answer in short, a sentence a line compared: how large, how rare, how good the fit."""
    return Sentences(_result(comparison, row) for row in comparison.summary.itertuples())


def _result(comparison: Comparison, row: Any) -> str:
    side = "above" if row.gap >= 0 else "below"
    return (
        f"{title(row.line)[0].upper()}{title(row.line)[1:]}: {who(comparison)} ran "
        f"{amount(abs(row.gap), row.unit)} {side} the comparison group on average "
        f"{_when(comparison)} ({row.unit}). {_how_rare(comparison, row)} Before the start the "
        f"difference was {amount(row.fit, row.unit)} in a typical year."
    )


def _when(comparison: Comparison) -> str:
    if comparison.single:
        return f"in {comparison.spell(comparison.cases[0].after)}"
    return "in the years after each start"


def _how_rare(comparison: Comparison, row: Any) -> str:
    """How often chance alone gives as large a gap, where that can be said."""
    if comparison.description:
        return "There are too few years after the start to say how rare that is."
    if row.exact:
        return "The fit before is perfect, so nothing can be said of how rare that is."
    if comparison.single:
        return (
            f"Against how well each fitted before, {row.rank - 1} of {row.of - 1} similar councils "
            "differ by more."
        )
    sets = chance.in_a_hundred(row.p)
    return f"Of random sets of similar councils, {sets} differ by as much or more."


# ── printed ──────────────────────────────────────────────────────────────────────────────────────


def text_form(comparison: Comparison) -> str:
    """The sentences, the years used, the other choices, the steps and the sources."""
    out = [f"{who(comparison)}: {', '.join(map(title, comparison.lines))}"]
    out += [f"  {sentence}" for sentence in comparison.sentences()]
    out += [f"  years    {_years_used(comparison, case)}" for case in comparison.cases]
    out += [f"  weights  {said}" for said in _heaviest(comparison)]
    out += [f"  besides  {said}" for said in beside(comparison)]
    out += [f"  left out {said}" for said in _left_out(comparison)]
    out += [f"  step     {step}" for step in comparison.asked.steps]
    cited = dict.fromkeys(s for p in comparison.estimate.question.panels for s in p.sources)
    return "\n".join(out + [f"  source   {citation}" for citation in cited])


def _years_used(comparison: Comparison, case: Any) -> str:
    before, after = comparison.spell(case.before), comparison.spell(case.after)
    return f"{case.name}: before {before}, after {after}"


def _heaviest(comparison: Comparison, most: int = 6) -> Iterator[str]:
    for (line, council), rows in comparison.weights.groupby(["line", "council"], sort=False):
        heavy = rows.head(most)
        most_alike = heavy["weight"].max()
        if most_alike - rows["weight"].min() < 1e-12:
            yield f"{title(line)}, {council}: {len(rows)} donors, {most_alike:.4f} each"
            continue
        shown = ", ".join(f"{r.donor_name} {r.weight:.3f}" for r in heavy.itertuples())
        more = f" and {len(rows) - most} more" if len(rows) > most else ""
        yield f"{title(line)}, {council}: {shown}{more}"


def beside(comparison: Comparison) -> Iterator[str]:
    """What other choices give, one line each; a refusal with its reason."""
    units = dict(zip(comparison.summary["line"], comparison.summary["unit"], strict=True))
    for row in comparison.checks.itertuples():
        if row.choice == "as asked":
            continue
        if row.refused:
            yield f"{row.choice}: refused. {row.refused}"
            continue
        unit = units[row.line]
        yield (
            f"{row.choice}: {title(row.line)} {amount(row.gap, unit)},"
            f"{_rarity(comparison, row)} fit {amount(row.fit, unit)}"
        )
    yield from _without_one(comparison, units)
    for row in comparison.summary.itertuples():
        if np.isfinite(row.breakdown):
            yield (
                f"breakdown: {title(row.line)}: the gap is {row.breakdown:.2f} times the worst gap "
                "of a year before"
            )


def _rarity(comparison: Comparison, row: Any) -> str:
    """Rank or p of another choice; neither of a description."""
    if comparison.single:
        return "" if pd.isna(row.rank) else f" rank {row.rank} of {row.of},"
    return "" if pd.isna(row.p) else f" {chance.said(row.p, row.of - 1)},"


def _without_one(comparison: Comparison, units: dict[str, str]) -> Iterator[str]:
    rows = comparison.leave_one_out()
    for (line, role), part in rows.groupby(["line", "role"], sort=False):
        low, high = part["gap"].min(), part["gap"].max()
        yield (
            f"without any one {role} council: {title(line)} {amount(low, units[line])} to "
            f"{amount(high, units[line])}"
        )


def _left_out(comparison: Comparison, most: int = 8) -> Iterator[str]:
    for code, found in comparison.peers.items():
        for rule, rows in found.left_out.groupby("rule", sort=False):
            names = ", ".join(rows["council"].head(most))
            more = f" and {len(rows) - most} more" if len(rows) > most else ""
            yield f"{name_of(code)}, rule {rule!r}: {names}{more}"


def html_form(comparison: Comparison) -> str:
    """The sentences as a list, the summary as a table."""
    listed = "".join(f"<li>{html.escape(s)}</li>" for s in comparison.sentences())
    years = "<br>".join(html.escape(_years_used(comparison, case)) for case in comparison.cases)
    shown = comparison.summary[["line", "gap", *_columns_of_chance(comparison), "fit", "donors"]]
    table = shown.to_html(index=False, float_format=_figure, na_rep="–")
    head = html.escape(f"{who(comparison)}: {', '.join(map(title, comparison.lines))}")
    return f"<div><strong>{head}</strong><ul>{listed}</ul>{table}<small>{years}</small></div>"


def _figure(value: float) -> str:
    if not np.isfinite(value):
        return "no bound"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4f}"


def _columns_of_chance(comparison: Comparison) -> list[str]:
    if comparison.description:
        return []
    return ["low", "high", *(["rank", "of"] if comparison.single else ["p"])]
