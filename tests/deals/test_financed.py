"""A financed plan: by hand, against published deals, and what is true of a deal of any shape."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minecalc.arrays import FloatArray
from minecalc.deals.financed import Financed
from minecalc.deals.financing import SHAPES
from minecalc.engine import PlanEvaluation, evaluate, outcomes
from minecalc.finance import debt
from minecalc.scenario import Scenario
from minecalc.scenario.traced import traced
from minecalc.scenario.varying import vary
from minecalc.timeline import format_month, parse_month
from minecalc.trace import Traced, deciding
from tests.by_hand import CONVERSION, Data
from tests.finance.deals import CAPEX_USD, RENT_USD, STARTS_AT, by_point, financed, loan, oracle, plan
from tests.trace.replaying import replay

#: Each way to repay eight dates, by the word for it; a new shape is tried without a line here.
REPAYMENTS: dict[str, Any] = {shape: shape for shape in SHAPES} | {"shares": {"shares": [0.05] * 4 + [0.2] * 4}}
of_any_shape = pytest.mark.parametrize("repayment", REPAYMENTS.values(), ids=REPAYMENTS)

#: What is beside the loan of a shape, and what holds its cash.
DEALS: dict[str, Data] = {
    "alone": {},
    "held": {
        "reserve_months": 4,
        "reserve_yield_fraction_per_year": 0.03,
        "lockup_dscr_ratio": 3.5,
        "equity": "first",
    },
    "behind a bond": {"reserve_months": 3, "beside": True},
    "on contracts": {"reserve_months": 3, "beside": True, "contracted": True},
    "with a maturity": {"reserve_months": 4, "maturity": True},
    "with maturities": {"reserve_months": 4, "maturity": True, "beside": True, "lockup_dscr_ratio": 3.5},
}
in_any_deal = pytest.mark.parametrize("deal", DEALS.values(), ids=DEALS)
BOND = loan(
    "level",
    amount_usd=1e6,
    draw="at_close",
    escrow_yield_fraction_per_year=0.04,
    rate_fraction_per_year=0.08,
    first_payment_months=6,
    sweep_fraction=0.3,
)


def deal_of(repayment: Any, deal: Data, months: int = 40, use: Data | None = None, **keys: Any) -> PlanEvaluation:
    """The lease with a loan of this shape in one of ``DEALS``."""
    terms = {key: value for key, value in deal.items() if key not in ("beside", "maturity", "contracted")}
    tranches = {"loan": loan(repayment, **keys)}
    if "contracted" in deal:
        by_cash = repayment == "sculpted" or "dscr_ratio" in keys
        tranches["loan"] |= {"sized_on": "contracted"} if by_cash else {}
        use = {"term_months": 30, "renewal": {"rent_usd_per_kw_per_month": 90}} | (use or {})
    if "beside" in deal:
        tranches = {"bond": BOND, **tranches}
    if "maturity" in deal:
        tranches = {name: maturing(tranche) for name, tranche in tranches.items()}
    return plan(tranches, months, use, **terms)


def maturing(tranche: Data) -> Data:
    """The same with its last payment in a month, one month before its term ends, so that the first period is short."""
    month = parse_month("2027-01") + STARTS_AT + tranche["term_months"] - 2
    return {key: value for key, value in tranche.items() if key != "term_months"} | {"maturity": format_month(month)}


def of(found: PlanEvaluation) -> Financed:
    assert found.financed is not None
    return found.financed


def to_equity(found: PlanEvaluation) -> FloatArray:
    """The project's flow to equity by point, before tax."""
    return found.unlevered_project_usd + of(found).effect_usd


def worth_at(debt: Financed, monthly_rate: float) -> FloatArray:
    """What 1 at each point is worth at point 0 to a loan: compound by month in the build, by period in operation."""
    start = int(debt.starts_at[0, 0])
    factors = [(1 + monthly_rate) ** -min(k, start) for k in range(debt.months + 1)]
    since = start
    for k in range(start + 1, debt.months + 1):
        factors[k] = factors[since] / (1 + (k - since) * monthly_rate)
        since = k if debt.dates[k, 0] else since
    return np.array(factors)[:, None]


