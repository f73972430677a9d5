"""A reader's own table is read right, or stops with what is wrong and what to do next."""

import datetime
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coopstats as cs
from coopstats.core.errors import (
    CoopstatsError,
    NotComparable,
    UnknownCouncil,
    UnknownName,
    UnreadableSource,
)

EXAMPLE = "under_18_conceptions"
WORDS = {"value": "jobs", "unit": "jobs"}


def written(folder, text, encoding="utf-8"):
    path = folder / "mine.csv"
    path.write_bytes(text.encode(encoding))
    return path


def brought(folder, *rows, encoding="utf-8", **more):
    text = "\n".join(["council,year,jobs", *rows]) + "\n"
    return cs.bring(written(folder, text, encoding), **{**WORDS, **more})


def test_names_old_names_and_codes_are_one_council(tmp_path):
    held = brought(
        tmp_path, "Lambeth,2014,1", "LB Lambeth,2015,2", "E09000022,2016,3", "E5017,2017,4"
    )
    assert set(held.frame["ecode"]) == {"E5017"}
    assert held.frame["value"].tolist() == [1, 2, 3, 4]


YEARS = ["FY 2014-15", "201415", "2014 to 2015", "April 2014 to March 2015",
         "Year ending March 2015", "2014-04-01/P1Y", "2014",
         "2014-15", "2014/15", "2014–15", "2014-2015", " 2014 ", "2014.0"]  # fmt: skip


@pytest.mark.parametrize("year", YEARS)
def test_a_year_may_be_written_in_any_usual_way(tmp_path, year):
    assert brought(tmp_path, f"Lambeth,{year},1").years == [2014]


@pytest.mark.parametrize(
    ("written_as", "value"),
    [('"1,234.5"', 1234.5), ("£12", 12), ("−3", -3), ("-3", -3), ("45%", 45), ("1e3", 1000)],
)
def test_a_number_may_be_written_in_any_usual_way(tmp_path, written_as, value):
    assert brought(tmp_path, f"Lambeth,2014,{written_as}").frame["value"].item() == value


