"""The counts and comparisons of part 2 that METHOD.md prints: each a table ready to be written.

Every function answers one question of a reader who doubts, from the built tables or the sheets.
Money is in £ million unless a heading says otherwise.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any

import numpy as np
import pandas as pd

from coopstats.clean.build import build
from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.doubts import RULES
from coopstats.clean.sheets.bases import MAIN_BASIS
from coopstats.clean.sheets.headings import service_lines
from coopstats.clean.tables import children_spending, revenue_budget, social_care_spending
from coopstats.clean.tables.budget_against_outturn import LARGE, OUTLIER, SHARE
from coopstats.core.errors import NotComparable
from coopstats.core.years import financial_year
from coopstats.datasets.load import about, load
from coopstats.measures.measure import PRINCIPAL, Measure, measure
from coopstats.measures.prices import factors
from coopstats.register import lookups
from coopstats.reproduce import check
from coopstats.reproduce.check import social_care as social_care_checks

LEFT_OUT_OF_CORE = ("education", "police", "fire", "public_health")
FIRST, LAST = 2009, 2019  # the years between which the first answers measure
GROUPS = ("outer London", "inner London")
OF_EVERY_LINE = ("unit", "exchanged")
OF_SERVICES = tuple(rule for rule in RULES if rule not in OF_EVERY_LINE)
UNJUDGED = {  # the tables in which no rule looks for a wrong unit, and why
    "adult_care_quality": "scores and shares within printed bounds; a score of 0 has its own doubt",
    "alcohol_admissions": "rates per 100,000, no money and no count",
    "budget_against_outturn": "its two sides are figures of two tables that are judged, and "
    "`trace` shows their doubts; its own rule is `outlier`",
    "child_weight": "shares within 0 and 100; no count",
    "co_operative_organisations": "a list of organisations, no figures",
    "councils": "the register, no figures",
    "deflator": "an index of prices, no money and no count",
    "deprivation": "ranks and scores of a few years, no money and no count",
    "libraries": "counted by us from `library_branches`; no council has a thousand branches",
    "library_branches": "a list of branches, no figures",
    "lines": "a list of headings, no figures",
    "political_control": "seats: no council has a thousand",
    "preventable_mortality": "rates per 100,000, no money and no count",
}


# ── tie-out ──────────────────────────────────────────────────────────────────────────────────────


def tied_out(publication: str) -> pd.DataFrame:
    """Printed ENGLAND figures of a publication: how many were compared and differ, by year."""
    accounts = importlib.import_module(f"coopstats.clean.tables.{publication}").accounts()
    compared = pd.Series(
        [tie_out.compared(read) for read in accounts],
        index=[read.sheet.source.period for read in accounts],
    )
    differ = tie_out.check(accounts)
    year = differ["source"].str.rpartition("/")[2]
    not_explained = differ["reason"].str.contains("not explained")
    rows = pd.DataFrame(
        {
            "compared": compared.groupby(level=0).sum(),
            "differ": year.value_counts(),
            "not, or not wholly, explained": year[not_explained].value_counts(),
        }
    )
    rows.loc["all years"] = rows.sum()
    return rows.fillna(0).astype(int).rename_axis("year").reset_index()


def tied_out_beside() -> pd.DataFrame:
    """Budgets (RA) and the social care outturn (RO3), side by side."""
    sides = {"RA": "revenue_budget", "RO3": "social_care_spending"}
    wide = pd.concat({s: tied_out(p).set_index("year") for s, p in sides.items()}, axis=1)
    wide = wide.astype("Int64").astype(object).where(wide.notna(), "–")
    wide.columns = [f"{side}: {what}" for side, what in wide.columns]
    order = [*sorted(y for y in wide.index if y != "all years"), "all years"]
    return wide.loc[order].rename_axis("year").reset_index()


def social_care() -> pd.DataFrame:
    """How often RO3 prints the same money twice, and how often the two differ, by reason."""
    said = {
        "parts": "a figure beside its parts along the row (gross is employees and running costs)",
        "lines": "a total beside the sum of its lines",
        "revenue_outturn": "a total beside the same one in the Revenue Outturn Summary",
    }
    differ = social_care_checks.check()
    open_ones = differ[differ["reason"].str.startswith("not explained")]
    compared = social_care_checks.compared()
    return pd.DataFrame(
        {
            "set beside each other": list(said.values()),
            "compared": [f"{compared[beside]:,}" for beside in said],
            "differ by more than rounding": [(differ["beside"] == b).sum() for b in said],
            "not explained": [(open_ones["beside"] == b).sum() for b in said],
        }
    )


def overlap() -> pd.DataFrame:
    """Figures that section 251 and LAIT both print, and those that differ by more than rounding."""
    sheets = [
        sheet
        for source in children_spending.sources_of(children_spending.PUBLICATION)
        for sheet in children_spending.sheets_of(source)
        if source.year > 2015
    ]
    returns = children_spending.stacked(map(children_spending.printed_figures, sheets))
    both = children_spending.overlap(returns, children_spending.tool_figures())
    off = (both["printed"] - both["added"]).abs() > children_spending.EXACT
    england = children_spending.tool_england()
    youth = england[england["service"] == "youth"].set_index("year")["number"]
    rows = both.assign(off=off).groupby("year").agg(
        councils=("ecode", "nunique"), lines=("service", "nunique"), compared=("off", "size"),
        differ=("off", "sum"),
    )  # fmt: skip
    rows["England's services for young people, gross, as LAIT prints it"] = youth.map(
        "£{:,.0f}".format
    )
    return _by_year(rows)


# ── budgets ──────────────────────────────────────────────────────────────────────────────────────


def budgets() -> pd.DataFrame:
    """Core of all councils as planned and as spent, and the lines far apart, by year."""
    rows = load("budget_against_outturn")
    both = rows[rows["difference"].notna()]
    core = both[(both["service"] == "core") & both["council_class"].isin(PRINCIPAL)]
    sums = core.groupby("year")[["budget", "outturn"]].sum().astype(float) / 1e6
    table = pd.DataFrame(
        {
            "core, budget": sums["budget"].map("{:,.0f}".format),
            "core, outturn": sums["outturn"].map("{:,.0f}".format),
            "outturn above budget": (sums["outturn"] / sums["budget"] - 1).mul(100).map(_sign),
            "lines set side by side": both.groupby("year").size(),
        }
    )
    for name in OUTLIER:
        table[name.replace("_", " ")] = (both["outlier"] == name).groupby(both["year"]).sum()
    return _by_year(table)


def youth() -> pd.DataFrame:
    """Youth as councils budgeted it (RA) and as they returned it, net (section 251)."""
    returned = load("children_spending", service="youth", basis="net_expenditure")
    both = returned.merge(
        load("revenue_budget", service="youth"), on=["ecode", "year"], suffixes=("_net", "_ra")
    )
    both = both.dropna(subset=["gbp_net", "gbp_ra"]).astype({"gbp_net": float, "gbp_ra": float})
    apart = (both["gbp_net"] - both["gbp_ra"]).abs()
    far = (apart >= LARGE) & (apart >= SHARE * both[["gbp_net", "gbp_ra"]].abs().max(axis=1))
    sums = both.groupby("year")[["gbp_ra", "gbp_net"]].sum() / 1e6
    return _by_year(
        pd.DataFrame(
            {
                "councils": both.groupby("year").size(),
                "budget (RA)": sums["gbp_ra"].map("{:,.0f}".format),
                "spent, net (section 251)": sums["gbp_net"].map("{:,.0f}".format),
                "councils far apart": far.groupby(both["year"]).sum(),
            }
        )
    )


# ── doubts ───────────────────────────────────────────────────────────────────────────────────────


def judged() -> dict[str, list[str]]:
    """The lines that the rules judge, table by table."""
    return {
        "revenue_outturn": service_lines("revenue_outturn"),
        "revenue_budget": [
            *service_lines("revenue_budget", "part"), *revenue_budget.WITHOUT_PARTS,
        ],
        "children_spending": list(children_spending.CHIEF_LINES),
        "social_care_spending": service_lines(social_care_spending.PUBLICATION),
    }  # fmt: skip


def doubts() -> pd.DataFrame:
    """How many figures each rule finds odd, by table, of how many that it judged."""
    rows = {table: _doubts_of(table, lines) for table, lines in judged().items()}
    wide = pd.DataFrame(rows).T
    shares = pd.DataFrame({
        "share of figures": wide["doubtful"] / wide["judged"],
        "share of the money": wide["money in doubt"] / wide["money"],
    })  # fmt: skip
    counts = wide[["judged", "doubtful", *OF_SERVICES]].map("{:,.0f}".format)
    table = counts.join(shares.map("{:.1%}".format))
    return table.rename_axis("table").rename(index="`{}`".format).reset_index()


def _doubts_of(table: str, lines: list[str]) -> pd.Series:
    rows = load(table, service=lines)
    rows = rows[(rows["flag"] != "derived") & rows["gbp"].notna()]
    size, words = rows["gbp"].abs().astype(float), rows["doubt"].astype(object).fillna("")
    odd = words.str.contains("|".join(OF_SERVICES))
    found = {rule: sum(rule in word for word in words[odd]) for rule in OF_SERVICES}
    counts = {"judged": len(rows), "doubtful": odd.sum(), **found}
    return pd.Series({**counts, "money": size.sum(), "money in doubt": size[odd].sum()})


def doubted_everywhere() -> pd.DataFrame:
    """Every table: how many figures are judged for their unit and how many are odd, or why none."""
    return pd.DataFrame([_everywhere(table) for table in sorted(build.TABLES)])


def _everywhere(table: str) -> dict[str, str]:
    """One row of it."""
    row = {"table": f"`{table}`"} | dict.fromkeys(("figures", *OF_EVERY_LINE), "–")
    if table in UNJUDGED:
        return {**row, "not judged, because": UNJUDGED[table]}
    said = about(table)
    rows = load(table, **({"basis": None} if "basis" in said["columns"] else {}))
    words = rows["doubt"].dropna().astype(str)
    found = {rule: words.str.contains(rf"\b{rule}\b").sum() for rule in OF_EVERY_LINE}
    if "exchanged" not in said["columns"]["doubt"]:
        found.pop("exchanged")
    counts = {"figures": rows[said["value"]].notna().sum(), **found}
    return {**row, **{k: f"{v:,}" for k, v in counts.items()}, "not judged, because": ""}


def doubted_councils() -> pd.DataFrame:
    """What doubts of the two end years change in each council's fall of core, furthest first.

    Per cent from 2009-10 to 2019-20 after inflation: as printed, and with each doubtful figure of
    the two years replaced by the mean of the years around it. Only councils that have such a doubt.
    """
    core, less = _core(), _doubted()
    both = {"printed": _real_change(core.T), "replaced": _real_change((core - less).T)}
    table = pd.DataFrame(both)[(less != 0).any(axis=1)]
    table["moved"] = (table["printed"] - table["replaced"]).abs()
    names = {name: _identity(name).reindex(table.index) for name in ("council", "council_class")}
    return pd.DataFrame({**names, **table}).sort_values("moved", ascending=False).reset_index()


def doubted_core() -> str:
    """What the doubts of the two end years change in the fall of core, all councils and one."""
    core, less, each = _core(), _doubted(), doubted_councils()
    touched = each[each["moved"] > 1]
    ends = f"{financial_year(FIRST)} or {financial_year(LAST)}"
    return (
        f"In {len(touched)} of the {len(core)} councils held in both years a doubt in {ends} moves "
        f"the change of core by more than a point (`coopstats check --doubted-core` lists them); "
        f"{(touched['council_class'] == 'SD').sum()} of them are shire districts. It moves "
        f"{touched['council'].iloc[0]} most, by {touched['moved'].iloc[0]:.1f} points. All these "
        f"councils together changed by {_sign(_real_change(core.sum()))}. With each doubtful "
        "figure of the two years replaced by the mean of the years around it, that is "
        f"{_sign(_real_change((core - less).sum()))}."
    )


def _identity(column: str) -> pd.Series:
    """A column of the councils' table by E-code."""
    return load("councils").drop_duplicates("ecode").set_index("ecode")[column].astype(str)


