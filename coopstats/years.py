"""Financial years: the integer is the April in which one starts, the words are for print."""

from __future__ import annotations

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip


def financial_year(start: float) -> str:
    """2010 as it is printed: "2010-11"."""
    return f"{int(start)}-{(int(start) + 1) % 100:02d}"
