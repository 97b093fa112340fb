"""Inputs that can be moved: found by their path, at their present value, within a range that a file may hold."""

from __future__ import annotations

import json

import numpy as np
import pytest

from minecalc.engine import evaluate
from minecalc.loading import load, loads
from minecalc.scenario.movables import Movable, movable, movables, movables_and_shared
from minecalc.scenario.varying import vary
from minecalc.solving.told import refusal
from minecalc.timeline import parse_month
from minecalc.values.paths import ValueOverTime
from tests import shipped
from tests.by_hand import CONVERSION, LEASE, MARKET, MINER, SITE, Data, compared, terms
from tests.cli.running import TEXAS

HALF = {name: value for name, value in LEASE.items() if name != "rent_usd_per_kw_per_month"} | {"gross_mw": 5}
READY = 'plans."lease to an AI tenant".conversion.ready'


def of(path: str, **market: object) -> Movable:
    return movable(compared({"mine": MINER}, market=market or MARKET).scenario, path)


@pytest.mark.parametrize("name", shipped.NAMES)
def test_the_present_value_of_every_movable_changes_nothing(name: str) -> None:
    """All are put where they are, in one evaluation; what puts nothing else anywhere is worth the same."""
    scenario = shipped.scenario(name)
    found = movables(scenario)
    for path, one in found.items():
        assert one.path == path
        assert np.isfinite([one.low, one.present, one.high]).all()
        assert one.low <= one.present <= one.high
        assert refusal(scenario, one, one.present) is None
    put = evaluate(vary(scenario, {one.at: one.present for one in found.values()}))
    for plan, evaluated in put.plans.items():
        worth = shipped.evaluation(name).plans[plan].npv_usd
        assert evaluated.npv_usd == pytest.approx(worth, rel=1e-12, abs=1e-3), plan


def test_the_present_value_of_each_movable_alone_changes_nothing() -> None:
    scenario = load(TEXAS)
    worth = {name: plan.npv_usd for name, plan in evaluate(scenario).plans.items()}
    for path, found in movables(scenario).items():
        for name, plan in evaluate(vary(scenario, {found.at: found.present})).plans.items():
            assert plan.npv_usd == pytest.approx(worth[name], rel=1e-12, abs=1e-3), path


def test_every_number_value_over_time_and_date_has_one() -> None:
    found = movables(load(TEXAS))
    assert {"discount_rate_fraction_per_year", "site.gross_mw", "market.btc_price_usd", READY} <= set(found)
    assert "market.btc_price_usd.growth_fraction_per_year" in found
    assert 'plans."keep mining".refresh.price_usd_per_th' in found
    assert 'plans."half and half".uses.lease.rent_usd_per_kw_per_month' in found
    assert 'plans."lease to an AI tenant".discount_rate_fraction_per_year' in found
    missing = {"months", "market.network_difficulty", "market.fee_fraction", 'plans."keep mining".curtail', "start"}
    assert not missing & set(found)
    assert 'plans."lease to an AI tenant".capex_usd_per_critical_mw' not in found, "its conversion says what it costs"
    assert 'plans."keep mining".discount_rate_fraction_per_year' not in found, "it has none of its own"


def test_a_hash_price_that_is_given_replaces_the_market() -> None:
    found = movables(compared({"mine": MINER}).scenario)
    assert [path for path in found if path.startswith("market.")] == ["market.hash_price_usd_per_ph_per_day"]


def test_a_constant_is_moved_itself_and_a_path_is_scaled() -> None:
    path = "market.hash_price_usd_per_ph_per_day"
    assert of(path) == Movable(path, path, present=20, low=0, high=1e5)
    growing = of("market.btc_price_usd", btc_price_usd={"start": 50_000, "growth_fraction_per_year": 0.1, "scale": 2})
    assert (growing.at, growing.present, growing.base, growing.value) == ("market.btc_price_usd.scale", 2, 50_000, 1e5)
    last = 50_000 * 1.1 ** (23 / 12)
    assert growing.high * last == pytest.approx(1e6), "its dearest month is at the end of the range"
    assert (growing.low, growing.scale(3.0)) == (0, 3.0)
    scaled = of("market.btc_price_usd", btc_price_usd={"value": 50_000, "scale": 2})
    assert (scaled.at, scaled.value, scaled.high) == ("market.btc_price_usd.scale", 1e5, 20)


CROSSING = {"steps": {"2027-01": 0.03, "2027-03": -0.02, "2027-06": 0.05}}
POWER = "site.electricity_price_usd_per_kwh"


def crossing(**more: object) -> Movable:
    site = SITE | {"electricity_price_usd_per_kwh": CROSSING | more}
    return movable(compared({"mine": MINER}, site=site, market=MARKET).scenario, POWER)


def test_a_path_that_crosses_zero_is_shifted() -> None:
    found = crossing()
    assert (found.at, found.present, found.value) == (f"{POWER}.shift", 0.0, 0.03)
    assert (found.low, found.high) == pytest.approx((-1 + 0.02, 2 - 0.05))
    assert found.value_at(0.01) == pytest.approx(0.04)
    assert found.x_at(0.04) == pytest.approx(0.01)
    assert (found.shift(0.01), found.scale(0.01), found.setting(0.01)) == (0.01, None, f"{POWER}.shift=0.01")


