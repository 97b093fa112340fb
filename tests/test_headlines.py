"""The sentence on top of every shipped scenario, and that every other command says the same of the same file.

After a deliberate change write the sentences anew and read the difference before you commit it:

    MINECALC_UPDATE_SNAPSHOTS=1 python -m pytest tests/test_headlines.py
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from minecalc.analysis.breakeven.question import breakeven
from minecalc.analysis.compare.document import document
from minecalc.analysis.compare.league_document import GAIN, League
from minecalc.analysis.compare.record import compare, summary
from minecalc.analysis.diff.question import diff
from minecalc.analysis.questions import Answer, told_plan
from minecalc.analysis.simulate.question import simulate
from minecalc.analysis.timing.question import timing
from minecalc.document import Note
from minecalc.loading import load
from minecalc.looks import figure, sentence
from minecalc.scenario import Scenario
from minecalc.units import unit_of

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FILES = sorted(SCENARIOS.glob("*/*.yaml"))
SNAPSHOT = Path(__file__).parent / "snapshots" / "headlines.txt"

#: One that wins and one that loses, on a path and on a flat price, with a claim, with a plan that its file names.
SEVERAL = (
    "archetypes/retrofit",
    "archetypes/gpus-in-leased-space",
    "leases/cipher-fluidstack",
    "leases/hut8-river-bend",
    "leases/terawulf-fluidstack",
    "systems/hive",
)


def test_every_shipped_scenario_says_what_is_written_down() -> None:
    told = [f"{file.relative_to(SCENARIOS).as_posix()}\n{compare(load(file))['headline']}\n" for file in FILES]
    if os.environ.get("MINECALC_UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text("\n".join(told), encoding="utf-8")
    assert "\n".join(told) == SNAPSHOT.read_text(encoding="utf-8")


def named(plans: list[Any], name: str, key: str = "name") -> Any:
    return next(plan for plan in plans if plan[key] == name)


@pytest.mark.parametrize("name", SEVERAL)
def test_every_command_agrees_with_the_sentence(name: str) -> None:
    scenario = load(SCENARIOS / f"{name}.yaml")
    record = compare(scenario)
    plan, text = named(record["plans"], record["headline_plan"]), record["headline"]
    lead = plan["vs_baseline"][GAIN]
    assert plan["name"] in text
    assert figure(abs(lead), "usd") in text
    assert ("behind" in text.split(" at ")[0]) == (lead < 0.0)
    assert told_plan(scenario) == plan["name"]
    _league_agrees(scenario, plan, lead)
    _breakeven_agrees(scenario, plan, text, lead)
    changed = diff(scenario, load(SCENARIOS / f"{name}.yaml", ["discount_rate_fraction_per_year=0.13"])).record
    assert changed["a"]["headline_plan"] == plan["name"]
    of = named(changed["plans"], plan["name"])["vs_baseline"]
    assert of["a_usd"] == pytest.approx(plan["vs_baseline"]["npv_difference_usd"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_simulate_and_timing_begin_with_the_sentence(file: Path) -> None:
    """The same plan, whose lead is that of compare to the bit; a plan without a conversion has no date to choose."""
    scenario = load(file)
    record = compare(scenario, with_break_evens=False)
    plan = named(record["plans"], record["headline_plan"])
    simulated = simulate(scenario, paths=256, workers=1)
    assert simulated.plan == plan["name"]
    steps = simulated.bridges[simulated.plan].lead
    assert steps[0].usd.number == plan["vs_baseline"][GAIN]
    assert figure(abs(plan["vs_baseline"][GAIN]), "usd") in headline_of(simulated)
    waits = timing(scenario, paths=256, every=12, until=12, workers=1)
    converts = any(use.inputs.conversion for use in scenario.plans[plan["name"]].uses)
    if waits.found is None:
        assert not converts
        return
    assert (waits.found.project.plan.name == plan["name"]) == converts
    chosen = named(record["plans"], waits.found.project.plan.name)
    assert waits.found.steps[0].usd.number == chosen["vs_baseline"][GAIN]
    assert figure(abs(chosen["vs_baseline"][GAIN]), "usd") in headline_of(waits)


def headline_of(answer: Answer) -> str:
    return next(sentence(block.text) for block in answer.document().blocks if isinstance(block, Note))


def _league_agrees(scenario: Scenario, plan: Any, lead: float) -> None:
    for found in (compare(scenario, with_break_evens=False), summary(scenario)):
        (row,) = document([found], "1", wanted=League()).data["league"]
        assert (row["best_rival"], row[GAIN]) == (plan["name"], pytest.approx(lead))


def _breakeven_agrees(scenario: Scenario, plan: Any, text: str, lead: float) -> None:
    """The same values, each beside its number for all months, and the sentence tells no others."""
    rows = {row["path"]: row for row in named(breakeven(scenario).record["plans"], plan["name"], "plan")["break_evens"]}
    levels = {path: one for path, one in plan["vs_baseline"]["break_evens"].items() if one["value"] is not None}
    assert levels
    for path, level in levels.items():
        if path in rows:
            assert (rows[path]["value"], rows[path]["is_path"]) == (level["value"], level["is_path"])
            assert rows[path]["flat"] == level["flat"]
            assert rows[path]["at_present"] == pytest.approx(lead)
    told = [one for path, one in levels.items() if figure(one["value"], unit_of(path) or "ratio") in text]
    assert told or "draw level" not in text
