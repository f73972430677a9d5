"""The register's promises: kept by the register, and each rule broken by a row that breaks it."""

import pandas as pd
import pytest

from coopstats.core.errors import ContractBroken
from coopstats.reproduce import promises

EXISTS = "Every table named is built, and every service named is in it."


@pytest.fixture(autouse=True)
def from_built(built):
    """The lines of a table are the same in any home, so what is remembered of them may stay."""


def test_the_register_keeps_its_promises():
    assert promises.breaches().to_dict("records") == []


def put(file, row, **cells):
    """The rows of a file with some cells of one row changed."""
    rows = promises.read(file)
    where = rows.index[row(rows)] if callable(row) else rows.index[[row]]
    assert len(where)
    for column, value in cells.items():
        rows.loc[where[0], column] = value
    return rows


def at(**cells):
    """The rows with these cells."""
    return lambda rows: pd.concat([rows[c] == v for c, v in cells.items()], axis=1).all(axis=1)


def without(file, row):
    rows = promises.read(file)
    return rows[~row(rows)].reset_index(drop=True)


YLC, YORK = at(pilot="young-lambeth-co-operative"), at(pilot="explore-york")
PARKS = at(pilot="lambeth-cooperative-parks")
QUOTED = at(subject="explore-york", about="start")
ASIDE = at(subject="oldham-care-and-support", status="set aside")
PRIMARY = at(pilot="young-lambeth-co-operative", order="primary")
CONCEPTIONS = at(pilot="young-lambeth-co-operative", table="teenage_conceptions")

