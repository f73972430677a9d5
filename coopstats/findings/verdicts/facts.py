"""The numbers that verdicts rest on, each taken from where an answer computed it."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from coopstats.comparisons import Comparison, compare, permutation, supposed
from coopstats.datasets.load import load
from coopstats.findings import plan
from coopstats.findings.answers import feared_lines, how_deep
from coopstats.findings.answers import who_were_the_pilots as who
from coopstats.measures.of_table import measure
from coopstats.measures.prices import factors
from coopstats.register.councils import bodies
from coopstats.register.members import members, memberships
from coopstats.register.pilots import pilot

Facts = dict[str, float]
MAY_2011, COUNTED = 2011, 2016
SHUFFLES = 9999
SETTLED = 2010  # the first year that the settlements' changes start from
HOMES = "rochdale-boroughwide-housing"
DISCOUNT, REWARDS = "council_tax_discounts", "lambeth-resident-rewards"


def in_year_cut() -> Facts:
    """Q1: what Redbridge budgeted and received of the one grant that can be followed, £m."""
    budget, outturn = (feared_lines.grant(t) for t in ("revenue_budget", "revenue_outturn"))
    return {"budgeted": budget / 1e6, "received": outturn / 1e6, "fell": (budget - outturn) / 1e6}


def feared() -> Facts:
    """Q2: of the lines that can be followed in Redbridge, how many fell over every piece."""
    fell, total = feared_lines.fell()
    outer, _ = feared_lines.fell(feared_lines.BESIDE[0])
    both = feared_lines.together()
    return {"followed": len(total), "fell": len(fell), "fell beside": len(set(outer) & set(total)),
            "enforcement before": float(both.iloc[0]),
            "enforcement after": float(both.iloc[-1])}  # fmt: skip


def forecast() -> Facts:
    """Q3: the fall by 2014-15 by each reading of what was to fall, and the deepest, per cent."""
    each = how_deep.since(how_deep.england().per_head())
    total = how_deep.since(how_deep.england())
    like = how_deep.like_for_like(how_deep.england().per_head())
    by = {"per person": each, "in total": total, "like for like, per person": like,
          "spending power": spending_power()}  # fmt: skip
    return {**{name: -float(change[how_deep.REVIEW_END]) for name, change in by.items()},
            "deepest, per person": -float(each.loc[: how_deep.END].min()),
            "deepest, like for like": -float(like.min())}  # fmt: skip


def spending_power() -> pd.Series:
    """The middle council's spending power since 2010-11 by year, real, per cent.

    Chained from the changes that the settlements publish (see `spending_power` in the data
    dictionary): no year before 2010-11 has one.
    """
    rows = load("spending_power", item="index", year=range(SETTLED, how_deep.REVIEW_END + 1))
    middle = rows.groupby("year")["value"].median()
    to, _ = factors("gdp", SETTLED, middle.index)
    return middle * pd.Series(to) - 100


def regressive() -> Facts:
    """Q4: the change in the most and least deprived fifth, and how places' ranks go together."""
    taken = how_deep.places().by("deprivation_fifth", leave_out=True)
    value = taken.change(how_deep.BASE, how_deep.END).frame.set_index("council")["value"]
    ranks = how_deep.by_deprivation()
    rho, p = _spearman(ranks["score"], ranks["change"])
    return {
        "most deprived fifth": value["most deprived fifth"],
        "least deprived fifth": value["least deprived fifth"],
        "rank correlation": rho,
        "p": p,
    }


def _spearman(one: pd.Series, other: pd.Series) -> tuple[float, float]:
    """The rank correlation, and the share of shuffles in which it is as large."""
    a, b = (values.rank().to_numpy() for values in (one, other))
    found, rng = float(np.corrcoef(a, b)[0, 1]), np.random.default_rng(0)
    a = (a - a.mean()) / a.std()
    b = (b - b.mean()) / b.std()
    shuffled = np.array([rng.permutation(a) @ b for _ in range(SHUFFLES)]) / len(a)
    return found, _chance(found, shuffled)


def _chance(found: float, shuffled: np.ndarray) -> float:
    """The share of shuffles, and of what was found, that lie as far from nothing."""
    as_far = np.abs(shuffled) >= abs(found) - 1e-12
    return float((1 + as_far.sum()) / (1 + len(shuffled)))


