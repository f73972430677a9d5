"""How deep were the cuts? Claims Q3, Q4, Q5 and Q9 of the articles.

Service spending is `core`: total service expenditure less education, police, fire and public
health, so that it means the same in every year. Places are single councils, or a county with its
districts where they share the services. Every choice is an argument, and every answer moves.
"""

from __future__ import annotations

import functools

import pandas as pd

from coopstats import charts
from coopstats.charts.numbers import MINUS
from coopstats.core.display import Sentences
from coopstats.core.phrases import listed, number_of
from coopstats.core.years import financial_year
from coopstats.datasets.kept import kept
from coopstats.datasets.load import load
from coopstats.findings.level_claims import LevelClaim, Twin, each_once, level_claim
from coopstats.measures.choosing import PRINCIPAL
from coopstats.measures.groups import FIFTHS, deprivation
from coopstats.measures.meaning import ADDED_UP
from coopstats.measures.measure import Measure
from coopstats.measures.of_table import measure
from coopstats.register import breaks
from coopstats.register.councils import CLASSES, bodies, council

BASE, END, LAST, PRICES = 2009, 2019, 2023, 2019
FORECAST = (-20, -25)  # claim Q3: "likely to be in the range of 20-25%"
REVIEW_END = 2014  # the Spending Review of 2010 went to 2014-15
MOVE = 2014  # of youth services and Sure Start from education into children's social care and core
JOINED = f"the services that joined core in {financial_year(MOVE)}"
OTHERS = "the Greater London Authority, transport and other bodies"
SERVICES = {
    "social_care": "Social care",
    "highways": "Highways and transport",
    "housing": "Housing (not council rents)",
    "cultural": "Culture, parks, libraries, leisure",
    "environmental": "Environment and refuse",
    "planning": "Planning and development",
    "central": "Central services",
}
ARTICLES = (
    "Redbridge", "Lambeth", "Hackney", "Newham", "Islington", "Lewisham", "Oldham", "Rochdale",
    "Liverpool", "Newcastle upon Tyne", "Sunderland", "Kirklees", "Stevenage",
    "Telford and Wrekin", "York",
)  # fmt: skip
TINY = ["City of London", "Isles of Scilly"]


# ── measures ─────────────────────────────────────────────────────────────────────────────────────


@functools.cache
def england(
    service: str = "core", prices: int = PRICES, index: str = "gdp", last: int = LAST
) -> Measure:
    """England as printed, with the publisher's estimates for missing returns; real pounds."""
    whole = measure("printed_totals", service, whole="England", table="revenue_outturn")
    return (whole if last == LAST else whole.between(2007, last)).real(prices, index)


@functools.cache
def places(
    service: str = "core", first: int = BASE, last: int = END, prices: int = PRICES,
    index: str = "gdp", alike: bool = False,
) -> Measure:  # fmt: skip
    """Every place of England but two with too few residents; real pounds per person.

    As printed, or `alike`: like for like, without what joined the line in these years.
    """
    every = measure("revenue_outturn", service).where(council_class=PRINCIPAL)
    every = every.between(first, last)
    areas = (every.like_for_like() if alike else every).two_tier()
    return (
        areas.without(TINY, "so few residents that a figure per person misleads")
        .real(prices, index)
        .per_head()
    )


@functools.cache
def councils(service: str = "core", first: int = BASE, last: int = END) -> Measure:
    """All of England's councils together, without police, fire, transport and other bodies."""
    every = measure("revenue_outturn", service).where(council_class=PRINCIPAL)
    return every.between(first, last).by("england", leave_out=True).real(PRICES)


def by_service(base: int = BASE, end: int = END) -> pd.DataFrame:
    """The real change in councils' spending on each service, in per cent: service, value."""
    changes = {
        SERVICES[service]: councils(service, base, end).change(base, end).frame["value"].iloc[0]
        for service in SERVICES
    }
    return pd.Series(changes, name="value").rename_axis("service").reset_index()


def yearly(first: int = 2008, last: int = LAST) -> pd.DataFrame:
    """The change of England's core spending from the year before, in cash and real, per cent."""
    cash = measure("printed_totals", "core", whole="England", table="revenue_outturn")
    rows = []
    for name, taken in (("cash", cash), ("real", cash.real(PRICES))):
        series = taken.frame.set_index("year")["value"]
        rows.append((100 * series.pct_change()).loc[first:last].rename(name))
    return pd.concat(rows, axis=1).reset_index()


