"""Best stops under uncertainty: one date for all worlds, for the plan that a fleet runs in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.engine import Engine, evaluate
from minecalc.fleets.stops import StopValues, UnpaidMonths
from minecalc.randomness.streams import Sampler
from minecalc.scenario import Scenario
from minecalc.schema.validate import validate_data
from minecalc.simulation.stopping import Key, fleets_at_best, never_stopping, runs_at_best, stop_values
from minecalc.simulation.world import World
from tests.by_hand import terms

Data = dict[str, Any]

MINE: Data = {
    "kind": "bitcoin_mining",
    "hash_rate_eh_per_s": 2.0,
    "efficiency_j_per_th": 18,
    "uptime_fraction": 1,
    "pool_fee_fraction": 0,
    "life_months": 120,
    "opex_usd_per_mw_per_year": 92_000,
    "machine_resale_usd_per_th": {"start": 5, "growth_fraction_per_year": -0.5},
}
#: A price whose mean rises above the file's, so that mining on is worth something.
UNCERTAIN: Data = {"others": "fixed", "btc_price_usd": {"path_is": "median"}}


def until(meanwhile: object, starts: str = "2029-06", **more: object) -> Data:
    dates = {"starts": starts, "ready": "2030-01", "meanwhile": meanwhile}
    return {"kind": "colocation", "rent_usd_per_kw_per_month": 120, "conversion": dates} | more


def scenario(plans: Data, **more: object) -> Scenario:
    data = {"name": "x", "months": 60, "site": {"gross_mw": 40, "electricity_price_usd_per_kwh": 0.05}, "plans": plans}
    found, problems = validate_data(data | {"uncertainty": UNCERTAIN} | more, Scenario)
    assert found is not None, problems
    return found


def world(plans: Data, **more: object) -> World:
    return World(scenario(plans, **more), Sampler(5))


PLANS: Data = {
    "mine": MINE | {"stops": "best"},
    "lease": until("mine"),
    "dear lease": until("mine", discount_rate_fraction_per_year=0.9),
    "soon": until("mine", "2027-04"),
    "halls": {"uses": {"a": MINE | {"stops": "best", "gross_mw": 20}, "b": MINE | {"gross_mw": 20}}},
    "some": until({"plan": "halls", "uses": ["a"]}),
    "all": until("halls"),
}


def test_fleets_are_found_wherever_they_run() -> None:
    found = {run.path: (run.key, float(run.until(Engine(scenario(PLANS))))) for run in runs_at_best(scenario(PLANS))}
    assert found == {
        "plans.mine.stops": (Key("mine", "mine", "mine"), 61.0),
        "plans.lease.conversion.meanwhile": (Key("lease", "mine", "mine"), 30.0),
        'plans."dear lease".conversion.meanwhile': (Key("dear lease", "mine", "mine"), 30.0),
        "plans.soon.conversion.meanwhile": (Key("soon", "mine", "mine"), 4.0),
        "plans.halls.uses.a.stops": (Key("halls", "halls", "a"), 61.0),
        "plans.some.conversion.meanwhile": (Key("some", "halls", "a"), 30.0),
        "plans.all.conversion.meanwhile.a": (Key("all", "halls", "a"), 30.0),
    }
    assert not any(fleets_at_best(use) for plan in never_stopping(scenario(PLANS).plans).values() for use in plan.uses)


def test_a_mean_of_equals_is_exact() -> None:
    certain = scenario({"mine": MINE | {"stops": "best"}})
    never = certain.model_copy(update={"plans": never_stopping(certain.plans)})
    key = Key("mine", "mine", "mine")
    values = stop_values([key], [never, never])[key].usd
    assert values.shape == (61, 1)
    assert np.unique(values).size > 50
    again = stop_values([key], [never])[key].usd
    assert values.tobytes() == again.tobytes()


@pytest.mark.parametrize("plan", ["lease", "dear lease", "soon", "some"])
def test_the_date_is_the_best_on_average_for_the_plan_it_runs_in(plan: str) -> None:
    """Of all dates typed for what runs until the start, none is worth more on the paths of the choice."""
    drawn = world(PLANS)
    path = next(path for path in drawn.stops_fixed if path.startswith((f"plans.{plan}.", f'plans."{plan}".')))
    chosen, starts = drawn.stops_fixed[path], PLANS[plan]["conversion"]["starts"]
    assert chosen <= starts
    named = PLANS[plan]["conversion"]["meanwhile"]
    owner, use = (named, "") if isinstance(named, str) else (named["plan"], named["uses"][0])
    timeline, means = drawn.given.timeline, {}
    for month in range(1, int(timeline.number_of(starts)) + 1):
        typed = MINE | {"stops": timeline.label(month)}
        fleet = typed if not use else {"uses": {"a": typed | {"gross_mw": 20}}}
        other = World(scenario({plan: PLANS[plan], owner: fleet}, baseline=plan), Sampler(5))
        npvs = [evaluate(other.paths(block).scenario).plans[plan].npv_usd for block in (1_000_000, 1_000_001)]
        means[timeline.label(month)] = float(np.mean(npvs))
    assert means[chosen] >= max(means.values()) - 1e-6 * abs(means[chosen])


def test_rates_and_starts_choose_other_dates() -> None:
    fixed = world(PLANS).stops_fixed
    assert fixed["plans.mine.stops"] != fixed['plans."dear lease".conversion.meanwhile']
    assert len(set(fixed.values())) > 2


def test_a_moved_start_has_its_own_date() -> None:
    drawn = world(PLANS)
    start = drawn.given.timeline.start
    moved = {"plans.lease.conversion.starts": float(start + 3), "plans.lease.conversion.ready": float(start + 36)}
    worth = evaluate(drawn.applied(drawn.draw(0), moved).scenario).plans["lease"].npv_usd
    typed = world(PLANS | {"lease": until("mine", "2027-04")})
    assert np.array_equal(worth, evaluate(typed.applied(typed.draw(0)).scenario).plans["lease"].npv_usd)


def test_fleets_whose_stops_nobody_gave_shut_after_six_months_unpaid() -> None:
    plans = {
        "silent": MINE,
        "typed": MINE | {"stops": "never"},
        "best": MINE | {"stops": "best"},
        "soon": MINE | {"stops": {"unpaid_months": 2}},
        "halls": {"uses": {"a": MINE | {"gross_mw": 20}, "b": MINE | {"gross_mw": 20, "stops": "2028-01"}}},
    }
    drawn = world(plans)
    assert drawn.stops_assumed == {"plans.silent.stops": 6, "plans.halls.uses.a.stops": 6}
    stops = {(plan.name, use.name): terms(use).stops for plan, use in drawn.scenario.uses()}
    assert stops["silent", "silent"] == stops["halls", "a"] == UnpaidMonths(unpaid_months=6)
    assert stops["typed", "typed"] == "never"
    assert isinstance(stops["best", "best"], StopValues)
    assert stops["soon", "soon"] == UnpaidMonths(unpaid_months=2)
    assert stops["halls", "b"] == "2028-01"
    worth = {name: plan.npv_usd for name, plan in evaluate(drawn.paths(0).scenario).plans.items()}
    assert not np.array_equal(worth["silent"], worth["typed"])


@pytest.mark.parametrize(
    "block",
    [
        {"others": "fixed"},
        {"others": "fixed", "btc_price_usd": {"volatility_fraction_per_year": 0, "trend_sd_fraction_per_year": 0}},
        {"others": "fixed", "electricity_price_usd_per_kwh": {"volatility_fraction_per_year": 0}},
    ],
)
def test_where_nothing_is_uncertain_nothing_is_assumed(block: Data) -> None:
    drawn = world({"silent": MINE}, uncertainty=block)
    assert not drawn.varies
    assert drawn.stops_assumed == {}
    assert terms(drawn.scenario.plans["silent"].uses[0]).stops == "never"