def permanence() -> Facts:
    """Q5: years after 2009-10 at or above its level, and the last year's distance from it."""
    change = how_deep.since(how_deep.england().per_head())
    like = how_deep.like_for_like(how_deep.england().per_head())
    after = change[change.index > how_deep.BASE]
    return {"years back": float((after >= 0).sum()), "last": float(after.iloc[-1]),
            "years": len(after), "like for like": float(like.iloc[-1]),
            "its year": float(like.index[-1])}  # fmt: skip


def founders() -> Facts:
    """Q8: how many founders can be named, and of how many Labour held the council then."""
    held = who.founders_held()[MAY_2011]
    return {"named": sum(m.founder == "named" for m in memberships()),
            "labour": float((held == "labour").sum())}  # fmt: skip


def brutal() -> Facts:
    """Q9: the deepest one-year change in cash after 2010, and the least before, per cent."""
    cash = how_deep.yearly(last=how_deep.END).set_index("year")["cash"]
    after, before = cash.loc[how_deep.BASE + 1 :], cash.loc[: how_deep.BASE]
    like = how_deep.cash_like_for_like().loc[how_deep.BASE + 1 : how_deep.END]
    places = how_deep.yearly_by_place()
    then = places.loc[places["year"] == after.idxmin(), "value"]
    return {"deepest after": float(after.min()), "least before": float(before.min()),
            "deepest, like for like": float(like.min()),
            "changes before": float(before.notna().sum()),
            "places that fell": 100 * float((then < 0).mean())}  # fmt: skip


def homes() -> Facts:
    """Q10: Rochdale's council homes at the last count before its transfer, and the next.

    `middle` is the share left over the same years in the middle of the other metropolitan
    districts with homes.
    """
    rows = load("council_housing_stock", council_class="MD", item="council_dwellings")
    held = rows.pivot(index="council", columns="year", values="value")
    start = pilot(HOMES).first_full_year
    assert start is not None  # for mypy: a structural pilot has a start
    own = held.loc[pilot(HOMES).council]
    others = held[held[start - 1] > 0].drop(index=pilot(HOMES).council)
    return {"before": float(own[start - 1]), "after": float(own[start]),
            "middle": 100 * float((others[start] / others[start - 1]).median())}  # fmt: skip


def owners() -> Facts:
    """Q11: whether the homes went to a body, and whether its members own it, by the register."""
    society = pilot(HOMES)
    return {"to a body": float(society.kind == "stock transfer"),
            "of members": float("owned by tenants" in society.came_to)}  # fmt: skip


def _single(found: Comparison) -> Facts:
    return _told(found.summary.iloc[0])


def _told(row: pd.Series) -> Facts:
    rank = float("nan") if pd.isna(row["rank"]) else float(row["rank"])
    return {"gap": float(row.gap), "rank": rank, "of": float(row.of),
            "fit": float(row.fit), "level": float(row.level),
            "detectable": float(row.detectable)}  # fmt: skip


def started(slug: str) -> Facts:
    """Whether a programme is known to have begun."""
    return {"begun": float(pilot(slug).first_full_year is not None)}


def discounts() -> Facts:
    """Q16: whether a scheme began, and in how many budgets councils paid for discounts themselves.

    The line is "council tax discounts - locally funded" of the budgets; those of the other
    boroughs of inner London stand beside as the share of their budgets that have any.
    """
    inner = load("councils")
    inner = inner.loc[inner["subregion"] == "inner London", "ecode"].astype(str)
    rows = load("revenue_budget", service=DISCOUNT, ecode=sorted(inner)).dropna(subset="gbp")
    own = rows["ecode"].astype(str) == pilot(REWARDS).ecode
    any_paid = rows["gbp"] > 0
    return {**started(REWARDS), "budgets": float(own.sum()),
            "with discounts": float((own & any_paid).sum()),
            "others, per cent": 100 * float(any_paid[~own].mean())}  # fmt: skip


def planned_centres() -> Facts:
    """Q18: whether a centre was handed over, and how many sources but the article have the plan."""
    centres = "lambeth-childrens-centres"
    told = [e for e in pilot(centres).evidence if e.grade != "own account"]
    return {**started(centres), "sources": len(told)}


