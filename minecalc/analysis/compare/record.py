"""What do the plans of a scenario earn? The record behind ``minecalc compare``: one mapping a scenario.

Its keys are the format that ``--format json`` prints (``minecalc.compare/1``). Money is signed, inflow positive; a
figure that does not exist is None with its reason under ``reasons``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from minecalc import checks, metrics
from minecalc.analysis.breakeven.compared import BreakEven, break_evens
from minecalc.arrays import accumulate
from minecalc.engine import Evaluation, PlanEvaluation, evaluate
from minecalc.loading import Reading, defaulted
from minecalc.scenario import Scenario

FORMAT = "minecalc.compare/1"

Record = dict[str, Any]

_GAIN = "npv_difference_at_scenario_rate_usd"
_WITHOUT = "npv_difference_without_residual_at_scenario_rate_usd"
_SHARE = "residual_share_of_npv_difference_at_scenario_rate_fraction"


def compare(scenario: Scenario, *, with_break_evens: bool = True) -> Record:
    """The record of one scenario of a single case; break-evens are most of the work.

    They are solved without ``with_break_evens`` too if a requirement names one.
    """
    evaluation = evaluate(scenario)
    solved = break_evens(evaluation) if with_break_evens or _required(scenario) else {}
    record = {
        "name": scenario.name,
        "start": scenario.start,
        "months": scenario.months,
        "gross_mw": scenario.site.gross_mw,
        "baseline": evaluation.baseline.plan.name,
        "discount_rate_fraction_per_year": scenario.discount_rate_fraction_per_year,
        "defaulted": [item._asdict() for item in defaulted(scenario)],
        "warnings": checks.warnings(scenario),
        "hash_price_usd_per_ph_per_day_by_year": checks.hash_price_by_year(scenario),
        "plans": [_plan(evaluation, plan, solved.get(name, {})) for name, plan in evaluation.plans.items()],
    }
    return record | {"requirements": _verdicts(scenario, record)}


def requirements(scenario: Scenario) -> list[Record]:
    """The verdict on each requirement of a scenario (see ``analysis.requirements``); no work if there are none."""
    return list(compare(scenario, with_break_evens=False)["requirements"]) if scenario.require else []


def _required(scenario: Scenario) -> bool:
    """Whether a requirement names a break-even."""
    if not scenario.require:
        return False
    from minecalc.analysis.requirements import needs_break_evens

    return needs_break_evens(scenario)


def _verdicts(scenario: Scenario, record: Record) -> list[Record]:
    if not scenario.require:
        return []
    from minecalc.analysis.requirements import verdicts

    return verdicts(scenario, record)


def summary(scenario: Scenario) -> Record:
    """What a league table shows of one scenario: the part of its record that ranks it, at half the cost.

    The incremental IRR is that of the plan furthest ahead of the baseline; the others have none here.
    """
    evaluation = evaluate(scenario)
    baseline = evaluation.baseline.plan.name
    ahead = {name: _plain(evaluation.difference_npv_usd(name)) for name in evaluation.plans}
    at_one_rate = {name: _at_scenario_rate(evaluation, plan) for name, plan in evaluation.plans.items()}
    best = max(
        (name for name in ahead if name != baseline), key=lambda name: at_one_rate[name][1][_GAIN], default=baseline
    )
    rate = metrics.incremental_irr(evaluation, best)
    plans = [
        {
            "name": name,
            "metrics": {"npv_usd": _plain(plan.npv_usd), **at_one_rate[name][0]},
            "reasons": {"incremental_irr_fraction_per_year": rate.reason()} if name == best and rate.reason() else {},
            "vs_baseline": {
                "npv_difference_usd": ahead[name],
                **at_one_rate[name][1],
                "incremental_irr_fraction_per_year": rate.number() if name == best != baseline else None,
            },
        }
        for name, plan in evaluation.plans.items()
    ]
    warnings = checks.warnings(scenario)
    return {
        "name": scenario.name,
        "gross_mw": scenario.site.gross_mw,
        "discount_rate_fraction_per_year": scenario.discount_rate_fraction_per_year,
        "baseline": baseline,
        "warnings": warnings,
        "plans": plans,
        "requirements": requirements(scenario),
    }


def _at_scenario_rate(evaluation: Evaluation, plan: PlanEvaluation) -> tuple[Record, Record]:
    """What a plan is worth, and is worth more than the baseline, at the scenario's rate, and how much is residual."""
    lead = metrics.lead_at_scenario_rate(evaluation, plan.plan.name)
    return (
        {"npv_at_scenario_rate_usd": _plain(plan.npv_at_scenario_rate_usd)},
        {name: metric.number() for name, metric in lead.items()},
    )


