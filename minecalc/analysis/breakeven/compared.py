"""Break-evens of a comparison: the value of each input that matters at which a plan and the baseline are level.

Every input that matters is a column of the same evaluation: a scan of its allowed range finds where the difference in
NPV changes sign, the change nearest to the present value is bracketed, and all brackets are narrowed together. A value
over time is scaled as a whole. A delay is in whole months: the last at which the plan stays ahead. Every root of one
input, targets and many cases are answered by ``solve``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.analysis.solving.crossings import ROOT, Whole, bracketed_roots
from minecalc.arrays import BoolArray, FloatArray
from minecalc.engine import MINING, Evaluation, evaluate
from minecalc.levers import Lever, levers
from minecalc.scenario import Plan, Scenario
from minecalc.schema.names import quoted
from minecalc.schema.numbers import unit_words
from minecalc.units import unit_of
from minecalc.varying import vary

#: Where a range is looked at, as multiples of the present value, besides its ends.
_MULTIPLES = (0.25, 0.5, 0.8, 0.95, 1.0, 1.05, 1.25, 1.75, 2.5, 5.0)

#: A difference this small, as a share of that at the ends of the bracket, is rounding.
_RELATIVE = 1e-13

#: Inputs of all plans and of a use that are worth solving for, in the order of interest.
_OF_ALL = ("market.btc_price_usd", "market.hash_price_usd_per_ph_per_day", "site.electricity_price_usd_per_kwh")
_OWN = (
    "rent_usd_per_kw_per_month",
    "contract.value_usd",
    "lease_usd_per_gpu_hour",
    "utilisation_fraction",
    "conversion.capex_usd_per_critical_mw",
    "capex_usd_per_critical_mw",
    "capex_usd_per_gpu",
)
_DELAY = "conversion.delay_months"


class BreakEven(NamedTuple):
    """Where a plan and the baseline are worth the same, for one input.

    ``value`` and ``present`` are those of the first month; ``scale`` is what sets the value when it takes the place of
    the input's present scale. Without a value, ``reason`` says why. The differences are those at the ends of the range
    looked at. ``note`` is what to know of the value.
    """

    path: str
    present: float
    value: float | None
    scale: float | None
    reason: str | None
    low: float
    high: float
    low_difference_usd: float
    high_difference_usd: float
    note: str | None = None


_Entry = tuple[str, Lever]


def break_evens(evaluation: Evaluation) -> dict[str, dict[str, BreakEven]]:
    """For every plan but the baseline, the break-even of each input that matters, by path.

    All inputs of all plans are solved together on columns. The scenario must be a single case.
    """
    scenario = evaluation.scenario
    rivals = [plan for name, plan in scenario.plans.items() if name != evaluation.baseline.plan.name]
    known = levers(scenario) if rivals else {}
    pairs = [(plan.name, known[path]) for plan in rivals for path in (*_OF_ALL, *_own(plan, _OWN)) if path in known]
    delays = [(plan.name, known[path]) for plan in rivals for path in _own(plan, (_DELAY,)) if path in known]
    found: dict[str, dict[str, BreakEven]] = {plan.name: {} for plan in rivals}
    for (name, lever), result in zip(pairs, _solve(scenario, pairs), strict=True):
        found[name][lever.path] = result
    for (name, lever), result in zip(delays, _last_delays(scenario, delays), strict=True):
        found[name][lever.path] = result
    return found


def _own(plan: Plan, names: Sequence[str]) -> Iterator[str]:
    """The paths of inputs of a plan's uses; what a mine itself cost to build is of no interest."""
    for use in plan.uses:
        place = ".".join(quoted(part) for part in plan.place(use))
        yield from (f"{place}.{name}" for name in names if use.kind != MINING or "capex_usd_per_critical" not in name)


def _at(scenario: Scenario, entries: Sequence[_Entry], values: Sequence[FloatArray]) -> Evaluation:
    """Each entry's plan at each of its values, one entry after the other: one evaluation for all of them."""
    total = sum(len(v) for v in values)
    columns: dict[str, FloatArray] = {}
    begin = 0
    for (_, lever), wanted in zip(entries, values, strict=True):
        if lever.at not in columns:
            columns[lever.at] = np.full(total, lever.present)
        columns[lever.at][begin : begin + len(wanted)] = wanted
        begin += len(wanted)
    return evaluate(vary(scenario, columns), {name for name, _ in entries})


def _by_entry(
    entries: Sequence[_Entry], values: Sequence[FloatArray], figures: Callable[[str], FloatArray]
) -> list[FloatArray]:
    """The figures of each entry's plan, of those that ``figures`` gives for all, at that entry's values."""
    total = sum(len(v) for v in values)
    every = {name: np.broadcast_to(figures(name), (total,)) for name, _ in entries}
    result, begin = [], 0
    for (name, _), wanted in zip(entries, values, strict=True):
        result.append(every[name][begin : begin + len(wanted)])
        begin += len(wanted)
    return result


def _differences(scenario: Scenario, entries: Sequence[_Entry], values: Sequence[FloatArray]) -> list[FloatArray]:
    """The difference in NPV of each entry's plan at each of its values."""
    return _by_entry(entries, values, _at(scenario, entries, values).difference_npv_usd)


