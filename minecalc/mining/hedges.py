"""Hedges of a mine: a hash price sold forward and a price of power swapped for a fixed one, settled in money.

A forward on H EH/s at a fixed hash price brings, each month, H x days x (fixed price - hash price of the month): what
the mine earns more, or less, than the market pays, whether its machines run or not. A swap of M megawatts at a fixed
price of power brings M x hours x (mean price of the month - fixed price). Neither moves when machines run: an hour is
worth what the market pays for it. A hedge is settled from its month ``begins`` to ``ends``, both included,
whatever has become of the machines by then: it is a contract of its own. Source: contracts for difference; arithmetic.
"""

from collections.abc import Iterator
from typing import ClassVar, Self

from pydantic import model_validator

from minecalc.arrays import FloatArray, Number, truth
from minecalc.cashflows import Line
from minecalc.mining import FORWARD, SWAP
from minecalc.schema.fields import number, text
from minecalc.schema.validate import refused
from minecalc.timeline import parse_month
from minecalc.trace import named
from minecalc.units import KWH_PER_MWH, PH_PER_EH
from minecalc.uses.setting import Setting
from minecalc.values.paths import Month, TimedInputs


class _Hedge(TimedInputs):
    """When a hedge is settled."""

    #: Its key in a file.
    key: ClassVar[str]
    month_fields: ClassVar[frozenset[str]] = frozenset({"begins", "ends"})

    begins: Month = text(help="first month that is settled")
    ends: Month = text(help="last month that is settled")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if parse_month(self.ends) < parse_month(self.begins):
            message = f"ends {self.ends} lies before begins {self.begins}"
            raise refused(("ends",), "bad-order", message, "a hedge ends in or after its first month")
        return self

    def settled(self, setting: Setting) -> FloatArray:
        """1 in the months that are settled, ``(months, ·)``."""
        k, timeline = setting.timeline.numbers, setting.timeline
        return truth((k >= timeline.number_of(self.begins)) & (k <= timeline.number_of(self.ends)))

    def warnings(self, setting: Setting) -> Iterator[str]:
        """That none of its months lies in the horizon. For a single case."""
        if not self.settled(setting).any():
            yield f"{self.key} runs from {self.begins} to {self.ends}, outside the horizon: nothing is settled"


class HashPriceForward(_Hedge):
    """So many EH/s sold at a fixed hash price."""

    key: ClassVar[str] = "hash_price_forward"

    eh_per_s: Number = number(low=0, high=10_000, help="hash rate sold forward")
    price_usd_per_ph_per_day: Number = number(low=0, high=100_000, help="the fixed hash price")

    def line(self, setting: Setting) -> Line:
        """What it brings by month."""
        difference = self.price_usd_per_ph_per_day - setting.market.hash_price_usd_per_ph_per_day
        petahash_days = setting.timeline.days * (self.eh_per_s * PH_PER_EH) * self.settled(setting)
        return Line(FORWARD, "revenue", named(FORWARD, difference * petahash_days))


class PowerSwap(_Hedge):
    """So many megawatts bought at a fixed price of power."""

    key: ClassVar[str] = "power_swap"

    mw: Number = number(low=0, high=100_000, help="megawatts swapped, in every hour")
    price_usd_per_kwh: Number = number(low=-1, high=2, help="the fixed price of power")

    def line(self, setting: Setting) -> Line:
        """What it brings by month."""
        difference = setting.power.average_usd_per_kwh - self.price_usd_per_kwh
        energy = setting.timeline.hours * (self.mw * KWH_PER_MWH) * self.settled(setting)
        return Line(SWAP, "power", named(SWAP, difference * energy))
