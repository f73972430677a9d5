"""co_operative_organisations: every co-operative of England in two editions of one register.

From the open data of Co-operatives UK, editions of 2016 and 2017: one row an organisation and
edition, by its ID in them, with the days on which it was incorporated and dissolved. Its council
is the one in which its registered office lies, as councils are since 2023, whatever they were
then. No name, address or number of its registrar is here.
"""

from __future__ import annotations

import datetime
import functools
import re

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import category, contract, identity, number, rule
from coopstats.clean.contracts.stack import stacked, with_identity
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.sheets.plain import ABROAD, AREAS, bodies_among, constant
from coopstats.clean.sheets.sheet import Sheet, places
from coopstats.core.errors import UnreadableSource
from coopstats.publications.postcodes import COUNCIL, SHARED, UNKNOWN

TABLE = "co_operative_organisations"
EDITIONS = (2016, 2017)
KEY = ["organisation", "edition"]
ID = "CUK Organisation ID"
WORDS = {
    "status": "Registered Status",
    "sector": "Sector - Simplified, High Level",
    "ownership": "Ownership Classification",
    "legal_form": "Legal Form",
    "nation": "UK Nation",
}
DAYS = {"born": "Incorporation Date", "died": "Dissolved Date"}
NOT_SAID = "not said"
OFFICE = {
    "council": "its postcode lies in the council named",
    "unknown": "what is printed is no postcode",
    "none": "no postcode is printed",
    "abroad": "its postcode lies outside England, though England is printed",
}
ENGLAND = "England"
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    return with_identity(stacked(map(edition, EDITIONS)), list(columns()), KEY)


@functools.cache
def edition(year: int) -> pd.DataFrame:
    """The organisations of England in one edition, each once, before their councils' names."""
    sheet = sheet_of(f"co_operatives/{year}")
    bodies = councils_of(sheet)
    rows = [row for row in records(sheet) if row in bodies or _printed_in_england(sheet, row)]
    table = pd.DataFrame(
        {
            "organisation": pd.Categorical(sheet.column_of_text(ID)[rows]),
            "edition": np.full(len(rows), year, dtype="int16"),
            "ecode": pd.Categorical([bodies.get(row) for row in rows]),
            "office": pd.Categorical([_office(sheet, row, bodies) for row in rows]),
            "sharing": _sharing(sheet, rows),
            "place": places(np.array(rows), np.array([sheet.column(ID)])),
        }
    )
    for name, heading in WORDS.items():
        table[name] = pd.Categorical(_said(sheet, heading)[rows])
    for name, heading in DAYS.items():
        table[name] = pd.Categorical(days(sheet, heading, rows))
    return table.assign(source=constant(sheet.source.id, table), sheet=constant(sheet.name, table))


def records(sheet: Sheet) -> list[int]:
    """The 0-based rows of organisations, each organisation once: the first where one is repeated.

    The edition of 2016 prints 18 twice, alike but for the industry that is not transcribed.
    """
    seen = pd.Series(sheet.column_of_text(ID)[sheet.header + 1 :])
    first = seen[(seen != "") & ~seen.duplicated()]
    return [int(row) + sheet.header + 1 for row in first.index]


def councils_of(sheet: Sheet) -> dict[int, str]:
    """The 0-based rows whose registered office lies in an English council, and its E-code."""
    codes = sheet.column_of_text(COUNCIL)
    codes = np.where([_is_code(code) for code in codes], codes, "")
    return bodies_among(sheet, codes, codes)


def _is_code(printed: str) -> bool:
    return bool(re.fullmatch(r"[A-Z]\d{8}", printed)) and not printed.startswith(_ELSEWHERE)


_ELSEWHERE = (*ABROAD, *AREAS, "L", "M")  # also the Channel Islands and the Isle of Man


def _printed_in_england(sheet: Sheet, row: int) -> bool:
    return bool(sheet.text[row, sheet.column(WORDS["nation"])] == ENGLAND)


def _office(sheet: Sheet, row: int, bodies: dict[int, str]) -> str:
    printed = sheet.text[row, sheet.column(COUNCIL)]
    if row in bodies:
        return "council"
    return {None: "none", UNKNOWN: "unknown"}.get(printed, "abroad")


def _sharing(sheet: Sheet, rows: list[int]) -> np.ndarray:
    """How many organisations of the edition have the postcode; NaN where none is printed."""
    return pd.to_numeric(pd.Series(sheet.text[rows, sheet.column(SHARED)])).to_numpy("float64")


def _said(sheet: Sheet, heading: str) -> np.ndarray:
    words = sheet.column_of_text(heading)
    return np.where(words == "", NOT_SAID, words)


def days(sheet: Sheet, heading: str, rows: list[int]) -> list[str | None]:
    """The dates below a heading, printed day first, as 2012-07-27; None where there is none."""
    column = sheet.column(heading)
    return [_day(sheet, row, column) for row in rows]


def _day(sheet: Sheet, row: int, column: int) -> str | None:
    printed = sheet.text[row, column]
    if printed is None:
        return None
    try:
        day, month, year = map(int, _DAY_FIRST.fullmatch(printed.strip()).groups())  # type: ignore[union-attr]
        return datetime.date(year, month, day).isoformat()
    except (AttributeError, ValueError):
        raise UnreadableSource(
            f"{sheet.where(row, column)} holds {printed!r} where a date belongs, day first, as in "
            "11/8/1863 (11 August). Compare the original."
        ) from None


def columns() -> dict:
    """The columns of the contract."""
    return {
        "organisation": category("the organisation's ID in the publications of Co-operatives UK"),
        "edition": number(
            "2016: the edition to May 2016; 2017: to June 2017", "int16", nullable=False
        ),
        **identity(lambda meaning, nullable: category(meaning, nullable=True)),
        "office": category("; ".join(f"{k}: {v}" for k, v in OFFICE.items())),
        "sharing": number("how many records of the edition have its postcode, itself among them"),
        "status": category("Live or Dead, as printed"),
        "born": category("the day of incorporation, year first; null where none is printed", True),
        "died": category("the day of dissolution, year first; null where none is printed", True),
        "sector": category(f"the sector as printed; {NOT_SAID!r} where it is blank"),
        "ownership": category(f"who owns it, as printed; {NOT_SAID!r} where it is blank"),
        "legal_form": category(f"its legal form as printed; {NOT_SAID!r} where it is blank"),
        "nation": category("the nation as printed; the edition of 2016 leaves some blank"),
        "source": category("the publication's id in data/raw/SOURCES.toml"),
        "sheet": category("the file as printed"),
        "cell": category("the cell of its ID: the row is the record of the CSV"),
    }


def promised():
    """The contract."""
    return contract(
        TABLE,
        "Co-operatives of England: one row an organisation and edition",
        "Those whose registered office lies in England by its postcode, or where England is "
        "printed. Councils are those since 2023: no earlier one can be told from a code. No "
        "dissolution before February 2011 is printed.",
        columns(),
        KEY,
        [
            rule(
                "A council is named exactly where the postcode lies in one.",
                lambda t: (
                    (t["office"] == "council")
                    == t[["ecode", "council", "council_class"]].notna().all(axis=1)
                ),
            ),
            rule(
                "Nothing is dissolved before it is incorporated.",
                lambda t: ~(t["died"].astype(object) < t["born"].astype(object)),
            ),
            rule(
                "What has been dissolved is Dead in the edition of 2017.",
                lambda t: (t["edition"] != 2017) | t["died"].isna() | (t["status"] == "Dead"),
            ),
        ],
    )