BROKEN = [
    ("pilots", "There is one row for each", lambda: put("pilots", 1, pilot="lambeth-white-paper")),
    ("pilots", "Every row says its", lambda: put("pilots", YLC, why="")),
    ("pilots", "Every council is a body", lambda: put("pilots", YLC, council="Lambth")),
    ("pilots", "Every council is a body", lambda: put("pilots", YLC, ecode="E9999")),
    ("pilots", "`scope` is one of", lambda: put("pilots", YLC, scope="borough")),
    ("pilots", "`kind` is one of", lambda: put("pilots", YLC, kind="co-op")),
    ("pilots", "`level` is one of", lambda: put("pilots", YLC, level="treated")),
    ("pilots", "`testable` is one of", lambda: put("pilots", YLC, testable="yes")),
    ("pilots", "`start_precision` is one", lambda: put("pilots", YLC, start_precision="continues")),
    ("pilots", "`end_precision` is one", lambda: put("pilots", YLC, end_precision="week")),
    ("pilots", "A pilot of the scope council", lambda: put("pilots", YLC, scope="national")),
    ("pilots", "Its days are days", lambda: put("pilots", YLC, end_from="2014-09-30")),
    ("pilots", "Its days are days", lambda: put("pilots", YLC, end_to="2019-09-31")),
    ("pilots", "The days of a start and an end", lambda: put("pilots", YORK,
                                                             start_from="2014-04-30")),
    ("pilots", "What is structural has", lambda: put("pilots", YLC, body="")),
    ("pilots", "What is structural has", lambda: put("pilots", YLC, start_precision="unknown")),
    ("pilots", "`first_full_year` is what", lambda: put("pilots", YORK, first_full_year="2014")),
    ("pilots", EXISTS, lambda: put("pilots", PARKS, moves_spending="revenue_budget:open")),
    ("pilots", EXISTS, lambda: put("pilots", PARKS, placebo_outcomes="happiness")),
    ("pilots", "Every pilot has evidence", lambda: put("pilots", YLC, pilot="without-evidence")),
    ("pilots", "A start and an end that are given", lambda: put(
        "pilots", at(pilot="lambeth-micro-mutuals"), start_from="2012-01-01")),
    ("pilots", "A pilot is in plan.csv", lambda: put("pilots", YLC, testable="no")),
    ("pilots", "P1 to P22 are all there", lambda: put("pilots", YLC, named_as="")),
    ("evidence", "Every row says its", lambda: put("evidence", QUOTED, citation="")),
    ("evidence", "`of` is one of", lambda: put("evidence", QUOTED, of="claim")),
    ("evidence", "`grade` is one of", lambda: put("evidence", QUOTED, grade="good")),
    ("evidence", "`status` is one of", lambda: put("evidence", QUOTED, status="maybe")),
    ("evidence", "It is on a pilot or a member", lambda: put("evidence", QUOTED, subject="york")),
    ("evidence", "A grade above unverified", lambda: put("evidence", QUOTED, quote="")),
    ("evidence", "A grade above unverified", lambda: put("evidence", QUOTED, address="")),
    ("evidence", "A grade above unverified", lambda: put("evidence", QUOTED, date_read="today")),
    ("evidence", "What is set aside says why", lambda: put("evidence", ASIDE, reason="")),
    ("evidence", "What is set aside stands beside", lambda: put("evidence", QUOTED, reason="why",
                                                                status="set aside")),
    ("network", "Every row says its", lambda: put("network", 0, last_seen="")),
    ("network", "Every council is a body", lambda: put("network", 0, council="Lambth")),
    ("network", "`nation` is one of", lambda: put("network", 0, nation="Britain")),
    ("network", "`founder` is one of", lambda: put("network", 0, founder="maybe")),
    ("network", "`certainty` is one of", lambda: put("network", 0, certainty="sure")),
    ("network", "Its days are days", lambda: put("network", 0, last_seen="2010-01-01")),
    ("network", "A council of England has", lambda: put("network", at(member="founder-12"),
                                                        ecode="E5012", council="Greenwich")),
    ("network", "Every member has evidence", lambda: put("network", 0, member="nobody")),
    ("network", "Thirteen founders are claimed", lambda: without("network",
                                                                 at(member="founder-13"))),
    ("articles", "Every row says its", lambda: put("articles", 0, date_evidence="")),
    ("articles", "Its days are days", lambda: put("articles", 0, first_day="2010-09-13")),
    ("articles", "A sha256 is", lambda: put("articles", 0, sha256="abc")),
    ("claims", "Every row says its", lambda: put("claims", 0, asserts="")),
    ("claims", "`verdict` is one of", lambda: put("claims", 0, verdict="true")),
    ("claims", "What is not testable", lambda: put("claims", 0, missing="a table")),
    ("claims", "Its article is one of", lambda: put("claims", 0, article="005")),
    ("claims", "Every council is an E-code", lambda: put("claims", 0, councils="Redbridge")),
    ("claims", EXISTS, lambda: put("claims", 0, tables="revenue_budget:grants")),
    ("claims", "Its quote is its stretches", lambda: put("claims", 0, quote="cuts of £4 million")),
    ("claims", "Q1 to Q26 are all there", lambda: without("claims", at(claim="Q7"))),
    ("claim_spans", "Its article is one of", lambda: put("claim_spans", 0, article="005")),
    ("claim_spans", "It is of a claim of", lambda: put("claim_spans", 0, claim="Q27")),
    ("claim_spans", "From its start to its end", lambda: put("claim_spans", 0, end="1")),
    ("exclusions", "Every council is a body", lambda: put("exclusions", 0, council="Nowhere")),
    ("exclusions", "`relation` is one of", lambda: put("exclusions", 0, relation="friend")),
    ("exclusions", "Every row says its", lambda: put("exclusions", 0, citation="")),
    ("exclusions", "It is beside a structural pilot", lambda: put(
        "exclusions", 0, pilot="lambeth-white-paper")),
    ("exclusions", "It is beside a structural pilot", lambda: put(
        "exclusions", at(pilot="young-lambeth-co-operative"), ecode="E5017", council="Lambeth")),
    ("neighbours", "Every council is a body", lambda: put("neighbours", 0, council="Nowhere")),
    ("neighbours", "Every row says its", lambda: put("neighbours", 0, citation="")),
    ("neighbours", "Its neighbours are other", lambda: put("neighbours", 0, neighbours="E9999")),
    ("neighbours", "Its neighbours are other", lambda: put(
        "neighbours", at(ecode="E5017"), neighbours="E5017; E5018")),
    ("neighbours", "Every council of a pilot", lambda: without("neighbours", at(ecode="E5017"))),
    ("plan", "Every row says its", lambda: put("plan", PRIMARY, reason="")),
    ("plan", "`order` is one of", lambda: put("plan", PRIMARY, order="first")),
    ("plan", "`form` is one of", lambda: put("plan", PRIMARY, form="story")),
    ("plan", "`baseline` is one of", lambda: put("plan", PRIMARY, baseline="best")),
    ("plan", "`estimator` is one of", lambda: put("plan", PRIMARY, estimator="ols")),
    ("plan", "It is of a pilot", lambda: put("plan", PRIMARY, pilot="nobody")),
    ("plan", EXISTS, lambda: put("plan", PRIMARY, service="yuth")),
    ("plan", "The years after are of", lambda: put("plan", PRIMARY, after_first="2014")),
    ("plan", "The years after are of", lambda: put("plan", PRIMARY, after_last="2019")),
    ("plan", "A comparison has three years", lambda: put("plan", PRIMARY, after_last="2016")),
    ("plan", "A comparison has three years", lambda: put("plan", PRIMARY,
                                                         baseline="synthetic")),
    ("plan", "A comparison has three years", lambda: put("plan", CONCEPTIONS,
                                                         before_first="2010")),
    ("plan", "No severing break", lambda: put("plan", PRIMARY, before_first="2010")),
    ("plan", "The table holds the years", lambda: put("plan", PRIMARY, before_first="2007")),
    ("plan", "A pilot has one primary", lambda: put("plan", CONCEPTIONS, order="primary")),
    ("searches", "Every row says its", lambda: put("searches", 0, found="")),
    ("searches", "It has a day", lambda: put("searches", 0, date="yesterday")),
    ("searches", "It is about the network", lambda: put("searches", 0, about="weather")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "sentence", "rows"), BROKEN, ids=[f"{f}-{s[:32]}-{n}" for n, (f, s, _) in
                                               enumerate(BROKEN)],
)  # fmt: skip
def test_each_rule_is_broken_by_a_row_that_breaks_it(file, sentence, rows):
    kept, changed = promises.broken(file, promises.read(file)), promises.broken(file, rows())
    new = set(map(tuple, changed.to_numpy())) - set(map(tuple, kept.to_numpy()))
    assert any(rule.startswith(sentence) for _, rule, _ in new)


def test_every_rule_has_a_test_in_which_it_fails():
    tried = {(file, sentence) for file, sentence, _ in BROKEN}
    every = [(f, c.error) for f in promises.FILES for c in promises.PROMISED[f]().checks]
    missing = [
        (file, rule)
        for file, rule in every
        if not any(f == file and rule.startswith(s) for f, s in tried)
        and not rule.startswith("There is one row for each")
    ]
    assert missing == []


def test_the_check_raises_with_every_breach(monkeypatch):
    rows = put("pilots", YLC, body="", kind="co-op")
    monkeypatch.setattr(promises, "read", lambda name: rows)
    monkeypatch.setattr(promises, "FILES", ("pilots",))
    with pytest.raises(ContractBroken, match="What is structural has") as problem:
        promises.check()
    assert {"What is structural has a council, a date and a named body."} <= set(
        problem.value.breaches["rule"]
    )
