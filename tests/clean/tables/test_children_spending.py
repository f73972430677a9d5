"""Children's services: figures read by hand, the join of section 251 with LAIT, what is refused."""

import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coopstats.clean.contracts import tie_out
from coopstats.clean.contracts.contract import keep
from coopstats.clean.families import lait, section_251
from coopstats.clean.sheets.headings import fold
from coopstats.clean.sheets.sheet import Sheet, sheets_of
from coopstats.clean.tables import children_spending as table_of
from coopstats.core.errors import (
    ContractBroken,
    StaleCorrection,
    TieOutFailed,
    UnknownCouncil,
    UnknownHeading,
    UnreadableSource,
)
from coopstats.core.sources import read_sources, sources_of
from coopstats.register import reader

GROSS, NET, INCOME = "gross_expenditure", "net_expenditure", "income"
LAMBETH, OLDHAM, REDBRIDGE, LEWISHAM, KIRKLEES = "E5017", "E4204", "E5046", "E5018", "E4703"
WANDSWORTH, MIDDLESBROUGH, LUTON = "E5021", "E0702", "E0201"
CUMBERLAND, NORTHUMBERLAND, SUNDERLAND = "E0901", "E2901", "E4505"
LAIT = "LAIT_bds_long.parquet"


@functools.cache
def returns():
    """Section 251 as printed, corrections made."""
    sheets = [s for source in sources_of(table_of.PUBLICATION) for s in sheets_of(source)]
    printed = table_of.stacked(map(section_251.printed_figures, sheets))
    return table_of.corrected(printed, "number")


@functools.cache
def tool():
    return table_of.tool_figures()


@functools.cache
def table():
    return keep(table_of.promised(), table_of.clean())


@functools.cache
def indexed():
    key = ["ecode", "year", "service", "basis"]
    rows = table().astype(dict.fromkeys(key, object))
    return rows.set_index(key).sort_index()


def one(ecode, year, service, basis=GROSS):
    return indexed().loc[(ecode, year, service, basis)]


def england(service, basis=GROSS):
    mine = table()[(table()["service"] == service) & (table()["basis"] == basis)]
    return mine.groupby("year")["gbp"].sum().astype("int64")


# ── figures read in the originals by hand ────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ecode", "year", "service", "basis", "gbp", "sheet", "cell"),
    [
        (OLDHAM, 2008, "youth_justice", GROSS, 982_180, "Table A1", "G2264"),
        ("E0221", 2008, "looked_after_children", GROSS, 18_694_989, "Table A1", "G3966"),
        (LAMBETH, 2010, "youth", GROSS, 8_977_524, "Table A1 Detailed Report", "J415"),
        (REDBRIDGE, 2013, "youth_universal", NET, 2_763_877, "TA1AllData_13112014", "L1073"),
        (LEWISHAM, 2015, "sure_start", "voluntary_provision", 863_610, "Table_A1", "J4418"),
        (LAMBETH, 2017, "youth", GROSS, 0, "Table A1", "K5025"),
        (KIRKLEES, 2018, "fostering_allowances", GROSS, 4_259_433, "Table A1", "L1602"),
        ("E0421", 2019, "youth", GROSS, 579_073, LAIT, "E21610"),
        (LAMBETH, 2024, "youth", GROSS, 3_284_537, LAIT, "E22513"),
    ],
)
def test_figures_are_as_printed(ecode, year, service, basis, gbp, sheet, cell):
    found = one(ecode, year, service, basis)
    assert (found["gbp"], found["sheet"], found["cell"]) == (gbp, sheet, cell)
    assert found["flag"] == ("zero" if gbp == 0 else "reported")


@pytest.mark.parametrize(
    ("year", "gross", "net"),
    [(2010, 1_184_122_402, 1_022_862_538), (2016, 447_532_321, 387_570_487)],
)
def test_youth_of_england(year, gross, net):
    # to the pound but for the rounding of 152 councils
    assert abs(england("youth")[year] - gross) <= 76
    assert abs(england("youth", NET)[year] - net) <= 76


