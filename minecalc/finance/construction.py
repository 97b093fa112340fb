"""The build: what it costs in all, who pays when, and the one unknown, total cost.

Rows are points in time 0, 1, .. . From close, the first point with capex, to the start of operation every use of money
is paid by debt and equity together: capex, fees, what debt costs, and the first funding of the reserve. Their sum is
total cost, on which the debt may depend, so that it is found by one division where all is linear and by one bracketed
root elsewhere. What debt has paid for is measured by the fraction of it that is drawn; a bond is owed whole from close,
and what of it is not drawn lies in escrow.

Source: uses and sources of project finance, in closed form in place of a copied circularity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from minecalc.arrays import BoolArray, FloatArray, Number, as_cases, as_row, recurrence
from minecalc.trace import decided, named

#: How close to total cost the sum of uses is brought, as a share of it, in how many steps at the most, and how often
#: the range in which it is sought is doubled.
_CLOSE, _STEPS, _DOUBLINGS = 1e-15, 100, 60

#: A total cost beside which every use is nothing.
_VAST = 1e60

#: Where of so many cases fewer than this share are not found yet it is quicker to look at these alone.
_MANY, _FEW_OPEN = 256, 0.75

#: What a build spends in all as if it cost so much in all, ``(·,)`` both.
Spends = Callable[[FloatArray], FloatArray]


class Build(NamedTuple):
    """Project capex from close to the start of operation, positive and zero elsewhere, and 1 where something happens.

    ``closes`` is 1 at close, ``building`` at the points after it up to the start of operation, ``ends`` at that,
    ``(points, ·)`` each; but of ``ends`` all may stop with the build. ``equity_first``: equity pays all of its money
    before debt is drawn.
    """

    capex_usd: FloatArray
    closes: FloatArray
    building: FloatArray
    ends: FloatArray
    equity_first: bool

    def own_points(self) -> Build:
        """The same at the points up to the last of the build in any case."""
        count = int(np.flatnonzero(decided(self.ends).any(axis=1))[-1]) + 1
        capex, closes, building, ends = (until(count, values) for values in self[:4])
        return Build(capex, closes, building, ends, self.equity_first)


def until(points: int, values: FloatArray) -> FloatArray:
    """The first ``points`` of values over time; one row counts for all of them."""
    return values if len(values) == 1 else values[:points]


class Drawing(NamedTuple):
    """How a tranche is drawn and what that costs: ``monthly_rate (points, ·)``, the rest ``(1|cases,)``.

    A tranche ``at_close`` lies in escrow until it is drawn; interest that is ``paid`` is equity's beside total cost.
    """

    monthly_rate: FloatArray
    at_close: bool
    paid: bool
    at_once_fraction: Number
    commitment_fee_per_month: Number
    escrow_yield_per_month: Number

    def of_all(self) -> FloatArray:
        """What a point of the build costs of 1 borrowed, had none of it been drawn."""
        if self.at_close:
            return self.monthly_rate - as_row(self.escrow_yield_per_month)
        return as_row(self.commitment_fee_per_month)

    def of_drawn(self) -> FloatArray:
        """What it costs more of 1 borrowed that has been drawn."""
        if self.at_close:
            return as_row(self.escrow_yield_per_month)
        fee = as_row(self.commitment_fee_per_month)
        return 0.0 - fee if self.paid else self.monthly_rate - fee


class Funding(NamedTuple):
    """What is spent so far, ``spent_usd``, and the fraction of the debt that has paid for it, ``(·, ·)`` each.

    Rows are the points up to the last of the build in any case; after its own a case has what it had there.
    """

    spent_usd: FloatArray
    drawn_fraction: FloatArray


class Costs(NamedTuple):
    """What a build that borrows ``debt_usd (·,)`` costs at its points, ``(·, ·)`` each.

    ``undrawn_usd`` is what it costs had nothing been drawn, ``of_drawn_usd`` what all of the debt, drawn, costs more.
    """

    undrawn_usd: FloatArray
    of_drawn_usd: FloatArray
    debt_usd: Number
    equity_first: bool


def costs(build: Build, drawings: Sequence[Drawing], amounts: Sequence[Number], reserve_usd: Number) -> Costs:
    """What ``build`` costs with tranches of these ``amounts``, whatever it costs in all."""
    build = build.own_points()
    points = len(build.ends)
    debt: Number = 0.0
    at_once: Number = 0.0
    of_all, of_drawn = as_row(0.0), as_row(0.0)
    for drawing, amount in zip(drawings, amounts, strict=True):
        debt = debt + amount
        at_once = at_once + amount * drawing.at_once_fraction
        of_all = of_all + as_row(amount) * until(points, drawing.of_all())
        of_drawn = of_drawn + as_row(amount) * until(points, drawing.of_drawn())
    known = build.capex_usd + build.closes * as_row(at_once) + build.ends * as_row(reserve_usd)
    known = named("cost_without_draws_usd", known + build.building * of_all)
    return Costs(known, build.building * of_drawn, debt, build.equity_first)


def funding(build: Costs, total_usd: Number) -> Funding:
    """How a build that costs so much is paid, and what is drawn then, as if it cost ``total_usd`` in all."""
    first = as_row(total_usd - build.debt_usd) if build.equity_first else as_row(0.0)
    over = as_row(build.debt_usd) if build.equity_first else as_row(total_usd)
    over = np.where(over > 0.0, over, np.inf)

    def drawn(spent: Any, first: Any, over: Any) -> Any:
        """Debt may be drawn below zero where both pay: a premium may bring in more than is spent at close."""
        return np.maximum(spent - first, 0.0) / over if build.equity_first else spent / over

    spent = recurrence(
        lambda spent, known, of_drawn, first, over: spent + known + of_drawn * drawn(spent, first, over),
        0.0,
        build.undrawn_usd,
        build.of_drawn_usd,
        first,
        over,
    )
    return Funding(named("spent_usd", spent), named("drawn_fraction", drawn(spent, first, over)))


def linear_total_cost(spends: Spends, capex_usd: Number) -> FloatArray:
    """The total cost at which ``spends(total)``, linear in it, is it: from two evaluations and a division, ``(·,)``."""
    low = as_cases(capex_usd)
    high = low * 2.0
    at_low, at_high = spends(low), spends(high)
    slope = (at_high - at_low) / np.where(low > 0.0, low, 1.0)
    slope = named("cost_per_usd_of_total_cost", slope)
    return named("total_cost_usd", (at_low - slope * low) / np.where(slope < 1.0, 1.0 - slope, np.nan))


def total_cost(
    spends: Spends, capex_usd: FloatArray, of: Callable[[NDArray[np.intp]], Spends] | None = None
) -> FloatArray:
    """The total cost at which ``spends(total) (cases,)`` is it; NaN where none is found, 0 without ``capex_usd``.

    A bracket is narrowed by regula falsi (Illinois), each case apart, so that one gives the same bits alone and among
    many. ``of`` some cases, by their numbers, is ``spends`` of these alone, where most have been found.
    """
    builds = capex_usd > 0.0
    low = high = np.where(builds, capex_usd, 1.0)
    above = below = np.where(builds, spends(low) - low, 0.0)
    for number in range(_DOUBLINGS):
        short, over = above < 0.0, below > 0.0
        if not (short.any() or over.any()):
            break
        if number == 1 and over.any():  # where debt dwarfs capex its costs without draws are a better place to start
            start = 0.25 * spends(np.full(high.shape, _VAST))
            gap = spends(start) - start
            jumps = over & (start > high) & (gap > 0.0)
            high, below = np.where(jumps, start, high), np.where(jumps, gap, below)
        low, above, high, below = (  # the end that has been passed is the other end of the bracket
            np.where(short, low / 2.0, np.where(over, high, low)),
            np.where(over, below, above),
            np.where(over, high * 2.0, np.where(short, low, high)),
            np.where(short, above, below),
        )
        above = np.where(short, spends(low) - low, above) if short.any() else above
        below = np.where(over, spends(high) - high, below) if over.any() else below
    found = (above >= 0.0) & (below <= 0.0)
    bracket = _Bracket(low, above, high, below, np.zeros(low.shape))
    open_ = found & (above > 0.0) & (below < 0.0)
    found_at = _by_regula_falsi(spends, of, bracket, np.where(above == 0.0, low, high), open_, _STEPS)
    return np.where(builds, np.where(found, found_at, np.nan), 0.0)


class _Bracket(NamedTuple):
    """Where total cost lies, ``(cases,)`` each: ``low``, by how much more is spent there, and the same of ``high``.

    ``side`` is the end that moved last: 1 the low one, -1 the high one.
    """

    low: FloatArray
    above: FloatArray
    high: FloatArray
    below: FloatArray
    side: FloatArray


def _by_regula_falsi(
    spends: Spends,
    of: Callable[[NDArray[np.intp]], Spends] | None,
    bracket: _Bracket,
    found_at: FloatArray,
    open_: BoolArray,
    steps: int,
) -> FloatArray:
    """Total cost of the cases that are still ``open_``, in so many steps at the most; ``found_at`` of the others."""
    low, above, high, below, side = bracket
    for step in range(steps):
        cases = np.flatnonzero(open_)
        if not cases.size:
            break
        if of is not None and open_.size >= _MANY and cases.size < _FEW_OPEN * open_.size:
            few = _Bracket(*(values[cases] for values in (low, above, high, below, side)))
            found_at[cases] = _by_regula_falsi(
                of(cases), partial(_some, of, cases), few, found_at[cases], open_[cases], steps - step
            )
            break
        with np.errstate(all="ignore"):
            middle = np.where(open_, (low * below - high * above) / (below - above), found_at)
        inside = (middle > low) & (middle < high)
        middle = np.where(open_ & ~inside, 0.5 * (low + high), middle)
        gap = spends(middle) - middle
        found_at = np.where(open_, middle, found_at)
        up, down = open_ & (gap > 0.0), open_ & (gap < 0.0)
        low, above, below = (
            np.where(up, middle, low),
            np.where(up, gap, np.where(down & (side < 0.0), above / 2.0, above)),
            np.where(up & (side > 0.0), below / 2.0, below),
        )
        high, below = np.where(down, middle, high), np.where(down, gap, below)
        side = np.where(up, 1.0, np.where(down, -1.0, side))
        near = (np.abs(gap) <= _CLOSE * middle) | (high - low <= 2.0 * np.spacing(high))
        open_ = open_ & ~near & (gap != 0.0)
    return found_at


def _some(of: Callable[[NDArray[np.intp]], Spends], cases: NDArray[np.intp], some: NDArray[np.intp]) -> Spends:
    """The spending of ``some`` of these ``cases``."""
    return of(cases[some])
