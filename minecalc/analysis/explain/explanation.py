"""Where does this number come from? A figure of a plan taken apart, down to the inputs.

The plan is computed once more on traced operands (``minecalc.traced``), so that every formula shown is the one that
was run. A target is a figure of the comparison (``npv_usd``), a line or quantity (``rent_usd``), or one month of it
(``rent_usd@2029-03``).
"""

from __future__ import annotations

import difflib
from typing import Any, NamedTuple

import numpy as np

from minecalc import metrics
from minecalc.analysis.explain.formulas import Formula, Part, Writer, element, is_series, resolved, short_name
from minecalc.analysis.explain.graph import merged, walk
from minecalc.engine import MINING, Evaluation, PlanEvaluation, evaluate
from minecalc.scenario import Scenario
from minecalc.schema.names import split_path
from minecalc.timeline import parse_month
from minecalc.trace import Traced, named, plain
from minecalc.traced import traced

#: Names that an error lists.
_LISTED = 8


class UnknownTargetError(ValueError):
    """What was asked for is no figure, line or month of the plan; the message says what there is."""


class Target(NamedTuple):
    """What is explained: a step of the trace, in one row (from 0) or, for ``row`` None, as a whole."""

    name: str
    step: Traced
    row: int | None
    reason: str | None


class Entry(NamedTuple):
    """One named quantity on the way: what it is called, when, its value and its formula (None for an input).

    ``level`` is how many formulas lie between it and the target.
    """

    level: int
    name: str
    when: str
    step: Traced
    row: int | None
    value: float
    formula: Formula | None


class Explanation(NamedTuple):
    """A target, then every named quantity it is made of, each before what it is made of."""

    plan: str
    target: Target
    entries: tuple[Entry, ...]


def trace_plans(scenario: Scenario) -> Evaluation:
    """Every plan of a scenario of a single case, evaluated on traced operands, with its lines named."""
    evaluation = evaluate(traced(scenario))
    for plan in evaluation.plans.values():
        for name, values in _lines(plan).items():
            named(name, values)
    return evaluation


def targets(evaluation: Evaluation, plan: str) -> dict[str, Any]:
    """Everything of a plan that can be explained, by name: figures ``(1,)`` and lines ``(months, 1)``, traced."""
    found = evaluation.plans[plan]
    figures = {name: metric.numbers for name, metric in _metrics(evaluation, plan).items()}
    figures |= _best_stop(found)
    return {name: _as_step(name, value) for name, value in (figures | _lines(found)).items()}


def _metrics(evaluation: Evaluation, plan: str) -> dict[str, metrics.Metric]:
    found = evaluation.plans[plan]
    against = {} if found is evaluation.baseline else metrics.against_baseline(evaluation, plan)
    return metrics.plan_metrics(found) | metrics.quantities(found) | against


def _best_stop(plan: PlanEvaluation) -> dict[str, Any]:
    if not any(use.kind == MINING for use in plan.plan.uses):
        return {}
    best, stops = plan.engine.at_best_stop(plan.plan)
    named = {f"best_stop of {use}" if len(stops) > 1 else "best_stop": month for use, month in stops.items()}
    return {"npv_at_best_stop_usd": best.npv_usd, **named}


def _lines(plan: PlanEvaluation) -> dict[str, Any]:
    """Lines and quantities over time. Those of several uses, or of the time before a conversion, say whose they are."""
    found: dict[str, Any] = {}
    several = len(plan.plan.uses) > 1
    for line in plan.flows.lines:
        owner = f"{line.use}." if several and line.use else ""
        name = f"{owner}{'meanwhile.' if line.meanwhile else ''}{line.name}"
        found[name] = found[name] + line.usd if name in found else line.usd
    for name, values in plan.flows.quantities.items():
        found[f"monthly_{name}"] = values
    found |= plan.flows.memo
    lost = plan.engine.lost_margin_usd(plan.plan)
    found |= {"lost_mining_margin_usd": lost, "net_usd": plan.net_usd, "gross_profit_usd": plan.gross_profit_usd}
    return found


def _as_step(name: str, value: Any) -> Traced:
    """A target as a step of its own name; one that shares its step with another name becomes the same again."""
    if type(value) is not Traced:
        return Traced(value, "constant", name=name)
    if value.name is None:
        value.name = name
    return value if value.name == name else Traced(value.value, "same", (value,), name)


def plan_in(target: str) -> str | None:
    """The plan that a target such as ``plans.lease.npv_usd`` names, or None."""
    parts = split_path(target)
    return parts[1] if parts[0] == "plans" and len(parts) > 2 else None


