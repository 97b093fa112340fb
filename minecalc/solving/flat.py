"""Where plans would draw level if a path over time were one number in every month.

A path is solved for as a whole, by a scale, which keeps its shape; a reader who has one price in mind asks for this.
It is no scale of the first month: two paths with the same first month may differ in every other year.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.scenario import Scenario
from minecalc.scenario.movables import Movable, flat_movable
from minecalc.scenario.varying import replaced_by, taken
from minecalc.solving.dependence import Reads
from minecalc.solving.gap import Question
from minecalc.solving.solve import Solution, Solutions, solve_each
from minecalc.solving.told import allowed


class Flat(NamedTuple):
    """The level nearest to the mean of the path, None if there is none, and what ``--set`` takes to put it in place."""

    value: float | None = None
    set: str | None = None


class Sought(NamedTuple):
    """A path over time of one case (by its place among the scenarios) and the question that one number shall answer."""

    case: int
    movable: Movable
    question: Question


def flat_levels(scenario: Scenario, asked: Sequence[tuple[Movable, Question]]) -> list[Flat]:
    """The flat level of each input and question of a scenario of a single case; none of what is no path, or is flat."""
    return flat_levels_of_each(scenario, [scenario], [Sought(0, *one) for one in asked])


def flat_levels_of_each(
    scenario: Scenario,
    scenarios: Sequence[Scenario],
    asked: Sequence[Sought],
    answers: Callable[[Scenario, Solutions], list[Solution]] = allowed,
    needs: Mapping[str, Reads] | None = None,
) -> list[Flat]:
    """As ``flat_levels`` of ``scenarios``, which are the cases of ``scenario``, in order.

    ``answers`` says which of those found for a case may be told, the nearest first; ``needs`` is what the plans of
    ``scenario`` read, where that has been found out.

    One question about one path is solved for all its cases together. It is never solved together with another path,
    of which each would otherwise be flat at its mean.
    """
    found = [Flat()] * len(asked)
    together: dict[tuple[str, Question], list[tuple[int, Sought, Movable]]] = {}
    for number, one in enumerate(asked):
        flat = flat_movable(scenarios[one.case], one.movable)
        if flat is not None:
            together.setdefault((flat.path, one.question), []).append((number, one, flat))
    for (path, question), several in together.items():
        movables = [flat for _, _, flat in several]
        if len(several) == 1:
            part = scenarios[several[0][1].case]
        else:
            part = taken(scenario, np.array([one.case for _, one, _ in several]))
            part = replaced_by(part, path, np.array([flat.present for flat in movables]))
        known = needs if part is scenario else None
        solved = solve_each(part, [(movables, question)], signs=False, needs=known)
        for (number, one, flat), (solutions,) in zip(several, solved, strict=True):
            for nearest in answers(scenarios[one.case], solutions)[:1]:
                found[number] = Flat(nearest.value, flat.setting(nearest.x))
    return found
