import dataclasses
import functools

import pandas as pd
import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.families.outcomes import sheet_of
from coopstats.clean.tables import library_branches
from coopstats.clean.tables.library_branches import ARTS_COUNCIL, TASKFORCE
from coopstats.core.errors import ContractBroken, UnknownCouncil, UnreadableSource
from coopstats.core.sources import read_sources

STOCK_ON_BOTH = 143  # councils that neither ended nor began between the two lists


@functools.cache
def branches():
    return keep(library_branches.promised(), library_branches.clean())


@pytest.mark.parametrize(
    ("source", "branch", "year", "cell", "standing", "operator"),
    [
        (TASKFORCE, "Barking", 2016, "G1", "open", "council"),
        (TASKFORCE, "Castle Green", 2010, "E2", "open", None),
        (TASKFORCE, "Castle Green", 2016, "H2", "closed", None),
        (ARTS_COUNCIL, "Castle Green", 2023, "T3", "closed", None),
        (ARTS_COUNCIL, "Marks Gate Community Hub", 2016, "P6", "open", "community"),
        (ARTS_COUNCIL, "Marks Gate Community Hub", 2019, "Q6", "open", "council"),
    ],
)
def test_each_branch_is_traced_to_its_cell(source, branch, year, cell, standing, operator):
    rows = branches()
    found = rows[
        (rows["source"] == source) & (rows["branch"] == branch) & (rows["year"] == year)
        & (rows["council"] == "Barking and Dagenham")
    ]  # fmt: skip
    assert list(found["cell"]) == [cell]
    assert list(found["standing"]) == [standing]
    assert [o if isinstance(o, str) else None for o in found["operator"]] == [operator]


def test_prisons_mobiles_and_archives_are_left_out():
    sheet = sheet_of(ARTS_COUNCIL)
    kinds = pd.Series(sheet.column_of_text("Type")[1:]).str.lower().value_counts()
    static = branches()[(branches()["source"] == ARTS_COUNCIL) & (branches()["year"] == 2023)]
    assert len(static) == kinds["static library"] + kinds["static local history library"]
    assert not static["branch"].str.contains("HMP").any()


def test_no_column_of_addresses_or_people_was_transcribed():
    for source in (read_sources()[name] for name in (TASKFORCE, ARTS_COUNCIL)):
        cells = pd.read_parquet(source.raw_file)
        assert len(source.leave_out) > 5
        assert not set(cells["heading"].dropna()) & set(source.leave_out)
        below = cells.loc[cells["heading"].notna(), "text"].dropna()
        assert not below.str.contains(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\S@\S|www|http").any()


def test_the_two_lists_differ_as_the_break_says():
    open_then = branches()[
        (branches()["year"] == 2016) & branches()["standing"].isin(library_branches.OPEN)
    ]
    both = open_then.groupby(["ecode", "source"], observed=True).size().unstack().dropna()
    assert len(both) == STOCK_ON_BOTH
    assert (both[TASKFORCE] != both[ARTS_COUNCIL]).sum() == 41
    assert open_then["source"].value_counts().to_dict() == {TASKFORCE: 3036, ARTS_COUNCIL: 3038}


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def changed(source, row, heading, word):
    sheet = sheet_of(source)
    text = sheet.text.copy()
    text[row, sheet.column(heading)] = word
    return dataclasses.replace(sheet, text=text)


def test_an_unknown_library_service_stops_with_row_and_nearest_name():
    with pytest.raises(UnknownCouncil, match=r"row 3: 'Barking & Dagenam'.*'Barking & Dagenham'"):
        library_branches.taskforce(changed(TASKFORCE, 2, "library service", "Barking & Dagenam"))


@pytest.mark.parametrize(
    ("source", "heading", "word", "says"),
    [
        (TASKFORCE, "operator", "LAK", r"cell G4 holds 'LAK' under 'operator'"),
        (TASKFORCE, "statutory 2010", "perhaps", r"cell E4 holds 'perhaps'"),
        (ARTS_COUNCIL, "Type", "Statik Library", r"cell I4 holds .* Did you mean 'static library'"),
        (ARTS_COUNCIL, "Facility Operation: 31/12/2019", "CC", r"cell Q4 holds 'CC'"),
    ],
)
def test_an_unknown_word_stops_with_its_cell(source, heading, word, says):
    read = library_branches.taskforce if source == TASKFORCE else library_branches.arts_council
    with pytest.raises(UnreadableSource, match=says):
        read(changed(source, 3, heading, word))


def test_a_renamed_date_stops():
    sheet = sheet_of(ARTS_COUNCIL)
    headings = [h and h.replace("31/12/2019", "31/12/2020") for h in sheet.headings]
    with pytest.raises(UnreadableSource, match="Facility Operation: 31/12/2019"):
        library_branches.arts_council(dataclasses.replace(sheet, headings=headings))


@pytest.mark.parametrize(
    ("column", "word", "sentence"),
    [
        (
            "operator",
            "council",
            "Only a branch that is open, or closed for a time",
        ),
        ("statutory", "yes", "No branch that is closed for good is of the statutory service"),
    ],
)
def test_a_closed_branch_that_is_run_or_statutory_breaks_the_contract(column, word, sentence):
    closed = branches()["standing"] == "closed"
    wrong = branches().assign(
        **{column: pd.Categorical(branches()[column].astype(object).mask(closed, word))}
    )
    with pytest.raises(ContractBroken, match=sentence):
        keep(library_branches.promised(), wrong)
