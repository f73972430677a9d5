"""What the register of pilots promises: one English sentence a rule, each broken in its tests.

The rules need the built tables, to say that every table and line named in the register exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from coopstats.clean.build import build
from coopstats.clean.contracts.contract import contract, keep, rule
from coopstats.core.errors import ContractBroken
from coopstats.datasets.load import about, built_tables, load
from coopstats.findings.verdicts.scale import COMPUTED, NOT_TESTABLE
from coopstats.register.articles import BETWEEN
from coopstats.register.breaks import severed_years
from coopstats.register.councils import bodies
from coopstats.register.dates import PRECISIONS, first_full_year, span
from coopstats.register.evidence import GRADES, STANDS, UNVERIFIED
from coopstats.register.members import CERTAINTIES, memberships
from coopstats.register.pilots import KINDS, LEVELS, SCOPES, TESTABLE, pilots
from coopstats.register.reader import parts, rows_of

if TYPE_CHECKING:
    import pandera.pandas as pa

NAMED = {f"P{n}" for n in range(1, 23)}
CLAIMED = [f"Q{n}" for n in range(1, 27)]
FOUNDERS, NAMELESS = 13, 2
RELATIONS = ("neighbour", "shared service", "rival transformation")
ESTIMATORS = ("did_all_pre", "poisson", "description")
BASELINES = ("equal", "nearest", "matched", "synthetic", "synthetic_demeaned", "")
FORMS = ("comparison", "description")
FEWEST_YEARS, FEWEST_FOR_SYNTHETIC = 3, 7
FILES = ("pilots", "evidence", "network", "articles", "claims", "claim_spans", "exclusions",
         "neighbours", "plan", "searches")  # fmt: skip


def read(name: str) -> pd.DataFrame:
    """A file of the register as a frame of words."""
    return pd.DataFrame(rows_of(name))


def check() -> None:
    """Raise ContractBroken, with every breach of every file, unless all promises are kept."""
    found = breaches()
    if len(found):
        lines = [f"  {r.file}: {r.rule} ({r.row})" for r in found.itertuples()]
        raise ContractBroken("\n".join(["The register breaks its promises:", *lines]), found)


def breaches() -> pd.DataFrame:
    """Every breach: the file, the rule, and the row that breaks it."""
    return pd.concat([broken(name, read(name)) for name in FILES], ignore_index=True)


def broken(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The breaches of one file of the register, given as a frame of words."""
    try:
        keep(PROMISED[name](), rows)
        return pd.DataFrame(columns=["file", "rule", "row"])
    except ContractBroken as problem:
        found = pd.DataFrame() if problem.breaches is None else problem.breaches
        words = found.drop(columns=["rule"]).astype(object).where(found.notna(), None)
        said = [", ".join(str(v) for v in row if v is not None) for row in words.to_numpy()]
        return pd.DataFrame({"file": name, "rule": found["rule"], "row": said})


# ── what a cell may hold ─────────────────────────────────────────────────────────────────────────


def _words(columns: str) -> dict[str, pa.Column]:
    import pandera.pandas as pa

    return {name: pa.Column(str, description=name) for name in columns.split()}


def _one_of(column: str, words: object) -> pa.Check:
    known = list(words)  # type: ignore[call-overload]
    return rule(
        f"`{column}` is one of: {', '.join(w or 'nothing' for w in known)}.",
        lambda t: t[column].isin(known),
    )


def _filled(*columns: str) -> pa.Check:
    return rule(
        f"Every row says its {', '.join(columns)}.",
        lambda t: (t[list(columns)] != "").all(axis=1),
    )


def _each(sentence: str, holds: Callable[[pd.Series], bool]) -> pa.Check:
    """A rule that looks at one row at a time."""
    return rule(sentence, lambda t: t.apply(holds, axis=1).astype(bool))


def _whole(sentence: str, holds: Callable[[pd.DataFrame], bool]) -> pa.Check:
    """A rule on all rows together."""
    return rule(sentence, lambda t: bool(holds(t)))


def _council(ecode: str, name: str) -> bool:
    return ecode == "" or (ecode in bodies() and bodies()[ecode].name == name)


def a_council() -> pa.Check:
    """The rule that a council is one, under its own name."""
    return _each(
        "Every council is a body of councils.csv, under its E-code and its name there.",
        lambda r: _council(r["ecode"], r["council"]),
    )


