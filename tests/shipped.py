"""The shipped scenarios and what is asked of them most, each read and worked out once a process.

What is handed out is shared by tests: none may change it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from minecalc.analysis.compare.record import compare
from minecalc.engine import Evaluation, evaluate
from minecalc.loading import load
from minecalc.scenario import Scenario

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FILES = sorted(SCENARIOS.glob("*/*.yaml"))
NAMES = [file.relative_to(SCENARIOS).with_suffix("").as_posix() for file in FILES]


@cache
def scenario(name: str) -> Scenario:
    """The scenario of this name, such as ``leases/galaxy-helios``."""
    return load(SCENARIOS / f"{name}.yaml")


@cache
def evaluation(name: str) -> Evaluation:
    """Its plans, evaluated."""
    return evaluate(scenario(name))


@cache
def record(name: str) -> dict[str, Any]:
    """What ``compare`` says of it, with break-evens."""
    return compare(scenario(name))


@cache
def brief(name: str) -> dict[str, Any]:
    """What ``compare`` says of it, without break-evens."""
    return compare(scenario(name), with_break_evens=False)
