"""The rules by which grids charge load at the hours of their peaks; see ``peak_rules.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from minecalc.reference.records import TABLES, Date, Sourced, read_catalogue


@dataclass(frozen=True, kw_only=True, eq=False)
class PeakRule(Sourced):
    """How a grid charges load at its peaks: in which ``months`` of the year, between semicolons, and until when.

    ``low`` and ``high`` are what is published of the charge itself, which is each utility's own.
    """

    id: str
    name: str
    months: str
    until: Date | None = None
    low_usd_per_kw_per_year: float
    high_usd_per_kw_per_year: float

    @property
    def months_of_year(self) -> tuple[int, ...]:
        """The months, 1 to 12."""
        return tuple(int(month) for month in self.months.split(";"))


@cache
def peak_rules() -> Mapping[str, PeakRule]:
    """Rules by which peaks are charged, by id, such as ``ercot-4cp``."""
    return read_catalogue(TABLES / "peak_rules.csv", PeakRule)
