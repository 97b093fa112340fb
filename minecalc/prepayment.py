"""A prepayment: part of a contract's value received at the start and credited back in named years.

It moves money in time and is no revenue: its lines are a category of their own.
"""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from minecalc.arrays import Number, lump, truth
from minecalc.cashflows import Line
from minecalc.paths import TimedInputs
from minecalc.schema.diagnostics import Problem
from minecalc.schema.fields import anything, number
from minecalc.schema.validate import failed
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.units import MONTHS_PER_YEAR

Year = Annotated[int, Field(ge=1, le=50)]


class Prepayment(TimedInputs):
    """Part of a contract's value paid at the start of the first month."""

    fraction: Number = number(low=0, high=1, help="share of the contract's value")
    credited_years: tuple[Year, ...] = anything(help="contract years in which it is credited, evenly")

    @model_validator(mode="after")
    def _each_year_once(self) -> Prepayment:
        if not self.credited_years:
            message = "credited_years names no year"
            raise failed([Problem(("credited_years",), "missing-key", message, "name contract years, say [1, 2]")])
        if len(set(self.credited_years)) < len(self.credited_years):
            message = "credited_years names a year twice"
            raise failed([Problem(("credited_years",), "conflict", message, "name each contract year once")])
        return self

    def lines(self, contract_usd: Number, timeline: Timeline, first: Number, pays: Number = 1.0) -> list[Line]:
        """Received at the start of month ``first``, credited evenly over the months of the named years from it.

        ``pays (months, ·)`` is 0 from a default of the tenant on, who is then owed nothing.
        """
        prepaid = contract_usd * self.fraction
        prepaid = named("prepaid_usd", prepaid)
        year = named("contract_year", np.floor((timeline.numbers - first) / MONTHS_PER_YEAR) + 1.0)
        credited = year == self.credited_years[0]
        for another in self.credited_years[1:]:
            credited = credited | (year == another)
        a_month = named("credit_usd_per_month", prepaid / (MONTHS_PER_YEAR * len(self.credited_years)))
        received = lump(timeline.months, first, prepaid)
        return [
            Line("prepayment_received_usd", "prepayment", received, at_start=True),
            Line("prepayment_credited_usd", "prepayment", truth(credited) * pays * -a_month),
        ]

    def warnings(self, timeline: Timeline, first: int) -> list[str]:
        """Credits that fall after the horizon."""
        last = max(self.credited_years) * MONTHS_PER_YEAR + first - 1
        if last <= timeline.months:
            return []
        return ["part of the prepayment is credited after the horizon, so it counts here as income kept"]
