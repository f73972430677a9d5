"""What there is: councils, tables, pilots, members, claims."""

from __future__ import annotations

from pathlib import Path

import click

from coopstats.cli.options import command, council_option, format_option, one_year
from coopstats.cli.printing import say, show, show_listing, show_page


@command()
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
    from coopstats import councils as every
    from coopstats import crosswalk as every_code

    if crosswalk:
        show(every_code(), layout)
        return
    found = every(year, council_class=council_class, query=query)
    if query and found.empty:
        council_of(query)  # says what is near
    show(found, layout)


@command()
@format_option
def tables(layout: str) -> None:
    """List all tables: years, places, unit, publisher, and what comparison each can be used for."""
    from coopstats.datasets.overview import tables as every

    show(every(), layout)


@command()
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
    from coopstats.register.pilots import pilots as every

    if pilot is None:
        show_listing(every(name, level=level, kind=kind), layout)
    else:
        show_page(one_pilot(pilot), layout)


@command()
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
        show_listing(memberships(name), layout)
    elif layout == "table":
        show_page(of_year(year), layout)
    else:
        show_listing(of_year(year), layout)


@command()
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
    from coopstats.findings.claims import claims as every

    if only_check:
        _check_claims(folder)
    elif claim is None:
        show_listing(every(name), layout)
    else:
        show_page(one_claim(claim), layout)


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
