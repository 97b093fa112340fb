"""What lenders look at of a deal that was closed and run (finance, sections 2 and 3)."""

from pathlib import Path
from typing import Any

from . import returns
from .closing import Deal
from .debt_terms import COVENANT_SLACK, DUST, Written
from .ledger import Ledger
from .operation import Run, operated
from .paths import Timeline


def nearest_cost(flows: list[float], rate: float) -> float | None:
    """Return the effective IRR of a lender's flows; of several the nearest to the rate."""
    roots = returns.irr_roots(flows)
    return min(roots, key=lambda root: abs(root - rate)) if roots else None


def average_life(deal: Deal, run: Run, names: list[str]) -> float | None:
    """Return years from R - 1 to repayment, weighted by principal."""
    weighted = principal = 0.0
    for name in names:
        for record in (run.instalments, run.swept, run.balloon):
            for k, usd in enumerate(record[name]):
                weighted += usd * (k - deal.before) / 12
                principal += usd
    return weighted / principal if principal > 0 else None


def life_cover(deal: Deal) -> float | None:
    """Return LLCR at R - 1 on what is scheduled; none if something is owed after the horizon."""
    owed = sum(tranche.amount for tranche in deal.tranches)
    if owed <= 0:
        return None
    balances = [tranche.amount for tranche in deal.tranches]
    last = max(len(tranche.instalments) for tranche in deal.tranches if tranche.amount > 0)
    worth, v = 0.0, 1.0
    for n in range(1, last + 1):
        cash = deal.cash_of(n)
        if cash is None:
            return None
        alive = [i for i, tranche in enumerate(deal.tranches) if n <= len(tranche.instalments)]
        interest = sum(deal.tranches[i].interest[n - 1] for i in alive)
        balance = sum(balances[i] for i in alive)
        if balance <= DUST * owed:
            break
        v /= 1 + interest / balance
        worth += cash * v
        for i in alive:
            balances[i] -= deal.tranches[i].instalments[n - 1]
    return worth / owed


def project_life_cover(deal: Deal) -> float | None:
    """Return PLCR at R - 1: worth of CFADS up to T, at the rate of the debt and, once that is repaid, at its last one.

    None if something is owed after the horizon, as of LLCR. What is left of a period at T counts as so much of one.
    """
    owed = sum(tranche.amount for tranche in deal.tranches)
    if owed <= 0 or life_cover(deal) is None:
        return None
    balances = [tranche.amount for tranche in deal.tranches]
    worth, v, rate, n = 0.0, 1.0, 0.0, 0
    while deal.point(n) < deal.months:
        n += 1
        months = [k for k in deal.months_of(n) if k <= deal.months]
        due = [t.interest[n - 1] if n <= len(t.instalments) else 0.0 for t in deal.tranches]
        if sum(balances) > DUST * owed:
            rate = sum(due) / sum(balances) / len(deal.months_of(n))
        v /= 1 + rate * len(months)
        worth += v * sum(deal.cfads[k] for k in months)
        for i, tranche in enumerate(deal.tranches):
            if n <= len(tranche.instalments):
                balances[i] -= tranche.instalments[n - 1]
            if n >= len(tranche.instalments):
                balances[i] = 0.0
    return worth / owed


def financed(
    project: Ledger,
    ready: int,
    terms: Written,
    timeline: Timeline,
    folder: Path,
    tax_usd: list[float] | None = None,
    agreed: Deal | None = None,
) -> tuple[Deal, Run, dict[str, Any]]:
    """Close and run the financing of a project; `tax_usd` is its tax by point without debt, for `dscr_after_tax`.

    With a deal that is agreed already, on the scenario as written, its amounts and instalments stay.
    Return the deal, what happened, and the figures.
    """
    deal = Deal(project, ready, terms, timeline, folder, tax_usd, agreed)
    deal.closed()
    run = operated(deal)
    names = [tranche.terms.name for tranche in deal.tranches]
    ratios = [ratio for _, ratio in run.dscr]
    lowest = next((dated for dated in run.dscr if dated[1] <= min(ratios) + COVENANT_SLACK), None)
    together = [sum(run.lender[name][k] for name in names) for k in range(run.points)]
    first_rates = {t.terms.name: t.terms.rate(deal.close + 1) for t in deal.tranches}
    debt = sum(tranche.amount for tranche in deal.tranches)
    mean_rate = sum(t.amount * first_rates[t.terms.name] for t in deal.tranches) / debt if debt else 0.0
    own_part = {k: deal.build.uses_at[k] - deal.build.from_debt_at[k] for k in deal.build.uses_at}
    prepaid = sum(min(max(0.0, own_part[k]), deal.received[k]) for k in own_part)
    figures: dict[str, Any] = {
        "close": deal.close,
        "total_cost_usd": deal.total,
        "uses_usd": deal.build.uses,
        "sources_usd": {t.terms.name: t.amount for t in deal.tranches}
        | {"prepayment": prepaid, "equity": deal.total - debt - prepaid},
        "dscr": run.dscr,
        "dscr_min_ratio": min(ratios) if ratios else None,
        "dscr_min_month": lowest[0] if lowest else None,
        "dscr_average_ratio": sum(ratios) / len(ratios) if ratios else None,
        "llcr_ratio": life_cover(deal),
        "plcr_ratio": project_life_cover(deal),
        "average_life_years": average_life(deal, run, names),
        "all_in_cost_fraction_per_year": nearest_cost(together, mean_rate),
        "peak_equity_usd": returns.peak_funding(run.equity),
        "debt_yield": run.debt_yield,
        "events": run.events,
        "warnings": deal.warnings,
        "residual_pays_usd": run.residual_pays,
        "tranches": {
            tranche.terms.name: {
                "amount_usd": tranche.amount,
                "dscr_ratio": tranche.dscr,
                "draws_usd": [deal.build.draws[tranche.terms.name].get(k, 0.0) for k in range(run.points)],
                "balance_usd": run.balance[tranche.terms.name],
                "interest_usd": run.interest[tranche.terms.name],
                "instalments_usd": run.instalments[tranche.terms.name],
                "sweep_usd": run.swept[tranche.terms.name],
                "balloon_usd": run.balloon[tranche.terms.name],
                "refinanced_usd": run.refinanced[tranche.terms.name],
                "fees_usd": deal.build.fees[tranche.terms.name],
                "discount_usd": tranche.amount * tranche.terms.discount,
                "lender_usd": run.lender[tranche.terms.name],
                "average_life_years": average_life(deal, run, [tranche.terms.name]),
                "all_in_cost_fraction_per_year": nearest_cost(
                    run.lender[tranche.terms.name], first_rates[tranche.terms.name]
                ),
            }
            for tranche in deal.tranches
        },
        "equity_usd": run.equity,
        "lender_usd": together,
        "cash_usd": run.cash,
        "reserve_usd": run.reserve,
        "reserve_income_usd": run.reserve_income,
        "escrow_usd": run.escrow,
        "escrow_income_usd": [deal.build.escrow_income_at.get(k, 0.0) for k in range(run.points)],
        "accrued_usd": run.accrued,
    }
    return deal, run, figures
