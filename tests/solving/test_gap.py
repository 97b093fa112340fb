"""The gap that a break-even closes, in any cases at any values of an input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.cashflows import CashFlows
from minecalc.engine import Engine, PlanEvaluation, evaluate
from minecalc.figures import plan_metrics
from minecalc.loading import load
from minecalc.scenario import Plan, Scenario, Use
from minecalc.scenario.movables import movable
from minecalc.scenario.varying import vary
from minecalc.solving.dependence import Measure, in_chunks
from minecalc.solving.gap import Asked, Gap, Measured, Question, apart
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, compared
from tests.cli.running import TEXAS

LEASING, CLOUDY, KEEP = "lease to an AI tenant", "rent out GPUs", "keep mining"
RENT = f'plans."{LEASING}".rent_usd_per_kw_per_month'
POWER = "site.electricity_price_usd_per_kwh"
PRICES, RENTS = np.array([0.03, 0.05, 0.03, 0.05]), np.array([100.0, 100.0, 140.0, 140.0])


@pytest.mark.parametrize(
    "at", ["market.btc_price_usd.scale", RENT, f'plans."{LEASING}".conversion.capex_usd_per_critical_mw']
)
def test_gap_of_two_plans_is_that_of_each_case_alone(at: str) -> None:
    columns = {"site.electricity_price_usd_per_kwh": PRICES}
    if at != RENT:
        columns[RENT] = RENTS
    scenario = load(TEXAS)
    gap = Gap(vary(scenario, columns), [Asked(at, Question(LEASING, KEEP))])
    which, x = np.array([3, 0, 1, 1, 2]), np.array([1.5, 1.5, 0.5, 2.0, 1.5])
    for found, case, value in zip(gap(x, which), which.tolist(), x.tolist(), strict=True):
        alone = vary(scenario, {path: float(column[case]) for path, column in columns.items()} | {at: value})
        assert found == evaluate(alone).difference_npv_at_scenario_rate_usd(LEASING)[0]
    parts, size, _ = gap.measured(x, which)
    assert np.array_equal(apart(parts), gap(x, which))
    assert np.all(size > np.abs(apart(parts)))


def test_delays_of_a_plan_with_debt_are_each_as_if_it_were_alone() -> None:
    financing = {
        "every_months": 3,
        "tranches": {
            "notes": {
                "share_of_cost_fraction": 0.5,
                "rate_fraction_per_year": 0.06,
                "repayment": "level",
                "term_months": 60,
            }
        },
    }
    rival = LEASE | {"conversion": CONVERSION, "financing": financing}
    scenario, at = (
        compared({"baseline": LEASE, "rival": rival}, months=150).scenario,
        "plans.rival.conversion.delay_months",
    )
    delays = np.arange(121.0)[::-1]
    found = Gap(scenario, [Asked(at, Question("rival", "baseline"))])(delays, np.zeros(delays.size, np.intp))
    for place in (0, 1, 60, 119, 120):
        alone = evaluate(vary(scenario, {at: delays[place]})).difference_npv_at_scenario_rate_usd("rival")
        assert found[place] == alone[0]
    assert np.unique(found).size > 100


def test_size_is_the_present_value_of_all_money_that_moves() -> None:
    scenario = compared(
        {"baseline": LEASE, "rival": LEASE | {"capex_usd_per_critical_mw": 1e6}}, discount_rate_fraction_per_year=0
    ).scenario
    gap = Gap(scenario, [Asked("plans.rival.rent_usd_per_kw_per_month", Question("rival", "baseline"))])
    parts, size, _ = gap.measured(np.array([0.0, 130.0]), np.zeros(2, np.intp))
    rent = 24 * 5000 * 100.0
    assert apart(parts).tolist() == pytest.approx([-5e6 - rent, -5e6 + 0.3 * rent])
    assert size.tolist() == pytest.approx([5e6 + rent, 5e6 + 2.3 * rent])


@pytest.mark.parametrize("metric", ["npv_usd", "irr_fraction_per_year", "payback_months", "capex_usd"])
def test_gap_to_a_target(metric: str) -> None:
    at = f'plans."{CLOUDY}".lease_usd_per_gpu_hour.scale'
    x = np.array([0.0, 1.5, 2.0])
    asked = Asked(at, Question(CLOUDY, None, metric, 7.0))
    parts, sizes, _ = Gap(load(TEXAS), [asked]).measured(x, np.zeros(3, np.intp))
    for gap, size, value in zip(apart(parts), sizes, x.tolist(), strict=True):
        wanted = plan_metrics(evaluate(vary(load(TEXAS), {at: value})).plans[CLOUDY])[metric].number()
        assert gap == pytest.approx(np.nan if wanted is None else wanted - 7.0, nan_ok=True)
        assert np.isnan(gap) == (wanted is None)
        assert size == 1.0 if not metric.endswith("_usd") else size > 1e8
    assert metric != "irr_fraction_per_year" or np.isnan(parts[0, 0]), "nothing is earned"


def test_plans_evaluated_together_are_what_they_are_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The market and the site's price move all plans, the rent one of them; all numbers are put in place once."""
    rate = f'plans."{CLOUDY}".lease_usd_per_gpu_hour'
    scenario = load(TEXAS)
    moved = [("market.btc_price_usd", LEASING), (POWER, LEASING), (RENT, LEASING), (rate, CLOUDY)]
    known = [(movable(scenario, path), Question(plan, KEEP)) for path, plan in moved]
    asked = [Asked(of.at, question, of.present) for of, question in known]
    which, x = np.array([0, 1, 2, 3, 0, 3]), np.array([1.5, 0.06, 120.0, 1.2, 0.9, 0.8])
    together = vary_counted(monkeypatch, lambda: Gap(scenario, asked).measured(x, which))
    monkeypatch.setattr("minecalc.solving.gap._POINTS_TOGETHER", 0)
    apart_ = vary_counted(monkeypatch, lambda: Gap(scenario, asked).measured(x, which))
    assert (together.times, apart_.times) == (1, 3)
    for ours, theirs in zip(together.found, apart_.found, strict=True):
        assert np.array_equal(ours, theirs)


