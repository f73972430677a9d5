"""Small workbooks in the layouts in which the Revenue Outturn Summary was published.

The bodies are real, so that the register knows them. THE FIGURES ARE TEST FIGURES: small, round
and made up from the place they stand in. They say nothing about any council.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import spreadsheets

from coopstats.core import sources
from coopstats.core.sources import Source
from coopstats.publications import transcribe

Grid = list[list]

# E-code, ONS code, spelling in 2007-08, spelling later, class
BODIES = [
    ("E0102", "E06000023", "Bristol UA", "Bristol UA", "UA"),
    ("E3831", "E07000223", "Adur", "Adur", "SD"),
    ("E4204", "E08000004", "Oldham", "Oldham", "MD"),
    ("E5017", "E09000022", "Lambeth", "Lambeth", "L"),
    ("E5100", "E12000007", "Greater London Authority", "Greater London Authority", "O"),
]
CLASS_ROWS = {
    "LONDON BOROUGHS": "L",
    "METROPOLITAN DISTRICTS": "MD",
    "UNITARY AUTHORITIES": "UA",
    "SHIRE DISTRICTS": "SD",
    "OTHER AUTHORITIES": "O",
}

TOTAL = "TOTAL SERVICE EXPENDITURE (total of lines 190 to 698)"
ONE_SOCIAL_CARE = [
    "Education services", "Highways roads and transport services", "Social care",
    "Cultural and related services", "Police services", "Fire and rescue services",
]  # fmt: skip
TWO_SOCIAL_CARE = [
    "Education services", "Highways and transport services", "Children Social Care",
    "Adult Social Care", "Public Health", "Cultural and related services", "Police services",
    "Fire and rescue services",
]  # fmt: skip


@dataclass
class Book:
    """A workbook to publish: its sheets, which of them hold data, and what SOURCES.toml says."""

    period: str
    file: str
    sheets: dict[str, Grid]
    data: list[str]

    @property
    def id(self) -> str:
        return f"revenue_outturn/{self.period}"

    def put(self, sheet: str, cell: str, value: object) -> Book:
        """The book with another content of one cell, named as in "E8"."""
        row, column = _place(cell)
        self.sheets[sheet][row][column] = value
        return self

    def get(self, sheet: str, cell: str) -> object:
        """What the book prints in one cell."""
        row, column = _place(cell)
        return self.sheets[sheet][row][column]

    def content(self) -> bytes:
        """The file, in the format of its name."""
        write = spreadsheets.xls if self.file.endswith(".xls") else spreadsheets.xlsx
        return write(self.sheets)


def _place(cell: str) -> tuple[int, int]:
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", cell).groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(digits) - 1, column - 1


def _figures(width: int, sheet: int = 1) -> Grid:
    """Figures that say where they stand: 13070 is sheet 1, the 3rd body's 7th figure."""
    return [
        [10_000 * sheet + 1000 * body + 10 * column for column in range(1, width + 1)]
        for body in range(1, len(BODIES) + 1)
    ]


def _sums(figures: Grid, classes: tuple[str, ...]) -> list:
    """The sum of the bodies of some classes in every column."""
    chosen = [f for f, body in zip(figures, BODIES, strict=True) if body[4] in classes]
    return [sum(column) for column in zip(*chosen, strict=True)]


def _rectangle(rows: Grid) -> Grid:
    width = max(map(len, rows))
    return [[*row, *[None] * (width - len(row))] for row in rows]


def _banners(blocks: list[tuple[str | None, list[str]]], before: int) -> list:
    """Each banner above the first heading of its block, nothing above the others."""
    return [None] * before + [
        banner if i == 0 else None for banner, headings in blocks for i in range(len(headings))
    ]


