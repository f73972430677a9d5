"""Columns of repeated words, as codes into a list of words.

A list that many sheets share is made and checked once: pandas does both anew for every column,
which for a thousand small ones takes longer than all their figures.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

Part = Mapping[str, pd.Categorical | np.ndarray]  # some rows of a table, column by column


def coded(codes: np.ndarray, words: Iterable[str] | pd.CategoricalDtype) -> pd.Categorical:
    """The words that the codes stand for; -1 is null."""
    known = words if isinstance(words, pd.CategoricalDtype) else _list_of(tuple(words))
    return pd.Categorical.from_codes(codes, dtype=known)


def categorical(words: Sequence[str | None]) -> pd.Categorical:
    """As pandas' Categorical of a list of words, which takes several times as long."""
    distinct = sorted({word for word in words if word is not None})
    place: dict[str | None, int] = {word: at for at, word in enumerate(distinct)}
    place[None] = -1
    return coded(np.array([place[word] for word in words], dtype="int64"), distinct)


def repeated(word: str, rows: int) -> pd.Categorical:
    """One word in every row."""
    return coded(np.zeros(rows, dtype="int8"), [word])


def tiled(words: pd.Categorical, times: int) -> pd.Categorical:
    """All of these words, one time after the other."""
    return coded(np.tile(words.codes, times), words.dtype)


def stretched(words: Sequence[str], each: int) -> pd.Categorical:
    """Every word several times, the list of words in order of appearance."""
    place: dict[str, int] = {}
    codes = [place.setdefault(word, len(place)) for word in words]
    return coded(np.repeat(np.array(codes, dtype="int16"), each), place)


@functools.lru_cache(maxsize=4096)
def _list_of(words: tuple[str, ...]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(pd.Index(words, dtype="str"))


def is_one_of(words: pd.Series, wanted: Collection[str]) -> np.ndarray:
    """In which rows one of these words stands; each is looked up once, and not in every row."""
    known = words.astype("category").cat
    of_code = np.array([*(word in wanted for word in known.categories), False])  # -1 is null
    return of_code[known.codes]


def joined(pieces: list[pd.Categorical]) -> pd.Categorical:
    """The pieces in one list of words, in order of appearance.

    As pandas' union_categoricals, which looks the words up in an index for each piece and is ten
    times slower on a hundred small ones.
    """
    place: dict[str, int] = {}
    lists = {id(piece.dtype): piece.categories for piece in pieces}
    new = {
        which: [place.setdefault(word, len(place)) for word in words.tolist()]
        for which, words in lists.items()
    }
    kind = np.min_scalar_type(-len(place) - 1)
    place_of = {which: np.array([*places, -1], dtype=kind) for which, places in new.items()}
    first, *_ = lists  # its words keep their places
    codes = np.concatenate(
        [
            piece.codes.astype(kind, copy=False)
            if id(piece.dtype) == first
            else place_of[id(piece.dtype)].take(piece.codes, mode="wrap")  # -1 is the last
            for piece in pieces
        ]
    )
    return pd.Categorical.from_codes(codes, pd.Index(list(place), dtype="str"))
