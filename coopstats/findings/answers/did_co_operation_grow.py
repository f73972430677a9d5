"""Did co-operation grow where councils joined the network? Births, by a model of counts.

Members of 2012-13 beside councils of their class, before and after, as the plan has it. A birth is
an incorporation in the register of Co-operatives UK at an office in the council. Births before
2011 are survivors to 2011: if co-operatives lived longer in some councils than in others, the
years before are not what they seem, and the result is called a description.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from coopstats import charts
from coopstats.comparisons import chance, compare, counts, peers
from coopstats.comparisons.counts import Counts, Ratio
from coopstats.core.display import Sentences
from coopstats.core.errors import NotComparable
from coopstats.core.phrases import listed
from coopstats.datasets.kept import kept
from coopstats.findings import plan
from coopstats.findings.answers.co_operatives import DIED, LICENCE, SHARED, organisations
from coopstats.measures.measure import Measure
from coopstats.register.councils import CLASSES, bodies

LINE = "co_operatives:births"
BEFORE, AFTER = (2001, 2010), (2012, 2015)  # people are held from 2001 only
EARLIER, LATER = (2001, 2005), (2007, 2010)  # a start that never was, in 2006
ALIKE = (0.8, 1.25)  # two shares are called equal where the whole interval of their ratio is inside
HOUSING, WORKERS = "Housing", "Workers"
DRAWS, FEWER = 4999, 499


# ── the counts ───────────────────────────────────────────────────────────────────────────────────


@functools.cache
def births() -> Measure:
    """Births per person of every council that has people of its own in all years."""
    taken = plan.line_of(LINE).between(BEFORE[0], AFTER[1])
    return taken.per_head(leave_out=True)


def refused() -> str:
    """What the method of all other comparisons says: the line is broken where the network began."""
    row = plan.row(plan.NETWORK, LINE)
    try:
        compare(births(), row.treated, before=BEFORE, after=AFTER)
    except NotComparable as problem:
        return str(problem)
    return ""


@functools.cache
def _who() -> tuple[list[str], list[str]]:
    """The members, and the councils of their classes that may stand beside them, by E-code."""
    treated = plan.row(plan.NETWORK, LINE).treated
    years = [*range(BEFORE[0], BEFORE[1] + 1), *range(AFTER[0], AFTER[1] + 1)]
    held = set(births().amounts["ecode"].astype(str))
    members = [one.ecode for one in treated]
    beside = {
        code
        for one in treated
        for code in peers(one, LINE, years=years, complete=held).donors
        if code not in members
    }
    return members, sorted(beside)


@functools.cache
def counted() -> Counts:
    """Births and people of the members and their donors, 2001 to 2015."""
    return _counts(births().amounts.rename(columns={"amount": "births"}))


def _counts(rows: pd.DataFrame) -> Counts:
    """`rows` has ecode, year, births and people."""
    treated, beside = _who()
    codes = tuple(sorted({*treated, *beside}))
    years = tuple(range(BEFORE[0], AFTER[1] + 1))
    wide = rows.pivot(index="ecode", columns="year", values=["births", "people"]).loc[list(codes)]
    people = wide["people"][list(years)].to_numpy(dtype=float)
    kinds = sorted({bodies()[code].council_class for code in codes})
    return Counts(
        codes, years, wide["births"][list(years)].fillna(0).to_numpy(dtype=float), people,
        np.array([kinds.index(bodies()[code].council_class) for code in codes]),
        people[:, years.index(BEFORE[1])], tuple(codes.index(code) for code in treated),
        _places(years, BEFORE), _places(years, AFTER),
    )  # fmt: skip


def _places(years: tuple[int, ...], span: tuple[int, int]) -> tuple[int, ...]:
    return tuple(years.index(year) for year in range(span[0], span[1] + 1))


def _of(chosen: pd.Series) -> Counts:
    """The births of chosen organisations alone, in the same councils and years."""
    rows = organisations()
    born = rows[chosen & rows["ecode"].notna()]
    made = born.groupby(["ecode", "birth"], observed=True).size().rename("births")
    whole = births().amounts.astype({"ecode": str})
    keys = pd.MultiIndex.from_frame(whole[["ecode", "year"]])
    found = made.rename(index=str, level=0).reindex(keys).fillna(0.0)
    return _counts(whole.assign(births=found.to_numpy()))


@kept
def found() -> Ratio:
    """The members' ratio of births after to what was expected."""
    return counts.ratio(counted(), DRAWS)


