"""Who were the pilots? Programmes, members and the councils they chose. Claims Q8, Q12 and Q25.

What a pilot was, where and when is the register's (pilots.csv, network.csv, evidence.csv). Here it
is counted, drawn, and set beside what the same councils were before 2010. No outcome is compared.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import date

import pandas as pd

from coopstats import charts
from coopstats.core.display import FullRows, Sentences
from coopstats.core.phrases import listed, number_of
from coopstats.core.years import financial_year
from coopstats.datasets.load import load
from coopstats.measures.choosing import PRINCIPAL
from coopstats.measures.groups import deprivation
from coopstats.measures.of_table import measure
from coopstats.register.councils import CLASSES, bodies
from coopstats.register.evidence import UNVERIFIED, every
from coopstats.register.members import Membership, members, memberships
from coopstats.register.pilots import Pilot, pilots, plan
from coopstats.register.pilots import pilot as one_pilot
from coopstats.register.reader import rows_of

BEFORE, PRICES, YEAR = 2009, 2019, 2012
DRAWN_TO = 2026.0
NORTH = ("North West", "North East", "Yorkshire and The Humber")
FIRST_LISTS = date(2014, 12, 31)  # seen by then: the launch of 2011 and the letter of 2014
REGISTER = "coopstats register: {}, with the sources of evidence.csv"
NO_END = "A thin bar to the edge means that no end was seen."
MAYS = (2009, 2010, 2011)
TRAITS = {
    "deprivation": "Deprivation, 2010",
    "spending": "Spending, 2009-10",
    "grants": "Grants, 2009-10",
}


# ── when ─────────────────────────────────────────────────────────────────────────────────────────


def moment(day: date) -> float:
    """A day as a year and its part: 1 April 2015 is 2015.25."""
    return day.year + (day.month - 1) / 12 + (day.day - 1) / 372


def timeline(levels: Iterable[str] = ("structural",)) -> pd.DataFrame:
    """Each pilot with a start: from when to when it surely ran (`start`, `until`), or possibly.

    An end that nobody gives, and one that had not come when last looked at, is possible to the
    edge of the picture.
    """
    rows = [_ran(p) for p in pilots() if p.level in levels and p.start.last is not None]
    return pd.DataFrame(rows).sort_values(["start", "pilot"], ignore_index=True)


def _ran(one: Pilot) -> dict[str, object]:
    start = _moment(one.start.last, DRAWN_TO)
    return {
        "pilot": _label(one),
        "start": start,
        "until": max(start, _moment(one.end.first, start)),
        "low": _moment(one.start.first, start),
        "high": _moment(one.end.last, DRAWN_TO),
    }


def _moment(day: date | None, otherwise: float) -> float:
    return moment(day) if day else otherwise


def _label(one: Pilot) -> str:
    name = one.name.split(":")[0].split(" (")[0]
    return name if not one.council or one.council in name else f"{name}, {one.council}"


def timeline_chart() -> charts.Chart:
    """When each structural pilot surely ran, and when it possibly did."""
    rows = timeline()
    taken = [p for p in pilots(level="structural") if p.end.known]
    return charts.timeline(
        rows,
        series="pilot",
        low="low",
        high="high",
        slug="timeline-of-pilots",
        title=f"{len(rows)} structural pilots; {len(taken)} are known to have ended",
        subtitle="A named body took over a named service of a named council",
        unit="months from the sure start to the last sure sight of it",
        marks={moment(date(2011, 7, 15)): "network launched"},
        highlight=[_label(p) for p in taken],
        sources=REGISTER.format("pilots.csv"),
        notes=("In colour: those that are known to have ended.", NO_END),
    )


def members_chart() -> charts.Chart:
    """When each council that had been seen as a member by the end of 2014 was one."""
    rows = pd.DataFrame([_was_member(m) for m in memberships() if m.first_seen <= FIRST_LISTS])
    named = {m.council for m in memberships() if m.founder == "named"}
    return charts.timeline(
        rows,
        low="low",
        high="high",
        slug="timeline-of-members",
        title=f"Thirteen founders are claimed and {len(named)} can be named",
        subtitle="Councils seen as members of the network by the end of 2014",
        unit="months from the first to the last sight of it",
        marks={moment(date(2011, 7, 15)): "launch"},
        sources=REGISTER.format("network.csv"),
        notes=("Between two sights a council is taken to have been a member.", NO_END),
    )


def _was_member(one: Membership) -> dict[str, object]:
    nobody = f"Not named ({one.member.replace('-', ' ')})"
    return {
        "council": one.council or nobody,
        "start": moment(one.first_seen),
        "until": moment(one.last_seen),
        "low": moment(one.first_possible),
        "high": _moment(one.absent_from, DRAWN_TO),
    }


# ── where ────────────────────────────────────────────────────────────────────────────────────────

KINDS = ("neither", "possibly a member", "surely a member", "a structural pilot",
         "a structural pilot and surely a member")  # fmt: skip


def map_chart(year: int = YEAR) -> charts.Chart:
    """Every council of 2021 as a hexagon: member in one year, structural pilot in any."""
    of_year = members(year)
    hexes = load("councils").dropna(subset="hex_2021_q").astype({"ecode": str, "council": str})
    hexes = hexes[~hexes["council_class"].isin(["O", "SC"])]
    treated = {p.ecode for p in pilots(level="structural")}
    hexes = hexes.assign(
        value=[_kind(c, n, treated, of_year.surely, of_year.possibly)
               for c, n in zip(hexes["ecode"], hexes["council"], strict=True)]
    )  # fmt: skip
    rows = hexes.rename(columns={"hex_2021_q": "q", "hex_2021_r": "r"})
    both = int((rows["value"] == len(KINDS) - 1).sum())
    return charts.hex_map(
        rows[["gss", "council", "region", "q", "r", "value"]],
        slug="map-of-pilots",
        title=f"{both} of the {len(of_year.surely)} sure members of {financial_year(year)} also "
        "had a structural pilot",
        subtitle=f"Members of the network in {financial_year(year)} and structural pilots of any "
        "year",
        unit="what a council was",
        number="count",
        bin_names=KINDS,
        highlight=["Lambeth", "Oldham", "Rochdale", "Sunderland", "York", "Stevenage"],
        sources=(REGISTER.format("pilots.csv and network.csv"),
                 "Hexagon layout: Open Innovations (MIT licence)"),
        notes="A district's hexagon shows the pilot of its county council.",
    )  # fmt: skip


def _kind(
    ecode: str, name: str, treated: set[str], surely: Iterable[str], possibly: Iterable[str]
) -> int:
    pilot = ecode in treated or bodies()[ecode].county in treated
    if pilot:
        return KINDS.index("a structural pilot") + (name in surely)
    return 2 if name in surely else 1 if name in possibly else 0


# ── who they were before ─────────────────────────────────────────────────────────────────────────


@functools.cache
def before() -> pd.DataFrame:
    """Every principal council of 2009-10 on what was known before 2010.

    `deprivation` is the average score of the index of 2010, `spending` core per person in 2019-20
    pounds, `grants` the share of the budget requirement that council tax did not meet, in per
    cent. Of each, `…_above` is the share of the councils of its class that are lower.
    """
    core = measure("revenue_outturn", "core").where(council_class=PRINCIPAL)
    each = core.between(BEFORE, BEFORE).real(PRICES).per_head(leave_out=True)
    spending = each.frame.set_index("ecode")["value"]
    score, _ = deprivation({code: (code,) for code in _alive()}, 2010)
    listed_now = pd.DataFrame(
        [(c, b.name, b.council_class, b.region) for c, b in _alive().items()],
        columns=["ecode", "council", "council_class", "region"],
    ).set_index("ecode")
    frame = listed_now.assign(deprivation=score, spending=spending, grants=_grants())
    groups = frame.groupby("council_class")
    lower = {f"{t}_above": groups[t].rank(method="min").sub(1) / groups[t].transform("count").sub(1)
             for t in TRAITS}  # fmt: skip
    return frame.assign(**{name: 100 * share for name, share in lower.items()})


@functools.cache
def _alive() -> dict:
    alike = {c: b for c, b in bodies().items() if b.alive(BEFORE)}
    return {c: b for c, b in alike.items() if b.council_class in PRINCIPAL}


def _grants() -> pd.Series:
    """The share of the budget requirement not met by council tax, per cent."""
    lines = ["budget_requirement", "council_tax_requirement"]
    rows = load("revenue_outturn", year=BEFORE, service=lines).astype({"ecode": str})
    wide = rows.pivot(index="ecode", columns="service", values="gbp").astype("float64")
    return 100 * (1 - wide["council_tax_requirement"] / wide["budget_requirement"])


def founders() -> pd.DataFrame:
    """The founders that can be named, on what was known before 2010."""
    codes = [m.ecode for m in memberships() if m.founder == "named"]
    return before().loc[codes].sort_values("deprivation_above", ascending=False)


def treated() -> pd.DataFrame:
    """The councils with a structural pilot, on what was known before 2010."""
    codes = dict.fromkeys(p.ecode for p in pilots(level="structural"))
    return before().loc[list(codes)].sort_values("deprivation_above", ascending=False)


def founders_chart() -> charts.Chart:
    """Where the named founders stood among the councils of their class before 2010."""
    return _traits_chart(
        founders(),
        slug="founders-before",
        title="Before 2010 the middle named founder was more deprived than "
        f"{_middle(founders(), 'deprivation')} of its class",
    )


def treated_chart() -> charts.Chart:
    """Where the councils with structural pilots stood among their class before 2010."""
    stood = treated()["deprivation_above"]
    low, high = stood.min(), stood.max()
    return _traits_chart(
        treated(),
        slug="treated-before",
        title=f"Councils with structural pilots stood from {low:.0f}% to {high:.0f}% of their "
        "class on deprivation",
    )


def _traits_chart(rows: pd.DataFrame, **words: str) -> charts.Chart:
    long = pd.concat(
        [rows[["council"]].assign(panel=words_of, value=rows[f"{trait}_above"])
         for trait, words_of in TRAITS.items()]
    )  # fmt: skip
    return charts.dot(
        long,
        sort=False,
        panel="panel",
        subtitle="Where each stood among councils of its class: 0% is the lowest, 100% the highest",
        unit="per cent of the councils of its class that are lower",
        number="per_cent",
        y_range=(0, 100),
        sources=("MHCLG: Revenue Outturn 2009-10; English Indices of Deprivation 2010",
                 "ONS: mid-year population estimates, 2009"),
        notes="Grants are the share of the budget requirement that council tax did not meet. "
        f"Spending is core per person, in {financial_year(PRICES)} prices. A class is all councils "
        "of one kind, such as metropolitan districts.",
        **words,
    )  # fmt: skip


def _middle(rows: pd.DataFrame, trait: str) -> str:
    """The middle one's share of its class that is lower, in words."""
    return f"{rows[f'{trait}_above'].median():.0f}%"


