"""Could it be chance? All pilots and lines at once, every choice, and how little could be seen.

Twenty comparisons of nothing give one that is rarer than one in twenty. Here all of them stand
together, each is made again under every reasonable choice, and the pilots are set against one that
never started and against Labour councils that never joined.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from coopstats import charts
from coopstats.comparisons import Comparison, chance, compare, permutation, supposed, wording
from coopstats.comparisons.peers import NO_LONDON, RULES
from coopstats.comparisons.specifications import specifications
from coopstats.core.display import Sentences
from coopstats.core.errors import CoopstatsError
from coopstats.core.phrases import number_of
from coopstats.datasets.kept import kept
from coopstats.findings import plan  # fmt: skip
from coopstats.findings.answers import did_pilots_hold_up as results
from coopstats.measures.of_table import measure
from coopstats.register.pilots import pilot as pilot_of

NEVER_STARTED = ("lambeth-one-oclock-clubs", "children_spending", "sure_start", 2012)
WITHOUT_LONDON = (*(rule for rule in RULES if rule != "type"), NO_LONDON)  # of any class
WORDS_OF_ROLE = {True: "should move", False: "should not move"}


# ── all at once ──────────────────────────────────────────────────────────────────────────────────


@kept
def every() -> pd.DataFrame:
    """Every comparison of every pilot: where, line, role, gap, chance (a share), Holm's.

    The chance of a single council is its rank among its class; Holm's adjustment is over the
    lines that the pilots should move.
    """
    frame = pd.DataFrame([_row(*one) for one in _all()])
    moved = frame["role"] == WORDS_OF_ROLE[True]
    adjusted = permutation.holm(frame.loc[moved, "chance"].to_numpy())
    frame.loc[moved, "Holm"] = adjusted
    return frame.sort_values("chance", kind="stable", ignore_index=True)


def _all() -> Iterator[tuple[bool, str, Comparison]]:
    """Those with three full years after or more: should it move, pilot, comparison."""
    for pilot in dict.fromkeys(row.pilot for row in plan.rows()):
        listed = [(True, o) for o in results.of(pilot)] + [
            (False, o) for o in results.placebos(pilot)
        ]
        for moves, one in listed:
            if one.comparison is not None and not one.comparison.description:
                yield moves, pilot, one.comparison
    yield True, results.LIBRARIES, results.libraries()


def _row(moves: bool, pilot: str, found: Comparison) -> dict[str, Any]:
    row = found.summary.iloc[0]
    return {
        "pilot": _name(pilot), "line": wording.title(row.line),
        "role": WORDS_OF_ROLE[moves], "gap": wording.amount(row.gap, row.unit),
        "chance": results.share(found) if found.single else float(row.p),
        "draws": chance.COUNTED if found.single else int(row.of - 1),
        "shown as": results.chance_of(found),
    }  # fmt: skip


def _name(pilot: str) -> str:
    return "Library mutuals together" if pilot == results.LIBRARIES else (
        pilot_of(pilot).name.split(":")[0])  # fmt: skip


def shown() -> pd.DataFrame:
    """`every` as a reader wants it."""
    frame = every().assign(chance=every()["chance"].round(2), Holm=every()["Holm"].round(2))
    return frame.drop(columns="draws").fillna({"Holm": ""})


def _counted(rows: pd.DataFrame, word: str) -> int:
    """How many of these comparisons are so rare, in the words of `chance.rarity`."""
    pairs = zip(rows["chance"], rows["draws"], strict=True)
    return sum(chance.rarity(share, draws) == word for share, draws in pairs)


def _how_rare(rows: pd.DataFrame) -> str:
    """How many are rarer than one in twenty, and how many about that: "2, and 1 is about that"."""
    rare, near = (_counted(rows, word) for word in (chance.RARER, chance.ABOUT))
    said = f"{rare or 'none'} {'is' if rare < 2 else 'are'} rarer than one in twenty"
    return f"{said} and {near} {'is' if near == 1 else 'are'} about that" if near else said


def _title(rows: pd.DataFrame) -> str:
    """The same as a title, which has room for fifteen words."""
    rare, near = (_counted(rows, word) for word in (chance.RARER, chance.ABOUT))
    about = f", {near} more about that" if near else ""
    given = f"chance gives {chance.SMALL * len(rows):.1f}"
    return f"Rarer than one in twenty: {rare} of {len(rows)}{about}; {given}"


def chance_chart() -> charts.Chart:
    """Every chance in order, beside what nothing at all would give."""
    sorted_shares = np.sort(every()["chance"].to_numpy())
    count = len(sorted_shares)
    order = np.arange(1, count + 1)
    rows = pd.concat(
        [
            pd.DataFrame({"series": "If nothing happened", "year": order,
                          "value": 100 * order / (count + 1)}),
            pd.DataFrame({"series": "Found", "year": order, "value": 100 * sorted_shares}),
        ]
    )  # fmt: skip
    return charts.line(
        rows.astype({"year": float}),
        series="series",
        slug="chances-in-order",
        title=_title(every()),
        subtitle="Every pilot and line, those it should not move too: how rare its gap is, from "
        "the rarest",
        unit="per cent of placebos with a gap as large",
        number="per_cent",
        x_number="count",
        x_title="comparisons in order of rarity",
        highlight="Found",
        sources="coopstats, comparisons of the plan (register/plan.csv)",
        notes="Comparisons of one council, and lines of one table, are not independent.",
    )


@kept
def members_together() -> Comparison:
    """The members on four lines at once, so that one correction covers them (Westfall–Young).

    Figures in doubt stay in: leaving out their years would leave too few that all lines share.
    """
    row = plan.row(results.NETWORK)
    lines = [results.CORE, *(one.line for one in plan.rows() if one.pilot == results.NETWORK
             and one.estimator == plan.OURS and one.line != results.CORE),
             *(o.planned.line for o in results.placebos(results.NETWORK))]  # fmt: skip
    measures = [plan.line_of(line) for line in lines]
    return compare(measures, row.treated, before=row.before, after=row.after, doubtful=True)


def together() -> pd.DataFrame:
    """The members' lines with p alone, and with all of them taken together."""
    rows = members_together().summary
    return pd.DataFrame(
        {
            "line": rows["line"].map(wording.title),
            "gap": [wording.amount(r.gap, r.unit) for r in rows.itertuples()],
            "p alone": _printed(rows, "p"),
            "p, Westfall–Young": _printed(rows, "p_westfall_young"),
            "p, Holm": _printed(rows, "p_holm"),
        }
    )


