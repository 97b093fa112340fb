"""Published deals that put AI on the megawatts of miners: see ``leases.csv``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from minecalc.reference.records import TABLES, UNDATED, Date, Sourced, per, read_catalogue
from minecalc.units import HOURS_PER_DAY, KW_PER_MW, MONTHS_PER_YEAR

_HOURS_PER_YEAR = 365 * HOURS_PER_DAY


@dataclass(frozen=True, kw_only=True, eq=False)
class Lease(Sourced):
    """A published deal that puts AI on a miner's megawatts: a lease of space or a GPU cloud contract.

    Money is of the base term; ``revenue_usd_per_year`` is for deals that publish a yearly rate and no value.
    Rates per MW and per GPU-hour are computed from the published figures, never stored; years have 8,760 h.
    """

    id: str
    landlord: str
    tenant: str
    site: str = ""
    kind: Literal["colocation", "gpu_cloud"]
    signed: Date = UNDATED
    gross_mw: float | None = None
    critical_mw: float | None = None
    term_years: float | None = None
    extension_option_count: int | None = None
    extension_option_years: float | None = None
    value_usd: float | None = None
    value_with_extensions_usd: float | None = None
    revenue_usd_per_year: float | None = None
    escalator_fraction_per_year: float | None = None
    capex_usd_per_critical_mw: float | None = None
    noi_fraction: float | None = None
    noi_usd_per_year: float | None = None
    prepayment_fraction: float | None = None
    credit_support: str = ""
    rent_start: Date = UNDATED
    gpu: str = ""
    gpu_count: int | None = None
    gpu_capex_usd: float | None = None

    def __post_init__(self) -> None:
        self.together("extension_option_count", "extension_option_years")

    @property
    def average_usd_per_year(self) -> float | None:
        """Revenue of an average year of the term, power passed through not included (USD)."""
        if self.value_usd is None or self.term_years is None:
            return self.revenue_usd_per_year
        return self.value_usd / self.term_years

    @property
    def usd_per_critical_mw_per_year(self) -> float | None:
        """Term average per critical MW; the first year of an escalating rent lies below it."""
        return per(self.average_usd_per_year, self.critical_mw)

    @property
    def usd_per_gross_mw_per_year(self) -> float | None:
        """Term average per gross MW, the basis that compares with mining."""
        return per(self.average_usd_per_year, self.gross_mw)

    @property
    def average_rent_usd_per_kw_per_month(self) -> float | None:
        """Term average per critical kW and month, as rents are quoted."""
        return per(self.usd_per_critical_mw_per_year, KW_PER_MW * MONTHS_PER_YEAR)

    @property
    def term_months(self) -> int | None:
        """The base term."""
        return None if self.term_years is None else round(self.term_years * MONTHS_PER_YEAR)

    @property
    def opex_fraction_of_rent(self) -> float | None:
        """What is left of an average rent beside the published operating income; of a margin, what it lacks to 1."""
        share = self.noi_fraction
        if share is None:
            share = per(self.noi_usd_per_year, self.average_usd_per_year)
        return None if share is None else max(0.0, 1.0 - share)

    @property
    def critical_per_gross_fraction(self) -> float | None:
        """Critical over gross megawatts."""
        return per(self.critical_mw, self.gross_mw)

    def first_year_rent_usd_per_kw_per_month(self, escalator_fraction_per_year: float) -> float | None:
        """The rent of year 1 whose escalated rents average the published rent over the term."""
        average, months = self.average_rent_usd_per_kw_per_month, self.term_months
        if average is None or not months:
            return None
        growth = 1.0 + escalator_fraction_per_year
        return average * months / math.fsum(growth ** (month // MONTHS_PER_YEAR) for month in range(months))

    @property
    def usd_per_gpu_hour(self) -> float | None:
        """Term average per GPU and hour of the calendar, sold or not."""
        return per(per(self.average_usd_per_year, self.gpu_count), _HOURS_PER_YEAR)

    @property
    def capex_usd_per_gpu(self) -> float | None:
        """Published GPU spending over the GPUs it buys, ancillaries included."""
        return per(self.gpu_capex_usd, self.gpu_count)


@cache
def leases() -> Mapping[str, Lease]:
    """Published deals by id, such as ``hut8-river-bend``."""
    return read_catalogue(TABLES / "leases.csv", Lease)
