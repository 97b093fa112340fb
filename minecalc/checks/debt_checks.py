"""What only an evaluated plan can tell of its financing: that a deal closes, and what a reader should know of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from minecalc.arrays import Number, accumulate, as_cases
from minecalc.cashflows import monthly
from minecalc.engine import Engine, PlanEvaluation
from minecalc.scenario import Plan, Scenario
from minecalc.schema.diagnostics import Problem
from minecalc.units import MONTHS_PER_YEAR

if TYPE_CHECKING:
    from minecalc.deals.financed import Financed
    from minecalc.deals.financing import Tranche
    from minecalc.finance.closing import Lent

CODES = {
    "nothing-to-finance": "a plan has debt and spends nothing on its project by the time that it is ready",
    "debt-above-cost": "tranches borrow more than the whole cost",
    "no-deal": "what the debt costs outgrows what it pays for, so that no total cost adds up",
    "negative-principal": "a loan would grow on a date of repayment",
    "sculpted-beyond-horizon": "a sculpted loan is repaid from cash that lies beyond the horizon",
}

#: Rounding, as a share of what is compared.
_SLACK = 1e-9

#: An amount that is less of the total cost was probably meant in a larger unit.
_TINY = 1e-4

_MILLION, _BILLION = 1e6, 1e9


def problems(scenario: Scenario, plans: Iterable[Plan]) -> Iterator[Problem]:
    """What keeps deals of ``plans`` from closing. For a single case."""
    financed = [plan for plan in plans if plan.inputs.financing is not None]
    if not financed:
        return
    engine = Engine(scenario)
    for plan in financed:
        undated = list(_outside(scenario, plan))
        yield from undated or _of_plan(engine.evaluate(plan))


def _outside(scenario: Scenario, plan: Plan) -> Iterator[Problem]:
    """Maturities before the scenario begins, or so long after it ends that no loan is for as long."""
    assert plan.inputs.financing is not None
    for name, tranche in plan.inputs.financing.tranches.items():
        if tranche.maturity is not None:
            number, most = float(scenario.timeline.number_of(tranche.maturity)), tranche.months_beyond["maturity"]
            if not 1.0 <= number <= scenario.months + most:
                first, last = scenario.start, scenario.timeline.label(scenario.months + most)
                place = ("plans", plan.name, "financing", "tranches", name, "maturity")
                message = f"the maturity {tranche.maturity} of {name} lies outside {first} to {last}"
                yield Problem(
                    place, "outside-horizon", message, "write a month of the loan's last payment within these"
                )


def _of_plan(plan: PlanEvaluation) -> Iterator[Problem]:
    debt, at = plan.financed, ("plans", plan.plan.name, "financing")
    assert debt is not None
    undated = [*_beyond(debt, at), *_few_shares(debt, at)]
    if undated:
        yield from undated
        return
    yield from _escrow(debt, at)
    capex = float(accumulate(debt.build.capex_usd)[0])
    if capex <= 0.0:
        message = f"{plan.plan.name} spends nothing on its project by {_month(debt, 1)}, when all of it is ready"
        yield Problem(
            at, "nothing-to-finance", message, "debt pays for capex: give some, or leave financing out", key=True
        )
        return
    early = list(_before_close(debt, at))
    if early:
        yield from early
        return
    total, lent = float(debt.closing.total_usd[0]), float(debt.debt_usd[0])
    if not np.isfinite(total):
        message = "no total cost adds up: interest and fees grow faster than the cost that they are part of"
        yield Problem(at, "no-deal", message, "borrow a smaller share, or for less", key=True)
    elif lent > total * (1.0 + _SLACK):
        message = f"the tranches lend {usd(lent)} of a total cost of {usd(total)}"
        advice = "debt pays at most all of the cost: lend less, or a share_of_cost_fraction"
        yield Problem((*at, "tranches"), "debt-above-cost", message, advice, key=True)
    else:
        yield from _growing(debt, at)


def _beyond(debt: Financed, at: tuple[str, ...]) -> Iterator[Problem]:
    """Sculpted tranches whose last date lies after the horizon."""
    left, every = debt.months - float(debt.starts_at[0, 0]), debt.terms.every_months
    for name, tranche in debt.tranches.items():
        months = _number(debt.term_months(tranche))
        if tranche.repayment.shape != "sculpted" or months <= left:
            continue
        last = int(months - math.ceil((months - left) / every) * every)
        key, when, most = "term_months", f"in month {months:g} of operation", str(last)
        if tranche.maturity is not None:
            key, when, most = "maturity", f"in {tranche.maturity}", _month(debt, last)
        message = f"the last payment of {name}, {when}, lies beyond the horizon"
        advice = f"write at most {most}, or a longer horizon: it is sized on cash until then"
        if last <= 0:
            advice = (
                "write a longer horizon: it is sized on cash until then, and this one ends before the first payment"
            )
        yield Problem((*at, "tranches", name, key), "sculpted-beyond-horizon", message, advice)


def _before_close(debt: Financed, at: tuple[str, ...]) -> Iterator[Problem]:
    """Tranches that mature before anything is lent."""
    close = int(np.argmax(debt.build.closes[:, 0])) + 1
    for name, tranche in debt.tranches.items():
        if tranche.maturity is not None and float(debt.timeline.number_of(tranche.maturity)) < close:
            message = f"{name} matures in {tranche.maturity}, before close, in {debt.timeline.label(close)}"
            place = (*at, "tranches", name, "maturity")
            yield Problem(place, "bad-order", message, "write a month after all is ready")


def _few_shares(debt: Financed, at: tuple[str, ...]) -> Iterator[Problem]:
    """Tranches with a maturity that have more dates of repayment up to it than shares."""
    for loan, (name, tranche) in zip(debt.loans, debt.tranches.items(), strict=True):
        shares, dates = len(tranche.repayment.shares), int(accumulate(loan.terms.dates.principal)[0])
        if tranche.maturity is not None and 0 < shares < dates:
            first, every = float(debt.terms.first_payment_months(tranche)), debt.terms.every_months
            message = f"repayment has {shares} shares for {dates} dates"
            advice = f"every {every} months to {tranche.maturity}, from month {first:g} of operation: one share a date"
            yield Problem((*at, "tranches", name, "repayment", "shares"), "bad-shares", message, advice)


def _escrow(debt: Financed, at: tuple[str, ...]) -> Iterator[Problem]:
    """Escrows that earn more than the bond that fills them costs."""
    for name, tranche in debt.tranches.items():
        least = float(np.min(tranche.rate_fraction_per_year.values(debt.timeline)))
        earns = float(tranche.escrow_yield_fraction_per_year)
        if earns > least:
            place = (*at, "tranches", name, "escrow_yield_fraction_per_year")
            message = f"the escrow of {name} earns {earns:g} a year, more than the bond costs, {least:g}"
            yield Problem(place, "conflict", message, "what is not spent yet earns at most the bond's rate")


def _growing(debt: Financed, at: tuple[str, ...]) -> Iterator[Problem]:
    """Tranches that would grow on a date and may not."""
    for (name, tranche), lent in zip(debt.tranches.items(), debt.closing.lent, strict=True):
        if tranche.allow_negative_amortisation:
            continue
        instalments = np.broadcast_to(lent.schedule.instalment_usd, debt.since.shape)[:, 0]
        grows = np.flatnonzero(instalments < -_SLACK * _number(lent.amount_usd))
        if grows.size:
            k = int(grows[0])
            message = (
                f"{name} would grow by {usd(-instalments[k])} in {debt.timeline.label(k)}: its interest is not covered"
            )
            advice = "lend less, repay later (first_payment_months), or allow_negative_amortisation: true"
            if tranche.repayment.shape != "sculpted":
                advice = "its rate changes too much for equal service; repay by equal_principal"
            yield Problem((*at, "tranches", name, "repayment"), "negative-principal", message, advice)


def warnings(plan: PlanEvaluation) -> Iterator[str]:
    """What a reader should know of a plan's debt besides its figures. For a single case."""
    debt = plan.financed
    if debt is None:
        return
    total, lent = float(debt.closing.total_usd[0]), float(debt.debt_usd[0])
    lockup, default = _number(debt.terms.lockup_dscr_ratio), _number(debt.terms.default_dscr_ratio)
    if 0.0 < lockup < default:
        below = f"lockup_dscr_ratio, {lockup:g}, lies below default_dscr_ratio, {default:g}"
        yield f"{below}, which holds distributions back first"
    every = debt.terms.every_months
    if debt.terms.dscr_after_tax and debt.tax_usd is None:
        yield "dscr_after_tax changes nothing: the plan has no tax"
    if debt.tax_usd is not None and debt.tax_usd.any() and every < MONTHS_PER_YEAR and debt.terms.tested_dates == 1:
        year = "; dscr_test_months: 12 has covenants look at a year" if max(lockup, default) > 0.0 else ""
        yield (
            "DSCR is after tax, which is paid once a year: the date whose period has December bears all of it with the "
            f"cash of {every} months{year}"
        )
    for (name, tranche), closed in zip(debt.tranches.items(), debt.closing.lent, strict=True):
        amount = _number(closed.amount_usd)
        yield from _capped(name, tranche, amount, total)
        yield from _late(debt, name, tranche)
        yield from _grown(debt, name, closed)
        place = list(debt.tranches).index(name)
        left = float(debt.flows[place].at_end_usd[-1, 0])
        matures = bool(debt.serviced[place].terms.dates.last[: debt.months + 1].any())
        if not matures and left > _SLACK * amount > 0.0:
            yield f"{name} runs beyond the horizon: {usd(left)} is owed there, paid from what is left, then by equity"
    if _number(debt.ready) > debt.months:
        last, spent = debt.timeline.label(debt.months), usd(float(accumulate(debt.build.capex_usd)[0]))
        yield f"the deal is closed as if all were ready in {last}, on the {spent} of capex by then"
    received = monthly([line for line in plan.project_lines if line.name == "prepayment_received_usd"], debt.months)
    early = float(accumulate(received * (debt.timeline.numbers <= float(debt.starts_at[0, 0]) + 1.0))[0])
    if early and lent + early > total * (1.0 + _SLACK):
        yield f"debt of {usd(lent)} and a prepayment of {usd(early)} are more than the total cost of {usd(total)}"


