"""Does each column still stand under its own heading, and each of its figures in its own row?

Sums cannot tell: two swapped headings, or a column moved down by a row, add up as before. The
councils can. Their figures are set against those of the year held before; where two columns are
much nearer to each other's than to their own, or a column to the rows beside it, the build stops.
Nothing held does that. Columns that are new, small, nearly empty, nearly alike or unsteady are not
told apart: swapped headings of two lines that differ by less than SMALL, or of a line with no
year before, are read wrong in silence (pest control and public conveniences of a dozen bodies).
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from coopstats.clean.sheets.accounts import Accounts, Column
from coopstats.clean.sheets.blocks import bases
from coopstats.clean.sheets.headings import date_of, fold
from coopstats.clean.sheets.keys import distinct
from coopstats.clean.sheets.sheet import cell_names
from coopstats.core.errors import UnknownHeading
from coopstats.core.years import financial_year

# Of the distance to its own figures of the year before. The nearest that the publications held
# come is 0.45: what went into public health reserves in 2013-14 is their level on 1 April 2014.
NEARER = 0.4
GROUPS = 16  # of councils: enough to rule out nearly all pairs before they are compared in full
FEW = 3  # councils: fewer cannot show that a column moved
SMALL = 1_000_000  # pounds, all councils together: what differs by less tells nothing apart


@dataclass(frozen=True)
class Year:
    """One year's figures: a row a council, in the order of the sheet, a column a printed column.

    A column is named by its line, its kind of cost and its day; `where` says of each, in their
    order, in which sheet and cell it begins, for a message.
    """

    year: int
    number: np.ndarray
    councils: list[str]
    where: dict[tuple, str]


@dataclass(frozen=True)
class Pair:
    """Two years' figures of the same councils and columns, 0 where there is none."""

    before: np.ndarray
    now: np.ndarray
    small: float

    @functools.cached_property
    def apart(self) -> np.ndarray:
        """How far each column is from its own figures of the year before."""
        return np.abs(self.now - self.before).sum(axis=0)

    @property
    def in_groups(self) -> Pair:
        """The sums of groups of councils, which lie no further apart than the councils do."""
        starts = np.arange(0, len(self.now), max(len(self.now) // GROUPS, 1))
        before, now = (np.add.reduceat(side, starts, axis=0) for side in (self.before, self.now))
        return Pair(before, now, self.small)


def check(years: Iterable[Year], pounds: int = 1000) -> None:
    """Raise UnknownHeading where columns or rows seem swapped; `pounds` is the unit printed."""
    for before, this in itertools.pairwise(years):
        pair, names = _paired(before, this, SMALL / pounds)
        for columns, whose in _found(pair):
            moved = [names[column] for column in columns]
            raise _moved(this, moved, f"{whose} in {financial_year(before.year)}")


def _paired(before: Year, this: Year, small: float) -> tuple[Pair, list[tuple]]:
    """What two years have in common: their figures, and the name of each of the columns."""
    council_then, council_now = _shared(before.councils, this.councils)
    column_then, column_now = _shared(before.where, this.where)
    then = before.number[council_then].take(column_then, axis=1)
    now = this.number[council_now].take(column_now, axis=1)
    filled = ~(np.isnan(then).all(axis=0) | np.isnan(now).all(axis=0))
    names = list(this.where)
    return (
        Pair(np.nan_to_num(then[:, filled]), np.nan_to_num(now[:, filled]), small),
        [names[column] for column in column_now[filled]],
    )


def _shared(before: Iterable, this: Iterable) -> np.ndarray:
    """Where what two lists have in common stands in the one and in the other."""
    place = {each: at for at, each in enumerate(before)}
    both = [(place[each], at) for at, each in enumerate(this) if each in place]
    return np.array(both, dtype=int).reshape(-1, 2).T


def in_sheets(accounts: Iterable[Accounts]) -> Iterator[Year]:
    """The years of a publication with a row a body, each column of each sheet a column."""
    for source, reads in itertools.groupby(accounts, lambda read: read.sheet.source):
        sheets = [(read, _names(at, read)) for at, read in enumerate(reads)]
        councils = list(dict.fromkeys(e for read, _ in sheets for e in read.bodies.values()))
        number = [_of_councils(councils, read, [*names.values()]) for read, names in sheets]
        where = {name: place for each in sheets for name, place in _begin(*each).items()}
        yield Year(source.year, np.hstack(number), councils, where)


def _names(at: int, read: Accounts) -> dict[tuple, int]:
    """The columns of a sheet by their names; of those that mean the same, each has a number."""
    seen, named = Counter[tuple](), {}
    for column in (c for c in read.columns if c.line.kind not in ("identity", "not_money")):
        name = (*_meaning(column, read.sheet.source.table), at)
        seen[name] += 1
        named[(*name, seen[name])] = column.index
    return named


def _begin(read: Accounts, names: dict[tuple, int]) -> dict[tuple, str]:
    first = min(read.bodies)
    return {name: read.sheet.where(first, index) for name, index in names.items()}


def _of_councils(councils: list[str], read: Accounts, columns: list[int]) -> np.ndarray:
    """The figures of a sheet's columns, a row a council, NaN for one that it does not print."""
    number = np.full((len(councils), len(columns)), np.nan)
    of_council, of_sheet = _shared(read.bodies.values(), councils)[::-1]
    number[of_council] = read.sheet.number[read.rows[of_sheet]].take(columns, axis=1)
    return number


def _meaning(column: Column, table: str) -> tuple[str, str, str]:
    """What a column says it holds: the line, the basis or kind of cost, the day."""
    day = date_of(column.heading) or date_of(column.banner) or ""
    return column.line.service, bases(table).get(fold(column.heading), ""), day


def in_table(printed: pd.DataFrame) -> Iterator[Year]:
    """The years of a publication with a row a body and line, each line on each basis a column."""
    service, basis, ecode = (printed[name].cat for name in ("service", "basis", "ecode"))
    line = service.codes.to_numpy("int64") * len(basis.categories) + basis.codes.to_numpy()
    for year in np.unique(printed["year"]).tolist():
        rows = np.flatnonzero(printed["year"] == year)
        row, councils = pd.factorize(ecode.codes.to_numpy()[rows])
        first, column = distinct(line[rows])
        wide = np.full((len(councils), len(first)), np.nan)
        wide[row, column] = printed["number"].to_numpy()[rows]
        where = _where(printed.iloc[rows[first]])
        yield Year(year, wide, ecode.categories[councils].tolist(), where)


def _where(first: pd.DataFrame) -> dict[tuple, str]:
    said = [first[name].tolist() for name in ("service", "basis", "source", "sheet")]
    return {
        (service, basis): f"{source}, sheet {sheet!r}, cell {cell}"
        for service, basis, source, sheet, cell in zip(
            *said, cell_names(first["place"].to_numpy()), strict=True
        )
    }


def _found(pair: Pair) -> Iterator[tuple[list[int], str]]:
    """The columns that do not stand where they did, and whose figures theirs are like."""
    for pairs in swapped(pair):
        yield list(pairs), "each other's figures"
    for column in shifted(pair):
        yield [column], "the figures of the rows beside theirs"


def swapped(pair: Pair) -> Iterator[tuple[int, int]]:
    """Columns that are nearer to each other's figures of the year before than to their own."""
    near = pair.apart[:, None] + pair.apart
    sums = np.abs(pair.now.sum(axis=0)[:, None] - pair.before.sum(axis=0))
    could = (sums + sums.T <= NEARER * near) & (near >= pair.small)
    pairs = np.argwhere(could)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    for figures in (pair.in_groups, pair):
        across = _apart(figures, pairs, pairs[:, ::-1])
        near_by = across.sum(axis=0) <= NEARER * pair.apart[pairs].sum(axis=1)
        pairs, across = pairs[near_by], across[:, near_by]
    yield from map(tuple, pairs[_nearer_for_most(across, _apart(pair, pairs, pairs))].tolist())


def _apart(pair: Pair, now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """How far each pair of columns is from a pair of the year before, council by council."""
    return sum(np.abs(pair.now[:, now[:, i]] - pair.before[:, before[:, i]]) for i in (0, 1))


def shifted(pair: Pair) -> Iterator[int]:
    """Columns that are nearer to the rows above or below of the year before than to their own."""
    for step in (-1, 1):
        beside = np.roll(pair.now, step, axis=0)
        beside -= pair.before
        beside = np.abs(beside, out=beside)
        near_by = beside.sum(axis=0) <= NEARER * pair.apart
        could = np.flatnonzero(near_by & (pair.apart >= pair.small))
        own = np.abs(pair.now[:, could] - pair.before[:, could])
        yield from could[_nearer_for_most(beside[:, could], own)].tolist()


def _nearer_for_most(other: np.ndarray, own: np.ndarray) -> np.ndarray:
    """In which columns is the other distance less than their own for most councils?"""
    nearer, further = (other < own).sum(axis=0), (other > own).sum(axis=0)
    return (nearer >= FEW) & (nearer > further)


def _moved(this: Year, names: list[tuple], whose: str) -> UnknownHeading:
    said = [" ".join(word for word in name if isinstance(word, str) and word) for name in names]
    places = " and ".join(this.where[name] for name in names)
    return UnknownHeading(
        f"{places}: what stands from there down, under {' and '.join(said)}, is nearer to {whose} "
        "than to its own. If headings, columns or rows were exchanged, compare the original with "
        "that year's and ask its publisher; if the lines were redrawn, they are new lines of "
        "coopstats/register/lines.csv."
    )
