"""Break-even at a chosen confidence: the value of an input at which a plan beats the baseline with that probability.

On each path the plan is ahead at some values of the input and behind at others; at each value, the share of paths on
which it is ahead is the probability. That share crosses the confidence where the order statistic of its rank among the
differences in NPV crosses zero, so that is what is solved, on the same paths at every value, until no path more or less
is ahead. Paths on which the plan is ahead at every value, or at none, or by turns, so count as they should.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.analysis.simulate.run import plan_worths
from minecalc.arrays import FloatArray
from minecalc.scenario.movables import Movable
from minecalc.simulation.world import Draw, World
from minecalc.solving.crossings import bracketed_roots
from minecalc.solving.dependence import reads
from minecalc.solving.spread import spread
from minecalc.statistics.estimates import Estimate, wilson
from minecalc.statistics.sampling import NORMAL_QUANTILE

#: Values of a range that are looked at besides its ends, as multiples of the present one; about how many if thorough.
_MULTIPLES, _POINTS = (0.5, 1.0, 2.0), 24

#: Slopes that differ by less, as a share of the steepest, are one straight line's; points that show one.
_STRAIGHT, _STRAIGHT_POINTS = 1e-9, 4

#: How often it is looked where an end of an interval seems to be, unless it moves by less than this share of its way.
_LOOKS, _MOVED = 3, 0.2

#: How often a bracket is narrowed at the most, and when it is just halved, which comes to the last digit alone.
_STEPS_MOST, _HALVING = 80, range(8, 80)

#: A difference smaller than this share of a typical one is zero: far below what the paths can tell.
_NOTHING = 1e-9


class Confident(NamedTuple):
    """Where the probability of being ahead crosses ``confidence`` as one input moves, nearest to the present value.

    Values are as people know the input, of the first month. ``rises``: the probability rises with the input there, so
    the value is needed at least, else at most. ``value`` None: there is none for the ``reason``. ``shares`` are the
    probabilities at the low end of the range, at present and at the high end, ``crossings`` how often it crosses;
    ``by_turns`` is the share of paths on which the plan gets ahead or behind more than once.
    """

    movable: Movable
    confidence: float
    value: Estimate | None
    rises: bool
    setting: str
    shares: tuple[float, float, float]
    crossings: int
    by_turns: float
    paths: int
    reason: str = ""


def at_confidence(
    world: World,
    draws: Sequence[Draw],
    plans: tuple[str, str],
    movable: Movable,
    confidence: float,
    *,
    thorough: bool = False,
) -> Confident:
    """Where the first of ``plans`` beats the second with probability ``confidence``, in ``draws`` of ``world``.

    A few values of the input's range are looked at, many if ``thorough``. Raises ``ValueError`` for a date, or a
    confidence outside 0..1.
    """
    if movable.is_month:
        raise ValueError(f"{movable.path} is a date; give an input that is a number")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"a confidence of {confidence:g} is none; it lies between 0 and 1")
    return crossing(_Differences(world, draws, plans, movable.at), movable, confidence, thorough=thorough)


def crossing(
    differences: Callable[[float], FloatArray], movable: Movable, confidence: float, *, thorough: bool = False
) -> Confident:
    """Where the share of ``differences(x)``, ``(paths,)`` each, that lie above zero crosses ``confidence``.

    NaN is a path that is impossible at x, and does not count there.
    """
    gaps, now = Gaps(differences), float(np.clip(movable.present, movable.low, movable.high))
    grid = _grid(movable, thorough=thorough)
    gaps.look({grid[0], now if movable.whole else (grid[0] + now) / 2.0, now, grid[-1]})
    if movable.whole or not gaps.straight:
        gaps.look(grid)
    seen = gaps.seen
    rows = np.stack([gaps(x) for x in seen])
    shares = [_share(row) for row in rows]
    signs = np.sign(np.where(np.isnan(rows), 0.0, rows))
    turns = np.count_nonzero(signs[1:] * signs[:-1] < 0.0, axis=0)
    tiny = _NOTHING * float(np.median(np.abs(rows[~np.isnan(rows)]))) if not np.isnan(rows).all() else 0.0
    values = [ahead_by(row, confidence) for row in rows]
    values = [0.0 if abs(value) <= tiny else value for value in values]
    places = [i for i in range(len(seen) - 1) if (values[i] > 0.0) != (values[i + 1] > 0.0)]
    found = Confident(
        movable,
        confidence,
        None,
        rises=False,
        setting="",
        shares=(shares[0], shares[seen.index(now)], shares[-1]),
        crossings=len(places),
        by_turns=float(np.count_nonzero(turns > 1)) / turns.size,
        paths=rows.shape[1],
    )
    if not places:
        return found._replace(reason=_why_none(rows, shares, confidence))
    place = min(places, key=lambda i: max(seen[i] - now, now - seen[i + 1], 0.0))
    rises = values[place + 1] > 0.0
    low, high = seen[place], seen[place + 1]
    x = _whole_crossing(gaps, confidence, low, high) if movable.whole else _crossing(gaps, confidence, low, high, tiny)
    low, high = _interval(gaps, confidence, x, rises=rises, whole=movable.whole)
    error = abs(high - low) * abs(movable.base) / (2.0 * NORMAL_QUANTILE)
    ends = sorted((movable.value_at(low), movable.value_at(high)))
    value = Estimate(movable.value_at(x), error, ends[0], ends[1], found.paths)
    return found._replace(value=value, rises=rises, setting=movable.setting(x))


def _grid(movable: Movable, *, thorough: bool) -> list[float]:
    """Values to look at, ascending: both ends of the range, the present one, and some between."""
    if thorough or movable.present == 0.0:
        present, low, high = (np.array([end]) for end in (movable.present, movable.low, movable.high))
        values = spread(present, low, high, _POINTS if thorough else len(_MULTIPLES))[0]
    else:
        values = np.array([movable.low, *(movable.present * multiple for multiple in _MULTIPLES), movable.high])
    values = np.clip(np.rint(values) if movable.whole else values, movable.low, movable.high)
    found: list[float] = np.unique(values).tolist()
    return found


class Gaps:
    """Differences on every path as a function of one input; what was looked at is kept, in order."""

    def __init__(self, differences: Callable[[float], FloatArray]) -> None:
        self._differences = differences
        self._at: dict[float, FloatArray] = {}
        self.straight = False

    @property
    def seen(self) -> list[float]:
        """The values that were looked at, ascending."""
        return sorted(self._at)

    def look(self, values: Iterable[float]) -> None:
        """Look at these values, and see whether all differences are straight lines between what was looked at."""
        for value in values:
            self(value)
        x = np.array(self.seen)
        if x.size < _STRAIGHT_POINTS:
            return
        rows = np.stack([self._at[value] for value in self.seen])
        slopes = np.diff(rows, axis=0) / np.diff(x)[:, None]
        self.straight = bool(np.all(np.ptp(slopes, axis=0) <= _STRAIGHT * np.max(np.abs(slopes), axis=0)))

    def __call__(self, x: float) -> FloatArray:
        """The differences ``(paths,)`` at x; NaN on paths that are impossible there."""
        if x not in self._at:
            if self.straight:
                return self.between(x)
            self._at[x] = self._differences(x)
        return self._at[x]

    def between(self, x: float) -> FloatArray:
        """The differences at x, straight between those that were looked at on both sides."""
        seen = self.seen
        right = next(place for place, value in enumerate(seen) if value >= x)
        if seen[right] == x:
            return self._at[x]
        low, high = seen[right - 1], seen[right]
        share = (x - low) / (high - low)
        return self._at[low] * (1.0 - share) + self._at[high] * share


class _Differences:
    """The NPV of one plan less that of another at the scenario's rate, in draws of a world with an input moved to x."""

    def __init__(self, world: World, draws: Sequence[Draw], plans: tuple[str, str], at: str) -> None:
        self._world, self._draws, self._plans, self._input = world, draws, plans, at
        self._moves = {name: reads(world.scenario, name).input(at) for name in plans}
        self._still: dict[tuple[str, int], FloatArray] = {}

    def __call__(self, x: float) -> FloatArray:
        """NaN on paths that are impossible."""
        return np.concatenate([self._block(number, draw, x) for number, draw in enumerate(self._draws)])

    def _block(self, number: int, draw: Draw, x: float) -> FloatArray:
        paths = self._world.applied(draw, {self._input: x})
        for name in self._plans:
            if self._moves[name] or (name, number) not in self._still:
                self._still[name, number] = plan_worths(paths, (name,))[0]
        ours, theirs = (self._still[name, number] for name in self._plans)
        return np.where(paths.infeasible, np.nan, ours - theirs)


