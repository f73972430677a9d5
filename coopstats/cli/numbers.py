"""One number or several: get, and where a number is from: trace, cite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from coopstats.cli.options import command, format_option, one_year, where_option, years
from coopstats.cli.printing import put, read, say, show
from coopstats.cli.rows import Span, chosen_rows, one_each, refuse_twice

if TYPE_CHECKING:
    import pandas as pd

    from coopstats.datasets.trace import Trace
    from coopstats.measures.measure import Measure


@command()
@click.argument("table")
@click.option("--council", "-c", "names", multiple=True, help="Name or code; may be repeated.")
@click.option("--year", "-y", callback=one_year, help="One year: 2010 or 2010-11.")
@click.option("--years", callback=years, help="A span of years: 2010:2016.")
@click.option("--service", "-s", "services", multiple=True, help="A line or item; may be repeated.")
@where_option
@click.option("--real", callback=one_year, help="In the prices of this financial year.")
@click.option(
    "--index",
    type=click.Choice(["gdp", "cpih"]),
    default="gdp",
    show_default=True,
    help="The price index for --real.",
)
@click.option("--per-head", is_flag=True, help="Per person of the mid-year population.")
@click.option("--on", "on_year", callback=one_year, help="On the councils of this year, added up.")
@click.option("--two-tier", is_flag=True, help="A county and its districts as one area.")
@click.option("--leave-out", is_flag=True, help="Go on without places that stop a step; named.")
@format_option
def get(
    table: str,
    names: Sequence[str],
    year: int | None,
    years: Span | None,
    services: Sequence[str],
    others: Sequence[str],
    real: int | None,
    index: str,
    per_head: bool,
    on_year: int | None,
    two_tier: bool,
    leave_out: bool,
    layout: str,
) -> None:
    """Print rows of TABLE: as they were printed, or real and per head.

    \b
    coopstats get revenue_outturn --council E5017 --year 2010 --service cultural --format csv
    coopstats get revenue_outturn -c Lambeth -c Redbridge -s core --real 2019 --per-head
    """  # noqa: D301 (click reads \b)
    from coopstats.datasets.load import load

    wanted = chosen_rows(table, names, year, years, services, others, on_year is not None)
    if real is None and on_year is None and not (per_head or two_tier):
        rows = load(table, **wanted)
        _show_rows(table, rows, wanted, layout)
        for note in _in_doubt(rows["doubt"].dropna().tolist() if "doubt" in rows else [], table):
            say(f"note: {note}")
        return

    def steps(taken: Measure, codes: list[str] | None) -> Measure:
        taken = taken if on_year is None else _standing(taken, codes, on_year, leave_out)
        taken = taken.two_tier() if two_tier else taken
        taken = taken.where(council=codes) if codes else taken
        taken = taken if real is None else taken.real(real, index)
        return taken.per_head(leave_out=leave_out) if per_head else taken

    found = _measured(table, dict(wanted), steps, two_tier or on_year is not None)
    _show_rows(table, found, wanted, layout)


def _standing(taken: Measure, codes: list[str] | None, year: int, leave_out: bool) -> Measure:
    """Councils as they stand in a year; of those asked for alone, with all that became them.

    So no council that was divided elsewhere is in the way.
    """
    from coopstats.measures.successors import that_became

    if codes:
        here = set(taken.amounts["ecode"])
        kin = [c for c in that_became(codes, taken.members, year) if c in here]
        taken = taken.where(council=kin) if kin else taken
    return taken.on(year, leave_out=leave_out)


def _show_rows(table: str, rows: pd.DataFrame, wanted: dict[str, Any], layout: str) -> None:
    """The rows or, where there are none, which years there would be."""
    from coopstats.datasets.figures import year_as_printed
    from coopstats.datasets.load import load
    from coopstats.datasets.table import about

    said = about(table)
    own = {} if "unit" in rows else {said.get("value") or "": said.get("unit") or ""}
    show(rows if layout == "table" else _with_breaks(table, rows), layout, own)
    if not rows.empty:
        return
    held = load(table, **{k: v for k, v in wanted.items() if k != "year"})
    if held.empty or "year" not in held:
        say(f"{table} has no row that fits all of these words: leave one out.")
    else:
        ends = [year_as_printed(table, int(y)) for y in (held["year"].min(), held["year"].max())]
        say(f"{table} has rows for the other words from {ends[0]} to {ends[1]}: choose from these.")


def _with_breaks(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Printed rows with what changed in the meaning of each from the year before."""
    from coopstats.datasets.table import open_table
    from coopstats.register import breaks

    line = open_table(table).line_column if "year" in rows else ""
    if line not in rows or "break" in rows:
        return rows
    codes = rows["ecode"] if "ecode" in rows else [breaks.EVERY_COUNCIL] * len(rows)
    keys = zip(rows[line], rows["year"], codes, strict=True)
    said = [breaks.change_in(table, str(of), int(year), str(code)) for of, year, code in keys]
    return rows.assign(**{"break": said})