def beside() -> pd.DataFrame:
    """Named founders and the other councils of each of their classes: the middle of each trait."""
    rows, codes = before(), list(founders().index)
    alike = rows[rows["council_class"].isin(rows.loc[codes, "council_class"].unique())]
    who = pd.Series("others", index=alike.index)
    who.loc[codes] = "named founders"
    groups = alike.groupby([alike["council_class"].map(CLASSES), who])
    middles = groups[list(TRAITS)].median().round(1)
    return middles.assign(councils=groups.size()).rename_axis(["class", "who"])


# ── sentences ────────────────────────────────────────────────────────────────────────────────────


def answer() -> Sentences:
    """The three sentences that open the notebook."""
    return Sentences([counted()[0], in_network()[0], were()[0]])


def _of(level: str) -> int:
    return len(pilots(level=level))


def counted() -> Sentences:
    """How many there were, and how far they went."""
    named = [p for p in pilots() if p.named_as]
    structural = pilots(level="structural")
    from_articles = [p.name.split(":")[0] for p in structural if p.named_as]
    ways = {word: sum(p.testable == word for p in pilots()) for word in ("comparison", "no")}
    return Sentences(
        [
            f"The register holds {len(pilots())} programmes; of the {len(named)} rows that the "
            f"articles name, {len(from_articles)} became structural ({listed(from_articles)}), "
            f"and {sum(p.level == 'announced' for p in named)} left no decision and no start that "
            "could be found.",
            f"{ways['comparison']} can be set beside councils like theirs, "
            f"{len(pilots()) - sum(ways.values())} can be described, and {ways['no']} cannot be "
            "tested with what is held.",
        ]
    )


