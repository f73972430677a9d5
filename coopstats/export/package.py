"""datapackage.json: what every file of an archive is, after the Data Package standard, version 2.

The fields of a table come from its contract, by way of what the built table says of itself.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from coopstats.core import files
from coopstats.core.flags import FLAGS, NO_FIGURE
from coopstats.datasets import release
from coopstats.datasets.table import about, open_table
from coopstats.register import breaks

PROFILE = "https://datapackage.org/profiles/2.0/"
LICENCES = {
    "OGL-UK-3.0": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "ODC-By-1.0": "https://opendatacommons.org/licenses/by/1-0/",
    "ODC-PDDL": "https://opendatacommons.org/licenses/pddl/1-0/",
    "MIT": "https://opensource.org/license/mit",
}
KINDS = {
    "parquet": ("parquet", "application/vnd.apache.parquet"),
    "csv": ("csv", "text/csv"),
    "stata": ("dta", "application/x-stata-dta"),
}
OFFICE = "application/vnd.openxmlformats-officedocument"
WHOLE = {
    "coopstats.xlsx": ("workbook", f"{OFFICE}.spreadsheetml.sheet"),
    "coopstats.sqlite": ("sqlite", "application/vnd.sqlite3"),
}
TYPES = {"int16": "integer", "int64": "integer", "double": "number"}


def describe(folder: Path, tables: list[str]) -> None:
    """Write datapackage.json, the breaks, and each table's schema, for what is in the folder."""
    files.replace(folder / "breaks.csv", _breaks(tables).encode())
    for table in tables:
        _write(folder / "schemas" / f"{table}.json", schema(table))
    _write(folder / "datapackage.json", descriptor(folder, tables))


def _breaks(tables: list[str]) -> str:
    """Where the lines of these tables change their meaning, as CSV."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["table", *breaks.FIELDS])
    out.writerows([table, *row] for table in tables for row in breaks.rows_of_breaks(table))
    return text.getvalue()


def _write(path: Path, content: dict[str, Any]) -> None:
    files.replace(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def descriptor(folder: Path, tables: list[str]) -> dict[str, Any]:
    """The archive as a Data Package: one resource a file, each with its sources and licences."""
    return {
        "$schema": f"{PROFILE}datapackage.json",
        "name": "coopstats",
        "title": release.TITLE,
        "version": f"{release.version()}+{release.digest(tables)}",
        "description": "English councils' spending, services, outcomes and co-operatives; every "
        "figure with the publication, sheet and cell that it was printed in.",
        "citation": release.citation(tables),
        "contributors": [{"title": release.AUTHORS, "roles": ["compiler"]}],
        "licenses": _licences(*tables),
        "resources": [*_of_tables(folder, tables), *_of_all(folder, tables)],
    }


def _of_tables(folder: Path, tables: list[str]) -> Iterator[dict[str, Any]]:
    """The files that hold one table each; CSV bears the table's own name."""
    for kind, (ending, media) in KINDS.items():
        for table in tables:
            for path in (folder / kind).glob(f"{table}.{ending}*"):
                name = table if kind == "csv" else f"{table}-{kind}"
                yield _resource(folder, path, name, ending, media) | _entry(table, kind)


def _entry(table: str, kind: str) -> dict[str, Any]:
    said = about(table)
    told = {
        "title": said["title"],
        "description": said["description"],
        "schema": f"schemas/{table}.json",
        "sources": [_source(source) for source in said["sources"].values()],
        "licenses": _licences(table),
    }
    return told if kind == "stata" else {"type": "table", **told}


def _of_all(folder: Path, tables: list[str]) -> Iterator[dict[str, Any]]:
    """The files that hold all tables."""
    for file, (name, media) in WHOLE.items():
        path = folder / file
        if path.exists():
            told = {
                "title": f"All tables: {name}",
                "tables": tables,
                "licenses": _licences(*tables),
            }
            yield _resource(folder, path, name, path.suffix.lstrip("."), media) | told


def _resource(folder: Path, path: Path, name: str, ending: str, media: str) -> dict[str, Any]:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {
        "name": name,
        "path": path.relative_to(folder).as_posix(),
        "format": ending,
        "mediatype": media,
        **({"encoding": "utf-8"} if ending == "csv" else {}),
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest}",
    }


def _source(source: dict[str, str]) -> dict[str, str]:
    told = {
        "title": source["citation"],
        "path": source["address"] or source["page"],
        "version": source["vintage"],
    }
    return {name: words for name, words in told.items() if words}


def _licences(*tables: str) -> list[dict[str, str]]:
    """The licences of tables: their own where there is one, and those of their sources."""
    named = []
    for said in map(about, tables):
        named += [said.get("licence", ""), *(s["licence"] for s in said["sources"].values())]
    each = dict.fromkeys(word for words in named for word in words.split(" / ") if word)
    return [{"name": word, "path": LICENCES[word]} for word in each]


def schema(table: str) -> dict[str, Any]:
    """The table's fields: name, type, unit, meaning, and what each flag means."""
    said = about(table)
    return {
        "$schema": f"{PROFILE}tableschema.json",
        "fields": [_field(said, name, kind) for name, kind in open_table(table).schema.items()],
        "missingValues": [""],
        "primaryKey": said["key"],
        **({"mainBasis": said["main_basis"]} if said.get("main_basis") else {}),
        "breaks": [
            dict(zip(breaks.FIELDS, row, strict=True)) for row in breaks.rows_of_breaks(table)
        ],
    }


def _field(said: dict[str, Any], name: str, kind: str) -> dict[str, Any]:
    told = {
        "name": name,
        "type": TYPES.get(kind, "string"),
        "description": said["columns"][name],
    }
    if name == said.get("value") and said.get("unit"):
        told["unit"] = said["unit"]
    if name == "flag":
        told["categories"] = [{"value": flag, "label": said} for flag, said in FLAGS.items()]
        told["noFigure"] = list(NO_FIGURE)
    if name in said["key"]:
        told["constraints"] = {"required": True}
    return told
