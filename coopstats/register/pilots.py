"""Pilots: what was begun where, from when to when, and who says so.

A pilot is a programme with a council. Its level says how far it went: announced, adopted (the
council decided), membership (of the network), structural (a named body took over a named service
on a date). Only what is structural is called treated; see METHOD.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pandas as pd

from coopstats.core.display import FactSheet, FactSheets, Listing
from coopstats.core.doors import door, maybe, one_of, word
from coopstats.core.errors import UnknownName, did_you_mean
from coopstats.core.years import financial_year, years_span
from coopstats.register.councils import EVER, bodies_in
from coopstats.register.dates import Span, first_full_year, last_full_year, span
from coopstats.register.evidence import Evidence, best_grade, evidence
from coopstats.register.reader import parts, rows_of

KINDS = ("mutual", "community commissioning", "council-owned company", "stock transfer",
         "community-hosted", "trust school", "commission", "policy")  # fmt: skip
LEVELS = {
    "announced": "named by somebody; no decision and no start was found",
    "adopted": "the council decided it",
    "membership": "the council joined the network",
    "structural": "a named body took over a named service on a date",
}
SCOPES = ("council", "network", "national", "general")
TESTABLE = {
    "comparison": "can be set beside councils like it",
    "description": "can be told, not compared",
    "no": "cannot be tested with what is held",
}
MOST_YEARS = 5


@dataclass(frozen=True, repr=False)
class Pilot(FactSheet):
    """One programme. Years are financial years by their April.

    `spending` and `outcomes` are what it should move, `placebo_spending` and `placebo_outcomes`
    what it should not: tables, with the service after a colon.
    """

    slug: str
    named_as: str
    name: str
    scope: str
    ecode: str
    council: str
    service: str
    kind: str
    level: str
    body: str
    start: Span
    end: Span
    came_to: str
    spending: tuple[str, ...]
    outcomes: tuple[str, ...]
    placebo_spending: tuple[str, ...]
    placebo_outcomes: tuple[str, ...]
    testable: str
    why: str
    confounders: str
    note: str

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Every sentence the register has on it, those set aside too."""
        return evidence("pilot", self.slug)

    @property
    def grade(self) -> str:
        """The strongest kind of evidence it rests on."""
        return best_grade(self.evidence)

    @property
    def first_full_year(self) -> int | None:
        """The first financial year that began when it was running."""
        return first_full_year(self.start)

    @property
    def years(self) -> range:
        """The first five full years, fewer where it ended before; empty without a start."""
        first, last = self.first_full_year, last_full_year(self.end)
        if first is None:
            return range(0)
        after = first + MOST_YEARS
        return range(first, after if last is None else min(after, last + 1))

    @property
    def exclusions(self) -> pd.DataFrame:
        """Councils that a comparison should leave out, each with its reason and citation."""
        columns = ["council", "relation", "reason", "citation", "address", "quote"]
        found = [row for row in rows_of("exclusions") if row["pilot"] == self.slug]
        return pd.DataFrame(found, columns=["pilot", "ecode", *columns])[columns]

    def row(self) -> dict[str, object]:
        """What a table says of it."""
        return {
            "pilot": self.slug, "named_as": self.named_as, "name": self.name, "scope": self.scope,
            "council": self.council, "service": self.service, "kind": self.kind,
            "level": self.level, "body": self.body, "start": str(self.start),
            "end": str(self.end),
            "first_full_year": financial_year(self.years[0]) if self.years else "",
            "testable": self.testable, "grade": self.grade, "came_to": self.came_to,
        }  # fmt: skip

    def facts(self) -> list[tuple[str, str]]:
        """Its page, in reading order."""
        place = f"{self.council} ({self.ecode})" if self.ecode else self.scope
        moves = "; ".join([*self.spending, *self.outcomes])
        not_moves = "; ".join([*self.placebo_spending, *self.placebo_outcomes])
        left_out = "; ".join(
            f"{r.council} ({r.relation}: {r.reason})" for r in self.exclusions.itertuples()
        )
        facts = [
            ("where", place), ("named in the articles as", self.named_as),
            ("service", self.service), ("kind", self.kind),
            ("level", f"{self.level}: {LEVELS[self.level]}"), ("body", self.body),
            ("start", str(self.start)), ("end", str(self.end)),
            ("full years", years_span(self.years)), ("what came of it", self.came_to),
            ("should move", moves), ("should not move", not_moves),
            ("left out beside it", left_out),
            ("can it be tested", f"{self.testable}: {self.why}"),
            ("what confounds it", self.confounders), ("note", self.note),
        ]  # fmt: skip
        return [(what, words) for what, words in facts if words] + self._evidence_facts()

    def _evidence_facts(self) -> list[tuple[str, str]]:
        return [(f"on {e.about}" if e.about != "named" else "named", str(e)) for e in self.evidence]

    def __repr__(self) -> str:
        return f"<Pilot {self.slug}: {self.name}, {self.council or self.scope}, {self.level}>"

    @property
    def heading(self) -> str:
        """Its name."""
        return self.name


class Pilots(Listing):
    """Pilots, one a row; an element prints its page."""

    __slots__ = ()
    shown = ("pilot", "council", "kind", "level", "start", "end", "testable", "grade")

    def pages(self) -> FactSheets:
        """A page of each."""
        return FactSheets(self)


@cache
def _every() -> tuple[Pilot, ...]:
    return tuple(
        Pilot(
            row["pilot"], row["named_as"], row["name"], row["scope"], row["ecode"],
            row["council"], row["service"], row["kind"], row["level"], row["body"],
            span(row["start_from"], row["start_to"], row["start_precision"]),
            span(row["end_from"], row["end_to"], row["end_precision"]),
            row["came_to"], tuple(parts(row["moves_spending"])),
            tuple(parts(row["moves_outcomes"])), tuple(parts(row["placebo_spending"])),
            tuple(parts(row["placebo_outcomes"])), row["testable"], row["why"],
            row["confounders"], row["note"],
        )
        for row in rows_of("pilots")
    )  # fmt: skip


@door(council=maybe(word), level=maybe(one_of(LEVELS)), kind=maybe(one_of(KINDS)))
def pilots(
    council: str | None = None, *, level: str | None = None, kind: str | None = None
) -> Pilots:
    """The pilots of the register, of one council, level or kind where given.

    Raises UnknownCouncil or UnknownName with the nearest.
    """
    codes = None if council is None else {body.ecode for body in bodies_in(council, EVER)}
    return Pilots(
        p
        for p in _every()
        if (codes is None or p.ecode in codes)
        and (level is None or p.level == level)
        and (kind is None or p.kind == kind)
    )


@door(query=word)
def pilot(query: str) -> Pilot:
    """One pilot by its slug, or by its number in the articles where one only has it.

    Raises UnknownName with the nearest.
    """
    by_slug = {p.slug: p for p in _every()}
    numbered = [p for p in _every() if p.named_as == query.upper()]
    if query in by_slug or len(numbered) == 1:
        return by_slug.get(query) or numbered[0]
    if numbered:
        raise UnknownName(
            f"{query} names {len(numbered)} pilots: {', '.join(p.slug for p in numbered)}."
        )
    raise UnknownName(
        f"There is no pilot {query!r}.{did_you_mean(query, by_slug)} `coopstats pilots` lists them."
    )


def plan() -> pd.DataFrame:
    """What will be compared, and how: committed before any result was seen (plan.csv)."""
    return pd.DataFrame(rows_of("plan"))
