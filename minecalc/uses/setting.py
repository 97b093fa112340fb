"""Where and when a business runs: what any of them may know of the site, the market and the months."""

from typing import NamedTuple

from minecalc.arrays import FloatArray, Number
from minecalc.market import MarketOverTime
from minecalc.power import PowerPrice
from minecalc.timeline import Timeline
from minecalc.values.costs import cost_by_month
from minecalc.values.paths import ValueOverTime


class Setting(NamedTuple):
    """What any business may know: when and where it runs.

    ``first`` is the number of its first month (``ready`` after a conversion) and ``until`` the month before which it
    must have ended (horizon + 1 if nothing follows it); both may be columns. ``power`` is what its power costs.
    ``discount_factors (months + 1, ·)`` serve choices a business makes, such as when to stop. Running costs are those
    of ``cost``, so that they rise with the scenario's inflation.
    """

    timeline: Timeline
    market: MarketOverTime
    power: PowerPrice
    gross_mw: Number
    first: Number
    until: Number
    discount_factors: FloatArray
    inflation_fraction_per_year: Number = 0.0

    def cost(self, value: ValueOverTime) -> FloatArray:
        """A running cost by month, ``(1|months, ·)``: see ``minecalc.values.costs``."""
        return cost_by_month(value, self.inflation_fraction_per_year, self.timeline)
