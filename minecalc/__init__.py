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
    from minecalc.analysis.backtest.question import backtest as backtest
    from minecalc.analysis.breakeven.question import breakeven as breakeven
    from minecalc.analysis.cashflow.question import cashflow as cashflow
    from minecalc.analysis.cashflow.statement import statement as statement
    from minecalc.analysis.catalog import catalog as catalog
    from minecalc.analysis.check import check as check
    from minecalc.analysis.compare.question import compare as compare
    from minecalc.analysis.diff.question import diff as diff
    from minecalc.analysis.explain.question import explain as explain
    from minecalc.analysis.questions import Answer as Answer
    from minecalc.analysis.questions import QuestionError as QuestionError
    from minecalc.analysis.report.question import report as report
    from minecalc.analysis.sensitivity.question import sensitivity as sensitivity
    from minecalc.analysis.simulate.question import simulate as simulate
    from minecalc.analysis.sweep.question import sweep as sweep
    from minecalc.analysis.timing.question import timing as timing
    from minecalc.engine import evaluate as evaluate
    from minecalc.engine import outcomes as outcomes
    from minecalc.figures import plan_metrics as plan_metrics
    from minecalc.frames import frame as frame
    from minecalc.loading import ScenarioError as ScenarioError
    from minecalc.loading import load as load
    from minecalc.loading import loads as loads
    from minecalc.loading import read as read
    from minecalc.scenario import Scenario as Scenario
    from minecalc.scenario.varying import vary as vary
    from minecalc.solving.gap import Question as Question
    from minecalc.solving.screen import break_evens as break_evens
    from minecalc.solving.solve import solve as solve
    from minecalc.spreadsheet.question import workbook as workbook

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

__all__ = list(_HOMES)


def __dir__() -> list[str]:
    """The public names, whether they were used yet or not."""
    return sorted([*__all__, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
