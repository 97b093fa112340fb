"""A deal from close to the horizon, point by point: the waterfall of its cash (finance, section 3)."""

from dataclasses import dataclass, field

from .closing import Deal
from .debt_terms import COVENANT_SLACK, TINY


@dataclass
class Run:
    """What happened at points 0..T: lists by point, and what is listed by date."""

    points: int
    equity: list[float] = field(default_factory=list)
    lender: dict[str, list[float]] = field(default_factory=dict)
    balance: dict[str, list[float]] = field(default_factory=dict)
    interest: dict[str, list[float]] = field(default_factory=dict)
    instalments: dict[str, list[float]] = field(default_factory=dict)
    swept: dict[str, list[float]] = field(default_factory=dict)
    balloon: dict[str, list[float]] = field(default_factory=dict)
    refinanced: dict[str, list[float]] = field(default_factory=dict)
    accrued: list[float] = field(default_factory=list)
    interest_of_month: list[float] = field(default_factory=list)
    cash: list[float] = field(default_factory=list)
    reserve: list[float] = field(default_factory=list)
    reserve_income: list[float] = field(default_factory=list)
    escrow: list[float] = field(default_factory=list)
    residual_pays: float = 0.0
    dscr: list[tuple[int, float]] = field(default_factory=list)
    events: list[tuple[str, int, float]] = field(default_factory=list)
    debt_yield: list[tuple[int, float]] = field(default_factory=list)

    def zeros(self) -> list[float]:
        """Return a list by point."""
        return [0.0] * self.points


def operated(deal: Deal) -> Run:
    """Run the deal from close to T."""
    run = Run(deal.months + 1)
    names = [tranche.terms.name for tranche in deal.tranches]
    for record in (run.lender, run.balance, run.interest, run.instalments, run.swept, run.balloon, run.refinanced):
        record.update({name: run.zeros() for name in names})
    run.equity, run.accrued, run.interest_of_month = list(deal.flows), run.zeros(), run.zeros()
    run.cash, run.reserve, run.reserve_income, run.escrow = run.zeros(), run.zeros(), run.zeros(), run.zeros()
    build = deal.build
    for k in range(deal.close, deal.ready):
        beside_capex = build.uses_at[k] - deal.capex[k]
        run.equity[k] += build.from_debt_at[k] - beside_capex - build.paid_interest_at[k]
        for name in names:
            run.balance[name][k] = build.balance[name][k]
            run.escrow[k] += build.escrow[name][k]
            run.lender[name][k] = build.lender_at[name][k]
            if k > deal.close:
                rate = next(t.terms.rate for t in deal.tranches if t.terms.name == name)
                run.interest[name][k] = build.balance[name][k - 1] * rate(k) / 12
    run.reserve[deal.before] = build.reserve
    waterfall(deal, run)
    return run