def in_network(year: int = YEAR) -> Sentences:
    """Claim Q8: thirteen Labour councils."""
    named = sum(m.founder == "named" for m in memberships())
    nameless = sum(m.founder == "claimed" for m in memberships())
    of_year = members(year)
    return Sentences(
        [
            f"Of the {named + nameless} founders that the articles claim, {named} can be named; in "
            f"{financial_year(year)} {len(of_year.surely)} English councils were surely members, "
            f"{len(of_year.possibly)} possibly, and {of_year.unknown} founders have no name.",
        ]
    )


def were() -> Sentences:
    """Who the founders were before 2010, beside councils of their class."""
    rows = founders()
    kinds = rows["council_class"].value_counts()
    of_kind = listed([number_of(n, CLASSES[c]) for c, n in kinds.items()])
    return Sentences(
        [
            f"The {len(rows)} named founders ({of_kind}) were not councils drawn by lot: the "
            f"middle one was more deprived than {_middle(rows, 'deprivation')} of its class, "
            f"depended more on grants than {_middle(rows, 'grants')} and spent more per person "
            f"than {_middle(rows, 'spending')}.",
        ]
    )


def chosen() -> Sentences:
    """Why membership is exposure of chosen councils. Claim Q25."""
    rows = founders()
    north = int(rows["region"].isin(NORTH).sum())
    poorer = int((rows["deprivation_above"] > 50).sum())
    return Sentences(
        [
            "The network was, in its own words, “open by invitation to Labour-led councils”: a "
            "member was chosen on control, and had chosen.",
            f"{north} of the {len(rows)} named founders are in the three regions of the north and "
            f"{poorer} are in the more deprived half of their class: a gap beside the average "
            "council would hold all that as well as membership.",
            "Members are therefore set beside councils of their own class, and what parts them "
            "afterwards is a gap of exposed councils, not the result of a trial.",
        ]
    )


