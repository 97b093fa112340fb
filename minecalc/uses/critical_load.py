"""Critical IT load: what AI megawatts have in common, whoever owns the machines.

Capacity is gross megawatts x critical per gross; energy is the load x PUE. The two are never mixed: the ratio holds
redundancy and peak headroom, PUE only what cooling and conversion use.

The load is firm, unless a part of the hours of each month may be shed: then it is off in the dearest of them, where
power costs more than the hour brings, and the hour is not paid for. Source: arithmetic.
"""

from functools import partial
from typing import ClassVar

import numpy as np

from minecalc.arrays import FloatArray, Number
from minecalc.cashflows import CashFlows, Line
from minecalc.reference.snapshot import on_record
from minecalc.schema.fields import Usual, anything, number
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.uses.conversion import Conversion, building_cost
from minecalc.uses.setting import Setting
from minecalc.uses.use_terms import UseTerms
from minecalc.values.paths import ValueOverTime, over_time

#: Published rents, USD per critical kW and month.
USUAL_RENT = Usual(80, 760, "leases on record average 104 to 229, a fifth less in year 1; VanEck 2024 counts 759")


#: The lines of hours that are shed: what they would have brought, their power, and the cost that goes with revenue.
SHED = ("ai_hours_shed_revenue_usd", "ai_hours_shed_power_usd", "ai_hours_shed_opex_usd")


class HallConversion(Conversion):
    """A conversion that builds halls for critical IT load, at a published cost unless one is given."""

    capex_usd_per_critical_mw: Number = building_cost(
        "building cost per critical MW; none where space is rented", on_record("capex_usd_per_critical_mw")
    )


class CriticalLoad(UseTerms):
    """How critical capacity relates to gross megawatts, and energy to load."""

    is_ai: ClassVar[bool] = True

    conversion: HallConversion | None = anything(
        default=None, help="the dated project that makes these megawatts ready"
    )
    capex_usd_per_critical_mw: Number = building_cost(
        "building cost per critical MW, spent at point 0; with a conversion give it there; none where space is rented",
        on_record("capex_usd_per_critical_mw"),
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

    flexible_fraction: Number | None = number(
        low=0,
        high=1,
        default=None,
        help="share of a month's hours that may be shed, the dearest first, where power costs more than they bring; "
        "omitted: none",
    )

    def shed(
        self,
        revenue_usd: FloatArray,
        opex_fraction: Number,
        energy_mwh: FloatArray,
        setting: Setting,
        contract: Line | None = None,
    ) -> CashFlows:
        """What shedding the dearest hours takes and saves beside these flows; nothing of a load that is firm.

        ``revenue_usd`` and ``energy_mwh`` are ``(months, ·)``; ``opex_fraction`` of the revenue is a cost that goes
        with it, and ``contract`` the line of the revenue that a contract fixes.
        """
        if self.flexible_fraction is None:
            return CashFlows(())
        draws = energy_mwh > 0.0
        worth = revenue_usd * (1.0 - opex_fraction) / np.where(draws, energy_mwh, 1.0)
        worth = named("ai_worth_usd_per_mwh", np.where(draws, worth, np.inf))
        dear = 1.0 - setting.power.fraction_below(worth, "ai_")
        share = named("ai_hours_shed_fraction", np.minimum(self.flexible_fraction, dear))
        lost = named("ai_hours_shed_revenue_usd", 0.0 - revenue_usd * share)
        saved = named("ai_hours_shed_power_usd", energy_mwh * setting.power.dearest_usd_per_mwh(share))
        lines = (
            Line(SHED[0], "revenue", lost, contracted=contract and partial(_contracted, contract, revenue_usd)),
            Line(SHED[1], "power", saved),
            Line(SHED[2], "opex", 0.0 - lost * opex_fraction),
        )
        return CashFlows(lines, memo={"curtailment_value_usd": saved + lost * (1.0 - opex_fraction)})

    def drawn_mwh(self, critical_mw: Number, in_use: FloatArray, timeline: Timeline) -> FloatArray:
        """Energy at the meter by month ``(months, ·)``; ``in_use`` is the share of the capacity that runs."""
        hours = named("full_load_hours", in_use * self.load_factor_fraction.values(timeline) * timeline.hours)
        return named("energy_mwh", hours * (critical_mw * self.pue_ratio))

    def peak_draw_mw(self, setting: Setting) -> tuple[Number, str]:
        """Highest monthly draw at the meter with all capacity in use, and the sum in words."""
        load, critical = np.max(self.load_factor_fraction.values(setting.timeline)), self.critical_mw(setting)
        drawn = critical * load * self.pue_ratio
        return drawn, f"{critical:.4g} critical MW x load {load:g} x PUE {self.pue_ratio:g} = {drawn:.4g} MW"


def _contracted(contract: Line, revenue_usd: FloatArray) -> FloatArray:
    """What share of all revenue its contract fixes."""
    fixed = contract.under_contract()
    assert fixed is not None
    earns = revenue_usd > 0.0
    share = np.where(earns, fixed.usd / np.where(earns, revenue_usd, 1.0), 0.0)
    return named("contracted_share_fraction", share)