def ahead_by(gaps: FloatArray, share: float) -> float:
    """What that ``share`` of the known ``gaps (paths,)`` reach: above zero where at least so many are."""
    known = np.sort(gaps[~np.isnan(gaps)])
    if not known.size:
        return -math.inf
    rank = min(max(math.ceil(share * known.size - 1e-9), 1), known.size)
    return float(known[known.size - rank])


def _share(row: FloatArray) -> float:
    known = np.count_nonzero(~np.isnan(row))
    return float(np.count_nonzero(row > 0.0) / known) if known else 0.0


def _why_none(rows: FloatArray, shares: Sequence[float], confidence: float) -> str:
    if np.all(np.ptp(rows, axis=0) <= 1e-12 * np.max(np.abs(rows), axis=0)):
        return "it does not change the difference"
    if shares[0] >= confidence:
        return f"it is ahead in at least {min(shares):.0%} of worlds at every value"
    return f"it is ahead in at most {max(shares):.0%} of worlds at every value"


def _crossing(gaps: Gaps, share: float, low: float, high: float, tiny: float) -> float:
    """Where the probability crosses ``share`` between ``low`` and ``high``, to a path, or to a ``tiny`` difference.

    On each path the difference is nearly a straight line between values that are near each other, so where it would
    cross if it were one is looked at next: twice as far away from an end that was moved there before, so that the other
    end comes near too. If that takes long, as at a jump, the middle is looked at.
    """
    above_low = ahead_by(gaps(low), share) > 0.0
    x, moved = low, ""
    for step in range(_STEPS_MOST):
        x = _modelled_crossing(gaps, share, low, high)
        if moved == "low":
            x = min(2.0 * x - low, (x + high) / 2.0)
        elif moved == "high":
            x = max(2.0 * x - high, (x + low) / 2.0)
        if step in _HALVING or x in (low, high):
            x = (low + high) / 2.0
        if x in (low, high):
            break
        row = gaps(x)
        level = ahead_by(row, share)
        ahead, known = np.count_nonzero(row > 0.0), np.count_nonzero(~np.isnan(row))
        if abs(level) <= tiny or abs(ahead - share * known) < 1.0:
            break
        if (level > 0.0) == above_low:
            low, moved = x, "low" if moved == "" else ""
        else:
            high, moved = x, "high" if moved == "" else ""
    return x


