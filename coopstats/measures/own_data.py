"""Bring your own outcome: a table of one's own, by council and year, as a Measure.

```python
mine = cs.bring("my.csv", council="area", year="year", value="jobs", unit="jobs")
cs.compare(mine, cs.supposed("Lambeth", 2015))
```

Councils are found by any code or spelling that the register knows, in the year of the row. Numbers
and markers are read by `coopstats.register.numbers`, years by `coopstats.core.years`. Nothing is
dropped in silence: rows of wholes (England, regions, totals) are set aside and counted, and what
is not understood stops it, all of it named at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from coopstats.core import paths
from coopstats.core.doors import a, door, flag, maybe, one_of, several, word
from coopstats.core.errors import (
    CoopstatsError,
    UnknownCouncil,
    UnknownName,
    UnreadableSource,
    Verb,
    can,
    did_you_mean,
)
from coopstats.core.phrases import number_of, some
from coopstats.core.safe_text import quoted
from coopstats.core.years import CALENDAR, LONE, SPANNING, read_period, years_span
from coopstats.measures import own_files, wholes
from coopstats.measures.measure import Measure
from coopstats.measures.of_table import NOMINAL
from coopstats.measures.wholes import PLACE
from coopstats.register import numbers
from coopstats.register.councils import bodies
from coopstats.register.councils import council as find_council
from coopstats.register.wholes import is_whole

SHOWN = own_files.SHOWN
START, END = "start", "end"


@dataclass(frozen=True)
class Columns:
    """What the reader said of the table: its columns, and how its years are meant."""

    council: str
    year: str
    value: str
    calendar: bool
    year_is: str


def _choice(value: Any) -> dict[str, tuple[str, ...]]:
    """Columns, each with the words of the rows that are chosen by it."""
    if not isinstance(value, Mapping):
        raise UnknownName(f"{quoted(value)} chooses no rows: give columns, and words for each.")
    return {str(column): several(str)(words) for column, words in value.items()}


@door(
    source=a((str, Path, pd.DataFrame), "the path of a CSV file, or a DataFrame"), value=word,
    unit=word, council=word, year=word, name=maybe(word), adds_up=flag, calendar=flag,
    nested=maybe(flag), year_is=one_of((START, END)), only=maybe(_choice), sheet=maybe(word),
    leave_out=flag,
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
    nested: bool | None = None,
    year_is: str = START,
    only: dict[str, Any] | None = None,
    sheet: str | None = None,
    leave_out: bool = False,
) -> Measure:
    """A CSV file, sheet or DataFrame of one's own as a Measure: one number a council and year.

    `council`, `year` and `value` name its columns; `only` chooses rows, as in
    only={"sex": "Persons"}; `sheet` names the sheet of a workbook. A year is 2014, 2014-15 or
    2014/15, 201415, or "Year ending March 2015"; with `calendar` it is a calendar year, and with
    year_is="end" a lone 2015 is the year that ends in 2015, 2014-15. `unit` ending in ", nominal"
    is money that `.real` may put into prices of one year; `adds_up` says that numbers of councils
    may be added and divided by people, and `nested` whether a county's figure is of its districts'
    people too. `leave_out` goes on without places that are no council here; `.left_out` names them.

    Raises UnreadableSource, UnknownName for a column, year or number, UnknownCouncil for councils,
    with all it found and what to do next.
    """
    _check_words(unit, year_is, calendar)
    said = Columns(str(council), str(year), str(value), calendar, year_is)
    chosen = only or {}
    wanted = [*dict.fromkeys([said.council, said.year, said.value, *chosen])]
    rows = _chosen(own_files.text_of(source, wanted, sheet), chosen)
    kept, aside = _without_wholes(rows, said)
    tidy, lost = _understood(kept, said, leave_out)
    told = name or (Path(source).stem if isinstance(source, str | Path) else "your own table")
    return _measure(tidy, told, value, unit, adds_up, calendar, nested, aside, lost)


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


def _check_words(unit: Any, year_is: str, calendar: bool) -> None:
    if not isinstance(unit, str) or not unit.strip():
        raise UnknownName('`unit` says what one number is, as in unit="jobs": give it words.')
    if calendar and year_is == END:
        raise UnknownName("A calendar year starts and ends in itself.", could=[can(Verb.YEAR_IS)])


# ── choosing rows ────────────────────────────────────────────────────────────────────────────────


def _chosen(rows: pd.DataFrame, only: dict[str, tuple[str, ...]]) -> pd.DataFrame:
    for column, wanted in only.items():
        present = sorted(set(rows[column]))
        for one in wanted:
            if one not in present:
                words = ", ".join(present[:40]) + (", …" if len(present) > 40 else "")
                raise UnknownName(
                    f"No {column} is {one!r}. There are: {words}." + did_you_mean(one, present)
                )
        rows = rows[rows[column].isin(wanted)]
    return rows


def _without_wholes(rows: pd.DataFrame, said: Columns) -> tuple[pd.DataFrame, list[str]]:
    """The rows of councils, and a sentence for each kind of the others, which are set aside."""
    words = rows[said.council]
    empty = (rows[said.year] == "") & (rows[said.value] == "")
    nameless = (words == "") & ~empty
    known = {word: is_whole(word) for word in words.unique()}
    whole = words.map(known).astype(bool) & ~empty
    kept = rows[~(empty | nameless | whole)]
    if kept.empty:
        raise UnreadableSource(
            f"No row is of a council, by the column {said.council!r}. It needs one row a council "
            "and year."
        )
    told = []
    if whole.any():
        names = some(list(dict.fromkeys(words[whole])))
        told.append(f"Set aside, no councils but wholes of several: {_rows(whole)} ({names}).")
    if nameless.any():
        told.append(f"Set aside, with nothing in {said.council!r}: {_rows(nameless)}.")
    if empty.any():
        told.append(f"Set aside, with neither a year nor a number: {_rows(empty)}.")
    return kept, told


def _rows(which: pd.Series) -> str:
    return number_of(int(which.sum()), "row")


# ── understanding them ───────────────────────────────────────────────────────────────────────────


class Problems:
    """All that is wrong with a table, to be raised together."""

    def __init__(self) -> None:
        self.found: dict[str, list[tuple[int, CoopstatsError]]] = {}

    def each(self, cells: pd.Series, column: str, read: Callable[[Any], Any]) -> list[Any]:
        """What each cell means, each different one read once; None where it cannot be read."""
        known: dict[Any, Any] = {}
        for row, cell in zip(cells.index, cells, strict=True):
            if cell not in known:
                known[cell] = None
                try:
                    known[cell] = read(cell)
                except CoopstatsError as problem:
                    self.found.setdefault(column, []).append((row, problem))
        return [known[cell] for cell in cells]

    def check(self) -> None:
        """Raise them, of their own kind where they are all of one."""
        if not self.found:
            return
        told = [_problems_in_words(column, problems) for column, problems in self.found.items()]
        kinds = {type(problem) for problems in self.found.values() for _, problem in problems}
        every = (problem for problems in self.found.values() for _, problem in problems)
        could = dict.fromkeys(one for problem in every for one in problem.could)
        raise (kinds.pop() if len(kinds) == 1 else UnknownName)(" ".join(told), could=could)


def _problems_in_words(column: str, problems: list[tuple[int, CoopstatsError]]) -> str:
    more = f" … and {len(problems) - SHOWN} more." if len(problems) > SHOWN else ""
    return f"{column}: " + " ".join(f"row {row}: {p.what}" for row, p in problems[:SHOWN]) + more


def _understood(
    rows: pd.DataFrame, said: Columns, leave_out: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """ecode, year, amount and marker of each row; and the places that are no council here."""
    problems, unknown = Problems(), Problems()
    years = problems.each(rows[said.year], said.year, lambda word: _year(word, said))
    named = pd.Series(zip(rows[said.council], years, strict=True), index=rows.index, dtype=object)
    ecodes = (unknown if leave_out else problems).each(named, said.council, _ecode)
    cells = rows[said.value].map(_parted)
    amounts = problems.each(cells, said.value, _amount)
    problems.check()
    _check_end(rows[said.year], said)
    tidy = pd.DataFrame({"ecode": ecodes, "year": years, "amount": amounts, "cell": cells},
                        index=rows.index)  # fmt: skip
    gone = tidy["ecode"].isna()
    words = list(dict.fromkeys(rows.loc[gone, said.council]))
    lost = pd.DataFrame({"ecode": None, "council": words}, dtype=object).assign(
        reason="no council of England that the register knows"
    )
    if gone.all():
        raise UnknownCouncil(f"No row is of a council that the register knows: {some(words)}.")
    tidy = tidy[~gone]
    _check_once(tidy, rows.loc[tidy.index, said.council])
    return tidy, lost


def _year(word: str, said: Columns) -> int:
    year, how = read_period(word)
    if said.calendar and how == SPANNING:
        raise UnknownName(f"{word!r} spans two calendar years.", could=[can(Verb.FINANCIAL)])
    if how == CALENDAR and not said.calendar:
        raise UnknownName(f"{word!r} is a calendar year.", could=[can(Verb.CALENDAR)])
    return year - 1 if said.year_is == END and how == LONE else year


def _check_end(cells: pd.Series, said: Columns) -> None:
    if said.year_is == END and not any(read_period(word)[1] == LONE for word in cells.unique()):
        raise UnknownName(
            f"Where years end changes nothing: each {said.year} is written so that it says where "
            "it starts and ends.",
            could=[can(Verb.YEAR_IS)],
        )


def _ecode(named: tuple[str, int | None]) -> str:
    """The body of that name in the year; one of another year where there was none in this."""
    word, year = named
    return find_council(word, year, ever=True).ecode


def _parted(cell: str) -> tuple[str, str]:
    """The number as it is written and the marks beside it, or the marker in its place."""
    folded = cell.casefold()
    if not folded or folded in numbers.brought_markers():
        return "", folded or "blank"
    return numbers.parted(cell)


def _amount(cell: tuple[str, str]) -> float:
    number, marker = cell
    if not number and marker:
        return float("nan")
    try:
        return numbers.read_number(number)
    except UnknownName as problem:
        raise UnknownName(f"{problem} What is missing may be left empty.") from None


def _check_once(tidy: pd.DataFrame, written: pd.Series) -> None:
    twice = tidy.duplicated(["ecode", "year"], keep=False)
    if not twice.any():
        return
    first = tidy[twice].iloc[0]
    same = twice & (tidy["ecode"] == first["ecode"]) & (tidy["year"] == first["year"])
    lines = ", ".join(map(str, tidy.index[same][:SHOWN]))
    raise UnknownName(
        f"{int(twice.sum())} rows share a council and year, so it is not clear which number is "
        f"meant: {', '.join(dict.fromkeys(written[same]))} in {first['year']}, for one (rows "
        f"{lines}).",
        could=[can(Verb.ROWS)],
    )


# ── the measure, and what is said of it ──────────────────────────────────────────────────────────


def _measure(
    tidy: pd.DataFrame, name: str, value: str, unit: str, adds_up: bool, calendar: bool,
    nested: bool | None, aside: list[str], lost: pd.DataFrame,
) -> Measure:  # fmt: skip
    places = pd.DataFrame(
        [(b.gss or None, b.ecode, b.name, b.council_class, b.region or None)
         for b in map(bodies().__getitem__, tidy["ecode"])],
        columns=PLACE, index=tidy.index,
    )  # fmt: skip
    amounts = places.assign(
        year=tidy["year"].astype(int), amount=tidy["amount"].astype("float64"), people=float("nan")
    ).sort_values(["ecode", "year"], ignore_index=True)
    members: wholes.Members = {code: (code,) for code in amounts["ecode"].unique()}
    return Measure(
        table=name,
        service=str(value),
        amounts=amounts,
        quantity=unit.removesuffix(NOMINAL),
        prices="nominal" if unit.endswith(NOMINAL) else "none",
        steps_given=(
            _counted(tidy),
            *_marked(tidy),
            *aside,
            *_not_there(tidy, calendar),
            *_gone(lost),
        ),
        left_out=lost,
        members=members,
        scope=wholes.expected(members),
        adds_up=adds_up,
        nested=nested,
        covers=bool(nested),
        calendar=calendar,
        own=True,
    )


def _counted(tidy: pd.DataFrame) -> str:
    """The first sentence: how many rows there are, and how many have no number, by marker."""
    gone = tidy.loc[tidy["amount"].isna(), "cell"]
    by = Counter(marker for _, marker in gone)
    each = ", ".join(f"{count} {_meaning(marker)}" for marker, count in by.most_common())
    told = f" ({each})" if set(by) - {"blank"} else ""
    return (
        f"Your own: {number_of(len(tidy), 'row')} for "
        f"{number_of(tidy['ecode'].nunique(), 'council')}, "
        f"{len(gone)} without a number{told}."
    )


def _meaning(marker: str) -> str:
    flag = numbers.brought_markers().get(marker, "")
    return f"{marker!r} {flag.replace('_', ' ')}" if flag else marker


def _marked(tidy: pd.DataFrame) -> list[str]:
    """A sentence on the marks beside numbers, where there are some."""
    by = Counter(mark for number, mark in tidy["cell"] if number and mark)
    if not by:
        return []
    each = ", ".join(f"{count} {mark}" for mark, count in by.most_common())
    return [f"Numbers with a mark beside them, taken as they are: {each}."]


def _not_there(tidy: pd.DataFrame, calendar: bool) -> list[str]:
    """A sentence on rows of years in which the council did not exist, where there are some."""
    pairs = zip(tidy["ecode"], tidy["year"], strict=True)
    gone = [(code, int(year)) for code, year in pairs if not bodies()[code].alive(int(year))]
    if not gone:
        return []
    spans: dict[str, list[int]] = {}
    for code, year in gone:
        spans.setdefault(code, []).append(year)
    each = [_life(code, years, calendar) for code, years in spans.items()]
    years = "a year" if len(gone) == 1 else "years"
    return [
        f"{number_of(len(gone), 'row is', 'rows are')} of {years} in which "
        f"the council did not exist: {'; '.join(each[:SHOWN])}"
        + (f"; and {number_of(len(each) - SHOWN, 'council')} more." if len(each) > SHOWN else ".")
    ]


def _life(code: str, years: list[int], calendar: bool) -> str:
    """As in "Buckinghamshire in 2012-13 (its predecessors: Aylesbury Vale, …)"."""
    body, first, last = bodies()[code], min(years), max(years)
    early = first < body.first_year
    others = body.predecessors if early else body.successors
    names = some(sorted(bodies()[c].name for c in others))
    kin = f" ({'its predecessors' if early else 'by then'}: {names})" if names else ""
    return f"{body.name} in {years_span((first, last), calendar)}{kin}"


def _gone(lost: pd.DataFrame) -> Iterable[str]:
    if len(lost):
        yield f"Left out, {lost['reason'].iloc[0]}: {some(list(lost['council']))}."
