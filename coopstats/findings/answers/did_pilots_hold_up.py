"""Did the pilots hold up? Each pilot of the plan beside its baseline of peers.

What is compared, in which years, with whom and how was committed before any result was seen
(register/plan.csv); coopstats.findings.plan carries it out, and this module says what came of
it: the fit first, then the gap, then what chance alone would show. A gap is not what a pilot did.
What can only be described is in described_pilots.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import pandas as pd

from coopstats import charts
from coopstats.comparisons import Comparison, chance, compare, wording
from coopstats.comparisons.peers import LABOUR_ONLY, RULES, STRICT
from coopstats.core.display import Sentences
from coopstats.core.phrases import listed, number_of
from coopstats.core.years import named_year
from coopstats.datasets.kept import kept
from coopstats.findings import plan
from coopstats.findings.plan import NETWORK, Outcome
from coopstats.measures import prices
from coopstats.register import breaks
from coopstats.register.councils import CLASSES
from coopstats.register.pilots import pilot as pilot_of
from coopstats.register.reader import table_of

YOUNG_LAMBETH = "young-lambeth-co-operative"
LIBRARIES = "library mutuals"
CORE = "revenue_outturn:core"
PRICES = 2019
NO_CLAIM = "A gap is not what the pilot did: pilots chose themselves, and much else changed."
BASELINES = {
    "nearest": "the ten councils most alike before 2010",
    "equal": "all of them alike",
}
LABOUR_NEVER_JOINED = (*RULES, STRICT, LABOUR_ONLY)
FEWEST_FITTED = 3  # years before, for a fit that says something of how far a line strays
PLAIN = {
    "children_spending:youth": "Spending on services for young people",
    "revenue_budget:libraries": "Budgets for libraries",
    "revenue_outturn:core": "Spending on core services",
    "social_care_spending:adult_social_care": "Spending on adult social care",
    "teenage_conceptions:conception_rate": "Conceptions under 18",
}
SHORT = {
    "children_spending:youth": "youth spending",
    "revenue_budget:libraries": "library budget",
    "social_care_spending:adult_social_care": "adult care spending",
    "teenage_conceptions:conception_rate": "under-18 conceptions",
}


def pairs() -> tuple[tuple[Outcome, Comparison], ...]:
    """Every row of the plan that gave a comparison or a description with a gap."""
    return tuple((o, o.comparison) for o in plan.outcomes() if o.comparison is not None)


def compared() -> tuple[tuple[Outcome, Comparison], ...]:
    """Those of single councils with three full years after or more."""
    return tuple((o, c) for o, c in pairs() if c.single and not c.description)


def of(pilot: str) -> tuple[Outcome, ...]:
    """What became of each row of one pilot."""
    return tuple(o for o in plan.outcomes() if o.planned.pilot == pilot)


def placebos(pilot: str) -> tuple[Outcome, ...]:
    """The lines that a pilot should not move, if its primary row is a comparison."""
    return plan.placebo_lines(pilot) if of(pilot)[0].planned.form == "comparison" else ()


@functools.cache
def beside(one: Outcome) -> Comparison | None:
    """The same comparison with the plan's second baseline, if it has one."""
    if one.comparison is None or not one.planned.beside:
        return None
    return one.comparison.with_choices(baseline=one.planned.beside)


@kept
def libraries() -> Comparison:
    """The four library mutuals together, each with its own start."""
    return plan.pooled(LIBRARIES)


def sentences_on_libraries() -> Sentences:
    """The four library mutuals together: fit, gap, chance, power; what else changed; a quote."""
    listed_now = [pilot_of(o.planned.pilot) for o in plan.outcomes()
                  if o.planned.group == LIBRARIES]  # fmt: skip
    found, first = libraries(), of(listed_now[0].slug)[0]
    changed = "; ".join(f"{one.council}: {one.confounders}" for one in listed_now)
    return Sentences(
        [
            _fit(first, found),
            _gap(found),
            *_chance_in_words(found),
            f"What else changed there: {changed}.",
            f"For quotation: {quotable(first, found)}",
            NO_CLAIM,
        ]
    )


