"""Recorded corrections: a printed figure is changed only by a record with evidence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from coopstats.clean.sheets.sheet import NOWHERE, number_at, place_of, sheets_of
from coopstats.core.errors import StaleCorrection
from coopstats.core.sources import read_sources
from coopstats.register import reader

_applied: set[tuple[str, str, str]] = set()  # the records that some table of this process took


def applied() -> set[tuple[str, str, str]]:
    """The records that reached a table in this process so far: source, sheet, cell."""
    return set(_applied)


def check_applied(used: Collection[tuple[str, str, str]] | None = None) -> None:
    """Raise StaleCorrection unless every record reached a table; call it when all are made.

    `used` are the records that did, in whichever process; without it those of this one.
    """
    used = applied() if used is None else used
    for record in reader.table_of("corrections").itertuples():
        if (record.source, record.sheet, record.cell) not in used:
            raise StaleCorrection(
                f"corrections.csv has a record of {record.source}, sheet {record.sheet!r}, cell "
                f"{record.cell}, which no table takes as it is printed: it would change nothing. "
                "Correct a cell that is a row of a table, or remove the record."
            )


def check() -> None:
    """Raise StaleCorrection unless every record's cell still prints what the record says."""
    for record in reader.table_of("corrections").itertuples():
        _check_was(record, _printed(record))


def _printed(record: Any) -> float:
    """What the publication prints in the record's cell, NaN for nothing."""
    source = read_sources().get(record.source)
    for sheet in sheets_of(source) if source else ():
        if sheet.name == record.sheet:
            return number_at(sheet, place_of(record.cell))
    return float("nan")


def _check_was(record: Any, prints: float) -> None:
    if not np.isclose(prints, float(record.was), rtol=0, atol=5e-7):
        now = "nothing" if np.isnan(prints) else f"{prints:.15g}"
        raise StaleCorrection(
            f"corrections.csv says that {record.source}, sheet {record.sheet!r}, cell "
            f"{record.cell} printed {record.was}; it prints {now}. If the publisher mended it, "
            "remove the record; if a vintage changed, check the record against it."
        )


def corrected(printed: pd.DataFrame, figure: str) -> pd.DataFrame:
    """The table with every recorded correction of its cells applied and flagged `corrected`.

    A record of a cell that this table does not hold is another table's; `check` makes sure that
    each is some publication's.
    """
    records = reader.table_of("corrections")
    records = records[records["source"].isin(printed["source"].cat.categories)]
    if records.empty:
        return printed
    printed = printed.assign(flag=printed["flag"].cat.add_categories(["corrected"]))
    for record in records.itertuples():
        here = (
            (printed["source"] == record.source)
            & (printed["sheet"] == record.sheet)
            & (printed["place"] == place_of(record.cell))
            & (place_of(record.cell) != NOWHERE)
        )
        for prints in printed.loc[here, figure]:
            _check_was(record, prints)
        if here.any():
            _applied.add((record.source, record.sheet, record.cell))
        printed.loc[here, [figure, "flag"]] = [float(record.now), "corrected"]
    return printed
