"""Where else to look at functions of one number, so that between two points that are looked at lies one root at most.

Each function is the difference of two parts, the worth of two plans. A plan's worth bends one way in nearly every
input (of prices it is a sum of what each month earns or, shut off, does not lose), so its slope between two points lies
between the slopes to their other neighbours. That bounds the slope of the difference, and by it the difference itself:
where it can neither turn nor reach zero nothing hides, and everywhere else the middle is looked at too. A part that
visibly bends both ways is taken to be that much steeper.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray
from minecalc.solving.crossings import Whole

#: ``parts(x, which)``: both parts of the functions numbered ``which (m,)`` at ``x (m,)``, and a number for what is
#: chosen there, ``(3, m)``; NaN for no value.
Parts = Callable[[FloatArray, Whole], FloatArray]

#: How often intervals are halved at the most, how narrow none is halved (a share of x and of the range), and how many
#: points a function has at the most.
_ROUNDS, _NARROW, _NARROW_OF_RANGE, _POINTS_MOST = 40, 1e-9, 1e-12, 2000

#: Up to how many points are worked out at once for some halvings ahead, and for how many if they are hardly any: few
#: columns take hardly longer than one.
_FEW, _AHEAD = 600, 3
_HARDLY_ANY, _FAR_AHEAD = 128, 5

#: How narrow an interval is not halved for a choice in it, as a share of x.
_NARROW_FOR_CHOICE = 1e-4

#: Slopes are not told from zero by less than the noise of values times this, over the width.
_TIMES_NOISE = 8.0


class _Points(NamedTuple):
    """Points of functions in order: the function ``(m,)``, x ``(m,)``, both parts and the choices there ``(3, m)``."""

    which: Whole
    x: FloatArray
    parts: FloatArray

    def take(self, places: Whole | BoolArray) -> "_Points":
        return _Points(self.which[places], self.x[places], self.parts[:, places])


def refined(function: Parts, grid: FloatArray, parts: FloatArray, noise: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``grid (n, points)`` and ``parts (3, n, points)`` with the points that are needed besides; some stand twice.

    ``noise (n,)`` is how much of the functions' values is rounding.
    """
    n, count = grid.shape
    points = _Points(np.repeat(np.arange(n), count), grid.ravel(), parts.reshape(3, -1))
    new = np.concatenate([[True], (np.diff(points.x) > 0.0) | (np.diff(points.which) > 0)])
    points, settled = points.take(new), list[_Points]()
    narrowest = _NARROW_OF_RANGE * (grid[:, -1] - grid[:, 0])
    middles = _Middles(function)
    for _ in range(_ROUNDS):
        doubtful = np.flatnonzero(_doubtful(points, noise, narrowest))
        active = np.zeros(n, dtype=np.bool_)
        active[points.which[doubtful]] = True
        active[np.bincount(points.which, minlength=n) > _POINTS_MOST] = False
        settled.append(points.take(~active[points.which]))
        doubtful = doubtful[active[points.which[doubtful]]]
        if not doubtful.size:
            break
        more = middles.of(points.which[doubtful], points.x[doubtful], points.x[doubtful + 1])
        points = _in_order([points.take(active[points.which]), more])
    else:
        settled.append(points)
    return _rectangular(_in_order(settled), n)


class _Middles:
    """The points in the middle of intervals; of few also those that halving these would ask for, in one go."""

    def __init__(self, function: Parts) -> None:
        self._function = function
        self._ahead: dict[tuple[int, float], FloatArray] = {}

    def of(self, which: Whole, left: FloatArray, right: FloatArray) -> _Points:
        """The functions ``which (m,)`` in the middle of ``left`` and ``right (m,)``."""
        x = 0.5 * (left + right)
        keys = list(zip(which.tolist(), x.tolist(), strict=True))
        if not all(key in self._ahead for key in keys):
            self._ahead = {}
            if which.size * (2**_AHEAD - 1) > _FEW:
                return _Points(which, x, self._function(x, which))
            halvings = _AHEAD
            while halvings < _FAR_AHEAD and which.size * (2 ** (halvings + 1) - 1) <= _HARDLY_ANY:
                halvings += 1
            self._look_ahead(which, left, right, halvings)
        return _Points(which, x, np.stack([self._ahead[key] for key in keys], axis=1))

    def _look_ahead(self, which: Whole, left: FloatArray, right: FloatArray, halvings: int) -> None:
        found, several = list[FloatArray](), list[Whole]()
        for _ in range(halvings):
            middle = 0.5 * (left + right)
            found.append(middle)
            several.append(which)
            which, left, right = np.tile(which, 2), np.append(left, middle), np.append(middle, right)
        x, of = np.concatenate(found), np.concatenate(several)
        self._ahead = dict(zip(zip(of.tolist(), x.tolist(), strict=True), self._function(x, of).T, strict=True))


