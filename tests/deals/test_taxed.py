"""What plans pay in tax, worked out by hand, and what holds for all of them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from minecalc.arrays import FloatArray, accumulate, stretches
from minecalc.cashflows import Line
from minecalc.deals.taxation import Tax
from minecalc.deals.taxed import TaxAccount, taxed
from minecalc.engine import PlanEvaluation, evaluate
from minecalc.finance.tax import FinancingForTax
from minecalc.loading import loads
from minecalc.scenario import Scenario
from minecalc.scenario.traced import traced
from minecalc.scenario.varying import vary
from minecalc.schema.validate import validate_data
from minecalc.trace import Traced
from tests.by_hand import CLOUD, CONVERSION, LEASE, MINER, Data, compared, points
from tests.randomly import randomly
from tests.strategies import scenarios

FIFTH: Data = {"rate_fraction": 0.2}
#: 5 million of building for 500,000 a month from May 2027 on.
HALL: Data = {**LEASE, "conversion": CONVERSION, "tax": FIFTH}
#: The part of 39 years that lies in the year of service of what is ready in May.
FROM_MAY = 7.5 / 468


def terms(**tax: Any) -> Tax:
    found, problems = validate_data({**FIFTH, **tax}, Tax)
    assert found is not None, problems
    return found


def of_plan(plan: PlanEvaluation, tax: Tax | None = None, financing: FinancingForTax | None = None) -> TaxAccount:
    """What all lines of a plan pay, by its own terms or others."""
    own = tax or plan.engine.scenario.tax_of(plan.plan)
    assert own is not None
    return taxed(plan.operating_lines, plan.taxable, own, financing)


def account(use: Data, financing: FinancingForTax | None = None, **scenario: Any) -> TaxAccount:
    return of_plan(compared({"it": use}, **scenario).plans["it"], financing=financing)


def column(values: FloatArray) -> list[float]:
    return [float(value) for value in values[:, 0]]


def debt(months: int, **money: FloatArray | float) -> FinancingForTax:
    """Debt from January on that brings nothing but what is named, each month."""
    ends = (*range(12, months, 12), months)

    def by_year(name: str) -> FloatArray:
        return stretches(np.broadcast_to(np.asarray(money.get(name, 0.0), dtype=np.float64), (months, 1)), ends)

    capitalised = accumulate(by_year("capitalised_interest"))
    interest, fees, earned = (by_year(name) for name in ("interest", "fees", "reserve_income"))
    return FinancingForTax(interest, capitalised, fees, earned)


def in_month(months: int, month: int, usd: float) -> FloatArray:
    values = np.zeros((months, 1))
    values[month - 1] = usd
    return values


def test_a_hall_of_thirty_nine_years() -> None:
    """Eight months of rent in 2027 less a little depreciation; in 2028 twelve less all that is left of the hall."""
    found = account(HALL)
    first = 8 * 500_000 - 5e6 * FROM_MAY
    second = 12 * 500_000 - 5e6 * (1 - FROM_MAY)
    assert found.calendar_years == (2027, 2028)
    assert column(found.operating_income_usd) == [4e6, 6e6]
    assert column(found.depreciation_usd) == pytest.approx([5e6 * FROM_MAY, 0], rel=1e-15)
    assert column(found.left_usd) == pytest.approx([0, 5e6 * (1 - FROM_MAY)], rel=1e-15)
    assert column(found.income_usd) == pytest.approx([first, second], rel=1e-15)
    assert column(found.paid_usd) == pytest.approx(points(24, p12=0.2 * first, p24=0.2 * second), rel=1e-15)
    assert sum(column(found.tax_usd)) == pytest.approx(0.2 * (10e6 - 5e6), rel=1e-15)


def test_years_that_the_horizon_cuts() -> None:
    """From July 2027 to August 2028: tax at the points of December and of the end."""
    use = {**LEASE, "capex_usd_per_critical_mw": 0, "tax": FIFTH}
    found = account(use, start="2027-07", months=14)
    assert column(found.paid_usd) == pytest.approx(points(14, p6=0.2 * 6 * 500_000, p14=0.2 * 8 * 500_000), rel=1e-15)


def test_a_horizon_within_one_year() -> None:
    found = account({**LEASE, "capex_usd_per_critical_mw": 0, "tax": FIFTH}, start="2027-03", months=5)
    assert found.calendar_years == (2027,)
    assert column(found.paid_usd) == pytest.approx(points(5, p5=500_000), rel=1e-15)


def test_a_bonus_and_classes_of_shares() -> None:
    """60% of the hall in fifteen years, with half of it at once; the rest has no bonus."""
    tax = {**FIFTH, "bonus_fraction": 0.5, "classes": {"building": {"macrs_39": 0.4, "macrs_15": 0.6}}}
    found = account({**HALL, "tax": tax}, months=36)
    fifteen = [3e6 * (0.5 + 0.5 * 0.05), 3e6 * 0.5 * 0.095, 0]
    thirty_nine = [2e6 * FROM_MAY, 2e6 / 39, 0]
    assert column(found.depreciation_by_class["macrs_15"]) == pytest.approx(fifteen, rel=1e-14)
    assert column(found.depreciation_by_class["macrs_39"]) == pytest.approx(thirty_nine, rel=1e-14)
    assert column(found.depreciation_usd) == pytest.approx(np.add(fifteen, thirty_nine), rel=1e-14)


def test_a_bonus_defers_tax_and_saves_none() -> None:
    """Five million go at once instead of over fifteen years: as much is paid in all, later."""
    classes = {"building": "macrs_15"}
    slow, fast = (
        account({**HALL, "tax": {**FIFTH, "bonus_fraction": bonus, "classes": classes}}, months=60)
        for bonus in (0.0, 1.0)
    )
    assert fast.paid_usd.sum() == pytest.approx(slow.paid_usd.sum(), rel=1e-12)
    assert float(slow.paid_usd.sum()) > 1e6
    discount = 1.1 ** (-np.arange(len(slow.paid_usd))[:, None] / 12)
    assert float((fast.paid_usd * discount).sum()) < float((slow.paid_usd * discount).sum()) - 1e5


def test_gpus_that_are_replaced() -> None:
    """24 million of GPUs in May of each year leave a tenth; what is sold has no depreciation in that year."""
    use = {**CLOUD, "conversion": CONVERSION, "life_months": 12, "replace": True, "residual_fraction": 0.1}
    found = account({**use, "tax": FIFTH}, months=36)
    gpus = [one for one in found.assets if one.bought.kind == "gpu"]
    assert [float(np.asarray(one.bought.lot.service)) for one in gpus] == [5, 17, 29]
    assert [column(one.depreciation_usd) for one in gpus] == [[4.8e6, 0, 0], [0, 4.8e6, 0], [0, 0, 0]]
    assert [column(one.left_usd) for one in gpus] == [[0, 19.2e6, 0], [0, 0, 19.2e6], [0, 0, 24e6]]
    assert column(found.proceeds_usd) == pytest.approx([0, 2.4e6, 2.4e6 + 24e6 * (1 - 0.9 * 8 / 12)], rel=1e-14)
    assert column(found.losses.left_usd)[-1] > 0.0


def test_machines_that_are_bought_refreshed_and_sold() -> None:
    """10 million in January 2027 and 8 in January 2029, each sold when the next comes or at the end."""
    miner = {
        **MINER,
        "machine_price_usd_per_th": 10,
        "machine_resale_usd_per_th": 4,
        "refresh": {"every_months": 24, "price_usd_per_th": 8, "efficiency_j_per_th": 10},
        "tax": FIFTH,
    }
    found = account(miner, months=48)
    first, second = (one for one in found.assets if one.bought.kind == "machine")
    assert column(first.depreciation_usd) == [2e6, 3.2e6, 0, 0]
    assert column(first.left_usd) == [0, 0, 4.8e6, 0]
    assert column(second.depreciation_usd) == [0, 0, 1.6e6, 0]
    assert column(second.left_usd) == [0, 0, 0, 6.4e6]
    assert column(found.proceeds_usd) == [0, 0, 4e6, 8e6]


def test_machines_that_were_there_before_share_their_basis_by_hash_rate() -> None:
    """9 million over 0.4 and 0.5 EH/s: the old ones end in February 2028, the new ones with the horizon."""
    old = {**MINER, "gross_mw": 5, "hash_rate_eh_per_s": 0.4, "stops": "2028-02"}
    new = {**MINER, "gross_mw": 5, "hash_rate_eh_per_s": 0.5}
    plan = {"uses": {"old": old, "new": new}, "tax": {**FIFTH, "basis_of_owned_machines_usd": 9e6}}
    found = account(plan, months=36)
    assert not found.depreciation_usd.any()
    assert column(found.left_usd) == pytest.approx([0, 4e6, 5e6], rel=1e-15)
    assert column(found.basis_gap_usd[:, None]) == pytest.approx([0], abs=1e-6)


def test_the_basis_of_machines_that_are_replaced_goes_with_the_first() -> None:
    """The machines that were there before go in January 2028, those bought then for 4 million a year later."""
    refresh = {"every_months": 12, "price_usd_per_th": 4, "efficiency_j_per_th": 10}
    tax = {**FIFTH, "basis_of_owned_machines_usd": 1e6}
    found = account({**MINER, "refresh": refresh, "tax": tax}, months=36)
    assert column(found.depreciation_usd) == pytest.approx([0, 0.8e6, 0])
    assert column(found.left_usd) == pytest.approx([0, 1e6, 3.2e6 + 4e6])
    assert float(found.basis_gap_usd[0]) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("life_months", "depreciation", "left"), [(11, [0, 0], [24e6, 0]), (12, [4.8e6, 0], [0, 19.2e6])]
)
def test_gpus_leave_with_the_month_in_which_they_are_sold(
    life_months: int, depreciation: list[float], left: list[float]
) -> None:
    """Bought in January 2027, in December they are of that year, in January of the next."""
    found = account({**CLOUD, "capex_usd_per_critical_mw": 0, "life_months": life_months, "tax": FIFTH})
    (gpus,) = (one for one in found.assets if one.bought.kind == "gpu")
    assert column(gpus.depreciation_usd) == pytest.approx(depreciation)
    assert column(gpus.left_usd) == pytest.approx(left)


def test_machines_that_run_meanwhile_go_when_building_starts() -> None:
    """The plan's own machines are those that run until March 2027."""
    lease = {**LEASE, "conversion": {**CONVERSION, "meanwhile": "mine"}}
    tax = {**FIFTH, "basis_of_owned_machines_usd": 1e6}
    miner = {**MINER, "machine_resale_usd_per_th": 0.5}
    evaluation = compared({"mine": miner, "it": {**lease, "tax": tax}})
    plan = evaluation.plans["it"]
    found = of_plan(plan)
    assert column(found.left_usd)[0] == pytest.approx(1e6)
    assert column(found.proceeds_usd) == [500_000, 0]
    project = taxed(plan.project_lines, plan.taxable, terms(basis_of_owned_machines_usd=1e6), None)
    assert column(project.left_usd)[0] == 0
    assert column(project.proceeds_usd) == [0, 0]


