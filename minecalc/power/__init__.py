"""The price of power as a business meets it: what a firm load pays, and one that is off where power is dear.

A firm load pays the mean price of all hours. An interruptible one runs in the hours whose price lies below what
running is worth: what a month's running brings over the energy that it takes, a price per MWh. Where a month has one
price these are all hours or none; where it goes by the hour they are found by a search in its sorted prices, and what
they cost is a running sum (see ``minecalc.series.sorted_hours``). Uptime takes the same share of every hour.
"""

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, dropped_where, kept_where, truth
from minecalc.frozen import frozen
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.units import KWH_PER_MWH
from minecalc.values.paths import ValueOverTime

if TYPE_CHECKING:
    from minecalc.series.sorted_hours import HourlyPrice


class HoursRun(NamedTuple):
    """The hours in which a load is on: their share, and what their power costs (negative), ``(months, ·)`` both."""

    fraction: FloatArray
    power_usd: FloatArray


@frozen
class Interruptible:
    """A load that is off in the hours whose power costs more than running is worth; all ``(months, ·)``.

    It draws ``energy_mwh`` in a month and is worth ``worth_usd`` if it never is off; ``stands`` are the months before
    it is shut for good (None: all). Explanations put ``which`` before the names.
    """

    price: "PowerPrice"
    energy_mwh: FloatArray
    worth_usd: FloatArray
    which: str = ""
    stands: BoolArray | None = None

    @cached_property
    def power_if_run_usd(self) -> FloatArray:
        """The cost of power, negative, of all hours."""
        cost = self.energy_mwh * (self.price.average_usd_per_kwh * -KWH_PER_MWH)
        return named(f"{self.which}power_if_run_usd", cost)

    @cached_property
    def margin_if_run_usd(self) -> FloatArray:
        """The worth of running in all hours less it."""
        return named(f"{self.which}margin_if_run_usd", self.worth_usd + self.power_if_run_usd)

    @cached_property
    def _hours(self) -> HoursRun:
        """The hours in which it is worth its power, of a price by the hour."""
        assert self.price.hourly is not None
        kwh = self.energy_mwh * KWH_PER_MWH
        per_kwh = np.where(kwh > 0.0, 1.0 / np.where(kwh > 0.0, kwh, 1.0), 0.0)
        below = self.price.hourly.below(named(f"{self.which}worth_usd_per_kwh", self.worth_usd * per_kwh), self.which)
        cost = named(f"{self.which}power_in_hours_run_usd", below.usd_per_kwh * -kwh)
        return HoursRun(below.hours_fraction, cost)

    @cached_property
    def _pays(self) -> BoolArray:
        """Where it is worth its power in any hour."""
        return self.margin_if_run_usd > 0.0 if self.price.hourly is None else self._hours.fraction > 0.0

    @cached_property
    def runs(self) -> BoolArray:
        """Where it is on in any hour."""
        return self._pays if self.stands is None else self._pays & self.stands

    @property
    def unpaid(self) -> BoolArray:
        """The months in no hour of which running is worth its power, whether it stands or not."""
        return self.margin_if_run_usd <= 0.0 if self.price.hourly is None else self._hours.fraction <= 0.0

    def shut_but_for(self, months: BoolArray) -> "Interruptible":
        """The same load in ``months (months, ·)``, and off for good, whatever power costs, in the others."""
        shut = replace(self, stands=months)
        vars(shut).update({name: value for name, value in vars(self).items() if name not in ("runs", "stands")})
        return shut

    def in_hours_run(self, whole: FloatArray) -> FloatArray:
        """Of what all hours of a month bring or take the part of those in which it runs."""
        if self.price.hourly is None:
            return kept_where(self.runs, whole)
        return self.until_shut(whole * self._hours.fraction)

    def until_shut(self, whole: FloatArray) -> FloatArray:
        """Of what months bring or take the part of those before it is shut for good."""
        return whole if self.stands is None else kept_where(self.stands, whole)

    def power_usd(self) -> FloatArray:
        """The cost of power of the hours in which it runs, negative."""
        if self.price.hourly is None:
            return self.in_hours_run(self.power_if_run_usd)
        return self.until_shut(self._hours.power_usd)

    def saved_usd(self) -> FloatArray:
        """What being off saves: the margin of the hours in which it runs less that of all hours."""
        margin = self.margin_if_run_usd
        if self.stands is not None:
            margin = named("margin_until_shut_usd", kept_where(self.stands, margin))
        if self.price.hourly is None:
            return dropped_where(self.runs, -margin)
        return self.in_hours_run(self.worth_usd) + self.power_usd() - margin


@frozen
class PowerPrice:
    """The price of power over the months: one for all hours of each, ``(1|months, ·)``, or that of every hour."""

    of_months_usd_per_kwh: FloatArray | None
    hourly: "HourlyPrice | None" = None

    @classmethod
    def of(cls, price: ValueOverTime, timeline: Timeline) -> Self:
        """The months of an input."""
        hourly = price.hourly(timeline)
        return cls(price.values(timeline) if hourly is None else None, hourly)

    @cached_property
    def average_usd_per_kwh(self) -> FloatArray:
        """The mean of a month's hours, ``(1|months, ·)``; a load that chooses its hours never asks for it."""
        if self.of_months_usd_per_kwh is not None:
            return self.of_months_usd_per_kwh
        assert self.hourly is not None
        return self.hourly.mean_usd_per_kwh()

    def cost_usd(self, energy_mwh: FloatArray) -> FloatArray:
        """What a firm load pays for its energy by month, ``(months, ·)``."""
        return energy_mwh * (self.average_usd_per_kwh * KWH_PER_MWH)

    def dearest_usd_per_mwh(self, share: FloatArray) -> FloatArray:
        """The sum of the prices of the dearest ``share (1|months, ·)`` of a month's hours, over all of these."""
        if self.hourly is None:
            return self.average_usd_per_kwh * KWH_PER_MWH * share
        return self.hourly.dearest(share) * KWH_PER_MWH

    def fraction_below(self, limit_usd_per_mwh: FloatArray, which: str = "") -> FloatArray:
        """The share of a month's hours that are cheaper than a limit, ``(1|months, ·)`` both; ties are not.

        Explanations put ``which`` before the names.
        """
        if self.hourly is None:
            return truth(self.average_usd_per_kwh * KWH_PER_MWH < limit_usd_per_mwh)
        return self.hourly.below(limit_usd_per_mwh / KWH_PER_MWH, which).hours_fraction

    def interruptible(self, energy_mwh: FloatArray, worth_usd: FloatArray, which: str = "") -> Interruptible:
        """A load that draws ``energy_mwh`` and is worth ``worth_usd`` in a month if it runs in all hours.

        Both are ``(months, ·)``. Explanations put ``which`` before the names.
        """
        return Interruptible(self, energy_mwh, worth_usd, which)