def _doubtful(points: _Points, noise: FloatArray, narrowest: FloatArray) -> BoolArray:
    """Whether between a point and the next of its function something may hide, ``(m - 1,)``."""
    inside = points.which[1:] == points.which[:-1]
    width = np.where(inside, np.diff(points.x), 1.0)
    slopes = np.diff(points.parts[:2], axis=1) / width
    steepest, flattest = _slope_bounds(slopes, inside)
    rises, falls = steepest[0] - flattest[1], steepest[1] - flattest[0]  # the most the gap may rise, and fall
    rounding = noise[points.which[:-1]]
    tolerance = _TIMES_NOISE * rounding / width
    turns = (rises > tolerance) & (falls > tolerance)
    gap = points.parts[0] - points.parts[1]
    left, right = gap[:-1], gap[1:]
    # on one side of zero it gets nearest where a fall from one end meets a rise to the other
    down, up = np.where(left > 0.0, falls, rises), np.where(left > 0.0, rises, falls)
    with np.errstate(all="ignore"):
        lowest = (np.abs(left) * up + np.abs(right) * down - down * up * width) / (down + up)
    reaches = (np.sign(left) * np.sign(right) <= 0.0) | (lowest <= rounding)
    middle = np.abs(points.x[:-1])
    wide = width > np.maximum(_NARROW * middle, narrowest[points.which[:-1]])
    jumps = (points.parts[2, 1:] != points.parts[2, :-1]) & (width > _NARROW_FOR_CHOICE * np.abs(points.x[1:]))
    found: BoolArray = inside & ((turns & reaches) | jumps) & wide & np.isfinite(left) & np.isfinite(right)
    return found


def _slope_bounds(slopes: FloatArray, inside: BoolArray) -> tuple[FloatArray, FloatArray]:
    """The most and the least that the slope of each part may be in each interval, from those around it, ``(2, m)``."""
    before, after = slopes.copy(), slopes.copy()
    has_before, has_after = inside[1:] & inside[:-1], inside[:-1] & inside[1:]
    before[:, 1:] = np.where(has_before, slopes[:, :-1], slopes[:, 1:])
    after[:, :-1] = np.where(has_after, slopes[:, 1:], slopes[:, :-1])
    before, after = (np.where(np.isfinite(side), side, slopes) for side in (before, after))
    low, high = np.minimum(before, after), np.maximum(before, after)
    both_ways = (slopes < low) | (slopes > high)
    low, high = np.minimum(low, slopes), np.maximum(high, slopes)
    further = np.where(both_ways, high - low, 0.0)
    return high + further, low - further


def _in_order(several: list[_Points]) -> _Points:
    which, x = (np.concatenate([part[k] for part in several]) for k in range(2))
    parts = np.concatenate([part.parts for part in several], axis=1)
    return _Points(which, x, parts).take(np.lexsort((x, which)))


def _rectangular(points: _Points, n: int) -> tuple[FloatArray, FloatArray]:
    """The points as a grid and parts, the last of each function repeated where it has fewer than others."""
    counts = np.bincount(points.which, minlength=n)
    first = np.searchsorted(points.which, np.arange(n))
    places = first[:, None] + np.minimum(np.arange(int(counts.max())), counts[:, None] - 1)
    return points.x[places], points.parts[:, places]
