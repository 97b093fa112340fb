"""A prepayment: part of a contract's value received at the start and credited back in named years.

It moves money in time and is no revenue: its lines are a category of their own. What was received and is not credited
by the horizon is owed: it is paid back there, a residual. A tenant that has defaulted is owed nothing.
"""

from collections.abc import Iterator
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from minecalc.arrays import FloatArray, Number, accumulate, lump, truth
from minecalc.cashflows import Line
from minecalc.schema.fields import anything, number
from minecalc.schema.validate import refused
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.units import MONTHS_PER_YEAR
from minecalc.uses.tenancy import PREPAYMENT_OWED
from minecalc.uses.tenant_default import TenantDefault
from minecalc.values.paths import TimedInputs

Year = Annotated[int, Field(ge=1, le=50)]


class Prepayment(TimedInputs):
    """Part of a contract's value paid at the start of the first month."""

    fraction: Number = number(low=0, high=1, help="share of the contract's value")
    credited_years: tuple[Year, ...] = anything(help="contract years in which it is credited, evenly")

    @model_validator(mode="after")
    def _each_year_once(self) -> Self:
        if not self.credited_years:
            message = "credited_years names no year"
            raise refused(("credited_years",), "missing-key", message, "name contract years, say [1, 2]")
        if len(set(self.credited_years)) < len(self.credited_years):
            message = "credited_years names a year twice"
            raise refused(("credited_years",), "conflict", message, "name each contract year once")
        return self

    def lines(
        self, contract_usd: Number, timeline: Timeline, first: Number, default: TenantDefault | None
    ) -> list[Line]:
        """Received at the start of month ``first``, credited evenly over the months of the named years from it.

        What is not credited by the horizon is owed there, unless the tenant has defaulted: then it is kept.
        """
        months = timeline.months
        prepaid = named("prepaid_usd", contract_usd * self.fraction)
        credited = self._credited(timeline, first)
        a_month = named("credit_usd_per_month", prepaid / self._credit_months)
        pays: Number = 1.0 if default is None else default.pays(timeline)
        left = named("months_not_credited", self._credit_months - accumulate(credited))
        owes = truth(first <= months)
        if default is not None:
            owes = owes * truth(default.month_in(timeline) > months)
        return [
            Line("prepayment_received_usd", "prepayment", lump(months, first, prepaid), at_start=True),
            Line("prepayment_credited_usd", "prepayment", credited * pays * -a_month),
            Line(PREPAYMENT_OWED, "residual", lump(months, float(months), -(left * a_month * owes))),
        ]

    @property
    def _credit_months(self) -> float:
        return float(MONTHS_PER_YEAR * len(self.credited_years))

    def _credited(self, timeline: Timeline, first: Number) -> FloatArray:
        """1 in the months of the named contract years, ``(months, ·)``."""
        year = named("contract_year", np.floor((timeline.numbers - first) / MONTHS_PER_YEAR) + 1.0)
        credited = year == self.credited_years[0]
        for another in self.credited_years[1:]:
            credited = credited | (year == another)
        return truth(credited)

    def warnings(self, timeline: Timeline, first: int, default: TenantDefault | None) -> Iterator[str]:
        """What of the prepayment is still owed at the horizon, or kept after a default."""
        if first > timeline.months:
            return
        month = timeline.after if default is None else float(default.month_in(timeline))
        credited = accumulate(self._credited(timeline, first) * truth(timeline.numbers < month))
        share = 1.0 - float(credited[0]) / self._credit_months
        if share > 0.0 and month <= timeline.months:
            yield (
                f"the tenant defaults in {timeline.label(int(month))}: {100 * share:.3g}% of the prepayment "
                "not credited by then is kept"
            )
        elif share > 0.0:
            yield f"{100 * share:.3g}% of the prepayment is not credited by the horizon: it is owed and paid back there"
