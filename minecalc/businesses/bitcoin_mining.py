"""Bitcoin mining with a fleet of one's own, or several.

A fleet is so many EH/s, or so many machines of a hash rate each, which a ``machine`` of the catalogue supplies. H EH/s
at j J/TH draw H x j x PUE megawatts at the meter (1 PH/s at j J/TH draws j kW). A month's output is
H / network x 144 x days x (subsidy + fees) x uptime BTC, worth hash price x PH/s x days x uptime. With ``curtail`` the
fleet runs only in months whose revenue net of pool fee exceeds the cost of their power.

The fleet is sunk unless ``machine_price_usd_per_th`` is given. It stops after ``life_months`` unless it is refreshed
every so many months; it may stop earlier by ``stops``: a month, ``best`` for the month that is worth most, or after so
many ``unpaid_months`` in a row, months in which ``curtail`` kept it off, whether demand response was paid or not. The
count runs on through a refresh, and whether a refresh has its twelve months left is judged without that rule.
Machines are sold where ``machine_resale_usd_per_th`` is given, the first fleet at that path, a refreshed one at what
it cost times the path's fall since.

``fleets`` are several by name in place of one, each with machines, price, life, refresh and stop of its own: each is
off where its own machines do not earn their power, which is worth more than one average machine. Machines are there
from the first month, or come when they are ``bought`` or by ``deliveries``, each of which ages and is refreshed from
its own month; ``age_months`` are behind them when they come. ``hash_rate_loss_fraction_per_year`` f leaves
(1-f)^(years here) of their hash rate, at the same power. Of ``profiles``, which trade hash rate for power, a fleet runs
in each month, or hour where power goes by it, the one that earns most: exactly, by the breakpoints between them
(``minecalc.fleets.profiles``); operating cost stays that of its nameplate. The lines of the use add up its fleets;
``hash_price_forward`` and ``power_swap`` settle the difference to fixed prices in money (``minecalc.mining.hedges``).
Of the coins ``sells_fraction`` is sold at once; the rest is kept, and sold by ``treasury`` or at the horizon
(``minecalc.mining.coins``).
``demand_response_usd_per_month`` is shared among them by draw, and paid for those that are there. Sources: protocol
arithmetic in ``minecalc.market.bitcoin``; ``minecalc help method``.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from minecalc.arrays import FloatArray, Number, truth
from minecalc.businesses import Setting
from minecalc.cashflows import CashFlows, combined
from minecalc.fleets.fleet import Fleet, efficiency_in_months
from minecalc.fleets.fleet_terms import OWN_KEYS, Machines, Ownership, Running
from minecalc.fleets.stops import NEVER, Stops, StopValues, UnpaidMonths
from minecalc.mining import coins, fleet_earnings
from minecalc.mining.coins import Treasury
from minecalc.schema.alternatives import Alternatives
from minecalc.schema.fields import Name, anything, later
from minecalc.schema.names import quoted
from minecalc.schema.validate import refused
from minecalc.trace import named
from minecalc.uses.use_terms import UseTerms
from minecalc.values.paths import Sourced, TimedInputs, ValueOverTime, over_time

if TYPE_CHECKING:
    from minecalc.fleets.named_fleet import FleetTerms
    from minecalc.mining.hedges import HashPriceForward, PowerSwap
else:
    FleetTerms = later("minecalc.fleets.named_fleet", "FleetTerms")
    HashPriceForward = later("minecalc.mining.hedges", "HashPriceForward")
    PowerSwap = later("minecalc.mining.hedges", "PowerSwap")

#: What is agreed on for a whole mine, of which each of its fleets has a share, and the input that is its size.
_OF_ALL_FLEETS = {
    "hash_price_forward": "eh_per_s",
    "power_swap": "mw",
    "treasury": "sell_when_cash_below_usd",
    "power_contract": "mw",
    "demand_response": "mw",
}


class Inputs(Ownership, Running, Machines, UseTerms):
    """One fleet, or several by name; their running costs and their end."""

    costs: ClassVar[frozenset[str]] = Running.costs | UseTerms.costs
    told_by: ClassVar[str] = "fleets"
    mines: ClassVar[bool] = True
    earns_hash_price: ClassVar[bool] = True
    runs_meanwhile: ClassVar[bool] = True
    worth_solving_for: ClassVar[tuple[str, ...]] = ("conversion.delay_months",)
    alternatives: ClassVar[tuple[Alternatives, ...]] = (
        *Machines.alternatives,
        Alternatives((("fleets",), OWN_KEYS), advice="each of the fleets says this of its own: move it into one"),
        *UseTerms.alternatives,
    )

    fleets: Annotated[dict[Name, FleetTerms], Field(min_length=1, max_length=100)] | None = anything(
        default=None,
        help="fleets by name, in place of the keys of one: each ages, is refreshed, stops, is sold and shuts off alone",
    )

    sells_fraction: ValueOverTime | None = over_time(
        low=0,
        high=1,
        default=None,
        help="share of the coins mined that is sold at once, the rest is kept; omitted: all",
    )
    treasury: Treasury | None = anything(
        default=None, help="when coins that are kept are sold; omitted: at the horizon"
    )

    hash_price_forward: HashPriceForward | None = anything(
        default=None, help="hash rate sold forward at a fixed hash price, settled in money"
    )
    power_swap: PowerSwap | None = anything(
        default=None, help="megawatts whose price of power is swapped for a fixed one, settled in money"
    )

    @model_validator(mode="after")
    def _keeps_what_it_sells(self) -> Self:
        if self.treasury is not None and self.sells_fraction is None:
            message = "treasury stands without sells_fraction, so all coins are sold at once and none is kept"
            advice = "add sells_fraction: 0 to keep all of them"
            raise refused(("treasury",), "conflict", message, advice, key=True)
        return self

    def worth_of_keeping(self, setting: Setting) -> FloatArray | None:
        """What a dollar's worth of coins of a month is worth more at point 0 for being kept; None where none is."""
        if self.sells_fraction is None or not coins.have_price(setting):
            return None
        return coins.worth_of_keeping(self.sells_fraction, self.treasury, setting)

    @property
    def hedges(self) -> Sequence[HashPriceForward | PowerSwap]:
        """The hedges that the mine has."""
        return [hedge for hedge in (self.hash_price_forward, self.power_swap) if hedge is not None]

    @property
    def mining(self) -> Self:
        """These terms."""
        return self

    def from_records(self) -> Mapping[str, Sourced]:
        """What records supply of the machines of each fleet, by name or, of one of several, by its path."""
        if self.fleets is None:
            return super().from_records()
        return {
            f"fleets.{quoted(name)}.{key}": figure
            for name, fleet in self.fleets.items()
            for key, figure in fleet.from_records().items()
            if key not in fleet.model_fields_set
        }

    @property
    def stopping(self) -> Mapping[str, TimedInputs]:
        """These terms under no name, or those of each of the fleets."""
        return {"": self} if self.fleets is None else self.fleets

    def with_stops(self, stops: Mapping[str, Stops]) -> Self:
        """A copy in which the fleets of these names stop so."""
        if self.fleets is None:
            return self.model_copy(update={"stops": stops[""]}) if "" in stops else self
        fleets = {
            name: fleet.model_copy(update={"stops": stops[name]}) if name in stops else fleet
            for name, fleet in self.fleets.items()
        }
        return self.model_copy(update={"fleets": fleets})

    def only(self, fleets: Sequence[str]) -> Self:
        """A copy with those of its fleets that have these names, on the megawatts that they draw.

        What is the whole mine's is theirs by their share of its draw: income from demand response, hedges, and the cash
        below which coins are sold.
        """
        if self.fleets is None:
            return self
        update: dict[str, object] = {"fleets": {name: of for name, of in self.fleets.items() if name in fleets}}
        draw = reduce(np.add, [fleet.draw_mw for fleet in self.every_fleet() if fleet.name in fleets])
        total = reduce(np.add, [fleet.draw_mw for fleet in self.every_fleet()])
        share = draw / np.where(total > 0.0, total, 1.0)
        if self.demand_response_usd_per_month is not None:
            update["demand_response_usd_per_month"] = self.demand_response_usd_per_month.times(share)
        for name, size in _OF_ALL_FLEETS.items():
            agreed = getattr(self, name)
            whole = getattr(agreed, size, None)
            if whole is not None:
                part = whole.times(share) if isinstance(whole, ValueOverTime) else whole * share
                update[name] = agreed.model_copy(update={size: part})
        return self.model_copy(update=update | {"gross_mw": draw})

    @property
    def worth_at_the_end(self) -> Mapping[str, str]:
        """Machines, and coins that were kept, that are sold at the horizon."""
        return {
            "machines_residual_usd": "what the machines fetch at the horizon",
            "coins_residual_usd": "what the coins kept fetch at the horizon",
        }

    def every_fleet(self) -> tuple[Fleet, ...]:
        """One fleet, of the keys above, or those of ``fleets`` in their order, each delivery apart."""
        income = self.demand_response_usd_per_month
        if self.fleets is None:
            rate = named("fleet_eh_per_s", self.fleet_hash_rate_eh_per_s)
            return (self.fleet(rate, demand_response_usd_per_month=income),)
        found = [fleet for name, terms in self.fleets.items() for fleet in terms.fleets(name)]
        return tuple(found if income is None else _sharing(found, income))

    def required_mw(self, setting: Setting) -> tuple[Number, str]:
        """Nameplate draw of the fleet's hungriest generation, bought unless months unpaid stop it before.

        It is EH/s x J/TH x PUE; of several fleets that of the month in which they draw most together.
        """
        fleets = _every_fleet(self, setting)
        if len(fleets) > 1:
            return _most_together(fleets, self, setting)
        (fleet,) = fleets
        generations = fleet_earnings.unshut(fleet, self, setting)
        efficiency = generations[0].efficiency_j_per_th
        for one in generations[1:]:
            efficiency = np.maximum(efficiency, np.where(one.exists, one.efficiency_j_per_th, 0.0))
        mw = fleet.hash_rate_eh_per_s * efficiency * fleet.pue_ratio
        return (mw * fleet.most_power_fraction if fleet.profiles else mw), _sum_in_words(fleet, efficiency)

    def critical_mw(self, setting: Setting) -> Number:
        """The machines' own load, EH/s x J/TH."""
        return reduce(np.add, [fleet.hash_rate_eh_per_s * fleet.efficiency_j_per_th for fleet in self.every_fleet()])

    def earns_from(self, setting: Setting) -> Number:
        """The first month, of several fleets that in which the first of them begins."""
        return reduce(np.minimum, [fleet.begins(setting.first, setting.timeline) for fleet in self.every_fleet()])


