"""Power profiles: the best one in every month and hour, beside a loop over all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.engine import PlanEvaluation, evaluate
from minecalc.fleets.profiles import Profile, ladder
from minecalc.loading import ScenarioError, load, loads
from minecalc.timeline import parse_month
from tests.by_hand import DAYS, line
from tests.made_up_hours import hours_of, of_month, written
from tests.randomly import randomly

Data = dict[str, Any]
SHARES = st.integers(1, 24).map(lambda share: share / 8)


def profiles(*points: tuple[float, float]) -> list[Profile]:
    return [Profile(hash_fraction=hash_, power_fraction=power) for hash_, power in points]


def best(points: list[tuple[float, float]], r: float, p: float, *, may_be_off: bool) -> float:
    """What the best profile earns an MWh of nameplate, by trying all."""
    earned = [hash_ * r - power * p for hash_, power in points]
    return max([*earned, 0.0] if may_be_off else earned)


@randomly(200)
@given(
    st.lists(st.tuples(SHARES, SHARES), min_size=1, max_size=6),
    st.sampled_from([0.0, 30.0, 80.0]),
    st.sampled_from([-40.0, -1.0, 0.0, 7.0, 30.0, 55.0, 200.0]),
    st.booleans(),
)
def test_the_rungs_that_pay_are_the_best_profile(
    points: list[tuple[float, float]], r: float, p: float, may_be_off: bool
) -> None:
    rungs = ladder(profiles(*points), may_be_off=may_be_off)
    on = [(number == 0 and not may_be_off) or h * r - q * p > 0.0 for number, (h, q) in enumerate(rungs)]
    assert on == sorted(on, reverse=True), "a rung is on only where those below it are"
    earned = sum(h * r - q * p for (h, q), runs in zip(rungs, on, strict=True) if runs)
    assert earned == pytest.approx(best(points, r, p, may_be_off=may_be_off), abs=1e-9)


def test_a_profile_below_the_hull_never_runs() -> None:
    rungs = ladder(profiles((0.5, 0.5), (0.6, 0.75), (1.0, 1.0)), may_be_off=True)
    assert rungs == [(1.0, 1.0)]
    rungs = ladder(profiles((0.7, 0.5), (1.0, 1.0)), may_be_off=True)
    assert [tuple(rung) for rung in rungs] == [(0.7, 0.5), pytest.approx((0.3, 0.5))]


#: A tuning ladder of a machine of 104 TH/s and 3,068 W in steps of 25 MHz and 0.1 V, modelled: 150 W stand still, the
#: rest goes with frequency times the square of the voltage.
STEPS = range(-16, 9)
TERAHASH = {step: 104.0 * (545 + 25 * step) / 545 for step in STEPS}
WATTS = {step: 150 + 2918 * ((13.4 + 0.1 * step) / 13.4) ** 2 * (545 + 25 * step) / 545 for step in STEPS}


@pytest.mark.parametrize(
    ("hash_price", "price", "step", "usd_a_day"),
    [
        (50, 0.05, 5, 1.5807001506230316),
        (40, 0.05, -4, 0.5257378178258363),
        (35, 0.05, -9, 0.16816491280418377),
        (30, 0.045, -11, 0.06823024118078624),
        (33, 0.045, -8, 0.24669444812089125),
        (40, 0.06, -11, 0.09097365490771514),
        (60, 0.03, 8, 5.196797405605141),
        (25, 0.05, None, 0.0),
    ],
)
def test_a_tuned_machine_runs_where_marginal_revenue_pays_marginal_power(
    hash_price: float, price: float, step: int | None, usd_a_day: float
) -> None:
    """Worked out apart, by trying each step: at thin margins a slower machine earns where its nameplate loses."""
    every = [{"hash_fraction": TERAHASH[k] / 104, "power_fraction": WATTS[k] / 3068} for k in STEPS]
    plan = run({"hash_rate_eh_per_s": 104e-6, "efficiency_j_per_th": 3068 / 104, "profiles": every}, hash_price, price)
    assert plan.net_usd[1, 0] == pytest.approx(31 * usd_a_day, rel=1e-9)
    watts = 0.0 if step is None else WATTS[step]
    assert plan.flows.quantities["energy_mwh"][0, 0] == pytest.approx(31 * 24 * watts / 1e6, rel=1e-9)


def run(fleet: Data, hash_price: object = 40, price: object = 0.05, **more: Any) -> PlanEvaluation:
    """A mine of one fleet with profiles, which costs nothing but power."""
    use = {"kind": "bitcoin_mining", "fleets": {"it": {"pue_ratio": 1} | fleet}, "uptime_fraction": 1}
    use |= {"pool_fee_fraction": 0, "opex_usd_per_mw_per_year": 0} | more
    data = {"name": "x", "months": 24, "site": {"gross_mw": 100, "electricity_price_usd_per_kwh": price}}
    return evaluate(
        loads(str(data | {"market": {"hash_price_usd_per_ph_per_day": hash_price}, "plans": {"it": use}}))
    ).plans["it"]


TWO: list[Data] = [{"hash_fraction": 0.7, "power_fraction": 0.58}, {"hash_fraction": 1, "power_fraction": 1}]
FLEET: Data = {"hash_rate_eh_per_s": 1, "efficiency_j_per_th": 20, "profiles": TWO}


def test_one_profile_at_its_nameplate_is_the_fleet_without() -> None:
    plain = {key: value for key, value in FLEET.items() if key != "profiles"}
    falling = {"start": 30, "growth_fraction_per_year": -0.4}
    one = run(FLEET | {"profiles": TWO[1:]}, falling, pool_fee_fraction=0.02)
    none = run(plain, falling, pool_fee_fraction=0.02)
    assert np.array_equal(one.net_usd, none.net_usd)
    for name, values in none.flows.memo.items():
        assert one.flows.memo[name] == pytest.approx(values, rel=1e-12, abs=1e-6)


def test_the_slow_profile_runs_on_where_the_whole_no_longer_pays() -> None:
    # 24 h x 20 MW x 50 USD are 24,000 a day at nameplate. At 25 USD a PH/s the last 42% of power (10,080) bring 7,500
    # and the first 58% (13,920) bring 17,500; at 19 USD those bring 13,300 and all is off.
    plan = run(FLEET, {"steps": {"2027-01": 40, "2027-02": 25, "2027-03": 19}})
    revenue = line(plan, "mining_revenue_usd")
    assert revenue[:3] == pytest.approx([31 * 40_000, 28 * 17_500, 0])
    assert line(plan, "mining_power_usd")[:3] == pytest.approx([-31 * 24_000, -28 * 13_920, 0])
    assert plan.flows.quantities["energy_mwh"][:3, 0] == pytest.approx([31 * 480, 28 * 480 * 0.58, 0])
    assert plan.flows.memo["curtailment_value_usd"][:3, 0] == pytest.approx([0, 0, 31 * (13_920 - 13_300)])


def test_a_fleet_that_is_never_off_runs_its_cheapest_profile_where_none_pays() -> None:
    plan = run(FLEET, {"steps": {"2027-01": 40, "2027-02": 19}}, curtail=False)
    assert plan.net_usd[1:3, 0] == pytest.approx([31 * 16_000, 28 * (13_300 - 13_920)])
    assert float(np.sum(plan.flows.memo["curtailment_value_usd"])) == 0.0


def test_it_shuts_for_good_after_months_in_which_no_profile_pays() -> None:
    worth = {"steps": {"2027-01": 25, "2027-06": 19, "2027-09": 40}}
    plan = run(FLEET | {"stops": {"unpaid_months": 3}}, worth)
    assert np.flatnonzero(line(plan, "mining_revenue_usd")).tolist() == [0, 1, 2, 3, 4]
    assert plan.flows.memo["curtailment_value_usd"][8:].any() == np.False_


def test_each_hour_runs_its_best_profile(tmp_path: Path) -> None:
    """Every month of two years is a loop over its hours and profiles, one of which pays only at negative prices."""
    hours = hours_of([2023, 2024], "UTC", seed=4)
    written(hours, tmp_path / "year.csv")
    points = [(0.5, 0.4), (0.8, 0.75), (1.0, 1.0), (0.9, 1.2)]
    listed = ", ".join(f"{{hash_fraction: {h}, power_fraction: {q}}}" for h, q in points)
    fleet = f"{{hash_rate_eh_per_s: 1, efficiency_j_per_th: 20, pue_ratio: 1, profiles: [{listed}]}}"
    free = "kind: bitcoin_mining, uptime_fraction: 1, opex_usd_per_mw_per_year: 0"
    text = f"""
