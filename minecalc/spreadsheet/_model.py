"""What a workbook is about: a scenario evaluated on traced operands, as nodes, with what decided their structure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from minecalc.analysis.explain.explanation import named_lines, targets, trace_plans
from minecalc.analysis.questions import QuestionError
from minecalc.arrays import FloatArray
from minecalc.corners import UNLEVERED
from minecalc.engine import Evaluation
from minecalc.engine.stated import Stated
from minecalc.figures import CATALOGUE
from minecalc.scenario import Scenario
from minecalc.schema.names import split_path
from minecalc.spreadsheet._cells import in_order
from minecalc.spreadsheet._nodes import Node, Nodes, Operand
from minecalc.trace import INPUTS, LEAVES, Decision, Traced, deciding, plain
from minecalc.trace.operations import OPERATIONS

#: A step of a trace or a plain number, or the node that it becomes.
Shown = TypeVar("Shown")

#: What minecalc solves; a check holds it to what it must come to.
_SOLVED, _ZERO = frozenset({"total_cost"}), 0.0

#: The statements of a plan by what readers call them.
STATEMENTS = ("Income statement", "Cash flow statement", "Balance sheet")


class Guard(NamedTuple):
    """What control flow took from ``node`` when the workbook was made: as ``by`` of ``trace.TAKEN`` gives it.

    ``inputs`` are the paths of what the node is made of.
    """

    node: Node
    by: str
    outcome: Any
    inputs: tuple[str, ...]


@dataclass
class PlanModel(Generic[Shown]):
    """What is shown of one plan, by name: lines by category, quantities, figures, and statements if it has any.

    ``total_cost`` is what debt is sized on and what the build spends, if the plan has debt.
    """

    lines: dict[str, tuple[str, Shown]]
    others: dict[str, Shown]
    figures: dict[str, Shown]
    statements: dict[str, dict[str, Shown]]
    total_cost: tuple[Shown, ...]

    def operands(self) -> Iterator[Shown]:
        """All of it."""
        yield from (operand for _, operand in self.lines.values())
        yield from self.others.values()
        yield from self.figures.values()
        for lines in self.statements.values():
            yield from lines.values()
        yield from self.total_cost


@dataclass
class Model:
    """A scenario as nodes: by plan, and the guards of all; ``hours`` as in ``Nodes``."""

    scenario: Scenario
    plans: dict[str, PlanModel[Operand]]
    guards: list[Guard]
    hours: Mapping[Node, tuple[FloatArray, tuple[int, ...]]]

    def operands(self) -> Iterator[Operand]:
        """Every node that has a place of its own."""
        for plan in self.plans.values():
            yield from plan.operands()
        yield from (guard.node for guard in self.guards)


def model(scenario: Scenario) -> Model:
    """Every plan of ``scenario``, of a single case as it was read, as nodes."""
    decisions: list[Decision] = []
    with deciding(decisions.append):
        evaluation = trace_plans(scenario)
        steps = {name: _steps(evaluation, name) for name in evaluation.plans}
    nodes = Nodes()
    every = [step for plan in steps.values() for step in plan.operands() if type(step) is Traced]
    nodes.of([*every, *(decision.step for decision in decisions if decision.step.op not in _SOLVED)])
    plans = {name: _as_nodes(plan, nodes, scenario.months) for name, plan in steps.items()}
    shown = in_order(operand for plan in plans.values() for operand in plan.operands())
    _see_that_all_have_formulas(shown)
    return Model(scenario, plans, list(_guards(shown, nodes, decisions)), nodes.hours)


#: What a workbook writes by itself, as it lies on the sheet.
_LAID = frozenset({"rows", "spread", "state", "states", "truth", "at_points", "concatenate", "calendar", "shown"})


def _see_that_all_have_formulas(shown: Sequence[Node]) -> None:
    for node in shown:
        if node.op not in LEAVES and node.op not in _LAID and not OPERATIONS[node.op].cell:
            what = re.sub(r"\{\d\}", "…", OPERATIONS[node.op].words)
            raise QuestionError(
                f"a workbook has no formula for this: {what}; minecalc explain shows where it is needed"
            )


def _steps(evaluation: Evaluation, name: str) -> PlanModel[Any]:
    """What is shown of a plan, as it was traced or as plain numbers."""
    plan = evaluation.plans[name]
    category: dict[str, str] = {line_name: line.category for line_name, line in named_lines(plan)}
    known = targets(evaluation, name)
    lines = {key: (category[key], step) for key, step in known.items() if key in category}
    scalars = {key for key in known if key in CATALOGUE or key.startswith("best_stop")}
    figures = {key: step for key, step in known.items() if key in scalars and not _missing(step)}
    others = {key: step for key, step in known.items() if key not in scalars and key not in category}
    statements: dict[str, dict[str, Any]] = {}
    if plan.deepest != UNLEVERED:
        told = Stated(plan).statements
        parts: Any = zip(STATEMENTS, (told.income, told.cash, told.balance), strict=True)
        statements = {title: part._asdict() for title, part in parts}
    closing = None if plan.financed is None else plan.financed.closing
    cost = () if closing is None else (closing.total_usd, closing.funding.spent_usd[-1:])
    return PlanModel(lines, others, figures, statements, cost)


def _as_nodes(steps: PlanModel[Any], nodes: Nodes, months: int) -> PlanModel[Operand]:
    def node(step: Any) -> Operand:
        return nodes.known(step) if type(step) is Traced else nodes.plain(step)

    def of_months(step: Any) -> Operand:
        found = node(step)
        rows = np.size(plain(step)) if np.size(plain(step)) > 1 else months
        return nodes.row(found, rows) if isinstance(found, Node) or found else found

    return PlanModel(
        {name: (category, of_months(step)) for name, (category, step) in steps.lines.items()},
        {name: of_months(step) for name, step in steps.others.items()},
        {name: node(step) for name, step in steps.figures.items()},
        {title: {k: of_months(v) for k, v in lines.items()} for title, lines in steps.statements.items()},
        tuple(map(node, steps.total_cost)),
    )


def _missing(step: Any) -> bool:
    """Whether it is no answer whatever the numbers are: the plan has no such figure."""
    return step.op == "constant" and bool(np.isnan(plain(step)).any())


def _guards(shown: Sequence[Node], nodes: Nodes, decisions: Sequence[Decision]) -> Iterator[Guard]:
    live = {node.args[0] for node in shown if node.op == "where" and node.args[2] != node.args[2]}
    met: set[tuple[Node, str]] = set()
    for step, by, outcome in decisions:
        node = _ZERO if step.op in _SOLVED else nodes.known(step)
        if isinstance(node, Node) and (node, by) not in met and node not in live:
            met.add((node, by))
            inputs = dict.fromkeys(below.called or "" for below in in_order([node]) if below.op in INPUTS)
            if inputs:
                yield Guard(node, by, outcome, tuple(inputs))


def owner_of(path: str) -> tuple[str, str]:
    """The plan and the use, or block, that an input belongs to; "" of the market's, the site's and the scenario's."""
    parts = split_path(path)
    if parts[0] != "plans":
        return "", parts[0]
    if len(parts) > 4 and parts[2] == "uses":
        return parts[1], parts[3]
    return parts[1], parts[2] if parts[2] in ("financing", "tax") else ""
