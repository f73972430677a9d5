"""Reading a workbook nobody has seen: the recipe "Add a year" of CONTRIBUTING.md, proven.

The newest publication of each finance family is laid out again as the workbook of a pretended next
year: a dozen bodies with ENGLAND as their sum, another sheet name, the header row further down,
headings reworded. The year before it is held already. Whatever is done to the workbook, the reader
gives the figures of the known year, or stops and says where. What is tried here is never read
wrong in silence. What could be: two exchanged headings of small lines, such as pest control and
public conveniences of these dozen bodies, or of a line with no year before. Figures alone do not
tell those apart (coopstats/clean/contracts/swapped_columns.py).
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import spreadsheets

from coopstats.clean.contracts import line_totals, swapped_columns, tie_out
from coopstats.clean.contracts.stack import stacked
from coopstats.clean.families import section_251
from coopstats.clean.sheets.accounts import CODE
from coopstats.clean.sheets.sheet import Sheet, cell_name, place_of, sheets_of
from coopstats.clean.tables import (
    children_spending,
    revenue_budget,
    revenue_outturn,
    social_care_spending,
)
from coopstats.core import sources
from coopstats.core.errors import CoopstatsError
from coopstats.publications import transcribe

HOME = Path(__file__).resolve().parents[3]
BODIES = 12
SHEET = "Figures by authority"
ACCOUNTS = {
    "revenue_outturn": revenue_outturn,
    "revenue_budget": revenue_budget,
    "social_care_spending": social_care_spending,
}
FAMILIES = (*ACCOUNTS, "children_spending")


# --- a publication, cut small and laid out again ---------------------------------------------


@dataclasses.dataclass
class Book:
    """A sheet to publish; `header`, `bodies` (row to code), `england` and `first` (the first
    column of figures) count from 0."""

    table: str
    grid: list[list]
    header: int
    bodies: dict[int, str]
    england: int | None
    first: int

    @property
    def money(self) -> list[int]:
        """The headed columns with something other than nought."""
        headed = [c for c in range(self.first, len(self.grid[0])) if self.grid[self.header][c]]
        return [c for c in headed if any(isinstance(v := r[c], float) and v for r in self.rows)]

    @property
    def rows(self) -> list[list]:
        return [self.grid[row] for row in self.bodies]

    @property
    def labels(self) -> list[int]:
        """The columns that name the line of each row, where lines are rows."""
        named = ("ReportGroup", "Description") if self.table == "children_spending" else ()
        return [self.grid[self.header].index(name) for name in named]

    def heading(self, column) -> str:
        return str(self.grid[self.header][column] or "")

    def words(self) -> list[tuple[int, int]]:
        """The cells above the figures that say what they are: services, banners, headings."""
        return [
            (row, column)
            for row in range(self.header + 1)
            for column in range(self.first, len(self.grid[0]))
            if isinstance(self.grid[row][column], str)
        ]

    def lower(self, by: int) -> None:
        """Put notes above the title."""
        width = len(self.grid[0])
        self.grid[:0] = [[f"A note, {i}", *[None] * (width - 1)] for i in range(by)]
        self.header += by
        self.bodies = {row + by: code for row, code in self.bodies.items()}
        self.england = None if self.england is None else self.england + by

    def add_up(self) -> None:
        """Make ENGLAND the sum of the bodies wherever it prints a number."""
        if self.england is not None:
            england = self.grid[self.england]
            for column in range(self.first, len(england)):
                figures = [r[column] for r in self.rows if isinstance(r[column], float)]
                if isinstance(england[column], float) or figures:
                    england[column] = float(sum(figures))


@functools.cache
def periods(table):
    """The newest publication of a family and the one before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COOPSTATS_HOME", str(HOME))
        listed = sources.read_sources(HOME / "data" / "raw" / "SOURCES.toml")
    found = sorted((s for s in listed.values() if s.table == table), key=lambda s: s.period)
    return found[-1], found[-2]