def test_booking_artefacts_stay_as_printed_and_are_doubted():
    assert list(england_of(LAMBETH, "youth", [2016, 2017, 2018])) == [4_610_308, 0, 714_215]
    assert "jump" in one(LAMBETH, 2017, "youth")["doubt"]
    assert one(SUNDERLAND, 2016, "youth")["gbp"] == 4_486_905  # the -169 of DATA is a budget


def england_of(ecode, service, years):
    return [one(ecode, year, service)["gbp"] for year in years]


def test_how_many_councils_each_year_has():
    councils = table()[table()["basis"] == GROSS].groupby("year")["ecode"].nunique().to_dict()
    expected = {2008: 150, **dict.fromkeys(range(2009, 2019), 152)}
    expected |= {2019: 151, 2020: 151, 2021: 152, 2022: 152, 2023: 153, 2024: 153}
    assert councils == expected


def test_a_number_that_outlived_a_reorganisation_is_the_body_of_its_year():
    # DfE's 825 and 815, under one spelling, county and unitary
    assert ("E0421", 2019, "youth", GROSS) in indexed().index
    assert ("E0402", 2020, "youth", GROSS) in indexed().index
    assert ("E0421", 2020, "youth", GROSS) not in indexed().index
    assert ("E2721", 2022, "youth", GROSS) in indexed().index
    assert ("E2702", 2023, "youth", GROSS) in indexed().index


def test_no_figure_says_why():
    for ecode in (WANDSWORTH, MIDDLESBROUGH):
        assert one(ecode, 2024, "youth")["flag"] == "suppressed"
    assert one(CUMBERLAND, 2023, "youth")["flag"] == "missing"
    assert one(CUMBERLAND, 2024, "youth")["gbp"] == 1_732_853
    luton = {s: one(LUTON, 2022, s)["flag"] for s in table_of.CHIEF_LINES}
    assert [s for s, flag in luton.items() if flag == "missing"] == ["youth_justice"]


def test_the_evidence_for_what_is_withheld_is_in_the_dictionary_of_lait():
    (dictionary,) = sheets_of(read_sources()["lait_dictionary/2025"])
    said = dictionary.column_of_text("Methodology")
    evidence = reader.table_of("withheld")["evidence"].unique()
    assert len(evidence) == 1
    assert sum(evidence[0].split('"')[1].replace('"', "") in text for text in said) >= 9


# ── totals and their lines ───────────────────────────────────────────────────────────────────────


def test_every_total_and_part_is_a_line_and_totals_are_named_as_such():
    lines = reader.table_of("lines")
    lines = lines[lines["table"] == table_of.PUBLICATION]
    kinds = lines.groupby("service")["kind"].agg(set)
    assert set(table_of.parts()["total"]) == set(kinds.index[kinds.map(lambda k: "total" in k)])
    assert set(table_of.parts()["part"]) <= set(kinds.index)


def test_every_service_line_is_counted_in_exactly_one_total_each_year():
    counted = table_of.parts()
    kinds = reader.table_of("lines")
    kinds = kinds[kinds["table"] == table_of.PUBLICATION]
    gross = returns()[returns()["basis"] == GROSS]
    for year, rows in gross.groupby("year"):
        held = counted[(counted["first_year"] <= year) & (counted["last_year"] >= year)]
        assert not held.duplicated("part").any(), year
        printed = set(rows["service"])
        assert set(held["part"]) <= printed, year
        memoranda = set(kinds.loc[kinds["kind"] == "memorandum", "service"])
        top = {"total_children_young_people_and_capital"}
        assert printed - set(held["part"]) - top <= memoranda, year


def test_the_lines_add_up_in_every_council_year_and_basis():
    assert table_of.totals_off(returns()).empty


