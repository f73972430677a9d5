"""Which rows of a table are of a place: a council of the register, or a whole that is printed."""

from __future__ import annotations

from typing import Any

from coopstats.core.errors import UnknownName
from coopstats.datasets.table import about
from coopstats.register.councils import Span, bodies_in


def words_of_place(
    table: str, council: str | None, year: int | Span | None, *, ever: bool = False
) -> tuple[str, dict[str, Any]]:
    """A place's name, and the words that choose its rows; of several years, the body of each.

    `ever` is as for `council`.
    """
    columns = about(table)["columns"]
    if council is None:
        return "", {}
    if "whole" in columns:
        return council, {"whole": council}
    if "ecode" not in columns:
        raise UnknownName(f"{table} is not by council: leave the council out.")
    bodies = bodies_in(council, year, ever=ever)
    codes = [body.ecode for body in bodies]
    return bodies[0].name, {"ecode": codes if isinstance(year, tuple) else codes[0]}
