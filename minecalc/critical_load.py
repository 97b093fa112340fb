"""Critical IT load: what AI megawatts have in common, whoever owns the machines.

Capacity is gross megawatts x critical per gross; energy is the load x PUE. The two are never mixed: the ratio holds
redundancy and peak headroom, PUE only what cooling and conversion use.
"""

from __future__ import annotations

import numpy as np

from minecalc.arrays import FloatArray, Number
from minecalc.conversion import USUAL_BUILDING, Conversion
from minecalc.paths import ValueOverTime, over_time
from minecalc.reference import on_record
from minecalc.schema.fields import Usual, anything, number
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.use_terms import UseTerms

#: Published rents, USD per critical kW and month.
USUAL_RENT = Usual(80, 760, "leases on record average 104 to 229, a fifth less in year 1; VanEck 2024 counts 759")


class HallConversion(Conversion):
    """A conversion that builds halls for critical IT load, at a published cost unless one is given."""

    capex_usd_per_critical_mw: Number = number(
        low=0,
        high=1e8,
        usual=USUAL_BUILDING,
        help="building cost per critical MW; none where space is rented",
        **on_record("capex_usd_per_critical_mw"),
    )


class CriticalLoad(UseTerms):
    """How critical capacity relates to gross megawatts, and energy to load."""

    conversion: HallConversion | None = anything(
        default=None, help="the dated project that makes these megawatts ready"
    )
    capex_usd_per_critical_mw: Number = number(
        low=0,
        high=1e8,
        usual=USUAL_BUILDING,
        help="building cost per critical MW, spent at point 0; with a conversion give it there; none where space is "
        "rented",
        **on_record("capex_usd_per_critical_mw"),
    )
    critical_per_gross_fraction: Number = number(
        low=0.01,
        high=1,
        default=0.70,
        default_source="median of published leases, range 0.66-0.83 (calc)",
        default_as_of="2026-06",
        help="sellable critical IT over gross megawatts",
    )
    pue_ratio: Number = number(
        low=1,
        high=3,
        default=1.25,
        default_source="designs of miners' AI halls, 1.18-1.3 (grade C)",
        default_as_of="2026-06",
        help="energy at the meter over energy of the IT load",
    )
    load_factor_fraction: ValueOverTime = over_time(
        low=0, high=1, default=1.0, default_source="full load", help="average load over capacity in use"
    )

    def drawn_mwh(self, critical_mw: Number, in_use: FloatArray, timeline: Timeline) -> FloatArray:
        """Energy at the meter by month ``(months, ·)``; ``in_use`` is the share of the capacity that runs."""
        hours = named("full_load_hours", in_use * self.load_factor_fraction.values(timeline) * timeline.hours)
        return named("energy_mwh", hours * (critical_mw * self.pue_ratio))

    def peak_draw_mw(self, critical_mw: Number, timeline: Timeline) -> tuple[Number, str]:
        """Highest monthly draw at the meter with all capacity in use, and the sum in words."""
        load = np.max(self.load_factor_fraction.values(timeline))
        drawn = critical_mw * load * self.pue_ratio
        return drawn, f"{critical_mw:.4g} critical MW x load {load:g} x PUE {self.pue_ratio:g} = {drawn:.4g} MW"