def test_unknown_of_2010_is_the_total_of_services_for_young_people():
    lines = ["youth_universal", "youth_targeted", "substance_misuse", "teenage_pregnancy",
             "connexions", "student_support"]  # fmt: skip
    mine = returns()[(returns()["year"] == 2010) & (returns()["basis"] == GROSS)]
    wide = mine.pivot(index="ecode", columns="service", values="number")
    assert len(wide) == 152
    assert (wide["youth"] - wide[lines].sum(axis=1)).abs().max() < 1
    source = read_sources()["children_spending/2010-11"]
    (sheet,) = sheets_of(source)
    assert sheet.text[414, sheet.column("S52 Line Reference")] == "Unknown"


def test_a_line_left_out_of_its_total_is_found():
    spoilt = returns().copy()
    here = (spoilt["ecode"] == LAMBETH) & (spoilt["year"] == 2014) & (spoilt["basis"] == NET)
    spoilt.loc[here & (spoilt["service"] == "youth_targeted"), "number"] += 100
    off = table_of.totals_off(spoilt)
    assert list(off["service"]) == ["youth"]
    assert off.iloc[0]["printed"] - off.iloc[0]["added"] == pytest.approx(-100)


def test_net_is_gross_less_income_but_for_seven_figures():
    mine = returns()[returns()["basis"].isin([GROSS, NET, INCOME])]
    wide = mine.pivot(index=["year", "ecode", "service"], columns="basis", values="number")
    off = wide[(wide[GROSS] - wide[INCOME] - wide[NET]).abs() > 1.5].reset_index()
    assert off.groupby(["year", "ecode"]).size().to_dict() == {
        (2008, "E4502"): 2,
        (2010, "E1301"): 5,
    }


# ── the join ─────────────────────────────────────────────────────────────────────────────────────


def test_no_figures_have_no_differences():
    words = ["ecode", "service", "basis", "source", "sheet"]
    none = pd.DataFrame({name: pd.Categorical([], ["a"]) for name in words})
    none = none.assign(year=np.empty(0, "int16"), number=np.empty(0))
    assert table_of.bases_off(none).empty
    assert table_of.totals_off(none).empty


def test_bases_that_differ_in_either_direction_are_found():
    net, gross, income = "net_expenditure", "gross_expenditure", "income"
    printed = pd.DataFrame(
        {
            "ecode": pd.Categorical(["E5017"] * 3 + ["E4204"] * 3 + ["E4302"] * 3),
            "basis": pd.Categorical([net, gross, income] * 3),
            "service": pd.Categorical(["youth"] * 9),
            "year": np.full(9, 2010, "int16"),
            "number": [80.0, 100.0, 10.0, 110.0, 100.0, 10.0, 90.0, 100.0, 10.0],
        }
    )
    off = table_of.bases_off(printed)
    assert list(off["ecode"]) == ["E5017", "E4204"]
    assert list(off["printed"] - off["added"]) == [-10, 20]


def test_section_251_and_lait_print_the_same_three_years():
    both = table_of.overlap(returns(), tool())
    assert sorted(both["year"].unique()) == [2016, 2017, 2018]
    assert len(both) == 3 * 9 * 152
    assert both["printed"].notna().all()
    assert both["added"].notna().all()
    differ = both[(both["printed"] - both["added"]).abs() > 0.51]
    assert differ[["year", "ecode", "service"]].to_numpy().tolist() == [
        [2017, "E0304", "total_children_young_people"]
    ]


def test_england_of_2016_is_the_same_in_both():
    printed = table_of.tool_england().set_index(["service", "year"])["number"]
    assert printed["youth", 2016] == 447_532_321
    ours = returns()
    mine = ours[(ours["service"] == "youth") & (ours["basis"] == GROSS) & (ours["year"] == 2016)]
    assert round(mine["number"].sum()) == 447_532_321


def test_lait_adds_up_to_the_england_it_prints_but_for_what_is_recorded():
    off = table_of._england_off(tool(), table_of.tool_england())
    assert sorted(zip(off["year"], off["service"].astype(str), strict=True)) == [
        (2017, "looked_after_children"),
        (2017, "total_children_young_people"),
    ]
    assert (off["printed"] - off["added"]).round().tolist() == [60_000_000.0, 60_000_000.0]


