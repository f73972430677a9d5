"""Who says so: every row of pilots and members with its citation, its quote and its grade."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from coopstats.register.reader import rows_of

GRADES = {
    "public record": "minutes, accounts, Parliament, statistics, a published study",
    "press": "a newspaper, magazine, broadcaster or local site that is no party to it",
    "own account": "somebody who is a party to it: the council, the body, the network, an article",
    "general knowledge, unverified": "nobody opened a page: a date not to lean on",
}
UNVERIFIED = "general knowledge, unverified"
STATUSES = {
    "taken": "the register follows it",
    "set aside": "it says otherwise; the reason says why the register does not follow it",
    "context": "it says more, about something else",
}


@dataclass(frozen=True)
class Evidence:
    """One sentence of one source, on one thing that a row of the register says."""

    of: str
    subject: str
    about: str
    citation: str
    address: str
    date_read: str
    quote: str
    grade: str
    status: str
    reason: str

    def __str__(self) -> str:
        said = f"“{self.quote}” " if self.quote else ""
        mark = "SET ASIDE " if self.status == "set aside" else ""
        why = f" ({self.reason})" if self.reason else ""
        where = f" {self.address}" if self.address else ""
        return f"{mark}{said}{self.citation}, {self.grade}{why}.{where}"


@cache
def every() -> tuple[Evidence, ...]:
    """All evidence, in the file's order."""
    return tuple(Evidence(**row) for row in rows_of("evidence"))


def evidence(of: str, subject: str) -> tuple[Evidence, ...]:
    """The evidence of one pilot or one member."""
    return tuple(e for e in every() if e.of == of and e.subject == subject)


def best_grade(found: tuple[Evidence, ...]) -> str:
    """The strongest kind of evidence that the register follows; "none" without any."""
    grades = [e.grade for e in found if e.status == "taken"] or [e.grade for e in found]
    return min(grades, key=list(GRADES).index, default="none")
