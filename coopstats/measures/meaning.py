"""Where a line changes its meaning, and which of its figures are in doubt."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from coopstats.core.doors import door
from coopstats.core.phrases import number_of, some
from coopstats.core.years import read_year, years_span
from coopstats.datasets import doubt_words
from coopstats.datasets.table import open_table
from coopstats.measures.figures import Figures
from coopstats.measures.wholes import PLACE
from coopstats.register import breaks
from coopstats.register.councils import bodies

ADDED_UP = "in doubt and added up as printed"  # what a step says of figures in sums


class Meaning(Figures):
    """The frame and the steps of a measure, with its breaks and doubts."""

    @property
    def frame(self) -> pd.DataFrame:
        """gss, ecode, council, council_class, region, year, value: in this measure's unit.

        And `piece`, from 1 on, where the line changed its meaning between years that cannot be
        compared: see `pieces`; and `break`, where it changed between years that can: what changed
        in that year, or between the years compared; and `doubt`, where a printed figure that a
        number rests on is in doubt: why, in plain words. Of groups made by `by` a step counts
        those instead. Its `attrs` say which number it is.
        """
        value = self.amounts["amount"]
        if self.per:
            value = value / self.amounts["people"]
        rows = self.amounts[[*PLACE, "year"]].assign(value=value).reset_index(drop=True)
        cuts, broken = self._cuts(), self._broken(rows)
        rows = rows.assign(**{"break": broken}) if any(broken) else rows
        doubted = self._doubted(rows)
        rows = rows.assign(doubt=doubted) if any(doubted) else rows
        rows.attrs = {"title": self.title, "unit": self.unit, **self.narrowed}
        return rows.assign(piece=np.searchsorted(cuts, rows["year"], "right") + 1) if cuts else rows

    @property
    def table_rows(self) -> pd.DataFrame:
        """The frame as it goes out alone: with its line, what narrows it, unit, breaks, doubts."""
        rows, line = (
            self.frame,
            {} if self.own else {open_table(self.table).line_column: self.service},
        )
        rows = rows.assign(**{name: "" for name in ("break", "doubt") if name not in rows})
        return rows.assign(**line, **self.narrowed, unit=self.unit)

    @property
    def steps(self) -> tuple[str, ...]:
        """A sentence for each thing done, what severs its years, noted breaks, doubts in sums."""
        return (*self.steps_given, *self._severed(), *self._breaks_noted(), *self._doubts_in_sums())

    def _cuts(self) -> list[int]:
        """The first years of the pieces after the first, where a severing break cuts the line."""
        if self.relative or len(self.years) < 2:
            return []
        return breaks.severed_years(self.table, self.service, self.years[0], self.years[-1])

    def _spans(self) -> list[tuple[int, int]]:
        """The first and last year of each piece."""
        edges = [self.years[0], *self._cuts(), self.years[-1] + 1]
        return [(first, after - 1) for first, after in pairwise(edges)]

    def _severed(self) -> list[str]:
        """Which years cannot be compared with which, and why."""
        if self.relative or len(self.years) < 2:
            return []
        own = self._breaks_of_councils(self.years[0], self.years[-1], "severing")
        few = [f"Not one series in all councils: {said}" for said in _breaks_in_words(own)]
        if not self._cuts():
            return few
        spans = [years_span(span, self.calendar) for span in self._spans()]
        why = " ".join(dict.fromkeys(b.in_full for b in self._severing()))
        each = " and ".join(spans) if len(spans) == 2 else some(spans)
        return [f"Not one series: {each} cannot be compared with each other. {why}", *few]

    def _severing(self) -> list[breaks.Break]:
        return breaks.crossed(self.table, self.service, self.years[0], self.years[-1], "severing")

    def _breaks_noted(self) -> list[str]:
        if self.relative or len(self.years) < 2:
            return []
        return self._noted(self.years[0], self.years[-1])

    def _noted(self, before: int, after: int) -> list[str]:
        own = self._breaks_of_councils(before, after, "noted")
        return [*(b.in_full for b in self._noted_breaks(before, after)), *_breaks_in_words(own)]

    def _noted_breaks(self, before: int, after: int) -> list[breaks.Break]:
        """The noted breaks of all councils between two years, without those that were mended."""
        found = breaks.crossed(self.table, self.service, before, after, "noted")
        return [b for b in found if not (b.moves and set(b.moves) <= set(self.mended))]

    @door(before=read_year, after=read_year)
    def unlike(self, before: int, after: int) -> str:
        """When what is counted changed between two years; a lone council's own breaks too.

        For a title or subtitle: " (not like for like: a change in 2014-15)", or "" if it did not.
        """
        found = self._noted_breaks(before, after)
        if self.amounts["ecode"].nunique() == 1:
            found += self._breaks_of_councils(before, after, "noted")
        when = breaks.not_like(found, self.named)
        but = "but for a change" if self.mended else "not like for like: a change"
        return f" ({but} {when})" if when else ""

    def _broken(self, rows: pd.DataFrame) -> list[str]:
        """For each row what changed in its meaning on the way from what it is set against."""
        years = self.years
        own = self._breaks_of_councils(years[0], years[-1], "noted", self.compared) if years else []
        said: dict[tuple[str | None, int], list[str]] = {}
        for year in years:
            first, last = self._set_against(year, years[0])
            said[None, year] = [b.in_full for b in self._noted_breaks(first, last)]
            for b in own:
                if b.lies_between(first, last):
                    said.setdefault((b.ecode, year), []).append(b.in_full)
        if not any(said.values()):
            return []
        keys = zip(rows["ecode"], rows["year"], strict=True)
        return [self._breaks_at(said, place, int(year)) for place, year in keys]

    def _doubted(self, rows: pd.DataFrame) -> list[str]:
        """For each row why the printed figures that it rests on are in doubt, in plain words."""
        homes = self._homes() if self.doubts and not self.ground else {}
        said: dict[tuple[str, int], list[str]] = {}
        for (code, year), rule in self.doubts.items():
            if code in homes:
                alone = self.members[homes[code]] == (code,)
                who = "" if alone else f", {bodies()[code].name}"
                for at in self._resting_on(year):
                    when = f", {self.named(year)}" if at != year or self.relative else ""
                    words = f"{doubt_words.rules_in_words(rule)}{who}{when}"
                    said.setdefault((homes[code], at), []).append(words)
        keys = zip(rows["ecode"], rows["year"], strict=True)
        return ["; ".join(said.get((place, int(year)), ())) for place, year in keys]

    def _resting_on(self, year: int) -> list[int]:
        """The years of this measure whose numbers rest on the figure of a year."""
        if year in self.compared:
            return self.years
        return [year] if year in self.years else []

    @property
    def doubted_parts(self) -> list[str]:
        """The councils of the figures in doubt that `by` added up, one for each figure."""
        homes = self._homes() if self.doubts and self.ground else {}
        return [code for code, year in self.doubts if code in homes and self._resting_on(year)]

    def _doubts_in_sums(self) -> list[str]:
        """How many of the figures that were added up by `by` are in doubt, and whose."""
        odd = self.doubted_parts
        if not odd:
            return []
        names = some(sorted({bodies()[code].name if code in bodies() else code for code in odd}))
        count = number_of(len(odd), "figure is", "figures are")
        return [f"{count} {ADDED_UP} ({names})."]

    def _set_against(self, year: int, first: int) -> tuple[int, int]:
        """What the number of a year is set against: the years compared, or the year before."""
        if self.relative:
            return min(year, *self.compared), max(year, *self.compared)
        return max(year - 1, first), year

    def _breaks_at(
        self, said: dict[tuple[str | None, int], list[str]], place: str, year: int
    ) -> str:
        own = [s for part in self.members.get(place, ()) for s in said.get((part, year), ())]
        return " ".join(dict.fromkeys([*said[None, year], *own]))

    def _breaks_of_councils(
        self, before: int, after: int, grade: str, further: tuple[int, ...] = ()
    ) -> list[breaks.Break]:
        """The breaks that only single councils of this measure have between two years."""
        before, after = min(before, *further, after), max(after, *further, before)
        here = set(self.amounts["ecode"])
        councils = {c for place, parts in self.members.items() if place in here for c in parts}
        return breaks.crossed(self.table, self.service, before, after, grade, councils)


def _breaks_in_words(own: list[breaks.Break], most: int = 3) -> list[str]:
    """The sentences of single councils' breaks when few, else one that names the councils."""
    if len(own) <= most:
        return [b.in_full for b in own]
    names = some(list(dict.fromkeys(bodies()[b.ecode].name for b in own)))
    return [f"{len(own)} breaks of single councils lie in these years: {names}."]
