"""What others have published of youth spending, beside what these tables give.

`reference/published_answers.csv`, rows F1, F3 and F4 (YMCA England and Wales). None is exactly
reproducible: F1 includes Wales, F3 and F4 need people aged 5 to 17 in 2010, F3 as it seems net
spending of 2020-21. Each test says what is held and what is missing; nothing is tuned.
"""

import pytest

from coopstats.clean.sheets.sheet import sheets_of
from coopstats.core.sources import read_sources
from coopstats.datasets.load import load
from coopstats.measures.prices import factors
from coopstats.register.breaks import crossed

GROSS, NET = "gross_expenditure", "net_expenditure"


@pytest.fixture
def youth(built):
    """England's youth spending, the sum of its councils, £m of one year's prices."""

    def amounts(prices, basis=GROSS, index="gdp"):
        rows = load("children_spending", service="youth", basis=basis)
        nominal = rows.groupby("year")["gbp"].sum().astype(float) / 1e6
        to, _ = factors(index, prices, list(nominal.index[nominal.index <= prices]))
        return (nominal * nominal.index.map(to)).dropna()

    return amounts


def per_cent(before, after):
    return (after / before - 1) * 100


def fall(amounts, before, after):
    return per_cent(amounts[before], amounts[after])


def people_aged_5_to_17_in_2020():
    """England's, mid-2020, the one year whose single ages are held."""
    sheets = sheets_of(read_sources()["population/2001-2020"])
    sheet = next(s for s in sheets if s.name == "MYE2 - Persons")
    (england,) = [r for r, n in enumerate(sheet.column_of_text("Name")) if n == "ENGLAND"]
    return sum(sheet.number[england, sheet.column(str(age))] for age in range(5, 18))


def test_f1_ymca_2020_minus_70_per_cent(youth):
    """F1: -70%, 2010-11 to 2018-19, real, "£1.4bn to just under £429m", England and Wales.

    Ours: section 251, total services for young people, gross, England only; GDP deflator; 2018-19
    prices. -70.6%, £1,352m to £398m: reproduced to within a point without Wales, which is not
    held. Net of income it is -71.3%: gross or net cannot be told apart by this.
    """
    gross = youth(2018)
    assert fall(gross, 2010, 2018) == pytest.approx(-70.6, abs=0.05)
    assert gross[[2010, 2018]].round().tolist() == [1352, 398]
    assert fall(youth(2018, NET), 2010, 2018) == pytest.approx(-71.3, abs=0.05)
    assert fall(youth(2018, index="cpih"), 2010, 2018) == pytest.approx(-71.3, abs=0.05)
    assert abs(fall(gross, 2010, 2018) - -70) < 1


def test_f3_ymca_2022_158_to_37_pounds_per_head(youth):
    """F3: £158 to £37 a head of 5- to 17-year-olds, 2010-11 to 2020-21, real, England: -76.6%.

    People aged 5 to 17 are held for mid-2020 only, so 2010-11 has no figure a head. For 2020-21
    gross spending gives £42.85 a head, not £37; net spending of that year is not held. Gross in
    total fell 74.0%.
    """
    assert per_cent(158, 37) == pytest.approx(-76.6, abs=0.05)
    gross = youth(2020)
    assert people_aged_5_to_17_in_2020() == 8_853_841
    assert gross[2020] * 1e6 / people_aged_5_to_17_in_2020() == pytest.approx(42.85, abs=0.005)
    assert fall(gross, 2010, 2020) == pytest.approx(-74.0, abs=0.05)
    assert 2020 not in youth(2020, NET)


def test_f4_ymca_2023_182_to_45_pounds_per_head(youth):
    """F4: £182 to £45 a head, £1.46bn to £392m in all, 2010-11 to 2021-22, real, England.

    The text's -73% is the total's; a head it is -75%. Ours, gross, 2021-22 prices: £1,450m to
    £409m, -71.8%. The first is met within 1%; the second is £17m above what was published.
    """
    assert per_cent(182, 45) == pytest.approx(-75.3, abs=0.05)
    assert per_cent(1460, 392) == pytest.approx(-73.2, abs=0.05)
    gross = youth(2021)
    assert gross[[2010, 2021]].round().tolist() == [1450, 409]
    assert fall(gross, 2010, 2021) == pytest.approx(-71.8, abs=0.05)
    assert gross[2010] == pytest.approx(1460, rel=0.01)
    assert gross[2021] - 392 == pytest.approx(17, abs=1)


def test_what_was_published_crosses_a_break_that_we_refuse_to_cross(built):
    """All three start in 2010-11, before services for young people were redrawn."""
    for last in (2018, 2020, 2021):
        assert crossed("children_spending", "youth", 2010, last, "severing")
        assert not crossed("children_spending", "youth", 2011, last, "severing")


def test_without_the_break_the_fall_is_smaller(youth):
    """Gross, England, 2011-12 to 2018-19, 2018-19 prices: what our tables answer instead."""
    assert fall(youth(2018), 2011, 2018) == pytest.approx(-59.55, abs=0.005)