@functools.cache
def cash_by_place(first: int = BASE, last: int = END) -> Measure:
    """Every place of England but two with too few residents; pounds of the day."""
    every = measure("revenue_outturn", "core").where(council_class=PRINCIPAL)
    areas = every.between(first, last).two_tier()
    return areas.without(TINY, "so few residents that a percentage misleads")


def cash_like_for_like() -> pd.Series:
    """The change of England's core from the year before in cash, like for like, per cent, by year.

    What joined in 2014-15 is in no year.
    """
    return 100 * core_alike().frame.set_index("year")["value"].pct_change()


@functools.cache
def core_alike(of: tuple[str, ...] = ()) -> Measure:
    """England's core like for like in pounds of the day: as printed, or of councils of classes."""
    return _core(of).like_for_like() if not of else _core(of).like_for_like().by(
        "england", leave_out=True)  # fmt: skip


def _core(of: tuple[str, ...] = ()) -> Measure:
    whole = measure("printed_totals", "core", whole="England", table="revenue_outturn")
    taken = measure("revenue_outturn", "core").where(council_class=of) if of else whole
    return taken.between(BASE, END)


def yearly_by_place(first: int = BASE, last: int = END) -> pd.DataFrame:
    """Each place's one-year change of core spending in cash, per cent: year, council, value."""
    wide = cash_by_place(first, last).frame.pivot(index="council", columns="year", values="value")
    return (100 * wide.pct_change(axis=1).iloc[:, 1:]).stack().rename("value").reset_index()


BASES: dict[str, int | tuple[int, int]] = {
    "2009-10": 2009,
    "2010-11": 2010,
    "mean of 2008-09 to 2010-11": (2008, 2010),
}


@functools.cache
def base_years(end: int = END) -> pd.DataFrame:
    """Each place's change under three base years, and its rank (1 is the deepest cut) in each."""
    spend = places(first=2008, last=end)
    columns = {}
    for name, base in BASES.items():
        changed = spend.change(base, end, leave_out=True).frame.set_index("council")["value"]
        columns[name] = changed
    wide = pd.DataFrame(columns).dropna()
    ranked = wide.join(wide.rank().astype(int).add_prefix("rank, "))
    return ranked.sort_values(next(iter(BASES)))


def place_of(name: str, spend: Measure) -> str:
    """The place of a measure in which a council lies: Stevenage is in the Hertfordshire area."""
    code = council(name).ecode
    home = next(place for place, parts in spend.members.items() if code in parts)
    return spend.amounts.loc[spend.amounts["ecode"] == home, "council"].iloc[0]


# ── charts ───────────────────────────────────────────────────────────────────────────────────────


def _words(taken: Measure, *more: str) -> dict:
    """Source and note of a chart, from the measure it shows."""
    return {"sources": taken.sources, "notes": (*more, *taken.steps)}


def _words_of(taken: list[Measure], *more: str) -> dict:
    """Source and note of a chart of several changes of one table: what each says, once."""
    widest = max(taken, key=lambda one: len(one.compared))
    steps = dict.fromkeys(
        step for one in taken for step in one.steps if not (one.doubted_parts and ADDED_UP in step)
    )
    odd = sum(len(one.doubted_parts) for one in taken)
    doubts = [f"{number_of(odd, 'figure is', 'figures are')} {ADDED_UP}."] if odd else []
    return {"sources": widest.sources, "notes": (*more, *steps, *doubts)}


def _break_of(taken: Measure) -> dict[str, str]:
    """The column of a chart's numbers that says what changed on the way."""
    said = taken.frame.get("break", pd.Series([""]))
    return {"break": " ".join(dict.fromkeys(said))}


def _doubts_of(taken: list[Measure], key: str = "council") -> pd.Series:
    """Why numbers are in doubt in any of several changes, by place; "" where they are not."""
    frames = [one.frame for one in taken]
    rows = pd.concat([f.assign(doubt=f.get("doubt", "")) for f in frames])
    return rows.groupby(key)["doubt"].agg(lambda each: "; ".join(dict.fromkeys(filter(None, each))))


