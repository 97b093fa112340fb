"""Instants of the rows of an hourly file: each as an hour on the clock of its market, whatever daylight saving does.

A stamp with an offset (``2027-01-01T06:00Z``) is an instant by itself. One without is a local time of the file's zone,
the repeated hour of autumn by the order of its rows, or UTC where no zone is named. Rows stand in order, evenly apart.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple

from minecalc.schema.diagnostics import shown

_HOUR = 3600
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadStampError(ValueError):
    """A row's time is wrong: its place among the rows (from 0), the message, and what to do."""

    def __init__(self, row: int, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.row, self.message, self.help = row, message, advice


class Stamp(NamedTuple):
    """One row's time: seconds since 1970 (UTC), and what the clock of the market shows."""

    seconds: int
    clock: datetime


class Hours(NamedTuple):
    """Whole hours, one after the other: what the clock shows at the start of each, and the rows that it has."""

    clocks: Sequence[datetime]
    rows: Sequence[Sequence[int]]


def zone(name: str) -> tzinfo | None:
    """The time zone of that name; None if there is none."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a name with ".." or of a folder; ZoneInfoNotFoundError is a KeyError
        return None


def zone_names() -> Sequence[str]:
    """The names of all time zones."""
    from zoneinfo import available_timezones

    return sorted(available_timezones())


def stamps(cells: Sequence[str], local: tzinfo | None, *, utc: bool = False) -> list[Stamp]:
    """The times of rows, read in order; BadStampError for the first that is none.

    ``local`` is the zone of the clock; ``utc``: stamps without an offset are UTC even so, as their column's name says.
    """
    found = list[Stamp]()
    for row, cell in enumerate(cells):
        try:
            moment = datetime.fromisoformat(cell)
        except ValueError:
            message = f"{shown(cell)} is no date with its hour"
            raise BadStampError(
                row, message, "write 2027-01-01T00:00, with Z or an offset if it is not local"
            ) from None
        if moment.tzinfo is None and local is not None and not utc:
            found.append(_local(row, moment, local, found[-1].seconds if found else None))
            continue
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        clock = moment if local is None else moment.astimezone(local)
        found.append(Stamp(_seconds(moment), clock.replace(tzinfo=None)))
    return found


def _seconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)


def _local(row: int, clock: datetime, local: tzinfo, before: int | None) -> Stamp:
    """A stamp without an offset: the first of an hour that the clock shows twice, if that is after ``before``."""
    first = _seconds(clock.replace(tzinfo=local))
    second = _seconds(clock.replace(tzinfo=local, fold=1))
    if second < first:  # the clock jumps over it
        message = f"{clock:%Y-%m-%d %H:%M} does not exist in {local}: the clock is put forward for daylight saving"
        raise BadStampError(
            row, message, "leave that hour out, or name the zone of the file's clock, such as Etc/GMT+6"
        )
    return Stamp(second if before is not None and first <= before else first, clock)


def hours(found: Sequence[Stamp], *, fill: bool) -> Hours:
    """The rows in whole hours; BadStampError for a row that is missing, there twice or out of order.

    ``fill``: a missing hour has the rows of the one before.
    """
    step = _step(found)
    seconds, places = [found[0].seconds], [0]
    for row, (earlier, stamp) in enumerate(pairwise(found), 1):
        gap = stamp.seconds - earlier.seconds
        if gap == 0:
            first = f"{stamp.clock:%Y-%m-%d %H:%M} is there twice"
            raise BadStampError(row, first, "give one price an hour; only the hour that a clock repeats is there twice")
        if gap < 0:
            raise BadStampError(row, f"{stamp.clock:%Y-%m-%d %H:%M} stands after {earlier.clock:%Y-%m-%d %H:%M}",
                                "put the rows in order, the earliest first")  # fmt: skip
        if gap != step and (gap % step or not fill):
            raise _missing(row, earlier, stamp, step)
        for held in range(1, gap // step):
            seconds.append(earlier.seconds + held * step)
            places.append(row - 1)
        seconds.append(stamp.seconds)
        places.append(row)
    return _in_hours(found, seconds, places, step)


def _missing(row: int, earlier: Stamp, stamp: Stamp, step: int) -> BadStampError:
    """That ``row`` does not follow the one before it."""
    gap, clock = stamp.seconds - earlier.seconds, f"{stamp.clock:%Y-%m-%d %H:%M}"
    if gap % step:
        message = f"{clock} is {gap // 60} minutes after the row before"
        return BadStampError(row, message, f"the rows are {step // 60} minutes apart")
    advice = "give every hour, or gaps: previous to hold the price before"
    if stamp.clock - earlier.clock == timedelta(seconds=step):
        message = f"{clock} is {gap // _HOUR} hours after the row before: the clock shows an hour twice when put back"
        return BadStampError(row, message, f"give that hour twice; {advice.partition(', or ')[2]}")
    first, many = earlier.clock + timedelta(seconds=step), gap // step - 1
    message = f"{first:%Y-%m-%d %H:%M} is missing" + (f", and {many - 1:,} more" if many > 1 else "")
    return BadStampError(row, message, advice)


def _step(found: Sequence[Stamp]) -> int:
    """Seconds from row to row: those that most rows are apart."""
    gaps: dict[int, int] = {}
    for earlier, stamp in pairwise(found):
        gap = stamp.seconds - earlier.seconds
        gaps[gap] = gaps.get(gap, 0) + 1
    step = max(gaps, key=lambda gap: gaps[gap], default=0)
    if step > _HOUR or (step > 0 and _HOUR % step):
        apart = f"{step / _HOUR:g} hours" if step > _HOUR else f"{step} seconds"
        raise BadStampError(1, f"the rows are {apart} apart", "an hourly price has a row an hour, or evenly more")
    return step if step > 0 else _HOUR


def _in_hours(found: Sequence[Stamp], seconds: Sequence[int], places: Sequence[int], step: int) -> Hours:
    """Rows of ``step`` seconds, none missing, as whole hours."""
    each = _HOUR // step
    if found[0].clock.minute or found[0].clock.second:
        message = f"{found[0].clock:%Y-%m-%d %H:%M} is no full hour"
        raise BadStampError(0, message, "begin with a full hour; stamps are those at which an hour begins")
    if len(seconds) % each:
        message = f"the last hour has {len(seconds) % each} of its {each} rows"
        raise BadStampError(len(found) - 1, message, "end with a whole hour")
    clocks = list[datetime]()
    for place in range(0, len(seconds), each):
        since = seconds[place] - found[places[place]].seconds  # of an hour that is held
        clocks.append(found[places[place]].clock + timedelta(seconds=since))
    rows = [places[place : place + each] for place in range(0, len(seconds), each)]
    return Hours(clocks, rows)


def whole_months(clocks: Sequence[datetime]) -> dict[tuple[int, int], slice]:
    """The calendar months, year and 1 to 12, that hours in order cover from their first to their last, and where."""
    begins: dict[tuple[int, int], int] = {}
    for place, clock in enumerate(clocks):
        begins.setdefault((clock.year, clock.month), place)
    ends = [*list(begins.values())[1:], len(clocks)]
    found = {}
    for (month, begin), end in zip(begins.items(), ends, strict=True):
        first, last = clocks[begin], clocks[end - 1]
        if first.day == 1 and first.hour == 0 and last.hour == 23 and last.day == calendar.monthrange(*month)[1]:
            found[month] = slice(begin, end)
    return found
