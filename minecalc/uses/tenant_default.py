"""A tenant that stops paying: from a month on the capacity is empty, then let again at a share of the contract's price.

A stress test of one case, or a column of months that a simulation draws; after the horizon it never happens.
"""

from typing import ClassVar

import numpy as np

from minecalc.arrays import Count, FloatArray, Number, truth
from minecalc.schema.fields import number, text, whole
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.values.paths import Month, TimedInputs


class TenantDefault(TimedInputs):
    """The end of a contract before its term."""

    month_fields: ClassVar[frozenset[str]] = frozenset({"month"})

    month: Month = text(help="first month that the tenant does not pay")
    relet_months: Count = whole(
        low=0,
        high=240,
        default=12,
        default_source="judgement: a year to find a tenant for a whole hall",
        default_as_of="2026-06",
        help="months until the capacity is let again",
    )
    relet_rent_ratio: Number = number(
        low=0,
        high=10,
        default=0.85,
        default_source="judgement: a second tenant bargains from strength",
        default_as_of="2026-06",
        help="what the next tenant pays over what the contract paid",
    )

    def month_in(self, timeline: Timeline) -> Number:
        """Number of the first month without payment (float or column)."""
        return named("default_month", timeline.number_of(self.month))

    def pays(self, timeline: Timeline) -> FloatArray:
        """1 before the default, 0 from it on, ``(months, ·)``."""
        return named("tenant_pays_fraction", truth(timeline.numbers < self.month_in(timeline)))

    def empty(self, timeline: Timeline) -> FloatArray:
        """1 while nobody pays for the capacity, ``(months, ·)``."""
        k, month = timeline.numbers, self.month_in(timeline)
        return named("empty_fraction", truth((k >= month) & (k < month + self.relet_months)))

    def on_contracts(self, timeline: Timeline, ends: Number) -> tuple[FloatArray, FloatArray]:
        """What is paid of the contracted price and 1 while nobody pays, ``(months, ·)`` each.

        Of a contract that ends before month ``ends`` and one that follows, only that in which the default falls is hit.
        """
        k, month = timeline.numbers, self.month_in(timeline)
        in_lease = np.where(month < ends, truth(k < ends), truth(k >= ends))
        hit = named("default_hits", in_lease * truth(k >= month))
        empty = named("empty_after_default_fraction", hit * self.empty(timeline))
        after = np.where(empty > 0.0, 0.0, self.relet_rent_ratio)
        return named("rent_left_fraction", np.where(hit > 0.0, after, 1.0)), empty
