"""Putting parts on top of each other without spelling every word out again."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import IDENTITY
from coopstats.clean.sheets.codes import Part, coded, joined
from coopstats.clean.sheets.keys import numbered, order_of
from coopstats.clean.sheets.sheet import cell_names
from coopstats.register import lookups


def stacked(parts: Iterable[pd.DataFrame | Part]) -> pd.DataFrame:
    """The parts in order, categories kept as categories; each part has the same columns."""
    parts = list(parts)
    columns = {name: _joined([_array(part[name]) for part in parts]) for name in parts[0]}
    return pd.DataFrame(columns, copy=False)


def _array(column: pd.Series | pd.Categorical | np.ndarray) -> pd.Categorical | np.ndarray:
    if isinstance(column, pd.Series):
        return column.array if isinstance(column.dtype, pd.CategoricalDtype) else column.to_numpy()
    return column


def _joined(pieces: list) -> pd.Categorical | np.ndarray:
    return joined(pieces) if isinstance(pieces[0], pd.Categorical) else np.concatenate(pieces)


def with_identity(table: pd.DataFrame, columns: list[str], key: list[str]) -> pd.DataFrame:
    """The table with its council's identity and its cells' names, in contract order.

    What has no council has no identity.
    """
    table = _sorted(table, key)
    ecode = table["ecode"].cat
    known = lookups.council_table().reindex(ecode.categories)
    for name in IDENTITY:
        if name != "ecode":
            words = pd.Categorical(known[name])
            codes = np.append(words.codes, words.codes.dtype.type(-1))
            table[name] = coded(codes[ecode.codes], words.dtype)
    return _with_cells(table, columns)


def finished(table: pd.DataFrame, columns: list[str], key: list[str]) -> pd.DataFrame:
    """The table with its cells' names, in contract order, sorted by its key."""
    return _with_cells(_sorted(table, key), columns)


def _sorted(table: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The rows in the order of their keys: before a column is added that would be sorted too."""
    order = np.argsort(numbered(table, *order_of(key)), kind="stable")
    return table.take(order).reset_index(drop=True)


def _with_cells(table: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    table["cell"] = cell_names(table.pop("place").to_numpy())
    return table[columns]
