"""Bring your own outcome: a table of one's own, by council and year, as a Measure.

```python
mine = cs.bring("my.csv", council="area", year="year", value="jobs", unit="jobs")
cs.compare(mine, cs.supposed("Lambeth", 2015))
```

Councils are found by any code or spelling that the register knows. Nothing is dropped in silence:
a council or a year that is not understood stops it, all of them named at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from coopstats import paths
from coopstats.council import bodies
from coopstats.council import council as find_council
from coopstats.doors import a, door, flag, maybe, word
from coopstats.errors import (
    CoopstatsError,
    UnknownCouncil,
    UnknownName,
    UnreadableSource,
    did_you_mean,
)
from coopstats.measure import NOMINAL, PLACE, Measure

MISSING = {"", "-", "–", "..", "...", ":", "*", "c", "x", "n/a", "na", "nan", "none", "null",
           "suppressed"}  # fmt: skip
SHOWN = 5  # problems named in one message
YEAR = re.compile(r"(\d{4})(?:\.0)?(?:\s*[-/–]\s*(\d{2}|\d{4}))?")


@door(
    source=a((str, Path, pd.DataFrame), "the path of a CSV file, or a DataFrame"), value=word,
    unit=word, council=word, year=word, name=maybe(word), adds_up=flag, calendar=flag,
)  # fmt: skip
def bring(
    source: str | Path | pd.DataFrame,
    *,
    value: str,
    unit: str,
    council: str = "council",
    year: str = "year",
    name: str | None = None,
    adds_up: bool = False,
    calendar: bool = False,
) -> Measure:
    """A CSV file or a DataFrame of one's own as a Measure: one number a council and year.

    `council`, `year` and `value` name its columns. A year is 2014, 2014-15 or 2014/15; with
    `calendar` it is a calendar year. `unit` ending in ", nominal" is money that `.real` may put
    into prices of one year; `adds_up` says that numbers of councils may be added and divided by
    people. Raises UnreadableSource, UnknownName for a column or year, UnknownCouncil for councils,
    each with all it found and what to do next.
    """
    rows = _rows(source)
    for column in (council, year, value):
        _check_column(column, rows)
    told = name or (source.stem if isinstance(source, Path) else _stem(source))
    tidy = pd.DataFrame(
        {
            "ecode": _each(rows[council], _ecode, UnknownCouncil),
            "year": _each(rows[year], _year, UnknownName),
            "amount": _each(rows[value], _number, UnknownName),
        }
    )
    _check_once(tidy, rows[council].astype(str))
    return _measure(tidy, told, value, unit, adds_up, calendar)


@door(name=word)
def example(name: str) -> Path:
    """A small file of the project to try `bring` with. Raises UnknownName with the nearest."""
    folder = paths.home() / "data" / "examples"
    known = sorted(p.stem for p in folder.glob("*.csv"))
    if name in known:
        return folder / f"{name}.csv"
    raise UnknownName(
        f"There is no example {name!r}. There are: {', '.join(known)}." + did_you_mean(name, known)
    )


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def _rows(source: str | Path | pd.DataFrame) -> pd.DataFrame:
    """Every cell as text."""
    if isinstance(source, pd.DataFrame):
        return source.astype(object).where(source.notna(), "").astype(str).reset_index(drop=True)
    path = Path(source)
    try:
        rows = _read(path)
    except (OSError, ValueError) as problem:
        raise UnreadableSource(
            f"{path} cannot be read as CSV: {problem}. Save it as CSV (UTF-8), one row a council "
            "and year."
        ) from problem
    if rows.empty:
        raise UnreadableSource(f"{path} has no rows. It needs one row a council and year.")
    return rows


def _read(path: Path) -> pd.DataFrame:
    """As UTF-8, with or without a mark at its start, or as old spreadsheets write."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except UnicodeDecodeError:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="cp1252")


def _stem(source: str | pd.DataFrame) -> str:
    return Path(source).stem if isinstance(source, str) else "your own table"


def _check_column(column: str, rows: pd.DataFrame) -> None:
    if column not in rows:
        columns = [str(c) for c in rows]
        raise UnknownName(
            f"There is no column {column!r}. The columns are: {', '.join(columns)}."
            + did_you_mean(column, columns)
        )


def _each(
    cells: pd.Series, read: Callable[[str], object], error: type[CoopstatsError]
) -> list[object]:
    """Each different cell read once; all that cannot be read are told together."""
    found: dict[str, object] = {}
    wrong: list[str] = []
    for row, cell in zip(cells.index, cells, strict=True):
        if cell not in found:
            found[cell] = None
            try:
                found[cell] = read(cell.strip())
            except CoopstatsError as problem:
                wrong.append(f"row {row + 2}: {problem}")
    if wrong:
        more = f" … and {len(wrong) - SHOWN} more." if len(wrong) > SHOWN else ""
        raise error(f"{cells.name}: " + " ".join(wrong[:SHOWN]) + more)
    return [found[cell] for cell in cells]


def _ecode(word: str) -> str:
    return find_council(word).ecode


def _year(word: str) -> int:
    found = YEAR.fullmatch(word)
    if not found:
        raise UnknownName(f"{word!r} is no year: write 2014, or 2014-15 for the financial year.")
    first, second = int(found[1]), found[2]
    if second and int(second) % 100 != (first + 1) % 100:
        raise UnknownName(f"{word!r} is no financial year: the second is not one after the first.")
    return first


def _number(word: str) -> float:
    if word.casefold() in MISSING:
        return float("nan")
    plain = word.replace(",", "").replace("£", "").removesuffix("%").replace("−", "-").strip()
    try:
        return float(plain)
    except ValueError:
        raise UnknownName(f"{word!r} is no number. What is missing may be left empty.") from None


def _check_once(tidy: pd.DataFrame, written: pd.Series) -> None:
    twice = tidy.duplicated(["ecode", "year"], keep=False)
    if not twice.any():
        return
    first = tidy[twice].iloc[0]
    same = twice & (tidy["ecode"] == first["ecode"]) & (tidy["year"] == first["year"])
    raise UnknownName(
        f"{int(twice.sum())} rows share a council and year, so it is not clear which number is "
        f"meant: {', '.join(dict.fromkeys(written[same]))} in {first['year']}, for one. Choose "
        "rows first, or add them up."
    )


def _measure(
    tidy: pd.DataFrame, name: str, value: str, unit: str, adds_up: bool, calendar: bool
) -> Measure:
    places = pd.DataFrame(
        [(b.gss or None, b.ecode, b.name, b.council_class, b.region or None)
         for b in map(bodies().__getitem__, tidy["ecode"])],
        columns=PLACE,
    )  # fmt: skip
    amounts = places.assign(
        year=tidy["year"].astype(int), amount=tidy["amount"].astype("float64"), people=float("nan")
    ).sort_values(["ecode", "year"], ignore_index=True)
    gone = int(amounts["amount"].isna().sum())
    return Measure(
        table=name,
        service=value,
        amounts=amounts,
        quantity=unit.removesuffix(NOMINAL),
        prices="nominal" if unit.endswith(NOMINAL) else "none",
        said=(
            f"Your own: {len(amounts)} rows for {amounts['ecode'].nunique()} councils, "
            f"{gone} without a number.",
        ),
        members={code: (code,) for code in amounts["ecode"].unique()},
        adds_up=adds_up,
        calendar=calendar,
        own=True,
    )
