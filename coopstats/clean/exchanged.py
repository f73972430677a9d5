"""Does each column still stand under its own heading, and each of its figures in its own row?

Sums cannot tell: two exchanged headings, or a column moved down by a row, add up as before. The
councils can. Their figures are set against those of the year held before; where two columns are
much nearer to each other's than to their own, or a column to the rows beside it, the build stops.
Nothing held does that. Columns that are new, nearly empty, nearly alike or unsteady are not told
apart.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from coopstats.clean.accounts import Accounts, Column
from coopstats.clean.blocks import bases
from coopstats.clean.headings import date_of, fold
from coopstats.clean.sheets import cell_names
from coopstats.errors import UnknownHeading
from coopstats.years import financial_year

# Of the distance to its own figures of the year before. The nearest that the publications held
# come is 0.45: what went into public health reserves in 2013-14 is their level on 1 April 2014.
NEARER = 0.4
FEW = 3  # councils: fewer cannot show that a column moved
SMALL = 1_000_000  # pounds, all councils together: what differs by less tells nothing apart


@dataclass(frozen=True)
class Year:
    """One year's figures: a row a council, in the order of the sheet, a column a printed column.

    A column is named by its line, its kind of cost and its day; `where` says in which sheet and
    cell it begins, for a message.
    """

    year: int
    number: pd.DataFrame
    where: dict


@dataclass(frozen=True)
class Pair:
    """Two years' figures of the same councils and columns, 0 where there is none."""

    before: np.ndarray
    now: np.ndarray
    small: float

    @property
    def apart(self) -> np.ndarray:
        """How far each column is from its own figures of the year before."""
        return np.abs(self.now - self.before).sum(axis=0)


def check(years: Iterable[Year], pounds: int = 1000) -> None:
    """Raise UnknownHeading where columns or rows seem exchanged; `pounds` is the unit printed."""
    for before, this in itertools.pairwise(years):
        councils = this.number.index.intersection(before.number.index, sort=False)
        columns = this.number.columns.intersection(before.number.columns, sort=False)
        then, now = (y.number.loc[councils, columns].to_numpy() for y in (before, this))
        there = ~(np.isnan(then).all(axis=0) | np.isnan(now).all(axis=0))
        then, now = (np.nan_to_num(side[:, there]) for side in (then, now))
        for found, whose in _found(Pair(then, now, SMALL / pounds)):
            names = list(columns[there][found])
            raise _moved(this, names, f"{whose} in {financial_year(before.year)}")


def in_sheets(accounts: Iterable[Accounts]) -> Iterator[Year]:
    """The years of a publication with a row a body, each column of each sheet a column."""
    for source, reads in itertools.groupby(accounts, lambda read: read.sheet.source):
        sheets = [_of_sheet(at, read) for at, read in enumerate(reads)]
        where = {name: place for sheet in sheets for name, place in sheet.where.items()}
        yield Year(source.year, pd.concat([s.number for s in sheets], axis=1), where)


def _of_sheet(at: int, read: Accounts) -> Year:
    sheet, seen = read.sheet, Counter[tuple]()
    named = {}
    for column in (c for c in read.columns if c.line.kind not in ("identity", "not_money")):
        name = (*_meaning(column, sheet.source.table), at)
        seen[name] += 1
        named[(*name, seen[name])] = column.index
    number = sheet.number[np.ix_(read.rows, np.array([*named.values()]))]
    row = int(read.rows.min())
    where = {n: sheet.where(row, index) for n, index in named.items()}
    ecodes = list(read.bodies.values())
    names = pd.Index([*named], tupleize_cols=False)  # five levels of words would be slow to make
    return Year(sheet.source.year, pd.DataFrame(number, ecodes, names), where)


def _meaning(column: Column, table: str) -> tuple[str, str, str]:
    """What a column says it holds: the line, the basis or kind of cost, the day."""
    day = date_of(column.heading) or date_of(column.banner) or ""
    return column.line.service, bases(table).get(fold(column.heading), ""), day


def in_table(printed: pd.DataFrame) -> Iterator[Year]:
    """The years of a publication with a row a body and line, each line on each basis a column."""
    for year, rows in printed.groupby("year"):
        service, basis = rows["service"].cat, rows["basis"].cat
        line = service.codes.astype("int64") * len(basis.categories) + basis.codes
        (row, ecodes), (column, lines) = pd.factorize(rows["ecode"]), pd.factorize(line)
        wide = np.full((len(ecodes), len(lines)), np.nan)
        wide[row, column] = rows["number"]
        first = rows[~line.duplicated()]
        cells = cell_names(first["place"].to_numpy())
        where = {
            (row.service, row.basis): f"{row.source}, sheet {row.sheet!r}, cell {cell}"
            for row, cell in zip(first.itertuples(), cells, strict=True)
        }
        names = pd.Index([*where], tupleize_cols=False)
        yield Year(int(year), pd.DataFrame(wide, ecodes.tolist(), names), where)


def _found(pair: Pair) -> Iterator[tuple[list[int], str]]:
    """The columns that do not stand where they did, and whose figures theirs are like."""
    for pairs in exchanged(pair):
        yield list(pairs), "each other's figures"
    for column in shifted(pair):
        yield [column], "the figures of the rows beside theirs"


def exchanged(pair: Pair) -> Iterator[tuple[int, int]]:
    """Columns that are nearer to each other's figures of the year before than to their own."""
    near = pair.apart[:, None] + pair.apart
    sums = np.abs(pair.now.sum(axis=0)[:, None] - pair.before.sum(axis=0))
    could = (sums + sums.T <= NEARER * near) & (near >= pair.small)
    pairs = np.argwhere(np.triu(could, 1))
    across = _apart(pair, pairs, pairs[:, ::-1])
    near_by = across.sum(axis=1) <= NEARER * pair.apart[pairs].sum(axis=1)
    pairs, across = pairs[near_by], across[near_by]
    yield from map(tuple, pairs[_nearer(across, _apart(pair, pairs, pairs))].tolist())


def _apart(pair: Pair, now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """How far each pair of columns is from a pair of the year before, council by council."""
    then, this = (np.ascontiguousarray(side.T) for side in (pair.before, pair.now))
    return sum(np.abs(this[now[:, i]] - then[before[:, i]]) for i in (0, 1))


def shifted(pair: Pair) -> Iterator[int]:
    """Columns that are nearer to the rows above or below of the year before than to their own."""
    own = np.abs(pair.now - pair.before)
    for step in (-1, 1):
        beside = np.abs(np.roll(pair.now, step, axis=0) - pair.before)
        could = np.flatnonzero(pair.apart >= pair.small)
        yield from could[_nearer(beside.T[could], own.T[could])].tolist()


def _nearer(other: np.ndarray, own: np.ndarray) -> np.ndarray:
    """In which rows is the other distance that much less than their own, and less for most?"""
    nearer, further = (other < own).sum(axis=1), (other > own).sum(axis=1)
    much = other.sum(axis=1) <= NEARER * own.sum(axis=1)
    return much & (nearer >= FEW) & (nearer > further)


def _moved(this: Year, names: list[tuple], whose: str) -> UnknownHeading:
    said = [" ".join(word for word in name if isinstance(word, str) and word) for name in names]
    places = " and ".join(this.where[name] for name in names)
    return UnknownHeading(
        f"{places}: what stands from there down, under {' and '.join(said)}, is nearer to {whose} "
        "than to its own. If headings, columns or rows were exchanged, compare the original with "
        "that year's and ask its publisher; if the lines were redrawn, they are new lines of "
        "coopstats/register/lines.csv."
    )
