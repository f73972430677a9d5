"""Putting parts on top of each other without spelling every word out again."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from coopstats.clean import register
from coopstats.clean.contract import IDENTITY
from coopstats.clean.sheets import cell_names
from coopstats.clean.words import coded, joined


def stacked(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The parts in order, categories kept as categories; each part has the same columns."""
    parts = list(parts)
    columns = {name: _joined([part[name] for part in parts]) for name in parts[0]}
    return pd.DataFrame(columns, copy=False)


def _joined(pieces: list[pd.Series]) -> pd.Categorical | np.ndarray:
    if isinstance(pieces[0].dtype, pd.CategoricalDtype):
        return joined([piece.array for piece in pieces])
    return np.concatenate([piece.to_numpy() for piece in pieces])


def with_identity(table: pd.DataFrame, columns: list[str], key: list[str]) -> pd.DataFrame:
    """The table with its council's identity and its cells' names, in contract order.

    What has no council has no identity.
    """
    ecode = table["ecode"].cat
    known = register.councils().reindex(ecode.categories)
    for name in IDENTITY:
        if name != "ecode":
            words = pd.Categorical(known[name])
            table[name] = coded(np.append(words.codes, -1)[ecode.codes], words.categories)
    return finished(table, columns, key)


def finished(table: pd.DataFrame, columns: list[str], key: list[str]) -> pd.DataFrame:
    """The table with its cells' names, in contract order, sorted by its key.

    Rows are sorted by basis and service first where there are such columns, so that a reader of
    one service reads one stretch of the file.
    """
    table["cell"] = cell_names(table.pop("place").to_numpy())
    first = [c for c in ("basis", "service") if c in key]
    order = [*first, *(c for c in key if c not in first)]
    return table[columns].sort_values(order, kind="stable", ignore_index=True)
