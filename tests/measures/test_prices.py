"""Price indices: the ratio of two printed levels, and what is not held refused."""

import pytest

from coopstats import load
from coopstats.core.errors import NotComparable, UnknownName
from coopstats.measures import prices

pytestmark = pytest.mark.usefixtures("built")


@pytest.mark.parametrize("index", ["gdp", "cpih"])
def test_a_factor_is_the_ratio_of_two_levels(index):
    level = load("deflator", index=index).dropna(subset="value").set_index("year")["value"]
    factor, cited = prices.factors(index, 2019, range(2010, 2017))
    assert factor == {y: level[2019] / level[y] for y in range(2010, 2017)}
    assert len(cited) == 1


def test_prices_rose_and_the_year_itself_is_one():
    factor, _ = prices.factors("gdp", 2019, range(2007, 2020))
    ordered = [factor[y] for y in range(2007, 2020)]
    assert ordered == sorted(ordered, reverse=True)
    assert factor[2019] == 1


def test_each_index_cites_its_own_publication():
    cited = [next(iter(prices.factors(i, 2019, [2010])[1].values()))["publisher"]
             for i in ("gdp", "cpih")]  # fmt: skip
    assert cited == ["HM Treasury", "Office for National Statistics"]


def test_a_forecast_year_is_not_held():
    with pytest.raises(NotComparable, match="held for 1955 to 2023, not for 2024"):
        prices.factors("gdp", 2024, [2010])
    with pytest.raises(NotComparable, match="not for 2022, 2023"):
        prices.factors("cpih", 2019, [2021, 2022, 2023])


def test_an_unknown_index_is_met_with_the_nearest():
    with pytest.raises(UnknownName, match="'cpih'"):
        prices.factors("cpi", 2019, [2010])
