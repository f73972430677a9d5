"""Do the authorities of a sheet add up to the ENGLAND row that the publisher printed?

They must, within £1k in every numeric column, or the difference must be on record with its
reason (coopstats/register/tie_out_differences.csv). A difference that is not recorded, or one
recorded that is no longer there, stops the build.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd

from coopstats.clean.sheets.accounts import Accounts
from coopstats.clean.sheets.sheet import cell_name
from coopstats.core.errors import TieOutFailed
from coopstats.register import reader

TOLERANCE = 1.0  # £ thousand: what rounding of the printed total can do
AGREES = 0.5  # how closely a recorded difference must still hold, in its publication's unit


def differences(sheets: Iterable[Accounts]) -> pd.DataFrame:
    """Every column whose authorities do not add up to ENGLAND, in the publication's own unit.

    `printed` is the ENGLAND cell, `added` the sum of the authorities, `difference` what is
    printed beyond the sum.
    """
    found = [row for read in sheets for row in _of_sheet(read)]
    return pd.DataFrame(
        found, columns=["source", "sheet", "cell", "service", "printed", "added", "difference"]
    )


def compared(read: Accounts) -> int:
    """How many columns of a sheet print a number for ENGLAND and so can be compared."""
    return int(np.sum(~np.isnan(_printed(read))))


def _numeric(read: Accounts) -> list:
    return [c for c in read.columns if c.line.kind != "identity"]


def _printed(read: Accounts) -> np.ndarray:
    return read.sheet.number[read.england, [c.index for c in _numeric(read)]]


def _of_sheet(read: Accounts) -> Iterable[tuple]:
    columns, printed = _numeric(read), _printed(read)
    added = np.nansum(read.sheet.number[read.rows], axis=0)[[c.index for c in columns]]
    for at in np.flatnonzero(np.abs(printed - added) > TOLERANCE):
        yield (
            read.sheet.source.id,
            read.sheet.name,
            cell_name(read.england, columns[at].index),
            columns[at].line.service,
            printed[at],
            added[at],
            round(printed[at] - added[at], 3),
        )


def recorded(tables: Iterable[str]) -> pd.DataFrame:
    """The differences on record for these tables, each with its reason."""
    listed = reader.table_of("tie_out_differences")
    mine = {*tables}
    listed = listed[[source.split("/")[0] in mine for source in listed["source"]]]
    return listed.assign(difference=listed["difference"].astype(float))


def check(sheets: Iterable[Accounts]) -> pd.DataFrame:
    """The differences with their recorded reasons; TieOutFailed when they are not the record."""
    sheets = list(sheets)
    return settled(differences(sheets), {read.sheet.source.table for read in sheets})


ENGLAND_DIFFERS = (
    "columns do not tie out to the printed ENGLAND row as recorded (£ thousand, printed less added)"
)


def settled(
    found: pd.DataFrame,
    tables: Iterable[str],
    what: str = ENGLAND_DIFFERS,
    services: Collection[str] | None = None,
) -> pd.DataFrame:
    """Differences of some tables with their reasons; TieOutFailed when they are not the record.

    `what` says in the message what differs, and in which unit. `services` are those compared,
    where a publication feeds other tables too.
    """
    key = ["source", "sheet", "cell"]
    records = recorded(tables)
    if services is not None:
        records = records[records["service"].isin(list(services))]
    both = found.merge(
        records[[*key, "service", "difference", "reason"]],
        on=key,
        how="outer",
        suffixes=("", "_recorded"),
    )
    both["service"] = both["service"].fillna(both.pop("service_recorded"))
    moved = ~(both["difference"] - both["difference_recorded"]).abs().lt(AGREES)
    if moved.any():
        raise TieOutFailed(_message(both[moved], what))
    return both.drop(columns="difference_recorded")


def _message(moved: pd.DataFrame, what: str) -> str:
    lines = [f"{len(moved)} {what}:"]
    for row in moved.head(8).itertuples():
        now = "0" if np.isnan(row.difference) else f"{row.difference:,.3f}"
        was = "none" if np.isnan(row.difference_recorded) else f"{row.difference_recorded:,.3f}"
        lines.append(
            f"  {row.source}, {row.sheet}, {row.cell} {row.service}: {now}, recorded {was}"
        )
    lines.append(
        "Look at the rows of that sheet. If the publisher's own figures differ, record the "
        "difference and its reason in coopstats/register/tie_out_differences.csv."
    )
    return "\n".join(lines)
