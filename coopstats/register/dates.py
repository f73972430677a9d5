"""When something happened, as far as anybody says: an interval of days, and how fine it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from coopstats.core.years import MONTHS

PRECISIONS = ("day", "month", "year", "unknown", "continues")


@dataclass(frozen=True)
class Span:
    """A moment that lies between two days; a day that nobody gives is None.

    `precision` is the finest grain that a source prints: day, month, year or unknown. An end
    that `continues` had not come when it was last looked at, which is `first`.
    """

    first: date | None
    last: date | None
    precision: str

    @property
    def known(self) -> bool:
        """Whether there is a date, if only a year."""
        return self.precision in ("day", "month", "year")

    def __str__(self) -> str:
        if self.precision == "continues":
            return f"still going {_on(self.first)}" if self.first else "still going"
        if self.first and self.last:
            return _between(self.first, self.last, self.precision)
        if self.first or self.last:
            return f"not before {day(self.first)}" if self.first else f"by {day(self.last)}"
        return "not known"


def span(first: str, last: str, precision: str) -> Span:
    """A span from three cells of the register."""
    return Span(_date(first), _date(last), precision)


def _date(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None


def day(when: date | None) -> str:
    """A day as printed: "1 May 2014"."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}" if when else "an unknown day"


def _on(when: date | None) -> str:
    return f"on {day(when)}"


def _between(first: date, last: date, precision: str) -> str:
    whole_year = (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
    if first == last:
        return day(first)
    if precision == "month":
        return f"{MONTHS[first.month - 1]} {first.year}"
    if precision == "year" and whole_year:
        return f"{first.year}"
    return f"between {day(first)} and {day(last)}"


def first_full_year(start: Span) -> int | None:
    """The first financial year that began when it was running; None where no start is known.

    A start in April, to the month, counts as its first day.
    """
    if not start.known or start.last is None:
        return None
    last = start.last.replace(day=1) if start.precision == "month" else start.last
    return last.year if (last.month, last.day) <= (4, 1) else last.year + 1


def last_full_year(end: Span) -> int | None:
    """The last financial year that ended when it was still running; None where it goes on."""
    if end.precision in ("continues", "unknown") or end.first is None:
        return None
    return end.first.year - 1 if (end.first.month, end.first.day) >= (3, 31) else end.first.year - 2


def year_of(when: date) -> int:
    """The financial year in which a day lies."""
    return when.year - ((when.month, when.day) < (4, 1))


def bounds(year: int) -> tuple[date, date]:
    """The first and the last day of a financial year."""
    return date(year, 4, 1), date(year + 1, 3, 31)
