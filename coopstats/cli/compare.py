"""A council beside councils like it: compare."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from coopstats.cli.options import command, format_option, where_option, workers_option, years
from coopstats.cli.printing import progress, put, read, show
from coopstats.cli.rows import chosen_rows
from coopstats.core.errors import NotComparable, Verb, can


@command()
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
    chosen = {k: v for k, v in asked.items() if v is not None and v != getattr(found.choices, k)}
    found = found.with_choices(**chosen) if chosen else found
    found.work_out(workers, lambda items: progress(items, "comparisons", "choice"))
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
    from coopstats.datasets.table import open_table
    from coopstats.measures.of_table import measure

    only = chosen_rows(table, (), None, None, services, others)
    named = only.pop(open_table(table).line_column, (None,))
    lines = [measure(table, service, **only) for service in named]
    way = baseline or "equal"
    found = compared(lines, who, baseline=way, before=before, after=after, **rest)
    found.work_out(workers, lambda items: progress(items, "comparisons", "choice"))
    return found


def _show_comparison(found: Any, layout: str) -> None:
    """All in words, or the same for programs: one tree in JSON, one long table in CSV."""
    import json

    from coopstats.comparisons import report, tabular

    if layout == "table":
        read("\n".join([*report.in_short(found), "", repr(found)]))
    elif layout == "json":
        put(json.dumps(tabular.tree(found), ensure_ascii=False, indent=1) + "\n")
    else:
        show(tabular.table(found), layout)