def _core() -> pd.DataFrame:
    """Core of every council held in both end years, by E-code and year."""
    rows = load(
        "revenue_outturn", service="core", year=[FIRST, LAST], council_class=list(PRINCIPAL)
    )
    return rows.astype({"gbp": float}).pivot(index="ecode", columns="year", values="gbp").dropna()


def _doubted() -> pd.DataFrame:
    """What doubtful figures add to core beyond the mean of the years around them."""
    odd = check.doubts()
    lines = set(service_lines("revenue_outturn")) - set(LEFT_OUT_OF_CORE)
    odd = odd[(odd["table"] == "revenue_outturn") & odd["service"].isin(lines)]
    odd = odd[odd["which"] == MAIN_BASIS]
    sums = odd.pivot_table(index="ecode", columns="year", values="difference", aggfunc="sum")
    return sums.reindex(index=_core().index, columns=[FIRST, LAST]).fillna(0.0)


def _real_change(nominal: Any) -> Any:
    to = _factors()
    return 100 * (nominal.loc[LAST] * to[LAST] / (nominal.loc[FIRST] * to[FIRST]) - 1)


@functools.cache
def _factors() -> pd.Series:
    """What turns pounds of a year into pounds of 2019-20, by the GDP deflator."""
    return pd.Series(factors("gdp", 2019, list(range(2009, 2022)))[0])


