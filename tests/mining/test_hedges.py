"""Hedges by hand: 1 EH/s sold at 30 USD per PH/s a day where the market pays 20 brings 10,000 USD a day."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc import checks
from minecalc.analysis.cashflow.statement import statement
from minecalc.engine import evaluate
from minecalc.loading import ScenarioError
from minecalc.scenario.varying import vary
from tests.by_hand import CONVERSION, DAYS, LEASE, MINER, SITE, Data, compared, line, run

FORWARD: Data = {"eh_per_s": 1, "price_usd_per_ph_per_day": 30, "begins": "2027-02", "ends": "2027-04"}
SWAP: Data = {"mw": 10, "price_usd_per_kwh": 0.04, "begins": "2027-03", "ends": "2028-12"}


def test_a_forward_settles_the_difference_to_the_hash_price() -> None:
    plan = run(MINER | {"hash_price_forward": FORWARD}, months=6)
    days = [0, 28, 31, 30, 0, 0]
    assert line(plan, "hash_price_forward_usd") == pytest.approx([10_000 * each for each in days])
    lower = FORWARD | {"price_usd_per_ph_per_day": 15}
    assert line(run(MINER | {"hash_price_forward": lower}, months=2), "hash_price_forward_usd")[1] == -28 * 5_000


def test_a_mine_that_is_hedged_whole_earns_the_fixed_prices_whatever_the_market_does() -> None:
    whole = {"begins": "2027-01", "ends": "2028-12"}
    hedged = MINER | {"curtail": False, "hash_price_forward": FORWARD | whole, "power_swap": SWAP | whole}
    for price, power in ((20, 0.05), (50, 0.09), (5, -0.01)):
        site = SITE | {"electricity_price_usd_per_kwh": power}
        plan = run(hedged, site=site, market={"hash_price_usd_per_ph_per_day": price})
        assert plan.net_usd[1:, 0] == pytest.approx([days * (30_000 - 10_000 * 24 * 0.04) for days in DAYS])


def test_a_swap_is_of_the_mean_price_and_moves_no_machine() -> None:
    dear = SITE | {"electricity_price_usd_per_kwh": 0.10}  # 24,000 a day for 20,000 of revenue: off
    plan = run(MINER | {"power_swap": SWAP}, site=dear, months=4)
    assert line(plan, "power_swap_usd") == pytest.approx([0, 0, 31 * 240_000 * 0.06, 30 * 240_000 * 0.06])
    assert not any(line(plan, "mining_power_usd"))


def test_a_hedge_is_a_contract_of_its_own_and_goes_on_without_the_machines() -> None:
    whole = FORWARD | {"begins": "2027-01", "ends": "2027-12"}
    stopped = run(MINER | {"stops": "2027-03", "hash_price_forward": whole})
    paid = [10_000 * days for days in DAYS[:12]] + [0] * 12
    assert line(stopped, "hash_price_forward_usd") == pytest.approx(paid)
    lease = LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}}
    bare, hedged = (
        compared({"mine": miner, "lease": lease}).plans["lease"]
        for miner in (MINER, MINER | {"hash_price_forward": whole})
    )
    assert line(hedged, "hash_price_forward_usd") == pytest.approx(paid)
    assert np.array_equal(hedged.engine.lost_margin_usd(hedged.plan), bare.engine.lost_margin_usd(bare.plan))


def test_hedged_and_unhedged_stand_side_by_side_and_the_difference_is_the_hedge() -> None:
    found = compared({"open": MINER, "hedged": MINER | {"hash_price_forward": FORWARD}}, months=6)
    difference = found.plans["hedged"].net_usd - found.plans["open"].net_usd
    assert difference[1:, 0] == pytest.approx(line(found.plans["hedged"], "hash_price_forward_usd"))
    beside = statement(found.plans["hedged"], 1).row("gross_profit_unhedged_usd").values
    assert beside == pytest.approx(statement(found.plans["open"], 1).row("gross_profit_usd").values)
    assert all(row.name != "gross_profit_unhedged_usd" for row in statement(found.plans["open"], 1).rows)


def test_columns_equal_their_cases() -> None:
    scenario = compared({"it": MINER | {"hash_price_forward": FORWARD, "power_swap": SWAP}}).scenario
    columns = {
        "plans.it.hash_price_forward.price_usd_per_ph_per_day": np.array([30.0, 0.0, 45.0]),
        "plans.it.power_swap.mw": np.array([10.0, 5.0, 0.0]),
        "market.hash_price_usd_per_ph_per_day": np.array([20.0, 10.0, 80.0]),
    }
    batch = evaluate(vary(scenario, columns)).plans["it"].net_usd
    for case in range(3):
        one = vary(scenario, {path: float(column[case]) for path, column in columns.items()})
        assert np.array_equal(evaluate(one).plans["it"].net_usd[:, 0], batch[:, case])


def test_a_hedge_that_ends_before_it_begins_is_refused_and_one_outside_the_horizon_told() -> None:
    with pytest.raises(ScenarioError, match="ends 2027-01 lies before begins 2027-02"):
        run(MINER | {"hash_price_forward": FORWARD | {"ends": "2027-01"}})
    late = MINER | {"power_swap": SWAP | {"begins": "2031-01", "ends": "2031-12"}}
    found = checks.warnings(compared({"it": late}).scenario)
    assert "it: power_swap runs from 2031-01 to 2031-12, outside the horizon: nothing is settled" in found
