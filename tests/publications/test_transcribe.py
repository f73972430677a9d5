"""Originals to data/raw: on workbooks made in the published layouts, then on what is committed."""

import errno
import io
import json
import os
import re
import tomllib
import zipfile
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
import spreadsheets
from workbooks import rs_2007, rs_2015, rs_2021

from coopstats.clean.sheets.sheet import cell_name, sheets_of
from coopstats.core import files, paths, sources
from coopstats.core.errors import CoopstatsError, NotBuilt, SourceChanged, UnreadableSource
from coopstats.publications import transcribe

BOOKS = [rs_2007, rs_2015, rs_2021]
MAIN_2007 = "Net current expenditure (col 1)"
MAIN_2015 = "RS LA Data 2015-16"


def cells_of(source):
    return pq.read_table(source.raw_file).to_pandas()


def cell(source, sheet, row, column):
    cells = cells_of(source)
    here = (cells["sheet"] == sheet) & (cells["row"] == row) & (cells["column"] == column)
    (found,) = cells[here].to_dict("records")
    return found


def refused(home, error, **entry):
    """The message of a refusal to transcribe one recorded original."""
    source = home.record(**{"table": "test", "period": "2020-21", "id": "test/2020-21"} | entry)
    with pytest.raises(error) as refusal:
        transcribe.transcribe(source, home.originals)
    assert not source.raw_file.exists()
    return str(refusal.value)


def refused_workbook(home, content, file="RS_2015-16.xlsx", **entry):
    book = {"reader": "workbook", "sheets": [MAIN_2015], "anchor": ["E-code", "Class"]}
    return refused(home, UnreadableSource, content=content, file=file, **book | entry)


# --- what is written -------------------------------------------------------------------------


@pytest.mark.parametrize("book", BOOKS)
def test_the_same_original_gives_the_same_bytes(home, book):
    source = home.transcribed(book())
    first = source.raw_file.read_bytes()
    transcribe.transcribe(source, home.originals)
    assert source.raw_file.read_bytes() == first
    transcribe.check(source, home.originals)


@pytest.mark.parametrize("book", BOOKS)
def test_every_filled_cell_of_every_data_sheet_comes_back(home, book):
    made = book()
    source = home.transcribed(made)
    printed = {
        (sheet, row + 1, column + 1): value
        for sheet in made.data
        for row, column, value in spreadsheets.cells(made.sheets[sheet])
    }
    read = {
        (c.sheet, c.row, c.column): c.number if pd.isna(c.text) else c.text
        for c in cells_of(source).itertuples()
    }
    assert read == printed


def test_no_other_sheet_is_read_least_of_all_the_drop_down(home):
    source = home.transcribed(rs_2007())
    assert list(cells_of(source)["sheet"].unique()) == rs_2007().data


def test_a_number_keeps_its_full_precision(home):
    stored = 586844.6080264752
    source = home.transcribed(rs_2015().put(MAIN_2015, "F8", stored))
    assert cell(source, MAIN_2015, 8, 6)["number"] == stored


@pytest.mark.parametrize(
    "marker",
    [
        "n/a",
        "-",
        "…",
        "...",
        "[x]",
        "[n]",
        "[z]",
        "[note 7]",
        "..",
        ":",
        "c",
        "M",
        " ",
        " x ",
        "£k",
    ],
)
@pytest.mark.parametrize(("book", "sheet"), [(rs_2007, MAIN_2007), (rs_2015, MAIN_2015)])
def test_a_marker_is_kept_as_printed(home, book, sheet, marker):
    source = home.transcribed(book().put(sheet, "G9", marker))
    found = cell(source, sheet, 9, 7)
    assert found["text"] == marker
    assert pd.isna(found["number"])


def test_a_number_typed_as_text_stays_text(home):
    source = home.transcribed(rs_2015().put(MAIN_2015, "F8", "1,234"))
    assert cell(source, MAIN_2015, 8, 6)["text"] == "1,234"


