"""The built tables, from disk. Everything that measures, compares or draws starts here."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from coopstats.core import paths
from coopstats.core.doors import door, each, several, word
from coopstats.core.errors import NotBuilt, UnknownName, did_you_mean
from coopstats.core.printable import shown
from coopstats.core.years import read_year
from coopstats.register.councils import EVER, bodies_ever, bodies_in

MAIN = "main"
COUNCIL = "council"  # the column whose words are found as `council` finds them
_NAME = re.compile(r"[a-z0-9_]+")  # of a table: never a path, nor a word for another file
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")


def built_tables() -> list[str]:
    """The names of the tables on disk."""
    return sorted(p.stem for p in paths.tables_dir().glob("*.parquet"))


def some_built() -> list[str]:
    """The same; NotBuilt where there is none."""
    names = built_tables()
    if not names:
        paths.refuse_without_tables()
    return names


def _path(table: str) -> Path:
    path = paths.tables_dir() / f"{table}.parquet"
    if not _NAME.fullmatch(table) or not path.exists():
        names = some_built()
        if _NAME.fullmatch(table) and paths.makes(table):
            paths.refuse_without_tables(table)
        raise UnknownName(
            f"There is no table {table!r}. Tables: {', '.join(names)}." + did_you_mean(table, names)
        )
    return path


def edition(table: str) -> tuple[str, int]:
    """The table's file and when it was written: what a cache of anything read from it is kept by.

    Raises NotBuilt or UnknownName.
    """
    path = _path(table)
    return str(path), path.stat().st_mtime_ns


def about(table: str) -> dict[str, Any]:
    """What a table says of itself: title, unit, key, columns, sources, fingerprint."""
    import pyarrow.parquet as pq

    return _readable(table, lambda path: json.loads(pq.read_metadata(path).metadata[b"coopstats"]))


def years_of(table: str) -> list[int]:
    """The years that a table has rows of, in order. Raises UnknownName where it has no years."""
    import pyarrow.parquet as pq

    if "year" not in about(table)["columns"]:
        raise UnknownName(f"{table} is not by year: leave the years out.")
    column = _readable(table, lambda path: pq.read_table(path, columns=["year"]))["year"]
    return sorted(int(year) for year in column.unique().to_pylist() if year is not None)


def line_column(table: str) -> str:
    """The column that names a table's lines: `service` in accounts, `item` in the others."""
    return "item" if "item" in about(table)["columns"] else "service"


@door(table=word, only=each(lambda value: several(_as_it_is)(value)))
def load(table: str, /, *, basis: Any = MAIN, **only: Any) -> pd.DataFrame:
    """One built table as a DataFrame, one row a figure.

    `only` keeps rows: `load("revenue_outturn", service="core", year=[2010, 2016])`. Where a
    table has a `basis`, its main one is meant (net current expenditure in the revenue accounts)
    unless you name another, or None for all. A `council` is found as `council` finds it, by any
    name or code, in the years asked for. Repeated words come as categories. Raises UnknownName or
    UnknownCouncil with the nearest, and NotBuilt.
    """
    wanted = {name: list(values) for name, values in only.items()}
    said = about(table)
    wanted = _by_code(table, wanted) if {"ecode", COUNCIL} <= said["columns"].keys() else wanted
    if basis is not None and "basis" in said["columns"]:
        main = isinstance(basis, str) and basis == MAIN
        wanted["basis"] = [said["main_basis"]] if main else list(several(word)(basis))
    _check_columns(table, wanted)
    wanted = _of_their_kinds(table, wanted)
    filters = [(name, "in", values) for name, values in wanted.items()]
    found = _readable(table, lambda path: _read(path, filters))
    return _checked_words(table, found, wanted)


def _by_code(table: str, wanted: dict[str, list]) -> dict[str, list]:
    """The words with the codes of councils for their names: of the bodies of the years wanted."""
    if COUNCIL not in wanted:
        return wanted
    rest = {name: values for name, values in wanted.items() if name != COUNCIL}
    years = [read_year(year) for year in wanted.get("year", [])]
    found = [code for name in wanted[COUNCIL] for code in _codes(table, name, years)]
    both = [code for code in dict.fromkeys(found) if code in rest.get("ecode", found)]
    if not both:
        names = " or ".join(map(repr, wanted[COUNCIL]))
        raise UnknownName(f"{table}: {names} is none of the bodies with these E-codes.")
    return {**rest, "ecode": both}


def _codes(table: str, name: Any, years: list[int]) -> list[str]:
    """The bodies that a name means in these years, or in any: those that the table has rows of.

    Where it has no row of the body of these years, as where it prints a successor's area for years
    before that began, whoever has a row there and ever had the name is meant.
    """
    held = _bodies_held(edition(table))
    every = frozenset().union(*held.values())
    there = frozenset().union(*(held.get(year, ()) for year in years)) if years else every
    meant = bodies_in(name, (min(years), max(years)) if years else EVER, ever=True)
    for bodies, rows in ((meant, there), (bodies_ever(name), there), (meant, every)):
        if found := [body.ecode for body in bodies if body.ecode in rows]:
            return found
    labels = " and ".join(body.label for body in meant)
    raise UnknownName(f"{table} has no council {name!r}: no row of it is of {labels}.")


