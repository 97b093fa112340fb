"""Where plans would draw level if a path over time were one number in every month.

A path is solved for as a whole, by a scale, which keeps its shape; a reader who has one price in mind asks for this.
It is no scale of the first month: two paths with the same first month may differ in every other year.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from minecalc.levers import Lever, flat_lever
from minecalc.scenario import Scenario
from minecalc.solving.gap import Question
from minecalc.solving.solve import solve_all
from minecalc.solving.told import allowed


class Flat(NamedTuple):
    """The level nearest to the mean of the path, None if there is none, and what ``--set`` takes to put it in place."""

    value: float | None = None
    set: str | None = None


def flat_levels(scenario: Scenario, asked: Sequence[tuple[Lever, Question]]) -> list[Flat]:
    """The flat level of each lever and question of a scenario of a single case; none for what is no path, or is flat.

    All questions about one path are solved together.
    """
    levers = [flat_lever(scenario, of) for of, _ in asked]
    found = [Flat()] * len(asked)
    for path in dict.fromkeys(lever.path for lever in levers if lever is not None):
        mine = [(n, lever) for n, lever in enumerate(levers) if lever is not None and lever.path == path]
        solved = solve_all(scenario, [(lever, asked[number][1]) for number, lever in mine])
        for (number, lever), solutions in zip(mine, solved, strict=True):
            for nearest in allowed(scenario, solutions)[:1]:
                found[number] = Flat(nearest.value, lever.setting(nearest.x))
    return found
