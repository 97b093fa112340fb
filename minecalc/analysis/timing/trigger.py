"""A rule that can be read out: convert as soon as one or two numbers are below or above a threshold.

Thresholds do not depend on the date; the date may be one of the numbers, so that a fixed date is such a rule too.
They are the round numbers that made the rule worth most on the paths given: whether it is worth as much elsewhere is
for other paths to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple, TypeAlias

import numpy as np

from minecalc.analysis.timing.sums import mean_over_paths
from minecalc.analysis.timing.switching import Modes, Switching
from minecalc.arrays import BoolArray, FloatArray, running_total

#: On how many paths thresholds are looked for at most.
_PATHS = 4096
#: How many thresholds of a feature are tried, between which of its percentiles; with how many digits, the fewest that
#: leave this share of them different. A second condition is first looked for among every third threshold.
_THRESHOLDS, _RANGE, _ROUGHLY = 25, (2.0, 98.0), 3
_DIGITS, _TOLD_APART = range(2, 16), 0.4
#: By what share of what one condition earns a second one must raise it: if it earns less it is not worth reading.
_RAISE = 0.05


class Condition(NamedTuple):
    """A feature (None: the number of the date, from 0) at or above a threshold, or below it."""

    feature: int | None
    above: bool
    threshold: float

    def holds(self, features: FloatArray) -> BoolArray:
        """On which dates and paths of ``features (dates, features, paths)``: ``(dates, 1|paths)``."""
        dates = np.arange(float(len(features)))[:, None]
        values: FloatArray = dates if self.feature is None else features[:, self.feature]
        return values >= self.threshold if self.above else values < self.threshold


#: Conditions that must all hold.
Conditions: TypeAlias = tuple[Condition, ...]


def triggered(problem: Switching, when: Conditions | None) -> Modes:
    """The modes ``(dates, paths)`` of making the only move of ``problem`` once all of ``when`` hold; None: never."""
    [move] = problem.moves
    made = np.zeros((problem.dates, problem.paths), dtype=np.bool_)
    if when is not None:
        made |= reduce(np.logical_and, (condition.holds(problem.features) for condition in when), move.allowed)
    return np.logical_or.accumulate(made, axis=0).astype(np.int8)


def best_trigger(problem: Switching) -> Conditions | None:
    """The at most two conditions that are worth most for the only move, on the first paths of ``problem``.

    All single conditions are tried, then a second one beside the best of each kind. None: never to move is better.
    """
    search = _Search(problem)
    singles = [search.best((condition,) for condition in kind) for kind in search.kinds]
    never, chosen = search.worth(None), max(singles, key=lambda choice: choice.worth)
    if len(search.kinds) > 1:
        pairs = [search.pair(kind, single.when[0]) for kind, single in zip(search.kinds, singles, strict=True)]
        closest = max(pairs, key=lambda choice: choice.worth)
        if closest.worth > max(chosen.worth, never + (1.0 + _RAISE) * (chosen.worth - never)):
            chosen = closest
    return chosen.when if chosen.worth > never else None


class _Choice(NamedTuple):
    """Conditions of the move and what the rule is worth with them."""

    worth: float
    when: Conditions


class _Search:
    """Thresholds to try, by kind of condition, and what rules of them are worth on the first paths."""

    def __init__(self, problem: Switching) -> None:
        [move] = problem.moves
        some = slice(0, _PATHS)
        self._features, self._allowed = problem.features[..., some], move.allowed[:, some]
        self._staying = problem.flows[:, 0, some]
        self._moved = running_total(problem.flows[::-1, 1, some])[::-1] + move.worth[:, some]
        dates = range(problem.dates)
        kinds = [
            [Condition(None, True, float(d)) for d in dates],
            [Condition(None, False, float(d)) for d in dates[1:]],
        ]
        for feature in range(problem.features.shape[1]):
            thresholds = _round_numbers(self._features[:, feature])
            kinds += [[Condition(feature, above, x) for x in thresholds] for above in (False, True)]
        self.kinds = [kind for kind in kinds if kind]
        self._known: dict[Condition, BoolArray] = {}

    def worth(self, when: Conditions | None) -> float:
        """What it is worth on average to move once all of ``when`` hold, from the last date back; None: never."""
        made = np.zeros_like(self._allowed)
        if when is not None:
            made = reduce(np.logical_and, map(self._holds, when), self._allowed)
        worth = np.zeros(self._staying.shape[1])
        for d, on_date in reversed([*enumerate(np.any(made, axis=1).tolist())]):
            worth += self._staying[d]
            if on_date:
                worth = np.where(made[d], self._moved[d], worth)
        return float(mean_over_paths(worth))

    def best(self, choices: Iterable[Conditions]) -> _Choice:
        """The first of the choices that are worth most."""
        return max((_Choice(self.worth(when), when) for when in choices), key=lambda choice: choice.worth)

    def pair(self, own: list[Condition], first: Condition) -> _Choice:
        """The best pair of ``first``, of its ``own`` kind, and another kind: roughly, then each threshold anew."""
        others = [kind for kind in self.kinds if kind is not own]
        rough = [self.best((first, second) for second in kind[::_ROUGHLY]) for kind in others]
        near = max(range(len(others)), key=lambda kind: rough[kind].worth)
        second = rough[near].when[1]
        first = self.best((first, second) for first in own).when[0]
        return self.best((first, second) for second in others[near])

    def _holds(self, condition: Condition) -> BoolArray:
        if condition not in self._known:
            self._known[condition] = condition.holds(self._features)
        return self._known[condition]


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
