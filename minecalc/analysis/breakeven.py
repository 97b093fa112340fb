"""Break-evens: the value of an input at which a plan and the baseline are worth the same.

Every input that matters is a column of the same evaluation: a scan of its allowed range finds where the difference in
NPV changes sign, the change nearest to the present value is bracketed, and all brackets are narrowed together. A value
over time is scaled as a whole. A delay is in whole months: the last at which the ranking holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from minecalc.arrays import FloatArray
from minecalc.engine import Evaluation, evaluate
from minecalc.market import MarketOverTime
from minecalc.paths import Constant, TimedInputs, ValueOverTime
from minecalc.scenario import Plan, Scenario, Use, vary
from minecalc.schema.fields import field_meta
from minecalc.schema.names import quoted
from minecalc.schema.numbers import unit_words
from minecalc.timeline import parse_month
from minecalc.units import unit_of

#: Where a range is looked at, as multiples of the present value, besides its ends.
_MULTIPLES = (0.25, 0.5, 0.8, 0.95, 1.0, 1.05, 1.25, 1.75, 2.5, 5.0)

_STEPS_MOST = 100

#: A difference this small, as a share of that at the ends of the bracket, is rounding.
_RELATIVE = 1e-13

#: Inputs of a use that are worth solving for, in the order of interest.
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
    looked at.
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


class _Lever(NamedTuple):
    """An input to solve for: ``vary`` takes x at ``at``, which is the value itself or, for a path, its scale.

    The first month's value is x times ``base``. ``present``, ``low`` and ``high`` are x now and its range.
    """

    path: str
    at: str
    present: float
    low: float
    high: float
    base: float = 1.0

    def scale(self, x: float) -> float | None:
        """The scale to be set in place of the present one, or how much more x is than now."""
        if self.at.endswith(".scale"):
            return x
        return x / self.present if self.present != 0.0 else None


def break_evens(evaluation: Evaluation) -> dict[str, dict[str, BreakEven]]:
    """For every plan but the baseline, the break-even of each input that matters, by path.

    All inputs of all plans are solved together on columns. The scenario must be a single case.
    """
    scenario = evaluation.scenario
    rivals = [plan for name, plan in scenario.plans.items() if name != evaluation.baseline.plan.name]
    pairs: list[tuple[str, _Lever]] = []
    delays: list[tuple[str, _Lever]] = []
    for plan in rivals:
        pairs += [(plan.name, lever) for lever in [*_market_levers(scenario), *_own_levers(scenario, plan)]]
        delays += [(plan.name, lever) for lever in _delay_levers(scenario, plan)]
    found: dict[str, dict[str, BreakEven]] = {plan.name: {} for plan in rivals}
    for (name, lever), result in zip(pairs, _solve(scenario, pairs), strict=True):
        found[name][lever.path] = result
    for (name, lever), result in zip(delays, _last_delays(scenario, delays), strict=True):
        found[name][lever.path] = result
    return found


def _differences(
    scenario: Scenario, entries: Sequence[tuple[str, _Lever]], values: Sequence[FloatArray]
) -> list[FloatArray]:
    """The difference in NPV of each entry's plan at each of its values: one evaluation for all of them."""
    total = sum(len(v) for v in values)
    columns: dict[str, FloatArray] = {}
    begin = 0
    for (_, lever), wanted in zip(entries, values, strict=True):
        if lever.at not in columns:
            columns[lever.at] = np.full(total, lever.present)
        columns[lever.at][begin : begin + len(wanted)] = wanted
        begin += len(wanted)
    varied = evaluate(vary(scenario, columns), {name for name, _ in entries})
    difference = {name: np.broadcast_to(varied.difference_npv_usd(name), (total,)) for name, _ in entries}
    result, begin = [], 0
    for (name, _), wanted in zip(entries, values, strict=True):
        result.append(difference[name][begin : begin + len(wanted)])
        begin += len(wanted)
    return result


def _solve(scenario: Scenario, pairs: Sequence[tuple[str, _Lever]]) -> list[BreakEven]:
    if not pairs:
        return []
    grids = [_grid(lever) for _, lever in pairs]
    scanned = _differences(scenario, pairs, grids)
    brackets = [_bracket(lever, x, f) for (_, lever), x, f in zip(pairs, grids, scanned, strict=True)]
    open_ = [i for i, bracket in enumerate(brackets) if bracket is not None]
    roots: dict[int, float] = {}
    if open_:
        chosen = [pairs[i] for i in open_]
        ends = np.array([brackets[i] for i in open_])

        def difference(x: FloatArray, which: Sequence[int]) -> FloatArray:
            entries = [chosen[i] for i in which]
            return np.concatenate(_differences(scenario, entries, [x[i : i + 1] for i in range(len(which))]))

        solved = bracketed_roots(difference, *ends.T)
        roots = dict(zip(open_, solved.tolist(), strict=True))
    return [
        _result(lever, roots.get(i), None if i in roots else _why_none(name, lever, x, f), x, f)
        for i, ((name, lever), x, f) in enumerate(zip(pairs, grids, scanned, strict=True))
    ]


