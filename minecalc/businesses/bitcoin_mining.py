"""Bitcoin mining with an owned fleet.

A fleet is so many EH/s, or so many machines of a hash rate each, which a ``machine`` of the catalogue supplies. H EH/s
at j J/TH draw H x j x PUE megawatts at the meter (1 PH/s at j J/TH draws j kW). A month's output is
H / network x 144 x days x (subsidy + fees) x uptime BTC, worth hash price x PH/s x days x uptime. With ``curtail`` the
fleet runs only in months whose revenue net of pool fee exceeds the cost of their power.

The fleet is sunk unless ``machine_price_usd_per_th`` is given. It stops after ``life_months`` unless it is refreshed
every so many months; it may stop earlier by ``stops``: a month, ``best`` for the month that is worth most, or after so
many ``unpaid_months`` in a row, months in which ``curtail`` kept it off, whether demand response was paid or not. The
count runs on through a refresh, and whether a refresh has its twelve months left is judged without that rule.
Machines are sold where ``machine_resale_usd_per_th`` is given, the first fleet at that path, a refreshed one at what
it cost times the path's fall since. Sources: protocol arithmetic in ``minecalc.bitcoin``; ``minecalc help method``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import ClassVar

import numpy as np
from pydantic import field_validator, model_validator

from minecalc import fleet_earnings
from minecalc.arrays import Count, FloatArray, Number
from minecalc.businesses import Setting
from minecalc.cashflows import CashFlows, combined
from minecalc.fleet import PUE_BY_COOLING, Fleet, Refresh
from minecalc.paths import Sourced, ValueOverTime, over_time
from minecalc.reference import machine_id, machines, on_record
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.diagnostics import Problem
from minecalc.schema.fields import anything, flag, number, text, whole
from minecalc.schema.names import unknown_name
from minecalc.schema.validate import failed
from minecalc.stops import NEVER, Stops, UnpaidMonths
from minecalc.trace import named
from minecalc.units import TH_PER_EH
from minecalc.use_terms import UseTerms

is_ai = False

_PER_MACHINE = "machine_hash_rate_th_per_s"
_COUNT_OR_RATE = (
    "the hash rate is machine_count x that of the machine: leave out hash_rate_eh_per_s, or give it alone, "
    "with machine for its efficiency"
)
_RATE_HELP = "give hash_rate_eh_per_s, say 1.9, or a machine of the catalogue and machine_count"


class Inputs(UseTerms):
    """A fleet, its running costs and its end."""

    mines: ClassVar[bool] = True
    costs: ClassVar[frozenset[str]] = frozenset({"opex_usd_per_mw_per_year"})
    worth_solving_for: ClassVar[tuple[str, ...]] = ("conversion.delay_months",)
    month_fields: ClassVar[frozenset[str]] = frozenset({"stops"})
    alternatives: ClassVar[tuple[Alternatives, ...]] = (
        Alternatives((("hash_rate_eh_per_s",), ("machine_count", _PER_MACHINE)), advice=_COUNT_OR_RATE),
        *UseTerms.alternatives,
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
    efficiency_j_per_th: Number = number(
        low=1,
        high=200,
        default=17.5,
        default_source="Antminer S21 nameplate, the machine listed miners ordered most",
        default_as_of="2023-10",
        help="efficiency at the wall",
    )
    pue_ratio: Number = number(
        low=1,
        high=2,
        default=PUE_BY_COOLING["air"],
        default_source="judgement: air-cooled mine whose fans count as load",
        default_as_of="2026-06",
        help="energy at the meter over energy of the machines",
    )
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

    @field_validator("machine", mode="before")
    @classmethod
    def _by_any_name(cls, data: object) -> object:
        """A machine may be called by its alias, or as its maker writes it."""
        return machine_id(data) if isinstance(data, str) else data

    @model_validator(mode="after")
    def _consistent(self) -> Inputs:
        if self.refresh is not None and self.refresh.every_months > self.life_months:
            message = f"every_months is {self.refresh.every_months:g}, more than life_months {self.life_months:g}"
            raise failed(
                [Problem(("refresh", "every_months"), "conflict", message, "refresh within the machines' life")]
            )
        if self.machine is not None and self.machine not in machines():
            raise failed([unknown_name(("machine",), "machine", self.machine, machines(), "minecalc catalog machines")])
        if self.hash_rate_eh_per_s is None and self.machine_count is None:
            message = "the hash rate of the fleet is missing"
            raise failed([Problem(("hash_rate_eh_per_s",), "missing-key", message, _RATE_HELP)])
        if self.machine_count is not None and self.machine is None and self.machine_hash_rate_th_per_s is None:
            message = f"machine_count is {self.machine_count:g}, but of which machine is not said"
            advice = f"name a machine (minecalc catalog machines lists them), or give {_PER_MACHINE}"
            raise failed([Problem(("machine_count",), "missing-key", message, advice, key=True)])
        return self

    @property
    def mining(self) -> Inputs:
        """These terms."""
        return self

    def from_records(self) -> Mapping[str, Sourced]:
        """Efficiency and PUE of the named machine, and its hash rate where machines are counted."""
        if self.machine is None:
            return {}
        record = machines()[self.machine]
        source = f"{record.name}: {record.source} (grade {record.grade})"
        cooling = f"{record.cooling} cooling: judgement"
        counted = {} if self.machine_count is None else {_PER_MACHINE: record.hash_rate_th_per_s}
        return {
            **{name: Sourced(rate, record.as_of, source, from_record=True) for name, rate in counted.items()},
            "efficiency_j_per_th": Sourced(record.efficiency_j_per_th, record.as_of, source, from_record=True),
            "pue_ratio": Sourced(PUE_BY_COOLING[record.cooling], record.as_of, cooling, from_record=True),
        }

    @property
    def fleet_hash_rate_eh_per_s(self) -> Number:
        """The hash rate that is given, or that of the machines counted (float or column)."""
        if self.machine_count is None:
            assert self.hash_rate_eh_per_s is not None
            return self.hash_rate_eh_per_s
        each = self.machine_hash_rate_th_per_s
        if each is None:
            if self.machine is None:
                raise ValueError(f"machine_count needs a machine, or {_PER_MACHINE}")
            each = machines()[self.machine].hash_rate_th_per_s
        return named("fleet_eh_per_s", self.machine_count * each / TH_PER_EH)

    @property
    def worth_at_the_end(self) -> Mapping[str, str]:
        """Machines that are sold at the horizon."""
        return {"machines_residual_usd": "what the machines fetch at the horizon"}

    def fleets(self) -> tuple[Fleet, ...]:
        """One fleet, of the keys above."""
        return (
            Fleet(
                self.fleet_hash_rate_eh_per_s,
                self.efficiency_j_per_th,
                self.life_months,
                self.stops,
                self.machine_price_usd_per_th,
                self.machine_resale_usd_per_th,
                self.refresh,
                self.demand_response_usd_per_month,
            ),
        )


def cash_flows(inputs: Inputs, setting: Setting) -> CashFlows:
    """Revenue, pool fee, power, operating cost, demand response, machines bought and sold, month by month."""
    parts = [fleet_earnings.flows(fleet, inputs, setting) for fleet in inputs.fleets()]
    return parts[0] if len(parts) == 1 else combined(parts).by_name(setting.timeline.months)


def best_stop(inputs: Inputs, setting: Setting) -> FloatArray:
    """The month whose stop of all fleets is worth most at the setting's discount factors, ``(·,)``.

    months + 1 means never; of equal values the latest stop wins.
    """
    return fleet_earnings.best_of(value_by_stop_usd(inputs, setting))


def value_by_stop_usd(inputs: Inputs, setting: Setting) -> FloatArray:
    """What the use is worth with each stop of all fleets, of month 1 to months + 1 (never), ``(months + 1, ·)``."""
    return reduce(np.add, [fleet_earnings.value_by_stop_usd(fleet, inputs, setting) for fleet in inputs.fleets()])


def required_mw(inputs: Inputs, setting: Setting) -> tuple[Number, str]:
    """Nameplate draw of each fleet's hungriest generation, bought unless months unpaid stop it before.

    It is EH/s x J/TH x PUE.
    """
    parts = [_required_mw(fleet, inputs, setting) for fleet in inputs.fleets()]
    return reduce(np.add, [mw for mw, _ in parts]), " + ".join(sum_ for _, sum_ in parts)


def _required_mw(fleet: Fleet, inputs: Inputs, setting: Setting) -> tuple[Number, str]:
    generations = fleet_earnings.unshut(fleet, inputs, setting)
    efficiency = generations[0].efficiency_j_per_th
    for one in generations[1:]:
        efficiency = np.maximum(efficiency, np.where(one.exists, one.efficiency_j_per_th, 0.0))
    mw = fleet.hash_rate_eh_per_s * efficiency * inputs.pue_ratio
    rate, joules, pue = (float(np.max(x)) for x in (fleet.hash_rate_eh_per_s, efficiency, inputs.pue_ratio))
    return mw, f"{rate:g} EH/s x {joules:g} J/TH x PUE {pue:g}"


def peak_draw_mw(inputs: Inputs, setting: Setting) -> tuple[Number, str]:
    """The nameplate draw."""
    return required_mw(inputs, setting)


def critical_mw(inputs: Inputs, setting: Setting) -> Number:
    """The machines' own load, EH/s x J/TH."""
    return reduce(np.add, [fleet.hash_rate_eh_per_s * fleet.efficiency_j_per_th for fleet in inputs.fleets()])


