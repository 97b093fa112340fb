"""The sentence on top of every shipped scenario, and that every other command says the same of the same file.

After a deliberate change write the sentences anew and read the difference before you commit it:

    MINECALC_UPDATE_SNAPSHOTS=1 python -m pytest tests/invariants/test_headlines.py
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minecalc.analysis.breakeven.question import breakeven
from minecalc.analysis.compare.document import document
from minecalc.analysis.compare.league_document import GAIN, League
from minecalc.analysis.compare.record import summary
from minecalc.analysis.diff.question import diff
from minecalc.analysis.questions import Answer, told_plan
from minecalc.analysis.simulate.question import simulate
from minecalc.analysis.timing.question import timing
from minecalc.document import Note
from minecalc.engine import evaluate
from minecalc.loading import load
from minecalc.looks import figure, sentence
from minecalc.randomness.streams import Sampler
from minecalc.scenario import Scenario
from minecalc.simulation.world import World
from minecalc.units import unit_of
from tests import shipped

SNAPSHOT = Path(__file__).parents[1] / "snapshots" / "headlines.txt"

#: One that wins and one that loses, on a path and on a flat price, with a claim, with a plan that its file names.
SEVERAL = (
    "archetypes/retrofit",
    "archetypes/gpus-in-leased-space",
    "leases/cipher-fluidstack",
    "leases/hut8-river-bend",
    "leases/terawulf-fluidstack",
    "systems/hive",
)

#: One of each kind of plan, of power and of debt: of ten leases alike one says as much.
SIMULATED = (
    "archetypes/retrofit",
    "archetypes/gpus-in-leased-space",
    "archetypes/hosting-site-converts",
    "archetypes/texas-by-the-hour",
    "archetypes/wait-or-convert",
    "archetypes/west-texas-interruptible",
    "leases/cipher-fluidstack",
    "systems/northern-data",
)


def written() -> dict[str, str]:
    """The sentence that is written down of each scenario."""
    return dict(told.rstrip().split("\n", 1) for told in SNAPSHOT.read_text(encoding="utf-8").split("\n\n"))


def test_a_sentence_of_every_shipped_scenario_is_written_down() -> None:
    assert list(written()) == [f"{name}.yaml" for name in shipped.NAMES]


@pytest.mark.parametrize("name", shipped.NAMES)
def test_every_shipped_scenario_says_what_is_written_down(name: str) -> None:
    told = {f"{name}.yaml": shipped.record(name)["headline"]}
    if os.environ.get("MINECALC_UPDATE_SNAPSHOTS"):
        known = written() | told
        lines = [f"{file}\n{known[file]}\n" for file in sorted(known) if file.removesuffix(".yaml") in shipped.NAMES]
        SNAPSHOT.write_text("\n".join(lines), encoding="utf-8")
    assert written() | told == written()


def named(plans: list[Any], name: str, key: str = "name") -> Any:
    return next(plan for plan in plans if plan[key] == name)


@pytest.mark.parametrize("name", SEVERAL)
def test_every_command_agrees_with_the_sentence(name: str) -> None:
    scenario, told = shipped.scenario(name), shipped.record(name)
    plan, text = named(told["plans"], told["headline_plan"]), told["headline"]
    lead = plan["vs_baseline"][GAIN]
    assert plan["name"] in text
    assert figure(abs(lead), "usd") in text
    assert ("behind" in text.split(" at ")[0]) == (lead < 0.0)
    assert told_plan(scenario) == plan["name"]
    _league_agrees(name, scenario, plan, lead)
    _breakeven_agrees(scenario, plan, text, lead)
    changed = diff(scenario, load(shipped.SCENARIOS / f"{name}.yaml", ["discount_rate_fraction_per_year=0.13"])).record
    assert changed["a"]["headline_plan"] == plan["name"]
    of = named(changed["plans"], plan["name"])["vs_baseline"]
    assert of["a_usd"] == pytest.approx(plan["vs_baseline"]["npv_difference_usd"])


@pytest.mark.parametrize("name", SIMULATED)
def test_simulate_and_timing_begin_with_the_sentence(name: str) -> None:
    """The same plan, whose lead is that of compare to the bit; a plan without a conversion has no date to choose."""
    scenario, told = shipped.scenario(name), shipped.brief(name)
    plan = named(told["plans"], told["headline_plan"])
    simulated = simulate(scenario, paths=1024, workers=1)
    assert simulated.plan == plan["name"]
    steps = simulated.bridges[simulated.plan].lead
    assert steps[0].usd.number == plan["vs_baseline"][GAIN]
    assert figure(abs(plan["vs_baseline"][GAIN]), "usd") in headline_of(simulated)
    _simulated_soundly(name, simulated.data())
    waits = timing(scenario, paths=256, every=12, until=12, workers=1)
    converts = any(use.inputs.conversion for use in scenario.plans[plan["name"]].uses)
    if waits.found is None:
        assert not converts
        return
    assert (waits.found.project.plan.name == plan["name"]) == converts
    chosen = named(told["plans"], waits.found.project.plan.name)
    assert waits.found.steps[0].usd.number == chosen["vs_baseline"][GAIN]
    assert figure(abs(chosen["vs_baseline"][GAIN]), "usd") in headline_of(waits)


def _simulated_soundly(name: str, found: Any) -> None:
    """What is certain, shares of variance, and break-evens."""
    certain = {plan: float(evaluated.npv_usd[0]) for plan, evaluated in shipped.evaluation(name).plans.items()}
    for plan in found["plans"]:
        npv = plan["figures"]["npv_usd"]
        assert npv["undefined"] == {}
        assert npv["without_uncertainty"] == certain[plan["name"]]
    shares = [factor["total"]["estimate"] for factor in found["variance_of_difference"]["factors"]]
    assert 0.8 < sum(shares) < 2.5
    for item in found["break_evens"]:
        assert (item["value"]["estimate"] is None) == bool(item["reason"])


@pytest.mark.parametrize("name", shipped.NAMES)
def test_every_world_of_a_shipped_scenario_has_its_npvs(name: str) -> None:
    """And they differ, but for machines that are sold on the first day."""
    world = World(shipped.scenario(name), Sampler(1))
    paths = world.paths(0)
    assert not paths.impossible
    for plan, evaluated in evaluate(paths.scenario).plans.items():
        low, middle, high = np.quantile(evaluated.npv_usd, (0.05, 0.5, 0.95))
        assert np.all(np.isfinite(evaluated.npv_usd))
        assert low < middle < high or plan == "sell the machines"


def headline_of(answer: Answer) -> str:
    return next(sentence(block.text) for block in answer.document().blocks if isinstance(block, Note))


def _league_agrees(name: str, scenario: Scenario, plan: Any, lead: float) -> None:
    for found in (shipped.brief(name), summary(scenario)):
        (row,) = document([found], "1", wanted=League()).data["league"]
        assert (row["best_rival"], row[GAIN]) == (plan["name"], pytest.approx(lead))


def _breakeven_agrees(scenario: Scenario, plan: Any, text: str, lead: float) -> None:
    """The same values, each beside its number for all months, and the sentence tells no others."""
    asked = breakeven(scenario, plan=plan["name"])
    rows = {row["path"]: row for row in asked.record["plans"][0]["break_evens"]}
    levels = {path: one for path, one in plan["vs_baseline"]["break_evens"].items() if one["value"] is not None}
    assert levels
    for path, level in levels.items():
        if path in rows:
            assert (rows[path]["value"], rows[path]["is_path"]) == (level["value"], level["is_path"])
            assert rows[path]["flat"] == level["flat"]
            assert rows[path]["at_present"] == pytest.approx(lead)
    told = [one for path, one in levels.items() if figure(one["value"], unit_of(path) or "ratio") in text]
    assert told or "draw level" not in text
