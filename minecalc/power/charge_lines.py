"""What each charge and contract of power asks for, and its lines; ``power_charges`` tells what they are."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import pairwise
from typing import ClassVar, Literal, NamedTuple, Self

import numpy as np
from pydantic import PrivateAttr, model_validator

from minecalc.arrays import FloatArray, Number, added, truth
from minecalc.cashflows import CashFlows, Line
from minecalc.power import PowerPrice
from minecalc.power.power_charges import AVOIDED, ENERGY, ENERGY_IF_RUN
from minecalc.schema.fields import anything, choice, flag, number, text
from minecalc.schema.names import unknown_name
from minecalc.schema.validate import failed, refused
from minecalc.timeline import Timeline
from minecalc.trace import is_traced, named, plain
from minecalc.units import HOURS_PER_DAY, KW_PER_MW, KWH_PER_MWH, MONTHS_PER_YEAR
from minecalc.values.costs import cost_by_month
from minecalc.values.paths import Month, Sourced, TimedInputs, ValueOverTime, over_time

_COMMON_YEAR = 2023
#: The lines that an hour of mining brings and takes.
_MARGIN = ("mining_revenue_usd", "mining_power_usd", "pool_fee_usd")
#: Shares of hours that lie no further apart are the same.
_ROUNDING = 1e-9


class CoincidentPeaks(TimedInputs):
    """A charge on the mean load at the system's peak hours, one in each of these months of the year."""

    rule: str | None = text(
        default=None, help="a record that fills months and until where they are not given: ercot-4cp"
    )
    months: tuple[int, ...] = anything(default=(6, 7, 8, 9), help="months of the year, 1 to 12, each with a peak")
    usd_per_kw_per_year: ValueOverTime = over_time(low=0, high=1000, help="charge on the mean load at the peaks")
    mining_avoids_fraction: Number = number(
        low=0,
        high=1,
        default=1.0,
        default_source="every peak is met with machines off",
        help="share of its load that mining keeps out of the peaks",
    )
    alarm_hours_per_month: Number = number(
        low=0,
        high=744,
        default=0.0,
        default_source="none",
        help="hours that mining is off in these months because the peak may come",
    )
    until: Month | None = anything(default=None, help="the month from which nothing is charged")

    month_fields: ClassVar[frozenset[str]] = frozenset({"until"})
    costs: ClassVar[frozenset[str]] = frozenset({"usd_per_kw_per_year"})

    #: What the rule supplies, by name.
    _supplied: Mapping[str, Sourced] = PrivateAttr(default_factory=dict)

    @model_validator(mode="after")
    def _months_of_a_year(self) -> Self:
        if self.rule is not None:
            from minecalc.reference.peak_rules import peak_rules

            record = peak_rules().get(self.rule)
            if record is None:
                raise failed([unknown_name(("rule",), "rule of peaks", self.rule, peak_rules(), "minecalc help power")])
            source = f"{record.name}: {record.source} (grade {record.grade})"
            figures = {"months": record.months_of_year, "until": record.until}
            filled = {k: value for k, value in figures.items() if value and k not in self.model_fields_set}
            vars(self).update(filled)
            self._supplied = {
                name: Sourced(getattr(record, name), record.as_of, source, from_record=True) for name in filled
            }
        _check_months(self.months, "write [6, 7, 8, 9]")
        return self

    def supplied(self, name: str, timeline: Timeline) -> Sequence[Sourced]:
        """What the rule has for an input that is not given."""
        figure = self._supplied.get(name)
        return () if figure is None else (figure,)


def _check_months(months: tuple[int, ...], advice: str) -> None:
    """That they are months of the year, some, each once."""
    if not months or len(set(months)) < len(months) or not set(months) <= {*range(1, MONTHS_PER_YEAR + 1)}:
        message = f"months are {', '.join(map(str, months)) or 'none'}; each is one of 1 to 12, once"
        raise refused(("months",), "out-of-range", message, advice)