def _went(change: float, places: int = 0, after: float | None = None) -> str:
    """The change in words: its verb is left out where one that went the same way stands before."""
    told = f"{abs(change):.{places}f}%"
    same = after is not None and (after < 0) == (change < 0)
    return told if same else f"{'fell' if change < 0 else 'rose'} {told}"


def _index_of(taken: Measure, base: int, name: str) -> pd.DataFrame:
    return taken.index(base).frame.assign(council=name)


def _lowest(rows: pd.DataFrame) -> pd.Series:
    return rows.loc[rows["value"].idxmin()]


def england_chart(base: int = BASE) -> charts.Chart:
    """England's core spending since the base year: in all, and per person."""
    total = england()
    each = total.per_head()
    like = like_for_like(each, base)
    rows = pd.concat(
        [
            _index_of(total, base, "in total"),
            _index_of(each, base, "per person"),
            pd.DataFrame({"year": like.index, "value": 100 + like, "council": LIKE}),
        ]
    )
    low = _lowest(rows[(rows["council"] == LIKE) & (rows["year"] <= END)])
    printed = rows[(rows["council"] == "per person") & (rows["year"] == low["year"])]["value"]
    return charts.line(
        rows,
        slug="england-core-spending",
        title=f"Like for like, spending per person {_went(low['value'] - 100, 1)} by "
        f"{financial_year(low['year'])}; as printed it {_went(printed.iloc[0] - 100, 1)}",
        subtitle=f"Core council spending, England, real terms, {financial_year(base)} = 100"
        f"{each.index(base).apart_in}",
        unit=f"index, {financial_year(base)} = 100",
        number="index",
        highlight=["in total", "per person", LIKE],
        **_words(
            each.index(base),
            f"Like for like is without {JOINED}, which are held from that year to "
            f"{financial_year(int(like.index[-1]))}.",
            "Core leaves out education, police, fire and public health. England as printed: from "
            "2021-22, and in 2016-17, it includes the publisher's estimates for missing returns. "
            "2020-21 and 2021-22 hold pandemic spending.",
        ),
    )


def services_chart(base: int = BASE, end: int = END) -> charts.Chart:
    """The real change of each service."""
    rows = by_service(base, end)
    deepest = rows.sort_values("value").iloc[0]
    care = float(rows.loc[rows["service"] == SERVICES["social_care"], "value"].iloc[0])
    each = [councils(service, base, end).change(base, end) for service in SERVICES]
    joined = dict(zip(SERVICES.values(), each, strict=True))
    unlike = [_lower(_short(name)) for name, one in joined.items() if one.apart_in]
    but = f" ({listed(unlike)} not like for like)" if unlike else ""
    return charts.bar(
        rows.assign(**{"break": [_break_of(joined[name])["break"] for name in rows["service"]]}),
        series="service",
        slug="cuts-by-service",
        title=f"Spending on {_lower(_short(deepest['service']))} {_went(deepest['value'])}; on "
        f"social care it {_went(care)}",
        subtitle=f"Change in councils' net current expenditure, England, {financial_year(base)} to "
        f"{financial_year(end)}, real terms{but}",
        unit="per cent",
        number="per_cent",
        highlight=[deepest["service"], SERVICES["social_care"]],
        **_words_of(each),
    )


def _short(service: str) -> str:
    return service.split(",")[0].split(" (")[0]


def yearly_chart() -> charts.Chart:
    """England's one-year change in cash."""
    rows = _began(yearly(last=END).assign(council=lambda r: r["year"].map(financial_year)))
    worst = rows.loc[rows["cash"].idxmin()]
    before = rows.loc[rows["year"] <= BASE, "cash"].mean()
    taken = measure("printed_totals", "core", whole="England", table="revenue_outturn")
    return charts.bar(
        rows,
        y="cash",
        sort=False,
        slug="yearly-cash-change",
        title=f"In {worst['council']} cash spending {_went(worst['cash'], 1)}; to "
        f"{financial_year(BASE)} it {_went(before)} a year",
        subtitle="Change from the year before in core council spending, England, cash"
        f"{taken.unlike(2007, END)}",
        unit="per cent",
        number="per_cent",
        highlight=[worst["council"]],
        **_words(taken.between(2007, END)),
    )