def compare_reading(reading: Reading, *, in_full: bool = True, with_break_evens: bool = True) -> Record:
    """The record of a file that was read, or its summary, with its name and checksum. It must hold a scenario."""
    if reading.scenario is None:
        raise ValueError(f"{reading.file} holds no scenario")
    scenario = reading.scenario
    record = compare(scenario, with_break_evens=with_break_evens) if in_full else summary(scenario)
    return {"file": reading.file, "sha256": reading.sha256, **record}


def _plan(evaluation: Evaluation, plan: PlanEvaluation, solved: Mapping[str, BreakEven]) -> Record:
    engine = plan.engine
    named = dict(metrics.plan_metrics(plan))
    physical = metrics.quantities(plan)
    best_npv, best_npv_at_scenario_rate, best_stop, no_stop = _best_stop(plan)
    is_baseline = plan is evaluation.baseline
    against = {} if is_baseline else metrics.against_baseline(evaluation, plan.plan.name)

    figures: Record = {}
    for name, metric in named.items():
        figures[name] = metric.number()
        if name == "irr_fraction_per_year":
            figures["irr_roots"] = metrics.irr_roots(plan)
    figures |= {
        "npv_at_best_stop_usd": best_npv,
        "npv_at_best_stop_at_scenario_rate_usd": best_npv_at_scenario_rate,
        "best_stop": best_stop,
    }
    reasons = {name: metric.reason() for name, metric in (named | physical | against).items() if metric.reason()}
    if best_npv is None:
        names = ("npv_at_best_stop_usd", "npv_at_best_stop_at_scenario_rate_usd", "best_stop")
        reasons |= dict.fromkeys(names, no_stop)
    if is_baseline:
        same = "this is the baseline"
        reasons |= {_SHARE: same, "incremental_irr_fraction_per_year": same, "incremental_payback_months": same}
    months = engine.months
    memo = {"curtailment_value_usd": np.zeros(1)}
    memo |= {name: accumulate(np.broadcast_to(v, (months, v.shape[1]))) for name, v in plan.flows.memo.items()}
    memo["lost_mining_margin_usd"] = accumulate(engine.lost_margin_usd(plan.plan))
    return {
        "name": plan.plan.name,
        "kinds": list(dict.fromkeys(use.kind for use in plan.plan.uses)),
        "discount_rate_fraction_per_year": engine.scenario.rate(plan.plan),
        "metrics": figures,
        "reasons": reasons,
        "quantities": {name: metric.number() for name, metric in physical.items()},
        "memo": {name: _plain(values) for name, values in memo.items()},
        "annual": [
            {"year": number, **{name: _plain(values) for name, values in year.items()}}
            for number, year in enumerate(metrics.annual(plan), start=1)
        ],
        "vs_baseline": {
            "npv_difference_usd": 0.0,
            _GAIN: 0.0,
            _WITHOUT: 0.0,
            _SHARE: None,
            "incremental_irr_fraction_per_year": None,
            "incremental_payback_months": None,
            **{name: metric.number() for name, metric in against.items()},
            "incremental_irr_roots": [] if is_baseline else metrics.incremental_irr_roots(evaluation, plan.plan.name),
            "break_evens": {path: _break_even(found) for path, found in solved.items()},
        },
    }


def _plain(values: Any) -> float:
    """The only case's figure; adding 0.0 turns -0.0 into 0.0."""
    return float(values[0]) + 0.0


def _break_even(found: BreakEven) -> Record:
    plain = {name: value for name, value in found._asdict().items() if name != "path"}
    return plain | {"all": [one._asdict() for one in found.all]}


def _best_stop(plan: PlanEvaluation) -> tuple[float | None, float | None, str | None, str | None]:
    """NPV of a plan whose mining stops when that is worth most, when that is, or why the question does not arise.

    The NPV is at the plan's own rate, by which the stop is chosen, and at the scenario's.
    """
    if not any(use.inputs.mines for use in plan.plan.uses):
        return None, None, None, "the plan has no mining of its own to stop"
    best, stops = plan.engine.at_best_stop(plan.plan)
    timeline = plan.engine.scenario.timeline
    named = {
        use: timeline.label(int(month[0])) if month[0] <= timeline.months else "never" for use, month in stops.items()
    }
    text = next(iter(named.values())) if len(named) == 1 else "; ".join(f"{u}: {m}" for u, m in named.items())
    return _plain(best.npv_usd), _plain(best.npv_at_scenario_rate_usd), text, None