def exists(named: str) -> bool:
    """Is "table" or "table:service" a built table, with that service in it?"""
    table, _, service = named.partition(":")
    known = table in build.TABLES and table in built_tables()
    return known and (not service or service in _services(table))


@cache
def _services(table: str) -> frozenset[str]:
    """The services or items of a table, from its file without its figures."""
    import pyarrow.parquet as pq

    column = next((c for c in ("service", "item") if c in about(table)["columns"]), None)
    if column is None:
        return frozenset()
    return frozenset(
        pq.read_table(build.path(table), columns=[column])[column].unique().to_pylist()
    )


def unknown_names() -> list[str]:
    """Every table or line that pilots.csv, claims.csv or plan.csv names and that is not built."""
    moves = ("moves_spending", "moves_outcomes", "placebo_spending", "placebo_outcomes")
    named = {n for row in rows_of("pilots") for c in moves for n in parts(row[c])}
    named |= {n for row in rows_of("claims") for n in parts(row["tables"])}
    named |= {_planned_line(row) for row in rows_of("plan")}
    return sorted(name for name in named if not exists(name))


def _planned_line(row: Mapping[str, str]) -> str:
    return f"{row['table']}:{row['service']}" if row["service"] else row["table"]


def tables_exist(*columns: str) -> pa.Check:
    """The rule that everything named as a line or outcome is in the tables."""
    return _each(
        "Every table named is built, and every service named is in it.",
        lambda r: all(exists(named) for c in columns for named in parts(r[c])),
    )


# ── pilots and their evidence ────────────────────────────────────────────────────────────────────


def _ordered(row: pd.Series, *names: str) -> bool:
    days = [row[name] for name in names if row[name]]
    return days == sorted(days) and all(_is_day(day) for day in days)


def _is_day(cell: str) -> bool:
    try:
        return date.fromisoformat(cell).isoformat() == cell
    except ValueError:
        return False


def _fits(first: str, last: str, precision: str) -> bool:
    """Do two days agree with how fine they are said to be?"""
    if precision == "continues":
        return last == ""
    kept = {"day": 10, "month": 7, "year": 4}.get(precision)
    return kept is None or (first != "" and first[:kept] == last[:kept])


def _first_full(row: pd.Series) -> str:
    try:
        year = first_full_year(span(row["start_from"], row["start_to"], row["start_precision"]))
    except ValueError:
        return "no day"
    return "" if year is None else str(year)


def _structural(row: pd.Series) -> bool:
    dated = row["start_precision"] in ("day", "month", "year")
    return row["level"] != "structural" or (dated and row["body"] != "" and row["ecode"] != "")


@cache
def _about(of: str) -> dict[str, frozenset[str]]:
    """What the register has evidence on, taken and not set aside, by pilot or member."""
    taken: dict[str, set[str]] = {}
    for row in rows_of("evidence"):
        if row["of"] == of:
            stands = {row["about"]} if row["stands"] == "taken" else set()
            taken.setdefault(row["subject"], set()).update(stands)
    return {subject: frozenset(about) for subject, about in taken.items()}


def _dates_said(row: pd.Series) -> bool:
    """Is there a sentence for a start and for an end that are given?"""
    said = _about("pilot").get(row["pilot"], frozenset())
    given = {end: row[f"{end}_from"] or row[f"{end}_to"] for end in ("start", "end")}
    return all(name in said for name, first in given.items() if first)


def promised_pilots() -> pa.DataFrameSchema:
    """pilots.csv."""
    return contract(
        "pilots", "Pilots", "One row a programme.",
        _words("pilot named_as name scope ecode council service kind level body start_from "
               "start_to start_precision end_from end_to end_precision first_full_year came_to "
               "moves_spending moves_outcomes placebo_spending placebo_outcomes testable why "
               "confounders note"),
        key=["pilot"],
        rules=[
            _filled("pilot", "name", "service", "came_to", "why"), a_council(),
            _one_of("scope", SCOPES), _one_of("kind", KINDS), _one_of("level", LEVELS),
            _one_of("testable", TESTABLE), _one_of("start_precision", PRECISIONS[:-1]),
            _one_of("end_precision", PRECISIONS),
            _each("A pilot of the scope council has one, and no other has.",
                  lambda r: (r["scope"] == "council") == (r["ecode"] != "")),
            _each("Its days are days, in their order.",
                  lambda r: _ordered(r, "start_from", "start_to", "end_from", "end_to")),
            _each("The days of a start and an end are as fine as they are said to be.",
                  lambda r: all(_fits(r[f"{e}_from"], r[f"{e}_to"], r[f"{e}_precision"])
                                for e in ("start", "end"))),
            _each("What is structural has a council, a date and a named body.", _structural),
            _each("`first_full_year` is what its start gives.",
                  lambda r: r["first_full_year"] == _first_full(r)),
            tables_exist("moves_spending", "moves_outcomes", "placebo_spending",
                         "placebo_outcomes"),
            _each("Every pilot has evidence.", lambda r: r["pilot"] in _about("pilot")),
            _each("A start and an end that are given have a sentence that says so.", _dates_said),
            _each("A pilot is in plan.csv where it can be compared or described, and only there.",
                  lambda r: (r["testable"] != "no") == (r["pilot"] in _planned())),
            _whole("P1 to P22 are all there.", lambda t: set(t["named_as"]) - {""} == NAMED),
        ],
    )  # fmt: skip