def test_a_deal_by_hand() -> None:
    """Half of 5 million and of its interest at 1 % a month, drawn at points 2 and 3; operation from point 4."""
    found = plan({"loan": loan("equal_principal", term_months=6)}, months=14)
    debt = of(found)
    assert debt.starts_at.tolist() == [[STARTS_AT]]
    first = CAPEX_USD / 4 * 0.01  # on half of 2.5 million
    second = (CAPEX_USD / 2 + first / 2) * 0.01
    total = CAPEX_USD + first + second
    assert debt.closing.total_usd.item() == pytest.approx(total, rel=1e-14)
    lent = total / 2
    assert by_point(debt.uses_usd["interest"])[2:5] == pytest.approx([0, first, second])
    (flow,) = debt.flows
    assert by_point(flow.drawn_usd)[2:5] == pytest.approx([1.25e6, 1.25e6 + first / 2, second / 2])
    assert by_point(flow.owed_usd)[4:11] == pytest.approx([lent] * 3 + [lent / 2] * 3 + [0])
    assert by_point(flow.interest_usd)[7:11:3] == pytest.approx([lent * 0.03, lent * 0.015])
    service = [lent * 0.53, lent * 0.515]
    assert by_point(debt.service_usd)[7:11:3] == pytest.approx(service)
    equity = [0, 0, -1.25e6, -1.25e6 - first / 2, -second / 2]
    cash = 3 * RENT_USD
    after = [0, 0, cash - service[0], 0, 0, cash - service[1], *[RENT_USD] * 4]
    assert by_point(to_equity(found)) == pytest.approx([*equity, *after], abs=1e-6)
    assert by_point(debt.period_cfads_usd)[7:11:3] == [cash, cash]


#: Without interest, 1.4, 0.4, 1.4 and 0.8 million are due at points 7, 10, 13 and 16 from cash of 1.5 million each.
UNEVEN = loan({"shares": [0.35, 0.1, 0.35, 0.2]}, amount_usd=4e6, rate_fraction_per_year=0.0, term_months=12)


@pytest.mark.parametrize(
    ("months", "tested", "held", "breached", "distributed"),
    [
        (3, [1.5 / 1.4, 3.75, 1.5 / 1.4, 1.875], [1, 2, 1, 0], [1, 0, 1, 0], [0, 0, 0, 2e6]),
        (6, [1.5 / 1.4, 3 / 1.8, 3 / 1.8, 3 / 2.2], [1, 2, 0, 0], [1, 0, 0, 0], [0, 0, 1.3e6, 0.7e6]),
        (9, [1.5 / 1.4, 3 / 1.8, 4.5 / 3.2, 4.5 / 2.6], [1, 2, 1, 0], [1, 0, 0, 0], [0, 0, 0, 2e6]),
    ],
)
def test_covenants_look_at_so_many_months(
    months: int, tested: list[float], held: list[int], breached: list[int], distributed: list[float]
) -> None:
    debt = financed({"loan": UNEVEN}, months=20, dscr_test_months=months, lockup_dscr_ratio=1.5, default_dscr_ratio=1.2)
    at = slice(7, 17, 3)
    assert by_point(debt.dscr_ratio)[at] == pytest.approx([1.5 / 1.4, 3.75, 1.5 / 1.4, 1.875])
    assert by_point(debt.tested_dscr_ratio)[at] == pytest.approx(tested)
    assert np.isfinite(debt.tested_dscr_ratio).sum() == 4
    assert by_point(debt.waterfall.held)[at] == held
    assert by_point(debt.waterfall.breached * np.ones((21, 1)))[at] == breached
    assert by_point(debt.waterfall.distribution_usd)[at] == pytest.approx(distributed)


