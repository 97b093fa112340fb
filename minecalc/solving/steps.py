"""Whole numbers that a search has looked at, with what two plans are worth there: more can be told of them then."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray


class Steps(NamedTuple):
    """The whole numbers that were looked at in every case, ``x (cases, numbers)``, the last several times.

    ``worth_usd`` and ``residual_usd (2, cases, numbers)`` are the worth of the plan and of the other there, and what of
    it is the residual, both at the scenario's rate.
    """

    x: FloatArray
    worth_usd: FloatArray
    residual_usd: FloatArray

    def part(self, begin: int, end: int) -> "Steps":
        """Those of some cases."""
        return Steps(self.x[begin:end], self.worth_usd[:, begin:end], self.residual_usd[:, begin:end])

    def from_on(self, x: float) -> "Steps":
        """Those of a single case from ``x`` on, each once."""
        (numbers,) = self.x
        later = np.flatnonzero((numbers >= x) & (np.diff(numbers, prepend=-np.inf) > 0.0))
        return Steps(self.x[:, later], self.worth_usd[..., later], self.residual_usd[..., later])


def joined(parts: Sequence[Steps]) -> Steps | None:
    """The numbers looked at in all cases; None where there are none. Of fewer the last is there more often."""
    if not parts:
        return None
    most = max(part.x.shape[1] for part in parts)
    every = [np.minimum(np.arange(most), part.x.shape[1] - 1) for part in parts]
    return Steps(
        np.concatenate([part.x[:, places] for part, places in zip(parts, every, strict=True)]),
        np.concatenate([part.worth_usd[..., places] for part, places in zip(parts, every, strict=True)], axis=1),
        np.concatenate([part.residual_usd[..., places] for part, places in zip(parts, every, strict=True)], axis=1),
    )
