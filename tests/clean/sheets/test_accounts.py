"""The rows and columns of a sheet of accounts: who each row is, and what stops the build."""

import re

import numpy as np
import pandas as pd
import pytest
from workbooks import BODIES, rs_2007, rs_2015, rs_2021

from coopstats.clean.contracts.stack import stacked
from coopstats.clean.sheets.accounts import figures, once_each, read_accounts
from coopstats.clean.sheets.bases import basis_of
from coopstats.clean.sheets.sheet import cell_names, sheets_of
from coopstats.clean.tables import revenue_outturn as outturn
from coopstats.core.errors import CoopstatsError, UnknownCouncil, UnknownHeading, UnreadableSource
from coopstats.register import lookups

MAIN_2007 = "Net current expenditure (col 1)"
MAIN_2015 = "RS LA Data 2015-16"
MAIN_2021 = "RS_LA_Data_2021-22"


def read(home, book):
    """The accounts of the first data sheet of a book."""
    return read_accounts(next(sheets_of(home.transcribed(book))))


def refusal(home, book, error):
    """What is said when the table cannot be made of a book."""
    home.transcribed(book)
    with pytest.raises(error) as stopped:
        list(outturn.printed_figures())
    assert book.file in str(stopped.value)
    return str(stopped.value)


def copied_row(book, sheet, row, to):
    """The book with another row of a sheet overwritten by a copy of one (1-based)."""
    book.sheets[sheet][to - 1] = list(book.sheets[sheet][row - 1])
    return book


# --- rows ------------------------------------------------------------------------------------


@pytest.mark.parametrize("book", [rs_2007, rs_2015, rs_2021])
def test_each_body_is_one_row_and_england_none_of_them(home, book):
    accounts = read(home, book())
    assert list(accounts.bodies.values()) == [body[0] for body in BODIES]
    assert accounts.england not in accounts.bodies


def test_e5100_below_england_is_not_counted_again(home):
    accounts = read(home, rs_2021())
    printed = accounts.sheet.column_of_text("E-code")
    assert list(printed).count("E5100") == 2
    assert list(accounts.bodies.values()).count("E5100") == 1


@pytest.mark.parametrize(("book", "others"), [(rs_2007, "O"), (rs_2015, "O"), (rs_2021, None)])
def test_class_rows_are_found_below_england(home, book, others):
    classes = list(read(home, book()).classes.values())
    assert classes == ["L", "MD", "UA", "SD", *([others] if others else [])]


@pytest.mark.parametrize(
    ("ecode", "name"),
    [("E5017", "Lambth"), ("E9999", "Lambeth"), ("E4204", "Lambeth")],
)
def test_a_body_whose_name_and_code_do_not_agree_is_refused(home, ecode, name):
    book = rs_2015().put(MAIN_2015, "A11", ecode).put(MAIN_2015, "C11", name)
    message = refusal(home, book, UnknownCouncil)
    assert f"sheet {MAIN_2015!r}, row 11: {ecode} {name!r}" in message
    assert "Nearest spelling: 'Lambeth' (E5017)" in message
    assert ("E4204 is Oldham." in message) == (ecode == "E4204")
    assert "spellings.csv" in message


def test_a_duplicated_row_is_refused_with_both_rows(home):
    message = refusal(home, copied_row(rs_2015(), MAIN_2015, 11, to=13), UnreadableSource)
    assert "E5017 stands in rows 11 and 13" in message


def test_a_row_of_figures_without_a_code_is_refused(home):
    book = copied_row(rs_2015(), MAIN_2015, 11, to=13).put(MAIN_2015, "A13", None)
    message = refusal(home, book, UnknownCouncil)
    assert "row 13 holds figures for '' 'Lambeth'" in message
    assert "rows_left_out.csv" in message


def test_a_row_on_record_is_left_out(home, monkeypatch):
    book = copied_row(rs_2015(), MAIN_2015, 11, to=13).put(MAIN_2015, "A13", None)
    known = {("revenue_outturn/2015-16", MAIN_2015): frozenset([12])}
    monkeypatch.setattr(lookups, "rows_left_out", lambda *place: known[place])
    assert len(read(home, book).bodies) == len(BODIES)


def test_a_sheet_without_england_is_refused(home):
    message = refusal(home, rs_2015().put(MAIN_2015, "C15", "ENGLND"), UnreadableSource)
    assert "no row ENGLAND" in message


# --- columns ---------------------------------------------------------------------------------


def test_a_renamed_heading_is_refused_and_the_nearest_named(home):
    book = rs_2015().put(MAIN_2015, "F7", "Educational services")
    message = refusal(home, book, UnknownHeading)
    assert f"sheet {MAIN_2015!r}, cell F7" in message
    assert "'Educational services'" in message
    assert "Nearest known: 'education services'" in message
    assert "lines.csv" in message


def test_a_heading_repeated_with_other_figures_is_refused(home):
    book = rs_2015().put(MAIN_2015, "G7", "Education services")
    message = refusal(home, book, UnknownHeading)
    assert "cell G7" in message
    assert "cell F7" in message


def test_a_heading_repeated_over_nothing_but_zeros_is_left_out(home):
    book = rs_2015().put(MAIN_2015, "G7", "Education services")
    for row in range(8, 13):
        book.put(MAIN_2015, f"G{row}", 0)
    accounts = read(home, book)
    columns = [c for c in accounts.columns if c.line.service == "education"]
    assert [c.index for c in columns] == [5, 6]
    assert [c.index for c in once_each(accounts, columns)] == [5]


def test_a_second_block_is_another_basis(home):
    accounts = read(home, rs_2007())
    bases = {
        c.index: basis_of(c, accounts) for c in accounts.columns if c.line.service == "education"
    }
    assert bases == {4: "net_current_expenditure", 14: "memorandum_main"}


