from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.schema.diagnostics import Path, Problem
from minecalc.schema.numbers import in_unit, label, number_problem, range_words, unit_words, unusual
from minecalc.units import UNIT_SUFFIXES


@pytest.mark.parametrize(
    ("name", "low", "high", "value", "advice"),
    [
        ("price_usd_per_kwh", -1, 2, 45, "the key takes USD per kWh; 45 USD per MWh is 0.045"),
        ("price_usd_per_kwh", -1, 2, 4.5, "the key takes USD per kWh; 4.5 cents is 0.045"),
        ("discount_rate_fraction_per_year", 0, 1, 8, "the key takes a fraction per year; 8% is 0.08"),
        ("pue_ratio", 1, 3, 125, "the key takes a ratio; 125% is 1.25"),
        ("gross_mw", 0.01, 10_000, 50_000, "the key takes MW; 50000 kW is 50"),
        ("gross_mw", 1, 10_000, 0.05, "the key takes MW; 0.05 GW is 50"),
        ("kw_per_gpu", 0.1, 10, 1_700, "the key takes kW per GPU; 1700 W is 1.7"),
        ("hash_rate_eh_per_s", 0, 1_000, 2_600, "the key takes EH per s; 2600 PH/s is 2.6"),
        ("efficiency_j_per_th", 5, 150, 0.018, "the key takes J per TH; 0.018 J per GH is 18"),
        (
            "rent_usd_per_kw_per_month",
            1,
            1_000,
            1_650_000,
            "the key takes USD per kW per month; 1650000 USD per MW per year is 137.5",
        ),
        (
            "rent_usd_per_kw_per_month",
            1,
            1_000,
            1_650,
            "the key takes USD per kW per month; 1650 USD per kW per year is 137.5",
        ),
        ("capex_usd_per_gpu", 1_000, 1e6, 54, "the key takes USD per GPU; 54 thousand is 54000"),
        (
            "capex_usd_per_critical_mw",
            1e5,
            1e8,
            10,
            "the key takes USD per critical MW; 10 million is 10000000",
        ),
        ("term_months", 12, 600, 10, "the key takes months; 10 years is 120"),
        ("gpu_count", 1, 100, 1_000, ""),
        ("colour", 0, 1, 8, ""),
        ("discount_rate_fraction", 0, 1, -8, ""),
    ],
)
def test_out_of_range(name: str, low: float, high: float, value: float, advice: str) -> None:
    found = number_problem(value, (name,), low=low, high=high)
    assert found is not None
    assert (found.code, found.help) == ("out-of-range", advice)
    assert found.message.startswith(f"{name} is {value:.15g}; it must lie in ")


@pytest.mark.parametrize(
    ("value", "low", "high", "told"),
    [
        (130, 80, 240, ""),
        (80, 80, 240, ""),
        (0.0, 80, 240, ""),
        (1e9, 80, None, ""),
        (300, 80, 240, "rent_usd_per_kw_per_month is 300; published are 80 to 240 USD per kW per month (records)"),
        (
            1560,
            80,
            240,
            "rent_usd_per_kw_per_month is 1560; published are 80 to 240 USD per kW per month (records); "
            "the key takes USD per kW per month; 1560 USD per kW per year is 130",
        ),
        (
            2,
            80,
            None,
            "rent_usd_per_kw_per_month is 2; published are at least 80 USD per kW per month (records); "
            "the key takes USD per kW per month; 2 million USD per MW per year is 166.6666667",
        ),
        (
            1e5,
            None,
            240,
            "rent_usd_per_kw_per_month is 100000; published are at most 240 USD per kW per month (records); "
            "the key takes USD per kW per month; 100000 USD per MW per year is 8.333333333",
        ),
    ],
)
def test_unusual(value: float, low: float | None, high: float | None, told: str) -> None:
    assert unusual(value, "rent_usd_per_kw_per_month", low, high, "records") == told


@given(
    st.sampled_from(UNIT_SUFFIXES),
    st.floats(-1e9, 1e9, allow_subnormal=False),
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
)
def test_advice_is_always_in_range(unit: str, value: float, one: float, other: float) -> None:
    low, high = sorted((one, other))
    found = number_problem(value, (unit,), low=low, high=high)
    assert (found is None) == (low <= value <= high)
    if found and found.help:
        meant = float(found.help.rpartition(" ")[2])
        assert low <= meant * (1 + 1e-9) + 1e-9
        assert meant * (1 - 1e-9) - 1e-9 <= high


def test_limits_are_inside() -> None:
    assert number_problem(0, ("x",), low=0, high=1) is None
    assert number_problem(1, ("x",), low=0, high=1) is None
    assert number_problem(1e300, ("x",)) is None


def test_one_sided_limits() -> None:
    below = number_problem(-1, ("x",), low=0)
    above = number_problem(2, ("x",), high=1)
    assert below is not None
    assert above is not None
    assert (below.message, above.message) == (
        "x is -1; it must be at least 0",
        "x is 2; it must be at most 1",
    )
    assert range_words(None, None) == ""


@pytest.mark.parametrize(
    ("value", "message", "advice"),
    [
        (None, "gross_mw has no value; a number is needed", "write a number in MW"),
        (True, "gross_mw is true; a number is needed", ""),
        ("1,000", 'gross_mw is "1,000"; a number is needed', "write 1000"),
        ([5], "gross_mw is a list; a number is needed", "write 5 without the brackets"),
        ([True], "gross_mw is a list; a number is needed", ""),
        ([1, 2], "gross_mw is a list; a number is needed", ""),
        ({}, "gross_mw is a mapping; a number is needed", ""),
        (float("nan"), "gross_mw is nan; a number is needed", "write a finite number"),
        (float("-inf"), "gross_mw is -inf; a number is needed", "write a finite number"),
        (
            10**400,
            "gross_mw is an integer of more than 20 digits; a number is needed",
            "write a finite number",
        ),
    ],
)
def test_not_a_number(value: object, message: str, advice: str) -> None:
    found = number_problem(value, ("site", "gross_mw"))
    assert found == Problem(("site", "gross_mw"), "not-a-number", message, advice)


def test_whole() -> None:
    assert number_problem(8.0, ("gpu_count",), whole=True) is None
    found = number_problem(1.5, ("gpu_count",), whole=True)
    assert found == Problem(("gpu_count",), "not-whole", "gpu_count is 1.5; a whole number is needed")


def test_a_name_of_its_own_gives_the_unit() -> None:
    found = number_problem(8, ("points", "2027-01"), low=0, high=1, name="share_fraction")
    assert found is not None
    assert found.message == "share_fraction is 8; it must lie in 0..1"
    assert found.help == "the key takes a fraction; 8% is 0.08"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (("a", "b"), "b"),
        (("spend", 2), "spend[2]"),
        (("m", 1, 2), "m[1][2]"),
        ((), "the file"),
        (("\x07",), "\\x07"),
    ],
)
def test_label(at: Path, text: str) -> None:
    assert label(at) == text


def test_units_for_people() -> None:
    assert unit_words("usd_per_kw_per_month") == "USD per kW per month"
    assert unit_words(None) == ""
    assert [in_unit(unit) for unit in ("mw", "fraction_per_year", "ratio", "count", None)] == [
        "in MW",
        "as a fraction per year",
        "as a ratio",
        "",
        "",
    ]
