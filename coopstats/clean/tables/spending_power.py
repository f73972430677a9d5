"""spending_power: what councils had to spend, by the settlements: annual changes and their chain.

From a third party's extract of the settlements' tables. It prints like-for-like changes, each in
whole per cents, and levels in £ million. Each settlement restates the year before by its own
rules, so levels of two settlements are not comparable and are never differenced: the changes are
chained to an index, 2010-11 = 100, which carries the bounds that their rounding leaves. Changes
to 2015-16 are of revenue spending power, later ones of core spending power. All in cash.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from coopstats.clean.contracts.contract import (
    FINANCIAL_YEAR,
    Derivation,
    category,
    contract,
    figure_or_reason,
    identity,
    number,
    provenance,
    rule,
    year,
)
from coopstats.clean.contracts.corrections import corrected
from coopstats.clean.contracts.misprints import doubt_of_unit, undoubted, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked, with_identity
from coopstats.clean.sheets.accounts import check_twice
from coopstats.clean.sheets.plain import bodies_of, cells, constant, read_digits
from coopstats.clean.sheets.sheet import NOWHERE, Sheet, cell_name, sheets_of
from coopstats.core.errors import StaleCorrection, UnreadableSource
from coopstats.core.flags import NO_FIGURE
from coopstats.core.sources import read_sources
from coopstats.core.years import financial_year
from coopstats.register import lookups, reader

CHANGES = "spending_power/2010-2020"
LEVELS = "spending_power/2011-2020"
KEY = ["ecode", "item", "year"]
BASE_YEAR = 2010
CORE_SINCE = 2016  # levels from 2016-17 on are of one settlement, so they can date a change
LINKS = ("annual_change", "two_year_change")
HALF_A_POINT, HALF_A_LEVEL = 0.5, 0.005  # what rounding leaves open: per cent, £ million

PER_CENT, MILLION, INDEX = "per cent", "£ million, nominal", "index (2010-11 = 100), nominal"
ITEMS = {
    "annual_change": (PER_CENT, "like-for-like change from the year before"),
    "two_year_change": (PER_CENT, "like-for-like change from two years before (2020-21 only)"),
    "five_year_change": (PER_CENT, "like-for-like change from five years before (2020-21 only)"),
    "level": (MILLION, "spending power as its settlement printed it; no two years compare"),
    "index": (INDEX, "the annual and two-year changes chained; 2019-20 alone has none"),
}
_CHAINED = f"100 in {financial_year(BASE_YEAR)}, then {ITEMS['index'][1]}"
_BY_SPAN = {1: "annual_change", 2: "two_year_change", 5: "five_year_change"}
_CHANGE = re.compile(r"(\d{4})(\d{2})_(\d{4})(\d{2})")
_LEVEL = re.compile(r"\d{4}")


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    changes, levels = printed_changes(sheet_of(CHANGES)), printed_levels(sheet_of(LEVELS))
    printed = stacked([changes, levels])
    check_spans(printed)
    printed = bounded(printed)
    table = stacked([printed, chained(printed)]).rename(columns={"number": "value"})
    table["unit"] = pd.Categorical(table["item"].map({i: unit for i, (unit, _) in ITEMS.items()}))
    table = with_identity(undoubted(table), list(columns()), KEY)
    return with_doubts_of_unit(table, "spending_power", KEY)


def sheet_of(source: str) -> Sheet:
    """The one sheet of a publication."""
    return next(sheets_of(read_sources()[source]))


def printed_changes(sheet: Sheet) -> pd.DataFrame:
    """Every printed change in per cent: the extract prints fractions."""
    spans = {c: span_of(sheet, c) for c in _columns_like(sheet, _CHANGE)}
    items = [item_of(sheet, c, *span) for c, span in spans.items()]
    last_years = [last for _, last in spans.values()]
    table = corrected(_figures(sheet, list(spans), items, last_years), "number")
    return table.assign(number=(100 * table["number"]).round(6))


def printed_levels(sheet: Sheet) -> pd.DataFrame:
    """Every printed level in £ million; the column 2012 is the financial year that ends in 2012."""
    printed = _columns_like(sheet, _LEVEL)
    years = [int(sheet.headings[c] or "") - 1 for c in printed]
    return corrected(_figures(sheet, printed, ["level"] * len(printed), years), "number")


def _columns_like(sheet: Sheet, pattern: re.Pattern) -> list[int]:
    found = [c for c, h in enumerate(sheet.headings) if pattern.fullmatch((h or "").strip())]
    if len(found) < 2 or found != list(range(4, len(sheet.headings))):
        raise UnreadableSource(
            f"{sheet.source.file}, row {sheet.header + 1}: after the four columns that name a "
            f"council every heading should be years like {pattern.pattern}; there are "
            f"{', '.join(h or 'a blank' for h in sheet.headings)}. If the extract was laid out "
            "anew, correct coopstats/clean/tables/spending_power.py."
        )
    return found


def span_of(sheet: Sheet, column: int) -> tuple[int, int]:
    """The financial years that a change is between: 2010, 2011 under "201011_201112"."""
    printed = (sheet.headings[column] or "").strip()
    words = _CHANGE.fullmatch(_meant(sheet, column, printed))
    first, first_end, last, last_end = map(int, words.groups()) if words else (0, 0, 0, 0)
    if (first_end, last_end) != ((first + 1) % 100, (last + 1) % 100):
        raise UnreadableSource(
            f"{sheet.where(sheet.header, column)}: {printed!r} is no pair of financial years like "
            "201011_201112. Compare the original."
        )
    return first, last


def _meant(sheet: Sheet, column: int, printed: str) -> str:
    """The heading, or what it was meant to be where the register has it as misprinted."""
    listed = reader.table_of("misprinted_headings")
    cell = cell_name(sheet.header, column)
    mine = listed[(listed["source"] == sheet.source.id) & (listed["cell"] == cell)]
    for record in mine.itertuples():
        if record.printed != printed:
            raise StaleCorrection(
                f"misprinted_headings.csv says that {sheet.source.id}, cell {cell} prints "
                f"{record.printed}; it prints {printed}. If it was mended, remove the record."
            )
        return str(record.meant)
    return printed


def item_of(sheet: Sheet, column: int, first: int, last: int) -> str:
    """annual_change, or the name of a change over more years."""
    if last - first not in _BY_SPAN:
        raise UnreadableSource(
            f"{sheet.where(sheet.header, column)}: a change over {last - first} years has no name "
            "here. Give it one in coopstats/clean/tables/spending_power.py."
        )
    return _BY_SPAN[last - first]


def _figures(sheet: Sheet, printed: list[int], items: list[str], years: list[int]) -> pd.DataFrame:
    """One row a council and column: number, flag, place, source, sheet, ecode, item, year."""
    bodies = bodies_of(sheet, "ons_code", "ons_name")
    check_twice(sheet, bodies)
    for column in printed:
        sheet = read_digits(sheet, column)
    table = cells(sheet, list(bodies), printed)
    return table.assign(
        ecode=pd.Categorical(list(bodies.values()) * len(printed)),
        item=pd.Categorical(np.repeat(items, len(bodies)), categories=list(ITEMS)),
        year=np.repeat(np.array(years, dtype="int16"), len(bodies)),
    )


def check_spans(printed: pd.DataFrame) -> None:
    """Each change since 2016-17 is between the years that it is said to be.

    From then on one settlement printed the levels of all years, so a change is the ratio of two
    of them to half a point; no other pair of years comes near for more than a few councils.
    """
    wide = printed.pivot(index="ecode", columns=["item", "year"], values="number")
    for item, last in wide.columns.drop("level"):
        first = last - next(span for span, name in _BY_SPAN.items() if name == item)
        if first >= CORE_SINCE:
            ratio = 100 * (wide["level", last] / wide["level", first] - 1)
            _check_near(item, first, last, (wide[item, last] - ratio).abs().dropna())


def _check_near(item: str, first: int, last: int, apart: pd.Series) -> None:
    alike = (apart <= HALF_A_POINT + 0.1).mean()  # levels were rounded too
    if not alike > 0.95:
        raise UnreadableSource(
            f"spending_power: the {item} to {financial_year(last)} is what the levels of "
            f"{financial_year(first)} and {financial_year(last)} give in only {alike:.0%} of the "
            "councils. Find which years its column spans, and record its heading in "
            "coopstats/register/misprinted_headings.csv."
        )


def bounded(printed: pd.DataFrame) -> pd.DataFrame:
    """The figures with `low` and `high`, between which each lay before it was rounded."""
    half = np.where(printed["item"] == "level", HALF_A_LEVEL, HALF_A_POINT)
    return printed.assign(low=printed["number"] - half, high=printed["number"] + half)


def chained(printed: pd.DataFrame) -> pd.DataFrame:
    """The index, 2010-11 = 100, and its bounds: every change at its lowest, at its highest."""
    links = printed[printed["item"].isin(LINKS)]
    parts = [_chain(links, bound).rename(bound) for bound in ("number", "low", "high")]
    rows = pd.concat(parts, axis=1).dropna().reset_index()
    rows["year"] = rows["year"].astype("int16")
    rows["ecode"] = pd.Categorical(rows["ecode"])
    rows["item"] = pd.Categorical.from_codes(
        np.full(len(rows), list(ITEMS).index("index")), list(ITEMS)
    )
    words = {"flag": "derived", "source": CHANGES, "sheet": links["sheet"].iloc[0]}
    rows = rows.assign(**{name: constant(word, rows) for name, word in words.items()})
    return rows.assign(place=NOWHERE)[list(printed.columns)]


def _chain(links: pd.DataFrame, bound: str) -> pd.Series:
    """100 times the product of a council's changes up to each year; 100 in the base year."""
    wide = links.pivot(index="ecode", columns="year", values=bound).sort_index(axis=1)
    index = 100 * (1 + wide / 100).cumprod(axis=1, skipna=False)
    index.insert(0, BASE_YEAR, 100.0)
    return index.stack()


