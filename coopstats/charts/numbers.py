"""Numbers as a reader sees them: one way of printing each kind, with a true minus sign."""

from __future__ import annotations

import math

from coopstats.core.years import MONTHS, financial_year

MINUS = "\N{MINUS SIGN}"
NO_FIGURE = "no figure"
NUMBERS = {
    "gbp": "pounds, shortened to £m or £bn",
    "gbp_per_head": "pounds for each resident",
    "per_cent": "a percentage, or a change in per cent",
    "count": "a whole number of things",
    "index": "a number whose base year is 100",
    "decimal": "a score or rate with decimals",
    "year": "a financial year by the April in which it starts: 2010 prints as 2010-11",
    "calendar": "a calendar year",
    "month": "a month: 2015.25 prints as April 2015",
}


def month(value: float) -> str:
    """2015.25 as it is printed: "April 2015"."""
    year, part = divmod(value + 1e-6, 1)
    return f"{MONTHS[int(part * 12)]} {int(year)}"


TIMES = {
    "year": lambda value: financial_year(int(value)),
    "calendar": lambda value: f"{int(value)}",
    "month": month,
}


def places_for(number: str, sizes: list[float]) -> int:
    """How many decimals numbers of these absolute sizes need, the same for all of a chart."""
    largest = max(sizes, default=0)
    if number == "decimal":
        return 1 if largest >= 10 else 2
    if number in ("per_cent", "index"):
        return 0 if largest >= 10 else 1
    return 2 if number == "gbp_per_head" and largest < 10 else 0


def write(value: float | None, number: str, places: int | None = None, plus: bool = False) -> str:
    """One number as printed; `plus` puts a + on gains where losses stand beside them."""
    if value is None or math.isnan(value):
        return NO_FIGURE
    if number in TIMES:
        return TIMES[number](value)
    size = _size(abs(value), number, places_for(number, [abs(value)]) if places is None else places)
    if not any(digit in size for digit in "123456789"):
        return size
    return (MINUS if value < 0 else "+" if plus else "") + size


def _size(size: float, number: str, places: int) -> str:
    if number == "gbp":
        return _short_pounds(size, places)
    if number == "gbp_per_head":
        return f"£{size:,.{places}f}"
    return f"{size:,.{places}f}" + ("%" if number == "per_cent" else "")


def _short_pounds(size: float, places: int) -> str:
    """Three figures or more: £540,000, £1.23m, £45.6m, £1.2bn; `places` adds to them."""
    for floor, ending in ((999_500_000, "bn"), (999_500, "m")):
        if size >= floor:
            short = size / (1e9 if ending == "bn" else 1e6)
            return f"£{short:,.{_decimals(short) + places}f}{ending}"
    return f"£{size:,.0f}"


def _decimals(short: float) -> int:
    return 2 if short < 9.995 else 1 if short < 99.95 else 0