def _grown(debt: Financed, name: str, lent: Lent) -> Iterator[str]:
    """That a loan which may grow is scheduled to, and how far."""
    owed, amount = np.broadcast_to(lent.schedule.owed_usd, debt.since.shape)[:, 0], _number(lent.amount_usd)
    most = int(np.argmax(owed))
    if owed[most] > amount * (1.0 + _SLACK):
        yield (
            f"{name} grows from {usd(amount)} to {usd(owed[most])} in {debt.timeline.label(most)}: what it is sculpted "
            "to does not cover its interest"
        )


def _late(debt: Financed, name: str, tranche: Tranche) -> Iterator[str]:
    """That a build outlasts a maturity, or leaves no date to repay on before it, or fewer than there are shares for."""
    if tranche.maturity is None:
        return
    dated = debt.loans[list(debt.tranches).index(name)].terms.dates
    count, shares = int(accumulate(dated.principal)[0]), tranche.repayment.shares
    last, ready = _month(debt, int(_number(debt.term_months(tranche)))), _month(debt, 1)
    if debt.timeline.number_of(tranche.maturity) <= float(debt.starts_at[0, 0]):
        yield f"{name} matures in {tranche.maturity}, before all is ready in {ready}: all of it is due in {last}"
    elif tranche.repayment.shape != "bullet" and not count:
        yield f"{name} has no date of repayment from {ready} to its maturity in {tranche.maturity}: all is due then"
    elif len(shares) > count:
        yield f"{name} has {len(shares)} shares for {count} dates from {ready} on: the last ones repay as much as all"


