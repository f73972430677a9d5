"""budget_against_outturn: what each council planned against what it then spent, line by line.

The Revenue Account budget (RA) beside the outturn (RS) of the same council, year and line, where
both print it. A difference is not an error: plans change within a year. OUTLIER says which are
too large to be plans alone and should be looked at. Unit: whole pounds, nominal.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import (
    category,
    contract,
    figure_or_reason,
    identity,
    number,
    rule,
    year,
)
from coopstats.clean.contracts.corrections import corrected
from coopstats.clean.contracts.doubts import LARGE as LEAST_JUDGED
from coopstats.clean.contracts.doubts import RULES
from coopstats.clean.contracts.misprints import doubting, undoubted, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked, with_identity
from coopstats.clean.sheets.accounts import rounded
from coopstats.clean.sheets.bases import MAIN_BASIS
from coopstats.clean.sheets.codes import coded
from coopstats.clean.sheets.headings import service_lines
from coopstats.clean.sheets.keys import numbered
from coopstats.clean.sheets.sheet import cell_names
from coopstats.clean.tables import revenue_budget, revenue_outturn
from coopstats.core.errors import UnreadableSource
from coopstats.core.flags import FLAGS, NO_FIGURE
from coopstats.core.years import financial_year
from coopstats.register import lookups

KEY = ["ecode", "year", "service"]
WORDS = ("ecode", "service")
KINDS = ("service", "total", "financing")
SIDES = ("budget", "outturn")
DERIVED = ("core", "social_care")
LARGE, SHARE = 1_000_000, 0.5

OUTLIER = {
    "other_sign": "budget and outturn lie £1m or more apart, one above zero and one below",
    "far_apart": "they lie £1m or more apart, and by half or more of the larger of them",
}


def shared_lines() -> list[str]:
    """The services, totals and financing lines that RA and RS both print."""
    printed = [
        {line for kind in KINDS for line in service_lines(table, kind)}
        for table in ("revenue_budget", "revenue_outturn")
    ]
    return sorted(printed[0] & printed[1])


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    budget, outturn = _matched(
        *_in_same_words([_side(module) for module in (revenue_budget, revenue_outturn)])
    )
    table = budget[KEY].assign(**{name: _without_unused(budget[name].array) for name in WORDS})
    for name, side in zip(SIDES, (budget, outturn), strict=True):
        table[name] = rounded(side["number"], 1000)
    table["difference"] = table["outturn"] - table["budget"]
    table["ratio"] = _ratio(table)
    table["outlier"] = outlier_of(table)
    table["flag"] = _flag(budget["flag"], outturn["flag"])
    table = doubting(
        undoubted(table),
        [
            (np.flatnonzero(side["doubt"].notna()), f"unit ({name})")
            for name, side in zip(SIDES, (budget, outturn), strict=True)
        ],
    )
    for name in ("source", "sheet"):
        table[f"budget_{name}"], table[name] = budget[name], outturn[name]
    table["budget_cell"] = cell_names(budget["place"].to_numpy())
    table["place"] = outturn["place"]
    return with_identity(table, list(columns()), KEY)


def _side(module: ModuleType) -> pd.DataFrame:
    """The shared lines of one publication on the main basis, in thousands of pounds.

    Each line is judged over all its years, as in the publication's own table.
    """
    printed = corrected(stacked(module.printed_figures(MAIN_BASIS, shared_lines())), "number")
    table = stacked([printed, *revenue_outturn.derived(printed, module.SOCIAL_CARE_SPLIT)])
    table, name = undoubted(table.drop(columns="basis")), module.__name__.rpartition(".")[2]
    return with_doubts_of_unit(table, name, KEY, value="number", large=LEAST_JUDGED / 1000)


def _in_same_words(sides: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """Both sides with one list of councils and one of lines, sorted: codes are quick to match."""
    same = {n: sorted({w for side in sides for w in side[n].cat.categories}) for n in WORDS}
    return [
        side.assign(**{n: side[n].cat.set_categories(words) for n, words in same.items()})
        for side in sides
    ]


def _matched(budget: pd.DataFrame, outturn: pd.DataFrame) -> list[pd.DataFrame]:
    """The rows of both sides whose council, year and line the other has too, in one order."""
    number = numbered(pd.concat([budget[KEY], outturn[KEY]]), *KEY)
    planned, spent = number[: len(budget)], number[len(budget) :]
    for name, side, mine in zip(SIDES, (budget, outturn), (planned, spent), strict=True):
        _check_once(name, side, mine)
    place = np.full(number.max(initial=-1) + 1, -1)
    place[spent] = np.arange(len(outturn))
    other = place[planned]
    both = np.flatnonzero(other >= 0)
    rows = (budget, both), (outturn, other[both])
    return [side.take(of_side).reset_index(drop=True) for side, of_side in rows]


def _check_once(name: str, side: pd.DataFrame, number: np.ndarray) -> None:
    """Raise if a council has a line twice in a year; `number` is that of each row's key."""
    often = np.bincount(number)
    if often.max(initial=0) > 1:
        row = side.iloc[np.flatnonzero(often[number] > 1)[0]]
        council, year = (
            lookups.council_table()["council"][row["ecode"]],
            financial_year(row["year"]),
        )
        raise UnreadableSource(
            f"The {name} of {council} ({row['ecode']}) for {year} has the line {row['service']!r} "
            "twice. A figure may be counted once: compare the sheets of that year with the "
            "original."
        )


