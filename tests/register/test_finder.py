"""The finder of councils against names in use: found or refused, and never another body."""

from __future__ import annotations

import csv
import pickle
import re
import time
from pathlib import Path

import pandas as pd
import pytest

import coopstats as cs
from coopstats.core.errors import CoopstatsError, UnknownCouncil
from coopstats.core.sources import read_sources
from coopstats.register import councils as councils_module
from coopstats.register import name_index
from coopstats.register.councils import Council, bodies, council, council_each_year
from coopstats.register.kinds import kinds_of, needed_by, printed_kinds
from coopstats.register.reader import rows_of
from coopstats.register.spelling import KINDS, fold, readings, without_marks, written_out

ROOT = Path(__file__).resolve().parents[2]
COUNCILS = [body for body in bodies().values() if body.council_class != "O"]
OTHERS = [body for body in bodies().values() if body.council_class == "O"]
WORDS = sorted(KINDS)
CODE = re.compile(r"E\d{4}|E\d{8}")


def asked(name: object, year: int | None = None) -> Council | None:
    """The body found in that year, or at all where none of the name lived then."""
    try:
        return council(name, year, ever=True)
    except UnknownCouncil:
        return None


@pytest.mark.parametrize(
    ("query", "year", "ecode"),
    [
        ("Hull", None, "E2002"),
        ("East Herts Council", None, "E1933"),
        ("208", None, "E5017"),
        (208, None, "E5017"),
        ("208.0", None, "E5017"),
        ("Cumbria (d)", None, "E0920"),
        ("Lambeth*", None, "E5017"),
        ("Lambeth [note 3]", None, "E5017"),
        ("Lambeth¹", None, "E5017"),
        ("Lam\u200bbeth", None, "E5017"),
        ("Lambeth (LB)", None, "E5017"),
        ("City\u00a0of\u00a0York", None, "E2701"),
        ("NE Lincs", None, "E2003"),
        ("Newcastle upon Tyne MBC", None, "E4502"),
        ("Newcastle-u-Lyme", None, "E3434"),
        ("Lancaster City Council", None, "E2337"),
        ("Lancaster CC", None, "E2337"),
        ("Lancashire CC", None, "E2321"),
        ("Bristol (City and County of)", None, "E0102"),
        ("County of Herefordshire District Council", None, "E1801"),
        ("Royal Borough of Kensington and Chelsea", None, "E5016"),
        ("St Albans City and District Council", None, "E1936"),
        ("Durham County Council", 2015, "E1302"),
        ("Durham County Council", 2008, "E1321"),
        ("Durham City Council", 2008, "E1334"),
        ("Cornwall County Council", 2008, "E0820"),
        ("Cornwall County Council", 2015, "E0801"),  # the same authority went on
        ("Cornwall", (2012, 2016), "E0801"),
        ("Cornwall", (2007, 2008), "E0820"),
        ("840", (2010, 2012), "E1302"),
        ("Dorset", (2019, 2023), "E1203"),
    ],
)
def test_names_in_real_use_are_found(query, year, ecode):
    assert council(query, year).ecode == ecode


@pytest.mark.parametrize(
    ("query", "year", "named"),
    [
        ("Lancaster County Council", 2015, ["'county'", "E2337", "'Lancashire'"]),
        ("Nottingham County Council", 2015, ["E3001", "'Nottinghamshire'"]),
        ("Oxford County Council", None, ["E3132", "'Oxfordshire'"]),
        ("Suffolk District Council", 2015, ["E3520", "'Mid Suffolk'"]),
        ("Lambeth City Council", None, ["'city'", "E5017"]),
        ("Chichester City Council", None, ["'city'"]),  # a parish
        ("West Midlands", None, ["West Midlands Combined Authority", "Police"]),
        ("Greater Manchester", 2015, ["Greater Manchester Combined Authority"]),
        ("Sheffield City Region", None, ["South Yorkshire Mayoral Combined Authority"]),
        ("Greater London", None, ["Greater London Authority"]),
        ("Norfolk Fire", None, ["Norfolk Fire"]),
        ("Cornwall", (2008, 2012), ["2007-08 to 2008-09", "2009-10 to 2023-24", "a year"]),
        ("Buckinghamshire County Council", 2021, ["2019-20", "Buckinghamshire (E0402"]),
    ],
)
def test_what_is_not_one_body_of_that_kind_and_year_is_refused(query, year, named):
    with pytest.raises(UnknownCouncil) as refusal:
        council(query, year)
    for text in named:
        assert text in str(refusal.value)