def test_the_sixty_million_stands_in_the_north_east_and_in_none_of_its_councils():
    long = lait.read_measures(["TotalLACFinance"])
    value = long.sheet.number[long.rows, long.sheet.column("Values")]
    region = long.sheet.column_of_text("Region")[long.rows]
    mine = long.year == 2017
    councils = value[mine & (region == "North East")].sum()
    printed = value[mine & (long.name == "North East")].item()
    assert round(printed - councils) == 60_000_000


def test_the_years_after_are_lait_and_gross_only():
    later = table()[table()["year"] > 2018]
    assert set(later["source"]) == {"lait/2016-2025"}
    assert set(later["basis"]) == {GROSS}
    assert later["service"].nunique() == 9
    assert set(table().loc[table()["year"] <= 2018, "source"].str.split("/").str[0]) == {
        "children_spending"
    }


def test_a_figure_of_lait_that_moved_stops_the_build(monkeypatch):
    moved = tool().copy()
    here = (moved["ecode"] == LAMBETH) & (moved["year"] == 2016) & (moved["service"] == "youth")
    moved.loc[here, "number"] += 5
    monkeypatch.setattr(table_of, "tool_figures", lambda: moved)
    with pytest.raises(TieOutFailed, match=r"youth: 5\.000, recorded none") as stopped:
        table_of.clean()
    assert "not what section 251 printed" in str(stopped.value)


def test_a_recorded_difference_that_is_gone_stops_the_build(monkeypatch):
    mended, here = tool().copy(), (tool()["ecode"] == "E0304") & (tool()["year"] == 2017)
    here &= tool()["service"] == "total_children_young_people"
    mended.loc[here, "number"] += 855_316
    monkeypatch.setattr(table_of, "tool_figures", lambda: mended)
    with pytest.raises(TieOutFailed, match="E12189"):
        table_of.clean()


# ── breaks ───────────────────────────────────────────────────────────────────────────────────────


def in_millions(year, *services):
    mine = returns()[(returns()["year"] == year) & (returns()["basis"] == GROSS)]
    return round(mine.loc[mine["service"].isin(services), "number"].sum() / 1e6)


@pytest.mark.parametrize(
    ("service", "first_year", "printed"),
    [
        ("youth", 2011, {378: (2010, "connexions"), 1184: (2010, "youth")}),
        ("youth", 2012, {27: (2011, "other_youth"), 877: (2011, "youth")}),
        ("youth_targeted", 2012, {54: (2011, "substance_misuse", "teenage_pregnancy")}),
        ("sure_start", 2011, {186: (2010, "sure_start_management")}),
        ("sure_start", 2012, {216: (2012, "other_early_years")}),
        (
            "looked_after_children",
            2009,
            {163: (2009, "asylum_seekers", "unaccompanied_assessment",
                   "unaccompanied_accommodation")},
        ),
        (
            "looked_after_children",
            2011,
            {48: (2010, "secure_accommodation_welfare", "advocacy_looked_after")},
        ),
        ("looked_after_children", 2012, {354: (2012, "adoption", "special_guardianship")}),
        ("childrens_safety", 2010, {144: (2009, "preventative_services")}),
        ("safeguarding", 2012, {216: (2011, "childrens_services_strategy")}),
        ("family_support", 2010, {78: (2009, "substance_misuse", "teenage_pregnancy")}),
        (
            "total_children_young_people",
            2010,
            {2581: (2010, "sure_start", "youth"), 9243: (2010, "total_children_young_people")},
        ),
    ],
)  # fmt: skip
def test_the_sizes_of_breaks_are_what_was_printed(service, first_year, printed):
    listed = reader.table_of("breaks")
    mine = listed[(listed["table"] == "children_spending") & (listed["service"] == service)]
    size = mine.loc[mine["first_year"] == str(first_year), "size"].item()
    for millions, (year, *services) in printed.items():
        assert in_millions(year, *services) == millions
        assert f"£{millions:,}m" in size


