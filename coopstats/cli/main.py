"""The command line: `coopstats --help`. Rows go to stdout, everything else to stderr."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coopstats.cli.options import PARTS, Command, cleaned, one_year, years
from coopstats.core.errors import (
    CoopstatsError,
    NotComparable,
    UnknownName,
    Verb,
    advice,
    can,
    did_you_mean,
)
from coopstats.core.printable import plain

if TYPE_CHECKING:
    import pandas as pd

    from coopstats.core.sources import Source
    from coopstats.datasets.trace import Trace
    from coopstats.measures.measure import Measure


# What can be done about an error, in options; each is said where the command has that option.
IN_OPTIONS = {
    Verb.TWO_TIER: "take --two-tier, which keeps such areas whole",
    Verb.ON: "take --on {}, which joins what was divided or merged",
    Verb.LEAVE_OUT: "add --leave-out to go on without them",
    Verb.LATER: "take a later year for --on",
    Verb.WHERE: "choose other councils with --council",
    Verb.ONLY: "choose them with --where {}=…, once for each",
    Verb.BETWEEN: "choose years with --years {}:{}",
    Verb.YEARS: "choose other years with --years",
    Verb.REAL: "take a year from {} to {} for --real",
    Verb.INDEX: "take another --index",
    Verb.WINDOW: "choose other years with --before and --after",
    Verb.LINE: "name the line with --table and --service",
    Verb.DOUBTFUL: "add --doubtful to go on with it",
}
# What no option can do: said of every command.
IN_COMMANDS = {
    Verb.LOAD: "read its rows with `coopstats get {}`",
    Verb.COUNCILS: "look a name up with `coopstats councils {}`",
}
Span = tuple[int | None, int | None]


def _told(problem: CoopstatsError, command: click.Command | None) -> str:
    """What went wrong, and what can be done about it with the options of this command."""
    known = {option for one in command.params for option in one.opts} if command else set()
    here = {verb: words for verb, words in IN_OPTIONS.items() if _option_of(words) in known}
    return problem.what + advice(problem.could, here | IN_COMMANDS)


def _option_of(words: str) -> str:
    """The first option that a phrase names."""
    return next(word.rstrip(",") for word in words.split() if word.startswith("--"))


class Commands(click.Group):
    """A group that names the command a mistyped word was near to, and shows no traceback."""

    command_class = Command

    def make_context(self, *given: Any, **named: Any) -> click.Context:
        """As click does; a mistake is said so that no terminal obeys what it quotes."""
        try:
            return super().make_context(*given, **named)
        except click.ClickException as problem:
            raise cleaned(problem) from problem

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """The command, or one sentence that names the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as unknown:
            names = self.list_commands(ctx)
            raise click.UsageError(
                f"There is no command {args[0]!r}.{did_you_mean(args[0], names)} "
                f"Commands: {', '.join(names)}.",
                ctx,
            ) from unknown

    def invoke(self, ctx: click.Context) -> Any:
        """Run; an error that a person can mend is one message and exit code 1."""
        try:
            return super().invoke(ctx)
        except click.ClickException as problem:
            raise cleaned(problem) from problem
        except CoopstatsError as problem:
            command = self.get_command(ctx, ctx.invoked_subcommand or "")
            say(f"coopstats: {_told(problem, command)}")
            ctx.exit(1)
        except OSError as problem:
            if problem.errno == errno.EPIPE:  # the reader went away: click ends in silence
                raise
            said = f"{problem.filename or 'the system'}: {problem.strerror or problem}"
            say(f"coopstats: {said}. Check that it is there and may be used.")
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="coopstats")
def main() -> None:
    """How deep were the cuts in English councils, and what happened where co-operative ways ran.

    Start with `coopstats get revenue_outturn --council Lambeth --service core --real 2019`, and
    `coopstats trace` for the cell that a number was printed in.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # what it has no letter for is spelt out
            stream.reconfigure(errors="backslashreplace")


# ── choosing rows ────────────────────────────────────────────────────────────────────────────────


def workers_option(default: int) -> Callable:
    """--workers, the same for every command that spreads its work."""
    return click.option(
        "--workers",
        type=click.IntRange(min=1),
        default=default,
        show_default=True,
        help="Processes at work.",
    )


where_option = click.option(
    "--where",
    "others",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="Any other column, e.g. basis=net_total_cost or date='31 March'.",
)

format_option = click.option(
    "--format",
    "layout",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How rows are printed.",
)


def show(rows: pd.DataFrame, layout: str, units: dict[str, str] | None = None) -> None:
    """Print rows to stdout as a table for people, or as they are in CSV or JSON.

    `units` says what a column is in where neither its name nor a column `unit` does.
    """
    from coopstats.core import terminal
    from coopstats.core.cells import safe_words

    if layout == "csv":
        _put(safe_words(rows).to_csv(index=False, lineterminator="\n"))
    elif layout == "json":
        _put(rows.to_json(orient="records", force_ascii=False, indent=1) + "\n")
    else:
        _page(terminal.table(rows, units))


def _put(text: str) -> None:
    """Print what is for programs, as it is."""
    click.echo(text, nl=False)


def _page(text: str) -> None:
    """Print what is for people; more than a screen of it a screen at a time, on a terminal."""
    from coopstats.core import terminal

    safe = plain(text)
    if sys.stdout.isatty() and terminal.is_long(safe):
        click.echo_via_pager(safe)
    else:
        click.echo(safe, nl=False)


def _read(text: str) -> None:
    """Print words for people: lines within the width of the terminal."""
    from coopstats.core import terminal

    _page(terminal.wrapped(text) + "\n")


def say(message: str) -> None:
    """A word to the person, on stderr; a log gets it on one line, a terminal unbroken words."""
    from coopstats.core import terminal

    safe = plain(message)
    click.echo(terminal.wrapped(safe) if sys.stderr.isatty() else safe, err=True)


@main.command()
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

    wanted = _wanted(table, names, year, years, services, others, on_year is not None)
    if real is None and on_year is None and not (per_head or two_tier):
        rows = load(table, **wanted)
        _show_rows(table, rows, wanted, layout)
        for note in _in_doubt(rows["doubt"].dropna().tolist() if "doubt" in rows else [], table):
            say(f"note: {note}")
        return

    def steps(taken: Measure, codes: list[str] | None) -> Measure:
        taken = taken if on_year is None else taken.on(on_year, leave_out=leave_out)
        taken = taken.two_tier() if two_tier else taken
        taken = taken.where(council=codes) if codes else taken
        taken = taken if real is None else taken.real(real, index)
        return taken.per_head(leave_out=leave_out) if per_head else taken

    found = _measured(table, dict(wanted), steps, two_tier or on_year is not None)
    _show_rows(table, found, wanted, layout)


def _show_rows(table: str, rows: pd.DataFrame, wanted: dict[str, Any], layout: str) -> None:
    """The rows or, where there are none, which years there would be."""
    from coopstats.datasets.figures import year_as_printed
    from coopstats.datasets.load import about, load

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
    from coopstats.datasets.load import line_column
    from coopstats.register import breaks

    line = line_column(table) if "year" in rows else ""
    if line not in rows or "break" in rows:
        return rows
    codes = rows["ecode"] if "ecode" in rows else [breaks.EVERY_COUNCIL] * len(rows)
    keys = zip(rows[line], rows["year"], codes, strict=True)
    said = [breaks.beginning(table, str(of), int(year), str(code)) for of, year, code in keys]
    return rows.assign(**{"break": said})


def _wanted(
    table: str,
    names: Sequence[str],
    year: int | None,
    years: Span | None,
    services: Sequence[str],
    others: Sequence[str],
    ever: bool = False,
) -> dict[str, Any]:
    """The words of the command as column → values, each once."""
    from coopstats.datasets.load import line_column

    span = (year, year) if year is not None else years
    wanted = _places(table, names, span, ever or year is None)
    if year is not None or years is not None:
        wanted["year"] = [year] if years is None else _years_held(table, years)
    if services:
        wanted[line_column(table)] = list(dict.fromkeys(services))
    more = _pairs(others)
    _refuse_twice(more, wanted)
    return wanted | more


def _years_held(table: str, span: Span) -> list[int]:
    """The table's years from the first to the last of a span, an open end at the table's own."""
    from coopstats.datasets.figures import year_as_printed
    from coopstats.datasets.load import years_of

    held = years_of(table)
    first, last = held[0] if span[0] is None else span[0], held[-1] if span[1] is None else span[1]
    found = [year for year in held if first <= year <= last]
    if not found or first < held[0] or last > held[-1]:
        ends = " to ".join(year_as_printed(table, year) for year in (held[0], held[-1]))
        raise UnknownName(f"{table} has years from {ends}: choose from these.")
    return found


def _refuse_twice(more: Iterable[str], wanted: Iterable[str]) -> None:
    """UsageError for a column that --where names beside the option for it."""
    for column in more:
        if column in wanted:
            raise click.UsageError(
                f"--where {column}=… stands beside the option that chooses {column}: give one."
            )


def _pairs(others: Sequence[str]) -> dict[str, list]:
    """COLUMN=VALUE as column → values."""
    wanted: dict[str, list] = {}
    for pair in others:
        column, _, value = (part.strip() for part in pair.partition("="))
        if not (column and value):
            raise click.BadParameter(f"{pair!r}: write COLUMN=VALUE.", param_hint="--where")
        wanted.setdefault(column, []).append(value)
    return {column: list(dict.fromkeys(values)) for column, values in wanted.items()}


def _one_each(others: Sequence[str]) -> dict[str, str]:
    """COLUMN=VALUE as column → its one value."""
    wanted = _pairs(others)
    for column, values in wanted.items():
        if len(values) > 1:
            raise click.BadParameter(
                f"{column} is given {len(values)} values, and one number has one.",
                param_hint="--where",
            )
    return {column: values[0] for column, values in wanted.items()}


def _places(table: str, names: Sequence[str], years: Span | None, ever: bool) -> dict[str, list]:
    """Names or codes of places as column → values: the councils of these years, or wholes."""
    from coopstats.core.years import FIRST, LAST
    from coopstats.datasets.places import words_of_place

    first, last = years or (None, None)
    span = (first or FIRST, last or LAST)
    wanted: dict[str, list] = {}
    for name in names:
        for column, words in words_of_place(table, name, span, ever=ever)[1].items():
            wanted.setdefault(column, []).extend([words] if isinstance(words, str) else words)
    return {column: list(dict.fromkeys(found)) for column, found in wanted.items()}


def _measured(
    table: str,
    wanted: dict[str, list],
    steps: Callable[[Measure, list[str] | None], Measure],
    regroup: bool,
) -> pd.DataFrame:
    """Rows of one or several services after the verbs, with the unit; the steps go to stderr."""
    import pandas as pd

    from coopstats.datasets.load import line_column
    from coopstats.measures.measure import measure

    parts, services = [], wanted.pop(line_column(table), [None])
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
    odd = [doubt for (c, year), doubt in taken.odd.items() if c in here and year in years]
    return _in_doubt(odd, taken.table)


def _in_doubt(odd: list[str], table: str) -> list[str]:
    """A note that counts figures in doubt and says what the rules found; none where none is."""
    from coopstats.datasets.doubt_words import said

    if not odd:
        return []
    which = "one figure is" if len(odd) == 1 else f"{len(odd)} figures are"
    why = "; ".join(dict.fromkeys(each for doubt in odd for each in said(doubt).split("; ")))
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
    more = _one_each(others)
    _refuse_twice(more, chosen)
    return traced(table, **{**chosen, **more})


@main.command()
@_one_number
@format_option
def trace(layout: str, **words: Any) -> None:
    """From a number to the cell it was printed in, the publication and its licence.

    \b
    coopstats trace revenue_outturn --council Lambeth --year 2010 --service cultural
    """  # noqa: D301 (click reads \b)
    found = _traced(**words)
    if layout == "table":
        _read(repr(found))
    else:
        show(found.frame, layout)


@main.command()
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
    _read(repr(found)) if layout == "text" else _put(found.json() + "\n")


@main.command()
@click.argument("query", required=False)
@click.option("--year", "-y", callback=one_year, help="Only councils in being that year.")
@click.option(
    "--class",
    "council_class",
    type=click.Choice(["L", "MD", "UA", "SC", "SD", "O"]),
    help="Only this class.",
)
@click.option(
    "--crosswalk",
    is_flag=True,
    help="Every code and spelling of every body, with dates and successors.",
)
@format_option
def councils(
    query: str | None, year: int | None, council_class: str | None, crosswalk: bool, layout: str
) -> None:
    """Find councils by name, old name or code; with --crosswalk, the stand-alone lookup table."""
    from coopstats import council as council_of
    from coopstats import councils as listed
    from coopstats import crosswalk as every_code

    if crosswalk:
        show(every_code(), layout)
        return
    found = listed(year, council_class=council_class, query=query)
    if query and found.empty:
        council_of(query)  # says what is near
    show(found, layout)


@main.command()
@format_option
def tables(layout: str) -> None:
    """List all tables: years, places, unit, publisher, and what comparison each can bear."""
    from coopstats.datasets.overview import tables as listed

    show(listed(), layout)


# ── the register ─────────────────────────────────────────────────────────────────────────────────

council_option = click.option("--council", "-c", "name", help="Only of this council: name or code.")


@main.command()
@click.argument("pilot", required=False)
@council_option
@click.option("--level", help="announced, adopted, membership or structural.")
@click.option("--kind", help="mutual, stock transfer, commission …")
@format_option
def pilots(
    pilot: str | None, name: str | None, level: str | None, kind: str | None, layout: str
) -> None:
    """Pilots: what was begun where, how far it went and who says so; with PILOT, its page.

    \b
    coopstats pilots --council Lambeth
    coopstats pilots young-lambeth-co-operative
    """  # noqa: D301 (click reads \b)
    from coopstats.register.pilots import pilot as one_pilot
    from coopstats.register.pilots import pilots as listed

    if pilot is None:
        _show_listing(listed(name, level=level, kind=kind), layout)
    else:
        _show_page(one_pilot(pilot), layout)


@main.command()
@click.option("--year", "-y", callback=one_year, help="Who was a member in 2012, or 2012-13.")
@council_option
@format_option
def members(year: int | None, name: str | None, layout: str) -> None:
    """Members of the co-operative councils' network: when each was seen, or who was one in a year.

    \b
    coopstats members --year 2012
    coopstats members --council Kirklees
    """  # noqa: D301 (click reads \b)
    from coopstats.register.members import members as of_year
    from coopstats.register.members import memberships

    if year is None:
        _show_listing(memberships(name), layout)
    elif layout == "table":
        _show_page(of_year(year), layout)
    else:
        _show_listing(of_year(year), layout)


@main.command()
@click.argument("claim", required=False)
@council_option
@click.option("--check", "only_check", is_flag=True, help="Are the quotes what the articles say?")
@click.option(
    "--articles",
    "folder",
    type=click.Path(path_type=Path),
    help="With --check: the folder with the five articles as text files.",
)
@format_option
def claims(
    claim: str | None, name: str | None, only_check: bool, folder: Path | None, layout: str
) -> None:
    """The claims of the five articles, what each asserts and what tests it; with CLAIM, its page.

    \b
    coopstats claims Q10
    coopstats claims --check --articles DIR
    """  # noqa: D301 (click reads \b)
    from coopstats.findings.claims import claim as one_claim
    from coopstats.findings.claims import claims as listed

    if only_check:
        _check_claims(folder)
    elif claim is None:
        _show_listing(listed(name), layout)
    else:
        _show_page(one_claim(claim), layout)


def _check_claims(folder: Path | None) -> None:
    from coopstats.register.articles import articles, check, every_quote

    wrong, quotes = check(folder), len(every_quote())
    for sentence in wrong:
        say(sentence)
    if folder is None:
        say(
            f"{quotes} quotes: form only. The articles are not part of the project; with a folder "
            "that has them (--articles DIR), sha256, offset and words are checked too."
        )
    else:
        say(f"{quotes} quotes in {len(articles())} articles: {len(wrong)} problems")
    if wrong:
        raise SystemExit(1)


def _show_listing(listing: Any, layout: str) -> None:
    """A list of the register: the chosen columns for people, every column for programs."""
    frame = listing.frame
    show(frame[list(listing.shown)] if layout == "table" and len(listing) else frame, layout)


def _show_page(thing: Any, layout: str) -> None:
    """One thing of the register: its page, or what is on it as rows."""
    import pandas as pd

    from coopstats.core import terminal
    from coopstats.core.listings import page_text

    if layout != "table":
        show(pd.DataFrame(thing.facts(), columns=["what", "words"]), layout)
        return
    title = str(thing).partition("\n")[0]
    _page(page_text(title, thing.facts(), terminal.width()) + "\n")


@main.command()
@click.argument("pilot", required=False)
@click.option("--council", "-c", "name", help="Any council, as if a pilot had begun; with --after.")
@click.option("--table", help="A built table, e.g. revenue_outturn; the plan's unless given.")
@click.option("--service", "-s", "services", multiple=True, help="A line; may be repeated.")
@where_option
@click.option("--baseline", help="How peers are weighted: the plan's way, or equal.")
@click.option("--before", callback=years, help="Years before: 2007:2011.")
@click.option("--after", callback=years, help="Years after: 2012:2016.")
@click.option(
    "--draws",
    type=click.IntRange(min=1),
    default=4999,
    show_default=True,
    help="How many placebo sets.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Where the draws begin.",
)
@workers_option(1)
@click.option("--doubtful", is_flag=True, help="Go on where the council's own figure is in doubt.")
@format_option
def compare(pilot: str | None, name: str | None, layout: str, **choices: Any) -> None:
    """Set PILOT of the register, or any council, beside councils like it.

    PILOT alone is compared as the plan says, which was written before any result was seen: its
    line, years and baseline. With --table and --service it is compared on another line. The result
    comes first, then how it was found, and what other choices would have given.

    \b
    coopstats compare young-lambeth-co-operative
    coopstats compare young-lambeth-co-operative --table children_spending -s youth --doubtful
    coopstats compare --council Lambeth --table revenue_outturn -s cultural --after 2012:2016
    """  # noqa: D301 (click reads \b)
    from coopstats.comparisons import supposed
    from coopstats.register.pilots import pilot as one_pilot

    if pilot is None and name is None:
        raise click.UsageError("Give a PILOT of the register, or --council with --after.")
    if name is not None and choices["after"][0] is None:
        raise click.UsageError("--council needs --after 2012:2016: when would it have begun?")
    if pilot is not None:
        pilot = one_pilot(pilot).slug  # a mistyped one is said before what else is wrong
    if pilot is not None and choices["table"] is None:
        _show_comparison(_as_planned(pilot, **choices), layout)
        return
    if choices["table"] is None:
        raise click.UsageError("--council needs --table and, for most tables, --service.")
    who = pilot if name is None else supposed(name, choices["after"][0])
    _show_comparison(_compared(who, **choices), layout)


def _as_planned(pilot: str, workers: int, **choices: Any) -> Any:
    """The comparison of the plan's line of a pilot, with the other choices that were made."""
    from coopstats.findings import plan

    if choices["services"] or choices["others"]:
        raise click.UsageError("--service and --where choose rows of a --table: name it.")
    row = plan.headline(pilot)[0]
    outcome = plan.outcome(row)
    found = outcome.comparison or outcome.with_doubtful
    if found is None or not (outcome.comparison or choices["doubtful"]):
        raise NotComparable(f"{row.pilot}, {row.line}: {outcome.refused}", could=[can(Verb.LINE)])
    asked = {name: choices[name] for name in ("baseline", "draws", "seed")}
    asked |= {name: (y[0], y[-1]) for name in ("before", "after") if (y := choices[name])}
    asked |= {"doubtful": True} if choices["doubtful"] else {}
    wanted = {k: v for k, v in asked.items() if v is not None and v != getattr(found.choices, k)}
    found = found.with_choices(**wanted) if wanted else found
    found.work_out(workers, lambda items: _progress(items, "comparisons", "choice"))
    return found