def _began(rows: pd.DataFrame) -> pd.DataFrame:
    """With what changed in core from the year before: each number is set against that year."""
    said = [breaks.change_in("revenue_outturn", "core", int(year)) for year in rows["year"]]
    return rows.assign(**{"break": said})


def spread_chart() -> charts.Chart:
    """How the one-year cash changes were spread over places."""
    rows = yearly_by_place()
    spread = rows.groupby("year")["value"].quantile([0.1, 0.5, 0.9]).unstack()
    spread.columns = ["low", "value", "high"]
    spread = _began(spread.reset_index().assign(council="middle place"))
    falling = rows.groupby("year")["value"].apply(lambda v: 100 * (v < 0).mean())
    worst = falling.idxmax()
    return charts.line(
        spread,
        low="low",
        high="high",
        slug="yearly-change-spread",
        title=f"In {financial_year(worst)} cash spending fell in {falling[worst]:.0f}% of places",
        subtitle="Change from the year before in core spending, cash: the middle place, and the "
        "eight tenths of places around it",
        unit="per cent",
        number="per_cent",
        highlight=["middle place"],
        **_words(
            cash_by_place(),
            f"{rows['council'].nunique()} places: single councils, and counties with their "
            "districts.",
        ),
    )


def classes_chart(base: int = BASE, end: int = END) -> charts.Chart:
    """Real spending per person by kind of council."""
    taken = places(last=end).by("council_class").index(base)
    rows = taken.frame.assign(council=taken.frame["council"].map(_plural))
    last = rows[rows["year"] == end].sort_values("value")
    deepest, *_, shallowest = last["value"] - 100
    return charts.line(
        rows,
        slug="cuts-by-kind-of-council",
        title=f"Spending per person {_went(deepest)} in {last['council'].iloc[0]}, "
        f"{_went(shallowest, after=deepest)} in {_lower(last['council'].iloc[-1])}",
        subtitle=f"Core spending per person by kind of council, real terms, "
        f"{financial_year(base)} = 100{taken.apart_in}",
        unit=f"index, {financial_year(base)} = 100",
        number="index",
        highlight=list(rows["council"].unique()),
        **_words(taken),
    )


_PLURALS = {
    CLASSES["L"]: "London boroughs",
    CLASSES["MD"]: "Metropolitan districts",
    CLASSES["UA"]: "Unitary authorities",
    "two-tier area": "County areas",
}


def _plural(kind: str) -> str:
    return _PLURALS.get(kind, kind)


def _lower(words: str) -> str:
    return words[0].lower() + words[1:]


def fifths_chart(base: int = BASE, end: int = END) -> charts.Chart:
    """The change by fifth of deprivation."""
    taken = places(last=end).by("deprivation_fifth", leave_out=True).change(base, end)
    rows = taken.frame.set_index("council").loc[list(FIFTHS)[::-1]]
    most, *_, least = rows["value"]
    return charts.bar(
        rows.reset_index(),
        sort=False,
        slug="cuts-by-deprivation",
        title=f"Spending per person {_went(most)} in the most deprived fifth, "
        f"{_went(least, after=most)} in the least",
        subtitle=f"Change in core spending per person, {financial_year(base)} to "
        f"{financial_year(end)}, real terms, fifths of places by the 2010 index of deprivation"
        f"{taken.apart_in}",
        unit="per cent",
        number="per_cent",
        highlight=["most deprived fifth"],
        **_words(taken),
    )


def by_deprivation(base: int = BASE, end: int = END) -> pd.DataFrame:
    """Each place's deprivation score of 2010 and its change, per cent: council, score, change."""
    changed = places(last=end).change(base, end)
    score, _ = deprivation(changed.members, 2010)
    rows = changed.frame.assign(score=changed.frame["ecode"].map(score))
    return rows.rename(columns={"value": "change"})[["council", "score", "change"]].dropna()


