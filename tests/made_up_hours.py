"""Made-up years of hourly prices, and the loop over hours that the fast engine must agree with."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

HOUR = timedelta(hours=1)


class Hour(NamedTuple):
    """One hour of a file: when it begins by the clock of its market, and its price."""

    clock: datetime
    usd_per_mwh: float


def hours_of(years: Sequence[int], zone: str, seed: int) -> list[tuple[datetime, float]]:
    """Hours of these years of a market's clock, as instants, at prices mostly low, some of them dear or negative."""
    rng = np.random.default_rng(seed)
    local = ZoneInfo(zone)
    at = datetime(years[0], 1, 1, tzinfo=local).astimezone(UTC)
    end = datetime(years[-1] + 1, 1, 1, tzinfo=local).astimezone(UTC)
    found = []
    while at < end:
        price = float(np.round(rng.normal(30.0, 15.0) + (rng.random() < 0.03) * rng.exponential(500.0), 2))
        found.append((at, price))
        at += HOUR
    return found


def written(hours: Sequence[tuple[datetime, float]], path: Path) -> Path:
    """A CSV file of these hours, dated in UTC."""
    rows = (f"{at:%Y-%m-%dT%H:%M}Z,{price}" for at, price in hours)
    path.write_text("hour_beginning,usd_per_mwh\n" + "\n".join(rows) + "\n")
    return path


def of_month(hours: Sequence[tuple[datetime, float]], zone: str, month: int, start: int) -> list[float]:
    """The prices that stand for the calendar month ``month`` (months since year 0) of a horizon from ``start``."""
    local = ZoneInfo(zone)
    clocks = [Hour(at.astimezone(local), price) for at, price in hours]
    years = sorted({hour.clock.year for hour in clocks})
    year, of_year = divmod(month, 12)
    taken = year if year in years else years[(year - start // 12) % len(years)]
    inside = [hour for hour in clocks if (hour.clock.year, hour.clock.month) == (taken, of_year + 1)]
    if of_year != 1:
        return [hour.usd_per_mwh for hour in inside]
    days = 29 if calendar.isleap(year) else 28
    found = [hour.usd_per_mwh for hour in inside if hour.clock.day <= days]
    if days == 29 and not calendar.isleap(taken):
        found += [hour.usd_per_mwh for hour in inside if hour.clock.day == 28]
    return found


class Month(NamedTuple):
    """A month of a load of 1 MWh an hour, by a loop over its hours; shares and means are of all of them."""

    fraction: float
    paid_usd_per_mwh: float
    mean_usd_per_mwh: float


def looped(prices: Sequence[float], scale: float, adder: float, worth: float) -> Month:
    """What a load that is worth ``worth`` an MWh does with prices scaled and then added to (USD per MWh)."""
    run = paid = total = 0.0
    for price in prices:
        there = price * scale + adder
        total += there
        if there < worth:
            run += 1.0
            paid += there
    return Month(run / len(prices), paid / len(prices), total / len(prices))
