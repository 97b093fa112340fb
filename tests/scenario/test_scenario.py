"""Plans and uses as the file gives them."""

from __future__ import annotations

import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from minecalc.businesses import business
from minecalc.engine import evaluate
from minecalc.loading import load, loads
from minecalc.loading.origins import defaulted
from minecalc.scenario import Scenario, Use
from minecalc.timeline import Timeline, parse_month
from tests.by_hand import terms

EXAMPLES = Path(__file__).parents[1] / "examples"
FILES = sorted((EXAMPLES.parent.parent / "scenarios").rglob("*.yaml"))
LEASE, CLOUD, HALVES = "lease to an AI tenant", "rent out GPUs", "half and half"


@pytest.fixture(scope="module")
def texas() -> Scenario:
    return load(EXAMPLES / "texas.yaml")


def use(scenario: Scenario, plan: str, name: str | None = None) -> Use:
    """The use called ``name``, or the only one, of a plan."""
    (found,) = (one for one in scenario.plans[plan].uses if name in (None, one.name))
    return found


def test_plans_come_in_file_order_with_their_uses(texas: Scenario) -> None:
    assert list(texas.plans) == ["keep mining", LEASE, CLOUD, HALVES]
    assert [(plan.name, one.name, one.kind) for plan, one in texas.uses()] == [
        ("keep mining", "keep mining", "bitcoin_mining"),
        (LEASE, LEASE, "colocation"),
        (CLOUD, CLOUD, "gpu_cloud"),
        (HALVES, "mining", "bitcoin_mining"),
        (HALVES, "lease", "colocation"),
    ]
    flat, several = texas.plans[LEASE], texas.plans[HALVES]
    assert (flat.flat, several.flat) == (True, False)
    assert flat.place(flat.uses[0]) == ("plans", LEASE)
    assert several.place(several.uses[1]) == ("plans", HALVES, "uses", "lease")


def test_timeline_baseline_and_rates(texas: Scenario) -> None:
    assert texas.timeline == Timeline(parse_month("2027-01"), 120)
    assert texas.baseline_plan.name == "keep mining"
    assert [texas.rate(plan) for plan in texas.plans.values()] == [0.12, 0.09, 0.12, 0.12]
    hilltop = load(EXAMPLES / "hilltop.yaml")
    assert hilltop.baseline is None
    assert hilltop.baseline_plan.name == "keep mining", "the first"


def test_uses_know_what_was_given_and_what_a_record_gave() -> None:
    scenario = load(EXAMPLES / "hilltop.yaml", ['plans."keep mining".machine=antminer-s21'])
    found = use(scenario, "keep mining")
    assert found.given == {"hash_rate_eh_per_s", "machine"}
    assert set(found.sourced) == {"efficiency_j_per_th", "pue_ratio"}
    assert terms(found).efficiency_j_per_th == found.sourced["efficiency_j_per_th"].value
    both = [f"plans.keep mining.{part}" for part in ("machine=antminer-s21", "efficiency_j_per_th=16")]
    own = load(EXAMPLES / "hilltop.yaml", both)
    assert terms(use(own, "keep mining")).efficiency_j_per_th == 16
    assert set(use(own, "keep mining").sourced) == {"pue_ratio"}


def test_capex_stands_in_one_place() -> None:
    text = (EXAMPLES / "texas.yaml").read_text()
    (use,) = loads(text, [f'plans."{LEASE}".capex_usd_per_critical_mw=5']).plans[LEASE].uses
    assert terms(use).conversion.capex_usd_per_critical_mw == 5.0
    assert terms(use).idle["capex_usd_per_critical_mw"] == "conversion takes its place"


def worth(scenario: Scenario, plan: str) -> float:
    return float(evaluate(scenario).plans[plan].npv_usd[0])


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_every_scenario_is_the_same_after_a_journey(file: Path) -> None:
    scenario = load(file)
    again: Scenario = pickle.loads(pickle.dumps(scenario))
    assert again == scenario
    for plan in again.plans.values():
        assert [type(use.inputs) for use in plan.uses] == [business(use.kind).Inputs for use in plan.uses]


