"""Published loans and bonds: see ``financings.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from minecalc.reference.records import TABLES, UNDATED, Date, Sourced, per, read_catalogue


@dataclass(frozen=True, kw_only=True, eq=False)
class Financing(Sourced):
    """A published loan or bond of a miner, a builder of AI halls or a buyer of GPUs.

    ``amount_usd`` is what is owed, not what was paid out; ``rate_fraction_per_year`` is nominal, of a floating loan
    ``margin_fraction_per_year`` over ``reference_rate``; ``critical_mw`` are those that the money is for. ``lease`` is
    the deal of ``leases()`` that pays it back.
    """

    id: str
    issuer: str
    project: str = ""
    lease: str = ""
    kind: Literal[
        "bitcoin-backed loan",
        "convertible notes",
        "delayed-draw term loan",
        "private placement",
        "project bond",
        "secured notes",
        "term loan",
        "unsecured loan",
    ]
    closed: Date
    amount_usd: float | None = None
    rate_fraction_per_year: float | None = None
    reference_rate: str = ""
    margin_fraction_per_year: float | None = None
    issue_price_fraction: float | None = None
    maturity: Date = UNDATED
    tenor_years: float | None = None
    amortisation: str = ""
    draws: str = ""
    fees: str = ""
    reserves: str = ""
    covenants: str = ""
    credit_support: str = ""
    rating: str = ""
    critical_mw: float | None = None
    loan_to_cost_fraction: float | None = None
    proceeds: str = ""

    def __post_init__(self) -> None:
        self.together("margin_fraction_per_year", "reference_rate")

    @property
    def debt_usd_per_critical_mw(self) -> float | None:
        """What is owed per critical MW; no cost, as reserves, interest in the build and equity returned are in it."""
        return per(self.amount_usd, self.critical_mw)


@cache
def financings() -> Mapping[str, Financing]:
    """Published loans and bonds by id, such as ``hut8-river-bend-2042``, in the order in which they closed."""
    return read_catalogue(TABLES / "financings.csv", Financing)
