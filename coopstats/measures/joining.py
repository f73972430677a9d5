"""Two tables side by side by council and year, with what only one of them has.

```python
mine = cs.bring("my.csv", value="jobs", unit="jobs")
both = cs.join(mine, cs.measure("revenue_outturn", "core"))
both.frame, both.summary, both.left_only, both.right_only
```
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from coopstats.core.doors import a, door
from coopstats.core.errors import NotComparable, UnknownName
from coopstats.core.phrases import number_of
from coopstats.measures.measure import Measure
from coopstats.measures.wholes import PLACE
from coopstats.register.councils import bodies

KEY = ["ecode", "year"]
NAMED = [c for c in PLACE if c != "ecode"]

TABLE = a((Measure, pd.DataFrame), "a Measure or a DataFrame")


@dataclass(frozen=True)
class Joined:
    """What two tables have in common, and the rows that are only in the left or the right one.

    `left_only` and `right_only` have a `reason` beside each row that found no fellow.
    """

    frame: pd.DataFrame
    left_only: pd.DataFrame
    right_only: pd.DataFrame
    years: str = ""

    @property
    def summary(self) -> str:
        """How many rows are in both, and how many in one alone and why."""
        sides = [("left", self.left_only), ("right", self.right_only)]
        alone = "; ".join(f"{len(rows)} only in the {side}{_why(rows)}" for side, rows in sides)
        return f"{number_of(len(self.frame), 'row')} in both; {alone}.{self.years}"

    def __repr__(self) -> str:
        return self.summary


@door(left=TABLE, right=TABLE)
def join(left: Measure | pd.DataFrame, right: Measure | pd.DataFrame) -> Joined:
    """Two tables by council (ecode) and year, nothing lost without being counted.

    The value of a measure comes under its title. Raises UnknownName for a table without those
    columns, NotComparable where a council and year has two rows or columns of one name would be
    mixed up. A financial year meets the calendar year in which it starts, which `.summary` says.
    """
    tables = [_table(side, name) for side, name in ((left, "left"), (right, "right"))]
    plain = tables[1].drop(columns=[c for c in NAMED if c in tables[0] and c in tables[1]])
    clash = sorted((set(tables[0]) & set(plain)) - set(KEY))
    if clash:
        raise NotComparable(f"Both tables have a column {clash[0]!r}: rename it in one of them.")
    both = tables[0].merge(plain, on=KEY, how="inner")
    alone = (_only(tables[0], tables[1]), _only(tables[1], tables[0]))
    return Joined(both, *alone, _years(left, right))


def _years(left: Measure | pd.DataFrame, right: Measure | pd.DataFrame) -> str:
    """What to say where one has calendar years and the other financial ones."""
    sides = [side for side in (left, right) if isinstance(side, Measure)]
    mixed = len({side.calendar for side in sides}) > 1
    return " A financial year is beside the calendar year in which it starts." if mixed else ""


def _table(side: Measure | pd.DataFrame, name: str) -> pd.DataFrame:
    table = side.frame.rename(columns={"value": side.title}) if isinstance(side, Measure) else side
    absent = [column for column in KEY if column not in table]
    if absent:
        raise UnknownName(
            f"The {name} table has no column {absent[0]!r}. It needs ecode and year: `bring` "
            "finds both."
        )
    table = table.astype({"ecode": str})
    twice = table[table.duplicated(KEY, keep=False)]
    if len(twice):
        row = twice.iloc[0]
        raise NotComparable(
            f"The {name} table has {len(twice)} rows that share a council and year, {row['ecode']} "
            f"in {row['year']} for one. Choose rows first, or add them up."
        )
    return table


def _only(mine: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """The rows without a fellow, each with the reason."""
    theirs = pd.MultiIndex.from_frame(other[KEY])
    rows = mine[~pd.MultiIndex.from_frame(mine[KEY]).isin(theirs)]
    pairs, years, codes = set(theirs), set(other["year"]), set(other["ecode"])
    reasons = [
        _reason(code, year, pairs, years, codes) for code, year in rows[KEY].itertuples(index=False)
    ]
    return rows.assign(reason=pd.Series(reasons, index=rows.index, dtype=object))


def _reason(code: str, year: int, pairs: set, years: set, codes: set) -> str:
    if year not in years:
        return "no row of this year"
    body = bodies().get(code)
    kin = (*body.predecessors, *body.successors) if body else ()
    if any((other, year) in pairs for other in kin):
        return "its predecessors or successors have the row"
    return "no row of this council in this year" if code in codes else "no row of this council"


def _why(rows: pd.DataFrame) -> str:
    counts = rows["reason"].value_counts()
    each = ", ".join(f"{count} {reason}" for reason, count in counts.items())
    return f" ({each})" if each else ""
