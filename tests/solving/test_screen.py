"""Where plans are worth the same: worked out on paper, settable, found for kinked functions, or none with a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from minecalc.analysis.breakeven.answer import solved as solved_alone
from minecalc.engine import evaluate
from minecalc.loading import load, loads
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movables
from minecalc.scenario.stacking import stacks
from minecalc.scenario.varying import vary
from minecalc.solving.gap import Question
from minecalc.solving.screen import BreakEven, break_evens, break_evens_of_each
from tests.by_hand import CLOUD, CONVERSION, LEASE, MARKET, MINER, SITE, Data, compared
from tests.randomly import randomly
from tests.solving.test_solve import with_jump
from tests.strategies import scenarios

TEXAS = Path(__file__).parents[1] / "examples" / "texas.yaml"
#: Two years of rent a kW at 100 and at 130 a month, and the capex a kW that eats half of the difference up.
MONTHS, LOW_RENT, HIGH_RENT, CAPEX_A_KW = 24, 100.0, 130.0, 360.0
DAYS = 731
RIVAL = LEASE | {"rent_usd_per_kw_per_month": HIGH_RENT}
BUILT = RIVAL | {"capex_usd_per_critical_mw": 1000 * CAPEX_A_KW}


def solved(baseline: Data, rival: Data, **scenario: Any) -> dict[str, BreakEven]:
    """The break-evens of ``rival`` against ``baseline`` by the last part of their path."""
    evaluation = compared({"baseline": baseline, "rival": rival}, **{"discount_rate_fraction_per_year": 0} | scenario)
    return {path.rsplit(".", 1)[-1]: found for path, found in break_evens(evaluation)["rival"].items()}


def test_rent_and_capex_are_linear() -> None:
    found = solved(LEASE, BUILT)
    rent = found["rent_usd_per_kw_per_month"]
    assert rent.path == "plans.rival.rent_usd_per_kw_per_month"
    assert rent.value == pytest.approx(LOW_RENT + CAPEX_A_KW / MONTHS, rel=1e-12)
    assert rent.present == HIGH_RENT
    assert rent.scale == pytest.approx(115 / 130, rel=1e-12)
    assert rent.reason is None
    assert (rent.low, rent.high) == (0, 10_000)
    a_dollar = 5000.0 * MONTHS
    assert rent.low_difference_usd == pytest.approx(-115 * a_dollar)
    assert rent.high_difference_usd == pytest.approx((10_000 - 115) * a_dollar)
    capex = found["capex_usd_per_critical_mw"]
    assert capex.value == pytest.approx(1000 * MONTHS * (HIGH_RENT - LOW_RENT), rel=1e-12)


@pytest.mark.parametrize("rate", [-0.1, 0.08, 0.3])
def test_rent_at_a_discount_rate_divides_by_the_annuity(rate: float) -> None:
    annuity = sum((1 + rate) ** (-k / 12) for k in range(1, MONTHS + 1))
    found = solved(LEASE, BUILT, discount_rate_fraction_per_year=rate)["rent_usd_per_kw_per_month"]
    assert found.value == pytest.approx(LOW_RENT + CAPEX_A_KW / annuity, rel=1e-12)


def test_a_contract_is_solved_for_its_value() -> None:
    lease = {key: value for key, value in LEASE.items() if key != "rent_usd_per_kw_per_month"}
    rival = lease | {"contract": {"value_usd": 2e7, "term_years": 2}, "escalator_fraction_per_year": 0.03}
    assert solved(LEASE, rival)["value_usd"].value == pytest.approx(5000 * LOW_RENT * MONTHS, rel=1e-12)


def test_hash_price_and_power_of_a_miner_against_a_lease() -> None:
    """A day of mining is 1,000 x hash price less 240,000 kWh; two years of rent are 12M."""
    found = solved(MINER, LEASE)
    assert "btc_price_usd" not in found, "a hash price that is given has no bitcoin price in it"
    assert found["hash_price_usd_per_ph_per_day"].value == pytest.approx(12 + 12e6 / DAYS / 1000, rel=1e-12)
    power = found["electricity_price_usd_per_kwh"]
    assert power.value == pytest.approx((20_000 - 12e6 / DAYS) / 240_000, rel=1e-12)
    assert power.low_difference_usd == pytest.approx(12e6 - (20_000 + 240_000) * DAYS)
    assert power.high_difference_usd == pytest.approx(12e6), "curtailed all along"


def test_gpu_rate_utilisation_and_price() -> None:
    """A thousand GPUs for two years: 17,544 hours each; power of 2,500 kW costs 125 an hour."""
    hours = 24 * DAYS
    found = solved(LEASE, CLOUD | {"utilisation_fraction": 0.9, "life_months": MONTHS})
    costs = 12e6 + 125 * hours + 24e6
    assert found["lease_usd_per_gpu_hour"].value == pytest.approx(costs / (900 * hours), rel=1e-12)
    assert found["utilisation_fraction"].value is None
    assert found["capex_usd_per_gpu"].value == pytest.approx((1800 - 125) * hours / 1000 - 12_000, rel=1e-12)
    dearer = solved(LEASE, CLOUD | {"lease_usd_per_gpu_hour": 4, "life_months": MONTHS})
    assert dearer["utilisation_fraction"].value == pytest.approx(costs / (4000 * hours), rel=1e-12)


@pytest.mark.parametrize(("price", "level"), [(0.02, 4000 / 336_000), (0.07, 20_000 / 240_000)])
def test_of_several_the_nearest_to_the_present_value(price: float, level: float) -> None:
    """A fleet that burns 576,000 kWh a day for 24,000 USD, when it pays, against one that burns 240,000 for 20,000."""
    site = {"gross_mw": 30, "electricity_price_usd_per_kwh": price}
    hungry = MINER | {"hash_rate_eh_per_s": 1.2, "efficiency_j_per_th": 20}
    found = solved(MINER | {"curtail": False}, hungry, site=site)["electricity_price_usd_per_kwh"]
    assert found.value == pytest.approx(level, rel=1e-12)


@pytest.mark.parametrize(("capex_a_kw", "last"), [(480, 1), (460, 2), (450, 2), (0, 5)])
def test_delay_is_the_last_month_that_keeps_the_ranking(capex_a_kw: float, last: int) -> None:
    """Ahead by 24 x 30 less capex on time, and by 130 less for each month; a tie (460) is level."""
    conversion = CONVERSION | {"starts": "2027-01", "ready": "2027-01", "capex_usd_per_critical_mw": 1000 * capex_a_kw}
    found = solved(LEASE, RIVAL | {"conversion": conversion})["delay_months"]
    assert (found.value, found.scale, found.reason, found.present) == (last, None, None, 0)
    assert (found.low, found.high) == (0, MONTHS)
    ahead = 5000 * (720 - capex_a_kw)
    assert found.low_difference_usd == pytest.approx(ahead)
    assert found.high_difference_usd == pytest.approx(ahead - 5000 * HIGH_RENT * MONTHS)


def test_delay_that_never_changes_the_ranking() -> None:
    conversion = CONVERSION | {"starts": "2027-01", "ready": "2027-01", "capex_usd_per_critical_mw": 9e6}
    found = solved(LEASE, RIVAL | {"conversion": conversion})["delay_months"]
    assert (found.value, found.reason) == (None, "rival stays behind baseline from 0 to 24 months")
    free = CONVERSION | {"starts": "2027-01", "ready": "2027-01", "capex_usd_per_critical_mw": 0}
    ahead = solved(
        LEASE | {"rent_usd_per_kw_per_month": 0}, RIVAL | {"conversion": free, "exit_cap_rate_fraction": 0.1}
    )
    assert (ahead["delay_months"].value, ahead["delay_months"].note) == (24, None), (
        "in the last there is nothing left: a tie"
    )
    cheap = solved(
        LEASE | {"rent_usd_per_kw_per_month": 0, "capex_usd_per_critical_mw": 1}, RIVAL | {"conversion": free}
    )
    assert cheap["delay_months"].reason == "rival stays ahead of baseline from 0 to 24 months"
    tied = solved(LEASE, LEASE | {"conversion": free})["delay_months"]
    assert (tied.value, tied.kind) == (0, "root")


def test_delay_that_saves_a_plan_says_from_when_on() -> None:
    """Rent pays for a fifth of the landlord's power, so a month later is a month of loss less."""
    conversion = CONVERSION | {"starts": "2027-01", "ready": "2027-01", "capex_usd_per_critical_mw": 0}
    losing = LEASE | {"rent_usd_per_kw_per_month": 10, "tenant_pays_power": False, "conversion": conversion}
    found = solved(LEASE | {"rent_usd_per_kw_per_month": 0, "capex_usd_per_critical_mw": 500_000}, losing)[
        "delay_months"
    ]
    assert (found.kind, found.scale, found.reason) == ("step", None, None)
    assert found.value is not None
    assert found.beyond == found.value + 1
    month = found.beyond
    assert 1 < month < 24
    worth = [
        float(
            compared(
                {"it": losing | {"conversion": conversion | {"delay_months": delay}}}, discount_rate_fraction_per_year=0
            )
            .plans["it"]
            .npv_usd[0]
        )
        for delay in (int(month) - 1, int(month))
    ]
    assert worth[0] <= -2.5e6 < worth[1]


