"""What a fleet of mining machines earns month by month: what it would bring and take, where it runs, when to stop it.

A business that mines asks it for each of its fleets, under its own terms: uptime, pool fee, operating cost, and whether
machines are shut off in months that do not pay for their power. Sources: ``minecalc help method``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray, Number, as_row, last_largest, lumps, rows_at, running_total, truth
from minecalc.cashflows import CashFlows, Line, OnDemand
from minecalc.fleet import Fleet, Generation, begun_in_months, efficiency_in_months, in_service, machine_lots
from minecalc.power import Interruptible
from minecalc.setting import Setting
from minecalc.stops import BEST, NEVER, StopMonth, StopValues, UnpaidMonths
from minecalc.trace import named
from minecalc.units import MONTHS_PER_YEAR, PH_PER_EH
from minecalc.use_terms import Mining


def end_month(fleet: Fleet, terms: Mining, setting: Setting) -> Number:
    """The month before which a fleet is off: by the date of ``stops``, by what follows the use, or the horizon.

    Months unpaid are no date: see ``runs``.
    """
    stops = fleet.stops
    stop: Number = setting.timeline.after
    if isinstance(stops, StopValues):
        stop = stops.best(setting.until)
    elif isinstance(stops, StopMonth):
        stop = stops.number
    elif isinstance(stops, str) and stops == BEST:
        stop = best_stop(fleet, terms, setting)
    elif not isinstance(stops, UnpaidMonths) and not (isinstance(stops, str) and stops == NEVER):
        stop = setting.timeline.number_of(stops)
    return fleet.named("ends_month", np.minimum(np.minimum(stop, setting.until), setting.timeline.after))


def unshut(fleet: Fleet, terms: Mining, setting: Setting) -> list[Generation]:
    """The generations of a fleet that nothing shuts for months unpaid."""
    timeline = setting.timeline
    return fleet.generations(fleet.begins(setting.first, timeline), end_month(fleet, terms, setting), timeline)


def shut_by(fleet: Fleet, terms: Mining) -> UnpaidMonths | None:
    """The rule by which months unpaid shut a fleet, if any can: one that never is kept off is never shut for it."""
    return fleet.stops if isinstance(fleet.stops, UnpaidMonths) and terms.curtail else None


class _Machines(NamedTuple):
    """The machines that stand there: J/TH, and the share of their hash rate that wear leaves (None: all of it).

    The first is a number or ``(months, ·)``, the second ``(months, ·)``.
    """

    efficiency_j_per_th: Number
    hash_rate_left: FloatArray | None


class IfRun(NamedTuple):
    """What the months of service would bring and take if the fleet ran in all of them, ``(months, ·)``.

    As a ``load`` it is worth its revenue net of pool fee.
    """

    petahash_days: FloatArray
    nameplate_mw: Number
    revenue_usd: FloatArray
    energy_mwh: FloatArray
    load: Interruptible


def _if_run(
    fleet: Fleet, terms: Mining, setting: Setting, machines: _Machines, on: FloatArray, which: str = ""
) -> IfRun:
    """The fleet in the months where ``on`` is 1, never kept off; explanations put ``which`` before the names."""
    timeline = setting.timeline
    uptime = terms.uptime_fraction.values(timeline)  # its product with what is the same in all cases goes first
    hash_rate = fleet.named("fleet_ph_per_s", fleet.hash_rate_eh_per_s * PH_PER_EH)
    hash_days = uptime * timeline.days * hash_rate * on
    if machines.hash_rate_left is not None:
        hash_days = hash_days * machines.hash_rate_left
    petahash_days = fleet.named(f"{which}ph_days", hash_days)
    joules = machines.efficiency_j_per_th
    nameplate_mw = fleet.named(f"{which}nameplate_mw", fleet.hash_rate_eh_per_s * joules * fleet.pue_ratio)
    revenue = fleet.named(f"{which}revenue_if_run_usd", setting.market.hash_price_usd_per_ph_per_day * petahash_days)
    energy = fleet.named(f"{which}energy_if_run_mwh", uptime * timeline.hours * nameplate_mw * on)
    load = setting.power.interruptible(energy, revenue * (1.0 - terms.pool_fee_fraction), fleet.called(which))
    return IfRun(petahash_days, nameplate_mw, revenue, energy, load)


class Runs(NamedTuple):
    """A fleet over the months: its machines, what they would bring and take, and where they are in service.

    ``in_service (months, ·)`` is 1 until the fleet is shut for good. What it would bring is that of the fleet that
    nothing shuts; its load is off once it is shut.
    """

    generations: Sequence[Generation]
    if_run: IfRun
    in_service: FloatArray


def runs(fleet: Fleet, terms: Mining, setting: Setting) -> Runs:
    """The fleet until it ends by its ``stops``, or by what follows the use.

    Where it may be shut for months unpaid, refreshes are as if it could not, until it is.
    """
    timeline, rule = setting.timeline, shut_by(fleet, terms)
    found = unshut(fleet, terms, setting)
    on = in_service(fleet, found, fleet.begins(setting.first, timeline), timeline, "unshut_" if rule else "")
    left = fleet.hash_rate_left(begun_in_months(found, timeline), timeline) if fleet.wears else None
    machines = _Machines(efficiency_in_months(fleet, found, timeline), left)
    if_run = _if_run(fleet, terms, setting, machines, on)
    if rule is None:
        return Runs(found, if_run, on)
    stop = rule.stop((on > 0.0) & if_run.load.unpaid)
    cut = []
    for g, one in enumerate(found):
        which = f"fleet_{g + 1}"
        exists = fleet.named(f"{which}_exists_unshut", one.exists * truth(one.start < stop)) if g else one.exists
        cut.append(one._replace(end=fleet.named(f"{which}_shut_month", np.minimum(one.end, stop)), exists=exists))
    stands = timeline.numbers < stop
    on = fleet.named("in_service_fraction", np.where(stands, on, 0.0))
    return Runs(cut, if_run._replace(load=if_run.load.shut_but_for(stands)), on)


class Operations(NamedTuple):
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


def operate(fleet: Fleet, terms: Mining, setting: Setting, found: IfRun, on: FloatArray, which: str = "") -> Operations:
    """Running the fleet in the months where ``on`` is 1; explanations put ``which`` before the names."""
    timeline, market = setting.timeline, setting.market
    revenue, power, load = found.revenue_usd, found.load.power_if_run_usd, found.load
    if terms.curtail:
        revenue = fleet.named(f"{which}mining_revenue_usd", load.in_hours_run(revenue))
        power = fleet.named(f"{which}mining_power_usd", load.power_usd())

    def energy_mwh() -> FloatArray:
        return load.in_hours_run(found.energy_mwh) if terms.curtail else found.energy_mwh

    def btc_mined() -> FloatArray:
        assert market.btc_per_ph_per_day is not None
        mined = market.btc_per_ph_per_day * (found.petahash_days * (1.0 - terms.pool_fee_fraction))
        return load.in_hours_run(mined) if terms.curtail else mined

    saved_usd = load.saved_usd if terms.curtail else lambda: np.zeros((1, 1))
    quantities = {"energy_mwh": energy_mwh}
    if market.btc_per_ph_per_day is not None:
        quantities["btc_mined"] = btc_mined
    paid = np.zeros((1, 1))
    if fleet.demand_response_usd_per_month is not None:
        paid = on * fleet.demand_response_usd_per_month.values(timeline)
        if fleet.share_of_demand_response is not None:
            paid = paid * fleet.share_of_demand_response
    return Operations(
        revenue_usd=revenue,
        pool_fee_usd=revenue * -terms.pool_fee_fraction,
        power_usd=power,
        opex_usd=on * (found.nameplate_mw * (setting.cost(terms.opex_usd_per_mw_per_year) / -MONTHS_PER_YEAR)),
        demand_response_usd=paid,
        quantities=OnDemand(quantities),
        memo=OnDemand({"curtailment_value_usd": saved_usd}),
    )


def flows(fleet: Fleet, terms: Mining, setting: Setting) -> CashFlows:
    """The lines of one fleet."""
    timeline, months = setting.timeline, setting.timeline.months
    generations, if_run, on = runs(fleet, terms, setting)
    run = operate(fleet, terms, setting, if_run, on)
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
            usd = fleet.named(f"fleet_{g + 1}_sale_usd", fleet.sale_usd(one, month, timeline, original=g == 0)[0])
            sold.append((one.end, usd))
            left.append((float(months), np.where(month[0] > months, usd, 0.0)))
        lines.append(Line("machines_sold_usd", "sale", lumps(months, sold), at_start=True))
        lines.append(Line("machines_residual_usd", "residual", lumps(months, left)))
    return CashFlows(tuple(lines), run.quantities, run.memo)


def best_stop(fleet: Fleet, terms: Mining, setting: Setting) -> FloatArray:
    """The month whose stop is worth most at the setting's discount factors, ``(·,)``; months + 1 means never."""
    values = fleet.named("value_by_stop_usd", value_by_stop_usd(fleet, terms, setting))
    return fleet.named("best_stop_month", last_largest(values))


