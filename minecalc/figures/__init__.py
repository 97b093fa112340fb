"""The figures of a plan: one catalogue, with what each is called, of what it is, and how it is measured.

NPV, capex, peak funding and the operating figures are of the whole plan; IRR, MIRR, MOIC, payback and yield on cost are
of its project (see ``minecalc.deals.project``). Of a plan with debt or tax, what it is worth and returns is told of its
deepest corner (see ``minecalc.corners``), and of each corner by name. A figure that does not exist has a reason
instead. Whoever shows, asks for or judges figures reads them here: what is registered is in JSON and CSV, ``require``,
``--target``, ``--metric`` and ``explain``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, Number, accumulate, as_cases, at_month
from minecalc.cashflows import CATEGORIES, DEBT_AND_TAX, GROSS_PROFIT, monthly
from minecalc.corners import UNLEVERED
from minecalc.engine import Evaluation, PlanEvaluation
from minecalc.figures import debt_figures, power_figures
from minecalc.figures.metrics import CATALOGUE as CATALOGUE
from minecalc.figures.metrics import Figure as Figure
from minecalc.figures.metrics import Metric as Metric
from minecalc.figures.metrics import Of as Of
from minecalc.figures.metrics import answered, from_answers, known, missing, peak_funding, ratio, total
from minecalc.figures.metrics import register as register
from minecalc.finance import returns
from minecalc.mining.coins import HELD
from minecalc.trace import named
from minecalc.units import MONTHS_PER_YEAR

#: Why a plan has no share of its lead that is residual; none of what compares it with itself; no best stop.
NO_LEAD = "there is no lead"
IS_BASELINE = "this is the baseline"
NOTHING_TO_STOP = "the plan has no mining of its own to stop"

_TOO_LATE = "fewer than twelve months are left after it is ready"
_NO_FULL_YEAR = "fewer than twelve months are left once all of the project earns"

#: A number of a plan in every case, ``(·,)``, or by month, ``(months, ·)``.
Array = Callable[[PlanEvaluation], FloatArray]
_REVENUE: Array = attrgetter("revenue_usd")
_PROFIT: Array = attrgetter("gross_profit_usd")


def capex_usd(plan: PlanEvaluation) -> FloatArray:
    """Money spent on buildings and machines over the horizon, positive, ``(·,)``."""
    return 0.0 - accumulate(monthly(plan.flows.lines, plan.engine.months, ("capex",)))


def _first_year(by_month: Array, per: Array | None = None) -> Callable[[PlanEvaluation], Metric]:
    """The sum of the twelve months from a plan's ``ready``, per another number if one is given."""

    def measure(plan: PlanEvaluation) -> Metric:
        amount = accumulate(by_month(plan) * _in_first_year(plan))
        found = known(amount, plan.ready + MONTHS_PER_YEAR - 1 <= plan.engine.months, _TOO_LATE)
        if per is None:
            return found
        by = per(plan)
        return found._replace(numbers=found.numbers / np.where(by > 0.0, by, 1.0))

    return measure


def _in_first_year(plan: PlanEvaluation) -> BoolArray:
    k, ready = plan.engine.scenario.timeline.numbers, plan.ready
    return named("in_first_year", (k >= ready) & (k < ready + MONTHS_PER_YEAR))


def yield_on_cost(plan: PlanEvaluation) -> Metric:
    """Gross profit of the project's first twelve months in which all of it earns, over its capex up to their start."""
    k, months, begins = plan.engine.scenario.timeline.numbers, plan.engine.months, plan.project_earns_from
    inside = named("in_stabilised_year", (k >= begins) & (k < begins + MONTHS_PER_YEAR))
    profit = accumulate(monthly(plan.project_lines, months, GROSS_PROFIT) * inside)
    spent = 0.0 - accumulate(monthly(plan.project_lines, months, ("capex",)) * (k <= begins))
    yield_ = ratio(profit, spent, "nothing is spent")
    fits = known(yield_.numbers, begins + MONTHS_PER_YEAR - 1 <= months, _NO_FULL_YEAR)
    return Metric(fits.numbers, {**fits.reasons, **yield_.reasons})