def test_an_unknown_banner_is_refused(home):
    book = rs_2007().put(MAIN_2007, "O5", "Net current expenditure on a cash basis")
    message = refusal(home, book, UnknownHeading)
    assert "bases.csv" in message
    assert "cell O6" in message


# --- figures ---------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["1,234", "12O4", "1234", "n.a.", "£5"])
@pytest.mark.parametrize(
    ("book", "sheet", "cell"),
    [(rs_2007, MAIN_2007, "F10"), (rs_2015, MAIN_2015, "G11"), (rs_2021, MAIN_2021, "H16")],
)
def test_a_figure_turned_into_text_is_refused_with_its_cell(home, book, sheet, cell, typed):
    message = refusal(home, book().put(sheet, cell, typed), UnreadableSource)
    assert f"sheet {sheet!r}, cell {cell} holds {typed!r}" in message
    assert "markers.csv" in message


def test_a_figure_is_flagged_by_what_is_printed(home):
    book = rs_2015()
    for cell, content in {"F8": 0, "F9": None, "F10": "n/a", "F11": "…", "F12": "c"}.items():
        book.put(MAIN_2015, cell, content)
    accounts = read(home, book)
    education = next(c for c in accounts.columns if c.line.service == "education")
    table = stacked([figures(accounts, [education])])
    assert list(table["flag"]) == ["zero", "missing", "not_applicable", "missing", "suppressed"]
    assert list(table["number"].isna()) == [False, True, True, True, True]
    assert list(cell_names(table["place"].to_numpy())) == ["F8", "F9", "F10", "F11", "F12"]


def test_a_blank_of_spaces_is_missing(home):
    accounts = read(home, rs_2015().put(MAIN_2015, "F8", "  "))
    assert figures(accounts, accounts.columns[4:5])["flag"][0] == "missing"


@pytest.mark.parametrize("book", [rs_2007, rs_2015, rs_2021])
def test_every_figure_is_the_one_in_its_cell(home, book):
    made = book()
    home.transcribed(made)
    for table in (stacked([part]) for part in outturn.printed_figures()):
        cells = cell_names(table["place"].to_numpy())
        for row in table.assign(cell=cells).itertuples():
            assert made.get(row.sheet, row.cell) == row.number
            code = made.get(row.sheet, re.sub(r"[A-Z]+", "A", row.cell))
            assert code == row.ecode


def test_the_three_layouts_make_one_table(home):
    for book in (rs_2007, rs_2015, rs_2021):
        home.transcribed(book())
    table = outturn.clean()
    main = table[table["basis"] == "net_current_expenditure"]
    assert main.groupby("year")["ecode"].nunique().to_dict() == {2007: 5, 2015: 5, 2021: 5}
    one = main.set_index(["ecode", "year", "service"])["gbp"].sort_index()
    assert one["E5017", 2007, "social_care"] == 14_030_000
    assert one["E5017", 2015, "social_care"] == 14_030_000 + 14_040_000
    left_out = one["E5017", 2021][["education", "police", "fire", "public_health"]].sum()
    total = one["E5017", 2021, "total_service_expenditure"]
    assert one["E5017", 2021, "core"] == total - left_out


@pytest.mark.parametrize("line", ["Education services", "Public Health"])
def test_core_is_not_derived_where_a_line_that_it_leaves_out_is_missing(home, line):
    book = rs_2015()
    header = book.sheets[MAIN_2015][6]
    book.sheets[MAIN_2015][10][header.index(line)] = "…"
    home.transcribed(rs_2007())
    home.transcribed(book)
    table = outturn.clean()
    core = table[(table["service"] == "core") & (table["year"] == 2015)].set_index("ecode")
    assert core["gbp"].isna().to_dict() == {b[0]: b[0] == "E5017" for b in BODIES}
    assert core["flag"]["E5017"] == "missing"


@pytest.fixture
def printed(home):
    """What two small books print."""
    home.transcribed(rs_2007())
    home.transcribed(rs_2015())
    return stacked(outturn.printed_figures())


def without(printed, **words):
    """The rows but those with all of these words."""
    named = [printed[column] == word for column, word in words.items()]
    return printed[~np.all(named, axis=0)]


@pytest.mark.parametrize("line", ["education", "adult_social_care", "total_service_expenditure"])
def test_a_line_that_no_sheet_prints_is_refused_where_others_are_derived_from_it(printed, line):
    sentence = f"revenue_outturn: no sheet prints the line '{line}' as net_current_expenditure"
    with pytest.raises(UnknownHeading, match=sentence):
        list(outturn.derived(without(printed, service=line), 2011))


def test_a_council_without_the_total_of_its_lines_is_refused(printed):
    total = {"service": "total_service_expenditure", "ecode": "E5017", "year": 2015}
    sentence = r"Lambeth \(E5017\) has the line 'education' in 2015-16, but not 'total_service_exp"
    with pytest.raises(UnreadableSource, match=sentence):
        list(outturn.derived(without(printed, **total), 2011))


def test_what_is_derived_does_not_depend_on_the_labels_of_rows(printed):
    """Those of rows of one basis alone are not 0, 1, 2."""
    expected = stacked(outturn.derived(printed, 2011))
    some = printed[printed["basis"] == "net_current_expenditure"]
    assert list(some.index) != list(range(len(some)))
    pd.testing.assert_frame_equal(stacked(outturn.derived(some, 2011)), expected)


def test_a_broken_book_stops_with_a_sentence_and_not_a_traceback(home):
    book = rs_2015()
    book.sheets[MAIN_2015] = book.sheets[MAIN_2015][:7]
    home.transcribed(book)
    with pytest.raises(CoopstatsError, match="RS_2015-16"):
        list(outturn.printed_figures())
