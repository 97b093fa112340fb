"""What a plan's flows amount to: the figures of a comparison, for one case or many.

NPV, capex, peak funding and the operating figures are of the whole plan; IRR, MIRR, MOIC, payback and yield on cost are
of its project (see ``minecalc.project``). A figure that does not exist has a reason instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, Number, accumulate, as_cases
from minecalc.businesses import business
from minecalc.cashflows import CATEGORIES, GROSS_PROFIT, monthly
from minecalc.engine import Evaluation, PlanEvaluation
from minecalc.finance import returns
from minecalc.trace import decided, named, plain, recorded
from minecalc.units import MONTHS_PER_YEAR

_TOO_LATE = "fewer than twelve months are left after it is ready"
_NO_FULL_YEAR = "fewer than twelve months are left once all of the project earns"


#: Why a plan has no share of its lead that is residual.
NO_LEAD = "there is no lead"


class Metric(NamedTuple):
    """One figure for every case: ``numbers (cases,)`` with NaN where ``reasons`` says why there is none."""

    numbers: FloatArray
    reasons: Mapping[int, str] = MappingProxyType({})

    def number(self, case: int = 0) -> float | None:
        """The figure of one case, or None; never NaN, never -0."""
        value = float(self.numbers[case if self.numbers.size > 1 else 0])
        return None if np.isnan(value) else value + 0.0

    def reason(self, case: int = 0) -> str | None:
        """Why one case has no figure; None if it has one."""
        return self.reasons.get(case if self.numbers.size > 1 else 0)


def _answered(rule: Callable[..., returns.Answers], *operands: FloatArray | Number) -> Metric:
    """A rule of ``returns`` on flows and rates; a trace records it as one step of its name."""
    return _from_answers(rule(*map(plain, operands)), rule.__name__, *operands)


def _from_answers(answers: returns.Answers, rule: str, *operands: FloatArray | Number) -> Metric:
    missing = np.flatnonzero(~answers.known).tolist()
    numbers = recorded(rule, answers.numbers, *operands)
    return Metric(numbers, {case: answers.reason(case) or "" for case in missing})


def _known(numbers: FloatArray, known: BoolArray | bool, reason: str) -> Metric:
    """``numbers`` where ``known``, else none for ``reason``."""
    keep = np.broadcast_to(np.asarray(decided(known), dtype=np.bool_), numbers.shape)
    return Metric(np.where(keep, numbers, np.nan), dict.fromkeys(np.flatnonzero(~keep).tolist(), reason))


def _ratio(above: FloatArray, below: FloatArray, reason: str) -> Metric:
    return _known(above / np.where(below != 0.0, below, 1.0), below != 0.0, reason)


def capex_usd(plan: PlanEvaluation) -> FloatArray:
    """Money spent on buildings and machines over the horizon, positive, ``(·,)``."""
    return 0.0 - accumulate(monthly(plan.flows.lines, plan.engine.months, ("capex",)))


def first_year(plan: PlanEvaluation, values: FloatArray) -> Metric:
    """Sum of the twelve months from the plan's ``ready``."""
    k, ready = plan.engine.scenario.timeline.numbers, plan.ready
    inside = named("in_first_year", (k >= ready) & (k < ready + MONTHS_PER_YEAR))
    total = accumulate(values * inside)
    return _known(total, ready + MONTHS_PER_YEAR - 1 <= plan.engine.months, _TOO_LATE)


def yield_on_cost(plan: PlanEvaluation) -> Metric:
    """Gross profit of the project's first twelve months in which all of it earns, over its capex up to their start."""
    k, months, begins = plan.engine.scenario.timeline.numbers, plan.engine.months, plan.project_earns_from
    inside = named("in_stabilised_year", (k >= begins) & (k < begins + MONTHS_PER_YEAR))
    profit = accumulate(monthly(plan.project_lines, months, GROSS_PROFIT) * inside)
    spent = 0.0 - accumulate(monthly(plan.project_lines, months, ("capex",)) * (k <= begins))
    yield_ = _ratio(profit, spent, "nothing is spent")
    fits = _known(yield_.numbers, begins + MONTHS_PER_YEAR - 1 <= months, _NO_FULL_YEAR)
    return Metric(fits.numbers, {**fits.reasons, **yield_.reasons})


