"""NPV and internal rate of flows on calendar dates, under a day count.

A day count turns two dates into a number of days and a length of the year, so dated flows are flows on a
daily grid and share ``npv`` and ``irr``. Dates may come in any order; the earliest is today.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from minecalc.arrays import FloatArray
from minecalc.finance.returns import InternalRates, as_columns, irr, npv

DayCount = Literal["act/365F", "30/360 SIA", "30E/360"]

DAYS_PER_YEAR: dict[DayCount, int] = {"act/365F": 365, "30/360 SIA": 360, "30E/360": 360}


def days_between(start: date, end: date, day_count: DayCount) -> int:
    """Days from ``start`` to ``end`` as ``day_count`` has them, over a year of ``DAYS_PER_YEAR[day_count]``.

    act/365F counts real days. The 30/360 counts give every month 30 days and differ at its end: 30E/360
    takes the 31st for the 30th; 30/360 SIA does so for the end only after a start on the 30th or 31st, and
    treats the last day of February as the 30th.
    """
    if day_count == "act/365F":
        return (end - start).days
    first, last = start.day, end.day
    if day_count == "30E/360":
        first, last = min(first, 30), min(last, 30)
    else:
        if _ends_february(start):
            last = 30 if _ends_february(end) else last
            first = 30
        first = min(first, 30)
        last = min(last, 30) if first == 30 else last
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def xnpv(flows: ArrayLike, dates: Sequence[date], rate: ArrayLike, day_count: DayCount = "act/365F") -> FloatArray:
    """Net present value ``(cases,)`` on the earliest date, at ``rate`` effective per year.

    ``flows (points,)`` or ``(points, cases)``, one date per point; raises ValueError if their numbers differ.
    """
    return npv(_by_day(flows, dates, day_count), rate, DAYS_PER_YEAR[day_count])


def xirr(flows: ArrayLike, dates: Sequence[date], day_count: DayCount = "act/365F") -> InternalRates:
    """``irr`` of flows on dates; raises ValueError unless there is one date per point."""
    return irr(_by_day(flows, dates, day_count), DAYS_PER_YEAR[day_count])


def _by_day(flows: ArrayLike, dates: Sequence[date], day_count: DayCount) -> FloatArray:
    """``flows`` spread over the days from the earliest date to the latest: ``(days, cases)``."""
    columns = as_columns(flows)
    if len(dates) != len(columns):
        raise ValueError(f"{len(columns)} flows have {len(dates)} dates; each takes one")
    start = min(dates)
    days = [days_between(start, day, day_count) for day in dates]
    grid = np.zeros((max(days) + 1, columns.shape[1]))
    np.add.at(grid, days, columns)
    return grid


def _ends_february(day: date) -> bool:
    return day.month == 2 and (day + timedelta(days=1)).month == 3
