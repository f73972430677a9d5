"""data/raw and the register to data/processed: all tables or none, one build at a time.

Two processes make the tables, where whole publications are to be read, and give the same ones.

A table is rebuilt only when something it is made of has changed (inputs.py). The tables are
written after every one of them has kept its contract and every sheet has tied out, so a failed,
killed or disk-full build leaves the old ones whole.
"""

from __future__ import annotations

import contextlib
import importlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from coopstats.clean.build import fingerprint, inputs
from coopstats.core import files, paths, workers
from coopstats.core.doors import any_of, word
from coopstats.core.errors import BuildRunning, UnknownName, did_you_mean
from coopstats.core.parquet import packed
from coopstats.core.sources import Source, read_sources

TABLES = (
    "councils",
    "revenue_outturn",
    "revenue_budget",
    "budget_against_outturn",
    "social_care_spending",
    "children_spending",
    "printed_totals",
    "reserves",
    "council_tax",
    "spending_power",
    "population",
    "deflator",
    "deprivation",
    "teenage_conceptions",
    "fly_tipping",
    "household_waste",
    "adult_care_quality",
    "london_crime",
    "libraries",
    "library_branches",
    "political_control",
    "labour_market",
    "household_income",
    "co_operative_organisations",
    "co_operative_accounts",
    "co_operatives",
    "young_people",
    "child_weight",
    "alcohol_admissions",
    "low_income_children",
    "preventable_mortality",
    "council_housing_stock",
    "vacant_dwellings",
    "housing_waiting_lists",
    "lines",
)

# What must hold before any table is made; the last three are raw tables with ENGLAND rows.
CHECKS = ("corrections", "revenue_outturn", "revenue_budget", "social_care_spending")
LARGE = ("revenue_outturn", "revenue_budget", "social_care_spending", "children_spending")
# Tables that are read from the same long publications, and so made by the same process.
KIN = (
    (
        "revenue_budget", "revenue_outturn", "budget_against_outturn", "printed_totals", "reserves",
        "council_tax",
    ),
    ("children_spending", "young_people"),
    ("co_operatives", "co_operative_organisations", "co_operative_accounts"),
    ("council_housing_stock", "vacant_dwellings", "housing_waiting_lists"),
)  # fmt: skip
# Made last, of what those that have read the large publications list of their headings.
CROSSWALK = "lines"


def build(names: Iterable[str] = (), show_progress: bool = False) -> list[str]:
    """Build the named tables (all of them unless named); returns those that had changed.

    Raises ContractBroken, TieOutFailed, StaleCorrection or UnknownHeading before anything is
    written, and BuildRunning when another build is at work.
    """
    wanted = known(names) or list(TABLES)
    paths.refuse_without_raw()
    paths.processed_dir().mkdir(parents=True, exist_ok=True)
    with _only_build():
        _sweep()
        digests = inputs.digests(wanted)
        stale = [name for name in wanted if not _is_current(name, digests[name])]
        if stale:
            made = _made({name: digests[name] for name in stale}, show_progress)
            files.replace_all({path(name): content for name, content in made.items()})
        return stale


def known(names: Iterable[str]) -> list[str]:
    """The names, if each is a table."""
    listed = list(any_of(word)(names))
    for name in listed:
        if name not in TABLES:
            raise UnknownName(
                f"There is no table {name!r}. Tables: {', '.join(TABLES)}."
                + did_you_mean(name, TABLES)
            )
    return listed


def path(name: str) -> Path:
    """Where a built table is kept."""
    return paths.processed_dir() / f"{name}.parquet"


def module(name: str) -> ModuleType:
    """The cleaning module of a table: `clean()` makes it, `promised()` is its contract."""
    return importlib.import_module(f"coopstats.clean.tables.{name}")


def _only_build():
    """A lock that the operating system lets go of when a process dies."""
    import filelock

    lock = filelock.FileLock(paths.processed_dir() / ".lock", blocking=False)
    try:
        return lock.acquire()
    except filelock.Timeout as busy:
        raise BuildRunning(
            "Another `coopstats build` is writing data/processed. Wait until it has ended, "
            "then run again."
        ) from busy


def _sweep() -> None:
    """Remove what a killed build had begun to write; the caller holds the lock."""
    for left in paths.processed_dir().glob(".*.parquet.*"):
        left.unlink()


def _made(stale: dict[str, str], show_progress: bool) -> dict[str, bytes]:
    """The stale tables as bytes of Parquet, after every sheet behind them has tied out.

    `stale` has the digest of what each is made of.
    """
    steps = _steps(stale)
    with _progress(len(steps) + (CROSSWALK in stale), show_progress) as noted:
        if len(set(stale) & set(LARGE)) > 1:
            results = workers.together(steps, step, noted, _kin)
        else:
            results = workers.alone(steps, step, noted)
        if set(TABLES) <= set(stale):
            _check_corrections_applied(used for _, used in results.values())
        tables = {s[1]: content for s, (content, _) in results.items() if s[0] == "make"}
        if CROSSWALK in stale:
            found = [line for s, (lines, _) in results.items() if s[0] == "list" for line in lines]
            tables[CROSSWALK] = _built(CROSSWALK, stale[CROSSWALK], found)
            noted(("make", CROSSWALK))
    return tables


