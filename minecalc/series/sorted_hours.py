"""Prices by the hour, those of each calendar month sorted once, cheapest first: what curtailment is computed from.

A month is a *duration curve*: prices in their order, and how many hours each is of. With running sums along it the
hours cheaper than any limit, and what they cost, are a search and two look-ups, for as many cases as there are and
without a loop over hours.
"""

from calendar import isleap
from collections.abc import Mapping
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from minecalc.arrays import FloatArray, accumulate, running_total
from minecalc.trace import Traced, is_traced, named, operation, plain, recorded
from minecalc.trace.operations import OPERAND
from minecalc.units import MONTHS_PER_YEAR

_FEBRUARY = 1
#: Limits of so many cases are found soonest by one search; so many limits in the cells of all months at once.
_FEW_CASES, _AT_ONCE = 4, 10_000
#: Cells of a month, and the share of its prices that they part.
_CELLS, _MOST = 4096, 0.98
#: How a spreadsheet pays for the dearest share of hours: for all but the cheapest, whose last price counts in part.
_CHEAP_HOURS = "(1-{0})*INDEX({hours},1,{month})"
_NEXT_PRICE = f'MAX(1,COUNTIF(INDEX({{hours_until}},0,{{month}}),"<="&{_CHEAP_HOURS}))'
_DEAREST = (
    f"INDEX({{mean}},1,{{month}})-(INDEX({{paid_until}},{_NEXT_PRICE},{{month}})"
    f"+({_CHEAP_HOURS}-INDEX({{hours_until}},{_NEXT_PRICE},{{month}}))*INDEX({{prices}},{_NEXT_PRICE},{{month}}))"
    "/INDEX({hours},1,{month})"
)
#: Days of a February, by whether its year has a 29th.
_DAYS = {False: 28, True: 29}


class MonthOfFile(NamedTuple):
    """A calendar month that prices are known of: ``month`` 0 to 11 of ``year``, None for a year without a date.

    ``days`` tells apart the Februaries of common and leap years; 0 of what stands for both, and of every other month.
    """

    year: int | None
    month: int
    days: int = 0


class Curve(NamedTuple):
    """The prices of a month (USD per kWh), and of how many hours each is, ``(n,)`` both, in any order."""

    usd_per_kwh: FloatArray
    hours: FloatArray


