"""Scenarios of users that an earlier version answered wrongly, with right values found by hand or by other programs.

The files stand in ``cases``; those about series, break-evens and ``--set`` are tested with what reads and solves them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.analysis.compare.record import compare
from minecalc.loading import load
from minecalc.scenario.varying import vary

CASES = Path(__file__).parent / "cases"


def plans(case: str) -> dict[str, dict[str, Any]]:
    """The records of the plans of a case, by name."""
    return {plan["name"]: plan for plan in record(case)["plans"]}


def record(case: str) -> dict[str, Any]:
    return compare(load(CASES / f"{case}.yaml"), with_break_evens=False)


def years(plan: dict[str, Any], column: str) -> list[float]:
    """A column of the yearly statement in millions of USD."""
    return [round(year[column] / 1e6, 6) for year in plan["annual"]]


def test_gpus_stand_idle_without_power_after_their_contract_and_the_reader_is_told() -> None:
    found = record("after-the-contract")
    cloud = next(plan for plan in found["plans"] if plan["name"] == "cloud")
    assert years(cloud, "revenue_usd") == [75.0, 75.0, 0.0, 0.0, 0.0]
    assert years(cloud, "power_usd")[2:] == years(cloud, "opex_usd")[2:] == [0.0] * 3
    hours = 24 * (365 + 366)
    assert cloud["quantities"]["energy_mwh"] == pytest.approx(6 * 1.25 * hours)
    assert any("idle from 2029-01 on, 36 months" in text for text in found["warnings"])


@pytest.mark.parametrize("rate", ["no rate", "rate 2"])
def test_gpus_whose_customer_defaults_are_let_again_for_the_rest_of_the_contract(rate: str) -> None:
    cloud = plans("default-of-contracted-gpus")[f"cloud, default in month 13, {rate}"]
    # 250 million over 60 months; six months idle, then 85% of the rate
    assert years(cloud, "revenue_usd") == pytest.approx([50, 21.25, 42.5, 42.5, 42.5])
    hours = np.array([8760, 8784 - 24 * 182, 8760, 8760, 8760])
    assert years(cloud, "power_usd") == pytest.approx(list(-7.5 * hours * 40 / 1e6), abs=1e-5)


def test_nobody_must_sell_a_lease_that_loses_money() -> None:
    found = record("negative-exit")
    lease = next(plan for plan in found["plans"] if plan["name"] == "lease")
    assert lease["annual"][-1]["residual_usd"] == 0.0
    assert any("no exit value" in text for text in found["warnings"])


def test_returns_are_of_the_project_and_of_its_first_year_in_full() -> None:
    found = plans("returns-of-the-project")
    yields = {name: plan["metrics"]["yield_on_cost_fraction"] for name, plan in found.items()}
    # 3,000 GPUs at 3 USD less 2.5 kW at 4 cents in 8,760 hours, over the GPUs and 6 critical MW
    once = 3000 * (3 - 2.5 * 0.04) * 8760 / (3000 * 50_000 + 6 * 8e6)
    assert yields["once"] == yields["replaced"] == pytest.approx(once)
    assert yields["old lease with exit"] == yields["free year"] == pytest.approx(12 * 130 * 7000 / 56e6)
    assert found["old lease with exit"]["annual"][-1]["residual_usd"] == 0.0
    assert found["prepaid beyond"]["metrics"]["npv_usd"] < 0.0
    warned = record("returns-of-the-project")["warnings"]
    assert any("$80M of it is not earned" in text for text in warned)
    assert any("100% of the prepayment not credited by then is kept" in text for text in warned)


def test_two_rates_at_which_a_plan_is_worth_as_much_as_the_baseline_are_both_told() -> None:
    ai = plans("two-incremental-rates")["AI"]
    against = ai["vs_baseline"]
    assert against["incremental_irr_fraction_per_year"] is None
    assert against["incremental_irr_roots"] == pytest.approx([0.0855, 8.920], rel=1e-3)
    assert ai["reasons"]["incremental_irr_fraction_per_year"] == "several rates bring the NPV to zero"


def test_late_is_never_worth_money_by_a_prepayment_that_is_not_credited() -> None:
    """GPU cloud for Microsoft, delayed by as many months: NPV in millions of USD, worked out apart."""
    wanted = {0: 858, 1: 837, 6: 733, 12: 617, 18: 510, 36: 236}
    file = Path(__file__).parents[1] / "scenarios" / "leases" / "iren-microsoft.yaml"
    plan = "GPU cloud in halls at market rent"
    for months, npv in wanted.items():
        delay = f'plans."{plan}".conversion.delay_months'
        scenario = vary(load(file, [f'plans."{plan}".financing=null']), {delay: float(months)})
        found = {item["name"]: item for item in compare(scenario, with_break_evens=False)["plans"]}
        assert round(found[plan]["metrics"]["npv_usd"] / 1e6) == npv
