"""The archive: every format read back by another program's reader, and nothing lost on the way."""

from __future__ import annotations

import errno
import gzip
import io
import json
import sqlite3
import zipfile
from pathlib import Path

import frictionless
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from coopstats import export as exporting
from coopstats.core.errors import CoopstatsError, NotBuilt, UnknownName
from coopstats.core.flags import FLAGS, NO_FIGURE
from coopstats.datasets.load import load
from coopstats.datasets.table import about, built_tables, open_table
from coopstats.export import csv, package, stata, workbook

TABLES = ["councils", "deflator", "libraries", "lines", "printed_totals", "young_people"]
LONG = "libraries"  # made long for these tests: packed as CSV, and not in the workbook


@pytest.fixture(scope="module")
def archive(built_once, tmp_path_factory):
    """The archive of a few tables, whose longest counts as long."""
    folder = tmp_path_factory.mktemp("archive")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COOPSTATS_HOME", str(built_once))
        patch.setattr(csv, "LARGE", 9_000)
        patch.setattr(workbook, "MOST", 9_000)
        assert len(load(LONG)) > 9_000
        return exporting.export(folder, TABLES)


@pytest.fixture(scope="module")
def opened(archive, tmp_path_factory):
    """The folder in the archive."""
    folder = tmp_path_factory.mktemp("opened")
    with zipfile.ZipFile(archive) as content:
        content.extractall(folder)
    return folder / archive.stem


@pytest.fixture(autouse=True)
def _tables(built):
    """Every test here reads the real tables."""


def told(frame):
    """Rows for comparison: words as they are, numbers as floats, None where nothing is."""
    plain = {}
    for name, column in frame.items():
        if isinstance(column.dtype, pd.CategoricalDtype):
            plain[name] = column.astype(object).where(column.notna(), None).to_list()
        else:
            plain[name] = [None if pd.isna(v) else float(v) for v in column]
    return plain


def whole(frame):
    """The rows of a table as the library gives them."""
    return told(load(frame, basis=None))


def words_of(table):
    return [n for n, d in load(table, basis=None).dtypes.items() if str(d) == "category"]


# ── each format ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("table", TABLES)
def test_parquet_holds_what_the_built_file_holds(opened, table):
    """Values, types, lists of words and metadata; packed another way, with checksums."""
    path = opened / "parquet" / f"{table}.parquet"
    built, read = pq.read_table(io.BytesIO(open_table(table).content())), pq.read_table(path)
    assert read.equals(built, check_metadata=True)
    for name in words_of(table):
        (words,), (expected,) = read[name].chunks, built[name].chunks
        assert words.dictionary.equals(expected.dictionary)
        assert words.indices.equals(expected.indices)
    pd.testing.assert_frame_equal(pd.read_parquet(path), load(table, basis=None))


@pytest.mark.parametrize("table", TABLES)
def test_parquet_is_packed_by_zstd_and_smaller_than_the_built_file(opened, table):
    path = opened / "parquet" / f"{table}.parquet"
    metadata = pq.read_metadata(path)
    assert metadata.num_row_groups == 1
    columns = [metadata.row_group(0).column(at) for at in range(metadata.num_columns)]
    assert {column.compression for column in columns} == {"ZSTD"}
    assert path.stat().st_size < len(open_table(table).content())