def test_what_a_plan_owes_at_its_horizon_is_paid_there() -> None:
    debt = financed({"loan": loan("bullet", term_months=60)}, months=20)
    (flow,) = debt.flows
    lent = debt.debt_usd.item()
    assert by_point(flow.at_end_usd)[20] == pytest.approx(lent * 1.01)  # point 19 is a date, 20 a month after it
    assert debt.waterfall.refinancing_usd[20, 0] == pytest.approx(lent * 1.01 - 500_000)
    assert flow.owed_usd[20, 0] == 0.0


@of_any_shape
@in_any_deal
def test_a_balance_runs_from_the_amount_to_zero(repayment: Any, deal: Data) -> None:
    debt = of(deal_of(repayment, deal, sweep_fraction=0.2))
    for flow, amount in zip(debt.flows, debt.amounts_usd, strict=True):
        paid = flow.instalment_usd + flow.balloon_usd + flow.sweep_usd + flow.at_end_usd
        assert flow.owed_usd[-1, 0] == 0.0
        assert flow.owed_usd[STARTS_AT, 0] == amount.item()
        assert np.cumsum(flow.drawn_usd - paid, axis=0) == pytest.approx(flow.owed_usd, abs=1e-6)


@of_any_shape
@in_any_deal
@pytest.mark.parametrize("months", [40, 17])
def test_a_lender_without_fees_earns_its_rate(repayment: Any, deal: Data, months: int) -> None:
    keys: Data = {"term_months": 12} if repayment == "sculpted" else {}
    debt = of(deal_of(repayment, deal, months, sweep_fraction=0.2, **keys))
    for flow, tranche in zip(debt.flows, debt.tranches.values(), strict=True):
        rate = 0.08 / 12 if tranche.draw == "at_close" else 0.01
        assert (flow.lender_usd * worth_at(debt, rate)).sum() == pytest.approx(0.0, abs=1e-6)


@of_any_shape
@in_any_deal
def test_the_project_pays_equity_and_lenders_and_keeps_the_rest(repayment: Any, deal: Data) -> None:
    found = deal_of(repayment, deal, sweep_fraction=0.2, upfront_fee_fraction=0.01)
    debt, waterfall = of(found), of(found).waterfall
    lenders = sum(flow.lender_usd for flow in debt.flows)
    kept = waterfall.cash_usd + waterfall.reserve_usd + sum(flow.escrow_usd for flow in debt.flows)
    earned = waterfall.reserve_income_usd + sum(flow.escrow_income_usd for flow in debt.flows)
    project = to_equity(found) + lenders + np.diff(kept, axis=0, prepend=0.0) - earned
    assert project == pytest.approx(found.unlevered_project_usd, abs=1e-6)


@of_any_shape
def test_no_debt_is_no_change_to_the_bit(repayment: Any) -> None:
    found = deal_of(repayment, DEALS["held"], amount_usd=0)
    assert of(found).effect_usd.tobytes() == np.zeros((41, 1)).tobytes()
    assert np.array_equal(to_equity(found), found.unlevered_project_usd)


@of_any_shape
def test_next_to_no_debt_is_next_to_no_change(repayment: Any) -> None:
    keys: Data = {"amount_usd": 1e-9, "term_months": 8}
    found = deal_of(repayment, {"every_months": 1}, **keys)
    assert np.abs(of(found).effect_usd).max() <= 2e-9


@of_any_shape
@pytest.mark.parametrize("beside", [False, True])
def test_where_all_rates_are_equal_debt_is_worth_nothing(repayment: Any, *, beside: bool) -> None:
    keys: Data = {"term_months": 8, "sweep_fraction": 0.2}
    bond = BOND | {"escrow_yield_fraction_per_year": 0.12, "rate_fraction_per_year": 0.12}
    terms: Data = {"every_months": 1, "reserve_months": 3, "reserve_yield_fraction_per_year": 0.12}
    tranches = {"loan": loan(repayment, **keys), **({"bond": bond} if beside else {})}
    found = plan(tranches, **terms)
    worth = 1.01 ** -np.arange(41.0)[:, None]
    assert of(found).debt_usd.item() > 2e6
    assert (of(found).effect_usd * worth).sum() == pytest.approx(0.0, abs=1e-5)


