"""Stata 14 and later (.dta version 118): variables and their values labelled."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from coopstats.core import files
from coopstats.datasets.table import about

LABEL = 80  # characters that Stata gives a label of a variable or of a file
LABELS = 32_000  # bytes that pandas writes of the labels of one variable's values
TEXT = ("gss", "ecode", "council", "cell")  # what one merges by, or looks up, stays text
WRITTEN = datetime.datetime(1980, 1, 1)  # not the moment, so that the same table is the same file


class Write:
    """One file a table: words are labelled numbers where they fit, and text where not."""

    def __init__(self, folder: Path, tables: Sequence[str]) -> None:
        self.folder = folder / "stata"

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Write one table; a missing number is `.`, missing text is empty."""
        said = about(table)
        with files.replacing(self.folder / f"{table}.dta") as path:
            _plain(frame).to_stata(
                path,
                write_index=False,
                version=118,
                time_stamp=WRITTEN,
                data_label=shortened(said["title"]),
                variable_labels={c: shortened(said["columns"][c]) for c in frame},
            )

    def close(self) -> None:
        """Nothing is left."""


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with those words as text that Stata cannot or should not label."""
    text = [c for c in frame.select_dtypes("category") if not labelled(frame[c])]
    return frame.assign(**{c: frame[c].astype(object).fillna("") for c in text})


def labelled(words: pd.Series) -> bool:
    """Are these words written as numbers with labels?"""
    length = sum(len(str(word).encode()) + 1 for word in words.cat.categories)
    return words.name not in TEXT and length < LABELS


def shortened(words: str) -> str:
    """The words, cut at Stata's limit; docs/data_dictionary.md has them whole."""
    return words if len(words) <= LABEL else words[: LABEL - 1] + "…"