def _ratio(table: pd.DataFrame) -> pd.Series:
    """Outturn as a multiple of the budget; none where they do not lie on one side of zero."""
    budget, outturn = (table[side].astype("float64") for side in SIDES)
    return (outturn / budget).where((budget != 0) & (budget * outturn >= 0))


def outlier_of(table: pd.DataFrame) -> pd.Categorical:
    """Which of OUTLIER a row with `budget` and `outturn` in pounds is, null where none."""
    budget, outturn = (table[side].astype("float64").to_numpy() for side in SIDES)
    apart = np.abs(outturn - budget)
    large = apart >= LARGE
    across = large & (budget * outturn < 0)
    far = large & (apart >= SHARE * np.fmax(np.abs(budget), np.abs(outturn)))
    return pd.Categorical.from_codes(np.select([across, far], [0, 1], -1), list(OUTLIER))


def _flag(budget: pd.Series, outturn: pd.Series) -> pd.Categorical:
    """Derived where both sides have a figure, else why one has none: the budget's reason first."""
    flags = sorted(["derived", *NO_FIGURE])
    codes = np.full(len(budget), flags.index("derived"), dtype="int8")
    for side in (outturn, budget):
        reason = [flags.index(f) if f in NO_FIGURE else -1 for f in side.cat.categories]
        given = np.array([*reason, -1])[side.cat.codes]
        codes = np.where(given >= 0, given, codes)
    return _without_unused(coded(codes, flags))


def _without_unused(words: pd.Categorical) -> pd.Categorical:
    """As pandas' remove_unused_categories, which sorts all rows to find them."""
    used = np.bincount(words.codes, minlength=len(words.categories)) > 0
    return coded((np.cumsum(used) - 1)[words.codes], words.categories[used])


def columns() -> dict:
    """The columns of the contract."""
    meanings = "; ".join(f"{name}: {meaning}" for name, meaning in OUTLIER.items())
    return {
        **identity(),
        "year": year(),
        "service": category("the line's stable name, the same in RA and RS"),
        "budget": number("planned, in whole pounds, nominal", "Int64"),
        "outturn": number("spent, in whole pounds, nominal", "Int64"),
        "difference": number("outturn less budget: above zero where more was spent", "Int64"),
        "ratio": number(
            "outturn as a multiple of budget; null where the budget is zero, or one of the two is "
            "above zero and the other below"
        ),
        "outlier": category(f"too far to be plans alone, null where not. {meanings}", True),
        "doubt": category(
            "null where no rule finds the figure of one side, named in brackets, odd. unit: "
            f"{RULES['unit']}",
            True,
        ),
        "flag": _flag_column(),
        **{name: category(meaning, True) for name, meaning in _CELLS.items()},
    }


_CELLS = {
    "source": "the publication of the outturn",
    "sheet": "the sheet of the outturn",
    "cell": "the cell of the outturn; null where it was derived",
    "budget_source": "the publication of the budget",
    "budget_sheet": "the sheet of the budget",
    "budget_cell": "the cell of the budget; null where it was derived",
}


def _flag_column():
    used = ("derived", *NO_FIGURE)
    known = rule("Every flag is derived or says why one side is empty.", lambda f: f.isin(used))
    return category("; ".join(f"{name}: {FLAGS[name]}" for name in used), checks=[known])


def _is_outlier(table: pd.DataFrame) -> pd.Series:
    return pd.Series(outlier_of(table).codes, index=table.index) == table["outlier"].cat.codes


def promised():
    """The contract."""
    return contract(
        "budget_against_outturn",
        "Budget against outturn: planned and then spent, by council, year and line",
        "The Revenue Account budget beside the Revenue Outturn of the same council, year and "
        "line, 2010-11 to 2021-22. Outliers are differences too large to be plans alone.",
        columns(),
        KEY,
        [
            figure_or_reason("difference"),
            rule("Outturn less budget is the difference.", _subtracts),
            rule("Every outlier is one by the rule, and every other row is none.", _is_outlier),
            rule(
                "A ratio is never below zero, and none is of a budget of zero.",
                lambda t: t["ratio"].isna() | ((t["ratio"] >= 0) & (t["budget"] != 0)),
            ),
            rule(
                "A printed side names its cell; both cells are empty only where it was derived.",
                lambda t: (
                    t[["cell", "budget_cell"]].notna().any(axis=1) | t["service"].isin(DERIVED)
                ),
            ),
        ],
        unit="pounds, nominal",
        value="difference",
        tier="shared",
    )


def _subtracts(table: pd.DataFrame) -> pd.Series:
    left = table["outturn"] - table["budget"]
    return (left == table["difference"]).fillna(left.isna() & table["difference"].isna())