@functools.cache
def real(source) -> Sheet:
    """The sheet of a publication as it is in data/raw."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COOPSTATS_HOME", str(HOME))
        (sheet,) = sheets_of(source)
    return sheet


def codes(sheet) -> dict[int, str]:
    """The rows of bodies and the codes printed there."""
    if "E-code" in sheet.headings:
        printed = sheet.column_of_text("E-code")
        return {r: printed[r] for r in range(sheet.header + 1, england_row(sheet))
                if CODE.fullmatch(printed[r])}  # fmt: skip
    printed = sheet.number[:, sheet.column("LA")]
    return {int(r): f"{printed[r]:.0f}" for r in np.flatnonzero(~np.isnan(printed))}


def england_row(sheet) -> int:
    return list(sheet.column_of_text("Local authority")).index("ENGLAND")


@functools.cache
def chosen(table) -> frozenset[str]:
    """A dozen bodies, among those with the most figures in both years."""
    full = []
    for sheet in map(real, periods(table)):
        filled = (np.nan_to_num(sheet.number) != 0).sum(axis=1)
        of = codes(sheet)
        full.append({of[r] for r in of if filled[r] >= np.median(filled[list(of)])})
    both = sorted(full[0] & full[1])
    return frozenset(both[:: len(both) // BODIES][:BODIES])


@functools.cache
def _cut(source) -> Book:
    sheet, table = real(source), source.table
    mine = {r: code for r, code in codes(sheet).items() if code in chosen(table)}
    below = [england_row(sheet)] if table in ACCOUNTS else []
    rows = [*range(sheet.header + 1), *mine, *below]
    grid = [
        [
            t if np.isnan(n) else float(n)
            for n, t in zip(sheet.number[r], sheet.text[r], strict=True)
        ]
        for r in rows
    ]
    start = sheet.header + 1
    bodies = dict(enumerate(mine.values(), start))
    numeric = ~np.isnan(sheet.number[list(mine)]).all(axis=0)
    first = int(np.argmax(numeric)) if table in ACCOUNTS else sheet.column("s251line") + 1
    england = start + len(mine) if below else None
    book = Book(table, grid, sheet.header, bodies, england, first)
    book.add_up()
    return book


def known_year(table) -> Book:
    return copy.deepcopy(_cut(periods(table)[0]))


# --- publishing and reading it ---------------------------------------------------------------


@pytest.fixture
def shelf(home, monkeypatch):
    """A home that holds the year before, and nothing on record for the year to come."""
    monkeypatch.setattr(tie_out, "recorded", nothing_recorded)
    return home


def nothing_recorded(tables=()):
    columns = ["source", "sheet", "cell", "service", "difference", "reason"]
    return pd.DataFrame(columns=columns).astype({"difference": float})


def put(home, book, source, write=spreadsheets.xlsx, **entry):
    """Publish a book under an entry of SOURCES.toml made from another, and transcribe it."""
    words = {
        "table": source.table, "period": source.period, "reader": "workbook", "sheets": [SHEET],
        "anchor": list(source.anchor), **entry,
    }  # fmt: skip
    words["file"] = f"{book.table}_{words['period']}.{write.__name__}"
    content = write({"Front page": [["Nothing"]], SHEET: book.grid})
    new = home.record(content, id=f"{source.table}/{words['period']}", **words)
    transcribe.transcribe(new, home.originals)
    return new


def publish(home, book, **entry):
    """Add the pretended next year as the recipe says, beside the year that is held."""
    newest, before = periods(book.table)
    if not home.originals.exists():
        put(home, copy.deepcopy(_cut(before)), before)
    year = newest.year + 1
    return put(home, book, newest, period=f"{year}-{(year + 1) % 100}", **entry)


def read(table) -> pd.DataFrame:
    """Every figure of every year held, after all that a build checks of this family's sheets."""
    if table == "children_spending":
        printed = children_spending.returns()
        off = [children_spending.bases_off(printed), children_spending.totals_off(printed)]
        tie_out.settled(children_spending.in_words(pd.concat(off)), [table])
        return printed
    accounts = ACCOUNTS[table].accounts()
    tie_out.check(accounts)
    if table != "social_care_spending":
        line_totals.check(accounts)
    swapped_columns.check(swapped_columns.in_sheets(accounts))
    return stacked(ACCOUNTS[table].printed_figures())


def figures(printed, year) -> dict:
    """(body, basis, line) to the figure, or to the flag that says why there is none."""
    rows = printed[printed["year"] == year]
    said = rows["number"].astype(object).where(rows["number"].notna(), rows["flag"].astype(str))
    return dict(zip(zip(rows["ecode"], rows["basis"], rows["service"], strict=True), said,
                    strict=True))  # fmt: skip


@functools.cache
def known(table) -> dict:
    """The figures of the known year, of all its bodies, straight from data/raw."""
    source = periods(table)[0]
    module = ACCOUNTS.get(table, section_251)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COOPSTATS_HOME", str(HOME))
        if table == "children_spending":
            return figures(module.printed_figures(real(source)), source.year)
        patch.setattr(module, "sources_of", lambda _: [source])
        patch.setattr(module, "accounts", module.accounts.__wrapped__)
        return figures(stacked(module.printed_figures()), source.year)


