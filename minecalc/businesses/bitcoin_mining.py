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

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import ClassVar, NamedTuple

import numpy as np
from pydantic import field_validator, model_validator

from minecalc.arrays import Count, FloatArray, Number, as_row, last_largest, lumps, rows_at, running_total, truth
from minecalc.businesses import Setting
from minecalc.cashflows import CashFlows, Line, OnDemand, combined
from minecalc.fleet import PUE_BY_COOLING, Fleet, Generation, Refresh, efficiency_in_months, in_service, machine_lots
from minecalc.paths import Sourced, ValueOverTime, over_time
from minecalc.power import Interruptible
from minecalc.reference import machine_id, machines, on_record
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.diagnostics import Problem
from minecalc.schema.fields import anything, flag, number, text, whole
from minecalc.schema.names import unknown_name
from minecalc.schema.validate import failed
from minecalc.stops import BEST, NEVER, Stops, StopValues, UnpaidMonths
from minecalc.trace import named
from minecalc.units import MONTHS_PER_YEAR, PH_PER_EH, TH_PER_EH
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
    opex_usd_per_mw_per_year: Number = number(
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


def _end_month(fleet: Fleet, inputs: Inputs, setting: Setting) -> Number:
    """The month before which a fleet is off: by the date of ``stops``, by what follows the use, or the horizon.

    Months unpaid are no date: see ``_runs``.
    """
    stops = fleet.stops
    stop: Number = setting.timeline.after
    if isinstance(stops, StopValues):
        stop = stops.best(setting.until)
    elif isinstance(stops, str) and stops == BEST:
        stop = best_stop(inputs, setting)
    elif not isinstance(stops, UnpaidMonths) and not (isinstance(stops, str) and stops == NEVER):
        stop = setting.timeline.number_of(stops)
    return named("ends_month", np.minimum(np.minimum(stop, setting.until), setting.timeline.after))


def _unshut(fleet: Fleet, inputs: Inputs, setting: Setting) -> list[Generation]:
    """The generations of a fleet that nothing shuts for months unpaid."""
    return fleet.generations(setting.first, _end_month(fleet, inputs, setting), setting.timeline)


def _shut_by(fleet: Fleet, inputs: Inputs) -> UnpaidMonths | None:
    """The rule by which months unpaid shut a fleet, if any can: one that never is kept off is never shut for it."""
    return fleet.stops if isinstance(fleet.stops, UnpaidMonths) and inputs.curtail else None


class _IfRun(NamedTuple):
    """What the months of service would bring and take if the fleet ran in all of them, ``(months, ·)``.

    As a ``load`` it is worth its revenue net of pool fee.
    """

    petahash_days: FloatArray
    nameplate_mw: Number
    revenue_usd: FloatArray
    energy_mwh: FloatArray
    load: Interruptible


def _if_run(
    fleet: Fleet, inputs: Inputs, setting: Setting, efficiency_j_per_th: Number, on: FloatArray, which: str = ""
) -> _IfRun:
    """The fleet in the months where ``on`` is 1, never kept off; explanations put ``which`` before the names."""
    timeline = setting.timeline
    uptime = inputs.uptime_fraction.values(timeline)  # its product with what is the same in all cases goes first
    hash_rate = named("fleet_ph_per_s", fleet.hash_rate_eh_per_s * PH_PER_EH)
    petahash_days = named(f"{which}ph_days", uptime * timeline.days * hash_rate * on)
    nameplate_mw = named(f"{which}nameplate_mw", fleet.hash_rate_eh_per_s * efficiency_j_per_th * inputs.pue_ratio)
    revenue = named(f"{which}revenue_if_run_usd", setting.market.hash_price_usd_per_ph_per_day * petahash_days)
    energy = named(f"{which}energy_if_run_mwh", uptime * timeline.hours * nameplate_mw * on)
    load = setting.power.interruptible(energy, revenue * (1.0 - inputs.pool_fee_fraction), which)
    return _IfRun(petahash_days, nameplate_mw, revenue, energy, load)


class _Runs(NamedTuple):
    """A fleet over the months: its machines, what they would bring and take, and where they are in service.

    ``in_service (months, ·)`` is 1 until the fleet is shut for good. What it would bring is that of the fleet that
    nothing shuts; its load is off once it is shut.
    """

    generations: Sequence[Generation]
    if_run: _IfRun
    in_service: FloatArray


def _runs(fleet: Fleet, inputs: Inputs, setting: Setting) -> _Runs:
    """The fleet until it ends by its ``stops``, or by what follows the use.

    Where it may be shut for months unpaid, refreshes are as if it could not, until it is.
    """
    timeline, rule = setting.timeline, _shut_by(fleet, inputs)
    found = _unshut(fleet, inputs, setting)
    on = in_service(found, setting.first, timeline, "unshut_" if rule else "")
    if_run = _if_run(fleet, inputs, setting, efficiency_in_months(found, timeline), on)
    if rule is None:
        return _Runs(found, if_run, on)
    stop = rule.stop((on > 0.0) & (if_run.load.margin_if_run_usd <= 0.0))
    cut = []
    for g, one in enumerate(found):
        which = f"fleet_{g + 1}"
        exists = named(f"{which}_exists_unshut", one.exists * truth(one.start < stop)) if g else one.exists
        cut.append(one._replace(end=named(f"{which}_shut_month", np.minimum(one.end, stop)), exists=exists))
    stands = timeline.numbers < stop
    on = named("in_service_fraction", np.where(stands, on, 0.0))
    return _Runs(cut, if_run._replace(load=if_run.load.shut_but_for(stands)), on)


class _Operations(NamedTuple):
    """Months of running, all ``(months, ·)``: signed money, zero where the fleet is off, and the rest of its flows."""

    revenue_usd: FloatArray
    pool_fee_usd: FloatArray
    power_usd: FloatArray
    opex_usd: FloatArray
    demand_response_usd: FloatArray
    quantities: Mapping[str, FloatArray]
    memo: Mapping[str, FloatArray]

    def gross_profit_usd(self) -> FloatArray:
        """Revenue less power, pool fee and operating cost."""
        return self.revenue_usd + self.demand_response_usd + self.power_usd + self.pool_fee_usd + self.opex_usd


def _operate(
    fleet: Fleet, inputs: Inputs, setting: Setting, found: _IfRun, on: FloatArray, which: str = ""
) -> _Operations:
    """Running the fleet in the months where ``on`` is 1; explanations put ``which`` before the names."""
    timeline, market = setting.timeline, setting.market
    revenue, power, load = found.revenue_usd, found.load.power_if_run_usd, found.load
    if inputs.curtail:
        revenue = named(f"{which}mining_revenue_usd", load.in_hours_run(revenue))
        power = named(f"{which}mining_power_usd", load.power_usd())

    def energy_mwh() -> FloatArray:
        return load.in_hours_run(found.energy_mwh) if inputs.curtail else found.energy_mwh

    def btc_mined() -> FloatArray:
        assert market.btc_per_ph_per_day is not None
        mined = market.btc_per_ph_per_day * (found.petahash_days * (1.0 - inputs.pool_fee_fraction))
        return load.in_hours_run(mined) if inputs.curtail else mined

    saved_usd = load.saved_usd if inputs.curtail else lambda: np.zeros((1, 1))
    quantities = {"energy_mwh": energy_mwh}
    if market.btc_per_ph_per_day is not None:
        quantities["btc_mined"] = btc_mined
    income = fleet.demand_response_usd_per_month
    return _Operations(
        revenue_usd=revenue,
        pool_fee_usd=revenue * -inputs.pool_fee_fraction,
        power_usd=power,
        opex_usd=on * (found.nameplate_mw * (inputs.opex_usd_per_mw_per_year / -MONTHS_PER_YEAR)),
        demand_response_usd=np.zeros((1, 1)) if income is None else on * income.values(timeline),
        quantities=OnDemand(quantities),
        memo=OnDemand({"curtailment_value_usd": saved_usd}),
    )


def cash_flows(inputs: Inputs, setting: Setting) -> CashFlows:
    """Revenue, pool fee, power, operating cost, demand response, machines bought and sold, month by month."""
    parts = [_flows_of(fleet, inputs, setting) for fleet in inputs.fleets()]
    return parts[0] if len(parts) == 1 else combined(parts).by_name(setting.timeline.months)


def _flows_of(fleet: Fleet, inputs: Inputs, setting: Setting) -> CashFlows:
    """The lines of one fleet."""
    timeline, months = setting.timeline, setting.timeline.months
    generations, if_run, on = _runs(fleet, inputs, setting)
    run = _operate(fleet, inputs, setting, if_run, on)
    lines = [
        Line("mining_revenue_usd", "revenue", run.revenue_usd),
        Line("demand_response_usd", "revenue", run.demand_response_usd),
        Line("mining_power_usd", "power", run.power_usd),
        Line("pool_fee_usd", "opex", run.pool_fee_usd),
        Line("mining_opex_usd", "opex", run.opex_usd),
    ]
    bought = lumps(months, [(one.start, -one.cost_usd * one.exists) for one in generations])
    lines.append(Line("machines_bought_usd", "capex", bought, at_start=True, assets=machine_lots(fleet, generations)))
    if fleet.resale_usd_per_th is not None:
        sold, left = [], []
        for g, one in enumerate(generations):
            month = as_row(one.end)
            usd = named(f"fleet_{g + 1}_sale_usd", fleet.sale_usd(one, month, timeline, original=g == 0)[0])
            sold.append((one.end, usd))
            left.append((float(months), np.where(month[0] > months, usd, 0.0)))
        lines.append(Line("machines_sold_usd", "sale", lumps(months, sold), at_start=True))
        lines.append(Line("machines_residual_usd", "residual", lumps(months, left)))
    return CashFlows(tuple(lines), run.quantities, run.memo)


def best_stop(inputs: Inputs, setting: Setting) -> FloatArray:
    """The month whose stop is worth most at the setting's discount factors, ``(·,)``; months + 1 means never.

    Of equal values the latest stop wins.
    """
    return named("best_stop_month", last_largest(named("value_by_stop_usd", value_by_stop_usd(inputs, setting))))


def value_by_stop_usd(inputs: Inputs, setting: Setting) -> FloatArray:
    """What the use is worth with each stop, of month 1 to months + 1 (never), ``(months + 1, ·)``.

    Every stop from the first month on is valued from running totals of discounted margins, one per generation of
    machines; one before it is worth minus infinity.
    """
    horizon = setting.timeline.months + 1.0
    stops = np.arange(1.0, horizon + 1.0)[:, None]
    values = [_value_by_stop_usd(fleet, inputs, setting, stops) for fleet in inputs.fleets()]
    return np.where(stops >= setting.first, reduce(np.add, values), -np.inf)


def _value_by_stop_usd(fleet: Fleet, inputs: Inputs, setting: Setting, stops: FloatArray) -> FloatArray:
    """What one fleet is worth where it stops in the months ``stops (rows, 1)``."""
    timeline, discount = setting.timeline, setting.discount_factors
    horizon = np.minimum(setting.until, timeline.months + 1.0)
    ends = np.minimum(timeline.constant("stop_by_stop_month", stops), horizon)
    value = np.zeros((1, 1))
    always = np.ones((timeline.months, 1))
    for g, one in enumerate(fleet.generations(setting.first, horizon, timeline)):
        exists, last = fleet.ends_by_stop(one, g, setting.first, ends)
        which = f"fleet_{g + 1}_unstopped_"
        if_run = _if_run(fleet, inputs, setting, one.efficiency_j_per_th, always, which)
        run = _operate(fleet, inputs, setting, if_run, always, which)
        earned = running_total(named(f"fleet_{g + 1}_discounted_margin_usd", run.gross_profit_usd() * discount[1:]))
        earned = named(f"fleet_{g + 1}_earned_so_far_usd", np.concatenate([np.zeros((1, earned.shape[1])), earned]))
        begins = as_row(one.start)
        worth = rows_at(earned, np.maximum(last, begins)) - rows_at(earned, begins)
        worth = worth - one.cost_usd * rows_at(discount, begins)
        if fleet.resale_usd_per_th is not None:
            sale = fleet.sale_usd(one, last, timeline, original=g == 0)
            worth = worth + named(f"fleet_{g + 1}_sale_by_stop_usd", sale) * rows_at(discount, last)
        worth = named(f"fleet_{g + 1}_worth_by_stop_usd", worth)
        value = value + np.where(exists, worth, 0.0)
    return value


def required_mw(inputs: Inputs, setting: Setting) -> tuple[Number, str]:
    """Nameplate draw of each fleet's hungriest generation, bought unless months unpaid stop it before.

    It is EH/s x J/TH x PUE.
    """
    parts = [_required_mw(fleet, inputs, setting) for fleet in inputs.fleets()]
    return reduce(np.add, [mw for mw, _ in parts]), " + ".join(sum_ for _, sum_ in parts)


def _required_mw(fleet: Fleet, inputs: Inputs, setting: Setting) -> tuple[Number, str]:
    generations = _unshut(fleet, inputs, setting)
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
    every = _unshut(fleet, inputs, setting)
    if _shut_by(fleet, inputs):
        every = list(_runs(fleet, inputs, setting).generations)
    generations = [one for one in every if np.any(one.exists)]
    if not generations:
        return found
    last = float(np.max(generations[-1].end))
    if fleet.refresh is None:
        dies = int(fleet.dies(setting.first))
        end = float(np.max(_end_month(fleet, inputs, setting)))
        if dies < end and dies == last and (fleet.stops == NEVER or isinstance(fleet.stops, UnpaidMonths)):
            found.append(
                f"the fleet stops in {label(dies)}, after its life of {fleet.life_months:g} months; "
                "give refresh to keep mining"
            )
        return found
    if_run = _runs(fleet, inputs, setting).if_run
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