def scatter_chart(base: int = BASE, end: int = END) -> charts.Chart:
    """Each place's change against its deprivation score."""
    spend = places(last=end)
    changed = spend.change(base, end)
    score, cited = deprivation(changed.members, 2010)
    rows = changed.frame.assign(score=changed.frame["ecode"].map(score))
    known = rows.dropna(subset="score")
    link = known["score"].rank().corr(known["value"].rank())
    return charts.scatter(
        known,
        x="score",
        slug="cuts-and-deprivation",
        title=f"The more deprived the place, the {'deeper' if link < 0 else 'shallower'} the cut: "
        f"rank correlation {link:.2f}".replace("-", MINUS),
        subtitle=f"Core spending per person, change {financial_year(base)} to {financial_year(end)}"
        f", real terms, against the 2010 index of deprivation{changed.apart_in}",
        x_title="Index of deprivation 2010, average score (higher is more deprived)",
        x_number="decimal",
        unit="per cent",
        number="per_cent",
        highlight=["Redbridge", "Lambeth", "Oldham", "Liverpool"],
        sources=(*changed.sources, *(c["citation"] for c in cited.values())),
        notes=(f"{len(rows) - len(known)} of {len(rows)} places have no 2010 score.",
               *changed.steps),
    )  # fmt: skip


def deepest_chart(most: int = 10, end: int = END) -> charts.Chart:
    """The deepest and shallowest cuts, with the range over three base years."""
    wide = base_years(end)
    bases = list(BASES)
    rows = wide[bases].assign(
        value=wide[bases[0]], low=wide[bases].min(axis=1), high=wide[bases].max(axis=1)
    )
    ends = rows.sort_values("value")
    shown = pd.concat([ends.head(most), ends.tail(most)]).reset_index()
    missing = [n for n in ("Redbridge",) if n not in set(shown["council"])]
    shown = pd.concat([shown, rows.loc[missing].reset_index()])
    first, last = ends.index[0], ends.index[-1]
    shown["doubt"] = shown["council"].map(_doubts_of(_from_each_base(end)))
    return charts.dot(
        shown.assign(**_break_of(_from_each_base(end)[0])),
        low="low",
        high="high",
        slug="deepest-and-shallowest",
        title=f"From {first} ({ends['value'].iloc[0]:.0f}%) to {last} "
        f"({ends['value'].iloc[-1]:+.0f}%)".replace("-", MINUS),
        subtitle=f"Core spending per person, change {financial_year(BASE)} to "
        f"{financial_year(end)}, real terms: {most} deepest, {most} shallowest, and Redbridge"
        f"{_from_each_base(end)[0].apart_in}",
        unit="per cent",
        number="per_cent",
        highlight=["Redbridge"],
        context=f"the {len(wide) - len(shown)} places between",
        **_words_of(
            _from_each_base(end),
            f"The line through each dot is the range over three bases: {'; '.join(bases)}.",
        ),
    )


def _from_each_base(end: int) -> list[Measure]:
    """The changes that `base_years` compares: their steps say which breaks each base crosses."""
    spend = places(first=2008, last=end)
    return [spend.change(base, end, leave_out=True) for base in BASES.values()]


def articles_chart(end: int = END) -> charts.Chart:
    """The fifteen councils of the articles, with the range over three base years."""
    wide, spend = base_years(end), places(first=2008, last=end)
    bases = list(BASES)
    home = {name: place_of(name, spend) for name in ARTICLES}
    rows = wide.loc[list(home.values()), bases]
    rows = rows.assign(value=rows[bases[0]], low=rows.min(axis=1), high=rows.max(axis=1))
    names = {place: _named(name, place) for name, place in home.items()}
    rows["doubt"] = _doubts_of(_from_each_base(end))
    rows = rows.reset_index().assign(council=lambda r: r["council"].map(names))
    middle = float(wide[bases[0]].median())
    deeper = int((rows["value"] < middle).sum())
    changed = _from_each_base(end)[0]
    return charts.dot(
        rows.assign(**_break_of(changed)),
        low="low",
        high="high",
        slug="councils-of-the-articles",
        title=f"Spending fell further than in the middle place in {deeper} of {len(rows)} councils",
        subtitle=f"Core spending per person, change {financial_year(BASE)} to "
        f"{financial_year(end)}, real terms{changed.apart_in}",
        unit="per cent",
        number="per_cent",
        highlight=["Redbridge"],
        **_words_of(
            _from_each_base(end),
            f"The middle place of {len(wide)} {_moved(middle)}.",
            f"The line through each dot is the range over three bases: {'; '.join(bases)}.",
        ),
    )


def _moved(change: float) -> str:
    return f"{'fell' if change < 0 else 'rose'} by {_pct(change)}"


def _named(name: str, place: str) -> str:
    return name if name == place else f"{name} ({place})"


