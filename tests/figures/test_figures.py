"""The figures of a plan by hand, and which of them do not exist for what reason."""

from __future__ import annotations

import numpy as np
import pytest

from minecalc.engine import PlanEvaluation, evaluate
from minecalc.figures import (
    CATALOGUE,
    Figure,
    Metric,
    against_baseline,
    annual,
    capex_usd,
    irr_roots,
    names_of,
    plan_metrics,
    quantities,
    register,
    short_names,
)
from minecalc.finance.returns import npv
from minecalc.scenario.varying import vary
from tests.by_hand import CLOUD, CONVERSION, LEASE, MARGIN_A_DAY, MINER, RENT_A_MONTH, SITE, compared, run

#: Five million at point 0, then half a million a month.
BOUGHT = LEASE | {"capex_usd_per_critical_mw": 1e6}
EMPTY = LEASE | {"gross_mw": 5, "rent_usd_per_kw_per_month": 0}
HOURS = 24 * (365 + 366)


def number(plan: PlanEvaluation, name: str) -> float:
    found = plan_metrics(plan)[name].number()
    assert found is not None, plan_metrics(plan)[name].reason()
    return found


def why_not(plan: PlanEvaluation, name: str) -> str:
    figure = plan_metrics(plan)[name]
    assert figure.number() is None
    return figure.reason() or ""


def test_worth_and_return_of_a_building_let_from_the_first_month() -> None:
    plan = run(BOUGHT)
    rate = number(plan, "irr_fraction_per_year")
    monthly = (1 + rate) ** (1 / 12) - 1
    assert (1 - (1 + monthly) ** -24) / monthly == pytest.approx(10)  # an annuity of 24 half millions for five
    assert irr_roots(plan) == [rate]
    assert number(plan, "npv_usd") == pytest.approx(-5e6 + sum(RENT_A_MONTH / 1.12 ** (k / 12) for k in range(1, 25)))
    assert number(plan, "payback_months") == pytest.approx(10)
    assert number(plan, "moic_ratio") == pytest.approx(2.4)
    assert number(plan, "capex_usd") == pytest.approx(5e6)
    assert number(plan, "peak_funding_usd") == pytest.approx(5e6)
    grown = sum(RENT_A_MONTH * 1.12 ** ((24 - k) / 12) for k in range(1, 25))
    assert number(plan, "mirr_fraction_per_year") == pytest.approx((grown / 5e6) ** 0.5 - 1)


def test_figures_per_megawatt_divide_by_the_sites_gross_and_all_hours() -> None:
    plan = run(LEASE | {"gross_mw": 5, "leased_fraction": 0.5, "opex_fraction_of_rent": 0.2})
    assert number(plan, "revenue_usd_per_gross_mwh") == pytest.approx(24 * 125_000 / (10 * HOURS))
    assert number(plan, "gross_profit_usd_per_gross_mwh") == pytest.approx(24 * 100_000 / (10 * HOURS))
    assert number(plan, "revenue_usd_per_mw_per_year") == pytest.approx(150_000)
    assert number(plan, "gross_profit_usd_per_mw_per_year") == pytest.approx(120_000)
    assert number(plan, "first_year_revenue_usd_per_gross_mwh") == pytest.approx(1.5e6 / 87_600)
    assert number(plan, "first_year_gross_profit_usd_per_mw_per_year") == pytest.approx(120_000)


def test_the_first_year_counts_from_ready_and_yield_on_cost_is_its_profit_over_capex() -> None:
    plan = run(LEASE | {"conversion": CONVERSION, "opex_fraction_of_rent": 0.1, "escalator_fraction_per_year": 0.5})
    assert number(plan, "first_year_revenue_usd") == pytest.approx(6e6)
    assert number(plan, "first_year_gross_profit_usd") == pytest.approx(5.4e6)
    assert number(plan, "yield_on_cost_fraction") == pytest.approx(5.4 / 5)
    fixed = run(LEASE | {"conversion": CONVERSION}, site=SITE | {"fixed_cost_usd_per_year": 1e6})
    assert number(fixed, "yield_on_cost_fraction") == pytest.approx(1)