def test_a_path_with_a_shift_goes_on_being_shifted() -> None:
    found = crossing(shift=0.03, scale=2)
    assert (found.at, found.present, found.value, found.offset) == (f"{POWER}.shift", 0.03, 0.09, 0.06)


def test_a_scale_or_a_shift_can_be_asked_for() -> None:
    scenario = compared({"mine": MINER}, site=SITE | {"electricity_price_usd_per_kwh": CROSSING}).scenario
    scaled = movable(scenario, f"{POWER}.scale")
    assert (scaled.path, scaled.at, scaled.base, scaled.value) == (POWER, f"{POWER}.scale", 0.03, 0.03)
    shifted = movable(scenario, "market.btc_price_usd.shift")
    assert (shifted.at, shifted.present, shifted.value_at(1_000)) == (
        "market.btc_price_usd.shift",
        0,
        shifted.value + 1_000,
    )
    with pytest.raises(ValueError, match="no number or date"):
        movable(scenario, "plans.nobody.rent.shift")


def test_the_implied_hash_price_is_shifted_where_it_has_a_shift() -> None:
    path = "market.hash_price_usd_per_ph_per_day"
    plain = of(path, btc_price_usd=50_000)
    moved = of(path, btc_price_usd=50_000, hash_price_usd_per_ph_per_day={"shift": 2})
    assert (moved.at, moved.present) == (f"{path}.shift", 2)
    assert moved.value == pytest.approx(plain.value + 2)


def test_what_must_lie_above_zero_is_not_scaled_to_it() -> None:
    found = of(
        "market.network_hash_rate_eh_per_s", network_hash_rate_eh_per_s={"start": 1000, "growth_fraction_per_year": 0.5}
    )
    assert found.low * 1000 == pytest.approx(1e-6)
    fleet = {
        "every_months": 12,
        "price_usd_per_th": 5,
        "efficiency_j_per_th": {"points": {"2027-01": 8, "2028-12": 2}},
    }
    below = movable(compared({"mine": MINER | {"refresh": fleet}}).scenario, "plans.mine.refresh.efficiency_j_per_th")
    assert (below.low, below.present) == (0.5, 1), "its least value reaches the end of its range"


@pytest.mark.parametrize(
    ("price", "high"),
    [
        ({"start": -0.01, "growth_fraction_per_year": -0.5}, 100),
        ({"steps": {"2027-01": -0.01, "2027-03": -0.05}}, 20),
        ({"steps": {"2027-01": 0.012, "2027-03": -0.01}}, 100),
        ({"steps": {"2027-01": 0.04, "2027-03": -0.01}}, 50),
    ],
)
def test_a_price_below_zero_is_scaled_to_no_more_than_it_may_be(price: Data, high: float) -> None:
    """A price of power lies in -1 to 2 USD per kWh."""
    scenario = compared({"mine": MINER}, site=SITE | {"electricity_price_usd_per_kwh": price}).scenario
    found = movable(scenario, "site.electricity_price_usd_per_kwh.scale")
    assert found.low == 0.0
    assert found.high == pytest.approx(high, rel=1e-12)
    assert vary(scenario, {found.at: found.high}).months == scenario.months


def test_the_implied_hash_price_is_scaled() -> None:
    found = of(
        "market.hash_price_usd_per_ph_per_day",
        btc_price_usd=100_000,
        network_hash_rate_eh_per_s=1000,
        fee_btc_per_block=0,
    )
    assert (found.at, found.present) == ("market.hash_price_usd_per_ph_per_day.scale", 1)
    assert found.value == pytest.approx(144 * 3.125 / 1e6 * 100_000)
    assert found.high * found.base == pytest.approx(1e5)


def conversion(**given: object) -> Data:
    rival = LEASE | {"conversion": CONVERSION | given}
    return {"name": "x", "months": 24, "site": SITE, "market": MARKET, "plans": {"keep": MINER, "rival": rival}}


def test_dates_keep_their_order_inside_the_horizon() -> None:
    scenario = loads(json.dumps(conversion()))
    starts, ready = (movable(scenario, f"plans.rival.conversion.{name}") for name in ("starts", "ready"))
    months = [parse_month(text) for text in ("2027-01", "2027-03", "2027-05", "2028-12")]
    assert [starts.low, starts.present, starts.high] == [months[0], months[1], months[2]]
    assert [ready.low, ready.present, ready.high] == [months[1], months[2], months[3]]
    assert (ready.whole, ready.is_month, ready.scale(ready.high)) == (True, True, None)
    assert ready.setting(ready.high) == "plans.rival.conversion.ready=2028-12"
    assert movables(compared({"mine": MINER}).scenario).get("plans.mine.stops") is None
    stops = movable(compared({"mine": MINER | {"stops": "2028-01"}}).scenario, "plans.mine.stops")
    assert stops.high == parse_month("2029-01"), "a stop after the last month is none"


