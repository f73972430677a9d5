"""What the rules of doubt find in every table, and what the doubts change in core spending."""

from __future__ import annotations

from typing import Any

import pandas as pd

from coopstats.clean.build import build
from coopstats.clean.contracts.doubts import RULES
from coopstats.clean.sheets.bases import MAIN_BASIS
from coopstats.clean.sheets.headings import service_lines
from coopstats.clean.tables import children_spending, revenue_budget, social_care_spending
from coopstats.core.errors import NotComparable
from coopstats.core.years import financial_year
from coopstats.datasets.load import load
from coopstats.datasets.table import about
from coopstats.measures.choosing import PRINCIPAL
from coopstats.measures.measure import Measure
from coopstats.reproduce import check
from coopstats.reproduce.method.printed import FIRST, LAST, sign, to_2019_prices

LEFT_OUT_OF_CORE = ("education", "police", "fire", "public_health")
GROUPS = ("outer London", "inner London")
OF_EVERY_LINE = ("unit", "exchanged")
OF_SERVICES = tuple(rule for rule in RULES if rule not in OF_EVERY_LINE)
UNJUDGED = {  # the tables in which no rule looks for a wrong unit, and why
    "adult_care_quality": "scores and shares within printed bounds; a score of 0 has its own doubt",
    "alcohol_admissions": "rates per 100,000, no money and no count",
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
    return _moved(_core(), _doubted())


def _moved(core: pd.DataFrame, less: pd.DataFrame) -> pd.DataFrame:
    both = {"printed": _real_change(core.T), "replaced": _real_change((core - less).T)}
    table = pd.DataFrame(both)[(less != 0).any(axis=1)]
    table["moved"] = (table["printed"] - table["replaced"]).abs()
    names = {name: _identity(name).reindex(table.index) for name in ("council", "council_class")}
    return pd.DataFrame({**names, **table}).sort_values("moved", ascending=False).reset_index()


def doubted_core() -> str:
    """What the doubts of the two end years change in the fall of core, all councils and one."""
    core, less = _core(), _doubted()
    each = _moved(core, less)
    touched = each[each["moved"] > 1]
    ends = f"{financial_year(FIRST)} or {financial_year(LAST)}"
    return (
        f"In {len(touched)} of the {len(core)} councils held in both years a doubt in {ends} moves "
        f"the change of core by more than a point (`coopstats check --doubted-core` lists them); "
        f"{(touched['council_class'] == 'SD').sum()} of them are shire districts. It moves "
        f"{touched['council'].iloc[0]} most, by {touched['moved'].iloc[0]:.1f} points. All these "
        f"councils together changed by {sign(_real_change(core.sum()))}. With each doubtful "
        "figure of the two years replaced by the mean of the years around it, that is "
        f"{sign(_real_change((core - less).sum()))}."
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
    to = to_2019_prices()
    return 100 * (nominal.loc[LAST] * to[LAST] / (nominal.loc[FIRST] * to[FIRST]) - 1)


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
    return changed.set_index("council")["value"].map(sign).to_dict()
