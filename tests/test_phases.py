"""An input that the phases of a deal share moves in all of them first, by a path with ``*``, and then one at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minecalc.analysis.sensitivity.ranges import input_ranges
from minecalc.analysis.sensitivity.tornado import GAP, explained, tornado
from minecalc.engine import evaluate
from minecalc.loading import ScenarioError, loads
from minecalc.randomness.streams import Sampler
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movable, movables, movables_and_shared
from minecalc.scenario.places import NoPlaceError, expanded
from minecalc.scenario.varying import vary
from minecalc.simulation.world import World
from minecalc.solving.gap import Question
from minecalc.solving.screen import break_evens
from minecalc.solving.solve import solve, solve_all
from tests.by_hand import terms
from tests.cli.running import run

TEXT = """name: phases
months: 120
site: {gross_mw: 100, electricity_price_usd_per_kwh: 0.05}
plans:
  mine: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
      hash_rate_eh_per_s: 3, efficiency_j_per_th: 20, pue_ratio: 1.05}
  deal:
    uses:
      first: {kind: colocation, opex_fraction_of_rent: 0, gross_mw: 50, rent_usd_per_kw_per_month: 130,
          pue_ratio: 1.2, conversion: &building
        {starts: 2027-03, ready: 2028-01, capex_usd_per_critical_mw: 8000000}}
      second: {kind: colocation, opex_fraction_of_rent: 0, gross_mw: 40, rent_usd_per_kw_per_month: 120,
          conversion: *building}
      fleet: {kind: bitcoin_mining, uptime_fraction: 1, pool_fee_fraction: 0, opex_usd_per_mw_per_year: 0,
          gross_mw: 5, hash_rate_eh_per_s: 0.2, efficiency_j_per_th: 20}
