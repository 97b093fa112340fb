"""What do a site's megawatts earn, mining bitcoin or hosting AI?

    from minecalc import compare, load

    scenario = load("scenarios/archetypes/quebec-hydro.yaml")
    record = compare(scenario)

Importing this package reads no file and imports nothing heavy: each public name is imported from its module when it is
first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.4.0"

if TYPE_CHECKING:
    from minecalc.analysis.breakeven.compared import break_evens
    from minecalc.analysis.cashflow.statement import statement
    from minecalc.analysis.compare.record import compare
    from minecalc.analysis.solving.gap import Question
    from minecalc.analysis.solving.solve import solve
    from minecalc.engine import evaluate, outcomes
    from minecalc.figures import plan_metrics
    from minecalc.frames import frame
    from minecalc.loading import ScenarioError, load, loads, read
    from minecalc.scenario import Scenario
    from minecalc.varying import vary

_HOMES = {
    "Question": "analysis.solving.gap",
    "Scenario": "scenario",
    "ScenarioError": "loading",
    "break_evens": "analysis.breakeven.compared",
    "compare": "analysis.compare.record",
    "evaluate": "engine",
    "frame": "frames",
    "load": "loading",
    "loads": "loading",
    "plan_metrics": "figures",
    "outcomes": "engine",
    "read": "loading",
    "solve": "analysis.solving.solve",
    "statement": "analysis.cashflow.statement",
    "vary": "varying",
}

__all__ = [
    "Question",
    "Scenario",
    "ScenarioError",
    "break_evens",
    "compare",
    "evaluate",
    "frame",
    "load",
    "loads",
    "outcomes",
    "plan_metrics",
    "read",
    "solve",
    "statement",
    "vary",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
