"""fly_tipping: incidents that councils recorded and what they did, 2012-13 to 2022-23.

From Defra's ENV24, sheets LA_incidents and LA_actions: what councils entered in WasteDataFlow.
A council counts all incidents, those that the public report, or those that its staff find: which
of them is printed from 2019-20 on, and moves its figures more than anything else. Money (standard
unit costs to 2016-17) and fines by size are not taken.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import FINANCIAL_YEAR, category, rule
from coopstats.clean.contracts.misprints import doubt_of_unit, with_doubts_of_unit
from coopstats.clean.contracts.stack import stacked
from coopstats.clean.families.outcomes import (
    DIFFERS,
    KEY,
    Item,
    april_of,
    differing,
    figures_of_columns,
    finished,
    sheet_of,
    tie_out_differences,
    unsteady,
)
from coopstats.clean.families.outcomes import columns as outcome_columns
from coopstats.clean.families.outcomes import promised as outcome_promised
from coopstats.clean.sheets.blocks import as_meant
from coopstats.clean.sheets.codes import categorical
from coopstats.clean.sheets.plain import bodies_among
from coopstats.clean.sheets.sheet import Sheet, cell_name
from coopstats.core.errors import UnreadableSource

TABLE = "fly_tipping"
SOURCE = "fly_tipping/2012-2022"
LAND = {
    "Highway Incidents": ("incidents_highway", "on a highway"),
    "Footpath / Bridleway Incidents": ("incidents_footpath", "on a footpath or bridleway"),
    "Back Alleyway Incidents": ("incidents_alley", "in a back alley"),
    "Railway Incidents": ("incidents_railway", "on a railway"),
    "Council Land Incidents": ("incidents_council_land", "on council land"),
    "Agricultural Incidents": ("incidents_agricultural", "on agricultural land"),
    "Private / Residential Incidents": ("incidents_private", "on private or residential land"),
    "Commercial / Industrial Incidents": ("incidents_commercial_land", "on commercial land"),
    "Watercourse / Bank Incidents": ("incidents_watercourse", "in or beside water"),
    "Other (unidentified) Incidents": ("incidents_other_land", "on other land"),
}
WASTE = {
    "Animal Carcass Incidents": ("incidents_carcass", "of animal carcasses"),
    "Green Incidents": ("incidents_green", "of green waste"),
    "Vehicle Parts Incidents": ("incidents_vehicle_parts", "of vehicle parts"),
    "White Goods Incidents": ("incidents_white_goods", "of white goods"),
    "Other Electrical Incidents": ("incidents_electrical", "of other electrical goods"),
    "Tyres Incidents": ("incidents_tyres", "of tyres"),
    "Asbestos Incidents": ("incidents_asbestos", "of asbestos"),
    "Clinical Incidents": ("incidents_clinical", "of clinical waste"),
    "Constr / Demol / Excav Incidents": ("incidents_construction", "of construction waste"),
    "Black Bags - Commercial Incidents": ("incidents_commercial_bags", "of commercial black bags"),
    "Black Bags - Household Incidents": ("incidents_household_bags", "of household black bags"),
    "Chemical Drums, Oil, Fuel Incidents": ("incidents_chemical", "of chemicals, oil or fuel"),
    "Other Household Waste Incidents": ("incidents_other_household", "of other household waste"),
    "Other Commercial Waste Incidents": ("incidents_other_commercial", "of other business waste"),
    "Primary Waste Type Measures Other (unidentified) Incidents": (
        "incidents_other_waste",
        "of other waste",
    ),
}
SIZE = {
    "Single Black Bag Incidents": ("incidents_one_bag", "of a single black bag"),
    "Single Item Incidents": ("incidents_one_item", "of a single item"),
    "Car Boot or Less Incidents": ("incidents_car_boot", "of a car boot or less"),
    "Small Van Load Incidents": ("incidents_small_van", "of a small van's load"),
    "Transit Van Load Incidents": ("incidents_transit_van", "of a transit van's load"),
    "Tipper Lorry Load Incidents": ("incidents_tipper_lorry", "of a tipper lorry's load"),
    "Significant / Multi Loads Incidents": ("incidents_many_loads", "of significant or many loads"),
}
ACTIONS = {
    "Total Actions": ("actions", "actions of all kinds"),
    "Investigation Actions": ("investigations", "investigations"),
    "Warning Letter Actions": ("warning_letters", "warning letters"),
    "Statutory Notice Actions": ("statutory_notices", "statutory notices"),
    "Fixed Penalty Notices issued specifically for fly-tipping": (
        "fly_tipping_penalties",
        "fixed penalty notices for fly-tipping, a power since May 2016",
    ),
    "Fixed Penalty Notices issued for Household Duty of Care": (
        "household_penalties",
        "fixed penalty notices for household duty of care, a power since January 2019",
    ),
    "Littering Fixed Penalty Notices issued in conjunction with fly-tipping": (
        "littering_penalties",
        "fixed penalty notices for littering, with fly-tipping",
    ),
    "All Other Fixed Penalty Notices issued": ("other_penalties", "other fixed penalty notices"),
    "Total Fixed Penalty Notice Actions": ("penalties", "fixed penalty notices of all kinds"),
    "Duty of Care Inspection Actions": ("inspections", "duty of care inspections"),
    "Stop and Search Actions": ("stops", "vehicles stopped and searched"),
    "Vehicles seized": ("vehicles_seized", "vehicles seized"),
    "Formal Caution Actions": ("cautions", "formal cautions"),
    "Prosecution Actions": ("prosecutions", "prosecutions"),
    "Injunction Actions": ("injunctions", "injunctions"),
    "Absolute / Cond Discharge Outcomes": ("discharges", "absolute or conditional discharges"),
    "Community Service Outcomes": ("community_service", "sentences of community service"),
    "Fine Outcomes (issued by courts)": ("fines", "fines by courts"),
    "Custodial Sentence Outcomes": ("custodial_sentences", "custodial sentences"),
    "Other (successful) Outcomes": ("other_convictions", "other successful prosecutions"),
    "Cases Lost Outcomes": ("cases_lost", "cases lost"),
    "Paid Fixed Penalty Notice Outcomes": ("penalties_paid", "fixed penalty notices paid"),
}
RATE, PEOPLE = "incidents_per_thousand", "people"
HEADINGS = {
    "Total Incidents": ("incidents", "incidents recorded"),
    **{h: (name, f"incidents {where}") for h, (name, where) in (LAND | WASTE | SIZE).items()},
    **ACTIONS,
    "Mid population estimates": (PEOPLE, "the mid-year population that Defra divides by"),
    "Incidents per 1,000 people": (RATE, "incidents per 1,000 of these people"),
}
UNITS = {RATE: "per 1,000 people", PEOPLE: "people"}
ITEMS = {
    name: Item(
        UNITS.get(name, "incidents" if heading.endswith("Incidents") else "actions"),
        meaning,
        adds_up=name != RATE,
    )
    for heading, (name, meaning) in HEADINGS.items()
}
BASIS = "Reporting basis"
BASES = {
    "All incidents": "all",
    "Customer/public reported only": "public",
    "Staff/contractor and pro-actively cleared only": "staff",
    "Reporting basis changed during the year": "changed",
}
PRINTED_TOTAL, UNKNOWN = "*Total", ":"
ENGLAND = "*Total England"  # twice in 2018-19: also without estimates for other bases
JUMP, MANY = 3.0, 1_000
HALF = 0.5  # estimates in the printed totals are not whole numbers


def clean() -> pd.DataFrame:
    """The table, ready to keep its contract."""
    sheets = [sheet_of(SOURCE, name) for name in ("LA_incidents", "LA_actions")]
    parts = [read(sheet) for sheet in sheets]
    check_totals(sheets, parts)
    printed = stacked(part.drop(columns="within") for part in parts)
    table = finished([printed.assign(mark=marks(printed))], ITEMS, list(columns()), KEY)
    return with_doubts_of_unit(table, TABLE, KEY)


def read(sheet: Sheet) -> pd.DataFrame:
    """The figures of one sheet; `within` is the region that it prints a council in."""
    codes, regions = sheet.column_of_text("ONS Code"), sheet.column_of_text("Region")
    bodies = bodies_among(sheet, np.where(codes == PRINTED_TOTAL, "", codes), _names(sheet))
    table = figures_of_columns(
        sheet,
        bodies,
        printed_columns(sheet),
        april_of(sheet, "Year"),
        within=categorical(regions[list(bodies)].tolist()),
        reporting_basis=bases(sheet, bodies),
    )
    return table.assign(reporting_basis=table["reporting_basis"].where(_of_incidents(table)))


def _names(sheet: Sheet) -> np.ndarray:
    """The printed names, the one on record as misprinted as it was meant."""
    names, column = sheet.column_of_text("LA Name"), sheet.column("LA Name")
    printed = {cell_name(row, column): name for row, name in enumerate(names)}
    return np.array(list(as_meant(sheet, printed).values()), dtype=object)


def printed_columns(sheet: Sheet) -> dict[int, str]:
    """Every column that is taken, with its item: all but names, money and the reporting basis."""
    found = {}
    for column, heading in enumerate(sheet.headings):
        name = (heading or "").strip()
        if (
            name
            and name not in ("Year", "ONS Code", "LA Name", "Region", BASIS)
            and "£" not in name
        ):
            found[column] = _item(sheet, column, name)
    return found


def _item(sheet: Sheet, column: int, heading: str) -> str:
    if heading not in HEADINGS:
        raise UnreadableSource(
            f"{sheet.where(sheet.header, column)}: the heading {heading!r} is not known. Give it "
            "an item in coopstats/clean/tables/fly_tipping.py."
        )
    return HEADINGS[heading][0]


def bases(sheet: Sheet, bodies: dict[int, str]) -> pd.Categorical:
    """What each council says that it counts; null where nothing is printed."""
    words: list[str | None] = [None] * len(bodies)
    if BASIS in sheet.headings:
        said = sheet.column_of_text(BASIS)
        words = [_basis(sheet, row, said[row]) for row in bodies]
    return pd.Categorical(words, categories=list(BASES.values()))


def _basis(sheet: Sheet, row: int, printed: str) -> str | None:
    if printed not in (*BASES, UNKNOWN, ""):
        raise UnreadableSource(
            f"{sheet.where(row, sheet.column(BASIS))} holds {printed!r} where a reporting basis "
            "belongs. Give it a word in coopstats/clean/tables/fly_tipping.py."
        )
    return BASES.get(printed)


def check_totals(sheets: list[Sheet], parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Councils add up to the total of every region and of ENGLAND, or the difference is on record.

    The publisher's estimates for councils without a return are in ENGLAND's totals alone.
    """
    found = [_differences(sheet, part) for sheet, part in zip(sheets, parts, strict=True)]
    return tie_out.settled(pd.concat(found), [TABLE], DIFFERS)


