"""Plant at book value: what was bought, less its straight line from the month of service, until it leaves.

Rows are months 1..T. What is in service from a month on loses a part of its cost in each month of its life; when it
leaves, at the horizon at the latest, what is left is written off, so that the two together are what it cost.

Source: straight-line depreciation, as financial statements have it; tax has classes of its own (``depreciation``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, as_row, month_before, truth
from minecalc.trace import named


class Part(NamedTuple):
    """What leaves together and has one life: ``cost_usd (1|cases,)``, floats or columns.

    It is in service from month ``service`` and leaves at the start of month ``ends``.
    """

    cost_usd: Number
    service: Number
    ends: Number
    life_months: Number


class Worn(NamedTuple):
    """What a part loses in each month, ``(months, ·)``, positive: by its straight line, and when it leaves."""

    depreciation_usd: FloatArray
    written_off_usd: FloatArray


def worn(part: Part, months: FloatArray) -> Worn:
    """What ``part`` loses in ``months (T, 1)``, which count from 1."""
    last = float(len(months))
    service, ends, life, cost = map(as_row, (part.service, part.ends, part.life_months, part.cost_usd))
    used = np.minimum(np.maximum(months - (service - 1.0), 0.0), life) / life
    lost = (used - month_before(used, 0.0)) * truth(months < ends)
    used_up = np.minimum(np.maximum(np.minimum(ends - 1.0, last) - (service - 1.0), 0.0), life) / life
    leaves = truth(months == np.minimum(np.maximum(ends, 1.0), last))
    return Worn(
        named("part_depreciation_usd", lost * cost), named("part_written_off_usd", leaves * (cost * (1.0 - used_up)))
    )
