"""What articles.csv, claims.csv and claim_spans.csv promise."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from coopstats.clean.contracts.contract import contract
from coopstats.findings.verdicts.scale import COMPUTED, NOT_TESTABLE
from coopstats.register.articles import BETWEEN
from coopstats.register.councils import bodies
from coopstats.register.reader import parts, rows_of
from coopstats.reproduce.promises.rules import (
    each,
    filled,
    one_of,
    ordered,
    tables_exist,
    whole,
    words,
)

if TYPE_CHECKING:
    import pandera.pandas as pa

CLAIMED = [f"Q{n}" for n in range(1, 27)]


def promised_articles() -> pa.DataFrameSchema:
    """articles.csv."""
    return contract(
        "articles", "Articles", "One row an article.",
        words("article title publisher first_day last_day date_evidence sha256"),
        key=["article"],
        rules=[
            filled("article", "title", "publisher", "date_evidence"),
            each("Its days are days, in their order.",
                  lambda r: bool(r["first_day"]) and ordered(r, "first_day", "last_day")),
            each("A sha256 is 64 characters of 0-9 and a-f.",
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
        words("claim article quote councils asserts tables comparison verdict missing note"),
        key=["claim"],
        rules=[
            filled("claim", "quote", "asserts", "comparison"), one_of("verdict", DECIDED),
            each("What is not testable, and that alone, says what is missing and who holds it.",
                  lambda r: bool(r["missing"]) == (r["verdict"] == NOT_TESTABLE)),
            each("Its article is one of articles.csv.", _an_article),
            each("Every council is an E-code of councils.csv.",
                  lambda r: all(e in bodies() for e in parts(r["councils"]))),
            tables_exist("tables"),
            each("Its quote is its stretches of claim_spans.csv, joined by an ellipsis.",
                  lambda r: r["quote"] == BETWEEN.join(_stretches().get(r["claim"], []))),
            whole("Q1 to Q26 are all there, in their order.",
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
        words("claim span article start end text"),
        key=["claim", "span"],
        rules=[
            each("Its article is one of articles.csv.", _an_article),
            each("It is of a claim of claims.csv.",
                  lambda r: any(r["claim"] == c["claim"] for c in rows_of("claims"))),
            each("From its start to its end are as many characters as its text has.",
                  _long_enough),
        ],
    )  # fmt: skip
