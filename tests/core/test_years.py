"""The one grammar of a year."""

import numpy as np
import pytest

from coopstats.core.errors import UnknownName
from coopstats.core.years import read_span, read_year


@pytest.mark.parametrize(
    "written",
    [2014, np.int64(2014), 2014.0, np.float64(2014), "2014", " 2014 ", "2014.0", "2014-15",
     "2014/15", "2014–15", "2014 - 15", "2014-2015", "2014/2015", "201415", "20142015",
     "2014 to 2015"],
)  # fmt: skip
def test_a_year_however_it_is_written(written):
    assert read_year(written) == 2014


def test_the_turn_of_the_century():
    assert read_year("1999-00") == read_year("199900") == read_year("1999-2000") == 1999


@pytest.mark.parametrize(
    "written",
    ["", "soon", "2014-16", "2014-2016", "201416", "14", "²", "٢٠١٤", "2_014", "1e3", "2014-5",
     "2014.5", 2014.5, float("nan"), float("inf"), None, True, [2014], "0", 1, "1899", "2101",
     "100000000000000", 10**14],
)  # fmt: skip
def test_what_is_no_year_is_refused_with_its_own_words(written):
    with pytest.raises(UnknownName) as refused:
        read_year(written)
    assert repr(written) in str(refused.value)


def test_a_span_has_two_ends_one_year_or_one_open_end():
    assert read_span("2010:2016") == (2010, 2016)
    assert read_span("2010-11:2016-17") == (2010, 2016)
    assert read_span("2010") == (2010, 2010)
    assert read_span("2010:") == (2010, None)
    assert read_span(":2016") == (None, 2016)


@pytest.mark.parametrize("written", ["", ":", "2016:2010", "1:100000000000000", "2010:soon"])
def test_what_is_no_span_is_refused(written):
    with pytest.raises(UnknownName):
        read_span(written)
