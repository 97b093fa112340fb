"""The price of power as a business meets it: what a firm load pays, and one that is off where power is dear.

A firm load pays the mean price of all hours. An interruptible one runs in the hours whose price lies below what running
is worth. Today a month has one price, so that such a load runs in all of its hours or in none.
"""

from __future__ import annotations

from typing import NamedTuple

from minecalc.arrays import BoolArray, FloatArray, dropped_where, kept_where
from minecalc.trace import named
from minecalc.units import KWH_PER_MWH


class Interruptible(NamedTuple):
    """A load that is off in the hours whose power costs more than running is worth; all ``(months, ·)``.

    ``power_if_run_usd`` (negative) and ``margin_if_run_usd``, the worth of running less it, are of a load that is never
    off; ``runs`` is where it is on, ``stands`` the months before it is shut for good (None: all).
    """

    power_if_run_usd: FloatArray
    margin_if_run_usd: FloatArray
    runs: BoolArray
    stands: BoolArray | None = None

    def shut_but_for(self, months: BoolArray) -> Interruptible:
        """The same load in ``months (months, ·)``, and off for good, whatever power costs, in the others."""
        return self._replace(runs=self.runs & months, stands=months)

    def in_hours_run(self, whole: FloatArray) -> FloatArray:
        """Of what all hours of a month bring or take the part of those in which it runs."""
        return kept_where(self.runs, whole)

    def power_usd(self) -> FloatArray:
        """The cost of power of the hours in which it runs, negative."""
        return self.in_hours_run(self.power_if_run_usd)

    def saved_usd(self) -> FloatArray:
        """What being off saves: the margin of the hours in which it runs less that of all hours."""
        margin = self.margin_if_run_usd
        if self.stands is not None:
            margin = named("margin_until_shut_usd", kept_where(self.stands, margin))
        return dropped_where(self.runs, -margin)


class PowerPrice(NamedTuple):
    """The price of power over the months; ``average_usd_per_kwh`` is the mean of a month's hours, ``(1|months, ·)``."""

    average_usd_per_kwh: FloatArray

    def cost_usd(self, energy_mwh: FloatArray) -> FloatArray:
        """What a firm load pays for its energy by month, ``(months, ·)``."""
        return energy_mwh * (self.average_usd_per_kwh * KWH_PER_MWH)

    def interruptible(self, energy_mwh: FloatArray, worth_usd: FloatArray, which: str = "") -> Interruptible:
        """A load that draws ``energy_mwh`` and is worth ``worth_usd`` in a month if it runs in all hours.

        Both are ``(months, ·)``. Explanations put ``which`` before the names.
        """
        power = named(f"{which}power_if_run_usd", energy_mwh * (self.average_usd_per_kwh * -KWH_PER_MWH))
        margin = named(f"{which}margin_if_run_usd", worth_usd + power)
        return Interruptible(power, margin, margin > 0.0)
