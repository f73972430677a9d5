"""The register of councils: found by any code or spelling, never guessed; sound as a whole."""

from __future__ import annotations

import pandas as pd
import pytest

from coopstats.core.errors import UnknownCouncil, UnknownName
from coopstats.core.paths import register_dir
from coopstats.register.councils import CLASSES, council, councils, crosswalk, fold, successions

PRINCIPAL = ["L", "MD", "UA", "SC", "SD"]


def read(table: str) -> pd.DataFrame:
    return pd.read_csv(register_dir() / f"{table}.csv", dtype=str, keep_default_na=False)


BODIES = read("councils").set_index("ecode")
CODES = read("codes")
SPELLINGS = read("spellings")
MOVES = read("successions")


@pytest.mark.parametrize(
    ("query", "ecode"),
    [
        ("telford & the wrekin ua", "E3201"),
        ("E3201", "E3201"),
        (" e06000020 ", "E3201"),
        ("Telford and Wrekin Council", "E3201"),
        ("London Borough of Lambeth", "E5017"),
        ("LB Lambeth", "E5017"),
        ("00AB", "E5030"),
        ("Bristol, City of", "E0102"),
        ("City of York Council", "E2701"),
        ("City of London", "E5010"),
        ("St. Helens MBC", "E4303"),
        ("kings lynn & west norfolk", "E2634"),
        ("Leeds City Council", "E4704"),
        ("Liverpool", "E4302"),
        ("E07000101", "E1937"),  # Stevenage before its ONS code changed
        ("E07000243", "E1937"),
        ("E0534", "E0551"),  # Huntingdonshire before its E-code changed
        ("Shepway", "E2240"),  # Folkestone and Hythe before it was renamed
    ],
)
def test_one_body_is_found_by_any_code_or_spelling(query, ecode):
    assert council(query).ecode == ecode


@pytest.mark.parametrize(
    ("query", "year", "ecode"),
    [
        ("Cornwall", 2008, "E0820"),
        ("Cornwall", 2009, "E0801"),
        ("Durham", 2010, "E1302"),
        ("Durham City Council", 2008, "E1334"),
        ("Durham County Council", 2008, "E1321"),
        ("North Yorkshire", 2022, "E2721"),
        ("North Yorkshire", 2023, "E2702"),
        ("Bedford", 2008, "E0231"),
        ("840", 2008, "E1321"),
        ("E6354", 2016, "E6355"),  # Tees Valley stood under the West of England's code
        ("E6355", 2016, "E6354"),
        ("E6354", 2017, "E6354"),
        ("E6002", 2012, "E6002"),  # a budget printed it a year longer than the accounts did
        ("Lambeth", 2001, "E5017"),  # before the files begin: it existed as far as they tell
        ("E09000022", 2009, "E5017"),  # an ONS code holds for years that did not print it yet
    ],
)
def test_a_year_tells_namesakes_and_reused_codes_apart(query, year, ecode):
    assert council(query, year).ecode == ecode


@pytest.mark.parametrize(
    ("query", "year", "named"),
    [
        ("Newcastle", None, ["Newcastle upon Tyne", "Newcastle-under-Lyme"]),
        ("Newcastle", 2012, ["Newcastle upon Tyne", "Newcastle-under-Lyme"]),
        ("Lambath", None, ["'Lambeth'"]),
        ("Lambath Council", None, ["'Lambeth'"]),
        ("Bath", None, ["Bath and North East Somerset"]),
        ("Kingston", None, ["Kingston upon Hull", "Kingston upon Thames"]),
        ("London", None, ["City of London", "Greater London Authority"]),
        ("Durham", None, ["E1321", "E1302"]),
        ("Durham", 2008, ["E1321", "E1334"]),  # the county and its city are both called so
        ("Cornwall", None, ["E0820", "E0801", "year"]),
        ("Cumbria", 2023, ["2023-24", "Cumberland", "Westmorland and Furness"]),
        ("E0802", 2010, ["E0802"]),
        ("E12000007", None, ["Greater London Authority", "E61000001"]),  # London region's code
        ("", None, ["''"]),
        ("the", None, ["'the'"]),
        ("[Y]", None, ["[Y]"]),
        ("ENGLAND", None, ["ENGLAND"]),
        ("n/a", None, ["n/a"]),
    ],
)
def test_what_is_not_one_council_is_refused_with_the_candidates(query, year, named):
    with pytest.raises(UnknownCouncil) as refusal:
        council(query, year)
    for text in named:
        assert text in str(refusal.value)


