"""Fleets of machines: their generations, how long they last, what they fetch; and a mine of more than one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.businesses import bitcoin_mining
from minecalc.engine import Engine
from minecalc.fleets.fleet import Fleet, Generation, Refresh, efficiency_in_months, in_service
from minecalc.fleets.stops import UnpaidMonths
from minecalc.loading import loads
from minecalc.timeline import Timeline
from minecalc.values.paths import ValueOverTime
from tests.by_hand import terms

TIMELINE = Timeline(2027 * 12, 60)
NEW = Refresh(
    every_months=24, price_usd_per_th=ValueOverTime.constant(10.0), efficiency_j_per_th=ValueOverTime.constant(12.0)
)
OLD = Fleet(2.0, 20.0, life_months=36, stops="never")


def test_a_fleet_runs_until_it_dies_of_age() -> None:
    (only,) = OLD.generations(1.0, 61.0, TIMELINE)
    assert (only.start, float(only.end), only.cost_usd) == (1.0, 37.0, 0.0)
    aged = OLD._replace(age_months=30)
    (only,) = aged.generations(1.0, 61.0, TIMELINE)
    assert float(only.end) == 7.0
    assert float(aged.ends_as_typed(1.0, TIMELINE)) == 7.0


def test_a_refreshed_fleet_has_a_generation_for_every_refresh_with_a_year_left() -> None:
    fleet = OLD._replace(refresh=NEW, price_usd_per_th=5.0)
    found = fleet.generations(1.0, 61.0, TIMELINE)
    assert [(float(one.start), float(np.max(one.end))) for one in found] == [(1.0, 25.0), (25.0, 49.0), (49.0, 61.0)]
    assert [float(np.max(one.cost_usd)) for one in found] == [1e7, 2e7, 2e7]
    assert len(fleet.generations(1.0, 60.0, TIMELINE)) == 2, "eleven months do not pay for new machines"
    joules = efficiency_in_months(fleet, found, TIMELINE)
    assert np.broadcast_to(joules, (60, 1))[[0, 23, 24, 59], 0].tolist() == [20.0, 20.0, 12.0, 12.0]
    assert in_service(fleet, found, 1.0, TIMELINE).all()


def test_an_end_that_is_typed_counts_and_one_that_is_chosen_does_not() -> None:
    assert float(OLD._replace(stops="2028-01").ends_as_typed(1.0, TIMELINE)) == 13.0
    for stops in ("best", UnpaidMonths(unpaid_months=6)):
        fleet = OLD._replace(stops=stops)
        assert fleet.chooses_when_to_stop
        assert float(fleet.ends_as_typed(1.0, TIMELINE)) == 37.0
    assert not OLD.chooses_when_to_stop


class Halves(bitcoin_mining.Inputs):
    """A mine whose fleet is two: a quarter of it, and the rest."""

    def every_fleet(self) -> tuple[Fleet, ...]:
        (whole,) = super().every_fleet()
        rate = whole.hash_rate_eh_per_s
        rest = whole._replace(hash_rate_eh_per_s=rate * 0.75, demand_response_usd_per_month=None)
        return whole._replace(hash_rate_eh_per_s=rate * 0.25), rest


MINE: dict[str, Any] = {
    "kind": "bitcoin_mining",
    "hash_rate_eh_per_s": 2,
    "machine_price_usd_per_th": 8,
    "machine_resale_usd_per_th": {"start": 5, "growth_fraction_per_year": -0.4},
    "refresh": {"every_months": 24, "price_usd_per_th": 12, "efficiency_j_per_th": 14},
    "opex_usd_per_mw_per_year": 90_000,
    "demand_response_usd_per_month": 20_000,
}


@pytest.mark.parametrize("more", [{}, {"stops": "best"}, {"stops": "2029-03"}, {"stops": {"unpaid_months": 2}}])
def test_a_mine_of_two_fleets_earns_what_both_earn(more: dict[str, Any]) -> None:
    text = {"name": "x", "months": 60, "site": {"gross_mw": 100, "electricity_price_usd_per_kwh": 0.06}}
    scenario = loads(str({**text, "plans": {"mine": MINE | more}}))
    (plan,) = scenario.plans.values()
    (use,) = plan.uses
    setting = Engine(scenario).setting(plan, use)
    whole = terms(use)
    halves = Halves.model_construct(**dict(whole))
    one, two = (bitcoin_mining.cash_flows(inputs, setting) for inputs in (whole, halves))
    assert [line.name for line in one.lines] == [line.name for line in two.lines]
    for ours, theirs in zip(one.lines, two.lines, strict=True):
        assert np.broadcast_to(ours.usd, (60, 1)) == pytest.approx(theirs.usd, rel=1e-12)
    for name, values in one.quantities.items():
        assert values == pytest.approx(two.quantities[name], rel=1e-12)
    assert whole.critical_mw(setting) == pytest.approx(halves.critical_mw(setting))
    mw, how = halves.required_mw(setting)
    assert float(np.max(mw)) == pytest.approx(float(np.max(whole.required_mw(setting)[0])))
    assert how == "0.5 EH/s x 17.5 J/TH x PUE 1.05 + 1.5 EH/s x 17.5 J/TH x PUE 1.05"


def test_efficiency_by_month_is_that_of_the_last_generation_that_exists() -> None:
    exists = [np.array([1.0, 1.0, 1.0]), np.array([1.0, 1.0, 0.0]), np.array([1.0, 0.0, 0.0])]
    starts = [1.0, 13.0, 20.0]
    joules: list[Any] = [20.0, np.array([12.0, 13.0, 14.0]), 10.0]
    generations = [Generation(*one) for one in zip(starts, starts, joules, starts, exists, strict=True)]
    columns = [one._replace(start=np.full(3, one.start)) for one in generations]
    filled: Any = efficiency_in_months(OLD, generations, TIMELINE)
    np.testing.assert_array_equal(filled, efficiency_in_months(OLD, columns, TIMELINE))
    assert filled[[0, 11, 12, 18, 19, 59]].tolist() == [
        [20.0, 20.0, 20.0],
        [20.0, 20.0, 20.0],
        [12.0, 13.0, 20.0],
        [12.0, 13.0, 20.0],
        [10.0, 13.0, 20.0],
        [10.0, 13.0, 20.0],
    ]