@functools.lru_cache(maxsize=64)
def _bodies_held(held: tuple[str, int]) -> dict[int | None, frozenset[str]]:
    """Year → the E-codes that an edition of a table has rows of; None for one without years."""
    import pyarrow.parquet as pq

    path, _ = held
    columns = [name for name in ("ecode", "year") if name in pq.read_schema(path).names]
    rows = pq.read_table(path, columns=columns).to_pandas().drop_duplicates().dropna()
    years = rows["year"].tolist() if "year" in rows else [None] * len(rows)
    bodies: dict[int | None, set[str]] = {}
    for year, code in zip(years, rows["ecode"].astype(str), strict=True):
        bodies.setdefault(year, set()).add(code)
    return {year: frozenset(codes) for year, codes in bodies.items()}


def _read(path: Path, filters: list[tuple]) -> pd.DataFrame:
    import pyarrow.parquet as pq

    return pq.read_table(path, filters=filters or None, page_checksum_verification=True).to_pandas()


def _readable(table: str, read: Callable[[Path], Any]) -> Any:
    """What `read` gives for the table's file; NotBuilt when the file is damaged."""
    path = _path(table)
    try:
        return read(path)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise NotBuilt(
            f"{path.parent.parent.name}/{path.parent.name}/{table}.parquet is damaged ({problem}). "
            "Delete it and run `coopstats build`; nothing else is lost."
        ) from problem


def _as_it_is(value: Any) -> Any:
    """A word or a number; whether it may be in the column is seen later."""
    if isinstance(value, str):
        return word(value)
    if value is None or not _is_number(value):
        raise UnknownName(f"{shown(value)} is neither a word nor a number: give one, or a list.")
    return value


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool | bytes) and math.isfinite(value)
    except (TypeError, OverflowError):
        return False


def _check_columns(table: str, wanted: dict[str, list]) -> None:
    columns = about(table)["columns"]
    for name in wanted:
        if name not in columns:
            raise UnknownName(
                f"{table} has no column {name!r}. Columns: {', '.join(columns)}."
                + did_you_mean(name, columns)
            )


def _of_their_kinds(table: str, wanted: dict[str, list]) -> dict[str, list]:
    """The values as their columns hold them: words, numbers, and years in any way of writing.

    UnknownName for a word where a column holds numbers, or a number where it holds words.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _readable(table, pq.read_schema)
    kept = {}
    for name, values in wanted.items():
        of_words = pa.types.is_dictionary(schema.field(name).type)
        read = _word if of_words else read_year if name == "year" else _number
        try:
            kept[name] = list(dict.fromkeys(map(read, values)))
        except UnknownName as problem:
            raise UnknownName(f"{table}: {name} {problem.what}", could=problem.could) from None
    return kept


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise UnknownName(f"holds words, and {shown(value)} is not one: write it in quotes.")
    return value


def _number(value: Any) -> float:
    """A number, also from a word of digits."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value.strip()):
            raise UnknownName(f"holds numbers, and {value!r} is not one.")
        value = float(value)
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)


def _checked_words(table: str, found: pd.DataFrame, wanted: dict[str, list]) -> pd.DataFrame:
    """The rows found, unless a word that was asked for is in none of the table's rows."""
    for name, values in wanted.items():
        present = set(found[name].unique())
        for value in values:
            if value not in present:
                _refuse_unknown(table, name, value)
    return found


def _refuse_unknown(table: str, name: str, value: Any) -> None:
    """UnknownName when the whole table never has this word; silence when only the mix is empty."""
    import pyarrow.parquet as pq

    whole = pq.read_table(_path(table), columns=[name])[name].unique().to_pylist()
    if value not in whole:
        words = sorted(str(w) for w in whole if w is not None)
        shown = ", ".join(words if len(words) <= 40 else [*words[:40], "…"])
        raise UnknownName(
            f"{table} has no {name} {value!r}.{did_you_mean(str(value), words)} It has: {shown}."
        )


def table_bytes(table: str) -> bytes:
    """A built table's file, byte for byte."""
    return _path(table).read_bytes()


def words_in(table: str) -> set[str]:
    """Every word in a built table's columns of words."""
    import pyarrow.parquet as pq

    read = _readable(table, pq.read_table)
    wordy = [column for column in read.columns if hasattr(column.type, "value_type")]
    lists = [part.dictionary for column in wordy for part in column.chunks]
    return {word for words in lists for word in words.to_pylist()}


def row_count(table: str) -> int:
    """How many rows a built table has."""
    import pyarrow.parquet as pq

    return _readable(table, lambda path: pq.read_metadata(path).num_rows)


def schema_of(table: str) -> dict[str, str]:
    """The columns of a built table with their types, in Arrow's words."""
    import pyarrow.parquet as pq

    return {field.name: str(field.type) for field in _readable(table, pq.read_schema)}
