"""A measure of other places (successors, county areas, groups), and figures per person."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import pandas as pd

from coopstats.core.doors import door, flag, maybe, one_of, word
from coopstats.core.errors import NotComparable, Verb, can
from coopstats.core.phrases import number_of, some
from coopstats.core.years import financial_year, read_year
from coopstats.measures import county_areas, doubts, groups, population, successors, which, wholes
from coopstats.measures.choosing import Choosing
from coopstats.measures.wholes import PLACE
from coopstats.register.councils import bodies


class Regrouping(Choosing):
    """The verbs that add places up or spread them, and divide by their people."""

    @door(age=word, vintage=maybe(word), leave_out=flag)
    def per_head(
        self, *, age: str = "all", vintage: str | None = None, leave_out: bool = False
    ) -> Self:
        """Per person, by the mid-year population of the year in which the financial year starts.

        `vintage` is None for estimates re-based to Census 2021 from 2011 on and the earlier
        series before, or the name of one vintage in the population table. Raises NotComparable
        for places without a population of their own.
        """
        self._refuse_sum("divide by people")
        kept = self._divided(age, vintage, leave_out)
        return kept._next(
            population.sentence(age, vintage, self.years),
            uncounted=tuple(set(self.amounts["ecode"]) - set(kept.amounts["ecode"])),
        )

    def _divided(self, age: str, vintage: str | None, leave_out: bool = False) -> Self:
        """With the people of each place, those who belong to two of its bodies counted once."""
        counted, cited = population.of(self.amounts, self.members, age, vintage)
        without = counted.isna() & self.amounts["amount"].notna()
        could = [can(Verb.BEFORE_BY)] if self.ground else [can(Verb.ON, 2021), can(Verb.TWO_TIER)]
        reason = "no population of that area is held for all of these years"
        kept = self._without(without, reason, leave_out, could)
        rows = kept.amounts.assign(people=counted[kept.amounts.index])
        per = "per person" if age == "all" else f"per person aged {age}"
        return replace(
            kept,
            amounts=rows.reset_index(drop=True),
            cited={**self.cited, **cited},
            per=f"{per} ({which.plain('vintage', vintage)})" if vintage else per,
            counted=(age, vintage),
        )

    @door(year=read_year, leave_out=flag)
    def on(self, year: int, *, leave_out: bool = False) -> Self:
        """The councils as they stand in `year`: merged ones added up through their successors.

        Raises CannotSplit for a body that was divided with no published share, unless told to
        leave it (and the area it lay in) out.
        """
        self._refuse_sum("add up")
        self._refuse_groups()
        self._refuse_nested()
        places, lost = successors.on(self.members, self.amounts, year, leave_out)
        kept = self._dropping(lost)
        return kept._regrouped(
            places, f"Councils as they stand in {financial_year(year)}; merged ones are added up."
        )

    def two_tier(self) -> Self:
        """Each county with its districts as one area, and any area whose boundaries moved whole.

        Places are the smallest areas whose outer boundary did not move in the years of this
        measure, so nothing has to be split. Where a county's printed figure is of its whole area
        already, its districts are left aside and nothing is added up.
        """
        if self.nested:
            self._refuse_layers()
            return self._whole_areas()
        self._refuse_sum("add up")
        self._refuse_groups()
        self._refuse_nested()
        places = county_areas.two_tier(self.members, self.years)
        return self._regrouped(
            places, "A county and its districts are one area, wherever they share the services."
        )

    def _whole_areas(self) -> Self:
        """Counties and single-tier councils, without the districts of those counties."""
        rows = self.amounts[~county_areas.covered(self.amounts)]
        return self._next(
            "A county's figure is of its whole area; its districts are left aside.",
            amounts=rows.reset_index(drop=True),
            nested=False,
        )

    @door(leave_out=flag)
    def over_districts(self, *, leave_out: bool = False) -> Self:
        """Each county's figure spread over its districts by population, beside their own.

        For services of a county that no district has a figure for. One row a district or
        single-tier council. It is an assumption, said in a step: no such figure is published.
        Raises NotComparable where a county has districts without a population of their own.
        """
        self._refuse_sum("spread over districts")
        self._refuse_groups()
        self._refuse_unsaid()
        if self.nested or self.per:
            reason = "districts have figures of their own" if self.nested else "it is per person"
            raise NotComparable(f"{self.title} cannot be spread over districts: {reason}.")
        districts, cited = county_areas.districts_of(self.amounts)
        unknown = set(districts.loc[districts["share"].isna(), "county"])
        kept = self._without_places(
            unknown, "no population of each of its districts is held for these years", leave_out
        )
        return kept._next(
            "Each county's figure was spread over its districts by their mid-year population.",
            amounts=county_areas.spread(kept.amounts, districts),
            members={code: (code,) for code in districts["ecode"]} | kept.members,
            doubts=doubts.in_any(kept.doubts, county_areas.shared_doubts(kept.doubts, districts)),
            cited={**kept.cited, **cited},
        )

    @door(group=one_of(groups.GROUPS), leave_out=flag)
    def by(self, group: str, *, leave_out: bool = False) -> Self:
        """Added up by "england", "council_class", "region", "subregion" or "deprivation_fifth".

        Fifths of the places are by the 2010 index of deprivation; "deprivation_fifth_2015" by
        that of 2015.

        A place with a figure missing in a year (no return), or with no row at all, would look like
        a cut: refused, or left out of every year, and the sum is then of the others alone. Where
        places begin or end, the step says how many there were.
        """
        self._refuse_sum("add up")
        self._refuse_nested()
        self._refuse_uncounted()
        kept = self._without_holes(group, leave_out)
        labels, cited = groups.groups(group, kept.amounts, kept.members)
        kept = kept._without(labels.isna(), f"no {group.replace('_', ' ')} for it", leave_out)
        labels = labels[kept.amounts.index]
        grouped = kept.amounts.assign(group=labels).groupby(["group", "year"], observed=True)
        rows = grouped.agg(amount=("amount", "sum"), people=("people", wholes.total)).reset_index()
        counts = groups.counted(kept.amounts, labels)
        rows = rows.assign(
            gss=None, ecode=rows["group"], council=rows["group"], council_class=group, region=None
        )
        grouped = kept._next(
            f"Added up by {_grouping(group)}: {counts}.",
            amounts=rows[[*PLACE, "year", "amount", "people"]],
            members=groups.members_by(labels, kept.amounts, kept.members),
            ground=county_areas.ground(labels, kept.amounts, kept.years),
            cited={**kept.cited, **cited},
        )
        return grouped._counted_again()

    def _without_holes(self, group: str, leave_out: bool) -> Self:
        """Without the places that lack a figure or a row in a year, and their kin, or refused."""
        holes, gone = self._incomplete(), self._absent(group)
        mine = set(self.amounts["ecode"]) & set(bodies())
        kin = county_areas.lineage(holes | gone, mine | gone, self.years) & mine - holes - gone
        kept = self._without_places(holes, "no figure in one of the years", leave_out)
        kept = kept._without_absent(gone - holes, leave_out)
        return kept._without_places(
            kin - holes, "reorganised with one that has no figure in one of the years", leave_out
        )

    def _absent(self, group: str) -> set[str]:
        """Bodies without a row in a year in which they were there, in the groups that have rows.

        A group none of whose councils has a row is not added up at all.
        """
        gone = set(wholes.absent(self.scope, self.amounts, self.members, self.covers))
        if group in ("region", "subregion", "council_class"):
            wanted = {getattr(bodies()[c], group) for c in self._parts(self.amounts["ecode"])
                      if c in bodies()}  # fmt: skip
            gone = {code for code in gone if getattr(bodies()[code], group) in wanted}
        return gone

    def _without_absent(self, gone: set[str], leave_out: bool) -> Self:
        """Without bodies that have no row in a year, some of which have none at all, or refused."""
        if not gone:
            return self
        names = some(sorted(bodies()[code].name for code in gone))
        if not leave_out:
            count = number_of(len(gone), "council")
            raise NotComparable(
                f"{self.title}: {count} without a row in one of the years: {names}. The sum would "
                "not be that of the whole.",
                could=[can(Verb.WHERE), can(Verb.YEARS), can(Verb.LEAVE_OUT)],
            )
        lost = pd.DataFrame(
            {"ecode": sorted(gone), "council": [bodies()[c].name for c in sorted(gone)]}
        ).assign(reason="no row in one of the years, so that the sum is of the others alone")
        return self._dropping(lost)

    def _regrouped(self, places: wholes.Places, sentence: str) -> Self:
        self._refuse_uncounted()
        rows, members = wholes.added_up(self.amounts, self.members, places, self.covers)
        return self._next(sentence, amounts=rows, members=members)._counted_again()

    def _counted_again(self) -> Self:
        """With the people of the places as they are now: a county's and its districts' once."""
        return self._divided(*self.counted) if self.per else self


def _grouping(group: str) -> str:
    return "country" if group == "england" else group.replace("_", " ")
