"""A reader's own table is read right, or stops with what is wrong and what to do next."""

import pandas as pd
import pytest

import coopstats as cs
from coopstats.errors import CoopstatsError, UnknownCouncil, UnknownName, UnreadableSource

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


YEARS = ["2014", "2014-15", "2014/15", "2014–15", "2014-2015", " 2014 ", "2014.0"]


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
