"""A printed figure is changed by a record with evidence, or not at all."""

import pandas as pd
import pytest
from workbooks import rs_2007, rs_2015

from coopstats.clean.contracts import corrections
from coopstats.clean.contracts.corrections import corrected
from coopstats.clean.sheets.sheet import place_of
from coopstats.clean.tables import reserves
from coopstats.clean.tables import revenue_outturn as outturn
from coopstats.core.errors import StaleCorrection
from coopstats.register import reader

RECORD = {
    "source": "revenue_outturn/2015-16", "sheet": "RS LA Data 2015-16", "cell": "K11",
    "was": "14060", "now": "14.5", "reason": "a test", "evidence": "none",
}  # fmt: skip
COLUMNS = ["source", "sheet", "cell", "was", "now", "reason", "evidence"]


@pytest.fixture
def recorded(home, monkeypatch):
    """Makes the record of corrections; the small workbooks are what it is applied to."""
    home.transcribed(rs_2007())
    home.transcribed(rs_2015())
    read = reader.table_of

    def record(*records):
        listed = pd.DataFrame(records, columns=COLUMNS, dtype=str)
        monkeypatch.setattr(reader, "table_of", lambda n: listed if n == "corrections" else read(n))

    return record


def in_cell(table, cell, year=2015):
    (found,) = table[(table["cell"] == cell) & (table["year"] == year)].to_dict("records")
    return found


def test_a_correction_changes_its_cell_and_says_so(recorded):
    recorded(RECORD)
    found = in_cell(outturn.clean(), "K11")
    assert (found["ecode"], found["service"]) == ("E5017", "cultural")
    assert (found["gbp"], found["flag"]) == (14_500, "corrected")


def test_a_correction_changes_nothing_else(recorded):
    recorded()
    before = outturn.clean()
    recorded(RECORD)
    after = outturn.clean()
    changed = (before["gbp"] != after["gbp"]).fillna(False)
    assert list(after.loc[changed, "cell"]) == ["K11"]
    assert (after["flag"].astype(str) == "corrected").sum() == 1


def test_a_correction_reaches_what_is_derived(recorded):
    total = {**RECORD, "cell": "N11", "was": "14090", "now": "15090"}
    recorded()
    core = outturn.clean().query("service == 'core' and year == 2015 and ecode == 'E5017'")["gbp"]
    recorded(total)
    again = outturn.clean().query("service == 'core' and year == 2015 and ecode == 'E5017'")["gbp"]
    assert again.item() - core.item() == 1_000_000


def test_the_same_cell_of_another_publication_is_left_alone(recorded):
    recorded(RECORD)
    table = outturn.clean()
    here = (table["cell"] == "K11") & (table["year"] == 2007)
    assert len(table[here]) == 3  # on each of the three sheets
    assert set(table.loc[here, "flag"]) == {"reported"}


def test_a_cell_that_this_table_does_not_hold_is_left_to_the_one_that_does(recorded):
    recorded(RECORD)  # spending on culture, which the table of reserves shares a sheet with
    assert not (reserves.clean()["flag"].astype(str) == "corrected").any()
    corrections.check()


def test_a_correction_of_another_table_is_no_business_of_this_one(recorded):
    recorded({**RECORD, "source": "population/2010-2023"})
    assert not (outturn.clean()["flag"].astype(str) == "corrected").any()


@pytest.mark.parametrize(
    ("change", "prints"),
    [
        ({"was": "14061"}, "it prints 14060"),
        ({"cell": "ZZ99"}, "it prints nothing"),
        ({"sheet": "RS LA Data 2015-61"}, "it prints nothing"),
    ],
)
def test_a_stale_correction_stops_the_build(recorded, change, prints):
    record = {**RECORD, **change}
    recorded(record)
    with pytest.raises(StaleCorrection) as stopped:
        corrections.check()
    message = str(stopped.value)
    assert prints in message
    assert f"cell {record['cell']} printed {record['was']}" in message
    assert record["source"] in message


def test_a_correction_of_a_cell_without_a_figure_is_stale(recorded):
    recorded(RECORD)
    printed = pd.DataFrame([{**RECORD, "place": place_of("K11"), "number": float("nan")}])
    printed = printed.assign(flag="not_applicable").astype({"flag": "category"})
    with pytest.raises(StaleCorrection, match="it prints nothing"):
        corrected(printed.astype({"source": "category"}), "number")


def test_every_correction_on_record_gives_reason_and_evidence():
    records = reader.table_of("corrections")
    assert list(records.columns) == COLUMNS
    assert records["reason"].str.len().gt(0).all()
    assert records["evidence"].str.len().gt(0).all()
    assert not records.duplicated(["source", "sheet", "cell"]).any()


def test_a_record_that_reaches_no_table_is_refused(recorded):
    recorded({**RECORD, "cell": "A1"})
    outturn.clean()
    with pytest.raises(StaleCorrection, match="no table takes"):
        corrections.check_applied()
    recorded(RECORD)
    outturn.clean()
    corrections.check_applied()
