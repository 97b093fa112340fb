"""What a file says of mining machines: which they are, what it costs to run them, how they came, how they end."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, model_validator

from minecalc.arrays import Count, FloatArray, Number
from minecalc.fleets.fleet import PUE_BY_COOLING, Fleet, Refresh
from minecalc.fleets.stops import NEVER, Stops
from minecalc.reference.machines import machine_id, machines
from minecalc.reference.snapshot import on_record
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.fields import anything, flag, number, text, whole
from minecalc.schema.names import unknown_name
from minecalc.schema.validate import failed, refused
from minecalc.units import TH_PER_EH
from minecalc.values.paths import Sourced, TimedInputs, ValueOverTime, over_time

PER_MACHINE = "machine_hash_rate_th_per_s"

_COUNT_OR_RATE = (
    "the hash rate is machine_count x that of the machine: leave out hash_rate_eh_per_s, or give it alone, "
    "with machine for its efficiency"
)
_RATE_HELP = "give hash_rate_eh_per_s, say 1.9, or a machine of the catalogue and machine_count"


def _machine(name: str) -> str:
    found = machine_id(name)
    if found not in machines():
        raise failed([unknown_name((), "machine", found, machines(), "minecalc catalog machines")])
    return found


#: The id of a machine of the catalogue, which a file may call by its alias, or as its maker writes it.
MachineName = Annotated[str, AfterValidator(_machine)]


def efficiency(about: str) -> Any:
    """The field of an efficiency in J/TH, whose help is ``about`` it."""
    return number(
        low=1,
        high=200,
        default=17.5,
        default_source="Antminer S21 nameplate, the machine listed miners ordered most",
        default_as_of="2023-10",
        help=about,
    )


def pue(about: str) -> Any:
    """The field of a PUE, energy at the meter over energy of the machines, whose help is ``about`` it."""
    return number(
        low=1,
        high=2,
        default=PUE_BY_COOLING["air"],
        default_source="judgement: air-cooled mine whose fans count as load",
        default_as_of="2026-06",
        help=about,
    )


def on_plate(machine: str) -> Mapping[str, Sourced]:
    """Efficiency in J/TH and PUE of a machine of the catalogue, named as there, with their sources."""
    record = machines()[machine]
    source, cooling = f"{record.name}: {record.source} (grade {record.grade})", f"{record.cooling} cooling: judgement"
    return {
        "efficiency_j_per_th": Sourced(record.efficiency_j_per_th, record.as_of, source, from_record=True),
        "pue_ratio": Sourced(PUE_BY_COOLING[record.cooling], record.as_of, cooling, from_record=True),
    }


class Machines(TimedInputs):
    """Which machines, and how many."""

    #: The input that tells how many they are in another way than by hash rate or count; "": none does.
    told_by: ClassVar[str] = ""
    alternatives: ClassVar[tuple[Alternatives, ...]] = (
        Alternatives((("hash_rate_eh_per_s",), ("machine_count", PER_MACHINE)), advice=_COUNT_OR_RATE),
    )

    hash_rate_eh_per_s: Number | None = number(
        low=0, high=10_000, default=None, help="hash rate of the fleet when it runs; or give machine_count"
    )
    machine: MachineName | None = text(
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

    @model_validator(mode="after")
    def _counted(self) -> Self:
        if self.told_by and getattr(self, self.told_by) is not None:
            return self
        if self.hash_rate_eh_per_s is None and self.machine_count is None:
            message = "the hash rate of the fleet is missing"
            raise refused(("hash_rate_eh_per_s",), "missing-key", message, _RATE_HELP)
        if self.machine_count is not None:
            self._demand_machine("machine_count", f"machine_count is {self.machine_count:g}")
        return self

    def _demand_machine(self, key: str, what: str) -> None:
        """An error at ``key`` where machines are counted and nothing says which they are."""
        if self.machine is None and self.machine_hash_rate_th_per_s is None:
            advice = f"name a machine (minecalc catalog machines lists them), or give {PER_MACHINE}"
            raise refused((key,), "missing-key", f"{what}, but of which machine is not said", advice, key=True)

    def from_records(self) -> Mapping[str, Sourced]:
        """Efficiency and PUE of the named machine, and its hash rate where machines are counted."""
        if self.machine is None:
            return {}
        found = on_plate(self.machine)
        if self.hash_rate_eh_per_s is not None:
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


class Running(TimedInputs):
    """What it costs to run machines, and when they run."""

    costs: ClassVar[frozenset[str]] = frozenset({"opex_usd_per_mw_per_year"})

    uptime_fraction: ValueOverTime = over_time(
        low=0, high=1, help="share of the hours that the fleet can run", **on_record("uptime_fraction")
    )
    pool_fee_fraction: Number = number(
        low=0, high=1, help="share of the revenue kept by the pool", **on_record("pool_fee_fraction")
    )
    opex_usd_per_mw_per_year: ValueOverTime = over_time(
        low=0,
        high=1e7,
        help="operating cost per MW of nameplate draw beside power, curtailed or not",
        **on_record("opex_usd_per_mw_per_year"),
    )
    curtail: bool = flag(default=True, help="shut off in months whose revenue does not pay for their power")
    demand_response_usd_per_month: ValueOverTime | None = over_time(
        low=-1e9, high=1e9, default=None, help="income from demand response while the fleet exists"
    )

    def worth_of_keeping(self, setting: Any) -> FloatArray | None:
        """What a dollar's worth of coins is worth more for being kept, by the month of it; None where none is."""
        return None


class Ownership(Machines):
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
            raise refused(("refresh", "every_months"), "conflict", message, "refresh within the machines' life")
        return self

    def fleet(self, hash_rate_eh_per_s: Number, **more: Any) -> Fleet:
        """The fleet of so many EH/s (float or column); ``more`` are parts of it that these terms do not say."""
        return Fleet(
            hash_rate_eh_per_s,
            self.efficiency_j_per_th,
            self.life_months,
            self.stops,
            self.machine_price_usd_per_th,
            self.machine_resale_usd_per_th,
            self.refresh,
            pue_ratio=self.pue_ratio,
            **more,
        )


#: What a fleet says of itself: a mine with ``fleets`` says none of it.
OWN_KEYS = tuple(Ownership.model_fields)
