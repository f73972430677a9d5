import pandas as pd
import pytest

from coopstats import load, trace

pytestmark = pytest.mark.usefixtures("built")


def test_a_count_of_branches_leads_to_the_cell_of_each():
    found = trace("libraries", "Lewisham", 2016, "community_run")
    rows = found.frame
    open_to_all = rows[rows["flag"].str.startswith("open, community")]
    assert len(open_to_all) == 6  # as the number says
    assert "6 branches" in found.number
    assert rows["cell"].str.fullmatch(r"[GH]\d+").all()
    assert rows["file"].eq("libraries/taskforce_list_2016.csv").all()
    assert "Blackheath Village community library service: open, community, yes" in repr(found)


@pytest.mark.parametrize(("item", "year"), [("births", 2012), ("stock", 2010), ("turnover", 2012)])
def test_as_many_organisations_as_are_counted(item, year):
    words = {"sector": "all", "ownership": "all"}
    (counted,) = load("co_operatives", ecode="E5017", year=year, item=item, **words).itertuples()
    rows = trace("co_operatives", "Lambeth", year, item, **words).frame
    assert len(rows) == counted.organisations
    assert rows["value"].sum() == pytest.approx(counted.value)
    assert rows["cell"].notna().all()
    assert not rows["licence"].map(pd.isna).any()