@pytest.mark.parametrize(
    ("baseline_rent", "note"),
    [
        (20, None),
        (127, "from a delay of 1 month on the lead rests on the residual alone"),
        (95, "from a delay of 7 months on the lead rests on the residual alone"),
        (200, "the lead rests on the residual: without it the plan is behind even as planned"),
    ],
)
def test_delay_that_the_residual_carries_says_so(baseline_rent: float, note: str | None) -> None:
    """Rent of 130 for 24 months less the delay against a baseline without a residual."""
    conversion = CONVERSION | {"starts": "2027-01", "ready": "2027-01", "capex_usd_per_critical_mw": 0}
    baseline = LEASE | {"rent_usd_per_kw_per_month": baseline_rent}
    sold = RIVAL | {"conversion": conversion, "exit_cap_rate_fraction": 0.1}
    found = solved(baseline, RIVAL | {"conversion": conversion})["delay_months"]
    assert found.note is None
    with_exit = solved(baseline, sold)["delay_months"]
    assert with_exit.value == 23
    assert with_exit.note == (note or "from a delay of 21 months on the lead rests on the residual alone")


def test_none_says_why() -> None:
    found = solved(LEASE, BUILT)
    power = found["electricity_price_usd_per_kwh"]
    assert (power.value, power.scale) == (None, None)
    assert power.reason == "it has no bearing on that"
    assert power.low_difference_usd == power.high_difference_usd
    same = solved(LEASE, LEASE)
    assert same["rent_usd_per_kw_per_month"].value == pytest.approx(LOW_RENT), "one rent makes them the same"
    assert same["electricity_price_usd_per_kwh"].reason == "the two are level at every value"
    ahead = solved(
        LEASE | {"rent_usd_per_kw_per_month": 0},
        LEASE | {"rent_usd_per_kw_per_month": 1, "capex_usd_per_critical_mw": 0},
    )
    assert ahead["capex_usd_per_critical_mw"].value == pytest.approx(1000 * MONTHS)
    behind = solved(LEASE | {"rent_usd_per_kw_per_month": 10_000}, BUILT)["rent_usd_per_kw_per_month"]
    assert behind.reason == "rival stays behind baseline from 0 to 10,000 USD per kW per month"
    assert behind.low_difference_usd < behind.high_difference_usd < 0