def held_by(codes: Iterable[str]) -> pd.DataFrame:
    """Which party had more than half of the seats after each May from 2009 to 2011, by council.

    Recomputed from the seats; "none" is no overall control.
    """
    rows = load("political_control", item="seats", ecode=list(codes), year=list(MAYS))
    wide = rows.astype({"control": str, "council": str}).pivot(
        index="council", columns="year", values="control"
    )
    return wide.replace("_", " ", regex=True)


def founders_held() -> pd.DataFrame:
    """`held_by` of the founders that can be named."""
    return held_by(m.ecode for m in memberships() if m.founder == "named")


def control() -> Sentences:
    """Who held the founders, and who changed hands two months before the network began."""
    held = founders_held()
    labour = {year: list(held.index[held[year] == "labour"]) for year in MAYS}
    gained = [name for name in labour[2011] if name not in labour[2010]]
    without = [name for name in held.index if name not in labour[2011]]
    return Sentences(
        [
            f"After the elections of May 2009 Labour had more than half of the seats in "
            f"{len(labour[2009])} of the {len(held)} named founders, after May 2010 in "
            f"{len(labour[2010])}, after May 2011 in {len(labour[2011])}.",
            f"{listed(gained)} came under Labour control in May 2011, two months before the "
            "network began: what followed there followed a change of party too.",
            f"{listed(without)} had no majority of one party in the seats of May 2011.",
        ]
    )


def testable() -> FullRows:
    """Every pilot that the articles name or that began, whether it can be tested, and why."""
    rows = [(p.slug, p.council or p.scope, p.level, p.testable, p.why) for p in pilots()]
    frame = pd.DataFrame(rows, columns=["pilot", "where", "level", "test", "reason"])
    order = {"comparison": 0, "description": 1, "no": 2}
    return FullRows(frame.sort_values("test", key=lambda t: t.map(order), kind="stable"))


def planned() -> FullRows:
    """What will be compared: outcome, years, donors' baseline and estimator, as committed."""
    columns = ["pilot", "order", "table", "service", "before", "after", "left_out", "baseline",
               "estimator", "inference", "form"]  # fmt: skip
    rows = plan()
    spans = {
        side: (rows[f"{side}_first"] + " to " + rows[f"{side}_last"]).replace(" to ", "")
        for side in ("before", "after")
    }
    return FullRows(rows.assign(**spans)[columns])


def evidenced() -> Sentences:
    """What the register rests on."""
    said = every()
    aside = [e for e in said if e.status == "set aside"]
    weak = [p.slug for p in pilots() if p.grade == UNVERIFIED]
    return Sentences(
        [
            f"The register rests on {sum(bool(e.quote) for e in said)} quoted sentences from "
            f"{len({e.address for e in said if e.address})} addresses; {len(aside)} say otherwise "
            "than the register and are set aside, each with its reason.",
            f"{number_of(len(weak), 'pilot')} ({listed(weak)}) and "
            f"{number_of(sum(e.grade == UNVERIFIED for e in said if e.of == 'member'), 'sight')} "
            "of members rest on pages that could not be opened again; "
            f"{len(rows_of('searches'))} searches found nothing or not all.",
        ]
    )


def left_out(slug: str) -> FullRows:
    """The councils that a comparison of one pilot leaves out, with the sources."""
    found = one_pilot(slug).exclusions
    return FullRows(found[["council", "relation", "reason", "citation", "quote"]])


def conflicts() -> FullRows:
    """Sentences that the register does not follow, each with its reason."""
    rows = [(e.subject, e.about, e.quote, e.citation, e.reason) for e in every()
            if e.status == "set aside"]  # fmt: skip
    return FullRows(
        pd.DataFrame(rows, columns=["of", "about", "it says", "source", "why set aside"])
    )


def searches() -> FullRows:
    """What was looked for and not found, or not all of it."""
    return FullRows(pd.DataFrame(rows_of("searches"))[["sought", "about", "date", "found"]])


def sentences() -> Sentences:
    """Every sentence of this question, in the order of the notebook."""
    parts = (counted, in_network, were, chosen, control, evidenced)
    return Sentences(sentence for part in parts for sentence in part())


CHARTS = (timeline_chart, members_chart, map_chart, founders_chart, treated_chart)