@kept
def beside_labour() -> Comparison:
    """The members' core spending beside Labour councils of their class that never joined."""
    return members().with_choices(rules=LABOUR_NEVER_JOINED)


@kept
def per_child() -> Comparison:
    """Young Lambeth's spending per child aged 0 to 17: people by age are held from 2012 only."""
    row = plan.row(YOUNG_LAMBETH)
    odd = plan.outcome(row).doubtful
    held = row.measured.between(2012, min(row.measured.years[-1], prices.last_year())).real(PRICES)
    return compare(
        held.per_head(age="0-17", leave_out=True), row.treated, before=(2012, 2014),
        after=row.after, without=(*row.left_out, *odd),
    )  # fmt: skip


# ── one pilot in words ───────────────────────────────────────────────────────────────────────────


def sentences_on(pilot: str) -> Sentences:
    """A pilot's results: fit, gap, chance, power; what else changed; a sentence to quote."""
    made = [(o, o.comparison) for o in of(pilot) if o.comparison]
    said = [sentence for one, found in made for sentence in _sentences(one, found)]
    said += [f"No comparison of {o.planned.measure}: {o.refused[:1].lower()}{o.refused[1:]}"
             for o in of(pilot) if not o.comparison]  # fmt: skip
    said += _placebos_in_words(pilot)
    said.append(f"What else changed there: {pilot_of(pilot).confounders}.")
    said += [f"For quotation: {quotable(*made[0])}"] if made else []
    return Sentences([*said, NO_CLAIM])


def _sentences(one: Outcome, found: Comparison) -> Iterator[str]:
    yield _fit(one, found)
    yield _gap(found)
    yield from _second(one)
    yield from [] if found.description else _chance_in_words(found)
    yield from _marked(one)
    for told_of, other in one.promised():
        yield f"{told_of} the gap is {_gap_and_chance(other)}."


def _fit(one: Outcome, found: Comparison) -> str:
    row, years = found.summary.iloc[0], {case.before for case in found.cases}
    when = (
        found.years_in_words(found.cases[0].before)
        if len(years) == 1
        else "the years before each start"
    )
    return (
        f"{_upper(one.planned.measure)} ({row.unit}). Fit: in {when} {found.who} ran "
        f"{wording.amount(row.fit, row.unit)} from the baseline in a typical year"
        f"{_bracketed(wording.of_level(row.fit, row.level))}."
    )


def _bracketed(said: str) -> str:
    return f" ({said})" if said else ""


def _gap_and_chance(found: Comparison) -> str:
    row = found.summary.iloc[0]
    rare = "" if found.description else f", {chance_of(found)}"
    return f"{wording.amount(abs(row.gap), row.unit)} {side_of(row.gap)}{rare}"


def _gap(found: Comparison) -> str:
    row = found.summary.iloc[0]
    if found.description:
        more = "; fewer than three years after are a description, not a comparison"
    else:
        low, high = wording.amount(row.low, row.unit), wording.amount(row.high, row.unit)
        more = f"; gaps from {low} to {high} are in the 95% interval"
    return f"Gap: {_over(found)} {_stood(found)} {_donors(found)}{more}."


def _over(found: Comparison) -> str:
    after = found.cases[0].after
    return f"over {found.years_in_words(after)}" if found.single else "over the first full years"


def _stood(found: Comparison) -> str:
    row = found.summary.iloc[0]
    return (
        f"{found.who} {'was' if found.single else 'were'} "
        f"{wording.amount(abs(row.gap), row.unit)} {side_of(row.gap)}"
    )


def side_of(gap: float) -> str:
    """Above or below."""
    return "above" if gap >= 0 else "below"


def _donors(found: Comparison) -> str:
    row = found.summary.iloc[0]
    if found.single:
        return f"the baseline of {row.donors} councils of its class ({_kind(found)})"
    return "the baseline of councils of their classes"


def _kind(found: Comparison) -> str:
    return CLASSES[found.cases[0].stratum]


