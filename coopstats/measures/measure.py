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

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from coopstats.core.doors import closed_span, door, flag, maybe, one_of, word
from coopstats.core.doors import words as several_words
from coopstats.core.errors import NotComparable, Remedy, UnknownName, Verb, can, did_you_mean
from coopstats.core.printable import plain, shown
from coopstats.core.years import financial_year, read_year
from coopstats.datasets import doubt_words, overview
from coopstats.datasets.load import about, line_column, load
from coopstats.measures import areas, like_for_like, population, prices, which
from coopstats.measures.prices import NAMES as INDICES
from coopstats.register import breaks
from coopstats.register.councils import CLASSES, bodies

PRINCIPAL = ("L", "MD", "UA", "SC", "SD")
PLACE = ["gss", "ecode", "council", "council_class", "region"]
NOMINAL = ", nominal"
NEAR_ZERO = 0.1  # of the council's own median over the years: below it a percentage means nothing


@dataclass(frozen=True)
class Measure:
    """One number per council per year. Made by `measure`, changed only by its verbs.

    `amounts` has a row a place and year: PLACE columns, year, amount (pounds or the table's own
    unit), people (NaN until `per_head`). `nested` says that a county's figure is of its whole
    area, while its districts have theirs too (None: nobody said); `covers` that it was so, and
    one may stand for the other; `scope` is the bodies that are to have a row in each of their
    years: all that the table has, or for a brought one all councils of its kinds; `calendar`
    that years are calendar years. `layers` is the layer of each body where authorities report
    the same thing twice, and `apart` the layers that may be added up together. `own` is a table
    that a reader brought: it has no contract.
    `odd` has the rules that find a printed figure odd, by code and year.
    `members` names the bodies whose rows were added up to make each place. `which` is every other
    word that says which number it is, such as its basis; `mended` what was taken away or added to
    make it like for like; `apart_in` when its meaning changed between the years it compares;
    `counted` the age and vintage of its people, and `uncounted` who has none. Read `.frame`,
    `.unit`, `.steps`, `.sources`, `.left_out`.
    """

    table: str
    service: str | None
    amounts: pd.DataFrame
    quantity: str
    prices: str = "nominal"
    per: str = ""
    said: tuple[str, ...] = ()
    cited: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    drawn: dict[int, frozenset[str]] = field(default_factory=dict, repr=False)
    left_out: pd.DataFrame = field(default_factory=lambda: _nobody(), repr=False)
    members: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    ground: areas.Ground = field(default_factory=dict, repr=False)
    relative: str = ""
    compared: tuple[int, ...] = ()
    adds_up: bool = True
    nested: bool | None = False
    covers: bool = False
    scope: frozenset[str] = field(default=frozenset(), repr=False)
    calendar: bool = False
    layers: dict[str, str] = field(default_factory=dict, repr=False)
    apart: tuple[tuple[str, ...], ...] = ()
    own: bool = False
    odd: dict[tuple[str, int], str] = field(default_factory=dict, repr=False)
    which: which.Which = field(default_factory=dict)
    mended: tuple[breaks.Move, ...] = ()
    apart_in: str = ""
    counted: tuple[str, str | None] = ("all", None)
    uncounted: tuple[str, ...] = ()

    # ── what a reader asks for ────────────────────────────────────────────────────────────────

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
    def narrowed(self) -> dict[str, str]:
        """The columns that say which number it is, such as basis, with their words."""
        return {column: " and ".join(words) for column, words in self.which.items()}

    @property
    def table_rows(self) -> pd.DataFrame:
        """The frame as it goes out alone: with its line, what narrows it, unit, breaks, doubts."""
        rows, line = self.frame, {} if self.own else {line_column(self.table): self.service}
        rows = rows.assign(**{name: "" for name in ("break", "doubt") if name not in rows})
        return rows.assign(**line, **self.narrowed, unit=self.unit)

    @property
    def unit(self) -> str:
        """What one of the numbers is: "pounds per person, 2019-20 prices"."""
        if self.relative:
            return self.relative
        words = [f"{self.quantity} {self.per}".strip(), *which.words(self.which)]
        words += ["like for like"] if self.mended else []
        return ", ".join(words if self.prices == "none" else [*words, self.prices])

    @property
    def years(self) -> list[int]:
        """The years with a row, in order."""
        return sorted(int(y) for y in self.amounts["year"].unique())

    @property
    def steps(self) -> tuple[str, ...]:
        """A sentence for each thing done, what severs its years, noted breaks, doubts in sums."""
        return (*self.said, *self._severed(), *self._breaks_noted(), *self._doubts_in_sums())

    @property
    def sources(self) -> tuple[str, ...]:
        """The citations of every publication used, editions of one series in one line."""
        yearly = frozenset().union(*self.drawn.values())
        used = frozenset().union(*(self.drawn.get(y, frozenset()) for y in self._years_used()))
        kept = [c for code, c in self.cited.items() if code in used or code not in yearly]
        return tuple(_editions(kept))

    @door(year=read_year)
    def named(self, year: int) -> str:
        """A year as it is printed: 2010-11, or 2010 where a table is by calendar year."""
        return str(year) if self.calendar else financial_year(year)

    def _years_used(self) -> set[int]:
        return set(self.years) | set(self.compared)

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
        few = [f"Not one series in all councils: {said}" for said in _said_of_few(own)]
        if not self._cuts():
            return few
        spans = [" to ".join(dict.fromkeys(map(self.named, span))) for span in self._spans()]
        why = " ".join(dict.fromkeys(b.said for b in self._severing()))
        each = " and ".join(spans) if len(spans) == 2 else _some(spans)
        return [f"Not one series: {each} cannot be compared with each other. {why}", *few]

    def _breaks_noted(self) -> list[str]:
        if self.relative or len(self.years) < 2:
            return []
        return self._noted(self.years[0], self.years[-1])

    def _noted(self, before: int, after: int) -> list[str]:
        own = self._breaks_of_councils(before, after, "noted")
        return [*(b.said for b in self._noted_breaks(before, after)), *_said_of_few(own)]

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
            said[None, year] = [b.said for b in self._noted_breaks(first, last)]
            for b in own:
                if b.lies_between(first, last):
                    said.setdefault((b.ecode, year), []).append(b.said)
        if not any(said.values()):
            return []
        keys = zip(rows["ecode"], rows["year"], strict=True)
        return [self._said_at(said, place, int(year)) for place, year in keys]

    def _doubted(self, rows: pd.DataFrame) -> list[str]:
        """For each row why the printed figures that it rests on are in doubt, in plain words."""
        homes = self._homes() if self.odd and not self.ground else {}
        said: dict[tuple[str, int], list[str]] = {}
        for (code, year), rule in self.odd.items():
            if code in homes:
                alone = self.members[homes[code]] == (code,)
                who = "" if alone else f", {bodies()[code].name}"
                for at in self._resting_on(year):
                    when = f", {self.named(year)}" if at != year or self.relative else ""
                    words = f"{doubt_words.said(rule)}{who}{when}"
                    said.setdefault((homes[code], at), []).append(words)
        keys = zip(rows["ecode"], rows["year"], strict=True)
        return ["; ".join(said.get((place, int(year)), ())) for place, year in keys]

    def _homes(self) -> dict[str, str]:
        """The place of this measure in which each body is."""
        here = self.amounts["ecode"].unique()
        return {part: place for place in here for part in self.members.get(place, (place,))}

    def _resting_on(self, year: int) -> list[int]:
        """The years of this measure whose numbers rest on the figure of a year."""
        if year in self.compared:
            return self.years
        return [year] if year in self.years else []

    def _doubts_in_sums(self) -> list[str]:
        """How many of the figures that were added up by `by` are in doubt, and whose."""
        homes = self._homes() if self.odd and self.ground else {}
        odd = [code for code, year in self.odd if code in homes and self._resting_on(year)]
        if not odd:
            return []
        names = _some(sorted({bodies()[code].name if code in bodies() else code for code in odd}))
        count = f"{len(odd):,} {'figure is' if len(odd) == 1 else 'figures are'}"
        return [f"{count} in doubt and added up as printed ({names})."]

    def _set_against(self, year: int, first: int) -> tuple[int, int]:
        """What the number of a year is set against: the years compared, or the year before."""
        if self.relative:
            return min(year, *self.compared), max(year, *self.compared)
        return max(year - 1, first), year

    def _said_at(self, said: dict[tuple[str | None, int], list[str]], place: str, year: int) -> str:
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

    # ── choosing ─────────────────────────────────────────────────────────────────────────────

    @door(first=read_year, last=read_year)
    def between(self, first: int, last: int) -> Measure:
        """Only these years, both ends included: 2010, or "2010-11"."""
        if last < first:
            raise UnknownName(f"{first} to {last} runs backwards: write {last}, {first}.")
        span = f"{self.named(first)} to {self.named(last)}"
        return self._chosen(self.amounts["year"].between(first, last), span)

    @door(council_class=maybe(several_words), region=maybe(several_words),
          council=maybe(several_words))  # fmt: skip
    def where(
        self,
        *unnamed: str,
        council_class: str | Sequence[str] | None = None,
        region: str | Sequence[str] | None = None,
        council: str | Sequence[str] | None = None,
    ) -> Measure:
        """Only councils of these classes or regions, or these councils by name or code.

        Each is named: `.where(council="Lambeth")`. A council that was added up with others means
        the place it is in.
        """
        if unnamed or (council_class, region, council) == (None, None, None):
            self._ask_what(unnamed)
        chosen = self
        for column, wanted in (("council_class", council_class), ("region", region)):
            if wanted is not None:
                words = list(wanted)
                _check_words(words, chosen.amounts[column], column.replace("_", " "))
                scope = chosen._scope_like(column, words)
                chosen = chosen._chosen(chosen.amounts[column].isin(words), _kinds(words), scope)
        if council is not None:
            codes = list(dict.fromkeys(map(chosen._place, council)))
            names = _some([bodies()[c].name if c in bodies() else c for c in codes])
            scope = chosen.scope & chosen._parts(codes)
            chosen = chosen._chosen(chosen.amounts["ecode"].isin(codes), names, scope)
        return chosen

    def _scope_like(self, column: str, words: list[str]) -> frozenset[str]:
        """The parts of the places of these classes or regions, and such bodies without a row."""
        here = self.amounts[["ecode", column]].drop_duplicates()
        chosen = self._parts(here.loc[here[column].isin(words), "ecode"])
        unseen = self.scope - self._parts(here["ecode"])
        like = {code for code in unseen if getattr(bodies()[code], column) in words}
        return self.scope & (chosen | like)

    def _parts(self, places: Iterable[str]) -> set[str]:
        """The bodies of which places are made."""
        return {part for place in places for part in self.members.get(place, (place,))}

    def _ask_what(self, unnamed: Sequence[Any]) -> NoReturn:
        """UnknownName with the argument of `.where` that the words seem to be meant for."""
        if not unnamed:
            raise UnknownName("Nothing is chosen.", could=[can(Verb.PLACES)])
        if len(unnamed) == 1 and isinstance(unnamed[0], str):
            kinds = ("council_class", "region")
            held = {name: set(self.amounts[name].dropna()) for name in kinds}
            meant = next((name for name in kinds if unnamed[0] in held[name]), "council")
            raise UnknownName(
                f"It is not said what {unnamed[0]!r} is.",
                could=[can(Verb.PLACE, meant, unnamed[0])],
            )
        told = ", ".join(map(shown, unnamed))
        raise UnknownName(f"It is not said what {told} are.", could=[can(Verb.PLACES)])

    @door(council=several_words, reason=word)
    def without(self, council: str | Sequence[str], reason: str) -> Measure:
        """Without these councils or places, for a reason that is said."""
        codes = {self._place(name) for name in council}
        return self._without_places(codes, reason, leave_out=True)

    def _place(self, word: str) -> str:
        """The code of one of this measure's places, from a word for it; never one it lacks."""
        code = _ecode(word, self.amounts)
        homes = [place for place, parts in self.members.items() if code in parts]
        code = homes[0] if len(homes) == 1 else code
        if code not in set(self.amounts["ecode"]):
            raise UnknownName(f"{self.title} has no row for {word}. It covers {self.coverage}.")
        return code

    def _chosen(self, rows: pd.Series, what: str, scope: frozenset[str] | None = None) -> Measure:
        if not rows.any():
            raise UnknownName(f"{self.title} has no row for {what}. It covers {self.coverage}.")
        return self._next(
            f"Only {what}.",
            amounts=self.amounts[rows].reset_index(drop=True),
            scope=self.scope if scope is None else scope,
        )

    # ── measuring ────────────────────────────────────────────────────────────────────────────

    @door(year=read_year, index=one_of(INDICES))
    def real(self, year: int, index: str = "gdp") -> Measure:
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

    def like_for_like(self) -> Measure:
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
            said=(*self.said, *map(like_for_like.sentence, moves)),
            cited={code: said for each in (self.cited, *cited) for code, said in each.items()},
            mended=(*self.mended, *moves),
            odd=_odd_in_any(self.odd, *(_odd(like_for_like.taken(m, basis)) for m in moves)),
        )

    def _as_printed(self) -> bool:
        """Is each place still one body with the figure that was printed?"""
        here = self.amounts["ecode"].unique()
        return all(self.members.get(place) == (place,) for place in here)

    @door(age=word, vintage=maybe(word), leave_out=flag)
    def per_head(
        self, *, age: str = "all", vintage: str | None = None, leave_out: bool = False
    ) -> Measure:
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

    def _divided(self, age: str, vintage: str | None, leave_out: bool = False) -> Measure:
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
    def index(self, year: int, *, leave_out: bool = False) -> Measure:
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
        return replace(indexed, said=(*indexed.said, *noted), compared=(year,))

    @door(before=closed_span, after=read_year, leave_out=flag)
    def change(
        self, before: int | tuple[int, int], after: int, *, leave_out: bool = False
    ) -> Measure:
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
            said=(*changed.said, *self._noted(first, after)),
            compared=tuple(range(first, last + 1)),
        )

    # ── places ───────────────────────────────────────────────────────────────────────────────

    @door(year=read_year, leave_out=flag)
    def on(self, year: int, *, leave_out: bool = False) -> Measure:
        """The councils as they stand in `year`: merged ones added up through their successors.

        Raises CannotSplit for a body that was divided with no published share, unless told to
        leave it (and the area it lay in) out.
        """
        self._refuse_sum("add up")
        self._refuse_groups()
        self._refuse_nested()
        places, lost = areas.on(self.members, self.amounts, year, leave_out)
        kept = self._dropping(lost)
        return kept._regrouped(
            places, f"Councils as they stand in {financial_year(year)}; merged ones are added up."
        )

    def two_tier(self) -> Measure:
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
        places = areas.two_tier(self.members, self.years)
        return self._regrouped(
            places, "A county and its districts are one area, wherever they share the services."
        )

    def _whole_areas(self) -> Measure:
        """Counties and single-tier councils, without the districts of those counties."""
        rows = self.amounts[~areas.covered(self.amounts)]
        return self._next(
            "A county's figure is of its whole area; its districts are left aside.",
            amounts=rows.reset_index(drop=True),
            nested=False,
        )

    @door(leave_out=flag)
    def over_districts(self, *, leave_out: bool = False) -> Measure:
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
        districts, cited = areas.districts_of(self.amounts)
        unknown = set(districts.loc[districts["share"].isna(), "county"])
        kept = self._without_places(
            unknown, "no population of each of its districts is held for these years", leave_out
        )
        return kept._next(
            "Each county's figure was spread over its districts by their mid-year population.",
            amounts=areas.spread(kept.amounts, districts),
            members={code: (code,) for code in districts["ecode"]} | kept.members,
            odd=_odd_in_any(kept.odd, areas.shared_doubts(kept.odd, districts)),
            cited={**kept.cited, **cited},
        )

    @door(start=read_year, leave_out=flag)
    def before_and_after(self, start: int, *, leave_out: bool = False) -> Measure:
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
        spans = [self._span(part) for part in (range(self.years[0], start), self._from(start))]
        told = f"mean of {spans[1]} less mean of {spans[0]}"
        kept = replace(kept, amounts=rows)
        changed = kept._relative(
            rows["ecode"].map(means[1] - means[0]),
            f"The {told}.",
            f"{self.unit}, {told}",
            kept.unlike(self.years[0], self.years[-1]),
        )
        noted = self._noted(self.years[0], self.years[-1])
        return replace(changed, said=(*changed.said, *noted), compared=tuple(self.years))

    def _from(self, start: int) -> list[int]:
        return [year for year in self.years if year >= start]

    def _span(self, years: Sequence[int]) -> str:
        return " to ".join(dict.fromkeys(self.named(y) for y in (years[0], years[-1])))

    @door(group=one_of(areas.GROUPS), leave_out=flag)
    def by(self, group: str, *, leave_out: bool = False) -> Measure:
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
        labels, cited = areas.groups(group, kept.amounts, kept.members)
        kept = kept._without(labels.isna(), f"no {group.replace('_', ' ')} for it", leave_out)
        labels = labels[kept.amounts.index]
        grouped = kept.amounts.assign(group=labels).groupby(["group", "year"], observed=True)
        rows = grouped.agg(amount=("amount", "sum"), people=("people", areas.total)).reset_index()
        counts = areas.counted(kept.amounts, labels)
        rows = rows.assign(
            gss=None, ecode=rows["group"], council=rows["group"], council_class=group, region=None
        )
        grouped = kept._next(
            f"Added up by {_grouping(group)}: {counts}.",
            amounts=rows[[*PLACE, "year", "amount", "people"]],
            members=areas.members_by(labels, kept.amounts, kept.members),
            ground=areas.ground(labels, kept.amounts, kept.years),
            cited={**kept.cited, **cited},
        )
        return grouped._counted_again()

    def _without_holes(self, group: str, leave_out: bool) -> Measure:
        """Without the places that lack a figure or a row in a year, and their kin, or refused."""
        holes, gone = self._incomplete(), self._absent(group)
        mine = set(self.amounts["ecode"]) & set(bodies())
        kin = areas.lineage(holes | gone, mine | gone, self.years) & mine - holes - gone
        kept = self._without_places(holes, "no figure in one of the years", leave_out)
        kept = kept._without_absent(gone - holes, leave_out)
        return kept._without_places(
            kin - holes, "reorganised with one that has no figure in one of the years", leave_out
        )

    def _absent(self, group: str) -> set[str]:
        """Bodies without a row in a year in which they were there, in the groups that have rows.

        A group none of whose councils has a row is not added up at all.
        """
        gone = set(areas.absent(self.scope, self.amounts, self.members, self.covers))
        if group in ("region", "subregion", "council_class"):
            wanted = {getattr(bodies()[c], group) for c in self._parts(self.amounts["ecode"])
                      if c in bodies()}  # fmt: skip
            gone = {code for code in gone if getattr(bodies()[code], group) in wanted}
        return gone

    def _without_absent(self, gone: set[str], leave_out: bool) -> Measure:
        """Without bodies that have no row in a year, some of which have none at all, or refused."""
        if not gone:
            return self
        names = _some(sorted(bodies()[code].name for code in gone))
        if not leave_out:
            count = f"{len(gone)} {'council' if len(gone) == 1 else 'councils'}"
            raise NotComparable(
                f"{self.title}: {count} without a row in one of the years: {names}. The sum would "
                "not be that of the whole.",
                could=[can(Verb.WHERE), can(Verb.YEARS), can(Verb.LEAVE_OUT)],
            )
        lost = pd.DataFrame(
            {"ecode": sorted(gone), "council": [bodies()[c].name for c in sorted(gone)]}
        ).assign(reason="no row in one of the years, so that the sum is of the others alone")
        return self._dropping(lost)

    def _uneven(self) -> set[str]:
        """Places without a figure in one of the years, or without a row in one."""
        rows = self.amounts.groupby("ecode")["year"].nunique()
        return self._incomplete() | set(rows.index[rows < len(self.years)])

    def _incomplete(self) -> set[str]:
        """Places with a missing figure in one of the years."""
        return set(self.amounts.loc[self.amounts["amount"].isna(), "ecode"])

    def pieces(self) -> tuple[Measure, ...]:
        """The measure cut where its line changed meaning: within a piece, years can be compared.

        One piece, itself, where no severing break lies in its years.
        """
        if not self._cuts():
            return (self,)
        said = [b.said for b in self._severing()]
        parts = [self.between(first, last) for first, last in self._spans()]
        return tuple(replace(piece, said=(*piece.said, *said)) for piece in parts)

    def _severing(self) -> list[breaks.Break]:
        return breaks.crossed(self.table, self.service, self.years[0], self.years[-1], "severing")

    # ── refusing, and leaving out ────────────────────────────────────────────────────────────

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
                f"{self.title}: {_some(groups)}: no council, so it has no successor and no "
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
        if self.nested and areas.covered(self.amounts).any():
            raise NotComparable(
                f"{self.title} has counties and, within them, their districts: added up they would "
                "count twice.",
                could=[can(Verb.TWO_TIER), can(Verb.WHERE)],
            )

    def _refuse_unsaid(self) -> None:
        """NotComparable where a brought table may count the same people twice."""
        if not self.own:
            return
        if self.nested is None and areas.covered(self.amounts).any():
            raise NotComparable(
                f"{self.title} has rows of areas within others of its rows (districts and their "
                "counties, or councils and what became of them), which might count twice.",
                could=[can(Verb.NESTED)],
            )
        twice = areas.doubled(self.amounts)
        if self.nested is False and twice.any():
            names = _some(sorted(self.amounts.loc[twice, "council"].unique()))
            raise NotComparable(
                f"{self.title} has in one year rows of councils and of what became of them, which "
                f"count twice: {names}. Leave one or the other out of the table."
            )

    def _refuse_uncounted(self) -> None:
        """NotComparable where `per_head` left places out: sums would be of parts of areas."""
        if self.uncounted:
            raise NotComparable(
                f"{self.title}, divided by people, is without {_places(len(self.uncounted))} that "
                "have none of their own, so a sum would be of parts of areas.",
                could=[can(Verb.DIVIDE_LAST), can(Verb.WHERE)],
            )

    def _refuse_absent(self, first: int, last: int | None = None) -> None:
        """UnknownName unless every year of a span has a row, NotComparable where none could."""
        span = range(first, (first if last is None else last) + 1)
        if not set(span) <= set(self.years):
            if first < self.years[0]:
                overview.refuse_post_period(self.table, self.service, max(first + 1, self.years[0]))
            said = " to ".join(dict.fromkeys(self.named(y) for y in (span[0], span[-1])))
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
                f"compared. {severed[0].said}"
            )

    def _without_severed(self, year: int, others: Iterable[int], leave_out: bool) -> Measure:
        """Without places of which a part has a severing break of its own, or refused."""
        spans = [(year, other) for other in others]
        found = [b for span in spans for b in self._breaks_of_councils(*span, "severing")]
        broken = {b.ecode: b for b in found}
        places = {place for place, parts in self.members.items() if broken.keys() & set(parts)}
        here = places & set(self.amounts["ecode"])
        if len(broken) == 1:
            reason = next(iter(broken.values())).said.rstrip(".")
        else:
            names = _some([bodies()[code].name for code in broken])
            reason = f"what is counted changed between these years for {names}"
        return self._without_places(here, reason, leave_out)

    def _base(
        self, first: int, leave_out: bool, last: int | None = None
    ) -> tuple[pd.Series, Measure]:
        """Every place's value in the base year (or mean of the span), and those that have one."""
        self._refuse_absent(first, last)
        frame, last = self.frame, first if last is None else last
        span = frame[frame["year"].between(first, last)]
        base = span.groupby("ecode")["value"].agg(areas.total)
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

    def _without(
        self, rows: pd.Series, reason: str, leave_out: bool, could: Iterable[Remedy] = ()
    ) -> Measure:
        """Without the places of these rows, in every year, keeping the index of the rest."""
        return self._without_places(set(self.amounts.loc[rows, "ecode"]), reason, leave_out, could)

    def _without_places(
        self, places: set[str], reason: str, leave_out: bool, could: Iterable[Remedy] = ()
    ) -> Measure:
        if not places:
            return self
        gone = self.amounts[self.amounts["ecode"].isin(places)].drop_duplicates("ecode")
        names = list(gone["council"])
        if not leave_out:
            raise NotComparable(
                f"{self.title}: {_some(names)}: {reason}.",
                could=[*could, can(Verb.WHERE), can(Verb.YEARS), can(Verb.LEAVE_OUT)],
            )
        return self._dropping(gone[["ecode", "council"]].assign(reason=reason))

    def _dropping(self, lost: pd.DataFrame) -> Measure:
        """Without the places in `lost`, which joins `.left_out` and becomes a step."""
        if lost.empty:
            return self
        said = [
            f"Left out, {reason}: {_some(list(rows['council']))}."
            for reason, rows in lost.groupby("reason", sort=False)
        ]
        if set(self.amounts["ecode"]) <= set(lost["ecode"]):
            raise NotComparable(f"{self.title}: nothing would be left. {' '.join(said)}")
        return replace(
            self,
            amounts=self.amounts[~self.amounts["ecode"].isin(lost["ecode"])],
            left_out=pd.concat([self.left_out, lost], ignore_index=True),
            said=(*self.said, *said),
            scope=self.scope - self._parts(lost["ecode"]),
        )

    def _on_one_ground(self, years: Iterable[int], leave_out: bool) -> Measure:
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

    # ── making the next measure ──────────────────────────────────────────────────────────────

    def _next(self, sentence: str, **changes: Any) -> Measure:
        return replace(self, said=(*self.said, sentence), **changes)

    def _relative(self, value: pd.Series, sentence: str, unit: str, apart_in: str) -> Measure:
        rows = self.amounts.assign(amount=value.to_numpy(), people=np.nan)
        made = self._next(sentence, amounts=rows, apart_in=apart_in)
        return replace(made, relative=f"{unit}{apart_in}", per="")

    def _regrouped(self, places: areas.Places, sentence: str) -> Measure:
        self._refuse_uncounted()
        rows, members = areas.added_up(self.amounts, self.members, places, self.covers)
        return self._next(sentence, amounts=rows, members=members)._counted_again()

    def _counted_again(self) -> Measure:
        """With the people of the places as they are now: a county's and its districts' once."""
        return self._divided(*self.counted) if self.per else self

    # ── how it shows ─────────────────────────────────────────────────────────────────────────

    @property
    def title(self) -> str:
        """Table, line and which number of it: "revenue_outturn core, net current expenditure"."""
        line = f"{self.table} {self.service or ''}".strip()
        mended = ["like for like"] if self.mended else []
        return ", ".join([line, *which.words(self.which), *mended]) + self.apart_in

    @property
    def coverage(self) -> str:
        """Places and years in words."""
        places, years = self.amounts["ecode"].nunique(), self.years
        span = self.named(years[0]) if years else "no year"
        if len(years) > 1:
            span = f"{span} to {self.named(years[-1])}"
        return f"{_places(places)}, {span}"

    def _gaps(self) -> str:
        missing = int(self.frame["value"].isna().sum())
        return f"{missing} of {len(self.amounts)} figures missing"

    def __repr__(self) -> str:
        lines = [
            self.title,
            f"  unit     {self.unit}",
            f"  coverage {self.coverage}",
            f"  gaps     {self._gaps()}; {_places(len(self.left_out))} left out",
        ]
        lines += [f"  {column:8} {word}" for column, word in self.narrowed.items()]
        lines += [f"  step     {sentence}" for sentence in self.steps]
        lines += [f"  source   {sentence}" for sentence in self.sources]
        return plain("\n".join(lines))

    def _repr_html_(self) -> str:
        listed = "".join(f"<li>{html.escape(s)}</li>" for s in self.steps)
        cited = "".join(f"<li>{html.escape(s)}</li>" for s in self.sources)
        return (
            f"<div><strong>{html.escape(self.title)}</strong> — {html.escape(self.unit)}<br>"
            f"{html.escape(self.coverage)}; {self._gaps()}; {_places(len(self.left_out))} left out"
            f"<ol>{listed}</ol><small>Sources<ul>{cited}</ul></small>"
            f"{self.frame.head(8).to_html(index=False)}</div>"
        )