def test_every_line_of_a_break_is_a_line():
    listed = reader.table_of("breaks")
    mine = listed[listed["table"] == "children_spending"]
    assert set(mine["service"]) - {"*"} <= set(table()["service"])


# ── what is refused, on one small sheet ──────────────────────────────────────────────────────────

HEADINGS = ["LA", "LA Name", "ReportGroup", "OrderLine", "Description", "TotalExpenditure",
            "Income", "NetCurrentExpenditure"]  # fmt: skip
ROWS = [
    [208, "Lambeth", "SERVICES FOR YOUNG PEOPLE", 28, "28. Universal services for young people",
     9, 1, 8],
    [208, "Lambeth", "SERVICES FOR YOUNG PEOPLE", 30, "30 Total Services for Young People",
     9, 1, 8],
    [209, "Lewisham", "SERVICES FOR YOUNG PEOPLE", 28, "28. Universal services for young people",
     4, None, 4],
    [209, "Lewisham", "SERVICES FOR YOUNG PEOPLE", 30, "30 Total Services for Young People",
     4, None, 4],
]  # fmt: skip


def made(rows=ROWS, headings=HEADINGS):
    """A sheet in the layout of 2014-15."""
    cells = [list(headings), *(list(row) for row in rows)]
    text = np.array([[c if isinstance(c, str) else None for c in r] for r in cells], dtype=object)
    number = np.array(
        [[np.nan if c is None or isinstance(c, str) else float(c) for c in r] for r in cells]
    )
    source = read_sources()["children_spending/2014-15"]
    return Sheet(source, "Sheet1", 0, list(headings), number, text)


def with_cell(row, column, value):
    rows = [list(r) for r in ROWS]
    rows[row][column] = value
    return made(rows)


def test_a_small_sheet_reads_as_it_should():
    printed = section_251.printed_figures(made())
    key = ["ecode", "service", "basis"]
    found = printed.set_index(key)["number"]
    assert found[LAMBETH, "youth_universal", GROSS] == 9
    assert found[LEWISHAM, "youth", NET] == 4
    blank = printed.set_index(key)["flag"][LEWISHAM, "youth", INCOME]
    assert blank == "missing"
    assert len(printed) == 2 * 2 * 3


def test_a_basis_that_no_council_filled_in_for_a_line_gives_no_rows():
    rows = [[*row[:6], None, row[7]] for row in ROWS]
    assert set(section_251.printed_figures(made(rows))["basis"]) == {GROSS, NET}


def test_a_council_whose_number_is_anothers_is_refused():
    with pytest.raises(UnknownCouncil, match="row 4: 208 'Lewisham'"):
        section_251.printed_figures(with_cell(2, 0, 208))


def test_a_line_that_stands_twice_for_a_council_is_refused():
    with pytest.raises(UnreadableSource, match="E5017 stands in rows 2 and 6"):
        section_251.printed_figures(made([*ROWS, ROWS[0]]))


def test_an_unknown_line_is_refused_and_the_nearest_named():
    with pytest.raises(UnknownHeading, match="Nearest known: 'universal services for young people"):
        section_251.printed_figures(with_cell(0, 4, "28. Universal services for younger people"))


def test_a_renamed_basis_is_refused():
    headings = [*HEADINGS[:5], "TotalSpend", *HEADINGS[6:]]
    with pytest.raises(UnknownHeading, match="'TotalSpend' names no accounting basis"):
        section_251.printed_figures(made(headings=headings))


def test_figures_without_a_council_are_refused():
    with pytest.raises(UnreadableSource, match="row 5 holds figures but no number of a council"):
        section_251.printed_figures(with_cell(3, 0, None))


def test_a_word_where_a_figure_belongs_is_refused():
    with pytest.raises(UnreadableSource, match="cell F2 holds 'nine'"):
        section_251.printed_figures(with_cell(0, 5, "nine"))