def _chance_in_words(found: Comparison) -> Iterator[str]:
    row = found.summary.iloc[0]
    if row.no_rank:
        yield f"Chance: {row.no_rank[0].lower()}{row.no_rank[1:]}."
        return
    if found.single:
        yield (
            f"Chance: against its own misfit before, the gap ranks {row['rank']} of {row.of} (1 is "
            "the largest); the others are councils of its class where no such pilot began."
        )
    else:
        yield f"Chance: {chance_of(found)} among {row.of - 1:,} sets of councils like them."
    yield (
        f"Power: a gap under {wording.amount(row.detectable, row.unit)}"
        f"{_bracketed(wording.of_level(row.detectable, row.level, 0))} would be missed more than "
        "one time in five."
    )


def _marked(one: Outcome) -> Iterator[str]:
    """The plan's own years, where one of them holds a figure in doubt."""
    if one.with_doubtful is None:
        return
    years = listed([named_year(year) for year in one.doubtful])
    yield (
        f"As planned, with {years}, in which a rule finds the printed figure odd, the gap is "
        f"{_gap_and_chance(one.with_doubtful)}."
    )


def _second(one: Outcome) -> Iterator[str]:
    found = beside(one)
    if found is None:
        return
    yield f"With {BASELINES[one.planned.beside]} instead the gap is {_gap_and_chance(found)}."


def _placebos_in_words(pilot: str) -> list[str]:
    lines = [(o, o.comparison) for o in placebos(pilot) if o.comparison]
    lines = [(o, found) for o, found in lines if not found.description]
    if not lines:
        return []
    one, found = min(lines, key=lambda pair: share(pair[1]))
    return [
        f"Of {number_of(len(lines), 'line')} that it should not move and that can be compared, the "
        f"oddest is {wording.title(one.planned.line)}: {chance_of(found)}."
    ]


def share(found: Comparison) -> float:
    """The share of placebos, the pilot among them, whose gap is at least as large; else NaN."""
    row = found.summary.iloc[0]
    return float("nan") if pd.isna(row["rank"]) else float(row["rank"] / row.of)


def chance_of(found: Comparison) -> str:
    """A rank for one council, a p for several; neither at an exact fit."""
    row = found.summary.iloc[0]
    if row.no_rank:
        return "no rank, because the fit before is exact"
    if found.single:
        return f"rank {row['rank']} of {row.of}"
    return chance.p_in_words(row.p, row.of - 1)


def quotable(one: Outcome, found: Comparison) -> str:
    """One sentence that a journalist may quote."""
    row = found.summary.iloc[0]
    what, own = PLAIN[one.planned.line], "its" if found.single else "their"
    where = found.cases[0].name if found.single else _who(one, found)
    if _hangs_on_doubt(one, found):
        return (
            f"“{what} in {where}: whether more or less than {own} own past and councils like it "
            "would give cannot be said, because it hangs on figures that are in doubt.”"
        )
    like = f"{row.donors} other councils of its kind" if found.single else "councils like them"
    return (
        f"“{what} in {where} averaged {wording.amount(abs(row.gap), row.unit)} {_more(row.gap)} "
        f"({row.unit}) {_over(found)} than {own} own past and {like} would give"
        f"{_as_much(found)}{_and_yet(one)}.”"
    )


def _who(one: Outcome, found: Comparison) -> str:
    """Several councils, as a quotation names them."""
    if one.planned.pilot == NETWORK:
        return f"{len(found.cases)} members of the {pilot_of(NETWORK).name}"
    return f"the {len(found.cases)} councils with one of the {one.planned.group}"


def _hangs_on_doubt(one: Outcome, found: Comparison) -> bool:
    """Whether a description's gap changes sides with the figures that are in doubt."""
    if not found.description or one.with_doubtful is None:
        return False
    return bool(found.summary["gap"].iloc[0] * one.with_doubtful.summary["gap"].iloc[0] < 0)


def _as_much(found: Comparison) -> str:
    row = found.summary.iloc[0]
    if found.description:
        return ", over too few years to say more"
    usual = "given how much they usually stray"
    if row.no_rank:
        return ", and how rare that is cannot be said"
    if not found.single:
        return f"; {chance.in_a_hundred(row.p)} random sets of like councils moved as much, {usual}"
    return (
        f"; {int(row['rank']) - 1} of {int(row.of) - 1} like it, where no such pilot began, moved "
        f"as much or more, {usual}"
    )


