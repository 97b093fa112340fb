"""Which answers of a solved input can be used, the nearest first, and why there is none."""

from __future__ import annotations

from math import isnan

import numpy as np

from minecalc.figures.labels import figure_label
from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable
from minecalc.schema.numbers import unit_words
from minecalc.solving.solve import Solution, Solutions
from minecalc.timeline import format_month
from minecalc.units import unit_of


def allowed(scenario: Scenario, solutions: Solutions, case: int = 0) -> list[Solution]:
    """The answers of one case that a file may hold, the nearest to the present first."""
    answers = nearest_first(solutions, case)
    return [answer for answer in answers if refused(scenario, solutions.movable, answer.x) is None]


def usable(scenario: Scenario, solutions: Solutions) -> list[Solution]:
    """As ``allowed`` for an input of a screen, of a scenario of a single case.

    These lie in ranges of their own, so that only what is said of uncertainty could refuse one.
    """
    return nearest_first(solutions) if scenario.uncertainty is None else allowed(scenario, solutions)


def nearest_first(solutions: Solutions, case: int = 0) -> list[Solution]:
    """The answers of one case, the nearest to the present first."""
    answers = [answer for answer in solutions.answers(case) if answer.kind != "jump"]
    if len(answers) <= 1:
        return answers
    now = float(solutions.span.present[case])
    return sorted(answers, key=lambda answer: _distance(answer, now))


def reason(scenario: Scenario, solutions: Solutions, case: int = 0) -> str:
    """Why one case has no answer."""
    movable, question, gaps = solutions.movable, solutions.question, solutions.gaps[:, case]
    for answer in solutions.answers(case):
        ends = _ends(movable, *sorted((answer.value, answer.value if answer.beyond is None else answer.beyond)))
        if answer.kind == "jump":
            return f"it changes sides in a jump at {ends}, and is level nowhere"
        wrong = refused(scenario, movable, answer.x)
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


def refused(scenario: Scenario, movable: Movable, x: float) -> str | None:
    """Why no file may hold x as this input; None if one may."""
    from minecalc.solving.refusals import refusal

    return refusal(scenario, movable, x)


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
