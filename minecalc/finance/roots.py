"""Every rate at which flows are worth nothing: the root finder behind the internal rate of return.

Flows have shape ``(points, cases)``. The unknown is ``u = ln(1 + rate per year)``; a flow at point k is
worth ``flow * v**k`` with ``v = exp(-u / periods_per_year)``. Inflows and outflows are valued apart,
because the logarithm of their ratio is close to a straight line in u: Newton needs four or five steps on
it, from any start.

*One root at most* (one change of sign, or running totals that prove it) goes straight to Newton. *Several
changes of sign*: the range is halved until bounds tell of each piece that it has one root or none. The
slope of the logarithm in u is the mean time of the outflows less that of the inflows, each weighted by
present value, and such a mean falls as u rises; so its values at the ends of a piece bound the slope within.

*What halving leaves open* (roots that touch, or lie close together) is split by the argument that proves
Descartes' rule: if the sign changes between the points k-1 and k, the derivative of ``exp(u*c) * NPV``
with c = k - 1/2 is again a sum of discounted flows, ``flow[j] * (c - j)``, with one change fewer. Its
roots, found in the same way, cut the range into pieces on which the NPV crosses zero once or not at all.
So no root is missed between the points of a grid (there is none), and none is invented.

Powers of v come from repeated multiplication, and cases stop one by one as they converge, so a root has the
same bits whether its case is alone or one of many.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from minecalc.arrays import BoolArray, FloatArray, running_total

LOWEST_RATE = -0.99
HIGHEST_RATE = 10.0

#: A flow this small beside the largest of its case is the rounding of a difference, not money.
NEGLIGIBLE = 1e-12
#: An NPV this small beside the present values it is made of cannot be told from zero.
TOUCH = 1e-13

_LARGEST_EXPONENT = 300.0  # discount factors from exp(-300) to exp(300), 1e-130 to 1e130
_VANISHING = 1e-150  # a coefficient this small beside the largest cannot matter, whatever the discount factor
_FAR = 1e9  # outside any range of u: an end that has not been evaluated yet
_NEWTON_STEP = 1e-10  # a Newton step this short leaves an error of its square
_BISECTION_STEP = 4e-15  # the spacing of doubles near the ends of the range
_HALVINGS = 14  # of the range, before what is still open is left to derivatives
_APART = 1e-9  # a logarithm, or a slope of it in years, this far from zero is not there by rounding
_HELD_NUMBERS = 2**22  # size of all derivatives that are kept at a time
_NARROW = 16  # with fewer cases, a loop over Python floats beats a loop over rows

Whole = NDArray[np.intp]
Scalars = TypeVar("Scalars", float, FloatArray)


class Signs(NamedTuple):
    """Of each case: has it any flow, is the first an inflow, how often the sign changes, and where first."""

    any: BoolArray
    opens_with_inflow: BoolArray
    changes: Whole
    first_change: Whole


class Search(NamedTuple):
    """Where roots are looked for: the ends of u, and the length of a period."""

    lowest: float
    highest: float
    periods_per_year: float

    @classmethod
    def over(cls, points: int, periods_per_year: float) -> Self:
        """From ``LOWEST_RATE`` to ``HIGHEST_RATE``; narrower beyond 65 years, lest factors overflow."""
        limit = _LARGEST_EXPONENT * periods_per_year / max(points - 1, 1)
        lowest, highest = float(np.log1p(LOWEST_RATE)), float(np.log1p(HIGHEST_RATE))
        return cls(max(lowest, -limit), min(highest, limit), periods_per_year)

    def factor(self, u: FloatArray) -> FloatArray:
        """Worth of 1 a period later: ``exp(-u / periods_per_year)``."""
        return np.exp(-u / self.periods_per_year)


def scaled(flows: FloatArray, negligible: float = NEGLIGIBLE) -> FloatArray:
    """``flows`` times the power of two that brings a case's largest near 1, with ``negligible`` ones zero."""
    size = np.abs(flows)
    peak = size.max(axis=0)
    factor = np.ldexp(1.0, -np.clip(np.frexp(peak)[1], -1000, 1000))
    return np.where(size > negligible * peak, flows * factor, 0.0)


