"""What operation leaves after each point if all that is scheduled is paid: where the waterfall looks first.

A guess at what ``minecalc.finance.month`` comes to, by its own rules and much quicker: what is owed is known, no
balloon falls due, and nothing is swept. Whether it is right is found out by those rules, in ``trace.joint_rows``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, nowhere
from minecalc.finance.month import (
    FREE,
    NONE,
    Point,
    Tranche,
    held_after,
    paid_from,
    scheduled,
    tested_at,
    topped_up,
    total,
    wanted_reserve,
)


class Planned(NamedTuple):
    """Cash, reserve and hold after each point at which something happens, ``(1|points, ·)``."""

    cash_usd: FloatArray
    reserve_usd: FloatArray
    held: FloatArray


def planned(owed: Sequence[FloatArray], tranches: Sequence[Tranche], now: Point, shares: Sequence[Any]) -> Planned:
    """What is left at all points where ``owed`` is what is owed after each; tranches hold what is owed at each."""
    _, interest, instalment = scheduled(tranches)
    due: Any = total(interest) + total(instalment)
    indebted: Any = total(tranche.owed for tranche in tranches) > 0.0
    low: Any = NONE if nowhere(now.least) else tested_at(now, due, ())[1]
    reserves, covenants = bool(shares), not nowhere(low)
    if not (reserves or covenants or now.dates.shape[1] > 1):
        return Planned(*(np.zeros((1, 1)) for _ in Planned._fields))
    shape = np.broadcast_shapes(due.shape, now.cfads.shape, now.dates.shape)
    aim = wanted_reserve(owed, tranches, shares) * now.dates * (1.0 - now.ends) if reserves else NONE
    rows = (due, low, aim, indebted, now.cfads, now.dates, now.begins)
    due, low, aim, indebted, cfads, dates, begins = (np.broadcast_to(one, shape) for one in rows)
    found = Planned(*np.zeros((len(Planned._fields), *shape)))
    earns, all_owe = not nowhere(now.reserve_yield), indebted.all(axis=1).tolist()
    cash, reserve, hold = (rows[0] * 1.0 for rows in found)
    for row, busy in enumerate(now.happens.any(axis=1).tolist()):
        cash = cash + cfads[row]
        if earns:
            cash = cash + reserve * now.reserve_yield[0]
        if not all_owe[row]:
            cash = cash * indebted[row]
        if busy:
            reserve = reserve + begins[row] * now.reserve[0]
            cash, reserve, _, _ = paid_from(due[row], cash, reserve)
            if reserves:
                moved = topped_up(aim[row], reserve, cash) * dates[row]
                cash, reserve = cash - moved, reserve + moved
            if covenants:
                hold = held_after(hold, low[row], dates[row])
            cash = cash * (1.0 - dates[row] * (hold == FREE))
            for each, after in zip(found, (cash, reserve, hold), strict=True):
                each[row] = after
    return found
