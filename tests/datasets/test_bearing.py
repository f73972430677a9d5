import pytest

from coopstats import measure, tables
from coopstats.clean.build.build import TABLES
from coopstats.core.errors import NotComparable
from coopstats.datasets import overview
from coopstats.datasets.load import load
from coopstats.datasets.table import about

pytestmark = pytest.mark.usefixtures("built")


def row(name):
    listed = tables().set_index("table")
    return listed.loc[name]


def test_every_table_is_listed_with_years_places_and_publishers():
    listed = tables()
    assert set(listed["table"]) == set(TABLES)
    assert (listed["publisher"] != "").all()
    assert (listed["licence"] != "").all()
    assert row("revenue_outturn")["years"] == "2007-08 to 2023-24"
    assert row("teenage_conceptions")["years"] == "1998 to 2017"
    assert row("teenage_conceptions")["places"] == 351


@pytest.mark.parametrize(
    ("table", "line", "years"),
    [
        ("teenage_conceptions", "conception_rate", 13),  # 1998 to 2010
        ("revenue_outturn", "core", 4),  # 2007-08 to 2010-11
        ("revenue_outturn", "public_health", 0),  # came to councils in 2013-14
        ("revenue_budget", None, 1),
    ],
)
def test_years_before_are_those_with_a_figure(table, line, years):
    assert overview.years_before(table, line) == years


@pytest.mark.parametrize(
    ("before", "words"),
    [(0, "post period only"), (1, "1 year before"), (4, "peers weighted alike"), (7, "or fitted")],
)
def test_what_years_before_can_bear_is_said(before, words):
    assert words in overview.usable_for(before)


def test_a_line_that_begins_after_2011_refuses_before_and_after_and_says_why():
    health = measure("revenue_outturn", "public_health").where(council="Lambeth")
    with pytest.raises(NotComparable, match=r"begins in 2013, so it has no year before 2013.*post"):
        health.change(2010, 2016)
    with pytest.raises(NotComparable, match="post period only"):
        health.before_and_after(2012)
    assert health.change(2014, 2016).frame["value"].notna().all()


def test_editions_of_the_index_are_never_differenced():
    score = measure("deprivation", item="average_score", domain="overall", tier="district")
    with pytest.raises(NotComparable, match="never differenced"):
        score.between(2010, 2019).change(2010, 2019, leave_out=True)
    assert "never differenced" in row("deprivation")["bears"]


@pytest.mark.parametrize("table", TABLES)
def test_counties_and_districts_are_as_the_tier_says(table):
    tier = about(table).get("tier")
    if tier is None:
        assert not about(table).get("value") or about(table)["places"] == 0 or table in UNTIERED
        return
    classes = set(load(table, basis=None)["council_class"].unique())
    has = {"shared": {"SC", "SD"}, "nested": {"SC", "SD"}, "upper": {"SC"}, "lower": {"SD"}}[tier]
    assert has == classes & {"SC", "SD"}


# an index says in its own column which tier it is of; London has one tier
UNTIERED = {"deprivation", "london_crime"}
