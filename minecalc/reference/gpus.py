"""GPUs, and prices at which their hours are let: see ``gpus.csv`` and ``gpu_prices.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from minecalc.reference.records import TABLES, UNDATED, Date, Grade, Record, plain_name, read_catalogue, read_records

Contract = Literal["on-demand", "spot", "1-year", "5-year", "unspecified"]


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


@cache
def gpus() -> Mapping[str, Gpu]:
    """GPUs by id, such as ``h100``."""
    return read_catalogue(TABLES / "gpus.csv", Gpu)


@cache
def gpu_prices() -> tuple[GpuPrice, ...]:
    """Published rental prices, by GPU and date."""
    return read_records(TABLES / "gpu_prices.csv", GpuPrice)


def gpu_id(name: str) -> str:
    """As ``machine_id``, of GPUs, which have no alias."""
    wanted = plain_name(name)
    return next((one.id for one in gpus().values() if wanted in (plain_name(one.id), plain_name(one.name))), name)
