"""Result: the numbers of a comparison, and the same comparison under other choices."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from coopstats.comparisons import baselines, chance, permutation, wording
from coopstats.comparisons.cautions import LEAST_AFTER
from coopstats.comparisons.choices import Choices, close_spans
from coopstats.comparisons.design import Design, make_design
from coopstats.comparisons.estimate import Estimate, estimate
from coopstats.comparisons.fits import Fit
from coopstats.comparisons.peers import RULES, Peers
from coopstats.comparisons.placebo_sets import set_gaps
from coopstats.comparisons.question import Case
from coopstats.comparisons.treated import KnownPilots, Treated
from coopstats.comparisons.windows import refuse_idle
from coopstats.core.doors import (
    Reader,
    any_of,
    count,
    door,
    flag,
    maybe,
    one_of,
    refuse_unknown,
    several,
    span,
    word,
)
from coopstats.core.doors import words as several_words
from coopstats.core.errors import UnknownName, did_you_mean
from coopstats.core.years import read_year, years_in_words
from coopstats.measures import prices

if TYPE_CHECKING:
    from coopstats.measures.measure import Measure

SUMMARY = (
    "line", "unit", "gap", "low", "high", "fit", "level", "rank", "of", "p", "p_westfall_young",
    "p_holm", "no_rank", "detectable", "breakdown", "exact_share", "exact", "donors",
    "donors_most", "donors_in_all", "effective",
)  # fmt: skip
# What a comparison says of chance, and a description does not.
CHANCE = ("low", "high", "rank", "of", "p", "p_westfall_young", "p_holm", "detectable")

# What every choice of a comparison is read by; `Choices` has them all.
READERS: dict[str, Reader] = {
    "baseline": one_of(baselines.BASELINES),
    "before": maybe(span),
    "after": maybe(span),
    "without": any_of(read_year),
    "rules": lambda given: RULES if given is None else any_of(word)(given),
    "donors": maybe(several_words),
    "draws": count(1),
    "seed": count(0),
    "doubtful": flag,
    "compiled": maybe(flag),
}
OTHERS: dict[str, Reader] = {
    "index": one_of(prices.NAMES),
    "donut": flag,
    "base_back": count(0),
    "by_size": flag,
}


def _read_changes(changes: dict[str, Any]) -> dict[str, Any]:
    every = READERS | OTHERS
    refuse_unknown(changes, every, "choice")
    return {name: every[name](value) for name, value in changes.items()}


def without_chance(rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows with nothing in the columns that say how rare a gap is."""
    held = [column for column in CHANCE if column in rows]
    return rows.assign(**{one: rows[one].where(pd.Series(False, rows.index)) for one in held})


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """The numbers of a comparison: `.summary`, `.frame`, `.weights`, `.placebos`."""

    measures: tuple[Measure, ...]
    pilots: tuple[Treated, ...]
    known: KnownPilots
    choices: Choices
    design: Design
    estimate: Estimate

    # ── numbers ──────────────────────────────────────────────────────────────────────────────

    @property
    def lines(self) -> tuple[str, ...]:
        """What is compared: "table:line"."""
        return tuple(panel.line for panel in self.estimate.question.panels)

    @door(line=maybe(word))
    def place(self, line: str | None = None) -> int:
        """Which line this is, by its name or its service; the first unless named.

        Raises UnknownName with the nearest.
        """
        if line is None:
            return 0
        for place, one in enumerate(self.lines):
            if line in (one, one.partition(":")[2]):
                return place
        raise UnknownName(
            f"No line {line!r} is compared here. There are: {', '.join(self.lines)}."
            + did_you_mean(line, self.lines)
        )

    @property
    def cases(self) -> tuple[Case, ...]:
        """The treated councils with their windows and donors."""
        return self.estimate.question.cases

    @property
    def single(self) -> bool:
        """Whether one council is compared: then there is a rank and no p."""
        return len(self.cases) == 1

    @property
    def who(self) -> str:
        """The treated in words: a name, or how many."""
        return self.cases[0].name if self.single else f"{len(self.cases)} councils"

    @property
    def description(self) -> bool:
        """Fewer than three years after in some council: described, not compared."""
        return any(len(case.after) < LEAST_AFTER for case in self.cases)

    @door(years=several(read_year))
    def years_in_words(self, years: Sequence[int]) -> str:
        """Years as printed: 2012-13 to 2016-17, or 2012 to 2016 where all lines are by calendar."""
        return years_in_words(years, all(one.calendar for one in self.measures))

    @property
    def peers(self) -> dict[str, Peers]:
        """By treated council: its donors and who is left out, with the reasons."""
        return self.design.peers

    @functools.cached_property
    def summary(self) -> pd.DataFrame:
        """One row a line: gap, fit, rank, p, interval, adjusted p, smallest detectable gap.

        A description has nothing in the columns that say how rare a gap is, and where the fit
        before is exact `no_rank` says why they are empty. `donors` are the fewest of a treated
        council, `donors_most` the most, `donors_in_all` those of any.
        """
        columns = self._gaps() | self._rarity() | self._pools()
        rows = pd.DataFrame(columns)[list(SUMMARY)]
        return without_chance(rows) if self.description else rows

    def _gaps(self) -> dict[str, Any]:
        """By line: the gap beside the fit before and the level it is a part of."""
        null = self.estimate.null
        return {
            "line": self.lines,
            "unit": [panel.unit for panel in self.estimate.question.panels],
            "gap": null.gap,
            "fit": null.spread,
            "level": self._level(),
            "breakdown": self._breakdown(),
            "exact": [
                any(fit.exact[0, service] for fit in self.estimate.fits)
                for service in range(len(self.lines))
            ],
        }

    def _rarity(self) -> dict[str, Any]:
        """By line: how rare such a gap is among placebo sets. One council has a rank, and no p."""
        null = self.estimate.null
        interval, p = permutation.intervals(null), permutation.p_values(null)
        shown = np.nan if self.single else 1.0
        return {
            "low": interval[:, 0],
            "high": interval[:, 1],
            "rank": pd.array(permutation.ranks(null), dtype="Int64"),
            "of": null.draws + 1,
            "p": p * shown,
            "p_westfall_young": permutation.westfall_young(null) * shown,
            "p_holm": permutation.holm(p) * shown,
            "no_rank": np.where(permutation.measured(null), "", chance.NO_RANK),
            "detectable": permutation.detectable(null),
            "exact_share": self.estimate.exact_share,
        }

    def _pools(self) -> dict[str, Any]:
        """How many donors the treated councils have, and what their weights are worth."""
        counts = [len(case.donors) for case in self.cases]
        return {
            "donors": min(counts),
            "donors_most": max(counts),
            "donors_in_all": len({code for case in self.cases for code in case.donors}),
            "effective": self._effective(),
        }

    def _level(self) -> np.ndarray:
        """Mean of the treated councils' own line before."""
        panels = self.estimate.question.panels
        return np.array(
            [
                np.mean([one.at(c.before)[one.row(c.ecode)].mean() for c in self.cases])
                for one in panels
            ]
        )

    def _effective(self) -> list[float]:
        """The fewest effective donors of any treated council, by line."""
        return [
            min(baselines.effective(fit.weights[s, 0]) for fit in self.estimate.fits)
            for s in range(len(self.lines))
        ]

    def _breakdown(self) -> np.ndarray:
        """How many times the worst gap before would have to go on for the gap to be nothing."""
        worst = np.array(
            [
                np.nanmax(np.abs(rows.loc[rows["period"] == "before", "gap"]))
                for _, rows in self.shared.groupby("line", sort=False)
            ]
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.abs(self.estimate.gap) / worst

    @functools.cached_property
    def frame(self) -> pd.DataFrame:
        """Gap by year: line, event_year (0 is the first full year), year if one council, period.

        `period` is before, after or part where the year is so for every council that has a gap in
        it, else beside: it is shown and enters nothing.
        `low` and `high` are the band in which 95 in 100 placebo sets' gaps of that year lie, in
        the treated councils' own unit of misfit.
        """
        fits, sets, question = self.estimate.fits, self.estimate.sets, self.estimate.question
        drawn = [set_gaps(question, fits, n, sets, _every_year) for n in range(len(fits))]
        parts = [self._path(service, drawn) for service in range(len(self.lines))]
        rows = pd.concat(parts, ignore_index=True)
        return without_chance(rows) if self.description else rows

    @property
    def shared(self) -> pd.DataFrame:
        """The years of `frame` that every treated council has: a mean of the same councils."""
        return self.frame[self.frame["councils"] == len(self.cases)]

    def _path(self, service: int, drawn: Sequence[np.ndarray]) -> pd.DataFrame:
        """One line's years; `drawn` are each case's placebos' gaps, sets × services × years."""
        events = sorted({event for fit in self.estimate.fits for event in self._events(fit)})
        rows = []
        for event in events:
            having = [f for f in self.estimate.fits if event in self._events(f)]
            gap = float(np.mean([f.gap[0, service, self._events(f)[event]] for f in having]))
            whole = len(having) == len(self.cases)
            reach = self._reach(service, event, drawn) if whole else np.nan
            year = self.cases[0].start + event if self.single else pd.NA
            period = self._period([fit.case for fit in having], event)
            rows.append((event, year, period, gap, -reach, reach, len(having)))
        columns = ["event_year", "year", "period", "gap", "low", "high", "councils"]
        return pd.DataFrame(rows, columns=columns).assign(line=self.lines[service])

    def _events(self, fit: Fit) -> dict[int, int]:
        """Event year → place among the panel's years, where a gap is known."""
        years = self.estimate.question.panels[0].years
        return {
            year - fit.case.start: place
            for place, year in enumerate(years)
            if np.isfinite(fit.gap[0, :, place]).all()
        }

    def _period(self, cases: Sequence[Case], event: int) -> str:
        """What the year is for all of these councils; "beside" where it is used of some alone."""
        parts = {pilot.ecode: pilot.part_years for pilot in self.pilots}
        of = {
            "before": [case.before for case in cases],
            "after": [case.after for case in cases],
            "part": [parts[case.ecode] for case in cases],
        }
        for period, windows in of.items():
            pairs = zip(cases, windows, strict=True)
            if all(case.start + event in window for case, window in pairs):
                return period
        return "beside"

    def _reach(self, service: int, event: int, drawn: Sequence[np.ndarray]) -> float:
        """The 95th in 100 of placebo sets' studentised gaps of one year, times the misfit."""
        gaps = [
            own[:, service, self._events(fit)[event]]
            for own, fit in zip(drawn, self.estimate.fits, strict=True)
        ]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.mean(gaps, axis=0) / self.estimate.misfit[:, service]
        known = np.abs(ratio[np.isfinite(ratio)])
        spread = self.estimate.null.spread[service]
        if not len(known) or spread == 0:  # a perfect fit leaves no unit of misfit
            return float("nan")
        return float(np.quantile(known, 0.95) * spread)

    @functools.cached_property
    def weights(self) -> pd.DataFrame:
        """One row a line, treated council and donor with a weight, the heaviest first."""
        rows = [
            (line, fit.case.name, donor, float(weight))
            for service, line in enumerate(self.lines)
            for fit in self.estimate.fits
            for donor, weight in zip(fit.councils, fit.weights[service, 0], strict=True)
            if weight > 0
        ]
        frame = pd.DataFrame(rows, columns=["line", "council", "donor", "weight"])
        named = frame["donor"].map(wording.name_of)
        return frame.assign(donor_name=named).sort_values(
            ["line", "council", "weight"], ascending=[True, True, False], ignore_index=True
        )

    @functools.cached_property
    def placebos(self) -> pd.DataFrame:
        """One row a line and placebo set: its mean studentised gap. The treated are not in it."""
        null = self.estimate.null
        return pd.DataFrame(
            {
                "line": np.repeat(self.lines, null.draws),
                "studentised_gap": null.drawn.T.ravel(),
            }
        )

    # ── under other choices ──────────────────────────────────────────────────────────────────────

    @door(changes=_read_changes)
    def with_choices(self, **changes: Any) -> Self:
        """The same comparison under other choices (see Choices), such as baseline="nearest"."""
        made = self.under(**changes)
        choices = close_spans(replace(self.choices, **changes), self.measures)
        refuse_idle(self.pilots, made.question.panels[0], choices)
        return replace(self, choices=choices, design=made, estimate=estimate(made.question))

    @door(changes=_read_changes)
    def under(self, **changes: Any) -> Design:
        """The question under other choices; raises as `compare` does."""
        choices = close_spans(replace(self.choices, **changes), self.measures)
        return make_design(self.measures, self.pilots, self.known, choices, self.design.kept)


def _every_year(values: np.ndarray) -> np.ndarray:
    return values
