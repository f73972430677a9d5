"""Like for like: a line without what joined it, or with what left it, so that its years compare.

What moved, and from which year, is in the register of breaks; the pounds are those that a return
prints for each council. Nothing is estimated: where a return does not print them there is none.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from coopstats.core.errors import NotComparable, Verb, can
from coopstats.core.years import financial_year
from coopstats.datasets.load import load
from coopstats.datasets.table import about
from coopstats.measures import wholes
from coopstats.register.breaks import Break, Move

ENGLAND = "England"  # the whole that the councils of a return make


def moves_of(found: Collection[Break]) -> tuple[Move, ...]:
    """What to take away and to add, each once."""
    return tuple(dict.fromkeys(move for one in found for move in one.moves))


def refuse(title: str, found: Collection[Break]) -> None:
    """NotComparable, with the reason why none of these breaks can be mended."""
    why = dict.fromkeys(f"{b.sentence} {b.why_not}" for b in found)
    told = " ".join(why) or "No change of its meaning lies in these years."
    raise NotComparable(f"{title} cannot be made like for like. {told}")


def shift(move: Move, amounts: pd.DataFrame, basis: str | None) -> pd.Series:
    """Pounds to add to each row: nothing where the move does not reach, NaN where a line lacks.

    A body that never has these lines has no such service. Raises NotComparable for years in which
    the return does not print them.
    """
    reached = amounts["year"].map(move.reaches)
    moved = pd.Series(0.0, index=amounts.index)
    if reached.any():
        printed = _printed(move, basis, {int(y) for y in amounts.loc[reached, "year"]})
        keys = pd.MultiIndex.from_frame(amounts.loc[reached, ["ecode", "year"]])
        found = printed.reindex(keys).to_numpy()
        has = keys.get_level_values("ecode").isin(printed.index.get_level_values("ecode"))
        moved[reached] = np.where(has, found, 0.0)
    return moved if move.adds else -moved


def _printed(move: Move, basis: str | None, years: set[int]) -> pd.Series:
    """The moved lines of these years added up, by council and year; England by year too."""
    rows = _rows(move, basis)
    held = [set(part["year"]) for _, part in rows.groupby("service", observed=True)]
    gone = sorted(years - set.intersection(*map(set, held)))
    if gone:
        raise NotComparable(
            f"What moved ({', '.join(move.lines)} of {move.table}) is not held for "
            f"{', '.join(map(financial_year, gone))}.",
            could=[can(Verb.YEARS)],
        )
    here = rows[rows["year"].isin(years)]
    each = here.astype({"ecode": str, "gbp": "float64"}).groupby(["ecode", "year"])["gbp"]
    whole = each.agg(wholes.total).where(each.size() == len(move.lines))
    nation = here.groupby("year")["gbp"].sum().astype("float64")
    nation.index = pd.MultiIndex.from_product([[ENGLAND], nation.index], names=["ecode", "year"])
    return pd.concat([whole, nation])


def _rows(move: Move, basis: str | None) -> pd.DataFrame:
    """The lines that moved, on the basis of the line that they joined or left."""
    chosen = {"basis": basis} if basis and "basis" in about(move.table)["columns"] else {}
    return load(move.table, service=list(move.lines), **chosen)


def taken(move: Move, basis: str | None) -> pd.DataFrame:
    """The rows that were taken away or added, in the years that the move reaches."""
    rows = _rows(move, basis)
    return rows[rows["year"].map(move.reaches)]


def cited(move: Move, basis: str | None, years: Collection[int]) -> dict[str, dict[str, str]]:
    """The publications of what was taken away or added in these years, by their codes."""
    rows = taken(move, basis)
    used = rows[rows["year"].isin(list(years))]["source"].unique()
    return {code: about(move.table)["sources"][code] for code in used}


def sentence(move: Move) -> str:
    """What was done, for a step."""
    lines = ", ".join(line.replace("_", " ") for line in move.lines)
    side = "before" if move.before else "from"
    side = f"{side} {financial_year(move.year)}{'' if move.before else ' on'}"
    did = "added" if move.adds else "taken away"
    return f"Like for like: {lines} (of {move.table}) {did} {side}."