def redbridge_chart(base: int = BASE, end: int = END) -> charts.Chart:
    """Redbridge beside outer London, inner London and England."""
    spend = places(last=end)
    own = spend.where(council="Redbridge").index(base).frame
    parts = spend.where(council_class="L").by("subregion").index(base).frame
    parts["council"] = parts["council"].map({"outer London": "Outer London boroughs",
                                             "inner London": "Inner London boroughs"})  # fmt: skip
    nation = councils(last=end).per_head().index(base).frame
    rows = pd.concat([own, parts, nation.assign(council="England")])
    last = rows[rows["year"] == end].set_index("council")["value"] - 100
    return charts.line(
        rows,
        slug="redbridge",
        title=f"Spending per person {_went(last['Redbridge'])} in Redbridge, "
        f"{_went(last['Outer London boroughs'], after=last['Redbridge'])} in outer London",
        subtitle=f"Core spending per person, real terms, {financial_year(base)} = 100"
        f"{spend.index(base).apart_in}",
        unit=f"index, {financial_year(base)} = 100",
        number="index",
        highlight=["Redbridge", "Outer London boroughs", "Inner London boroughs"],
        context="England",
        **_words(spend.index(base), "England is the sum of its councils, without other bodies."),
    )


def _home(code: str, home: dict[str, str]) -> str | None:
    """A council's place; for one that began after the years compared, that of what it came from."""
    before = {_home(old, home) for old in bodies()[code].predecessors}
    return home.get(code) or (before.pop() if len(before) == 1 else None)


def map_chart(base: int = BASE, end: int = END) -> charts.Chart:
    """Every council of 2021 as a hexagon, coloured by its place's change."""
    spend = places(last=end)
    changed = spend.change(base, end)
    value = changed.frame.set_index("ecode")["value"]
    home = {code: place for place in value.index for code in changed.members[place]}
    hexes = load("councils").dropna(subset="hex_2021_q")
    hexes = hexes[~hexes["council_class"].isin(["O", "SC"])].astype({"ecode": str, "council": str})
    hexes["home"] = hexes["ecode"].map(lambda code: _home(code, home))
    doubt = _doubts_of([changed], "ecode")
    hexes = hexes.assign(value=hexes["home"].map(value), doubt=hexes["home"].map(doubt))
    rows = hexes.rename(columns={"hex_2021_q": "q", "hex_2021_r": "r"})
    alike = places(last=end, alike=True).change(base, end).frame["value"]
    deep, like = int((value <= -30).sum()), int((alike <= -30).sum())
    return charts.hex_map(
        rows[["gss", "council", "region", "q", "r", "value", "doubt"]].assign(**_break_of(changed)),
        slug="map-of-the-cuts",
        title=f"{deep} of {len(value)} places lost 30% or more per person, {like} like for like",
        subtitle=f"Core spending per person, change {financial_year(base)} to {financial_year(end)}"
        ", real terms; a hexagon a council of 2021, a district shown as its whole county area"
        f"{changed.apart_in}",
        unit="per cent",
        number="per_cent",
        bins=(-50, -40, -30, -20, -10, 0, 10),
        highlight=["Redbridge", "Lambeth", "Oldham", "Liverpool"],
        sources=(*changed.sources, "Hexagon layout: Open Innovations (MIT licence)"),
        notes=("A district's hexagon shows the sum of its county and all its districts.",
               *changed.steps),
    )  # fmt: skip


CHARTS = (
    england_chart,
    services_chart,
    yearly_chart,
    spread_chart,
    classes_chart,
    fifths_chart,
    scatter_chart,
    deepest_chart,
    articles_chart,
    redbridge_chart,
    map_chart,
)


# ── sentences ────────────────────────────────────────────────────────────────────────────────────


@kept
def answer() -> Sentences:
    """The three sentences that open the notebook."""
    return each_once([*forecast()[:1], *regressive()[:1], *permanence()])


LIKE = "per person, like for like"


def _first_below(series: pd.Series, level: float) -> str:
    below = series[(series <= level) & (series.index <= END)]
    return financial_year(below.index[0]) if len(below) else ""


def _claim(said: str, *figures: str, last: int = END, of: tuple[str, ...] = ()) -> LevelClaim:
    """A sentence on core since the base year, and the figures like for like that it gives."""
    twin = Twin(core_alike(of), figures)
    return level_claim(said, "revenue_outturn", "core", (BASE, last), twin)


