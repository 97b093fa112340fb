"""Sorted hours kept for the next command: months, prices and the time zones by whose rules they were read.

Prices are eight bytes each, so that they come back bit by bit. Where the rules that the machine has of a zone are no
longer the same, hours may belong to other months, and nothing is kept of them.
"""

import hashlib
import struct
import zoneinfo
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from minecalc.files.kept import keep, kept
from minecalc.series.sorted_hours import MonthOfFile, SortedHours

#: How many months there are, bytes of the zones' names, and a digest of their rules; names, months and prices follow.
_HEAD = struct.Struct("<II32s")
#: A month: year (-1 without one), month, days, and where its prices end.
_MONTH, _PRICE = np.dtype("<i4"), np.dtype("<f8")
_NO_YEAR, _BETWEEN = -1, "\n"


def keep_hours(hours: SortedHours, time_zones: Sequence[str]) -> None:
    """Keep hours, each price of one hour, that were read by the rules of these zones."""
    names = _BETWEEN.join(time_zones).encode()
    months = [
        (_NO_YEAR if month.year is None else month.year, month.month, month.days, end)
        for month, end in zip(hours.months, hours.bounds[1:], strict=True)
    ]
    head = _HEAD.pack(len(months), len(names), _rules(time_zones))
    keep(hours.key, head + names + np.array(months, _MONTH).tobytes() + hours.prices.astype(_PRICE).tobytes())


def kept_hours(key: str, name: str) -> SortedHours | None:
    """The hours that were kept under ``key``, called ``name``; None if there are none that still hold."""
    held = kept(key)
    if held is None:
        return None
    count, length, rules = _HEAD.unpack_from(held)
    at = _HEAD.size + length
    names = held[_HEAD.size : at].decode()
    if rules != _rules(names.split(_BETWEEN) if names else ()):
        return None
    rows = np.frombuffer(held, _MONTH, 4 * count, at)
    prices = np.frombuffer(held, _PRICE, offset=at + rows.nbytes).astype(np.float64)[:, None]
    years, of_year, days, ends = rows.reshape(count, 4).T.tolist()
    given = [None if year == _NO_YEAR else year for year in years]
    months, bounds = tuple(map(MonthOfFile, given, of_year, days)), (0, *ends)
    return SortedHours(key, name, months, bounds, prices, np.ones_like(prices))


def _rules(time_zones: Sequence[str]) -> bytes:
    """A digest of what this machine knows of time zones."""
    return hashlib.sha256(b"".join(map(_data, time_zones))).digest()


def _data(time_zone: str) -> bytes:
    """The file of a time zone, from where Python has it."""
    for folder in zoneinfo.TZPATH:
        with suppress(OSError):
            return Path(folder, time_zone).read_bytes()
    from importlib.resources import files

    with suppress(OSError, ImportError):
        return files("tzdata").joinpath("zoneinfo", time_zone).read_bytes()
    return b""