# ── checks ───────────────────────────────────────────────────────────────────────────────────────


@kept
def checks() -> pd.DataFrame:
    """The ratio under other counts and other years: check, births, ratio, low, high, p."""
    rows = [_row(name, counts.ratio(held, FEWER)) for name, held in _checked().items()]
    return pd.DataFrame([_row("as planned", found()), *rows])


def _checked() -> dict[str, Counts]:
    every = organisations()
    own = counted()
    return {
        "without shared addresses": _of(every["sharing"] < SHARED),
        "without housing": _of(every["sector"].astype(str) != HOUSING),
        "owned by workers": _of(every["ownership"].astype(str) == WORKERS),
        "without the last two years, entered late": _with(own, BEFORE, (AFTER[0], AFTER[0] + 1)),
        "from 2006, five years before": _with(own, (2006, 2010), AFTER),
        "a start that never was, in 2006": _with(own, EARLIER, LATER),
        "without London": _without_class(own, "L"),
        f"without {_largest(own)}": own.without(_code(own, _largest(own))),
        "the first year alone": _with(own, BEFORE, (AFTER[0], AFTER[0])),
    }


def _with(held: Counts, before: tuple[int, int], after: tuple[int, int]) -> Counts:
    return replace(held, before=_places(held.years, before), after=_places(held.years, after))


def _without_class(held: Counts, kind: str) -> Counts:
    for code in [held.codes[row] for row in held.treated if _class(held.codes[row]) == kind]:
        held = held.without(code)
    return held


def _class(code: str) -> str:
    return bodies()[code].council_class


def _largest(held: Counts) -> str:
    """The member with the most births."""
    total = held.counts[list(held.treated)].sum(axis=1)
    return bodies()[held.codes[held.treated[int(total.argmax())]]].name


def _code(held: Counts, name: str) -> str:
    return next(c for c in held.codes if bodies()[c].name == name)


def _row(name: str, one: Ratio) -> dict[str, object]:
    return {"check": name, "births": int(one.observed), "expected": round(one.expected, 1),
            "ratio": round(one.ratio, 2), "low": round(one.low, 2), "high": round(one.high, 2),
            "p": chance.printed(one.p, one.draws)}  # fmt: skip


@kept
def without_each() -> pd.DataFrame:
    """The ratio without each member in turn."""
    held = counted()
    codes = [held.codes[row] for row in held.treated]
    ratios = [float(np.exp(counts.log_ratio(held.without(code)))) for code in codes]
    names = [bodies()[code].name for code in codes]
    return pd.DataFrame({"without": names, "ratio": np.round(ratios, 2)})


@functools.cache
def survival() -> pd.DataFrame:
    """Of the co-operatives born before 2011, the share that died by 2016, and the placebo band."""
    rows = organisations()
    old = rows[(rows["birth"] < DIED[0]) & rows["ecode"].notna()]
    held = counted()
    gone = old["death"].between(*DIED)
    there = old.groupby(old["ecode"].astype(str)).size().reindex(list(held.codes)).fillna(0)
    died = old[gone].groupby(old["ecode"].astype(str)).size().reindex(list(held.codes)).fillna(0)
    sets = counts.placebo_sets(held, DRAWS)
    shares = counts.two_shares(died.to_numpy(float), there.to_numpy(float), sets)
    own, usual = shares[0], float(np.median(shares[1:]))
    low, high = np.quantile(shares[1:], (0.025, 0.975))
    return pd.DataFrame(
        [{"there": int(there.iloc[list(held.treated)].sum()), "share": own, "usual": usual,
          "ratio": own / usual, "low": own / high, "high": own / low}]
    )  # fmt: skip


def alike() -> bool:
    """Whether the members' survival is shown to be as elsewhere: its interval inside ALIKE."""
    row = survival().iloc[0]
    return bool(ALIKE[0] <= row["low"] and row["high"] <= ALIKE[1])


# ── charts ───────────────────────────────────────────────────────────────────────────────────────


def _sources() -> tuple[str, ...]:
    return births().sources