def finds_or_names(query: str, ecode: str) -> bool:
    try:
        return council(query).ecode == ecode
    except UnknownCouncil as refusal:
        return ecode in str(refusal)


def test_every_spelling_finds_its_body_or_is_refused_naming_it():
    rows = SPELLINGS.itertuples()
    assert [r for r in rows if not finds_or_names(r.spelling, r.ecode)] == []


def test_every_code_finds_its_body_or_is_refused_naming_it():
    shared = {"E6354", "E6355"}  # with no year, each is the body that has it now
    rows = CODES[~CODES["code"].isin(shared) & (CODES["system"] != "misprint")].itertuples()
    assert [r for r in rows if not finds_or_names(r.code, r.ecode)] == []


def test_every_e_code_of_a_year_is_the_body_that_bore_it_then():
    for row in CODES[CODES["system"] == "ecode"].itertuples():
        for year in (int(row.first_seen), int(row.last_seen)):
            assert council(row.code, year).ecode == row.ecode


def test_every_short_name_finds_its_body_in_its_years():
    lost = {
        (e, year)
        for e, body in BODIES.iterrows()
        for year in (int(body["first_year"]), int(body["last_year"]))
        if not finds_or_names_in(body["council"], year, e)
    }
    assert lost == set()


def finds_or_names_in(name: str, year: int, ecode: str) -> bool:
    try:
        return council(name, year).ecode == ecode
    except UnknownCouncil as refusal:
        return ecode in str(refusal)


def test_folding_hides_case_punctuation_and_ampersands_only():
    assert fold("  Telford & the  Wrekin ") == fold("TELFORD AND THE-WREKIN")
    assert fold("St. Edmundsbury") == "st edmundsbury"
    assert fold("Durham City") != fold("Durham")


# --- the register as a whole


def test_codes_spellings_and_successions_are_all_of_registeredbodies():
    known = set(BODIES.index)
    assert BODIES.index.is_unique
    for column in (CODES["ecode"], SPELLINGS["ecode"], MOVES["predecessor"], MOVES["successor"]):
        assert set(column) <= known
    assert set(CODES["ecode"]) == known
    assert set(SPELLINGS["ecode"]) == known


def test_no_row_stands_twice_and_files_are_sorted():
    assert not CODES.duplicated(["ecode", "code", "system"]).any()
    assert not SPELLINGS.duplicated(["spelling", "ecode"]).any()
    assert not MOVES.duplicated(["predecessor", "successor"]).any()
    assert BODIES.index.is_monotonic_increasing
    assert CODES["ecode"].is_monotonic_increasing
    assert SPELLINGS["spelling"].str.casefold().is_monotonic_increasing
    assert list(MOVES.itertuples(index=False)) == sorted(MOVES.itertuples(index=False))


def test_spellings_are_stripped_and_files_have_unix_line_ends():
    assert (SPELLINGS["spelling"] == SPELLINGS["spelling"].str.strip()).all()
    for table in ("councils", "codes", "spellings", "successions"):
        assert b"\r" not in (register_dir() / f"{table}.csv").read_bytes()


def test_vocabularies_are_closed():
    assert set(BODIES["class"]) == set(CLASSES)
    others = {"fire", "police", "waste", "park", "combined authority", "transport",
              "greater london authority"}  # fmt: skip
    assert set(BODIES.loc[BODIES["class"] == "O", "kind"]) == others
    assert set(BODIES.loc[BODIES["class"] != "O", "kind"]) == {"principal"}
    assert BODIES["region"].nunique() == 9
    assert set(CODES["system"]) == {"ecode", "gss", "snac", "dfe", "misprint"}
    assert set(MOVES["share"]) == {"1", ""}


def test_years_are_in_order_and_within_the_accounts_held():
    first, last = BODIES["first_year"].astype(int), BODIES["last_year"].astype(int)
    assert (first <= last).all()
    assert (first.min(), last.max()) == (2007, 2023)
    seen = CODES[CODES["first_seen"] != ""]
    assert (seen["first_seen"] <= seen["last_seen"]).all()


def test_every_district_has_its_county_and_nobody_else_has_one():
    districts = BODIES["class"] == "SD"
    counties = BODIES["county"]
    assert (BODIES.loc[counties[districts], "class"] == "SC").all()
    assert (counties[~districts] == "").all()
    lives = BODIES[["first_year", "last_year"]].astype(int)
    assert (lives.loc[counties[districts], "first_year"].to_numpy()
            <= lives.loc[districts, "first_year"].to_numpy()).all()  # fmt: skip