@door(table=word, service=maybe(word))
def measure(table: str, /, service: str | None = None, **only: Any) -> Measure:
    """The measure of one line of one built table.

    `service` is the line's name, an item in tables of outcomes: `measure("teenage_conceptions",
    "conception_rate")`. `only` narrows further, as in `load`:
    `measure("reserves", "unallocated", date="31 March")`. Raises UnknownName when the words leave
    more than one figure a council and year.
    """
    wanted = {**({line_column(table): service} if service else {}), **only}
    rows, said = load(table, **wanted), about(table)
    if not said.get("value"):
        raise UnknownName(f"{table} holds no figures to measure.", could=[can(Verb.LOAD, table)])
    if not {"ecode", "whole"} & set(rows):
        raise UnknownName(
            f"{table} is not by council: there is no measure.", could=[can(Verb.LOAD, table)]
        )
    amounts, drawn = _amounts(table, rows, said), _drawn(rows)
    line, unit = service or _only_word(rows, "item"), _only_word(rows, "unit") or said["unit"]
    members: areas.Members = {code: (code,) for code in amounts["ecode"].unique()}
    return Measure(
        table=table,
        service=line,
        amounts=amounts,
        quantity=unit.removesuffix(NOMINAL),
        prices="nominal" if unit.endswith(NOMINAL) else "none",
        cited={s: c for s, c in said["sources"].items() if s in set().union(*drawn.values())},
        drawn=drawn,
        members=members,
        adds_up="adds_up" not in said or line in said["adds_up"],
        nested=said.get("tier") == "nested",
        covers=said.get("tier") == "nested",
        scope=frozenset() if "apart" in said else frozenset(members) & frozenset(bodies()),
        calendar="financial" not in said["columns"]["year"],
        layers=_layers(rows, said),
        apart=tuple(map(tuple, said.get("apart", ()))),
        odd=_odd(rows),
        which=which.narrowed(rows, said["key"], line_column(table), only),
    )