def _and_yet(one: Outcome) -> str:
    """What must be quoted with the members' core spending."""
    if (one.planned.pilot, one.planned.line) != (NETWORK, CORE):
        return ""
    other, labour = members_elsewhere().summary.iloc[0], beside_labour().summary.iloc[0]
    return (
        f". They spent {wording.amount(abs(other.gap), other.unit)} {_more(other.gap)} on highways "
        "too, which membership should not move, and "
        f"{wording.amount(abs(labour.gap), labour.unit)} {_more(labour.gap)} on core services "
        f"than Labour councils that never joined, which "
        f"{chance.in_a_hundred(labour.p)} random sets would show"
    )


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


# ── one pilot in numbers and as a picture ────────────────────────────────────────────────────────


def lines_of(pilot: str) -> pd.DataFrame:
    """Every line of a pilot: those it should move and those it should not, one row each."""
    rows = [_row(one, "should move") for one in of(pilot)]
    rows += [_row(one, "should not move") for one in placebos(pilot)]
    return pd.DataFrame(rows).fillna("")


def every() -> pd.DataFrame:
    """Each row of the plan that gave a gap: fit, gap, interval, rank, what could be seen."""
    rows = [
        {"pilot": pilot_of(o.planned.pilot).name.split(":")[0], **_row(o, "")} for o, _ in pairs()
    ]
    return pd.DataFrame(rows).drop(columns="role").fillna("")


def _row(one: Outcome, role: str) -> dict[str, object]:
    name = wording.title(one.planned.line) if role == "should not move" else one.planned.measure
    found = one.comparison
    if found is None:
        return {"line": name, "role": role, "result": one.refused}
    row, unit = found.summary.iloc[0], found.summary["unit"].iloc[0]
    shown: dict[str, object] = {
        "line": name, "role": role, "years after": found.years_in_words(found.cases[0].after),
        "fit": wording.amount(row.fit, unit), "gap": wording.amount(row.gap, unit),
        "result": "description" if found.description else "comparison",
    }  # fmt: skip
    if not found.description:
        ends = (wording.amount(value, unit) for value in (row.low, row.high))
        shown |= {"95% interval": " to ".join(ends), "chance": chance_of(found)}
        shown["smallest detectable"] = wording.amount(row.detectable, unit)
    if one.with_doubtful is not None:
        shown["with figures in doubt"] = _gap_and_chance(one.with_doubtful)
    return shown


def chart(pilot: str, line: str = "") -> charts.Chart:
    """A pilot's council and its baseline by year; a comparison has the band of placebo councils."""
    one, found = next((o, c) for o, c in pairs()
                      if o.planned.pilot == pilot and line in ("", o.planned.line))  # fmt: skip
    row, case = found.summary.iloc[0], found.cases[0]
    rank = "" if found.description else f", {chance_of(found)}"
    return charts.line(
        _levels(found),
        series="series",
        low="low",
        high="high",
        slug=f"{pilot}-{found.lines[0].split(':')[-1].replace('_', '-')}",
        title=f"{case.name}: {SHORT[one.planned.line]} {wording.amount(abs(row.gap), row.unit)} "
        f"{side_of(row.gap)} its baseline after the start{rank}",
        subtitle=f"{_upper(one.planned.measure)}: {row.unit}; baseline of {row.donors} councils "
        f"of its class ({_kind(found)})",
        unit=row.unit,
        number=wording.number_style(row.unit),
        x_number="calendar" if found.measures[0].calendar else "year",
        highlight=case.name,
        marks={float(case.start): "first full year"},
        sources=found.estimate.question.panels[0].sources,
        notes=_notes(one, found),
    )


def _levels(found: Comparison) -> pd.DataFrame:
    rows = found.levels()
    own = rows[["year", "doubt", "break"]].assign(series=found.cases[0].name, value=rows["own"])
    base = rows[["year", "low", "high"]].assign(series="Baseline", value=rows["baseline"])
    return pd.concat([base, own], ignore_index=True)


