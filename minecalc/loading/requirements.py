"""Requirements of a scenario: conditions that must hold, read and checked for names that exist.

    require:
      - plans.lease.npv_usd > 1.1 * plans."keep mining".npv_usd
      - site.gross_mw <= 60 and plans.lease.payback_months < 96

A name is ``plans.<plan>.<figure>`` with a figure of ``figure_names``; ``plans.<plan>.break_even.<path>``, the value of
the first month at which the plan draws level with the baseline; or a numeric input by its ``--set`` path, which for a
value over time means its first month. Whether a requirement holds is for ``analysis.requirements`` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from minecalc.checks import unknown_plan
from minecalc.figures import names_of
from minecalc.scenario import Scenario
from minecalc.scenario.movables import movables_and_shared
from minecalc.schema.diagnostics import Diagnostic, Mark, Problem
from minecalc.schema.expressions import Condition, ExpressionError, Name, Span, names, parse
from minecalc.schema.names import dotted, unknown_name
from minecalc.schema.node import Node
from minecalc.schema.validate import locate

CODES = {"bad-requirement": "a requirement is no condition that can be read"}

#: A name that needs no quotes.
_WORD = re.compile(r"\w+")

#: How many names are offered for one that does not exist.
_OFFERED = 4

#: What lists the numeric inputs.
_INPUTS = "minecalc schema"


def figure_names() -> list[str]:
    """The figures of a plan that a requirement may name: those of its record in ``compare --format json``."""
    return ["discount_rate_fraction_per_year", *names_of()]


class Figure(NamedTuple):
    """A figure of a plan, one of ``figure_names``."""

    plan: str
    figure: str


class BreakEvenAt(NamedTuple):
    """The break-even of a plan for the input at ``path``."""

    plan: str
    path: str


class Input(NamedTuple):
    """A numeric input: its value, of the first month if it goes over time."""

    value: float


Subject = Figure | BreakEvenAt | Input


class Requirement(NamedTuple):
    """A condition, its text, and what each of its names means."""

    text: str
    condition: Condition
    subjects: Mapping[Name, Subject]

    def written(self, span: Span) -> str:
        """A part of the text."""
        return self.text[span.begin : span.end]


def requirements(scenario: Scenario) -> list[Requirement]:
    """The requirements of a scenario of a single case, in order. Raises ValueError for one that cannot be read."""
    numbers = _numbers(scenario)
    found = []
    for text in scenario.require:
        requirement, complaints = _read(text, scenario, numbers)
        if requirement is None:
            problem, _ = complaints[0]
            raise ValueError(f"{text}: {problem.message}")
        found.append(requirement)
    return found


def problems(node: Node, scenario: Scenario | None) -> list[Diagnostic]:
    """What is wrong with the requirements of a file; without a scenario, names are not looked up."""
    listed = node.child("require")
    if listed is None or not isinstance(listed.value, list):
        return []
    numbers = {} if scenario is None else _numbers(scenario)
    found: list[Diagnostic] = []
    for position, item in enumerate(listed.value):
        if not isinstance(item.value, str) or not item.value:
            continue  # the schema says that a text is needed
        for problem, span in _read(item.value, scenario, numbers)[1]:
            advice = _in_quotes(item, scenario) or problem.help
            (diagnostic,) = locate([problem._replace(at=("require", position), help=advice)], node)
            found.append(diagnostic._replace(mark=_mark(item, span)))
    return found


def _numbers(scenario: Scenario) -> dict[str, float]:
    """The numeric inputs of a scenario by path."""
    found = {path: movable.value for path, movable in movables_and_shared(scenario).items() if not movable.is_month}
    return {"months": float(scenario.months), **found}


def _read(
    text: str, scenario: Scenario | None, numbers: Mapping[str, float]
) -> tuple[Requirement | None, list[tuple[Problem, Span]]]:
    """The requirement that a text writes; None with what is wrong with it, and where in it."""
    try:
        condition = parse(text)
    except ExpressionError as error:
        return None, [(Problem((), "bad-requirement", str(error), error.advice), error.span)]
    if scenario is None:
        return None, []
    subjects: dict[Name, Subject] = {}
    complaints = []
    for name in names(condition):
        subject = _subject(name.parts, scenario, numbers)
        if isinstance(subject, Problem):
            complaints.append((subject, name.span))
        else:
            subjects[name] = subject
    return (None if complaints else Requirement(text, condition, subjects)), complaints


def _subject(parts: tuple[str, ...], scenario: Scenario, numbers: Mapping[str, float]) -> Subject | Problem:
    """What a name means, or what is wrong with it."""
    path = dotted(parts)
    match parts:
        case ("plans", plan, *_) if plan not in scenario.plans:
            return unknown_plan((), plan, scenario.plans)
        case ("plans", plan, figure) if figure in figure_names():
            return Figure(plan, figure)
        case ("plans", plan, "break_even", *of) if plan == scenario.baseline_plan.name:
            message = f"{plan} is the baseline, so it breaks even with itself everywhere"
            return Problem((), "bad-requirement", message, "name another plan")
        case ("plans", plan, "break_even", *of):
            at = dotted(of)
            return BreakEvenAt(plan, at) if at in numbers else _unknown("numeric input", at, numbers, _INPUTS)
        case _ if path in numbers:
            return Input(numbers[path])
        case ("plans", plan, figure):
            own = [key.rpartition(".")[2] for key in numbers if key.startswith(dotted(("plans", plan)) + ".")]
            known = [*figure_names(), *own]
            return _unknown("figure or numeric input", figure, known, "minecalc compare --format json")
        case _:
            return _unknown("numeric input", path, numbers, _INPUTS)


def _unknown(noun: str, name: str, known: Iterable[str], see: str) -> Problem:
    """A name that does not exist; those that go on where it ends, or before it begins, are offered first."""
    known = list(known)
    meant = [other for other in known if other.startswith(f"{name}_") or other.endswith(f".{name}")][:_OFFERED]
    problem = unknown_name((), noun, name, known, see)
    return problem._replace(help=f"did you mean {' or '.join(meant)}?") if meant else problem


def _in_quotes(item: Node, scenario: Scenario | None) -> str:
    """Advice to quote the name of a plan that stands without quotes in a text, if one does."""
    for name in scenario.plans if scenario is not None else ():
        if not _WORD.fullmatch(name) and f"plans.{name}." in item.text:
            outer = item.source.line(item.mark.line)[item.mark.column - 1 : item.mark.column]
            mark = '"' if outer == "'" or "'" in name else "'"
            return f"put the plan's name in quotes: plans.{mark}{name}{mark}"
    return ""


def _mark(item: Node, span: Span) -> Mark:
    """The place of a part of a text; of all of it where escapes or line breaks stand in between."""
    begin = item.mark.column - 1 + (not item.plain)
    written = item.source.line(item.mark.line)[begin : begin + span.end]
    if written != item.text[: span.end]:
        return item.mark
    return Mark(item.mark.line, begin + span.begin + 1, max(1, span.end - span.begin))
