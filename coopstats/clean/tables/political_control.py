"""political_control: seats by party in every English council, 1973 to 2026, and who had control.

From Open Council Data UK's council compositions. A year is the council as it was after the
elections of its May, so it governed the financial year that began a month before. Control is
recomputed from the seats and compared with what is printed; every difference is on record.
Licence: CC BY-SA 4.0, which whatever derives from this table carries on.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import ascii_uppercase

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import category, rule
from coopstats.clean.families.outcomes import KEY, Item, figures_of_columns, finished, sheet_of
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets.plain import bodies_named, read_digits
from coopstats.clean.sheets.sheet import Sheet, cell_name
from coopstats.core.errors import TieOutFailed, UnreadableSource
from coopstats.register import reader

TABLE = "political_control"
PARTIES = {
    "con": "conservative",
    "lab": "labour",
    "ld": "liberal_democrat",
    "green": "green",
    "ukip": "ukip",
    "ref": "reform_uk",
    "other": "other",
}
ABROAD = ("nat", "pc", "snp")  # parties that stand in Scotland and Wales only
SOURCES = ("political_control/1973-2015", "political_control/2016-2026")
LICENCE = "CC-BY-SA-4.0"
NONE, TIED = "none", "tied"
CONTROL = {
    **dict.fromkeys(PARTIES.values(), "that party, with more than half of the seats"),
    "other": "independents and smaller parties, who are no one party, with more than half together",
    NONE: "no overall control",
}
ITEMS = {
    "seats": Item("seats", "all seats", adds_up=True, low=1),
    "seats_conservative": Item("seats", "of the Conservatives", adds_up=True),
    "seats_labour": Item("seats", "of Labour", adds_up=True),
    "seats_liberal_democrat": Item(
        "seats", "of the Liberal Democrats; before 1988 of the parties before them", adds_up=True
    ),
    "seats_green": Item("seats", "of the Greens, from 2016", adds_up=True),
    "seats_ukip": Item("seats", "of UKIP, from 2016", adds_up=True),
    "seats_reform_uk": Item("seats", "of Reform UK, from 2016", adds_up=True),
    "seats_other": Item(
        "seats", "of independents and other parties; to 2015 Greens and UKIP too", adds_up=True
    ),
}
# What the column `majority` prints, lower case. From 2025 it says who runs the council.
PRINTED = {
    "con": "conservative",
    "lab": "labour",
    "ld": "liberal_democrat",
    "green": "green",
    "grn": "green",
    "ref": "reform_uk",
    "ukip": "other",  # in 2015, when its seats were among the others
    "ind": "other",
    "other": "other",
    "noc": NONE,
}
SHARED = ("plurality", " min")  # the largest party, or one that governs without a majority
# Districts stand in order of the alphabet below their county, so the district of Durham stands
# below Derwentside, and the county never does.
ABOVE_DURHAM, DURHAM = "Derwentside", {True: "Durham City", False: "Durham County Council"}


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    table = finished(map(seats_of, map(digits_of, SOURCES)), ITEMS, list(columns()), KEY)
    check_printed(table)
    return table


def digits_of(source: str) -> Sheet:
    """A publication's sheet with its numbers read from their text."""
    sheet = sheet_of(source)
    headings = ("year", "total", *_parties(sheet), *_abroad(sheet))
    return read_digits(sheet, *map(sheet.column, headings))


def _parties(sheet: Sheet) -> list[str]:
    return [heading for heading in PARTIES if heading in sheet.headings]


def _abroad(sheet: Sheet) -> list[str]:
    return [heading for heading in ABROAD if heading in sheet.headings]


def seats_of(sheet: Sheet) -> pd.DataFrame:
    """Every item of one publication, with the control that its seats make."""
    bodies = councils_of(sheet)
    _check_none_abroad(sheet, bodies)
    items = {sheet.column("total"): "seats"}
    items |= {sheet.column(h): f"seats_{PARTIES[h]}" for h in _parties(sheet)}
    rows = np.array(list(bodies))
    year = dict(zip(rows, sheet.number[rows, sheet.column("year")].astype(int), strict=True))
    return figures_of_columns(sheet, bodies, items, year.__getitem__, **control_of(sheet, rows))


def councils_of(sheet: Sheet) -> dict[int, str]:
    """The 0-based rows of English councils and their E-codes."""
    names = _told_apart(sheet.column_of_text("authority"))
    years = sheet.number[:, sheet.column("year")]
    rows = range(sheet.header + 1, len(names))
    without = [row for row in rows if np.isnan(years[row])]
    if without:
        raise UnreadableSource(
            f"{sheet.where(without[0], sheet.column('year'))} holds no year. Compare the original."
        )
    return bodies_named(sheet, names, {row: int(years[row]) for row in rows}, TABLE)


def _told_apart(names: np.ndarray) -> np.ndarray:
    """The names, with Durham told apart: a district and its county are printed under it."""
    above = np.roll(names, 1)
    told = [
        DURHAM[before == ABOVE_DURHAM] if name == "Durham" else name
        for before, name in zip(above, names, strict=True)
    ]
    return np.array(told, dtype=object)