def _capped(name: str, tranche: Tranche, amount: float, total: float) -> Iterator[str]:
    """That a tranche lends less than its share or amount, since its cash allows no more; or nothing."""
    wanted = tranche.amount_usd
    if tranche.share_of_cost_fraction is not None:
        wanted = float(tranche.share_of_cost_fraction) * total
    if wanted is not None and float(wanted) <= 0.0:
        yield f"{name} lends nothing: its size is 0"
    elif tranche.amount_usd is not None and float(tranche.amount_usd) < _TINY * total:
        said = f"{name} lends ${float(tranche.amount_usd):,.0f} of a total cost of {usd(total)}"
        yield f"{said}: amount_usd is in USD, not in millions"
    if amount <= 0.0 and (wanted is None or float(wanted) > 0.0):
        cash = "cash" if tranche.sized_on is None else "cash under contract on all of its dates"
        yield f"{name} lends nothing: there is no {cash} to repay it from"
    elif wanted is not None and tranche.dscr_ratio is not None:
        if amount < float(wanted) * (1.0 - _SLACK):
            allowed = f"a DSCR of {float(tranche.dscr_ratio):g} allows {name} {usd(amount)}"
            yield f"{allowed}, less than the {usd(float(wanted))} that its size says"
        else:
            yield f"{name} lends its size, {usd(amount)}: a DSCR of {float(tranche.dscr_ratio):g} would allow more"


def _month(debt: Financed, after: int) -> str:
    return debt.timeline.label(int(debt.starts_at[0, 0]) + after)


def _number(value: Number) -> float:
    """The number of the single case."""
    return float(as_cases(value)[0])


def usd(amount: float) -> str:
    """Money in millions or billions, for a reader."""
    return f"${amount / _BILLION:,.4g}B" if abs(amount) >= _BILLION else f"${amount / _MILLION:,.4g}M"
