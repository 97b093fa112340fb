"""Cover ratios of debt, and what it costs and lasts: what lenders look at.

Rows are points in time; what stands on the dates of service is zero between them. Sources: the definitions of project
finance. DSCR is CFADS of a period over its interest and instalments; LLCR is CFADS up to the last maturity, discounted
at the debt's own rates, over what is owed; PLCR the same of CFADS up to the end of the project's life, after the last
maturity at the rate of then (Mazars, "PLCR"); the all-in cost is the lenders' internal rate of return,
fees included.
"""

from __future__ import annotations

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, Number, accumulate, as_cases, recurrence, smallest, truth
from minecalc.finance.returns import irr
from minecalc.trace import named, primitive
from minecalc.trace.operations import OPERAND

#: What share of the debt counts as nothing owed.
ROUNDING = 1e-9


def dscr(cfads: FloatArray, service: FloatArray) -> FloatArray:
    """CFADS over service, ``(points, ·)``; NaN where nothing is due."""
    return named("dscr_ratio", np.where(service > 0.0, cfads / np.where(service > 0.0, service, 1.0), np.nan))


def of_dates_together(on_dates: FloatArray, dates: int, every_months: int) -> FloatArray:
    """CFADS or service of so many ``dates``, ``every_months`` apart, at the last of them: ``(points, ·)``.

    Covenants look at them together. ``on_dates (points, ·)`` is that of each date; before the first there is none.
    """
    found, points, none = on_dates, len(on_dates), on_dates[:1] * 0.0
    for number in range(1, dates):
        rows = min(number * every_months, points)
        none_yet = np.broadcast_to(none, (rows, none.shape[1]))
        found = found + np.concatenate([none_yet, on_dates[: points - rows]])
    return found


def least_dscr(ratio: FloatArray, service: FloatArray) -> FloatArray:
    """The least DSCR of all dates, ``(·,)``; infinite without a date."""
    return named("dscr_min_ratio", smallest(np.where(service > 0.0, ratio, np.inf)))


def average_dscr(ratio: FloatArray, service: FloatArray) -> FloatArray:
    """The plain mean over the dates on which something is due, ``(·,)``; 0 without one."""
    count = accumulate(np.where(service > 0.0, 1.0, 0.0))
    return accumulate(np.where(service > 0.0, ratio, 0.0)) / np.maximum(count, 1.0)


def llcr(cfads: FloatArray, interest: FloatArray, owed_before: FloatArray, debt_usd: Number) -> FloatArray:
    """CFADS on dates while anything is owed, discounted at scheduled interest over balance, over the debt: ``(·,)``."""
    owes = _owes(owed_before, debt_usd)
    rate = _period_rate(owes, interest, owed_before)
    factors = named("discount_to_operation_ratio", _discount(rate))
    return _over_debt(np.where(owes, cfads * factors, 0.0), debt_usd)


def plcr(
    cfads: FloatArray,
    interest: FloatArray,
    owed_before: FloatArray,
    debt_usd: Number,
    dates: FloatArray,
    periods: FloatArray,
) -> FloatArray:
    """CFADS on all dates, discounted as that of ``llcr`` and on at the last rate at which anything is owed: ``(·,)``.

    ``dates`` are 1 on dates; ``periods`` how much of a whole one each ends, at the horizon too, and 0 elsewhere.
    """
    owes = _owes(owed_before, debt_usd)
    rate = _period_rate(owes, interest, owed_before)
    dated = named("date_of_debt", dates * truth(owes))
    whole = rate / np.where(periods > 0.0, periods, 1.0)
    stays = recurrence(
        lambda before, rate, dated: before * (1.0 - dated) + rate * dated, 0.0, whole, dated, moves=dated
    )
    rate = named("period_rate_to_horizon_fraction", np.where(dated > 0.0, rate, stays * periods))
    factors = named("discount_from_horizon_ratio", _discount(rate))
    return _over_debt(cfads * factors, debt_usd)


def _owes(owed_before: FloatArray, debt_usd: Number) -> BoolArray:
    """Where more than rounding is owed."""
    found: BoolArray = owed_before > ROUNDING * as_cases(debt_usd)
    return found


def _period_rate(owes: BoolArray, interest: FloatArray, owed_before: FloatArray) -> FloatArray:
    """What all tranches together cost in the period that each date ends."""
    rate = np.where(owes, interest / np.where(owes, owed_before, 1.0), 0.0)
    return named("blended_period_rate_fraction", rate)


def _discount(rate: FloatArray) -> FloatArray:
    """What a dollar of each date is worth at the start of operation, at these rates of the periods until then."""
    return recurrence(lambda worth, rate: worth / (1.0 + rate), 1.0, rate, moves=rate)


def _over_debt(discounted: FloatArray, debt_usd: Number) -> FloatArray:
    return accumulate(discounted) / np.where(as_cases(debt_usd) > 0.0, as_cases(debt_usd), np.inf)


def average_life(principal: FloatArray, years: FloatArray, debt_usd: Number) -> FloatArray:
    """Years until the principal is repaid, weighted by it, ``(·,)``."""
    return accumulate(principal * years) / np.where(as_cases(debt_usd) > 0.0, as_cases(debt_usd), np.inf)


@primitive(
    "the rate of return of {0} that is nearest to {1}",
    least=(OPERAND,),
    reads="all",
    cell='IF(MAX({0:all})*MIN({0:all})<0,(1+IRR({0:all},(1+{1})^(1/12)-1))^12-1,"none")',
)
def nearest_return(flows: FloatArray, near: FloatArray) -> FloatArray:
    """Of every rate that brings ``flows (points, cases)`` to zero the nearest to ``near (1|cases,)``; NaN of none.

    Of lenders' flows it is what the debt costs in all, effective a year. A case with a flow that is no number has none.
    """
    roots = irr(np.where(np.isfinite(flows).all(axis=0), flows, 0.0)).every_root
    if not len(roots):
        return np.full(flows.shape[1], np.nan)
    gap = np.where(np.isnan(roots), np.inf, np.abs(roots - near))
    found: FloatArray = np.take_along_axis(roots, np.argmin(gap, axis=0)[None], axis=0)[0]
    return found
