"""Instants of the rows of an hourly file: each as an hour on the clock of its market, whatever daylight saving does.

A stamp with an offset (``2027-01-01T06:00Z``) is an instant by itself. One without is a local time of the file's zone,
the repeated hour of autumn by the order of its rows, or UTC where no zone is named. Rows stand in order, evenly apart.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from minecalc.schema.diagnostics import shown
from minecalc.series.stamp_text import written
from minecalc.units import MONTHS_PER_YEAR

_HOUR, _DAY = 3600, 86400
_EPOCH, _MONTHS_BEFORE_1970 = datetime(1970, 1, 1, tzinfo=UTC), 1970 * MONTHS_PER_YEAR
_UNZONED = "; stamps of a clock that is put forward and back need time_zone: its name"
#: Zones are not asked for instants beyond these (2 and 9999 AD): their clocks may have no date for them.
_FIRST, _LAST = (round((datetime(year, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds()) for year in (2, 9999))

Seconds = NDArray[np.int64]
Clocks = NDArray[np.datetime64]


class BadStampError(ValueError):
    """A row's time is wrong: its place among the rows (from 0), the message, and what to do."""

    def __init__(self, row: int, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.row, self.message, self.help = row, message, advice


class Stamps(NamedTuple):
    """The times of rows: seconds since 1970 (UTC), and what the clock of the market shows, ``(rows,)`` both."""

    seconds: Seconds
    clocks: Clocks


class Hours(NamedTuple):
    """Whole hours, one after the other: what the clock shows as each begins ``(hours,)``, and the rows that it has.

    ``rows`` is ``(hours, ·)``, as many in each.
    """

    clocks: Clocks
    rows: NDArray[np.intp]


def zone(name: str) -> ZoneInfo | None:
    """The time zone of that name; None if there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a name with ".." or of a folder; ZoneInfoNotFoundError is a KeyError
        return None


def clock_text(clock: np.datetime64) -> str:
    """What a clock shows, to the minute: ``2027-01-01 00:00``."""
    return str(clock.astype("datetime64[m]")).replace("T", " ")


def stamps(cells: Sequence[str], local: tzinfo | None, *, utc: bool = False) -> Stamps:
    """The times of rows, read in order; BadStampError for the first that is none.

    ``local`` is the zone of the clock; ``utc``: stamps without an offset are UTC even so, as their column's name says.
    """
    clocks, ahead, is_instant = written(cells)
    seconds = clocks - ahead
    if local is not None:
        is_instant |= utc
        clocks = np.where(is_instant, seconds, clocks)
        clocks[is_instant] += _offsets(seconds[is_instant], local)
        _place(seconds, np.flatnonzero(~is_instant), local)
    if len(clocks) < len(cells):
        message = f"{shown(cells[len(clocks)])} is no date with its hour"
        raise BadStampError(len(clocks), message, "write 2027-01-01T00:00, with Z or an offset if it is not local")
    return Stamps(seconds, clocks.astype("datetime64[s]"))


def _offsets(seconds: Seconds, local: tzinfo, fold: int | None = None) -> Seconds:
    """By how much a zone's clock is ahead of UTC at instants, or where it shows ``seconds`` for the ``fold``-th time.

    Looked up for the days: a zone that has the same offset as a day begins and as it ends has it all day.
    """

    @cache
    def offset(second: int) -> int:
        at = _EPOCH + timedelta(seconds=min(max(second, _FIRST), _LAST))
        ahead = (at.astimezone(local) if fold is None else at.replace(tzinfo=local, fold=fold)).utcoffset()
        return 0 if ahead is None else ahead // timedelta(seconds=1)

    days, day = np.unique(seconds // _DAY, return_inverse=True)
    begins, ends = (np.array([offset(at * _DAY) for at in edges.tolist()], dtype=int) for edges in (days, days + 1))
    found = begins[day]
    for row in np.flatnonzero((begins != ends)[day]):
        found[row] = offset(int(seconds[row]))
    return found


def _place(seconds: Seconds, rows: NDArray[np.intp], local: tzinfo) -> None:
    """Turn what a local clock shows in these rows into instants, in place.

    Of an hour that it shows twice it is the first, if that is after the row before.
    """
    clocks = seconds[rows]
    first, second = (clocks - _offsets(clocks, local, fold) for fold in (0, 1))
    jumped = np.flatnonzero(second < first)
    if jumped.size:
        row, clock = int(rows[jumped[0]]), clock_text(clocks[jumped[0]].astype("datetime64[s]"))
        message = f"{clock} does not exist in {local}: the clock is put forward for daylight saving"
        advice = "leave that hour out, or name the zone of the file's clock, such as Etc/GMT+6"
        raise BadStampError(row, message, advice)
    seconds[rows] = first
    for place in np.flatnonzero(second > first):
        row = rows[place]
        if row and seconds[row] <= seconds[row - 1]:
            seconds[row] = second[place]


def hours(found: Stamps, *, fill: bool, zoned: bool = True) -> Hours:
    """The rows in whole hours; BadStampError for a row that is missing, there twice or out of order.

    ``fill``: a missing hour has the rows of the one before. ``zoned``: it is known on which clock the stamps are.
    """
    gaps = np.diff(found.seconds)
    step = _step(gaps)
    wrong = gaps != step
    if fill:
        wrong &= (gaps <= 0) | (gaps % step != 0)
    if wrong.any():
        raise _wrong(found, int(np.argmax(wrong)) + 1, step, "" if zoned else _UNZONED)
    rows = np.repeat(np.arange(len(found.seconds)), np.append(gaps // step, 1))
    each = _HOUR // step
    if found.clocks[0] != found.clocks[0].astype("datetime64[h]"):
        message = f"{clock_text(found.clocks[0])} is no full hour"
        raise BadStampError(0, message, "begin with a full hour; stamps are those at which an hour begins")
    if len(rows) % each:
        message = f"the last hour has {len(rows) % each} of its {each} rows"
        raise BadStampError(len(found.seconds) - 1, message, "end with a whole hour")
    of_hours = rows.reshape(-1, each)
    begins = of_hours[:, 0]
    held = found.seconds[0] + np.arange(len(begins)) * _HOUR - found.seconds[begins]
    return Hours(found.clocks[begins] + held.astype("timedelta64[s]"), of_hours)


def _step(gaps: Seconds) -> int:
    """Seconds from row to row: those that most rows are apart."""
    if gaps.size and (gaps == gaps[0]).all():
        step = int(gaps[0])
    else:
        step = max(Counter(gaps.tolist()).items(), key=lambda gap: gap[1], default=(0, 0))[0]
    if step > _HOUR or (step > 0 and _HOUR % step):
        apart = f"{step / _HOUR:g} hours" if step > _HOUR else f"{step} seconds"
        raise BadStampError(1, f"the rows are {apart} apart", "an hourly price has a row an hour, or evenly more")
    return step if step > 0 else _HOUR


def _wrong(found: Stamps, row: int, step: int, unzoned: str) -> BadStampError:
    """That ``row`` does not follow the one before it; ``unzoned`` is advice on a clock that may be put forward."""
    gap = int(found.seconds[row] - found.seconds[row - 1])
    earlier, later = found.clocks[row - 1 : row + 1]
    clock = clock_text(later)
    if gap == 0:
        advice = "give one price an hour; only the hour that a clock repeats is there twice"
        return BadStampError(row, f"{clock} is there twice", advice + unzoned)
    if gap < 0:
        message = f"{clock} stands after {clock_text(earlier)}"
        return BadStampError(row, message, "put the rows in order, the earliest first")
    if gap % step:
        message = f"{clock} is {gap // 60} minutes after the row before"
        return BadStampError(row, message, f"the rows are {step // 60} minutes apart")
    advice = "give every hour, or gaps: previous to hold the price before"
    due = earlier + np.timedelta64(step, "s")
    if later == due:
        message = f"{clock} is {gap // _HOUR} hours after the row before: the clock shows an hour twice when put back"
        return BadStampError(row, message, f"give that hour twice; {advice.partition(', or ')[2]}")
    many = gap // step - 1
    message = f"{clock_text(due)} is missing" + (f", and {many - 1:,} more" if many > 1 else "")
    return BadStampError(row, message, advice + unzoned)


def whole_months(clocks: Clocks) -> dict[int, slice]:
    """The calendar months (since year 0) that hours in order cover from their first to their last, and where."""
    months, on_the_hour = clocks.astype("datetime64[M]"), clocks.astype("datetime64[h]")
    begins: dict[np.datetime64, int] = {}
    for place in (0, *np.flatnonzero(np.diff(months)) + 1):
        begins.setdefault(months[place], place)
    ends = [*list(begins.values())[1:], len(clocks)]
    found = {}
    for (month, begin), end in zip(begins.items(), ends, strict=True):
        first, after = (at.astype("datetime64[h]") for at in (month, month + np.timedelta64(1, "M")))
        if on_the_hour[begin] == first and on_the_hour[end - 1] == after - np.timedelta64(1, "h"):
            found[_MONTHS_BEFORE_1970 + int(month.astype(int))] = slice(begin, end)
    return found