def test_london_boroughs_and_they_alone_are_inner_or_outer():
    london = BODIES["class"] == "L"
    assert BODIES.loc[london, "subregion"].value_counts().to_dict() == {
        "outer London": 20,
        "inner London": 13,
    }
    assert (BODIES.loc[~london, "subregion"] == "").all()
    assert (BODIES.loc[london, "region"] == "London").all()


def test_the_ons_code_of_a_body_is_among_its_codes_and_nobody_elses():
    for ecode, gss in BODIES["gss"][BODIES["gss"] != ""].items():
        assert council(gss).ecode == ecode
        assert gss in council(ecode).codes
    without = BODIES[BODIES["gss"] == ""]
    assert set(without["kind"]) == {"police", "transport", "park"}
    assert (without.drop(index="E6803")["last_year"].astype(int) <= 2013).all()


def test_who_succeeds_begins_or_goes_on_where_the_other_ended():
    for move in MOVES.itertuples():
        before, after = BODIES.loc[move.predecessor], BODIES.loc[move.successor]
        assert int(before["last_year"]) == int(move.year) - 1, move
        assert int(after["first_year"]) <= int(move.year) <= int(after["last_year"]), move
        if before["class"] != "O":
            assert int(after["first_year"]) == int(move.year), move
            assert before["region"] == after["region"], move


def test_a_share_is_given_exactly_where_there_is_one_successor():
    heirs = MOVES.groupby("predecessor")["successor"].transform("size")
    assert (MOVES["share"] == "1").equals(heirs == 1)
    divided = set(MOVES.loc[heirs > 1, "predecessor"])
    assert divided == {"E0221", "E0621", "E0920", "E1221", "E2820", "E6351"}


def test_nobody_ends_without_a_successor_or_begins_without_a_predecessor():
    ended = BODIES.index[BODIES["last_year"] != "2023"]
    assert set(ended) == set(MOVES["predecessor"])
    begun = BODIES[(BODIES["first_year"] != "2007") & (BODIES["class"] != "O")].index
    assert set(begun) <= set(MOVES["successor"])


def test_the_reorganisation_of_2009_is_whole():
    moves = MOVES[MOVES["year"] == "2009"]
    gone = BODIES.loc[moves["predecessor"].unique(), "class"].value_counts().to_dict()
    assert gone == {"SD": 37, "SC": 7}
    assert moves["successor"].nunique() == 9


@pytest.mark.parametrize(
    ("year", "size"),
    [(2007, 478), (2008, 478), (2009, 443), (2010, 444), (2015, 444), (2016, 446), (2017, 445),
     (2018, 444), (2019, 436), (2020, 432), (2021, 426), (2022, 426), (2023, 411)],
)  # fmt: skip
def test_as_many_bodies_a_year_as_e_codes_on_the_sheet(year, size):
    assert len(councils(year)) == size


def test_classes_of_a_year():
    sizes = councils(2010)["council_class"].value_counts().to_dict()
    assert sizes == {"SD": 201, "O": 91, "UA": 56, "MD": 36, "L": 33, "SC": 27}
    assert len(councils(2010, council_class="SC")) == 27


# --- what a reader sees


def test_councils_can_be_searched_and_say_what_became_of_them():
    found = councils(query="taunton")
    assert list(found["ecode"]) == ["E3333", "E3336"]
    assert list(found["became"]) == ["Somerset West and Taunton", "Somerset"]
    assert councils(query="no such place").empty
    with pytest.raises(UnknownName, match=r"'LB'.*'L'"):
        councils(council_class="LB")


def test_the_crosswalk_stands_alone():
    table = crosswalk()
    assert len(table) == len(CODES)
    row = table[table["code"] == "E07000101"].iloc[0]
    assert (row["ecode"], row["council"], row["system"]) == ("E1937", "Stevenage", "gss")
    cornwall = table[table["ecode"] == "E0820"].iloc[0]
    assert (cornwall["last_year"], cornwall["successors"]) == (2008, "E0801")


def test_successions_have_years_and_shares_as_numbers():
    moves = successions()
    cheshire = moves[moves["predecessor"] == "E0621"]
    assert cheshire["share"].isna().all()
    assert set(cheshire["year"]) == {2009}


def test_a_council_prints_for_people():
    durham = council("E1302")
    assert repr(durham) == (
        "<Council County Durham (E1302, unitary authority, 2009-10 to 2023-24)>"
    )
    assert "came from: Durham (E1321, shire county" in str(durham)
    assert "<td style='text-align:left'>E1302</td>" in durham._repr_html_()
    assert "King&#x27;s Lynn" in council("E2634")._repr_html_()
    assert "in Kent" in str(council("Ashford"))
