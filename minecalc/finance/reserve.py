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


def first_shares(since: FloatArray, reserve_months: Number, every_months: float) -> FloatArray:
    """The share of the service of each date that the reserve holds at the start of operation, ``(points, ·)``.

    ``since`` are months of operation; it is ``periods_ahead`` of the first dates, and 0 elsewhere.
    """
    months = as_row(reserve_months) - (since - every_months)
    return named("reserved_share_fraction", _share(months, every_months) * truth(is_date(since, every_months)))


def _share(months: Number, every_months: float) -> FloatArray:
    """What of a period of ``every_months`` lies within ``months`` from its start."""
    return np.minimum(np.maximum(months, 0.0), every_months) / every_months