def _compared(
    who: Any,
    table: str,
    services: Sequence[str],
    others: Sequence[str],
    before: Any,
    after: Any,
    workers: int,
    baseline: str | None,
    **rest: Any,
) -> Any:
    """The comparison with its other choices worked out, each counted on stderr."""
    from coopstats.comparisons import compare as compared
    from coopstats.datasets.load import line_column
    from coopstats.measures.measure import measure

    only = _wanted(table, (), None, None, services, others)
    named = only.pop(line_column(table), (None,))
    lines = [measure(table, service, **only) for service in named]
    way = baseline or "equal"
    found = compared(lines, who, baseline=way, before=before, after=after, **rest)
    found.work_out(workers, lambda items: _progress(items, "comparisons", "choice"))
    return found


def _show_comparison(found: Any, layout: str) -> None:
    """All in words, or the same for programs: one tree in JSON, one long table in CSV."""
    import json

    from coopstats.comparisons import report, tabular

    if layout == "table":
        _read("\n".join([*report.in_short(found), "", repr(found)]))
    elif layout == "json":
        _put(json.dumps(tabular.tree(found), ensure_ascii=False, indent=1) + "\n")
    else:
        show(tabular.table(found), layout)


# ── making ───────────────────────────────────────────────────────────────────────────────────────


