"""data/processed/FINGERPRINT.csv: which published number moved, table by table, year by year.

Committed, so that a change to any built number shows in review and fails CI until it is accepted.
"""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import numpy as np
import pandas as pd

from coopstats.core import files, paths
from coopstats.core.changelog import Moved, require

COLUMNS = ["table", "year", "rows", "total", "digest"]


def of(name: str, table: pd.DataFrame, value: str | None) -> list[dict]:
    """One entry a year (or one in all): rows, the sum of the figures, and a digest of the rows."""
    hashed = _hashed(table.drop(columns=["cell", "doubt"], errors="ignore"))
    by = table["year"].to_numpy() if "year" in table else np.zeros(len(table), dtype="int8")
    order = np.argsort(by, kind="stable")
    by, hashed, figures = by[order], hashed[order], _figures(table, value)[order]
    starts = np.flatnonzero(np.diff(by, prepend=by[:1] - 1))
    return [
        {
            "table": name,
            "year": str(by[start]) if "year" in table else "all",
            "rows": int(stop - start),
            "total": f"{figures[start:stop].sum():.2f}",
            "digest": f"{int(hashed[start:stop].sum()):016x}",
        }
        for start, stop in itertools.pairwise([*starts, len(by)])
    ]


def _hashed(table: pd.DataFrame) -> np.ndarray:
    """A number for each row, from stretches of rows that stay in the processor's cache."""
    stretches = (table.iloc[at : at + _STRETCH] for at in range(0, max(len(table), 1), _STRETCH))
    return np.concatenate(
        [pd.util.hash_pandas_object(rows, index=False).to_numpy() for rows in stretches]
    )


_STRETCH = 1 << 17


def _figures(table: pd.DataFrame, value: str | None) -> np.ndarray:
    """The figures, 0 where there is none."""
    if value is None:
        return np.zeros(len(table))
    figures = table[value].to_numpy("float64", na_value=0.0)
    return np.where(np.isnan(figures), 0.0, figures)


def file() -> Path:
    """Where the accepted fingerprint is kept."""
    return paths.processed_dir() / "FINGERPRINT.csv"


def accepted() -> pd.DataFrame:
    """The committed fingerprint; empty before the first is accepted."""
    if not file().exists():
        return pd.DataFrame(columns=COLUMNS, dtype=str)
    return pd.read_csv(file(), dtype=str, keep_default_na=False)


def built() -> pd.DataFrame:
    """The fingerprint of the tables on disk."""
    from coopstats.datasets.table import about, built_tables

    entries = [entry for name in built_tables() for entry in about(name)["fingerprint"]]
    return pd.DataFrame(entries, columns=COLUMNS).astype(str)


def not_built() -> list[str]:
    """The tables of the project that were accepted and are not on disk: nothing is known of them.

    A table that the project no longer has is another thing: its numbers are gone.
    """
    from coopstats.datasets.table import built_tables

    made = {
        path.stem for path in (paths.PACKAGE / "clean" / "tables").glob("*.py")
    }  # each by its own module
    return sorted((set(accepted()["table"]) & made) - set(built_tables()))


def moved() -> pd.DataFrame:
    """Every table-year of the built tables whose rows differ from the accepted ones, both totals.

    What is gone is among them, but not what is not built: see `not_built`.
    """
    key = ["table", "year"]
    known = accepted()
    known = known[~known["table"].isin(not_built())]
    both = known.merge(built(), on=key, how="outer", suffixes=("_accepted", "_built"))
    same = (both["digest_accepted"] == both["digest_built"]) & (
        both["rows_accepted"] == both["rows_built"]
    )
    return both.loc[~same].drop(columns=["digest_accepted", "digest_built"]).reset_index(drop=True)


def changes() -> list[Moved]:
    """The same as changes for CHANGELOG.md to explain; what is new needs no entry."""
    return [_change(row) for row in moved().to_dict("records")]


def _change(row: dict) -> Moved:
    name, was, now = f"{row['table']} {row['year']}", row["total_accepted"], row["total_built"]
    if pd.isna(was):
        return Moved(f"{name} is new: {row['rows_built']} rows, total {now}", ())
    if pd.isna(now):
        return Moved(f"{name} is gone", (f"`{row['table']}`", f"{row['year']}: withdrawn"))
    rows = f"{row['rows_accepted']} rows, now {row['rows_built']}"
    told = f"{name}: total {was}, now {now}; {rows}"
    return Moved(told, (f"`{row['table']}`", f"{row['year']}: {was} → {now}"))


def accept() -> None:
    """Record the tables on disk as the accepted ones; what is not built stays as it was.

    Raises NumbersMoved for a number that no entry of CHANGELOG.md explains.
    """
    require(changes())
    text, known = io.StringIO(), accepted()
    kept = known[known["table"].isin(not_built())]
    every = pd.concat([built(), kept], ignore_index=True)
    every.sort_values("table", kind="stable").to_csv(text, index=False, lineterminator="\n")
    files.replace(file(), text.getvalue().encode())