def test_zero_is_a_number_and_a_blank_is_no_cell(home):
    book = rs_2015().put(MAIN_2015, "F8", 0).put(MAIN_2015, "G8", None)
    cells = cells_of(home.transcribed(book)).set_index(["row", "column"])
    assert cells.loc[(8, 6), "number"] == 0
    assert (8, 7) not in cells.index


@pytest.mark.parametrize(
    ("book", "sheet", "row", "heading"),
    [
        (rs_2007, MAIN_2007, 8, "Education services"),
        (rs_2015, MAIN_2015, 8, "Education services"),
        (rs_2021, "RS_LA_Data_2021-22", 13, "Education services"),
    ],
)
def test_a_figure_carries_the_heading_above_it_and_a_header_none(home, book, sheet, row, heading):
    cells = cells_of(home.transcribed(book()))
    below = cells[(cells["sheet"] == sheet) & (cells["row"] == row)]
    assert heading in list(below["heading"])
    above = cells[(cells["sheet"] == sheet) & (cells["row"] < row)]
    assert above["heading"].isna().all()


def test_a_transcription_says_which_original_it_comes_from(home):
    source = home.transcribed(rs_2015())
    metadata = pq.read_metadata(source.raw_file).metadata
    assert metadata[b"source"].decode() == source.id
    assert metadata[b"sha256"].decode() == source.sha256


def test_a_moved_header_row_reads_right(home):
    book = rs_2015()
    book.sheets[MAIN_2015].insert(2, [None] * len(book.sheets[MAIN_2015][0]))
    (sheet,) = sheets_of(home.transcribed(book))
    assert sheet.header == 7
    at = 8, sheet.column("Education services")
    assert sheet.number[at] == rs_2015().get(MAIN_2015, "F8")
    assert cell_name(*at) == "F9"


def test_cells_are_named_as_a_spreadsheet_names_them():
    assert [cell_name(0, c) for c in (0, 25, 26, 51, 52, 701, 702)] == [
        "A1", "Z1", "AA1", "AZ1", "BA1", "ZZ1", "AAA1",
    ]  # fmt: skip


# --- what is refused -------------------------------------------------------------------------


def test_a_workbook_with_another_hash_is_refused_with_what_to_do(home):
    source = home.publish(rs_2015())
    (home.originals / source.file).write_bytes(rs_2015().put(MAIN_2015, "F8", 1).content())
    with pytest.raises(SourceChanged) as refusal:
        transcribe.transcribe(source, home.originals)
    message = str(refusal.value)
    for told in (source.file, source.sha256[:12], source.id, "new vintage", source.page):
        assert told in message


def test_an_absent_original_is_named_with_its_page(home):
    source = home.publish(rs_2015())
    (home.originals / source.file).unlink()
    with pytest.raises(UnreadableSource, match=re.escape(source.file)) as refusal:
        transcribe.transcribe(source, home.originals)
    assert source.page in str(refusal.value)


@pytest.mark.parametrize("book", [rs_2007, rs_2015])
@pytest.mark.parametrize("part", [0, 0.1, 0.5, 0.9])
def test_a_truncated_workbook_is_refused(home, book, part):
    content = book().content()
    message = refused_workbook(home, content[: int(len(content) * part)], file=book().file)
    assert "is not a whole workbook" in message
    assert "https://example.org/rs" in message


def test_a_workbook_with_a_broken_sheet_inside_is_refused(home):
    broken = io.BytesIO()
    whole = zipfile.ZipFile(io.BytesIO(rs_2015().content()))
    with zipfile.ZipFile(broken, "w") as parts:
        for name in whole.namelist():
            kept = whole.read(name)
            parts.writestr(name, kept[: len(kept) // 2] if "s2.xml" in name else kept)
    assert "is not a whole workbook" in refused_workbook(home, broken.getvalue())


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("protected.xlsx", spreadsheets.protected_xlsx()),
        ("protected.xls", spreadsheets.xls({"one": [["E-code"]]}, protected=True)),
    ],
)
def test_a_protected_workbook_is_refused(home, file, content):
    assert "protected by a password" in refused_workbook(home, content, file=file)


