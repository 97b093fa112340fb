"""The income tax of countries: see ``tax_regimes.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from minecalc.reference.records import Date, Grade, Record, read_catalogue

_FOLDER = Path(__file__).parent


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


@cache
def tax_regimes() -> Mapping[str, TaxRegime]:
    """Tax regimes by id, such as ``us-federal-2026``."""
    return MappingProxyType(read_catalogue(_FOLDER / "tax_regimes.csv", TaxRegime))