class PowerContract(TimedInputs):
    """A block of power at a fixed price in every hour."""

    mw: Number = number(low=0, high=100_000, help="megawatts of the block")
    price_usd_per_kwh: ValueOverTime = over_time(low=-1, high=2, help="price of the block")
    take_or_pay: bool = flag(default=True, help="whether what is not used is paid for")
    resale: Literal["hourly"] | None = choice(
        default=None, help="hourly: what is not used is sold at the price of its hour; without it that is lost"
    )
    resale_fee_usd_per_kwh: Number = number(
        low=0, high=2, default=0.0, default_source="none", help="what a kWh that is sold costs"
    )

    @model_validator(mode="after")
    def _sells_what_it_pays_for(self) -> Self:
        if self.resale is not None and not self.take_or_pay:
            message = "resale stands beside take_or_pay: false: what is not paid for cannot be sold"
            raise refused(("resale",), "conflict", message, "leave one of the two out", key=True)
        return self


class DemandResponse(TimedInputs):
    """Mining that the grid may call off: paid for being there, and for the energy that it leaves when called."""

    mw: Number = number(low=0, high=100_000, help="megawatts of mining that may be called off")
    usd_per_mw_per_month: ValueOverTime = over_time(low=0, high=1e6, help="capacity payment")
    hours_per_month: Number = number(
        low=0, high=744, default=0.0, default_source="never called", help="hours that mining is called off"
    )
    energy_usd_per_mwh: ValueOverTime = over_time(
        low=0, high=20_000, default=0.0, default_source="none", help="payment for the energy of the hours called"
    )


class CurtailmentObligation(TimedInputs):
    """Hours in which the grid gives the site next to nothing: the dearest of each of these months of the year."""

    months: tuple[int, ...] = anything(default=(12, 1, 2, 3), help="months of the year, 1 to 12, that have such hours")
    hours: Number = number(
        low=0, high=8760, help="hours a year, spread over these months by their lengths; the dearest of each"
    )
    load_fraction: Number = number(
        low=0, high=1, default=0.0, default_source="nothing at all", help="part of its draw that a use keeps in them"
    )
    ai_backup_usd_per_kwh: ValueOverTime = over_time(
        low=0,
        high=10,
        default=0.35,
        default_source="0.27 L of diesel a kWh at 1.1 USD a litre, and upkeep of the engines: a judgement",
        help="cost of a kWh of own generators, on which AI stays on in them; mining is off",
    )

    costs: ClassVar[frozenset[str]] = frozenset({"ai_backup_usd_per_kwh"})

    @model_validator(mode="after")
    def _months_of_a_year(self) -> Self:
        _check_months(self.months, "write [12, 1, 2, 3]")
        return self

    @property
    def hours_most(self) -> int:
        """The hours that its months have in a common year."""
        return sum(monthrange(_COMMON_YEAR, month)[1] for month in self.months) * HOURS_PER_DAY


class MiningLoad(NamedTuple):
    """A part of what mines draw that is on in the same hours, all ``(months, ·)``.

    It draws ``mw`` in a ``fraction`` of the hours, which costs ``power_usd`` (negative) and leaves ``margin_usd``.
    """

    mw: FloatArray
    fraction: FloatArray
    power_usd: FloatArray
    margin_usd: FloatArray

    def called(self, name: str) -> "MiningLoad":
        """The same, called ``name`` in explanations."""
        return MiningLoad(*(named(f"{name}_{part}", values) for part, values in zip(_PARTS, self, strict=True)))


_PARTS = ("draw_mw", "hours_run_fraction", "power_usd", "margin_usd")


class Load(NamedTuple):
    """A plan's uses at the meter, all ``(months, ·)``.

    ``ai_mw`` and ``mining_mw`` are the most that they draw in an hour of the month; mining draws as much as in
    ``mining_fraction`` of the hours, which costs ``mining_power_usd`` (negative) and leaves ``mining_margin_usd``. Each
    of ``nested`` is on only where the one before it is: the one that stays on longest comes first.
    """

    ai_mw: FloatArray
    mining_mw: FloatArray
    mining_fraction: FloatArray
    mining_power_usd: FloatArray
    mining_margin_usd: FloatArray
    nested: tuple[MiningLoad, ...]