@cache
def _planned() -> frozenset[str]:
    return frozenset(row["pilot"] for row in rows_of("plan"))


def _subject_exists(row: pd.Series) -> bool:
    file, key = {"pilot": ("pilots", "pilot"), "member": ("network", "member")}[row["of"]]
    return any(row["subject"] == other[key] for other in rows_of(file))


def _beside(t: pd.DataFrame) -> pd.Series:
    """Is there, for a sentence set aside, one on the same thing that is taken?"""
    key = ["of", "subject", "about"]
    taken = set(map(tuple, t.loc[t["stands"] == "taken", key].to_numpy()))
    return pd.Series(
        [s != "set aside" or tuple(k) in taken
         for s, k in zip(t["stands"], t[key].to_numpy(), strict=True)], index=t.index,
    )  # fmt: skip


def promised_evidence() -> pa.DataFrameSchema:
    """evidence.csv."""
    return contract(
        "evidence", "Evidence", "One row a sentence of a source.",
        _words("of subject about citation address date_read quote grade stands reason"),
        key=["of", "subject", "about", "citation", "address", "quote"],
        rules=[
            _filled("subject", "about", "citation"), _one_of("of", ("pilot", "member")),
            _one_of("grade", GRADES), _one_of("stands", STANDS),
            _each("It is on a pilot or a member that exists.", _subject_exists),
            _each("A grade above unverified has an address, a day on which it was read, and a "
                  "quoted sentence.",
                  lambda r: (r["grade"] == UNVERIFIED)
                  != bool(r["address"] and _is_day(r["date_read"]) and r["quote"])),
            _each("What is set aside says why.",
                  lambda r: r["stands"] != "set aside" or r["reason"] != ""),
            rule("What is set aside stands beside what is taken on the same thing.", _beside),
        ],
    )  # fmt: skip


# ── members ──────────────────────────────────────────────────────────────────────────────────────


def promised_network() -> pa.DataFrameSchema:
    """network.csv."""
    return contract(
        "network", "Members of the network", "One row an interval of membership.",
        _words("member ecode gss council nation founder first_possible first_seen last_seen "
               "absent_from certainty note"),
        key=["member"],
        rules=[
            _filled("member", "nation", "first_possible", "first_seen", "last_seen"), a_council(),
            _one_of("nation", ("England", "Scotland", "Wales")),
            _one_of("founder", ("named", "claimed", "no")), _one_of("certainty", CERTAINTIES),
            _each("Its days are days, in their order.",
                  lambda r: _ordered(r, "first_possible", "first_seen", "last_seen",
                                     "absent_from")),
            _each("A council of England has its E-code; a founder that nobody names has none.",
                  lambda r: (r["ecode"] != "")
                  == (r["nation"] == "England" and r["founder"] != "claimed")),
            _each("Every member has evidence.", lambda r: r["member"] in _about("member")),
            _whole("Thirteen founders are claimed, of whom two are not named.",
                   lambda t: ((t["founder"] != "no").sum(), (t["founder"] == "claimed").sum())
                   == (FOUNDERS, NAMELESS)),
        ],
    )  # fmt: skip


# ── claims ───────────────────────────────────────────────────────────────────────────────────────