def irr_roots(plan: PlanEvaluation, case: int = 0) -> list[float]:
    """Every rate a year in (-0.99, 10) that brings the NPV of one case's project to zero."""
    return _roots(plan.project_rates, case)


def incremental_irr_roots(evaluation: Evaluation, name: str, case: int = 0) -> list[float]:
    """Every rate a year in (-0.99, 10) at which one case of a plan is worth as much as the baseline."""
    return _roots(evaluation.incremental_rates(name), case)


def _roots(rates: returns.InternalRates, case: int) -> list[float]:
    return list(rates.roots(case if rates.numbers.size > 1 else 0))


def _incremental_irr(evaluation: Evaluation, name: str) -> Metric:
    return from_answers(evaluation.incremental_rates(name), "irr", evaluation.incremental_flow_usd(name))


def annual(plan: PlanEvaluation) -> list[dict[str, FloatArray]]:
    """A statement by year: each category's total ``(·,)`` and ``net_usd``. A last year may have fewer months.

    A plan with debt or tax has these too, and ``equity_usd``, its project's flow after them.
    """
    months, financed = plan.engine.months, plan.deepest != UNLEVERED
    categories = (*CATEGORIES, *DEBT_AND_TAX) if financed else CATEGORIES
    by_category = {f"{name}_usd": monthly(plan.flows.lines, months, (name,)) for name in categories}
    equity = monthly([*plan.project_lines, *plan.financing_lines], months, categories)
    years = []
    for begin in range(0, months, MONTHS_PER_YEAR):
        year = {name: accumulate(values[begin : begin + MONTHS_PER_YEAR]) for name, values in by_category.items()}
        year["net_usd"] = sum(year.values(), np.zeros(1))
        if financed:
            year["equity_usd"] = accumulate(equity[begin : begin + MONTHS_PER_YEAR])
        years.append(year)
    return years


def internal_rate(plan: PlanEvaluation) -> Metric:
    """IRR of the plan's project, a year."""
    return from_answers(plan.project_rates, "irr", plan.project_usd)


def modified_rate(plan: PlanEvaluation) -> Metric:
    """MIRR of the plan's project at the plan's rate; none where the flows are those of a loan."""
    rate = plan.engine.scenario.rate(plan.plan)
    found = answered(returns.mirr, plan.project_usd, rate, rate)
    borrows = {case: why for case, why in internal_rate(plan).reasons.items() if why == returns.Missing.BORROWING}
    if not borrows:
        return found
    keep = np.isin(np.arange(found.numbers.size), list(borrows), invert=True)
    return Metric(np.where(keep, found.numbers, np.nan), {**found.reasons, **borrows})


def _gross_mw(plan: PlanEvaluation) -> FloatArray:
    return as_cases(plan.engine.scenario.site.gross_mw)


def _gross_mwh(plan: PlanEvaluation) -> FloatArray:
    return named("gross_mwh", _gross_mw(plan) * accumulate(plan.engine.scenario.timeline.hours))


def _mw_years(plan: PlanEvaluation) -> FloatArray:
    return _gross_mw(plan) * (plan.engine.months / MONTHS_PER_YEAR)


def _first_year_mwh(plan: PlanEvaluation) -> FloatArray:
    hours = accumulate(plan.engine.scenario.timeline.hours * _in_first_year(plan))
    return named("first_year_gross_mwh", hours * _gross_mw(plan))


def _over_horizon(by_month: Array, per: Array) -> Callable[[PlanEvaluation], Metric]:
    """The sum over the horizon per another number."""
    return lambda plan: Metric(accumulate(by_month(plan)) / per(plan))


def _at_best_stop(worth: Array) -> Callable[[PlanEvaluation], Metric]:
    """What a plan is worth with its mining stopped when that is worth most."""

    def measure(plan: PlanEvaluation) -> Metric:
        best = plan.at_best_stop
        return missing(NOTHING_TO_STOP) if best is None else Metric(worth(best[0]))

    return measure


def _amount(name: str, *, memo: bool = False) -> Callable[[PlanEvaluation], Metric]:
    """The sum over the horizon of what the flows measure month by month beside money, or of a memo."""
    return lambda plan: Metric(total(plan.flows.memo if memo else plan.flows.quantities, name, plan.engine.months))


