"""Which number it is: the words besides table and line that tell two numbers of a line apart.

Gross or net, on 1 April or on 31 March, collected or disposed of: where a table has such a column,
its word stands in the title and in the unit of every measure, chosen or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pandas as pd

PLACE_AND_TIME = {"gss", "ecode", "council", "council_class", "region", "whole", "year"}
ACRONYMS = {"frs17": "FRS17", "pfi": "PFI", "aef": "AEF"}
PLAIN = {
    ("date", "1 April"): "on 1 April",
    ("date", "31 March"): "on 31 March",
    ("age", "all"): "all ages",
    ("age", "0-17"): "aged 0-17",
    ("vintage", "census_2021"): "estimates re-based to Census 2021",
    ("vintage", "mid_2020"): "estimates of mid-2020",
    ("vintage", "mid_2024"): "estimates of mid-2024",
    ("sector", "all"): "all sectors",
    ("ownership", "all"): "all kinds of ownership",
}
Which = dict[str, tuple[str, ...]]


def narrowed(rows: pd.DataFrame, key: Iterable[str], line: str, chosen: dict[str, Any]) -> Which:
    """Each column that says which number it is, with its words in these rows.

    These are the other columns of the key, and every further one by which a reader chose.
    """
    columns = [c for c in dict.fromkeys([*key, *chosen]) if c in rows and c != line]
    return {
        column: tuple(sorted(str(word) for word in rows[column].dropna().unique()))
        for column in columns
        if column not in PLACE_AND_TIME
    }


def in_words(which: Which) -> tuple[str, ...]:
    """The same as a reader knows it: "net current expenditure", "on 31 March"."""
    return tuple(
        " and ".join(plain(column, word) for word in found) for column, found in which.items()
    )


def plain(column: str, word: str) -> str:
    """One word of a column in plain words; no two words of a column are the same in plain words."""
    if column in ("basis", "table"):
        return _spelt(word)
    return PLAIN.get((column, word), f"{column.replace('_', ' ')} {word}")


def _spelt(word: str) -> str:
    said = re.sub(r"^memorandum_", "memorandum, ", word).replace("_", " ")
    return " ".join(ACRONYMS.get(part, part) for part in said.split(" "))