def test_line_numbers_are_no_part_of_a_heading():
    bare = [
        section_251._NUMBERED.sub("", h) for h in ("3.1.2a Fostering", "11Short", "5 Total", "1. A")
    ]
    assert bare == ["Fostering", "Short", "Total", "A"]
    assert fold(bare[0]) == "fostering"


def test_a_measure_that_lait_no_longer_has_is_refused():
    with pytest.raises(UnreadableSource, match="has no YoungPeople under 'Short Desc'"):
        lait.read_measures(["YoungPeople"])


def test_a_measure_that_is_not_by_financial_year_is_refused():
    with pytest.raises(UnreadableSource, match="where a financial year belongs"):
        lait.read_measures(["RTA"])


def test_a_figure_for_a_body_that_did_not_exist_is_refused():
    long = lait.read_measures(["YoungPeopleFinance"])
    sheet = replace(long.sheet, number=long.sheet.number.copy())  # the file is read once for all
    long = replace(long, sheet=sheet)
    at = int(np.flatnonzero((long.name == "Cumberland") & (long.year == 2016))[0])
    long.sheet.number[long.rows[at], long.sheet.column("Values")] = 5
    with pytest.raises(UnreadableSource, match="gives Cumberland a figure for 2016"):
        lait.council_figures(long)


def test_a_correction_of_what_is_no_longer_printed_stops_the_build(one_correction):
    one_correction("children_spending/2011-12", "TA1_AllData_1112_180113", "N2426", "1", "2")
    with pytest.raises(StaleCorrection, match="N2426"):
        table_of.clean()


def test_the_misprint_of_northumberland_is_corrected():
    found = one(NORTHUMBERLAND, 2011, "safeguarding", "net_revenue_expenditure")
    assert (found["gbp"], found["flag"]) == (9_798_179, "corrected")
    net = one(NORTHUMBERLAND, 2011, "safeguarding", NET)["gbp"]
    assert net - one(NORTHUMBERLAND, 2011, "safeguarding", "grants_inside_aef")["gbp"] == 9_798_179


def with_first(column, value):
    def spoil(frame):
        frame[column] = frame[column].astype(object)
        frame.loc[0, column] = value
        return frame

    return spoil


def a_later_net_figure(frame):
    frame["basis"] = frame["basis"].astype(object)
    frame.loc[frame["year"] == 2020, "basis"] = NET
    return frame


def a_zero_that_is_not(frame):
    return frame.assign(gbp=frame["gbp"].mask(frame["flag"] == "zero", 1))


@pytest.mark.parametrize(
    ("sentence", "spoil"),
    [
        ("`gbp` is empty exactly", with_first("gbp", pd.NA)),
        ("Every printed figure names its sheet and cell", with_first("cell", None)),
        ("A figure flagged zero is 0", a_zero_that_is_not),
        ("From 2019-20 every figure is gross", a_later_net_figure),
        ("Every basis is one of those", with_first("basis", "net")),
        ("There is one row for each ecode", lambda f: pd.concat([f, f[:1]], ignore_index=True)),
        ("Every flag is one of those", with_first("flag", "guessed")),
        ("Years lie between", with_first("year", 2050)),
    ],
)
def test_each_rule_of_the_contract_can_be_broken(sentence, spoil):
    sample = table()[table()["service"].isin(["youth", "youth_justice"])].reset_index(drop=True)
    spoilt = spoil(sample.copy())
    kinds = {c: d for c, d in table().dtypes.items() if spoilt[c].dtype != d}
    kinds = {c: "category" if str(d) == "category" else d for c, d in kinds.items()}
    with pytest.raises(ContractBroken, match=sentence):
        keep(table_of.promised(), spoilt.astype(kinds))


def test_nothing_of_this_table_is_recorded_but_what_is_there():
    recorded = tie_out.recorded([table_of.PUBLICATION, lait.PUBLICATION])
    assert recorded["source"].value_counts().to_dict() == {
        "children_spending/2010-11": 5,
        "lait/2016-2025": 3,
        "children_spending/2008-09": 2,
    }
    assert recorded["reason"].str.len().gt(60).all()
