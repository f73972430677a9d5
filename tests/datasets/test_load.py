"""Reading the built tables: by name, by word, and what is said when they are not there."""

from __future__ import annotations

import shutil

import pytest

from coopstats import load
from coopstats.core.errors import NotBuilt, UnknownCouncil, UnknownName
from coopstats.datasets.table import about, built_tables


@pytest.fixture
def copied(built, tmp_path, monkeypatch):
    """A home with a copy of one table, to be damaged."""
    target = tmp_path / "data" / "processed"
    target.mkdir(parents=True)
    shutil.copy(built / "data" / "processed" / "deflator.parquet", target)
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    return target / "deflator.parquet"


@pytest.mark.usefixtures("built")
def test_rows_are_kept_by_one_word_or_several():
    rows = load(
        "revenue_outturn", ecode="E5017", service=["core", "cultural"], year=range(2010, 2013)
    )
    assert len(rows) == 6
    assert set(rows["service"]) == {"core", "cultural"}
    assert set(rows["year"]) == {2010, 2011, 2012}


@pytest.mark.usefixtures("built")
def test_net_current_expenditure_is_meant_unless_another_basis_is_named():
    words = {"ecode": "E5017", "year": 2010, "service": "cultural"}
    assert set(load("revenue_outturn", **words)["basis"]) == {"net_current_expenditure"}
    other = load("revenue_outturn", basis="net_total_cost", **words)
    assert set(other["basis"]) == {"net_total_cost"}
    assert len(load("revenue_outturn", basis=None, **words)["basis"].unique()) > 2


@pytest.mark.usefixtures("built")
def test_a_table_says_what_it_is():
    said = about("revenue_outturn")
    assert said["unit"] == "pounds, nominal"
    assert said["value"] == "gbp"
    assert set(said["columns"]) == set(load("revenue_outturn", year=2010, service="core").columns)
    assert all(s["licence"] and s["citation"] for s in said["sources"].values())


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("table", "words", "said"),
    [
        ("revenue_outturns", {}, "Did you mean 'revenue_outturn'"),
        ("revenue_outturn", {"servce": "core"}, "no column 'servce'.*Did you mean 'service'"),
        ("revenue_outturn", {"service": "cultrual"}, "no service 'cultrual'.*'cultural'"),
        ("revenue_outturn", {"year": 1999}, "no year 1999"),
        ("revenue_outturn", {"basis": "net"}, "no basis 'net'"),
        ("revenue_outturn", {"year": "ten"}, "year 'ten' is no year"),
        ("revenue_outturn", {"service": 7}, "service holds words, and 7 is not one"),
        ("../register", {}, "There is no table"),
    ],
)
def test_what_is_not_there_is_met_with_the_nearest(table, words, said):
    with pytest.raises(UnknownName, match=said):
        load(table, **words)


@pytest.mark.usefixtures("built")
def test_words_that_never_meet_give_no_rows_not_an_error():
    assert load("revenue_outturn", service="public_health", year=2008).empty


def test_before_the_first_build_the_message_says_how_to_build(home):
    (home.folder / "data" / "raw").mkdir(parents=True)
    assert built_tables() == []
    with pytest.raises(NotBuilt, match="Run `coopstats build`"):
        load("revenue_outturn")


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[: len(whole) // 2],
        lambda whole: b"",
        lambda whole: b"<html>" + whole[6:-4] + b"html",
    ],
)
def test_a_damaged_table_is_named_and_what_to_do(copied, damage):
    copied.write_bytes(damage(copied.read_bytes()))
    with pytest.raises(NotBuilt, match=r"deflator\.parquet is damaged.*Delete it"):
        load("deflator")


def test_a_table_made_by_something_else_is_damaged_too(copied):
    import pandas as pd

    pd.DataFrame({"a": [1]}).to_parquet(copied)
    with pytest.raises(NotBuilt, match="damaged"):
        load("deflator")


# ── councils by name ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("table", "words", "codes"),
    [
        ("revenue_outturn", {"council": "London Borough of Lambeth", "year": 2014}, ["E5017"]),
        ("revenue_outturn", {"council": "Hull"}, ["E2002"]),
        ("revenue_outturn", {"council": 208, "year": "2014-15"}, ["E5017"]),
        ("revenue_outturn", {"council": "Durham", "year": 2015}, ["E1302"]),
        ("revenue_outturn", {"council": "Cornwall"}, ["E0801", "E0820"]),
        ("revenue_outturn", {"council": "Cornwall", "year": 2008}, ["E0820"]),
        ("revenue_outturn", {"council": ["Leeds", "Lambeth"], "year": 2014}, ["E4704", "E5017"]),
        ("revenue_outturn", {"council": ["Leeds", "Lambeth"], "ecode": "E5017"}, ["E5017"]),
        ("population", {"council": "Buckinghamshire", "year": 2015}, ["E0421"]),
        ("alcohol_admissions", {"council": "Bedford", "year": 2008}, ["E0202"]),  # a later area
        ("councils", {"council": "Cornwall"}, ["E0801", "E0820"]),
    ],
)
def test_a_council_is_found_by_any_name_in_the_years_asked_for(table, words, codes):
    assert sorted(load(table, **words)["ecode"].unique()) == codes


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    ("table", "words", "error", "said"),
    [
        ("revenue_outturn", {"council": "Lambth"}, UnknownCouncil, "Did you mean 'Lambeth'"),
        ("revenue_outturn", {"council": "Newcastle"}, UnknownCouncil, "under-Lyme.*upon Tyne"),
        ("revenue_outturn", {"council": "Durham"}, UnknownCouncil, "2007-08.*E1321.*E1334"),
        ("london_crime", {"council": "Leeds"}, UnknownName, "no council 'Leeds'.*E4704"),
        ("revenue_outturn", {"council": "Leeds", "ecode": "E5017"}, UnknownName, "'Leeds' is none"),
    ],
)
def test_a_council_that_is_not_one_here_is_refused(table, words, error, said):
    with pytest.raises(error, match=said):
        load(table, **words)


@pytest.mark.slow
@pytest.mark.usefixtures("built")
def test_every_row_of_a_body_is_found_by_its_name_and_year():
    rows = load("revenue_outturn", service="core", year=2015)
    lost = [
        row.ecode
        for row in rows.astype({"ecode": str, "council": str}).itertuples()
        if row.ecode[1] in "05" and row.ecode not in found("revenue_outturn", row.council, 2015)
    ]
    assert lost == []


def found(table, council, year):
    return set(load(table, council=council, year=year, service="core")["ecode"])
