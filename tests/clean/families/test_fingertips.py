"""What the tables of Public Health England's Fingertips share: how they are read and refused."""

import dataclasses

import numpy as np
import pytest

from coopstats.clean.families import fingertips
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.sheets import periods
from coopstats.clean.sheets.plain import bodies_of
from coopstats.clean.tables import child_weight
from coopstats.core.errors import TieOutFailed, UnknownCouncil, UnreadableSource

RECEPTION = child_weight.EXTRACTS[0]
LAMBETH, OLDHAM = "E5017", "E4204"


def changed(row, column, word):
    sheet = sheet_of(RECEPTION.source)
    text = sheet.text.copy()
    text[row - 1, column] = word
    return dataclasses.replace(sheet, text=text)


@pytest.fixture
def spoilt(monkeypatch):
    def spoil(row, column, word):
        fingertips.sheet_in.cache_clear()
        monkeypatch.setattr(fingertips, "sheet_of", lambda source: changed(row, column, word))

    yield spoil
    fingertips.sheet_in.cache_clear()


def row_of(name):
    return int(np.flatnonzero(sheet_of(RECEPTION.source).column_of_text("area_name") == name)[0])


def test_an_unknown_name_stops():
    row = row_of("Lambeth") + 1
    with pytest.raises(UnknownCouncil, match=rf"row {row}: E09000022 'Lambathe'.*'Lambeth'"):
        bodies_of(changed(row, 1, "Lambathe"), "area_code", "area_name")


@pytest.mark.parametrize("word", ["2006/08", "2006-07", "2006/7", "all years", ""])
def test_a_period_that_is_none_stops(word):
    with pytest.raises(UnreadableSource, match=r"cell C2 holds .* where a period belongs"):
        periods.first_year(changed(2, 2, word), 1, 2)


@pytest.mark.parametrize(
    ("word", "year"), [("2006", 2006), ("1999/00", 1999), ("2001-03", 2001), ("2001 - 03", 2001)]
)
def test_periods_begin_with_their_first_year(word, year):
    assert periods.first_year(changed(2, 2, word), 1, 2) == year


def test_a_row_of_another_indicator_stops(spoilt):
    spoilt(9, 4, "Smoking at delivery")
    with pytest.raises(UnreadableSource, match=r"cell E9 holds 'Smoking at delivery', not 'Child"):
        fingertips.figures(RECEPTION)


def test_a_marker_that_is_not_known_stops(spoilt):
    spoilt(row_of("Lambeth") + 1, 3, "..?")
    with pytest.raises(UnreadableSource, match=r"holds '\.\.\?' where a figure belongs"):
        fingertips.figures(RECEPTION)


def test_england_beside_its_councils_and_a_city_region_beside_its_ten_districts():
    table, printed = fingertips.figures(RECEPTION), fingertips.wholes(RECEPTION)
    assert set(printed["whole"]) == {fingertips.ENGLAND, fingertips.GREATER_MANCHESTER}
    assert len(fingertips.check_between(table, printed, RECEPTION.source)) == 0
    far = printed.assign(number=printed["number"] + 20 * (printed["year"] == 2010))
    with pytest.raises(TieOutFailed, match=r"E92000001 2010: 42\.6, .*\n.*E47000001 2010: 42\.8"):
        fingertips.check_between(table, far, RECEPTION.source)


def test_england_is_as_an_earlier_publication_has_it_and_another_figure_stops():
    printed = fingertips.wholes(RECEPTION)
    assert len(fingertips.check_editions(RECEPTION, printed)) == 0
    other = printed.assign(number=printed["number"].where(printed["year"] != 2010, 22.7))
    with pytest.raises(TieOutFailed, match=r"excess_weight_reception: 0\.081, recorded none"):
        fingertips.check_editions(RECEPTION, other)


def test_a_figure_far_from_both_neighbours_is_marked_and_a_step_is_not():
    table = fingertips.figures(RECEPTION)
    table = table[table["ecode"].isin([LAMBETH, OLDHAM])].reset_index(drop=True)
    assert fingertips.with_spikes(table)["mark"].isna().all()
    odd = (table["ecode"] == LAMBETH) & (table["year"] == 2010)
    spike = table.assign(number=table["number"].mask(odd, 40))
    assert list(fingertips.with_spikes(spike)["mark"] == "spike") == list(odd)
    step = table.assign(number=table["number"] * np.where(table["year"] < 2010, 1, 2))
    assert fingertips.with_spikes(step)["mark"].isna().all()