def _differences(sheet: Sheet, part: pd.DataFrame) -> pd.DataFrame:
    totals = printed_totals(sheet)
    of_england = totals["ecode"].astype(object).str.startswith(ENGLAND)
    added = part.groupby(["within", "item", "year"], observed=True)["number"].sum()
    regions = totals[~of_england].astype({"ecode": object, "item": object})
    inside = added.reindex(pd.MultiIndex.from_frame(regions[["ecode", "item", "year"]]))
    return pd.concat(
        [
            tie_out_differences(part, totals[of_england], HALF),
            differing(regions.assign(added=inside.to_numpy()), HALF),
        ]
    )


def printed_totals(sheet: Sheet) -> pd.DataFrame:
    """The totals of a sheet as figures, with the region's name for an E-code."""
    codes, regions = sheet.column_of_text("ONS Code"), sheet.column_of_text("Region")
    rows = {int(row): regions[row] for row in np.flatnonzero(codes == PRINTED_TOTAL)}
    added = {at: item for at, item in printed_columns(sheet).items() if ITEMS[item].adds_up}
    totals = figures_of_columns(sheet, rows, added, april_of(sheet, "Year"))
    return totals[totals["number"].notna()]


def marks(printed: pd.DataFrame) -> pd.Categorical:
    """`jump` on the later of two years between which a council's incidents moved JUMP-fold."""
    later = {(ecode, year + 1) for ecode, year in jumps(printed).index}
    key = zip(printed["ecode"], printed["year"], strict=True)
    hit = [at in later for at in key] & (printed["item"] == "incidents").to_numpy()
    return pd.Categorical(["jump" if jumped else None for jumped in hit])