def best_of(value_by_stop_usd: FloatArray) -> FloatArray:
    """The month ``(·,)`` whose stop is worth most; of equal values the latest wins."""
    return named("best_stop_month", last_largest(named("value_by_stop_usd", value_by_stop_usd)))


def value_by_stop_usd(fleet: Fleet, terms: Mining, setting: Setting) -> FloatArray:
    """What one fleet is worth with each stop, of month 1 to months + 1 (never), ``(months + 1, ·)``.

    Every stop from the first month on is valued from running totals of discounted margins, one per generation of
    machines; one before it is worth minus infinity.
    """
    timeline, discount = setting.timeline, setting.discount_factors
    stops = np.arange(1.0, timeline.months + 2.0)[:, None]
    horizon = np.minimum(setting.until, timeline.months + 1.0)
    ends = np.minimum(timeline.constant("stop_by_stop_month", stops), horizon)
    value = np.zeros((1, 1))
    always = np.ones((timeline.months, 1))
    first = fleet.begins(setting.first, timeline)
    for g, one in enumerate(fleet.generations(first, horizon, timeline)):
        exists, last = fleet.ends_by_stop(one, g, first, ends)
        which = f"fleet_{g + 1}_unstopped_"
        machines = _Machines(one.efficiency_j_per_th, fleet.hash_rate_left(one.start, timeline, which))
        if_run = _if_run(fleet, terms, setting, machines, always, which)
        run = operate(fleet, terms, setting, if_run, always, which)
        earned = running_total(
            fleet.named(f"fleet_{g + 1}_discounted_margin_usd", run.gross_profit_usd() * discount[1:])
        )
        earned = fleet.named(
            f"fleet_{g + 1}_earned_so_far_usd", np.concatenate([np.zeros((1, earned.shape[1])), earned])
        )
        begins = as_row(one.start)
        worth = rows_at(earned, np.maximum(last, begins)) - rows_at(earned, begins)
        worth = worth - one.cost_usd * rows_at(discount, begins)
        if fleet.resale_usd_per_th is not None:
            sale = fleet.sale_usd(one, last, timeline, original=g == 0)
            worth = worth + fleet.named(f"fleet_{g + 1}_sale_by_stop_usd", sale) * rows_at(discount, last)
        worth = fleet.named(f"fleet_{g + 1}_worth_by_stop_usd", worth)
        value = value + np.where(exists, worth, 0.0)
    return np.where(stops >= setting.first, value, -np.inf)
