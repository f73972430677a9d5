"""Measure: one number per council per year, with its unit, its sources and the steps taken.

```python
import coopstats as cs
spend = cs.measure("revenue_outturn", service="core").on(2021, leave_out=True)
spend.real(2019).per_head(leave_out=True).change(2010, 2016, leave_out=True)
```

Every verb returns a new Measure and adds one sentence to `.steps`. Nothing is dropped in silence:
a verb that cannot treat every council refuses and says why, and `leave_out=True` lets it go on,
naming those left out in `.left_out` and in a step. `.frame` is the plain DataFrame at any moment.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import numpy as np
import pandas as pd

from coopstats.core.display import escaped, list_html
from coopstats.core.doors import closed_span, door, flag, one_of
from coopstats.core.errors import NotComparable, Verb, can
from coopstats.core.phrases import number_of
from coopstats.core.safe_text import for_terminal
from coopstats.core.years import financial_year, read_year, years_span
from coopstats.datasets import overview
from coopstats.measures import doubts, like_for_like, prices, wholes
from coopstats.measures.prices import NAMES as INDICES
from coopstats.measures.regrouping import Regrouping

NEAR_ZERO = 0.1  # of the council's own median over the years: below it a percentage means nothing


class Measure(Regrouping):
    """One number per council per year. Made by `measure`, changed only by its verbs.

    Read `.frame`, `.unit`, `.steps`, `.sources`, `.left_out`; `figures.Figures` says what else it
    holds.
    """

    @door(year=read_year, index=one_of(INDICES))
    def real(self, year: int, index: str = "gdp") -> Self:
        """In the prices of one financial year, by the GDP deflator or, with "cpih", by CPIH."""
        self._refuse_relative("deflate")
        if self.prices != "nominal":
            kind = (
                f"not money but {self.quantity}" if self.prices == "none" else f"in {self.prices}"
            )
            raise NotComparable(f"{self.title} cannot be deflated: it is {kind}.")
        factor, cited = prices.factors(index, year, self.years)
        by = "" if index == "gdp" else f" by {prices.NAMES[index]}"
        amount = self.amounts["amount"] * self.amounts["year"].map(factor)
        said = f"Put into {financial_year(year)} prices with {prices.NAMES[index]}"
        which = ", a calendar year by the financial year that starts in it" if self.calendar else ""
        return self._next(
            f"{said}{which}.",
            amounts=self.amounts.assign(amount=amount),
            prices=f"{financial_year(year)} prices{by}",
            cited={**self.cited, **cited},
        )

    def like_for_like(self) -> Self:
        """Without what joined the line, and with what left it, at the noted breaks of these years.

        What moved is what a return prints for each council; a council whose figure of it is
        missing has none. First of the verbs that change numbers. Raises NotComparable, with the
        reason, where nothing that moved is held.
        """
        self._refuse_relative("make it like for like")
        if self.per or self.prices not in ("nominal", "none") or not self._as_printed():
            raise NotComparable(
                f"{self.title} can no longer be made like for like.", could=[can(Verb.FIRST)]
            )
        found = self._noted_breaks(self.years[0], self.years[-1]) if self.years else []
        moves = like_for_like.moves_of(found)
        if not moves:
            like_for_like.refuse(self.title, found)
        basis = self.which.get("basis", (None,))[0]
        shifts = [like_for_like.shift(move, self.amounts, basis) for move in moves]
        amount = self.amounts["amount"] + sum(shifts)
        cited = [like_for_like.cited(move, basis, self.years) for move in moves]
        return replace(
            self,
            amounts=self.amounts.assign(amount=amount),
            steps_given=(*self.steps_given, *map(like_for_like.sentence, moves)),
            cited={code: said for each in (self.cited, *cited) for code, said in each.items()},
            mended=(*self.mended, *moves),
            doubts=doubts.in_any(
                self.doubts, *(doubts.of_rows(like_for_like.taken(m, basis)) for m in moves)
            ),
        )

    def _as_printed(self) -> bool:
        """Is each place still one body with the figure that was printed?"""
        here = self.amounts["ecode"].unique()
        return all(self.members.get(place) == (place,) for place in here)

    @door(year=read_year, leave_out=flag)
    def index(self, year: int, *, leave_out: bool = False) -> Self:
        """Each council's own value in `year` is 100."""
        for other in self.years:
            self._refuse_severed(year, other)
        sound = self._without_severed(year, self.years, leave_out)
        base, kept = sound._on_one_ground(self.years, leave_out)._base(year, leave_out)
        frame = kept.frame
        value = 100 * frame["value"] / frame["ecode"].map(base)
        indexed = kept._relative(
            value,
            f"Each place's {self.named(year)} is 100.",
            f"index, {self.named(year)} = 100, of {self.unit}",
            kept.unlike(self.years[0], self.years[-1]),
        )
        noted = self._noted(self.years[0], self.years[-1])
        return replace(indexed, steps_given=(*indexed.steps_given, *noted), compared=(year,))

    @door(before=closed_span, after=read_year, leave_out=flag)
    def change(self, before: int | tuple[int, int], after: int, *, leave_out: bool = False) -> Self:
        """The change between two years in per cent, one row a council (at the later year).

        `before` may be a span, (2008, 2010), whose mean is then the base.
        """
        first, last = (before, before) if isinstance(before, int) else before
        self._refuse_severed(first, after)
        self._refuse_absent(after)
        sound = self._without_severed(after, range(first, last + 1), leave_out)
        sound = sound._on_one_ground([*range(first, last + 1), after], leave_out)
        base, kept = sound._base(first, leave_out, last)
        later = (kept.amounts["year"] == after) & kept.amounts["amount"].notna()
        missing = set(kept.amounts["ecode"]) - set(kept.amounts.loc[later, "ecode"])
        kept = kept._without_places(missing, f"no figure for {self.named(after)}", leave_out)
        kept = replace(kept, amounts=kept.amounts[kept.amounts["year"] == after])
        value = 100 * (kept.frame["value"] / kept.frame["ecode"].map(base) - 1)
        since = self.named(first)
        since = since if first == last else f"mean of {since} to {self.named(last)}"
        changed = kept._relative(
            value,
            f"Change from {since} to {self.named(after)}.",
            f"per cent change, {since} to {self.named(after)}, of {self.unit}",
            kept.unlike(first, after),
        )
        return replace(
            changed,
            steps_given=(*changed.steps_given, *self._noted(first, after)),
            compared=tuple(range(first, last + 1)),
        )

    @door(start=read_year, leave_out=flag)
    def before_and_after(self, start: int, *, leave_out: bool = False) -> Self:
        """The mean of the years from `start` on less that of all years before, one row a place.

        A description of one place: what became of others is for `compare`. Raises NotComparable
        where no year before `start` is held or the line was severed on the way.
        """
        self._refuse_relative("compare before with after")
        overview.refuse_post_period(self.table, self.service, start)
        self._refuse_absent(start)
        self._refuse_absent(start - 1)
        self._refuse_severed(self.years[0], self.years[-1])
        kept = self._without_severed(start, self.years, leave_out)
        kept = kept._without_places(kept._uneven(), "no figure in one of the years", leave_out)
        frame, later = kept.frame, kept.frame["year"] >= start
        means = [frame[part].groupby("ecode")["value"].mean() for part in (~later, later)]
        rows = kept.amounts[kept.amounts["year"] == start]
        parts = (range(self.years[0], start), [year for year in self.years if year >= start])
        spans = [years_span(part, self.calendar) for part in parts]
        told = f"mean of {spans[1]} less mean of {spans[0]}"
        kept = replace(kept, amounts=rows)
        changed = kept._relative(
            rows["ecode"].map(means[1] - means[0]),
            f"The {told}.",
            f"{self.unit}, {told}",
            kept.unlike(self.years[0], self.years[-1]),
        )
        noted = self._noted(self.years[0], self.years[-1])
        return replace(
            changed, steps_given=(*changed.steps_given, *noted), compared=tuple(self.years)
        )

    def _base(self, first: int, leave_out: bool, last: int | None = None) -> tuple[pd.Series, Self]:
        """Every place's value in the base year (or mean of the span), and those that have one."""
        self._refuse_absent(first, last)
        frame, last = self.frame, first if last is None else last
        span = frame[frame["year"].between(first, last)]
        base = span.groupby("ecode")["value"].agg(wholes.total)
        short = span.groupby("ecode")["value"].size() <= last - first
        base = (base / (last - first + 1)).mask(short)
        usual = frame.groupby("ecode")["value"].apply(lambda v: v.abs().median())
        absent = set(frame["ecode"]) - set(base.dropna().index)
        weak = set(base[base <= NEAR_ZERO * usual.reindex(base.index)].index)
        since = self.named(first)
        kept = self._without_places(absent, f"no figure for {since}", leave_out)
        kept = kept._without_places(
            weak, f"its {since} is negative or near zero: no base for a percentage", leave_out
        )
        return base, kept

    def _relative(self, value: pd.Series, sentence: str, unit: str, apart_in: str) -> Self:
        rows = self.amounts.assign(amount=value.to_numpy(), people=np.nan)
        made = self._next(sentence, amounts=rows, apart_in=apart_in)
        return replace(made, relative=f"{unit}{apart_in}", per="")

    def _gaps(self) -> str:
        missing = int(self.frame["value"].isna().sum())
        without = number_of(len(self.left_out), "place")
        return f"{missing} of {len(self.amounts)} figures missing; {without} left out"

    def __repr__(self) -> str:
        lines = [
            self.title,
            f"  unit     {self.unit}",
            f"  coverage {self.coverage}",
            f"  gaps     {self._gaps()}",
        ]
        lines += [f"  {column:8} {word}" for column, word in self.narrowed.items()]
        lines += [f"  step     {sentence}" for sentence in self.steps]
        lines += [f"  source   {sentence}" for sentence in self.sources]
        return for_terminal("\n".join(lines))

    def _repr_html_(self) -> str:
        return (
            f"<div><strong>{escaped(self.title)}</strong> — {escaped(self.unit)}<br>"
            f"{escaped(self.coverage)}; {self._gaps()}"
            f"{list_html(self.steps, numbered=True)}"
            f"<small>Sources{list_html(self.sources)}</small>"
            f"{self.frame.head(8).to_html(index=False)}</div>"
        )