def _printed(rows: pd.DataFrame, column: str) -> list[str]:
    return [chance.printed(p, of - 1) for p, of in zip(rows[column], rows["of"], strict=True)]


# ── every choice ─────────────────────────────────────────────────────────────────────────────────


@kept
def curve(pilot: str, line: str) -> pd.DataFrame:
    """One row of the plan under every combination of choices."""
    row = plan.row(pilot, line)
    outcome = plan.outcome(row)
    assert outcome.comparison is not None  # for mypy: only rows that gave one are asked for
    doubt = {"doubtful": True, "without": row.left_out}
    both = {"figures in doubt": [("left out", {}), ("left in", doubt)]} if outcome.doubtful else {}
    return specifications(outcome.comparison, more=both)


def curves() -> pd.DataFrame:
    """Every row of the plan under every combination of choices, one line each."""
    return pd.DataFrame(_of_curve(o, c) for o, c in results.pairs())


def _of_curve(one: plan.Outcome, found: Comparison) -> dict[str, object]:
    rows = curve(one.planned.pilot, one.planned.line)
    unit = found.summary["unit"].iloc[0]
    rare = "" if found.description else f"{_share_rare(rows, found.single):.0%}"
    return {
        "pilot": pilot_of(one.planned.pilot).name.split(":")[0], "line": one.planned.measure,
        "combinations": len(rows), "refused": rows.attrs["refused"],
        "lowest": wording.amount(rows["gap"].min(), unit),
        "as carried out": wording.amount(found.summary["gap"].iloc[0], unit),
        "highest": wording.amount(rows["gap"].max(), unit),
        "above nought": f"{(rows['gap'] > 0).mean():.0%}", "rarer than 1 in 20": rare,
    }  # fmt: skip


def _share_rare(rows: pd.DataFrame, single: bool) -> float:
    """The share of combinations whose gap is rarer than one in twenty, whatever the seed."""
    draws = [chance.COUNTED if single else of - 1 for of in rows["of"]]
    pairs = zip(rows["p"], draws, strict=True)
    return float(np.mean([chance.clearly_rare(p, many) for p, many in pairs]))


