"""Does a scenario meet its requirements? Each with a verdict, the reason where it fails, and the figures in it.

A figure that does not exist (an IRR of flows that never change sign) makes every comparison with it fail, also under
``not``: what cannot be said of a plan is not held to be true of it. Numbers are compared exactly, but ``<=`` and ``>=``
also hold where rounding alone is in the way: debt sculpted to 1.30 times may be covered 1.2999999999999996 times. Money
beside zero is as rounded as what it is the sum of: the largest amount among its plan's figures stands for that.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from minecalc import figures
from minecalc.analysis.corner_records import figures_in, missing_in, number_in
from minecalc.engine import Evaluation, evaluate
from minecalc.loading import Reading
from minecalc.loading.requirements import BreakEvenAt, Figure, Input, Requirement, Subject, requirements
from minecalc.scenario import Scenario
from minecalc.schema.diagnostics import Diagnostic, cut, in_file_order
from minecalc.schema.expressions import Arithmetic, Comparison, Condition, Logic, Name, Number, Quantity
from minecalc.solving.screen import BreakEven, break_evens

CODES = {"requirement-failed": "a requirement of the scenario does not hold"}

#: By what share of the larger, or of the money that they are made of, two sides may differ that are equal but for
#: rounding.
_ROUNDING = 1e-12

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
#: The comparisons that hold of what is the same but for rounding.
_BOUNDS = ("<=", ">=")
_COMPUTE: dict[str, Callable[..., float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "negative": operator.neg,
    "abs": abs,
    "min": min,
    "max": max,
}

#: Significant digits of a figure in a reason: as few of these as tell the two sides apart.
_DIGITS = (6, 9, 12, 15)


def needs_break_evens(scenario: Scenario) -> bool:
    """Whether a requirement names a break-even, so that these must be solved."""
    subjects = (subject for requirement in requirements(scenario) for subject in requirement.subjects.values())
    return any(isinstance(subject, BreakEvenAt) for subject in subjects)


def judged(scenario: Scenario) -> list[dict[str, Any]]:
    """The verdicts on a scenario that nobody has compared: its figures are computed for them."""
    evaluation = evaluate(scenario)
    solved = break_evens(evaluation) if needs_break_evens(scenario) else {}
    plans = [_figures(evaluation, name, solved.get(name, {})) for name in evaluation.plans]
    return verdicts(scenario, {"plans": plans, "baseline": evaluation.baseline.plan.name})


def _figures(evaluation: Evaluation, name: str, solved: Mapping[str, BreakEven]) -> dict[str, Any]:
    """Every figure of a plan that a requirement may name, or why there is none."""
    plan = evaluation.plans[name]
    own = figures.figures_of(plan, figures.names_of("plan", "corner", "debt", "quantity", "choice", "memo"))
    found = own | figures.against_baseline(evaluation, name)
    level = {path: {"value": one.value, "reason": one.reason} for path, one in solved.items()}
    return {
        "name": name,
        "discount_rate_fraction_per_year": evaluation.scenario.rate(plan.plan),
        "metrics": {figure: metric.number() for figure, metric in found.items()},
        "reasons": {figure: metric.reason() for figure, metric in found.items()},
        "vs_baseline": {"break_evens": level},
    }


def verdicts(scenario: Scenario, record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every requirement of ``scenario``, judged by the figures of its whole ``record`` (see ``analysis.compare``).

    Each verdict has ``requirement`` (the text), ``holds``, ``reason`` (None if it holds) and ``figures``, the numbers
    of the names in it, None where there is none.
    """
    required = requirements(scenario)
    plans = {plan["name"]: plan for plan in record["plans"]}
    plans |= {name: _solved(scenario, plan, required) for name, plan in plans.items() if name != record["baseline"]}
    return [judge(requirement, plans) for requirement in required]