def rs_2007() -> Book:
    """Three sheets; header in row 6; a second block on another basis; reserves by banner."""
    reserves = ["Schools reserves level", "Unallocated financial reserves level"]
    last = [TOTAL, "COUNCIL TAX REQUIREMENT (total of lines 830 to 880)"]
    main, again = [*ONE_SOCIAL_CARE, *last], ["Education services", "Social care"]
    sheets = {
        "Front page": [["TEST FIGURES ONLY"]],
        "RS07 LA drop-down": [["Lambeth", 1], ["E-code", "Local authority", "Class"]],
        "Net current expenditure (col 1)": _sheet_2007(
            "Col 1 - Net current expenditure (£ thousand)",
            [
                (None, main),
                ("Financial reserves levels at 1 April 2007", reserves),
                ("Net current expenditure", again),
            ],
        ),
        "Capital charges (col 2)": _sheet_2007(
            "Col 2 - Capital charges (£ thousand)",
            [
                (None, [*main, *reserves]),
                ("Net current expenditure without FRS17", again),
            ],
        ),
        "Net total cost (col 3)": _sheet_2007(
            "Col 3 - Net total cost (excl. specific revenue grants) (£ thousand)",
            [
                (None, main),
                ("Financial reserves levels at 31 March 2008", reserves),
            ],
        ),
    }
    return Book("2007-08", "RS_2007-08.xls", sheets, list(sheets)[2:])


def _sheet_2007(title: str, blocks: list[tuple[str | None, list[str]]]) -> Grid:
    headings = [h for _, block in blocks for h in block]
    figures = _figures(len(headings), sheet=int(title[4]))
    bodies = [[b[0], b[2], "X", b[4], *row] for b, row in zip(BODIES, figures, strict=True)]
    classes = [[None, name, None, c, *_sums(figures, (c,))] for name, c in CLASS_ROWS.items()]
    everyone = tuple(CLASS_ROWS.values())
    return _rectangle([
        ["Revenue Outturn Summary (RS): 2007-08 data"], [], [title], [],
        _banners(blocks, 4),
        ["E-code", "Local authority", "Region", "Class", *headings], [],
        *bodies, [], [],
        [None, "ENGLAND", None, None, *_sums(figures, everyone)], [],
        [None, "CLASS BREAKDOWN"], *classes, [],
        ["Source: test figures"],
    ])  # fmt: skip


def rs_2015() -> Book:
    """One sheet; header in row 7; an unnamed column; both dates of the reserves by banner."""
    last = [TOTAL, "COUNCIL TAX REQUIREMENT (total of lines 805 to 885)"]
    start = ["Estimated schools reserves level at 1 April",
             "Estimated unallocated financial reserves level at 1 April"]  # fmt: skip
    blocks = [
        ("Service Expenditure", [*TWO_SOCIAL_CARE, last[0]]),
        ("Revenue Expenditure Financing", [last[1]]),
        ("Reserves at 1 April 2015", start),
        ("Reserves at 31 March 2016", [h.replace("1 April", "31 March") for h in start]),
    ]
    headings = [h for _, block in blocks for h in block]
    figures = _figures(len(headings))
    bodies = [[b[0], b[1], b[3], None, b[4], *row] for b, row in zip(BODIES, figures, strict=True)]
    classes = [[None, None, name, None, c, *_sums(figures, (c,))] for name, c in CLASS_ROWS.items()]
    grid = _rectangle([
        ["Revenue Outturn (RO) 2015-16: Revenue Outturn Summary (RS) data"],
        ["Net current expenditure (£ thousand)"],
        ["Hide or delete", *[None] * 4, *range(5, 5 + len(headings))],
        [*[None] * 5, *[1] * len(headings)],
        _banners(blocks, 5),
        [*[None] * 5, *range(190, 190 + len(headings))],
        ["E-code", "ONS Code", "Local authority", None, "Class", *headings],
        *bodies, [], [],
        [None, None, "ENGLAND", None, None, *_sums(figures, tuple(CLASS_ROWS.values()))], [],
        [None, None, "CLASS BREAKDOWN"], *classes, [],
        ["Source: test figures"],
    ])  # fmt: skip
    sheets = {"Front Page": [["TEST FIGURES ONLY"]], "RS LA Data 2015-16": grid}
    return Book("2015-16", "RS_2015-16.xlsx", sheets, ["RS LA Data 2015-16"])