class Counted(NamedTuple):
    """What was found, and how often numbers were put in place for it."""

    found: Measured
    times: int


def vary_counted(patch: pytest.MonkeyPatch, work: Callable[[], Measured]) -> Counted:
    times = 0

    def counting(*args: Any, **options: Any) -> Scenario:
        nonlocal times
        times += 1
        return vary(*args, **options)

    patch.setattr("minecalc.solving.gap.vary", counting)
    return Counted(work(), times)


def test_a_plan_that_the_input_leaves_alone_is_evaluated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    def counting(scenario: Scenario, name: str, measure: Measure, *known: PlanEvaluation | None) -> FloatArray:
        asked.append((name, scenario.cases))
        return in_chunks(scenario, name, measure, *known)

    monkeypatch.setattr("minecalc.solving.gap.in_chunks", counting)
    plans = {"baseline": MINER, "rival": CLOUD}
    scenario = vary(compared(plans).scenario, {"market.hash_price_usd_per_ph_per_day": np.linspace(10, 90, 50)})
    gap = Gap(scenario, [Asked("plans.rival.lease_usd_per_gpu_hour", Question("rival", "baseline"))])
    gap(np.repeat([1.0, 2.0], 50), np.tile(np.arange(50), 2))
    assert sorted(asked) == [("baseline", 50), ("rival", 2)], "GPUs do not care for the hash price"


def test_nothing_mines_meanwhile_on_the_megawatts_of_a_plan_that_has_none() -> None:
    plans = {"baseline": {"uses": {"mine": MINER | {"gross_mw": 10}}}, "rival": LEASE}
    conversion = {"starts": "2027-03", "ready": "2027-05", "meanwhile": "baseline"}
    scenario = compared(plans | {"rival": LEASE | {"conversion": conversion}}).scenario
    asked = Asked("plans.baseline.uses.mine.gross_mw", Question("rival", "baseline"))
    found = Gap(scenario, [asked])(np.array([0.0, 10.0]), np.zeros(2, np.intp))
    alone = compared(plans | {"rival": LEASE | {"conversion": conversion | {"meanwhile": None}}}).scenario
    assert found[0] == Gap(alone, [asked])(np.array([0.0]), np.zeros(1, np.intp))[0]
    assert found[1] > found[0]


def test_of_a_plan_of_several_uses_only_the_moved_one_is_evaluated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """To the bit as if all were; the building of one moves neither the other nor what runs meanwhile."""
    halls = {str(n): LEASE | {"gross_mw": 2.0 + n, "conversion": CONVERSION | {"meanwhile": "mine"}} for n in range(3)}
    scenario = compared({"mine": MINER, "halls": {"uses": halls}}).scenario
    paths = [
        f'plans.halls.uses."{n}".{end}'
        for n in range(3)
        for end in ("rent_usd_per_kw_per_month", "conversion.delay_months")
    ]
    x = np.tile([3.0, 7.0], len(paths))
    which = np.repeat(np.arange(len(paths)), 2)
    gap = Gap(scenario, [Asked(path, Question("halls", "mine"), 0.0 if "delay" in path else 100.0) for path in paths])
    evaluated: list[str] = []
    alone = Engine._parts

    def counting(engine: Engine, plan: Plan, use: Use) -> Sequence[CashFlows]:
        evaluated.append(use.name)
        return alone(engine, plan, use)

    monkeypatch.setattr(Engine, "_parts", counting)
    found = gap(x, which)
    assert evaluated == ["0", "1", "2"]
    for number, value, moved in zip(which.tolist(), x.tolist(), found.tolist(), strict=True):
        varied = evaluate(vary(scenario, {paths[number]: value}))
        assert moved == varied.difference_npv_at_scenario_rate_usd("halls")[0]
