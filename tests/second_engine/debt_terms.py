"""What a file says of debt, with the defaults filled, and what becomes of it at close (finance, section 2)."""

from dataclasses import dataclass, field
from typing import Any

from .paths import Value

CASH = ["revenue", "power", "opex", "prepayment", "coins"]
TINY = 1e-12
COVENANT_SLACK = 1e-9
DUST = 1e-9  # of an amount: less than that is repaid

Written = dict[str, Any]


class NotFinancedError(ValueError):
    """The terms cannot be met by this plan."""


@dataclass(frozen=True)
class Terms:
    """One tranche's terms, with the defaults filled; dates are counted."""

    name: str
    share: float | None
    amount: float | None
    dscr: float | None
    rate: Value
    at_close: bool
    escrow_yield: Value
    upfront_fee: float
    discount: float
    commitment_fee: float
    paid: bool
    repayment: str
    shares: list[float]
    balloon: float
    first: int
    last: int
    last_month: int
    negative: bool
    sweep: float
    contracted: bool  # sized on revenue that contracts fix
    again: int  # dates of the loan that repays the balloon; 0 without one


@dataclass
class Tranche:
    """A tranche as closed: its amount and what is scheduled on dates 1..last, and on those of a loan after it."""

    terms: Terms
    amount: float
    instalments: list[float]
    interest: list[float]
    dscr: float | None
    capped_by_share: bool = False

    def service(self, n: int) -> float:
        """Return scheduled interest and instalment of date n."""
        return self.instalments[n - 1] + self.interest[n - 1] if n <= self.terms.last else 0.0

    def due(self, n: int, balance: float) -> float:
        """Return the instalment of date n on a balance that sweeps may have cut from the end."""
        if n == self.terms.last and self.terms.balloon == 0.0:
            return balance
        scheduled = self.instalments[n - 1]
        nothing_left = balance - scheduled < DUST * self.amount
        return balance if nothing_left else scheduled


@dataclass
class Build:
    """What is paid and drawn up to R - 1, given a total cost."""

    total: float = 0.0
    uses: dict[str, float] = field(default_factory=dict)
    uses_at: dict[int, float] = field(default_factory=dict)
    from_debt_at: dict[int, float] = field(default_factory=dict)
    paid_interest_at: dict[int, float] = field(default_factory=dict)
    balance: dict[str, dict[int, float]] = field(default_factory=dict)
    escrow: dict[str, dict[int, float]] = field(default_factory=dict)
    lender_at: dict[str, dict[int, float]] = field(default_factory=dict)
    draws: dict[str, dict[int, float]] = field(default_factory=dict)
    interest_at: dict[int, float] = field(default_factory=dict)
    capitalised_at: dict[int, float] = field(default_factory=dict)
    escrow_income_at: dict[int, float] = field(default_factory=dict)
    fees: dict[str, float] = field(default_factory=dict)
    fees_at: dict[int, float] = field(default_factory=dict)
    discount_at: dict[int, float] = field(default_factory=dict)
    reserve: float = 0.0
