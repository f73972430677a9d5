"""What arrived: is it of the kind that its reader can open, or something else under its name?"""

from __future__ import annotations

import io
import json
from pathlib import Path

from coopstats.core.sources import Source

HTML = (b"<!doctype html", b"<html", b"<head")
OTHERS = {b"%pdf": "a PDF", b"pk\x03\x04": "a zip", b"\x1f\x8b": "a gzip"}  # under a text's name
STATA = (b"<stata_dta>", b"r", b"s", b"u", b"q")  # the letters are versions 114, 115, 117, 113


def problem_with(source: Source, part: Path) -> str:
    """Why a file is not what its publication should be; nothing where nothing is wrong."""
    content = part.read_bytes()
    start = content[:512].lstrip().lower()
    if not content:
        return "is empty"
    if start.startswith(HTML):
        return "is a web page, not a file"
    check = {
        "workbook": _workbook, "stata": _stata, "parquet": _parquet, "hexjson": _hexjson,
    }.get(source.reader, _text)  # fmt: skip
    return check(content)


def _workbook(content: bytes) -> str:
    import python_calamine

    try:
        python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).close()
    except (python_calamine.CalamineError, OSError, ValueError) as problem:
        return f"is not a whole workbook ({problem})"
    return ""


def _stata(content: bytes) -> str:
    return "" if content.startswith(STATA) else "is no Stata file"


def _parquet(content: bytes) -> str:
    whole = content.startswith(b"PAR1") and content.endswith(b"PAR1")
    return "" if whole else "is not a whole Parquet file"


def _hexjson(content: bytes) -> str:
    try:
        return "" if "hexes" in json.loads(content) else "is not hexJSON"
    except (ValueError, TypeError):
        return "is not JSON"


def _text(content: bytes) -> str:
    other = next(
        (kind for mark, kind in OTHERS.items() if content[:4].lower().startswith(mark)), ""
    )
    return f"is {other}, not a table in text" if other else "is no text" if b"\0" in content else ""