def _solve(scenario: Scenario, pairs: Sequence[_Entry]) -> list[BreakEven]:
    if not pairs:
        return []
    grids = [_grid(lever) for _, lever in pairs]
    scanned = _differences(scenario, pairs, grids)
    brackets = [_bracket(lever, x, f) for (_, lever), x, f in zip(pairs, grids, scanned, strict=True)]
    open_ = [i for i, bracket in enumerate(brackets) if bracket is not None]
    roots: dict[int, float] = {}
    jumps: dict[int, tuple[float, float]] = {}
    if open_:
        chosen = [pairs[i] for i in open_]
        low, high, at_low, at_high = np.array([brackets[i] for i in open_]).T
        size = np.maximum(np.abs(at_low), np.abs(at_high))

        def difference(x: FloatArray, which: Whole) -> FloatArray:
            entries = [chosen[i] for i in which.tolist()]
            found = np.concatenate(_differences(scenario, entries, [x[i : i + 1] for i in range(which.size)]))
            return np.where(np.abs(found) <= _RELATIVE * size[which], 0.0, found)

        solved = bracketed_roots(difference, low, high, at_low, at_high)
        for i, x, beyond, left, most in zip(open_, *solved[:3], size, strict=True):
            if abs(left) <= ROOT * most:
                roots[i] = float(x)
            else:
                jumps[i] = (min(float(x), float(beyond)), max(float(x), float(beyond)))
    results = []
    for i, ((name, lever), x, f) in enumerate(zip(pairs, grids, scanned, strict=True)):
        reason = None
        if i in jumps:
            reason = f"the two plans change places in a jump at {_range(lever, *jumps[i])}"
        elif i not in roots:
            reason = _why_none(name, lever, x, f)
        results.append(_result(lever, roots.get(i), reason, x, f))
    return results


def _result(lever: Lever, root: float | None, reason: str | None, x: FloatArray, f: FloatArray) -> BreakEven:
    return BreakEven(
        path=lever.path,
        present=lever.value,
        value=None if root is None else root * lever.base,
        scale=None if root is None else lever.scale(root),
        reason=reason,
        low=float(x[0]) * lever.base,
        high=float(x[-1]) * lever.base,
        low_difference_usd=float(f[0]),
        high_difference_usd=float(f[-1]),
    )


def _grid(lever: Lever) -> FloatArray:
    """Values to look at: the ends of the range, multiples of the present value, and an even spread."""
    values = {lever.low, lever.high, *(lever.present * m for m in _MULTIPLES)}
    values.update(np.linspace(lever.low, lever.high, 4).tolist())
    return np.array(sorted(v for v in values if lever.low <= v <= lever.high))


def _bracket(lever: Lever, x: FloatArray, f: FloatArray) -> tuple[float, float, float, float] | None:
    """The neighbouring values nearest to the present one between which the difference changes sign, and it there."""
    sign = np.sign(f)
    if not sign.any():
        return None
    changes = np.flatnonzero((sign[:-1] * sign[1:] < 0.0) | ((sign[:-1] == 0.0) != (sign[1:] == 0.0)))
    if not changes.size:
        return None
    distance = np.maximum(np.maximum(x[changes] - lever.present, lever.present - x[changes + 1]), 0.0)
    i = int(changes[np.argmin(distance)])
    return float(x[i]), float(x[i + 1]), float(f[i]), float(f[i + 1])


def _range(lever: Lever, low: float, high: float) -> str:
    """``0 to 10,000 USD per kW per month``; one number where both look the same."""
    ends = dict.fromkeys(f"{float(f'{x * lever.base:.4g}'):,.12g}" for x in (low, high))
    return f"{' to '.join(ends)} {unit_words(unit_of(lever.path))}"


def _why_none(name: str, lever: Lever, x: FloatArray, f: FloatArray) -> str:
    if not np.any(f):
        return "the two plans are worth the same at every value"
    if np.all(f == f[0]):
        return "it does not change the difference between the plans"
    word = "ahead of" if f[0] > 0 else "behind"
    return f"{name} stays {word} the baseline from {_range(lever, float(x[0]), float(x[-1]))}"


def _last_delays(scenario: Scenario, delays: Sequence[_Entry]) -> list[BreakEven]:
    if not delays:
        return []
    grids = [np.arange(lever.present, lever.high + 1.0) for _, lever in delays]
    varied = _at(scenario, delays, grids)

    def without_residual(name: str) -> FloatArray:
        residual = varied.plans[name].npv_of_residual_usd - varied.baseline.npv_of_residual_usd
        return varied.difference_npv_usd(name) - residual

    with_all = _by_entry(delays, grids, varied.difference_npv_usd)
    without = _by_entry(delays, grids, without_residual)
    return [_last_delay(*delay, *row) for delay, *row in zip(delays, grids, with_all, without, strict=True)]


def _last_delay(name: str, lever: Lever, x: FloatArray, f: FloatArray, without: FloatArray) -> BreakEven:
    """The last delay at which a plan that is ahead stays so, and how far that rests on the residual."""
    value = reason = note = None
    keeps = _leading(f > 0.0)
    if f[0] == 0.0:
        reason = "the two plans are worth the same"
    elif f[0] < 0.0:
        later = np.flatnonzero(f > 0.0)
        reason = f"{name} is behind the baseline at every delay up to {lever.high:g} months"
        if later.size:
            reason = f"{name} is behind the baseline as planned; it gets ahead at a delay of {x[later[0]]:g} months"
    else:
        if keeps == x.size:
            reason = f"the ranking holds at every delay up to {lever.high:g} months"
        else:
            value = float(x[keeps - 1])
        alone = _leading(without > 0.0)
        if alone == 0:
            note = "the lead rests on the residual: without it the plan is behind even as planned"
        elif alone < keeps:
            note = f"from a delay of {x[alone]:g} months on the lead rests on the residual alone"
    return _result(lever, value, reason, x, f)._replace(scale=None, note=note)


def _leading(holds: BoolArray) -> int:
    """How many of the first in a row hold."""
    return int(holds.size if holds.all() else np.argmin(holds))
