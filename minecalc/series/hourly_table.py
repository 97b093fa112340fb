"""The prices of an hourly file by calendar month: its columns understood, its hours in their months, faults refused.

A column holds prices, another the times at which their hours begin; a file of 8,760 or 8,784 rows may leave these out,
and is then a year from the first of January. Of quarter hours the mean is taken.
"""

import calendar
import re
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import numpy as np

from minecalc.arrays import FloatArray, accumulate
from minecalc.schema.diagnostics import shown
from minecalc.schema.names import did_you_mean
from minecalc.schema.numbers import unit_words
from minecalc.series.csv_table import Holds, Table, Wanted, amounts, no_column, parted_otherwise, table
from minecalc.series.hour_stamps import BadStampError, Clocks, clock_text, hours, stamps, whole_months, zone
from minecalc.series.hourly_file import PREVIOUS, UNITS, Reads
from minecalc.series.market_exports import export_of
from minecalc.series.sorted_hours import Curve, MonthOfFile, month_curves
from minecalc.timeline import MONTHS_OF_ANY_YEAR
from minecalc.units import MONTHS_PER_YEAR

#: No price of an hour is beyond these (USD per kWh): the highest caps are 9 in Texas until 2021 and 12 in Australia.
_LOWEST, _HIGHEST = -5.0, 20.0
#: Prices whose mean is below this are by the kWh, those above it by the MWh.
_PARTING = 2.0
_TIME = re.compile(r"time|date|hour|interval|period|stamp|begin|start|utc", re.IGNORECASE)
_CURRENCY = re.compile(r"(?:^|_)([a-z]{3})_per_(?:mwh|kwh)$")
_QUARTERS = 4


class Read(NamedTuple):
    """What a file holds: the curve of each month, and the names of the time zones by whose rules it was read."""

    curves: dict[MonthOfFile, Curve]
    time_zones: tuple[str, ...]


def read(file: str, data: bytes, reads: Reads, holds: Holds, *, is_parquet: bool) -> Read:
    """The prices of a file by month; BadCsvError says what is wrong with them."""
    local = None if reads.time_zone is None else _zone(reads.time_zone, holds)
    if is_parquet:
        from minecalc.series.parquet_table import parquet_table

        rows = parquet_table(file, data, holds)
    else:
        rows = table(file, data, holds)
    return _by_month(file, rows, reads, local)


def _by_month(file: str, rows: Table, reads: Reads, local: ZoneInfo | None) -> Read:
    plain = reads.column is not None or any(name.endswith(tuple(UNITS)) for name in rows.header)
    export = None if plain else export_of(rows)
    clock = None if export is None else export.clock
    zones = tuple(dict.fromkeys(each.key for each in (local, clock) if each is not None))
    if export is not None:
        rows, local = export.rows, clock if local is None else local
    column = export.price if export is not None else _column(rows, reads.column)
    prices = _prices(rows, column, _unit(rows, column, reads.unit, column if export is None else export.unit))
    times = _time_column(rows, column)
    if times is None:
        clocks, prices = _undated(rows, prices)
    else:
        clocks, prices = _dated(rows, times, prices, local, fill=reads.gaps == PREVIOUS)
    months = whole_months(clocks)
    missing = [month for month in MONTHS_OF_ANY_YEAR if month not in {whole % MONTHS_PER_YEAR for whole in months}]
    if missing:
        span = f"{clock_text(clocks[0])} to {clock_text(clocks[-1])}"
        message = f"{file} has no whole {calendar.month_name[missing[0] + 1]}: its hours are {span}"
        zoned = "" if local is not None or times is None else "; time_zone says on which clock its months begin"
        raise rows.holds.error(message, f"an hourly price takes every hour of at least a year{zoned}")
    days = (clocks.astype("datetime64[D]") - clocks.astype("datetime64[M]")).astype(np.int64) + 1
    curves = dict[MonthOfFile, Curve]()
    for whole, where in months.items():
        year, month = divmod(whole, MONTHS_PER_YEAR)
        of_file = MonthOfFile(None if times is None else year, month)
        curves |= month_curves(of_file, days[where], prices[where])
    return Read(curves, zones)


def _zone(name: str, holds: Holds) -> ZoneInfo:
    found = zone(name)
    if found is None:
        otherwise = "write it as America/Chicago; Etc/GMT+6 is six hours behind UTC all year"
        advice = did_you_mean(name, sorted(available_timezones()), otherwise)
        raise holds.error(f"there is no time zone {name}", advice, code="unknown-name", key="time_zone")
    return found