def spread() -> str:
    """What no rule finds: Oldham's core of 2009-10, booked high over many of its lines at once."""
    rows = load("revenue_outturn", council="Oldham", year=[FIRST - 1, FIRST, FIRST + 1])
    pounds = rows.pivot(index="service", columns="year", values="gbp").astype(float) / 1e6
    above = pounds[FIRST] - (pounds[FIRST - 1] + pounds[FIRST + 1]) / 2
    marked = rows.loc[(rows["year"] == FIRST) & rows["doubt"].notna(), "service"]
    lines = above[above.index.isin(set(service_lines("revenue_outturn")) - set(LEFT_OUT_OF_CORE))]
    lines = lines.dropna().sort_values(key=abs, ascending=False)
    odd = lines.index.isin(marked)
    return (
        "The rules do not find what is spread over many lines of one council in one year: each "
        f"judges one line. The known case is Oldham in {financial_year(FIRST)}. Its core is "
        f"£{above['core']:.1f}m above the mean of the years before and after. Marked are "
        f"{_apart(lines[odd])}. Not marked are {_apart(lines[~odd])}: "
        f"£{lines[~odd].sum():.1f}m together."
    )


def _apart(lines: pd.Series) -> str:
    """Each line with its pounds, in millions."""
    told = [f"{name.replace('_', ' ')} {pounds:+.1f}" for name, pounds in lines.items()]
    return f"{', '.join(told)} (£ million)".replace("-", "−")