@pytest.mark.parametrize(
    "page",
    [b"<!DOCTYPE html><html><body>Not found</body></html>", b"\r\n  <HTML><table/></HTML>"],
)
def test_a_web_page_saved_as_xls_is_refused(home, page):
    message = refused_workbook(home, page, file="RS_2007-08.xls")
    assert "RS_2007-08.xls is a web page" in message


def test_a_missing_sheet_is_refused_and_the_nearest_named(home):
    book = rs_2015()
    book.sheets = {"RS LA Data 2015-2016": book.sheets[MAIN_2015], "Notes": [["x"]]}
    message = refused_workbook(home, book.content())
    assert "no sheet 'RS LA Data 2015-16'" in message
    assert "Did you mean 'RS LA Data 2015-2016'" in message
    assert "SOURCES.toml" in message


def test_an_absent_header_row_is_refused_and_the_nearest_heading_named(home):
    book = rs_2015().put(MAIN_2015, "A7", "Ecode")
    message = refused_workbook(home, book.content())
    assert "missing E-code" in message
    assert "'Ecode'" in message


def test_headings_on_two_rows_are_no_header_row(home):
    book = rs_2015().put(MAIN_2015, "A7", None).put(MAIN_2015, "A6", "E-code")
    assert "no row holds the headings E-code, Class" in refused_workbook(home, book.content())


@pytest.mark.parametrize("write", [spreadsheets.xls, spreadsheets.xlsx])
def test_an_empty_sheet_is_refused(home, write):
    content = write({MAIN_2015: [], "Notes": [["x"]]})
    file = f"RS_2015-16.{write.__name__}"
    assert f"{file}, sheet 'RS LA Data 2015-16' is empty" in refused_workbook(
        home, content, file=file
    )


# --- other readers ---------------------------------------------------------------------------

CSV = 'code,name,year,count\r\nE06000052,"Cornwall, Isles of Scilly",2012,"1,234"\r\n'


def test_a_csv_is_kept_as_text_with_quotes_undone(home):
    source = home.record(
        CSV.encode(), id="test/csv", table="test", period="2012", file="a.csv", reader="csv",
        anchor=["code"],
    )  # fmt: skip
    transcribe.transcribe(source, home.originals)
    texts = cells_of(source).set_index(["row", "column"])["text"]
    assert list(texts[2]) == ["E06000052", "Cornwall, Isles of Scilly", "2012", "1,234"]
    assert cells_of(source)["number"].isna().all()


def test_a_csv_with_another_encoding_is_refused_with_the_place(home):
    content = "code,name\nE1,Ynys Môn\n".encode("cp1252")
    message = refused(
        home, UnreadableSource, content=content, file="a.csv", reader="csv", anchor=["code"]
    )
    assert "not utf-8 at byte" in message
    assert "`encoding`" in message


def test_a_csv_in_its_recorded_encoding_loses_its_mark(home):
    source = home.record(
        CSV.encode("utf-8-sig"), id="test/bom", table="test", period="2013", file="b.csv",
        reader="csv", encoding="utf-8-sig", anchor=["code"],
    )  # fmt: skip
    transcribe.transcribe(source, home.originals)
    assert cell(source, "b.csv", 1, 1)["text"] == "code"


def stata(tmp_path):
    table = pd.DataFrame({"code": ["E06000052", "E06000053"], "people": [533_760, 2_280]})
    table.to_stata(tmp_path / "made.dta", write_index=False)
    return (tmp_path / "made.dta").read_bytes()


def test_a_stata_file_is_read_by_observation_and_variable(home, tmp_path):
    source = home.record(
        stata(tmp_path), id="test/dta", table="test", period="2014", file="a.dta", reader="stata",
        anchor=["code"],
    )  # fmt: skip
    transcribe.transcribe(source, home.originals)
    found = cell(source, "a.dta", 2, 2)
    assert (found["heading"], found["number"]) == ("people", 533_760)
    assert cell(source, "a.dta", 3, 1)["text"] == "E06000053"


