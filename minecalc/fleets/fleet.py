"""A fleet of mining machines: bought or there before, it ages, is refreshed, stops, and is sold.

A fleet without a price is sunk. It stops after its life unless it is refreshed every so many months; each lot of
machines that runs in turn is a generation. What life its first machines have behind them brings their end, or their
refresh, so much nearer. Machines are sold where they have a resale value: the first generation at that path, a
refreshed one at what it cost times the path's fall since it was bought; by their nameplate, however worn.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from minecalc.arrays import BoolArray, Count, FloatArray, Number, as_row, at_month, cases_in, power, rows_at, truth
from minecalc.cashflows import Assets, Lot
from minecalc.fleets.stops import BEST, NEVER, Stops, UnpaidMonths
from minecalc.schema.fields import whole
from minecalc.timeline import Timeline
from minecalc.trace import named
from minecalc.units import MONTHS_PER_YEAR, TH_PER_EH
from minecalc.values.paths import TimedInputs, ValueOverTime, over_time

if TYPE_CHECKING:
    from minecalc.fleets.profiles import Profile
else:
    Profile = Any

V = TypeVar("V")

#: A refresh with fewer months than this left to use it is skipped.
REFRESH_MONTHS_LEAST = 12

#: Power usage effectiveness by cooling: judgement within published 1.02-1.10 for mines whose fans count as load.
PUE_BY_COOLING = {"air": 1.05, "hydro": 1.06, "immersion": 1.04}


class Refresh(TimedInputs):
    """New machines every so many months."""

    every_months: Count = whole(low=1, high=600, help="months from one fleet to the next")
    price_usd_per_th: ValueOverTime = over_time(low=0, high=1000, help="price of new machines when they are bought")
    efficiency_j_per_th: ValueOverTime = over_time(low=1, high=200, help="efficiency of machines bought that month")


class Generation(NamedTuple):
    """One lot of machines: in use from month ``start`` until before ``end``, if it ``exists`` (floats or columns)."""

    start: Number
    end: Number
    efficiency_j_per_th: Number
    cost_usd: Number
    exists: Number


class Fleet(NamedTuple):
    """Machines that are bought, run, stopped and sold together (floats or columns).

    ``price_usd_per_th`` is None of machines that were there before, ``resale_usd_per_th`` of those that nobody buys.
    ``age_months`` is how much of their life they have behind them in their first month here; None: nothing. They arrive
    in the calendar month ``arrives`` (text, float or column); None: with the first month of the use. ``name`` is what
    the file calls one of several fleets, ``part`` one of its deliveries; explanations put it before the names of what
    it comes to. ``share_of_demand_response`` is its share of that income; None: all of it. Without ``profiles`` it runs
    at its nameplate.
    """

    hash_rate_eh_per_s: Number
    efficiency_j_per_th: Number
    life_months: Number
    stops: Stops
    price_usd_per_th: Number | None = None
    resale_usd_per_th: ValueOverTime | None = None
    refresh: Refresh | None = None
    demand_response_usd_per_month: ValueOverTime | None = None
    age_months: Number | None = None
    pue_ratio: Number = 1.0
    name: str = ""
    part: str = ""
    arrives: str | Number | None = None
    hash_rate_loss_fraction_per_year: Number | None = None
    share_of_demand_response: Number | None = None
    profiles: tuple[Profile, ...] = ()

    @property
    def most_power_fraction(self) -> float:
        """Power in its hungriest profile over its nameplate."""
        return max((profile.power_fraction for profile in self.profiles), default=1.0)

    @property
    def draw_mw(self) -> Number:
        """What its first machines draw at the meter at their nameplate."""
        return self.hash_rate_eh_per_s * self.efficiency_j_per_th * self.pue_ratio

    def named(self, name: str, value: V) -> V:
        """``value``, called ``name`` in explanations, after the fleet's own name if it has one."""
        return named(self.called(name), value)

    def called(self, name: str) -> str:
        """``name`` after the fleet's own name, if it has one."""
        own = self.part or self.name
        return f"{own}.{name}" if own else name

    @property
    def is_sunk(self) -> bool:
        """Whether its machines were there before."""
        return self.price_usd_per_th is None

    @property
    def chooses_when_to_stop(self) -> bool:
        """Whether it stops when that is worth most, or after months unpaid, and at no date that is typed."""
        return isinstance(self.stops, UnpaidMonths) or self.stops_at_best

    @property
    def stops_at_best(self) -> bool:
        """Whether it stops when that is worth most."""
        return isinstance(self.stops, str) and self.stops == BEST

    def begins(self, first: Number, timeline: Timeline) -> Number:
        """The number of its first month in a use whose first is month ``first``."""
        if self.arrives is None:
            return first
        return self.named("arrives_month", np.maximum(first, timeline.number_of(self.arrives)))

    def refresh_month(self, first: Number, number: int) -> Number:
        """The number of the month of its refresh ``number``, from 1, where month ``first`` is its first."""
        assert self.refresh is not None
        month = first + number * self.refresh.every_months
        return month if self.age_months is None else np.maximum(month - self.age_months, first)

    def hash_rate_left(self, start: Number, timeline: Timeline, which: str = "") -> FloatArray | None:
        """The share of its hash rate that wear leaves machines that began in month ``start``, ``(months, ·)``.

        1 before that month; None where it does not wear.
        """
        loss = self.hash_rate_loss_fraction_per_year
        if loss is None:
            return None
        years = np.maximum(timeline.numbers - start, 0.0) / MONTHS_PER_YEAR
        return self.named(f"{which}hash_rate_left_fraction", power(1.0 - as_row(loss), years))

    def dies(self, first: Number) -> Number:
        """The number of the month before which its machines are too old, where month ``first`` is their first."""
        left = self.life_months if self.age_months is None else self.life_months - self.age_months
        return first + left

    def ends_as_typed(self, first: Number, timeline: Timeline) -> Number:
        """The number of the month before which it is off for all that is known today: no stop that it chooses."""
        end: Number = timeline.after
        if self.refresh is None:
            end = np.minimum(end, self.dies(first))
        stops = self.stops
        if isinstance(stops, np.ndarray) or (isinstance(stops, str) and stops not in (NEVER, BEST)):
            end = np.minimum(end, timeline.number_of(stops))
        return end

    def generations(self, first: Number, end: Number, timeline: Timeline) -> list[Generation]:
        """Its generations from month ``first`` until before month ``end``, the first one first."""
        terahash = self.named("fleet_th_per_s", self.hash_rate_eh_per_s * TH_PER_EH)
        price = self.price_usd_per_th if self.price_usd_per_th is not None else 0.0
        begins: Number = 1.0 if self.is_sunk else truth(first < end)
        if self.refresh is None:
            last = self.named("fleet_1_ends_month", np.minimum(end, self.dies(first)))
            return [Generation(first, last, self.efficiency_j_per_th, terahash * price, begins)]
        prices = self.refresh.price_usd_per_th.values(timeline)
        efficiencies = self.refresh.efficiency_j_per_th.values(timeline)
        starts: list[Number] = [first]
        exists: list[Number] = [begins]
        while True:
            start = self.named(f"refresh_{len(starts)}_month", self.refresh_month(first, len(starts)))
            worthwhile = self.named(f"fleet_{len(starts) + 1}_exists", truth(end - start >= REFRESH_MONTHS_LEAST))
            if not worthwhile.any():
                break
            starts.append(start)
            exists.append(worthwhile)
        found = []
        for g, start in enumerate(starts):
            last = end
            if g + 1 < len(starts):
                last = self.named(f"fleet_{g + 1}_ends_month", np.where(exists[g + 1], starts[g + 1], end))
            efficiency = at_month(efficiencies, start) if g else self.efficiency_j_per_th
            cost = self.named(f"fleet_{g + 1}_cost_usd", terahash * (at_month(prices, start) if g else price))
            found.append(Generation(start, last, efficiency, cost, exists[g]))
        return found

    def ends_by_stop(
        self, generation: Generation, number: int, first: Number, ends: FloatArray
    ) -> tuple[bool | BoolArray, FloatArray]:
        """Whether a generation, ``number`` from 0, exists where the fleet ends before month ``ends``, and its end."""
        exists: bool | BoolArray = True
        if self.refresh is None:
            last = np.minimum(ends, self.dies(first))
        else:
            exists = ends - generation.start >= REFRESH_MONTHS_LEAST if number else True
            following = self.refresh_month(first, number + 1)
            last = np.where(ends - following >= REFRESH_MONTHS_LEAST, following, ends)
        if number == 0 and not self.is_sunk:
            exists = ends > first
        return exists, self.named(f"fleet_{number + 1}_ends_by_stop_month", last)

    def sale_usd(self, generation: Generation, sold: FloatArray, timeline: Timeline, *, original: bool) -> FloatArray:
        """What a generation fetches in the months ``sold (rows, ·)``; at the horizon that of the last month."""
        assert self.resale_usd_per_th is not None
        resale = self.resale_usd_per_th.values(timeline)
        now = rows_at(resale, sold)
        if original:
            return now * (self.hash_rate_eh_per_s * TH_PER_EH) * generation.exists
        new = at_month(resale, generation.start)
        fall = np.where(new > 0.0, now / np.where(new > 0.0, new, 1.0), 0.0)
        return fall * generation.cost_usd * generation.exists