def _sharing(fleets: Sequence[Fleet], income: ValueOverTime) -> Iterator[Fleet]:
    """The fleets with the income from demand response shared among them, by the draw of their first machines."""
    total = reduce(np.add, [fleet.draw_mw for fleet in fleets])
    for fleet in fleets:
        share = fleet.draw_mw / np.where(total > 0.0, total, 1.0)
        yield fleet._replace(
            demand_response_usd_per_month=income,
            share_of_demand_response=fleet.named("share_of_demand_response_fraction", share),
        )


def cash_flows(inputs: Inputs, setting: Setting) -> CashFlows:
    """Revenue, pool fee, power, operating cost, demand response, machines bought and sold, month by month."""
    parts = list(fleet_flows(inputs, setting).values())
    found = parts[0] if len(parts) == 1 else combined(parts).by_name(setting.timeline.months)
    if inputs.hedges:
        found = found._replace(lines=(*found.lines, *(hedge.line(setting) for hedge in inputs.hedges)))
    if inputs.sells_fraction is None or not coins.have_price(setting):
        return found
    return coins.with_coins(found, inputs.sells_fraction, inputs.treasury, setting)


def fleet_flows(inputs: Inputs, setting: Setting) -> Mapping[str, CashFlows]:
    """The flows of each fleet by its name, which add up to those of the use."""
    found = {}
    for name, fleets in _by_name(inputs).items():
        parts = [fleet_earnings.flows(fleet, inputs, setting) for fleet in _stopping_as_one(fleets, inputs, setting)]
        found[name] = parts[0] if len(parts) == 1 else combined(parts).by_name(setting.timeline.months)
        for line in found[name].lines if name else ():
            named(f"{name}.{line.name}", line.usd)
    return found