@pytest.mark.parametrize("part", [0, 0.05, 0.5, 0.95])
def test_a_truncated_stata_file_is_refused(home, tmp_path, part):
    content = stata(tmp_path)
    message = refused(
        home, UnreadableSource, content=content[: int(len(content) * part)], file="a.dta",
        reader="stata", anchor=["code"],
    )  # fmt: skip
    assert "a.dta is not a whole Stata file" in message


def parquet():
    kept = io.BytesIO()
    table = {"code": ["201", "202", "201"], "value": ["-", None, "1,5"], "number": [1.5, 2.0, None]}
    pd.DataFrame(table).to_parquet(kept, index=False)
    return kept.getvalue()


def test_a_parquet_file_is_read_by_row_and_column(home):
    source = home.record(
        parquet(), id="test/parquet", table="test", period="2015", file="a.parquet",
        reader="parquet", anchor=["code"],
    )  # fmt: skip
    transcribe.transcribe(source, home.originals)
    assert cell(source, "a.parquet", 4, 1)["text"] == "201"
    assert cell(source, "a.parquet", 2, 2)["text"] == "-"
    assert cell(source, "a.parquet", 3, 3)["number"] == 2.0
    assert cell(source, "a.parquet", 4, 2)["heading"] == "value"
    assert pq.read_table(source.raw_file).num_rows == 3 + 3 + 2 + 2


@pytest.mark.parametrize("part", [0, 0.5, 0.99])
def test_a_truncated_parquet_file_is_refused(home, part):
    content = parquet()
    message = refused(
        home, UnreadableSource, content=content[: int(len(content) * part)], file="a.parquet",
        reader="parquet", anchor=["code"],
    )  # fmt: skip
    assert "a.parquet is not a whole Parquet file" in message


@pytest.mark.parametrize("content", [b"", b'{"hexes": {"E1": ', b"[1]", b'{"layout": "odd-r"}'])
def test_a_broken_hexjson_is_refused(home, content):
    message = refused(
        home, UnreadableSource, content=content, file="a.hexjson", reader="hexjson", anchor=["code"]
    )
    assert "a.hexjson is not hexJSON" in message


def test_a_hexjson_is_read_hexagon_by_hexagon(home):
    hexes = {"hexes": {"E06000052": {"n": "Cornwall", "q": -3, "r": 1}}}
    source = home.record(
        json.dumps(hexes).encode(), id="test/hex", table="test", period="2021", file="a.hexjson",
        reader="hexjson", anchor=["code", "q", "r"],
    )  # fmt: skip
    transcribe.transcribe(source, home.originals)
    assert cell(source, "a.hexjson", 2, 1)["text"] == "E06000052"
    assert cell(source, "a.hexjson", 2, 3)["number"] == -3


# --- files are whole or old ------------------------------------------------------------------


class Killed(BaseException):
    """A kill, as far as a test in one process can play it."""


def failing(problem):
    def fail(*_args, **_keywords):
        raise problem

    return fail


def attempt(source, home, error):
    with pytest.raises(error) as stopped:
        transcribe.transcribe(source, home.originals)
    return str(stopped.value)


@pytest.mark.parametrize("step", ["replace", "open", "chmod"])
def test_a_full_disk_leaves_the_old_file_whole(home, monkeypatch, step):
    source = home.transcribed(rs_2015())
    old = source.raw_file.read_bytes()
    monkeypatch.setattr(os, step, failing(OSError(errno.ENOSPC, "No space left on device")))
    message = attempt(source, home, CoopstatsError)
    assert "No space left on device" in message
    assert "old file is untouched" in message
    assert source.raw_file.read_bytes() == old
    assert [p.name for p in source.raw_file.parent.iterdir()] == [source.raw_file.name]


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "raw").write_text("a file where a folder should be")
    with pytest.raises(CoopstatsError, match="could not be written"):
        files.replace(tmp_path / "raw" / "one.parquet", b"new")


