"""Real .xls and .xlsx files from grids of cells, with nothing but the standard library.

Only what python-calamine needs to read them: numbers, text and empty cells.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

Grid = list[list]
SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def cells(grid: Grid) -> Iterator[tuple[int, int, object]]:
    """The filled cells of a grid with their 0-based row and column."""
    for row, values in enumerate(grid):
        yield from ((row, column, v) for column, v in enumerate(values) if v not in (None, ""))


# --- .xlsx -----------------------------------------------------------------------------------

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def xlsx(sheets: dict[str, Grid]) -> bytes:
    """A workbook in Office Open XML."""
    written = io.BytesIO()
    numbered = list(enumerate(sheets.items(), 1))
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="r{i}"/>' for i, (name, _) in numbered
    )
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("_rels/.rels", _relations(["officeDocument"], "xl/workbook.xml"))
        parts.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        )
        kinds = ["worksheet"] * len(sheets)
        parts.writestr("xl/_rels/workbook.xml.rels", _relations(kinds, "worksheets/s{}.xml"))
        for i, (_, grid) in numbered:
            parts.writestr(f"xl/worksheets/s{i}.xml", _worksheet(grid))
    return written.getvalue()


def _relations(kinds: list[str], target: str) -> str:
    each = "".join(
        f'<Relationship Id="r{i}" Type="{_OFFICE}/{kind}" Target="{target.format(i)}"/>'
        for i, kind in enumerate(kinds, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{each}</Relationships>'


def _worksheet(grid: Grid) -> str:
    rows = "".join(
        f'<row r="{i}">{"".join(map(_cell, *zip(*filled, strict=True)))}</row>'
        for i, row in enumerate(grid, 1)
        if (filled := [(f"{column_letters(j)}{i}", v) for _, j, v in cells([row])])
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def _cell(name: str, value: object) -> str:
    if isinstance(value, str):
        text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
        return f'<c r="{name}" t="inlineStr">{text}</c>'
    return f'<c r="{name}"><v>{value!r}</v></c>'


def column_letters(column: int) -> str:
    """The letters of a 0-based column."""
    letters = ""
    while column >= 0:
        letters = chr(65 + column % 26) + letters
        column = column // 26 - 1
    return letters


# --- .xls ------------------------------------------------------------------------------------


def xls(sheets: dict[str, Grid], protected: bool = False) -> bytes:
    """A workbook in BIFF8, the format of Excel 97 to 2003; `protected` by a password."""
    globals_start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    if protected:
        globals_start += _record(0x002F, struct.pack("<HHH", 1, 1, 1))
    globals_start += _record(0x0042, struct.pack("<H", 1200))
    streams = [_biff_sheet(grid) for grid in sheets.values()]
    named = [struct.pack("<BB", len(n), 1) + n.encode("utf-16-le") for n in sheets]
    at = len(globals_start) + sum(len(n) + 10 for n in named) + 4
    bound = b""
    for name, stream in zip(named, streams, strict=True):
        bound += _record(0x0085, struct.pack("<IBB", at, 0, 0) + name)
        at += len(stream)
    return compound({"Workbook": globals_start + bound + _record(0x000A) + b"".join(streams)})


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _biff_sheet(grid: Grid) -> bytes:
    height, width = len(grid), max(map(len, grid), default=0)
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    extent = _record(0x0200, struct.pack("<IIHHH", 0, height, 0, width, 0))
    return start + extent + b"".join(map(_biff_cell, cells(grid))) + _record(0x000A)


def _biff_cell(cell: tuple[int, int, object]) -> bytes:
    row, column, value = cell
    place = struct.pack("<HHH", row, column, 0)
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _record(0x0204, place + struct.pack("<HB", len(value), 1) + text)
    return _record(0x0203, place + struct.pack("<d", value))


def protected_xlsx() -> bytes:
    """What Excel saves when a password is set: encrypted parts in an OLE compound file."""
    return compound({"EncryptionInfo": b"\4\0\4\0@\0\0\0", "EncryptedPackage": bytes(64)})


def compound(streams: dict[str, bytes]) -> bytes:
    """An OLE compound file: the streams padded, so that none needs the small-stream table."""
    padded = [s.ljust(max(4096, -(-len(s) // SECTOR) * SECTOR), b"\0") for s in streams.values()]
    lengths = [len(s) // SECTOR for s in padded]
    tables = next(n for n in range(1, 100) if n * 128 >= n + 1 + sum(lengths))
    starts = [tables + 1 + sum(lengths[:i]) for i in range(len(lengths))]
    chains = [FAT] * tables + [END]
    for start, length in zip(starts, lengths, strict=True):
        chains += [*range(start + 1, start + length), END]
    chains += [FREE] * (tables * 128 - len(chains))
    entries = [_entry("Root Entry", 5, END, 0, child=1)]
    for i, (name, content) in enumerate(zip(streams, padded, strict=True)):
        right = i + 2 if i + 1 < len(padded) else FREE
        entries.append(_entry(name, 2, starts[i], len(content), right=right))
    directory = b"".join(entries).ljust(SECTOR, b"\0")
    table = struct.pack(f"<{len(chains)}I", *chains)
    return _compound_header(tables) + table + directory + b"".join(padded)


def _compound_header(tables: int) -> bytes:
    listed = [*range(tables), *[FREE] * (109 - tables)]
    return struct.pack(
        "<8s16xHHHHH6xIIIIIIIII109I",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
        0, tables, tables, 0, 4096, END, 0, END, 0, *listed,
    )  # fmt: skip


def _entry(
    name: str, kind: int, start: int, size: int, right: int = FREE, child: int = FREE
) -> bytes:
    spelt = name.encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII36xIQ", spelt, len(spelt) + 2, kind, 1, FREE, right, child, start, size
    )