def _check_none_abroad(sheet: Sheet, bodies: Mapping[int, str]) -> None:
    for heading in _abroad(sheet):
        column = sheet.column(heading)
        seated = [row for row in bodies if sheet.number[row, column] != 0]
        if seated:
            raise UnreadableSource(
                f"{sheet.where(seated[0], column)} gives an English council seats of {heading!r}, "
                "which this table leaves out. Give them an item in "
                "coopstats/clean/tables/political_control.py."
            )


def control_of(sheet: Sheet, rows: np.ndarray) -> dict[str, pd.Categorical]:
    """Who has more than half of the seats, whose seats are most, and what is printed."""
    seats = pd.DataFrame({PARTIES[h]: sheet.number[rows, sheet.column(h)] for h in _parties(sheet)})
    total = sheet.number[rows, sheet.column("total")]
    largest = largest_of(seats)
    control = largest.where(2 * seats.max(axis=1) > total, NONE)
    return {
        "control": pd.Categorical(control),
        "largest_party": pd.Categorical(largest),
        "printed": pd.Categorical(sheet.column_of_text("majority")[rows]),
    }


def largest_of(seats: pd.DataFrame) -> pd.Series:
    """The party with most seats, `tied` where two have as many."""
    most = seats.eq(seats.max(axis=1), axis=0)
    return most.idxmax(axis=1).where(most.sum(axis=1) == 1, TIED)


def meant(printed: str) -> str | None:
    """The control that a printed word claims; None where it names a mayor or a local party."""
    word = printed.lower()
    if word.endswith(SHARED) or "/" in word:
        return NONE
    return PRINTED.get(word)


def differences(table: pd.DataFrame) -> pd.DataFrame:
    """The councils whose printed control is not what their seats make, one a row."""
    rows = table[table["item"] == "seats"]
    claims = rows["printed"].astype(object).map(meant)
    off = rows[claims.notna() & (claims != rows["control"].astype(object))]
    named = ["source", "council", "year", "printed", "control"]
    return off[named].astype({n: object for n in named if n != "year"}).assign(cell=_beside(off))


def _beside(rows: pd.DataFrame) -> list[str]:
    """The cell of `majority` in the row of each figure."""
    column = {source: sheet_of(source).column("majority") for source in SOURCES}
    return [
        cell_name(int(cell.lstrip(ascii_uppercase)) - 1, column[source])
        for source, cell in zip(rows["source"], rows["cell"], strict=True)
    ]


def check_printed(table: pd.DataFrame) -> pd.DataFrame:
    """The differences with their recorded reasons; TieOutFailed when they are not the record."""
    found, record = differences(table), reader.table_of("control_differences")
    both = found.merge(
        record.assign(year=record["year"].astype("int16")),
        on=["source", "cell", "council", "year", "printed", "control"],
        how="outer",
        indicator=True,
    )
    moved = both[both["_merge"] != "both"]
    if len(moved):
        first = moved.iloc[0]
        raise TieOutFailed(
            f"{len(moved)} printed controls differ from the seats otherwise than recorded, first "
            f"{first['source']}, {first['cell']}: {first['council']} {first['year']} prints "
            f"{first['printed']!r} and the seats make {first['control']!r}. Look at the row, and "
            "record it with its reason in coopstats/register/control_differences.csv."
        )
    return both.drop(columns="_merge")


def columns() -> dict:
    """The columns of the contract."""
    year = (
        "the year of the May after whose elections the council was so: 2010 goes with the "
        "accounts of 2010-11"
    )
    meaning = "; ".join(f"{name}: {words}" for name, words in CONTROL.items())
    known = rule("Every control is one in the dictionary.", lambda c: c.isin(list(CONTROL)))
    return outcome_columns(
        ITEMS,
        year,
        control=category(f"recomputed from the seats: {meaning}", checks=[known]),
        largest_party=category(
            "the party with most seats, the others taken together; tied where two have as many"
        ),
        printed=category("the word under `majority` as printed; from 2025 it says who governs"),
    )


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Political control: seats by party, by council and year, 1973 to 2026",
        "The composition of every English council after the elections of each May. The City of "
        "London and the Isles of Scilly from 2016 only; councils that ended before 2007 are left "
        "out. Control is recomputed from the seats. Licence: CC BY-SA 4.0 (Open Council Data UK); "
        "whatever derives from this table carries that licence.",
        ITEMS,
        columns(),
        [
            rule("The seats of the parties make all seats.", _make_all),
            rule("Only a party with more than half of the seats is in control.", _by_majority),
        ],
        tier="shared",
        licence=LICENCE,
    )


def _wide(table: pd.DataFrame) -> pd.DataFrame:
    return table.pivot(index=["ecode", "year"], columns="item", values="value")


def _spread(off: pd.Series, table: pd.DataFrame) -> pd.Series:
    """Whether each row is the number of all seats of a council and year that is off."""
    key = pd.MultiIndex.from_frame(table[["ecode", "year"]])
    return off.reindex(key).to_numpy() & (table["item"] == "seats")


def _make_all(table: pd.DataFrame) -> pd.Series:
    wide = _wide(table)
    return ~_spread(wide.drop(columns="seats").sum(axis=1) != wide["seats"], table)


def _by_majority(table: pd.DataFrame) -> pd.Series:
    wide = _wide(table)
    said = table[table["item"] == "seats"].set_index(["ecode", "year"])["control"].astype(object)
    share = wide.drop(columns="seats").max(axis=1) / wide["seats"]
    return ~_spread((said.reindex(wide.index) != NONE) != (share > 0.5), table)
