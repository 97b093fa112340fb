"""Exports of markets, made up by their published headers, against the same hours in a plain file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from minecalc.series.csv_table import BadCsvError
from minecalc.series.hourly_file import Reads, hourly_prices
from tests.made_up_hours import HOUR, hours_of, written

CHICAGO, NEW_YORK, CALIFORNIA, ONTARIO = "America/Chicago", "America/New_York", "America/Los_Angeles", "Etc/GMT+5"


def ending(clock: datetime) -> tuple[datetime, int]:
    """The date of an hour, and its number in the day from 1."""
    return clock, clock.hour + 1


def ercot(at: datetime, price: float) -> list[str]:
    day, hour = ending(at.astimezone(ZoneInfo(CHICAGO)))
    return [f"{day:%m/%d/%Y},{hour:02}:00,{'Y' if day.fold else 'N'},HB_HUBAVG,{price}"]


def ercot_daily(at: datetime, price: float) -> list[str]:
    day, hour = ending(at.astimezone(ZoneInfo(CHICAGO)))
    return [f"{day:%m/%d/%Y},{hour:02}:00,HB_HUBAVG,{price},{'Y' if day.fold else 'N'}"]


def caiso(at: datetime, price: float) -> list[str]:
    begins, ends = (f"{moment:%Y-%m-%dT%H:%M:%S}-00:00" for moment in (at, at + HOUR))
    return [f"{begins},{ends},TH_NP15,DAM,{kind},{value}" for kind, value in (("MCC", 0.5), ("LMP", price))]


def nyiso(at: datetime, price: float) -> list[str]:
    return [f'"{at.astimezone(ZoneInfo(NEW_YORK)):%m/%d/%Y %H:%M}","CAPITL",61757,{price},1.5,-2']


def ieso(at: datetime, price: float) -> list[str]:
    day, hour = ending(at.astimezone(ZoneInfo(ONTARIO)))
    return [f"{day:%Y-%m-%d},{hour},{price},31.2"]


def gridstatus(at: datetime, price: float) -> list[str]:
    clock = at.astimezone(ZoneInfo(CHICAGO))
    return [
        f"{clock},{clock},{(at + HOUR).astimezone(ZoneInfo(CHICAGO))},DAY_AHEAD_HOURLY,HB_HUBAVG,Trading Hub,{price}"
    ]


OASIS = "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,NODE,MARKET_RUN_ID,LMP_TYPE,"
NEW_YORKS = (
    '"Time Stamp","Name","PTID","LBMP ($/MWHr)","Marginal Cost Losses ($/MWHr)","Marginal Cost Congestion ($/MWHr)"'
)
YEARLY = "\\\\Yearly HOEP OR Report,,,\n\\\\Created at January 02 2024,,,\n\\\\For 2023,,,\n" + (
    "Date,Hour,HOEP,Hour 1 Predispatch"
)
Maker = Callable[[datetime, float], list[str]]
EXPORTS: list[tuple[str, Maker, str, Reads]] = [
    ("Delivery Date,Hour Ending,Repeated Hour Flag,Settlement Point,Settlement Point Price", ercot, CHICAGO, Reads()),
    ("DeliveryDate,HourEnding,SettlementPoint,SettlementPointPrice,DSTFlag", ercot_daily, CHICAGO, Reads()),
    (OASIS + "MW", caiso, CALIFORNIA, Reads()),
    (OASIS + "LMP_PRC", caiso, CALIFORNIA, Reads()),
    (NEW_YORKS, nyiso, NEW_YORK, Reads()),
    (YEARLY, ieso, ONTARIO, Reads(unit="usd_per_mwh")),
    ("Time,Interval Start,Interval End,Market,Location,Location Type,SPP", gridstatus, CHICAGO, Reads()),
]


def lines_of(maker: Maker, zone: str) -> Iterable[str]:
    return (line for at, price in hours_of([2023], zone, 7) for line in maker(at, price))


@pytest.mark.parametrize(("header", "maker", "zone", "reads"), EXPORTS)
def test_an_export_is_the_same_hours_as_a_plain_file(
    header: str, maker: Maker, zone: str, reads: Reads, tmp_path: Path
) -> None:
    lines = [*lines_of(maker, zone)]
    if maker is caiso:
        lines.reverse()
    (tmp_path / "export.csv").write_text("\n".join([header, *lines]) + "\n")
    written(hours_of([2023], zone, 7), tmp_path / "plain.csv")
    found = hourly_prices("export.csv", tmp_path, reads)
    wanted = hourly_prices("plain.csv", tmp_path, Reads(time_zone=zone))
    assert found.months == wanted.months
    assert found.prices.tobytes() == wanted.prices.tobytes()


@pytest.mark.parametrize(
    ("place", "old", "new", "said"),
    [
        (0, "HB_HUBAVG", "HB_NORTH", "line 4, column Settlement Point: .HB_NORTH. after .HB_HUBAVG."),
        (0, "01/01/2023", "2023/01/01", "line 4, column Delivery Date: .2023/01/01. is no date as ERCOT writes it"),
        (0, "03:00", "25:00", "line 4, column Hour Ending: .25:00. is no hour that ends"),
        (0, "HB_HUBAVG,", "HB_HUBAVG,n/a", "line 4, column Settlement Point Price"),
        (2, ",LMP,", ",MCL,", ""),
    ],
)
def test_what_is_wrong_with_an_export_is_told_with_its_line(
    place: int, old: str, new: str, said: str, tmp_path: Path
) -> None:
    header, maker, zone, reads = EXPORTS[place]
    lines = [*lines_of(maker, zone)]
    lines = [line.replace(old, new) for line in lines] if not said else lines
    lines[2] = lines[2].replace(old, new)
    (tmp_path / "export.csv").write_text("\n".join([header, *lines]) + "\n")
    with pytest.raises(BadCsvError, match=said or "no row whose LMP_TYPE is LMP"):
        hourly_prices("export.csv", tmp_path, reads)


def test_ontario_is_in_its_dollars(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text("\n".join([YEARLY, *lines_of(ieso, ONTARIO)]))
    with pytest.raises(BadCsvError, match="HOEP is in CAD, and minecalc counts in USD"):
        hourly_prices("export.csv", tmp_path, Reads())
