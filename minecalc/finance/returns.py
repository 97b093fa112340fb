"""What flows are worth and what they return: NPV, IRR, MIRR, payback, multiples.

Flows are signed money per time point, inflow positive, of shape ``(points, cases)``, or ``(points,)`` for
one case; point 0 is today and is not discounted. Rates are effective per year; ``periods_per_year`` is the
number of points in a year. A case gives the same bits alone and in any batch: sums over time run from the
first point to the last. Functions of flows raise ValueError for other shapes and for numbers that are not
finite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from minecalc.arrays import BoolArray, FloatArray, accumulate, as_row, power, running_total
from minecalc.finance.roots import NEGLIGIBLE, Search, all_roots, scaled, side_by_side, signs
from minecalc.frozen import frozen
from minecalc.trace import operation
from minecalc.trace.operations import OPERAND

_CHUNK_COLUMNS = 4096
_CHUNK_NUMBERS = 2**20


class Missing(StrEnum):
    """Why there is no answer."""

    ALL_ZERO = "all flows are zero"
    NO_SIGN_CHANGE = "the flows never change sign"
    BORROWING = "the flows begin with an inflow, so a rate would be a borrowing cost, not a return"
    RISING = "the NPV is below zero at lower rates and above at higher ones, so the rate between is no return"
    NO_ROOT = "no rate between -99% and 1,000% a year brings the NPV to zero"
    SEVERAL_ROOTS = "several rates bring the NPV to zero"
    ONE_SIDED = "money only goes in, or only comes out"
    NOTHING_PUT_IN = "nothing was put in"
    NEVER_PAID_BACK = "the money put in is not paid back by the end"
    NOT_FINITE = "no deal closes: what the debt costs outgrows what it pays for"


_REASONS = tuple(Missing)
_CODE = {reason: code for code, reason in enumerate(_REASONS, start=1)}


@frozen
class Answers:
    """One answer per case, or the reason why there is none.

    ``numbers (cases,)`` is for arithmetic on many cases and holds NaN where ``known`` is False; an answer
    to be shown comes from ``number`` and ``reason``.
    """

    numbers: FloatArray
    reason_codes: NDArray[np.int8]

    @property
    def known(self) -> BoolArray:
        """Which cases have an answer: ``(cases,)``."""
        known: BoolArray = self.reason_codes == 0
        return known

    def number(self, case: int = 0) -> float | None:
        """The answer of ``case``, or None."""
        return float(self.numbers[case]) if self.reason_codes[case] == 0 else None

    def reason(self, case: int = 0) -> str | None:
        """Why ``case`` has no answer; None if it has one."""
        code = int(self.reason_codes[case])
        return _REASONS[code - 1].value if code else None


@frozen
class InternalRates(Answers):
    """Rates per year; ``every_root (roots, cases)`` holds all that were found, ascending, padded with NaN."""

    every_root: FloatArray

    def roots(self, case: int = 0) -> tuple[float, ...]:
        """Every rate per year that brings the NPV of ``case`` to zero, ascending."""
        column = self.every_root[:, case]
        return tuple(column[~np.isnan(column)].tolist())


def discount_factors(rate: ArrayLike, points: int, periods_per_year: float = 12) -> FloatArray:
    """Worth today of 1 at each point: ``(1 + rate) ** (-k / periods_per_year)``.

    ``rate`` is per year, a float or ``(cases,)``; the factors are ``(points, 1)`` or ``(points, cases)``.
    Raises ValueError for a rate of -1 or less.
    """
    growth = 1.0 + as_row(rate)
    if not (growth > 0.0).all():
        raise ValueError("a discount rate must be above -1")
    return power(growth, _minus_years(points, periods_per_year))


@lru_cache(maxsize=64)
def _minus_years(points: int, periods_per_year: float) -> FloatArray:
    """Minus the years from today to each point, ``(points, 1)``."""
    years: FloatArray = np.arange(points, dtype=np.float64)[:, None] / -periods_per_year
    years.flags.writeable = False
    return years


def npv(flows: ArrayLike, rate: ArrayLike, periods_per_year: float = 12) -> FloatArray:
    """Net present value ``(cases,)``: ``sum(flow[k] * (1 + rate) ** (-k / periods_per_year))``."""
    columns = as_columns(flows)
    return accumulate(columns * discount_factors(rate, len(columns), periods_per_year))


#: The largest flow of a spreadsheet's row, beside which others are only rounding.
_BIGGEST = ("biggest", "MAX(MAX({0:all}),-MIN({0:all}))")


@operation(
    "the rate r a year at which the sum of {0} × (1 + r)^(−months/12) is zero",
    least=(OPERAND,),
    reads="all",
    cell='IF(OR({turns}=0,{roots}<>1,{opening}>0,INDEX({worth:all},1,1)<0),"none",(1+IRR({0:all},{guess}))^12-1)',
    working=(
        _BIGGEST,
        ("side[]", "IF(ABS({0})<={negligible}*{biggest},0,SIGN({0}))"),
        ("side_so_far[]", "IF({side}=0,{self:before}+0,{side})"),
        ("turn[]", "IF({side}*{side_so_far:before}<0,1,0)"),
        ("turns", "SUM({turn:all})"),
        ("opening", "IF(ISODD({turns}),-1,1)*INDEX({side_so_far:all},1,{rows})"),
        ("worth[rates]", "IF({turns}=0,0,NPV({rate},{0:all})/{biggest})"),
        ("crosses[rates]", "IF({worth}*{worth:before}<0,1,0)"),
        ("roots", "SUM({crosses:all})"),
        ("guess", "IF({roots}=0,0,INDEX({rates:all},1,MATCH(1,{crosses:all},0)))"),
    ),
)
def irr(flows: ArrayLike, periods_per_year: float = 12) -> InternalRates:
    """Internal rate of return: the only rate per year that brings the NPV to zero, or None with the reason.

    Rates are searched from -99% to 1,000% a year, both included (closer to zero for flows of over 65
    years). Several rates are no answer; flows that begin with an inflow and have a single rate borrow rather
    than invest, and have no return, nor have flows whose NPV rises with the rate through a single zero: what they
    return lies beyond the range. ``roots`` lists every rate all the same, a double root once. A flow below
    1e-12 of the largest of its case is rounding and counts as zero; roots nearer to each other than about 1e-6
    count as one. For the method and its proof see ``finance/roots.py``.
    """
    columns = as_columns(flows)
    points, cases = columns.shape
    search = Search.over(points, periods_per_year)
    width = max(1, min(_CHUNK_COLUMNS, _CHUNK_NUMBERS // points))
    parts = [_irr(columns[:, start : start + width], search) for start in range(0, cases, width)]
    return InternalRates(
        np.concatenate([np.empty(0), *(part.numbers for part in parts)]),
        np.concatenate([np.empty(0, dtype=np.int8), *(part.reason_codes for part in parts)]),
        side_by_side([part.every_root for part in parts]),
    )


def _irr(flows: FloatArray, search: Search) -> InternalRates:
    flows = scaled(flows)
    changing = signs(flows)
    roots = all_roots(flows, changing, search)
    count = np.count_nonzero(~np.isnan(roots), axis=0)
    return InternalRates(
        *_answers(
            np.expm1(roots[0]),
            (~changing.any, Missing.ALL_ZERO),
            (changing.changes == 0, Missing.NO_SIGN_CHANGE),
            (count > 1, Missing.SEVERAL_ROOTS),
            (changing.opens_with_inflow, Missing.BORROWING),
            (_rises(flows, (count == 1) & (changing.changes > 1), search), Missing.RISING),
            (count == 0, Missing.NO_ROOT),
        ),
        np.expm1(roots[: count.max()]),
    )


def _rises(flows: FloatArray, asked: BoolArray, search: Search) -> BoolArray:
    """Where the NPV is below zero at the lowest rate and above it at the highest, of those ``asked (cases,)``."""
    found, cases = np.zeros(asked.shape, dtype=np.bool_), np.flatnonzero(asked)
    if cases.size:
        ends = np.expm1([search.lowest, search.highest])
        at_low, at_high = (npv(flows[:, cases], rate, search.periods_per_year) for rate in ends)
        found[cases] = (at_low < 0.0) & (at_high > 0.0)
    return found


@operation(
    "(inflows of {0} grown to the end at {1} / outflows discounted at {2})^(12/months) − 1",
    least=(OPERAND,),
    reads="all",
    cell='IF(OR(MAX({0:all})<={negligible}*{biggest},-MIN({0:all})<={negligible}*{biggest}),"none",'
    "(1+MIRR({0:all},(1+{1})^(1/12)-1,(1+{2})^(1/12)-1))^12-1)",
    working=(_BIGGEST,),
)
def mirr(flows: ArrayLike, finance_rate: ArrayLike, reinvest_rate: ArrayLike, periods_per_year: float = 12) -> Answers:
    """Modified internal rate of return per year, over the whole length of ``flows`` (as Excel's MIRR).

    The rate that grows the outflows, discounted to point 0 at ``finance_rate``, into the inflows,
    reinvested to the last point at ``reinvest_rate``. None without an outflow or without an inflow.
    """
    columns = as_columns(flows)
    inflow, outflow = _sides(columns)
    two_sided = (inflow.max(axis=0) > 0) & (outflow.max(axis=0) > 0)
    gain, loss = np.broadcast_arrays(
        npv(inflow, reinvest_rate, periods_per_year), npv(outflow, finance_rate, periods_per_year)
    )
    years = max(len(columns) - 1, 1) / periods_per_year
    ratio = np.divide(gain, loss, out=np.ones(gain.shape), where=two_sided)
    reinvested = 1 + np.asarray(reinvest_rate, dtype=np.float64)
    rate = np.power(ratio, np.full_like(ratio, 1 / years)) * reinvested - 1
    return Answers(*_answers(rate, (~two_sided, Missing.ONE_SIDED)))


@operation(
    "months until the running total of {0} is, and stays, at or above zero",
    least=(OPERAND,),
    reads="all",
    cell='IF(OR(-MIN({0:all})<={negligible}*{biggest},{last}={rows}),"none",IF({last}=0,0,{last}-1+{short}/({short}+{over})))',
    working=(
        _BIGGEST,
        ("total[]", "{self:before}+{0}"),
        ("below[]", "IF({total}<-{negligible}*{biggest},{row},0)"),
        ("last", "MAX({below:all})"),
        ("short", "IF({last}=0,0,-INDEX({total:all},1,MAX(1,{last})))"),
        ("over", "MAX(INDEX({total:all},1,MIN({last}+1,{rows})),0)"),
    ),
)
def payback(flows: ArrayLike) -> Answers:
    """Periods until the running total of ``flows`` is, and stays, at or above zero.

    The fraction of a period is interpolated between the last point below zero and the next. 0 if money is
    put in but the total never falls below zero; None if none is put in, or the total ends below zero.
    """
    columns = as_columns(flows)
    points, cases = columns.shape
    _, outflow = _sides(columns)
    total = running_total(columns)
    below = total < -NEGLIGIBLE * np.abs(columns).max(axis=0)
    last = points - 1 - below[::-1].argmax(axis=0)
    following = np.minimum(last + 1, points - 1)
    every = np.arange(cases)
    short, over = -total[last, every], np.maximum(total[following, every], 0.0)
    ever = below.any(axis=0)
    fraction = np.divide(short, short + over, out=np.ones(cases), where=ever)
    return Answers(
        *_answers(
            np.where(ever, last + fraction, 0.0),
            (outflow.max(axis=0) == 0, Missing.NOTHING_PUT_IN),
            (below[-1], Missing.NEVER_PAID_BACK),
        )
    )


@operation(
    "the inflows of {0} / its outflows",
    least=(OPERAND,),
    reads="all",
    cell='IF({outflow}=0,"none",SUMIF({0:all},">"&{negligible}*{biggest})/{outflow})',
    working=(_BIGGEST, ("outflow", '-SUMIF({0:all},"<"&-{negligible}*{biggest})')),
)
def moic(flows: ArrayLike) -> Answers:
    """Multiple on invested capital: the sum of inflows over the sum of outflows. None without an outflow."""
    inflow, outflow = (accumulate(side) for side in _sides(as_columns(flows)))
    multiple = np.divide(inflow, outflow, out=np.ones_like(inflow), where=outflow > 0)
    return Answers(*_answers(multiple, (outflow == 0, Missing.NOTHING_PUT_IN)))


@operation(
    "how far the running total of {0} falls below zero",
    least=(OPERAND,),
    reads="all",
    cell="MAX(0,-MIN({total:all}))",
    working=(("total[]", "{self:before}+{0}"),),
)
def peak_funding(flows: ArrayLike) -> FloatArray:
    """The most money ever put in: how far the running total of ``flows`` falls below zero, ``(cases,)``."""
    peak: FloatArray = np.maximum(0.0, -running_total(as_columns(flows)).min(axis=0))
    return peak


A = TypeVar("A", bound=Answers)


def where_finite(rule: Callable[..., A], flows: FloatArray, *rest: ArrayLike) -> A:
    """``rule(flows, ..)`` of flows ``(points, cases)`` some of whose cases are no numbers: these have no answer."""
    finite = np.isfinite(flows).all(axis=0)
    if finite.all():
        return rule(flows, *rest)
    found = rule(np.where(finite, flows, 0.0), *rest)
    codes = np.where(finite, found.reason_codes, _CODE[Missing.NOT_FINITE]).astype(np.int8)
    return replace(found, numbers=np.where(finite, found.numbers, np.nan), reason_codes=codes)


def as_columns(flows: ArrayLike) -> FloatArray:
    """``flows`` as ``(points, cases)``; ValueError for other shapes, no points, or numbers not finite."""
    array = np.asarray(flows, dtype=np.float64)
    columns = array[:, None] if array.ndim == 1 else array
    if columns.ndim != 2 or not len(columns):
        raise ValueError(f"flows have shape (points, cases) or (points,), not {array.shape}")
    if not np.isfinite(columns).all():
        raise ValueError("flows must be finite numbers")
    return columns


def _sides(flows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inflows and outflows apart, both as positive numbers; flows that are only rounding are neither."""
    money = np.where(np.abs(flows) > NEGLIGIBLE * np.abs(flows).max(axis=0), flows, 0.0)
    return np.maximum(money, 0.0), np.maximum(-money, 0.0)


def _answers(numbers: FloatArray, *missing: tuple[BoolArray, Missing]) -> tuple[FloatArray, NDArray[np.int8]]:
    """Numbers and reason codes for ``Answers``: the first reason that holds takes a case's number away."""
    codes = np.zeros(numbers.shape, dtype=np.int8)
    for holds, reason in missing:
        codes[holds & (codes == 0)] = _CODE[reason]
    return np.where(codes == 0, numbers, np.nan), codes