def test_a_lease_that_is_sold_has_a_gain() -> None:
    use = {**HALL, "exit_cap_rate_fraction": 0.1}
    found = account(use)
    assert column(found.proceeds_usd) == pytest.approx([0, 60e6], rel=1e-14)
    assert column(found.gains_usd) == pytest.approx([0, 60e6 - 5e6 * (1 - FROM_MAY)], rel=1e-14)


def test_prepaid_rent_is_income_as_it_is_credited_or_when_it_is_received() -> None:
    """A tenth of 18 million of rent over 36 months, credited in the third year, of which the horizon holds half."""
    prepaid = {"term_months": 36, "prepayment": {"fraction": 0.1, "credited_years": [3]}}
    use = {**LEASE, **prepaid, "capex_usd_per_critical_mw": 0}
    credited = account({**use, "tax": FIFTH}, months=30)
    assert column(credited.operating_income_usd) == pytest.approx([6e6, 6e6, 3e6], rel=1e-14)
    received = account({**use, "tax": {**FIFTH, "prepayment_taxed": "received"}}, months=30)
    assert column(received.operating_income_usd) == pytest.approx([7.8e6, 6e6, 3e6 - 0.9e6 - 0.9e6], rel=1e-12)
    assert not credited.proceeds_usd.any()
    assert not received.proceeds_usd.any()


