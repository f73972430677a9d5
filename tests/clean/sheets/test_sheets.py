"""Transcribed files as they should not be: without cells, without a column, without years."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from coopstats.clean.sheets.sheet import Sheet, sheet_where, sheets_of
from coopstats.clean.tables import council_tax
from coopstats.core.errors import NotBuilt, UnreadableSource
from coopstats.core.sources import read_sources

KINDS = {
    "sheet": pa.dictionary(pa.int32(), pa.string()),
    "row": pa.int32(),
    "column": pa.int32(),
    "heading": pa.dictionary(pa.int32(), pa.string()),
    "number": pa.float64(),
    "text": pa.dictionary(pa.int32(), pa.string()),
}


@pytest.fixture
def source():
    return next(each for each in read_sources().values() if each.table == "lait")


@pytest.fixture
def held(source, tmp_path, monkeypatch):
    """Writes what data/raw is to hold of the source, in the place of what it holds."""

    def write(*cells, without=()):
        rows = [dict(zip(KINDS, cell, strict=True)) for cell in cells]
        table = pa.Table.from_pylist(rows, pa.schema(KINDS)).drop_columns(list(without))
        source.raw_file.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, source.raw_file)

    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    return write


HEADINGS = [("Data", 1, 1, None, None, "Measure"), ("Data", 1, 2, None, None, "Area")]


def row(at, measure, area):
    return [
        ("Data", at, 1, "Measure", None, measure),
        ("Data", at, 2, "Area", None, area),
        ("Data", at, 3, "Figure", float(at), None),
    ]


def test_only_rows_with_the_word_under_its_own_heading_are_read(source, held):
    held(*HEADINGS, *row(2, "Youth", "Leeds"), *row(3, "Other", "Youth"), *row(4, "Youth", "Hull"))
    sheet = sheet_where(source, "Measure", ["Youth"])
    assert sheet.words([1, 3], "Area").tolist() == ["Leeds", "Hull"]
    assert np.flatnonzero(~np.isnan(sheet.number[:, 2])).tolist() == [1, 3]
    assert set(sheet.text[2]) == {None}


def test_a_word_that_stands_under_another_heading_alone_is_absent(source, held):
    held(*HEADINGS, *row(2, "Other", "Youth"))
    with pytest.raises(UnreadableSource, match="has no Youth under 'Measure'"):
        sheet_where(source, "Measure", ["Youth"])


def test_a_file_without_cells_has_no_such_word(source, held):
    held()
    with pytest.raises(UnreadableSource, match="has no Youth under 'Measure'"):
        sheet_where(source, "Measure", ["Youth"])


def test_a_file_without_cells_has_no_sheets(source, held):
    held()
    with pytest.raises(UnreadableSource, match=r"has no cells\. Check that the original is whole"):
        list(sheets_of(source))


@pytest.mark.parametrize("absent", [*KINDS])
def test_a_file_without_one_of_its_columns_is_told(source, held, absent):
    held(*HEADINGS, *row(2, "Youth", "Leeds"), without=[absent])
    for read in (
        lambda: sheet_where(source, "Measure", ["Youth"]),
        lambda: list(sheets_of(source)),
    ):
        with pytest.raises(NotBuilt, match=f"is missing or damaged .it has no column '{absent}'"):
            read()


@pytest.mark.parametrize(
    ("code", "year", "said"),
    [
        ("E9999", "2010-11", "no row has the E-code of a known body"),
        ("E5017", "Total", "no heading is a year"),
    ],
)
def test_a_sheet_of_bills_without_bodies_or_years_is_refused(source, code, year, said):
    text = np.array([["E code", year], [code, None]], dtype=object)
    number = np.array([[np.nan, np.nan], [np.nan, 900.0]])
    sheet = Sheet(source, "inc PPs", 0, list(text[0]), number, text)
    with pytest.raises(UnreadableSource, match=f"sheet 'inc PPs': {said}"):
        council_tax._bills_of(sheet, "band_d")
