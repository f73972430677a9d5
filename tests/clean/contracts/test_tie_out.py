"""Do the authorities add up to ENGLAND? On data/raw as committed, with nothing built."""

import dataclasses

import numpy as np
import pytest

from coopstats.clean.contracts import tie_out
from coopstats.clean.sheets.sheet import cell_name
from coopstats.clean.tables.lines import PUBLICATIONS
from coopstats.clean.tables.revenue_outturn import accounts
from coopstats.core.errors import TieOutFailed

COLUMNS_OFF = {2016: 59, 2017: 8, 2021: 68, 2022: 127, 2023: 130}


def with_number(row, column, change, sheet=0):
    """The accounts with one figure of one sheet changed by so much, in £ thousand."""
    changed = list(accounts())
    old = changed[sheet].sheet
    number = old.number.copy()
    number[row, column] += change
    whole = dataclasses.replace(old, number=number)
    changed[sheet] = dataclasses.replace(changed[sheet], sheet=whole)
    return changed


def at(sheet=0, service="cultural"):
    """The row of the tenth body of a sheet and the column of a service."""
    read = accounts()[sheet]
    return read.rows[9], next(c.index for c in read.columns if c.line.service == service)


@pytest.mark.parametrize("year", range(2007, 2024))
def test_as_many_columns_are_off_as_were_counted_by_hand(year):
    off = tie_out.differences(a for a in accounts() if a.sheet.source.year == year)
    assert len(off) == COLUMNS_OFF.get(year, 0)


NOT_PRINTED_FOR_ENGLAND = {2021: 33, 2022: 7, 2023: 3}


@pytest.mark.parametrize("year", range(2007, 2024))
def test_what_england_prints_no_figure_for_is_known(year):
    found = 0
    for read in accounts():
        if read.sheet.source.year == year:
            index = [c.index for c in read.columns if c.line.kind != "identity"]
            has_figures = np.nansum(np.abs(read.sheet.number[np.ix_(read.rows, index)]), axis=0) > 0
            found += int((has_figures & np.isnan(read.sheet.number[read.england, index])).sum())
    assert found == NOT_PRINTED_FOR_ENGLAND.get(year, 0)


def test_thousands_of_columns_are_compared():
    assert sum(map(tie_out.compared, accounts())) > 2400


def test_every_difference_is_on_record_with_a_reason():
    listed = tie_out.check(accounts())
    assert len(listed) == sum(COLUMNS_OFF.values())
    assert listed["reason"].str.len().gt(20).all()
    assert listed["difference"].abs().gt(tie_out.TOLERANCE).all()


def test_the_record_names_each_cell_once():
    assert not tie_out.recorded(PUBLICATIONS).duplicated(["source", "sheet", "cell"]).any()


@pytest.mark.parametrize("change", [1.5, -1.5, 1000, -1e6])
def test_a_changed_figure_stops_the_build(change):
    row, column = at()
    with pytest.raises(TieOutFailed) as stopped:
        tie_out.check(with_number(row, column, change))
    message = str(stopped.value)
    assert "1 columns do not tie out" in message
    england = cell_name(accounts()[0].england, column)
    assert (
        f"revenue_outturn/2007-08, Net current expenditure (col 1), {england} cultural" in message
    )
    assert f"{-change:,.3f}, recorded none" in message
    assert "tie_out_differences.csv" in message


def test_a_changed_england_stops_the_build():
    _, column = at()
    with pytest.raises(TieOutFailed, match=r"cultural: 2\.000, recorded none"):
        tie_out.check(with_number(accounts()[0].england, column, 2.0))


def test_a_figure_that_vanished_stops_the_build():
    row, column = at()
    with pytest.raises(TieOutFailed, match="1 columns"):
        tie_out.check(with_number(row, column, np.nan))


def test_an_england_that_vanished_from_a_recorded_difference_stops_the_build():
    sheet = next(i for i, a in enumerate(accounts()) if a.sheet.source.year == 2023)
    _, column = at(sheet)
    with pytest.raises(TieOutFailed, match="cultural"):
        tie_out.check(with_number(accounts()[sheet].england, column, np.nan, sheet))


@pytest.mark.parametrize("change", [0.0, 0.9, -0.9])
def test_rounding_of_a_printed_total_does_not(change):
    row, column = at()
    listed = tie_out.check(with_number(row, column, change))
    assert len(listed) == sum(COLUMNS_OFF.values())


def test_a_recorded_difference_that_moved_stops_the_build():
    sheet = next(i for i, a in enumerate(accounts()) if a.sheet.source.year == 2023)
    row, column = at(sheet)
    with pytest.raises(TieOutFailed, match=r"2023-24.*cultural: .*, recorded -?[\d,]+\.\d"):
        tie_out.check(with_number(row, column, 10.0, sheet))


def test_a_recorded_difference_that_vanished_stops_the_build():
    years = [a for a in accounts() if a.sheet.source.year != 2017]
    with pytest.raises(TieOutFailed, match="8 columns do not tie out") as stopped:
        tie_out.check(years)
    assert str(stopped.value).count(": 0, recorded") == 8
