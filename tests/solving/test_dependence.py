"""Which inputs a plan depends on: none that moves it is overlooked, and what does not is not evaluated again."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.arrays import FloatArray
from minecalc.engine import PlanEvaluation, evaluate, outcomes
from minecalc.loading import load, loads
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable, movables
from minecalc.scenario.varying import vary
from minecalc.solving.dependence import in_chunks, measured, own_cases, reads
from tests import shipped
from tests.by_hand import Data
from tests.cli.running import TEXAS
from tests.one_at_a_time import one_at_a_time
from tests.randomly import randomly
from tests.strategies import scenarios

KEEP, LEASING, CLOUD, HALF = "keep mining", "lease to an AI tenant", "rent out GPUs", "half and half"


def npv_usd(plan: PlanEvaluation) -> FloatArray:
    return plan.npv_usd


def check_reads(scenario: Scenario) -> None:
    """Every input is moved to where it may go; a plan that changes must be known to read it."""
    needs = {name: reads(scenario, name) for name in scenario.plans}
    moves = {movable.at: (movable.present, values_of(movable)) for movable in movables(scenario).values()}
    with np.errstate(all="ignore"):
        varied, cases = one_at_a_time(scenario, moves, used_ranges=False)
        moved = evaluate(varied).plans
        for name, plan in moved.items():
            for path, where in cases.items():
                flows = plan.net_usd[:, where] if plan.net_usd.shape[1] > 1 else plan.net_usd
                same = all(np.array_equal(flows[:, 0], flow) for flow in flows.T)
                assert same or needs[name].input(path), (name, path)


def values_of(movable: Movable) -> list[float]:
    """The present value, the ends of the range, and one between."""
    middle = (movable.present + movable.high) / 2
    between = np.floor(middle) if movable.whole else middle
    return [movable.present, movable.low, movable.high, float(between)]


@pytest.mark.parametrize("name", shipped.NAMES)
def test_no_input_of_a_shipped_scenario_is_overlooked(name: str) -> None:
    check_reads(shipped.scenario(name))


@randomly(10)
@given(scenarios(24))
def test_no_input_of_a_random_scenario_is_overlooked(data: Data) -> None:
    check_reads(loads(json.dumps(data)))


def test_what_each_plan_of_a_site_reads() -> None:
    scenario = load(TEXAS)
    assert reads(scenario, KEEP)[:3] == (frozenset({KEEP}), True, True)
    assert reads(scenario, LEASING)[:3] == (frozenset({LEASING, KEEP}), True, True)
    needs = reads(scenario, CLOUD)
    assert needs.input("market.btc_price_usd.scale"), "it mines until the conversion"
    assert needs.input('plans."keep mining".hash_rate_eh_per_s')
    assert not needs.input('plans."lease to an AI tenant".rent_usd_per_kw_per_month')
    assert needs.input("site.gross_mw")
    assert needs.input("discount_rate_fraction_per_year")
    lease_only = load(TEXAS, ['plans."lease to an AI tenant".conversion.meanwhile=null'])
    assert not reads(lease_only, LEASING).input("market.btc_price_usd")
    assert not reads(lease_only, LEASING).input('plans."keep mining".hash_rate_eh_per_s')
    own_price = load(TEXAS, ['plans."keep mining".electricity_price_usd_per_kwh=0.03'])
    assert not reads(own_price, KEEP).input("site.electricity_price_usd_per_kwh.scale")
    assert reads(own_price, HALF).input("site.electricity_price_usd_per_kwh.scale")


RENT, GPU_RATE, BTC = (
    f'plans."{LEASING}".rent_usd_per_kw_per_month',
    f'plans."{CLOUD}".lease_usd_per_gpu_hour.scale',
    "market.btc_price_usd.scale",
)


@pytest.mark.parametrize("across", [(RENT, GPU_RATE), (RENT, BTC), (BTC, "site.electricity_price_usd_per_kwh")])
def test_a_grid_measures_every_case_as_if_alone(across: tuple[str, str]) -> None:
    down, over = (axis.ravel() for axis in np.meshgrid(np.linspace(0.1, 1, 31), np.linspace(0.2, 1.5, 40)))
    scenario = vary(load(TEXAS), {across[0]: down, across[1]: over})
    everything = outcomes(scenario, lambda evaluation: {name: plan.npv_usd for name, plan in evaluation.plans.items()})
    for name in scenario.plans:
        assert np.array_equal(measured(scenario, name, npv_usd), everything[name])


def test_each_plan_is_evaluated_only_where_it_differs() -> None:
    down, over = (axis.ravel() for axis in np.meshgrid(np.linspace(90, 150, 200), np.linspace(0.5, 2, 200)))
    scenario = vary(load(TEXAS), {RENT: down, GPU_RATE: over})
    cases = {name: own_cases(scenario, reads(scenario, name)).scenario.cases for name in scenario.plans}
    assert cases == {KEEP: 1, LEASING: 200, CLOUD: 200, HALF: 1}


def test_several_figures_at_once_and_a_plan_that_nothing_moves() -> None:
    scenario = vary(load(TEXAS), {RENT: np.linspace(90, 150, 3)})

    def two(plan: PlanEvaluation) -> FloatArray:
        return np.stack([plan.npv_usd, plan.npv_at_scenario_rate_usd])

    assert measured(scenario, LEASING, two).shape == (2, 3)
    still = measured(scenario, KEEP, two)
    assert still.shape == (2, 3)
    assert np.all(still == still[:, :1])
    assert in_chunks(load(TEXAS), KEEP, npv_usd).shape == (1,)


def test_a_path_and_its_scale_may_both_vary() -> None:
    columns = {
        "market.btc_price_usd": np.array([5e4, 6e4, 5e4]),
        BTC: np.array([1.0, 2.0, 1.0]),
        RENT: np.array([1.0, 2.0, 3.0]),
    }
    scenario = vary(load(TEXAS), columns)
    everything = outcomes(scenario, lambda evaluation: {name: plan.npv_usd for name, plan in evaluation.plans.items()})
    assert np.array_equal(measured(scenario, KEEP, npv_usd), everything[KEEP])
    assert own_cases(scenario, reads(scenario, KEEP)).place.tolist() == [0, 1, 0]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30))
@randomly(30)
def test_cases_are_the_same_only_if_all_their_values_are(pairs: list[tuple[int, int]]) -> None:
    first, second = np.array(pairs, dtype=np.float64).T
    scenario = vary(load(TEXAS), {BTC: 1 + first, "site.gross_mw": 50 + second, RENT: np.arange(first.size) + 1.0})
    own = own_cases(scenario, reads(scenario, KEEP))
    assert own.scenario.cases == len(set(pairs))
    assert np.array_equal(own.scenario.columns[BTC][own.place], 1 + first)
    assert np.array_equal(own.scenario.columns["site.gross_mw"][own.place], 50 + second)
