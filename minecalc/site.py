"""The site: its contracted megawatts and what its power costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import numpy as np
from pydantic import PrivateAttr, model_validator

from minecalc.arrays import BoolArray, FloatArray, Number
from minecalc.cashflows import CashFlows, Line
from minecalc.costs import cost_by_month
from minecalc.paths import BY_HOUR, Sourced, TimedInputs, ValueOverTime, over_time
from minecalc.power import PowerPrice
from minecalc.power_charges import (
    CoincidentPeaks,
    CurtailmentObligation,
    DemandResponse,
    PowerContract,
    contract_lines,
    demand_charges,
    load_of,
    obligation_lines,
    peak_charges,
    response_lines,
)
from minecalc.power_units import KWH_OR_MWH, POWER_BY_MWH
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.diagnostics import Problem
from minecalc.schema.fields import Usual, anything, number
from minecalc.schema.validate import failed
from minecalc.timeline import Timeline
from minecalc.units import MONTHS_PER_YEAR, OtherUnit

#: Megawatts over which rounding of inputs does not matter, as a share.
_SLACK = 1e-6


def exceeds_mw(mw: Number, limit: Number) -> bool | BoolArray:
    """Whether ``mw`` is more than ``limit`` by more than rounding; for one case or many."""
    return mw > limit * (1.0 + _SLACK)


class Site(TimedInputs):
    """One grid connection.

    ``gross_mw`` is None, and no number, from a file that omits it until ``drawing`` has put a number there.
    """

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
    demand_charge_usd_per_kw_per_month: ValueOverTime | None = over_time(
        low=0, high=1000, default=None, help="charge on the highest draw of each month, of what draws then"
    )
    coincident_peaks: CoincidentPeaks | None = anything(
        default=None, help="a charge on the mean load at the system's peak hours, as ERCOT's 4CP"
    )
    power_contract: PowerContract | None = anything(
        default=None, help="a block of power at a fixed price; the price of power is that of what is beyond it"
    )
    demand_response: DemandResponse | None = anything(
        default=None, help="mining that the grid pays for and may call off"
    )
    curtailment_obligation: CurtailmentObligation | None = anything(
        default=None, help="hours a year that the site must be off: mining is, AI runs on its own generators"
    )

    costs: ClassVar[frozenset[str]] = frozenset({"fixed_cost_usd_per_year", "demand_charge_usd_per_kw_per_month"})
    other_units: ClassVar[Mapping[str, OtherUnit]] = POWER_BY_MWH
    alternatives: ClassVar[tuple[Alternatives, ...]] = (KWH_OR_MWH,)

    @model_validator(mode="after")
    def _priced(self) -> Site:
        if "electricity_price_usd_per_kwh" not in self.model_fields_set:
            message, advice = (
                "site.electricity_price_usd_per_kwh is missing",
                "give it, or electricity_price_usd_per_mwh",
            )
            raise failed([Problem(("electricity_price_usd_per_kwh",), "missing-key", message, advice)])
        return self

    @model_validator(mode="after")
    def _sells_what_it_is_obliged_to_leave(self) -> Site:
        contract = self.power_contract
        if self.curtailment_obligation is not None and contract is not None and contract.resale is None:
            message = "power_contract has no resale, and curtailment_obligation leaves some of its block unused"
            advice = "add resale: hourly to the contract; what a block loses in such hours is not modelled"
            raise failed([Problem(("power_contract",), "conflict", message, advice, key=True)])
        return self

    def cash_flows(self, inflation_fraction_per_year: Number, timeline: Timeline) -> CashFlows:
        """What it costs whatever its uses: a month is a twelfth of that month's cost a year."""
        cost = cost_by_month(self.fixed_cost_usd_per_year, inflation_fraction_per_year, timeline)
        fixed = np.ones((timeline.months, 1)) * -(cost / MONTHS_PER_YEAR)
        return CashFlows((Line("site_fixed_cost_usd", "opex", fixed),))

    @property
    def is_charged(self) -> bool:
        """Whether it has charges or contracts beside the price of power."""
        terms = (self.demand_charge_usd_per_kw_per_month, self.coincident_peaks, self.power_contract)
        return any(one is not None for one in (*terms, self.demand_response, self.curtailment_obligation))

    def charges(
        self,
        parts: Sequence[tuple[CashFlows, bool]],
        power: PowerPrice,
        inflation_fraction_per_year: Number,
        timeline: Timeline,
    ) -> CashFlows:
        """What these come to for a plan, from the flows of its uses, each with whether it buys its power."""
        load, lines, memo = load_of(parts, timeline), list[Line](), dict[str, FloatArray]()
        if self.demand_charge_usd_per_kw_per_month is not None:
            rate = cost_by_month(self.demand_charge_usd_per_kw_per_month, inflation_fraction_per_year, timeline)
            lines += demand_charges(rate, load)
        if self.coincident_peaks is not None:
            peaks = peak_charges(self.coincident_peaks, inflation_fraction_per_year, load, timeline)
            lines += peaks.lines
            memo |= peaks.memo
        if self.power_contract is not None:
            lines += contract_lines(self.power_contract, load, power, timeline)
        if self.demand_response is not None:
            lines += response_lines(self.demand_response, load, timeline)
        if self.curtailment_obligation is not None:
            lines += obligation_lines(self.curtailment_obligation, inflation_fraction_per_year, load, power, timeline)
        return CashFlows(tuple(lines), memo=memo)

    #: What stands for the megawatts that are not given.
    _drawn: Sourced | None = PrivateAttr(default=None)

    def drawing(self, drawn: Sourced) -> Site:
        """This site with the megawatts that its plans draw, which are not given for all that."""
        site = self.model_copy(update={"gross_mw": drawn.value})
        site.model_fields_set.discard("gross_mw")
        site._drawn = drawn
        return site

    def supplied(self, name: str, timeline: Timeline) -> Sequence[Sourced]:
        """The megawatts that plans draw, where none are given."""
        stands = name == "gross_mw" and self._drawn is not None and name not in self.model_fields_set
        return (self._drawn,) if stands and self._drawn is not None else ()