@pytest.mark.parametrize(("ready", "known"), [("2028-01", True), ("2028-02", False)])
def test_a_first_year_that_does_not_fit_has_no_figure(ready: str, known: bool) -> None:
    plan = run(LEASE | {"conversion": CONVERSION | {"ready": ready}})
    for name in ("first_year_revenue_usd", "first_year_gross_profit_usd_per_gross_mwh", "yield_on_cost_fraction"):
        assert (plan_metrics(plan)[name].number() is not None) == known
    if not known:
        assert why_not(plan, "first_year_revenue_usd") == "fewer than twelve months are left after it is ready"
        too_late = "fewer than twelve months are left once all of the project earns"
        assert why_not(plan, "yield_on_cost_fraction") == too_late


def test_what_is_left_at_the_horizon_is_shown_apart() -> None:
    plan = run(BOUGHT | {"exit_cap_rate_fraction": 0.1})
    residual = 60e6 / 1.12**2
    whole = number(plan, "npv_usd")
    assert number(plan, "npv_without_residual_usd") == pytest.approx(whole - residual)
    assert number(plan, "residual_share_of_npv_fraction") == pytest.approx(residual / whole)
    assert annual(plan)[1]["residual_usd"].tolist() == pytest.approx([60e6])


def test_years_hold_twelve_months_the_last_perhaps_fewer() -> None:
    use = CLOUD | {"life_months": 12, "replace": True, "residual_fraction": 0.25}
    years = annual(run(use, months=27))
    assert len(years) == 3
    # spending for the start of month 13 belongs to the second year, though it is paid at point 12
    assert [float(year["capex_usd"][0]) for year in years] == pytest.approx([-24e6, -24e6, -24e6])
    assert [float(year["sale_usd"][0]) for year in years] == pytest.approx([0, 6e6, 6e6])
    assert [float(year["residual_usd"][0]) for year in years] == pytest.approx([0, 0, 24e6 * (1 - 0.75 * 3 / 12)])
    assert [float(year["revenue_usd"][0]) for year in years] == pytest.approx([2e3 * 24 * d for d in (365, 366, 90)])
    for year in years:
        assert year["net_usd"] == pytest.approx(sum(year[name] for name in year if name != "net_usd"))


def test_a_plan_that_spends_nothing_has_no_return() -> None:
    plan = run(MINER)
    assert why_not(plan, "irr_fraction_per_year") == "the flows never change sign"
    for name in ("payback_months", "moic_ratio"):
        assert why_not(plan, name) == "nothing was put in"
    assert why_not(plan, "yield_on_cost_fraction") == "nothing is spent"
    assert why_not(plan, "mirr_fraction_per_year")
    assert number(plan, "peak_funding_usd") == 0.0


def test_an_empty_plan_has_figures_of_zero_or_none() -> None:
    plan = run(MINER | {"hash_rate_eh_per_s": 0})
    assert why_not(plan, "irr_fraction_per_year") == "all flows are zero"
    assert why_not(plan, "residual_share_of_npv_fraction") == "the NPV is zero"
    assert number(plan, "revenue_usd_per_gross_mwh") == 0.0


def test_flows_that_begin_with_an_inflow_are_no_investment() -> None:
    lease = {key: value for key, value in LEASE.items() if key != "rent_usd_per_kw_per_month"}
    lease |= {"contract": {"value_usd": 12e6, "term_years": 2}, "opex_fraction_of_rent": 0.9}
    plan = run(lease | {"prepayment": {"fraction": 0.6, "credited_years": [2]}})
    assert "begin with an inflow" in why_not(plan, "irr_fraction_per_year")
    assert "begin with an inflow" in why_not(plan, "mirr_fraction_per_year")


def test_several_rates_are_none_and_all_are_listed() -> None:
    # 5 million at point 0, half a million a month, and 6.5 million more for the last month, never let
    at_once = {"starts": "2027-01", "ready": "2027-01", "capex_usd_per_critical_mw": 1e6}
    let = LEASE | {"gross_mw": 5, "critical_per_gross_fraction": 1, "conversion": at_once}
    late = {"starts": "2028-12", "ready": "2028-12", "capex_usd_per_critical_mw": 2.6e6}
    plan = compared({"it": {"uses": {"let": let, "late": EMPTY | {"conversion": late}}}}).plans["it"]
    roots = irr_roots(plan)
    assert len(roots) == 2
    assert roots[0] < 0 < roots[1]
    for rate in roots:
        assert npv(plan.project_usd, rate) == pytest.approx(0, abs=1e-3)
    assert why_not(plan, "irr_fraction_per_year") == "several rates bring the NPV to zero"
    assert 0 < number(plan, "mirr_fraction_per_year") < roots[1]