def doubted_lines() -> pd.DataFrame:
    """The feared lines in London, with and without the boroughs doubted at either end."""
    from coopstats.findings.answers import feared_lines

    rows = [_with_and_without(t, p) for t in feared_lines.lines().index
            for p in feared_lines.pieces(t)]  # fmt: skip
    return pd.DataFrame([row for row in rows if row])


def _with_and_without(title: str, piece: Measure) -> dict[str, object] | None:
    """One line in outer and inner London; None where no borough is doubted at either end."""
    ends = [piece.years[0], piece.years[-1]]
    odd = _odd_boroughs(title, ends)
    if not odd:
        return None
    printed, without = _of_groups(piece, ends), _of_groups(piece.without(odd, "doubted"), ends)
    change = {group: f"{printed[group]}; {without[group]}" for group in GROUPS}
    span = f"{financial_year(ends[0])} to {financial_year(ends[1])}"
    return {"line": f"{title}, {span}", "doubted": ", ".join(odd), **change}


def _odd_boroughs(title: str, years: list[int]) -> list[str]:
    from coopstats.findings.answers import feared_lines

    line = feared_lines.lines().loc[title]
    rows = load(line["table"], basis=line["basis"], service=line["service"], council_class="L",
                year=years)  # fmt: skip
    return sorted(set(rows.loc[rows["doubt"].notna(), "council"].astype(str)) - {"City of London"})