def plan_metrics(plan: PlanEvaluation) -> dict[str, Metric]:
    """Every figure of one plan by name (see ``compare --format json``), but those of its best stop."""
    scenario, months = plan.engine.scenario, plan.engine.months
    rate, project = scenario.rate(plan.plan), plan.project_usd
    internal = _from_answers(plan.project_rates, "irr", project)
    borrows = {case: text for case, text in internal.reasons.items() if text == returns.Missing.BORROWING}
    mirr = _answered(returns.mirr, project, rate, rate)
    if borrows:
        keep = np.isin(np.arange(mirr.numbers.size), list(borrows), invert=True)
        mirr = Metric(np.where(keep, mirr.numbers, np.nan), {**mirr.reasons, **borrows})

    spent = capex_usd(plan)
    revenue = monthly(plan.flows.lines, months, ("revenue",))
    all_revenue, all_profit = accumulate(revenue), accumulate(plan.gross_profit_usd)
    revenue_1, profit_1 = first_year(plan, revenue), first_year(plan, plan.gross_profit_usd)
    hours = accumulate(scenario.timeline.hours)
    gross_mw = as_cases(scenario.site.gross_mw)
    gross_mwh = named("gross_mwh", gross_mw * hours)
    mw_years = gross_mw * (months / MONTHS_PER_YEAR)
    k, ready = scenario.timeline.numbers, plan.ready
    hours_1 = accumulate(scenario.timeline.hours * named("in_first_year", (k >= ready) & (k < ready + MONTHS_PER_YEAR)))
    mwh_1 = named("first_year_gross_mwh", hours_1 * gross_mw)
    return {
        "npv_usd": Metric(plan.npv_usd),
        "npv_at_scenario_rate_usd": Metric(plan.npv_at_scenario_rate_usd),
        "npv_without_residual_usd": Metric(plan.npv_usd - plan.npv_of_residual_usd),
        "residual_share_of_npv_fraction": _ratio(plan.npv_of_residual_usd, plan.npv_usd, "the NPV is zero"),
        "irr_fraction_per_year": internal,
        "mirr_fraction_per_year": mirr,
        "payback_months": _answered(returns.payback, project),
        "moic_ratio": _answered(returns.moic, project),
        "capex_usd": Metric(spent),
        "peak_funding_usd": Metric(recorded("peak_funding", returns.peak_funding(plain(plan.net_usd)), plan.net_usd)),
        "yield_on_cost_fraction": yield_on_cost(plan),
        "revenue_usd_per_gross_mwh": Metric(all_revenue / gross_mwh),
        "gross_profit_usd_per_gross_mwh": Metric(all_profit / gross_mwh),
        "revenue_usd_per_mw_per_year": Metric(all_revenue / mw_years),
        "gross_profit_usd_per_mw_per_year": Metric(all_profit / mw_years),
        "first_year_revenue_usd": revenue_1,
        "first_year_gross_profit_usd": profit_1,
        "first_year_revenue_usd_per_gross_mwh": _per(revenue_1, mwh_1),
        "first_year_gross_profit_usd_per_gross_mwh": _per(profit_1, mwh_1),
        "first_year_revenue_usd_per_mw_per_year": _per(revenue_1, gross_mw),
        "first_year_gross_profit_usd_per_mw_per_year": _per(profit_1, gross_mw),
    }


def _per(metric: Metric, below: FloatArray) -> Metric:
    return Metric(metric.numbers / np.where(below > 0.0, below, 1.0), metric.reasons)


def irr_roots(plan: PlanEvaluation, case: int = 0) -> list[float]:
    """Every rate a year in (-0.99, 10) that brings the NPV of one case's project to zero."""
    return list(plan.project_rates.roots(case))


def incremental_irr_roots(evaluation: Evaluation, name: str, case: int = 0) -> list[float]:
    """Every rate a year in (-0.99, 10) at which one case of a plan is worth as much as the baseline."""
    return list(evaluation.incremental_rates(name).roots(case))


def quantities(plan: PlanEvaluation) -> dict[str, Metric]:
    """Physical totals over the horizon, and the critical megawatts of the AI uses."""
    engine = plan.engine
    totals = {}
    for name in ("btc_mined", "energy_mwh", "gpu_hours_sold"):
        values = plan.flows.quantities.get(name, np.zeros((engine.months, 1)))
        totals[name] = Metric(accumulate(np.broadcast_to(values, (engine.months, values.shape[1]))))
    mines = any(line.name == "mining_revenue_usd" for line in plan.flows.lines)
    if mines and engine.scenario.market.hash_price_is_given:
        totals["btc_mined"] = Metric(np.array([np.nan]), {0: "the hash price is given without a price of bitcoin"})
    critical: Number = 0.0
    for use in plan.plan.uses:
        module = business(use.kind)
        if module.is_ai:
            critical = critical + module.critical_mw(use.inputs, engine.setting(plan.plan, use))
    totals["critical_mw"] = Metric(as_cases(critical))
    return totals


def annual(plan: PlanEvaluation) -> list[dict[str, FloatArray]]:
    """A statement by year: each category's total ``(·,)`` and ``net_usd``. A last year may have fewer months."""
    months = plan.engine.months
    by_category = {f"{name}_usd": monthly(plan.flows.lines, months, (name,)) for name in CATEGORIES}
    years = []
    for begin in range(0, months, MONTHS_PER_YEAR):
        year = {name: accumulate(values[begin : begin + MONTHS_PER_YEAR]) for name, values in by_category.items()}
        year["net_usd"] = sum(year.values(), np.zeros(1))
        years.append(year)
    return years


def incremental_irr(evaluation: Evaluation, name: str) -> Metric:
    """IRR of what a plan's flows add to the baseline's: the return that decides a conversion."""
    return _from_answers(evaluation.incremental_rates(name), "irr", evaluation.incremental_flow_usd(name))


def lead_at_scenario_rate(evaluation: Evaluation, name: str) -> dict[str, Metric]:
    """How much more a plan is worth than the baseline at the scenario's rate, and how much of that is residual."""
    plan, baseline = evaluation.plans[name], evaluation.baseline
    lead = plan.npv_at_scenario_rate_usd - baseline.npv_at_scenario_rate_usd
    residual = plan.npv_of_residual_at_scenario_rate_usd - baseline.npv_of_residual_at_scenario_rate_usd
    share = residual / np.where(lead > 0.0, lead, 1.0)
    return {
        "npv_difference_at_scenario_rate_usd": Metric(lead),
        "npv_difference_without_residual_at_scenario_rate_usd": Metric(lead - residual),
        "residual_share_of_npv_difference_at_scenario_rate_fraction": _known(share, lead > 0.0, NO_LEAD),
    }


def against_baseline(evaluation: Evaluation, name: str) -> dict[str, Metric]:
    """Differences in NPV, and the return and payback of the flows that differ from the baseline's."""
    return {
        "npv_difference_usd": Metric(evaluation.difference_npv_usd(name)),
        **lead_at_scenario_rate(evaluation, name),
        "incremental_irr_fraction_per_year": incremental_irr(evaluation, name),
        "incremental_payback_months": _answered(returns.payback, evaluation.incremental_flow_usd(name)),
    }
