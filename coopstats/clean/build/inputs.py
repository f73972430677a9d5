"""What each table is made of, so that only those are rebuilt of which something has changed.

Every table is made of the code that cleans and of the register; each of the publications in
data/raw that are listed here. A test builds each table by itself and holds what was opened against
that list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa

from coopstats.core import paths
from coopstats.core.sources import read_sources

CODE = ("core", "register", "clean")
# What the register says of pilots, claims and charts; no table is made of it.
NOT_IN_TABLES = frozenset(
    "article_councils articles claim_lines claim_spans claims colours deviations evidence "
    "exclusions neighbours network not_held pilots plan searches social_care_differences".split()
)
ACCOUNTS = ("revenue_budget", "revenue_outturn")
# The publications behind a table where they are others than those of its own name.
PUBLICATIONS = {
    "revenue_budget": ACCOUNTS,
    "revenue_outturn": ACCOUNTS,
    "budget_against_outturn": ACCOUNTS,
    "social_care_spending": ("social_care_spending", *ACCOUNTS),
    "printed_totals": ACCOUNTS,
    "reserves": ACCOUNTS,
    "council_tax": ACCOUNTS,
    "children_spending": ("children_spending", "lait"),
    "deprivation": ("deprivation", "population"),
    "library_branches": ("libraries",),
    "co_operative_organisations": ("co_operatives",),
    "co_operative_accounts": ("co_operatives",),
    "young_people": ("lait", "public_health_london"),
    "child_weight": ("child_weight", "public_health_london"),
    "alcohol_admissions": ("alcohol_admissions", "alcohol_mortality", "public_health_london"),
    "low_income_children": ("low_income_children", "public_health_london"),
    "preventable_mortality": (
        "cancer_mortality", "cardiovascular_mortality", "public_health_london",
    ),
    "vacant_dwellings": ("vacant_dwellings", "council_housing_stock"),
    "housing_waiting_lists": ("housing_waiting_lists", "council_housing_stock"),
    "lines": (*ACCOUNTS, "social_care_spending", "children_spending", "lait"),
}  # fmt: skip


def publications(table: str) -> tuple[str, ...]:
    """The folders of data/raw behind a table; that of councils is behind each."""
    return ("councils", *PUBLICATIONS.get(table, (table,)))


def digests(tables: Iterable[str]) -> dict[str, str]:
    """A digest of all that each table is made of.

    Taken before it is read: what changes during a build makes its tables stale.
    """
    of_file = cache(lambda path: hashlib.sha256(path.read_bytes()).hexdigest())
    shared = _digest([pd.__version__, pa.__version__], _shared(), of_file)
    return {table: _of_table(table, shared, of_file) for table in tables}


def _shared() -> Iterator[Path]:
    """The code and the register."""
    for folder in CODE:
        yield from (paths.PACKAGE / folder).rglob("*.py")
    yield from (f for f in paths.register_dir().glob("*.csv") if f.stem not in NOT_IN_TABLES)


def _of_table(table: str, shared: str, of_file: Callable[[Path], str]) -> str:
    behind = set(publications(table))
    entries = [repr(source) for source in read_sources().values() if source.table in behind]
    raw = (f for name in behind for f in (paths.raw_dir() / name).rglob("*.parquet"))
    return _digest([shared, *entries], raw, of_file)


def _digest(words: Iterable[str], files: Iterable[Path], of_file: Callable[[Path], str]) -> str:
    digest = hashlib.sha256("\n".join(words).encode())
    for file in sorted(files):
        digest.update(f"{file.parent.name}/{file.name} {of_file(file)}".encode())
    return digest.hexdigest()