def _btc_mined(plan: PlanEvaluation) -> Metric:
    mines = any(line.name == "mining_revenue_usd" for line in plan.flows.lines)
    if mines and plan.engine.scenario.market.hash_price_is_given:
        return missing("the hash price is given without a price of bitcoin")
    return _amount("btc_mined")(plan)


def _critical_mw(plan: PlanEvaluation) -> Metric:
    critical: Number = 0.0
    for use in plan.plan.uses:
        if use.inputs.is_ai:
            critical = critical + use.inputs.critical_mw(plan.engine.setting(plan.plan, use))
    return Metric(as_cases(critical))


def _btc_held(plan: PlanEvaluation) -> Metric:
    return Metric(at_month(plan.flows.memo.get(HELD, np.zeros((1, 1))), float(plan.engine.months)))


def _lead(evaluation: Evaluation, name: str) -> FloatArray:
    return evaluation.difference_npv_at_scenario_rate_usd(name)


def _lead_of_residual(evaluation: Evaluation, name: str) -> FloatArray:
    ours, theirs = evaluation.plans[name], evaluation.baseline
    return ours.npv_of_residual_at_scenario_rate_usd - theirs.npv_of_residual_at_scenario_rate_usd


def _residual_share_of_lead(evaluation: Evaluation, name: str) -> Metric:
    lead, residual = _lead(evaluation, name), _lead_of_residual(evaluation, name)
    return known(residual / np.where(lead > 0.0, lead, 1.0), lead > 0.0, NO_LEAD)


def _of_increment(rule: Callable[..., returns.Answers]) -> Callable[[Evaluation, str], Metric]:
    """A rule of ``returns`` on what a plan's flows add to the baseline's."""
    return lambda evaluation, name: answered(rule, evaluation.incremental_flow_usd(name))