def _result(lever: _Lever, root: float | None, reason: str | None, x: FloatArray, f: FloatArray) -> BreakEven:
    return BreakEven(
        path=lever.path,
        present=lever.present * lever.base,
        value=None if root is None else root * lever.base,
        scale=None if root is None else lever.scale(root),
        reason=reason,
        low=float(x[0]) * lever.base,
        high=float(x[-1]) * lever.base,
        low_difference_usd=float(f[0]),
        high_difference_usd=float(f[-1]),
    )


def _grid(lever: _Lever) -> FloatArray:
    """Values to look at: the ends of the range, multiples of the present value, and an even spread."""
    values = {lever.low, lever.high, *(lever.present * m for m in _MULTIPLES)}
    values.update(np.linspace(lever.low, lever.high, 4).tolist())
    return np.array(sorted(v for v in values if lever.low <= v <= lever.high))


def _bracket(lever: _Lever, x: FloatArray, f: FloatArray) -> tuple[float, float, float, float] | None:
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


def _why_none(name: str, lever: _Lever, x: FloatArray, f: FloatArray) -> str:
    if not np.any(f):
        return "the two plans are worth the same at every value"
    if np.all(f == f[0]):
        return "it does not change the difference between the plans"
    word = "ahead of" if f[0] > 0 else "behind"
    low, high = float(x[0]) * lever.base, float(x[-1]) * lever.base
    ends = " to ".join(f"{float(f'{end:.4g}'):,.12g}" for end in (low, high))
    return f"{name} stays {word} the baseline from {ends} {unit_words(unit_of(lever.path))}"


def bracketed_roots(
    function: Callable[[FloatArray, Sequence[int]], FloatArray],
    low: FloatArray,
    high: FloatArray,
    at_low: FloatArray,
    at_high: FloatArray,
) -> FloatArray:
    """One root of each of n functions between ``low`` and ``high (n,)``, where its values differ in sign, ``(n,)``.

    ``function(x, which)`` gives the values of the functions numbered ``which`` at ``x``. Chandrupatla's method (1997):
    inverse quadratic interpolation where it is safe, else bisection; the first step is by false position, which ends a
    straight line at once. A function that has converged is left alone, so that its root does not depend on the others.
    """
    a, b, fa, fb = (np.array(v, dtype=np.float64) for v in (low, high, at_low, at_high))
    c, fc = b.copy(), fb.copy()
    t = fa / (fa - fb)
    tolerance = _RELATIVE * np.maximum(np.abs(fa), np.abs(fb))
    best = np.where(np.abs(fa) <= np.abs(fb), a, b)
    which = np.flatnonzero(np.minimum(np.abs(fa), np.abs(fb)) > tolerance)
    for _ in range(_STEPS_MOST):
        if not which.size:
            break
        i = which
        x = a[i] + t[i] * (b[i] - a[i])
        f = function(x, i.tolist())
        same = np.sign(f) == np.sign(fa[i])
        c[i], fc[i] = np.where(same, a[i], b[i]), np.where(same, fa[i], fb[i])
        b[i], fb[i] = np.where(same, b[i], a[i]), np.where(same, fb[i], fa[i])
        a[i], fa[i] = x, f
        nearest = np.minimum(np.abs(fa[i]), np.abs(fb[i]))
        best[i] = np.where(np.abs(fa[i]) <= np.abs(fb[i]), a[i], b[i])
        narrow = 2e-16 * np.abs(best[i]) / np.abs(b[i] - a[i])
        t[i] = np.clip(_step(a[i], b[i], c[i], fa[i], fb[i], fc[i]), narrow, 1.0 - narrow)
        which = i[(nearest > tolerance[i]) & (narrow < 0.5)]
    return best


def _step(a: FloatArray, b: FloatArray, c: FloatArray, fa: FloatArray, fb: FloatArray, fc: FloatArray) -> FloatArray:
    """The next point between a and b as a share of the way, by interpolation through three points or by halves."""
    with np.errstate(divide="ignore", invalid="ignore"):
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        smooth = (phi * phi < xi) & ((1.0 - phi) * (1.0 - phi) < 1.0 - xi)
        t = fa / (fb - fa) * (fc / (fb - fc)) + (c - a) / (b - a) * (fa / (fc - fa)) * (fb / (fc - fb))
    return np.where(smooth & np.isfinite(t), t, 0.5)


