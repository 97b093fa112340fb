"""What operation leaves after each point if all that is scheduled is paid: where the waterfall looks first.

A guess at what ``minecalc.finance.month`` comes to, by its own rules and much quicker: what is owed is known, no
balloon falls due, and nothing is swept. Whether it is right is found out by those rules, in ``trace.joint_rows``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minecalc.arrays import FloatArray, cases_in, nowhere
from minecalc.finance.month import (
    FREE,
    NONE,
    Point,
    Tranche,
    held_after,
    paid_from,
    scheduled,
    swept,
    tested_at,
    topped_up,
    total,
    wanted_reserve,
)


def planned(
    owed: Sequence[FloatArray],
    tranches: Sequence[Tranche],
    now: Point,
    shares: Sequence[Any],
    sweep: Sequence[FloatArray] = (),
) -> FloatArray:
    """Cash, reserve and hold after each point at which something happens, ``(3, 1|points, ·)``.

    ``owed`` is what is owed after each point, and ``sweep`` what is swept, in USD, ``(points, ·)`` of each tranche.
    Tranches hold what is owed at each point.
    """
    _, interest, instalment = scheduled(tranches)
    due: Any = total(interest) + total(instalment)
    indebted: Any = total(tranche.owed for tranche in tranches) > 0.0
    low: Any = NONE if nowhere(now.least) else tested_at(now, due, ())[1]
    reserves, covenants = bool(shares), not nowhere(low)
    if not (reserves or covenants or now.dates.shape[1] > 1):
        return np.zeros((3, 1, 1))
    aim = wanted_reserve(owed, tranches, shares) * now.dates * (1.0 - now.ends) if reserves else NONE
    before_end = 1.0 - now.ends
    parts = zip(tranches, instalment, strict=True)
    balloons: Any = total((one.owed - usd) * one.last_date * before_end for one, usd in parts)
    rows = (due, low, aim, indebted, balloons, now.cfads, now.dates, now.begins)
    due, low, aim, indebted, balloons, cfads, dates, begins = np.broadcast_arrays(*rows)
    shape = due.shape
    falls_due = balloons.any(axis=1).tolist()
    found = np.zeros((3, *shape))
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
            if falls_due[row]:
                cash, reserve, _, _ = paid_from(balloons[row], cash, reserve, total(usd[row] for usd in owed) <= 0.0)
            if reserves:
                moved = topped_up(aim[row], reserve, cash) * dates[row]
                cash, reserve = cash - moved, reserve + moved
            for usd in sweep:
                cash = cash - usd[row]
            if covenants:
                hold = held_after(hold, low[row], dates[row])
            cash = cash * (1.0 - dates[row] * (hold == FREE))
            for each, after in zip(found, (cash, reserve, hold), strict=True):
                each[row] = after
    return found


def owed_when_swept(tranches: Sequence[Tranche], now: Point) -> tuple[list[FloatArray], list[FloatArray]]:
    """What is swept of each of ``tranches``, and what is owed of it after each point, ``(points, ·)`` each.

    No reserve takes of the cash.
    """
    width = cases_in(now.period_cfads, *(rows for tranche in tranches for rows in tranche[1:-1]))
    points = len(now.dates)
    found_sweep, found_owed = ([np.zeros((points, width)) for _ in tranches] for _ in range(2))
    owed: list[Any] = [np.zeros(width) for _ in tranches]
    of_points = [[_by_row(rows, points) for rows in tranche[1:-1]] for tranche in tranches]
    at = now.period_cfads, now.begins, now.dates, now.ends
    cfads, begins, dates, ends = (_by_row(rows, points) for rows in at)
    busy = np.flatnonzero(now.happens.any(axis=1)).tolist()
    for row, until in zip(busy, [*busy[1:], points], strict=True):
        each = [
            Tranche(usd + begins[row] * rows[0][row], *(one[row] for one in rows))
            for usd, rows in zip(owed, of_points, strict=True)
        ]
        _, interest, instalment = scheduled(each)
        due, before_end = total(interest) + total(instalment), 1.0 - ends[row]
        owed = [one.owed - usd for one, usd in zip(each, instalment, strict=True)]
        balloon = [usd * one.last_date * before_end for usd, one in zip(owed, each, strict=True)]
        owed = [usd - paid for usd, paid in zip(owed, balloon, strict=True)]
        spare = np.maximum(cfads[row] - due - total(balloon), 0.0) * dates[row] * before_end
        sweep, owed = swept(spare, owed, each)
        owed = [usd * before_end for usd in owed]
        for place, (usd, left) in enumerate(zip(sweep, owed, strict=True)):
            found_sweep[place][row], found_owed[place][row:until] = usd, left
    return found_sweep, found_owed


def _by_row(rows: FloatArray, points: int) -> Any:
    """Rows of so many points; numbers where they are of one column."""
    each = rows[:, 0].tolist() if rows.shape[1] == 1 else rows
    return [each[0]] * points if len(rows) == 1 else each