def columns() -> dict:
    """The columns of the contract."""
    known = rule("Every item is one of those in the dictionary.", lambda i: i.isin(ITEMS))
    plausible = rule("Years are 2010-11 to 2020-21.", lambda y: y.between(2010, 2020))
    by_year = year(f"{FINANCIAL_YEAR}; the later year of a change. The files name it by its end")
    by_year.checks = [plausible]
    return {
        **identity(),
        "year": by_year,
        "item": category("; ".join(f"{i}: {m}" for i, (_, m) in ITEMS.items()), checks=[known]),
        "value": number("per cent, £ million or index, as `unit` says"),
        "low": number("the lowest that `value` can have been before its parts were rounded"),
        "high": number("the highest that `value` can have been before its parts were rounded"),
        "unit": category("; ".join(f"{i}: {u}" for i, (u, _) in ITEMS.items())),
        **provenance(),
        "doubt": doubt_of_unit(),
    }


def promised():
    """The contract."""
    return contract(
        "spending_power",
        "Spending power: like-for-like changes, and the index chained from them",
        "Changes are whole per cents, so the index is known only between `low` and `high`. Levels "
        "are re-based at each settlement and must not be compared: use the index. To 2015-16 "
        "changes are of revenue spending power, later ones of core spending power. The column "
        "headed 201819_201920 holds the change from 2018-19 to 2020-21, as the levels show. The "
        "City of London, the Isles of Scilly and police, fire and other authorities are not in it.",
        columns(),
        KEY,
        [
            figure_or_reason("value"),
            rule("Every printed figure names its cell.", _placed),
            rule("Every item has its own unit.", _unit_of_item),
            rule("`low` and `high` enclose the value, and are empty where it is.", _enclosed),
            rule("Printed changes are whole per cents.", _whole),
            rule("Levels are above zero.", lambda t: ~(t["item"] == "level") | ~(t["value"] <= 0)),
            rule("A figure does not apply exactly where the council had ended.", _ended),
            rule("Each index follows from the one before by the printed change.", _follows),
            rule("The five-year change lies within the bounds of the chain.", _five_years),
        ],
        unit="per cent, £ million or index, nominal",
        value="value",
        tier="shared",
        adds_up=["level"],
        derivations={"index": Derivation(LINKS, _CHAINED, chained=True)},
    )


