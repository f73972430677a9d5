"""trace: from a number to the cell it was printed in, and the licence under which it was."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import pandas as pd

from coopstats.core.display import escaped
from coopstats.core.doors import door, maybe, word
from coopstats.core.errors import UnknownName
from coopstats.core.flags import COMPUTED, NO_FIGURE
from coopstats.core.years import read_year
from coopstats.datasets.citation import Citation
from coopstats.datasets.counted import rows_behind
from coopstats.datasets.doubt_words import rules_in_words
from coopstats.datasets.figures import Figure, Step, value_in_words, year_as_printed
from coopstats.datasets.load import load
from coopstats.datasets.places import words_of_place
from coopstats.datasets.table import about, open_table
from coopstats.register.reader import rows_of

_DERIVED_OTHERWISE = "Derived from other figures of that sheet; docs/data_dictionary.md says how."


@dataclass(frozen=True)
class Trace:
    """A number and the printed cells it comes from."""

    figure: Figure
    how: str
    steps: tuple[Step, ...]

    @property
    def number(self) -> str:
        """The figure with its words, in a line."""
        return f"{self.figure.table}, {self.figure.words}: {self.figure.amount}"

    def cite(self) -> Citation:
        """The number as one cites it: definition, publication, cell, licence, version."""
        return Citation(self.figure, self.how, self.steps, self.doubts)

    @property
    def doubts(self) -> tuple[str, ...]:
        """A sentence for each figure that a rule finds odd: the number's own, then its parts'."""
        own = [self.figure.doubt] if self.figure.doubt else []
        parts = [f"{s.what}: {s.doubt}" for s in self.steps if s.doubt and s.doubt not in own]
        return tuple(f"In doubt, and left as printed: {doubt}." for doubt in (*own, *parts))

    @property
    def frame(self) -> pd.DataFrame:
        """One row a printed cell."""
        return pd.DataFrame(
            {
                "what": step.what,
                "value": step.value,
                "flag": step.flag,
                "correction": step.correction,
                "doubt": step.doubt,
                "publication": step.source["citation"],
                "file": step.source["file"],
                "sheet": step.sheet,
                "cell": step.cell,
                "page": step.source["address"] or step.source["page"],
                "licence": step.source["licence"],
                "sha256": step.source["sha256"],
            }
            for step in self.steps
        )

    def __repr__(self) -> str:
        lines = [self.number, *(f"  {told}" for told in (self.how, *self.doubts) if told)]
        for step in self.steps:
            lines += [f"  {text}" for text in _lines_on(step)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        shown = self.frame.drop(columns=["sha256"]).to_html(index=False)
        told = " ".join([self.how, *self.doubts]).strip()
        return f"<p><strong>{escaped(self.number)}</strong><br>{escaped(told)}</p>{shown}"


def _lines_on(step: Step) -> list[str]:
    source = step.source
    listed = pd.isna(step.value) and step.flag not in NO_FIGURE  # a row that is counted, no figure
    told = [
        f"{step.what}: {step.flag}"
        if listed
        else f"{step.what}: {value_in_words(step.value)} ({step.flag})",
        f"  cell         {step.sheet!r}, {step.cell or 'none: derived'}",
        f"  publication  {source['citation']} ({source['file']})",
        f"  address      {source['address'] or source['page']}",
        f"  licence      {source['licence']}",
    ]
    if source["carrier"]:
        told.append(f"  our copy     via {source['carrier']}; sha256 {source['sha256'][:16]}…")
    if step.correction:
        told.insert(1, f"  correction   {step.correction}")
    return told


@door(table=word, council=maybe(word), year=maybe(read_year), service=maybe(word))
def trace(
    table: str,
    /,
    council: str | None = None,
    year: int | None = None,
    service: str | None = None,
    **only: Any,
) -> Trace:
    """The printed cell or cells behind one number of a table.

    `council` is a name or code, or a whole such as "England" where the table prints those.
    Raises UnknownCouncil, or UnknownName when the words leave no number or more than one.
    """
    if not about(table).get("value"):
        raise UnknownName(f"{table} holds no figures to trace. `coopstats get {table}` prints it.")
    place, wanted = words_of_place(table, council, year)
    wanted |= {"year": year} if year is not None else {}
    wanted |= only
    if service:
        wanted[open_table(table).line_column] = service
    row = _only_row(table, load(table, **wanted), place)
    value = about(table)["value"]
    others = tuple(map(str, only.values()))
    unit = row.get("unit", about(table)["unit"])
    chosen = (table, place, int(row["year"]), service or "", others)
    said = row[value], unit, row["flag"], row.get("basis", ""), rules_in_words(row.get("doubt"))
    figure = Figure(*chosen, *said)
    return Trace(figure, *_behind(table, row, wanted, value))


def _behind(table: str, row: pd.Series, wanted: dict, value: str) -> tuple[str, tuple[Step, ...]]:
    """How the figure came about, and the printed ones it is from."""
    if "budget_cell" in row:
        return _both_sides(table, row)
    if row["flag"] not in COMPUTED:
        return "", (_step(table, row, value, row["flag"]),)
    return _derived(table, row, wanted, value)


def _only_row(table: str, rows: pd.DataFrame, what: str) -> pd.Series:
    if len(rows) == 1:
        return rows.iloc[0]
    if rows.empty:
        raise UnknownName(f"{table} has no row for {what or 'these words'} that fits them all.")
    differ = [c for c in about(table)["key"] if rows[c].nunique() > 1]
    choices = "; ".join(f"{c}: {_first_words(rows[c].unique().tolist())}" for c in differ)
    raise UnknownName(f"{f'{table} {what}'.strip()}: say which you mean. {choices}.")


def _first_words(words: list) -> str:
    """The first twelve, and whether there are more."""
    more = [f"… ({len(words)} in all)"] if len(words) > 12 else []
    return ", ".join([*map(str, words[:12]), *more])


def _derived(table: str, row: pd.Series, wanted: dict, value: str) -> tuple[str, tuple[Step, ...]]:
    """How a figure was computed, and the printed figures it is from where its contract says."""
    counted, line = rows_behind(table, row), open_table(table).line_column
    if counted is not None:
        rows = [r for _, r in counted.iterrows()]
        how = f"Counted from {len(rows)} printed rows."
        return how, tuple(_step(table, r, "value", r["what"]) for r in rows)
    derivation = _derivation(table, row.get(line))
    own = (_step(table, row, value, row["flag"]),)
    if derivation is None:
        return _DERIVED_OTHERWISE, own
    steps = _parts(table, wanted, derivation, int(row["year"]))
    return f"{str(row['flag']).capitalize()}: {derivation.how}.", steps or own


class Derivation(NamedTuple):
    """What a derived line is made of, as its contract says: its parts, of all years if chained."""

    parts: list[str]
    how: str
    chained: bool


def _derivation(table: str, line: str) -> Derivation | None:
    """What a line of a table is made of, where its contract says that it is derived."""
    said = about(table).get("derivations", {}).get(line)
    return Derivation(*said) if said else None


def _parts(table: str, wanted: dict, derivation: Derivation, year: int) -> tuple[Step, ...]:
    """The figures that a derived one is made of: of its year or, of a chain, of all years to it."""
    line, names = open_table(table).line_column, derivation.parts
    rows = load(table, **{k: v for k, v in wanted.items() if k not in ("year", line)},
                **{line: names})  # fmt: skip
    rows = rows[rows["year"] <= year] if derivation.chained else rows[rows["year"] == year]
    rows = rows.assign(order=rows[line].astype(str).map(names.index))
    steps = []
    for _, row in rows.sort_values(["year", "order"]).iterrows():
        when = f" {year_as_printed(table, int(row['year']))}" if derivation.chained else ""
        steps.append(_step(table, row, about(table)["value"], f"{row[line]}{when}"))
    return tuple(steps)


def _both_sides(table: str, row: pd.Series) -> tuple[str, tuple[Step, ...]]:
    """The cells of the budget and of the outturn: of a derived side, those of its parts."""
    cell = ["source", "sheet", "cell"]
    budget = row.drop(cell).rename({f"budget_{name}": name for name in cell})
    sides = {"budget": budget, "outturn": row}
    steps = [step for side, figure in sides.items() for step in _side(table, figure, side)]
    how = "Outturn less budget"
    derivation = _derivation(_publication(row), row["service"])
    if derivation and any(_text(figure["cell"]) == "" for figure in sides.values()):
        outturn, planned = (value_in_words(row[side]) for side in ("outturn", "budget"))
        how += f", {outturn} less {planned}; {row['service']} is {derivation.how}"
    return f"{how}.", tuple(steps)


def _side(table: str, figure: pd.Series, side: str) -> tuple[Step, ...]:
    publication = _publication(figure)
    derivation = _derivation(publication, figure["service"])
    parts: tuple[Step, ...] = ()
    if derivation and not _text(figure["cell"]):
        parts = _parts(publication, {"ecode": figure["ecode"]}, derivation, int(figure["year"]))
    own = (replace(_step(table, figure, side, side), doubt=_doubt_in(publication, figure)),)
    return tuple(replace(part, what=f"{side}, {part.what}") for part in parts) or own


def _doubt_in(publication: str, figure: pd.Series) -> str:
    """What the rules find odd of a figure, in plain words, in the table that it was taken from."""
    words = {name: figure[name] for name in ("ecode", "year", "service")}
    return "; ".join(filter(None, map(rules_in_words, load(publication, **words)["doubt"])))


def _publication(figure: pd.Series) -> str:
    """The table of the publication that a figure is from."""
    return str(figure["source"]).partition("/")[0]


def _step(table: str, row: pd.Series, value: str, what: str) -> Step:
    source = _cited(table, row["source"])
    sheet, cell = _text(row["sheet"]), _text(row["cell"])
    corrected = _corrections().get((row["source"], sheet, cell), "")
    doubt = rules_in_words(row.get("doubt"))
    return Step(what, row[value], row["flag"], source, sheet, cell, corrected, doubt)


def _cited(table: str, source: str) -> dict[str, str]:
    """A publication as the table carries it, or as the table of its rows does."""
    rows = ("library_branches", "co_operative_organisations", "co_operative_accounts")
    return next(
        about(name)["sources"][source]
        for name in (table, *rows)
        if source in about(name)["sources"]
    )


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


@functools.cache
def _corrections() -> dict[tuple[str, str, str], str]:
    return {
        (r["source"], r["sheet"], r["cell"]): (
            f"printed {r['was']}, now {r['now']}: {r['reason']} ({r['evidence']})"
        )
        for r in rows_of("corrections")
    }