@pytest.mark.parametrize("nothing", ["", "..", "-", ":", "n/a", "c", "NaN"])
def test_what_is_missing_stays_missing_and_is_counted(tmp_path, nothing):
    held = brought(tmp_path, f"Lambeth,2014,{nothing}", "Lambeth,2015,2")
    assert held.frame["value"].isna().tolist() == [True, False]
    assert "1 without a number" in held.steps[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_any_usual_encoding(tmp_path, encoding):
    held = brought(tmp_path, "Lambeth,2014–15,£5", encoding=encoding)
    assert held.years == [2014]
    assert held.frame["value"].item() == 5


@pytest.mark.parametrize(
    ("rows", "error", "said"),
    [
        (["Lambth,2014,1"], UnknownCouncil, "row 2: .*Lambeth"),
        (["Newcastle,2014,1"], UnknownCouncil, "row 2: .*Newcastle"),
        (["Lambeth,14,1"], UnknownName, "'14' is no year"),
        (["Lambeth,2014-16,1"], UnknownName, "not one after the first"),
        (["Lambeth,2014,many"], UnknownName, "'many' is no number"),
        (["Lambeth,2014,(12)"], UnknownName, "is no number"),
        (["Lambeth,2014,1", "LB Lambeth,2014-15,2"], UnknownName,
         "2 rows share a council and year.*Lambeth, LB Lambeth in 2014"),
        (["Lambeth,2014,1_000"], UnknownName, "is no number"),
        (["Lambeth,2014,inf"], UnknownName, "is no number"),
        (["Lambeth,2014,1e999"], UnknownName, "too large"),
        (["Lambeth,2014,٣"], UnknownName, "is no number"),
        ([], UnreadableSource, "has no rows"),
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_said(tmp_path, rows, error, said):
    with pytest.raises(error, match=said):
        brought(tmp_path, *rows)


def test_all_that_is_wrong_is_told_at_once(tmp_path):
    rows = [f"Nowhere {n},2014,1" for n in range(9)]
    with pytest.raises(UnknownCouncil, match=r"row 2: .*row 6: .*… and 4 more"):
        brought(tmp_path, *rows)


def test_a_column_that_is_not_there_is_said_with_the_nearest(tmp_path):
    with pytest.raises(UnknownName, match=r"no column 'job'.*Did you mean 'jobs'"):
        brought(tmp_path, "Lambeth,2014,1", value="job")


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04\x00\x81\x8d\x8f\x90", b'council,year\n"open']
)
def test_a_file_that_is_no_csv_is_no_traceback(tmp_path, content):
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(CoopstatsError):
        cs.bring(path, **WORDS)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(UnreadableSource, match=r"gone\.csv cannot be read"):
        cs.bring(tmp_path / "gone.csv", **WORDS)


def test_a_frame_does_as_well_as_a_file():
    rows = pd.DataFrame(
        {"council": ["Lambeth", "Oldham"], "year": [2014, 2014], "jobs": [1.5, None]}
    )
    held = cs.bring(rows, **WORDS)
    assert held.frame.set_index("council")["value"].to_dict() == pytest.approx(
        {"Lambeth": 1.5, "Oldham": float("nan")}, nan_ok=True
    )


def test_own_money_is_put_into_prices_and_per_person(tmp_path):
    held = brought(tmp_path, "Lambeth,2014,1000000", unit="pounds, nominal", adds_up=True)
    ours = cs.measure("revenue_outturn", "core").where(council="Lambeth").between(2014, 2014)
    factor = ours.real(2019).frame["value"].item() / ours.frame["value"].item()
    assert held.real(2019).frame["value"].item() == pytest.approx(1e6 * factor)
    people = cs.load("population", council="Lambeth", year=2014, age="all", vintage="census_2021")
    head = held.per_head().frame["value"].item()
    assert head == pytest.approx(1e6 / people["people"].item())


def test_the_example_is_the_publications():
    """What is shown to readers as their own file is real, and still what the table says."""
    held = cs.bring(cs.example(EXAMPLE), council="area", value="rate", unit="rate")
    ours = cs.measure("teenage_conceptions", "conception_rate").where(council_class="L")
    keys = ["ecode", "year"]
    both = held.frame.merge(ours.between(2005, 2017).frame, on=keys, suffixes=("", "_ours"))
    assert len(both) == len(held.frame) == 32 * 13
    assert (both["value"] == both["value_ours"]).all()


def test_an_example_that_is_not_there_is_said_with_what_is():
    with pytest.raises(UnknownName, match=EXAMPLE):
        cs.example("conceptions")


def test_own_numbers_are_compared_as_ours_are():
    held = cs.bring(cs.example(EXAMPLE), council="area", value="rate",
                    unit="per 1,000 women aged 15 to 17", calendar=True)  # fmt: skip
    ours = cs.measure("teenage_conceptions", "conception_rate").between(2005, 2017)
    pilot, years = cs.supposed("Lambeth", 2015), {"after": (2015, 2017)}
    mine = cs.compare(held, pilot, **years).summary.iloc[0]
    other = cs.compare(ours.where(council_class="L"), pilot, **years).summary.iloc[0]
    assert mine["gap"] == pytest.approx(other["gap"])
    assert mine["rank"] == other["rank"]


# ── kinds of fault that files of others have shown ───────────────────────────────────────────────


def test_a_name_that_two_bodies_share_is_that_of_the_row_s_year(tmp_path):
    held = brought(tmp_path, "Cornwall,2015,1", "Dorset,2021,3", "Dorset,2015,2")
    assert dict(zip(held.frame["year"], held.frame["ecode"], strict=True)) == {
        year: cs.council(name, year).ecode for name, year in [("Cornwall", 2015), ("Dorset", 2021)]
    } | {2015: held.frame.loc[held.frame["value"] == 2, "ecode"].item()}
    assert held.frame.loc[held.frame["value"] == 2, "ecode"].item() == "E1221"


@pytest.mark.parametrize("number", ['"12,5"', '"1,23,4"', '"1.234,56"', '"1,2345"', '",5"'])
def test_a_comma_that_parts_no_thousands_is_refused(tmp_path, number):
    with pytest.raises(UnknownName, match="commas part thousands"):
        brought(tmp_path, f"Lambeth,2014,{number}")


def test_official_markers_are_missing_and_counted_by_marker(tmp_path):
    marked = ("Lambeth,2014,[x]", "Southwark,2014,[C]", "Camden,2014,z", "Hackney,2014,u")
    held = brought(tmp_path, *marked, "Brent,2014,low", "Barnet,2014,5", "Ealing,2014,5 [p]")
    assert held.frame["value"].notna().sum() == 2
    assert "5 without a number (1 '[x]' missing, 1 '[c]' suppressed" in held.steps[0]
    assert "1 [p]" in held.steps[1]


def test_years_may_end(tmp_path):
    assert brought(tmp_path, "Lambeth,2015,1", year_is="end").years == [2014]
    both = brought(tmp_path, "Lambeth,2015,1", "Lambeth,2015-16,1", year_is="end")
    assert both.years == [2014, 2015]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"year_is": "end", "calendar": True}, "Leave out year_is="),
        ({"year_is": "last"}, "There are: start, end"),
        ({"unit": ""}, "unit"),
        ({"only": {"jobs": "9"}}, "No jobs is '9'"),
        ({"sheet": "A"}, "no sheet 'A'"),
    ],
)
def test_words_that_cannot_be_meant_are_refused(tmp_path, words, said):
    with pytest.raises(CoopstatsError, match=said):
        brought(tmp_path, "Lambeth,2014,1", **words)


