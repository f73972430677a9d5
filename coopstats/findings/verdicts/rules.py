"""One rule a claim: what decides, said in one sentence beside the code that decides it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from coopstats.comparisons import chance
from coopstats.comparisons.wording import of_level
from coopstats.core.years import financial_year
from coopstats.findings.verdicts import facts
from coopstats.findings.verdicts.facts import SHUFFLES, Facts
from coopstats.findings.verdicts.scale import NOT_TESTABLE

SUPPORTED, CONTRADICTED, OVERSTATED = "supported", "contradicted", "overstated"
NEITHER = "neither supported nor contradicted"
THIRTEEN = 13  # "thirteen Labour councils"
EDGE = 0.25  # of a row of councils: the shallowest and the deepest quarter
WEAK = 0.5  # of the level before: a test that sees no smaller gap is weak
# How sure a verdict is, by what it rests on.
SURE = {
    "printed": ("high", "printed figures or counts settle it"),
    "part": ("low", "what is held shows a part of what it says"),
    "defined": ("medium", "its words had to be given a definition first"),
    "compared": ("low", "it rests on one or a few councils beside others like them"),
    "record": ("medium", "it rests on what public pages say"),
    "opinion": ("high", "a judgement is not a statement that can be right or wrong"),
    NOT_TESTABLE: ("high", "no figure that is held bears on it"),
}


@dataclass(frozen=True)
class Rule:
    """How one claim is decided.

    `says` is the rule in a sentence, `gather` gives its numbers, `decide` the word for them,
    `tell` the evidence with its definition. `rests` is a key of SURE; `change` says what would
    give another word.
    """

    claim: str
    rests: str
    says: str
    change: str
    gather: Callable[[], Facts]
    decide: Callable[[Facts], str]
    tell: Callable[[Facts], str]


def _more_than(name: str, least: float, otherwise: str) -> Callable[[Facts], str]:
    return lambda f: SUPPORTED if f[name] >= least else otherwise


def _lines(f: Facts) -> str:
    half = f["followed"] / 2
    return SUPPORTED if f["fell"] > half else CONTRADICTED if f["fell"] < half else NEITHER


READINGS = ("per person", "in total", "like for like, per person", "spending power")


def _forecast(f: Facts) -> str:
    inside = [20 <= f[name] <= 25 for name in READINGS]
    below = [f[name] < 20 for name in READINGS]
    if all(inside):
        return SUPPORTED
    return OVERSTATED if all(below) else NEITHER if any(inside) else CONTRADICTED


def _regressive(f: Facts) -> str:
    deeper = f["most deprived fifth"] < f["least deprived fifth"], f["rank correlation"] < 0
    if not chance.clearly_rare(f["p"], SHUFFLES) or any(deeper) != all(deeper):
        return NEITHER
    return SUPPORTED if all(deeper) else CONTRADICTED


def _permanent(f: Facts) -> str:
    return SUPPORTED if f["years back"] == 0 else CONTRADICTED


def _all_named(f: Facts) -> str:
    return SUPPORTED if min(f["named"], f["labour"]) >= THIRTEEN else NEITHER


def _brutal(f: Facts) -> str:
    return SUPPORTED if f["deepest after"] < min(0.0, f["least before"]) else CONTRADICTED


def _homes(f: Facts) -> str:
    left = f["after"] / f["before"]
    return SUPPORTED if left <= 0.01 else OVERSTATED if left < 0.9 else CONTRADICTED


def _owners(f: Facts) -> str:
    if not f["to a body"]:
        return NEITHER
    return OVERSTATED if f["of members"] else CONTRADICTED


def _rare_fall(f: Facts) -> str:
    """One council beside its class: a rare fall supports, a rare rise contradicts."""
    if not chance.clearly_rare(f["rank"] / f["of"]):
        return NEITHER
    return SUPPORTED if f["gap"] < 0 else CONTRADICTED


def _planned(f: Facts) -> str:
    return SUPPORTED if f["begun"] or f["sources"] else NEITHER


def _rewarded(f: Facts) -> str:
    return SUPPORTED if f["begun"] and f["with discounts"] else NEITHER


def _hackney(f: Facts) -> str:
    """The deepest ranks first: among the last quarter it cut services less, in the first more."""
    if f["rank"] <= EDGE * f["of"]:
        return CONTRADICTED
    return SUPPORTED if f["rank"] > (1 - EDGE) * f["of"] else NEITHER


def _newham(f: Facts) -> str:
    """Claimants should fall and employment should rise; one alone may be enough."""
    better = {"claimants": -1, "employment": 1}
    rare = [n for n in better if chance.clearly_rare(f[f"{n} rank together"] / f[f"{n} of"])]
    ways = {better[name] * f[f"{name} gap"] > 0 for name in rare}
    if len(ways) != 1:
        return NEITHER
    return SUPPORTED if ways == {True} else CONTRADICTED


def _copied(f: Facts) -> str:
    if f["followed"] < f["followers"]:
        return CONTRADICTED
    return _rare_fall(f)


def _volunteers(f: Facts) -> str:
    if not chance.clearly_rare(f["p"], SHUFFLES):
        return NEITHER
    return SUPPORTED if f["members"] - f["others"] < f["expected"] else CONTRADICTED


def _jobs(f: Facts) -> str:
    if not chance.clearly_rare(f["p"], int(f["of"]) - 1):
        return NEITHER
    return SUPPORTED if f["gap"] > 0 else CONTRADICTED


def _chosen(f: Facts) -> str:
    return SUPPORTED if f["founders"] > 50 and f["founders"] > f["all"] else CONTRADICTED


def _ranked(f: Facts, what: str) -> str:
    return f"{what}: {_beside(f)}, {_smallest(f)}."


def _beside(f: Facts) -> str:
    side = "below" if f["gap"] < 0 else "above"
    rank = "no rank" if math.isnan(f["rank"]) else f"rank {f['rank']:.0f} of {f['of']:.0f}"
    return f"fit {f['fit']:.2f}; gap {abs(f['gap']):.2f} {side} the baseline of its class, {rank}"


def _smallest(f: Facts) -> str:
    """The smallest gap that the test sees, as a share of the level, and whether that is weak."""
    part = of_level(f["detectable"], f["level"], 0)
    if not part:
        return "where no smallest gap can be given"
    weak = "; such a test is weak" if f["detectable"] / f["level"] > WEAK else ""
    return (
        f"where a gap under {f['detectable']:.2f} ({part} before) would be missed more than one "
        f"time in five{weak}"
    )


def _of(f: Facts, name: str) -> Facts:
    """The numbers of one line of several."""
    return {what.removeprefix(f"{name} "): value for what, value in f.items()
            if what.startswith(f"{name} ")}  # fmt: skip


def _in_newham(f: Facts) -> str:
    lines = {"claimants": "Claimants per hundred aged 16 to 64 from 2012",
             "employment": "Employed, per hundred"}  # fmt: skip
    told = [f"{_ranked(_of(f, name), what)[:-1]}; rank {f[f'{name} rank together']:.0f} with both "
            "tried." for name, what in lines.items()]  # fmt: skip
    return " ".join(told)


RARER = "rarer than one in twenty among councils of its class"
RULES = (
    Rule("Q1", "part",
         "Supported where the one grant that can be followed fell by £4m or more within the year; "
         "otherwise neither, because other and capital grants are not separable.",
         "the grants that Redbridge was to have in 2010-11, one by one, before and after June 2010",
         facts.in_year_cut, _more_than("fell", 4, NEITHER),
         lambda f: f"Area Based Grant of 2010-11: budgeted £{f['budgeted']:.1f}m, received "
         f"£{f['received']:.1f}m, £{f['fell']:.1f}m less."),
    Rule("Q2", "defined",
         "Supported where more than half of the lines that can be followed in Redbridge fell per "
         "person after inflation over every piece of theirs; contradicted where fewer than half, "
         "neither at half.",
         "another reading of the article's words in claim_lines.csv; outturn of the small lines",
         facts.feared, _lines,
         lambda f: f"{f['fell']:.0f} of {f['followed']:.0f} lines fell in Redbridge, and "
         f"{f['fell beside']:.0f} of the same in outer London together. Some are budgets, which "
         "are plans; notebook 2 has each line. Of two readings of enforcement one fell and one "
         f"rose: together £{f['enforcement before']:.2f} and £{f['enforcement after']:.2f} a "
         "person."),
    Rule("Q3", "defined",
         "Supported where the fall by 2014-15, to which the Spending Review of 2010 went, is 20 to "
         "25 per cent by every reading, overstated where it is less by every one, contradicted "
         "where it is outside by every one and not less by all; neither where only some readings "
         "lie inside.",
         "a definition of what was to fall: the article gives none. Grant is no reading: specific "
         "grants were rolled into others in 2011-12 and business rates kept from 2013-14",
         facts.forecast, _forecast,
         lambda f: "Fall by 2014-15, after inflation: core spending since 2009-10 "
         + f"{f['per person']:.1f}% per person and {f['in total']:.1f}% in total as printed, "
         f"{f['like for like, per person']:.1f}% per person like for like; the middle council's "
         f"spending power since 2010-11 {f[READINGS[-1]]:.1f}%. The "
         f"deepest fall of core per person to 2019-20 is {f['deepest, per person']:.1f}% as "
         f"printed and {f['deepest, like for like']:.1f}% like for like."),
    Rule("Q4", "defined",
         "Supported where spending fell further in the most deprived fifth than in the least and "
         "the rank correlation of places says so too, contradicted where both say the opposite; "
         "neither where they differ or the correlation is not clearly rarer than one in twenty "
         "among shuffles.",
         "another base year or end year, or cuts counted in another way than spending per person",
         facts.regressive, _regressive,
         lambda f: f"As printed, most deprived fifth {f['most deprived fifth']:.1f}%, least "
         f"deprived {f['least deprived fifth']:.1f}%; rank correlation of deprivation and change "
         f"{f['rank correlation']:.2f} ({chance.p_in_words(f['p'], SHUFFLES)} by shuffling)."),
    Rule("Q5", "defined",
         "Supported while core spending per person has been at its level of 2009-10 in no year "
         "since; contradicted once it has.",
         "a year in which spending per person is back",
         facts.permanence, _permanent,
         lambda f: f"At or above the level of 2009-10 in {f['years back']:.0f} of {f['years']:.0f} "
         f"years since, as printed; {f['last']:.1f}% in the last year available. Like for like "
         f"it was {f['like for like']:.1f}% in {financial_year(int(f['its year']))}, and what "
         "joined core in 2014-15 is in every printed figure since."),
    Rule("Q8", "record",
         "Supported where thirteen founders can be named and Labour held each after May 2011; "
         "neither otherwise, because a name that no page gives may still have been one, and a "
         "party may lead a council without holding it.",
         "a list of July 2011 with all members",
         facts.founders, _all_named,
         lambda f: f"{f['named']:.0f} founders can be named of {THIRTEEN} claimed; Labour had a "
         f"majority of the seats in {f['labour']:.0f} of them after May 2011."),
    Rule("Q9", "defined",
         "Supported where the deepest one-year fall of England's core spending in cash after "
         "2009-10 is below nothing and below every change before; contradicted otherwise.",
         "years before 2007-08, which are not held",
         facts.brutal, _brutal,
         lambda f: f"Deepest year after 2009-10: {f['deepest after']:.1f}% as printed and "
         f"{f['deepest, like for like']:.1f}% like for like. In that year spending fell in "
         f"{f['places that fell']:.0f}% of places; least of the {f['changes before']:.0f} "
         f"changes before that are held: {f['least before']:+.1f}%."),
    Rule("Q10", "defined",
         "Supported where one in a hundred council homes or fewer is left at the next count, "
         "overstated where between that and nine in ten, contradicted where more.",
         "a corrected count of Rochdale's homes",
         facts.homes, _homes,
         lambda f: f"Council homes in Rochdale: {f['before']:,.0f}, then {f['after']:,.0f}; "
         f"in the middle of the other metropolitan districts with homes {f['middle']:.1f}% were "
         "left. That they left the council is counted; a mutual of tenants and employees owned "
         "the society from June 2013 by the register."),
    Rule("Q11", "record",
         "Overstated where the register has the homes passing to a body whose members tenants may "
         "be: a share in the society and not one's own home. Contradicted where they pass to a "
         "body without such members; neither otherwise.",
         "a record of homes that residents came to own themselves",
         facts.owners, _owners,
         lambda f: "By the register the homes "
         + ("passed to a society that owns them and lets them" if f["to a body"]
            else "passed to no body")
         + (", and tenants may be its members." if f["of members"] else ".")),
    Rule("Q16", "record",
         "Supported where the register has a scheme that began and a budget of Lambeth's has "
         "discounts that it paid for itself; neither otherwise, because a discount may be booked "
         "elsewhere.",
         "a scheme that paid out",
         facts.discounts, _rewarded,
         lambda f: "The register has " + ("a start; " if f["begun"] else "no scheme that ran; ")
         + f"{f['with discounts']:.0f} of Lambeth's {f['budgets']:.0f} budgets from 2010-11 have "
         "locally funded discounts, and "
         f"{f['others, per cent']:.0f}% of those of the rest of inner London."),
    Rule("Q18", "record",
         "Supported where a source other than the articles has the plan, or a children's centre "
         "was handed over; neither otherwise.",
         "a paper of the council with the plan, or a handover with a date",
         facts.planned_centres, _planned,
         lambda f: f"Sources of the plan beside the article: {f['sources']:.0f}. The register has "
         + ("a handover." if f["begun"] else "no handover.")),
    Rule("Q19", "defined",
         "Supported where Hackney's core spending per person from 2009-10 to 2019-20 is in the "
         "quarter of inner London's boroughs that fell least, contradicted where in the quarter "
         "that fell most, neither between.",
         "a measure of efficiency: spending does not say what was got for it",
         facts.hackney, _hackney,
         lambda f: f"Hackney {f['change']:.1f}%; the median of {f['of']:.0f} boroughs, those of "
         f"inner London with Newham, is {f['middle']:.1f}%. Hackney's cut is number "
         f"{f['rank']:.0f} of them from the deepest."),
    Rule("Q20", "compared",
         "Supported where in Newham claimants fell or employment rose beside London boroughs by a "
         "gap rarer than one in twenty when both are tried together; contradicted where one moved "
         "so the other way; neither where none did or they differ.",
         "a start of the agenda; the Games of 2012 were held there",
         facts.newham, _newham, _in_newham),
    Rule("Q21", "compared",
         "Contradicted where a commission said to follow Islington's began before it. Else "
         f"supported where Islington's share of low-income children fell by a gap {RARER}, "
         "contradicted where it rose so, and neither otherwise.",
         "a page that says what the later commissions took from it",
         facts.islington, _copied,
         lambda f: f"{f['followed']:.0f} of {f['followers']:.0f} began later. "
         + _ranked(f, "Low-income children, per cent")),
    Rule("Q22", "defined",
         "Supported where the share of library branches run by communities in 2016 is lower in "
         "sure members, beside elsewhere, than their classes alone would make it, clearly rarer "
         "than one in twenty shuffles of membership within classes; contradicted where higher so; "
         "neither otherwise.",
         "staff and volunteers, which no table holds",
         facts.volunteers, _volunteers,
         lambda f: f"Branches run by communities: {f['members']:.1f}% in {f['councils']:.0f} "
         f"members, {f['others']:.1f}% elsewhere; by their classes alone members' would be "
         f"{abs(f['expected']):.1f} points {'higher' if f['expected'] > 0 else 'lower'} "
         f"({chance.p_in_words(f['p'], SHUFFLES)})."),
    Rule("Q24", "compared",
         "Supported where employment in members is above its baseline by a gap clearly rarer than "
         "one in twenty, contradicted where below so, neither otherwise.",
         "jobs and investment by who owns the employer, which no table holds",
         facts.jobs, _jobs,
         lambda f: f"Employment rate of members: fit {f['fit']:.2f}, gap {f['gap']:+.2f} points "
         f"({f['low']:+.2f} to {f['high']:+.2f}, {chance.p_in_words(f['p'], int(f['of']) - 1)} "
         f"among {f['of'] - 1:,.0f} sets), "
         f"{_smallest(f)}."),
    Rule("Q25", "printed",
         "Supported where Labour held more than half of the named founders after May 2011, and "
         "more of them than of all councils; contradicted otherwise.",
         "the names of the founders that no page gives",
         facts.chosen, _chosen,
         lambda f: f"Labour held {f['founders']:.0f}% of {f['named']:.0f} named founders and "
         f"{f['all']:.0f}% of all councils with seats on record."),
)  # fmt: skip
BY_CLAIM = {rule.claim: rule for rule in RULES}