class SortedHours:
    """Months of hourly prices, each sorted; equal where ``key``, a hash of what they were read from, is.

    ``name`` is what readers know them by: a file or a record. ``prices (n, 1)`` holds the months one after the other,
    ``weights (n, 1)`` how many hours each price is of; month m is in ``bounds[m]`` to ``bounds[m + 1]``.
    """

    def __init__(
        self,
        key: str,
        name: str,
        months: tuple[MonthOfFile, ...],
        bounds: tuple[int, ...],
        prices: FloatArray,
        weights: FloatArray,
    ) -> None:
        self.key, self.name, self.months, self.bounds = key, name, months, bounds
        self.prices, self.weights = prices, weights

    @classmethod
    def of(cls, key: str, name: str, curves: Mapping[MonthOfFile, Curve]) -> Self:
        """Months in their order, the prices of each sorted."""
        months = tuple(sorted(curves, key=_in_order))
        prices, weights, bounds = list[FloatArray](), list[FloatArray](), [0]
        for month in months:
            curve = curves[month]
            order = np.argsort(curve.usd_per_kwh, kind="stable")
            prices.append(curve.usd_per_kwh[order])
            weights.append(curve.hours[order])
            bounds.append(bounds[-1] + len(order))
        return cls(key, name, months, tuple(bounds), np.concatenate(prices)[:, None], np.concatenate(weights)[:, None])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SortedHours) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"SortedHours({self.name!r})"

    def with_prices(self, prices: Any) -> "SortedHours":
        """The same months with ``prices``, in the order of these, in their place: traced ones, say."""
        return SortedHours(self.key, self.name, self.months, self.bounds, prices, self.weights)

    def called(self, name: str) -> "SortedHours":
        """The same hours, which readers know by another ``name``."""
        return SortedHours(self.key, name, self.months, self.bounds, self.prices, self.weights)

    @cached_property
    def share_until(self) -> FloatArray:
        """The share of a month's hours that its k cheapest prices are of, k from 0, month after month, ``(·,)``."""
        return _sums_until(np.ones_like(self.weights), self.weights, self.bounds)

    @cached_property
    def paid_until(self) -> FloatArray:
        """The sum of its k cheapest prices over all hours of the month, likewise (USD per kWh)."""
        return _sums_until(plain(self.prices), self.weights, self.bounds)

    def below(self, limit: FloatArray, rows: tuple[int, ...]) -> tuple[FloatArray, FloatArray]:
        """What ``share_until`` and ``paid_until`` are at the prices of each month below ``limit (1|months, ·)``.

        Both are ``(months, ·)``: for many cases, months that have the same prices together.
        """
        cases = limit.shape[1]
        if len(rows) * cases <= _AT_ONCE:
            month = np.array(rows)[:, None]
            grid = self._grid.place_below
            place = _search(self._ascending, month, limit) if cases <= _FEW_CASES else grid(month, limit)
            return self.share_until.take(place), self.paid_until.take(place)
        share, paid = (np.empty((len(rows), cases)) for _ in range(2))
        for row, months in _together(rows).items():
            place = self._grid.place_below(row, limit if len(limit) == 1 else limit[months])
            share[months], paid[months] = self.share_until.take(place), self.paid_until.take(place)
        return share, paid

    @cached_property
    def _ascending(self) -> NDArray[np.complex128]:
        """The keys of all prices, ascending."""
        return _keys(np.repeat(np.arange(len(self.months)), np.diff(self.bounds)), plain(self.prices)[:, 0])

    @cached_property
    def _grid(self) -> "_Grid":
        return _Grid.of(plain(self.prices)[:, 0], self.bounds, self._ascending)

    @property
    def calendar(self) -> tuple[int, ...]:
        """The calendar month (months since year 0; of a year without a date 0 to 11) of each of its prices."""
        months = [(month.year or 0) * MONTHS_PER_YEAR + month.month for month in self.months]
        return tuple(np.repeat(months, np.diff(self.bounds)).tolist())

    @property
    def mean_usd_per_kwh(self) -> float:
        """The mean of all its hours, each February with the 28 days of a common year."""
        counts = [float(month.days != _DAYS[True]) for month in self.months]
        weights = self.weights * np.repeat(counts, np.diff(self.bounds))[:, None]
        return float((accumulate(self.prices * weights) / accumulate(weights))[0])

    def rows(self, start: int, months: int) -> tuple[int, ...]:
        """Which of its months stands for each of ``months`` calendar months from ``start`` (months since year 0).

        The same month of the same year if it is there, else that of the years that have it in turn, counted from the
        first calendar year of the horizon.
        """
        return _rows(self, start, months)


class _Grid(NamedTuple):
    """Sorted prices of each month in cells of equal width from its ``lowest``, to find many limits among them sooner.

    ``ended`` holds the prices of all months, each ended by infinity; month m begins at ``begins[m]``, and its cells at
    ``m * _CELLS`` of ``first``, which is where the prices in each begin. A price in an earlier cell than a limit is
    below it, whatever rounding does, since the cell of a number never falls as the number rises.
    """

    ended: FloatArray
    begins: tuple[int, ...]
    lowest: FloatArray
    per_usd: FloatArray
    first: NDArray[np.intp]
    ascending: NDArray[np.complex128]

    @classmethod
    def of(cls, prices: FloatArray, bounds: tuple[int, ...], ascending: NDArray[np.complex128]) -> Self:
        """Cells up to what most of a month's prices lie below; the last one has all above."""
        lowest = prices.take(bounds[:-1])
        most = prices.take([begin + int(_MOST * (end - begin - 1)) for begin, end in pairwise(bounds)])
        per_usd = np.divide(_CELLS - 1, most - lowest, out=np.zeros_like(lowest), where=most > lowest)
        ended, begins = np.insert(prices, bounds[1:], np.inf), tuple(bound + row for row, bound in enumerate(bounds))
        found = cls(ended, begins, lowest, per_usd, np.zeros(0, dtype=np.intp), ascending)
        months = np.arange(len(lowest))
        cells = found._cells(np.repeat(months, np.diff(bounds)), prices)
        last = len(months) * _CELLS - 1
        earlier = np.repeat(np.arange(len(prices) + 1), np.diff(cells, prepend=-1, append=last))
        return found._replace(first=earlier + np.repeat(months, _CELLS))

    def _cells(self, month: int | NDArray[np.intp], numbers: FloatArray) -> NDArray[np.intp]:
        """The cell that each number lies in, or the nearest of the month."""
        parts = numbers - self.lowest[month]
        with np.errstate(invalid="ignore"):
            parts *= self.per_usd[month]
        np.fmax(parts, 0.0, out=parts)  # also of infinity in a month of one price, which is no number
        np.minimum(parts, _CELLS - 1.0, out=parts)
        cells = parts.astype(np.intp)
        cells += month * _CELLS
        return cells

    def place_below(self, month: int | NDArray[np.intp], limits: FloatArray) -> NDArray[np.intp]:
        """The place in ``ended`` of the month's first price that is not below each limit, of both shapes broadcast."""
        place = self.first.take(self._cells(month, limits))
        place += self.ended.take(place) < limits  # most cells have a price or none
        left = np.flatnonzero(self.ended.take(place) < limits)
        if left.size and isinstance(month, int):
            begin, end = self.begins[month], self.begins[month + 1] - 1
            place.flat[left] = np.searchsorted(self.ended[begin:end], limits.take(left)) + begin
        elif left.size:
            each, among = (np.broadcast_to(of, place.shape).take(left) for of in (month, limits))
            place.flat[left] = _search(self.ascending, each, among)
        return place