def load_of(parts: Sequence[tuple[CashFlows, bool]], timeline: Timeline) -> Load:
    """The load of a plan from the flows of its uses, each with whether it buys the power that it draws."""
    mines = [flows for flows, _ in parts if ENERGY in flows.memo]
    others = [flows.quantities["energy_mwh"] for flows, buys in parts if buys and ENERGY not in flows.memo]
    months, hours = timeline.months, timeline.hours
    loads = [load for flows in mines for load in flows.loads]
    most = [load[ENERGY_IF_RUN] for load in loads]
    if len(loads) > 1:
        most = [np.where(load[ENERGY] > 0.0, mwh, 0.0) for load, mwh in zip(loads, most, strict=True)]
    whole = added(months, *most)
    drawn = added(months, *(flows.memo[ENERGY] for flows in mines))
    runs = drawn > 0.0
    fraction = named("mining_hours_run_fraction", np.where(runs, drawn / np.where(runs, whole, 1.0), 0.0))
    lines = [line for flows in mines for line in flows.lines]
    every = MiningLoad(
        mw=named("mining_draw_mw", np.where(runs, whole / hours, 0.0)),
        fraction=fraction,
        power_usd=added(months, *(line.usd for line in lines if line.name == "mining_power_usd")),
        margin_usd=added(months, *(line.usd for line in lines if line.name in _MARGIN)),
    )
    nested = _nested([_one_load(load, timeline) for load in loads]) if len(loads) > 1 else (every,)
    return Load(named("ai_draw_mw", added(months, *others) / hours), *every, nested)


def _one_load(load: Mapping[str, FloatArray], timeline: Timeline) -> MiningLoad:
    """One of the loads of a mine."""
    drawn, whole = load[ENERGY], load[ENERGY_IF_RUN]
    runs = drawn > 0.0
    return MiningLoad(
        mw=np.where(runs, whole / timeline.hours, 0.0),
        fraction=np.where(runs, drawn / np.where(runs, whole, 1.0), 0.0),
        power_usd=load["mining_power_usd"],
        margin_usd=added(timeline.months, *(load[name] for name in _MARGIN)),
    )


def _nested(every: Sequence[MiningLoad]) -> tuple[MiningLoad, ...]:
    """The loads by the share of the hours in which they are on, the largest first, in each month and case."""
    loads = [load.called(f"mining_part_{k + 1}") for k, load in enumerate(every)]
    for last in range(len(loads) - 1, 0, -1):
        for place in range(last):
            before, after = loads[place : place + 2]
            late = before.fraction + _ROUNDING < after.fraction
            if is_traced(late) or late.any():
                pairs = list(zip(before, after, strict=True))
                loads[place] = MiningLoad(*(np.where(late, theirs, ours) for ours, theirs in pairs))
                loads[place + 1] = MiningLoad(*(np.where(late, ours, theirs) for ours, theirs in pairs))
    return tuple(load.called(f"load_{k + 1}") for k, load in enumerate(loads))


def demand_charges(rate_usd_per_kw_per_month: FloatArray, load: Load) -> list[Line]:
    """The charge on the highest draw of each month."""
    usd_per_mw = rate_usd_per_kw_per_month * KW_PER_MW
    return [
        Line("mining_demand_charge_usd", "power", 0.0 - load.mining_mw * usd_per_mw),
        Line("ai_demand_charge_usd", "power", 0.0 - load.ai_mw * usd_per_mw),
    ]


