"""Options of the command line: what each needs beside it. One without effect is refused.

`OPTIONS` classifies every argument and option of every command; a test demands it of new ones.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
from click.core import ParameterSource

from coopstats.cli.printing import say
from coopstats.core import waiting
from coopstats.core.errors import UnknownName
from coopstats.core.safe_text import for_terminal
from coopstats.core.years import read_span, read_year


@dataclass(frozen=True)
class Need:
    """What an option goes with: `one_of` these must be there too, and none of `without`."""

    one_of: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


FREE = Need()  # it has an effect whatever else is given
PARTS = ("moved", "tie_out", "totals", "doubts", "doubted_core", "register", "youth")


def _free(*names: str) -> dict[str, Need]:
    return dict.fromkeys(names, FREE)


OPTIONS: dict[str, dict[str, Need]] = {
    "get": {
        **_free("table", "names", "services", "others", "real", "per_head", "on_year", "two_tier",
                "layout"),
        "year": Need(without=("years",)),
        "years": Need(without=("year",)),
        "index": Need(one_of=("real",)),
        "leave_out": Need(one_of=("on_year", "per_head")),
    },
    "trace": _free("table", "name", "year", "service", "others", "layout"),
    "cite": _free("table", "name", "year", "service", "others", "layout"),
    "councils": {
        **_free("query", "year", "council_class", "layout"),
        "crosswalk": Need(without=("query", "year", "council_class")),
    },
    "tables": _free("layout"),
    "pilots": {
        "pilot": Need(without=("name", "level", "kind")),
        **_free("name", "level", "kind", "layout"),
    },
    "members": {"year": Need(without=("name",)), **_free("name", "layout")},
    "claims": {
        "claim": Need(without=("name", "only_check")),
        "name": Need(without=("only_check",)),
        "only_check": Need(without=("layout",)),
        "folder": Need(one_of=("only_check",)),
        "layout": FREE,
    },
    "compare": {
        "pilot": Need(without=("name",)),
        "name": Need(one_of=("after",)),
        **_free("table", "services", "others", "baseline", "before", "after", "draws", "seed",
                "workers", "doubtful", "layout"),
    },
    "build": _free("tables", "accept"),
    "check": {
        **{part: Need(without=tuple(p for p in PARTS if p != part)) for part in PARTS},
        **{name: Need(one_of=("doubts",)) for name in ("table", "council", "year")},
        "layout": Need(one_of=PARTS),
    },
    "transcribe": _free("folder", "only_check", "tables"),
    "fetch": _free("folder", "tables", "layout"),
    "docs": _free("only_check"),
    "headlines": {"accept": Need(without=("layout",)), "layout": FREE},
    "notebooks": _free("names"),
    "charts": _free("out"),
    "export": _free("folder", "tables", "formats"),
    "reproduce": _free("originals", "out"),
    "book": _free("out", "base_url", "no_pictures", "workers"),
    "chart list": _free("words", "layout"),
    "chart show": _free("slug"),
    "chart export": _free("slug", "layout", "size", "out"),
}  # fmt: skip


# What each command is doing, said when it has taken two seconds.
DOING = {
    "get": "reading rows",
    "trace": "following a number to the cell it was printed in",
    "cite": "following a number to the cell it was printed in",
    "councils": "looking councils up",
    "tables": "reading what each table says of itself",
    "pilots": "reading the register of pilots",
    "members": "reading the register of members",
    "claims": "working out the verdict on each claim from the tables (half a minute at first)",
    "compare": "comparing with similar councils, and working out what other choices would give",
    "build": "building tables (a minute for all of them)",
    "check": "checking the tables",
    "transcribe": "reading the originals",
    "fetch": "asking the publishers",
    "docs": "working out the numbers of the documents (half a minute)",
    "headlines": "answering every question (a minute)",
    "notebooks": "executing notebooks (minutes)",
    "charts": "drawing every chart of the notebooks (a minute)",
    "export": "writing the archive (minutes for all tables)",
    "reproduce": "making everything again (minutes)",
    "book": "drawing the charts and pages of every council (minutes)",
    "chart list": "listing the charts",
    "chart show": "making the chart",
    "chart export": "making the chart",
}


class Command(click.Command):
    """A command that refuses an option without effect, and says what it does if that takes long."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, but an option that takes one word may not be given two."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        for param in order:
            one = isinstance(param, click.Option) and not (param.multiple or param.is_flag)
            if one and order.count(param) > 1:
                raise click.UsageError(f"{_said(param)} is given twice: give it once.", ctx)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run, if all that was given goes together."""
        refuse_idle(ctx)
        name = name_of(ctx)
        with waiting.explained(f"coopstats {name}: {DOING.get(name, 'working')} …", say):
            return super().invoke(ctx)


def name_of(ctx: click.Context) -> str:
    """A command as OPTIONS and DOING have it, e.g. "chart list"."""
    return ctx.command_path.split(" ", 1)[-1]


def refuse_idle(ctx: click.Context) -> None:
    """UsageError for what was given and would do nothing beside, or without, the rest."""
    called = name_of(ctx)
    given = {p.name: _said(p) for p in ctx.command.params if p.name and _is_given(ctx, p)}
    every = {p.name: _said(p) for p in ctx.command.params if p.name}
    for name, said in given.items():
        need = OPTIONS.get(called, {}).get(name, FREE)
        if need.one_of and not given.keys() & set(need.one_of):
            chosen = " or ".join(every[other] for other in need.one_of)
            raise click.UsageError(f"{said} needs {chosen}: add that, or leave {said} out.", ctx)
        for other in need.without:
            if other in given:
                raise click.UsageError(
                    f"Give {said} or {given[other]}, not both: one would have no effect.", ctx
                )


def _is_given(ctx: click.Context, param: click.Parameter) -> bool:
    return ctx.get_parameter_source(param.name or "") in (
        ParameterSource.COMMANDLINE,
        ParameterSource.ENVIRONMENT,
    )


def _said(param: click.Parameter) -> str:
    """An option by its long name, an argument as help shows it."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.human_readable_name


command = functools.partial(click.command, cls=Command)


# ── what several commands take ───────────────────────────────────────────────────────────────────


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

council_option = click.option("--council", "-c", "name", help="Only of this council: name or code.")


# ── years ────────────────────────────────────────────────────────────────────────────────────────


def reading(read: Callable[[str], Any]) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """A callback that reads a word as the library does, and refuses it as a mistake of usage."""

    def callback(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Any:
        try:
            return None if value is None else read(value)
        except UnknownName as problem:
            raise click.BadParameter(str(problem)) from problem

    return callback


one_year = reading(read_year)
years = reading(read_span)


# ── what the terminal shows ──────────────────────────────────────────────────────────────────────


def cleaned(problem: click.ClickException) -> click.ClickException:
    """The same mistake, what it quotes made harmless to a terminal."""
    from coopstats.core.terminal import wrapped

    safe = for_terminal(problem.message)
    vars(problem)["message"] = wrapped(safe) if sys.stderr.isatty() else safe
    return problem