@main.command()
@click.argument("tables", nargs=-1)
@click.option("--accept", is_flag=True, help="Record the built numbers in FINGERPRINT.csv.")
def build(tables: Sequence[str], accept: bool) -> None:
    """Build TABLES (all unless named) from data/raw and the register; all of them or none."""
    from coopstats.clean.build import build as making

    changed = making.build(tables, show_progress=sys.stderr.isatty())
    say(f"built {', '.join(changed)}" if changed else "nothing has changed")
    _report_moved(accept)


def _report_moved(accept: bool) -> None:
    from coopstats.clean.build import fingerprint

    moved, absent = fingerprint.moved(), fingerprint.not_built()
    if absent:
        say(f"not built, so not compared: {_names(absent)}")
    if accept:
        fingerprint.accept()
        kept = ", where the numbers of tables that are not built stay as they were"
        say(
            f"accepted {len(moved)} changed table-years in data/processed/FINGERPRINT.csv"
            + (kept if absent else "")
        )
    elif len(moved):
        say(
            f"{len(moved)} table-years differ from data/processed/FINGERPRINT.csv; `coopstats "
            "check` lists them, `coopstats build --accept` records them."
        )


@main.command()
@click.option("--moved", is_flag=True, help="List numbers that moved.")
@click.option(
    "--tie-out",
    is_flag=True,
    help="List differences from the printed ENGLAND rows, with the recorded reason.",
)
@click.option(
    "--totals",
    is_flag=True,
    help="List councils whose service lines do not add up to their printed total.",
)
@click.option(
    "--doubts",
    is_flag=True,
    help="List figures that a rule finds odd, beside the mean of the year before and after "
    "(`around`): empty where one of them is not printed or lies beyond a severing break.",
)
@click.option(
    "--doubted-core",
    is_flag=True,
    help="List each council's fall of core as printed and without its doubtful figures, furthest "
    "apart first.",
)
@click.option(
    "--register",
    is_flag=True,
    help="List what the register of pilots, members and claims promises and does not keep.",
)
@click.option(
    "--youth",
    is_flag=True,
    help="List councils' youth budgets beside what section 251 says was spent.",
)
@click.option("--table", help="With --doubts: only of this table.")
@click.option("--council", "-c", help="With --doubts: only of this council, by name or code.")
@click.option("--year", "-y", callback=one_year, help="With --doubts: only of this year.")
@format_option
def check(table: str | None, council: str | None, year: int | None, layout: str,
          **parts: bool) -> None:  # fmt: skip
    """Does everything tie out, and is every number the accepted one? Exit code 1 if not.

    \b
    coopstats check --doubts --table revenue_outturn --council Oldham --year 2009
    """  # noqa: D301 (click reads \b)
    from coopstats.reproduce import check as checking
    from coopstats.reproduce import promises
    from coopstats.reproduce.method.doubts import doubted_councils

    part = next((name for name in PARTS if parts[name]), None)
    if part == "doubts":
        _show_doubts(checking.doubts(table, council, year), layout)
        return
    if part:
        listed = {
            "moved": checking.moved,
            "tie_out": checking.differences,
            "totals": checking.service_totals,
            "doubted_core": doubted_councils,
            "register": promises.breaches,
            "youth": checking.youth,
        }[part]()
        show(listed, layout, dict.fromkeys(IN_POUNDS, "pounds"))
        return
    _check_all()


