"""household_waste: tonnes, recycling rates and kilograms, by waste authority, from 2010-11 on.

From Defra's ENV18: Tables 1 (tonnes) and 2 (where they went) from 2014-15, Table 3 (rates) from
2010-11; and London's recycling rates in whole per cents from 2003-04, an item of their own.
Collection authorities (districts, many boroughs) and disposal authorities (counties, joint waste
authorities) both report: what a disposal authority reports includes its collection authorities'.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import FINANCIAL_YEAR, Derivation, category, rule
from coopstats.clean.contracts.misprints import doubt_of_unit, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked
from coopstats.clean.families.outcomes import (
    DIFFERS,
    KEY,
    Item,
    april_of,
    figures_of_column,
    figures_of_columns,
    finished,
    implied,
    sheet_of,
    tie_out_differences,
)
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets.bodies import last_year_of
from coopstats.clean.sheets.plain import bodies_among, bodies_of, cells, read_digits
from coopstats.clean.sheets.sheet import Sheet
from coopstats.core.errors import UnknownCouncil, UnreadableSource
from coopstats.register import lookups, reader

TABLE = "household_waste"
SOURCE, ENGLAND, LONDON = (
    f"household_waste/{period}" for period in ("2010-2022", "2000-2022", "2003-2022")
)
ANY = float("-inf")  # estimates of rejects and process losses may be below zero
TONNES = {
    "Total local authority collected waste (tonnes)": ("collected_waste", "all waste collected"),
    "Household - total waste (tonnes)": ("household_waste", "household waste"),
    "Household - waste sent for recycling-composting-reuse (tonnes)": (
        "household_recycled",
        "household waste sent for recycling, composting or reuse",
    ),
    "Household dry recycling-reuse (tonnes)": ("household_dry", "of it dry"),
    "Household green recycling-reuse (tonnes)": ("household_green", "of it green"),
    "Household - waste not sent for recycling (tonnes)": (
        "household_not_recycled",
        "household waste not sent for recycling",
    ),
    "Household - regular collection (not recycled) (tonnes)": (
        "household_regular",
        "of it from regular collection",
    ),
    "Household - civic amenity sites (not recycled) (tonnes)": (
        "household_civic_amenity",
        "of it from civic amenity sites",
    ),
    "Household - other sources (not recycled) (tonnes)": ("household_other", "of it from others"),
    'Household - estimated rejects (tonnes) - See "Notes" sheet for detail on rejects '
    "calculation.": (
        "household_rejects",
        "of it collected for recycling and rejected, an estimate",
    ),
    "Non-household - total waste (tonnes)": ("other_waste", "waste not from households"),
    "Non-household - waste sent for recycling-composting-reuse (tonnes)": (
        "other_recycled",
        "of it sent for recycling, composting or reuse",
    ),
    "Non-household - waste not sent for recycling (tonnes)": (
        "other_not_recycled",
        "of it not sent for recycling",
    ),
    "Non-household - estimated rejects (tonnes)": ("other_rejects", "of it rejected, an estimate"),
    "Local authority collected waste - sent for recycling-composting-reuse (tonnes)": (
        "collected_recycled",
        "all waste sent for recycling, composting or reuse",
    ),
    "Local authority collected waste - not sent for recycling (tonnes)": (
        "collected_not_recycled",
        "all waste not sent for recycling",
    ),
    "Local authority collected - estimated rejects (tonnes)": (
        "collected_rejects",
        "of it rejected, an estimate",
    ),
    "Landfilled": ("landfilled", "waste to landfill"),
    "Incineration with EfW": ("burnt_for_energy", "waste burnt for energy"),
    "Incineration without EfW 4": ("burnt", "waste burnt without energy"),
    "Recycled- Composted": ("recycled", "waste recycled or composted, as managed"),
    "Other1": ("otherwise_treated", "waste otherwise treated, with process and moisture loss"),
    "Total2": ("managed_waste", "all waste managed: stocks make it differ from that collected"),
    "Input to intermediate plants3": ("intermediate_input", "of it through intermediate plants"),
}
RESIDUAL, RATE, LANDFILL, PER_PERSON = (
    "Residual household waste per household (kg/household) (Ex NI191)",
    "Percentage of household waste sent for reuse, recycling or composting (Ex NI192)",
    "Percentage of municipal waste sent to landfill (Ex NI193)",
    "Collected household waste per person (kg) (Ex BVPI 84a)",
)
RATES = {
    RESIDUAL: ("residual_per_household", "household waste not recycled per household"),
    RATE: ("recycling_rate", "the share of household waste recycled, composted or reused"),
    LANDFILL: ("landfill_rate", "the share of waste that went to landfill"),
    PER_PERSON: ("household_waste_per_person", "household waste per person"),
    "Recycling_Rates": ("recycling_rate_london", "the recycling rate in London's extract"),
}
ITEMS = {
    **{
        name: Item("tonnes", meaning, adds_up=True, low=ANY if _may_be_negative else 0)
        for name, meaning in TONNES.values()
        for _may_be_negative in [name.startswith(("other_", "otherwise")) or "rejects" in name]
    },
    "residual_per_household": Item("kg per household", RATES[RESIDUAL][1]),
    "recycling_rate": Item("fraction", RATES[RATE][1], high=1),
    "landfill_rate": Item("fraction", RATES[LANDFILL][1], high=1),
    "household_waste_per_person": Item("kg per person", RATES[PER_PERSON][1]),
    "recycling_rate_london": Item("per cent", RATES["Recycling_Rates"][1], high=100),
    "households": Item("households", "households that tonnes and kg imply", adds_up=True, low=1),
    "people": Item("people", "people that tonnes and kg imply", adds_up=True, low=1),
}
ITEM_OF = {heading: name for heading, (name, _) in (TONNES | RATES).items()}
NAMES = {  # the headings that say which body, in which year, in which role
    "Table_1": ("ONS Code", "Local Authority", "Financial Year", "Authority type"),
    "Table_2": ("ONS Code", "Authority", "Year", "Authority Type"),
    "Table_3": ("ONS code", "Authority", "Year", "Authority type"),
}
NOT_FIGURES = ("Region", "JPP order", "Jpp Order", "Geographical Code")
ROLES = {"Collection": "collection", "Disposal": "disposal", "Unitary": "unitary"}
TOTALS = ("Total", "*Total")
IN_ENGLAND = {  # of Table 3b, in thousand tonnes
    "Total household waste (inc. all recycling)": "household_waste",
    "Total household recycling, composting and reuse": "household_recycled",
    "Total LA collected waste (inc. all recycling)": "collected_waste",
    "Total LA collected waste recycling": "collected_recycled",
}
WHOLE_TONNES, THOUSANDS = 10, 510  # tonnes by which sums of rounded figures may be off


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    sheets = {name: sheet_of(SOURCE, name) for name in NAMES}
    check_england(sheets)
    printed = stacked([*(read(sheet) for sheet in sheets.values()), london()])
    tonnes = [
        implied(printed, "household_not_recycled", "residual_per_household", "households", 1_000),
        implied(printed, "household_waste", "household_waste_per_person", "people", 1_000),
    ]
    table = finished([printed, *tonnes], ITEMS, list(columns()), KEY)
    return with_doubts_of_unit(table, TABLE, KEY)


def read(sheet: Sheet) -> pd.DataFrame:
    """The figures of one of the three tables, each body with the role in which it reports."""
    _, _, year_heading, role_heading = NAMES[sheet.name]
    bodies, joint = bodies_in(sheet)
    said = sheet.column_of_text(role_heading)
    role = pd.Categorical([_role(sheet, row, said[row]) for row in bodies])
    april = april_of(sheet, year_heading)
    return with_joint(
        figures_of_columns(sheet, bodies, printed_columns(sheet), april, role=role), joint
    )


def printed_columns(sheet: Sheet) -> dict[int, str]:
    """Every column of figures and its item."""
    found = {}
    for column, heading in enumerate(sheet.headings):
        name = (heading or "").strip()
        if name and name not in (*NAMES[sheet.name], *NOT_FIGURES):
            if name not in ITEM_OF:
                raise UnreadableSource(
                    f"{sheet.where(sheet.header, column)}: the heading {name!r} is not known. "
                    "Give it an item in coopstats/clean/tables/household_waste.py."
                )
            found[column] = ITEM_OF[name]
    return found


def _role(sheet: Sheet, row: int, printed: str) -> str:
    if printed not in ROLES:
        raise UnreadableSource(
            f"{sheet.source.file}, sheet {sheet.name!r}, row {row + 1}: {printed!r} is no type of "
            f"waste authority: {', '.join(ROLES)}. Compare the original."
        )
    return ROLES[printed]


def bodies_in(sheet: Sheet) -> tuple[dict[int, str], set[tuple[str, int]]]:
    """The 0-based rows of bodies with their E-codes, and which body and year are joint.

    A joint service that is on record as no one council's is left out; a code that is printed on
    after its body ended is its only successor's.
    """
    code_heading, name_heading, year_heading, _ = NAMES[sheet.name]
    codes, names = sheet.column_of_text(code_heading), sheet.column_of_text(name_heading)
    april, services = april_of(sheet, year_heading), joint_services(sheet)
    nobody = [name in services and not services[name][1] for name in names]
    coded = np.where(np.isin(codes, TOTALS) | nobody, "", codes)
    bodies = {
        row: living(sheet, row, ecode, april(row))
        for row, ecode in bodies_among(sheet, coded, names).items()
    }
    joint = {
        (ecode, april(row))
        for row, ecode in bodies.items()
        if names[row] in services and april(row) >= services[names[row]][0]
    }
    return bodies, joint


def joint_services(sheet: Sheet) -> dict[str, tuple[int, str]]:
    """The names under which several councils report, with the first year and who stands for them.

    From coopstats/register/joint_services.csv; "" where it is no one council.
    """
    listed_ones = reader.table_of("joint_services")
    mine = listed_ones[listed_ones["source"] == sheet.source.id]
    return {r.spelling: (int(r.first_year), r.ecode) for r in mine.itertuples()}


def living(sheet: Sheet, row: int, ecode: str, year: int) -> str:
    """The body itself in its years, after them its only successor."""
    if year <= last_year_of(ecode):
        return ecode
    council = lookups.council_table().loc[ecode]
    heirs = lookups.successors().get(ecode, frozenset())
    if len(heirs) != 1:
        raise UnknownCouncil(
            f"{sheet.source.file}, sheet {sheet.name!r}, row {row + 1}: {council['council']} ended "
            f"with {council['last_year']} and has a row for {year}. If another body took its code, "
            "add that to coopstats/register/successions.csv."
        )
    return next(iter(heirs))


def with_joint(figures: pd.DataFrame, joint: Iterable[tuple[str, int]]) -> pd.DataFrame:
    """The figures, those of a council that also stands for another flagged as combined."""
    here = pd.MultiIndex.from_frame(figures[["ecode", "year"]].astype({"ecode": object}))
    both = here.isin(list(joint)) & figures["flag"].isin(["reported", "zero"])
    return figures.assign(
        flag=pd.Categorical(figures["flag"].astype(object).mask(both, "combined"))
    )


def london() -> pd.DataFrame:
    """London's recycling rates in whole per cents, an extract of another hand."""
    sheet = sheet_of(LONDON)
    bodies = bodies_of(sheet, "Code", "Area")
    column = sheet.column("Recycling_Rates")
    rates = figures_of_column(
        read_digits(sheet, column), bodies, column, "recycling_rate_london", april_of(sheet, "Year")
    )
    return rates.assign(role=pd.Categorical([None] * len(rates), categories=list(ROLES.values())))