def _by_name(inputs: Inputs) -> Mapping[str, list[Fleet]]:
    """The fleets by what the file calls them: those of one name are its deliveries."""
    found: dict[str, list[Fleet]] = {}
    for fleet in inputs.every_fleet():
        found.setdefault(fleet.name, []).append(fleet)
    return found


def _stopping_as_one(fleets: list[Fleet], inputs: Inputs, setting: Setting) -> list[Fleet]:
    """Deliveries of one fleet, which stops on one date if it stops at its best."""
    if len(fleets) == 1 or not fleets[0].stops_at_best:
        return fleets
    values = StopValues(_value_by_stop_usd(fleets, inputs, setting))
    return [fleet._replace(stops=values) for fleet in fleets]


def _every_fleet(inputs: Inputs, setting: Setting) -> list[Fleet]:
    """All fleets, each with a stop of its own."""
    return [fleet for one in _by_name(inputs).values() for fleet in _stopping_as_one(one, inputs, setting)]


def value_by_stop_usd(inputs: Inputs, setting: Setting) -> Mapping[str, FloatArray]:
    """What each fleet is worth with each stop, of month 1 to months + 1 (never), ``(months + 1, ·)``, by its name."""
    return {name: _value_by_stop_usd(fleets, inputs, setting) for name, fleets in _by_name(inputs).items()}