def by_year_chart() -> charts.Chart:
    """The members' births beside what was expected, year by year, with the placebo band."""
    one = found()
    rows = pd.DataFrame(one.by_year, columns=["year", "value", "low", "high"])
    return charts.line(
        rows.assign(series="Members"),
        series="series",
        low="low",
        high="high",
        slug="births-members-by-year",
        title=f"Members had {one.ratio:.2f} times the births of co-operatives that councils like "
        "them would give",
        subtitle=f"Births in {len(counted().treated)} members of 2012-13 over those expected from "
        "their own years before and others of their class",
        unit="ratio of births to those expected",
        number="decimal",
        x_number="calendar",
        highlight="Members",
        marks={float(AFTER[0]): "first full year"},
        sources=_sources(),
        notes=("The band holds 95 in 100 sets of councils like them. Births to 2010 are survivors "
               "to 2011.", "A ratio is not what membership did."),
        licence=LICENCE,
    )  # fmt: skip


def checks_chart() -> charts.Chart:
    """The ratio under every check, with its interval."""
    rows = checks()
    wide = int(((rows["low"] <= 1) & (rows["high"] >= 1)).sum())
    return charts.dot(
        rows.rename(columns={"ratio": "value"}),
        series="check",
        low="low",
        high="high",
        sort=False,
        slug="births-members-checks",
        title=f"A ratio of one is inside the interval of {wide} of {len(rows)} checks",
        subtitle="Ratio of members' births to those expected, under other counts and years",
        unit="ratio of births to those expected",
        number="decimal",
        sources=_sources(),
        notes="Lines are 95% intervals by placebo sets.",
        licence=LICENCE,
    )


CHARTS: tuple[Callable[[], charts.Chart], ...] = (by_year_chart, checks_chart)


# ── in words ─────────────────────────────────────────────────────────────────────────────────────


def answer() -> Sentences:
    """The answer in three sentences."""
    return Sentences([_result(), _survived(), _seen()])


def _result() -> str:
    one, held = found(), counted()
    return (
        f"In {AFTER[0]} to {AFTER[1]} {one.observed:.0f} co-operatives were born in "
        f"{len(held.treated)} sure members of the network, {one.ratio:.2f} times the "
        f"{one.expected:.0f} that their own past and councils of their class give (ratios from "
        f"{one.low:.2f} to {one.high:.2f} are in the 95% interval; "
        f"{chance.p_in_words(one.p, one.draws)}, {chance.rarity(one.p, one.draws)})."
    )


def _survived() -> str:
    row = survival().iloc[0]
    words_of = "shown alike" if alike() else "not shown alike, so this is a description"
    return (
        f"Births to 2010 are survivors to 2011, and survival in members and elsewhere is "
        f"{words_of}: of {row['there']:.0f} co-operatives in members born before "
        f"{DIED[0]}, {row['share']:.0%} died by {DIED[1]}, {row['ratio']:.2f} times the usual "
        f"share (interval {row['low']:.2f} to {row['high']:.2f}; alike would be all of it between "
        f"{ALIKE[0]} and {ALIKE[1]})."
    )


def _seen() -> str:
    one, rows = found(), checks()
    low, high = rows["ratio"].min(), rows["ratio"].max()
    return (
        f"A ratio under {one.detectable:.2f} would be missed more than one time in five; other "
        f"counts and years give ratios from {low:.2f} to {high:.2f}, and a start that never was "
        f"gives {_never():.2f}."
    )


def _never() -> float:
    rows = checks().set_index("check")["ratio"]
    return float(rows["a start that never was, in 2006"])


def compared() -> Sentences:
    """Who is compared with whom, in which years, and the same in births per person."""
    held = counted()
    names = [bodies()[held.codes[place]].name for place in held.treated]
    kinds = sorted({CLASSES[_class(code)] for code in held.codes})
    return Sentences(
        [
            f"Members: {listed(names)}.",
            f"Beside them: {len(held.codes) - len(names)} councils of their classes "
            f"({', '.join(kinds)}) that were not surely members in these years.",
            f"Years before {BEFORE[0]} to {BEFORE[1]}, after {AFTER[0]} to {AFTER[1]}; 2011, in "
            "which the network began, is left out.",
            f"The method of all other comparisons refuses the question, and rightly: {refused()} "
            "A ratio between councils can still be looked at, if co-operatives lived as long in "
            "one as in another; that is tested below.",
        ]
    )


def headlines() -> dict[str, float]:
    """The numbers of the answer, by name."""
    one, row = found(), survival().iloc[0]
    return {"births ratio": one.ratio, "births ratio p": one.p, "births observed": one.observed,
            "births expected": one.expected, "survival ratio": float(row["ratio"])}  # fmt: skip