def test_only_inputs_that_matter_are_solved() -> None:
    conversion = {"conversion": CONVERSION}
    assert set(solved(LEASE, RIVAL | conversion)) == {
        "hash_price_usd_per_ph_per_day",
        "electricity_price_usd_per_kwh",
        "rent_usd_per_kw_per_month",
        "capex_usd_per_critical_mw",
        "delay_months",
    }
    of_a_miner = solved(LEASE, MINER)
    assert set(of_a_miner) == {"hash_price_usd_per_ph_per_day", "electricity_price_usd_per_kwh"}
    assert break_evens(compared({"alone": LEASE})) == {}


def test_each_use_has_its_own() -> None:
    halves = {"uses": {"hall 1": LEASE | {"gross_mw": 5}, "hall 2": RIVAL | {"gross_mw": 5}}}
    evaluation = compared({"baseline": LEASE, "two halls": halves}, discount_rate_fraction_per_year=0)
    found = break_evens(evaluation)["two halls"]
    assert found['plans."two halls".uses."hall 1".rent_usd_per_kw_per_month'].value == pytest.approx(70)
    assert found['plans."two halls".uses."hall 2".rent_usd_per_kw_per_month'].value == pytest.approx(100)


def difference_usd(scenario: Scenario, plan: str = "lease to an AI tenant") -> float:
    return float(evaluate(scenario).difference_npv_at_scenario_rate_usd(plan)[0])