def _value_by_stop_usd(fleets: Sequence[Fleet], inputs: Inputs, setting: Setting) -> FloatArray:
    return reduce(np.add, [fleet_earnings.value_by_stop_usd(fleet, inputs, setting) for fleet in fleets])


def _most_together(fleets: Sequence[Fleet], inputs: Inputs, setting: Setting) -> tuple[Number, str]:
    """The draw of the month in which fleets draw most together, ``(·,)``, with the sum in the last of the cases.

    A fleet stands there until its typed stop or the end of its life, whatever other stop it chooses.
    """
    timeline, draws, joules = setting.timeline, [], []
    for fleet in fleets:
        found, first = fleet_earnings.unshut(fleet, inputs, setting), fleet.begins(setting.first, timeline)
        ends = np.minimum(fleet.ends_as_typed(first, timeline), setting.until)
        on = truth((timeline.numbers >= first) & (timeline.numbers < ends))
        joules.append(np.broadcast_to(efficiency_in_months(fleet, found, timeline), on.shape) * on)
        draws.append(fleet.hash_rate_eh_per_s * fleet.pue_ratio * joules[-1] * fleet.most_power_fraction)
    total = reduce(np.add, draws)
    month = int(np.argmax(total[:, -1]))
    words = [_sum_in_words(*one) for one in zip(fleets, (rows[month] for rows in joules), strict=True)]
    return np.max(total, axis=0), " + ".join(filter(None, words))


def _sum_in_words(fleet: Fleet, efficiency_j_per_th: Number) -> str:
    """The draw as a sum; "" of a fleet that is not there."""
    numbers = (fleet.hash_rate_eh_per_s, efficiency_j_per_th, fleet.pue_ratio)
    rate, joules, pue = (x if type(x) is float else float(np.max(x)) for x in numbers)
    profile = f" x {fleet.most_power_fraction:g} in its hungriest profile" if fleet.profiles else ""
    return f"{rate:g} EH/s x {joules:g} J/TH x PUE {pue:g}{profile}" if joules else ""


def warnings(inputs: Inputs, setting: Setting) -> Iterator[str]:
    """A fleet that dies of age, a refresh that is skipped, machines that never run, hedges that are never settled."""
    for fleet in _every_fleet(inputs, setting):
        yield from _warnings(fleet, inputs, setting)
    for hedge in inputs.hedges:
        yield from hedge.warnings(setting)
    yield from coins.warnings(inputs.treasury, setting)


def _warnings(fleet: Fleet, inputs: Inputs, setting: Setting) -> Iterator[str]:
    label, first = setting.timeline.label, fleet.begins(setting.first, setting.timeline)
    called = fleet.part or fleet.name
    of, whose = (f" of {called}", f"the fleet {called}") if called else ("", "the fleet")
    every = fleet_earnings.unshut(fleet, inputs, setting)
    if fleet_earnings.shut_by(fleet, inputs):
        every = list(fleet_earnings.runs(fleet, inputs, setting).generations)
    generations = [one for one in every if np.any(one.exists)]
    if not generations:
        return
    last = float(np.max(generations[-1].end))
    if fleet.refresh is None:
        dies = int(fleet.dies(first))
        end = float(np.max(fleet_earnings.end_month(fleet, inputs, setting)))
        if dies < end and dies == last and (fleet.stops == NEVER or isinstance(fleet.stops, UnpaidMonths)):
            yield (
                f"{whose} stops in {label(dies)}, after its life of {fleet.life_months:g} months; "
                "give refresh to keep mining"
            )
        return
    if_run = fleet_earnings.runs(fleet, inputs, setting).if_run
    revenue = if_run.of_hash(if_run.revenue_usd)
    for one in generations[1:]:
        begins, ends = int(np.max(one.start)), int(np.max(one.end))
        if not revenue[begins - 1 : ends - 1].any():
            yield (
                f"the refresh{of} of {label(begins)} buys machines that never run: no month pays for their power; "
                "stop before it (stops: best finds when)"
            )
    skipped = int(fleet.refresh_month(first, len(generations)))
    if skipped < last:
        yield (
            f"the refresh{of} of {label(skipped)} is skipped: only {last - skipped:g} months of the use are left, "
            "so the old machines run on"
        )
