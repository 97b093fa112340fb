"""Where a rent rises and costs stand still, a comparison says what inflation would do."""

from __future__ import annotations

from typing import Any

import pytest

from minecalc.analysis.compare.record import compare
from minecalc.analysis.compare.still_costs import Record, matters, still_costs_of_each, words
from minecalc.engine import evaluate
from minecalc.looks import sentence
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from tests.by_hand import LEASE, MINER, SITE, Data, compared

FIXED: Data = SITE | {"fixed_cost_usd_per_year": 120_000}
PLANS: Data = {
    "mine": MINER | {"opex_usd_per_mw_per_year": 12_000},
    "lease": LEASE | {"escalator_fraction_per_year": 0.03},
}


def still_costs(scenario: Scenario, told: str | None) -> Record | None:
    return still_costs_of_each(evaluate(scenario), [scenario], [told])[0]


def found(plans: Data = PLANS, told: str | None = "lease", **scenario: Any) -> Any:
    around: Data = {"site": FIXED, "months": 120} | scenario
    return still_costs(compared(plans, **around).scenario, told)


def test_what_inflation_would_do_is_computed_of_both_plans() -> None:
    scenario = compared(PLANS, site=FIXED, months=120).scenario
    still, rising = evaluate(scenario), evaluate(vary(scenario, {"inflation_fraction_per_year": 0.025}))
    told = still_costs(scenario, "lease")
    assert told is not None
    assert told["costs"] == ["fixed_cost_usd_per_year", "opex_usd_per_mw_per_year"]
    for name, usd in told["npv_change_at_scenario_rate_usd"].items():
        assert usd == float(rising.plans[name].npv_usd[0] - still.plans[name].npv_usd[0])
        assert usd < 0.0
    assert told["npv_difference_at_scenario_rate_usd"] == rising.lead_usd("lease")
    assert rising.lead_usd("lease") > still.lead_usd("lease"), "the miner has more costs that stand still"


def test_it_is_said_in_words_that_give_the_costs_and_the_lead() -> None:
    record = compare(compared(PLANS, site=FIXED, months=120).scenario, with_break_evens=False)
    text = sentence(words(record))
    assert text.startswith("The rent of lease rises by 3.00% a year while fixed cost of the site and opex per MW-year")
    assert "At 2.50% a year (inflation_fraction_per_year) lease is worth" in text
    assert text.endswith(" ahead.")


@pytest.mark.parametrize(
    ("plans", "scenario"),
    [
        (PLANS, {"inflation_fraction_per_year": 0.0}),
        (PLANS, {"months": 59}),
        (PLANS | {"lease": LEASE}, {}),
        (PLANS | {"mine": MINER}, {"site": SITE}),
        (
            PLANS | {"mine": MINER},
            {"site": SITE | {"fixed_cost_usd_per_year": {"start": 1e5, "growth_fraction_per_year": 0.03}}},
        ),
    ],
)
def test_nothing_is_said_where_there_is_nothing_to_ask(plans: Data, scenario: Data) -> None:
    assert found(plans, **scenario) is None


def test_one_plan_alone_is_told_of_itself() -> None:
    told = found({"lease": PLANS["lease"]}, None)
    assert list(told["npv_change_at_scenario_rate_usd"]) == ["lease"]
    assert told["npv_difference_at_scenario_rate_usd"] is None
    assert sentence(words({"headline_plan": None, "costs_stand_still": told})).endswith(" less.")


def test_a_screen_has_it_only_where_it_moves_a_plan_or_its_lead_by_a_hundredth() -> None:
    for cost, told in ((240_000, True), (12_000, False)):
        plans = PLANS | {"mine": MINER | {"opex_usd_per_mw_per_year": cost}}
        record = compare(compared(plans, months=120).scenario, with_break_evens=False)
        assert matters(record) is told, told
        assert record["costs_stand_still"]["costs"] == ["opex_usd_per_mw_per_year"], "it is on record all the same"
    assert not matters({"costs_stand_still": None})