def _columns(found: PlanEvaluation) -> tuple[Scenario, dict[str, FloatArray]]:
    random = np.random.default_rng(4)
    return found.engine.scenario, {
        "plans.it.rent_usd_per_kw_per_month": random.uniform(20, 150, 12),
        "plans.it.conversion.delay_months": random.integers(0, 7, 12).astype(float),
        "plans.it.financing.reserve_months": random.integers(0, 9, 12).astype(float),
        "plans.it.financing.tranches.loan.rate_fraction_per_year": random.uniform(0.02, 0.15, 12),
    }


def _every_number(debt: Financed) -> list[FloatArray]:
    waterfall = debt.waterfall
    found = [debt.effect_usd, debt.closing.total_usd, debt.closing.reserve_usd, *debt.amounts_usd, debt.service_usd]
    found += [*waterfall[:-1], *(usd for paid in waterfall.tranches for usd in paid), waterfall.equity_usd]
    found += [usd for flow in debt.flows for usd in (*flow, flow.lender_usd)]
    return [*found, *debt.uses_usd.values(), debt.paid_by_debt_usd]


@of_any_shape
@in_any_deal
def test_a_batch_is_its_cases_to_the_bit(repayment: Any, deal: Data) -> None:
    scenario, columns = _columns(
        deal_of(repayment, deal, share_of_cost_fraction=0.6, dscr_ratio=1.2, sweep_fraction=0.2)
    )
    together = _every_number(of(evaluate(vary(scenario, columns)).plans["it"]))
    for case in range(12):
        alone = evaluate(vary(scenario, {path: float(column[case]) for path, column in columns.items()}))
        for one, among in zip(_every_number(of(alone.plans["it"])), together, strict=True):
            assert np.array_equal(one[..., 0], among[..., case if among.shape[-1] > 1 else 0])


