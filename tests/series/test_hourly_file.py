"""Which file is read, whether it has to be, and that its hours are the same bit by bit whatever was kept of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from minecalc.series import hourly_file, hourly_table, kept_hours
from minecalc.series.csv_table import BadCsvError
from minecalc.series.hourly_file import Reads, hourly_prices
from minecalc.series.sorted_hours import SortedHours
from tests.made_up_hours import hours_of, written

CHICAGO = "America/Chicago"
IN = Reads(time_zone=CHICAGO)
YEAR = hours_of([2023], CHICAGO, 1)

Read = Callable[..., SortedHours]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("MINECALC_CACHE", str(folder))
    return folder


@pytest.fixture
def anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Read a file as a command does that has just begun; ``unread``: or fail where it has to be read."""

    def read(file: str, reads: Reads = IN, *, unread: bool = False) -> SortedHours:
        with monkeypatch.context() as patch:
            patch.setattr(hourly_file, "_known", {})
            if unread:
                patch.delattr(hourly_table, "read")
            return hourly_prices(file, tmp_path, reads)

    return read


def bits(hours: SortedHours) -> tuple[object, ...]:
    """All that is known of hours."""
    sums = (hours.prices, hours.weights, hours.share_until, hours.paid_until)
    return hours.key, hours.name, hours.months, hours.bounds, *(each.tobytes() for each in sums)


def test_hours_are_the_same_whether_they_are_read_or_were_kept(
    anew: Read, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(YEAR, tmp_path / "year.csv")
    monkeypatch.setenv("MINECALC_CACHE", "off")
    wanted = bits(anew("year.csv"))
    assert not cache.exists()
    monkeypatch.setenv("MINECALC_CACHE", str(cache))
    assert bits(anew("year.csv")) == wanted
    assert bits(anew("year.csv", unread=True)) == wanted
    (entry,) = cache.iterdir()
    whole = entry.read_bytes()
    for wrong in (b"", b"x", whole[:-8], whole[:-1] + bytes([whole[-1] ^ 1]), whole + whole):
        entry.write_bytes(wrong)
        assert bits(anew("year.csv")) == wanted
        assert entry.read_bytes() == whole, "what is wrong is replaced"


def test_years_and_a_year_without_a_date_come_back(anew: Read, cache: Path, tmp_path: Path) -> None:
    written(hours_of([2023, 2024], CHICAGO, 2), tmp_path / "two.csv")
    (tmp_path / "undated.csv").write_text("usd_per_mwh\n" + "\n".join(["30", "-2.5"] * 4380))
    for file in ("two.csv", "undated.csv"):
        assert bits(anew(file)) == bits(anew(file, unread=True))
    assert len([*cache.iterdir()]) == 2


def test_another_content_or_another_reading_is_read(anew: Read, cache: Path, tmp_path: Path) -> None:
    file = written(YEAR, tmp_path / "year.csv")
    first = anew("year.csv")
    assert anew("year.csv", IN._replace(unit="usd_per_mwh")).key != first.key
    assert anew("year.csv", IN._replace(gaps="previous")).key != first.key
    assert anew("year.csv", Reads("usd_per_mwh", time_zone="Etc/GMT+6")).months == first.months
    assert anew("year.csv", IN._replace(time_zone="Etc/GMT+6")).bounds != first.bounds
    file.write_text(file.read_text().replace(",30", ",31"))
    assert anew("year.csv").prices.tobytes() != first.prices.tobytes()
    assert len([*cache.iterdir()]) == 6
    (tmp_path / "year.parquet").write_bytes(file.read_bytes())
    with pytest.raises(BadCsvError, match="is no Parquet file"):
        anew("year.parquet")


@pytest.mark.usefixtures("cache")
def test_a_file_is_known_by_its_own_name(anew: Read, tmp_path: Path) -> None:
    for name in ("year.csv", "copy.csv"):
        written(YEAR, tmp_path / name)
    assert hourly_prices("year.csv", tmp_path, IN) is hourly_prices("year.csv", tmp_path, IN), "what was read is known"
    assert hourly_prices("copy.csv", tmp_path, IN) == hourly_prices("year.csv", tmp_path, IN)
    assert [hourly_prices(name, tmp_path, IN).name for name in ("copy.csv", "year.csv")] == ["copy.csv", "year.csv"]
    assert [anew(name).name for name in ("year.csv", "copy.csv")] == ["year.csv", "copy.csv"]


def test_a_fault_is_told_each_time_and_nothing_is_kept(anew: Read, cache: Path, tmp_path: Path) -> None:
    file = written(YEAR, tmp_path / "year.csv")
    file.write_text(file.read_text().replace("T09:00Z,", "T09:00Z,x", 1))
    for _ in range(2):
        with pytest.raises(BadCsvError, match=r"year\.csv line 5, column usd_per_mwh"):
            anew("year.csv")
    with pytest.raises(BadCsvError, match="there is no time zone Texas"):
        anew("year.csv", Reads(time_zone="Texas"))
    assert not cache.exists()


def test_other_rules_of_a_zone_read_anew(
    anew: Read, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clocks = ((at.astimezone(ZoneInfo(CHICAGO)), price) for at, price in YEAR)
    rows = (f"{clock:%m/%d/%Y},{clock.hour + 1:02}:00,HB,{price}" for clock, price in clocks)
    header = "Delivery Date,Hour Ending,Settlement Point,Settlement Point Price\n"
    (tmp_path / "ercot.csv").write_text(header + "\n".join(rows))
    for reads in (Reads(), Reads(time_zone="Etc/GMT+6")):  # the market's own clock, and through it another
        wanted = bits(anew("ercot.csv", reads))
        assert bits(anew("ercot.csv", reads, unread=True)) == wanted
        with monkeypatch.context() as patch:
            patch.setattr(kept_hours, "_data", lambda zone: zone.replace("Chicago", "Illinois").encode())
            anew("ercot.csv", reads)
            patch.setattr(kept_hours, "_data", str.encode)
            with pytest.raises(ImportError):
                anew("ercot.csv", reads, unread=True)
    assert len([*cache.iterdir()]) == 2


def test_files_outside_the_folder_and_those_that_are_none_are_refused(tmp_path: Path) -> None:
    written(YEAR, tmp_path / "year.csv")
    (tmp_path / "in").mkdir()
    with pytest.raises(BadCsvError, match="outside the scenario's folder"):
        hourly_prices("../year.csv", tmp_path / "in", Reads(), confined=True)
    with pytest.raises(BadCsvError, match="there is no file"):
        hourly_prices("no.csv", tmp_path, Reads())
    (tmp_path / "no.parquet").write_text("hello")
    with pytest.raises(BadCsvError, match=r"no\.parquet is no Parquet file"):
        hourly_prices("no.parquet", tmp_path, Reads())
