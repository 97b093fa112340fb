"""Income tax of a ledger, calendar year by calendar year (finance, section 4)."""

from dataclasses import dataclass, field
from typing import Any

from .closing import Deal
from .ledger import COINS_SOLD, PREPAYMENT_OWED, Asset, Ledger
from .operation import Run
from .paths import Timeline

TABLES = {  # percent of the basis by year: Publication 946, table A-1, half-year convention
    3: [33.33, 44.45, 14.81, 7.41],
    5: [20, 32, 19.2, 11.52, 11.52, 5.76],
    7: [14.29, 24.49, 17.49, 12.49, 8.93, 8.92, 8.93, 4.46],
    15: [5, 9.5, 8.55, 7.7, 6.93, 6.23, 5.9, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 2.95],
}
US_FEDERAL_2026 = {
    "rate_fraction": 0.21,
    "bonus_fraction": 1.0,
    "loss_limit_fraction": 0.8,
    "interest_limit_fraction": 0.3,
    "prepayment_taxed": "received",
}
CLASSES = {"building": "macrs_39", "gpu": "macrs_5", "machine": "macrs_5"}
LONGEST_WITH_BONUS_YEARS = 20
OPERATING = ["revenue", "power", "opex"]

Written = dict[str, Any]


def filled(terms: Written) -> Written:
    """Fill in what a regime and the defaults give."""
    regime = US_FEDERAL_2026 if terms.get("regime") == "us-federal-2026" else {}
    classes = CLASSES | terms.get("classes", {})
    defaults = {"bonus_fraction": 0.0, "loss_limit_fraction": 1.0, "prepayment_taxed": "credited"}
    return defaults | regime | terms | {"classes": classes}


def parts(classes: Written, kind: str) -> list[tuple[str, int, float]]:
    """Return (method, years, share) of each class that a kind of asset is split into."""
    written = classes[kind]
    shares = {written: 1.0} if isinstance(written, str) else written
    found = []
    for name, share in shares.items():
        method, years = name.rsplit("_", 1)
        found.append((method, int(years), float(share)))
    return found


def yearly(method: str, years: int, service: tuple[int, int], most: int) -> dict[int, float]:
    """Return the share of the basis that each calendar year takes, from (year, month) of service, for `most` years."""
    year, month = service
    shares: dict[int, float] = {}
    if method == "macrs" and years == 39:
        left = 1.0
        for i in range(most):
            shares[year + i] = min(left, (12.5 - month) / 12 / 39 if i == 0 else 1 / 39)
            left -= shares[year + i]
    elif method == "macrs":
        shares = {year + i: percent / 100 for i, percent in enumerate(TABLES[years])}
    else:
        for i in range(12 * years):
            of_year = year + (month - 1 + i) // 12
            shares[of_year] = shares.get(of_year, 0.0) + 1 / (12 * years)
    return shares


def deducted(asset: Asset, terms: Written, timeline: Timeline) -> tuple[dict[int, float], int, float]:
    """Return depreciation by year, the year in which the asset leaves, and the basis that is left then."""
    gone = timeline.year_and_month(min(asset.leaves, timeline.months))[0]
    found: dict[int, float] = {}
    if asset.kind != "owned" and asset.service <= timeline.months:
        service = timeline.year_and_month(asset.service)
        for method, years, share in parts(terms["classes"], asset.kind):
            basis = asset.cost_usd * share
            bonus = float(terms["bonus_fraction"]) * basis if years <= LONGEST_WITH_BONUS_YEARS else 0.0
            for year, part in yearly(method, years, service, gone - service[0] + 1).items():
                usd = part * (basis - bonus) + (bonus if year == service[0] else 0.0)
                if year < gone:
                    found[year] = found.get(year, 0.0) + usd
    return found, gone, asset.cost_usd - sum(found.values())


def with_interest(assets: list[Asset], members: list[str], ready: int, interest: float) -> list[Asset]:
    """Put capitalised interest on the project's buildings by cost, or without one on what else it bought by R - 1."""
    if interest == 0.0:
        return list(assets)
    own = [a for a in assets if a.use in members and a.cost_usd > 0]
    bears = [a for a in own if a.kind == "building"] or [a for a in own if a.service <= ready]
    cost = sum(a.cost_usd for a in bears)
    return [
        Asset(a.kind, a.cost_usd * (1 + interest / cost), a.service, a.leaves, a.life_months, a.sunk_eh_per_s, a.use)
        if any(a is one for one in bears)
        else a
        for a in assets
    ]


@dataclass
class Books:
    """What debt adds to a year's income, by month 1..T, and to the basis of what the project bought by `ready`."""

    ready: int
    interest: list[float] = field(default_factory=list)
    discount: list[float] = field(default_factory=list)
    fees: list[float] = field(default_factory=list)
    reserve_income: list[float] = field(default_factory=list)
    capitalised: float = 0.0


def amortised(total: float, ready: int, last: int, months: int) -> list[float]:
    """Spread a sum evenly over months ready..last; what is left at the horizon falls there. By month, 0 unused."""
    spread = [0.0] * (months + 1)
    for k in range(ready, last + 1):
        spread[min(k, months)] += total / (last - ready + 1)
    return spread


