"""Comparison: a pilot, or several, beside councils that had none, with what chance alone shows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coopstats.comparisons import baselines, chance, permutation, prose
from coopstats.comparisons.checks import without_chance
from coopstats.comparisons.design import Asked, Wanted, asked, closed
from coopstats.comparisons.doubted import LEAST_AFTER
from coopstats.comparisons.estimate import Case, Estimate, Fit, estimate, set_gaps
from coopstats.comparisons.panel import line_of
from coopstats.comparisons.peers import RULES, Peers
from coopstats.comparisons.treated import Register, Treated, chosen
from coopstats.comparisons.treated import register as held_register
from coopstats.core.doors import (
    Reader,
    a,
    any_of,
    count,
    door,
    flag,
    function,
    maybe,
    one_of,
    refuse_unknown,
    several,
    span,
    word,
)
from coopstats.core.doors import words as several_words
from coopstats.core.errors import NotComparable, UnknownName, did_you_mean
from coopstats.core.sentences import Sentences
from coopstats.core.years import read_year
from coopstats.measures import prices

if TYPE_CHECKING:
    from coopstats.charts import Chart
    from coopstats.comparisons.staggered import SecondOpinion
    from coopstats.measures.measure import Measure


def _measures(given: Any) -> tuple[Measure, ...]:
    """One measure, or several."""
    from coopstats.measures.measure import Measure

    one = a(Measure, "cs.measure(table, service) makes a measure")
    listed = [given] if isinstance(given, Measure) else given
    if not isinstance(listed, Iterable) or isinstance(listed, str | bytes):
        one(given)
    return tuple(map(one, listed))


def _who(given: Any) -> Any:
    """A pilot or its id, or several."""
    return any_of(lambda one: one if isinstance(one, Treated) else word(one))(given)


# What every choice of a comparison is read by; `Wanted` has them all.
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


@door(measures=_measures, pilots=_who, known=maybe(a(Register, "a Register")), **READERS)
def compare(
    measures: Measure | Iterable[Measure],
    pilots: Treated | str | Iterable[Treated | str],
    *,
    baseline: str = "equal",
    before: tuple[int | None, int | None] | None = None,
    after: tuple[int | None, int | None] | None = None,
    without: int | Iterable[int] = (),
    rules: str | Iterable[str] | None = None,
    donors: str | Iterable[str] | None = None,
    draws: int = 4999,
    seed: int = 0,
    doubtful: bool = False,
    known: Register | None = None,
    compiled: bool | None = None,
) -> Comparison:
    """Pilots beside a baseline of their peers, on one measure or several.

    `pilots` are ids of the register, or Pilots (`supposed` makes one of any council). Money is
    put into 2019-20 prices and per person unless the measure already is. `before` and `after`
    narrow the years, `without` leaves single ones out for everybody; `rules` are those of
    `peers`, `donors` a list of one's own. Raises NotComparable with the reason where no comparison
    can be made.
    """
    listed = _listed(measures)
    known = held_register() if known is None else known
    who = chosen(pilots, known)
    wanted = closed(
        Wanted(
            baseline, before, after, without,  # type: ignore[arg-type]
            RULES if rules is None else rules, donors,  # type: ignore[arg-type]
            draws, seed, doubtful=doubtful, compiled=compiled,
        ),
        listed,
    )  # fmt: skip
    made = asked(listed, who, known, wanted)
    return Comparison(listed, who, known, wanted, made, estimate(made.question))


def _listed(measures: Any) -> tuple[Measure, ...]:
    listed = tuple(measures)
    if not listed:
        raise NotComparable("No measure was given to compare.")
    lines = [line_of(one) for one in listed]
    twice = sorted({line for line in lines if lines.count(line) > 1})
    if twice:
        raise NotComparable(f"A line can be compared once at a time: {', '.join(twice)} is twice.")
    return listed


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What `compare` found. Read `.sentences()`, `.summary`, `.frame`, `.weights`, `.checks`."""

    measures: tuple[Measure, ...]
    pilots: tuple[Treated, ...]
    known: Register
    wanted: Wanted
    asked: Asked
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
    def description(self) -> bool:
        """Fewer than three years after in some council: described, not compared."""
        return any(len(case.after) < LEAST_AFTER for case in self.cases)

    @door(years=several(read_year))
    def spell(self, years: Sequence[int]) -> str:
        """Years as printed: 2012-13 to 2016-17, or 2012 to 2016 where all lines are by calendar."""
        return prose.spell(years, all(one.calendar for one in self.measures))

    @property
    def peers(self) -> dict[str, Peers]:
        """By treated council: its donors and who is left out, with the reasons."""
        return self.asked.peers

    @functools.cached_property
    def summary(self) -> pd.DataFrame:
        """One row a line: gap, fit, rank, p, interval, adjusted p, smallest detectable gap.

        A description has nothing in the columns that say how rare a gap is, and where the fit
        before is exact `no_rank` says why they are empty. `donors` are the fewest of a treated
        council, `donors_most` the most, `donors_in_all` those of any.
        """
        null = self.estimate.null
        interval, p = permutation.intervals(null), permutation.p_values(null)
        nothing = np.nan if self.single else 1.0  # one council has a rank, and no p
        ranked = permutation.measured(null)
        rows = pd.DataFrame(
            {
                "line": self.lines,
                "unit": [panel.unit for panel in self.estimate.question.panels],
                "gap": null.gap,
                "low": interval[:, 0],
                "high": interval[:, 1],
                "fit": null.spread,
                "level": self._level(),
                "rank": pd.array(permutation.ranks(null), dtype="Int64"),
                "of": null.draws + 1,
                "p": p * nothing,
                "p_westfall_young": permutation.westfall_young(null) * nothing,
                "p_holm": permutation.holm(p) * nothing,
                "no_rank": np.where(ranked, "", chance.NO_RANK),
                "detectable": permutation.detectable(null),
                "breakdown": self._breakdown(),
            }
        )
        if self.description:
            rows = without_chance(rows)
        return rows.assign(
            exact_share=self.estimate.exact_share,
            exact=[any(fit.exact[0, s] for fit in self.estimate.fits) for s in range(len(rows))],
            donors=min(len(case.donors) for case in self.cases),
            donors_most=max(len(case.donors) for case in self.cases),
            donors_in_all=len({code for case in self.cases for code in case.donors}),
            effective=self._effective(),
        )

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
        named = frame["donor"].map(prose.name_of)
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

    # ── beside the result ────────────────────────────────────────────────────────────────────

    @functools.cached_property
    def checks(self) -> pd.DataFrame:
        """The gap under other choices, one row a line and choice, and each refusal's reason."""
        return self.curve()

    @door(workers=count(1), progress=function)
    def work_out(self, workers: int = 1, progress: Callable[[list], Iterable] = iter) -> None:
        """Do the long part, `checks`, now: on several workers, `progress` counting the choices."""
        vars(self)["checks"] = self.curve(workers, progress)

    @door(workers=count(1), progress=function)
    def curve(self, workers: int = 1, progress: Callable[[list], Iterable] = iter) -> pd.DataFrame:
        """The specification curve: every other choice, spread over `workers` by joblib.

        The numbers are the same for any number of workers and any joblib backend.
        """
        from coopstats.comparisons.checks import curve

        return curve(self, workers, progress)

    def leave_one_out(self) -> pd.DataFrame:
        """The gap without each donor that has a weight, and without each treated council."""
        from coopstats.comparisons.checks import leave_one_out

        return leave_one_out(self)

    @door(name=word, line=maybe(word))
    def second_opinion(
        self, name: str = "callaway_santanna", line: str | None = None, **more: Any
    ) -> SecondOpinion:
        """A staggered estimator of another library on the same councils: never the headline.

        On the same years: see `staggered.long_frame`. Raises NotComparable, UnknownName.
        """
        from coopstats.comparisons import staggered

        frame = staggered.long_frame(self, line, people=name in staggered.OF_COUNTS)
        return staggered.second_opinion(frame, name, **more)

    # ── in words, as a picture ───────────────────────────────────────────────────────────────

    def sentences(self) -> Sentences:
        """Plain English, the fit first."""
        return prose.sentences(self)

    def chart(self, line: str | None = None) -> Chart:
        """The gap by year with the band of placebo sets; the lines of placebos for one council."""
        from coopstats.comparisons.plots import gap_chart

        return gap_chart(self, self.lines[self.place(line)])

    def levels(self, line: str | None = None) -> pd.DataFrame:
        """By year: the treated council's own line, its baseline, and the placebo band around it.

        Columns year, own, baseline, low, high. A baseline is the own line less the gap, so it
        stands at the council's own level before. Raises NotComparable for several councils.
        """
        from coopstats.comparisons.plots import levels

        return levels(self, self.lines[self.place(line)])

    def weights_chart(self, line: str | None = None) -> Chart:
        """The donors' weights as bars, the heaviest first."""
        from coopstats.comparisons.plots import weights_chart

        return weights_chart(self, self.lines[self.place(line)])

    def __repr__(self) -> str:
        return prose.text_form(self)

    def _repr_html_(self) -> str:
        return prose.html_form(self)

    @door(changes=_read_changes)
    def with_choices(self, **changes: Any) -> Comparison:
        """The same comparison under other choices (see Wanted), such as baseline="nearest"."""
        made = self.under(**changes)
        wanted = closed(replace(self.wanted, **changes), self.measures)
        return replace(self, wanted=wanted, asked=made, estimate=estimate(made.question))

    @door(changes=_read_changes)
    def under(self, **changes: Any) -> Asked:
        """The question under other choices; raises as `compare` does."""
        wanted = closed(replace(self.wanted, **changes), self.measures)
        return asked(self.measures, self.pilots, self.known, wanted, self.asked.kept)


def _every_year(values: np.ndarray) -> np.ndarray:
    return values