def _odd(rows: pd.DataFrame) -> dict[tuple[str, int], str]:
    """The rules that find a printed figure odd, by code and year."""
    if "doubt" not in rows:
        return {}
    found = rows[rows["doubt"].notna()]
    places = found["ecode" if "ecode" in rows else "whole"].astype(str)
    return dict(
        zip(
            zip(places, found["year"].astype(int), strict=True),
            found["doubt"].astype(str),
            strict=True,
        )
    )


def _odd_in_any(*each: dict[tuple[str, int], str]) -> dict[tuple[str, int], str]:
    """What is in doubt in any of several lines, the rules of each said once."""
    found: dict[tuple[str, int], str] = {}
    for odd in each:
        for key, rules in odd.items():
            before = [rule for rule in found.get(key, "").split("; ") if rule]
            found[key] = "; ".join(dict.fromkeys([*before, *rules.split("; ")]))
    return found


def _layers(rows: pd.DataFrame, said: dict[str, Any]) -> dict[str, str]:
    """The role of each body, in a table whose contract says which roles lie apart."""
    if "apart" not in said:
        return {}
    plain = rows[["ecode", "role"]].drop_duplicates("ecode").astype(str)
    return dict(zip(plain["ecode"], plain["role"], strict=True))


def _drawn(rows: pd.DataFrame) -> dict[int, frozenset[str]]:
    """The publications of each year, from every column that names one."""
    named = [c for c in rows if c == "source" or c.endswith("_source")]
    return {
        int(year): frozenset(part[named].astype(object).stack().unique())
        for year, part in rows.groupby("year")
    }


