"""Did co-operatives grow? Where they were born and died, as far as one register can see.

Co-operatives UK lists co-operatives with the days of their incorporation and dissolution and the
postcode of their registered office. Births are seen whole from 2011 to 2015, those from 1995 to
2010 only where the co-operative lived to 2011, deaths from 2011 to 2016. Rates are per 100,000
people. What is set side by side here is described: no effect of anything is claimed.
"""

from __future__ import annotations

import functools

import pandas as pd

from coopstats import charts
from coopstats.core.display import Sentences
from coopstats.core.phrases import listed, number_of
from coopstats.datasets.load import load
from coopstats.datasets.organisations import EDITION, year_of
from coopstats.datasets.table import about
from coopstats.measures.measure import Measure
from coopstats.measures.of_table import measure
from coopstats.measures.population import REBASED
from coopstats.register.councils import CLASSES, bodies, council
from coopstats.register.members import memberships

SURVIVORS, BORN, DIED = (1995, 2010), (2011, 2015), (2011, 2016)
EDITIONS = (2016, 2017)
PER = 100_000
SHARED = 5  # organisations at one postcode, from which on it is called shared
ECONOMIC_YEAR = 2014  # the last in which most accounts were not those of an earlier year again
FOUNDERS, TABLE = "Founders of the network", "co_operatives"
TINY = ("City of London", "Isles of Scilly")
NOT_AN_EFFECT = "A description of registered offices, not of an effect."


def founders() -> tuple[str, ...]:
    """The E-codes of the network's founders of 2011 that can be named."""
    return tuple(one.ecode for one in memberships() if one.founder == "named")


# ── measures ─────────────────────────────────────────────────────────────────────────────────────


@functools.cache
def counted(item: str, first: int, last: int) -> Measure:
    """Births, deaths or stock of every council, in co-operatives."""
    return measure(TABLE, item=item, sector="all", ownership="all").between(first, last)


@functools.cache
def _people(first: int, last: int) -> Measure:
    """The same councils with their people, re-based to Census 2021."""
    return counted("stock", first, last).per_head(vintage=REBASED)


def rates(item: str, first: int, last: int) -> pd.DataFrame:
    """Each council's count over some years and its rate per 100,000 people.

    Births and deaths since 2011 are a year's, per 100,000 people of those years. Births before
    are survivors: those of all the years, per 100,000 people of 2010. Columns: ecode, council,
    council_class, region, gss, count, people, value, low, high.
    """
    seen = _people(last, last) if last < BORN[0] else _people(first, last)
    who = ["ecode", "council", "council_class", "region", "gss"]
    rows = counted(item, first, last).amounts.groupby(who, sort=False)["amount"].sum()
    rows = rows.rename("count").reset_index()
    people = seen.amounts.groupby("ecode")["people"].sum()
    return _with_rate(rows.assign(people=rows["ecode"].map(people)))


def _with_rate(rows: pd.DataFrame) -> pd.DataFrame:
    low, high = interval(rows["count"])
    per = PER / rows["people"]
    return rows.assign(value=rows["count"] * per, low=low * per, high=high * per)