def _last_delays(scenario: Scenario, delays: Sequence[tuple[str, _Lever]]) -> list[BreakEven]:
    if not delays:
        return []
    grids = [np.arange(lever.present, lever.high + 1.0) for _, lever in delays]
    results = []
    for (_, lever), x, f in zip(delays, grids, _differences(scenario, delays, grids), strict=True):
        held = np.sign(f) == np.sign(f[0])
        last = int(np.argmin(held)) - 1
        value = None if held.all() or f[0] == 0.0 else float(x[last])
        reason = None
        if value is None:
            tied = "the two plans are worth the same"
            reason = tied if f[0] == 0.0 else f"the ranking holds at every delay up to {lever.high:g} months"
        results.append(_result(lever, value, reason, x, f)._replace(scale=None))
    return results


def _market_levers(scenario: Scenario) -> list[_Lever]:
    market, site = scenario.market, scenario.site
    levers = [] if market.hash_price_is_given else [_lever(scenario, "market", market, "btc_price_usd")]
    levers.append(_hash_price_lever(scenario))
    levers.append(_lever(scenario, "site", site, "electricity_price_usd_per_kwh"))
    return levers


def _hash_price_lever(scenario: Scenario) -> _Lever:
    """The hash price: an input of its own, or the implied one scaled."""
    market, name = scenario.market, "hash_price_usd_per_ph_per_day"
    if market.hash_price_is_given:
        return _lever(scenario, "market", market, name)
    first = float(MarketOverTime(market, scenario.timeline).hash_price_usd_per_ph_per_day[0, 0])
    direct = market.hash_price_usd_per_ph_per_day
    scale = 1.0 if direct is None else float(np.asarray(direct.scale))
    high = float(field_meta(type(market), name).high or 0.0)
    return _scale_lever(f"market.{name}", first, scale, 0.0, high / first if first else 1.0)


def _own_levers(scenario: Scenario, plan: Plan) -> Iterable[_Lever]:
    for use in plan.uses:
        place = ".".join(quoted(part) for part in plan.place(use))
        for name in _OWN:
            owner, last = _owner(use, name)
            value = getattr(owner, last, None)
            idle = value is None or (last == "capex_usd_per_critical_mw" and not _pays(use, name))
            if owner is not None and not idle:
                prefix = f"{place}.{name.rpartition('.')[0]}".rstrip(".")
                yield _lever(scenario, prefix, owner, last)


def _pays(use: Use, name: str) -> bool:
    """A building's capex is of interest where it is spent: in the conversion if there is one."""
    return (use.inputs.conversion is not None) == name.startswith("conversion.") and use.kind != "bitcoin_mining"


def _owner(use: Use, name: str) -> tuple[TimedInputs | None, str]:
    """The inputs that hold a dotted name below a use, and its last part."""
    *way, last = name.split(".")
    owner = use.inputs
    for part in way:
        owner = getattr(owner, part, None)
    return owner, last


def _lever(scenario: Scenario, place: str, owner: TimedInputs, name: str) -> _Lever:
    """The lever of one input: a number, a constant, or a value over time that is scaled within its range."""
    meta = field_meta(type(owner), name)
    low, high = float(meta.low or 0.0), float(meta.high or 0.0)
    value, path = getattr(owner, name), f"{place}.{name}"
    if not isinstance(value, ValueOverTime):
        return _Lever(path, path, float(value), low, high)
    values = value.values(scenario.timeline)
    first, scale = float(values[0, 0]), float(np.asarray(value.scale))
    if isinstance(value.shape, Constant):
        if scale == 1.0 or first == 0.0:
            return _Lever(path, path, first, low, high)
        return _scale_lever(path, first, scale, low / first, high / first)
    largest = float(np.max(np.abs(values)))
    return _scale_lever(path, first, scale, 0.0, high / largest if largest else 1.0)


def _scale_lever(path: str, first: float, scale: float, least: float, most: float) -> _Lever:
    """The lever that scales, by ``least`` to ``most``, a path whose first value is ``first`` at its ``scale`` now."""
    low, high = sorted((least * scale, most * scale))
    return _Lever(path, f"{path}.scale", scale, low, high, first / scale if scale else 0.0)


def _delay_levers(scenario: Scenario, plan: Plan) -> Iterable[_Lever]:
    for use in plan.uses:
        conversion = use.inputs.conversion
        if conversion is None:
            continue
        place = ".".join(quoted(part) for part in plan.place(use))
        left = scenario.months - scenario.timeline.number(parse_month(conversion.ready)) + 1
        high = float(min(left, field_meta(type(conversion), "delay_months").high or 0))
        path = f"{place}.{_DELAY}"
        yield _Lever(path, path, float(conversion.delay_months), 0.0, max(high, float(conversion.delay_months)))