def test_every_solved_value_can_be_set_and_makes_the_plans_worth_the_same() -> None:
    scenario = load(TEXAS)
    tried = 0
    for plan, found in break_evens(evaluate(scenario)).items():
        for path, item in found.items():
            if item.value is None or path.endswith("delay_months"):
                continue
            assignment = str(item.set)
            size = abs(item.low_difference_usd) + abs(item.high_difference_usd)
            assert abs(difference_usd(load(TEXAS, [assignment]), plan)) <= 1e-9 * size, assignment
            tried += 1
    assert tried >= 10


@pytest.mark.parametrize("path", ["market.btc_price_usd", "site.electricity_price_usd_per_kwh"])
def test_a_scale_that_is_there_already_is_replaced_by_the_one_reported(path: str) -> None:
    found = break_evens(evaluate(load(TEXAS, [f"{path}.scale=1.25"])))["lease to an AI tenant"][path]
    plain = break_evens(evaluate(load(TEXAS)))["lease to an AI tenant"][path]
    assert found.present == pytest.approx(1.25 * plain.present)
    assert found.value == pytest.approx(plain.value, rel=1e-9)
    set_ = load(TEXAS, [f"{path}.scale={found.scale!r}"])
    assert abs(difference_usd(set_)) <= 1e-9 * abs(found.low_difference_usd)


def test_delay_of_a_whole_scenario_keeps_the_ranking_and_a_month_more_does_not() -> None:
    path = 'plans."lease to an AI tenant".conversion.delay_months'
    found = break_evens(evaluate(load(TEXAS)))["lease to an AI tenant"][path]
    assert found.value is not None
    at, after = (difference_usd(load(TEXAS, [f"{path}={found.value + more:.0f}"])) for more in (0, 1))
    assert at > 0 >= after


def test_kinked_differences_agree_with_bisection() -> None:
    """Curtailment switches each month off at its own price, so the difference has a kink a month."""
    scenario = load(TEXAS)
    found = break_evens(evaluate(scenario))["lease to an AI tenant"]
    for path in ("market.btc_price_usd", "site.electricity_price_usd_per_kwh"):
        item = found[path]
        assert item.scale is not None
        low, high = sorted((1.0, 2 * item.scale - 1.0))
        sign = np.sign(difference_usd(vary(scenario, {f"{path}.scale": low})))
        for _ in range(48):
            middle = 0.5 * (low + high)
            same = np.sign(difference_usd(vary(scenario, {f"{path}.scale": middle}))) == sign
            low, high = (middle, high) if same else (low, middle)
        assert item.scale == pytest.approx(low, rel=1e-12)


def test_results_do_not_depend_on_what_else_is_solved() -> None:
    scenario = load(TEXAS)
    together = break_evens(evaluate(scenario))
    for name in ("lease to an AI tenant", "half and half"):
        plans = type(scenario.plans)({key: scenario.plans[key] for key in ("keep mining", name)})
        alone = break_evens(evaluate(scenario.model_copy(update={"plans": plans})))
        assert unflattened(alone[name]) == unflattened(together[name])


def unflattened(found: dict[str, BreakEven]) -> dict[str, BreakEven]:
    """The break-evens without what is solved of the headline's plan alone."""
    return {path: one._replace(flat=None, flat_set=None) for path, one in found.items()}


