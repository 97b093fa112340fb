"""Bitcoin mining with an owned fleet.

A fleet of H EH/s at j J/TH draws H x j x PUE megawatts at the meter (1 PH/s at j J/TH draws j kW). A month's output is
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
from typing import ClassVar, NamedTuple

import numpy as np
from pydantic import model_validator

from minecalc.arrays import (
    BoolArray,
    Count,
    FloatArray,
    Number,
    added,
    as_row,
    at_month,
    last_largest,
    lump,
    rows_at,
    running_total,
    truth,
)
from minecalc.businesses import Setting
from minecalc.cashflows import CashFlows, Line
from minecalc.paths import Sourced, TimedInputs, ValueOverTime, over_time
from minecalc.reference import machines
from minecalc.schema.diagnostics import Problem
from minecalc.schema.fields import anything, flag, number, text, whole
from minecalc.schema.names import unknown_name
from minecalc.schema.validate import failed
from minecalc.stops import BEST, NEVER, Stops, StopValues, UnpaidMonths
from minecalc.trace import named
from minecalc.units import KWH_PER_MWH, MONTHS_PER_YEAR, PH_PER_EH, TH_PER_EH

is_ai = False

#: A refresh with fewer months than this left to use it is skipped.
REFRESH_MONTHS_LEAST = 12

#: Power usage effectiveness by cooling: judgement within published 1.02-1.10 for mines whose fans count as load.
PUE_BY_COOLING = {"air": 1.05, "hydro": 1.06, "immersion": 1.04}


class Refresh(TimedInputs):
    """New machines every so many months."""

    every_months: Count = whole(low=1, high=600, help="months from one fleet to the next")
    price_usd_per_th: ValueOverTime = over_time(low=0, high=1000, help="price of new machines when they are bought")
    efficiency_j_per_th: ValueOverTime = over_time(low=1, high=200, help="efficiency of machines bought that month")


class Inputs(TimedInputs):
    """A fleet, its running costs and its end."""

    month_fields: ClassVar[frozenset[str]] = frozenset({"stops"})

    hash_rate_eh_per_s: Number = number(low=0, high=10_000, help="hash rate of the fleet when it runs")
    machine: str | None = text(default=None, help="a machine of the catalogue, for its efficiency and cooling")
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
        low=0,
        high=1,
        default=1.0,
        default_source="no downtime",
        help="share of the hours that the fleet can run",
    )
    pool_fee_fraction: Number = number(
        low=0, high=1, default=0.0, default_source="no pool fee", help="share of the revenue kept by the pool"
    )
    opex_usd_per_mw_per_year: Number = number(
        low=0,
        high=1e7,
        default=0.0,
        default_source="no operating cost besides power",
        help="operating cost per MW of nameplate draw, curtailed or not",
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

    @model_validator(mode="after")
    def _consistent(self) -> Inputs:
        if self.refresh is not None and self.refresh.every_months > self.life_months:
            message = f"every_months is {self.refresh.every_months:g}, more than life_months {self.life_months:g}"
            raise failed(
                [Problem(("refresh", "every_months"), "conflict", message, "refresh within the machines' life")]
            )
        if self.machine is not None and self.machine not in machines():
            raise failed([unknown_name(("machine",), "machine", self.machine, machines(), "minecalc catalog machines")])
        return self

    def from_records(self) -> Mapping[str, Sourced]:
        """Efficiency and PUE of the named machine."""
        if self.machine is None:
            return {}
        record = machines()[self.machine]
        source = f"{record.name}: {record.source} (grade {record.grade})"
        cooling = f"{record.cooling} cooling: judgement"
        return {
            "efficiency_j_per_th": Sourced(record.efficiency_j_per_th, record.as_of, source),
            "pue_ratio": Sourced(PUE_BY_COOLING[record.cooling], record.as_of, cooling),
        }


class _Fleet(NamedTuple):
    """One generation of machines: in use from month ``start`` until before ``end`` (floats or columns)."""

    start: Number
    end: Number
    efficiency_j_per_th: Number
    cost_usd: Number
    exists: Number


def _fleets(inputs: Inputs, setting: Setting, end: Number) -> list[_Fleet]:
    """The generations of a use that ends before month ``end``, the first one first."""
    terahash = named("fleet_th_per_s", inputs.hash_rate_eh_per_s * TH_PER_EH)
    first = setting.first
    bought = inputs.machine_price_usd_per_th is not None
    price = inputs.machine_price_usd_per_th if inputs.machine_price_usd_per_th is not None else 0.0
    begins: Number = truth(first < end) if bought else 1.0
    if inputs.refresh is None:
        last = named("fleet_1_ends_month", np.minimum(end, first + inputs.life_months))
        return [_Fleet(first, last, inputs.efficiency_j_per_th, terahash * price, begins)]
    every = inputs.refresh.every_months
    prices = inputs.refresh.price_usd_per_th.values(setting.timeline)
    efficiencies = inputs.refresh.efficiency_j_per_th.values(setting.timeline)
    starts: list[Number] = [first]
    exists: list[Number] = [begins]
    while True:
        start = named(f"refresh_{len(starts)}_month", first + len(starts) * every)
        worthwhile = named(f"fleet_{len(starts) + 1}_exists", truth(end - start >= REFRESH_MONTHS_LEAST))
        if not worthwhile.any():
            break
        starts.append(start)
        exists.append(worthwhile)
    fleets = []
    for g, start in enumerate(starts):
        replaced = g + 1 < len(starts)
        last = named(f"fleet_{g + 1}_ends_month", np.where(exists[g + 1], starts[g + 1], end)) if replaced else end
        efficiency = at_month(efficiencies, start) if g else inputs.efficiency_j_per_th
        cost = named(f"fleet_{g + 1}_cost_usd", terahash * (at_month(prices, start) if g else price))
        fleets.append(_Fleet(start, last, efficiency, cost, exists[g]))
    return fleets


def end_month(inputs: Inputs, setting: Setting) -> Number:
    """The month before which the fleet is off: by the date of ``stops``, by what follows the use, or the horizon.

    Months unpaid are no date: see ``_generations``.
    """
    stops = inputs.stops
    stop: Number = setting.timeline.after
    if isinstance(stops, StopValues):
        stop = stops.best(setting.until)
    elif isinstance(stops, str) and stops == BEST:
        stop = best_stop(inputs, setting)
    elif not isinstance(stops, UnpaidMonths) and not (isinstance(stops, str) and stops == NEVER):
        stop = setting.timeline.number_of(stops)
    return named("ends_month", np.minimum(np.minimum(stop, setting.until), setting.timeline.after))


def _generations(inputs: Inputs, setting: Setting) -> list[_Fleet]:
    """The generations of a use that ends by its ``stops``, or by what follows it.

    Where it may be shut for months unpaid, refreshes are as if it could not, until it is.
    """
    fleets = _fleets(inputs, setting, end_month(inputs, setting))
    if not isinstance(inputs.stops, UnpaidMonths) or not inputs.curtail:
        return fleets
    stop = inputs.stops.stop(_idle(inputs, setting, fleets))
    cut = []
    for g, fleet in enumerate(fleets):
        which = f"fleet_{g + 1}"
        exists = named(f"{which}_exists_unshut", fleet.exists * truth(fleet.start < stop)) if g else fleet.exists
        cut.append(fleet._replace(end=named(f"{which}_shut_month", np.minimum(fleet.end, stop)), exists=exists))
    return cut


def _idle(inputs: Inputs, setting: Setting, fleets: list[_Fleet]) -> FloatArray:
    """1 in the months of service in which ``curtail`` keeps a fleet off that is not shut for it, ``(months, ·)``."""
    on = _in_service(setting, fleets, "unshut_")
    efficiency = _efficiency(setting, fleets, "unshut_")
    margin = _if_run(inputs, setting, efficiency, on, "unshut_").margin_usd
    return named("kept_off", truth((on > 0.0) & (margin <= 0.0)))


def _efficiency(setting: Setting, fleets: list[_Fleet], which: str = "") -> Number:
    """J/TH of the machines that stand there in each month; explanations put ``which`` before the name."""
    k = setting.timeline.numbers
    efficiency: Number = fleets[0].efficiency_j_per_th
    for fleet in fleets[1:]:
        efficiency = np.where((k >= fleet.start) & (fleet.exists > 0.0), fleet.efficiency_j_per_th, efficiency)
    return named(f"{which}fleet_j_per_th", efficiency)


def _in_service(setting: Setting, fleets: list[_Fleet], which: str = "") -> FloatArray:
    """1 in the months from the first to the last of the last fleet, ``(months, ·)``; ``which`` as above."""
    k = setting.timeline.numbers
    ends: Number = fleets[0].end
    for fleet in fleets[1:]:
        ends = np.where(fleet.exists, fleet.end, ends)
    ends = named(f"{which}last_fleet_ends_month", ends)
    return named(f"{which}in_service_fraction", truth((k >= setting.first) & (k < ends)))


class _IfRun(NamedTuple):
    """What the months of service would bring and take if the fleet ran in all of them, ``(months, ·)``.

    ``margin_usd`` is the revenue net of pool fee less the cost of power; power is negative.
    """

    petahash_days: FloatArray
    nameplate_mw: Number
    revenue_usd: FloatArray
    power_usd: FloatArray
    energy_mwh: FloatArray
    margin_usd: FloatArray


def _if_run(inputs: Inputs, setting: Setting, efficiency_j_per_th: Number, on: FloatArray, which: str = "") -> _IfRun:
    """The fleet in the months where ``on`` is 1, never kept off; explanations put ``which`` before the names."""
    timeline = setting.timeline
    uptime = inputs.uptime_fraction.values(timeline) * on
    hash_rate = named("fleet_ph_per_s", inputs.hash_rate_eh_per_s * PH_PER_EH)
    petahash_days = named(f"{which}ph_days", uptime * timeline.days * hash_rate)
    nameplate_mw = named(f"{which}nameplate_mw", inputs.hash_rate_eh_per_s * efficiency_j_per_th * inputs.pue_ratio)
    revenue = named(f"{which}revenue_if_run_usd", setting.market.hash_price_usd_per_ph_per_day * petahash_days)
    energy = named(f"{which}energy_if_run_mwh", uptime * timeline.hours * nameplate_mw)
    power = named(f"{which}power_if_run_usd", energy * (setting.electricity_price_usd_per_kwh * -KWH_PER_MWH))
    margin = named(f"{which}margin_if_run_usd", revenue * (1.0 - inputs.pool_fee_fraction) + power)
    return _IfRun(petahash_days, nameplate_mw, revenue, power, energy, margin)


class _Operations(NamedTuple):
    """Months of running, all ``(months, ·)``; money is signed, and zero where the fleet is shut off."""

    revenue_usd: FloatArray
    pool_fee_usd: FloatArray
    power_usd: FloatArray
    opex_usd: FloatArray
    demand_response_usd: FloatArray
    energy_mwh: FloatArray
    btc_mined: FloatArray | None
    curtailment_value_usd: FloatArray

    def gross_profit_usd(self) -> FloatArray:
        """Revenue less power, pool fee and operating cost."""
        return self.revenue_usd + self.demand_response_usd + self.power_usd + self.pool_fee_usd + self.opex_usd


def _operate(
    inputs: Inputs, setting: Setting, efficiency_j_per_th: Number, on: FloatArray, which: str = ""
) -> _Operations:
    """Running the fleet in the months where ``on`` is 1; explanations put ``which`` before the names."""
    timeline, market = setting.timeline, setting.market
    found = _if_run(inputs, setting, efficiency_j_per_th, on, which)
    revenue, power, energy = found.revenue_usd, found.power_usd, found.energy_mwh
    btc = market.btc_per_ph_per_day
    btc = None if btc is None else btc * (found.petahash_days * (1.0 - inputs.pool_fee_fraction))
    saved = np.zeros((1, 1))
    if inputs.curtail:
        runs = found.margin_usd > 0.0
        saved = np.where(runs, 0.0, -found.margin_usd)
        revenue = named(f"{which}mining_revenue_usd", np.where(runs, revenue, 0.0))
        power = named(f"{which}mining_power_usd", np.where(runs, power, 0.0))
        energy = np.where(runs, energy, 0.0)
        btc = None if btc is None else np.where(runs, btc, 0.0)
    income = inputs.demand_response_usd_per_month
    return _Operations(
        revenue_usd=revenue,
        pool_fee_usd=revenue * -inputs.pool_fee_fraction,
        power_usd=power,
        opex_usd=on * (found.nameplate_mw * (inputs.opex_usd_per_mw_per_year / -MONTHS_PER_YEAR)),
        demand_response_usd=np.zeros((1, 1)) if income is None else on * income.values(timeline),
        energy_mwh=energy,
        btc_mined=btc,
        curtailment_value_usd=saved,
    )


def _sale_value_usd(inputs: Inputs, setting: Setting, fleet: _Fleet, sold: FloatArray, *, original: bool) -> FloatArray:
    """What a fleet fetches in the months ``sold (rows, ·)``; at the horizon that of the last month."""
    assert inputs.machine_resale_usd_per_th is not None
    resale = inputs.machine_resale_usd_per_th.values(setting.timeline)
    now = rows_at(resale, sold)
    if original:
        return now * (inputs.hash_rate_eh_per_s * TH_PER_EH) * fleet.exists
    new = at_month(resale, fleet.start)
    return np.where(new > 0.0, now / np.where(new > 0.0, new, 1.0), 0.0) * fleet.cost_usd * fleet.exists


def cash_flows(inputs: Inputs, setting: Setting) -> CashFlows:
    """Revenue, pool fee, power, operating cost, demand response, machines bought and sold, month by month."""
    timeline = setting.timeline
    months = timeline.months
    fleets = _generations(inputs, setting)
    on = _in_service(setting, fleets)
    run = _operate(inputs, setting, _efficiency(setting, fleets), on)
    lines = [
        Line("mining_revenue_usd", "revenue", run.revenue_usd),
        Line("demand_response_usd", "revenue", run.demand_response_usd),
        Line("mining_power_usd", "power", run.power_usd),
        Line("pool_fee_usd", "opex", run.pool_fee_usd),
        Line("mining_opex_usd", "opex", run.opex_usd),
    ]
    bought = added(months, *(lump(months, f.start, -f.cost_usd * f.exists) for f in fleets))
    lines.append(Line("machines_bought_usd", "capex", bought, at_start=True))
    if inputs.machine_resale_usd_per_th is not None:
        sold, left = [], []
        for g, fleet in enumerate(fleets):
            month = as_row(fleet.end)
            usd = named(f"fleet_{g + 1}_sale_usd", _sale_value_usd(inputs, setting, fleet, month, original=g == 0)[0])
            sold.append(lump(months, fleet.end, usd))
            left.append(lump(months, float(months), np.where(month[0] > months, usd, 0.0)))
        lines.append(Line("machines_sold_usd", "sale", added(months, *sold), at_start=True))
        lines.append(Line("machines_residual_usd", "residual", added(months, *left)))
    quantities = {"energy_mwh": run.energy_mwh}
    if run.btc_mined is not None:
        quantities["btc_mined"] = run.btc_mined
    return CashFlows(tuple(lines), quantities, {"curtailment_value_usd": run.curtailment_value_usd})


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
    timeline, discount = setting.timeline, setting.discount_factors
    horizon = timeline.months + 1.0
    stops = np.arange(1.0, horizon + 1.0)[:, None]
    ends = np.minimum(timeline.constant("stop_by_stop_month", stops), np.minimum(setting.until, horizon))
    value = np.zeros((1, 1))
    fleets = _fleets(inputs, setting, np.minimum(setting.until, horizon))
    always = np.ones((timeline.months, 1))
    for g, fleet in enumerate(fleets):
        if inputs.refresh is None:
            exists: BoolArray | bool = True
            last = np.minimum(ends, setting.first + inputs.life_months)
        else:
            exists = ends - fleet.start >= REFRESH_MONTHS_LEAST if g else True
            following = setting.first + (g + 1) * inputs.refresh.every_months
            last = np.where(ends - following >= REFRESH_MONTHS_LEAST, following, ends)
        if g == 0 and inputs.machine_price_usd_per_th is not None:
            exists = ends > setting.first
        last = named(f"fleet_{g + 1}_ends_by_stop_month", last)
        run = _operate(inputs, setting, fleet.efficiency_j_per_th, always, f"fleet_{g + 1}_unstopped_")
        earned = running_total(named(f"fleet_{g + 1}_discounted_margin_usd", run.gross_profit_usd() * discount[1:]))
        earned = named(f"fleet_{g + 1}_earned_so_far_usd", np.concatenate([np.zeros((1, earned.shape[1])), earned]))
        begins = as_row(fleet.start)
        worth = rows_at(earned, np.maximum(last, begins)) - rows_at(earned, begins)
        worth = worth - fleet.cost_usd * rows_at(discount, begins)
        if inputs.machine_resale_usd_per_th is not None:
            sale = _sale_value_usd(inputs, setting, fleet, last, original=g == 0)
            worth = worth + named(f"fleet_{g + 1}_sale_by_stop_usd", sale) * rows_at(discount, last)
        worth = named(f"fleet_{g + 1}_worth_by_stop_usd", worth)
        value = value + np.where(exists, worth, 0.0)
    return np.where(stops >= setting.first, value, -np.inf)


def required_mw(inputs: Inputs, setting: Setting) -> tuple[Number, str]:
    """Nameplate draw of the hungriest generation, bought unless months unpaid stop it before: EH/s x J/TH x PUE."""
    fleets = _fleets(inputs, setting, end_month(inputs, setting))
    efficiency = fleets[0].efficiency_j_per_th
    for fleet in fleets[1:]:
        efficiency = np.maximum(efficiency, np.where(fleet.exists, fleet.efficiency_j_per_th, 0.0))
    mw = inputs.hash_rate_eh_per_s * efficiency * inputs.pue_ratio
    rate, joules, pue = (float(np.max(x)) for x in (inputs.hash_rate_eh_per_s, efficiency, inputs.pue_ratio))
    sum_ = f"{rate:g} EH/s x {joules:g} J/TH x PUE {pue:g}"
    return mw, sum_


def peak_draw_mw(inputs: Inputs, setting: Setting) -> tuple[Number, str]:
    """The nameplate draw."""
    return required_mw(inputs, setting)


def critical_mw(inputs: Inputs, setting: Setting) -> Number:
    """The machines' own load, EH/s x J/TH."""
    return inputs.hash_rate_eh_per_s * inputs.efficiency_j_per_th


