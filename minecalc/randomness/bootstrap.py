"""The stationary bootstrap (Politis and Romano 1994): months of history drawn in blocks of random length.

A path begins at a random month of history and goes on to the next, except that with probability 1 / mean length it
jumps to another; the last month is followed by the first. What several series did in a month stays together.
"""

from __future__ import annotations

import numpy as np

from minecalc.arrays import FloatArray, accumulate, recurrence


def places(
    generator: np.random.Generator, months: int, paths: int, history: int, mean_block_months: float
) -> FloatArray:
    """Which month of ``history`` (from 0) each month of each path repeats, ``(months, paths)``."""
    jumps = generator.random((months, paths)) < 1.0 / mean_block_months
    jumps[0] = True
    anywhere = generator.integers(0, history, (months, paths))
    last = history - 1.0
    return recurrence(lambda k, jumps, to: np.where(jumps, to, np.where(k < last, k + 1.0, 0.0)), 0.0, jumps, anywhere)


def log_mean(steps: FloatArray, weights: FloatArray, mean_block_months: float) -> FloatArray:
    """log E[exp(h[k])] for k = 1..months, ``(months, 1)``, of h[k] = sum of ``weights`` [k - j] x the steps of month j.

    ``steps (history, series)`` are what several series did in a month, ``weights (months, series)`` what is left of
    that so many months later. Exact: the expected product given the month of history where a path is follows from that
    of the month before, for every k at once.
    """
    months, history, jump = len(weights), len(steps), 1.0 / mean_block_months
    grown = np.exp(accumulate((weights[:, :, None] * steps.T[None, :, :]).swapaxes(0, 1).reshape(steps.shape[1], -1)))
    grown = grown.reshape(months, history)
    expected, logs = np.ones((months, history)), np.zeros((months, 1))
    for j in range(months):
        left = expected[j:]
        if j:
            anywhere = accumulate(left.T)[:, None] / history
            left = (1.0 - jump) * np.roll(left, 1, axis=1) + jump * anywhere
        left = left * grown[: months - j]
        mean = accumulate(left.T)[:, None] / history
        logs[j:] += np.log(mean)
        expected[j:] = left / mean  # kept near 1, so that long horizons do not overflow
    return logs