def signs(flows: FloatArray) -> Signs:
    """The changes of sign of ``flows``, zeros passed over; ``first_change`` is the point after the change."""
    point = 2 * np.arange(1, flows.shape[0] + 1, dtype=np.int32)[:, None]
    code = np.where(flows > 0, point + 1, np.where(flows < 0, point, 0))
    # codes grow with time, so a running maximum carries the last sign (the lowest bit) across zeros
    held = np.maximum.accumulate(np.ascontiguousarray(code.T), axis=1)
    changed = ((held[:, 1:] ^ held[:, :-1]) & 1).astype(np.bool_) & (held[:, :-1] > 0)
    changes = np.count_nonzero(changed, axis=1)
    first = changed.argmax(axis=1) + 1 if changed.shape[1] else np.ones_like(changes)
    return Signs(held[:, -1] > 0, ((held[:, -1] ^ changes) & 1).astype(np.bool_), changes, first)


def all_roots(flows: FloatArray, changing: Signs, search: Search) -> FloatArray:
    """Every root in the range, as u ``(roots, cases)``, ascending and padded with NaN, with at least one row.

    A double root counts once. ``flows`` are ``scaled`` and ``changing`` is ``signs(flows)``.
    """
    roots, hard = _single_roots(flows, changing, search)
    if not hard.size:
        return roots
    found, settled = _isolated(flows[:, hard], search)
    roots, hard = _merged(roots, hard[settled], found[:, settled]), hard[~settled]
    if not hard.size:
        return roots
    width = max(1, _HELD_NUMBERS // (len(flows) * int(changing.changes[hard].max())))
    blocks = [hard[start : start + width] for start in range(0, hard.size, width)]
    return _merged(roots, hard, side_by_side([_several_roots(flows[:, block], search) for block in blocks]))


def side_by_side(parts: Sequence[FloatArray]) -> FloatArray:
    """Arrays ``(roots, cases)`` of unequal heights as one, padded with NaN."""
    height = max((len(part) for part in parts), default=0)
    padded = [np.pad(part, ((0, height - len(part)), (0, 0)), constant_values=np.nan) for part in parts]
    return np.concatenate([np.empty((height, 0)), *padded], axis=1)


def _merged(roots: FloatArray, cases: Whole, found: FloatArray) -> FloatArray:
    """``roots`` with those ``found`` for some ``cases`` put in."""
    merged = np.full((max(len(roots), len(found)), roots.shape[1]), np.nan)
    merged[: len(roots)] = roots
    merged[: len(found), cases] = found
    return merged


def _single_roots(flows: FloatArray, changing: Signs, search: Search) -> tuple[FloatArray, Whole]:
    """The root of every case with at most one, as u ``(1, cases)``, and which cases may have several."""
    roots = np.full((1, flows.shape[1]), np.nan)
    several = np.flatnonzero(changing.changes > 1)
    hard = several[~_at_most_one(flows[:, several])] if several.size else several
    # there are as many roots as changes of sign, or fewer by an even number: of one or none, odd means one
    easy = changing.changes % 2 == 1
    easy[hard] = False
    one = np.flatnonzero(easy)
    roots[0, one] = _only_root(flows[:, one], changing.opens_with_inflow[one], search)
    return roots, hard


def _at_most_one(flows: FloatArray) -> BoolArray:
    """True where running totals prove that there is at most one root.

    The totals from the first point on change sign at least as often as there are roots above a rate of
    zero, those from the last point back as often as there are below it (C. J. Norstrom, Journal of
    Financial and Quantitative Analysis 7, 1972).
    """
    changes = signs(running_total(flows)).changes + signs(running_total(flows[::-1])).changes
    proven: BoolArray = changes <= 1
    return proven


def _only_root(flows: FloatArray, opens_with_inflow: BoolArray, search: Search) -> FloatArray:
    """The one root of flows that have no more, as u ``(cases,)``; NaN where it lies outside the range."""
    flows = np.where(opens_with_inflow, -flows, flows)
    cases = flows.shape[1]
    return _solve(
        np.maximum(flows, 0.0),
        np.maximum(-flows, 0.0),
        np.full(cases, -_FAR),
        np.full(cases, _FAR),
        np.zeros(cases),
        search,
    )


def _isolated(flows: FloatArray, search: Search) -> tuple[FloatArray, BoolArray]:
    """``all_roots`` by halving the range, and of which cases: it leaves open what its bounds cannot tell."""
    cases = flows.shape[1]
    inflow, outflow = np.maximum(flows, 0.0), np.maximum(-flows, 0.0)
    case, settled = np.arange(cases), np.ones(cases, dtype=np.bool_)
    low, high = np.full(cases, search.lowest), np.full(cases, search.highest)
    at_low, at_high = (_log_ratio(inflow, outflow, u, search) for u in (low, high))
    crossed = []
    for halvings_left in reversed(range(_HALVINGS)):
        crossing, empty = _judged(at_low, at_high, high - low)
        crossed.append((case[crossing], low[crossing], high[crossing], at_low[0, crossing] > 0))
        going = ~(crossing | empty)
        case, low, high, at_low, at_high = case[going], low[going], high[going], at_low[:, going], at_high[:, going]
        if not (case.size and halvings_left):
            break
        middle = (low + high) / 2
        at_middle = _log_ratio(inflow[:, case], outflow[:, case], middle, search)
        case = np.tile(case, 2)
        low, high = np.concatenate([low, middle]), np.concatenate([middle, high])
        at_low, at_high = np.hstack([at_low, at_middle]), np.hstack([at_middle, at_high])
    settled[case] = False
    case, low, high, falling = (np.concatenate(parts) for parts in zip(*crossed, strict=True))
    order = np.lexsort((low, case))
    case, low, high, falling = case[order], low[order], high[order], falling[order]
    number = np.arange(case.size) - np.searchsorted(case, case)
    roots = np.full((int(number.max(initial=0)) + 1, cases), np.nan)
    roots[number, case] = _crossed(inflow[:, case], outflow[:, case], falling, low, high, search)
    return roots, settled


def _log_ratio(inflow: FloatArray, outflow: FloatArray, u: FloatArray, search: Search) -> FloatArray:
    """Of each case ln(inflows / outflows) at u, and the mean times of both, by present value, in years: ``(3, ·)``."""
    v = search.factor(u)
    gain, gain_slope = _polynomial(inflow, v)
    loss, loss_slope = _polynomial(outflow, v)
    per_year = v / search.periods_per_year
    return np.array([np.log(gain / loss), gain_slope / gain * per_year, loss_slope / loss * per_year])


def _judged(at_low: FloatArray, at_high: FloatArray, width: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Of pieces of the range: which have one root for certain, and which none; ``at_..`` are of ``_log_ratio``."""
    left, right = at_low[0], at_high[0]
    least, most = at_high[2] - at_low[1], at_low[2] - at_high[1]  # of the slope between
    clear = np.minimum(np.abs(left), np.abs(right)) > _APART
    one_way = (least > _APART) | (most < -_APART)
    opposite = (left > 0) != (right > 0)
    # from either end towards zero at the steepest: the lines meet before they get there
    above = left > 0
    from_left, from_right = np.where(above, least, -most), np.where(above, -most, least)
    left, right = np.abs(left), np.abs(right)
    with np.errstate(invalid="ignore", divide="ignore"):
        meet = np.clip((left - right - from_right * width) / -(from_left + from_right), 0.0, width)
    misses = left + from_left * meet > _APART
    return clear & opposite & one_way, clear & ~opposite & (one_way | misses)


def _crossed(
    inflow: FloatArray, outflow: FloatArray, falling: BoolArray, low: FloatArray, high: FloatArray, search: Search
) -> FloatArray:
    """The root of each case that has one between ``low`` and ``high``, where its NPV is falling or not."""
    up, down = np.where(falling, inflow, outflow), np.where(falling, outflow, inflow)
    return _solve(up, down, low, high, (low + high) / 2, search)


def _several_roots(flows: FloatArray, search: Search) -> FloatArray:
    """``all_roots`` by derivatives: down to those with one root at most, and back up piece by piece."""
    changing, roots, hard = signs(flows), np.full((1, flows.shape[1]), np.nan), np.arange(flows.shape[1])
    levels = []
    while hard.size:
        flows = flows[:, hard]
        levels.append((flows, roots, hard))
        distance = changing.first_change[hard] - 0.5 - np.arange(len(flows))[:, None]
        flows = scaled(flows * distance, _VANISHING)
        changing = signs(flows)
        roots, hard = _single_roots(flows, changing, search)
    for flows, outer, hard in reversed(levels):
        roots = _merged(outer, hard, _between_turns(flows, roots, search))
    return roots


def _between_turns(flows: FloatArray, turns: FloatArray, search: Search) -> FloatArray:
    """``all_roots``, given the ``turns`` between which the NPV rises or falls (times some exp(c*u))."""
    cases = flows.shape[1]
    edges = np.concatenate([np.full((1, cases), search.lowest), turns, np.full((1, cases), search.highest)])
    edges = np.where(np.isnan(edges), search.highest, edges)

    inflow, outflow = np.maximum(flows, 0.0), np.maximum(-flows, 0.0)
    side = np.array([_side(inflow, outflow, u, search) for u in edges])
    touched = side == 0
    touched[1:] &= side[:-1] != 0  # the NPV is flat between two edges that touch: one root
    piece, case = np.nonzero(side[:-1] * side[1:] < 0)
    falling = side[piece, case] > 0
    crossings = np.full((edges.shape[0] - 1, cases), np.nan)
    low, high = edges[piece, case], edges[piece + 1, case]
    crossings[piece, case] = _crossed(inflow[:, case], outflow[:, case], falling, low, high, search)
    found = np.sort(np.concatenate([np.where(touched, edges, np.nan), crossings]), axis=0)
    return found[: int(np.count_nonzero(~np.isnan(found), axis=0).max())]


def _side(inflow: FloatArray, outflow: FloatArray, u: FloatArray, search: Search) -> FloatArray:
    """The sign of the NPV at u, zero where it cannot be told from zero: -1, 0 or 1, ``(cases,)``."""
    v = search.factor(u)
    gain, _ = _polynomial(inflow, v)
    loss, _ = _polynomial(outflow, v)
    return np.where(np.abs(gain - loss) <= TOUCH * (gain + loss), 0.0, np.sign(gain - loss))


def _solve(
    up: FloatArray,
    down: FloatArray,
    low: FloatArray,
    high: FloatArray,
    u: FloatArray,
    search: Search,
) -> FloatArray:
    """The u ``(cases,)`` in [low, high] where ``up`` and ``down`` (both >= 0) are worth the same.

    ``up`` must be worth more at ``low`` and less at ``high``. Newton on the logarithm of the ratio, from
    ``u``, with a bisection instead of a step that leaves the bracket. NaN where the range of rates ends
    before the root.
    """
    up, down = _until_last(up), _until_last(down)
    root = np.full(u.shape, np.nan)
    live = np.arange(u.size)
    while live.size:
        v = search.factor(u)
        worth_up, slope_up = _polynomial(up, v)
        worth_down, slope_down = _polynomial(down, v)
        excess = np.log(worth_up / worth_down)
        years_between = (slope_up / worth_up - slope_down / worth_down) * v / search.periods_per_year
        low, high = np.where(excess > 0, u, low), np.where(excess > 0, high, u)

        step = np.divide(excess, years_between, out=np.full(u.shape, _FAR), where=years_between > 0)
        target = u + step
        bisected = ((target <= low) | (target >= high)) & (np.abs(step) > _NEWTON_STEP)
        target = np.where(bisected, (low + high) / 2, target)
        next_u = np.clip(target, search.lowest, search.highest)
        done = np.abs(next_u - u) <= np.where(bisected, _BISECTION_STEP, _NEWTON_STEP)
        outside = (next_u != target) & (np.abs(step) > _NEWTON_STEP)

        root[live[done]] = np.where(outside, np.nan, next_u)[done]
        if done.any():
            going = np.flatnonzero(~done)
            live, low, high, next_u = live[going], low[going], high[going], next_u[going]
            up, down = up[:, going], down[:, going]
        u = next_u
    return root


def _until_last(flows: FloatArray) -> FloatArray:
    """``flows`` without the rows after the last one that holds anything."""
    return flows[: int(np.flatnonzero(flows.any(axis=1)).max(initial=0)) + 1]


def _polynomial(flows: FloatArray, v: FloatArray) -> tuple[FloatArray, FloatArray]:
    """``sum(flow[k] * v**k)`` of each case and its derivative in v: two arrays ``(cases,)``."""
    if v.size >= _NARROW:
        return _horner(flows[::-1], v)
    columns = [_horner(reversed(flow), x) for flow, x in zip(flows.T.tolist(), v.tolist(), strict=True)]
    pair = np.array(columns, dtype=np.float64).reshape(-1, 2)
    return pair[:, 0].copy(), pair[:, 1].copy()


def _horner(last_first: Iterable[Scalars], v: Scalars) -> tuple[Scalars, Scalars]:
    """Value and derivative of a polynomial by Horner's rule, for one case as floats or for many as rows."""
    value, slope = 0.0 * v, 0.0 * v
    for coefficient in last_first:
        slope *= v
        slope += value
        value *= v
        value += coefficient
    return value, slope