@pytest.mark.parametrize(("delay", "high"), [(0, 20), (7, 20), (30, 30)])
def test_a_delay_ends_with_the_horizon(delay: int, high: int) -> None:
    found = movable(loads(json.dumps(conversion(delay_months=delay))), "plans.rival.conversion.delay_months")
    assert (found.present, found.low, found.high, found.whole) == (delay, 0, high, True)


def test_scale_is_what_is_to_be_set_or_how_much_more_it_is() -> None:
    number = of("site.gross_mw")
    assert number.scale(15.0) == 1.5
    assert of("site.fixed_cost_usd_per_year").scale(5.0) is None, "nothing is no multiple of nothing"


@pytest.mark.parametrize("x", [0.1, 1 / 3, 1e-7, 12345678.9, -0.05, 100.0, 2.0])
def test_a_setting_is_read_as_the_same_number(x: float) -> None:
    scenario = load(TEXAS, [movable(load(TEXAS), "discount_rate_fraction_per_year").setting(0.1)])
    assert scenario.discount_rate_fraction_per_year == 0.1
    moved = Movable("site.fixed_cost_usd_per_year", "site.fixed_cost_usd_per_year", 0.0, 0.0, 1e10)
    if x >= 0:
        assert load(TEXAS, [moved.setting(x)]).site.fixed_cost_usd_per_year == ValueOverTime.constant(x)
    path, _, text = moved.setting(x).partition("=")
    assert (path, float(text)) == (moved.path, x)


def test_counts_are_set_as_whole_numbers() -> None:
    found = movable(load(TEXAS), 'plans."rent out GPUs".gpu_count')
    assert found.whole
    assert found.setting(4096.0) == 'plans."rent out GPUs".gpu_count=4096'
    assert terms(load(TEXAS, [found.setting(4096.0)]).plans["rent out GPUs"].uses[0]).gpu_count == 4096


def test_a_path_may_be_quoted_in_any_way() -> None:
    scenario = load(TEXAS)
    wanted = movable(scenario, READY)
    assert movable(scenario, READY.replace('"', "'")) == wanted
    assert movable(scenario, '"site"."gross_mw"').path == "site.gross_mw"


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("site.gros_mw", r"did you mean site\.gross_mw\?"),
        ("market.btc_price_usd.start", r"did you mean market\.btc_price_usd\?"),
        ("zzz", "there are discount_rate_fraction_per_year, inflation_fraction_per_year, "),
        ("site..gross_mw", "is not a dotted path"),
    ],
)
def test_an_unknown_path_names_the_nearest(path: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        movable(load(TEXAS), path)


def test_the_growth_of_a_given_hash_price_moves_like_any_other() -> None:
    given = {"hash_price_usd_per_ph_per_day": {"start": 20, "growth_fraction_per_year": -0.1}}
    path = "market.hash_price_usd_per_ph_per_day.growth_fraction_per_year"
    assert of(path, **given).present == -0.1
    assert path in movables(compared({"mine": MINER}, market=given).scenario)


def test_only_inputs_of_some_names_are_looked_for() -> None:
    scenario = load(TEXAS)
    every = movables_and_shared(scenario)
    names = {"delay_months", "btc_price_usd"}
    grown = {path: path.removesuffix(".growth_fraction_per_year") for path in every}
    wanted = {path: one for path, one in every.items() if grown[path].rpartition(".")[2] in names}
    assert len(wanted) > len(names)
    assert movables_and_shared(scenario, names) == wanted


def test_inputs_move_together_where_all_that_a_star_stands_for_are_numbers() -> None:
    """Of three halls two have an exit value, which a star would give to the third; all three have a rent."""
    hall = LEASE | {"gross_mw": 3, "critical_per_gross_fraction": 0.5}
    uses = {"a": hall | {"exit_cap_rate_fraction": 0.07}, "b": hall | {"exit_cap_rate_fraction": 0.07}, "c": hall}
    scenario = compared({"mine": MINER, "it": {"uses": uses}}).scenario
    shared = {path: one for path, one in movables_and_shared(scenario).items() if "*" in path}
    assert "plans.it.uses.*.rent_usd_per_kw_per_month" in shared
    assert "plans.it.uses.*.exit_cap_rate_fraction" not in shared
    for path, one in shared.items():
        assert movable(scenario, path) == one


def test_no_end_of_a_common_scale_takes_an_input_out_of_its_range_by_rounding() -> None:
    """Scaled back, a million millions over 3,700,000,000.6 were more than a million millions."""
    contracts = [{"term_years": 2, "value_usd": 3.7e9 + 0.1 * number} for number in range(40)]
    for contract in contracts:
        uses = {"a": HALF | {"contract": contract}, "b": HALF | {"contract": {"term_years": 2, "value_usd": 3e9}}}
        scenario = compared({"mine": MINER, "deal": {"uses": uses}}).scenario
        both = movable(scenario, "plans.deal.uses.*.contract.value_usd")
        for x in (both.low, both.high):
            assert refusal(scenario, both, x) is None
            assert all(0.0 <= x * factor <= 1e12 for _, factor in both.puts)
