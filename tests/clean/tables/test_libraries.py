import functools

import numpy as np
import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.tables import libraries, library_branches
from coopstats.clean.tables.library_branches import TASKFORCE
from coopstats.core.errors import ContractBroken


@functools.cache
def table():
    return keep(libraries.promised(), libraries.clean())


@functools.cache
def branches():
    return keep(library_branches.promised(), library_branches.clean())


def value(council, year, item):
    rows = table()
    found = rows[(rows["council"] == council) & (rows["year"] == year) & (rows["item"] == item)]
    return found["value"].item()


# Counted by hand in the two files, with csv and python-calamine.
@pytest.mark.parametrize(
    ("council", "year", "item", "expected"),
    [
        ("Sunderland", 2010, "branches_open", 20),
        ("Sunderland", 2016, "branches_open", 11),
        ("Sunderland", 2016, "closed_since_2010", 9),
        ("Sunderland", 2023, "independent", 3),
        ("Lambeth", 2016, "branches_open", 10),
        ("Lambeth", 2016, "temporarily_closed", 2),  # Carnegie and Minet, G1476 and G1479 blank
        ("Lambeth", 2016, "operator_not_known", 2),
        ("Lambeth", 2016, "community_share", 12.5),
        ("Lewisham", 2010, "statutory_branches", 12),
        ("Lewisham", 2016, "community_run", 6),
    ],
)
def test_counts_are_those_of_the_lists(council, year, item, expected):
    assert value(council, year, item) == expected


def test_england_has_as_many_branches_as_the_lists():
    sums = table().pivot_table(
        index="item", columns="year", values="value", aggfunc="sum", observed=True
    )
    assert sums.loc["branches_open"].to_dict() == {
        2010: 3057, 2016: 3036, 2019: 2965, 2021: 2945, 2022: 2932, 2023: 2922,
    }  # fmt: skip
    assert sums.loc["closed_since_2010", 2016] == 119 + 114 - 1  # one was not statutory in 2010
    assert sums.loc["replaced_since_2010", 2016] == 114
    assert sums.loc["not_known", 2019] == 16


def test_the_government_counted_two_fewer_in_2016():
    # "The number of open static libraries at 1 July 2016 was 3,034" (DCMS libraries blog,
    # 30 March 2017, of an earlier edition), those closed for a time among them
    rows = table()[(table()["year"] == 2016) & (table()["item"] == "branches_open")]
    assert rows["value"].sum() - 3034 == 2


def test_every_council_with_libraries_but_the_isles_of_scilly_is_there():
    per_year = table().groupby("year", observed=True)["ecode"].nunique().to_dict()
    assert per_year == {2010: 151, 2016: 151, 2019: 152, 2021: 152, 2022: 152, 2023: 152}
    assert "City of London" in set(table()["council"])
    assert set(table()["council_class"]) == {"L", "MD", "UA", "SC"}


def test_every_count_is_the_number_of_its_branches_at_the_same_date():
    rows = branches()
    taken = rows[rows["operator"].eq("community") & rows["year"].gt(2010)]
    taken = taken[(taken["source"] == TASKFORCE) | (taken["year"] > 2016)]
    counted = taken.groupby(["ecode", "year"], observed=True).size()
    said = table()[table()["item"] == "community_run"].set_index(["ecode", "year"])["value"]
    assert (said[said > 0].sort_index() == counted.sort_index()).all()


# ── what stops it ────────────────────────────────────────────────────────────────────────────────


def test_operators_that_do_not_make_the_branches_open_break_the_contract():
    one = (table()["item"] == "branches_open") & (table()["council"] == "Sunderland")
    wrong = table().assign(value=np.where(one & (table()["year"] == 2016), 12, table()["value"]))
    with pytest.raises(ContractBroken, match="The branches open are the sum of their operators"):
        keep(libraries.promised(), wrong)


def test_a_share_over_a_hundred_breaks_the_contract():
    wrong = table().assign(value=table()["value"].mask(table()["item"] == "community_share", 101))
    with pytest.raises(ContractBroken, match="Every figure lies within the bounds of its item"):
        keep(libraries.promised(), wrong)
