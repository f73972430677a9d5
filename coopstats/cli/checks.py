"""What has moved, does not add up or is in doubt: check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from coopstats.cli.options import PARTS, command, format_option, one_year
from coopstats.cli.printing import say, show
from coopstats.core.phrases import some

if TYPE_CHECKING:
    import pandas as pd


@command()
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
        names = some(absent, things="more tables")
        say(f"not built, so not compared: {names}. Run `coopstats build`")
    if len(moved) or absent:
        raise SystemExit(1)


def _show_doubts(listed: pd.DataFrame, layout: str) -> None:
    """The doubtful figures, and how many they are."""
    show(listed, layout)
    say(f"{len(listed):,} doubtful figures, {listed['around'].notna().sum():,} with `around`")