def promised_articles() -> pa.DataFrameSchema:
    """articles.csv."""
    return contract(
        "articles", "Articles", "One row an article.",
        _words("article title publisher first_day last_day date_evidence sha256"),
        key=["article"],
        rules=[
            _filled("article", "title", "publisher", "date_evidence"),
            _each("Its days are days, in their order.",
                  lambda r: bool(r["first_day"]) and _ordered(r, "first_day", "last_day")),
            _each("A sha256 is 64 characters of 0-9 and a-f.",
                  lambda r: len(r["sha256"]) == 64 and set(r["sha256"]) <= set("0123456789abcdef")),
        ],
    )  # fmt: skip


@cache
def _stretches() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows_of("claim_spans"):
        found.setdefault(row["claim"], []).append(row["text"])
    return found


def _an_article(row: pd.Series) -> bool:
    return any(row["article"] == other["article"] for other in rows_of("articles"))


DECIDED = (COMPUTED, "opinion", NOT_TESTABLE)


def promised_claims() -> pa.DataFrameSchema:
    """claims.csv."""
    return contract(
        "claims", "Claims", "One row a claim.",
        _words("claim article quote councils asserts tables comparison verdict missing note"),
        key=["claim"],
        rules=[
            _filled("claim", "quote", "asserts", "comparison"), _one_of("verdict", DECIDED),
            _each("What is not testable, and that alone, says what is missing and who holds it.",
                  lambda r: bool(r["missing"]) == (r["verdict"] == NOT_TESTABLE)),
            _each("Its article is one of articles.csv.", _an_article),
            _each("Every council is an E-code of councils.csv.",
                  lambda r: all(e in bodies() for e in parts(r["councils"]))),
            tables_exist("tables"),
            _each("Its quote is its stretches of claim_spans.csv, joined by an ellipsis.",
                  lambda r: r["quote"] == BETWEEN.join(_stretches().get(r["claim"], []))),
            _whole("Q1 to Q26 are all there, in their order.",
                   lambda t: list(t["claim"]) == CLAIMED),
        ],
    )  # fmt: skip


def _long_enough(row: pd.Series) -> bool:
    numbers = row["start"].isdigit() and row["end"].isdigit()
    return numbers and int(row["end"]) - int(row["start"]) == len(row["text"]) > 0


def promised_claim_spans() -> pa.DataFrameSchema:
    """claim_spans.csv."""
    return contract(
        "claim_spans", "Stretches of the articles", "One row a stretch of an article.",
        _words("claim span article start end text"),
        key=["claim", "span"],
        rules=[
            _each("Its article is one of articles.csv.", _an_article),
            _each("It is of a claim of claims.csv.",
                  lambda r: any(r["claim"] == c["claim"] for c in rows_of("claims"))),
            _each("From its start to its end are as many characters as its text has.",
                  _long_enough),
        ],
    )  # fmt: skip


# ── what a comparison will do ────────────────────────────────────────────────────────────────────


def _of_pilot(row: pd.Series) -> bool:
    return any(p.slug == row["pilot"] for p in pilots())


def _treated(row: pd.Series) -> bool:
    """Is it a pilot whose council was treated, and another council that is left out?"""
    found = [p for p in pilots() if p.slug == row["pilot"]]
    return bool(found) and found[0].level == "structural" and found[0].ecode != row["ecode"]


def promised_exclusions() -> pa.DataFrameSchema:
    """exclusions.csv."""
    return contract(
        "exclusions", "Councils left out", "One row a council left out beside a pilot.",
        _words("pilot ecode council relation reason citation address date_read quote"),
        key=["pilot", "ecode"],
        rules=[
            a_council(), _one_of("relation", RELATIONS),
            _filled("pilot", "ecode", "reason", "citation", "address", "date_read", "quote"),
            _each("It is beside a structural pilot of another council.", _treated),
        ],
    )  # fmt: skip


def window(row: pd.Series, side: str) -> list[int]:
    """The years of a row of the plan before or after the start, without those left out."""
    first, last = row[f"{side}_first"], row[f"{side}_last"]
    if not (first and last):
        return []
    left_out = {int(year) for year in parts(row["left_out"])}
    return [y for y in range(int(first), int(last) + 1) if y not in left_out]


def _after_is_the_pilot_s(row: pd.Series) -> bool:
    """Is the window within the first five full years, from the first of them?"""
    after = window(row, "after")
    found = [p for p in pilots() if p.slug == row["pilot"]]
    if not found or not found[0].years:
        return bool(found)
    years = list(found[0].years)
    return bool(after) and after[0] == years[0] and set(after) <= set(years)


