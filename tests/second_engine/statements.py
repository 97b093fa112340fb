"""Income, cash and balance sheet of a plan by point, with what must hold of them (finance, section 5)."""

from typing import Any

from .closing import Deal
from .ledger import COINS_SOLD, PREPAYMENT_OWED, Asset, Ledger
from .operation import Run
from .paths import Timeline
from .taxation import CLASSES, books, filled, parts, with_interest

INCOME = ["revenue", "power", "opex"]


def written_off(asset: Asset, classes: dict[str, Any], timeline: Timeline) -> tuple[list[float], int, float]:
    """Return depreciation by point, the point at which the asset leaves, and what it stands at then."""
    months = timeline.months
    by_point = [0.0] * (months + 1)
    lives = [(asset.life_months, 1.0)]
    if asset.kind == "building":
        lives = [(12 * years, share) for _, years, share in parts(classes, "building")]
    last = min(asset.leaves - 1, months)
    for life, share in lives:
        for k in range(asset.service, min(asset.service + life - 1, last) + 1):
            by_point[k] += asset.cost_usd * share / life
    leaves = months if asset.leaves > months else asset.leaves - 1
    return by_point, leaves, asset.cost_usd - sum(by_point)


def stated(
    whole: Ledger,
    project: Ledger,
    members: list[str],
    timeline: Timeline,
    tax_terms: dict[str, Any] | None,
    tax_usd: list[float],
    deal: Deal | None = None,
    run: Run | None = None,
) -> dict[str, Any]:
    """Return the three statements of the whole plan by point, and the largest gap of each check over total cost."""
    months = timeline.months
    points = range(months + 1)
    zeros = [0.0] * (months + 1)
    debt = books(deal, run, months)
    classes = filled(tax_terms)["classes"] if tax_terms else CLASSES
    lines = {column: whole.flows([column]) for column in (*INCOME, "capex", "sale", "residual", "prepayment", "coins")}
    owed_back, coins_kept, coins_sold = list(zeros), list(zeros), list(zeros)
    for entry in whole.entries:
        if entry.column == "residual" and entry.name == PREPAYMENT_OWED:
            owed_back[entry.point] += entry.usd
        coins_sold[entry.point] += entry.at_cost
        if entry.column == "coins" and entry.name != COINS_SOLD:
            coins_kept[entry.point] -= entry.usd
    assets = with_interest(whole.assets, members, debt.ready, debt.capitalised)
    depreciation, gone = list(zeros), list(zeros)
    for asset in assets:
        by_point, leaves, rest = written_off(asset, classes, timeline)
        gone[leaves] += rest
        depreciation = [a + b for a, b in zip(depreciation, by_point, strict=True)]

    def of(name: str) -> list[float]:
        return list(getattr(run, name)) if run is not None else list(zeros)

    cash, reserve, escrow, accrued = of("cash"), of("reserve"), of("escrow"), of("accrued")
    owing = [sum(balances[k] for balances in run.balance.values()) if run else 0.0 for k in points]
    principal = [
        sum(record[name][k] for record in (run.instalments, run.swept, run.balloon) for name in record) if run else 0.0
        for k in points
    ]
    net, own = whole.flows(), project.flows()
    equity = [n - p + (run.equity[k] if run else p) - tax_usd[k] for k, (n, p) in enumerate(zip(net, own, strict=True))]
    capitalised = [deal.build.capitalised_at.get(k, 0.0) if deal else 0.0 for k in points]
    fees_paid = [deal.build.fees_at.get(k, 0.0) + deal.build.discount_at.get(k, 0.0) if deal else 0.0 for k in points]

    income, plant, costs, deferred, retained, coins = [], [], [], [], [], []
    coins_now = plant_now = costs_now = deferred_now = retained_now = 0.0
    for k in points:
        operating = sum(lines[column][k] for column in INCOME)
        sold = lines["sale"][k] + lines["residual"][k] - owed_back[k]
        deferred_now += lines["prepayment"][k] + owed_back[k]
        kept = 0.0
        if k == months:
            kept, deferred_now = deferred_now, 0.0
        amortised = debt.fees[k] + debt.discount[k]
        profit = operating - depreciation[k] - debt.interest[k] - amortised + debt.reserve_income[k]
        profit += sold - gone[k] + kept - tax_usd[k]
        profit += lines["coins"][k] + coins_kept[k] - coins_sold[k]  # gains on coins: what they fetch less their cost
        coins_now += coins_kept[k] - coins_sold[k]
        coins.append(coins_now)
        plant_now += -lines["capex"][k] + capitalised[k] - depreciation[k] - gone[k]
        costs_now += fees_paid[k] - amortised
        retained_now += profit - equity[k]  # money paid in is a negative flow to equity
        income.append(profit)
        plant.append(plant_now)
        costs.append(costs_now)
        deferred.append(deferred_now)
        retained.append(retained_now)

    scale = deal.total if deal else max(1.0, *map(abs, net))
    assets_at = [cash[k] + reserve[k] + escrow[k] + coins[k] + plant[k] + costs[k] for k in points]
    claims_at = [owing[k] + accrued[k] + deferred[k] + retained[k] for k in points]
    gaps = {
        "balance": max(abs(a - b) for a, b in zip(assets_at, claims_at, strict=True)),
        "below zero": max(0.0, *(-x for record in (cash, reserve, escrow) for x in record)),
        "zero at T": max(
            map(
                abs,
                (
                    cash[-1],
                    reserve[-1],
                    escrow[-1],
                    coins[-1],
                    plant[-1],
                    costs[-1],
                    owing[-1],
                    accrued[-1],
                    deferred[-1],
                ),
            )
        ),
        "retained at T": abs(retained[-1]),
    }
    if deal and run:
        drawn = sum(usd for draws in deal.build.draws.values() for usd in draws.values())
        gaps["debt"] = abs(drawn - sum(principal))
        gaps["sources"] = abs(sum(deal.build.uses_at.values()) - deal.total)
    return {
        "income_usd": income,
        "coins_usd": coins,
        "plant_usd": plant,
        "costs_not_amortised_usd": costs,
        "deferred_revenue_usd": deferred,
        "equity_usd": retained,
        "debt_usd": owing,
        "accrued_interest_usd": accrued,
        "assets_usd": assets_at,
        "claims_usd": claims_at,
        "gaps_ratio": {name: gap / scale for name, gap in gaps.items()},
    }
