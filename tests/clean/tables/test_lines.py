"""The crosswalk says what was printed, where, and when a line became another thing."""

import pytest
from pandas.testing import assert_frame_equal

from coopstats.clean.contracts.contract import keep
from coopstats.clean.tables import lines
from coopstats.core.errors import ContractBroken
from coopstats.datasets.load import load
from coopstats.datasets.table import about
from coopstats.register.breaks import breaks_of

FACTS = [  # table, line, year, heading, sheet, cell
    ("revenue_outturn", "cultural", 2010, "Cultural and related services",
     "RS LA Data 2010-11 (1)", "J6"),
    ("revenue_outturn", "childrens_social_care", 2014, "Children Social Care",
     "RS LA Data 2014-15 (1)", "I6"),
    ("revenue_budget", "mental_health_adults", 2010,
     "Adults aged under 65 with mental health needs", "RA LA Data 2010-11 (1)", "AI8"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "service", "year", "heading", "sheet", "cell"), FACTS)
def test_a_heading_stands_where_it_is_said_to(built, table, service, year, heading, sheet, cell):
    rows = load("lines", table=table, service=service, year=year)
    assert (heading, sheet, cell) in set(
        zip(rows["heading"], rows["sheet"], rows["cell"], strict=True)
    )


def test_youth_is_followed_from_the_returns_to_the_tool(built):
    rows = load("lines", table="children_spending", service="youth").sort_values("year")
    assert list(rows["year"]) == list(range(2010, 2025))
    assert rows["heading"].iloc[0] == "Unknown"  # line 47 of 2010-11, which is the total
    assert rows["heading"].iloc[-1] == "YoungPeopleFinance"
    assert rows.loc[rows["year"] == 2011, "grade"].item() == "severing"


def test_the_crosswalk_made_alone_is_the_one_that_a_build_makes_last(built):
    made = keep(lines.promised(), lines.clean())
    assert_frame_equal(load("lines"), made)


DATED = ("_1_april", "_31_march")  # the budgets name a reserve with its day, as its line does not


@pytest.mark.parametrize("table", ["revenue_outturn", "revenue_budget", "social_care_spending"])
def test_every_printed_line_is_in_the_crosswalk(built, table):
    rows = load(table, basis=None)
    ours = set(rows["service"].unique()) - set(about(table)["derivations"])
    listed = set(load("lines", table=table)["service"].unique())
    assert {s for s in ours - listed if not s.endswith(DATED)} == set()


def test_a_change_is_the_one_on_record(built):
    rows = load("lines", table="revenue_outturn", service="education", year=2010)
    (severing,) = [b for b in breaks_of("revenue_outturn", "education") if b.first_year == 2010]
    assert set(rows["change"]) == {severing.in_full}


@pytest.mark.parametrize(
    ("rule", "break_it"),
    [
        ("A break is severing or noted.", lambda t: t.assign(grade="odd", change="x")),
        ("A change and its grade stand together.", lambda t: t.assign(change=None)),
        ("There is one row for each table, service, year, heading.", lambda t: t.iloc[[0, 0]]),
    ],
)
def test_each_rule_bites(built, rule, break_it):
    table = load("lines", table="revenue_outturn", service="education", year=2010)
    wrong = break_it(table).reset_index(drop=True)
    words = [c for c in lines.columns() if c != "year"]
    with pytest.raises(ContractBroken, match=rule):
        keep(lines.promised(), wrong.astype(dict.fromkeys(words, "category")))


def test_no_rule_is_untested():
    promised = lines.promised()
    said = {c.error for c in promised.checks}
    said |= {c.error for column in promised.columns.values() for c in column.checks}
    assert said == {
        "A break is severing or noted.",
        "A change and its grade stand together.",
        "There is one row for each table, service, year, heading.",
        "Years lie between 1950 and 2030.",
    }
