"""Instants and clock times as rows write them, in ISO 8601: what the clock shows, and how far it is ahead of UTC.

Rows that write alike (``2027-01-01T00:00``, with seconds or without, and an offset) are read all at once from their
digits; others one by one.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from minecalc.units import MONTHS_PER_YEAR

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO, _ONES = ord("0"), 10
#: Where a stamp has its parts, of two digits each: year, month, day, hour, minute, second; and how long it is.
_PARTS, _MARKS = (0, 2, 5, 8, 11, 14, 17), ((4, "-"), (7, "-"), (13, ":"), (16, ":"))
_BETWEEN, _TO_MINUTE, _TO_SECOND = 10, 16, 19


class Written(NamedTuple):
    """What rows say, ``(rows,)`` each: seconds from 1970 on the clock that they show, and of it ahead of UTC.

    Where ``is_instant`` is false no offset is written.
    """

    clocks: NDArray[np.int64]
    ahead: NDArray[np.int64]
    is_instant: NDArray[np.bool_]


def written(cells: Sequence[str]) -> Written:
    """What the rows say, up to the first that is no stamp."""
    found = _alike(cells)
    return _one_by_one(cells) if found is None else found


def _one_by_one(cells: Sequence[str]) -> Written:
    moments = list[datetime]()
    for cell in cells:
        try:
            moments.append(datetime.fromisoformat(cell))
        except ValueError:
            break
    shown = [at.toordinal() * _DAY + at.hour * _HOUR + at.minute * _MINUTE + at.second for at in moments]
    clocks = np.array(shown, dtype=np.int64) - _EPOCH.toordinal() * _DAY
    of_each = {at.tzinfo: _ahead(at) for at in moments}  # one of each offset, of which there are few
    ahead = np.array([of_each[at.tzinfo] for at in moments], dtype=np.int64)
    return Written(clocks, ahead, np.array([at.tzinfo is not None for at in moments], dtype=np.bool_))


def _ahead(at: datetime) -> int:
    return (at.utcoffset() or timedelta()) // timedelta(seconds=1)


def _alike(cells: Sequence[str]) -> Written | None:
    """What rows of equal length say that have their digits in the same places; None if one does not or is wrong."""
    text, rows, length = "\n".join(cells) + "\n", len(cells), len(cells[0]) if cells else 0
    if not text.isascii() or len(text) != rows * (length + 1) or length < _TO_MINUTE:
        return None
    grid = np.frombuffer(text.encode(), dtype=np.uint8).reshape(rows, length + 1).T
    ends = _TO_SECOND if length >= _TO_SECOND and grid[_TO_MINUTE, 0] == ord(":") else _TO_MINUTE
    marks = [(at, mark) for at, mark in _MARKS if at < ends]
    if not all((grid[at] == ord(mark)).all() for at, mark in (*marks, (length, "\n"))):
        return None
    if not ((grid[_BETWEEN] == ord("T")) | (grid[_BETWEEN] == ord(" "))).all():
        return None
    tens, ones = (grid[[at + place for at in _PARTS if at < ends]] - _ZERO for place in (0, 1))
    if not ((tens < _ONES) & (ones < _ONES)).all():
        return None
    century, of_century, month, day, hour, minute, *seconds = (tens * _ONES + ones).astype(np.int64)
    second = seconds[0] if seconds else np.zeros_like(minute)
    months = (century * 100 + of_century - 1970) * MONTHS_PER_YEAR + month - 1
    begins, after = (each.astype("datetime64[M]").astype("datetime64[D]").astype(int) for each in (months, months + 1))
    in_range = (month >= 1) & (month <= MONTHS_PER_YEAR) & (day >= 1) & (day <= after - begins)
    in_range &= (century + of_century > 0) & (hour < 24) & (minute < 60) & (second < 60)
    is_same = (grid[ends:] == grid[ends:, :1]).all()
    offsets = _offsets([cell[ends:] for cell in (cells[:1] if is_same else cells)], ends) if in_range.all() else None
    if offsets is None:
        return None
    clocks = (begins + day - 1) * _DAY + hour * _HOUR + minute * _MINUTE + second
    ahead, is_instant = offsets
    return Written(clocks, np.broadcast_to(ahead, rows).copy(), np.broadcast_to(is_instant, rows).copy())


def _offsets(after: Sequence[str], ends: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]] | None:
    """How far ahead of UTC rows are by what stands ``after`` place ``ends``, and where it is an offset; None if not."""
    try:
        of_each = {end: datetime.fromisoformat("2000-01-01T00:00:00"[:ends] + end) for end in set(after)}
    except ValueError:
        return None
    if any(end.startswith(":") for end in of_each):  # seconds of some rows
        return None
    ahead = np.array([_ahead(of_each[end]) for end in after], dtype=np.int64)
    return ahead, np.array([of_each[end].tzinfo is not None for end in after], dtype=np.bool_)