def _modelled_crossing(gaps: Gaps, share: float, low: float, high: float) -> float:
    """Where the probability would cross ``share`` if differences ran straight between the values looked at."""

    def function(x: FloatArray, _: object) -> FloatArray:
        return np.array([ahead_by(gaps.between(float(x[0])), share)])

    ends = np.array([low]), np.array([high])
    return float(bracketed_roots(function, *ends, *(function(end, None) for end in ends)).x[0])


def _whole_crossing(gaps: Gaps, share: float, low: float, high: float) -> float:
    """The whole number between ``low`` and ``high`` next to the crossing where the probability reaches ``share``."""
    above_low = ahead_by(gaps(low), share) > 0.0
    while high - low > 1.0:
        middle = float(math.floor((low + high) / 2.0))
        above = ahead_by(gaps(middle), share) > 0.0
        low, high = (middle, high) if above == above_low else (low, middle)
    return low if above_low else high


def _interval(gaps: Gaps, confidence: float, x: float, *, rises: bool, whole: bool) -> tuple[float, float]:
    """Where the probability may cross the confidence as well: where it leaves Wilson's interval around that.

    Near enough to tell an error: between values that were looked at, more of which are put where the ends seem to be,
    differences are taken to run straight. It ends with the range.
    """
    low, high = wilson(confidence, gaps(x).size)
    ends = []
    for share, side in ((low if rises else high, -1.0), (high if rises else low, 1.0)):
        above, before = (side > 0.0) == rises, x
        end = _left(gaps, share, x, side, above=above)
        for _ in range(0 if whole or gaps.straight else _LOOKS):
            if end is None or abs(end - before) <= _MOVED * abs(end - x):
                break
            gaps(end)
            before, end = end, _left(gaps, share, x, side, above=above)
        ends.append((gaps.seen[0] if side < 0.0 else gaps.seen[-1]) if end is None else end)
    return ends[0], ends[1]


def _left(gaps: Gaps, share: float, x: float, side: float, *, above: bool) -> float | None:
    """Where, on a side of ``x``, the probability is first above (or not above) ``share``; None if nowhere."""

    if (ahead_by(gaps(x), share) > 0.0) == above:
        return x
    last = x
    for value in sorted((seen for seen in gaps.seen if (seen - x) * side > 0.0), key=lambda seen: abs(seen - x)):
        if (ahead_by(gaps(value), share) > 0.0) == above:
            return _modelled_crossing(gaps, share, min(last, value), max(last, value))
        last = value
    return None