def interval(count: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The 95 per cent interval of a count as Byar's method gives it for a Poisson variable.

    Breslow and Day, Statistical Methods in Cancer Research II (1987), p. 69. It says how far a
    small count can lie from its rate by chance; it knows nothing of what the register misses.
    """
    one = count.where(count > 0, 1)
    low = one * (1 - 1 / (9 * one) - 1.96 / (3 * one**0.5)) ** 3
    more = count + 1
    high = more * (1 - 1 / (9 * more) + 1.96 / (3 * more**0.5)) ** 3
    return low.where(count > 0, 0), high


def groups(rows: pd.DataFrame) -> pd.DataFrame:
    """Rates of the founders together, and of all other councils by class and together."""
    mine = rows["ecode"].isin(founders())
    kind = rows["council_class"].map(_OTHERS).mask(mine, FOUNDERS)
    parts = pd.concat([rows.assign(council=kind), rows[~mine].assign(council=REST)])
    added = parts.groupby("council", sort=False)[["count", "people"]].sum().reset_index()
    return _with_rate(added)


REST = "All other councils"
_OTHERS = {
    "L": "Other London boroughs",
    "MD": "Other metropolitan districts",
    "UA": "Other unitary authorities",
    "SD": "Other shire districts",
}


@functools.cache
def organisations(edition: int = EDITION) -> pd.DataFrame:
    """The co-operatives of England in one edition, with the years of birth and death."""
    rows = load("co_operative_organisations", edition=edition)
    return rows.assign(birth=year_of(rows["born"]), death=year_of(rows["died"]))


def unplaced() -> pd.DataFrame:
    """Offices of England whose postcode gives no council: how many are in no count, by kind."""
    rows = organisations()
    lost = rows[rows["ecode"].isna()]
    return pd.DataFrame(
        {
            "all": [len(rows), len(lost)],
            **{name: [int(of(rows).sum()), int(of(lost).sum())] for name, of in _KINDS.items()},
        },
        index=["in England", "without a council"],
    )


_KINDS = {
    "born 1995 to 2010": lambda r: r["birth"].between(*SURVIVORS),
    "born 2011 to 2015": lambda r: r["birth"].between(*BORN),
    "died 2011 to 2016": lambda r: r["death"].between(*DIED),
    "no day of birth": lambda r: r["birth"].isna(),
    "dead, no day of death": lambda r: (r["status"] == "Dead") & r["death"].isna(),
}


# ── two editions ─────────────────────────────────────────────────────────────────────────────────


def editions() -> pd.DataFrame:
    """How the editions of 2016 and 2017 differ in England: a row a kind of change, and how many."""
    old, new = (organisations(e).set_index("organisation") for e in EDITIONS)
    both = old.index.intersection(new.index)
    gone, entered = old.drop(both), new.drop(both)
    before, after = (edition.loc[both].astype(object) for edition in (old, new))
    counts = {
        "in both": len(both),
        "only in 2016": len(gone),
        "only in 2017": len(entered),
        "only in 2017, born in 2016 or 2017": int((entered["birth"] >= 2016).sum()),
        "only in 2017, born earlier": int((entered["birth"] < 2016).sum()),
        "only in 2017, no day of birth": int(entered["birth"].isna().sum()),
        "dead in 2017, live in 2016": _went(before["status"], after["status"], "Live", "Dead"),
        "live in 2017, dead in 2016": _went(before["status"], after["status"], "Dead", "Live"),
        **{f"another {what}": _differ(before[c], after[c]) for c, what in _COMPARED.items()},
        **{f"{c} said only in 2017": _said_now(before[c], after[c]) for c in _WORDS},
        "no council in one of them": int((before["ecode"].isna() != after["ecode"].isna()).sum()),
    }
    return pd.DataFrame({"what": list(counts), "organisations": list(counts.values())})


_COMPARED = {
    "born": "day of birth",
    "died": "day of death",
    "ecode": "council",
    "sector": "sector",
    "ownership": "ownership",
}
_WORDS, _NOT_SAID = ("sector", "ownership"), "not said"


def _went(before: pd.Series, after: pd.Series, was: str, now: str) -> int:
    return int(((before == was) & (after == now)).sum())


def _differ(before: pd.Series, after: pd.Series) -> int:
    """How many have a value in both editions, and another one."""
    said = (before.notna() & after.notna()) & (before != _NOT_SAID) & (after != _NOT_SAID)
    return int((said & (before != after)).sum())


def _said_now(before: pd.Series, after: pd.Series) -> int:
    return int(((before == _NOT_SAID) & (after != _NOT_SAID)).sum())


def by_edition(day: str) -> pd.DataFrame:
    """Births ("birth") or deaths ("death") a year in both editions, and what lies between them.

    Columns: year; edition_2016; entered, which only the edition of 2017 has; gone, which only
    that of 2016 has; dated, in both but in another year, or in a year in one only; placed, in
    both in the same year but with a council in one only; edition_2017. The first and the four
    make the last.
    """
    old, new = (_year_and_place(edition, day) for edition in EDITIONS)
    rows = old.join(new, how="outer", sort=True)
    first, last = (rows[f"year_{e}"].where(rows[f"placed_{e}"].eq(True)) for e in EDITIONS)
    why = pd.Series("dated", index=rows.index)
    why = why.mask(rows["year_2016"] == rows["year_2017"], "placed")
    why = why.mask(rows["placed_2016"].isna(), "entered").mask(rows["placed_2017"].isna(), "gone")
    moved = {
        name: last[why == name].value_counts().sub(first[why == name].value_counts(), fill_value=0)
        for name in ("entered", "gone", "dated", "placed")
    }
    whole = {"edition_2016": first.value_counts(), **moved, "edition_2017": last.value_counts()}
    table = pd.DataFrame(whole).fillna(0).astype(int).sort_index()
    return table.rename_axis("year").reset_index().astype({"year": int})


def _year_and_place(edition: int, day: str) -> pd.DataFrame:
    rows = organisations(edition).set_index(organisations(edition)["organisation"].astype(str))
    placed = rows["ecode"].notna().astype(object)
    return pd.DataFrame({f"year_{edition}": rows[day], f"placed_{edition}": placed})


def growth() -> pd.Series:
    """By how much births of a year grew from the edition of 2016 to that of 2017, per cent."""
    rows = by_edition("birth").set_index("year").loc[2009:2015]
    return 100 * (rows["edition_2017"] / rows["edition_2016"] - 1)


# ── registered offices ───────────────────────────────────────────────────────────────────────────


def births_by_office() -> pd.DataFrame:
    """Each council's births since 2011 at shared addresses and at others: council, all, shared."""
    rows = organisations()
    born = rows[rows["birth"].between(*BORN) & rows["ecode"].notna()]
    shared = (born["sharing"] >= SHARED).groupby(born["council"].astype(str))
    table = pd.DataFrame({"all": shared.size(), "shared": shared.sum()})
    return table.sort_values(["all", "shared"], ascending=False).rename_axis("council")


def headquarters(year: int = ECONOMIC_YEAR) -> pd.DataFrame:
    """England's turnover, members and employees: of large organisations, and of all others."""
    items = ("turnover", "members", "employees")
    rows = load(TABLE, year=year, item=[*items, *(f"headquarters_{i}" for i in items)])
    total = rows.groupby(rows["item"].astype(str))["value"].sum()
    table = pd.DataFrame(
        {"large": [total[f"headquarters_{i}"] for i in items], "others": total[list(items)]},
        index=pd.Index(items, name="item"),
    )
    return table.assign(share=100 * table["large"] / table.sum(axis=1))


# ── charts ───────────────────────────────────────────────────────────────────────────────────────


LICENCE = (
    "Contains data of Co-operatives UK under the Open Data Commons Attribution Licence 1.0, and "
    "public sector information licensed under the Open Government Licence v3.0."
)


def _source(*editions: int) -> tuple[str, ...]:
    """The citations of these editions, or of the one that is counted."""
    cited = about("co_operative_organisations")["sources"]
    return tuple(cited[f"co_operatives/{e}"]["citation"] for e in editions or (EDITION,))


_PLACE = "A co-operative is where its registered office is, on the councils since 2023."
_SURVIVED = (
    "No dissolution before February 2011 is in the source: births before count only those that "
    "lived to then, and the older the year the more are missing."
)


def _late() -> str:
    grown = growth()
    return (
        f"Births are entered late: those of 2014 grew {grown[2014]:.0f}% from the edition of 2016 "
        f"to that of 2017, those of 2012 {grown[2012]:.0f}%."
    )


def england_chart() -> charts.Chart:
    """Births and deaths of England's co-operatives by year, each within what can be seen."""
    parts = {
        "born, lived to 2011": ("births", *SURVIVORS),
        "born": ("births", *BORN),
        "died": ("deaths", *DIED),
    }
    rows = pd.concat(_by_year(*span).assign(council=name) for name, span in parts.items())
    born, died = (rows[rows["council"] == name] for name in ("born", "died"))
    top, last = born.loc[born["value"].idxmax()], born.iloc[-1]
    return charts.line(
        rows,
        licence=LICENCE,
        slug="co-operatives-born-and-died",
        title=f"Births were {top['value']:.0f} in {top['year']} and {last['value']:.0f} in "
        f"{last['year']}; deaths {died['value'].min():.0f} to {died['value'].max():.0f} a year",
        subtitle="Co-operatives incorporated and dissolved in the year, England",
        unit="co-operatives",
        x_number="calendar",
        highlight=list(parts),
        sources=_source(),
        notes=(_SURVIVED, _late(), _PLACE, _placed_alone()),
    )


def _placed_alone() -> str:
    """What a sum of councils leaves out of England."""
    lost = unplaced().loc["without a council", "all"]
    return f"England is the sum of its councils: {lost} offices that have none are left out."


def _by_year(item: str, first: int, last: int) -> pd.DataFrame:
    frame = counted(item, first, last).by("england").frame
    return frame.reindex(columns=["year", "value", "break"]).astype({"year": int})


def editions_chart(first: int = 2005) -> charts.Chart:
    """Births by year as two editions of the register have them."""
    table = by_edition("birth")
    table = table[table["year"].between(first, BORN[1])]
    rows = table.melt("year", [f"edition_{e}" for e in EDITIONS], "council", "value")
    rows["council"] = rows["council"].map({f"edition_{e}": f"edition of {e}" for e in EDITIONS})
    grown = growth()
    return charts.line(
        rows,
        licence=LICENCE,
        slug="births-in-two-editions",
        title=f"A year later the register had {grown[2014]:.0f}% more births of 2014, "
        f"{grown[2012]:.0f}% more of 2012",
        subtitle="Co-operatives incorporated in the year, England, in the editions of May 2016 "
        "and June 2017",
        unit="co-operatives",
        x_number="calendar",
        highlight=[f"edition of {e}" for e in EDITIONS],
        sources=_source(*EDITIONS),
        notes=("To 2010 only those that lived to February 2011.", _PLACE),
    )


def _beside(rows: pd.DataFrame, slug: str, what: str, subtitle: str, *notes: str) -> charts.Chart:
    """Founders beside other councils: a dot with its interval each."""
    table = groups(rows)
    value = table.set_index("council")["value"]
    return charts.dot(
        table,
        low="low",
        high="high",
        licence=LICENCE,
        slug=slug,
        title=f"{what}: {value[FOUNDERS]:.2f} per 100,000 people in the founders, "
        f"{value[REST]:.2f} elsewhere",
        subtitle=subtitle,
        unit="per 100,000 people",
        number="decimal",
        highlight=[FOUNDERS],
        sources=(*_source(), *_people(*BORN).sources[-1:]),
        notes=(*notes, _INTERVAL, _PLACE, NOT_AN_EFFECT),
    )


_INTERVAL = (
    "The line is the 95% interval of a Poisson count, by Byar's method: chance, not what the "
    "register misses."
)


def born_chart() -> charts.Chart:
    """Births a year since 2011: founders beside the rest."""
    return _beside(
        rates("births", *BORN),
        "co-operatives-born-by-group",
        f"Born a year, {BORN[0]} to {BORN[1]}",
        f"Co-operatives incorporated a year, {BORN[0]} to {BORN[1]}, per 100,000 people",
        _late(),
    )


def died_chart() -> charts.Chart:
    """Deaths a year since 2011: founders beside the rest."""
    return _beside(
        rates("deaths", *DIED),
        "co-operatives-died-by-group",
        f"Died a year, {DIED[0]} to {DIED[1]}",
        f"Co-operatives dissolved a year, {DIED[0]} to {DIED[1]}, per 100,000 people",
        "Deaths begin in February 2011.",
    )


def survivors_chart() -> charts.Chart:
    """Births of 1995 to 2010 that lived to 2011: founders beside the rest."""
    return _beside(
        rates("births", *SURVIVORS),
        "co-operatives-survivors-by-group",
        "Survivors to 2011",
        f"Co-operatives incorporated {SURVIVORS[0]} to {SURVIVORS[1]} that lived to 2011, in all, "
        "per 100,000 people of 2010",
        _SURVIVED,
    )


def founders_chart() -> charts.Chart:
    """Births a year since 2011 in each founder, and in England."""
    rows = rates("births", *BORN)
    mine = rows[rows["ecode"].isin(founders())]
    england = _with_rate(rows[["count", "people"]].sum().to_frame().T.assign(council="England"))
    level = float(england["value"].iloc[0])
    below = int((mine["value"] < level).sum())
    return charts.dot(
        pd.concat([mine, england]),
        low="low",
        high="high",
        licence=LICENCE,
        slug="co-operatives-born-in-the-founders",
        title=f"{below} of {len(mine)} founders had fewer births per person than England",
        subtitle=f"Co-operatives incorporated a year, {BORN[0]} to {BORN[1]}, per 100,000 people",
        unit="per 100,000 people",
        number="decimal",
        highlight=["England"],
        sources=(*_source(), *_people(*BORN).sources[-1:]),
        notes=(
            f"The founders had {mine['count'].min():.0f} to {mine['count'].max():.0f} births each "
            "in the five years.",
            _INTERVAL,
            _late(),
            _PLACE,
            _placed_alone(),
            NOT_AN_EFFECT,
        ),
    )


def map_chart() -> charts.Chart:
    """Every council as a hexagon, by births a year since 2011 per 100,000 people."""
    rows = rates("births", *BORN)
    rows["value"] = rows["value"].mask(rows["council"].isin(TINY))
    hexes = load("councils").dropna(subset="hex_2023_q").astype({"ecode": str})
    hexes = hexes.rename(columns={"hex_2023_q": "q", "hex_2023_r": "r"})[["ecode", "q", "r"]]
    none = int((rows["count"] == 0).sum())
    return charts.hex_map(
        rows.merge(hexes, on="ecode"),
        licence=LICENCE,
        slug="map-of-co-operatives-born",
        title=f"In {none} of {len(rows)} councils no co-operative was born in five years",
        subtitle=f"Co-operatives incorporated a year, {BORN[0]} to {BORN[1]}, per 100,000 people; "
        "a hexagon a council of 2023",
        unit="per 100,000 people",
        number="decimal",
        bins=(0, 0.2, 0.4, 0.6, 1, 2, 4),
        highlight=[bodies()[code].name for code in founders()],
        sources=(*_source(), *_people(*BORN).sources[-1:], "Hexagon layout: Open Innovations (MIT "
                 "licence)"),
        notes=(
            f"No rate is shown for {' and '.join(TINY)}, with so few residents that it misleads.",
            "Named are the founders of the network.",
            _late(),
            _PLACE,
        ),
    )  # fmt: skip


def sectors_chart() -> charts.Chart:
    """Births since 2011 by sector."""
    born = organisations()
    born = born[born["birth"].between(*BORN)]
    size = born["sector"].astype(str).map(_short).value_counts()
    rows = size.rename_axis("sector").reset_index(name="value")
    top, second = rows["sector"].iloc[:2]
    return charts.bar(
        rows,
        series="sector",
        licence=LICENCE,
        slug="co-operatives-born-by-sector",
        title=f"Of {size.sum():,} births {size[top]} were {top[0].lower()}{top[1:]}, "
        f"{size[second]} in {second[0].lower()}{second[1:]}",
        subtitle=f"Co-operatives incorporated {BORN[0]} to {BORN[1]}, England, by printed sector",
        unit="co-operatives",
        highlight=[top, second],
        sources=_source(),
        notes=("A sector that is blank is shown as not said.", _late()),
    )


def _short(sector: str) -> str:
    """A sector's first words where all of them take two lines."""
    return sector if len(sector) <= 32 else sector.split(",")[0]


def offices_chart(most: int = 12) -> charts.Chart:
    """The councils with most births, with and without those at shared addresses."""
    table = births_by_office()
    rows = table.head(most).reset_index()
    rows = rows.assign(value=rows["all"], low=rows["all"] - rows["shared"], high=rows["all"])
    part = 100 * table["shared"].sum() / table["all"].sum()
    top = (table["shared"] / table["all"]).head(most).idxmax()
    return charts.dot(
        rows,
        low="low",
        high="high",
        licence=LICENCE,
        slug="births-at-shared-addresses",
        title=f"{part:.0f}% of births were at shared addresses; in {top} "
        f"{table.loc[top, 'shared']:.0f} of {table.loc[top, 'all']:.0f}",
        subtitle=f"Co-operatives incorporated {BORN[0]} to {BORN[1]}: the {most} councils with "
        "most, and how many without those at shared addresses",
        unit="co-operatives",
        highlight=[top],
        sources=_source(),
        notes=(
            f"The line goes from the dot, all births, to those whose postcode fewer than {SHARED} "
            "organisations of the register have. A shared address may be an agent, a head office "
            "or a house of many workplaces.",
            f"{unplaced().loc['without a council', 'born 2011 to 2015']} births whose office has "
            "no council are left out.",
            _PLACE,
        ),
    )


def headquarters_chart(year: int = ECONOMIC_YEAR) -> charts.Chart:
    """The share of England's turnover, members and employees that headquarters hold."""
    rows = headquarters(year).reset_index()
    accounts = about(TABLE)["sources"]["co_operatives/2011-2016"]["citation"]
    large = load("co_operative_accounts", year=year, headquarters="yes")
    placed = large["ecode"].notna()
    how_many = large.loc[placed, "organisation"].nunique()
    without = large.loc[~placed, "organisation"].nunique()
    share = rows.set_index("item")["share"]
    return charts.bar(
        rows,
        y="share",
        series="item",
        sort=False,
        licence=LICENCE,
        slug="headquarters-of-co-operatives",
        title=f"{how_many} headquarters hold {share['turnover']:.0f}% of turnover and "
        f"{share['members']:.0f}% of memberships",
        subtitle=f"Share of co-operatives with a hundredth or more of England's turnover, members "
        f"or employees, economic year {year}",
        unit="per cent",
        number="per_cent",
        highlight=["turnover"],
        sources=(accounts,),
        notes=(
            "What is printed of a large organisation is of all its places, and stands in the "
            "council of its registered office. Employees are printed for about one organisation "
            "in seventeen.",
            f"England is the sum of its councils: {number_of(without, 'organisation')} with "
            "accounts, whose office has no council, are left out.",
        ),
    )


CHARTS = (
    england_chart,
    editions_chart,
    map_chart,
    born_chart,
    died_chart,
    survivors_chart,
    founders_chart,
    sectors_chart,
    offices_chart,
    headquarters_chart,
)


# ── sentences ────────────────────────────────────────────────────────────────────────────────────


def answer() -> Sentences:
    """The three sentences that open the notebook."""
    return Sentences([*nation()[:1], *beside()[:1], *offices()[:1]])


def in_england(day: str, first: int, last: int) -> tuple[int, int]:
    """Births ("birth") or deaths ("death") in England: all, and those whose office has no council.

    An organisation of the register's England is counted wherever its office is.
    """
    rows = organisations()
    rows = rows[rows[day].between(first, last)]
    return len(rows), int(rows["ecode"].isna().sum())


def nation() -> Sentences:
    """England: births, deaths and stock, and what stands in no council."""
    born, died = in_england("birth", *BORN), in_england("death", *BORN)
    late, _ = in_england("death", DIED[1], DIED[1])
    stock = counted("stock", 2010, 2015).by("england").frame["value"]
    old = counted("births", *SURVIVORS).by("england").frame["value"].sum()
    return Sentences(
        [
            f"In England {born[0]:,} co-operatives were incorporated in {BORN[0]} to {BORN[1]} "
            f"and {died[0]:,} dissolved in the same years, among them {born[1]} and {died[1]} "
            "whose office we cannot place in a council. In councils there were "
            f"{stock.iloc[0]:,.0f} at the end of {BORN[0] - 1} and {stock.iloc[-1]:,.0f} at the "
            f"end of {BORN[1]}.",
            f"Another {late} were dissolved in {DIED[1]}. We count no births of that year, because "
            "they were not yet entered in full.",
            f"Of those incorporated in {SURVIVORS[0]} to {SURVIVORS[1]}, {old:,.0f} lived to 2011; "
            "how many did not is not known.",
            _unplaced_said(),
        ]
    )


def _unplaced_said() -> str:
    table = unplaced()
    lost, every = table.loc["without a council"], table.loc["in England"]
    kinds = [f"{lost[name]:,} {name}" for name in list(_KINDS)[:3]]
    return (
        f"Of {every['all']:,} offices in England {lost['all']} ({100 - _share(lost, every):.1f}%) "
        f"have a postcode that gives no council, and are in no count: {listed(kinds)}; "
        f"{every['no day of birth']} print no day of incorporation."
    )


def _share(lost: pd.Series, every: pd.Series) -> float:
    return 100 * (1 - lost["all"] / every["all"])


def beside() -> Sentences:
    """Founders beside all other councils: births, deaths, survivors, stock."""
    said = []
    for item, span, words in (
        ("births", BORN, "co-operatives incorporated a year in {} to {}"),
        ("deaths", DIED, "co-operatives dissolved a year in {} to {}"),
        ("births", SURVIVORS, "survivors to 2011 incorporated in all of {} to {}"),
        ("stock", (2010, 2010), "co-operatives at the end of {}"),
    ):
        table = groups(rates(item, *span)).set_index("council")
        mine, rest = table.loc[FOUNDERS], table.loc[REST]
        said.append(
            f"The {len(founders())} founders of the network had {mine['value']:.2f} "
            f"{words.format(*span)} per 100,000 people (95% interval {mine['low']:.2f} "
            f"to {mine['high']:.2f}; {mine['count']:.0f} in all), all other councils "
            f"{rest['value']:.2f}."
        )
    return Sentences([*said, f"{NOT_AN_EFFECT} {_same_classes()}"])


def _same_classes() -> str:
    """The founders' births beside what they would be at the rates of others of their classes."""
    rows = rates("births", *BORN)
    mine = rows["ecode"].isin(founders())
    others = rows[~mine].groupby("council_class")[["count", "people"]].sum()
    usual = rows.loc[mine, "council_class"].map(others["count"] / others["people"])
    expected = float((usual * rows.loc[mine, "people"]).sum())
    kinds = [CLASSES[c] for c in sorted(rows.loc[mine, "council_class"].unique())]
    return (
        f"At the rates of the other councils of the same classes ({', '.join(kinds)}) the founders "
        f"would have had {expected:.0f} births in {BORN[0]} to {BORN[1]}; they had "
        f"{rows.loc[mine, 'count'].sum():.0f}."
    )


def offices() -> Sentences:
    """What the registered office does to place."""
    table, born = births_by_office(), organisations()
    born = born[born["birth"].between(*BORN) & born["ecode"].notna()]
    mine = {council(code).name for code in founders()}
    own = table[table.index.isin(mine)]
    moved = editions().set_index("what")["organisations"]
    return Sentences(
        [
            f"Place is the registered office: of the {table['all'].sum():,.0f} births in {BORN[0]} "
            f"to {BORN[1]} that have a council, {table['shared'].sum():,.0f} were at a postcode "
            f"that {SHARED} or more organisations have ({own['shared'].sum():.0f} of "
            f"{own['all'].sum():.0f} in the founders), and "
            f"{100 * (born['sharing'] > 1).mean():.0f}% at one that another has too.",
            f"Of {moved['in both']:,} co-operatives in both editions, {moved['another council']} "
            "had their office in another council a year later.",
        ]
    )


def unknown() -> Sentences:
    """What thins out, and what is not known."""
    grown, deaths = growth(), by_edition("death").set_index("year").loc[2015]
    table, days = unplaced().loc["in England"], organisations()["died"].value_counts()
    return Sentences(
        [
            "Births grew from the edition of 2016 to that of 2017 by "
            f"{listed([f'{grown[y]:.0f}% for {y}' for y in range(2012, 2016)])}, so the last years "
            "held are too low.",
            f"Deaths are entered soon: those of 2015 are {deaths['edition_2016']} in the edition "
            f"of 2016 and {deaths['edition_2017']} in that of 2017. They are removals from a "
            f"register, which come in batches: {days.iloc[0]} on one day.",
            "Nothing is known of a co-operative that ended before February 2011, and "
            f"{table['no day of birth']} without a day of incorporation and "
            f"{table['dead, no day of death']} dead without a day of dissolution are in no stock.",
        ]
    )


def large() -> Sentences:
    """What headquarters do to turnover, members and employees."""
    share = headquarters()["share"]
    again = load(TABLE, item="turnover", year=[2014, 2015, 2016])
    parts = again.groupby("year")[["repeated", "organisations"]].sum()
    part = 100 * parts["repeated"] / parts["organisations"]
    return Sentences(
        [
            f"In economic year {ECONOMIC_YEAR} headquarters of large organisations held "
            f"{share['turnover']:.0f}% of turnover, {share['members']:.0f}% of memberships and "
            f"{share['employees']:.0f}% of the employees that are printed.",
            f"Of the other turnovers, {part[2014]:.0f}% in {ECONOMIC_YEAR}, {part[2015]:.0f}% in "
            f"2015 and {part[2016]:.0f}% in 2016 are from accounts that an earlier economic year "
            "has too.",
        ]
    )


def sentences() -> Sentences:
    """Every sentence of this question, in the order of the notebook."""
    parts = (nation, unknown, beside, offices, large)
    return Sentences(sentence for part in parts for sentence in part())
