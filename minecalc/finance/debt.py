"""A loan's dates, its instalments in every shape, and the amount that cash can carry.

Rows are months 1, 2, .. of a horizon; ``since`` counts them from the start of operation, and a loan's dates are those
rows at which that is a multiple of the calendar's spacing. Interest is simple within a period and due on every date;
principal is due from the first payment to the last. Amounts are positive USD, ``(months, 1|cases)`` or ``(1|cases,)``.

Sources: the annuity (as Excel's PMT) and equal principal; sculpting as in project finance texts: with service
``CFADS / DSCR`` on every date the debt is the sum of service discounted at the loan's own period rates.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from minecalc.arrays import (
    BoolArray,
    FloatArray,
    Number,
    accumulate,
    as_cases,
    as_row,
    month_before,
    placed,
    recurrence,
    running_total,
    smallest,
    stretches,
    truth,
)
from minecalc.trace import is_traced, named, primitive
from minecalc.trace.operations import OPERAND


class Dates(NamedTuple):
    """The dates of a loan as 1 or 0 by month, ``(months, ·)`` each.

    ``service`` are those on which anything is due, ``principal`` those of instalments, ``last`` the last of them, and
    ``open`` the months after which something is scheduled to be owed.
    """

    service: FloatArray
    principal: FloatArray
    last: FloatArray
    open: FloatArray


def is_date(since: FloatArray, every_months: float) -> BoolArray:
    """Whether each month is a date of the calendar: ``since`` a multiple of ``every_months`` above zero."""
    periods = since / every_months
    found: BoolArray = (since > 0.0) & (np.floor(periods) == periods)
    return found


def dates(since: FloatArray, every_months: float, first_payment_months: Number, term_months: Number) -> Dates:
    """The dates of a loan whose principal is due from ``first_payment_months`` to ``term_months`` of ``since``.

    A term that is no multiple of ``every_months`` ends on the last date before it.
    """
    last = np.floor(term_months / every_months) * every_months
    service = is_date(since, every_months) & (since <= last)
    return Dates(
        named("service_date", truth(service)),
        named("principal_date", truth(service & (since >= first_payment_months))),
        named("last_date", truth(service & (since == last))),
        named("before_last_date", truth(since < last)),
    )


def period_totals(monthly: FloatArray, date: FloatArray) -> FloatArray:
    """The sum of ``monthly (months, ·)`` since the last ``date`` before each month, of the month itself: as it."""
    return recurrence(
        lambda so_far, month, begins: so_far * (1.0 - begins) + month, 0.0, monthly, month_before(date, 0.0)
    )


def totals_on_dates(monthly: FloatArray, date: FloatArray) -> FloatArray:
    """The sum of ``monthly (months, ·)`` since the last ``date``, on dates; 0 between them."""
    if date.shape[1] > 1 or is_traced(monthly, date):
        return period_totals(monthly, date) * date
    rows = np.flatnonzero(date[:, 0]).tolist()
    ends = tuple(row + 1 for row in rows)
    return placed(len(date), tuple(rows), stretches(monthly, ends) if rows else monthly[:0])


class Terms(NamedTuple):
    """What of a loan is known before its amount: dates, interest, and what later money is worth at its rate.

    ``monthly_rate (months, ·)`` is zero before operation and ``period_rate`` its sum since the date before.
    ``factors`` are what 1 is worth at the date before the first instalment; ``annuity`` their sum over the dates of
    instalments, and ``repaid`` what of 1 the instalments repay, valued there: ``1 - balloon x the last factor``.
    """

    dates: Dates
    monthly_rate: FloatArray
    period_rate: FloatArray
    factors: FloatArray
    annuity: FloatArray
    repaid: FloatArray

    @property
    def rate_due(self) -> FloatArray:
        """The period rate on dates, 0 between them."""
        return self.period_rate * self.dates.service

    @property
    def unpaid_rate(self) -> FloatArray:
        """The rate of the months since the last date, 0 on dates, where interest is paid."""
        return self.period_rate * (1.0 - self.dates.service)


def terms(dated: Dates, monthly_rate: FloatArray, balloon_fraction: Number) -> Terms:
    """The ``Terms`` of a loan at ``monthly_rate (months, ·)`` with ``balloon_fraction`` due on the last date."""
    period = named("period_rate_fraction", period_totals(monthly_rate, dated.service))
    pays = dated.principal
    factors = recurrence(lambda worth, rate, pays: worth / (1.0 + rate * pays), 1.0, period, pays, moves=pays)
    factors = named("annuity_factor", factors)
    final = accumulate(factors * dated.last)
    annuity = named("annuity", accumulate(factors * dated.principal))
    return Terms(dated, monthly_rate, period, factors, annuity, named("repaid_worth", 1.0 - balloon_fraction * final))


class Schedule(NamedTuple):
    """A loan as scheduled, ``(months, ·)`` each: interest and instalments on dates, and what is owed after each month.

    What is owed on the last date after the instalment is the balloon, which is due then.
    """

    interest_usd: FloatArray
    instalment_usd: FloatArray
    owed_usd: FloatArray

    @property
    def service_usd(self) -> FloatArray:
        """Interest and instalments, the balloon left out."""
        return self.interest_usd + self.instalment_usd


def repaid_by_service(loan: Terms, amount: Number, service: FloatArray) -> Schedule:
    """``amount`` of which each date of an instalment pays ``service (months, ·)``, interest first."""
    pays = loan.dates.principal
    owed = recurrence(_after_service, amount, loan.period_rate, pays, service, moves=pays)
    interest = month_before(owed, amount) * loan.period_rate
    return _schedule(loan, interest, pays * (service - interest), owed)


def _after_service(owed: Any, rate: Any, pays: Any, service: Any) -> Any:
    return owed - pays * (service - owed * rate)


def repaid_by_principal(loan: Terms, amount: Number, instalment: FloatArray) -> Schedule:
    """``amount`` of which each date repays ``instalment (months, ·)`` beside its interest."""
    owed = as_cases(amount) - running_total(instalment)
    return _schedule(loan, month_before(owed, amount) * loan.period_rate, instalment, owed)


def _schedule(loan: Terms, interest: FloatArray, instalment: FloatArray, owed: FloatArray) -> Schedule:
    return scheduled(interest * loan.dates.service, instalment, owed * loan.dates.open)


def scheduled(interest: FloatArray, instalment: FloatArray, owed: FloatArray) -> Schedule:
    """These as a ``Schedule``, by whose names explanations call them."""
    return Schedule(
        named("scheduled_interest_usd", interest),
        named("scheduled_instalment_usd", instalment),
        named("scheduled_owed_usd", owed),
    )


def level(loan: Terms, amount: Number) -> Schedule:
    """Equal service on every date of an instalment: ``amount x repaid / annuity``."""
    service = as_cases(amount) * loan.repaid / np.where(loan.annuity > 0.0, loan.annuity, 1.0)
    return repaid_by_service(loan, amount, loan.dates.principal * named("level_service_usd", service))


def equal_principal(loan: Terms, amount: Number, balloon_fraction: Number) -> Schedule:
    """Equal instalments: what the balloon leaves over their number."""
    count = accumulate(loan.dates.principal)
    instalment = as_cases(amount) * (1.0 - balloon_fraction) / np.maximum(count, 1.0)
    return repaid_by_principal(loan, amount, loan.dates.principal * instalment)


class Sculpting(NamedTuple):
    """The service of a sculpted loan on each date, ``(months, ·)``, and the DSCR it comes to, ``(·,)``.

    ``service_usd`` holds the interest of dates before the first instalment, too.
    """

    service_usd: FloatArray
    dscr_ratio: FloatArray


def sculpted(loan: Terms, amount: Number, cfads: FloatArray, senior: FloatArray) -> Sculpting:
    """Service of ``amount`` in proportion to ``cfads (months, ·)``, that of ``senior`` loans deducted."""
    pays, target = loan.dates.principal, as_cases(amount) * loan.repaid
    share = named("cfads_share_fraction", sculpting_share(cfads, senior, loan.factors * pays, target))
    service = np.maximum(cfads * share - senior, 0.0) * pays + as_row(amount) * (loan.rate_due * (1.0 - pays))
    dscr = named("sculpting_dscr_ratio", 1.0 / np.where(share > 0.0, share, np.inf))
    return Sculpting(named("sculpted_service_usd", service), dscr)


#: Steps that a spreadsheet takes; a check of it says whether they were enough.
_STEPS = 8


@primitive(
    "the share x at which max(0, {0} × x − {1}) × {2} adds up to {3} over time",
    least=(OPERAND,),
    reads="all",
    cell=f"{{share_{_STEPS}}}",
    working=(
        ("pays_1[]", "IF(AND({0}>0,{2}>0),1,0)"),
        *(
            step
            for n in range(1, _STEPS + 1)
            for step in (
                (f"above_{n}[]", f"{{pays_{n}}}*{{1}}*{{2}}"),
                (f"below_{n}[]", f"{{pays_{n}}}*{{0}}*{{2}}"),
                (f"share_{n}", f"IF(SUM({{below_{n}:all}})>0,({{3}}+SUM({{above_{n}:all}}))/SUM({{below_{n}:all}}),0)"),
                (f"pays_{n + 1}[]", f"{{pays_{n}}}*IF({{0}}*{{share_{n}}}>{{1}},1,0)"),
            )
        ),
        ("check", f"IF(SUM({{pays_{_STEPS + 1}:all}})=SUM({{pays_{_STEPS}:all}}),1,0)"),
    ),
)
def sculpting_share(cfads: FloatArray, senior: FloatArray, factors: FloatArray, worth: FloatArray) -> FloatArray:
    """The share of CFADS that pays a sculpted loan of ``worth (·,)`` and ``senior`` service before it: ``(cases,)``.

    It is ``(worth + sum of senior x factors) / sum of cfads x factors`` over the dates on which the loan pays at all,
    found from all with cash down, in at most as many steps as there are dates. 0 where no date has cash.
    """
    dated = np.flatnonzero(factors.any(axis=1))
    cfads, factors = cfads[dated], factors[dated]
    senior = senior if len(senior) == 1 else senior[dated]
    pays = (cfads > 0.0) & (factors > 0.0)
    while True:
        above = worth + accumulate(np.where(pays, senior * factors, 0.0))
        below = accumulate(np.where(pays, cfads * factors, 0.0))
        share: FloatArray = np.divide(above, below, out=np.zeros(np.broadcast(above, below).shape), where=below > 0.0)
        still = pays & (cfads * share > senior)
        if (still == pays).all():
            return share
        pays = still


def carried_when_sculpted(loan: Terms, allowed: FloatArray) -> FloatArray:
    """The amount that ``allowed (months, ·)`` service repays: the sum of what it is worth, over what it repays of 1."""
    worth = accumulate(allowed * loan.factors * loan.dates.principal)
    return named("sculpted_amount_usd", worth / np.where(loan.repaid > 0.0, loan.repaid, np.inf))


#: What of a loan of 1 is no service but what rounding has left of the last instalment.
_DUST = 1e-12


def carried(of_one: Schedule, allowed: FloatArray, inside: FloatArray) -> FloatArray:
    """The largest amount whose service is within ``allowed`` on every date that ``inside`` marks: ``(cases,)``.

    ``of_one`` is the schedule of an amount of 1. 0 where no date is inside.
    """
    service = of_one.service_usd * inside
    most = smallest(np.where(service > _DUST, allowed / np.where(service > _DUST, service, 1.0), np.inf))
    return named("carried_amount_usd", np.where(most < np.inf, most, 0.0))
