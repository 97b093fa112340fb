"""Sums over paths, in an order of their own: the same bits whatever the number of threads.

Path i is added to lane i mod ``LANES``, the lanes of a block at once; the lanes are then added in pairs. numpy's
matrix products leave the order to a library that may choose it by the number of threads.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minecalc.arrays import FloatArray

#: Paths that are handled at a time, a power of two: the products of a regression's terms then fit the cache.
LANES = 1024


def blocks(paths: int) -> Iterator[slice]:
    """The paths from first to last, ``LANES`` at a time."""
    for start in range(0, paths, LANES):
        yield slice(start, min(start + LANES, paths))


def add_lanes(lanes: FloatArray) -> FloatArray:
    """The sum of ``lanes (..., LANES)`` over the lanes: the halves, then their halves, and so on: ``(...)``."""
    while lanes.shape[-1] > 1:
        half = lanes.shape[-1] // 2
        lanes = lanes[..., :half] + lanes[..., half:]
    return lanes[..., 0]


def mean_over_paths(values: FloatArray) -> FloatArray:
    """The mean of ``values (..., paths)`` over the paths, counted from the first, so that of equals it is exact."""
    first = values[..., :1]
    lanes = np.zeros((*values.shape[:-1], LANES))
    for block in blocks(values.shape[-1]):
        part = values[..., block] - first
        lanes[..., : part.shape[-1]] += part
    mean: FloatArray = first[..., 0] + add_lanes(lanes) / values.shape[-1]
    return mean