IN_POUNDS = ("printed", "added", "difference")  # columns of the lists of differences


def _check_all() -> None:
    """Every check in a sentence; exit code 1 where a number moved."""
    from coopstats.clean.build import fingerprint
    from coopstats.reproduce import check as checking
    from coopstats.reproduce.check import social_care

    off, totals, moved = checking.tied_out(), checking.service_totals(), checking.moved()
    say(
        f"{checking.columns_compared()} printed ENGLAND figures: {len(off)} differ from the sum "
        f"of the authorities, all on record with a reason (--tie-out)"
    )
    twice = social_care.check()
    say(
        f"{sum(social_care.compared().values()):,} social care figures printed twice: {len(twice)} "
        "pairs differ, all on record with a reason"
    )
    say(
        f"{len(totals)} council-years whose service lines differ from their printed total by over "
        f"£1,000, {int((~totals['rounding']).sum())} by more than rounding can do (--totals)"
    )
    say(
        f"{len(moved)} table-years differ from the accepted FINGERPRINT.csv"
        + (" (--moved)" if len(moved) else "")
    )
    if absent := fingerprint.not_built():
        say(f"not built, so not compared: {_names(absent)}. Run `coopstats build`")
    if len(moved) or absent:
        raise SystemExit(1)


def _names(tables: list[str], most: int = 6) -> str:
    """Tables in a sentence, the first of them where they are many."""
    more = f" and {len(tables) - most} more tables" if len(tables) > most else ""
    return ", ".join(tables[:most]) + more


