"""Recorded corrections: a printed figure is changed only by a record with evidence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from coopstats.clean import register
from coopstats.clean.sheets import place_of
from coopstats.errors import StaleCorrection


def corrected(printed: pd.DataFrame, figure: str) -> pd.DataFrame:
    """The table with every recorded correction of its cells applied and flagged `corrected`.

    Raises StaleCorrection when a publication no longer prints what the record says it did.
    """
    records = register.read("corrections")
    records = records[records["source"].isin(printed["source"].cat.categories)]
    if records.empty:
        return printed
    printed = printed.assign(flag=printed["flag"].cat.add_categories(["corrected"]))
    for record in records.itertuples():
        printed.loc[_row(printed, record, figure), [figure, "flag"]] = [
            float(record.now),
            "corrected",
        ]
    return printed


def _row(printed: pd.DataFrame, record: Any, figure: str) -> pd.Series:
    here = (
        (printed["source"] == record.source)
        & (printed["sheet"] == record.sheet)
        & (printed["place"] == place_of(record.cell))
    )
    found = printed.loc[here, figure].to_numpy()
    if len(found) != 1 or not np.isclose(found[0], float(record.was), rtol=0, atol=5e-7):
        now = f"{found[0]:.15g}" if len(found) else "nothing"
        raise StaleCorrection(
            f"corrections.csv says that {record.source}, sheet {record.sheet!r}, cell "
            f"{record.cell} printed {record.was}; it prints {now}. If the publisher mended it, "
            "remove the record; if a vintage changed, check the record against it."
        )
    return here
