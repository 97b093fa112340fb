"""What a workbook is about: a scenario evaluated on traced operands, as nodes, with what decided their structure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from minecalc.analysis.explain.explanation import targets, trace_plans
from minecalc.analysis.questions import QuestionError
from minecalc.arrays import FloatArray
from minecalc.cashflows import CATEGORIES, DEBT_AND_TAX
from minecalc.corners import UNLEVERED
from minecalc.engine import Evaluation, PlanEvaluation
from minecalc.engine.stated import Stated
from minecalc.figures import CATALOGUE
from minecalc.scenario import Scenario
from minecalc.schema.names import split_path
from minecalc.spreadsheet._cells import in_order
from minecalc.spreadsheet._nodes import Node, Nodes, Operand
from minecalc.trace import INPUTS, LEAVES, Decision, Traced, deciding, plain
from minecalc.trace.operations import OPERATIONS

#: What minecalc solves; a check holds it to what it must come to.
_SOLVED, _ZERO = frozenset({"total_cost"}), 0.0

#: The statements of a plan by what readers call them.
STATEMENTS = ("Income statement", "Cash flow statement", "Balance sheet")


class Guard(NamedTuple):
    """What control flow took from ``node`` when the workbook was made: as ``by`` of ``trace.TAKEN`` gives it."""

    node: Node
    by: str
    outcome: Any
    inputs: tuple[str, ...]


@dataclass
class PlanModel:
    """The nodes of one plan: its lines by category, quantities, figures, and statements if it has any."""

    name: str
    lines: dict[str, tuple[str, Operand]] = field(default_factory=dict)
    others: dict[str, Operand] = field(default_factory=dict)
    figures: dict[str, Operand] = field(default_factory=dict)
    statements: dict[str, dict[str, Operand]] = field(default_factory=dict)
    total_cost: tuple[Operand, Operand] | None = None

    def operands(self) -> Iterator[Operand]:
        """All of them."""
        yield from (operand for _, operand in self.lines.values())
        yield from self.others.values()
        yield from self.figures.values()
        for lines in self.statements.values():
            yield from lines.values()
        if self.total_cost is not None:
            yield from self.total_cost


@dataclass
class Model:
    """A scenario as nodes: by plan, and the guards of all; ``hours`` as in ``Nodes``."""

    scenario: Scenario
    evaluation: Evaluation
    plans: dict[str, PlanModel]
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
        steps = {name: _Steps.of(evaluation, name) for name in evaluation.plans}
    nodes = Nodes()
    every = [step for plan in steps.values() for step in plan.traced()]
    nodes.of([*every, *(decision.step for decision in decisions if decision.step.op not in _SOLVED)])
    plans = {name: plan.model(nodes) for name, plan in steps.items()}
    found = Model(scenario, evaluation, plans, [], nodes.hours)
    _see_that_all_have_formulas(found)
    found.guards = list(_guards(found, nodes, decisions))
    return found


#: What a workbook writes by itself, as it lies on the sheet.
_LAID = frozenset({"rows", "spread", "state", "states", "truth", "at_points", "concatenate", "calendar", "shown"})


def _see_that_all_have_formulas(found: Model) -> None:
    for node in in_order(found.operands()):
        if node.op not in LEAVES and node.op not in _LAID and not OPERATIONS[node.op].cell:
            what = re.sub(r"\{\d\}", "…", OPERATIONS[node.op].words)
            raise QuestionError(
                f"a workbook has no formula for this: {what}; minecalc explain shows where it is needed"
            )


class _Steps(NamedTuple):
    """What is shown of a plan, as it was traced or as plain numbers, by name."""

    plan: PlanEvaluation
    lines: Mapping[str, tuple[str, Any]]
    others: Mapping[str, Any]
    figures: Mapping[str, Any]
    statements: Mapping[str, Mapping[str, Any]]
    total_cost: tuple[Any, Any] | None

    @staticmethod
    def of(evaluation: Evaluation, name: str) -> _Steps:
        plan = evaluation.plans[name]
        category = _categories(plan)
        known = targets(evaluation, name)
        lines = {key: (category[key], step) for key, step in known.items() if key in category}
        scalars = {key for key in known if key in CATALOGUE or key.startswith("best_stop")}
        figures = {key: step for key, step in known.items() if key in scalars and not _missing(step)}
        others = {key: step for key, step in known.items() if key not in scalars and key not in category}
        statements: dict[str, dict[str, Any]] = {}
        if plan.deepest != UNLEVERED:
            told = Stated(plan).statements
            parts: Any = zip(STATEMENTS, (told.income, told.cash, told.balance), strict=True)
            statements = {title: dict(zip(part._fields, part, strict=True)) for title, part in parts}
        closing = None if plan.financed is None else plan.financed.closing
        cost = None if closing is None else (closing.total_usd, closing.funding.spent_usd[-1:])
        return _Steps(plan, lines, others, figures, statements, cost)

    def traced(self) -> Iterator[Traced]:
        """All that is traced."""
        parts = [step for _, step in self.lines.values()]
        parts += [*self.others.values(), *self.figures.values(), *(self.total_cost or ())]
        parts += [step for lines in self.statements.values() for step in lines.values()]
        return (step for step in parts if type(step) is Traced)

    def model(self, nodes: Nodes) -> PlanModel:
        months = self.plan.engine.months

        def node(step: Any) -> Operand:
            return nodes.known(step) if type(step) is Traced else nodes.plain(step)

        def of_months(step: Any) -> Operand:
            found = node(step)
            rows = np.size(plain(step)) if np.size(plain(step)) > 1 else months
            return nodes.row(found, rows) if isinstance(found, Node) or found else found

        return PlanModel(
            self.plan.plan.name,
            {name: (category, of_months(step)) for name, (category, step) in self.lines.items()},
            {name: of_months(step) for name, step in self.others.items()},
            {name: node(step) for name, step in self.figures.items()},
            {title: {k: of_months(v) for k, v in lines.items()} for title, lines in self.statements.items()},
            None if self.total_cost is None else (node(self.total_cost[0]), node(self.total_cost[1])),
        )


def _missing(step: Any) -> bool:
    """Whether it is no answer whatever the numbers are: the plan has no such figure."""
    return step.op == "constant" and bool(np.isnan(plain(step)).any())


def _categories(plan: PlanEvaluation) -> dict[str, str]:
    """The category of each line, by the name that explanations have for it, in the order of a statement."""
    several = {use.name for use in plan.plan.uses} if len(plan.plan.uses) > 1 else set[str]()
    if plan.financed is not None and len(plan.financed.tranches) > 1:
        several |= {*plan.financed.tranches}
    found: dict[str, str] = {}
    ordered = (*CATEGORIES, *DEBT_AND_TAX)
    for line in sorted(plan.flows.lines, key=lambda line: ordered.index(line.category)):
        owner = f"{line.use}." if line.use in several else ""
        name = f"{owner}{'meanwhile.' if line.meanwhile else ''}{line.name}"
        found[name] = line.category
    return found


def inputs_of(node: Node) -> tuple[str, ...]:
    """The paths of the inputs that a node is made of."""
    return tuple(dict.fromkeys(below.called or "" for below in in_order([node]) if below.op in INPUTS))


def _guards(found: Model, nodes: Nodes, decisions: list[Decision]) -> Iterator[Guard]:
    shown = [operand for plan in found.plans.values() for operand in plan.operands()]
    order = in_order(shown)
    live = {node.args[0] for node in order if node.op == "where" and node.args[2] != node.args[2]}
    met: set[tuple[Node, str]] = set()
    for step, by, outcome in decisions:
        node = _ZERO if step.op in _SOLVED else nodes.known(step)
        if not isinstance(node, Node) or (node, by) in met or node in live:
            continue
        met.add((node, by))
        inputs = inputs_of(node)
        if inputs:
            yield Guard(node, by, outcome, inputs)


def owner_of(path: str) -> tuple[str, str]:
    """The plan and the use, or block, that an input belongs to; "" of the market's, the site's and the scenario's."""
    parts = split_path(path)
    if parts[0] != "plans":
        return "", parts[0]
    if len(parts) > 4 and parts[2] == "uses":
        return parts[1], parts[3]
    return parts[1], parts[2] if parts[2] in ("financing", "tax") else ""
