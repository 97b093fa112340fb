"""Sourced reference records: mining machines, GPUs, published leases, the market snapshot, ranges, history.

Each table is a CSV file in this folder, read once when it is first asked for; importing reads nothing. The
README.md beside it explains columns and how to add a record, the manual grades. An empty figure is ``None``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypedDict

from minecalc.reference.records import (
    UNDATED,
    BadRecordError,
    Date,
    Grade,
    Record,
    read_catalogue,
    read_records,
)
from minecalc.units import HOURS_PER_DAY, KW_PER_MW, MONTHS_PER_YEAR

__all__ = [
    "BadRecordError",
    "BitcoinMonth",
    "Date",
    "Default",
    "DifficultyEpoch",
    "Gpu",
    "GpuPrice",
    "Grade",
    "Lease",
    "Machine",
    "Range",
    "Record",
    "TaxRegime",
    "bitcoin_monthly",
    "defaults",
    "difficulty_epochs",
    "gpu_prices",
    "gpus",
    "leases",
    "machines",
    "ranges",
    "tax_regimes",
]

Contract = Literal["on-demand", "spot", "1-year", "5-year", "unspecified"]

_FOLDER = Path(__file__).parent
_HOURS_PER_YEAR = 365 * HOURS_PER_DAY


@dataclass(frozen=True, kw_only=True, eq=False)
class Machine(Record):
    """A bitcoin mining machine; ``as_of``, ``source`` and ``grade`` are those of its nameplate."""

    id: str
    name: str
    maker: str
    cooling: Literal["air", "hydro", "immersion"]
    year: int
    hash_rate_th_per_s: float
    power_w: float | None = None
    efficiency_j_per_th: float
    as_of: Date
    source: str
    grade: Grade
    price_usd_per_th: float | None = None
    price_as_of: Date = UNDATED
    price_source: str = ""
    price_grade: Grade | None = None
    note: str = ""

    def __post_init__(self) -> None:
        self.together("price_usd_per_th", "price_as_of", "price_source", "price_grade")

    @property
    def alias(self) -> str:
        """The short name that miners use: ``s19xp`` for ``antminer-s19-xp``."""
        return _plain(self.id.partition("-")[2])


@dataclass(frozen=True, kw_only=True, eq=False)
class Gpu(Record):
    """A GPU: critical kW (``kw_basis`` says what is inside), installed cost, and one dated rental rate."""

    id: str
    name: str
    maker: str
    year: int
    kw_per_gpu: float | None = None
    kw_basis: Literal["server", "rack", "cluster"] | None = None
    kw_as_of: Date = UNDATED
    kw_source: str = ""
    kw_grade: Grade | None = None
    capex_usd_per_gpu: float | None = None
    capex_as_of: Date = UNDATED
    capex_source: str = ""
    capex_grade: Grade | None = None
    lease_usd_per_gpu_hour: float | None = None
    lease_contract: Contract | None = None
    lease_as_of: Date = UNDATED
    lease_source: str = ""
    lease_grade: Grade | None = None
    note: str = ""

    def __post_init__(self) -> None:
        self.together("kw_per_gpu", "kw_basis", "kw_as_of", "kw_source", "kw_grade")
        self.together("capex_usd_per_gpu", "capex_as_of", "capex_source", "capex_grade")
        self.together("lease_usd_per_gpu_hour", "lease_contract", "lease_as_of", "lease_source", "lease_grade")


@dataclass(frozen=True, kw_only=True, eq=False)
class GpuPrice(Record):
    """One published rental price. On-demand, one-year and five-year prices are different series."""

    gpu: str
    contract: Contract
    as_of: Date
    lease_usd_per_gpu_hour: float
    low_usd_per_gpu_hour: float | None = None
    high_usd_per_gpu_hour: float | None = None
    source: str
    grade: Grade
    note: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Lease(Record):
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
    as_of: Date
    source: str
    address: str
    grade: Grade
    note: str = ""

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
        return _per(self.average_usd_per_year, self.critical_mw)

    @property
    def usd_per_gross_mw_per_year(self) -> float | None:
        """Term average per gross MW, the basis that compares with mining."""
        return _per(self.average_usd_per_year, self.gross_mw)

    @property
    def average_rent_usd_per_kw_per_month(self) -> float | None:
        """Term average per critical kW and month, as rents are quoted."""
        return _per(self.usd_per_critical_mw_per_year, KW_PER_MW * MONTHS_PER_YEAR)

    @property
    def usd_per_kw_per_month(self) -> float | None:
        """The average rent by its name up to version 0.3, which goes with the next one."""
        return self.average_rent_usd_per_kw_per_month

    @property
    def term_months(self) -> int | None:
        """The base term."""
        return None if self.term_years is None else round(self.term_years * MONTHS_PER_YEAR)

    @property
    def opex_fraction_of_rent(self) -> float | None:
        """What is left of an average rent beside the published operating income; of a margin, what it lacks to 1."""
        share = self.noi_fraction
        if share is None:
            share = _per(self.noi_usd_per_year, self.average_usd_per_year)
        return None if share is None else max(0.0, 1.0 - share)

    @property
    def critical_per_gross_fraction(self) -> float | None:
        """Critical over gross megawatts."""
        return _per(self.critical_mw, self.gross_mw)

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
        return _per(_per(self.average_usd_per_year, self.gpu_count), _HOURS_PER_YEAR)

    @property
    def capex_usd_per_gpu(self) -> float | None:
        """Published GPU spending over the GPUs it buys, ancillaries included."""
        return _per(self.gpu_capex_usd, self.gpu_count)


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


@dataclass(frozen=True, kw_only=True, eq=False)
class TaxRegime(Record):
    """The income tax of a country as the block ``tax`` of a scenario takes it, and what that leaves out of the law.

    ``building``, ``gpu`` and ``machine`` are classes of depreciation: a name, or names with shares between semicolons.
    """

    id: str
    name: str
    rate_fraction: float | None = None
    building: str
    gpu: str
    machine: str
    bonus_fraction: float | None = None
    loss_limit_fraction: float | None = None
    interest_limit_fraction: float | None = None
    prepayment_taxed: Literal["credited", "received"] | None = None
    leaves_out: str
    as_of: Date
    source: str
    address: str
    grade: Grade
    note: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class BitcoinMonth(Record):
    """One past month: mean daily close, and harmonic mean of difficulty, the mean that gives its output."""

    month: Date
    btc_price_usd: float
    network_difficulty: float


@dataclass(frozen=True, kw_only=True, eq=False)
class DifficultyEpoch(Record):
    """One stretch of 2,016 blocks: ``difficulty`` is exact, ``start_utc`` is good to about half a day."""

    start_height: int
    start_utc: str
    difficulty: float


@cache
def machines() -> Mapping[str, Machine]:
    """Mining machines by id, such as ``antminer-s21-xp``."""
    return MappingProxyType(read_catalogue(_FOLDER / "machines.csv", Machine))


@cache
def gpus() -> Mapping[str, Gpu]:
    """GPUs by id, such as ``h100``."""
    return MappingProxyType(read_catalogue(_FOLDER / "gpus.csv", Gpu))


@cache
def gpu_prices() -> tuple[GpuPrice, ...]:
    """Published rental prices, by GPU and date."""
    return read_records(_FOLDER / "gpu_prices.csv", GpuPrice)


@cache
def leases() -> Mapping[str, Lease]:
    """Published deals by id, such as ``hut8-river-bend``."""
    return MappingProxyType(read_catalogue(_FOLDER / "leases.csv", Lease))


@cache
def defaults() -> Mapping[str, Default]:
    """The dated market snapshot by scenario path, such as ``market.btc_price_usd``, and what uses take by key."""
    return MappingProxyType(read_catalogue(_FOLDER / "defaults.csv", Default))


def on_record(name: str) -> OnRecord:
    """The default ``name`` as a field declares it. Raises KeyError if there is no such record, or it has no range."""
    record = defaults()[name]
    if record.low is None or record.high is None:
        raise KeyError(f"{name} has no published range")
    source = f"{record.source} (grade {record.grade})"
    published = record.low, record.high
    return {
        "default": record.value,
        "default_source": source,
        "default_as_of": record.as_of,
        "published": published,
    }


@cache
def ranges() -> Mapping[str, Range]:
    """Published ranges by kind and input, such as ``colocation.pue_ratio``."""
    return MappingProxyType(read_catalogue(_FOLDER / "ranges.csv", Range))


@cache
def tax_regimes() -> Mapping[str, TaxRegime]:
    """Tax regimes by id, such as ``us-federal-2026``."""
    return MappingProxyType(read_catalogue(_FOLDER / "tax_regimes.csv", TaxRegime))


@cache
def bitcoin_monthly() -> tuple[BitcoinMonth, ...]:
    """Past months in order, without a gap."""
    return read_records(_FOLDER / "bitcoin_monthly.csv", BitcoinMonth)


@cache
def difficulty_epochs() -> tuple[DifficultyEpoch, ...]:
    """Past difficulty epochs in order, without a gap."""
    return read_records(_FOLDER / "difficulty_epochs.csv", DifficultyEpoch)


def machine_id(name: str) -> str:
    """The id of the machine called ``name``: by its id, its name or its alias, however spelt; else ``name`` itself."""
    wanted = _plain(name)
    known = ((record, (record.id, record.name, record.alias)) for record in machines().values())
    return next((record.id for record, names in known if wanted in map(_plain, names)), name)


def gpu_id(name: str) -> str:
    """As ``machine_id``, of GPUs, which have no alias."""
    wanted = _plain(name)
    return next((one.id for one in gpus().values() if wanted in (_plain(one.id), _plain(one.name))), name)


def _plain(name: str) -> str:
    """A name without what people write otherwise: capitals, spaces, hyphens, and + for plus."""
    return "".join(char for char in name.casefold().replace("+", "plus") if char.isalnum())


def _per(amount: float | None, parts: float | None) -> float | None:
    return None if amount is None or parts is None else amount / parts