def test_what_debt_brings() -> None:
    """Interest and discount of 110,000 a month, fees of 5,000, and 1,000 that the reserve earns."""
    found = account(HALL, debt(24, interest=110_000, fees=5_000, reserve_income=1_000))
    without = account(HALL)
    assert column(found.interest.accrued_usd) == [1.32e6, 1.32e6]
    assert column(found.interest.allowed_usd) == [1.32e6, 1.32e6]
    fewer = np.subtract(column(without.income_usd), column(found.income_usd))
    assert fewer == pytest.approx([1.32e6 + 60_000 - 12_000] * 2, rel=1e-9)


def test_interest_beyond_its_limit_is_carried() -> None:
    """A tenth of 4 and of 6 million and the reserve's 12,000 a year; 600,000 accrue a year."""
    use = {**HALL, "tax": {**FIFTH, "interest_limit_fraction": 0.1}}
    found = account(use, debt(24, interest=50_000, reserve_income=1_000))
    assert column(found.interest.allowed_usd) == pytest.approx([412_000, 612_000], rel=1e-14)
    assert column(found.interest.carried_usd) == pytest.approx([188_000, 176_000], rel=1e-12)
    assert column(found.interest.carried_usd)[-1] == pytest.approx(176_000)
    assert found.interest_gap_usd == pytest.approx([0], abs=1e-9)