def waterfall(deal: Deal, run: Run) -> None:
    """Pay month by month from R: the rules of section 3."""
    tranches = deal.tranches
    scale = deal.total
    balances = [tranche.amount for tranche in tranches]
    accrued = [0.0] * len(tranches)
    cash, reserve = 0.0, deal.build.reserve
    free, clean, period_cash = True, 0, 0.0
    history: list[tuple[float, float]] = []  # cash and service of each date so far
    for k in range(deal.ready, deal.months + 1):
        owing = sum(balances) > 0
        if not owing:
            continue  # all flows are equity's as they fall
        cfads = deal.cfads[k]
        run.equity[k] -= cfads
        income = reserve * deal.reserve_yield(k) / 12
        run.reserve_income[k] = income
        for i, tranche in enumerate(tranches):
            month = balances[i] * tranche.terms.rate(k) / 12
            accrued[i] += month
            run.interest_of_month[k] += month
        cash += cfads + income
        period_cash += cfads
        n, past = deal.number_of(k), (k - deal.first_date) % deal.every
        at_end = k == deal.months
        injected = 0.0

        def listed(kind: str, usd: float, month: int = k) -> None:
            if usd > 1e-12 * scale:
                run.events.append((kind, month, usd))

        if cash < 0:
            injected, cash = -cash, 0.0
        if past:
            listed("shortfall", injected)
            if not at_end:
                run.equity[k] -= injected
                run.cash[k], run.reserve[k] = cash, reserve
                for i, tranche in enumerate(tranches):
                    run.balance[tranche.terms.name][k] = balances[i]
                run.accrued[k] = sum(accrued)
                continue
        service = balloons = 0.0
        paid = [0.0] * len(tranches)  # what each lender receives
        if not past:
            for i, tranche in enumerate(tranches):
                if n > len(tranche.instalments):
                    continue
                instalment = tranche.due(n, balances[i])
                run.interest[tranche.terms.name][k] = accrued[i]
                run.instalments[tranche.terms.name][k] = instalment
                paid[i] += accrued[i] + instalment
                service += accrued[i] + instalment
                balances[i] -= instalment
                accrued[i] = 0.0
            short = max(0.0, service - cash)
            drawn = min(short, reserve)
            reserve -= drawn
            injected += short - drawn
            listed("reserve_drawn", drawn)
            listed("shortfall", injected)
            cash += short - service
        if at_end:
            for i, tranche in enumerate(tranches):
                name = tranche.terms.name
                run.interest[name][k] += accrued[i]
                run.balloon[name][k] = balances[i]
                paid[i] += balances[i] + accrued[i]
                balloons += balances[i] + accrued[i]
                balances[i] = accrued[i] = 0.0
        else:
            for i, tranche in enumerate(tranches):
                if n == len(tranche.instalments):
                    run.balloon[tranche.terms.name][k] = balances[i]
                    paid[i] += balances[i]
                    balloons += balances[i]
                    balances[i] = 0.0
        nothing_owed = not sum(balances) > 0
        by_cash = min(cash, balloons)
        cash -= by_cash
        by_reserve = min(reserve, balloons - by_cash) if nothing_owed else 0.0
        reserve -= by_reserve
        missing = balloons - by_cash - by_reserve
        if at_end:
            run.residual_pays = min(max(0.0, deal.residual), missing)
            listed("refinancing", missing - run.residual_pays)
        else:
            listed("refinancing", missing)
        injected += missing
        distributed = 0.0
        if at_end:
            distributed = cash + reserve
            cash = reserve = 0.0
        else:
            filled = min(deal.target(k, tranches, balances) - reserve, cash)
            reserve += filled
            cash -= filled
            left = max(0.0, period_cash - service - balloons - filled)
            for i, tranche in enumerate(tranches):
                swept = min(tranche.terms.sweep * left, balances[i])
                run.swept[tranche.terms.name][k] = swept
                paid[i] += swept
                balances[i] -= swept
                left -= swept
                cash -= swept
                if tranche.terms.again and n == tranche.terms.last and not past:
                    run.refinanced[tranche.terms.name][k] = balances[i]
        due_at_once = balloons + sum(run.refinanced[tranche.terms.name][k] for tranche in tranches)
        if due_at_once > TINY * scale:
            run.debt_yield.append((k, debt_yield(deal, k) / due_at_once))
        repaid = not sum(balances) > 0
        below = False
        if not past and service > TINY * scale:
            ratio = period_cash / service
            run.dscr.append((k, ratio))
            last = [*history, (period_cash, service)][-deal.tested :]
            tested = sum(usd for usd, _ in last) / sum(usd for _, usd in last)
            locked = deal.lockup is not None and tested < deal.lockup - COVENANT_SLACK
            breached = deal.default is not None and tested < deal.default - COVENANT_SLACK
            below = locked or breached
        else:
            locked = breached = False
        if below:
            free, clean = False, 0
        elif not free:
            clean += 1
            free = clean >= 2
        if repaid:
            free = True
            cash, distributed, reserve = 0.0, distributed + cash + reserve, 0.0
        elif free:
            cash, distributed = 0.0, distributed + cash
        if locked:
            run.events.append(("lockup", k, cash))
        if breached:
            run.events.append(("default", k, cash))
        run.equity[k] += distributed - injected
        run.cash[k], run.reserve[k] = cash, reserve
        for i, tranche in enumerate(tranches):
            run.balance[tranche.terms.name][k] = balances[i]
            run.lender[tranche.terms.name][k] += paid[i]
        run.accrued[k] = sum(accrued)
        history.append((period_cash, service))
        period_cash = 0.0


def debt_yield(deal: Deal, point: int) -> float:
    """Return CFADS of the twelve months after a balloon, or of the last twelve where fewer remain."""
    if point + 12 <= deal.months:
        return sum(deal.cfads[point + 1 : point + 13])
    return sum(deal.cfads[max(deal.ready, point - 11) : point + 1])
