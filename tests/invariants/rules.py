"""The rules of ``oracles/invariants.json``, and what the tests of them share.

A test names the rules it holds with ``holds``; ``test_every_rule`` sees that each is held or said why not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.engine import PlanEvaluation
from minecalc.loading import loads, scenario_files
from minecalc.scenario import Scenario
from tests.by_hand import Data

TESTS = Path(__file__).parents[1]
RULES = [rule["id"] for rule in json.loads((TESTS / "oracles" / "invariants.json").read_text("utf-8"))["cases"]]
SHIPPED = scenario_files(str(TESTS.parent / "scenarios"))
NAMES = [Path(file).stem for file in SHIPPED]
HELD: set[str] = set()

#: Rules that other files hold, or that nothing can hold, and why.
NOT_HERE = {
    "dscr-definition": "held by tests/figures/test_debt_figures.py and tests/deals/test_financed.py",
    **dict.fromkeys(("debt-zero", "debt-fair", "fcf-to-equity"), "held by tests/deals/test_financed.py"),
    **dict.fromkeys(
        ("depreciation-total", "residual-gain", "bonus-vs-macrs", "tax-zero"), "held by tests/deals/test_taxed.py"
    ),
    "tax-corkscrew": "held by tests/finance/test_tax.py",
    "equivalent-annuity": "there is none: plans share one horizon, over which it would rank them as the NPV does",
    "option-bounds": "held by tests/analysis/timing",
    "workers": "held by tests/work/test_processes.py and the tests of commands that have workers",
    "unit-forms": "every field takes one unit, the one that its name ends in",
    "format-agreement": "held by tests/reports and tests/spreadsheet",
    "rounding": "held by tests/reports",
    "trace": "held by tests/analysis/explain/test_explanation.py for every figure and line of every shipped scenario",
    "master-check": "errors, warnings and requirements: tests/checks and tests/loading/test_requirements.py",
}

Test = TypeVar("Test", bound=Callable[..., None])


def holds(*rules: str) -> Callable[[Test], Test]:
    """Marks the rules that a test holds."""

    def mark(test: Test) -> Test:
        HELD.update(rules)
        return test

    return mark


def scenario_of(data: Data) -> Scenario:
    return loads(json.dumps(data))


def money(plan: PlanEvaluation) -> float:
    """The sum of all money that moves, to measure rounding by."""
    return float(np.abs(np.concatenate([line.usd.ravel() for line in plan.flows.lines])).sum()) + 1.0


def about(plan: PlanEvaluation, wanted: float | FloatArray, relative: float = 1e-12) -> Any:
    """``wanted`` within rounding of all the money of ``plan``."""
    return pytest.approx(wanted, rel=1e-9, abs=relative * money(plan))


def uses_of(data: Data) -> Iterator[Data]:
    for plan in data["plans"].values():
        yield from plan.get("uses", {"": plan}).values()
