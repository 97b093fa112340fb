"""A debt service reserve: what lenders want held in cash ahead of the next payments."""

from __future__ import annotations

import math

import numpy as np

from minecalc.arrays import FloatArray, Number, as_row, truth
from minecalc.finance.debt import is_date
from minecalc.trace import decided, named


def periods_ahead(reserve_months: Number, every_months: float) -> list[Number]:
    """Of each period ahead the share of its months that lies within ``reserve_months``; up to the last that does."""
    most = float(np.max(decided(reserve_months)))
    count = math.ceil(most / every_months)
    return [_share(reserve_months - period * every_months, every_months) for period in range(count)]


def first_shares(
    since: FloatArray, reserve_months: Number, every_months: float, before: FloatArray | None = None
) -> FloatArray:
    """The share of the service of each date that the reserve holds at the start of operation, ``(points, ·)``.

    ``since`` are months of operation; it is ``periods_ahead`` of the first dates, and 0 elsewhere. Where the calendar
    has run some months ``before`` operation the first period is so much shorter.
    """
    if before is not None:
        begins, length = np.maximum(since - every_months, 0.0), np.maximum(np.minimum(since, every_months), 1.0)
        inside = np.minimum(np.maximum(as_row(reserve_months) - begins, 0.0), length) / length
        return named("reserved_share_fraction", inside * truth(is_date(since + before, every_months)))
    months = as_row(reserve_months) - (since - every_months)
    return named("reserved_share_fraction", _share(months, every_months) * truth(is_date(since, every_months)))


def _share(months: Number, every_months: float) -> FloatArray:
    """What of a period of ``every_months`` lies within ``months`` from its start."""
    return np.minimum(np.maximum(months, 0.0), every_months) / every_months