def test_a_kill_half_way_leaves_the_old_file_whole(home, monkeypatch):
    source = home.transcribed(rs_2015())
    old = source.raw_file.read_bytes()
    monkeypatch.setattr(os, "replace", failing(Killed()))
    attempt(source, home, Killed)
    assert source.raw_file.read_bytes() == old
    assert [p.name for p in source.raw_file.parent.iterdir()] == [source.raw_file.name]


@pytest.mark.parametrize("change", ["flip", "delete"])
def test_check_finds_a_raw_file_that_is_not_what_the_original_gives(home, change):
    source = home.transcribed(rs_2015())
    if change == "flip":
        content = bytearray(source.raw_file.read_bytes())
        content[len(content) // 2] ^= 1
        source.raw_file.write_bytes(content)
    else:
        source.raw_file.unlink()
    with pytest.raises(SourceChanged, match="is not what RS_2015-16"):
        transcribe.check(source, home.originals)


def test_a_damaged_raw_file_is_told_by_its_reader(home):
    source = home.transcribed(rs_2015())
    source.raw_file.write_bytes(source.raw_file.read_bytes()[:500])
    with pytest.raises(NotBuilt, match="git checkout data/raw"):
        list(sheets_of(source))


# --- data/raw as committed -------------------------------------------------------------------

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
OPEN_LICENCES = {
    "OGL-UK-2.0", "OGL-UK-3.0", "MIT", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "ODC-By-1.0",
    "ODC-PDDL",
}  # fmt: skip


def entries():
    return tomllib.loads((RAW / "SOURCES.toml").read_text(encoding="utf-8"))["source"]


def committed(entry):
    return RAW / entry["table"] / f"{entry['period']}.parquet"


def test_every_entry_has_its_file_and_every_file_its_entry():
    listed = [committed(entry) for entry in entries()]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(RAW.rglob("*.parquet"))
    others = {p.name for p in RAW.rglob("*") if p.is_file() and p.suffix != ".parquet"}
    assert others == {"SOURCES.toml"}


@pytest.mark.parametrize("entry", entries(), ids=lambda e: e["id"])
def test_an_entry_is_complete_and_its_file_is_of_the_recorded_original(entry):
    metadata = pq.read_metadata(committed(entry)).metadata
    assert metadata[b"sha256"].decode() == entry["sha256"]
    assert metadata[b"source"].decode() == entry["id"]
    assert re.fullmatch(r"[0-9a-f]{64}", entry["sha256"])
    assert set(entry["licence"].split(" / ")) <= OPEN_LICENCES
    assert entry["page"].startswith(("https://", "http://opencouncildata.co.uk/"))
    assert entry["title"]
    assert entry["publisher"]


@pytest.mark.parametrize("entry", entries(), ids=lambda e: e["id"])
def test_a_committed_file_holds_cells_and_nothing_else(entry):
    assert pq.read_schema(committed(entry)).names == transcribe.CELLS.names


def test_the_seventeen_years_of_accounts_are_there():
    years = [s.year for s in sources.sources_of("revenue_outturn")]
    assert years == list(range(2007, 2024))


def test_no_address_leads_to_a_package_registry_or_a_machine():
    text = (RAW / "SOURCES.toml").read_text(encoding="utf-8")
    for unwanted in ("pypi", "pythonhosted", "file://", "localhost"):
        assert unwanted not in text.lower()
    assert re.findall(r'"/\w[^"]*"', text) == []  # a path that begins at some machine's root


def size(*folders):
    return sum(p.stat().st_size for f in folders for p in f.rglob("*") if p.is_file())


def test_data_raw_is_small():
    first = ("revenue_outturn", "population", "deflator", "deprivation", "councils")
    assert size(*(RAW / name for name in first)) < 7_000_000
    assert size(RAW) < 25_000_000


def test_a_folder_without_sources_is_told_what_is_expected(home):
    with pytest.raises(NotBuilt, match="COOPSTATS_HOME"):
        sources.read_sources()


def test_the_home_is_the_clone_unless_set(monkeypatch):
    monkeypatch.delenv("COOPSTATS_HOME", raising=False)
    assert paths.raw_dir() == RAW
