import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.looks import bound, estimate, figure
from minecalc.units import UNIT_SUFFIXES
from tests.randomly import randomly
from tests.reports.reading import read

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
    (0.5, "eh_per_s", "0.500 EH/s"),
    (0.0456, "eh_per_s", "45.6 PH/s"),
    (0.000234, "eh_per_s", "234 TH/s"),
    (-0.000234, "eh_per_s", "-234 TH/s"),
    (2.4e-9, "eh_per_s", "2.40 GH/s"),
    (0.0999996, "eh_per_s", "100 PH/s"),
    (0.0, "eh_per_s", "0 EH/s"),
    (200.0, "th_per_s", "200 TH/s"),
    (0.236, "mw", "0.236 MW"),
    (0.01, "mw", "10.0 kW"),
    (0.0005, "mw", "500 W"),
    (0.01, "mwh", "10.0 kWh"),
    (18.0, "j_per_th", "18.0 J/TH"),
]


@pytest.mark.parametrize(("number", "unit", "text"), SHOWN)
def test_figure(number: float, unit: str, text: str) -> None:
    assert figure(number, unit) == text


#: Number, unit, error, as a figure, as an estimate.
ESTIMATED = [
    (41.2e6, "usd", 0.4e6, "$41.2M", "$41.2M ± 0.4M"),
    (41.2e6, "usd", 0.0, "$41.2M", "$41.2M"),
    (41.2e6, "usd", 30.0, "$41.2M", "$41.2M"),
    (41.2e6, "usd", 0.04e6, "$41.2M", "$41.2M"),
    (41.2e6, "usd", 0.06e6, "$41.2M", "$41.2M ± 0.1M"),
    (41.2e6, "usd", 0.94e6, "$41.2M", "$41.2M ± 0.9M"),
    (41.2e6, "usd", 0.96e6, "$41M", "$41M ± 1M"),
    (46.2e6, "usd", 12e6, "$50M", "$50M ± 10M"),
    (-3.1e6, "usd", 4e6, "-$3M", "-$3M ± 4M"),
    (1.02e6, "usd", 8e4, "$1.02M", "$1.02M ± 0.08M"),
    (63_001.0, "usd", 300.0, "$63,000", "$63,000 ± 300"),
    (63_001.0, "usd", 0.4, "$63,001", "$63,001"),
    (8_000.0, "usd", 90_000.0, "$10,000", "$10,000 ± 90,000"),
    (142_350.0, "usd", 3e3, "$142k", "$142k ± 3k"),
    (2_000.0, "usd", 3e6, "$0 ± 3M", "$0 ± 3M"),
    (-2_000.0, "usd", 4e5, "$0 ± 400k", "$0 ± 400k"),
    (1e9, "usd", 9.5e9, "$0 ± 10B", "$0 ± 10B"),
    (0.0, "usd", 0.0, "$0", "$0"),
    (0.0, "usd", 0.001, "$0", "$0"),
    (1.5e22, "usd", 1e21, "$1.50×10^10T", "$1.50×10^10T"),
    (0.6278, "fraction", 0.005, "62.8%", "62.8% ± 0.5%"),
    (0.6278, "fraction", 0.03, "63%", "63% ± 3%"),
    (0.6278, "fraction", 1e-6, "62.8%", "62.8%"),
    (60.0, "months", 0.2, "60.0 mo", "60.0 mo ± 0.2 mo"),
    (60.0, "months", 0.0, "60 mo", "60 mo"),
    (1234.0, "btc", 20.0, "1,230 BTC", "1,230 BTC ± 20 BTC"),
    (412_000.0, "mwh", 3_000.0, "412 GWh", "412 GWh ± 3 GWh"),
    (1.8, "ratio", 0.02, "1.80x", "1.80x ± 0.02x"),
    (8192.0, "count", 30.0, "8,190", "8,190 ± 30"),
]


@pytest.mark.parametrize(("number", "unit", "error", "text", "with_error"), ESTIMATED)
def test_no_digit_is_shown_beyond_the_first_of_the_error(
    number: float, unit: str, error: float, text: str, with_error: str
) -> None:
    assert figure(number, unit, error) == text
    assert estimate(number, unit, error) == with_error


@pytest.mark.parametrize(
    ("number", "end", "text"),
    [
        (0.0, 0.0038268, "< 0.4%"),
        (1.0, 1 - 0.0038268, "> 99.6%"),
        (0.0, 0.004, "< 0.4%"),
        (1.0, 0.996, "> 99.6%"),
        (0.0, 0.0096, "< 1%"),
        (0.0, 0.434, "< 50%"),
        (1.0, 0.566, "> 50%"),
        (0.0, 3.8e-6, "< 0.01%"),
        (1.0, 1 - 3.8e-6, "> 99.99%"),
    ],
)
def test_a_bound_is_rounded_away_from_what_it_bounds(number: float, end: float, text: str) -> None:
    assert bound(number, end, "fraction") == text


@randomly(300)
@given(
    number=st.floats(-1e12, 1e12) | st.floats(-1e4, 1e4),
    error=st.floats(1e-3, 1e12) | st.floats(1e-3, 1e3),
    unit=st.sampled_from(("usd", "mwh", "hours")),
)
def test_an_estimate_is_rounded_by_less_than_its_error(number: float, error: float, unit: str) -> None:
    """Where no error is written, it is below half of the last digit."""
    shown, _, doubt = estimate(number, unit, error).partition(" ± ")
    (value, half), slack = read(shown, unit), 1 + Fraction(1, 10**9)
    assert figure(number, unit, error) in (shown, estimate(number, unit, error))
    if doubt:
        told, _ = read(doubt, unit)
        assert len(re.sub("[^1-9]", "", doubt)) == 1
        assert abs(Fraction(error) - told) <= told / 2 * slack
        assert abs(Fraction(number) - value) <= Fraction(error) * slack
    else:
        assert Fraction(error) <= half * slack
        assert abs(Fraction(number) - value) <= half * slack


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="cannot be shown"):
        figure(number, "usd")


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="'furlongs' is not a unit suffix"):
        figure(1.0, "furlongs")


@randomly(400)
@given(
    number=st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1e12, 1e12) | st.floats(-2000, 2000),
    unit=st.sampled_from(UNIT_SUFFIXES),
)
def test_a_figure_reads_back_to_its_last_digit(number: float, unit: str) -> None:
    text = figure(number, unit)
    shown, half = read(text, unit)
    assert abs(Fraction(number) - shown) <= half * (1 + Fraction(1, 10**12))
    assert shown or not text.startswith("-")
    assert not any(word in text for word in ("nan", "inf", "e+", "None"))


@given(number=st.floats(1e-2, 1e14), unit=st.sampled_from(("usd", "mwh", "btc", "difficulty")))
def test_three_digits_are_significant(number: float, unit: str) -> None:
    shown, half = read(figure(number, unit), unit)
    assert half <= shown / 100 or (unit != "btc" and number < 1)