def hackney() -> Facts:
    """Q19: Hackney's change, the middle inner borough's, and Hackney's rank (1 is deepest)."""
    rows = feared_lines.inner_london()
    own = float(rows[feared_lines.CONTRAST[0]])
    return {"change": own, "middle": float(rows.median()), "rank": float((rows <= own).sum()),
            "of": len(rows)}  # fmt: skip


def newham() -> Facts:
    """Q20: Newham's claimants and employment from 2012 beside London boroughs, tried together.

    Names begin with the line; `rank together` is among the largest of both lines' gaps, each
    against its own misfit before (the step-down of Westfall and Young).
    """
    names = ("claimants", "employment")
    lines = [measure("labour_market", f"{line}_rate") for line in ("claimant", "employment")]
    found = compare(lines, supposed("Newham", 2012))
    together = permutation.westfall_young(found.estimate.null)
    facts = {}
    for place, name in enumerate(names):
        told = _told(found.summary.iloc[place])
        told["rank together"] = float(np.round(together[place] * told["of"]))
        facts.update({f"{name} {what}": value for what, value in told.items()})
    return facts


def islington() -> Facts:
    """Q21: Islington's low-income children after its commission, and who followed it."""
    first = pilot("islington-fairness-commission").start.first
    followers = ("liverpool-fairness-commission", "york-fairness-commission")
    later = [p for p in map(pilot, followers) if p.start.first and first and p.start.first > first]
    share = measure("low_income_children", "low_income_share")
    beside = _single(compare(share, supposed("Islington", 2011)))
    return {"followed": len(later), "followers": len(followers), **beside}


def volunteers() -> Facts:
    """Q22: the share of branches run by communities in 2016, members and others, per cent.

    `expected` is by how much members' would be higher by their classes alone; `p` is the share
    of shuffles of membership among councils of a class that are as far from it.
    """
    rows = load("libraries", year=COUNTED, item=["branches_open", "community_run"])
    wide = rows.pivot(index=["council", "council_class"], columns="item", values="value").dropna()
    wide = wide.reset_index()
    mine = wide["council"].isin(members(2012).surely).to_numpy()
    held = wide[["community_run", "branches_open"]].to_numpy(dtype=float)
    shares = _share_of(held, mine), _share_of(held, ~mine)
    rng, places = np.random.default_rng(0), wide.groupby("council_class", observed=True).indices
    shuffled = np.array([_apart(held, _shuffled(mine, places, rng)) for _ in range(SHUFFLES)])
    expected = shuffled.mean()  # not nothing, where members are of other classes than the rest
    return {"members": shares[0], "others": shares[1], "councils": float(mine.sum()),
            "expected": float(expected),
            "p": _chance(_apart(held, mine) - expected, shuffled - expected)}  # fmt: skip


def _share_of(held: np.ndarray, which: np.ndarray) -> float:
    run, all_open = held[which].sum(axis=0)
    return float(100 * run / all_open)


def _apart(held: np.ndarray, mine: np.ndarray) -> float:
    return _share_of(held, mine) - _share_of(held, ~mine)


def _shuffled(
    mine: np.ndarray, places: dict[str, np.ndarray], rng: np.random.Generator
) -> np.ndarray:
    """Membership dealt out anew among the councils of each class."""
    drawn = mine.copy()
    for own in places.values():
        drawn[own] = rng.permutation(mine[own])
    return drawn


@functools.cache
def _jobs() -> Comparison:
    row = plan.row(plan.NETWORK)
    return compare(measure("labour_market", "employment_rate"), row.treated, after=row.after)


def jobs() -> Facts:
    """Q24: employment in members beside councils of their classes, points."""
    row = _jobs().summary.iloc[0]
    told = ("gap", "p", "of", "fit", "level", "detectable", "low", "high")
    return {name: float(row[name]) for name in told}


def chosen() -> Facts:
    """Q25: the share held by Labour after May 2011, of named founders and of all councils."""
    held = who.founders_held()[MAY_2011]
    rows = load("political_control", year=MAY_2011).drop_duplicates("ecode")
    principal = rows[[bodies()[c].alive(MAY_2011) for c in rows["ecode"].astype(str)]]
    return {
        "founders": 100 * float((held == "labour").mean()),
        "all": 100 * float((principal["control"].astype(str) == "labour").mean()),
        "named": len(held),
    }