def _show_doubts(listed: pd.DataFrame, layout: str) -> None:
    """The doubtful figures, and how many they are."""
    show(listed, layout)
    say(f"{len(listed):,} doubtful figures, {listed['around'].notna().sum():,} with `around`")


@main.command()
@click.option(
    "--from",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    help="The folder that holds the originals.",
)
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Write nothing; fail unless data/raw is what the originals give.",
)
@click.argument("tables", nargs=-1)
def transcribe(folder: Path, only_check: bool, tables: Sequence[str]) -> None:
    """Write data/raw from the original publications, cell by cell.

    TABLES are names of raw tables or ids of single publications, as in data/raw/SOURCES.toml.
    """
    from coopstats.publications import transcribe as reading

    if not folder.is_dir():
        raise UnknownName(f"{folder} is not a folder. Give the folder that holds the originals.")
    chosen = _publications(tables)
    act = reading.check if only_check else reading.transcribe
    for source in _progress(chosen, "check" if only_check else "transcribe"):
        act(source, folder)
    verb = "agree byte for byte with" if only_check else "transcribed from"
    say(f"{len(chosen)} publications {verb} {folder}")


@main.command()
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for the originals; made if it is not there.",
)
@click.argument("tables", nargs=-1)
@format_option
def fetch(folder: Path, tables: Sequence[str], layout: str) -> None:
    """Bring the original publications from their publishers.

    TABLES are names of raw tables or ids of single publications, as in data/raw/SOURCES.toml; all
    unless named. What DIR holds already is not fetched again, a file that broke off is taken up
    where it did, and no file is written over: what is not the recorded edition is kept beside it
    under its date and hash. What cannot be had is listed with its page, and the exit code is 1.

    \b
    coopstats fetch revenue_outturn --to originals
    coopstats transcribe revenue_outturn --from originals --check
    """  # noqa: D301 (click reads \b)
    from coopstats.publications import fetch as fetching

    brought = fetching.fetch(_publications(tables), folder, show_progress=sys.stderr.isatty())
    show(fetching.as_frame(brought, folder), layout)
    for line in fetching.told(brought):
        say(line)
    if any(outcome.what == fetching.NOT_BROUGHT for outcome in brought):
        raise SystemExit(1)