def jumps(printed: pd.DataFrame) -> pd.Series:
    """By how much incidents moved, where by JUMP or more and at MANY or more in one of the years.

    By ecode and the earlier of the two years.
    """
    rows = printed[printed["item"] == "incidents"].sort_values(["ecode", "year"])
    figure = rows.set_index(["ecode", "year"])["number"]
    figure.index = figure.index.set_levels(figure.index.levels[0].astype(object), level=0)
    larger = np.fmax(figure, figure.groupby("ecode").shift(-1))
    found = unsteady(figure, figure, JUMP)
    return found[larger.reindex(found.index) >= MANY]


def columns() -> dict:
    """The columns of the contract."""
    return outcome_columns(
        ITEMS,
        FINANCIAL_YEAR,
        reporting_basis=category(
            "which incidents the council says that it counts: all; public, what the public "
            "report; staff, what staff and contractors find; changed in the year. Null before "
            "2019-20 and for actions",
            nullable=True,
        ),
        mark=category(
            f"jump where incidents are {JUMP:g} times the year before or a third of it, at "
            f"{MANY:,} or more in one of the two; null elsewhere",
            nullable=True,
        ),
        doubt=doubt_of_unit(),
    )


def promised():
    """The contract."""
    return outcome_promised(
        TABLE,
        "Fly-tipping: incidents and actions, by council and year",
        "Incidents of fly-tipping that councils recorded, by land, waste and size, and their "
        "actions, from 2012-13 on: no year before the cuts. Councils count on three bases, "
        "printed from 2019-20. Without money and fines by size.",
        ITEMS,
        columns(),
        [
            rule("The rate is incidents per 1,000 of the people printed beside it.", _rate_holds),
            rule("Only figures of incidents have a reporting basis.", _only_incidents),
        ],
        tier="lower",
    )


def _rate_holds(table: pd.DataFrame) -> pd.Series:
    """True but for a rate that its count and people do not make."""
    wide = table.pivot(index=["ecode", "year"], columns="item", values="value")
    off = (1_000 * wide["incidents"] / wide[PEOPLE] - wide[RATE]).abs() > 1e-6
    key = pd.MultiIndex.from_frame(table[["ecode", "year"]])
    return ~(off.reindex(key).to_numpy() & (table["item"] == RATE))


def _only_incidents(table: pd.DataFrame) -> pd.Series:
    return table["reporting_basis"].isna() | _of_incidents(table)


def _of_incidents(table: pd.DataFrame) -> pd.Series:
    return table["item"].isin([name for name in ITEMS if name.startswith("incidents")])
