"""A conversion: a dated project that turns mining megawatts into AI megawatts.

Mining stops and machines are sold when it ``starts``; building capex is spent evenly, or in given monthly shares, from
then up to but not including ``ready``, the first month that earns. A delay moves ``ready`` and stretches the spending,
not its start. In between nothing runs: the margin forgone is a memo.
"""

from typing import Annotated, Any, ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from minecalc.arrays import Count, FloatArray, Number, as_column, lump, rows_at, running_total, truth
from minecalc.cashflows import Assets, Line, Lot
from minecalc.reference.snapshot import OnRecord
from minecalc.schema.fields import Usual, anything, number, text, whole
from minecalc.schema.validate import refused
from minecalc.timeline import Timeline, parse_month
from minecalc.trace import named
from minecalc.uses.meanwhile import Meanwhile
from minecalc.values.paths import Month, TimedInputs

CODES = {
    "bad-order": "a date lies before another that it must follow",
    "bad-shares": "shares of a whole are too few, too many, or do not add up to 1",
}

Share = Annotated[float, Field(ge=0, le=1)]


#: Published building costs, USD per critical MW.
USUAL_BUILDING = Usual(
    300_000, 35_000_000, "from a bare mining site (Sabre56 2024) to a hall with its GPUs (Bernstein)"
)


def building_cost(about: str, record: OnRecord | None = None) -> Any:
    """The field of a building cost per critical MW, whose help is ``about`` it; without a record the site stands."""
    by_default = record or {"default": 0.0, "default_source": "no building: the site stands"}
    return number(low=0, high=1e8, usual=USUAL_BUILDING, help=about, **by_default)


class Conversion(TimedInputs):
    """Dates, spending and what runs until the start."""

    month_fields: ClassVar[frozenset[str]] = frozenset({"starts", "ready"})

    starts: Month = text(help="month in which mining on these megawatts stops and building begins")
    ready: Month = text(help="first month that earns, before any delay")
    delay_months: Count = whole(
        low=0,
        high=240,
        default=0,
        default_source="on time",
        help="months that ready is late; spending stretches with it",
    )
    capex_usd_per_critical_mw: Number = building_cost("building cost per critical MW")
    spend: tuple[Share, ...] = anything(
        default=(), help="share of the capex in each month from starts to ready; omitted: even"
    )
    tenant_funded_fraction: Number = number(
        low=0,
        high=1,
        default=0.0,
        default_source="owner pays all",
        help="share of the building capex paid by the tenant",
    )
    meanwhile: Meanwhile | None = anything(
        default=None,
        help="what runs on these megawatts until the start: a plan, or {plan: name, uses: [..]} for some of its uses",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        build = parse_month(self.ready) - parse_month(self.starts)
        if build < 0:
            message = f"ready {self.ready} lies before starts {self.starts}"
            raise refused(("ready",), "bad-order", message, "the building is ready after it was started")
        if self.spend:
            if len(self.spend) != max(build, 1):
                message = f"spend has {len(self.spend)} shares for {max(build, 1)} months of building"
                raise refused(("spend",), "bad-shares", message, "give one share for each month from starts to ready")
            if abs(sum(self.spend) - 1.0) > 1e-6:
                message = f"the shares of spend add up to {sum(self.spend):g}"
                raise refused(("spend",), "bad-shares", message, "shares of the whole add up to 1")
        return self

    def starts_in(self, timeline: Timeline) -> Number:
        """Number of the month in which building starts (float or column)."""
        return named("starts_month", timeline.number_of(self.starts))

    def ready_in(self, timeline: Timeline) -> Number:
        """Number of the first month that earns, delay included (float or column)."""
        return named("ready_month", timeline.number_of(self.ready) + self.delay_months)

    def building_capex_usd(self, critical_mw: Number, timeline: Timeline) -> FloatArray:
        """The owner's building spending by month, negative, ``(months, ·)``, due at the start of each."""
        owner = critical_mw * self.capex_usd_per_critical_mw * (1.0 - self.tenant_funded_fraction)
        owner = named("owner_building_capex_usd", owner)
        starts, ready = self.starts_in(timeline), self.ready_in(timeline)
        build = named("build_months", np.maximum(ready - starts, 1.0))
        since = named("months_since_build_start", timeline.numbers - starts)
        if len(self.spend) == 0:
            share = truth((since >= 0.0) & (since < build)) / build
        else:
            stretch = len(self.spend) / build
            share = self._spent((since + 1.0) * stretch, "after") - self._spent(since * stretch, "before")
        return -(named("share_spent_fraction", share) * owner)

    def _spent(self, elapsed: FloatArray, when: str) -> FloatArray:
        """Share of the capex spent when ``elapsed (months, ·)`` of the planned months have gone by."""
        within = named(f"planned_months_{when}", np.clip(elapsed, 0.0, float(len(self.spend))))
        whole = named(f"whole_months_{when}", np.minimum(np.floor(within), len(self.spend) - 1.0))
        shares = as_column(self.spend)
        earlier = named("plan_spent_fraction", running_total(shares)) - shares
        spent = rows_at(earlier, whole + 1.0) + rows_at(shares, whole + 1.0) * (within - whole)
        return named(f"spent_{when}_fraction", spent)


def building_line(
    conversion: Conversion | None, capex_usd_per_critical_mw: Number, mw: Number, timeline: Timeline
) -> Line:
    """Building capex of a use: over its conversion, or all at point 0 without one. ``mw`` is its critical MW."""
    if conversion is None:
        usd = lump(timeline.months, 1.0, named("building_capex_usd", -(capex_usd_per_critical_mw * mw)))
    else:
        usd = conversion.building_capex_usd(mw, timeline)
    ready: Number = 1.0 if conversion is None else conversion.ready_in(timeline)
    building = Assets("building", (Lot(ready, timeline.after),))
    return Line("building_usd", "capex", usd, at_start=True, assets=building)
