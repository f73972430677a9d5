"""Comparison: a pilot, or several, beside councils that had none, with what chance alone shows.

The numbers are a Result's; what is checked, drawn and said of them is added here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from coopstats.comparisons import report
from coopstats.comparisons.choices import Choices, close_spans
from coopstats.comparisons.design import make_design
from coopstats.comparisons.estimate import estimate
from coopstats.comparisons.panel import line_of
from coopstats.comparisons.peers import RULES
from coopstats.comparisons.result import READERS, Result
from coopstats.comparisons.treated import KnownPilots, Treated, chosen, known_pilots
from coopstats.comparisons.windows import refuse_idle
from coopstats.core.display import Sentences
from coopstats.core.doors import (
    a,
    any_of,
    count,
    door,
    function,
    maybe,
    word,
)
from coopstats.core.errors import NotComparable, UnknownName

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


@door(measures=_measures, pilots=_who, known=maybe(a(KnownPilots, "a KnownPilots")), **READERS)
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
    known: KnownPilots | None = None,
    compiled: bool | None = None,
) -> Comparison:
    """Pilots beside a baseline of their peers, on one measure or several.

    `pilots` are ids of the register, or Pilots (`supposed` makes one of any council). Money is
    put into 2019-20 prices and per person unless the measure already is. `before` and `after`
    narrow the years, `without` leaves single ones out for everybody; `rules` are those of
    `peers`, `donors` a list of one's own instead. Raises NotComparable with the reason where no
    comparison can be made, and UnknownName for a choice that would change nothing.
    """
    if rules is not None and donors is not None:
        raise UnknownName("rules: donors are named, and no rule chooses among them: give one.")
    listed = _each_once(measures)
    known = known_pilots() if known is None else known
    who = chosen(pilots, known)
    choices = close_spans(
        Choices(
            baseline, before, after, without,  # type: ignore[arg-type]
            RULES if rules is None else rules, donors,  # type: ignore[arg-type]
            draws, seed, doubtful=doubtful, compiled=compiled,
        ),
        listed,
    )  # fmt: skip
    made = make_design(listed, who, known, choices)
    refuse_idle(who, made.question.panels[0], choices)
    return Comparison(listed, who, known, choices, made, estimate(made.question))


def _each_once(measures: Any) -> tuple[Measure, ...]:
    listed = tuple(measures)
    if not listed:
        raise NotComparable("No measure was given to compare.")
    lines = [line_of(one) for one in listed]
    twice = sorted({line for line in lines if lines.count(line) > 1})
    if twice:
        raise NotComparable(f"A line can be compared once at a time: {', '.join(twice)} is twice.")
    return listed


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """What `compare` found. Read `.sentences()`, `.summary`, `.frame`, `.weights`, `.checks`."""

    @functools.cached_property
    def checks(self) -> pd.DataFrame:
        """The gap under other choices, one row a line and choice, and each refusal's reason."""
        return self.curve()

    @door(workers=count(1), progress=function)
    def work_out(self, workers: int = 1, progress: Callable[[list], Iterable] = iter) -> None:
        """Do the long part, `checks`, now: on several workers, `progress` counting the choices."""
        self.__dict__["checks"] = self.curve(workers, progress)

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
        return report.sentences(self)

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
        return report.text_form(self, self.checks, self.leave_one_out())

    def _repr_html_(self) -> str:
        return report.html_form(self)
