import functools

import numpy as np
import pandas as pd
import pytest
from workbooks import with_text

from coopstats.clean.contracts.contract import keep
from coopstats.clean.families.outcomes import sheet_of, unsteady
from coopstats.clean.tables import teenage_conceptions as conceptions
from coopstats.core.errors import ContractBroken, TieOutFailed, UnknownCouncil, UnreadableSource
from coopstats.register import lookups

SOURCE = "teenage_conceptions/1998-2017"
LAMBETH, REDBRIDGE, HACKNEY, LANCASHIRE = "E5017", "E5046", "E5013", "E2321"


@functools.cache
def table():
    return keep(conceptions.promised(), conceptions.clean())


@functools.cache
def sheet():
    return sheet_of(SOURCE)


@pytest.mark.parametrize(
    ("council", "year", "item", "value", "cell"),
    [
        ("Lambeth", 1998, "conception_rate", 85.3, None),
        ("Lambeth", 2010, "conception_rate", 49.3, None),
        ("Lambeth", 2017, "conception_rate", 24.0, None),
        ("County Durham", 2017, "conceptions", 181, "C18"),
        ("County Durham", 2017, "conception_rate", 23.7, "D18"),
        ("Darlington", 2017, "abortion_rate", 7.6, "H19"),
        ("Middlesbrough", 2016, "abortion_share", 34.4, "S21"),
        ("Burnley", 2016, "maternity_rate", 23.6, "O63"),
        ("Lancashire", 2015, "conceptions", 501, "U62"),
    ],
)
def test_figures_are_as_printed(council, year, item, value, cell):
    rows = table()
    found = rows[(rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)]
    assert list(found["value"]) == [value]
    assert (found["source"].iloc[0], found["sheet"].iloc[0]) == (SOURCE, "Table 6")
    assert cell is None or found["cell"].iloc[0] == cell


def test_every_council_of_2017_is_there_in_every_year():
    counts = table()[table()["item"] == "conceptions"]
    assert counts.groupby("year")["ecode"].nunique().to_dict() == dict.fromkeys(
        range(1998, 2018), 351
    )
    assert counts["council_class"].value_counts().loc["SC"] == 27 * 20


def test_the_number_of_a_footnote_is_no_part_of_a_year():
    assert [y for _, _, y in conceptions.printed_columns(sheet())][:5] == [2017] * 5
    assert {y for _, _, y in conceptions.printed_columns(sheet())} == set(range(1998, 2018))


def test_two_printed_together_are_flagged_as_such():
    joint = table()[table()["flag"] == "combined"]
    assert set(joint["council"]) == {"Hackney", "Cornwall"}
    assert not table()["council"].isin(["City of London", "Isles of Scilly"]).any()


def test_a_mark_of_low_reliability_is_the_one_to_the_right_of_its_figure():
    rows = table().set_index(["council", "year", "item"])["mark"]
    assert rows["Darlington", 2017, "abortion_rate"] == "low_reliability"
    assert pd.isna(rows["Darlington", 2017, "maternity_rate"])


def test_counties_are_the_sum_of_their_districts_where_none_has_gone():
    counts = table()[(table()["item"] == "conceptions") & (table()["year"] == 2010)]
    county = counts["ecode"].map(lookups.council_table()["county"])
    lancashire = counts[county == LANCASHIRE]["value"].sum()
    assert lancashire == counts.set_index("ecode")["value"][LANCASHIRE]


def test_england_is_tied_out_in_every_year_and_a_changed_count_fails():
    codes, _ = conceptions._areas(sheet())
    printed = table()[table()["item"] == "conceptions"].rename(columns={"value": "number"})
    assert len(conceptions.check_england(sheet(), codes, printed)) == 0
    changed = printed.assign(number=printed["number"].mask(printed["cell"] == "C18", 182))
    with pytest.raises(TieOutFailed, match="C14 conceptions: -1"):
        conceptions.check_england(sheet(), codes, changed)


def test_the_implied_number_of_women_is_computed_by_hand_and_labelled():
    # Lambeth 2010: conceptions over a rate of 49.3 per 1,000
    rows = table().set_index(["council", "year", "item"])
    count = rows.loc[("Lambeth", 2010, "conceptions"), "value"]
    women = rows.loc[("Lambeth", 2010, "women_15_17")]
    assert women["value"] == pytest.approx(1000 * count / 49.3)
    assert women["flag"] == "implied"
    assert pd.isna(women["cell"])


def unsteady_women(table, most=1.15):
    """Where the implied number of women moved by `most` or more in a year, whatever the rounding.

    The least factor it moved by, by the ecode and the year before.
    """
    half = conceptions.HALF_A_DIGIT
    wide = table.pivot(index=["ecode", "year"], columns="item", values="value")
    count, rate = 1000 * wide["conceptions"], wide["conception_rate"]
    return unsteady(count / (rate + half), count / (rate - half), most)


def test_the_implied_number_of_women_moves_as_slowly_as_people_grow_up():
    names = lookups.council_table()["council"]
    unsteady = unsteady_women(table())
    found = {(names[ecode], year): round(by, 2) for (ecode, year), by in unsteady.items()}
    assert found == {
        ("Cambridge", 2005): 1.17,
        ("Forest Heath", 2000): 1.21,
        ("Westminster", 1999): 1.17,
        ("Westminster", 2005): 1.25,
        ("Westminster", 2008): 1.26,
    }
    wrong = table().assign(value=table()["value"].mask((table()["cell"] == "D18").to_numpy(), 33.7))
    assert len(unsteady_women(wrong)) == 6


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed_text(row, column, word):
    return with_text(sheet(), row, column, word)


def test_an_unknown_name_stops():
    stranger = changed_text(17, 1, "County Dunham")
    codes, names = conceptions._areas(stranger)
    with pytest.raises(UnknownCouncil, match=r"row 18: E06000047 'County Dunham'.*County Durham"):
        conceptions.bodies_among(stranger, codes, names)


def test_a_banner_that_is_no_year_stops():
    with pytest.raises(UnreadableSource, match=r"cell C6 holds 'twenty' where a year belongs"):
        conceptions.printed_columns(changed_text(5, 2, "twenty"))


def test_a_new_heading_stops():
    import dataclasses

    renamed = dataclasses.replace(
        sheet(), headings=[*sheet().headings[:2], "Births", *sheet().headings[3:]]
    )
    with pytest.raises(UnreadableSource, match=r"C7: the heading 'Births' is not known"):
        conceptions.printed_columns(renamed)


def test_a_figure_outside_its_bounds_breaks_the_contract():
    wrong = table().assign(value=table()["value"].mask(table()["item"] == "abortion_share", 101))
    with pytest.raises(ContractBroken, match="Every figure lies within the bounds of its item"):
        keep(conceptions.promised(), wrong)


def test_parts_that_do_not_make_the_rate_break_the_contract():
    row = (table()["cell"] == "D18").to_numpy()
    wrong = table().assign(value=np.where(row, 33.7, table()["value"]))
    with pytest.raises(ContractBroken, match="Births and abortions make the conception rate"):
        keep(conceptions.promised(), wrong)