def _comparable(row: pd.Series) -> bool:
    """Enough years, and for a synthetic control more, unless it is a description."""
    if row["form"] == "description":
        return row["estimator"] == "description"
    fewest = FEWEST_FOR_SYNTHETIC if "synthetic" in row["baseline"] else 1
    enough = len(window(row, "after")) >= FEWEST_YEARS and len(window(row, "before")) >= fewest
    return enough and row["estimator"] != "description" and row["baseline"] != ""


def _unbroken(row: pd.Series) -> bool:
    before, after = window(row, "before"), window(row, "after")
    if not before or not after:
        return True
    return severed_years(row["table"], row["service"] or None, before[0], after[-1]) == []


def _held(row: pd.Series) -> bool:
    """Does the table hold the years that a comparison needs?"""
    if not exists(_planned_line(dict(row))) or row["form"] == "description":
        return True
    return set(window(row, "before") + window(row, "after")) <= _years(row["table"], row["service"])


@cache
def _years(table: str, service: str) -> frozenset[int]:
    rows = load(table, service=service) if service else load(table)
    return frozenset(rows["year"].astype(int))


def promised_plan() -> pa.DataFrameSchema:
    """plan.csv."""
    return contract(
        "plan", "The plan", "One row an outcome of a pilot, fixed before results were seen.",
        _words("pilot order group table service measure unit before_first before_last "
               "after_first after_last left_out donors baseline beside estimator inference form "
               "reason"),
        key=["pilot", "table", "service", "measure"],
        rules=[
            _filled("pilot", "table", "measure", "unit", "reason"),
            _one_of("order", ("primary", "secondary")), _one_of("form", FORMS),
            _one_of("baseline", BASELINES), _one_of("estimator", ESTIMATORS),
            _each("It is of a pilot of pilots.csv.", _of_pilot),
            _each("Every table named is built, and every service named is in it.",
                  lambda r: exists(_planned_line(dict(r)))),
            _each("The years after are of the pilot's first five full years, from the first.",
                  _after_is_the_pilot_s),
            _each("A comparison has three years after, one before, seven for a synthetic control; "
                  "else it is a description.", _comparable),
            _each("No severing break lies in its years.", _unbroken),
            _each("The table holds the years that a comparison needs.", _held),
            rule("A pilot has one primary outcome.",
                 lambda t: t["pilot"].map(t[t["order"] == "primary"]["pilot"].value_counts()) == 1),
        ],
    )  # fmt: skip


def promised_searches() -> pa.DataFrameSchema:
    """searches.csv."""
    return contract(
        "searches", "Searches", "One row a thing that was looked for and not found, or not all.",
        _words("sought about date where words found"),
        key=["sought"],
        rules=[
            _filled("sought", "about", "where", "words", "found"),
            _each("It has a day.", lambda r: _is_day(r["date"])),
            _each("It is about the network or a pilot of pilots.csv.",
                  lambda r: r["about"] == "network"
                  or any(r["about"] == p["pilot"] for p in rows_of("pilots"))),
        ],
    )  # fmt: skip


def _own_list(row: pd.Series) -> bool:
    near = parts(row["neighbours"])
    known = all(code in bodies() for code in near)
    return known and len(near) == len(set(near)) and row["ecode"] not in near


def promised_neighbours() -> pa.DataFrameSchema:
    """neighbours.csv."""
    return contract(
        "neighbours", "Published nearest neighbours", "One row a pilot's or member's council.",
        _words("ecode council neighbours citation note"),
        key=["ecode"],
        rules=[
            a_council(), _filled("neighbours", "citation", "note"),
            _each("Its neighbours are other councils of councils.csv, each once.", _own_list),
            _whole("Every council of a pilot or a member has a list.",
                   lambda t: {p.ecode for p in pilots() if p.ecode}
                   | {m.ecode for m in memberships() if m.ecode} <= set(t["ecode"])),
        ],
    )  # fmt: skip


PROMISED: dict[str, Callable[[], pa.DataFrameSchema]] = {
    "pilots": promised_pilots,
    "evidence": promised_evidence,
    "network": promised_network,
    "articles": promised_articles,
    "claims": promised_claims,
    "claim_spans": promised_claim_spans,
    "exclusions": promised_exclusions,
    "neighbours": promised_neighbours,
    "plan": promised_plan,
    "searches": promised_searches,
}