@pytest.mark.parametrize(
    "query",
    [5, -1, 2.5, None, True, b"Lambeth", [], {}, "", " ", "\x00", "\x1b[31m", "\u202e", "*", "(d)",
     "the", "of", "council of the", "a" * 201, "Lam\x1b[2Jbeth", "E", "\ud800", "٣", "²"],
)  # fmt: skip
def test_what_is_no_name_is_refused_in_a_sentence_that_a_terminal_can_show(query):
    with pytest.raises(UnknownCouncil) as refusal:
        council(query)
    assert str(refusal.value).isprintable()
    assert str(refusal.value).endswith((".", "?"))


# ── words of kind ────────────────────────────────────────────────────────────────────────────────


def with_word(body: Council, word: str) -> list[str]:
    """A body's name with a word of kind, unless a publisher is known to have printed it so."""
    known = {fold(spelling) for spelling in body.spellings}
    made = [f"{body.name} {word}", f"{body.name} {word} Council", f"{word} of {body.name}",
            f"{body.name} ({word})", f"{body.name}, {word} of"]  # fmt: skip
    return [name for name in made if fold(name) not in known]


def test_every_body_with_every_word_of_kind_that_it_may_not_have_is_refused():
    wrong = [
        (name, year)
        for body in COUNCILS
        for word in WORDS
        if word not in kinds_of(body.ecode)
        for name in with_word(body, word)
        for year in (None, body.last_year)
        if asked(name, year) == body
    ]
    assert wrong == []


def test_every_body_with_every_word_of_kind_that_it_may_have_is_found():
    lost = [
        name
        for body in COUNCILS
        for word in kinds_of(body.ecode)
        for name in with_word(body, word)[:2]
        if asked(name, body.last_year) != body and not _shared(name, body)
    ]
    assert lost == []


def _shared(name: str, body: Council) -> bool:
    """Whether the refusal names this body with the others that may be called so."""
    with pytest.raises(UnknownCouncil, match=body.ecode):
        council(name, body.last_year)
    return True


def test_the_name_of_a_county_or_region_is_no_fire_or_police_or_other_body():
    must = set().union(*map(needed_by, OTHERS)) | {"authority", "and", "rescue", "crime"}
    bare = {
        " ".join(w for w in fold(spelling).split() if w not in must)
        for body in OTHERS
        for spelling in (body.name, *body.spellings)
    }
    assert {"west midlands", "greater london", "merseyside"} <= bare
    found = [(name, year) for name in bare for year in (None, 2015) if asked(name, year) in OTHERS]
    assert found == []


def test_every_full_name_of_a_body_that_is_no_council_finds_it():
    assert [b.label for b in OTHERS if asked(b.name, b.last_year) != b] == []


def test_kind_words_names_what_there_is_each_with_its_source():
    rows = rows_of("kind_words")
    known = {b.ecode for b in COUNCILS} | {b.council_class for b in COUNCILS}
    others = {b.kind for b in OTHERS} | {b.ecode for b in OTHERS}
    assert {row["of"] for row in rows if row["rule"] == "may"} <= known
    assert {row["word"] for row in rows if row["rule"] == "may"} <= KINDS
    assert {row["of"] for row in rows if row["rule"] == "must"} <= others
    assert {row["rule"] for row in rows} == {"may", "must"}
    assert all(row["reason"] for row in rows)
    assert [(r["of"], r["word"]) for r in rows] == sorted({(r["of"], r["word"]) for r in rows})
    assert [row for row in rows if not sound(row["source"])] == []


def sound(source: str) -> bool:
    """A publication that we hold, or a public page of a kind that a reader can follow."""
    return source in read_sources() or bool(PAGE.fullmatch(source))


PAGE = re.compile(
    r"https://(?:www\.legislation\.gov\.uk/(?:uksi|ukpga)/\d{4}/\d+|geoportal\.statistics\.gov\.uk/"
    r"|www\.gov\.uk/[a-z/-]+|www\.bailii\.org/[A-Za-z0-9/.]+)"
)


def test_a_source_that_there_is_not_is_found():
    assert not sound("councils/1066")
    assert not sound("borough status")
    assert not sound("https://www.legislation.gov.uk/")