def test_return_of_a_conversion_is_of_its_own_flows_and_against_mining_of_what_differs() -> None:
    lease = LEASE | {"conversion": CONVERSION | {"meanwhile": "mine"}}
    evaluation = compared({"mine": MINER, "lease": lease})
    plan = evaluation.plans["lease"]
    assert number(plan, "payback_months") == pytest.approx(14)
    against = against_baseline(evaluation, "lease")
    # 2.5 million at points 2 and 3, the margins of March and April forgone, then rent less mining
    extra = evaluation.incremental_flow_usd("lease")[:, 0]
    wanted = [0, 0, -2.5e6, -2.5e6 - 31 * MARGIN_A_DAY, -30 * MARGIN_A_DAY, RENT_A_MONTH - 31 * MARGIN_A_DAY]
    assert extra[:6] == pytest.approx(wanted)
    rate = against["incremental_irr_fraction_per_year"].number()
    assert rate is not None
    assert npv(extra, rate) == pytest.approx(0, abs=1)
    assert against["npv_difference_usd"].number() == pytest.approx(
        number(plan, "npv_usd") - evaluation.baseline.npv_usd
    )
    own = against_baseline(evaluation, "mine")
    assert own["npv_difference_usd"].number() == 0.0
    assert own["incremental_irr_fraction_per_year"].reason() == "this is the baseline"


def test_quantities_are_totals_over_the_horizon() -> None:
    mine, cloud = (run(use, market={"network_hash_rate_eh_per_s": 900}) for use in (MINER, CLOUD))
    assert {name for name, q in quantities(mine).items() if q.number()} == {"btc_mined", "energy_mwh"}
    assert {name for name, q in quantities(cloud).items() if q.number()} == {
        "energy_mwh",
        "gpu_hours_sold",
        "critical_mw",
    }
    assert quantities(cloud)["btc_mined"].number() == 0.0


def test_reasons_and_numbers_of_many_cases() -> None:
    scenario = compared({"it": BOUGHT}).scenario
    path = "plans.it.capex_usd_per_critical_mw"
    plan = evaluate(vary(scenario, {path: np.array([0.0, 1e6, 1e8])})).plans["it"]
    found = plan_metrics(plan)["irr_fraction_per_year"]
    assert found.number(0) is None
    assert found.reason(0) == "the flows never change sign"
    assert found.number(1) == pytest.approx(number(run(BOUGHT), "irr_fraction_per_year"), rel=1e-12)
    assert found.reason(1) is None
    assert (found.number(2) or 0.0) < 0
    assert capex_usd(plan) == pytest.approx([0, 5e6, 5e8])


def test_one_number_stands_for_every_case_and_is_never_minus_zero() -> None:
    figure = Metric(np.array([-0.0]))
    assert str(figure.number(5)) == "0.0"
    assert Metric(np.array([np.nan]), {0: "none"}).number(3) is None
    assert Metric(np.array([np.nan]), {0: "none"}).reason(3) == "none"


def test_short_names_are_of_figures_of_a_plan() -> None:
    assert set(short_names()) == {"npv", "irr", "mirr", "payback", "moic", "dscr"}
    assert set(short_names().values()) <= set(names_of("plan", "debt"))


def test_a_figure_in_an_unknown_unit_or_of_a_known_name_is_refused() -> None:
    def measure(plan: PlanEvaluation) -> Metric:
        return Metric(plan.npv_usd)

    with pytest.raises(ValueError, match=r"would be shown in mw; add its unit to units\.UNIT_SUFFIXES first"):
        register(Figure("capex_usd_per_gross_mw", "plan", measure))
    with pytest.raises(ValueError, match="there is a figure npv_usd already"):
        register(Figure("npv_usd", "plan", measure))
    assert "capex_usd_per_gross_mw" not in CATALOGUE
