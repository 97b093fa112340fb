"""Where nothing is uncertain ``compare``, every simulated path and ``timing`` say one number, to the bit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from minecalc.analysis.simulate.run import Run
from minecalc.analysis.timing.answer import Asked, answered
from minecalc.analysis.timing.problems import Simulated
from minecalc.analysis.timing.project import converting, longest_wait_months, moved_dates, project
from minecalc.engine import evaluate
from minecalc.loading import read_bytes
from minecalc.randomness.streams import Sampler
from minecalc.scenario import Scenario
from minecalc.scenario.varying import vary
from minecalc.simulation.world import World
from tests.certain_worlds import certain_worlds
from tests.randomly import randomly
from tests.strategies import Data


def simulated_otherwise(scenario: Scenario) -> list[str]:
    """Plans whose NPV on any simulated path is not that of ``compare``."""
    plans = tuple(scenario.plans)
    chunk = Run(World(scenario, Sampler(3)), plans, 40).chunk(0)
    wanted = evaluate(scenario).plans
    assert not chunk.codes.any(), chunk.reasons
    return [name for p, name in enumerate(plans) if not np.all(chunk.figures[:, p, 0] == wanted[name].npv_usd[0] + 0.0)]


def timed_otherwise(data: Data) -> tuple[list[str], int]:
    """Plans whose conversion now is not worth what ``compare`` says at the scenario's rate, and how many were asked.

    What a conversion that names nothing is given to run until then is not in ``compare``.
    """
    reading = read_bytes(json.dumps(data).encode(), "random.yaml", Path())
    assert reading.scenario is not None, reading.diagnostics
    found: list[str] = []
    asked_of = 0
    evaluation = evaluate(reading.scenario)
    for name in converting(reading.scenario):
        until = min(longest_wait_months(reading.scenario, reading.scenario.plans[name]), 8)
        if until < 1:
            continue
        asked = Asked(project(reading.scenario, name, 4 if until >= 4 else until, until), 16, 1)
        if asked.project.assumed_meanwhile:
            continue
        asked_of += 1
        wanted = float(evaluation.plans[name].npv_at_scenario_rate_usd[0])
        dated = asked.dated
        answer = answered(asked, map(dated.block, range(2 * asked.blocks)))
        assert answer is not None
        block, _ = Simulated.of(dated, [dated.block(0)], 16)
        assert block.whole().now_usd == wanted
        worth = answer.whole.ways["now"].npv
        path = answer.whole.paths_worth["now"]
        same = answer.certain_usd[0] == worth.number == wanted and np.all(path.raw == wanted)
        if not same:
            found.append(f"{name}: {worth.number} {answer.certain_usd[0]} {wanted}")
    return found, asked_of


@randomly(8)
@given(certain_worlds())
def test_one_number(data: Data) -> None:
    reading = read_bytes(json.dumps(data).encode(), "random.yaml", Path())
    assert reading.scenario is not None, reading.diagnostics
    assert simulated_otherwise(reading.scenario) == []
    assert timed_otherwise(data)[0] == []


_AT_THE_METER = {"demand_charge_usd_per_kw_per_month": 5}
_TAX = {"rate_fraction": 0.3, "loss_limit_fraction": 0.8}


@randomly(8)
@given(certain_worlds(), st.booleans(), st.booleans())
def test_each_date_is_the_moved_plan(data: Data, is_taxed: bool, is_charged: bool) -> None:
    """Whatever makes the worth of a plan one: its dates are those of the scenario, made ready, that says so."""
    data = data | ({"tax": _TAX} if is_taxed else {})
    data["site"] = data["site"] | (_AT_THE_METER if is_charged else {})
    given_scenario = read_bytes(json.dumps(data).encode(), "random.yaml", Path()).scenario
    assert given_scenario is not None
    for name in converting(given_scenario):
        plan = given_scenario.plans[name]
        until = min(longest_wait_months(given_scenario, plan), 8)
        if until < 1:
            continue
        asked = Asked(project(given_scenario, name, 4 if until >= 4 else until, until), 16, 1)
        answer = answered(asked, map(asked.dated.block, range(2 * asked.blocks)))
        assert answer is not None
        size = max(abs(answer.certain_usd[0]), abs(answer.certain_usd[1]), 1.0)
        for months, worth in zip(asked.project.delays, answer.whole.by_date, strict=True):
            scenario = asked.project.scenario
            for phase in asked.project.phases:
                scenario = vary(scenario, moved_dates(phase, given_scenario, months))
            npv = float(evaluate(scenario, [name]).plans[name].npv_at_scenario_rate_usd[0])
            assert worth.npv.number == pytest.approx(npv, abs=1e-9 * size)


def test_the_case_of_a_best_stop_before_a_conversion() -> None:
    """Until the conversion it is best to sell at once, though the mine alone is worth keeping."""
    text = (Path(__file__).parent / "cases" / "best-stop-before-conversion.yaml").read_text("utf-8")
    reading = read_bytes(text.encode(), "case.yaml", Path())
    assert reading.scenario is not None
    assert evaluate(reading.scenario).plans["lease"].npv_usd[0] == pytest.approx(63.7e6, abs=5e4)
    assert simulated_otherwise(reading.scenario) == []
    assert timed_otherwise(yaml.safe_load(text)) == ([], 1)
