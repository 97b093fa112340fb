"""Records of hourly prices of power: a year at one node each, kept as the duration curve of every month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from minecalc.reference.records import TABLES, Date, Grade, Record, read_catalogue, read_records

#: So many hours at either end of a curve stand singly.
SINGLE_HOURS = 24


@dataclass(frozen=True, kw_only=True, eq=False)
class PowerYear(Record):
    """Hourly wholesale prices of a year at one node, of which the duration curve of each month is kept.

    Prices are in ``currency`` per MWh, without wires, losses and retail margin; ``dearest_hundredth_fraction`` is what
    part of the sum of all prices the dearest hundredth of the hours has. ``sha256`` is that of the hourly file.
    """

    id: str
    market: str
    node: str
    year: int
    currency: str
    hours: int
    mean_price: float
    p5_price: float
    p95_price: float
    highest_price: float
    negative_hours: int
    dearest_hundredth_fraction: float
    as_of: Date
    source: str
    address: str
    licence: str
    sha256: str
    grade: Grade
    note: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class DurationMonth(Record):
    """The ``prices`` of a month in order, between semicolons: single hours, bins of equal hours, single hours.

    The bins have what is left of the month's ``hours``; each is their mean, so that the mean of the month is exact.
    """

    id: str
    month: int
    hours: int
    prices: str

    @property
    def pieces(self) -> tuple[tuple[float, float], ...]:
        """Price (by the MWh, in the currency of its year) and hours of each piece, the cheapest first."""
        found = [float(price) for price in self.prices.split(";")]
        bins = len(found) - 2 * SINGLE_HOURS
        each, ones = (self.hours - 2 * SINGLE_HOURS) / bins, [1.0] * SINGLE_HOURS
        return tuple(zip(found, [*ones, *[each] * bins, *ones], strict=True))


@cache
def power_years() -> Mapping[str, PowerYear]:
    """Years of hourly prices by id, such as ``ercot-hub-average-2023``."""
    return read_catalogue(TABLES / "power_years.csv", PowerYear)


@cache
def duration_curves() -> Mapping[str, tuple[DurationMonth, ...]]:
    """The curves of the months of each of these years, January first."""
    found: dict[str, list[DurationMonth]] = {}
    for month in read_records(TABLES / "duration_curves.csv", DurationMonth):
        found.setdefault(month.id, []).append(month)
    return MappingProxyType({name: tuple(months) for name, months in found.items()})
