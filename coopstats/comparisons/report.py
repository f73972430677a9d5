"""A comparison in plain English: the fit first, then the gap, then what chance alone would show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from coopstats.comparisons import chance
from coopstats.comparisons.baselines import baseline_of
from coopstats.comparisons.result import Result
from coopstats.comparisons.wording import NOTHING, amount, name_of, of_level, title
from coopstats.core.display import Sentences, escaped, list_html
from coopstats.core.phrases import some
from coopstats.register.councils import CLASSES

FEWEST_FOR_INTERVAL = 20  # placebos and treated: with fewer none can be rarer than one in twenty


def sentences(result: Result) -> Sentences:
    """All that is said of a result, line by line, then of all lines together."""
    said = [s for row in result.summary.itertuples() for s in _of_line(result, row)]
    return Sentences([*said, *_of_all(result)])


def _of_line(result: Result, row: Any) -> Iterator[str]:
    yield _fit(result, row)
    yield _gap(result, row)
    if not result.description:
        yield _chance(result, row)
        yield _missed(row)


def _fit(result: Result, row: Any) -> str:
    years = [case.before for case in result.cases]
    span = (
        result.years_in_words(years[0]) if len(set(years)) == 1 else "the years before each start"
    )
    notes = [part for part in (of_level(row.fit, row.level), "root mean square") if part]
    said = (
        f"Fit: in {span}, {result.who} ran {amount(row.fit, row.unit)} from the baseline of "
        f"{title(row.line)} in a typical year before ({'; '.join(notes)})."
    )
    if row.exact:
        said += " A perfect fit is a warning: with few years before it comes by chance."
    return said


def _gap(result: Result, row: Any) -> str:
    case = result.cases[0]
    rule = baseline_of(result.choices.baseline)
    over = f"over {result.years_in_words(case.after)}" if result.single else _spans(result)
    return f"Gap: {over} it was {_apart(row)} on average ({rule.words}; {_donors(result, row)})."


def _apart(row: Any) -> str:
    if abs(row.gap) <= NOTHING:
        return "the same as the baseline"
    return f"{amount(abs(row.gap), row.unit)} {'above' if row.gap > 0 else 'below'} the baseline"


def _donors(result: Result, row: Any) -> str:
    """How many donors, of several councils those of each; and if few of them carry the weight."""
    about = round(row.effective)
    uneven = f", with weight for about {about}" if about < row.donors else ""
    if result.single:
        return f"{row.donors} donors{uneven}"
    each = f"{row.donors}"
    if row.donors_most > row.donors:
        each += f" to {row.donors_most}"
    least = f"{uneven} at the least" if uneven else ""
    return f"{each} donors a council, {row.donors_in_all} councils in all{least}"


def _spans(result: Result) -> str:
    counts = [len(case.after) for case in result.cases]
    few = f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"
    first = all(case.after == _first_years(case) for case in result.cases)
    return (
        f"over the first {few} full years of each"
        if first
        else f"over {few} years after each start"
    )


def _first_years(case: Any) -> tuple[int, ...]:
    return tuple(range(case.start, case.start + len(case.after)))


def _chance(result: Result, row: Any) -> str:
    if row.no_rank:
        return f"Chance: {row.no_rank[0].lower()}{row.no_rank[1:]}."
    start = "Chance: against its own misfit before, the gap"
    if result.single:
        kind = CLASSES[result.cases[0].stratum] if result.cases[0].stratum else "council"
        return (
            f"{start} ranks {row.rank} of {row.of} (1 is the largest) beside {row.of - 1} placebo "
            f"councils, each a {kind} without a structural pilot of this service; one council "
            "alone proves nothing."
        )
    draws = row.of - 1
    said = (
        f"{start} is {chance.rarity(row.p, draws)} of {draws:,} placebo sets{_alike(result)} "
        f"would show ({chance.p_in_words(row.p, draws)})"
    )
    if not np.isfinite(row.low):
        return f"{said}."
    low, high = amount(row.low, row.unit), amount(row.high, row.unit)
    return f"{said}; gaps from {low} to {high} are in the 95% interval."


def _alike(result: Result) -> str:
    """What a placebo set has in common with the treated."""
    classes = all(case.stratum for case in result.cases)
    shared = [*(["class"] if classes else []), *(["size"] if result.estimate.banded else [])]
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


def _of_all(result: Result) -> Iterator[str]:
    rows = result.summary
    known = rows["p_westfall_young"].notna().any()
    if len(rows) > 1 and known and not result.single and not result.description:
        draws = result.estimate.null.draws
        least = rows.loc[rows["p_westfall_young"].idxmin()]
        yield (
            f"Of {len(rows)} lines looked at together the least p is "
            f"{chance.printed(least.p_westfall_young, draws)} ({title(least.line)}; "
            f"Westfall–Young; Holm {chance.printed(rows['p_holm'].min(), draws)})."
        )
    if result.estimate.exact_share > 0 and not result.description:
        yield f"{100 * result.estimate.exact_share:.0f}% of placebo fits are perfect by chance."
    yield from result.design.warnings
    yield "A gap is not what the pilot did: pilots chose themselves, and much else changed."


def in_short(result: Result) -> Sentences:
    """The answer in short, a sentence a line compared: how large, how rare, how good the fit."""
    return Sentences(_line_in_short(result, row) for row in result.summary.itertuples())


def _line_in_short(result: Result, row: Any) -> str:
    side = "above" if row.gap >= 0 else "below"
    return (
        f"{title(row.line)[0].upper()}{title(row.line)[1:]}: {result.who} ran "
        f"{amount(abs(row.gap), row.unit)} {side} the comparison group on average "
        f"{_when(result)} ({row.unit}). {_how_rare(result, row)} Before the start the "
        f"difference was {amount(row.fit, row.unit)} in a typical year."
    )


def _when(result: Result) -> str:
    if result.single:
        return f"in {result.years_in_words(result.cases[0].after)}"
    return "in the years after each start"


def _how_rare(result: Result, row: Any) -> str:
    """How often chance alone gives as large a gap, where that can be said."""
    if result.description:
        return "There are too few years after the start to say how rare that is."
    if row.exact:
        return "The fit before is perfect, so nothing can be said of how rare that is."
    if result.single:
        return (
            f"Against how well each fitted before, {row.rank - 1} of {row.of - 1} similar councils "
            "differ by more."
        )
    sets = chance.in_a_hundred(row.p)
    return f"Of random sets of similar councils, {sets} differ by as much or more."


# ── printed ──────────────────────────────────────────────────────────────────────────────────────


def text_form(result: Result, checks: pd.DataFrame, without_one: pd.DataFrame) -> str:
    """The sentences, the years used, the other choices, the steps and the sources.

    `checks` and `without_one` are what `Comparison.checks` and `.leave_one_out()` give.
    """
    out = [f"{result.who}: {', '.join(map(title, result.lines))}"]
    out += [f"  {sentence}" for sentence in sentences(result)]
    out += [f"  years    {_years_used(result, case)}" for case in result.cases]
    out += [f"  weights  {said}" for said in _heaviest(result)]
    out += [f"  besides  {said}" for said in beside(result, checks, without_one)]
    out += [f"  left out {said}" for said in _left_out(result)]
    out += [f"  step     {step}" for step in result.design.steps]
    cited = dict.fromkeys(s for p in result.estimate.question.panels for s in p.sources)
    return "\n".join(out + [f"  source   {citation}" for citation in cited])


def _years_used(result: Result, case: Any) -> str:
    before, after = result.years_in_words(case.before), result.years_in_words(case.after)
    return f"{case.name}: before {before}, after {after}"


def _heaviest(result: Result, most: int = 6) -> Iterator[str]:
    for (line, council), rows in result.weights.groupby(["line", "council"], sort=False):
        heaviest = rows["weight"].head(most).max()
        if heaviest - rows["weight"].min() < 1e-12:
            yield f"{title(line)}, {council}: {len(rows)} donors, {heaviest:.4f} each"
            continue
        each = [f"{r.donor_name} {r.weight:.3f}" for r in rows.itertuples()]
        yield f"{title(line)}, {council}: {some(each, most)}"


def beside(result: Result, checks: pd.DataFrame, without_one: pd.DataFrame) -> Iterator[str]:
    """What other choices give, one line each; a refusal with its reason."""
    units = dict(zip(result.summary["line"], result.summary["unit"], strict=True))
    for row in checks.itertuples():
        if row.choice == "as asked":
            continue
        if row.refused:
            yield f"{row.choice}: refused. {row.refused}"
            continue
        unit = units[row.line]
        yield (
            f"{row.choice}: {title(row.line)} {amount(row.gap, unit)},"
            f"{_rarity(result, row)} fit {amount(row.fit, unit)}"
        )
    yield from _without_one(without_one, units)
    for row in result.summary.itertuples():
        if np.isfinite(row.breakdown):
            yield (
                f"breakdown: {title(row.line)}: the gap is {row.breakdown:.2f} times the worst gap "
                "of a year before"
            )


def _rarity(result: Result, row: Any) -> str:
    """Rank or p of another choice; neither of a description."""
    if result.single:
        return "" if pd.isna(row.rank) else f" rank {row.rank} of {row.of},"
    return "" if pd.isna(row.p) else f" {chance.p_in_words(row.p, row.of - 1)},"


def _without_one(rows: pd.DataFrame, units: dict[str, str]) -> Iterator[str]:
    for (line, role), part in rows.groupby(["line", "role"], sort=False):
        low, high = part["gap"].min(), part["gap"].max()
        yield (
            f"without any one {role} council: {title(line)} {amount(low, units[line])} to "
            f"{amount(high, units[line])}"
        )


def _left_out(result: Result, most: int = 8) -> Iterator[str]:
    for code, found in result.peers.items():
        for rule, rows in found.left_out.groupby("rule", sort=False):
            names = some(rows["council"].tolist(), most)
            yield f"{name_of(code)}, rule {rule!r}: {names}"


def html_form(result: Result) -> str:
    """The sentences as a list, the summary as a table."""
    years = "<br>".join(escaped(_years_used(result, case)) for case in result.cases)
    shown = result.summary[["line", "gap", *_columns_of_chance(result), "fit", "donors"]]
    table = shown.to_html(index=False, float_format=_figure, na_rep="–")
    head = escaped(f"{result.who}: {', '.join(map(title, result.lines))}")
    said = list_html(sentences(result))
    return f"<div><strong>{head}</strong>{said}{table}<small>{years}</small></div>"


def _figure(value: float) -> str:
    if not np.isfinite(value):
        return "no bound"
    return f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4f}"


def _columns_of_chance(result: Result) -> list[str]:
    if result.description:
        return []
    return ["low", "high", *(["rank", "of"] if result.single else ["p"])]