def earns_from(inputs: Inputs, setting: Setting) -> Number:
    """The first month."""
    return setting.first


def warnings(inputs: Inputs, setting: Setting) -> list[str]:
    """A fleet that dies of age, a refresh that is skipped, machines that are bought and never run."""
    found: list[str] = []
    end = float(np.max(end_month(inputs, setting)))
    label = setting.timeline.label
    fleets = [fleet for fleet in _generations(inputs, setting) if np.any(fleet.exists)]
    if not fleets:
        return found
    last = float(np.max(fleets[-1].end))
    if inputs.refresh is None:
        dies = int(setting.first + inputs.life_months)
        if dies < end and dies == last and (inputs.stops == NEVER or isinstance(inputs.stops, UnpaidMonths)):
            found.append(
                f"the fleet stops in {label(dies)}, after its life of {inputs.life_months:g} months; "
                "give refresh to keep mining"
            )
        return found
    revenue = next(line.usd for line in cash_flows(inputs, setting).lines if line.name == "mining_revenue_usd")
    for fleet in fleets[1:]:
        begins, ends = int(np.max(fleet.start)), int(np.max(fleet.end))
        if not revenue[begins - 1 : ends - 1].any():
            found.append(
                f"the refresh of {label(begins)} buys machines that never run: no month pays for their power; "
                "stop before it (stops: best finds when)"
            )
    skipped = int(setting.first + len(fleets) * inputs.refresh.every_months)
    if skipped < last:
        found.append(
            f"the refresh of {label(skipped)} is skipped: only {last - skipped:g} months of the use are left, "
            "so the old machines run on"
        )
    return found
