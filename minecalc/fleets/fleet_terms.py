"""What a file says of mining machines: which they are, how they came, how they end; and so of each fleet of a mine.

A mine has one fleet, of keys of its own, or several by name under ``fleets``, each of which is bought, ages, wears, is
refreshed, stops and is sold on its own. Machines that arrive over months, by ``deliveries``, run as so many fleets.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from minecalc.arrays import Count, Number
from minecalc.fleets.fleet import Fleet, Refresh
from minecalc.fleets.nameplate import efficiency, on_plate, pue
from minecalc.fleets.profiles import Profile
from minecalc.fleets.stops import NEVER, Stops
from minecalc.reference.machines import machine_id, machines
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.diagnostics import Problem
from minecalc.schema.fields import LONGEST_TEXT, anything, number, text, whole
from minecalc.schema.names import unknown_name
from minecalc.schema.validate import failed
from minecalc.units import TH_PER_EH
from minecalc.values.paths import Month, Sourced, TimedInputs, ValueOverTime, over_time

PER_MACHINE = "machine_hash_rate_th_per_s"

_COUNT_OR_RATE = (
    "the hash rate is machine_count x that of the machine: leave out hash_rate_eh_per_s, or give it alone, "
    "with machine for its efficiency"
)
_RATE_HELP = "give hash_rate_eh_per_s, say 1.9, or a machine of the catalogue and machine_count"


class Machines(TimedInputs):
    """Which machines, and how many."""

    alternatives: ClassVar[tuple[Alternatives, ...]] = (
        Alternatives((("hash_rate_eh_per_s",), ("machine_count", PER_MACHINE)), advice=_COUNT_OR_RATE),
    )

    hash_rate_eh_per_s: Number | None = number(
        low=0, high=10_000, default=None, help="hash rate of the fleet when it runs; or give machine_count"
    )
    machine: str | None = text(
        default=None, help="a machine of the catalogue, for its hash rate, efficiency and cooling, such as s21"
    )
    machine_count: Count | None = whole(
        low=0, high=100_000_000, default=None, help="machines of the fleet, in place of its hash rate"
    )
    machine_hash_rate_th_per_s: Number | None = number(
        low=0.1, high=100_000, default=None, help="hash rate of one machine, beside machine_count"
    )
    efficiency_j_per_th: Number = efficiency("efficiency at the wall")
    pue_ratio: Number = pue("energy at the meter over energy of the machines")

    @field_validator("machine", mode="before")
    @classmethod
    def _by_any_name(cls, data: object) -> object:
        """A machine may be called by its alias, or as its maker writes it."""
        return machine_id(data) if isinstance(data, str) else data

    @model_validator(mode="after")
    def _known_machines(self) -> Self:
        if self.machine is not None and self.machine not in machines():
            raise failed([unknown_name(("machine",), "machine", self.machine, machines(), "minecalc catalog machines")])
        if self._says_how_many():
            return self
        if self.hash_rate_eh_per_s is None and self.machine_count is None:
            message = "the hash rate of the fleet is missing"
            raise failed([Problem(("hash_rate_eh_per_s",), "missing-key", message, _RATE_HELP)])
        if self.machine_count is not None:
            self._demand_machine("machine_count", f"machine_count is {self.machine_count:g}")
        return self

    def _says_how_many(self) -> bool:
        """Whether its machines are told in another way than by hash rate or count."""
        return False

    def _demand_machine(self, key: str, what: str) -> None:
        """An error at ``key`` where machines are counted and nothing says which they are."""
        if self.machine is None and self.machine_hash_rate_th_per_s is None:
            advice = f"name a machine (minecalc catalog machines lists them), or give {PER_MACHINE}"
            raise failed(
                [Problem((key,), "missing-key", f"{what}, but of which machine is not said", advice, key=True)]
            )

    @property
    def _are_counted(self) -> bool:
        """Whether they are told as machines of a hash rate each."""
        return self.machine_count is not None

    def from_records(self) -> Mapping[str, Sourced]:
        """Efficiency and PUE of the named machine, and its hash rate where machines are counted."""
        if self.machine is None:
            return {}
        found = on_plate(self.machine)
        if not self._are_counted:
            return found
        rate = machines()[self.machine].hash_rate_th_per_s
        return {PER_MACHINE: found["efficiency_j_per_th"]._replace(value=rate), **found}

    def each_th_per_s(self) -> Number:
        """The hash rate of one machine of those counted: as given, or as on record (float or column)."""
        if self.machine_hash_rate_th_per_s is not None:
            return self.machine_hash_rate_th_per_s
        if self.machine is None:
            raise ValueError(f"machine_count needs a machine, or {PER_MACHINE}")
        return machines()[self.machine].hash_rate_th_per_s

    @property
    def fleet_hash_rate_eh_per_s(self) -> Number:
        """The hash rate that is given, or that of the machines counted (float or column)."""
        if self.machine_count is None:
            assert self.hash_rate_eh_per_s is not None
            return self.hash_rate_eh_per_s
        return self.machine_count * self.each_th_per_s() / TH_PER_EH


class Ownership(TimedInputs):
    """How machines came, how long they last, and how they end."""

    month_fields: ClassVar[frozenset[str]] = frozenset({"stops"})

    machine_price_usd_per_th: Number | None = number(
        low=0, high=1000, default=None, help="price of the first fleet; without it the fleet is sunk"
    )
    machine_resale_usd_per_th: ValueOverTime | None = over_time(
        low=0, high=1000, default=None, help="what used machines fetch; without it none are sold"
    )
    life_months: Count = whole(
        low=1,
        high=600,
        default=60,
        default_source="judgement: listed miners depreciate machines over 1-5 years",
        default_as_of="2023-12",
        help="months from its first until a fleet stops, if it is not refreshed",
    )
    refresh: Refresh | None = anything(default=None, help="new machines every so many months")
    stops: Stops = anything(
        default=NEVER,
        help="never, a month such as 2029-04, best: the month that is worth most, or {unpaid_months: n}: for good "
        "after so many months in a row that do not pay for their power",
    )

    @model_validator(mode="after")
    def _refreshed_in_time(self) -> Self:
        if self.refresh is not None and self.refresh.every_months > self.life_months:
            message = f"every_months is {self.refresh.every_months:g}, more than life_months {self.life_months:g}"
            raise failed(
                [Problem(("refresh", "every_months"), "conflict", message, "refresh within the machines' life")]
            )
        return self


#: What a fleet says of itself: a mine with ``fleets`` says none of it.
OWN_KEYS = (*Machines.model_fields, *Ownership.model_fields)

_Arrivals = Annotated[int, Field(ge=0)]


class FleetTerms(Ownership, Machines):
    """One fleet of a mine that has several."""

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

    def _says_how_many(self) -> bool:
        return self.deliveries is not None

    @property
    def _are_counted(self) -> bool:
        return self.machine_count is not None or self.deliveries is not None

    @model_validator(mode="after")
    def _arrives_at_a_price(self) -> Self:
        if self.deliveries is not None:
            self._demand_machine("deliveries", "deliveries are of machines")
        for key in ("bought", "deliveries"):
            if getattr(self, key) is not None and self.machine_price_usd_per_th is None:
                message = f"{key} is given, but not what the machines cost"
                advice = "add machine_price_usd_per_th; 0 if they are paid for already"
                raise failed([Problem((key,), "missing-key", message, advice, key=True)])
        return self

    @model_validator(mode="after")
    def _alive(self) -> Self:
        if self.age_months is None:
            return self
        if self.refresh is not None and self.age_months >= self.refresh.every_months:
            message = f"age_months is {self.age_months:g}, but they are refreshed every {self.refresh.every_months:g}"
            advice = "refresh them later than that age, or leave out refresh"
            raise failed([Problem(("age_months",), "conflict", message, advice)])
        if self.refresh is None and self.age_months >= self.life_months:
            message = f"age_months is {self.age_months:g}, at the end of life_months {self.life_months:g}"
            advice = f"machines that still run live longer: life_months: {self.age_months + 24:g}"
            raise failed([Problem(("age_months",), "conflict", message, advice)])
        return self

    def fleets(self, name: str) -> Iterator[Fleet]:
        """The fleet called ``name``; of machines that arrive over months, one for each delivery."""
        whole = Fleet(
            0.0,
            self.efficiency_j_per_th,
            self.life_months,
            self.stops,
            self.machine_price_usd_per_th,
            self.machine_resale_usd_per_th,
            self.refresh,
            age_months=self.age_months,
            pue_ratio=self.pue_ratio,
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


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