def _column(rows: Table, column: str | None) -> str:
    """The column of prices: the one that is named, or the only one whose name ends in a unit of them."""
    if column is not None:
        if column not in rows.header:
            raise no_column(rows, column)
        return column
    priced = [name for name in rows.header if name.endswith(tuple(UNITS))]
    advice = parted_otherwise(rows.header)
    if advice:
        raise rows.holds.error(f"{rows.name} has one column, {shown(rows.header[0])}", advice)
    if len(priced) == 1:
        return priced[0]
    names = ", ".join(name for name in rows.header if name)
    raise rows.holds.error(f"{rows.name}: which column holds the prices is not said", f"add column: one of {names}")


def _unit(rows: Table, column: str, unit: str | None, ending: str) -> str:
    """The unit that is given, or else the one in which ``ending``, the column's name or what is known of it, ends."""
    if unit is not None:
        return unit
    ends = next((unit for unit in UNITS if ending.endswith(unit)), None)
    if ends is not None:
        return ends
    currency = _CURRENCY.search(ending)
    if currency is not None:
        other = currency[1].upper()
        message = f"{rows.name}: {column} is in {other}, and minecalc counts in USD"
        advice = (
            f"add unit: usd_per_mwh, and scale: with the USD that one {other} buys; adder_usd_per_kwh is scaled too"
        )
        raise rows.holds.error(message, advice, key="column")
    message = f"{rows.name}: the unit of {column} is not said"
    raise rows.holds.error(message, "add unit: usd_per_mwh or usd_per_kwh", key="column")


def _prices(rows: Table, column: str, unit: str) -> FloatArray:
    """The prices in USD per kWh, all of them plain numbers that a price may be."""
    low, high = _LOWEST * UNITS[unit], _HIGHEST * UNITS[unit]
    prices = _plain(rows.cells(column))
    if prices is None or not np.all((prices >= low) & (prices <= high)):
        prices = np.array(amounts(rows, column, Wanted(unit, low, high)))
    usual = float(_mean(np.abs(prices)[:, None])[0])
    other = next((other for other in UNITS if other != unit), unit)
    if (unit == "usd_per_mwh" and 0.0 < usual < _PARTING) or (unit == "usd_per_kwh" and usual > _PARTING):
        message = f"{rows.name}: the mean price of {column} is {usual:.4g} {unit_words(unit)}"
        raise rows.holds.error(message, f"these seem to be {unit_words(other)}: say unit: {other}", key="column")
    return prices / UNITS[unit]


def _plain(cells: Sequence[str]) -> FloatArray | None:
    """Cells as numbers; None where one may be none, which is then looked for."""
    try:
        found = np.array(cells, dtype=np.float64)
    except ValueError:
        return None
    return found if np.all(np.isfinite(found)) and "_" not in ",".join(cells) else None


def _time_column(rows: Table, column: str) -> str | None:
    """The column of times: the first by name that is one, or else by what stands in it; None of a file without."""
    others = {name: rows.cells(name)[0] for name in rows.header if name != column}
    timed = {name: cell for name, cell in others.items() if _TIME.search(name)}
    for name, cell in (timed or others).items():
        if _is_time(cell):
            return name
    for name, cell in timed.items():
        message = f"{rows.at(0, name)}: {shown(cell)} is no date with its hour"
        raise rows.holds.error(message, "write 2027-01-01T00:00, with Z or an offset if it is not local")
    return None


def _is_time(cell: str) -> bool:
    try:
        datetime.fromisoformat(cell)
    except ValueError:
        return False
    return ":" in cell or "T" in cell


def _dated(
    rows: Table, times: str, prices: FloatArray, local: tzinfo | None, *, fill: bool
) -> tuple[Clocks, FloatArray]:
    """What the clock shows at the start of each hour, and its price."""
    utc = "utc" in times.casefold()
    try:
        found = stamps(rows.cells(times), local, utc=utc)
        zoned = local is not None or utc or datetime.fromisoformat(rows.cells(times)[0]).tzinfo is not None
        in_hours = hours(found, fill=fill, zoned=zoned)
    except BadStampError as bad:
        raise rows.holds.error(f"{rows.at(bad.row, times)}: {bad.message}", bad.help) from None
    return in_hours.clocks, _mean(prices[in_hours.rows.T])


def _mean(values: FloatArray) -> FloatArray:
    """The mean of the rows of ``values (rows, ·)``."""
    return accumulate(values) / len(values)


def _undated(rows: Table, prices: FloatArray) -> tuple[Clocks, FloatArray]:
    """The hours of a year without dates, a common one or a leap year."""
    for year in ("2023", "2024"):
        clocks = np.arange(f"{year}-01-01T00", f"{int(year) + 1}-01-01T00", dtype="datetime64[h]")
        if len(prices) in (len(clocks), len(clocks) * _QUARTERS):
            return clocks, _mean(prices.reshape(len(clocks), -1).T)
    message = f"{rows.name} has {len(prices):,} rows and no times; a year has 8,760 hours, a leap year 8,784"
    raise rows.holds.error(message, "add a column of the times at which the hours begin, such as 2027-01-01T00:00")