def _publications(named: Sequence[str]) -> list[Source]:
    """The publications of raw tables, or single ones by their ids; all of them unless named."""
    from coopstats.core.sources import read_sources

    every = read_sources()
    chosen = [s for t in named for s in ([every[t]] if t in every else _publications_of(t))]
    return list(dict.fromkeys(chosen)) if named else list(every.values())


def _publications_of(table: str) -> list[Source]:
    """The publications of one raw table; of a table made of others' the names of those are said."""
    from coopstats.clean.build.build import TABLES
    from coopstats.core.sources import read_sources, sources_of
    from coopstats.datasets.load import about

    if table in TABLES and table not in {s.table for s in read_sources().values()}:
        behind = sorted({source.partition("/")[0] for source in about(table)["sources"]})
        raise UnknownName(f"{table} is made of {', '.join(behind)}: name that instead.")
    return sources_of(table)


def _progress(items: list, what: str, unit: str = "file") -> Iterable:
    from tqdm import tqdm

    return tqdm(items, desc=what, unit=unit, leave=False, disable=None)


@main.command()
@click.option("--check", "only_check", is_flag=True, help="Fail if the generated pages are old.")
def docs(only_check: bool) -> None:
    """Write the generated pages and numbers: the data dictionary, README, METHOD, errata."""
    from coopstats.reproduce import documents as writing

    old = writing.stale() if only_check else writing.write()
    if only_check and old:
        say(f"out of date: {', '.join(old)}. Run `coopstats docs` and commit.")
        raise SystemExit(1)
    say("the generated pages are current" if not old else f"written: {', '.join(old)}")