"""
RENT, BUILDING = "rent_usd_per_kw_per_month", "conversion.capex_usd_per_critical_mw"
ALL, DELAYS = f"plans.deal.uses.*.{RENT}", "plans.deal.uses.*.conversion.delay_months"


def deal(*assignments: str) -> Scenario:
    return loads(TEXT, assignments)


def lead_usd(scenario: Scenario) -> float:
    return float(evaluate(scenario).difference_npv_at_scenario_rate_usd("deal")[0])


def rents(scenario: Scenario) -> list[float]:
    return [terms(use).rent_usd_per_kw_per_month for use in scenario.plans["deal"].uses[:2]]


def test_what_phases_share_comes_first_together_then_one_at_a_time() -> None:
    found = [path for path in movables_and_shared(deal()) if path.endswith(RENT)]
    assert found == [ALL, f"plans.deal.uses.first.{RENT}", f"plans.deal.uses.second.{RENT}"]
    assert [path for path in movables_and_shared(deal()) if "*" not in path] == list(movables(deal()))
    assert "plans.deal.uses.*.gross_mw" not in movables_and_shared(deal()), "a fleet's megawatts are another matter"
    assert "plans.deal.uses.*.pue_ratio" not in movables_and_shared(deal())
    assert movables_and_shared(deal())[DELAYS].at == DELAYS


def test_what_is_alike_moves_by_its_value_and_what_differs_by_a_scale() -> None:
    building, rent = movable(deal(), f"plans.deal.uses.*.{BUILDING}"), movable(deal(), ALL)
    assert (building.at, building.present) == (f"plans.deal.uses.*.{BUILDING}", 8e6)
    assert (rent.at, rent.present, rent.value) == (f"{ALL}.scale", 1.0, 130.0)
    assert rent.high * 130 == pytest.approx(10_000), "the dearer rent is the first at the end of its range"
    assert rent == movable(deal(), f"{ALL}.scale")


def test_every_use_that_has_the_input_is_varied_and_set() -> None:
    assert rents(deal(f"{ALL}=110")) == rents(vary(deal(), {ALL: 110})) == [110, 110]
    assert rents(deal(f"{ALL}.scale=0.5")) == rents(vary(deal(), {f"{ALL}.scale": 0.5})) == [65, 60]
    varied = vary(deal(), {f"{ALL}.scale": [0.5, 2.0]})
    assert [column.tolist() for column in varied.columns.values()] == [[65, 260], [60, 240]]
    rated = deal("plans.*.discount_rate_fraction_per_year=0.1").plans.values()
    assert [plan.inputs.discount_rate_fraction_per_year for plan in rated] == [0.1, 0.1]
    power = "plans.deal.uses.*.electricity_price_usd_per_kwh"
    assert [way[3] for way in expanded(deal(), tuple(power.split(".")))] == ["first", "second", "fleet"]
    assert [use.inputs.electricity_price_usd_per_kwh for use in vary(deal(), {power: 0.04}).plans["deal"].uses] == [
        use.inputs.electricity_price_usd_per_kwh for use in deal(f"{power}=0.04").plans["deal"].uses
    ]


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("site.*=3", "* stands for no name here"),
        ("plans.mine.uses.*.pue_ratio=1.1", "* stands for no name here"),
        (f"{ALL}.scale=many", f"{RENT} of first is no number here that could be scaled"),
        (
            "plans.deal.uses.*.critical_per_gross_fraction.scale=2",
            "critical_per_gross_fraction of first is no number here",
        ),
        ("plans.deal.uses.*.rent=2", "unknown key"),
    ],
)
def test_a_star_that_stands_for_nothing_is_refused(assignment: str, message: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        deal(assignment)
    assert message in raised.value.diagnostics[0].message


def test_paths_that_stand_for_nothing_say_so() -> None:
    with pytest.raises(NoPlaceError, match=r"nothing that . stands for has gpu_count"):
        expanded(deal(), ("plans", "deal", "uses", "*", "gpu_count"))
    with pytest.raises(ValueError, match="stands for the name of a plan"):
        vary(deal(), {"site.*": 1})
    with pytest.raises(ValueError, match="they differ"):
        movable(deal("plans.deal.uses.first.conversion.delay_months=2"), DELAYS)


def test_together_the_break_even_is_that_of_the_deal_and_can_be_typed_back() -> None:
    scenario = deal()
    found = break_evens(evaluate(scenario))["deal"]
    assert next(path for path in found if path.endswith(RENT)) == ALL
    for path in (ALL, f"plans.deal.uses.*.{BUILDING}", f"plans.deal.uses.second.{RENT}"):
        setting = found[path].set
        assert setting is not None
        assert lead_usd(deal(setting)) == pytest.approx(0.0, abs=1e-3), path
    together, alone = (found[path].value or 0.0 for path in (ALL, f"plans.deal.uses.first.{RENT}"))
    assert 130 < together < alone, "one phase must move further than both"


def test_solved_beside_its_parts_it_has_the_answer_it_has_alone() -> None:
    asked = Question("deal", "mine")
    paths = [ALL, f"plans.deal.uses.first.{RENT}", f"plans.deal.uses.second.{RENT}"]
    beside = [solved.x[0] for solved in solve_all(deal(), [(path, asked) for path in paths])]
    assert beside == [solve(deal(), path, asked).x[0] for path in paths]
    with pytest.raises(ValueError, match="solved for, so it cannot be varied"):
        solve(vary(deal(), {paths[1]: [1, 2]}), ALL, asked)


def test_the_tornado_moves_both_and_the_shares_of_variance_count_no_input_twice() -> None:
    scenario = deal()
    found = tornado(scenario, "deal", GAP, input_ranges(scenario))
    swings = {item.span.movable.path: item.effects[GAP].swing for item in found.moved}
    parts = [swings[f"plans.deal.uses.{name}.{RENT}"] or 0.0 for name in ("first", "second")]
    assert swings[ALL] == pytest.approx(sum(parts)), "rents add up"
    low = next(item for item in found.moved if item.span.movable.path == ALL)
    assert low.effects[GAP].low == pytest.approx(lead_usd(deal(f"{ALL}.scale={low.span.low}")))
    spans = explained(scenario, found, top=4, samples=8, seed=1).spans
    moved = [path for span in spans for path, _ in span.movable.puts]
    assert len(moved) == len(set(moved))


def test_it_may_be_drawn_and_required() -> None:
    drawn = {"distribution": "uniform", "low": 0.8, "high": 1}
    scenario = deal(f'uncertainty={{inputs: {{"plans.deal.uses.*.leased_fraction": {drawn}}}}}')
    assert scenario.uncertainty is not None
    uses = World(scenario, Sampler(1)).paths(0).scenario.plans["deal"].uses
    first, second = (np.asarray(terms(use).leased_fraction.values(scenario.timeline)) for use in uses[:2])
    assert first.std() > 0.0
    assert first.tolist() == second.tolist()
    holds = deal(f'require=["{ALL} >= 130", "plans.deal.break_even.{ALL} > 130"]')
    assert len(holds.require) == 2


def test_the_screens_name_it(tmp_path: Path) -> None:
    file = tmp_path / "phases.yaml"
    file.write_text(TEXT, encoding="utf-8")
    assert "Rent, year 1 (all uses)" in run("compare", file).out
    assert "all uses" in run("breakeven", file, "--solve", ALL, "--plan", "deal").out
    assert "Rent, year 1 (all uses)" in run("sensitivity", file, "--plan", "deal").out
    assert "3 cases" in run("sweep", file, "--vary", f"{ALL}=100:160:3").out
