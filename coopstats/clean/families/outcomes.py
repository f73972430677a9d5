"""What the tables of services and outcomes share: one figure a council, item and year.

Each table has an `ITEMS` (what is counted or rated, in which unit) and a `clean()` that puts parts
with number, flag, place, source, sheet, ecode, item and year on top of each other; the columns,
the rules and the finish are here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import (
    CALENDAR_YEAR,
    category,
    contract,
    figure_or_reason,
    identity,
    number,
    placed,
    provenance,
    rule,
    year,
    zero_is_nothing,
)
from coopstats.clean.contracts.corrections import corrected
from coopstats.clean.contracts.misprints import undoubted
from coopstats.clean.contracts.stack import stacked, with_identity
from coopstats.clean.sheets.bodies import returned_in
from coopstats.clean.sheets.codes import categorical, repeated, stretched, tiled
from coopstats.clean.sheets.plain import cells, constant
from coopstats.clean.sheets.sheet import NOWHERE, Sheet, cell_names, sheets_of
from coopstats.core.errors import UnknownCouncil, UnreadableSource
from coopstats.core.sources import read_sources

if TYPE_CHECKING:
    import pandera.pandas as pa

KEY = ["ecode", "item", "year"]


@dataclass(frozen=True)
class Item:
    """What one figure is: its unit, its meaning, and whether councils' figures may be added up.

    `low` and `high` are the bounds that no figure may pass.
    """

    unit: str
    meaning: str
    adds_up: bool = False
    low: float = 0
    high: float = float("inf")


def sheet_of(source: str, name: str | None = None) -> Sheet:
    """One sheet of a publication: the only one, or the one of that name."""
    sheets = sheets_of(read_sources()[source])
    return next(sheet for sheet in sheets if name in (None, sheet.name))


_FINANCIAL_YEAR = re.compile(r"((?:19|20)\d\d)[-/](\d\d)")


def april_of(sheet: Sheet, heading: str) -> Callable[[int], int]:
    """What a row prints under this heading as a financial year: 2010 for 2010-11 or 2010/11."""
    column, known = sheet.column(heading), {}

    def april(row: int) -> int:
        printed = sheet.text[row, column]
        if printed not in known:
            known[printed] = read(row, (printed or "").strip())
        return known[printed]

    def read(row: int, printed: str) -> int:
        found = _FINANCIAL_YEAR.fullmatch(printed)
        if found is None or (int(found[1]) + 1) % 100 != int(found[2]):
            raise UnreadableSource(
                f"{sheet.where(row, column)} holds {printed!r} where a financial year belongs. "
                "Compare the original."
            )
        return int(found[1])

    return april


def figures_of_column(
    sheet: Sheet,
    bodies: Mapping[int, str | None],
    column: int,
    item: str | Callable[[int], str],
    year_of: int | Callable[[int], int],
) -> pd.DataFrame:
    """The figures of one column, one a row, of the bodies in these 0-based rows.

    `item` and `year_of` are the same for all rows, or what a row gives. The column's text must
    have been read as numbers (`plain.read_digits`) where a file prints only text.
    """
    rows = list(bodies)
    years = [year_of(row) for row in rows] if callable(year_of) else [year_of] * len(rows)
    return cells(
        sheet,
        rows,
        [column],
        ecode=categorical([*bodies.values()]),
        item=categorical([*map(item, rows)]) if callable(item) else repeated(item, len(rows)),
        year=np.array(years, dtype="int16"),
    )


def figures_of_columns(
    sheet: Sheet,
    bodies: Mapping[int, str | None],
    items: Mapping[int, str],
    year_of: Callable[[int], int],
    **beside: pd.Categorical,
) -> pd.DataFrame:
    """The figures of several columns, one column after the other: `items` has the item of each.

    `beside` is what stands beside each of the rows, whichever column it is about.
    """
    rows, columns = list(bodies), list(items)
    years = np.array([year_of(row) for row in rows], dtype="int16")
    said = {"ecode": categorical([*bodies.values()]), **beside}
    return cells(
        sheet,
        rows,
        columns,
        item=stretched([*items.values()], len(rows)),
        year=np.tile(years, len(columns)),
        **{name: tiled(words, len(columns)) for name, words in said.items()},
    )


def finished(
    parts: Iterable[pd.DataFrame], items: Mapping[str, Item], columns: list[str], key: list[str]
) -> pd.DataFrame:
    """The parts as a table in contract order: corrected, with units and the councils' identity."""
    table = corrected(stacked(parts), "number").rename(columns={"number": "value"})
    table["unit"] = pd.Categorical(table["item"].map({name: i.unit for name, i in items.items()}))
    if "doubt" in columns and "doubt" not in table:
        table = undoubted(table)
    return with_identity(table, columns, key)