def check_england(sheets: dict[str, Sheet]) -> pd.DataFrame:
    """Unitary and disposal authorities add up to England's tonnes, or the difference is on record.

    Table 2 prints England in tonnes, Table 3b what Table 1 should add up to in thousand tonnes.
    Joint services that no one council stands for are counted.
    """
    managed, collected = (everybody(sheets[name]) for name in ("Table_2", "Table_1"))
    whole = everybody(sheets["Table_2"], of_england=True)
    whole = whole[whole["number"].notna()]
    found = [
        tie_out_differences(managed, whole, WHOLE_TONNES),
        tie_out_differences(collected, england_in_tonnes(), THOUSANDS),
    ]
    return tie_out.settled(pd.concat(found), [TABLE], DIFFERS)


def everybody(sheet: Sheet, of_england: bool = False) -> pd.DataFrame:
    """The figures of every unitary and disposal authority of a sheet, or those of England."""
    roles = sheet.column_of_text(NAMES[sheet.name][3])
    wanted = TOTALS if of_england else ("Unitary", "Disposal")
    rows = {int(row): "" for row in np.flatnonzero(np.isin(roles, wanted))}
    april = april_of(sheet, NAMES[sheet.name][2])
    return figures_of_columns(sheet, rows, printed_columns(sheet), april)


