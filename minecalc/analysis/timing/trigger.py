"""A rule that can be read out: make a move as soon as one or two numbers are below or above a threshold.

Thresholds do not depend on the date; the date may be one of the numbers, so that a fixed date is such a rule too.
They are the round numbers that made the rule worth most on the paths given: whether it is worth as much elsewhere is
for other paths to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple, TypeAlias

import numpy as np

from minecalc.analysis.timing.sums import mean_over_paths
from minecalc.analysis.timing.switching import Modes, Move, Switching
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

        beside = _Beside(self.problem, _made(self.problem, found, self._holds), place)

        def worth(when: Conditions | None) -> float:
            return beside.worth(_made_when(self.problem, place, when, self._holds))

        def best(choices: Iterable[Conditions]) -> _Choice:
            """The first of the choices that are worth most."""
            return max((_Choice(worth(when), when) for when in choices), key=lambda choice: choice.worth)

        def pair(own: list[Condition], first: Condition) -> _Choice:
            """The best pair of ``first``, of its ``own`` kind, and another kind: roughly, then each threshold anew."""
            others = [kind for kind in self.kinds if kind is not own]
            rough = [best((first, second) for second in kind[::_ROUGHLY]) for kind in others]
            near = max(range(len(others)), key=lambda kind: rough[kind].worth)
            second = rough[near].when[1]
            first = best((first, second) for first in own).when[0]
            return best((first, second) for second in others[near])

        never = worth(None)
        singles = [best((condition,) for condition in kind) for kind in self.kinds]
        chosen = max(singles, key=lambda choice: choice.worth)
        if len(self.kinds) > 1:
            pairs = [pair(kind, single.when[0]) for kind, single in zip(self.kinds, singles, strict=True)]
            closest = max(pairs, key=lambda choice: choice.worth)
            if closest.worth > max(chosen.worth, never + (1.0 + _RAISE) * (chosen.worth - never)):
                chosen = closest
        return (*found[:place], chosen.when if chosen.worth > never else None, *found[place + 1 :])

    def _holds(self, condition: Condition) -> BoolArray:
        if condition not in self._known:
            self._known[condition] = condition.holds(self.problem)
        return self._known[condition]


class _Beside:
    """What rules are worth that differ in when they make one move, at ``place``, and make the others where ``made``.

    Only in modes from which that move is reached does its worth change with it; the others' is worked out once.
    """

    def __init__(self, problem: Switching, made: Sequence[BoolArray], place: int) -> None:
        self._problem, self._place = problem, place
        moves = [(problem.moves[at], where) for at, where in enumerate(made) if at == place or where.any()]
        self._free = {problem.moves[place].origin}
        while more := {move.origin for move, _ in moves if move.target in self._free} - self._free:
            self._free |= more
        still = [(move, where) for move, where in moves if move.origin not in self._free]
        modes = {problem.start, *(move.target for move, _ in moves), *(move.origin for move, _ in moves)}
        held, self._fixed = _held(modes - self._free, problem, still)
        #: The moves that are gone through for each rule, the last first, as the first of several is made.
        self._moves = [each for each in reversed(moves) if each[0].origin in self._free]
        self._both = {move.target for move, _ in self._moves} & self._free
        self._moved = {mine: held[mine.target] + mine.worth for mine, _ in self._moves if mine.target in held}

    def worth(self, where: BoolArray) -> float:
        """What the rule is worth on average that makes the move ``where (dates, 1|paths)``, from the last date back."""
        problem, made = self._problem, []
        mine = problem.moves[self._place]
        for move, others in self._moves:
            rows = where if move is mine else others
            made.append((move, rows, np.any(rows, axis=1).tolist(), self._moved.get(move)))
        worth = {mode: np.zeros(problem.paths) for mode in self._free}
        for d in reversed(range(problem.dates)):
            for mode, usd in worth.items():
                usd += problem.flows[d, mode]
            before = {mode: worth[mode].copy() for mode in self._both}
            for move, rows, dates, moved in made:
                if dates[d]:
                    instead = before[move.target] + move.worth[d] if moved is None else moved[d]
                    worth[move.origin] = np.where(rows[d], instead, worth[move.origin])
        found = worth if problem.start in self._free else self._fixed
        return float(mean_over_paths(found[problem.start]))


def _held(
    modes: set[int], problem: Switching, made: Sequence[tuple[Move, BoolArray]]
) -> tuple[dict[int, FloatArray], dict[int, FloatArray]]:
    """What each of ``modes`` is worth to hold from each date on, ``(dates, paths)``, and before the first decision."""
    held = {mode: np.empty((problem.dates, problem.paths)) for mode in modes}
    worth = {mode: np.zeros(problem.paths) for mode in modes}
    for d in reversed(range(problem.dates)):
        for mode in modes:
            worth[mode] = held[mode][d] = worth[mode] + problem.flows[d, mode]
        for move, where in reversed(made):
            worth[move.origin] = np.where(where[d], held[move.target][d] + move.worth[d], worth[move.origin])
    return held, worth


def _made(
    problem: Switching, by_move: tuple[Conditions | None, ...], holds: Callable[[Condition], BoolArray]
) -> list[BoolArray]:
    """Where each move is made by a site in its origin: ``(dates, 1|paths)`` each."""
    return [_made_when(problem, place, when, holds) for place, when in enumerate(by_move)]


def _made_when(
    problem: Switching, place: int, when: Conditions | None, holds: Callable[[Condition], BoolArray]
) -> BoolArray:
    """Where the move at ``place`` is made under these conditions."""
    if when is None:
        return np.zeros((problem.dates, 1), dtype=np.bool_)
    return reduce(np.logical_and, map(holds, when), problem.moves[place].allowed)


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
