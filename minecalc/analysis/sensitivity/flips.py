"""How far each input is from turning the choice between two plans round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from minecalc.analysis.sensitivity.ranges import Span
from minecalc.scenario import Scenario
from minecalc.solving.crossings import AT_JUMP, AT_STEP
from minecalc.solving.refusals import refusal
from minecalc.solving.solve import Question, Solutions, solve_all


class Flip(NamedTuple):
    """The value of an input nearest to the present one at which the plans change places, as ``vary`` takes it.

    ``away`` is its distance as a share of the present value's size; None for a date, a growth or from zero.
    ``inside`` is whether the input's range reaches it. Without a value, ``reason`` says why.
    """

    x: float | None
    away: float | None
    inside: bool
    reason: str = ""


def flips(scenario: Scenario, plan: str, against: str, spans: Sequence[Span]) -> dict[str, Flip]:
    """The nearest flip of each input by path: those within their range first, then by how far away they are.

    The scenario must be a single case. A whole input or a jump counts where the order is first the other one; a value
    that ``check`` would refuse does not count.
    """
    question = Question(plan, against)
    solved = solve_all(scenario, [(span.lever.path, question) for span in spans])
    found = {span.lever.path: _flip(scenario, one, span) for span, one in zip(spans, solved, strict=True)}
    return dict(sorted(found.items(), key=lambda item: _order(item[1])))


def _order(flip: Flip) -> tuple[bool, bool, float]:
    return flip.x is None, not flip.inside, np.inf if flip.away is None else abs(flip.away)


def _flip(scenario: Scenario, solved: Solutions, span: Span) -> Flip:
    now = span.lever.present
    found = solved.found
    if not found.x.size:
        return Flip(None, None, False, "at every value it may take the same plan is ahead")
    distance = np.abs(found.x - now), np.abs(found.beyond - now)
    further = ((found.kind == AT_JUMP) | (found.kind == AT_STEP)) & (distance[1] > distance[0])
    turns = np.where(further, found.beyond, found.x)
    size = span.lever.size
    pointless = size == 0.0 or span.lever.path.endswith(".growth_fraction_per_year")
    refused = list[str]()
    for x in turns[np.argsort(np.abs(turns - now), kind="stable")].tolist():
        wrong = refusal(scenario, span.lever, x)
        if wrong is None:
            return Flip(x, None if pointless else (x - now) / size, span.holds(x))
        refused.append(wrong)
    return Flip(None, None, False, f"check would refuse the value at which it turns: {refused[0]}")
