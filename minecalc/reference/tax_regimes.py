"""The income tax of countries: see ``tax_regimes.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from minecalc.reference.records import TABLES, Sourced, read_catalogue


@dataclass(frozen=True, kw_only=True, eq=False)
class TaxRegime(Sourced):
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


@cache
def tax_regimes() -> Mapping[str, TaxRegime]:
    """Tax regimes by id, such as ``us-federal-2026``."""
    return read_catalogue(TABLES / "tax_regimes.csv", TaxRegime)