def _notes(one: Outcome, found: Comparison) -> tuple[str, ...]:
    case = found.cases[0]
    before, after = found.years_in_words(case.before), found.years_in_words(case.after)
    fitted = f"Fitted over {before}; the gap is of {after}."
    if not found.description:
        fitted += " The band holds 95 in 100 placebo councils' gaps."
    inside = [y for y in one.planned.left_out if y > case.after[0]]
    odd = sorted({*inside, *one.doubtful})
    if not odd:
        return fitted, NO_CLAIM
    years = listed([named_year(year) for year in odd])
    return fitted, f"{case.name}'s figure of {years} is in doubt: drawn, not used.", NO_CLAIM


# ── all of them ──────────────────────────────────────────────────────────────────────────────────


def ranks_chart() -> charts.Chart:
    """The share of placebo councils with a gap as large, pilot by pilot."""
    rows = pd.DataFrame(
        {"pilot": f"{c.cases[0].name}: {o.planned.measure}", "value": 100 * share(c)}
        for o, c in compared()
    )
    rare = sum(chance.clearly_rare(value / 100) for value in rows["value"])
    return charts.dot(
        rows,
        series="pilot",
        slug="pilots-among-placebos",
        title=f"{_how_many(rare)} of {len(rows)} single pilots shows a gap rarer than one in "
        "twenty",
        subtitle="Share of councils of the same class whose gap is as large for their usual "
        "misfit, the pilot's own among them",
        unit="per cent of councils",
        number="per_cent",
        sources=tuple(
            dict.fromkeys(s for _, c in compared() for s in c.estimate.question.panels[0].sources)
        ),
        notes="Among 20 to 50 councils nothing can be rarer than one in 20 to 50. " + NO_CLAIM,
    )


def _how_many(rare: int) -> str:
    return f"{rare}" if rare else "None"


def members(line: str = CORE) -> Comparison:
    """The network's sure members of the plan's year beside councils of their classes."""
    found = plan.outcome(plan.row(NETWORK, line)).comparison
    assert found is not None  # for mypy: a test holds that the plan's rows of members compare
    return found


def members_elsewhere() -> Comparison:
    """The members' gap on highways, which membership should not move."""
    found = placebos(NETWORK)[0].comparison
    assert found is not None  # for mypy, as above
    return found


def members_chart() -> charts.Chart:
    """The gap of members on core and on highways, which membership should not move."""
    core = members()
    row = core.summary.iloc[0]
    rows = pd.concat([_scaled("Core", core), _scaled("Highways", members_elsewhere())])
    return charts.line(
        rows.reset_index(drop=True),
        low="low",
        high="high",
        series="series",
        slug="members-core-and-highways",
        title=f"Members' core spending was {abs(100 * row.gap / row.level):.0f}% "
        f"{side_of(row.gap)} its baseline: {chance.rarity(row.p, row.of - 1)} among like councils",
        subtitle=f"Gap of {len(core.cases)} members to councils of their class, per cent of their "
        "level before",
        unit="per cent of the level before 2011-12",
        number="per_cent",
        highlight=("Core", "Highways"),
        marks={float(core.cases[0].start): "first full year"},
        sources=core.estimate.question.panels[0].sources,
        notes=("The band holds 95 in 100 placebo sets' gaps of a year. Membership should not move "
               "highways.", "A gap is not what membership did: members chose themselves."),
    )  # fmt: skip


def _scaled(name: str, found: Comparison) -> pd.DataFrame:
    level = found.summary["level"].iloc[0]
    shown = found.shared[["event_year", "gap", "low", "high"]].rename(columns={"gap": "value"})
    shown["year"] = shown["event_year"] + found.cases[0].start
    taken = found.measures[0]
    shown["break"] = [breaks.change_in(taken.table, taken.service, int(y)) for y in shown["year"]]
    return shown.assign(**{c: 100 * shown[c] / level for c in ("value", "low", "high")},
                        series=name)  # fmt: skip


def members_one_out() -> pd.DataFrame:
    """The members' gap on core without each of them: council, gap."""
    rows = members().leave_one_out()
    rows = rows[rows["role"] == "treated"]
    return pd.DataFrame(
        {"without": rows["ecode"].map(wording.name_of), "gap": rows["gap"].round(2)}
    ).reset_index(drop=True)


