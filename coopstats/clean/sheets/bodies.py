"""Who a row is when its code outlived a reorganisation.

DfE's numbers name an area's education authority: Buckinghamshire is 825 as a county and as the
unitary council after it, under the same spelling. The year tells which.
"""

from __future__ import annotations

import functools

from coopstats.clean.sheets.accounts import bodies_called, body_of
from coopstats.clean.sheets.sheet import Sheet
from coopstats.register import lookups


def body_in(sheet: Sheet, row: int, code: str, name: str, year: int) -> str:
    """The register's E-code for a row of a year, whose code and spelling must be one body's.

    Where two bodies in succession share both, it is the one that existed in that year.
    """
    candidates = bodies_called(code, name)
    living = [ecode for ecode in candidates if lived_in(ecode, year)]
    if len(living) == 1:
        return living[0]
    return candidates[0] if len(candidates) == 1 else body_of(sheet, row, code, name)


@functools.cache
def lived_in(ecode: str, year: int) -> bool:
    """Did the body exist in a financial year? One in the register's last year still does."""
    first, last = _lives()[ecode]
    return first <= year and (year <= last or last == _last_year())


@functools.cache
def returned_in(ecode: str, year: int) -> bool:
    """Did the body return figures of a financial year? Before the register begins, as it begins.

    Stocks counted at the end of March or on 1 April are returned for the year that has ended.
    """
    return lived_in(ecode, max(year, _first_year()))


@functools.cache
def _first_year() -> int:
    return min(first for first, _ in _lives().values())


def last_year_of(ecode: str) -> int:
    """The last year of a body in the register."""
    return _lives()[ecode][1]


@functools.cache
def _lives() -> dict[str, tuple[int, int]]:
    known = lookups.council_table()
    return {
        ecode: (int(first), int(last))
        for ecode, first, last in zip(
            known.index, known["first_year"], known["last_year"], strict=True
        )
    }


@functools.cache
def _last_year() -> int:
    return max(last for _, last in _lives().values())