def no_debt(months: int) -> Books:
    """Return the books of a plan without debt."""
    nothing = [0.0] * (months + 1)
    return Books(1, list(nothing), list(nothing), list(nothing), list(nothing))


def books(deal: Deal | None, run: Run | None, months: int) -> Books:
    """Return interest, amortised fees and discount and reserve income by month; nothing without debt."""
    found = no_debt(months)
    if deal is None or run is None:
        return found
    found.ready = deal.ready
    found.reserve_income = list(run.reserve_income)
    found.capitalised = sum(deal.build.capitalised_at.values())
    for k in range(months + 1):
        found.interest[k] = run.interest_of_month[k] + deal.build.paid_interest_at.get(k, 0.0)
    for tranche in deal.tranches:
        last = tranche.terms.last_month
        fees = amortised(deal.build.fees[tranche.terms.name], deal.ready, last, months)
        discount = amortised(tranche.amount * tranche.terms.discount, deal.ready, last, months)
        for k in range(months + 1):
            found.fees[k] += fees[k]
            found.discount[k] += discount[k]
    return found


def taxed(
    ledger: Ledger,
    members: list[str],
    written: Written,
    timeline: Timeline,
    sunk_in_plan_eh_per_s: float,
    debt: Books,
) -> dict[str, Any]:
    """Return tax by point and every step by year; `members` are the uses whose basis bears capitalised interest."""
    terms = filled(written)
    months = timeline.months
    assets = with_interest(ledger.assets, members, debt.ready, debt.capitalised)
    owned = float(terms.get("basis_of_owned_machines_usd", 0))
    if owned and sunk_in_plan_eh_per_s:
        for asset in ledger.assets:
            if asset.sunk_eh_per_s:
                basis = owned * asset.sunk_eh_per_s / sunk_in_plan_eh_per_s
                assets.append(Asset("owned", basis, asset.service, asset.leaves))
    depreciation: dict[int, float] = {}
    left: dict[int, float] = {}
    for asset in assets:
        by_year, gone, rest = deducted(asset, terms, timeline)
        left[gone] = left.get(gone, 0.0) + rest
        for year, usd in by_year.items():
            depreciation[year] = depreciation.get(year, 0.0) + usd

    received = terms["prepayment_taxed"] == "received"
    columns = [*OPERATING, "prepayment"] if received else OPERATING
    last_of: dict[int, int] = {}
    for k in range(1, months + 1):
        last_of[timeline.year_and_month(k)[0]] = k
    operating = dict.fromkeys(last_of, 0.0)
    proceeds = dict.fromkeys(last_of, 0.0)
    for entry in ledger.entries:
        year = timeline.year_and_month(entry.month)[0]
        back = entry.name == PREPAYMENT_OWED
        left[year] = left.get(year, 0.0) + entry.at_cost
        if entry.column in columns or (back and received):
            operating[year] += entry.usd
        elif entry.name == COINS_SOLD or (entry.column in ("sale", "residual") and not back):
            proceeds[year] += entry.usd

    rate = float(terms["rate_fraction"])
    limit = terms.get("interest_limit_fraction")
    loss_limit = float(terms["loss_limit_fraction"])
    carried = losses = 0.0
    tax = [0.0] * (months + 1)
    rows = []
    for year, last in last_of.items():
        in_year = [k for k in range(1, months + 1) if timeline.year_and_month(k)[0] == year]
        interest = sum(debt.interest[k] + debt.discount[k] for k in in_year)
        fees = sum(debt.fees[k] for k in in_year)
        income_of_reserve = sum(debt.reserve_income[k] for k in in_year)
        allowed = interest + carried
        if limit is not None:
            allowed = min(allowed, income_of_reserve + float(limit) * max(0.0, operating[year]))
        carried += interest - allowed
        gain = proceeds[year] - left.get(year, 0.0)
        income = operating[year] - depreciation.get(year, 0.0) - allowed - fees + income_of_reserve + gain
        used = min(losses, loss_limit * max(0.0, income))
        losses += max(0.0, -income) - used
        tax[last] += rate * max(0.0, income - used)
        rows.append(
            {
                "year": year,
                "operating_usd": operating[year],
                "depreciation_usd": depreciation.get(year, 0.0),
                "basis_left_usd": left.get(year, 0.0),
                "interest_usd": interest,
                "interest_allowed_usd": allowed,
                "interest_carried_usd": carried,
                "fees_usd": fees,
                "reserve_income_usd": income_of_reserve,
                "gain_usd": gain,
                "income_usd": income,
                "loss_used_usd": used,
                "losses_usd": losses,
                "tax_usd": tax[last],
            }
        )
    basis = sum(asset.cost_usd for asset in assets) + sum(entry.at_cost for entry in ledger.entries)
    gap = basis - sum(depreciation.values()) - sum(left.values())
    return {
        "tax_usd": tax,
        "years": rows,
        "basis_usd": basis,
        "basis_gap_usd": gap,
        "losses_lost_usd": losses,
        "interest_lost_usd": carried,
    }