def test_an_ending_that_changes_nothing_is_refused(tmp_path):
    with pytest.raises(UnknownName, match="changes nothing"):
        brought(tmp_path, "Lambeth,2014-15,1", year_is="end")
    with pytest.raises(UnknownName, match="spans two calendar years"):
        brought(tmp_path, "Lambeth,2014-15,1", calendar=True)


def test_rows_before_the_body_existed_are_counted_with_who_was_there(tmp_path):
    held = brought(tmp_path, "E06000060,2012,1", "E06000060,2022,2", "E06000064,2012,3")
    (said,) = [step for step in held.steps if "did not exist" in step]
    assert said.startswith("2 rows are of years")
    assert "Aylesbury Vale" in said
    assert "Eden" in said


def test_too_many_fields_are_said_with_their_row(tmp_path):
    with pytest.raises(UnreadableSource, match="row 2 has 4 fields, the header 3; row 3"):
        brought(tmp_path, "Lambeth,2014,1,234", "Southwark,2014,5,678")
    assert brought(tmp_path, "Lambeth,2014,1,,").frame["value"].item() == 1


def test_a_row_is_the_line_of_the_file(tmp_path):
    with pytest.raises(UnknownCouncil, match="row 6: "):
        brought(tmp_path, "", "", "Lambeth,2014,1", "", "Nowhere,2014,2")


def test_a_row_is_that_of_the_sheet_and_of_the_frame(tmp_path):
    """Counted from 1 as a spreadsheet does, with its title; the first of a frame is 1."""
    rows = [["Lambeth", 2014, 5], ["Nowhere", 2014, 9]]
    table = pd.DataFrame(rows, columns=["council", "year", "jobs"])
    path = tmp_path / "mine.xlsx"
    table.to_excel(path, sheet_name="A", startrow=3, index=False)
    with pytest.raises(UnknownCouncil, match="row 6: "):
        cs.bring(path, sheet="A", **WORDS)
    with pytest.raises(UnknownCouncil, match="row 2: "):
        cs.bring(table, **WORDS)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp1252"])
def test_any_usual_separator_below_a_title(tmp_path, separator, encoding):
    lines = ["Jobs by council, 2014", "", "council,year,jobs", "Lambeth,2014–15,£5"]
    text = "\n".join([*lines[:2], *(line.replace(",", separator) for line in lines[2:])])
    assert cs.bring(written(tmp_path, text, encoding), **WORDS).frame["value"].item() == 5


