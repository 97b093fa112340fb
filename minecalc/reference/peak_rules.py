"""The rules by which grids charge load at the hours of their peaks; see ``peak_rules.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from minecalc.reference.records import Date, Grade, Record, read_catalogue

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True, eq=False)
class PeakRule(Record):
    """How a grid charges load at its peaks: in which ``months`` of the year, between semicolons, and until when.

    ``low`` and ``high`` are what is published of the charge itself, which is each utility's own.
    """

    id: str
    name: str
    months: str
    until: Date | None = None
    low_usd_per_kw_per_year: float
    high_usd_per_kw_per_year: float
    as_of: Date
    source: str
    address: str
    grade: Grade
    note: str = ""

    @property
    def months_of_year(self) -> tuple[int, ...]:
        """The months, 1 to 12."""
        return tuple(int(month) for month in self.months.split(";"))


@cache
def peak_rules() -> Mapping[str, PeakRule]:
    """Rules by which peaks are charged, by id, such as ``ercot-4cp``."""
    return MappingProxyType(read_catalogue(_FOLDER / "peak_rules.csv", PeakRule))