def outcome(home, book, **entry) -> str:
    """What became of a book: "read", "read in part", or what the reader said when it stopped.

    Fails if any figure is not the known one: that would be reading wrong in silence.
    """
    try:
        new = publish(home, book, **entry)
        found = figures(read(book.table), new.year)
    except CoopstatsError as stopped:
        return str(stopped)
    right, bodies = known(book.table), {ecode for ecode, *_ in found}
    assert not {k: (v, right.get(k)) for k, v in found.items() if right.get(k) != v}
    asked = {k for k, v in right.items() if k[0] in bodies and isinstance(v, float)}
    return "read" if asked <= found.keys() and len(bodies) == BODIES else "read in part"


# --- rewordings: read right ------------------------------------------------------------------

HARMLESS: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.lower,
    lambda said: f"  {said} ",
    lambda said: f"{said} [note 12]",
    lambda said: f"{said}*",
    lambda said: f"{said}:",
    lambda said: said.replace(" ", "  "),
    lambda said: said.replace(" ", "\n", 1),
    lambda said: said.replace(",", "").replace("-", "–"),
    lambda said: said.replace("2023", "2024").replace("2021", "2022"),
)


def reword(book, ways, dice, share=1.0):
    """Say the words above the figures, or beside them, in other ways."""
    for row, column in book.words():
        if dice.random() < share:
            book.grid[row][column] = dice.choice(ways)(book.grid[row][column])
    for column in book.labels:
        said = {words: words for words in (row[column] for row in book.rows)}
        for words in said:
            said[words] = dice.choice(ways)(words) if dice.random() < share else words
        for row in book.rows:
            row[column] = said[row[column]]


@pytest.mark.parametrize("table", FAMILIES)
def test_the_known_year_again_is_read_cell_for_cell(shelf, table):
    book = known_year(table)
    new = publish(shelf, book)
    printed = read(table)
    mine = printed[(printed["year"] == new.year) & printed["number"].notna()]
    for row, place in zip(mine.itertuples(), mine["place"], strict=True):
        column, line = divmod(place, place_of("B1"))
        assert book.grid[line][column] == row.number


@pytest.mark.parametrize("write", [spreadsheets.xls, spreadsheets.xlsx])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("table", FAMILIES)
def test_a_moved_header_and_reworded_headings_are_read_right(shelf, table, seed, write):
    dice, book = random.Random(seed), known_year(table)
    reword(book, HARMLESS, dice)
    book.lower(by=dice.randint(1, 6))
    assert outcome(shelf, book, write=write) == "read"


# --- rewordings: right or refused ------------------------------------------------------------

RISKY: tuple[Callable[[str], str], ...] = (
    lambda said: said.replace(" and ", " & "),
    lambda said: said.replace("services", "provision").replace("Total", "Sum of all"),
    lambda said: said.replace("children", "young people"),
    lambda said: f"{said} (a)",
    lambda said: f"Net {said}",
    lambda said: said.replace("Other", "Remaining"),
    lambda said: said.replace("expenditure", "spending").replace("Expenditure", "Spending"),
    lambda said: said[:-1],
)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("table", FAMILIES)
def test_headings_said_otherwise_are_read_right_or_refused(shelf, table, seed):
    dice, book = random.Random(seed), known_year(table)
    reword(book, RISKY, dice, share=0.02)
    book.lower(by=dice.randint(0, 3))
    said = outcome(shelf, book)
    assert said == "read" or f"sheet {SHEET!r}" in said


@pytest.mark.parametrize("table", FAMILIES)
def test_a_truly_new_word_is_refused_with_its_cell_and_the_nearest(shelf, table):
    book = known_year(table)
    row, column = named_line(book)
    printed = book.grid[row][column]
    for line in [book.grid[row], *(book.rows if book.labels else [])]:
        line[column] = f"{printed} resilience" if line[column] == printed else line[column]
    said = outcome(shelf, book)
    assert f"sheet {SHEET!r}, cell {cell_name(row, column)}: " in said
    assert "resilience" in said
    assert "Nearest known: " in said
    assert "lines.csv" in said


def named_line(book) -> tuple[int, int]:
    """A cell that names a line which nothing else does."""
    if book.labels:
        return min(book.bodies), book.labels[-1]
    if book.table != "social_care_spending":
        return book.header, book.money[3]
    row = book.header - 2
    return row, next(c for c in range(book.first, 99) if book.grid[row][c])


@pytest.mark.parametrize("table", FAMILIES)
def test_another_sheet_name_is_refused_and_the_nearest_named(shelf, table):
    said = outcome(shelf, known_year(table), sheets=["Figures by authorities"])
    assert "has no sheet 'Figures by authorities'; it has Front page, Figures by authority." in said
    assert f"Did you mean {SHEET!r}?" in said


@pytest.mark.parametrize("table", FAMILIES)
def test_a_reworded_anchor_is_refused_and_the_nearest_named(shelf, table):
    book = known_year(table)
    header = book.grid[book.header]
    anchor = periods(table)[0].anchor[-1]
    column = next(i for i, said in enumerate(header) if said and said.strip() == anchor)
    header[column] = f"{anchor}s"
    said = outcome(shelf, book)
    assert f"sheet {SHEET!r}: no row holds the headings" in said
    assert f"Did you mean '{anchor}s'?" in said
    assert "`anchor`" in said


