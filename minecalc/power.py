"""The price of power as a business meets it: what a firm load pays, and one that is off where power is dear.

A firm load pays the mean price of all hours. An interruptible one runs in the hours whose price lies below what
running is worth: what a month's running brings over the energy that it takes, a price per MWh. Where a month has one
price these are all hours or none; where it goes by the hour they are found by a search in its sorted prices, and what
they cost is a running sum (see ``minecalc.sorted_hours``). Uptime takes the same share of every hour.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, dropped_where, kept_where, truth
from minecalc.paths import ValueOverTime
from minecalc.sorted_hours import HourlyPrice
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.units import KWH_PER_MWH


class HoursBelow(NamedTuple):
    """The hours of a month in which power costs less than a limit, ``(months, ·)`` both.

    ``fraction`` is their share of the month's hours, ``usd_per_mwh`` the sum of their prices over all of its hours: a
    load that draws E MWh if it never is off pays E x ``usd_per_mwh`` for the hours below the limit.
    """

    fraction: FloatArray
    usd_per_mwh: FloatArray


class Interruptible(NamedTuple):
    """A load that is off in the hours whose power costs more than running is worth; all ``(months, ·)``.

    ``power_if_run_usd`` (negative) and ``margin_if_run_usd``, the worth of running less it, are of a load that is never
    off; ``runs`` is where it is on in any hour, ``stands`` the months before it is shut for good (None: all). ``hours``
    are those in which it is on; None where all hours of a month have one price, so that it is on in all or none.
    """

    power_if_run_usd: FloatArray
    margin_if_run_usd: FloatArray
    runs: BoolArray
    stands: BoolArray | None = None
    hours: HoursRun | None = None

    @property
    def unpaid(self) -> BoolArray:
        """The months in no hour of which running is worth its power, whether the load stands or not."""
        return self.margin_if_run_usd <= 0.0 if self.hours is None else self.hours.fraction <= 0.0

    def shut_but_for(self, months: BoolArray) -> Interruptible:
        """The same load in ``months (months, ·)``, and off for good, whatever power costs, in the others."""
        return self._replace(runs=self.runs & months, stands=months)

    def in_hours_run(self, whole: FloatArray) -> FloatArray:
        """Of what all hours of a month bring or take the part of those in which it runs."""
        return kept_where(self.runs, whole if self.hours is None else whole * self.hours.fraction)

    def until_shut(self, whole: FloatArray) -> FloatArray:
        """Of what all hours of a month bring or take what they do before it is shut for good."""
        return whole if self.stands is None else kept_where(self.stands, whole)

    def hours_run_fraction(self) -> FloatArray:
        """The share of the hours of a month in which it runs."""
        return truth(self.runs) if self.hours is None else kept_where(self.runs, self.hours.fraction)

    def power_usd(self) -> FloatArray:
        """The cost of power of the hours in which it runs, negative."""
        return kept_where(self.runs, self.power_if_run_usd if self.hours is None else self.hours.power_usd)

    def saved_usd(self) -> FloatArray:
        """What being off saves: the margin of the hours in which it runs less that of all hours."""
        margin = self.margin_if_run_usd
        if self.stands is not None:
            margin = named("margin_until_shut_usd", kept_where(self.stands, margin))
        if self.hours is None:
            return dropped_where(self.runs, -margin)
        return kept_where(self.runs, self.hours.margin_usd) - margin


class HoursRun(NamedTuple):
    """The hours of a month in which a load that nothing shuts for good is on, all ``(months, ·)``.

    ``fraction`` is their share, ``power_usd`` (negative) what their power costs, ``margin_usd`` what they are worth
    less it.
    """

    fraction: FloatArray
    power_usd: FloatArray
    margin_usd: FloatArray


class PowerPrice(NamedTuple):
    """The price of power over the months; ``average_usd_per_kwh`` is the mean of a month's hours, ``(1|months, ·)``.

    ``hourly`` are the prices of all hours; None where a month has one.
    """

    average_usd_per_kwh: FloatArray
    hourly: HourlyPrice | None = None

    @classmethod
    def of(cls, price: ValueOverTime, timeline: Timeline) -> PowerPrice:
        """The months of an input."""
        return cls(price.values(timeline), price.hourly(timeline))

    def cost_usd(self, energy_mwh: FloatArray) -> FloatArray:
        """What a firm load pays for its energy by month, ``(months, ·)``."""
        return energy_mwh * (self.average_usd_per_kwh * KWH_PER_MWH)

    def below(self, limit_usd_per_mwh: FloatArray, which: str = "") -> HoursBelow:
        """The hours cheaper than a limit ``(1|months, ·)``; ties are not. Explanations put ``which`` before the names.

        Any load that chooses by the price is made of these: one of several profiles is in each between two limits.
        """
        if self.hourly is None:
            price = self.average_usd_per_kwh * KWH_PER_MWH
            below = price < limit_usd_per_mwh
            return HoursBelow(truth(below), np.where(below, price, 0.0))
        found = self.hourly.below(limit_usd_per_mwh / KWH_PER_MWH, which)
        return HoursBelow(found.hours_fraction, found.usd_per_kwh * KWH_PER_MWH)

    def interruptible(self, energy_mwh: FloatArray, worth_usd: FloatArray, which: str = "") -> Interruptible:
        """A load that draws ``energy_mwh`` and is worth ``worth_usd`` in a month if it runs in all hours.

        Both are ``(months, ·)``. Explanations put ``which`` before the names.
        """
        power = named(f"{which}power_if_run_usd", energy_mwh * (self.average_usd_per_kwh * -KWH_PER_MWH))
        margin = named(f"{which}margin_if_run_usd", worth_usd + power)
        if self.hourly is None:
            return Interruptible(power, margin, margin > 0.0)
        draws = energy_mwh > 0.0
        worth = np.where(draws, worth_usd / np.where(draws, energy_mwh, 1.0), 0.0)
        below = self.below(named(f"{which}worth_usd_per_mwh", worth), which)
        cost = named(f"{which}power_in_hours_run_usd", energy_mwh * -below.usd_per_mwh)
        run = HoursRun(below.fraction, cost, worth_usd * below.fraction + cost)
        return Interruptible(power, margin, below.fraction > 0.0, hours=run)
