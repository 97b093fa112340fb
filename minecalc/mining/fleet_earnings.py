"""What a fleet of mining machines earns month by month: what it would bring and take, where it runs, when to stop it.

A business that mines asks it for each of its fleets, under its own terms: uptime, pool fee, operating cost, and whether
machines are shut off in months that do not pay for their power. Sources: ``minecalc help method``.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import NamedTuple, Self

import numpy as np

from minecalc.arrays import (
    BoolArray,
    FloatArray,
    Number,
    as_row,
    kept_where,
    lumps,
    rows_at,
    running_total,
    truth,
)
from minecalc.cashflows import CashFlows, Line, OnDemand
from minecalc.fleets.fleet import Fleet, Generation, begun_in_months, efficiency_in_months, in_service, machine_lots
from minecalc.fleets.fleet_terms import Running
from minecalc.fleets.stops import BEST, NEVER, StopMonth, StopValues, UnpaidMonths, best_of
from minecalc.power import Interruptible
from minecalc.power.power_charges import ENERGY, ENERGY_IF_RUN, POWER_IF_RUN
from minecalc.units import MONTHS_PER_YEAR, PH_PER_EH
from minecalc.uses.setting import Setting


def end_month(fleet: Fleet, terms: Running, setting: Setting) -> Number:
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
        stop = best_of(value_by_stop_usd(fleet, terms, setting), fleet.part or fleet.name)
    elif not isinstance(stops, UnpaidMonths) and not (isinstance(stops, str) and stops == NEVER):
        stop = setting.timeline.number_of(stops)
    return fleet.named("ends_month", np.minimum(np.minimum(stop, setting.until), setting.timeline.after))


def unshut(fleet: Fleet, terms: Running, setting: Setting) -> list[Generation]:
    """The generations of a fleet that nothing shuts for months unpaid."""
    timeline = setting.timeline
    return fleet.generations(fleet.begins(setting.first, timeline), end_month(fleet, terms, setting), timeline)


def shut_by(fleet: Fleet, terms: Running) -> UnpaidMonths | None:
    """The rule by which months unpaid shut a fleet, if any can: one that never is kept off is never shut for it."""
    return fleet.stops if isinstance(fleet.stops, UnpaidMonths) and terms.curtail else None


class _Step(NamedTuple):
    """What a profile has more than the one below, as shares of the nameplate, and that as a load.

    It may be one that ``stays_on`` whatever power costs.
    """

    hash_fraction: float
    power_fraction: float
    load: Interruptible
    stays_on: bool

    def in_hours_run(self, whole: FloatArray, fraction: float) -> FloatArray:
        """A ``fraction`` of what all hours of a month bring or take, in those in which it runs."""
        part = self.part_of(whole, fraction)
        return part if self.stays_on else self.load.in_hours_run(part)

    @staticmethod
    def part_of(whole: FloatArray, fraction: float) -> FloatArray:
        """A ``fraction`` of what all hours of a month bring or take."""
        return whole if fraction == 1.0 else whole * fraction

    def power_usd(self) -> FloatArray:
        """The cost of power of these, negative."""
        return self.load.power_if_run_usd if self.stays_on else self.load.power_usd()


class IfRun(NamedTuple):
    """What the months of service would bring and take if the fleet ran in all of them, ``(months, ·)``.

    That is at its nameplate. As loads its ``steps`` are worth their revenue net of pool fee: one, or one more for each
    further profile that may pay, the first of which is on whenever a further one is.
    """

    petahash_days: FloatArray
    nameplate_mw: Number
    revenue_usd: FloatArray
    energy_mwh: FloatArray
    steps: tuple[_Step, ...]

    @property
    def unpaid(self) -> BoolArray:
        """The months in no hour of which any profile is worth its power."""
        return self.steps[0].load.unpaid

    def shut_but_for(self, months: BoolArray) -> Self:
        """The same in ``months (months, ·)``, and off for good in the others."""
        return self._replace(steps=tuple(one._replace(load=one.load.shut_but_for(months)) for one in self.steps))

    def until_shut(self, whole: FloatArray) -> FloatArray:
        """Of what months bring or take the part of those before it is shut for good."""
        return self.steps[0].load.until_shut(whole)

    def of_hash(self, whole: FloatArray) -> FloatArray:
        """Of what goes with hash rate the part of the hours and profiles in which it runs."""
        return reduce(np.add, [one.in_hours_run(whole, one.hash_fraction) for one in self.steps])

    def of_power(self, whole: FloatArray) -> FloatArray:
        """Of what goes with power the part of the hours and profiles in which it runs."""
        return reduce(np.add, [one.in_hours_run(whole, one.power_fraction) for one in self.steps])

    def power_usd(self) -> FloatArray:
        """The cost of power of the hours and profiles in which it runs, negative."""
        return reduce(np.add, [one.power_usd() for one in self.steps])


def _if_run(
    fleet: Fleet,
    terms: Running,
    setting: Setting,
    on: FloatArray,
    joules: Number,
    hash_rate_left: FloatArray | None,
    which: str = "",
) -> IfRun:
    """The fleet in the months where ``on`` is 1, never kept off; explanations put ``which`` before the names.

    ``joules`` per TH of the machines that stand there are a number or ``(months, ·)``, the share of their hash rate
    that wear leaves is ``(months, ·)``; None: all of it.
    """
    timeline = setting.timeline
    uptime = terms.uptime_fraction.values(timeline)  # its product with what is the same in all cases goes first
    hash_rate = fleet.named("fleet_ph_per_s", fleet.hash_rate_eh_per_s * PH_PER_EH)
    hash_days = uptime * timeline.days * hash_rate * on
    if hash_rate_left is not None:
        hash_days = hash_days * hash_rate_left
    petahash_days = fleet.named(f"{which}ph_days", hash_days)
    nameplate_mw = fleet.named(f"{which}nameplate_mw", fleet.hash_rate_eh_per_s * joules * fleet.pue_ratio)
    revenue = fleet.named(f"{which}revenue_if_run_usd", setting.market.hash_price_usd_per_ph_per_day * petahash_days)
    energy = fleet.named(f"{which}energy_if_run_mwh", uptime * timeline.hours * nameplate_mw * on)
    worth = revenue * (1.0 - terms.pool_fee_fraction)
    steps = _steps(fleet, setting, energy, worth, which, may_be_off=terms.curtail)
    return IfRun(petahash_days, nameplate_mw, revenue, energy, steps)


def _steps(
    fleet: Fleet, setting: Setting, energy_mwh: FloatArray, worth_usd: FloatArray, which: str, *, may_be_off: bool
) -> tuple[_Step, ...]:
    """The loads that a fleet is made of, which at its nameplate draws ``energy_mwh`` and is worth ``worth_usd``."""
    if not fleet.profiles:
        load = setting.power.interruptible(energy_mwh, worth_usd, fleet.called(which))
        return (_Step(1.0, 1.0, load, stays_on=not may_be_off),)
    from minecalc.fleets.profiles import ladder

    found = []
    for number, (hash_, power) in enumerate(ladder(fleet.profiles, may_be_off=may_be_off)):
        called = fleet.called(f"{which}step_{number + 1}_")
        load = setting.power.interruptible(energy_mwh * power, worth_usd * hash_, called)
        found.append(_Step(hash_, power, load, stays_on=number == 0 and not may_be_off))
    return tuple(found)


class Runs(NamedTuple):
    """A fleet over the months: its machines, what they would bring and take, and where they are in service.

    ``in_service (months, ·)`` is 1 until the fleet is shut for good. What it would bring is that of the fleet that
    nothing shuts; its load is off once it is shut.
    """

    generations: Sequence[Generation]
    if_run: IfRun
    in_service: FloatArray


def runs(fleet: Fleet, terms: Running, setting: Setting) -> Runs:
    """The fleet until it ends by its ``stops``, or by what follows the use.

    Where it may be shut for months unpaid, refreshes are as if it could not, until it is.
    """
    timeline, rule = setting.timeline, shut_by(fleet, terms)
    found = unshut(fleet, terms, setting)
    on = in_service(fleet, found, fleet.begins(setting.first, timeline), timeline, "unshut_" if rule else "")
    wears = fleet.hash_rate_loss_fraction_per_year is not None
    left = fleet.hash_rate_left(begun_in_months(found, timeline), timeline) if wears else None
    if_run = _if_run(fleet, terms, setting, on, efficiency_in_months(fleet, found, timeline), left)
    if rule is None:
        return Runs(found, if_run, on)
    stop = rule.stop((on > 0.0) & if_run.unpaid)
    cut = []
    for g, one in enumerate(found):
        which = f"fleet_{g + 1}"
        exists = fleet.named(f"{which}_exists_unshut", one.exists * truth(one.start < stop)) if g else one.exists
        cut.append(one._replace(end=fleet.named(f"{which}_shut_month", np.minimum(one.end, stop)), exists=exists))
    stands = timeline.numbers < stop
    on = fleet.named("in_service_fraction", np.where(stands, on, 0.0))
    return Runs(cut, if_run.shut_but_for(stands), on)


class Operations(NamedTuple):
    """Months of running, all ``(months, ·)``: signed money, zero where the fleet is off, and the rest of its flows."""

    revenue_usd: FloatArray
    pool_fee_usd: FloatArray
    power_usd: FloatArray
    opex_usd: FloatArray
    demand_response_usd: FloatArray
    quantities: Mapping[str, FloatArray]
    memo: Mapping[str, FloatArray]
    loads: tuple[Mapping[str, FloatArray], ...]

    def gross_profit_usd(self) -> FloatArray:
        """Revenue less power, pool fee and operating cost."""
        return self.revenue_usd + self.demand_response_usd + self.power_usd + self.pool_fee_usd + self.opex_usd


def operate(
    fleet: Fleet, terms: Running, setting: Setting, found: IfRun, on: FloatArray, which: str = ""
) -> Operations:
    """Running the fleet in the months where ``on`` is 1; explanations put ``which`` before the names."""
    timeline, market = setting.timeline, setting.market
    chooses = terms.curtail or len(found.steps) > 1
    revenue, power = found.of_hash(found.revenue_usd), found.power_usd()
    if chooses:
        revenue, power = (
            fleet.named(f"{which}{name}", usd)
            for name, usd in (("mining_revenue_usd", revenue), ("mining_power_usd", power))
        )

    def energy_mwh() -> FloatArray:
        return found.of_power(found.energy_mwh)

    def btc_mined() -> FloatArray:
        assert market.btc_per_ph_per_day is not None
        return found.of_hash(market.btc_per_ph_per_day * (found.petahash_days * (1.0 - terms.pool_fee_fraction)))

    def saved_usd() -> FloatArray:
        if not terms.curtail:
            return np.zeros((1, 1))
        if not fleet.profiles:
            return found.steps[0].load.saved_usd()
        worth = found.revenue_usd * (1.0 - terms.pool_fee_fraction)
        never_off = found._replace(
            steps=_steps(fleet, setting, found.energy_mwh, worth, f"{which}never_off_", may_be_off=False)
        )
        margin, stands = never_off.of_hash(worth) + never_off.power_usd(), found.steps[0].load.stands
        return found.of_hash(worth) + found.power_usd() - (margin if stands is None else kept_where(stands, margin))

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
        memo=OnDemand(
            {
                "curtailment_value_usd": saved_usd,
                ENERGY: energy_mwh,
                ENERGY_IF_RUN: lambda: found.until_shut(found.energy_mwh),
                POWER_IF_RUN: lambda: found.until_shut(0.0 - setting.power.cost_usd(found.energy_mwh)),
            }
        ),
        loads=tuple(_load(found, one, terms.pool_fee_fraction) for one in found.steps),
    )


def _load(found: IfRun, one: _Step, pool_fee_fraction: Number) -> Mapping[str, FloatArray]:
    """What one of the steps draws, would draw if it never was off, and what its hours bring and pay."""

    def revenue_usd() -> FloatArray:
        return one.in_hours_run(found.revenue_usd, one.hash_fraction)

    return OnDemand(
        {
            ENERGY: lambda: one.in_hours_run(found.energy_mwh, one.power_fraction),
            ENERGY_IF_RUN: lambda: found.until_shut(one.part_of(found.energy_mwh, one.power_fraction)),
            "mining_revenue_usd": revenue_usd,
            "mining_power_usd": one.power_usd,
            "pool_fee_usd": lambda: revenue_usd() * -pool_fee_fraction,
        }
    )


def flows(fleet: Fleet, terms: Running, setting: Setting) -> CashFlows:
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
    return CashFlows(tuple(lines), run.quantities, run.memo, run.loads)


def value_by_stop_usd(fleet: Fleet, terms: Running, setting: Setting) -> FloatArray:
    """What one fleet is worth with each stop, of month 1 to months + 1 (never), ``(months + 1, ·)``.

    Every stop from the first month on is valued from running totals of discounted margins, one per generation of
    machines; one before it is worth minus infinity. Coins that are kept count as what they are sold for later.
    """
    timeline, discount = setting.timeline, setting.discount_factors
    stops = np.arange(1.0, timeline.months + 2.0)[:, None]
    horizon = np.minimum(setting.until, timeline.months + 1.0)
    ends = np.minimum(timeline.constant("stop_by_stop_month", stops), horizon)
    value = np.zeros((1, 1))
    always, keeping = np.ones((timeline.months, 1)), terms.worth_of_keeping(setting)
    first = fleet.begins(setting.first, timeline)
    for g, one in enumerate(fleet.generations(first, horizon, timeline)):
        exists, last = fleet.ends_by_stop(one, g, first, ends)
        which = f"fleet_{g + 1}_unstopped_"
        left = fleet.hash_rate_left(one.start, timeline, which)
        if_run = _if_run(fleet, terms, setting, always, one.efficiency_j_per_th, left, which)
        run = operate(fleet, terms, setting, if_run, always, which)
        margin = run.gross_profit_usd() * discount[1:]
        if keeping is not None:
            margin = margin + (run.revenue_usd + run.pool_fee_usd) * keeping
        earned = running_total(fleet.named(f"fleet_{g + 1}_discounted_margin_usd", margin))
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
