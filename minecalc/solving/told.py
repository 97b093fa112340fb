"""Which answers of a solved input can be used, the nearest first, and why there is none.

A break-even nobody may write down is no answer: with it in the file ``check`` would refuse that.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

import numpy as np

from minecalc import checks
from minecalc.figures.labels import figure_label
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable
from minecalc.scenario.places import Path, groups_on
from minecalc.scenario.varying import vary
from minecalc.schema.diagnostics import Problem
from minecalc.schema.names import split_path
from minecalc.schema.numbers import unit_words
from minecalc.schema.validate import validate_data
from minecalc.solving.solve import Solution, Solutions
from minecalc.timeline import format_month
from minecalc.units import unit_of

#: Digits of a distance: those behind them are rounding.
_DIGITS = 12


def allowed(scenario: Scenario, solutions: Solutions, case: int = 0) -> list[Solution]:
    """The answers of one case that a file may hold, the nearest to the present first."""
    answers = nearest_first(solutions, case)
    return [answer for answer in answers if refusal(scenario, solutions.movable, answer.x) is None]


def usable(scenario: Scenario, solutions: Solutions) -> list[Solution]:
    """As ``allowed`` for an input of a screen, of a scenario of a single case.

    These lie in ranges of their own, so that only what is said of uncertainty could refuse one.
    """
    return nearest_first(solutions) if scenario.uncertainty is None else allowed(scenario, solutions)


def nearest_first(solutions: Solutions, case: int = 0) -> list[Solution]:
    """The answers of one case, the nearest to the present first."""
    answers = [answer for answer in solutions.answers(case) if answer.kind != "jump"]
    now = float(solutions.span.present[case])
    return sorted(answers, key=lambda answer: _distance(answer, now))


def reason(scenario: Scenario, solutions: Solutions, case: int = 0) -> str:
    """Why one case has no answer."""
    movable, question, gaps = solutions.movable, solutions.question, solutions.gaps[:, case]
    for answer in solutions.answers(case):
        ends = _ends(movable, *sorted((answer.value, answer.value if answer.beyond is None else answer.beyond)))
        if answer.kind == "jump":
            return f"it changes sides in a jump at {ends}, and is level nowhere"
        wrong = refusal(scenario, movable, answer.x)
        if wrong is not None:
            return f"level at {_ends(movable, answer.value, answer.value)}, which is refused: {wrong}"
    if np.isnan(gaps).all():
        return f"{question.plan} has no {figure_label(question.metric)} at any value of it"
    if not solutions.moves[case]:
        level = question.against is not None and not np.any(gaps != 0.0)
        return "the two are level at every value" if level else "it has no bearing on that"
    low, high = (
        float(end[case]) * float(solutions.span.base[case]) + float(solutions.span.offset[case])
        for end in (solutions.span.low, solutions.span.high)
    )
    over = bool(gaps[np.isfinite(gaps)][0] > 0.0)
    if question.against is None:
        side = "above" if over else "below"
        return f"its {figure_label(question.metric)} stays {side} the target from {_ends(movable, low, high)}"
    side = "ahead of" if over else "behind"
    return f"{question.plan} stays {side} {question.against} from {_ends(movable, low, high)}"


def sign(number: float) -> int | None:
    """1 where the gap is above zero, -1 below; None where there is none."""
    return None if isnan(number) or number == 0.0 else int(number)


def over_now(movable: Movable, x: float) -> float | None:
    """The value over the present one; None where that says nothing: for a date, a growth, and from zero."""
    return None if movable.path.endswith("growth_fraction_per_year") else movable.scale(x)


def refusal(scenario: Scenario, movable: Movable, x: float) -> str | None:
    """Why ``scenario``, of a single case, would be refused with ``x`` in place of the input; None if it would not."""
    try:
        varied = vary(scenario, {movable.at: x})
    except ValueError as error:
        return str(error)
    paths = [tuple(split_path(path)) for path, _ in movable.puts]
    problems = [*(found for path in paths for found in _of_inputs(varied, path)), *checks.problems(varied, paths)]
    return problems[0].message if problems else None


def _of_inputs(scenario: Scenario, path: Path) -> Iterator[Problem]:
    """What the classes of inputs on the way to the one at ``path`` say of its value, which was put in unchecked."""
    for owner in groups_on(scenario, path):
        given = {name: getattr(owner, name) for name in owner.model_fields_set}
        yield from validate_data(given, type(owner))[1]


def _distance(answer: Solution, now: float) -> float:
    """How far an answer is from ``now``; within a stretch, nowhere."""
    low, high = sorted((answer.x, answer.x if answer.beyond_x is None else answer.beyond_x))
    return max(low - now, now - high, 0.0)


def _ends(movable: Movable, low: float, high: float) -> str:
    """``0 to 10,000 USD per kW per month``, or one number where the ends look the same."""
    if movable.is_month:
        texts = [format_month(round(end)) for end in (low, high)]
    else:
        texts = [f"{float(f'{end:.4g}'):,.12g}" for end in (low, high)]
    unit = "" if movable.is_month else f" {unit_words(unit_of(movable.path))}"
    return f"{' to '.join(dict.fromkeys(texts))}{unit}"


def distance(away: float) -> float:
    """How far an answer is from the present, as a share of it, to order answers by.

    Of inputs that scale the same flow rounding alone would say which is nearer: those are as far.
    """
    return round(abs(away), _DIGITS)
