"""The rows of built tables, chosen by word. What measures, compares or draws starts here."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd

from coopstats.core.doors import door, each, several, word
from coopstats.core.errors import UnknownName, did_you_mean
from coopstats.core.safe_text import quoted
from coopstats.core.years import read_year
from coopstats.datasets.table import Table, open_table
from coopstats.register.councils import EVER, bodies_ever, bodies_in

MAIN = "main"
COUNCIL = "council"  # the column whose words are found as `council` finds them
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?")

Chosen = dict[str, list]  # column → the values that rows may have


@door(table=word, only=each(lambda value: several(_as_it_is)(value)))
def load(table: str, /, *, basis: Any = MAIN, **only: Any) -> pd.DataFrame:
    """One built table as a DataFrame, one row a figure.

    `only` keeps rows: `load("revenue_outturn", service="core", year=[2010, 2016])`. Where a
    table has a `basis`, its main one is meant (net current expenditure in the revenue accounts)
    unless you name another, or None for all. A `council` is found as `council` finds it, by any
    name or code, in the years asked for. Repeated words come as categories. Raises UnknownName or
    UnknownCouncil with the nearest, and NotBuilt.
    """
    return _rows(open_table(table), basis, {name: list(v) for name, v in only.items()})


def _rows(table: Table, basis: Any, chosen: Chosen) -> pd.DataFrame:
    """The rows of a table with these words, once the words are found to be its own."""
    if {"ecode", COUNCIL} <= table.columns.keys():
        chosen = _by_code(table, chosen)
    if basis is not None and "basis" in table.columns:
        main = isinstance(basis, str) and basis == MAIN
        bases = [table.about["main_basis"]] if main else list(several(word)(basis))
        chosen = {**chosen, "basis": bases}
    _check_columns(table, chosen)
    chosen = _of_their_kinds(table, chosen)
    return _checked_words(table, table.rows(**chosen), chosen)


def _by_code(table: Table, chosen: Chosen) -> Chosen:
    """The words with the codes of councils for their names: of the bodies of the years chosen."""
    if COUNCIL not in chosen:
        return chosen
    rest = {name: values for name, values in chosen.items() if name != COUNCIL}
    years = [read_year(year) for year in chosen.get("year", [])]
    found = [code for name in chosen[COUNCIL] for code in _codes(table, name, years)]
    both = [code for code in dict.fromkeys(found) if code in rest.get("ecode", found)]
    if not both:
        names = " or ".join(map(repr, chosen[COUNCIL]))
        raise UnknownName(f"{table.name}: {names} is none of the bodies with these E-codes.")
    return {**rest, "ecode": both}


def _codes(table: Table, name: Any, years: list[int]) -> list[str]:
    """The bodies that a name means in these years, or in any: those that the table has rows of.

    Where it has no row of the body of these years, as where it prints a successor's area for years
    before that began, whoever has a row there and ever had the name is meant.
    """
    every = frozenset().union(*table.bodies.values())
    there = every
    if years:
        there = frozenset().union(*(table.bodies.get(year, ()) for year in years))
    meant = bodies_in(name, (min(years), max(years)) if years else EVER, ever=True)
    for bodies, rows in ((meant, there), (bodies_ever(name), there), (meant, every)):
        if found := [body.ecode for body in bodies if body.ecode in rows]:
            return found
    labels = " and ".join(body.label for body in meant)
    raise UnknownName(f"{table.name} has no council {name!r}: no row of it is of {labels}.")


def _as_it_is(value: Any) -> Any:
    """A word or a number; whether it may be in the column is seen later."""
    if isinstance(value, str):
        return word(value)
    if value is None or not _is_number(value):
        raise UnknownName(f"{quoted(value)} is neither a word nor a number: give one, or a list.")
    return value


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool | bytes) and math.isfinite(value)
    except (TypeError, OverflowError):
        return False


def _check_columns(table: Table, chosen: Chosen) -> None:
    for name in chosen:
        if name not in table.columns:
            raise UnknownName(
                f"{table.name} has no column {name!r}. Columns: {', '.join(table.columns)}."
                + did_you_mean(name, table.columns)
            )


def _of_their_kinds(table: Table, chosen: Chosen) -> Chosen:
    """The values as their columns hold them: words, numbers, and years in any way of writing.

    UnknownName for a word where a column holds numbers, or a number where it holds words.
    """
    kept = {}
    for name, values in chosen.items():
        read = _word if table.of_words(name) else read_year if name == "year" else _number
        try:
            kept[name] = list(dict.fromkeys(map(read, values)))
        except UnknownName as problem:
            what = f"{table.name}: {name} {problem.what}"
            raise UnknownName(what, could=problem.could) from None
    return kept


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise UnknownName(f"holds words, and {quoted(value)} is not one: write it in quotes.")
    return value


def _number(value: Any) -> float:
    """A number, also from a word of digits."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value.strip()):
            raise UnknownName(f"holds numbers, and {value!r} is not one.")
        value = float(value)
    return int(value) if float(value).is_integer() and abs(value) < 2**53 else float(value)


def _checked_words(table: Table, found: pd.DataFrame, chosen: Chosen) -> pd.DataFrame:
    """The rows found, unless a word that was asked for is in none of the table's rows."""
    for name, values in chosen.items():
        present = set(found[name].unique())
        for value in values:
            if value not in present:
                _refuse_unknown(table, name, value)
    return found


def _refuse_unknown(table: Table, name: str, value: Any) -> None:
    """UnknownName when the whole table never has this word; silence when only the mix is empty."""
    whole = table.values_of(name)
    if value not in whole:
        words = sorted(str(w) for w in whole if w is not None)
        some = ", ".join(words if len(words) <= 40 else [*words[:40], "…"])
        raise UnknownName(
            f"{table.name} has no {name} {value!r}.{did_you_mean(str(value), words)} "
            f"It has: {some}."
        )