def _search(ascending: NDArray[np.complex128], month: NDArray[np.intp], usd_per_kwh: FloatArray) -> NDArray[np.intp]:
    """The place of a month's first price that is not below each limit, of both shapes broadcast, one search for all.

    It counts the end of each month before it as one.
    """
    return np.searchsorted(ascending, _keys(month, usd_per_kwh)) + month


def _keys(month: NDArray[np.intp], usd_per_kwh: FloatArray) -> NDArray[np.complex128]:
    """Prices or limits that are in order by month and then by price, as complex numbers are by their parts."""
    keys = np.empty(np.broadcast_shapes(month.shape, usd_per_kwh.shape), dtype=np.complex128)
    keys.real, keys.imag = month, usd_per_kwh
    return keys


def _in_order(month: MonthOfFile) -> tuple[int, int, int]:
    return (-1 if month.year is None else month.year, month.month, month.days)


@lru_cache(maxsize=64)
def _rows(hours: SortedHours, start: int, months: int) -> tuple[int, ...]:
    place = {month: row for row, month in enumerate(hours.months)}
    years: dict[int, dict[int | None, None]] = {}  # those that have each month of the year, in order
    for month in hours.months:
        years.setdefault(month.month, {})[month.year] = None
    found = []
    for calendar in range(start, start + months):
        year, month_of_year = divmod(calendar, MONTHS_PER_YEAR)
        having = list(years[month_of_year])
        turn = (year - start // MONTHS_PER_YEAR) % len(having)
        of = year if year in having else having[turn]
        days = _DAYS[isleap(year)] if month_of_year == _FEBRUARY else 0
        row = place.get(MonthOfFile(of, month_of_year, days))
        found.append(place[MonthOfFile(of, month_of_year)] if row is None else row)
    return tuple(found)


def month_curves(month: MonthOfFile, days: NDArray[np.int64], prices: FloatArray) -> dict[MonthOfFile, Curve]:
    """The curve of a whole month from its hours in order: their ``prices`` in USD per kWh, and the days they lie in.

    A February has two: without its 29th for common years; with it, or the 28th once more, for leap years.
    """
    of_days = {0: prices}
    if month.month == _FEBRUARY:
        common, last = prices[days <= _DAYS[False]], prices[days == days[-1]]
        of_days = {_DAYS[False]: common, _DAYS[True]: np.concatenate([common, last])}
    return {month._replace(days=days): Curve(prices, np.ones_like(prices)) for days, prices in of_days.items()}


def _sums_until(values: FloatArray, weights: FloatArray, bounds: tuple[int, ...]) -> FloatArray:
    """Sums of the first 0, 1, 2, .. of ``values (n, 1)``, each so many hours, over all of these: ``(·,)``.

    A stretch between ``bounds`` of m values has m + 1 sums, so that the stretches begin one place later each; its last
    is the mean of the stretch.
    """
    parts = []
    for begin, end in pairwise(bounds):
        hours = weights[begin:end]
        parts += [np.zeros(1), running_total(values[begin:end] * hours)[:, 0] / accumulate(hours)]
    return np.concatenate(parts)


@operation(
    "how many prices of {1} in the month are below {0}",
    least=(OPERAND,),
    reads="others",
    cell='COUNTIF(INDEX({prices},0,{month}),"<"&{0})',
)
def count_below(
    limit: FloatArray, prices: FloatArray, bounds: tuple[int, ...], rows: tuple[int, ...]
) -> NDArray[np.intp]:
    """How many of the sorted ``prices (n, 1)`` of each month lie below ``limit (1|months, ·)``, ``(months, ·)``.

    Month k has those between ``bounds[rows[k]]`` and the next bound. A price that is equal is not below.
    """
    flat, found = prices[:, 0], np.empty((len(rows), limit.shape[1]), dtype=np.intp)
    for row, months in _together(rows).items():
        among, limits = flat[bounds[row] : bounds[row + 1]], limit if len(limit) == 1 else limit[months]
        found[months] = np.searchsorted(among, limits.ravel(), side="left").reshape(limits.shape)
    return found


def _picked(sums: FloatArray, count: NDArray[Any], bounds: tuple[int, ...], rows: tuple[int, ...]) -> FloatArray:
    """What ``sums`` of ``_sums_until`` are after the ``count (months, ·)`` cheapest of each month."""
    found: FloatArray = sums.take(np.asarray(count, dtype=np.intp) + _begins(bounds, rows))
    return found


@lru_cache(maxsize=256)
def _begins(bounds: tuple[int, ...], rows: tuple[int, ...]) -> NDArray[np.intp]:
    """Where the sums of each month begin, ``(months, 1)``."""
    return np.array([bounds[row] + row for row in rows], dtype=np.intp)[:, None]


@operation(
    "hours of the {0} cheapest prices / hours of the month",
    reads="others",
    cell="INDEX({hours_until},{0}+1,{month})/INDEX({hours},1,{month})",
)
def share_of_cheapest(
    count: NDArray[np.intp], weights: FloatArray, bounds: tuple[int, ...], rows: tuple[int, ...]
) -> FloatArray:
    """The share of the month's hours that have its ``count (months, ·)`` cheapest prices."""
    return _picked(_sums_until(np.ones_like(weights), weights, bounds), count, bounds, rows)


@operation(
    "price × hours of the {0} cheapest of {1} / hours of the month",
    reads="others",
    cell="INDEX({paid_until},{0}+1,{month})/INDEX({hours},1,{month})",
)
def paid_for_cheapest(
    count: NDArray[np.intp],
    prices: FloatArray,
    weights: FloatArray,
    bounds: tuple[int, ...],
    rows: tuple[int, ...],
) -> FloatArray:
    """The sum of the month's ``count (months, ·)`` cheapest ``prices (n, 1)`` over all of its hours."""
    return _picked(_sums_until(prices, weights, bounds), count, bounds, rows)


@operation("price × hours of the dearest share {0} of {1} / hours of the month", reads="others", cell=_DEAREST)
def paid_for_dearest(
    share: FloatArray,
    prices: FloatArray,
    weights: FloatArray,
    bounds: tuple[int, ...],
    rows: tuple[int, ...],
) -> FloatArray:
    """The sum of the dearest ``prices (n, 1)``, of a ``share (1|months, ·)`` of a month's hours, over all of these.

    Between two prices a part of the hours of one counts.
    """
    every, paid = _sums_until(np.ones_like(weights), weights, bounds), _sums_until(prices, weights, bounds)
    found = np.empty((len(rows), share.shape[1]))
    for row, months in _together(rows).items():
        shares = share if len(share) == 1 else share[months]
        begin, end = bounds[row] + row, bounds[row + 1] + row + 1
        found[months] = paid[end - 1] - np.interp(1.0 - shares, every[begin:end], paid[begin:end])
    return found


@operation("price × hours of {0} / hours of the month", reads="others", cell="INDEX({mean},1,{month})")
def mean_of_hours(
    prices: FloatArray, weights: FloatArray, bounds: tuple[int, ...], rows: tuple[int, ...]
) -> FloatArray:
    """The mean of all hours of each month, ``(months, 1)``."""
    return _picked(_sums_until(prices, weights, bounds), _every(bounds, rows), bounds, rows)


@lru_cache(maxsize=256)
def _every(bounds: tuple[int, ...], rows: tuple[int, ...]) -> NDArray[np.intp]:
    """How many prices each month has, ``(months, 1)``."""
    return np.array([bounds[row + 1] - bounds[row] for row in rows], dtype=np.intp)[:, None]


@lru_cache(maxsize=256)
def _together(rows: tuple[int, ...]) -> Mapping[int, NDArray[np.intp]]:
    """The months that have the same prices, by the row of these."""
    found: dict[int, list[int]] = {}
    for k, row in enumerate(rows):
        found.setdefault(row, []).append(k)
    return {row: np.array(months, dtype=np.intp) for row, months in found.items()}


class Below(NamedTuple):
    """The hours of a month whose price lies below a limit, ``(months, ·)`` both.

    ``hours_fraction`` is their share of the month's hours, ``usd_per_kwh`` the sum of their prices over all of these: a
    load that draws E kWh in a month of which all hours are alike pays E x ``usd_per_kwh`` for these hours.
    """

    hours_fraction: FloatArray
    usd_per_kwh: FloatArray


class HourlyPrice(NamedTuple):
    """Prices by the hour over the months of a horizon: those of ``hours`` times ``scale`` plus ``adder_usd_per_kwh``.

    ``rows`` is which month of ``hours`` each month of the horizon has; scale and adder are ``(1|months, ·)``.
    """

    hours: SortedHours
    rows: tuple[int, ...]
    scale: FloatArray
    adder_usd_per_kwh: FloatArray

    def mean_usd_per_kwh(self) -> FloatArray:
        """The mean of all hours of each month, ``(months, ·)``."""
        hours, layout = self.hours, (self.hours.bounds, self.rows)
        mean = _picked(hours.paid_until, _every(*layout), *layout)
        mean = recorded("mean_of_hours", mean, hours.prices, hours.weights, *layout)
        return named("hourly_mean_usd_per_kwh", mean) * self.scale + self.adder_usd_per_kwh

    def dearest(self, share: FloatArray) -> FloatArray:
        """The sum of the prices of the dearest ``share (1|months, ·)`` of a month's hours, over all of these."""
        hours = self.hours
        layout = (hours.prices, hours.weights, hours.bounds, self.rows)
        paid = recorded("paid_for_dearest", paid_for_dearest(plain(share), *map(plain, layout)), share, *layout)
        return paid * self.scale + self.adder_usd_per_kwh * share

    def below(self, limit_usd_per_kwh: FloatArray, which: str = "") -> Below:
        """The hours cheaper than a limit ``(1|months, ·)``; explanations put ``which`` before the names.

        Hours below the limit at a scale are hours of the file below (limit - adder) / scale; at a scale of 0 all hours
        cost the adder.
        """
        adds = not _is_nothing(self.adder_usd_per_kwh)
        limit = limit_usd_per_kwh - self.adder_usd_per_kwh if adds else limit_usd_per_kwh
        if (self.scale > 0.0).all():
            limit = limit / self.scale
        else:
            every = np.where(limit > 0.0, np.inf, -np.inf)
            limit = np.where(self.scale > 0.0, limit / np.where(self.scale > 0.0, self.scale, 1.0), every)
        hours, layout = self.hours, (self.hours.bounds, self.rows)
        limit = named(f"{which}limit_usd_per_kwh", limit)
        share, paid = hours.below(plain(limit), self.rows)
        if is_traced(limit, hours.prices):
            found = count_below(plain(limit), plain(hours.prices), *layout)
            count = named(f"{which}prices_below_count", recorded("count_below", found, limit, hours.prices, *layout))
            share = recorded("share_of_cheapest", share, count, hours.weights, *layout)
            paid = recorded("paid_for_cheapest", paid, count, hours.prices, hours.weights, *layout)
        share, paid = named(f"{which}hours_run_fraction", share), paid * self.scale
        return Below(share, paid + self.adder_usd_per_kwh * share if adds else paid)


def _is_nothing(adder: Any) -> bool:
    """Whether nothing is added in any month and case, so that it is no step of the computation."""
    return type(adder) is not Traced and adder.size == 1 and not adder.any()