def curve_chart(pilot: str, line: str = "") -> charts.Chart:
    """The gap under every combination of choices, from the lowest, with its interval."""
    row = plan.row(pilot, line)
    found = plan.outcome(row).comparison
    assert found is not None  # for mypy, as above
    rows, unit = curve(pilot, row.line), found.summary["unit"].iloc[0]
    low, high = rows["gap"].min(), rows["gap"].max()
    drawn = ["gap"] if found.description else ["gap", "low", "high"]
    frame = rows[drawn].rename(columns={"gap": "value"})
    frame = frame.replace([np.inf, -np.inf], np.nan).assign(
        series="Gap", year=np.arange(1.0, len(rows) + 1)
    )
    return charts.line(
        frame,
        series="series",
        **{name: name for name in drawn[1:]},
        slug=f"choices-{pilot}-{row.line.split(':')[-1].replace('_', '-')}",
        title=f"{_where(found)}: {results.SHORT.get(row.line, 'core spending')} gap from "
        f"{wording.amount(low, unit)} to {wording.amount(high, unit)} by choice of method",
        subtitle=f"Gap under {len(rows)} combinations of baseline, prices, donors and years",
        unit=unit,
        number=wording.number_style(unit),
        x_number="count",
        x_title="combinations, from the lowest gap",
        highlight="Gap",
        marks={float(np.flatnonzero(rows["planned"])[0] + 1): "as carried out"},
        sources=found.estimate.question.panels[0].sources,
        notes=(
            "" if found.description else "The band is each combination's 95% interval.",
            _with_doubts(rows),
            results.NO_CLAIM,
        ),
    )


def _with_doubts(rows: pd.DataFrame) -> str:
    """What combinations rest on a figure in doubt, in words; nothing where none does."""
    if "figures in doubt" not in rows:
        return ""
    count = int((rows["figures in doubt"] == "left in").sum())
    return (
        f"{number_of(count, 'combination')} of {len(rows)} use figures of the council itself that "
        "are in doubt; the others leave those years out."
    )


def _where(found: Comparison) -> str:
    return found.cases[0].name if found.single else "Members"


def without_one_peer() -> pd.DataFrame:
    """The gap without any one donor: the lowest and the highest, for each row of the plan."""
    return pd.DataFrame(_without_one(o, c) for o, c in results.pairs())


def _without_one(one: plan.Outcome, found: Comparison) -> dict[str, object]:
    rows, unit = found.leave_one_out(), found.summary["unit"].iloc[0]
    rows = rows[rows["role"] == "donor"]
    furthest = rows.loc[(rows["gap"] - found.summary["gap"].iloc[0]).abs().idxmax()]
    return {
        "pilot": pilot_of(one.planned.pilot).name.split(":")[0], "line": one.planned.measure,
        "gap": wording.amount(found.summary["gap"].iloc[0], unit),
        "lowest": wording.amount(rows["gap"].min(), unit),
        "highest": wording.amount(rows["gap"].max(), unit),
        "moves it most": wording.name_of(furthest["ecode"]),
    }  # fmt: skip


# ── beside what never was ────────────────────────────────────────────────────────────────────────


@kept
def never_started() -> Comparison:
    """Lambeth on the line of a pilot that was planned for 2012-13 and did not begin."""
    pilot, table, service, start = NEVER_STARTED
    return compare(measure(table, service), supposed(pilot_of(pilot).council, start))


def beside_others() -> Sentences:
    """A pilot that never started, and members beside Labour councils that never joined."""
    never, labour = never_started().summary.iloc[0], results.beside_labour().summary.iloc[0]
    own, unstarted = results.members().summary.iloc[0], never_started()
    low, high = (wording.amount(v, labour.unit) for v in (labour.low, labour.high))
    name = pilot_of(NEVER_STARTED[0]).name
    return Sentences(
        [
            f"{name} did not begin, and yet Lambeth's spending on its line was "
            f"{wording.amount(abs(never.gap), never.unit)} {results.side_of(never.gap)} its "
            f"baseline over {unstarted.years_in_words(unstarted.cases[0].after)}, rank "
            f"{never['rank']} of {never.of}: a gap of that rank needs no pilot.",
            f"Beside all councils of their class members' core spending was "
            f"{wording.amount(abs(own.gap), own.unit)} {results.side_of(own.gap)} the baseline "
            f"({results.chance_of(results.members())}); beside Labour councils of their class that "
            f"never joined, {wording.amount(abs(labour.gap), labour.unit)} "
            f"{results.side_of(labour.gap)} (gaps from {low} to {high} in the interval, "
            f"{results.chance_of(results.beside_labour())}).",
        ]
    )


# ── what could be seen ───────────────────────────────────────────────────────────────────────────


def power() -> pd.DataFrame:
    """The smallest gap that each comparison would find four times in five, of its level."""
    rows = [
        {"pilot": f"{_where(c)}: {o.planned.measure}", "value": 100 * float(r.detectable / r.level)}
        for o, c in results.pairs()
        if not c.description
        for r in c.summary.itertuples()
        if wording.of_level(r.detectable, r.level)  # neither without bound nor of a level of nought
    ]
    return pd.DataFrame(rows)