def find_target(evaluation: Evaluation, plan: str, wanted: str) -> Target:
    """The target ``name`` or ``name@YYYY-MM`` of a plan. UnknownTargetError with the nearest name if there is none."""
    name, _, month = wanted.partition("@")
    known = targets(evaluation, plan)
    parts = split_path(name)
    if parts[0] == "plans" and len(parts) > 2:
        name = ".".join(parts[2:])
    if month and f"monthly_{name}" in known:
        name = f"monthly_{name}"
    if name not in known:
        of_a_use = [line for line in known if line.endswith(f".{name}") and ".meanwhile." not in line]
        if len(of_a_use) > 1:
            raise UnknownTargetError(f"{plan} has {' and '.join(of_a_use)}; name one")
        name = of_a_use[0] if of_a_use else name
    if name not in known:
        within = {short_name(step): step for top in known.values() for step in walk(top) if step.name is not None}
        if name not in within:
            near = difflib.get_close_matches(name, [*known, *within], n=1)
            some = f"{', '.join(list(known)[:_LISTED])} and {len(known) - _LISTED} more"
            advice = f"did you mean {near[0]}?" if near else f"there are {some}"
            raise UnknownTargetError(f"{plan} has no figure or line {name}; {advice}")
        known[name] = within[name]
    step = known[name]
    reason = _metrics(evaluation, plan)[name].reason() if name in _metrics(evaluation, plan) else None
    if not month:
        return Target(name, step, None, reason)
    return Target(name, step, _row(evaluation.scenario, step, name, month), reason)


def _row(scenario: Scenario, step: Traced, name: str, month: str) -> int:
    timeline = scenario.timeline
    try:
        number = timeline.number(parse_month(month))
    except ValueError as error:
        raise UnknownTargetError(str(error)) from None
    if not 1 <= number <= timeline.months:
        last = timeline.label(timeline.months)
        raise UnknownTargetError(f"{month} lies outside the horizon, {timeline.label(1)} to {last}")
    if step.size == 1:
        raise UnknownTargetError(f"{name} is one figure and has no months; ask for it without @{month}")
    return number if step.size == timeline.months + 1 else number - 1


def explain(evaluation: Evaluation, plan: str, target: Target) -> Explanation:
    """The way from ``target`` down to the inputs, every named quantity once for each month it is needed in."""
    target = target._replace(step=merged(target.step))
    return _Explainer(evaluation, plan).explanation(target)


class _Explainer:
    def __init__(self, evaluation: Evaluation, plan: str) -> None:
        self._plan = plan
        self._timeline = evaluation.scenario.timeline
        self._usual = int(np.max(plain(evaluation.plans[plan].ready))) - 1
        self._names: dict[Traced, str] = {}
        self._writer = Writer(self._timeline, self._called)

    def explanation(self, target: Target) -> Explanation:
        self._name_all(target.step)
        entries: dict[Part, Entry] = {}
        waiting = [(0, Part(target.step, target.row))]
        while waiting:
            level, part = waiting.pop()
            part = Part(part.step, self._typical(part.step) if part.row is None else part.row)
            if part in entries:
                continue
            entry = self._entry(level, part, whole=target.row is None)
            entries[part] = entry
            if entry.formula is not None:
                waiting += [(level + 1, below) for below in reversed(entry.formula.parts)]
        return Explanation(self._plan, target, tuple(entries.values()))

    def _entry(self, level: int, part: Part, *, whole: bool) -> Entry:
        """One quantity; where a sum asks for all months, an operand that is nothing in this one shows its own."""
        step, row = part
        formula = None
        if step.op not in ("input", "date", "constant"):
            formula = self._writer.formula(step, row)
            if whole and step.op in ("added", "at_points"):
                parts = (p._replace(row=None) if is_series(p.step) and not element(*p) else p for p in formula.parts)
                formula = formula._replace(parts=tuple(parts))
        when = self._writer.when(step, row)
        return Entry(level, self._called(step), when, step, row, element(step, row), formula)

    def _typical(self, step: Traced) -> int | None:
        """A row to show of all: of the first month after the plan is ready, or the first that holds anything."""
        if not is_series(step):
            return None
        usual = min(self._usual + (step.size > self._timeline.months), step.size - 1)
        holds = np.flatnonzero(step.value.reshape(-1))
        return usual if not holds.size or element(step, usual) else int(holds[0])

    def _called(self, step: Traced) -> str:
        return self._names[step]

    def _name_all(self, top: Traced) -> None:
        """Names that tell apart: where two quantities share one, the use or plan whose inputs they are made of."""
        named: dict[str, list[Traced]] = {}
        for step in walk(top):
            if step.name is not None and resolved(step, None)[0] is step:
                named.setdefault(short_name(step), []).append(step)
        for name, steps in named.items():
            told = [name] if len(steps) == 1 else [self._told_apart(name, step) for step in steps]
            for number, (step, text) in enumerate(zip(steps, told, strict=True)):
                same = sum(other == text for other in told[:number])
                self._names[step] = f"{text} ({same + 1})" if same else text

    def _told_apart(self, name: str, step: Traced) -> str:
        owner = self._owner(step)
        return f"{name} of {owner}" if owner else name

    def _owner(self, step: Traced) -> str:
        """The plan, or the only use of it, whose inputs a quantity is made of; "" for the market's and the site's."""
        owners: dict[str, set[str]] = {}
        for below in walk(step):
            if below.op in ("input", "date"):
                parts = split_path(below.name or "")
                if parts[0] == "plans":
                    owners.setdefault(parts[1], set()).add(parts[3] if len(parts) > 4 and parts[2] == "uses" else "")
        if not owners:
            return ""
        plan = self._plan if self._plan in owners else next(iter(owners))
        uses = owners[plan]
        return min(uses) or plan if len(uses) == 1 else plan
