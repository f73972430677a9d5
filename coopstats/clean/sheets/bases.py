"""Which accounting basis a printed column is on: the sheet's title says, or the banner above it."""

from __future__ import annotations

import functools

from coopstats.clean.sheets.accounts import Accounts, Column
from coopstats.clean.sheets.headings import fold
from coopstats.core.errors import UnknownHeading
from coopstats.register import reader

MAIN_BASIS = "net_current_expenditure"

# The last year in which a banner opened a second block of the same headings on another basis.
SECOND_BLOCK_UNTIL = {"revenue_outturn": 2010, "revenue_budget": 2011}


@functools.cache
def _bases(table: str, place: str) -> dict[str, str]:
    listed = reader.table_of("bases")
    mine = listed[(listed["table"] == table) & (listed["place"] == place)]
    return dict(zip(mine["printed"], mine["basis"], strict=True))


def basis_of_sheet(read: Accounts) -> str:
    """The accounting basis that a sheet prints in its title rows."""
    sheet = read.sheet
    title = fold(sheet.title)
    for printed, basis in _bases(sheet.source.table, "sheet").items():
        if printed in title:
            return basis
    raise UnknownHeading(
        f"{sheet.source.file}, sheet {sheet.name!r}: the title {title!r} names no basis that is in "
        "coopstats/register/bases.csv. Add it there."
    )


def basis_of(column: Column, read: Accounts) -> str:
    """The basis of one column: in early years a banner opens a second block on another basis."""
    banner, source = fold(column.banner), read.sheet.source
    in_first_block = not banner.startswith(MAIN_BASIS.replace("_", " "))
    if in_first_block or source.year > SECOND_BLOCK_UNTIL[source.table]:
        return basis_of_sheet(read)
    known = _bases(source.table, "banner")
    if banner not in known:
        raise UnknownHeading(
            f"{read.sheet.where(read.sheet.header, column.index)}: the banner {column.banner!r} "
            "names a basis that is not in coopstats/register/bases.csv. Add it there."
        )
    return known[banner]