def _steps(stale: dict[str, str]) -> list[workers.Step]:
    """What must hold, then the tables but the crosswalk, and what that one is made of."""
    listed = module(CROSSWALK).LISTED if CROSSWALK in stale else ()
    return [
        *(("check", name) for name in _to_check(stale)),
        *(("make", name, digest) for name, digest in stale.items() if name != CROSSWALK),
        *(("list", name) for name in listed),
    ]


def _kin(step: workers.Step) -> tuple[str, ...]:
    """The tables whose steps one process does."""
    return next((tables for tables in KIN if step[1] in tables), (step[1],))


def _to_check(stale: Iterable[str]) -> list[str]:
    """What must hold before these tables are made: the publications behind any of them."""
    raw = {folder for name in stale for folder in inputs.publications(name)}
    return [name for name in CHECKS if name in raw or name == "corrections"]


def step(kind: str, name: str, *digest: str) -> tuple[Any, set]:
    """One step of a build: its table or list, if it makes one, and the corrections used by then."""
    from coopstats.clean.contracts import corrections

    pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own keeps what it once had
    do: dict[str, Callable[..., Any]] = {"check": _check, "make": _built, "list": _headings}
    return do[kind](name, *digest), corrections.applied()


@contextlib.contextmanager
def _progress(steps: int, show: bool) -> Iterator[Callable[[workers.Step], None]]:
    if not show:
        yield lambda _: None
        return
    from tqdm import tqdm

    with tqdm(total=steps, desc="build", unit="step", leave=False) as bar:
        yield lambda _: bar.update()


def _check(name: str) -> None:
    """Every sheet has the register's bodies and adds up; every correction still holds."""
    from coopstats.clean.contracts import corrections, line_totals, swapped_columns, tie_out
    from coopstats.clean.tables import revenue_outturn

    if name == "corrections":
        corrections.check()
        return
    if name == revenue_outturn.PUBLICATION:
        revenue_outturn.check_years()
        line_totals.check(revenue_outturn.accounts())
    tie_out.check(module(name).accounts())
    swapped_columns.check(swapped_columns.in_sheets(module(name).accounts()))


def _headings(name: str) -> list[tuple]:
    return module(CROSSWALK).headings_of(name)


def _check_corrections_applied(used: Iterable[set]) -> None:
    from coopstats.clean.contracts import corrections

    corrections.check_applied(set().union(*used))


def _built(name: str, digest: str, *given: Any) -> bytes:
    """One table that has kept its contract, as the bytes of its Parquet file.

    `given` is what other steps have read for it.
    """
    from coopstats.clean.contracts.contract import keep

    promised = module(name).promised()
    table = keep(promised, module(name).clean(*given))
    said = pa.Table.from_pandas(table, preserve_index=False)
    about = json.dumps({**_about(name, promised, table), "inputs": digest}, sort_keys=True)
    metadata = {**(said.schema.metadata or {}), b"coopstats": about.encode()}
    return packed(said.replace_schema_metadata(metadata), "lz4")  # quick to write and to read


def _about(name: str, promised: Any, table: pd.DataFrame) -> dict[str, Any]:
    """What a reader below the disk wall needs to know of a table."""
    named = [c for c in table if c.endswith("source")]
    used = [i for c in named for i in table[c].cat.categories] or promised.metadata["publications"]
    return {
        "table": name,
        "title": promised.title,
        "description": promised.description,
        "columns": {c: column.description for c, column in promised.columns.items()},
        "sources": {i: _cited(s) for i, s in read_sources().items() if i in set(used)},
        "covers": _covers(table, promised.metadata.get("value")),
        "places": int(table["ecode"].nunique()) if "ecode" in table else 0,
        "fingerprint": fingerprint.of(name, table, promised.metadata.get("value")),
        **promised.metadata,
    }


def _covers(table: pd.DataFrame, value: str | None) -> dict[str, list[int]]:
    """The years in which each line or item has a figure for some place."""
    if "year" not in table:
        return {}
    held = slice(None) if value is None else table[value].notna().to_numpy()
    year = table["year"].to_numpy()[held]
    line = next((c for c in ("service", "item") if c in table), None)
    if line is None:
        return {"": np.unique(year).tolist()}
    names = table[line].cat
    covered = np.zeros((len(names.categories), _YEARS), dtype=bool)
    covered[names.codes.to_numpy()[held], year] = True
    years = [np.flatnonzero(row).tolist() for row in covered]
    return {str(n): found for n, found in zip(names.categories, years, strict=True) if found}


_YEARS = 10_000  # more than any year


def _cited(source: Source) -> dict[str, str]:
    """What a table carries of a publication, so that no reader of tables opens data/raw."""
    kept = (
        "title",
        "publisher",
        "period",
        "vintage",
        "licence",
        "page",
        "address",
        "file",
        "carrier",
        "note",
        "unit",
        "sha256",
    )
    return {"citation": source.citation, **{k: getattr(source, k) for k in kept}}


def _is_current(name: str, digest: str) -> bool:
    """Is the table on disk made of what is there now?"""
    try:
        metadata = pq.read_metadata(path(name)).metadata
        return json.loads(metadata[b"coopstats"])["inputs"] == digest
    except (OSError, pa.ArrowInvalid, KeyError, TypeError):
        return False
