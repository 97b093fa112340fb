"""Which numbers of an input's range to look at: close together around the present one, wider apart to the ends."""

from __future__ import annotations

import numpy as np

from minecalc.arrays import FloatArray

#: Of whole numbers all are looked at if there are at most this many.
WHOLE_MOST = 700

#: How far from an end the point next to it is, as a share of the range.
_INNER = 1e-4

#: The least step away from the present value, as a share of it, or of the way to the end where it is zero.
_NEAREST, _NEAREST_OF_WAY = 0.05, 0.001


def spread(present: FloatArray, low: FloatArray, high: FloatArray, points: int) -> FloatArray:
    """About ``points`` numbers in each of n ranges, ascending, ``(n, ·)``; all arguments but it are ``(n,)``.

    They hold both ends and a point close to each, which shows the slope there, the present value (the nearer end if it
    lies outside), steps from it that grow in proportion, and an even part. Where there is no room some are equal.
    """
    now = np.clip(present, low, high)
    steps = max(points * 3 // 8, 2)
    even = np.linspace(0.0, 1.0, max(points - 2 * steps - 1, 2))[:, None]
    above, below = _steps(now, high - now, steps), _steps(now, now - low, steps)
    inner = _INNER * (high - low)
    every = np.concatenate(
        [now - below, now[None], now + above, low * (1.0 - even) + high * even, [low + inner, high - inner]]
    )
    return np.sort(np.clip(every, low, high), axis=0).T


def _steps(present: FloatArray, way: FloatArray, count: int) -> FloatArray:
    """``count`` distances in geometric progression up to the whole ``way``, ``(count, n)``."""
    scale = np.minimum(np.where(present != 0.0, np.abs(present) * _NEAREST, way * _NEAREST_OF_WAY), way)
    share = np.arange(count)[:, None] / (count - 1)
    grown = np.where(way > 0.0, way / np.where(scale > 0.0, scale, 1.0), 1.0)
    distances = scale * np.power(grown, share)
    distances[-1] = way
    return distances


def whole_spread(present: FloatArray, low: FloatArray, high: FloatArray, points: int) -> FloatArray:
    """As ``spread`` of whole numbers: every one of each range in which these are few enough."""
    first, last = np.ceil(low), np.floor(high)
    count = last - first + 1.0
    few = count <= WHOLE_MOST
    every = np.minimum(first[few, None] + np.arange(np.max(count[few], initial=1.0)), last[few, None])
    some = np.rint(spread(present[~few], first[~few], last[~few], max(points, WHOLE_MOST)))
    grid = np.empty((count.size, max(part.shape[1] for part in (every, some) if part.size)))
    for rows, part in ((few, every), (~few, some)):
        if part.size:
            grid[rows] = np.pad(part, ((0, 0), (0, grid.shape[1] - part.shape[1])), mode="edge")
    return grid