def test_a_flipped_bit_of_the_packed_parquet_is_told(opened):
    path = opened / "parquet" / f"{LONG}.parquet"
    content, metadata = bytearray(path.read_bytes()), pq.read_metadata(path)
    group = metadata.row_group(0)
    columns = [group.column(at) for at in range(metadata.num_columns)]
    (figures,) = [column for column in columns if column.path_in_schema == "value"]
    content[figures.data_page_offset + figures.total_compressed_size // 2] ^= 1
    with pytest.raises(OSError, match="CRC checksum"):
        pq.read_table(io.BytesIO(content), page_checksum_verification=True)


@pytest.mark.parametrize("table", TABLES)
def test_csv_gives_every_figure_back(opened, table):
    (path,) = (opened / "csv").glob(f"{table}.csv*")
    assert path.suffix == (".gz" if len(load(table)) > 9_000 else ".csv")
    fields = json.loads((opened / "schemas" / f"{table}.json").read_text("utf-8"))["fields"]
    kinds = {"string": "category", "integer": "Int64", "number": "float64"}
    read = pd.read_csv(
        path,
        dtype={field["name"]: kinds[field["type"]] for field in fields},
        keep_default_na=False,
        na_values=[""],
    )
    assert told(read) == whole(table)


def test_a_figure_in_doubt_is_so_in_the_archive(opened):
    rows = pd.read_csv(opened / "csv" / "printed_totals.csv")
    row = rows[(rows["service"] == "interest_from_revenue_loans") & (rows["year"] == 2021)]
    assert "unit" in row["doubt"].tolist()


@pytest.mark.parametrize("table", TABLES)
def test_stata_gives_every_figure_back(opened, table):
    read = pd.read_stata(opened / "stata" / f"{table}.dta")
    for name in words_of(table):
        if not isinstance(read[name].dtype, pd.CategoricalDtype):
            read[name] = read[name].where(read[name] != "").astype("category")
    assert told(read) == whole(table)


@pytest.mark.parametrize("table", TABLES)
def test_stata_s_variables_and_values_are_labelled(opened, table):
    with pd.read_stata(opened / "stata" / f"{table}.dta", iterator=True) as read:
        labels, values, title = read.variable_labels(), read.value_labels(), read.data_label
        assert read._format_version == 118
    assert title == stata.shortened(about(table)["title"])
    assert labels == {c: stata.shortened(m) for c, m in about(table)["columns"].items()}
    assert all(len(label) <= 80 for label in labels.values())
    frame = load(table, basis=None)
    assert set(values) == {c for c in words_of(table) if stata.labelled(frame[c])}
    assert "ecode" not in values
    if "flag" in frame:
        assert set(values["flag"].values()) == set(frame["flag"].cat.categories)


@pytest.mark.parametrize("table", TABLES)
def test_sqlite_gives_every_figure_back_with_its_type(opened, table):
    frame = load(table, basis=None)
    key = ", ".join(f'"{c}"' for c in about(table)["key"])
    with sqlite3.connect(opened / "coopstats.sqlite") as base:
        rows = base.execute(f'SELECT * FROM "{table}" ORDER BY {key}').fetchall()
        types = {r[1]: r[2] for r in base.execute(f'PRAGMA table_info("{table}")')}
        indices = {r[1] for r in base.execute(f'PRAGMA index_list("{table}_rows")')}
        wrong = [
            (name, found)
            for name, kind in types.items()
            for (found,) in base.execute(f'SELECT DISTINCT typeof("{name}") FROM "{table}"')
            if found not in ("null", kind.lower())
        ]
        asked = base.execute(f'SELECT {key} FROM "{table}" GROUP BY {key}').fetchall()
    base.close()
    assert wrong == []
    assert len(asked) == len(rows) == len(frame)
    assert any("_by_" in name for name in indices)
    ordered = frame.sort_values(about(table)["key"], key=as_sqlite_sorts)
    expected = list(zip(*told(ordered).values(), strict=True))
    assert [tuple(float(v) if isinstance(v, int) else v for v in row) for row in rows] == expected


def as_sqlite_sorts(column):
    return column.astype(str) if isinstance(column.dtype, pd.CategoricalDtype) else column


def test_sqlite_keeps_each_word_once_numbered_in_the_order_of_the_words(opened):
    with sqlite3.connect(opened / "coopstats.sqlite") as base:
        words = [word for (word,) in base.execute("SELECT word FROM words ORDER BY number")]
    base.close()
    every = set().union(*(load(t, basis=None)[c].dropna() for t in TABLES for c in words_of(t)))
    assert words == [None, *sorted(set(words[1:]))]
    assert every <= set(words)


def test_sqlite_is_at_most_six_tenths_of_the_csv(opened):
    packed = (opened / "csv").glob("*.csv.gz")
    unpacked = sum(len(gzip.decompress(path.read_bytes())) for path in packed)
    plain = sum(path.stat().st_size for path in (opened / "csv").glob("*.csv"))
    assert (opened / "coopstats.sqlite").stat().st_size <= 0.6 * (unpacked + plain)


def test_sqlite_says_what_it_holds(opened):
    with sqlite3.connect(opened / "coopstats.sqlite") as base:
        contents = dict(base.execute("SELECT name, rows FROM contents"))
        fields = base.execute("SELECT name, field, meaning FROM fields").fetchall()
        sources = base.execute("SELECT name, source, licence FROM publications").fetchall()
    base.close()
    assert contents == {table: len(load(table, basis=None)) for table in TABLES}
    meanings = {table: about(table)["columns"] for table in TABLES}
    assert fields == [(t, c, meanings[t][c]) for t in TABLES for c in load(t, basis=None)]
    assert len(sources) == sum(len(about(table)["sources"]) for table in TABLES)
    assert all(licence for _, _, licence in sources)


# ── the workbook ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def sheets(opened):
    read = CalamineWorkbook.from_path(opened / "coopstats.xlsx")
    return {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}


def test_notes_come_first_then_contents_and_columns_then_a_sheet_a_table(sheets):
    short = [table for table in TABLES if table != LONG]
    assert list(sheets) == ["Notes", "Contents", "Columns", "Breaks", *short]


def test_a_long_table_is_said_to_be_elsewhere(sheets):
    notes = " ".join(row[1] for row in sheets["Notes"][3:])
    assert f"more than 9,000 rows: {LONG}" in notes
    assert f"for instance, csv/{LONG}.csv.gz" in notes
    where = {row[0]: row[1] for row in sheets["Contents"][3:]}
    assert where == {t: f"csv/{t}.csv.gz" if t == LONG else f"sheet {t}" for t in TABLES}


@pytest.mark.parametrize("table", [t for t in TABLES if t != LONG])
def test_a_sheet_gives_every_figure_back(sheets, table):
    title, _, heads, *rows = sheets[table]
    assert title[0] == about(table)["title"]
    assert heads == list(load(table, basis=None))
    read = pd.DataFrame(rows, columns=heads).replace("", None).astype(object)
    found = {c: [None if pd.isna(v) else v for v in read[c]] for c in read}
    assert found == {c: [as_excel_keeps(v) for v in column] for c, column in whole(table).items()}


def as_excel_keeps(value):
    """A number in 16 digits, one more than Excel shows."""
    return float(f"{value:.16g}") if isinstance(value, float) else value


def test_the_workbook_keeps_to_the_checklist(opened):
    """Marked and named tables, no merged cell, no hidden sheet, no filter; the header is frozen."""
    import openpyxl

    book = openpyxl.load_workbook(opened / "coopstats.xlsx")
    for sheet in book:
        (table,) = sheet.tables.values()
        assert table.ref == f"A3:{sheet.dimensions.partition(':')[2]}"
        assert (table.headerRowCount, table.autoFilter) == (1, None)
        assert table.column_names == [cell.value for cell in sheet[3]]
        assert sheet.freeze_panes == "A4"
        assert sheet.sheet_state == "visible"
        assert not sheet.merged_cells.ranges
        assert sheet["A1"].value
        assert sheet["A2"].value
    links = [c.hyperlink.location for (c,) in book["Contents"]["B4:B9"] if c.hyperlink]
    assert links == [f"'{table}'!A1" for table in TABLES if table != LONG]
    book.close()


# ── text that a spreadsheet would run ────────────────────────────────────────────────────────────


def dangerous():
    return pd.DataFrame({"name": pd.Categorical(["=1+1", None, "Bury"]), "n": [-1.5, np.nan, 2.0]})


def test_a_formula_is_text_in_csv_and_a_negative_number_is_a_number():
    into = io.BytesIO()
    csv._write(dangerous(), into)
    assert into.getvalue().decode() == '"name","n"\n"\'=1+1",-1.5\n,\n"Bury",2\n'


def test_a_formula_is_text_in_the_workbook(tmp_path):
    made = workbook.Write(tmp_path, [])
    heads = ["name", "n"]
    made._sheet("x", "X", "One.", heads, workbook.cells(dangerous()), many=3)
    made.close()
    rows = CalamineWorkbook.from_path(tmp_path / "coopstats.xlsx").get_sheet_by_name("x")
    assert rows.to_python()[3:] == [["'=1+1", -1.5], ["", ""], ["Bury", 2.0]]


# ── datapackage.json ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_stranger_s_reader_finds_the_tables_as_described(tmp_path, monkeypatch):
    written = exporting.export(tmp_path, ["councils", "libraries", "young_people"], ["csv"])
    with zipfile.ZipFile(written) as content:
        content.extractall(tmp_path)
    monkeypatch.chdir(tmp_path / written.stem)
    report = frictionless.Package("datapackage.json").validate()
    assert report.flatten(["name", "type", "note"]) == []
    counted = {task.name: task.stats["rows"] for task in report.tasks}
    assert counted == {t: len(load(t)) for t in ("councils", "libraries", "young_people")}
    spoil(Path("csv/young_people.csv"))
    assert ["type-error"] in frictionless.Package("datapackage.json").validate().flatten(["type"])


def spoil(path):
    """Put a word where a year was."""
    lines = path.read_text("utf-8").splitlines()
    year = lines[0].split(",").index('"year"')
    row = lines[1].split(",")
    row[year] = '"word"'
    path.write_text("\n".join([lines[0], ",".join(row), *lines[2:]]) + "\n", "utf-8")


def test_the_descriptor_names_every_file_that_holds_tables(opened):
    told = json.loads((opened / "datapackage.json").read_text("utf-8"))
    named = {resource["path"] for resource in told["resources"]}
    there = {p.relative_to(opened).as_posix() for p in opened.rglob("*") if p.is_file()}
    assert named == {p for p in there if p.startswith(("csv/", "parquet/", "stata/", "coopstats."))}
    assert len({resource["name"] for resource in told["resources"]}) == len(named)
    for resource in told["resources"]:
        assert resource["bytes"] == (opened / resource["path"]).stat().st_size
        if "schema" in resource:
            assert resource["sources"]
            assert resource["licenses"]
            assert (opened / resource["schema"]).exists()


def test_a_field_has_type_unit_meaning_and_flags():
    fields = {field["name"]: field for field in package.schema("printed_totals")["fields"]}
    assert fields["gbp"]["type"] == "integer"
    assert fields["gbp"]["unit"] == "pounds, nominal"
    assert fields["gbp"]["description"] == about("printed_totals")["columns"]["gbp"]
    assert [c["value"] for c in fields["flag"]["categories"]] == list(FLAGS)
    assert fields["flag"]["noFigure"] == list(NO_FIGURE)
    assert package.schema("printed_totals")["primaryKey"] == about("printed_totals")["key"]


@pytest.mark.parametrize("table", ["political_control", "co_operatives", "children_spending"])
def test_every_licence_is_named_with_its_text(table):
    named = {licence["name"] for licence in package._licences(table)}
    wanted = {
        "political_control": {"CC-BY-SA-4.0"},
        "co_operatives": {"ODC-By-1.0"},
        "children_spending": {"OGL-UK-3.0", "MIT"},
    }
    assert named == wanted[table]


def test_no_table_has_a_licence_without_an_address():
    for table in built_tables():
        assert package._licences(table)


# ── the archive ──────────────────────────────────────────────────────────────────────────────────


def test_the_same_tables_give_the_same_bytes(tmp_path):
    first = exporting.export(tmp_path / "a", ["councils", "deflator"])
    second = exporting.export(tmp_path / "b", ["councils", "deflator"])
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_two_processes_write_what_one_does(tmp_path, monkeypatch):
    alone = exporting.export(tmp_path / "a", ["deflator", "councils"])
    monkeypatch.setattr(exporting, "MANY", 0)
    shown = []
    together = exporting.export(
        tmp_path / "b",
        ["deflator", "councils"],
        (),
        lambda items, what: shown.append(what) or items,
    )
    assert together.read_bytes() == alone.read_bytes()
    assert shown == ["export", "pack"]


def test_the_name_tells_version_tables_and_formats_apart(archive, tmp_path):
    other = exporting.export(tmp_path, ["deflator"], ["csv"])
    assert archive.name.startswith("coopstats-0.1.0-")
    assert other.name.endswith("-csv.zip")
    assert other.name[:24] != archive.name[:24]


def test_licences_citation_and_method_go_with_the_tables(opened):
    assert all((opened / name).exists() for name in exporting.BESIDE)
    cited = json.loads((opened / "datapackage.json").read_text("utf-8"))["citation"]
    assert (opened / "README.txt").read_text("utf-8").startswith(cited)


def test_the_readme_names_the_formats_that_are_there_and_no_other(opened, tmp_path):
    told = (opened / "README.txt").read_text("utf-8")
    assert all(line in told for line in exporting.TOLD.values())
    with zipfile.ZipFile(exporting.export(tmp_path, ["deflator"], ["csv"])) as content:
        (name,) = (name for name in content.namelist() if name.endswith("README.txt"))
        few = content.read(name).decode()
    assert [kind for kind, line in exporting.TOLD.items() if line in few] == ["csv"]


def test_a_packed_csv_has_no_name_and_no_time(opened):
    head = (opened / "csv" / f"{LONG}.csv.gz").read_bytes()[:10]
    assert head[3] == 0
    assert head[4:8] == b"\0\0\0\0"
    assert gzip.decompress((opened / "csv" / f"{LONG}.csv.gz").read_bytes()).startswith(b'"gss"')


def test_an_unknown_table_or_format_is_named_with_its_nearest(tmp_path):
    with pytest.raises(UnknownName, match="Did you mean 'councils'"):
        exporting.export(tmp_path, ["council"])
    with pytest.raises(UnknownName, match="Did you mean 'stata'"):
        exporting.export(tmp_path, ["councils"], ["stat"])
    assert list(tmp_path.iterdir()) == []


def test_without_tables_the_build_is_named(tmp_path, monkeypatch):
    (tmp_path / "data" / "raw").mkdir(parents=True)
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    with pytest.raises(NotBuilt, match="coopstats build"):
        exporting.export(tmp_path / "out")


def test_a_folder_that_is_a_file_is_an_error_in_a_sentence(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(CoopstatsError, match="could not be written"):
        exporting.export(tmp_path / "out", ["deflator"], ["csv"])


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("coopstats.export.parquet.Write.add", OSError(errno.ENOSPC, "No space left on device")),
        ("coopstats.export.sqlite.Write.add", sqlite3.OperationalError("database or disk is full")),
    ],
)
def test_a_full_disk_leaves_the_old_archive_and_nothing_else(tmp_path, monkeypatch, place, problem):
    old = exporting.export(tmp_path, ["deflator"])
    content = old.read_bytes()

    def full(*_):
        raise problem

    monkeypatch.setattr(place, full)
    with pytest.raises(CoopstatsError, match="Free some space"):
        exporting.export(tmp_path, ["deflator"])
    assert [path.name for path in tmp_path.iterdir()] == [old.name]
    assert old.read_bytes() == content