def peak_charges(terms: CoincidentPeaks, inflation: Number, load: Load, timeline: Timeline) -> CashFlows:
    """The charge on the loads at the peaks, an equal part in each of its months, and what alarms cost.

    A memo is what mining that runs in the month avoids of the charge, whatever the alarms cost for which it is off.
    """
    months = np.asarray(plain(terms.months)).reshape(-1)
    charged = timeline.constant("peak_in_month", _among(terms.months, timeline))
    if terms.until is not None:
        charged = charged * truth(timeline.numbers < timeline.number_of(terms.until))
    rate = cost_by_month(terms.usd_per_kw_per_year, inflation, timeline)
    usd_per_mw = rate * (KW_PER_MW / len(months)) * charged
    mining_mw = named("mining_mw_at_peaks", load.mining_mw * (1.0 - terms.mining_avoids_fraction))
    run = load.mining_fraction * timeline.hours
    off = np.minimum(charged * terms.alarm_hours_per_month, run)
    lost = load.mining_margin_usd * np.where(run > 0.0, off / np.where(run > 0.0, run, 1.0), 0.0)
    lines = (
        Line("mining_peaks_usd", "power", 0.0 - mining_mw * usd_per_mw),
        Line("mining_alarms_usd", "revenue", 0.0 - np.maximum(lost, 0.0)),
        Line("ai_peaks_usd", "power", 0.0 - load.ai_mw * usd_per_mw),
    )
    return CashFlows(lines, memo={AVOIDED: named(AVOIDED, (load.mining_mw - mining_mw) * usd_per_mw)})


def _among(months: tuple[int, ...], timeline: Timeline) -> FloatArray:
    """1 in the months of the horizon that are among these of the year, 0 in others, ``(months, 1)``."""
    of_year = (timeline.start + np.arange(timeline.months)) % MONTHS_PER_YEAR + 1.0
    return np.isin(of_year, np.asarray(plain(months)).reshape(-1)).astype(np.float64)[:, None]


def _hours_of_year(months: tuple[int, ...], timeline: Timeline) -> FloatArray:
    """The hours that these months of the year have in the calendar year of each month of the horizon."""
    years = (timeline.start + np.arange(timeline.months)) // MONTHS_PER_YEAR
    of_year = [int(month) for month in np.asarray(plain(months)).reshape(-1)]
    days = [sum(monthrange(year, month)[1] for month in of_year) for year in years.tolist()]
    return np.array(days, dtype=np.float64)[:, None] * HOURS_PER_DAY


def obligation_lines(
    terms: CurtailmentObligation, inflation: Number, load: Load, power: PowerPrice, timeline: Timeline
) -> list[Line]:
    """What the hours off cost: mining the margin of those that it would have run, AI its own generation less power.

    Where prices go by the hour mining is off in the dearest anyway, and loses those between. A flat price tells none
    from another, and the hours are lost evenly.
    """
    among = timeline.constant("obliged_in_month", _among(terms.months, timeline))
    of_year = timeline.constant("obliged_months_hours", _hours_of_year(terms.months, timeline))
    share = named("obliged_hours_fraction", np.minimum(terms.hours / of_year, 1.0) * among)
    dear = named("price_x_obliged_fraction_usd_per_mwh", power.dearest_usd_per_mwh(share))
    cut = 1.0 - terms.load_fraction

    def lost_usd(part: MiningLoad, which: str) -> FloatArray:
        runs = part.fraction
        off = share * (1.0 - runs) if power.hourly is None else np.minimum(share, 1.0 - runs)
        off = named(f"{which}obliged_hours_off_anyway_fraction", off)
        saved = named(f"{which}price_x_hours_lost_fraction_usd_per_mwh", dear - power.dearest_usd_per_mwh(off))
        lost = named(f"{which}mining_hours_lost_fraction", share - off)
        revenue = part.margin_usd - part.power_usd
        gone = revenue * np.where(runs > 0.0, lost / np.where(runs > 0.0, runs, 1.0), 0.0)
        return (part.mw * timeline.hours * saved - gone) * cut

    mining = reduce(np.add, map(lost_usd, load.nested, _prefixes(load)))
    backup = cost_by_month(terms.ai_backup_usd_per_kwh, inflation, timeline) * KWH_PER_MWH
    firm_mwh = load.ai_mw * timeline.hours
    return [
        Line("mining_obligation_usd", "revenue", mining),
        Line("ai_obligation_usd", "power", (dear - backup * share) * firm_mwh * cut),
    ]