def efficiency_in_months(fleet: Fleet, generations: Sequence[Generation], timeline: Timeline) -> Number:
    """J/TH of the machines that stand there in each month."""
    k = timeline.numbers
    efficiency: Number = generations[0].efficiency_j_per_th
    if type(k) is np.ndarray and len(generations) > 1 and all(type(one.start) is float for one in generations):
        return fleet.named("fleet_j_per_th", _row_by_row(generations, timeline.months))
    for new in generations[1:]:
        efficiency = np.where((k >= new.start) & (new.exists > 0.0), new.efficiency_j_per_th, efficiency)
    return fleet.named("fleet_j_per_th", efficiency)


def begun_in_months(generations: Sequence[Generation], timeline: Timeline) -> Number:
    """The first month of the machines that stand there in each month: a number, or ``(months, ·)``."""
    k, begun = timeline.numbers, generations[0].start
    for new in generations[1:]:
        begun = np.where((k >= new.start) & (new.exists > 0.0), new.start, begun)
    return begun


def _row_by_row(generations: Sequence[Generation], months: int) -> FloatArray:
    """J/TH in each month, ``(months, ·)``, of generations that start in the same months in all cases.

    The rows of one are filled until the next starts, so that it takes no longer than there are months and cases.
    """
    rows = np.empty(
        (months, cases_in(*(number for one in generations for number in (one.efficiency_j_per_th, one.exists))))
    )
    here: Number = generations[0].efficiency_j_per_th
    starts = [0, *(min(max(int(np.ceil(one.start)) - 1, 0), months) for one in generations[1:]), months]
    for begins, ends, one in zip(starts, starts[1:], generations, strict=False):
        if one is not generations[0]:
            here = np.where(np.asarray(one.exists) > 0.0, one.efficiency_j_per_th, here)
        rows[begins:ends] = here
    return rows


def in_service(
    fleet: Fleet, generations: Sequence[Generation], first: Number, timeline: Timeline, which: str = ""
) -> FloatArray:
    """1 in the months from ``first`` to the last of the last generation, ``(months, ·)``.

    Explanations put ``which`` before the names.
    """
    k = timeline.numbers
    ends: Number = generations[0].end
    for new in generations[1:]:
        ends = np.where(new.exists, new.end, ends)
    ends = fleet.named(f"{which}last_fleet_ends_month", ends)
    return fleet.named(f"{which}in_service_fraction", truth((k >= first) & (k < ends)))


def machine_lots(fleet: Fleet, generations: Sequence[Generation]) -> Assets:
    """The machines of each generation, from their first month until they are replaced or the fleet ends."""
    lots = []
    for g, one in enumerate(generations):
        sunk = fleet.hash_rate_eh_per_s if g == 0 and fleet.is_sunk else 0.0
        lots.append(Lot(one.start, one.end, one.cost_usd * one.exists, sunk, fleet.life_months))
    return Assets("machine", tuple(lots))