def _of_groups(piece: Measure, ends: list[int]) -> dict[str, str]:
    try:
        changed = piece.by("subregion", leave_out=True).change(ends[0], ends[1]).frame
    except NotComparable:
        return dict.fromkeys(GROUPS, "–")
    return changed.set_index("council")["value"].map(_sign).to_dict()


def breaks() -> pd.DataFrame:
    """How many changes of meaning are on record, by table and grade."""
    listed = lookups.read("breaks")
    counts = pd.crosstab(listed["table"], listed["grade"])[["severing", "noted"]]
    return counts.rename(index="`{}`".format).rename_axis(columns=None).reset_index()


def corrections() -> pd.DataFrame:
    """Every recorded correction: the cell, what it prints, what is read, and why."""
    listed = lookups.read("corrections")
    cell = listed["source"] + ", " + listed["sheet"] + ", " + listed["cell"]
    numbers = listed[["was", "now"]].astype(float).map("{:,.0f}".format)
    return pd.concat([cell.rename("cell"), numbers, listed[["reason", "evidence"]]], axis=1)


# ── spending power ───────────────────────────────────────────────────────────────────────────────


def rounding() -> pd.DataFrame:
    """How far the chained index of spending power is known, in points either way, by year."""
    rows = load("spending_power", item="index")
    rows = rows[rows["year"] > rows["year"].min()]
    half = ((rows["high"] - rows["low"]) / 2).groupby(rows["year"])
    shown = {"least": half.min(), "median": half.median(), "most": half.max()}
    table = pd.DataFrame(shown).map("{:.1f}".format)
    return _by_year(table.assign(councils=half.size()))


# ── published answers ────────────────────────────────────────────────────────────────────────────