def test_wholes_are_set_aside_and_said(tmp_path):
    wholes = [
        "England",
        "E92000001",
        "E12000007",
        "Inner London",
        "Total",
        "North East",
        "K02000001",
    ]
    held = brought(tmp_path, *(f"{w},2014,9" for w in wholes), "Lambeth,2014,1", "Source: ONS,,")
    assert held.frame["value"].tolist() == [1]
    assert "7 rows (England, E92000001" in held.steps[1]
    assert "neither a year nor a number: 1 row" in held.steps[2]
    with pytest.raises(UnreadableSource, match="No row is of a council"):
        brought(tmp_path, "England,2014,1")


def test_places_elsewhere_are_left_out_only_when_asked(tmp_path):
    rows = ("Cardiff,2014,1", "Lambeth,2014,2")
    with pytest.raises(UnknownCouncil, match="Cardiff"):
        brought(tmp_path, *rows)
    held = brought(tmp_path, *rows, leave_out=True)
    assert list(held.left_out["council"]) == ["Cardiff"]
    assert "Cardiff" in held.steps[-1]


def test_all_kinds_of_problem_are_one_message(tmp_path):
    with pytest.raises(UnknownName, match=r"'14' is no year.*Lambth.*'many' is no number"):
        brought(tmp_path, "Lambeth,14,1", "Lambth,2014,1", "Lambeth,2014,many")


# ── counties and their districts ─────────────────────────────────────────────────────────────────


def test_a_county_and_its_districts_are_not_added_up_until_it_is_said_how(tmp_path):
    code = cs.council("Hertfordshire", 2014).ecode
    districts = cs.councils(2014).query("county == @code")["ecode"]
    rows = [f"{code},2014,100", *(f"{d},2014,10" for d in districts)]
    for added in (lambda m: m.two_tier(), lambda m: m.by("england"), lambda m: m.on(2021)):
        with pytest.raises(NotComparable, match="nested=True"):
            added(brought(tmp_path, *rows, adds_up=True))
    whole = brought(tmp_path, *rows, adds_up=True, nested=True).two_tier()
    assert whole.frame["value"].tolist() == [100]
    shared = brought(tmp_path, *rows, adds_up=True, nested=False).two_tier()
    assert shared.frame["value"].tolist() == [100 + 10 * len(districts)]


@pytest.mark.parametrize("nested", [None, False])
def test_councils_and_what_became_of_them_are_never_added_up(tmp_path, nested):
    rows = ("E06000060,2012,5", "Wycombe,2012,1")
    with pytest.raises(NotComparable, match="count twice"):
        brought(tmp_path, *rows, adds_up=True, nested=nested).by("england", leave_out=True)


# ── official files ───────────────────────────────────────────────────────────────────────────────

OFFICIAL = [
    ("children_in_need", "new_la_code", "time_period", "At31_episodes", {"year_is": "end"},
     ("E4204", 2024, 2653.0)),
    ("alcohol_admissions", "area_code", "period", "value", {}, None),
    ("claimant_rate", "areacd", "period", "observation", {"calendar": True}, None),
    ("council_dwellings", "LA_CODE", "Year", "a1a", {}, ("E1937", 2011, 8175.0)),
    ("adult_care_quality", "Local authority code", "Financial year", "Value",
     {"only": {"Code": "ASC1"}}, ("E5017", 2016, 7.6)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "council", "year", "value", "more", "one"), OFFICIAL)
def test_an_official_file_comes_in_with_one_argument_at_most(name, council, year, value, more, one):
    assert len(more) <= 1
    held = cs.bring(cs.example(name), council=council, year=year, value=value, unit="x", **more)
    rows = pd.read_csv(cs.example(name), dtype=str, keep_default_na=False)
    told = re.findall(r"(\d+) rows?\b", " ".join(held.steps[:1] + tuple(
        step for step in held.steps if step.startswith("Set aside"))))  # fmt: skip
    chosen = rows[rows["Code"] == "ASC1"] if "only" in more else rows
    assert sum(map(int, told)) == len(chosen)
    if one:
        found = held.frame[(held.frame["ecode"] == one[0]) & (held.frame["year"] == one[1])]
        assert found["value"].item() == one[2]