def of_existing(sheet: Sheet, printed: pd.DataFrame, back: int) -> pd.DataFrame:
    """The figures of councils that existed `back` financial years before the year.

    A publication prints nothing or nought for the others. UnknownCouncil where it prints more.
    """
    existed = [
        returned_in(ecode, int(year) - back)
        for ecode, year in zip(printed["ecode"], printed["year"], strict=True)
    ]
    lost = printed[~np.array(existed)]
    for row in lost[lost["number"] > 0].itertuples():
        raise UnknownCouncil(
            f"{sheet.source.file}, sheet {sheet.name!r} prints {row.number:.0f} for {row.ecode} in "
            f"{row.year}, when coopstats/register/councils.csv says that it did not exist. Correct "
            "its years there, or its code in the publication's module."
        )
    return printed[existed]


def without_empty_twins(printed: pd.DataFrame) -> pd.DataFrame:
    """The figures of one item without the empty one where a council has two rows for a year.

    The Isles of Scilly have a row under each of two codes: one has the figure or a marker, the
    other nothing or nought. Two figures both stay, and break the contract.
    """
    size = printed["number"].fillna(-1.0).mask(printed["flag"] == "missing", -2.0)
    most = size.groupby([printed["ecode"], printed["year"]], observed=True).transform("max")
    return printed[(size == most) | (size > 0)]


def combined(table: pd.DataFrame, ecodes: Iterable[str]) -> pd.DataFrame:
    """The table with the figures of these councils flagged as another's too."""
    joint = table["ecode"].isin(list(ecodes)) & table["flag"].isin(["reported", "zero"])
    return table.assign(flag=pd.Categorical(table["flag"].astype(object).mask(joint, "combined")))


def columns(
    items: Mapping[str, Item], year_meaning: str = CALENDAR_YEAR, **more: pa.Column
) -> dict[str, pa.Column]:
    """The columns of the contract; `more` stand between the unit and the provenance."""
    known = rule("Every item is one of those in the dictionary.", lambda i: i.isin(list(items)))
    return {
        **identity(),
        "year": year(year_meaning),
        "item": category("; ".join(f"{n}: {i.meaning}" for n, i in items.items()), checks=[known]),
        "value": number("the figure, in the unit beside it"),
        "unit": category("what one of the item is"),
        **more,
        **provenance(),
    }


def promised(
    table: str,
    title: str,
    description: str,
    items: Mapping[str, Item],
    made: dict[str, pa.Column],
    rules: Iterable[pa.Check] = (),
    key: list[str] | None = None,
    **metadata: Any,
) -> pa.DataFrameSchema:
    """The contract of a table of outcomes.

    `tier` in `metadata` says whose figures a table has in a two-tier area: "nested" where a
    county's figure is of its whole area and its districts have theirs too, "shared" where each
    has a part, else "upper" or "lower".
    """
    return contract(
        table,
        title,
        description,
        made,
        key or KEY,
        [
            figure_or_reason("value"),
            zero_is_nothing("value"),
            placed(),
            rule("Every figure lies within the bounds of its item.", _within(items)),
            *rules,
        ],
        unit="as `unit` says",
        value="value",
        adds_up=[name for name, item in items.items() if item.adds_up],
        **metadata,
    )


def _within(items: Mapping[str, Item]) -> Callable[[pd.DataFrame], pd.Series]:
    def within(table: pd.DataFrame) -> pd.Series:
        item, value = table["item"].cat, table["value"]
        low, high = (
            np.array([getattr(items[n], b) if n in items else np.nan for n in item.categories])
            for b in _BOUNDS
        )
        of = item.codes.to_numpy()
        return value.isna() | ((value >= low[of]) & (value <= high[of]))

    return within


_BOUNDS = ("low", "high")


