"""What the register has on record: changes of meaning, and corrections."""

from __future__ import annotations

import pandas as pd

from coopstats.register import reader


def breaks() -> pd.DataFrame:
    """How many changes of meaning are on record, by table and grade."""
    listed = reader.table_of("breaks")
    counts = pd.crosstab(listed["table"], listed["grade"])[["severing", "noted"]]
    return counts.rename(index="`{}`".format).rename_axis(columns=None).reset_index()


def corrections() -> pd.DataFrame:
    """Every recorded correction: the cell, what it prints, what is read, and why."""
    listed = reader.table_of("corrections")
    cell = listed["source"] + ", " + listed["sheet"] + ", " + listed["cell"]
    numbers = listed[["was", "now"]].astype(float).map("{:,.0f}".format)
    return pd.concat([cell.rename("cell"), numbers, listed[["reason", "evidence"]]], axis=1)
