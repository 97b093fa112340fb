"""On which side of zero functions are beside the places where they cross it: read off what has been looked at."""

from typing import NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray
from minecalc.solving.crossings import AT_STEP, Crossings, Function


class Looked(NamedTuple):
    """Numbers that were looked at, ascending, and the functions there, ``(n, points)`` both, NaN for no value.

    Differences up to ``noise (n,)`` have no side.
    """

    grid: FloatArray
    values: FloatArray
    noise: FloatArray


def signs_beside(
    function: Function, found: Crossings, low: FloatArray, high: FloatArray, looked: Looked, *, whole: bool
) -> FloatArray:
    """The signs of n functions below and above each of their ascending crossings, ``(2, crossings)``.

    They are those of any number up to the next crossing or the end of the range ``low`` to ``high (n,)``, of whole
    numbers of the next; NaN where there is nothing. Where none of these has been looked at it is now, half-way.
    """
    which = found.which
    begins, ends = np.minimum(found.x, found.beyond), np.maximum(found.x, found.beyond)
    grid, values = looked.grid[which], looked.values[which]
    sided = np.isfinite(values) & (np.abs(values) > looked.noise[which, None])
    if whole:
        away = np.where(found.kind == AT_STEP, 0.0, 1.0)  # the sides of a step are next to it already
        x = np.stack([begins - away, ends + away])
        room = (x >= low[which]) & (x <= high[which])
        on_side = grid == x[:, :, None]
    else:
        first, last = np.diff(which, prepend=-1) != 0, np.diff(which, append=-1) != 0
        below, above = np.where(first, low[which], np.roll(ends, 1)), np.where(last, high[which], np.roll(begins, -1))
        x = np.stack([0.5 * (below + begins), 0.5 * (ends + above)])
        room = np.stack([below < x[0], x[1] < above]) & (x != np.stack([begins, ends]))
        on_side = np.stack([_within(grid, below, begins, first), _within(-grid, -above, -ends, last)])
    known = on_side & sided & room[:, :, None]
    furthest = np.argmax(np.where(known, np.abs(values), -1.0), axis=2)
    there = np.take_along_axis(known, furthest[:, :, None], axis=2)[:, :, 0]
    signs = np.where(there, np.sign(values[np.arange(which.size), furthest]), np.nan)
    left = room & ~there
    if left.any():
        signs[left] = np.sign(function(x[left], np.broadcast_to(which, x.shape)[left]))
    return signs


def _within(numbers: FloatArray, begins: FloatArray, ends: FloatArray, closed: BoolArray) -> BoolArray:
    """Which ``numbers (n, points)`` lie between ``begins`` and ``ends (n,)``, at ``begins`` too where ``closed``."""
    above = numbers > begins[:, None]
    found: BoolArray = (above | (closed[:, None] & (numbers == begins[:, None]))) & (numbers < ends[:, None])
    return found
