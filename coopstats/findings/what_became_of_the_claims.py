"""What became of the claims? A verdict on every sentence of the five articles that can be checked.

Each verdict is computed by a written rule from the results of the other questions, or it is a
decision of the register where no number decides (see coopstats.findings.verdicts).
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from coopstats import charts
from coopstats.core.display import FullRows, Sentences
from coopstats.core.phrases import listed, number_of
from coopstats.findings import verdicts as judged  # which rests on the other answers
from coopstats.findings.claims import claim, claims
from coopstats.findings.verdicts.scale import NOT_TESTABLE, VERDICTS

WHAT_HELD = ("supported", "contradicted", "overstated", "neither supported nor contradicted")


def counted() -> pd.Series:
    """How many claims have each verdict, in the order of VERDICTS."""
    words = pd.Series([v.word for v in judged.verdicts()])
    return words.value_counts().reindex([word for word in VERDICTS if (words == word).any()])


def every() -> FullRows:
    """Every claim with its quote, its verdict and how sure it is."""
    rows = [
        {"claim": v.claim, "quote": claim(v.claim).quote, "verdict": v.word,
         "confidence": v.confidence.split(":")[0], "evidence": v.evidence}
        for v in judged.verdicts()
    ]  # fmt: skip
    return FullRows(pd.DataFrame(rows))


def rules() -> FullRows:
    """The rule of each computed verdict, and what it rests on."""
    rows = [{"claim": rule.claim, "rule": rule.says, "rests on": judged.SURE[rule.rests][1]}
            for rule in judged.RULES]  # fmt: skip
    return FullRows(pd.DataFrame(rows))


def missing() -> FullRows:
    """Claims that nothing held bears on: what is missing, and who holds it."""
    rows = [{"claim": c.claim, "quote": c.quote, "missing": c.missing}
            for c in claims() if c.missing]  # fmt: skip
    return FullRows(pd.DataFrame(rows))


def chart() -> charts.Chart:
    """How many claims have each verdict."""
    rows = counted().rename_axis("verdict").rename("value").reset_index()
    held = int(rows.loc[rows["verdict"].isin(WHAT_HELD), "value"].sum())
    return charts.bar(
        rows,
        series="verdict",
        slug="verdicts-on-claims",
        title=f"What is held bears on {held} of {rows['value'].sum()} claims and supports "
        f"{int(counted().get('supported', 0))}",
        subtitle="Claims of the five articles of 2010 and 2011, by verdict",
        unit="claims",
        number="count",
        sources="coopstats register: claims.csv, and the results of its questions",
        notes="Each verdict follows a written rule. Claims do not weigh the same.",
    )


CHARTS: tuple[Callable[[], charts.Chart], ...] = (chart,)


def answer() -> Sentences:
    """The answer in three sentences."""
    found = judged.verdicts()
    of = {word: [v.claim for v in found if v.word == word] for word in VERDICTS}
    beside = [rule.claim for rule in judged.RULES if rule.rests == "compared"]
    decided = [claim_ for claim_ in beside if claim_ not in of[WHAT_HELD[-1]]]
    high = [v.claim for v in found if v.claim in of["supported"] and v.confidence[:4] == "high"]
    return Sentences(
        [
            f"Of {number_of(len(found), 'claim')} what is held supports {_named(of['supported'])}, "
            f"contradicts {_named(of['contradicted'])}, finds {_named(of['overstated'])} "
            f"overstated and decides {len(of[WHAT_HELD[-1]])} neither way; "
            f"{len(of[NOT_TESTABLE])} it cannot test, and "
            f"{number_of(len(of['opinion']), 'is', 'are')} opinion.",
            f"Of those supported {_named(high)} rest{'s' * (len(high) == 1)} on printed figures or "
            "counts alone; the words of the others had to be given a definition first.",
            f"{number_of(len(beside), 'claim')} could be set beside councils alike "
            f"({listed(beside)}), and that decides {_named(decided)} of them.",
        ]
    )


def _named(names: list[str]) -> str:
    return f"{len(names)} ({listed(names)})" if names else "none"


def headlines() -> dict[str, float]:
    """How many claims have each verdict."""
    return {word: float(count) for word, count in counted().items()}