# --- damage: refused, or what is left is right -----------------------------------------------


def swap(book, one, other):
    """Exchange the words above two columns."""
    for row in range(book.header + 1):
        line = book.grid[row]
        if isinstance(line[one], str) or isinstance(line[other], str):
            line[one], line[other] = line[other], line[one]


def swappable(book) -> list[int]:
    """The services and their parts, the kinds of cost of a block, or the bases."""
    if book.table in ("revenue_outturn", "revenue_budget"):
        lines = [" ".join(book.heading(c).upper().split()) for c in book.money]
        last = next(i for i, said in enumerate(lines) if said.startswith("TOTAL SERVICE EXP"))
        return [c for c in book.money[:last] if total(book, c) > LARGE]
    every = [c for c in book.money if total(book, c) > LARGE]
    return every[:6] if book.table == "social_care_spending" else every


LARGE = 20_000  # £ thousand of the dozen bodies together


def total(book, column) -> float:
    return sum(v for r in book.rows if isinstance(v := r[column], float))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("table", FAMILIES)
def test_two_exchanged_headings_are_refused(shelf, table, seed):
    """ENGLAND still adds up, and most totals; the year before tells them apart."""
    book = known_year(table)
    swap(book, *random.Random(seed).sample(swappable(book), 2))
    assert outcome(shelf, book) not in ("read", "read in part")


@pytest.mark.parametrize("pair", [(6, 20), (34, 55)])
def test_two_exchanged_services_of_the_social_care_form_are_refused(shelf, pair):
    book = known_year("social_care_spending")
    swap(book, *(c - 1 for c in pair))
    assert "nearer to each other's figures in" in outcome(shelf, book)


@pytest.mark.parametrize("by", [-1, 1])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("table", FAMILIES)
def test_a_column_that_slipped_by_a_row_is_refused(shelf, table, seed, by):
    """Its sum is the same: what slipped out at one end stands at the other."""
    book = known_year(table)
    column = random.Random(seed).choice(swappable(book))
    rows, figures_ = book.rows, [row[column] for row in book.rows]
    for at, row in enumerate(rows):
        row[column] = figures_[(at - by) % len(rows)]
    assert outcome(shelf, book) not in ("read", "read in part")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("table", FAMILIES)
def test_without_a_column_the_others_are_right_or_it_is_refused(shelf, table, seed):
    book = known_year(table)
    column = random.Random(seed).choice(book.money)
    for row in book.grid:
        del row[column]
    said = outcome(shelf, book)
    assert said in ("read", "read in part") or SHEET in said


@pytest.mark.parametrize("table", ["revenue_outturn", "revenue_budget"])
def test_without_a_service_it_is_refused(shelf, table):
    """It would count as nothing in `core`, which leaves four services out."""
    book = known_year(table)
    first = book.money[0]
    for row in book.grid:
        del row[first]
    assert "totals are not the sum of their lines" in outcome(shelf, book)


@pytest.mark.parametrize("table", FAMILIES)
def test_a_body_that_stands_twice_is_refused(shelf, table):
    book = known_year(table)
    row = min(book.bodies)
    book.grid.insert(max(book.bodies) + 1, list(book.grid[row]))
    said = outcome(shelf, book)
    assert f"sheet {SHEET!r}" in said
    assert f"stands in rows {row + 1} and " in said


@pytest.mark.parametrize("table", FAMILIES)
def test_a_renamed_body_is_refused_with_its_row_and_the_nearest_spelling(shelf, table):
    book = known_year(table)
    row = max(book.bodies)
    column = next(i for i, said in enumerate(book.grid[book.header])
                  if said in ("Local authority", "LA Name"))  # fmt: skip
    book.grid[row][column] = f"{book.grid[row][column]} Borough"
    said = outcome(shelf, book)
    assert f"sheet {SHEET!r}, row {row + 1}: " in said
    assert "Nearest spelling: " in said


@pytest.mark.parametrize("table", tuple(ACCOUNTS))
def test_without_a_body_the_sheet_does_not_add_up(shelf, table):
    book = known_year(table)
    del book.grid[min(book.bodies)]
    assert "do not tie out to the printed ENGLAND row" in outcome(shelf, book)


@pytest.mark.parametrize("table", tuple(ACCOUNTS))
def test_without_england_it_is_refused(shelf, table):
    book = known_year(table)
    del book.grid[book.england]
    said = outcome(shelf, book)
    assert f"sheet {SHEET!r}: no row ENGLAND below row {book.header + 1}" in said
