"""A traced scenario: every number is an input that knows its path, and the engine's numbers stay the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc import load
from minecalc.engine import evaluate
from minecalc.scenario.movables import movables
from minecalc.scenario.traced import TracedTimeline, traced
from minecalc.trace import Traced
from minecalc.trace.replay import in_order
from tests.by_hand import CONVERSION, LEASE, MINER, compared
from tests.trace.replaying import replay

TEXAS = Path(__file__).parents[1] / "examples" / "texas.yaml"


def leaves(evaluation: Any) -> set[str]:
    tops = [plan.npv_usd for plan in evaluation.plans.values()]
    return {step.name or "" for step in in_order(tops) if step.op in ("input", "date")}


def test_every_number_of_the_file_that_plays_a_part_is_an_input() -> None:
    scenario = load(TEXAS)
    found = leaves(evaluate(traced(scenario)))
    known = {movable.path for movable in movables(scenario).values()}
    forms = {f"{path.rsplit('.', 1)[0]}" for path in found if path.rsplit(".", 1)[-1] in ("start", "steps", "points")}
    assert {path for path in found if path not in known} == {
        path for path in found if path.rsplit(".", 1)[-1] in ("start", "steps", "points")
    }
    assert forms <= known
    assert 'plans."lease to an AI tenant".conversion.starts' in found
    assert "months" not in found


def test_numbers_stay_what_they_are() -> None:
    scenario = compared({"mine": MINER, "lease": LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}}}).scenario
    plain, other = evaluate(scenario), evaluate(traced(scenario))
    for name, plan in plain.plans.items():
        step: Any = other.plans[name].net_usd
        assert isinstance(step, Traced)
        assert np.array_equal(step.value, plan.net_usd)


def test_a_shift_is_an_input_where_one_is_given() -> None:
    scenario = load(TEXAS, ["market.btc_price_usd.shift=1500"])
    assert "market.btc_price_usd.shift" in leaves(evaluate(traced(scenario)))
    assert "market.btc_price_usd.scale" not in leaves(evaluate(traced(scenario)))


def test_a_scale_is_an_input_where_one_is_given() -> None:
    scenario = load(TEXAS, ["market.btc_price_usd.scale=1.5"])
    assert "market.btc_price_usd.scale" in leaves(evaluate(traced(scenario)))


@pytest.mark.parametrize("name", ["month_number", "days", "hours"])
def test_the_calendar_is_a_named_constant_and_always_the_same(name: str) -> None:
    timeline = TracedTimeline(24324, 12)
    arrays: dict[str, Any] = {"month_number": timeline.numbers, "days": timeline.days, "hours": timeline.hours}
    again: dict[str, Any] = {"month_number": timeline.numbers, "days": timeline.days, "hours": timeline.hours}
    step = arrays[name]
    assert (step.op, step.name, step.shape) == ("constant", name, (12, 1))
    assert again[name] is step
    assert isinstance(timeline.extended(24), TracedTimeline)


def test_lists_are_inputs_with_a_row_an_item() -> None:
    conversion = CONVERSION | {"spend": [0.25, 0.75]}
    prepaid = {"term_months": 12, "prepayment": {"fraction": 0.5, "credited_years": [1]}}
    scenario = compared({"mine": MINER, "lease": LEASE | prepaid | {"conversion": conversion}}).scenario
    npv: Any = evaluate(traced(scenario)).plans["lease"].npv_usd
    lists = {step.name: step for step in in_order([npv]) if step.op == "list"}
    assert lists["plans.lease.conversion.spend"].value.tolist() == [[0.25], [0.75]]
    assert lists["plans.lease.prepayment.credited_years"].value.tolist() == [[1.0]]
    evenly = replay([npv], {"plans.lease.conversion.spend": np.array([[0.5], [0.5]])})[0]
    even = compared({"mine": MINER, "lease": LEASE | prepaid | {"conversion": CONVERSION | {"spend": [0.5, 0.5]}}})
    assert evenly == even.plans["lease"].npv_usd
    assert evenly != npv.value


def test_a_constant_of_as_many_rows_is_one_step_and_of_others_another() -> None:
    timeline = TracedTimeline(24324, 12)
    short, long = (timeline.constant("term_months_since_ready", np.arange(n)[:, None]) for n in (2.0, 3.0))
    assert (short.shape, long.shape) == ((2, 1), (3, 1))
    assert timeline.constant("term_months_since_ready", np.arange(2.0)[:, None]) is short
