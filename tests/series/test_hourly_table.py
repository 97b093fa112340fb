"""Files of hourly prices: units, clocks, quarter hours, undated years, Parquet, and what is wrong with its line."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from minecalc.series.csv_table import BadCsvError
from minecalc.series.hourly_file import Reads, hourly_prices
from minecalc.series.sorted_hours import MonthOfFile, SortedHours
from tests.made_up_hours import hours_of, written

CHICAGO = "America/Chicago"
YEAR = hours_of([2023], CHICAGO, 1)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """The lines of a whole year in UTC, the header first."""
    return ["hour_beginning,usd_per_mwh", *(f"{at:%Y-%m-%dT%H:%M}Z,{price}" for at, price in YEAR)]


def month(hours: SortedHours, number: int, days: int = 0) -> list[float]:
    """The sorted prices of a month of 2023, or of the one year, in USD per MWh."""
    of = next(at for at in hours.months if (at.month, at.days) == (number, days))
    row = hours.months.index(of)
    return [1000.0 * price for price in hours.prices[hours.bounds[row] : hours.bounds[row + 1], 0].tolist()]


def of_clock(number: int) -> list[float]:
    return sorted(price for at, price in YEAR if at.astimezone(ZoneInfo(CHICAGO)).month == number + 1)


def test_hours_belong_to_the_months_of_the_zone(tmp_path: Path) -> None:
    written(YEAR, tmp_path / "year.csv")
    found = hourly_prices("year.csv", tmp_path, Reads(time_zone=CHICAGO))
    assert found.months[:3] == (MonthOfFile(2023, 0), MonthOfFile(2023, 1, 28), MonthOfFile(2023, 1, 29))
    assert len(month(found, 2)) == 743, "the clock is put forward"
    assert len(month(found, 10)) == 721, "and back"
    for number in (0, 2, 6, 10, 11):
        assert month(found, number) == pytest.approx(of_clock(number), rel=1e-14)


def test_a_unit_is_that_of_the_name_or_the_one_that_is_said(lines: list[str], tmp_path: Path) -> None:
    by_kwh = [lines[0].replace("mwh", "kwh"), *(_by_kwh(line) for line in lines[1:])]
    (tmp_path / "kwh.csv").write_text("\n".join(by_kwh))
    (tmp_path / "named.csv").write_text("\n".join(["time,LMP", *lines[1:]]))
    written(YEAR, tmp_path / "mwh.csv")
    wanted = hourly_prices("mwh.csv", tmp_path, Reads(time_zone=CHICAGO))
    for file, reads in (("kwh.csv", Reads()), ("named.csv", Reads("LMP", "usd_per_mwh"))):
        found = hourly_prices(file, tmp_path, reads._replace(time_zone=CHICAGO))
        assert found.prices == pytest.approx(wanted.prices, rel=1e-12)


def _by_kwh(line: str) -> str:
    at, price = line.split(",")
    return f"{at},{float(price) / 1000!r}"


def test_local_stamps_are_read_through_daylight_saving(tmp_path: Path) -> None:
    rows = (f"{at.astimezone(ZoneInfo(CHICAGO)):%Y-%m-%d %H:%M},{price}" for at, price in YEAR)
    (tmp_path / "local.csv").write_text("time,usd_per_mwh\n" + "\n".join(rows))
    written(YEAR, tmp_path / "utc.csv")
    local = hourly_prices("local.csv", tmp_path, Reads(time_zone=CHICAGO))
    assert local.prices.tobytes() == hourly_prices("utc.csv", tmp_path, Reads(time_zone=CHICAGO)).prices.tobytes()


def test_stamps_under_a_name_that_says_nothing_are_times_all_the_same(tmp_path: Path) -> None:
    """A year from July on is not taken for one from January on."""
    hours = [one for one in hours_of([2022, 2023], CHICAGO, 1) if 202207 <= int(f"{one[0]:%Y%m}") < 202307]
    written(hours, tmp_path / "named.csv")
    (tmp_path / "when.csv").write_text((tmp_path / "named.csv").read_text().replace("hour_beginning", "when"))
    named, found = (hourly_prices(f"{name}.csv", tmp_path, Reads(time_zone="UTC")) for name in ("named", "when"))
    assert found.months == named.months
    assert found.prices.tobytes() == named.prices.tobytes()


def test_quarter_hours_are_averaged_and_an_undated_year_begins_in_january(tmp_path: Path) -> None:
    prices = np.random.default_rng(2).normal(40.0, 9.0, 8760).round(2)
    (tmp_path / "undated.csv").write_text("usd_per_mwh\n" + "\n".join(map(str, prices)))
    begin = datetime(2023, 1, 1, tzinfo=UTC)
    quarters = [
        f"{begin + timedelta(hours=hour, minutes=15 * quarter):%Y-%m-%dT%H:%MZ},{price + shift!r}"
        for hour, price in enumerate(prices.tolist())
        for quarter, shift in enumerate((-8.0, 4.0, -2.0, 6.0))
    ]
    (tmp_path / "quarters.csv").write_text("time,usd_per_mwh\n" + "\n".join(quarters))
    undated = hourly_prices("undated.csv", tmp_path, Reads())
    assert month(undated, 0) == pytest.approx(np.sort(prices[:744]).tolist(), rel=1e-12)
    assert hourly_prices("quarters.csv", tmp_path, Reads()).prices == pytest.approx(undated.prices, rel=1e-12)


def test_parquet_reads_as_csv_does(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({"Time": [at for at, _ in YEAR], "usd_per_mwh": [price for _, price in YEAR]})
    frame.to_parquet(tmp_path / "year.parquet")
    written(YEAR, tmp_path / "year.csv")
    found = hourly_prices("year.parquet", tmp_path, Reads(time_zone=CHICAGO))
    assert found.prices.tobytes() == hourly_prices("year.csv", tmp_path, Reads(time_zone=CHICAGO)).prices.tobytes()


def test_a_missing_hour_is_held_where_that_is_asked(lines: list[str], tmp_path: Path) -> None:
    (tmp_path / "gap.csv").write_text("\n".join([*lines[:100], *lines[101:]]))
    held = [*lines[:100], lines[100].split(",")[0] + "," + lines[99].split(",")[1], *lines[101:]]
    (tmp_path / "held.csv").write_text("\n".join(held))
    found = hourly_prices("gap.csv", tmp_path, Reads(time_zone=CHICAGO, gaps="previous"))
    assert found.prices.tobytes() == hourly_prices("held.csv", tmp_path, Reads(time_zone=CHICAGO)).prices.tobytes()


def _cell(line: int, cell: str) -> Callable[[list[str]], list[str]]:
    """Another price in a line of the file."""
    return lambda rows: [*rows[: line - 1], f"{rows[line - 1].partition(',')[0]},{cell}", *rows[line:]]


def _as(header: str) -> Callable[[list[str]], list[str]]:
    return lambda rows: [header, *rows[1:]]


IN = Reads(time_zone=CHICAGO)


@pytest.mark.parametrize(
    ("change", "reads", "said", "key"),
    [
        (list, Reads("price"), "has no column price", "column"),
        (list, Reads(time_zone="Texas"), "there is no time zone Texas", "time_zone"),
        (list, Reads(), "has no whole January: its hours are 2023-01-01 06:00", "hourly"),
        (lambda rows: rows[:7400], IN, "has no whole November", "hourly"),
        (lambda rows: [*rows[:50], *rows[51:]], IN, "year.csv line 51, column hour_beginning: .* missing", "hourly"),
        (lambda rows: [*rows[:50], rows[49], *rows[50:]], IN, "line 51.* there twice", "hourly"),
        (_cell(10, "n/a"), Reads(), "line 10, column usd_per_mwh", "hourly"),
        (_cell(10, ""), Reads(), "the cell is empty", "hourly"),
        (_cell(10, "1_0"), Reads(), "is not a number", "hourly"),
        (_cell(10, "99999"), Reads(), "is 99999", "hourly"),
        (list, Reads(unit="usd_per_kwh"), "column usd_per_mwh: usd_per_kwh is", "hourly"),
        (lambda rows: [rows[0], *map(_by_kwh, rows[1:])], Reads(), "the mean price of usd_per_mwh is 0.0", "column"),
        (
            lambda rows: [rows[0], *(f"{row.partition(',')[0]},15" for row in rows[1:])],
            Reads(unit="usd_per_kwh"),
            "the mean price of usd_per_mwh is 15 USD per kWh",
            "column",
        ),
        (_as("time,cad_per_mwh"), Reads("cad_per_mwh"), "is in CAD", "column"),
        (_as("time,LMP"), Reads("LMP"), "the unit of LMP is not said", "column"),
        (_as("time,LMP"), Reads(), "which column holds the prices is not said", "hourly"),
        (lambda rows: ["usd_per_mwh", *("30" for _ in rows[4:])], Reads(), "has 8,757 rows and no times", "hourly"),
        (lambda rows: ["date,usd_per_mwh", *("x,30" for _ in rows[1:])], Reads(), "column date: .x", "hourly"),
    ],
)
def test_what_is_wrong_is_refused_with_its_line(
    change: Callable[[list[str]], list[str]], reads: Reads, said: str, key: str, lines: list[str], tmp_path: Path
) -> None:
    (tmp_path / "year.csv").write_text("\n".join(change(lines)))
    with pytest.raises(BadCsvError, match=said) as caught:
        hourly_prices("year.csv", tmp_path, reads)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("change", "advised"),
    [
        (lambda rows: [row.replace(",", ";") for row in rows], 'cells are parted by ";"; save it with commas instead'),
        (lambda rows: [row.replace(",", ";").replace(".", ",") for row in rows], 'parted by ";"; save it with commas'),
        (lambda rows: [*rows[:50], *rows[51:]], "hold the price before$"),
        (lambda rows: [row.replace("Z", "") for row in [*rows[:50], *rows[51:]]], "need time_zone: its name$"),
    ],
)
def test_advice_is_on_what_is_wrong(
    change: Callable[[list[str]], list[str]], advised: str, lines: list[str], tmp_path: Path
) -> None:
    """Semicolons, with points or commas in the numbers, and a clock of which it is not said where it stands."""
    (tmp_path / "year.csv").write_text("\n".join(change(lines)))
    with pytest.raises(BadCsvError) as caught:
        hourly_prices("year.csv", tmp_path, Reads())
    assert re.search(advised, caught.value.help)