def side_by_side(table: pd.DataFrame, items: Iterable[str]) -> pd.DataFrame:
    """A row a council and year, a column an item, NaN where there is no figure."""
    wide = table.pivot(index=["ecode", "year"], columns="item", values="value")
    return wide.reindex(columns=list(items))


def all_but(table: pd.DataFrame, item: str, off: pd.Series) -> pd.Series:
    """True but for the rows of an item whose council and year are off: what a rule answers."""
    key = pd.MultiIndex.from_frame(table[["ecode", "year"]])
    return ~(off.reindex(key).to_numpy() & (table["item"] == item))


def tie_out_differences(
    table: pd.DataFrame, printed: pd.DataFrame, tolerance: float
) -> pd.DataFrame:
    """Where councils do not add up to the printed total of the same item and year.

    `table` is what the total should be the sum of, `printed` the totals as `cells` gives them,
    both with number, item and year. Differences beyond `tolerance` must be on record:
    `tie_out.settled` compares them.
    """
    added = table.groupby(["item", "year"], observed=True)["number"].sum()
    key = pd.MultiIndex.from_frame(printed[["item", "year"]].astype({"item": object}))
    return differing(printed.assign(added=added.reindex(key).to_numpy()), tolerance)


def differing(printed: pd.DataFrame, tolerance: float | np.ndarray) -> pd.DataFrame:
    """The printed figures that are not what stands beside them in the column `added`.

    `printed` is as `cells` gives it, with item; `tolerance` is one for all, or one a row.
    """
    difference = (printed["number"] - printed["added"]).round(3)
    off = printed.assign(difference=difference)[~(difference.abs() <= tolerance)]
    found = off.assign(
        service=off["item"].astype(object),
        cell=np.array(cell_names(off["place"].to_numpy()), dtype=object),
        printed=off["number"],
    )
    named = ["source", "sheet", "cell", "service", "printed", "added", "difference"]
    return found[named].astype({"source": object, "sheet": object})


def tie_out_to(
    table: pd.DataFrame, printed: pd.DataFrame, publication: str, tolerance: float
) -> pd.DataFrame:
    """The recorded differences from the printed totals; TieOutFailed when they are others."""
    found = tie_out_differences(table, printed, tolerance)
    return tie_out.settled(found, [publication], DIFFERS)


DIFFERS = "figures do not add up to the printed total as recorded (printed less added)"


def known_codes(sheet: Sheet, codes: np.ndarray, prefixes: tuple[str, ...]) -> dict[int, str]:
    """The 0-based rows whose code begins with one of these, and the code: printed totals."""
    rows = range(sheet.header + 1, len(codes))
    return {row: codes[row] for row in rows if codes[row].startswith(prefixes)}


def implied(printed: pd.DataFrame, count: str, rate: str, name: str, per: float) -> pd.DataFrame:
    """The number behind each rate, as item `name`: count × per / rate, flagged implied."""
    of = printed.set_index(["ecode", "year"])
    over = of.loc[(of["item"] == rate).to_numpy(), "number"]
    number = (
        per * of.loc[(of["item"] == count).to_numpy(), "number"] / over.where(over > 0)
    ).dropna()
    rows = printed.iloc[np.zeros(len(number), dtype=int)].reset_index(drop=True)
    nothing = {c: pd.Categorical([None] * len(rows)) for c in set(rows) - _SAID}
    return rows.assign(
        number=number.to_numpy(),
        ecode=pd.Categorical(number.index.get_level_values("ecode")),
        year=number.index.get_level_values("year").to_numpy("int16"),
        flag=constant("implied", rows),
        place=NOWHERE,
        item=constant(name, rows),
        **nothing,
    )


_SAID = {"number", "flag", "place", "source", "sheet", "ecode", "item", "year"}


def unsteady(low: pd.Series, high: pd.Series, most: float) -> pd.Series:
    """Where a number between `low` and `high` rose or fell `most`-fold or more in a year.

    Both are by ecode and year. Given is the least factor that rounding leaves possible, by the
    ecode and year before it: a denominator that is implied by rounded figures should move as
    slowly as people do.
    """
    later_low, later_high = (side.groupby("ecode").shift(-1) for side in (low, high))
    rose, fell = later_low / high, low / later_high
    least = pd.concat([rose, fell], axis=1).max(axis=1)
    return least[least >= most]
