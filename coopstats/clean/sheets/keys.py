"""Keys of rows as numbers, which are quicker to match and to sort than words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

MOST = 2**63 - 1  # a number has no room for more


def order_of(key: Sequence[str]) -> list[str]:
    """The columns of a key in the order in which the rows of a table are sorted.

    Basis and service come first where there are such columns: the rows of one service stand
    together.
    """
    first = [name for name in ("basis", "service") if name in key]
    return [*first, *(name for name in key if name not in first)]


def numbered(rows: pd.DataFrame, *columns: str) -> np.ndarray:
    """A number for each row, greater where its key sorts later, alike where two keys are.

    Words sort as in their list of words, nulls last. The numbers are from 0 on.
    """
    number, could_be = np.zeros(len(rows), dtype="int64"), 1
    for name in columns:
        place, size = _places(rows[name])
        if could_be * size > MOST:  # number what there is, not all that there could be
            number, could_be = np.unique(number, return_inverse=True)[1], len(rows)
        number *= size
        number += place
        could_be *= size
    return number


def _places(values: pd.Series) -> tuple[np.ndarray, int]:
    """The place of each value among all that there could be, and how many these are."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "i" and len(values):
        least = int(values.min())
        return values.to_numpy("int64") - least, int(values.max()) - least + 1
    words = values.astype("category").cat
    codes, null = words.codes.to_numpy(), len(words.categories)
    return (np.where(codes < 0, null, codes) if codes.min(initial=0) < 0 else codes), null + 1


def distinct(*columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each combination of these columns' words stands first, and which stands in each row."""
    number = np.zeros(len(columns[0]), dtype="int64")
    for column in columns:
        codes, words = pd.factorize(column)
        number = number * (len(words) + 1) + codes + 1  # -1 is null
    which, found = pd.factorize(number)
    first = np.empty(len(found), dtype=int)
    first[which[::-1]] = np.arange(len(which))[::-1]  # the last one set stays
    return first, which
