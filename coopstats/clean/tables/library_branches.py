"""library_branches: every branch library of two lists, at each date that the list speaks of.

From the Libraries Taskforce's list (1 April 2010 and 1 July 2016) and Arts Council England's of
2023 (the same dates, and 31 December 2019, 2021, 2022 and 2023). These are the rows behind every
count of `libraries`. The two lists are never joined: a branch stands in each under the name that
it has there.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import (
    CALENDAR_YEAR,
    category,
    contract,
    identity,
    number,
    rule,
    year,
)
from coopstats.clean.contracts.stack import stacked, with_identity
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.sheets.plain import bodies_named, constant
from coopstats.clean.sheets.sheet import Sheet, places
from coopstats.core.errors import UnreadableSource, did_you_mean

TABLE = "library_branches"
KEY = ["source", "row", "year"]
TASKFORCE, ARTS_COUNCIL = "libraries/2016", "libraries/2023"

OPERATORS = {
    "council": "run by the council's staff",
    "council_unstaffed": "the council's, without staff: a book drop or a collection of books",
    "commissioned": "run for the council by another organisation that it commissions",
    "community": "run by a community group, with some support from the council",
    "independent": "handed over to a body outside the council's network",
}
STANDINGS = {
    "open": "open to the public",
    "temporarily_closed": "closed for a time, to open again",
    "closed": "closed for good",
    "replaced": "closed for good, and another library took its place",
    "not_yet_open": "opened later",
    "not_known": "the list does not say whether it was open",
}
# Read from the rows of the list of 2016, whose sheet of definitions is not held: LAL- are book
# drops and collections of books, + are libraries with some of the council's staff.
TASKFORCE_OPERATORS = {
    "lal": "council",
    "lal-": "council_unstaffed",
    "cl": "commissioned",
    "crl": "community",
    "crl+": "community",
    "icl": "independent",
    "icl+": "independent",
    "": None,
}
TASKFORCE_STANDINGS = {
    "": "open",
    "xl": "closed",
    "xlr": "replaced",
    "xlt": "temporarily_closed",
}
# Sheet "Field Definitions & Caveats" of the list of 2023.
ARTS_COUNCIL_OPERATORS = {
    "temporary closure": None,
    "closed": None,
    "facility not open": None,
    "[unknown]": None,
    "la": "council",
    "lau": "council_unstaffed",
    "c": "commissioned",
    "cr": "community",
    "icl": "independent",
}
ARTS_COUNCIL_STANDINGS = {
    **dict.fromkeys(ARTS_COUNCIL_OPERATORS, "open"),
    "temporary closure": "temporarily_closed",
    "closed": "closed",
    "facility not open": "not_yet_open",
    "[unknown]": "not_known",
}
STATUTORY = {
    "yes": "yes",
    "no": "no",
    "facility not open": None,
    "temporary closure": None,
    "[unknown]": None,
}
# In 2010 both lists speak of the statutory service alone.
STANDINGS_2010 = {
    "yes": "open",
    "no": "not_known",
    "[unknown]": "not_known",
    "facility not open": "not_yet_open",
}
KINDS = {
    "static library": "library",
    "static local history library": "local history library",
    "mobile library": None,
    "prison library": None,
    "archive": None,
    "static archive": None,
}
DATES = {
    2016: "01/07/2016",
    2019: "31/12/2019",
    2021: "31/12/2021",
    2022: "31/12/2022",
    2023: "31/12/2023",
}


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    return with_identity(branches(), list(columns()), KEY)


def branches() -> pd.DataFrame:
    """One row a branch and date of both lists, with the place of the cell that says how it was."""
    return stacked([*taskforce(sheet_of(TASKFORCE)), *arts_council(sheet_of(ARTS_COUNCIL))])


def taskforce(sheet: Sheet) -> list[pd.DataFrame]:
    """The list of 2016: what was in the statutory service in 2010, and how each was in 2016."""
    names = sheet.column_of_text("library service")
    bodies = bodies_named(sheet, names, dict.fromkeys(range(len(names)), 2016), TABLE)
    listed = {
        "branch": sheet.column_of_text("library"),
        "kind": np.full(len(names), "library", dtype=object),
    }
    first = {
        "standing": _words(sheet, "statutory 2010", STANDINGS_2010),
        "operator": np.full(len(names), None, dtype=object),
        "statutory": _words(sheet, "statutory 2010", STATUTORY),
    }
    last = {
        "standing": _words(sheet, "closed", TASKFORCE_STANDINGS),
        "operator": _words(sheet, "operator", TASKFORCE_OPERATORS),
        "statutory": _words(sheet, "statutory 2016", STATUTORY),
    }
    is_open = last["standing"] == "open"
    cell = np.where(is_open, _places(sheet, "operator"), _places(sheet, "closed"))
    return [
        _at(sheet, bodies, 2010, _places(sheet, "statutory 2010"), listed | first),
        _at(sheet, bodies, 2016, cell, listed | last),
    ]


def arts_council(sheet: Sheet) -> list[pd.DataFrame]:
    """The list of 2023: static libraries, by the library services of 2023."""
    kind = _words(sheet, "Type", KINDS)
    years = {row: 2023 for row in range(sheet.header + 1, len(kind)) if kind[row]}
    bodies = bodies_named(sheet, sheet.column_of_text("Reporting Library Service"), years, TABLE)
    listed = {"branch": sheet.column_of_text("Name"), "kind": kind}
    first = "Stat Provision: 01/04/2010"
    statutory_then = {
        "standing": _words(sheet, first, STANDINGS_2010),
        "operator": np.full(len(kind), None, dtype=object),
        "statutory": _words(sheet, first, STATUTORY),
    }
    return [
        _at(sheet, bodies, 2010, _places(sheet, first), listed | statutory_then),
        *(
            _at(sheet, bodies, when, _places(sheet, _operation(date)), listed | _of(sheet, date))
            for when, date in DATES.items()
        ),
    ]


def _operation(date: str) -> str:
    return f"Facility Operation: {date}"


def _of(sheet: Sheet, date: str) -> dict[str, np.ndarray]:
    """How each branch was at a date."""
    return {
        "standing": _words(sheet, _operation(date), ARTS_COUNCIL_STANDINGS),
        "operator": _words(sheet, _operation(date), ARTS_COUNCIL_OPERATORS),
        "statutory": _words(sheet, f"Stat Provision: {date}", STATUTORY),
    }


def _words(sheet: Sheet, heading: str, known: Mapping[str, str | None]) -> np.ndarray:
    """What each word under a heading stands for; UnreadableSource for one that is not known."""
    printed = sheet.column_of_text(heading)
    for row in range(sheet.header + 1, len(printed)):
        if printed[row].lower() not in known:
            raise UnreadableSource(
                f"{sheet.where(row, sheet.column(heading))} holds {printed[row]!r} under "
                f"{heading!r}.{did_you_mean(printed[row].lower(), known)} If it is a new word, say "
                "in coopstats/clean/tables/library_branches.py what it stands for."
            )
    return np.array([known.get(word.lower()) for word in printed], dtype=object)


def _places(sheet: Sheet, heading: str) -> np.ndarray:
    """The place of every cell of a column."""
    return places(np.arange(len(sheet.text)), np.array([sheet.column(heading)]))


def _at(
    sheet: Sheet,
    bodies: Mapping[int, str],
    when: int,
    place: np.ndarray,
    said: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """The branches of a list at one date; `place` is that of the cell that says how each was."""
    rows = np.array(list(bodies))
    table = pd.DataFrame(
        {
            "ecode": pd.Categorical(list(bodies.values())),
            **{name: pd.Categorical(words[rows]) for name, words in said.items()},
            "year": np.full(len(rows), when, dtype="int16"),
            "row": (rows + 1).astype("int16"),
            "place": place[rows],
        }
    )
    return table.assign(source=constant(sheet.source.id, table), sheet=constant(sheet.name, table))


def columns() -> dict:
    """The columns of the contract."""
    standings = rule("Every standing is one in the dictionary.", lambda s: s.isin(list(STANDINGS)))
    operators = rule(
        "Every operator is one in the dictionary.", lambda o: o.isin(list(OPERATORS)) | o.isna()
    )
    return {
        **identity(),
        "branch": category("the name of the branch as printed"),
        "kind": category("library, or local history library, which only one list tells apart"),
        "year": year(f"{CALENDAR_YEAR} of the date: 1 April 2010, 1 July 2016, then 31 December"),
        "standing": category(
            "; ".join(f"{name}: {meaning}" for name, meaning in STANDINGS.items())
            + "; in 2010 the lists say only which were of the statutory service",
            checks=[standings],
        ),
        "operator": category(
            "; ".join(f"{name}: {meaning}" for name, meaning in OPERATORS.items())
            + "; null where the list does not say",
            nullable=True,
            checks=[operators],
        ),
        "statutory": category(
            "yes or no: part of what the council must provide; null where not said", nullable=True
        ),
        "source": category("the list: the publication's id in data/raw/SOURCES.toml"),
        "sheet": category("the sheet as printed"),
        "row": number("the row of the branch in its list, the same at every date", "int16", False),
        "cell": category("the cell that says how the branch was at that date"),
    }


def promised():
    """The contract."""
    return contract(
        TABLE,
        "Library branches: every branch of two lists, at each date",
        "One row a branch, list and date: the rows behind the counts of `libraries`. Mobile and "
        "prison libraries and archives are left out. The list of 2016 has the councils of 2016, "
        "that of 2023 the councils of 2023 at every date. No addresses.",
        columns(),
        KEY,
        [
            rule(
                "Only a branch that is open, or closed for a time, has an operator.",
                lambda t: t["operator"].isna() | t["standing"].isin(OPEN),
            ),
            rule(
                "No branch that is closed for good is of the statutory service.",
                lambda t: ~(t["standing"].isin(CLOSED) & (t["statutory"] == "yes")),
            ),
        ],
        tier="upper",
    )


OPEN = ("open", "temporarily_closed")
CLOSED = ("closed", "replaced")