@main.command()
@click.option("--accept", is_flag=True, help="Record them; CHANGELOG.md must say why one moved.")
@format_option
def headlines(accept: bool, layout: str) -> None:
    """Every number that the answers print, and which are not the recorded ones (exit code 1)."""
    from coopstats.reproduce import headlines as printed

    now = printed.printed()
    moved = printed.moved(now)
    if accept:
        printed.accept(now)
        say(f"recorded {len(now)} numbers in {printed.file()}; {len(moved)} differences")
        return
    show(now, layout)
    for one in moved:
        say(one.what)
    say(f"{len(now)} numbers; {len(moved)} differences from the record")
    if moved:
        raise SystemExit(1)


@main.command()
@click.argument("names", nargs=-1)
def notebooks(names: Sequence[str]) -> None:
    """Execute the notebooks (all unless named) and keep their outputs."""
    from coopstats.findings import notebooks as running

    for name in _progress(running.chosen(names), "notebooks"):
        running.execute(name)
    say(f"executed {', '.join(p.name for p in running.chosen(names))}")


@main.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    help="Where to write; the folder charts/ of the project unless given.",
)
def charts(out: Path | None) -> None:
    """Write every chart: SVG, PNG, its numbers as CSV, its words as text and JSON."""
    from coopstats.core import paths
    from coopstats.findings import questions

    folder = out or paths.home() / "charts"
    made = questions.charts()
    for chart in _progress(made, "charts"):
        chart.save(folder)
    say(f"{len(made)} charts in {folder}")


