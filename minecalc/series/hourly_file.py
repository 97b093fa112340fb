"""A year or more of hourly prices of power from a CSV or Parquet file, each calendar month sorted by price.

A column holds prices, another the times at which their hours begin; a file of 8,760 or 8,784 rows may leave these out,
and is then a year from the first of January. Of quarter hours the mean is taken. What is missing, there twice, in
another unit or of another currency is refused with its line. What a market exports is read as it is.

What was read without a fault is kept for the next command, under a hash of what the file held and of all by which it
was read.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

from minecalc.series.csv_table import Holds, content, located
from minecalc.series.kept_hours import keep_hours, kept_hours
from minecalc.series.sorted_hours import SortedHours
from minecalc.units import KWH_PER_MWH
from minecalc.version import VERSION

#: The units of a column of prices, and how many of each make a USD per kWh.
UNITS = {"usd_per_kwh": 1.0, "usd_per_mwh": KWH_PER_MWH}
#: What ``gaps`` may say: a missing hour has the price of the one before.
PREVIOUS = "previous"

_HOURS = Holds("hourly", "an hour", "an hour", 40_000_000, 500_000, "ten years of quarter hours are enough")
#: To be counted up by who changes what is read in a file; a version of its own reads anew too.
_READING = 1

#: Files that were read lately, by a hash of what they held and of how they were read.
_known: dict[str, SortedHours] = {}
_KNOWN_MOST = 32


class Reads(NamedTuple):
    """How a file is read: the column of prices and its unit, None for those that it says itself, zone and gaps."""

    column: str | None = None
    unit: str | None = None
    time_zone: str | None = None
    gaps: str | None = None


def hourly_prices(file: str, folder: Path, reads: Reads, *, confined: bool = False) -> SortedHours:
    """The prices of ``file``, looked up from ``folder``, by month; BadCsvError says what is wrong with them.

    ``confined``: only files inside ``folder`` are read, wherever links lead.
    """
    data = content(file, located(file, folder, _HOURS, confined=confined), _HOURS)
    is_parquet = file.casefold().endswith(".parquet")
    hashed = hashlib.sha256(repr((VERSION, _READING, is_parquet, *reads)).encode())
    hashed.update(data)
    key = hashed.hexdigest()
    found = _known.get(key) or kept_hours(key, file)
    if found is None:
        from minecalc.series.hourly_table import read

        curves, time_zones = read(file, data, reads, _HOURS, is_parquet=is_parquet)
        found = SortedHours.of(key, file, curves)
        keep_hours(found, time_zones)
    if key not in _known and len(_known) >= _KNOWN_MOST:
        _known.pop(next(iter(_known)))
    _known[key] = found
    return found if found.name == file else found.called(file)
