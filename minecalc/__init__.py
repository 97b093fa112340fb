"""What do a site's megawatts earn, mining bitcoin or hosting AI?

    from minecalc import breakeven, compare, load

    scenario = load("scenarios/archetypes/quebec-hydro.yaml")
    print(compare(scenario).frame())
    print(breakeven(scenario, solve="market.btc_price_usd").data())

Each question is one function of a scenario, with the options of the command of its name; its answer has ``document()``
for screens, ``data()``, which is what ``--format json`` prints, and ``frame()``, what ``--format csv`` prints as a
pandas table.

Importing this package reads no file and imports nothing heavy: each public name is imported from its module when it is
first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from minecalc.version import VERSION

__version__ = VERSION

if TYPE_CHECKING:
    from minecalc.analysis.backtest.question import backtest
    from minecalc.analysis.breakeven.question import breakeven
    from minecalc.analysis.cashflow.question import cashflow
    from minecalc.analysis.cashflow.statement import statement
    from minecalc.analysis.catalog import catalog
    from minecalc.analysis.check import check
    from minecalc.analysis.compare.question import compare
    from minecalc.analysis.diff.question import diff
    from minecalc.analysis.explain.question import explain
    from minecalc.analysis.questions import Answer, QuestionError
    from minecalc.analysis.report.question import report
    from minecalc.analysis.sensitivity.question import sensitivity
    from minecalc.analysis.simulate.question import simulate
    from minecalc.analysis.sweep.question import sweep
    from minecalc.analysis.timing.question import timing
    from minecalc.engine import evaluate, outcomes
    from minecalc.figures import plan_metrics
    from minecalc.frames import frame
    from minecalc.loading import ScenarioError, load, loads, read
    from minecalc.scenario import Scenario
    from minecalc.scenario.varying import vary
    from minecalc.solving.gap import Question
    from minecalc.solving.screen import break_evens
    from minecalc.solving.solve import solve
    from minecalc.spreadsheet.question import workbook

_HOMES = {
    "Answer": "analysis.questions",
    "Question": "solving.gap",
    "QuestionError": "analysis.questions",
    "Scenario": "scenario",
    "ScenarioError": "loading",
    "backtest": "analysis.backtest.question",
    "break_evens": "solving.screen",
    "breakeven": "analysis.breakeven.question",
    "cashflow": "analysis.cashflow.question",
    "catalog": "analysis.catalog",
    "check": "analysis.check",
    "compare": "analysis.compare.question",
    "diff": "analysis.diff.question",
    "evaluate": "engine",
    "explain": "analysis.explain.question",
    "frame": "frames",
    "load": "loading",
    "loads": "loading",
    "outcomes": "engine",
    "plan_metrics": "figures",
    "read": "loading",
    "report": "analysis.report.question",
    "sensitivity": "analysis.sensitivity.question",
    "simulate": "analysis.simulate.question",
    "solve": "solving.solve",
    "statement": "analysis.cashflow.statement",
    "sweep": "analysis.sweep.question",
    "timing": "analysis.timing.question",
    "vary": "scenario.varying",
    "workbook": "spreadsheet.question",
}

__all__ = [
    "Answer",
    "Question",
    "QuestionError",
    "Scenario",
    "ScenarioError",
    "backtest",
    "break_evens",
    "breakeven",
    "cashflow",
    "catalog",
    "check",
    "compare",
    "diff",
    "evaluate",
    "explain",
    "frame",
    "load",
    "loads",
    "outcomes",
    "plan_metrics",
    "read",
    "report",
    "sensitivity",
    "simulate",
    "solve",
    "statement",
    "sweep",
    "timing",
    "vary",
    "workbook",
]


def __dir__() -> list[str]:
    """The public names, whether they were used yet or not."""
    return sorted([*__all__, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
