"""The site: its contracted megawatts and what its power costs."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import PrivateAttr, model_validator

from minecalc.arrays import BoolArray, Number
from minecalc.cashflows import CashFlows, Line
from minecalc.power.power_charges import PowerCharges
from minecalc.power.power_units import KWH_OR_MWH, POWER_BY_MWH
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.fields import Usual, number
from minecalc.schema.validate import refused
from minecalc.timeline import Timeline
from minecalc.units import MONTHS_PER_YEAR, OtherUnit
from minecalc.values.costs import cost_by_month
from minecalc.values.paths import BY_HOUR, Sourced, TimedInputs, ValueOverTime, over_time

#: Megawatts over which rounding of inputs does not matter, as a share.
_SLACK = 1e-6


def exceeds_mw(mw: Number, limit: Number) -> bool | BoolArray:
    """Whether ``mw`` is more than ``limit`` by more than rounding; for one case or many."""
    return mw > limit * (1.0 + _SLACK)


class Connection(TimedInputs):
    """The megawatts of a site, what their power costs, and what every plan pays."""

    gross_mw: Number = number(
        low=1e-6,
        high=100_000,
        default=None,
        usual=Usual(None, 10_000, "the largest programme announced, Stargate's 10 GW of 2025"),
        help="contracted utility capacity, what the grid delivers; omitted: the largest draw of a plan",
    )
    convertible_fraction: Number = number(
        low=0,
        high=1,
        default=1.0,
        default_source="all of the site, unless space, water or fibre limit it",
        help="part of gross_mw that may become AI",
    )
    electricity_price_usd_per_kwh: Annotated[ValueOverTime, BY_HOUR] = over_time(
        low=-1, high=2, default=None, help="all-in price of power, unless a use carries its own"
    )
    electricity_price_usd_per_mwh: ValueOverTime | None = over_time(
        low=-1000, high=2000, default=None, help="the same by the MWh, in place of the price by the kWh"
    )
    fixed_cost_usd_per_year: ValueOverTime = over_time(
        low=0,
        high=1e10,
        default=0.0,
        default_source="none given",
        help="minimum take, staff and what else every plan pays, also during a build",
    )


class Site(PowerCharges, Connection):
    """One grid connection, and its charges beside the price of power, which a file has after it.

    ``gross_mw`` is None, and no number, from a file that omits it until ``drawing`` has put a number there.
    """

    costs: ClassVar[frozenset[str]] = PowerCharges.costs | {"fixed_cost_usd_per_year"}
    other_units: ClassVar[Mapping[str, OtherUnit]] = POWER_BY_MWH
    alternatives: ClassVar[tuple[Alternatives, ...]] = (KWH_OR_MWH,)

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if "electricity_price_usd_per_kwh" not in self.model_fields_set:
            message, advice = (
                "site.electricity_price_usd_per_kwh is missing",
                "give it, or electricity_price_usd_per_mwh",
            )
            raise refused(("electricity_price_usd_per_kwh",), "missing-key", message, advice)
        return self

    def cash_flows(self, inflation_fraction_per_year: Number, timeline: Timeline) -> CashFlows:
        """What it costs whatever its uses: a month is a twelfth of that month's cost a year."""
        cost = cost_by_month(self.fixed_cost_usd_per_year, inflation_fraction_per_year, timeline)
        fixed = np.ones((timeline.months, 1)) * -(cost / MONTHS_PER_YEAR)
        return CashFlows((Line("site_fixed_cost_usd", "opex", fixed),))

    #: What stands for the megawatts that are not given.
    _drawn: Sourced | None = PrivateAttr(default=None)

    def drawing(self, drawn: Sourced) -> "Site":
        """This site with the megawatts that its plans draw, which are not given for all that."""
        site = self.model_copy(update={"gross_mw": drawn.value})
        site.model_fields_set.discard("gross_mw")
        site._drawn = drawn
        return site

    def supplied(self, name: str, timeline: Timeline) -> Sequence[Sourced]:
        """The megawatts that plans draw, where none are given."""
        stands = name == "gross_mw" and self._drawn is not None and name not in self.model_fields_set
        return (self._drawn,) if stands and self._drawn is not None else ()