def power_chart() -> charts.Chart:
    """The smallest gap that could have been seen, comparison by comparison."""
    rows = power()
    few = int((rows["value"] <= 10).sum())
    return charts.dot(
        rows,
        series="pilot",
        slug="smallest-gap-that-could-be-seen",
        title=f"Only {few} of {len(rows)} comparisons could have seen a gap of a tenth",
        subtitle="Smallest gap that would be found four times in five, per cent of the level "
        "before",
        unit="per cent of the level before",
        number="per_cent",
        sources="coopstats, comparisons of the plan (register/plan.csv)",
        notes="A comparison that finds nothing says only that no gap of that size was there.",
    )


# ── another assumption ───────────────────────────────────────────────────────────────────────────


def every_answer(**changes: Any) -> pd.DataFrame:
    """Every comparison of the plan as carried out, and with one assumption changed.

    `changes` are choices of a comparison: index="cpih", rules=WITHOUT_LONDON, baseline="nearest",
    donut=True, after=(2013, 2016) … What cannot be compared then says why.
    """
    return pd.DataFrame(_changed(o, c, changes) for o, c in results.pairs())


def _changed(one: plan.Outcome, found: Comparison, changes: dict[str, Any]) -> dict[str, object]:
    unit = found.summary["unit"].iloc[0]
    start = {
        "pilot": pilot_of(one.planned.pilot).name.split(":")[0], "line": one.planned.measure,
        "as carried out": wording.amount(found.summary["gap"].iloc[0], unit),
        "chance": "" if found.description else results.chance_of(found),
    }  # fmt: skip
    try:
        other = found.with_choices(**changes)
    except CoopstatsError as problem:
        return {**start, "changed": "refused", "chance then": str(problem)}
    gap = wording.amount(other.summary["gap"].iloc[0], unit)
    chance = "" if other.description else results.chance_of(other)
    return {**start, "changed": gap, "chance then": chance}


# ── the answer ───────────────────────────────────────────────────────────────────────────────────


def answer() -> Sentences:
    """The answer in three sentences."""
    frame = every()
    moved = frame[frame["role"] == WORDS_OF_ROLE[True]]
    together = sum(p <= chance.SMALL for p in moved["Holm"])
    seen = power()["value"]
    rows = curve(results.NETWORK, results.CORE)
    labour = results.beside_labour().summary.iloc[0]
    return Sentences(
        [
            f"Of {number_of(len(moved), 'comparison')} on lines that a pilot should move, "
            f"{_how_rare(moved)}; {together or 'none'} once all are taken together (least Holm p "
            f"{moved['Holm'].min():.1f}). Of {len(frame)} with the lines that should not move, "
            f"{_how_rare(frame)}, where chance alone gives {chance.SMALL * len(frame):.1f}.",
            f"The members' lower core spending keeps its sign in "
            f"{(rows['gap'] < 0).mean():.0%} of {len(rows)} combinations of choices and is rarer "
            f"than one in twenty, whatever the seed, in {_share_rare(rows, single=False):.0%}. "
            f"Beside Labour councils that never joined the gap is "
            f"{wording.amount(labour.gap, labour.unit)} "
            f"({results.chance_of(results.beside_labour())}).",
            f"{int((seen <= 10).sum())} of {len(seen)} comparisons could have seen a gap of a "
            f"tenth, and half could see none under {seen.median():.0f}% of the level before: what "
            "is held can show neither that the pilots held services up nor that they did not.",
        ]
    )


def headlines() -> dict[str, float]:
    """The numbers of the answer, by name."""
    rows, frame = curve(results.NETWORK, results.CORE), every()
    return {
        "comparisons": len(frame),
        "rarer than one in twenty": float(_counted(frame, chance.RARER)),
        "about one in twenty": float(_counted(frame, chance.ABOUT)),
        "least Holm p": float(frame["Holm"].min()),
        "members core, combinations below nought": float((rows["gap"] < 0).mean()),
        "members core, combinations rarer than one in twenty": _share_rare(rows, single=False),
        "members core beside Labour, gap": float(results.beside_labour().summary["gap"].iloc[0]),
        "members core beside Labour, p": float(results.beside_labour().summary["p"].iloc[0]),
        "median smallest detectable gap, per cent": float(power()["value"].median()),
    }


def _charts() -> Iterator[Callable[[], charts.Chart]]:
    yield chance_chart
    yield power_chart
    for row in plan.rows():
        if row.form == "comparison" and row.estimator == plan.OURS:
            yield functools.partial(curve_chart, row.pilot, row.line)


CHARTS = tuple(_charts())
