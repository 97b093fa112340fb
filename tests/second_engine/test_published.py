"""The second engine against what companies filed and published (source: each case's comment or id)."""

from pathlib import Path
from typing import Any

import pytest

from . import calculate

HERE = Path(__file__).parent


def plan_of(plan: dict[str, Any], **scenario: Any) -> dict[str, Any]:
    """Calculate a scenario of one plan at a free site."""
    data = {"site": {"gross_mw": 1000, "electricity_price_usd_per_kwh": 0}, "plans": {"it": plan}}
    return calculate(data | scenario, HERE)["it"]


@pytest.mark.parametrize(
    ("month", "eh_per_s", "difficulty", "reported_btc", "least", "most"),
    [  # monthly production reports; the fees that blocks carried are the gap, wider in 2023
        pytest.param("2023-07", 5.4, 52.42e12, 410, 1.01, 1.04, id="Riot 2023-07"),
        pytest.param("2024-07", 15.5, 81.28e12, 370, 0.985, 1.015, id="Riot 2024-07"),
        pytest.param("2025-01", 29.0, 109.82e12, 521, 1.003, 1.014, id="IREN 2025-01"),
        pytest.param("2025-03", 30.3, 112.14e12, 533, 1.003, 1.014, id="IREN and Riot 2025-03"),
        pytest.param("2025-05", 38.4, 120.83e12, 627, 1.003, 1.014, id="IREN 2025-05"),
        pytest.param("2025-10", 33.2, 149.26e12, 437, 1.003, 1.014, id="Riot 2025-10"),
    ],
)
def test_production(
    month: str, eh_per_s: float, difficulty: float, reported_btc: float, least: float, most: float
) -> None:
    plan = plan_of(
        {"kind": "bitcoin_mining", "hash_rate_eh_per_s": eh_per_s, "uptime_fraction": 1, "pool_fee_fraction": 0},
        start=month,
        months=1,
        market={"network_difficulty": difficulty, "fee_btc_per_block": 0},
    )
    assert least < reported_btc / plan["quantities"]["btc_mined"] < most


def test_hash_price_of_2026_01_12() -> None:
    share_of_fees = 0.0055
    plan = plan_of(
        {"kind": "bitcoin_mining", "hash_rate_eh_per_s": 0.001, "uptime_fraction": 1, "pool_fee_fraction": 0},
        start="2026-01",
        months=1,
        market={
            "btc_price_usd": 91132,
            "network_difficulty": 146.47e12,
            "fee_fraction": share_of_fees / (1 - share_of_fees),
        },
    )
    assert plan["quantities"]["btc_mined"] / 31 == pytest.approx(0.00043143, rel=5e-4)  # Luxor
    assert plan["annual"][0]["revenue_usd"] / 31 == pytest.approx(39.53, rel=1e-2)


@pytest.mark.parametrize(
    ("value_usd", "years", "critical_mw", "months", "escalator", "total_usd"),
    [
        pytest.param(6.7e9, 10, 360, 120, 0.0, 155 * 360e3 * 120, id="TeraWulf: 155 USD per kW-month"),
        pytest.param(3.7e9, 10, 360, 240, 0.03, 8.7e9, id="TeraWulf, first lease with its extensions"),
        pytest.param(7.0e9, 15, 245, 360, 0.03, 17.7e9, id="Hut 8 River Bend with its extensions"),
        pytest.param(10.2e9, 12, 590, 144, 0.0, 1.44e6 * 590 * 12, id="Core Scientific: 1.44M per MW-year"),
    ],
)
def test_lease_totals(
    value_usd: float, years: float, critical_mw: float, months: int, escalator: float, total_usd: float
) -> None:
    plan = plan_of(
        {
            "kind": "colocation",
            "gross_mw": critical_mw,
            "critical_per_gross_fraction": 1,
            "contract": {"value_usd": value_usd, "term_years": years},
            "term_months": months,
            "escalator_fraction_per_year": escalator,
        },
        months=months,
    )
    revenue = sum(row["revenue_usd"] for row in plan["annual"])
    assert revenue == pytest.approx(total_usd, rel=0.013)


def test_iren_and_microsoft() -> None:
    plan = plan_of(
        {
            "kind": "gpu_cloud",
            "gpu_count": 76000,
            "kw_per_gpu": 200e3 / 76000,
            "contract": {"value_usd": 9.7e9, "term_months": 60},
            "prepayment": {"fraction": 0.2, "credited_years": [3, 4, 5]},
        },
        start="2026-06",
        months=60,
    )
    revenue = sum(row["revenue_usd"] for row in plan["annual"])
    assert revenue / plan["quantities"]["gpu_hours_sold"] == pytest.approx(2.91, rel=2e-3)
    assert revenue / 5 / plan["quantities"]["critical_mw"] == pytest.approx(9.7e6)
    assert plan["annual"][0]["prepayment_usd"] == pytest.approx(1.94e9)
    assert sum(row["prepayment_usd"] for row in plan["annual"]) == pytest.approx(0, abs=1)


def test_iren_table_of_september_2024() -> None:
    plan = plan_of({"kind": "gpu_cloud", "gpu_count": 1896, "lease_usd_per_gpu_hour": 1.99}, start="2025-01", months=12)
    assert plan["metrics"]["first_year_revenue_usd"] == pytest.approx(33e6, rel=5e-3)


def test_bit_digital_third_quarter_2024() -> None:
    plan = plan_of(
        {
            "kind": "gpu_cloud",
            "gpu_count": 2048,
            "contract": {"value_usd": 150e6, "term_months": 36},
        },
        start="2024-07",
        months=3,
    )
    assert 12.15e6 / plan["annual"][0]["revenue_usd"] == pytest.approx(0.97, abs=0.005)