name: by the hour
start: 2027-01
months: 24
market: {{hash_price_usd_per_ph_per_day: {{start: 22, growth_fraction_per_year: -0.3}}}}
site: {{gross_mw: 30, electricity_price_usd_per_kwh: {{hourly: year.csv, column: usd_per_mwh, time_zone: UTC}}}}
plans:
  off: {{{free}, fleets: {{a: {fleet}}}}}
  never: {{{free}, curtail: false, fleets: {{a: {fleet}}}}}
"""
    (tmp_path / "hours.yaml").write_text(text)
    plans = evaluate(load(tmp_path / "hours.yaml")).plans
    start, loop = parse_month("2027-01"), {name: np.zeros((24, 2)) for name in plans}
    for k in range(24):
        worth = 22 * 0.7 ** (k / 12) * 1000 / 24 / 20 * (1 - 0.005)  # USD an MWh at nameplate, net of the pool's fee
        prices = of_month(hours, "UTC", start + k, start)
        for name, off in (("off", [(0.0, 0.0)]), ("never", [])):
            for price in prices:
                earned, power = max((h * worth - q * price, -q) for h, q in points + off)
                loop[name][k] += np.array([earned, -power]) * DAYS[k] * 24 / len(prices) * 20
    for name, plan in plans.items():
        assert plan.gross_profit_usd[:, 0] == pytest.approx(loop[name][:, 0], rel=1e-12)
        assert plan.flows.quantities["energy_mwh"][:, 0] == pytest.approx(loop[name][:, 1], rel=1e-12)
    saved = plans["off"].flows.memo["curtailment_value_usd"][:, 0]
    assert saved == pytest.approx(loop["off"][:, 0] - loop["never"][:, 0], rel=1e-9, abs=1e-6)


def test_megawatts_are_those_of_the_hungriest_profile() -> None:
    fast = [*TWO, {"hash_fraction": 1.1, "power_fraction": 1.25}]
    with pytest.raises(ScenarioError, match=r"1 EH/s x 100 J/TH x PUE 1 x 1.25 in its hungriest profile = 125 MW"):
        run(FLEET | {"efficiency_j_per_th": 100, "profiles": fast})


@pytest.mark.parametrize(
    ("written_", "message"),
    [
        ("[]", "profiles has 0 entries"),
        ("[{hash_fraction: 1}]", "fleets.a.profiles.0.power_fraction is missing"),
        ("[{hash_fraction: 1, power_fraction: 0}]", "power_fraction is 0; it must lie in 0.01..3"),
        ("{hash_fraction: 1, power_fraction: 1}", "a list is needed"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(written_: str, message: str) -> None:
    site = "{gross_mw: 40, electricity_price_usd_per_kwh: 0.05}"
    fleet = f"{{hash_rate_eh_per_s: 1, profiles: {written_}}}"
    with pytest.raises(ScenarioError) as error:
        loads(f"name: x\nsite: {site}\nplans: {{mine: {{kind: bitcoin_mining, fleets: {{a: {fleet}}}}}}}")
    (found,) = error.value.diagnostics
    assert message in found.message
