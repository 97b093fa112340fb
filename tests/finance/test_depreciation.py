"""Classes of depreciation against Publication 946, worked bonuses, a declining balance (``oracles``), and by month."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.arrays import FloatArray, accumulate
from minecalc.finance.depreciation import (
    CLASS_NAMES,
    HALF_YEAR_PERCENT,
    DepreciationClass,
    UnknownClassError,
    depreciation_class,
    nearest_class,
)

Case = dict[str, Any]

ORACLES = Path(__file__).parent.parent / "oracles"
MACRS: dict[str, Case] = {
    case["id"]: case for case in json.loads((ORACLES / "macrs.json").read_text(encoding="utf-8"))["cases"]
}
FINANCE: dict[str, Case] = {
    case["id"]: case for case in json.loads((ORACLES / "finance-2.json").read_text(encoding="utf-8"))["cases"]
}
SAM: dict[str, Case] = {
    case["id"]: case for case in json.loads((ORACLES / "sam-project-finance.json").read_text(encoding="utf-8"))["cases"]
}

#: What of ``macrs.json`` no class expresses, and why.
NOT_EXPRESSED = {
    **dict.fromkeys(("macrs-hy-10", "macrs-hy-20"), "nothing that is modelled has 10 or 20 years"),
    **{f"macrs-mq{quarter}-{years}": "the mid-quarter convention" for quarter in range(1, 5) for years in (5, 7)},
    "macrs-sl-hy-15": "straight line is by month, without a half year",
    "macrs-disposal-half-year": "nothing is deducted in the year of a disposal but what is left",
}
#: Cases of the SAM model whose depreciation no class expresses, and why.
NOT_OF_SAM = {
    **dict.fromkeys(("sam-D-sl5", "sam-D3-sl15-20y", "sam-D5-mixed-60-30-10"), "straight line by half years"),
    **dict.fromkeys(("sam-P-price-for-irr12", "sam-P-price-for-irr15-sculpt"), "no schedule is published"),
    **dict.fromkeys(("sam-merchant-growth2-sculpt", "sam-trap-negative-cafds"), "no schedule is published"),
    "sam-lcoe-fcr": "it is not taxed",
}

START = 2027
YEARS = np.arange(START, START + 51.0)[:, None]


def month_of(year: int, month: int) -> float:
    return year * 12 + month - 1.0


JANUARY = month_of(START, 1)


def shares(name: str, service: float | FloatArray = JANUARY, bonus: float = 0.0) -> FloatArray:
    """Shares of the basis by year from ``START`` on."""
    return depreciation_class(name).deducted(service, YEARS, bonus)


def column(values: FloatArray) -> list[float]:
    return [float(value) for value in values[:, 0]]


def test_every_case_is_run_or_named_with_its_reason() -> None:
    half_year = {f"macrs-hy-{years}" for years in HALF_YEAR_PERCENT}
    mid_month = {f"macrs-mm39-month-{month:02d}" for month in range(1, 13)}
    bonus = {f"bonus-{percent}-macrs5" for percent in (0, 20, 40, 60, 80, 100)}
    assert half_year | mid_month | bonus | {"macrs-sl-5"} == set(MACRS) - set(NOT_EXPRESSED)
    assert set(NOT_EXPRESSED) <= set(MACRS)


@pytest.mark.parametrize("years", HALF_YEAR_PERCENT)
def test_half_year_tables_are_those_of_publication_946(years: int) -> None:
    expected = MACRS[f"macrs-hy-{years}"]["expected"]
    assert list(HALF_YEAR_PERCENT[years]) == expected["irs_percent"]
    found = column(shares(f"macrs_{years}", month_of(START, 12)))
    assert found[: years + 1] == pytest.approx([percent / 100 for percent in expected["irs_percent"]], abs=1e-15)
    assert found[: years + 1] == pytest.approx(expected["exact_fraction"], abs=0.000056)
    assert not any(found[years + 1 :])
    assert sum(found) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("month", range(1, 13))
def test_real_property_from_the_middle_of_its_month(month: int) -> None:
    expected = MACRS[f"macrs-mm39-month-{month:02d}"]["expected"]
    found = [100.0 * share for share in column(shares("macrs_39", month_of(START, month)))]
    exact, table = expected["exact_percent"], expected["irs_percent"]
    assert found[0] == pytest.approx((12.5 - month) / 12 / 39 * 100, rel=1e-15)
    assert found[0] == pytest.approx(exact["year_1"], abs=1e-9)
    assert found[1:39] == pytest.approx([exact["years_2_39"]] * 38, abs=1e-9)
    assert found[39] == pytest.approx(exact["year_40"], abs=1e-9)
    assert [found[0], found[1], found[39]] == pytest.approx(list(table.values()), abs=0.005)
    assert not any(found[40:])


@pytest.mark.parametrize("percent", [0, 20, 40, 60, 80, 100])
def test_a_bonus_goes_first_and_the_class_by_the_rest(percent: int) -> None:
    expected = MACRS[f"bonus-{percent}-macrs5"]["expected"]["depreciation"]
    found = column(shares("macrs_5", bonus=percent / 100) * 1_000_000)
    assert found[:6] == pytest.approx(expected, abs=0.005)


def test_straight_line_from_january_is_the_same_every_year() -> None:
    expected = MACRS["macrs-sl-5"]["expected"]["depreciation"]
    assert column(shares("straight_line_5") * 1_000_000)[:6] == pytest.approx([*expected, 0.0], abs=1e-9)


def test_straight_line_by_month_of_service() -> None:
    """Three years from November 2027: 2 months, 12, 12 and 10 of 36."""
    found = column(shares("straight_line_3", month_of(2027, 11)))
    assert found[:5] == pytest.approx([2 / 36, 12 / 36, 12 / 36, 10 / 36, 0.0], rel=1e-15)


def test_a_declining_balance_with_half_of_the_first_year() -> None:
    case = FINANCE["canada-cca-class50-half-year"]["expected"]["deduction_share"]
    assert column(shares("declining_55"))[:6] == pytest.approx(case, rel=1e-12)


def test_a_saldo_group_deducts_its_rate_of_what_is_left_from_the_first_year_on() -> None:
    """30%, 30% of 70%, 30% of 49%."""
    assert column(shares("saldo_30"))[:3] == pytest.approx([0.3, 0.21, 0.147], rel=1e-15)


@pytest.mark.parametrize("name", ["tax-bonus100-163j", "tax-macrs-163j"])
def test_a_hall_in_three_classes(name: str) -> None:
    """600 in five years, 150 in fifteen, 250 in thirty-nine, in service in July."""
    inputs = FINANCE[name]["inputs"]
    bonus = 1.0 if "bonus100" in name else 0.0
    total = np.zeros((51, 1))
    for years in (5, 15, 39):
        total = total + shares(f"macrs_{years}", month_of(START, 7), bonus) * inputs[f"basis_{years}y"]
    assert column(total)[:10] == pytest.approx(inputs["depreciation"], rel=1e-12)


def _schedule_of(case: Case) -> tuple[list[float], float]:
    """The depreciation by year that SAM publishes, and what is spent in year 0."""
    series = case["expected"]["series"]
    if "cf_fed_depreciation" in series:
        return series["cf_fed_depreciation"][1:], case["inputs"]["capex_usd"]
    return series["cf_feddepr_total"][1:], case["inputs"]["capex_usd"]


@pytest.mark.parametrize("name", sorted(set(SAM) - set(NOT_OF_SAM)))
def test_schedules_of_an_independent_model(name: str) -> None:
    """In SAM year 1 begins at year 0; what replaces goes by its own year of service."""
    case = SAM[name]
    published, capex = _schedule_of(case)
    inputs = case["inputs"]
    bonus = inputs.get("bonus_depr_federal_pct(on macrs_5)", 0.0) / 100
    found = shares("macrs_5", bonus=bonus) * capex
    replaced = inputs.get("replacement_cost_usd_per_w", 0.0) * inputs.get("capacity_kw", 0.0) * 1000
    if replaced:
        every = int(inputs["replacement_every_years"])
        for year in range(every, len(published) + 1, every):
            found = found + shares("macrs_5", month_of(START + year - 1, 1)) * replaced
    assert column(found)[: len(published)] == pytest.approx(published, abs=0.01)


def test_what_is_left_out_of_sam_is_named() -> None:
    assert set(NOT_OF_SAM) <= set(SAM)
    assert len(set(SAM) - set(NOT_OF_SAM)) == 10


@given(
    name=st.sampled_from(("macrs_3", "macrs_5", "macrs_7", "macrs_15", "macrs_39", "straight_line_10", "saldo_30")),
    month=st.integers(1, 12),
    bonus=st.floats(0.0, 1.0),
)
def test_nothing_is_deducted_twice_or_before_its_time(name: str, month: int, bonus: float) -> None:
    found = shares(name, month_of(START + 2, month), bonus)
    assert (found >= 0.0).all()
    assert not found[:2].any()
    assert found[2, 0] > 0.0
    total = float(accumulate(found)[0])
    assert total == pytest.approx(1.0, abs=1e-6 if name.startswith("saldo") else 1e-12)


@pytest.mark.parametrize(
    "name", ["macrs_3", "macrs_5", "macrs_7", "macrs_15", "macrs_39", "straight_line_7", "saldo_4"]
)
def test_a_column_of_months_has_the_same_bits_as_each_month_alone(name: str) -> None:
    months = np.array([month_of(START + year, month) for year in range(3) for month in range(1, 13)])
    together = shares(name, months, 0.4)
    alone = [shares(name, float(month), 0.4)[:, 0] for month in months]
    assert (together == np.stack(alone, axis=1)).all()


def test_a_bonus_is_for_classes_of_twenty_years_or_less() -> None:
    names = ("macrs_15", "straight_line_20", "declining_10", "saldo_30")
    assert all(depreciation_class(name).has_bonus for name in names)
    longer = ("macrs_39", "straight_line_21", "declining_6", "saldo_4")
    for name in longer:
        assert not depreciation_class(name).has_bonus
        assert (shares(name, bonus=1.0) == shares(name)).all()


@pytest.mark.parametrize(
    "name", ["macrs_6", "macrs", "macrs_10", "straight_line_0", "straight_line_101", "declining_0", "saldo_101", ""]
)
def test_what_is_no_class(name: str) -> None:
    with pytest.raises(UnknownClassError, match=f"there is no class {name}"):
        depreciation_class(name)


def test_the_names_that_readers_are_told_are_classes() -> None:
    for name in CLASS_NAMES:
        assert isinstance(depreciation_class(name.replace("_N", "_10").replace("_P", "_30")), DepreciationClass)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("macrs_40", "macrs_39"),
        ("macrs_20", "macrs_15"),
        ("macrs_11", "macrs_15"),
        ("MACRS 5", "macrs_5"),
        ("straight_line_7.5", "straight_line_8"),
        ("straight-line-1000", "straight_line_100"),
        ("declining_150", "declining_100"),
        ("class_50", ""),
        ("straight_line", ""),
    ],
)
def test_a_class_that_there_is_none_of_is_near_one_of_its_kind_by_number(written: str, meant: str) -> None:
    assert nearest_class(written) == meant
    assert not meant or depreciation_class(meant)
