"""The rows of an hourly file in time: offsets, local clocks through daylight saving, quarter hours, what is wrong."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from minecalc.series.hour_stamps import BadStampError, clock_text, hours, stamps, whole_months, zone
from minecalc.timeline import parse_month

CHICAGO = zone("America/Chicago")


def clocks(cells: list[str], *, fill: bool = False, local: bool = True) -> list[str]:
    found = hours(stamps(cells, CHICAGO if local else None), fill=fill)
    return [clock_text(clock)[len("2023-") :] for clock in found.clocks]


def test_stamps_with_an_offset_are_instants_on_the_clock_of_the_zone() -> None:
    spring = [f"2023-03-12T{hour:02}:00Z" for hour in range(6, 10)]
    assert clocks(spring) == ["03-12 00:00", "03-12 01:00", "03-12 03:00", "03-12 04:00"]
    assert clocks(spring, local=False) == ["03-12 06:00", "03-12 07:00", "03-12 08:00", "03-12 09:00"]
    ends = ["2023-03-12T01:00:00-06:00", "2023-03-12T03:00:00-05:00"]
    assert clocks(ends, local=False) == ["03-12 01:00", "03-12 03:00"], "the clock that the offsets show"


def test_a_local_clock_skips_an_hour_and_repeats_one() -> None:
    assert clocks(["2023-03-12 00:00", "2023-03-12 01:00", "2023-03-12 03:00"])[-1] == "03-12 03:00"
    autumn = [f"2023-11-05 {hour:02}:00" for hour in (0, 1, 1, 2, 3)]
    assert np.diff(stamps(autumn, CHICAGO).seconds).tolist() == [3600] * 4
    quarters = [f"2023-11-05 {hour:02}:{minute:02}" for hour in (0, 1, 1, 2) for minute in (0, 15, 30, 45)]
    assert clocks(quarters) == ["11-05 00:00", "11-05 01:00", "11-05 01:00", "11-05 02:00"]


def test_rows_within_an_hour_are_its_rows() -> None:
    halves = [f"2023-01-01 {hour:02}:{minute}" for hour in range(3) for minute in ("00", "30")]
    assert hours(stamps(halves, None), fill=False).rows.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_a_gap_is_filled_with_the_rows_before_where_that_is_asked() -> None:
    cells = [f"2023-01-01 {hour:02}:00" for hour in (0, 1, 2, 5, 6)]
    found = hours(stamps(cells, None), fill=True)
    assert found.clocks.tolist() == [datetime(2023, 1, 1, hour) for hour in range(7)]
    assert found.rows.tolist() == [[0], [1], [2], [2], [2], [3], [4]]


@pytest.mark.parametrize(
    ("cells", "row", "said"),
    [
        (["2023-01-01 00:00", "soon"], 1, "soon. is no date"),
        (["2023-03-12 02:00", "soon"], 0, "2023-03-12 02:00 does not exist in America/Chicago"),
        (["0001-01-01 00:00", "9999-12-31T23:00Z", "soon"], 2, "soon. is no date"),
        (["2023-03-12 01:00", "2023-03-12 02:00"], 1, "2023-03-12 02:00 does not exist in America/Chicago"),
        ([f"2023-01-01 {h:02}:00" for h in (0, 1, 2, 4)], 3, "2023-01-01 03:00 is missing$"),
        ([f"2023-01-01 {h:02}:00" for h in (0, 1, 2, 6)], 3, "2023-01-01 03:00 is missing, and 2 more"),
        (
            [f"2023-11-05 {h:02}:00" for h in (0, 1, 2, 3)],
            2,
            "2023-11-05 02:00 is 2 hours after the row before: the clock shows an hour twice",
        ),
        ([f"2023-01-01 {h:02}:00" for h in (0, 1, 2, 2)], 3, "2023-01-01 02:00 is there twice"),
        ([f"2023-01-01 {h:02}:00" for h in (0, 1, 2, 0)], 3, "2023-01-01 00:00 stands after 2023-01-01 02:00"),
        ([f"2023-01-{d:02}" for d in (1, 2, 3)], 1, "the rows are 24 hours apart"),
        ([f"2023-01-01 {m // 60:02}:{m % 60:02}" for m in range(0, 180, 45)], 1, "the rows are 2700 seconds apart"),
        ([f"2023-01-01 {h:02}:30" for h in (0, 1, 2)], 0, "2023-01-01 00:30 is no full hour"),
        ([f"2023-01-01 00:{m:02}" for m in (0, 15, 30)], 2, "the last hour has 3 of its 4 rows"),
        ([f"2023-01-01 {t}" for t in ("00:00", "01:00", "02:00", "03:20")], 3, "80 minutes after the row before"),
    ],
)
def test_what_is_wrong_is_told_of_its_row(cells: list[str], row: int, said: str) -> None:
    with pytest.raises(BadStampError, match=said) as caught:
        hours(stamps(cells, CHICAGO), fill=False)
    assert caught.value.row == row


def test_whole_months_are_those_with_their_first_and_last_hour() -> None:
    clocks = np.arange("2023-01-01T05", "2023-03-01T01", dtype="datetime64[h]")
    assert whole_months(clocks) == {parse_month("2023-02"): slice(739, 739 + 672)}


def test_zones_by_name() -> None:
    assert zone("America/Chicago") is not None
    assert zone("Chicago") is None
    assert zone("../etc") is None