def since(taken: Measure, base: int = BASE) -> pd.Series:
    """The change from the base year to each year after, per cent, by year."""
    return taken.index(base).frame.set_index("year")["value"].loc[base:] - 100


def forecast() -> Sentences:
    """Claim Q3: was it 20 to 25 per cent, and when?"""
    return each_once(
        [
            _lowest_of(england().per_head(), "per person "),
            _levels_of(england().per_head(), "per person "),
            _lowest_of(england(), "in total "),
            _levels_of(england(), "in total "),
            _councils_alone(),
        ]
    )


def _lowest_of(taken: Measure, how: str) -> LevelClaim:
    """The deepest point of a definition, like for like, and the printed figure beside it."""
    like, printed = like_for_like(taken), since(taken)
    low, low_printed = like.loc[:END].idxmin(), printed.loc[:END].idxmin()
    when = "" if low == low_printed else f" in {financial_year(low_printed)}"
    return _claim(
        f"Core service spending by local authorities in England {how}after inflation was lowest "
        f"in {financial_year(low)}: like for like {_stood(like[low])} {financial_year(BASE)}, "
        f"and {_stood(printed[low_printed])} it as printed{when}, with {JOINED}.",
        f"like for like {_stood(like[low])}",
    )


def _levels_of(taken: Measure, how: str) -> LevelClaim:
    """When each level of the forecast was reached, and where the review ended, both ways."""
    like, printed = like_for_like(taken), since(taken)
    end = (
        f"By {financial_year(REVIEW_END)}, where the Spending Review ended, it was "
        f"{_stood(like[REVIEW_END])} like for like and {_stood(printed[REVIEW_END])} as printed."
    )
    return _claim(
        f"The fall {how}{_reached(like)} like for like; as printed it {_reached(printed)}. {end}",
        f"{_reached(like)} like for like",
        f"{_stood(like[REVIEW_END])} like for like",
    )


def _reached(change: pd.Series) -> str:
    """The levels of the forecast, with the first year of each."""
    when = {-level: _first_below(change, level) for level in FORECAST}
    there = [f"{level}% in {year}" for level, year in when.items() if year]
    missed = [f"{level}%" for level, year in when.items() if not year]
    said = [f"reached {listed(there)}"] if there else []
    said += [f"did not reach {' or '.join(missed)} in any year to {financial_year(END)}"] * bool(
        missed
    )
    return " and ".join(said)


def like_for_like(taken: Measure, base: int = BASE, of: tuple[str, ...] = ()) -> pd.Series:
    """England's core since the base year, per cent, without what joined it in 2014-15.

    `Measure.like_for_like` takes two lines away, which moved from education into children's social
    care; the social care return (RO3), held to 2020-21, prints them. `of` are the classes of
    councils that are meant, all bodies as printed unless given.
    """
    printed = _core(of).by("england", leave_out=True) if of else _core()
    alike, whole = (m.frame.set_index("year")["value"] for m in (core_alike(of), printed))
    return 100 * ((since(taken, base) / 100 + 1) * (alike / whole) - 1).loc[base:END]


def _councils_alone() -> LevelClaim:
    """The same for councils without the other authorities."""
    like, printed = like_for_like(councils().per_head(), of=PRINCIPAL), since(councils().per_head())
    low = like.idxmin()
    return _claim(
        f"For councils alone, without {OTHERS}, it was lowest in {financial_year(low)} too: "
        f"like for like {_stood(like[low])} {financial_year(BASE)} per person, and "
        f"{_stood(printed[low])} it as printed.",
        f"like for like {_stood(like[low])}",
        of=PRINCIPAL,
    )


def _pct(change: float) -> str:
    return f"{abs(change):.1f}%"


def _stood(change: float) -> str:
    return f"{_pct(change)} {'below' if change < 0 else 'above'}"