def test_a_sheet_of_a_workbook_comes_in_by_its_name(tmp_path):
    path = tmp_path / "mine.xlsx"
    table = pd.DataFrame({"council": ["Lambeth", "England"], "year": [2014, 2014], "jobs": [5, 9]})
    table.to_excel(path, sheet_name="Table 1", startrow=3, index=False)
    assert cs.bring(path, sheet="Table 1", **WORDS).frame["value"].tolist() == [5]
    with pytest.raises(UnknownName, match="Its sheets are: Table 1"):
        cs.bring(path, sheet="Table 2", **WORDS)
    with pytest.raises(UnreadableSource, match=r"is a workbook and no CSV.*sheet"):
        cs.bring(path, **WORDS)


def test_a_quote_that_is_not_closed_is_said_with_its_line(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text('council,year,jobs\nLambeth,2014,"5\n')
    with pytest.raises(UnreadableSource, match="the record that begins on line 2"):
        cs.bring(path, **WORDS)


# ── nothing that can be passed ends in a traceback ───────────────────────────────────────────────

CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(),
    st.sampled_from(["Lambeth", "England", "E09000022", 2014, "2014-15", "..", np.float32(1.5),
                     np.int64(2014), pd.NaT, pd.NA, datetime.datetime(2014, 4, 1)]),
)  # fmt: skip


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_frame_comes_in_or_is_refused_in_words(rows):
    table = pd.DataFrame(rows, columns=["council", "year", "jobs"], dtype=object)
    try:
        held = cs.bring(table, **WORDS)
    except CoopstatsError:
        return
    else:
        assert not np.isinf(held.frame["value"]).any()


@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda t: t.encode("utf-8", "ignore")))
@settings(max_examples=150, deadline=None)
def test_any_file_comes_in_or_is_refused_in_words(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "mine.csv"
    for start in (b"", b"council,year,jobs\n"):
        path.write_bytes(start + content)
        with pytest.raises(CoopstatsError, match=r"row|year|read|empty|text|CSV|column"):
            cs.bring(path, **WORDS)


def twice():
    return pd.DataFrame([["Lambeth", 2014, 1, 2]], columns=["council", "year", "jobs", "jobs"])


def two_headings():
    return pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")]))


@pytest.mark.parametrize("table", [twice(), two_headings(), pd.DataFrame(), 5, None, ["a"]])
def test_what_is_no_table_is_refused_in_words(table):
    with pytest.raises(CoopstatsError):
        cs.bring(table, **WORDS)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(UnreadableSource, match="cannot be read"):
        cs.bring(tmp_path, **WORDS)


# ── joined ───────────────────────────────────────────────────────────────────────────────────────


def test_joining_counts_what_only_one_side_has(tmp_path):
    mine = brought(tmp_path, "E06000060,2012,1", "Lambeth,2012,2", "Oldham,2030,3")
    theirs = pd.DataFrame(
        {"ecode": ["E5017", "E0421", "E5018"], "year": 2012, "spend": [1.0, 2, 3]}
    )
    both = cs.join(mine, theirs)
    assert both.frame[["ecode", "spend"]].values.tolist() == [["E5017", 1.0]]
    assert dict(zip(both.left_only["ecode"], both.left_only["reason"], strict=True)) == {
        "E0402": "its predecessors or successors have the row",
        "E4204": "no row of this year",
    }
    assert set(both.right_only["ecode"]) == {"E0421", "E5018"}
    assert both.summary.startswith("1 row in both; 2 only in the left")


def test_a_join_of_what_is_there_twice_is_refused(tmp_path):
    mine = brought(tmp_path, "Lambeth,2012,2")
    theirs = pd.DataFrame({"ecode": ["E5017", "E5017"], "year": 2012, "spend": [1.0, 2]})
    with pytest.raises(NotComparable, match="2 rows that share a council and year"):
        cs.join(mine, theirs)
    with pytest.raises(UnknownName, match="no column 'ecode'"):
        cs.join(mine, theirs.drop(columns="ecode"))
