from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minecalc.reports._numbers import figure
from minecalc.units import UNIT_SUFFIXES

from .reading import read

SHOWN = [
    (41.2e6, "usd", "$41.2M"),
    (-3.1e6, "usd", "-$3.10M"),
    (1.2345e9, "usd", "$1.23B"),
    (0.0, "usd", "$0"),
    (-0.0, "usd", "$0"),
    (-0.004, "usd", "$0"),
    (0.42, "usd", "$0.42"),
    (63_001.0, "usd", "$63,001"),
    (142_350.0, "usd", "$142k"),
    (99_999.4, "usd", "$100k"),
    (999_600.0, "usd", "$1.00M"),
    (9.996, "usd", "$10.0"),
    (1.5e22, "usd", "$1.50×10^10T"),
    (10e6, "usd_per_critical_mw", "$10.0M"),
    (54_000, "usd_per_gpu", "$54,000"),
    (38.0, "usd_per_ph_per_day", "$38.0"),
    (2.65, "usd_per_gpu_hour", "$2.65"),
    (130.0, "usd_per_kw_per_month", "$130"),
    (84.123, "usd_per_gross_mwh", "$84.1"),
    (0.045, "usd_per_kwh", "4.50 c/kWh"),
    (0.1234, "fraction", "12.3%"),
    (0.12, "fraction_per_year", "12.0%"),
    (0.005, "fraction_of_rent", "0.50%"),
    (41.3, "months", "41.3 mo"),
    (60.0, "months", "60 mo"),
    (119.96, "months", "120 mo"),
    (12.5, "years", "12.5 y"),
    (1.8, "ratio", "1.80x"),
    (50.0, "mw", "50.0 MW"),
    (1500.0, "mw", "1,500 MW"),
    (12.5, "mwh", "12.5 MWh"),
    (412_000.0, "mwh", "412 GWh"),
    (4.12e6, "mwh", "4.12 TWh"),
    (999.9996, "mwh", "1.00 GWh"),
    (1234.4, "btc", "1,234 BTC"),
    (0.00043143, "btc", "0.000431 BTC"),
    (0.019, "btc_per_block", "0.0190 BTC/block"),
    (8192.0, "count", "8,192"),
    (1.21e8, "hours", "121M h"),
    (146.47e12, "difficulty", "146.5T"),
    (969.0, "eh_per_s", "969 EH/s"),
    (18.0, "j_per_th", "18.0 J/TH"),
]


@pytest.mark.parametrize(("number", "unit", "text"), SHOWN)
def test_figure(number: float, unit: str, text: str) -> None:
    assert figure(number, unit) == text


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="cannot be shown"):
        figure(number, "usd")


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="'furlongs' is not a unit suffix"):
        figure(1.0, "furlongs")


@settings(deadline=None, max_examples=400)
@given(
    number=st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1e12, 1e12) | st.floats(-2000, 2000),
    unit=st.sampled_from(UNIT_SUFFIXES),
)
def test_a_figure_reads_back_to_its_last_digit(number: float, unit: str) -> None:
    text = figure(number, unit)
    shown, half = read(text)
    assert abs(Fraction(number) - shown) <= half * (1 + Fraction(1, 10**12))
    assert shown or not text.startswith("-")
    assert not any(word in text for word in ("nan", "inf", "e+", "None"))


@given(number=st.floats(1e-2, 1e14), unit=st.sampled_from(("usd", "mwh", "btc", "difficulty")))
def test_three_digits_are_significant(number: float, unit: str) -> None:
    shown, half = read(figure(number, unit))
    assert half <= shown / 100 or (unit != "btc" and number < 1)