def permanence() -> Sentences:
    """Claim Q5: has anything come back since?"""
    change, like = since(england().per_head()), like_for_like(england().per_head())
    back = change[(change >= 0) & (change.index > BASE)]
    verdict = (
        f"was back at its {financial_year(BASE)} level in {financial_year(back.index[0])}"
        if len(back)
        else f"has not been back at its {financial_year(BASE)} level in any year to "
        f"{financial_year(LAST)}"
    )
    return Sentences(
        [
            _claim(
                f"Spending per person {verdict}: as printed it was {_stood(change[LAST])} that "
                f"level in {financial_year(LAST)}, the last year available. Like for like it was "
                f"{_stood(like[END])} in {financial_year(END)}, and the services that joined are "
                "in every printed figure since.",
                f"Like for like it was {_stood(like[END])}",
                last=LAST,
            )
        ]
    )


def regressive() -> Sentences:
    """Claim Q4: were the cuts deeper where people were poorer?"""
    said = []
    for group, edition in (("deprivation_fifth", 2010), ("deprivation_fifth_2015", 2015)):
        taken = places().by(group, leave_out=True).change(BASE, END)
        alike = places(alike=True).by(group, leave_out=True).change(BASE, END)
        value, like = (m.frame.set_index("council")["value"] for m in (taken, alike))
        said.append(
            f"By the {edition} index of deprivation, councils' spending per person "
            f"{_moved(value['most deprived fifth'])} in the most deprived fifth of places and "
            f"{_moved(value['least deprived fifth'])} in the least deprived, "
            f"{financial_year(BASE)} to {financial_year(END)} as printed; like for like it "
            f"{_moves(like[['most deprived fifth', 'least deprived fifth']])}."
        )
    return Sentences(said)


def out_of_the_ordinary() -> Sentences:
    """Claim Q9: were the cuts larger than what councils were used to?"""
    rows, spread = yearly(last=END).set_index("year"), yearly_by_place()
    before = rows["cash"].loc[:BASE]
    falls = rows["cash"][rows["cash"] < 0]
    like = cash_like_for_like().loc[BASE + 1 : END]
    falling = spread.groupby("year")["value"].apply(lambda v: 100 * (v < 0).mean())
    worst = falling.idxmax()
    return Sentences(
        [
            f"In cash, England's core spending {_moves(before)} in the years to "
            f"{financial_year(BASE)}.",
            _claim(
                f"It then fell in {len(falls)} of the next {len(rows) - len(before)} years as "
                f"printed and in {int((like < 0).sum())} like for like, most in "
                f"{financial_year(falls.idxmin())} ({_pct(falls.min())}).",
                f"in {int((like < 0).sum())} like for like",
            ),
            f"In {financial_year(worst)} it fell in {falling[worst]:.0f}% of places.",
        ]
    )


def redbridge() -> Sentences:
    """Where Redbridge, the cut baseline of the first article, stands."""
    wide = base_years()
    ranks = [int(wide.loc["Redbridge", f"rank, {name}"]) for name in BASES]
    change = wide.loc["Redbridge", list(BASES)]
    return Sentences(
        [
            f"By {financial_year(END)} Redbridge's spending per person {_moves(change)}, "
            f"with {listed(list(BASES))} as base: rank {min(ranks)} to {max(ranks)} of "
            f"{len(wide)} places, where 1 is the deepest cut."
        ]
    )


def _moves(changes: pd.Series) -> str:
    """The changes in words: the verb is said once when all go the same way."""
    if len({change < 0 for change in changes}) > 1:
        return listed([_moved(change) for change in changes])
    return f"{_moved(changes.iloc[0]).split(' by ')[0]} by {listed([_pct(c) for c in changes])}"


def ranking() -> Sentences:
    """How much the choice of base year changes the ranking."""
    wide = base_years()
    first, *others = list(BASES)
    said = []
    for other in others:
        moved = (wide[f"rank, {first}"] - wide[f"rank, {other}"]).abs()
        link = wide[f"rank, {first}"].corr(wide[f"rank, {other}"])
        said.append(
            f"From {first} to {other} as base, the middle place moves {moved.median():.0f} ranks "
            f"and {moved.idxmax()} most ({moved.max()}); the rank correlation is {link:.2f}."
        )
    ten = [set(wide[f"rank, {name}"].nsmallest(10).index) for name in BASES]
    always = len(set.intersection(*ten))
    return Sentences([*said, f"{always} places are among the ten deepest under all three bases."])


def sentences() -> Sentences:
    """Every sentence of this question, in the order of the notebook."""
    parts = (forecast, permanence, regressive, out_of_the_ordinary, redbridge, ranking)
    return each_once(sentence for part in parts for sentence in part())