def test_interest_of_the_build_goes_to_the_buildings_by_cost() -> None:
    """Of two halls of 2 and 4 million; nothing of it to the GPUs in the first."""
    cloud = {**CLOUD, "gross_mw": 5, "conversion": CONVERSION}
    lease = {**LEASE, "gross_mw": 5, "conversion": {**CONVERSION, "capex_usd_per_critical_mw": 1.6e6}}
    plan = {"uses": {"cloud": cloud, "lease": lease}, "tax": FIFTH}
    found = account(plan, debt(24, capitalised_interest=in_month(24, 4, 600_000)))
    basis = {(one.bought.line.use, one.bought.kind): float(one.basis_usd[0]) for one in found.assets}
    assert basis == {
        ("cloud", "gpu"): 24e6,
        ("cloud", "building"): pytest.approx(2.2e6),
        ("lease", "building"): pytest.approx(4.4e6),
    }
    assert found.basis_gap_usd == pytest.approx([0], abs=1e-6)


def test_interest_of_a_build_without_buildings_goes_to_what_is_bought_until_it_is_ready() -> None:
    """To the first GPUs, which are bought in the month that is ready, and not to those of a year later."""
    conversion = {**CONVERSION, "capex_usd_per_critical_mw": 0}
    use = {**CLOUD, "conversion": conversion, "life_months": 12, "replace": True, "tax": FIFTH}
    found = account(use, debt(24, capitalised_interest=in_month(24, 4, 600_000)))
    gpus = [float(one.basis_usd[0]) for one in found.assets if one.bought.kind == "gpu"]
    assert gpus == pytest.approx([24.6e6, 24e6])
    assert found.basis_gap_usd == pytest.approx([0], abs=1e-6)