def _measured(
    table: str,
    wanted: dict[str, list],
    steps: Callable[[Measure, list[str] | None], Measure],
    regroup: bool,
) -> pd.DataFrame:
    """Rows of one or several services after the verbs, with the unit; the steps go to stderr."""
    import pandas as pd

    from coopstats.datasets.table import open_table
    from coopstats.measures.of_table import measure

    parts, services = [], wanted.pop(open_table(table).line_column, [None])
    codes = wanted.pop("ecode", None) if regroup else None
    for service in services:
        taken = steps(measure(table, service, **wanted), codes)
        parts.append(taken.table_rows)
        for step in (*taken.steps, *_doubted(taken)):
            say(f"note: {step}")
    return pd.concat(parts, ignore_index=True)


def _doubted(taken: Measure) -> list[str]:
    """How many of the figures behind a measure a rule finds odd, and why: left as printed."""
    here = {c for place in taken.frame["ecode"] for c in taken.members.get(place, (place,))}
    years = set(taken.years)
    odd = [doubt for (c, year), doubt in taken.doubts.items() if c in here and year in years]
    return _in_doubt(odd, taken.table)


def _in_doubt(odd: list[str], table: str) -> list[str]:
    """A note that counts figures in doubt and says what the rules found; none where none is."""
    from coopstats.datasets.doubt_words import rules_in_words

    if not odd:
        return []
    which = "one figure is" if len(odd) == 1 else f"{len(odd)} figures are"
    why = "; ".join(
        dict.fromkeys(each for doubt in odd for each in rules_in_words(doubt).split("; "))
    )
    return [f"{which} in doubt ({why}): coopstats check --doubts --table {table}."]


def _one_number(command: Callable) -> Callable:
    """The words that choose one number of a table."""
    for option in (
        where_option,
        click.option("--service", "-s", help="A line or item."),
        click.option("--year", "-y", callback=one_year, help="2010 or 2010-11."),
        click.option("--council", "-c", "name",
                     help="Name or code, or England in printed_totals."),
        click.argument("table"),
    ):  # fmt: skip
        command = option(command)
    return command


def _traced(
    table: str, name: str | None, year: int | None, service: str | None, others: Sequence[str]
) -> Trace:
    from coopstats.datasets.trace import trace as traced

    given = {"council": name, "year": year, "service": service}
    chosen: dict[str, Any] = {column: w for column, w in given.items() if w is not None}
    more = one_each(others)
    refuse_twice(more, chosen)
    return traced(table, **{**chosen, **more})


@command()
@_one_number
@format_option
def trace(layout: str, **words: Any) -> None:
    """From a number to the cell it was printed in, the publication and its licence.

    \b
    coopstats trace revenue_outturn --council Lambeth --year 2010 --service cultural
    """  # noqa: D301 (click reads \b)
    found = _traced(**words)
    if layout == "table":
        read(repr(found))
    else:
        show(found.frame, layout)


@command()
@_one_number
@click.option(
    "--format",
    "layout",
    type=click.Choice(["text", "csl"]),
    default="text",
    show_default=True,
    help="Text, or CSL-JSON for Zotero, Mendeley and pandoc.",
)
def cite(layout: str, **words: Any) -> None:
    """Cite a number: its definition, publication, cell, licence, and this version.

    \b
    coopstats cite revenue_outturn --council Lambeth --year 2014 --service cultural
    """  # noqa: D301 (click reads \b)
    found = _traced(**words).cite()
    read(repr(found)) if layout == "text" else put(found.json() + "\n")
