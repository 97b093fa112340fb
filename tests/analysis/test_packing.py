"""Work with scenarios in it, as bytes for another process."""

from __future__ import annotations

import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from minecalc.analysis.packing import packed
from minecalc.engine import evaluate
from minecalc.loading import load
from minecalc.scenario import Scenario, use_model

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "scenarios").rglob("*.yaml"))


def worth(scenario: Scenario, plan: str) -> float:
    return float(evaluate(scenario).plans[plan].npv_usd[0])


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_every_scenario_is_the_same_when_it_is_unpacked(file: Path) -> None:
    scenario = load(file)
    again = pickle.loads(packed(scenario))
    assert again == scenario
    for plan in again.plans.values():
        assert [type(use.inputs) for use in plan.uses] == [use_model(use.kind) for use in plan.uses]


def test_another_process_finds_the_same_to_the_last_bit() -> None:
    scenario = load(ROOT / "tests" / "examples" / "texas.yaml")
    code = "import pickle, sys; print(pickle.load(sys.stdin.buffer)('lease to an AI tenant').hex())"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, input=packed(partial(worth, scenario)), capture_output=True, check=True, cwd=ROOT)
    assert float.fromhex(done.stdout.decode()) == worth(scenario, "lease to an AI tenant")


def test_what_cannot_be_pickled_is_refused() -> None:
    with pytest.raises((pickle.PicklingError, AttributeError)):
        packed(lambda: None)
