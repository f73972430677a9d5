"""How everything but the accounts is laid out: one header row, then a row a body or a date.

ONS and MHCLG workbooks of one figure a cell, CSV, Stata and hexJSON files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from coopstats.clean.sheets.accounts import body_of, flags_of
from coopstats.clean.sheets.codes import repeated
from coopstats.clean.sheets.sheet import Sheet, places
from coopstats.core.errors import UnknownCouncil, nearest
from coopstats.register import lookups
from coopstats.register.numbers import is_plain, read_number
from coopstats.register.wholes import ABROAD, AREAS


def bodies_of(sheet: Sheet, code: str, name: str | None) -> dict[int, str]:
    """The 0-based rows of English councils and their E-codes, code and spelling both checked.

    `code` and `name` are headings; `name` is None where a file prints codes alone. Rows without a
    code are the publisher's totals.
    """
    codes = sheet.column_of_text(code)
    names = codes if name is None else sheet.column_of_text(name)
    return bodies_among(sheet, codes, names)


def bodies_among(sheet: Sheet, codes: np.ndarray, names: np.ndarray) -> dict[int, str]:
    """The same from the codes and names themselves, "" where a row has none."""
    known: dict[tuple[str, str], str] = {}
    found = {}
    for row, both in enumerate(zip(codes.tolist(), names.tolist(), strict=True)):
        if row > sheet.header and both[0] and not both[0].startswith(_NO_COUNCIL):
            if both not in known:
                known[both] = _body(sheet, row, *both)
            found[row] = known[both]
    return found


_NO_COUNCIL = (*AREAS, *ABROAD)


def _body(sheet: Sheet, row: int, code: str, name: str) -> str:
    if code in lookups.combined_areas():
        return lookups.combined_areas()[code]
    if code == name and len(coded := lookups.ecodes_of_own_code().get(code, ())) == 1:
        return next(iter(coded))
    return body_of(sheet, row, code, name)


def bodies_named(
    sheet: Sheet, names: np.ndarray, years: Mapping[int, int], what: str
) -> dict[int, str]:
    """The 0-based rows of councils and their E-codes, where a file prints names and no codes.

    `years` has the rows and the year of each: of councils of one name it is the one that was
    there in that year. Rows of areas on record for `what` in areas_left_out.csv are passed over.
    """
    absent = lookups.areas_left_out(what)
    return {
        row: _body_named(sheet, row, names[row], year)
        for row, year in years.items()
        if names[row] not in absent
    }


def _body_named(sheet: Sheet, row: int, name: str, year: int) -> str:
    found = lookups.council_named(name, year)
    if len(found) == 1:
        return next(iter(found))
    spelt = lookups.ecodes_of_spelling()
    near = nearest(name, spelt, 1)
    hint = f" Nearest spelling: {near[0]!r} ({', '.join(sorted(spelt[near[0]]))})." if near else ""
    several = f" In {year} it could be {' or '.join(sorted(found))}." if found else ""
    raise UnknownCouncil(
        f"{sheet.source.file}, sheet {sheet.name!r}, row {row + 1}: {name!r} is not the name of "
        f"one council in coopstats/register.{several}{hint} Add a spelling to spellings.csv, or, "
        "for an area that is no council of the register, a row to areas_left_out.csv."
    )


def read_digits(sheet: Sheet, *columns: int) -> Sheet:
    """The sheet with the text of columns read as numbers where it is one: CSV prints only text."""
    read = replace(sheet, number=sheet.number.copy(), text=sheet.text.copy())
    for column in columns:
        turn_into_digits(read, column)
    return read


def turn_into_digits(sheet: Sheet, column: int) -> None:
    """The same in the sheet itself: for one that is too large to copy, and nobody else has."""
    filled = np.flatnonzero(sheet.text[:, column] != None)  # noqa: E711 - cell by cell
    filled = filled[filled > sheet.header]
    printed = sheet.text[filled, column].tolist()
    known = {words: read_number(words) for words in set(printed) if is_plain(words)}
    rows = filled[np.array([words in known for words in printed], dtype=bool)]
    sheet.number[rows, column] = [known[words] for words in printed if words in known]
    sheet.text[rows, column] = None


def cells(
    sheet: Sheet, rows: list[int], columns: list[int], **beside: pd.Categorical | np.ndarray
) -> pd.DataFrame:
    """One row a cell of rows × columns, column by column: number, flag, place, source, sheet.

    `beside` are further columns, which are quicker to give here than to add one by one.
    """
    at, index = np.array(rows, dtype=int), np.array(columns, dtype=int)
    number = sheet.number[np.ix_(at, index)].ravel(order="F")
    return pd.DataFrame(
        {
            "number": number,
            "flag": flags_of(sheet, at, index, number),
            "place": places(at, index),
            "source": repeated(sheet.source.id, len(number)),
            "sheet": repeated(sheet.name, len(number)),
            **beside,
        },
        copy=False,
    )


def constant(word: str, table: pd.DataFrame) -> pd.Categorical:
    """One word in every row of a table."""
    return repeated(word, len(table))
