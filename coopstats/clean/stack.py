"""Putting parts on top of each other without spelling every word out again."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from pandas.api.types import union_categoricals

from coopstats.clean import register
from coopstats.clean.contract import IDENTITY


def stacked(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The parts in order, categories kept as categories; each part has the same columns."""
    parts = list(parts)
    columns = {}
    for name in parts[0].columns:
        pieces = [part[name] for part in parts]
        if isinstance(pieces[0].dtype, pd.CategoricalDtype):
            columns[name] = union_categoricals([p.array for p in pieces], ignore_order=True)
        else:
            columns[name] = np.concatenate([p.to_numpy() for p in pieces])
    return pd.DataFrame(columns)


def with_identity(table: pd.DataFrame, columns: list[str], key: list[str]) -> pd.DataFrame:
    """The table with its council's identity added from the register, in contract order.

    Rows are sorted by basis and service first where there are such columns, so that a reader of
    one service reads one stretch of the file.
    """
    ecode = table["ecode"].cat
    known = register.councils().reindex(ecode.categories)
    for name in IDENTITY:
        if name != "ecode":
            words = pd.Categorical(known[name])
            codes = words.codes[ecode.codes]
            table[name] = pd.Categorical.from_codes(codes, words.categories)
    first = [c for c in ("basis", "service") if c in key]
    order = [*first, *(c for c in key if c not in first)]
    return table[columns].sort_values(order, kind="stable", ignore_index=True)
