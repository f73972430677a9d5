"""Mistakes: one message each, in the words of the command, and an exit code; never a traceback."""

from __future__ import annotations

import errno
from typing import Any

import click

from coopstats.cli.options import Command, cleaned
from coopstats.cli.printing import say
from coopstats.core.errors import CoopstatsError, Verb, advice, did_you_mean

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


IN_COMMANDS = {
    Verb.LOAD: "read its rows with `coopstats get {}`",
    Verb.COUNCILS: "look a name up with `coopstats councils {}`",
}


def message_of(problem: CoopstatsError, command: click.Command | None) -> str:
    """What went wrong, and what can be done about it with the options of this command."""
    known = {option for one in command.params for option in one.opts} if command else set()
    here = {verb: words for verb, words in IN_OPTIONS.items() if option_of(words) in known}
    return problem.what + advice(problem.could, here | IN_COMMANDS)


def option_of(words: str) -> str:
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
            say(f"coopstats: {message_of(problem, command)}")
            ctx.exit(1)
        except OSError as problem:
            if problem.errno == errno.EPIPE:  # the reader went away: click ends in silence
                raise
            said = f"{problem.filename or 'the system'}: {problem.strerror or problem}"
            say(f"coopstats: {said}. Check that it is there and may be used.")
            ctx.exit(1)
