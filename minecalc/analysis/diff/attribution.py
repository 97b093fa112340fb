"""What changed between two scenarios, and what each change adds: the record behind ``minecalc diff``.

The change in each plan's NPV, and in what it is ahead of the baseline, is shared out by Shapley values over the
changes, which add up to it: exactly for a plan that at most ``EXACT_MOST`` changes can move, beyond that from sampled
orders with a standard error. What moves a gap is what moves the plan less what moves the baseline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from minecalc.analysis.diff.changes import Change, Differences, Input, differences
from minecalc.analysis.diff.mixtures import npv_usd, relevant
from minecalc.analysis.diff.shapley import Shares, antithetic_orders, coalitions, coalitions_along, sampled, shapley
from minecalc.arrays import BoolArray, FloatArray
from minecalc.deals.financing import Repayment
from minecalc.deals.taxation import ClassShares
from minecalc.engine import evaluate
from minecalc.figures import IS_BASELINE
from minecalc.loading import Reading
from minecalc.loading.origins import Origin
from minecalc.reference.power_years import power_years
from minecalc.scenario import Plan, Scenario
from minecalc.schema.diagnostics import COMMAND_LINE
from minecalc.timeline import format_month
from minecalc.uses.meanwhile import Meanwhile
from minecalc.values.paths import TimedInputs, ValueOverTime
from minecalc.values.shapes import Constant, Growth, Hourly, Points, Recorded, Season, Series, Shape, Steps, Unstated

Record = dict[str, Any]

#: So many changes are 4,096 scenarios, which columns value in the time of some forty.
EXACT_MOST = 12

#: Orders that are sampled where there are more, and the seed they are drawn with.
SAMPLES, SEED = 1000, 0


class Attribution(NamedTuple):
    """A figure in A and in B, and the share of each change in the difference."""

    a_usd: float
    b_usd: float
    shares: Shares

    def minus(self, other: Attribution) -> Attribution:
        """The attribution of the difference of two figures."""
        return Attribution(self.a_usd - other.a_usd, self.b_usd - other.b_usd, self.shares.minus(other.shares))


def diff(
    a: Reading, b: Reading, *, plans: Iterable[str] | None = None, samples: int = SAMPLES, seed: int = SEED
) -> Record:
    """The record of what differs between two readings that hold scenarios of a single case.

    ``plans`` limits it to some of the plans that both have, by their names in B. ``samples`` orders (4 or more, even)
    are drawn with ``seed`` where the shares are not exact. Raises ValueError for a reading without a scenario, and
    NoMixtureError if a scenario between the two has no value.
    """
    found = differences(a, b)
    records = _plans(found, found.common if plans is None else tuple(plans), samples=samples, seed=seed)
    parts = (part for record in records for part in (record["npv"], record["vs_baseline"]) if part is not None)
    is_sampled = any(part["method"] == "sampled" for part in parts)
    return {
        "a": _side(a, found.a),
        "b": _side(b, found.b),
        "samples": samples if is_sampled else None,
        "seed": seed if is_sampled else None,
        "changes": [_change(change) for change in found.changes],
        "without_effect": [_input(place) for place in found.unpriced],
        "renamed": dict(found.renamed),
        "added": _worth(found.b, found.added),
        "removed": _worth(found.a, found.removed),
        "plans": records,
    }


def _plans(found: Differences, wanted: Sequence[str], *, samples: int, seed: int) -> list[Record]:
    """Each plan's NPV and what it is ahead of the baseline, attributed; without the latter the reason why."""
    before, after = found.a.baseline_plan.name, found.b.baseline_plan.name
    sides = {"A": before, "B": after}
    strange = "; ".join(
        f"the baseline of {side}, {name}, is not in both" for side, name in sides.items() if name not in found.common
    )
    figures = [(name, name) for name in wanted] + ([] if strange or not wanted else [(before, after)])
    attributed = attributions(found, figures, samples=samples, seed=seed)
    records = []
    for name in wanted:
        own, gap = attributed[name, name], None
        reason = IS_BASELINE if before == after == name else strange
        if not reason:
            gap = _attribution(found, own.minus(attributed[before, after]))
        reasons = {"vs_baseline": reason} if reason else {}
        records.append({"name": name, "npv": _attribution(found, own), "vs_baseline": gap, "reasons": reasons})
    return records


