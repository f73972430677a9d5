"""Doubts of misprints: figures in the wrong unit, or two kinds of cost in each other's place.

`doubts` judges the lines of services, which move little from year to year. What is here needs no
such calm: totals, financing, memoranda and reserves are judged too, on every basis.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import category
from coopstats.clean.contracts.doubts import FLOOR, LARGE, MANY, RULES, SMALL
from coopstats.clean.sheets.codes import is_one_of
from coopstats.clean.sheets.keys import numbered
from coopstats.register.breaks import crossed

if TYPE_CHECKING:
    import pandera.pandas as pa

LEAST, MOST = 200.0, 5_000.0  # times the usual level, or as small a part of it: about a thousand
STEADY = 10.0  # the years around lie within this many times the usual level, or a tenth of it
YEARS_NEEDED = 3
TWICE, HALF = 2.0, 0.5
NONE, AGREES, DIFFERS = 0, 1, 2  # what the nearest year on one side says of the usual level
LINE = ("service", "item", "age")  # the column that names a line, whichever a table has


def doubt_of_unit() -> pa.Column:
    """The contract's column of a table in which the unit alone is judged."""
    return category(f"null where no rule finds the figure odd. unit: {RULES['unit']}", True)


def undoubted(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a column `doubt` in which nothing stands.

    Its list of words has one all the same: a list of none has no type, and Stata takes none.
    """
    return table.assign(doubt=pd.Categorical.from_codes(np.full(len(table), -1, "int8"), ["unit"]))


def with_doubts_of_unit(
    table: pd.DataFrame, name: str, key: Sequence[str], value: str = "value", large: float = MANY
) -> pd.DataFrame:
    """The table with `unit` in `doubt` where a figure is a thousand times its line's usual level.

    Or a thousandth. A line is the years of one `key`; `large` is the least that is judged, in
    pounds or in what is counted. The table has a column `doubt`.
    """
    of_line = [column for column in key if column != "year"]
    size = np.abs(table[value].to_numpy("float64", na_value=np.nan))
    there = np.flatnonzero(size > 0)
    rows, line = _far_apart(numbered(table[of_line].take(there), *of_line), size[there], large)
    rows = there[rows]
    if not len(rows):
        return table
    years, first = table["year"].to_numpy()[rows].astype(int), np.unique(line, return_index=True)[1]
    wide = np.full((line.max() + 1, int(np.ptp(years)) + 1), np.nan)
    wide[line, years - years.min()] = size[rows]
    named = table[next(column for column in LINE if column in table)]
    severed = _severed(name, named.take(rows[first]), years.min(), wide.shape[1])
    found = in_wrong_unit(wide, severed, large)[line, years - years.min()]
    return doubting(table, [(rows[found], "unit")])


def _far_apart(number: np.ndarray, size: np.ndarray, large: float) -> tuple[np.ndarray, np.ndarray]:
    """The rows of lines with a large figure LEAST times another, and which of these lines each is.

    Only they can have a figure in the wrong unit: they are few, and all else is let be.
    """
    if not len(number):
        return number, number
    order = np.arange(len(number))
    if not (number[1:] >= number[:-1]).all():
        order = np.argsort(number, kind="stable")
    sorted_number, sorted_size = number[order], size[order]
    starts = np.flatnonzero(np.diff(sorted_number, prepend=sorted_number[0] - 1))
    most = np.maximum.reduceat(sorted_size, starts)
    least = np.minimum.reduceat(sorted_size, starts)
    chosen = (most >= large) & (most >= LEAST * least)
    which = np.repeat(np.arange(len(starts)), np.diff([*starts, len(number)]))
    kept = chosen[which]
    return order[kept], (np.cumsum(chosen) - 1)[which[kept]]


def _severed(name: str, lines: pd.Series, first: int, years: int) -> np.ndarray:
    """Whether each line changed its meaning between each year and the next."""
    known, codes = np.unique(lines.astype(str).to_numpy(dtype=object), return_inverse=True)
    cut = [
        [bool(crossed(name, line, y, y + 1, "severing")) for y in range(first, first + years - 1)]
        for line in known
    ]
    return np.array(cut, dtype=bool).reshape(len(known), years - 1)[codes]


def in_wrong_unit(size: np.ndarray, severed: np.ndarray, large: float) -> np.ndarray:
    """Which figures of lines (rows) in years (columns) are about a thousand times the usual level.

    Or a thousandth of it. The usual level is the line's median over the years with a figure, and
    the nearest years around that are not odd themselves agree with it.
    """
    usual = np.nanmedian(size, axis=1, keepdims=True)
    enough = (~np.isnan(size)).sum(axis=1, keepdims=True) >= YEARS_NEEDED
    fold = size / usual
    above = (fold >= LEAST) & (fold <= MOST) & (size >= large)
    below = (fold * LEAST <= 1) & (fold * MOST >= 1) & (usual >= large)
    odd = enough & (above | below)
    steady = (fold <= STEADY) & (fold * STEADY >= 1)
    said = np.where(np.isnan(size) | odd, NONE, np.where(steady, AGREES, DIFFERS))
    before = _nearest(said, severed)
    after = _nearest(said[:, ::-1], severed[:, ::-1])[:, ::-1]
    return odd & (np.fmax(before, after) == AGREES)


def _nearest(said: np.ndarray, severed: np.ndarray) -> np.ndarray:
    """What the nearest earlier year that says something says, NONE beyond a severing break."""
    nearest = np.zeros_like(said)
    for year in range(1, said.shape[1]):
        last = np.where(said[:, year - 1] == NONE, nearest[:, year - 1], said[:, year - 1])
        nearest[:, year] = np.where(severed[:, year - 1], NONE, last)
    return nearest


# ── kinds of cost ────────────────────────────────────────────────────────────────────────────────


def with_doubts_of_kinds(
    table: pd.DataFrame, name: str, kinds: Sequence[Sequence[str]]
) -> pd.DataFrame:
    """The table with `exchanged` in `doubt` where two kinds of cost of one line changed places.

    `kinds` are groups of the words of `basis`: any two of a group can be exchanged, and the other
    one is named.
    """
    judged = np.flatnonzero(is_one_of(table["basis"], set(itertools.chain(*kinds))))
    named = table[["ecode", "service", "basis", "year"]].take(judged)
    line, lines = _lines(numbered(named, "ecode", "service"))
    year = named["year"].to_numpy().astype(int) - int(named["year"].min())
    severed = _severed(name, named["service"].iloc[lines], named["year"].min(), year.max() + 1)
    gbp, pairs = table["gbp"].to_numpy("float64", na_value=np.nan)[judged], []
    of_kind = {}
    for kind in set(itertools.chain(*kinds)):
        mine = np.flatnonzero(is_one_of(named["basis"], [kind]))
        wide = np.full((len(lines), severed.shape[1] + 1), np.nan)
        wide[line[mine], year[mine]] = gbp[mine]
        of_kind[kind] = wide, mine
    for one, other in itertools.chain(*(itertools.combinations(group, 2) for group in kinds)):
        odd = _swapped_in(of_kind[one][0], of_kind[other][0], severed)
        for kind, instead in ((one, other), (other, one)):
            mine = of_kind[kind][1]
            rows = judged[mine[odd[line[mine], year[mine]]]]
            pairs.append((rows, f"exchanged ({instead})"))
    return doubting(table, pairs)


def _lines(number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which line each row is of, from 0 on, and a row of each line."""
    row = np.full(number.max() + 1, -1)
    row[number] = np.arange(len(number))
    return (np.cumsum(row >= 0) - 1)[number], row[row >= 0]


def _swapped_in(one: np.ndarray, other: np.ndarray, severed: np.ndarray) -> np.ndarray:
    """As `swapped_costs`, asked only of lines in which each is the larger one in some year."""
    found = np.zeros(one.shape, dtype=bool)
    turns = (np.abs(one) > np.abs(other)).any(axis=1) & (np.abs(one) < np.abs(other)).any(axis=1)
    some = np.flatnonzero(turns & ((np.abs(one) >= LARGE) | (np.abs(other) >= LARGE)).any(axis=1))
    found[some] = swapped_costs(one[some], other[some], severed[some])
    return found


def swapped_costs(one: np.ndarray, other: np.ndarray, severed: np.ndarray) -> np.ndarray:
    """In which years (columns) two kinds of cost of a line (rows) stand in each other's place.

    The smaller kind is the larger one, each is twice or half what it is in the two years around,
    and both together are nearer to the other kind's level than to their own, by half. At the end
    of a line the two years before are around, at its beginning the two years after.
    """
    known = np.isfinite(one + other)
    sizes = [np.where(known, np.log(np.fmax(np.abs(v), FLOOR)), np.nan) for v in (one, other)]
    (a, a_before, a_after), (b, b_before, b_after) = ((s, *_around(s, severed)) for s in sizes)
    turned = ((a > b) != (a_before > b_before)) & ((a > b) != (a_after > b_after))
    moved = np.fmin(
        np.fmin(np.abs(a - a_before), np.abs(a - a_after)),
        np.fmin(np.abs(b - b_before), np.abs(b - b_after)),
    ) >= np.log(TWICE)
    of_a, of_b = (a_before + a_after) / 2, (b_before + b_after) / 2
    own, crossed_over = np.abs(a - of_a) + np.abs(b - of_b), np.abs(a - of_b) + np.abs(b - of_a)
    large = (np.fmax(a, b) >= np.log(LARGE)) & (np.fmin(a, b) >= np.log(SMALL))
    return turned & moved & large & (crossed_over < HALF * own)


def _around(size: np.ndarray, severed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The years before and after each; at an end of the line, the two on its other side."""
    flipped, cut = size[:, ::-1], severed[:, ::-1]
    before, after = _shifted(size, severed), _shifted(flipped, cut)[:, ::-1]
    earlier = _shifted(before, severed)
    later = _shifted(after[:, ::-1], cut)[:, ::-1]
    return np.where(np.isnan(before), later, before), np.where(np.isnan(after), earlier, after)


def _shifted(size: np.ndarray, severed: np.ndarray) -> np.ndarray:
    """What stood in the year before, NaN beyond a severing break."""
    shifted = np.full(size.shape, np.nan)
    shifted[:, 1:] = np.where(severed, np.nan, size[:, :-1])
    return shifted


def doubting(table: pd.DataFrame, found: Iterable[tuple[np.ndarray, str]]) -> pd.DataFrame:
    """The table with further words in `doubt`, each in the rows that it is found in."""
    codes = table["doubt"].cat.codes.to_numpy("int32").copy()
    words = table["doubt"].cat.categories.tolist()
    for rows, word in found:
        for code in np.unique(codes[rows]).tolist():
            said = f"{words[code]}; {word}" if code >= 0 else word
            if said not in words:
                words.append(said)
            codes[rows[codes[rows] == code]] = words.index(said)
    return table.assign(doubt=pd.Categorical.from_codes(codes, words))
