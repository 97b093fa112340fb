"""The figures of a sweep are those of ``metrics``, case by case, with their reasons."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from minecalc.analysis.figures_of_cases import Reasons, figures, metric_names
from minecalc.engine import evaluate
from minecalc.figures import against_baseline, figures_of, names_of, plan_metrics, quantities
from minecalc.loading import loads
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from tests.analysis.sweep.sweeping import LEASE, MINE, POWER, PRICE, RENT, TEXT
from tests.randomly import randomly
from tests.strategies import scenarios

COLUMNS = {
    PRICE: np.array([20_000.0, 60_000.0, 90_000.0, 60_000.0]),
    RENT: np.array([100.0, 0.0, 150.0, 100.0]),
    POWER: np.array([0.05, 0.02, 0.05, 0.9]),
}


def by_hand(scenario: Scenario, plan: str) -> dict[str, tuple[float | None, str]]:
    """Every figure of a plan of a single case, and why there is none."""
    evaluation = evaluate(scenario)
    evaluated = evaluation.plans[plan]
    beside = figures_of(evaluated, names_of("corner", "debt"))
    named = {**plan_metrics(evaluated), **beside, **quantities(evaluated), **against_baseline(evaluation, plan)}
    return {name: (metric.number(), metric.reason() or "") for name, metric in named.items()}


def told(scenario: Scenario, plans: list[str], names: list[str]) -> list[dict[str, dict[str, tuple[Any, str]]]]:
    """What ``figures`` says of each case, by plan and name."""
    reasons = Reasons()
    numbers, codes = figures(scenario, plans, names, reasons)
    assert (codes > 0).tolist() == np.isnan(numbers).tolist()
    texts = ["", *reasons]
    return [
        {
            plan: {
                name: (None if codes[case, p, m] else float(numbers[case, p, m]), texts[codes[case, p, m]])
                for m, name in enumerate(names)
            }
            for p, plan in enumerate(plans)
        }
        for case in range(scenario.cases)
    ]


def test_every_figure_of_every_case() -> None:
    scenario = loads(TEXT)
    names = metric_names()
    found = told(vary(scenario, COLUMNS), [MINE, LEASE], names)
    seen = set()
    for case in range(4):
        alone = vary(scenario, {path: float(column[case]) for path, column in COLUMNS.items()})
        for plan in (MINE, LEASE):
            assert found[case][plan] == by_hand(alone, plan)
            seen |= {why for _, why in found[case][plan].values()}
    assert len(seen) > 3


def test_the_names_are_those_of_metrics_each_once() -> None:
    evaluation = evaluate(loads(TEXT))
    names = metric_names()
    assert len(names) == len(set(names))
    plan = evaluation.plans[LEASE]
    beside = names_of("corner", "debt")
    assert {*names} == {*plan_metrics(plan), *beside, *quantities(plan), *against_baseline(evaluation, LEASE)}


@pytest.mark.parametrize("name", metric_names())
def test_a_figure_asked_for_alone_is_the_same(name: str) -> None:
    scenario = vary(loads(TEXT), COLUMNS)
    every = told(scenario, [MINE, LEASE], metric_names())
    assert told(scenario, [LEASE], [name]) == [{LEASE: {name: case[LEASE][name]}} for case in every]


@randomly(8)
@given(scenarios())
def test_random_scenarios(data: Any) -> None:
    scenario = loads(json.dumps(data))
    names = metric_names()
    prices = np.array([0.03, 0.07])
    found = told(vary(scenario, {POWER: prices}), list(scenario.plans), names)
    for case, price in enumerate(prices.tolist()):
        alone = vary(scenario, {POWER: price})
        assert {plan: by_hand(alone, plan) for plan in scenario.plans} == found[case]
