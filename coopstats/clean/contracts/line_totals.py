"""Do the lines of a service add up to the total that the same sheet prints for it?

They must, and services to total service expenditure, for every body of every budget and summary
outturn sheet: a line that fell out of a sheet would otherwise count as nothing. Each figure is
printed in whole £ thousand, so a total may differ from its parts by their rounding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from coopstats.clean.sheets.accounts import Accounts, Column
from coopstats.clean.sheets.bases import basis_of
from coopstats.clean.sheets.sheet import cell_name
from coopstats.core.errors import TieOutFailed
from coopstats.register.lookups import council_table

ROUNDING = 0.5  # £ thousand, of each printed figure
HRA_TOTALS = ("hra_income", "hra_expenditure")


def wholes(read: Accounts) -> Iterator[tuple[Column, list[Column]]]:
    """Each printed total of a sheet with its parts, which stand to its left in the same block."""
    gathered: dict[str, list[Column]] = {"part": [], "hra": [], "service": []}
    for column in read.columns:
        name, kind = column.line.service, column.line.kind
        if basis_of(column, read).startswith("memorandum"):
            continue
        if kind in ("part", "service"):
            if kind == "service" and gathered["part"]:
                yield column, gathered["part"]
                gathered["part"] = []
            gathered[kind].append(column)
        elif name in HRA_TOTALS or name == "total_service_expenditure":
            into = "hra" if name in HRA_TOTALS else "service"
            if gathered[into]:  # the outturn prints the totals of the HRA without their lines
                yield column, gathered[into]
            gathered[into] = []
        elif name.startswith("hra_"):
            gathered["hra"].append(column)


def differences(sheets: Iterable[Accounts]) -> pd.DataFrame:
    """Every total that its parts do not add up to: £ thousand, printed less added."""
    found = [row for read in sheets for row in _of_sheet(read)]
    return pd.DataFrame(
        found, columns=["source", "sheet", "cell", "service", "ecode", "printed", "added"]
    )


def _of_sheet(read: Accounts) -> Iterator[tuple]:
    sheet, rows = read.sheet, read.rows
    for whole, parts in wholes(read):
        printed = sheet.number[rows, whole.index]
        index = np.array([part.index for part in parts])
        added = np.nansum(sheet.number[np.ix_(rows, index)], axis=1)
        for at in np.flatnonzero(np.abs(printed - added) > ROUNDING * (len(parts) + 1)):
            cell, ecode = cell_name(rows[at], whole.index), read.bodies[rows[at]]
            name = whole.line.service
            yield sheet.source.id, sheet.name, cell, name, ecode, printed[at], added[at]


def check(sheets: Iterable[Accounts]) -> None:
    """Raise TieOutFailed, naming the first few totals, if any differs from its parts."""
    off = differences(sheets)
    if off.empty:
        return
    names = council_table()["council"]
    said = [
        f"  {r.source}, {r.sheet}, {r.cell}: {r.service} of {names[r.ecode]} is "
        f"printed as {r.printed:,.0f}, its lines add up to {r.added:,.0f}"
        for r in off.head(8).itertuples()
    ]
    raise TieOutFailed(
        "\n".join([f"{len(off)} totals are not the sum of their lines (£ thousand):", *said])
        + "\nCompare those rows with the original; a line missing from coopstats/register/"
        "lines.csv as `part` also does this."
    )