def rs_2021() -> Book:
    """Header in row 12 under hidden rows; a second header below ENGLAND, then E5100 again."""
    last = "COUNCIL TAX REQUIREMENT (total of lines 805 to 885)"
    dated = ["Estimated schools reserves level at {}",
             "Estimated unallocated financial reserves level at {}"]  # fmt: skip
    blocks = [
        ("Service Expenditure", [*TWO_SOCIAL_CARE, TOTAL]),
        ("Revenue Expenditure Financing", [last]),
        ("Reserves at 1 April 2021", [h.format("1 April") for h in dated]),
        ("Reserves at 31 March 2022", [h.format("31 March") for h in dated]),
    ]
    headings = [h for _, block in blocks for h in block]
    header = ["E-code", "ONS Code", "Local authority", "Notes", "Class", "Detailed Class",
              *headings]  # fmt: skip
    figures = _figures(len(headings))
    bodies = [
        [b[0], b[1], b[3], None, b[4], b[4], *row] for b, row in zip(BODIES, figures, strict=True)
    ]
    below = [
        ["[Y]", "E0", name.title(), None, c, c, *_sums(figures, (c,))]
        for name, c in CLASS_ROWS.items()
        if c != "O"
    ]
    england = ["Eng", "E92000001", "ENGLAND", None, "Eng", "Eng"]
    grid = _rectangle([
        ["Worksheet 2: Revenue Outturn (RO) 2021-22 Final: Revenue Outturn Summary (RS) data"],
        ["This worksheet contains 2 tables."], ["Data are reported in £ thousand. "],
        ["TEST FIGURES ONLY"], ["Source: none"], ["Last updated: never"],
        [*[None] * 6, *[f"RS-{i}-net-exp" for i in range(len(headings))]],
        [*[None] * 6, *[f"C1R{190 + i}" for i in range(len(headings))]],
        ["Hide or delete", *[None] * 5, *range(5, 5 + len(headings))],
        [*[None] * 6, *[1] * len(headings)],
        _banners(blocks, 6),
        header, *bodies,
        [*england, *_sums(figures, tuple(CLASS_ROWS.values()))],
        header, *below, bodies[-1],
    ])  # fmt: skip
    sheets = {"Front_Page": [["TEST FIGURES ONLY"]], "RS_LA_Data_2021-22": grid}
    return Book("2021-22", "RS_2021-22.xlsx", sheets, ["RS_LA_Data_2021-22"])


@dataclass
class Home:
    """A project folder of its own, with originals, SOURCES.toml and data/raw."""

    folder: Path

    @property
    def originals(self) -> Path:
        return self.folder / "originals"

    def publish(self, book: Book) -> Source:
        """Save a book among the originals and record it."""
        return self.record(
            book.content(), id=book.id, file=book.file, period=book.period, reader="workbook",
            sheets=book.data, anchor=["E-code", "Local authority", "Class"],
        )  # fmt: skip

    def record(self, content: bytes, **entry: object) -> Source:
        """Save any original and write its entry of SOURCES.toml."""
        entry = {
            "table": "revenue_outturn", "title": "TEST FIGURES", "publisher": "nobody",
            "licence": "OGL-UK-3.0", "page": "https://example.org/rs",
            "sha256": hashlib.sha256(content).hexdigest(), **entry,
        }  # fmt: skip
        self.originals.mkdir(exist_ok=True)
        (self.originals / entry["file"]).write_bytes(content)
        toml = self.folder / "data" / "raw" / "SOURCES.toml"
        toml.parent.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in entry.items())
        with toml.open("a", encoding="utf-8", newline="\n") as listed:
            listed.write(f"[[source]]\n{lines}\n")
        sources.read_sources.cache_clear()
        return sources.read_sources()[entry["id"]]

    def transcribed(self, book: Book) -> Source:
        """The source of a book that was published and transcribed."""
        source = self.publish(book)
        transcribe.transcribe(source, self.originals)
        return source


def with_text(sheet, row, column, word):
    """A transcribed sheet in which one cell holds other words; a cell of words holds no number."""
    number, text = sheet.number.copy(), sheet.text.copy()
    number[row, column], text[row, column] = np.nan, word
    return replace(sheet, number=number, text=text)
