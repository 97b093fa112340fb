"""What is shown, solved and compared of a simulation."""

from __future__ import annotations

import pytest

from minecalc.analysis.simulate.question import Precision, prices
from minecalc.loading import load, loads
from minecalc.scenario.movables import movable
from tests.analysis.simulate.worlds import TWO, answer

THREE = (
    TWO + "  poor lease: {kind: colocation, opex_fraction_of_rent: 0, capex_usd_per_critical_mw: 0, "
    "rent_usd_per_kw_per_month: 1}\n"
)
LONE = TWO.split("  lease:")[0]


def test_the_plan_that_compare_tells_of_is_shown_unless_another_is_named() -> None:
    assert answer(text=THREE).plan == "lease"
    assert answer("headline_plan=poor lease", text=THREE).plan == "poor lease"
    assert answer("plans.lease.evidence=claim", text=THREE).plan == "poor lease"
    assert answer(text=THREE, plan="poor lease").plan == "poor lease"
    assert answer(text=THREE, plan="poor lease").explained.shares[0].name == "btc_price_usd"


def test_prices_are_solved_for_and_the_hash_price_follows_that_of_bitcoin() -> None:
    found = answer()
    paths = [item.movable.path for item in found.break_evens]
    assert paths == [
        "plans.lease.rent_usd_per_kw_per_month",
        "market.btc_price_usd",
        "market.hash_price_usd_per_ph_per_day",
        "site.electricity_price_usd_per_kwh",
    ]
    price, hash_price = found.break_evens[1:3]
    assert price.value is not None
    assert hash_price.value is not None
    ratio = movable(found.scenario, hash_price.movable.path).value / 63001.0
    for ours, theirs in zip(hash_price.value[:4], price.value[:4], strict=True):
        assert ours == pytest.approx((theirs or 0.0) * ratio)
    assert hash_price.setting.startswith("market.hash_price_usd_per_ph_per_day.scale=0.")
    assert hash_price.shares == price.shares


def test_the_hash_price_that_is_told_is_the_one_that_is_solved_for() -> None:
    told = answer().break_evens[2].value
    asked = answer(solve="market.hash_price_usd_per_ph_per_day", paths=10_240).break_evens[0].value
    assert told is not None
    assert asked is not None
    assert told.number is not None
    assert asked.number == pytest.approx(told.number, abs=4.0 * (told.error or 0.0))
    assert (asked.error or 1.0) < 0.5 * (told.error or 0.0)


def test_an_input_that_is_asked_for_is_solved_alone_on_more_paths() -> None:
    (found,) = answer(solve="plans.lease.opex_fraction_of_rent").break_evens
    assert (found.movable.path, found.paths) == ("plans.lease.opex_fraction_of_rent", 8192)
    with pytest.raises(ValueError, match="is no number or date of this scenario"):
        answer(solve="plans.lease.opex")


def test_prices_of_a_plan_are_its_own_and_the_markets() -> None:
    gpus = load("scenarios/archetypes/gpus-in-leased-space.yaml")
    own = [each.path for each in prices(gpus, "one-year terms")]
    assert own[0] == 'plans."one-year terms".lease_usd_per_gpu_hour'
    assert own[1:] == ["market.btc_price_usd", "site.electricity_price_usd_per_kwh"]
    hydro = load("scenarios/archetypes/quebec-hydro.yaml")
    assert "market.hash_price_usd_per_ph_per_day" in [each.path for each in prices(hydro, "lease two fifths")]
    lease = "{kind: colocation, opex_fraction_of_rent: 0, capex_usd_per_critical_mw: 0, rent_usd_per_kw_per_month: 100}"
    no_mine = loads(f"name: x\nsite: {{gross_mw: 9, electricity_price_usd_per_kwh: 0.04}}\nplans: {{a: {lease}}}\n")
    assert [each.path for each in prices(no_mine, "a")] == [
        "plans.a.rent_usd_per_kw_per_month",
        "site.electricity_price_usd_per_kwh",
    ]


def test_a_lone_plan_is_shown_without_break_evens() -> None:
    found = answer(text=LONE)
    assert (found.plan, found.baseline, found.break_evens) == ("mine", "mine", [])
    assert found.explained.shares[0].name == "btc_price_usd"
    assert found.exists


def test_without_uncertainty_stands_beside() -> None:
    found = answer(figures=("irr_fraction_per_year",))
    lease = found.outcomes.of("lease")
    from minecalc.engine import evaluate

    assert lease.npv.certain == evaluate(found.scenario).plans["lease"].npv_usd[0]
    assert 0.1 < (lease.others["irr_fraction_per_year"].certain or 0.0) < 0.4
    assert found.outcomes.of("mine").others["irr_fraction_per_year"].certain is None


def test_a_tolerance_is_met_or_not() -> None:
    assert Precision(0.01, 0.01).met
    assert not Precision(0.01, 0.011).met
    assert not Precision(0.01, None).met
    found = answer(tolerance=0.5)
    assert found.precision is not None
    assert found.precision.met


def test_where_no_path_counts_there_is_no_answer() -> None:
    drawn = "{distribution: discrete, values: [-1, 6], probabilities: [0.8, 0.2]}"
    odd = f"uncertainty.inputs={{plans.lease.opex_fraction_of_rent: {drawn}}}"
    assert not answer(odd).exists
