"""Which printed figures behind a measure are in doubt, by code and year, with the rules."""

from __future__ import annotations

import pandas as pd

Doubts = dict[tuple[str, int], str]


def of_rows(rows: pd.DataFrame) -> Doubts:
    """The rules that find a printed figure odd, by code and year."""
    if "doubt" not in rows:
        return {}
    found = rows[rows["doubt"].notna()]
    places = found["ecode" if "ecode" in rows else "whole"].astype(str)
    return dict(
        zip(
            zip(places, found["year"].astype(int), strict=True),
            found["doubt"].astype(str),
            strict=True,
        )
    )


def in_any(*each: Doubts) -> Doubts:
    """What is in doubt in any of several lines, the rules of each said once."""
    found: Doubts = {}
    for odd in each:
        for key, rules in odd.items():
            before = [rule for rule in found.get(key, "").split("; ") if rule]
            found[key] = "; ".join(dict.fromkeys([*before, *rules.split("; ")]))
    return found