register(
    Figure("npv_usd", "plan", lambda plan: Metric(plan.npv_usd), "NPV", short="npv"),
    Figure(
        "npv_at_scenario_rate_usd",
        "plan",
        lambda plan: Metric(plan.npv_at_scenario_rate_usd),
        "NPV at the scenario's rate",
    ),
    Figure("npv_without_residual_usd", "plan", lambda plan: Metric(plan.npv_usd - plan.npv_of_residual_usd)),
    Figure(
        "residual_share_of_npv_fraction",
        "plan",
        lambda plan: ratio(plan.npv_of_residual_usd, plan.npv_usd, "the NPV is zero"),
    ),
    Figure("irr_fraction_per_year", "plan", internal_rate, short="irr"),
    Figure("mirr_fraction_per_year", "plan", modified_rate, short="mirr"),
    Figure("payback_months", "plan", lambda plan: answered(returns.payback, plan.project_usd), short="payback"),
    Figure("moic_ratio", "plan", lambda plan: answered(returns.moic, plan.project_usd), short="moic"),
    Figure("capex_usd", "plan", lambda plan: Metric(capex_usd(plan))),
    Figure("peak_funding_usd", "plan", lambda plan: peak_funding(plan.net_usd)),
    Figure("yield_on_cost_fraction", "plan", yield_on_cost),
    Figure("revenue_usd_per_gross_mwh", "plan", _over_horizon(_REVENUE, _gross_mwh)),
    Figure("gross_profit_usd_per_gross_mwh", "plan", _over_horizon(_PROFIT, _gross_mwh)),
    Figure("revenue_usd_per_mw_per_year", "plan", _over_horizon(_REVENUE, _mw_years)),
    Figure("gross_profit_usd_per_mw_per_year", "plan", _over_horizon(_PROFIT, _mw_years)),
    Figure("first_year_revenue_usd", "plan", _first_year(_REVENUE)),
    Figure("first_year_gross_profit_usd", "plan", _first_year(_PROFIT)),
    Figure("first_year_revenue_usd_per_gross_mwh", "plan", _first_year(_REVENUE, _first_year_mwh)),
    Figure("first_year_gross_profit_usd_per_gross_mwh", "plan", _first_year(_PROFIT, _first_year_mwh)),
    Figure("first_year_revenue_usd_per_mw_per_year", "plan", _first_year(_REVENUE, _gross_mw)),
    Figure("first_year_gross_profit_usd_per_mw_per_year", "plan", _first_year(_PROFIT, _gross_mw)),
    Figure("npv_at_best_stop_usd", "choice", _at_best_stop(lambda plan: plan.npv_usd)),
    Figure(
        "npv_at_best_stop_at_scenario_rate_usd",
        "choice",
        _at_best_stop(lambda plan: plan.npv_at_scenario_rate_usd),
        "NPV at the best stop, at the scenario's rate",
    ),
    Figure("btc_mined", "quantity", _btc_mined, "BTC mined", own_unit="btc"),
    Figure("energy_mwh", "quantity", _amount("energy_mwh")),
    Figure("gpu_hours_sold", "quantity", _amount("gpu_hours_sold"), own_unit="count"),
    Figure("critical_mw", "quantity", _critical_mw),
    Figure("curtailment_value_usd", "memo", _amount("curtailment_value_usd", memo=True)),
    Figure("lost_mining_margin_usd", "memo", lambda plan: Metric(accumulate(plan.engine.lost_margin_usd(plan.plan)))),
    Figure(HELD, "memo", _btc_held, "BTC held at the horizon", own_unit="btc"),
    Figure(
        "npv_difference_usd",
        "incremental",
        lambda evaluation, name: Metric(evaluation.difference_npv_usd(name)),
        "gap",
        difference_of="npv_usd",
        of_baseline=0.0,
    ),
    Figure(
        "npv_difference_at_scenario_rate_usd",
        "incremental",
        lambda evaluation, name: Metric(_lead(evaluation, name)),
        "gap at the scenario's rate",
        difference_of="npv_at_scenario_rate_usd",
        of_baseline=0.0,
    ),
    Figure(
        "npv_difference_without_residual_at_scenario_rate_usd",
        "incremental",
        lambda evaluation, name: Metric(_lead(evaluation, name) - _lead_of_residual(evaluation, name)),
        of_baseline=0.0,
    ),
    Figure("residual_share_of_npv_difference_at_scenario_rate_fraction", "incremental", _residual_share_of_lead),
    Figure("incremental_irr_fraction_per_year", "incremental", _incremental_irr),
    Figure("incremental_payback_months", "incremental", _of_increment(returns.payback)),
    *power_figures.FIGURES,
    *debt_figures.FIGURES,
)


def names_of(*of: Of) -> list[str]:
    """The names of the figures of these kinds, of all kinds without any, in the order of the catalogue."""
    return [figure.name for figure in CATALOGUE.values() if not of or figure.of in of]


def short_names() -> dict[str, str]:
    """The figures that have a short name, by that."""
    return {figure.short: figure.name for figure in CATALOGUE.values() if figure.short}


def figures_of(plan: PlanEvaluation, wanted: Iterable[str]) -> dict[str, Metric]:
    """The figures ``wanted`` of one plan by name, none of them incremental."""
    return {name: CATALOGUE[name].measure(plan) for name in wanted}


def plan_metrics(plan: PlanEvaluation) -> dict[str, Metric]:
    """Every figure of one plan by name (see ``compare --format json``), but those of its best stop."""
    return figures_of(plan, names_of("plan"))


def quantities(plan: PlanEvaluation) -> dict[str, Metric]:
    """Physical totals over the horizon, and the critical megawatts of the AI uses."""
    return figures_of(plan, names_of("quantity"))


def against_baseline(evaluation: Evaluation, plan: str, wanted: Iterable[str] | None = None) -> dict[str, Metric]:
    """The incremental figures ``wanted`` of a plan, or all: what its flows add to the baseline's."""
    chosen = names_of("incremental") if wanted is None else wanted
    if evaluation.plans[plan] is evaluation.baseline:
        return {name: of_baseline(name) for name in chosen}
    return {name: CATALOGUE[name].measure(evaluation, plan) for name in chosen}


def of_baseline(name: str) -> Metric:
    """An incremental figure of the baseline: nothing lies between it and itself, and nothing has no return."""
    number = CATALOGUE[name].of_baseline
    return missing(IS_BASELINE) if number is None else Metric(np.array([number]))
