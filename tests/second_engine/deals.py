"""Small deals of a project that spends, then earns."""

from pathlib import Path
from typing import Any

from .closing import Deal
from .financing import financed
from .ledger import Asset, Ledger
from .operation import Run
from .paths import Timeline

HERE = Path(__file__).parent


def project(capex: list[float], cash: list[float]) -> Ledger:
    """Spend at points 0, 1, ...; earn from the month after the last spending on."""
    ledger = Ledger(len(capex) + len(cash) - 1)
    for point, usd in enumerate(capex):
        ledger.at_start_of(point + 1, "capex", -usd)
    for i, usd in enumerate(cash):
        ledger.at_end_of(len(capex) + i, "revenue", usd)
    ledger.assets.append(Asset("building", sum(capex), len(capex), ledger.months + 1, use="it"))
    return ledger


def deal(
    capex: list[float], cash: list[float], tranche: dict[str, Any], every: int = 1, **terms: Any
) -> tuple[Deal, Run, dict[str, Any]]:
    """Finance such a project by one tranche."""
    ledger = project(capex, cash)
    written = {"every_months": every, "tranches": {"a": tranche}} | terms
    return financed(ledger, len(capex), written, Timeline("2027-01", ledger.months), HERE)


def yearly(usd: list[float]) -> list[float]:
    """Put a year's cash at its end, so that a year is a period of a single payment."""
    return [of_year if month == 11 else 0.0 for of_year in usd for month in range(12)]


def paid(figures: dict[str, Any], what: str, every: int = 12, first: int = 0) -> list[float]:
    """Return what happened on dates to tranche `a`, from the first."""
    return list(figures["tranches"]["a"][what][first + every :: every])


def growing(first: float, growth: float, years: int) -> list[float]:
    return [first * (1 + growth) ** year / 12 for year in range(years) for _ in range(12)]
