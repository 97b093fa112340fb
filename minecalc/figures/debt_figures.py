"""The figures of a plan's corners and of its debt, for the catalogue in ``minecalc.figures``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from minecalc.arrays import BoolArray, FloatArray, Number, accumulate
from minecalc.corners import AFTER_TAX, LEVERED, TO_EQUITY, UNLEVERED, WORDS
from minecalc.engine import PlanEvaluation
from minecalc.figures.metrics import Figure, Metric, answered, known, missing, peak_funding
from minecalc.finance.returns import Missing, irr
from minecalc.trace import named, plain

if TYPE_CHECKING:
    from minecalc.deals.financed import Financed

#: Why a plan has no figure of a corner, or of its debt.
NO_DEBT, NO_TAX = "the plan has no debt", "the plan pays no tax here"
_NOTHING_LENT, _NOTHING_DUE = "nothing is lent", "nothing falls due within the horizon"
_NO_RATE = "no rate between -99% and 1,000% a year brings the lenders' flows to zero"
_BEYOND = "the last maturity lies beyond the horizon"

_MISSING = {UNLEVERED: "", AFTER_TAX: NO_TAX, LEVERED: NO_DEBT, TO_EQUITY: "the plan has no debt that is taxed here"}


def _finite(numbers: FloatArray) -> Metric:
    """Numbers that exist but where no total cost does."""
    return known(numbers, np.isfinite(plain(numbers)), Missing.NOT_FINITE)


def _of_debt(
    measure: Callable[[Financed], FloatArray],
    exists: Callable[[Financed], BoolArray] | None = None,
    reason: str = _NOTHING_DUE,
) -> Callable[[PlanEvaluation], Metric]:
    """A figure of a plan's debt, where anything is lent and the figure ``exists``."""

    def of(plan: PlanEvaluation) -> Metric:
        financed = plan.financed
        if financed is None:
            return missing(NO_DEBT)
        lent = plain(financed.debt_usd)
        closes = np.isfinite(lent)
        if not closes.any():
            return _finite(financed.debt_usd)
        found = Metric(measure(financed))
        wanted = [] if exists is None else [(exists(financed), reason)]
        wanted.append((lent != 0.0, _NOTHING_LENT))
        wanted += [] if closes.all() else [(closes, Missing.NOT_FINITE)]
        for there, why in wanted:
            less = known(found.numbers, there, why)
            found = Metric(less.numbers, {**found.reasons, **less.reasons})
        return found

    return of


def _amount(measure: Callable[[Financed], FloatArray]) -> Callable[[PlanEvaluation], Metric]:
    """A sum of money of a plan's debt, which may be zero."""

    def of(plan: PlanEvaluation) -> Metric:
        return missing(NO_DEBT) if plan.financed is None else _finite(measure(plan.financed))

    return of


_MATURES: Callable[[Financed], BoolArray] = attrgetter("matures_inside")


def _pays(financed: Financed) -> BoolArray:
    found: BoolArray = np.isfinite(plain(financed.dscr_min_ratio))
    return found


def _has_balloon(financed: Financed) -> BoolArray:
    found: BoolArray = np.isfinite(plain(financed.debt_yield_fraction))
    return found


def _has_rate(financed: Financed) -> BoolArray:
    found: BoolArray = np.isfinite(plain(financed.all_in_cost_fraction_per_year))
    return found


def _peak_equity(plan: PlanEvaluation) -> Metric:
    return missing(NO_DEBT) if plan.financed is None else peak_funding(plan.project_usd_of(LEVERED))


def _share(financed: Financed) -> FloatArray:
    total = financed.closing.total_usd
    return named("debt_to_cost_fraction", financed.debt_usd / np.where(total > 0.0, total, np.inf))


def _of_corner(corner: str) -> Iterator[Figure]:
    """The figures of a corner, of plans that have it."""

    def worth(plan: PlanEvaluation, rate: Number) -> Metric:
        return _finite(accumulate(plan.net_usd_of(corner) * plan.engine.discount(rate)))

    def at_scenario_rate(plan: PlanEvaluation) -> Metric:
        return worth(plan, plan.engine.scenario.discount_rate_fraction_per_year)

    measures: dict[str, tuple[str, Callable[[PlanEvaluation], Metric]]] = {
        f"npv_{corner}_usd": ("NPV {}", lambda plan: worth(plan, plan.rate_of(corner))),
        f"npv_{corner}_at_scenario_rate_usd": ("NPV {}, at the scenario's rate", at_scenario_rate),
        f"irr_{corner}_fraction_per_year": ("IRR {}", lambda plan: answered(irr, plan.project_usd_of(corner))),
        f"peak_funding_{corner}_usd": ("peak funding {}", lambda plan: peak_funding(plan.net_usd_of(corner))),
    }
    for name, (label, measure) in measures.items():
        yield Figure(name, "corner", partial(_measured, corner, measure), label.format(WORDS[corner]))


def _measured(corner: str, measure: Callable[[PlanEvaluation], Metric], plan: PlanEvaluation) -> Metric:
    return measure(plan) if corner in plan.corner_names else missing(_MISSING[corner])


#: Every figure of corners and debt.
FIGURES: tuple[Figure, ...] = (
    *(figure for corner in WORDS for figure in _of_corner(corner)),
    Figure("total_cost_usd", "debt", _amount(lambda debt: debt.closing.total_usd)),
    Figure("debt_usd", "debt", _amount(lambda debt: debt.debt_usd)),
    Figure("debt_to_cost_fraction", "debt", _of_debt(_share), "debt, share of total cost"),
    Figure("dscr_min_ratio", "debt", _of_debt(lambda debt: debt.dscr_min_ratio, _pays), "least DSCR", short="dscr"),
    Figure("dscr_average_ratio", "debt", _of_debt(lambda debt: debt.dscr_average_ratio, _pays), "average DSCR"),
    Figure("llcr_ratio", "debt", _of_debt(lambda debt: debt.llcr_ratio, _MATURES, _BEYOND), "LLCR"),
    Figure("plcr_ratio", "debt", _of_debt(lambda debt: debt.plcr_ratio, _MATURES, _BEYOND), "PLCR"),
    Figure("average_life_years", "debt", _of_debt(lambda debt: debt.average_life_years), "average life of the debt"),
    Figure(
        "all_in_cost_fraction_per_year",
        "debt",
        _of_debt(lambda debt: debt.all_in_cost_fraction_per_year, _has_rate, _NO_RATE),
        "all-in cost of the debt",
    ),
    Figure("peak_equity_usd", "debt", _peak_equity),
    Figure(
        "debt_yield_fraction",
        "debt",
        _of_debt(lambda debt: debt.debt_yield_fraction, _has_balloon, "no balloon falls due"),
        "debt yield of the balloon",
    ),
    Figure("shortfall_usd", "debt", _amount(lambda debt: accumulate(debt.waterfall.shortfall_usd)), "shortfall"),
    Figure("refinancing_usd", "debt", _amount(lambda debt: accumulate(debt.waterfall.refinancing_usd)), "refinancing"),
    Figure(
        "covenant_breach_count",
        "debt",
        _amount(lambda debt: accumulate(debt.waterfall.breached)),
        "dates in breach of the default covenant",
    ),
)
