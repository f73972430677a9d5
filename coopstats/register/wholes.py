"""Areas that contain councils: countries, regions, Inner London, combined areas, totals."""

from __future__ import annotations

import re
from functools import cache

from coopstats.register.councils import CLASSES, bodies, fold

# ONS codes of areas without a council: England, its regions, Inner and Outer London, combined
# authorities, metropolitan counties.
AREAS = ("E92", "E12", "E13", "E47", "E11")
# Wales, Scotland, Northern Ireland, Great Britain and what contains them.
ABROAD = ("W", "S", "N", "K")

_CODE = re.compile(rf"(?:{'|'.join(AREAS)})[0-9]{{6}}|[{''.join(ABROAD)}][0-9]{{8}}")
_WORDS = (
    "england", "all england", "wales", "england and wales", "scotland", "northern ireland",
    "great britain", "united kingdom", "uk", "inner london", "outer london", "greater london",
    "national", "total", "totals", "all", "all authorities", "all local authorities", "unknown",
    "east", "yorkshire and humber", "yorkshire and humberside", "greater manchester",
    "merseyside", "south yorkshire", "tyne and wear", "west midlands", "west yorkshire",
)  # fmt: skip


def is_whole(word: str) -> bool:
    """Is it the name or code of an area of several councils, or of a country, and of no council?"""
    name = fold(word)
    return (
        _CODE.fullmatch(word.strip().upper()) is not None
        or name in _names()
        or name.startswith(("total ", "all "))
        or name.endswith(" total")
    )


@cache
def _names() -> frozenset[str]:
    regions = {fold(body.region) for body in bodies().values() if body.region}
    kinds = {fold(name) for kind in CLASSES.values() for name in (kind + "s", kind[:-1] + "ies")}
    return frozenset({*_WORDS, *regions, *kinds, *(f"{region} region" for region in regions)})