def earns_from(inputs: Inputs, setting: Setting) -> Number:
    """The first month."""
    return setting.first


def warnings(inputs: Inputs, setting: Setting) -> list[str]:
    """A fleet that dies of age, a refresh that is skipped, machines that are bought and never run."""
    return [text for fleet in inputs.fleets() for text in _warnings(fleet, inputs, setting)]


def _warnings(fleet: Fleet, inputs: Inputs, setting: Setting) -> list[str]:
    found: list[str] = []
    label = setting.timeline.label
    every = fleet_earnings.unshut(fleet, inputs, setting)
    if fleet_earnings.shut_by(fleet, inputs):
        every = list(fleet_earnings.runs(fleet, inputs, setting).generations)
    generations = [one for one in every if np.any(one.exists)]
    if not generations:
        return found
    last = float(np.max(generations[-1].end))
    if fleet.refresh is None:
        dies = int(fleet.dies(setting.first))
        end = float(np.max(fleet_earnings.end_month(fleet, inputs, setting)))
        if dies < end and dies == last and (fleet.stops == NEVER or isinstance(fleet.stops, UnpaidMonths)):
            found.append(
                f"the fleet stops in {label(dies)}, after its life of {fleet.life_months:g} months; "
                "give refresh to keep mining"
            )
        return found
    if_run = fleet_earnings.runs(fleet, inputs, setting).if_run
    revenue = if_run.load.in_hours_run(if_run.revenue_usd) if inputs.curtail else if_run.revenue_usd
    for one in generations[1:]:
        begins, ends = int(np.max(one.start)), int(np.max(one.end))
        if not revenue[begins - 1 : ends - 1].any():
            found.append(
                f"the refresh of {label(begins)} buys machines that never run: no month pays for their power; "
                "stop before it (stops: best finds when)"
            )
    skipped = int(setting.first + len(generations) * fleet.refresh.every_months)
    if skipped < last:
        found.append(
            f"the refresh of {label(skipped)} is skipped: only {last - skipped:g} months of the use are left, "
            "so the old machines run on"
        )
    return found