def _only_word(rows: pd.DataFrame, column: str) -> str | None:
    """The word that all rows have in a column; None when there is no such column or word."""
    words = rows[column].unique() if column in rows else []
    return str(words[0]) if len(words) == 1 else None


def _amounts(table: str, rows: pd.DataFrame, said: dict[str, Any]) -> pd.DataFrame:
    """One row a place and year, plain strings, the figure as `amount`."""
    if "whole" in rows:
        rows = rows.rename(columns={"whole": "ecode"}).assign(
            gss=None, council=rows["whole"], council_class="printed total", region=None
        )
    twice = rows.duplicated(["ecode", "year"])
    if twice.any():
        differ = [c for c in said["key"] if c not in ("ecode", "year") and rows[c].nunique() > 1]
        choices = "; ".join(f"{c}: {', '.join(map(str, rows[c].unique()))}" for c in differ)
        raise UnknownName(f"{table}: say which you mean. {choices}.")
    plain = rows[PLACE].astype(object)
    plain = plain.where(plain.notna(), None)
    return plain.assign(
        year=rows["year"].astype(int), amount=rows[said["value"]].astype("float64"), people=np.nan
    ).sort_values(["ecode", "year"], ignore_index=True)


def _nobody() -> pd.DataFrame:
    return pd.DataFrame(columns=["ecode", "council", "reason"], dtype=object)


