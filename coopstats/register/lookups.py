"""The register as the cleaning modules need it: councils, codes, markers, exceptions."""

from __future__ import annotations

import functools

import pandas as pd

from coopstats.register import reader


@functools.cache
def council_table() -> pd.DataFrame:
    """Every body by E-code, with the identity columns that every table carries."""
    rows = reader.table_of("councils").rename(columns={"class": "council_class"})
    rows = rows.replace({"gss": {"": None}, "region": {"": None}})
    return rows.set_index("ecode", drop=False)


@functools.cache
def ecodes_of_code() -> dict[str, frozenset[str]]:
    """The bodies that ever had a code: ONS, old ONS, or E-code. Two E-codes changed hands."""
    return _beside(reader.table_of("codes"), "code", "ecode")


@functools.cache
def ecodes_of_own_code() -> dict[str, frozenset[str]]:
    """The same without the codes that were printed for another body by mistake."""
    rows = reader.table_of("codes")
    return _beside(rows[rows["system"] != "misprint"], "code", "ecode")


@functools.cache
def ecodes_of_spelling() -> dict[str, frozenset[str]]:
    """The bodies that were ever printed under a spelling."""
    return _beside(reader.table_of("spellings"), "spelling", "ecode")


def _beside(rows: pd.DataFrame, name: str, other: str) -> dict[str, frozenset[str]]:
    """What stands in one column beside each word of another; pandas takes ten times as long."""
    found: dict[str, set[str]] = {}
    for word, beside in zip(rows[name].tolist(), rows[other].tolist(), strict=True):
        found.setdefault(word, set()).add(beside)
    return {word: frozenset(beside) for word, beside in found.items()}


@functools.cache
def years_of_councils() -> dict[str, range]:
    """The financial years of each council's accounts, by E-code; other bodies have none."""
    rows = reader.table_of("councils")
    principal = rows[rows["kind"] == "principal"]
    first, last = (principal[name].astype(int) for name in ("first_year", "last_year"))
    return {e: range(f, to + 1) for e, f, to in zip(principal["ecode"], first, last, strict=True)}


def council_named(name: str, year: int) -> frozenset[str]:
    """The councils that were printed under a name; of several, those with accounts in a year.

    The accounts that are held begin and end with the register, so a year outside them is its
    first or its last.
    """
    years = years_of_councils()
    spelt = frozenset(e for e in ecodes_of_spelling().get(name, ()) if e in years)
    held = min(max(year, _accounts_held()[0]), _accounts_held()[-1])
    return spelt if len(spelt) < 2 else frozenset(e for e in spelt if held in years[e])


@functools.cache
def _accounts_held() -> range:
    years = years_of_councils().values()
    return range(min(y[0] for y in years), max(y[-1] for y in years) + 1)


@functools.cache
def areas_left_out(table: str) -> frozenset[str]:
    """The names in a table's publications of areas that are no councils of the register."""
    rows = reader.table_of("areas_left_out")
    return frozenset(rows.loc[rows["table"] == table, "area"])


@functools.cache
def combined_areas() -> dict[str, str]:
    """The council that stands for two printed together, by the code printed for both."""
    return dict(
        zip(*(reader.table_of("combined_areas")[name] for name in ("code", "ecode")), strict=True)
    )


@functools.cache
def successors() -> dict[str, frozenset[str]]:
    """What each body that ended became."""
    return _beside(reader.table_of("successions"), "predecessor", "successor")


@functools.cache
def predecessors() -> dict[str, frozenset[str]]:
    """What each body that began after another was made of."""
    return _beside(reader.table_of("successions"), "successor", "predecessor")


def markers(source: str) -> dict[str, str]:
    """What each marker of a publication means, as a flag; the publication's own rows win."""
    return _markers().get("", {}) | _markers().get(source, {})


@functools.cache
def _markers() -> dict[str, dict[str, str]]:
    """The markers of each publication and, under "", those of all."""
    return {
        source: dict(zip(rows["marker"], rows["flag"], strict=True))
        for source, rows in reader.table_of("markers").groupby("source")
    }


@functools.cache
def flags_of_markers() -> tuple[str, ...]:
    """The flags that some marker means."""
    return tuple(sorted(set(reader.table_of("markers")["flag"])))


def rows_left_out(source: str, sheet: str) -> frozenset[int]:
    """0-based rows of a sheet that hold figures but belong to nobody, each with its reason."""
    return _rows_left_out().get((source, sheet), frozenset())


@functools.cache
def _rows_left_out() -> dict[tuple, frozenset[int]]:
    return {
        where: frozenset(rows.astype(int) - 1)
        for where, rows in reader.table_of("rows_left_out").groupby(["source", "sheet"])["row"]
    }
