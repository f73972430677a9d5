"""Doubts of services: figures that a general rule finds odd, flagged and never changed.

Councils book a line under another for a year, net income against the wrong service, or return a
nought. RULES find such figures in any table of lines; a reviewer lists them with `coopstats check
--doubts`. Only a recorded correction with evidence changes a figure.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import category
from coopstats.clean.sheets.codes import is_one_of
from coopstats.register.breaks import crossed

if TYPE_CHECKING:
    import pandera.pandas as pa

SMALL, LARGE = 100_000, 1_000_000  # pounds
JUMP, SPIKE, ALIKE = 3.0, 1.5, 1.25
SHARE, STANDS_STILL, NEXT_TO_NOTHING = 0.3, 0.05, 0.05
FLOOR = 1_000  # pounds: below it a figure counts as nothing, and a ratio to it as endless

RULES = {
    "sign_change": "£100,000 or more below zero on a line that is usually above it",
    "nought": "less than a twentieth of the council's usual level, where that is £1m or more",
    "jump": "a threefold change from one year to the next on a line of £1m or more; marked is the "
    "year further from the council's usual level",
    "spike": "half as much again as both the year before and the year after, or two thirds of "
    "them, where those two are alike to a quarter, on a line of £1m or more",
    "moved_to_neighbour": "a change of over £1m and over three tenths of the line, which one other "
    "service of the council makes the other way in the same year, to within a twentieth",
    "unit": "200 to 5,000 times the usual level of its line, or as small a part of it, where the "
    "nearest years around are within ten times that level or a tenth of it, on a line of £1m or "
    "more (1,000 of what is counted)",
    "exchanged": "two kinds of cost of one line in each other's place: the smaller is the larger, "
    "each is twice or half what it is in the years around, and both are nearer to the other's "
    "level, where one is £1m or more",
}


MANY, FEW = 1_000, 100  # things counted, such as households
COUNT_RULES = {
    "nought": "less than a twentieth of the council's usual level, where that is 1,000 or more",
    "jump": "a threefold change from one year to the next on a count of 1,000 or more; marked is "
    "the year further from the council's usual level",
    "spike": "half as much again as both the year before and the year after, or two thirds of "
    "them, where those two are alike to a quarter, on a count of 1,000 or more",
    "unchanged": "the same as the year before to the last digit, on a count of 100 or more",
    "unit": RULES["unit"],
}


@dataclass(frozen=True)
class Series:
    """The lines of a table as rows of years: `value` is NaN where there is no figure.

    `council` and `service` are numbers, the lines of a council stand together, and `services` are
    the names. `severed` says of each year and the next whether the line changed its meaning between
    them. Only lines with a figure of `small` or more are judged, by most rules only those of
    `large`; below `floor` a figure counts as nothing.
    """

    value: np.ndarray
    council: np.ndarray
    service: np.ndarray
    severed: np.ndarray
    services: list[str]
    small: float = SMALL
    large: float = LARGE
    floor: float = FLOOR

    @functools.cached_property
    def usual(self) -> np.ndarray:
        """Each line's median over its years, as a column."""
        ordered, count = np.sort(self.value, axis=1), (~np.isnan(self.value)).sum(axis=1)
        middle = np.stack([(count - 1) // 2, count // 2], axis=1)
        return np.take_along_axis(ordered, middle, axis=1).mean(axis=1, keepdims=True)


def doubt(kinds: bool = False) -> pa.Column:
    """The contract's column for what these rules find, in a table with or without kinds of cost."""
    judged = [name for name in RULES if kinds or name != "exchanged"]
    meanings = "; ".join(f"{name}: {RULES[name]}" for name in judged)
    return category(f"the rules that find the figure odd, null where none does. {meanings}", True)


def with_doubts(
    table: pd.DataFrame, name: str, lines: list[str], basis: str | None = None
) -> pd.DataFrame:
    """The table with a column `doubt`: the rules that find a printed figure odd, or null.

    Judged are the named lines on one basis: totals and financing would only repeat the parts.
    Years on the two sides of a severing break of table `name` are not held against each other.
    """
    judged = is_one_of(table["service"], lines) & ~is_one_of(table["flag"], ["derived"])
    if basis is not None:
        judged &= is_one_of(table["basis"], [basis])
    rows = np.flatnonzero(judged)
    if not len(rows):
        return table.assign(doubt=pd.Categorical([None] * len(table)))
    series, place = _series(table[["ecode", "service", "year", "gbp"]].take(rows), name)
    found, words = _words(series, ONE_YEAR, neighbours=True)
    codes = np.full(len(table), -1, dtype="int32")
    codes[rows] = found[place]
    return table.assign(doubt=pd.Categorical.from_codes(codes, words))


def doubt_of_counts() -> pa.Column:
    """The contract's column for what the rules of counts find."""
    meanings = "; ".join(f"{name}: {meaning}" for name, meaning in COUNT_RULES.items())
    return category(f"the rules that find the figure odd, null where none does. {meanings}", True)


def with_doubts_of_counts(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """A table of counted things, by item, with the column `doubt`, as `with_doubts` gives it."""
    rows = table[["ecode", "item", "year", "value"]]
    rows = rows.rename(columns={"item": "service", "value": "gbp"})
    series, place = _series(rows, name)
    counts = replace(series, small=FEW, large=MANY, floor=FEW)
    found, words = _words(counts, OF_COUNTS)
    return table.assign(doubt=pd.Categorical.from_codes(found[place], words))


def _series(rows: pd.DataFrame, name: str) -> tuple[Series, tuple[np.ndarray, np.ndarray]]:
    """One row a council and line, one column a year; and where each row of the table went."""
    service = rows["service"].astype("category").cat
    services = service.categories.tolist()
    council_and_line = (
        rows["ecode"].astype("category").cat.codes.to_numpy("int64") * len(services)
        + service.codes.to_numpy()
    )
    there, line = np.unique(council_and_line, return_inverse=True)
    years = np.arange(rows["year"].min(), rows["year"].max() + 1)
    place = line, rows["year"].to_numpy() - years[0]
    value = np.full((len(there), len(years)), np.nan)
    value[place] = rows["gbp"].to_numpy("float64", na_value=np.nan)
    council, of_service = np.divmod(there, len(services))
    cut = np.array([_severed(name, each, years) for each in services], dtype=bool)
    severed = cut.reshape(len(services), len(years) - 1)[of_service]
    return Series(value, council, of_service, severed, services), place


def _large(series: Series) -> np.ndarray:
    """The lines with a figure that is not small: no rule finds a figure in any other."""
    return np.flatnonzero((np.abs(series.value) >= series.small).any(axis=1))


def _only(series: Series, rows: np.ndarray) -> Series:
    """Some of the lines."""
    names = ("value", "council", "service", "severed")
    return replace(series, **{name: getattr(series, name)[rows] for name in names})


def _severed(name: str, service: str, years: np.ndarray) -> list[bool]:
    return [bool(crossed(name, service, y, y + 1, "severing")) for y in years[:-1].tolist()]


def sign_change(series: Series) -> np.ndarray:
    """Figures below zero by SMALL or more where the line is usually above zero."""
    return (series.value <= -SMALL) & (series.usual > 0)


def spike(series: Series) -> np.ndarray:
    """Figures SPIKE times above or below two neighbouring years that are ALIKE."""
    size = np.fmax(np.abs(series.value), series.floor)
    before, this, after = (np.log(part) for part in (size[:, :-2], size[:, 1:-1], size[:, 2:]))
    alike = np.abs(before - after) <= np.log(ALIKE)
    above = np.fmin(this - before, this - after) >= np.log(SPIKE)
    below = np.fmin(before - this, after - this) >= np.log(SPIKE)
    known = np.isfinite(series.value[:, :-2] + series.value[:, 1:-1] + series.value[:, 2:])
    known &= ~(series.severed[:, :-1] | series.severed[:, 1:])
    found = np.zeros(series.value.shape, dtype=bool)
    found[:, 1:-1] = (
        known & alike & (above | below) & (np.fmax(size[:, :-2], size[:, 1:-1]) >= series.large)
    )
    return found


def nought(series: Series) -> np.ndarray:
    """Figures next to nothing where the council's usual level is large."""
    usual = np.abs(series.usual)
    return (np.abs(series.value) < NEXT_TO_NOTHING * usual) & (usual >= series.large)


def jump(series: Series) -> np.ndarray:
    """Figures JUMP times above or below the year before, on a large line; the odder year."""
    size = np.fmax(np.abs(series.value), series.floor)
    both = np.isfinite(series.value[:, 1:] + series.value[:, :-1]) & ~series.severed
    fold = np.abs(np.log(size[:, 1:] / size[:, :-1]))
    sprung = both & (fold > np.log(JUMP)) & (np.fmax(size[:, 1:], size[:, :-1]) >= series.large)
    away = np.abs(np.log(size / np.fmax(np.abs(series.usual), series.floor)))
    later = away[:, 1:] >= away[:, :-1]
    found = np.zeros(series.value.shape, dtype=bool)
    found[:, 1:] |= sprung & later
    found[:, :-1] |= sprung & ~later
    return found


def unchanged(series: Series) -> np.ndarray:
    """Figures that repeat the year before: a return that was not made, filled with the last one."""
    found = np.zeros(series.value.shape, dtype=bool)
    same = series.value[:, 1:] == series.value[:, :-1]
    found[:, 1:] = same & (series.value[:, 1:] >= series.floor)
    return found


def moved_to_neighbour(series: Series) -> np.ndarray:
    """Large changes that one other line of the same council makes the other way.

    1 and the number of that line's service in the later year, 0 where there is no such change.
    """
    change = np.diff(series.value, axis=1)
    before = np.abs(series.value[:, :-1])
    large = (np.abs(change) >= np.fmax(LARGE, SHARE * before)) & ~series.severed
    year, row = np.nonzero(large.T)
    group = year * (series.council.max(initial=-1) + 1) + series.council[row]
    mine, other = _offsetting(group, change[row, year])
    found = np.zeros(series.value.shape, dtype="int64")
    found[row[mine], year[mine] + 1] = series.service[row[other]] + 1
    return found


def _offsetting(group: np.ndarray, change: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Changes of the same group that another cancels to within STANDS_STILL, and the nearest such.

    The changes of a group stand together.
    """
    _, first, size = np.unique(group, return_index=True, return_counts=True)
    of_each = np.repeat(size, size)
    one = np.repeat(np.arange(len(group)), of_each)
    nth = np.arange(len(one)) - np.repeat(np.cumsum(of_each) - of_each, of_each)
    other = np.repeat(np.repeat(first, size), of_each) + nth
    sums = np.abs(change[one] + change[other])
    cancel = np.flatnonzero((sums <= STANDS_STILL * np.abs(change[one])) & (one != other))
    cancel = cancel[np.lexsort((sums[cancel], one[cancel]))]
    mine, nearest = np.unique(one[cancel], return_index=True)
    return mine, other[cancel[nearest]]


Rules = tuple[Callable[[Series], np.ndarray], ...]
ONE_YEAR: Rules = (sign_change, nought, jump, spike)  # in the order in which they are named
OF_COUNTS: Rules = (nought, jump, spike, unchanged)


def _words(series: Series, rules: Rules, neighbours: bool = False) -> tuple[np.ndarray, list[str]]:
    """Which rules find each figure odd: places in a list of words, -1 where none does.

    With `neighbours`, figures that moved to another line are found as well.
    """
    places, large = np.full(series.value.shape, -1, dtype="int32"), _large(series)
    series = _only(series, large)
    found = np.zeros(series.value.shape, dtype="int64")
    if neighbours:
        found += moved_to_neighbour(series)
    for bit, rule in enumerate(rules):
        found[rule(series)] += 1 << (32 + bit)
    line, year = np.nonzero(found)
    distinct, which = np.unique(found[line, year], return_inverse=True)
    said = [_said(int(each), series.services, rules) for each in distinct]
    words = sorted(said)
    place = np.array([words.index(each) for each in said], dtype="int32")
    places[large[line], year] = place[which]
    return places, words


def _said(found: int, services: list[str], rules: Rules) -> str:
    named = [rule.__name__ for bit, rule in enumerate(rules) if found >> (32 + bit) & 1]
    neighbour = found & 0xFFFFFFFF
    moved = [f"moved_to_neighbour ({services[neighbour - 1]})"] if neighbour else []
    return "; ".join([*named, *moved])