def test_a_word_of_kind_that_a_publication_of_ours_prints_stands_in_it():
    named = {"household_waste/2010-2022": ("E4705", "Wakefield City MDC"),
             "councils/1993-2022": ("UA", "UA")}  # fmt: skip
    ours = {r["source"]: r["of"] for r in rows_of("kind_words") if r["source"] in read_sources()}
    assert ours == {source: of for source, (of, _) in named.items()}
    for source, (_, text) in named.items():
        raw = pd.read_parquet(ROOT / "data" / "raw" / f"{source}.parquet", columns=["text"])
        assert text in set(raw["text"].dropna())


def test_no_word_is_listed_that_a_publication_prints_with_the_name():
    listed = {(r["of"], r["word"]) for r in rows_of("kind_words") if r["of"] in bodies()}
    assert [(e, w) for e, w in listed if w in printed_kinds(bodies()[e])] == []
    assert "city" in printed_kinds(bodies()["E2337"])  # Lancaster City Council
    assert "royal" in kinds_of("E5012")


# ── lists of names with codes ────────────────────────────────────────────────────────────────────


def in_use() -> list[tuple[str, str, None]]:
    """mySociety's names that people use for English councils, July 2025 (CC BY 4.0)."""
    with open(ROOT / "tests" / "names_in_use.csv", encoding="utf-8", newline="") as file:
        return [(row["name"], row["gss"], None) for row in csv.DictReader(file)]


def printed(file: str) -> list[tuple[str, str, int | None]]:
    """The names that stand right beside a code in a transcription, with the code and the year."""
    cells = pd.read_parquet(ROOT / "data" / "raw" / f"{file}.parquet")
    cells = cells.loc[cells["text"].notna() & (cells["column"] <= 9)]
    year = re.fullmatch(r".*/(\d{4})-\d\d", file)
    rows: set[tuple[str, str]] = set()
    for _, row in cells.groupby(["sheet", "row"], observed=True):
        at = dict(zip(row["column"], row["text"].astype(str), strict=True))
        codes = [column for column, text in at.items() if CODE.fullmatch(text)]
        names = [at.get(c + step, "") for c in codes[-1:] for step in (1, -1)]
        names = [n for n in names if re.match("[A-Z]", n) and not CODE.fullmatch(n)]
        rows |= {(name, at[codes[-1]]) for name in names[:1]}
    pairs = sorted(rows - MISPRINTED)
    return [(name, code, int(year[1]) if year else None) for name, code in pairs]


MISPRINTED = {
    ("Cheshire", "E06000049"),  # of Cheshire East, in some years of fly-tipping
    ("North Yorkshire", "E10000022"),  # as codes.csv says: the old county of Northumberland's
}
LISTS = {
    "names in use": in_use,
    **{
        file: (lambda file=file: printed(file))
        for file in (
            "revenue_outturn/2008-09", "revenue_outturn/2015-16", "revenue_outturn/2023-24",
            "revenue_budget/2012-13", "revenue_budget/2018-19", "deprivation/2019",
            "population/2010-2023",
            "teenage_conceptions/1998-2017", "child_weight/2006-2017-year6",
            "alcohol_admissions/2008-2017", "cancer_mortality/2001-2017",
            "fly_tipping/2012-2022", "spending_power/2010-2020",
        )
        if (ROOT / "data" / "raw" / f"{file}.parquet").is_file()
    },
}  # fmt: skip


def weighed(rows: list[tuple[str, str, int | None]]) -> dict[str, list]:
    """The names of councils that are found, refused since two in different years, lost, wrong."""
    seen: dict[str, list] = {"found": [], "year": [], "lost": [], "wrong": []}
    for name, code, year in rows:
        meant = asked(code, year)
        if meant is None or meant.council_class == "O":
            continue
        body = asked(name, year)
        kind = "found" if body == meant else "wrong" if body else "lost"
        if kind == "lost" and asked(name, meant.last_year) == meant:
            kind = "year"
        seen[kind].append((name, meant.ecode, year))
    return seen


@pytest.mark.parametrize("name", LISTS)
def test_of_a_list_of_names_with_codes_nearly_all_are_found_and_none_is_wrong(name):
    seen = weighed(LISTS[name]())
    every = sum(map(len, seen.values()))
    assert every > 100
    assert seen["wrong"] == []
    assert len(seen["found"] + seen["year"]) >= 0.98 * every, seen["lost"]