def attributions(
    found: Differences, figures: Sequence[tuple[str, str]], *, samples: int, seed: int
) -> dict[tuple[str, str], Attribution]:
    """Each figure in A and in B, and what each change adds to it.

    A figure is the NPV of one plan in A and of one in B, the same unless the baseline is another: then the change of
    the baseline takes the one's place by the other's. Figures that the same changes move are valued together, and all
    sampled ones along the same orders, so that differences between figures are sampled as one.
    """
    players = {figure: _players(found, figure) for figure in figures}
    many = [figure for figure in figures if len(players[figure]) > EXACT_MOST]
    result: dict[tuple[str, str], Attribution] = {}
    for group in dict.fromkeys(players[figure] for figure in figures if figure not in many):
        members = [figure for figure in figures if players[figure] == group]
        there = coalitions(len(group))
        result |= _attributed(found, members, group, there, lambda values: Shares(shapley(values)[None, :]))
    if many:
        everyone = tuple(sorted({player for figure in many for player in players[figure]}))
        orders = antithetic_orders(len(everyone), samples // 2, seed)
        along = coalitions_along(orders)
        cases, shape = along.reshape(-1, len(everyone)), along.shape[:2]
        result |= _attributed(found, many, everyone, cases, lambda values: sampled(values.reshape(shape), orders))
    return result


def _attributed(
    found: Differences,
    figures: Sequence[tuple[str, str]],
    players: Sequence[int],
    there: BoolArray,
    shared: Callable[[FloatArray], Shares],
) -> dict[tuple[str, str], Attribution]:
    """Each figure ``shared`` out among some changes, by its values where those that are ``there`` are made.

    ``there (cases, players)`` begins with none of them and ends with all. Other changes add nothing.
    """
    takes_b = np.zeros((len(there), len(found.changes)), dtype=np.bool_)
    takes_b[:, players] = there
    result = {}
    for figure, values in _values(found, figures, takes_b).items():
        own = shared(values).draws
        draws = np.zeros((len(own), len(found.changes)))
        draws[:, players] = own
        result[figure] = Attribution(float(values[0]), float(values[-1]), Shares(draws))
    return result


def _players(found: Differences, figure: tuple[str, str]) -> tuple[int, ...]:
    """The numbers of the changes that can move a figure."""
    players = set(relevant(found, figure))
    if figure[0] != figure[1]:
        players.add(_baseline(found))
    return tuple(sorted(players))


def _baseline(found: Differences) -> int:
    return next(i for i, change in enumerate(found.changes) if change.path == "baseline")


def _values(
    found: Differences, figures: Sequence[tuple[str, str]], takes_b: BoolArray
) -> dict[tuple[str, str], FloatArray]:
    """Each figure, ``(cases,)``, where each case takes the changes of B that ``takes_b (cases, n)`` says."""
    npv = npv_usd(found, takes_b, tuple(dict.fromkeys(plan for figure in figures for plan in figure)))
    return {(a, b): npv[a] if a == b else np.where(takes_b[:, _baseline(found)], npv[b], npv[a]) for a, b in figures}


def _attribution(found: Differences, attribution: Attribution) -> Record:
    shares = attribution.shares
    errors: list[float | None] = [None] * len(found.changes)
    if not shares.is_exact:
        errors = [float(error) for error in shares.standard_errors]
    return {
        "a_usd": attribution.a_usd,
        "b_usd": attribution.b_usd,
        "change_usd": attribution.b_usd - attribution.a_usd,
        "method": "exact" if shares.is_exact else "sampled",
        "effects": [
            {"path": change.path, "usd": float(usd), "standard_error_usd": error}
            for change, usd, error in zip(found.changes, shares.values, errors, strict=True)
        ],
    }


def _side(reading: Reading, scenario: Scenario) -> Record:
    plans, baseline = evaluate(scenario).plans, scenario.baseline_plan.name

    def worth(name: str) -> float:
        return float(plans[name].npv_at_scenario_rate_usd[0])

    rates = {scenario.rate(plan) for plan in scenario.plans.values()}
    return {
        **reading.identity,
        "name": scenario.name,
        "baseline": baseline,
        "own_rates": rates != {scenario.discount_rate_fraction_per_year},
        "best_plan": max((baseline, *scenario.headline_plans), key=worth),
        "headline_plan": max(scenario.headline_plans, key=worth, default=None),
    }


def _worth(scenario: Scenario, names: Sequence[str]) -> dict[str, float]:
    evaluation = evaluate(scenario, names)
    return {name: float(evaluation.plans[name].npv_usd[0]) for name in names}


def _change(change: Change) -> Record:
    return {"path": change.path, "inputs": [_input(place) for place in change.inputs]}


def _input(place: Input) -> Record:
    return {
        "path": place.dotted,
        "a": written(place.a),
        "b": written(place.b),
        "origin_a": _origin(place.origin_a),
        "origin_b": _origin(place.origin_b),
    }


def _origin(origin: Origin | None) -> Record:
    if origin is None:
        return {"source": "", "line": None}
    return {"source": origin.kind, "line": None if origin.file == COMMAND_LINE else origin.line}


def written(value: Any) -> Any:
    """An input as plain data, in the form in which a file gives it; None for what is not given."""
    match value:
        case ValueOverTime(Constant(amount), 1.0, shift=0.0):
            return amount
        case ValueOverTime(shape, scale, shift=shift):
            return (
                _shape(shape) | ({} if scale == 1.0 else {"scale": scale}) | ({} if shift == 0.0 else {"shift": shift})
            )
        case TimedInputs():
            given = (name for name in type(value).model_fields if name in value.model_fields_set)
            return {name: written(getattr(value, name)) for name in given}
        case Mapping():
            return {str(name): written(member) for name, member in value.items()}
        case Repayment(shape, shares):
            return {"shares": list(shares)} if shares else shape
        case Plan():
            return {use.name: use.kind for use in value.uses}
        case Meanwhile(plan, uses, fleets=fleets):
            inner = {key: list(names) for key, names in (("uses", uses), ("fleets", fleets)) if names}
            return {"plan": plan, **inner} if inner else plan
        case ClassShares(shares):
            return dict(shares) if len(shares) > 1 else shares[0][0]
        case tuple():
            return list(value)
        case _:
            return value


def _shape(shape: Shape) -> Record:
    match shape:
        case Constant() | Growth():
            return shape._asdict()
        case Steps(months, amounts):
            return {"steps": dict(zip(map(format_month, months), amounts, strict=True))}
        case Points(months, amounts):
            return {"points": dict(zip(map(format_month, months), amounts, strict=True))}
        case Series(first, amounts, held):
            dated = {"from": None if first is None else format_month(first), "csv": list(amounts)}
            return dated | ({"outside": "hold"} if held else {})
        case Recorded(first, amounts):
            return {"from": format_month(first), "history": list(amounts)}
        case Season(amounts, growth):
            season = {"repeat": "yearly", "csv": list(amounts)}
            return season | ({} if growth is None else {"growth_fraction_per_year": growth})
        case Hourly(hours):
            parts = {name: part for name, part in shape._asdict().items() if name != "hours" and part != 0.0}
            form = "duration_curve" if hours.name in power_years() else "hourly"
            return {form: hours.name, "mean_usd_per_kwh": float(f"{hours.mean_usd_per_kwh:.6g}"), **parts}
        case Unstated():
            return {"scale": 1.0}
