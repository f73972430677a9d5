"""The donor pool of each treated council, for all the lines that are compared at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from coopstats.comparisons.choices import Choices
from coopstats.comparisons.panel import Panel
from coopstats.comparisons.peers import Peers, peers
from coopstats.comparisons.treated import KnownPilots, Treated
from coopstats.core.errors import NotComparable
from coopstats.register.councils import bodies, council


def donor_pool(
    pilot: Treated,
    pilots: Sequence[Treated],
    panels: Sequence[Panel],
    window: Sequence[int],
    known: KnownPilots,
    choices: Choices,
    complete: Iterable[str],
) -> Peers:
    """The peers of one pilot by the rules, or those that the caller named.

    `complete` are the councils with a figure in every year of `window`. Raises NotComparable where
    a named donor cannot be one.
    """
    by_rules = peers(
        pilot,
        panels[0].line,
        years=window or (pilot.first_full_year,),
        rules=choices.rules,
        known=known,
        complete=complete,
    )
    for panel in panels[1:]:
        by_rules = _without_pilots_of(panel.line, by_rules, known)
    if choices.donors is None:
        return by_rules
    return _named_donors(pilot, by_rules, pilots, choices.donors)


def _without_pilots_of(line: str, found: Peers, known: KnownPilots) -> Peers:
    """The peers less every council in which a pilot should move this line too."""
    frame = found.frame
    for code, other in known.treated(line).items():
        at = frame["ecode"] == code
        frame = frame.assign(donor=frame["donor"] & ~at, never=frame["never"] | at)
        said = f"has a structural pilot of this service: {other.name}"
        frame.loc[at & (frame["rule"] == ""), ["rule", "reason"]] = ["treated", said]
    return replace(found, frame=frame)


def _named_donors(
    pilot: Treated, found: Peers, pilots: Sequence[Treated], donors: Sequence[str]
) -> Peers:
    """The donors the caller named, whatever the rules say but for the firm ones."""
    year = pilot.first_full_year
    named = {council(word, year, ever=True).ecode for word in donors}
    if len(pilots) > 1:  # what is refused for the others holds for each of them
        named -= {pilot.ecode}
    _refuse_firm(named, found, {one.ecode for one in pilots})
    chosen = found.frame["ecode"].isin(named)
    passed = ~chosen & (found.frame["rule"] == "")
    frame = found.frame.assign(donor=chosen)
    frame.loc[chosen, ["rule", "reason"]] = ""
    frame.loc[passed, "rule"], frame.loc[passed, "reason"] = "named", "not one of the donors named"
    return replace(found, frame=frame)


def _refuse_firm(named: set[str], found: Peers, treated: set[str]) -> None:
    by_code = found.frame.set_index("ecode")
    for code in sorted(named):
        if code in treated or by_code.loc[code, "never"]:
            why = "it is one of those compared" if code in treated else by_code.loc[code, "reason"]
            raise NotComparable(f"{bodies()[code].name} cannot be a donor: {why}.")
