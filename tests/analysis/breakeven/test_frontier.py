"""The break-even of one input over another, as a line on which two plans are worth the same."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.analysis.breakeven.answer import axis, frontier
from minecalc.loading import load
from minecalc.scenario.movables import movable
from minecalc.scenario.varying import vary
from minecalc.solving.gap import Question
from minecalc.solving.solve import solve
from tests.by_hand import CONVERSION, LEASE, MINER, compared
from tests.cli.running import TEXAS

QUESTION = Question("lease to an AI tenant", "keep mining")
DAYS = 731


def test_rent_by_power_price_is_a_line_until_the_mine_is_shut_off() -> None:
    """A day of mining is 20,000 USD less 240,000 kWh; two years of rent are 120,000 kW-months."""
    scenario = compared({"baseline": MINER, "rival": LEASE}, discount_rate_fraction_per_year=0).scenario
    by = movable(scenario, "site.electricity_price_usd_per_kwh")
    prices = axis(by, 0.02, 0.1, 9)
    found = frontier(scenario, "plans.rival.rent_usd_per_kw_per_month", Question("rival", "baseline"), by, prices)
    assert found.solutions.value.tolist() == pytest.approx(
        [DAYS * max(20_000 - 240_000 * price, 0.0) / 120_000 for price in prices], rel=1e-12, abs=1e-9
    )
    assert found.by_x.tolist() == prices.tolist()


@pytest.mark.parametrize("by_path", ["site.electricity_price_usd_per_kwh", "market.network_hash_rate_eh_per_s"])
def test_every_point_is_the_break_even_at_that_value(by_path: str) -> None:
    scenario = load(TEXAS)
    by = movable(scenario, by_path)
    values = axis(by, 0.02, 0.08, 25) if by.base == 1 else axis(by, 500, 1500, 25)
    found = frontier(scenario, "market.btc_price_usd", QUESTION, by, values)
    for place in (0, 12, 24):
        alone = solve(vary(scenario, {by.at: float(found.by_x[place])}), "market.btc_price_usd", QUESTION)
        assert found.solutions.value[place] == alone.value[0]
    assert np.all(np.diff(found.solutions.value) > 0)


def test_the_axis_of_a_value_over_time_is_its_first_month() -> None:
    by = movable(load(TEXAS), "market.btc_price_usd")
    values = axis(by, 40_000, 120_000, 5)
    assert values.tolist() == [40_000, 60_000, 80_000, 100_000, 120_000]
    found = frontier(load(TEXAS), "site.electricity_price_usd_per_kwh", QUESTION, by, values)
    assert found.by_x.tolist() == [value / 63_001 for value in values]


def test_counts_and_dates_are_whole_and_each_once() -> None:
    conversion = CONVERSION | {"starts": "2027-01", "ready": "2027-06"}
    scenario = compared({"baseline": LEASE, "rival": LEASE | {"conversion": conversion}}).scenario
    ready = movable(scenario, "plans.rival.conversion.ready")
    assert (axis(ready, ready.low, ready.low + 3, 50) - ready.low).tolist() == [0, 1, 2, 3]
    delay = movable(scenario, "plans.rival.conversion.delay_months")
    assert axis(delay, 0, 12, 4).tolist() == [0, 4, 8, 12]


def test_an_axis_that_cannot_be_is_refused() -> None:
    price = movable(load(TEXAS), "site.electricity_price_usd_per_kwh")
    with pytest.raises(ValueError, match=r"lies in -1\.\.2"):
        axis(price, 0.02, 3, 5)
    for low, high, points in ((0.1, 0.1, 5), (0.2, 0.1, 5), (0.1, 0.2, 1)):
        with pytest.raises(ValueError, match="low below high and at least 2 points"):
            axis(price, low, high, points)
    nothing = movable(load(TEXAS), 'plans."keep mining".demand_response_usd_per_month')
    with pytest.raises(ValueError, match="begins at 0, so it cannot be scaled"):
        axis(nothing, 1, 2, 3)
    with pytest.raises(ValueError, match="is solved for, so it cannot be varied"):
        frontier(load(TEXAS), price.path, QUESTION, price, axis(price, 0.01, 0.02, 3))
