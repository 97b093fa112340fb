"""Colocation worked out by hand: 5 critical MW at 100 USD per kW and month pay 500,000 a month (see ``by_hand``)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minecalc.checks import warnings
from minecalc.engine import PlanEvaluation
from minecalc.loading import ScenarioError
from minecalc.metrics import quantities
from minecalc.schema.scalars import SMALLEST
from tests.by_hand import CONVERSION, DAYS, LEASE, RENT_A_MONTH, Data, flows, line, points, run
from tests.randomly import randomly


def lease(**keys: Any) -> Data:
    """The lease with ``keys`` in place."""
    return LEASE | keys


def contract(value_usd: float, term_years: float, **keys: Any) -> Data:
    """The lease with a contract instead of its rent."""
    rest = {key: value for key, value in LEASE.items() if key != "rent_usd_per_kw_per_month"}
    return rest | {"contract": {"value_usd": value_usd, "term_years": term_years}} | keys


def energy_mwh(plan: PlanEvaluation) -> float:
    return quantities(plan)["energy_mwh"].number() or 0.0


def test_rent_is_paid_at_each_months_end_and_the_tenant_pays_for_power() -> None:
    plan = run(LEASE)
    assert flows(plan) == pytest.approx([0, *[RENT_A_MONTH] * 24])
    assert energy_mwh(plan) == pytest.approx(5 * 1.25 * 24 * sum(DAYS))
    assert quantities(plan)["critical_mw"].number() == 5.0


def test_capacity_comes_from_critical_per_gross_and_never_from_pue() -> None:
    plan = run(lease(critical_per_gross_fraction=0.8, pue_ratio=1.1, gross_mw=4), months=1)
    assert flows(plan)[1] == pytest.approx(3_200 * 100)
    assert energy_mwh(plan) == pytest.approx(3.2 * 1.1 * 744)


def test_the_landlord_pays_for_power_where_told() -> None:
    keys: Data = {"tenant_pays_power": False, "leased_fraction": 0.5, "load_factor_fraction": 0.8, "pue_ratio": 1.5}
    plan = run(lease(**keys), months=2)
    # 5 MW x 0.5 x 0.8 x 1.5 = 3 MW at 50 USD per MWh
    assert line(plan, "ai_power_usd") == pytest.approx([-3 * 744 * 50, -3 * 672 * 50])
    own = run(lease(**keys, electricity_price_usd_per_kwh={"steps": {"2027-01": 0.1, "2027-02": 0.2}}), months=2)
    assert line(own, "ai_power_usd") == pytest.approx([-3 * 744 * 100, -3 * 672 * 200])


def test_leased_share_and_load_are_values_over_time() -> None:
    ramp = {"points": {"2027-01": 0.2, "2027-04": 0.8}}
    plan = run(lease(leased_fraction=ramp, load_factor_fraction={"steps": {"2027-01": 1, "2027-02": 0.5}}), months=4)
    assert flows(plan)[1:] == pytest.approx([RENT_A_MONTH * share for share in (0.2, 0.4, 0.6, 0.8)])
    drawn = 0.2 * 31 + 0.5 * (0.4 * 28 + 0.6 * 31 + 0.8 * 30)
    assert energy_mwh(plan) == pytest.approx(6.25 * 24 * drawn)


def test_operating_cost_is_a_share_of_rent() -> None:
    assert line(run(lease(opex_fraction_of_rent=0.15), months=1), "ai_opex_usd") == pytest.approx([-75_000])


def test_the_escalator_steps_on_each_anniversary_of_ready() -> None:
    plan = run(lease(escalator_fraction_per_year=0.1, conversion=CONVERSION, free_months=3), months=30)
    # ready in month 5, first rent in month 8, steps in months 17 and 29
    year = [RENT_A_MONTH * 1.1**n for n in range(3)]
    assert line(plan, "rent_usd") == pytest.approx([0] * 7 + [year[0]] * 9 + [year[1]] * 12 + [year[2]] * 2)


def test_the_term_counts_from_ready_whatever_is_free() -> None:
    plan = run(lease(term_months=9, free_months=2))
    assert line(plan, "rent_usd") == pytest.approx([0, 0] + [RENT_A_MONTH] * 7 + [0] * 15)
    assert energy_mwh(plan) == pytest.approx(6.25 * 24 * sum(DAYS[:9]))
    assert any("the last 15 months earn no rent" in text for text in warnings(plan.engine.scenario))


def test_a_contract_over_its_term_sums_to_its_value() -> None:
    # the term of 2 years is longer than the horizon of 18 months; 3 months are free, year 2 is 20% dearer
    plan = run(contract(9.9e6, 2, escalator_fraction_per_year=0.2, free_months=3), months=18)
    # 9 months of year 1 and 12 at 1.2: 9.9 million / (9 + 14.4) a month in year 1
    first = 9.9e6 / 23.4
    assert line(plan, "rent_usd") == pytest.approx([0] * 3 + [first] * 9 + [1.2 * first] * 6)


@randomly(40)
@given(
    value=st.floats(1e6, 1e9),
    years=st.integers(1, 5),
    escalator=st.floats(-0.1, 0.2).filter(lambda share: share == 0.0 or abs(share) >= SMALLEST),
    free=st.integers(0, 11),
    leased=st.lists(st.floats(0.1, 1), min_size=1, max_size=5),
    extra=st.integers(-20, 30),
)
def test_rents_over_any_contract_sum_to_its_value(
    value: float, years: int, escalator: float, free: int, leased: list[float], extra: int
) -> None:
    path = {"steps": {f"{2027 + i}-05": share for i, share in enumerate(leased)}}
    keys: Data = {"escalator_fraction_per_year": escalator, "free_months": free, "leased_fraction": path}
    plan = run(contract(value, years, **keys), months=12 * years)
    assert sum(line(plan, "rent_usd")) == pytest.approx(value, rel=1e-9)
    # another horizon leaves the rent of year 1 alone
    other = run(contract(value, years, **keys), months=max(12 * years + extra, free + 1))
    assert line(other, "rent_usd")[free] == pytest.approx(line(plan, "rent_usd")[free], rel=1e-12)


def test_term_months_win_over_the_contracts_term_for_how_long_rent_is_paid() -> None:
    for term in (6, 18):
        plan = run(contract(6e6, 1, term_months=term))
        assert line(plan, "rent_usd") == pytest.approx([500_000] * term + [0] * (24 - term))


def test_a_renewal_pays_the_market_rent_of_its_first_month_with_the_escalator() -> None:
    renewal: Data = {"rent_usd_per_kw_per_month": {"steps": {"2027-01": 100, "2027-07": 60, "2027-09": 40}}}
    keys: Data = {"term_months": 6, "escalator_fraction_per_year": 0.5}
    open_end = run(lease(**keys, renewal=renewal))
    # months 7 to 18 at 60, from the anniversary of the renewal at 90
    assert line(open_end, "rent_usd") == pytest.approx([RENT_A_MONTH] * 6 + [300_000] * 12 + [450_000] * 6)
    short = run(lease(**keys, renewal=renewal | {"term_months": 4}))
    assert line(short, "rent_usd") == pytest.approx([RENT_A_MONTH] * 6 + [300_000] * 4 + [0] * 14)
    assert energy_mwh(short) == pytest.approx(6.25 * 24 * sum(DAYS[:10]))


def test_a_prepayment_is_received_at_ready_and_credited_in_its_years() -> None:
    plan = run(contract(18e6, 3, prepayment={"fraction": 0.5, "credited_years": [1, 3]}), months=36)
    assert line(plan, "prepayment_received_usd") == pytest.approx([9e6] + [0] * 35)
    credit = [-9e6 / 24] * 12
    assert line(plan, "prepayment_credited_usd") == pytest.approx(credit + [0] * 12 + credit)
    assert flows(plan)[:2] == pytest.approx([9e6, 500_000 - 9e6 / 24])


def test_a_prepayment_without_a_contract_is_a_share_of_the_rents_of_the_term() -> None:
    keys: Data = {"term_months": 24, "escalator_fraction_per_year": 0.1, "free_months": 2}
    plan = run(lease(**keys, prepayment={"fraction": 0.25, "credited_years": [2]}), months=18)
    value = 500_000 * (10 + 12 * 1.1)
    assert line(plan, "prepayment_received_usd")[0] == pytest.approx(value / 4)
    # six of the twelve credits fall after the horizon: they are owed there, and the reader is told
    assert sum(line(plan, "prepayment_credited_usd")) == pytest.approx(-value / 8)
    assert line(plan, "prepayment_owed_usd") == pytest.approx([0] * 17 + [-value / 8])
    assert any(
        "50% of the prepayment is not credited by the horizon" in text for text in warnings(plan.engine.scenario)
    )


@randomly(25)
@given(fraction=st.floats(0.001, 1), years=st.lists(st.integers(1, 5), min_size=1, max_size=4, unique=True))
def test_a_prepayment_within_the_horizon_sums_to_zero(fraction: float, years: list[int]) -> None:
    plan = run(contract(1e8, 5, prepayment={"fraction": fraction, "credited_years": years}), months=60)
    moved = [line(plan, f"prepayment_{what}_usd") for what in ("received", "credited")]
    assert sum(map(sum, moved)) == pytest.approx(0, abs=1e-6)


def test_exit_value_is_the_last_twelve_months_over_the_cap_rate() -> None:
    plan = run(lease(exit_cap_rate_fraction=0.08, opex_fraction_of_rent=0.2, escalator_fraction_per_year=0.1))
    # year 2 at 550,000 a month, 440,000 after operating cost
    assert line(plan, "exit_value_usd") == pytest.approx([0] * 23 + [440_000 * 12 / 0.08])


def test_exit_value_of_less_than_a_year_is_its_mean_times_twelve() -> None:
    plan = run(lease(exit_cap_rate_fraction=0.1, free_months=20, term_months=22))
    assert line(plan, "exit_value_usd")[-1] == pytest.approx(500_000 * 12 / 0.1)
    never = run(lease(exit_cap_rate_fraction=0.1, free_months=24))
    assert line(never, "exit_value_usd")[-1] == 0.0


def test_exit_value_does_not_fall_when_a_term_ends_before_the_horizon() -> None:
    values = [line(run(lease(exit_cap_rate_fraction=0.1, term_months=t)), "exit_value_usd")[-1] for t in (22, 24, 30)]
    assert values == pytest.approx([60e6] * 3)


@pytest.mark.parametrize(("term", "sold"), [(11, False), (12, False), (13, True)])
def test_a_lease_that_ended_more_than_a_year_before_the_horizon_is_not_there_to_be_sold(term: int, sold: bool) -> None:
    plan = run(lease(exit_cap_rate_fraction=0.1, term_months=term))
    assert line(plan, "exit_value_usd")[-1] == (pytest.approx(60e6) if sold else 0.0)
    told = [text for text in warnings(plan.engine.scenario) if "exit value" in text]
    assert told == (
        []
        if sold
        else ["it: no lease is in force in the last twelve months before the horizon, so there is no exit value"]
    )


def test_a_renewal_in_force_keeps_the_exit_value_and_vacant_months_count() -> None:
    renewal = {"rent_usd_per_kw_per_month": 60, "term_months": 2}
    plan = run(lease(exit_cap_rate_fraction=0.1, term_months=11, renewal=renewal))
    # ten months of 500,000 of the term's last and two of 300,000
    assert line(plan, "exit_value_usd")[-1] == pytest.approx((10 * 500_000 + 2 * 300_000) / 0.1)
    vacant = {"month": "2028-07", "relet_months": 4}
    plan = run(lease(exit_cap_rate_fraction=0.1, tenant_default=vacant))
    assert line(plan, "exit_value_usd")[-1] == pytest.approx((6 * 500_000 + 2 * 0.85 * 500_000) / 0.1)


@pytest.mark.parametrize("basis", ["relet", "remaining_term"])
def test_nobody_must_sell_a_lease_that_loses_money(basis: str) -> None:
    keys: Data = {"exit_cap_rate_fraction": 0.1, "exit_basis": basis, "term_months": 60}
    plan = run(lease(opex_fraction_of_rent=1.5, **keys))
    assert line(plan, "exit_value_usd")[-1] == 0.0
    [told] = [text for text in warnings(plan.engine.scenario) if "exit value" in text]
    assert told == "it: the lease loses money in its last twelve months: nobody must sell it, so it has no exit value"


def test_exit_value_counts_the_landlords_power() -> None:
    plan = run(lease(exit_cap_rate_fraction=0.1, tenant_pays_power=False), months=12)
    profit = 6e6 - 6.25 * 8760 * 50
    assert line(plan, "exit_value_usd")[-1] == pytest.approx(profit / 0.1)


@pytest.mark.parametrize(("term", "left"), [(20, 0), (24, 0), (30, 6), (36, 12)])
def test_exit_on_the_remaining_term_is_an_annuity_of_the_months_left(term: int, left: int) -> None:
    plan = run(lease(exit_cap_rate_fraction=0.1, exit_basis="remaining_term", term_months=term))
    assert line(plan, "exit_value_usd")[-1] == pytest.approx(60e6 * (1 - 1.1 ** (-left / 12)))


def test_a_lease_to_the_horizon_has_no_months_left_however_late_it_begins() -> None:
    late = lease(exit_cap_rate_fraction=0.1, exit_basis="remaining_term", conversion=CONVERSION)
    assert line(run(late), "exit_value_usd")[-1] == 0.0


def test_exit_on_the_remaining_term_counts_a_running_renewal() -> None:
    renewal = {"rent_usd_per_kw_per_month": 50, "term_months": 18}
    plan = run(lease(exit_cap_rate_fraction=0.1, exit_basis="remaining_term", term_months=12, renewal=renewal))
    # the renewal runs in months 13 to 30: six are left of 250,000 a month
    assert line(plan, "exit_value_usd")[-1] == pytest.approx(30e6 * (1 - 1.1**-0.5))


def test_building_capex_falls_at_point_0_or_over_the_conversion() -> None:
    assert flows(run(lease(capex_usd_per_critical_mw=1e6), months=2)) == pytest.approx([-5e6, 500_000, 500_000])
    plan = run(lease(conversion=CONVERSION))
    # 5 million evenly over March and April, each paid at its start; rent from May
    assert flows(plan)[:6] == pytest.approx([*points(4, p2=-2.5e6, p3=-2.5e6), RENT_A_MONTH])


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (contract(1e6, 1, rent_usd_per_kw_per_month=1), "contract stands beside rent_usd_per_kw_per_month"),
        ({"kind": "colocation"}, "the rent is missing"),
        (lease(exit_basis="remaining_term"), "no effect without exit_cap_rate_fraction"),
        (lease(prepayment={"fraction": 0.1, "credited_years": [1]}), "needs a term"),
        (lease(gross_mw=11), "the plan it takes it 11 MW; the site has 10 MW"),
    ],
)
def test_what_contradicts_itself_is_refused(use: Data, message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        run(use)
