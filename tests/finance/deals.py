"""Deals small enough to work out on paper: loans by period, builds by point, and a lease of two months' building.

The lease is that of ``tests.by_hand``: five critical MW that pay 500,000 USD a month from May 2027, point 4 on, and
cost 2.5 million at points 2 and 3 each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minecalc.arrays import FloatArray, Number, as_row, truth
from minecalc.deals.financed import Financed
from minecalc.engine import PlanEvaluation
from minecalc.finance import debt
from minecalc.finance.closing import Loan, Project
from minecalc.finance.construction import Build, Drawing
from tests.by_hand import CONVERSION, LEASE, Data, run

ORACLES = Path(__file__).parents[1] / "oracles"
CAPEX_USD, RENT_USD, CLOSES_AT, STARTS_AT = 5e6, 500_000.0, 2, 4


def oracle(name: str) -> dict[str, Data]:
    """The cases of an oracle by their ids."""
    cases = json.loads((ORACLES / f"{name}.json").read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case for case in cases}


def points(count: int) -> FloatArray:
    """Points 0..count as a column."""
    return np.arange(count + 1.0)[:, None]


def column(*values: float) -> FloatArray:
    """Values by period, behind a point 0 at which there is nothing."""
    return np.array([0.0, *values])[:, None]


def by_period(
    periods: int, rate: float | Sequence[float], *, first: int = 1, balloon: float = 0.0, last: int | None = None
) -> debt.Terms:
    """The terms of a loan with a date at each of ``periods``, at ``rate`` a period."""
    since = points(periods)
    rates = truth(since > 0.0) * (column(*rate) if isinstance(rate, Sequence) else rate)
    dated = debt.dates(since, 1, as_row(float(first)), as_row(float(periods if last is None else last)))
    return debt.terms(dated, rates, balloon)


def build(*cost: float, equity_first: bool = False, closes: int = 0, fees_from: int | None = None) -> Build:
    """A build that costs so much at points 0, 1, .. and ends with the last of them, closed at point ``closes``."""
    at = points(len(cost) - 1)
    first = closes + 1 if fees_from is None else fees_from
    return Build(
        np.array(cost)[:, None], truth(at == closes), truth(at >= first), truth(at == len(cost) - 1), equity_first
    )


def drawing(
    rate: float,
    *,
    at_close: bool = False,
    paid: bool = False,
    fee: Number = 0.0,
    commitment: float = 0.0,
    escrow: float = 0.0,
) -> Drawing:
    """How a loan at ``rate`` a month is drawn."""
    return Drawing(as_row(rate), at_close, paid, fee, commitment, escrow)


def lent(
    terms: debt.Terms,
    drawn: Drawing,
    repays: debt.Schedule | None = None,
    *,
    share: Number | None = None,
    amount: Number | None = None,
    dscr: Number | None = None,
) -> Loan:
    """A tranche of these sizes."""
    return Loan(terms, drawn, share, amount, dscr, repays)


def project(built: Build, cfads: FloatArray, shares: FloatArray | None = None) -> Project:
    """A project with so much cash a period, all of it within the horizon."""
    return Project(built, cfads, truth(cfads == cfads), shares)


def plan(tranches: Mapping[str, Data], months: int = 40, use: Data | None = None, **terms: Any) -> PlanEvaluation:
    """The lease financed by ``tranches``; ``use`` overrides what it is, ``terms`` are keys of ``financing``."""
    financing = {"every_months": 3, **terms, "tranches": dict(tranches)}
    keys = {**LEASE, "conversion": CONVERSION, **(use or {}), "financing": financing}
    return run({key: value for key, value in keys.items() if value is not None}, months=months)


def financed(tranches: Mapping[str, Data], months: int = 40, use: Data | None = None, **terms: Any) -> Financed:
    """The financing of ``plan``."""
    found = plan(tranches, months, use, **terms).financed
    assert found is not None
    return found


def loan(repayment: Any = "level", **keys: Any) -> Data:
    """A tranche of half the cost at 12 % over 24 months, unless ``keys`` say otherwise."""
    sizes = {"share_of_cost_fraction", "amount_usd", "dscr_ratio"}
    size = {} if sizes & keys.keys() else {"share_of_cost_fraction": 0.5}
    return {"rate_fraction_per_year": 0.12, "term_months": 24, "repayment": repayment, **size, **keys}


def by_point(values: FloatArray) -> list[float]:
    """The numbers of a single case by point."""
    return [float(value) for value in values[:, 0]]