def test_of_the_plan_that_is_told_a_path_is_solved_as_one_number_too() -> None:
    """A rate that halves after a year: half as much again in both years, or one rate that brings in the same."""
    rate = CLOUD | {"lease_usd_per_gpu_hour": {"steps": {"2027-01": 2, "2028-01": 1}}, "life_months": MONTHS}
    found = solved(LEASE, rate)["lease_usd_per_gpu_hour"]
    assert found.is_path
    assert found.value is not None
    assert found.flat is not None
    first, second = 365, 366
    assert found.flat == pytest.approx(found.value * (first + second / 2) / (first + second))
    assert found.flat_set == f"plans.rival.lease_usd_per_gpu_hour={found.flat!r}"
    level = compared(
        {"baseline": LEASE, "rival": rate | {"lease_usd_per_gpu_hour": found.flat}}, discount_rate_fraction_per_year=0
    )
    assert float(level.difference_npv_at_scenario_rate_usd("rival")[0]) == pytest.approx(0, abs=1e-3)
    constant = solved(LEASE, CLOUD)["lease_usd_per_gpu_hour"]
    assert (constant.is_path, constant.flat) == (False, None)


def test_break_even_of_a_shape_other_than_a_constant_is_its_first_month() -> None:
    falling = {"points": {"2027-01": 2, "2028-12": 1}}
    found = solved(LEASE, CLOUD | {"lease_usd_per_gpu_hour": falling, "life_months": MONTHS})["lease_usd_per_gpu_hour"]
    assert found.present == 2
    assert found.scale is not None
    assert found.value == pytest.approx(2 * found.scale)
    scaled = CLOUD | {"lease_usd_per_gpu_hour": falling | {"scale": found.scale}, "life_months": MONTHS}
    worth = compared({"baseline": LEASE, "rival": scaled}, discount_rate_fraction_per_year=0)
    assert float(worth.difference_npv_at_scenario_rate_usd("rival")[0]) == pytest.approx(0, abs=1e-3)


def test_the_market_as_a_path_of_hash_prices() -> None:
    steps = {"hash_price_usd_per_ph_per_day": {"steps": {"2027-01": 30, "2028-01": 20}}}
    found = solved(MINER, LEASE, market=MARKET | steps)["hash_price_usd_per_ph_per_day"]
    mined = 365 * 30 + 366 * 20
    scale = (12e6 / 1000 + 12 * DAYS) / mined
    assert found.present == 30
    assert found.value == pytest.approx(30 * scale, rel=1e-12)


def test_a_change_of_places_in_a_jump_is_no_break_even() -> None:
    """What is paid for hash rate decides when the halls' machines are sold, and the plan that converts them suffers."""
    path = "market.hash_price_usd_per_ph_per_day"
    found = break_evens(evaluate(vary(with_jump(), {path: 22.0})))["rival"][path]
    assert [one.kind for one in found.all] == ["jump", "root"]
    assert found.all[0].value == pytest.approx(36.66, abs=0.01)
    assert found.value == found.all[1].value, "the jump is nearer and no value at which they are level"


CASES = Path(__file__).parents[1] / "cases"
HASH_PRICE = "market.hash_price_usd_per_ph_per_day"


def of_case(name: str, path: str, *settings: str) -> BreakEven:
    """The break-even of the only rival of a case."""
    (found,) = break_evens(evaluate(load(CASES / f"{name}.yaml", list(settings)))).values()
    return found[path]


@pytest.mark.parametrize("today", [10, 36, 43, 90])
def test_a_flat_stretch_ends_where_power_is_paid_for_whatever_the_price_today(today: float) -> None:
    found = of_case("flat-stretch", HASH_PRICE, f"{HASH_PRICE}={today}")
    assert (found.kind, found.beyond) == ("stretch", 0.0)
    assert found.value == pytest.approx(36.0, rel=1e-12)


def test_two_roots_are_both_found() -> None:
    found = of_case("two-roots", HASH_PRICE)
    assert [one.value for one in found.all] == pytest.approx([33.6, 48.0], rel=1e-12)
    assert found.value == pytest.approx(33.6)


@pytest.mark.parametrize(
    ("income", "levels"),
    [(500_000, [80_482.149, 82_682.400, 106_763.116, 193_229.978]), (725_000, [158_166.670, 162_395.169])],
)
def test_four_flips_are_all_found(income: float, levels: list[float]) -> None:
    path = 'plans."old fleet with demand response".demand_response_usd_per_month'
    found = of_case("four-flips", "market.btc_price_usd", f"{path}={income}")
    assert [one.value for one in found.all] == pytest.approx(levels, abs=1e-3)