def _placed(table: pd.DataFrame) -> pd.Series:
    return table["cell"].notna() | table["flag"].isin(["derived", *NO_FIGURE])


def _unit_of_item(table: pd.DataFrame) -> pd.Series:
    units = {item: unit for item, (unit, _) in ITEMS.items()}
    return table["item"].astype(str).map(units) == table["unit"].astype(str)


def _enclosed(table: pd.DataFrame) -> pd.Series:
    inside = (table["low"] <= table["value"]) & (table["value"] <= table["high"])
    return inside | table[["low", "value", "high"]].isna().all(axis=1)


def _whole(table: pd.DataFrame) -> pd.Series:
    printed = table["unit"].astype(str) == PER_CENT
    return ~printed | table["value"].isna() | (table["value"] % 1 == 0)


def _ended(table: pd.DataFrame) -> pd.Series:
    last = table["ecode"].astype(str).map(lookups.council_table()["last_year"].astype(int))
    return (table["flag"] == "not_applicable") == (table["year"] > last)


def _wide(table: pd.DataFrame, item: str, bound: str = "value") -> pd.DataFrame:
    rows = table[table["item"] == item].drop_duplicates(KEY).astype({"ecode": str})
    return rows.pivot(index="ecode", columns="year", values=bound)


def _at(table: pd.DataFrame, item: str, wide: pd.DataFrame) -> pd.Series:
    """What `wide` holds for each row of an item; NaN for rows of other items."""
    rows = pd.MultiIndex.from_arrays([table["ecode"].astype(str), table["year"]])
    found = pd.Series(wide.stack().reindex(rows).to_numpy(), index=table.index)
    return found.where(table["item"] == item)


def _follows(table: pd.DataFrame) -> pd.Series:
    """True but for an index that its predecessor and the change between them do not make."""
    link = _wide(table, "annual_change").join(_wide(table, "two_year_change"))
    index = _wide(table, "index")
    due = index.shift(axis=1) * (1 + link.reindex_like(index) / 100)
    due[BASE_YEAR] = 100.0
    wanted = _at(table, "index", due)
    return (table["item"] != "index") | ((table["value"] - wanted).abs() < 1e-6)


def _five_years(table: pd.DataFrame) -> pd.Series:
    """True but for a printed five-year change that the links of those years cannot make."""
    low, high = (
        100 * (index[2020] / index[2015] - 1)
        for index in (_wide(table, "index", bound) for bound in ("low", "high"))
    )
    rows = table["item"] == "five_year_change"
    ecode = table["ecode"].astype(str)
    inside = (table["high"] >= ecode.map(low)) & (table["low"] <= ecode.map(high))
    return ~rows | table["value"].isna() | inside
