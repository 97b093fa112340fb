"""What a file says of one fleet of a mine that has several, each by its name under ``fleets``.

Each is bought, ages, wears, is refreshed, stops and is sold on its own. Machines that arrive over months, by
``deliveries``, run as so many fleets.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from minecalc.arrays import Count, Number
from minecalc.fleets.fleet import Fleet
from minecalc.fleets.fleet_terms import PER_MACHINE, Ownership
from minecalc.fleets.profiles import Profile
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.fields import anything, number, text, whole
from minecalc.schema.validate import refused
from minecalc.units import TH_PER_EH
from minecalc.values.paths import Month

_Arrivals = Annotated[int, Field(ge=0)]


class FleetTerms(Ownership):
    """One fleet of a mine that has several."""

    told_by: ClassVar[str] = "deliveries"
    month_fields: ClassVar[frozenset[str]] = frozenset({"stops", "bought"})
    alternatives: ClassVar[tuple[Alternatives, ...]] = (
        Alternatives(
            (("hash_rate_eh_per_s",), ("machine_count", PER_MACHINE), ("deliveries", PER_MACHINE)),
            advice="a fleet is so many EH/s, or machine_count, or deliveries by month, of machines of a hash rate each",
        ),
        Alternatives((("bought",), ("deliveries",)), advice="deliveries say in which months machines are bought"),
    )

    age_months: Count | None = whole(
        low=0,
        high=600,
        default=None,
        help="months of life that the machines have behind them in their first month here; omitted: they are new",
    )
    bought: Month | None = text(
        default=None, help="month at whose start they are paid and begin to run; omitted: the first of the use"
    )
    deliveries: Annotated[dict[Month, _Arrivals], Field(min_length=1, max_length=120)] | None = anything(
        low=0,
        high=100_000_000,
        default=None,
        help="machines by the month in which they are paid and begin to run, such as {2027-03: 1200, 2027-06: 1200}",
    )
    hash_rate_loss_fraction_per_year: Number | None = number(
        low=0,
        high=0.9,
        default=None,
        help="share of their hash rate that machines lose a year by wear, at the same power, from their first month "
        "here; new ones begin anew; omitted: none",
    )

    @property
    def arrivals(self) -> tuple[str, ...]:
        """The months in which machines arrive; none of those that are there from the first month of the use."""
        return tuple(self.deliveries or ()) or (() if self.bought is None else (self.bought,))

    profiles: Annotated[tuple[Profile, ...], Field(min_length=1, max_length=100)] = anything(
        default=(),
        help="all power profiles of its firmware: in each month, or hour, it runs the one that earns most; omitted: "
        "its nameplate alone",
    )

    @model_validator(mode="after")
    def _arrives_at_a_price(self) -> Self:
        if self.deliveries is not None:
            self._demand_machine("deliveries", "deliveries are of machines")
        for key in ("bought", "deliveries"):
            if getattr(self, key) is not None and self.machine_price_usd_per_th is None:
                message = f"{key} is given, but not what the machines cost"
                advice = "add machine_price_usd_per_th; 0 if they are paid for already"
                raise refused((key,), "missing-key", message, advice, key=True)
        return self

    @model_validator(mode="after")
    def _alive(self) -> Self:
        if self.age_months is None:
            return self
        if self.refresh is not None and self.age_months >= self.refresh.every_months:
            message = f"age_months is {self.age_months:g}, but they are refreshed every {self.refresh.every_months:g}"
            advice = "refresh them later than that age, or leave out refresh"
            raise refused(("age_months",), "conflict", message, advice)
        if self.refresh is None and self.age_months >= self.life_months:
            message = f"age_months is {self.age_months:g}, at the end of life_months {self.life_months:g}"
            advice = f"machines that still run live longer: life_months: {self.age_months + 24:g}"
            raise refused(("age_months",), "conflict", message, advice)
        return self

    def fleets(self, name: str) -> Iterator[Fleet]:
        """The fleet called ``name``; of machines that arrive over months, one for each delivery."""
        whole = self.fleet(
            0.0,
            age_months=self.age_months,
            name=name,
            arrives=self.bought,
            hash_rate_loss_fraction_per_year=self.hash_rate_loss_fraction_per_year,
            profiles=self.profiles,
        )
        if self.deliveries is None:
            rate = whole.named("fleet_eh_per_s", self.fleet_hash_rate_eh_per_s)
            yield whole._replace(hash_rate_eh_per_s=rate)
            return
        for month, count in sorted(self.deliveries.items()):
            called = f"{name} of {month}"
            rate = whole._replace(part=called).named("fleet_eh_per_s", count * self.each_th_per_s() / TH_PER_EH)
            yield whole._replace(hash_rate_eh_per_s=rate, arrives=month, part=called)
