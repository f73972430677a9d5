"""deprivation: how deprived each council's area was, by three editions of the official indices.

From the English Indices of Deprivation 2010 (districts and unitaries), 2015 (councils with
children's services) and 2019 (districts and unitaries). A higher score is more deprived, rank 1
is the most deprived. An edition compares places with each other at its own time: its scores and
ranks say nothing about change from one edition to the next.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import (
    category,
    contract,
    figure_or_reason,
    identity,
    number,
    placed,
    provenance,
    rule,
    year,
)
from coopstats.clean.contracts.corrections import corrected
from coopstats.clean.contracts.stack import stacked, with_identity
from coopstats.clean.sheets.accounts import check_twice
from coopstats.clean.sheets.headings import fold
from coopstats.clean.sheets.plain import bodies_of, cells, constant
from coopstats.clean.sheets.sheet import NOWHERE, Sheet, sheets_of
from coopstats.clean.tables import population
from coopstats.core.errors import UnknownHeading
from coopstats.core.sources import sources_of
from coopstats.register import lookups

PUBLICATION = "deprivation"
KEY = ["ecode", "year", "domain", "item"]
EDITIONS = (2010, 2015, 2019)

# Sheet to domain; the one sheet of 2010 prints the overall index and two scales.
DOMAINS = {
    "LA Summaries ID 2010": "overall",
    "IMD": "overall",
    "Income": "income",
    "Employment": "employment",
    "Education": "education",
    "Health": "health",
    "Crime": "crime",
    "Barriers": "barriers",
    "Living": "living",
    "IDACI": "idaci",
    "IDAOPI": "idaopi",
}

ITEMS = {
    "average_score": "mean score of the council's neighbourhoods, weighted by people",
    "average_rank": "mean rank of its neighbourhoods, higher is more deprived",
    "proportion_most_deprived_tenth": "share of its neighbourhoods in England's most deprived 10%",
    "extent": "share of its people in the most deprived three tenths, worst weighted most",
    "local_concentration": "mean rank of its most deprived neighbourhoods, a tenth of its people",
    "scale": "how many of its people are deprived of income, or of employment",
}
RANKS = {f"rank_of_{item}": f"rank of {item}, 1 the most deprived" for item in ITEMS}

_TENTH = "proportion of lsoas in most deprived 10 nationally"
_ITEM = re.compile(rf"(average score|average rank|{_TENTH}|extent|local concentration|scale)$")


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    sheets = [sheet for source in sources_of(PUBLICATION) for sheet in sheets_of(source)]
    printed = corrected(stacked(map(printed_figures, sheets)), "number")
    table = stacked([printed, derived_counties(printed, mid_2010())])
    return with_identity(table.rename(columns={"number": "value"}), list(columns()), KEY)


def printed_figures(sheet: Sheet) -> pd.DataFrame:
    """Every figure of one sheet, column by column."""
    headed = {c: h.strip() for c, h in enumerate(sheet.headings) if h is not None}
    (_, code), (_, name), *_ = headed.items()
    bodies, printed = bodies_of(sheet, code, name), list(headed)[2:]
    check_twice(sheet, bodies)
    table = cells(sheet, list(bodies), printed)
    domains, items = zip(*(named(sheet, column) for column in printed), strict=True)
    return table.assign(
        ecode=pd.Categorical(list(bodies.values()) * len(printed)),
        year=np.int16(sheet.source.year),
        tier=constant(tier_of(sheet), table),
        domain=pd.Categorical(np.repeat(domains, len(bodies))),
        item=pd.Categorical(np.repeat(items, len(bodies))),
    )


def named(sheet: Sheet, column: int) -> tuple[str, str]:
    """The domain and item of a column, from its sheet and its heading."""
    heading = fold(sheet.headings[column] or "")
    found = _ITEM.search(heading)
    if found is None or sheet.name not in DOMAINS:
        raise UnknownHeading(
            f"{sheet.where(sheet.header, column)}: {sheet.headings[column]!r} on this sheet is no "
            "item of the Indices of Deprivation that is known here. Give it a name in "
            "coopstats/clean/tables/deprivation.py."
        )
    item = found[0].replace(_TENTH, "proportion most deprived tenth").replace(" ", "_")
    rank = "rank_of_" if "rank of" in heading else ""
    return _scale_of(heading) or DOMAINS[sheet.name], rank + item


def _scale_of(heading: str) -> str | None:
    """The domain of a scale, which 2010 prints beside the overall index: "Income Scale"."""
    found = re.search(r"\b(income|employment) (?:rank of )?scale$", heading)
    return found and found[1]


def tier_of(sheet: Sheet) -> str:
    """District where a file lists the districts of counties, upper where it lists counties."""
    return "upper" if "upper tier" in fold(sheet.headings[0] or "") else "district"


def mid_2010() -> pd.Series:
    """People by council in mid-2010, as the population of that year was published by 2020."""
    people = population.printed_total(population.sheet_of(population.MID_2020))
    return people[people["year"] == 2010].set_index("ecode")["number"]


def derived_counties(printed: pd.DataFrame, people: pd.Series) -> pd.DataFrame:
    """The average score of shire counties in 2010, whose file lists only districts.

    It is the mean of the districts' scores, weighted by their people in mid-2010. A county gets
    one only where each of its districts has both: districts merged by 2021 have no people of
    their own in the estimates, so Buckinghamshire, Dorset, Northamptonshire, Somerset and Suffolk
    get none.
    """
    score = _scores_of_2010(printed)
    both = pd.DataFrame({"score": score["number"], "people": people.reindex(score.index)})
    counties = {
        c: d for c, d in _districts_of_2010().items() if both.reindex(d).notna().all(axis=None)
    }
    means = [np.average(both["score"][d], weights=both["people"][d]) for d in counties.values()]
    rows = pd.DataFrame({"ecode": pd.Categorical(list(counties)), "number": means})
    words = {"flag": "derived", "tier": "upper"}
    words |= {n: score[n].iloc[0] for n in ("domain", "item", "source", "sheet")}
    rows = rows.assign(**{n: constant(w, rows) for n, w in words.items()}, place=NOWHERE)
    return rows.assign(year=np.int16(2010))[list(printed.columns)]


def _scores_of_2010(printed: pd.DataFrame) -> pd.DataFrame:
    mine = (printed["year"] == 2010) & (printed["item"] == "average_score")
    return printed[mine & (printed["domain"] == "overall")].set_index("ecode")


def _districts_of_2010() -> dict[str, list[str]]:
    """The districts that each shire county had in 2010-11."""
    known = lookups.council_table()
    first, last = known["first_year"].astype(int), known["last_year"].astype(int)
    there = known[(known["council_class"] == "SD") & (first <= 2010) & (last >= 2010)]
    return {county: list(rows.index) for county, rows in there.groupby("county")}


def columns() -> dict:
    """The columns of the contract."""
    editions = rule("Editions are 2010, 2015 and 2019.", lambda y: y.isin(EDITIONS))
    said = {**ITEMS, **RANKS}
    domains = rule("Every domain is one of those in the dictionary.", _known_domain)
    items = rule("Every item is one of those in the dictionary.", lambda i: i.isin(said))
    by_year = year("the edition of the Indices, whose figures are some two years older")
    by_year.checks = [editions]
    return {
        **identity(),
        "year": by_year,
        "tier": category(
            "which file printed it, so among whom it is ranked: district (districts and "
            "single-tier councils) or upper (counties and single-tier councils)",
            checks=[rule("Tiers are district and upper.", lambda t: t.isin(["district", "upper"]))],
        ),
        "domain": category(
            "overall, the index of multiple deprivation; its parts income, employment, education, "
            "health, crime, barriers (to housing and services) and living (environment); idaci and "
            "idaopi, income deprivation of children and of older people",
            checks=[domains],
        ),
        "item": category("; ".join(f"{i}: {m}" for i, m in said.items()), checks=[items]),
        "value": number("score, rank, share or people, as `item` says"),
        **provenance(),
    }


def _known_domain(domain: pd.Series) -> pd.Series:
    return domain.isin(set(DOMAINS.values()))


def promised():
    """The contract."""
    return contract(
        PUBLICATION,
        "Deprivation: the English Indices of 2010, 2015 and 2019 by council",
        "Scores and ranks of councils' areas. Higher scores are more deprived, rank 1 most. "
        "Editions rank places at one time and must not be differenced. County scores of 2010 are "
        "derived from their districts, weighted by their people in mid-2010.",
        columns(),
        KEY,
        [
            figure_or_reason("value"),
            placed(),
            rule("Every council that an edition lists has each of its items.", _complete),
            rule("Shares and extents lie between 0 and 1.", _shares),
            rule("Overall scores lie between 0 and 100.", _scores),
            rule("A rank is its figure's place in its edition, equals in any order.", _ranks),
        ],
        unit="score, rank, share or people",
        value="value",
        adds_up=["scale"],
        bears="places at one time: its editions are never differenced",
    )


def _complete(table: pd.DataFrame) -> pd.Series:
    """True where an edition prints a row's item for as many councils as it lists at all."""
    printed = table[table["flag"] != "derived"]
    listed = printed.groupby("year")["ecode"].nunique()
    have = printed.groupby(["year", "domain", "item"], observed=True)["ecode"].transform("size")
    return (have == printed["year"].map(listed)).reindex(table.index).fillna(True).astype(bool)


def _shares(table: pd.DataFrame) -> pd.Series:
    share = table["item"].isin(["extent", "proportion_most_deprived_tenth"])
    return ~share | table["value"].isna() | table["value"].between(0, 1)


def _scores(table: pd.DataFrame) -> pd.Series:
    score = (table["item"] == "average_score") & (table["domain"] == "overall")
    return ~score | table["value"].isna() | table["value"].between(0, 100)


def _ranks(table: pd.DataFrame) -> pd.Series:
    """True but for a rank that the figures it ranks contradict."""
    ranked = table[table["item"].isin(ITEMS) & (table["flag"] != "derived")]
    groups = ranked.groupby(["year", "domain", "item"], observed=True)["value"]
    places = ranked[KEY].assign(
        item="rank_of_" + ranked["item"].astype(str),
        first=groups.rank(ascending=False, method="min"),
        last=groups.rank(ascending=False, method="max"),
    )
    rows = table[[*KEY, "value"]].astype({"item": str})
    both = rows.merge(places.drop_duplicates(KEY), on=KEY, how="left").set_index(table.index)
    in_place = both["value"].between(both["first"], both["last"])
    return in_place | both[["value", "first"]].isna().any(axis=1)
