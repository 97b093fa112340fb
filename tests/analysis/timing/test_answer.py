"""The value of waiting from end to end: closed forms, what must hold of every option, and the same bytes again."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace

import numpy as np
import pytest

from minecalc.analysis.assumptions import certain
from minecalc.analysis.timing.answer import Asked, TimingNumbers, answered
from minecalc.analysis.timing.records import data
from minecalc.analysis.timing.solved import FIXED, NEVER, NOW, RULE, UPPER
from minecalc.engine import evaluate
from minecalc.work.processes import Processes
from tests.analysis.timing.waiting import CERTAIN, LEASE, PHASES, answer, number, scenario, waiting

_VOLATILITY = "uncertainty.hash_price_usd_per_ph_per_day.volatility_fraction_per_year={}"

#: A lease that is worth less than the mine, so that one waits.
_CHEAP = "plans.lease.rent_usd_per_kw_per_month=105"


def over_never(found: TimingNumbers, way: str) -> float:
    return number(found.whole.ways[way].over_never.number)


def lease_against_mine(years: float) -> tuple[float, float]:
    """What the lease brings from a date on, and what the mine is expected to: both worth at time 0."""
    plans = evaluate(scenario(LEASE, _CHEAP)).plans
    months = slice(round(12 * years) + 1, None)
    discount = 1.1 ** (-np.arange(61) / 12.0)
    lease, mine = (float(np.sum((plans[name].net_usd[:, 0] * discount)[months])) for name in ("lease", "mine"))
    return lease, mine


def black_scholes(kept: float, given: float, deviation: float) -> float:
    """The right to what is ``kept`` for what is lognormal with the mean ``given``."""
    d1 = (math.log(kept / given) + deviation**2 / 2.0) / deviation
    normal = [0.5 * math.erfc(-x / math.sqrt(2.0)) for x in (d1, d1 - deviation)]
    return kept * normal[0] - given * normal[1]


@pytest.mark.parametrize("years", [1, 2])
def test_one_later_date_is_an_option_of_black_and_scholes(years: int) -> None:
    """A certain lease for a mine that is worth a geometric Brownian motion: from the scenario to the closed form."""
    found = answer(LEASE, "lease", _CHEAP, every=12 * years, until=12 * years, paths=8192)
    lease, mine = lease_against_mine(years)
    expected = black_scholes(lease, mine, 0.6 * math.sqrt(years))
    rule = found.whole.ways[RULE].over_never
    assert number(found.whole.ways[NOW].over_never.number) < 0.0, "so that one waits"
    assert number(rule.error) < 0.02 * expected
    assert number(rule.number) == pytest.approx(expected, abs=3.5 * number(rule.error))
    upper = found.whole.ways[UPPER].over_never
    assert number(upper.number) > expected - 3.5 * number(upper.error)
    trigger = found.whole.conditions
    assert trigger is not None
    [condition] = [each for each in trigger if each.feature == 0]
    assert not condition.above
    assert condition.threshold == pytest.approx(50.0 * lease / mine, rel=0.05), "where both are worth the same"


def test_without_volatility_it_is_the_best_plan_there_is() -> None:
    found = answer(CERTAIN, "halls")
    by_date = [number(worth.npv.number) for worth in found.whole.by_date]
    assert number(found.whole.ways[found.whole.best].npv.number) == max(*by_date, found.certain_usd[1])
    assert all(each.error == 0.0 for worth in found.whole.ways.values() for each in worth)
    for way in (RULE, UPPER):
        assert number(found.whole.ways[way].npv.number) == pytest.approx(max(*by_date, found.certain_usd[1]), rel=1e-12)
    assert by_date[0] == pytest.approx(found.certain_usd[0], rel=1e-12)
    assert found.closed.perpetual_usd is None


@pytest.mark.parametrize(("rent", "best"), [(300, NOW), (40, NEVER)])
def test_without_volatility_one_converts_now_or_never(rent: int, best: str) -> None:
    sure = (_VOLATILITY.format(0), f"plans.lease.rent_usd_per_kw_per_month={rent}")
    found = answer(LEASE, "lease", *sure, paths=256)
    assert found.whole.best == best
    assert number(found.whole.ways[UPPER].npv.number) == pytest.approx(number(found.whole.ways[best].npv.number))


def test_without_volatility_a_later_date_may_be_best() -> None:
    """A mine that pays until 2029 and a lease that pays more than it from then on."""
    falling = "market.hash_price_usd_per_ph_per_day={steps: {2027-01: 90, 2028-01: 20}}"
    found = answer(LEASE, "lease", _VOLATILITY.format(0), falling, paths=256)
    assert (found.whole.best, found.whole.fixed_months) == (FIXED, 12)


def test_it_is_worth_more_than_any_fixed_choice_and_more_the_longer_and_wilder_it_is() -> None:
    calm, wild = (answer(LEASE, "lease", _VOLATILITY.format(volatility)) for volatility in (0.2, 0.9))
    short, long = (answer(LEASE, "lease", every=6, until=until) for until in (6, 24))
    for found in (calm, wild, short, long):
        best = over_never(found, found.whole.best)
        assert best >= max(0.0, over_never(found, NOW))
        assert best >= max(number(worth.over_never.number) for worth in found.whole.by_date[:1])
    assert over_never(wild, RULE) > 1.5 * over_never(calm, RULE)
    assert over_never(long, RULE) > 1.2 * over_never(short, RULE)


def test_one_of_many_dates_is_worth_more_than_the_last_alone() -> None:
    american = answer(LEASE, "lease", every=6, until=24)
    european = answer(LEASE, "lease", every=24, until=24)
    assert over_never(american, RULE) > over_never(european, RULE)


def test_to_convert_into_the_same_is_worth_nothing() -> None:
    same = """