def _check_words(words: list[str], present: pd.Series, what: str) -> None:
    known = sorted(present.dropna().unique())
    for name in words:
        if name not in known:
            raise UnknownName(
                f"No {what} {name!r} here. There are: {', '.join(known)}."
                + did_you_mean(name, known)
            )


def _grouping(group: str) -> str:
    return "country" if group == "england" else group.replace("_", " ")


def _kinds(words: list[str]) -> str:
    """Classes or regions in words a reader knows."""
    if set(words) == set(PRINCIPAL):
        return "councils: without police, fire, transport, park, waste and combined authorities"
    return ", ".join(_plural(CLASSES[word]) if word in CLASSES else word for word in words)


def _plural(kind: str) -> str:
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


def _places(count: int) -> str:
    return f"{count} {'place' if count == 1 else 'places'}"


def _ecode(word: str, amounts: pd.DataFrame) -> str:
    """The place a word means: one of this measure's own, or a council by name or code."""
    from coopstats.register.councils import council

    own = amounts.loc[(amounts["council"] == word) | (amounts["ecode"] == word), "ecode"].unique()
    if len(own) == 1:
        return own[0]
    span = (int(amounts["year"].min()), int(amounts["year"].max())) if len(amounts) else None
    return council(word, span, ever=True).ecode


def _said_of_few(own: list[breaks.Break], most: int = 3) -> list[str]:
    """The sentences of single councils' breaks when few, else one that names the councils."""
    if len(own) <= most:
        return [b.said for b in own]
    names = _some(list(dict.fromkeys(bodies()[b.ecode].name for b in own)))
    return [f"{len(own)} breaks of single councils lie in these years: {names}."]


def _some(names: list[str], most: int = 6) -> str:
    """Names in a sentence: all when few, else the first with a count of the rest."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def _editions(cited: list[dict[str, str]]) -> list[str]:
    """One citation a series; several editions of one are its first and last period."""
    series: dict[tuple[str, str], list[dict[str, str]]] = {}
    for publication in cited:
        series.setdefault((publication["publisher"], publication["title"]), []).append(publication)
    return [
        same[0]["citation"]
        if len(same) == 1
        else f"{publisher}, {title}, {same[0]['period']} to {same[-1]['period']}"
        for (publisher, title), same in series.items()
    ]