def contract_lines(terms: PowerContract, load: Load, power: PowerPrice, timeline: Timeline) -> list[Line]:
    """The block: what it costs, its energy that is used and that is sold, at the price of their hours.

    That is the price of energy: an adder is paid on what is drawn, whoever sold it, and by nobody on what is sold.
    """
    hours, firm = timeline.hours, load.ai_mw
    price = terms.price_usd_per_kwh.values(timeline) * KWH_PER_MWH
    adder = 0.0 if power.hourly is None else power.hourly.adder_usd_per_kwh * KWH_PER_MWH
    every = named("mean_price_usd_per_mwh", power.average_usd_per_kwh * KWH_PER_MWH - adder)
    shares, prices, tops, top = [], [], [], firm
    for part, which in zip(load.nested, _prefixes(load), strict=True):
        run_mwh = part.mw * part.fraction * hours
        dear = np.where(run_mwh > 0.0, -part.power_usd / np.where(run_mwh > 0.0, run_mwh, 1.0), 0.0)
        shares.append(part.fraction)
        prices.append(named(f"{which}price_x_share_of_hours_run_usd_per_mwh", (dear - adder) * part.fraction))
        top = top + part.mw
        tops.append(np.minimum(terms.mw, top))
    alone = np.minimum(terms.mw, firm)
    used = named("block_used_mwh", hours * _used_of_block(tops, alone, shares, 1.0))
    worth = named("block_used_usd", hours * _used_of_block(tops, alone, prices, every))
    whole = named("block_mwh", hours * terms.mw)
    lines = [
        Line("power_contract_usd", "power", 0.0 - (whole if terms.take_or_pay else used) * price),
        Line("power_from_contract_usd", "power", worth),
    ]
    if terms.resale is not None:
        fee = (whole - used) * (terms.resale_fee_usd_per_kwh * KWH_PER_MWH)
        lines.append(Line("power_resold_usd", "revenue", whole * every - worth - fee))
    return lines


def _prefixes(load: Load) -> Sequence[str]:
    """What explanations put before the names of each of its nested loads."""
    return [f"load_{k + 1}_" for k in range(len(load.nested))] if len(load.nested) > 1 else [""]


def _used_of_block(
    tops: Sequence[FloatArray], firm: FloatArray, in_hours_of: Sequence[FloatArray], in_all_hours: Number
) -> FloatArray:
    """What is used of a block in a mean hour: ``firm`` where nothing mines, ``tops[i]`` where load i is the last on.

    A megawatt counts as ``in_hours_of[i]`` while nested load i is on, and as ``in_all_hours`` if it always is.
    """
    only_then = [*(part - less for part, less in pairwise(in_hours_of)), in_hours_of[-1]]
    mining = [top * part for top, part in zip(tops, only_then, strict=True)]
    return reduce(np.add, [*mining, firm * (in_all_hours - in_hours_of[0])])


def response_lines(terms: DemandResponse, load: Load, timeline: Timeline) -> list[Line]:
    """Capacity and energy paid while there is mining to be called off, and what the hours called would have earned."""
    there = named("responding_mw", np.minimum(terms.mw, load.mining_mw))
    capacity = there * terms.usd_per_mw_per_month.values(timeline)
    called = named("called_mwh", there * terms.hours_per_month)
    run_mwh = load.mining_mw * load.mining_fraction * timeline.hours
    margin = np.where(run_mwh > 0.0, load.mining_margin_usd / np.where(run_mwh > 0.0, run_mwh, 1.0), 0.0)
    return [
        Line("demand_response_capacity_usd", "revenue", capacity),
        Line("demand_response_energy_usd", "revenue", called * terms.energy_usd_per_mwh.values(timeline)),
        Line("demand_response_hours_off_usd", "revenue", 0.0 - np.minimum(called, run_mwh) * np.maximum(margin, 0.0)),
    ]