def test_a_path_that_crosses_zero_is_shifted() -> None:
    found = of_case("price-crosses-zero", "site.electricity_price_usd_per_kwh")
    assert found.value == pytest.approx(0.0602, abs=5e-5)
    assert found.scale is None
    assert found.shift == pytest.approx(0.0302, abs=5e-5)
    assert found.set == f"site.electricity_price_usd_per_kwh.shift={found.shift!r}"


def test_identical_flows_are_level_at_every_price_whatever_their_own_rates() -> None:
    found = of_case("same-flows-two-rates", HASH_PRICE)
    assert (found.value, found.reason) == (None, "the two are level at every value")


@randomly(6)
@given(scenarios())
def test_random_break_evens_are_those_of_breakeven_and_hold_when_they_are_set(data: Data) -> None:
    scenario = loads(json.dumps(data))
    evaluation = evaluate(scenario)
    baseline = evaluation.baseline.plan.name
    for plan, found in break_evens(evaluation).items():
        for path, item in found.items():
            (alone,) = solved_alone(scenario, path, [Question(plan, baseline)])["plans"]
            wanted = [answer["set"] for answer in alone["answers"]]
            assert [one.set for one in item.all if one.kind != "jump"] == wanted
            for jump in (one for one in alone["not_answers"] if one["kind"] == "jump"):
                assert jump["figure_there"] * jump["figure_beyond"] < 0.0
            assert item.reason == alone["reason"]
            for one in item.all:
                there = evaluate(loads(json.dumps(data), [one.set]), [plan])
                worth = [float(there.plans[name].npv_at_scenario_rate_usd[0]) for name in (plan, baseline)]
                if one.kind in ("root", "stretch"):
                    flows = max(float(np.abs(there.plans[name].net_usd).max()) for name in (plan, baseline))
                    assert abs(worth[0] - worth[1]) <= 1e-9 * max(*map(abs, worth), flows)


@randomly(8)
@given(scenarios(months=24))
def test_no_change_of_sign_that_a_dense_scan_shows_is_missing(data: Data) -> None:
    scenario = loads(json.dumps(data))
    baseline, known = scenario.baseline_plan.name, movables(scenario)
    for plan, found in break_evens(evaluate(scenario)).items():
        for path, item in found.items():
            movable, places = (
                known[path],
                sorted(value for one in item.all for value in (one.value, one.beyond or one.value)),
            )
            near = movable.present + np.linspace(-2.0, 3.0, 1500) * (abs(movable.present) or 1.0)
            x = np.unique(
                np.clip(np.concatenate([np.linspace(movable.low, movable.high, 500), near]), movable.low, movable.high)
            )
            x = np.unique(np.rint(x)) if movable.whole else x
            plans = evaluate(vary(scenario, {movable.at: x}), [plan]).plans
            worth = [np.broadcast_to(plans[name].npv_at_scenario_rate_usd, x.shape) for name in (plan, baseline)]
            gap = np.where(np.abs(worth[0] - worth[1]) <= 1e-9 * np.abs(worth[0]), 0.0, worth[0] - worth[1])
            for k in np.flatnonzero(np.sign(gap[:-1]) * np.sign(gap[1:]) < 0.0).tolist():
                low, high = sorted((movable.value_at(x[k]), movable.value_at(x[k + 1])))
                assert any(low <= place <= high for place in places), (plan, path, low, high)


def test_the_break_evens_of_many_scenarios_are_those_of_each() -> None:
    """The price of power of one of them is moved by a shift, where the others scale it, so it is solved on its own."""
    several = [
        compared(
            {
                "mine": MINER,
                "lease": LEASE | {"rent_usd_per_kw_per_month": rent, "conversion": CONVERSION | {"delay_months": 1}},
            },
            site=SITE
            | {"electricity_price_usd_per_kwh": {"start": 0.05, "growth_fraction_per_year": 0.1, "shift": by}},
        )
        for rent, by in ((90, 0.0), (110, 0.001), (130, 0.0))
    ]
    (stack,) = stacks([one.scenario for one in several])
    assert stack.scenario.cases == 3
    found = break_evens_of_each(evaluate(stack.scenario), [one.scenario for one in several])
    assert found == [break_evens(one) for one in several]
    by_shift = [one["lease"]["site.electricity_price_usd_per_kwh"].shift is not None for one in found]
    assert by_shift == [False, True, False]