def test_interest_of_the_build_never_goes_to_what_runs_meanwhile() -> None:
    """10 million of machines are bought to run until March; the GPUs of May have all of it."""
    miner = {**MINER, "machine_price_usd_per_th": 10}
    conversion = {**CONVERSION, "capex_usd_per_critical_mw": 0, "meanwhile": "mine"}
    evaluation = compared({"mine": miner, "it": {**CLOUD, "conversion": conversion, "tax": FIFTH}})
    found = of_plan(evaluation.plans["it"], financing=debt(24, capitalised_interest=in_month(24, 4, 600_000)))
    basis = {one.bought.kind: float(one.basis_usd[0]) for one in found.assets if one.bought.kind != "building"}
    assert basis == {"gpu": pytest.approx(24.6e6), "machine": pytest.approx(10e6)}


def test_a_hall_that_is_not_ready_within_the_horizon_is_written_off_there() -> None:
    scenario = compared({"it": HALL}).scenario
    late = vary(scenario, {"plans.it.conversion.delay_months": np.array([0.0, 30.0])})
    found = of_plan(evaluate(late).plans["it"])
    spent = float(found.assets[0].basis_usd[1])
    assert found.depreciation_usd[:, 1].tolist() == [0, 0]
    assert found.left_usd[:, 1].tolist() == [0, spent]
    assert 0 < spent < 5e6


def test_a_plan_pays_by_its_own_terms_and_else_by_those_of_the_scenario() -> None:
    plans = {"a": HALL, "b": {**LEASE, "conversion": CONVERSION}}
    evaluation = compared(plans, tax={"rate_fraction": 0.4})
    a, b = (of_plan(plan) for plan in evaluation.plans.values())
    assert (2 * a.tax_usd == b.tax_usd).all()
    assert compared(plans).scenario.tax_of(evaluation.scenario.plans["b"]) is None


def test_the_project_of_a_plan_pays_on_its_own_lines() -> None:
    """The miners beside a hall are not of its project."""
    miner, lease = {**MINER, "gross_mw": 5, "hash_rate_eh_per_s": 0.5}, {**LEASE, "gross_mw": 5}
    plan = {"uses": {"mine": miner, "lease": {**lease, "conversion": CONVERSION}}, "tax": FIFTH}
    found = compared({"it": plan}).plans["it"]
    project = taxed(found.project_lines, found.taxable, terms(), None)
    assert column(project.operating_income_usd) == pytest.approx([2e6, 3e6])
    assert column(of_plan(found).operating_income_usd)[1] == pytest.approx(3e6 + 366 * 4_000)


def test_no_rate_is_no_tax_to_the_bit() -> None:
    plan = compared({"it": {**CLOUD, "conversion": CONVERSION}}, months=30).plans["it"]
    found = of_plan(plan, terms(rate_fraction=0.0))
    assert (plan.net_usd - found.paid_usd == plan.net_usd).all()
    assert not found.paid_usd.any()


def test_debt_that_costs_nothing_changes_no_bit() -> None:
    plan = compared({"it": HALL}).plans["it"]
    alone, beside = of_plan(plan), of_plan(plan, financing=debt(24))
    assert (alone.paid_usd == beside.paid_usd).all()
    assert (alone.income_usd == beside.income_usd).all()


VARIED: dict[str, FloatArray] = {
    "plans.it.conversion.delay_months": np.array([0.0, 3.0, 9.0, 0.0, 40.0, 11.0]),
    "plans.it.life_months": np.array([12.0, 18.0, 24.0, 13.0, 60.0, 7.0]),
    "plans.it.capex_usd_per_gpu": np.array([24e3, 20e3, 30e3, 1e3, 24e3, 31e3]),
    "plans.it.tax.rate_fraction": np.array([0.2, 0.3, 0.0, 0.21, 0.4, 0.2]),
    "plans.it.tax.bonus_fraction": np.array([0.0, 0.3, 1.0, 0.5, 0.1, 0.0]),
    "plans.it.tax.loss_limit_fraction": np.array([0.8, 0.8, 1.0, 0.5, 0.0, 0.9]),
    "plans.it.tax.interest_limit_fraction": np.array([0.3, 0.2, 0.0, 1.0, 0.5, 0.1]),
}


