"""Where functions of one number cross zero: every crossing that a grid shows, for many functions at once.

A grid of values of each function finds where its sign changes and where it comes near zero and turns; each such
stretch is narrowed for all functions together. A function that has converged is left alone, so what is found for it
does not depend on the others, to the last bit. A change of sign at a jump is told apart from a root.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from minecalc.arrays import BoolArray, FloatArray

Whole = NDArray[np.intp]

#: ``function(x, which)``, both ``(m,)``: the functions numbered ``which``, each at its ``x``; NaN for no value.
Function = Callable[[FloatArray, Whole], FloatArray]

_STEPS_MOST = 100

#: Of the size of what is subtracted: a difference this small is rounding, and one larger than the second is no root.
NOISE, ROOT = 1e-15, 1e-9

#: How much steeper than its neighbourhood a function may be between two points that are looked at.
_STEEPER = 2.0

#: How far from a point at zero it is looked whether more lies there, as a share of the way to the next point.
_NEAR = 1e-6

#: What stands at a crossing: one value, a jump, a stretch at zero, or the step from one whole number to the next.
AT_ROOT, AT_JUMP, AT_STRETCH, AT_STEP = range(4)


class Crossings(NamedTuple):
    """Crossings of some functions, by function and ascending; all arrays have shape ``(crossings,)``.

    At ``x`` the function numbered ``which`` is ``value``, at ``beyond`` it is ``beyond_value``. A root has the two
    numbers next to it there (or itself twice), a jump or a step the numbers on its sides, a stretch its ends.
    """

    which: Whole
    kind: Whole
    x: FloatArray
    beyond: FloatArray
    value: FloatArray
    beyond_value: FloatArray

    def take(self, places: Whole | slice) -> "Crossings":
        """The crossings at ``places``, in their order."""
        return Crossings._make(field[places] for field in self)


class Narrowed(NamedTuple):
    """The ends of brackets when they could be narrowed no more: ``x`` where the function is nearer to zero.

    Where it is zero there, both are ``x``.
    """

    x: FloatArray
    beyond: FloatArray
    value: FloatArray
    beyond_value: FloatArray


def crossings(function: Function, grid: FloatArray, values: FloatArray, size: FloatArray) -> Crossings:
    """Every crossing of n functions that shows on their grids.

    ``grid`` and ``values (n, points)`` are ascending numbers (equal neighbours do no harm) and the functions there, NaN
    where they have no value; ``size (n,)`` is the size of what the functions subtract, which their rounding goes by.
    """
    noise = NOISE * size
    quiet, values = _without_noise(function, values, noise)
    brackets, touching, touched_at = _turning_points(quiet, grid, values)
    zero_which, zero_from, zero_to = _stretches(quiet, grid, values)
    row, left = np.nonzero(np.sign(values[:, :-1]) * np.sign(values[:, 1:]) < 0.0)
    ends = [(row, grid[row, left], grid[row, left + 1], values[row, left], values[row, left + 1]), *brackets]
    which, low, high, at_low, at_high = (np.concatenate(parts) for parts in zip(*ends, strict=True))
    found = bracketed_roots(lambda x, i: quiet(x, which[i]), low, high, at_low, at_high)
    jumps = np.abs(found.value) > ROOT * size[which]
    return in_order(
        Crossings(which, np.where(jumps, AT_JUMP, AT_ROOT), *found),
        _at_zero(zero_which, zero_from, zero_to),
        _at_zero(touching, touched_at, touched_at),
    )


def whole_crossings(
    function: Function, grid: FloatArray, values: FloatArray, noise: FloatArray, step: FloatArray
) -> Crossings:
    """As ``crossings``, where only multiples of ``step (n,)`` count: the grid's are, and a change of sign is a step.

    Where the grid leaves numbers out, a stretch of it is halved until two neighbours are left. Differences up to
    ``noise (n,)`` are zero.
    """
    quiet, values = _without_noise(function, values, noise)
    row, left = np.nonzero(np.sign(values[:, :-1]) * np.sign(values[:, 1:]) < 0.0)
    low, high = grid[row, left], grid[row, left + 1]
    at_low, at_high = values[row, left], values[row, left + 1]
    kind = np.full(row.size, AT_STEP)
    apart = step[row]
    which = np.flatnonzero(high - low > apart)
    while which.size:
        middle = np.floor(0.5 * (low[which] + high[which]) / apart[which]) * apart[which]
        f = quiet(middle, row[which])
        below = np.sign(f) == np.sign(at_low[which])
        hit = f == 0.0
        low[which], at_low[which] = np.where(below | hit, middle, low[which]), np.where(below | hit, f, at_low[which])
        high[which], at_high[which] = np.where(below, high[which], middle), np.where(below, at_high[which], f)
        kind[which[hit]] = AT_ROOT
        which = which[high[which] - low[which] > apart[which]]
    steps = Crossings(row, kind, low, high, at_low, at_high)
    row, first, last = _runs(values)
    return in_order(steps, _at_zero(row, grid[row, first], grid[row, last]))


def _without_noise(function: Function, values: FloatArray, noise: FloatArray) -> tuple[Function, FloatArray]:
    """The function, and its values ``(n, points)``, with zero in place of what is at most ``noise (n,)``."""

    def quiet(x: FloatArray, which: Whole) -> FloatArray:
        found = function(x, which)
        return np.where(np.abs(found) <= noise[which], 0.0, found)

    return quiet, np.where(np.abs(values) <= noise[:, None], 0.0, values)


def _at_zero(which: Whole, begins: FloatArray, ends: FloatArray) -> Crossings:
    """Roots, and stretches where ``ends`` differ from ``begins``, at which the functions are zero."""
    zeros = np.zeros(which.size)
    return Crossings(which, np.where(ends > begins, AT_STRETCH, AT_ROOT), begins, ends, zeros, zeros)


def in_order(*found: Crossings) -> Crossings:
    """All of them, by function and ascending."""
    every = Crossings._make(map(np.concatenate, zip(*found, strict=True)))
    return every.take(np.lexsort((every.x, every.which)))


def bracketed_roots(
    function: Function, low: FloatArray, high: FloatArray, at_low: FloatArray, at_high: FloatArray
) -> Narrowed:
    """One root of each of n functions between ``low`` and ``high (n,)``, where its values differ in sign.

    Chandrupatla's method (1997): inverse quadratic interpolation where it is safe, else bisection; the first step is by
    false position, which ends a straight line at once. Ends when a value is exactly zero or no number lies between the
    ends. A function that has no value somewhere counts there as it does at the end further from zero.
    """
    a, b, fa, fb = (np.array(v, dtype=np.float64) for v in (low, high, at_low, at_high))
    c, fc = b.copy(), fb.copy()
    t = fa / np.where(fa != fb, fa - fb, 1.0)
    which = np.flatnonzero((fa != 0.0) & (fb != 0.0))
    for _ in range(_STEPS_MOST):
        if not which.size:
            break
        i = which
        x = a[i] + t[i] * (b[i] - a[i])
        f = function(x, i)
        f = np.where(np.isnan(f), fb[i], f)
        same = np.sign(f) == np.sign(fa[i])
        c[i], fc[i] = np.where(same, a[i], b[i]), np.where(same, fa[i], fb[i])
        b[i], fb[i] = np.where(same, b[i], a[i]), np.where(same, fb[i], fa[i])
        a[i], fa[i] = x, f
        nearest = np.where(np.abs(fa[i]) <= np.abs(fb[i]), a[i], b[i])
        width = np.abs(b[i] - a[i])
        narrow = np.minimum(2e-16 * np.abs(nearest) / np.where(width > 0.0, width, 1.0), 0.5)
        t[i] = np.clip(_step(a[i], b[i], c[i], fa[i], fb[i], fc[i]), narrow, 1.0 - narrow)
        which = i[(fa[i] != 0.0) & (fb[i] != 0.0) & (narrow < 0.5) & (width > 0.0)]
    first = np.abs(fa) <= np.abs(fb)
    x, value = np.where(first, a, b), np.where(first, fa, fb)
    found = value == 0.0
    return Narrowed(
        x, np.where(found, x, np.where(first, b, a)), value, np.where(found, value, np.where(first, fb, fa))
    )


def _step(a: FloatArray, b: FloatArray, c: FloatArray, fa: FloatArray, fb: FloatArray, fc: FloatArray) -> FloatArray:
    """The next point between a and b as a share of the way, by interpolation through three points or by halves."""
    with np.errstate(all="ignore"):
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        smooth = (phi * phi < xi) & ((1.0 - phi) * (1.0 - phi) < 1.0 - xi)
        t = fa / (fb - fa) * (fc / (fb - fc)) + (c - a) / (b - a) * (fa / (fc - fa)) * (fb / (fc - fb))
    return np.where(smooth & np.isfinite(t), t, 0.5)


def _runs(values: FloatArray) -> tuple[Whole, Whole, Whole]:
    """Runs of points at zero that leave others: the functions they are of, and their first and last place."""
    zero = np.zeros((values.shape[0], values.shape[1] + 2), dtype=np.bool_)
    zero[:, 1:-1] = values == 0.0
    row, first = np.nonzero(zero[:, 1:-1] & ~zero[:, :-2])
    _, last = np.nonzero(zero[:, 1:-1] & ~zero[:, 2:])
    some = (first > 0) | (last < values.shape[1] - 1)
    return row[some], first[some], last[some]


def _stretches(function: Function, grid: FloatArray, values: FloatArray) -> tuple[Whole, FloatArray, FloatArray]:
    """Runs of points at zero, to their true ends: the functions they are of, and where each begins and ends."""
    row, first, last = _runs(values)
    begins, ends = grid[row, first], grid[row, last]
    before, after = grid[row, np.maximum(first - 1, 0)], grid[row, np.minimum(last + 1, grid.shape[1] - 1)]
    return row, _edge(function, row, begins, before), _edge(function, row, ends, after)


def _edge(function: Function, row: Whole, inside: FloatArray, outside: FloatArray) -> FloatArray:
    """Where a stretch at zero ends between ``inside``, where it is, and ``outside``; ``inside`` if it ends there."""
    inside, outside = inside.copy(), outside.copy()
    which = np.flatnonzero(inside != outside)
    if which.size:
        near = inside[which] + _NEAR * (outside[which] - inside[which])
        which = which[function(near, row[which]) == 0.0]
    for _ in range(_STEPS_MOST):
        middle = 0.5 * (inside[which] + outside[which])
        which, middle = (v[(middle != inside[which]) & (middle != outside[which])] for v in (which, middle))
        if not which.size:
            break
        at_zero = function(middle, row[which]) == 0.0
        inside[which] = np.where(at_zero, middle, inside[which])
        outside[which] = np.where(at_zero, outside[which], middle)
    return inside


Bracket = tuple[Whole, FloatArray, FloatArray, FloatArray, FloatArray]


def _turning_points(
    function: Function, grid: FloatArray, values: FloatArray
) -> tuple[list[Bracket], Whole, FloatArray]:
    """Pairs of roots that lie between the points of the grid, where a function comes near zero and turns.

    They are brackets of two roots each, and the functions and places that touch zero exactly.

    Around each point that is nearer to zero than its neighbours the middle of both sides is looked at again and again,
    until the sign changes or the function, were it twice as steep, could not get there.
    """
    row, place, before, after = _near_zero(grid, values)
    x = np.stack([grid[row, before], grid[row, place], grid[row, after]])
    f = np.stack([values[row, before], values[row, place], values[row, after]])
    brackets: list[Bracket] = []
    touched: list[tuple[Whole, FloatArray]] = [(np.zeros(0, np.intp), np.zeros(0))]
    for _ in range(_STEPS_MOST):
        keep = _may_reach_zero(x, f)
        row, x, f = row[keep], x[:, keep], f[:, keep]
        if not row.size:
            break
        between = 0.5 * (x[:-1] + x[1:])
        at = function(between.ravel(), np.tile(row, 2)).reshape(between.shape)
        x = np.stack([x[0], between[0], x[1], between[1], x[2]])
        f = np.stack([f[0], at[0], f[1], at[1], f[2]])
        exact = np.any(at == 0.0, axis=0)
        crossed = np.any(np.sign(at) * np.sign(f[0]) < 0.0, axis=0) & ~exact
        for k in range(4):
            pair = crossed & (np.sign(f[k]) * np.sign(f[k + 1]) < 0.0)
            brackets.append((row[pair], x[k, pair], x[k + 1, pair], f[k, pair], f[k + 1, pair]))
        for k in range(2):
            hit = (at[k] == 0.0) & ((k == 0) | (at[0] != 0.0))
            touched.append((row[hit], between[k, hit]))
        going = ~exact & ~crossed & np.all(np.isfinite(at), axis=0)
        row, x, f = row[going], x[:, going], f[:, going]
        best = 1 + np.argmin(np.abs(f[1:-1]), axis=0)
        around = best + np.arange(-1, 2)[:, None]
        x, f = np.take_along_axis(x, around, axis=0), np.take_along_axis(f, around, axis=0)
    which, at_zero = zip(*touched, strict=True)
    return brackets, np.concatenate(which), np.concatenate(at_zero)


def _near_zero(grid: FloatArray, values: FloatArray) -> tuple[Whole, Whole, Whole, Whole]:
    """Points nearer to zero than the numbers before and after, on the same side of it: function, place, both others."""
    points = np.arange(grid.shape[1])
    begins = np.ones((grid.shape[0], points.size + 1), dtype=np.bool_)  # runs of equal numbers
    begins[:, 1:-1] = grid[:, 1:] > grid[:, :-1]
    run_ends = np.where(begins[:, 1:], points, points.size)
    after = 1 + np.minimum.accumulate(run_ends[:, ::-1], axis=1)[:, ::-1]
    row, place = np.nonzero(begins[:, :-1] & (points > 0) & (after < points.size))
    before, after = place - 1, after[row, place]
    here, left, right = (values[row, at] for at in (place, before, after))
    same_side = (np.sign(here) == np.sign(left)) & (np.sign(here) == np.sign(right)) & (here != 0.0)
    near = same_side & (np.abs(here) < np.abs(left)) & (np.abs(here) <= np.abs(right))
    return row[near], place[near], before[near], after[near]


def _may_reach_zero(x: FloatArray, f: FloatArray) -> BoolArray:
    """Whether a function through three points ``(3, n)``, the middle one nearest to zero, may reach zero near it."""
    gaps = np.diff(x, axis=0)
    drops = np.abs(np.diff(f, axis=0))
    steepest = np.max(np.divide(drops, gaps, out=np.zeros_like(drops), where=gaps > 0.0), axis=0)
    wide = np.all(gaps > 4e-16 * np.abs(x[1]), axis=0)
    reaches: BoolArray = wide & (np.abs(f[1]) <= _STEEPER * steepest * np.max(gaps, axis=0))
    return reaches
