"""The small phrases of comparisons: a council's name, an amount, a line."""

from __future__ import annotations

import numpy as np

from coopstats.register.councils import bodies

NOTHING = 1e-9  # a level that is nothing: no per cent of it


def name_of(code: str) -> str:
    """A council's name, or the code itself where it is no council."""
    return bodies()[code].name if code in bodies() else code


def amount(value: float, unit: str) -> str:
    """A number in its unit: "£12.40", "3.1"."""
    if not np.isfinite(value):
        return "no bound"
    sign = "−" if value < 0 else ""
    if unit.startswith("pounds"):
        places = 0 if abs(value) >= 1000 else 2
        return f"{sign}£{abs(value):,.{places}f}"
    size = abs(value)
    return f"{sign}{size:,.{0 if size >= 100 else 1 if size >= 10 else 2}f}"


def of_level(value: float, level: float, places: int = 1) -> str:
    """A value as a share of a level: "3.1% of its level"; nothing where the level is nought."""
    if not (np.isfinite(value) and abs(level) > NOTHING):
        return ""
    return f"{abs(100 * value / level):.{places}f}% of its level"


def number_style(unit: str) -> str:
    """How a chart prints a number in this unit: a name of coopstats.charts.numbers.NUMBERS."""
    return "gbp_per_head" if unit.startswith("pounds") else "decimal"


def title(line: str) -> str:
    """A line in words: "cultural (revenue_outturn)"."""
    table, _, service = line.partition(":")
    return f"{service.replace('_', ' ')} ({table})" if service else table
