"""Stamps as rows write them: those of rows alike are what each is alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.series.stamp_text import written

_FORMS = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d %H:%M:%S.500", "%Y%m%dT%H%M", "%Y-%m-%d")
_ENDS = ("", "Z", "+00:00", "-06:00", "-05:00", "+05:30", ":30", ":00", ":61", ".5", "x", "\n")
_TIMES = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 30)).map(lambda at: at.replace(microsecond=0))
_CHARACTERS = st.sampled_from("0123456789-:T Zx\n٣")


@st.composite
def rows(draw: st.DrawFn) -> list[str]:
    """Rows of one form, or nearly."""
    form = draw(st.sampled_from(_FORMS))
    ends = st.sampled_from(draw(st.lists(st.sampled_from(_ENDS), min_size=1, max_size=3)))
    cells = [at.strftime(form) + draw(ends) for at in draw(st.lists(_TIMES, max_size=5))]
    if draw(st.booleans()) and cells:
        row = draw(st.integers(0, len(cells) - 1))
        place = draw(st.integers(0, len(cells[row]) - 1))
        cells[row] = cells[row][:place] + draw(_CHARACTERS) + cells[row][place + 1 :]
    return cells


def read(cells: list[str]) -> list[datetime]:
    """What Python reads in the rows up to the first that is no stamp."""
    found = list[datetime]()
    for cell in cells:
        try:
            found.append(datetime.fromisoformat(cell).replace(microsecond=0))
        except ValueError:
            break
    return found


@pytest.mark.hypothesis
@given(rows())
def test_rows_say_what_python_reads_in_each(cells: list[str]) -> None:
    wanted, found = read(cells), written(cells)
    clocks = np.array([at.replace(tzinfo=None) for at in wanted], dtype="datetime64[s]").astype(np.int64)
    assert found.clocks.tolist() == clocks.tolist()
    assert found.ahead.tolist() == [(at.utcoffset() or timedelta()).total_seconds() for at in wanted]
    assert found.is_instant.tolist() == [at.tzinfo is not None for at in wanted]


@pytest.mark.parametrize(
    "cells",
    [
        ["2023-02-28T23:00", "2023-02-29T00:00"],
        ["2023-01-01T00:00", "2023-13-01T01:00"],
        ["2023-01-01T00:00", "2023-01-00T01:00"],
        ["2023-01-01T00:00", "0000-01-01T01:00"],
        ["2023-01-01T00:00", "2023-01-01T24:01"],
        ["2023-01-01T00:00", "2023-01-01T00:60"],
        ["2023-01-01T00:00:00", "2023-01-01T00:00:60"],
        ["2023-01-01T00:00Z", "2023-01-01T01:00z"],
        ["2023-01-01T00:00+00:00", "2023-01-01T01:00+24:00"],
    ],
)
def test_a_row_that_no_calendar_or_clock_has_ends_what_is_read(cells: list[str]) -> None:
    assert len(written(cells).clocks) == len(read(cells))


def test_some_rows_may_have_seconds_where_others_have_an_offset() -> None:
    found = written(["2023-01-01T00:00-06", "2023-01-01T00:00:30"])
    assert np.diff(found.clocks).tolist() == [30]
    assert found.is_instant.tolist() == [True, False]
    assert datetime.fromtimestamp(int(found.clocks[0] - found.ahead[0]), UTC).hour == 6
