"""Hourly prices as markets publish them: whose export a file is, by its header, as columns of times and of prices.

Day-ahead settlement point prices of ERCOT (dates and the hour that ends, Texas time), OASIS of CAISO (a row a part of
the price, GMT, in any order), zones and nodes of NYISO (the hour that begins, New York time), the yearly HOEP of IESO
(the hour that ends, Eastern standard time all year, in CAD), and gridstatus (stamps with their offset). Sources: the
headers of these files as published.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from minecalc.schema.diagnostics import shown
from minecalc.series.csv_table import Table
from minecalc.series.hour_stamps import BadStampError, stamps, zone


class _Layout(NamedTuple):
    """Columns of an export: of times (with ``hour`` of dates), of prices by the MWh, and of the place that they are of.

    ``dates`` is how times are written, "" of ISO; ``zone`` is the market's clock, "" where stamps have an offset of it.
    Only rows with ``only[1]`` in the column ``only[0]`` count; ``ordered`` are those whose rows stand in time.
    """

    market: str
    time: str
    price: str
    place: str = ""
    hour: str = ""
    dates: str = ""
    zone: str = ""
    only: tuple[str, str] = ("", "")
    ordered: bool = True
    currency: str = "usd"

    def fits(self, header: Sequence[str]) -> bool:
        """Whether a file with this header is such an export."""
        return {self.time, self.price, self.place, self.hour, self.only[0]} - {""} <= {*header}


_US = "%m/%d/%Y"
_CHICAGO, _CALIFORNIA, _OASIS = "America/Chicago", "America/Los_Angeles", "INTERVALSTARTTIME_GMT"
_LAYOUTS = (
    _Layout("ERCOT", "Delivery Date", "Settlement Point Price", "Settlement Point", "Hour Ending", _US, _CHICAGO),
    _Layout("ERCOT", "DeliveryDate", "SettlementPointPrice", "SettlementPoint", "HourEnding", _US, _CHICAGO),
    *(
        _Layout("CAISO", _OASIS, price, "NODE", zone=_CALIFORNIA, only=("LMP_TYPE", "LMP"), ordered=False)
        for price in ("MW", "LMP_PRC", "PRC", "VALUE")
    ),
    _Layout("NYISO", "Time Stamp", "LBMP ($/MWHr)", "Name", dates=f"{_US} %H:%M", zone="America/New_York"),
    _Layout("IESO", "Date", "HOEP", hour="Hour", dates="%Y-%m-%d", zone="Etc/GMT+5", currency="cad"),
    *(_Layout("gridstatus", "Interval Start", price, "Location") for price in ("LMP", "SPP")),
)


class Export(NamedTuple):
    """An export as two columns: ``rows``, the name of its prices and their unit (``cad_per_mwh``), and its clock."""

    rows: Table
    price: str
    unit: str
    clock: ZoneInfo | None


def export_of(rows: Table) -> Export | None:
    """The prices of a market's export, at instants; None of a file that is none. BadCsvError for a wrong cell."""
    layout = next((layout for layout in _LAYOUTS if layout.fits(rows.header)), None)
    if layout is None:
        return None
    if layout.only[0]:
        rows = rows.taken([k for k, cell in enumerate(rows.cells(layout.only[0])) if cell == layout.only[1]])
        if not rows.lines:
            raise rows.holds.error(f"{rows.name} has no row whose {layout.only[0]} is {layout.only[1]}")
    if layout.place:
        _demand_one_place(rows, layout)
    clock = zone(layout.zone) if layout.zone else None
    times = _times(rows, layout) if layout.dates else rows.cells(layout.time)
    if clock is not None:
        try:
            moments = stamps(times, clock).seconds.astype("datetime64[s]")
        except BadStampError as bad:
            raise rows.holds.error(f"{rows.at(bad.row, layout.time)}: {bad.message}", bad.help) from None
        if not layout.ordered:
            order = np.argsort(moments, kind="stable")
            rows, moments = rows.taken(order.tolist()), moments[order]
        times = np.datetime_as_string(moments, unit="m", timezone="UTC").tolist()
    table = rows._replace(header=[layout.time, layout.price], columns=[times, rows.cells(layout.price)])
    return Export(table, layout.price, f"{layout.currency}_per_mwh", clock)


def _demand_one_place(rows: Table, layout: _Layout) -> None:
    """Refuse prices that are not all of one node or zone."""
    places = rows.cells(layout.place)
    other = next((row for row, place in enumerate(places) if place != places[0]), None)
    if other is not None:
        names = f"{shown(places[other])} after {shown(places[0])}"
        message = f"{rows.at(other, layout.place)}: {names}; this export of {layout.market} is of several places"
        raise rows.holds.error(message, "keep the rows of one")


def _times(rows: Table, layout: _Layout) -> Sequence[str]:
    """When the hours begin, in ISO, on the clock of the market."""
    found, cells, parsed = list[str](), rows.cells(layout.time), cache(datetime.strptime)  # a date has many hours
    ends = rows.cells(layout.hour) if layout.hour else ["1"] * len(cells)  # the first hour of the time itself
    for row, (cell, end) in enumerate(zip(cells, ends, strict=True)):
        written = cell.removesuffix(":00") if cell.count(":") == 2 else cell  # seconds, which some years have
        try:
            moment = parsed(written, layout.dates)
        except ValueError:
            example = f"{datetime(2027, 1, 31):{layout.dates}}"
            message = f"{rows.at(row, layout.time)}: {shown(cell)} is no date as {layout.market} writes it"
            raise rows.holds.error(message, f"write {example}") from None
        digits = end.removesuffix(":00")
        if not digits.isdecimal() or not 1 <= int(digits) <= 24:
            message = f"{rows.at(row, layout.hour)}: {shown(end)} is no hour that ends"
            raise rows.holds.error(message, "hours of a day are 1 to 24")
        found.append((moment + timedelta(hours=int(digits) - 1)).isoformat())
    return found