name: Same
months: 36
site: {gross_mw: 10, electricity_price_usd_per_kwh: 0.03}
market: {hash_price_usd_per_ph_per_day: 50}
plans:
  mine: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
      hash_rate_eh_per_s: 0.5, efficiency_j_per_th: 18, stops: never}
  same: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
      hash_rate_eh_per_s: 0.5, efficiency_j_per_th: 18, stops: never,
    conversion: {starts: 2027-01, ready: 2027-01, meanwhile: mine}}
uncertainty: {delay_months: fixed}
"""
    found = answer(same, "same", paths=512)
    for worth in found.whole.ways.values():
        assert number(worth.over_never.number) == pytest.approx(0.0, abs=1e-3)
        assert number(worth.over_now.number) == pytest.approx(0.0, abs=1e-3)


def test_phases_have_times_of_their_own() -> None:
    found = answer(PHASES, "halls")
    assert found.by_phase is not None
    north, south = found.by_phase.phases
    assert (north.name, south.name) == ("north", "south")
    assert south.months == (6, 18, 30)
    parts = sum(number(one.ways[one.best].over_never.number) for one in (north, south))
    assert number(found.by_phase.worth.over_never.number) == pytest.approx(
        parts, abs=4.0 * number(found.by_phase.worth.over_never.error)
    )
    assert number(found.by_phase.worth.npv.number) <= number(found.by_phase.upper.npv.number)
    assert answer(LEASE, "lease").by_phase is None


def test_what_comes_after_a_date_changes_no_decision() -> None:
    """Worlds alike until a date and shuffled from then on: the rule does the same until then."""
    asked = Asked(waiting(LEASE, "lease", every=6, until=24), 1024, 1)
    from minecalc.analysis.timing.problems import Simulated
    from minecalc.analysis.timing.rule import fit

    dated = asked.dated
    known, _ = Simulated.of(dated, [dated.block(1)], 1024)
    fresh, _ = Simulated.of(dated, [dated.block(0)], 1024)
    rule = fit(known.whole().switching, known.whole().controls)
    order = np.random.default_rng(5).permutation(fresh.paths)
    block = fresh.block
    date = 2
    shuffled = replace(
        fresh,
        block=block._replace(
            known=np.concatenate([block.known[: date + 1], block.known[date + 1 :, :, order]]),
            staying=np.concatenate([block.staying[:, :date], block.staying[:, date:, order]], axis=1),
            converted=block.converted[:, order],
        ),
    )
    ours, theirs = (rule.modes(each.whole().switching) for each in (fresh, shuffled))
    np.testing.assert_array_equal(ours[: date + 1], theirs[: date + 1])
    assert (ours[date + 1] != theirs[date + 1]).any()
    assert 0 < np.count_nonzero(ours[date]) < fresh.paths


def test_who_does_the_work_changes_nothing_and_the_seed_does() -> None:
    asked = Asked(waiting(PHASES, "halls"), 1100, 1, 1e5)
    found = [
        answered(asked, workers.share_out(asked.dated.block, range(2 * asked.blocks)))
        for workers in (Processes(1), Processes(2))
    ]
    one, two = (data(each) for each in found if each is not None)
    assert pickle.dumps(one) == pickle.dumps(two)
    assert one["paths"] == 1100
    other = answer(PHASES, "halls", paths=1100, seed=2, back=1e5)
    assert data(other)["whole"] != one["whole"]


def test_no_world_at_all_is_no_answer() -> None:
    drawn = "  inputs: {plans.mine.pool_fee_fraction: {distribution: uniform, low: 0.1, high: 0.9}}\n"
    asked = Asked(waiting(LEASE + drawn, "lease"), 256, 1)
    block = asked.dated.block(0)
    lost = block._replace(impossible={"it cannot be": np.ones(block.rest.size, dtype=np.bool_)})
    assert answered(asked, iter([lost, lost])) is None


def test_what_is_assumed_is_told() -> None:
    found = answer(PHASES, "halls")
    assert {item.factor for item in found.assumptions} >= {"hash_price_usd_per_ph_per_day", "delay_months"}
    assert not [item for item in found.assumptions if item.name == "signed"], "the terms of waiting say that"
    assert found.states == ["hash_price_usd_per_ph_per_day", "rent_usd_per_kw_per_month"]
    assert certain(answer(LEASE, "lease").world) == [
        "electricity_price_usd_per_kwh",
        "capex_usd_per_critical_mw",
        "delay_months",
        "tenant_default",
    ]
