"""The grammar of numbers and markers: what is read, what is refused, and with what advice."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopstats.core.errors import UnknownName
from coopstats.register import numbers

READ = {"1,234.5": 1234.5, "£12": 12, "-£3": -3, "£-3": -3, "−3": -3, "+3": 3, "45%": 45,
        "45 %": 45, ".5": 0.5, "1.00E+05": 1e5, "1e-05": 1e-5, " 7 ": 7,
        "12,345,678": 12345678}  # fmt: skip
REFUSED = ["", "-", "12,5", "1,23,4", "1.234,56", "1 234", "1_000", "inf", "nan", "0x10", "٣", "²",
           "1e999", "--3", "-£-3", "£5%", "(12)", "5.", "1.2.3", "%", "£", "e5"]  # fmt: skip


@pytest.mark.parametrize("written", READ)
def test_a_number_is_read(written):
    assert numbers.read_number(written) == READ[written]


@pytest.mark.parametrize("written", REFUSED)
def test_what_is_no_number_is_refused(written):
    assert not numbers.is_number(written)


def test_a_publication_s_cell_holds_a_stricter_part_of_the_grammar():
    plain = ["12", "-3", "0.5", "1.5E-05", " 7 "]
    assert all(map(numbers.is_plain, plain))
    wide = [*(set(READ) - {" 7 "}), *REFUSED, "\t7", "5."]
    assert not any(map(numbers.is_plain, wide))


@pytest.mark.parametrize(("written", "said"), [("12,5", "12.5"), ("(12)", "minus")])
def test_the_refusal_says_what_to_write(written, said):
    with pytest.raises(UnknownName, match=said):
        numbers.read_number(written)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_python_prints_it_comes_back(number):
    assert numbers.read_number(repr(number)) == number
    assert math.isfinite(numbers.read_number(repr(number)))


@given(st.integers(-(10**12), 10**12))
def test_thousands_marks_change_nothing(number):
    assert numbers.read_number(f"{number:,}") == number


def test_marks_beside_a_number_are_taken_apart():
    assert numbers.parted("12.3 [p]") == ("12.3", "[p]")
    assert numbers.parted("45%[note 3] [r]") == ("45%", "[note 3] [r]")
    assert numbers.parted("[c]") == ("[c]", "")


def test_the_markers_are_the_register_s():
    assert numbers.brought_markers()["[c]"] == "suppressed"
    assert {"z", "[x]", "..", "low", "n/a"} <= set(numbers.brought_markers())