@main.command()
@click.option(
    "--out",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder for the archive; made if it is not there.",
)
@click.option("--table", "-t", "tables", multiple=True, help="Only this table; may be repeated.")
@click.option(
    "--format",
    "formats",
    multiple=True,
    help="parquet, csv, workbook, stata or sqlite; may be repeated; all unless named.",
)
def export(folder: Path, tables: Sequence[str], formats: Sequence[str]) -> None:
    """Write all tables as one archive, with licences, a citation and datapackage.json.

    \b
    coopstats export --out DIR
    coopstats export --out DIR --table revenue_outturn --format csv --format stata
    """  # noqa: D301 (click reads \b)
    from coopstats import export as exporting

    written = exporting.export(folder, tables, formats, lambda i, what: _progress(i, what, "step"))
    say(f"{written} ({written.stat().st_size / 1e6:,.1f} MB)")


@main.command()
@click.option(
    "--from",
    "originals",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The folder with the originals: is data/raw what they give?",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where charts and book go; the project's folder unless given.",
)
def reproduce(originals: Path | None, out: Path | None) -> None:
    """Make everything again, and say which published number moved; exit code 1 if one did.

    Originals (when given), tables, checks, documents, headlines, notebooks, charts, book.
    Nothing that git keeps is written. A number may move when CHANGELOG.md says why.
    """
    from coopstats.core import paths
    from coopstats.reproduce import chain as again

    job = again.Job(out or paths.home(), originals, lambda i, what: _progress(i, what, "step"))
    outcomes = again.reproduce(job, again.STEPS, say)
    say(again.report(outcomes, again.STEPS))
    again.settle(outcomes)
    say("reproduced")


@main.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The folder of the book; book/ of the project unless given. An older book is replaced.",
)
@click.option("--base-url", default="", help="Where it will stand: embeds then have an address.")
@click.option("--no-pictures", is_flag=True, help="Without PNG, PDF and zip, which take minutes.")
@workers_option(2)
def book(out: Path | None, base_url: str, no_pictures: bool, workers: int) -> None:
    """Write the chart book: static pages for every council, question, pilot and claim.

    Opens from disk or from any web server. What has not changed is taken over from the old book.

    \b
    coopstats book --out DIR
    coopstats book --out DIR --base-url https://example.org/coopstats
    """  # noqa: D301 (click reads \b)
    from coopstats.book import pages, site
    from coopstats.core import paths

    folder = out or paths.home() / "book"
    making = pages.Making(base_url, not no_pictures)
    made = site.make(folder, making, workers, _book_progress)
    say(f"{made.pages} pages with {made.charts:,} charts in {folder}; {made.anew} pages made anew")


def _book_progress(items: Iterable, **words: Any) -> Iterable:
    from tqdm import tqdm

    return tqdm(items, leave=False, disable=None, **words)


@main.group(cls=Commands)
def chart() -> None:
    """One chart of the book: list them, show one in words, export it in any form."""


@chart.command(name="list")
@click.argument("words", nargs=-1)
@format_option
def list_charts(words: Sequence[str], layout: str) -> None:
    """List the charts, those whose slug or title holds all WORDS where given.

    \b
    coopstats chart list lambeth
    """  # noqa: D301 (click reads \b)
    from coopstats.book import catalogue

    rows = catalogue.charts()
    named = (rows["slug"] + " " + rows["title"]).str.casefold()
    kept = [all(word.casefold() in one for word in words) for one in named]
    show(rows[kept], layout)


@chart.command(name="show")
@click.argument("slug")
def show_chart(slug: str) -> None:
    """Show a chart in words: every number, its source and notes, how to cite it."""
    from coopstats.book import catalogue

    found = catalogue.chart(slug)
    _read(f"{found!r}\nCite as: {found.citation}\nLicence: {found.licence}")


@chart.command(name="export")
@click.argument("slug")
@click.option(
    "--format",
    "layout",
    default="svg",
    show_default=True,
    help="svg, png, pdf, csv, json, html (to embed) or zip (all of them).",
)
@click.option("--size", default="web", show_default=True, help="web, square or print.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="The folder to write to; this one unless given.",
)
def export_chart(slug: str, layout: str, size: str, out: Path) -> None:
    """Write one chart to a file.

    \b
    coopstats chart export lambeth-core --size print --format png
    """  # noqa: D301 (click reads \b)
    from coopstats.book import catalogue
    from coopstats.book import files as forms
    from coopstats.core import files

    if layout in forms.SIZELESS and size != "web":
        raise click.UsageError(f"A {layout} file has no size: leave --size out.")
    name, content = forms.export(catalogue.chart(slug), layout, size)
    files.replace(out / name, content)
    say(f"{out / name}")


if __name__ == "__main__":
    main()