def test_another_process_finds_the_same_to_the_last_bit(texas: Scenario) -> None:
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer)().hex())"
    work = pickle.dumps(partial(worth, texas, LEASE))
    done = subprocess.run(
        [sys.executable, "-c", code], input=work, capture_output=True, check=True, cwd=EXAMPLES.parents[1]
    )
    assert float.fromhex(done.stdout.decode()) == worth(texas, LEASE)


DEFAULTS = """
name: defaults of material inputs
months: 36
site: {gross_mw: 20, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, machine: s21, machine_count: 4800}
  lease: {kind: colocation, rent_usd_per_kw_per_month: 130}
  halls: {kind: colocation, rent_usd_per_kw_per_month: 130, conversion: {starts: 2027-03, ready: 2028-01}}
  gpus: {kind: gpu_cloud, gpu_count: 900, lease_usd_per_gpu_hour: 2, conversion: {starts: 2027-03, ready: 2027-09}}
  rented: {kind: gpu_cloud, gpu_count: 900, lease_usd_per_gpu_hour: 2, space_rent_usd_per_kw_per_month: 130}
"""


def test_every_default_acts_as_if_it_were_typed_where_it_stands() -> None:
    """Typing all that is defaulted in a use gives the same bits, and nothing is defaulted there any more."""
    scenario = loads(DEFAULTS)
    told = [one for one in defaulted(scenario) if one.path.startswith("plans.")]
    published = {one.path for one in told if one.published is not None}
    assert published == {
        *(f"plans.mine.{key}" for key in ("uptime_fraction", "pool_fee_fraction", "opex_usd_per_mw_per_year")),
        *(f"plans.{plan}.opex_fraction_of_rent" for plan in ("lease", "halls")),
        *(f"plans.{plan}.opex_fraction_of_revenue" for plan in ("gpus", "rented")),
        *(f"plans.{plan}.conversion.capex_usd_per_critical_mw" for plan in ("halls", "gpus")),
        "plans.lease.capex_usd_per_critical_mw",
    }
    by_itself = {name: plan.net_usd.tolist() for name, plan in evaluate(scenario).plans.items()}
    for one in told:
        typed = loads(DEFAULTS, [f"{one.path}={str(one.value).lower()}"])
        assert one.path not in {other.path for other in defaulted(typed)}
        for name, plan in evaluate(typed).plans.items():
            assert plan.net_usd.tolist() == by_itself[name], one.path


def test_space_that_is_rented_has_no_building_and_a_typed_zero_is_zero() -> None:
    figures = {one.path: one.value for one in defaulted(loads(DEFAULTS))}
    assert figures["plans.rented.capex_usd_per_critical_mw"] == 0.0
    assert figures["plans.halls.conversion.capex_usd_per_critical_mw"] == 10_000_000
    free = evaluate(loads(DEFAULTS, ["plans.halls.conversion.capex_usd_per_critical_mw=0"])).plans["halls"]
    assert sum(float(line.usd.sum()) for line in free.lines if line.category == "capex") == 0.0


def test_what_a_plan_wins_by_halls_for_nothing_it_loses_by_halls_at_their_published_cost() -> None:
    """Seven critical MW at 10 million USD each are 70 million, spent at the decision."""
    text = DEFAULTS.replace("gross_mw: 20", "gross_mw: 10").split("  mine:")[0]
    text += "  lease: {kind: colocation, rent_usd_per_kw_per_month: 130}\n"
    at_cost, free = (evaluate(loads(text, sets)) for sets in ([], ["plans.lease.capex_usd_per_critical_mw=0"]))
    gap = free.plans["lease"].npv_usd[0] - at_cost.plans["lease"].npv_usd[0]
    assert gap == pytest.approx(7 * 10e6)