def published() -> pd.DataFrame:
    """Published figures that the tables of part 2 bear on, and what we get; none is tuned."""
    gross, budgeted = _youth_of_england, _core_then_budget
    rows = [
        ("F1", "YMCA 2020", "youth services, England and Wales, 2010-11 to 2018-19, real",
         "−70%, £1.4bn to under £429m", gross(2018), "not reproducible"),
        ("F3", "YMCA 2022", "youth services a head aged 5 to 17, 2010-11 to 2020-21, real",
         "£158 to £37 (−76.6%)", gross(2020), "not reproducible"),
        ("F4", "YMCA 2023", "youth services, England, 2010-11 to 2021-22, real",
         "£1.46bn to £392m (−73%)", gross(2021), "not reproducible"),
        ("B6", "IFS BN166, 2015", "service spending, 2009-10 to budgets of 2014-15, real",
         "−20.4%", budgeted(2014), "known gap"),
        ("B7", "IFS BN166, 2015", "the same per person",
         "−23.4%", budgeted(2014, True), "known gap"),
        ("B8", "IFS BN166, 2015", "Westminster per person, to budgets of 2014-15",
         "−46.3%", budgeted(2014, True, "Westminster"), "known gap"),
        ("B13", "IFS Green Budget 2012", "budgets less education, police and fire, 2009-10 to "
         "2011-12, real", "−10.4%", budgeted(2011), "not reproducible"),
        ("I2", "CLG, December 2010", "spending power, 2011-12: the four councils at the limit",
         "−8.9%", _limit(), "as near as whole per cents allow"),
        ("I2", "CLG, December 2010", "spending power, 2011-12, average council",
         "−4.4%", _average(), "known gap"),
        ("I3", "London Councils 2010", "Area Based Grant of the London boroughs, cut within "
         "2010-11, cash", "£74.3m", _in_year_cut(), "known gap"),
        ("A8", "NAO 2018", "spending power, 2010-11 to 2017-18, real",
         "−28.6%", _chained(2017), "known gap"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["id", "published", "what", "theirs", "ours", "verdict"])


def _sign(per_cent: float) -> str:
    return f"{per_cent:+.1f}%".replace("-", "−")


def _youth_of_england(last: int) -> str:
    """Gross spending on youth, the sum of England's councils, pounds of the last year."""
    rows = load("children_spending", service="youth", year=[2010, last])
    nominal = rows.groupby("year")["gbp"].sum().astype(float) / 1e6
    to = pd.Series(factors("gdp", last, [2010, last])[0])
    real = nominal * to.reindex(nominal.index)
    change = 100 * (real[last] / real[2010] - 1)
    return f"£{real[2010]:,.0f}m to £{real[last]:,.0f}m gross ({_sign(change)})"


def _core_then_budget(last: int, each: bool = False, council: str | None = None) -> str:
    """Core from the outturn of 2009-10 to the budget of a later year, in real terms."""
    sums = {
        FIRST: _sum_of_core("revenue_outturn", FIRST, council),
        last: _sum_of_core("revenue_budget", last, council),
    }
    if each:
        return _beside_vintages(sums, last, council or "England")
    return _sign(_between(sums, last))


def _sum_of_core(table: str, year: int, council: str | None) -> float:
    rows = load(table, service="core", year=year)
    rows = rows if council is None else rows[rows["council"] == council]
    return float(rows["gbp"].sum())


def _between(nominal: dict[int, float], last: int) -> float:
    to = _factors()
    return 100 * (nominal[last] * to[last] / (nominal[FIRST] * to[FIRST]) - 1)


def _beside_vintages(nominal: dict[int, float], last: int, place: str) -> str:
    """The change per person by today's population, and by that of the day where it differs."""
    shown = []
    for vintage in (None, "mid_2020"):
        people = _people(place, last, vintage)
        shown.append(_sign(_between({y: nominal[y] / people[y] for y in nominal}, last)))
    now, then = shown
    return now if now == then else f"{now}, with the earlier population {then}"


def _people(place: str, last: int, vintage: str | None) -> pd.Series:
    if place == "England":
        core = measure("printed_totals", "core", whole=place, table="revenue_outturn")
    else:
        core = measure("revenue_outturn", "core").where(council=place)
    taken = core.between(FIRST, last).per_head(vintage=vintage)
    return taken.amounts.set_index("year")["people"].astype(float)


def _spending_power() -> pd.DataFrame:
    rows = load("spending_power")
    return rows.pivot(index="council", columns=["item", "year"], values="value")


def _limit() -> str:
    """The change to 2011-12 of the four councils named, and the deepest of all."""
    change = _spending_power()["annual_change", 2011]
    named = change[["Hackney", "Newham", "Rochdale", "Liverpool"]]
    lower = (change < named.min()).sum()
    shown = " and ".join(f"{c:.0f}%" for c in sorted(set(named))).replace("-", "−")
    return f"{shown} in all four, lower in {lower or 'no'} other"


def _average() -> str:
    """The mean change to 2011-12, weighted by spending power of 2010-11, and unweighted."""
    wide = _spending_power()
    change, level = wide["annual_change", 2011], wide["level", 2011]
    weighted = np.average(change, weights=level / (1 + change / 100))
    return (
        f"{_sign(float(weighted))} by weight of spending power, {_sign(change.mean())} unweighted"
    )


def _in_year_cut() -> str:
    """The Area Based Grant of the London boroughs in 2010-11, budget less outturn."""
    planned, had = (
        -float(load(table, service="area_based_grant", year=2010, council_class="L")["gbp"].sum())
        for table in ("revenue_budget", "revenue_outturn")
    )
    return f"£{(planned - had) / 1e6:.1f}m (£{planned / 1e6:.0f}m to £{had / 1e6:.0f}m)"


def _chained(last: int) -> str:
    """All councils held, from 2010-11, by the chain of changes and the GDP deflator."""
    wide, to = _spending_power(), _factors()
    base = wide["level", 2011] / (1 + wide["annual_change", 2011] / 100)
    nominal = (base * wide["index", last]).sum() / base.sum() / 100
    return _sign(100 * (nominal * to[last] / to[2010] - 1))


def _by_year(rows: pd.DataFrame) -> pd.DataFrame:
    shown = rows.rename(index=lambda y: financial_year(int(y)))
    return shown.rename_axis("year").reset_index()