def test_a_case_has_the_same_bits_alone_and_in_a_batch() -> None:
    tax = {**FIFTH, "bonus_fraction": 0.1, "interest_limit_fraction": 0.3}
    use = {**CLOUD, "conversion": CONVERSION, "life_months": 12, "replace": True, "residual_fraction": 0.1, "tax": tax}
    scenario = compared({"it": use}, months=40).scenario
    lender = debt(40, interest=91_000.0, capitalised_interest=in_month(40, 4, 6e5), fees=3e3, reserve_income=500.0)
    batch = of_plan(evaluate(vary(scenario, VARIED)).plans["it"], financing=lender)
    for case in range(6):
        one = {path: float(column[case]) for path, column in VARIED.items()}
        alone = of_plan(evaluate(vary(scenario, one)).plans["it"], financing=lender)
        for name, values in alone._asdict().items():
            together = getattr(batch, name)
            if name == "interest" or name == "losses":
                pairs = [(getattr(together, part), ours) for part, ours in values._asdict().items()]
            else:
                pairs = [(together, values)] if isinstance(values, np.ndarray) else []
            for theirs, ours in pairs:
                width = max(theirs.shape[-1], 6)
                assert (np.broadcast_to(theirs, (*theirs.shape[:-1], width))[..., case] == ours[..., 0]).all(), name


def test_it_traces_to_the_same_numbers() -> None:
    tax = {**FIFTH, "regime": "us-federal-2026", "basis_of_owned_machines_usd": 1e6}
    cloud = {**CLOUD, "gross_mw": 5, "conversion": CONVERSION, "life_months": 12, "replace": True}
    miner = {**MINER, "gross_mw": 5, "hash_rate_eh_per_s": 0.5}
    evaluation = compared({"it": {"uses": {"cloud": cloud, "mine": miner}, "tax": tax}}, months=36)
    plain = of_plan(evaluation.plans["it"])
    steps: Any = of_plan(evaluate(traced(evaluation.scenario)).plans["it"]).paid_usd
    assert type(steps) is Traced
    assert (steps.value == plain.paid_usd).all()
    assert steps.name == "tax_usd"


def test_capex_that_does_not_say_what_it_buys_is_refused() -> None:
    plan = compared({"it": HALL}).plans["it"]
    with pytest.raises(ValueError, match="the line crane_usd of it is capex and does not say what it buys"):
        taxed([Line("crane_usd", "capex", np.zeros((24, 1)), use="it")], plan.taxable, terms(), None)


def _checked(scenario: Scenario) -> None:
    """What must hold of every plan and of its project: all is deducted once, and income is the money, in all."""
    law = terms(regime="us-federal-2026", basis_of_owned_machines_usd=1e6)
    for plan in evaluate(scenario).plans.values():
        for lines in (plan.lines, plan.project_lines):
            found = taxed(lines, plan.taxable, law, None)
            size = max(float(np.max(np.abs(line.usd))) for line in lines) * plan.engine.months + 1e6
            for gap in (found.basis_gap_usd, found.losses_gap_usd, found.interest_gap_usd):
                assert abs(float(gap[0])) <= 1e-9 * size
            owned = sum(float(one.basis_usd[0]) for one in found.assets) + sum(
                float(np.sum(line.usd)) for line in lines if line.category == "capex"
            )
            money = sum(float(np.sum(np.broadcast_to(line.usd, (plan.engine.months, 1)))) for line in lines)
            assert sum(column(found.income_usd)) == pytest.approx(money - owned, abs=1e-9 * size)
            assert (found.paid_usd >= 0.0).all()


@randomly(15)
@given(scenarios())
def test_everything_that_is_bought_is_deducted_once(data: Data) -> None:
    _checked(loads(json.dumps(data)))