def england_in_tonnes() -> pd.DataFrame:
    """England's totals of Table 3b from 2014-15, the first year of Table 1."""
    sheet = sheet_of(ENGLAND)
    said = [(text or "").strip() for text in sheet.text[:, 0]]
    rows = {said.index(words): item for words, item in IN_ENGLAND.items()}
    first = sheet.column("2014-15")
    years = range(first, len([h for h in sheet.headings if h]))
    totals = stacked(
        cells(sheet, list(rows), [column]).assign(
            item=pd.Categorical(list(rows.values())), year=np.int16(2014 + column - first)
        )
        for column in years
    )
    return totals.assign(number=1_000 * totals["number"])


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(
        ITEMS,
        FINANCIAL_YEAR,
        role=category(
            "in which role the authority reports: collection, disposal (its collection "
            "authorities' waste included), unitary (both); null in London's extract",
            nullable=True,
        ),
        doubt=doubt_of_unit(),
    )


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Household waste: tonnes and rates, by waste authority and year",
        "Rates from 2010-11, tonnes from 2014-15, London's rates in whole per cents from 2003-04. "
        "Collection and disposal authorities both report: adding up both counts waste twice. Some "
        "districts report jointly, with a council that stands for both or as a service that is "
        "left out.",
        ITEMS,
        columns(),
        [rule("Recycled and not recycled make household waste, but for rounding.", _makes_up)],
        tier="nested",
        apart=[["unitary", "disposal"], ["unitary", "collection"]],
        bears="rates of all authorities with one year before the cuts, London's with seven; "
        "tonnes after them only",
        derivations={
            "households": Derivation(
                ("household_not_recycled", "residual_per_household"),
                "the tonnes × 1,000 over the kg per household, which is rounded to one decimal",
            ),
            "people": Derivation(
                ("household_waste", "household_waste_per_person"),
                "the tonnes × 1,000 over the kg per person, which is rounded to one decimal",
            ),
        },
    )


def _makes_up(table: pd.DataFrame) -> pd.Series:
    """True but for household waste that its two parts do not make."""
    wide = table.pivot(index=["ecode", "year"], columns="item", values="value")
    parts = wide["household_recycled"] + wide["household_not_recycled"]
    off = (parts - wide["household_waste"]).abs() > 1
    key = pd.MultiIndex.from_frame(table[["ecode", "year"]])
    return ~(off.reindex(key).to_numpy() & (table["item"] == "household_waste"))
