"""The stationary bootstrap (Politis and Romano 1994): months of history drawn in blocks of random length.

A path begins at a random month of history and goes on to the next, except that with probability 1 / mean length it
jumps to another; the last month is followed by the first. What several series did in a month stays together.
"""

from __future__ import annotations

import numpy as np

from minecalc.arrays import FloatArray, recurrence, running_total


def places(
    generator: np.random.Generator, months: int, paths: int, history: int, mean_block_months: float
) -> FloatArray:
    """Which month of ``history`` (from 0) each month of each path repeats, ``(months, paths)``."""
    jumps = generator.random((months, paths)) < 1.0 / mean_block_months
    jumps[0] = True
    anywhere = generator.integers(0, history, (months, paths))
    last = history - 1.0
    return recurrence(lambda k, jumps, to: np.where(jumps, to, np.where(k < last, k + 1.0, 0.0)), 0.0, jumps, anywhere)


def log_mean(steps: FloatArray, months: int, mean_block_months: float) -> FloatArray:
    """log E[exp(sum of the first k steps)] of such paths for k = 1..months, ``(months, 1)``.

    Exact: the expected product given the month of history where a path is follows from that of the month before.
    """
    factors, jump = np.exp(steps), 1.0 / mean_block_months
    expected, found = np.ones_like(factors), np.empty((months, 1))
    logs = 0.0
    for k in range(months):
        anywhere = float(running_total(expected[:, None])[-1, 0]) / len(steps)
        expected = factors * ((1.0 - jump) * np.roll(expected, 1) + jump * anywhere if k else expected)
        mean = float(running_total(expected[:, None])[-1, 0]) / len(steps)
        logs += float(np.log(mean))
        expected /= mean  # kept near 1, so that long horizons do not overflow
        found[k] = logs
    return found