def _solved(scenario: Scenario, plan: Mapping[str, Any], required: Iterable[Requirement]) -> Mapping[str, Any]:
    """The record of a plan with the break-evens that are required of it and not among those that it has."""
    subjects = (subject for requirement in required for subject in requirement.subjects.values())
    asked = (subject for subject in subjects if isinstance(subject, BreakEvenAt))
    named = {subject.path for subject in asked if subject.plan == plan["name"]}
    against = plan["vs_baseline"]
    missing = sorted(named - set(against["break_evens"]))
    if not missing:
        return plan
    from minecalc.solving.gap import Question
    from minecalc.solving.solve import solve_all
    from minecalc.solving.told import allowed, reason

    question = Question(plan["name"], against=scenario.baseline_plan.name)
    found = dict(against["break_evens"])
    for solved in solve_all(scenario, [(path, question) for path in missing]):
        nearest = next(iter(allowed(scenario, solved)), None)
        found[solved.movable.path] = {
            "value": None if nearest is None else nearest.value,
            "reason": reason(scenario, solved) if nearest is None else None,
        }
    return {**plan, "vs_baseline": {**against, "break_evens": found}}


def judge(requirement: Requirement, plans: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The verdict on one requirement by the records of the plans, by name."""
    return _Judge(requirement, plans).verdict()


def failures(reading: Reading, judged: Sequence[Mapping[str, Any]]) -> list[Diagnostic]:
    """The requirements of a file that do not hold, as errors at the place of each."""
    found = []
    for number, verdict in enumerate(judged):
        if verdict["holds"] or reading.node is None:
            continue
        node = reading.node.find(("require", number))
        message = f"{cut(verdict['requirement'])} does not hold: {verdict['reason']}"
        if node.source.name != reading.file:
            message += f" (in {reading.file})"
        line = node.source.line(node.mark.line)
        at = ("require", number)
        found.append(Diagnostic(node.source.name, node.mark, "error", "requirement-failed", message, "", line, at))
    return in_file_order(found)


class _MissingError(Exception):
    """A quantity has no number; the message says why."""


class _Judge:
    """One requirement with the figures it is judged by."""

    def __init__(self, requirement: Requirement, plans: Mapping[str, Mapping[str, Any]]) -> None:
        self._requirement = requirement
        self._amounts = {name: _amount(subject, plans) for name, subject in requirement.subjects.items()}
        self._made_of = {name: _made_of(subject, plans) for name, subject in requirement.subjects.items()}

    def verdict(self) -> dict[str, Any]:
        """Whether it holds, which it does not if that hangs on a figure that does not exist; each reason once."""
        condition, written = self._requirement.condition, self._requirement.written
        holds = self._truth(condition) is True
        reasons = [] if holds else dict.fromkeys(self._against(condition, True))
        named = {written(name.span): amount for name, amount in self._amounts.items()}
        return {
            "requirement": self._requirement.text,
            "holds": holds,
            "reason": "; ".join(reasons) or None,
            "figures": {name: None if isinstance(amount, str) else amount for name, amount in named.items()},
        }

    def _truth(self, condition: Condition) -> bool | None:
        """Whether a condition holds; None if that hangs on a figure that does not exist."""
        match condition:
            case Comparison():
                return _all(self._pair(*pair) for pair in _pairs(condition))
            case Logic("not", (denied,)):
                return _not(self._truth(denied))
            case Logic("or", operands):
                return _not(_all(_not(self._truth(operand)) for operand in operands))
            case Logic(operands=operands):
                return _all(self._truth(operand) for operand in operands)

    def _pair(self, left: Quantity, sign: str, right: Quantity) -> bool | None:
        try:
            numbers = self._number(left), self._number(right)
        except _MissingError:
            return None
        if _COMPARE[sign](*numbers):
            return True
        rounding = _ROUNDING * max(self._size(left), self._size(right))
        return sign in _BOUNDS and math.isclose(*numbers, rel_tol=_ROUNDING, abs_tol=rounding)

    def _size(self, quantity: Quantity) -> float:
        """How large the money is that a quantity is computed from, in its own unit; 0 where there is none."""
        match quantity:
            case Number():
                return 0.0
            case Name():
                return self._made_of[quantity]
            case Arithmetic("*", (left, right)):
                return max(self._size(left) * abs(self._number(right)), self._size(right) * abs(self._number(left)))
            case Arithmetic("/", (left, right)):
                return self._size(left) / abs(self._number(right))
            case Arithmetic(operands=operands):
                return max(map(self._size, operands))

    def _number(self, quantity: Quantity) -> float:
        match quantity:
            case Number(value):
                return value
            case Name():
                amount = self._amounts[quantity]
                if isinstance(amount, str):
                    raise _MissingError(amount)
                return amount
            case Arithmetic(sign, operands, span):
                numbers = [self._number(operand) for operand in operands]
                if sign == "/" and numbers[1] == 0.0:
                    raise _MissingError(f"{self._requirement.written(operands[1].span)} is 0, by which nothing divides")
                result = _COMPUTE[sign](*numbers)
                if not math.isfinite(result):
                    raise _MissingError(f"{self._requirement.written(span)} is too large to calculate with")
                return result

    def _against(self, condition: Condition, wanted: bool) -> Iterator[str]:
        """Why a condition that is not as ``wanted`` is not."""
        match condition:
            case Comparison():
                for pair in _pairs(condition):
                    if self._pair(*pair) is not wanted:
                        yield from self._sides(*pair)
            case Logic("not", (denied,)):
                yield from self._against(denied, not wanted)
            case Logic(operands=operands):
                for operand in operands:
                    if self._truth(operand) is not wanted:
                        yield from self._against(operand, wanted)

    def _sides(self, left: Quantity, sign: str, right: Quantity) -> Iterator[str]:
        """What the two sides of a comparison are, or why they are nothing."""
        try:
            numbers = self._number(left), self._number(right)
        except _MissingError as missing:
            yield str(missing)
            return
        if isinstance(left, Number) and isinstance(right, Number):
            yield f"{left.value:g} {sign} {right.value:g} compares plain numbers"
        for side, told in zip((left, right), _told_apart(*numbers), strict=True):
            if not isinstance(side, Number):
                yield f"{self._requirement.written(side.span)} is {told}"


def _pairs(comparison: Comparison) -> Iterator[tuple[Quantity, str, Quantity]]:
    yield from zip(comparison.operands, comparison.operators, comparison.operands[1:], strict=False)


def _all(truths: Iterable[bool | None]) -> bool | None:
    """Whether all hold: no if one does not, else unknown if one is unknown."""
    found = set(truths)
    return False if False in found else None if None in found else True


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _made_of(subject: Subject, plans: Mapping[str, Mapping[str, Any]]) -> float:
    """The largest amount of money among the figures of the plan that a sum of money is of; 0 of anything else."""
    match subject:
        case Figure(plan, figure) if figure.endswith("_usd"):
            told = {**plans[plan]["metrics"], **figures_in(plans[plan])}
            money = (number for name, number in told.items() if name.endswith("_usd") and number is not None)
            return max((abs(float(number)) for number in money), default=0.0)
    return 0.0


def _amount(subject: Subject, plans: Mapping[str, Mapping[str, Any]]) -> float | str:
    """The number that a name means, or why there is none."""
    match subject:
        case Input(value):
            return value
        case Figure(plan, figure):
            number = number_in(plans[plan], figure)
            why = plans[plan]["reasons"].get(figure) or missing_in(plans[plan], figure)
            reason = f"{figure} of {plan} has no answer: {why}"
        case BreakEvenAt(plan, path):
            found = plans[plan]["vs_baseline"]["break_evens"][path]
            number = found["value"]
            reason = f"the break-even of {plan} at {path} has no answer: {found['reason']}"
    return reason if number is None else float(number)


def _told_apart(left: float, right: float) -> tuple[str, str]:
    """Two numbers in as few digits as show that they differ, if they do."""
    for digits in _DIGITS:
        told = _told(left, digits), _told(right, digits)
        if told[0] != told[1] or left == right:
            return told
    return repr(left), repr(right)


def _told(number: float, digits: int) -> str:
    return f"{float(f'{number:.{digits}g}'):,.15g}"