def deviations() -> pd.DataFrame:
    """Where the plan was departed from, and why."""
    return table_of("deviations").fillna("")


# ── the answer ───────────────────────────────────────────────────────────────────────────────────


def answer() -> Sentences:
    """The answer in three sentences."""
    return Sentences([_singles(), _libraries(), _members()])


def _singles() -> str:
    rare = [c for _, c in compared() if chance.clearly_rare(share(c))]
    seen = [float(c.summary["detectable"].iloc[0] / c.summary["level"].iloc[0])
            for _, c in compared() if len(c.cases[0].before) >= FEWEST_FITTED]  # fmt: skip
    return (
        f"We set single pilots beside councils of their class: {len(rare) or 'none'} of "
        f"{number_of(len(compared()), 'comparison')} {'show' if len(rare) > 1 else 'shows'} a gap "
        f"rarer than one in twenty. Of the {len(seen)} with three years before or more, the best "
        f"could have found a gap of {min(seen):.0%} of the level before and the worst one of "
        f"{max(seen):.0%}."
    )


def _libraries() -> str:
    row = libraries().summary.iloc[0]
    low, high = wording.amount(row.low, row.unit), wording.amount(row.high, row.unit)
    return (
        f"The {libraries().who} whose libraries went to a mutual planned "
        f"{wording.amount(abs(row.gap), row.unit)} a resident {_more(row.gap)} for them than their "
        f"baseline; gaps from {low} to {high} are in the 95% interval "
        f"({chance_of(libraries())})."
    )


def _members() -> str:
    row, other = members().summary.iloc[0], members_elsewhere().summary.iloc[0]
    return (
        f"The network's {len(members().cases)} sure members of 2012-13 spent "
        f"{wording.amount(abs(row.gap), row.unit)} a resident {_more(row.gap)} on core services "
        f"than their baseline, a gap {_by_any_set()}. They spent "
        f"{wording.amount(abs(other.gap), other.unit)} {_more(other.gap)} on highways, which "
        f"membership should not move, a gap {chance.rarity(other.p, other.of - 1)} "
        f"({chance_of(members_elsewhere())}): members differ from their peers in more than "
        "membership."
    )


def _by_any_set() -> str:
    """How rare the members' gap is by each way to draw sets of councils like them."""
    strict = plan.outcome(plan.row(NETWORK, CORE)).promised()[0][1]
    ways = {
        "sets of their classes and sizes": members(),
        "sets of their classes alone": members().with_choices(by_size=False),
        "councils never seen as a member": strict,
    }
    rows = {name: found.summary.iloc[0] for name, found in ways.items()}
    words_of = {name: chance.rarity(row.p, row.of - 1) for name, row in rows.items()}
    if len(set(words_of.values())) == 1:
        figures = listed([chance.printed(row.p, row.of - 1) for row in rows.values()])
        return f"{next(iter(words_of.values()))} beside {listed(list(ways))} (p = {figures})"
    return listed(
        [f"{words_of[n]} beside {n} ({chance.p_in_words(r.p, r.of - 1)})" for n, r in rows.items()]
    )


def _more(gap: float) -> str:
    return "more" if gap >= 0 else "less"


def headlines() -> dict[str, float]:
    """The numbers of the answer and of every row of the plan, by name."""
    found = {
        f"{o.planned.pilot} {o.planned.line} gap": float(c.summary["gap"].iloc[0])
        for o, c in pairs()
    }
    found["library mutuals gap"] = float(libraries().summary["gap"].iloc[0])
    found["library mutuals p"] = float(libraries().summary["p"].iloc[0])
    found["members core p"] = float(members().summary["p"].iloc[0])
    found["members highways gap"] = float(members_elsewhere().summary["gap"].iloc[0])
    return found


def _charts() -> Iterator[Callable[[], charts.Chart]]:
    yield ranks_chart
    yield members_chart
    for row in plan.rows():
        if row.form == "comparison" and row.pilot != NETWORK:
            yield functools.partial(chart, row.pilot, row.line)


CHARTS = tuple(_charts())
