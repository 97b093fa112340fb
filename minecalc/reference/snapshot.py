"""What inputs are worth if a file leaves them out, and their published ranges: ``defaults.csv``, ``ranges.csv``."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypedDict

from minecalc.reference.records import TABLES, Date, Grade, Record, read_catalogue


@dataclass(frozen=True, kw_only=True, eq=False)
class Default(Record):
    """What an input is worth when a scenario leaves it out.

    ``name`` is the path of an input of the market, and of an input of uses its key. ``low`` and ``high`` are the lowest
    and the highest that is published of it, or was seen near that date.
    """

    name: str
    value: float
    unit: str
    as_of: Date
    source: str
    grade: Grade
    low: float | None = None
    high: float | None = None
    note: str = ""


class OnRecord(TypedDict):
    """What a field of a class of inputs says of a default that is a record."""

    default: float
    default_source: str
    default_as_of: str
    published: tuple[float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Range(Record):
    """Published values of an input of a use, from the lowest to the highest; ``name`` is the kind and the input."""

    name: str
    low: float
    high: float
    unit: str
    as_of: Date
    source: str
    grade: Grade
    note: str = ""


@cache
def defaults() -> Mapping[str, Default]:
    """The dated market snapshot by scenario path, such as ``market.btc_price_usd``, and what uses take by key."""
    return read_catalogue(TABLES / "defaults.csv", Default)


def on_record(name: str) -> OnRecord:
    """The default ``name`` as a field declares it. Raises KeyError if there is no such record, or it has no range."""
    record = defaults()[name]
    if record.low is None or record.high is None:
        raise KeyError(f"{name} has no published range")
    return {
        "default": record.value,
        "default_source": f"{record.source} (grade {record.grade})",
        "default_as_of": record.as_of,
        "published": (record.low, record.high),
    }


@cache
def ranges() -> Mapping[str, Range]:
    """Published ranges by kind and input, such as ``colocation.pue_ratio``."""
    return read_catalogue(TABLES / "ranges.csv", Range)
