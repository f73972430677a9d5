"""What a measure refuses, and what it goes on without when told to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Self

import pandas as pd

from coopstats.core.errors import NotComparable, Remedy, UnknownName, Verb, can
from coopstats.core.phrases import number_of, some
from coopstats.core.years import years_span
from coopstats.datasets import overview
from coopstats.measures import county_areas
from coopstats.measures.meaning import Meaning
from coopstats.register import breaks
from coopstats.register.councils import bodies


class LeavingOut(Meaning):
    """Refusals, each with its reason and what can be done, and `leave_out`."""

    def _refuse_relative(self, verb: str) -> None:
        if self.relative:
            raise NotComparable(
                f"{self.title} is already relative ({self.relative}): {verb} before "
                "`.index` or `.change`, not after."
            )

    def _refuse_groups(self) -> None:
        groups = [c for c in self.amounts["ecode"].unique() if c not in bodies()]
        if groups:
            raise NotComparable(
                f"{self.title}: {some(groups)}: no council, so it has no successor and no "
                "district. Regroup councils first, then use `.by`."
            )

    def _refuse_layers(self) -> None:
        """NotComparable where adding up would count what two authorities report twice."""
        present = {self.layers[code] for code in self.amounts["ecode"] if code in self.layers}
        if self.adds_up and present and not any(present <= set(some) for some in self.apart):
            known = " or ".join(" and ".join(some) for some in self.apart)
            raise NotComparable(
                f"{self.title} has {', '.join(sorted(present))} authorities, which report the same "
                f"twice. Only {known} ones may be added up.",
                could=[can(Verb.ONLY, "role", list(self.apart[0]))],
            )

    def _refuse_nested(self) -> None:
        """NotComparable where adding up would count the people of a district twice."""
        self._refuse_layers()
        self._refuse_unsaid()
        if self.nested and county_areas.covered(self.amounts).any():
            raise NotComparable(
                f"{self.title} has counties and, within them, their districts: added up they would "
                "count twice.",
                could=[can(Verb.TWO_TIER), can(Verb.WHERE)],
            )

    def _refuse_unsaid(self) -> None:
        """NotComparable where a brought table may count the same people twice."""
        if not self.own:
            return
        if self.nested is None and county_areas.covered(self.amounts).any():
            raise NotComparable(
                f"{self.title} has rows of areas within others of its rows (districts and their "
                "counties, or councils and what became of them), which might count twice.",
                could=[can(Verb.NESTED)],
            )
        twice = county_areas.doubled(self.amounts)
        if self.nested is False and twice.any():
            names = some(sorted(self.amounts.loc[twice, "council"].unique()))
            raise NotComparable(
                f"{self.title} has in one year rows of councils and of what became of them, which "
                f"count twice: {names}. Leave one or the other out of the table."
            )

    def _refuse_uncounted(self) -> None:
        """NotComparable where `per_head` left places out: sums would be of parts of areas."""
        if self.uncounted:
            raise NotComparable(
                f"{self.title}, divided by people, is without "
                f"{number_of(len(self.uncounted), 'place')} that have none of their own, so a sum "
                "would be of parts of areas.",
                could=[can(Verb.DIVIDE_LAST), can(Verb.WHERE)],
            )

    def _refuse_absent(self, first: int, last: int | None = None) -> None:
        """UnknownName unless every year of a span has a row, NotComparable where none could."""
        span = range(first, (first if last is None else last) + 1)
        if not set(span) <= set(self.years):
            if first < self.years[0]:
                overview.refuse_post_period(self.table, self.service, max(first + 1, self.years[0]))
            said = years_span(span, self.calendar)
            raise UnknownName(f"{self.title} has no {said}. It covers {self.coverage}.")

    def _refuse_sum(self, verb: str) -> None:
        self._refuse_relative(verb)
        if not self.adds_up:
            raise NotComparable(
                f"{self.title} is {self.quantity}: to {verb} would mean nothing. Compare the "
                "councils one by one."
            )

    def _refuse_severed(self, before: int, after: int) -> None:
        severed = breaks.crossed(self.table, self.service, before, after, "severing")
        if severed:
            raise NotComparable(
                f"{self.title}: {self.named(before)} and {self.named(after)} cannot be "
                f"compared. {severed[0].in_full}"
            )

    def _without_severed(self, year: int, others: Iterable[int], leave_out: bool) -> Self:
        """Without places of which a part has a severing break of its own, or refused."""
        spans = [(year, other) for other in others]
        found = [b for span in spans for b in self._breaks_of_councils(*span, "severing")]
        broken = {b.ecode: b for b in found}
        places = {place for place, parts in self.members.items() if broken.keys() & set(parts)}
        here = places & set(self.amounts["ecode"])
        if len(broken) == 1:
            reason = next(iter(broken.values())).in_full.rstrip(".")
        else:
            names = some([bodies()[code].name for code in broken])
            reason = f"what is counted changed between these years for {names}"
        return self._without_places(here, reason, leave_out)

    def _without(
        self, rows: pd.Series, reason: str, leave_out: bool, could: Iterable[Remedy] = ()
    ) -> Self:
        """Without the places of these rows, in every year, keeping the index of the rest."""
        return self._without_places(set(self.amounts.loc[rows, "ecode"]), reason, leave_out, could)

    def _without_places(
        self, places: set[str], reason: str, leave_out: bool, could: Iterable[Remedy] = ()
    ) -> Self:
        if not places:
            return self
        gone = self.amounts[self.amounts["ecode"].isin(places)].drop_duplicates("ecode")
        names = list(gone["council"])
        if not leave_out:
            raise NotComparable(
                f"{self.title}: {some(names)}: {reason}.",
                could=[*could, can(Verb.WHERE), can(Verb.YEARS), can(Verb.LEAVE_OUT)],
            )
        return self._dropping(gone[["ecode", "council"]].assign(reason=reason))

    def _dropping(self, lost: pd.DataFrame) -> Self:
        """Without the places in `lost`, which joins `.left_out` and becomes a step."""
        if lost.empty:
            return self
        said = [
            f"Left out, {reason}: {some(list(rows['council']))}."
            for reason, rows in lost.groupby("reason", sort=False)
        ]
        if set(self.amounts["ecode"]) <= set(lost["ecode"]):
            raise NotComparable(f"{self.title}: nothing would be left. {' '.join(said)}")
        return replace(
            self,
            amounts=self.amounts[~self.amounts["ecode"].isin(lost["ecode"])],
            left_out=pd.concat([self.left_out, lost], ignore_index=True),
            steps_given=(*self.steps_given, *said),
            scope=self.scope - self._parts(lost["ecode"]),
        )

    def _on_one_ground(self, years: Iterable[int], leave_out: bool) -> Self:
        """Without the groups that are not the same areas in all of these years, or refused."""
        wanted = [y for y in dict.fromkeys(years) if y in self.years]
        moved = {
            group
            for group, covered in self.ground.items()
            if len({covered.get(y) for y in wanted}) > 1
        }
        here = moved & set(self.amounts["ecode"])
        return self._without_places(
            here,
            "not the same areas in all of these years, because councils joined or left it",
            leave_out,
            [can(Verb.BEFORE_BY)],
        )

    def _uneven(self) -> set[str]:
        """Places without a figure in one of the years, or without a row in one."""
        rows = self.amounts.groupby("ecode")["year"].nunique()
        return self._incomplete() | set(rows.index[rows < len(self.years)])

    def _incomplete(self) -> set[str]:
        """Places with a missing figure in one of the years."""
        return set(self.amounts.loc[self.amounts["amount"].isna(), "ecode"])
