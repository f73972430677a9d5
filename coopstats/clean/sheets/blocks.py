"""The layout of the social care outturn: a block of columns a service, a kind of cost a column.

The service stands on the first or on every cell of a row above; what the column holds of it
stands below, in one row or, in 2008-09, spelt over five.
"""

from __future__ import annotations

import functools

import numpy as np

from coopstats.clean.sheets.accounts import Column
from coopstats.clean.sheets.headings import fold, known_headings, line_of
from coopstats.clean.sheets.sheet import Sheet, cell_name
from coopstats.core.errors import StaleCorrection, UnknownHeading, did_you_mean
from coopstats.register import reader


@functools.cache
def bases(table: str) -> dict[str, str]:
    """The accounting bases of a raw table by the folded heading of a column."""
    listed = reader.table_of("bases")
    mine = listed[(listed["table"] == table) & (listed["place"] == "heading")]
    return dict(zip(mine["printed"], mine["basis"], strict=True))


def columns_of_blocks(sheet: Sheet) -> list[Column]:
    """Every headed column: its line by the service above it, its `heading` the kind of cost."""
    first, row = sheet.column("Class") + 1, service_row(sheet)
    services = _services(sheet, row, first)
    found = [_identity(sheet, i) for i, h in enumerate(sheet.headings[:first]) if h and h.strip()]
    for index in range(first, sheet.text.shape[1]):
        cost = _spelt(sheet, row, index)
        if cost:
            found.append(_figures(sheet, index, cost, *services[index]))
    return found


def service_row(sheet: Sheet) -> int:
    """The row above the header with the most services that the register knows."""
    known = known_headings(sheet.source.table)
    right = sheet.text[: sheet.header, sheet.column("Class") + 1 :]
    counts = [sum(c is not None and fold(c) in known for c in row) for row in right]
    if not any(counts):
        raise UnknownHeading(
            f"{sheet.source.file}, sheet {sheet.name!r}: no row above row {sheet.header + 1} names "
            "a service of coopstats/register/lines.csv. Add the services that it prints there."
        )
    return int(np.argmax(counts))


def _services(sheet: Sheet, row: int, first: int) -> list[tuple[str, str]]:
    """The service above each column, the last printed at or to the left of it, and its place."""
    cells = {
        cell_name(row, i): c
        for i, c in enumerate(sheet.text[row])
        if i >= first and c is not None and c.strip()
    }
    meant, services = as_meant(sheet, cells), []
    reigning = "", sheet.where(row, first)
    for index in range(sheet.text.shape[1]):
        if (name := cell_name(row, index)) in meant:
            reigning = meant[name], sheet.where(row, index)
        services.append(reigning)
    return services


def as_meant(sheet: Sheet, cells: dict[str, str]) -> dict[str, str]:
    """What cells print by their name, those on record as misprinted as they were meant."""
    where = sheet.source.id, sheet.name
    listed = reader.table_of("misprinted_headings").to_dict("records")
    mine = [record for record in listed if (record["source"], record["sheet"]) == where]
    for record in mine:
        if (now := cells.get(record["cell"])) != record["printed"]:
            raise StaleCorrection(
                f"misprinted_headings.csv says that {sheet.source.id}, sheet {sheet.name!r}, cell "
                f"{record['cell']} prints {record['printed']!r}; it prints {now!r}. "
                "If the publisher mended it, remove the record."
            )
    return cells | {record["cell"]: record["meant"] for record in mine}


def _spelt(sheet: Sheet, row: int, index: int) -> str:
    """What stands between the row of services and the figures, the header row included."""
    cells = sheet.text[row + 1 : sheet.header + 1, index]
    return " ".join(c.strip() for c in cells if c is not None and c.strip())


def _identity(sheet: Sheet, index: int) -> Column:
    heading = sheet.headings[index] or ""
    where = sheet.where(sheet.header, index)
    return Column(index, heading, "", line_of(sheet.source.table, heading, "", where))


def _figures(sheet: Sheet, index: int, cost: str, service: str, where: str) -> Column:
    """A column of figures; where its heading is a service of its own, the cost stands below."""
    below = sheet.text[sheet.header + 1, index]
    if below is not None and fold(below) in bases(sheet.source.table):
        cost, service, where = below, cost, sheet.where(sheet.header, index)
    if fold(cost) not in bases(sheet.source.table):
        raise UnknownHeading(
            f"{sheet.where(sheet.header, index)}: {cost!r} names no basis in "
            "coopstats/register/bases.csv."
            f"{did_you_mean(fold(cost), bases(sheet.source.table))} Add it there."
        )
    return Column(index, cost, service, line_of(sheet.source.table, service, "", where))


def basis_of(column: Column, table: str) -> str:
    """The accounting basis of a column of figures."""
    return bases(table)[fold(column.heading)]
