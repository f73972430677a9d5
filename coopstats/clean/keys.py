"""The key of a table as one number a row, to sort the rows and to see that no two are alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

MOST = 2**63  # a number has no room for more


def order_of(key: Sequence[str]) -> list[str]:
    """The columns of a key in the order in which the rows of a table are sorted.

    Basis and service come first where there are such columns, so that a reader of one service
    reads one stretch of the file.
    """
    first = [name for name in ("basis", "service") if name in key]
    return [*first, *(name for name in key if name not in first)]


def numbered(keys: pd.DataFrame) -> np.ndarray | None:
    """A number for each row, greater where the row sorts later, alike where two rows are.

    Words sort as in their list of words, nulls last. None where there is no room for so many.
    """
    number, could_be = np.zeros(len(keys), dtype="int64"), 1
    for name in keys:
        place, size = _places(keys[name])
        could_be *= size
        if could_be >= MOST:
            return None
        number *= size
        number += place
    return number


def _places(values: pd.Series) -> tuple[np.ndarray, int]:
    """The place of each value among all that there could be, and how many these are."""
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "i" and len(values):
        least = int(values.min())
        return values.to_numpy("int64") - least, int(values.max()) - least + 1
    words = values.astype("category").cat
    codes, null = words.codes.to_numpy(), len(words.categories)
    return (np.where(codes < 0, null, codes) if codes.min(initial=0) < 0 else codes), null + 1
