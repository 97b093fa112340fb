"""A rule that can be read out: make a move as soon as one or two numbers are below or above a threshold.

Thresholds do not depend on the date; the date may be one of the numbers, so that a fixed date is such a rule too.
They are the round numbers that made the rule worth most on the paths given: whether it is worth as much elsewhere is
for other paths to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple, TypeAlias

import numpy as np

from minecalc.analysis.timing.sums import mean_over_paths
from minecalc.analysis.timing.switching import Modes, Switching
from minecalc.arrays import BoolArray, FloatArray

#: On how many paths thresholds are looked for at most.
_PATHS = 4096
#: How many thresholds of a feature are tried, between which of its percentiles; with how many digits, the fewest that
#: leave this share of them different. A second condition is first looked for among every third threshold.
_THRESHOLDS, _RANGE, _ROUGHLY = 25, (2.0, 98.0), 3
_DIGITS, _TOLD_APART = range(2, 16), 0.4
#: By what share of what one condition earns a second one must raise it: if it earns less it is not worth reading.
_RAISE = 0.05
#: How often the moves are gone through: what one is worth depends on the others.
_ROUNDS = 2


class Condition(NamedTuple):
    """A feature (None: the number of the date, from 0) at or above a threshold, or below it."""

    feature: int | None
    above: bool
    threshold: float

    def holds(self, problem: Switching) -> BoolArray:
        """On which dates and paths: ``(dates, 1|paths)``."""
        values: FloatArray = (
            np.arange(float(problem.dates))[:, None] if self.feature is None else problem.features[:, self.feature]
        )
        return values >= self.threshold if self.above else values < self.threshold


#: Conditions that must all hold for a move.
Conditions: TypeAlias = tuple[Condition, ...]


@dataclass(frozen=True)
class Trigger:
    """The conditions of each move of a problem, in their order; None: it is never made. Of several, the first is."""

    by_move: tuple[Conditions | None, ...]

    def modes(self, problem: Switching) -> Modes:
        """The modes ``(dates, paths)`` that it leads to on the paths of ``problem``."""
        made = _made(problem, self.by_move, lambda condition: condition.holds(problem))
        modes = np.empty((problem.dates, problem.paths), dtype=np.int8)
        before = np.full(problem.paths, problem.start, dtype=np.int8)
        for d in range(problem.dates):
            modes[d] = before
            for move, where in reversed([*zip(problem.moves, made, strict=True)]):
                modes[d, (before == move.origin) & where[d]] = move.target
            before = modes[d]
        return modes


def best_trigger(problem: Switching) -> Trigger:
    """The rule of at most two conditions a move that is worth most on the first paths of ``problem``, as far as found.

    Move by move in their order, the others as they were found so far (never, at first): all single conditions, then a
    second one beside the best of each kind. So let steps come before leaps.
    """
    search = _Search(problem.part(slice(0, _PATHS)))
    found: tuple[Conditions | None, ...] = (None,) * len(problem.moves)
    for _ in range(_ROUNDS if len(problem.moves) > 1 else 1):
        for place in range(len(problem.moves)):
            found = search.improved(found, place)
    return Trigger(found)


class _Choice(NamedTuple):
    """Conditions of a move and what the rule is worth with them."""

    worth: float
    when: Conditions


class _Search:
    """Thresholds to try, by kind of condition, and what rules of them are worth."""

    def __init__(self, problem: Switching) -> None:
        self.problem = problem
        dates = range(problem.dates)
        kinds = [
            [Condition(None, True, float(d)) for d in dates],
            [Condition(None, False, float(d)) for d in dates[1:]],
        ]
        for feature in range(problem.features.shape[1]):
            thresholds = _round_numbers(problem.features[:, feature])
            kinds += [[Condition(feature, above, x) for x in thresholds] for above in (False, True)]
        self.kinds = [kind for kind in kinds if kind]
        self._known: dict[Condition, BoolArray] = {}

    def improved(self, found: tuple[Conditions | None, ...], place: int) -> tuple[Conditions | None, ...]:
        """``found`` with the conditions of one move that make it worth most, given those of the others."""

        def best(choices: Iterable[Conditions]) -> _Choice:
            """The first of the choices that are worth most."""
            tried = (_Choice(self._worth((*found[:place], when, *found[place + 1 :])), when) for when in choices)
            return max(tried, key=lambda choice: choice.worth)

        def pair(own: list[Condition], first: Condition) -> _Choice:
            """The best pair of ``first``, of its ``own`` kind, and another kind: roughly, then each threshold anew."""
            others = [kind for kind in self.kinds if kind is not own]
            rough = [best((first, second) for second in kind[::_ROUGHLY]) for kind in others]
            near = max(range(len(others)), key=lambda kind: rough[kind].worth)
            second = rough[near].when[1]
            first = best((first, second) for first in own).when[0]
            return best((first, second) for second in others[near])

        never = self._worth((*found[:place], None, *found[place + 1 :]))
        singles = [best((condition,) for condition in kind) for kind in self.kinds]
        chosen = max(singles, key=lambda choice: choice.worth)
        if len(self.kinds) > 1:
            pairs = [pair(kind, single.when[0]) for kind, single in zip(self.kinds, singles, strict=True)]
            closest = max(pairs, key=lambda choice: choice.worth)
            if closest.worth > max(chosen.worth, never + (1.0 + _RAISE) * (chosen.worth - never)):
                chosen = closest
        return (*found[:place], chosen.when if chosen.worth > never else None, *found[place + 1 :])

    def _worth(self, by_move: tuple[Conditions | None, ...]) -> float:
        """What a rule is worth on average, from the last date back."""
        made = _made(self.problem, by_move, self._holds)
        worth, used = np.zeros(self.problem.flows.shape[1:]), [_dates_with(where) for where in made]
        moves = [*zip(self.problem.moves, made, used, strict=True)][::-1]
        for d in reversed(range(self.problem.dates)):
            held = worth
            held += self.problem.flows[d]
            if not any(dates[d] for dates in used):
                continue
            worth = held.copy()
            for move, where, dates in moves:
                if dates[d]:
                    np.add(held[move.target], move.worth[d], out=worth[move.origin], where=where[d])
        return float(mean_over_paths(worth[self.problem.start]))

    def _holds(self, condition: Condition) -> BoolArray:
        if condition not in self._known:
            self._known[condition] = condition.holds(self.problem)
        return self._known[condition]


def _dates_with(made: BoolArray) -> list[bool]:
    """On which dates a move is ``made (dates, 1|paths)`` on any path."""
    found: list[bool] = np.any(made, axis=1).tolist()
    return found


def _made(
    problem: Switching, by_move: tuple[Conditions | None, ...], holds: Callable[[Condition], BoolArray]
) -> list[BoolArray]:
    """Where each move is made by a site in its origin: ``(dates, 1|paths)`` each."""
    nowhere = np.zeros((problem.dates, 1), dtype=np.bool_)
    return [
        nowhere if when is None else reduce(np.logical_and, map(holds, when), move.allowed)
        for move, when in zip(problem.moves, by_move, strict=True)
    ]


def _round_numbers(values: FloatArray) -> list[float]:
    """Percentiles of ``values`` within the range, with as few digits as tell most of them apart; none of a constant."""
    ranked = np.sort(values, axis=None)
    ranks = np.linspace(*_RANGE, _THRESHOLDS) / 100.0 * (ranked.size - 1)
    exact = np.unique(ranked[ranks.astype(np.intp)])
    if exact.size < 2:
        return []
    for digits in _DIGITS:
        rounded = list(dict.fromkeys(float(f"{x:.{digits}g}") for x in exact))
        if len(rounded) >= _TOLD_APART * exact.size:
            break
    return rounded
