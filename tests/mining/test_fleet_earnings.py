"""What one fleet earns, beside the statement of its use: ``tests/businesses/test_bitcoin_mining.py`` has the money."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.fleets.stops import best_of
from minecalc.mining import fleet_earnings
from tests.by_hand import DAYS, MARGIN_A_DAY, MINER, run, terms


def test_a_fleet_without_a_resale_value_is_worth_most_for_ever_and_less_by_each_month_it_stops_before() -> None:
    plan = run(MINER, months=6)
    inputs, setting = terms(plan.plan.uses[0]), plan.engine.setting(plan.plan, plan.plan.uses[0])
    (fleet,) = inputs.every_fleet()
    worth = fleet_earnings.value_by_stop_usd(fleet, inputs, setting)
    earned = np.array(DAYS[:6]) * MARGIN_A_DAY * setting.discount_factors[1:, 0]
    assert worth[:, 0] == pytest.approx(np.concatenate([[0.0], np.add.accumulate(earned)]))
    assert best_of(worth) == pytest.approx([7.0])


def test_it_is_off_from_what_follows_it_if_that_comes_before_its_stop() -> None:
    plan = run(MINER | {"stops": "2027-05"}, months=12)
    inputs, setting = terms(plan.plan.uses[0]), plan.engine.setting(plan.plan, plan.plan.uses[0])
    (fleet,) = inputs.every_fleet()
    assert fleet_earnings.end_month(fleet, inputs, setting) == 5.0
    assert fleet_earnings.end_month(fleet, inputs, setting._replace(until=3.0)) == 3.0