@pytest.mark.parametrize(
    ("path", "times"),
    [("plans.it.rent_usd_per_kw_per_month", 1), ("plans.it.financing.tranches.loan.rate_fraction_per_year", 6)],
)
def test_the_dates_of_a_loan_are_worked_out_once_for_all_cases_in_which_they_are_the_same(
    path: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, dates = list[float](), debt.dates

    def counted(since: FloatArray, every_months: float, first: Any, term: Any) -> debt.Dates:
        asked.append(every_months)
        return dates(since, every_months, first, term)

    scenario, columns = _columns(deal_of("sculpted", DEALS["behind a bond"], share_of_cost_fraction=0.6))
    columns = {name: values for name, values in columns.items() if name == path}
    many = vary(scenario, columns)
    together = evaluate(many).plans["it"].npv_usd
    monkeypatch.setattr("minecalc.finance.debt.dates", counted)
    monkeypatch.setattr("minecalc.engine.CHUNK_CASES", 1)  # of which two go together with debt
    found = outcomes(many, lambda evaluation: {"npv_usd": evaluation.plans["it"].npv_usd})
    assert found["npv_usd"].tobytes() == together.tobytes()
    assert len(asked) == times * 2


@of_any_shape
@in_any_deal
def test_a_trace_computes_it_again(repayment: Any, deal: Data) -> None:
    scenario = deal_of(repayment, deal, share_of_cost_fraction=0.6, dscr_ratio=1.2, sweep_fraction=0.2).engine.scenario
    decisions = list[Any]()
    with deciding(decisions.append):
        steps: Any = _every_number(of(evaluate(traced(scenario)).plans["it"]))
    plain = _every_number(of(evaluate(scenario).plans["it"]))
    tops = [step for step in steps if type(step) is Traced]
    assert len(tops) > len(steps) / 2
    for step, values in zip(steps, plain, strict=True):
        assert np.array_equal(step.value if type(step) is Traced else step, values)
    again = replay(tops, {}, decisions)
    for step, values in zip(tops, again, strict=True):
        assert np.array_equal(step.value, values)


@pytest.mark.parametrize("every", [1, 3, 6, 12])
def test_a_sculpted_loan_has_the_same_cover_on_every_date_which_is_that_of_its_life(every: int) -> None:
    use = {"escalator_fraction_per_year": 0.3, "free_months": 2}
    debt = financed({"loan": loan("sculpted", allow_negative_amortisation=True)}, use=use, every_months=every)
    dated = np.flatnonzero(debt.service_usd[:, 0] > 1e-6)
    cover = debt.period_cfads_usd[dated, 0] / debt.service_usd[dated, 0]
    (lent,) = debt.closing.lent
    assert lent.sculpted_dscr_ratio is not None
    assert cover == pytest.approx(lent.sculpted_dscr_ratio.item(), rel=1e-9)
    worth = worth_at(debt, 0.01)[:, 0] / worth_at(debt, 0.01)[STARTS_AT, 0]
    until = dated[-1] + 1
    of_life = (debt.period_cfads_usd[:until, 0] * worth[:until]).sum() / debt.debt_usd.item()
    assert of_life == pytest.approx(cover[0], rel=1e-9)


@pytest.mark.parametrize("deal", ["apld-pf1-oid", "cipher-tap-premium"])
def test_a_discount_or_a_premium_makes_the_published_yield(deal: str) -> None:
    case = oracle("finance-2")[deal]
    coupon, price = case["inputs"]["coupon"], case["inputs"]["price_percent"] / 100
    bond = loan("bullet", rate_fraction_per_year=coupon, discount_fraction=1 - price, term_months=60)
    debt = financed({"bond": bond}, 80, {"conversion": CONVERSION | {"starts": "2027-05"}}, every_months=6)
    (flow,) = debt.flows
    since = np.arange(81.0) - STARTS_AT
    yields = case["expected"]["yield_nominal_semiannual"]
    worth = (flow.lender_usd[:, 0] * (1 + yields / 2) ** (-since / 6)).sum()
    assert worth / debt.debt_usd.item() == pytest.approx(0.0, abs=1e-9)
    assert (1 + yields / 2) ** 2 - 1 == pytest.approx(case["expected"]["yield_effective"], rel=1e-9)


def test_a_leaseback_is_a_loan_that_its_rents_repay() -> None:
    """Of the price less the first rent, at what the rents imply: it costs that, effective, and pays a rent a month."""
    case = oracle("finance-2")["gpu-sale-leaseback"]
    inputs, expected = case["inputs"], case["expected"]
    unit, rent = CAPEX_USD / 2 / inputs["sale_price"], inputs["rent_per_month"]
    terms: Data = {"rate_fraction_per_year": expected["implied_nominal_annual"], "term_months": inputs["months"] - 1}
    leaseback = loan(amount_usd=(inputs["sale_price"] - rent) * unit, interest_in_build="paid", **terms)
    debt = financed({"leaseback": leaseback}, 70, every_months=1)
    assert debt.service_usd[5:64, 0] / unit == pytest.approx([rent] * 59, rel=1e-9)
    assert debt.cost_of(0)[0] == pytest.approx(expected["implied_effective_annual"], rel=1e-9)


def test_debt_at_the_discount_rate_leaves_the_published_npv() -> None:
    """Flows of -100 and five of 30, here a hundredth of 1.67 million; 60 of debt at 10 % a period of a month."""
    case = oracle("debt")["leverage-neutral"]
    unit = RENT_USD / case["inputs"]["unlevered"][1]
    capex, periods = -case["inputs"]["unlevered"][0] * unit / 5, len(case["inputs"]["unlevered"]) - 1
    use = {"conversion": None, "capex_usd_per_critical_mw": capex}
    keys: Data = {"rate_fraction_per_year": case["inputs"]["rate"] * 12, "term_months": periods}
    found = plan({"loan": loan(amount_usd=case["inputs"]["debt"] * unit, **keys)}, periods, use, every_months=1)
    worth = (1 + case["inputs"]["discount"]) ** -np.arange(periods + 1.0)
    for flow, name in ((found.unlevered_project_usd, "unlevered_npv"), (to_equity(found), "levered_npv")):
        assert (flow[:, 0] * worth).sum() / unit == pytest.approx(case["expected"][name], abs=1e-8)