def seconds(work) -> float:
    """The least of three rounds, of this process alone."""
    took = []
    for _ in range(3):
        began = time.process_time()
        work()
        took.append(time.process_time() - began)
    return min(took)


def test_finding_names_costs_a_few_times_what_folding_them_does():
    """Five thousand names of all kinds, with and without marks, none of them found before."""
    names = [f"{name}{mark}" for mark in ("", " (d)", "*", " [e]", "¹") for name, *_ in in_use()]
    names = [without_marks(name) for name in names[:5000]]
    yardstick = seconds(lambda: [fold.__wrapped__(name) for name in names])

    def find():
        name_index.bodies_meant.cache_clear()
        for number, name in enumerate(names):
            asked(name, 2010 + number % 10)

    find()
    assert seconds(find) < 50 * yardstick


def test_what_may_be_meant_is_worked_out_only_when_it_is_read(monkeypatch):
    asked_for = []

    def refusal(*words):
        asked_for.append(words)
        return "no"

    monkeypatch.setattr(councils_module, "refusal", refusal)
    strangers = [f"Nether {name}s" for name, *_ in in_use()[:200]]
    assert [name for name in strangers if asked(name)] == []
    assert asked_for == []
    with pytest.raises(UnknownCouncil, match="no"):
        council(strangers[0])
    assert len(asked_for) == 1


def test_a_refusal_goes_to_another_process_with_its_words():
    with pytest.raises(UnknownCouncil) as refusal:
        council("Lambath")
    assert "'Lambeth'" in str(pickle.loads(pickle.dumps(refusal.value)))


# ── years and spans ──────────────────────────────────────────────────────────────────────────────


def test_over_years_a_name_is_the_body_of_each_year():
    assert [b.ecode for b in council_each_year("Cornwall", 2005, 2030)] == ["E0820", "E0801"]
    assert [b.ecode for b in council_each_year("Cornwall", 2012, 2016)] == ["E0801"]
    assert [b.ecode for b in council_each_year("E0801", 2005, 2030)] == ["E0801"]
    with pytest.raises(UnknownCouncil, match=r"2007-08.*E1321.*E1334"):
        council_each_year("Durham", 2007, 2012)
    with pytest.raises(UnknownCouncil, match="was no council in 2007-08 to 2008-09"):
        council_each_year("Cumberland", 2007, 2008)
    assert council_each_year("Cumberland", 2007, 2008, ever=True)[0].ecode == "E0901"


@pytest.mark.parametrize("year", ["2010:2012", (2012, 2010), "x", (2010, None), True])
def test_a_year_that_is_none_is_refused(year):
    with pytest.raises(CoopstatsError):
        council("Lambeth", year)


def test_each_row_that_is_brought_is_of_its_own_year():
    rows = pd.DataFrame({"council": ["Cornwall", "Cornwall", "Dorset", "Bedford"],
                         "year": [2008, 2015, 2021, 2016], "v": [1, 2, 3, 4]})  # fmt: skip
    found = cs.bring(rows, value="v", unit="x").frame
    assert sorted(zip(found["ecode"], found["year"], strict=True)) == [
        ("E0202", 2016), ("E0801", 2015), ("E0820", 2008), ("E1203", 2021),
    ]  # fmt: skip


def test_a_supposed_pilot_is_of_the_body_of_its_years():
    assert cs.supposed("Cornwall", 2012).ecode == "E0801"
    assert cs.supposed("Cornwall", 2012, 2016).ecode == "E0801"
    with pytest.raises(UnknownCouncil, match="more than one council in 2008-09 to 2010-11"):
        cs.supposed("Cornwall", 2008, 2010)


# ── the parts ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "plain"),
    [("Poole (d) [note 3]*", "Poole"), ("Poole3", "Poole"), ("Poole [see note 4]", "Poole"),
     ("Bournemouth (UA)", "Bournemouth (UA)"), ("E06000001", "E06000001"), ("208", "208")],
)  # fmt: skip
def test_footnote_marks_come_off_and_nothing_else(written, plain):
    assert without_marks(written) == plain


def test_abbreviations_are_written_out_in_every_way_they_can_be():
    assert written_out("lambeth") == []
    every = {"lancaster county council", "lancaster city council"}
    assert set(written_out("lancaster cc")) == every


def test_a_word_of_kind_that_comes_off_is_remembered():
    shortest = readings("london borough of lambeth council")[-1]
    assert (shortest.core, shortest.kinds) == ("lambeth", {"london", "borough"})
