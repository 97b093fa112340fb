"""A debt service reserve: what lenders want held in cash ahead of the next payments."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from minecalc.arrays import FloatArray, Number, added, months_later
from minecalc.trace import decided, named


def periods_ahead(reserve_months: Number, every_months: float) -> list[Number]:
    """Of each period ahead the share of its months that lies within ``reserve_months``; up to the last that does."""
    most = float(np.max(decided(reserve_months)))
    count = math.ceil(most / every_months)
    return [
        np.minimum(np.maximum(reserve_months - period * every_months, 0.0), every_months) / every_months
        for period in range(count)
    ]


def target(service: FloatArray, shares: Sequence[Number], every_months: int) -> FloatArray:
    """What the reserve should hold after each date: the ``service (months, ·)`` of the periods ahead by ``shares``."""
    ahead = (months_later(service, (period + 1) * every_months) * share for period, share in enumerate(shares))
    return named("reserve_target_usd", added(len(service), *ahead))
