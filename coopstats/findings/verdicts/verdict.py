"""A claim's verdict, computed by its rule or decided in the register."""

from __future__ import annotations

import re
from dataclasses import dataclass

from coopstats.charts.numbers import MINUS
from coopstats.core.doors import refuse_unknown
from coopstats.datasets.kept import kept
from coopstats.findings.verdicts.rules import BY_CLAIM, SURE, Rule
from coopstats.findings.verdicts.scale import COMPUTED
from coopstats.register.reader import rows_of

LESS = re.compile(r"(?<!\w)-(?=\d)")


@dataclass(frozen=True)
class Verdict:
    """The word, the rule that gave it, the evidence, how sure and why, what would change it."""

    claim: str
    word: str
    rule: str
    evidence: str
    confidence: str
    change: str

    def facts(self) -> list[tuple[str, str]]:
        """Its part of the claim's page."""
        named = [
            ("evidence", self.evidence),
            ("rule", self.rule),
            ("confidence", self.confidence),
            ("what would change it", self.change),
        ]
        return [(what, words) for what, words in named if words]


@kept
def verdict(name: str) -> Verdict:
    """The verdict on one claim. Raises UnknownName with the nearest."""
    decided = {row["claim"]: row for row in rows_of("claims")}
    refuse_unknown([name], decided, "claim")
    if decided[name]["verdict"] == COMPUTED:
        return _computed(BY_CLAIM[name])
    return _decided(decided[name])


def _computed(rule: Rule) -> Verdict:
    found = rule.gather()
    return Verdict(
        rule.claim, rule.decide(found), rule.says, LESS.sub(MINUS, rule.tell(found)),
        _how_sure(rule.rests), rule.change,
    )  # fmt: skip


def _decided(row: dict[str, str]) -> Verdict:
    """What no number decides: an opinion, or what nobody published in a form that is held."""
    return Verdict(
        row["claim"], row["verdict"], "A decision of the register (claims.csv).", row["note"],
        _how_sure(row["verdict"]), row["missing"],
    )  # fmt: skip


def _how_sure(rests: str) -> str:
    level, why = SURE[rests]
    return f"{level}: {why}"


def verdicts() -> tuple[Verdict, ...]:
    """The verdict on every claim, in their order."""
    return tuple(verdict(row["claim"]) for row in rows_of("claims"))
