"""What a file leaves to published figures, and whether the choice between two plans turns within what is published.

A default that was chosen from published values has their range (``Defaulted.published``). A value of it in that range
at which two plans change places makes their order an assumption and no answer.
"""

from __future__ import annotations

from typing import NamedTuple

from minecalc.origins import Defaulted, defaulted
from minecalc.scenario import Scenario
from minecalc.solving.gap import Question
from minecalc.solving.solve import solve_all


class Turning(NamedTuple):
    """A default and the values within its published range, ascending, at which the plans asked of change places."""

    default: Defaulted
    values: tuple[float, ...]


def presumed(scenario: Scenario) -> list[Defaulted]:
    """The defaults that play a part in ``scenario`` and were chosen from published values, in the file's order."""
    return [one for one in defaulted(scenario) if one.published is not None]


def turnings(scenario: Scenario, plan: str, against: str) -> list[Turning]:
    """Those of the ``presumed`` defaults of a scenario of one case that turn the order of two plans, and where.

    Each is moved alone, the plans are compared at the scenario's rate. ValueError for a plan that does not exist.
    """
    found = presumed(scenario)
    solved = solve_all(scenario, [(one.path, Question(plan, against)) for one in found])
    turning = []
    for one, solutions in zip(found, solved, strict=True):
        assert one.published is not None
        low, high = one.published
        values = (solutions.lever.value_at(float(x)) for x in solutions.found.x)
        within = tuple(sorted(value for value in values if low <= value <= high))
        if within:
            turning.append(Turning(one, within))
    return turning
