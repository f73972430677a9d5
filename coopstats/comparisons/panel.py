"""A measure as the engine needs it: councils by years, with what was done to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coopstats.core.errors import NotComparable
from coopstats.core.years import years_one_by_one
from coopstats.register import breaks

if TYPE_CHECKING:
    from coopstats.measures.measure import Measure

PRICES_OF = 2019


@dataclass(frozen=True, eq=False)
class Panel:
    """One line: `values` has a row a council (in order of E-code) and a column a year, or NaN.

    `counted` says that it counts things, whatever the council's size; `calendar` how its years are
    printed.
    """

    line: str
    unit: str
    codes: tuple[str, ...]
    years: tuple[int, ...]
    values: np.ndarray
    steps: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    calendar: bool = False
    counted: bool = False

    def named(self, years: Iterable[int]) -> str:
        """Years as printed, one by one."""
        return years_one_by_one(years, self.calendar)

    def at(self, years: Sequence[int]) -> np.ndarray:
        """The columns of these years; a year not held is a column of NaN."""
        places = {year: place for place, year in enumerate(self.years)}
        out = np.full((len(self.codes), len(years)), np.nan)
        for place, year in enumerate(years):
            if year in places:
                out[:, place] = self.values[:, places[year]]
        return out

    def row(self, code: str) -> int:
        """Where a council stands. Raises NotComparable when it has no row."""
        if code not in self.codes:
            raise NotComparable(f"{self.line} has no figures for {code} in comparable form.")
        return self.codes.index(code)

    def rows(self, codes: Sequence[str]) -> np.ndarray:
        """Where several councils stand."""
        return np.array([self.row(code) for code in codes], dtype=np.int64)

    def complete(self, years: Sequence[int]) -> np.ndarray:
        """Which councils have a figure in each of these years."""
        return np.isfinite(self.at(years)).all(axis=1)


def from_frame(frame: pd.DataFrame, line: str, unit: str = "") -> Panel:
    """A panel from columns ecode, year, value, in any order of rows."""
    wide = frame.pivot(index="ecode", columns="year", values="value").sort_index()
    return Panel(
        line,
        unit,
        tuple(str(code) for code in wide.index),
        tuple(int(year) for year in wide.columns),
        wide.to_numpy(dtype=float),
    )


def from_measure(measured: Measure) -> Panel:
    """A panel of a measure as it stands."""
    panel = from_frame(measured.frame, line_of(measured), measured.unit)
    return replace(
        panel,
        steps=measured.steps,
        sources=measured.sources,
        calendar=measured.calendar,
        counted=counts(measured),
    )


def counts(measured: Measure) -> bool:
    """Whether it counts things: no money, no rate and no share."""
    rate = measured.per or measured.relative or measured.prices != "none"
    return measured.adds_up and not rate


def line_of(measured: Measure) -> str:
    """How the register names a measure's line: "table:line"."""
    return f"{measured.table}:{measured.service}" if measured.service else measured.table


def comparable(measured: Measure, index: str = "gdp") -> Measure:
    """Money in 2019-20 prices and per person, unless it is already; anything else as it is."""
    if measured.prices == "nominal" and measured.adds_up and not measured.relative:
        measured = measured.real(PRICES_OF, index)
        measured = measured if measured.per else measured.per_head(leave_out=True)
    return measured


def of_classes(measured: Measure, kinds: Collection[str]) -> Measure:
    """Only councils of these classes, as far as the measure has them."""
    held = sorted(set(measured.amounts["council_class"].dropna()) & set(kinds))
    return measured.where(council_class=held) if held else measured


def unbroken(measured: Measure, first: int, last: int) -> Measure:
    """The years that can be set against `first` to `last`; NotComparable when a break is inside.

    Years on the far side of a severing break before `first` are left out, and that is said.
    """
    table, service = measured.table, measured.service
    inside = breaks.crossed(table, service, first, last, "severing")
    if inside:
        raise NotComparable(
            f"{measured.title}: the line is broken between {measured.named(first)} and "
            f"{measured.named(last)}, inside the years compared. {inside[0].in_full}"
        )
    years = [y for y in measured.years if y <= last]
    held = [y for y in years if not breaks.crossed(table, service, y, first, "severing")]
    if not held or held[0] == years[0]:
        return measured.between(years[0], last)
    said = breaks.crossed(table, service, held[0] - 1, first, "severing")[0].in_full
    kept = measured.between(held[0], last)
    return replace(
        kept, steps_given=(*kept.steps_given, f"Years before a break are left out. {said}")
    )


def doubtful(measured: Measure) -> frozenset[tuple[str, int]]:
    """The councils and years whose printed figure a general rule finds odd."""
    return frozenset(measured.doubts)
