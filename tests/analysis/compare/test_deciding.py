"""Defaults that decide: at an end of what is published of them the lead turns, as a run with that value shows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from minecalc.analysis.compare.deciding import deciding_of_each
from minecalc.engine import Evaluation, evaluate
from minecalc.loading.origins import defaulted
from minecalc.scenario.varying import vary
from tests.by_hand import LEASE, MINER, compared

UNSAID = {key: value for key, value in LEASE.items() if key != "critical_per_gross_fraction"}


def decides(evaluation: Evaluation, plan: str) -> list[dict[str, Any]]:
    scenario, told = evaluation.scenario, (plan, evaluation.lead_usd(plan))
    return deciding_of_each(scenario, [scenario], [told], [defaulted(scenario)])[0]


def found(rent: float, **more: Any) -> list[dict[str, Any]]:
    plans = {"mine": MINER, "let": UNSAID | {"rent_usd_per_kw_per_month": rent} | more}
    return decides(compared(plans, discount_rate_fraction_per_year=0), "let")


def test_the_leads_at_both_ends_are_those_of_a_file_that_gives_them() -> None:
    (item,) = found(36)
    assert (item["path"], item["value"]) == ("plans.let.critical_per_gross_fraction", 0.7)
    assert item["difference_at_low_usd"] < 0.0 < item["difference_at_high_usd"]
    scenario = compared(
        {"mine": MINER, "let": UNSAID | {"rent_usd_per_kw_per_month": 36}}, discount_rate_fraction_per_year=0
    ).scenario
    for end in ("low", "high"):
        given = evaluate(vary(scenario, {item["path"]: item[end]}))
        lead = float(given.difference_npv_at_scenario_rate_usd("let")[0])
        assert item[f"difference_at_{end}_usd"] == pytest.approx(lead)
    assert json.dumps(item)


def test_neither_a_given_input_nor_one_that_turns_nothing_decides() -> None:
    assert found(36, critical_per_gross_fraction=0.7) == []
    assert found(80) == []


def test_what_is_unknown_of_both_plans_is_moved_in_both() -> None:
    """Two leases that differ in their rent alone do not change places, however many megawatts halls have."""
    plans = {"a": UNSAID, "b": UNSAID | {"rent_usd_per_kw_per_month": 95}}
    assert decides(compared(plans, discount_rate_fraction_per_year=0), "b") == []
